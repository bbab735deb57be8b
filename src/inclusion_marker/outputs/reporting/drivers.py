"""What holds the city below 100: areas and indicators in points, and what would add most."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.analysis.explain import Explanation
from inclusion_marker.composite.totals import weighted_mean
from inclusion_marker.method import split_node
from inclusion_marker.outputs.palette import ACCENT
from inclusion_marker.outputs.reporting.blocks import (
    Block,
    Cell,
    Heading,
    Points,
    Row,
    Section,
    Table,
    Track,
    Words,
    heads,
    number_cell,
)
from inclusion_marker.outputs.reporting.sayings import (
    colour_of,
    counted,
    district_name,
    listed,
    quoted,
    share,
)
from inclusion_marker.outputs.tables import unit_name
from inclusion_marker.outputs.wording import DASH, EVEN, measured, number, plain
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_MOST, _FIRST, _DISTRICTS = 10, 3, 5
_ALL = 1 - 1e-9


def drivers_section(result: Result, analyses: Analyses, language: str) -> Section:
    """Return what is said of what holds the city below 100.

    Parameters
    ----------
    result
        What was computed.
    analyses
        The analyses of it.
    language
        ``"es"`` or ``"en"``.
    """
    blocks = tuple(_blocks(result, analyses.explanation, language))
    return Section("drivers", word("report_drivers", language), blocks)


def first_said(analyses: Analyses, language: str) -> Iterator[str]:
    """Yield in one line what holds most of what the city lacks; nothing where nothing is lacking.

    Parameters
    ----------
    analyses
        The analyses of a result.
    language
        ``"es"`` or ``"en"``.
    """
    found = analyses.explanation
    if not math.isfinite(found.marker):
        return
    shown = found.shown_points()
    if not found.reasons("ind", 1).index.isin(list(shown)).any() or shown["marker"] == 0:
        return
    parts = [
        word(
            "report_lacking_part",
            language,
            name=_named(found, node, language),
            points=number(shown[node]),
        )
        for node, _ in leading(found.table, "points", 1)
        if shown.get(node, 0.0) > 0
    ]
    total = number(shown["marker"])
    if not parts:
        yield word("report_lacking_many", language, total=total)
        return
    key = "report_lacking_one" if len(parts) == 1 else "report_lacking"
    yield word(key, language, total=total, parts=listed(parts, language))


def _named(found: Explanation, node: str, language: str) -> str:
    """Return the name of a node in quotation marks."""
    return quoted(plain(str(found.table[f"name_{language}"][node])), language)


def _blocks(result: Result, found: Explanation, language: str) -> Iterator[Block]:
    """Yield what is said, top down."""
    if not math.isfinite(found.marker):
        yield Words((word("report_drivers_empty", language),))
        return
    yield Words((plain(_what(found, language)), word("report_drivers_how", language)))
    if not len(found.reasons("area", 1)):
        return
    yield _areas(result, found, language)
    if len(found.reasons("ind", 1)):
        yield _indicators(result, found, language)
    yield from _gains(found, language)
    yield from _districts(found, language)


def _what(found: Explanation, language: str) -> str:
    """Return what the city lacks in a sentence, or that it lacks nothing."""
    shown = found.shown_points().get("marker", 0.0)
    name = plain(found.name.said(language))
    if shown == 0:
        return word("report_lacks_nothing", language, city=name)
    values = {"city": name, "marker": number(found.marker), "points": number(shown)}
    if not len(found.reasons("area", 1)):
        return word("report_unsplit", language, **values)
    return word("report_lacks", language, **values)


# ── the tables ───────────────────────────────────────────────────────────────


def _areas(result: Result, found: Explanation, language: str) -> Table:
    """Return what each area takes, which adds up to what the city lacks."""
    shown, table = found.shown_points(), found.table
    nodes = [f"area_{key}" for key in result.method.areas]
    nodes = [node for node in nodes if node in shown]
    nodes.sort(key=lambda node: -shown[node])
    most = max([shown[node] for node in nodes], default=0.0)
    total = shown["marker"]
    rows = [
        Row(
            (
                Cell(plain(str(table[f"name_{language}"][node]))),
                number_cell(
                    number(float(table["score"][node])),
                    colour=colour_of(float(table["score"][node])),
                ),
                number_cell(number(shown[node])),
                Cell("", track=_bar(shown[node], most)),
                number_cell(share(shown[node] / total) if total > 0 else DASH),
            )
        )
        for node in nodes
    ]
    last = (
        Cell(word("report_total", language)),
        number_cell(number(found.marker), colour=colour_of(found.marker)),
        number_cell(number(total)),
        Cell(""),
        number_cell(share(1.0) if total > 0 else DASH),
    )
    titles = [word(f"report_head_{key}", language) for key in _AREA_HEADS]
    columns = (*heads(titles[0]), *heads(*titles[1:3], numbers=2), Cell(titles[3]))
    columns += heads(titles[4], numbers=1)
    caption = word("report_lacking_areas", language)
    return Table(caption, columns, (*rows, Row(last, is_total=True)))


_AREA_HEADS = ("area", "score", "points", "size", "part_of_all")


def _bar(points: float, most: float) -> Track:
    """Return points as a bar, the most of them filling it."""
    return Track(points, most=most, colour=ACCENT, is_bar=True)


def _indicators(result: Result, found: Explanation, language: str) -> Table:
    """Return the indicators that hold most of what the city lacks."""
    table, shown = found.table, found.shown_points()
    raw = weighted_mean(result.raw, result.people)
    reasons = [str(node) for node in found.reasons("ind", _MOST).index]
    reasons = [node for node in reasons if shown.get(node, 0.0) > 0]
    reasons.sort(key=lambda node: -shown[node])  # as they are shown
    most = max([shown[node] for node in reasons], default=0.0)
    rows = []
    for node in reasons:
        key = split_node(node)[1]
        unit = unit_name(result.method.indicators[key].unit, language)
        name, score = plain(str(table[f"name_{language}"][node])), float(table["score"][node])
        rows.append(
            Row(
                (
                    Cell(f"{name} ({table['code'][node]})"),
                    number_cell(measured(float(raw[key]), unit, language)),
                    number_cell(number(score), colour=colour_of(score)),
                    number_cell(number(shown[node])),
                    Cell("", track=_bar(shown[node], most)),
                    number_cell(number(float(table["gain_if_closed"][node]))),
                )
            )
        )
    titles = [word(f"report_head_{key}", language) for key in _INDICATOR_HEADS]
    columns = (*heads(titles[0]), *heads(*titles[1:4], numbers=3), Cell(titles[4]))
    columns += heads(titles[5], numbers=1)
    later = found.reasons("ind", len(table))["points"].round(1).iloc[_MOST - 1 : _MOST + 1]
    tied = len(later) > 1 and later.iloc[0] == later.iloc[1]
    key = "report_lacking_indicators_tied" if tied else "report_lacking_indicators"
    caption = word(key, language, count=len(rows))
    if len(rows) == 1:
        caption = word("report_lacking_indicators_one", language)
    return Table(caption, columns, tuple(rows), _note(found, reasons, language), "fine names")


_INDICATOR_HEADS = ("indicator", "measured", "score", "points", "size", "gain")


def _note(found: Explanation, shown: list[str], language: str) -> str:
    """Return how to read the indicators, and which of them only some people have."""
    observed = found.table["observed"]
    some = [
        f"{_named(found, node, language)} ({share(float(observed[node]))})"
        for node in shown
        if observed[node] < _ALL
    ]
    said = word("report_lacking_note", language)
    if some:
        said += " " + word("report_lacking_some", language, names=listed(some, language))
    return said


# ── what would add most ──────────────────────────────────────────────────────


def _gains(found: Explanation, language: str) -> Iterator[Block]:
    """Yield what would add most: brought to 100, and for one point more."""
    parts = []
    for column, digits in (("gain_if_closed", 1), ("gain_per_point", 2)):
        names = [
            word(
                f"report_{column}_part",
                language,
                name=_named(found, node, language),
                gain=number(gain, digits),
            )
            for node, gain in leading(found.table, column, digits)
        ]
        if names:
            parts.append(word(f"report_{column}", language, parts=listed(names, language)))
    if parts:
        yield Points(word("report_first", language), tuple(parts))
        yield Words((word("report_first_not", language),), "note")


def leading(table: pd.DataFrame, column: str, digits: int) -> list[tuple[str, float]]:
    """Return the few indicators with the largest values, the largest first.

    Those that look like the first one left out are no more first than it is: they go as well.

    Parameters
    ----------
    table
        That of an explanation.
    column
        What they are ordered by.
    digits
        Decimals that are shown; what shows as nothing does not lead.

    Returns
    -------
    leading
        Node and value; none where more look alike than are named.

    Examples
    --------
    >>> points = {"level": "ind", "points": [3.0, 1.04, 2.0, 1.0, 0.0]}
    >>> leading(pd.DataFrame(points, index=list("abcde")), "points", 1)
    [('a', 3.0), ('c', 2.0)]
    """
    values = table[table["level"] == "ind"][column].dropna().round(9)
    ordered = values.sort_values(ascending=False, kind="stable")
    shown = ordered.round(digits)
    kept = shown.iloc[:_FIRST]
    if len(shown) > _FIRST:
        kept = kept[kept > shown.iloc[_FIRST]]
    return [(str(node), float(ordered[node])) for node in kept[kept > 0].index]


def _districts(found: Explanation, language: str) -> Iterator[Block]:
    """Yield why the lowest districts are low."""
    table = found.districts
    if table is None or table["marker"].isna().all():
        return
    known = table[table["marker"].notna()].sort_values("marker", kind="stable")
    rows = []
    for at in range(min(len(known), _DISTRICTS)):
        row = known.iloc[at]
        reasons = [_reason(found, row, place, language) for place in range(1, _FIRST + 1)]
        rows.append(
            Row(
                (
                    Cell(district_name(row["name"], language)),
                    number_cell(
                        number(float(row["marker"])), colour=colour_of(float(row["marker"]))
                    ),
                    number_cell(number(float(row["shortfall"]))),
                    *(Cell(reason) for reason in reasons),
                )
            )
        )
    titles = [word(f"report_head_{key}", language) for key in _DISTRICT_HEADS]
    columns = (*heads(titles[0]), *heads(*titles[1:3], numbers=2), *heads(*titles[3:]))
    yield Heading(word("report_why_low", language))
    caption = counted("report_why_low_caption", len(rows), language)
    note = word("report_why_low_note", language)
    yield Table(caption, columns, tuple(rows), note, "fine")


_DISTRICT_HEADS = ("district", "marker", "lacks", "first", "second", "third")


def _reason(found: Explanation, row: pd.Series, place: int, language: str) -> str:
    """Return an indicator that a district lacks, with its points; a dash where there is none."""
    indicator = row.get(f"indicator_{place}")
    points = float(row.get(f"points_{place}", math.nan))
    if not isinstance(indicator, str) or not points >= EVEN:
        return DASH
    name = plain(str(found.table[f"name_{language}"][f"ind_{indicator}"]))
    return f"{name} ({number(points)})"
