"""What the page carries of every cell: its id, its scores, raw values, counts and codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import h3
import numpy as np
import pandas as pd

from inclusion_marker.composite.classes import BREAKS
from inclusion_marker.loaders.grid import Grid
from inclusion_marker.method import Method
from inclusion_marker.outputs.web.geometry import shape_columns
from inclusion_marker.outputs.web.packing import Flags, Numbers, coded, quantised, whole
from inclusion_marker.result import Result

SCORE_DIGITS = 1
COUNT_DIGITS = 2
"""Counts are shown whole, but those of many cells have to add up to what the city has."""

RAW_DIGITS = 2
SHARE_DIGITS = 4
"""Of shares of 1, which are shown in percent with one decimal."""

FIGURE_DIGITS = 6

SHARES = ("class_probability", "coverage")
POINTS = ("marker_low", "marker_high", "shortfall_points")


def tree_order(method: Method) -> Iterator[str]:
    """Yield the nodes of a method, each before its children and before its next sibling.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> list(tree_order(load_method("uim-v1")))[:4]
    ['marker', 'area_housing', 'dim_housing_quality', 'ind_adequate_housing']
    """
    yield "marker"
    for area in method.areas:
        yield f"area_{area}"
        for dimension in method.dimensions_of(area):
            yield f"dim_{dimension}"
            yield from (f"ind_{key}" for key in method.indicators_of(dimension))


def id_columns(grid: Grid) -> Iterator[tuple[str, Numbers]]:
    """Yield what tells the cells and their outlines: H3 ids as steps, polygons as they are.

    An H3 id says where its cell is, so hexagons need no coordinates; ids of one resolution differ
    only in the digits down to it.
    """
    if grid.kind == "polygons":
        yield from shape_columns("outline", grid.cells.geometry)
    elif len(grid.index):
        ids = np.array([h3.str_to_int(each) for each in grid.index], np.uint64)
        unused = np.uint64(3 * (15 - int(grid.resolution or 0)))
        steps = (ids >> unused).astype(np.int64)
        yield "cells", whole(steps - steps[0])


def score_columns(scores: pd.DataFrame, method: Method) -> Iterator[tuple[str, Numbers]]:
    """Yield the score of every node, one decimal, as ``score:…``, in the order of the tree.

    Parameters
    ----------
    scores
        Cells by node, 0-100; missing as NaN.
    method
        Its nodes.
    """
    for node in tree_order(method):
        yield f"score:{node}", quantised(scores[node].to_numpy(np.float64), SCORE_DIGITS)


def below_flags(scores: pd.DataFrame, method: Method) -> Iterator[tuple[str, Flags]]:
    """Yield, for the cells whose score is shown as a limit of classes, whether it lies below it.

    A score of 49.96 is shown as 50.0 and is of the class below 50, in the page as in all other
    outputs.

    Parameters
    ----------
    scores
        Cells by node.
    method
        Its nodes.

    Yields
    ------
    name, flags
        ``below:…``: a flag for each cell shown as a limit, in their order; nothing for a node
        all of whose flags would be false.
    """
    limits = np.asarray(BREAKS[1:-1])
    for node in tree_order(method):
        exact = scores[node].to_numpy(np.float64)
        shown = np.round(exact, SCORE_DIGITS)
        on_limit = np.isin(shown, limits)
        below = exact[on_limit] < shown[on_limit]
        if below.any():
            yield f"below:{node}", below


def value_columns(frame: pd.DataFrame, result: Result) -> Iterator[tuple[str, Numbers]]:
    """Yield counts, shares and points as ``column:…``; what no cell has is left out.

    Parameters
    ----------
    frame
        The cells as the GeoPackage has them.
    result
        What was computed.
    """
    digits = dict.fromkeys(result.context.columns, COUNT_DIGITS)
    digits |= dict.fromkeys(SHARES, SHARE_DIGITS) | dict.fromkeys(POINTS, SCORE_DIGITS)
    for name, kept in digits.items():
        if name == "people" or frame[name].notna().any():
            yield f"column:{name}", quantised(frame[name].to_numpy(np.float64), kept)


def code_columns(
    frame: pd.DataFrame, books: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, Numbers]]:
    """Yield codes as ``codes:…``: the place of each in its book.

    Parameters
    ----------
    frame
        The cells as the GeoPackage has them.
    books
        By column, the codes it may hold; any other is missing.

    Examples
    --------
    >>> sure = pd.DataFrame({"confidence": ["low", None]})
    >>> [(name, codes)] = code_columns(sure, {"confidence": ("high", "medium", "low")})
    >>> name, codes.values.tolist(), codes.missing.tolist()
    ('codes:confidence', [2, 0], [False, True])
    """
    for name, book in books.items():
        yield f"codes:{name}", coded(frame[name].astype(object).to_numpy(), book)


def raw_columns(result: Result) -> Iterator[tuple[str, Numbers]]:
    """Yield the raw values of the indicators that have any, as ``raw:ind_…``.

    Parameters
    ----------
    result
        What was computed; the values are in the indicators' units, missing ones stay missing.
    """
    for key in result.raw.columns:
        values = result.raw[key].to_numpy(np.float64)
        if not np.isnan(values).all():
            yield f"raw:ind_{key}", quantised(values, RAW_DIGITS)
