"""Where low scores cluster: each cluster of gaps with its people, its districts and its reason."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csgraph

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.analysis.clustering.neighbours import neighbours
from inclusion_marker.analysis.hotspots import STABLE, Hotspots
from inclusion_marker.analysis.where import people_of, shares_of_districts
from inclusion_marker.outputs.reporting.blocks import (
    Block,
    Cell,
    Heading,
    Row,
    Table,
    Words,
    heads,
    number_cell,
)
from inclusion_marker.outputs.reporting.outlines import cluster_map
from inclusion_marker.outputs.reporting.sayings import (
    Share,
    counted,
    district_name,
    listed,
    share,
)
from inclusion_marker.outputs.wording import DASH, capital, number, plain, whole
from inclusion_marker.result import Result
from inclusion_marker.texts import word

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

_MOST, _MOST_DISTRICTS, _MOST_NAMED = 8, 3, 6
_HALF_A_PERSON = 0.5
_PART = 0.05  # of a cluster's people: less is a corner of a cell


@dataclass(frozen=True, slots=True)
class Cluster:
    """Cells of a cluster of gaps that hang together.

    Attributes
    ----------
    letter
        What it is called on the map; empty for those that the table leaves out.
    rows
        Its cells, as places in the grid.
    people
        Who live in it.
    marker
        Mean of its cells, by people; the plain one where nobody lives.
    districts
        Name and share of the people, 0-1, of each district that it lies in, most people first;
        none where nobody lives in it, or the city has none.
    reason
        Indicator that lacks most for most of its people, empty without one.
    reason_share
        Share of its people for whom it does.
    """

    letter: str
    rows: tuple[int, ...]
    people: float
    marker: float
    districts: tuple[tuple[str, float], ...]
    reason: str
    reason_share: float


def clusters_of_gaps(result: Result, analyses: Analyses, language: str) -> tuple[Cluster, ...]:
    """Return the clusters of gaps, most people first.

    Parameters
    ----------
    result
        What was computed.
    analyses
        The analyses of it.
    language
        ``"es"`` or ``"en"``: of the districts' names.

    Returns
    -------
    clusters
        Cells of the class ``"low"`` that are neighbours are one cluster.
    """
    low = analyses.hotspots.cells["hotspot"].eq("low").to_numpy(np.bool_, na_value=False)
    rows = np.flatnonzero(low)
    if not len(rows):
        return ()
    joined = neighbours(result.grid)[rows][:, rows]
    count, labels = csgraph.connected_components(joined, directed=False)
    people = people_of(result)
    parts = [rows[labels == each] for each in range(count)]
    parts.sort(key=lambda cells: (-people[cells].sum(), int(cells[0])))
    weights = _people_of_districts(result, analyses)
    return tuple(
        _cluster(
            result,
            analyses,
            cells,
            people[cells],
            _letter(n),
            _lies_in(result, weights[:, cells].sum(axis=1), language),
        )
        for n, cells in enumerate(parts)
    )


def _people_of_districts(result: Result, analyses: Analyses) -> Floats:
    """Return the people of each cell that live in each district; the draws know it already."""
    if analyses.robustness is not None:
        return analyses.robustness.district_weights.to_numpy(np.float64)
    shares: Floats = shares_of_districts(result).toarray()
    return shares * people_of(result)


def _cluster(
    result: Result,
    analyses: Analyses,
    cells: npt.NDArray[np.intp],
    living: Floats,
    letter: str,
    districts: tuple[tuple[str, float], ...],
) -> Cluster:
    """Return one cluster; ``living`` are the people of its cells."""
    weights = living if living.sum() > 0 else np.ones(len(cells))
    marker = np.average(result.scores.marker.to_numpy(np.float64)[cells], weights=weights)
    by_reason: dict[str, float] = {}
    for reason, weight in zip(analyses.shortfall["indicator"].iloc[cells], weights, strict=True):
        if isinstance(reason, str) and weight > 0:
            by_reason[reason] = by_reason.get(reason, 0.0) + float(weight)
    first = max(by_reason, key=lambda key: by_reason[key], default="")
    return Cluster(
        letter=letter,
        rows=tuple(int(each) for each in cells),
        people=float(living.sum()),
        marker=float(marker),
        districts=districts,
        reason=first,
        reason_share=by_reason[first] / float(weights.sum()) if first else math.nan,
    )


def _letter(place: int) -> str:
    """Return the letter of a cluster; none for those that the table leaves out."""
    return chr(ord("A") + place) if place < _MOST else ""


def _lies_in(result: Result, people: Floats, language: str) -> tuple[tuple[str, float], ...]:
    """Return the districts with a part of a cluster's people that is worth its name."""
    total = people.sum()
    if result.districts is None or not total >= _HALF_A_PERSON:
        return ()
    names = [district_name(each, language) for each in result.districts["name"]]
    return tuple(
        (names[at], float(people[at] / total))
        for at in np.argsort(-people, kind="stable")
        if people[at] >= _PART * total
    )


