"""The door of the statistics: a table of numbers and its weights, checked once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice, near

Floats = npt.NDArray[np.float64]
Reason = Literal["", "missing", "single", "constant", "few", "collinear", "cancelling"]

# Values that differ by less than this share of their size differ by rounding.
_SAME = 1e-12


def opened(table: pd.DataFrame, weights: pd.Series[float] | None) -> tuple[Floats, Floats]:
    """Return the numbers of a table and the weights of its rows, rows of weight 0 dropped.

    Parameters
    ----------
    table
        Cells by column; NaN where missing.
    weights
        Weight of each cell; 1 for all if ``None``.

    Returns
    -------
    values, weights
        Shapes ``(n, k)`` and ``(n,)``.

    Raises
    ------
    ParameterError
        With every fault: columns of something else than finite numbers, columns of one name,
        weights that are negative, missing, infinite, all 0, or of other cells.

    Examples
    --------
    >>> opened(pd.DataFrame({"a": [1.0, 2.0]}), pd.Series([0.0, 3.0]))
    (array([[2.]]), array([3.]))
    """
    faults = [*_table_faults(table), *_weight_faults(table, weights)]
    if faults:
        raise ParameterError(*faults)
    values: Floats = table.to_numpy(np.float64, na_value=np.nan)
    if weights is None:
        return values, np.ones(len(values))
    weight = np.asarray(weights, np.float64)
    counted = weight > 0
    return values[counted], weight[counted]


def _table_faults(table: pd.DataFrame) -> Iterator[Notice]:
    """Yield what makes a table no table of numbers."""
    twice = table.columns[table.columns.duplicated()].unique()
    if len(twice):
        yield Notice("columns_repeated", item=near("", map(str, twice)))
    numeric = [pd.api.types.is_numeric_dtype(dtype) for dtype in table.dtypes]
    numbers = table.loc[:, numeric].to_numpy(np.float64, na_value=np.nan)
    endless = iter(np.isinf(numbers).any(axis=0))
    for name, dtype, fits in zip(table.columns, table.dtypes, numeric, strict=True):
        if not fits:
            yield Notice("column_not_numeric", item=str(name), values={"found": str(dtype)})
        elif next(endless):
            yield Notice("column_not_numeric", item=str(name), values={"found": "inf"})


def _weight_faults(table: pd.DataFrame, weights: pd.Series[float] | None) -> Iterator[Notice]:
    """Yield what keeps weights from weighing a table."""
    if weights is None:
        return
    if not weights.index.equals(table.index):
        yield Notice("weights_of_other_cells", item="weights")
    found = weights.to_numpy(np.float64, na_value=np.nan)
    wrong = int((~np.isfinite(found) | (found < 0)).sum())
    if wrong:
        yield Notice("weights_unusable", item="weights", values={"count": wrong})
    elif len(found) and not found.sum() > 0:
        yield Notice("weights_all_zero", item="weights")


def drawn_apart(values: Floats, names: pd.Index[str]) -> dict[str, Reason]:
    """Return the columns that nothing can vary with, and why: no value, one cell, one value.

    Parameters
    ----------
    values
        Shape ``(n, k)``, NaN where missing.
    names
        The ``k`` columns.

    Examples
    --------
    >>> drawn_apart(np.array([[1.0, 5.0], [2.0, 5.0]]), pd.Index(["a", "b"]))
    {'b': 'constant'}
    """
    found: dict[str, Reason] = {}
    for at, name in enumerate(names):
        known = values[~np.isnan(values[:, at]), at]
        if known.size == 0:
            found[str(name)] = "missing"
        elif known.size == 1:
            found[str(name)] = "single"
        elif np.ptp(known) <= _SAME * np.abs(known).max():
            found[str(name)] = "constant"
    return found


def rows_of(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table, each with its index under the index's name.

    Examples
    --------
    >>> table = pd.DataFrame({"r": [0.5]}, index=pd.Index(["a"], name="node"))
    >>> list(rows_of(table))
    [{'node': 'a', 'r': 0.5}]
    """
    for record in table.reset_index().to_dict("records"):
        yield {str(key): value for key, value in record.items()}
