"""An explanation in words: what a marker lacks, why, and what would add most."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from inclusion_marker.analysis.explain import Explanation
from inclusion_marker.outputs.wording import cautions, percent, plain, shortened, whole, wrapped
from inclusion_marker.texts import word

_NAME, _BAR, _NUMBER = 46, 16, 12
_FULL, _REST = "█", "·"
_INDENT = {"marker": 0, "area": 2, "dim": 4, "ind": 6}
_MOST_DISTRICTS = 12
_ALL = 1 - 1e-9
_ROUNDING = 1e-6
"""What sums of tenths may differ by without showing it."""


def explanation_text(explanation: Explanation, language: str) -> str:
    """Return an explanation as text, at most 100 characters wide.

    Parameters
    ----------
    explanation
        What :func:`~inclusion_marker.analysis.explain.explain` found.
    language
        ``"es"`` or ``"en"``.

    Returns
    -------
    text
        The sentence; the tree with scores, the points that each node holds of the shortfall, and
        what it would add at 100; for a city its districts, each with its first three reasons; and
        the notices.
    """
    parts = (_head, _tree, _districts, _notices)
    blocks = ("\n".join(part(explanation, language)) for part in parts)
    return "\n\n".join(block for block in blocks if block)


def _head(explanation: Explanation, language: str) -> Iterator[str]:
    """Yield what is explained, in a sentence, and who lives there."""
    yield from wrapped(
        word("explained_title", language, name=plain(explanation.name.said(language)))
    )
    for said in cautions(explanation.city, explanation.method, language):
        yield from wrapped(said)
    people = _living(explanation.people, language)
    yield from wrapped(f"{plain(explanation.sentence(language))} {people}")


def _living(people: float, language: str) -> str:
    """Return how many people live in a place."""
    keys = {0: "explained_people_none", 1: "explained_people_one"}
    key = keys.get(round(people), "explained_people")
    return word(key, language, people=whole(people, language))


def _tree(explanation: Explanation, language: str) -> Iterator[str]:
    """Yield the nodes top down, each below its parent, with figures and a bar of its points."""
    keys = ("explained_score", "explained_points", "explained_gain")
    heads = [word(key, language).rjust(_NUMBER) for key in keys]
    yield " " * _NAME + heads[0] + heads[1] + " " * (2 + _BAR) + heads[2]
    table = explanation.table
    most = float(table["points"].iloc[1:].max())
    for node, row in table.loc[list(_ordered(table))].iterrows():
        if row["weight"] == 0 and row["missing"]:
            continue
        indent = " " * _INDENT[row["level"]]
        code = "" if not row["code"] else f"{row['code']} "
        # The name of the marker is that of the method.
        name = word("marker", language) if node == "marker" else row[f"name_{language}"]
        name = shortened(f"{indent}{code}{plain(name)}", _NAME)
        yield f"{name:<{_NAME}}{_figures(row, most, language)}".rstrip()
    if math.isfinite(explanation.marker):
        yield from wrapped(word("explained_note", language))
        if not _adds_up(table):
            yield from wrapped(word("explained_rounded", language))
        yield from _partial(table, language)


def _adds_up(table: pd.DataFrame) -> bool:
    """Return whether the points as shown add up: those of all children, to those of their node."""
    shown = table["points"].dropna().round(1)
    below = shown.groupby(table["parent"].reindex(shown.index)).sum().drop("", errors="ignore")
    return bool((below - shown.reindex(below.index)).abs().lt(_ROUNDING).all())


def _partial(table: pd.DataFrame, language: str) -> Iterator[str]:
    """Yield the indicators that only some of the people have a score of."""
    some = (table["level"] == "ind") & (table["effective_weight"] > 0)
    rows = table[some & (table["observed"] < _ALL)]
    names = [
        f"{plain(row[f'name_{language}'])} ({percent(100 * row['observed'])})"
        for _, row in rows.iterrows()
    ]
    if names:
        yield from wrapped(word("explained_partial", language, names="; ".join(names)))


def _ordered(table: pd.DataFrame, node: str = "marker") -> Iterator[str]:
    """Yield a node and all below it, each followed by its own."""
    yield node
    for child in table.index[table["parent"] == node]:
        yield from _ordered(table, str(child))


def _figures(row: pd.Series, most: float, language: str) -> str:
    """Return the figures of a node, or why it has none."""
    score = _number(row["score"], 1).rjust(_NUMBER)
    if row["missing"]:
        return word("explained_missing", language).rjust(_NUMBER)
    if not row["effective_weight"] > 0:
        return f"{score}{word('explained_aside', language):>{_NUMBER}}"
    bar = "" if row["level"] == "marker" else _bar(row["points"], most)
    gain = _number(row["gain_if_closed"], 1).rjust(_NUMBER)
    return f"{score}{_number(row['points'], 1).rjust(_NUMBER)}  {bar:<{_BAR}}{gain}"


def _districts(explanation: Explanation, language: str) -> Iterator[str]:
    """Yield the districts, the lowest marker first, each with its first reasons."""
    districts = explanation.districts
    if districts is None or districts["marker"].isna().all():
        return
    names = explanation.table[f"name_{language}"]
    yield word("explained_districts", language)
    known = districts[districts["marker"].notna()].sort_values("marker", kind="stable")
    for _, row in known.head(_MOST_DISTRICTS).iterrows():
        reasons = [
            f"{plain(names[f'ind_{row[column]}'])} {_number(row[f'points_{column[-1]}'], 1)}"
            for column in row.index
            if column.startswith("indicator_") and isinstance(row[column], str)
        ]
        head = f"{plain(str(row['name']))} ({_number(row['marker'], 1)}): "
        yield from wrapped(head + "; ".join(reasons), "  ")
    if len(known) > _MOST_DISTRICTS:
        yield f"  {word('more', language, count=len(known) - _MOST_DISTRICTS)}"


def _notices(explanation: Explanation, language: str) -> Iterator[str]:
    """Yield what a reader has to know of the figures."""
    if math.isnan(explanation.marker):
        return  # the sentence has said it
    for notice in explanation.notices:
        yield from wrapped(plain(f"[{notice.code}] {notice.part('found', language)}"))


def _number(value: float, digits: int) -> str:
    """Return a number with some decimals, a dash where there is none."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "-"


def _bar(points: float, most: float) -> str:
    """Return points as a bar, the largest filling it."""
    if not (math.isfinite(points) and most > 0):
        return ""
    full = round(points / most * _BAR)
    return _FULL * full + _REST * (_BAR - full)
