"""Errors of counts against simulated surveys; pieces of zones that keep the zone's total."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.erring import erring_result, made_shares
from inclusion_marker.analysis.drawing.data_error import (
    Known,
    error_of_counts,
    known_of,
    points_of,
    sampling,
    spread_between,
    spread_inside,
)
from inclusion_marker.analysis.drawing.draws import Floats, normals, stream
from inclusion_marker.analysis.drawing.error_sources import pieces, problem_of, times_larger
from inclusion_marker.analysis.drawing.errors import Errors
from inclusion_marker.city import LayerErrors, cross_check, load_city, parse_city
from inclusion_marker.composite.scales import Curve, fitted
from inclusion_marker.errors import CityError
from inclusion_marker.formulas import (
    AreaPerPerson,
    Density,
    Distance,
    Diversity,
    Events,
    Formula,
    Mean,
    MostFrequent,
    Rate,
    Ratio,
    RatioOfMeans,
    RatioOfRates,
    WeightedMean,
)
from inclusion_marker.loaders.areal import Shares
from inclusion_marker.method import load_method

V1 = load_method("uim-v1")
SURVEY = Known(1.0, 0.5, 0.0, None, 0.0, 1.0)
PEOPLE = 400
EIGHT = erring_result(8, 6)


def one_zone() -> Shares:
    """Return a zone that is a cell."""
    rng = np.random.default_rng(0)
    shares = made_shares(pd.Index(["a"]), 1, rng, pieces=1)
    npt.assert_allclose(shares.matrix.toarray(), 1)
    return shares


def stated(formula: Formula, raw: float, **columns: float) -> float:
    """Return the standard error that is taken of a value of one zone, half of which was asked."""
    zones = gpd.GeoDataFrame(
        {key: [value] for key, value in columns.items()}, geometry=gpd.points_from_xy([0], [0])
    )
    shares = one_zone()
    found = sampling(formula, np.array([raw]), zones, lambda count: shares.matrix @ count, V1)
    assert found is not None
    return float(error_of_counts(found, SURVEY, shares)[0])


def simulated(value: Callable[[np.random.Generator], np.ndarray]) -> float:
    """Return the spread of a value over many samples of all the people there are."""
    return float(value(np.random.default_rng(7)).std())


# A survey that asks half of a finite population errs, for its size, as one that asks all of an
# infinite one: d (1 - f) / f = 1. So the simulations draw whole populations.


def test_share__errs_as_a_binomial_does() -> None:
    formula = Ratio(
        formula="ratio",
        layer="census",
        numerator="dwellings_water",
        denominator="dwellings",
        per=100,
    )
    found = stated(formula, 80.0, dwellings_water=0.8 * PEOPLE, dwellings=PEOPLE)
    assert found == pytest.approx(
        simulated(lambda rng: 100 * rng.binomial(PEOPLE, 0.8, 20_000) / PEOPLE), rel=0.03
    )


def test_whole_over_its_part__errs_as_the_inverse_of_a_share() -> None:
    formula = Ratio(formula="ratio", layer="census", numerator="people", denominator="employed")
    # For each unit of the denominator: 160 employed of 400 people.
    found = stated(formula, 2.5, people=PEOPLE, employed=0.4 * PEOPLE)
    assert found == pytest.approx(
        simulated(lambda rng: PEOPLE / rng.binomial(PEOPLE, 0.4, 20_000)), rel=0.05
    )


def test_two_counts__err_as_independent_ones() -> None:
    formula = Ratio(formula="ratio", layer="census", numerator="households", denominator="people")
    found = stated(formula, 0.5, households=200, people=PEOPLE)
    drawn = simulated(lambda rng: rng.poisson(200, 20_000) / rng.poisson(PEOPLE, 20_000))
    assert found == pytest.approx(drawn, rel=0.05)


def test_events__err_as_poisson_even_in_a_full_count() -> None:
    formula = Events(formula="rate", layer="safety", events="homicides", people="people")
    zones = gpd.GeoDataFrame(
        {"homicides": [30.0], "people": [1e4]}, geometry=gpd.points_from_xy([0], [0])
    )
    shares = one_zone()
    found = sampling(formula, np.array([300.0]), zones, lambda count: shares.matrix @ count, V1)
    assert found is not None
    full = SURVEY._replace(sampled=1.0)
    drawn = simulated(lambda rng: 1e5 * rng.poisson(30, 20_000) / 1e4)
    assert error_of_counts(found, full, shares)[0] == pytest.approx(drawn, rel=0.03)


def test_ratio_of_rates__errs_by_the_delta_method() -> None:
    formula = RatioOfRates(
        formula="ratio_of_rates",
        layer="census",
        first=Rate(numerator="unemployed_women", denominator="labour_force_women"),
        second=Rate(numerator="unemployed_men", denominator="labour_force_men"),
    )
    counts = {
        "unemployed_women": 120,
        "labour_force_women": 600,
        "unemployed_men": 100,
        "labour_force_men": 1000,
    }
    found = stated(formula, 2.0, **counts)
    drawn = simulated(
        lambda rng: rng.binomial(600, 0.2, 40_000) / 600 / (rng.binomial(1000, 0.1, 40_000) / 1000)
    )
    assert found == pytest.approx(drawn, rel=0.05)


def test_diversity__errs_as_the_entropy_of_a_multinomial() -> None:
    formula = Diversity(formula="diversity", layer="census", classes=("a", "b", "c"))
    p = np.array([0.6, 0.3, 0.1])

    def entropies(rng: np.random.Generator) -> Floats:
        q = rng.multinomial(PEOPLE, p, 20_000) / PEOPLE
        found: Floats = -(q * np.log(np.where(q > 0, q, 1))).sum(axis=1)
        return found

    raw = float(-(p * np.log(p)).sum())
    assert stated(formula, raw, a=240, b=120, c=40) == pytest.approx(simulated(entropies), rel=0.03)


def test_most_frequent__errs_as_the_mean_of_its_classes() -> None:
    formula = MostFrequent(formula="most_frequent", layer="census", classes={1: "a", 4: "b"})
    found = stated(formula, 1.0, a=300, b=100)
    drawn = simulated(lambda rng: 1 + 3 * rng.binomial(PEOPLE, 0.25, 20_000) / PEOPLE)
    assert found == pytest.approx(drawn, rel=0.03)


def test_means__err_by_half_of_themselves_between_people() -> None:
    women, men = Mean(value="x", weight="n"), Mean(value="y", weight="m")
    mean = WeightedMean(formula="weighted_mean", layer="census", terms=(women, men))
    assert stated(mean, 10.0, n=200, m=200) == pytest.approx(0.5 * 10 / np.sqrt(PEOPLE))
    gap = RatioOfMeans(formula="ratio_of_means", layer="census", first=women, second=men)
    # Two groups of 200, each off by 0.5 / sqrt(200) of itself.
    assert stated(gap, 1.0, n=200, m=200) == pytest.approx(np.sqrt(2) * 0.5 / np.sqrt(200))


def test_full_count__errs_by_those_it_missed() -> None:
    formula = Density(formula="density", layer="census", column="people")
    zones = gpd.GeoDataFrame({"people": [400.0]}, geometry=gpd.points_from_xy([0], [0]))
    shares = one_zone()
    found = sampling(formula, np.array([50.0]), zones, lambda count: shares.matrix @ count, V1)
    assert found is not None
    missed = Known(1.5, 1.0, 0.02, None, 0.0, 1.0)
    npt.assert_allclose(error_of_counts(found, missed, shares), [1.0])


@pytest.mark.parametrize(
    "formula",
    [
        Distance(formula="distance", layer="health"),
        AreaPerPerson(formula="area_per_person", layer="public_space"),
    ],
)
def test_what_is_no_count__has_no_sampling(formula: Formula) -> None:
    zones = gpd.GeoDataFrame({"people": [400.0]}, geometry=gpd.points_from_xy([0], [0]))
    assert sampling(formula, np.ones(1), zones, lambda count: count, V1) is None


def test_zones_without_anybody__do_not_err() -> None:
    formula = Diversity(formula="diversity", layer="census", classes=("a", "b"))
    assert stated(formula, np.nan, a=0, b=0) == 0


@settings(deadline=None)
@given(st.floats(1, 3), st.floats(0.05, 0.95))
def test_error__grows_with_the_design_effect_and_falls_with_the_sample(
    effect: float, sampled: float
) -> None:
    result = EIGHT
    formula = result.method.indicators["sanitation"].compute
    zones, shares = result.layers["census"], result.shares["census"]
    raw = result.raw["sanitation"].to_numpy()
    found = sampling(formula, raw, zones, lambda count: shares.matrix @ count, result.method)
    assert found is not None
    here = error_of_counts(found, Known(effect, sampled, 0.02, None, 0, 1), shares)
    worse = error_of_counts(found, Known(effect + 0.1, sampled, 0.02, None, 0, 1), shares)
    better = error_of_counts(found, Known(effect, sampled + 0.05, 0.02, None, 0, 1), shares)
    assert np.all(worse >= here)
    assert np.all(better <= here)


# ── inside zones ─────────────────────────────────────────────────────────────


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 12), st.integers(1, 8))
def test_pieces__never_change_the_total_of_their_zone(seed: int, cells: int, zones: int) -> None:
    index = pd.Index([f"c{row}" for row in range(cells)])
    shares = made_shares(index, zones, np.random.default_rng(seed))
    ones = shares.matrix.copy()
    ones.data = np.ones_like(ones.data)
    mix, centre, whose = pieces(shares, ones, index)
    count = mix.shape[1]
    drawn = normals(stream(seed, "x"), np.arange(count), np.arange(16)).astype(np.float64)
    middle = centre @ drawn
    table = shares.matrix.tocoo()
    total = np.zeros((zones, 16))
    held = np.zeros(zones)
    column = mix.tocoo()
    owner = centre.tocoo()
    zone_of = dict(zip(owner.coords[1], owner.coords[0], strict=True))
    inside = {}
    for piece, cell, loose in zip(column.coords[1], column.coords[0], column.data, strict=True):
        inside[cell, zone_of[piece]] = (piece, loose)
    for cell, zone, share in zip(*table.coords, table.data, strict=True):
        if (cell, zone) in inside:
            piece, loose = inside[cell, zone]
            total[zone] += share * (loose * drawn[piece] - middle[zone])
            held[zone] += share
    for zone in np.flatnonzero(shares.outside > 1e-9):
        beyond = [piece for piece, at in zone_of.items() if at == zone and piece >= mix.nnz]
        rest = shares.outside[zone]
        for piece in beyond:
            total[zone] += rest * (np.sqrt(1 - rest) * drawn[piece] - middle[zone])
    npt.assert_allclose(total, 0, atol=1e-6)
    # A zone that lies in one cell is that cell's, and is not off.
    alone = np.isclose(shares.matrix.max(axis=0).toarray().ravel(), 1)
    assert not set(np.flatnonzero(alone)) & set(whose.tocoo().coords[1])


def test_small_piece__is_off_by_more_than_a_large_one() -> None:
    index = pd.Index(["a", "b"])
    shares = made_shares(index, 1, np.random.default_rng(0), pieces=1)
    matrix = shares.matrix.copy()
    matrix = type(matrix)(np.array([[0.05], [0.95]]))
    shares = dataclasses.replace(shares, matrix=matrix, outside=np.zeros(1), cells=index)
    ones = type(matrix)(np.ones((2, 1)))
    mix, centre, whose = pieces(shares, ones, index)
    drawn = normals(stream(1, "x"), np.arange(2), np.arange(4000))
    off = (mix @ drawn - whose @ (centre @ drawn)).std(axis=1)
    assert off[0] > 0.9
    assert off[1] < 0.1


def test_spread_inside__is_less_where_a_share_is_nearly_whole_and_never_more_than_the_value() -> (
    None
):
    formula = V1.indicators["sanitation"].compute
    raw, people = np.array([50.0, 99.0, np.nan, 0.0]), np.array([10.0, 10, 10, 10])
    found = spread_inside(formula, raw, people, 0.5, V1)
    assert found[0] > found[1] > 0
    assert found[2] == found[3] == 0
    density = V1.indicators["residential_density"].compute
    few = spread_inside(density, np.array([1.0, 1000.0]), np.array([1.0, 1.0]), 1.0, V1)
    npt.assert_allclose(few, [1.0, 499.5])


def test_spread__of_nobody_is_nothing() -> None:
    raw, nobody = np.array([1.0, 3.0]), np.zeros(2)
    assert spread_between(raw, nobody) == 0
    formula = V1.indicators["sanitation"].compute
    npt.assert_array_equal(spread_inside(formula, raw, nobody, 0.5, V1), 0)


def test_zone_times__is_one_over_the_share_in_the_cell() -> None:
    result = erring_result(6, 4)
    matrix = result.shares["census"].matrix.copy()
    matrix = type(matrix)(np.array([[0.25, 0, 0, 0], [0.75, 0, 0, 0], *[[0.0] * 4] * 4]))
    shares = {
        **result.shares,
        "census": dataclasses.replace(result.shares["census"], matrix=matrix),
    }
    found = times_larger(dataclasses.replace(result, shares=shares))
    npt.assert_allclose(found.iloc[:2], [4, 4 / 3])
    assert found.iloc[2:].isna().all()
    assert times_larger(dataclasses.replace(result, shares={})).isna().all()


# ── points, and what is known of a layer ─────────────────────────────────────


def test_points__are_the_slope_where_the_score_is_linear() -> None:
    curve = Curve(np.array([500.0, 5000.0]), np.array([100.0, 0.0]), "linear", carried=True)
    raw = np.array([100.0, 2000.0, 9000.0, np.nan])
    npt.assert_allclose(points_of(curve, raw, np.full(4, 450.0)), [10, 10, 10, 0])
    npt.assert_array_equal(points_of(curve, raw, np.zeros(4)), 0)


def test_points__at_the_top_of_a_two_sided_score_are_what_is_lost() -> None:
    curve = fitted(pd.DataFrame(), V1)["residential_density"]
    top = np.array([curve.x[1:3].mean()])
    assert points_of(curve, top, np.array([curve.x[-1]]))[0] > 0


def test_known__is_what_the_argument_says_then_the_city_then_the_default() -> None:
    city = {"census": LayerErrors(sampled=0.1, design_effect=2)}
    errors = Errors(layers={"census": LayerErrors(sampled=0.2)})
    found = known_of("census", errors, city)
    assert (found.sampled, found.design_effect, found.omitted) == (0.2, 2, 0.02)
    assert found.cv_percent is None
    assert known_of("health", errors, city).closed == Errors().closed


def test_city_file__states_errors_by_layer() -> None:
    city = load_city("cucuta")
    tree = {
        **city.model_dump(mode="json", exclude={"root"}, exclude_none=True),
        "errors": {"census": {"sampled": 0.1, "design_effect": 1.8}, "health": {"closed": 0.1}},
    }
    read = parse_city(tree, city.root / "city.toml")
    assert read.errors["census"].sampled == 0.1
    assert read.errors["health"].listed is None


def test_city_file__reports_every_wrong_error_at_its_address() -> None:
    city = load_city("cucuta")
    tree = {
        **city.model_dump(mode="json", exclude={"root"}, exclude_none=True),
        "errors": {"census": {"sampled": 0, "design_effect": 0.5}, "health": {"closd": 0.1}},
    }
    with pytest.raises(CityError) as caught:
        parse_city(tree, city.root / "city.toml")
    said = str(caught.value)
    for address in ("errors.census.sampled", "errors.census.design_effect", "errors.health.closd"):
        assert address in said


def test_errors__of_a_layer_that_no_method_knows_are_named() -> None:
    city = load_city("cucuta").model_copy(update={"errors": {"censo": LayerErrors(sampled=0.1)}})
    found = [each for each in cross_check(city, V1) if each.item == "errors.censo"]
    assert [each.code for each in found] == ["name_unknown"]


def test_published_cv__takes_the_place_of_the_counts() -> None:
    result = erring_result(20, 10)
    small, large = (
        problem_of(
            result,
            Errors(layers={"census": LayerErrors(cv_percent=percent)}, interpolation=0),
            (),
            7,
        )[0]
        for percent in (1, 10)
    )
    for one, other in zip(small.noises, large.noises, strict=True):
        if one.mix.shape[1] == len(result.layers["census"]) and len(one.columns) > 5:
            assert np.all(other.points >= one.points)
            assert np.any(other.points > 5 * one.points)
