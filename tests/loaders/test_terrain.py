"""Rasters by exact coverage, and slopes, beside figures made by hand."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin
from rasterio.warp import Resampling, calculate_default_transform, reproject

import naive
from conftest import CRS, write_raster
from inclusion_marker.loaders.terrain import (
    DEEPEST_M,
    mean_slope_percent,
    raster_cover,
    raster_faults,
    raster_mean,
    raster_sum,
    slope_class,
    slope_percent,
)

WEST, NORTH, PIXEL = 700_000.0, 870_000.0, 10.0


def written(folder: Path, values: np.ndarray, **profile: object) -> Path:
    """Return a raster of 10 m pixels."""
    path = folder / "raster.tif"
    write_raster(path, values, **{"transform": from_origin(WEST, NORTH, PIXEL, PIXEL), **profile})
    return path


def cell(x: float, y: float, width: float, height: float) -> gpd.GeoSeries:
    """Return one cell, measured from the north-west corner of the raster."""
    return gpd.GeoSeries(
        [shapely.box(WEST + x, NORTH - y - height, WEST + x + width, NORTH - y)],
        crs=CRS,
        index=["c"],
    )


def test_zonal__weighs_pixels_by_the_part_inside(tmp_path: Path) -> None:
    values = np.random.default_rng(5).random((12, 12))
    values[3, 3] = np.nan
    path = written(tmp_path, values)
    triangle = shapely.Polygon(
        [(WEST + 13, NORTH - 11), (WEST + 88, NORTH - 40), (WEST + 30, NORTH - 97)]
    )
    for shape in (triangle, cell(15, 15, 33, 47).iloc[0]):
        cells = gpd.GeoSeries([shape], crs=CRS)
        total, mean = naive.zonal(shape, values, WEST, NORTH, PIXEL)
        assert raster_sum(cells, path)[0] == pytest.approx(total, rel=1e-5)
        assert raster_mean(cells, path)[0] == pytest.approx(mean, rel=1e-5)


@pytest.mark.parametrize("nodata", [-99999.0, np.nan])
def test_zonal__passes_over_pixels_without_data(tmp_path: Path, nodata: float) -> None:
    values = np.full((10, 10), 3, np.float32)
    values[:, 5:] = nodata
    path = written(tmp_path, values, nodata=nodata)
    assert raster_mean(cell(0, 0, 100, 100), path)["c"] == pytest.approx(3)
    assert np.isnan(raster_mean(cell(60, 0, 20, 20), path)["c"])
    assert np.isnan(raster_mean(gpd.GeoSeries([None], crs=CRS), path)).all()


def test_slope_percent__agrees_with_naive() -> None:
    heights = np.random.default_rng(2).random((9, 7)) * 50
    heights[4, 4] = np.nan
    npt.assert_allclose(slope_percent(heights, (10, 20)), naive.slope_percent(heights, 10, 20))


@pytest.mark.parametrize(("east", "north"), [(0.1, 0), (0, -0.05), (0.03, 0.04)])
def test_mean_slope__of_a_plane_is_its_gradient(tmp_path: Path, east: float, north: float) -> None:
    row, column = np.mgrid[0:40, 0:40]
    plane = 500 + PIXEL * (column * east - row * north)
    path = written(tmp_path, plane)
    found = mean_slope_percent(cell(100, 100, 155, 140), path)["c"]
    assert found == pytest.approx(100 * np.hypot(east, north), rel=1e-9)


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:2229"])
def test_mean_slope__is_in_metres_whatever_the_raster_is_in(tmp_path: Path, crs: str) -> None:
    """Degrees, Mercator's stretched metres and feet: rise over run is still 10 %."""
    zone = "EPSG:32611" if crs == "EPSG:2229" else "EPSG:32718"
    x0, y0 = (380_000, 3_770_000) if zone == "EPSG:32611" else (300_000, 6_300_000)
    column = np.mgrid[0:120, 0:120][1]
    plane, placed = 1000 + 30 * column * 0.1, from_origin(x0, y0, 30, 30)
    target, width, height = calculate_default_transform(
        zone, crs, 120, 120, x0, y0 - 3600, x0 + 3600, y0
    )
    warped = np.full((height, width), np.nan)
    reproject(
        plane, warped, src_transform=placed, src_crs=zone, dst_transform=target, dst_crs=crs,
        dst_nodata=np.nan, resampling=Resampling.bilinear,
    )  # fmt: skip
    path = written(tmp_path, warped, crs=crs, transform=target, nodata=np.nan)
    middle = gpd.GeoSeries([shapely.box(x0 + 1200, y0 - 2400, x0 + 2400, y0 - 1200)], crs=zone)
    assert mean_slope_percent(middle, path)[0] == pytest.approx(10, rel=0.02)


