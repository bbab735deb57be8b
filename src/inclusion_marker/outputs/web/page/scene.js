"use strict";

/** What the map draws for the choices made: looks of the cells, lines, places, what is chosen. */
const scene = (() => {
  const GROUND = [243, 244, 242];

  let data;
  let cells;
  let index;
  const shapes = { boundary: [], districts: [], services: new Map(), spaces: new Map(), wide: 0 };

  /**
   * Put shapes that never change in the plane of the map, once.
   * @param {any} given
   * @returns {ReturnType<typeof geometry.pack>} The cells.
   */
  function start(given) {
    data = given;
    index = new Map(data.cells.map((id, i) => [String(id), i]));
    cells = geometry.pack(data.n, data.outline);
    for (let i = 0; i < data.n; i += 1) shapes.wide += (cells.box[4 * i + 2] - cells.box[4 * i]) / data.n;
    shapes.boundary = geometry.rings(data.boundary ?? []);
    shapes.districts = [...(data.districts ?? [])]
      .sort((a, b) => b.people - a.people)
      .map((each) => {
        const rings = geometry.rings(each.outline ?? []);
        const box = geometry.boxOf(rings);
        return {
          id: String(each.id),
          name: String(each.name),
          rings,
          box,
          middle: [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2],
        };
      });
    for (const layer of data.services ?? []) {
      const xy = new Float64Array(layer.points.length * 2);
      layer.points.forEach(([lng, lat], k) => xy.set(geometry.project(lng, lat), 2 * k));
      shapes.services.set(layer.layer, { colour: layer.colour, xy });
    }
    for (const layer of data.spaces ?? []) {
      shapes.spaces.set(layer.layer, {
        colour: layer.colour,
        rings: layer.polygons.flatMap((shape) => geometry.rings(shape)),
      });
    }
    return cells;
  }

  /**
   * Return the look of each cell: its class, and as many more where it is left out.
   * @param {State} state
   * @returns {Uint8Array}
   */
  function looks(state) {
    const classes = figures.classesOf(state.node);
    if (!figures.filtered(state)) return classes;
    const mask = figures.mask(state);
    const count = data.breaks.length;
    return classes.map((one, i) => (mask[i] ? one : one + count));
  }

  /** Return the colour of each look. @param {State} state */
  function colours(state) {
    const strong = figures.colours(state.palette);
    return [...strong, ...strong.map(pale)];
  }

  /** Return a colour nearly as light as the ground. */
  function pale(colour) {
    const mixed = [1, 3, 5].map((k, part) => 0.14 * parseInt(colour.slice(k, k + 2), 16) + 0.86 * GROUND[part]);
    return `rgb(${mixed.map(Math.round).join(",")})`;
  }

  /**
   * Draw what lies over the cells.
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   * @param {number} hover The cell under the pointer, -1 for none.
   */
  function over(context, view, hover) {
    const state = store.get();
    const shown = (id) => state.layers.includes(id);
    painter.paintOver(context, view, {
      boundary: shown("boundary") ? shapes.boundary : [],
      districts: shown("districts") ? shapes.districts : [],
      services: [...shapes.services].filter(([id]) => shown(id)).map(([, each]) => each),
      spaces: [...shapes.spaces].filter(([id]) => shown(id)).map(([, each]) => each),
      wide: shapes.wide,
      spot: spot(state.selection),
      hover: hover >= 0 ? painter.ringsOf(cells, hover) : null,
      selected: rings(state.selection),
    });
  }

  /** Return the rings of what is chosen, `null` where nothing is. @param {State["selection"]} selection */
  function rings(selection) {
    if (!selection) return null;
    if (selection.kind === "cell") return painter.ringsOf(cells, index.get(selection.id));
    return shapes.districts.find((each) => each.id === selection.id)?.rings ?? null;
  }

  /** Return the place that led to the cell chosen, `null` without one. @param {State["selection"]} selection */
  function spot(selection) {
    const found = layers.place(selection?.spot ?? "");
    return found && { name: found.name, colour: found.colour, middle: geometry.project(found.lng, found.lat) };
  }

  /**
   * Draw the map of a view anew, on a canvas as wide as a page.
   * @param {HTMLCanvasElement} canvas
   * @param {View} seen
   * @param {number} width
   * @param {number} most Its greatest height.
   */
  function paint(canvas, seen, width, most) {
    const state = store.get();
    const height = Math.round(Math.min(most, Math.max(most / 2, (width * seen.height) / seen.width)));
    const scale = seen.scale * Math.min(width / seen.width, height / seen.height);
    const x = seen.left + seen.width / seen.scale / 2;
    const y = seen.top + seen.height / seen.scale / 2;
    const shown = { left: x - width / scale / 2, top: y - height / scale / 2, scale, width, height, ratio: 2 };
    const context = painter.clean(canvas, shown);
    const shades = colours(state);
    painter.paintCells(context, shown, cells, painter.grouped(looks(state), shades.length), shades);
    over(context, shown, -1);
  }

  return { start, looks, colours, over, rings, paint, position: (id) => index.get(id) };
})();
