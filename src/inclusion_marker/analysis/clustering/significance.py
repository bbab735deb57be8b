"""Many tests at once: adjusted p-values, and the floor below which permutations cannot go."""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri
from scipy.stats import false_discovery_control

from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice, near

Floats = npt.NDArray[np.float64]
Correction = Literal["bh", "by", "holm", "bonferroni"]
CORRECTIONS: tuple[Correction, ...] = get_args(Correction)
MOST_PERMUTATIONS = 10_000_000
_MOST_SEED = 2**63 - 1


def two_sided(z: npt.ArrayLike) -> Floats:
    """Return the probability that a standard normal lies as far from 0 as each ``z``.

    Parameters
    ----------
    z
        Any shape; NaN stays NaN.

    Examples
    --------
    >>> two_sided([0.0, -1.96, np.nan]).round(3)
    array([1.  , 0.05,  nan])
    """
    p: Floats = 2 * ndtr(-np.abs(np.asarray(z, dtype=np.float64)))
    return p


def adjusted(p: npt.ArrayLike, correction: str = "bh") -> Floats:
    """Return p-values adjusted for their number: those at most ``alpha`` are the discoveries.

    Parameters
    ----------
    p
        p-values, shape ``(n,)``, 0-1; missing ones as NaN: they stay missing and are no tests.
    correction
        ``"bh"``: Benjamini and Hochberg (1995), of the discoveries at most ``alpha`` are false on
        average, for tests that are independent or positively dependent, as those of neighbouring
        cells are; ``"by"``: Benjamini and Yekutieli (2001), the same under any dependence;
        ``"holm"`` (1979) and ``"bonferroni"``: no false discovery at all but with probability
        ``alpha``.

    Returns
    -------
    adjusted
        Shape ``(n,)``, 0-1.

    Raises
    ------
    ParameterError
        If a p-value is none, or the correction is unknown.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. *JRSS B* 57(1).
    Benjamini, Y. and Yekutieli, D. (2001). The control of the false discovery rate in multiple
    testing under dependency. *Annals of Statistics* 29(4).
    Castro, M. and Singer, B. (2006). Controlling the false discovery rate: a new application to
    account for multiple and dependent tests in local statistics of spatial association.
    *Geographical Analysis* 38(2).

    Examples
    --------
    >>> adjusted([0.01, np.nan, 0.02, 0.9]).round(2).tolist()
    [0.03, nan, 0.03, 0.9]
    >>> adjusted([0.01, np.nan, 0.02, 0.9], "holm").round(2).tolist()
    [0.03, nan, 0.04, 0.9]
    """
    refuse(*level_faults(0.5, correction))
    every = np.asarray(p, dtype=np.float64)
    known = ~np.isnan(every)
    tests = every[known]
    outside = tests[(tests < 0) | (tests > 1)]
    if outside.size:
        values = {"found": float(outside[0]), "low": 0, "high": 1}
        raise ParameterError(Notice("parameter_out_of_range", item="p", values=values))
    found = np.full(every.shape, np.nan)
    if tests.size:
        found[known] = _adjusted(tests, correction)
    return found


def _adjusted(p: Floats, correction: str) -> Floats:
    """Return the p-values of at least one test adjusted."""
    if correction in ("bh", "by"):
        method: Literal["bh", "by"] = "by" if correction == "by" else "bh"
        return np.asarray(false_discovery_control(p, method=method), dtype=np.float64)
    if correction == "bonferroni":
        return np.minimum(p * p.size, 1.0)
    order = np.argsort(p, kind="stable")
    left = np.arange(p.size, 0, -1)
    stepped = np.minimum(np.maximum.accumulate(p[order] * left), 1.0)
    found = np.empty_like(p)
    found[order] = stepped
    return found


def rejected(z: Floats, *, alpha: float, correction: str = "bh") -> npt.NDArray[np.bool_]:
    """Return which ``z`` are discoveries, column by column: :func:`adjusted` for many draws.

    The same as ``adjusted(two_sided(column), correction) <= alpha``, but only what is far out is
    sorted, and held against the ``z`` that its rank has to reach.

    Parameters
    ----------
    z
        Tests by draws, shape ``(n, d)``; NaN is no test.
    alpha
        Level, between 0 and 1.
    correction
        As in :func:`adjusted`.

    Returns
    -------
    rejected
        Shape ``(n, d)``.

    Raises
    ------
    ParameterError
        If the level or the correction is none.

    Examples
    --------
    >>> rejected(np.array([[3.0], [-4.0], [0.5], [np.nan]]), alpha=0.05)[:, 0].tolist()
    [True, True, False, False]
    """
    refuse(*level_faults(alpha, correction))
    reach = np.abs(z)
    tests = np.count_nonzero(~np.isnan(reach), axis=0)
    found = np.zeros(z.shape, dtype=np.bool_)
    least = -ndtri(alpha / 2)  # no rank has to reach less
    bars = {
        int(count): -ndtri(_levels(int(count), alpha, correction) / 2)
        for count in np.unique(tests[tests > 0])
    }
    for column, count in enumerate(tests):
        far = np.flatnonzero(reach[:, column] >= least)
        ranked = np.sort(reach[far, column])[::-1]
        if not len(far):
            continue
        passed = ranked >= bars[int(count)][: len(ranked)]
        if correction == "holm":  # it steps down: the first that fails stops all after it
            passed = np.logical_and.accumulate(passed)
        if passed.any():
            found[far, column] = reach[far, column] >= ranked[passed].min()
    return found


