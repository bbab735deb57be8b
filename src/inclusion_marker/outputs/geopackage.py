"""A marker as a GeoPackage that opens in QGIS styled, labelled and documented."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.analysis.drawing.draws import GROUPS
from inclusion_marker.composite.classes import class_labels
from inclusion_marker.errors import OutputError
from inclusion_marker.files import Refusal, check_target, placing
from inclusion_marker.manifest import content_hash, manifest_text, write_manifest
from inclusion_marker.outputs.qgis.project import project_of
from inclusion_marker.outputs.qgis.qgs import qmd, zipped
from inclusion_marker.outputs.qgis.qml import qml
from inclusion_marker.outputs.qgis.styles import styles_of
from inclusion_marker.outputs.tables import Column, Table, table_title, tables_of
from inclusion_marker.outputs.wording import cautions
from inclusion_marker.result import Result
from inclusion_marker.texts import catalogue, word

OWNER = "inclusion-marker"
_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]*\.gpkg$")
_UNSAFE = set("#?%")
_BYTES_A_CELL = 2_500
_BYTES_AT_LEAST = 4_000_000
# The same input gives the same bytes: files carry this moment, or that of SOURCE_DATE_EPOCH.
_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)

_TABLES = """
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30),
  styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME);
CREATE TABLE qgis_projects (name TEXT PRIMARY KEY, metadata BLOB, content BLOB);
CREATE TABLE gpkg_data_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT,
  title TEXT, description TEXT, mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (constraint_name TEXT NOT NULL,
  constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC,
  max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
CREATE TABLE gpkg_metadata (id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL,
  md_scope TEXT NOT NULL DEFAULT 'dataset', md_standard_uri TEXT NOT NULL,
  mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (reference_scope TEXT NOT NULL, table_name TEXT,
  column_name TEXT, row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT,
  extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
"""
_SPEC = "http://www.geopackage.org/spec121/#extension_"
_EXTENSIONS = {
    "gpkg_data_columns": "schema",
    "gpkg_data_column_constraints": "schema",
    "gpkg_metadata": "metadata",
    "gpkg_metadata_reference": "metadata",
}
_QGIS_METADATA = "http://mrcc.com/qgis.dtd"
_CONFIDENCES = ("high", "medium", "low")
_CAUSES = (*GROUPS, "coverage", "none")
_CLUSTERS = ("low", "high", "none", "island")
_MANIFEST = "https://github.com/inclusion-marker/inclusion-marker/blob/main/docs/manifest.md"


def write_geopackage(
    result: Result, analyses: Analyses, path: Path, *, language: str, overwrite: bool
) -> Path:
    """Return the path of a GeoPackage with everything that was computed.

    Beside it go the same project as ``….qgz`` and, last of all, ``….manifest.json``.

    Parameters
    ----------
    result
        What was computed.
    analyses
        What is said beside it.
    path
        File to write: ``a-z 0-9 - _`` and ``.gpkg``.
    language
        Language of aliases, styles, descriptions and metadata, ``"es"`` or ``"en"``.
    overwrite
        Whether files that are there may be replaced.

    Raises
    ------
    OutputError
        If the name cannot work in QGIS, or as :func:`inclusion_marker.files.check_target`.
    """
    check_name(path)
    needed = _BYTES_AT_LEAST + _BYTES_A_CELL * len(result.grid.index)
    check_target(path, overwrite=overwrite, needed_bytes=needed)
    tables = tables_of(result, analyses, language)
    manifest = _manifest(result, analyses, tables, language)
    project = project_of(result, tables, path.name, language)
    files = targets(path)
    with placing(files, overwrite=overwrite) as stage:
        geopackage, qgz, beside = (stage / each.name for each in files)
        _write_tables(geopackage, tables, language)
        _write_side_tables(geopackage, result, tables, project, manifest, language)
        qgz.write_bytes(zipped(project, f"{path.stem}.qgs"))
        write_manifest(beside, manifest, overwrite=False)
    return path


def targets(path: Path) -> tuple[Path, Path, Path]:
    """Return the files that belong to a GeoPackage: itself, its project and its manifest.

    Examples
    --------
    >>> [each.name for each in targets(Path("cucuta.gpkg"))]
    ['cucuta.gpkg', 'cucuta.qgz', 'cucuta.manifest.json']
    """
    return path, path.with_suffix(".qgz"), path.with_name(f"{path.stem}.manifest.json")


def check_name(path: Path) -> None:
    """Refuse a name or a folder under which QGIS would not open the project inside.

    Parameters
    ----------
    path
        The GeoPackage to be.

    Raises
    ------
    OutputError
        If the folder's path has ``#``, ``?`` or ``%``, or the name more than ``a-z 0-9 - _``.

    Examples
    --------
    >>> check_name(Path("cucuta.gpkg"))
    """
    folder = next((part for part in path.absolute().parent.parts if set(part) & _UNSAFE), None)
    if folder is not None:
        raise OutputError(Refusal("output_folder_name", path.name, {"folder": folder}))
    if _NAME.match(path.name):
        return
    plain = unicodedata.normalize("NFKD", path.stem).encode("ascii", "ignore").decode().lower()
    proposal = re.sub(r"[^a-z0-9_-]+", "-", plain).strip("-_") or "marker"
    raise OutputError(Refusal("output_name", path.name, {"proposal": f"{proposal}.gpkg"}))


def _moment() -> datetime:
    """Return the moment that files carry."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else _MOMENT


def _manifest(
    result: Result, analyses: Analyses, tables: Sequence[Table], language: str
) -> dict[str, Any]:
    """Return how the result came to be, and what is in the file."""
    means, drawn = result.means()["people_weighted"], analyses.robustness
    figures = {name: means[name] for name in means.index if name == "marker" or "area_" in name}
    outputs = {
        table.name: {
            "rows": len(table.frame),
            "columns": len(table.columns),
            "sha256_of_content": content_hash(table.frame),
        }
        for table in tables
    }
    notices = [
        {
            "code": each.code,
            "severity": each.severity,
            "file": each.file,
            "layer": each.layer,
            "item": each.item,
            "rows": each.rows,
            "found": each.part("found", "en"),
        }
        for each in result.notices
    ]
    return {
        **result.provenance,
        "language": language,
        "people_weighted": figures,
        "comparable": result.method.comparable,
        "robustness": None if drawn is None else drawn.parameters,
        "outputs": outputs,
        "notices": notices,
    }


# ── layers and tables ────────────────────────────────────────────────────────


@contextmanager
def _dated() -> Iterator[None]:
    """Let GDAL write the one moment that files carry, and nothing of the clock."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{_moment():%Y-%m-%dT%H:%M:%S.000Z}"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _write_tables(path: Path, tables: Sequence[Table], language: str) -> None:
    """Write every layer and table with GDAL."""
    with _dated():
        for table in tables:
            about = {
                "IDENTIFIER": table_title(table, language),
                "DESCRIPTION": word(f"about_layer_{table.name}", language),
            }
            spatial = isinstance(table.frame, gpd.GeoDataFrame)
            # GDAL 3.12 writes version 1.4 by default, which QGIS with GDAL < 3.7 warns about.
            pyogrio.write_dataframe(
                table.frame,
                path,
                layer=table.name,
                driver="GPKG",
                append=path.exists(),
                geometry_type=_geometry_type(table.frame) if spatial else None,
                dataset_options=None if path.exists() else {"VERSION": "1.3"},
                layer_options=about | ({"GEOMETRY_NAME": "geom"} if spatial else {}),
            )


def _geometry_type(frame: gpd.GeoDataFrame) -> str:
    """Return the one geometry type of a layer, or the one that holds them all."""
    found = {str(each) for each in frame.geom_type.unique()}
    if len(found) == 1:
        return found.pop()
    if found == {"Polygon", "MultiPolygon"}:
        return "MultiPolygon"
    return "Point" if not found else "Unknown"


# ── what QGIS and GDAL read beside the data ──────────────────────────────────


def _write_side_tables(
    path: Path,
    result: Result,
    tables: Sequence[Table],
    project: str,
    manifest: Mapping[str, Any],
    language: str,
) -> None:
    """Write styles, the project, the descriptions of columns, the metadata and the manifest."""
    stamp = f"{_moment():%Y-%m-%dT%H:%M:%S.000Z}"
    with closing(sqlite3.connect(path)) as file, file:
        file.executescript(_TABLES)
        file.executemany(
            "INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, 'read-write')",
            [(name, f"gpkg_{kind}", _SPEC + kind) for name, kind in _EXTENSIONS.items()],
        )
        # Where another table of attributes stands, QGIS ignores styles that are not announced.
        file.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description,"
            " last_change) VALUES ('layer_styles', 'attributes', 'layer_styles', 'QGIS', ?)",
            (stamp,),
        )
        file.executemany(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
            " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner,"
            " update_time) VALUES ('', '', ?, ?, ?, ?, '', ?, ?, ?, ?)",
            [(*row, OWNER, stamp) for row in _style_rows(result, tables, language)],
        )
        file.execute("INSERT INTO qgis_projects VALUES (?, ?, ?)", _project_row(project, result))
        file.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description,"
            " constraint_name) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (table.name, column.name, *_said(column))
                for table in tables
                for column in table.columns
            ],
        )
        file.executemany(
            "INSERT INTO gpkg_data_column_constraints VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            _constraints(result, language),
        )
        documents = _metadata(result, tables, language)
        for number, (table_name, document) in enumerate(documents, start=1):
            file.execute(
                "INSERT INTO gpkg_metadata VALUES (?, 'dataset', ?, 'text/xml', ?)",
                (number, _QGIS_METADATA, document),
            )
            file.execute(
                "INSERT INTO gpkg_metadata_reference (reference_scope, table_name, timestamp,"
                " md_file_id) VALUES ('table', ?, ?, ?)",
                (table_name, stamp, number),
            )
        last = len(documents) + 1
        file.execute(
            "INSERT INTO gpkg_metadata VALUES (?, 'dataset', ?, 'application/json', ?)",
            (last, _MANIFEST, manifest_text(manifest)),
        )
        file.execute(
            "INSERT INTO gpkg_metadata_reference (reference_scope, timestamp, md_file_id)"
            " VALUES ('geopackage', ?, ?)",
            (stamp, last),
        )


def _style_rows(
    result: Result, tables: Sequence[Table], language: str
) -> Iterator[tuple[str, str, str, str, int, str]]:
    """Yield table, geometry column, name, QML, whether it is the default, and description."""
    for table in tables:
        geometry = "geom" if isinstance(table.frame, gpd.GeoDataFrame) else ""
        for row, style in enumerate(styles_of(table, result, language)):
            name = style.name or table_title(table, language)
            yield table.name, geometry, name, qml(style), int(row == 0), name


def _said(column: Column) -> tuple[str, str, str, str | None]:
    """Return name, title, description and constraint of a column."""
    return column.alias, column.alias, column.description, column.values


def _constraints(result: Result, language: str) -> Iterator[tuple[object, ...]]:
    """Yield what columns may hold: ranges of numbers, and codes with their words."""
    for name, most in (("score", 100), ("share", 1)):
        yield name, "range", None, 0, 1, most, 1, f"0 - {most}"
    names = result.method.slope.names["en" if language == "en" else "es"]
    kinds = {"unit", "inherited", "city", "proxy", "missing"}
    words = [key.removeprefix("origin_") for key in catalogue("words") if "origin_" in key]
    origins = [each for each in words if each in kinds]
    found = {"confidence": _CONFIDENCES, "cause": _CAUSES, "hotspot": _CLUSTERS}
    codes = {
        kind: [(each, word(f"{kind}_{each}", language)) for each in listed]
        for kind, listed in found.items()
    } | {
        "class": [(str(row), label) for row, label in enumerate(class_labels(), start=1)],
        "slope": [(str(row), label) for row, label in enumerate(names, start=1)],
        "origin": [(each, word(f"origin_{each}", language)) for each in origins],
    }
    for name, listed in codes.items():
        for value, said in listed:
            yield name, "enum", value, None, None, None, None, said


def _metadata(result: Result, tables: Sequence[Table], language: str) -> list[tuple[str, str]]:
    """Return the metadata of each layer and table, as QGIS shows it."""
    method, city, provenance = result.method, result.city, result.provenance
    inputs = [each for each in provenance["inputs"] if each["source"]]
    licences = sorted({str(each["licence"]) for each in inputs if each["licence"]})
    keywords = [word("keyword_inclusion", language), city.name.said(language)]
    keywords += [word("keyword_synthetic", language)] if city.synthetic else []
    said = method.name.said(language)
    history = [
        word("meta_method", language, name=said, id=method.id, version=method.version),
        *(
            word(
                "meta_input",
                language,
                layer=each["layer"],
                file=each["file"],
                source=each["source"],
                date=each["date"],
            )
            for each in inputs
        ),
        word("meta_computed", language, tool=provenance["tool"], version=provenance["version"]),
    ]
    documents, aloud = [], cautions(city, method, language)
    for table in tables:
        about = [*aloud, word(f"about_layer_{table.name}", language)]
        about += [word("meta_classes", language)] if table.name in {"cells", "districts"} else []
        title = f"{table_title(table, language)} · {city.name.said(language)}"
        document = qmd(
            title,
            " ".join(about),
            language=language,
            keywords=keywords,
            licences=licences,
            history=history,
        )
        documents.append((table.name, document))
    return documents


def _project_row(project: str, result: Result) -> tuple[str, str, str]:
    """Return name, metadata and content of the project inside, as QGIS itself stores it."""
    name, moment = result.city.id, f"{_moment():%Y-%m-%dT%H:%M:%S}"
    metadata = json.dumps({"last_modified_time": moment, "last_modified_user": OWNER})
    return name, metadata, zipped(project, f"{name}.qgs").hex()
