"""A project of QGIS (QGS) over the layers of a GeoPackage, and the metadata of a layer (QMD)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as ET

import pyproj

from inclusion_marker.outputs.qgis.qml import VERSION, Style, document, elements

Geometry = Literal["Polygon", "Line", "Point", "No geometry"]


@dataclass(frozen=True, slots=True)
class MapLayer:
    """A layer of a project.

    Attributes
    ----------
    id
        By which the project's parts name the layer: each id once, though tables may come twice.
    table
        Name in the GeoPackage.
    title, about
        Name in the layer tree, and what is said of it under the pointer.
    geometry
        What it draws.
    style
        Its style, ``None`` for a plain table.
    shown
        Whether it is ticked when the project opens.
    """

    id: str
    table: str
    title: str
    about: str
    geometry: Geometry
    style: Style | None
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Layers that stand together in the layer tree.

    Attributes
    ----------
    title
        Its name.
    layers
        The topmost first.
    open
        Whether it is unfolded when the project opens.
    one_at_a_time
        Whether ticking a layer takes the tick of the others: they would hide each other.
    """

    title: str
    layers: tuple[MapLayer, ...]
    open: bool = True
    one_at_a_time: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows of one layer that belong to a row of another; the layers by their ids."""

    id: str
    name: str
    child: str
    child_field: str
    parent: str
    parent_field: str


@dataclass(frozen=True, slots=True)
class Project:
    """What a project shows.

    Attributes
    ----------
    title, about
        Title, and what is said of the project in its properties.
    groups
        The topmost first.
    drawn
        Ids of the layers with a map, the one above all others first.
    relations
        Between the layers.
    crs
        ``"EPSG:…"``.
    extent
        What the map shows first: west, south, east, north.
    layouts
        Pages to print, as QGIS writes them.
    """

    title: str
    about: str
    groups: tuple[Group, ...]
    drawn: tuple[str, ...]
    relations: tuple[Relation, ...]
    crs: str
    extent: tuple[float, float, float, float]
    layouts: tuple[ET.Element, ...] = ()


def layer_id(name: str) -> str:
    """Return the id of a layer in a project.

    Parameters
    ----------
    name
        Its table, or the column of the cells that it shows.

    Examples
    --------
    >>> layer_id("cells")
    'cells_inclusion_marker'
    """
    return f"{name}_inclusion_marker"


# ── metadata of a layer as QMD ───────────────────────────────────────────────


def qmd(
    title: str,
    abstract: str,
    *,
    language: str,
    keywords: Iterable[str],
    licences: Iterable[str],
    history: Iterable[str],
) -> str:
    """Return the metadata of a layer as QGIS reads it from a GeoPackage.

    Parameters
    ----------
    title, abstract
        What the layer is.
    language
        ``"es"`` or ``"en"``.
    keywords, licences, history
        Topics, terms of use, and what happened to the data.

    Examples
    --------
    >>> "<title>Cells</title>" in qmd(
    ...     "Cells", "", language="en", keywords=[], licences=[], history=[]
    ... )
    True
    """
    root = ET.Element("qgis", version=VERSION)
    said = "ENG" if language == "en" else "SPA"
    heads = {"identifier": "", "language": said, "type": "dataset", "title": title}
    for tag, text in {**heads, "abstract": abstract}.items():
        ET.SubElement(root, tag).text = text
    topics = ET.SubElement(root, "keywords", vocabulary="gmd:topicCategory")
    for keyword in keywords:
        ET.SubElement(topics, "keyword").text = keyword
    for licence in licences:
        ET.SubElement(root, "license").text = licence
    for line in history:
        ET.SubElement(root, "history").text = line
    return document(root)


# ── a project as QGS ─────────────────────────────────────────────────────────


def project(file: str, shown: Project) -> str:
    """Return a project that shows the layers of a GeoPackage beside it.

    Parameters
    ----------
    file
        Name of the GeoPackage, in the project's folder.
    shown
        What it shows.
    """
    root = ET.Element("qgis", projectname=shown.title, version=VERSION)
    ET.SubElement(root, "title").text = shown.title
    _add_crs(ET.SubElement(root, "projectCrs"), shown.crs)
    _add_properties(root)
    said = ET.SubElement(root, "projectMetadata")
    for tag, text in {"title": shown.title, "abstract": shown.about}.items():
        ET.SubElement(said, tag).text = text
    tree = ET.SubElement(root, "layer-tree-group")
    listed = ET.SubElement(root, "projectlayers")
    for group in shown.groups:
        held = _add_group(tree, group)
        for layer in group.layers:
            _add_layer(held, listed, layer, f"./{file}|layername={layer.table}")
    order = ET.SubElement(tree, "custom-order", enabled="1")
    for each in shown.drawn:
        ET.SubElement(order, "item").text = each
    canvas = ET.SubElement(root, "mapcanvas", name="theMapCanvas", annotationsVisible="1")
    ET.SubElement(canvas, "units").text = "meters"
    add_extent(canvas, shown.extent)
    _add_crs(ET.SubElement(canvas, "destinationsrs"), shown.crs)
    _add_relations(root, shown.relations)
    ET.SubElement(root, "Layouts").extend(shown.layouts)
    return document(root)


def add_extent(canvas: ET.Element, extent: tuple[float, float, float, float]) -> None:
    """Add what a map shows: west, south, east, north."""
    box = ET.SubElement(canvas, "extent")
    for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), extent, strict=True):
        ET.SubElement(box, tag).text = f"{value:.3f}"


def _add_group(tree: ET.Element, group: Group) -> ET.Element:
    """Add a group to the layer tree, ticked itself: a tick of one of its layers must be enough."""
    of = {"name": group.title, "checked": "Qt::Checked", "expanded": str(int(group.open))}
    if group.one_at_a_time:
        of |= {"mutually-exclusive": "1", "mutually-exclusive-child": "-1"}
    return ET.SubElement(tree, "layer-tree-group", of)


def _add_relations(root: ET.Element, relations: Sequence[Relation]) -> None:
    """Add the relations between layers."""
    held = ET.SubElement(root, "relations")
    for each in relations:
        of = {"id": each.id, "name": each.name, "strength": "Association"}
        of |= {"referencingLayer": each.child, "referencedLayer": each.parent}
        pair = {"referencingField": each.child_field, "referencedField": each.parent_field}
        ET.SubElement(ET.SubElement(held, "relation", of), "fieldRef", pair)


def _add_properties(root: ET.Element) -> None:
    """Add the switches without which QGIS ignores the project's CRS and absolute paths creep in."""
    properties = ET.SubElement(root, "properties")
    switches = {
        ("SpatialRefSys", "ProjectionsEnabled", "int"): "1",
        ("Paths", "Absolute", "bool"): "false",
        ("Measure", "Ellipsoid", "QString"): "EPSG:7030",
        ("Measurement", "DistanceUnits", "QString"): "meters",
        ("Measurement", "AreaUnits", "QString"): "ha",
    }
    for (group, key, kind), value in switches.items():
        holder = properties.find(group)
        holder = ET.SubElement(properties, group) if holder is None else holder
        ET.SubElement(holder, key, type=kind).text = value


