"""How each layer of an output looks in QGIS: its styles, the default first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from inclusion_marker.composite.classes import BREAKS, class_labels
from inclusion_marker.outputs.palette import NO_DATA, PUBLISHED, VIRIDIS
from inclusion_marker.outputs.qgis.qml import Category, Labels, Style, by_category, outline
from inclusion_marker.outputs.tables import Table
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_SHARES = (0.0, 0.5, 0.65, 0.8, 0.95, 1.0)
_KINDS = (
    ("#1B6CA8", "circle"),
    ("#C0392B", "cross_fill"),
    ("#B9770E", "square"),
    ("#6C3483", "diamond"),
    ("#117A65", "triangle"),
    ("#34495E", "pentagon"),
    ("#7B241C", "star"),
    ("#2E4053", "hexagon"),
)
_GREEN = "#8CC084"
# Ordered from light to dark, so that they can be told apart without their hue.
_CONFIDENCE = {"high": "#E5F0C8", "medium": "#74B9A8", "low": "#1F4E79"}
_CLUSTERS = {"low": "#7B2D8B", "high": "#F4A938", "none": "#F3F3EE", "island": "#BFC7CC"}
_CELL_LABELS_FROM = 20_000
_PLACE_LABELS_FROM = 15_000


def styles_of(table: Table, result: Result, language: str) -> list[Style]:
    """Return the styles of a table, the default first.

    Parameters
    ----------
    table
        One of the output's tables.
    result
        What was computed.
    language
        ``"es"`` or ``"en"``.

    Returns
    -------
    styles
        For the cells one for the marker, one safe for colour-blind readers, one for the coverage,
        and one for each area, dimension and indicator.
    """
    plain = Style("", ("fid", *(column.name for column in table.columns)), columns=table.columns)
    match table.name:
        case "cells":
            return list(_of_cells(table, plain, result, language))
        case "districts":
            return [
                replace(
                    plain,
                    renderer=outline("#333333", 0.5),
                    labels=Labels('"district_name"', size_pt=9),
                    display='"district_name"',
                    map_tip=_tip(_escaped("district_name", ""), result, language),
                )
            ]
        case "services":
            return [_of_places(plain, _kinds(table, language), language, points=True)]
        case "shapes":
            kinds = [replace(each, colour=_GREEN) for each in _kinds(table, language)]
            return [_of_places(plain, kinds, language, points=False)]
        case "boundary":
            return [replace(plain, renderer=outline("#111111", 0.7, dash=True))]
        case _:
            return [plain]


def _of_places(plain: Style, kinds: Sequence[Category], language: str, *, points: bool) -> Style:
    """Return the style of the places that indicators measure towards."""
    return replace(
        plain,
        renderer=by_category("layer", kinds, points=points),
        labels=Labels('"name"', size_pt=7, from_scale=_PLACE_LABELS_FROM),
        display='"name"',
        map_tip=_place_tip(language),
    )


def _of_cells(table: Table, plain: Style, result: Result, language: str) -> Iterator[Style]:
    """Yield the styles of the cells."""
    head = _place() if "district_name" in plain.fields else _escaped("cell", "")
    for name, colours in (("style_default", PUBLISHED), ("style_viridis", VIRIDIS)):
        yield replace(
            plain,
            name=word(name, language),
            renderer=by_category("marker_class", _classes(colours, class_labels(), language)),
            display='"cell"',
            map_tip=_tip(head, result, language),
            labels=_score_labels("marker"),
            pages=_pages(result, language),
        )
    shares = tuple(f"{100 * low:g} - {100 * high:g} %" for low, high in pairwise(_SHARES))
    steps = _class_expression("coverage", _SHARES)
    looks = Style(word("style_coverage", language), plain.fields)
    yield replace(
        looks, renderer=by_category(steps, _classes(VIRIDIS, shares, language, ends=False))
    )
    yield replace(
        looks,
        name=word("style_confidence", language),
        renderer=by_category("confidence", _coded("confidence", _CONFIDENCE, language)),
    )
    yield replace(
        looks,
        name=word("style_hotspots", language),
        renderer=by_category("hotspot", _coded("hotspot", _CLUSTERS, language)),
    )
    scored = [each for each in table.columns if each.name.startswith(("area_", "dim_", "ind_"))]
    for column in scored:
        classes = _classes(PUBLISHED, class_labels(), language)
        yield replace(
            looks,
            name=column.alias,
            renderer=by_category(_class_expression(column.name, BREAKS), classes),
            labels=_score_labels(column.name),
        )


def _score_labels(column: str) -> Labels:
    """Return a score as the label of a cell, once cells are large enough for it."""
    return Labels(f'round("{column}")', size_pt=7, from_scale=_CELL_LABELS_FROM)


def _classes(
    colours: Sequence[str], labels: Sequence[str], language: str, *, ends: bool = True
) -> list[Category]:
    """Return the five classes, worst first, and the one of rows without data."""
    said = list(labels)
    if ends:
        said[0] = word("legend_worst", language, label=said[0])
        said[-1] = word("legend_best", language, label=said[-1])
    numbered = enumerate(zip(said, colours, strict=True), start=1)
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
    steps = [f'WHEN "{column}" < {high:g} THEN {row}' for row, high in enumerate(breaks[1:-1], 1)]
    return f'CASE {" ".join(steps)} WHEN "{column}" IS NOT NULL THEN {len(breaks) - 1} END'


def _kinds(table: Table, language: str) -> list[Category]:
    """Return a category for each layer that the places come from."""
    label = "label_en" if language == "en" else "label_es"
    names = table.frame.drop_duplicates("layer")[["layer", label]].itertuples(index=False)
    looks = [_KINDS[row % len(_KINDS)] for row in range(table.frame["layer"].nunique())]
    return [
        Category(str(layer), str(text), colour, marker)
        for (layer, text), (colour, marker) in zip(names, looks, strict=True)
    ]


def _pages(result: Result, language: str) -> dict[str, str]:
    """Return the titles of the form's pages."""
    areas = {key: area.name.said(language) for key, area in result.method.areas.items()}
    ends = {key: word(f"page_{key}", language) for key in ("certainty", "coverage", "terrain")}
    return {"marker": word("page_marker", language), **areas, **ends}


