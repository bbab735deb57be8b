"""Open a vector file of an accepted format, or say what is wrong with the file."""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from inclusion_marker.city import Sourced
from inclusion_marker.files import kind_of, sha256
from inclusion_marker.loaders.contract import crs_agree
from inclusion_marker.loaders.values import grouped
from inclusion_marker.notices import Notice, near

DRIVERS = ("GPKG", "GeoJSON", "ESRI Shapefile", "FlatGeobuf")
SUFFIXES = (".gpkg", ".geojson", ".json", ".shp", ".fgb", ".parquet", ".csv")
_SENTENCE = re.compile(r"\.;? ")
_JSON = (".geojson", ".json")
Files = list[dict[str, Any]]
_SIDE_TABLES = ("layer_styles", "qgis_projects")


@dataclass(frozen=True, slots=True)
class Source:
    """A file and how to read it; the fields of a layer's table in the city file.

    Attributes
    ----------
    path
        Where the file is.
    layer
        Layer inside the file, if it has several.
    longitude, latitude
        Columns with degrees, for a CSV.
    separator, decimal, encoding
        How a CSV is written.
    crs
        CRS of a file that states none; of a GeoJSON, whose format has but one, in any case.
    """

    path: Path
    layer: str | None = None
    longitude: str | None = None
    latitude: str | None = None
    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    crs: str | None = None


class UnreadableError(Exception):
    """A file cannot be read; carries the notice that says why."""

    def __init__(self, notice: Notice) -> None:
        super().__init__(notice)
        self.notice = notice


def check_path(path: Path, key: str) -> None:
    """Refuse a path that is remote, absent, a folder or empty.

    Parameters
    ----------
    path
        The file.
    key
        Id of the layer, for the notice.

    Raises
    ------
    UnreadableError
        With the notice.
    """
    steps = path.parts
    remote = any(":" in step for step in steps[1:]) or any(s.startswith("vsi") for s in steps[1:2])
    if remote:
        raise UnreadableError(Notice("remote_path_refused", file=path.name, layer=key))
    found = kind_of(path)
    if found == "nothing":
        folder = path.parent
        beside = [each.name for each in folder.iterdir()] if kind_of(folder) == "folder" else []
        values = {"accepted": near(path.name, beside) or "-"}
        raise UnreadableError(Notice("file_missing", file=path.name, layer=key, values=values))
    if found != "file":
        raise UnreadableError(Notice("file_not_a_file", file=path.name, layer=key))
    if path.stat().st_size == 0:
        raise UnreadableError(Notice("file_empty", file=path.name, layer=key))


def read(source: Source, key: str) -> tuple[gpd.GeoDataFrame, list[Notice]]:
    """Return the rows of a vector file under its own column names, and what was noticed of it.

    Parameters
    ----------
    source
        The file and how to read it.
    key
        Id of the layer, for the notices.

    Returns
    -------
    table
        The index is the row of the file, counted from 1 as a person counts; in a CSV from the
        line below the header, blank lines included. In the CRS of the file, or that of the city
        file where it has none.
    notices
        Warnings; what is wrong is raised.

    Raises
    ------
    UnreadableError
        With the notice that says what is wrong with the file.
    """
    check_path(source.path, key)
    suffix = source.path.suffix.lower()
    if suffix not in SUFFIXES:
        values = {"found": suffix or "-", "accepted": ", ".join(SUFFIXES)}
        raise _unreadable("driver_not_allowed", source, key, values)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what GDAL mutters is found again, and said, by our checks
        if suffix == ".csv":
            table = _read_csv(source, key)
        elif suffix == ".parquet":
            table = _read_parquet(source, key)
        else:
            table = _read_ogr(source, key)
    return _referenced(table, source, key)


def _referenced(
    table: gpd.GeoDataFrame, source: Source, key: str
) -> tuple[gpd.GeoDataFrame, list[Notice]]:
    """Return rows in the CRS that the city file declares, if the file does not contradict it."""
    if source.crs is None:
        return table, []
    declared = pyproj.CRS.from_user_input(source.crs)
    if table.crs is None:
        return table.set_crs(declared), []
    if crs_agree(table.crs, declared, table.total_bounds):
        return table, []
    values = {"found": f"{table.crs.name} ≠ {declared.name}"}
    # A GeoJSON can state no CRS: GDAL says degrees of all that do not name one the old way.
    if source.path.suffix.lower() in _JSON and table.crs == "EPSG:4326":
        notice = Notice("crs_overridden", file=source.path.name, layer=key, values=values)
        return table.set_crs(declared, allow_override=True), [notice]
    raise _unreadable("crs_contradicts_file", source, key, values)


