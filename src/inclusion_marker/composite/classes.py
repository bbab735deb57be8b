"""Five classes of score, fixed so that cities compare."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

BREAKS = (0.0, 50.0, 60.0, 70.0, 80.0, 100.0)
"""Bands of the City Prosperity Index, the lowest three joined."""


def classify(scores: pd.Series[float], breaks: Sequence[float] = BREAKS) -> pd.Series[int]:
    """Return the class of each score, 1 = worst; a break belongs to the class above it.

    Parameters
    ----------
    scores
        Scores; missing ones have no class.
    breaks
        Rising limits, one more than classes; scores beyond them are in the class at that end.

    Returns
    -------
    classes
        Same index, 1 to ``len(breaks) - 1`` or missing.

    Examples
    --------
    >>> classify(pd.Series([0.0, 49.9, 50.0, 100.0, np.nan])).tolist()
    [1, 1, 2, 5, <NA>]
    """
    inner = np.asarray(breaks[1:-1], np.float64)
    found = np.searchsorted(inner, scores.to_numpy(np.float64), side="right") + 1
    return pd.Series(found, index=scores.index, dtype="Int64").mask(scores.isna())


def class_labels(breaks: Sequence[float] = BREAKS, *, dash: str = " - ") -> tuple[str, ...]:
    """Return the label of each class, worst first.

    Parameters
    ----------
    breaks
        As for :func:`classify`.
    dash
        What stands between both limits.

    Examples
    --------
    >>> class_labels()
    ('0 - 50', '50 - 60', '60 - 70', '70 - 80', '80 - 100')
    >>> class_labels((0.0, 41.25, 100.0), dash="/")
    ('0/41.25', '41.25/100')
    """
    return tuple(f"{low:g}{dash}{high:g}" for low, high in pairwise(breaks))


def people_by_class(
    scores: pd.Series[float], people: pd.Series[float], breaks: Sequence[float] = BREAKS
) -> pd.Series[float]:
    """Return which share of all people lives in each class.

    Parameters
    ----------
    scores
        Scores of the cells; missing as NaN.
    people
        People of each cell, in the same order; missing as NaN, which counts nobody.
    breaks
        As for :func:`classify`.

    Returns
    -------
    shares
        By number of the class, 0-1: 0 = without a score, 1 = worst; all 0 where there is nobody.

    Examples
    --------
    >>> people_by_class(pd.Series([40.0, 50.0, np.nan]), pd.Series([1.0, 2.0, 1.0])).tolist()
    [0.25, 0.25, 0.5, 0.0, 0.0, 0.0]
    """
    found = classify(scores, breaks).fillna(0).to_numpy(np.int64)
    living = np.nan_to_num(people.to_numpy(np.float64))
    held = np.bincount(found, weights=living, minlength=len(breaks))
    whole = held.sum()
    return pd.Series(held / whole if whole > 0 else np.zeros_like(held))
