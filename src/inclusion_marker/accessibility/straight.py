"""Straight-line measures of access: checks and arrays for the kernels, tables for the reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from numba import get_num_threads
from scipy.spatial import KDTree

from inclusion_marker.accessibility import kernels_straight as kernels

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]
_POLYGON = 3  # GEOS numbers the collections above it
_PER_BUCKET = 2.0
_MOST_BUCKETS_A_SIDE = 4096


@dataclass(frozen=True)
class Closest:
    """The closest opportunity of each origin.

    Attributes
    ----------
    distance_m
        Metres from the edge of the origin; missing where there is no opportunity.
    opportunity
        Row label of the closest opportunity; missing where there is none.
    """

    distance_m: pd.Series[float]
    opportunity: pd.Series[Any]


@dataclass(frozen=True)
class _Buckets:
    """A grid of square buckets over points or segments, as the kernels read it."""

    grid: Floats
    shape: Ints
    starts: Ints
    members: Ints


def closest_straight(origins: gpd.GeoSeries, opportunities: gpd.GeoSeries) -> Closest:
    """Return the straight-line distance from the edge of each origin to the closest opportunity.

    Parameters
    ----------
    origins
        Polygons or points, in a CRS in metres.
    opportunities
        Points, lines or polygons in the same CRS; a park is reached at its edge. Rows without a
        shape are passed over.

    Returns
    -------
    closest
        Same index as ``origins``. The distance is 0 where the two meet; of equally close
        opportunities the first one is named.

    Examples
    --------
    >>> square = gpd.GeoSeries([shapely.box(0, 0, 10, 10)], index=["a"])
    >>> closest_straight(square, gpd.GeoSeries([shapely.Point(13, 14)])).distance_m.tolist()
    [5.0]
    """
    units, shapes = origins.to_numpy(), opportunities.to_numpy()
    rows = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if not len(rows) or not len(units):
        nothing = pd.Series(np.nan, index=origins.index)
        return Closest(nothing, nothing.astype(object))
    shapes = shapes[rows]
    if (shapely.get_dimensions(shapes) == 0).all():
        distance, position = _to_points(units, shapes)
    else:
        distance, position = _to_shapes(units, shapes)
    label = opportunities.index.to_numpy()[rows[position]]
    return Closest(
        pd.Series(distance, index=origins.index),
        pd.Series(label, index=origins.index, dtype=object),
    )


def _to_points(units: Shapes, shapes: Shapes) -> tuple[Floats, Ints]:
    """Return distance and position of the closest of opportunities that are points."""
    points, owners = shapely.get_coordinates(shapes, return_index=True)
    starts, edges = _edges(units)
    buckets = _bucketed(points, points)
    distance, found = kernels.closest_points(
        starts,
        edges,
        shapely.bounds(units),
        _reach(starts, edges, points),
        buckets.grid,
        buckets.shape,
        buckets.starts,
        buckets.members,
        points,
    )
    return distance, owners[found]


def _to_shapes(units: Shapes, shapes: Shapes) -> tuple[Floats, Ints]:
    """Return distance and position of the closest of opportunities that are lines or polygons."""
    starts, edges = _edges(units)
    firsts, segments = _edges(shapes)
    owners = np.repeat(np.arange(len(shapes)), np.diff(firsts))
    low = np.minimum(segments[:, :2], segments[:, 2:])
    high = np.maximum(segments[:, :2], segments[:, 2:])
    buckets = _bucketed(low, high)
    distance, position = kernels.closest_segments(
        starts,
        edges,
        shapely.bounds(units),
        _reach(starts, edges, segments[:, :2]),
        buckets.grid,
        buckets.shape,
        buckets.starts,
        buckets.members,
        segments,
        owners,
    )
    # A unit in a park, a park in a unit, and a crossing: no edge need be near another.
    unit, shape = shapely.STRtree(shapes).query(units, predicate="intersects")
    order = np.lexsort((shape, unit))
    meeting, first = np.unique(unit[order], return_index=True)
    distance[meeting] = 0.0
    position[meeting] = shape[order][first]
    return distance, position


def _reach(starts: Ints, edges: Floats, points: Floats) -> Floats:
    """Return an upper bound of the distance of each unit: from a point of it to the closest."""
    tree = KDTree(points, compact_nodes=False, balanced_tree=False)
    distance, _ = tree.query(edges[starts[:-1], :2], workers=get_num_threads())
    return np.asarray(distance, np.float64)


def _edges(shapes: Shapes) -> tuple[Ints, Floats]:
    """Return the segments of shapes, holes included, and where those of each begin.

    A point is a segment of no length.
    """
    lines, owner = _lines(shapes)
    points, line = shapely.get_coordinates(lines, return_index=True)
    # The last vertex of a line begins no segment, unless it is the only one.
    last = np.append(line[1:] != line[:-1], True)
    alone = last & np.insert(last[:-1], 0, True)
    first = np.flatnonzero(~last | alone)
    edges = np.hstack([points[first], points[first + ~alone[first]]])
    starts = np.zeros(len(shapes) + 1, np.int64)
    np.cumsum(np.bincount(owner[line[first]], minlength=len(shapes)), out=starts[1:])
    return starts, edges


def _lines(shapes: Shapes) -> tuple[Shapes, Ints]:
    """Return the rings, lines and points of shapes, and the shape of each, in rising order."""
    parts, owners = shapes, np.arange(len(shapes))
    if (shapely.get_type_id(shapes) > _POLYGON).any():
        parts, owners = shapely.get_parts(shapes, return_index=True)
    areal = shapely.get_dimensions(parts) == 2  # noqa: PLR2004 - polygons
    if not areal.any():
        return parts, owners
    rings, of_part = shapely.get_rings(parts[areal], return_index=True)
    if areal.all():
        return rings, owners[of_part]
    owner = np.concatenate([owners[areal][of_part], owners[~areal]])
    order = np.argsort(owner, kind="stable")
    return np.concatenate([rings, parts[~areal]])[order], owner[order]


def _bucketed(low: Floats, high: Floats) -> _Buckets:
    """Return buckets over boxes, each a member of every bucket that it meets."""
    corner, far = low.min(axis=0), high.max(axis=0)
    span = np.maximum(far - corner, 1.0)
    size = float(np.sqrt(span[0] * span[1] * _PER_BUCKET / len(low)))
    size = max(size, float(span.max()) / _MOST_BUCKETS_A_SIDE, float((high - low).mean()))
    shape = (np.floor(span / size) + 1).astype(np.int64)
    first = np.floor((low - corner) / size).astype(np.int64)
    last = np.floor((high - corner) / size).astype(np.int64)
    wide, tall = (last - first + 1).T
    count = wide * tall
    member = np.repeat(np.arange(len(low)), count)
    within = np.arange(len(member)) - np.repeat(np.cumsum(count) - count, count)
    column = first[member, 0] + within % wide[member]
    row = first[member, 1] + within // wide[member]
    bucket = row * shape[0] + column
    order = np.argsort(bucket, kind="stable")
    starts = np.zeros(shape[0] * shape[1] + 1, np.int64)
    np.cumsum(np.bincount(bucket, minlength=len(starts) - 1), out=starts[1:])
    return _Buckets(np.array([*corner, size]), shape, starts, member[order])


def sum_within(origins: Floats, points: Floats, values: Floats, radius_m: float) -> Floats:
    """Return the sum of the values of the points within a distance of each origin.

    Parameters
    ----------
    origins, points
        Coordinates, shapes ``(n, 2)`` and ``(m, 2)``, metres.
    values
        Value of each point, shape ``(m,)``; not missing.
    radius_m
        Distance, metres; a point at exactly this distance counts.

    Returns
    -------
    sums
        Shape ``(n,)``, in the unit of ``values``.

    Examples
    --------
    >>> places = np.array([[0.0, 0.0], [3.0, 4.0], [9.0, 0.0]])
    >>> sum_within(places[:1], places, np.array([1.0, 10.0, 100.0]), 5.0).tolist()
    [11.0]
    """
    if not len(points):
        return np.zeros(len(origins))
    buckets = _bucketed(points, points)
    return kernels.sum_within(
        origins,
        points,
        values,
        radius_m,
        buckets.grid,
        buckets.shape,
        buckets.starts,
        buckets.members,
    )
