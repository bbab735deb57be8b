"""Theil's two parts: they add up, and each is what it says."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inclusion_marker.analysis.inequality.decomposition import decompose
from inclusion_marker.analysis.inequality.measures import theil_l, theil_t
from inclusion_marker.errors import ParameterError

Index = Literal["t", "l"]
both = pytest.mark.parametrize("index", ["t", "l"])


@st.composite
def grouped(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return scores above 0, people and the groups of two cells or more."""
    row = st.tuples(st.floats(0.5, 100), st.floats(0.1, 500), st.sampled_from("abcd"))
    rows = draw(st.lists(row, min_size=2, max_size=15))
    values, people, groups = zip(*rows, strict=True)
    return np.array(values), np.array(people), np.array(groups)


@both
@settings(max_examples=30)
@given(found=grouped())
def test_parts__add_up_to_the_whole(
    index: Index, found: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> None:
    values, people, groups = found
    parts = decompose(values, people, groups, index=index)
    assert parts.within + parts.between == pytest.approx(parts.total, abs=1e-12)
    assert parts.total == {"t": theil_t, "l": theil_l}[index](values, people)
    assert parts.within >= 0
    assert parts.between >= -1e-12
    assert parts.groups["within"].sum() == pytest.approx(parts.within, abs=1e-12)
    assert parts.groups["people_share"].sum() == pytest.approx(1)


@both
@settings(max_examples=30)
@given(found=grouped())
def test_between__is_the_index_of_people_who_all_have_their_group_s_mean(
    index: Index, found: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> None:
    values, people, groups = found
    parts = decompose(values, people, groups, index=index)
    means = parts.groups["mean"].loc[groups].to_numpy()
    same = {"t": theil_t, "l": theil_l}[index](means, people)
    assert parts.between == pytest.approx(same, abs=1e-12)


@both
@settings(max_examples=30)
@given(found=grouped(), seed=st.integers(0, 99))
def test_parts__have_the_same_bits_in_any_order_of_cells(
    index: Index, found: tuple[np.ndarray, np.ndarray, np.ndarray], seed: int
) -> None:
    order = np.random.default_rng(seed).permutation(len(found[0]))
    plain = decompose(*found, index=index)
    moved = decompose(*(column[order] for column in found), index=index)
    assert (plain.within, plain.between) == (moved.within, moved.between)
    pd.testing.assert_frame_equal(plain.groups, moved.groups, check_exact=True)


@both
def test_groups__of_one_value_have_all_between_and_one_group_has_all_within(index: Index) -> None:
    values, people = np.array([20.0, 20.0, 60.0]), np.array([1.0, 2.0, 3.0])
    apart = decompose(values, people, ["a", "a", "b"], index=index)
    assert apart.within == 0
    assert apart.between_share == pytest.approx(1)
    alone = decompose(values, people, ["a", "a", "a"], index=index)
    assert alone.between == 0
    assert alone.within == alone.total


def test_cells_without_a_group__are_left_out_and_their_people_counted() -> None:
    values = pd.Series([20.0, 40.0, 60.0, np.nan], index=list("wxyz"))
    people = pd.Series([1.0, 2.0, 3.0, 4.0], index=list("wxyz"))
    groups = pd.Series({"z": "a", "y": None, "x": "a", "w": "b"})
    parts = decompose(values, people, groups)
    assert parts.people_without_group == 3
    assert parts.groups["people"].to_dict() == {"a": 2, "b": 1}
    assert parts.total == theil_t([20.0, 40.0], [1.0, 2.0])


def test_zeros__make_l_infinite_where_they_are() -> None:
    people = np.ones(4)
    inside = decompose([0.0, 10.0, 10.0, 10.0], people, [1, 1, 2, 2], index="l")
    assert (inside.within, inside.total) == (math.inf, math.inf)
    assert math.isfinite(inside.between)
    assert math.isnan(inside.between_share)
    across = decompose([0.0, 0.0, 10.0, 10.0], people, [1, 1, 2, 2], index="l")
    assert (across.within, across.between) == (0, math.inf)
    nothing = decompose([0.0, 0.0], [1.0, 1.0], [1, 2], index="l")
    assert (nothing.total, nothing.within, nothing.between) == (0, 0, 0)


def test_nobody__has_no_parts() -> None:
    parts = decompose([10.0, np.nan], [0.0, 5.0], ["a", "b"])
    assert all(map(math.isnan, (parts.total, parts.within, parts.between)))
    assert parts.groups.empty


def test_groups__of_other_cells_are_refused() -> None:
    with pytest.raises(ParameterError, match="groups"):
        decompose([1.0, 2.0], [1.0, 1.0], ["a"])
    with pytest.raises(ParameterError, match="groups"):
        decompose(pd.Series([1.0]), pd.Series([1.0]), pd.Series(["a"], index=[7]))
