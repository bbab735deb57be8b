"""Comparisons: laws, refusals, and figures that can be worked out by hand."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
import scipy.stats
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inclusion_marker.analysis.comparing.pairs import rank_correlation
from inclusion_marker.analysis.comparing.shared import (
    core_of,
    goalposts_said,
    restricted,
    same_goalposts,
)
from inclusion_marker.analysis.comparison import Comparison, compare, shared_core
from inclusion_marker.city import Cells, City
from inclusion_marker.composite.scoring import score
from inclusion_marker.errors import ParameterError
from inclusion_marker.formulas import Diversity
from inclusion_marker.loaders.grid import Grid
from inclusion_marker.method import Method, effective_weights, extended_method, load_method
from inclusion_marker.outputs.readings.comparison import comparison_text
from inclusion_marker.outputs.wording import WIDTH
from inclusion_marker.result import Result
from inclusion_marker.texts import Text

V1 = load_method("uim-v1")
UIM = load_method("uim")
KEYS = list(V1.indicators)


def values_at(method: Method, shares: np.ndarray) -> pd.DataFrame:
    """Return raw values a given share of the way along each indicator's goalposts."""
    table = {}
    for key, share in zip(method.indicators, np.atleast_2d(shares).T, strict=False):
        ends = method.indicators[key].score.curve(method.indicators[key].classes)
        table[key] = ends[0][0] + share * (ends[-1][0] - ends[0][0])
    return pd.DataFrame(table)


def result_of(
    raw: pd.DataFrame,
    method: Method = V1,
    *,
    people: np.ndarray | None = None,
    east: float = 0.0,
    **city: object,
) -> Result:
    """Return a result of square cells in a row, as if its raw values had been measured."""
    n = len(raw)
    ids = pd.Index([f"c{i:03}" for i in range(n)], name="cell")
    squares = [shapely.box(east + 500 * i, 0, east + 500 * i + 500, 500) for i in range(n)]
    table = raw.set_axis(ids)
    table.attrs["units"] = {key: card.unit for key, card in method.indicators.items()}
    cells = gpd.GeoDataFrame(geometry=squares, index=ids, crs="EPSG:32618")
    said = {"id": "town", "name": Text(es="Villa", en="Town"), "country": "CO"} | city
    people = np.arange(1.0, n + 1) * 100 if people is None else people
    return Result(
        city=City(root=Path(), crs="EPSG:32618", cells=Cells(kind="polygons", file="x"), **said),
        method=method,
        grid=Grid(cells, "polygons", None),
        boundary=gpd.GeoSeries([cells.union_all()], crs="EPSG:32618"),
        layers={},
        raw=table,
        origins=pd.DataFrame("unit", index=ids, columns=table.columns),
        scores=score(table, method),
        context=pd.DataFrame({"people": people}, index=ids),
        terrain=pd.DataFrame(index=ids),
        closest=pd.DataFrame(index=ids),
        nearest={},
        if_slower=pd.DataFrame(index=ids),
        shares={},
        districts=None,
        provenance={},
        notices=(),
    )


def random_result(
    seed: int = 7,
    cells: int = 12,
    *,
    method: Method = V1,
    people: np.ndarray | None = None,
    east: float = 0.0,
    **city: object,
) -> Result:
    """Return a result with every indicator observed everywhere."""
    shares = np.random.default_rng(seed).uniform(0, 1, (cells, len(method.indicators)))
    return result_of(values_at(method, shares), method, people=people, east=east, **city)


def without(result: Result, *keys: str, cells: slice = slice(None)) -> Result:
    """Return a result that lacks some indicators, everywhere or in some cells."""
    raw = result.raw.copy()
    raw.loc[raw.index[cells], list(keys)] = np.nan
    return dataclasses.replace(result, raw=raw, scores=score(raw, result.method))


def renamed(result: Result, ids: pd.Index) -> Result:
    """Return a result whose cells are called otherwise."""
    return dataclasses.replace(
        result,
        raw=result.raw.set_axis(ids),
        scores=score(result.raw.set_axis(ids), result.method),
        context=result.context.set_axis(ids),
        grid=dataclasses.replace(result.grid, cells=result.grid.cells.set_axis(ids)),
    )


