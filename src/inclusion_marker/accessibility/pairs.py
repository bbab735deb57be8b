"""Travel times between origins and facilities as a list of the pairs that are connected."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from inclusion_marker.accessibility.arguments import out_of_range, refuse, wrong_kind

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Costs:
    """Minutes from origins to facilities, only the pairs that are connected.

    Pairs are sorted by origin, then by facility, so that sums do not depend on the order in which
    they came. Memory is that of the pairs; no measure makes a full matrix of them.

    Parameters
    ----------
    row, column
        Position of the origin and of the facility, shape ``(p,)``; each pair at most once.
    minutes
        Shape ``(p,)``, finite, 0 or more.
    shape
        Number of origins and of facilities.

    Raises
    ------
    ParameterError
        If lengths differ, a position is outside ``shape``, a pair comes twice, or a time is
        negative or not finite.

    Examples
    --------
    >>> costs = Costs(np.array([1, 0]), np.array([0, 0]), np.array([4.0, 9.0]), (3, 1))
    >>> costs.minutes
    array([9., 4.])
    """

    row: Ints
    column: Ints
    minutes: Floats
    shape: tuple[int, int]

    def __post_init__(self) -> None:
        """Check the pairs and sort them."""
        row = np.asarray(self.row, np.int64)
        column = np.asarray(self.column, np.int64)
        minutes = np.asarray(self.minutes, np.float64)
        if not row.shape == column.shape == minutes.shape == (row.size,):
            found = f"{row.shape}, {column.shape}, {minutes.shape}"
            refuse([wrong_kind("Costs", found, "(p,), (p,), (p,)")])
        for name, each, count in (("row", row, self.shape[0]), ("column", column, self.shape[1])):
            outside = each[(each < 0) | (each >= count)]
            refuse(out_of_range(f"Costs.{name}", int(k), 0, count - 1) for k in outside[:1])
        wrong = minutes[~(np.isfinite(minutes) & (minutes >= 0))]
        refuse(out_of_range("Costs.minutes", float(k), 0, math.inf) for k in wrong[:1])
        pair = row * self.shape[1] + column
        order = np.argsort(pair, kind="stable")
        again = np.flatnonzero(np.diff(pair[order]) == 0)
        refuse(
            wrong_kind("Costs", f"({row[k]}, {column[k]}), twice", f"({row[k]}, {column[k]})")
            for k in order[again[:1]]
        )
        object.__setattr__(self, "row", row[order])
        object.__setattr__(self, "column", column[order])
        object.__setattr__(self, "minutes", minutes[order])

    @classmethod
    def of(cls, minutes: Floats | sparse.coo_array | sparse.csr_array) -> Costs:
        """Return the connected pairs of a table of minutes, origins in rows.

        Parameters
        ----------
        minutes
            Shape ``(n, m)``: an array with NaN or infinity where there is no way; or a sparse
            array, where what is stored is connected (a stored 0 too) and what is not is not.

        Raises
        ------
        ParameterError
            If there are not two dimensions, or as for the class.

        Examples
        --------
        >>> Costs.of(np.array([[5.0, np.nan], [0.0, 7.0]])).column
        array([0, 0, 1])
        """
        if sparse.issparse(minutes):
            stored = sparse.coo_array(minutes)
            row, column = (np.asarray(each, np.int64) for each in stored.coords)
            return cls(row, column, stored.data, (int(stored.shape[0]), int(stored.shape[1])))
        dense = np.asarray(minutes, np.float64)
        if dense.ndim != 2:  # noqa: PLR2004 - rows and columns
            refuse([wrong_kind("minutes", f"shape {dense.shape}", "shape (n, m)")])
        row, column = np.nonzero(~(np.isnan(dense) | np.isposinf(dense)))
        return cls(row, column, dense[row, column], (dense.shape[0], dense.shape[1]))

    def transposed(self) -> Costs:
        """Return the same pairs seen from the facilities: passive measures, or the way back.

        Examples
        --------
        >>> Costs.of(np.array([[5.0, 8.0]])).transposed().shape
        (2, 1)
        """
        return Costs(self.column, self.row, self.minutes, self.shape[::-1])

    def by_origin(self, values: Floats) -> Floats:
        """Return the sum over the pairs of each origin, shape ``(n,)``.

        Examples
        --------
        >>> costs = Costs.of(np.array([[5.0, 8.0]]))
        >>> costs.by_origin(costs.minutes)
        array([13.])
        """
        return np.bincount(self.row, values, self.shape[0]).astype(np.float64, copy=False)

    def by_facility(self, values: Floats) -> Floats:
        """Return the sum over the pairs of each facility, shape ``(m,)``.

        Examples
        --------
        >>> costs = Costs.of(np.array([[5.0, 8.0]]))
        >>> costs.by_facility(costs.minutes)
        array([5., 8.])
        """
        return np.bincount(self.column, values, self.shape[1]).astype(np.float64, copy=False)

    def supply(self, values: Floats) -> Floats:
        """Return what the facilities offer, checked: ``(m,)``, finite, not negative.

        Raises
        ------
        ParameterError
            If the shape is another one, or a value is missing or negative.

        Examples
        --------
        >>> Costs.of(np.array([[5.0, 8.0]])).supply(np.array([1, 2]))
        array([1., 2.])
        """
        return _amounts("supply", values, self.shape[1])

    def demand(self, values: Floats) -> Floats:
        """Return the people of the origins, checked: ``(n,)``, finite, not negative.

        Raises
        ------
        ParameterError
            If the shape is another one, or a value is missing or negative.

        Examples
        --------
        >>> Costs.of(np.array([[5.0, 8.0]])).demand(np.array([40]))
        array([40.])
        """
        return _amounts("demand", values, self.shape[0])


def _amounts(name: str, values: Floats, count: int) -> Floats:
    """Return amounts, one for each origin or facility, finite and not negative."""
    amounts = np.asarray(values, np.float64)
    if amounts.shape != (count,):
        refuse([wrong_kind(name, f"shape {amounts.shape}", f"shape ({count},)")])
    wrong = amounts[~(np.isfinite(amounts) & (amounts >= 0))]
    refuse(out_of_range(name, float(each), 0, math.inf) for each in wrong[:1])
    return amounts
