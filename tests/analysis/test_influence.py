"""The correlation ratio against closed forms and laws; goalposts and direction.

Of the case `sobol_analytic` the first-order indices of the Ishigami function are met by the
correlation ratio of its inputs (Sobol' points, no model runs of its own); total indices and the
g-function belong to the sensitivity analysis.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import qmc

from inclusion_marker.analysis.auditing.goalposts import against_direction, best_band, beyond_ends
from inclusion_marker.analysis.auditing.influence import correlation_ratio, correlation_ratios

DATA = Path(__file__).parents[3] / "shared" / "data"
LINE = pd.Series(np.linspace(0.0, 100.0, 101))


def points(n: int, columns: int, seed: int = 7) -> np.ndarray:
    """Return evenly spread points of the unit cube."""
    found: np.ndarray = qmc.Sobol(columns, seed=seed).random(n)
    return found


def test_correlation_ratio__of_ishigami_inputs_are_its_first_order_indices() -> None:
    x = np.pi * (2 * points(4096, 3) - 1)
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    found = correlation_ratios(pd.DataFrame(x, columns=list("abc")), pd.Series(y))
    npt.assert_allclose(found["ratio"], [0.3139, 0.4424, 0.0], atol=0.005)
    # What a straight line sees of them is another thing.
    npt.assert_allclose(found["linear"], [0.19, 0.0, 0.0], atol=0.01)


@pytest.mark.parametrize("weights", [(0.5, 0.3, 0.2), (0.9, 0.05, 0.05)])
def test_correlation_ratio__of_an_additive_index_is_the_share_of_variance(
    weights: tuple[float, ...],
) -> None:
    x = pd.DataFrame(points(1024, 3) * [100, 50, 100])
    index = pd.Series(x.to_numpy() @ np.array(weights))
    shares = np.square(weights) * x.var() / index.var()
    npt.assert_allclose(correlation_ratios(x, index)["ratio"], shares, atol=0.02)


def test_correlation_ratio__of_a_bent_relation_is_what_a_line_misses() -> None:
    found = correlation_ratio(LINE, (LINE - 50) ** 2)
    assert found.ratio == pytest.approx(1, abs=1e-4)
    assert found.linear == pytest.approx(0, abs=1e-12)
    assert correlation_ratio(LINE, pd.Series(np.exp(LINE / 20))).ratio == pytest.approx(1, abs=1e-3)


def test_correlation_ratio__of_a_few_values_is_the_share_between_their_means() -> None:
    x = pd.Series([0.0, 0, 0, 1, 1, 1, 2, 2, 2])
    y = pd.Series([1.0, 2, 3, 11, 12, 13, 4, 5, 6])
    between, total = 3 * np.square([2 - 19 / 3, 12 - 19 / 3, 5 - 19 / 3]).sum(), 8 * y.var()
    adjusted = 1 - (1 - between / total) * 8 / 6
    assert correlation_ratio(x, y).ratio == pytest.approx(adjusted)


def test_correlation_ratio__of_an_unrelated_component_is_near_0() -> None:
    noise = np.random.default_rng(7)
    found = [
        correlation_ratio(pd.Series(noise.normal(size=200)), pd.Series(noise.normal(size=200)))
        for _ in range(100)
    ]
    ratios = np.array([each.ratio for each in found])
    assert ratios.mean() < 0.015
    assert np.quantile(ratios, 0.95) < 0.06


@given(
    arrays(np.float64, (12, 2), elements=st.floats(0, 100, width=32)), st.permutations(range(12))
)
@settings(max_examples=60, deadline=None)
def test_correlation_ratio__is_a_share_whatever_the_order_and_the_unit(
    values: np.ndarray, rows: list[int]
) -> None:
    table = pd.DataFrame(values.round(2), columns=["x", "y"])
    people = pd.Series(np.arange(1.0, 13.0))
    found = correlation_ratio(table.x, table.y, people)
    assert found.reason or 0 <= found.ratio <= 1
    turned, living = table.iloc[rows], people.iloc[rows]
    again = correlation_ratio(turned.x * 1e3 + 5, turned.y * 1e-2, living)
    npt.assert_allclose(found.ratio, again.ratio, atol=1e-5)
    assert found.reason == again.reason


def test_correlation_ratio__weighs_by_people() -> None:
    up = list(np.arange(50.0))
    x, y = pd.Series([*up, *up]), pd.Series([*up, *up[::-1]])
    people = pd.Series([1.0] * 50 + [0.0] * 50)
    assert correlation_ratio(x, y).ratio == pytest.approx(0, abs=0.01)
    assert correlation_ratio(x, y, people).ratio == pytest.approx(1)


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        ([1.0, 1, 1, 1], [1.0, 2, 3, 4], "constant"),
        ([1.0, 2, 3, 4], [3.0, 3, 3, 3], "constant"),
        ([np.nan] * 4, [1.0, 2, 3, 4], "missing"),
        ([1.0, np.nan, np.nan, np.nan], [1.0, 2, 3, 4], "single"),
        ([1.0, 2, 3, np.nan], [1.0, 2, 4, 5], "few"),
    ],
)
def test_correlation_ratio__without_variation_says_why(
    x: list[float], y: list[float], reason: str
) -> None:
    found = correlation_ratio(pd.Series(x), pd.Series(y))
    assert (found.reason, np.isnan(found.ratio)) == (reason, True)


def test_correlation_ratio__where_each_cell_has_a_value_of_its_own_is_the_line_s() -> None:
    x, y = pd.Series([0.0, 1, 2, 3]), pd.Series([0.0, 3, 1, 2])
    assert correlation_ratio(x, y).ratio == pytest.approx(float(x.corr(y)) ** 2)


# ── goalposts ────────────────────────────────────────────────────────────────

ONE_SIDED = (np.array([10.0, 60.0]), np.array([100.0, 0.0]))
TWO_SIDED = (np.array([0.0, 150, 200, 400]), np.array([0.0, 100, 100, 0]))


def test_ends__of_a_one_sided_scale() -> None:
    values = np.array([5.0, 10, 30, 60, 70, np.nan])
    found = beyond_ends(values, *ONE_SIDED)
    assert found["at_best"].tolist() == [True, True, False, False, False, False]
    assert found["beyond_best"].tolist() == [True, False, False, False, False, False]
    assert found["at_worst"].tolist() == [False, False, False, True, True, False]
    assert found["beyond_worst"].tolist() == [False, False, False, False, True, False]


def test_ends__of_a_two_sided_scale_are_both_worst() -> None:
    values = np.array([-1.0, 0, 100, 160, 400, 500, np.nan])
    found = beyond_ends(values, *TWO_SIDED)
    assert found["at_worst"].tolist() == [True, True, False, False, True, True, False]
    assert found["beyond_worst"].tolist() == [True, False, False, False, False, True, False]
    assert found["at_best"].tolist() == [False, False, False, True, False, False, False]
    assert not found["beyond_best"].any()


def test_best_band__is_open_where_the_curve_ends_in_its_best() -> None:
    assert best_band(*ONE_SIDED) == (-np.inf, 10)
    assert best_band(*TWO_SIDED) == (150, 200)


@given(arrays(np.float64, (20,), elements=st.floats(-50, 500)))
@settings(max_examples=60)
def test_scores_of_a_curve__run_the_way_they_are_said_to(values: np.ndarray) -> None:
    for x, y in (ONE_SIDED, TWO_SIDED):
        scores = np.interp(values, x, y)
        assert not against_direction(values, scores, best_band(x, y)).any()


def test_reversed_scores__are_seen_in_all_but_the_lowest() -> None:
    values = np.array([3.0, 1, 2, np.nan])
    against = against_direction(values, np.array([0.0, 90, 50, 50]), (10, np.inf))
    assert against.tolist() == [False, True, True, False]


def test_value_short_of_the_best_by_rounding__is_at_the_best() -> None:
    values = np.array([100 - 1e-13, 100.0, 40.0, 1e-15])
    assert not against_direction(values, values, (100, np.inf)).any()
    assert not against_direction(values, 100 - values, (-np.inf, 0)).any()


def test_no_scores__run_no_way() -> None:
    assert not against_direction(np.full(3, np.nan), np.full(3, np.nan), (0, 1)).any()


def test_one_sided_standardisation__gives_100_to_nothing_and_is_seen() -> None:
    # UN-Habitat's Panama grid, intersections for each km2: 100 up to 100, then down to 0 at 200.
    values = np.array([0.0, 4, 92, 100, 104, 160, 220])
    scores = np.clip(100 - (values - 100), 0, 100)
    found = against_direction(values, scores, (100, 100))
    assert found.tolist() == [True, True, True, False, False, False, False]


@pytest.mark.skipif(not DATA.is_dir(), reason="the real layers are not here (../shared/data)")
def test_panama_grid__as_published_is_seen_to_run_against_its_direction() -> None:
    file = DATA / "unhabitat-viewers-reference" / "panama.gpkg"
    table = gpd.read_file(file, layer="grid_indicators", read_geometry=False)
    streets, score = (table[name].to_numpy(float) for name in ("INTERXKM2", "Intersec_E"))
    found = against_direction(streets, score, (100, 100))
    without = streets == 0
    assert int(without.sum()) == 947
    assert found[without].all()
    # Of the cells with land of streets within the goalposts (6-36 %), the 63 densest get 0.
    land, share = (table[name].to_numpy(float) for name in ("PORC_VIAS", "SUPVIAS_E"))
    assert int(((land > 6.01) & (share == 0)).sum()) == 63
    assert against_direction(land, share, (36, np.inf))[share > 0].all()