def _escaped(column: str, otherwise: str) -> str:
    """Return an expression that gives a text of the data as text, never as markup."""
    inner = f"coalesce(\"{column}\",'{otherwise}')"
    return f"[% replace(replace({inner},'&','&amp;'),'<','&lt;') %]"


def _place() -> str:
    """Return an expression that names a cell by its district."""
    return f"{_escaped('district_name', '')} <small>{_escaped('cell', '')}</small>"


def _number(column: str, digits: int, language: str) -> str:
    """Return an expression that gives a number, or says that there is none."""
    none = word("no_data", language)
    return f"[% coalesce(to_string(round(\"{column}\",{digits})),'{none}') %]"


def _tip(head: str, result: Result, language: str) -> str:
    """Return what is shown under the pointer: the marker, its areas, the people."""
    rows = "".join(
        f"<tr><td>{area.name.said(language)}</td>"
        f'<td align="right">{_number(f"area_{key}", 0, language)}</td></tr>'
        for key, area in result.method.areas.items()
    )
    people = word("tip_people", language, people=_number("people", 0, language))
    title = word("layer_cells", language)
    marks = [word("synthetic_data", language)] if result.city.synthetic else []
    marks += [] if result.method.comparable else [word("relative_scores", language)]
    said = "".join(f"<br><i>{mark}</i>" for mark in marks)
    return (
        f"<b>{head}</b><br>{title}: <b>{_number('marker', 0, language)}</b>"
        f"<table>{rows}</table>{people}{said}"
    )


def _place_tip(language: str) -> str:
    """Return what is shown under the pointer for a place: its name and kind."""
    label = "label_en" if language == "en" else "label_es"
    return f"<b>{_escaped('name', word('unnamed', language))}</b><br>{_escaped(label, '')}"
