"use strict";

/**
 * What is drawn over the cells: boundary, districts, services and spaces, each by itself.
 *
 * @typedef {object} Spot A place of a layer that has a name.
 * @property {string} ref How it is called in the address: `layer.number`.
 * @property {string} layer
 * @property {string} name
 * @property {{es: string, en: string}} kind
 * @property {string} colour
 * @property {number} lng
 * @property {number} lat
 */
const layers = (() => {
  let data;
  /** @type {Map<string, Spot>} */
  const spots = new Map();

  function start(given) {
    data = given;
    for (const layer of ofPlaces()) for (const each of places(layer)) spots.set(each.ref, each);
    store.on(["language", "layers"], draw);
    draw(store.get());
  }

  function draw(state) {
    const rows = [];
    if (data.boundary?.length) rows.push(row(state, "boundary", words.t("layer_boundary"), "line"));
    if (data.districts?.length)
      rows.push(row(state, "districts", words.t("layer_districts"), "dashes", data.districts.length));
    for (const each of data.services ?? [])
      rows.push(row(state, each.layer, words.said(each.name), "dot", each.points.length, each.colour));
    for (const each of data.spaces ?? [])
      rows.push(row(state, each.layer, words.said(each.name), "area", each.polygons.length, each.colour));
    dom.fill(
      dom.at("layers"),
      dom.el("h2", { text: words.t("layers") }),
      dom.el("div", { class: "layer-list" }, ...rows),
    );
  }

  function row(state, id, name, kind, count, colour) {
    const on = state.layers.includes(id);
    const flip = () => store.set({ layers: on ? state.layers.filter((each) => each !== id) : [...state.layers, id] });
    return dom.el(
      "label",
      { class: "check layer" },
      dom.el("input", {
        type: "checkbox",
        checked: on,
        "data-key": `layer-${id}`,
        "data-layer": id,
        on: { change: flip },
      }),
      dom.el("span", { class: `key key-${kind}`, "aria-hidden": "true", style: colour ? { "--chip": colour } : {} }),
      dom.el("span", { class: "layer-name", text: name }),
      count === undefined ? null : dom.el("span", { class: "count", text: words.whole(count) }),
    );
  }

  /** Return the places of a layer that have a name. @returns {Spot[]} */
  function places(layer) {
    const spot = (name, k, [lng, lat]) => ({
      ref: `${layer.layer}.${k}`,
      layer: layer.layer,
      name: String(name),
      kind: layer.name,
      colour: layer.colour,
      lng,
      lat,
    });
    const found = layer.points
      ? layer.points.map(([lng, lat, name], k) => spot(name ?? "", k, [lng, lat]))
      : layer.polygons.map((shape, k) => spot(layer.names?.[k] ?? "", k, shape[0]?.[0]?.[0] ?? [NaN, NaN]));
    return found.filter((each) => each.name && Number.isFinite(each.lng));
  }

  /** Return the layers of places: services, then spaces. */
  const ofPlaces = () => [...(data.services ?? []), ...(data.spaces ?? [])];

  /** Return the place that an address calls so, or null. @param {string} ref @returns {Spot|null} */
  const place = (ref) => spots.get(ref) ?? null;

  return { start, ofPlaces, places, place };
})();
