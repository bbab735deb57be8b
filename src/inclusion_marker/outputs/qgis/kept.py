"""What an analyst added to a result in QGIS, carried over to the one that replaces it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, count
from pathlib import Path
from typing import Any

from inclusion_marker.errors import OutputError
from inclusion_marker.files import Refusal, kind_of, replacing
from inclusion_marker.outputs.qgis.sidetables import MANIFEST, OWNER, ProjectRow, StyleRow
from inclusion_marker.outputs.wording import plain
from inclusion_marker.texts import Text, phrase, word

# Tables that QGIS, GDAL and SQLite keep for themselves.
_OWN = ("gpkg_", "rtree_", "sqlite_")
_QGIS = {"layer_styles", "qgis_projects"}
# Whoever asks has made sure that no other program has the file open. Without the lock no `-shm`
# is left beside a file that QGIS once had in WAL mode, which would then look open.
_AS_IT_IS = "?immutable=1"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is carried over from a result to the one that replaces it.

    Attributes
    ----------
    path
        The GeoPackage that is replaced.
    styles
        Rows of ``layer_styles`` that are not ours.
    projects
        Rows of ``qgis_projects`` that are not as we wrote them.
    beside
        The ``.qgz`` beside the file if it is not as we wrote it, else ``None``.
    """

    path: Path
    styles: tuple[StyleRow, ...] = ()
    projects: tuple[ProjectRow, ...] = ()
    beside: bytes | None = None


def kept_of(path: Path) -> Kept:
    """Return what somebody added to a result that is about to be replaced.

    A style is ours as long as its owner is: QGIS clears the owner when it saves over a style, and
    names its user when it saves over a project. Numbers of our own tables are computed again;
    layers, tables and columns that we did not make are nobody's to throw away, and not to be moved
    without loss, so that they stop the writing.

    Parameters
    ----------
    path
        The GeoPackage; it may be absent, and no other program may have it open.

    Raises
    ------
    OutputError
        If the file is damaged or no GeoPackage; if it is no result of ours; if it has layers,
        tables or columns that we did not make, all of which are named.

    Examples
    --------
    >>> kept_of(Path("no-such-file.gpkg")).styles
    ()
    """
    if kind_of(path) != "file" or not path.stat().st_size:
        return Kept(path, beside=_project_beside(path, _manifest_beside(path)))
    try:
        with closing(sqlite3.connect(path.absolute().as_uri() + _AS_IT_IS, uri=True)) as file:
            file.row_factory = sqlite3.Row
            return _kept(file, path)
    except (sqlite3.DatabaseError, UnicodeError) as fault:  # a damaged page may hold no text
        raise _refused("output_unreadable", path, reason=str(fault)) from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise _refused("output_unreadable", path, reason=phrase("unreadable_manifest")) from fault


def with_kept(
    kept: Kept, styles: Sequence[StyleRow], project: ProjectRow, language: str
) -> tuple[tuple[StyleRow, ...], tuple[ProjectRow, ...], dict[str, Any]]:
    """Return all styles and projects of a new file, ours first, and what of them was kept.

    Parameters
    ----------
    kept
        What is carried over.
    styles, project
        Ours.
    language
        Language of what is added to a name that ours has already, ``"es"`` or ``"en"``.

    Returns
    -------
    styles
        A table whose default was somebody's style has that one as its default, and none of ours.
    projects
        As QGIS lists them.
    found
        For the manifest: ``styles``, ``projects`` and ``file``, under their new names.
    """
    drawn = {(row.table, row.geometry) for row in styles}
    theirs = {
        row.table
        for row in kept.styles
        # QGIS looks a default up by schema and geometry column, too.
        if row.default and row.schema == "" and (row.table, row.geometry) in drawn
    }
    ours = [row._replace(default=row.default and row.table not in theirs) for row in styles]
    added = tuple(_renamed_styles(kept.styles, ours, language))
    saved = {each.name for each in kept.projects}
    projects = [
        each._replace(name=_renamed(each.name, {project.name}, saved, "{}-{}", language))
        for each in kept.projects
    ]
    copy = _copy_of(kept, language)
    found = {
        "styles": [{"table": row.table, "name": row.name} for row in added],
        "projects": [each.name for each in projects],
        "file": None if copy is None else copy.name,
    }
    return (*ours, *added), (project, *projects), found


