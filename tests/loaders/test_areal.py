"""Counts from zones to cells: nobody is made, nobody vanishes, and each goes where it lives."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

import naive
from conftest import CRS, write_raster
from inclusion_marker.loaders.areal import (
    Account,
    area_inside,
    area_within,
    areas_by_class,
    by_area,
    by_buildings,
    by_population,
)

WEST, NORTH, PIXEL = 700_000.0, 870_000.0, 10.0
corner = st.integers(0, 35).map(float)
size = st.integers(1, 20).map(float)


@st.composite
def boxes(draw: st.DrawFn) -> shapely.Polygon:
    """Return a box on a floor of 40 by 40."""
    x, y = draw(corner), draw(corner)
    return shapely.box(x, y, x + draw(size), y + draw(size))


def floor(step: float = 10.0) -> gpd.GeoSeries:
    """Return sixteen square cells that tile 40 by 40."""
    x, y = np.meshgrid(np.arange(4) * step, np.arange(4) * step)
    return gpd.GeoSeries(shapely.box(x, y, x + step, y + step).ravel(), crs=CRS)


def series(*shapes: shapely.Geometry | None) -> gpd.GeoSeries:
    """Return shapes in the town's CRS."""
    return gpd.GeoSeries(list(shapes), crs=CRS)


def balanced(account: Account) -> bool:
    """Return whether what came in is what was allocated, fell outside, or was lost."""
    out = account.allocated + account.outside + account.lost
    return out == pytest.approx(account.people_in, rel=1e-9)


@given(st.lists(boxes(), min_size=1, max_size=8))
@settings(deadline=None)
def test_by_area__agrees_with_naive(zones: list[shapely.Polygon]) -> None:
    found = by_area(floor(), series(*zones)).matrix.toarray()
    npt.assert_allclose(found, naive.shares(list(floor()), zones), atol=1e-9)


@given(st.lists(st.tuples(boxes(), st.floats(0, 1e6)), min_size=1, max_size=8))
@settings(deadline=None)
def test_people_in__are_allocated_outside_or_lost(
    rows: list[tuple[shapely.Polygon, float]],
) -> None:
    zones = series(*(zone for zone, _ in rows), None)
    people = pd.Series([*(count for _, count in rows), 17.0])
    account = by_area(floor(), zones).account(people)
    assert balanced(account)
    assert account.lost == 17


@given(st.lists(boxes(), min_size=1, max_size=5), st.floats(0.01, 1000))
@settings(deadline=None)
def test_move__scales_with_the_people(zones: list[shapely.Polygon], by: float) -> None:
    shares = by_area(floor(), series(*zones))
    people = pd.Series(np.arange(1.0, len(zones) + 1))
    npt.assert_allclose(shares.move(people * by), by * shares.move(people), rtol=1e-12)


@given(st.lists(boxes(), min_size=2, max_size=6), st.permutations(range(16)))
@settings(deadline=None)
def test_by_area__does_not_depend_on_the_order_of_cells(
    zones: list[shapely.Polygon], order: list[int]
) -> None:
    people = pd.Series(np.arange(1.0, len(zones) + 1))
    mixed = floor().iloc[order]
    shuffled = by_area(mixed, series(*zones)).move(people).sort_index()
    npt.assert_allclose(shuffled, by_area(floor(), series(*zones)).move(people), rtol=1e-12)


def test_zone_on_hairline_overlaps__gives_no_more_than_it_has() -> None:
    """Cells that overlap by a part in two million made people before shares were scaled."""
    cells = series(shapely.box(0, 0, 5.0000025, 10), shapely.box(5, 0, 10, 10))
    account = by_area(cells, series(shapely.box(0, 0, 10, 10))).account(pd.Series([1e6]))
    assert account.allocated == pytest.approx(1e6, rel=1e-12)
    assert balanced(account)


def test_overlapping_cells__share_and_are_counted() -> None:
    cells = series(shapely.box(0, 0, 10, 10), shapely.box(0, 0, 10, 10))
    shares = by_area(cells, series(shapely.box(1, 1, 2, 2)))
    assert shares.move(pd.Series([8.0])).tolist() == [4, 4]
    assert shares.overlapping == 1


def test_zones_that_are_points__go_whole_to_one_cell() -> None:
    zones = series(shapely.Point(5, 5), shapely.Point(10, 5), shapely.Point(99, 99))
    shares = by_area(floor(), zones)
    moved = shares.move(pd.Series([1.0, 10.0, 100.0]))
    assert moved[moved > 0].to_dict() == {0: 11.0}, "a point on an edge goes to the first cell"
    assert balanced(shares.account(pd.Series([1.0, 10.0, 100.0])))
    assert shares.account(pd.Series([1.0, 10.0, 100.0])).outside == 100


