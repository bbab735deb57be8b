"""A marker as a GeoPackage that opens in QGIS styled, labelled and documented."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import shapely

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.errors import OutputError
from inclusion_marker.files import Refusal, check_target, placing
from inclusion_marker.manifest import content_hash, write_manifest
from inclusion_marker.outputs.breaks import Breaks, breaks_of
from inclusion_marker.outputs.qgis.kept import keep_file, kept_of, with_kept
from inclusion_marker.outputs.qgis.project import project_of
from inclusion_marker.outputs.qgis.qgs import zipped
from inclusion_marker.outputs.qgis.qml import qml
from inclusion_marker.outputs.qgis.sidetables import (
    Beside,
    StyleRow,
    moment,
    project_row,
    write_side_tables,
)
from inclusion_marker.outputs.qgis.styles import styles_of
from inclusion_marker.outputs.tables import Table, table_title, tables_of
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]*\.gpkg$")
_UNSAFE = set("#?%")
_BYTES_A_CELL = 2_500
_BYTES_AT_LEAST = 4_000_000


def write_geopackage(
    result: Result,
    analyses: Analyses,
    path: Path,
    *,
    language: str,
    overwrite: bool,
    breaks: Breaks = "fixed",
    replaces: Path | None = None,
) -> Path:
    """Return the path of a GeoPackage with everything that was computed.

    Beside it go the same project as ``….qgz`` and, last of all, ``….manifest.json``. Styles and
    projects that somebody added to the file that is replaced are kept in the new one; the manifest
    names them.

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
    breaks
        Classes of the styles: ``"fixed"``, by which cities compare, or the city's ``"natural"``
        ones. The column ``marker_class`` has the fixed ones in either case.
    replaces
        The GeoPackage whose place this one is going to take, where it is not at ``path``: for a
        caller that writes aside and moves.

    Raises
    ------
    OutputError
        If the name cannot work in QGIS; if the file to replace is damaged, no result of ours, or
        has layers or columns that somebody added; or as
        :func:`inclusion_marker.files.check_target`.
    """
    check_name(path)
    needed = _BYTES_AT_LEAST + _BYTES_A_CELL * len(result.grid.index)
    check_target(path, overwrite=overwrite, needed_bytes=needed)
    kept = kept_of(path if replaces is None else replaces)
    tables = tables_of(result, analyses, language)
    edges = breaks_of(result.table(), breaks)
    project = project_of(result, tables, path.name, language, edges)
    files = targets(path)
    archive = zipped(project, f"{path.stem}.qgs")
    inside = project_row(result.city.id, zipped(project, f"{result.city.id}.qgs"))
    styles = _style_rows(result, tables, edges, language)
    styles, projects, found = with_kept(kept, styles, inside, language)
    manifest = {
        **_manifest(result, analyses, tables, language),
        "breaks": {"kind": breaks, "edges": edges if breaks == "natural" else None},
        "project_sha256": hashlib.sha256(archive).hexdigest(),
        "kept": found,
    }
    with placing(files, overwrite=overwrite) as stage:
        geopackage, qgz, beside = (stage / each.name for each in files)
        _write_tables(geopackage, tables, language)
        within = Beside(styles, projects, manifest, breaks)
        write_side_tables(geopackage, result, tables, within, language)
        qgz.write_bytes(archive)
        write_manifest(beside, manifest, overwrite=False)
        keep_file(kept, language)
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
            "names": [column.name for column in table.columns],
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
def _set_up() -> Iterator[None]:
    """Let GDAL write the one moment that files carry, and wait for the disk no more than once."""
    options = {
        "OGR_CURRENT_DATE": f"{moment():%Y-%m-%dT%H:%M:%S.000Z}",
        # The file is of use only when its side tables are in; their commit brings all to the disk.
        "OGR_SQLITE_SYNCHRONOUS": "OFF",
    }
    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _write_tables(path: Path, tables: Sequence[Table], language: str) -> None:
    """Write every layer and table with GDAL."""
    with _set_up():
        for table in tables:
            about = {
                "IDENTIFIER": table_title(table, language),
                "DESCRIPTION": word(f"about_layer_{table.name}", language),
            }
            spatial = isinstance(table.frame, gpd.GeoDataFrame)
            frame = (
                _wound(table.frame) if isinstance(table.frame, gpd.GeoDataFrame) else table.frame
            )
            # GDAL 3.12 writes version 1.4 by default, which QGIS with GDAL < 3.7 warns about.
            pyogrio.write_dataframe(
                frame,
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


def _wound(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a layer whose polygons run counter-clockwise, as readers of the standard like them."""
    return frame.set_geometry(shapely.orient_polygons(frame.geometry.to_numpy()), crs=frame.crs)


def _style_rows(
    result: Result, tables: Sequence[Table], edges: Mapping[str, tuple[float, ...]], language: str
) -> tuple[StyleRow, ...]:
    """Return our styles as rows, the default of each table first."""
    rows = []
    for table in tables:
        geometry = "geom" if isinstance(table.frame, gpd.GeoDataFrame) else ""
        for row, style in enumerate(styles_of(table, result, language, edges)):
            name = style.name or table_title(table, language)
            rows.append(StyleRow(table.name, geometry, name, qml(style), row == 0, name))
    return tuple(rows)
