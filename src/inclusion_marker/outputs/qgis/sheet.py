"""The parts of a page to print, as QGIS writes them: words, map, legend, scale bar, arrow.

What QGIS 3.22 reads of fonts and what later ones read stand side by side: each takes its own.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from xml.etree import ElementTree as ET

from inclusion_marker.outputs.qgis.qml import FAMILIES
from inclusion_marker.outputs.qgis.symbols import options, rgba, symbol

POINT_MM = 25.4 / 72
"""Millimetres of a typographic point."""

_HALIGN = {"left": "1", "right": "2", "center": "4"}
_VALIGN = {"top": "32", "middle": "128"}
_PLAIN, _BOLD = "50", "75"
_ARROW = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 60" width="40" height="60">'
    '<path d="M20 16 L34 58 L20 49 Z" fill="#FFFFFF" stroke="#222222" stroke-width="1.6"/>'
    '<path d="M20 16 L6 58 L20 49 Z" fill="#222222" stroke="#222222" stroke-width="1.6"/>'
    '<path d="M15.2 11.5 V1 L24.8 11.5 V1" fill="none" stroke="#222222" stroke-width="2.4"/></svg>'
)


class Box(NamedTuple):
    """Where a part stands on the page, in millimetres from its upper left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return the right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Return the lower edge."""
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Font:
    """How words look: their size, weight and colour."""

    size_pt: float
    bold: bool = False
    colour: str = "#222222"


@dataclass(frozen=True, slots=True)
class Entry:
    """A layer on the page: its id and name in the project, and the words of the legend.

    Attributes
    ----------
    layer, name
        Of the layer in the project.
    title
        What the legend calls it; empty for a heading that is not shown.
    labels
        Words of its classes in their order; none for those of its style.
    """

    layer: str
    name: str
    title: str
    labels: tuple[str, ...] = ()


def sheet(name: str, size: tuple[float, float], items: Sequence[ET.Element]) -> ET.Element:
    """Return a page of a size in millimetres with its parts, the lowest first.

    Parameters
    ----------
    name
        What the list of layouts calls it.
    size
        Width and height of the page.
    items
        Its parts.
    """
    root = ET.Element("Layout", name=name, units="mm", printResolution="300", worldFileMap="")
    ET.SubElement(root, "Snapper", tolerance="5", snapToGrid="0", snapToItems="1", snapToGuides="1")
    ET.SubElement(
        root, "Grid", offsetX="0", offsetY="0", offsetUnits="mm", resolution="10", resUnits="mm"
    )
    pages = ET.SubElement(root, "PageCollection")
    white = {"color": rgba("#FFFFFF"), "style": "solid", "outline_style": "no"}
    symbol(pages, "", "fill", ("SimpleFill", white))
    page = _item("65638", "page", Box(0, 0, *size))
    symbol(page, "", "fill", ("SimpleFill", white))
    pages.append(page)
    ET.SubElement(pages, "GuideCollection", visible="1")
    for level, each in enumerate(items, start=1):
        each.set("zValue", str(level))
        root.append(each)
    held = ET.SubElement(root, "customproperties")
    options(held, {"exportWorldFile": "false"})
    return root


def _item(kind: str, key: str, box: Box, *, background: str | None = None) -> ET.Element:
    """Return a part of a kind; its key is its name and, by a hash, its identity."""
    identity = "{" + str(uuid.uuid5(uuid.NAMESPACE_URL, f"inclusion-marker/layout/{key}")) + "}"
    place = f"{box.left:.2f},{box.top:.2f},mm"
    item = ET.Element(
        "LayoutItem",
        {"type": kind, "id": key, "uuid": identity, "templateUuid": identity, "groupUuid": ""},
        position=place,
        positionOnPage=place,
        size=f"{box.width:.2f},{box.height:.2f},mm",
        referencePoint="0",
        itemRotation="0",
        opacity="1",
        blendMode="0",
        visibility="1",
        positionLock="false",
        excludeFromExports="0",
        frame="false",
        frameJoinStyle="miter",
        outlineWidthM="0.2,mm",
        background="false" if background is None else "true",
    )
    for tag, colour in (("FrameColor", "#8C8C8C"), ("BackgroundColor", background or "#FFFFFF")):
        ET.SubElement(item, tag, _channels(colour))
    return item


def _channels(colour: str) -> dict[str, str]:
    """Return ``#RRGGBB`` as the attributes of a colour of a page."""
    return dict(zip(("red", "green", "blue", "alpha"), rgba(colour).split(","), strict=True))


