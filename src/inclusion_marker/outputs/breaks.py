"""Where the classes of a map begin: fixed so that cities compare, or natural to one city."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.composite.classes import BREAKS
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice

Floats = npt.NDArray[np.float64]
Breaks = Literal["fixed", "natural"]
"""``fixed``: 0-50-60-70-80-100; ``natural``: where the scores of this city part by themselves."""

_CLASSES = len(BREAKS) - 1
# The search is quadratic: of larger cities this many of the sorted scores, evenly spaced, stand for
# all. They are taken by rank, not drawn by lot, so that the same scores have the same breaks.
_MOST = 1_000
# A legend is read with one decimal; where that would leave a class empty, with as many as it takes.
_LEGIBLE, _EXACT = 1, 7
_NOISE = 6  # decimals beyond which two scores are one


def breaks_of(scores: pd.DataFrame, kind: Breaks) -> Mapping[str, tuple[float, ...]]:
    """Return the limits of the classes of each column.

    Natural breaks are those of Fisher and Jenks: the classes within which scores differ least. They
    show most of one city, and nothing that could be held against another.

    Parameters
    ----------
    scores
        Scores, 0-100, one column each; missing ones do not count.
    kind
        Which breaks.

    Returns
    -------
    breaks
        By column the rising limits from 0 to 100, one more than classes: six, fewer where a column
        has fewer than five different scores. A column without any score has the fixed ones.

    Raises
    ------
    ParameterError
        If there is no such kind.

    References
    ----------
    Fisher, W. D. (1958). On grouping for maximum homogeneity. *Journal of the American Statistical
    Association* 53 (284), 789-798.

    Examples
    --------
    >>> scores = pd.DataFrame({"marker": [10.0, 11, 30, 31, 50, 51, 70, 71, 90, 91]})
    >>> breaks_of(scores, "natural")["marker"]
    (0.0, 20.0, 40.0, 60.0, 80.0, 100.0)
    >>> breaks_of(scores, "fixed")["marker"]
    (0.0, 50.0, 60.0, 70.0, 80.0, 100.0)
    """
    if kind not in get_args(Breaks):
        values = {"found": kind, "expected": " | ".join(get_args(Breaks))}
        raise ParameterError(Notice("parameter_type", item="breaks", values=values))
    if kind == "fixed":
        return dict.fromkeys(map(str, scores.columns), BREAKS)
    return {str(name): _natural(scores[name].to_numpy(np.float64)) for name in scores.columns}


def _natural(scores: Floats) -> tuple[float, ...]:
    """Return the natural limits of one column."""
    known = np.sort(scores[~np.isnan(scores)].round(_NOISE))
    different = np.unique(known)
    if not different.size:
        return BREAKS
    taken = different if different.size <= _CLASSES else _taken(known)
    tops = taken if different.size <= _CLASSES else _tops(taken)
    gaps = [(float(low), float(high)) for low, high in pairwise(np.unique(taken)) if low in tops]
    legible = sorted({_between(*gap, digits=_LEGIBLE) for gap in gaps})
    held = np.histogram(different, bins=[-np.inf, *legible, np.inf])[0]
    exact = [_between(*gap, digits=_EXACT) for gap in gaps]
    whole = len(legible) == len(gaps) and held.all()
    return (BREAKS[0], *(legible if whole else exact), BREAKS[-1])


def _taken(known: Floats) -> Floats:
    """Return the sorted scores, or as many of them, evenly spaced, as stand for all."""
    taken = _spaced(known)
    return taken if np.unique(taken).size >= _CLASSES else _spaced(np.unique(known))


def _spaced(ordered: Floats) -> Floats:
    """Return at most so many of sorted scores, both ends among them."""
    rows = np.linspace(0, ordered.size - 1, min(ordered.size, _MOST))
    taken: Floats = ordered[rows.round().astype(np.intp)]
    return taken


def _tops(taken: Floats) -> Floats:
    """Return the highest score of each class of sorted scores."""
    # Half a second of import that fixed breaks do without.
    from mapclassify import FisherJenks  # noqa: PLC0415

    # It counts in single precision, in which squares of scores far from 0 drown their differences.
    centred = taken - taken.mean()
    found = np.unique(FisherJenks(centred, k=_CLASSES).bins)
    tops: Floats = taken[np.searchsorted(centred, found)]
    return tops


def _between(low: float, high: float, *, digits: int) -> float:
    """Return the roundest number above one score and not above the next, or one close to it."""
    middle = (low + high) / 2
    rounded = [float(np.floor(middle * 10**each) / 10**each) for each in range(digits + 1)]
    return next((each for each in rounded if each > low), rounded[-1])
