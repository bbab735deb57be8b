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
import shapely
from affine import Affine
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.transform import array_bounds
from rasterio.warp import Resampling, calculate_default_transform, reproject
from rasterio.windows import Window

from inclusion_marker.loaders.contract import crs_agree, placed

Floats = npt.NDArray[np.float64]
_MOST_PIXELS = 100_000_000
_MARGIN = 4
DEEPEST_M = -9000.0
_HARDLY = 0.01  # of the city's area: a rim of pixels without data changes nothing
_HIGHEST = 1e30  # the largest float32 is a common mark of no data


def raster_faults(
    path: Path, within: gpd.GeoSeries, *, lowest: float = DEEPEST_M, declared: str | None = None
) -> Iterator[tuple[str, str]]:
    """Yield the code and the finding of each fault of a raster.

    Only the part around the city is read, so a raster of the whole country costs no more.

    Parameters
    ----------
    path
        GeoTIFF.
    within
        Boundary of the city: a raster that does not meet it is refused.
    lowest
        The lowest value that can be a measure; 0 for people.
    declared
        CRS that the city file declares: a raster must state its own, and the two must agree.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path, driver="GTiff") as raster:
                yield from _faults(raster, within, lowest, declared)
    except RasterioError as fault:
        yield "raster_unreadable", str(fault).splitlines()[0].split("/")[-1][:120]


def _faults(
    raster: Any,  # noqa: ANN401 - rasterio is untyped
    within: gpd.GeoSeries,
    lowest: float,
    declared: str | None,
) -> Iterator[tuple[str, str]]:
    """Yield the faults of an open raster."""
    if raster.crs is None:
        yield "raster_crs_missing", "-"
        return
    stated = pyproj.CRS.from_user_input(raster.crs)
    wanted = stated if declared is None else pyproj.CRS.from_user_input(declared)
    if not crs_agree(stated, wanted, raster.bounds):
        yield "crs_contradicts_file", f"{stated.name} ≠ {wanted.name}"
        return
    if raster.count != 1:
        yield "raster_band_count", str(raster.count)
    if raster.transform.b or raster.transform.d:
        yield "raster_rotated", f"{raster.transform.b:g}, {raster.transform.d:g}"
        return
    if raster.transform.e > 0:
        yield "raster_south_up", f"{raster.transform.e:g}"
        return
    window = _around(raster, within)
    if window is None:
        yield "raster_outside_city", ", ".join(f"{each:.6g}" for each in raster.bounds)
    elif window.width * window.height > _MOST_PIXELS:
        yield "raster_too_large", f"{window.width} x {window.height}"
    else:
        values = _heights(raster, window)
        faults = list(_value_faults(values, lowest))
        yield from faults or _partial(values, raster.window_transform(window), raster.crs, within)


def _partial(
    values: Floats, transform: Affine, crs: object, within: gpd.GeoSeries
) -> Iterator[tuple[str, str]]:
    """Yield a finding if some of the city has no data in a raster; the rim of pixels aside."""
    shapes = within.to_crs(crs)
    pixels = _extract(shapes, _source(values, transform, crs), "count")
    # In degrees, too, a pixel and a polygon are measured alike; geopandas would warn.
    lacking = 1 - pixels.sum() * _pixel_area(transform) / shapely.area(shapes.to_numpy()).sum()
    if lacking > _HARDLY:
        yield "raster_partial_cover", f"{100 * lacking:.0f}"


def raster_cover(shapes: gpd.GeoSeries, raster: Path) -> pd.Series[float]:
    """Return the share of each polygon's area that has data in a raster.

    Parameters
    ----------
    shapes
        Polygons in any CRS.
    raster
        GeoTIFF in any CRS.

    Returns
    -------
    shares
        By polygon, 0 to 1; missing for a polygon without a shape or any area.
    """
    with rasterio.open(raster, driver="GTiff") as source:
        moved, pixel = shapes.to_crs(source.crs), _pixel_area(source.transform)
    area = pd.Series(shapely.area(moved.to_numpy()), index=shapes.index)
    covered = _zonal(shapes, raster, "count").fillna(0.0) * pixel
    shares: pd.Series[float] = (covered / area.where(area > 0)).clip(upper=1.0)
    return shares


def _pixel_area(transform: Affine) -> float:
    """Return the area of a pixel in the units of its CRS."""
    return abs(float(transform.a * transform.e))


def _value_faults(values: Floats, lowest: float) -> Iterator[tuple[str, str]]:
    """Yield the faults of the values around the city; no data is NaN."""
    known = values[~np.isnan(values)]
    if not len(known):
        yield "raster_empty", f"{values.shape[1]} x {values.shape[0]}"
        return
    least, most = float(known.min()), float(known.max())
    if least < lowest or most > _HIGHEST:
        yield "raster_nodata_suspected", f"{least if least < lowest else most:g}"


def _around(raster: Any, shapes: gpd.GeoSeries) -> Window | None:  # noqa: ANN401 - rasterio is untyped
    """Return the pixels around shapes, with a margin for slopes; ``None`` if there are none."""
    west, south, east, north = shapes.to_crs(raster.crs).total_bounds
    if not np.isfinite([west, south, east, north]).all():
        return None
    step, origin = raster.transform, (raster.transform.c, raster.transform.f)
    left, right = (west - origin[0]) / step.a, (east - origin[0]) / step.a
    top, bottom = (north - origin[1]) / step.e, (south - origin[1]) / step.e
    corners = np.array([left - _MARGIN, top - _MARGIN, right + _MARGIN, bottom + _MARGIN])
    size = np.array([raster.width, raster.height])
    first = np.clip(np.floor(corners[:2]), 0, size).astype(np.int64)
    last = np.clip(np.ceil(corners[2:]), 0, size).astype(np.int64)
    width, height = (int(each) for each in last - first)
    inside = left < size[0] and top < size[1] and right > 0 and bottom > 0
    return Window(int(first[0]), int(first[1]), width, height) if inside else None


def _heights(raster: Any, window: Window) -> Floats:  # noqa: ANN401 - rasterio is untyped
    """Return the values of a window of an open raster, by its scale and offset; no data as NaN."""
    stored: Floats = raster.read(1, window=window, masked=True).astype(np.float64).filled(np.nan)
    return stored * float(raster.scales[0]) + float(raster.offsets[0])


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
    """Return a statistic of a raster file over each cell; exactextract scales the values."""
    with rasterio.open(raster, driver="GTiff") as source:
        shapes = cells.to_crs(source.crs)
        return _extract(shapes, source, operation).set_axis(cells.index)


def _extract(shapes: gpd.GeoSeries, source: Any, operation: str) -> pd.Series[float]:  # noqa: ANN401 - untyped
    """Return a statistic of an open raster over polygons in its CRS."""
    known = placed(shapes)
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

    Heights on degrees, feet or Web Mercator are first warped to the cells' CRS, so that rise and
    run are both metres. Only the part of the raster around the cells is read.

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
        window = _around(source, cells)
        if window is None:
            return pd.Series(np.nan, index=cells.index)
        heights, crs = _heights(source, window), source.crs
        transform = source.window_transform(window)
    if not _metric(crs):
        heights, transform = _warped(heights, transform, crs, cells.crs.to_wkt())
        crs = cells.crs.to_wkt()
    slope = slope_percent(heights, (transform.a, -transform.e))
    raster = _source(slope, transform, crs)
    return _extract(cells.to_crs(crs), raster, "mean").set_axis(cells.index)


def _source(values: Floats, transform: Affine, crs: object) -> NumPyRasterSource:
    """Return values in memory as a raster; no data is NaN."""
    west, south, east, north = array_bounds(*values.shape, transform)
    return NumPyRasterSource(
        values,
        xmin=west,
        ymin=south,
        xmax=east,
        ymax=north,
        nodata=math.nan,
        srs_wkt=pyproj.CRS.from_user_input(crs).to_wkt(),
    )


def _metric(crs: object) -> bool:
    """Return whether a step of a CRS is a metre on the ground: no degrees, feet or Mercator."""
    system = pyproj.CRS.from_user_input(crs)
    units = {axis.unit_name for axis in system.axis_info}
    return system.is_projected and units == {"metre"} and system.to_epsg() != 3857  # noqa: PLR2004 - Web Mercator


def _warped(heights: Floats, transform: Affine, crs: object, target: str) -> tuple[Floats, Affine]:
    """Return heights on pixels of another CRS, and where those are."""
    height, width = heights.shape
    bounds = array_bounds(height, width, transform)
    placed, width, height = calculate_default_transform(crs, target, width, height, *bounds)
    warped = np.full((height, width), np.nan)
    reproject(
        heights,
        warped,
        src_transform=transform,
        src_crs=crs,
        src_nodata=math.nan,
        dst_transform=placed,
        dst_crs=target,
        dst_nodata=math.nan,
        resampling=Resampling.bilinear,
    )
    return warped, placed


def slope_class(percent: pd.Series[float], limits_percent: Sequence[float]) -> pd.Series[int]:
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
