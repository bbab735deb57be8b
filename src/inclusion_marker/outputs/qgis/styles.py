"""How each layer of an output looks in QGIS: its styles, the default first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

from inclusion_marker.composite.classes import BREAKS, class_labels
from inclusion_marker.outputs.extent import has_small_cells
from inclusion_marker.outputs.palette import (
    CLUSTERS,
    CONFIDENCE,
    NO_DATA,
    PLACES,
    PUBLISHED,
    SPACE,
    VIRIDIS,
    spread,
)
from inclusion_marker.outputs.qgis.qml import Labels, Style
from inclusion_marker.outputs.qgis.symbols import Category, by_category, outline
from inclusion_marker.outputs.qgis.tips import (
    cluster_tip,
    confidence_tip,
    marker_tip,
    place_of,
    place_tip,
    score_tip,
    text_of,
    zone_tip,
)
from inclusion_marker.outputs.tables import Table
from inclusion_marker.outputs.wording import node_title
from inclusion_marker.result import Result
from inclusion_marker.texts import word

Edges = Mapping[str, Sequence[float]]
"""Limits of the classes by column; a column that is not there has the fixed ones."""

FIXED: Edges = {}

_NOTE = "natural"  # the value of a row of the legend that no class has
_SHARES = (0.0, 0.5, 0.65, 0.8, 0.95, 1.0)
_SIGNS = (
    *("circle", "cross_fill", "square", "diamond"),
    *("triangle", "pentagon", "star", "hexagon"),
)
_KINDS = tuple(zip(PLACES, _SIGNS, strict=True))
_CELL_LABELS_FROM = 20_000
_PLACE_LABELS_FROM = 15_000


def styles_of(table: Table, result: Result, language: str, breaks: Edges = FIXED) -> list[Style]:
    """Return the styles of a table, the default first.

    Parameters
    ----------
    table
        One of the output's tables.
    result
        What was computed.
    language
        ``"es"`` or ``"en"``.
    breaks
        By column of scores the limits of its classes, lowest first; where they are not the fixed
        ones, name and legend say that they are the city's own.

    Returns
    -------
    styles
        For the cells one for the marker, one safe for colour-blind readers, one for the coverage,
        one for the confidence, one for the hot spots, one for each area (in both palettes),
        dimension and indicator; for the districts their outline, and one by class.
    """
    plain = Style("", ("fid", *(column.name for column in table.columns)), columns=table.columns)
    match table.name:
        case "cells":
            return list(_of_cells(table, plain, result, language, breaks))
        case "districts":
            return list(_of_districts(plain, result, language, breaks))
        case "services":
            looks = by_category("layer", _kinds(table, language), shape="point")
            return [_of_places(plain, looks, language, beside=True)]
        case "shapes":
            kinds = [replace(each, colour=SPACE) for each in _kinds(table, language)]
            return [_of_places(plain, by_category("layer", kinds), language)]
        case "zones":
            looks = by_category("layer", _kinds(table, language), shape="line")
            label = "label_en" if language == "en" else "label_es"
            tip = zone_tip(language)
            return [replace(plain, renderer=looks, display=f'"{label}"', map_tip=tip)]
        case "boundary":
            looks = outline("#222222", *((0.25, 0.0) if has_small_cells(result) else (0.6, 1.1)))
            return [replace(plain, renderer=looks)]
        case _:
            return [plain]


# ── the cells ────────────────────────────────────────────────────────────────


def _of_cells(
    table: Table, plain: Style, result: Result, language: str, breaks: Edges
) -> Iterator[Style]:
    """Yield the styles of the cells."""
    fields = plain.fields
    marker = replace(
        plain,
        display='"cell"',
        map_tip=marker_tip(place_of(fields), fields, result, language),
        labels=_score_labels("marker"),
        pages=_pages(result, language),
    )
    yield from _of_score(marker, "marker", word("style_default", language), language, breaks)
    looks = Style("", fields, display='"cell"')
    shares = tuple(f"{100 * low:g} - {100 * high:g} %" for low, high in pairwise(_SHARES))
    steps = _class_expression("coverage", _SHARES)
    yield replace(
        looks,
        name=word("style_coverage", language),
        key="coverage",
        renderer=by_category(steps, _classes(VIRIDIS, shares, language)),
        map_tip=marker.map_tip,
    )
    yield replace(
        looks,
        name=word("style_confidence", language),
        key="confidence",
        renderer=by_category("confidence", _coded("confidence", CONFIDENCE, language)),
        map_tip=confidence_tip(fields, result, language),
    )
    yield replace(
        looks,
        name=word("style_hotspots", language),
        key="hotspot",
        renderer=by_category("hotspot", _coded("hotspot", CLUSTERS, language)),
        map_tip=cluster_tip(fields, result, language),
    )
    for column in (each.name for each in table.columns):
        if not column.startswith(("area_", "dim_", "ind_")):
            continue
        title = node_title(result.method, column, language)
        score = replace(
            looks,
            labels=_score_labels(column),
            map_tip=score_tip(column, title, fields, result, language),
        )
        both = column.startswith("area_")
        yield from _of_score(score, column, title, language, breaks, safe=both)


def _of_score(
    style: Style, column: str, title: str, language: str, breaks: Edges, *, safe: bool = True
) -> Iterator[Style]:
    """Yield the style of a score in the published palette, and in one safe for the colour-blind."""
    edges = tuple(breaks.get(column, BREAKS))
    natural = edges != BREAKS
    for palette in (PUBLISHED, VIRIDIS) if safe else (PUBLISHED,):
        name, key = title, column
        if palette is VIRIDIS:
            name, key = word("qgis_safe", language, name=title), f"{column}_safe"
        name = word("qgis_natural", language, name=name) if natural else name
        yield replace(style, name=name, key=key, renderer=_scored(column, palette, language, edges))


def _scored(
    column: str, palette: Sequence[str], language: str, edges: tuple[float, ...]
) -> Callable[[ET.Element], None]:
    """Return the renderer of a score; the marker's class is a column only where it is the fixed."""
    colours = spread(palette, len(edges) - 1)
    classes = _classes(colours, said_of_classes(edges, language), language)
    if edges == BREAKS:
        steps = "marker_class" if column == "marker" else _class_expression(column, BREAKS)
        return by_category(steps, classes)
    note = Category(_NOTE, word("qgis_natural_legend", language), None)
    return by_category(_class_expression(column, edges), [note, *classes])


