"""Steps 1, 2, 3 and 5 of an audit: framework, data, missing values, normalisation."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Literal

import numpy as np
import pandas as pd

from inclusion_marker.analysis.auditing.door import rows_of
from inclusion_marker.analysis.auditing.evidence import children, leaves, level_of, used_nodes
from inclusion_marker.analysis.auditing.findings import Case, Finding
from inclusion_marker.notices import Notice
from inclusion_marker.result import Result
from inclusion_marker.texts import Text, phrase

_NAN = float("nan")
_PAIR = 2


# ── step 1: the framework ────────────────────────────────────────────────────


def framework(case: Case) -> Iterator[Finding]:
    """Yield what the framework leaves unsaid.

    Parameters
    ----------
    case
        The tables of the audit, and from where on something is a finding.
    """
    method, limits = case.method, case.thresholds
    nodes = used_nodes(method)
    undefined = [node for node in nodes if level_of(node) in ("area", "dimension")]
    undefined = [node for node in undefined if _unsaid(case, node)]
    if undefined:
        notice = Notice("audit_undefined", item="marker", values={"count": len(undefined)})
        yield Finding(1, notice, "marker", "", len(undefined), 0, _NAN)
    inside = leaves(method, "marker")
    for node in inside:
        parts = _unsaid(case, node)
        if parts:
            said = {"name": case.called(node), "parts": _joined(parts)}
            notice = Notice("audit_card_incomplete", item=node, values=said)
            yield Finding(1, notice, node, "", len(parts), 0, _NAN)
    if len(inside) > limits.indicators:
        values = {"count": len(inside), "most": f"{limits.indicators:g}"}
        notice = Notice("audit_many_indicators", item="marker", values=values)
        yield Finding(1, notice, "marker", "", len(inside), limits.indicators, _NAN)
    for node in nodes:
        below = children(method, node)
        if len(below) == 1:
            values = {"name": case.called(node), "child": case.called(below[0])}
            notice = Notice("audit_single_child", item=node, values=values)
            yield Finding(1, notice, node, below[0], 1, _PAIR, _NAN)


_PARTS = ("description", "rationale", "reference")


def _unsaid(case: Case, node: str) -> list[Text]:
    """Return what a node's card does not say: definition, rationale, source."""
    method, (kind, _, key) = case.method, node.partition("_")
    if kind != "ind":
        # The method file has no place for more than a name; that is the finding.
        card = method.areas[key] if kind == "area" else method.dimensions[key]
        return [] if getattr(card, "description", None) else [phrase("audit_part_description")]
    given = method.indicators[key]
    empty = []
    for part in _PARTS:
        said = getattr(given, part)
        words = (said.es, said.en) if isinstance(said, Text) else (str(said),)
        if not all(each.strip() for each in words):
            empty.append(phrase(f"audit_part_{part}"))
    return empty


def _joined(texts: list[Text]) -> Text:
    """Return some words one after the other."""
    return Text(es=", ".join(each.es for each in texts), en=", ".join(each.en for each in texts))


# ── step 2: the data ─────────────────────────────────────────────────────────


def data_table(result: Result) -> pd.DataFrame:
    """Return the layers that were read, with the years in their dates: what step 2 asks for.

    Returns
    -------
    data
        By layer: ``date``, ``year`` (the latest that the date names, or missing), ``source``,
        ``licence``, ``origin``.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> data_table(compute("manta", resolution=8))["origin"].to_dict()["census"]
    'unit'
    """
    rows = {}
    for key in result.layers:
        source = result.city.layers.get(key)
        if source is None:
            continue
        years = [int(year) for year in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", source.date)]
        rows[key] = {
            "date": source.date,
            "year": max(years) if years else None,
            "source": source.source,
            "licence": source.licence,
            "origin": source.origin,
        }
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=["date", "year", "source", "licence", "origin"]
    ).rename_axis("layer")
    return table.astype({"year": "Int64"})


def data(case: Case) -> Iterator[Finding]:
    """Yield what the table of the data shows: dates apart, values of other units, warnings.

    Parameters
    ----------
    case
        The tables of the audit, and from where on something is a finding.
    """
    yield from _dates(case)
    limits = case.thresholds
    origins = case.evidence.result.origins.reindex(case.evidence.scores.index)
    above: dict[str, tuple[Literal["proxy", "city", "inherited"], float]] = {
        "audit_proxy": ("proxy", 0.0),
        "audit_city_value": ("city", 0.0),
        "audit_inherited": ("inherited", limits.inherited),
    }
    for code, (origin, threshold) in above.items():
        for node in leaves(case.method, "marker"):
            key = node.removeprefix("ind_")
            if key not in origins.columns:
                continue
            share = case.evidence.share(origins[key].eq(origin).fillna(value=False))
            if share > threshold:
                values = {"name": case.called(node), "share": 100 * share}
                yield Finding(
                    2, Notice(code, item=node, values=values), node, "", share, threshold, share
                )
    noticed = [each for each in case.evidence.result.notices if each.severity == "warning"]
    if noticed:
        notice = Notice("audit_data_noticed", item="marker", values={"count": len(noticed)})
        yield Finding(2, notice, "marker", "", len(noticed), 0, _NAN)