def _unreadable(
    code: str, source: Source, key: str, values: Mapping[str, object] | None = None
) -> UnreadableError:
    """Return the error that carries a notice about a file."""
    return UnreadableError(Notice(code, file=source.path.name, layer=key, values=values or {}))


def _read_parquet(source: Source, key: str) -> gpd.GeoDataFrame:
    """Return the rows of a GeoParquet file."""
    try:
        return _numbered(gpd.read_parquet(source.path))
    except ValueError as fault:
        if "geo metadata" in str(fault):
            raise _unreadable("geo_metadata_missing", source, key) from fault
        raise _unreadable("file_corrupt", source, key, {"found": _first_line(fault)}) from fault
    except OSError as fault:
        raise _unreadable("file_corrupt", source, key, {"found": _first_line(fault)}) from fault
    except shapely.errors.ShapelyError as fault:
        values = {"found": _first_line(fault)}
        raise _unreadable("geometry_unreadable", source, key, values) from fault


def _read_ogr(source: Source, key: str) -> gpd.GeoDataFrame:
    """Return the rows of a GeoPackage, GeoJSON, shapefile or FlatGeobuf."""
    if source.path.suffix.lower() == ".shp":
        parts = {each.suffix.lower() for each in source.path.parent.glob(f"{source.path.stem}.*")}
        lacks = sorted({".shx", ".dbf"} - parts)
        if lacks:
            raise _unreadable("shapefile_part_missing", source, key, {"found": ", ".join(lacks)})
    layer = _chosen_layer(source, key)
    try:
        info = pyogrio.read_info(source.path, layer=layer)
        if info["driver"] not in DRIVERS:
            values = {"found": info["driver"], "accepted": ", ".join(SUFFIXES)}
            raise _unreadable("driver_not_allowed", source, key, values)
        table = _rows(source.path, layer)
    except (DataSourceError, DataLayerError, OSError, ValueError) as fault:
        raise _unreadable("file_corrupt", source, key, {"found": _first_line(fault)}) from fault
    except shapely.errors.ShapelyError as fault:
        values = {"found": _first_line(fault)}
        raise _unreadable("geometry_unreadable", source, key, values) from fault
    if not isinstance(table, gpd.GeoDataFrame):
        raise _unreadable("geometry_absent", source, key)
    return _numbered(table)


def _rows(path: Path, layer: str | None) -> pd.DataFrame:
    """Return the rows of a layer; curves as the many short lines that GDAL draws for them."""
    rows: pd.DataFrame
    try:
        rows = pyogrio.read_dataframe(path, layer=layer, use_arrow=True)
    except NotImplementedError:  # Arrow hands curves over as they are, and nothing here holds them
        rows = pyogrio.read_dataframe(path, layer=layer, use_arrow=False)
    return rows


