"""The resolution report in words: what depends on the size of the cells, and what does not."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from inclusion_marker.analysis.resolutions import Resolutions
from inclusion_marker.composite.classes import BREAKS
from inclusion_marker.outputs.wording import cautions, percent, plain, whole, wrapped
from inclusion_marker.texts import word

_NARROW, _NUMBER = 4, 11


def resolutions_text(resolutions: Resolutions, language: str) -> str:
    """Return a resolution report as text, at most 100 characters wide.

    Parameters
    ----------
    resolutions
        What :func:`~inclusion_marker.analysis.resolutions.resolutions` found.
    language
        ``"es"`` or ``"en"``.

    Returns
    -------
    text
        What it means, the table, how to read it, and the notices.
    """
    parts = (_head, _table, _notices)
    blocks = ("\n".join(part(resolutions, language)) for part in parts)
    return "\n\n".join(block for block in blocks if block)


def _head(resolutions: Resolutions, language: str) -> Iterator[str]:
    """Yield what is reported and what it means, with the figures that show it."""
    name = plain(resolutions.city.name.said(language))
    yield from wrapped(word("resolutions_title", language, name=name))
    for said in cautions(resolutions.city, resolutions.method, language):
        yield from wrapped(said)
    yield from wrapped(word("resolutions_meaning", language))
    known = resolutions.table[resolutions.table["gini"].notna()]
    if len(known) > 1:
        first, last = known.iloc[0], known.iloc[-1]
        said = word(
            "resolutions_gini",
            language,
            coarse=known.index[0],
            fine=known.index[-1],
            from_gini=_number(first["gini"], 3),
            to_gini=_number(last["gini"], 3),
            from_marker=_number(first["marker"], 1),
            to_marker=_number(last["marker"], 1),
        )
        yield from wrapped(said)


def _table(resolutions: Resolutions, language: str) -> Iterator[str]:
    """Yield the figures, a row a resolution, and what the columns say."""
    heads = [
        word("resolutions_cells", language),
        word("resolutions_ha", language),
        word("people_weighted", language),
        word("plain", language),
        "Gini",
        "Moran",
        word("resolutions_lowest", language),
        word("resolutions_parents", language),
    ]
    size = word("resolutions_size", language)
    yield f"{size:<{_NARROW}}" + "".join(head.rjust(_NUMBER) for head in heads)
    for resolution, row in resolutions.table.iterrows():
        figures = (each.rjust(_NUMBER) for each in _figures(row, language))
        yield f"{resolution!s:<{_NARROW}}" + "".join(figures)
    yield from wrapped(word("resolutions_columns", language, line=f"{BREAKS[1]:g}"))


def _figures(row: pd.Series, language: str) -> Iterator[str]:
    """Yield the figures of a resolution as they are shown."""
    yield whole(row["cells"], language)
    yield f"{row['cell_ha']:.3g}"
    yield _number(row["marker"], 1)
    yield _number(row["plain"], 1)
    yield _number(row["gini"], 3)
    yield _number(row["moran"], 2)
    low = row["lowest_class"]
    yield percent(100 * low) if math.isfinite(low) else "-"
    yield _number(row["parent_correlation"], 2)


def _notices(resolutions: Resolutions, language: str) -> Iterator[str]:
    """Yield what a reader has to mind."""
    for notice in resolutions.notices:
        yield from wrapped(plain(f"[{notice.code}] {notice.part('found', language)}"))
        yield from wrapped(plain(notice.part("why", language)), "  ")


def _number(value: float, digits: int) -> str:
    """Return a number with some decimals, a dash where there is none."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "-"