def with_method(result: Result, method: Method) -> Result:
    """Return a result scored by another method of the same units."""
    return dataclasses.replace(result, method=method, scores=score(result.raw, method))


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Check that two tables hold the same, but for the last bits of a sum."""
    pd.testing.assert_frame_equal(one, other, check_exact=False, rtol=1e-12)


def codes(comparison: Comparison) -> list[str]:
    """Return the codes of what was noticed."""
    return [each.code for each in comparison.notices]


@dataclasses.dataclass(frozen=True)
class Draws:
    """Draws as the record of a robustness gives them."""

    index: pd.Index
    values: np.ndarray
    parameters: dict[str, object] = dataclasses.field(default_factory=dict)

    def draws_of(self, cells: pd.Series[float], /) -> np.ndarray:
        """Return the draws; the cells' weights are the people of the result."""
        assert cells.sum() > 0
        return self.values


# ── laws ─────────────────────────────────────────────────────────────────────


def test_compare__of_a_result_with_itself_gives_zero_everywhere() -> None:
    mine = without(random_result(), "pm10", "internet", cells=slice(3))
    found = compare({"a": mine, "b": mine})
    pair = found.pairs.iloc[0]
    differences = ["marker", "marker_plain", "core_marker", "core_marker_plain"]
    assert (pair[[*differences, "class_changed", "mean_change"]] == 0).all()
    npt.assert_allclose(pair[["rank_correlation", "rank_correlation_plain"]].astype(float), 1)
    assert pair["cells_shared"] == 12
    assert (found.cells["difference"] == 0).all()
    assert (found.cells["core_difference"] == 0).all()
    same(found.figures.loc[["a"]], found.figures.loc[["b"]].set_axis(["a"]).rename_axis("result"))
    assert codes(found) == ["compared_without_ranks"]


def test_compare__in_another_order_changes_only_the_order_and_the_signs() -> None:
    a = without(random_result(1), "pm10")
    b = without(random_result(2), "internet", "pm10")
    c = random_result(3, cells=7, id="other")
    found = compare({"a": a, "b": b, "c": c})
    turned = compare({"c": c, "b": b, "a": a})
    pd.testing.assert_frame_equal(turned.figures.loc[["a", "b", "c"]], found.figures)
    pd.testing.assert_frame_equal(turned.core[found.core.columns], found.core)
    one, other = (
        found.pairs.set_index(["first", "second"]),
        turned.pairs.set_index(["second", "first"]),
    )
    for pair in one.index:
        for column in ("marker", "core_marker", "marker_plain"):
            assert one.loc[pair, column] == -other.loc[pair, column]
        npt.assert_array_equal(
            one.loc[pair, ["class_changed", "mean_change"]].astype(float),
            other.loc[pair, ["class_changed", "mean_change"]].astype(float),
        )


@given(st.permutations(range(8)))
@settings(max_examples=10, deadline=None)
def test_compare__in_another_order_of_cells_and_indicators_changes_nothing(
    order: list[int],
) -> None:
    mine, other = random_result(4, cells=8), random_result(5, cells=8)
    shuffled = dataclasses.replace(
        mine,
        raw=mine.raw.iloc[order, ::-1],
        context=mine.context.iloc[order],
        scores=score(mine.raw.iloc[order, ::-1], V1),
        grid=dataclasses.replace(mine.grid, cells=mine.grid.cells.iloc[order]),
    )
    found = compare({"a": mine, "b": other}), compare({"a": shuffled, "b": other})
    for table in ("figures", "core", "pairs", "cells"):
        same(getattr(found[0], table), getattr(found[1], table))


def test_core__of_one_city_is_its_full_score_where_all_is_observed() -> None:
    mine = random_result()
    figures = compare([mine]).figures.loc["town"]
    assert figures["core_weight"] == pytest.approx(1)
    for column in figures.index[figures.index.str.startswith(("core_marker", "core_area"))]:
        assert figures[column] == figures[column.removeprefix("core_")]
    assert shared_core([mine])["town"].scores.marker.equals(mine.scores.marker)


