"""The project of an output: its layers in their groups, what is drawn above what, the print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import geopandas as gpd

from inclusion_marker.outputs.qgis.layout import layout_of
from inclusion_marker.outputs.qgis.qgs import (
    Geometry,
    Group,
    MapLayer,
    Project,
    Relation,
    layer_id,
    project,
)
from inclusion_marker.outputs.qgis.qml import Style
from inclusion_marker.outputs.qgis.styles import FIXED, Edges, styles_of
from inclusion_marker.outputs.tables import Table, table_title
from inclusion_marker.outputs.wording import cautions_of, node_title
from inclusion_marker.result import Result
from inclusion_marker.texts import word

MARKER = "cells"
"""Layer that shows the marker; the others over the same table are named by their column."""

_CONTEXT = ("services", "shapes", "districts", "zones", "boundary")
_ALSO = ("confidence", "hotspot")
_DRAWN_ABOVE = ("services", "boundary", "districts", "zones", "shapes")
_TICKED = (MARKER, "districts", "boundary")


def project_of(
    result: Result, tables: Sequence[Table], file: str, language: str, breaks: Edges = FIXED
) -> str:
    """Return the project that shows an output.

    The layer tree is read from the marker down to the tables; what is drawn above what is another
    order, which the project holds too: lines and points above all areas of colour, and among these
    the marker at the bottom, so that whatever is ticked is seen.

    Parameters
    ----------
    result
        What was computed.
    tables
        The output's tables.
    file
        Name of the GeoPackage that the project stands beside, or in.
    language
        ``"es"`` or ``"en"``.
    breaks
        As for :func:`inclusion_marker.outputs.qgis.styles.styles_of`.
    """
    by_name = {table.name: table for table in tables}
    styles = {name: styles_of(table, result, language, breaks) for name, table in by_name.items()}
    of_cells = {style.key: style for style in styles[MARKER]}
    groups = (
        _first(by_name, styles, of_cells, language),
        *_areas(by_name[MARKER], of_cells, result, language),
        _plain(by_name, styles, language),
    )
    west, south, east, north = (float(each) for each in result.grid.cells.total_bounds)
    title = word("project_title", language, city=result.city.name.said(language))
    said = [*cautions_of(result, language), word("about_layer_cells", language)]
    return project(
        file,
        Project(
            title=title,
            about=" ".join(said),
            groups=groups,
            drawn=_drawn(groups),
            relations=tuple(_relations(by_name, language)),
            crs=result.city.crs,
            extent=(west, south, east, north),
            layouts=(layout_of(result, by_name, language, breaks),),
        ),
    )


# ── the groups ───────────────────────────────────────────────────────────────


def _first(
    by_name: Mapping[str, Table],
    styles: Mapping[str, Sequence[Style]],
    of_cells: Mapping[str, Style],
    language: str,
) -> Group:
    """Return the group that is open: the marker, how sure it is, where it clusters, the places."""
    cells = by_name[MARKER]
    layers = [_layer(cells, styles[MARKER][0], language)]
    layers += [_over(cells, of_cells[key], word(f"about_{key}", language)) for key in _ALSO]
    layers += [
        _layer(by_name[name], styles[name][0], language) for name in _CONTEXT if name in by_name
    ]
    return Group(word("qgis_group_marker", language), tuple(layers))


def _areas(
    cells: Table, of_cells: Mapping[str, Style], result: Result, language: str
) -> Iterator[Group]:
    """Yield a folded group for each area: itself, then each dimension with its indicators."""
    method = result.method
    known = {column.name: column for column in cells.columns}
    for key in method.areas:
        nodes = [f"area_{key}"]
        for dimension in method.dimensions_of(key):
            nodes.append(f"dim_{dimension}")
            nodes += [f"ind_{each}" for each in method.indicators_of(dimension)]
        layers = [_over(cells, of_cells[column], known[column].description) for column in nodes]
        title = node_title(method, f"area_{key}", language)
        yield Group(title, tuple(layers), open=False, one_at_a_time=True)


def _plain(
    by_name: Mapping[str, Table], styles: Mapping[str, Sequence[Style]], language: str
) -> Group:
    """Return the group of the tables without a map."""
    plain = [table for table in by_name.values() if _geometry(table) == "No geometry"]
    layers = [_layer(table, styles[table.name][0], language) for table in plain]
    return Group(word("group_tables", language), tuple(layers), open=False)


def _layer(table: Table, style: Style, language: str) -> MapLayer:
    """Return the layer of a table in its default style."""
    about = word(f"about_layer_{table.name}", language)
    shown = table.name in _TICKED
    title = table_title(table, language)
    return MapLayer(layer_id(table.name), table.name, title, about, _geometry(table), style, shown)


def _over(cells: Table, style: Style, about: str) -> MapLayer:
    """Return a layer over the cells in another style than the marker's."""
    named = replace(style, columns=cells.columns, only_aliases=True)
    return MapLayer(layer_id(style.key), cells.name, style.name, about, "Polygon", named)


def _geometry(table: Table) -> Geometry:
    """Return what kind of shapes QGIS draws for a table."""
    if not isinstance(table.frame, gpd.GeoDataFrame):
        return "No geometry"
    return "Point" if table.name == "services" else "Polygon"


# ── the order of drawing, the relations ──────────────────────────────────────


def _drawn(groups: Sequence[Group]) -> tuple[str, ...]:
    """Return the ids of the layers with a map, the one above all others first."""
    ids = [
        layer.id for group in groups for layer in group.layers if layer.geometry != "No geometry"
    ]
    above = [layer_id(name) for name in _DRAWN_ABOVE if layer_id(name) in ids]
    below = [layer_id(name) for name in (*_ALSO, MARKER)]
    between = [each for each in ids if each not in {*above, *below}]
    return (*above, *between, *below)


def _relations(by_name: Mapping[str, Table], language: str) -> Iterator[Relation]:
    """Yield which rows belong to which."""
    cells = layer_id(MARKER)
    said = word("relation_origins", language)
    yield Relation("origins", said, layer_id("origins"), "cell", cells, "cell")
    if "districts" in by_name:
        said, districts = word("relation_districts", language), layer_id("districts")
        yield Relation("districts", said, cells, "district", districts, "district")
