"""How a layer looks and speaks in QGIS, as a QML document."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from inclusion_marker.outputs.qgis.symbols import options
from inclusion_marker.outputs.tables import Column

VERSION = "3.22.0"
FAMILIES = ("Arial", "Liberation Sans", "DejaVu Sans")
"""Fonts of all words: the first that the computer has."""
_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORM_OF_TABS = "tablayout"
# QGIS's numbers: on the point, or at the best of some positions beside its symbol.
_ON_IT = {"placement": "1", "dist": "0"}
_BESIDE = {
    "placement": "6",
    "dist": "0.6",
    "offsetType": "1",
    "predefinedPositionOrder": "R,L,TR,BR,TL,BL",
}
# The GeoPackage itself says what the codes of these columns mean, and QGIS shows the words.
_LISTED = ("class", "slope", "origin", "confidence", "cause", "hotspot")


@dataclass(frozen=True, slots=True)
class Labels:
    """Text on the map: an expression, its size, and the scale from which it is shown.

    Attributes
    ----------
    expression
        In QGIS's language.
    size_pt
        Size of the letters.
    from_scale
        Denominator of the smallest scale that shows them; 0 shows them always.
    bold
        Whether they are bold.
    beside
        Whether they stand beside a point, not on it.
    """

    expression: str
    size_pt: float = 8.0
    from_scale: int = 0
    bold: bool = False
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Style:
    """How one layer looks and speaks.

    Attributes
    ----------
    name
        Name in the menu of styles.
    fields
        All columns of the table, the key ``fid`` first.
    renderer
        Called with the element to add the renderer to; ``None`` for a plain table.
    columns
        What is said of the columns; empty for a style that only recolours.
    display
        Expression that names a row.
    map_tip
        HTML with expressions, shown under the pointer.
    labels
        Text on the map, if any.
    pages
        Pages of the form: title by id of the page.
    key
        By what the project finds it: the column that it shows.
    only_aliases
        Whether of the columns only their names are said: in a project with dozens of layers over
        one table, the rest would make it ten times as large.
    """

    name: str
    fields: tuple[str, ...]
    renderer: Callable[[ET.Element], None] | None = None
    columns: tuple[Column, ...] = ()
    display: str = ""
    map_tip: str = ""
    labels: Labels | None = None
    pages: Mapping[str, str] = field(default_factory=dict)
    key: str = ""
    only_aliases: bool = False


# ── a style as QML ───────────────────────────────────────────────────────────


def qml(style: Style) -> str:
    """Return a style as a QML document.

    Parameters
    ----------
    style
        The style; one without columns says nothing of fields and forms, only of looks.

    Examples
    --------
    >>> from inclusion_marker.outputs.qgis.symbols import Category, by_category
    >>> classes = [Category(1, "low", "#FF0000"), Category(None, "none", "#888888")]
    >>> "categorizedSymbol" in qml(Style("map", ("fid", "class"), by_category("class", classes)))
    True
    """
    root = ET.Element("qgis", version=VERSION, labelsEnabled=str(int(style.labels is not None)))
    categories = "Symbology|Labeling|MapTips"
    if style.columns:
        categories += "|LayerConfiguration|Fields|Forms|AttributeTable"
    root.set("styleCategories", categories)
    for part in elements(style):
        root.append(part)
    return document(root)


def document(root: ET.Element) -> str:
    """Return an element as the text of a file of QGIS, without signs that XML cannot hold."""
    return _DOCTYPE + _NO_XML.sub(" ", ET.tostring(root, encoding="unicode"))


def elements(style: Style) -> list[ET.Element]:
    """Return the elements of a style, the same in a QML document and in a project."""
    holder = ET.Element("holder")
    if style.renderer is not None:
        style.renderer(holder)
    if style.labels is not None:
        _add_labels(holder, style.labels)
    if style.columns:
        _add_fields(holder, style)
    if style.display:
        ET.SubElement(holder, "previewExpression").text = style.display
    if style.map_tip:
        ET.SubElement(holder, "mapTip").text = style.map_tip
    return list(holder)


def _add_labels(root: ET.Element, labels: Labels) -> None:
    """Add text on the map, with a white edge that keeps it legible on any class."""
    labeling = ET.SubElement(root, "labeling", type="simple")
    settings = ET.SubElement(labeling, "settings", calloutType="simple")
    text = ET.SubElement(
        settings,
        "text-style",
        fieldName=labels.expression,
        isExpression="1",
        fontFamily=FAMILIES[0],
        fontWeight="75" if labels.bold else "50",
        namedStyle="Bold" if labels.bold else "",
        fontSize=f"{labels.size_pt:g}",
        fontSizeUnit="Point",
        textColor="30,30,30,255",
        multilineHeight="1",
    )
    families = ET.SubElement(text, "families")
    for name in FAMILIES:
        ET.SubElement(families, "family", name=name)
    ET.SubElement(
        text,
        "text-buffer",
        bufferDraw="1",
        bufferSize="0.6",
        bufferSizeUnits="MM",
        bufferColor="255,255,255,255",
    )
    how = _BESIDE if labels.beside else _ON_IT
    ET.SubElement(settings, "placement", how, distUnits="MM", priority="5")
    ET.SubElement(
        settings,
        "rendering",
        scaleVisibility=str(int(labels.from_scale > 0)),
        scaleMin="0",
        scaleMax=str(labels.from_scale),
        drawLabels="1",
        obstacle="1",
    )


def _add_fields(root: ET.Element, style: Style) -> None:
    """Add aliases, the number of decimals shown, and the form with its pages."""
    known = {column.name: column for column in style.columns}
    aliases = ET.SubElement(root, "aliases")
    for row, name in enumerate(style.fields):
        alias = known[name].alias if name in known else name
        ET.SubElement(aliases, "alias", index=str(row), field=name, name=alias)
    if style.only_aliases:
        return
    configuration = ET.SubElement(root, "fieldConfiguration")
    for name in style.fields:
        column = known.get(name)
        if column is None or column.values not in _LISTED:
            _add_widget(ET.SubElement(configuration, "field", name=name), column)
    if style.pages:
        ET.SubElement(root, "editorlayout").text = _FORM_OF_TABS
        form = ET.SubElement(root, "attributeEditorForm")
        for page, title in style.pages.items():
            of = {"name": title, "columnCount": "1", "groupBox": "0", "showLabel": "1"}
            tab = ET.SubElement(
                form, "attributeEditorContainer", of, visibilityExpressionEnabled="0"
            )
            for row, name in enumerate(style.fields):
                if name in known and known[name].page == page:
                    ET.SubElement(
                        tab, "attributeEditorField", name=name, index=str(row), showLabel="1"
                    )


def _add_widget(entry: ET.Element, column: Column | None) -> None:
    """Add the widget of a field: a number with its decimals, or text."""
    digits = column.digits if column else None
    if digits is None:
        kind, values = "TextEdit", {"IsMultiline": "false"}
    else:
        kind = "Range"
        values = {"Precision": str(digits), "Style": "SpinBox", "AllowNull": "true"}
        values |= {"Min": "-1000000000", "Max": "1000000000", "Step": "1"}
    widget = ET.SubElement(entry, "editWidget", type=kind)
    options(ET.SubElement(widget, "config"), values)
