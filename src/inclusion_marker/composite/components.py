"""Weights from principal components: the first one, and several of them rotated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.composite.proposals import Floats, Observed, Proposal, moments, observe
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice

# How many components the Handbook keeps: those that each explain this share of the variance, and
# more until together they explain that one.
_EACH, _TOGETHER = 0.10, 0.60
# A loading nearer to 0 is 0 but for rounding.
_NIL = 1e-9
# Varimax ends when no plane turns by more than this, in radians; a dozen sweeps is usual.
_SETTLED, _MOST_SWEEPS = 1e-12, 500


@dataclass(frozen=True, eq=False)
class Components(Proposal):
    """Weights from principal components, and the components.

    Attributes
    ----------
    eigenvalues
        Variance of each component, largest first; their sum is the number of indicators.
    loadings
        Indicators that vary by component (``component_1`` …), in the order of the table.
    """

    eigenvalues: Floats
    loadings: pd.DataFrame


def pca(table: pd.DataFrame, people: pd.Series[float] | None = None) -> Components:
    r"""Return the weights of the first principal component of the standardised indicators.

    The weights are its loadings over their sum. Where one of them is negative there are none: an
    index that falls when one of its indicators improves is no index, and taking the size of the
    number would hide that the indicator runs against its group. The notice names it and says its
    loading.

    Parameters
    ----------
    table
        Cells by indicator of one group; see :func:`observe` for missing values and constants.
    people
        People of each cell: they weigh the correlations. Without it each cell counts alike.

    Returns
    -------
    components
        ``loadings`` are eigenvectors of unit length, each turned so that they sum to 0 or more:
        the way in which most of the indicators run.

    Raises
    ------
    ParameterError
        As :func:`observe`.

    References
    ----------
    Handbook (OECD/JRC 2008), step 4. Whether the first component stands clear of the second: North,
    G. R., et al. (1982). Sampling errors in the estimation of empirical orthogonal functions.
    *Monthly Weather Review*, 110(7), 699-706.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [2.0, 1, 3, 4], "c": [1.0, 2, 4, 3]})
    >>> pca(table).weights.round(3).tolist()
    [0.352, 0.324, 0.324]
    """
    seen = observe(table, people)
    if not seen.names:
        return _without(seen)
    variances, vectors = _components(seen)
    first = vectors[:, 0]
    notices = [*_small(seen), *_unclear(seen, variances)]
    against = np.flatnonzero(first < -_NIL)
    notices += [
        Notice("weight_negative", item=seen.names[i], values={"loading": float(first[i])})
        for i in against
    ]
    weights = np.full(len(first), np.nan) if len(against) else first / first.sum()
    # An indicator that has nothing to do with the component weighs nothing, and not -1e-17.
    return _record(seen, np.maximum(weights, 0.0), notices, variances, vectors)


def factor_weights(
    table: pd.DataFrame, people: pd.Series[float] | None = None, *, components: int | None = None
) -> Components:
    r"""Return weights from several rotated principal components, as the Handbook does.

    The components are rotated by varimax with Kaiser normalisation; the weight of an indicator is
    its largest squared loading, over the sum of those of all:
    :math:`w_i = \max_f b_{if}^2 / \sum_j \max_f b_{jf}^2`. Squares hide signs: a notice names each
    indicator that runs against the component by which it is weighed.

    Parameters
    ----------
    table, people
        As for :func:`pca`.
    components
        How many are kept; by default those that each explain more than 10 % of the variance, and
        more until together they explain 60 %.

    Returns
    -------
    components
        ``loadings`` are the rotated ones (correlations with the components), each turned so that
        they sum to 0 or more, in the order in which varimax leaves them.

    Raises
    ------
    ParameterError
        As :func:`observe`, and if there are not so many components.

    Notes
    -----
    The Handbook's Table 18 follows from the largest loadings of its Table 9, as here. Its text
    assigns an indicator by its squared loading over the variance of the component, which differs
    for one of eight: exports weigh 0.05 by it, and 0.07 in the table.

    References
    ----------
    OECD/JRC (2008). *Handbook on Constructing Composite Indicators*, section 6.1. Nicoletti, G.,
    Scarpetta, S., & Boylaud, O. (2000). *OECD Economics Department Working Papers* 226. Kaiser,
    H. F. (1958). The varimax criterion. *Psychometrika*, 23, 187-200.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"a": [1.0, 2, 3, 4, 5], "b": [1.0, 2, 3, 5, 4], "c": [3.0, 1, 4, 2, 3]}
    ... )
    >>> factor_weights(table).weights.round(2).tolist()
    [0.33, 0.33, 0.34]
    """
    seen = observe(table, people)
    if components is not None and not 1 <= components <= max(len(seen.names), 1):
        found = {"found": components, "low": 1, "high": len(seen.names)}
        raise ParameterError(Notice("parameter_out_of_range", item="components", values=found))
    if not seen.names:
        return _without(seen)
    variances, vectors = _components(seen)
    kept = components or _kept(variances)
    loadings = _turned(varimax(vectors[:, :kept] * np.sqrt(np.maximum(variances[:kept], 0.0))))
    weights, by = by_largest_loading(loadings)
    main = loadings[np.arange(len(loadings)), by]
    notices = [*_small(seen)]
    notices += [
        Notice(
            "factor_reversed",
            item=seen.names[i],
            values={"loading": float(main[i]), "component": int(by[i]) + 1},
        )
        for i in np.flatnonzero(main < -_NIL)
    ]
    return _record(seen, weights, notices, variances, loadings)


def by_largest_loading(loadings: Floats) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Return the weight of each indicator by its largest loading, and the component that has it.

    Parameters
    ----------
    loadings
        Indicators by component, shape ``(k, m)``.

    Returns
    -------
    weights, components
        Shape ``(k,)`` each: squares over their sum, and positions.

    References
    ----------
    OECD/JRC (2008). *Handbook on Constructing Composite Indicators*, section 6.1, Table 18.

    Examples
    --------
    >>> weights, components = by_largest_loading(np.array([[0.8, 0.1], [0.6, 0.2], [0.0, 1.0]]))
    >>> weights.round(2), components
    (array([0.32, 0.18, 0.5 ]), array([0, 0, 1]))
    """
    squares = loadings**2
    largest = squares.max(axis=1)
    return largest / largest.sum(), squares.argmax(axis=1)


