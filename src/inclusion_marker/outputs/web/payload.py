"""What the page of the web map is told: names, figures and sources, and the cells' columns."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.analysis.drawing.confidence import CONFIDENCE
from inclusion_marker.analysis.hotspots import CLUSTERS
from inclusion_marker.composite.classes import BREAKS, class_labels
from inclusion_marker.composite.totals import weighted_mean
from inclusion_marker.method import Method, split_node
from inclusion_marker.outputs.method_table import method_rows
from inclusion_marker.outputs.missing import lacking
from inclusion_marker.outputs.palette import NO_DATA, PUBLISHED, VIRIDIS
from inclusion_marker.outputs.tables import (
    Table,
    about_node,
    cells,
    districts,
    services,
    shapes,
    unit_name,
)
from inclusion_marker.outputs.web import columns
from inclusion_marker.outputs.web.districts import district_columns, named_districts
from inclusion_marker.outputs.web.geometry import bounds_of
from inclusion_marker.outputs.web.libraries import LIBRARIES
from inclusion_marker.outputs.web.packing import Packed, packed
from inclusion_marker.outputs.web.surroundings import (
    layers_of,
    names_of,
    surrounding_columns,
)
from inclusion_marker.outputs.wording import MEASURES, capital, cautions_of
from inclusion_marker.result import Result
from inclusion_marker.texts import LANGUAGES, Text, catalogue, phrase

_VERSION = 1
_WORDS = "web_"
_SHARED_WORDS = ("layer_boundary", "layer_districts")
Said = dict[str, str]


@dataclass(frozen=True, eq=False)
class Payload:
    """What a page carries.

    Attributes
    ----------
    header
        Names and figures, as JSON says them; no number in it is missing other than as ``None``.
    cells
        The columns of the cells but their raw values, the shapes and the names of places.
    raw
        The raw values of the indicators; ``None`` where they are left out.
    """

    header: dict[str, Any]
    cells: Packed
    raw: Packed | None


def payload_of(result: Result, analyses: Analyses, language: str, *, raw: bool = True) -> Payload:
    """Return what the page of a marker carries.

    Parameters
    ----------
    result
        What was computed.
    analyses
        What is said beside it.
    language
        The language that the page opens in, ``"es"`` or ``"en"``; it holds both.
    raw
        Whether the raw values go with it.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> marker = compute("manta", resolution=8)
    >>> found = payload_of(marker, marker.analyses, "es")
    >>> found.header["city"]["name"]["en"]
    'Manta (synthetic twin)'
    """
    table, around = cells(result, analyses, language), districts(result, analyses, language)
    dots, areas = services(result, language), shapes(result, language)
    books = _books(result, table.frame)
    header = {
        "version": _VERSION,
        "language": language,
        "madeBy": f"{result.provenance['tool']} {result.provenance['version']}",
        **_what(result),
        "bounds": bounds_of(result.grid.cells.geometry, result.boundary),
        **_grid(result),
        "nodes": list(_nodes(result, analyses)),
        "breaks": list(BREAKS),
        "limits": list(class_labels(dash=" \N{EN DASH} ")),
        "palettes": {"published": list(PUBLISHED), "viridis": list(VIRIDIS)},
        "noData": NO_DATA,
        "digits": _digits(table, result),
        "codes": {name: list(book.values()) for name, book in books.items()},
        "context": _context(result.method),
        "districts": named_districts(around, analyses),
        "services": list(layers_of(dots)),
        "spaces": list(layers_of(areas)),
        "totals": _totals(result, analyses),
        "groups": list(_groups(analyses)),
        "sources": list(_sources(result)),
        "missing": list(_missing(result)),
        "measured": MEASURES,
        "words": _words(),
        "libraries": [
            {"name": each.name, "version": each.version, "licence": each.licence}
            for each in LIBRARIES
        ],
        "globals": {each.name: each.variable for each in LIBRARIES},
        "tooOld": _said(phrase("webmap_too_old")),
    }
    numbers = {
        **dict(columns.id_columns(result.grid)),
        **dict(columns.score_columns(table.frame, result.method)),
        **dict(columns.value_columns(table.frame, result)),
        **dict(
            columns.code_columns(table.frame, {key: tuple(book) for key, book in books.items()})
        ),
        **dict(district_columns(around, result)),
        **dict(surrounding_columns(result, dots, areas)),
    }
    flags = dict(columns.below_flags(table.frame, result.method))
    names = {"services": names_of(dots), "spaces": names_of(areas)}
    ids = [] if result.grid.kind == "h3" else [str(each) for each in result.grid.index]
    texts = {"places": json.dumps({**names, "cells": ids}, ensure_ascii=False)}
    values = packed(dict(columns.raw_columns(result)), {}) if raw else None
    return Payload(header, packed(numbers, texts, flags), values)


# ── the city, its cells and the method ───────────────────────────────────────


def _said(text: Text) -> Said:
    """Return words in both languages, as the page reads them."""
    return {"es": text.es, "en": text.en}


def _figure(value: float) -> float | None:
    """Return a figure without the noise of its last bits; ``None`` if it is missing."""
    return round(float(value), 6) if math.isfinite(value) else None


def _what(result: Result) -> dict[str, Any]:
    """Return which city was computed by which method, and what has to be said aloud of both."""
    city, method = result.city, result.method
    return {
        "city": {
            "id": city.id,
            "name": _said(city.name),
            "country": city.country,
            "synthetic": city.synthetic,
        },
        "method": {
            "id": method.id,
            "version": method.version,
            "name": _said(method.name),
            "comparable": method.comparable,
        },
        "cautions": {each: list(cautions_of(result, each)) for each in LANGUAGES},
    }


def _grid(result: Result) -> dict[str, Any]:
    """Return what kind of cells there are, and how many."""
    grid = result.grid
    first = str(grid.index[0]) if grid.kind == "h3" and len(grid.index) else ""
    kind = {"kind": grid.kind, "resolution": grid.resolution, "first": first}
    return {"grid": kind, "n": len(grid.index)}


def _nodes(result: Result, analyses: Analyses) -> Iterator[dict[str, Any]]:
    """Yield what is said of each node, in the order of the tree."""
    method = result.method
    means, raw = result.means(), weighted_mean(result.raw, result.people)
    weights = method_rows(result).set_index("column")["effective_weight"]
    for node in columns.tree_order(method):
        level, key = split_node(node)
        card = method.indicators.get(key) if level == "ind" else None
        low, high = _interval(analyses, node)
        yield {
            "id": node,
            "level": level,
            "parent": method.parent_of(node),
            "code": method.code_of(node),
            "name": _said(_name(method, node)),
            "about": _said(_about(method, node)),
            "weight": _figure(float(weights[node])),
            "supplementary": card is not None and card.supplementary,
            "unit": card and {each: unit_name(card.unit, each) for each in LANGUAGES},
            "mean": _figure(means["people_weighted"][node]),
            "plain": _figure(means["plain"][node]),
            "low": low,
            "high": high,
            "rawMean": _figure(raw[key]) if card else None,
        }


def _name(method: Method, node: str) -> Text:
    """Return what a node is called; the method's own name is said elsewhere."""
    return phrase("marker") if node == "marker" else method.name_of(node)


