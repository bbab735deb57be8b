"use strict";

/**
 * The view in the address of the page, after the `#`: what is written there can be sent, and opens
 * the same view. A page in the frame of a notebook has no address of its own; all still works there.
 */
const address = (() => {
  const KEYS = {
    node: "n",
    language: "l",
    palette: "p",
    off: "off",
    people: "min",
    unsure: "unsure",
    district: "in",
    selection: "sel",
    layers: "show",
    at: "at",
    tab: "tab",
  };
  /** Between a cell and the place in it that was looked for. */
  const SPOT = "*";

  /** Return the parts of the address, by name. */
  const parts = () => new URLSearchParams(location.hash.replace(/^#/, ""));

  /**
   * Return what the address says, held against what there is.
   * @param {any} data
   * @param {State} usual
   * @returns {State}
   */
  function read(data, usual) {
    const found = parts();
    const get = (key) => found.get(KEYS[key]);
    const list = (key) => (get(key) ?? "").split(".").filter(Boolean);
    const state = { ...usual };
    if (["es", "en"].includes(get("language"))) state.language = get("language");
    if (data.nodes.some((node) => node.id === get("node"))) state.node = get("node");
    if (get("palette") === "viridis") state.palette = "viridis";
    state.off = list("off")
      .map(Number)
      .filter((k) => Number.isInteger(k) && k >= 0 && k < data.breaks.length);
    if (Number(get("people")) > 0) state.people = Number(get("people"));
    state.unsure = list("unsure").filter((code) => ["high", "medium", "low"].includes(code));
    if (get("district") && figures.district(get("district"))) state.district = get("district");
    const chosen = selection(data, get("selection") ?? "");
    if (chosen) state.selection = chosen;
    if (found.has(KEYS.layers)) state.layers = list("layers");
    const place = (get("at") ?? "").split(",").map(Number);
    if (place.length === 3 && place.every(Number.isFinite) && Math.abs(place[1]) < 85)
      state.at = [place[0], place[1], place[2]];
    if (tabs.NAMES.includes(get("tab"))) state.tab = get("tab");
    else if (state.selection) state.tab = "place";
    return state;
  }

  /** @returns {State["selection"]} */
  function selection(data, written_) {
    const [, kind, rest] = /^(cell|district):(.+)$/.exec(written_) ?? [];
    if (!kind) return null;
    if (exists(data, kind, rest)) return { kind: kind === "cell" ? "cell" : "district", id: rest };
    const [id, spot] = [rest.slice(0, rest.lastIndexOf(SPOT)), rest.slice(rest.lastIndexOf(SPOT) + 1)];
    return kind === "cell" && exists(data, kind, id) ? { kind, id, spot } : null;
  }

  const exists = (data, kind, id) => (kind === "cell" ? data.cells.includes(id) : figures.district(id) !== null);

  /**
   * Return the address of a state: what is as usual is left out.
   * @param {State} state
   * @param {State} usual
   */
  function hash(state, usual) {
    const made = new URLSearchParams();
    const asked = parts().get("engine");
    if (asked) made.set("engine", asked);
    for (const [key, short] of Object.entries(KEYS)) {
      if (JSON.stringify(state[key]) === JSON.stringify(usual[key]) && !["language", "tab"].includes(key)) continue;
      made.set(short, written(key, state[key]));
    }
    return `#${made.toString().replaceAll("%3A", ":").replaceAll("%2C", ",")}`;
  }

  function written(key, value) {
    if (key === "selection") return value ? `${value.kind}:${value.id}${value.spot ? SPOT + value.spot : ""}` : "";
    if (key === "at") return value ? value.map((each, k) => each.toFixed(k === 2 ? 2 : 5)).join(",") : "";
    return Array.isArray(value) ? value.join(".") : String(value);
  }

  /** Keep the address in step, where the browser lets the page. */
  function keep(usual) {
    const write = () => {
      try {
        history.replaceState(null, "", hash(store.get(), usual));
      } catch {
        // A frame without an origin may not: the view is then simply not in the address.
      }
    };
    store.on(Object.keys(KEYS), write);
    write();
  }

  /** Whether the page has an address that can be sent to somebody. */
  const shareable = () => location.protocol !== "about:" && location.origin !== undefined && window.self === window.top;

  return { parts, read, hash, keep, shareable };
})();
