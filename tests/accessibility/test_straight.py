"""Distances and sums beside their slow twins, and the laws that they keep."""

from __future__ import annotations

import os

import geopandas as gpd
import numba
import numpy as np
import numpy.typing as npt
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy import testing
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

import naive
from inclusion_marker.accessibility.straight import closest_straight, sum_within

Floats = npt.NDArray[np.float64]
whole = st.integers(-30, 30).map(float)
coordinate = st.one_of(whole, st.floats(-30, 30, allow_nan=False).map(lambda x: round(x, 3)))
place = st.tuples(coordinate, coordinate)
EXAMPLES = settings(deadline=None, max_examples=60)


@st.composite
def polygons(draw: st.DrawFn) -> BaseGeometry:
    """Return a star around a place, perhaps with a hole, perhaps of two parts."""
    x, y = draw(place)
    turns = np.sort(draw(st.lists(st.floats(0, 6.28), min_size=3, max_size=8, unique=True)))
    radii = draw(st.lists(st.floats(2, 9), min_size=len(turns), max_size=len(turns)))
    ring = np.column_stack([x + radii * np.cos(turns), y + radii * np.sin(turns)])
    star = shapely.make_valid(shapely.Polygon(ring))
    if draw(st.booleans()):
        star = star.difference(shapely.Point(x, y).buffer(draw(st.floats(0.5, 2)), quad_segs=2))
    if draw(st.booleans()):
        star = star.union(shapely.box(x + 20, y, x + 22, y + 3))
    return shapely.box(x, y, x + 1, y + 2) if star.area < 1e-6 else areal(star)


