"""The shortfall over a whole tree: what adds up, and what would add to the marker."""

from __future__ import annotations

import math

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.trees import SMOOTH, made_method, scored
from inclusion_marker.analysis.explaining.shortfall import (
    below,
    closing_gains,
    point_gains,
    shortfall,
    unsplit,
)
from inclusion_marker.cards import Rule
from inclusion_marker.composite.scoring import score
from inclusion_marker.method import Method, effective_weights, load_method

# A tree holds many cases at once: three cells, up to eighteen indicators, three rules.
FEW = settings(deadline=None, max_examples=40)
Made = tuple[Method, pd.DataFrame]
TREE = {"a": {"ad": {"x": 1.0, "y": 1.0}}, "b": {"bd": {"z": 1.0}}}
MIXED = made_method(TREE, (Rule(), Rule(), Rule(rule="geometric", floor=1)))


def level(method: Method, kind: str) -> list[str]:
    return [node for node in method.nodes() if node.startswith(kind)]


@FEW
@given(scored())
def test_shares__of_every_level_sum_to_one_and_points_to_the_shortfall(made: Made) -> None:
    method, raw = made
    scores = score(raw, method)
    found = shortfall(scores, method)
    gap = 100 - scores.marker
    there = scores.marker.notna()
    expected = np.where(gap <= 1e-11, 0.0, 1.0)
    for kind in ("area_", "dim_", "ind_"):
        nodes = level(method, kind)
        npt.assert_allclose(found.shares[nodes].sum(axis=1)[there], expected[there], atol=1e-12)
        npt.assert_allclose(found.points[nodes].sum(axis=1)[there], gap[there], atol=1e-10)
        npt.assert_allclose(found.weights[nodes].sum(axis=1)[there], 1, atol=1e-12)
    assert found.shares[~there].isna().all(axis=None)
    assert bool((found.weights[~there] == 0).all(axis=None))


def twin(method: Method, scores: dict[str, float], node: str, share: float) -> dict[str, float]:
    """Return the shares below a node, one sibling after the other, as the formulas say."""
    rule, children = method.rule_of(node), method.children_of(node)
    terms = {}
    for child, weight in children.items():
        score = scores[child]
        if weight > 0 and not math.isnan(score):
            p = {"harmonic": -1.0, "power": rule.p}.get(rule.rule)
            lifted = max(score, rule.least)
            match rule.rule:
                case "arithmetic":
                    terms[child] = weight * (100 - score)
                case "geometric":
                    terms[child] = weight * math.log(100 / lifted)
                case _:
                    assert p is not None
                    terms[child] = weight * abs((lifted / 100) ** p - 1)
    total = math.fsum(terms.values())
    found = {}
    for child, term in terms.items():
        found[child] = share * term / total if total > 0 else 0.0
        found |= twin(method, scores, child, found[child])
    return found


@FEW
@given(scored(SMOOTH, st.one_of(st.just(np.nan), st.floats(0, 99)), rows=1))
def test_shares__agree_with_the_formulas_written_out(made: Made) -> None:
    method, raw = made
    scores = score(raw, method)
    row = scores.table().iloc[0]
    found = shortfall(scores, method).shares.iloc[0].drop("marker").dropna()
    expected = (
        {}
        if np.isnan(row["marker"])
        else twin(
            method,
            dict(zip(row.index.map(str), row.to_numpy(float).tolist(), strict=True)),
            "marker",
            1.0,
        )
    )
    assert set(found.index) == set(expected)
    npt.assert_allclose(found, [expected[str(node)] for node in found.index], rtol=1e-6, atol=1e-9)


def test_shortfall__of_no_cells_is_empty() -> None:
    scores = score(pd.DataFrame({"x": [], "y": [], "z": []}, dtype=float), MIXED)
    assert shortfall(scores, MIXED).points.shape == (0, 8)
    assert point_gains(scores, MIXED).shape == closing_gains(scores, MIXED).shape == (0, 8)


