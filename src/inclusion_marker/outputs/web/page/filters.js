"use strict";

/** Leave out cells by people, confidence or district; say how many pass. */
const filters = (() => {
  let data;
  let timer = 0;

  function start(given) {
    data = given;
    dom.at("filters").append(title, fields, passing);
    store.on(["node", "language", ...FILTERS], draw);
    draw(store.get());
  }

  const title = dom.el("h2");
  const fields = dom.el("div", { class: "fields" });
  const passing = dom.el("div", { class: "passing" });

  function draw(state) {
    title.textContent = words.t("filters");
    // Who is typing a number keeps the field.
    if (document.activeElement?.id !== "filter-people") {
      const shown = [people(state)];
      if (data.codes("confidence")) shown.push(confidence(state));
      if (data.codes("district") && data.districts?.length) shown.push(district(state));
      dom.fill(fields, ...shown);
    }
    dom.fill(passing, ...result(state));
  }

  function people(state) {
    const change = (event) => {
      clearTimeout(timer);
      const fewest = Math.max(0, Number(event.target.value) || 0);
      timer = setTimeout(() => store.set({ people: fewest }), 250);
    };
    return dom.el(
      "label",
      { class: "field" },
      dom.el("span", { class: "field-name", text: words.t("filter_people") }),
      dom.el("input", {
        type: "number",
        min: "0",
        step: "1",
        inputmode: "numeric",
        id: "filter-people",
        value: state.people || "",
        placeholder: "0",
        "data-key": "people",
        on: { input: change },
      }),
    );
  }

  function confidence(state) {
    const boxes = data.codes("confidence").book.map(({ code, label }) => {
      const off = state.unsure.includes(String(code));
      const flip = () =>
        store.set({ unsure: off ? state.unsure.filter((each) => each !== code) : [...state.unsure, String(code)] });
      return dom.el(
        "label",
        { class: "check" },
        dom.el("input", { type: "checkbox", checked: !off, "data-key": `sure-${code}`, on: { change: flip } }),
        dom.el("span", { text: words.sentence(words.said(label)) }),
      );
    });
    return dom.el(
      "fieldset",
      { class: "field" },
      dom.el("legend", { class: "field-name", text: words.t("filter_confidence") }),
      dom.el("div", { class: "checks" }, ...boxes),
    );
  }

  function district(state) {
    const option = (value, text) => dom.el("option", { value, text, selected: value === state.district });
    const byName = [...data.districts].sort((a, b) =>
      String(a.name).localeCompare(String(b.name), words.spoken(), { numeric: true }),
    );
    return dom.el(
      "label",
      { class: "field" },
      dom.el("span", { class: "field-name", text: words.t("filter_district") }),
      dom.el(
        "select",
        {
          id: "filter-district",
          "data-key": "district",
          on: { change: (event) => store.set({ district: event.target.value }) },
        },
        option("", words.t("all_districts")),
        ...byName.map((each) => option(String(each.id), String(each.name))),
      ),
    );
  }

  /** Return in words which filters are on; nothing where none is. @param {State} state */
  function describe(state) {
    const off = state.off.map((number) => figures.limits(number)).join("; ");
    const sure = (data.codes("confidence")?.book ?? []).filter(({ code }) => state.unsure.includes(String(code)));
    const parts = [
      state.people > 0 && words.t("said_people", { people: words.whole(state.people) }),
      state.district && words.t("said_district", { district: figures.district(state.district)?.name ?? "" }),
      sure.length > 0 &&
        words.t("said_confidence", { confidence: sure.map(({ label }) => words.said(label)).join(", ") }),
      off && words.t("said_classes", { classes: off }),
    ].filter(Boolean);
    return parts.length ? words.t("filters_on", { filters: parts.join(" · ") }) : "";
  }

  /** Return how many cells and people pass. */
  function result(state) {
    const found = figures.filtered(state) ? figures.of(state.node, figures.mask(state)) : data.totals;
    const said = words.t("passing", {
      cells: words.whole(found.cells),
      all: words.whole(data.n),
      people: words.whole(found.people),
    });
    const clear = () => store.set({ off: [], people: 0, unsure: [], district: "" });
    return [
      dom.el("p", { id: "passing", text: said, "aria-live": "polite" }),
      dom.el("p", { class: "on-paper", text: describe(state) }),
      figures.filtered(state)
        ? dom.el(
            "button",
            { type: "button", class: "quiet", id: "clear-filters", on: { click: clear } },
            dom.icon("reset"),
            words.t("clear_filters"),
          )
        : null,
    ];
  }

  return { start, describe };
})();
