"""The few closest opportunities that a marker keeps."""

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from inclusion_marker.accessibility.straight import closest_straight
from inclusion_marker.composite.nearest import nearest_on_streets, nearest_straight
from inclusion_marker.marker import Marker, compute

CELLS = gpd.GeoSeries([shapely.box(x, y, x + 9, y + 9) for x in (0, 10, 20) for y in (0, 10)])


@pytest.fixture(scope="module")
def manta() -> Marker:
    """Return a city small enough to compute in each run of the tests."""
    return compute("manta", resolution=8)


def naive(cells: gpd.GeoSeries, places: gpd.GeoSeries, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Measure every pair and sort."""
    costs, rows = np.full((len(cells), k), np.nan), np.full((len(cells), k), -1)
    for row, cell in enumerate(cells):
        found = sorted((cell.distance(place), at) for at, place in enumerate(places) if place)
        for rank, (cost, at) in enumerate(found[:k]):
            costs[row, rank], rows[row, rank] = cost, at
    return costs, rows


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-30, 60), st.integers(-30, 60)), min_size=1, max_size=12),
    st.integers(1, 5),
    st.sampled_from([0.0, 4.0]),
)
def test_nearest_straight__is_what_sorting_all_pairs_gives(
    spots: list[tuple[int, int]], k: int, size: float
) -> None:
    places = gpd.GeoSeries([shapely.Point(spot).buffer(size) for spot in spots])
    if not size:
        places = gpd.GeoSeries([shapely.Point(spot) for spot in spots])
    found = nearest_straight("park", CELLS, places, np.ones(len(CELLS)), k)
    costs, rows = naive(CELLS, places, k)
    npt.assert_allclose(found.costs, costs, atol=1e-9)
    npt.assert_array_equal(found.facilities, rows)


def test_nearest_straight__passes_over_places_without_a_shape() -> None:
    places = gpd.GeoSeries([None, shapely.Point(5, 5)])
    found = nearest_straight("park", CELLS[:1], places, np.full(1, 1.5), k=2)
    assert found.facilities.tolist() == [[1, -1]]
    assert found.costs[0, 0] == 0
    assert np.isnan(found.costs[0, 1])


@pytest.mark.parametrize("count", [0, 1])
def test_nearest_straight__without_places_is_missing(count: int) -> None:
    places = gpd.GeoSeries([None] * count, crs=None)
    found = nearest_straight("park", CELLS, places, np.ones(len(CELLS)))
    assert np.isnan(found.costs).all()
    assert (found.facilities == -1).all()


def test_nearest_straight__begins_with_the_closest_of_the_other_kernel() -> None:
    places = gpd.GeoSeries(gpd.points_from_xy([33, -4, 12], [8, 8, 40]))
    found = nearest_straight("park", CELLS, places, np.ones(len(CELLS)))
    npt.assert_allclose(found.costs[:, 0], closest_straight(CELLS, places).distance_m)


def test_nearest_on_streets__never_falls_from_one_rank_to_the_next() -> None:
    table = pd.DataFrame(
        {
            "school_1_min": [4.0, np.nan],
            "school_1_id": ["b", None],
            "school_2_min": [3.5, np.nan],
            "school_2_id": ["a", None],
        }
    )
    found = nearest_on_streets("school", table, pd.Index(["a", "b"]), k=2)
    npt.assert_array_equal(found.costs, [[4.0, 4.0], [np.nan, np.nan]])
    assert found.facilities.tolist() == [[1, 0], [-1, -1]]


def test_marker__keeps_the_closest_of_every_distance_and_its_zones(manta: Marker) -> None:
    assert set(manta.nearest) == set(manta.closest.columns)
    for key, nearest in manta.nearest.items():
        npt.assert_allclose(nearest.costs[:, 0], manta.raw[key])
        labels = manta.layers[nearest.layer].index.to_numpy()
        first = nearest.facilities[:, 0]
        known = first >= 0
        assert (labels[first[known]] == manta.closest[key].to_numpy()[known]).all()
    census = manta.method.people.layer
    moved = manta.shares[census].move(manta.layers[census][manta.method.people.column])
    npt.assert_allclose(moved, manta.people)


@pytest.mark.slow
def test_marker__knows_what_slower_journeys_do() -> None:
    slow = compute("cucuta", resolution=8)
    times = slow.raw[["health_distance", "education_distance"]]
    npt.assert_allclose(slow.if_slower[times.columns], times / 100)
    # Fewer beds are within reach of most people when everybody walks more slowly.
    beds = slow.if_slower["hospital_beds_access"]
    within = slow.raw["hospital_beds_access"] > 0
    assert beds[within].notna().all()
    assert np.average(beds[within] <= 0) > 0.3
