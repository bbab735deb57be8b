"""Three engines and two twins agree on every node, and sums are those of a plain table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csgraph

import naive
from inclusion_marker.accessibility.clock import MOST_DS
from inclusion_marker.accessibility.engine import (
    Direction,
    Facilities,
    closest,
    default_threads,
    facilities_at,
    k_closest,
)
from inclusion_marker.accessibility.searching import search
from inclusion_marker.accessibility.summing import accumulate, pairs, two_step
from networks import ZOO, Graph, graphs, grid

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
EXAMPLES = settings(deadline=None, max_examples=40)
DIRECTIONS: tuple[Direction, ...] = ("to", "from")
zoo = pytest.mark.parametrize("graph", ZOO.values(), ids=ZOO.keys())
both = pytest.mark.parametrize("direction", DIRECTIONS)


def times_to(graph: Graph, direction: Direction) -> Floats:
    """Return the cost between each node and each place, by the naive twin; inf beyond a day."""
    times = naive.all_times(graph.n, graph.streets)
    times[times > MOST_DS] = np.inf
    return times if direction == "to" else times.T


def by_scipy(graph: Graph, direction: Direction) -> Floats:
    """Return the same by scipy."""
    table = np.full((graph.n, graph.n), np.inf)
    for tail, head, forward, backward in graph.streets:
        for a, b, cost in ((tail, head, forward), (head, tail, backward)):
            if cost >= 0:
                table[a, b] = min(table[a, b], cost)
    found: Floats = csgraph.dijkstra(
        csgraph.csgraph_from_dense(table, null_value=np.inf), limit=MOST_DS
    )
    return found if direction == "to" else found.T


def categories(graph: Graph, count: int, seed: int = 0) -> list[Ints]:
    """Return nodes of some categories: some empty, some with twins on one node."""
    rng = np.random.default_rng(seed)
    return [rng.integers(0, graph.n, rng.integers(0, 6)) for _ in range(count)]


def nearest(times: Floats, nodes: npt.ArrayLike, k: int) -> tuple[Ints, Ints]:
    """Return the k least times to some nodes and which nodes they are, of equal ones the first."""
    mine = times[:, np.asarray(nodes, np.int64)]
    order = np.argsort(mine, axis=1, kind="stable")[:, :k]
    best = np.full((len(times), k), -1.0)
    ids = np.full((len(times), k), -1)
    found = np.take_along_axis(mine, order, axis=1)
    reached = np.isfinite(found)
    best[:, : order.shape[1]][reached] = found[reached]
    ids[:, : order.shape[1]][reached] = order[reached]
    return best.astype(np.int64), ids


def lists(values: npt.ArrayLike) -> object:
    """Return an array as lists, which compare as a whole and print when they differ."""
    return np.asarray(values).tolist()


@zoo
@both
def test_naive_search_and_scipy__agree_from_every_node(graph: Graph, direction: Direction) -> None:
    times = times_to(graph, direction)
    assert lists(times) == lists(by_scipy(graph, direction))
    for node in range(graph.n):
        # Everybody's way to this node.
        found = search(graph.n, graph.arrays(), [node], MOST_DS, direction=direction)
        column = times[:, node]
        assert lists(np.where(found < 0, np.inf, found)) == lists(column)
        if direction == "from":
            twin = naive.times_from(graph.n, graph.streets, [node])
            assert lists(np.where(twin > MOST_DS, np.inf, twin)) == lists(column)


@zoo
@both
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_sweeps__agree_with_the_search_on_every_node(
    graph: Graph, direction: Direction, threads: int
) -> None:
    every_node = facilities_at([[node] for node in range(graph.n)])
    times, ids = closest(graph.engine(), every_node, direction=direction, threads=threads)
    expected = [
        search(graph.n, graph.arrays(), [node], MOST_DS, direction=direction)
        for node in range(graph.n)
    ]
    assert lists(times) == lists(np.column_stack(expected))
    assert lists(ids) == lists(np.where(times >= 0, 0, -1))


@zoo
@both
@pytest.mark.parametrize("asking", ["all", "some"])
def test_closest_and_k_closest__name_the_first_of_those_equally_near(
    graph: Graph, direction: Direction, asking: str
) -> None:
    engine = graph.engine()
    # More categories than the 16 lanes of a row.
    groups = categories(graph, 19)
    facilities = facilities_at(groups)
    asked = np.random.default_rng(1).integers(0, graph.n, 5) if asking == "some" else None
    times = times_to(graph, direction)[slice(None) if asked is None else asked]
    for threads in (1, 2):
        one = closest(engine, facilities, targets=asked, direction=direction, threads=threads)
        three = k_closest(engine, facilities, 3, targets=asked, direction=direction)
        for c, nodes in enumerate(groups):
            best, ids = nearest(times, nodes, 3)
            assert lists(one[0][:, c]) == lists(best[:, 0])
            assert lists(one[1][:, c]) == lists(ids[:, 0])
            assert lists(three[0][:, c]) == lists(best)
            assert lists(three[1][:, c]) == lists(ids)


@pytest.mark.parametrize("count", [1023, 1025, 5000])
@pytest.mark.parametrize("name", ["grid", "huge costs", "sparse one-way"])
def test_closest__holds_thousands_of_facilities_in_one_category(name: str, count: int) -> None:
    # From 1025 on, time and facility no longer fit 32 bits together.
    graph = ZOO[name]
    nodes = np.random.default_rng(3).integers(0, graph.n // 2, count)
    facilities = facilities_at([nodes, [0], []])
    best, ids = nearest(times_to(graph, "to"), nodes, 1)
    for threads in (1, 2):
        times, found = closest(graph.engine(), facilities, threads=threads)
        assert lists(times[:, 0]) == lists(best[:, 0])
        assert lists(found[:, 0]) == lists(ids[:, 0])
        assert lists(times[:, 1]) == lists(nearest(times_to(graph, "to"), [0], 1)[0][:, 0])
        assert lists(times[:, 2]) == [-1] * graph.n


@pytest.mark.parametrize("count", [3, 1025])
def test_closest__a_way_of_exactly_a_day_counts_and_one_longer_does_not(count: int) -> None:
    graph = Graph(3, (naive.Street(0, 1, MOST_DS - 5, 1), naive.Street(1, 2, 6, 5)))
    facilities = facilities_at([[2] * count, [1] * count])
    times, ids = closest(graph.engine(), facilities)
    assert lists(times) == [[-1, MOST_DS - 5], [6, 0], [0, 5]]
    assert lists(ids) == [[-1, 0], [0, 0], [0, 0]]
    times, ids = k_closest(graph.engine(), facilities, 2)
    assert lists(times[0]) == [[-1, -1], [MOST_DS - 5] * 2]
    back, _ = closest(graph.engine(), facilities, direction="from")
    assert lists(back) == [[6, 1], [5, 0], [0, 6]]


@pytest.mark.parametrize("limit", [0, 9, 10, 19, 20])
def test_closest__counts_a_time_of_exactly_the_limit(limit: int) -> None:
    engine = grid(3, [10]).engine()
    facilities = facilities_at([[4]])
    expected = [t if t <= limit else -1 for t in (20, 10, 20, 10, 0, 10, 20, 10, 20)]
    assert lists(closest(engine, facilities, limit_ds=limit)[0][:, 0]) == expected
    assert lists(k_closest(engine, facilities, 2, limit_ds=limit)[0][:, 0, 0]) == expected
    assert lists(search(9, grid(3, [10]).arrays(), [4], limit)) == expected


def test_search__begins_at_several_places_each_at_its_own_cost() -> None:
    chain = ZOO["even grid"]
    found = search(chain.n, chain.arrays(), [0, 24, 24], 60, starts_ds=[5, 70, 30])
    twice = naive.all_times(chain.n, chain.streets)
    expected = np.minimum(twice[0] + 5, twice[24] + 30)
    assert lists(found) == lists(np.where(expected <= 60, expected, -1))


def test_facilities__with_several_doors_count_once_and_are_as_near_as_the_nearest() -> None:
    graph = ZOO["grid"]
    doors = [[0, 5, 35], [7], [], [20, 20]]
    facilities = Facilities(
        nodes=np.concatenate(doors).astype(np.int32),
        owner=np.repeat(np.arange(4), [len(each) for each in doors]).astype(np.int32),
        category=np.array([0, 0, 0, 1], np.int32),
        rank=np.array([0, 1, 2, 0], np.int32),
        categories=2,
    )
    times = times_to(graph, "to")
    near = np.column_stack([times[:, d].min(axis=1, initial=np.inf) for d in doors])
    found, ids = k_closest(graph.engine(), facilities, 3)
    order = np.argsort(near[:, :2], axis=1, kind="stable")
    assert lists(found[:, 0, :2]) == lists(np.sort(near[:, :2], axis=1))
    assert lists(ids[:, 0, :2]) == lists(order)
    assert (found[:, 0, 2] == -1).all()
    assert lists(closest(graph.engine(), facilities)[0][:, 1]) == lists(near[:, 3])
    within, _ = accumulate(graph.engine(), facilities, np.ones(4), [15], np.empty((0, 0)))
    assert lists(within[:, 0, 0]) == lists((near[:, :3] <= 15).sum(axis=1))
    facility, target, time = pairs(graph.engine(), facilities, 15)
    assert lists(np.column_stack([facility, target])) == lists(np.argwhere(near.T <= 15))
    assert lists(time) == lists(near[target, facility])


@zoo
@both
@pytest.mark.parametrize("asking", ["all", "some"])
def test_sums__are_those_of_the_table_of_all_times(
    graph: Graph, direction: Direction, asking: str
) -> None:
    rng = np.random.default_rng(5)
    groups = [*categories(graph, 3, seed=2), rng.integers(0, graph.n, 20)]
    facilities = facilities_at(groups)
    nodes, category = facilities.nodes, facilities.category
    asked = rng.integers(0, graph.n, 7) if asking == "some" else np.arange(graph.n)
    times = times_to(graph, direction)[asked][:, nodes]
    mass, supply, people = rng.random(len(nodes)), rng.random(len(nodes)), rng.random(len(asked))
    cutoffs = [0, 12, 40]
    curves = np.array([np.exp(-np.arange(61) / 20), np.arange(61) <= 12])
    first, second = np.exp(-np.arange(51) / 30), np.where(np.arange(41) < 20, 1.0, 0.3)
    engine = graph.engine()
    targets = asked if asking == "some" else None
    for threads in (1, 3):
        within, decayed = accumulate(
            engine,
            facilities,
            mass,
            cutoffs,
            curves,
            targets=targets,
            direction=direction,
            threads=threads,
        )
        access = two_step(
            engine,
            facilities,
            people,
            supply,
            first[:41],
            second,
            targets=targets,
            direction=direction,
            threads=threads,
        )
        for c in range(len(groups)):
            mine = category == c
            near = times[:, mine]
            for k, cutoff in enumerate(cutoffs):
                counted = (near <= cutoff) @ mass[mine]
                assert within[:, c, k] == pytest.approx(counted, rel=1e-12, abs=1e-15)
            weighed = looked_up(curves[0], near) @ mass[mine]
            assert decayed[:, c, 0] == pytest.approx(weighed, rel=1e-12, abs=1e-15)
            expected = naive.two_step(
                looked_up(first[:41], near), looked_up(second, near), people, supply[mine]
            )
            assert access[:, c] == pytest.approx(expected, rel=1e-12, abs=1e-15)
        assert lists(decayed[:, :, 1]) == lists(within[:, :, 1])
    facility, target, time = pairs(engine, facilities, 40, targets=targets, direction=direction)
    assert lists(np.column_stack([facility, target])) == lists(np.argwhere(times.T <= 40))
    assert lists(time) == lists(times[target, facility])


def looked_up(curve: Floats, times: Floats) -> Floats:
    """Return the weight at each time, 0 beyond the curve."""
    within = times < len(curve)
    found: Floats = np.where(within, curve[np.where(within, times, 0).astype(int)], 0.0)
    return found


@both
@pytest.mark.parametrize("dear", [1, 14, 28])
def test_sums__go_on_at_no_cost_from_a_place_at_exactly_the_limit(
    direction: Direction, dear: int
) -> None:
    # A whole branch of the order is entered with nothing left of the limit.
    costs = [10 if i == dear else 0 for i in range(29)]
    chain = Graph(30, tuple(naive.Street(i, i + 1, c, c) for i, c in enumerate(costs)))
    for node in (0, 29):
        facilities = facilities_at([[node]])
        for limit, reached in ((9, (dear + 1, 29 - dear)[node > 0]), (10, 30)):
            found, *_ = pairs(chain.engine(), facilities, limit, direction=direction)
            assert len(found) == reached


def test_pairs__grow_as_many_as_there_are() -> None:
    # More than the room that is held at first.
    graph = ZOO["even grid"]
    facilities = facilities_at([np.tile(np.arange(25), 4)])
    facility, target, time = pairs(graph.engine(), facilities, 10_000)
    assert len(time) == 25 * 100
    times = times_to(graph, "to")
    assert lists(time) == lists(times[target, facilities.nodes[facility]])


def test_nothing_looked_for_or_nobody_asking__is_an_empty_answer() -> None:
    engine = grid(3, [10]).engine()
    none, empty, some = facilities_at([]), facilities_at([[], []]), facilities_at([[3]])
    for facilities, c in ((none, 0), (empty, 2)):
        masses = np.empty(0)
        assert closest(engine, facilities)[0].shape == (9, c)
        assert (closest(engine, facilities)[0] == -1).all()
        assert (k_closest(engine, facilities, 2)[1] == -1).all()
        within, _ = accumulate(engine, facilities, masses, [5], np.ones((1, 3)), threads=2)
        assert lists(within) == lists(np.zeros((9, c, 1)))
        access = two_step(engine, facilities, np.ones(9), masses, np.ones(5), np.ones(5))
        assert lists(access) == lists(np.zeros((9, c)))
        assert len(pairs(engine, facilities, 50)[0]) == 0
    nobody: list[int] = []
    assert closest(engine, some, targets=nobody, threads=2)[0].shape == (0, 1)
    assert k_closest(engine, some, 2, targets=nobody)[0].shape == (0, 1, 2)
    assert accumulate(engine, some, np.ones(1), [5], np.ones((1, 3)), targets=nobody)[0].size == 0
    assert len(pairs(engine, some, 50, targets=nobody)[0]) == 0
    assert default_threads() >= 1


# ── the laws ─────────────────────────────────────────────────────────────────


@st.composite
def cases(draw: st.DrawFn) -> tuple[Graph, list[int]]:
    """Return a graph, and the nodes of the facilities on it."""
    graph = draw(graphs())
    nodes = draw(st.lists(st.integers(0, graph.n - 1), min_size=1, max_size=20))
    return graph, nodes


def counts(graph: Graph, nodes: Sequence[int], cutoffs: Sequence[int], **how: object) -> Floats:
    """Return how many facilities are within each cut-off."""
    facilities = facilities_at([nodes])
    direction: Direction = "from" if how.get("direction") == "from" else "to"
    within, _ = accumulate(
        graph.engine(), facilities, np.ones(len(nodes)), cutoffs, np.empty((0, 0)),
        direction=direction,
    )  # fmt: skip
    return within[:, 0]


def least(graph: Graph, nodes: Sequence[int], direction: Direction = "to") -> Floats:
    """Return the time to the closest facility, inf for none."""
    times, _ = closest(graph.engine(), facilities_at([nodes]), direction=direction)
    return np.where(times[:, 0] < 0, np.inf, times[:, 0])


@given(cases())
@EXAMPLES
def test_closest__is_the_first_of_k_and_where_counting_begins(
    case: tuple[Graph, list[int]],
) -> None:
    graph, nodes = case
    facilities = facilities_at([nodes])
    times, ids = closest(graph.engine(), facilities)
    some, which = k_closest(graph.engine(), facilities, len(nodes) + 1)
    assert lists(some[:, 0, 0]) == lists(times[:, 0])
    assert lists(which[:, 0, 0]) == lists(ids[:, 0])
    cutoffs = np.arange(0, 14 * 31 + 1)
    found = counts(graph, nodes, cutoffs.tolist())
    first = np.where(found[:, -1] > 0, (found > 0).argmax(axis=1), -1)
    assert lists(first) == lists(times[:, 0])
    # The k-th closest comes where the count passes k.
    assert lists((some[:, 0] >= 0).sum(axis=1)) == lists(found[:, -1])


@given(cases())
@EXAMPLES
def test_counts__never_fall_as_the_cutoff_rises(case: tuple[Graph, list[int]]) -> None:
    graph, nodes = case
    found = counts(graph, nodes, [0, 1, 5, 20, 60])
    assert (np.diff(found, axis=1) >= 0).all()


@given(cases(), st.integers(0, 60))
@EXAMPLES
def test_a_step__weighs_as_the_cutoff_counts(case: tuple[Graph, list[int]], cutoff: int) -> None:
    graph, nodes = case
    mass = np.random.default_rng(len(nodes)).random(len(nodes))
    within, decayed = accumulate(
        graph.engine(), facilities_at([nodes]), mass, [cutoff], np.ones((1, cutoff + 1))
    )
    assert within.tobytes() == decayed.tobytes()


@given(cases(), st.integers(0, 99), st.integers(2, 3))
@EXAMPLES
def test_order_of_points_and_threads__change_no_bit(
    case: tuple[Graph, list[int]], seed: int, threads: int
) -> None:
    graph, nodes = case
    engine = graph.engine()
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(nodes))
    rank = np.arange(len(nodes))
    mass, people = rng.random(len(nodes)), rng.random(graph.n)
    curve = np.exp(-np.arange(80) / 13)
    answers = []
    for order, count in ((rank, 1), (shuffled, threads)):
        facilities = Facilities(
            nodes=np.array(nodes, np.int32)[order],
            owner=rank.astype(np.int32),
            category=np.zeros(len(nodes), np.int32),
            rank=rank[order].astype(np.int32),
            categories=1,
        )
        near = closest(engine, facilities, threads=count)
        some = k_closest(engine, facilities, 4, threads=count)
        sums = accumulate(engine, facilities, mass[order], [9, 40], curve[None], threads=count)
        access = two_step(engine, facilities, people, mass[order], curve, curve, threads=count)
        answers.append([each.tobytes() for each in (*near, *some, *sums, access)])
    assert answers[0] == answers[1]


def test_shares_that_sum_to_one__are_added_to_the_same_bits_in_any_order() -> None:
    # In floating point they sum to 1 in one order and to a little more in another.
    graph = ZOO["chain"]
    engine = graph.engine()
    curve = np.exp(-np.arange(30) / 7)
    rng = np.random.default_rng(0)
    for _ in range(150):
        mass = rng.random(6) * [1e-4, 1, 1, 1, 1, 1]
        mass /= mass.sum()
        nodes = rng.integers(0, 8, 6)
        answers = set()
        for order in (np.arange(6), np.argsort(mass), rng.permutation(6), rng.permutation(6)):
            facilities = facilities_at([nodes[order]])
            sums = accumulate(engine, facilities, mass[order], [5], curve[None], targets=range(8))
            answers.add(sums[0].tobytes() + sums[1].tobytes())
        assert len(answers) == 1


@pytest.mark.parametrize("total", [0.0, 1e-250, 1e300])
def test_capacities__may_be_nothing_or_immense(total: float) -> None:
    facilities = facilities_at([[3, 4], [], [4]])
    mass = np.array([total, 0.0, 1.5])
    within, decayed = accumulate(
        ZOO["chain"].engine(), facilities, mass, [0], np.ones((1, 9)), targets=[3]
    )
    assert within[0, 0, 0] == pytest.approx(total, abs=1e-200)
    assert lists(within[0, 1:, 0]) == [0, 0]
    assert decayed[0, 2, 0] == 1.5


@given(cases(), st.sampled_from([1, 20]))
@EXAMPLES
def test_order_of_streets_and_coordinates__change_no_time(
    case: tuple[Graph, list[int]], seed: int
) -> None:
    graph, nodes = case
    rng = np.random.default_rng(seed)
    other = Graph(
        graph.n,
        tuple(graph.streets[i] for i in rng.permutation(len(graph.streets))),
        rng.random((graph.n, 2)),
    )
    assert lists(least(graph, nodes)) == lists(least(other, nodes))


@given(cases())
@EXAMPLES
def test_reversed_arcs__swap_the_directions(case: tuple[Graph, list[int]]) -> None:
    graph, nodes = case
    turned = graph.turned()
    assert lists(least(graph, nodes, "to")) == lists(least(turned, nodes, "from"))
    assert lists(least(graph, nodes, "from")) == lists(least(turned, nodes, "to"))
    there = counts(graph, nodes, [7, 30])
    assert lists(there) == lists(counts(turned, nodes, [7, 30], direction="from"))


@given(cases(), st.integers(0, 13))
@EXAMPLES
def test_one_facility_more__never_lowers_a_count_nor_raises_a_time(
    case: tuple[Graph, list[int]], opening: int
) -> None:
    graph, nodes = case
    more = [*nodes, opening % graph.n]
    assert (counts(graph, more, [5, 30]) >= counts(graph, nodes, [5, 30])).all()
    assert (least(graph, more) <= least(graph, nodes)).all()


@given(cases(), st.integers(0, 30))
@EXAMPLES
def test_one_street_less__never_shortens_a_time(
    case: tuple[Graph, list[int]], closing: int
) -> None:
    graph, nodes = case
    kept = [street for i, street in enumerate(graph.streets) if i != closing % (2 * graph.n)]
    fewer = graph.with_streets(kept)
    assert (least(fewer, nodes) >= least(graph, nodes)).all()
    assert (counts(fewer, nodes, [5, 30]) <= counts(graph, nodes, [5, 30])).all()


@given(cases(), st.integers(2, 50))
@EXAMPLES
def test_costs_and_cutoffs_scaled_alike__give_the_same_counts(
    case: tuple[Graph, list[int]], by: int
) -> None:
    graph, nodes = case
    scaled = counts(graph.scaled(by), nodes, [0, 7 * by, 30 * by])
    assert lists(counts(graph, nodes, [0, 7, 30])) == lists(scaled)
    assert lists(least(graph, nodes) * by) == lists(least(graph.scaled(by), nodes))


@given(cases())
@EXAMPLES
def test_an_island__is_missing_and_never_at_the_limit(case: tuple[Graph, list[int]]) -> None:
    graph, nodes = case
    n = graph.n
    island = Graph(n + 2, (*graph.streets, naive.Street(n, n + 1, 3, 3)))
    facilities = facilities_at([nodes])
    for direction in DIRECTIONS:
        times, ids = closest(island.engine(), facilities, direction=direction, limit_ds=50)
        assert lists(times[n:]) == lists(ids[n:]) == [[-1], [-1]]
    assert lists(counts(island, nodes, [0, 1000])[n:]) == [[0, 0], [0, 0]]


def contracted(graph: Graph, kept: set[int]) -> Graph:
    """Return the graph without those nodes of two neighbours that need not be kept."""
    streets = list(graph.streets)
    for v in range(graph.n):
        mine = [s for s in streets if v in s[:2]]
        ends = {end for s in mine for end in s[:2]} - {v}
        if v in kept or len(mine) != 2 or len(ends) != 2:
            continue
        # From the first end to v, and from v to the second.
        first, second = (s if s.head == v else naive.Street(s.head, s.tail, s[3], s[2])
                         for s in mine)  # fmt: skip
        there = first.forward + second.backward if min(first[2], second[3]) >= 0 else -1
        back = second.forward + first.backward if min(second[2], first[3]) >= 0 else -1
        streets = [s for s in streets if s not in mine]
        streets.append(naive.Street(first.tail, second.tail, there, back))
    return graph.with_streets(streets)


@given(st.integers(0, 10_000), st.sampled_from(["directed", "both ways"]))
@EXAMPLES
def test_chains_contracted_or_not__give_equal_times(seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    ends = rng.integers(0, 6, (8, 2))
    streets, n = [], 6
    for tail, head in ends.tolist():
        before = tail
        for step in range(4):
            after = head if step == 3 else n
            n += step < 3
            cost = rng.integers(1, 30, 2)
            one_way = kind == "directed" and tail % 2 == 0
            streets.append(
                naive.Street(before, after, int(cost[0]), -1 if one_way else int(cost[1]))
            )
            before = after
    graph = Graph(n, tuple(streets))
    nodes = rng.integers(0, 6, 4).tolist()
    short = contracted(graph, set(range(6)))
    assert len(short.streets) < len(graph.streets)
    for direction in DIRECTIONS:
        assert lists(least(graph, nodes, direction)[:6]) == lists(
            least(short, nodes, direction)[:6]
        )
    assert (
        counts(graph, nodes, [9, 60])[:6].tobytes() == counts(short, nodes, [9, 60])[:6].tobytes()
    )


@given(cases(), st.integers(0, 60))
@EXAMPLES
def test_two_step_catchments__hand_out_what_has_demand_in_reach(
    case: tuple[Graph, list[int]], limit: int
) -> None:
    # Luo and Wang 2003: the sum of access times people is the supply that somebody reaches.
    graph, nodes = case
    rng = np.random.default_rng(limit)
    people = np.where(rng.random(graph.n) < 0.4, 0.0, rng.random(graph.n) * 1000)
    supply = rng.random(len(nodes)) * 50
    weight = np.exp(-np.arange(limit + 1) / 25)
    access = two_step(graph.engine(), facilities_at([nodes]), people, supply, weight, weight)
    near = times_to(graph, "to")[:, nodes] <= limit
    served = supply[(near & (people > 0)[:, None]).any(axis=0)].sum()
    assert (access[:, 0] * people).sum() == pytest.approx(served, rel=1e-12)
    assert np.isfinite(access).all()


@given(st.integers(2, 5), st.integers(1, 9), st.floats(0.5, 100), st.floats(1, 1e5))
@EXAMPLES
def test_one_catchment__has_supply_over_people_everywhere(
    side: int, count: int, capacity: float, people: float
) -> None:
    graph = grid(side, [3, 4])
    nodes = [7 * i % graph.n for i in range(count)]
    whole = np.ones(1001)
    access = two_step(
        graph.engine(),
        facilities_at([nodes]),
        np.full(graph.n, people),
        np.full(count, capacity),
        whole,
        whole,
    )
    assert access == pytest.approx(capacity * count / (people * graph.n), rel=1e-12)


# ── the traps ────────────────────────────────────────────────────────────────


def test_facilities_on_one_node__add_up_and_are_one_label_for_the_nearest() -> None:
    graph = ZOO["chain"]
    facilities = facilities_at([[5, 5, 5]])
    _, ids = closest(graph.engine(), facilities)
    assert (ids == 0).all()
    assert lists(counts(graph, [5, 5, 5], [0])[5]) == [3]


def test_a_facility_without_anybody_in_reach__gives_nothing_and_never_infinity() -> None:
    graph = ZOO["chain"]
    people = np.zeros(40)
    ones = np.ones(11)
    access = two_step(graph.engine(), facilities_at([[5]]), people, np.ones(1), ones, ones)
    assert lists(access) == [[0.0]] * 40
    people[4] = 2.0
    access = two_step(graph.engine(), facilities_at([[5]]), people, np.ones(1), ones, ones)
    # A place without people still has access to it.
    assert access[5] == access[4] == 0.5


def test_direction__changes_the_answer_on_one_way_streets() -> None:
    engine = ZOO["one-way ring"].engine()
    there, _ = closest(engine, facilities_at([[3]]))
    back, _ = closest(engine, facilities_at([[3]]), direction="from")
    assert there[2, 0] == 3
    assert back[2, 0] == 78 - 3
