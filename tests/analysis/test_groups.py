"""Gaps between groups: what they are, whom they leave out, and what a gap cannot hide."""

from __future__ import annotations

import math

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inclusion_marker.analysis.inequality.groups import Group, default_groups, gap_table, group_gaps
from inclusion_marker.errors import ParameterError
from inclusion_marker.marker import compute
from inclusion_marker.result import Result
from made_cities import made_city

ORIGIN = default_groups()[:1]
CELLS = st.lists(
    st.tuples(st.floats(0, 100), st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=10
).filter(lambda rows: all(any(row[side] for row in rows) for side in (1, 2)))


@pytest.fixture(scope="module")
def base() -> Result:
    """Return a small city, to make others from."""
    return compute("manta", resolution=8)


def table(rows: list[tuple[float, int, int]]) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Return the scores and both groups of made cells."""
    scores, part, rest = np.array(rows, np.float64).T
    return pd.DataFrame({"marker": scores}), pd.Series(part), pd.Series(rest)


# ── one table ────────────────────────────────────────────────────────────────


@settings(max_examples=30)
@given(CELLS)
def test_exposure__is_the_mean_of_a_group_person_by_person(
    rows: list[tuple[float, int, int]],
) -> None:
    scores, part, rest = table(rows)
    row = gap_table(scores, part, rest, line=50).loc["marker"]
    for people, mean, below in ((part, "part", "below_part"), (rest, "rest", "below_rest")):
        one = np.repeat(scores["marker"].to_numpy(), people.astype(int))
        assert row[mean] == pytest.approx(one.mean(), abs=1e-9)
        assert row[below] == pytest.approx((one < 50).mean(), abs=1e-12)
    assert row["gap"] == row["part"] - row["rest"]


@settings(max_examples=30)
@given(CELLS)
def test_swapping_the_groups__turns_the_sign_of_the_gap(rows: list[tuple[float, int, int]]) -> None:
    scores, part, rest = table(rows)
    one = gap_table(scores, part, rest)["gap"]["marker"]
    assert one == -gap_table(scores, rest, part)["gap"]["marker"]


@settings(max_examples=30)
@given(CELLS)
def test_gap__of_a_group_that_lives_as_the_others_is_nothing(
    rows: list[tuple[float, int, int]],
) -> None:
    scores, part, _ = table(rows)
    row = gap_table(scores, part, 3 * part).loc["marker"]
    assert row["gap"] == pytest.approx(0, abs=1e-9)


@settings(max_examples=30)
@given(found=CELLS, seed=st.integers(0, 99))
def test_gap__does_not_hang_on_the_order_of_cells(
    found: list[tuple[float, int, int]], seed: int
) -> None:
    scores, part, rest = table(found)
    order = np.random.default_rng(seed).permutation(len(found))
    moved = gap_table(scores.iloc[order], part.iloc[order], rest.iloc[order])
    pd.testing.assert_frame_equal(moved, gap_table(scores, part, rest), rtol=1e-12, atol=1e-12)


def test_gap__counts_a_cell_without_a_score_for_neither_group() -> None:
    scores = pd.DataFrame({"marker": [40.0, 80.0, np.nan], "area_x": [np.nan] * 3})
    part, rest = pd.Series([3.0, 1.0, 99.0]), pd.Series([1.0, np.nan, 5.0])
    found = gap_table(scores, part, rest, line=50)
    row = found.loc["marker"].to_dict()
    assert (row["part"], row["rest"], row["gap"]) == (50, 40, 10)
    assert (row["below_part"], row["below_rest"]) == (0.75, 1)
    assert row["ratio"] == 1.25
    assert found.loc["area_x"].isna().all()


# ── of a city ────────────────────────────────────────────────────────────────


def test_groups__are_counted_from_the_zones_they_live_in(base: Result) -> None:
    city = made_city(
        base,
        [40, 60, 80],
        [100, 100, 100],
        counts={"people_venezuelan": [50, 20, 10], "women_5_plus": [40, 40, 40]},
    )
    found = group_gaps(city)
    assert [group.id for group in found.groups] == ["origin"]
    row = found.of("origin").loc["marker"]
    assert row["part"] == 50 * 40 / 80 + 20 * 60 / 80 + 10 * 80 / 80
    assert row["rest"] == pytest.approx((50 * 40 + 80 * 60 + 90 * 80) / 220)
    assert found.counts["origin", "rest"].tolist() == [50, 80, 90]
    row = found.context.loc["origin"]
    assert (row["people_part"], row["people_rest"]) == (80, 220)
    missing = [each for each in found.notices if each.code == "equity_group_missing"]
    assert [each.item for each in missing] == ["sex", "children", "elderly"]
    assert "women_5_plus, men_5_plus" in missing[0].text("es")


def test_interval__turns_its_sign_with_the_groups(base: Result) -> None:
    counts = {"women_5_plus": [10, 30, 5], "men_5_plus": [30, 10, 5]}
    city = made_city(base, [40, 60, 80], [90, 90, 90], counts=counts)
    moves = np.random.default_rng(7).normal(0, 5, (3, 40))
    draws = (np.array([[40], [60], [80]]) + moves).astype(np.float32)
    groups = [
        Group("one", ("women_5_plus",), ("men_5_plus",)),
        Group("other", ("men_5_plus",), ("women_5_plus",)),
    ]
    found = group_gaps(city, groups=groups, draws=draws)
    one, other = (found.intervals_of(each).to_numpy()[2] for each in ("one", "other"))
    npt.assert_allclose(one, [-other[0], -other[1], -other[3], -other[2]], rtol=1e-12)
    assert one[2] < one[0] < one[3]


def test_intervals__are_of_each_figure_in_each_draw(base: Result) -> None:
    city = made_city(base, [40, 60, 80], [9, 9, 9], counts={"people_venezuelan": [6, 2, 1]})
    moves = np.random.default_rng(7).normal(0, 9, (3, 40))
    draws = (np.array([[40], [60], [80]]) + moves).astype(np.float32)
    found = group_gaps(city, groups=ORIGIN, draws=draws, line=55)
    part, rest = pd.Series([6.0, 2, 1]), pd.Series([3.0, 7, 8])
    each = [
        gap_table(pd.DataFrame({"marker": column}), part, rest, line=55).loc["marker"]
        for column in draws.T.astype(np.float64)
    ]
    spans = found.intervals_of("origin")
    middle = pd.DataFrame(each).quantile([0.5, 0.05, 0.95]).T
    npt.assert_allclose(spans[["median", "low", "high"]], middle.loc[spans.index], rtol=1e-12)
    assert spans["value"].to_dict() == found.of("origin").loc["marker"].to_dict()
    assert spans["high"]["below_part"] > spans["low"]["below_part"]


def test_interval__of_errors_that_all_cells_share_is_the_gap_itself(base: Result) -> None:
    """Separate bars for the two groups would lie over each other, and hide it."""
    counts = {"people_venezuelan": [10.0, 1e-300]}
    city = made_city(base, [40, 60], [10.0, 10.0], counts=counts)
    draws = (np.array([[40.0], [60.0]]) + np.linspace(-20, 20, 81)).astype(np.float32)
    spans = group_gaps(city, groups=ORIGIN, draws=draws).intervals_of("origin")
    npt.assert_allclose(spans.loc["gap"], -20, atol=1e-5)
    assert spans["high"]["part"] - spans["low"]["part"] == pytest.approx(36, abs=1e-4)


def test_two_given_columns__are_held_against_each_other(base: Result) -> None:
    counts = {"women_5_plus": [10, 30], "men_5_plus": [30, 10], "age_0_9": [1, 2]}
    city = made_city(base, [40, 80], [90, 90], counts=counts)
    group = Group("sex", ("women_5_plus",), ("men_5_plus", "age_0_9"))
    row = group_gaps(city, groups=[group]).of("sex").loc["marker"]
    assert row["part"] == 70
    assert row["rest"] == pytest.approx((31 * 40 + 12 * 80) / 43)


def test_zones_that_lack_a_count__are_in_neither_group(base: Result) -> None:
    counts = {"people_venezuelan": [50, np.nan, 10]}
    city = made_city(base, [40, 0, 80], [100, 100, 100], counts=counts)
    found = group_gaps(city, groups=ORIGIN)
    assert found.context.loc["origin", "people_rest"] == 140
    assert [each.code for each in found.notices] == ["equity_group_incomplete"]
    said = " ".join(found.notices[0].text("en").split())
    assert "zones that lack one of the counts (people of Venezuelan origin / all others" in said
    assert "): 1 of 3" in said


def test_counts_beside_the_marker__serve_where_the_layer_has_none(base: Result) -> None:
    city = made_city(base, [40, 80], [10, 10], context={"people_venezuelan": [8, 2]})
    assert group_gaps(city, groups=ORIGIN).of("origin").loc["marker", "part"] == 48


def test_a_part_larger_than_its_whole__is_counted_and_leaves_nobody_over(base: Result) -> None:
    city = made_city(base, [40, 80], [10, 10], counts={"people_venezuelan": [13, 2]})
    found = group_gaps(city, groups=ORIGIN)
    assert found.counts["origin", "rest"].tolist() == [0, 8]
    assert [each.code for each in found.notices] == ["equity_group_exceeds"]
    assert "people of Venezuelan origin: in 1 cell they are more than all people (3 too many)" in (
        " ".join(found.notices[0].text("en").split())
    )


def test_the_last_bits_of_shared_counts__are_no_fault(base: Result) -> None:
    city = made_city(base, [40, 80], [0.3, 10], counts={"people_venezuelan": [0.1 + 0.2, 2]})
    found = group_gaps(city, groups=ORIGIN)
    assert found.notices == ()
    assert found.counts["origin", "rest"].min() == 0


@pytest.mark.parametrize("part", [[0.0, 0.0], [10.0, 10.0]])
def test_a_group_of_nobody__is_said_and_not_compared(base: Result, part: list[float]) -> None:
    city = made_city(base, [40, 80], [10, 10], counts={"people_venezuelan": part})
    found = group_gaps(city, groups=ORIGIN)
    assert (found.groups, len(found.exposure), len(found.context)) == ((), 0, 0)
    assert found.intervals.columns.tolist() == ["value", "median", "low", "high"]
    assert [each.code for each in found.notices] == ["equity_group_empty"]
    assert found.counts.shape == (2, 0)


def test_a_column_without_any_count__is_missing(base: Result) -> None:
    city = made_city(base, [40, 80], [10, 10], counts={"people_venezuelan": [np.nan, np.nan]})
    assert [each.code for each in group_gaps(city, groups=ORIGIN).notices] == [
        "equity_group_missing"
    ]


def test_a_city_without_scores__has_groups_without_a_gap(base: Result) -> None:
    city = made_city(base, [math.nan] * 2, [10, 10], counts={"people_venezuelan": [8, 2]})
    found = group_gaps(city, groups=ORIGIN)
    assert found.of("origin")["gap"].isna().all()
    assert found.context.loc["origin", "dissimilarity"] == pytest.approx(0.6)


def test_groups_that_cannot_be__are_refused_all_at_once(base: Result) -> None:
    groups = [
        Group("a", ("people_venezolan",)),
        Group("b", ("schooling_years_women",), ("dwellings",)),
        Group("c", ()),
        Group("c", ("age_0_9",)),
    ]
    with pytest.raises(ParameterError) as fault:
        group_gaps(base, groups=groups)
    text = str(fault.value)
    assert "'people_venezolan' is not defined" in text
    assert "people_venezuelan" in text
    assert "'schooling_years_women' does not count people (intensive, years)" in text
    assert "'dwellings' does not count people (extensive, dwellings)" in text
    assert text.count("parameter_type") == 2
    with pytest.raises(ParameterError, match="line"):
        group_gaps(base, line=101)


def test_group__is_called_by_its_columns_unless_told() -> None:
    one, other = Group("x", ("a", "b"), ("c",)).named()
    assert (one.es, other.en) == ("a + b", "c")
    assert Group("x", ("a",)).named()[1].es == "las demás personas"
    assert default_groups()[0].named()[0].es == "las personas de origen venezolano"