def _add_crs(parent: ET.Element, crs: str) -> None:
    """Add a coordinate reference system by its code, and in full for a QGIS that lacks the code."""
    system = ET.SubElement(parent, "spatialrefsys", nativeFormat="Wkt")
    ET.SubElement(system, "wkt").text = pyproj.CRS.from_user_input(crs).to_wkt()
    # QGIS looks the code up only beside a positive number of its own.
    ET.SubElement(system, "srsid").text = "1"
    ET.SubElement(system, "authid").text = crs


def _add_layer(group: ET.Element, listed: ET.Element, layer: MapLayer, source: str) -> None:
    """Add a layer to its group of the tree and to the list of layers."""
    drawn = layer.geometry != "No geometry"
    of = {"id": layer.id, "name": layer.title, "source": source, "providerKey": "ogr"}
    ticked = "Qt::Checked" if layer.shown else "Qt::Unchecked"
    unfolded = str(int(drawn and layer.shown))
    ET.SubElement(group, "layer-tree-layer", of, checked=ticked, expanded=unfolded)
    labelled = layer.style is not None and layer.style.labels is not None
    of = {"type": "vector", "geometry": layer.geometry, "labelsEnabled": str(int(labelled))}
    entry = ET.SubElement(listed, "maplayer", of)
    texts = {"id": layer.id, "datasource": source, "layername": layer.title}
    texts |= {"title": layer.title, "abstract": layer.about}
    for tag, text in texts.items():
        ET.SubElement(entry, tag).text = text
    ET.SubElement(entry, "provider", encoding="UTF-8").text = "ogr"
    if layer.style is not None:
        for part in elements(layer.style):
            entry.append(part)


def zipped(project_xml: str, name: str) -> bytes:
    """Return a project as the bytes of a ``.qgz``, the same every time.

    Parameters
    ----------
    project_xml
        The project.
    name
        Name of the ``.qgs`` inside.
    """
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.create_system = 3  # as on Unix: the same bytes on Windows
        archive.writestr(entry, project_xml)
    return held.getvalue()