def test_mean_slope__does_not_depend_on_how_far_the_raster_goes(tmp_path: Path) -> None:
    row, column = np.mgrid[0:300, 0:300]
    hills = 100 * np.sin(column / 9) * np.cos(row / 7)
    whole = written(tmp_path, hills)
    here = cell(1000, 1000, 333, 444)
    far = mean_slope_percent(here, whole)["c"]
    (tmp_path / "clip").mkdir()
    clip = written(
        tmp_path / "clip",
        hills[90:160, 90:160],
        transform=from_origin(WEST + 900, NORTH - 900, PIXEL, PIXEL),
    )
    assert mean_slope_percent(here, clip)["c"] == pytest.approx(far, rel=1e-12)


def test_mean_slope__is_missing_beyond_the_raster(tmp_path: Path) -> None:
    path = written(tmp_path, np.zeros((20, 20)))
    assert np.isnan(mean_slope_percent(cell(9000, 9000, 50, 50), path)["c"])


def test_scale_and_offset__are_applied_in_every_reading(tmp_path: Path) -> None:
    """Whole numbers of tenths, from 500: 10 % of slope, and people by the pixel."""
    path = written(tmp_path, np.tile(np.arange(40, dtype=np.int16) * 10, (40, 1)), nodata=-1)
    with rasterio.open(path, "r+") as raster:
        raster.scales, raster.offsets = (0.1,), (500.0,)
    here = cell(100, 100, 100, 100)
    assert mean_slope_percent(here, path)["c"] == pytest.approx(10)
    assert raster_mean(here, path)["c"] == pytest.approx(514.5)
    assert raster_sum(here, path)["c"] == pytest.approx(51_450)
    assert dict(raster_faults(path, here, lowest=510)) == {"raster_nodata_suspected": "506"}


@pytest.mark.parametrize("crs", [CRS, "EPSG:9377"])
def test_cover__is_the_share_of_the_ground_with_data(tmp_path: Path, crs: str) -> None:
    values = np.zeros((10, 10), np.float32)
    values[:, 5:] = np.nan
    path = written(tmp_path, values)
    shapes = pd.concat([cell(0, 0, 100, 100), cell(0, 0, 50, 50), cell(-50, 0, 200, 100)])
    found = raster_cover(pd.concat([shapes, cell(200, 0, 9, 9)]).to_crs(crs), path)
    npt.assert_allclose(found, [0.5, 1, 0.25, 0], atol=1e-3)
    assert np.isnan(raster_cover(gpd.GeoSeries([None], crs=CRS), path)).all()


def test_cover__on_degrees_is_the_same_share(tmp_path: Path) -> None:
    values = np.zeros((40, 40), np.float32)
    values[:, 20:] = np.nan
    placed = from_origin(-73.2, 7.9, 0.001, 0.001)
    path = written(tmp_path, values, crs="EPSG:4326", transform=placed)
    shape = gpd.GeoSeries([shapely.box(-73.19, 7.87, -73.17, 7.89)], crs="EPSG:4326").to_crs(CRS)
    assert raster_cover(shape, path)[0] == pytest.approx(0.5, abs=1e-3)
    assert dict(raster_faults(path, shape)) == {"raster_partial_cover": "50"}


@pytest.mark.parametrize(
    ("x", "codes"), [(0, {}), (-0.5, {}), (-25, {"raster_partial_cover": "25"})]
)
def test_raster_faults__say_what_part_of_the_city_has_no_data(
    tmp_path: Path, x: float, codes: dict[str, str]
) -> None:
    path = written(tmp_path, np.zeros((10, 10), np.float32))
    assert dict(raster_faults(path, cell(x, 0, 100, 100))) == codes


def test_slope_class__a_limit_belongs_to_the_class_below() -> None:
    limits = [3, 7, 12, 25]
    found = slope_class(pd.Series([0, 3, 3.0001, 7, 12, 25, 25.1, np.nan]), limits)
    assert found.tolist()[:7] == [1, 1, 2, 2, 3, 4, 5]
    assert found.isna().tolist() == [False] * 7 + [True]


