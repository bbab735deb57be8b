"use strict";

/** Search a place: a district, a service or a space by its name, a cell by its id. */
const search = (() => {
  const MOST = 12;

  /**
   * @param {any} data
   * @param {{show: (lng: number, lat: number) => void}} map
   */
  function start(data, map) {
    const places = [...districts(data), ...services(data), ...spaces(data)];
    const bare = places.map((place) => words.bare(place.name));
    const field = combobox({
      id: "search",
      label: () => words.t("search"),
      hint: () => words.t("search_hint"),
      icon: "search",
      none: () => words.t("nothing_found"),
      find: (typed) => {
        const wanted = words.bare(typed.trim());
        if (!wanted) return [];
        const named = places.filter((_, k) => bare[k].includes(wanted));
        const first = (place) => (words.bare(place.name).startsWith(wanted) ? 0 : 1);
        const sorted = named
          .map((place, k) => ({ place, k }))
          .sort((a, b) => first(a.place) - first(b.place) || a.k - b.k);
        return [...sorted.map(({ place }) => choice(place)), ...cells(data, wanted)].slice(0, MOST);
      },
      choose: (chosen) => {
        const [kind, id] = [
          chosen.key.slice(0, chosen.key.indexOf(":")),
          chosen.key.slice(chosen.key.indexOf(":") + 1),
        ];
        if (kind === "place") {
          const place = places[Number(id)];
          if (!store.get().layers.includes(place.layer)) store.set({ layers: [...store.get().layers, place.layer] });
          map.show(place.lng, place.lat);
        } else store.set({ selection: { kind: kind === "cell" ? "cell" : "district", id }, tab: "place" });
      },
    });
    const choice = (place) => ({
      key: place.district ? `district:${place.district}` : `place:${places.indexOf(place)}`,
      text: place.name,
      note: place.district ? words.t("district") : words.said(place.kind),
    });
    dom.at("search").append(field.root);
    store.on(["language"], field.label);
  }

  const districts = (data) =>
    (data.districts ?? []).map((each) => ({ name: String(each.name), district: String(each.id) }));

  const services = (data) =>
    (data.services ?? []).flatMap((layer) =>
      layer.points
        .filter((point) => point[2])
        .map(([lng, lat, name]) => ({ name: String(name), lng, lat, layer: layer.layer, kind: layer.name })),
    );

  const spaces = (data) =>
    (data.spaces ?? []).flatMap((layer) =>
      layer.polygons.flatMap((shape, k) => {
        const name = layer.names?.[k];
        const [lng, lat] = shape[0]?.[0]?.[0] ?? [];
        return name ? [{ name: String(name), lng, lat, layer: layer.layer, kind: layer.name }] : [];
      }),
    );

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
