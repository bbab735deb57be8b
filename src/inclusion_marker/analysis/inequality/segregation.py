"""How apart two groups live: dissimilarity, isolation and entropy, from the counts of cells.

All three depend on the size of the cells, and say nothing of how the places are: context to the
gap between the groups, not part of it.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import xlogy

from inclusion_marker.analysis.inequality.distribution import Floats, paired


def dissimilarity(part: npt.ArrayLike, rest: npt.ArrayLike) -> float:
    """Return the share of a group that would have to move for both to be spread alike.

    ``D = 1/2 sum_i |a_i / A - b_i / B|``.

    Parameters
    ----------
    part, rest
        People of either group in each cell; cells where one is missing do not count. A series is
        laid beside the other by its labels.

    Returns
    -------
    dissimilarity
        0 (alike) to 1 (apart); missing where a group has nobody.

    Raises
    ------
    ParameterError
        If the two do not belong together, or hold negative or infinite numbers.

    References
    ----------
    Duncan, O. D. and Duncan, B. (1955). A methodological analysis of segregation indexes.
    *American Sociological Review* 20, 210-217.

    Examples
    --------
    >>> dissimilarity([30.0, 10.0], [10.0, 30.0])
    0.5
    """
    some, other = _known(part, rest)
    if not _both(some, other):
        return math.nan
    return float(np.abs(some / some.sum() - other / other.sum()).sum() / 2)


def isolation(part: npt.ArrayLike, rest: npt.ArrayLike) -> float:
    """Return the share of the first group around a member of it: ``sum_i (a_i / A)(a_i / t_i)``.

    Parameters
    ----------
    part, rest
        As for :func:`dissimilarity`; ``t_i`` is the sum of the two.

    Returns
    -------
    isolation
        From the group's share of all people (spread alike) to 1; missing where a group has nobody.

    Raises
    ------
    ParameterError
        As :func:`dissimilarity`.

    References
    ----------
    Lieberson, S. (1981). An asymmetrical approach to segregation. In *Ethnic Segregation in
    Cities*, 61-82.

    Examples
    --------
    >>> isolation([30.0, 10.0], [10.0, 30.0])
    0.625
    """
    some, other = _known(part, rest)
    if not _both(some, other):
        return math.nan
    both = some + other
    shares = np.divide(some, both, out=np.zeros_like(both), where=both > 0)
    return float((some * shares).sum() / some.sum())


def entropy_index(part: npt.ArrayLike, rest: npt.ArrayLike) -> float:
    """Return Theil's information index H: how much less mixed the cells are than the city.

    ``H = sum_i t_i (E - E_i) / (E T)`` with ``E = -p ln p - q ln q``.

    Parameters
    ----------
    part, rest
        As for :func:`dissimilarity`.

    Returns
    -------
    entropy
        0 (each cell as mixed as the city) to 1 (no cell mixed); missing where a group has nobody.

    Raises
    ------
    ParameterError
        As :func:`dissimilarity`.

    References
    ----------
    Theil, H. and Finizza, A. J. (1971). A note on the measurement of racial integration of
    schools. *Journal of Mathematical Sociology* 1, 187-193.

    Examples
    --------
    >>> entropy_index([40.0, 0.0], [0.0, 40.0]), entropy_index([10.0, 20.0], [10.0, 20.0])
    (1.0, 0.0)
    """
    some, other = _known(part, rest)
    if not _both(some, other):
        return math.nan
    both = some + other
    city = _entropy(some.sum() / both.sum())
    apart = (both * (city - _entropy(some / both))).sum()
    return max(0.0, float(apart / (city * both.sum())))


def _known(part: npt.ArrayLike, rest: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return both groups where both are known and somebody lives."""
    some, other = paired(part, rest)
    kept = some + other > 0
    return some[kept], other[kept]


def _both(some: Floats, other: Floats) -> bool:
    """Return whether either group has people."""
    return bool(some.sum() > 0 and other.sum() > 0)


def _entropy(share: npt.ArrayLike) -> Floats:
    """Return the entropy of two classes by the share of one, natural logarithm."""
    one = np.asarray(share, np.float64)
    return np.asarray(-xlogy(one, one) - xlogy(1 - one, 1 - one), np.float64)


def segregation(part: pd.Series[float], rest: pd.Series[float]) -> dict[str, float]:
    """Return the three indices by name.

    Parameters
    ----------
    part, rest
        As for :func:`dissimilarity`.

    Returns
    -------
    indices
        ``dissimilarity``, ``isolation`` (of the first group) and ``entropy``.

    Raises
    ------
    ParameterError
        As :func:`dissimilarity`.

    Examples
    --------
    >>> segregation(pd.Series([5.0, 5.0]), pd.Series([20.0, 20.0]))
    {'dissimilarity': 0.0, 'isolation': 0.2, 'entropy': 0.0}
    """
    return {
        "dissimilarity": dissimilarity(part, rest),
        "isolation": isolation(part, rest),
        "entropy": entropy_index(part, rest),
    }
