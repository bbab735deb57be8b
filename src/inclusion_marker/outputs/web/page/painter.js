"use strict";

/**
 * Draws on a 2-D canvas: the cells of the fall-back and of the printed map, and, for every engine,
 * what lies over the cells.
 *
 * @typedef {object} View What a canvas shows: screen = (world − origin) × scale.
 * @property {number} left
 * @property {number} top
 * @property {number} scale Pixels of the page for the whole world.
 * @property {number} width
 * @property {number} height
 * @property {number} ratio Pixels of the canvas for one of the page.
 */
const painter = (() => {
  const PATHS = 300; // rings a path: longer ones are slow to fill without a graphics card
  const EARTH_M = 40075016.686;
  const INK = "#1b2430";
  const SMALL = 11; // pixels: narrower cells are covered by thick lines
  const MANY = 20; // districts: their names are written smaller
  const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

  /** Return the context of a canvas, sized to the view and empty. */
  function clean(canvas, view) {
    const width = Math.round(view.width * view.ratio);
    const height = Math.round(view.height * view.ratio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${view.width}px`;
      canvas.style.height = `${view.height}px`;
    }
    const context = canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
    return context;
  }

  /**
   * Return the cells sorted by look, so that each look is one fill.
   * @param {Uint8Array} looks
   * @param {number} count
   */
  function grouped(looks, count) {
    const starts = new Uint32Array(count + 1);
    for (const look of looks) starts[look + 1] += 1;
    for (let k = 0; k < count; k += 1) starts[k + 1] += starts[k];
    const next = starts.slice(0, count);
    const order = new Uint32Array(looks.length);
    for (let i = 0; i < looks.length; i += 1) order[next[looks[i]]++] = i;
    return { starts, order };
  }

  /**
   * Fill the cells, each look in its colour.
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   * @param {ReturnType<typeof geometry.pack>} cells
   * @param {ReturnType<typeof grouped>} groups
   * @param {string[]} colours
   */
  function paintCells(context, view, cells, groups, colours) {
    const { left, top, scale } = view;
    const right = left + view.width / scale,
      bottom = top + view.height / scale;
    const { xy, ringAt, cellAt, box } = cells;
    const wide = cells.n ? (box[2] - box[0]) * scale : 0;
    const edge = wide > 8 ? Math.min(0.7, (wide - 6) / 14) : 0;
    for (let look = 0; look < colours.length; look += 1) {
      context.fillStyle = colours[look];
      // Neighbours of one colour must leave no seam; large ones are set apart by a thin line.
      context.strokeStyle = edge ? "#ffffff" : colours[look];
      context.lineWidth = edge || 0.6;
      context.lineJoin = "round";
      let held = 0;
      context.beginPath();
      for (let k = groups.starts[look]; k < groups.starts[look + 1]; k += 1) {
        const i = groups.order[k];
        const b = 4 * i;
        if (box[b] > right || box[b + 2] < left || box[b + 1] > bottom || box[b + 3] < top) continue;
        for (let r = cellAt[i]; r < cellAt[i + 1]; r += 1) {
          const from = ringAt[r],
            to = ringAt[r + 1] - 1;
          context.moveTo((xy[2 * from] - left) * scale, (xy[2 * from + 1] - top) * scale);
          for (let p = from + 1; p < to; p += 1)
            context.lineTo((xy[2 * p] - left) * scale, (xy[2 * p + 1] - top) * scale);
          context.closePath();
          held += 1;
        }
        if (held >= PATHS) {
          context.fill("evenodd");
          context.stroke();
          context.beginPath();
          held = 0;
        }
      }
      context.fill("evenodd");
      context.stroke();
    }
  }

  /** Add the rings of a shape to the path. */
  function trace(context, view, rings) {
    for (const ring of rings) {
      for (let k = 0; k < ring.length; k += 2) {
        const x = (ring[k] - view.left) * view.scale,
          y = (ring[k + 1] - view.top) * view.scale;
        if (k === 0) context.moveTo(x, y);
        else context.lineTo(x, y);
      }
      context.closePath();
    }
  }

  /**
   * Draw outlines: each line over the one before it.
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   * @param {Float64Array[]} rings
   * @param {Array<[string, number]>} looks Colour and width.
   */
  function lines(context, view, rings, looks) {
    context.lineJoin = "round";
    context.beginPath();
    trace(context, view, rings);
    for (const [colour, width] of looks) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke();
    }
  }

  /** Draw outlines in dark and light dashes: thin, and still seen on any colour. */
  function dashes(context, view, rings, width) {
    lines(context, view, rings, [[INK, width]]);
    context.setLineDash([3, 4]);
    lines(context, view, rings, [["#ffffff", width]]);
    context.setLineDash([]);
  }

  /** Return the rings of one cell. */
  function ringsOf(cells, i) {
    const found = [];
    for (let r = cells.cellAt[i]; r < cells.cellAt[i + 1]; r += 1) {
      found.push(cells.xy.subarray(2 * cells.ringAt[r], 2 * cells.ringAt[r + 1]));
    }
    return found;
  }

  /**
   * Draw what lies over the cells, in this order.
   * @param {CanvasRenderingContext2D} context
   * @param {View} view
   * @param {object} scene
   * @param {Array<{colour: string, rings: Float64Array[]}>} scene.spaces
   * @param {Array<{name: string, rings: Float64Array[], box: number[], middle: number[]}>} scene.districts
   * @param {Float64Array[]} scene.boundary
   * @param {Array<{colour: string, xy: Float64Array}>} scene.services
   * @param {number} scene.wide How wide a cell is, in the plane of the map.
   * @param {Float64Array[]|null} scene.hover
   * @param {Float64Array[]|null} scene.selected
   * @param {{name: string, colour: string, middle: [number, number]}|null} scene.spot The place chosen.
   */
  function paintOver(context, view, scene) {
    for (const { colour, rings } of scene.spaces) {
      context.beginPath();
      trace(context, view, rings);
      context.globalAlpha = 0.35;
      context.fillStyle = colour;
      context.fill("evenodd");
      context.globalAlpha = 1;
      context.strokeStyle = colour;
      context.lineWidth = 1.2;
      context.stroke();
    }
    // Where cells are small a light line beside the dark one would hide them.
    const small = scene.wide * view.scale < SMALL;
    for (const each of scene.districts) dashes(context, view, each.rings, small ? 0.8 : 1.2);
    if (scene.boundary.length) {
      const light = small ? [] : [["rgba(255,255,255,.8)", 3.4]];
      lines(context, view, scene.boundary, [...light, [INK, small ? 0.9 : 1.6]]);
    }
    for (const each of scene.services) paintPoints(context, view, each);
    if (scene.hover) lines(context, view, scene.hover, [["#ffffff", 3.5], [INK, 1.5]]);
    if (scene.selected) lines(context, view, scene.selected, [["#ffffff", 6.5], ["#0b5cad", 3]]);
    paintNames(context, view, scene.districts, scene.spot ? [paintSpot(context, view, scene.spot)] : []);
    paintScale(context, view);
  }

  /** Draw the places of a layer. */
  function paintPoints(context, view, { colour, xy }) {
    const zoom = Math.log2(view.scale / 256);
    const wide = zoom < 13 ? 3 : zoom < 15 ? 4 : 5.5;
    context.fillStyle = colour;
    context.strokeStyle = "#ffffff";
    context.lineWidth = 1.2;
    context.beginPath();
    for (let k = 0; k < xy.length; k += 2) {
      const x = (xy[k] - view.left) * view.scale,
        y = (xy[k + 1] - view.top) * view.scale;
      if (x < -6 || y < -6 || x > view.width + 6 || y > view.height + 6) continue;
      context.moveTo(x + wide, y);
      context.arc(x, y, wide, 0, 2 * Math.PI);
    }
    context.fill();
    context.stroke();
  }

  /** Write the place chosen beside its dot, and return the room that it takes. */
  function paintSpot(context, view, { name, colour, middle }) {
    const x = (middle[0] - view.left) * view.scale,
      y = (middle[1] - view.top) * view.scale;
    context.beginPath();
    context.arc(x, y, 7, 0, 2 * Math.PI);
    context.fillStyle = colour;
    context.fill();
    context.lineWidth = 2.5;
    context.strokeStyle = "#ffffff";
    context.stroke();
    context.font = `600 13px ${FONT}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const half = context.measureText(name).width / 2;
    const at = Math.max(half + 6, Math.min(view.width - half - 6, x));
    written(context, name, at, y - 18);
    return [at - half - 4, y - 28, at + half + 4, y + 8];
  }

  /** Write dark letters with a light edge. */
  function written(context, said, x, y) {
    context.lineJoin = "round";
    context.strokeStyle = "#ffffff";
    context.lineWidth = 5;
    context.strokeText(said, x, y);
    context.fillStyle = INK;
    context.fillText(said, x, y);
  }

  /** Write the names of districts where they have room, and none over another or over what is taken. */
  function paintNames(context, view, districts, taken) {
    const size = districts.length > MANY ? 10 : 12;
    context.font = `600 ${size}px ${FONT}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const { name, box, middle } of districts) {
      const x = (middle[0] - view.left) * view.scale,
        y = (middle[1] - view.top) * view.scale;
      const room = (box[2] - box[0]) * view.scale;
      const wide = context.measureText(name).width;
      const high = 0.75 * size;
      const frame = [x - wide / 2 - 2, y - high, x + wide / 2 + 2, y + high];
      if (wide > room * 1.15 || frame[0] < 0 || frame[2] > view.width || frame[1] < 0 || frame[3] > view.height)
        continue;
      if (taken.some((t) => frame[0] < t[2] && frame[2] > t[0] && frame[1] < t[3] && frame[3] > t[1])) continue;
      taken.push(frame);
      written(context, name, x, y);
    }
  }

  /** Draw a scale bar at the lower left. */
  function paintScale(context, view) {
    const [, lat] = geometry.unproject(view.left, view.top + view.height / view.scale / 2);
    const perPixel = (EARTH_M * Math.cos((lat * Math.PI) / 180)) / view.scale;
    const most = perPixel * Math.min(120, view.width / 4);
    const power = 10 ** Math.floor(Math.log10(most));
    const metres = [5, 2, 1].map((k) => k * power).find((each) => each <= most) ?? power;
    const wide = metres / perPixel;
    const said = metres >= 1000 ? `${metres / 1000} km` : `${metres} m`;
    const x = 14,
      y = view.height - 14;
    context.lineCap = "butt";
    for (const [colour, width] of [
      ["rgba(255,255,255,.9)", 4.5],
      [INK, 1.6],
    ]) {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(x, y - 5);
      context.lineTo(x, y);
      context.lineTo(x + wide, y);
      context.lineTo(x + wide, y - 5);
      context.stroke();
    }
    context.font = `12px ${FONT}`;
    context.textAlign = "left";
    context.textBaseline = "alphabetic";
    written(context, said, x + 4, y - 6);
  }

  return { clean, grouped, paintCells, paintOver, ringsOf };
})();
