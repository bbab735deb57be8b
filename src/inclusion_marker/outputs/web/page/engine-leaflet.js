"use strict";

/**
 * Leaflet moves and zooms; the cells are drawn by the painter on one canvas, because twenty thousand
 * layers of Leaflet's own take longer to make than to draw.
 * @param {any} L
 * @param {Ground} ground
 * @returns {Engine}
 */
function engineLeaflet(L, ground) {
  const map = L.map(ground.home, {
    attributionControl: false,
    zoomControl: false,
    keyboard: false,
    zoomSnap: 0.25,
    zoomDelta: 0.75,
    wheelPxPerZoomLevel: 90,
    zoomAnimation: false,
    fadeAnimation: false,
    markerZoomAnimation: false,
    minZoom: 3,
    maxZoom: 19,
  });
  const [west, south, east, north] = ground.bounds;
  let looks = ground.looks,
    colours = ground.colours;
  let groups = painter.grouped(looks, colours.length);
  const pane = map.getPane("overlayPane");
  const canvases = ["cells", "over"].map((name) =>
    pane.appendChild(dom.el("canvas", { class: `canvas-${name}`, "aria-hidden": "true" })),
  );
  let waiting = false;

  /** What the canvases hold: more than the window, so that a drag shows no blank edge at once. */
  function held() {
    const size = map.getSize();
    const pad = size.multiplyBy(0.2).round();
    const corner = map.getPixelBounds().min.subtract(pad);
    const scale = 256 * 2 ** map.getZoom();
    return {
      left: corner.x / scale,
      top: corner.y / scale,
      scale,
      width: size.x + 2 * pad.x,
      height: size.y + 2 * pad.y,
      ratio: engine.ratio(),
      pad,
    };
  }

  function view() {
    const corner = map.getPixelBounds().min;
    const size = map.getSize();
    const scale = 256 * 2 ** map.getZoom();
    return {
      left: corner.x / scale,
      top: corner.y / scale,
      scale,
      width: size.x,
      height: size.y,
      ratio: engine.ratio(),
    };
  }

  function place(canvas, shown) {
    L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([-shown.pad.x, -shown.pad.y]));
  }

  function drawCells() {
    const shown = held();
    place(canvases[0], shown);
    painter.paintCells(painter.clean(canvases[0], shown), shown, ground.cells, groups, colours);
  }

  /** The scale bar and the names keep to the window: the upper canvas is no larger than it. */
  function drawOver() {
    const shown = { ...view(), pad: { x: 0, y: 0 } };
    place(canvases[1], shown);
    ground.over(painter.clean(canvases[1], shown), shown);
  }

  function draw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      drawCells();
      drawOver();
    });
  }

  const room = () => {
    const [side, top] = ground.room();
    return { paddingTopLeft: [side, top], paddingBottomRight: [side, side], animate: false };
  };
  map.fitBounds(
    [
      [south, west],
      [north, east],
    ],
    room(),
  );
  map.on("zoom viewreset moveend resize", draw);
  map.on("move", drawOver);
  map.on("moveend", ground.moved);
  map.on("click", (event) => ground.clicked(event.latlng.lng, event.latlng.lat));
  drawCells();
  drawOver();

  return {
    name: "leaflet",
    view,
    colour(next, shades) {
      looks = next;
      colours = shades;
      groups = painter.grouped(looks, colours.length);
      drawCells();
    },
    repaint: drawOver,
    fit: ([w, s, e, n], most = 18) =>
      map.fitBounds(
        [
          [s, w],
          [n, e],
        ],
        { ...room(), maxZoom: most },
      ),
    go: (lng, lat, zoom) => map.setView([lat, lng], zoom, { animate: false }),
    zoom: (by) => map.setZoom(map.getZoom() + by),
    pan: (dx, dy) => map.panBy([dx, dy], { animate: false }),
    where: () => [map.getCenter().lng, map.getCenter().lat, map.getZoom()],
    resize: () => map.invalidateSize({ animate: false }),
    drawn: new Promise((done) => {
      requestAnimationFrame(() => requestAnimationFrame(() => done()));
    }),
  };
}
