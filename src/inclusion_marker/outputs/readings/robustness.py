"""The robustness of a marker in words: how sure it is, for whom, what drives it, what is left."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator
from typing import get_args

import numpy as np
import pandas as pd

from inclusion_marker.analysis.drawing.confidence import CONFIDENCE
from inclusion_marker.analysis.drawing.tables import Interval, Source
from inclusion_marker.analysis.robustness import Robustness
from inclusion_marker.outputs.wording import cautions_of, percent, plain, whole, wrapped
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_NAME, _NUMBER = 44, 18
_MOST_DISTRICTS, _MOST_REASONS, _MOST_OMITTED = 15, 3, 3
_SURE = 0.9
_ALIKE = 0.05  # points: figures are shown with one decimal


def robustness_text(robustness: Robustness, result: Result, language: str) -> str:
    """Return the robustness of a marker as text, at most 100 characters wide.

    Parameters
    ----------
    robustness
        What :func:`~inclusion_marker.analysis.robustness.robustness` found.
    result
        The result it was found of: for names.
    language
        ``"es"`` or ``"en"``.

    Returns
    -------
    text
        The city with its interval, and how much of it is data and how much choice; its areas; how
        many people live in cells of high, medium and low confidence, and why; what drives it;
        which indicator left out matters most; its districts; what all this does not say.
    """
    parts = (_city, _areas, _people, _drivers, _omitted, _districts, _limits, _notices)
    blocks = ("\n".join(part(robustness, result, language)) for part in parts)
    return "\n\n".join(block for block in blocks if block)


def _city(robustness: Robustness, result: Result, language: str) -> Iterator[str]:
    """Yield the marker of the city with its interval, and where the interval comes from."""
    yield plain(word("robust_title", language, name=result.city.name.said(language)))
    for caution in cautions_of(result, language):
        yield from wrapped(caution)
    both, data, choices = (robustness.interval(source=each) for each in get_args(Source))
    if not math.isfinite(both.median):
        yield from wrapped(word("robust_city_none", language))
        return
    said = {"shown": f"{both.shown:.1f}", "low": f"{both.low:.1f}", "high": f"{both.high:.1f}"}
    draws = whole(robustness.draws.shape[1], language)
    yield from wrapped(word("robust_city", language, draws=draws, **said))
    widths = (data.high - data.low, choices.high - choices.low)
    more = "neither"
    if abs(widths[0] - widths[1]) >= _ALIKE:
        more = "data" if widths[0] > widths[1] else "choices"
    ends = {
        f"{name}_{end}": f"{value:.1f}"
        for name, row in (("data", data), ("choices", choices))
        for end, value in (("low", row.low), ("high", row.high))
    }
    more_said = word(f"robust_more_{more}", language)
    yield from wrapped(word("robust_apart", language, more=more_said, **ends))


def _areas(robustness: Robustness, result: Result, language: str) -> Iterator[str]:
    """Yield each area with its interval."""
    heads = (word(f"robust_column_{key}", language) for key in ("shown", "interval"))
    yield " " * _NAME + "".join(head.rjust(_NUMBER) for head in heads)
    for key, area in result.method.areas.items():
        yield _row(plain(area.name.said(language)), robustness.interval(f"area_{key}"))


def _row(name: str, row: Interval) -> str:
    """Return a name with its value and its interval."""
    if not math.isfinite(row.median):
        return f"{_short(name):<{_NAME}}{'-':>{_NUMBER}}{'-':>{_NUMBER}}"
    interval = f"{row.low:.1f} - {row.high:.1f}"
    return f"{_short(name):<{_NAME}}{row.shown:>{_NUMBER}.1f}{interval:>{_NUMBER}}"


def _people(robustness: Robustness, _: Result, language: str) -> Iterator[str]:
    """Yield how many people live in cells of each class, why, and who is surely below the line."""
    people, cells = robustness.people, robustness.cells
    total = people.sum()
    yield word("robust_people", language)
    if not total > 0:
        yield f"  {word('no_data', language)}"
        return
    for each in CONFIDENCE:
        of = (cells["confidence"] == each).fillna(value=False).to_numpy(np.bool_)
        held = people[of].sum()
        said = {"people": whole(held, language), "percent": percent(100 * held / total)}
        name = word(f"confidence_{each}", language)
        line = word("robust_class", language, confidence=name, **said)
        if held > 0 and each != "high":
            reasons = _reasons(cells["reason"][of], people[of], language)
            line += f", {word('robust_class_why', language, reasons=reasons)}"
        yield from wrapped(line, "  ")
    held = people[cells["confidence"].isna().to_numpy()].sum()
    if held > 0:
        said = {"people": whole(held, language), "percent": percent(100 * held / total)}
        yield from wrapped(word("robust_class_none", language, **said), "  ")
    below = cells["below_probability"].to_numpy(np.float64)
    surely = people[below >= _SURE].sum()
    maybe = people[(below < _SURE) & (below > 1 - _SURE)].sum()
    counts = {"people": whole(surely, language), "maybe": whole(maybe, language)}
    yield from wrapped(word("robust_below", language, line=f"{robustness.line:g}", **counts))


def _reasons(reasons: pd.Series, people: np.ndarray, language: str) -> str:
    """Return the reasons that hold for most people, with their shares."""
    held = pd.Series(people, index=reasons.index).groupby(reasons).sum()
    most = held.sort_values(ascending=False, kind="stable").head(_MOST_REASONS)
    said = (
        f"{word(f'group_{key}', language)} ({percent(100 * share / people.sum())})"
        for key, share in most.items()
        if share > 0
    )
    return ", ".join(said)


def _drivers(robustness: Robustness, _: Result, language: str) -> Iterator[str]:
    """Yield what share of the variance each group of inputs explains."""
    yield word("robust_drivers", language)
    if robustness.sensitivity.empty:
        yield f"  {word('robust_drivers_none', language)}"
        return
    heads = word("robust_drivers_columns", language).split("|")
    yield " " * _NAME + "".join(head.rjust(_NUMBER) for head in heads)
    for group, row in robustness.sensitivity.iterrows():
        figures = (row["first"], row["total"], row["people_driven"])
        said = (
            "-" if not math.isfinite(each) else f"{100 * min(max(each, 0.0), 1.0):.0f} %"
            for each in figures
        )
        name = f"  {word(f'group_{group}', language)}"
        yield f"{name:<{_NAME}}" + "".join(each.rjust(_NUMBER) for each in said)
    yield from wrapped(
        word("robust_drivers_note", language, rows=robustness.parameters["rows_of_indices"])
    )


def _omitted(robustness: Robustness, result: Result, language: str) -> Iterator[str]:
    """Yield the indicators that the marker would miss most."""
    known = robustness.without.dropna(subset=["city_change"])
    known = known[known["city_change"] != 0]
    if known.empty:
        return
    yield word("robust_without", language)
    known = known.sort_values("city_change", key=np.abs, ascending=False, kind="stable")
    for node, row in known.head(_MOST_OMITTED).iterrows():
        name = result.method.name_of(str(node)).said(language)
        said = {
            "name": plain(name),
            "city": f"{row['city']:.1f}",
            "change": f"{row['city_change']:+.1f}",
            "percent": percent(100 * row["class_change"]),
        }
        yield from wrapped(word("robust_without_row", language, **said), "  ")


def _districts(robustness: Robustness, __: Result, language: str) -> Iterator[str]:
    """Yield the districts with their intervals, lowest first."""
    if robustness.districts.empty:
        return
    yield word("robust_districts", language)
    both = robustness.districts.index.get_level_values("source") == "both"
    rows = robustness.districts[both].sort_values("shown", kind="stable")
    for _, row in rows.head(_MOST_DISTRICTS).iterrows():
        figures = (float(row[key]) for key in Interval._fields)
        yield _row(f"  {plain(str(row['name']))}", Interval(*figures))
    if len(rows) > _MOST_DISTRICTS:
        more = word("robust_districts_more", language, count=len(rows) - _MOST_DISTRICTS)
        yield f"  {more}"
    yield from wrapped(word("robust_tie", language))


def _limits(_: Robustness, __: Result, language: str) -> Iterator[str]:
    """Yield what all this does not say."""
    yield word("robust_limits", language)
    yield from wrapped(word("robust_limits_text", language), "  ")


def _notices(robustness: Robustness, _: Result, language: str) -> Iterator[str]:
    """Yield what was noticed on the way."""
    for notice in robustness.notices:
        yield notice.text(language)


def _short(name: str) -> str:
    """Return a name that leaves a space before the first figure."""
    indent = name[: len(name) - len(name.lstrip())]
    return indent + textwrap.shorten(name, _NAME - 2 - len(indent), placeholder="…")
