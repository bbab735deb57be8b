"""Segregation: PySAL's results, laws, and who is left out."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inclusion_marker.analysis.inequality.segregation import (
    dissimilarity,
    entropy_index,
    isolation,
    segregation,
)
from inclusion_marker.errors import ParameterError

INDICES = (dissimilarity, isolation, entropy_index)
COUNTS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=12
).filter(lambda rows: all(any(row[side] for row in rows) for side in (0, 1)))


def test_indices__are_those_of_pysal_s_segregation() -> None:
    """Dissim, Isolation and Entropy of the package segregation 2.5.4 on these counts."""
    part = pd.Series([120.0, 30, 55, 0, 210, 5, 80, 14])
    rest = pd.Series([400.0, 260, 90, 35, 300, 5, 410, 260]) - part
    assert segregation(part, rest) == pytest.approx(
        {
            "dissimilarity": 0.4337147354023146,
            "isolation": 0.46972033428804805,
            "entropy": 0.21202544844781734,
        },
        abs=1e-15,
    )


@given(COUNTS)
def test_indices__lie_between_alike_and_apart(rows: list[tuple[int, int]]) -> None:
    part, rest = np.array(rows, np.float64).T
    assert all(0 <= index(part, rest) <= 1 + 1e-12 for index in INDICES)
    assert isolation(part, rest) >= part.sum() / (part + rest).sum() - 1e-12


@given(COUNTS)
def test_dissimilarity_and_entropy__are_the_same_for_either_group(
    rows: list[tuple[int, int]],
) -> None:
    part, rest = np.array(rows, np.float64).T
    assert dissimilarity(part, rest) == pytest.approx(dissimilarity(rest, part), abs=1e-12)
    assert entropy_index(part, rest) == pytest.approx(entropy_index(rest, part), abs=1e-12)


@given(COUNTS)
def test_indices__do_not_rise_when_two_cells_become_one(rows: list[tuple[int, int]]) -> None:
    fine = np.array(rows, np.float64)
    coarse = np.vstack([fine[:1] + fine[1:2], fine[2:]])
    for index in INDICES:
        assert index(*coarse.T) <= index(*fine.T) + 1e-12


def test_groups_apart_and_alike__are_one_and_nothing() -> None:
    assert [index([9.0, 0.0], [0.0, 4.0]) for index in INDICES] == [1, 1, 1]
    alike = [index([9.0, 18.0], [3.0, 6.0]) for index in INDICES]
    assert alike == pytest.approx([0, 0.75, 0], abs=1e-15)


def test_groups_without_people__have_no_index() -> None:
    assert all(math.isnan(index([0.0, 0.0], [1.0, 2.0])) for index in INDICES)
    assert all(math.isnan(index([1.0, 2.0], [np.nan, np.nan])) for index in INDICES)


def test_cells__where_one_count_is_missing_do_not_count() -> None:
    part, rest = [1.0, 5.0, np.nan, 0.0], [4.0, 2.0, 7.0, 0.0]
    assert [index(part, rest) for index in INDICES] == [
        index(part[:2], rest[:2]) for index in INDICES
    ]


def test_negative_counts__are_refused() -> None:
    with pytest.raises(ParameterError, match="negative"):
        dissimilarity([-1.0], [2.0])
