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


def class_labels(breaks: Sequence[float] = BREAKS) -> tuple[str, ...]:
    """Return the label of each class, worst first.

    Examples
    --------
    >>> class_labels()
    ('0 - 50', '50 - 60', '60 - 70', '70 - 80', '80 - 100')
    """
    return tuple(f"{low:g} - {high:g}" for low, high in pairwise(breaks))
