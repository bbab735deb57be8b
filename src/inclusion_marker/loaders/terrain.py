"""Rasters by exact pixel coverage, and the slope of the ground in each cell."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import rasterio
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.transform import array_bounds
from rasterio.warp import Resampling, calculate_default_transform, reproject

Floats = npt.NDArray[np.float64]
_MOST_PIXELS = 2_000_000_000
_DEEPEST_M = -9000.0


def raster_faults(path: Path, within: gpd.GeoSeries) -> Iterator[tuple[str, str]]:
    """Yield the code and the finding of each fault of a raster.

    Parameters
    ----------
    path
        GeoTIFF.
    within
        Boundary of the city: a raster that does not meet it is refused.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path, driver="GTiff") as raster:
                yield from _faults(raster, within)
    except RasterioError as fault:
        yield "raster_unreadable", str(fault).splitlines()[0].split("/")[-1][:120]


def _faults(raster: Any, within: gpd.GeoSeries) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - rasterio is untyped
    """Yield the faults of an open raster."""
    if raster.crs is None:
        yield "crs_missing", "-"
        return
    if raster.width * raster.height > _MOST_PIXELS:
        yield "raster_too_large", f"{raster.width} x {raster.height}"
        return
    if raster.count != 1:
        yield "raster_band_count", str(raster.count)
    if raster.transform.b or raster.transform.d:
        yield "raster_rotated", f"{raster.transform.b:g}, {raster.transform.d:g}"
        return
    if raster.transform.e > 0:
        yield "raster_south_up", f"{raster.transform.e:g}"
        return
    west, south, east, north = within.to_crs(raster.crs).total_bounds
    bounds = raster.bounds
    if west > bounds.right or east < bounds.left or south > bounds.top or north < bounds.bottom:
        yield "raster_outside_city", ", ".join(f"{each:.6g}" for each in bounds)
        return
    values = raster.read(1, masked=True)
    lowest = float(values.min()) if values.count() else 0.0
    if lowest < _DEEPEST_M:
        yield "raster_nodata_suspected", f"{lowest:g}"


def raster_mean(cells: gpd.GeoSeries, raster: Path) -> pd.Series[float]:
    """Return the mean of a raster over each cell, pixels weighted by the part inside it.

    Parameters
    ----------
    cells
        Polygons in any CRS.
    raster
        GeoTIFF in any CRS.

    Returns
    -------
    means
        By cell; missing where the raster has no data.
    """
    return _zonal(cells, raster, "mean")


def raster_sum(cells: gpd.GeoSeries, raster: Path) -> pd.Series[float]:
    """Return the sum of a raster over each cell, pixels weighted by the part inside it.

    Parameters
    ----------
    cells
        Polygons in any CRS.
    raster
        GeoTIFF in any CRS.

    Returns
    -------
    sums
        By cell; missing where the raster has no data.
    """
    return _zonal(cells, raster, "sum")


def _zonal(cells: gpd.GeoSeries, raster: Path, operation: str) -> pd.Series[float]:
    """Return a statistic of a raster file over each cell."""
    with rasterio.open(raster, driver="GTiff") as source:
        shapes = cells.to_crs(source.crs)
        return _extract(shapes, source, operation).set_axis(cells.index)


def _extract(shapes: gpd.GeoSeries, source: Any, operation: str) -> pd.Series[float]:  # noqa: ANN401 - untyped
    """Return a statistic of an open raster over polygons in its CRS."""
    known = ~(shapes.is_empty | shapes.isna()).to_numpy()
    found = np.full(len(shapes), np.nan)
    if known.any():
        frame = gpd.GeoDataFrame(geometry=shapes.to_numpy()[known], crs=shapes.crs)
        table = exact_extract(
            source, frame, [operation], output="pandas", strategy="raster-sequential"
        )
        found[known] = table[operation].to_numpy(np.float64)
    return pd.Series(found)


def slope_percent(elevation: Floats, pixel_m: tuple[float, float]) -> Floats:
    """Return the slope of the ground, percent, by Horn's method.

    Parameters
    ----------
    elevation
        Heights, shape ``(rows, columns)``, metres; no data as NaN.
    pixel_m
        Width and height of a pixel, metres.

    Returns
    -------
    slope
        Same shape; missing at the rim and beside missing heights.

    References
    ----------
    Horn, B. K. P. (1981). Hill shading and the reflectance map. *Proceedings of the IEEE*,
    69(1), 14-47.

    Examples
    --------
    >>> plane = np.tile(np.arange(4.0), (4, 1))
    >>> float(slope_percent(plane, (10.0, 10.0))[1, 1])
    10.0
    """
    z = np.pad(elevation, 1, constant_values=np.nan)
    west = z[:-2, :-2] + 2 * z[1:-1, :-2] + z[2:, :-2]
    east = z[:-2, 2:] + 2 * z[1:-1, 2:] + z[2:, 2:]
    north = z[:-2, :-2] + 2 * z[:-2, 1:-1] + z[:-2, 2:]
    south = z[2:, :-2] + 2 * z[2:, 1:-1] + z[2:, 2:]
    return 100 * np.hypot((east - west) / (8 * pixel_m[0]), (south - north) / (8 * pixel_m[1]))


def mean_slope_percent(cells: gpd.GeoSeries, elevation: Path) -> pd.Series[float]:
    """Return the mean slope of each cell, percent.

    Heights in degrees are first warped to the cells' CRS, so that rise and run are both metres.

    Parameters
    ----------
    cells
        Polygons in a CRS in metres.
    elevation
        GeoTIFF of heights in metres, in any CRS.

    Returns
    -------
    slope
        By cell; missing outside the raster.
    """
    with rasterio.open(elevation, driver="GTiff") as source:
        heights = source.read(1, masked=True).astype(np.float64).filled(np.nan)
        transform, crs = source.transform, source.crs
        metric = pyproj.CRS.from_user_input(crs).is_projected
        if not metric:
            target = cells.crs.to_wkt()
            transform, width, height = calculate_default_transform(
                crs, target, source.width, source.height, *source.bounds
            )
            warped = np.full((height, width), np.nan)
            reproject(
                heights,
                warped,
                src_transform=source.transform,
                src_crs=crs,
                src_nodata=math.nan,
                dst_transform=transform,
                dst_crs=target,
                dst_nodata=math.nan,
                resampling=Resampling.bilinear,
            )
            heights, crs = warped, target
    slope = slope_percent(heights, (transform.a, -transform.e))
    shapes = cells if not metric else cells.to_crs(crs)
    west, south, east, north = array_bounds(*slope.shape, transform)
    raster = NumPyRasterSource(
        slope,
        xmin=west,
        ymin=south,
        xmax=east,
        ymax=north,
        nodata=math.nan,
        srs_wkt=pyproj.CRS.from_user_input(crs).to_wkt(),
    )
    return _extract(shapes, raster, "mean").set_axis(cells.index)


def slope_class(
    percent: pd.Series[float], limits_percent: Sequence[float]
) -> pd.Series[int]:
    """Return the class of each slope, 1 for the levellest; a limit belongs to the class below.

    Parameters
    ----------
    percent
        Slopes; missing ones have no class.
    limits_percent
        Upper limits of all classes but the last.

    Examples
    --------
    >>> slope_class(pd.Series([0.0, 3.0, 3.1, 40.0, np.nan]), [3, 7, 12, 25]).tolist()
    [1, 1, 2, 5, <NA>]
    """
    classes = np.searchsorted(np.asarray(limits_percent), percent.to_numpy(), side="left") + 1
    found = pd.Series(classes, index=percent.index, dtype="Int64")
    return found.mask(percent.isna())
