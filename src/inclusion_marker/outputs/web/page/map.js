"use strict";

/** The map on the screen: what the choices, a pointer and the keyboard do on it. */
const map = (() => {
  const WAYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

  let data;
  let cells;
  /** Made when it is first asked: the first map must not wait for it. */
  let finder = null;
  /** @type {Engine} */
  let drawn;
  let hover = -1;
  /** @type {View} */
  let seen;

  const under = (x, y) => (finder ??= geometry.finder(cells))(x, y);

  /**
   * Make the map.
   * @param {any} given
   * @returns {Promise<Engine>}
   */
  async function start(given) {
    data = given;
    cells = scene.start(data);
    const state = store.get();
    title(state);
    drawn = await engine.make(
      address.parts().get("engine") ?? "",
      {
        home: dom.at("map"),
        n: data.n,
        cells,
        outline: data.outline,
        bounds: data.bounds,
        looks: scene.looks(state),
        colours: scene.colours(state),
        over: (context, view) => scene.over(context, view, hover),
        clicked,
        moved,
        room: () => (tabs.folded() ? [10, 18 + dom.at("map-title").offsetHeight] : [24, 24]),
      },
      data.loadLibrary,
    );
    if (state.at) drawn.go(...state.at);
    seen = drawn.view();
    listen();
    return drawn;
  }

  function recolour(state) {
    drawn.colour(scene.looks(state), scene.colours(state));
    explain(state);
  }

  /** Say on a narrow page, where the legend is out of sight, what the colours are. */
  function title(state) {
    const steps = data.limits.map((limits, k) =>
      dom.el(
        "span",
        {},
        dom.el("i", { style: { "--chip": figures.colour(k + 1, state.palette) } }),
        limits.split(" ")[0],
      ),
    );
    dom.fill(
      dom.at("map-title"),
      dom.el("span", { text: words.named(figures.node(state.node)) }),
      dom.el("span", { class: "ramp" }, ...steps),
    );
  }

  /** Say over an empty map why it is empty. */
  function explain(state) {
    const home = dom.at("empty");
    const nothing = !figures.classesOf(state.node).some((one) => one > 0);
    home.hidden = !nothing;
    if (!nothing) return;
    dom.fill(
      home,
      dom.el("strong", { text: words.t("empty_title", { name: words.said(figures.node(state.node).name) }) }),
      dom.el("p", { text: words.t("empty_why") }),
      dom.el("button", {
        type: "button",
        class: "quiet",
        text: words.t("empty_more"),
        on: { click: () => tabs.open("about") },
      }),
    );
  }

  function listen() {
    store.on(["node", "palette", ...FILTERS], recolour);
    store.on(["language"], explain);
    store.on(["language", "node", "palette"], title);
    dom.at("map-sources").addEventListener("click", () => tabs.open("about"));
    dom.at("map-title").addEventListener("click", () => tabs.open("controls"));
    store.on(["layers", "selection", "language"], () => drawn.repaint());
    store.on(["selection"], (state) => {
      if (state.selection?.kind === "district") reveal(state.selection);
    });
    const home = dom.at("map");
    home.addEventListener("pointermove", point);
    home.addEventListener("pointerleave", leave);
    home.addEventListener("pointerdown", () => {
      dom.at("tip").hidden = true;
    });
    home.addEventListener("keydown", key);
    dom.at("zoom-in").addEventListener("click", () => drawn.zoom(1));
    dom.at("zoom-out").addEventListener("click", () => drawn.zoom(-1));
    dom.at("zoom-all").addEventListener("click", () => drawn.fit(data.bounds));
    // On paper the map has no size: what it showed before is what is drawn there.
    new ResizeObserver(() => {
      if (!home.clientWidth) return;
      drawn.resize();
      seen = drawn.view();
    }).observe(home);
    explain(store.get());
  }

  // ── pointer ────────────────────────────────────────────────────────────────

  function point(event) {
    if (event.pointerType === "touch" || event.buttons) return;
    const view = drawn.view();
    const frame = dom.at("map").getBoundingClientRect();
    const x = event.clientX - frame.left,
      y = event.clientY - frame.top;
    const found = under(view.left + x / view.scale, view.top + y / view.scale);
    if (found !== hover) {
      hover = found;
      drawn.repaint();
      tip();
    }
    const tipped = dom.at("tip");
    const flip = x > view.width - 240;
    tipped.style.setProperty(
      "transform",
      `translate(${flip ? x - tipped.offsetWidth - 14 : x + 14}px, ${Math.min(y + 14, view.height - 76)}px)`,
    );
  }

  function leave() {
    hover = -1;
    dom.at("tip").hidden = true;
    drawn.repaint();
  }

  function tip() {
    const home = dom.at("tip");
    home.hidden = hover < 0;
    if (hover < 0) return;
    const state = store.get();
    const number = figures.classesOf(state.node)[hover];
    const score = data.score(state.node)[hover];
    dom.fill(
      home,
      dom.el("strong", { text: figures.districtOf(hover)?.name ?? words.t("cell") }),
      dom.el(
        "span",
        {},
        dom.chip(figures.colour(number, state.palette)),
        number ? words.score(score) : words.t("no_data"),
        number ? dom.el("span", { class: "note", text: figures.limits(number) }) : null,
      ),
      dom.el("span", {
        class: "note",
        text: words.t("people_count", { people: words.whole(figures.value("people", hover)) }),
      }),
    );
  }

  function clicked(lng, lat) {
    const found = under(...geometry.project(lng, lat));
    if (found >= 0) select(found);
    else store.set({ selection: null });
  }

  /**
   * @param {number} i
   * @param {Spot} [spot] The place that was looked for there.
   */
  function select(i, spot) {
    const chosen = { kind: "cell", id: String(data.cells[i]) };
    store.set({ selection: spot ? { ...chosen, spot: spot.ref } : chosen, tab: "place" });
    say(i, spot ? `${spot.name}, ${words.said(spot.kind)}. ` : "");
  }

  function say(i, before) {
    const state = store.get();
    const number = figures.classesOf(state.node)[i];
    const cell = words.t(number ? "said_cell" : "said_cell_empty", {
      place: figures.districtOf(i)?.name ?? words.t("cell"),
      name: words.said(figures.node(state.node).name),
      score: words.score(data.score(state.node)[i]),
      number,
      people: words.whole(figures.value("people", i)),
    });
    dom.announce(before + cell);
  }

  function moved() {
    if (!drawn || !dom.at("map").clientWidth) return;
    seen = drawn.view();
    store.set({ at: drawn.where() });
  }

  // ── keyboard ───────────────────────────────────────────────────────────────

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in WAYS) walk(event);
    else if (event.key === "+" || event.key === "=") drawn.zoom(1);
    else if (event.key === "-") drawn.zoom(-1);
    else if (event.key === "0" || event.key === "Home") drawn.fit(data.bounds);
    else if (event.key === "Enter") enter();
    else return;
    event.preventDefault();
  }

  function walk(event) {
    const way = WAYS[event.key];
    if (event.shiftKey) {
      drawn.pan(way[0] * 120, way[1] * 120);
      return;
    }
    const { selection } = store.get();
    const mask = figures.mask(store.get());
    const next =
      selection?.kind === "cell" ? geometry.step(cells, scene.position(selection.id), way, mask) : centre(mask);
    if (next < 0) {
      dom.announce(words.t("no_cell_there"));
      return;
    }
    select(next);
    keepInView(next);
  }

  function centre(mask) {
    const view = drawn.view();
    return geometry.nearest(
      cells,
      view.left + view.width / view.scale / 2,
      view.top + view.height / view.scale / 2,
      mask,
    );
  }

  function keepInView(i) {
    const view = drawn.view();
    const [x, y] = geometry.middle(cells, i);
    const px = (x - view.left) * view.scale,
      py = (y - view.top) * view.scale;
    if (px > 40 && py > 40 && px < view.width - 40 && py < view.height - 40) return;
    drawn.go(...geometry.unproject(x, y), drawn.where()[2]);
  }

  function enter() {
    const { selection } = store.get();
    if (!selection) return;
    store.set({ tab: "place" });
    dom.at("place-title")?.focus();
  }

  // ── for the rest of the page ───────────────────────────────────────────────

  /** Go where the choices say, after somebody wrote another address. */
  function follow() {
    const { at } = store.get();
    if (at) drawn.go(...at);
    else drawn.fit(data.bounds);
  }

  /** Bring a selected place into the middle of the map. */
  function reveal(selection) {
    const rings = scene.rings(selection);
    if (!rings) return;
    const [left, top, right, bottom] = geometry.boxOf(rings);
    const [west, north] = geometry.unproject(left, top);
    const [east, south] = geometry.unproject(right, bottom);
    drawn.fit([west, south, east, north], 15);
  }

  /** Show a place: select the cell under it, or the nearest one. @param {Spot} spot */
  function show(spot) {
    const { lng, lat } = spot;
    const [x, y] = geometry.project(lng, lat);
    const found = under(x, y);
    drawn.go(lng, lat, Math.max(14.5, drawn.where()[2]));
    select(found >= 0 ? found : geometry.nearest(cells, x, y, new Uint8Array(data.n).fill(1)), spot);
  }

  return { start, follow, reveal, show, whole: () => drawn.fit(data.bounds), view: () => seen };
})();
