"""How steep streets are: the grade of each piece of an edge, from a raster of heights."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
import shapely
from affine import Affine
from rasterio.windows import Window

from inclusion_marker.errors import LayerError
from inclusion_marker.loaders.reading import UnreadableError, check_path
from inclusion_marker.loaders.terrain import raster_faults
from inclusion_marker.notices import Notice, errors

Floats = npt.NDArray[np.float64]
_Flags = npt.NDArray[np.bool_]
_LONGEST_M = 30.0
# A raster that does not reach the streets is no fault of the raster: `covered` says it.
_NOT_HERE = ("raster_outside_city", "raster_empty", "raster_partial_cover")


@dataclass(frozen=True, eq=False)
class Grades:
    """The grade along each line, piece by piece in its drawing direction.

    Attributes
    ----------
    first
        Shape ``(m + 1,)``: the pieces of line ``i`` are ``first[i]`` to ``first[i + 1] - 1``.
    run_m
        Length of each piece along its line, metres.
    grade
        Rise over run of each piece, above 0 uphill; NaN where the raster has no height.
    covered
        Share of the length whose grade is known; 1 if there is no length.
    """

    first: npt.NDArray[np.int64]
    run_m: Floats
    grade: Floats
    covered: float


def edge_grades(
    lines: gpd.GeoSeries,
    elevation: Path,
    *,
    level: npt.NDArray[np.bool_] | None = None,
    key: str = "elevation",
) -> Grades:
    """Return the grades along lines.

    Each line is cut into equal pieces about as long as a pixel, 30 m at most, and heights are
    taken at their ends, bilinearly between the centres of pixels.

    Parameters
    ----------
    lines
        Lines in a CRS in metres, none of them missing or empty.
    elevation
        GeoTIFF of heights in metres, in any CRS.
    level
        Which lines are bridges or tunnels, shape ``(m,)``: they rise evenly from end to end, for
        the raster shows the ground below or above them. By default none.
    key
        Id of the layer of heights, for the notices.

    Returns
    -------
    grades
        Missing where the raster has no data; ``covered`` says for how much of the length it has.

    Raises
    ------
    LayerError
        If the raster cannot be read, or says nothing that can be a height.

    Examples
    --------
    >>> from inclusion_marker.city import load_city
    >>> raster = load_city("cucuta").root / "elevation.tif"
    >>> street = gpd.GeoSeries([shapely.LineString([(769000, 871000), (769100, 871000)])])
    >>> grades = edge_grades(street.set_crs("EPSG:32618"), raster)
    >>> grades.first.tolist(), grades.covered
    ([0, 4], 1.0)
    """
    if not len(lines):
        return Grades(np.zeros(1, np.int64), np.empty(0), np.empty(0), 1.0)
    _check(lines, elevation, key)
    shapes = lines.to_numpy()
    lengths = shapely.length(shapes)
    heights, transform, crs = _window(elevation, lines)
    step = min(_pixel_m(transform, crs, lines), _LONGEST_M)
    pieces = np.maximum(np.ceil(lengths / step - _HARDLY), 1).astype(np.int64)
    if level is not None:
        pieces = np.where(level, 1, pieces)
    first = np.concatenate([[0], np.cumsum(pieces)])
    z = _heights_at(_stops(shapes, pieces), heights, transform, (lines.crs, crs))
    run = np.repeat(lengths / pieces, pieces)
    # Each line has one stop more than pieces: between two lines there is no rise.
    rise = np.delete(np.diff(z), (first[1:-1] + np.arange(len(pieces) - 1)))
    grade = np.divide(rise, run, out=np.zeros(len(run)), where=run > 0)
    known = run[~np.isnan(grade)].sum()
    return Grades(first, run, grade, float(known / run.sum()) if run.sum() > 0 else 1.0)


_HARDLY = 1e-9  # of a piece: 90 m are three pieces of 30 m, whatever the last digit


def _check(lines: gpd.GeoSeries, elevation: Path, key: str) -> None:
    """Refuse a raster that cannot be read, or whose values cannot be heights."""
    try:
        check_path(elevation, key)
    except UnreadableError as fault:
        raise LayerError(fault.notice) from fault
    around = gpd.GeoSeries([shapely.box(*lines.total_bounds).buffer(1.0)], crs=lines.crs)
    found = [
        Notice(code, file=elevation.name, layer=key, values={"found": text})
        for code, text in raster_faults(elevation, around)
        if code not in _NOT_HERE
    ]
    if errors(found):
        raise LayerError(*errors(found))


def _window(elevation: Path, lines: gpd.GeoSeries) -> tuple[Floats, Affine, pyproj.CRS]:
    """Return the heights around the lines, no data as NaN, where they are, and their CRS."""
    with rasterio.open(elevation, driver="GTiff") as raster:
        crs = pyproj.CRS.from_user_input(raster.crs)
        there = pyproj.Transformer.from_crs(lines.crs, crs, always_xy=True)
        west, south, east, north = there.transform_bounds(*lines.total_bounds)
        step, size = raster.transform, np.array([raster.width, raster.height])
        corners = np.array(
            [[(west - step.c) / step.a, (north - step.f) / step.e],
             [(east - step.c) / step.a, (south - step.f) / step.e]]
        )  # fmt: skip
        first = np.clip(np.floor(corners[0]) - _MARGIN, 0, size).astype(np.int64)
        last = np.clip(np.ceil(corners[1]) + _MARGIN, first, size).astype(np.int64)
        window = Window(*(int(each) for each in (*first, *(last - first))))
        if not window.width * window.height:
            return np.empty((0, 0)), step, crs
        stored = raster.read(1, window=window, masked=True).astype(np.float64).filled(np.nan)
        heights: Floats = stored * float(raster.scales[0]) + float(raster.offsets[0])
        return heights, raster.window_transform(window), crs


_MARGIN = 2  # pixels beyond the lines, so that the rim of what is read is that of the raster


def _pixel_m(transform: Affine, crs: object, lines: gpd.GeoSeries) -> float:
    """Return the shorter side of a pixel on the ground where the lines are, metres."""
    west, south, east, north = lines.total_bounds
    there = pyproj.Transformer.from_crs(lines.crs, crs, always_xy=True)
    x, y = there.transform((west + east) / 2, (south + north) / 2)
    back = pyproj.Transformer.from_crs(crs, lines.crs, always_xy=True)
    xs, ys = back.transform([x, x + transform.a, x], [y, y, y + transform.e])
    sides = np.hypot(np.array(xs[1:]) - xs[0], np.array(ys[1:]) - ys[0])
    return float(sides.min())


def _stops(shapes: npt.NDArray[np.object_], pieces: npt.NDArray[np.int64]) -> Floats:
    """Return the ends of all pieces, line by line, shape ``(pieces + lines, 2)``."""
    stops = pieces + 1
    owner = np.repeat(np.arange(len(shapes)), stops)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(stops) - stops, stops)
    share = number / pieces[owner]
    points: Floats = shapely.get_coordinates(
        shapely.line_interpolate_point(shapes[owner], share, normalized=True)
    )
    return points


def _heights_at(
    points: Floats, heights: Floats, transform: Affine, systems: tuple[pyproj.CRS, pyproj.CRS]
) -> Floats:
    """Return the height at each point, between the centres of pixels; NaN beyond the raster.

    Within half a pixel of the rim, where there are no centres farther out, it is that at the rim.
    """
    if not heights.size:
        return np.full(len(points), np.nan)
    rows, columns = heights.shape
    x, y = pyproj.Transformer.from_crs(*systems, always_xy=True).transform(*points.T)
    across, down = (x - transform.c) / transform.a, (y - transform.f) / transform.e
    inside = (across >= 0) & (across <= columns) & (down >= 0) & (down <= rows)
    across = np.clip(np.where(inside, across, 0) - 0.5, 0, columns - 1)
    down = np.clip(np.where(inside, down, 0) - 0.5, 0, rows - 1)
    left, top = (np.floor(each).astype(np.int64) for each in (across, down))
    right, bottom = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
    east, south = across - left, down - top
    found = np.zeros(len(points))
    for row, column, weight in (
        (top, left, (1 - east) * (1 - south)),
        (top, right, east * (1 - south)),
        (bottom, left, (1 - east) * south),
        (bottom, right, east * south),
    ):
        # A pixel without data matters only where it has a say.
        found += np.where(weight > 0, heights[row, column], 0.0) * weight
    return np.where(inside, found, np.nan)
