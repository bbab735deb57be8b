"""The page to print: the marker's map on A4 with all that a reader must know beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from xml.etree import ElementTree as ET

from inclusion_marker.outputs.extent import Extent, bounds_of, round_length
from inclusion_marker.outputs.qgis.captions import Captions, captions_of
from inclusion_marker.outputs.qgis.qgs import layer_id
from inclusion_marker.outputs.qgis.sheet import (
    POINT_MM,
    Box,
    Entry,
    Font,
    label,
    legend,
    map_of,
    north_arrow,
    scale_bar,
    sheet,
)
from inclusion_marker.outputs.qgis.styles import FIXED, Edges
from inclusion_marker.outputs.tables import Table, table_title
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_A4_MM = (210.0, 297.0)
_MARGIN_MM, _GAP_MM, _SIDE_MM, _SCORE_MM = 12.0, 4.0, 72.0, 17.0
_DEEP, _SOFT, _YELLOW = "#2A115C", "#5A5A5A", "#FFE08A"
_TITLES_PT = (22.0, 20.0, 18.0, 16.0, 14.0)
_TITLE = Font(22, bold=True, colour=_DEEP)
_INDEX = Font(13, colour=_DEEP)
_BODY, _LINE_OF_HEAD = Font(8.5), Font(9.5)
_HEADING = Font(9.5, bold=True, colour=_DEEP)
_WARNING = Font(9, bold=True, colour="#5C3A00")
_SMALL = Font(7.5, colour=_SOFT)
_LETTER, _BOLDER = 0.56, 1.08  # width of a letter over the size of the font, rather too much
_LEADING = 1.32  # height of a line over the size of the font
_ROW_MM, _ROWS = 5.6, 8  # of the legend: five classes, no data, two lines
_BAND_MM = 14.0  # along the lower edge of the map: for scale bar and arrow, free of the city
_ON_MAP = ("boundary", "districts", "cells")


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of a size: what it says, and the heights of what is above and below the map."""

    said: Captions
    language: str
    size: tuple[float, float]

    @property
    def lies(self) -> bool:
        """Return whether it is wider than high."""
        return self.size[0] > self.size[1]

    @property
    def width(self) -> float:
        """Return the width between the margins."""
        return self.size[0] - 2 * _MARGIN_MM

    @property
    def title(self) -> Font:
        """Return the largest font in which the title stands on one line, or else the smallest."""
        fonts = [replace(_TITLE, size_pt=size) for size in _TITLES_PT]
        fits = (each for each in fonts if _lines(self.said.title, self.width, each) == 1)
        return next(fits, fonts[-1])


def layout_of(
    result: Result, by_name: Mapping[str, Table], language: str, breaks: Edges = FIXED
) -> ET.Element:
    """Return the page of the marker, upright or lying as suits the city.

    Parameters
    ----------
    result
        What was computed.
    by_name
        The output's tables by name.
    language
        ``"es"`` or ``"en"``.
    breaks
        As for :func:`inclusion_marker.outputs.qgis.styles.styles_of`.
    """
    said, bounds = captions_of(result, language, breaks), bounds_of(result)
    pages = [_Page(said, language, size) for size in (_A4_MM, (_A4_MM[1], _A4_MM[0]))]
    page = min(pages, key=lambda each: _metres_a_mm(bounds, _map_box(each)))
    entries = [
        Entry(
            layer_id(name),
            title := table_title(by_name[name], language),
            "" if name == "cells" else title,
            said.classes if name == "cells" else (),
        )
        for name in _ON_MAP
        if name in by_name
    ]
    box = _map_box(page)
    extent = _extent(bounds, box)
    shown = map_of("map", box, extent, entries)
    # The legend begins with the classes, then names the lines above them.
    key = [entries[-1], *entries[:-1]]
    items = [*_head(page), shown, *_beside(page, box, shown, key)]
    items += [*_on_map(box, extent, shown), *_foot(page)]
    return sheet(word("qgis_layout", language), page.size, items)


# ── where the map stands, and what it shows ──────────────────────────────────


def _map_box(page: _Page) -> Box:
    """Return where the map stands: with its key at its side on a page that lies, or below."""
    top = _MARGIN_MM + _head_mm(page) + _GAP_MM
    bottom = page.size[1] - _MARGIN_MM - _foot_mm(page) - _GAP_MM / 2
    if page.lies:
        return Box(_MARGIN_MM, top, page.width - _SIDE_MM - _GAP_MM, bottom - top)
    return Box(_MARGIN_MM, top, page.width, bottom - top - _below_mm(page) - _GAP_MM)


def _metres_a_mm(bounds: Extent, box: Box) -> float:
    """Return the metres that a millimetre of a map in a box shows."""
    wide, high = bounds[2] - bounds[0], bounds[3] - bounds[1]
    return 1.06 * max(wide / box.width, high / (box.height - _BAND_MM))


def _extent(bounds: Extent, box: Box) -> Extent:
    """Return what the map shows: the city above a band, in the proportions of the box."""
    metres = _metres_a_mm(bounds, box)
    east = (bounds[0] + bounds[2]) / 2
    north = (bounds[1] + bounds[3] - metres * _BAND_MM) / 2
    wide, high = metres * box.width / 2, metres * box.height / 2
    return east - wide, north - high, east + wide, north + high


# ── above the map ────────────────────────────────────────────────────────────


def _head(page: _Page) -> Iterator[ET.Element]:
    """Yield title, index, means, method, and the strip that warns."""
    top, said = _MARGIN_MM, page.said
    rows = [("title", said.title, page.title), ("index", said.index, _INDEX)]
    rows += [("means", said.means, _LINE_OF_HEAD), ("method", said.method, _LINE_OF_HEAD)]
    for name, text, font in rows:
        high = _height(text, page.width, font)
        yield label(name, text, Box(_MARGIN_MM, top, page.width, high), font)
        top += high
    if said.caution:
        box = Box(_MARGIN_MM, top + 1.5, page.width, _caution_mm(page))
        yield label("caution", said.caution, box, _WARNING, background=_YELLOW)


