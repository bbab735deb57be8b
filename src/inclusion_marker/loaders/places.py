"""The places of a city: its boundary, its cells and its districts."""

from __future__ import annotations

import operator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from inclusion_marker.city import CITY_FILE, Cells, City, Place
from inclusion_marker.errors import LayerError
from inclusion_marker.loaders.contract import geometry_faults, placed
from inclusion_marker.loaders.grid import Grid, cover, from_ids, from_polygons, text_ids
from inclusion_marker.loaders.reading import (
    Files,
    Source,
    UnreadableError,
    check_path,
    file_entry,
    read,
)
from inclusion_marker.notices import Notice, errors, near

_EQUAL_AREA = "EPSG:6933"
_MOST_DISTORTED = 0.01


@dataclass(frozen=True)
class Places:
    """Where a city is, read and checked.

    Attributes
    ----------
    boundary
        Outline of the city, in its CRS; that of the cells where the city names none.
    grid
        The cells.
    districts
        Index ``district``, sorted; ``name`` and the polygon; ``None`` where the city names none.
    notices
        What was noticed and did not stop the reading.
    files
        For the manifest.
    """

    boundary: gpd.GeoSeries
    grid: Grid
    districts: gpd.GeoDataFrame | None
    notices: tuple[Notice, ...]
    files: Files


def load_places(city: City, resolution: int | None) -> Places:
    """Return the boundary, the cells and the districts of a city.

    Parameters
    ----------
    city
        The city.
    resolution
        H3 resolution; the city's own cells if ``None``. A city of polygon cells is then computed
        on the H3 cells that touch its boundary.

    Raises
    ------
    LayerError, ParameterError
        If a file is wrong, the city's CRS is not made for the place, or the resolution is none.
    """
    notices: list[Notice] = []
    boundary = None
    if city.boundary is not None:
        boundary = _polygons(city, "boundary", city.boundary, notices).geometry
        _check_crs(boundary, city)
    if city.cells.file is not None and resolution is None:
        grid = _listed(city, notices)
        boundary = _outline(grid) if boundary is None else boundary
        _check_crs(boundary, city)
    elif boundary is None:
        raise LayerError(Notice("boundary_absent", file=CITY_FILE, item="boundary"))
    else:
        level = city.cells.resolution if resolution is None else _whole(resolution)
        grid = cover(boundary, resolution=level, crs=city.crs)
    districts = _districts(city, boundary, notices)
    return Places(boundary, grid, districts, tuple(notices), _files(city))


def _whole(resolution: int) -> int:
    """Return a resolution as a plain number where it is a whole one; others are refused later."""
    try:
        return resolution if isinstance(resolution, bool) else operator.index(resolution)
    except TypeError:
        return resolution


def _polygons(
    city: City, key: str, place: Place | Cells, notices: list[Notice]
) -> gpd.GeoDataFrame:
    """Return the polygons of a place in the city's CRS, and add what is noticed about them."""
    path = city.root / str(place.file)
    try:
        table, said = read(Source(path, layer=place.layer, crs=place.crs), key)
    except UnreadableError as fault:
        raise LayerError(fault.notice) from fault
    table, found = geometry_faults(table, "polygon", key, path.name)
    if not errors(found) and not placed(table.geometry).any():
        found.append(Notice("layer_empty", file=path.name, layer=key))
    if errors(found):
        raise LayerError(*errors(found))
    notices += [*said, *found]
    return table.to_crs(city.crs)


def _check_crs(boundary: gpd.GeoSeries, city: City) -> None:
    """Refuse a CRS that stretches or shrinks the ground here: every distance would be wrong."""
    true_m2 = float(boundary.to_crs(_EQUAL_AREA).area.sum())
    drawn_m2 = float(boundary.area.sum())
    ratio = drawn_m2 / true_m2 if true_m2 > 0 else np.nan
    if abs(ratio - 1) <= _MOST_DISTORTED:
        return
    values = {"crs": city.crs, "percent": f"{100 * (ratio - 1):+.1f}"}
    proposal = boundary.to_crs("EPSG:4326").estimate_utm_crs()
    values["proposal"] = f"EPSG:{proposal.to_epsg()}"
    raise LayerError(Notice("crs_distorts", file=CITY_FILE, item="crs", values=values))


def _listed(city: City, notices: list[Notice]) -> Grid:
    """Return the cells that a file of the city lists: ids of H3, or polygons."""
    cells = city.cells
    if cells.kind == "h3":
        return from_ids(_ids(city), crs=city.crs)
    table = _polygons(city, "cells", cells, notices)
    return from_polygons(table, id_column=cells.id, crs=city.crs)


def _ids(city: City) -> list[str]:
    """Return the ids of cells that a CSV of the city lists, as text."""
    path, column = city.root / str(city.cells.file), str(city.cells.id)
    at = {"file": path.name, "layer": "cells"}
    try:
        check_path(path, "cells")
        table = pd.read_csv(path, dtype=str)
    except UnreadableError as fault:
        raise LayerError(fault.notice) from fault
    except (ValueError, UnicodeDecodeError) as fault:
        values: dict[str, object] = {"found": str(fault).splitlines()[0]}
        raise LayerError(Notice("file_corrupt", values=values, **at)) from fault
    if column not in table.columns:
        values = {"found": column, "accepted": near(column, table.columns)}
        raise LayerError(Notice("column_missing", values=values, **at))
    return list(table[column].fillna("").str.strip())


def _outline(grid: Grid) -> gpd.GeoSeries:
    """Return the outline of the cells, the hairlines between them closed."""
    outline = shapely.union_all(grid.cells.geometry.buffer(0.5).to_numpy()).buffer(-0.5)
    return gpd.GeoSeries([outline], crs=grid.cells.crs)


def _districts(
    city: City, boundary: gpd.GeoSeries, notices: list[Notice]
) -> gpd.GeoDataFrame | None:
    """Return the districts; polygons of one id are one district."""
    if city.districts is None:
        return None
    place = city.districts
    table = _polygons(city, "districts", place, notices)
    at = {"file": (city.root / place.file).name, "layer": "districts"}
    for column in filter(None, (place.id, place.name)):
        if column not in table.columns:
            accepted: dict[str, object] = {
                "found": column,
                "accepted": near(column, table.columns),
            }
            raise LayerError(Notice("column_missing", values=accepted, **at))
    missing = int(table[place.id].isna().sum())
    if missing:
        lacking: dict[str, object] = {"found": missing, "column": place.id}
        raise LayerError(Notice("district_without_id", values=lacking, **at))
    if not table.intersects(shapely.union_all(boundary.to_numpy())).any():
        far: dict[str, object] = {"total": len(table), "reach_km": 0.0}
        raise LayerError(Notice("layer_outside_city", values=far, **at))
    named = gpd.GeoDataFrame(
        {
            "district": text_ids(table[place.id]).to_numpy(),
            "name": text_ids(table[place.name or place.id]).fillna("").to_numpy(),
        },
        geometry=table.geometry.to_numpy(),
        crs=city.crs,
    )
    return named.dissolve(by="district", sort=True)


def _files(city: City) -> Files:
    """Return what the manifest says of the files of the places."""
    places = {"boundary": city.boundary, "cells": city.cells, "districts": city.districts}
    return [
        file_entry(key, city.root / place.file, place)
        for key, place in places.items()
        if place is not None and place.file is not None
    ]
