"""What each child holds in what its parent lacks of 100, and in its next point, rule by rule.

A mean that is additive on some scale splits there: the arithmetic mean on that of scores, the
geometric one on their logarithm, the mean of order p on their power. An ordered mean is a weighted
mean once the places are known. The penalty of the adjusted Mazziotta-Pareto index is owed to the
children below the mean of their siblings. The plain Mazziotta-Pareto index has no value at which
nothing is lacking, and does not split.

A child that gets better while its siblings stay never holds more of what lacks, but for an ordered
mean in which a better place weighs more than a worse one.
"""

from __future__ import annotations

from typing import assert_never

import numpy as np
import numpy.typing as npt

from inclusion_marker.cards import Rule

Floats = npt.NDArray[np.float64]

BEST = 100.0
NOTHING = 1e-11
"""A shortfall that is rounding: some hundred times the last bit of a score."""
# Scores that differ by less are equal: a place, or a floor, must not hang on the last bit.
_SAME_DIGITS = 9
# A mean below this is 0: what is divided by it would be beyond what a double can hold.
_NEXT_TO_NOTHING = 1e-100
# The adjusted Mazziotta-Pareto index sees scores of 0-100 as 70-130.
_LOW, _PER_SCORE = 70.0, 0.6


def splits(rule: Rule) -> bool:
    """Return whether what a parent lacks of 100 can be said of its children.

    Examples
    --------
    >>> splits(Rule(rule="geometric")), splits(Rule(rule="mpi"))
    (True, False)
    """
    return rule.rule != "mpi"


def lacking(scores: Floats) -> Floats:
    """Return what scores lack of 100, of any shape; what is only rounding is nothing.

    A missing score lacks nobody knows what: NaN.

    Examples
    --------
    >>> lacking(np.array([30.0, 100.0 - 1e-13, 100.0]))
    array([70.,  0.,  0.])
    """
    gap = BEST - scores
    return np.where(gap <= NOTHING, 0.0, gap)


def seen_weights(values: Floats, weights: Floats) -> Floats:
    """Return the weight of each child among those that are scored, by cell.

    Parameters
    ----------
    values
        Scores of the children, shape ``(n, k)``, NaN where missing.
    weights
        Their weights, shape ``(k,)``.

    Returns
    -------
    seen
        Shape ``(n, k)``; each row sums to 1, or is 0 where no child with a weight is scored.

    Examples
    --------
    >>> seen_weights(np.array([[40.0, np.nan, 60.0]]), np.array([0.25, 0.5, 0.25]))
    array([[0.5, 0. , 0.5]])
    """
    present = ~np.isnan(values) * weights
    held = present.sum(axis=1, keepdims=True)
    seen: Floats = np.divide(present, held, out=np.zeros_like(present), where=held > 0)
    return seen


def split(values: Floats, weights: Floats, rule: Rule) -> Floats:
    """Return the part that each child holds in what its parent lacks of 100.

    Parameters
    ----------
    values
        Scores of the children, shape ``(n, k)``, 0-100 or NaN.
    weights
        Their weights, shape ``(k,)``.
    rule
        How they become the parent's score.

    Returns
    -------
    parts
        Shape ``(n, k)``, none below 0; each row sums to 1; 0 for a child that is missing or weighs
        nothing. A row whose children all stand at 100, but for rounding, is split by weight.
        Under a rule that does not split (see :func:`splits`) all are missing.

    Examples
    --------
    >>> rows = np.array([[40.0, 80.0]])
    >>> split(rows, np.array([0.5, 0.5]), Rule()).round(4)
    array([[0.75, 0.25]])
    >>> split(rows, np.array([0.5, 0.5]), Rule(rule="geometric")).round(4)
    array([[0.8042, 0.1958]])
    """
    return split_seen(values, seen_weights(values, weights), rule)


def split_seen(values: Floats, seen: Floats, rule: Rule) -> Floats:
    """Return the same by the weights of those that are scored: see :func:`split`.

    Parameters
    ----------
    values
        Scores of the children, shape ``(n, k)``, 0-100 or NaN.
    seen
        As :func:`seen_weights` gives them.
    rule
        How they become the parent's score.
    """
    terms = _terms(np.where(seen > 0, values, BEST), seen, rule)
    total = terms.sum(axis=1, keepdims=True)
    parts: Floats = np.divide(terms, total, out=seen.copy(), where=total != 0)
    return parts


def _terms(known: Floats, seen: Floats, rule: Rule) -> Floats:
    """Return what each child adds to what its parent lacks, on the rule's own scale."""
    match rule.rule:
        case "arithmetic":
            return seen * lacking(known)
        case "geometric":
            return -seen * _logs(np.maximum(known, rule.least))
        case "harmonic":
            return seen * _powers(np.maximum(known, rule.least), -1.0)
        case "power":
            return seen * _powers(np.maximum(known, rule.least), rule.p or 1.0)
        case "ampi":
            return _with_imbalance(known, seen, rule)
        case "owa":
            return _places(known, seen, rule) * lacking(known)
        case "mpi":
            return np.full(known.shape, np.nan)
    assert_never(rule.rule)


def _logs(scores: Floats) -> Floats:
    """Return ln(score/100): all digits next to 100, no overflow next to 0."""
    close = -np.log1p(lacking(scores) / np.maximum(scores, BEST / 2))
    with np.errstate(divide="ignore"):
        return np.where(scores > BEST / 2, close, np.log(scores) - np.log(BEST))