@given(arrays(np.float64, (5, 34), elements=st.floats(0, 1)), st.integers(0, 33))
@settings(max_examples=20, deadline=None)
def test_core__of_two_cities_with_the_same_values_is_the_same_whatever_else_each_has(
    shares: np.ndarray, lacking: int
) -> None:
    raw = values_at(V1, shares)
    mine, theirs = result_of(raw, id="a"), without(result_of(raw, id="b"), KEYS[lacking])
    pair = compare([mine, theirs]).pairs.iloc[0]
    assert pair["core_marker"] == 0
    assert pair["core_marker_plain"] == 0


def test_restricted__keeps_the_weights_of_what_stays_and_drops_what_is_empty() -> None:
    kept = ["internet", "electricity", "pm10", "life_expectancy", "life_expectancy_gap"]
    weights = effective_weights(restricted(V1, kept))
    found = {key: each.indicator for key, each in weights.items() if each.indicator}
    assert set(found) == set(kept)
    assert sum(found.values()) == pytest.approx(1)
    before = effective_weights(V1)
    one, other = "life_expectancy", "life_expectancy_gap"
    assert found[one] / found[other] == pytest.approx(
        before[one].indicator / before[other].indicator
    )


def test_restricted__to_everything_is_the_method() -> None:
    assert restricted(V1, KEYS) == V1


def test_restricted__keeps_what_a_panel_says_of_those_that_stay() -> None:
    shares = {"improved_water": 40.0, "sanitation": 30.0, "electricity": 20.0, "internet": 10.0}
    panel = {"members": {"a": shares, "b": shares}, "kind": "budget", "source": "x"}
    method = changed(panels={"dim_basic_services": panel})
    core = restricted(method, ["improved_water", "internet", "pm10"])
    found = core.children_of("dim_basic_services")
    assert found["ind_improved_water"] == pytest.approx(0.8)
    assert found["ind_internet"] == pytest.approx(0.2)
    assert not core.panels
    kept = restricted(method, [*shares, "pm10"])
    assert kept.panels == method.panels


def test_core__asks_for_the_minimum_coverage_of_the_weights_that_are_left() -> None:
    mine = random_result()
    kept = ["improved_water", "sanitation", "electricity"]
    half = without(mine, "electricity", "sanitation", cells=slice(0, 1))
    marker = core_of(half, kept).scores.marker
    assert np.isnan(marker.iloc[0]), "a third of what is left is below the half asked for"
    assert marker.iloc[1:].notna().all()
    two = without(mine, "electricity", cells=slice(0, 1))
    assert core_of(two, kept).scores.marker.notna().all()


# ── figures ──────────────────────────────────────────────────────────────────


def test_figures__are_weighted_by_people_with_the_plain_mean_beside() -> None:
    mine = random_result(people=np.r_[np.nan, np.arange(11.0)])
    found = compare([mine])
    row, people = found.figures.loc["town"], mine.people.fillna(0)
    assert row["marker"] == pytest.approx(np.average(mine.scores.marker, weights=people))
    assert row["marker_plain"] == pytest.approx(mine.scores.marker.mean())
    assert row["area_health"] == pytest.approx(
        np.average(mine.scores.areas["health"], weights=people)
    )
    assert list(row[["cells", "people", "cell_ha"]]) == [12, 55, 25]
    assert "compared_people_missing" in codes(found)


