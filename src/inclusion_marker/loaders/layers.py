"""Read a city's layers and hold them to the contract that the method states for them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from inclusion_marker.loaders.terrain import raster_faults

from inclusion_marker.city import CITY_FILE, City, LayerSource, cross_check
from inclusion_marker.errors import CityError, LayerError
from inclusion_marker.formulas import needs
from inclusion_marker.loaders.contract import geometry_faults, value_faults
from inclusion_marker.loaders.reading import Source, UnreadableError, check_path, read
from inclusion_marker.method import Indicator, Layer, Method
from inclusion_marker.notices import Notice, errors, near

Files = list[dict[str, Any]]


@dataclass(frozen=True)
class Layers:
    """What was read: tables and rasters by layer id, what was noticed, and which files they are.

    Attributes
    ----------
    tables
        Vector layers under the method's column names, in the city's CRS.
    rasters
        Files of the raster layers.
    notices
        Warnings; errors have stopped the reading.
    files
        For the manifest: layer, file, sha256, bytes, rows, CRS, date, source, licence, origin.
    """

    tables: Mapping[str, gpd.GeoDataFrame]
    rasters: Mapping[str, Path]
    notices: tuple[Notice, ...]
    files: Files = field(default_factory=list)


def measured(city: City, method: Method) -> dict[str, Indicator]:
    """Return the indicators that the city's layers must serve: neither omitted nor given."""
    apart = {*city.omitted, *city.values}
    return {key: card for key, card in method.indicators.items() if key not in apart}


def load_place(
    city: City, key: str, file: str, layer: str | None, crs: str | None
) -> gpd.GeoDataFrame:
    """Return the polygons of the boundary, the cells or the districts, in the city's CRS.

    Parameters
    ----------
    city
        The city.
    key
        ``"boundary"``, ``"cells"`` or ``"districts"``, for the errors.
    file, layer, crs
        The file, its layer, and its CRS if it states none.

    Returns
    -------
    polygons
        Under the file's own column names, valid, two-dimensional.

    Raises
    ------
    LayerError
        With every fault of the file.
    """
    path = city.root / file
    try:
        table = read(Source(path, layer=layer, crs=crs), key)
    except UnreadableError as fault:
        raise LayerError(fault.notice) from fault
    table, notices = geometry_faults(table, "polygon", key, path.name)
    if not len(table):
        notices.append(Notice("layer_empty", file=path.name, layer=key))
    if errors(notices):
        raise LayerError(*errors(notices))
    return table.to_crs(city.crs)


def load_layers(city: City, method: Method, within: gpd.GeoSeries) -> Layers:
    """Return the layers that the method reads in this city, checked once and for all.

    Parameters
    ----------
    city, method
        The two files.
    within
        Boundary of the city in its CRS: a layer that lies elsewhere is refused.

    Returns
    -------
    layers
        Opportunities are not clipped: people at the edge use what lies beyond it.

    Raises
    ------
    CityError
        If the city file names what the method does not know, or lacks a layer that it needs.
    LayerError
        With every fault of every layer.
    """
    notices = [*cross_check(city, method), *_absent(city, method)]
    if errors(notices):
        raise CityError(*errors(notices))
    tables: dict[str, gpd.GeoDataFrame] = {}
    rasters: dict[str, Path] = {}
    files: Files = []
    for key in _read_keys(city, method):
        source, spec = city.layers[key], method.layers[key]
        path = city.root / source.file
        try:
            if spec.kind == "raster":
                check_path(path, key)
                rasters[key] = path
                found = [
                    Notice(code, file=path.name, layer=key, values={"found": text})
                    for code, text in raster_faults(path, within)
                ]
            else:
                tables[key], found = _load(key, source, spec, city, method, within)
        except UnreadableError as fault:
            notices.append(fault.notice)
            continue
        notices += found
        files.append(_file(key, source, path, tables.get(key)))
    if errors(notices):
        raise LayerError(*errors(notices))
    return Layers(tables, rasters, tuple(notices), files)


def _absent(city: City, method: Method) -> Iterator[Notice]:
    """Yield a notice for each layer that the method needs and the city neither has nor omits."""
    wanted: dict[str, list[str]] = {}
    for key, card in measured(city, method).items():
        wanted.setdefault(card.compute.layer, []).append(key)
    wanted.setdefault(method.people.layer, ["people"])
    for layer, users in wanted.items():
        if layer not in city.layers:
            values = {
                "found": layer,
                "users": ", ".join(users),
                "accepted": near(layer, city.layers),
            }
            yield Notice("layer_absent", file=CITY_FILE, layer=layer, values=values)


def _read_keys(city: City, method: Method) -> list[str]:
    """Return the layers to read: those that something of the method uses and the city has."""
    used = {card.compute.layer for card in measured(city, method).values()}
    used |= {method.people.layer, *method.people.spread_by}
    used |= {context.layer for context in method.context.values()}
    if any(getattr(card.compute, "slope", False) for card in measured(city, method).values()):
        used.add(method.slope.layer)
    return [key for key in method.layers if key in used and key in city.layers]