def _about(method: Method, node: str) -> Text:
    """Return what an indicator is, or how another node is made of its children."""
    level, key = split_node(node)
    if level == "ind":
        return method.indicators[key].description
    return Text(**{each: capital(about_node(method, node, each)) for each in LANGUAGES})


def _interval(analyses: Analyses, node: str) -> tuple[float | None, float | None]:
    """Return between which figures the city's mean of a node lies; ``None`` where not drawn."""
    drawn = analyses.robustness
    if drawn is None or (node, "both") not in drawn.city.index:
        return None, None
    found = drawn.interval(node)
    return _figure(found.low), _figure(found.high)


def _digits(table: Table, result: Result) -> dict[str, int]:
    """Return how many decimals each column is shown with, as the GeoPackage shows it."""
    shown = (*result.context.columns, *columns.SHARES, *columns.POINTS)
    return {each.name: each.digits or 0 for each in table.columns if each.name in shown}


def _context(method: Method) -> list[dict[str, Any]]:
    """Return the counts beside the marker, the people first."""
    named = {"people": phrase("column_people")}
    named |= {key: each.name for key, each in method.context.items() if key != "people"}
    return [{"id": key, "name": _said(name)} for key, name in named.items()]


def _books(result: Result, frame: pd.DataFrame) -> dict[str, dict[str, dict[str, Any]]]:
    """Return by column of codes what each code is called; columns that no cell has left out."""
    method = result.method
    words = {
        "confidence": ("confidence", CONFIDENCE),
        "confidence_reason": ("cause", tuple(_present(frame, "confidence_reason"))),
        "hotspot": ("hotspot", CLUSTERS),
    }
    labels: dict[str, dict[str, Text]] = {
        name: {code: phrase(f"{kind}_{code}") for code in codes}
        for name, (kind, codes) in words.items()
    }
    labels["shortfall_main"] = {key: each.name for key, each in method.indicators.items()}
    if result.districts is not None:
        named = result.districts["name"].astype(str)
        labels["district"] = {str(key): Text(es=name, en=name) for key, name in named.items()}
    prefix = {"shortfall_main": "ind_"}
    return {
        name: {
            code: {"code": f"{prefix.get(name, '')}{code}", "label": _said(label)}
            for code, label in book.items()
        }
        for name, book in labels.items()
        if _present(frame, name)
    }