def _add_text_style(parent: ET.Element, font: Font) -> None:
    """Add the font as QGIS reads it from 3.24 on."""
    style = ET.SubElement(
        parent,
        "text-style",
        fontFamily=FAMILIES[0],
        fontSize=f"{font.size_pt:g}",
        fontSizeUnit="Point",
        fontWeight=_BOLD if font.bold else _PLAIN,
        namedStyle="Bold" if font.bold else "",
        textColor=rgba(font.colour),
        textOpacity="1",
        multilineHeight="1",
        textOrientation="horizontal",
        allowHtml="0",
    )
    families = ET.SubElement(style, "families")
    for name in FAMILIES:
        ET.SubElement(families, "family", name=name)


def _described(font: Font) -> str:
    """Return the font as QGIS 3.22 reads it: Qt's words for it."""
    weight = _BOLD if font.bold else _PLAIN
    return f"{FAMILIES[0]},{font.size_pt:g},-1,5,{weight},0,0,0,0,0"


# ── words ────────────────────────────────────────────────────────────────────


def label(
    key: str,
    said: str,
    box: Box,
    font: Font,
    *,
    background: str | None = None,
    halign: Literal["left", "right", "center"] = "left",
) -> ET.Element:
    """Return words in a box; with a background they stand in its middle, a little inside.

    Parameters
    ----------
    key
        Name of the part.
    said
        The words; QGIS evaluates what stands between ``[%`` and ``%]``.
    box, font
        Where they stand, and how they look.
    background
        Colour behind them.
    halign
        The side they keep to.
    """
    item = _item("65641", key, box, background=background)
    inside = "0" if background is None else "2"
    for name, value in {
        "labelText": said,
        "htmlState": "0",
        "halign": _HALIGN[halign],
        "valign": _VALIGN["top" if background is None else "middle"],
        "marginX": inside,
        "marginY": "0" if background is None else "0.5",
    }.items():
        item.set(name, value)
    ET.SubElement(item, "LabelFont", description=_described(font), style="")
    ET.SubElement(item, "FontColor", _channels(font.colour))
    _add_text_style(item, font)
    return item


# ── the map and what explains it ─────────────────────────────────────────────


def map_of(
    key: str, box: Box, extent: tuple[float, float, float, float], entries: Sequence[Entry]
) -> ET.Element:
    """Return a map of some layers, whatever is ticked in the project.

    Parameters
    ----------
    key, box
        Name and place.
    extent
        West, south, east, north; in the proportions of the box.
    entries
        The layers, the one above all others first.
    """
    item = _item("65639", key, box, background="#FFFFFF")
    for name, value in {
        "frame": "true",
        "keepLayerSet": "true",
        "followPreset": "false",
        "mapRotation": "0",
        "drawCanvasItems": "true",
        "mapFlags": "0",
        "labelMargin": "0,mm",
    }.items():
        item.set(name, value)
    names = ("xmin", "ymin", "xmax", "ymax")
    sides = {name: f"{value:.3f}" for name, value in zip(names, extent, strict=True)}
    ET.SubElement(item, "Extent", sides)
    layers = ET.SubElement(item, "LayerSet")
    for each in entries:
        of = {"name": each.name, "source": "", "provider": "ogr"}
        ET.SubElement(layers, "Layer", of).text = each.layer
    return item


