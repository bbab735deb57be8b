"""Leaving out one part after the other: COINr's figures, and laws.

Of the case ``coinr_asem`` (Becker, W. et al. (2022). COINr: An R package for developing composite
indicators. *Journal of Open Source Software* 7(78), 4567; data of the European Commission's ASEM
portal), its files ``remove_level1_*`` and ``remove_level2_*`` are tests here. The rest of the case
is that of scoring, of weights and of the audit.
"""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from hypothesis import given, settings

from analysis.trees import Weighted, made_method, made_result, scored
from inclusion_marker.analysis.explaining.omission import NodeLevel, without
from inclusion_marker.analysis.explaining.rescoring import columns_of, remade
from inclusion_marker.cards import Rule
from inclusion_marker.composite.scoring import score
from inclusion_marker.errors import ParameterError
from inclusion_marker.method import Method
from inclusion_marker.result import Result

CASE = Path(__file__).parents[3] / "shared" / "cases" / "coinr_asem"
asem = pytest.mark.skipif(not CASE.is_dir(), reason="the case coinr_asem is not here (../shared)")

TREE = {"a": {"ad": {"x": 1.0, "y": 1.0}}, "b": {"bd": {"z": 1.0}}}
PLAIN = made_method(TREE)


@pytest.fixture(scope="module")
def countries() -> Result:
    """Return the 51 countries of ASEM by 49 indicators, 8 pillars and 2 sub-indices."""
    lineage = pd.read_csv(CASE / "lineage.csv")
    meta = pd.read_csv(CASE / "iMeta.csv").set_index("iCode")["Weight"]
    tree: dict[str, dict[str, dict[str, float]]] = {}
    for leaf, pillar, branch in lineage[["Indicator", "Pillar", "Sub-index"]].to_numpy(str):
        tree.setdefault(branch, {}).setdefault(pillar, {})[leaf] = float(meta[leaf])
    upper: Weighted = {str(key): float(meta[key]) for key in {*lineage["Pillar"], *tree}}
    scores = pd.read_csv(CASE / "dset_normalised.csv").set_index("uCode")
    return made_result(made_method(tree, weights=upper), scores)


@asem
@pytest.mark.parametrize(("level", "number"), [("ind", 1), ("dim", 2)])
def test_rank_shift__is_that_of_coinr(countries: Result, level: NodeLevel, number: int) -> None:
    file = CASE / f"remove_level{number}_meanabsdiff.csv"
    expected = pd.read_csv(file).set_index("element")["mean_abs_rank_shift"].drop("Nominal")
    found = without(countries, level)["rank_shift"].rename(lambda node: node.partition("_")[2])
    assert len(expected) == {1: 49, 2: 8}[number]
    npt.assert_allclose(found[expected.index], expected, rtol=1e-13)


@asem
def test_scores__without_each_pillar_are_those_of_coinr(countries: Result) -> None:
    expected = pd.read_csv(CASE / "remove_level2_scores.csv").set_index("uCode")
    columns = columns_of(countries.scores, countries.method)
    npt.assert_allclose(columns["marker"], expected["Nominal"], rtol=1e-12)
    for pillar in expected.columns.drop("Nominal"):
        found = remade(columns, countries.method, f"dim_{pillar}", None)
        assert found is not None
        npt.assert_allclose(found, expected[pillar], rtol=1e-12)


@asem
def test_ranks__without_each_pillar_are_those_of_coinr(countries: Result) -> None:
    expected = pd.read_csv(CASE / "remove_level2_ranks.csv").set_index("uCode")
    columns = columns_of(countries.scores, countries.method)
    for pillar in expected.columns.drop("Nominal"):
        found = remade(columns, countries.method, f"dim_{pillar}", None)
        ranks = pd.Series(found).rank(ascending=False, method="min")
        npt.assert_array_equal(ranks, expected[pillar])


def test_without__an_indicator_its_sibling_takes_its_weight() -> None:
    raw = pd.DataFrame({"x": [40.0, 60], "y": [80.0, 80], "z": [60.0, 20]})
    found = without(made_result(PLAIN, raw, [300, 100])).loc["ind_x"]
    # c0: 60 becomes 70; c1: 45 becomes 50.
    assert found["city"] == pytest.approx((70 * 300 + 50 * 100) / 400)
    assert found["city_change"] == pytest.approx((10 * 300 + 5 * 100) / 400)
    assert found["mean_change"] == found["city_change"]
    # 60 is in the third class and 70 in the fourth; 45 is in the first and 50 in the second.
    assert found["class_change"] == 1
    assert found["rank_shift"] == 0


