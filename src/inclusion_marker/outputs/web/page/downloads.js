"use strict";

/** The data of the cells as a file: CSV for a spreadsheet, GeoJSON for a map. */
const downloads = (() => {
  let data;

  function start(given) {
    data = given;
    dom.at("download").addEventListener("click", ask);
  }

  function ask() {
    const filtered = figures.filtered(store.get());
    const form = /** @type {HTMLFormElement} */ (
      dom.el(
        "form",
        {
          class: "form",
          id: "download-form",
          on: {
            submit: (event) => {
              event.preventDefault();
              take(new FormData(form));
            },
          },
        },
        choice(
          "format",
          [
            ["csv", words.t("csv")],
            ["csv-semicolon", words.t("csv_semicolon")],
            ["geojson", words.t("geojson")],
          ],
          "csv",
        ),
        choice(
          "cells",
          [
            ["all", words.t("cells_all", { cells: words.whole(data.n) })],
            ["passing", words.t("cells_passing")],
          ],
          filtered ? "passing" : "all",
        ),
        choice(
          "heads",
          [
            ["ids", words.t("heads_ids")],
            ["names", words.t("heads_names")],
          ],
          "ids",
        ),
        data.city.synthetic || data.cautions[words.spoken()].length
          ? dom.el("p", { class: "caution-note", text: data.cautions[words.spoken()].join(" ") })
          : null,
        dom.el("button", { type: "submit", class: "main", id: "download-now", text: words.t("download") }),
      )
    );
    dialog.open(words.t("download_title"), form);
  }

  function choice(name, options, chosen) {
    return dom.el(
      "fieldset",
      { class: "field" },
      dom.el("legend", { class: "field-name", text: words.t(`choice_${name}`) }),
      ...options.map(([value, said]) =>
        dom.el(
          "label",
          { class: "check" },
          dom.el("input", { type: "radio", name, value, checked: value === chosen }),
          dom.el("span", { text: said }),
        ),
      ),
    );
  }

  /** @param {FormData} asked */
  function take(asked) {
    const mask = asked.get("cells") === "passing" ? figures.mask(store.get()) : new Uint8Array(data.n).fill(1);
    const kept = [...mask.keys()].filter((i) => mask[i]);
    const columns = columnsOf(asked.get("heads") === "names");
    const format = String(asked.get("format"));
    const name = fileName(format === "geojson" ? "geojson" : "csv");
    if (format === "geojson") save(geojson(kept, columns), name, "application/geo+json");
    else save(csv(kept, columns, signs[format]), name, "text/csv;charset=utf-8");
    dialog.close();
    dom.announce(words.t("downloaded", { name }));
  }

  /** What stands between values and before decimals; Excel reads a file by its country's. */
  const signs = { csv: { between: ",", decimal: "." }, "csv-semicolon": { between: ";", decimal: "," } };

  const fileName = (ending) => {
    const parts = [data.city.id, data.city.synthetic ? words.t("file_synthetic") : "", words.t("file_cells")];
    return `${parts.filter(Boolean).join("-")}.${ending}`;
  };

  /**
   * Return the columns of a file: their heads, and what they hold of a cell.
   * @param {boolean} named Whether heads are names instead of ids.
   * @returns {Array<{head: string, of: (i: number) => string|number|null}>}
   */
  function columnsOf(named) {
    const made = [];
    const add = (id, name, of) => made.push({ head: named ? name : id, of });
    const coded = (id, name) => {
      if (data.codes(id)) add(id, words.t(name), (i) => figures.code(id, i)?.code ?? null);
    };
    const number = (id, name) => {
      if (data.column(id)) add(id, name, (i) => finite(data.column(id)[i]));
    };
    add("cell", words.t("cell"), (i) => String(data.cells[i]));
    coded("district", "district_id");
    if (data.codes("district")) add("district_name", words.t("district"), (i) => figures.districtOf(i)?.name ?? null);
    for (const { id, name } of data.context) number(id, words.said(name));
    add("marker_class", words.t("class"), (i) => data.classes("marker")[i] || null);
    number("marker_low", words.t("low"));
    number("marker_high", words.t("high"));
    number("class_probability", words.t("class_probability"));
    coded("confidence", "confidence");
    coded("confidence_reason", "confidence_reason");
    coded("hotspot", "hotspot");
    coded("shortfall_main", "lacks_main");
    number("shortfall_points", words.t("lacks_points"));
    number("coverage", words.t("coverage"));
    for (const node of data.nodes) add(node.id, words.named(node), (i) => finite(data.score(node.id)[i]));
    for (const node of data.nodes) {
      if (node.level !== "ind" || !data.raw(node.id)) continue;
      add(node.id.replace(/^ind_/, "raw_"), `${words.named(node)} (${words.said(node.unit)})`, (i) =>
        finite(data.raw(node.id)[i]),
      );
    }
    const note = data.cautions[words.spoken()].join(" ");
    if (note) add("note", words.t("note"), () => note);
    return made;
  }

  const finite = (value) => (Number.isFinite(value) ? value : null);

  /** Return the file with the mark that tells a spreadsheet that accents are UTF-8. */
  function csv(kept, columns, sign) {
    const lines = [
      columns.map(({ head }) => written(head, sign)),
      ...kept.map((i) => columns.map(({ of }) => written(of(i), sign))),
    ];
    return `\ufeff${lines.map((line) => line.join(sign.between)).join("\r\n")}\r\n`;
  }

  /** Return a value that no spreadsheet takes for a formula, quoted where it must be. */
  function written(value, { decimal }) {
    if (value === null) return "";
    if (typeof value === "number") return String(value).replace(".", decimal);
    const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
    return /[",;\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
  }

  function geojson(kept, columns) {
    const features = kept.map((i) => ({
      type: "Feature",
      geometry: { type: "MultiPolygon", coordinates: data.outline(i) },
      properties: {
        ...Object.fromEntries(columns.map(({ head, of }) => [head, of(i)])),
        synthetic: data.city.synthetic,
      },
    }));
    const about = {
      type: "FeatureCollection",
      name: `${data.city.id}`,
      made_by: data.madeBy,
      method: `${data.method.id} ${data.method.version}`,
      synthetic: data.city.synthetic,
      cautions: data.cautions[words.spoken()],
    };
    return JSON.stringify({ ...about, features });
  }

  function save(content, name, type) {
    const url = URL.createObjectURL(new Blob([content], { type }));
    const link = dom.el("a", { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  return { start };
})();
