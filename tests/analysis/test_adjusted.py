"""The marker adjusted for inequality: UNDP's form, its floor, its bounds."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inclusion_marker.analysis.inequality.adjusted import inequality_adjusted
from inclusion_marker.errors import ParameterError

SCORES = arrays(np.float64, (5, 3), elements=st.floats(0, 100))
PEOPLE = pd.Series([1.0, 20.0, 3.0, 0.5, 40.0])
EQUAL = {"a": 1.0, "b": 1.0, "c": 1.0}


def table(values: np.ndarray) -> pd.DataFrame:
    """Return scores of five cells in three dimensions."""
    return pd.DataFrame(values, columns=list("abc"))


@given(SCORES)
def test_adjusted__is_at_most_the_composite_and_that_at_most_the_mean(values: np.ndarray) -> None:
    found = inequality_adjusted(table(values), PEOPLE, EQUAL)
    assert found.value <= found.unadjusted + 1e-9
    assert found.unadjusted <= found.dimensions["mean"].mean() + 1e-9
    assert math.isnan(found.loss) or 0 <= found.loss <= 1


@given(SCORES)
def test_adjusted__above_the_floor_is_the_geometric_mean_over_people_and_dimensions(
    values: np.ndarray,
) -> None:
    lifted = np.maximum(values, 1)
    found = inequality_adjusted(table(lifted), PEOPLE, EQUAL)
    logs = np.average(np.log(lifted), axis=0, weights=PEOPLE)
    assert found.value == pytest.approx(np.exp(logs.mean()), rel=1e-9)


def test_adjusted__is_the_cube_root_of_adjusted_dimensions_as_undp_writes_it() -> None:
    """Each mean times one minus its inequality; two people are made to have that inequality.

    The published country-years are not at hand, so this holds the form and no published figure.
    """
    means, indices = np.array([0.97, 0.90, 0.98]), np.array([0.03, 0.05, 0.12])
    # Two people with mean m and geometric mean m (1 - A) have m (1 ± sqrt(1 - (1 - A)²)).
    spread = np.sqrt(1 - (1 - indices) ** 2)
    values = 100 * means * np.array([1 - spread, 1 + spread])
    found = inequality_adjusted(
        pd.DataFrame(values, columns=list("abc")), pd.Series([1.0, 1.0]), EQUAL
    )
    np.testing.assert_allclose(found.dimensions["atkinson"], indices, atol=1e-12)
    assert found.value == pytest.approx(100 * np.prod(means * (1 - indices)) ** (1 / 3))
    assert found.unadjusted == pytest.approx(100 * np.prod(means) ** (1 / 3))
    assert found.loss == pytest.approx(1 - np.prod(1 - indices) ** (1 / 3))


def test_everybody_alike__loses_nothing() -> None:
    found = inequality_adjusted(table(np.tile([20.0, 50.0, 80.0], (5, 1))), PEOPLE, EQUAL)
    assert found.loss == 0
    assert found.value == pytest.approx(20 ** (1 / 3) * 50 ** (1 / 3) * 80 ** (1 / 3))


def test_zeros__are_lifted_inside_the_index_only_and_counted() -> None:
    values = pd.DataFrame({"a": [0.0, 100.0]})
    people = pd.Series([30.0, 70.0])
    found = inequality_adjusted(values, people, {"a": 1.0}, floor=2.0)
    row = found.dimensions.loc["a"]
    assert row["mean"] == 70
    assert row["people_lifted"] == 30
    lifted_mean, geometric = 0.3 * 2 + 0.7 * 100, math.exp(0.3 * math.log(2) + 0.7 * math.log(100))
    assert found.value == pytest.approx(70 * geometric / lifted_mean)
    nothing = inequality_adjusted(values * 0, people, {"a": 1.0})
    assert (nothing.value, nothing.unadjusted) == (0, 0)
    assert math.isnan(nothing.loss)


def test_missing_dimensions__give_their_weight_to_the_others_down_to_the_minimum() -> None:
    values = table(np.tile([20.0, 50.0, np.nan], (5, 1)))
    weights = {"a": 1.0, "b": 2.0, "c": 1.0}
    found = inequality_adjusted(values, PEOPLE, weights, min_coverage=0.75)
    assert found.dimensions["weight"].tolist() == pytest.approx([1 / 3, 2 / 3, 0])
    assert found.value == pytest.approx(20 ** (1 / 3) * 50 ** (2 / 3))
    assert math.isnan(inequality_adjusted(values, PEOPLE, weights, min_coverage=0.76).value)
    nobody = inequality_adjusted(values * np.nan, PEOPLE, weights)
    assert math.isnan(nobody.value)


def test_faults__are_told_all_at_once() -> None:
    values = table(np.ones((5, 3)))
    with pytest.raises(ParameterError) as fault:
        inequality_adjusted(values, PEOPLE, {"a": -1.0, "hosing": 1.0, "b": math.nan})
    assert [each.item for each in fault.value.args] == ["weights", "weights.a", "weights.b"]
    with pytest.raises(ParameterError, match="weights"):
        inequality_adjusted(values, PEOPLE, {"a": 0.0})
    with pytest.raises(ParameterError, match="floor"):
        inequality_adjusted(values, PEOPLE, EQUAL, floor=0)
    with pytest.raises(ParameterError, match="min_coverage"):
        inequality_adjusted(values, PEOPLE, EQUAL, min_coverage=2)
