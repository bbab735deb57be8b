"""Floating catchments: access to a supply that the people in reach of it compete for.

Each is a pure function of arrays. A cell that reaches no facility within the catchment has an
access of 0; whether it is connected to any at all is for the caller to know, who makes it
missing. A facility with nobody in reach has nothing to share out to anybody: its ratio of supply
to demand is 0, never infinite. A cell without people has its access like any other.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from inclusion_marker.accessibility.arguments import number_faults, refuse, wrong_kind
from inclusion_marker.accessibility.decays import Decay, Step, weigh
from inclusion_marker.accessibility.opportunities import gravity
from inclusion_marker.accessibility.pairs import Costs, Floats

Shares = Literal["all", "reached"]

# Weighted demand below this is a rounding of nobody (people at the far end of an exponential);
# dividing by it could overflow.
_NOBODY = 1e-100


def two_step(
    costs: Costs, demand: Floats, supply: Floats, decay: Decay, second: Decay | None = None
) -> Floats:
    """Return the two-step floating catchment: supply per person in reach, over what is in reach.

    With ``Step`` it is 2SFCA (Luo and Wang 2003), with ``Stepped`` E2SFCA (Luo and Qi 2009), with
    ``TruncatedGaussian`` or ``Epanechnikov`` the kernel-density form (Dai 2010; Dai and Wang
    2011): ``A_i = sum_j w_ij S_j / sum_k P_k w_kj``.

    Parameters
    ----------
    costs
        Minutes from ``n`` origins to ``m`` facilities.
    demand
        People of each origin, shape ``(n,)``, finite and not negative.
    supply
        Capacity of each facility, shape ``(m,)``, finite and not negative.
    decay
        Weight of both steps.
    second
        Weight of the second step, if it is another one.

    Returns
    -------
    access
        Shape ``(n,)``, supply per person. Where both steps weigh alike, the sum over the people
        is the supply of the facilities that have people in reach.

    Raises
    ------
    ParameterError
        If an argument has the wrong shape or is out of range; so for each measure.

    References
    ----------
    Luo, W. and Wang, F. (2003). Measures of spatial accessibility to health care in a GIS
    environment. Environment and Planning B 30(6), 865-884.

    Luo, W. and Qi, Y. (2009). An enhanced two-step floating catchment area (E2SFCA) method.
    Health & Place 15(4), 1100-1107.

    Examples
    --------
    >>> costs = Costs.of(np.array([[5.0, 40.0], [10.0, 20.0]]))
    >>> two_step(costs, np.array([30.0, 20.0]), np.array([10.0, 4.0]), Step(20))
    array([0.2, 0.4])
    """
    offered, asking = costs.supply(supply), costs.demand(demand)
    weight = weigh(decay, costs.minutes)
    ratio = _per(offered, costs.by_facility(weight * asking[costs.row]))
    weight = weight if second is None else weigh(second, costs.minutes)
    return costs.by_origin(weight * ratio[costs.column])


def modified_two_step(costs: Costs, demand: Floats, supply: Floats, decay: Decay) -> Floats:
    """Return M2SFCA: the weight counts twice in the second step, so far supply is not all used.

    ``A_i = sum_j w_ij² S_j / sum_k P_k w_kj``: never above :func:`two_step`.

    Parameters
    ----------
    costs, demand, supply, decay
        As for :func:`two_step`.

    Returns
    -------
    access
        Shape ``(n,)``, supply per person.

    References
    ----------
    Delamater, P. L. (2013). Spatial accessibility in suboptimally configured health care systems:
    a modified two-step floating catchment area (M2SFCA) metric. Health & Place 24, 30-43.

    Examples
    --------
    >>> from inclusion_marker.accessibility.decays import Linear
    >>> costs = Costs.of(np.array([[10.0]]))
    >>> modified_two_step(costs, np.array([30.0]), np.array([6.0]), Linear(20))
    array([0.1])
    """
    offered, asking = costs.supply(supply), costs.demand(demand)
    weight = weigh(decay, costs.minutes)
    ratio = _per(offered, costs.by_facility(weight * asking[costs.row]))
    return costs.by_origin(weight**2 * ratio[costs.column])


def three_step(
    costs: Costs,
    demand: Floats,
    supply: Floats,
    decay: Decay,
    *,
    cutoff_min: float | None = None,
    shares: Shares = "reached",
) -> Floats:
    """Return 3SFCA: people share themselves out among facilities before they ask for supply.

    Two conventions differ in what the shares ``G_ij = w_ij / sum_j w_ij`` are taken over:
    all facilities that are connected, beyond the catchment too (``"all"``: PySAL's ``access``),
    or only those within it (``"reached"``: the R package ``catchment``). They part where the
    decay goes on beyond ``cutoff_min``.

    Parameters
    ----------
    costs, demand, supply, decay
        As for :func:`two_step`.
    cutoff_min
        Size of the catchment in minutes, inside included; without it the decay alone bounds it.
    shares
        ``"reached"`` or ``"all"``.

    Returns
    -------
    access
        Shape ``(n,)``, supply per person.

    References
    ----------
    Wan, N., Zou, B. and Sternberg, T. (2012). A three-step floating catchment area method for
    analyzing spatial access to health services. International Journal of Geographical
    Information Science 26(6), 1073-1089.

    Examples
    --------
    >>> costs, people, beds = (
    ...     Costs.of(np.array([[10.0, 10.0]])),
    ...     np.array([4.0]),
    ...     np.array([2.0, 2.0]),
    ... )
    >>> three_step(costs, people, beds, Step(15))
    array([1.])
    """
    offered, asking = costs.supply(supply), costs.demand(demand)
    if shares not in ("all", "reached"):
        refuse([wrong_kind("shares", shares, '"all" | "reached"')])
    every = weigh(decay, costs.minutes)
    inside = every if cutoff_min is None else every * weigh(Step(cutoff_min), costs.minutes)
    total = costs.by_origin(every if shares == "all" else inside)
    weight = inside * _per(inside, total[costs.row])
    ratio = _per(offered, costs.by_facility(weight * asking[costs.row]))
    return costs.by_origin(weight * ratio[costs.column])


def balanced(costs: Costs, demand: Floats, supply: Floats, decay: Decay) -> Floats:
    """Return BFCA: demand and level of service are shared out without being counted twice.

    Weights are divided by their sum over facilities to share out people, and by their sum over
    origins to share out the level of service; so all people who reach a facility ask exactly
    once, and the access of all origins adds up to the level of service of all facilities.

    Parameters
    ----------
    costs, demand, supply, decay
        As for :func:`two_step`.

    Returns
    -------
    access
        Shape ``(n,)``: shares of the facilities' supply per person. Its sum over the people is
        not the supply, as that of :func:`two_step` is.

    References
    ----------
    Paez, A., Higgins, C. D. and Vivona, S. F. (2019). Demand and level of service inflation in
    floating catchment area (FCA) methods. PLOS ONE 14(6), e0218773.

    Examples
    --------
    >>> costs = Costs.of(np.array([[5.0, 40.0], [10.0, 20.0]]))
    >>> balanced(costs, np.array([30.0, 20.0]), np.array([10.0, 4.0]), Step(20))
    array([0.125, 0.525])
    """
    offered, asking = costs.supply(supply), costs.demand(demand)
    weight = weigh(decay, costs.minutes)
    to_each = _per(weight, costs.by_origin(weight)[costs.row])
    from_each = _per(weight, costs.by_facility(weight)[costs.column])
    service = _per(offered, costs.by_facility(to_each * asking[costs.row]))
    return costs.by_origin(from_each * service[costs.column])


def spatial_availability(
    costs: Costs, demand: Floats, supply: Floats, decay: Decay, *, alpha: float = 1.0
) -> Floats:
    """Return the share of the supply that is available to the people of each origin.

    Each facility is shared out in proportion to people and weight together, so what all origins
    have adds up to the supply in reach; per head (``alpha`` of 1) it is :func:`two_step`.

    Parameters
    ----------
    costs, demand, supply, decay
        As for :func:`two_step`.
    alpha
        Exponent of the demand, 0 to 10: below 1 small places have more than their share.

    Returns
    -------
    available
        Shape ``(n,)``, in units of supply.

    References
    ----------
    Soukhov, A., Paez, A., Higgins, C. D. and Mohamed, M. (2023). Introducing spatial
    availability, a singly-constrained measure of competitive accessibility. PLOS ONE 18(1),
    e0278468.

    Examples
    --------
    >>> costs = Costs.of(np.array([[5.0], [5.0]]))
    >>> spatial_availability(costs, np.array([30.0, 10.0]), np.array([8.0]), Step(20))
    array([6., 2.])
    """
    offered, asking = costs.supply(supply), costs.demand(demand)
    refuse(number_faults("alpha", alpha, 0.0, 10.0))
    # With an alpha of 0 a place without people would still count as one: 0 ** 0.
    people = np.where(asking > 0, asking**alpha, 0.0)
    asked = weigh(decay, costs.minutes) * people[costs.row]
    ratio = _per(offered, costs.by_facility(asked))
    return costs.by_origin(asked * ratio[costs.column])


def catchment_ratio(
    costs: Costs, among: Costs, demand: Floats, supply: Floats, decay: Decay
) -> Floats:
    """Return the supply around each origin over the people around it.

    Parameters
    ----------
    costs, demand, supply, decay
        As for :func:`two_step`.
    among
        Minutes from the origins to the origins, shape ``(n, n)``.

    Returns
    -------
    access
        Shape ``(n,)``, supply per person; 0 where there is nobody around.

    Examples
    --------
    >>> costs, among = Costs.of(np.array([[5.0]])), Costs.of(np.array([[0.0]]))
    >>> catchment_ratio(costs, among, np.array([4.0]), np.array([2.0]), Step(20))
    array([0.5])
    """
    if among.shape != (costs.shape[0],) * 2:
        expected = f"shape {(costs.shape[0],) * 2}"
        refuse([wrong_kind("among", f"shape {among.shape}", expected)])
    return _per(gravity(costs, supply, decay), gravity(among, demand, decay))


def _per(amounts: Floats, whole: Floats) -> Floats:
    """Return amounts per whole, 0 where there is no whole."""
    return np.divide(amounts, whole, out=np.zeros_like(amounts), where=whole > _NOBODY)