def test_zone_of_hardly_any_area__goes_whole_to_the_cell_that_holds_it() -> None:
    sliver = shapely.box(9.99999, 5, 10.00001, 5.00001)
    moved = by_area(floor(), series(sliver)).move(pd.Series([7.0]))
    assert moved.sum() == 7
    assert (moved > 0).sum() == 1


def test_neighbours_that_touch__share_nothing() -> None:
    shares = by_area(floor(), series(shapely.box(0, 0, 10, 10)))
    assert shares.matrix.nnz == 1


def test_mean__weighs_by_area_and_passes_over_zones_without_a_value() -> None:
    zones = series(shapely.box(0, 0, 4, 10), shapely.box(4, 0, 10, 10), shapely.box(10, 0, 12, 10))
    shares = by_area(floor(), zones)
    assert shares.mean(pd.Series([10.0, 20.0, np.nan]))[0] == pytest.approx(16)
    assert shares.mean(pd.Series([10.0, np.nan, np.nan]))[0] == 10
    assert np.isnan(shares.mean(pd.Series([10.0, 20.0, np.nan]))[1])


def test_by_area__agrees_with_tobler() -> None:
    tobler = pytest.importorskip("tobler.area_weighted")
    x, y = np.meshgrid(np.arange(0.3, 36, 3.7), np.arange(0.6, 36, 3.1))
    zones = gpd.GeoDataFrame(
        {"people": np.arange(x.size, dtype=float)},
        geometry=shapely.box(x, y, x + 3.7, y + 3.1).ravel(),
        crs=CRS,
    )
    zones = zones[zones.within(shapely.box(0, 0, 40, 40))].reset_index(drop=True)
    theirs = tobler.area_interpolate(
        zones,
        gpd.GeoDataFrame(geometry=floor()),
        extensive_variables=["people"],
        allocate_total=False,
    )
    ours = by_area(floor(), zones.geometry).move(zones["people"])
    npt.assert_allclose(ours, theirs["people"], rtol=1e-4, atol=1e-6)


# ── by people in a raster, by buildings ───────────────────────────────────────
def land() -> gpd.GeoSeries:
    """Return four cells of 100 m on the pixels' ground."""
    return gpd.GeoSeries(
        [
            shapely.box(WEST + x, NORTH - y - 100, WEST + x + 100, NORTH - y)
            for y in (0, 100)
            for x in (0, 100)
        ],
        crs=CRS,
    )


def people_raster(folder: Path, values: np.ndarray) -> Path:
    """Write a raster of people, 10 m pixels over the four cells."""
    path = folder / "people.tif"
    write_raster(path, values, transform=from_origin(WEST, NORTH, PIXEL, PIXEL))
    return path


def test_by_population__puts_nobody_where_the_raster_has_nobody(tmp_path: Path) -> None:
    values = np.zeros((20, 20), np.float32)
    values[:, :10] = 2  # all live in the western half
    zone = series(shapely.box(WEST, NORTH - 200, WEST + 200, NORTH))
    shares = by_population(land(), zone, people_raster(tmp_path, values))
    moved = shares.move(pd.Series([600.0]))
    npt.assert_allclose(moved, [300, 0, 300, 0], atol=1e-6)
    assert balanced(shares.account(pd.Series([600.0])))
    assert shares.account(pd.Series([600.0])).outside == pytest.approx(0, abs=1e-9)


def test_by_population__follows_the_people_and_conserves_them(tmp_path: Path) -> None:
    values = np.random.default_rng(1).random((20, 20))
    zones = series(
        shapely.box(WEST + 33, NORTH - 187, WEST + 166, NORTH - 12),
        shapely.box(WEST - 50, NORTH - 50, WEST + 50, NORTH + 50),
        shapely.Point(WEST + 10, NORTH - 10),
        None,
    )
    people = pd.Series([1000.0, 70.0, 5.0, 3.0])
    shares = by_population(land(), zones, people_raster(tmp_path, values))
    assert balanced(shares.account(people))
    parts = [
        naive.zonal(cell.intersection(zones[0]), values, WEST, NORTH, PIXEL)[0] for cell in land()
    ]
    npt.assert_allclose(shares.matrix.toarray()[:, 0], np.array(parts) / sum(parts), rtol=1e-5)
    assert shares.matrix.toarray()[:, 2].tolist() == [1, 0, 0, 0]


def test_by_population__shares_by_area_where_the_raster_has_nobody(tmp_path: Path) -> None:
    zone = series(shapely.box(WEST, NORTH - 100, WEST + 200, NORTH))
    raster = people_raster(tmp_path, np.zeros((20, 20), np.float32))
    assert by_population(land(), zone, raster).move(pd.Series([8.0])).tolist() == [4, 4, 0, 0]