def _score_labels(column: str) -> Labels:
    """Return a score as the label of a cell, once cells are large enough for it."""
    return Labels(f'round("{column}")', size_pt=7, from_scale=_CELL_LABELS_FROM)


def said_of_classes(edges: Sequence[float], language: str) -> list[str]:
    """Return the words of the classes of a score, worst first, the ends said to be so.

    Parameters
    ----------
    edges
        Limits of the classes.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> said_of_classes((0.0, 50.0, 100.0), "es")
    ['0 - 50 · peor', '50 - 100 · mejor']
    """
    said = list(class_labels(edges))
    if len(said) > 1:
        said[0] = word("legend_worst", language, label=said[0])
        said[-1] = word("legend_best", language, label=said[-1])
    return said


def _classes(colours: Sequence[str], labels: Sequence[str], language: str) -> list[Category]:
    """Return the classes, worst first, and the one of rows without data."""
    numbered = enumerate(zip(labels, colours, strict=True), start=1)
    classes = [Category(number, label, colour) for number, (label, colour) in numbered]
    return [*classes, Category(None, word("no_data", language), NO_DATA)]


def _coded(kind: str, colours: Mapping[str, str], language: str) -> list[Category]:
    """Return a category for each code of a column, and the one of rows without data."""
    known = [
        Category(code, word(f"{kind}_{code}", language), colour) for code, colour in colours.items()
    ]
    return [*known, Category(None, word("no_data", language), NO_DATA)]


def _class_expression(column: str, breaks: Sequence[float]) -> str:
    """Return the expression that gives the class of a score, NULL where it is missing."""
    steps = [
        f'WHEN "{column}" < {float(high)!r} THEN {row}' for row, high in enumerate(breaks[1:-1], 1)
    ]
    return f'CASE {" ".join(steps)} WHEN "{column}" IS NOT NULL THEN {len(breaks) - 1} END'


def _pages(result: Result, language: str) -> dict[str, str]:
    """Return the titles of the form's pages."""
    areas = {key: area.name.said(language) for key, area in result.method.areas.items()}
    ends = {key: word(f"page_{key}", language) for key in ("certainty", "coverage", "terrain")}
    return {"marker": word("page_marker", language), **areas, **ends}


# ── the other layers ─────────────────────────────────────────────────────────


def _of_districts(plain: Style, result: Result, language: str, breaks: Edges) -> Iterator[Style]:
    """Yield the styles of the districts: their outline, and their class of the marker."""
    small = has_small_cells(result)
    named = replace(
        plain,
        labels=Labels('"district_name"', size_pt=6.5 if small else 9, bold=True),
        display='"district_name"',
        map_tip=marker_tip(text_of("district_name"), plain.fields, result, language),
    )
    looks = outline("#4A4A4A", *((0.15, 0.35) if small else (0.3, 0.8)))
    yield replace(named, name=word("layer_districts", language), renderer=looks)
    title = word("qgis_districts_by_class", language)
    yield from _of_score(named, "marker", title, language, breaks)


def _of_places(
    plain: Style, looks: Callable[[ET.Element], None], language: str, *, beside: bool = False
) -> Style:
    """Return the style of the places that indicators measure towards."""
    return replace(
        plain,
        renderer=looks,
        labels=Labels('"name"', size_pt=7, from_scale=_PLACE_LABELS_FROM, beside=beside),
        display='"name"',
        map_tip=place_tip(language),
    )


def _kinds(table: Table, language: str) -> list[Category]:
    """Return a category for each layer that the places come from."""
    label = "label_en" if language == "en" else "label_es"
    names = table.frame.drop_duplicates("layer")[["layer", label]].itertuples(index=False)
    looks = [_KINDS[row % len(_KINDS)] for row in range(table.frame["layer"].nunique())]
    return [
        Category(str(layer), str(text), colour, marker)
        for (layer, text), (colour, marker) in zip(names, looks, strict=True)
    ]