def _dates(case: Case) -> Iterator[Finding]:
    """Yield that layers are of years far apart, or of none."""
    dated = case.tables.data.dropna(subset="year")
    years = {str(row["layer"]): int(row["year"]) for row in rows_of(dated)}
    first = min(years, key=lambda layer: years[layer], default="")
    last = max(years, key=lambda layer: years[layer], default="")
    apart = years.get(last, 0) - years.get(first, 0)
    if apart > case.thresholds.years:
        values = {
            "apart": apart,
            "first": f"{first} ({years[first]})",
            "last": f"{last} ({years[last]})",
            "most": f"{case.thresholds.years:g}",
        }
        notice = Notice("audit_dates_apart", item="marker", values=values)
        yield Finding(2, notice, "marker", "", apart, case.thresholds.years, _NAN)
    without = case.tables.data.index[case.tables.data["year"].isna()]
    if len(without):
        values = {"count": len(without), "layers": ", ".join(map(str, without))}
        notice = Notice("audit_undated", item="marker", values=values)
        yield Finding(2, notice, "marker", "", len(without), 0, _NAN)


# ── step 3: what is missing ──────────────────────────────────────────────────


def missing(case: Case) -> Iterator[Finding]:
    """Yield where too little is observed; nothing was imputed.

    Parameters
    ----------
    case
        The tables of the audit, and from where on something is a finding.
    """
    rows, limits = case.rows, case.thresholds
    inside = leaves(case.method, "marker")
    gone = [node for node in inside if rows[node]["n"] == 0]
    if gone:
        share = math.fsum(rows[node]["effective_weight"] for node in gone)
        values = {
            "count": len(gone),
            "total": len(inside),
            "share": 100 * share,
            "names": case.listed(gone),
        }
        notice = Notice("audit_without_data", item="marker", values=values)
        yield Finding(3, notice, "marker", "", share, 0, 1.0)
    for node in used_nodes(case.method):
        seen = float(rows[node]["coverage"])
        if seen >= limits.coverage or seen == 0:
            continue
        code = "audit_gaps" if level_of(node) == "indicator" else "audit_coverage_low"
        values = {"name": case.called(node), "seen": 100 * seen, "least": 100 * limits.coverage}
        short = 1 - seen if level_of(node) == "indicator" else _NAN
        notice = Notice(code, item=node, values=values)
        yield Finding(3, notice, node, "", seen, limits.coverage, short)
    bars = {
        node: case.method.bar_of(node)
        for node in used_nodes(case.method)
        if level_of(node) in ("marker", "area")
    }
    lowest = min(bars, key=lambda node: bars[node])
    if bars[lowest] < limits.coverage:
        values = {"bar": 100 * bars[lowest], "least": 100 * limits.coverage}
        notice = Notice("audit_bar_low", item=lowest, values=values)
        yield Finding(3, notice, lowest, "", bars[lowest], limits.coverage, _NAN)
    unscored = float(rows["marker"]["missing"])
    if unscored > limits.unscored:
        values = {"share": 100 * unscored, "most": 100 * limits.unscored}
        notice = Notice("audit_unscored", item="marker", values=values)
        yield Finding(3, notice, "marker", "", unscored, limits.unscored, unscored)


# ── step 5: normalisation ────────────────────────────────────────────────────


def normalisation(case: Case) -> Iterator[Finding]:
    """Yield scales that do not fit their values, and scores that run the wrong way.

    Parameters
    ----------
    case
        The tables of the audit, and from where on something is a finding.
    """
    if not case.method.comparable:
        notice = Notice("audit_not_comparable", item="marker")
        yield Finding(5, notice, "marker", "", 0, 1, 1.0)
    for node in leaves(case.method, "marker"):
        yield from _shape(case, node)
        yield from _ends(case, node)


def _shape(case: Case, node: str) -> Iterator[Finding]:
    """Yield that an indicator does not vary, or that a few cells set its scale."""
    row, limits = case.rows[node], case.thresholds
    if row["reason"] in ("constant", "single"):
        values = {"name": case.called(node), "mean": row["mean"], "weight": 100 * row["weight"]}
        notice = Notice("audit_constant", item=node, values=values)
        yield Finding(5, notice, node, "", 0, 0, 1 - row["missing"])
    skewness, kurtosis = row["raw_skewness"], row["raw_kurtosis"]
    if abs(skewness) > limits.skewness and kurtosis > limits.kurtosis:
        values = {"name": case.called(node), "skewness": skewness, "kurtosis": kurtosis}
        notice = Notice("audit_skewed", item=node, values=values)
        yield Finding(5, notice, node, "", abs(skewness), limits.skewness, _NAN)


def _ends(case: Case, node: str) -> Iterator[Finding]:
    """Yield that many people lie beyond a goalpost, at one end, or against the direction."""
    row, limits = case.ends[node], case.thresholds
    name = case.called(node)
    for end in ("worst", "best"):
        beyond = row[f"people_beyond_{end}"]
        if beyond > limits.beyond:
            values = {"name": name, "share": 100 * beyond, "most": 100 * limits.beyond}
            code = "audit_beyond_worst" if end == "worst" else "audit_beyond_best"
            yield Finding(
                5, Notice(code, item=node, values=values), node, "", beyond, limits.beyond, beyond
            )
        at = row[f"people_at_{end}"]
        if at > limits.one_end:
            values = {"name": name, "share": 100 * at, "end": phrase(f"audit_end_{end}")}
            notice = Notice("audit_one_end", item=node, values=values)
            yield Finding(5, notice, node, "", at, limits.one_end, at)
    against = row["people_against"]
    if np.isfinite(against) and against > 0:
        polarity = case.method.indicators[node.removeprefix("ind_")].score.polarity
        values = {
            "name": name,
            "share": 100 * against,
            "polarity": phrase(f"polarity_{polarity}"),
        }
        notice = Notice("audit_score_reversed", item=node, values=values)
        yield Finding(5, notice, node, "", against, 0, against)