def areal(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a shape."""
    parts = [part for part in shapely.get_parts(shape) if part.area > 0]
    return shapely.union_all(parts)


lines = st.lists(place, min_size=2, max_size=5, unique=True).map(shapely.LineString)
points = place.map(shapely.Point)
shapes = st.lists(st.one_of(polygons(), lines, points), min_size=1, max_size=8)
cells = st.lists(st.one_of(polygons(), points), min_size=1, max_size=6)
services = st.lists(
    st.one_of(
        points,
        st.lists(points, min_size=1, max_size=3).map(
            lambda several: shapely.MultiPoint([(p.x, p.y) for p in several])
        ),
    ),
    min_size=1,
    max_size=20,
)


def distances(units: list[BaseGeometry], opportunities: list[BaseGeometry]) -> Floats:
    """Return the distances of units to the closest of opportunities."""
    found = closest_straight(gpd.GeoSeries(units), gpd.GeoSeries(opportunities))
    return np.asarray(found.distance_m, np.float64)


@given(cells, services)
@EXAMPLES
def test_cost_to_points__agrees_with_naive(
    units: list[BaseGeometry], opened: list[BaseGeometry]
) -> None:
    testing.assert_allclose(distances(units, opened), naive.closest(units, opened), 1e-9, 1e-9)


@given(cells, shapes)
@EXAMPLES
def test_cost_to_shapes__agrees_with_naive(
    units: list[BaseGeometry], opened: list[BaseGeometry]
) -> None:
    testing.assert_allclose(distances(units, opened), naive.closest(units, opened), 1e-9, 1e-9)


@given(cells, shapes)
@EXAMPLES
def test_closest__names_an_opportunity_at_that_distance(
    units: list[BaseGeometry], opened: list[BaseGeometry]
) -> None:
    found = closest_straight(gpd.GeoSeries(units), gpd.GeoSeries(opened))
    for unit, which, distance in zip(units, found.opportunity, found.distance_m, strict=True):
        assert unit.distance(opened[which]) == pytest.approx(distance, rel=1e-9, abs=1e-7)


@given(cells, shapes, st.one_of(points, polygons()))
@EXAMPLES
def test_cost_to_closest__never_rises_as_a_service_opens(
    units: list[BaseGeometry], opened: list[BaseGeometry], opening: BaseGeometry
) -> None:
    after = distances(units, [*opened, opening])
    assert np.all(after <= distances(units, opened) + 1e-9)


@given(cells, services, st.tuples(st.integers(-900_000, 900_000), st.integers(0, 9_999_000)))
@EXAMPLES
def test_cost_to_closest__is_the_same_anywhere(
    units: list[BaseGeometry], opened: list[BaseGeometry], by: tuple[int, int]
) -> None:
    moved = [shapely.transform(np.array(each), lambda xy: xy + by) for each in (units, opened)]
    testing.assert_allclose(
        distances(*map(list, moved)), distances(units, opened), rtol=0, atol=1e-7
    )


@given(cells, shapes)
@EXAMPLES
def test_cost_to_closest__does_not_depend_on_order(
    units: list[BaseGeometry], opened: list[BaseGeometry]
) -> None:
    there = np.arange(len(units))[::-1]
    mixed = [opened[k] for k in np.random.default_rng(len(opened)).permutation(len(opened))]
    shuffled = distances([units[k] for k in there], mixed)
    testing.assert_allclose(shuffled[there], distances(units, opened), rtol=1e-12)


@given(cells, services, st.floats(0.1, 100))
@EXAMPLES
def test_cost_to_closest__grows_with_the_map(
    units: list[BaseGeometry], opened: list[BaseGeometry], by: float
) -> None:
    larger = [
        list(shapely.transform(np.array(each), lambda xy: xy * by)) for each in (units, opened)
    ]
    testing.assert_allclose(distances(*larger), by * distances(units, opened), rtol=1e-9, atol=1e-7)


def crowd(count: int) -> Floats:
    """Return places in the metres of a UTM zone of the south."""
    return np.random.default_rng(count).random((count, 2)) * 9000 + [700_000, 9_870_000]


def squares(count: int, side: float) -> list[BaseGeometry]:
    """Return squares in a crowd."""
    return [shapely.box(x, y, x + side, y + side) for x, y in crowd(count)]


def dots(places: Floats) -> list[BaseGeometry]:
    """Return places as points."""
    return [shapely.Point(xy) for xy in places]


def test_point_to_point__equals_ckdtree() -> None:
    origins, targets = crowd(4000), crowd(3000)
    found = distances(dots(origins), dots(targets))
    testing.assert_allclose(found, cKDTree(targets).query(origins)[0], rtol=1e-9)


def test_edge_to_point__equals_geopandas() -> None:
    units, opened = squares(500, 120), dots(crowd(300))
    left, right = gpd.GeoDataFrame(geometry=units), gpd.GeoDataFrame(geometry=opened)
    theirs = left.sjoin_nearest(right, distance_col="m")["m"].groupby(level=0).min()
    testing.assert_allclose(distances(units, opened), np.asarray(theirs), rtol=1e-9)


@pytest.mark.skipif(
    "NUMBA_DISABLE_JIT" in os.environ, reason="threads are the compiler's, and it is off"
)
def test_kernels__give_the_same_bits_on_one_thread_and_on_two() -> None:
    units, opened, parks = squares(700, 120), dots(crowd(400)), squares(60, 90)
    most, found = numba.get_num_threads(), []
    for threads in (1, min(2, most)):
        numba.set_num_threads(threads)
        sums = sum_within(crowd(700), crowd(400), np.linspace(0.1, 7, 400), 900.0)
        found.append((distances(units, opened), distances(units, parks), sums))
    numba.set_num_threads(most)
    for one, two in zip(*found, strict=True):
        testing.assert_array_equal(one, two)


SQUARE = shapely.box(0, 0, 10, 10)
RING = shapely.Polygon(SQUARE.exterior, [shapely.box(4, 4, 6, 6).exterior])
PAIR = shapely.MultiPolygon([SQUARE, shapely.box(10, 10, 12, 12)])


@pytest.mark.parametrize(
    ("unit", "opportunity", "metres"),
    [
        (SQUARE, shapely.Point(5, 5), 0),
        (SQUARE, shapely.Point(10, 3), 0),
        (SQUARE, shapely.Point(0, 0), 0),
        (SQUARE, shapely.Point(13, 14), 5),
        (RING, shapely.Point(5, 5), 1),
        (RING, shapely.Point(4, 5), 0),
        (PAIR, shapely.Point(11, 11), 0),
        (PAIR, shapely.Point(10, 10), 0),
        (PAIR, shapely.Point(9, 11), 1),
        (SQUARE, shapely.box(-9, -9, 90, 90), 0),
        (SQUARE, shapely.box(4, 4, 5, 5), 0),
        (SQUARE, shapely.LineString([(-5, 5), (50, 5)]), 0),
        (SQUARE, shapely.LineString([(13, -99), (13, 99)]), 3),
        (RING, shapely.box(4.5, 4.5, 5.5, 5.5), 0.5),
        (shapely.Point(0, 0), shapely.Point(3, 4), 5),
        (shapely.Point(1, 1), SQUARE, 0),
        (SQUARE, shapely.MultiPoint([(99, 99), (10, 12)]), 2),
    ],
)
def test_cost_to_closest__of_known_pairs(
    unit: BaseGeometry, opportunity: BaseGeometry, metres: float
) -> None:
    assert distances([unit], [opportunity]).tolist() == pytest.approx([metres])
    doubled = [opportunity, opportunity]
    assert closest_straight(gpd.GeoSeries([unit]), gpd.GeoSeries(doubled)).opportunity[0] == 0


def test_cost_to_closest__passes_over_rows_without_a_shape() -> None:
    opened = gpd.GeoSeries([None, shapely.Point(), shapely.Point(13, 14)], index=["a", "b", "c"])
    found = closest_straight(gpd.GeoSeries([SQUARE]), opened)
    assert found.distance_m.tolist() == [5]
    assert found.opportunity.tolist() == ["c"]


def test_cost_to_nothing__is_missing_and_never_a_limit() -> None:
    found = closest_straight(gpd.GeoSeries([SQUARE]), gpd.GeoSeries([shapely.Point()]))
    assert found.distance_m.isna().all()
    assert found.opportunity.isna().all()


def test_cost_to_closest__holds_far_from_the_origin_of_the_axes() -> None:
    """A northing of ten million metres must not lose the one candidate to rounding."""
    draw = np.random.default_rng(3)
    for _ in range(200):
        corner = np.array([500_000.0, 9_999_999.0]) + draw.random(2)
        triangle = shapely.Polygon(corner + draw.random((3, 2)) * 300)
        place = shapely.Point(*(corner + draw.random(2) * 2000))
        found = closest_straight(gpd.GeoSeries([triangle]), gpd.GeoSeries([place]))
        assert found.opportunity.tolist() == [0]
        assert found.distance_m[0] == pytest.approx(triangle.distance(place), rel=1e-9, abs=1e-7)


pairs = st.lists(place, min_size=1, max_size=30).map(lambda rows: np.array(rows, np.float64))


@given(pairs, pairs, st.floats(0, 60))
@EXAMPLES
def test_sum_within__agrees_with_naive(origins: Floats, there: Floats, radius: float) -> None:
    values = np.arange(1.0, len(there) + 1)
    found = sum_within(origins, there, values, radius)
    testing.assert_allclose(found, naive.sum_within(origins, there, values, radius), rtol=1e-12)


@given(pairs, pairs, st.floats(0, 60), st.floats(0, 60))
@EXAMPLES
def test_sum_within__never_falls_as_the_radius_grows(
    origins: Floats, there: Floats, one: float, other: float
) -> None:
    values = np.ones(len(there))
    low, high = sorted((one, other))
    near, far = (sum_within(origins, there, values, radius) for radius in (low, high))
    assert np.all(near <= far)


def test_sum_within__of_nothing_is_nothing() -> None:
    nothing = np.zeros((0, 2))
    assert sum_within(np.zeros((2, 2)), nothing, np.zeros(0), 5.0).tolist() == [0, 0]
