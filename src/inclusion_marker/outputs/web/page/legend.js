"use strict";

/** The classes of the score shown, with their people; a class can be left out. */
const legend = (() => {
  let data;

  function start(given) {
    data = given;
    store.on(["node", "language", "palette", ...FILTERS], draw);
    draw(store.get());
  }

  function draw(state) {
    const node = figures.node(state.node);
    // The shares are those of the whole city, or of the other filters: a class taken out keeps its own.
    const rest = figures.of(state.node, figures.mask({ ...state, off: [] }));
    const order = [...Array(data.breaks.length - 1).keys()].map((k) => k + 1).concat(0);
    dom.fill(
      dom.at("legend"),
      dom.el("h2", { id: "legend-title", text: words.named(node) }),
      dom.el("p", { class: "note", text: words.t("scale") }),
      dom.el(
        "ul",
        { class: "classes", "aria-labelledby": "legend-title" },
        ...order.map((number) => row(state, number, rest.people > 0 ? rest.shares[number] / rest.people : 0)),
      ),
      dom.el("p", { class: "note no-print", text: words.t("legend_note") }),
      palettes(state),
    );
  }

  function row(state, number, share) {
    const off = state.off.includes(number);
    const flip = () => store.set({ off: off ? state.off.filter((k) => k !== number) : [...state.off, number].sort() });
    const words_ = number === 0 ? words.t("no_data") : `${figures.limits(number)}${end(number)}`;
    return dom.el(
      "li",
      { class: off ? "class off" : "class" },
      dom.el(
        "label",
        {},
        dom.el("input", { type: "checkbox", checked: !off, "data-key": `class-${number}`, on: { change: flip } }),
        dom.chip(figures.colour(number, state.palette)),
        dom.el("span", { class: "class-number", text: number === 0 ? "–" : String(number) }),
        dom.el("span", { class: "class-name", text: words_ }),
        dom.el(
          "span",
          { class: "class-bar", "aria-hidden": "true" },
          dom.el("i", { style: { width: `${(100 * share).toFixed(1)}%` } }),
        ),
        dom.el("span", { class: "class-share", text: words.percent(share) }),
        dom.el("span", { class: "unseen", text: words.t("of_people") }),
      ),
    );
  }

  const end = (number) =>
    number === 1 ? ` · ${words.t("worst")}` : number === data.breaks.length - 1 ? ` · ${words.t("best")}` : "";

  function palettes(state) {
    const button = (key) =>
      dom.el("button", {
        type: "button",
        text: words.t(`palette_${key}`),
        "aria-pressed": String(state.palette === key),
        "data-key": `palette-${key}`,
        on: { click: () => store.set({ palette: key }) },
      });
    return dom.el(
      "div",
      { class: "palettes no-print" },
      dom.el("span", { class: "field-name", id: "palette-name", text: words.t("palette") }),
      dom.el(
        "div",
        { class: "segments", role: "group", "aria-labelledby": "palette-name" },
        button("published"),
        button("viridis"),
      ),
    );
  }

  return { start };
})();
