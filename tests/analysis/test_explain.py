"""Explanations of a cell, a district, a city: points add up, whoever is left out is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.trees import made_method, made_result, scored
from inclusion_marker.analysis.explain import explain
from inclusion_marker.analysis.explaining.reasons import district_reasons, main_shortfall
from inclusion_marker.analysis.explaining.sentences import Said, shortfall_sentence
from inclusion_marker.analysis.where import shares_of_districts
from inclusion_marker.cards import Rule
from inclusion_marker.composite.scoring import score
from inclusion_marker.errors import ParameterError
from inclusion_marker.method import Method

Made = tuple[Method, pd.DataFrame]
TREE = {"a": {"ad": {"x": 1.0, "y": 1.0}}, "b": {"bd": {"z": 1.0}}}
MIXED = made_method(TREE, (Rule(), Rule(), Rule(rule="geometric", floor=1)), (0.5, 0.65, 0.65))
PLAIN = made_method(TREE)
RAW = pd.DataFrame({"x": [0.0, 90, 50], "y": [50.0, np.nan, 70], "z": [50.0, 60, 100]})
PEOPLE = [100.0, 300.0, 0.0]
HALVES = {"w": (0.0, 1.5), "e": (1.5, 3.0)}


@settings(deadline=None, max_examples=30)
@given(scored(), st.lists(st.floats(0, 1000), min_size=3, max_size=3))
def test_points__of_a_city_and_its_districts_add_up_to_what_their_markers_lack(
    made: Made, people: list[float]
) -> None:
    method, raw = made
    result = made_result(method, raw, people, HALVES)
    assert result.districts is not None
    city = float(result.means()["people_weighted"]["marker"])
    markers = [(None, city), *((key, result.districts["marker"][key]) for key in HALVES)]
    for where, marker in markers:
        found = explain(result, where)
        assert found.marker == pytest.approx(marker, nan_ok=True, abs=1e-9)
        points = found.table.groupby("level")["points"].sum(min_count=1)
        shares = found.table.groupby("level")["share"].sum(min_count=1)
        if np.isnan(marker):
            assert points.isna().all()
        else:
            npt.assert_allclose(points, 100 - marker, atol=1e-9)
            npt.assert_allclose(shares, 1.0 if found.shortfall > 0 else 0.0, atol=1e-12)


def test_explain__of_a_cell_is_its_own_figures() -> None:
    found = explain(made_result(MIXED, RAW, PEOPLE), "c0")
    assert (found.kind, found.id, found.people) == ("cell", "c0", 100)
    table = found.table
    marker = np.sqrt(25 * 50)
    assert found.marker == pytest.approx(marker)
    npt.assert_allclose(table["share"][["ind_x", "ind_y", "ind_z"]], [4 / 9, 2 / 9, 3 / 9])
    npt.assert_allclose(table["weight"][["area_a", "ind_x", "ind_z"]], [0.5, 0.5, 1])
    npt.assert_allclose(table["effective_weight"][["area_a", "ind_x"]], [0.5, 0.25])
    npt.assert_allclose(table["gain_if_closed"]["ind_x"], np.sqrt(75 * 50) - marker)
    assert table["parent"]["ind_x"] == "dim_ad"
    said = table.loc[["ind_x"], ["code", "name_es", "name_en"]].to_numpy()
    assert said.tolist() == [["x", "x (es)", "x (en)"]]
    assert found.notices == ()


def test_explain__shows_what_is_missing_as_missing() -> None:
    table = explain(made_result(MIXED, RAW, PEOPLE), "c1").table
    row = table.loc["ind_y"]
    assert row["missing"]
    assert (row["observed"], row["effective_weight"]) == (0, 0)
    assert row[["score", "share", "points", "gain_per_point", "gain_if_closed"]].isna().all()
    npt.assert_allclose(table["effective_weight"]["ind_x"], 0.5)


def test_explain__of_the_city_weighs_cells_by_people() -> None:
    result = made_result(PLAIN, RAW, PEOPLE)
    found = explain(result)
    assert (found.kind, found.id, found.people) == ("city", "town", 400)
    # By hand: c0 lacks 25 for x, 12.5 for y, 25 for z; c1 lacks 5 for x and 20 for z.
    expected = [(25 * 100 + 5 * 300) / 400, 12.5 / 4, (25 * 100 + 20 * 300) / 400]
    npt.assert_allclose(found.table["points"][["ind_x", "ind_y", "ind_z"]], expected)
    npt.assert_allclose(found.table["observed"][["ind_x", "ind_y"]], [1, 0.25])
    npt.assert_allclose(found.table["score"]["ind_y"], 50)
    npt.assert_allclose(found.table["gain_if_closed"]["ind_z"], found.table["points"]["ind_z"])


def test_explain__of_a_cell_where_nobody_lives_is_possible() -> None:
    assert explain(made_result(MIXED, RAW, PEOPLE), "c2").marker == pytest.approx(np.sqrt(6000))


def test_explain__knows_a_district_by_its_id_and_its_name() -> None:
    result = made_result(MIXED, RAW, PEOPLE, HALVES)
    one, other = explain(result, "w"), explain(result, "District w")
    assert (one.kind, one.id, one.people) == ("district", "w", 250)
    pd.testing.assert_frame_equal(one.table, other.table)
    assert one.districts is None


def test_explain__of_an_unknown_place_names_near_ones() -> None:
    result = made_result(MIXED, RAW, PEOPLE, HALVES)
    with pytest.raises(ParameterError, match=r"place_unknown.*\n.*'District v'") as caught:
        explain(result, "District v")
    assert "near: District w" in str(caught.value)
    with pytest.raises(ParameterError, match="c1, c2"):
        explain(made_result(MIXED, RAW), "c9")


def test_explain__of_an_id_that_is_two_things_asks_which() -> None:
    result = made_result(MIXED, RAW, PEOPLE, {"c0": (1.0, 2.0)})
    with pytest.raises(ParameterError, match="cell 'c0', district 'c0'"):
        explain(result, "c0")
    assert explain(result, "c0", kind="cell").marker == pytest.approx(np.sqrt(1250))
    assert explain(result, "c0", kind="district").people == 300
    with pytest.raises(ParameterError, match=r"cell \| district"):
        explain(result, "c0", kind="comuna")  # type: ignore[arg-type]


def test_explain__without_a_marker_says_which_areas_lack_and_what_is_asked() -> None:
    raw = pd.DataFrame({"x": [50.0], "y": [50.0], "z": [np.nan]})
    found = explain(made_result(MIXED, raw), "c0")
    assert np.isnan(found.marker)
    assert [each.code for each in found.notices] == ["explained_not_scored"]
    said = found.sentence("en")
    assert said == (
        "Cell c0: it has no marker; weight of the areas with a score: 50 % (65 % is asked for) · "
        "weight observed: 50 %; without a score: b (en)."
    )
    assert found.table["share"].isna().all()
    assert found.table["score"]["ind_x"] == 50
    assert found.table["effective_weight"]["ind_x"] == 0


def test_explain__where_nobody_lives_says_so() -> None:
    found = explain(made_result(MIXED, RAW, [0, 0, 0]))
    assert [each.code for each in found.notices] == ["explained_nobody"]
    assert np.isnan(found.marker)
    assert found.table["points"].isna().all()


def test_explain__says_how_many_people_the_marker_leaves_out() -> None:
    raw = RAW.assign(z=[50.0, np.nan, 100])
    found = explain(made_result(MIXED, raw, PEOPLE))
    assert [each.code for each in found.notices] == ["explained_in_part"]
    assert "75.0 %" in found.notices[0].text("en")


def test_explain__counts_missing_people_as_none_and_refuses_negative_ones() -> None:
    found = explain(made_result(MIXED, RAW, [100, np.nan, 0]))
    assert found.marker == pytest.approx(np.sqrt(1250))
    for wrong in (-1, np.inf):
        with pytest.raises(ParameterError, match="weights_unusable"):
            explain(made_result(MIXED, RAW, [100, wrong, 0]))


def test_explain__of_a_rule_that_does_not_split_says_so_and_stays_with_the_level_above() -> None:
    method = made_method(TREE, (Rule(rule="mpi"), Rule(), Rule()))
    found = explain(made_result(method, RAW, PEOPLE))
    assert {each.code for each in found.notices} == {"explained_not_split"}
    assert found.table["points"][["ind_x", "ind_z"]].isna().all()
    npt.assert_allclose(found.table["points"][["dim_ad", "dim_bd"]].sum(), 100 - found.marker)
    assert "“bd (en)”" in found.sentence("en")
    method = made_method(TREE, (Rule(), Rule(), Rule(rule="mpi")))
    assert "does not let them be split" in explain(made_result(method, RAW)).sentence("en")


def test_reasons__are_the_largest_first_and_equal_ones_by_name() -> None:
    raw = pd.DataFrame({"x": [20.0], "y": [20.0], "z": [60.0]})
    found = explain(made_result(PLAIN, raw), "c0")
    assert found.reasons().index.tolist() == ["ind_x", "ind_y", "ind_z"]
    assert found.reasons("area", 1).index.tolist() == ["area_a"]
    full = explain(made_result(PLAIN, raw * 0 + 100), "c0")
    assert len(full.reasons()) == 0
    assert full.shortfall == 0


def test_sentence__shows_the_points_of_each_reason_rounded_by_itself() -> None:
    found = explain(made_result(MIXED, RAW, PEOPLE), "c0")
    assert found.sentence("en") == (
        "Cell c0 (marker 35.4) lacks 64.6 points of 100: 28.7 for “x (en)”, 21.5 for “z (en)” and "
        "14.4 for “y (en)”. Bringing “x (en)” to 100 would add most: 25.9 points. One point more "
        "adds most in “x (en)”: 0.35."
    )
    assert found.sentence("es").startswith("La celda c0 (marcador 35.4) está a 64.6 puntos de 100:")


def test_sentence__of_a_place_at_100_says_that_nothing_lacks() -> None:
    said = explain(made_result(PLAIN, RAW * 0 + 100), "c0").sentence("en")
    assert said == "Cell c0 lacks nothing: its marker is 100.0."


@settings(deadline=None, max_examples=30)
@given(scored())
def test_shown_points__are_the_points_of_the_table_with_one_decimal(made: Made) -> None:
    method, raw = made
    found = explain(made_result(method, raw))
    known = found.table["points"].dropna()
    assert found.shown_points() == {node: round(each, 1) for node, each in known.items()}
    if len(known):
        shown = found.shown_points()["marker"]
        assert shown + round(found.marker, 1) == pytest.approx(100, abs=0.1 + 1e-9)


@pytest.mark.parametrize(("count", "last"), [(1, "3.0 for one other."), (2, "6.0 for 2 others.")])
def test_sentence__gathers_the_smaller_reasons(count: int, last: str) -> None:
    reasons = [Said(key, 6.0) for key in "abc"] + [Said("d", 3.0)] * count
    marker = 100 - sum(each.value for each in reasons)
    said = shortfall_sentence(("city", "Town"), marker, reasons, [], [], language="en")
    assert said.endswith(f": 6.0 for “a”, 6.0 for “b”, 6.0 for “c” and {last}")


def test_sentence__of_many_small_reasons_shows_none_as_nothing() -> None:
    reasons = [Said(f"r{each}", 0.04) for each in range(20)]
    said = shortfall_sentence(("city", "Town"), 99.2, reasons, [], [], language="en")
    assert said.endswith("lacks 0.8 points of 100: <0.1 for “r0” and 0.8 for 19 others.")
    one = shortfall_sentence(
        ("city", "Town"), 99.9, [Said("a", 0.08), Said("b", 0.02)], [], [], language="en"
    )
    assert one.endswith("lacks 0.1 points of 100: 0.1 for “a”.")


# ── every cell, every district ───────────────────────────────────────────────


@settings(deadline=None, max_examples=30)
@given(scored(rows=3))
def test_main_shortfall__is_the_first_reason_of_each_cell(made: Made) -> None:
    method, raw = made
    result = made_result(method, raw)
    main = main_shortfall(result)
    for cell in result.grid.index:
        for level, kind in (("ind", "indicator"), ("area", "area")):
            first = explain(result, str(cell)).reasons(level, 1)
            row = main.loc[cell, [f"{kind}_points", f"{kind}_share"]].astype(float)
            if len(first):
                npt.assert_allclose(row, first[["points", "share"]].iloc[0], atol=1e-8)
            else:
                assert row.isna().all()


def test_main_shortfall__is_missing_at_100_and_without_a_marker() -> None:
    raw = pd.DataFrame({"x": [100.0, 50, 20], "y": [100.0, 50, 20], "z": [100.0, np.nan, 60]})
    found = main_shortfall(made_result(MIXED, raw))
    assert found["indicator"].tolist() == [None, None, "x"]
    assert found["area"].tolist() == [None, None, "a"]
    assert found.iloc[:2].isna().all(axis=None)


def test_main_shortfall__of_no_cells_has_no_rows() -> None:
    result = made_result(MIXED, RAW)
    none = replace(result, scores=score(RAW.iloc[:0], MIXED))
    assert main_shortfall(none).shape == (0, 6)


def test_main_shortfall__of_equal_ones_is_the_first_by_id_whatever_the_order_of_the_file() -> None:
    raw = pd.DataFrame({"x": [20.0], "y": [20.0], "z": [90.0]})
    turned = made_method({"b": {"bd": {"z": 1.0}}, "a": {"ad": {"y": 1.0, "x": 1.0}}})
    for method in (PLAIN, turned):
        assert main_shortfall(made_result(method, raw))["indicator"].tolist() == ["x"]


def test_main_shortfall__of_a_rule_that_does_not_split_is_missing() -> None:
    found = main_shortfall(made_result(made_method(TREE, (Rule(rule="mpi"), Rule(), Rule())), RAW))
    assert found["indicator"].isna().all()
    assert found["area"].notna().all()


def test_district_reasons__are_those_of_each_district_explained() -> None:
    result = made_result(MIXED, RAW, PEOPLE, {**HALVES, "far": (2.0, 3.0)})
    found = district_reasons(result)
    assert found is not None
    for key in ("w", "e"):
        one = explain(result, key)
        assert found.loc[key, "marker"] == pytest.approx(one.marker)
        assert found.loc[key, "people"] == pytest.approx(one.people)
        reasons = one.reasons()
        said = [f"ind_{each}" for each in found.loc[key, ["indicator_1", "indicator_2"]]]
        assert said == reasons.index[:2].tolist()
        npt.assert_allclose(
            found.loc[key, ["points_1", "points_2"]].astype(float), reasons["points"][:2]
        )
    assert found.loc["far"].drop(["name", "people"]).isna().all()
    assert explain(result).districts is not None
    alone = made_result(MIXED, RAW)
    assert district_reasons(alone) is None
    assert shares_of_districts(alone).shape == (0, 3)
