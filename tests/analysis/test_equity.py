"""Equity of a city: what joins the measures, whom it leaves out, and its intervals."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
import shapely

from inclusion_marker.analysis.drawn import Draws
from inclusion_marker.analysis.equity import Equity, equity
from inclusion_marker.analysis.inequality.measures import MEASURES, gini, theil_t
from inclusion_marker.composite.districts import district_of
from inclusion_marker.errors import InclusionMarkerError, ParameterError
from inclusion_marker.marker import compute
from inclusion_marker.method import extended_method
from inclusion_marker.result import Result
from made_cities import made_city

MARKER, PEOPLE = [20.0, 40.0, 60.0, 80.0], [100.0, 300.0, 200.0, 400.0]
VENEZUELAN = {"people_venezuelan": [60.0, 100.0, 20.0, 10.0]}


@dataclass(frozen=True)
class Drawn:
    """Draws made by hand."""

    draws: Draws
    index: pd.Index


@pytest.fixture(scope="module")
def base() -> Result:
    """Return a small city, to make others from."""
    return compute("manta", resolution=8)


@pytest.fixture(scope="module")
def city(base: Result) -> Result:
    """Return a city of four cells."""
    return made_city(base, MARKER, PEOPLE, counts=VENEZUELAN, context=VENEZUELAN)


@pytest.fixture(scope="module")
def found(city: Result) -> Equity:
    """Return its equity, split into two halves."""
    halves = pd.Series(["south", "south", "north", "north"], index=city.people.index)
    return equity(city, by=halves)


def codes(found: Equity) -> list[str]:
    """Return the codes of the notices, without those of groups that are not counted."""
    return [each.code for each in found.notices if each.code != "equity_group_missing"]


def test_measures__are_those_of_the_marker_and_its_areas(city: Result, found: Equity) -> None:
    areas = [f"area_{key}" for key in city.method.areas]
    assert found.measures.index.tolist() == ["marker", *areas]
    assert tuple(found.measures.columns) == MEASURES
    assert found.measures.loc["marker", "gini"] == gini(MARKER, PEOPLE)
    assert found.measures.loc["marker", "headcount"] == 0.4
    assert found.quantiles.tolist() == [20, 80]
    assert found.lorenz.iloc[-1].tolist() == [1, 1]
    assert (found.resolution, found.line, codes(found)) == (8, 50, [])


def test_decomposition__is_by_the_labels_given(found: Equity) -> None:
    parts = found.decomposition
    assert parts is not None
    assert parts.groups.index.tolist() == ["north", "south"]
    assert parts.total == theil_t(MARKER, PEOPLE)
    assert parts.within + parts.between == pytest.approx(parts.total, abs=1e-12)


def test_concentration__is_negative_where_the_ranked_group_lives_worse(found: Equity) -> None:
    assert found.along == "people_venezuelan"
    assert found.concentration["standard"]["marker"] < 0
    mean = found.intervals["value"]["mean"]
    npt.assert_allclose(
        found.concentration["erreygers"], 4 * mean / 100 * found.concentration["standard"]
    )


def test_concentration__follows_a_ranking_of_one_s_own(city: Result) -> None:
    income = pd.Series([1.0, 2.0, 3.0, 4.0], index=city.people.index, name="income")
    found = equity(city, along=income.iloc[::-1])
    assert found.along == "income"
    assert found.concentration.loc["marker", "standard"] == pytest.approx(gini(MARKER, PEOPLE))
    assert equity(city, along=income.rename(None)).along == "along"


def test_adjusted__joins_the_areas_by_the_weights_and_the_floor_of_the_method(base: Result) -> None:
    areas = {"housing": [0.0, 40.0, 60.0, 80.0]}
    lifted = dataclasses.replace(
        made_city(base, MARKER, PEOPLE, areas=areas),
        method=extended_method(
            base.method,
            {
                "id": "x",
                "aggregation": {"marker": {"rule": "geometric", "floor": 5}},
                "areas": {"housing": {"weight": 4}},
            },
            file="x",
        ),
    )
    found = equity(lifted).adjusted
    assert found.dimensions["weight"].tolist() == [0.5, 0.125, 0.125, 0.125, 0.125]
    assert found.dimensions["people_lifted"].tolist() == [100, 0, 0, 0, 0]
    assert found.value < found.unadjusted
    assert found.unadjusted == pytest.approx(56**0.5 * 58**0.5)


def test_intervals__are_missing_without_draws(found: Equity) -> None:
    assert found.intervals["value"].tolist() == [58, 0.4, gini(MARKER, PEOPLE)]
    assert found.intervals[["median", "low", "high"]].isna().to_numpy().all()
    assert found.gaps.intervals[["median", "low", "high"]].isna().to_numpy().all()


def test_intervals__span_the_city_s_figure_in_each_draw(city: Result) -> None:
    rng = np.random.default_rng(7)
    draws = np.clip(np.array(MARKER)[:, None] + rng.normal(0, 8, (4, 200)), 0, 100)
    drawn = Drawn(draws.astype(np.float32)[::-1], city.people.index[::-1])
    found = equity(city, robustness=drawn)
    each = [gini(column, PEOPLE) for column in draws.astype(np.float32).T.astype(float)]
    expected = np.percentile(each, [50, 5, 95])
    npt.assert_allclose(found.intervals.loc["gini"].to_numpy()[1:], expected, atol=1e-12)
    means = np.average(draws, axis=0, weights=PEOPLE)
    npt.assert_allclose(
        found.intervals.loc["mean"].to_numpy()[1:], np.percentile(means, [50, 5, 95]), atol=1e-5
    )
    gap = found.gaps.intervals_of("origin").loc["gap"]
    assert gap["low"] < gap["value"] < gap["high"]


def test_equity__has_the_same_figures_in_any_order_of_cells(city: Result) -> None:
    order = [2, 0, 3, 1]
    moved = dataclasses.replace(
        city,
        grid=dataclasses.replace(city.grid, cells=city.grid.cells.iloc[order]),
        scores=dataclasses.replace(
            city.scores,
            marker=city.scores.marker.iloc[order],
            areas=city.scores.areas.iloc[order],
            dimensions=city.scores.dimensions.iloc[order],
            indicators=city.scores.indicators.iloc[order],
        ),
        context=city.context.iloc[order],
        layers={},
        shares={},
    )
    one, other = equity(city), equity(moved)
    pd.testing.assert_frame_equal(one.measures, other.measures, check_exact=True)
    pd.testing.assert_frame_equal(one.concentration, other.concentration, check_exact=True)
    pd.testing.assert_frame_equal(one.gaps.exposure, other.gaps.exposure, rtol=1e-12)
    pd.testing.assert_frame_equal(one.gaps.context, other.gaps.context, rtol=1e-12)


# ── districts ────────────────────────────────────────────────────────────────


def squares(*corners: float) -> list[shapely.Polygon]:
    """Return squares of side 2 along a line."""
    return [shapely.box(corner, 0, corner + 2, 2) for corner in corners]


def test_district__is_that_of_the_centre_or_else_the_one_with_most_of_the_cell() -> None:
    cells = gpd.GeoDataFrame(geometry=squares(0, 3, 8, 20), index=list("abcd"))
    districts = gpd.GeoDataFrame(geometry=squares(0, 2.5, 3, 6.1, 9.5), index=list("vwxyz"))
    assert district_of(cells, districts).tolist() == ["v", "w", "z", None]
    order = [2, 0, 3, 1]
    assert district_of(cells.iloc[order], districts).tolist() == ["z", "v", None, "w"]


def test_people_of_no_district__are_counted(city: Result) -> None:
    labels = pd.Series(["a", None, "b", "b"], index=city.people.index)
    found = equity(city, by=labels)
    assert codes(found) == ["equity_people_without_district"]
    assert "300 people" in next(
        each.text("en") for each in found.notices if each.code.endswith("district")
    )


def test_decomposition__is_by_district_unless_told(base: Result, city: Result) -> None:
    districts = gpd.GeoDataFrame(
        {"name": ["All"]},
        geometry=[shapely.box(*city.grid.cells.total_bounds)],
        index=pd.Index(["1"], name="district"),
        crs=city.grid.cells.crs,
    )
    parts = equity(dataclasses.replace(city, districts=districts)).decomposition
    assert parts is not None
    assert (parts.groups.index.tolist(), parts.between) == (["1"], 0)
    assert base.districts is not None
    assert equity(city, by=None).decomposition is None
    without = equity(city)
    assert without.decomposition is None
    assert codes(without) == ["equity_without_districts"]


# ── edges ────────────────────────────────────────────────────────────────────


def test_people_in_cells_without_a_marker__are_counted(base: Result) -> None:
    city = made_city(base, [20, math.nan, 60], [100, 300, 600], areas={"housing": [20, 30, 60]})
    found = equity(city, by=None)
    assert codes(found) == ["equity_people_left_out"]
    assert "without a score: 1 cell, with 30.0 % of the people" in found.notices[0].text("en")
    assert found.measures.loc["marker", "gini"] == gini([20, 60], [100, 600])


def test_zeros__are_told_by_score_with_the_people_who_have_them(base: Result) -> None:
    city = made_city(base, [50, 60], [100, 300], areas={"housing": [0, 60], "health": [0, 0]})
    found = equity(city, by=None)
    assert [(each.code, each.item) for each in found.notices if each.code == "equity_zeros"] == [
        ("equity_zeros", "area_housing")
    ]
    assert found.measures.loc["area_housing", "theil_l"] == math.inf
    assert found.measures.loc["area_health", "theil_l"] == 0


@pytest.mark.parametrize(
    ("marker", "people"),
    [([math.nan, math.nan], [10, 20]), ([50, 60], [0, 0]), ([50, 60], [math.nan, 0])],
)
def test_nobody_with_a_score__leaves_all_figures_missing_and_says_so(
    base: Result, marker: list[float], people: list[float]
) -> None:
    city = made_city(base, marker, people, counts={"people_venezuelan": [1, 2]})
    found = equity(city, by=pd.Series(["a", "b"], index=city.people.index))
    assert found.measures.isna().to_numpy().all()
    assert found.concentration.isna().to_numpy().all()
    assert math.isnan(found.adjusted.value)
    assert found.intervals.isna().to_numpy().all()
    assert "equity_nobody" in codes(found)


def test_one_cell__has_no_inequality(base: Result) -> None:
    city = made_city(base, [50], [10])
    row = equity(city, by=None).measures.loc["marker"].to_dict()
    assert (row["gini"], row["theil_t"], row["palma"], row["headcount"]) == (0, 0, 0.25, 0)


def test_a_scale_of_the_city_s_own__is_warned_of(
    city: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(city.method), "comparable", property(lambda _: False))
    assert "equity_relative_scale" in codes(equity(city))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"line": 0}, "line"),
        ({"line": math.nan}, "line"),
        ({"by": "distrct"}, "'distrct' is not defined"),
        ({"by": pd.Series(["a"], index=["x"])}, "by"),
        ({"along": "people_venezolan"}, "people_venezuelan"),
        ({"along": pd.Series([1.0], index=["x"])}, "along"),
        ({"robustness": Drawn(np.ones((1, 2), np.float32), pd.Index(["x"]))}, "robustness"),
    ],
)
def test_arguments_that_cannot_be__are_refused(
    city: Result, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(ParameterError, match=words):
        equity(city, **arguments)


def test_negative_people__are_refused(base: Result) -> None:
    with pytest.raises(InclusionMarkerError, match="equity_people_invalid"):
        equity(made_city(base, [50, 60], [-1, 5]))


# ── the sample city ──────────────────────────────────────────────────────────


@pytest.mark.slow
def test_cucuta__has_gaps_of_origin_sex_and_age_that_its_counts_bear_out() -> None:
    city = compute("cucuta")
    found = equity(city)
    assert [group.id for group in found.gaps.groups] == ["origin", "sex", "children", "elderly"]
    assert found.notices == ()
    census = city.layers["census"]
    held = found.gaps.counts.sum()
    for group, side, column in (
        ("origin", "part", "people_venezuelan"),
        ("sex", "part", "women_5_plus"),
        ("sex", "rest", "men_5_plus"),
        ("children", "part", "age_0_9"),
        ("elderly", "part", "age_70_plus"),
    ):
        # Some zones lie beyond the boundary.
        assert held[group, side] == pytest.approx(census[column].sum(), rel=0.01)
    assert held["origin", "part"] == pytest.approx(city.context["people_venezuelan"].sum())
    assert found.decomposition is not None
    assert found.decomposition.groups["people"].sum() == pytest.approx(city.people.sum())
    # The people of a cell on a border are counted where its centre is, hence the slack.
    assert city.districts is not None
    districts = city.districts["marker"]
    npt.assert_allclose(found.decomposition.groups["mean"], districts.sort_index(), atol=1.0)
