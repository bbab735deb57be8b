"use strict";

/** Figures of cells: classes, who passes the filter, means weighted by people. */
const figures = (() => {
  let data;
  /** @type {Map<string, any>} */
  let nodes = new Map();
  let districts = new Map();
  /** The latest masks: the legend asks for one without its own classes beside the one shown. */
  const masks = new Map();

  function start(given) {
    data = given;
    nodes = new Map(data.nodes.map((node) => [node.id, node]));
    districts = new Map((data.districts ?? []).map((each) => [String(each.id), each]));
  }

  /** Return the class of a score, 1 = worst, 0 = no data; a break belongs to the class above it. */
  const classOf = (score) => data.classOf(score);

  /** Return the class of each cell, 0 = no data, 1 = worst. @param {string} node @returns {Uint8Array} */
  const classesOf = (node) => data.classes(node);

  /** Return how a class is called: its limits. @param {number} number */
  const limits = (number) => (number === 0 ? words.t("no_data") : data.limits[number - 1]);

  /** Return the colour of a class in a palette. */
  const colour = (number, palette) => (number === 0 ? data.noData : data.palettes[palette][number - 1]);

  /** Return the colours of all classes, that of no data first. */
  const colours = (palette) => [data.noData, ...data.palettes[palette]];

  /** Whether any filter is on. @param {State} state */
  const filtered = (state) =>
    state.off.length > 0 || state.people > 0 || state.unsure.length > 0 || state.district !== "";

  /**
   * Return 1 for each cell that passes the filter.
   * @param {State} state
   * @returns {Uint8Array}
   */
  function mask(state) {
    const key = JSON.stringify([state.node, ...FILTERS.map((name) => state[name])]);
    const known = masks.get(key);
    if (known) return known;
    const found = new Uint8Array(data.n).fill(1);
    const rules = [
      state.off.length > 0 && byClass(state),
      state.people > 0 && byPeople(state.people),
      state.unsure.length > 0 && byCode("confidence", (code) => !state.unsure.includes(code)),
      state.district !== "" && byCode("district", (code) => code === state.district),
    ].filter(Boolean);
    for (const passes of rules) for (let i = 0; i < data.n; i += 1) if (!passes(i)) found[i] = 0;
    if (masks.size >= 4) masks.delete(masks.keys().next().value);
    masks.set(key, found);
    return found;
  }

  function byClass(state) {
    const found = classesOf(state.node);
    const off = new Set(state.off);
    return (i) => !off.has(found[i]);
  }

  function byPeople(fewest) {
    const people = data.column("people");
    return (i) => people[i] >= fewest;
  }

  /** A cell without a code has no confidence, and no district: "" stands for it. */
  function byCode(name, passes) {
    const codes = data.codes(name);
    if (!codes) return () => true;
    const good = codes.book.map((entry) => passes(String(entry.code)));
    const none = passes("");
    return (i) => (codes.index[i] < good.length ? good[codes.index[i]] : none);
  }

  /**
   * Return the figures of the cells that pass.
   * @param {string} node
   * @param {Uint8Array} passing
   * @returns {{cells: number, people: number, scored: number, mean: number, classOfMean: number, shares: number[]}}
   *   `scored` are the people who have a score, `shares` the people of each class, no data first.
   */
  function of(node, passing) {
    const scores = data.score(node);
    const people = data.column("people");
    const found = classesOf(node);
    const shares = new Array(data.breaks.length).fill(0);
    let cells = 0,
      sum = 0;
    for (let i = 0; i < data.n; i += 1) {
      if (!passing[i]) continue;
      const here = people[i] > 0 ? people[i] : 0;
      cells += 1;
      shares[found[i]] += here;
      if (found[i] > 0) sum += here * scores[i];
    }
    const scored = shares.slice(1).reduce((a, b) => a + b, 0);
    const mean = scored > 0 ? sum / scored : NaN;
    return { cells, people: scored + shares[0], scored, mean, classOfMean: within(classOf(mean), shares), shares };
  }

  /** Return the class of a mean: scores known to a tenth must not take it out of the classes of its cells. */
  function within(number, shares) {
    if (number === 0) return 0;
    const lived = [...shares.keys()].filter((k) => k > 0 && shares[k] > 0);
    return Math.min(Math.max(number, lived[0]), lived[lived.length - 1]);
  }

  /** Return the people in each band of five points. @param {string} node @param {Uint8Array} passing */
  function histogram(node, passing) {
    const scores = data.score(node);
    const people = data.column("people");
    const found = classesOf(node);
    const bands = new Array(20).fill(0);
    for (let i = 0; i < data.n; i += 1) {
      if (!passing[i] || !Number.isFinite(scores[i]) || !(people[i] > 0)) continue;
      // A score just below a class is shown as its limit, and counted where its class is.
      const band = Math.floor(scores[i] / 5) - (found[i] < classOf(scores[i]) ? 1 : 0);
      bands[Math.min(19, Math.max(0, band))] += people[i];
    }
    return bands;
  }

  /** Return a coded value of a cell, or null. */
  function code(name, cell) {
    const codes = data.codes(name);
    return codes && codes.index[cell] < codes.book.length ? codes.book[codes.index[cell]] : null;
  }

  /** Return a number of a cell, NaN where the output has none. */
  function value(name, cell) {
    const column = data.column(name);
    return column ? column[cell] : NaN;
  }

  /** Return the ids of the nodes under one, in their order. */
  const children = (id) => data.nodes.filter((node) => node.parent === id);

  /** Return the districts' id of a cell, or null. */
  const districtOf = (cell) => {
    const found = code("district", cell);
    return found ? (districts.get(String(found.code)) ?? null) : null;
  };

  return {
    start,
    classOf,
    classesOf,
    limits,
    colour,
    colours,
    filtered,
    mask,
    of,
    histogram,
    code,
    value,
    children,
    districtOf,
    node: (id) => nodes.get(id),
    district: (id) => districts.get(String(id)) ?? null,
  };
})();
