"""How sure the figures are: intervals, confidence and its causes, what they rest on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import get_args

import numpy as np
import pandas as pd

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.analysis.drawing.confidence import CONFIDENCE
from inclusion_marker.analysis.drawing.tables import Source
from inclusion_marker.analysis.robustness import Robustness
from inclusion_marker.composite.totals import weighted_mean
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
    Share,
    asked,
    city_span,
    draws_of,
    interval,
    line_of,
    listed,
    quoted,
    sentence,
    share,
)
from inclusion_marker.outputs.wording import DASH, EVEN, capital, number, plain, tied, whole
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_REASONS, _OMITTED = 3, 3
_SURE = 0.9


def certainty_section(result: Result, analyses: Analyses, language: str) -> Section:
    """Return what is said of how sure the figures are.

    Parameters
    ----------
    result
        What was computed.
    analyses
        The analyses of it.
    language
        ``"es"`` or ``"en"``.
    """
    blocks = tuple(_blocks(result, analyses, language))
    return Section("certainty", word("report_certainty", language), blocks)


def _blocks(result: Result, analyses: Analyses, language: str) -> Iterator[Block]:
    """Yield what is said, top down."""
    sure = analyses.robustness
    empty = bool(result.scores.marker.isna().all())
    if sure is None:
        yield Words((word("report_certainty_none", language),))
    elif empty:
        yield Words((word("report_certainty_empty", language),))
    else:
        yield Words((word("report_certainty_how", language, draws=_draws(analyses, language)),))
        yield _city(analyses, language)
        yield Heading(word("report_confidence", language))
        yield Words((_what(sure, language),))
        yield _confidence(sure, language)
        yield Words(tuple(_below(sure, language)))
        yield from _drivers(sure, language)
        yield from _omitted(result, sure, language)
    yield Heading(word("report_coverage", language))
    yield Words(tuple(_covered(result, language)))
    yield _coverage(result, language)
    if sure is not None and not empty:
        yield Points(
            word("equity_limits", language),
            tuple(word(f"report_limit_{each}", language) for each in _LIMITS),
        )


_LIMITS = ("assumed", "outside", "together")


def _draws(analyses: Analyses, language: str) -> str:
    """Return how many draws there are, as people write it."""
    return whole(draws_of(analyses), language)


def _city(analyses: Analyses, language: str) -> Table:
    """Return the interval of the city by what it comes from."""
    spans = {source: city_span(analyses, "marker", source) for source in get_args(Source)}
    least, most = line_of(end for span in spans.values() for end in span)
    rows = []
    for source, span in spans.items():
        low, high = (span.low, span.high) if span.known else (None, None)
        rows.append(
            Row(
                (
                    Cell(word(f"report_source_{source}", language)),
                    number_cell(interval(span)),
                    Cell("", track=Track(None, low, high, least, most)),
                    number_cell(number((span.high - span.low) / 2)),
                )
            )
        )
    ends = {"least": f"{least:g}", "most": f"{most:g}"}
    titles = [word(f"report_head_{key}", language, **ends) for key in _CITY_HEADS]
    columns = (*heads(titles[0]), *heads(titles[1], numbers=1), Cell(titles[2]))
    columns += heads(titles[3], numbers=1)
    widths = [spans[each].high - spans[each].low for each in ("data", "choices")]
    more = "neither"
    if abs(widths[0] - widths[1]) >= EVEN:
        more = "data" if widths[0] > widths[1] else "choices"
    note = word(f"report_more_{more}", language)
    return Table(word("report_city_span", language), columns, tuple(rows), note)


_CITY_HEADS = ("source", "span", "axis", "half")


# ── confidence ───────────────────────────────────────────────────────────────


def _what(sure: Robustness, language: str) -> str:
    """Return what a cell has to meet to be of high, and of medium confidence."""
    asked = sure.parameters["confidence"]
    values = {}
    for key, name, times in (
        ("width", "half_width", 1),
        ("sure", "probability", 100),
        ("seen", "observed", 100),
    ):
        for end, limit in zip(("", "_2"), asked[name], strict=True):
            values[f"{key}{end}"] = f"{times * limit:g}"
    return tied(word("report_confidence_what", language, **values))


def _confidence(sure: Robustness, language: str) -> Table:
    """Return how many people live in cells of each confidence, and what limits it."""
    people, classes = sure.people, sure.cells["confidence"]
    total = float(people.sum())
    rows = []
    for each in (*CONFIDENCE, None):
        of = classes.isna() if each is None else (classes == each).fillna(value=False)
        rows_of = of.to_numpy(np.bool_)
        held = float(people[rows_of].sum())
        if each is None and held == 0:
            continue
        name = "robust_none" if each is None else f"confidence_{each}"
        said = word("report_no_marker" if each is None else name, language)
        reasons = DASH
        if each in ("medium", "low") and held > 0:
            reasons = _reasons(sure.cells["reason"][rows_of], people[rows_of], language)
        rows.append(
            Row(
                (
                    Cell(capital(said)),
                    number_cell(whole(held, language)),
                    number_cell(share(held / total if total > 0 else math.nan)),
                    Cell(reasons),
                )
            )
        )
    titles = [word(f"report_head_{key}", language) for key in _CONFIDENCE_HEADS]
    columns = (*heads(titles[0]), *heads(*titles[1:3], numbers=2), *heads(titles[3]))
    caption = word("report_confidence_caption", language)
    return Table(caption, columns, tuple(rows), word("report_confidence_note", language))


_CONFIDENCE_HEADS = ("confidence", "people", "of_all", "causes")


def _reasons(reasons: pd.Series[str], people: np.ndarray, language: str) -> str:
    """Return what limits the confidence of most people, with their shares."""
    held = pd.Series(people, index=reasons.index).groupby(reasons).sum()
    most = held.sort_values(ascending=False, kind="stable").head(_REASONS)
    said = [
        f"{word(f'cause_{key}', language)} ({share(float(part) / float(people.sum()))})"
        for key, part in most.items()
        if part > 0
    ]
    return capital(listed(said, language)) if said else DASH


def _below(sure: Robustness, language: str) -> Iterator[str]:
    """Yield of how many people it is certain that they live below the line."""
    below = sure.cells["below_probability"].to_numpy(np.float64)
    total = float(sure.people.sum())
    surely = float(sure.people[below >= _SURE].sum())
    maybe = float(sure.people[(below < _SURE) & (below > 1 - _SURE)].sum())
    line = f"{sure.line:g}"
    for key, held in (("surely", surely), ("maybe", maybe)):
        part = Share(held / total if total > 0 else math.nan, language)
        form = f"report_{key}" if held > 0 else f"report_{key}_none"
        yield sentence(form, language, line=line, share=part, people=whole(held, language))


# ── what the figures rest on ─────────────────────────────────────────────────


def _drivers(sure: Robustness, language: str) -> Iterator[Block]:
    """Yield what share of the doubt each group of inputs explains."""
    table = sure.sensitivity
    if table.empty:
        return
    yield Heading(word("report_sensitivity", language))
    order = table["total"].fillna(-1.0).sort_values(ascending=False, kind="stable").index
    rows = []
    for group in order:
        figures = [float(table[key][group]) for key in ("first", "total", "people_driven")]
        cells = [number_cell(_part(each)) for each in figures]
        known = min(max(figures[1], 0.0), 1.0) if math.isfinite(figures[1]) else None
        track = Track(known, most=1.0, colour=ACCENT, is_bar=True)
        name = capital(word(f"group_{group}", language))
        rows.append(Row((Cell(name), cells[0], cells[1], Cell("", track=track), cells[2])))
    titles = [word(f"report_head_{key}", language) for key in _DRIVER_HEADS]
    columns = (*heads(titles[0]), *heads(*titles[1:3], numbers=2), Cell(titles[3]))
    columns += heads(titles[4], numbers=1)
    note = word("report_sensitivity_note", language, rows=sure.parameters["rows_of_indices"])
    yield Table(word("report_sensitivity_caption", language), columns, tuple(rows), note)


_DRIVER_HEADS = ("input", "alone", "in_total", "size", "driven")


def _part(value: float) -> str:
    """Return a share of a variance, whole percent: its estimate is no better than that."""
    if not math.isfinite(value):
        return DASH
    return tied(f"{100 * min(max(value, 0.0), 1.0):.0f} %")


def _omitted(result: Result, sure: Robustness, language: str) -> Iterator[Block]:
    """Yield the indicators that the marker would miss most."""
    known = sure.without.dropna(subset=["city_change"])
    known = known[known["city_change"].abs() >= EVEN]
    known = known.sort_values("city_change", key=np.abs, ascending=False, kind="stable")
    said = [
        word(
            f"report_without_{'more' if change > 0 else 'less'}",
            language,
            name=quoted(plain(result.method.name_of(str(node)).said(language)), language),
            city=number(city),
            points=number(abs(change)),
            share=Share(classes, language),
        )
        for node, city, change, classes in zip(
            known.index[:_OMITTED],
            known["city"],
            known["city_change"],
            known["class_change"],
            strict=False,
        )
    ]
    if said:
        yield Points(word("report_without", language), tuple(said))


# ── coverage ─────────────────────────────────────────────────────────────────


def _covered(result: Result, language: str) -> Iterator[str]:
    """Yield how much of the weight is observed, and for whom the marker is missing."""
    said = [sentence("report_observed", language, share=Share(result.observed(), language))]
    people, marker = result.people, result.scores.marker
    total, without = float(people.sum()), float(people[marker.isna()].sum())
    bars = result.method.min_coverage
    if marker.isna().all():
        said.append(word("report_without_marker_all", language))
    elif without > 0:
        values = {"share": Share(without / total, language), "people": whole(without, language)}
        said.append(sentence("report_without_marker", language, **values))
    else:
        said.append(word("report_without_marker_none", language))
    levels = {"dimension": bars.dimension, "area": bars.area, "marker": bars.marker}
    shares = {level: asked(bar) for level, bar in levels.items()}
    yield " ".join([*said, word("report_bars", language, **shares)])


def _coverage(result: Result, language: str) -> Table:
    """Return how much of each area is observed, and for how many of the people it has a score."""
    coverage = weighted_mean(result.scores.coverage, result.people)
    means, total = result.means(), float(result.people.sum())
    rows = []
    for key, area in result.method.areas.items():
        node = f"area_{key}"
        seen = float(coverage[node])
        known = seen if math.isfinite(seen) else None
        track = Track(known, most=1.0, colour=ACCENT, is_bar=True)
        scored = float(means["people_scored"][node])
        rows.append(
            Row(
                (
                    Cell(plain(area.name.said(language))),
                    number_cell(share(seen)),
                    Cell("", track=track),
                    number_cell(share(scored / total if total > 0 else math.nan)),
                )
            )
        )
    titles = [word(f"report_head_{key}", language) for key in _COVERAGE_HEADS]
    columns = (*heads(titles[0]), *heads(titles[1], numbers=1), Cell(titles[2]))
    columns += heads(titles[3], numbers=1)
    return Table(word("report_coverage_caption", language), columns, tuple(rows))


_COVERAGE_HEADS = ("area", "observed", "size", "scored")