def varimax(loadings: Floats) -> Floats:
    """Return loadings rotated so that each indicator loads on few components.

    Parameters
    ----------
    loadings
        Indicators by component, shape ``(k, m)``.

    Returns
    -------
    rotated
        Same shape, the sums of squares of the rows kept. The largest sum of fourth powers within
        the columns, each row first brought to length 1 (Kaiser normalisation).

    References
    ----------
    Kaiser, H. F. (1958). The varimax criterion for analytic rotation in factor analysis.
    *Psychometrika*, 23(3), 187-200.

    Examples
    --------
    >>> np.abs(varimax(np.array([[0.6, 0.6], [0.6, 0.6], [0.5, -0.5]]))).round(3)
    array([[0.849, 0.   ],
           [0.849, 0.   ],
           [0.   , 0.707]])
    """
    length = np.sqrt(np.sum(loadings**2, axis=1, keepdims=True))
    unit = np.divide(loadings, length, out=np.zeros_like(loadings), where=length > 0)
    pairs = [*combinations(range(loadings.shape[1]), 2)]
    for _ in range(_MOST_SWEEPS):
        turned = 0.0
        for one, other in pairs:
            angle = _angle(unit[:, one], unit[:, other])
            if abs(angle) > _SETTLED:
                unit[:, [one, other]] @= _rotation(angle)
                turned = max(turned, abs(angle))
        if turned <= _SETTLED:
            break
    rotated: Floats = unit * length
    return rotated


def _angle(x: Floats, y: Floats) -> float:
    """Return the angle that brings two columns to the largest varimax in their plane (Kaiser)."""
    u, v = x**2 - y**2, 2 * x * y
    across = 2 * u @ v - 2 * u.sum() * v.sum() / len(u)
    along = u @ u - v @ v - (u.sum() ** 2 - v.sum() ** 2) / len(u)
    # Where both are 0 every angle does as well.
    return float(np.arctan2(across, along)) / 4 if np.hypot(across, along) > _SETTLED else 0.0


def _rotation(angle: float) -> Floats:
    """Return the matrix that turns two columns by an angle."""
    sine, cosine = np.sin(angle), np.cos(angle)
    return np.array([[cosine, -sine], [sine, cosine]])


def _components(seen: Observed) -> tuple[Floats, Floats]:
    """Return the variances of the components, largest first, and their eigenvectors."""
    variances, vectors = np.linalg.eigh(moments(seen).correlations)
    return variances[::-1], _turned(vectors[:, ::-1])


def _turned(loadings: Floats) -> Floats:
    """Return loadings with each component running the way of most of its indicators."""
    sums = loadings.sum(axis=0)
    # Where they cancel out, by the first that is not 0.
    first = loadings[np.argmax(np.abs(loadings) > _NIL, axis=0), np.arange(loadings.shape[1])]
    turned: Floats = np.where(np.where(np.abs(sums) > _NIL, sums, first) < 0, -loadings, loadings)
    return turned


def _kept(variances: Floats) -> int:
    """Return how many components the Handbook keeps."""
    shares = variances / variances.sum()
    enough = int(np.searchsorted(np.cumsum(shares), _TOGETHER - 1e-12)) + 1
    return max(int(np.sum(shares > _EACH)), enough)


def _small(seen: Observed) -> Iterator[Notice]:
    """Yield a notice if there are no more cells than indicators."""
    cells, indicators = seen.values.shape
    if cells <= indicators and indicators > 1:
        yield Notice("weights_few_cells", values={"cells": cells, "indicators": indicators})


def _unclear(seen: Observed, variances: Floats) -> Iterator[Notice]:
    """Yield a notice if the first component is not told apart from the second."""
    if len(variances) > 1:
        # North's rule: a variance is known to within itself times the root of 2 / n.
        error = variances[0] * np.sqrt(2.0 * np.sum(seen.people**2))
        if variances[0] - variances[1] < error:
            first, second = variances[:2].tolist()
            found = {"first": first, "second": second, "error": float(error)}
            yield Notice("component_unclear", values=found)


def _without(seen: Observed) -> Components:
    """Return the record of a table of which nothing varies."""
    found = seen.nothing("vary" if len(seen.values) else "cells")
    return Components(found.weights, found.cells, found.notices, np.empty(0), pd.DataFrame())


def _record(
    seen: Observed, weights: Floats, notices: list[Notice], variances: Floats, loadings: Floats
) -> Components:
    """Return the components as tables by indicator."""
    found = seen.proposal(weights, *notices)
    names = [f"component_{number}" for number in range(1, loadings.shape[1] + 1)]
    in_order = [each for each in map(str, seen.columns) if each in seen.names]
    by_indicator = pd.DataFrame(loadings, index=list(seen.names), columns=names).loc[in_order]
    return Components(found.weights, found.cells, found.notices, variances, by_indicator)
