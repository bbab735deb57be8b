"use strict";

/** The views beside the map; on a telephone they and the choices share one sheet under it. */
const tabs = (() => {
  const NAMES = ["controls", "city", "place", "districts", "about"];
  const HEIGHTS = ["low", "half", "full"];
  /** Where the views are a sheet under the map. */
  const phone = window.matchMedia("(max-width: 760px)");
  /** Where the choices have no column of their own. */
  const folded = window.matchMedia("(max-width: 980px)");

  function start() {
    store.on(["tab", "language"], draw);
    folded.addEventListener("change", settle);
    handle(dom.at("sheet"));
    settle();
  }

  const height = () => dom.at("app").dataset.sheet ?? "half";

  /** A press goes to the next height; a pull goes up or down. */
  function handle(button) {
    let from = 0,
      pulled = false;
    button.addEventListener("pointerdown", (event) => {
      from = event.clientY;
      pulled = false;
    });
    button.addEventListener("pointerup", (event) => {
      const way = Math.sign(from - event.clientY);
      pulled = Math.abs(from - event.clientY) > 24;
      if (pulled) raise(HEIGHTS[Math.max(0, Math.min(2, HEIGHTS.indexOf(height()) + way))]);
    });
    button.addEventListener("click", () => {
      if (!pulled) raise(HEIGHTS[(HEIGHTS.indexOf(height()) + 1) % 3]);
      pulled = false;
    });
  }

  /** @param {string} wanted */
  function raise(wanted) {
    dom.at("app").dataset.sheet = wanted;
    dom.at("sheet").setAttribute("aria-expanded", String(wanted !== "low"));
  }

  /** Put the choices where the width wants them. */
  function settle() {
    const controls = dom.at("controls");
    if (folded.matches) dom.at("tab-controls").append(controls);
    else dom.at("stage").before(controls);
    raise("half");
    draw(store.get());
  }

  /** The tab shown: the choices have their own place on a wide page. */
  const current = (state) => (state.tab === "controls" && !folded.matches ? "city" : state.tab);

  function draw(state) {
    const shown = current(state);
    const names = NAMES.filter((name) => folded.matches || name !== "controls");
    const buttons = names.map((name) =>
      dom.el("button", {
        type: "button",
        role: "tab",
        id: `open-${name}`,
        "aria-controls": `tab-${name}`,
        "aria-selected": String(name === shown),
        tabindex: name === shown ? "0" : "-1",
        text: words.t(`tab_${name}`),
        "data-key": `tab-${name}`,
        on: { click: () => open(name), keydown: (event) => walk(event, names, name) },
      }),
    );
    dom.fill(dom.at("tabs"), ...buttons);
    for (const name of NAMES) dom.at(`tab-${name}`).hidden = name !== shown;
    dom.at("app").dataset.tab = shown;
  }

  /** @param {string} name */
  function open(name) {
    store.set({ tab: name });
    if (height() === "low") raise("half");
  }

  /** Bring the sheet, where there is one, to a height: for a long list, or for the map. */
  function makeRoom(wanted) {
    if (phone.matches) raise(wanted);
  }

  function walk(event, names, name) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = names[(names.indexOf(name) + by + names.length) % names.length];
    open(next);
    dom.at(`open-${next}`).focus();
  }

  return { NAMES, start, open, makeRoom, folded: () => folded.matches };
})();
