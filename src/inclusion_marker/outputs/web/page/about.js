"use strict";

/** Where the data come from, what is missing and why, how to read the map, what it is made with. */
const about = (() => {
  let data;

  function start(given) {
    data = given;
    store.on(["language"], draw);
    draw();
  }

  function draw() {
    dom.fill(
      dom.at("tab-about"),
      dom.el("h2", { text: words.t("tab_about") }),
      reading(),
      missing(),
      sources(),
      method(),
      keys(),
      libraries(),
    );
  }

  const block = (key, ...children) =>
    dom.el(
      "section",
      { class: "block", id: `about-${key}` },
      dom.el("h3", { text: words.t(`about_${key}`) }),
      ...children,
    );

  const reading = () =>
    block(
      "reading",
      ...["reading_scale", "reading_classes", "reading_people", "reading_sure"].map((key) =>
        dom.el("p", { text: words.t(key) }),
      ),
    );

  function missing() {
    const rows = data.missing ?? [];
    if (!rows.length) return block("missing", dom.el("p", { text: words.t("nothing_missing") }));
    const reasons = new Map();
    for (const each of rows) {
      const reason = words.said(each.reason);
      reasons.set(reason, [...(reasons.get(reason) ?? []), words.said(each.name)]);
    }
    const list = [...reasons].map(([reason, names]) => [
      dom.el("dt", { text: names.join(" · ") }),
      dom.el("dd", { text: reason }),
    ]);
    return block(
      "missing",
      dom.el("p", { text: words.t("missing_note") }),
      dom.el("dl", { class: "reasons", id: "missing" }, ...list.flat()),
    );
  }

  function sources() {
    const rows = (data.sources ?? []).map((each) =>
      dom.el(
        "li",
        {},
        dom.el("strong", { text: words.said(each.layer) }),
        dom.el("span", { text: [each.source, each.date, each.licence].filter(Boolean).join(" · ") }),
      ),
    );
    return block("sources", dom.el("ul", { class: "sources", id: "sources" }, ...rows));
  }

  const method = () => {
    const { id, version, name } = data.method;
    return block(
      "method",
      dom.el("p", { text: `${words.said(name)} (${id} ${version})` }),
      dom.el("p", { text: words.t("made_by", { program: data.madeBy }) }),
    );
  };

  function keys() {
    const rows = ["arrows", "enter", "escape", "zoom"].map((key) =>
      dom.el(
        "div",
        {},
        dom.el("dt", { text: words.t(`key_${key}`) }),
        dom.el("dd", { text: words.t(`key_${key}_does`) }),
      ),
    );
    const made = block("keys", dom.el("dl", { class: "pairs" }, ...rows));
    made.classList.add("no-print");
    return made;
  }

  /** Return the libraries in the page; their licences ask to be passed on with them. */
  function libraries() {
    const rows = (data.libraries ?? []).map((each) =>
      dom.el(
        "details",
        { class: "licence" },
        dom.el("summary", { text: `${each.name} ${each.version} · ${each.licence}` }),
        dom.el("pre", { text: each.text ?? "" }),
      ),
    );
    const made = block("libraries", ...rows);
    made.classList.add("no-print");
    return made;
  }

  return { start };
})();
