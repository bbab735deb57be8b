"use strict";

/** The page on paper: a map drawn for it, at its size, and every fold opened. */
const printing = (() => {
  const WIDE = 720,
    HIGH = 520; // so that the legend and the city's figures are on the same page
  /** @type {HTMLDetailsElement[]} */
  let opened = [];

  function start() {
    dom.at("print").addEventListener("click", () => window.print());
    window.addEventListener("beforeprint", prepare);
    window.addEventListener("afterprint", restore);
    // A browser that only shows what print looks like tells it this way.
    window.matchMedia("print").addEventListener("change", (event) => (event.matches ? prepare() : restore()));
  }

  function prepare() {
    if (!map.view()) return;
    const canvas = /** @type {HTMLCanvasElement} */ (dom.at("print-map"));
    scene.paint(canvas, map.view(), WIDE, HIGH);
    canvas.style.removeProperty("height");
    canvas.style.removeProperty("width");
    const folds = [
      .../** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("#tab-place details.area")),
    ];
    opened.push(...folds.filter((fold) => !fold.open));
    for (const fold of opened) fold.open = true;
    document.documentElement.dataset.printed = store.get().selection ? "place" : "city";
  }

  function restore() {
    for (const fold of opened) fold.open = false;
    opened = [];
  }

  return { start };
})();