def test_core__says_who_has_each_indicator_and_how_much_it_weighs() -> None:
    mine = random_result(id="a")
    theirs = without(random_result(2, id="b"), "pm10", cells=slice(6, None))
    found = compare([mine, theirs])
    row = found.core.loc["pm10"]
    assert not row["shared"]
    assert row["why"] == "not_observed"
    assert row["observed_a"] == 1
    assert row["observed_b"] == pytest.approx(21 / 78)
    assert row["weight_a"] == pytest.approx(effective_weights(V1)["pm10"].indicator)
    held = found.figures["core_weight"]
    npt.assert_allclose(held.astype(float), 1 - row["weight_a"])
    assert np.isnan(row["score_a"])
    assert compare([mine, theirs], observed_share=0.2).core["shared"]["pm10"]
    mean = np.average(theirs.scores.indicators["internet"], weights=theirs.people)
    assert found.core["score_b"]["internet"] == pytest.approx(mean)


def test_optional_indicator_without_weight__is_no_part_of_the_core() -> None:
    found = compare([random_result(method=UIM)])
    assert found.core["why"]["hospital_beds_access"] == "no_weight"
    assert not found.core["shared"][list(UIM.supplementary)].any()
    assert found.figures["core_weight"]["town"] == pytest.approx(1)


def test_pairs__of_two_years_say_who_changes_class() -> None:
    then = result_of(values_at(V1, np.full((4, 34), 0.5)))
    marker = pd.Series([49.0, 55, 65, 90], index=then.grid.index)
    later = pd.Series([51.0, 56, 64, np.nan], index=then.grid.index)
    one = dataclasses.replace(then, scores=dataclasses.replace(then.scores, marker=marker))
    two = dataclasses.replace(then, scores=dataclasses.replace(then.scores, marker=later))
    two = dataclasses.replace(two, context=two.context * 3)
    pair = compare({"2018": one, "2024": two}).pairs.iloc[0]
    assert pair["class_changed"] == pytest.approx(1 / 6), "100 of the 600 people of scored cells"
    assert pair["mean_change"] == pytest.approx((2 * 100 + 1 * 200 + 1 * 300) / 600)
    assert pair["rank_correlation"] == pytest.approx(1)
    assert pair["cells_shared"] == 4


def test_pairs__of_cells_at_other_places_share_none_though_their_ids_are_the_same() -> None:
    found = compare({"a": random_result(1), "b": random_result(2, east=90_000)})
    assert found.pairs["cells_shared"][0] == 0
    assert np.isnan(found.pairs["class_changed"][0])
    assert found.cells.empty


def test_pairs__of_cities_that_share_a_rim_of_cells_only_share_none() -> None:
    mine, other = random_result(1), random_result(2)
    for shared in (0, 3):
        ids = [*mine.grid.index[:shared], *(f"d{i:03}" for i in range(12 - shared))]
        theirs = renamed(other, pd.Index(ids, name="cell"))
        assert compare({"a": mine, "b": theirs}).pairs["cells_shared"][0] == 0
    ids = [*mine.grid.index[:8], *(f"d{i:03}" for i in range(4))]
    grown = renamed(other, pd.Index(ids, name="cell"))
    assert compare({"a": mine, "b": grown}).pairs["cells_shared"][0] == 8


def test_pairs__of_cells_of_other_kinds_share_none() -> None:
    mine = random_result()
    h3 = dataclasses.replace(mine, grid=dataclasses.replace(mine.grid, kind="h3", resolution=9))
    found = compare({"a": mine, "b": h3})
    assert found.pairs["cells_shared"][0] == 0
    assert "compared_cells" in codes(found)
    assert compare({"a": h3, "b": h3}).pairs["cells_shared"][0] == 12
    assert "H3 r9" in comparison_text(found, "en")


@given(arrays(np.float64, (2, 9), elements=st.integers(0, 5).map(float)))
def test_rank_correlation__is_spearmans_where_all_weigh_the_same(table: np.ndarray) -> None:
    found = rank_correlation(table[0], table[1], np.full(9, 2.5))
    if min(map(np.ptp, table)) == 0:
        assert np.isnan(found)
    else:
        npt.assert_allclose(found, scipy.stats.spearmanr(*table).statistic, atol=1e-12)


