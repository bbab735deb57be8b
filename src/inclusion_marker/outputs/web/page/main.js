"use strict";

/** Start the page: the choices of the address, the parts, the map. */
(() => {
  /** @returns {State} */
  const usual = (data) => ({
    language: data.language,
    node: "marker",
    palette: "published",
    off: [],
    people: 0,
    unsure: [],
    district: "",
    selection: null,
    layers: ["boundary", "districts"],
    at: null,
    tab: "city",
  });

  async function start(data) {
    figures.start(data);
    words.start(data.words, data.measured);
    const first = usual(data);
    store.start(address.read(data, first));
    words.speak(store.get().language);
    head(data);
    store.on(["language"], (state) => {
      words.speak(state.language);
    });
    picker.start(data);
    legend.start(data);
    filters.start(data);
    layers.start(data);
    tabs.start();
    const made = await map.start(data);
    city.start(data);
    place.start(data, map);
    districts.start(data);
    about.start(data);
    search.start(data, map);
    downloads.start(data);
    share.start();
    printing.start();
    address.keep(first);
    window.addEventListener("hashchange", () => {
      store.set(address.read(data, first));
      map.follow();
    });
    document.addEventListener("keydown", escape);
    await made.drawn;
    document.documentElement.dataset.ready = JSON.stringify({
      engine: made.name,
      ms: Math.round(performance.now()),
      cells: data.n,
    });
  }

  /** The title, the cautions and the languages. */
  function head(data) {
    const say = (state) => {
      words.speak(state.language);
      words.label();
      const title = words.t("title");
      dom.at("title").textContent = title;
      // On paper what the map shows stands first; the marker is called as the page itself.
      const node = figures.node(state.node);
      dom.at("paper-title").textContent = node.level === "marker" ? "" : words.named(node);
      dom.at("subtitle").textContent = words.said(data.city.name);
      document.title = `${words.said(data.city.name)} · ${title}`;
      const cautions = data.cautions[state.language];
      dom.at("caution").hidden = cautions.length === 0;
      dom.at("caution").textContent = cautions.join(" ");
      dom
        .at("map")
        .setAttribute(
          "aria-label",
          words.t("map_of", { city: words.said(data.city.name), name: words.said(figures.node(state.node).name) }),
        );
      const names = { es: "Español", en: "English" };
      dom.fill(
        dom.at("language"),
        ...Object.entries(names).map(([code, name]) =>
          dom.el("button", {
            type: "button",
            lang: code,
            title: name,
            "aria-label": name,
            "aria-pressed": String(code === state.language),
            "data-key": `language-${code}`,
            text: code.toUpperCase(),
            on: { click: () => store.set({ language: code }) },
          }),
        ),
      );
    };
    store.on(["language", "node"], say);
    say(store.get());
  }

  /** Escape lets a place go, and brings the keyboard back to the map. */
  function escape(event) {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (/** @type {HTMLDialogElement} */ (dom.at("dialog")).open) return;
    if (!store.get().selection) return;
    store.set({ selection: null, tab: store.get().tab === "place" ? "city" : store.get().tab });
    dom.announce(words.t("place_closed"));
    dom.at("map").focus();
  }

  readData().then(start);
})();
