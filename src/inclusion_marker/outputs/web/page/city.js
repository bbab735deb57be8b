"use strict";

/** The city, or what of it passes the filter: the score, its areas, who lives in which class, gaps. */
const city = (() => {
  let data;

  function start(given) {
    data = given;
    store.on(["node", "language", "palette", ...FILTERS], draw);
    draw(store.get());
  }

  function draw(state) {
    const mask = figures.mask(state);
    const part = figures.filtered(state);
    const node = figures.node(state.node);
    const found = figures.of(state.node, mask);
    const mean = part ? found.mean : (node.mean ?? NaN);
    const number = part ? found.classOfMean : figures.classOf(mean);
    dom.fill(
      dom.at("tab-city"),
      dom.el("h2", { text: part ? words.t("filtered_cells") : words.said(data.city.name) }),
      part
        ? dom.el("p", {
            class: "note",
            id: "filters-on",
            text: `${words.t("filtered_note")} ${filters.describe(state)}`,
          })
        : null,
      dom.el("div", { class: "summary" }, hero(state, node, mean, number, part), facts(found, part, node)),
      dom.el("div", { class: "rest" }, ...rest(state, mask, part, found, mean)),
    );
  }

  const rest = (state, mask, part, found, mean) =>
    [
      areas(state, mask, part),
      found.people > 0 ? charts.byClass(found.shares, state.palette) : null,
      found.scored > 0 ? charts.histogram(figures.histogram(state.node, mask), mean, state.palette) : null,
      part ? null : charts.gaps(data.groups ?? []),
      part ? null : sure(),
    ];

  function hero(state, node, mean, number, part) {
    const known = Number.isFinite(mean);
    return dom.el(
      "div",
      { class: "hero" },
      dom.el("span", { class: "hero-name", text: words.named(node) }),
      dom.el(
        "p",
        { class: "hero-score" },
        dom.el("strong", { id: "city-score", text: known ? words.score(mean) : words.t("no_data") }),
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
      known && !part && Number.isFinite(node.low)
        ? dom.el("p", { text: words.t("interval", { low: words.score(node.low), high: words.score(node.high) }) })
        : null,
      Number.isFinite(node.rawMean) && !part
        ? dom.el("p", {
            text: `${words.t("measured_mean")}: ${words.measured(node.rawMean, words.said(node.unit))}`,
          })
        : null,
    );
  }

  function facts(found, part, node) {
    const totals = data.totals;
    const rows = [
      [words.t("people"), words.whole(part ? found.people : totals.people)],
      [words.t("cells"), words.whole(part ? found.cells : totals.cells)],
      [words.t("people_scored"), words.percent(found.people > 0 ? found.scored / found.people : NaN)],
    ];
    if (!part && Number.isFinite(node.plain)) rows.push([words.t("plain_mean"), words.score(node.plain)]);
    // The weight observed is that of the marker.
    if (!part && node.level === "marker" && Number.isFinite(totals.coverage))
      rows.push([words.t("coverage"), words.percent(totals.coverage)]);
    return dom.el(
      "dl",
      { class: "facts" },
      ...rows.map(([name, value]) => dom.el("div", {}, dom.el("dt", { text: name }), dom.el("dd", { text: value }))),
    );
  }

  function areas(state, mask, part) {
    const nodes = data.nodes.filter((node) => node.level === "marker" || node.level === "area");
    const rows = nodes.map((node) => {
      const found = part ? figures.of(node.id, mask) : null;
      const mean = found ? found.mean : (node.mean ?? NaN);
      const number = found ? found.classOfMean : figures.classOf(mean);
      return dom.el(
        "button",
        {
          type: "button",
          class: "score-row",
          "aria-pressed": String(state.node === node.id),
          "data-key": `area-${node.id}`,
          on: { click: () => store.set({ node: node.id, off: [] }) },
        },
        dom.el("span", { class: "score-name", text: words.said(node.name) }),
        dom.el("span", { class: "score-value", text: Number.isFinite(mean) ? words.score(mean) : words.t("no_data") }),
        charts.bar(mean, figures.colour(number, state.palette)),
      );
    });
    return dom.el("section", { class: "block" }, dom.el("h3", { text: words.t("areas") }), ...rows);
  }

  /** Return how sure the marker is, and how many live in clusters. */
  function sure() {
    const { confidence, clusters, people } = data.totals;
    const rows = [];
    if (confidence && data.codes("confidence")) {
      for (const { code, label } of data.codes("confidence").book) {
        if (Number.isFinite(confidence[code]))
          rows.push([
            words.t("confidence_of", { confidence: words.said(label) }),
            words.percent(confidence[code] / people),
          ]);
      }
    }
    if (clusters) {
      if (Number.isFinite(clusters.low)) rows.push([words.t("clusters_low"), words.percent(clusters.low / people)]);
      if (Number.isFinite(clusters.high)) rows.push([words.t("clusters_high"), words.percent(clusters.high / people)]);
    }
    return dom.el(
      "section",
      { class: "block" },
      dom.el("h3", { text: words.t("how_sure") }),
      data.codes("confidence") ? null : dom.el("p", { class: "note", text: words.t("no_draws") }),
      rows.length ? charts.table(words.t("how_sure"), [words.t("where_people_live"), words.t("people")], rows) : null,
    );
  }

  return { start };
})();
