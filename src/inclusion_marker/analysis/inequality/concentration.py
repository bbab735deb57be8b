"""The concentration index, in two forms: how what people live with rises along a ranking."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.analysis.inequality.distribution import (
    Floats,
    laid_beside,
    numbers,
    paired,
    within,
)
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice


def concentration_index(
    values: npt.ArrayLike, people: npt.ArrayLike, ranking: npt.ArrayLike
) -> float:
    """Return the concentration index along a ranking: ``C = 2 sum_i p_i x_i R_i / mean - 1``.

    ``R_i`` is the share of people who rank below a cell, plus half of those of its rank: cells of
    equal rank share one place, so their order in the table cannot matter.

    Parameters
    ----------
    values, people
        As for :func:`~inclusion_marker.analysis.inequality.distribution.distribution`.
    ranking
        What the people are ranked by, rising: any number a cell, such as an income or the share
        of a group. Cells without one are left out. A series is laid beside ``values`` by its
        labels where both have some.

    Returns
    -------
    concentration
        -1 to 1: positive where those of high rank live better; 0 where all have the same; missing
        without people.

    Raises
    ------
    ParameterError
        If the three do not belong together, or hold what cannot be.

    References
    ----------
    Kakwani, N., Wagstaff, A. and van Doorslaer, E. (1997). Socioeconomic inequalities in health.
    *Journal of Econometrics* 77, 87-103. Van Ourti, T. (2004), the ties: *Health Economics* 13.

    Examples
    --------
    >>> concentration_index([10.0, 30.0], [1.0, 1.0], [1.0, 2.0])
    0.25
    """
    return _standard(*_ranked(values, people, ranking))


def erreygers(
    values: npt.ArrayLike,
    people: npt.ArrayLike,
    ranking: npt.ArrayLike,
    *,
    low: float = 0.0,
    high: float = 100.0,
) -> float:
    """Return Erreygers' index: the concentration of a bounded score, ``4 mean C / (high - low)``.

    The standard index of a bounded score depends on whether one looks at what is reached or at
    what is lacking; this one only changes its sign.

    Parameters
    ----------
    values, people, ranking
        As for :func:`concentration_index`.
    low, high
        Bounds of the values.

    Returns
    -------
    erreygers
        -1 to 1: 1 where the upper half of the ranking has ``high`` and the lower half ``low``.

    Raises
    ------
    ParameterError
        As :func:`concentration_index`, or if a value lies beyond the bounds.

    References
    ----------
    Erreygers, G. (2009). Correcting the concentration index. *Journal of Health Economics* 28,
    504-515.

    Examples
    --------
    >>> erreygers([0.0, 100.0], [1.0, 1.0], [1.0, 2.0])
    1.0
    """
    within("high", high, low, math.inf, beyond=True)
    return _corrected(*_ranked(values, people, ranking), low, high)


def concentration(
    values: npt.ArrayLike, people: npt.ArrayLike, ranking: npt.ArrayLike
) -> dict[str, float]:
    """Return both forms of the index for scores of 0 to 100, sorted once.

    Parameters
    ----------
    values, people, ranking
        As for :func:`concentration_index`.

    Returns
    -------
    indices
        ``standard`` and ``erreygers``.

    Raises
    ------
    ParameterError
        As :func:`erreygers`.

    Examples
    --------
    >>> concentration([10.0, 30.0], [1.0, 1.0], [1.0, 2.0])
    {'standard': 0.25, 'erreygers': 0.2}
    """
    ranked = _ranked(values, people, ranking)
    return {"standard": _standard(*ranked), "erreygers": _corrected(*ranked, 0.0, 100.0)}


def _standard(scores: Floats, living: Floats, ranks: Floats) -> float:
    """Return the standard index; where all have 0 nothing is concentrated."""
    mean, covariance = _mean(scores, living), _covariance(scores, living, ranks)
    return 2 * covariance / mean if mean > 0 else covariance


def _corrected(scores: Floats, living: Floats, ranks: Floats, low: float, high: float) -> float:
    """Return Erreygers' index; refuse values beyond the bounds."""
    beyond = (scores < low) | (scores > high)
    if beyond.any():
        found: dict[str, object] = {"count": int(beyond.sum()), "found": f"{scores[beyond][0]:g}"}
        found |= {"low": f"{low:g}", "high": f"{high:g}"}
        raise ParameterError(Notice("equity_values_beyond", values=found))
    return 8 * _covariance(scores, living, ranks) / (high - low)


def _ranked(
    values: npt.ArrayLike, people: npt.ArrayLike, ranking: npt.ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Return the cells that count, by rank, then value, then people."""
    scores, living = paired(values, people)
    if isinstance(values, pd.Series) and isinstance(ranking, pd.Series):
        ranking = laid_beside(ranking, values.index, "ranking")
    ranks = numbers(ranking, "ranking")
    if ranks.shape != scores.shape:
        found = {"found": str(ranks.shape), "expected": str(scores.shape)}
        raise ParameterError(Notice("equity_labels_differ", item="ranking", values=found))
    kept = ~np.isnan(scores) & (np.nan_to_num(living) > 0) & ~np.isnan(ranks)
    order = np.lexsort((living[kept], scores[kept], ranks[kept]))
    return scores[kept][order], living[kept][order], ranks[kept][order]


def _mean(scores: Floats, living: Floats) -> float:
    """Return the mean over people; missing without any."""
    return float((scores * living).sum() / living.sum()) if scores.size else math.nan


def _covariance(scores: Floats, living: Floats, ranks: Floats) -> float:
    """Return the covariance over people of a value with the share of people below."""
    if not scores.size:
        return math.nan
    shares = living / living.sum()
    first = np.searchsorted(ranks, ranks, side="left")
    after = np.searchsorted(ranks, ranks, side="right")
    reached = np.concatenate([[0.0], np.cumsum(shares)])
    place = (reached[first] + reached[after]) / 2
    # Both are taken from their middle: equal values, or one rank for all, then come out as 0.
    middle = float((place * shares).sum())
    flat = scores.min() == scores.max()
    apart = np.zeros_like(scores) if flat else scores - _mean(scores, living)
    return float((apart * (place - middle) * shares).sum())
