"""The libraries beside which the accessibility engine is timed; SciPy is in ``peers.py``."""

from __future__ import annotations

import contextlib
import importlib
import math
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from graphs import CATEGORIES, CLOSED, FACILITIES
from peers import (
    CUTOFFS_DS,
    DECAY_DS,
    LIMIT_DS,
    MARGIN_S,
    NEAREST,
    SINGLE,
    Answer,
    Peer,
    Scipy,
    ScipyRows,
    Tables,
    Trial,
    whole_ds,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Foreign = Any  # what a library without types returns


class Networkit(Tables):
    """networkit: one super source a category, or many searches side by side (it has no limit)."""

    name = "networkit"
    needs = "networkit"
    most_nodes: ClassVar[Mapping[str, int]] = dict.fromkeys(
        ("k_closest", "cumulative_gravity", "e2sfca"), 200_000
    )

    def _graph(self, more: tuple[Ints, Ints] | None = None) -> Foreign:
        kit = importlib.import_module("networkit")
        tails, heads, cost = self.job.arcs_to_facilities()
        n = self.job.graph.n
        if more is not None:
            tails, heads = np.concatenate([tails, more[0]]), np.concatenate([heads, more[1]])
            cost = np.concatenate([cost, np.zeros(len(more[0]))])
            n += CATEGORIES
        return kit.GraphFromCoo((cost, (tails, heads)), n=n, weighted=True, directed=True)

    def ready(self) -> float:
        return self.part("graph", self._graph)[0]

    def table(self, category: int, limit: float) -> Floats:
        kit = importlib.import_module("networkit")
        graph = self.part("graph", self._graph)[1]
        search = kit.distance.SPSP(graph, self.job.facilities[category].tolist())
        search.run()
        cost: Floats = np.asarray(search.getDistances(asarray=True))
        return np.where(cost <= limit, cost, np.inf)

    def closest(self) -> Trial:
        kit = importlib.import_module("networkit")
        n = self.job.graph.n
        sources = np.repeat(np.arange(n, n + CATEGORIES), FACILITIES)
        seconds, graph = self.part(
            "super sources", lambda: self._graph((sources, self.job.facilities.ravel()))
        )

        def run() -> list[Any]:
            found = []
            for source in range(n, n + CATEGORIES):
                search = kit.distance.Dijkstra(
                    graph, source, storePaths=False, storeNodesSortedByDistance=False
                )
                search.run()
                found.append(search.getDistances(asarray=True))
            return found

        return Trial(
            run,
            lambda found: {"times_ds": whole_ds(np.asarray(found)[:, :n].T)},
            seconds,
            note="without ids",
        )


class Igraph(Tables):
    """igraph: one super source a category, or a table of all costs (it has no limit)."""

    name = "igraph"
    needs = "igraph"
    most_nodes: ClassVar[Mapping[str, int]] = dict.fromkeys(
        ("k_closest", "cumulative_gravity", "e2sfca"), 60_000
    )

    def _graph(self) -> tuple[Any, list[float]]:
        kit = importlib.import_module("igraph")
        n = self.job.graph.n
        tails, heads, cost = self.job.arcs_to_facilities()
        sources = np.repeat(np.arange(n, n + CATEGORIES), FACILITIES)
        ends = np.column_stack(
            [
                np.concatenate([tails, sources]),
                np.concatenate([heads, self.job.facilities.ravel()]),
            ]
        )
        graph = kit.Graph(n=n + CATEGORIES, edges=ends, directed=True)
        return graph, np.concatenate([cost, np.zeros(len(sources))]).tolist()

    def ready(self) -> float:
        return self.part("graph", self._graph)[0]

    def _rows(self, sources: list[int]) -> Floats:
        graph, cost = self.part("graph", self._graph)[1]
        found = graph.distances(sources, weights=cost, mode="out", algorithm="dijkstra")
        return np.asarray(found)[:, : self.job.graph.n]

    def table(self, category: int, limit: float) -> Floats:
        cost = self._rows(self.job.facilities[category].tolist())
        return np.where(cost <= limit, cost, np.inf)

    def closest(self) -> Trial:
        n, some = self.job.graph.n, 3
        return Trial(
            lambda: self._rows(list(range(n, n + some))),
            lambda found: {"times_ds": whole_ds(found.T)},
            self.ready(),
            some,
            some / CATEGORIES,
            note="without ids",
        )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep a library from writing to the screen, out of its compiled part as well."""
    sys.stdout.flush()
    held, hole = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(hole, 1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(held, 1)
        os.close(held)
        os.close(hole)


class Pandana(Peer):
    """pandana: contraction hierarchies to the closest, a search from each node for sums."""

    name = "pandana"
    needs = "pandana"
    most_nodes: ClassVar[Mapping[str, int]] = {"cumulative_gravity": 60_000, "k_closest": 200_000}
    options: ClassVar[Mapping[str, Any]] = {}
    measure = "type"
    decay: ClassVar[Mapping[str, Any]] = {}

    def _network(self) -> Foreign:
        kit = importlib.import_module(self.needs)
        graph = self.job.graph
        two_way = graph.same_both_ways() and not (graph.forward_ds == CLOSED).any()
        tails, heads, cost = graph.arcs()
        if two_way:
            tails, heads, cost = graph.tails, graph.heads, graph.forward_ds
        with _quiet():
            return kit.Network(
                pd.Series(graph.xy[:, 0]),
                pd.Series(graph.xy[:, 1]),
                pd.Series(tails),
                pd.Series(heads),
                pd.DataFrame({"s": cost / 10}),
                twoway=two_way,
                **self.options,
            )

    def _set_places(self) -> None:
        network = self.part("network", self._network)[1]
        for category, nodes in enumerate(self.job.facilities):
            x, y = (pd.Series(self.job.graph.xy[nodes, axis]) for axis in (0, 1))
            assert np.array_equal(network.get_node_ids(x, y), nodes)
            network.set_pois(str(category), LIMIT_DS / 10 + MARGIN_S, NEAREST, x, y)

    def _nearest(self, few: int) -> Trial:
        build_s, network = self.part("network", self._network)
        places_s, _ = self.part("places", self._set_places)
        some = CATEGORIES if self.job.graph.n <= 50_000 else 1

        def run() -> list[Any]:
            return [
                network.nearest_pois(
                    LIMIT_DS / 10 + MARGIN_S,
                    str(category),
                    num_pois=few,
                    max_distance=np.inf,
                    include_poi_ids=True,
                )
                for category in range(some)
            ]

        def read(found: list[Any]) -> Answer:
            tables = np.stack([table.to_numpy(np.float64) for table in found], axis=1)
            times = whole_ds(tables[..., :few], 10)
            facility = np.where(times < 0, -1, np.nan_to_num(tables[..., few:], nan=-1))
            answer = {"times_ds": times, "facility": facility.astype(np.int64)}
            return {key: np.squeeze(each, 2) if few == 1 else each for key, each in answer.items()}

        return Trial(run, read, build_s + places_s, some, some / CATEGORIES)

    def closest(self) -> Trial:
        return self._nearest(1)

    def k_closest(self) -> Trial:
        return self._nearest(NEAREST)

    def cumulative_gravity(self) -> Trial:
        build_s, network = self.part("network", self._network)
        nodes = self.job.facilities[0]
        network.set(pd.Series(nodes), variable=pd.Series(np.ones(len(nodes))), name="0")

        def ask(cutoff: int, decay: str, more: Mapping[str, Any]) -> Floats:
            how = {self.measure: "sum", "decay": decay, "name": "0", **more}
            summed: Floats = network.aggregate(cutoff / 10 + MARGIN_S, **how).to_numpy()
            return summed

        def run() -> tuple[list[Floats], Floats]:
            counts = [ask(cutoff, "flat", {}) for cutoff in CUTOFFS_DS]
            return counts, ask(CUTOFFS_DS[-1], "exp", self.decay)

        return Trial(
            run,
            lambda found: {
                "within": np.stack(found[0], axis=-1)[:, None],
                "decayed": found[1][:, None],
            },
            build_s,
            1,
            1 / CATEGORIES,
            tolerance=SINGLE,
        )


class Pandarm(Pandana):
    """pandarm: pandana's successor."""

    name = "pandarm"
    needs = "pandarm"
    options: ClassVar[Mapping[str, Any]] = {"crs": "EPSG:32618"}
    measure = "func"
    decay: ClassVar[Mapping[str, Any]] = {"exp_constant": 10 / DECAY_DS}


def _line(start: tuple[float, float], end: tuple[float, float], length: float) -> tuple[str, float]:
    """Return a line between two points, bent where it would be too short, and its length."""
    east, north = end[0] - start[0], end[1] - start[1]
    straight = math.hypot(east, north)
    if straight >= length:
        return f"LINESTRING({start[0]} {start[1]},{end[0]} {end[1]})", straight
    aside = math.sqrt(length**2 - straight**2) / 2
    unit = (-north / straight, east / straight) if straight else (0.0, 1.0)
    x, y = start[0] + east / 2 + aside * unit[0], start[1] + north / 2 + aside * unit[1]
    return f"LINESTRING({start[0]} {start[1]},{x} {y},{end[0]} {end[1]})", length


class Cityseer(Peer):
    """cityseer: a search from each node, all categories, cut-offs and decays in one.

    It rounds cut-offs to whole seconds and metres, and lets a point be reached along its street by
    metres: lengths and times are given in hundredths, at a speed slower than any street's.
    """

    name = "cityseer"
    needs = "cityseer"
    most_nodes: ClassVar[Mapping[str, int]] = {"cumulative_gravity": 200_000}
    scale, speed = 100.0, 0.5
    odd = 1e-3

    def _network(self) -> Foreign:
        kit = importlib.import_module("cityseer.rustalgos")
        graph, made = self.job.graph, kit.graph.NetworkStructure()
        made.set_is_directed(True)
        x, y = (graph.xy - graph.xy.min(axis=0)).T * self.scale
        for node in range(graph.n):
            made.add_street_node(node, x=x[node], y=y[node], live=True, weight=1.0)
        tails, heads, cost = (each.tolist() for each in graph.arcs())
        for arc, (tail, head) in enumerate(zip(tails, heads, strict=True)):
            length = cost[arc] / 10 * self.speed * self.scale
            line, drawn = _line((x[tail], y[tail]), (x[head], y[head]), length)
            made.add_street_edge(tail, head, arc, tail, head, line, length / drawn)
        made.validate()
        made.build_edge_rtree()
        return made

    def _places(self) -> tuple[Any, dict[str, str]]:
        kit = importlib.import_module("cityseer.rustalgos")
        network = self.part("network", self._network)[1]
        places, kinds = kit.data.DataMap(), {}
        xy = (self.job.graph.xy - self.job.graph.xy.min(axis=0)) * self.scale
        for category, nodes in enumerate(self.job.facilities):
            for number, node in enumerate(nodes):
                key = f"{category}/{number}"
                places.insert(key, f"POINT({xy[node, 0]} {xy[node, 1]})")
                kinds[key] = str(category)
        # A point is at its node, not on a street that passes near by.
        places.assign_data_to_network(network, 0.5 * self.scale, 12)
        return places, kinds

    def _strayed(self, places: Foreign) -> tuple[int, ...]:
        """Return the categories with a point that hangs on a street that does not end at it."""
        graph, facilities = self.job.graph, self.job.facilities
        low, high = np.minimum(graph.tails, graph.heads), np.maximum(graph.tails, graph.heads)
        held = set((low.astype(np.int64) * graph.n + high).tolist())
        strayed = set()
        for node, points in places.node_data_map.items():
            for key, *_ in points:
                category, number = (int(part) for part in key.removeprefix("str:").split("/"))
                pair = sorted((int(node), int(facilities[category, number])))
                if pair[0] != pair[1] and pair[0] * graph.n + pair[1] not in held:
                    strayed.add(category)
        return tuple(sorted(strayed))

    def _asked(self, share: float) -> Ints:
        """Keep some of the nodes as origins."""
        network = self.part("network", self._network)[1]
        n = self.job.graph.n
        asked = np.sort(np.random.default_rng(0).choice(n, max(1, round(share * n)), replace=False))
        live = np.isin(np.arange(n), asked)
        for node in range(n):
            network.set_node_live(node, live=bool(live[node]))
        return asked

    def cumulative_gravity(self) -> Trial:
        seconds, network = self.part("network", self._network)
        places_s, (places, kinds) = self.part("places", self._places)
        n = self.job.graph.n
        share = min(1.0, (2_000 if n <= 50_000 else 500) / n)
        asked = self._asked(share)

        def run() -> Foreign:
            return places.accessibility_decays(
                network,
                kinds,
                [str(category) for category in range(CATEGORIES)],
                ["1", "exp(-p)"],
                minutes=[(cutoff / 10 + MARGIN_S) * self.scale / 60 for cutoff in CUTOFFS_DS],
                speed_m_s=self.speed,
                pbar_disabled=True,
            )

        def read(found: Foreign) -> Answer:
            order = np.searchsorted(np.asarray(found[0].node_keys_py), asked)
            plain, decayed = (
                [
                    np.stack([values[cutoff][order] for cutoff in sorted(values)], axis=-1)
                    for values in (each.result[str(c)].count for c in range(CATEGORIES))
                ]
                for each in found
            )
            return {
                "within": np.stack(plain, axis=1),
                "decayed": np.stack([each[:, -1] for each in decayed], axis=1),
            }

        strayed = self._strayed(places)
        return Trial(
            run,
            read,
            seconds + places_s,
            share=share,
            origins=asked,
            tolerance=SINGLE,
            strayed=strayed,
            odd=self.odd,
            note=f"up to {self.odd:.1%} of values may differ: it places the points itself"
            + (f"; {len(strayed)} categories not compared: a point strayed" if strayed else ""),
        )


PEERS: tuple[type[Peer], ...] = (Scipy, ScipyRows, Pandana, Pandarm, Networkit, Igraph, Cityseer)
