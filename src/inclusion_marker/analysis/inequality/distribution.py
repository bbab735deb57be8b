"""What people live with: values sorted with the people who have each, and what was left out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Distribution:
    """What people live with: values in rising order, and the people who have each.

    Attributes
    ----------
    values
        Values of the cells that count, rising, shape ``(k,)``.
    people
        People of those cells, all above 0.
    without_value, without_people
        Cells left out for either reason; one that has neither counts in the first.
    people_without_value
        People who live in cells without a value.
    """

    values: Floats
    people: Floats
    without_value: int
    without_people: int
    people_without_value: float

    @property
    def mean(self) -> float:
        """Return the mean over people; missing where there are none."""
        if not self.values.size:
            return math.nan
        return float((self.values * self.people).sum() / self.people.sum())

    @property
    def flat(self) -> bool:
        """Return whether all people have the same; also where there are none."""
        return not self.values.size or bool(self.values[0] == self.values[-1])

    @property
    def nothing(self) -> float:
        """Return the index of no inequality: 0, or missing where there are no people."""
        return 0.0 if self.values.size else math.nan


def distribution(values: npt.ArrayLike, people: npt.ArrayLike) -> Distribution:
    """Return the values that people live with, in rising order, and what was left out.

    Parameters
    ----------
    values
        One a cell, 0 or more, shape ``(n,)``; missing as NaN.
    people
        People of each cell, in the same order; a series is laid beside ``values`` by its labels
        where both have some. Cells with NaN or 0 people do not count.

    Returns
    -------
    distribution
        Sorted by value and then by people, so that the order of the cells changes no digit.

    Raises
    ------
    ParameterError
        If the two do not belong together, or hold negative or infinite numbers.

    Examples
    --------
    >>> found = distribution([80.0, 50.0, np.nan], [100.0, 300.0, 20.0])
    >>> found.values.tolist(), found.mean, found.people_without_value
    ([50.0, 80.0], 57.5, 20.0)
    """
    scores, living = paired(values, people)
    valued, peopled = ~np.isnan(scores), np.nan_to_num(living) > 0
    kept = valued & peopled
    order = np.lexsort((living[kept], scores[kept]))
    return Distribution(
        scores[kept][order],
        living[kept][order],
        int(np.count_nonzero(~valued)),
        int(np.count_nonzero(valued & ~peopled)),
        math.fsum(living[~valued & peopled]),
    )


def paired(values: npt.ArrayLike, people: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return values and people as arrays of one order; refuse what no measure can take.

    Raises
    ------
    ParameterError
        As :func:`distribution`; the text names every fault.
    """
    if isinstance(values, pd.Series) and isinstance(people, pd.Series):
        people = laid_beside(people, values.index, "people")
    scores, living = numbers(values, "values"), numbers(people, "people")
    faults = []
    if scores.ndim != 1 or scores.shape != living.shape:
        found = {"found": str(living.shape), "expected": str(scores.shape)}
        faults.append(Notice("equity_labels_differ", item="people", values=found))
    for code, table in (("equity_values_invalid", scores), ("equity_people_invalid", living)):
        wrong = (table < 0) | np.isinf(table)
        if wrong.any():
            shown = f"{table[wrong][0]:g}"
            faults.append(Notice(code, values={"count": int(wrong.sum()), "found": shown}))
    if faults:
        raise ParameterError(*faults)
    return scores, living


def numbers(table: npt.ArrayLike, item: str) -> Floats:
    """Return numbers as an array; refuse what is none.

    Raises
    ------
    ParameterError
        If a value is no number and not missing.

    Examples
    --------
    >>> numbers(pd.Series([1, None], dtype="Int64"), "people")
    array([ 1., nan])
    """
    try:
        if isinstance(table, pd.Series):
            return table.to_numpy(np.float64, na_value=np.nan)
        return np.asarray(table, np.float64)
    except (TypeError, ValueError) as fault:
        values = {"found": str(table)[:40], "expected": "0 … 100"}
        raise ParameterError(Notice("parameter_type", item=item, values=values)) from fault


def laid_beside(series: pd.Series[float], index: pd.Index, item: str) -> pd.Series[float]:
    """Return a series in the order of ``index``; refuse one of other cells.

    Raises
    ------
    ParameterError
        If the labels are not those of ``index``, each once.
    """
    if series.index.equals(index):
        return series
    if not series.index.is_unique or set(series.index) != set(index):
        found = {"found": str(len(series.index)), "expected": str(len(index))}
        raise ParameterError(Notice("equity_labels_differ", item=item, values=found))
    return series.reindex(index)


