"""What lies in and around the cells: services, spaces, zones and the outline of the city."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from inclusion_marker.formulas import AreaPerPerson, Distance, Station, Travel
from inclusion_marker.result import Result

_TOWARDS = Distance | Travel | AreaPerPerson | Station
_POLYGON = 2  # dimension of a shape
_PART = 3  # type of a single polygon
_M2_A_HA = 10_000
# Of less than a hand's breadth nobody can tell at coordinates of millions of metres which way round
# it runs: what is left where neighbours were digitised twice.
_SLIVER_M2 = 0.01


def opportunities(result: Result) -> tuple[str, ...]:
    """Return the layers that indicators measure towards, in the order of the method.

    Parameters
    ----------
    result
        What was computed.
    """
    formulas = [card.compute for card in result.method.indicators.values()]
    used = {each.layer for each in formulas if isinstance(each, _TOWARDS)}
    return tuple(key for key in result.method.layers if key in used and key in result.layers)


def service_points(result: Result) -> gpd.GeoDataFrame:
    """Return the places of all services used, those beyond the boundary too.

    Parameters
    ----------
    result
        What was computed.

    Returns
    -------
    places
        A point each: ``layer``, ``label_es``, ``label_en``, ``service`` (row of the layer) and
        ``name`` (empty without one). Polygons are not among them: :func:`space_polygons`.
    """
    found = [_places(result, key, areal=False) for key in opportunities(result)]
    return _together(found, result, ["service", "name"])


def space_polygons(result: Result) -> gpd.GeoDataFrame:
    """Return the polygons that indicators measure towards: parks, squares, grounds.

    Parameters
    ----------
    result
        What was computed.

    Returns
    -------
    spaces
        The columns of :func:`service_points`; no row where no indicator uses any.
    """
    found = [_places(result, key, areal=True) for key in opportunities(result)]
    return _together(found, result, ["service", "name"])


def zone_polygons(result: Result) -> gpd.GeoDataFrame:
    """Return the zones that counts and rates were known for, before they went to cells.

    Parameters
    ----------
    result
        What was computed.

    Returns
    -------
    zones
        All layers of zones one after the other: ``layer``, ``label_es``, ``label_en``, ``zone``
        (row of the layer), ``people``, ``area_ha`` and ``people_per_ha``. People are missing where
        the layer counts none; zones that are points are not among them.
    """
    found = [_zones(result, key) for key in result.method.layers if key in result.shares]
    return _together(found, result, ["zone", "people", "area_ha", "people_per_ha"])


def city_outline(result: Result, language: str) -> gpd.GeoDataFrame:
    """Return the outline of the city, one row: ``city``, ``name``, ``country``.

    Parameters
    ----------
    result
        What was computed.
    language
        Language of the name, ``"es"`` or ``"en"``.
    """
    city = result.city
    return gpd.GeoDataFrame(
        {"city": [city.id], "name": [city.name.said(language)], "country": [city.country]},
        geometry=[shapely.union_all(result.boundary.to_numpy())],
        crs=result.grid.cells.crs,
    )


def _together(
    frames: list[gpd.GeoDataFrame], result: Result, columns: list[str]
) -> gpd.GeoDataFrame:
    """Return the frames of several layers as one."""
    names = ["layer", "label_es", "label_en", *columns]
    filled = [frame for frame in frames if len(frame)]
    empty = gpd.GeoDataFrame({key: [] for key in names}, geometry=[], crs=result.grid.cells.crs)
    whole = pd.concat(filled, ignore_index=True) if filled else empty
    return gpd.GeoDataFrame(whole[[*names, "geometry"]], crs=result.grid.cells.crs)


def _labels(result: Result, key: str) -> dict[str, str]:
    """Return the id of a layer and what it is called in both languages."""
    about = result.method.layers[key].description
    return {"layer": key, "label_es": about.es.rstrip("."), "label_en": about.en.rstrip(".")}


def _places(result: Result, key: str, *, areal: bool) -> gpd.GeoDataFrame:
    """Return the polygons of a layer, or a point for each of its other shapes."""
    layer = result.layers[key]
    geometry = layer.geometry.to_numpy()
    wanted = (shapely.get_dimensions(geometry) == _POLYGON) == areal
    drawn = _sound(geometry[wanted]) if areal else shapely.point_on_surface(geometry[wanted])
    names = layer["name"].astype(str) if "name" in layer else pd.Series("", index=layer.index)
    return gpd.GeoDataFrame(
        {
            **_labels(result, key),
            "service": layer.index.to_numpy(np.int64)[wanted],
            "name": names.to_numpy()[wanted],
        },
        geometry=drawn,
        crs=layer.crs,
    )


def _zones(result: Result, key: str) -> gpd.GeoDataFrame:
    """Return the zones of a layer with their people."""
    layer = result.layers[key]
    areal = layer[shapely.get_dimensions(layer.geometry.to_numpy()) == _POLYGON]
    of_city = result.method.people
    column = of_city.column if key == of_city.layer else "people"
    counted = column in layer
    people = areal[column].to_numpy(np.float64) if counted else np.full(len(areal), np.nan)
    area_ha = shapely.area(areal.geometry.to_numpy()) / _M2_A_HA
    with np.errstate(divide="ignore", invalid="ignore"):
        density = np.where(area_ha > 0, people / area_ha, np.nan)
    return gpd.GeoDataFrame(
        {
            **_labels(result, key),
            "zone": areal.index.to_numpy(np.int64),
            "people": people,
            "area_ha": area_ha,
            "people_per_ha": density,
        },
        geometry=_sound(areal.geometry.to_numpy()),
        crs=layer.crs,
    )


def _sound(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return polygons without the slivers and the lines among their parts."""
    parts, rows = shapely.get_parts(shapes, return_index=True)
    kept = (shapely.get_type_id(parts) == _PART) & (shapely.area(parts) >= _SLIVER_M2)
    found = shapes.copy()
    for row in np.intersect1d(rows[kept], rows[~kept]):
        found[row] = shapely.multipolygons(parts[kept & (rows == row)])
    return found
