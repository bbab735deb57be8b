"use strict";

/** Choose the score that the map shows: the marker, an area, a dimension or an indicator. */
const picker = (() => {
  const LEVELS = { marker: 0, area: 1, dim: 2, ind: 3 };

  function start(data) {
    const name = (node) => words.named(node);
    const field = combobox({
      id: "picker",
      label: () => words.t("choose"),
      icon: "down",
      opened: () => tabs.makeRoom("full"),
      none: () => words.t("nothing_found"),
      shown: () => name(figures.node(store.get().node)),
      choose: (choice) => {
        store.set({ node: choice.key, off: [] });
        tabs.makeRoom("half");
      },
      find: (typed) => {
        const wanted = words.bare(typed.trim());
        return data.nodes
          .filter((node) => words.bare(name(node)).includes(wanted))
          .map((node) => ({
            key: node.id,
            text: name(node),
            level: LEVELS[node.level],
            note: node.supplementary ? words.t("supplementary") : "",
          }));
      },
    });
    const title = dom.el("label", { class: "field-name", for: "picker-input" });
    const summary = dom.el("summary");
    const about = dom.el("p", { id: "about-node" });
    const fold = dom.el("details", { class: "about-node" }, summary, about);
    dom.at("picker").append(title, field.root, fold);

    function label() {
      title.textContent = words.t("choose");
      field.label();
      const node = figures.node(store.get().node);
      summary.textContent = words.t("how_measured");
      about.textContent = words.sentence(words.said(node.about));
      fold.hidden = !about.textContent;
    }
    store.on(["node", "language"], label);
    store.on(["node"], (state) => dom.announce(words.t("shows", { name: name(figures.node(state.node)) })));
    label();
  }

  return { start };
})();
