"""What the page to print says: the figures of the city, where they are from, what to beware of."""

from __future__ import annotations

import math
from dataclasses import dataclass

from inclusion_marker.composite.classes import BREAKS, people_by_class
from inclusion_marker.outputs.qgis.styles import Edges, said_of_classes
from inclusion_marker.outputs.qgis.tips import literal
from inclusion_marker.outputs.sources import sources_said
from inclusion_marker.outputs.wording import cautions_of, number, percent, plain, whole
from inclusion_marker.result import Result
from inclusion_marker.texts import word


@dataclass(frozen=True, slots=True)
class Captions:
    """The words of a page; QGIS evaluates nothing in them.

    Attributes
    ----------
    title, index, means, method
        The city, what the map shows, its means, and by which method.
    caution
        What must be said aloud; empty if nothing must.
    classes
        Words of the classes of the legend in its order, with their share of the people.
    people
        How many live in how many cells, and how many have a marker.
    areas
        Name and mean of each area.
    sources, made
        Where the data are from; classes, projection, and what computed the map.
    """

    title: str
    index: str
    means: str
    method: str
    caution: str
    classes: tuple[str, ...]
    people: str
    areas: tuple[tuple[str, str], ...]
    sources: str
    made: str


def captions_of(result: Result, language: str, breaks: Edges) -> Captions:
    """Return what the page of the marker says.

    Parameters
    ----------
    result
        What was computed.
    language
        ``"es"`` or ``"en"``.
    breaks
        As for :func:`inclusion_marker.outputs.qgis.styles.styles_of`.
    """
    city, method = result.city, result.method
    edges = tuple(breaks.get("marker", BREAKS))
    aloud = list(cautions_of(result, language))
    aloud += [word("qgis_empty", language)] if result.scores.marker.isna().all() else []
    aloud += [] if edges == BREAKS else [f"{word('qgis_natural_legend', language)}."]
    said = f"{method.name.said(language)} ({method.id} {method.version})"
    means = result.means()["people_weighted"]
    return Captions(
        title=_text(city.name.said(language)),
        index=_text(word("marker", language)),
        means=_text(_means(result, language)),
        method=_text(word("qgis_method", language, method=said)),
        caution=_text(" ".join(aloud)),
        classes=_classes(result, language, edges),
        people=_people(result, language),
        areas=tuple(
            (_text(area.name.said(language)), _figure(float(means[f"area_{key}"]), language))
            for key, area in method.areas.items()
        ),
        sources=_text(word("qgis_sources", language, sources=sources_said(result, language))),
        made=_text(_made(result, language, edges)),
    )


def _text(said: str) -> str:
    """Return words on one line, of which QGIS evaluates nothing."""
    return literal(plain(said))


def _figure(value: float, language: str) -> str:
    """Return a score with a decimal, or that there is none."""
    return word("no_data", language) if math.isnan(value) else number(value)


def _means(result: Result, language: str) -> str:
    """Return the means of the marker, or that no cell has one."""
    if result.scores.marker.isna().all():
        return word("map_no_mean", language)
    means = result.means()
    values = {"weighted": means["people_weighted"]["marker"], "plain": means["plain"]["marker"]}
    said = {key: number(float(each)) for key, each in values.items()}
    return word("map_mean", language, **said)


def _classes(result: Result, language: str, edges: tuple[float, ...]) -> tuple[str, ...]:
    """Return the words of the classes, worst first, no data last, with their share of people."""
    shares = people_by_class(result.scores.marker, result.people, edges)
    rows = [*enumerate(said_of_classes(edges, language), start=1), (0, word("no_data", language))]
    said = tuple(f"{text}  ({percent(100 * float(shares[row]))})" for row, text in rows)
    note = () if edges == BREAKS else (word("qgis_natural_legend", language),)
    return (*note, *said)


def _people(result: Result, language: str) -> str:
    """Return how many people live in how many cells, and what share of them has a marker."""
    people, scored = result.people, result.scores.marker.notna()
    total = float(people.sum())
    share = 100 * float(people[scored].sum()) / total if total else 0.0
    return word(
        "qgis_people",
        language,
        people=whole(total, language),
        cells=whole(len(people), language),
        share=percent(share),
    )


def _made(result: Result, language: str, edges: tuple[float, ...]) -> str:
    """Return the classes, the projection, and what computed the map."""
    provenance = result.provenance
    tool = {"tool": provenance["tool"], "version": provenance["version"]}
    fixed = [word("meta_classes", language)] if edges == BREAKS else []
    crs = word("qgis_projection", language, crs=result.city.crs)
    return " ".join([*fixed, crs, word("meta_computed", language, **tool)])
