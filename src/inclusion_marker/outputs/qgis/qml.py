"""How a layer looks and speaks in QGIS, as a QML document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from inclusion_marker.outputs.tables import Column

VERSION = "3.22.0"
_DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_FORM_OF_TABS = "tablayout"
# The GeoPackage itself says what the codes of these columns mean, and QGIS shows the words.
_LISTED = ("class", "slope", "origin", "confidence", "cause", "hotspot")


@dataclass(frozen=True, slots=True)
class Category:
    """One class of a map: the value it stands for, its label and its colour.

    Attributes
    ----------
    value
        ``None`` is the class of rows without a value.
    label, colour
        Words of the legend, and ``#RRGGBB``.
    marker
        Shape of a point's symbol.
    """

    value: int | str | None
    label: str
    colour: str
    marker: str = "circle"


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
    """

    expression: str
    size_pt: float = 8.0
    from_scale: int = 0


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
    """

    name: str
    fields: tuple[str, ...]
    renderer: Callable[[ET.Element], None] | None = None
    columns: tuple[Column, ...] = ()
    display: str = ""
    map_tip: str = ""
    labels: Labels | None = None
    pages: Mapping[str, str] = field(default_factory=dict)


# ── symbols and renderers ────────────────────────────────────────────────────


def _options(parent: ET.Element, values: Mapping[str, object]) -> None:
    """Add the properties of a symbol layer, in the form that every QGIS from 3.22 reads."""
    options = ET.SubElement(parent, "Option", type="Map")
    for name, value in values.items():
        ET.SubElement(options, "Option", name=name, type="QString", value=str(value))


def _rgba(colour: str, opacity: int = 255) -> str:
    """Return ``#RRGGBB`` as QGIS writes colours."""
    parts = [str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)]
    return ",".join([*parts, str(opacity)])


def _symbol(
    parent: ET.Element, name: str, kind: str, layer: str, values: Mapping[str, object]
) -> None:
    """Add a symbol of one layer."""
    symbol = ET.SubElement(
        parent, "symbol", name=name, type=kind, alpha="1", clip_to_extent="1", force_rhr="0"
    )
    of = {"class": layer, "enabled": "1", "locked": "0", "pass": "0"}
    _options(ET.SubElement(symbol, "layer", of), values)


def _fill(parent: ET.Element, name: str, category: Category) -> None:
    """Add a filled polygon with a hairline."""
    values = {
        "color": _rgba(category.colour),
        "style": "solid",
        "outline_style": "solid",
        "outline_color": "255,255,255,90",
        "outline_width": "0.06",
        "outline_width_unit": "MM",
    }
    _symbol(parent, name, "fill", "SimpleFill", values)


def _dot(parent: ET.Element, name: str, category: Category) -> None:
    """Add a point's symbol, white at its edge so that it stands out on any class."""
    values = {
        "color": _rgba(category.colour),
        "name": category.marker,
        "size": "2.2",
        "size_unit": "MM",
        "outline_color": "255,255,255,255",
        "outline_width": "0.25",
    }
    _symbol(parent, name, "marker", "SimpleMarker", values)


def by_category(
    attribute: str, categories: Sequence[Category], *, points: bool = False
) -> Callable[[ET.Element], None]:
    """Return a renderer that colours rows by the value of a column or an expression.

    Rows without a value need a category of their own: a renderer draws nothing for a value that
    it does not name, and readers take holes for "fine".
    """

    def add(root: ET.Element) -> None:
        of = {"type": "categorizedSymbol", "attr": attribute, "enableorderby": "0"}
        renderer = ET.SubElement(root, "renderer-v2", of, symbollevels="0", forceraster="0")
        listed = ET.SubElement(renderer, "categories")
        symbols = ET.SubElement(renderer, "symbols")
        for row, category in enumerate(categories):
            kind = "NULL" if category.value is None else "string"
            kind = "long" if isinstance(category.value, int) else kind
            value = "" if category.value is None else str(category.value)
            of = {"value": value, "type": kind, "label": category.label}
            ET.SubElement(listed, "category", of, symbol=str(row), render="true")
            (_dot if points else _fill)(symbols, str(row), category)

    return add


def outline(colour: str, width_mm: float, *, dash: bool = False) -> Callable[[ET.Element], None]:
    """Return a renderer that draws only the edge of polygons."""

    def add(root: ET.Element) -> None:
        of = {"type": "singleSymbol", "enableorderby": "0", "symbollevels": "0", "forceraster": "0"}
        symbols = ET.SubElement(ET.SubElement(root, "renderer-v2", of), "symbols")
        values = {
            "style": "no",
            "outline_color": _rgba(colour),
            "outline_width": f"{width_mm:g}",
            "outline_width_unit": "MM",
            "outline_style": "dash" if dash else "solid",
        }
        _symbol(symbols, "0", "fill", "SimpleFill", values)

    return add


# ── a style as QML ───────────────────────────────────────────────────────────


def qml(style: Style) -> str:
    """Return a style as a QML document.

    Parameters
    ----------
    style
        The style; one without columns says nothing of fields and forms, only of looks.

    Examples
    --------
    >>> red = by_category(
    ...     "class", [Category(1, "low", "#FF0000"), Category(None, "none", "#888888")]
    ... )
    >>> "categorizedSymbol" in qml(Style("map", ("fid", "class"), red))
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
    """Return an element as the text of a file of QGIS."""
    return _DOCTYPE + ET.tostring(root, encoding="unicode")


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
        fontFamily="Sans Serif",
        fontSize=f"{labels.size_pt:g}",
        fontSizeUnit="Point",
        textColor="30,30,30,255",
        multilineHeight="1",
    )
    ET.SubElement(
        text,
        "text-buffer",
        bufferDraw="1",
        bufferSize="0.8",
        bufferSizeUnits="MM",
        bufferColor="255,255,255,255",
    )
    ET.SubElement(settings, "placement", placement="1", dist="0", priority="5")
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
    configuration = ET.SubElement(root, "fieldConfiguration")
    aliases = ET.SubElement(root, "aliases")
    for row, name in enumerate(style.fields):
        column = known.get(name)
        if column is None or column.values not in _LISTED:
            _add_widget(ET.SubElement(configuration, "field", name=name), column)
        alias = column.alias if column else name
        ET.SubElement(aliases, "alias", index=str(row), field=name, name=alias)
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
    _options(ET.SubElement(widget, "config"), values)
