"""Floating catchments on a street network: what is left for each when others ask, too."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.accessibility import catchments
from inclusion_marker.accessibility.clock import DS_PER_MIN, MOST_DS, MOST_MIN, last_tick
from inclusion_marker.accessibility.decays import Decay, reach_min, table
from inclusion_marker.accessibility.engine import Direction, default_threads
from inclusion_marker.accessibility.joining import (
    Joined,
    Opportunities,
    Origins,
    as_tables,
    join,
    mean_of,
)
from inclusion_marker.accessibility.network import Network
from inclusion_marker.accessibility.pairs import Costs
from inclusion_marker.accessibility.summing import pairs, two_step
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice

Floats = npt.NDArray[np.float64]
Kind = Literal[
    "two_step",
    "modified_two_step",
    "three_step_all",
    "three_step_reached",
    "balanced",
    "spatial_availability",
]
KINDS: tuple[str, ...] = get_args(Kind)


def catchment(  # noqa: PLR0913 - who asks, for what, by which rule
    network: Network,
    origins: Origins,
    opportunities: Opportunities,
    *,
    people: pd.Series[float],
    decay: Decay,
    kind: Kind = "two_step",
    capacity: str | None = None,
    cutoff_min: float | None = None,
    per: float = 1.0,
    direction: Direction = "to",
    threads: int | None = None,
) -> pd.DataFrame:
    """Return the capacity that each origin has access to, a person, by a floating catchment.

    Parameters
    ----------
    network, origins, opportunities, direction, threads
        As for :func:`~inclusion_marker.accessibility.measures.cost_to_closest`.
    people
        People of each origin, same index; missing ones count as nobody.
    decay
        Weight of a time (:mod:`~inclusion_marker.accessibility.decays`): ``Step`` for 2SFCA,
        ``Stepped`` for E2SFCA, ``Epanechnikov`` for the kernel density 2SFCA, any other at will.
    kind
        ``"two_step"`` (2SFCA and its enhanced forms), ``"modified_two_step"`` (M2SFCA),
        ``"three_step_all"`` and ``"three_step_reached"`` (3SFCA, a person's choice shared among
        all facilities or among those within reach of the decay), ``"balanced"`` (BFCA),
        ``"spatial_availability"`` (each facility is shared out whole; here for each person).
    capacity
        Column of the tables that holds beds, seats or staff; 1 each without.
    cutoff_min
        Size of the catchment where the decay goes on beyond it; exactly the cut-off is inside.
    per
        People that the figure is for: 1000 gives beds for each thousand.

    Returns
    -------
    access
        By origin: ``<category>_access``; 0 where no facility is in reach, missing where the origin
        has no street.

    Raises
    ------
    ParameterError
        If ``people`` lack an origin or are negative, or ``capacity`` is absent.

    References
    ----------
    Luo, W., & Qi, Y. (2009). An enhanced two-step floating catchment area (E2SFCA) method for
    measuring spatial accessibility to primary care physicians. *Health & Place*, 15(4), 1100-1107.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from inclusion_marker.accessibility.decays import Stepped
    >>> from inclusion_marker.accessibility.network import load_network
    >>> from inclusion_marker.city import load_city
    >>> streets = load_city("cucuta").root / "streets.gpkg"
    >>> network = load_network(streets, crs="EPSG:32618", layer="vias")
    >>> homes = gpd.GeoSeries(shapely.points(network.nodes[:2]), ["a", "b"], crs=network.crs)
    >>> clinic = gpd.GeoDataFrame({"beds": [30]}, geometry=list(homes[:1]), crs=network.crs)
    >>> catchment(
    ...     network,
    ...     homes,
    ...     {"clinic": clinic},
    ...     people=pd.Series([10, 20], ["a", "b"]),
    ...     decay=Stepped((15, 30, 45), (1, 0.68, 0.22)),
    ...     capacity="beds",
    ... ).clinic_access.tolist()
    [1.0, 1.0]
    """
    joined = join(network, origins, opportunities)
    demand = _demand(joined, people)
    supply = joined.capacities(capacity, as_tables(opportunities))
    if kind not in KINDS:
        values = {"found": kind, "expected": " | ".join(KINDS)}
        raise ParameterError(Notice("parameter_type", item="kind", values=values))
    if kind in {"two_step", "modified_two_step"}:
        first = table(decay, _last_tick(decay, cutoff_min))
        found = two_step(
            joined.engine,
            joined.facilities,
            demand,
            supply,
            first,
            first if kind == "two_step" else first * first,
            targets=joined.targets,
            direction=direction,
            threads=default_threads() if threads is None else threads,
        )
    else:
        found = _by_pairs(joined, demand, supply, (decay, cutoff_min), kind, direction)
    columns = {
        f"{key}_access": per * mean_of(joined.origins, found[:, c])
        for c, key in enumerate(joined.keys)
    }
    return joined.table(columns)


def _demand(joined: Joined, people: pd.Series[float]) -> Floats:
    """Return the people at each place of the origins."""
    index = joined.origins.index
    absent = index.difference(people.index)
    if len(absent):
        values = {"found": ", ".join(map(str, absent[:5])), "expected": "people.index = origins"}
        raise ParameterError(Notice("parameter_type", item="people", values=values))
    counts = np.nan_to_num(people.reindex(index).to_numpy(np.float64))
    if (counts < 0).any():
        values = {"found": f"{counts.min():g}", "low": "0", "high": "…"}
        raise ParameterError(Notice("parameter_out_of_range", item="people", values=values))
    return counts[joined.origins.owner] * joined.origins.weight


def _by_pairs(
    joined: Joined,
    demand: Floats,
    supply: Floats,
    weight: tuple[Decay, float | None],
    kind: Kind,
    direction: Direction,
) -> Floats:
    """Return the access of each place by a rule that needs all pairs, category by category."""
    # Shares among all facilities look beyond the catchment.
    limit = MOST_DS if kind == "three_step_all" else _last_tick(*weight)
    facility, target, time = pairs(
        joined.engine, joined.facilities, limit, targets=joined.targets, direction=direction
    )
    found = np.empty((len(joined.targets), joined.facilities.categories))
    for c in range(joined.facilities.categories):
        ours = joined.facilities.category == c
        mine = ours[facility]
        costs = Costs(
            row=target[mine].astype(np.int64),
            column=joined.facilities.rank[facility[mine]].astype(np.int64),
            minutes=time[mine] / DS_PER_MIN,
            shape=(len(joined.targets), int(ours.sum())),
        )
        found[:, c] = _shared(kind, costs, demand, supply[ours], weight)
    return found


def _shared(
    kind: Kind, costs: Costs, demand: Floats, supply: Floats, weight: tuple[Decay, float | None]
) -> Floats:
    """Return the access of each place to one category."""
    decay, cutoff = weight
    match kind:
        case "three_step_all":
            return catchments.three_step(
                costs, demand, supply, decay, cutoff_min=cutoff, shares="all"
            )
        case "three_step_reached":
            return catchments.three_step(costs, demand, supply, decay, shares="reached")
        case "balanced":
            return catchments.balanced(costs, demand, supply, decay)
        case _:
            # Of a place; divided by its people a person's, which a place without people has not.
            total = catchments.spatial_availability(costs, demand, supply, decay)
            shared: Floats = np.divide(total, demand, out=np.zeros_like(total), where=demand > 0)
            return shared


def _last_tick(decay: Decay, cutoff_min: float | None) -> int:
    """Return the last decisecond at which a decay may weigh anything."""
    return last_tick(min(reach_min(decay), MOST_MIN if cutoff_min is None else cutoff_min))
