"""How evenly the marker is spread over the people: the Lorenz curve, and who lives with what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.analysis.inequality.distribution import distribution, quantile
from inclusion_marker.outputs.palette import ACCENT
from inclusion_marker.outputs.pictures.around import foot, head, legend_below
from inclusion_marker.outputs.pictures.classes import Classes
from inclusion_marker.outputs.pictures.page import INNER_IN, Page, sheet
from inclusion_marker.outputs.pictures.said import count_said, row_of
from inclusion_marker.outputs.pictures.style import BODY, INK, NOTE, SOFT
from inclusion_marker.outputs.wording import number, percent
from inclusion_marker.result import Result
from inclusion_marker.texts import word

Floats = npt.NDArray[np.float64]

_SIDE_IN, _LEFT_IN, _BETWEEN_IN, _BELOW_IN, _ABOVE_IN = 2.95, 0.5, 0.75, 0.5, 0.3
_FINEST = 0.02
"""What a line may be away from where it belongs, of 100: a ninth of a dot in print."""

_HIGH = 90.0  # from here on a score is said below its point: above it the axes end
_LEVELS, _CLEAR = (7.0, 32.0, 57.0, 82.0), 12.0
_SHOWN = (0.1, 0.5, 0.9)
"""Shares of the people whose score is said on the curve."""


def lorenz_page(result: Result, analyses: Analyses, language: str) -> Page:
    """Return a page with the Lorenz curve of the marker, and its score by share of the people.

    Parameters
    ----------
    result
        What was computed; one without a marker gets a page that says so.
    analyses
        The curve, the Gini coefficient and its interval.
    language
        ``"es"`` or ``"en"``.
    """
    title = word("figure_lorenz", language)
    found = analyses.equity
    lines = [count_said(result, "marker", language)]
    if found.lorenz["people"].iloc[-1] == 0:
        missing = word("equity_nothing", language)
        above = head(result, language, title, lines, INNER_IN, missing)
        return sheet(above, foot(result, language, [], [], INNER_IN), 0.0, title).page
    lines += _figures(analyses, language)
    above = head(result, language, title, lines, INNER_IN)
    classes = Classes()
    shares = classes.shares(result.scores.marker, result.people)
    legend = legend_below(classes.rows(shares, language), language, INNER_IN)
    below = foot(result, language, [legend], _notes(analyses, language), INNER_IN)
    page = sheet(above, below, _BELOW_IN + _SIDE_IN + _ABOVE_IN, title)
    left = page.axes(_LEFT_IN, _BELOW_IN, _SIDE_IN, _SIDE_IN)
    if row_of(found.intervals, "mean")["value"] > 0:
        _draw_curve(left, found.lorenz, language)
    else:
        _draw_nothing(left, language)
    start = _LEFT_IN + _SIDE_IN + _BETWEEN_IN
    right = page.axes(start, _BELOW_IN, INNER_IN - start - 0.1, _SIDE_IN)
    _draw_parade(right, result, analyses, language)
    return page.page


def _figures(analyses: Analyses, language: str) -> list[str]:
    """Return the Gini coefficient and who lives below the line, with their intervals."""
    found = analyses.equity
    said = []
    for key, digits, times in (("gini", 3, 1.0), ("headcount", 1, 100.0)):
        row = row_of(found.intervals, key) * times
        span = ""
        if np.isfinite([row["low"], row["high"]]).all():
            ends = {end: number(float(row[end]), digits) for end in ("low", "high")}
            span = word("figure_span", language, **ends)
        value = (
            number(float(row["value"]), digits) if key == "gini" else percent(float(row["value"]))
        )
        said.append(word(f"figure_{key}", language, value=value, span=span, line=f"{found.line:g}"))
    return said


def _notes(analyses: Analyses, language: str) -> list[str]:
    """Return what the figures do not say."""
    found = analyses.equity
    cells = "figure_cells_polygons" if found.resolution is None else "figure_cells_h3"
    notes = [word(cells, language, resolution=found.resolution)]
    drawn = "figure_no_interval" if analyses.robustness is None else "figure_draws"
    return [*notes, word(drawn, language), word("equity_limit_level", language)]


def _draw_curve(axes: Axes, curve: pd.DataFrame, language: str) -> None:
    """Draw the Lorenz curve below the line of equality."""
    people, held = thinned(*(100 * curve[key].to_numpy() for key in ("people", "values")))
    axes.fill_between(people, held, people, color="#E7DDEB", linewidth=0)
    axes.plot([0, 100], [0, 100], color=SOFT, linewidth=0.9, linestyle=(0, (4, 2)))
    axes.plot(people, held, color=ACCENT, linewidth=2.0)
    half = float(np.interp(50, people, held))
    axes.plot([50], [half], marker="o", markersize=4.5, color=ACCENT)
    look: dict[str, Any] = {"size": BODY - 0.5, "parse_math": False}
    axes.text(
        42,
        48,
        word("figure_equal", language),
        rotation=45,
        rotation_mode="anchor",
        ha="center",
        va="bottom",
        color=SOFT,
        **look,
    )
    axes.text(
        97,
        4,
        word("figure_half", language, share=percent(half)),
        ha="right",
        va="bottom",
        color=INK,
        linespacing=1.3,
        **look,
    )
    axes.annotate(
        "", (50.8, half - 2.2), (66, 17), arrowprops={"arrowstyle": "-", "color": SOFT, "lw": 0.7}
    )
    _frame(axes, word("figure_lorenz_people", language), word("figure_lorenz_held", language))


def _draw_nothing(axes: Axes, language: str) -> None:
    """Draw the frame of a curve that there is not: of a sum of nothing nobody holds a share."""
    look: dict[str, Any] = {"size": BODY, "color": INK, "ha": "center", "va": "center"}
    axes.text(50, 50, word("figure_nothing", language), linespacing=1.3, parse_math=False, **look)
    _frame(axes, word("figure_lorenz_people", language), word("figure_lorenz_held", language))


def _draw_parade(axes: Axes, result: Result, analyses: Analyses, language: str) -> None:
    """Draw the score that each share of the people lives with, from the lowest to the highest."""
    found = distribution(result.scores.marker, result.people)
    ends = 100 * np.cumsum(found.people) / found.people.sum()
    starts = np.concatenate([[0.0], ends[:-1]])
    classes = Classes()
    numbers = classes.of(pd.Series(found.values))
    for each in np.unique(numbers):
        own = numbers == each
        axes.fill_between(
            *_steps(starts[own], ends[own], found.values[own]),
            color=classes.colours[each],
            linewidth=0,
        )
    axes.plot(*_steps(starts, ends, found.values), color=INK, linewidth=1.0)
    look: dict[str, Any] = {"size": BODY - 0.5, "color": INK, "parse_math": False}
    shown = {each: quantile(result.scores.marker, result.people, each) for each in _SHOWN}
    for share, score in shown.items():
        place, above = (100 * share, score), score < _HIGH
        axes.plot(*([each] for each in place), marker="o", markersize=4.5, color=INK)
        axes.annotate(
            number(score),
            place,
            (0, 5 if above else -5),
            textcoords="offset points",
            ha="center",
            va="bottom" if above else "top",
            path_effects=[patheffects.withStroke(linewidth=2.5, foreground="white")],
            **look,
        )
    line = analyses.equity.line
    axes.axhline(line, color="white", linewidth=2.4)
    axes.axhline(line, color=INK, linewidth=0.9, linestyle=(0, (3, 2)))
    share = float(row_of(analyses.equity.measures, "marker")["headcount"])
    said = word("figure_below", language, line=f"{line:g}", share=percent(100 * share))
    box = {"boxstyle": "square,pad=0.25", "facecolor": "white", "edgecolor": "none"}
    axes.text(97, free_level([*shown.values()]), said, ha="right", va="center", bbox=box, **look)
    _frame(axes, word("figure_parade_people", language), word("figure_parade_score", language))


def free_level(scores: Sequence[float]) -> float:
    """Return a height at which words beside the scores that are said stand free.

    Parameters
    ----------
    scores
        Three at most: each comes in the way of one of the four heights at most.

    Examples
    --------
    >>> free_level([57.0, 66.0, 75.0]), free_level([5.0, 40.0, 60.0])
    (7.0, 82.0)
    """
    return next(each for each in _LEVELS if all(abs(each - score) > _CLEAR for score in scores))


def _steps(starts: Floats, ends: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Return the corners of steps: each value holds from its start to its end."""
    return thinned(np.column_stack([starts, ends]).ravel(), np.repeat(values, 2))


def thinned(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return a line with the fewest points that stay within what is seen of it.

    Examples
    --------
    >>> thinned(np.array([0.0, 50.0, 100.0]), np.array([0.0, 50.01, 100.0]))[0].tolist()
    [0.0, 100.0]
    """
    line = shapely.simplify(shapely.linestrings(x, y), _FINEST)
    seen = shapely.get_coordinates(line)
    return seen[:, 0], seen[:, 1]


def _frame(axes: Axes, below: str, above: str) -> None:
    """Draw axes without a box: what is across stands below, what is upright stands above."""
    axes.set_xlabel(below, size=BODY - 0.5, color=INK, parse_math=False)
    axes.set_title(above, size=BODY - 0.5, color=INK, loc="left", parse_math=False)
    axes.tick_params(labelsize=NOTE, colors=SOFT, length=2.5, width=0.6)
    axes.set(xlim=(0, 100), ylim=(0, 100))
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.set_yticks([0, 25, 50, 75, 100])
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(SOFT)
    axes.spines[["left", "bottom"]].set_linewidth(0.6)
