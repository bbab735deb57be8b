"""Read a city's layers and hold them to the contract that the method states for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from inclusion_marker.cards import Column, Indicator, Layer
from inclusion_marker.city import CITY_FILE, City, LayerSource, cross_check
from inclusion_marker.errors import CityError, LayerError
from inclusion_marker.formulas import ClassMix, Distance, Travel, means, needs, reads
from inclusion_marker.loaders.contract import At, geometry_faults, placed
from inclusion_marker.loaders.grid import text_ids
from inclusion_marker.loaders.reading import (
    Files,
    Source,
    UnreadableError,
    check_path,
    file_entry,
    read,
)
from inclusion_marker.loaders.streets import Streets, load_streets
from inclusion_marker.loaders.terrain import DEEPEST_M, raster_faults
from inclusion_marker.loaders.values import value_faults
from inclusion_marker.loaders.whereabouts import elsewhere, streets_elsewhere
from inclusion_marker.method import Method
from inclusion_marker.notices import Notice, errors, near


@dataclass(frozen=True)
class Layers:
    """What was read: tables, rasters and streets by layer id, what was noticed, and the files.

    Attributes
    ----------
    tables
        Vector layers under the method's column names, in the city's CRS; the index is the row of
        the file, counted from 1.
    rasters
        Files of the raster layers.
    notices
        Warnings; errors have stopped the reading.
    files
        For the manifest: layer, file, sha256, bytes, rows, CRS, date, source, licence, origin.
    streets
        Networks of streets, not clipped: the way round the city's edge is part of it.
    """

    tables: Mapping[str, gpd.GeoDataFrame]
    rasters: Mapping[str, Path]
    notices: tuple[Notice, ...]
    files: Files = field(default_factory=list)
    streets: Mapping[str, Streets] = field(default_factory=dict)


def measured(city: City, method: Method) -> dict[str, Indicator]:
    """Return the indicators that the city's layers must serve: neither omitted nor given.

    What is optional asks for nothing: it is measured where its layers happen to be there.
    """
    apart = {*city.omitted, *city.values}
    return {
        key: card
        for key, card in method.indicators.items()
        if key not in apart and not (card.optional and not _asked(card) <= city.layers.keys())
    }


def _asked(card: Indicator) -> set[str]:
    """Return the layers without which an indicator cannot be measured."""
    return {layer for key, layer, _ in reads(card.compute) if key != "elevation"}


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
    notices = [*cross_check(city, method), *_absent(city, method), *_level(city, method)]
    if errors(notices):
        raise CityError(*errors(notices))
    tables: dict[str, gpd.GeoDataFrame] = {}
    rasters: dict[str, Path] = {}
    streets: dict[str, Streets] = {}
    files: Files = []
    for key in _read_keys(city, method):
        source, spec = city.layers[key], method.layers[key]
        path, rows = city.root / source.file, None
        try:
            if spec.kind == "raster":
                lowest = 0.0 if key in method.people.spread_by else DEEPEST_M
                rasters[key], found = _raster(key, path, source, within, lowest)
            elif spec.kind == "streets":
                streets[key], found = _streets(key, path, source, within)
                rows = len(streets[key].edges)
            else:
                tables[key], found = _load(key, source, spec, city, method, within)
                rows = len(tables[key])
        except UnreadableError as fault:
            notices.append(fault.notice)
            continue
        except LayerError as fault:
            notices += [each for each in fault.problems if isinstance(each, Notice)]
            continue
        notices += found
        files.append(file_entry(key, path, source, rows=rows, origin=source.origin))
    if errors(notices):
        raise LayerError(*errors(notices))
    return Layers(tables, rasters, tuple(notices), files, streets)


def _raster(
    key: str, path: Path, source: LayerSource, within: gpd.GeoSeries, lowest: float
) -> tuple[Path, list[Notice]]:
    """Return the file of a raster layer, and what was noticed about it."""
    check_path(path, key)
    return path, [
        Notice(code, file=path.name, layer=key, values={"found": text})
        for code, text in raster_faults(path, within, lowest=lowest, declared=source.crs)
    ]


def _streets(
    key: str, path: Path, source: LayerSource, within: gpd.GeoSeries
) -> tuple[Streets, list[Notice]]:
    """Return a network of streets, and what was noticed about it."""
    found = load_streets(
        path,
        crs=str(within.crs),
        key=key,
        layer=source.layer,
        columns=source.columns,
        declared_crs=source.crs,
    )
    return found, [*found.notices, *streets_elsewhere(found, within, At(file=path.name, layer=key))]


def _absent(city: City, method: Method) -> Iterator[Notice]:
    """Yield a notice for each layer that the method needs and the city neither has nor omits."""
    wanted: dict[str, list[str]] = {}
    for key, card in measured(city, method).items():
        for layer in sorted(_asked(card)):
            wanted.setdefault(layer, []).append(key)
    wanted.setdefault(method.people.layer, ["people"])
    for layer, users in wanted.items():
        if layer not in city.layers:
            values = {
                "found": layer,
                "users": ", ".join(users),
                "accepted": near(layer, city.layers),
            }
            declared = method.layers[layer].kind == "streets"
            code = "streets_absent" if declared else "layer_absent"
            yield Notice(code, file=CITY_FILE, layer=layer, values=values)


def _level(city: City, method: Method) -> Iterator[Notice]:
    """Yield a notice if distances or times depend on slope and the city has no elevation."""
    sloped: dict[tuple[str, str], list[str]] = {}
    for card in measured(city, method).values():
        raster = _slope_layer(card, method)
        if raster is not None and raster not in city.layers and not card.optional:
            code = "slope_unknown" if isinstance(card.compute, Distance) else "travel_level"
            sloped.setdefault((code, raster), []).append(card.code)
    for (code, raster), users in sloped.items():
        values = {"found": raster, "users": ", ".join(users)}
        yield Notice(code, file=CITY_FILE, layer=raster, values=values)


def _slope_layer(card: Indicator, method: Method) -> str | None:
    """Return the raster that an indicator takes slopes from, ``None`` if it takes none."""
    match card.compute:
        case Distance(slope=True):
            return method.slope.layer
        case Travel(elevation=raster):
            return raster
        case _:
            return None


def _read_keys(city: City, method: Method) -> list[str]:
    """Return the layers to read: those that something of the method uses and the city has."""
    cards = measured(city, method).values()
    used = {layer for card in cards for layer in _asked(card)}
    used |= {method.people.layer, *method.people.spread_by}
    used |= {context.layer for context in method.context.values()}
    used |= {raster for card in cards if (raster := _slope_layer(card, method)) is not None}
    return [key for key in method.layers if key in used and key in city.layers]


def _required(key: str, city: City, method: Method) -> dict[str, list[str]]:
    """Return the columns that must be in a layer, each with the indicators that read it."""
    columns: dict[str, list[str]] = {}
    for indicator, card in measured(city, method).items():
        if card.compute.layer == key and not card.optional:
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
    table, said = read(
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
    if source.rows_with is not None:
        table = _rows_with(table, source.rows_with, key, path.name)
    if not len(table):
        return table, [Notice("layer_empty", file=path.name, layer=key)]
    counts = any(column.measure == "extensive" for column in spec.columns.values())
    table, notices = geometry_faults(table, spec.kind, key, path.name, counted=counts)
    notices = [*said, *notices]
    if not errors(notices) and not placed(table.geometry).any():
        notices.append(Notice("layer_empty", file=path.name, layer=key))
    if errors(notices):
        return table, notices
    kept, absent = _renamed(table, key, source, spec, _required(key, city, method))
    notices += absent
    classes, weights = _known_classes(key, city, method), _weights(key, city, method)
    notices += value_faults(kept, spec, key, path.name, classes, weights, source.decimal)
    if method.people.layer == key and not errors(notices):
        notices += _nobody(kept[method.people.column], key, path.name)
    moved = kept.to_crs(city.crs)
    notices += elsewhere(kept, moved, within, spec.kind, At(file=path.name, layer=key))
    return _nowhere_left_out(moved, spec), notices


def _known_classes(key: str, city: City, method: Method) -> dict[str, tuple[str, ...]]:
    """Return the classes that the method counts in each column of classes of a layer."""
    cards = [card.compute for card in measured(city, method).values()]
    return {
        card.column: card.classes
        for card in cards
        if isinstance(card, ClassMix) and card.layer == key
    }


def _weights(key: str, city: City, method: Method) -> dict[str, str]:
    """Return the count that each column of means of a layer is weighted by."""
    cards = [card.compute for card in measured(city, method).values()]
    return {mean.value: mean.weight for card in cards if card.layer == key for mean in means(card)}


def _nowhere_left_out(table: gpd.GeoDataFrame, spec: Layer) -> gpd.GeoDataFrame:
    """Return the rows that the city's CRS can say; far side of the earth counts as lost."""
    beyond = ~np.isfinite(table.geometry.bounds.to_numpy()).all(axis=1)
    beyond &= placed(table.geometry)
    if spec.kind not in {"zone", "polygon"}:
        return table[~beyond]
    return table.set_geometry(table.geometry.mask(beyond))


def _rows_with(table: gpd.GeoDataFrame, column: str, key: str, file: str) -> gpd.GeoDataFrame:
    """Return the rows whose count of something is above zero; a missing count is none."""
    if column not in table.columns:
        values = {"found": column, "accepted": near(column, table.columns)}
        raise UnreadableError(Notice("column_missing", file=file, layer=key, values=values))
    text = table[column].astype(str).str.replace(",", ".", regex=False)
    return table[pd.to_numeric(text, errors="coerce") > 0]


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
        {ours: _as_declared(table[name], spec.columns[ours]) for ours, name in present.items()},
        index=table.index,
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


def _as_declared(values: pd.Series[Any], column: Column) -> pd.Series[Any]:
    """Return classes as the method writes them, as text; a code of 1 is its class "1"."""
    return text_ids(values) if column.measure == "category" else values


def _nobody(people: pd.Series[float], key: str, file: str) -> Iterator[Notice]:
    """Yield a notice if nobody lives in the city."""
    if not people.sum() > 0:
        yield Notice("population_zero", file=file, layer=key, item=str(people.name))
