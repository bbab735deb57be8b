"""In which class each group of people lives, and how far apart the groups are."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.offsetbox import AnchoredOffsetbox

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.outputs.pictures.around import foot, head, legend_below
from inclusion_marker.outputs.pictures.bars import Place, draw_shares
from inclusion_marker.outputs.pictures.boxes import stacked, text
from inclusion_marker.outputs.pictures.classes import Classes
from inclusion_marker.outputs.pictures.letters import broken, shortened
from inclusion_marker.outputs.pictures.page import INNER_IN, Page, sheet
from inclusion_marker.outputs.pictures.said import count_said, row_of
from inclusion_marker.outputs.pictures.style import INK, NOTE, SOFT
from inclusion_marker.outputs.wording import DASH, capital, number, signed, whole
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_NAME_IN, _BAR_AT_IN, _BAR_IN = 2.15, 2.27, 4.2
_ROW_IN, _APART_IN, _SAID_IN, _HEAD_IN = 0.43, 0.14, 0.18, 0.24
_SMALL, _MOST_LINES = NOTE + 0.5, 2


class Row(NamedTuple):
    """One bar: a group of people."""

    name: str
    people: str
    mean: float
    span: str
    shares: npt.NDArray[np.float64]


class Block(NamedTuple):
    """Bars that stand together, and what is said below them."""

    rows: tuple[Row, ...]
    gap: str

    @property
    def height(self) -> float:
        """Return how high they are, with the room to the next, in inches."""
        return len(self.rows) * _ROW_IN + (_SAID_IN if self.gap else 0.0) + _APART_IN


def groups_page(result: Result, analyses: Analyses, language: str) -> Page:
    """Return a page with the share of each group's people in each class.

    Parameters
    ----------
    result
        What was computed.
    analyses
        The groups, and the intervals of their gaps; a city that counts none gets its people
        alone, and a line that says so.
    language
        ``"es"`` or ``"en"``.
    """
    title = word("figure_groups", language)
    lines = [count_said(result, "marker", language)]
    everyone = all_row(result, analyses, language)
    blocks = [Block((everyone,), ""), *group_blocks(result, analyses, language)]
    missing = word("equity_groups_none", language) if len(blocks) == 1 else ""
    if np.isnan(everyone.mean):
        missing = word("map_no_mean", language)
    legend = legend_below(Classes().rows(everyone.shares, language), language, INNER_IN)
    notes = [word("figure_places", language), word("equity_limit_zones", language)]
    drawn = "figure_no_interval" if analyses.robustness is None else "figure_draws"
    notes.insert(0, word(drawn, language))
    above = head(result, language, title, lines, INNER_IN, missing)
    below = foot(result, language, [legend], notes, INNER_IN)
    height = _HEAD_IN + sum(block.height for block in blocks) - _APART_IN
    page = sheet(above, below, height, title)
    axes = page.axes(0, 0, INNER_IN, height)
    axes.set(xlim=(0, INNER_IN), ylim=(0, height))
    axes.set_axis_off()
    _draw_heads(axes, height, language)
    top = height - _HEAD_IN
    for block in blocks:
        _draw_block(axes, top, block)
        top -= block.height
    return page.page


def all_row(result: Result, analyses: Analyses, language: str) -> Row:
    """Return the bar of all people of a city."""
    people = result.people
    mean = float(result.means()["people_weighted"]["marker"])
    return Row(
        word("figure_everyone", language),
        people_said(float(people.sum()), language),
        mean,
        span_said(row_of(analyses.equity.intervals, "mean")),
        Classes().shares(result.scores.marker, people),
    )


def group_blocks(result: Result, analyses: Analyses, language: str) -> list[Block]:
    """Return the bars of each pair of groups, and the gap between them in words."""
    gaps, scores, classes = analyses.equity.gaps, result.scores.marker, Classes()
    blocks = []
    for group in gaps.groups:
        figures = gaps.intervals_of(group.id)
        rows = tuple(
            Row(
                capital(name.said(language)),
                people_said(float(gaps.counts[group.id, side].sum()), language),
                float(row_of(figures, side)["value"]),
                span_said(row_of(figures, side)),
                classes.shares(scores, gaps.counts[group.id, side]),
            )
            for side, name in zip(("part", "rest"), group.named(), strict=True)
        )
        blocks.append(Block(rows, gap_said(row_of(figures, "gap"), language)))
    return blocks


def people_said(people: float, language: str) -> str:
    """Return how many people there are in words."""
    return word("tip_people", language, people=whole(people, language))


def span_said(row: pd.Series[float]) -> str:
    """Return the ends of an interval, or nothing where there are none."""
    known = np.isfinite([row["low"], row["high"]]).all()
    return f"{number(row['low'])}{DASH}{number(row['high'])}" if known else ""


def gap_said(row: pd.Series[float], language: str) -> str:
    """Return the gap between two groups in points, with its interval where there are draws."""
    if np.isnan(float(row["value"])):
        return word("figure_gap_none", language)
    span = ""
    if span_said(row):
        span = word("figure_span", language, low=signed(row["low"]), high=signed(row["high"]))
    return word("figure_gap", language, gap=signed(row["value"]), span=span)


def _draw_heads(axes: Axes, height: float, language: str) -> None:
    """Draw what the columns are."""
    look: dict[str, Any] = {"size": NOTE, "color": SOFT, "va": "top", "parse_math": False}
    axes.text(_BAR_AT_IN, height, word("figure_groups_bar", language), **look)
    axes.text(INNER_IN, height, word("figure_value", language), ha="right", **look)


def _draw_block(axes: Axes, top: float, block: Block) -> None:
    """Draw the bars of a pair, with the gap below them."""
    for at, row in enumerate(block.rows):
        _draw_row(axes, top - at * _ROW_IN, row)
    if block.gap:
        level = top - len(block.rows) * _ROW_IN
        look: dict[str, Any] = {"va": "top", "size": _SMALL, "color": INK, "parse_math": False}
        axes.text(_BAR_AT_IN, level, block.gap, **look)


def _draw_row(axes: Axes, top: float, row: Row) -> None:
    """Draw one bar, the group and its people before it, its mean and interval behind it."""
    bar = Place(_BAR_AT_IN, top - _ROW_IN + 0.05, _BAR_IN, _ROW_IN - 0.1)
    middle = bar.bottom + bar.height / 2
    look: dict[str, Any] = {"va": "center", "size": _SMALL, "color": INK, "parse_math": False}
    lines = broken(row.name, _SMALL, 72 * _NAME_IN)
    if len(lines) > _MOST_LINES:
        rest = " ".join(lines[_MOST_LINES - 1 :])
        lines = [*lines[: _MOST_LINES - 1], shortened(rest, _SMALL, 72 * _NAME_IN)]
    box = stacked(
        [text(line, _SMALL) for line in lines] + [text(row.people, NOTE, color=SOFT)], 1.5
    )
    axes.add_artist(
        AnchoredOffsetbox(
            "center left",
            child=box,
            pad=0,
            borderpad=0,
            frameon=False,
            bbox_to_anchor=(0, middle),
            bbox_transform=axes.transData,
        )
    )
    draw_shares(axes, bar, row.shares, Classes())
    shown = number(row.mean)
    if not row.span:
        axes.text(INNER_IN, middle, shown, ha="right", **look)
        return
    axes.text(INNER_IN, middle, shown, ha="right", **(look | {"va": "bottom"}))
    small: dict[str, Any] = {"va": "top", "size": NOTE, "color": SOFT}
    axes.text(INNER_IN, middle, row.span, ha="right", **(look | small))
