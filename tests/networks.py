"""Street networks made in code: small graphs of every kind, and streets drawn in metres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from hypothesis import strategies as st

from inclusion_marker.accessibility.hierarchy import Engine, build
from inclusion_marker.accessibility.network import Network, prepare_network
from inclusion_marker.loaders.streets import Streets
from inclusion_marker.profiles import load_profile
from naive import Street

Floats = npt.NDArray[np.float64]
Shorts = npt.NDArray[np.int32]

CRS = "EPSG:32618"
CLOSED = -1


@dataclass(frozen=True)
class Graph:
    """Nodes from 0 and the streets between them."""

    n: int
    streets: tuple[Street, ...]
    xy: Floats | None = None

    def arrays(self) -> tuple[Shorts, Shorts, Shorts, Shorts]:
        """Return tail, head, forward and backward cost of each street."""
        table = np.array(self.streets, np.int32).reshape(-1, 4)
        tail, head, forward, backward = np.ascontiguousarray(table.T)
        return tail, head, forward, backward

    def engine(self) -> Engine:
        """Return the prepared network."""
        return build(self.n, *self.arrays(), self.xy)

    def with_streets(self, streets: Sequence[Street]) -> Graph:
        """Return the same nodes with other streets."""
        return replace(self, streets=tuple(streets))

    def turned(self) -> Graph:
        """Return the graph with every arc the other way round."""
        return self.with_streets([Street(t, h, back, there) for t, h, there, back in self.streets])

    def scaled(self, by: int) -> Graph:
        """Return the graph with every cost so many times as large."""
        return self.with_streets(
            [Street(t, h, *(c * by if c >= 0 else c for c in cost)) for t, h, *cost in self.streets]
        )


def both_ways(pairs: Sequence[tuple[int, int]], costs: Sequence[int]) -> tuple[Street, ...]:
    """Return streets that cost the same in both directions; the costs come round again."""
    return tuple(
        Street(t, h, costs[i % len(costs)], costs[i % len(costs)]) for i, (t, h) in enumerate(pairs)
    )


def grid(side: int, costs: Sequence[int]) -> Graph:
    """Return a square of side x side nodes."""
    across = [(y * side + x, y * side + x + 1) for y in range(side) for x in range(side - 1)]
    up = [(y * side + x, y * side + x + side) for y in range(side - 1) for x in range(side)]
    xy = np.array([(x, y) for y in range(side) for x in range(side)], np.float64)
    return Graph(side * side, both_ways(across + up, costs), xy)


def random_graph(seed: int, n: int, m: int, *, directed: bool) -> Graph:
    """Return streets between any two nodes: loops, parallel streets and several components."""
    rng = np.random.default_rng(seed)
    ends = rng.integers(0, n, (m, 2))
    forward = rng.integers(0, 100, m)
    backward = rng.integers(0, 100, m) if directed else forward.copy()
    if directed:
        backward[rng.random(m) < 0.4] = CLOSED
        forward[rng.random(m) < 0.1] = CLOSED
    table = np.column_stack([ends, forward, backward]).tolist()
    return Graph(n, tuple(Street(*row) for row in table), rng.random((n, 2)))


HUGE = 860_000  # one such street is just within a day

ZOO = {
    "single node": Graph(1, ()),
    "no streets": Graph(5, (), np.zeros((5, 2))),
    "one street": Graph(2, both_ways([(0, 1)], [7])),
    "one-way street": Graph(2, (Street(0, 1, 7, CLOSED),)),
    "one-way against its drawing": Graph(3, (Street(0, 1, CLOSED, 7), Street(1, 2, CLOSED, 2))),
    "closed street": Graph(3, (Street(0, 1, CLOSED, CLOSED), Street(1, 2, 4, 5))),
    "loops": Graph(3, (Street(0, 0, 3, 3), Street(0, 1, 5, 6), Street(2, 2, 1, CLOSED))),
    "parallel streets": Graph(3, both_ways([(0, 1), (1, 0), (0, 1), (1, 2), (2, 1)], [9, 4, 6])),
    "parallel one-ways": Graph(2, (Street(0, 1, 9, CLOSED), Street(1, 0, 3, CLOSED))),
    "chain": Graph(40, both_ways([*pairwise(range(40))], [3, 5, 8])),
    "one-way ring": Graph(12, tuple(Street(i, (i + 1) % 12, i + 1, CLOSED) for i in range(12))),
    "star": Graph(20, both_ways([(0, i) for i in range(1, 20)], [2, 7, 4])),
    "one-way star": Graph(
        20, tuple(Street(0, i, *((i, CLOSED) if i % 2 else (CLOSED, i))) for i in range(1, 20))
    ),
    "grid": grid(6, [5, 9, 2, 8, 4, 7, 6]),
    "even grid": grid(5, [10]),
    "clique": Graph(
        10, both_ways([(a, b) for a in range(10) for b in range(a)], [*range(40, 3, -1)])
    ),
    "zero costs": Graph(8, both_ways([*pairwise(range(8)), (0, 7)], [0, 0, 3, 0])),
    "all at no cost": grid(4, [0]),
    "huge costs": grid(4, [HUGE, 1, HUGE // 2, 300_000]),
    "beyond a day": Graph(4, both_ways([*pairwise(range(4))], [HUGE, HUGE, 2**29])),
    "components": Graph(
        12, (*both_ways([(0, 1), (1, 2), (3, 4), (5, 6), (6, 7), (5, 7)], [4, 6]),)
    ),
    "sparse": random_graph(1, 40, 45, directed=False),
    "sparse one-way": random_graph(2, 40, 55, directed=True),
    "dense": random_graph(3, 25, 120, directed=False),
    "dense one-way": random_graph(4, 25, 120, directed=True),
}


@st.composite
def graphs(draw: st.DrawFn, *, least: int = 1, most: int = 14) -> Graph:
    """Return any small graph."""
    n = draw(st.integers(1, most))
    node, cost = st.integers(0, n - 1), st.integers(CLOSED, least + 30)
    open_cost = cost.map(lambda c: c if c == CLOSED else max(c, least))
    street = st.builds(Street, node, node, open_cost, open_cost)
    return Graph(n, tuple(draw(st.lists(street, max_size=2 * n))))


def drawn(*lines: Sequence[tuple[float, float]], **tags: Sequence[str | None]) -> Streets:
    """Return streets of lines in metres: they meet where their ends are the same."""
    shapes = [shapely.LineString(line) for line in lines]
    ends = [end for line in lines for end in (line[0], line[-1])]
    places = list(dict.fromkeys(ends))
    number = [places.index(end) for end in ends]
    table = {
        "tail": np.array(number[::2], np.int64),
        "head": np.array(number[1::2], np.int64),
        "length_m": shapely.length(shapes),
        "way": np.arange(len(lines)),
        **{tag: np.array(values, object) for tag, values in tags.items()},
    }
    edges = gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)
    return Streets(np.array(places, np.float64), edges, CRS)


METRE_A_SECOND = {"speed_kmh": 3.6, "access_limit_m": 100}


def on_foot(*lines: Sequence[tuple[float, float]], **changes: object) -> Network:
    """Return a level network walked at 1 m/s, so that 60 m are a minute."""
    return prepare_network(drawn(*lines), load_profile("walk", {**METRE_A_SECOND, **changes}))


def by_car(
    *lines: Sequence[tuple[float, float]], oneway: Sequence[str | None], **changes: object
) -> Network:
    """Return a network driven at 1 m/s that heeds one-way streets."""
    who = load_profile("drive", {**METRE_A_SECOND, "access_speed_kmh": 3.6, **changes})
    return prepare_network(drawn(*lines, oneway=oneway), who)


def points(*places: tuple[float, float], labels: Sequence[object] | None = None) -> gpd.GeoSeries:
    """Return points in metres."""
    return gpd.GeoSeries([shapely.Point(place) for place in places], labels, crs=CRS)


def grid_of_streets(
    side: int = 5, block_m: float = 100.0, corner: tuple[float, float] = (0.0, 0.0)
) -> Streets:
    """Return a square of blocks, side x side corners."""
    xs, ys = ([low + block_m * i for i in range(side)] for low in corner)
    along = [[(x, y), (x + block_m, y)] for y in ys for x in xs[:-1]]
    up = [[(x, y), (x, y + block_m)] for y in ys[:-1] for x in xs]
    return drawn(*along, *up)
