"""Check the rows of a layer: its CRS, its geometries and its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from inclusion_marker.cards import LayerKind
from inclusion_marker.notices import Notice
from inclusion_marker.texts import Text

_TYPES: dict[str, set[str]] = {
    "zone": {"Polygon", "MultiPolygon", "Point", "MultiPoint"},
    "polygon": {"Polygon", "MultiPolygon"},
    "point": {"Point", "MultiPoint"},
    "opportunity": {
        "Point",
        "MultiPoint",
        "Polygon",
        "MultiPolygon",
        "LineString",
        "MultiLineString",
    },
    "line": {"LineString", "MultiLineString"},
}


_SHAPES = {
    "Point": Text(es="puntos", en="points"),
    "MultiPoint": Text(es="grupos de puntos", en="groups of points"),
    "LineString": Text(es="líneas", en="lines"),
    "MultiLineString": Text(es="grupos de líneas", en="groups of lines"),
    "Polygon": Text(es="polígonos", en="polygons"),
    "MultiPolygon": Text(es="grupos de polígonos", en="groups of polygons"),
    "GeometryCollection": Text(es="colecciones mixtas", en="mixed collections"),
}
_READ_AS: dict[LayerKind, Text] = {
    "zone": Text(es="polígonos o puntos", en="polygons or points"),
    "polygon": Text(es="polígonos", en="polygons"),
    "point": Text(es="puntos", en="points"),
    "opportunity": Text(es="puntos, líneas o polígonos", en="points, lines or polygons"),
    "line": Text(es="líneas", en="lines"),
}


class At(TypedDict):
    """Where a notice points: the name of the file and the id of the layer."""

    file: str
    layer: str


_DEGREES = (-180.5, -90.5, 180.5, 90.5)
_METRE = 1e-5  # degrees


def geometry_faults(
    table: gpd.GeoDataFrame, kind: LayerKind, key: str, file: str, *, counted: bool = True
) -> tuple[gpd.GeoDataFrame, list[Notice]]:
    """Return the rows with valid flat geometries, and what is wrong with those of the file.

    Parameters
    ----------
    table
        Rows as read.
    kind
        Kind of layer that is expected.
    key, file
        Id of the layer and name of its file, for the notices.
    counted
        Whether rows hold counts, which would double where a polygon stands twice.

    Returns
    -------
    table
        The same rows; repaired where a repair exists. Rows without a geometry stay for layers of
        polygons, whose counts are then reported as lost, and go for the others.
    notices
        One for each kind of fault, with the number of rows and the first five.
    """
    at = At(file=file, layer=key)
    if table.crs is None:
        return table, [Notice("crs_missing", **at)]
    notices = list(_crs_faults(table, at))
    geometry = table.geometry.to_numpy()
    coordinates = shapely.get_coordinates(geometry)
    if not np.isfinite(coordinates).all():
        owners = shapely.get_coordinates(geometry, return_index=True)[1]
        rows = np.unique(owners[~np.isfinite(coordinates).all(axis=1)])
        notices.append(rows_notice("coordinate_not_finite", table.index[rows], at))
        return table, notices
    found = {str(each) for each in table.geometry.geom_type.dropna().unique()}
    wrong = found - _TYPES[kind]
    if wrong:
        rows = table.index[table.geometry.geom_type.isin(wrong)]
        values = {"types": _listed(sorted(wrong)), "kind": _READ_AS[kind]}
        notices.append(rows_notice("geometry_type_wrong", rows, at, values))
        return table, notices
    flat = shapely.force_2d(geometry)
    invalid = ~shapely.is_valid(flat) & ~shapely.is_missing(flat)
    if invalid.any():
        flat[invalid] = _repaired(flat[invalid])
        notices.append(rows_notice("geometry_repaired", table.index[invalid], at))
    # A repair leaves nothing of a polygon without any area.
    empty = np.asarray(shapely.is_missing(flat) | shapely.is_empty(flat))
    if empty.any():
        notices.append(rows_notice("geometry_missing", table.index[empty], at))
    table = table.set_geometry(gpd.GeoSeries(flat, index=table.index, crs=table.crs))
    if kind in {"polygon", "zone"}:
        return table, [*notices, *_doubles(table, at, counted=counted)]
    return table[~empty], notices


def _listed(types: Sequence[str]) -> Text:
    """Return types of geometry as a person calls them."""
    said = [_SHAPES.get(each, Text(es=each, en=each)) for each in types]
    return Text(es=", ".join(each.es for each in said), en=", ".join(each.en for each in said))


def placed(shapes: gpd.GeoSeries) -> npt.NDArray[np.bool_]:
    """Return which rows are somewhere: neither missing nor empty.

    Parameters
    ----------
    shapes
        Geometries of any kind.

    Examples
    --------
    >>> placed(gpd.GeoSeries([shapely.Point(0, 0), shapely.Point(), None])).tolist()
    [True, False, False]
    """
    geometry = shapes.to_numpy()
    somewhere: npt.NDArray[np.bool_] = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    return somewhere


def rows_notice(
    code: str, rows: pd.Index, at: At, values: Mapping[str, object] | None = None
) -> Notice:
    """Return a notice about rows, with the first five of their labels: their rows of the file."""
    shown = ", ".join(map(str, rows[:5])) + (" …" if len(rows) > 5 else "")  # noqa: PLR2004 - the first five
    return Notice(code, rows=shown, values={"found": len(rows), **(values or {})}, **at)


def _crs_faults(table: gpd.GeoDataFrame, at: At) -> Iterator[Notice]:
    """Yield a notice if the coordinates contradict the CRS that the file states."""
    bounds = table.total_bounds
    if not np.isfinite(bounds).all():
        return
    beyond = _beyond_degrees(table)
    like_degrees = not beyond.any()
    values = {"found": ", ".join(f"{each:.6g}" for each in bounds), "crs": table.crs.name}
    if not (table.crs.is_geographic or table.crs.is_projected):
        yield Notice("crs_not_georeferenced", values=values, **at)
    elif table.crs.is_geographic and beyond[placed(table.geometry)].all():
        yield Notice("coordinates_look_projected", values=values, **at)
    elif table.crs.is_geographic and not like_degrees:
        rows = table.index[beyond.any(axis=1)]
        yield rows_notice("coordinate_out_of_range", rows, at, {"total": len(table)})
    elif table.crs.is_projected and like_degrees:
        yield Notice("coordinates_look_geographic", values=values, **at)


def _beyond_degrees(table: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows are no degrees, east and north; metres are neither."""
    bounds = shapely.bounds(table.geometry.to_numpy())
    low, high = np.array(_DEGREES[:2]), np.array(_DEGREES[2:])
    beyond: npt.NDArray[np.bool_] = (bounds[:, :2] < low) | (bounds[:, 2:] > high)
    return beyond


