"""How QGIS draws: the symbols of areas, edges and points, and the renderers that choose them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as ET


@dataclass(frozen=True, slots=True)
class Category:
    """One class of a map: the value it stands for, its label and its colour.

    Attributes
    ----------
    value
        ``None`` is the class of rows without a value.
    label, colour
        Words of the legend, and ``#RRGGBB``; without a colour only the words are shown.
    marker
        Shape of a point's symbol.
    """

    value: int | str | None
    label: str
    colour: str | None
    marker: str = "circle"


def options(parent: ET.Element, values: Mapping[str, object]) -> None:
    """Add named values, in the form that every QGIS from 3.22 reads.

    Parameters
    ----------
    parent
        What has them: the layer of a symbol, the configuration of a widget.
    values
        By name.
    """
    held = ET.SubElement(parent, "Option", type="Map")
    for name, value in values.items():
        ET.SubElement(held, "Option", name=name, type="QString", value=str(value))


def rgba(colour: str, opacity: int = 255) -> str:
    """Return ``#RRGGBB`` as QGIS writes colours.

    Examples
    --------
    >>> rgba("#FF8000")
    '255,128,0,255'
    """
    parts = [str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)]
    return ",".join([*parts, str(opacity)])


def symbol(
    parent: ET.Element, name: str, kind: str, *layers: tuple[str, Mapping[str, object]]
) -> None:
    """Add a symbol.

    Parameters
    ----------
    parent
        What has the symbol.
    name
        By which a renderer finds it.
    kind
        What it draws: ``fill``, ``line`` or ``marker``.
    layers
        The lowest first: how each draws, in QGIS's words, and its properties.
    """
    of = {"name": name, "type": kind, "alpha": "1", "clip_to_extent": "1", "force_rhr": "0"}
    drawn = ET.SubElement(parent, "symbol", of)
    for how, values in layers:
        of = {"class": how, "enabled": "1", "locked": "0", "pass": "0"}
        options(ET.SubElement(drawn, "layer", of), values)


def _fill(parent: ET.Element, name: str, category: Category) -> None:
    """Add a filled polygon with a hairline, or one that is not seen."""
    if category.colour is None:
        unseen = {"style": "no", "outline_style": "no"}
        symbol(parent, name, "fill", ("SimpleFill", unseen))
        return
    values = {
        "color": rgba(category.colour),
        "style": "solid",
        "outline_style": "solid",
        "outline_color": "255,255,255,90",
        "outline_width": "0.06",
        "outline_width_unit": "MM",
    }
    symbol(parent, name, "fill", ("SimpleFill", values))


def _edge(parent: ET.Element, name: str, category: Category) -> None:
    """Add the edge of a polygon above a white one."""
    symbol(parent, name, "fill", *_lines(category.colour or "#000000", 0.15, 0.35))


def _lines(colour: str, width_mm: float, casing_mm: float) -> list[tuple[str, dict[str, object]]]:
    """Return the layers of a symbol that draws only edges, a wider white one below, if any."""
    widths = [("#FFFFFF", casing_mm)] if casing_mm else []
    widths.append((colour, width_mm))
    return [
        (
            "SimpleFill",
            {
                "style": "no",
                "outline_color": rgba(each),
                "outline_width": f"{wide:g}",
                "outline_width_unit": "MM",
                "outline_style": "solid",
                "joinstyle": "round",
            },
        )
        for each, wide in widths
    ]


def _dot(parent: ET.Element, name: str, category: Category) -> None:
    """Add a point's symbol, white at its edge so that it stands out on any class."""
    values = {
        "color": rgba(category.colour or "#000000"),
        "name": category.marker,
        "size": "2.2",
        "size_unit": "MM",
        "outline_color": "255,255,255,255",
        "outline_width": "0.25",
    }
    symbol(parent, name, "marker", ("SimpleMarker", values))


def by_category(
    attribute: str,
    categories: Sequence[Category],
    *,
    shape: Literal["area", "line", "point"] = "area",
) -> Callable[[ET.Element], None]:
    """Return a renderer that colours rows by the value of a column or an expression.

    Rows without a value need a category of their own: a renderer draws nothing for a value that
    it does not name, and readers take holes for "fine".

    Parameters
    ----------
    attribute
        The column, or the expression.
    categories
        The classes, in the order of the legend.
    shape
        What is coloured: areas, only their edges, or points.
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
            draw = {"area": _fill, "line": _edge, "point": _dot}[shape]
            draw(symbols, str(row), category)

    return add


def outline(colour: str, width_mm: float, casing_mm: float) -> Callable[[ET.Element], None]:
    """Return a renderer that draws only the edge of polygons.

    Parameters
    ----------
    colour, width_mm
        Of the line.
    casing_mm
        Width of a white line below it, which keeps it legible on any class; 0 for none.
    """

    def add(root: ET.Element) -> None:
        of = {"type": "singleSymbol", "enableorderby": "0", "symbollevels": "0", "forceraster": "0"}
        symbols = ET.SubElement(ET.SubElement(root, "renderer-v2", of), "symbols")
        symbol(symbols, "0", "fill", *_lines(colour, width_mm, casing_mm))

    return add