@FEW
@given(scored())
def test_shares__of_children_sum_to_their_parent(made: Made) -> None:
    method, raw = made
    found = shortfall(score(raw, method), method).shares
    for node in method.nodes():
        children = list(method.children_of(node))
        if children:
            has = found[node].notna()
            npt.assert_allclose(found[children].sum(axis=1)[has], found[node][has], atol=1e-12)


@FEW
@given(scored())
def test_share__of_what_is_missing_is_missing_and_never_0(made: Made) -> None:
    method, raw = made
    scores = score(raw, method)
    found = shortfall(scores, method)
    missing = scores.table()[list(method.nodes())].isna()
    assert found.shares.isna().where(missing, other=True).all(axis=None)
    pd.testing.assert_frame_equal(found.shares.isna(), found.weights == 0)


@FEW
@given(scored(), st.randoms(use_true_random=False))
def test_shares__do_not_hang_on_the_order_of_cells_or_indicators(
    made: Made, random: st.DataObject
) -> None:
    method, raw = made
    keys = list(method.indicators)
    random.shuffle(keys)  # type: ignore[attr-defined]
    other = method.model_copy(
        update={
            "indicators": {key: method.indicators[key] for key in keys},
            "dimensions": dict(reversed(method.dimensions.items())),
            "areas": dict(reversed(method.areas.items())),
        }
    )
    found = shortfall(score(raw.iloc[::-1][keys], other), other).points
    expected = shortfall(score(raw, method), method).points
    npt.assert_allclose(found.loc[raw.index, expected.columns], expected, atol=1e-9)


@FEW
@given(scored(SMOOTH, st.one_of(st.just(np.nan), st.integers(1, 99).map(float)), rows=1))
def test_point_gains__are_the_limit_of_small_steps(made: Made) -> None:
    method, raw = made
    scores = score(raw, method)
    gains = point_gains(scores, method)
    step = 1e-5
    for key in raw.columns:
        gain = gains[f"ind_{key}"].iloc[0]
        if np.isnan(gain):
            continue
        more = raw.assign(**{key: raw[key] + step})
        rise = (score(more, method).marker - scores.marker).iloc[0] / step
        assert gain == pytest.approx(rise, rel=1e-2, abs=1e-5)


@FEW
@given(scored(rows=2))
def test_closing_gains__of_indicators_are_those_of_scoring_again(made: Made) -> None:
    method, raw = made
    scores = score(raw, method)
    gains = closing_gains(scores, method)
    counted = shortfall(scores, method).weights > 0
    for key in raw.columns:
        closed = score(raw.assign(**{key: raw[key].where(raw[key].isna(), 100.0)}), method)
        node = f"ind_{key}"
        expected = (closed.marker - scores.marker).where(counted[node])
        npt.assert_allclose(gains[node], expected, atol=1e-12)


@FEW
@given(scored(SMOOTH, st.floats(0, 100), rows=2))
def test_closing_gains__never_lower_a_mean_and_an_area_adds_what_its_indicators_add_together(
    made: Made,
) -> None:
    method, raw = made
    scores = score(raw, method)
    gains = closing_gains(scores, method)
    assert bool((gains.fillna(0) >= -1e-9).all(axis=None))
    for area in method.areas:
        inside = [node.removeprefix("ind_") for node in below(method, f"area_{area}")]
        keys = [key for key in inside if key in raw.columns]
        closed = score(raw.assign(**dict.fromkeys(keys, 100.0)), method)
        found = gains[f"area_{area}"].dropna()
        npt.assert_allclose(found, (closed.marker - scores.marker)[found.index], atol=1e-9)


def test_shares__multiply_down_a_tree_of_mixed_rules() -> None:
    # Area a is 25 (arithmetic of 0 and 50), b is 50; ln 4 : ln 2 = 2 : 1 under the geometric mean.
    raw = pd.DataFrame({"x": [0.0], "y": [50.0], "z": [50.0]})
    scores = score(raw, MIXED)
    found = shortfall(scores, MIXED)
    npt.assert_allclose(found.shares[["area_a", "area_b"]], [[2 / 3, 1 / 3]])
    npt.assert_allclose(found.shares[["ind_x", "ind_y"]], [[4 / 9, 2 / 9]])
    npt.assert_allclose(found.points["ind_x"], 4 / 9 * (100 - np.sqrt(25 * 50)))
    gains = point_gains(scores, MIXED)
    npt.assert_allclose(gains["ind_x"], 0.5 * 0.5 * scores.marker / 25)
    npt.assert_allclose(gains["ind_z"], 0.5 * scores.marker / 50)


