"use strict";

/** What is drawn over the cells: boundary, districts, services and spaces, each by itself. */
const layers = (() => {
  let data;

  function start(given) {
    data = given;
    store.on(["language", "layers"], draw);
    draw(store.get());
  }

  function draw(state) {
    const rows = [];
    if (data.boundary?.length) rows.push(row(state, "boundary", words.t("layer_boundary"), "line"));
    if (data.districts?.length)
      rows.push(row(state, "districts", words.t("layer_districts"), "line", data.districts.length));
    for (const each of data.services ?? [])
      rows.push(row(state, each.layer, words.said(each.name), "dot", each.points.length, each.colour));
    for (const each of data.spaces ?? [])
      rows.push(row(state, each.layer, words.said(each.name), "area", each.polygons.length, each.colour));
    dom.fill(
      dom.at("layers"),
      dom.el("h2", { text: words.t("layers") }),
      dom.el("div", { class: "layer-list" }, ...rows),
    );
  }

  function row(state, id, name, kind, count, colour) {
    const on = state.layers.includes(id);
    const flip = () => store.set({ layers: on ? state.layers.filter((each) => each !== id) : [...state.layers, id] });
    return dom.el(
      "label",
      { class: "check layer" },
      dom.el("input", {
        type: "checkbox",
        checked: on,
        "data-key": `layer-${id}`,
        "data-layer": id,
        on: { change: flip },
      }),
      dom.el("span", { class: `key key-${kind}`, "aria-hidden": "true", style: colour ? { "--chip": colour } : {} }),
      dom.el("span", { class: "layer-name", text: name }),
      count === undefined ? null : dom.el("span", { class: "count", text: words.whole(count) }),
    );
  }

  return { start };
})();
