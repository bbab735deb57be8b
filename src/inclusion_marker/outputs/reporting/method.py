"""From what, and how: the indicators with their goalposts, the sources, what is missing and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.composite.totals import weighted_mean
from inclusion_marker.method import effective_weights
from inclusion_marker.notices import Notice
from inclusion_marker.outputs.method_table import goalposts_text, rule_said
from inclusion_marker.outputs.missing import lacking
from inclusion_marker.outputs.reporting.blocks import (
    Block,
    Cell,
    Heading,
    Points,
    Row,
    Section,
    Table,
    Words,
    heads,
    number_cell,
)
from inclusion_marker.outputs.reporting.sayings import (
    Share,
    colour_of,
    counted,
    listed,
    quoted,
    share,
)
from inclusion_marker.outputs.tables import sources, unit_name
from inclusion_marker.outputs.wording import DASH, capital, measured, number, plain, whole
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_ACCOUNT = ("people_in", "allocated", "outside", "lost")
_MOST_FOUND = 3


def method_section(result: Result, analyses: Analyses, language: str) -> Section:
    """Return what is said of the data and the method.

    Parameters
    ----------
    result
        What was computed.
    analyses
        The analyses of it; their notices are told with those of the inputs.
    language
        ``"es"`` or ``"en"``.
    """
    blocks: list[Block] = [Words(tuple(_method(result, language))), _indicators(result, language)]
    blocks += _missing(result, language)
    blocks += _sources(result, language)
    blocks += _noticed(_all_notices(result, analyses), language)
    return Section("method", word("report_method", language), tuple(blocks))


def _method(result: Result, language: str) -> Iterator[str]:
    """Yield which method it is, what it does, and how parts become a whole."""
    method, rules = result.method, result.method.aggregation
    name = plain(method.name.said(language))
    said = word("summary_method", language, name=name, id=method.id, version=plain(method.version))
    yield f"{said}. {plain(method.description.said(language))}"
    beside = len(method.supplementary)
    yield word(
        "report_method_parts",
        language,
        areas=counted("report_n_areas", len(method.areas), language),
        dimensions=counted("report_n_dimensions", len(method.dimensions), language),
        indicators=counted("report_n_indicators", len(method.indicators) - beside, language),
    ) + (f" {counted('report_n_beside', beside, language)}" if beside else "")
    yield word(
        "report_rules",
        language,
        normalisation=word(f"normalise_{method.normalisation.rule}", language),
        dimensions=rule_said(rules.dimensions, language),
        areas=rule_said(rules.areas, language),
        marker=rule_said(rules.marker, language),
    )
    resolution = result.grid.resolution
    kind = f"report_cells_{result.grid.kind}"
    cells = counted(kind, len(result.grid.index), language, resolution=resolution)
    size = number(float(result.grid.area_ha.mean()))
    yield f"{cells}. {word('report_cell_size', language, hectares=size)}"
    for row in result.provenance["conservation"][:1]:
        yield word(
            "summary_conserved",
            language,
            **{key: whole(row[key], language) for key in _ACCOUNT},
        )


# ── the indicators ───────────────────────────────────────────────────────────


def _indicators(result: Result, language: str) -> Table:
    """Return the indicators, those of each area below its name."""
    method = result.method
    raw, means = weighted_mean(result.raw, result.people), result.means()["people_weighted"]
    weights = effective_weights(method)
    titles = [word(f"report_head_{key}", language) for key in _HEADS]
    rows = []
    for key, area in method.areas.items():
        title = f"{plain(area.name.said(language))} ({area.code})"
        rows.append(Row((Cell(title),), spans=True))
        below = [leaf for each in method.dimensions_of(key) for leaf in method.indicators_of(each)]
        for leaf in below:
            card, score = method.indicators[leaf], float(means[f"ind_{leaf}"])
            held = weights[leaf].indicator
            known = bool(np.isfinite(score))
            rows.append(
                Row(
                    (
                        Cell(f"{plain(card.name.said(language))} ({card.code})"),
                        number_cell(share(held) if held > 0 else word("report_beside", language)),
                        Cell(capital(goalposts_text(method, leaf, language))),
                        number_cell(
                            measured(float(raw[leaf]), unit_name(card.unit, language), language)
                        ),
                        number_cell(
                            number(score) if known else word("no_data", language),
                            colour=colour_of(score),
                        ),
                        Cell(word(f"status_{card.status}", language)),
                        Cell(word(f"status_{card.score.status}", language)),
                    )
                )
            )
    columns = tuple(
        Cell(title, is_number=key in ("weight", "measured", "score"))
        for key, title in zip(_HEADS, titles, strict=True)
    )
    count = len(method.indicators) - len(method.supplementary)
    caption = counted("report_indicators_caption", count, language)
    if method.supplementary:
        caption = word("report_indicators_beside", language, caption=caption)
    return Table(
        caption, columns, tuple(rows), word("report_indicators_note", language), "fine names"
    )


_HEADS = ("indicator", "weight", "goalposts", "measured", "score", "status", "status_goalposts")


# ── what is missing ──────────────────────────────────────────────────────────


def _missing(result: Result, language: str) -> Iterator[Block]:
    """Yield the indicators without any value with their reasons, and what stands in for others."""
    yield Heading(word("report_missing", language))
    absent = lacking(result)
    total = len(result.method.indicators) - len(result.method.supplementary)
    if absent:
        reasons: dict[str, list[str]] = {}
        for key, reason in absent:
            card = result.method.indicators[key]
            reasons.setdefault(reason.said(language), []).append(
                f"{plain(card.name.said(language))} ({card.code})"
            )
        values = {"total": total}
        yield Words((counted("report_lacking_data", len(absent), language, **values),))
        yield Points(
            "",
            tuple(
                word(
                    "report_lacking_reason", language, reason=reason, names=listed(names, language)
                )
                for reason, names in reasons.items()
            ),
        )
    else:
        yield Words((word("report_lacking_none", language, total=total),))
    stand_ins = tuple(_stand_ins(result, language))
    if stand_ins:
        yield Points(word("report_stand_ins", language), stand_ins)


def _stand_ins(result: Result, language: str) -> Iterator[str]:
    """Yield the indicators whose values are not of the cell's own unit."""
    people, total = result.people, float(result.people.sum())
    for key in map(str, result.origins.columns):
        kinds: dict[str, float] = {}
        for kind, held in people.groupby(result.origins[key].astype(str)).sum().items():
            kinds[str(kind)] = float(held)
        name = quoted(plain(result.method.indicators[key].name.said(language)), language)
        for kind in ("inherited", "city", "proxy"):
            if kinds.get(kind, 0.0) > 0:
                values = {"name": name, "share": Share(kinds[kind] / total, language)}
                said = word(f"report_origin_{kind}", language, **values)
                yield said + _why(result, key, kind, language)


