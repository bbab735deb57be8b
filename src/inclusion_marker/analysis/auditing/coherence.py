"""Do the parts of an index belong together: correlations, alpha, KMO, VIF, principal components.

Pure functions of a table of cells by column. ``weights`` are people or nothing: without them each
cell counts the same, as countries do in the handbooks whose figures these functions reproduce.
The audit of a city passes people, since a marker speaks of people, and an H3 grid has many cells in
which nobody lives. A cell of weight 0 does not count.

A statistic that cannot be taken is NaN with its reason beside it, one of :data:`REASONS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from inclusion_marker.analysis.auditing.door import Floats, Reason, drawn_apart, opened

REASONS: tuple[Reason, ...] = ("missing", "single", "constant", "few", "collinear", "cancelling")
"""Why there is no figure: no value at all; one cell; no variation; too few columns or cells to
tell; columns that say the same; columns that cancel each other out."""

Missing = Literal["complete", "pairwise"]

# A variance below this share of the whole is rounding, and a correlation of it noise.
_NIL = 1e-12


@dataclass(frozen=True, eq=False)
class Association:
    """Correlations of the columns of a table, each pair over the cells that have both.

    Attributes
    ----------
    correlation, covariance
        Columns by columns; NaN where a pair has none. The covariance is unbiased (n - 1).
    n
        Cells that count, columns by columns.
    share
        Share of all the weight that those cells hold, 0-1.
    left_out
        The columns without any correlation, and why.
    """

    correlation: pd.DataFrame
    covariance: pd.DataFrame
    n: pd.DataFrame
    share: pd.DataFrame
    left_out: Mapping[str, Reason]


def associate(table: pd.DataFrame, weights: pd.Series[float] | None = None) -> Association:
    """Return the Pearson correlations of all pairs of columns.

    Parameters
    ----------
    table
        Cells by column, numbers; a missing value leaves its cell out of the pairs of its column.
    weights
        Weight of each cell, same index, not negative; the same for all if ``None``.

    Raises
    ------
    ParameterError
        If a column holds anything but finite numbers and NaN, or the weights cannot weigh.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2, 3, 9], "b": [2.0, 4, 6, np.nan], "c": 5.0})
    >>> found = associate(table)
    >>> float(found.correlation.loc["a", "b"]), int(found.n.loc["a", "b"]), found.left_out
    (1.0, 3, {'c': 'constant'})
    """
    values, weight = opened(table, weights)
    correlation, covariance, n, held = _associated(values, weight)
    names = table.columns
    return Association(
        _square(correlation, names),
        _square(covariance, names),
        _square(n, names).astype(int),
        _square(held / weight.sum() if len(weight) else held, names),
        drawn_apart(values, names),
    )


def _associated(values: Floats, weight: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return correlations, covariances, cells and weights of all pairs of columns."""
    spread, centred = _centred(values, weight)
    both = (~np.isnan(values)).astype(np.float64)
    if both.all():
        return _whole(centred, spread, weight)
    held = (both * weight[:, None]).T @ both
    squared = (both * weight[:, None] ** 2).T @ both
    with np.errstate(divide="ignore", invalid="ignore"):
        # Entry (i, j) of each is a figure of column i over the cells that have j as well.
        mean = (centred * weight[:, None]).T @ both / held
        variance = (centred**2 * weight[:, None]).T @ both / held - mean**2
        common = (centred * weight[:, None]).T @ centred / held - mean * mean.T
        flat = ~((variance > _NIL) & (variance.T > _NIL))
        correlation = np.clip(common / np.sqrt(variance * variance.T), -1.0, 1.0)
        unbiased = held / (held - squared / held)
        covariance = common * unbiased * np.outer(spread, spread)
    correlation, covariance = (np.where(flat, np.nan, each) for each in (correlation, covariance))
    return correlation, covariance, both.T @ both, held


