"""Minutes, counts and weights on streets: beside a naive twin, and the laws that they keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import naive
from inclusion_marker.accessibility.competition import catchment
from inclusion_marker.accessibility.decays import (
    Decay,
    Epanechnikov,
    Exponential,
    Linear,
    Logistic,
    Step,
    Stepped,
    weigh,
)
from inclusion_marker.accessibility.engine import Direction
from inclusion_marker.accessibility.measures import (
    cost_to_closest,
    cumulative,
    gravity,
    k_closest,
    reach,
)
from inclusion_marker.accessibility.network import Network
from inclusion_marker.accessibility.shares import (
    cumulative_interval,
    passive,
    share_within,
    time_to_n,
)
from inclusion_marker.accessibility.snapping import place_opportunities, place_origins
from inclusion_marker.errors import ParameterError
from naive import Place, Street
from networks import CRS, by_car, on_foot, points

Floats = npt.NDArray[np.float64]
Spot = tuple[float, float]
EXAMPLES = settings(deadline=None, max_examples=30)


# ── a twin: the nearest street by looking at each, streets cut, plain Dijkstra ───────────────────


def naive_place(network: Network, spot: Spot) -> Place | None:
    """Return where a point stands on a network; ``None`` beyond the limit."""
    point = shapely.Point(spot)
    gaps = [line.distance(point) for line in network.lines]
    street = gaps.index(min(gaps))
    if gaps[street] > network.profile.access_limit_m:
        return None
    share = network.lines[street].project(point, normalized=True)
    return Place(street, share, round(gaps[street] * 36 / network.profile.access_speed_kmh))


def naive_minutes(
    network: Network, homes: Sequence[Spot], services: Sequence[Spot], direction: Direction
) -> Floats:
    """Return the minutes between homes and services, inf where there is no way."""
    columns = (network.tail, network.head, network.forward_ds, network.backward_ds)
    streets = [Street(*map(int, row)) for row in zip(*columns, strict=True)]
    places = [naive_place(network, spot) for spot in (*homes, *services)]
    served = [place for place in places if place is not None]
    n, cut, nodes = naive.split(len(network.nodes), streets, served)
    number = iter(nodes)
    at = [None if place is None else next(number) for place in places]
    minutes = np.full((len(homes), len(services)), np.inf)
    for i, home in enumerate(at[: len(homes)]):
        for j, service in enumerate(at[len(homes) :]):
            if home is not None and service is not None:
                start, end = (home, service) if direction == "to" else (service, home)
                minutes[i, j] = naive.times_from(n, cut, [start])[end] / 600
    return minutes


@dataclass(frozen=True)
class Town:
    """Streets, homes and services, and the naive minutes between them."""

    network: Network
    homes: list[Spot]
    services: list[Spot]
    direction: Direction

    @property
    def minutes(self) -> Floats:
        """Return minutes, shape ``(homes, services)``."""
        return naive_minutes(self.network, self.homes, self.services, self.direction)


ROADS = [
    [(0, 0), (100, 0)],
    [(100, 0), (200, 0)],
    [(0, 0), (0, 150)],
    [(100, 0), (100, 150)],
    [(200, 0), (230, 80), (200, 150)],
    [(0, 150), (100, 150)],
    [(100, 150), (200, 150)],
    [(400, 0), (400, 90)],
]


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """Return a small town with one-way streets and an island beyond a river."""
    oneway = draw(st.lists(st.sampled_from([None, "yes", "-1"]), min_size=8, max_size=8))
    kept = draw(st.sets(st.integers(0, 7), min_size=1))
    network = by_car(
        *[ROADS[i] for i in sorted(kept)], oneway=[oneway[i] for i in sorted(kept)],
        access_limit_m=60,
    )  # fmt: skip
    # Off the grid by odd fractions: no two streets are equally near by a hair.
    spot = st.tuples(
        st.integers(-30, 430).map(lambda x: x + 0.37), st.integers(-30, 190).map(lambda y: y + 0.61)
    )
    homes = draw(st.lists(spot, min_size=1, max_size=5))
    services = draw(st.lists(spot, min_size=1, max_size=5))
    direction: Direction = draw(st.sampled_from(["to", "from"]))
    return Town(network, homes, services, direction)


def nan_for_none(minutes: Floats) -> Floats:
    """Return minutes, missing where there is no way."""
    return np.where(np.isfinite(minutes), minutes, np.nan)


@given(towns())
@settings(EXAMPLES, max_examples=60)
def test_minutes_and_names__are_the_naive_ones(town: Town) -> None:
    homes, services, minutes = points(*town.homes), points(*town.services), town.minutes
    k = len(services)
    order = np.argsort(minutes, axis=1, kind="stable")
    ranked = np.take_along_axis(minutes, order, axis=1)
    one = cost_to_closest(town.network, homes, services, direction=town.direction)
    assert_allclose(one.closest_min, nan_for_none(ranked[:, 0]), rtol=1e-12)
    some = k_closest(town.network, homes, services, k + 1, direction=town.direction)
    for j in range(k):
        assert_allclose(some[f"closest_{j + 1}_min"], nan_for_none(ranked[:, j]), rtol=1e-12)
        names = [None if np.isinf(t) else o for t, o in zip(ranked[:, j], order[:, j], strict=True)]
        assert some[f"closest_{j + 1}_id"].tolist() == names
    assert one.closest_id.tolist() == some.closest_1_id.tolist()
    assert some[f"closest_{k + 1}_min"].isna().all()
    assert some[f"closest_{k + 1}_id"].isna().all()


@given(towns(), st.sampled_from([1.0, 2.5, 4.0, 8.25]))
@settings(EXAMPLES, max_examples=60)
def test_sums__are_the_naive_ones(town: Town, cutoff: float) -> None:
    homes, minutes = points(*town.homes), town.minutes
    seats = np.arange(len(town.services)) * 2.5
    table = gpd.GeoDataFrame({"seats": seats}, geometry=points(*town.services))
    placed = np.array([naive_place(town.network, home) is not None for home in town.homes])
    decays: dict[str, Decay] = {
        "linear": Linear(6),
        "exp": Exponential(0.3),
        "kernel": Epanechnikov(5),
        "logistic": Logistic(3, 1),
    }
    found = reach(
        town.network,
        homes,
        {"school": table},
        cutoffs_min=[cutoff, 0],
        decays=decays,
        capacity="seats",
        direction=town.direction,
    )
    within = (minutes <= cutoff + 1e-9) @ seats
    assert_allclose(found[f"school_within_{cutoff:g}"], np.where(placed, within, np.nan), 1e-12)
    for name, decay in decays.items():
        weights = np.where(
            np.isfinite(minutes), weigh(decay, np.where(np.isfinite(minutes), minutes, 0)), 0
        )
        assert_allclose(
            found[f"school_{name}"], np.where(placed, weights @ seats, np.nan), 1e-9, 1e-12
        )
    shares = share_within(town.network, homes, table, [cutoff], direction=town.direction)
    reached = (minutes <= cutoff + 1e-9).any(axis=1)
    assert_allclose(shares[f"closest_share_{cutoff:g}"], np.where(placed, reached, np.nan))
    dual = time_to_n(town.network, homes, table, 5, capacity="seats", direction=town.direction)
    steps = np.unique(minutes[np.isfinite(minutes)])
    enough = [next((t for t in steps if seats[row <= t].sum() >= 5), np.nan) for row in minutes]
    assert_allclose(dual.closest_min, enough, rtol=1e-12)


# ── the laws ─────────────────────────────────────────────────────────────────


def tables(town: Town) -> tuple[gpd.GeoSeries, gpd.GeoSeries]:
    """Return homes and services, named."""
    homes = points(*town.homes, labels=[f"h{i}" for i in range(len(town.homes))])
    return homes, points(*town.services, labels=[f"s{i}" for i in range(len(town.services))])


@given(towns())
@EXAMPLES
def test_closest__is_the_first_of_k_the_first_counted_and_the_time_to_one(town: Town) -> None:
    homes, services = tables(town)
    one = cost_to_closest(town.network, homes, services, direction=town.direction)
    some = k_closest(town.network, homes, services, 2, direction=town.direction)
    dual = time_to_n(town.network, homes, services, 1, direction=town.direction)
    assert one.closest_min.equals(some.closest_1_min.rename("closest_min"))
    assert one.closest_min.equals(dual.closest_min)
    for row, t in enumerate(one.closest_min.to_numpy(np.float64).tolist()):
        if t > 0:
            found = cumulative(
                town.network,
                homes.iloc[[row]],
                services,
                [t - 1 / 600, t],
                direction=town.direction,
            )
            before, within = found.to_numpy(np.float64)[0]
            assert before == 0
            assert within >= 1


@given(towns(), st.sampled_from([0.5, 2.0, 5.0]))
@EXAMPLES
def test_a_step__weighs_as_its_cutoff_counts_and_counts_never_fall(
    town: Town, cutoff: float
) -> None:
    homes, services = tables(town)
    counted = cumulative(town.network, homes, services, [cutoff, 2 * cutoff, 20.0])
    weighed = gravity(town.network, homes, services, Step(cutoff))
    assert weighed.closest_gravity.to_numpy().tobytes() == counted.iloc[:, 0].to_numpy().tobytes()
    assert not (counted.diff(axis=1) < 0).any(axis=None)


def everything(town: Town, homes: gpd.GeoSeries, services: gpd.GeoSeries, threads: int) -> bytes:
    """Return all measures of a town as one table by label, as bytes."""
    table = gpd.GeoDataFrame({"seats": np.ones(len(services))}, geometry=services)
    table["seats"] = [1 / (int(label[1:]) + 1) for label in services.index]
    people = pd.Series([int(label[1:]) * 0.7 for label in homes.index], homes.index)
    where, way = town.network, town.direction
    kinds = {"a": table, "b": table.iloc[:1]}
    decays: dict[str, Decay] = {"e": Exponential(0.2)}
    steps = Stepped((2, 5), (1, 0.4))
    parts = [
        cost_to_closest(where, homes, kinds, direction=way, threads=threads),
        k_closest(where, homes, table, 3, direction=way, threads=threads),
        reach(
            where,
            homes,
            kinds,
            cutoffs_min=[1, 4],
            decays=decays,
            capacity="seats",
            direction=way,
            threads=threads,
        ),
        share_within(where, homes, table, [3], direction=way, threads=threads),
        catchment(
            where,
            homes,
            kinds,
            people=people,
            decay=steps,
            capacity="seats",
            direction=way,
            threads=threads,
        ),
    ]
    answer = pd.concat([part.add_prefix(f"{i}_") for i, part in enumerate(parts)], axis=1)
    answer = answer.sort_index()
    names = answer.select_dtypes("object")
    return str(names.to_dict()).encode() + answer.drop(columns=names).to_numpy(float).tobytes()


@given(towns(), st.permutations(range(5)), st.integers(1, 3), st.sampled_from([0, 40]))
@EXAMPLES
def test_order_of_tables_and_threads__change_no_bit(
    town: Town, order: list[int], threads: int, around_m: float
) -> None:
    homes, services = tables(town)
    homes = homes.buffer(around_m) if around_m else homes
    mixed = [i for i in order if i < len(services)]
    turned = homes.iloc[::-1]
    first = services.iloc[[0]].index
    moved = services.iloc[mixed]
    # The first category of two is the same service in both.
    moved = pd.concat([moved.loc[first], moved.drop(first)])
    assert everything(town, homes, services, 1) == everything(town, turned, moved, threads)


@given(towns())
@EXAMPLES
def test_a_service_that_opens__never_takes_away(town: Town) -> None:
    homes, services = tables(town)
    fewer = services.iloc[:-1]
    before = cost_to_closest(town.network, homes, fewer).closest_min.fillna(np.inf)
    after = cost_to_closest(town.network, homes, services).closest_min.fillna(np.inf)
    assert (after <= before).all()
    counted = cumulative(town.network, homes, fewer, [3.0]).fillna(0)
    assert (cumulative(town.network, homes, services, [3.0]).fillna(0) >= counted).all(axis=None)


def test_streets_drawn_whole_or_in_pieces__take_the_same_time() -> None:
    whole = on_foot([(0, 0), (100, 0), (100, 60), (180, 60)], [(180, 60), (180, 0)])
    cut = on_foot(
        [(0, 0), (100, 0)], [(100, 60), (100, 0)], [(100, 60), (140, 60)], [(140, 60), (180, 60)],
        [(180, 60), (180, 0)],
    )  # fmt: skip
    homes = points((10, 5), (95, 40), (120, 66), (140, 61), (171, 10), (0, 0))
    services = points((60, -3), (100, 60), (179, 0))
    answers = [
        [
            k_closest(network, homes, services, 3).to_json(),
            cumulative(network, homes, services, [1, 2, 3]).to_json(),
        ]
        for network in (whole, cut)
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("slower", [2, 5])
def test_speeds_and_cutoffs_scaled_alike__give_the_same_counts(slower: int) -> None:
    homes = points((10, 5), (95, 40), (120, 66), (140, 61), (171, 10), (0, 0))
    answers = []
    for by in (1, slower):
        network = on_foot(*ROADS, speed_kmh=3.6 / by, access_speed_kmh=3.6 / by)
        found = cumulative(network, homes, homes, [by * 1.0, by * 2.0, by * 4.0])
        answers.append(found.to_numpy().tolist())
    assert answers[0] == answers[1]


@given(towns(), st.sampled_from([1.5, 4.0]))
@EXAMPLES
def test_two_step__hands_out_what_somebody_reaches(town: Town, cutoff: float) -> None:
    homes, services = tables(town)
    people = pd.Series(np.arange(len(homes)) * 10.0, homes.index)
    found = catchment(
        town.network, homes, services, people=people, decay=Step(cutoff), direction=town.direction
    )
    near = (town.minutes <= cutoff + 1e-9) & (people.to_numpy() > 0)[:, None]
    assert np.nansum(found.closest_access * people) == pytest.approx(near.any(axis=0).sum())


def test_one_catchment__has_supply_over_people_for_each() -> None:
    network = on_foot(*ROADS[:7])
    homes = points((10, 5), (95, 40), (120, 66), (171, 10))
    beds = gpd.GeoDataFrame({"beds": [30, 12]}, geometry=points((0, 0), (200, 150)))
    people = pd.Series([5.0, 0.0, 10.0, 6.0])
    found = catchment(network, homes, beds, people=people, decay=Step(60), capacity="beds")
    assert_allclose(found.closest_access, 42 / 21)


# ── the traps ────────────────────────────────────────────────────────────────


STREET = on_foot([(0, 0), (1000, 0)])


def test_services_at_one_door__add_up_and_the_lowest_label_is_named() -> None:
    home = points((0, 0), labels=["home"])
    services = points((300, 0), (300, 0), (300, 0), labels=["c", "a", "b"])
    assert cumulative(STREET, home, services, [5]).iloc[0, 0] == 3
    assert cost_to_closest(STREET, home, services).closest_id["home"] == "a"
    some = k_closest(STREET, home, services, 3)
    assert some[["closest_1_id", "closest_2_id", "closest_3_id"]].iloc[0].tolist() == [
        "a",
        "b",
        "c",
    ]
    # Rows that share a label are still services of their own.
    twins = points((300, 0), (300, 0), labels=["x", "x"])
    assert cumulative(STREET, home, twins, [5]).iloc[0, 0] == 2


def test_cutoffs__are_closed_at_exact_whole_minutes() -> None:
    # 7 pieces of 600/7 m are 3600 s only in whole numbers of deciseconds.
    home, service = points((0, 0)), points((600, 0))
    assert cost_to_closest(STREET, home, service).closest_min[0] == 10
    counted = cumulative(STREET, home, service, [9.99, 10, 10.01])
    assert counted.iloc[0].tolist() == [0, 1, 1]
    assert gravity(STREET, home, service, Step(10)).iloc[0, 0] == 1
    assert share_within(STREET, home, service, [9.99, 10]).iloc[0].tolist() == [0, 1]
    assert cost_to_closest(STREET, home, service, cutoff_min=10).closest_min[0] == 10
    late = cost_to_closest(STREET, home, service, cutoff_min=9.99)
    assert late.closest_min.isna()[0]
    assert late.closest_id[0] is None


def test_an_hour_in_pieces_that_no_float_sums_exactly__is_within_the_hour() -> None:
    ends = [0.1 * i * 3600 for i in range(11)]
    network = on_foot(*[[(a, 0), (b, 0)] for a, b in pairwise(ends)])
    found = cumulative(network, points((0, 0)), points((ends[-1], 0)), [59.9, 60])
    assert found.iloc[0].tolist() == [0, 1]


def test_nobody_to_ask__gives_no_infinity() -> None:
    homes, clinic = points((0, 0), (100, 0)), points((500, 0))
    people = pd.Series([0.0, 0.0])
    found = catchment(STREET, homes, clinic, people=people, decay=Step(60))
    assert found.closest_access.tolist() == [0, 0]
    people[1] = 4
    found = catchment(STREET, homes, clinic, people=people, decay=Step(60))
    assert found.closest_access.tolist() == [0.25, 0.25]


def test_direction__is_to_the_service_unless_said_otherwise() -> None:
    ring = by_car(
        [(0, 0), (60, 0)], [(60, 0), (60, 120)], [(60, 120), (0, 0)], oneway=["yes", "yes", "yes"]
    )
    home, service = points((0, 0)), points((60, 0))
    back = (120 + np.hypot(60, 120)) / 60
    assert cost_to_closest(ring, home, service).closest_min[0] == 1
    found = cost_to_closest(ring, home, service, direction="from").closest_min[0]
    assert found == pytest.approx(back, abs=1 / 600)
    asked = gpd.GeoDataFrame({"people": [7]}, geometry=service)
    # Passive access asks who can come.
    assert passive(ring, home, asked, [1, 5.0]).iloc[0].tolist() == [0, 7]


def test_a_service_on_the_same_street__is_reached_along_it() -> None:
    home, service = points((450, 0)), points((480, 0))
    assert cost_to_closest(STREET, home, service).closest_min[0] == 0.5
    one_way = by_car([(0, 0), (1000, 0)], oneway=["yes"])
    assert cost_to_closest(one_way, home, service).closest_min[0] == 0.5
    # It lies behind, and the street leads nowhere.
    assert cost_to_closest(one_way, service, home).closest_min.isna()[0]
    assert cost_to_closest(one_way, service, home, direction="from").closest_min[0] == 0.5


def test_the_leg__has_its_own_speed_at_both_ends_and_its_own_limit() -> None:
    slow = on_foot([(0, 0), (1000, 0)], access_speed_kmh=1.8)
    home, service = points((0, 30)), points((600, -60), labels=["s"])
    found = cost_to_closest(slow, home, service)
    assert found.closest_min[0] == 1 + 10 + 2
    near = on_foot([(0, 0), (1000, 0)], access_limit_m=50)
    lost = cost_to_closest(near, home, {"school": service})
    assert lost.school_min.isna()[0]
    codes = [notice["code"] for notice in lost.attrs["notices"]]
    assert codes == ["snap_too_far", "category_without_services"]
    assert {notice["layer"] for notice in lost.attrs["notices"]} == {"school"}


def test_across_a_river__the_next_bridge_is_taken() -> None:
    banks = on_foot([(0, 0), (500, 0)], [(500, 0), (500, 40)], [(500, 40), (0, 40)])
    home, service = points((0, 10)), points((0, 30))
    assert cost_to_closest(banks, home, service).closest_min[0] == (10 + 500 + 40 + 500 + 10) / 60
    # Without the bridge there is no way, and that is neither nothing nor the limit.
    apart = on_foot([(0, 0), (500, 0)], [(500, 40), (0, 40)])
    lost = cost_to_closest(apart, home, service, cutoff_min=60)
    assert lost.closest_min.isna()[0]
    assert lost.closest_id[0] is None
    # One bank is as long as the other; one of the two is called apart.
    codes = [notice["code"] for notice in lost.attrs["notices"]]
    assert codes == ["network_fragments", "network_disconnected"]


def test_nothing_found__is_missing_and_nothing_reached_is_zero() -> None:
    far = points((0, 0), (500, 5000), labels=["here", "away"])
    nothing = points()
    closest = cost_to_closest(STREET, far, {"x": nothing, "y": points((10, 0))})
    assert closest.x_min.isna().all()
    assert closest.x_id.isna().all()
    assert closest.y_min.isna().tolist() == [False, True]
    told = [(notice["code"], notice["layer"]) for notice in closest.attrs["notices"]]
    assert told == [("snap_too_far", "origins"), ("category_without_services", "x")]
    counted = cumulative(STREET, far, {"x": nothing}, [5])
    assert counted.x_within_5.tolist()[0] == 0
    assert np.isnan(counted.x_within_5["away"])
    assert time_to_n(STREET, far, {"x": nothing}, 1).x_min.isna().all()
    assert share_within(STREET, far, nothing, [5]).iloc[0, 0] == 0


# ── cells ────────────────────────────────────────────────────────────────────


def test_a_cell__is_the_mean_of_the_places_where_its_people_live() -> None:
    cell = gpd.GeoSeries([shapely.box(0, -5, 100, 5)], ["c"], crs=CRS)
    school = points((400, 0), labels=["s"])
    found = cost_to_closest(STREET, cell, school)
    assert found.iloc[0].tolist() == [pytest.approx((375 + 325) / 2 / 60), "s"]
    people = gpd.GeoDataFrame({"people": [30, 10]}, geometry=points((10, 0), (90, 0)))
    placed = place_origins(STREET, cell, people=people)
    weighed = cost_to_closest(STREET, placed, place_opportunities(STREET, school))
    assert weighed.closest_min["c"] == pytest.approx((0.75 * 375 + 0.25 * 325) / 60)
    centre = place_origins(STREET, cell, by="centroid")
    assert cost_to_closest(STREET, centre, school).closest_min["c"] == pytest.approx(350 / 60)
    # A cut-off is passed by those within it: here a half, there a quarter of the people.
    assert share_within(STREET, cell, school, [5.5]).iloc[0, 0] == pytest.approx(0.5)
    assert share_within(STREET, placed, school, [5.5]).iloc[0, 0] == pytest.approx(0.25)
    assert cumulative(STREET, placed, school, [5.5]).iloc[0, 0] == pytest.approx(0.25)


def test_a_cell__is_missing_where_fewer_than_half_of_its_people_get_there() -> None:
    # On the left bank there is a school; a third, a half, two thirds of the street is there.
    for left, right, missing in ((50, 100, True), (50, 50, False), (100, 50, False)):
        network = on_foot(
            [(0, 0), (left, 0)], [(left + 10, 0), (left + 10 + right, 0)], [(0, 0), (-200, 0)]
        )
        cell = gpd.GeoSeries([shapely.box(0, -5, left + 10 + right, 5)], crs=CRS)
        found = cost_to_closest(network, cell, points((-60, 0)))
        assert found.closest_min.isna()[0] == missing
        if not missing:
            assert found.closest_min[0] == pytest.approx((60 + left / 2) / 60)


def test_a_cell__names_the_service_that_most_of_its_people_go_to() -> None:
    cell = gpd.GeoSeries([shapely.box(0, -5, 300, 5)], crs=CRS)
    services = points((0, 0), (400, 0), labels=["west", "east"])
    found = cost_to_closest(STREET, cell, services)
    # Up to 200 m the way west is shorter: four of six pieces.
    assert found.closest_id[0] == "west"
    even = points((0, 0), (300, 0), labels=["west", "east"])
    assert cost_to_closest(STREET, cell, even).closest_id[0] == "east"


def test_labels__may_be_numbers_or_of_several_kinds() -> None:
    home = points((0, 0))
    numbers = points((50, 0), (50, 0), labels=[10, 9])
    assert cost_to_closest(STREET, home, numbers).closest_id[0] == 9
    several = points((50, 0), (50, 0), labels=["10", 9])
    assert cost_to_closest(STREET, home, several).closest_id[0] in {"10", 9}
    swapped = several.iloc[::-1]
    assert cost_to_closest(STREET, home, several).equals(cost_to_closest(STREET, home, swapped))


# ── further measures ─────────────────────────────────────────────────────────


def test_interval__is_the_median_over_its_cutoffs() -> None:
    home = points((0, 0))
    services = points(*[(60 * i, 0) for i in range(1, 11)])
    found = cumulative_interval(STREET, home, {"s": services}, 2, 6)
    assert found.columns.tolist() == ["s_within_2_6"]
    assert found.iloc[0, 0] == 4
    assert cumulative_interval(STREET, home, services, 2, 7, step_min=5).iloc[0, 0] == 4.5
    assert found.attrs["notices"] == []
    away = points((0, 5000))
    assert cumulative_interval(STREET, away, services, 2, 6).isna().all(axis=None)


def test_passive__counts_those_who_can_come() -> None:
    homes = gpd.GeoDataFrame(
        {"people": [3.0, np.nan, 4.0]}, geometry=points((60, 0), (90, 0), (600, 0))
    )
    found = passive(STREET, points((0, 0), labels=["clinic"]), {"p": homes}, [2, 10])
    assert found.iloc[0].tolist() == [3, 7]


def test_time_to_n__stops_at_its_limit_and_counts_capacity() -> None:
    home = points((0, 0))
    seats = gpd.GeoDataFrame({"seats": [1, 2, 4]}, geometry=points((60, 0), (120, 0), (600, 0)))
    assert time_to_n(STREET, home, seats, 3, capacity="seats").closest_min[0] == 2
    assert time_to_n(STREET, home, seats, 3.5, capacity="seats").closest_min[0] == 10
    assert time_to_n(STREET, home, seats, 3).closest_min[0] == 10
    assert time_to_n(STREET, home, seats, 8, capacity="seats").closest_min.isna()[0]
    assert time_to_n(STREET, home, seats, 3, limit_min=10).closest_min[0] == 10
    assert time_to_n(STREET, home, seats, 3, limit_min=9.9).closest_min.isna()[0]


def test_one_pass__answers_categories_cutoffs_and_decays_as_one_by_one() -> None:
    network = on_foot(*ROADS)
    homes = points((10, 5), (95, 40), (400, 30))
    kinds = {f"k{i}": points(*[(20.0 * i, 0), (100, 10.0 * i)][: i % 3]) for i in range(18)}
    decays: dict[str, Decay] = {"lin": Linear(4), "exp": Exponential(0.5, cutoff_min=3)}
    # Cut-offs in any order, one of them twice.
    at_once = reach(network, homes, kinds, cutoffs_min=[3, 1.5, 3, 0], decays=decays, threads=2)
    assert "k17_within_1.5" in at_once
    for key, table in kinds.items():
        for cutoff in (0, 1.5, 3):
            alone = cumulative(network, homes, {key: table}, [cutoff])
            pd.testing.assert_frame_equal(at_once[alone.columns], alone)
        for name, decay in decays.items():
            alone = gravity(network, homes, table, decay)
            assert_allclose(at_once[f"{key}_{name}"], alone.closest_gravity, rtol=1e-15)
    closest = cost_to_closest(network, homes, kinds)
    some = k_closest(network, homes, kinds, 1)
    for key in kinds:
        assert closest[f"{key}_min"].equals(some[f"{key}_1_min"])


def test_an_exponential_without_an_end__reaches_to_a_day() -> None:
    found = gravity(STREET, points((0, 0)), points((600, 0)), Exponential(0.1))
    assert found.iloc[0, 0] == pytest.approx(np.exp(-1))


# ── what is refused ──────────────────────────────────────────────────────────


HOME, SCHOOL = points((0, 0)), points((10, 0))
SEATS = gpd.GeoDataFrame({"seats": [-1.0]}, geometry=SCHOOL)


@pytest.mark.parametrize("k", [0, -1, 1.0, True, "2"])
def test_k__is_a_whole_number_from_one(k: object) -> None:
    with pytest.raises(ParameterError, match="k"):
        k_closest(STREET, HOME, SCHOOL, k)  # type: ignore[arg-type]


def test_threads__are_a_whole_number_from_one() -> None:
    with pytest.raises(ParameterError, match="threads"):
        cost_to_closest(STREET, HOME, SCHOOL, threads=0)


@pytest.mark.parametrize("cutoff", [-1, np.nan, np.inf, 1441])
def test_cutoffs__lie_between_nothing_and_a_day(cutoff: float) -> None:
    with pytest.raises(ParameterError, match="cutoffs_min"):
        cumulative(STREET, HOME, SCHOOL, [5, cutoff])


@pytest.mark.parametrize("table", [SEATS, SCHOOL, place_opportunities(STREET, SCHOOL)])
def test_capacity__is_a_column_of_the_table_and_not_negative(table: gpd.GeoSeries) -> None:
    with pytest.raises(ParameterError, match=r"school\.seats"):
        cumulative(STREET, HOME, {"school": table}, [5], capacity="seats")


@pytest.mark.parametrize("n", [0, -3, np.nan])
def test_how_many__is_above_zero(n: float) -> None:
    with pytest.raises(ParameterError, match="n"):
        time_to_n(STREET, HOME, SCHOOL, n)


@pytest.mark.parametrize(("first", "last", "step"), [(10, 5, 1), (5, 10, 0)])
def test_interval__has_cutoffs_in_it(first: int, last: int, step: int) -> None:
    with pytest.raises(ParameterError, match="interval"):
        cumulative_interval(STREET, HOME, SCHOOL, first, last, step_min=step)


def test_another_crs__is_refused_with_the_name_of_the_category() -> None:
    degrees = gpd.GeoSeries([shapely.Point(-73, 7)], crs="EPSG:4326")
    with pytest.raises(ParameterError, match="school"):
        cost_to_closest(STREET, HOME, {"school": degrees})


def test_limits_in_minutes__are_exact_where_their_product_is_not() -> None:
    # 1.13 minutes are 678 deciseconds; as a product of decimals they are 677.9999999999999.
    network = on_foot([(0, 0), (67.8, 0)])
    home, school = points((0, 0)), points((67.8, 0))
    assert time_to_n(network, home, school, 1, limit_min=1.13)["closest_min"].tolist() == [1.13]
    assert share_within(network, home, school, [1.13]).iloc[0].tolist() == [1.0]
    assert cumulative(network, home, school, [1.13]).iloc[0].tolist() == [1.0]


@pytest.mark.parametrize("wrong", [[], [-1.0], [float("nan")], [2000.0]])
def test_share_within__refuses_cutoffs_that_are_none(wrong: list[float]) -> None:
    network = on_foot([(0, 0), (60, 0)])
    with pytest.raises(ParameterError, match="cutoffs_min"):
        share_within(network, points((0, 0)), points((60, 0)), wrong)


def test_time_to_n__refuses_a_limit_that_is_none() -> None:
    network = on_foot([(0, 0), (60, 0)])
    with pytest.raises(ParameterError, match="limit_min"):
        time_to_n(network, points((0, 0)), points((60, 0)), 1, limit_min=-1)