def _renamed_styles(
    kept: Sequence[StyleRow], ours: Sequence[StyleRow], language: str
) -> Iterator[StyleRow]:
    """Yield the styles that are kept, under other names where ours have the same in their table."""
    for row in kept:
        names = {each.name for each in ours if each.table == row.table}
        theirs = {each.name for each in kept if each.table == row.table}
        yield row._replace(name=_renamed(row.name, names, theirs, "{} ({})", language))


def _renamed(name: str, ours: set[str], theirs: set[str], shape: str, language: str) -> str:
    """Return a name that none of ours has; a new one is not among theirs either."""
    if name not in ours:
        return name
    proposed = (shape.format(name, mark) for mark in _marks(language))
    return next(each for each in proposed if each not in ours | theirs)


def keep_file(kept: Kept, language: str) -> Path | None:
    """Return the path of the copy of somebody's ``.qgz``, written; ``None`` where there is none.

    Parameters
    ----------
    kept
        What is carried over.
    language
        Language of the copy's name, ``"es"`` or ``"en"``.

    Raises
    ------
    OutputError
        As :func:`inclusion_marker.files.replacing`.
    """
    copy = _copy_of(kept, language)
    if copy is None or kept.beside is None or copy.exists():
        return copy
    with replacing(copy, overwrite=False) as beside:
        beside.write_bytes(kept.beside)
    return copy


def kept_lines(manifest: Mapping[str, Any], language: str) -> tuple[str, ...]:
    """Return in words what was carried over, a line each; nothing where nothing was.

    Parameters
    ----------
    manifest
        The manifest of a GeoPackage.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> found = {"styles": [{"table": "cells", "name": "Rojo"}], "projects": [], "file": None}
    >>> kept_lines({"kept": found}, "es")
    ('Se conservó lo que usted añadió:', '  estilo «Rojo» de cells')
    """
    found = manifest["kept"]
    lines = [word("kept_style", language, **each) for each in found["styles"]]
    lines += [word("kept_project", language, name=name) for name in found["projects"]]
    lines += [word("kept_file", language, name=found["file"])] if found["file"] else []
    head = [word("kept_found", language)] if lines else []
    return (*head, *(f"  {line}" for line in lines))


# ── reading the old file ─────────────────────────────────────────────────────


def _refused(code: str, path: Path, **values: object) -> OutputError:
    """Return the error of a file that is not replaced."""
    return OutputError(Refusal(code, path.name, values))


def _kept(file: sqlite3.Connection, path: Path) -> Kept:
    """Return what is carried over from an open file."""
    names = file.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    tables = {str(name) for (name,) in names}
    if "gpkg_contents" not in tables:
        raise _refused("output_unreadable", path, reason=phrase("unreadable_contents"))
    manifest = _manifest(file) if "gpkg_metadata" in tables else None
    if manifest is None:
        raise _refused("output_foreign", path)
    added = list(_added(file, tables, manifest))
    if added:
        said = Text(
            es=", ".join(each.es for each in added), en=", ".join(each.en for each in added)
        )
        raise _refused("output_added", path, added=said)
    return Kept(
        path,
        tuple(_styles(file)) if "layer_styles" in tables else (),
        tuple(_projects(file, manifest)) if "qgis_projects" in tables else (),
        _project_beside(path, manifest),
    )


def _manifest(file: sqlite3.Connection) -> dict[str, Any] | None:
    """Return the manifest of an open file, ``None`` where it has none of ours."""
    query = "SELECT metadata FROM gpkg_metadata WHERE md_standard_uri = ? ORDER BY id"
    row = file.execute(query, (MANIFEST,)).fetchone()
    return None if row is None else dict(json.loads(row[0]))