def _present(frame: pd.DataFrame, name: str) -> list[str]:
    """Return the codes that a column holds, in the order of the alphabet."""
    return sorted(str(each) for each in frame[name].dropna().unique()) if name in frame else []


# ── figures of the city, its districts and groups ────────────────────────────


def _totals(result: Result, analyses: Analyses) -> dict[str, Any]:
    """Return the figures of the city; people by confidence and cluster, ``None`` if not known."""
    means = dict(result.means().loc["marker"])
    low, high = _interval(analyses, "marker")
    clusters, drawn = analyses.hotspots.summary["people"], analyses.robustness
    sure = None if drawn is None else result.people.groupby(drawn.cells["confidence"]).sum()
    return {
        "people": _figure(float(result.people.sum())),
        "peopleScored": _figure(means["people_scored"]),
        "cells": len(result.grid.index),
        "cellsScored": int(result.scores.marker.notna().sum()),
        "marker": _figure(means["people_weighted"]),
        "plain": _figure(means["plain"]),
        "low": low,
        "high": high,
        "coverage": _figure(result.observed()),
        "confidence": None
        if sure is None
        else {each: _figure(sure.get(each, 0.0)) for each in CONFIDENCE},
        "clusters": {each: _figure(clusters[each]) for each in ("low", "high")},
    }


def _groups(analyses: Analyses) -> Iterator[dict[str, Any]]:
    """Yield pairs of groups of people, what each lives with, and the gap."""
    gaps = analyses.equity.gaps
    for group in gaps.groups:
        found = dict(gaps.of(group.id).loc["marker"])
        span = dict(gaps.intervals_of(group.id).loc["gap"])
        part, rest = group.named()
        yield {
            "id": group.id,
            "part": _said(part),
            "rest": _said(rest),
            "partScore": _figure(found["part"]),
            "restScore": _figure(found["rest"]),
            "gap": _figure(found["gap"]),
            "gapLow": _figure(span["low"]),
            "gapHigh": _figure(span["high"]),
            "partPeople": _figure(gaps.context["people_part"][group.id]),
            "restPeople": _figure(gaps.context["people_rest"][group.id]),
        }


# ── sources, words ───────────────────────────────────────────────────────────


def _sources(result: Result) -> Iterator[dict[str, Any]]:
    """Yield the files that were read: what of, from whom, of when."""
    known: Mapping[str, Text] = {
        key: each.description for key, each in result.method.layers.items()
    }
    for each in result.provenance["inputs"]:
        layer = str(each["layer"])
        said = known.get(layer)
        if said is None:
            said = phrase(_PLACES[layer]) if layer in _PLACES else Text(es=layer, en=layer)
        named = Text(es=said.es.rstrip("."), en=said.en.rstrip("."))
        texts = {key: str(each[key] or "") for key in ("file", "source", "date", "licence")}
        yield {"layer": _said(named), **texts}


_PLACES = {"boundary": "layer_boundary", "cells": "web_cells", "districts": "layer_districts"}


def _missing(result: Result) -> Iterator[dict[str, Any]]:
    """Yield the indicators that no cell has a value of, and why."""
    for each in lacking(result):
        node = f"ind_{each.indicator}"
        name = result.method.name_of(node)
        yield {"id": node, "name": _said(name), "reason": _said(each.reason)}


def _words() -> dict[str, Said]:
    """Return the phrases of the page by language, its own ones without the prefix of their keys."""
    found = {
        key.removeprefix(_WORDS): entry
        for name in ("words", "phrases")
        for key, entry in catalogue(name).items()
        if key.startswith(_WORDS) or key in _SHARED_WORDS
    }
    return {each: {key: entry[each] for key, entry in found.items()} for each in LANGUAGES}
