"use strict";

/** The panel of a cell or a district: who lives there, what they have, what they lack, how sure. */
const place = (() => {
  let data;
  let map;
  let index;

  /**
   * @param {any} given
   * @param {{reveal: (selection: {kind: string, id: string}) => void}} view
   */
  function start(given, view) {
    data = given;
    map = view;
    index = new Map(data.cells.map((id, i) => [String(id), i]));
    store.on(["selection", "language", "palette", "node"], draw);
    draw(store.get());
  }

  /**
   * What the panel asks of a place, cell or district.
   * @typedef {object} Place
   * @property {string} title
   * @property {string} subtitle
   * @property {(node: string) => number} score
   * @property {(node: string) => number} raw
   * @property {Array<[string, string]>} people
   * @property {number} low
   * @property {number} high
   * @property {Array<[string, string]>} facts
   * @property {{name: string, points: number}|null} lacks
   */

  /** @returns {Place|null} */
  function found(selection) {
    if (!selection) return null;
    if (selection.kind === "cell") return index.has(selection.id) ? cell(index.get(selection.id)) : null;
    const district = figures.district(selection.id);
    return district ? ofDistrict(district) : null;
  }

  /** @returns {Place} */
  function cell(i) {
    const home = figures.districtOf(i);
    const label = (name) => words.sentence(words.said(figures.code(name, i)?.label ?? null));
    /** @type {Array<[string, string]>} */
    const facts = [];
    const add = (key, value) => {
      if (value) facts.push([words.t(key), value]);
    };
    const sure = figures.value("class_probability", i);
    add("confidence", label("confidence"));
    add("confidence_reason", label("confidence_reason"));
    add("class_probability", Number.isFinite(sure) ? words.percent(sure) : "");
    add("hotspot", label("hotspot"));
    const coverage = figures.value("coverage", i);
    add("coverage", Number.isFinite(coverage) ? words.percent(coverage) : "");
    const main = figures.code("shortfall_main", i);
    const id = String(data.cells[i]);
    return {
      title: home ? String(home.name) : words.t("cell_of", { id }),
      subtitle: home ? words.t("cell_of", { id }) : words.t("cell"),
      score: (node) => data.score(node)[i],
      raw: (node) => data.raw(node)?.[i] ?? NaN,
      people: data.context
        .map(({ id: key, name }) => [words.said(name), figures.value(key, i)])
        .filter(([, count]) => Number.isFinite(count))
        .map(([name, count]) => [name, words.whole(count)]),
      low: figures.value("marker_low", i),
      high: figures.value("marker_high", i),
      facts,
      lacks: main ? { name: nodeName(main), points: figures.value("shortfall_points", i) } : null,
    };
  }

  function nodeName(main) {
    const node = figures.node(String(main.code)) ?? figures.node(`ind_${main.code}`);
    return node ? words.said(node.name) : words.said(main.label);
  }

  /** @returns {Place} */
  function ofDistrict(district) {
    const value = (node) =>
      district.scores?.[node] ?? (node === "marker" ? district.marker : district.areas?.[node]) ?? NaN;
    return {
      title: String(district.name),
      subtitle: words.t("district"),
      score: value,
      raw: () => NaN,
      people: data.context
        .map(({ id, name }) => [words.said(name), id === "people" ? district.people : (district.context?.[id] ?? NaN)])
        .filter(([, count]) => Number.isFinite(count))
        .map(([name, count]) => [name, words.whole(count)]),
      low: district.low ?? NaN,
      high: district.high ?? NaN,
      facts: [],
      lacks: district.lacks
        ? { name: words.said(figures.node(district.lacks.node)?.name ?? null), points: district.lacks.points }
        : null,
    };
  }

  function draw(state) {
    const home = dom.at("tab-place");
    const here = found(state.selection);
    if (!here) {
      dom.fill(home, dom.el("p", { class: "hint", text: words.t("choose_place") }));
      return;
    }
    dom.fill(
      home,
      head(state, here),
      hero(state, here),
      people(here),
      lacks(here),
      facts(here),
      tree(state, here),
      legend(),
    );
  }

  function head(state, here) {
    const button = (name, icon, does) =>
      dom.el(
        "button",
        {
          type: "button",
          class: "square",
          "aria-label": words.t(name),
          title: words.t(name),
          "data-key": name,
          on: { click: does },
        },
        dom.icon(icon),
      );
    return dom.el(
      "header",
      { class: "place-head" },
      dom.el(
        "div",
        {},
        dom.el("h2", { id: "place-title", tabindex: "-1", text: here.title }),
        dom.el("p", { class: "note", text: here.subtitle }),
      ),
      button("show_place", "target", () => map.reveal(state.selection)),
      button("close_place", "close", () => {
        store.set({ selection: null, tab: "city" });
        dom.at("map").focus();
      }),
    );
  }

  function hero(state, here) {
    const marker = here.score("marker");
    const mean = figures.node("marker").mean ?? NaN;
    if (!Number.isFinite(marker)) {
      return dom.el(
        "div",
        { class: "hero" },
        dom.el("span", { class: "hero-name", text: words.said(figures.node("marker").name) }),
        dom.el("p", { class: "hero-score" }, dom.el("strong", { text: words.t("no_data") })),
        dom.el("p", { text: words.t("no_marker_here") }),
      );
    }
    const number = figures.classOf(marker);
    return dom.el(
      "div",
      { class: "hero" },
      dom.el("span", { class: "hero-name", text: words.said(figures.node("marker").name) }),
      dom.el(
        "p",
        { class: "hero-score" },
        dom.el("strong", { id: "place-score", text: words.score(marker) }),
        dom.el("span", { class: "hero-of", text: words.t("of_100") }),
      ),
      dom.el(
        "p",
        { class: "hero-class" },
        dom.chip(figures.colour(number, state.palette)),
        words.t("class_of", { number, limits: figures.limits(number) }),
      ),
      Number.isFinite(here.low)
        ? dom.el("p", { text: words.t("interval", { low: words.score(here.low), high: words.score(here.high) }) })
        : null,
      Number.isFinite(mean) ? dom.el("p", { class: "versus", text: versus(marker, mean) }) : null,
    );
  }

  /** Say how far a score is from the city's, both as they are shown. */
  function versus(score, mean) {
    const apart = Number(words.score(score)) - Number(words.score(mean));
    const key = Math.abs(apart) < 0.05 ? "as_city" : apart > 0 ? "above_city" : "below_city";
    return words.t(key, { points: words.score(Math.abs(apart)), city: words.score(mean) });
  }

  const people = (here) =>
    dom.el(
      "dl",
      { class: "facts" },
      ...here.people.map(([name, value]) =>
        dom.el("div", {}, dom.el("dt", { text: name }), dom.el("dd", { text: value })),
      ),
    );

  function lacks(here) {
    if (!here.lacks || !Number.isFinite(here.lacks.points)) return null;
    const gap = 100 - here.score("marker");
    return dom.el(
      "section",
      { class: "block lacks" },
      dom.el("h3", { text: words.t("lacks") }),
      dom.el("p", {
        text: words.t("lacks_said", {
          gap: words.score(gap),
          name: here.lacks.name,
          points: words.score(here.lacks.points),
        }),
      }),
    );
  }

  function facts(here) {
    if (!here.facts.length) return null;
    const rows = here.facts.map(([name, value]) =>
      dom.el("div", {}, dom.el("dt", { text: name }), dom.el("dd", { text: value })),
    );
    return dom.el(
      "section",
      { class: "block" },
      dom.el("h3", { text: words.t("how_sure") }),
      dom.el("dl", { class: "pairs" }, ...rows),
    );
  }

  /** Return areas as bars; under each its dimensions and their indicators. */
  function tree(state, here) {
    const rows = figures
      .children("marker")
      .map((area) =>
        dom.el(
          "details",
          {
            class: "area",
            "data-node": area.id,
            open: opened.has(area.id),
            on: { toggle: (event) => remember(area.id, event.target.open) },
          },
          dom.el("summary", { "data-key": `open-${area.id}` }, ...scored(state, here, area)),
          ...figures
            .children(area.id)
            .map((dimension) =>
              dom.el(
                "div",
                { class: "dimension" },
                dom.el("div", { class: "score-row" }, ...scored(state, here, dimension)),
                dom.el("ul", {}, ...figures.children(dimension.id).map((each) => indicator(state, here, each))),
              ),
            ),
        ),
      );
    return dom.el("section", { class: "block tree" }, dom.el("h3", { text: words.t("areas_place") }), ...rows);
  }

  const opened = new Set();
  const remember = (id, open) => (open ? opened.add(id) : opened.delete(id));

  function scored(state, here, node) {
    const score = here.score(node.id);
    return [
      dom.el("span", { class: "score-name", text: words.said(node.name) }),
      dom.el("span", { class: "score-value", text: Number.isFinite(score) ? words.score(score) : words.t("no_data") }),
      charts.bar(score, state.palette, node.mean ?? NaN),
      dom.el("span", {
        class: "unseen",
        text: Number.isFinite(node.mean) ? words.t("city_mean", { score: words.score(node.mean) }) : "",
      }),
    ];
  }

  function indicator(state, here, node) {
    const raw = here.raw(node.id);
    const gone = (data.missing ?? []).find((each) => each.id === node.id || `ind_${each.id}` === node.id);
    const value = Number.isFinite(raw)
      ? `${words.measured(raw, node.digits ?? 1)} ${words.said(node.unit)}`
      : gone
        ? words.said(gone.reason)
        : "";
    return dom.el(
      "li",
      { class: "indicator", "data-node": node.id },
      ...scored(state, here, node),
      value ? dom.el("span", { class: "indicator-raw", text: value }) : null,
    );
  }

  const legend = () =>
    dom.el(
      "p",
      { class: "note bar-note" },
      dom.el("span", { class: "key key-mean", "aria-hidden": "true" }),
      words.t("bar_note"),
    );

  return { start };
})();
