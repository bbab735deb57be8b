"""The bounded search that checks the sweeps is checked itself, by a twin without a heap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive
from inclusion_marker.accessibility.searching import search
from networks import ZOO, Graph, graphs

EXAMPLES = settings(deadline=None, max_examples=80)


@given(graphs(least=0), st.data(), st.integers(0, 120))
@EXAMPLES
def test_search__is_the_naive_one_up_to_the_limit(
    graph: Graph, data: st.DataObject, limit: int
) -> None:
    node = st.integers(0, graph.n - 1)
    starts = data.draw(st.lists(node, min_size=1, max_size=4))
    expected = naive.times_from(graph.n, graph.streets, starts)
    expected = np.where(expected <= limit, expected, -1)
    assert search(graph.n, graph.arrays(), starts, limit).tolist() == expected.tolist()
    turned = search(graph.n, graph.turned().arrays(), starts, limit, direction="to")
    assert turned.tolist() == expected.tolist()


@given(graphs(), st.data())
@EXAMPLES
def test_search__from_places_with_a_head_start_is_that_from_one_place_before_them(
    graph: Graph, data: st.DataObject
) -> None:
    node = st.tuples(st.integers(0, graph.n - 1), st.integers(0, 40))
    starts = data.draw(st.lists(node, min_size=1, max_size=4))
    before = [naive.Street(graph.n, v, cost, -1) for v, cost in starts]
    expected = naive.times_from(graph.n + 1, [*graph.streets, *before], [graph.n])[:-1]
    found = search(
        graph.n,
        graph.arrays(),
        [v for v, _ in starts],
        60,
        starts_ds=[cost for _, cost in starts],
    )
    assert found.tolist() == np.where(expected <= 60, expected, -1).tolist()


@pytest.mark.parametrize(("limit", "nodes"), [(0, [0]), (2, [0]), (3, [0, 1]), (8, [0, 1, 2])])
def test_search__counts_a_cost_of_exactly_the_limit(limit: int, nodes: list[int]) -> None:
    chain = ZOO["chain"]
    found = search(chain.n, chain.arrays(), [0], limit)
    assert np.flatnonzero(found >= 0).tolist() == nodes


def test_search__from_nowhere_or_on_nothing_finds_nothing() -> None:
    chain = ZOO["chain"]
    assert (search(chain.n, chain.arrays(), [], 100) == -1).all()
    assert search(5, ZOO["no streets"].arrays(), [3], 100).tolist() == [-1, -1, -1, 0, -1]
    late = search(chain.n, chain.arrays(), [5], 10, starts_ds=[11])
    assert (late == -1).all()
