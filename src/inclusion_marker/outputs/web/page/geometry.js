"use strict";

/**
 * The outlines of the cells in the plane of the map (Web Mercator, the world is 1 × 1), flat in
 * arrays: what is drawn, hit and walked over by the ten thousand must not be objects.
 */
const geometry = (() => {
  /** @returns {[number, number]} */
  const project = (lng, lat) => {
    const rise = Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
    return [(lng + 180) / 360, (1 - rise / Math.PI) / 2];
  };

  /** @returns {[number, number]} */
  const unproject = (x, y) => [x * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI];

  /**
   * Return the rings of a MultiPolygon, each as x, y, x, y …
   * @param {number[][][][]} shape
   * @returns {Float64Array[]}
   */
  function rings(shape) {
    return shape.flat().map((ring) => {
      const flat = new Float64Array(ring.length * 2);
      ring.forEach(([lng, lat], k) => flat.set(project(lng, lat), 2 * k));
      return flat;
    });
  }

  /** Return the box around rings: left, top, right, bottom. */
  function boxOf(list) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const ring of list) {
      for (let k = 0; k < ring.length; k += 2) {
        box[0] = Math.min(box[0], ring[k]);
        box[1] = Math.min(box[1], ring[k + 1]);
        box[2] = Math.max(box[2], ring[k]);
        box[3] = Math.max(box[3], ring[k + 1]);
      }
    }
    return box;
  }

  /**
   * Return the cells, flat.
   * @param {number} n
   * @param {(i: number) => number[][][][]} outline
   * @returns {{n: number, xy: Float64Array, ringAt: Uint32Array, cellAt: Uint32Array, box: Float64Array}}
   *   Ring r holds the points `ringAt[r]` to `ringAt[r + 1]` of `xy`; cell i the rings `cellAt[i]`
   *   to `cellAt[i + 1]`; `box` is left, top, right, bottom of each cell.
   */
  function pack(n, outline) {
    const xy = [];
    const ringAt = [0];
    const cellAt = new Uint32Array(n + 1);
    const box = new Float64Array(4 * n);
    for (let i = 0; i < n; i += 1) {
      let left = Infinity,
        top = Infinity,
        right = -Infinity,
        bottom = -Infinity;
      for (const polygon of outline(i)) {
        for (const ring of polygon) {
          for (const [lng, lat] of ring) {
            const [x, y] = project(lng, lat);
            xy.push(x, y);
            if (x < left) left = x;
            if (x > right) right = x;
            if (y < top) top = y;
            if (y > bottom) bottom = y;
          }
          ringAt.push(xy.length / 2);
        }
      }
      cellAt[i + 1] = ringAt.length - 1;
      box[4 * i] = left;
      box[4 * i + 1] = top;
      box[4 * i + 2] = right;
      box[4 * i + 3] = bottom;
    }
    return { n, xy: Float64Array.from(xy), ringAt: Uint32Array.from(ringAt), cellAt, box };
  }

  /** Whether a point lies in a cell: an odd number of edges to its right. */
  function inside(cells, i, x, y) {
    const { xy, ringAt, cellAt } = cells;
    let odd = false;
    for (let r = cellAt[i]; r < cellAt[i + 1]; r += 1) {
      for (let k = ringAt[r]; k < ringAt[r + 1] - 1; k += 1) {
        const x1 = xy[2 * k],
          y1 = xy[2 * k + 1],
          x2 = xy[2 * k + 2],
          y2 = xy[2 * k + 3];
        if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) odd = !odd;
      }
    }
    return odd;
  }

  /**
   * Return a look-up of the cell under a point, by a raster of lists.
   * @returns {(x: number, y: number) => number} -1 where there is none.
   */
  function finder(cells) {
    const { n, box } = cells;
    let left = Infinity,
      top = Infinity,
      right = -Infinity,
      bottom = -Infinity;
    for (let i = 0; i < n; i += 1) {
      left = Math.min(left, box[4 * i]);
      top = Math.min(top, box[4 * i + 1]);
      right = Math.max(right, box[4 * i + 2]);
      bottom = Math.max(bottom, box[4 * i + 3]);
    }
    const side = Math.max(1, Math.ceil(Math.sqrt(n)));
    const step = Math.max((right - left) / side, (bottom - top) / side) || 1;
    const column = (x) => Math.floor((x - left) / step);
    const row = (y) => Math.floor((y - top) / step);
    const wide = column(right) + 1;
    const lists = new Map();
    for (let i = 0; i < n; i += 1) {
      for (let r = row(box[4 * i + 1]); r <= row(box[4 * i + 3]); r += 1) {
        for (let c = column(box[4 * i]); c <= column(box[4 * i + 2]); c += 1) {
          const key = r * wide + c;
          const list = lists.get(key);
          if (list) list.push(i);
          else lists.set(key, [i]);
        }
      }
    }
    return (x, y) => {
      if (x < left || x > right || y < top || y > bottom) return -1;
      return lists.get(row(y) * wide + column(x))?.find((i) => inside(cells, i, x, y)) ?? -1;
    };
  }

  /** Return the middle of a cell's box. @returns {[number, number]} */
  const middle = (cells, i) => [
    (cells.box[4 * i] + cells.box[4 * i + 2]) / 2,
    (cells.box[4 * i + 1] + cells.box[4 * i + 3]) / 2,
  ];

  /**
   * Return the nearest cell in a direction; what lies aside counts double.
   * @param {number} from
   * @param {[number, number]} way 1 or -1 along x or y.
   * @param {Uint8Array} passing
   * @returns {number} -1 where there is none.
   */
  function step(cells, from, way, passing) {
    const [dx, dy] = way;
    const [x, y] = middle(cells, from);
    let best = -1,
      least = Infinity;
    for (let i = 0; i < cells.n; i += 1) {
      if (!passing[i] || i === from) continue;
      const [cx, cy] = middle(cells, i);
      const along = (cx - x) * dx + (cy - y) * dy;
      const aside = Math.abs((cx - x) * dy + (cy - y) * dx);
      if (along <= 0 || aside > along) continue;
      const far = along * along + 4 * aside * aside;
      if (far < least) [best, least] = [i, far];
    }
    return best;
  }

  /** Return the cell nearest to a point, among those that pass. */
  function nearest(cells, x, y, passing) {
    let best = -1,
      least = Infinity;
    for (let i = 0; i < cells.n; i += 1) {
      if (!passing[i]) continue;
      const [cx, cy] = middle(cells, i);
      const far = (cx - x) ** 2 + (cy - y) ** 2;
      if (far < least) [best, least] = [i, far];
    }
    return best;
  }

  return { project, unproject, rings, boxOf, pack, finder, middle, step, nearest };
})();
