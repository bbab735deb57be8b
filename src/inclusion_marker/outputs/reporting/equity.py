"""Who lives with what: the inequality between people, and the gaps between groups."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.analysis.equity import Equity
from inclusion_marker.analysis.inequality.groups import Group
from inclusion_marker.outputs.reporting.blocks import (
    Abreast,
    Block,
    Cell,
    Drawing,
    Heading,
    Label,
    Points,
    Row,
    Section,
    Shape,
    Table,
    Words,
    heads,
    number_cell,
)
from inclusion_marker.outputs.reporting.sayings import (
    UNKNOWN,
    Share,
    Span,
    from_to,
    quoted,
    sentence,
    share,
)
from inclusion_marker.outputs.wording import DASH, EVEN, capital, number, plain, signed, tied, whole
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_HALF = 0.5


class Gap(NamedTuple):
    """What two groups live with, and what the difference is worth.

    Attributes
    ----------
    part, rest
        Mean of the marker where either lives; missing without one.
    value
        ``part - rest``, exact: not the difference of two rounded means.
    span
        Interval of the difference; missing without draws.
    verdict
        ``"unscored"``; ``"undrawn"``: nothing, without draws; ``"even"``: no difference shows;
        ``"less"`` or ``"more"``: the first group lives with less or more; ``"open"``: the
        difference is smaller than its uncertainty.
    """

    part: float
    rest: float
    value: float
    span: Span
    verdict: str


def gap_of(equity: Equity, group: Group) -> Gap:
    """Return the gap of a pair of groups, and what can be said of it.

    Parameters
    ----------
    equity
        What was found of a city's equity.
    group
        One of its groups.
    """
    row = equity.gaps.exposure[["part", "rest"]].xs((group.id, "marker")).to_numpy(np.float64)
    part, rest = float(row[0]), float(row[1])
    ends = equity.gaps.intervals[["low", "high"]].xs((group.id, "gap")).to_numpy(np.float64)
    span = Span(float(ends[0]), float(ends[1]))
    if math.isnan(part) or math.isnan(rest):
        return Gap(part, rest, math.nan, UNKNOWN, "unscored")
    return Gap(part, rest, part - rest, span, _verdict(part - rest, span))


def _verdict(exact: float, span: Span) -> str:
    """Return what can be said of a difference."""
    if not span.known:
        return "undrawn"
    if _shows_none(exact) and max(abs(span.low), abs(span.high)) < EVEN:
        return "even"
    if exact < 0:
        return "less" if span.high < 0 else "open"
    return "more" if span.low > 0 else "open"


def _shows_none(points: float) -> bool:
    """Return whether a difference shows as nothing."""
    return float(number(abs(points))) == 0


def gap_said(analyses: Analyses, language: str) -> Iterator[str]:
    """Yield in one line what the first pair of groups lives with; nothing where none is counted.

    Parameters
    ----------
    analyses
        The analyses of a result.
    language
        ``"es"`` or ``"en"``.
    """
    groups = analyses.equity.gaps.groups
    if groups and gap_of(analyses.equity, groups[0]).verdict != "unscored":
        yield _pair_said(analyses.equity, groups[0], language)


def _pair_said(equity: Equity, group: Group, language: str) -> str:
    """Return what a pair of groups lives with, and what the difference is worth."""
    gap = gap_of(equity, group)
    people = float(equity.gaps.context["people_part"][group.id])
    part, rest = (plain(each.said(language)) for each in group.named())
    values = {
        "part": part,
        "rest": rest,
        "people": whole(people, language),
        "part_score": number(gap.part),
        "rest_score": number(gap.rest),
        "points": number(abs(gap.value)),
    }
    if gap.verdict == "unscored":
        return word("equity_gap_unscored", language, part=part, rest=rest, people=values["people"])
    side = "even" if _shows_none(gap.value) else "less" if gap.value < 0 else "more"
    said = [word(f"report_gap_{side}", language, **values)]
    if not gap.span.known:
        said.append(word("report_no_span", language))
    elif gap.verdict in ("less", "more"):
        low, high = sorted((abs(gap.span.low), abs(gap.span.high)))
        ends = from_to(Span(low, high), language)
        said.append(word(f"report_gap_span_{gap.verdict}", language, span=ends))
    else:
        said.append(word(f"report_gap_{gap.verdict}_span", language, span=_signed(gap.span)))
    return " ".join(said)


def _signed(span: Span) -> str:
    """Return an interval with the signs of its ends."""
    return " … ".join(signed(end) for end in span)


def equity_section(result: Result, analyses: Analyses, language: str) -> Section:
    """Return what is said of equity.

    Parameters
    ----------
    result
        What was computed.
    analyses
        The analyses of it.
    language
        ``"es"`` or ``"en"``.
    """
    equity = analyses.equity
    scored = not math.isnan(float(equity.measures["gini"]["marker"]))
    blocks = list(_blocks(result, equity, language)) if scored else []
    if not scored:
        blocks.append(Words((word("report_equity_empty", language),)))
    return Section("equity", word("report_equity", language), tuple(blocks))


def _blocks(result: Result, equity: Equity, language: str) -> Iterator[Block]:
    """Yield what is said of a city with a marker."""
    yield Words(tuple(_below(result, equity, language)))
    yield Heading(word("report_groups", language))
    if equity.gaps.groups:
        yield Words((word("report_groups_lead", language),))
        yield _groups(equity, language)
        yield Points(
            "", tuple(_group(result, equity, each, language) for each in equity.gaps.groups)
        )
    else:
        yield Words((word("equity_groups_none", language),))
    yield Heading(word("report_inequality", language))
    said = Words(tuple(_inequality(result, equity, language)))
    held, _ = _figure_of(equity, "mean")
    yield Abreast((said, _lorenz(equity, language))) if held > 0 else said  # of nothing no share
    limits = ["places", "level", *(("zones", "cause") if equity.gaps.groups else ())]
    told = tuple(word(f"equity_limit_{each}", language) for each in limits)
    yield Points(word("equity_limits", language), told)


def _below(result: Result, equity: Equity, language: str) -> Iterator[str]:
    """Yield who lives below the line, and how far."""
    line = f"{equity.line:g}"
    part, span = _figure_of(equity, "headcount")
    if part == 0:
        said = [word("report_below_none", language, line=line)]
        if span.known and span.high > 0:
            at_most = Share(span.high, language)
            said.append(word("report_below_none_span", language, share=at_most))
        yield " ".join(said)
        return
    known = float(result.people[result.scores.marker.notna()].sum())
    lacking = equity.line * float(equity.measures["gap"]["marker"]) / part
    people = whole(part * known, language)
    values = {"share": Share(part, language), "people": people, "line": line}
    key = "report_below" if _everyone_scored(result) else "report_below_scored"
    said = [sentence(key, language, lacking=number(lacking), **values)]
    if span.known:
        said.append(word("report_below_span", language, span=_shares(span, language)))
    yield " ".join(said)


def _everyone_scored(result: Result) -> bool:
    """Return whether all people live in cells with a marker: shares are of those who do."""
    return not float(result.people[result.scores.marker.isna()].sum()) > 0


def _figure_of(equity: Equity, name: str) -> tuple[float, Span]:
    """Return a figure of the city as measured, and its interval."""
    row = equity.intervals[["value", "low", "high"]].xs(name).to_numpy(np.float64)
    return float(row[0]), Span(float(row[1]), float(row[2]))


def _shares(span: Span, language: str) -> str:
    """Return an interval of shares."""
    low, high = (f"{Share(end, language)}" for end in span)
    key = "report_of" if low == high else "report_from_to"
    return word(key, language, low=low, high=high)


# ── groups ───────────────────────────────────────────────────────────────────


def _groups(equity: Equity, language: str) -> Table:
    """Return the pairs of groups, each with its gap and what it is worth."""
    rows = []
    for group in equity.gaps.groups:
        gap = gap_of(equity, group)
        part, rest = (plain(each.said(language)) for each in group.named())
        people = float(equity.gaps.context["people_part"][group.id])
        rows.append(
            Row(
                (
                    Cell(word("report_against", language, part=capital(part), rest=rest)),
                    number_cell(whole(people, language)),
                    number_cell(number(gap.part)),
                    number_cell(number(gap.rest)),
                    number_cell(signed(gap.value)),
                    number_cell(_signed(gap.span) if gap.span.known else DASH),
                    Cell(word(f"report_verdict_{gap.verdict}", language)),
                )
            )
        )
    titles = [word(f"report_head_{key}", language) for key in _GROUP_HEADS]
    columns = (*heads(*titles[:-1], numbers=5), *heads(titles[-1]))
    note = word("report_groups_note" if _drawn(equity) else "report_groups_no_draws", language)
    return Table(word("report_groups_caption", language), columns, tuple(rows), note)


_GROUP_HEADS = ("groups", "people_part", "part", "others", "gap", "gap_span", "verdict")


def _drawn(equity: Equity) -> bool:
    """Return whether the figures have intervals."""
    return bool(equity.intervals["median"].notna().any())


def _group(result: Result, equity: Equity, group: Group, language: str) -> str:
    """Return the sentences on one pair of groups."""
    said = [_pair_said(equity, group, language)]
    gap = gap_of(equity, group)
    if gap.verdict == "unscored":
        return said[0]
    part, rest = (plain(each.said(language)) for each in group.named())
    table, line = equity.gaps.of(group.id), f"{equity.line:g}"
    parts = {key: float(table[key]["marker"]) for key in ("below_part", "below_rest")}
    if max(parts.values()) > 0:
        below = {key: Share(each, language) for key, each in parts.items()}
        key = "report_gap_below" if _everyone_scored(result) else "report_gap_below_scored"
        said.append(word(key, language, line=line, part=part, rest=rest, **below))
    areas = table.drop(index="marker")["gap"].dropna()
    if len(areas) and areas.abs().max() >= EVEN and gap.verdict in ("less", "more", "undrawn"):
        widest = str(areas.abs().idxmax())
        name = quoted(plain(result.method.name_of(widest).said(language)), language)
        means = {f"{side}_score": number(float(table[side][widest])) for side in ("part", "rest")}
        said.append(word("report_gap_widest", language, area=name, **means))
    return " ".join(said)


# ── inequality ───────────────────────────────────────────────────────────────


def _inequality(result: Result, equity: Equity, language: str) -> Iterator[str]:
    """Yield how far two people are apart, both ends, and what lies between districts."""
    (value, span), (mean, _) = _figure_of(equity, "gini"), _figure_of(equity, "mean")
    points = number(2 * value * mean)
    said = [word("report_gini", language, points=points, gini=number(value, 3))]
    if span.known:
        ends = from_to(span, language, 3)
        said.append(word("report_gini_span", language, span=ends))
        if value < span.low:
            said.append(word("equity_gini_below", language))
    yield " ".join(said)
    low, high = (number(float(equity.quantiles[end])) for end in (0.1, 0.9))
    key = "report_ends_alike" if low == high else "report_ends"
    yield word(key, language, low=low, high=high)
    parts = equity.decomposition
    if parts is not None and not math.isnan(parts.between_share) and len(parts.groups) > 1:
        values = {"between": Share(parts.between_share, language), "count": len(parts.groups)}
        yield sentence("report_between_districts", language, **values)
    key = "report_scale_h3" if equity.resolution is not None else "report_scale_polygons"
    size = number(float(result.grid.area_ha.mean()))
    yield word(key, language, resolution=equity.resolution, hectares=size)


_SIDE = 260.0


def _lorenz(equity: Equity, language: str) -> Drawing:
    """Return the Lorenz curve of the marker."""
    curve: pd.DataFrame = equity.lorenz
    people, values = (curve[key].to_numpy(np.float64) for key in ("people", "values"))
    half = float(np.interp(_HALF, people, values))
    points = [
        f"{_SIDE * x:.1f} {_SIDE * (1 - y):.1f}"
        for x, y in zip(*_thinned(people, values), strict=True)
    ]
    at = (round(_SIDE * _HALF, 1), round(_SIDE * (1 - half), 1))
    shapes = (
        Shape(f"M0 0V{_SIDE:g}H{_SIDE:g}", "axis"),
        Shape(f"M0 {_SIDE:g}L{_SIDE:g} 0", "even"),
        Shape("M" + "L".join(points), "curve"),
        Shape(f"M{at[0]:g} {_SIDE:g}V{at[1]:g}H0", "guide"),
    )
    labels = (
        Label(_SIDE, _SIDE + 16, tied("100 %"), anchor="end"),
        Label(at[0], _SIDE + 16, tied("50 %")),
        Label(0, _SIDE + 16, "0"),
        Label(-6, at[1] + 4, share(half), anchor="end"),
        Label(-6, 10, tied("100 %"), anchor="end"),
        Label(_SIDE / 2, _SIDE + 34, word("report_lorenz_x", language)),
    )
    said = word("report_lorenz", language, share=Share(half, language))
    keys = tuple((look, word(f"report_lorenz_{look}", language)) for look in ("curve", "even"))
    return Drawing(_SIDE, _SIDE, shapes, labels, said, said, keys, "chart")


def _thinned(
    people: np.ndarray[tuple[int], np.dtype[np.float64]],
    values: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], ...]:
    """Return a curve at no more points than a line of its size shows."""
    most = 200
    if len(people) <= most:
        return people, values
    at = np.linspace(0.0, 1.0, most)
    return at, np.interp(at, people, values)
