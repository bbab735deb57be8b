"""The city in one page: marker, areas, map, who lives where, and what follows in one line each."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.composite.classes import BREAKS, people_by_class
from inclusion_marker.composite.totals import weighted_mean
from inclusion_marker.outputs.figures import preview_png
from inclusion_marker.outputs.palette import NO_DATA, PUBLISHED
from inclusion_marker.outputs.reporting.blocks import (
    Abreast,
    Block,
    Card,
    Cards,
    Cell,
    Picture,
    Points,
    Row,
    Section,
    Table,
    Track,
    Words,
    heads,
    number_cell,
)
from inclusion_marker.outputs.reporting.messages import city_mean, messages
from inclusion_marker.outputs.reporting.sayings import (
    Share,
    city_span,
    class_label,
    class_of,
    colour_of,
    counted,
    draws_of,
    from_to,
    interval,
    listed,
    sentence,
    share,
)
from inclusion_marker.outputs.wording import DASH, capital, number, plain, whole
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_CLASSES = range(1, len(BREAKS))


def city_section(result: Result, analyses: Analyses, language: str) -> Section:
    """Return the first page: what there is to know, before any detail.

    Parameters
    ----------
    result
        What was computed.
    analyses
        The analyses of it.
    language
        ``"es"`` or ``"en"``.

    Returns
    -------
    section
        Of an empty marker it says why it is empty, and shows the areas that there are.
    """
    blocks: list[Block] = [
        Words((word(f"report_what_is_{_scale(result)}", language),), "lead"),
        Cards(tuple(_cards(result, analyses, language))),
        Points(
            word("report_messages", language),
            tuple(messages(result, analyses, language)),
            "messages",
        ),
        _areas(result, analyses, language),
        Abreast((_map(result, language), _classes(result, analyses, language))),
    ]
    return Section("city", word("report_city", language), tuple(blocks))


def _scale(result: Result) -> str:
    """Return which sentence says what 0 and 100 are."""
    return "fixed" if result.method.comparable else "relative"


# ── the large figures ────────────────────────────────────────────────────────


def _cards(result: Result, analyses: Analyses, language: str) -> Iterator[Card]:
    """Yield the marker, the people, those in the lowest class, and how much is observed."""
    mean = city_mean(result)
    span = city_span(analyses, "marker")
    yield Card(
        word("marker", language),
        number(mean) if math.isfinite(mean) else word("no_data", language),
        _class_said(mean, language)
        + (
            f" {word('report_card_span', language, span=from_to(span, language))}"
            if span.known
            else ""
        ),
        colour_of(mean),
    )
    scored = float(result.means()["people_scored"]["marker"])
    yield Card(
        word("report_card_people", language),
        whole(result.people.sum(), language),
        sentence(
            "report_card_scored",
            language,
            share=Share(_over(scored, float(result.people.sum())), language),
            cells=counted("report_cells", len(result.grid.index), language),
        ),
    )
    if math.isfinite(mean):
        lowest = float(people_by_class(result.scores.marker, result.people)[1])
        held = whole(lowest * result.people.sum(), language)
        yield Card(
            word("report_card_lowest", language, label=class_label(1, language)),
            share(lowest),
            word("report_card_of_people", language, people=held),
            PUBLISHED[0],
        )
    yield Card(
        word("report_card_coverage", language),
        share(result.observed()),
        word("report_card_coverage_note", language),
    )


def _over(part: float, whole_: float) -> float:
    """Return a part as a share of a whole, missing where that is nothing."""
    return part / whole_ if whole_ > 0 else math.nan


def _class_said(score: float, language: str) -> str:
    """Return in words which class a score is in."""
    found = class_of(score)
    if found == 0:
        return word("report_class_none", language)
    nth = word(f"report_class_{found}", language)
    return word("report_class", language, label=class_label(found, language), nth=nth)


# ── the areas, and who lives where ───────────────────────────────────────────


def _areas(result: Result, analyses: Analyses, language: str) -> Table:
    """Return the areas with their intervals."""
    means = result.means()["people_weighted"]
    coverage = weighted_mean(result.scores.coverage, result.people)
    rows = []
    for key, area in result.method.areas.items():
        node = f"area_{key}"
        mean, span = float(means[node]), city_span(analyses, node)
        known = math.isfinite(mean)
        track = Track(
            mean if known else None,
            span.low if span.known and known else None,
            span.high if span.known and known else None,
            colour=colour_of(mean),
            is_bar=True,
        )
        rows.append(
            Row(
                (
                    Cell(plain(area.name.said(language))),
                    number_cell(
                        number(mean) if known else word("no_data", language),
                        colour=colour_of(mean),
                    ),
                    Cell("", track=track),
                    number_cell(interval(span) if known else DASH),
                    number_cell(share(float(coverage[node]))),
                )
            )
        )
    titles = ("area", "score", "scale", "span", "observed")
    head = [word(f"report_head_{each}", language) for each in titles]
    columns = (*heads(head[0]), *heads(head[1], numbers=1), Cell(head[2]))
    columns += heads(*head[3:], numbers=2)
    note = word("report_areas_note", language) if draws_of(analyses) else ""
    caption = counted("report_areas_caption", len(result.method.areas), language)
    return Table(caption, columns, tuple(rows), note)


def _map(result: Result, language: str) -> Picture:
    """Return the small map of the marker."""
    picture = base64.b64encode(preview_png(result)).decode("ascii")
    held = people_by_class(result.scores.marker, result.people)
    city = plain(result.city.name.said(language))
    if result.scores.marker.isna().all():
        alt = word("report_map_empty", language, city=city)
    else:
        parts = [
            word(
                "report_map_part",
                language,
                label=class_label(each, language),
                share=Share(float(held[each]), language),
            )
            for each in (*_CLASSES, 0)
            if held[each] > 0
        ]
        alt = word("report_map_alt", language, city=city, parts=listed(parts, language))
    return Picture(f"data:image/png;base64,{picture}", alt, word("report_map_caption", language))


def _classes(result: Result, analyses: Analyses, language: str) -> Table:
    """Return how many people live in each class: all, and the first pair of groups."""
    marker, total = result.scores.marker, float(result.people.sum())
    groups = analyses.equity.gaps
    sides = [people_by_class(marker, result.people)]
    titles = [word(f"report_head_{each}", language) for each in ("class", "people", "of_all")]
    if groups.groups:
        first = groups.groups[0]
        titles += [capital(plain(each.said(language))) for each in first.named()]
        counts = groups.counts[first.id]
        sides += [people_by_class(marker, counts[side]) for side in ("part", "rest")]
    rows = []
    for each in (*_CLASSES, 0):
        if each == 0 and marker.notna().all():
            continue
        label = class_label(each, language)
        if each in (_CLASSES[0], _CLASSES[-1]):
            end = "legend_worst" if each == _CLASSES[0] else "legend_best"
            label = word(end, language, label=label)
        rows.append(
            Row(
                (
                    Cell(label, colour=(NO_DATA, *PUBLISHED)[each]),
                    number_cell(whole(total * sides[0][each], language)),
                    *(number_cell(share(float(side[each]))) for side in sides),
                )
            )
        )
    columns = heads(*titles, numbers=len(titles) - 1)
    note = "" if groups.groups else word("equity_groups_none", language)
    return Table(word("report_classes_caption", language), columns, tuple(rows), note)
