"""Check the rows of a layer: its CRS, its geometries and its values."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from inclusion_marker.method import Layer, LayerKind
from inclusion_marker.notices import Notice

_TYPES: dict[str, set[str]] = {
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
_DEGREES = (-180.5, -90.5, 180.5, 90.5)


def geometry_faults(
    table: gpd.GeoDataFrame, kind: LayerKind, key: str, file: str
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

    Returns
    -------
    table
        The same rows; repaired where a repair exists. Rows without a geometry stay for layers of
        polygons, whose counts are then reported as lost, and go for the others.
    notices
        One for each kind of fault, with the number of rows and the first five.
    """
    at = {"file": file, "layer": key}
    if table.crs is None:
        return table, [Notice("crs_missing", **at)]
    notices = list(_crs_faults(table, at))
    geometry = table.geometry.to_numpy()
    coordinates = shapely.get_coordinates(geometry)
    if not np.isfinite(coordinates).all():
        owners = shapely.get_coordinates(geometry, return_index=True)[1]
        rows = np.unique(owners[~np.isfinite(coordinates).all(axis=1)])
        notices.append(_rows("coordinate_not_finite", rows, at))
        return table, notices
    found = {str(each) for each in table.geometry.geom_type.dropna().unique()}
    wrong = found - _TYPES[kind]
    if wrong:
        rows = np.flatnonzero(table.geometry.geom_type.isin(wrong))
        values = {"types": ", ".join(sorted(wrong)), "kind": kind}
        notices.append(_rows("geometry_type_wrong", rows, at, values))
        return table, notices
    empty = np.asarray(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    if empty.any():
        notices.append(_rows("geometry_missing", np.flatnonzero(empty), at))
    flat = shapely.force_2d(geometry)
    invalid = ~shapely.is_valid(flat) & ~empty
    if invalid.any():
        flat[invalid] = _polygons_only(shapely.make_valid(flat[invalid]), kind)
        notices.append(_rows("geometry_repaired", np.flatnonzero(invalid), at))
    table = table.set_geometry(gpd.GeoSeries(flat, index=table.index, crs=table.crs))
    if kind == "polygon":
        return table, [*notices, *_doubles(table, at)]
    return table[~empty].reset_index(drop=True), notices


def _rows(
    code: str, rows: np.ndarray, at: dict[str, str], values: dict[str, object] | None = None
) -> Notice:
    """Return a notice about rows, counted from 1 as a person counts, with the first five."""
    shown = ", ".join(str(row + 1) for row in rows[:5]) + (" …" if len(rows) > 5 else "")  # noqa: PLR2004 - the first five
    return Notice(code, item=f"rows {shown}", values={"found": len(rows), **(values or {})}, **at)


def _crs_faults(table: gpd.GeoDataFrame, at: dict[str, str]) -> Iterator[Notice]:
    """Yield a notice if the coordinates contradict the CRS that the file states."""
    bounds = table.total_bounds
    if not np.isfinite(bounds).all():
        return
    low, high = np.array(_DEGREES[:2]), np.array(_DEGREES[2:])
    like_degrees = bool((bounds[:2] >= low).all() and (bounds[2:] <= high).all())
    values = {"found": ", ".join(f"{each:.6g}" for each in bounds), "crs": table.crs.name}
    if not (table.crs.is_geographic or table.crs.is_projected):
        yield Notice("crs_not_georeferenced", values=values, **at)
    elif table.crs.is_geographic and not like_degrees:
        yield Notice("coordinates_look_projected", values=values, **at)
    elif table.crs.is_projected and like_degrees:
        yield Notice("coordinates_look_geographic", values=values, **at)


def _polygons_only(geometry: np.ndarray, kind: str) -> np.ndarray:
    """Return repaired geometries without the lines and points that a repair may leave."""
    if kind != "polygon":
        return geometry
    parts, owners = shapely.get_parts(geometry, return_index=True)
    areal = np.isin(shapely.get_type_id(parts), (3, 6))
    whole = np.empty(len(geometry), dtype=object)
    for row in range(len(geometry)):
        whole[row] = shapely.union_all(parts[areal & (owners == row)])
    return whole


def _doubles(table: gpd.GeoDataFrame, at: dict[str, str]) -> Iterator[Notice]:
    """Yield a notice if polygons stand twice in a layer, or lie over each other."""
    geometry = table.geometry.to_numpy()
    known = np.flatnonzero(~(shapely.is_missing(geometry) | shapely.is_empty(geometry)))
    prints = pd.Series(shapely.to_wkb(shapely.normalize(geometry[known])))
    twice = known[prints.duplicated().to_numpy()]
    if len(twice):
        yield _rows("geometry_duplicated", twice, at)
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
        yield _rows("areas_overlap", np.unique(rows[shared > 0]), at, values)


def value_faults(table: gpd.GeoDataFrame, spec: Layer, key: str, file: str) -> list[Notice]:
    """Return what is wrong with the values of a layer; number columns become floats in place.

    Parameters
    ----------
    table
        Rows under the method's column names.
    spec
        What the method says of the layer.
    key, file
        Id of the layer and name of its file, for the notices.

    Returns
    -------
    notices
        One for each kind of fault of each column.
    """
    notices: list[Notice] = []
    at = {"file": file, "layer": key}
    for name, column in spec.columns.items():
        if name not in table.columns:
            continue
        if column.measure == "category":
            notices += _missing_values(table[name], at)
            continue
        fault = _as_numbers(table, name, at)
        notices += [fault] if fault is not None else _number_faults(table[name], at)
    for name, column in spec.columns.items():
        if name in table.columns and column.part_of in table.columns:
            notices += _part_faults(table, name, str(column.part_of), at)
    return notices


def _as_numbers(table: gpd.GeoDataFrame, name: str, at: dict[str, str]) -> Notice | None:
    """Make a column one of floats, or return why it cannot be."""
    numbers = pd.to_numeric(table[name], errors="coerce").astype(np.float64)
    odd = numbers.isna() & table[name].notna() & (table[name].astype(str).str.strip() != "")
    # pandas reads "nan" and "inf" as numbers; a cell that says so is a fault of its own kind.
    if not odd.any():
        table[name] = numbers
        return None
    examples = table.loc[odd, name].astype(str)
    shown = ", ".join(repr(text) for text in examples.head(3))
    commas = examples.str.fullmatch(r"\s*-?\d[\d.]*,\d+\s*").all()
    code = "decimal_comma_detected" if commas else "placeholder_in_numbers"
    return _rows(code, np.flatnonzero(odd), at, {"column": name, "shown": shown})


def _number_faults(values: pd.Series[float], at: dict[str, str]) -> Iterator[Notice]:
    """Yield notices about numbers that cannot be counts or measures."""
    name = {"column": str(values.name)}
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        yield _rows("value_not_finite", infinite, at, name)
    negative = np.flatnonzero(values < 0)
    if len(negative):
        shown = ", ".join(f"{each:g}" for each in values.iloc[negative[:3]])
        yield _rows("value_negative", negative, at, {**name, "shown": shown})
    yield from _missing_values(values, at)


def _missing_values(values: pd.Series[float], at: dict[str, str]) -> Iterator[Notice]:
    """Yield a notice if a column has holes; an error if it has nothing else."""
    holes = np.flatnonzero(values.isna())
    if len(holes):
        code = "value_missing" if len(holes) < len(values) else "column_empty"
        yield _rows(code, holes, at, {"column": str(values.name), "total": len(values)})


def _part_faults(
    table: gpd.GeoDataFrame, part: str, whole: str, at: dict[str, str]
) -> Iterator[Notice]:
    """Yield a notice where a part is larger than the whole that it belongs to."""
    numeric = table[[part, whole]].dtypes.map(lambda kind: kind.kind == "f").all()
    if not numeric:
        return
    # Censuses that round or protect small counts can be one off.
    over = np.flatnonzero(table[part] > table[whole] + 1)
    if len(over):
        yield _rows("part_exceeds_whole", over, at, {"column": part, "whole": whole})
