"use strict";

/**
 * MapLibre GL draws the cells on the graphics card; a canvas above it carries lines and names, as
 * letters of its own would have to come from a server.
 * @param {any} maplibregl
 * @param {Ground} ground
 * @returns {Engine}
 */
function engineMapLibre(maplibregl, ground) {
  const [west, south, east, north] = ground.bounds;
  const room = () => {
    const [side, top] = ground.room();
    return { top, bottom: side, left: side, right: side };
  };
  const features = Array.from({ length: ground.n }, (_, i) => ({
    type: "Feature",
    id: i,
    properties: {},
    geometry: { type: "MultiPolygon", coordinates: ground.outline(i) },
  }));
  const map = new maplibregl.Map({
    container: ground.home,
    bounds: [
      [west, south],
      [east, north],
    ],
    fitBoundsOptions: { padding: room() },
    attributionControl: false,
    keyboard: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxPitch: 0,
    renderWorldCopies: false,
    fadeDuration: 0,
    minZoom: 2,
    maxZoom: 18,
    pixelRatio: engine.ratio(),
    canvasContextAttributes: { preserveDrawingBuffer: true, antialias: true },
    style: {
      version: 8,
      sources: { cells: { type: "geojson", data: { type: "FeatureCollection", features }, tolerance: 0.2, buffer: 2 } },
      layers: [
        { id: "ground", type: "background", paint: { "background-color": "#f3f4f2" } },
        {
          id: "cells",
          type: "fill",
          source: "cells",
          paint: { "fill-color": shade(ground.colours), "fill-antialias": false },
        },
        {
          id: "edges",
          type: "line",
          source: "cells",
          minzoom: 11.5,
          paint: { "line-color": "#ffffff", "line-width": ["interpolate", ["linear"], ["zoom"], 11.5, 0.1, 13, 0.6] },
        },
      ],
    },
  });
  map.touchZoomRotate.disableRotation();
  map.getCanvas().removeAttribute("tabindex");
  map.getCanvas().setAttribute("aria-hidden", "true");
  map.getCanvas().removeAttribute("role");
  map.getCanvas().removeAttribute("aria-label");
  const over = ground.home.appendChild(dom.el("canvas", { class: "canvas-over", "aria-hidden": "true" }));
  let shown = new Uint8Array(ground.n).fill(255);
  let loaded = false;

  function shade(colours) {
    const look = ["coalesce", ["feature-state", "look"], 0];
    return ["match", look, ...colours.flatMap((colour, k) => [k, colour]), colours[0]];
  }

  /** MapLibre counts zoom in tiles of 512 pixels. */
  function view() {
    const scale = 512 * 2 ** map.getZoom();
    const centre = map.getCenter();
    const [x, y] = geometry.project(centre.lng, centre.lat);
    const width = ground.home.clientWidth,
      height = ground.home.clientHeight;
    return { left: x - width / 2 / scale, top: y - height / 2 / scale, scale, width, height, ratio: engine.ratio() };
  }

  function drawOver() {
    const seen = view();
    ground.over(painter.clean(over, seen), seen);
  }

  /** Only what changed is told: the card keeps the rest. */
  function colour(looks) {
    for (let i = 0; i < ground.n; i += 1) {
      if (looks[i] !== shown[i]) map.setFeatureState({ source: "cells", id: i }, { look: looks[i] });
    }
    shown = looks.slice();
  }

  map.on("render", drawOver);
  map.on("moveend", ground.moved);
  map.on("click", (event) => ground.clicked(event.lngLat.lng, event.lngLat.lat));
  /** @type {Promise<void>} */
  const drawn = new Promise((done) => {
    map.once("load", () => {
      loaded = true;
      // What was chosen while it loaded.
      map.setPaintProperty("cells", "fill-color", shade(latest.colours));
      colour(latest.looks);
      map.once("idle", () => done());
    });
  });
  const latest = { looks: ground.looks, colours: ground.colours };

  return {
    name: "maplibre",
    view,
    colour(looks, colours) {
      latest.looks = looks;
      latest.colours = colours;
      if (!loaded) return;
      map.setPaintProperty("cells", "fill-color", shade(colours));
      colour(looks);
    },
    repaint: drawOver,
    fit: ([w, s, e, n], most = 18) =>
      map.fitBounds(
        [
          [w, s],
          [e, n],
        ],
        { padding: room(), maxZoom: most - 1, animate: false },
      ),
    go: (lng, lat, zoom) => map.jumpTo({ center: [lng, lat], zoom: zoom - 1 }),
    zoom: (by) => map.zoomTo(map.getZoom() + by, { duration: 200 }),
    pan: (dx, dy) => map.panBy([dx, dy], { animate: false }),
    where: () => [map.getCenter().lng, map.getCenter().lat, map.getZoom() + 1],
    resize: () => map.resize(),
    drawn,
  };
}
