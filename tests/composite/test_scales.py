"""Normalisations as curves: what each reads off the cells, and what gives it no scale."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frameworks import SOURCED, flat, method_of
from inclusion_marker.composite.scales import Curve, fitted, ranked
from inclusion_marker.composite.scoring import score
from inclusion_marker.curves import Normalisation, Score, off_scale, on_scale
from inclusion_marker.errors import ParameterError
from inclusion_marker.method import Method, load_method
from inclusion_marker.notices import Notice

Floats = np.ndarray[Any, np.dtype[np.float64]]
UP = {"polarity": "positive", "worst": 0, "best": 40}
DOWN = {"polarity": "negative", "worst": 60, "best": 6}
BAND = {"polarity": "two_sided", "low": 0, "best": [150, 200], "high": 400}
OVER_CELLS = ["min_max", "z", "percentile", "rank"]
RULES = ["goalposts", "distance_to_target", *OVER_CELLS]
VALUES = [3.0, 12.0, 12.0, 30.0, 55.0]


@cache
def one_indicator(said: str) -> Method:
    """Return the method of one indicator, from its score and its normalisation."""
    card, normalisation = json.loads(said)
    return method_of(flat("a"), {"a": card}, normalisation=normalisation)


def curve_of(card: dict[str, Any], rule: str, values: list[float], **more: str) -> Curve:
    """Return the curve of one indicator by a rule."""
    method = one_indicator(json.dumps([card, {"rule": rule, **more}]))
    return fitted(pd.DataFrame({"a": values}), method)["a"]


def scored(card: dict[str, Any], rule: str, values: list[float], **more: str) -> Floats:
    """Return the scores of the values that the curve was read off."""
    return curve_of(card, rule, values, **more).apply(np.array(values))


def codes(fault: ParameterError) -> list[tuple[str, str]]:
    """Return what an error names: codes with their items."""
    return [(each.code, each.item) for each in fault.problems if isinstance(each, Notice)]


# ── each rule by hand ─────────────────────────────────────────────────────────────────────────────


def test_goalposts__are_the_curve_of_the_card() -> None:
    npt.assert_array_equal(scored(UP, "goalposts", VALUES), [7.5, 30, 30, 75, 100])
    npt.assert_allclose(scored(DOWN, "goalposts", [6, 33, 90]), [100, 50, 0])


def test_min_max__runs_from_the_lowest_to_the_highest_in_the_card_s_direction() -> None:
    npt.assert_allclose(scored(UP, "min_max", [20, 25, 60]), [0, 12.5, 100])
    npt.assert_allclose(scored(DOWN, "min_max", [20, 25, 60]), [100, 87.5, 0])


def test_z__puts_the_mean_at_50_and_three_deviations_at_the_ends() -> None:
    values = np.array(VALUES)
    z = (values - values.mean()) / values.std(ddof=1)
    npt.assert_allclose(scored(UP, "z", VALUES), 50 + z * 100 / 6)
    npt.assert_allclose(scored(DOWN, "z", VALUES), 50 - z * 100 / 6)
    outlier = [0.0] * 30 + [1.0]
    assert scored(UP, "z", outlier)[-1] == 100


def test_rank__runs_from_0_for_the_last_to_100_for_the_first() -> None:
    npt.assert_allclose(scored(UP, "rank", VALUES), [0, 37.5, 37.5, 75, 100])
    npt.assert_allclose(scored(UP, "rank", VALUES, ties="lowest"), [0, 25, 25, 75, 100])
    npt.assert_allclose(scored(UP, "rank", VALUES, ties="highest"), [0, 50, 50, 75, 100])
    npt.assert_allclose(scored(DOWN, "rank", VALUES), [100, 62.5, 62.5, 25, 0])


def test_percentile__is_the_share_that_is_no_better() -> None:
    npt.assert_allclose(scored(UP, "percentile", VALUES, ties="highest"), [20, 60, 60, 80, 100])
    npt.assert_allclose(scored(UP, "percentile", VALUES), [20, 50, 50, 80, 100])
    npt.assert_allclose(scored(DOWN, "percentile", VALUES, ties="lowest"), [100, 60, 60, 40, 20])


def test_distance_to_target__is_a_ratio_to_the_best_and_at_most_100() -> None:
    npt.assert_allclose(scored(UP, "distance_to_target", [-5, 0, 10, 40, 80]), [0, 0, 25, 100, 100])
    negative = scored(DOWN, "distance_to_target", [-3, 0, 3, 6, 12, 60, 600])
    npt.assert_allclose(negative, [100, 100, 100, 100, 50, 10, 1])
    curve = curve_of(DOWN, "distance_to_target", [])
    assert curve.apply(np.array([np.inf]))[0] == pytest.approx(1e-4)


def test_distance_to_target__takes_the_nearest_value_of_a_plateau() -> None:
    up = {"polarity": "positive", "points": [[0, 0], [10, 80], [20, 80]]}
    npt.assert_allclose(scored(up, "distance_to_target", [5, 10, 15]), [50, 100, 100])
    down = {"polarity": "negative", "points": [[0, 100], [5, 100], [30, 0]]}
    npt.assert_allclose(scored(down, "distance_to_target", [2, 5, 10]), [100, 100, 50])


def test_two_sided__distance_to_target_is_its_curve() -> None:
    values = [0.0, 75.0, 175.0, 300.0, 900.0]
    fixed = scored(BAND, "goalposts", values)
    npt.assert_array_equal(scored(BAND, "distance_to_target", values), fixed)


def test_two_sided__is_scored_by_its_curve_and_that_is_normalised() -> None:
    values = [30.0, 90.0, 175.0, 320.0, 360.0]
    fixed = scored(BAND, "goalposts", values)
    npt.assert_allclose(fixed, [20, 60, 100, 40, 20])
    npt.assert_allclose(scored(BAND, "min_max", values), (fixed - 20) / 80 * 100, atol=1e-9)
    z = (fixed - fixed.mean()) / fixed.std(ddof=1)
    npt.assert_allclose(scored(BAND, "z", values), 50 + z * 100 / 6)
    npt.assert_allclose(scored(BAND, "rank", values), [12.5, 75, 100, 50, 12.5])


def test_two_sided__stays_within_0_and_100_between_and_beyond_the_cells() -> None:
    curve = curve_of(BAND, "min_max", [30.0, 90.0, 140.0])
    everywhere = np.linspace(-100, 600, 701)
    base = Score.model_validate({**BAND, **SOURCED}).apply(everywhere)
    low, high = base[130], base[240]  # of 30 and of 140
    expected = np.clip((base - low) / (high - low) * 100, 0, 100)
    npt.assert_allclose(curve.apply(everywhere), expected, atol=1e-9)
    assert curve.y.min() == 0
    assert curve.y.max() == 100


# ── scales ────────────────────────────────────────────────────────────────────────────────────────

LOG = {**UP, "worst": 1, "best": 1000, "scale": "log"}
ROOT = {**DOWN, "worst": 625, "best": 1, "scale": "fourth_root"}


def test_sample_rules__are_read_on_the_scale_of_the_card() -> None:
    npt.assert_allclose(scored(LOG, "min_max", [1, 10, 100]), [0, 50, 100])
    npt.assert_allclose(scored(ROOT, "min_max", [1, 16, 81]), [100, 50, 0])
    logs = np.log([1.0, 10, 50, 100])
    z = (logs - logs.mean()) / logs.std(ddof=1)
    npt.assert_allclose(scored(LOG, "z", [1, 10, 50, 100]), 50 + z * 100 / 6)


def test_z__of_roots_ends_where_there_is_nothing_below_0() -> None:
    values = np.array([0.0, 1, 1, 16])
    roots = np.sqrt(np.sqrt(values))
    z = (roots - roots.mean()) / roots.std(ddof=1)
    npt.assert_allclose(scored(ROOT, "z", values.tolist()), 50 - z * 100 / 6)
    assert curve_of(ROOT, "z", values.tolist()).x[0] == 0


@pytest.mark.parametrize(
    ("card", "values", "rule"),
    [
        (LOG, [0.0, 1, 2], "min_max"),
        (LOG, [-1.0, 1, 2], "z"),
        (ROOT, [-1.0, 1, 2], "z"),
        (UP, [np.inf, 1, 2], "rank"),
        (UP, [-np.inf, 1, 2], "z"),
        (UP, [1e300, 1, 2], "min_max"),
    ],
)
def test_sample_rules__refuse_what_has_no_place_on_the_scale(
    card: dict[str, Any], values: list[float], rule: str
) -> None:
    with pytest.raises(ParameterError, match=r"1 of 3 values have no place") as caught:
        curve_of(card, rule, values)
    assert codes(caught.value) == [("normalisation_off_scale", "a")]


def test_ranks__ask_for_no_scale() -> None:
    npt.assert_allclose(scored(LOG, "rank", [0, -5, 3]), [50, 0, 100])
    npt.assert_allclose(scored(LOG, "goalposts", [0, -5, 1000]), [0, 0, 100])


@given(st.floats(1e-3, 1e6))
def test_off_scale__is_the_inverse_of_on_scale(value: float) -> None:
    values = np.array([value])
    for scale in ("linear", "log", "fourth_root", "reciprocal"):
        npt.assert_allclose(off_scale(on_scale(values, scale), scale), values, rtol=1e-12)


@pytest.mark.parametrize("rule", OVER_CELLS)
def test_differences_that_no_double_can_divide_by__are_none(rule: str) -> None:
    with pytest.raises(ParameterError, match="normalisation_constant"):
        scored(UP, rule, [0.0, 5e-324])


# ── nothing to read ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("rule", OVER_CELLS)
def test_constant_indicators__are_refused_all_at_once_by_name(rule: str) -> None:
    method = method_of(
        flat("a", "b", "c", "d"), {"b": BAND}, normalisation={"rule": rule, **TIES.get(rule, {})}
    )
    raw = pd.DataFrame(
        {"a": [5.0, np.nan, 5.0], "b": [150.0, 160.0, 200.0], "c": [1.0, 2.0, 3.0], "d": np.nan}
    )
    with pytest.raises(ParameterError) as caught:
        fitted(raw, method)
    assert codes(caught.value) == [("normalisation_constant", key) for key in "ab"]
    assert "goalposts" in caught.value.text("es")


TIES = {"rank": {"ties": "mean"}}


@pytest.mark.parametrize("rule", OVER_CELLS)
def test_one_cell__is_too_few_for_a_rule_over_cells_and_fine_for_goalposts(rule: str) -> None:
    with pytest.raises(ParameterError, match="normalisation_constant"):
        scored(UP, rule, [20.0])
    assert scored(UP, "goalposts", [20.0]).tolist() == [50]
    assert scored(UP, "distance_to_target", [20.0]).tolist() == [50]


@pytest.mark.parametrize("rule", RULES)
def test_nothing_observed__stays_missing(rule: str) -> None:
    method = method_of(flat("a", "b"), normalisation={"rule": rule})
    raw = pd.DataFrame({"a": [1.0, 2.0, np.nan], "b": [np.nan] * 3})
    found = score(raw, method)
    assert found.indicators["b"].isna().all()
    assert found.indicators["a"].notna().tolist() == [True, True, False]
    absent = score(raw[["a"]], method)
    pd.testing.assert_frame_equal(absent.indicators, found.indicators)
    empty = score(raw.iloc[:0], method)
    assert len(empty.marker) == 0


@pytest.mark.parametrize("rule", OVER_CELLS)
def test_indicator_of_its_own_rule__leaves_the_others_alone(rule: str) -> None:
    card = {**UP, "normalise": {"rule": rule}}
    method = method_of(flat("a", "b"), {"a": card, "b": UP})
    raw = pd.DataFrame({"a": VALUES, "b": VALUES})
    found = score(raw, method).indicators
    npt.assert_array_equal(found["b"], scored(UP, "goalposts", VALUES))
    npt.assert_array_equal(found["a"], scored(UP, rule, VALUES))
    assert method.normalisation_of("a") == Normalisation.model_validate({"rule": rule})
    assert not method.comparable


# ── laws ──────────────────────────────────────────────────────────────────────────────────────────

values_of = st.lists(st.integers(0, 1000).map(float), min_size=3, max_size=20).filter(
    lambda values: len(set(values)) > 1
)


@pytest.mark.parametrize("rule", RULES)
@given(values_of)
def test_scores__rise_with_the_value_and_stay_within_0_and_100(
    rule: str, values: list[float]
) -> None:
    rising = sorted(values)
    for card, sign in ((UP, 1), (DOWN, -1)):
        found = scored(card, rule, rising) * sign
        assert np.all(np.diff(found) >= -1e-9)
        assert np.all((found * sign >= 0) & (found * sign <= 100))


@pytest.mark.parametrize("rule", RULES)
@given(values_of, st.randoms(use_true_random=False))
def test_scores__are_the_same_in_any_order_of_cells(
    rule: str,
    values: list[float],
    random: Any,  # noqa: ANN401 - the type of hypothesis is private
) -> None:
    order = list(range(len(values)))
    random.shuffle(order)
    for card in (UP, DOWN, BAND):
        try:
            found = scored(card, rule, values)
        except ParameterError:  # all on the same score of the band
            continue
        moved = scored(card, rule, [values[at] for at in order])
        npt.assert_array_equal(moved, found[order])


@pytest.mark.parametrize("rule", RULES)
@given(values_of)
def test_missing_cell__moves_no_other_and_stays_missing(rule: str, values: list[float]) -> None:
    found = scored(UP, rule, [*values, np.nan])
    npt.assert_array_equal(found[:-1], scored(UP, rule, values))
    assert np.isnan(found[-1])


@pytest.mark.parametrize("rule", ["rank", "percentile"])
@given(values_of)
def test_ranks__do_not_change_with_the_last_bit(rule: str, values: list[float]) -> None:
    shaken = [value * (1 + 2e-16 * (-1) ** at) for at, value in enumerate(values)]
    npt.assert_allclose(scored(UP, rule, shaken), scored(UP, rule, values), atol=1e-9)


@given(st.lists(st.integers(0, 9).map(float), min_size=1, max_size=12))
def test_ranked__is_that_of_pandas(values: list[float]) -> None:
    for ties, method in (("mean", "average"), ("lowest", "min"), ("highest", "max")):
        expected = pd.Series(values).rank(method=method)  # type: ignore[arg-type]
        npt.assert_array_equal(ranked(np.array(values), ties), expected)  # type: ignore[arg-type]


@given(values_of)
def test_rank__of_mean_ties_mirrors_when_the_direction_turns(values: list[float]) -> None:
    npt.assert_allclose(scored(UP, "rank", values), 100 - scored(DOWN, "rank", values), atol=1e-9)


# ── curves ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["uim", "uim-v1"])
def test_curves_of_shipped_methods__are_the_formula_of_their_cards_to_the_bit(name: str) -> None:
    method = load_method(name)
    curves = fitted(pd.DataFrame(), method)
    assert list(curves) == list(method.indicators)
    values = np.concatenate([np.linspace(-50, 12_000, 997), np.geomspace(1e-3, 1e6, 301)])
    for key, card in method.indicators.items():
        x, y = (np.array(each) for each in zip(*card.score.curve(card.classes), strict=True))
        inside = np.clip(values, x[0], x[-1])
        scaled, knots = (
            np.log(each)
            if card.score.scale == "log"
            else np.sqrt(np.sqrt(each))
            if card.score.scale == "fourth_root"
            else each
            for each in (inside, x)
        )
        expected = np.interp(scaled, knots, y)
        npt.assert_array_equal(curves[key].apply(values), expected)
        npt.assert_array_equal(card.score.apply(values, card.classes), expected)


def test_open__carries_the_end_segments_on() -> None:
    curve = curve_of(
        {"polarity": "negative", "points": [[5, 100], [15, 60], [30, 0]]}, "goalposts", []
    )
    npt.assert_allclose(curve.open(np.array([0.0, 10, 40, np.nan])), [120, 80, -40, np.nan])
    npt.assert_allclose(curve.apply(np.array([0.0, 10, 40, np.nan])), [100, 80, 0, np.nan])
    log = curve_of(LOG, "goalposts", [])
    npt.assert_allclose(log.open(np.array([0.1, 1e4, 0.0, -3])), [-100 / 3, 400 / 3, 0, 0])
    root = curve_of(ROOT, "goalposts", [])
    npt.assert_allclose(root.open(np.array([0.0, 1296, -7])), [125, -25, 100])


def test_open__is_apply_where_a_line_has_no_meaning() -> None:
    far = np.array([-1e6, 0.0, 5.0, 1e6, np.nan])
    for card, rule in ((BAND, "goalposts"), (UP, "rank"), (DOWN, "distance_to_target")):
        curve = curve_of(card, rule, VALUES)
        npt.assert_array_equal(curve.open(far), curve.apply(far))


def test_open__of_a_step_has_no_slope_to_carry_on() -> None:
    step = {"polarity": "positive", "points": [[5, 0], [5, 50], [9, 100]]}
    curve = curve_of(step, "goalposts", [])
    npt.assert_allclose(curve.open(np.array([0.0, 7, 11])), [0, 75, 125])