def legend(
    key: str, box: Box, of_map: ET.Element, entries: Sequence[Entry], sizes: tuple[Font, Font]
) -> ET.Element:
    """Return a legend of some layers, in their order.

    Parameters
    ----------
    key, box
        Name and place; the box fits itself to what is in it.
    of_map
        The map that it explains.
    entries
        The layers.
    sizes
        Fonts of the names of layers, and of the classes.
    """
    item = _item("65642", key, box)
    for name, value in {
        "title": "",
        "titleAlignment": "1",
        "map_uuid": of_map.get("uuid", ""),
        "legendFilterByAtlas": "0",
        "resizeToContents": "1",
        "columnCount": "1",
        "splitLayer": "0",
        "boxSpace": "0",
        "columnSpace": "2",
        "lineSpacing": "1",
        "symbolWidth": "7",
        "symbolHeight": "4",
        "symbolAlignment": "1",
        "wrapChar": "",
        "fontColor": sizes[1].colour,
        "rasterBorder": "0",
    }.items():
        item.set(name, value)
    styles = ET.SubElement(item, "styles")
    spaces: dict[str, tuple[Font, dict[str, str]]] = {
        "title": (sizes[0], {"marginBottom": "2"}),
        "group": (sizes[0], {"marginTop": "2"}),
        "subgroup": (sizes[0], {"marginTop": "2", "marginBottom": "0.5"}),
        "symbol": (sizes[1], {"marginTop": "1.4"}),
        "symbolLabel": (sizes[1], {"marginTop": "1.4", "marginLeft": "2"}),
    }
    for name, (font, margins) in spaces.items():
        style = ET.SubElement(styles, "style", {"name": name, "alignment": "1", "indent": "0"})
        style.attrib.update(margins)
        ET.SubElement(style, "styleFont", description=_described(font), style="")
        _add_text_style(style, font)
    tree = ET.SubElement(item, "layer-tree-group")
    for each in entries:
        of = {"id": each.layer, "name": each.name, "source": "", "providerKey": "ogr"}
        layer = ET.SubElement(tree, "layer-tree-layer", of, checked="Qt::Checked", expanded="1")
        numbered = {f"legend/label-{row}": said for row, said in enumerate(each.labels)}
        title = {"legend/title-label": each.title} if each.title else {}
        hidden = {} if each.title else {"legend/title-style": "hidden"}
        options(ET.SubElement(layer, "customproperties"), title | hidden | numbered)
    return item


def scale_bar(
    key: str, box: Box, of_map: ET.Element, font: Font, piece: tuple[float, float]
) -> ET.Element:
    """Return a bar of two pieces.

    Parameters
    ----------
    key, box
        Name and place.
    of_map
        The map that it measures.
    font
        Of its numbers.
    piece
        Length of a piece: metres on the ground, millimetres on the page.
    """
    metres, drawn_mm = piece
    far = metres >= 1000  # noqa: PLR2004 - metres in a kilometre
    item = _item("65646", key, box)
    for name, value in {
        "style": "Single Box",
        "mapUuid": of_map.get("uuid", ""),
        "unitType": "km" if far else "meters",
        "unitLabel": "km" if far else "m",
        "numUnitsPerSegment": f"{metres / 1000 if far else metres:g}",
        "numMapUnitsPerScaleBarUnit": "1",
        "numSegments": "2",
        "numSegmentsLeft": "0",
        "segmentSizeMode": "0",
        "segmentMillimeters": f"{drawn_mm:.3f}",
        "minBarWidth": "20",
        "maxBarWidth": "80",
        "height": "1.6",
        "labelBarSpace": "1",
        "boxContentSpace": "0.5",
        "alignment": "0",
        "outlineWidth": "0.2",
    }.items():
        item.set(name, value)
    _add_text_style(item, font)
    for tag, colour in (("fillColor", "#222222"), ("fillColor2", "#FFFFFF")):
        ET.SubElement(item, tag, _channels(colour))
    return item


def north_arrow(key: str, box: Box, of_map: ET.Element) -> ET.Element:
    """Return an arrow to the north of a map, drawn here: no file of QGIS is needed for it.

    Parameters
    ----------
    key, box
        Name and place.
    of_map
        The map whose north it shows.
    """
    item = _item("65640", key, box)
    drawing = base64.b64encode(_ARROW.encode()).decode()
    for name, value in {
        "file": f"base64:{drawing}",
        "mode": "0",
        "mapUuid": of_map.get("uuid", ""),
        "northMode": "0",
        "northOffset": "0",
        "pictureRotation": "0",
        "resizeMode": "0",
        "anchorPoint": "4",
        "svgBorderColor": rgba("#222222"),
        "svgFillColor": rgba("#FFFFFF"),
        "svgBorderWidth": "0.2",
    }.items():
        item.set(name, value)
    return item
