"use strict";

/** Small charts: drawings with a text beside them, and the same figures as a table. */
const charts = (() => {
  const WIDE = 340;

  /**
   * Return a chart with its title and its table.
   * @param {object} parts
   * @param {string} parts.key
   * @param {string} parts.title
   * @param {string} parts.said What the drawing shows, in a sentence.
   * @param {number} parts.height
   * @param {SVGElement[]} parts.drawn
   * @param {string[]} parts.heads
   * @param {string[][]} parts.rows
   * @param {string} [parts.note]
   */
  function figure({ key, title, said, height, drawn, heads, rows, note }) {
    const picture = dom.svg(
      "svg",
      { viewBox: `0 0 ${WIDE} ${height}`, role: "img", "aria-label": said, class: "chart" },
      ...drawn,
    );
    return dom.el(
      "figure",
      { class: "figure", "data-chart": key },
      dom.el("figcaption", { text: title }),
      picture,
      note ? dom.el("p", { class: "note", text: note }) : null,
      fold(key, title, heads, rows),
    );
  }

  /** Return the figures of a chart, folded away. */
  const fold = (key, title, heads, rows) =>
    dom.el(
      "details",
      { class: "as-table" },
      dom.el("summary", { text: words.t("as_table"), "data-key": `table-${key}` }),
      table(title, heads, rows),
    );

  /** Return a table whose first column names the row. */
  function table(caption, heads, rows) {
    return dom.el(
      "table",
      {},
      dom.el("caption", { class: "unseen", text: caption }),
      dom.el("thead", {}, dom.el("tr", {}, ...heads.map((head) => dom.el("th", { scope: "col", text: head })))),
      dom.el(
        "tbody",
        {},
        ...rows.map(([first, ...rest]) =>
          dom.el(
            "tr",
            {},
            dom.el("th", { scope: "row", text: first }),
            ...rest.map((cell) => dom.el("td", { text: cell })),
          ),
        ),
      ),
    );
  }

  const text = (x, y, said, more = {}) => dom.svg("text", { x, y, ...more }, said);

  /** Return how many people live in each class. @param {number[]} shares No data first. */
  function byClass(shares, palette) {
    const total = shares.reduce((a, b) => a + b, 0);
    const most = Math.max(...shares, 1);
    const order = [...shares.keys()].slice(1).concat(0);
    const step = 26;
    const drawn = order.flatMap((number, k) => {
      const wide = Math.max(shares[number] > 0 ? 1 : 0, (150 * shares[number]) / most);
      return [
        text(78, k * step + 17, figures.limits(number), { "text-anchor": "end" }),
        dom.svg("rect", {
          x: 86,
          y: k * step + 4,
          width: wide,
          height: 18,
          rx: 2,
          fill: figures.colour(number, palette),
          class: "mark",
        }),
        text(92 + wide, k * step + 17, words.percent(total > 0 ? shares[number] / total : 0), { class: "strong" }),
      ];
    });
    const rows = order.map((number) => [
      figures.limits(number),
      words.whole(shares[number]),
      words.percent(total > 0 ? shares[number] / total : 0),
    ]);
    return figure({
      key: "classes",
      title: words.t("chart_classes"),
      height: order.length * step + 2,
      drawn,
      rows,
      said: `${words.t("chart_classes")}: ${rows.map(([name, , share]) => `${name}: ${share}`).join("; ")}`,
      heads: [words.t("class"), words.t("people"), words.t("share_of")],
    });
  }

  /** Return the people by bands of five points. @param {number[]} bands @param {number} mean */
  function histogram(bands, mean, palette) {
    const most = Math.max(...bands, 1);
    const left = 8,
      width = (WIDE - 2 * left) / bands.length,
      high = 92;
    const drawn = bands.map((people, k) =>
      dom.svg("rect", {
        x: left + k * width + 0.5,
        y: 14 + high * (1 - people / most),
        width: width - 1,
        height: (high * people) / most,
        fill: figures.colour(figures.classOf(5 * k + 2.5), palette),
        class: "mark",
      }),
    );
    drawn.push(dom.svg("line", { x1: left, x2: WIDE - left, y1: 106.5, y2: 106.5, class: "axis" }));
    for (const tick of [0, 20, 40, 60, 80, 100]) {
      drawn.push(
        text(left + (tick / 100) * (WIDE - 2 * left), 121, String(tick), {
          "text-anchor": tick === 0 ? "start" : tick === 100 ? "end" : "middle",
        }),
      );
    }
    if (Number.isFinite(mean)) {
      const x = left + (mean / 100) * (WIDE - 2 * left);
      drawn.push(dom.svg("line", { x1: x, x2: x, y1: 12, y2: 106, class: "mean" }));
      drawn.push(
        text(x + (mean > 75 ? -5 : 5), 10, words.t("mean_of", { score: words.score(mean) }), {
          "text-anchor": mean > 75 ? "end" : "start",
          class: "strong",
        }),
      );
    }
    const rows = bands.map((people, k) => [`${5 * k} – ${5 * k + 5}`, words.whole(people)]);
    const peak = bands.indexOf(Math.max(...bands));
    return figure({
      key: "histogram",
      title: words.t("chart_histogram"),
      height: 126,
      drawn,
      rows,
      said: words.t("chart_histogram_said", { low: 5 * peak, high: 5 * peak + 5, mean: words.score(mean) }),
      heads: [words.t("score"), words.t("people")],
    });
  }

  /** Return the scores where each group lives and where the others do, all on one axis. */
  function gaps(groups) {
    const known = groups.filter((each) => Number.isFinite(each.partScore) && Number.isFinite(each.restScore));
    if (!known.length) return null;
    const all = known.flatMap((each) => [each.partScore, each.restScore]);
    const low = Math.max(0, 5 * Math.floor((Math.min(...all) - 1) / 5));
    const high = Math.min(100, 5 * Math.ceil((Math.max(...all) + 1) / 5));
    const rows = known.map((each) => [
      words.sentence(words.said(each.part)),
      words.whole(each.partPeople),
      words.score(each.partScore),
      words.score(each.restScore),
      interval(each),
    ]);
    return dom.el(
      "figure",
      { class: "figure", "data-chart": "gaps" },
      dom.el("figcaption", { text: words.t("chart_gaps") }),
      ...known.map((each) => gap(each, low, high)),
      fold(
        "gaps",
        words.t("chart_gaps"),
        [words.t("group"), words.t("people"), words.t("where_they_live"), words.t("where_others_live"), words.t("gap")],
        rows,
      ),
    );
  }

  /** Return one gap: two dots on a line, and who they are. */
  function gap(each, low, high) {
    const at = (score) => 30 + ((score - low) / (high - low)) * (WIDE - 60);
    const ends = [
      ["part", each.partScore],
      ["rest", each.restScore],
    ].sort((a, b) => a[1] - b[1]);
    const near = at(ends[1][1]) - at(ends[0][1]) < 62;
    const y = 26;
    const drawn = [
      dom.svg("line", { x1: 30, x2: WIDE - 30, y1: y, y2: y, class: "axis" }),
      dom.svg("line", { x1: at(ends[0][1]), x2: at(ends[1][1]), y1: y, y2: y, class: "gap" }),
      text(24, y + 4, String(low), { "text-anchor": "end" }),
      text(WIDE - 24, y + 4, String(high)),
    ];
    ends.forEach(([look, score], k) => {
      const aside = near ? [-4, 4][k] : 0;
      drawn.push(dom.svg("circle", { cx: at(score), cy: y, r: 7, class: `dot-${look}` }));
      drawn.push(
        text(at(score) + aside, y - 12, words.score(score), {
          "text-anchor": near ? ["end", "start"][k] : "middle",
          class: "strong",
        }),
      );
    });
    const said = words.t("gap_said", {
      part: words.said(each.part),
      part_score: words.score(each.partScore),
      rest: words.said(each.rest),
      rest_score: words.score(each.restScore),
    });
    const who = (look, name, people) =>
      dom.el(
        "span",
        {},
        dom.el("span", { class: `key key-${look}`, "aria-hidden": "true" }),
        words.t("gap_part", { part: words.sentence(words.said(name)), people: words.whole(people) }),
      );
    return dom.el(
      "div",
      { class: "gap-row" },
      dom.svg("svg", { viewBox: `0 0 ${WIDE} 38`, role: "img", "aria-label": said, class: "chart" }, ...drawn),
      dom.el(
        "p",
        { class: "gap-key" },
        who("part", each.part, each.partPeople),
        who("rest", each.rest, each.restPeople),
        dom.el("strong", { text: `${words.t("gap")}: ${interval(each)}` }),
      ),
    );
  }

  function interval(each) {
    const gap = words.score(each.gap);
    return Number.isFinite(each.gapLow)
      ? words.t("points_between", { points: gap, low: words.score(each.gapLow), high: words.score(each.gapHigh) })
      : words.t("points", { points: gap });
  }

  /**
   * Return a score as a bar from 0 to 100, with a mark where the city's mean lies.
   * @param {number} score
   * @param {string} colour Of its class.
   * @param {number} [city]
   */
  function bar(score, colour, city = NaN) {
    const full = Number.isFinite(score) ? Math.max(0, Math.min(100, score)) : 0;
    return dom.el(
      "span",
      { class: "bar", "aria-hidden": "true" },
      dom.el("i", { style: { width: `${full}%`, "--chip": colour } }),
      Number.isFinite(city) ? dom.el("b", { style: { left: `${Math.max(0, Math.min(100, city))}%` } }) : null,
    );
  }

  return { byClass, histogram, gaps, bar, table };
})();
