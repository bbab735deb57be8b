"""What pictures say of a result: names, means, how many, and from what."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping

import pandas as pd

from inclusion_marker.cards import Area, Dimension, Indicator
from inclusion_marker.composite.totals import city_means
from inclusion_marker.method import Method
from inclusion_marker.outputs.pictures.classes import DASH
from inclusion_marker.outputs.wording import percent, plain, whole
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_LONGEST_SOURCE, _MOST_SOURCES = 80, 5


def node_name(method: Method, column: str, language: str) -> str:
    """Return the name of a column of the outputs: that of its node, with the node's code.

    Parameters
    ----------
    method
        The method whose outputs they are.
    column
        ``marker``, ``area_…``, ``dim_…`` or ``ind_…``.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> node_name(load_method(), "ind_internet", "es")
    'Acceso a internet (V6)'
    """
    level, _, key = column.partition("_")
    levels: dict[str, Mapping[str, Area | Dimension | Indicator]] = {
        "area": method.areas,
        "dim": method.dimensions,
        "ind": method.indicators,
    }
    if level not in levels:
        return word("marker", language)
    node = levels[level][key]
    return f"{node.name.said(language)} ({node.code})"


def number(value: float) -> str:
    """Return a score with one decimal, or a dash where there is none.

    Examples
    --------
    >>> number(61.04), len(number(float("nan")))
    ('61.0', 1)
    """
    return DASH if math.isnan(value) else f"{value:.1f}"


def row_of(table: pd.DataFrame, key: str) -> pd.Series[float]:
    """Return the row of a table of figures.

    Examples
    --------
    >>> float(row_of(pd.DataFrame({"value": [1.0, 2.0]}, index=["mean", "gini"]), "gini")["value"])
    2.0
    """
    return table.iloc[list(table.index).index(key)]


def means_said(result: Result, column: str, language: str) -> str:
    """Return both means of a score in words."""
    row = row_of(city_means(result.table()[[column]], result.people), column)
    values = {
        "weighted": number(float(row["people_weighted"])),
        "plain": number(float(row["plain"])),
    }
    return word("map_mean", language, **values)


def cells_said(result: Result, language: str) -> str:
    """Return how many cells and people there are."""
    people, cells = float(result.people.sum()), len(result.grid.index)
    values = {"cells": whole(cells, language), "people": whole(people, language)}
    return word("figure_cells", language, **values)


def count_said(result: Result, column: str, language: str) -> str:
    """Return how many cells and people there are, and how many of them have a score."""
    scored = result.table()[column].notna()
    people, held = float(result.people.sum()), float(result.people[scored].sum())
    values = {
        "known": cells_said(result, language),
        "scored": whole(int(scored.sum()), language),
        "share": percent(100 * held / people if people > 0 else 0.0),
    }
    return word("figure_count", language, **values)


def sources_said(result: Result, language: str) -> str:
    """Return where the data are from, each source once, the first few by name, and the method."""
    city, method = result.city, result.method
    made_up = word("map_made_up", language)
    known = [made_up] if city.synthetic else [layer.source for layer in city.layers.values()]
    sources = list(
        dict.fromkeys(
            textwrap.shorten(each, _LONGEST_SOURCE, placeholder=" …") for each in map(plain, known)
        )
    )
    if len(sources) > _MOST_SOURCES:
        more = word("more", language, count=len(sources) - _MOST_SOURCES)
        sources = [*sources[:_MOST_SOURCES], more]
    said = f"{method.name.said(language)} ({method.id} {method.version})"
    known_from = "; ".join(sources) or DASH
    return word("map_sources", language, sources=known_from, method=said).replace("….", "…")
