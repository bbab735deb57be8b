"""The districts of a city, lowest first: the marker with its interval, and the areas of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.outputs.pictures.around import foot, head, legend_below
from inclusion_marker.outputs.pictures.classes import Classes, ink_on
from inclusion_marker.outputs.pictures.letters import shortened
from inclusion_marker.outputs.pictures.page import INNER_IN, Page, Sheet, sheet
from inclusion_marker.outputs.pictures.said import count_said
from inclusion_marker.outputs.pictures.style import BODY, FAINT, INK, NOTE, SOFT
from inclusion_marker.outputs.tables import district_intervals
from inclusion_marker.outputs.wording import DASH, TIE, number, whole
from inclusion_marker.result import Result
from inclusion_marker.texts import word

MOST = 60
"""Districts on a page; the lowest are shown."""

_WIDTHS_IN = {"name": 1.78, "people": 0.7, "bars": 1.72, "value": 0.98}
_GAP_IN, _HEAD_IN = 0.13, 0.27
_HIGH_IN, _LOW_IN, _FEW = 0.26, 0.19, 25
_BAR = 0.62  # of a row
_WIDEST_STRIP_IN = 0.34


@dataclass(frozen=True, eq=False)
class _Columns:
    """The columns of the page: axes with a row a district, the first one at the top."""

    name: Axes
    people: Axes
    bars: Axes
    value: Axes
    strip: Axes


def districts_page(result: Result, analyses: Analyses, language: str) -> Page:
    """Return a page with the city and its districts, lowest first.

    Parameters
    ----------
    result
        What was computed; a city without districts gets a page that says so.
    analyses
        Where the intervals come from; without draws the page says that there are none.
    language
        ``"es"`` or ``"en"``.
    """
    title = word("figure_districts", language)
    lines = [count_said(result, "marker", language)]
    if result.districts is None or result.districts.empty:
        missing = word("figure_no_districts", language)
        above = head(result, language, title, lines, INNER_IN, missing)
        return sheet(above, foot(result, language, [], [], INNER_IN), 0.0, title).page
    table = ranked(result, analyses, language)
    classes = Classes()
    legend = legend_below(
        classes.rows(np.zeros(len(classes.colours)), language), language, INNER_IN, shares=False
    )
    below = foot(result, language, [legend], _notes(result, analyses, language), INNER_IN)
    step = _HIGH_IN if len(table) <= _FEW else _LOW_IN
    scored = result.scores.marker.notna().any()
    missing = "" if scored else word("map_no_mean", language)
    above = head(result, language, title, lines, INNER_IN, missing)
    page = sheet(above, below, _HEAD_IN + step * len(table), title)
    codes = [area.code for area in result.method.areas.values()]
    columns = _columns(page, len(table), codes, language)
    for at in range(len(table)):
        _draw_row(columns, table.iloc[at], at, classes, language)
    mean = table["marker"].iloc[0]
    if pd.notna(mean):
        columns.bars.axvline(mean, color=INK, linewidth=0.8, linestyle=(0, (3, 2)), zorder=1)
    return page.page


def ranked(result: Result, analyses: Analyses, language: str) -> pd.DataFrame:
    """Return what the page shows: the city first, then its districts, lowest first, unscored last.

    Districts of one marker keep their order.

    Returns
    -------
    table
        ``name``, ``people``, ``marker``, ``low``, ``high`` (missing without draws), and a column
        an area; at most :data:`MOST` districts.
    """
    areas = [f"area_{key}" for key in result.method.areas]
    means = result.means()["people_weighted"]
    city = {"name": word("figure_city", language), "people": float(result.people.sum())}
    city |= {key: float(means[key]) for key in ("marker", *areas)}
    city |= {"low": np.nan, "high": np.nan}
    found = pd.DataFrame(result.districts)[["name", "people", "marker", *areas]].copy()
    found[["low", "high"]] = district_intervals(analyses, found.index)
    if analyses.robustness is not None:
        whole_city = analyses.robustness.interval()
        city |= {"low": whole_city.low, "high": whole_city.high}
    found = found.sort_values("marker", kind="stable", na_position="last").head(MOST)
    return pd.concat([pd.DataFrame([city]), found], ignore_index=True)


def _notes(result: Result, analyses: Analyses, language: str) -> list[str]:
    """Return what the letters over the strip mean, what the intervals say, and what is left out."""
    areas = result.method.areas.values()
    named = (f"{area.code} = {area.name.said(language)}".replace(" ", TIE) for area in areas)
    notes = [" · ".join(named)]
    drawn = analyses.robustness is not None and np.isfinite(analyses.robustness.interval().low)
    notes.append(word("figure_interval" if drawn else "figure_no_interval", language))
    count = 0 if result.districts is None else len(result.districts)
    if count > MOST:
        notes.append(word("figure_more_districts", language, shown=MOST, more=count - MOST))
    return notes


def _columns(page: Sheet, count: int, codes: list[str], language: str) -> _Columns:
    """Return the columns with their heads."""
    height = page.height - _HEAD_IN
    left, axes = 0.0, {}
    room = INNER_IN - sum(_WIDTHS_IN.values()) - len(_WIDTHS_IN) * _GAP_IN
    strip = min(room, _WIDEST_STRIP_IN * len(codes))
    for key, width in (_WIDTHS_IN | {"strip": strip}).items():
        axes[key] = page.axes(left, 0, width, height)
        axes[key].set(xlim=(0, width), ylim=(count - 0.5, -0.5))
        axes[key].set_axis_off()
        left += width + _GAP_IN
    columns = _Columns(**axes)
    columns.bars.set_xlim(0, 100)
    columns.strip.set_xlim(0, max(1, len(codes)))
    look: dict[str, Any] = {"size": NOTE, "color": SOFT, "va": "bottom", "parse_math": False}
    edges = Classes().edges
    heads = [
        (columns.name, 0.0, "left", word("figure_district", language)),
        (columns.people, _WIDTHS_IN["people"], "right", word("figure_people", language)),
        (columns.value, 0.0, "left", word("figure_value", language)),
        *((columns.strip, at + 0.5, "center", code) for at, code in enumerate(codes)),
        *((columns.bars, edge, "center", f"{edge:g}") for edge in edges[:-1]),
        (columns.bars, edges[-1], "right", f"{edges[-1]:g}"),
    ]
    for each, x, align, said in heads:
        each.text(x, -0.56, said, ha=align, **look)
    for edge in edges:
        columns.bars.axvline(edge, color=FAINT, linewidth=0.6, zorder=0)
    return columns


def _draw_row(columns: _Columns, row: pd.Series, at: int, classes: Classes, language: str) -> None:
    """Draw a district, or the city, which is the first row."""
    weight = "bold" if at == 0 else "normal"
    look: dict[str, Any] = {
        "size": BODY,
        "va": "center",
        "color": INK,
        "weight": weight,
        "parse_math": False,
    }
    name = shortened(str(row["name"]), BODY, 72 * _WIDTHS_IN["name"], weight)
    columns.name.text(0, at, name, **look)
    people = whole(row["people"], language)
    columns.people.text(_WIDTHS_IN["people"], at, people, ha="right", **look)
    score, low, high = (float(row[key]) for key in ("marker", "low", "high"))
    colour = classes.colours[int(classes.of(pd.Series([score]))[0])]
    if np.isnan(score):
        columns.value.text(0, at, word("no_data", language), **(look | {"color": SOFT}))
    else:
        columns.bars.barh(at, score, _BAR, color=colour, edgecolor=SOFT, linewidth=0.4, zorder=2)
        columns.value.text(0, at, number(score), **look)
    if np.isfinite([low, high]).all():
        _draw_interval(columns.bars, low, high, at)
        span = f"{number(low)}{DASH}{number(high)}"
        columns.value.text(0.36, at, span, **(look | {"size": NOTE, "color": SOFT}))
    areas = row[[key for key in row.index if str(key).startswith("area_")]].astype(np.float64)
    for place, (value, number_) in enumerate(zip(areas, classes.of(areas), strict=True)):
        fill = classes.colours[int(number_)]
        columns.strip.add_patch(
            Rectangle((place, at - 0.45), 0.96, 0.9, facecolor=fill, edgecolor=SOFT, linewidth=0.3)
        )
        said = DASH if np.isnan(value) else f"{value:.0f}"
        ink: dict[str, Any] = {"size": NOTE, "color": ink_on(fill), "ha": "center"}
        columns.strip.text(place + 0.48, at, said, **(look | ink))


def _draw_interval(axes: Axes, low: float, high: float, at: int) -> None:
    """Draw an interval as a line with ends, light around it so that it shows on any colour."""
    halo = [patheffects.withStroke(linewidth=2.6, foreground="white")]
    axes.errorbar(
        (low + high) / 2,
        at,
        xerr=(high - low) / 2,
        fmt="none",
        ecolor=INK,
        elinewidth=1.1,
        capsize=2.0,
        capthick=1.1,
        zorder=3,
        path_effects=halo,
    )
