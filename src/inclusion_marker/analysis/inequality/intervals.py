"""Figures of a city in each of many draws, and the interval that they span.

The draws hold the marker of every cell with data errors and choices of method drawn together, so a
figure of the city is computed once a draw: errors that cells share do not average out.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.analysis.drawn import Drawn, Draws, drawn_beside
from inclusion_marker.analysis.inequality.distribution import Floats
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice

_LOW, _HIGH = 5.0, 95.0
_AT_ONCE = 64
"""Draws in memory at once, as rows: 26 MB a hundred thousand cells."""


def scores_drawn(drawn: Drawn, index: pd.Index) -> Draws:
    """Return the draws with their cells in the order of ``index``, fit for measures of inequality.

    Raises
    ------
    ParameterError
        If the draws are of other cells, or hold negative or infinite scores.
    """
    draws = drawn_beside(drawn, index)
    low, high = (np.nan_to_num(each, nan=0.0, posinf=np.inf) for each in _ends(draws))
    if low < 0 or np.isinf(high):
        values = {"count": 1, "found": f"{low if low < 0 else high:g}"}
        raise ParameterError(Notice("equity_values_invalid", item="robustness", values=values))
    return draws


def _ends(draws: Draws) -> tuple[np.float32, np.float32]:
    """Return the least and the largest score of the draws, NaN apart; NaN where there is none."""
    none = np.float32(np.nan)
    return (
        np.fmin.reduce(draws, axis=None, initial=none),
        np.fmax.reduce(draws, axis=None, initial=none),
    )


def means_of_draws(draws: Draws, groups: Floats) -> Floats:
    """Return, for each group of people in each draw, the mean of what its members live with.

    Parameters
    ----------
    draws
        Cells x draws, NaN where not scored, shape ``(n, d)``.
    groups
        People of each group in each cell, NaN for none, shape ``(g, n)``.

    Returns
    -------
    means
        Shape ``(g, d)``; missing where a group has nobody in a scored cell. The sums run in the
        order of the cells, by one thread.

    Examples
    --------
    >>> draws = np.array([[40.0, 60.0], [80.0, np.nan]], dtype=np.float32)
    >>> means_of_draws(draws, np.array([[3.0, 1.0]])).tolist()
    [[50.0, 60.0]]
    """
    return _weighted(draws, groups, lambda rows, known: np.where(known, rows, np.float32(0)))


def below_of_draws(draws: Draws, groups: Floats, line: float) -> Floats:
    """Return, for each group of people in each draw, the share who live below a line.

    Parameters
    ----------
    draws, groups
        As for :func:`means_of_draws`.
    line
        Who has exactly the line is not below it.

    Returns
    -------
    shares
        As for :func:`means_of_draws`, 0-1.

    Examples
    --------
    >>> draws = np.array([[40.0, 60.0], [80.0, np.nan]], dtype=np.float32)
    >>> below_of_draws(draws, np.array([[3.0, 1.0]]), 50.0).tolist()
    [[0.75, 0.0]]
    """
    return _weighted(draws, groups, lambda rows, _: rows < line)


def _weighted(
    draws: Draws,
    groups: Floats,
    of: Callable[[Draws, npt.NDArray[np.bool_]], npt.NDArray[np.float32] | npt.NDArray[np.bool_]],
) -> Floats:
    """Return the mean, over each group of people, of what ``of`` makes of each draw."""
    living = np.nan_to_num(groups)
    found = np.full((len(living), draws.shape[1]), np.nan)
    for start in range(0, draws.shape[1], _AT_ONCE):
        rows = np.ascontiguousarray(draws[:, start : start + _AT_ONCE].T)
        known = ~np.isnan(rows)
        # Most often the same cells are scored in every draw, and one sum serves them all.
        some = known[:1] if (known == known[0]).all() else known
        figures = of(rows, known).astype(np.float64)
        for group, people in enumerate(living):
            total = np.einsum("dn,n->d", figures, people)
            held = np.broadcast_to(
                np.einsum("dn,n->d", some.astype(np.float64), people), total.shape
            )
            part = np.divide(total, held, out=np.full(len(rows), np.nan), where=held > 0)
            found[group, start : start + len(rows)] = part
    return found


def gini_of_draws(draws: Draws, people: npt.ArrayLike) -> Floats:
    """Return the Gini index of the people in each draw.

    Parameters
    ----------
    draws
        Cells x draws, 0 or more, NaN where not scored, shape ``(n, d)``.
    people
        People of each cell, NaN for none, shape ``(n,)``.

    Returns
    -------
    gini
        Shape ``(d,)``: of each column, as
        :func:`~inclusion_marker.analysis.inequality.measures.gini`.

    Examples
    --------
    >>> gini_of_draws(np.array([[0.0, 5.0], [100.0, 5.0]], dtype=np.float32), [1.0, 1.0]).tolist()
    [0.5, 0.0]
    """
    living = np.nan_to_num(np.asarray(people, np.float64))
    found, some = np.empty(draws.shape[1]), living > 0
    living = living[some]
    for start in range(0, draws.shape[1], _AT_ONCE):
        rows = np.ascontiguousarray(draws[some, start : start + _AT_ONCE].T)
        for draw, row in enumerate(rows, start):
            found[draw] = _gini(row, living)
    return found


def _gini(row: Draws, living: Floats) -> float:
    """Return the Gini index of one draw.

    Bits of numbers from 0 up are in the order of the numbers, so score and cell make one whole
    number, and one sort of those is both the sort and its order.
    """
    # Minus zero has a bit of its own.
    bits = (row + np.float32(0)).view(np.uint32).astype(np.uint64)
    keys = (bits << np.uint64(32)) | np.arange(len(row), dtype=np.uint64)
    keys.sort()
    values = (keys >> np.uint64(32)).astype(np.uint32).view(np.float32).astype(np.float64)
    count = int(np.count_nonzero(~np.isnan(values)))
    values = values[:count]
    people = living[(keys[:count] & np.uint64(0xFFFFFFFF)).astype(np.intp)]
    reached = np.cumsum(people)
    if not count or not reached[-1] > 0:
        return math.nan
    apart = float((np.diff(values) * reached[:-1] * (reached[-1] - reached[:-1])).sum())
    held = float((values * people).sum())
    return apart / (float(reached[-1]) * held) if held > 0 else 0.0


def interval(figures: Floats) -> dict[str, float]:
    """Return the middle of a figure's draws, and what nine in ten of them lie within.

    Parameters
    ----------
    figures
        One a draw, shape ``(d,)``; missing ones do not count.

    Returns
    -------
    interval
        ``median``, ``low`` and ``high`` (50, 5 and 95 %); all missing without a draw.

    Examples
    --------
    >>> interval(np.arange(101.0))
    {'median': 50.0, 'low': 5.0, 'high': 95.0}
    """
    known = figures[~np.isnan(figures)]
    if not known.size:
        return dict.fromkeys(("median", "low", "high"), math.nan)
    median, low, high = np.percentile(known, [50.0, _LOW, _HIGH])
    return {"median": float(median), "low": float(low), "high": float(high)}
