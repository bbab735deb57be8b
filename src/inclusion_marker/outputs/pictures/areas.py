"""The areas of a marker side by side: one map each, who lives in which class, one legend."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from inclusion_marker.outputs.pictures.around import foot, head, legend_below, line_keys
from inclusion_marker.outputs.pictures.bars import Place, draw_shares
from inclusion_marker.outputs.pictures.boxes import abreast, stacked
from inclusion_marker.outputs.pictures.classes import Classes
from inclusion_marker.outputs.pictures.ground import draw_ground, draw_scale_bar, frame_of
from inclusion_marker.outputs.pictures.letters import broken
from inclusion_marker.outputs.pictures.page import INNER_IN, Page, Sheet, sheet
from inclusion_marker.outputs.pictures.said import cells_said, node_name
from inclusion_marker.outputs.pictures.style import BODY, INK, SOFT
from inclusion_marker.outputs.wording import number
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_GAP_IN, _TALLEST_IN = 0.22, 7.6
_LINE_IN = 1.3 * BODY / 72
_BAR_IN, _ABOVE_BAR_IN = 0.15, 0.06


class _Places(NamedTuple):
    """How the maps stand: how many abreast, and how large each is, in inches."""

    columns: int
    rows: int
    width: float
    height: float
    words: float

    @property
    def step(self) -> float:
        """Return how high a map is with its words above and its bar below."""
        return self.words + self.height + _ABOVE_BAR_IN + _BAR_IN

    @property
    def total(self) -> float:
        """Return how high all of them are."""
        return self.rows * self.step + (self.rows - 1) * _GAP_IN


def areas_page(result: Result, language: str) -> Page:
    """Return a page with a map of each area.

    Parameters
    ----------
    result
        What was computed.
    language
        ``"es"`` or ``"en"``.
    """
    nodes = [f"area_{key}" for key in result.method.areas]
    names = [node_name(result.method, node, language) for node in nodes]
    classes, frame = Classes(), frame_of(result)
    places = _places(names, frame.aspect)
    grey = classes.rows(np.zeros(len(classes.colours)), language)
    keys = abreast(line_keys(result, language), 24, "center")
    legend = stacked([legend_below(grey, language, INNER_IN, shares=False), keys], 6)
    title = word("figure_areas", language)
    above = head(result, language, title, [cells_said(result, language)], INNER_IN)
    below = foot(result, language, [legend], [word("figure_areas_note", language)], INNER_IN)
    page = sheet(above, below, places.total, title)
    table, means = result.table(), result.means()["people_weighted"]
    for at, (node, name) in enumerate(zip(nodes, names, strict=True)):
        panel = _panel(page, places, at)
        draw_ground(panel.map, result, table[node], frame, classes)
        mean = word("figure_mean", language, mean=number(means[node]))
        scored = table[node].notna().any()
        _draw_words(panel, places, name, mean if scored else word("no_data", language))
        bar = Place(0.0, 0.0, places.width, _BAR_IN)
        draw_shares(panel.bar, bar, classes.shares(table[node], result.people), classes)
        if at == 0:
            draw_scale_bar(panel.map, frame, language)
    return page.page


def _places(names: list[str], aspect: float) -> _Places:
    """Return the places at which the maps are largest and the page is not too tall."""
    found = []
    for columns in range(1, max(2, len(names)) + 1):
        rows = math.ceil(len(names) / columns)
        width = (INNER_IN - (columns - 1) * _GAP_IN) / columns
        lines = max((len(broken(name, BODY, 72 * width, "bold")) for name in names), default=1)
        words = (lines + 1) * _LINE_IN + 0.08
        spare = _TALLEST_IN - rows * (words + _ABOVE_BAR_IN + _BAR_IN) - (rows - 1) * _GAP_IN
        high = min(width / aspect, max(spare, 1.0) / rows)
        found.append(_Places(columns, rows, width, high, words))
    return max(
        found, key=lambda each: round(each.height * min(each.width, each.height * aspect), 6)
    )


class _Panel(NamedTuple):
    """Axes of one area: its words, its map, and the bar below it."""

    words: Axes
    map: Axes
    bar: Axes


def _panel(page: Sheet, places: _Places, at: int) -> _Panel:
    """Return the axes of the area that comes ``at``; those of words and bar are in inches."""
    row, column = divmod(at, places.columns)
    left = column * (places.width + _GAP_IN)
    top = places.total - row * (places.step + _GAP_IN)
    panel = _Panel(
        page.axes(left, top - places.words, places.width, places.words),
        page.axes(left, top - places.words - places.height, places.width, places.height),
        page.axes(left, top - places.step, places.width, _BAR_IN),
    )
    for axes, height in ((panel.words, places.words), (panel.bar, _BAR_IN)):
        axes.set(xlim=(0, places.width), ylim=(0, height))
        axes.set_axis_off()
    panel.map.set_anchor("NW")
    return panel


def _draw_words(panel: _Panel, places: _Places, name: str, mean: str) -> None:
    """Draw the name of an area and its mean."""
    lines = broken(name, BODY, 72 * places.width, "bold")
    look: dict[str, Any] = {"va": "top", "size": BODY, "linespacing": 1.25, "parse_math": False}
    panel.words.text(0, places.words, "\n".join(lines), weight="bold", color=INK, **look)
    level = places.words - len(lines) * _LINE_IN
    panel.words.text(0, level, mean, color=SOFT, **look)