def _powers(scores: Floats, p: float) -> Floats:
    """Return how far the power of each score is from that of 100, each row in its own unit."""
    risen = p * _logs(scores)
    if p > 0:
        return -np.expm1(risen)
    most = risen.max(axis=1, keepdims=True)
    parts: Floats = -np.exp(risen - most) * np.expm1(-risen)
    return parts


def _with_imbalance(known: Floats, seen: Floats, rule: Rule) -> Floats:
    """Return the terms of the arithmetic mean, and the penalty on those below it.

    A reward instead of a penalty leaves the parts as those of the arithmetic mean.
    """
    terms = seen * lacking(known)
    if rule.penalty == "positive":
        return terms
    mean, variance = _moments(known, seen)
    below = seen * np.maximum(mean - known, 0.0)
    all_below = below.sum(axis=1, keepdims=True)
    owed = np.divide(below, all_below, out=np.zeros_like(below), where=all_below > 0)
    with_penalty: Floats = terms + owed * _PER_SCORE * variance / (_LOW + _PER_SCORE * mean)
    return with_penalty


def _moments(known: Floats, seen: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance of each row, shape ``(n, 1)``."""
    mean = (seen * known).sum(axis=1, keepdims=True)
    return mean, (seen * (known - mean) ** 2).sum(axis=1, keepdims=True)


def _places(known: Floats, seen: Floats, rule: Rule) -> Floats:
    """Return what each child counts by its place among its siblings; equal scores share theirs."""
    above = _held_above(known, seen)
    same = known.round(_SAME_DIGITS)
    equal = ((same[:, None, :] == same[:, :, None]) * seen[:, None, :]).sum(axis=2)
    group = _risen(above + equal, rule) - _risen(above, rule)
    counts: Floats = np.divide(group * seen, equal, out=np.zeros_like(seen), where=equal > 0)
    return counts


def _held_above(known: Floats, seen: Floats) -> Floats:
    """Return the weight of the siblings that score more than each child."""
    same = known.round(_SAME_DIGITS)
    held: Floats = ((same[:, None, :] > same[:, :, None]) * seen[:, None, :]).sum(axis=2)
    return held


def _risen(held: Floats, rule: Rule) -> Floats:
    """Return the order weights cumulated up to a share of the weight."""
    curve = np.concatenate([[0.0], np.cumsum(rule.order or (1.0,))])
    risen: Floats = np.interp(held, np.linspace(0.0, 1.0, len(curve)), curve / curve[-1])
    return risen


def slopes(values: Floats, weights: Floats, rule: Rule, means: Floats) -> Floats:
    """Return the derivative of a parent's score by each of its children, upwards at a corner.

    Parameters
    ----------
    values
        Scores of the children, shape ``(n, k)``, 0-100 or NaN.
    weights
        Their weights, shape ``(k,)``.
    rule
        How they become the parent's score.
    means
        The scores of the parent, shape ``(n,)``.

    Returns
    -------
    slopes
        Shape ``(n, k)``; 0 for a child that is missing or lies below the floor. Below 0 where a
        point makes siblings differ more under ``ampi``; infinite for a score of 0 under a mean of
        order 0-1. Missing under a rule that does not split.

    Examples
    --------
    >>> rows, geometric = np.array([[40.0, 90.0]]), Rule(rule="geometric")
    >>> slopes(rows, np.array([0.5, 0.5]), geometric, np.array([60.0])).round(4)
    array([[0.75  , 0.3333]])
    """
    seen = seen_weights(values, weights)
    known, mean = np.where(seen > 0, values, BEST), means[:, None]
    match rule.rule:
        case "arithmetic":
            return seen
        case "geometric":
            return _power_slopes(known, seen, mean, rule, 0.0)
        case "harmonic":
            return _power_slopes(known, seen, mean, rule, -1.0)
        case "power":
            return _power_slopes(known, seen, mean, rule, rule.p or 1.0)
        case "ampi":
            return _imbalance_slopes(known, seen, mean, rule)
        case "owa":
            above = _held_above(known, seen)
            return _risen(above + seen, rule) - _risen(above, rule)
        case "mpi":
            return np.full(values.shape, np.nan)
    assert_never(rule.rule)


def _power_slopes(known: Floats, seen: Floats, mean: Floats, rule: Rule, p: float) -> Floats:
    """Return the derivatives of the mean of order ``p``; 0 is the geometric mean."""
    counts = (seen > 0) & (mean > _NEXT_TO_NOTHING)
    lifted = np.maximum(known, rule.least)
    ratio = np.divide(lifted, mean, out=np.ones_like(lifted), where=counts)
    with np.errstate(divide="ignore"):
        rising = ratio ** (p - 1.0) * seen
    # Where all are 0 the mean is that of the one child that rises.
    alone = seen ** (1.0 / p) if p > 0 else seen
    slope = np.where(counts, rising, alone)
    return np.where(known.round(_SAME_DIGITS) >= round(rule.least, _SAME_DIGITS), slope, 0.0)


def _imbalance_slopes(known: Floats, seen: Floats, mean: Floats, rule: Rule) -> Floats:
    """Return the derivatives of the adjusted Mazziotta-Pareto index; 0 where it is cut off."""
    plain, variance = _moments(known, seen)
    scale = _LOW + _PER_SCORE * plain
    pull = 2 * (known - plain) / scale - _PER_SCORE * variance / scale**2
    sign = 1.0 if rule.penalty == "positive" else -1.0
    cut = (sign > 0) & (mean >= BEST)
    return np.where(cut, 0.0, seen * (1.0 + sign * _PER_SCORE * pull))
