"""Equity in words, for the office of a mayor: who lives with what, and what cannot be said."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from inclusion_marker.analysis.equity import Equity
from inclusion_marker.analysis.inequality.decomposition import Decomposition
from inclusion_marker.analysis.inequality.groups import Group
from inclusion_marker.outputs.wording import EVEN, cautions_of, percent, plain, whole, wrapped
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_LOWEST = 3
"""Points that one decimal does not show."""


def equity_text(equity: Equity, result: Result, language: str) -> str:
    """Return what was found of a city's equity as text, at most 100 characters wide.

    Parameters
    ----------
    equity
        What :func:`~inclusion_marker.analysis.equity.equity` found.
    result
        The city it was found of.
    language
        ``"es"`` or ``"en"``.

    Returns
    -------
    text
        Who lives with what, the groups, the inequality, what the figures do not say, the notices.

    Examples
    --------
    >>> from inclusion_marker.analysis.equity import equity
    >>> from inclusion_marker.marker import compute
    >>> marker = compute("manta", resolution=8)
    >>> print(equity_text(equity(marker), marker, "en").splitlines()[0])
    Equity: who lives with what · Manta (synthetic twin)
    """
    scored = equity.measures["gini"].notna()["marker"]
    parts = [_head, _living, _groups, _inequality, _limits] if scored else [_head, _nothing]
    blocks = ("\n".join(part(equity, result, language)) for part in (*parts, _notices))
    return "\n\n".join(block for block in blocks if block)


def _head(equity: Equity, result: Result, language: str) -> Iterator[str]:
    """Yield the city, whether it is made up, and the cells."""
    city = plain(result.city.name.said(language))
    yield from wrapped(word("equity_title", language, city=city))
    for said in cautions_of(result, language):
        yield from wrapped(said)
    scored = result.scores.marker.notna() & (result.people > 0)
    values = {
        "people": whole(result.people[scored].sum(), language),
        "cells": whole(int(scored.sum()), language),
        "hectares": f"{result.grid.area_ha.mean():.1f}",
        "resolution": equity.resolution,
    }
    yield from wrapped(word(f"equity_cells_{result.grid.kind}", language, **values))
    if equity.intervals["median"].notna().any():
        yield from wrapped(word("equity_draws", language))


def _nothing(_equity: Equity, _result: Result, language: str) -> Iterator[str]:
    """Yield that there is nothing to say."""
    yield from wrapped(word("equity_nothing", language))


def _living(equity: Equity, result: Result, language: str) -> Iterator[str]:
    """Yield what a person lives with on average, and who lives below the line."""
    mean = _row(equity.intervals, "mean")
    span = _span(mean["low"], mean["high"], language)
    yield from wrapped(word("equity_mean", language, mean=f"{mean['value']:.1f}", span=span))
    row, count = _row(equity.measures, "marker"), _row(equity.intervals, "headcount")
    if row["headcount"] == 0:
        yield from wrapped(word("equity_below_none", language, line=f"{equity.line:g}"))
        return
    known = result.people[result.scores.marker.notna()].sum()
    values = {
        "people": whole(row["headcount"] * known, language),
        "share": percent(100 * row["headcount"]),
        "span": _span(100 * count["low"], 100 * count["high"], language, " %"),
        "line": f"{equity.line:g}",
        "lacking": f"{equity.line * row['gap'] / row['headcount']:.1f}",
    }
    yield from wrapped(word("equity_below", language, **values))


def _groups(equity: Equity, result: Result, language: str) -> Iterator[str]:
    """Yield a paragraph for each group, and whether the gaps have an interval."""
    if not equity.gaps.groups:
        yield from wrapped(word("equity_groups_none", language))
        return
    yield word("equity_groups", language)
    for group in equity.gaps.groups:
        yield from wrapped(" ".join(_group(equity, result, group, language)), "  ")
    drawn = equity.intervals["median"].notna().any()
    yield from wrapped(
        word("equity_areas_no_span" if drawn else "equity_gap_no_span", language), "  "
    )


def _group(equity: Equity, result: Result, group: Group, language: str) -> Iterator[str]:
    """Yield the sentences on one group."""
    table, apart = equity.gaps.of(group.id), _row(equity.gaps.context, group.id)
    row = _row(table, "marker")
    names = {
        key: plain(each.said(language))
        for key, each in zip(("part", "rest"), group.named(), strict=True)
    }
    values = names | {
        "people": whole(apart["people_part"], language),
        "mean_part": f"{row['part']:.1f}",
        "mean_rest": f"{row['rest']:.1f}",
        "points": f"{abs(row['gap']):.1f}",
    }
    yield word(f"equity_gap_{_side(row['gap'])}", language, **values)
    if math.isnan(row["gap"]):
        return
    spans = equity.gaps.intervals_of(group.id)
    gap = _row(spans, "gap")
    yield from _gap_span(gap["low"], gap["high"], language)
    below = {
        key: percent(100 * row[key]) + _range(_row(spans, key), language)
        for key in ("below_part", "below_rest")
    }
    if row["below_part"] > 0 or row["below_rest"] > 0:
        yield word("equity_gap_below", language, line=f"{equity.line:g}", **below, **names)
    areas = table.drop(index="marker")["gap"].abs().dropna()
    if len(areas) and areas.max() >= EVEN:
        widest = str(areas.idxmax())
        means = {f"mean_{side}": f"{table[side][widest]:.1f}" for side in ("part", "rest")}
        area = plain(result.method.name_of(widest).said(language))
        yield word("equity_gap_widest", language, area=area, **means)
    yield word("equity_gap_apart", language, share=percent(100 * apart["dissimilarity"]))


def _range(span: dict[str, float], language: str) -> str:
    """Return the interval of a share in brackets, nothing without draws."""
    if math.isnan(span["low"]):
        return ""
    ends = {key: f"{100 * span[key]:.1f}" for key in ("low", "high")}
    return word("equity_range", language, **ends)


def _side(gap: float) -> str:
    """Return which sentence says a gap."""
    if math.isnan(gap):
        return "unscored"
    if abs(gap) < EVEN:
        return "even"
    return "less" if gap < 0 else "more"


def _gap_span(low: float, high: float, language: str) -> Iterator[str]:
    """Yield the interval of a gap in words; nothing without draws."""
    if math.isnan(low):
        return
    if max(abs(low), abs(high)) < EVEN:
        yield word("equity_gap_span_even", language)
        return
    if high < 0:
        said, ends = "less", (-high, -low)
    elif low > 0:
        said, ends = "more", (low, high)
    else:
        said, ends = "open", (-low, high)
    values = {"low": f"{ends[0]:.1f}", "high": f"{ends[1]:.1f}"}
    yield word(f"equity_gap_span_{said}", language, **values)


def _inequality(equity: Equity, result: Result, language: str) -> Iterator[str]:
    """Yield the inequality between people, districts and areas, each with what it means."""
    yield word("equity_inequality", language)
    for sentence in (
        *_between_people(equity, result, language),
        *_between_districts(equity, result, language),
        *_between_areas(equity, result, language),
        *_ranked(equity, result, language),
    ):
        yield from wrapped(sentence, "  ")


def _between_people(equity: Equity, result: Result, language: str) -> Iterator[str]:
    """Yield how far two people are apart, and the two ends."""
    figure, mean = _row(equity.intervals, "gini"), equity.intervals["value"]["mean"]
    values = {
        "points": f"{2 * figure['value'] * mean:.1f}",
        "gini": f"{figure['value']:.3f}",
        "span": _span(figure["low"], figure["high"], language, digits=3),
        "resolution": equity.resolution
        if equity.resolution is not None
        else f"{result.grid.area_ha.mean():.1f}",
    }
    suffix = "" if equity.resolution is not None else "_polygons"
    yield word(f"equity_gini{suffix}", language, **values)
    if figure["value"] < figure["low"]:
        yield word("equity_gini_below", language)
    low, high = (f"{equity.quantiles[share]:.1f}" for share in (0.1, 0.9))
    yield word("equity_ends", language, low=low, high=high)


def _between_districts(equity: Equity, result: Result, language: str) -> Iterator[str]:
    """Yield how much of the inequality lies between districts, and the lowest of them."""
    parts = equity.decomposition
    if parts is None or math.isnan(parts.between_share):
        return
    values = {"between": percent(100 * parts.between_share), "total": f"{parts.total:.4f}"}
    yield word("equity_between", language, count=len(parts.groups), **values)
    lowest = _named(parts, result).sort_values("mean", kind="stable").head(_LOWEST)
    names = "; ".join(
        word(
            "equity_district",
            language,
            name=plain(str(lowest["name"][key])),
            mean=f"{lowest['mean'][key]:.1f}",
            people=whole(lowest["people"][key], language),
        )
        for key in lowest.index
    )
    yield word("equity_lowest", language, names=names)


def _named(parts: Decomposition, result: Result) -> pd.DataFrame:
    """Return the name, mean and people of each group of cells.

    Those of districts are the city's own, so that all outputs say the same: there a cell on a
    border is shared, and here it belongs to one.
    """
    groups = parts.groups[["mean", "people"]]
    if result.districts is None or not set(groups.index) <= set(result.districts.index):
        return groups.assign(name=groups.index)
    table = result.districts[["name", "people", "marker"]].rename(columns={"marker": "mean"})
    return pd.DataFrame(table.loc[groups.index])


def _between_areas(equity: Equity, result: Result, language: str) -> Iterator[str]:
    """Yield the most and the least unequal area, and what inequality costs in all of them."""
    found = equity.measures["gini"].drop("marker").dropna()
    if len(found) > 1:
        most, least = str(found.idxmax()), str(found.idxmin())
        names = {
            key: plain(result.method.name_of(node).said(language))
            for key, node in (("name", most), ("other", least))
        }
        values = {"gini": f"{found[most]:.3f}", "least": f"{found[least]:.3f}"}
        yield word("equity_unequal_area", language, **names, **values)
    adjusted = equity.adjusted
    if not math.isnan(adjusted.loss):
        values = {"value": f"{adjusted.value:.1f}", "plain": f"{adjusted.unadjusted:.1f}"}
        yield word("equity_adjusted", language, loss=percent(100 * adjusted.loss), **values)


def _ranked(equity: Equity, result: Result, language: str) -> Iterator[str]:
    """Yield how the marker goes along the ranking of the people."""
    index = float(equity.concentration["erreygers"]["marker"])
    if math.isnan(index):
        return
    name = plain(equity.along)
    if equity.along in result.method.context:
        said = plain(result.method.context[equity.along].name.said(language))
        name = word("equity_along_share", language, name=said)
    side = "less" if index < 0 else "more"
    yield word(f"equity_along_{side}", language, along=name, index=f"{index:.3f}")


def _limits(equity: Equity, _result: Result, language: str) -> Iterator[str]:
    """Yield what the figures do not say; of groups only where some are told of."""
    yield word("equity_limits", language)
    of_groups = ("zones", "cause") if equity.gaps.groups else ()
    for limit in ("places", "level", *of_groups):
        yield from wrapped(word(f"equity_limit_{limit}", language), "  ")


def _notices(equity: Equity, _result: Result, language: str) -> Iterator[str]:
    """Yield what was noticed, in short: each code once, with all of its places."""
    if not equity.notices:
        return
    yield word("equity_notices", language)
    for code in dict.fromkeys(notice.code for notice in equity.notices):
        those = [notice for notice in equity.notices if notice.code == code]
        found = list(dict.fromkeys(notice.part("found", language) for notice in those))
        # The words name scores and groups; a place is said where it is one of the city's layers.
        places = ", ".join(notice.place(language) for notice in those if notice.layer)
        said = f"[{code}] {places}{': ' if places else ''}{'; '.join(found)}"
        yield from wrapped(plain(said), "  ")


def _row(table: pd.DataFrame, key: str) -> dict[str, float]:
    """Return a row of figures by column."""
    return dict(zip(map(str, table.columns), table.loc[[key]].to_numpy()[0], strict=True))


def _span(low: float, high: float, language: str, unit: str = "", digits: int = 1) -> str:
    """Return an interval in words, nothing without draws."""
    if math.isnan(low):
        return ""
    ends = {"low": f"{low:.{digits}f}", "high": f"{high:.{digits}f}{unit}"}
    return word("equity_span", language, **ends)
