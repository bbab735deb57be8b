"""Inequality between the people of a city: measures of what people live with, not of cells.

Every measure takes the values of cells and the people of each, and treats a cell as that many
people who all have its value. A cell without a value or without people does not count; how many
did not is in :func:`distribution`. Where all have the same, also where all have 0, nothing is
unequal and every index is 0.

Gini, Theil and Atkinson compare with the mean, so they need a zero that means something. Scores
against fixed goalposts have one (the ``worst`` of each card); scores against the cells at hand
have not.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import logsumexp, xlogy

from inclusion_marker.analysis.inequality.distribution import (
    Distribution,
    distribution,
    lorenz_of,
    over,
    quantile_of,
    within,
)

MEASURES: Final = (
    "gini",
    "theil_t",
    "theil_l",
    "atkinson_0_5",
    "atkinson_1",
    "atkinson_2",
    "palma",
    "p90_p10",
    "headcount",
    "gap",
    "severity",
)
"""What :func:`measures` finds, in its order."""

_TOP, _BOTTOM, _ALIKE = 0.9, 0.4, 0.25
"""Palma compares the best-off tenth with the worst-off four tenths; alike, they are 1 to 4."""


def measures(
    values: npt.ArrayLike, people: npt.ArrayLike, *, line: float = 50.0
) -> pd.Series[float]:
    """Return every measure of this module for one column, sorted once.

    Parameters
    ----------
    values, people
        As for :func:`distribution`.
    line
        Below it one counts as deprived, above 0.

    Returns
    -------
    measures
        By the names of ``MEASURES``; missing where nobody lives in a cell with a value.

    Raises
    ------
    ParameterError
        As :func:`distribution`, or if ``line`` is not above 0.

    Examples
    --------
    >>> found = measures([20.0, 40.0, 60.0], [1.0, 1.0, 2.0], line=50)
    >>> found[["gini", "headcount"]].round(4).tolist()
    [0.1944, 0.5]
    """
    within("line", line, 0.0, math.inf, beyond=True)
    found = distribution(values, people)
    row = {
        "gini": _gini(found),
        "theil_t": _theil_t(found),
        "theil_l": _theil_l(found),
        "atkinson_0_5": atkinson_of(found, 0.5),
        "atkinson_1": atkinson_of(found, 1.0),
        "atkinson_2": atkinson_of(found, 2.0),
        "palma": _palma(found),
        "p90_p10": _percentiles(found, 0.9, 0.1),
        "headcount": _below(found, line, 0),
        "gap": _below(found, line, 1),
        "severity": _below(found, line, 2),
    }
    return pd.Series(row, index=list(MEASURES), dtype=np.float64)


# ── one measure each ─────────────────────────────────────────────────────────


def gini(values: npt.ArrayLike, people: npt.ArrayLike) -> float:
    """Return the Gini index: half the mean difference between two people, over the mean.

    ``G = sum_ij w_i w_j |x_i - x_j| / (2 W² mean)``, exact in one pass over the sorted values:
    ``sum_k (x_k+1 - x_k) F_k (W - F_k) / (W² mean)``, with ``F_k`` the people up to ``k``. No
    correction for small samples: the people are the population.

    Parameters
    ----------
    values, people
        As for :func:`distribution`. Zeros count as they are.

    Returns
    -------
    gini
        0 where all have the same, below 1; missing without people.

    References
    ----------
    Gini, C. (1912). *Variabilità e mutabilità*. Lerman, R. and Yitzhaki, S. (1989). Improving the
    accuracy of estimates of Gini coefficients. *Journal of Econometrics* 42, 43-47 (weights).

    Examples
    --------
    >>> gini([0.0, 100.0], [1.0, 1.0])
    0.5
    """
    return _gini(distribution(values, people))


def theil_t(values: npt.ArrayLike, people: npt.ArrayLike) -> float:
    """Return Theil's T: ``sum_i p_i (x_i / mean) ln(x_i / mean)``, ``p_i`` the shares of people.

    Parameters
    ----------
    values, people
        As for :func:`distribution`. A zero adds nothing: ``0 ln 0 = 0``, its limit.

    Returns
    -------
    theil
        From 0 to the logarithm of the number of people; missing without people.

    References
    ----------
    Theil, H. (1967). *Economics and Information Theory*, chapter 4.

    Examples
    --------
    >>> round(theil_t([0.0, 10.0], [3.0, 3.0]), 12) == round(math.log(2), 12)
    True
    """
    return _theil_t(distribution(values, people))


def theil_l(values: npt.ArrayLike, people: npt.ArrayLike) -> float:
    """Return Theil's L, the mean log deviation: ``sum_i p_i ln(mean / x_i)``.

    Parameters
    ----------
    values, people
        As for :func:`distribution`. Where some have 0 and others not, it is infinite: that is its
        limit, and a floor put in silence would set the figure by itself.

    Returns
    -------
    theil
        From 0 to infinite; missing without people.

    References
    ----------
    Theil, H. (1967). *Economics and Information Theory*, chapter 4.

    Examples
    --------
    >>> round(theil_l([10.0, 40.0], [1.0, 1.0]), 6), theil_l([0.0, 40.0], [1.0, 1.0])
    (0.223144, inf)
    """
    return _theil_l(distribution(values, people))


def atkinson(values: npt.ArrayLike, people: npt.ArrayLike, eps: float) -> float:
    """Return the Atkinson index: the share of the mean that equality would be worth.

    ``A = 1 - (sum_i p_i (x_i / mean)^(1 - eps))^(1 / (1 - eps))``, and at ``eps = 1`` one minus the
    geometric over the arithmetic mean.

    Parameters
    ----------
    values, people
        As for :func:`distribution`. With ``eps`` of 1 or more, one person at 0 makes it 1: such an
        aversion to inequality gives all for the worst off.
    eps
        Aversion to inequality, 0 (none) or more.

    Returns
    -------
    atkinson
        0 to 1; missing without people.

    Raises
    ------
    ParameterError
        As :func:`distribution`, or if ``eps`` is negative or infinite.

    References
    ----------
    Atkinson, A. B. (1970). On the measurement of inequality. *Journal of Economic Theory* 2,
    244-263.

    Examples
    --------
    >>> round(atkinson([10.0, 20.0, 30.0, 40.0, 50.0], np.ones(5), 1), 7)
    0.1316096
    """
    within("eps", eps, 0.0, math.inf)
    return atkinson_of(distribution(values, people), eps)


def palma(values: npt.ArrayLike, people: npt.ArrayLike) -> float:
    """Return the Palma ratio: what the best-off tenth holds over what the worst-off 40 % hold.

    The two groups hold exactly a tenth and four tenths of the people: a cell on the border is cut,
    its people going to both sides (the Lorenz curve is straight within a cell).

    Parameters
    ----------
    values, people
        As for :func:`distribution`.

    Returns
    -------
    palma
        0.25 where all have the same; infinite where the worst-off 40 % have 0; missing without
        people.

    References
    ----------
    Palma, J. G. (2011). Homogeneous middles vs. heterogeneous tails. *Development and Change* 42,
    87-153.

    Examples
    --------
    >>> palma([10.0, 20.0], [5.0, 5.0]), palma([7.0], [5.0])
    (0.5, 0.25)
    """
    return _palma(distribution(values, people))


def percentile_ratio(
    values: npt.ArrayLike, people: npt.ArrayLike, *, high: float = 0.9, low: float = 0.1
) -> float:
    """Return the ratio of two quantiles of the people, P90/P10 unless told.

    Parameters
    ----------
    values, people
        As for :func:`distribution`.
    high, low
        Shares of the people, as for :func:`quantile`.

    Returns
    -------
    ratio
        1 where all have the same; infinite where the low quantile is 0; missing without people.

    Raises
    ------
    ParameterError
        As :func:`quantile`.

    Examples
    --------
    >>> percentile_ratio([10.0, 20.0, 90.0], [1.0, 8.0, 1.0])
    2.0
    """
    for name, share in (("high", high), ("low", low)):
        within(name, share, 0.0, 1.0)
    return _percentiles(distribution(values, people), high, low)


def foster_greer_thorbecke(
    values: npt.ArrayLike, people: npt.ArrayLike, line: float, alpha: float
) -> float:
    """Return how many live below a line and how far: ``sum_i p_i ((line - x_i) / line)^alpha``.

    Parameters
    ----------
    values, people
        As for :func:`distribution`. Who has exactly the line is not below it, as a class of the
        maps begins at its break.
    line
        Above 0.
    alpha
        0 is the head count, 1 the gap, 2 the severity.

    Returns
    -------
    index
        0 to 1; missing without people.

    Raises
    ------
    ParameterError
        As :func:`distribution`, or if ``line`` or ``alpha`` cannot be.

    References
    ----------
    Foster, J., Greer, J. and Thorbecke, E. (1984). A class of decomposable poverty measures.
    *Econometrica* 52, 761-766.

    Examples
    --------
    >>> [foster_greer_thorbecke([25.0, 50.0], [1.0, 3.0], 50.0, alpha) for alpha in (0, 1)]
    [0.25, 0.125]
    """
    within("line", line, 0.0, math.inf, beyond=True)
    within("alpha", alpha, 0.0, math.inf)
    return _below(distribution(values, people), line, alpha)


# ── of a distribution ────────────────────────────────────────────────────────


def _gini(found: Distribution) -> float:
    """Return the Gini index: terms of one sign only, so that nothing cancels."""
    if found.flat:
        return found.nothing
    reached = np.cumsum(found.people)
    below, total = reached[:-1], reached[-1]
    apart = (np.diff(found.values) * below * (total - below)).sum()
    return float(apart / (total * (found.values * found.people).sum()))


def _theil_t(found: Distribution) -> float:
    """Return Theil's T; the last bits never make it negative."""
    if found.flat:
        return found.nothing
    ratio = found.values / found.mean
    return max(0.0, float((found.people * xlogy(ratio, ratio)).sum() / found.people.sum()))


