"""Measures of access without competition, from a table of travel times: sums, and times to sums.

Each is a pure function of arrays. A cell that reaches no facility within the cut-off has an access
of 0; whether it is connected to any at all is for the caller to know, who makes it missing.
"""

from __future__ import annotations

import math

import numpy as np

from inclusion_marker.accessibility.arguments import number_faults, out_of_range, refuse
from inclusion_marker.accessibility.decays import Decay, Step, weigh
from inclusion_marker.accessibility.pairs import Costs, Floats

# Sums of capacities in another order differ in their last digits; n is reached all the same.
_SLACK = 1e-9
_MOST_CUTOFFS = 1000


def cumulative(costs: Costs, supply: Floats, cutoff_min: float) -> Floats:
    """Return the supply within a cut-off of each origin; the cut-off itself is inside.

    Parameters
    ----------
    costs
        Minutes from ``n`` origins to ``m`` facilities.
    supply
        Capacity, or 1 for a count, of each facility, shape ``(m,)``, finite and not negative.
    cutoff_min
        Minutes, more than 0.

    Returns
    -------
    access
        Shape ``(n,)``, in units of supply.

    Raises
    ------
    ParameterError
        If an argument has the wrong shape or is out of range; so for each measure.

    Examples
    --------
    >>> cumulative(Costs.of(np.array([[5.0, 30.0, 31.0]])), np.array([1.0, 10.0, 100.0]), 30)
    array([11.])
    """
    return gravity(costs, supply, Step(cutoff_min))


def gravity(costs: Costs, supply: Floats, decay: Decay) -> Floats:
    """Return the supply around each origin, weighed by a decay.

    Parameters
    ----------
    costs, supply
        As for :func:`cumulative`.
    decay
        How much a facility counts so many minutes away.

    Returns
    -------
    access
        Shape ``(n,)``, in units of supply.

    References
    ----------
    Hansen, W. G. (1959). How accessibility shapes land use. Journal of the American Institute of
    Planners 25(2), 73-76.

    Examples
    --------
    >>> from inclusion_marker.accessibility.decays import Linear
    >>> gravity(Costs.of(np.array([[5.0, 15.0]])), np.array([100.0, 8.0]), Linear(20))
    array([77.])
    """
    offered = costs.supply(supply)
    return costs.by_origin(weigh(decay, costs.minutes) * offered[costs.column])


def passive(costs: Costs, demand: Floats, decay: Decay) -> Floats:
    """Return the people who reach each facility, weighed by a decay.

    Parameters
    ----------
    costs, decay
        As for :func:`gravity`.
    demand
        People of each origin, shape ``(n,)``, finite and not negative.

    Returns
    -------
    people
        Shape ``(m,)``.

    Examples
    --------
    >>> passive(Costs.of(np.array([[5.0, 50.0], [10.0, 20.0]])), np.array([40.0, 2.0]), Step(20))
    array([42.,  2.])
    """
    asking = costs.demand(demand)
    return costs.by_facility(weigh(decay, costs.minutes) * asking[costs.row])


def time_to_n(costs: Costs, supply: Floats, n: float) -> Floats:
    """Return the minutes until each origin has reached ``n`` of the supply: dual access.

    Parameters
    ----------
    costs, supply
        As for :func:`cumulative`.
    n
        How much is to be reached, in units of supply, more than 0.

    Returns
    -------
    minutes
        Shape ``(n,)``; NaN where all that is connected is not enough.

    References
    ----------
    Cui, M. and Levinson, D. (2020). Primal and dual access. Geographical Analysis 52(3), 452-474.

    Examples
    --------
    >>> time_to_n(Costs.of(np.array([[9.0, 5.0, 7.0]])), np.array([1.0, 1.0, 1.0]), 2)
    array([7.])
    """
    offered = costs.supply(supply)
    refuse(number_faults("n", n, 1e-6, 1e15))
    order = np.lexsort((costs.minutes, costs.row))
    row, minutes = costs.row[order], costs.minutes[order]
    running = np.concatenate([[0.0], np.cumsum(offered[costs.column[order]])])
    begins = np.searchsorted(row, np.arange(costs.shape[0]))
    enough = np.flatnonzero(running[1:] - running[begins[row]] >= n * (1 - _SLACK))
    found, first = np.unique(row[enough], return_index=True)
    times = np.full(costs.shape[0], np.nan)
    times[found] = minutes[enough[first]]
    return times


def cumulative_interval(
    costs: Costs, supply: Floats, first_min: float, last_min: float, step_min: float = 1.0
) -> Floats:
    """Return the median of the supply within each cut-off of an interval.

    Softens the cliff at a single cut-off. Memory is ``n`` times the number of cut-offs.

    Parameters
    ----------
    costs, supply
        As for :func:`cumulative`.
    first_min, last_min
        Ends of the interval of cut-offs, both in it, minutes.
    step_min
        Minutes from one cut-off to the next.

    Returns
    -------
    access
        Shape ``(n,)``, in units of supply.

    References
    ----------
    Tomasiello, D. B., Herszenhut, D., Oliveira, J. L. A., Braga, C. K. V. and Pereira, R. H. M.
    (2023). A time interval metric for cumulative opportunity accessibility. Applied Geography
    157, 103007.

    Examples
    --------
    >>> costs = Costs.of(np.array([[5.0, 40.0, 42.0]]))
    >>> cumulative_interval(costs, np.array([1.0, 1.0, 1.0]), 39, 42)
    array([2.])
    """
    ends = (("first_min", first_min), ("last_min", last_min), ("step_min", step_min))
    refuse(fault for name, value in ends for fault in number_faults(name, value, 1 / 600, 1e6))
    if last_min < first_min:
        refuse([out_of_range("last_min", last_min, first_min, math.inf)])
    # Half a decisecond: the last cut-off is not lost to a sum of fractions.
    count = math.floor((last_min - first_min + 1 / 1200) / step_min) + 1
    if count > _MOST_CUTOFFS:
        refuse([out_of_range("(last_min - first_min) / step_min", count, 1, _MOST_CUTOFFS)])
    cutoffs = [first_min + k * step_min for k in range(count)]
    # Whole deciseconds: one that binary fractions miss by a hair is inside all the same.
    exact = [round(cutoff * 600) / 600 for cutoff in cutoffs]
    return np.median([cumulative(costs, supply, cutoff) for cutoff in exact], axis=0)