def test_rank_correlation__counts_a_row_as_often_as_it_weighs() -> None:
    one, other = np.array([1.0, 5, 3, 2]), np.array([2.0, 3, 3, 9])
    weights = np.array([3, 1, 2, 4])
    theirs = scipy.stats.spearmanr(one.repeat(weights), other.repeat(weights)).statistic
    npt.assert_allclose(rank_correlation(one, other, weights.astype(float)), theirs, atol=1e-12)


# ── methods ──────────────────────────────────────────────────────────────────


def changed(**over: object) -> Method:
    """Return version 1 with something changed."""
    return extended_method(V1, {"id": "mine", **over}, file="x")


STRICT = {"indicators": {"pm10": {"score": {"worst": 80.0, "source": "mine"}}}}


def test_compare__refuses_differing_goalposts_and_names_both() -> None:
    mine = random_result()
    other = with_method(mine, changed(**STRICT))
    with pytest.raises(ParameterError, match="compared_goalposts") as caught:
        compare({"a": mine, "b": other})
    assert "pm10" in str(caught.value)
    said = " ".join(str(caught.value).split())
    assert goalposts_said(V1, "pm10") in said
    assert goalposts_said(other.method, "pm10") in said


def test_compare__told_so_scores_every_core_by_the_first_method_and_says_it() -> None:
    mine = random_result()
    other = with_method(mine, changed(**STRICT))
    found = compare({"a": mine, "b": other}, allow_different_goalposts=True)
    assert found.method == V1
    assert found.pairs["core_marker"][0] == 0
    assert found.pairs["marker"][0] != 0
    (notice,) = (each for each in found.notices if each.code == "compared_rescored")
    assert "uim-v1" in notice.text("en")
    assert "pm10" in notice.text("es")
    turned = compare({"b": other, "a": mine}, allow_different_goalposts=True)
    assert turned.method == other.method
    given_ = compare({"b": other, "a": mine}, allow_different_goalposts=True, by=V1)
    assert given_.figures.loc["a", "core_marker"] == found.figures["core_marker"]["a"]


def test_compare__takes_equal_curves_for_equal_however_they_are_written() -> None:
    points = {"polarity": "negative", "points": [(500.0, 100.0), (5000.0, 0.0)]}
    said = {"status": "proposed", "source": "the same, as points"}
    other = changed(indicators={"health_distance": {"score": points | said}})
    assert same_goalposts(V1, other, "health_distance")
    mine = random_result()
    assert compare({"a": mine, "b": with_method(mine, other)}).pairs["marker"][0] == 0


def test_goalposts__of_diversities_of_other_classes_are_not_the_same() -> None:
    ages = V1.indicators["age_diversity"].compute
    assert isinstance(ages, Diversity)
    fewer = ages.model_dump() | {"classes": ages.classes[1:]}
    other = changed(indicators={"age_diversity": {"compute": fewer, "score": FIXED}})
    same_end = changed(indicators={"age_diversity": {"score": FIXED}})
    assert not same_goalposts(same_end, other, "age_diversity")
    assert same_goalposts(same_end, same_end, "age_diversity")


FIXED = {"polarity": "positive", "worst": 0.0, "best": 1.6, "status": "proposed", "source": "x"}


def test_goalposts__of_another_rule_are_not_the_same() -> None:
    score_ = {"normalise": {"rule": "distance_to_target"}}
    other = changed(indicators={"internet": {"score": score_}})
    assert not same_goalposts(V1, other, "internet")
    assert "distance_to_target" in goalposts_said(other, "internet")
    assert goalposts_said(V1, "age_diversity").endswith(
        f"k = {V1.indicators['age_diversity'].classes})"
    )


def test_compare__refuses_units_that_differ() -> None:
    v1, uim = random_result(), random_result(method=UIM)
    with pytest.raises(ParameterError, match="compared_units") as caught:
        compare({"v1": v1, "uim": uim})
    assert "health_distance" in str(caught.value)


def test_compare__told_so_leaves_indicators_of_other_units_out_of_the_core() -> None:
    v1, uim = random_result(), random_result(method=UIM)
    found = compare({"v1": v1, "uim": uim}, allow_different_goalposts=True)
    assert "compared_units_left_out" in codes(found)
    assert found.core["why"]["health_distance"] == "other_unit"
    assert found.core["shared"].sum() == 34 - (found.core["why"] == "other_unit").sum()
    assert found.pairs["cells_shared"][0] == 12