def faults(path: Path, lowest: float = DEEPEST_M, declared: str | None = None) -> dict[str, str]:
    """Return the faults of a raster for a city of 60 m on it."""
    return dict(raster_faults(path, cell(20, 20, 60, 60), lowest=lowest, declared=declared))


def test_raster_faults__compare_the_crs_that_the_city_file_declares(tmp_path: Path) -> None:
    path = written(tmp_path, np.zeros((10, 10), np.float32))
    assert faults(path, declared=CRS) == {}
    assert list(faults(path, declared="EPSG:32619")) == ["crs_contradicts_file"]


def test_raster_faults__of_a_sound_raster_are_none(tmp_path: Path) -> None:
    assert faults(written(tmp_path, np.zeros((10, 10), np.float32))) == {}


def test_raster_faults__of_a_city_beyond_the_raster_s_crs(tmp_path: Path) -> None:
    path = written(tmp_path, np.zeros((10, 10), np.float32), crs="EPSG:4326")
    nowhere = gpd.GeoSeries([shapely.box(1e13, 1e13, 2e13, 2e13)], crs=CRS)
    assert list(dict(raster_faults(path, nowhere))) == ["raster_outside_city"]


def test_raster_faults__see_a_mark_of_no_data_beside_nan(tmp_path: Path) -> None:
    values = np.zeros((10, 10), np.float32)
    values[3, 3], values[4, 4] = np.nan, -99999
    assert faults(written(tmp_path, values)) == {"raster_nodata_suspected": "-99999"}


def test_raster_faults__see_the_largest_float(tmp_path: Path) -> None:
    values = np.zeros((10, 10), np.float32)
    values[3, 3] = np.finfo(np.float32).max
    assert "raster_nodata_suspected" in faults(written(tmp_path, values))


def test_raster_faults__refuse_less_than_nobody(tmp_path: Path) -> None:
    values = np.zeros((10, 10), np.float32)
    values[3, 3] = -0.5
    assert faults(written(tmp_path, values)) == {}
    assert faults(tmp_path / "raster.tif", lowest=0) == {"raster_nodata_suspected": "-0.5"}


@pytest.mark.parametrize("nodata", [None, np.nan, -1.0])
def test_raster_faults__refuse_a_raster_of_nothing(tmp_path: Path, nodata: float | None) -> None:
    fill = np.nan if nodata is None else nodata
    values = np.full((10, 10), fill, np.float32)
    assert list(faults(written(tmp_path, values, nodata=nodata))) == ["raster_empty"]


def test_raster_faults__refuse_a_huge_raster_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "raster.tif"
    with rasterio.open(
        path, "w", driver="GTiff", count=1, dtype="uint8", width=100_000, height=100_000, crs=CRS,
        transform=from_origin(WEST, NORTH, 0.001, 0.001), sparse_ok=True, tiled=True,
        blockxsize=4096, blockysize=4096, compress="deflate",
    ):  # fmt: skip
        pass
    assert path.stat().st_size < 1_000_000
    assert list(faults(path)) == ["raster_too_large"]


def test_raster_faults__read_only_around_the_city(tmp_path: Path) -> None:
    path = tmp_path / "raster.tif"
    with rasterio.open(
        path, "w", driver="GTiff", count=1, dtype="float32", width=100_000, height=100_000, crs=CRS,
        transform=from_origin(WEST, NORTH, PIXEL, PIXEL), sparse_ok=True, tiled=True,
    ):  # fmt: skip
        pass
    assert faults(path) == {}


def test_raster_faults__of_data_cut_off_behind_a_sound_header(tmp_path: Path) -> None:
    values = np.random.default_rng(0).random((400, 400))
    path = written(tmp_path, values, tiled=True, blockxsize=128, blockysize=128)
    data = path.read_bytes()
    with rasterio.open(path) as raster:
        assert raster.shape == (400, 400)
    path.write_bytes(data[: len(data) // 2])
    city = gpd.GeoSeries([shapely.box(WEST, NORTH - 4000, WEST + 4000, NORTH)], crs=CRS)
    assert list(dict(raster_faults(path, city))) == ["raster_unreadable"]