def _numbered(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a table whose index is the row of the file, from 1."""
    return table.set_axis(pd.RangeIndex(1, len(table) + 1), axis=0)


def _chosen_layer(source: Source, key: str) -> str | None:
    """Return the layer to read, and refuse a choice that the file leaves open."""
    try:
        found = pyogrio.list_layers(source.path)
    except (DataSourceError, OSError) as fault:
        text = _first_line(fault)
        code = "file_not_recognised" if "not recognized" in text else "file_corrupt"
        raise _unreadable(code, source, key, {"found": text}) from fault
    spatial = [str(name) for name, kind in found if kind is not None and name not in _SIDE_TABLES]
    every = [str(name) for name, _ in found if name not in _SIDE_TABLES]
    if source.layer is not None:
        if source.layer not in every:
            values = {"found": source.layer, "accepted": near(source.layer, every) or "-"}
            raise _unreadable("layer_not_found", source, key, values)
        return source.layer
    if not every:
        raise _unreadable("no_layers", source, key)
    if len(spatial) > 1:
        raise _unreadable("layer_not_chosen", source, key, {"found": ", ".join(spatial)})
    return spatial[0] if spatial else every[0]


def _read_csv(source: Source, key: str) -> gpd.GeoDataFrame:
    """Return the rows of a CSV with a longitude and a latitude column, in degrees."""
    if source.longitude is None or source.latitude is None:
        raise _unreadable("csv_without_coordinates", source, key)
    table = _csv_table(source, key)
    for column in (source.longitude, source.latitude):
        if column not in table.columns:
            values = {"found": column, "accepted": near(column, table.columns)}
            raise _unreadable("column_missing", source, key, values)
    for column in table.columns:
        # Which of 2.150 and 2,15 are counts is known where the method is: those stay text.
        if column in {source.longitude, source.latitude} or not grouped(table[column]).any():
            table[column] = _numbers_where_all_are(table[column], source.decimal)
    for column in (source.longitude, source.latitude):
        if table[column].dtype.kind not in "fi":
            words = table.loc[pd.to_numeric(table[column], errors="coerce").isna(), column]
            values = {"found": f"{column} = {words.iloc[0]!r}"}
            raise _unreadable("coordinate_not_a_number", source, key, values)
    points = gpd.points_from_xy(table[source.longitude], table[source.latitude])
    return gpd.GeoDataFrame(table, geometry=points, crs=source.crs or "EPSG:4326")


def _csv_table(source: Source, key: str) -> pd.DataFrame:
    """Return the cells of a CSV as text, each row as wide as the first."""
    try:
        with source.path.open(encoding=_encoding(source), newline="") as file:
            reader = csv.reader(file, delimiter=source.separator, strict=True)
            lines = [(reader.line_num, row) for row in reader]
    except UnicodeDecodeError as fault:
        raise _unreadable("encoding_not_utf8", source, key, {"found": source.encoding}) from fault
    except (csv.Error, LookupError, TypeError) as fault:
        raise _unreadable("file_corrupt", source, key, {"found": _first_line(fault)}) from fault
    if any("\0" in text for _, row in lines for text in row):
        raise _unreadable("file_corrupt", source, key, {"found": "NUL"})
    head = [name.strip() for name in lines[0][1]] if lines else []
    wanted = {source.longitude, source.latitude}
    below = any(wanted <= {name.strip() for name in row} for _, row in lines[1:])
    if head.count("") > 1 or (not wanted <= set(head) and ("" in head or below)):
        values: dict[str, object] = {"found": source.separator.join(lines[0][1])[:80]}
        raise _unreadable("header_not_first_row", source, key, values)
    for other in sorted({",", ";", "\t", "|"} - {source.separator}):
        if len(head) == 1 and other in head[0]:
            values = {"found": source.separator, "other": other}
            raise _unreadable("delimiter_mismatch", source, key, values)
    doubled = sorted({name for name in head if head.count(name) > 1})
    if doubled:
        raise _unreadable("column_duplicated", source, key, {"found": ", ".join(doubled)})
    body = {number: row for number, (_, row) in enumerate(lines) if number and row}
    odd = [line for line, row in lines[1:] if row and len(row) != len(head)]
    if odd:
        values = {"found": len(odd), "rows": ", ".join(map(str, odd[:5])), "width": len(head)}
        raise _unreadable("row_length", source, key, values)
    return pd.DataFrame(list(body.values()), columns=head, index=pd.Index(body, dtype=np.int64))


def _encoding(source: Source) -> str:
    """Return the encoding to read with; a byte-order mark is no part of the first name."""
    return "utf-8-sig" if source.encoding.lower() in {"utf-8", "utf8"} else source.encoding


def _numbers_where_all_are(values: pd.Series[str], decimal: str) -> pd.Series[Any]:
    """Return a column as numbers if each of its values is one, and as it is if not."""
    text = values.str.strip()
    plain = text.str.replace(decimal, ".", regex=False) if decimal != "." else text
    numbers = pd.to_numeric(plain.where(plain != "", None), errors="coerce")
    all_are = bool(numbers.notna().eq(plain != "").all())
    return numbers if all_are else values


def _first_line(fault: BaseException) -> str:
    """Return the first sentence of another library's error, without paths of this machine."""
    line = str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__
    line = _SENTENCE.split(line)[0]
    return " ".join(word for word in line.split() if "/" not in word.strip("'\"")[:1])[:160]


def file_entry(
    key: str, path: Path, sourced: Sourced, *, rows: int | None = None, origin: str = ""
) -> dict[str, Any]:
    """Return what the manifest says about an input file.

    Parameters
    ----------
    key
        Id of the layer or the place that it is.
    path
        The file.
    sourced
        Date, source and licence that the city file states.
    rows
        Rows that were read, ``None`` for a raster or a place.
    origin
        Origin of the values, empty for a place.
    """
    return {
        "layer": key,
        "file": path.name,
        "sha256": sha256(path),
        "bytes": path.stat().st_size,
        "rows": rows,
        "date": sourced.date,
        "source": sourced.source,
        "licence": sourced.licence,
        "origin": origin,
    }
