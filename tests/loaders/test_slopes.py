"""Grades along streets beside planes, whose grade is known, and a slow twin of the heights."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin
from rasterio.warp import Resampling, calculate_default_transform, reproject

from conftest import CRS, write_raster
from inclusion_marker.errors import LayerError
from inclusion_marker.loaders.slopes import Grades, edge_grades

WEST, NORTH, PIXEL = 700_000.0, 870_000.0, 10.0


def written(folder: Path, values: np.ndarray, **profile: object) -> Path:
    """Return a raster of 10 m pixels."""
    path = folder / "elevation.tif"
    write_raster(path, values, **{"transform": from_origin(WEST, NORTH, PIXEL, PIXEL), **profile})
    return path


def lines(*shapes: list[tuple[float, float]]) -> gpd.GeoSeries:
    """Return lines through points measured east and south from the corner of the raster."""
    points = [[(WEST + x, NORTH - y) for x, y in shape] for shape in shapes]
    return gpd.GeoSeries([shapely.LineString(each) for each in points], crs=CRS)


def plane(east: float, north: float, size: int = 40) -> np.ndarray:
    """Return a plane that rises so much a metre to the east and to the north."""
    row, column = np.mgrid[0:size, 0:size]
    rising: np.ndarray = 500 + PIXEL * (column * east - row * north)
    return rising


def grades_of(found: Grades, line: int) -> np.ndarray:
    """Return the grades of one line."""
    return found.grade[found.first[line] : found.first[line + 1]]


def test_grade__on_a_plane_is_its_gradient_in_the_direction_of_travel(tmp_path: Path) -> None:
    path = written(tmp_path, plane(0.1, -0.05))
    streets = lines(
        [(50, 200), (250, 200)], [(250, 200), (50, 200)], [(100, 300), (100, 100)],
        [(100, 100), (190, 220)],
    )  # fmt: skip
    found = edge_grades(streets, path)
    # 190 - 100 east and 220 - 100 south, over a length of 150.
    for line, grade in enumerate([0.1, -0.1, -0.05, (90 * 0.1 + 120 * 0.05) / 150]):
        npt.assert_allclose(grades_of(found, line), grade, rtol=1e-9)
    assert found.covered == 1.0


def test_pieces__are_about_a_pixel_long_and_make_up_the_line(tmp_path: Path) -> None:
    streets = lines([(50, 50), (140, 50), (140, 145)], [(20, 20), (24, 20)], [(9, 9), (99, 9)])
    found = edge_grades(streets, written(tmp_path, plane(0.1, 0)))
    assert np.diff(found.first).tolist() == [19, 1, 9]
    for line, length in enumerate(streets.length):
        run = found.run_m[found.first[line] : found.first[line + 1]]
        assert run.sum() == pytest.approx(length, rel=1e-12)
        assert np.ptp(run) == pytest.approx(0, abs=1e-9)
    assert found.run_m.max() <= PIXEL


def test_pieces__are_30_m_long_at_most(tmp_path: Path) -> None:
    coarse = written(tmp_path, plane(0.1, 0), transform=from_origin(WEST, NORTH, 90, 90))
    found = edge_grades(lines([(500, 500), (800, 500)]), coarse)
    assert found.run_m.tolist() == pytest.approx([30.0] * 10)
    npt.assert_allclose(found.grade, 0.1 / 9, rtol=1e-9)


def test_grade__of_a_hill_is_up_and_then_down(tmp_path: Path) -> None:
    row, column = np.mgrid[0:40, 0:40]
    path = written(tmp_path, 100.0 - PIXEL * abs(column - 20) * 0.2 + 0 * row)
    found = edge_grades(lines([(105, 100), (305, 100)]), path)
    npt.assert_allclose(found.grade, [0.2] * 10 + [-0.2] * 10, atol=1e-9)


def test_bridge__rises_evenly_from_end_to_end(tmp_path: Path) -> None:
    values = plane(0.02, 0)
    values[:, 15:20] -= 80  # the gorge
    path = written(tmp_path, values)
    streets = lines([(105, 100), (255, 100)], [(105, 100), (255, 100)])
    found = edge_grades(streets, path, level=np.array([True, False]))
    assert np.diff(found.first).tolist() == [1, 15]
    assert grades_of(found, 0) == pytest.approx(0.02)
    assert abs(grades_of(found, 1)).max() > 5
    assert found.run_m[0] == pytest.approx(150)


def bilinear(values: np.ndarray, x: float, y: float) -> float:
    """Return the height at a point measured in pixels from the corner, slowly."""
    rows, columns = values.shape
    if not (0 <= x <= columns and 0 <= y <= rows):
        return float("nan")
    x, y = min(max(x - 0.5, 0), columns - 1), min(max(y - 0.5, 0), rows - 1)
    total = 0.0
    for row in range(rows):
        for column in range(columns):
            weight = max(1 - abs(x - column), 0) * max(1 - abs(y - row), 0)
            if weight > 0:
                total += weight * values[row, column]
    return total


inside = st.tuples(st.integers(-2, 62), st.integers(-2, 52))


@settings(max_examples=60, deadline=None)
@given(start=inside, end=inside)
def test_heights__agree_with_a_slow_twin(
    tmp_path_factory: pytest.TempPathFactory, start: tuple[int, int], end: tuple[int, int]
) -> None:
    values = np.random.default_rng(8).random((10, 12)) * 40
    values[4, 6] = np.nan
    path = written(tmp_path_factory.mktemp("heights"), values, nodata=np.nan)
    if start == end:
        return
    a, b = (np.array(each, dtype=float) * 2 for each in (start, end))
    streets = lines([tuple(a), tuple(b)], [(10, 10), (20, 10)])
    found = edge_grades(streets, path, level=np.array([True, True]))
    heights = [bilinear(values, *(each / PIXEL)) for each in (a, b)]
    expected = (heights[1] - heights[0]) / np.hypot(*(b - a))
    assert found.grade[0] == pytest.approx(expected, rel=1e-6, abs=1e-9, nan_ok=True)


def test_heights__do_not_depend_on_how_far_the_raster_goes(tmp_path: Path) -> None:
    row, column = np.mgrid[0:300, 0:300]
    hills = 100 * np.sin(column / 9) * np.cos(row / 7)
    streets = lines([(1005, 1003), (1333, 1207)], [(1400, 1100), (1111, 1234)])
    far = edge_grades(streets, written(tmp_path, hills))
    (tmp_path / "clip").mkdir()
    corner = from_origin(WEST + 950, NORTH - 950, PIXEL, PIXEL)
    near = edge_grades(streets, written(tmp_path / "clip", hills[95:130, 95:145], transform=corner))
    npt.assert_allclose(near.grade, far.grade, rtol=1e-12)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:2229"])
def test_grade__is_rise_over_run_in_metres_whatever_the_raster_is_in(
    tmp_path: Path, crs: str
) -> None:
    zone = "EPSG:32611" if crs == "EPSG:2229" else "EPSG:32718"
    x0, y0 = (380_000, 3_770_000) if zone == "EPSG:32611" else (300_000, 6_300_000)
    heights, placed = 1000 + 30 * np.mgrid[0:120, 0:120][1] * 0.1, from_origin(x0, y0, 30, 30)
    target, width, height = calculate_default_transform(
        zone, crs, 120, 120, x0, y0 - 3600, x0 + 3600, y0
    )
    warped = np.full((height, width), np.nan)
    reproject(
        heights, warped, src_transform=placed, src_crs=zone, dst_transform=target, dst_crs=crs,
        dst_nodata=np.nan, resampling=Resampling.bilinear,
    )  # fmt: skip
    path = written(tmp_path, warped, crs=crs, transform=target, nodata=np.nan)
    street = shapely.LineString([(x0 + 1200, y0 - 1800), (x0 + 2400, y0 - 1800)])
    found = edge_grades(gpd.GeoSeries([street], crs=zone), path)
    assert np.average(found.grade, weights=found.run_m) == pytest.approx(0.1, rel=0.01)
    assert 20 < found.run_m.max() <= 30


def test_scale_and_offset__of_the_raster_are_heeded(tmp_path: Path) -> None:
    path = written(tmp_path, plane(1.0, 0).astype(np.int32))
    with rasterio.open(path, "r+") as raster:
        raster.scales, raster.offsets = (0.1,), (50.0,)
    npt.assert_allclose(edge_grades(lines([(50, 50), (150, 50)]), path).grade, 0.1, rtol=1e-9)


def test_covered__is_the_share_of_length_with_heights(tmp_path: Path) -> None:
    path = written(tmp_path, plane(0.1, 0))
    found = edge_grades(lines([(350, 100), (450, 100)], [(100, 100), (200, 100)]), path)
    assert found.covered == pytest.approx(150 / 200)
    assert np.isnan(grades_of(found, 0)).tolist() == [False] * 5 + [True] * 5
    assert not np.isnan(grades_of(found, 1)).any()


@pytest.mark.parametrize("where", [(5000, 100), (-5000, 100), (100, 5000), (100, -5000)])
def test_covered__is_0_where_the_raster_is_elsewhere(
    tmp_path: Path, where: tuple[float, float]
) -> None:
    x, y = where
    found = edge_grades(lines([(x, y), (x + 50, y)]), written(tmp_path, plane(0.1, 0)))
    assert (found.covered, len(found.grade)) == (0.0, 5)
    assert np.isnan(found.grade).all()


def test_covered__is_0_where_the_raster_has_no_data(tmp_path: Path) -> None:
    path = written(tmp_path, np.full((40, 40), np.nan), nodata=np.nan)
    assert edge_grades(lines([(50, 50), (90, 50)]), path).covered == 0.0


def test_grades__of_no_lines_and_of_lines_without_length(tmp_path: Path) -> None:
    path = written(tmp_path, plane(0.1, 0))
    none = edge_grades(gpd.GeoSeries([], crs=CRS), path)
    assert (none.first.tolist(), none.covered) == ([0], 1.0)
    point = edge_grades(lines([(50, 50), (50, 50)]), path)
    assert (point.grade.tolist(), point.covered) == ([0.0], 1.0)


def test_raster__that_is_absent_or_damaged_is_refused(tmp_path: Path) -> None:
    street = lines([(50, 50), (90, 50)])
    with pytest.raises(LayerError, match="file_missing"):
        edge_grades(street, tmp_path / "absent.tif")
    (tmp_path / "broken.tif").write_bytes(b"II*\0 cut")
    with pytest.raises(LayerError, match="raster_unreadable"):
        edge_grades(street, tmp_path / "broken.tif")


def test_raster__with_a_mark_of_no_data_among_its_heights_is_refused(tmp_path: Path) -> None:
    values = plane(0.1, 0)
    values[3, 3] = -32768
    with pytest.raises(LayerError, match="raster_nodata_suspected"):
        edge_grades(lines([(20, 20), (300, 300)]), written(tmp_path, values))


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_raster__without_a_crs_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, plane(0.1, 0), crs=None)
    with pytest.raises(LayerError, match="raster_crs_missing"):
        edge_grades(lines([(20, 20), (300, 300)]), path)
