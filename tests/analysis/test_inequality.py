"""Inequality: laws of the measures, a slow twin that repeats people, and a peer."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from inclusion_marker.analysis.inequality.distribution import distribution, lorenz, quantile
from inclusion_marker.analysis.inequality.measures import (
    MEASURES,
    atkinson,
    foster_greer_thorbecke,
    gini,
    measures,
    palma,
    percentile_ratio,
    theil_l,
    theil_t,
)
from inclusion_marker.errors import ParameterError

Measure = Callable[[np.ndarray, np.ndarray], float]
Cells = tuple[np.ndarray, np.ndarray]

INDICES: dict[str, Measure] = {
    "gini": gini,
    "theil_t": theil_t,
    "theil_l": theil_l,
    "atkinson_0_5": lambda x, w: atkinson(x, w, 0.5),
    "atkinson_1": lambda x, w: atkinson(x, w, 1),
    "atkinson_2": lambda x, w: atkinson(x, w, 2),
}
every_index = pytest.mark.parametrize("index", list(INDICES.values()), ids=list(INDICES))


@st.composite
def cells(draw: st.DrawFn, least: float = 0.0) -> Cells:
    """Return scores with ties, and whole people, of two cells or more."""
    score = st.one_of(st.sampled_from([least, 50.0, 100.0]), st.floats(least, 100, width=32))
    rows = draw(st.lists(st.tuples(score, st.integers(1, 40)), min_size=2, max_size=12))
    values, people = (np.array(column, np.float64) for column in zip(*rows, strict=True))
    return values, people


def person_by_person(values: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Return one value a person: the slow twin of a weight."""
    return np.repeat(values, people.astype(int))


# ── against a twin and a peer ────────────────────────────────────────────────


@given(cells())
def test_gini__is_half_the_mean_difference_of_two_people_over_the_mean(found: Cells) -> None:
    one = person_by_person(*found)
    assume(one.mean() > 0)
    apart = np.abs(one[:, None] - one[None, :]).mean()
    assert gini(*found) == pytest.approx(apart / (2 * one.mean()), abs=1e-12)


@every_index
@given(cells(least=0.5))
def test_index__of_a_cell_is_that_of_its_people_one_by_one(index: Measure, found: Cells) -> None:
    one = person_by_person(*found)
    assert index(*found) == pytest.approx(index(one, np.ones_like(one)), abs=1e-12)


@pytest.fixture(scope="module")
def peer() -> Any:  # noqa: ANN401 - a package without types
    """Return PySAL's measures, which know no weights."""
    return pytest.importorskip("inequality", reason="PySAL's inequality is not installed")


@given(found=cells(least=0.5))
def test_indices__of_one_person_a_cell_are_those_of_pysal(peer: Any, found: Cells) -> None:  # noqa: ANN401
    one = person_by_person(*found)
    assert gini(*found) == pytest.approx(peer.gini.Gini(one).g, abs=1e-9)
    assert theil_t(*found) == pytest.approx(float(peer.theil.Theil(one).T), abs=1e-9)
    for eps in (0.5, 1):
        assert atkinson(*found, eps) == pytest.approx(
            float(peer.atkinson.atkinson(one, eps)), abs=1e-9
        )


@given(cells(), st.floats(0, 1))
def test_quantile__is_numpy_s_inverse_of_the_distribution(found: Cells, share: float) -> None:
    one = person_by_person(*found)
    # Beside a whole person the two differ in the last bit of the share.
    assume(abs(share * len(one) - round(share * len(one))) > 1e-9)
    assert quantile(*found, share) == np.quantile(one, share, method="inverted_cdf")


@given(cells(), st.floats(1, 100), st.sampled_from([0.0, 1.0, 2.0]))
def test_people_below_a_line__are_counted_one_by_one(
    found: Cells, line: float, alpha: float
) -> None:
    one = person_by_person(*found)
    lacking = np.array([((line - each) / line) ** alpha if each < line else 0.0 for each in one])
    assert foster_greer_thorbecke(*found, line, alpha) == pytest.approx(lacking.mean(), abs=1e-12)