def _added(
    file: sqlite3.Connection, tables: set[str], manifest: Mapping[str, Any]
) -> Iterator[Text]:
    """Yield what of an open file the computation did not make, apart from styles and projects."""
    ours: Mapping[str, Any] = manifest["outputs"]
    for name in sorted(tables - set(ours) - _QGIS):
        if not name.startswith(_OWN):
            yield phrase("added_layer", name=plain(name))
    geometry = file.execute("SELECT table_name, column_name FROM gpkg_geometry_columns")
    shapes = {(str(table), str(column)) for table, column in geometry}
    for name in sorted(tables & set(ours)):
        made = ours[name].get("names")
        if made is None:  # a manifest of before columns were named
            continue
        columns = file.execute("SELECT name, pk FROM pragma_table_xinfo(?)", (name,))
        for column, key in columns.fetchall():
            if not key and column not in made and (name, column) not in shapes:
                yield phrase("added_column", table=name, column=plain(column))


def _styles(file: sqlite3.Connection) -> Iterator[StyleRow]:
    """Yield the styles of an open file that are not ours, in their order."""
    query = "SELECT * FROM layer_styles WHERE owner IS NOT ? ORDER BY rowid"
    for row in map(dict, file.execute(query, (OWNER,))):
        yield StyleRow(
            str(row["f_table_name"]),
            row["f_geometry_column"],
            row["styleName"] or "",
            row["styleQML"],
            default=row["useAsDefault"] == 1,
            description=row["description"],
            schema=row["f_table_schema"],
            sld=row["styleSLD"],
            owner=row["owner"],
            ui=row["ui"],
            updated=row["update_time"],
        )


def _projects(file: sqlite3.Connection, manifest: Mapping[str, Any]) -> Iterator[ProjectRow]:
    """Yield the projects of an open file that are not as we wrote them."""
    query = "SELECT name, metadata, content FROM qgis_projects ORDER BY rowid"
    for row in map(ProjectRow._make, file.execute(query)):
        if row.name != manifest["city"] or _saved_by(row) != OWNER:
            yield row


def _saved_by(row: ProjectRow) -> object:
    """Return who saved a project last, ``None`` where nothing says it."""
    try:
        return dict(json.loads(row.metadata)).get("last_modified_user")
    except (ValueError, TypeError):
        return None


# ── the project beside ───────────────────────────────────────────────────────


def _project_beside(path: Path, manifest: Mapping[str, Any]) -> bytes | None:
    """Return the ``.qgz`` beside a file, ``None`` where there is none or it is as we wrote it."""
    beside = path.with_suffix(".qgz")
    if kind_of(beside) != "file":
        return None
    try:
        content = beside.read_bytes()
    except OSError as fault:
        raise _refused("output_denied", beside, reason=fault.strerror) from fault
    return None if sha256(content).hexdigest() == manifest.get("project_sha256") else content


def _manifest_beside(path: Path) -> dict[str, Any]:
    """Return the manifest beside a file that is gone; empty where none can be read."""
    try:
        text = path.with_name(f"{path.stem}.manifest.json").read_text(encoding="utf-8")
        return dict(json.loads(text))
    except (OSError, ValueError, TypeError):
        return {}


def _copy_of(kept: Kept, language: str) -> Path | None:
    """Return where somebody's ``.qgz`` is kept: a free name, or one that has these very bytes."""
    if kept.beside is None:
        return None
    stem = kept.path.stem
    names = (kept.path.with_name(f"{stem}-{mark}.qgz") for mark in _marks(language))
    return next(
        each
        for each in names
        if not each.exists() or (each.is_file() and each.read_bytes() == kept.beside)
    )


def _marks(language: str) -> Iterator[str]:
    """Yield what is added to names that are taken: ``mine``, ``mine-2`` …."""
    suffix = word("kept_suffix", language)
    return chain([suffix], (f"{suffix}-{number}" for number in count(2)))
