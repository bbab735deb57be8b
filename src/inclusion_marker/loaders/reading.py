"""Open a vector file of an accepted format, or say what is wrong with the file."""

from __future__ import annotations

import csv
import warnings
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from inclusion_marker.notices import Notice, near

DRIVERS = ("GPKG", "GeoJSON", "ESRI Shapefile", "FlatGeobuf")
SUFFIXES = (".gpkg", ".geojson", ".json", ".shp", ".fgb", ".parquet", ".csv")
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
        CRS of a file that states none.
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
    if not path.exists():
        beside = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
        values = {"accepted": near(path.name, beside) or "-"}
        raise UnreadableError(Notice("file_missing", file=path.name, layer=key, values=values))
    if not path.is_file():
        raise UnreadableError(Notice("file_not_a_file", file=path.name, layer=key))
    if path.stat().st_size == 0:
        raise UnreadableError(Notice("file_empty", file=path.name, layer=key))


def read(source: Source, key: str) -> gpd.GeoDataFrame:
    """Return the rows of a vector file, under its own column names and in its own CRS.

    Parameters
    ----------
    source
        The file and how to read it.
    key
        Id of the layer, for the notices.

    Returns
    -------
    table
        Index 0 … n-1 in the order of the file.

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
    if table.crs is None and source.crs is not None:
        table = table.set_crs(source.crs)
    return table.reset_index(drop=True)


def _unreadable(
    code: str, source: Source, key: str, values: dict[str, object] | None = None
) -> UnreadableError:
    """Return the error that carries a notice about a file."""
    return UnreadableError(Notice(code, file=source.path.name, layer=key, values=values or {}))


def _read_parquet(source: Source, key: str) -> gpd.GeoDataFrame:
    """Return the rows of a GeoParquet file."""
    try:
        return gpd.read_parquet(source.path)
    except ValueError as fault:
        if "geo metadata" in str(fault):
            raise _unreadable("geo_metadata_missing", source, key) from fault
        raise _unreadable("file_corrupt", source, key, {"found": _first_line(fault)}) from fault
    except (OSError, shapely.errors.ShapelyError) as fault:
        raise _unreadable("file_corrupt", source, key, {"found": _first_line(fault)}) from fault


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
        table = pyogrio.read_dataframe(source.path, layer=layer, use_arrow=True)
    except (DataSourceError, DataLayerError, OSError, ValueError) as fault:
        raise _unreadable("file_corrupt", source, key, {"found": _first_line(fault)}) from fault
    except shapely.errors.ShapelyError as fault:
        values = {"found": _first_line(fault)}
        raise _unreadable("geometry_unreadable", source, key, values) from fault
    if not isinstance(table, gpd.GeoDataFrame):
        raise _unreadable("geometry_absent", source, key)
    return table


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
        table[column] = _numbers_where_all_are(table[column], source.decimal)
    for column in (source.longitude, source.latitude):
        if table[column].dtype.kind not in "fi":
            text = next(each for each in table[column] if not _is_number(str(each)))
            values = {"found": f"{column} = {text!r}"}
            raise _unreadable("coordinate_not_a_number", source, key, values)
    points = gpd.points_from_xy(table[source.longitude], table[source.latitude])
    return gpd.GeoDataFrame(table, geometry=points, crs=source.crs or "EPSG:4326")


def _csv_table(source: Source, key: str) -> pd.DataFrame:
    """Return the cells of a CSV as text, each row as wide as the first."""
    try:
        with source.path.open(encoding=_encoding(source), newline="") as file:
            rows = list(csv.reader(file, delimiter=source.separator, strict=True))
    except UnicodeDecodeError as fault:
        raise _unreadable("encoding_not_utf8", source, key, {"found": source.encoding}) from fault
    except (csv.Error, LookupError, TypeError) as fault:
        raise _unreadable("file_corrupt", source, key, {"found": _first_line(fault)}) from fault
    head = [name.strip() for name in rows[0]]
    for other in sorted({",", ";", "\t", "|"} - {source.separator}):
        if len(head) == 1 and other in head[0]:
            values: dict[str, object] = {"found": source.separator, "other": other}
            raise _unreadable("delimiter_mismatch", source, key, values)
    doubled = sorted({name for name in head if head.count(name) > 1})
    if doubled:
        raise _unreadable("column_duplicated", source, key, {"found": ", ".join(doubled)})
    body = [row for row in rows[1:] if row]
    odd = [number for number, row in enumerate(body, start=2) if len(row) != len(head)]
    if odd:
        values = {"found": len(odd), "rows": ", ".join(map(str, odd[:5])), "width": len(head)}
        raise _unreadable("row_length", source, key, values)
    return pd.DataFrame(body, columns=head)


def _encoding(source: Source) -> str:
    """Return the encoding to read with; a byte-order mark is no part of the first name."""
    return "utf-8-sig" if source.encoding.lower() in {"utf-8", "utf8"} else source.encoding


def _numbers_where_all_are(values: pd.Series[str], decimal: str) -> pd.Series[float]:
    """Return a column as numbers if each of its values is one, and as it is if not."""
    text = values.str.strip()
    plain = text.str.replace(decimal, ".", regex=False) if decimal != "." else text
    numbers = pd.to_numeric(plain.where(plain != "", None), errors="coerce")
    whole: pd.Series[float] = numbers if numbers.notna().eq(plain != "").all() else values
    return whole


def _is_number(text: str) -> bool:
    """Return whether a text reads as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _first_line(fault: BaseException) -> str:
    """Return the first sentence of another library's error, without paths of this machine."""
    line = str(fault).strip().splitlines()[0] if str(fault).strip() else type(fault).__name__
    return " ".join(word for word in line.split() if "/" not in word.strip("'\"")[:1])[:160]
