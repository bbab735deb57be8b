"use strict";

/**
 * The map under the page, behind one face: MapLibre GL where a graphics card draws, Leaflet with a
 * plain canvas everywhere else (a browser without WebGL, or one that draws it in software).
 *
 * @typedef {object} Engine
 * @property {"maplibre"|"leaflet"} name
 * @property {() => View} view What is shown now.
 * @property {(looks: Uint8Array, colours: string[]) => void} colour Colour each cell by its look.
 * @property {() => void} repaint Draw again what lies over the cells.
 * @property {(box: [number, number, number, number], most?: number) => void} fit West, south, east,
 *   north, and the largest zoom.
 * @property {(lng: number, lat: number, zoom: number) => void} go
 * @property {(by: number) => void} zoom
 * @property {(dx: number, dy: number) => void} pan By pixels.
 * @property {() => [number, number, number]} where Longitude, latitude, zoom (of 256-pixel tiles).
 * @property {() => void} resize
 * @property {Promise<void>} drawn When the first complete map is on the screen.
 *
 * @typedef {object} Ground What an engine is made on.
 * @property {HTMLElement} home
 * @property {number} n
 * @property {ReturnType<typeof geometry.pack>} cells
 * @property {(i: number) => number[][][][]} outline
 * @property {[number, number, number, number]} bounds
 * @property {() => [number, number]} room Pixels to leave free around what is fitted, and at the top.
 * @property {Uint8Array} looks
 * @property {string[]} colours
 * @property {(context: CanvasRenderingContext2D, view: View) => void} over Draws over the cells.
 * @property {(lng: number, lat: number) => void} clicked
 * @property {() => void} moved
 */
const engine = (() => {
  const SOFTWARE = /swiftshader|llvmpipe|software|basic render|mesa offscreen/i;

  /** Whether a graphics card draws WebGL 2 here. */
  function hardware() {
    const gl = document.createElement("canvas").getContext("webgl2");
    if (!gl) return false;
    const names = gl.getExtension("WEBGL_debug_renderer_info");
    const card = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
    gl.getExtension("WEBGL_lose_context")?.loseContext();
    return !SOFTWARE.test(card);
  }

  /**
   * Return the engine that suits the machine, or the one that the address asks for.
   * @param {string} asked "maplibre", "leaflet" or ""
   * @param {Ground} ground
   * @param {(name: string) => Promise<any>} library
   * @returns {Promise<Engine>}
   */
  async function make(asked, ground, library) {
    const wanted = asked === "maplibre" || asked === "leaflet" ? asked : hardware() ? "maplibre" : "leaflet";
    if (wanted === "maplibre") {
      try {
        return engineMapLibre(await library("maplibre-gl"), ground);
      } catch (reason) {
        console.warn("MapLibre GL cannot start here; Leaflet draws instead.", reason);
        ground.home.replaceChildren();
      }
    }
    return engineLeaflet(await library("leaflet"), ground);
  }

  /** Pixels of a canvas for one of the page: sharper than two is only slower. */
  const ratio = () => Math.min(2, window.devicePixelRatio || 1);

  return { make, ratio };
})();