def test_without__ups_and_downs_do_not_cancel_in_the_mean_change_nor_in_the_ranks() -> None:
    raw = pd.DataFrame({"x": [40.0, 60], "y": [60.0, 40], "z": [60.0, 62]})
    found = without(made_result(PLAIN, raw), "ind").loc["ind_x"]
    assert found["city_change"] == pytest.approx(0)
    assert found["mean_change"] == pytest.approx(5)
    assert found["rank_shift"] == 1


def test_without__the_only_child_its_parent_is_left_out_with_it() -> None:
    raw = pd.DataFrame({"x": [40.0], "y": [80.0], "z": [20.0]})
    result = made_result(PLAIN, raw)
    found = [without(result, level)["city"].iloc[-1] for level in get_args(NodeLevel)]
    assert found == pytest.approx([60, 60, 60])


def test_without__all_there_is_nothing_is_left_to_say() -> None:
    method = made_method({"a": {"ad": {"x": 1.0}}})
    found = without(made_result(method, pd.DataFrame({"x": [40.0]})), "area")
    assert found.loc["area_a"].isna().all()


def test_without__what_weighs_nothing_is_no_row() -> None:
    method = made_method(
        {"a": {"ad": {"x": 1.0, "y": 0.0}}, "b": {"bd": {"z": 1.0}}}, weights={"b": 0.0}
    )
    raw = pd.DataFrame({"x": [40.0], "y": [80.0], "z": [20.0]})
    assert without(made_result(method, raw)).index.tolist() == ["ind_x"]


def test_without__says_who_loses_and_who_gains_a_marker() -> None:
    method = made_method(TREE, bars=(0.0, 0.0, 1.0))
    raw = pd.DataFrame({"x": [40.0, 40, np.nan], "y": [np.nan, 80, 20], "z": [50.0, np.nan, 50]})
    result = made_result(method, raw, [100, 300, 600])
    found = without(result, "area")
    assert found.loc["area_b", "people_gained"] == pytest.approx(0.3)
    assert found.loc["area_b", "people_lost"] == 0
    found = without(result, "ind")
    assert found.loc["ind_x", "people_lost"] == pytest.approx(0.1)
    assert found.loc["ind_x", "people_gained"] == 0
    assert found.loc["ind_x", "city_change"] == pytest.approx(0)


@pytest.mark.parametrize("people", [[0.0, 0.0], [np.nan, 0.0]])
def test_without__people_nothing_can_be_said(people: list[float]) -> None:
    raw = pd.DataFrame({"x": [40.0, 50], "y": [80.0, 20], "z": [20.0, 10]})
    assert without(made_result(PLAIN, raw, people)).isna().all(axis=None)


def test_without__refuses_a_level_that_is_none() -> None:
    result = made_result(PLAIN, pd.DataFrame({"x": [1.0], "y": [2.0], "z": [3.0]}))
    with pytest.raises(ParameterError, match=r"ind \| dim \| area"):
        without(result, "marker")  # type: ignore[arg-type]


@settings(deadline=None, max_examples=30)
@given(scored())
def test_without__is_scoring_by_a_method_in_which_the_part_weighs_nothing(
    made: tuple[Method, pd.DataFrame],
) -> None:
    method, raw = made
    result = made_result(method, raw)
    columns = columns_of(result.scores, method)
    for key, card in method.indicators.items():
        siblings = method.children_of(f"dim_{card.dimension}")
        if siblings[f"ind_{key}"] in (0.0, 1.0):
            continue  # 1: its dimension goes with it, which no method file says
        cards = {**method.indicators, key: card.model_copy(update={"weight": 0.0})}
        other = method.model_copy(update={"indicators": cards})
        found = remade(columns, method, f"ind_{key}", None)
        assert found is not None
        npt.assert_allclose(found, score(raw, other).marker, atol=1e-9)


def test_without__any_rule_a_constant_map_stays_constant() -> None:
    method = made_method(TREE, (Rule(rule="ampi"), Rule(rule="harmonic"), Rule(rule="geometric")))
    raw = pd.DataFrame({"x": [55.0] * 3, "y": [55.0] * 3, "z": [55.0] * 3})
    found = without(made_result(method, raw))
    npt.assert_allclose(found["mean_change"], 0, atol=1e-9)
    npt.assert_array_equal(found[["class_change", "rank_shift"]], 0)
