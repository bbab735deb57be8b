"""The split of a shortfall, rule by rule: figures worked by hand, and laws."""

from __future__ import annotations

import math

import numpy as np
import numpy.testing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.trees import ANY_RULE, LOWER_COUNTS_MORE, PENALTIES, SCORE, SMOOTH
from inclusion_marker.analysis.explaining.splitting import (
    lacking,
    seen_weights,
    slopes,
    split,
    splits,
)
from inclusion_marker.cards import Rule
from inclusion_marker.composite.rules import aggregate

ROWS = arrays(np.float64, (4, 3), elements=SCORE)
WEIGHTS = arrays(
    np.float64, (3,), elements=st.floats(0, 1).map(lambda each: round(each, 9))
).filter(lambda each: each.sum() > 0.1)
HALVES = np.array([0.5, 0.5])


def test_split__of_the_arithmetic_mean_is_by_weight_times_gap() -> None:
    # 100 - M = 0.25 * 60 + 0.75 * 20 = 30
    npt.assert_allclose(split(np.array([[40.0, 80]]), np.array([0.25, 0.75]), Rule()), [[0.5, 0.5]])


def test_split__of_the_geometric_mean_is_by_logarithms() -> None:
    # ln(100/10) and ln(100/1) = 1 : 2; a score of 0 counts as the floor.
    rows = np.array([[10.0, 1.0], [10.0, 0.0]])
    found = split(rows, HALVES, Rule(rule="geometric", floor=1))
    npt.assert_allclose(found, [[1 / 3, 2 / 3]] * 2)


def test_split__of_the_harmonic_mean_is_by_reciprocals() -> None:
    # 1/50 - 1/100 = 0.01 and 1/25 - 1/100 = 0.03
    found = split(np.array([[50.0, 25.0]]), HALVES, Rule(rule="harmonic"))
    npt.assert_allclose(found, [[0.25, 0.75]])


def test_split__of_a_power_mean_is_by_powers() -> None:
    # 100² - 60² = 6400 and 100² - 80² = 3600
    found = split(np.array([[60.0, 80.0]]), HALVES, Rule(rule="power", p=2))
    npt.assert_allclose(found, [[0.64, 0.36]])


def test_split__of_owa_is_by_the_weight_of_the_place() -> None:
    # Worst place 0.75: 0.75 * 60 = 45 of 0.25 * 20 + 45 = 50.
    owa = Rule(rule="owa", order=(0.25, 0.75))
    npt.assert_allclose(split(np.array([[80.0, 40.0]]), HALVES, owa), [[0.1, 0.9]])
    npt.assert_allclose(split(np.array([[40.0, 40.0]]), HALVES, owa), [[0.5, 0.5]])


def test_split__of_ampi_puts_the_penalty_on_what_lies_below_the_mean() -> None:
    # 0 and 100: mean 50, index 35; the penalty of 15 is all the worse child's.
    found = split(np.array([[0.0, 100.0]]), HALVES, Rule(rule="ampi"))
    npt.assert_allclose(found, [[1.0, 0.0]])
    # 20 and 80: variance 900 on mean 50, penalty 0.6 * 900 / 100 = 5.4; shortfall 55.4.
    found = split(np.array([[20.0, 80.0]]), HALVES, Rule(rule="ampi"))
    npt.assert_allclose(found, [[45.4 / 55.4, 10 / 55.4]])


def test_split__of_ampi_with_a_reward_is_that_of_the_arithmetic_mean() -> None:
    rows = np.array([[20.0, 80.0]])
    found = split(rows, HALVES, Rule(rule="ampi", penalty="positive"))
    npt.assert_allclose(found, split(rows, HALVES, Rule()))


def test_split__of_mpi_is_missing_for_it_has_no_value_at_which_nothing_lacks() -> None:
    rule = Rule(rule="mpi")
    assert not splits(rule)
    assert np.isnan(split(np.array([[20.0, 80.0]]), HALVES, rule)).all()
    assert np.isnan(slopes(np.array([[20.0, 80.0]]), HALVES, rule, np.array([50.0]))).all()


@given(ROWS, WEIGHTS, ANY_RULE)
def test_split__sums_to_one_and_gives_a_missing_child_nothing(
    values: np.ndarray, weights: np.ndarray, rule: Rule
) -> None:
    found = split(values, weights, rule)
    seen = seen_weights(values, weights)
    npt.assert_allclose(found.sum(axis=1), np.where(seen.sum(axis=1) > 0, 1, 0), atol=1e-12)
    assert np.all(found >= 0)
    assert np.all(found[seen == 0] == 0)


@given(ROWS, WEIGHTS, ANY_RULE)
def test_split__gives_a_child_at_100_nothing_beside_one_that_lacks(
    values: np.ndarray, weights: np.ndarray, rule: Rule
) -> None:
    found = split(values, weights, rule)
    seen = seen_weights(values, weights) > 0
    short = seen & (np.maximum(values, rule.least) < 99)
    full = seen & (values == 100) & short.any(axis=1, keepdims=True)
    if rule.rule != "owa":  # places of no weight may hold all that lacks
        assert np.all(found[full] == 0)


