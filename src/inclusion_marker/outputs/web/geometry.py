"""Shapes for the page: in degrees, no finer than a screen shows, as whole numbers."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from inclusion_marker.outputs.web.packing import Numbers, quantised, whole

Shapes = npt.NDArray[np.object_]

DEGREES = "EPSG:4326"
DIGITS = 6
"""Decimals of a degree: a ninth of a metre."""

TOLERANCE_M = 10.0
_OF_WIDTH = 0.1  # of a small shape's width: a square of 20 m keeps its corners


def simplified(shapes: gpd.GeoSeries, *, joined: bool = False) -> gpd.GeoSeries:
    """Return polygons with fewer corners, none of them off by more than about ten metres.

    Parameters
    ----------
    shapes
        Polygons in a CRS in metres.
    joined
        Whether they share borders that have to stay shared, as districts do. Where they lie over
        each other each is simplified by itself.

    Returns
    -------
    simplified
        Same index and CRS; a small shape is simplified less, so that none is lost.

    Examples
    --------
    >>> rim = shapely.Polygon([(0, 0), (500, 1), (1000, 0), (1000, 1000), (0, 1000)])
    >>> len(simplified(gpd.GeoSeries([rim], crs=32618)).get_coordinates())
    5
    """
    polygons = shapes.to_numpy()
    if joined and bool(shapely.coverage_is_valid(polygons)):
        found = shapely.coverage_simplify(polygons, TOLERANCE_M)
    else:
        finest = np.sqrt(shapely.area(polygons)) * _OF_WIDTH
        tolerance = np.minimum(TOLERANCE_M, finest)
        found = shapely.simplify(polygons, tolerance, preserve_topology=True)
    return gpd.GeoSeries(found, index=shapes.index, crs=shapes.crs)


def shape_columns(name: str, shapes: gpd.GeoSeries) -> Iterator[tuple[str, Numbers]]:
    """Yield polygons as columns: how many parts, rings and corners, and where the corners are.

    Parameters
    ----------
    name
        What the columns begin with.
    shapes
        Polygons, in any CRS; what is not one, or is empty, has no part.

    Yields
    ------
    name, numbers
        ``…:parts`` a shape, ``…:rings`` a part, ``…:points`` a ring (the last corner, which is
        the first, left out), ``…:x`` and ``…:y`` a corner, in degrees.

    Examples
    --------
    >>> square = gpd.GeoSeries([shapely.box(0, 0, 1, 1)], crs=4326)
    >>> columns = dict(shape_columns("boundary", square))
    >>> columns["boundary:points"].values.tolist()
    [4]
    """
    parts, rings, points = [], [], []
    corners = [np.empty((0, 2))]
    for shape in shapes.to_crs(DEGREES):
        polygons = _polygons(shape)
        parts.append(len(polygons))
        for polygon in polygons:
            rings.append(1 + len(polygon.interiors))
            for ring in (polygon.exterior, *polygon.interiors):
                found = _corners(ring)
                points.append(len(found))
                corners.append(found)
    xy = np.concatenate(corners)
    yield f"{name}:parts", whole(parts)
    yield f"{name}:rings", whole(rings)
    yield f"{name}:points", whole(points)
    yield f"{name}:x", quantised(xy[:, 0], DIGITS)
    yield f"{name}:y", quantised(xy[:, 1], DIGITS)


def _polygons(shape: BaseGeometry | None) -> list[shapely.Polygon]:
    """Return the polygons of a shape, largest first."""
    if shape is None or shape.is_empty:
        return []
    found = [each for each in shapely.get_parts(shape) if isinstance(each, shapely.Polygon)]
    return sorted(found, key=lambda each: -each.area)


def _corners(ring: shapely.LinearRing) -> npt.NDArray[np.float64]:
    """Return the corners of a ring that differ by the digits kept; three at least."""
    corners = shapely.get_coordinates(ring)[:-1]
    rounded = np.rint(corners * 10**DIGITS)
    moved = (rounded != np.roll(rounded, 1, axis=0)).any(axis=1)
    return corners[moved] if moved.sum() >= 3 else corners  # noqa: PLR2004 - a triangle


def point_columns(name: str, points: gpd.GeoSeries) -> Iterator[tuple[str, Numbers]]:
    """Yield points as two columns: ``…:lng`` and ``…:lat``, in degrees.

    Examples
    --------
    >>> columns = dict(point_columns("health", gpd.GeoSeries([shapely.Point(1, 2)], crs=4326)))
    >>> columns["health:lng"].values.tolist()
    [1000000]
    """
    xy = shapely.get_coordinates(points.to_crs(DEGREES).to_numpy())
    yield f"{name}:lng", quantised(xy[:, 0], DIGITS)
    yield f"{name}:lat", quantised(xy[:, 1], DIGITS)


def bounds_of(*shapes: gpd.GeoSeries) -> list[float]:
    """Return west, south, east and north of shapes together, in degrees; the world of none.

    Examples
    --------
    >>> bounds_of(gpd.GeoSeries([shapely.box(0, 0, 1, 1)], crs=4326))
    [0.0, 0.0, 1.0, 1.0]
    """
    boxes = np.array([each.to_crs(DEGREES).total_bounds for each in shapes])
    if not np.isfinite(boxes).all(axis=1).any():
        return [-180.0, -90.0, 180.0, 90.0]
    west_south, east_north = np.nanmin(boxes[:, :2], axis=0), np.nanmax(boxes[:, 2:], axis=0)
    return [round(float(each), DIGITS) for each in (*west_south, *east_north)]
