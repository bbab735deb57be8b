"""Tables that weights can be drawn from, and the record of weights that they propose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice
from inclusion_marker.texts import phrase

Floats = npt.NDArray[np.float64]

# Values that differ by less than this share of the largest differ by rounding alone.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Proposal:
    """Weights that a table proposes: to be laid beside the weights of a method, never to be used.

    Attributes
    ----------
    weights
        By indicator, in the order of the table; they sum to 1. Missing for an indicator without
        values, and for all where nothing can be proposed: ``notices`` say why.
    cells
        Number of cells that they are drawn from: inhabited, every indicator observed.
    notices
        What should be known before they are looked at.
    """

    weights: pd.Series[float]
    cells: int
    notices: tuple[Notice, ...]


@dataclass(frozen=True, eq=False)
class Observed:
    """The cells and indicators of a table that weights can be drawn from.

    Attributes
    ----------
    names
        Indicators that vary, in alphabetical order, so that the order of the table changes nothing.
    values
        Their values, cells by indicators, none missing, shape ``(n, k)``.
    people
        Share of the people in each cell, shape ``(n,)``, sums to 1.
    columns
        All indicators of the table, as it labels them.
    constant
        Indicators with one value in all cells: they weigh 0.
    notices
        What was left out.
    """

    names: tuple[str, ...]
    values: Floats
    people: Floats
    columns: pd.Index[str]
    constant: tuple[str, ...]
    notices: tuple[Notice, ...]

    def proposal(self, weights: Floats, *notices: Notice) -> Proposal:
        """Return the weights of ``names`` as those of the whole table."""
        proposed = len(weights) > 0 and bool(np.all(np.isfinite(weights)))
        found = dict.fromkeys(self.constant, 0.0) if proposed else {}
        found |= dict(zip(self.names, weights.tolist(), strict=True))
        of_all = [found.get(str(each), np.nan) for each in self.columns]
        column = pd.Series(of_all, index=self.columns, name="weight", dtype=np.float64)
        return Proposal(column, len(self.values), (*self.notices, *notices))

    def nothing(self, reason: str) -> Proposal:
        """Return a proposal without weights, and why there are none."""
        notice = Notice("weights_none", values={"reason": phrase(f"weights_none_{reason}")})
        return self.proposal(np.full(len(self.names), np.nan), notice)


def observe(table: pd.DataFrame, people: pd.Series[float] | None = None) -> Observed:
    """Return the cells and indicators of a table that weights can be drawn from.

    Parameters
    ----------
    table
        Cells by indicator, numbers, missing as NaN. An indicator without any value is left out;
        then each cell that lacks one.
    people
        People of each cell, same index; cells without people do not count. Without it each cell
        counts alike, as do the units of the published tables.

    Raises
    ------
    ParameterError
        With every column that is there twice, holds no numbers or infinite ones, and for people
        that are negative or of other cells.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2, 3], "b": [5.0, np.nan, 4], "c": [7.0, 7, 7]})
    >>> seen = observe(table)
    >>> seen.names, seen.values.tolist(), seen.constant
    (('a', 'b'), [[1.0, 5.0], [3.0, 4.0]], ('c',))
    """
    faults = [*_table_faults(table), *_people_faults(table, people)]
    if faults:
        raise ParameterError(*faults)
    values = table.to_numpy(np.float64, na_value=np.nan)
    lived = np.ones(len(table)) if people is None else people.to_numpy(np.float64, na_value=0.0)
    lived = np.nan_to_num(lived, nan=0.0)
    columns = tuple(map(str, table.columns))
    held = ~np.isnan(values)
    empty = ~np.any(held & (lived > 0)[:, None], axis=0)
    whole = np.all(held | empty, axis=1) & ~np.all(empty)
    counted = whole & (lived > 0)
    # A table lies in memory by column; its cells are copied only if some are left out.
    kept = values if np.all(counted) else np.compress(counted, values.T, axis=1).T
    low, high = kept.min(axis=0, initial=np.inf), kept.max(axis=0, initial=-np.inf)
    with np.errstate(invalid="ignore"):
        still = ~empty & (high - low <= _ROUNDING * np.maximum(np.abs(low), np.abs(high)))
    moving = [i for i in np.argsort(columns) if not empty[i] and not still[i] and counted.any()]
    notices = [Notice("weights_indicator_empty", item=columns[i]) for i in np.flatnonzero(empty)]
    notices += [
        Notice("weights_indicator_constant", item=columns[i]) for i in np.flatnonzero(still)
    ]
    if not np.all(counted):
        missing, nobody = int(np.sum(~whole)), int(np.sum(whole & (lived <= 0)))
        found = {"used": len(kept), "total": len(table), "missing": missing, "nobody": nobody}
        notices.append(Notice("weights_cells_left_out", values=found))
    # By the largest first: huge counts would overflow their own sum.
    weight = lived[counted] / lived.max(initial=0.0) if len(kept) else np.empty(0)
    return Observed(
        tuple(columns[i] for i in moving),
        kept.T[moving].T,
        weight / weight.sum() if len(weight) else weight,
        table.columns,
        tuple(columns[i] for i in np.flatnonzero(still)),
        tuple(notices),
    )


def _table_faults(table: pd.DataFrame) -> Iterator[Notice]:
    """Yield what keeps a table from being one of numbers by indicator."""
    if not len(table.columns):
        yield refusal("table", 0, "fault_too_short", min_length=1, actual_length=0)
    names = pd.Series([str(name) for name in table.columns], dtype=object)
    for name in names[names.duplicated()].unique():
        yield refusal(name, name, "fault_column_twice")
    for position, (name, dtype) in enumerate(zip(table.columns, table.dtypes, strict=True)):
        if not pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_complex_dtype(dtype):
            yield refusal(str(name), dtype, "fault_column_of_numbers")
        elif np.any(np.isinf(table.iloc[:, position].to_numpy(np.float64, na_value=np.nan))):
            yield refusal(str(name), "inf", "fault_finite_number")


def _people_faults(table: pd.DataFrame, people: pd.Series[float] | None) -> Iterator[Notice]:
    """Yield what keeps people from being those of the table's cells."""
    if people is None:
        return
    if not people.index.equals(table.index):
        yield refusal("people", len(people), "fault_people_index")
    counts = people.to_numpy(np.float64, na_value=np.nan)
    if np.any(np.isinf(counts)) or np.any(counts < 0):
        yield refusal("people", float(np.nanmin(counts)), "fault_people_counts")


