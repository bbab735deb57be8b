"""What QGIS and GDAL read beside the data: styles, projects, words of the columns, metadata."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from inclusion_marker.analysis.drawing.confidence import CAUSES, CONFIDENCE
from inclusion_marker.analysis.hotspots import CLUSTERS
from inclusion_marker.composite.classes import class_labels
from inclusion_marker.manifest import manifest_text
from inclusion_marker.outputs.breaks import Breaks
from inclusion_marker.outputs.qgis.qgs import qmd
from inclusion_marker.outputs.tables import Column, Table, table_title
from inclusion_marker.outputs.wording import cautions_of
from inclusion_marker.result import Result
from inclusion_marker.texts import catalogue, word

OWNER = "inclusion-marker"
"""By whom our styles and projects are said to be; QGIS writes over it when it saves."""

MANIFEST = "https://github.com/inclusion-marker/inclusion-marker/blob/main/docs/manifest.md"
"""By what the manifest is found among the metadata of a GeoPackage."""

# The same input gives the same bytes: files carry this moment, or that of SOURCE_DATE_EPOCH.
_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)

# QGIS makes the table with names of 30 letters, and GDAL complains of longer ones; ours are longer.
_TABLES = """
CREATE TABLE layer_styles (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
  styleName TEXT(256), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
  owner TEXT(256), ui TEXT(30), update_time DATETIME);
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


class StyleRow(NamedTuple):
    """A row of ``layer_styles``: how a table may look, by whom, and whether that is its default."""

    table: str
    geometry: str | None
    name: str
    qml: str | None
    default: bool
    description: str | None = ""
    schema: str | None = ""
    sld: str | None = ""
    owner: str | None = OWNER
    ui: str | None = None
    updated: str | None = None


class ProjectRow(NamedTuple):
    """A row of ``qgis_projects``: a name, JSON that says who saved it, and a ``.qgz`` in hex."""

    name: str
    metadata: str | bytes
    content: str | bytes


@dataclass(frozen=True, slots=True)
class Beside:
    """What goes into a GeoPackage beside its layers and tables.

    Attributes
    ----------
    styles, projects
        Rows as QGIS finds them.
    manifest
        How the result came to be.
    breaks
        Which breaks the styles have.
    """

    styles: tuple[StyleRow, ...]
    projects: tuple[ProjectRow, ...]
    manifest: Mapping[str, Any]
    breaks: Breaks


def moment() -> datetime:
    """Return the moment that files carry: the same always, or that of ``SOURCE_DATE_EPOCH``."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else _MOMENT


def project_row(name: str, project: bytes) -> ProjectRow:
    """Return a project of ours as QGIS stores it.

    Parameters
    ----------
    name
        What QGIS lists it as.
    project
        A ``.qgz``.
    """
    said = {"last_modified_time": f"{moment():%Y-%m-%dT%H:%M:%S}", "last_modified_user": OWNER}
    return ProjectRow(name, json.dumps(said), project.hex())


def write_side_tables(
    path: Path, result: Result, tables: Sequence[Table], beside: Beside, language: str
) -> None:
    """Write styles, projects, the descriptions of columns, the metadata and the manifest.

    Parameters
    ----------
    path
        A GeoPackage that has the layers and tables, closed.
    result
        What was computed.
    tables
        The layers and tables.
    beside
        What is added.
    language
        ``"es"`` or ``"en"``.
    """
    stamp = f"{moment():%Y-%m-%dT%H:%M:%S.000Z}"
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
            "INSERT INTO layer_styles (f_table_catalog, f_table_name, f_geometry_column, styleName,"
            " styleQML, useAsDefault, description, f_table_schema, styleSLD, owner, ui,"
            " update_time) VALUES ('', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [row._replace(updated=stamp) if row.owner == OWNER else row for row in beside.styles],
        )
        file.executemany("INSERT INTO qgis_projects VALUES (?, ?, ?)", beside.projects)
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
        documents = _metadata(result, tables, beside.breaks, language)
        _write_metadata(file, documents, beside.manifest, stamp)


def _write_metadata(
    file: sqlite3.Connection,
    documents: Sequence[tuple[str, str]],
    manifest: Mapping[str, Any],
    stamp: str,
) -> None:
    """Write the metadata of each table, and the manifest as that of the whole file."""
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
        (last, MANIFEST, manifest_text(manifest)),
    )
    file.execute(
        "INSERT INTO gpkg_metadata_reference (reference_scope, timestamp, md_file_id)"
        " VALUES ('geopackage', ?, ?)",
        (stamp, last),
    )


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
    found = {"confidence": CONFIDENCE, "cause": CAUSES, "hotspot": CLUSTERS}
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


def _metadata(
    result: Result, tables: Sequence[Table], breaks: Breaks, language: str
) -> list[tuple[str, str]]:
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
    documents, aloud = [], cautions_of(result, language)
    for table in tables:
        about = [*aloud, word(f"about_layer_{table.name}", language)]
        if table.name in {"cells", "districts"}:
            about.append(word("meta_classes", language))
            about += [word("meta_natural", language)] if breaks == "natural" else []
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