def _required(key: str, city: City, method: Method) -> dict[str, list[str]]:
    """Return the columns that must be in a layer, each with the indicators that read it."""
    columns: dict[str, list[str]] = {}
    for indicator, card in measured(city, method).items():
        if card.compute.layer == key:
            for column, _ in needs(card.compute):
                columns.setdefault(column, []).append(indicator)
    if method.people.layer == key:
        columns.setdefault(method.people.column, []).append("people")
    return columns


def _load(
    key: str,
    source: LayerSource,
    spec: Layer,
    city: City,
    method: Method,
    within: gpd.GeoSeries,
) -> tuple[gpd.GeoDataFrame, list[Notice]]:
    """Return one vector layer under the method's column names, and what was noticed about it."""
    path = city.root / source.file
    table = read(
        Source(
            path,
            layer=source.layer,
            longitude=source.longitude,
            latitude=source.latitude,
            separator=source.separator,
            decimal=source.decimal,
            encoding=source.encoding,
            crs=source.crs,
        ),
        key,
    )
    if not len(table):
        return table, [Notice("layer_empty", file=path.name, layer=key)]
    table, notices = geometry_faults(table, spec.kind, key, path.name)
    if errors(notices):
        return table, notices
    kept, absent = _renamed(table, key, source, spec, _required(key, city, method))
    notices += absent
    notices += value_faults(kept, spec, key, path.name)
    if method.people.layer == key and not errors(notices):
        notices += _nobody(kept[method.people.column], key, path.name)
    moved = kept.to_crs(city.crs)
    notices += _elsewhere(kept, moved, within, key, path.name)
    return moved, notices


def _renamed(
    table: gpd.GeoDataFrame,
    key: str,
    source: LayerSource,
    spec: Layer,
    required: Mapping[str, list[str]],
) -> tuple[gpd.GeoDataFrame, list[Notice]]:
    """Return the columns that the method knows, under its names, and those that are absent."""
    theirs = {ours: source.columns.get(ours, ours) for ours in spec.columns}
    present = {ours: name for ours, name in theirs.items() if name in table.columns}
    notices = []
    for ours, name in theirs.items():
        if ours not in present and (ours in required or ours in source.columns):
            values = {
                "found": name,
                "ours": ours,
                "users": ", ".join(required.get(ours, ["-"])),
                "accepted": near(name, table.columns.drop(table.geometry.name)),
            }
            notices.append(
                Notice("column_absent", file=Path(source.file).name, layer=key, values=values)
            )
    kept = gpd.GeoDataFrame(
        {ours: table[name] for ours, name in present.items()},
        geometry=table.geometry.to_numpy(),
        crs=table.crs,
    )
    if source.name is not None and source.name in table.columns:
        kept["name"] = table[source.name].astype(object).where(table[source.name].notna(), "")
    elif source.name is not None:
        values = {"found": source.name, "accepted": near(source.name, table.columns)}
        notices.append(
            Notice("column_missing", file=Path(source.file).name, layer=key, values=values)
        )
    return kept, notices


def _nobody(people: pd.Series[float], key: str, file: str) -> Iterator[Notice]:
    """Yield a notice if nobody lives in the city."""
    if not people.sum() > 0:
        yield Notice("population_zero", file=file, layer=key, item=str(people.name))


def _elsewhere(
    as_read: gpd.GeoDataFrame,
    moved: gpd.GeoDataFrame,
    within: gpd.GeoSeries,
    key: str,
    file: str,
) -> Iterator[Notice]:
    """Yield a notice if a layer lies far from the city, and whether swapped axes explain it."""
    reach_m = 50_000.0
    west, south, east, north = within.total_bounds
    box = shapely.box(west - reach_m, south - reach_m, east + reach_m, north + reach_m)
    geometry = moved.geometry[~moved.geometry.is_empty & moved.geometry.notna()]
    if not len(geometry):
        return
    bounds = geometry.bounds.to_numpy()
    near_city = shapely.intersects(shapely.box(*bounds.T), box)
    values = {"found": int((~near_city).sum()), "total": len(geometry), "reach_km": reach_m / 1000}
    if near_city.all():
        return
    if not near_city.any():
        swapped = shapely.transform(
            as_read.geometry.iloc[:50].to_numpy(), lambda xy: np.ascontiguousarray(xy[:, ::-1])
        )
        there = gpd.GeoSeries(swapped, crs=as_read.crs).to_crs(within.crs)
        if as_read.crs.is_geographic and there.intersects(box).any():
            yield Notice("axis_order_swapped", file=file, layer=key, values=values)
        else:
            yield Notice("layer_outside_city", file=file, layer=key, values=values)
    else:
        rows = np.flatnonzero(~near_city)[:5] + 1
        yield Notice(
            "features_far_away",
            file=file,
            layer=key,
            item=f"rows {', '.join(map(str, rows))}",
            values=values,
        )


def _file(
    key: str, source: LayerSource, path: Path, table: gpd.GeoDataFrame | None
) -> dict[str, Any]:
    """Return what the manifest says about an input file."""
    return {
        "layer": key,
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "bytes": path.stat().st_size,
        "rows": None if table is None else len(table),
        "date": source.date,
        "source": source.source,
        "licence": source.licence,
        "origin": source.origin,
    }
