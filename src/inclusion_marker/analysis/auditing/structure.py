"""What a group of columns is made of: sampling adequacy, variance inflation, principal components.

All three are taken of the cells that have every column (:func:`coherence.complete`): they need the
inverse or the eigenvalues of a correlation matrix, and one made pair by pair may have neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from inclusion_marker.analysis.auditing.coherence import Complete, complete
from inclusion_marker.analysis.auditing.door import Floats, Reason

# 1 - R² below this: a column is made of the others, but for rounding.
_COLLINEAR = 1e-10
# A correlation matrix with a smaller eigenvalue has no inverse to trust.
_SINGULAR = 1e-8
_LEAST_ITEMS = 3
_PAIR = 2


@dataclass(frozen=True, eq=False)
class Kmo:
    """The Kaiser-Meyer-Olkin measure of sampling adequacy.

    Attributes
    ----------
    overall
        0-1; NaN with a ``reason``.
    items
        By item, 0-1.
    n
        Complete cells that count.
    left_out
        Items that do not vary or have no value, and which of the two.
    reason
        ``""``; ``"few"`` (fewer than three items, or no more cells than items) or
        ``"collinear"`` (some items say the same: see :func:`vif` for which).
    """

    overall: float
    items: pd.Series[float]
    n: int
    left_out: Mapping[str, Reason]
    reason: Reason


def kmo(table: pd.DataFrame, weights: pd.Series[float] | None = None) -> Kmo:
    r"""Return how far the correlations of a group are shared, not of pairs alone.

    .. math:: KMO = \frac{\sum_{i \ne j} r_{ij}^2}{\sum_{i \ne j} r_{ij}^2 + \sum_{i \ne j} q_{ij}^2}

    with the partial correlations :math:`q`. Of two items it is always one half and says nothing, so
    that three are asked for.

    Parameters
    ----------
    table
        Cells by column; cells with a missing value are left out.
    weights
        Weight of each cell; the same for all if ``None``.

    Raises
    ------
    ParameterError
        As :func:`inclusion_marker.analysis.auditing.coherence.associate`.

    References
    ----------
    Kaiser, H. F. (1974). An index of factorial simplicity. *Psychometrika*, 39(1), 31-36.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, 2, 4, 3], "c": [2.0, 1, 3, 4]})
    >>> kmo(table).overall
    0.6453556
    """  # noqa: E501 - a formula
    return kmo_of(complete(table, weights))


def kmo_of(found: Complete) -> Kmo:
    """Return the sampling adequacy of correlations that are there already; see :func:`kmo`.

    Examples
    --------
    >>> kmo_of(complete(pd.DataFrame({"a": [1.0, 2, 3], "b": [1.0, 3, 2]}))).reason
    'few'
    """
    matrix = found.correlation.to_numpy()
    empty = pd.Series(np.nan, index=pd.Index(found.names, name="item"))
    if len(matrix) < _LEAST_ITEMS or found.n <= len(matrix):
        return Kmo(float("nan"), empty, found.n, found.left_out, "few")
    if any(np.isinf(_inflation(matrix))):
        return Kmo(float("nan"), empty, found.n, found.left_out, "collinear")
    inverse = np.linalg.inv(matrix)
    partial = inverse / np.sqrt(np.outer(np.diag(inverse), np.diag(inverse)))
    off = ~np.eye(len(matrix), dtype=bool)
    shared, alone = matrix**2 * off, partial**2 * off
    whole = shared.sum() + alone.sum()
    if not whole > 0:
        return Kmo(float("nan"), empty, found.n, found.left_out, "few")
    both = shared.sum(axis=0) + alone.sum(axis=0)
    items = np.divide(shared.sum(axis=0), both, out=np.full(len(both), np.nan), where=both > 0)
    return Kmo(
        float(shared.sum() / whole),
        pd.Series(items, index=empty.index),
        found.n,
        found.left_out,
        "",
    )


def vif(table: pd.DataFrame, weights: pd.Series[float] | None = None) -> pd.DataFrame:
    r"""Return the variance inflation factor of each column: :math:`1 / (1 - R^2)` on the others.

    Parameters
    ----------
    table, weights
        As for :func:`kmo`.

    Returns
    -------
    factors
        By column of ``table``: ``vif`` (1 or more, infinite where a column is made of the others),
        ``r_squared``, ``n``, and ``reason``: why there is none, ``"collinear"`` where it is
        infinite.

    Raises
    ------
    ParameterError
        As :func:`inclusion_marker.analysis.auditing.coherence.associate`.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2, 3, 5], "b": [1.0, 4, 2, 3], "c": 7.0})
    >>> vif(table.assign(d=table.a + table.b))["reason"].tolist()
    ['collinear', 'collinear', 'constant', 'collinear']
    """
    order = [str(name) for name in table.columns]
    return vif_of(complete(table, weights)).reindex(order).rename_axis("item")


def vif_of(found: Complete) -> pd.DataFrame:
    """Return the variance inflation of correlations that are there already; see :func:`vif`.

    Columns that were left out come last.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1.0, 3, 2, 3]})
    >>> vif_of(complete(table))["vif"].round(3).tolist()
    [1.833, 1.833]
    """
    factors = pd.DataFrame(
        {"vif": np.nan, "r_squared": np.nan, "n": found.n, "reason": "few"},
        index=pd.Index([*found.names, *found.left_out], name="item"),
    )
    for name, why in found.left_out.items():
        factors.loc[name, "reason"] = why
    if len(found.names) >= _PAIR and found.n > len(found.names):
        each = _inflation(found.correlation.to_numpy())
        factors.loc[found.names, "vif"] = each
        factors.loc[found.names, "r_squared"] = 1 - 1 / each
        factors.loc[found.names, "reason"] = np.where(np.isinf(each), "collinear", "")
    return factors


def _inflation(matrix: Floats) -> Floats:
    """Return the variance inflation of each column of a correlation matrix."""
    if np.linalg.eigvalsh(matrix)[0] > _SINGULAR:
        inflated: Floats = np.maximum(np.diag(np.linalg.inv(matrix)), 1.0)
        return inflated
    every = np.arange(len(matrix))
    left = np.empty(len(matrix))
    for i in every:
        others = matrix[np.ix_(every != i, every != i)]
        row = matrix[i, every != i]
        left[i] = 1 - row @ np.linalg.pinv(others, rcond=_COLLINEAR, hermitian=True) @ row
    return np.where(left > _COLLINEAR, 1 / np.clip(left, _COLLINEAR, 1.0), np.inf)


@dataclass(frozen=True, eq=False)
class Components:
    """Principal components of standardised columns.

    Attributes
    ----------
    eigenvalues
        Largest first; they sum to the number of columns.
    shares
        Share of the variance of each component, 0-1.
    loadings
        Columns by component (``1``, ``2`` …): their correlations. A component points to where most
        of its loadings do.
    n
        Complete cells that count.
    left_out
        Columns that do not vary or have no value, and which of the two.
    """

    eigenvalues: Floats
    shares: Floats
    loadings: pd.DataFrame
    n: int
    left_out: Mapping[str, Reason]


def components(table: pd.DataFrame, weights: pd.Series[float] | None = None) -> Components:
    """Return the principal components of the correlations of a table.

    Parameters
    ----------
    table, weights
        As for :func:`kmo`.

    Raises
    ------
    ParameterError
        As :func:`inclusion_marker.analysis.auditing.coherence.associate`.

    References
    ----------
    OECD/JRC (2008), *Handbook on Constructing Composite Indicators*, Table 7.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2, 3], "b": [3.0, 2, 1]})
    >>> components(table).eigenvalues.round(9)
    array([2., 0.])
    """
    return components_of(complete(table, weights))


def components_of(found: Complete) -> Components:
    """Return the components of correlations that are there already; see :func:`components`.

    Examples
    --------
    >>> components_of(complete(pd.DataFrame({"a": [1.0, 2, 3], "b": [1.0, 2, 3]}))).shares
    array([1., 0.])
    """
    if not found.names:
        nothing = np.empty(0)
        return Components(nothing, nothing, found.correlation, found.n, found.left_out)
    values, vectors = np.linalg.eigh(found.correlation.to_numpy())
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    # Cubes, so that a pair of equal loadings of both signs leaves the word to the others.
    sign = np.where((vectors**3).sum(axis=0) < 0, -1.0, 1.0)
    return Components(
        values,
        values / len(values),
        pd.DataFrame(
            vectors * sign * np.sqrt(values),
            index=pd.Index(found.names, name="item"),
            columns=range(1, len(values) + 1),
        ),
        found.n,
        found.left_out,
    )
