"""Which districts are lowest, with what their order is worth."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.stats

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.analysis.robustness import Robustness
from inclusion_marker.outputs.reporting.blocks import (
    Block,
    Cell,
    Heading,
    Row,
    Table,
    Track,
    Words,
    number_cell,
)
from inclusion_marker.outputs.reporting.sayings import (
    UNKNOWN,
    Share,
    Span,
    between,
    colour_of,
    counted,
    district_name,
    interval,
    line_of,
    listed,
    share,
)
from inclusion_marker.outputs.tables import district_intervals
from inclusion_marker.outputs.wording import DASH, number, plain, whole
from inclusion_marker.result import Result
from inclusion_marker.texts import word

Floats = npt.NDArray[np.float64]

_ENDS = (0.05, 0.95)
_SURE, _NAMED, _MOST = 0.9, 0.05, 5
_DIGITS = 9  # scores that differ by less are equal


@dataclass(frozen=True, slots=True)
class District:
    """A district and its place among the others.

    Attributes
    ----------
    at
        Its row in the result's table.
    name
        What it is called.
    people
        Who live there.
    marker
        0-100; missing where nobody lives in a cell that has one.
    span
        Interval of the marker; missing without draws.
    rank
        1 = lowest, by the marker as it is shown: equal ones share it; 0 without a marker.
    ranks
        What nine in ten draws of the rank lie within; missing without draws.
    lowest
        Share of the draws in which it is the lowest; missing without draws.
    """

    at: int
    name: str
    people: float
    marker: float
    span: Span
    rank: int
    ranks: Span
    lowest: float


def ranked_districts(result: Result, analyses: Analyses, language: str) -> tuple[District, ...]:
    """Return the districts, the lowest marker first, those without one last.

    Parameters
    ----------
    result
        What was computed.
    analyses
        The analyses of it.
    language
        ``"es"`` or ``"en"``: of their names.

    Returns
    -------
    districts
        None for a city without districts.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> manta = compute("manta", resolution=8, min_coverage=0.3)
    >>> [each.rank for each in ranked_districts(manta, manta.analyses, "en")][:2]
    [1, 2]
    """
    table = result.districts
    if table is None:
        return ()
    markers = table["marker"].to_numpy(np.float64)
    known = np.flatnonzero(~np.isnan(markers))
    ranks = dict(zip(known, scipy.stats.rankdata(markers[known].round(1), "min"), strict=True))
    spans = district_intervals(analyses, table.index).to_numpy(np.float64)
    places, lowest = _drawn(analyses.robustness, known)
    found = [
        District(
            at=at,
            name=district_name(table["name"].iloc[at], language),
            people=float(table["people"].iloc[at]),
            marker=float(markers[at]),
            span=Span(float(spans[at, 0]), float(spans[at, 1])),
            rank=int(ranks.get(at, 0)),
            ranks=places.get(at, UNKNOWN),
            lowest=lowest.get(at, math.nan),
        )
        for at in range(len(table))
    ]
    return tuple(sorted(found, key=lambda each: (each.rank == 0, each.marker, each.at)))


def _drawn(
    sure: Robustness | None, known: npt.NDArray[np.intp]
) -> tuple[dict[int, Span], dict[int, float]]:
    """Return by district the interval of its rank, and how often it is lowest."""
    if sure is None or not len(known):
        return {}, {}
    draws = district_draws(sure, known)
    ranks = scipy.stats.rankdata(draws.round(_DIGITS), "min", axis=0)
    first, last = np.quantile(ranks, _ENDS, axis=1, method="inverted_cdf")
    lowest = (ranks == 1).mean(axis=1)
    return (
        {int(at): Span(float(first[n]), float(last[n])) for n, at in enumerate(known)},
        {int(at): float(lowest[n]) for n, at in enumerate(known)},
    )


def district_draws(sure: Robustness, rows: npt.NDArray[np.intp]) -> Floats:
    """Return the marker of districts in every draw, shape ``(districts, draws)``.

    By their weights and not by their ids: an id of a district may be one of a cell, too.

    Parameters
    ----------
    sure
        The draws.
    rows
        Places of the districts in the result's table.
    """
    return np.array([sure.draws_of(sure.district_weights.iloc[int(at)]) for at in rows])


def lowest_said(result: Result, analyses: Analyses, language: str) -> Iterator[str]:
    """Yield in one line which district is lowest, and whether that is certain.

    Parameters
    ----------
    result
        What was computed.
    analyses
        The analyses of it.
    language
        ``"es"`` or ``"en"``.
    """
    found = [each for each in ranked_districts(result, analyses, language) if each.rank]
    if len(found) < 2:  # noqa: PLR2004 - one district is neither the lowest nor the highest
        return
    if found[0].rank == found[-1].rank:
        score = number(found[0].marker)
        yield word("report_districts_alike", language, count=len(found), score=score)
        return
    first = [each for each in found if each.rank == 1]
    names = listed([each.name for each in first], language, _MOST)
    key = "report_lowest" if len(first) == 1 else "report_lowest_shared"
    said = [word(key, language, names=names, score=number(first[0].marker))]
    said += _certain(found, first[0], language)
    yield " ".join(said)


def _certain(found: list[District], first: District, language: str) -> Iterator[str]:
    """Yield how sure it is which district is the lowest; nothing without draws."""
    if math.isnan(first.lowest):
        return
    if first.lowest >= _SURE:
        often = Share(first.lowest, language)
        yield word("report_lowest_sure", language, name=first.name, share=often)
        return
    likely = sorted(
        (each for each in found if each.lowest >= _NAMED), key=lambda each: -each.lowest
    )
    parts = [
        word("report_lowest_part", language, name=each.name, share=share(each.lowest))
        for each in likely[:_MOST]
    ]
    if parts:
        yield word("report_lowest_open", language, parts=listed(parts, language))
    else:
        yield word("report_lowest_any", language)


def district_blocks(result: Result, analyses: Analyses, language: str) -> Iterator[Block]:
    """Yield what is said of the districts: how far apart they are, whose rank is sure, the table.

    Parameters
    ----------
    result
        What was computed.
    analyses
        The analyses of it.
    language
        ``"es"`` or ``"en"``.
    """
    yield Heading(word("report_districts", language))
    if result.districts is None:
        yield Words((word("report_districts_none", language),))
        return
    found = ranked_districts(result, analyses, language)
    scored = [each for each in found if each.rank]
    if not scored:
        yield Words((word("report_districts_empty", language),))
    elif len(scored) == 1:
        only = scored[0]
        values = {"name": only.name, "score": number(only.marker)}
        yield Words((word("report_districts_single", language, **values),))
    else:
        yield Words(tuple(_spread(analyses, scored, language)))
    yield _table(result, analyses, found, language)


def _spread(analyses: Analyses, found: list[District], language: str) -> Iterator[str]:
    """Yield how far the lowest and the highest are apart, and whose ranks are not certain."""
    low, high = found[0], found[-1]
    if low.rank == high.rank:
        score = number(low.marker)
        yield word("report_districts_alike", language, count=len(found), score=score)
        return
    values = {
        end: listed([one.name for one in found if number(one.marker) == at], language, _MOST)
        for end, at in (("low", number(low.marker)), ("high", number(high.marker)))
    }
    said = [
        word(
            "report_spread",
            language,
            count=len(found),
            low_score=number(low.marker),
            high_score=number(high.marker),
            points=number(high.marker - low.marker),
            **values,
        )
    ]
    if analyses.robustness is None:
        yield " ".join([*said, word("report_spread_no_draws", language)])
        return
    pair = district_draws(analyses.robustness, np.array([low.at, high.at]))
    apart = Span(*(float(end) for end in np.quantile(pair[1] - pair[0], _ENDS)))
    if apart.low <= 0:
        said.append(word("report_spread_open", language))
    else:
        said.append(word("report_spread_sure", language, between=between(apart, language)))
    yield " ".join(said)
    yield _ranks_said(found, language)


def _ranks_said(found: list[District], language: str) -> str:
    """Return how many ranks are certain, and whose are not."""
    open_ = [each.name for each in found if each.ranks.low != each.ranks.high]
    sure = len(found) - len(open_)
    if not open_:
        return word("report_ranks_all_sure", language)
    names = listed(open_, language, _MOST)
    if not sure:
        return word("report_ranks_none_sure", language)
    values = {"total": len(found), "names": names}
    return counted("report_ranks", sure, language, **values)


def _table(result: Result, analyses: Analyses, found: tuple[District, ...], language: str) -> Table:
    """Return the districts, lowest first."""
    clusters = analyses.hotspots.districts
    drawn = any(each.span.known for each in found)
    titles = ["rank", "district", "people", "marker", "axis"]
    titles += ["span", "ranks"] if drawn else []
    titles += ["lowest_area", "in_gaps"]
    least, most = line_of([end for each in found for end in (each.marker, *each.span)])
    rows = []
    for each in found:
        known = each.rank > 0
        track = Track(
            each.marker if known else None,
            each.span.low if each.span.known else None,
            each.span.high if each.span.known else None,
            least,
            most,
            colour=colour_of(each.marker),
        )
        cells = [
            number_cell(str(each.rank) if known else DASH),
            Cell(each.name),
            number_cell(whole(each.people, language)),
            number_cell(
                number(each.marker) if known else word("no_data", language),
                colour=colour_of(each.marker),
            ),
            Cell("", track=track),
        ]
        if drawn:
            cells += [number_cell(interval(each.span)), number_cell(_ranks(each.ranks))]
        gaps = math.nan if clusters is None else float(clusters["share_low"].iloc[each.at])
        cells += [Cell(_lowest_area(result, each.at, language)), number_cell(share(gaps))]
        rows.append(Row(tuple(cells)))
    numeric = {"rank", "people", "marker", "span", "ranks", "in_gaps"}
    values = {"least": f"{least:g}", "most": f"{most:g}"}
    columns = tuple(
        Cell(word(f"report_head_{each}", language, **values), is_number=each in numeric)
        for each in titles
    )
    note = word("report_districts_note_drawn" if drawn else "report_districts_note", language)
    caption = word("report_districts_caption", language)
    return Table(caption, columns, tuple(rows), note, "fine", named_by=1)


def _ranks(span: Span) -> str:
    """Return the ranks that a district may have."""
    if not span.known:
        return DASH
    low, high = int(span.low), int(span.high)
    return str(low) if low == high else f"{low}{DASH}{high}"


def _lowest_area(result: Result, at: int, language: str) -> str:
    """Return the lowest area of a district with its score, a dash where none has one."""
    if result.districts is None:
        return DASH
    scores = {key: float(result.districts[f"area_{key}"].iloc[at]) for key in result.method.areas}
    known = {key: each for key, each in scores.items() if math.isfinite(each)}
    if not known:
        return DASH
    least, most = (number(end) for end in (min(known.values()), max(known.values())))
    if least == most and len(known) > 1:
        return DASH  # all alike: none is the lowest
    first = [
        plain(result.method.areas[key].name.said(language))
        for key, score in known.items()
        if number(score) == least
    ]
    return f"{listed(first, language)} ({least})"