def _whole(
    centred: Floats, spread: Floats, weight: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return what :func:`_associated` does where no value is missing, in one product."""
    shape = (len(spread), len(spread))
    held = weight.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        common = (centred * weight[:, None]).T @ centred / held
        size = np.sqrt(np.diag(common))
        flat = ~np.logical_and.outer(size > 0, size > 0)
        correlation = np.clip(common / np.outer(size, size), -1.0, 1.0)
        unbiased = held / (held - weight @ weight / held)
        covariance = common * unbiased * np.outer(spread, spread)
    correlation, covariance = (np.where(flat, np.nan, each) for each in (correlation, covariance))
    return correlation, covariance, np.full(shape, float(len(weight))), np.full(shape, held)


def _centred(values: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return the spread of each column, and the columns in it around their mean, missing as 0."""
    present = ~np.isnan(values)
    known = np.where(present, values, 0.0)
    held = np.maximum(weight @ present, np.finfo(float).tiny)
    off = np.where(present, values - weight @ known / held, 0.0)
    # Scaled by the largest first, so that squares of huge and of tiny values stay numbers.
    size = np.abs(off).max(axis=0, initial=0.0)
    off = off / np.where(size > 0, size, 1.0)
    deviation = np.sqrt(weight @ off**2 / held)
    still = np.where(size > _NIL * np.abs(known).max(axis=0, initial=0.0), deviation, 0.0)
    return size * still, np.divide(off, still, out=np.zeros_like(off), where=still > 0)


def _square(values: Floats, names: pd.Index[str]) -> pd.DataFrame:
    """Return a matrix of columns by columns."""
    return pd.DataFrame(values, index=names, columns=names)


def correlations(table: pd.DataFrame, weights: pd.Series[float] | None = None) -> pd.DataFrame:
    """Return the correlation of each pair of columns, one row a pair.

    Parameters
    ----------
    table, weights
        As for :func:`associate`.

    Returns
    -------
    pairs
        ``first``, ``second`` (in the order of the columns), ``r``, ``n``, ``share`` of the weight,
        and ``reason``: empty, or why ``r`` is missing.

    Raises
    ------
    ParameterError
        As :func:`associate`.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2, 3], "b": [3.0, 2, 1], "c": 5.0})
    >>> correlations(table)[["first", "second", "r", "reason"]].values.tolist()
    [['a', 'b', -1.0, ''], ['a', 'c', nan, 'constant'], ['b', 'c', nan, 'constant']]
    """
    found = associate(table, weights)
    first, second = np.triu_indices(table.shape[1], k=1)
    names = table.columns.to_numpy()
    r = found.correlation.to_numpy()[first, second]
    n = found.n.to_numpy()[first, second]
    few = np.where(n == 0, "missing", np.where(n == 1, "single", "constant"))
    return pd.DataFrame(
        {
            "first": names[first],
            "second": names[second],
            "r": r,
            "n": n,
            "share": found.share.to_numpy()[first, second],
            "reason": np.where(np.isnan(r), few, ""),
        }
    )


@dataclass(frozen=True, eq=False)
class Complete:
    """The correlations of those columns that have any, over the cells that have all of them.

    A matrix of correlations taken pair by pair need not be the matrix of any table, and its inverse
    can be anything; what needs the inverse is taken of the cells that are complete.
    """

    correlation: pd.DataFrame
    covariance: pd.DataFrame
    n: int
    share: float
    left_out: Mapping[str, Reason]

    @property
    def names(self) -> list[str]:
        """Return the columns that are in it."""
        return [str(name) for name in self.correlation.columns]


def complete(table: pd.DataFrame, weights: pd.Series[float] | None = None) -> Complete:
    """Return the correlations over the cells without a missing value; see :class:`Complete`.

    Columns without any value, and those that do not vary among the complete cells, are left out
    and named; the cells that they alone held back come in again.

    Parameters
    ----------
    table, weights
        As for :func:`associate`.

    Raises
    ------
    ParameterError
        As :func:`associate`.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [2.0, 4, 7, np.nan], "c": np.nan})
    >>> found = complete(table)
    >>> found.names, found.n, found.left_out
    (['a', 'b'], 3, {'c': 'missing'})
    """
    values, weight = opened(table, weights)
    names = np.array([str(name) for name in table.columns], dtype=object)
    left_out: dict[str, Reason] = dict(drawn_apart(values, table.columns))
    while True:
        kept = np.array([name not in left_out for name in names], dtype=bool)
        whole = ~np.isnan(values[:, kept]).any(axis=1) & kept.any()
        still = drawn_apart(values[np.ix_(whole, kept)], pd.Index(names[kept]))
        if not still:
            break
        # Columns that are never there together have values, and still tell nothing.
        left_out |= {name: "few" if not whole.any() else why for name, why in still.items()}
    found = _associated(values[np.ix_(whole, kept)], weight[whole])
    return Complete(
        _square(found[0], pd.Index(names[kept])),
        _square(found[1], pd.Index(names[kept])),
        int(whole.sum()),
        float(weight[whole].sum() / weight.sum()) if whole.any() else 0.0,
        {name: left_out[name] for name in names if name in left_out},
    )


@dataclass(frozen=True, eq=False)
class Cronbach:
    """Cronbach's alpha of a group of items.

    Attributes
    ----------
    raw, standardised
        Alpha of the covariances and of the correlations; NaN with a ``reason``.
    items
        By item: ``raw_without`` and ``standardised_without``, alpha when the item is dropped (NaN
        where one item would be left); ``item_rest`` and ``item_rest_standardised``, its
        correlation with the sum of the others.
    n
        Cells that count: the complete ones, or the fewest of any pair.
    left_out
        Items that do not vary or have no value, and which of the two.
    reason
        Empty, or why there is no alpha.
    """

    raw: float
    standardised: float
    items: pd.DataFrame
    n: int
    left_out: Mapping[str, Reason]
    reason: Reason


def cronbach(
    table: pd.DataFrame,
    weights: pd.Series[float] | None = None,
    *,
    missing: Missing = "complete",
) -> Cronbach:
    r"""Return Cronbach's alpha: how far the items of a group measure one thing.

    .. math:: \alpha = \frac{k}{k-1} \Bigl(1 - \frac{\sum_i C_{ii}}{\sum_{ij} C_{ij}}\Bigr)

    Parameters
    ----------
    table, weights
        As for :func:`associate`; the columns are the items, scored in one direction.
    missing
        ``"complete"``: over the cells that have all items; ``"pairwise"``: each covariance over
        the cells that have both, as COINr and psych do.

    Raises
    ------
    ParameterError
        As :func:`associate`.

    References
    ----------
    Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. *Psychometrika*,
    16(3), 297-334. OECD/JRC (2008), *Handbook on Constructing Composite Indicators*, Table 11.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2, 3], "b": [1.0, 2, 3], "c": [1.0, 2, 3]})
    >>> round(cronbach(table).raw, 12)
    1.0
    """
    found = complete(table, weights) if missing == "complete" else associate(table, weights)
    return alpha_of(found)


def alpha_of(found: Complete | Association) -> Cronbach:
    """Return Cronbach's alpha of correlations that are there already; see :func:`cronbach`.

    Examples
    --------
    >>> alpha_of(complete(pd.DataFrame({"a": [1.0, 2, 3], "b": [1.0, 3, 2]}))).raw
    0.666666666
    """
    kept = [name for name in found.correlation.columns if name not in found.left_out]
    n = found.n if isinstance(found, Complete) else _fewest(found.n.loc[kept, kept])
    raw = found.covariance.loc[kept, kept].to_numpy()
    standard = found.correlation.loc[kept, kept].to_numpy()
    alphas = _alpha(raw), _alpha(standard)
    items = pd.DataFrame(
        {
            "raw_without": _without(raw),
            "standardised_without": _without(standard),
            "item_rest": _item_rest(raw),
            "item_rest_standardised": _item_rest(standard),
        },
        index=pd.Index(kept, name="item"),
    )
    few: Reason = "few" if len(kept) < 2 else "cancelling"  # noqa: PLR2004 - a pair
    reason: Reason = few if np.isnan(alphas).any() else ""
    return Cronbach(*alphas, items, n, found.left_out, reason)


def _fewest(n: pd.DataFrame) -> int:
    """Return the cells of the pair that has the fewest."""
    return int(n.to_numpy().min()) if n.size else 0


def _alpha(matrix: Floats) -> float:
    """Return alpha of a matrix of covariances, NaN for one item or items that sum to nothing."""
    k, total, own = len(matrix), matrix.sum(), np.trace(matrix)
    if k < 2 or not total > _NIL * own:  # noqa: PLR2004 - a pair
        return float("nan")
    return float(k / (k - 1) * (1 - own / total))


def _without(matrix: Floats) -> list[float]:
    """Return alpha without each item in turn."""
    every = np.arange(len(matrix))
    return [_alpha(matrix[np.ix_(every != i, every != i)]) for i in every]


def _item_rest(matrix: Floats) -> Floats:
    """Return the correlation of each item with the sum of the others, NaN where that is flat."""
    own, row = np.diag(matrix), matrix.sum(axis=1)
    rest = matrix.sum() - 2 * row + own
    least = _NIL * own.sum()
    r = np.divide(
        row - own,
        np.sqrt(own * np.where(rest > least, rest, 1.0)),
        out=np.full(len(matrix), np.nan),
        where=rest > least,
    )
    within: Floats = np.clip(r, -1.0, 1.0)
    return within