def test_compare__says_two_versions_of_one_method() -> None:
    mine = random_result()
    newer = V1.model_copy(update={"version": "9.9"})
    found = compare({"a": mine, "b": with_method(mine, newer)})
    (notice,) = (each for each in found.notices if each.code == "compared_versions")
    assert "9.9" in notice.text("en")
    assert V1.version in notice.text("en")


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"indicators": {"pm10": {"weight": 3.0}}}, "weights"),
        ({"aggregation": {"areas": {"rule": "geometric"}}}, "rules of aggregation"),
        ({"min_coverage": {"area": 0.3}}, "minimum coverage"),
    ],
)
def test_compare__says_where_methods_make_other_means(over: dict[str, Any], said: str) -> None:
    mine = random_result()
    found = compare({"a": mine, "b": with_method(mine, changed(**over))})
    (notice,) = (each for each in found.notices if each.code == "compared_means")
    assert said in notice.text("en")


def test_compare__by_a_given_method_scores_all_cores_by_it() -> None:
    mine = random_result()
    heavy = changed(indicators={"pm10": {"weight": 3.0}})
    found = compare({"a": mine, "b": with_method(mine, heavy)}, by=heavy)
    assert found.pairs["core_marker"][0] == 0
    assert found.figures["core_marker"]["a"] == found.figures["marker"]["b"]


def test_compare__says_indicators_measured_by_another_formula() -> None:
    mine = random_result()
    compute = V1.indicators["internet"].compute.model_copy(update={"per": 99.0})
    cards = {
        key: card.model_copy(update={"compute": compute}) if key == "internet" else card
        for key, card in V1.indicators.items()
    }
    other = V1.model_copy(update={"indicators": cards})
    found = compare({"a": mine, "b": with_method(mine, other)})
    (notice,) = (each for each in found.notices if each.code == "compared_formulas")
    assert "internet" in notice.text("en")


def test_compare__refuses_scores_relative_to_their_own_cells() -> None:
    mine = random_result()
    other = with_method(mine, changed(normalisation={"rule": "min_max"}))
    with pytest.raises(ParameterError, match="compared_relative") as caught:
        compare({"a": mine, "b": other})
    assert "min_max" in str(caught.value)
    found = compare({"a": mine, "b": other}, allow_different_goalposts=True)
    assert {"compared_rescored", "compared_relative_shown"} <= set(codes(found))
    assert found.method is not None
    assert found.method.comparable
    for more in ({"allow_different_goalposts": True}, {"by": other.method}):
        with pytest.raises(ParameterError, match="compared_relative_standard"):
            compare({"b": other, "a": mine}, **more)


# ── faults and remarks ───────────────────────────────────────────────────────


def test_compare__refuses_all_faults_at_once() -> None:
    mine = random_result()
    nobody = random_result(people=np.zeros(12))
    negative = random_result(people=np.r_[-1.0, np.ones(11)])
    with pytest.raises(ParameterError) as caught:
        compare(
            {"a": mine, "b": nobody, "c": negative},
            observed_share=float("nan"),
            robustness={"x": Draws(mine.grid.index, np.ones(3))},
        )
    text = str(caught.value)
    assert text.count("compared_nobody") == 2
    assert "parameter_out_of_range" in text
    assert "[name_unknown] robustness" in text


@pytest.mark.parametrize("labels", [["a"], ["a", "a"]])
def test_compare__refuses_labels_that_do_not_fit(labels: list[str]) -> None:
    with pytest.raises(ParameterError, match="compared_labels"):
        compare([random_result(), random_result()], labels=labels)


def test_compare__refuses_no_results() -> None:
    with pytest.raises(ParameterError, match="compared_labels"):
        compare([])


