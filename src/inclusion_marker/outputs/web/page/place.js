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
   * @property {(node: string) => number} classOf Of the exact score, 0 = no data.
   * @property {(node: string) => number} raw
   * @property {Array<[string, string]>} people
   * @property {number} low
   * @property {number} high
   * @property {Array<[string, string]>} facts
   * @property {string} lacking Why it has no marker.
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
      classOf: (node) => figures.classesOf(node)[i],
      raw: (node) => data.raw(node)?.[i] ?? NaN,
      people: data.context
        .map(({ id: key, name }) => [words.said(name), figures.value(key, i)])
        .filter(([, count]) => Number.isFinite(count))
        .map(([name, count]) => [name, words.whole(count)]),
      low: figures.value("marker_low", i),
      high: figures.value("marker_high", i),
      facts,
      lacking: lacking(figures.value("people", i), coverage),
      lacks: main ? { name: nodeName(main), points: figures.value("shortfall_points", i) } : null,
    };
  }

  /** Say why a cell has no marker. @param {number} people @param {number} coverage */
  function lacking(people, coverage) {
    if (people === 0) return words.t("nobody_here");
    if (!Number.isFinite(coverage)) return words.t("no_marker_here");
    return words.t("too_little_here", { share: words.percent(coverage) });
  }

  function nodeName(main) {
    const node = figures.node(String(main.code)) ?? figures.node(`ind_${main.code}`);
    return node ? words.named(node) : words.said(main.label);
  }

  /** @returns {Place} */
  function ofDistrict(district) {
    const value = (node) =>
      district.scores?.[node] ?? (node === "marker" ? district.marker : district.areas?.[node]) ?? NaN;
    return {
      title: String(district.name),
      subtitle: words.t("district"),
      score: value,
      classOf: (node) => figures.classOf(value(node)),
      raw: () => NaN,
      people: data.context
        .map(({ id, name }) => [words.said(name), id === "people" ? district.people : (district.context?.[id] ?? NaN)])
        .filter(([, count]) => Number.isFinite(count))
        .map(([name, count]) => [name, words.whole(count)]),
      low: district.low ?? NaN,
      high: district.high ?? NaN,
      facts: [],
      lacking: words.t("no_marker_here"),
      lacks: district.lacks
        ? { name: nodeName({ code: district.lacks.node, label: null }), points: district.lacks.points }
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
      spot(state),
      dom.el("div", { class: "heroes" }, theme(state, here), hero(state, here)),
      people(here),
      lacks(here),
      facts(here),
      tree(state, here),
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

  /** Return the place that was looked for in the cell: its name and what it is. */
  function spot(state) {
    const chosen = layers.place(state.selection?.spot ?? "");
    if (!chosen) return null;
    return dom.el(
      "p",
      { class: "place-spot", id: "place-spot" },
      dom.el("span", { class: "key key-dot", "aria-hidden": "true", style: { "--chip": chosen.colour } }),
      dom.el("span", {}, dom.el("strong", { text: chosen.name }), dom.el("span", { text: words.said(chosen.kind) })),
    );
  }

  /** Return what the map shows of the place, where that is not the marker. */
  function theme(state, here) {
    const node = figures.node(state.node);
    if (node.level === "marker") return null;
    const raw = here.raw(node.id);
    const value = Number.isFinite(raw) ? words.measured(raw, words.said(node.unit)) : "";
    return led("hero theme", state, here, node, [
      value ? dom.el("p", { text: words.t("measured", { value }) }) : null,
      Number.isFinite(here.score(node.id)) ? null : dom.el("p", { text: why(node) }),
    ]);
  }

  /** Say why a score other than the marker is not there. */
  const why = (node) => (gone(node) ? words.said(gone(node).reason) : words.t("too_little_of_it"));

  function hero(state, here) {
    const marker = figures.node("marker");
    const known = Number.isFinite(here.score("marker"));
    return led("hero", state, here, marker, [
      known ? null : dom.el("p", { text: here.lacking }),
      known && Number.isFinite(here.low)
        ? dom.el("p", { text: words.t("interval", { low: words.score(here.low), high: words.score(here.high) }) })
        : null,
    ]);
  }

  /** Return a score in large figures with its class, what is said of it, and the city's beside it. */
  function led(look, state, here, node, said) {
    const score = here.score(node.id);
    const known = Number.isFinite(score);
    const number = here.classOf(node.id);
    return dom.el(
      "div",
      { class: look, "data-hero": node.id },
      dom.el("span", { class: "hero-name", text: words.named(node) }),
      dom.el(
        "p",
        { class: "hero-score" },
        dom.el("strong", {
          id: node.level === "marker" ? "place-score" : "theme-score",
          text: known ? words.score(score) : words.t("no_data"),
        }),
        known ? dom.el("span", { class: "hero-of", text: words.t("of_100") }) : null,
      ),
      known
        ? dom.el(
            "p",
            { class: "hero-class" },
            dom.chip(figures.colour(number, state.palette)),
            words.t("class_of", { number, limits: figures.limits(number) }),
          )
        : null,
      ...said,
      known && Number.isFinite(node.mean)
        ? dom.el("p", { class: "versus", text: versus(score, node.mean) })
        : null,
    );
  }

  /** Say how far a score is from the city's: a difference is rounded once, as in every other output. */
  function versus(score, mean) {
    const points = words.score(Math.abs(score - mean));
    const key = Number(points) === 0 ? "as_city" : score > mean ? "above_city" : "below_city";
    return words.t(key, { points, city: words.score(mean) });
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
    return dom.el("section", { class: "block tree" }, dom.el("h3", { text: words.t("areas_place") }), legend(), ...rows);
  }

  const opened = new Set();
  const remember = (id, open) => (open ? opened.add(id) : opened.delete(id));

  function scored(state, here, node) {
    const score = here.score(node.id);
    return [
      dom.el("span", { class: "score-name", text: words.named(node) }),
      dom.el("span", { class: "score-value", text: Number.isFinite(score) ? words.score(score) : words.t("no_data") }),
      charts.bar(score, figures.colour(here.classOf(node.id), state.palette), node.mean ?? NaN),
      dom.el("span", {
        class: "unseen",
        text: Number.isFinite(node.mean) ? words.t("city_mean", { score: words.score(node.mean) }) : "",
      }),
    ];
  }

  /** Return the entry of an indicator that has no data in the city. */
  const gone = (node) => (data.missing ?? []).find((each) => each.id === node.id || `ind_${each.id}` === node.id);

  function indicator(state, here, node) {
    const raw = here.raw(node.id);
    const absent = gone(node);
    const value = Number.isFinite(raw)
      ? words.measured(raw, words.said(node.unit))
      : absent
        ? words.said(absent.reason)
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
