"""The networks of the benchmark as plain arrays: real cities where their data lie, and made ones.

A made network is planar, clustered and road-like, its nodes are in random order (the hardest for
memory), and it is directed: people walk up and down hills, or drive with one-way streets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import Delaunay

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]

CLOSED = -1
NODES_A_KM2 = 200.0
DEGREE = 2.85
SPREAD_OUT = 0.35  # this share of the nodes lies anywhere, the others around a centre
BEND = 0.25  # a street is up to this much longer than the straight line between its ends
HILL_M, HILL_SIDE_M = 60.0, 3_000.0
ONE_WAY = 0.7  # of the streets beside the spanning tree
DRIVE_KMH = (30.0, 50.0)
FAST = 0.15  # this share of the streets is driven at the higher speed


@dataclass(frozen=True, eq=False)
class Graph:
    """A network: no loops, no parallel streets; seconds times ten, -1 where closed."""

    name: str
    n: int
    tails: Shorts
    heads: Shorts
    metres: Floats
    forward_ds: Shorts
    backward_ds: Shorts
    xy: Floats

    def same_both_ways(self) -> bool:
        """Return whether every street costs the same in both directions."""
        return bool(np.array_equal(self.forward_ds, self.backward_ds))

    def arcs(self) -> tuple[Shorts, Shorts, Shorts]:
        """Return tail, head and cost of each open direction of each street."""
        there, back = self.forward_ds != CLOSED, self.backward_ds != CLOSED
        return (
            np.concatenate([self.tails[there], self.heads[back]]),
            np.concatenate([self.heads[there], self.tails[back]]),
            np.concatenate([self.forward_ds[there], self.backward_ds[back]]),
        )

    def save(self, path: Path) -> None:
        """Write the arrays to a file that :func:`load` reads."""
        np.savez(path, **vars(self))


def load(path: Path) -> Graph:
    """Return a graph that was saved."""
    with np.load(path) as file:
        held = {key: file[key] for key in file.files}
    return Graph(**{**held, "name": str(held["name"]), "n": int(held["n"])})


def made(n: int, *, drive: bool = False, seed: int = 3) -> Graph:
    """Return a made network of ``n`` nodes."""
    rng = np.random.default_rng(seed)
    xy = _settled(n, rng)
    low, high, straight = _streets(xy, rng)
    metres = straight * (1 + BEND * rng.random(len(low)))
    if drive:
        fast = rng.random(len(low)) < FAST
        there = back = metres / (np.where(fast, DRIVE_KMH[1], DRIVE_KMH[0]) / 3.6)
        turned = rng.random(len(low)) < 0.5
        # The spanning tree, which comes first, stays open: every place can be reached.
        shut = (rng.random(len(low)) < ONE_WAY) & (np.arange(len(low)) >= n - 1)
        closed_there, closed_back = shut & turned, shut & ~turned
    else:
        rise = _height(xy[high]) - _height(xy[low])
        there, back = (_walking_s(metres, sign * rise / metres) for sign in (1, -1))
        closed_there = closed_back = np.zeros(len(low), bool)
    return _tidy(
        f"generated, {n} nodes, {'drive with one-ways' if drive else 'walk on hills'}",
        xy,
        (low, high),
        metres,
        (_deciseconds(there, closed_there), _deciseconds(back, closed_back)),
    )


def _settled(n: int, rng: np.random.Generator) -> Floats:
    """Return nodes around centres of several sizes and between them, in random order."""
    side = np.sqrt(n / NODES_A_KM2) * 1_000
    centres = max(4, round((side / 9_000) ** 2))
    home = rng.integers(0, centres, n)
    middle = side * (0.1 + 0.8 * rng.random((centres, 2)))
    breadth = rng.uniform(1_500, 5_000, centres)
    around = middle[home] + breadth[home, None] * rng.standard_normal((n, 2))
    anywhere = side * rng.random((n, 2))
    outside = ((around < 0) | (around > side)).any(axis=1)
    xy: Floats = np.where((outside | (rng.random(n) < SPREAD_OUT))[:, None], anywhere, around)
    return xy


def _streets(xy: Floats, rng: np.random.Generator) -> tuple[Ints, Ints, Floats]:
    """Return ends and straight length of the streets: a spanning tree and the shorter links."""
    corners = Delaunay(xy).simplices.astype(np.int64)
    links = np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]]))
    n = len(xy)
    low, high = np.divmod(np.unique(links[:, 0] * n + links[:, 1]), n)
    length = np.maximum(np.hypot(*(xy[low] - xy[high]).T), 0.1)
    tree = minimum_spanning_tree(coo_array((length, (low, high)), shape=(n, n)).tocsr()).tocoo()
    held = np.minimum(tree.row, tree.col).astype(np.int64) * n + np.maximum(tree.row, tree.col)
    # Short links first, but not strictly: some blocks are long, some short cuts are missing.
    rank = length * rng.uniform(0.4, 1.6, len(length)) ** 2
    rank[np.isin(low * n + high, held)] = -1
    chosen = np.argsort(rank, kind="stable")[: round(n * DEGREE / 2)]
    return low[chosen], high[chosen], length[chosen]


def _height(xy: Floats) -> Floats:
    """Return metres of height: rolling hills."""
    east, north = (2 * np.pi / HILL_SIDE_M * xy).T
    height: Floats = HILL_M / 2 * (np.sin(east) * np.cos(0.7 * north) + np.sin(0.3 * east - north))
    return height


def _walking_s(metres: Floats, slope: Floats) -> Floats:
    """Return seconds of walking after Tobler (1993)."""
    return metres / (6 / 3.6 * np.exp(-3.5 * np.abs(slope + 0.05)))


def _deciseconds(seconds: Floats, closed: npt.NDArray[np.bool_]) -> Shorts:
    """Return whole deciseconds, at least one, or that the street is closed."""
    whole = np.maximum(1, np.rint(10 * np.where(closed, 0, seconds))).astype(np.int32)
    return np.where(closed, np.int32(CLOSED), whole)


def _tidy(
    name: str, xy: Floats, ends: tuple[Ints, Ints], metres: Floats, costs: tuple[Shorts, Shorts]
) -> Graph:
    """Return the graph without loops, and of parallel streets the quickest each way."""
    n = len(xy)
    tails, heads = (np.asarray(end, np.int64) for end in ends)
    there, back = costs
    turned = tails > heads
    there, back = np.where(turned, back, there), np.where(turned, there, back)
    keys = np.minimum(tails, heads) * n + np.maximum(tails, heads)
    kept = tails != heads
    unique, group = np.unique(keys[kept], return_inverse=True)
    never = np.iinfo(np.int32).max
    quickest = []
    for cost in (there, back):
        least = np.full(len(unique), never, np.int32)
        np.minimum.at(least, group, np.where(cost[kept] == CLOSED, never, cost[kept]))
        quickest.append(np.where(least == never, np.int32(CLOSED), least))
    shortest = np.full(len(unique), np.inf)
    np.minimum.at(shortest, group, metres[kept])
    low, high = (end.astype(np.int32) for end in np.divmod(unique, n))
    return Graph(name, n, low, high, shortest, quickest[0], quickest[1], xy)


def walked(name: str, path: Path, crs: str, layer: str | None = None) -> Graph:
    """Return the streets of a city under the profile of walking, on the level."""
    # Here, so that a process that measures memory does not load what it does not need.
    from inclusion_marker.loaders.streets import load_streets  # noqa: PLC0415
    from inclusion_marker.profiles import load_profile  # noqa: PLC0415

    streets = load_streets(path, crs=crs, layer=layer)
    edges = streets.edges
    there, back = load_profile("walk").speeds_kmh_of(edges)
    metres = edges["length_m"].to_numpy(np.float64)
    with np.errstate(divide="ignore"):
        costs = [_deciseconds(metres / (kmh / 3.6), kmh <= 0) for kmh in (there, back)]
    ends = edges["tail"].to_numpy(np.int64), edges["head"].to_numpy(np.int64)
    return _tidy(name, np.asarray(streets.nodes), ends, metres, (costs[0], costs[1]))


@dataclass(frozen=True)
class Source:
    """Where a graph comes from; ``needs`` is the file under the data folder, if any."""

    make: Callable[[Path], Graph]
    needs: str | None = None


def _city(name: str, needs: str, crs: str, layer: str | None = None) -> Source:
    return Source(lambda data: walked(f"{name}, walk", data / needs, crs, layer), needs)


SOURCES = {
    "small": Source(lambda _: made(3_000)),
    "porto-alegre": _city("Porto Alegre", "porto-alegre/poa_osm.pbf", "EPSG:31982"),
    "buenos-aires": _city(
        "Buenos Aires", "buenos-aires/buenos_aires.gpkg", "EPSG:32721", "street_edges"
    ),
    "manizales": _city(
        "Manizales", "manizales/manizales_urban_walk_overpass_20240407.json.gz", "EPSG:9377"
    ),
    "generated-1e5": Source(lambda _: made(100_000)),
    "drive-1e5": Source(lambda _: made(100_000, drive=True)),
    "generated-1e6": Source(lambda _: made(1_000_000)),
}


def lone_nodes(graph: Graph) -> Ints:
    """Return the nodes with a street and with a position no other node has.

    A peer that finds a point by its coordinates then finds this very node.
    """
    rounded = np.round(graph.xy, 1)
    _, first, count = np.unique(rounded, axis=0, return_index=True, return_counts=True)
    streets = np.bincount(np.concatenate([graph.tails, graph.heads]), minlength=graph.n)
    alone = np.zeros(graph.n, bool)
    alone[first[count == 1]] = True
    return np.flatnonzero(alone & (streets > 0))


@dataclass(frozen=True, eq=False)
class Job:
    """What is asked of a graph: facilities by category, capacity of each, people at each node."""

    graph: Graph
    facilities: Ints
    supply: Floats
    demand: Floats

    def arcs_to_facilities(self) -> tuple[Ints, Ints, Floats]:
        """Return the arcs turned round: searches from a facility then cost the way to it."""
        tails, heads, cost = self.graph.arcs()
        return heads.astype(np.int64), tails.astype(np.int64), cost.astype(np.float64)


CATEGORIES, FACILITIES = 10, 200


def job(graph: Graph, seed: int = 5) -> Job:
    """Return the job of the benchmark: facilities drawn evenly over the nodes."""
    rng = np.random.default_rng(seed)
    return Job(
        graph,
        rng.choice(lone_nodes(graph), (CATEGORIES, FACILITIES)),
        rng.integers(1, 50, (CATEGORIES, FACILITIES)).astype(np.float64),
        rng.integers(1, 100, graph.n).astype(np.float64),
    )