def test_labels__tell_equal_cities_apart_by_what_differs() -> None:
    mine = random_result()
    other = with_method(mine, changed())
    newer = with_method(mine, V1.model_copy(update={"version": "9.9"}))
    assert compare([mine, other]).labels == ("town (uim-v1)", "town (mine)")
    assert compare([mine, newer]).labels[1] == "town (uim-v1 9.9)"
    assert compare([mine, mine]).labels == ("town (1)", "town (2)")
    assert compare([mine, random_result(id="b")]).labels == ("town", "b")


def test_compare__of_results_that_share_nothing_has_no_core_and_says_so() -> None:
    mine, half = random_result(id="a"), KEYS[:17]
    one, other = without(mine, *half), without(random_result(2, id="b"), *KEYS[17:])
    found = compare([one, other])
    assert "compared_nothing" in codes(found)
    assert found.figures["core_marker"].isna().all()
    assert (found.figures["core_weight"] == 0).all()
    assert "they share 0 of 34" in comparison_text(found, "en")
    with pytest.raises(ParameterError, match="compared_nothing"):
        shared_core([one, other])


def test_compare__says_when_little_is_shared() -> None:
    mine = random_result(id="a")
    found = compare([mine, without(random_result(2, id="b"), *KEYS[:25])])
    assert "compared_little" in codes(found)


def test_compare__says_a_made_up_city_beside_a_real_one() -> None:
    real, made_up = random_result(id="a"), random_result(id="b", synthetic=True)
    assert "compared_synthetic" in codes(compare([real, made_up]))
    assert "compared_synthetic" not in codes(compare([made_up, random_result(synthetic=True)]))


# ── ranks ────────────────────────────────────────────────────────────────────


def drawn(values: dict[str, np.ndarray]) -> tuple[dict[str, Result], dict[str, Draws]]:
    """Return results and their draws."""
    results = {key: random_result(id=key) for key in values}
    return results, {key: Draws(results[key].grid.index, each) for key, each in values.items()}


def test_ranks__are_said_with_their_interval_and_ties() -> None:
    rng = np.random.default_rng(7)
    noise = rng.normal(0, 1, 1000)
    results, draws = drawn(
        {"low": 40 + noise, "near": 60 + noise, "close": 60 + rng.normal(0, 1, 1000)}
    )
    found = compare(results, robustness=draws)
    assert list(found.ranks.loc["low", ["median", "low", "high"]]) == [3, 3, 3]
    assert found.ranks["tied_with"]["low"] == ""
    assert found.ranks["tied_with"]["near"] == "close"
    assert list(found.ranks.loc["near", ["low", "high"]]) == [1, 2]
    pairs = found.pairs.set_index(["first", "second"])["first_below"]
    assert pairs["low", "near"] == 1
    assert pairs["near", "close"] == pytest.approx(0.5, abs=0.05)
    assert "compared_without_ranks" not in codes(found)
    assert "close: 1" in comparison_text(found, "en") or "near: 1" in comparison_text(found, "en")


def test_probability__keeps_the_errors_that_two_results_share() -> None:
    noise = np.random.default_rng(7).normal(0, 10, 500)
    results, draws = drawn({"a": 50 + noise, "b": 50.1 + noise})
    assert compare(results, robustness=draws).pairs["first_below"][0] == 1


def test_probability__of_equal_draws_is_a_half() -> None:
    results, draws = drawn({"a": np.full(9, 50.0), "b": np.full(5, 50.0)})
    found = compare(results, robustness=draws)
    assert found.pairs["first_below"][0] == 0.5
    assert found.ranks["median"].tolist() == [1.5, 1.5]


def test_ranks__are_none_where_the_markers_rest_on_other_indicators() -> None:
    results, draws = drawn({"a": np.full(9, 50.0), "b": np.full(9, 60.0)})
    results["b"] = without(results["b"], *KEYS[:8])
    found = compare(results, robustness=draws)
    assert found.figures["core_share"]["a"] < 0.9
    assert found.figures["core_share"]["b"] == pytest.approx(1)
    assert found.ranks.empty
    assert np.isnan(found.pairs["first_below"][0])
    assert "compared_other_indicators" in codes(found)
    alike = compare(shared_core(results), robustness=draws)
    assert alike.ranks["median"].tolist() == [2, 1]
    assert "compared_other_indicators" not in codes(alike)