def within(name: str, found: float, low: float, high: float, *, beyond: bool = False) -> None:
    """Refuse a parameter that is not within its limits, or not a finite number.

    Parameters
    ----------
    name
        How the parameter is called.
    found
        What was given.
    low, high
        Its limits; ``high`` may be infinite.
    beyond
        Whether it must be above ``low``.

    Raises
    ------
    ParameterError
        With the parameter, what was found and the limits.

    Examples
    --------
    >>> within("share", 0.5, 0, 1)
    """
    number = isinstance(found, int | float | np.integer | np.floating)
    if number and math.isfinite(found) and low <= found <= high and not (beyond and found == low):
        return
    values = {"found": found, "low": f"{low:g}", "high": "∞" if math.isinf(high) else f"{high:g}"}
    raise ParameterError(Notice("parameter_out_of_range", item=name, values=values))


def over(part: float, whole: float) -> float:
    """Return part over whole: infinite over 0, and missing where both are 0.

    Examples
    --------
    >>> over(1.0, 4.0), over(1.0, 0.0), over(0.0, 0.0)
    (0.25, inf, nan)
    """
    if whole > 0:
        return float(part / whole)
    return math.inf if part > 0 else math.nan


def quantile(values: npt.ArrayLike, people: npt.ArrayLike, share: float) -> float:
    """Return the least value that at least a ``share`` of the people do not exceed.

    The inverse of the distribution of people (type 1 of Hyndman and Fan, 1996): it is always a
    value that somebody has, and counting each person twice does not move it.

    Parameters
    ----------
    values, people
        As for :func:`distribution`.
    share
        0 to 1; 0 is the least value.

    Raises
    ------
    ParameterError
        As :func:`distribution`, or if ``share`` is not within 0 and 1.

    Examples
    --------
    >>> quantile([10.0, 20.0, 30.0], [1.0, 1.0, 2.0], 0.5)
    20.0
    """
    within("share", share, 0.0, 1.0)
    return quantile_of(distribution(values, people), share)


def quantile_of(found: Distribution, share: float) -> float:
    """Return :func:`quantile` of a distribution; missing without people.

    Examples
    --------
    >>> quantile_of(distribution([10.0, 20.0], [1.0, 1.0]), 0.9)
    20.0
    """
    if not found.values.size:
        return math.nan
    reached = np.cumsum(found.people)
    # Half of three thirds must be in, whatever the last bit of their sum.
    place = np.searchsorted(reached, share * reached[-1] * (1 - 1e-12))
    return float(found.values[place])


def lorenz(values: npt.ArrayLike, people: npt.ArrayLike) -> pd.DataFrame:
    """Return the Lorenz curve: what the worst-off share of the people holds of all there is.

    Parameters
    ----------
    values, people
        As for :func:`distribution`.

    Returns
    -------
    curve
        ``people`` and ``values``, shares from 0 to 1, one row a cell after the first (0, 0); the
        diagonal where all have 0; only (0, 0) without people.

    References
    ----------
    Lorenz, M. O. (1905). Methods of measuring the concentration of wealth. *Publications of the
    American Statistical Association* 9, 209-219.

    Examples
    --------
    >>> lorenz([1.0, 3.0], [1.0, 1.0])["values"].tolist()
    [0.0, 0.25, 1.0]
    """
    shares, held = lorenz_of(distribution(values, people))
    return pd.DataFrame({"people": shares, "values": held})


def lorenz_of(found: Distribution) -> tuple[Floats, Floats]:
    """Return both columns of :func:`lorenz` for a distribution.

    Examples
    --------
    >>> [each.tolist() for each in lorenz_of(distribution([0.0, 0.0], [1.0, 3.0]))]
    [[0.0, 0.25, 1.0], [0.0, 0.25, 1.0]]
    """
    if not found.values.size:
        return np.zeros(1), np.zeros(1)
    people = np.concatenate([[0.0], np.cumsum(found.people)])
    held = np.concatenate([[0.0], np.cumsum(found.people * found.values)])
    shares = people / people[-1]
    return shares, held / held[-1] if held[-1] > 0 else shares
