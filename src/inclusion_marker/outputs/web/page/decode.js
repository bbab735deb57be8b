"use strict";

/**
 * `readData()` gives the one object that all other scripts of the page read: names and figures of
 * the header as they stand there, and the columns of the cells, each read when it is first asked
 * for. What it gives is shared: nobody writes into it.
 */
const readData = (() => {
  const NO_CODE = 0xffff;

  /** Remember what a function gives for a key. @template T @param {(key: string) => T} make */
  const remembered = (make) => {
    const known = new Map();
    return (key) => {
      if (!known.has(key)) known.set(key, make(key));
      return known.get(key);
    };
  };

  /**
   * Put a script or a style of a library into the page; its policy knows them by their hash.
   * @param {"script"|"style"} kind
   * @param {string} code
   */
  function add(kind, code) {
    const made = document.createElement(kind);
    made.textContent = code;
    document.head.append(made);
  }

  /** Say that this browser is too old, in both languages, for none is chosen yet. */
  function refuse(tooOld) {
    const said = document.createElement("p");
    said.setAttribute("role", "alert");
    said.className = "too-old";
    said.textContent = `${tooOld.es} / ${tooOld.en}`;
    document.body.prepend(said);
  }

  /**
   * Return the ids of the cells: those of hexagons are counted on from the first.
   * @param {any} header
   * @param {Columns} carried
   * @param {any} places
   * @returns {string[]}
   */
  function cellIds({ grid }, carried, places) {
    const steps = carried.numbers("cells");
    if (!steps) return places.cells;
    const first = BigInt(`0x${grid.first}`);
    const unused = BigInt(3 * (15 - grid.resolution));
    return Array.from(steps, (step) => (first + (BigInt(step) << unused)).toString(16));
  }

  /**
   * Return the class of a score: 0 without data, 1 the worst; a limit belongs to the class above it.
   * @param {number|null} score
   * @param {number[]} limits Between the classes.
   */
  const classOf = (score, limits) =>
    Number.isFinite(score) ? 1 + limits.filter((limit) => score >= limit).length : 0;

  /**
   * Return the class of each cell.
   * @param {Float64Array} scores As they are shown, to a tenth.
   * @param {number[]} limits
   * @param {(i: number) => boolean} below Whether the i-th score that is shown as a limit of
   *   classes lies just below it.
   * @returns {Uint8Array}
   */
  function classesOf(scores, limits, below) {
    let seen = 0;
    return Uint8Array.from(scores, (score) => {
      const rank = classOf(score, limits);
      if (!limits.includes(score)) return rank;
      seen += 1;
      return below(seen - 1) ? rank - 1 : rank;
    });
  }

  /**
   * Return the codes of a column, and what each is called; `null` if the page has none.
   * @param {Float64Array|null} places In the book.
   * @param {Array<{code: string, label: {es: string, en: string}}>} book
   */
  function codesOf(places, book) {
    if (!places) return null;
    const index = Uint16Array.from(places, (code) => (Number.isNaN(code) ? NO_CODE : code));
    return { index, book };
  }

  /** Return the districts with their figures and outlines. */
  function districtsOf({ context, districts, nodes }, carried) {
    if (!districts.length) return [];
    const figures = remembered((name) => carried.numbers(`districts:${name}`));
    const outline = unpack.shapes(carried, "districts");
    return districts.map((named, i) => {
      const figure = (name) => (Number.isNaN(figures(name)[i]) ? null : figures(name)[i]);
      const scores = Object.fromEntries(nodes.map(({ id }) => [id, figure(id)]));
      const areas = Object.entries(scores).filter(([id]) => id.startsWith("area_"));
      return {
        ...named,
        people: figure("people"),
        marker: scores.marker,
        low: figure("marker_low"),
        high: figure("marker_high"),
        areas: Object.fromEntries(areas),
        scores,
        context: Object.fromEntries(context.map(({ id }) => [id, figure(id)])),
        outline: outline(i),
      };
    });
  }

  /** Return the layers of services with their points: longitude, latitude, name. */
  function servicesOf({ services }, carried, places) {
    return services.map((each) => {
      const [lng, lat] = ["lng", "lat"].map((axis) =>
        carried.numbers(`services:${each.layer}:${axis}`));
      const points = places.services[each.layer].map((name, i) => [lng[i], lat[i], name]);
      return { ...each, points };
    });
  }

  /** Return the layers of parks and squares with their polygons and names. */
  function spacesOf({ spaces }, carried, places) {
    return spaces.map((each) => {
      const names = places.spaces[each.layer];
      const polygon = unpack.shapes(carried, `spaces:${each.layer}`);
      return { ...each, polygons: names.map((_, i) => polygon(i)), names };
    });
  }

  /** Return the outline of a cell, given its place. */
  function outlinesOf({ grid }, carried, cells) {
    if (grid.kind === "polygons") return unpack.shapes(carried, "outline");
    add("script", carried.text("h3-js.js"));
    return (i) => [[window.h3.cellToBoundary(cells[i], true)]];
  }

  return async () => {
    const header = JSON.parse(unpack.block("data-header"));
    const { book, breaks, codes, contents, digits, globals, grid, libraries, tooOld, ...said } = header;
    if (!unpack.possible()) {
      refuse(tooOld);
      throw new Error("DecompressionStream is missing");
    }
    const carried = await unpack.columns(contents, book);
    const places = JSON.parse(carried.text("places"));
    const cells = cellIds(header, carried, places);
    const score = remembered((node) => carried.numbers(`score:${node}`));
    const between = breaks.slice(1, -1);
    return Object.freeze({
      ...said,
      breaks,
      grid: { kind: grid.kind, resolution: grid.resolution },
      cells,
      outline: outlinesOf(header, carried, cells),
      score,
      classOf: (exact) => classOf(exact, between),
      classes: remembered((node) => classesOf(score(node), between, carried.flags(`below:${node}`))),
      hasRaw: contents.includes("raw"),
      raw: remembered((node) => carried.numbers(`raw:${node}`)),
      column: remembered((name) => carried.numbers(`column:${name}`)),
      digits: (name) => digits[name] ?? 0,
      codes: remembered((name) => codesOf(carried.numbers(`codes:${name}`), codes[name])),
      boundary: unpack.shapes(carried, "boundary")(0),
      districts: districtsOf(header, carried),
      services: servicesOf(header, carried, places),
      spaces: spacesOf(header, carried, places),
      loadLibrary: remembered(async (name) => {
        add("style", carried.text(`${name}.css`));
        add("script", carried.text(`${name}.js`));
        return window[globals[name]];
      }),
      libraries: libraries.map((each) => ({ ...each, text: carried.text(`${each.name}.licence`) })),
    });
  };
})();
