"""Concentration along a ranking: laws, and the worked figures of the two forms."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inclusion_marker.analysis.inequality.concentration import concentration_index, erreygers
from inclusion_marker.analysis.inequality.measures import gini
from inclusion_marker.errors import ParameterError

Cells = tuple[np.ndarray, np.ndarray, np.ndarray]


@st.composite
def ranked(draw: st.DrawFn) -> Cells:
    """Return scores, people and ranks with ties."""
    rank = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(-5, 5))
    rows = draw(
        st.lists(st.tuples(st.floats(0, 100), st.integers(1, 30), rank), min_size=2, max_size=12)
    )
    values, people, ranks = (np.array(column, np.float64) for column in zip(*rows, strict=True))
    return values, people, ranks


@given(ranked())
def test_concentration__is_the_covariance_of_value_and_place_person_by_person(
    found: Cells,
) -> None:
    values, people, ranks = found
    times = people.astype(int)
    one, rank = np.repeat(values, times), np.repeat(ranks, times)
    assume(one.mean() > 1e-6)
    below = (rank[None, :] < rank[:, None]).mean(axis=1)
    place = below + (rank[None, :] == rank[:, None]).mean(axis=1) / 2
    expected = 2 * (one * place).mean() / one.mean() - 1
    assert concentration_index(*found) == pytest.approx(expected, abs=1e-9)


@given(ranked())
def test_concentration__along_the_values_themselves_is_gini(found: Cells) -> None:
    values, people, _ = found
    assume(np.average(values, weights=people) > 1e-6)  # below it a double loses its digits
    own = concentration_index(values, people, values)
    assert own == pytest.approx(gini(values, people), abs=1e-12)
    assert concentration_index(*found) <= own + 1e-12


@given(ranked())
def test_erreygers__is_four_means_over_the_bounds_times_the_standard_index(found: Cells) -> None:
    values, people, _ = found
    mean = np.average(values, weights=people)
    expected = 4 * mean / 100 * concentration_index(*found)
    assert erreygers(*found) == pytest.approx(expected, abs=1e-12)


@given(ranked())
def test_erreygers__turns_its_sign_when_one_looks_at_what_is_lacking(found: Cells) -> None:
    values, people, ranks = found
    lacking = erreygers(100 - values, people, ranks)
    assert lacking == pytest.approx(-erreygers(*found), abs=1e-12)
    assert erreygers(values, people, -ranks) == pytest.approx(-erreygers(*found), abs=1e-12)
    assert -1 <= lacking <= 1


@given(found=ranked(), seed=st.integers(0, 99))
def test_concentration__has_the_same_bits_in_any_order_of_cells(found: Cells, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(found[0]))
    moved = [column[order] for column in found]
    assert concentration_index(*moved) == concentration_index(*found)


@pytest.mark.parametrize("index", [concentration_index, erreygers])
def test_indices__are_nothing_where_all_have_the_same_or_rank_alike(
    index: Callable[..., float],
) -> None:
    people = [0.1, 0.7, 33.0]
    assert index([7.3, 7.3, 7.3], people, [3.0, 1.0, 2.0]) == 0
    assert index([0.0, 0.0, 0.0], people, [3.0, 1.0, 2.0]) == 0
    assert index([7.3], [2.0], [1.0]) == 0
    assert index([10.0, 20.0, 90.0], people, [4.0, 4.0, 4.0]) == pytest.approx(0, abs=1e-15)
    assert math.isnan(index([10.0, 20.0], [0.0, 5.0], [1.0, np.nan]))


def test_cells_without_a_rank__are_left_out() -> None:
    ranking = pd.Series({"c": 2.0, "b": np.nan, "a": 1.0})
    values = pd.Series({"a": 10.0, "b": 99.0, "c": 30.0})
    people = pd.Series({"a": 1.0, "b": 5.0, "c": 1.0})
    assert concentration_index(values, people, ranking) == 0.25


def test_values_beyond_the_bounds__are_refused() -> None:
    with pytest.raises(ParameterError, match=r"1 values lie beyond 0 - 100 \(the first: 130\)"):
        erreygers([130.0, 20.0], [1.0, 1.0], [1.0, 2.0])
    with pytest.raises(ParameterError, match="high"):
        erreygers([1.0], [1.0], [1.0], low=5, high=5)
    with pytest.raises(ParameterError, match="ranking"):
        concentration_index([1.0], [1.0], [1.0, 2.0])
