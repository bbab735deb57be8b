"""Further questions to a street network: who is within reach, how long for how many, from whom."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.accessibility import engine as sweeps
from inclusion_marker.accessibility.arguments import number_faults, refuse, series_faults
from inclusion_marker.accessibility.clock import MOST_MIN, last_tick
from inclusion_marker.accessibility.engine import Direction
from inclusion_marker.accessibility.joining import (
    Opportunities,
    Origins,
    as_tables,
    join,
    mean_minutes,
    mean_of,
)
from inclusion_marker.accessibility.measures import cumulative
from inclusion_marker.accessibility.network import Network
from inclusion_marker.accessibility.summing import pairs
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice

Floats = npt.NDArray[np.float64]
_FEW = 20


def share_within(
    network: Network,
    origins: Origins,
    opportunities: Opportunities,
    cutoffs_min: Sequence[float],
    *,
    direction: Direction = "to",
    threads: int | None = None,
) -> pd.DataFrame:
    """Return the share of the people of each origin who have an opportunity within each cut-off.

    Parameters
    ----------
    network, origins, opportunities, direction, threads
        As for :func:`~inclusion_marker.accessibility.measures.cost_to_closest`.
    cutoffs_min
        Minutes; exactly the cut-off is within it.

    Returns
    -------
    shares
        By origin: ``<category>_share_<minutes>``, 0 to 1; missing where the origin has no street.

    Raises
    ------
    ParameterError
        If there is no cut-off, or one is negative, missing or beyond a day.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from inclusion_marker.accessibility.network import load_network
    >>> from inclusion_marker.city import load_city
    >>> streets = load_city("cucuta").root / "streets.gpkg"
    >>> network = load_network(streets, crs="EPSG:32618", layer="vias")
    >>> door = gpd.GeoSeries(shapely.points(network.nodes[:1]), crs=network.crs)
    >>> share_within(network, door, door, [15]).loc[0].tolist()
    [1.0]
    """
    refuse(series_faults("cutoffs_min", cutoffs_min, 0, MOST_MIN))
    joined = join(network, origins, opportunities)
    times, _ = sweeps.closest(
        joined.engine,
        joined.facilities,
        targets=joined.targets,
        direction=direction,
        threads=threads or sweeps.default_threads(len(joined.engine.first)),
    )
    columns: dict[str, npt.ArrayLike] = {}
    for c, key in enumerate(joined.keys):
        for minutes in cutoffs_min:
            near = (times[:, c] >= 0) & (times[:, c] <= last_tick(minutes))
            share = mean_of(joined.origins, near.astype(np.float64))
            columns[f"{key}_share_{minutes:g}"] = share
    return joined.table(columns)


def time_to_n(
    network: Network,
    origins: Origins,
    opportunities: Opportunities,
    n: float,
    *,
    capacity: str | None = None,
    limit_min: float = MOST_MIN,
    direction: Direction = "to",
) -> pd.DataFrame:
    """Return the minutes until n opportunities are in reach: the dual of cumulative access.

    Parameters
    ----------
    network, origins, opportunities, direction
        As for :func:`~inclusion_marker.accessibility.measures.cost_to_closest`.
    n
        How many opportunities, or how much capacity; above 0.
    capacity
        Column that says how much each opportunity counts; 1 without.
    limit_min
        Longest time that is looked at.

    Returns
    -------
    minutes
        By origin: ``<category>_min``; missing where n are never reached.

    References
    ----------
    Cui, M., & Levinson, D. (2020). Primal and dual access. *Geographical Analysis*, 52(3),
    452-474.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from inclusion_marker.accessibility.network import load_network
    >>> from inclusion_marker.city import load_city
    >>> streets = load_city("cucuta").root / "streets.gpkg"
    >>> network = load_network(streets, crs="EPSG:32618", layer="vias")
    >>> doors = gpd.GeoSeries(shapely.points(network.nodes[:2]), crs=network.crs)
    >>> time_to_n(network, doors, doors, 1).closest_min.tolist()
    [0.0, 0.0]
    """
    if not n > 0:
        values = {"found": n, "low": 0, "high": "…"}
        raise ParameterError(Notice("parameter_out_of_range", item="n", values=values))
    refuse(number_faults("limit_min", limit_min, 0, MOST_MIN))
    joined = join(network, origins, opportunities)
    limit = last_tick(limit_min)
    columns: dict[str, npt.ArrayLike] = {}
    if capacity is None and n <= _FEW:
        # The n-th closest: no table of pairs.
        count = math.ceil(n)
        times, _ = sweeps.k_closest(
            joined.engine,
            joined.facilities,
            count,
            targets=joined.targets,
            direction=direction,
            limit_ds=limit,
            threads=sweeps.default_threads(),
        )
        for c, key in enumerate(joined.keys):
            columns[f"{key}_min"], _ = mean_minutes(joined.origins, times[:, c, count - 1])
        return joined.table(columns)
    masses = joined.capacities(capacity, as_tables(opportunities))
    facility, target, time = pairs(
        joined.engine, joined.facilities, limit, targets=joined.targets, direction=direction
    )
    for c, key in enumerate(joined.keys):
        mine = joined.facilities.category[facility] == c
        found = _first_to(n, masses[facility[mine]], target[mine], time[mine], len(joined.targets))
        columns[f"{key}_min"], _ = mean_minutes(joined.origins, found)
    return joined.table(columns)


def _first_to(
    n: float,
    mass: Floats,
    target: npt.NDArray[np.int32],
    time: npt.NDArray[np.int32],
    count: int,
) -> npt.NDArray[np.int32]:
    """Return the time at which the masses around each target first sum up to n, -1 if never."""
    order = np.lexsort((time, target))
    target, time, mass = target[order], time[order], mass[order]
    running = np.cumsum(mass)
    begins = np.searchsorted(target, np.arange(count))
    before = np.concatenate([[0.0], running])[begins]
    enough = running - before[target] >= n * (1 - 1e-12)
    hit, first = np.unique(target[enough], return_index=True)
    found = np.full(count, -1, np.int32)
    found[hit] = time[enough][first]
    return found


def cumulative_interval(  # noqa: PLR0913 - an interval is three numbers
    network: Network,
    origins: Origins,
    opportunities: Opportunities,
    first_min: int,
    last_min: int,
    *,
    step_min: int = 1,
    capacity: str | None = None,
    direction: Direction = "to",
    threads: int | None = None,
) -> pd.DataFrame:
    """Return the median, over an interval of cut-offs, of the opportunities within them.

    Parameters
    ----------
    network, origins, opportunities, capacity, direction, threads
        As for :func:`~inclusion_marker.accessibility.measures.reach`.
    first_min, last_min, step_min
        The cut-offs, both ends included, minutes.

    Returns
    -------
    medians
        By origin: ``<category>_within_<first>_<last>``.

    References
    ----------
    Tomasiello, D. B., Herszenhut, D., Oliveira, J. L. A., Braga, C. K. V., & Pereira, R. H. M.
    (2023). A time interval metric for cumulative opportunity accessibility. *Applied Geography*,
    157, 103007.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from inclusion_marker.accessibility.network import load_network
    >>> from inclusion_marker.city import load_city
    >>> streets = load_city("cucuta").root / "streets.gpkg"
    >>> network = load_network(streets, crs="EPSG:32618", layer="vias")
    >>> door = gpd.GeoSeries(shapely.points(network.nodes[:1]), crs=network.crs)
    >>> cumulative_interval(network, door, door, 10, 20).loc[0].tolist()
    [1.0]
    """
    cutoffs = list(range(first_min, last_min + 1, max(step_min, 1)))
    if step_min < 1 or not cutoffs:
        values = {"found": f"{first_min} … {last_min} / {step_min}", "low": 1, "high": "…"}
        raise ParameterError(Notice("parameter_out_of_range", item="interval", values=values))
    within = cumulative(
        network,
        origins,
        opportunities,
        cutoffs,
        capacity=capacity,
        direction=direction,
        threads=threads,
    )
    keys = list(as_tables(opportunities))
    medians = {
        f"{key}_within_{first_min}_{last_min}": within[
            [f"{key}_within_{each:g}" for each in cutoffs]
        ].median(axis=1, skipna=False)
        for key in keys
    }
    found = pd.DataFrame(medians, index=within.index)
    found.attrs = dict(within.attrs)
    return found


def passive(
    network: Network,
    places: Origins,
    people: Opportunities,
    cutoffs_min: Sequence[float],
    *,
    capacity: str | None = "people",
    threads: int | None = None,
) -> pd.DataFrame:
    """Return how many people can come to each place within each cut-off: passive access.

    Parameters
    ----------
    network
        The streets.
    places
        Where people come to.
    people
        Where they come from: a table with the column ``capacity``.
    cutoffs_min, capacity, threads
        As for :func:`~inclusion_marker.accessibility.measures.reach`.

    Returns
    -------
    passive
        By place: ``<category>_within_<minutes>``.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from inclusion_marker.accessibility.network import load_network
    >>> from inclusion_marker.city import load_city
    >>> streets = load_city("cucuta").root / "streets.gpkg"
    >>> network = load_network(streets, crs="EPSG:32618", layer="vias")
    >>> door = shapely.points(network.nodes[:1])
    >>> homes = gpd.GeoDataFrame({"people": [7]}, geometry=door, crs=network.crs)
    >>> passive(network, homes, homes, [15]).loc[0].tolist()
    [7.0]
    """
    return cumulative(
        network, places, people, cutoffs_min, capacity=capacity, direction="from", threads=threads
    )
