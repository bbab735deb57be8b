"use strict";

/**
 * The bytes that the page carries, read: the other side of `packing.py`. Whole numbers stand by
 * planes of bytes, as they are or as differences, deflated as one, in base 64.
 *
 * @typedef {object} Entry Where a column of numbers stands, and how it is written.
 * @property {number} at The first byte.
 * @property {number} n How many numbers.
 * @property {number} width Bytes of a number.
 * @property {number} low What is added to each; of differences, the number before the first.
 * @property {0|1} delta Whether they are differences.
 * @property {number} digits Decimals of a figure.
 * @property {number} none The first byte of the bits that say what is missing, or -1.
 *
 * @typedef {object} Columns What the page carries, by name.
 * @property {(name: string) => Float64Array|null} numbers Figures, missing ones as NaN; `null` if
 *   the page has no such column.
 * @property {(name: string) => (i: number) => boolean} flags Bits; none is set of those not there.
 * @property {(name: string) => string} text
 */
const unpack = (() => {
  /** Whether this browser can read the page at all. */
  const possible = () => typeof DecompressionStream !== "undefined";

  /** @param {string} id Of a block of data of the page. @returns {string} */
  const block = (id) => document.getElementById(id)?.textContent.trim() ?? "";

  /** @param {string} id @returns {Promise<Uint8Array>} The bytes of a block, inflated. */
  async function inflated(id) {
    const signs = atob(block(id));
    const bytes = new Uint8Array(signs.length);
    for (let i = 0; i < signs.length; i += 1) bytes[i] = signs.charCodeAt(i);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  /** @param {Uint8Array} bytes @param {number} at @param {number} i @returns {boolean} */
  const bit = (bytes, at, i) => ((bytes[at + (i >> 3)] >> (i & 7)) & 1) === 1;

  /** @param {Uint8Array} bytes @param {Entry} entry @returns {Float64Array} Whole numbers. */
  function whole(bytes, { at, n, width, low, delta }) {
    const found = new Float64Array(n);
    for (let plane = width - 1; plane >= 0; plane -= 1) {
      const start = at + plane * n;
      for (let i = 0; i < n; i += 1) found[i] = found[i] * 256 + bytes[start + i];
    }
    let last = low;
    for (let i = 0; i < n; i += 1) {
      const folded = found[i];
      if (delta) last += folded % 2 === 1 ? -(folded + 1) / 2 : folded / 2;
      found[i] = delta ? last : folded + low;
    }
    return found;
  }

  /** @param {Uint8Array} bytes @param {Entry} entry @returns {Float64Array} */
  function figures(bytes, entry) {
    const found = whole(bytes, entry);
    const scale = 10 ** entry.digits;
    for (let i = 0; i < found.length; i += 1) {
      if (entry.none >= 0 && bit(bytes, entry.none, i)) found[i] = NaN;
      else if (scale !== 1) found[i] /= scale;
    }
    return found;
  }

  /**
   * Inflate everything, once.
   * @param {string[]} contents Names of the blocks.
   * @param {Object<string, Object<string, any>>} book By block: where each column stands in it.
   * @returns {Promise<Columns>}
   */
  async function columns(contents, book) {
    const places = new Map();
    for (const content of contents) {
      const bytes = await inflated(`data-${content}`);
      for (const [name, entry] of Object.entries(book[content])) places.set(name, [bytes, entry]);
    }
    const at = (name) => places.get(name) ?? null;
    return {
      numbers(name) {
        const place = at(name);
        return place && figures(place[0], place[1]);
      },
      flags(name) {
        const place = at(name);
        return (i) => place !== null && bit(place[0], place[1].at, i);
      },
      text(name) {
        const [bytes, entry] = at(name);
        return new TextDecoder().decode(bytes.subarray(entry.at, entry.at + entry.bytes));
      },
    };
  }

  /**
   * Return a set of polygons as GeoJSON coordinates, one MultiPolygon at a time.
   * @param {Columns} carried
   * @param {string} name Of the set.
   * @returns {(i: number) => number[][][][]}
   */
  function shapes(carried, name) {
    const [parts, rings, points, x, y] = ["parts", "rings", "points", "x", "y"].map((key) =>
      carried.numbers(`${name}:${key}`));
    const starts = [];
    let [part, ring, point] = [0, 0, 0];
    for (const count of parts) {
      starts.push([part, ring, point]);
      for (let p = 0; p < count; p += 1, part += 1) {
        for (let r = 0; r < rings[part]; r += 1, ring += 1) point += points[ring];
      }
    }
    return (i) => {
      let [p, r, at] = starts[i];
      const corners = (count) => {
        const found = Array.from({ length: count }, (_, k) => [x[at + k], y[at + k]]);
        at += count;
        return [...found, found[0].slice()];
      };
      const outline = (count) => Array.from({ length: count }, () => corners(points[r++]));
      return Array.from({ length: parts[i] }, () => outline(rings[p++]));
    };
  }

  return { possible, block, columns, shapes };
})();
