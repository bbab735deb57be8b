"""What QGIS shows under the pointer: a few words of HTML, in which data stay text."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from inclusion_marker.analysis.drawing.confidence import CAUSES, CONFIDENCE
from inclusion_marker.analysis.hotspots import CLUSTERS
from inclusion_marker.outputs.tables import unit_name
from inclusion_marker.outputs.wording import MEASURES, TIE
from inclusion_marker.result import Result
from inclusion_marker.texts import word


def literal(said: str) -> str:
    """Return words such that QGIS evaluates nothing in them.

    Parameters
    ----------
    said
        Any words; what stands between ``[%`` and ``%]`` would be an expression to QGIS.

    Examples
    --------
    >>> literal("Norte [% now() %]")
    "Norte [% '[%' %] now() %]"
    """
    return said.replace("[%", "[% '[%' %]")


def escaped(said: str) -> str:
    """Return words as text of a map tip, which is HTML with expressions.

    Parameters
    ----------
    said
        Any words.

    Examples
    --------
    >>> escaped("A & <b>")
    'A &amp; &lt;b&gt;'
    """
    return literal(html.escape(said, quote=False))


def text_of(column: str, otherwise: str = "") -> str:
    """Return an expression that gives a text of the data as text, never as markup.

    Parameters
    ----------
    column
        A column of the layer.
    otherwise
        What is said where it is missing.

    Examples
    --------
    >>> "replace(" in text_of("name"), "'&lt;'" in text_of("name")
    (True, True)
    """
    inner = f"coalesce(\"{column}\",'{_quoted(otherwise)}')"
    return f"[% replace(replace({inner},'&','&amp;'),'<','&lt;') %]"


def number_of(column: str, digits: int, language: str) -> str:
    """Return an expression that gives a number, or says that there is none.

    Parameters
    ----------
    column
        A column of the layer.
    digits
        Decimals.
    language
        Of the separator of thousands, as in :func:`inclusion_marker.outputs.wording.whole`.
    """
    return _or_none(_formatted(column, str(digits), language), language)


def measured_of(column: str, unit: str, language: str) -> str:
    """Return an expression that gives a measured value with its unit, or says that there is none.

    Parameters
    ----------
    column
        A column of the layer; large values have fewer decimals, as in
        :func:`inclusion_marker.outputs.wording.measured`.
    unit
        Its name in the language.
    language
        ``"es"`` or ``"en"``.
    """
    *steps, (_, most) = MEASURES
    cases = " ".join(f'WHEN abs("{column}") >= {size:g} THEN {digits}' for size, digits in steps)
    said = _formatted(column, f"CASE {cases} ELSE {most} END", language)
    held = _quoted(html.escape(f"{TIE}{unit}", quote=False)).replace("%]", "%' || ']")
    return _or_none(f"{said} || '{held}'", language)


def _formatted(column: str, digits: str, language: str) -> str:
    """Return the expression of a number with decimals, which are an expression, too."""
    # QGIS's own separators are those of the computer it runs on: the words here are not.
    said = f"format_number(\"{column}\",{digits},'en')"
    return said if language == "en" else f"replace({said},',','{TIE}')"


def _or_none(said: str, language: str) -> str:
    """Return an expression within HTML, which says that there is no data where it gives none."""
    return f"[% coalesce({said},'{_quoted(word('no_data', language))}') %]"


def span_of(low: str, high: str, language: str) -> str:
    """Return an expression that gives an interval, empty where nothing was drawn.

    Parameters
    ----------
    low, high
        Columns of its ends.
    language
        ``"es"`` or ``"en"``.
    """
    ends = f"format_number(\"{low}\",0,'en') || ' - ' || format_number(\"{high}\",0,'en')"
    said = _quoted(word("qgis_interval", language))
    return f"[% coalesce('<br>{said}: ' || {ends},'') %]"


def word_of(column: str, words: Mapping[str, str], language: str) -> str:
    """Return an expression that gives the words of a code.

    Parameters
    ----------
    column
        A column of codes.
    words
        By code.
    language
        ``"es"`` or ``"en"``.
    """
    pairs = ",".join(f"'{_quoted(each)}'" for pair in words.items() for each in pair)
    none = _quoted(word("no_data", language))
    return f"[% coalesce(map_get(map({pairs}),coalesce(\"{column}\",'')),'{none}') %]"


def _quoted(said: str) -> str:
    """Return words as they stand between the quotes of an expression."""
    return said.replace("'", "''")


# ── the tips ─────────────────────────────────────────────────────────────────


def place_of(fields: Sequence[str]) -> str:
    """Return what names a cell: its district, where there are some, and its id."""
    if "district_name" not in fields:
        return text_of("cell")
    return f"{text_of('district_name')} <small>{text_of('cell')}</small>"


def marker_tip(head: str, fields: Sequence[str], result: Result, language: str) -> str:
    """Return the tip of a cell or a district: the marker, how sure it is, its areas, the people.

    Parameters
    ----------
    head
        What names the row.
    fields
        Columns of the layer.
    result
        What was computed.
    language
        ``"es"`` or ``"en"``.
    """
    rows = "".join(
        f"<tr><td>{escaped(area.name.said(language))}</td>"
        f'<td align="right">{number_of(f"area_{key}", 0, language)}</td></tr>'
        for key, area in result.method.areas.items()
    )
    said = f"{escaped(word('layer_cells', language))}: <b>{number_of('marker', 0, language)}</b>"
    if {"marker_low", "marker_high"} <= set(fields):
        said += span_of("marker_low", "marker_high", language)
    return _tip(head, f"{said}<table>{rows}</table>", result, language)


def score_tip(column: str, title: str, fields: Sequence[str], result: Result, language: str) -> str:
    """Return the tip of a cell on the map of one score; of an indicator, with what was measured.

    Parameters
    ----------
    column
        Column of the score.
    title
        What it is called.
    fields, result, language
        As for :func:`marker_tip`.
    """
    said = f"{escaped(title)}: <b>{number_of(column, 0, language)}</b>"
    raw = column.replace("ind_", "raw_", 1)
    if raw != column and raw in fields:
        card = result.method.indicators[column.removeprefix("ind_")]
        unit = unit_name(card.unit, language)
        measured = escaped(word("qgis_measured", language))
        said += f"<br>{measured}: {measured_of(raw, unit, language)}"
    whole = f"{escaped(word('layer_cells', language))}: {number_of('marker', 0, language)}"
    return _tip(place_of(fields), f"{said}<br>{whole}<br>", result, language)


def confidence_tip(fields: Sequence[str], result: Result, language: str) -> str:
    """Return the tip of a cell on the map of the confidence: how sure, and what limits it."""
    causes = {each: word(f"cause_{each}", language) for each in CAUSES}
    levels = {each: word(f"confidence_{each}", language) for each in CONFIDENCE}
    why = word_of("confidence_reason", causes, language)
    said = (
        f"{escaped(word('column_confidence', language))}: "
        f"<b>{word_of('confidence', levels, language)}</b><br>"
        f"{escaped(word('column_confidence_reason', language))}: {why}<br>"
        f"{escaped(word('layer_cells', language))}: {number_of('marker', 0, language)}"
        f"{span_of('marker_low', 'marker_high', language)}<br>"
    )
    return _tip(place_of(fields), said, result, language)


def cluster_tip(fields: Sequence[str], result: Result, language: str) -> str:
    """Return the tip of a cell on the map of the hot spots: in which, and how stable it is."""
    kinds = {each: word(f"hotspot_{each}", language) for each in CLUSTERS}
    held = "[% coalesce(to_string(round(100*\"hotspot_stable\")) || ' %','-') %]"
    said = (
        f"{escaped(word('column_hotspot', language))}: "
        f"<b>{word_of('hotspot', kinds, language)}</b><br>"
        f"{escaped(word('column_hotspot_stable', language))}: {held}<br>"
        f"{escaped(word('layer_cells', language))}: {number_of('marker', 0, language)}<br>"
    )
    return _tip(place_of(fields), said, result, language)


def place_tip(language: str) -> str:
    """Return what is shown under the pointer for a place: its name and kind."""
    label = "label_en" if language == "en" else "label_es"
    return f"<b>{text_of('name', word('unnamed', language))}</b><br>{text_of(label)}"


def zone_tip(language: str) -> str:
    """Return what is shown under the pointer for a zone: what it is from, its people."""
    label = "label_en" if language == "en" else "label_es"
    people = word("tip_people", language, people=number_of("people", 0, language))
    return f"<b>{text_of(label)}</b><br>{people}"


def _tip(head: str, said: str, result: Result, language: str) -> str:
    """Return a tip: what names the row, what is said, the people, and whether data are made up."""
    people = escaped(word("tip_people", language)).replace(
        "{people}", number_of("people", 0, language)
    )
    marks = [word("synthetic_data", language)] if result.city.synthetic else []
    marks += [] if result.method.comparable else [word("relative_scores", language)]
    aloud = "".join(f"<br><i>{escaped(mark)}</i>" for mark in marks)
    return f"<b>{head}</b><br>{said}{people}{aloud}"