def cluster_blocks(result: Result, analyses: Analyses, language: str) -> Iterator[Block]:
    """Yield what is said of clusters: what one is, who lives in them, the map, one by one.

    Parameters
    ----------
    result
        What was computed.
    analyses
        The analyses of it.
    language
        ``"es"`` or ``"en"``.
    """
    yield Heading(word("report_clusters", language))
    found, cells = analyses.hotspots, analyses.hotspots.summary["cells"]
    if not cells[["high", "low", "none"]].sum() > 0:
        yield Words((word("report_clusters_untested", language),))
        return
    yield Words((word("report_clusters_what", language), " ".join(_people(found, language))))
    if not cells[["high", "low"]].sum() > 0:
        return
    gaps = clusters_of_gaps(result, analyses, language)
    if gaps:
        yield _table(result, gaps, language)
    yield from _advantage(result, analyses, language)
    yield cluster_map(
        result,
        found.cells["hotspot"],
        {each.letter: each.rows for each in gaps if each.letter},
        language,
        " ".join(_people(found, language)),
    )
    yield Words((word("report_clusters_not", language),), "note")


def _people(found: Hotspots, language: str) -> Iterator[str]:
    """Yield how many people live in clusters, and how many of them stay there in the draws."""
    table = found.summary
    if not table["cells"][["high", "low"]].sum() > 0:
        yield word("report_clusters_none", language)
        return
    for each in ("low", "high"):
        cells, people = int(table["cells"][each]), float(table["people"][each])
        if not cells:
            yield word(f"report_no_{each}", language)
            continue
        held = Share(float(table["share"][each]), language)
        values = {"share": held, "people": whole(people, language)}
        key = f"report_{each}" if people > 0 else f"report_{each}_unpeopled"
        said = capital(counted(key, cells, language, **values))
        stable = float(table["people_stable"][each])
        if people > 0 and math.isfinite(stable):
            kept = {"bar": f"{100 * STABLE:.0f}", "share": Share(stable / people, language)}
            said += word("report_kept", language, **kept)
        yield f"{said}."
    if table["people_stable"].isna().all():
        yield word("report_clusters_no_draws", language)


def _advantage(result: Result, analyses: Analyses, language: str) -> Iterator[Block]:
    """Yield the districts that the clusters of advantage lie in; nothing without either."""
    high = analyses.hotspots.cells["hotspot"].eq("high").to_numpy(np.bool_, na_value=False)
    people = _people_of_districts(result, analyses)[:, high].sum(axis=1)
    if where := _lies_in(result, people, language):
        named = [f"{name} ({share(part)})" for name, part in where]
        names = listed(named, language, _MOST_NAMED)
        yield Words((word("report_high_lies_in", language, names=names),))


def _table(result: Result, gaps: tuple[Cluster, ...], language: str) -> Table:
    """Return the clusters of gaps, most people first."""
    names = result.method.indicators
    rows = []
    for each in gaps[:_MOST]:
        reason = DASH
        if each.reason:
            name = plain(names[each.reason].name.said(language))
            reason = f"{name} ({share(each.reason_share)})"
        where = [f"{name} ({share(part)})" for name, part in each.districts]
        districts = listed(where, language, _MOST_DISTRICTS) if where else DASH
        cells = [
            Cell(word("report_cluster", language, letter=each.letter)),
            number_cell(whole(each.people, language)),
            number_cell(whole(len(each.rows), language)),
            number_cell(number(each.marker)),
        ]
        cells += [Cell(districts)] if result.districts is not None else []
        rows.append(Row((*cells, Cell(reason))))
    titles = [word(f"report_head_{key}", language) for key in _HEADS]
    columns = (*heads(titles[0]), *heads(*titles[1:4], numbers=3))
    columns += heads(*titles[4:]) if result.districts is not None else heads(titles[5])
    note = word("report_clusters_note", language)
    if others := gaps[_MOST:]:
        people = whole(sum(each.people for each in others), language)
        note = f"{note} {counted('report_clusters_more', len(others), language, people=people)}"
    caption = word("report_clusters_caption", language)
    return Table(caption, columns, tuple(rows), note, "fine")


_HEADS = ("cluster", "people", "cells", "marker", "lies_in", "reason")
