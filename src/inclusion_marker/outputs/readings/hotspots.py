"""Hot spots in words: how many people, where, how sure, and what it does not say."""

from __future__ import annotations

import math
from collections.abc import Iterator

from inclusion_marker.analysis.hotspots import STABLE, Hotspots
from inclusion_marker.outputs.wording import cautions_of, percent, plain, whole, wrapped
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_NAME, _NUMBER = 42, 14
_MOST_DISTRICTS = 12
_CERTAIN = 0.05


def hotspots_text(hotspots: Hotspots, result: Result, language: str) -> str:
    """Return the hot spots of a result as text, at most 100 characters wide.

    Parameters
    ----------
    hotspots
        What was found.
    result
        What it was found in.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> from inclusion_marker.analysis.hotspots import hotspots
    >>> from inclusion_marker.marker import compute
    >>> manta = compute("manta", resolution=8)
    >>> text = hotspots_text(hotspots(manta, column="area_health"), manta, "en")
    >>> print(text.splitlines()[0])
    Clusters of "Health and well-being" · Manta (synthetic twin)
    """
    parts = (_head, _people, _districts, _odd, _map, _meaning, _notices)
    blocks = ("\n".join(part(hotspots, result, language)) for part in parts)
    return "\n\n".join(block for block in blocks if block)


def _head(hotspots: Hotspots, result: Result, language: str) -> Iterator[str]:
    """Yield of what, where; and whether it is made up."""
    city = plain(result.city.name.said(language))
    column = _named(hotspots.column, result, language)
    yield from wrapped(word("hotspots_head", language, column=column, city=city))
    for said in cautions_of(result, language):
        yield from wrapped(said)


def _named(column: str, result: Result, language: str) -> str:
    """Return the name of a score, as the method gives it."""
    if column == "marker":
        return word("marker", language)
    level, _, key = column.partition("_")
    method = result.method
    if level == "area":
        return plain(method.areas[key].name.said(language))
    cards = method.dimensions if level == "dim" else method.indicators
    return plain(cards[key].name.said(language))


def _people(hotspots: Hotspots, _: Result, language: str) -> Iterator[str]:
    """Yield the people in clusters and outside them, and how many stay there in the draws."""
    table = hotspots.summary
    people, share, cells = table["people"], table["share"], table["cells"]
    stable = table["people_stable"]
    if cells.loc[["high", "low", "none"]].sum() == 0:
        return
    clusters = int(cells.loc[["high", "low"]].sum())
    if clusters == 0:
        yield from wrapped(word("hotspots_none_found", language))
    for each, key in (("low", "low"), ("high", "high"), ("none", "neither")):
        if cells.loc[each] > 0:
            values = {"people": whole(people.loc[each], language), "share": _share(share.loc[each])}
            counted = word("hotspots_cells", language, cells=whole(cells.loc[each], language))
            kept = _kept(people.loc[each], stable.loc[each], language)
            said = word(f"hotspots_{key}", language, **values)
            yield from wrapped(f"{said} ({counted}){kept}.", "  ")
    left = ["island", "missing"]
    if people.loc[left].sum() > 0:
        values = {
            "people": whole(people.loc[left].sum(), language),
            "share": _share(share.loc[left].sum()),
        }
        yield from wrapped(word("hotspots_left_out", language, **values) + ".", "  ")
    if clusters and stable.isna().all():
        yield from wrapped(word("hotspots_no_draws", language))


def _kept(people: float, stable: float, language: str) -> str:
    """Return how many of the people live in cells that keep their class, if that is known."""
    if not people > 0 or math.isnan(stable):
        return ""
    bar = f"{100 * STABLE:.0f} %"
    return "; " + word("hotspots_stable", language, bar=bar, share=_share(stable / people))


def _districts(hotspots: Hotspots, _: Result, language: str) -> Iterator[str]:
    """Yield the districts with people in clusters, the most in gaps first."""
    if hotspots.districts is None:
        return
    table = hotspots.districts
    table = table[(table["people_high"] > 0) | (table["people_low"] > 0)]
    if table.empty:
        return
    table = table.sort_values(["people_low", "people_high"], ascending=[False, True], kind="stable")
    yield word("hotspots_districts", language)
    heads = ("people", "hotspots_share_low", "hotspots_share_high")
    yield " " * _NAME + "".join(word(key, language).rjust(_NUMBER) for key in heads)
    columns = (table[key] for key in ("name", "people", "share_low", "share_high"))
    for name, people, *shares in list(zip(*columns, strict=True))[:_MOST_DISTRICTS]:
        said = plain(str(name))
        said = said if len(said) < _NAME - 2 else f"{said[: _NAME - 4]}…"
        figures = [whole(people, language), *(_share(each) for each in shares)]
        yield f"  {said:<{_NAME - 2}}" + "".join(each.rjust(_NUMBER) for each in figures)
    if len(table) > _MOST_DISTRICTS:
        yield f"  {word('more', language, count=len(table) - _MOST_DISTRICTS)}"


def _odd(hotspots: Hotspots, _: Result, language: str) -> Iterator[str]:
    """Yield the people in cells that stand out among their neighbours."""
    for quadrant, key in (("LH", "low"), ("HL", "high")):
        people = hotspots.quadrants["people"].loc[quadrant]
        cells = hotspots.quadrants["cells"].loc[quadrant]
        if people > 0:
            counted = word("hotspots_cells", language, cells=whole(cells, language))
            values = {"people": whole(people, language), "cells": counted}
            yield from wrapped(word(f"hotspots_odd_{key}", language, **values))


def _map(hotspots: Hotspots, _: Result, language: str) -> Iterator[str]:
    """Yield how far the whole map is from chance."""
    found = hotspots.global_
    if math.isnan(found.z):
        return
    meaning = "chance"
    if found.p <= _CERTAIN:
        meaning = "alike" if found.z > 0 else "unlike"
    said = word(
        "hotspots_global",
        language,
        value=f"{found.value:.2f}",
        expected=f"{round(found.expected, 3) + 0.0:.3f}",  # never -0.000
        z=f"{found.z:.1f}",
        p=_p(found.p),
        meaning=word(f"hotspots_global_{meaning}", language),
    )
    yield from wrapped(said)


def _meaning(hotspots: Hotspots, result: Result, language: str) -> Iterator[str]:
    """Yield what a cluster says, what it does not, and how it was found."""
    rule = word(f"correction_{hotspots.correction}", language)
    alpha = f"{100 * hotspots.alpha:g}\N{NO-BREAK SPACE}%"
    yield from wrapped(word("hotspots_means", language, correction=rule, alpha=alpha))
    yield from wrapped(word("hotspots_not", language))
    kind = word(f"hotspots_kind_{result.grid.kind}", language)
    key = "hotspots_method" if hotspots.permutations else "hotspots_method_closed"
    values = {
        "kind": kind,
        "permutations": whole(hotspots.permutations, language),
        "seed": hotspots.seed,
    }
    yield from wrapped(word(key, language, **values))


def _notices(hotspots: Hotspots, _: Result, language: str) -> Iterator[str]:
    """Yield what was left out, and what makes the statistic weak."""
    for notice in hotspots.notices:
        said = f"[{notice.code}] {notice.part('found', language)}; {notice.part('why', language)}"
        yield from wrapped(plain(said), "  ")


def _share(share: float) -> str:
    """Return a share of 1 in words, or a dash."""
    return percent(100 * share) if math.isfinite(share) else "-"


def _p(p: float) -> str:
    """Return a probability as people write it."""
    least = 0.001
    return f"< {least}" if p < least else f"= {p:.3f}"