def _levels(count: int, alpha: float, correction: str) -> Floats:
    """Return the p-value that each rank, the smallest p first, may have at most."""
    rank = np.arange(1, count + 1)
    if correction == "holm":
        return np.asarray(alpha / (count + 1 - rank), dtype=np.float64)
    if correction == "bonferroni":
        return np.full(count, alpha / count)
    harmonic = float((1 / rank).sum()) if correction == "by" else 1.0
    return np.asarray(rank * (alpha / (count * harmonic)), dtype=np.float64)


def permutations_needed(tests: int, *, alpha: float, correction: str = "bh") -> int:
    """Return how many permutations allow a single test among many to be a discovery.

    With P permutations no p-value is below 1 / (P + 1), and the smallest of ``n`` must be at most
    ``alpha / n`` (Benjamini-Yekutieli: ``alpha / (n (1 + 1/2 + … + 1/n))``) to stand alone.

    Parameters
    ----------
    tests
        How many tests there are, 0 or more.
    alpha
        Level, between 0 and 1.
    correction
        As in :func:`adjusted`.

    Examples
    --------
    >>> permutations_needed(10_000, alpha=0.05)
    199999
    """
    refuse(*level_faults(alpha, correction))
    if tests == 0:
        return 0
    first = float(_levels(tests, alpha, correction)[0])
    return max(math.ceil(1 / first * (1 - 1e-12)) - 1, 0)


def permutation_floor(
    tests: int, permutations: int, *, alpha: float, correction: str = "bh"
) -> tuple[Notice, ...]:
    """Return a notice where permutations are too few for any test to be a discovery by itself.

    Parameters
    ----------
    tests
        How many tests there are.
    permutations
        How many permutations each p-value is from, 1 or more.
    alpha, correction
        As in :func:`permutations_needed`.

    Returns
    -------
    notices
        None; or one: ``permutation_floor`` where several tests at the floor together would be
        discoveries, ``permutation_floor_closed`` where nothing can be one.

    Examples
    --------
    >>> [each.values["needed"] for each in permutation_floor(1000, 999, alpha=0.05)]
    [19999]
    >>> permutation_floor(20, 999, alpha=0.05)
    ()
    """
    needed = permutations_needed(tests, alpha=alpha, correction=correction)
    if permutations >= needed:
        return ()
    together = math.ceil((needed + 1) / (permutations + 1))
    values = {
        "tests": tests,
        "permutations": permutations,
        "floor": f"{1 / (permutations + 1):.2g}",
        "needed": needed,
        "together": together,
    }
    some = correction in ("bh", "by") and together <= tests
    code = "permutation_floor" if some else "permutation_floor_closed"
    return (Notice(code, item="permutations", values=values),)


def level_faults(alpha: float, correction: str) -> tuple[Notice, ...]:
    """Return what is wrong with a level and the name of a correction.

    Parameters
    ----------
    alpha
        Share of false discoveries, or probability of one: above 0 and below 1.
    correction
        As in :func:`adjusted`.

    Examples
    --------
    >>> [each.item for each in level_faults(5, "fdr")]
    ['alpha', 'correction']
    """
    faults = []
    if not 0 < alpha < 1:
        limits = {"found": alpha, "low": 0, "high": 1}
        faults.append(Notice("parameter_out_of_range", item="alpha", values=limits))
    if correction not in CORRECTIONS:
        values = {"found": correction, "accepted": near(str(correction), CORRECTIONS)}
        faults.append(Notice("name_unknown", item="correction", values=values))
    return tuple(faults)


def permutation_faults(permutations: object, seed: object) -> tuple[Notice, ...]:
    """Return what is wrong with a number of permutations, and with their seed.

    Parameters
    ----------
    permutations
        A whole number from 0 to ten million.
    seed
        A whole number, 0 or more.

    Examples
    --------
    >>> [each.item for each in permutation_faults(-1, 0.5)]
    ['permutations', 'seed']
    """
    given = (("permutations", permutations, MOST_PERMUTATIONS), ("seed", seed, _MOST_SEED))
    return tuple(
        Notice("parameter_out_of_range", item=item, values={"found": found, "low": 0, "high": most})
        for item, found, most in given
        if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= most
    )


def refuse(*faults: Notice) -> None:
    """Raise one error with all faults, if there is any.

    Parameters
    ----------
    faults
        What is wrong with the arguments of a call.

    Raises
    ------
    ParameterError
        If there is one fault or more.

    Examples
    --------
    >>> refuse()
    """
    if faults:
        raise ParameterError(*faults)
