"""Floating catchments on streets: equal to the rules on a table of pairs, and to known figures."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import shapely

from inclusion_marker.accessibility import catchments
from inclusion_marker.accessibility.catchments import Shares
from inclusion_marker.accessibility.competition import KINDS, Kind, catchment
from inclusion_marker.accessibility.decays import Decay, Exponential, Step, Stepped
from inclusion_marker.accessibility.measures import cost_to_closest
from inclusion_marker.accessibility.pairs import Costs
from inclusion_marker.errors import ParameterError
from networks import CRS, on_foot

E2SFCA = Stepped((2.0, 4.0, 6.0), (1.0, 0.68, 0.22))
DECAYS: tuple[Decay, ...] = (Step(3.0), E2SFCA, Exponential(0.2, cutoff_min=5.0))
SIDE_M = 50.0
ACROSS = [
    ((x * SIDE_M, y * SIDE_M), (x * SIDE_M + SIDE_M, y * SIDE_M))
    for x in range(4)
    for y in range(5)
]
UP = [
    ((x * SIDE_M, y * SIDE_M), (x * SIDE_M, y * SIDE_M + SIDE_M))
    for x in range(5)
    for y in range(4)
]
NETWORK = on_foot(*ACROSS, *UP)
PLACES = NETWORK.nodes


def homes() -> gpd.GeoSeries:
    """Return a home at every corner."""
    return gpd.GeoSeries(shapely.points(PLACES), [f"h{i}" for i in range(len(PLACES))], crs=CRS)


def clinics() -> gpd.GeoDataFrame:
    """Return clinics at some corners, two of them at one."""
    where = shapely.points(PLACES[[0, 7, 7, len(PLACES) - 1]])
    return gpd.GeoDataFrame({"beds": [30.0, 5.0, 12.0, 8.0]}, geometry=where, crs=CRS)


def people() -> pd.Series[float]:
    """Return people of each home; some are empty."""
    counts = np.arange(len(PLACES), dtype=np.float64) % 5 * 10
    return pd.Series(counts, homes().index)


COUNTS: npt.NDArray[np.float64] = np.asarray(people(), np.float64)
BEDS: npt.NDArray[np.float64] = np.asarray(clinics()["beds"], np.float64)


def pair_costs() -> Costs:
    """Return the minutes of all pairs, asked one clinic at a time."""
    minutes = np.column_stack(
        [
            cost_to_closest(NETWORK, homes(), clinics().iloc[[k]])["closest_min"].to_numpy(float)
            for k in range(4)
        ]
    )
    return Costs.of(minutes)


@pytest.mark.parametrize("decay", DECAYS)
@pytest.mark.parametrize("kind", ["two_step", "modified_two_step"])
def test_catchment__in_one_search_equals_the_rule_on_pairs(kind: Kind, decay: Decay) -> None:
    rule = catchments.two_step if kind == "two_step" else catchments.modified_two_step
    expected = rule(pair_costs(), COUNTS, BEDS, decay)
    for threads in (1, 2):
        found = catchment(
            NETWORK,
            homes(),
            clinics(),
            people=people(),
            decay=decay,
            kind=kind,
            capacity="beds",
            threads=threads,
        )
        assert np.allclose(found["closest_access"], expected, rtol=1e-12, atol=0)
    assert expected.max() > 0


@pytest.mark.parametrize("shares", ["all", "reached"])
def test_catchment__three_step_equals_the_rule_on_pairs(shares: Shares) -> None:
    decay = Exponential(0.2)
    named: Kind = "three_step_all" if shares == "all" else "three_step_reached"
    found = catchment(
        NETWORK, homes(), clinics(), people=people(), decay=decay, kind=named, cutoff_min=4.0
    )
    ones = np.ones(4)
    expected = catchments.three_step(
        pair_costs(), COUNTS, ones, decay, cutoff_min=4.0, shares=shares
    )
    assert np.allclose(found["closest_access"], expected, rtol=1e-12, atol=0)


def test_catchment__three_step_conventions_differ_where_the_decay_goes_on() -> None:
    kinds: tuple[Kind, Kind] = ("three_step_all", "three_step_reached")
    first, second = (
        catchment(
            NETWORK,
            homes(),
            clinics(),
            people=people(),
            decay=Exponential(0.2),
            kind=kind,
            cutoff_min=2.0,
        )["closest_access"].to_numpy(np.float64)
        for kind in kinds
    )
    assert not np.allclose(first, second)


def test_catchment__balanced_equals_the_rule_on_pairs() -> None:
    found = catchment(
        NETWORK, homes(), clinics(), people=people(), decay=E2SFCA, kind="balanced", capacity="beds"
    )
    expected = catchments.balanced(pair_costs(), COUNTS, BEDS, E2SFCA)
    assert np.allclose(found["closest_access"], expected, rtol=1e-12, atol=0)


def test_catchment__spatial_availability_shares_each_facility_out_whole() -> None:
    found = catchment(
        NETWORK,
        homes(),
        clinics(),
        people=people(),
        decay=Exponential(0.3),
        kind="spatial_availability",
        capacity="beds",
    )
    total = (found["closest_access"] * people()).sum()
    assert total == pytest.approx(clinics()["beds"].sum(), rel=1e-12)


@pytest.mark.parametrize("decay", DECAYS)
def test_catchment__gives_out_the_supply_that_people_reach(decay: Decay) -> None:
    found = catchment(
        NETWORK, homes(), clinics(), people=people(), decay=decay, capacity="beds", per=1000
    )
    total = (found["closest_access"] * people()).sum() / 1000
    assert total == pytest.approx(clinics()["beds"].sum(), rel=1e-12)


def test_catchment__is_the_same_in_another_order_of_clinics() -> None:
    kept, turned = (
        catchment(NETWORK, homes(), table, people=people(), decay=E2SFCA, capacity="beds")
        for table in (clinics(), clinics().iloc[::-1])
    )
    assert kept["closest_access"].tolist() == turned["closest_access"].tolist()


def test_catchment__of_nobody_in_reach_is_never_infinite() -> None:
    nobody = people() * 0
    found = catchment(NETWORK, homes(), clinics(), people=nobody, decay=E2SFCA)
    assert (found["closest_access"] == 0).all()


def test_catchment__beyond_reach_is_zero_and_without_a_street_missing() -> None:
    far = gpd.GeoSeries([shapely.Point(PLACES[0] - 90_000)], ["far"], crs=CRS)
    asked = pd.concat([homes(), far])
    counted = pd.concat([people(), pd.Series([5.0], ["far"])])
    found = catchment(NETWORK, asked, clinics(), people=counted, decay=Step(0.1))
    assert found["closest_access"].isna().tolist() == [*[False] * len(homes()), True]
    assert (found["closest_access"].iloc[:-1] == 0).any()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"people": pd.Series([1.0], ["h0"])}, "people.index"),
        ({"people": people() - 5}, "people"),
        ({"capacity": "camas"}, "camas"),
        ({"kind": "fourth_step"}, "two_step"),
    ],
)
def test_catchment__refuses(wrong: dict[str, object], words: str) -> None:
    given: dict[str, object] = {"people": people(), "decay": E2SFCA, **wrong}
    with pytest.raises(ParameterError, match=words):
        catchment(NETWORK, homes(), {"clinic": clinics()}, **given)  # type: ignore[arg-type]


def test_catchment__refuses_negative_capacity() -> None:
    wrong = clinics().assign(beds=-1.0)
    with pytest.raises(ParameterError, match="beds"):
        catchment(NETWORK, homes(), wrong, people=people(), decay=E2SFCA, capacity="beds")


def test_kinds__are_all_answered() -> None:
    for kind in KINDS:
        found = catchment(NETWORK, homes(), clinics(), people=people(), decay=E2SFCA, kind=kind)  # type: ignore[arg-type]
        assert found["closest_access"].max() > 0
