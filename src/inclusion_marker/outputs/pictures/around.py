"""The words around a picture: its head, its foot, and its legends."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.offsetbox import OffsetBox

from inclusion_marker.outputs.pictures.boxes import abreast, gap, stacked, stroke, swatch, text
from inclusion_marker.outputs.pictures.classes import ClassRow
from inclusion_marker.outputs.pictures.said import foot_said
from inclusion_marker.outputs.pictures.style import BODY, HEAD, LINE, NOTE, SOFT, TITLE
from inclusion_marker.outputs.wording import cautions_of, tied
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_WARNING = {"boxstyle": "square,pad=0.45", "facecolor": "#FFE08A", "edgecolor": "#E0A800"}


def head(
    result: Result,
    language: str,
    title: str,
    lines: Sequence[str],
    width_in: float,
    missing: str = "",
) -> OffsetBox:
    """Return what stands above: the city, what is shown, a few lines, and what to beware of.

    Parameters
    ----------
    result
        What was computed.
    language
        ``"es"`` or ``"en"``.
    title
        What is shown.
    lines
        What is said below it.
    width_in
        Room for each line, in inches.
    missing
        What the picture lacks, if anything: said in bold.
    """
    rows = [
        text(result.city.name.said(language), TITLE, width_in=width_in, weight="bold"),
        text(title, HEAD, width_in=width_in),
        *(text(tied(line), BODY, width_in=width_in, color=SOFT) for line in lines),
    ]
    if missing:
        rows.append(text(tied(missing), BODY, width_in=width_in, weight="bold"))
    for said in cautions_of(result, language):
        warning = text(
            said,
            NOTE + 0.5,
            width_in=width_in - 0.15,
            weight="bold",
            color="#5C3A00",
            bbox=_WARNING,
        )
        rows.append(stacked([gap(4), abreast([gap(4), warning], 0), gap(4)], 0))
    return stacked(rows, 4)


def foot(
    result: Result, language: str, rows: Sequence[OffsetBox], notes: Sequence[str], width_in: float
) -> OffsetBox:
    """Return what stands below: legends, notes, and where the data are from."""
    said = [*notes, foot_said(result, language)]
    small = stacked([text(tied(each), NOTE, width_in=width_in, color=SOFT) for each in said], 3)
    return stacked([*rows, small], 9)


def legend_beside(rows: Sequence[ClassRow], language: str, width_in: float) -> OffsetBox:
    """Return the classes as a table, with the share of the people in each."""
    heads = [
        text(word("map_scale", language), BODY - 0.5, width_in=width_in, weight="bold"),
        text(word("map_people", language), BODY - 1, width_in=width_in, color=SOFT),
    ]
    table = abreast(
        [
            stacked([swatch(row.colour, 20, 11) for row in rows], 5),
            stacked([text(row.label, BODY) for row in rows], 5),
            stacked([text(row.share, BODY) for row in rows], 5, "right"),
        ],
        8,
        "top",
    )
    return stacked([stacked(heads, 3), table], 8)


def legend_below(
    rows: Sequence[ClassRow], language: str, width_in: float, *, shares: bool = True
) -> OffsetBox:
    """Return the classes as a bar of colours, worst first, with their labels below.

    Parameters
    ----------
    rows
        The classes.
    language
        ``"es"`` or ``"en"``.
    width_in
        Of the page, in inches.
    shares
        Whether the share of the people stands below each label.
    """
    wide = min(80.0, width_in * 72 / (len(rows) + 0.5))
    columns = []
    for row in rows:
        words = [text(row.label, BODY - 0.5)]
        if shares:
            words.append(text(row.share, BODY - 0.5, color=SOFT))
        columns.append(stacked([swatch(row.colour, wide, 11), *words], 3, "center"))
    bar = abreast([abreast(columns[:-1], 0, "top"), columns[-1]], 0.2 * wide, "top")
    said = word("map_scale", language)
    if shares:
        said = f"{said} · {word('map_people', language)}"
    return stacked([text(said, BODY, width_in=width_in, weight="bold"), bar], 6)


def line_keys(result: Result, language: str) -> list[OffsetBox]:
    """Return the keys of the lines on a map."""
    lines = [(LINE, 1.1, "map_boundary")]
    if result.districts is not None:
        lines.append((SOFT, 0.5, "layer_districts"))
    return [
        abreast([stroke(colour, width), text(word(name, language), BODY - 0.5)], 8, "center")
        for colour, width, name in lines
    ]