def test_shares__at_100_are_all_0_and_nothing_is_to_gain() -> None:
    raw = pd.DataFrame({"x": [100.0], "y": [100.0], "z": [100.0]})
    scores = score(raw, MIXED)
    assert bool((shortfall(scores, MIXED).shares == 0).all(axis=None))
    assert bool((point_gains(scores, MIXED) == 0).all(axis=None))
    assert bool((closing_gains(scores, MIXED) == 0).all(axis=None))


def test_share__of_rounding_is_split_by_weight_and_not_lost() -> None:
    # Ten weights of 0.1 may make a mean of 100 that is 100 but for the last bit.
    leaves = {f"i{each}": 0.1 for each in range(10)}
    method = made_method({"a": {"ad": leaves}, "b": {"bd": {"z": 1.0}}})
    scores = score(pd.DataFrame([dict.fromkeys(leaves, 100.0) | {"z": 50.0}]), method)
    found = shortfall(scores, method).shares
    npt.assert_allclose(found[level(method, "ind_")].sum(axis=1), 1, atol=1e-12)


def test_weight__of_a_missing_child_goes_to_its_siblings() -> None:
    raw = pd.DataFrame({"x": [40.0], "y": [np.nan], "z": [80.0]})
    found = shortfall(score(raw, MIXED), MIXED)
    npt.assert_allclose(found.weights[["ind_x", "ind_y", "ind_z"]], [[0.5, 0, 0.5]])
    assert found.points["ind_y"].isna().all()


def test_weights__of_a_complete_cell_are_the_effective_weights() -> None:
    method = load_method("uim-v1")
    raw = {key: card.score.curve(card.classes)[0][0] for key, card in method.indicators.items()}
    found = shortfall(score(pd.DataFrame([raw]), method), method).weights
    expected = [each.indicator for each in effective_weights(method).values()]
    npt.assert_allclose(found[level(method, "ind_")].iloc[0], expected)


def test_shares__below_a_mean_that_does_not_split_are_missing_and_above_it_are_not() -> None:
    method = made_method(TREE, (Rule(rule="mpi"), Rule(), Rule()))
    raw = pd.DataFrame({"x": [0.0, 50, 70], "y": [50.0, 20, 30], "z": [50.0, 40, 10]})
    scores = score(raw, method)
    found = shortfall(scores, method)
    assert unsplit(method) == ("dim_ad", "dim_bd")
    npt.assert_allclose(found.shares[["dim_ad", "dim_bd"]].sum(axis=1), 1)
    for table in (found.shares, point_gains(scores, method), closing_gains(scores, method)):
        assert table[level(method, "ind_")].isna().all(axis=None)
        assert table[level(method, "dim_")].notna().all(axis=None)


def test_point_gain__of_an_area_below_its_floor_is_0_for_all_below_it() -> None:
    raw = pd.DataFrame({"x": [0.0], "y": [0.5], "z": [50.0]})
    gains = point_gains(score(raw, MIXED), MIXED)
    npt.assert_allclose(gains[["area_a", "ind_x", "ind_y"]], 0)
    assert closing_gains(score(raw, MIXED), MIXED)["ind_x"].iloc[0] > 0


def test_point_gain__through_a_root_at_0_is_stopped_by_a_step_of_0() -> None:
    root = Rule(rule="power", p=0.5)
    method = made_method(TREE, (Rule(rule="power", p=2), Rule(), root))
    raw = pd.DataFrame({"x": [0.0], "y": [0.0], "z": [50.0]})
    gains = point_gains(score(raw, method), method)
    assert np.isinf(gains["area_a"].iloc[0])
    method = made_method(TREE, (Rule(rule="geometric", floor=1), Rule(), root))
    gains = point_gains(score(raw.assign(x=0.5, y=0.5), method), method)
    npt.assert_allclose(gains["ind_x"], 0)
