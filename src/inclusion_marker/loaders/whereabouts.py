"""Is a layer where the city is: another place, another zone, axes swapped."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from inclusion_marker.cards import LayerKind
from inclusion_marker.loaders.contract import At, placed
from inclusion_marker.loaders.streets import Streets
from inclusion_marker.notices import Notice

_NEAR_M = 1_000.0
_FAR_M = 50_000.0
_TOO_FAR_M = 500_000.0


def elsewhere(
    as_read: gpd.GeoDataFrame,
    moved: gpd.GeoDataFrame,
    within: gpd.GeoSeries,
    kind: LayerKind,
    at: At,
) -> Iterator[Notice]:
    """Yield a notice if a layer lies far from the city, and whether swapped axes explain it.

    The nearest service may well be in another town; it is measured to, and said.

    Parameters
    ----------
    as_read, moved
        The layer in its own CRS, and in the city's.
    within
        Boundary of the city.
    kind
        Kind of layer.
    at
        Where it is from.

    Examples
    --------
    >>> town = gpd.GeoSeries([shapely.box(0, 0, 900, 900)], crs="EPSG:32618")
    >>> parks = gpd.GeoDataFrame(geometry=town.translate(600_000), crs=town.crs)
    >>> at = At(file="parks.gpkg", layer="public_space")
    >>> [notice.code for notice in elsewhere(parks, parks, town, "polygon", at)]
    ['layer_outside_city']
    """
    box = _around(within, _FAR_M)
    geometry = moved.geometry[placed(moved.geometry)]
    bounds = geometry.bounds.to_numpy()
    near_city = shapely.intersects(shapely.box(*bounds.T), box)
    values = {"found": int((~near_city).sum()), "total": len(geometry), "reach_km": _FAR_M / 1000}
    if near_city.all():
        return
    rows = ", ".join(map(str, geometry.index[~near_city][:5]))
    if not near_city.any():
        swapped = shapely.transform(
            as_read.geometry.iloc[:50].to_numpy(), lambda xy: np.ascontiguousarray(xy[:, ::-1])
        )
        there = gpd.GeoSeries(swapped, crs=as_read.crs).to_crs(within.crs)
        if as_read.crs.is_geographic and there.intersects(box).any():
            yield Notice("axis_order_swapped", values=values, **at)
            return
        served = kind in {"opportunity", "point"}
        if not (
            served and shapely.intersects(shapely.box(*bounds.T), _around(within, _TOO_FAR_M)).any()
        ):
            yield Notice("layer_outside_city", values=values, **at)
            return
    yield Notice("features_far_away", rows=rows, values=values, **at)


def streets_elsewhere(streets: Streets, within: gpd.GeoSeries, at: At) -> Iterator[Notice]:
    """Yield a notice if no street is near the city, and whether swapped axes explain it.

    Parameters
    ----------
    streets
        The network, in the city's CRS.
    within
        Boundary of the city.
    at
        Where it is from.

    Examples
    --------
    >>> town = gpd.GeoSeries([shapely.box(0, 0, 900, 900)], crs="EPSG:32618")
    >>> far = Streets(np.array([[5000.0, 0.0], [5100.0, 0.0]]), gpd.GeoDataFrame(), "EPSG:32618")
    >>> at = At(file="streets.gpkg", layer="streets")
    >>> [notice.code for notice in streets_elsewhere(far, town, at)]
    ['layer_outside_city']
    """
    box = _around(within, _NEAR_M)
    if shapely.intersects_xy(box, *streets.nodes.T).any():
        return
    degrees = pyproj.Transformer.from_crs(streets.crs, "EPSG:4326", always_xy=True)
    lon, lat = degrees.transform(*streets.nodes.T)
    turned = degrees.transform(lat, lon, direction="INVERSE")
    swapped = shapely.intersects_xy(box, *turned).any()
    count = len(streets.edges)
    values = {"found": count, "total": count, "reach_km": _NEAR_M / 1000}
    yield Notice("axis_order_swapped" if swapped else "layer_outside_city", values=values, **at)


def _around(within: gpd.GeoSeries, reach_m: float) -> shapely.Polygon:
    """Return the box around the city and what is within reach of it."""
    west, south, east, north = within.total_bounds
    box: shapely.Polygon = shapely.box(
        west - reach_m, south - reach_m, east + reach_m, north + reach_m
    )
    return box