def test_by_population__shares_by_area_a_zone_that_lies_mostly_beyond_the_raster(
    tmp_path: Path,
) -> None:
    """A raster of the western fifth knows nothing of the rest; one of three fifths knows enough."""
    zone = series(shapely.box(WEST, NORTH - 200, WEST + 200, NORTH), shapely.Point(WEST, NORTH))
    people = pd.Series([100.0, 3.0])
    raster = people_raster(tmp_path, np.ones((20, 4), np.float32))
    mostly_beyond = by_population(land(), zone, raster)
    npt.assert_allclose(mostly_beyond.matrix.toarray()[:, 0], [0.25] * 4)
    assert balanced(mostly_beyond.account(people))
    raster = people_raster(tmp_path, np.ones((20, 12), np.float32))
    mostly_known = by_population(land(), zone, raster)
    npt.assert_allclose(mostly_known.matrix.toarray()[:, 0], np.array([5, 1, 5, 1]) / 12)
    assert balanced(mostly_known.account(people))


def test_by_population__takes_parts_that_meet_in_a_corner_and_an_edge(tmp_path: Path) -> None:
    """A cell and a zone may share a polygon and a line; only ground holds people."""
    bent = shapely.union_all(
        [
            shapely.box(WEST + 20, NORTH - 50, WEST + 100, NORTH - 20),
            shapely.box(WEST + 100, NORTH - 90, WEST + 150, NORTH - 20),
            shapely.box(WEST + 50, NORTH - 90, WEST + 100, NORTH - 70),
        ]
    )
    shares = by_population(
        land(), series(bent), people_raster(tmp_path, np.ones((20, 20), np.float32))
    )
    npt.assert_allclose(
        shares.matrix.toarray()[:, 0], naive.shares(list(land()), [bent])[:, 0], atol=1e-5
    )


def test_by_buildings__follows_the_footprints() -> None:
    zone = series(
        shapely.box(WEST, NORTH - 200, WEST + 200, NORTH),
        shapely.box(WEST, NORTH, WEST + 9, NORTH + 9),
    )
    buildings = series(
        shapely.box(WEST + 90, NORTH - 20, WEST + 120, NORTH - 10),
        shapely.box(WEST + 150, NORTH - 150, WEST + 160, NORTH - 140),
    )
    shares = by_buildings(land(), zone, buildings)
    people = pd.Series([400.0, 5.0])
    npt.assert_allclose(shares.move(people), [100, 200, 0, 100])
    assert balanced(shares.account(people))


def test_by_buildings__counts_a_building_that_stands_twice_once() -> None:
    zone = series(shapely.box(WEST, NORTH - 100, WEST + 200, NORTH))
    west, east = (shapely.box(WEST + x, NORTH - 20, WEST + x + 10, NORTH - 10) for x in (50, 150))
    shares = by_buildings(land(), zone, series(west, west, east))
    npt.assert_allclose(shares.move(pd.Series([8.0])), [4, 4, 0, 0])


def test_zone_of_several_points__goes_whole_to_one_cell() -> None:
    dots = shapely.MultiPoint([(5, 5), (15, 5), (6, 6)])
    shares = by_area(floor(), series(dots, None))
    moved = shares.move(pd.Series([7.0, 0.0]))
    assert (moved.max(), moved.sum()) == (7, 7)
    assert balanced(shares.account(pd.Series([7.0, 2.0])))


# ── areas ─────────────────────────────────────────────────────────────────────
def test_areas_by_class__add_up_to_the_ground() -> None:
    halves = series(shapely.box(0, 0, 15, 40), shapely.box(15, 0, 40, 40))
    table = areas_by_class(floor(), halves, pd.Series(["a", "b"]))
    npt.assert_allclose(table.sum(axis=1), 100)
    npt.assert_allclose(table.loc[1], [50, 50])
    twice = series(*halves, halves[0])
    npt.assert_allclose(areas_by_class(floor(), twice, pd.Series(["a", "b", "a"])), table)
    shared = areas_by_class(floor(), twice, pd.Series(["a", "b", "b"]))
    npt.assert_allclose(shared.loc[1], [50, 100])


def test_areas__count_ground_once_where_polygons_lie_over_each_other() -> None:
    twice = series(shapely.box(0, 0, 5, 10), shapely.box(0, 0, 5, 10), None)
    assert area_inside(floor(), twice)[:2].tolist() == [50, 0]
    disc = area_within(np.array([[2.5, 5.0]]), twice, 1.0)
    npt.assert_allclose(disc, np.pi, rtol=0.01)