@given(cells(), st.integers(1, 9))
def test_palma__cuts_the_people_of_a_cell_on_the_border(found: Cells, tenths: int) -> None:
    # Ten people for each one, so that both borders fall between two of them.
    values, people = found
    one = np.sort(person_by_person(values, 10 * people))
    assume(one[: 4 * len(one) // 10].sum() > 0)
    assume(one[0] < one[-1])
    top, bottom = one[9 * len(one) // 10 :].sum(), one[: 4 * len(one) // 10].sum()
    assert palma(values, people * tenths) == pytest.approx(top / bottom, rel=1e-9)


# ── laws ─────────────────────────────────────────────────────────────────────


@every_index
@given(cells(least=0.5), st.floats(0.01, 100), st.integers(2, 5))
def test_index__does_not_move_with_the_scale_or_with_everybody_twice(
    index: Measure, found: Cells, scale: float, times: int
) -> None:
    values, people = found
    plain = index(values, people)
    assert index(values * scale, people) == pytest.approx(plain, abs=1e-12)
    assert index(values, people * times) == pytest.approx(plain, abs=1e-12)
    again = np.tile(values, times), np.tile(people, times)
    assert index(*again) == pytest.approx(plain, abs=1e-12)


@every_index
@given(found=cells(), seed=st.integers(0, 99))
def test_index__has_the_same_bits_in_any_order_of_cells(
    index: Measure, found: Cells, seed: int
) -> None:
    values, people = found
    order = np.random.default_rng(seed).permutation(len(values))
    assert index(values[order], people[order]) == index(values, people)


@every_index
@given(cells(least=1.0), st.floats(0.05, 0.5))
@example((np.array([1.0, 1.0, 100.0]), np.array([2.0, 1.0, 1.0])), 0.5)
def test_index__falls_when_one_who_has_more_gives_to_one_who_has_less(
    index: Measure, found: Cells, share: float
) -> None:
    values, people = found
    richest, poorest = values.argmax(), values.argmin()
    assume(values[richest] - values[poorest] > 1)
    moved = share * (values[richest] - values[poorest])
    given_ = moved * min(people[richest], people[poorest])
    after = values.copy()
    after[richest] -= given_ / people[richest]
    after[poorest] += given_ / people[poorest]
    assert index(after, people) < index(values, people)


@every_index
@given(cells())
def test_index__lies_between_nothing_and_all(index: Measure, found: Cells) -> None:
    assert index(*found) >= 0
    if index not in (theil_t, theil_l):
        assert index(*found) <= 1


@given(cells(least=0.5))
def test_atkinson__rises_with_the_aversion_to_inequality(found: Cells) -> None:
    series = [atkinson(*found, eps) for eps in (0, 0.5, 1 - 1e-9, 1, 1 + 1e-9, 2, 5, 60)]
    assert all(later >= before - 1e-9 for before, later in pairwise(series))
    assert series[0] == 0
    assert series[2] == pytest.approx(series[3], abs=1e-7)
    assert series[4] == pytest.approx(series[3], abs=1e-7)


@given(cells())
def test_lorenz__is_convex_from_nothing_to_all(found: Cells) -> None:
    curve = lorenz(*found)
    assert curve.iloc[0].tolist() == [0, 0]
    assert curve.iloc[-1].tolist() == [1, 1]
    step = curve.diff().iloc[1:]
    slopes = (step["values"] / step["people"]).to_numpy()
    assert np.all(np.diff(slopes) >= -1e-9)
    assert np.all(curve["values"] <= curve["people"] + 1e-12)


@given(cells())
def test_gini__is_twice_the_area_above_the_lorenz_curve(found: Cells) -> None:
    curve = lorenz(*found)
    area = np.trapezoid(curve["values"], curve["people"])
    assert gini(*found) == pytest.approx(1 - 2 * area, abs=1e-12)


@given(cells(), st.floats(1, 100))
def test_deprivation__head_count_gap_and_severity_fall_in_this_order(
    found: Cells, line: float
) -> None:
    count, gap, severity = (foster_greer_thorbecke(*found, line, alpha) for alpha in (0, 1, 2))
    assert 1 >= count >= gap >= severity >= 0
    values, people = found
    assert count == pytest.approx(people[values < line].sum() / people.sum())


@given(cells(least=0.5))
def test_measures__are_the_single_ones_by_name(found: Cells) -> None:
    row = measures(*found, line=60)
    assert tuple(row.index) == MEASURES
    for name, index in INDICES.items():
        assert row[name] == index(*found)
    assert row["palma"] == palma(*found)
    assert row["p90_p10"] == percentile_ratio(*found)
    for alpha, name in enumerate(("headcount", "gap", "severity")):
        assert row[name] == foster_greer_thorbecke(*found, 60, alpha)


# ── edges ────────────────────────────────────────────────────────────────────

EVEN = dict.fromkeys(MEASURES, 0.0) | {"palma": 0.25, "p90_p10": 1.0}


@pytest.mark.parametrize("value", [7.3, 0.0, 100.0])
@pytest.mark.parametrize("count", [1, 3])
def test_everything_equal__is_no_inequality_to_the_last_bit(value: float, count: int) -> None:
    row = measures(np.full(count, value), np.array([0.1, 0.7, 33.0])[:count], line=0.01)
    below = {} if value else dict.fromkeys(("headcount", "gap", "severity"), 1.0)
    assert row.to_dict() == pytest.approx(EVEN | below, abs=0)


@pytest.mark.parametrize("people", [[0.0, 0.0], [np.nan, 0.0], [np.nan, np.nan]])
def test_nobody__has_no_inequality_to_measure(people: list[float]) -> None:
    assert measures([10.0, 50.0], people).isna().all()
    assert measures([np.nan, np.nan], [5.0, 5.0]).isna().all()
    assert math.isnan(quantile([10.0, 50.0], people, 0.5))
    assert lorenz([10.0, 50.0], people).to_numpy().tolist() == [[0, 0]]
    assert measures([], []).isna().all()


def test_cells_without_value_or_people__do_not_count_and_are_counted() -> None:
    values = [10.0, np.nan, 30.0, 99.0, 70.0, np.nan]
    people = [5.0, 8.0, 2.0, 0.0, np.nan, np.nan]
    found = distribution(values, people)
    assert (found.without_value, found.without_people, found.people_without_value) == (2, 2, 8.0)
    assert measures(values, people).equals(measures([30.0, 10.0], [2.0, 5.0]))


def test_zeros__are_nothing_under_t_and_all_under_l_and_a_strong_aversion() -> None:
    values, people = np.array([0.0, 10.0]), np.array([1.0, 3.0])
    assert theil_t(values, people) == pytest.approx(math.log(4 / 3))
    assert theil_l(values, people) == math.inf
    assert [atkinson(values, people, eps) for eps in (1, 2)] == [1, 1]
    assert atkinson(values, people, 0.5) == pytest.approx(1 - 0.75)
    assert percentile_ratio(values, people) == math.inf
    assert palma(np.array([0.0, 1.0]), np.array([1.0, 1.0])) == math.inf
    assert math.isnan(percentile_ratio(np.array([0.0, 1.0]), np.array([99.0, 1.0])))


def test_series__are_laid_beside_each_other_by_their_labels() -> None:
    values = pd.Series({"a": 10.0, "b": 90.0})
    people = pd.Series({"b": 1.0, "a": 3.0})
    assert gini(values, people) == gini([10.0, 90.0], [3.0, 1.0])


@pytest.mark.parametrize("index", [["a", "c"], ["a", "a"], ["a", "b", "c"]])
def test_series__of_other_cells_are_refused(index: list[str]) -> None:
    people = pd.Series(1.0, index=index)
    with pytest.raises(ParameterError, match="equity_labels_differ"):
        gini(pd.Series({"a": 1.0, "b": 2.0}), people)


def test_faults__are_told_all_at_once() -> None:
    with pytest.raises(ParameterError) as fault:
        gini([-1.0, np.inf, 5.0], [1.0, -2.0])
    text = str(fault.value)
    assert "equity_labels_differ" in text
    assert "2 values are negative or infinite (the first: -1)" in text
    assert "1 cells have a negative or infinite number of people (the first: -2)" in text
    assert "valores son negativos" in fault.value.text("es")


@pytest.mark.parametrize(
    "call",
    [
        lambda: atkinson([1.0], [1.0], -1),
        lambda: atkinson([1.0], [1.0], math.nan),
        lambda: atkinson([1.0], [1.0], math.inf),
        lambda: measures([1.0], [1.0], line=0),
        lambda: foster_greer_thorbecke([1.0], [1.0], -5, 0),
        lambda: foster_greer_thorbecke([1.0], [1.0], 5, -1),
        lambda: quantile([1.0], [1.0], 1.5),
        lambda: percentile_ratio([1.0], [1.0], low=-0.1),
    ],
)
def test_parameters__out_of_their_range_are_refused(call: Callable[[], object]) -> None:
    with pytest.raises(ParameterError, match="parameter_out_of_range"):
        call()


def test_words__are_no_numbers() -> None:
    with pytest.raises(ParameterError, match="parameter_type"):
        gini(np.array(["a", "b"]), [1.0, 1.0])
    with pytest.raises(ParameterError, match="parameter_type"):
        gini(pd.Series([1.0, 2.0]), pd.Series(["x", "y"]))
    with pytest.raises(ParameterError, match="parameter_out_of_range"):
        measures([1.0], [1.0], line="50")  # type: ignore[arg-type]


def test_large_aversion__neither_overflows_nor_vanishes() -> None:
    found = atkinson([1e-3, 50.0, 100.0], [1.0, 1.0, 1.0], 200)
    least = 1 - 1e-3 * 3 ** (1 / 199) / np.mean([1e-3, 50.0, 100.0])
    npt.assert_allclose(found, least, rtol=1e-12)