def test_ranks__of_unlike_draws_say_so() -> None:
    results, draws = drawn({"a": np.full(9, 50.0), "b": np.full(9, 60.0)})
    alike = {key: dataclasses.replace(each, parameters={"seed": 7}) for key, each in draws.items()}
    assert "compared_unlike_draws" not in codes(compare(results, robustness=alike))
    other = alike | {"b": dataclasses.replace(alike["b"], parameters={"seed": 8})}
    (notice,) = (
        each
        for each in compare(results, robustness=other).notices
        if each.code == "compared_unlike_draws"
    )
    assert "seed" in notice.text("en")


def test_ranks__are_of_those_that_have_draws() -> None:
    results, draws = drawn({"a": np.full(9, 50.0), "b": np.full(9, 60.0), "c": np.ones(9)})
    found = compare(results, robustness={key: draws[key] for key in "ab"})
    assert found.ranks.index.tolist() == ["a", "b"]
    assert "compared_not_ranked" in codes(found)
    assert np.isnan(found.pairs.set_index(["first", "second"])["first_below"]["a", "c"])


def test_ranks__of_draws_that_are_all_missing_are_none() -> None:
    results, draws = drawn({"a": np.full(9, np.nan), "b": np.full(9, 60.0)})
    found = compare(results, robustness=draws)
    assert found.ranks.empty
    assert "compared_without_ranks" in codes(found)


def test_ranks__are_none_where_goalposts_differ() -> None:
    results, draws = drawn({"a": np.full(9, 50.0), "b": np.full(9, 60.0)})
    results["b"] = with_method(results["b"], changed(**STRICT))
    found = compare(results, robustness=draws, allow_different_goalposts=True)
    assert found.ranks.empty
    assert "compared_without_ranks" in codes(found)


def test_compare__refuses_the_draws_of_other_cells() -> None:
    results, _ = drawn({"a": np.ones(3), "b": np.ones(3)})
    other = Draws(pd.Index(["x"]), np.ones(3))
    with pytest.raises(ParameterError, match="compared_draws"):
        compare(results, robustness={"a": other})


# ── words ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["es", "en"])
def test_text__holds_the_figures_and_fits_the_screen(language: str) -> None:
    a = without(random_result(1, id="a-rather-long-name-of-a-city-that-does-not-fit"), "pm10")
    b = random_result(2, id="b", synthetic=True)
    found = compare([a, b, random_result(9, id="b2")])
    text = comparison_text(found, language)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert f"{found.figures['core_marker']['b']:.1f}" in text
    assert V1.indicators["pm10"].name.said(language) in text
    assert ("SYNTHETIC DATA" if language == "en" else "DATOS SINTÉTICOS") in text


def test_text__of_many_results_shows_the_first_pairs_and_no_table_of_areas() -> None:
    found = compare({f"town {i}": random_result(i, east=9e4 * i) for i in range(6)})
    text = comparison_text(found, "en")
    assert "… and 5 more" in text
    assert "Areas from" not in text


def test_text__of_methods_says_who_changes_class_and_what_is_left_out() -> None:
    found = compare(
        {"v1": random_result(), "uim": random_result(method=UIM)}, allow_different_goalposts=True
    )
    text = comparison_text(found, "en")
    assert "12 cells in common" in text
    assert "In different units" in text
    assert "All cores are scored by one method: uim-v1" in text


def test_text__of_one_result_has_neither_pairs_nor_ranks() -> None:
    text = comparison_text(compare([random_result()]), "en")
    assert "second minus first" not in text
    assert "Ranks" not in text


def test_text__never_shows_a_difference_of_minus_nothing() -> None:
    mine = random_result()
    text = comparison_text(compare({"a": mine, "b": mine}), "en")
    assert "marker 0.0, core 0.0" in text
    assert "largest differences" not in text
