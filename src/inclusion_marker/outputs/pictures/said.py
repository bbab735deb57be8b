"""What pictures say of a result: names, means, how many, and from what."""

from __future__ import annotations

import pandas as pd

from inclusion_marker.composite.totals import city_means
from inclusion_marker.method import Method
from inclusion_marker.outputs.sources import sources_said
from inclusion_marker.outputs.wording import number, percent, whole
from inclusion_marker.result import Result
from inclusion_marker.texts import word


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
    if column == "marker":
        return word("marker", language)
    return f"{method.name_of(column).said(language)} ({method.code_of(column)})"


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


def foot_said(result: Result, language: str) -> str:
    """Return where the data are from, and the method."""
    method = result.method
    said = f"{method.name.said(language)} ({method.id} {method.version})"
    known = sources_said(result, language)
    return word("map_sources", language, sources=known, method=said).replace("….", "…")