def _head_mm(page: _Page) -> float:
    """Return the height of all above the map."""
    said, width = page.said, page.width
    rows = [(said.title, page.title), (said.index, _INDEX)]
    rows += [(said.means, _LINE_OF_HEAD), (said.method, _LINE_OF_HEAD)]
    high = sum(_height(text, width, font) for text, font in rows)
    return high + (1.5 + _caution_mm(page) if said.caution else 0)


def _caution_mm(page: _Page) -> float:
    """Return the height of the strip that warns."""
    return _height(page.said.caution, page.width - 6, _WARNING) + 2


# ── beside or below the map ──────────────────────────────────────────────────


def _beside(page: _Page, box: Box, shown: ET.Element, key: list[Entry]) -> Iterator[ET.Element]:
    """Yield the legend, and the figures of the city."""
    if page.lies:
        first = Box(box.right + _GAP_MM, box.top, _SIDE_MM, _legend_mm(page, _SIDE_MM))
        second = first._replace(top=first.bottom + _GAP_MM)
    else:
        half = (page.width - 2 * _GAP_MM) / 2
        top = box.bottom + _GAP_MM
        first = Box(_MARGIN_MM, top, half, _legend_mm(page, half))
        second = first._replace(left=first.right + 2 * _GAP_MM)
    yield from _key(page, first, shown, key)
    yield from _figures(page, second)


def _key(page: _Page, box: Box, shown: ET.Element, key: list[Entry]) -> Iterator[ET.Element]:
    """Yield the legend below its heading."""
    said = word("qgis_layout_legend", page.language)
    high = _height(said, box.width, _HEADING)
    yield label("legend-title", said, box._replace(height=high), _HEADING)
    place = Box(box.left, box.top + high, box.width, box.height - high)
    yield legend("legend", place, shown, key, (_BODY, _BODY))


def _legend_mm(page: _Page, width: float) -> float:
    """Return the height of the legend with its heading."""
    more = max(len(page.said.classes) - 6, 0)
    heading = _height(word("qgis_layout_legend", page.language), width, _HEADING)
    return heading + (_ROWS + more) * _ROW_MM


def _figures(page: _Page, box: Box) -> Iterator[ET.Element]:
    """Yield the mean of each area, and how many people live where."""
    said, top = word("qgis_layout_areas", page.language), box.top
    high = _height(said, box.width, _HEADING)
    yield label("areas-title", said, Box(box.left, top, box.width, high), _HEADING)
    top += high + 0.5
    for row, (name, score) in enumerate(page.said.areas, start=1):
        across = box.width - _SCORE_MM
        high = _height(name, across, _BODY) + 0.6
        yield label(f"area-{row}", name, Box(box.left, top, across, high), _BODY)
        place = Box(box.left + across, top, _SCORE_MM, high)
        yield label(f"score-{row}", score, place, replace(_BODY, bold=True), halign="right")
        top += high
    top += 2
    high = _height(page.said.people, box.width, _BODY)
    yield label("people", page.said.people, Box(box.left, top, box.width, high), _BODY)


def _figures_mm(page: _Page, width: float) -> float:
    """Return the height of the figures."""
    rows = [_height(name, width - _SCORE_MM, _BODY) + 0.6 for name, _ in page.said.areas]
    heading = _height(word("qgis_layout_areas", page.language), width, _HEADING)
    return heading + 2.5 + sum(rows) + _height(page.said.people, width, _BODY)


def _below_mm(page: _Page) -> float:
    """Return the height of what stands below the map on an upright page."""
    half = (page.width - 2 * _GAP_MM) / 2
    return max(_legend_mm(page, half), _figures_mm(page, half))


# ── on the map, and at the foot ──────────────────────────────────────────────


def _on_map(box: Box, extent: Extent, shown: ET.Element) -> Iterator[ET.Element]:
    """Yield scale bar and north arrow, in the lower corners of the map."""
    wide = extent[2] - extent[0]
    piece = round_length(0.11 * wide)
    drawn = piece * box.width / wide
    place = Box(box.left + 3, box.bottom - 10.5, 2 * drawn + 14, 8.5)
    yield scale_bar("scale", place, shown, Font(8), (piece, drawn))
    yield north_arrow("north", Box(box.right - 11, box.bottom - 13.5, 8, 12), shown)


def _foot(page: _Page) -> Iterator[ET.Element]:
    """Yield the sources, and how the map was made."""
    top = page.size[1] - _MARGIN_MM - _foot_mm(page)
    for name, said in (("sources", page.said.sources), ("made", page.said.made)):
        high = _height(said, page.width, _SMALL)
        yield label(name, said, Box(_MARGIN_MM, top, page.width, high), _SMALL)
        top += high


def _foot_mm(page: _Page) -> float:
    """Return the height of the foot."""
    return sum(_height(said, page.width, _SMALL) for said in (page.said.sources, page.said.made))


# ── how much room words take ─────────────────────────────────────────────────


def _lines(said: str, width_mm: float, font: Font) -> int:
    """Return on how many lines words stand, rather one too many."""
    letter = font.size_pt * POINT_MM * _LETTER * (_BOLDER if font.bold else 1)
    return max(len(textwrap.wrap(said, max(int(width_mm / letter), 1))), 1)


def _height(said: str, width_mm: float, font: Font) -> float:
    """Return the millimetres that words need."""
    return _lines(said, width_mm, font) * font.size_pt * POINT_MM * _LEADING + 0.4
