"""Class breaks: fixed everywhere, or those that set the scores of one city apart best."""

import itertools
import math

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from inclusion_marker.composite.classes import BREAKS, class_labels, classify
from inclusion_marker.outputs.breaks import breaks_of

Floats = NDArray[np.float64]


def natural(scores: object) -> tuple[float, ...]:
    """Return the natural breaks of one column."""
    return breaks_of(pd.DataFrame({"marker": scores}, dtype=float), "natural")["marker"]


def spread_within(parts: list[Floats]) -> float:
    """Return how much scores differ from the mean of their class."""
    return sum(float(((part - part.mean()) ** 2).sum()) for part in parts if part.size)


def least_spread(scores: Floats, classes: int) -> float:
    """Return the least that scores can differ from the means of their classes: every way tried."""
    ordered = np.sort(scores)
    cuts = itertools.combinations(range(1, ordered.size), classes - 1)
    return min(spread_within(np.split(ordered, cut)) for cut in cuts)


@pytest.mark.parametrize("seed", range(5))
def test_natural_breaks__leave_the_least_difference_within_classes(seed: int) -> None:
    scores = np.random.default_rng(seed).uniform(0, 100, 16).round(1)
    classes = classify(pd.Series(scores), natural(scores))
    found = spread_within([scores[classes == each] for each in range(1, 6)])
    npt.assert_allclose(found, least_spread(scores, 5), rtol=1e-6)


def test_fixed_breaks__are_the_same_for_every_column() -> None:
    scores = pd.DataFrame({"marker": [1.0, 2.0], "area_health": [np.nan, 99.0]})
    assert breaks_of(scores, "fixed") == {"marker": BREAKS, "area_health": BREAKS}


@given(st.lists(st.floats(0, 100) | st.just(math.nan), max_size=30))
@settings(deadline=None)
def test_natural_breaks__rise_from_0_to_100_and_leave_no_class_empty(scores: list[float]) -> None:
    edges = natural(scores)
    known = pd.Series(scores, dtype=float).dropna()
    assert (edges[0], edges[-1]) == (0.0, 100.0)
    assert all(low < high for low, high in itertools.pairwise(edges))
    if not known.empty:
        assert classify(known, edges).nunique() == len(edges) - 1 <= 5


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([math.nan, math.nan], BREAKS),
        ([], BREAKS),
        ([62.5], (0.0, 100.0)),
        ([62.5, 62.5, math.nan], (0.0, 100.0)),
        ([0.0, 100.0], (0.0, 50.0, 100.0)),
        ([99.0, 100.0, 100.0], (0.0, 99.5, 100.0)),
        ([10.0, 20.0, 30.0, 40.0], (0.0, 15.0, 25.0, 35.0, 100.0)),
        ([10.0, 20.0, 30.0, 40.0, 50.0], (0.0, 15.0, 25.0, 35.0, 45.0, 100.0)),
        ([60.0, 60.0 + 1e-12, 60.0 + 2e-12, 60.0 - 1e-12, 60.0 - 2e-12, 60.5], (0.0, 60.2, 100.0)),
    ],
    ids=["missing", "none", "one", "equal", "two", "top", "four", "five", "noise"],
)
def test_natural_breaks__of_few_scores(scores: list[float], expected: tuple[float, ...]) -> None:
    assert natural(scores) == expected


def test_natural_breaks__are_read_with_one_decimal_where_no_class_gets_empty_by_it() -> None:
    wide = natural(np.random.default_rng(1).beta(3, 2, 800) * 100)
    assert all(edge == round(edge, 1) for edge in wide)
    narrow = natural(50 + np.arange(40) // 8 / 100)
    assert len(narrow) == 6
    assert len(set(class_labels(narrow))) == 5


def test_natural_breaks__of_a_large_city_are_close_to_those_of_all_its_scores_every_time() -> None:
    groups = [np.random.default_rng(7).normal(middle, 1.5, 4_000) for middle in range(10, 100, 20)]
    scores = np.clip(np.concatenate(groups), 0, 100)
    edges = natural(scores)
    npt.assert_allclose(edges, [0, 20, 40, 60, 80, 100], atol=3)
    assert edges == natural(scores[::-1])


def test_natural_breaks__of_a_large_city_with_hardly_another_score_find_it() -> None:
    rare = np.arange(60.0, 68.0)
    edges = natural(np.concatenate([np.full(50_000, 10.0), rare]))
    assert len(edges) == 6
    assert 10 < edges[1] <= 60
