"use strict";

/** The districts as a table: the same figures for who does not use the map. */
const districts = (() => {
  let data;
  let order = { key: "marker", up: true };

  function start(given) {
    data = given;
    store.on(["language", "palette", "selection", "node"], draw);
    draw(store.get());
  }

  /** Return the columns: what the map shows stands first. */
  function columns() {
    const areas = data.nodes.filter((node) => node.level === "area");
    const score = (id, title) => ({
      key: id,
      title,
      value: (each) => (id === "marker" ? each.marker : (each.scores?.[id] ?? each.areas?.[id])) ?? NaN,
      shown: words.score,
      chip: true,
    });
    const shown = figures.node(store.get().node);
    const deep = shown.level !== "marker" && shown.level !== "area";
    return [
      ...(deep ? [score(shown.id, words.named(shown))] : []),
      { key: "people", title: words.t("people"), value: (each) => each.people, shown: words.whole },
      score("marker", words.t("marker_short")),
      {
        key: "interval",
        title: words.t("interval_short"),
        value: (each) => (each.high ?? NaN) - (each.low ?? NaN),
        text: (each) => (Number.isFinite(each.low) ? `${words.score(each.low)} – ${words.score(each.high)}` : "–"),
      },
      ...areas.map((node) => score(node.id, words.said(node.name))),
    ];
  }

  function draw(state) {
    const home = dom.at("tab-districts");
    if (!data.districts?.length) {
      dom.fill(
        home,
        dom.el("h2", { text: words.t("layer_districts") }),
        dom.el("p", { class: "hint", text: words.t("no_districts") }),
      );
      return;
    }
    const shown = columns();
    dom.fill(
      home,
      dom.el("h2", { text: words.t("layer_districts") }),
      dom.el("p", { class: "note", text: words.t("districts_note") }),
      dom.el(
        "div",
        {
          class: "wide",
          role: "region",
          tabindex: "0",
          "aria-label": words.t("layer_districts"),
          "data-key": "districts-region",
        },
        dom.el(
          "table",
          { id: "districts-table" },
          dom.el("thead", {}, dom.el("tr", {}, head({ key: "name", title: words.t("district") }), ...shown.map(head))),
          dom.el("tbody", {}, ...sorted(shown).map((each) => row(state, each, shown))),
        ),
      ),
    );
  }

  function head({ key, title }) {
    const now = order.key === key;
    const sort = () => {
      order = { key, up: now ? !order.up : true };
      draw(store.get());
    };
    return dom.el(
      "th",
      { scope: "col", "aria-sort": now ? (order.up ? "ascending" : "descending") : "none" },
      dom.el(
        "button",
        { type: "button", "data-key": `sort-${key}`, on: { click: sort } },
        title,
        dom.el("span", { class: "sort", "aria-hidden": "true", text: now ? (order.up ? "▲" : "▼") : "" }),
      ),
    );
  }

  function sorted(shown) {
    const column = shown.find((each) => each.key === order.key);
    const way = order.up ? 1 : -1;
    const name = (each) => String(each.name);
    const byName = (a, b) => name(a).localeCompare(name(b), words.spoken(), { numeric: true });
    if (!column) return [...data.districts].sort((a, b) => way * byName(a, b));
    return [...data.districts].sort((a, b) => {
      const [x, y] = [column.value(a), column.value(b)];
      if (Number.isFinite(x) !== Number.isFinite(y)) return Number.isFinite(x) ? -1 : 1;
      return (Number.isFinite(x) && way * (x - y)) || byName(a, b);
    });
  }

  function row(state, each, shown) {
    const chosen = state.selection?.kind === "district" && state.selection.id === String(each.id);
    const choose = () => store.set({ selection: { kind: "district", id: String(each.id) }, tab: "place" });
    return dom.el(
      "tr",
      { class: chosen ? "chosen" : null },
      dom.el(
        "th",
        { scope: "row" },
        dom.el("button", {
          type: "button",
          class: "link",
          text: String(each.name),
          "data-key": `district-${each.id}`,
          on: { click: choose },
        }),
      ),
      ...shown.map((column) =>
        dom.el(
          "td",
          {},
          column.chip ? dom.chip(figures.colour(figures.classOf(column.value(each)), state.palette)) : null,
          column.text ? column.text(each) : column.shown(column.value(each)),
        ),
      ),
    );
  }

  return { start };
})();