def refusal(item: str, found: object, reason: str, **values: object) -> Notice:
    """Return the notice of an argument that is not accepted, its reason a phrase of the catalogue.

    Examples
    --------
    >>> refusal("table", 0, "fault_too_short", min_length=1, actual_length=0).code
    'value_invalid'
    """
    said = {"found": str(found)[:80], "reason": phrase(reason, **values)}
    return Notice("value_invalid", item=item, values=said)


@dataclass(frozen=True, eq=False)
class Moments:
    """How the indicators that vary spread and go together, weighted by people.

    Attributes
    ----------
    deviations
        Standard deviations of the values by min-max over the cells (0-1), shape ``(k,)``.
    correlations
        Pearson's, shape ``(k, k)``, 1 on the diagonal.
    """

    deviations: Floats
    correlations: Floats


def moments(seen: Observed) -> Moments:
    """Return how the indicators that vary spread and go together.

    Examples
    --------
    >>> found = moments(observe(pd.DataFrame({"a": [10.0, 20, 30], "b": [1.0, 3, 2]})))
    >>> found.deviations.round(3), found.correlations[0].round(3)
    (array([0.408, 0.408]), array([1. , 0.5]))
    """
    rows = seen.values.T
    off = rows - _sums(rows, seen.people)[:, None]
    # Between 0 and 1 before they are squared, in whatever unit they come.
    off /= (rows.max(axis=1) - rows.min(axis=1))[:, None]
    common = np.zeros((len(off), len(off)))
    for i, one in enumerate(off):
        common[i, i:] = common[i:, i] = _sums(off[i:], one * seen.people)
    deviations = np.sqrt(np.diag(common))
    correlations = np.clip(common / np.outer(deviations, deviations), -1.0, 1.0)
    np.fill_diagonal(correlations, 1.0)
    return Moments(deviations, correlations)


def _sums(rows: Floats, weights: Floats) -> Floats:
    """Return the weighted sum of each row; not by BLAS, whose last bit may depend on threads."""
    sums: Floats = np.einsum("ji,i->j", rows, weights)
    return sums
