"use strict";

/** Search a place: a district, a layer, a service or a space by its name, a cell by its id. */
const search = (() => {
  const MOST = 12;

  /**
   * @param {any} data
   * @param {{show: (spot: Spot) => void, whole: () => void}} map
   */
  function start(data, map) {
    const groups = layers.ofPlaces();
    const places = groups.flatMap((layer) => layers.places(layer));
    const bare = places.map((place) => words.bare(place.name));

    const ofLayer = (layer) => ({
      key: `layer:${layer.layer}`,
      text: words.said(layer.name),
      note: words.t("layer_of", { count: words.whole((layer.points ?? layer.polygons).length) }),
    });
    const ofPlace = (k) => ({ key: `place:${k}`, text: places[k].name, note: words.said(places[k].kind) });

    /** Return what has the name: districts, layers in either language, places, cells. */
    function find(typed) {
      const wanted = words.bare(typed.trim());
      if (!wanted) return [];
      const called = groups.filter((layer) => Object.values(layer.name).some((name) => speaksOf(name, wanted)));
      const named = [...places.keys()].filter((k) => bare[k].includes(wanted));
      const first = (k) => (bare[k].startsWith(wanted) ? 0 : 1);
      named.sort((a, b) => first(a) - first(b) || a - b);
      return [
        ...districts(data, wanted),
        ...called.map(ofLayer),
        ...named.slice(0, MOST).map(ofPlace),
        ...cells(data, wanted),
      ].slice(0, MOST);
    }

    function choose({ key }) {
      const cut = key.indexOf(":");
      const [kind, id] = [key.slice(0, cut), key.slice(cut + 1)];
      const show = (layer) => {
        const { layers: on } = store.get();
        if (!on.includes(layer)) store.set({ layers: [...on, layer] });
      };
      if (kind === "layer") {
        show(id);
        map.whole();
        dom.announce(words.t("layer_shown", { name: words.said(groups.find((each) => each.layer === id).name) }));
      } else if (kind === "place") {
        show(places[Number(id)].layer);
        map.show(places[Number(id)]);
      } else store.set({ selection: { kind: kind === "cell" ? "cell" : "district", id }, tab: "place" });
    }

    const field = combobox({
      id: "search",
      label: () => words.t("search"),
      hint: () => words.t("search_hint"),
      icon: "search",
      none: () => words.t(groups.length ? "nothing_but_layers" : "nothing_found"),
      instead: () => groups.map(ofLayer),
      find,
      choose,
    });
    dom.at("search").append(field.root);
    store.on(["language"], field.label);
  }

  /** Whether all words typed are in the name of a layer: of one or of many, in any order. */
  function speaksOf(name, wanted) {
    const said = words.bare(name);
    return wanted.split(/\s+/).every((each) => said.includes(each) || said.includes(each.replace(/s$/, "")));
  }

  /** Return the districts of a name or a code: the one with just this code first, then names that begin so. */
  function districts(data, wanted) {
    const rank = ({ id, name }) => {
      const [code, said] = [words.bare(String(id)), words.bare(String(name))];
      if (code === wanted) return 0;
      if (said.startsWith(wanted)) return 1;
      return said.includes(wanted) ? 2 : code.startsWith(wanted) ? 3 : 4;
    };
    return (data.districts ?? [])
      .map((each) => ({ each, rank: rank(each) }))
      .filter((found) => found.rank < 4)
      .sort((a, b) => a.rank - b.rank)
      .map(({ each }) => ({
        key: `district:${each.id}`,
        text: String(each.name),
        note: words.t("district_of", { id: each.id }),
      }));
  }

  function cells(data, wanted) {
    if (wanted.length < 3) return [];
    const found = [];
    for (const id of data.cells) {
      if (words.bare(String(id)).includes(wanted))
        found.push({ key: `cell:${id}`, text: String(id), note: words.t("cell") });
      if (found.length === MOST) break;
    }
    return found;
  }

  return { start };
})();