def crs_agree(stated: pyproj.CRS, declared: pyproj.CRS, bounds: Sequence[float]) -> bool:
    """Return whether two CRS say the same of coordinates, whatever their names.

    Parameters
    ----------
    stated, declared
        What a file states, and what the city file declares.
    bounds
        West, south, east and north of the coordinates.

    Examples
    --------
    >>> magna, wgs84 = pyproj.CRS("EPSG:4686"), pyproj.CRS("EPSG:4326")
    >>> crs_agree(magna, wgs84, (-73.2, 7.8, -73.1, 7.9))
    True
    """
    if stated.equals(declared, ignore_axis_order=True) or not np.isfinite(bounds).all():
        return True
    x, y = [bounds[0], bounds[2]], [bounds[1], bounds[3]]
    one, other = (
        pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x, y)
        for crs in (stated, declared)
    )
    # One CRS is written in many ways: what counts is where the corners come to lie.
    return bool(np.allclose(one, other, rtol=0, atol=_METRE))


def _repaired(geometry: np.ndarray) -> np.ndarray:
    """Return valid geometries; of polygons without the lines and points that a repair may leave."""
    whole = shapely.make_valid(geometry)
    for row in np.flatnonzero(shapely.get_dimensions(geometry) == 2):  # noqa: PLR2004 - polygons
        # Part by part: mended at once, ground that two parts share would become a hole.
        parts = shapely.get_parts(shapely.make_valid(shapely.get_parts(geometry[row])))
        whole[row] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])  # noqa: PLR2004
    return whole


def _doubles(table: gpd.GeoDataFrame, at: At, *, counted: bool) -> Iterator[Notice]:
    """Yield a notice if polygons stand twice in a layer, or lie over each other.

    Points may: several households have one place.
    """
    geometry = table.geometry.to_numpy()
    areal = shapely.get_dimensions(geometry) == 2  # noqa: PLR2004 - polygons
    known = np.flatnonzero(areal & placed(table.geometry))
    prints = pd.Series(shapely.to_wkb(shapely.normalize(geometry[known])))
    twice = known[prints.duplicated().to_numpy()]
    if len(twice):
        code = "geometry_duplicated" if counted else "shape_repeated"
        yield rows_notice(code, table.index[twice], at)
        return
    tree = shapely.STRtree(geometry[known])
    first, second = tree.query(geometry[known], predicate="intersects")
    pairs = first < second
    one, other = geometry[known[first[pairs]]], geometry[known[second[pairs]]]
    deep = shapely.intersects(one, other) & ~shapely.touches(one, other)
    rows = known[second[pairs][deep]]
    shared = shapely.area(shapely.intersection(one[deep], other[deep]))
    total = shapely.area(geometry[known]).sum()
    if total > 0 and shared.sum() / total > 1e-3:  # noqa: PLR2004 - slivers of digitising stay unsaid
        values: dict[str, object] = {"share": f"{100 * shared.sum() / total:.1f}"}
        yield rows_notice("areas_overlap", table.index[np.unique(rows[shared > 0])], at, values)