def _why(result: Result, indicator: str, kind: str, language: str) -> str:
    """Return what the city says of a value that stands in for another."""
    if kind == "proxy" and indicator in result.city.proxies:
        return f" {capital(plain(result.city.proxies[indicator].said(language)).rstrip('.'))}."
    if kind == "city" and indicator in result.city.values:
        value = result.city.values[indicator]
        source = ", ".join(plain(each) for each in (value.source, value.date) if each)
        return f" {word('report_source', language, source=source)}"
    return ""


# ── sources and notices ──────────────────────────────────────────────────────


def _sources(result: Result, language: str) -> Iterator[Block]:
    """Yield the files that were read, with date, source and licence."""
    yield Heading(word("layer_sources", language))
    frame: pd.DataFrame = sources(result, language).frame
    table = frame.astype(object).where(frame.notna(), "")
    rows = []
    for at in range(len(table)):
        row = table.iloc[at]
        said = [plain(str(row[key])) or DASH for key in ("source", "date", "licence", "file")]
        rows.append(
            Row((Cell(_layer(result, str(row["layer"]), language)), *(Cell(each) for each in said)))
        )
    titles = [word(f"report_head_{key}", language) for key in _SOURCE_HEADS]
    note = word("report_sources_synthetic", language) if result.city.synthetic else ""
    if not rows:
        yield Words((word("report_sources_none", language),))
        return
    caption = counted("report_sources_caption", len(rows), language)
    yield Table(caption, heads(*titles), tuple(rows), note, "fine names")


_SOURCE_HEADS = ("layer", "source_of", "date", "licence", "file")


def _layer(result: Result, key: str, language: str) -> str:
    """Return what a layer is, in the words of the method."""
    if key in result.method.layers:
        return plain(result.method.layers[key].description.said(language)).rstrip(".")
    names = {
        "boundary": "layer_boundary",
        "districts": "layer_districts",
        "cells": "report_cells_of",
    }
    return word(names[key], language) if key in names else plain(key)


def _all_notices(result: Result, analyses: Analyses) -> tuple[Notice, ...]:
    """Return what was noticed about the inputs, and about the figures that follow from them."""
    sure = analyses.robustness.notices if analyses.robustness is not None else ()
    further = (*sure, *analyses.hotspots.notices, *analyses.equity.notices)
    return (*result.notices, *further, *analyses.explanation.notices)


def _noticed(notices: Iterable[Notice], language: str) -> Iterator[Block]:
    """Yield what was noticed: those of one kind together, each with why it matters."""
    yield Heading(word("report_notices", language))
    kinds: dict[str, list[Notice]] = {}
    for each in notices:
        kinds.setdefault(each.code, []).append(each)
    if not kinds:
        yield Words((word("report_notices_none", language),))
        return
    rows = []
    for code, those in kinds.items():
        found = list(dict.fromkeys(_found(each, language) for each in those))
        why = capital(plain(those[0].part("why", language)))
        shown = "; ".join(found[:_MOST_FOUND])
        if len(found) > _MOST_FOUND:
            shown += f" {word('more', language, count=len(found) - _MOST_FOUND)}"
        rows.append(Row((Cell(code), Cell(capital(shown)), Cell(why))))
    titles = [word(f"report_head_{key}", language) for key in ("code", "found", "why")]
    caption = word("report_notices_caption", language)
    yield Table(caption, heads(*titles), tuple(rows), look="fine")


def _found(notice: Notice, language: str) -> str:
    """Return what was found, and in which file or layer; ids of scores and groups are left out."""
    found, place = plain(notice.part("found", language)), plain(notice.place(language))
    return f"{found} ({place})" if place and (notice.file or notice.layer) else found
