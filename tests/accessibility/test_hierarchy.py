"""The order of elimination is a tree of ranges, and points hang on it as if streets were cut."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive
from inclusion_marker.accessibility.engine import Direction, closest, facilities_at
from inclusion_marker.accessibility.hierarchy import (
    Engine,
    Points,
    attach,
    find_order,
    reweigh,
)
from inclusion_marker.accessibility.summing import pairs
from naive import Place, Street
from networks import ZOO, Graph, both_ways, graphs, grid, random_graph

EXAMPLES = settings(deadline=None, max_examples=60)
zoo = pytest.mark.parametrize("graph", ZOO.values(), ids=ZOO.keys())


def points_on(graph: Graph, places: list[Place]) -> Points:
    """Return places as the engine takes them."""
    tail, head, forward, backward = graph.arrays()
    street = np.array([place.street for place in places], np.int64)
    return Points(
        street=street,
        tail=tail[street],
        head=head[street],
        forward_ds=forward[street],
        backward_ds=backward[street],
        share=np.array([place.share for place in places], np.float64),
        leg_ds=np.array([place.leg for place in places], np.int32),
    )


def times_between(engine: Engine, numbers: list[int], direction: Direction) -> list[list[int]]:
    """Return the times between some nodes or points and each of them."""
    facilities = facilities_at([[number] for number in numbers])
    times, _ = closest(engine, facilities, targets=numbers, direction=direction, threads=2)
    found: list[list[int]] = times.tolist()
    return found


def expected_between(
    graph: Graph, places: list[Place], direction: Direction
) -> tuple[list[int], list[list[int]]]:
    """Return the numbers of nodes and places, and the times between them by the naive twin."""
    n, streets, at = naive.split(graph.n, graph.streets, places)
    times = naive.all_times(n, streets)
    mine = [*range(graph.n), *at]
    table = (times if direction == "to" else times.T)[np.ix_(mine, mine)]
    numbers = [*range(graph.n + len(places))]
    return numbers, np.where(np.isfinite(table), table, -1).astype(int).tolist()


@zoo
def test_order__is_a_tree_in_which_every_subtree_is_a_range(graph: Graph) -> None:
    tail, head, *_ = graph.arrays()
    order = find_order(graph.n, tail, head, graph.xy)
    assert sorted(order.position.tolist()) == [*range(graph.n)]
    neighbours = [set(order.heads[a:b].tolist()) for a, b in pairwise(order.offsets.tolist())]
    for v, later in enumerate(neighbours):
        assert min(later, default=-1) == order.parent[v]
        assert all(u > v for u in later)
        # What is later than a node is later than its parent, or the parent itself.
        assert later - {order.parent[v]} <= (neighbours[order.parent[v]] if later else set())
        below = [u for u in range(v + 1) if v in ancestors(order.parent, u)]
        assert below == [*range(order.first[v], v + 1)]
    for a, b in zip(order.position[tail].tolist(), order.position[head].tolist(), strict=True):
        assert a == b or max(a, b) in neighbours[min(a, b)]


def ancestors(parent: np.ndarray, v: int) -> list[int]:
    """Return a node and all above it."""
    above = []
    while v >= 0:
        above.append(v)
        v = int(parent[v])
    return above


@pytest.mark.parametrize(
    "graph",
    [
        Graph(70, both_ways([(a, b) for a in range(70) for b in range(a)], [*range(90, 3, -1)])),
        random_graph(7, 120, 420, directed=True),
        Graph(90, both_ways([(i % 3, i) for i in range(3, 90)] + [(0, 1), (1, 2)], [3, 8, 5])),
    ],
    ids=["clique", "much fill", "three hubs"],
)
def test_many_neighbours__outgrow_their_room_and_stay_exact(graph: Graph) -> None:
    some = [*range(0, graph.n, 9)]
    expected = naive.all_times(graph.n, graph.streets)[np.ix_(some, some)]
    found = times_between(graph.engine(), some, "to")
    assert found == np.where(np.isfinite(expected), expected, -1).astype(int).tolist()


@given(graphs(least=0), st.integers(0, 99))
@EXAMPLES
def test_new_costs__need_new_weights_only(graph: Graph, seed: int) -> None:
    tail, head, *_ = graph.arrays()
    order = find_order(graph.n, tail, head)
    costs = np.random.default_rng(seed).integers(-1, 20, (2, len(tail))).astype(np.int32)
    dearer = graph.with_streets(
        [Street(*s[:2], *map(int, c)) for s, c in zip(graph.streets, costs.T, strict=True)]
    )
    for changed in (graph, dearer):
        engine = reweigh(order, *changed.arrays())
        numbers, expected = expected_between(changed, [], "to")
        assert times_between(engine, numbers, "to") == expected


def test_costs_alike_both_ways__are_kept_once() -> None:
    engine = ZOO["grid"].engine()
    assert engine.out is engine.into
    one_way = ZOO["sparse one-way"].engine()
    assert one_way.out is not one_way.into
    places = [Place(3, 0.5, 0), Place(3, 0.25, 9)]
    hung = attach(engine, points_on(ZOO["grid"], places))
    assert hung.out is hung.into


def test_a_detour__costs_no_arc() -> None:
    # The long side of a triangle is never the way.
    short = Graph(3, both_ways([(0, 1), (1, 2), (2, 0)], [1, 1, 9]))
    assert short.engine().out.offsets[-1] == 2


# ── points ───────────────────────────────────────────────────────────────────


@st.composite
def placed(draw: st.DrawFn) -> tuple[Graph, list[Place]]:
    """Return a graph with streets, and points on some of them."""
    graph = draw(graphs(least=0, most=8).filter(lambda graph: len(graph.streets) > 0))
    # A point stands where somebody may pass: no profile keeps a street closed both ways.
    usable = [i for i, s in enumerate(graph.streets) if max(s.forward, s.backward) >= 0]
    if not usable:
        return graph.with_streets([Street(0, 0, 4, 4)]), [Place(0, 0.5, 0)]
    share = st.sampled_from([0.0, 0.25, 0.5, 0.77, 1.0])
    place = st.builds(Place, st.sampled_from(usable), share, st.sampled_from([0, 0, 3]))
    return graph, draw(st.lists(place, min_size=1, max_size=8))


@given(placed(), st.sampled_from(["to", "from"]))
@settings(EXAMPLES, max_examples=150)
def test_points__are_reached_as_if_streets_were_cut_at_them(
    case: tuple[Graph, list[Place]], direction: Direction
) -> None:
    graph, places = case
    engine = attach(graph.engine(), points_on(graph, places))
    numbers, expected = expected_between(graph, places, direction)
    assert times_between(engine, numbers, direction) == expected
    facilities = facilities_at([[number] for number in numbers])
    facility, target, time = pairs(engine, facilities, 25, targets=numbers, direction=direction)
    table = np.array(expected).T
    near = (table >= 0) & (table <= 25)
    assert np.column_stack([facility, target]).tolist() == np.argwhere(near).tolist()
    assert time.tolist() == table[near].tolist()


@given(placed())
@EXAMPLES
def test_points__hang_below_the_nodes_in_a_tree_of_ranges(case: tuple[Graph, list[Place]]) -> None:
    graph, places = case
    engine = attach(graph.engine(), points_on(graph, places))
    parent, count = engine.parent, len(engine.first)
    assert len(engine.position) == graph.n + len(places)
    assert len(set(engine.position.tolist())) == len(engine.position)
    for v in range(count):
        assert parent[v] == -1 or parent[v] > v
        below = [u for u in range(count) if v in ancestors(parent, u)]
        assert below == [*range(engine.first[v], v + 1)]


@given(placed())
@EXAMPLES
def test_points_in_two_goes__are_those_of_one_where_no_street_is_shared(
    case: tuple[Graph, list[Place]],
) -> None:
    graph, places = case
    split = len(graph.streets) // 2
    first = [place for place in places if place.street < split]
    second = [place for place in places if place.street >= split]
    at_once = attach(graph.engine(), points_on(graph, first + second))
    in_turn = attach(attach(graph.engine(), points_on(graph, first)), points_on(graph, second))
    numbers = [*range(graph.n + len(places))]
    assert times_between(in_turn, numbers, "to") == times_between(at_once, numbers, "to")


def test_no_points__leave_the_network_as_it_is() -> None:
    engine = ZOO["grid"].engine()
    assert attach(engine, points_on(ZOO["grid"], [])) is engine


def test_many_points_of_one_street__reach_each_other_along_it() -> None:
    graph = Graph(2, (Street(0, 1, 1000, 500),))
    places = [Place(0, share, 0) for share in (0.9, 0.1, 0.5, 0.3, 0.7)]
    engine = attach(graph.engine(), points_on(graph, places))
    assert times_between(engine, [3, 2], "to") == [[0, 800], [400, 0]]
    assert times_between(engine, [3, 2], "from") == [[0, 400], [800, 0]]


def test_a_point_behind_on_a_one_way_street__is_reached_round_the_block() -> None:
    block = Graph(3, (Street(0, 1, 100, -1), Street(1, 2, 30, -1), Street(2, 0, 30, -1)))
    places = [Place(0, 0.6, 0), Place(0, 0.4, 0)]
    engine = attach(block.engine(), points_on(block, places))
    # Forward along the street itself; back by the end, the two other sides and the beginning.
    assert times_between(engine, [4, 3], "to") == [[0, 20], [40 + 60 + 40, 0]]
    dead_end = Graph(2, (Street(0, 1, 100, -1),))
    engine = attach(dead_end.engine(), points_on(dead_end, places))
    assert times_between(engine, [3, 2], "to") == [[0, 20], [-1, 0]]


def test_points_side_by_side__reach_each_other_across_a_one_way_street() -> None:
    street = Graph(2, (Street(0, 1, 100, -1),))
    places = [Place(0, 0.5, 3), Place(0, 0.5, 4), Place(0, 0.5, 0)]
    engine = attach(street.engine(), points_on(street, places))
    assert times_between(engine, [2, 3, 4], "to") == [[0, 7, 3], [7, 0, 4], [3, 4, 0]]


def test_times_of_a_street__are_rounded_from_its_tail_whatever_the_order() -> None:
    # A third of 100 is 33 from the tail, and 67 are left; the order must not make it 34 and 66.
    for n in (2, 3, 9):
        star = Graph(n, tuple(Street(i, 0, 100, 100) for i in range(1, n)))
        place = [Place(0, 1 / 3, 0)]
        engine = attach(star.engine(), points_on(star, place))
        assert times_between(engine, [1, n, 0], "to")[1] == [33, 0, 67]


def test_coordinates__do_not_change_what_is_reached() -> None:
    graph = grid(5, [3, 8, 6, 9])
    places = [Place(i, 0.3, 2) for i in range(0, 40, 6)]
    plain = Graph(graph.n, graph.streets)
    numbers = [*range(graph.n + len(places))]
    answers = [
        times_between(attach(each.engine(), points_on(each, places)), numbers, "to")
        for each in (graph, plain)
    ]
    assert answers[0] == answers[1]
