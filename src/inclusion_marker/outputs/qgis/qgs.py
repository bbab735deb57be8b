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
    table
        Name in the GeoPackage.
    title
        Name in the layer tree.
    geometry
        What it draws.
    style
        Its style, ``None`` for a plain table.
    group
        Group of the layer tree.
    shown
        Whether it is ticked when the project opens.
    """

    table: str
    title: str
    geometry: Geometry
    style: Style | None
    group: str
    shown: bool = True

    @property
    def id(self) -> str:
        """Return the id by which the project's parts name the layer."""
        return f"{self.table}_inclusion_marker"


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows of one table that belong to a row of another."""

    id: str
    name: str
    child: str
    child_field: str
    parent: str
    parent_field: str


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


def project(
    file: str,
    title: str,
    layers: Sequence[MapLayer],
    *,
    relations: Sequence[Relation],
    crs: str,
    extent: tuple[float, float, float, float],
) -> str:
    """Return a project that shows the layers of a GeoPackage beside it.

    Parameters
    ----------
    file
        Name of the GeoPackage, in the project's folder.
    title
        Title of the project.
    layers
        In the order of the layer tree, the topmost first; groups open where they first appear.
    relations
        Between the tables.
    crs
        ``"EPSG:…"``.
    extent
        What the map shows first: west, south, east, north.
    """
    root = ET.Element("qgis", projectname=title, version=VERSION)
    ET.SubElement(root, "title").text = title
    _add_crs(ET.SubElement(root, "projectCrs"), crs)
    _add_properties(root)
    tree = ET.SubElement(root, "layer-tree-group")
    listed = ET.SubElement(root, "projectlayers")
    groups: dict[str, ET.Element] = {}
    for layer in layers:
        if layer.group not in groups:
            of = {"name": layer.group, "checked": "Qt::Checked", "expanded": "1"}
            groups[layer.group] = ET.SubElement(tree, "layer-tree-group", of)
        _add_layer(groups[layer.group], listed, layer, f"./{file}|layername={layer.table}")
    canvas = ET.SubElement(root, "mapcanvas", name="theMapCanvas", annotationsVisible="1")
    ET.SubElement(canvas, "units").text = "meters"
    box = ET.SubElement(canvas, "extent")
    for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), extent, strict=True):
        ET.SubElement(box, tag).text = f"{value:.3f}"
    _add_crs(ET.SubElement(canvas, "destinationsrs"), crs)
    ids = {layer.table: layer.id for layer in layers}
    held = ET.SubElement(root, "relations")
    for each in relations:
        of = {"id": each.id, "name": each.name, "strength": "Association"}
        of |= {"referencingLayer": ids[each.child], "referencedLayer": ids[each.parent]}
        pair = {"referencingField": each.child_field, "referencedField": each.parent_field}
        ET.SubElement(ET.SubElement(held, "relation", of), "fieldRef", pair)
    return document(root)


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
        archive.writestr(entry, project_xml)
    return held.getvalue()
