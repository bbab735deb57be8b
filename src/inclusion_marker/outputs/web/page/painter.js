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

  /** Draw a line that shows on any colour: a dark one on a light one. */
  function outline(context, view, rings, dark, light) {
    context.lineJoin = "round";
    for (const [colour, width] of [
      [light[0], light[1]],
      [dark[0], dark[1]],
    ]) {
      context.beginPath();
      trace(context, view, rings);
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke();
    }
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
   * @param {Float64Array[]|null} scene.hover
   * @param {Float64Array[]|null} scene.selected
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
    for (const each of scene.districts)
      outline(context, view, each.rings, ["#3a4454", 0.9], ["rgba(255,255,255,.75)", 2.4]);
    if (scene.boundary.length) outline(context, view, scene.boundary, ["#1b2430", 1.6], ["rgba(255,255,255,.8)", 3.6]);
    for (const each of scene.services) paintPoints(context, view, each);
    if (scene.hover) outline(context, view, scene.hover, ["#1b2430", 1.5], ["#ffffff", 3.5]);
    if (scene.selected) outline(context, view, scene.selected, ["#0b5cad", 3], ["#ffffff", 6.5]);
    paintNames(context, view, scene.districts);
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

  /** Write the names of districts where they have room, and none over another. */
  function paintNames(context, view, districts) {
    context.font = `600 12px ${FONT}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    const taken = [];
    for (const { name, box, middle } of districts) {
      const x = (middle[0] - view.left) * view.scale,
        y = (middle[1] - view.top) * view.scale;
      const room = (box[2] - box[0]) * view.scale;
      const wide = context.measureText(name).width;
      const frame = [x - wide / 2 - 2, y - 9, x + wide / 2 + 2, y + 9];
      if (wide > room * 1.15 || frame[0] < 0 || frame[2] > view.width || frame[1] < 0 || frame[3] > view.height)
        continue;
      if (taken.some((t) => frame[0] < t[2] && frame[2] > t[0] && frame[1] < t[3] && frame[3] > t[1])) continue;
      taken.push(frame);
      context.strokeStyle = "rgba(255,255,255,.92)";
      context.lineWidth = 3.5;
      context.strokeText(name, x, y);
      context.fillStyle = "#1b2430";
      context.fillText(name, x, y);
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
      ["#1b2430", 1.6],
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
    context.lineWidth = 3.5;
    context.strokeStyle = "rgba(255,255,255,.92)";
    context.strokeText(said, x + 4, y - 6);
    context.fillStyle = "#1b2430";
    context.fillText(said, x + 4, y - 6);
  }

  return { clean, grouped, paintCells, paintOver, ringsOf };
})();
