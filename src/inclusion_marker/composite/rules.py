"""The rules that make one score of several: means, penalties, order weights."""

from __future__ import annotations

from typing import Literal, assert_never

import numpy as np
import numpy.typing as npt

from inclusion_marker.cards import Rule
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Penalty = Literal["negative", "positive"]

# Mazziotta and Pareto: standardised values have mean 100 and standard deviation 10; a range that
# is given beforehand is put on 70-130.
_CENTRE, _SPREAD = 100.0, 10.0
_LOW, _PER_SCORE = 70.0, 0.6
# What differs by less than this share of itself is the same number, computed in another order.
_SAME = 1e-12


def aggregate(values: Floats, weights: Floats, rule: Rule, *, min_coverage: float) -> Floats:
    """Return one score for each row, the weight of missing ones spread over the others.

    Every rule treats a missing score in the same way, so that it is never the best or the worst
    of its row: it is left out, and the weights of what was observed are scaled to sum to 1.

    Parameters
    ----------
    values
        Scores, shape ``(n, k)``, 0-100 or NaN. Under ``mpi`` the rows are the cells over which
        each column is standardised: all of them at once, or the result is another one.
    weights
        Weights that sum to 1, shape ``(k,)``, none below 0.
    rule
        The rule with its parameters.
    min_coverage
        Share of the weight that must be present; below it the score is missing.

    Returns
    -------
    scores
        Shape ``(n,)``, 0-100 or NaN.

    Raises
    ------
    ParameterError
        If a weight is negative or missing.

    References
    ----------
    OECD/JRC (2008). *Handbook on Constructing Composite Indicators*, step 6; for ``mpi``, ``ampi``
    and ``owa`` see :func:`mazziotta_pareto`, :func:`adjusted_mazziotta_pareto` and
    :func:`ordered_mean`.

    Examples
    --------
    >>> rows = np.array([[40.0, 90.0], [40.0, np.nan]])
    >>> aggregate(rows, np.array([0.5, 0.5]), Rule(), min_coverage=0.5)
    array([65., 40.])
    >>> aggregate(rows, np.array([0.5, 0.5]), Rule(rule="geometric"), min_coverage=0.6)
    array([60., nan])
    """
    if not np.all(weights >= 0):
        found = {"found": weights.tolist(), "low": 0, "high": 1}
        raise ParameterError(Notice("parameter_out_of_range", item="weights", values=found))
    present = ~np.isnan(values)
    held = present @ weights
    # A bar of 0.65 must let in weights that sum to 0.65 but for the last bit.
    enough = (held >= min_coverage - _SAME) & (held > 0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        means = _joined(values, present, weights, held, rule)
    return np.where(enough, np.clip(means, 0.0, 100.0), np.nan)


def _joined(values: Floats, present: Bools, weights: Floats, held: Floats, rule: Rule) -> Floats:
    """Return the score of each row by a rule; anything at all where nothing was observed."""
    match rule.rule:
        case "arithmetic":
            known = np.where(present, values, 0.0)
            return np.divide(known @ weights, held)
        case "geometric":
            logs = np.log(np.where(present, np.maximum(values, rule.least), 1.0))
            return np.exp(np.divide(logs @ weights, held))
        case "harmonic":
            return _power_mean(values, present, weights, held, rule, -1.0)
        case "power":
            return _power_mean(values, present, weights, held, rule, rule.p or 1.0)
        case "mpi":
            return _as_scores(mazziotta_pareto(values, weights, rule.penalty or "negative"))
        case "ampi":
            return _as_scores(
                adjusted_mazziotta_pareto(values, weights, rule.penalty or "negative")
            )
        case "owa":
            return ordered_mean(values, weights, np.array(rule.order or (1.0,)))
    assert_never(rule.rule)


def _power_mean(
    values: Floats, present: Bools, weights: Floats, held: Floats, rule: Rule, p: float
) -> Floats:
    """Return the mean of order ``p`` of each row, precise and finite for every order but 0."""
    # What weighs nothing must not rule the mean either.
    counts = present & (weights > 0)
    lifted = np.where(counts, np.maximum(values, rule.least), np.nan)
    # Against the score that rules the mean, so that no power is beyond what a double can hold.
    ruling = np.fmax if p > 0 else np.fmin
    most = ruling.reduce(lifted, axis=1)
    logs = np.where(counts, np.log(lifted / most[:, None]), 0.0)
    means: Floats = most * np.exp(np.log1p(np.expm1(p * logs) @ weights / held) / p)
    return np.where(most == 0, 0.0, means)


def _as_scores(published: Floats) -> Floats:
    """Return values of the 70-130 scale on that of scores, not yet cut off at its ends."""
    return (published - _LOW) / _PER_SCORE


def floored(values: Floats, weights: Floats, rule: Rule) -> Bools:
    """Return which rows hold a score that counts as the floor of the rule instead of itself.

    Parameters
    ----------
    values
        Scores, shape ``(n, k)``, 0-100 or NaN.
    weights
        Weights, shape ``(k,)``; what weighs 0 counts nothing, lifted or not.
    rule
        The rule; one without a floor lifts none.

    Returns
    -------
    lifted
        Shape ``(n,)``.

    Examples
    --------
    >>> rows = np.array([[0.0, 90.0], [40.0, np.nan]])
    >>> floored(rows, np.array([0.5, 0.5]), Rule(rule="geometric"))
    array([ True, False])
    """
    lifted: Bools = np.any((values < rule.least) & (weights > 0), axis=1)
    return lifted


def mazziotta_pareto(values: Floats, weights: Floats, penalty: Penalty = "negative") -> Floats:
    r"""Return the Mazziotta-Pareto index of each row, on its published scale.

    Each column is standardised over the rows to mean 100 and standard deviation 10 (divisor n);
    then :math:`MPI = M \mp S \cdot cv` with the mean M, the standard deviation S (divisor m, the
    number of columns) and :math:`cv = S / M` of the row. With weights that differ, M and S are the
    weighted ones.

    Parameters
    ----------
    values
        Indicators of which more is better, in any unit, shape ``(n, m)``; NaN where missing. A
        missing one is left out of its column and of its row. A column that does not vary says
        nothing: all its values are at the mean, 100.
    weights
        Shape ``(m,)``; only their ratios count.
    penalty
        ``"negative"`` takes it off, for an index of which more is better; ``"positive"`` adds it.

    Returns
    -------
    index
        Shape ``(n,)``, around 100; NaN where nothing was observed.

    References
    ----------
    Mazziotta, M., & Pareto, A. (2016). On a generalized non-compensatory composite index for
    measuring socio-economic phenomena. *Social Indicators Research*, 127, 983-1003.

    Examples
    --------
    >>> rows = np.array([[1.0, 3.0], [3.0, 1.0], [2.0, 2.0]])
    >>> mazziotta_pareto(rows, np.array([0.5, 0.5]))
    array([ 98.5,  98.5, 100. ])
    >>> mazziotta_pareto(rows, np.array([0.5, 0.5]), "positive")
    array([101.5, 101.5, 100. ])
    """
    seen = ~np.isnan(values)
    counts = np.maximum(seen.sum(axis=0), 1)
    means = np.where(seen, values, 0.0).sum(axis=0) / counts
    off = np.where(seen, values - means, 0.0)
    spread = np.sqrt((off**2).sum(axis=0) / counts)
    varies = spread > _SAME * np.abs(means)
    scaled = np.divide(off, spread, out=np.zeros_like(off), where=varies)
    return _penalised(np.where(seen, _CENTRE + _SPREAD * scaled, np.nan), weights, penalty)


def adjusted_mazziotta_pareto(
    scores: Floats, weights: Floats, penalty: Penalty = "negative"
) -> Floats:
    r"""Return the adjusted Mazziotta-Pareto index of each row, on its published scale.

    Scores between goalposts are put on 70-130; then as :func:`mazziotta_pareto`. Nothing depends
    on the other rows, so that cities and years can be compared.

    Parameters
    ----------
    scores
        Shape ``(n, m)``, 0-100 or NaN.
    weights
        Shape ``(m,)``; only their ratios count.
    penalty
        As in :func:`mazziotta_pareto`.

    Returns
    -------
    index
        Shape ``(n,)``, 70-130 (a positive penalty may pass 130); NaN where nothing was observed.

    References
    ----------
    Mazziotta, M., & Pareto, A. (2018). Measuring well-being over time: the adjusted
    Mazziotta-Pareto index versus other non-compensatory indices. *Social Indicators Research*,
    136, 967-976.

    Examples
    --------
    >>> rows = np.array([[0.0, 100.0], [50.0, 50.0]])
    >>> adjusted_mazziotta_pareto(rows, np.array([0.5, 0.5]))
    array([ 91., 100.])
    """
    return _penalised(_LOW + _PER_SCORE * scores, weights, penalty)


def _penalised(standard: Floats, weights: Floats, penalty: Penalty) -> Floats:
    """Return the mean of each row less, or plus, its variance over its mean."""
    seen = ~np.isnan(standard)
    held = seen @ weights
    share = np.divide(1.0, held, out=np.full(len(held), np.nan), where=held > 0)
    mean = np.where(seen, standard, 0.0) @ weights * share
    variance = np.where(seen, (standard - mean[:, None]) ** 2, 0.0) @ weights * share
    # Ten standard deviations below the mean is 0, where a variation coefficient ends.
    off = np.divide(variance, np.abs(mean), out=np.zeros_like(mean), where=mean != 0)
    signed: Floats = mean - off if penalty == "negative" else mean + off
    return signed


def ordered_mean(values: Floats, weights: Floats, order: Floats) -> Floats:
    """Return the weighted OWA of each row: what a child counts depends on its place.

    The order weights, cumulated from the best child on, are the points of a curve; a child counts
    the rise of that curve over its own share of the weight. With as many equally weighted children
    as order weights this is Yager's OWA; with equal order weights, the weighted mean. The mean-min
    function of Casadio Tarabusi and Guarini is the case whose worst place weighs more than the
    others, which weigh alike.

    Parameters
    ----------
    values
        Scores, shape ``(n, k)``; a missing one (NaN) is left out, the others share its weight.
    weights
        Weights of the children, shape ``(k,)``; only their ratios count.
    order
        Weights of the places from best to worst, shape ``(m,)``; they sum to 1.

    Returns
    -------
    means
        Shape ``(n,)``, within the least and the largest score of the row.

    References
    ----------
    Yager, R. (1988). On ordered weighted averaging aggregation operators in multicriteria
    decision-making. *IEEE Transactions on Systems, Man, and Cybernetics*, 18(1), 183-190.
    Torra, V. (1997). The weighted OWA operator. *International Journal of Intelligent Systems*,
    12(2), 153-166. Casadio Tarabusi, E., & Guarini, G. (2013). An unbalance adjustment method for
    development indicators. *Social Indicators Research*, 112(1), 19-45.

    Examples
    --------
    >>> rows = np.array([[90.0, 30.0, 60.0], [90.0, 30.0, np.nan]])
    >>> thirds = np.full(3, 1 / 3)
    >>> ordered_mean(rows, thirds, np.array([0.0, 0.0, 1.0]))
    array([30., 30.])
    >>> ordered_mean(rows, thirds, np.array([1.0, 1.0, 4.0]) / 6)
    array([45., 45.])
    """
    present = ~np.isnan(values)
    places = np.argsort(-values, axis=1, kind="stable")  # a missing score comes last
    best_first = np.take_along_axis(np.where(present, values, 0.0), places, axis=1)
    shares = np.take_along_axis(np.where(present, weights, 0.0), places, axis=1)
    upto = np.cumsum(shares, axis=1)
    total = upto[:, -1:]
    upto = np.divide(upto, total, out=np.full_like(upto, np.nan), where=total > 0)
    curve = np.concatenate([[0.0], np.cumsum(order) / order.sum()])
    risen = np.interp(upto, np.linspace(0.0, 1.0, len(curve)), curve)
    counts = np.diff(risen, axis=1, prepend=0.0)
    means: Floats = (best_first * counts).sum(axis=1)
    return means