@given(ROWS, WEIGHTS, ANY_RULE, st.permutations(range(3)))
def test_split__does_not_hang_on_the_order_of_the_children(
    values: np.ndarray, weights: np.ndarray, rule: Rule, order: list[int]
) -> None:
    found = split(values[:, order], weights[order], rule)
    npt.assert_allclose(found, split(values, weights, rule)[:, order], atol=1e-9)


@given(
    arrays(np.float64, (1, 3), elements=st.floats(0, 99)),
    WEIGHTS,
    st.one_of(SMOOTH, PENALTIES, LOWER_COUNTS_MORE),
    st.integers(0, 2),
    st.floats(0, 99),
)
def test_share__of_an_indicator_never_rises_as_it_gets_better(
    values: np.ndarray, weights: np.ndarray, rule: Rule, child: int, better: float
) -> None:
    after = values.copy()
    after[0, child] = max(better, values[0, child])
    before = split(values, weights, rule)[0, child]
    assert split(after, weights, rule)[0, child] <= before + 1e-9


def test_share__may_rise_with_the_score_where_a_better_place_weighs_more() -> None:
    # Not a law of every rule: here only the best child counts.
    best = Rule(rule="owa", order=(1.0, 0.0))
    before = split(np.array([[40.0, 60.0]]), HALVES, best)[0, 0]
    assert (before, split(np.array([[80.0, 60.0]]), HALVES, best)[0, 0]) == (0, 1)


@settings(max_examples=200)
@given(st.lists(st.integers(1, 99), min_size=3, max_size=3, unique=True), WEIGHTS, ANY_RULE)
def test_slopes__are_the_limit_of_small_steps(
    values: list[int], weights: np.ndarray, rule: Rule
) -> None:
    row, share = np.array([values], np.float64), weights / weights.sum()
    if np.any((share > 0) & (share < 1e-3)):
        share = np.full(3, 1 / 3)
    mean = aggregate(row, share, rule, min_coverage=0)
    found = slopes(row, share, rule, mean)[0]
    step = 1e-5
    for child in range(3):
        more = row.copy()
        more[0, child] += step
        rise = (aggregate(more, share, rule, min_coverage=0) - mean)[0] / step
        assert found[child] == pytest.approx(rise, rel=1e-3, abs=1e-5)


def test_slopes__below_the_floor_are_0_and_at_it_are_not() -> None:
    rule, rows = Rule(rule="geometric", floor=10), np.array([[4.0, 40.0], [10.0, 40.0]])
    mean = aggregate(rows, HALVES, rule, min_coverage=0)
    npt.assert_allclose(mean, [20, 20])
    npt.assert_allclose(slopes(rows, HALVES, rule, mean), [[0, 0.25], [1, 0.25]])


def test_slopes__at_0_are_those_of_the_mean_that_begins_to_rise() -> None:
    zero, mean = np.zeros((1, 2)), np.zeros(1)
    npt.assert_allclose(slopes(zero, HALVES, Rule(rule="power", p=2), mean), [[0.5**0.5] * 2])
    root = Rule(rule="power", p=0.5)
    npt.assert_allclose(slopes(zero, HALVES, root, mean), [[0.25, 0.25]])
    # A root is steep without end at 0, once its sibling has something.
    steep = slopes(np.array([[0.0, 64.0]]), HALVES, root, np.array([16.0]))[0]
    assert math.isinf(steep[0])
    assert steep[1] == pytest.approx(0.25)


def test_slopes__of_ampi_are_0_where_the_reward_is_cut_off_at_100() -> None:
    rule, rows = Rule(rule="ampi", penalty="positive"), np.array([[99.0, 100.0, 60.0]])
    thirds = np.full(3, 1 / 3)
    mean = aggregate(rows, thirds, rule, min_coverage=0)
    assert mean[0] < 100
    assert np.all(slopes(rows, thirds, rule, mean) > 0)
    assert np.all(slopes(rows, thirds, rule, np.array([100.0])) == 0)


@pytest.mark.parametrize("p", [-400.0, 400.0])
def test_split__of_an_extreme_order_stays_finite(p: float) -> None:
    floor = {"floor": 1e-300} if p < 0 else {}
    rule = Rule(rule="power", p=p, **floor)
    found = split(np.array([[0.0, 50.0, 99.0]]), np.full(3, 1 / 3), rule)
    assert found.sum() == pytest.approx(1)


def test_split__of_a_floor_next_to_nothing_stays_finite() -> None:
    rule = Rule(rule="geometric", floor=5e-324)
    found = split(np.array([[0.0, 50.0]]), HALVES, rule)[0]
    # ln(100 / 5e-324) = 749.05, ln 2 = 0.69
    assert found[0] == pytest.approx(749.0454 / (749.0454 + math.log(2)), abs=1e-6)


def test_lacking__takes_rounding_for_nothing_and_missing_for_unknown() -> None:
    npt.assert_array_equal(lacking(np.array([100 - 1e-12, np.nan, 25])), [0, np.nan, 75])
