"""The map of one score: the cells in their classes, who lives in each, and from what it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnchoredOffsetbox, OffsetBox

from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice, near
from inclusion_marker.outputs.pictures.around import (
    foot,
    head,
    legend_below,
    legend_beside,
    line_keys,
)
from inclusion_marker.outputs.pictures.boxes import abreast, anchored, stacked, text
from inclusion_marker.outputs.pictures.classes import Classes, ClassRow
from inclusion_marker.outputs.pictures.ground import (
    Frame,
    draw_ground,
    draw_north_arrow,
    draw_scale_bar,
    frame_of,
)
from inclusion_marker.outputs.pictures.page import INNER_IN, Page, blank
from inclusion_marker.outputs.pictures.said import count_said, means_said, node_name
from inclusion_marker.outputs.pictures.style import (
    MARGIN_IN,
    NOTE,
    SCREEN_DPI,
    SOFT,
    WIDTH_IN,
)
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_SIDE_IN, _TALLEST_IN = 2.15, 8.2
_WIDE = 1.35  # wider than high by this much: the legend goes below
_PREVIEW_TALL = 1.3


@dataclass(frozen=True)
class Subject:
    """What a map is of: one score of a result, in a language and in classes."""

    result: Result
    column: str
    language: str
    classes: Classes = field(default_factory=Classes)

    @cached_property
    def scores(self) -> pd.Series[float]:
        """Return the score of each cell."""
        table = self.result.table()
        if self.column not in table.columns:
            values = {"found": self.column, "accepted": near(self.column, table.columns)}
            raise ParameterError(Notice("name_unknown", item="column", values=values))
        return table[self.column]

    @cached_property
    def frame(self) -> Frame:
        """Return what the map spans."""
        return frame_of(self.result)

    @property
    def is_wide(self) -> bool:
        """Return whether the legend goes below the map, not beside it."""
        return self.frame.aspect > _WIDE

    @cached_property
    def rows(self) -> list[ClassRow]:
        """Return the rows of the legend."""
        shares = self.classes.shares(self.scores, self.result.people)
        return self.classes.rows(shares, self.language)


def draw_on(subject: Subject, axes: Axes) -> None:
    """Draw a map on axes of somebody else's, its words as wide as they are."""
    page = axes.get_figure(root=True)
    axes.apply_aspect()
    wide = axes.get_window_extent().width / page.dpi if page is not None else WIDTH_IN
    _draw(subject, axes, float(wide))


def map_page(subject: Subject) -> Page:
    """Return a page with the map."""
    page = blank()
    fill(subject, page)
    page.set_label(node_name(subject.result.method, subject.column, subject.language))
    return page


def fill(subject: Subject, figure: Figure) -> Axes:
    """Return axes of the city's proportions on a page that holds the words around them."""
    _ = subject.scores  # an unknown column is refused before anything is drawn
    frame = subject.frame
    width = min(INNER_IN - (0 if subject.is_wide else _SIDE_IN), _TALLEST_IN * frame.aspect)
    height = width / frame.aspect
    above, below = _heights(subject, INNER_IN)
    total = height + above + below + 2 * MARGIN_IN
    figure.set_size_inches(WIDTH_IN, total)
    figure.set_facecolor("white")
    left, bottom = MARGIN_IN / WIDTH_IN, (MARGIN_IN + below) / total
    axes = figure.add_axes((left, bottom, width / WIDTH_IN, height / total))
    _draw(subject, axes, INNER_IN)
    return axes


def preview_page(result: Result, width_in: float) -> Page:
    """Return the ground of a map alone, without a word."""
    frame = frame_of(result)
    frame = frame._replace(south=frame.south + frame.band)
    page = blank()
    page.set_size_inches(width_in, min(width_in / frame.aspect, _PREVIEW_TALL * width_in))
    draw_ground(page.add_axes((0, 0, 1, 1)), result, result.scores.marker, frame, Classes())
    return page


def _heights(subject: Subject, width_in: float) -> list[float]:
    """Return the inches that the words above and below the map take, measured by drawing them."""
    page = blank()
    axes = page.add_axes((0, 0, 1, 1))
    boxes = [_head(subject, axes, width_in), _foot(subject, axes, width_in)]
    for box in boxes:
        axes.add_artist(box)
    renderer = page.canvas.get_renderer()  # type: ignore[attr-defined]
    return [box.get_window_extent(renderer).height / SCREEN_DPI for box in boxes]


def _draw(subject: Subject, axes: Axes, width_in: float) -> None:
    """Draw the map with its words, which have ``width_in`` inches."""
    draw_ground(axes, subject.result, subject.scores, subject.frame, subject.classes)
    draw_scale_bar(axes, subject.frame, subject.language)
    draw_north_arrow(axes, subject.frame)
    axes.add_artist(_head(subject, axes, width_in))
    axes.add_artist(_foot(subject, axes, width_in))
    if not subject.is_wide:
        axes.add_artist(_side(subject, axes))


def _head(subject: Subject, axes: Axes, width_in: float) -> AnchoredOffsetbox:
    """Return what stands above the map: the city, the score, its means, and if it is made up."""
    result, column, language = subject.result, subject.column, subject.language
    lines, missing = [count_said(result, column, language)], word("map_no_mean", language)
    if subject.scores.notna().any():
        lines, missing = [means_said(result, column, language), *lines], ""
    title = node_name(result.method, column, language)
    box = head(result, language, title, lines, width_in, missing)
    return anchored(box, axes, "lower left", (0, 1))


def _foot(subject: Subject, axes: Axes, width_in: float) -> AnchoredOffsetbox:
    """Return what stands below the map: the sources, and the legend of a wide city."""
    result, language = subject.result, subject.language
    rows: list[OffsetBox] = []
    if subject.is_wide:
        keys = abreast(line_keys(result, language), 24, "center")
        table = legend_below(subject.rows, language, width_in)
        rows = [stacked([table, *_beware(subject, width_in), keys], 6)]
    box = foot(result, language, rows, [], width_in)
    return anchored(box, axes, "upper left", (0, 0))


def _side(subject: Subject, axes: Axes) -> AnchoredOffsetbox:
    """Return the legend to the right of the map."""
    table = legend_beside(subject.rows, subject.language, _SIDE_IN)
    keys = stacked(line_keys(subject.result, subject.language), 5)
    box = stacked([table, *_beware(subject, _SIDE_IN), keys], 8)
    return anchored(box, axes, "upper left", (1, 1))


def _beware(subject: Subject, width_in: float) -> list[OffsetBox]:
    """Return what a legend has to say of classes that are this city's own."""
    if not subject.classes.natural:
        return []
    return [text(word("figure_natural", subject.language), NOTE, width_in=width_in, color=SOFT)]