def _theil_l(found: Distribution) -> float:
    """Return Theil's L; infinite with a zero."""
    if found.flat:
        return found.nothing
    if found.values[0] == 0:
        return math.inf
    logs = np.log(found.values / found.mean)
    return max(0.0, -float((found.people * logs).sum() / found.people.sum()))


def atkinson_of(found: Distribution, eps: float) -> float:
    """Return :func:`atkinson` of a distribution, by logarithms: large powers would overflow.

    Examples
    --------
    >>> atkinson_of(distribution([0.0, 9.0], [1.0, 1.0]), 0.5)
    0.5
    """
    if found.flat or eps == 0:
        return found.nothing
    power, shares = 1.0 - eps, found.people / found.people.sum()
    if power <= 0 and found.values[0] == 0:
        return 1.0
    some = found.values > 0
    logs, shares = np.log(found.values[some] / found.mean), shares[some]
    if power == 0:
        kept = float((shares * logs).sum())
    elif abs(power) * np.abs(logs).max() < 1 and some.all():
        kept = math.log1p(float((shares * np.expm1(power * logs)).sum())) / power
    else:
        kept = float(logsumexp(power * logs, b=shares)) / power
    return min(1.0, max(0.0, -math.expm1(kept)))


def _palma(found: Distribution) -> float:
    """Return the Palma ratio, the two groups cut out of the Lorenz curve."""
    people, held = lorenz_of(found)
    if found.flat:
        return _ALIKE + found.nothing
    top, bottom = 1 - np.interp(_TOP, people, held), np.interp(_BOTTOM, people, held)
    return over(top, bottom)


def _percentiles(found: Distribution, high: float, low: float) -> float:
    """Return the ratio of two quantiles."""
    if found.flat:
        return 1.0 + found.nothing
    return over(quantile_of(found, high), quantile_of(found, low))


def _below(found: Distribution, line: float, alpha: float) -> float:
    """Return the index of Foster, Greer and Thorbecke."""
    if not found.values.size:
        return math.nan
    poor = found.values < line
    lacking = (line - found.values[poor]) / line
    return float((found.people[poor] * lacking**alpha).sum() / found.people.sum())
