"""The figures of a city in words: for a terminal, and for a notebook."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape

import pandas as pd

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.composite.classes import class_labels, classify
from inclusion_marker.composite.totals import weighted_mean
from inclusion_marker.outputs.figures import PREVIEW_PX
from inclusion_marker.outputs.missing import lacking
from inclusion_marker.outputs.palette import NO_DATA, PUBLISHED
from inclusion_marker.outputs.readings.analyses import analyses_lines
from inclusion_marker.outputs.wording import cautions_of, percent, plain, shortened, whole, wrapped
from inclusion_marker.result import Result
from inclusion_marker.texts import many, word

_NAME, _BAR, _NUMBER = 42, 20, 12
_PLAIN, _OBSERVED = 8, 16
_MOST_DISTRICTS = 12
_FULL, _REST = "█", "·"


def summary_text(result: Result, language: str, analyses: Analyses | None = None) -> str:
    """Return the figures of a city as text, at most 100 characters wide.

    Parameters
    ----------
    result
        What was computed.
    language
        ``"es"`` or ``"en"``.
    analyses
        What is said as well of how sure the figures are, where they cluster and what is missing.
    """
    found = [] if analyses is None else list(analyses_lines(analyses, result, language))
    said = "\n".join(line for each in found for line in wrapped(each))
    before, after = (_head, _scores, _people, _emptiness), (_districts, _omitted, _warnings)
    blocks = [
        *("\n".join(part(result, language)) for part in before),
        said,
        *("\n".join(part(result, language)) for part in after),
    ]
    return "\n\n".join(block for block in blocks if block)


def _head(result: Result, language: str) -> Iterator[str]:
    """Yield what was computed: the city, the method, the cells; and whether it is made up."""
    city, method, grid = result.city, result.method, result.grid
    yield f"{plain(city.name.said(language))} ({city.country})"
    for said in cautions_of(result, language):
        yield from wrapped(plain(said))
    name = plain(method.name.said(language))
    yield from wrapped(
        word("summary_method", language, name=name, id=method.id, version=plain(method.version))
    )
    one = "_one" if len(grid.index) == 1 else ""
    yield word(
        f"summary_cells_{grid.kind}{one}",
        language,
        count=whole(len(grid.index), language),
        resolution=grid.resolution,
    )


def _scores(result: Result, language: str) -> Iterator[str]:
    """Yield the marker and the areas, each with both means, a bar and its observed weight."""
    heads = [word(key, language) for key in ("people_weighted", "plain", "coverage")]
    shifts = (_NUMBER, _PLAIN + 2 + _BAR, _OBSERVED)
    yield " " * _NAME + "".join(
        head.rjust(shift) for head, shift in zip(heads, shifts, strict=True)
    )
    means = result.means()
    coverage = weighted_mean(result.scores.coverage, result.people)
    for column, name in _rows(result, language):
        mean = float(means["people_weighted"][column])
        simple = _score(float(means["plain"][column]))
        observed = percent(100 * float(coverage[column]))
        yield (
            f"{name:<{_NAME}}{_score(mean):>{_NUMBER}}  {_bar(mean)}"
            f"{simple:>{_PLAIN}}{observed:>{_OBSERVED}}"
        )


def _rows(result: Result, language: str) -> Iterator[tuple[str, str]]:
    """Yield the columns of the marker and its areas with their names."""
    yield "marker", shortened(word("marker", language), _NAME)
    for key, area in result.method.areas.items():
        yield f"area_{key}", shortened(f"  {plain(area.name.said(language))}", _NAME)


def _people(result: Result, language: str) -> Iterator[str]:
    """Yield how many people there are, how many have a marker, and where they all went."""
    people = result.people.sum()
    scored = float(result.means()["people_scored"]["marker"])
    yield from wrapped(
        word(
            "summary_people",
            language,
            people=many("n_people", people).said(language),
            cells=many("n_cells", len(result.grid.index)).said(language),
            scored_cells=many("n_cells", int(result.scores.marker.notna().sum())).said(language),
            scored=percent(100 * scored / people),
        )
    )
    for row in result.provenance["conservation"][:1]:
        counts = {key: whole(row[key], language) for key in _ACCOUNT}
        yield from wrapped(word("summary_conserved", language, **counts))


_ACCOUNT = ("people_in", "allocated", "outside", "lost")


def _emptiness(result: Result, language: str) -> Iterator[str]:
    """Yield why the marker is empty, or which cells are left without it."""
    marker, bars = result.scores.marker, result.method.min_coverage
    if marker.notna().all():
        return
    levels = {"dimension": bars.dimension, "area": bars.area, "bar": bars.marker}
    shares = {level: f"{100 * share:g} %" for level, share in levels.items()}
    if marker.notna().any():
        without = result.people[marker.isna()].sum()
        values = {
            "cells": many("n_cells", int(marker.isna().sum())).said(language),
            "people": percent(100 * without / result.people.sum()),
        }
        key = "summary_some_empty" if without > 0 else "summary_some_unpeopled"
        yield from wrapped(word(key, language, **values, **shares))
        return
    names = {
        key: plain(area.name.said(language))
        for key, area in result.method.areas.items()
        if result.scores.areas[key].isna().all()
    }
    yield from wrapped(
        word(
            "summary_no_marker",
            language,
            held=percent(100 * _scored_weight(result)),
            seen=percent(100 * result.observed()),
            areas="; ".join(names.values()) or "-",
            **shares,
        )
    )


def _scored_weight(result: Result) -> float:
    """Return the weight of the areas with a score, 0-1, as the people live with it."""
    weights = result.method.children_of("marker")
    scored = result.scores.areas.rename(columns="area_{}".format).notna()[list(weights)]
    held = scored.mul(pd.Series(weights)).sum(axis=1).to_frame("held")
    return float(weighted_mean(held, result.people)["held"])


def _districts(result: Result, language: str) -> Iterator[str]:
    """Yield the districts, the lowest marker first."""
    if result.districts is None:
        return
    if result.districts["marker"].isna().all():
        return
    known = result.districts.sort_values("marker", kind="stable")
    yield word("districts", language)
    heads = [word(key, language) for key in ("people", "marker_short")]
    yield " " * _NAME + "".join(head.rjust(_NUMBER) for head in heads)
    for row in known.head(_MOST_DISTRICTS).itertuples():
        name = shortened(f"  {plain(str(row.name))}", _NAME)
        people, marker = whole(float(row.people), language), _score(float(row.marker))
        yield f"{name:<{_NAME}}{people:>{_NUMBER}}{marker:>{_NUMBER}}  {_bar(float(row.marker))}"
    if len(known) > _MOST_DISTRICTS:
        yield f"  {word('more', language, count=len(known) - _MOST_DISTRICTS)}"


def _omitted(result: Result, language: str) -> Iterator[str]:
    """Yield the indicators without any value, those of one reason together."""
    method = result.method
    by_reason: dict[str, list[str]] = {}
    for key, why in lacking(result):
        card = method.indicators[key]
        named = f"{card.code} {card.name.said(language)}"
        by_reason.setdefault(why.said(language), []).append(named)
    if not by_reason:
        return
    count = sum(map(len, by_reason.values()))
    total = len(method.indicators) - len(method.supplementary)
    yield word("summary_omitted", language, count=count, total=total)
    for reason, names in by_reason.items():
        yield from wrapped(f"{reason}: {', '.join(map(plain, names))}.", "  ")


def _warnings(result: Result, language: str) -> Iterator[str]:
    """Yield what was noticed about the data: each code once, in short, with its place."""
    if not result.notices:
        return
    yield word("summary_warnings", language, count=len(result.notices))
    seen: dict[str, int] = {}
    for notice in result.notices:
        seen[notice.code] = seen.get(notice.code, 0) + 1
    for code, count in seen.items():
        first = next(notice for notice in result.notices if notice.code == code)
        place = first.place(language)
        said = f"[{code}] {place}{': ' if place else ''}{first.part('found', language)}"
        more = f" ({word('more', language, count=count - 1)})" if count > 1 else ""
        yield from wrapped(plain(said) + more, "  ")


def summary_html(result: Result, picture: str) -> str:
    """Return the figures of a city as HTML for a notebook, light or dark, in Spanish.

    Parameters
    ----------
    result
        What was computed.
    picture
        The small map: a PNG in base 64.
    """
    language = "es"
    name = escape(plain(result.city.name.said(language)))
    method = escape(f"{plain(result.method.name.said(language))} ({result.method.id})")
    title = escape(word("marker", language))
    look = "background:#FFE08A;color:#402F00;padding:2px 6px;margin:4px 0;font-weight:bold"
    warnings = "".join(
        f'<div style="{look}">{escape(plain(said))}</div>' for said in cautions_of(result, language)
    )
    return (
        f'<div lang="{language}" style="display:flex;flex-wrap:wrap;gap:16px;align-items:center">'
        f'<img alt="{title}: {name}" width="{PREVIEW_PX}" style="background:#fff" '
        f'src="data:image/png;base64,{escape(picture)}">'
        f'<div style="max-width:32em"><b>{name}</b><br><small>{method}</small>{warnings}'
        f"{_html_table(result, language)}{_html_key(language)}</div></div>"
    )


def _html_table(result: Result, language: str) -> str:
    """Return the marker and its areas as an HTML table, each with the colour of its class."""
    means = result.means()
    coverage = weighted_mean(result.scores.coverage, result.people)
    heads = ("", "people_weighted", "plain", "coverage")
    head = "".join(f"<th>{escape(word(key, language)) if key else ''}</th>" for key in heads)
    rows = []
    for column, name in _rows(result, language):
        chip = _chip(float(means["people_weighted"][column]))
        shown = [_score(float(means[key][column])) for key in ("people_weighted", "plain")]
        shown.append(percent(100 * float(coverage[column])))
        cells = "".join(f'<td style="text-align:right">{escape(each)}</td>' for each in shown)
        label = escape(name.strip())
        label = f"<b>{label}</b>" if column == "marker" else label
        rows.append(f'<tr><td style="text-align:left">{chip} {label}</td>{cells}</tr>')
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _html_key(language: str) -> str:
    """Return the key of the classes, worst first."""
    keys = [(label, colour) for label, colour in zip(class_labels(), PUBLISHED, strict=True)]
    keys.append((word("no_data", language), NO_DATA))
    shown = " ".join(f"{_box(colour)}&nbsp;{escape(label)}" for label, colour in keys)
    return f"<small>{escape(word('map_scale', language))}<br>{shown}</small>"


def _chip(score: float) -> str:
    """Return a small box in the colour of a score's class."""
    number = int(classify(pd.Series([score])).fillna(0).iloc[0])
    return _box((NO_DATA, *PUBLISHED)[number])


def _box(colour: str) -> str:
    """Return a small box of a colour, with an edge that shows on any ground."""
    look = f"display:inline-block;width:10px;height:10px;border:1px solid #888;background:{colour}"
    return f'<span style="{look}"></span>'


# ── words and numbers ────────────────────────────────────────────────────────


def _score(score: float) -> str:
    """Return a score with one decimal, or a dash."""
    return f"{score:.1f}" if math.isfinite(score) else "-"


def _bar(score: float) -> str:
    """Return a score as a bar."""
    if not math.isfinite(score):
        return " " * _BAR
    full = int(score / 100 * _BAR)
    return _FULL * full + _REST * (_BAR - full)
