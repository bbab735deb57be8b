"""Accessibility on a street network: network, origins, opportunities in; a table by origin out.

A time is between the places where the people of an origin live and a service; the figure of a
cell is the mean over its people. Unreachable is missing, never the limit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.accessibility import engine as sweeps
from inclusion_marker.accessibility.clock import MOST_MIN, last_tick
from inclusion_marker.accessibility.decays import Decay, reach_min, table
from inclusion_marker.accessibility.engine import Direction
from inclusion_marker.accessibility.joining import (
    Opportunities,
    Origins,
    as_tables,
    join,
    mean_minutes,
    mean_of,
    most_named,
)
from inclusion_marker.accessibility.network import Network
from inclusion_marker.accessibility.summing import accumulate
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice

Floats = npt.NDArray[np.float64]
_LOST_TIES = 1e-9


def cost_to_closest(
    network: Network,
    origins: Origins,
    opportunities: Opportunities,
    *,
    direction: Direction = "to",
    cutoff_min: float | None = None,
    threads: int | None = None,
) -> pd.DataFrame:
    """Return the minutes to the closest opportunity of each category, and which one it is.

    Parameters
    ----------
    network
        The streets.
    origins
        Cells or points in the network's CRS, or their places
        (:func:`~inclusion_marker.accessibility.snapping.place_origins`).
    opportunities
        A table of services, or tables by category, or their places.
    direction
        ``"to"`` the service, or ``"from"`` it.
    cutoff_min
        Longer times are missing; a time of exactly the cut-off is not.
    threads
        How many threads share the work; all if ``None``. The answer does not depend on it.

    Returns
    -------
    closest
        By origin: ``<category>_min``, mean over the people who get there, missing where fewer
        than half do; ``<category>_id``, the service that most of them go to, of equally close ones
        that of the lowest label. A table without a category is named ``closest``.

    Raises
    ------
    ParameterError
        If something is in another CRS than the network.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from inclusion_marker.accessibility.network import load_network
    >>> from inclusion_marker.city import load_city
    >>> streets = load_city("cucuta").root / "streets.gpkg"
    >>> network = load_network(streets, crs="EPSG:32618", layer="vias")
    >>> home = gpd.GeoSeries([shapely.Point(network.nodes[0])], ["home"], crs=network.crs)
    >>> cost_to_closest(network, home, {"door": home}).door_id.tolist()
    ['home']
    """
    joined = join(network, origins, opportunities)
    times, ranks = sweeps.closest(
        joined.engine,
        joined.facilities,
        targets=joined.targets,
        direction=direction,
        threads=_threads(threads, len(joined.engine.first)),
    )
    columns: dict[str, npt.ArrayLike] = {}
    for c, key in enumerate(joined.keys):
        minutes, _ = mean_minutes(joined.origins, times[:, c])
        minutes = _up_to(minutes, cutoff_min)
        named = most_named(joined.origins, ranks[:, c], joined.labels[c])
        named[np.isnan(minutes)] = None
        columns |= {f"{key}_min": minutes, f"{key}_id": named}
    return joined.table(columns)


def _threads(threads: int | None, *positions: int) -> int:
    """Return how many threads to use."""
    if threads is None:
        return sweeps.default_threads(*positions)
    _whole(threads, "threads")
    return threads


def _whole(value: object, item: str) -> None:
    """Refuse what is no whole number from 1."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        values = {"found": value, "low": 1, "high": "…"}
        raise ParameterError(Notice("parameter_out_of_range", item=item, values=values))


def _up_to(minutes: Floats, cutoff_min: float | None) -> Floats:
    """Return minutes, those beyond the cut-off missing."""
    if cutoff_min is None:
        return minutes
    return np.where(minutes <= cutoff_min + _LOST_TIES, minutes, np.nan)


def k_closest(
    network: Network,
    origins: Origins,
    opportunities: Opportunities,
    k: int,
    *,
    direction: Direction = "to",
    threads: int | None = None,
) -> pd.DataFrame:
    """Return the minutes to the k closest opportunities of each category, and which they are.

    Parameters
    ----------
    network, origins, opportunities, direction, threads
        As for :func:`cost_to_closest`.
    k
        How many.

    Returns
    -------
    closest
        By origin: ``<category>_1_min``, ``<category>_1_id`` … ``<category>_k_id``; missing where
        there are fewer.

    Raises
    ------
    ParameterError
        If ``k`` is no whole number from 1.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from inclusion_marker.accessibility.network import load_network
    >>> from inclusion_marker.city import load_city
    >>> streets = load_city("cucuta").root / "streets.gpkg"
    >>> network = load_network(streets, crs="EPSG:32618", layer="vias")
    >>> doors = gpd.GeoSeries(shapely.points(network.nodes[:2]), ["a", "b"], crs=network.crs)
    >>> k_closest(network, doors, doors, 2)[["closest_1_id", "closest_2_id"]].to_numpy().tolist()
    [['a', 'b'], ['b', 'a']]
    """
    _whole(k, "k")
    joined = join(network, origins, opportunities)
    times, ranks = sweeps.k_closest(
        joined.engine,
        joined.facilities,
        k,
        targets=joined.targets,
        direction=direction,
        threads=_threads(threads),
    )
    columns: dict[str, npt.ArrayLike] = {}
    for c, key in enumerate(joined.keys):
        for j in range(k):
            minutes, _ = mean_minutes(joined.origins, times[:, c, j])
            named = most_named(joined.origins, ranks[:, c, j], joined.labels[c])
            named[np.isnan(minutes)] = None
            columns |= {f"{key}_{j + 1}_min": minutes, f"{key}_{j + 1}_id": named}
    return joined.table(columns)


def reach(  # noqa: PLR0913 - one pass answers all of it
    network: Network,
    origins: Origins,
    opportunities: Opportunities,
    *,
    cutoffs_min: Sequence[float] = (),
    decays: Mapping[str, Decay] | None = None,
    capacity: str | None = None,
    direction: Direction = "to",
    threads: int | None = None,
) -> pd.DataFrame:
    """Return what is in reach of each origin, for all categories, cut-offs and decays in one pass.

    Parameters
    ----------
    network, origins, opportunities, direction, threads
        As for :func:`cost_to_closest`.
    cutoffs_min
        Opportunities within each of these minutes; exactly the cut-off is within it.
    decays
        Opportunities weighed by each of these decays, by name. One that never ends ends at a day.
    capacity
        Column of the tables that says how much each opportunity counts; 1 without.

    Returns
    -------
    reach
        By origin: ``<category>_within_<minutes>`` and ``<category>_<decay>``, means over the
        people of the origin; 0 where nothing is reached, missing where the origin has no street.

    Raises
    ------
    ParameterError
        If a cut-off is negative, or the column is absent or negative.

    References
    ----------
    Hansen, W. G. (1959). How accessibility shapes land use. *Journal of the American Institute
    of Planners*, 25(2), 73-76.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from inclusion_marker.accessibility.network import load_network
    >>> from inclusion_marker.city import load_city
    >>> streets = load_city("cucuta").root / "streets.gpkg"
    >>> network = load_network(streets, crs="EPSG:32618", layer="vias")
    >>> doors = gpd.GeoSeries(shapely.points(network.nodes[:3]), crs=network.crs)
    >>> reach(network, doors[:1], {"door": doors}, cutoffs_min=[0, 60]).loc[0].tolist()
    [1.0, 3.0]
    """
    joined = join(network, origins, opportunities)
    masses = joined.capacities(capacity, as_tables(opportunities))
    named = dict(decays or {})
    order, ticks = _ticks(cutoffs_min)
    limits = [last_tick(reach_min(decay)) for decay in named.values()]
    limit = max([0, *limits])
    tables = np.zeros((len(named), limit + 1))
    for g, decay in enumerate(named.values()):
        tables[g, : limits[g] + 1] = table(decay, limits[g])
    # Weights go up to 1 in the sums; a kernel density does not stop there.
    peak = np.maximum(tables.max(axis=1, initial=0.0), 1.0)
    within, decayed = accumulate(
        joined.engine,
        joined.facilities,
        masses,
        ticks,
        tables / peak[:, None],
        targets=joined.targets,
        direction=direction,
        threads=_threads(threads),
    )
    columns: dict[str, npt.ArrayLike] = {}
    for c, key in enumerate(joined.keys):
        for k, minutes in enumerate(cutoffs_min):
            found = within[:, c, order[k]]
            columns[f"{key}_within_{minutes:g}"] = mean_of(joined.origins, found)
        for g, name in enumerate(named):
            columns[f"{key}_{name}"] = mean_of(joined.origins, decayed[:, c, g] * peak[g])
    return joined.table(columns)


def _ticks(cutoffs_min: Sequence[float]) -> tuple[list[int], npt.NDArray[np.int32]]:
    """Return where each cut-off stands among the rising ones, and those in deciseconds."""
    for each in cutoffs_min:
        if not 0 <= each <= MOST_MIN:
            values = {"found": each, "low": 0, "high": MOST_MIN}
            raise ParameterError(
                Notice("parameter_out_of_range", item="cutoffs_min", values=values)
            )
    ticks, order = np.unique([last_tick(each) for each in cutoffs_min], return_inverse=True)
    return order.tolist(), ticks.astype(np.int32)


def cumulative(
    network: Network,
    origins: Origins,
    opportunities: Opportunities,
    cutoffs_min: Sequence[float],
    *,
    capacity: str | None = None,
    direction: Direction = "to",
    threads: int | None = None,
) -> pd.DataFrame:
    """Return the opportunities within each cut-off: :func:`reach` without decays.

    Parameters
    ----------
    network, origins, opportunities, cutoffs_min, capacity, direction, threads
        As for :func:`reach`.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from inclusion_marker.accessibility.network import load_network
    >>> from inclusion_marker.city import load_city
    >>> streets = load_city("cucuta").root / "streets.gpkg"
    >>> network = load_network(streets, crs="EPSG:32618", layer="vias")
    >>> door = gpd.GeoSeries(shapely.points(network.nodes[:1]), crs=network.crs)
    >>> cumulative(network, door, door, [15]).columns.tolist()
    ['closest_within_15']
    """
    return reach(
        network,
        origins,
        opportunities,
        cutoffs_min=cutoffs_min,
        capacity=capacity,
        direction=direction,
        threads=threads,
    )


def gravity(
    network: Network,
    origins: Origins,
    opportunities: Opportunities,
    decay: Decay,
    *,
    capacity: str | None = None,
    direction: Direction = "to",
    threads: int | None = None,
) -> pd.DataFrame:
    """Return the opportunities weighed by one decay, column ``<category>_gravity``.

    Parameters
    ----------
    network, origins, opportunities, capacity, direction, threads
        As for :func:`reach`.
    decay
        What an opportunity counts at each time.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from inclusion_marker.accessibility.decays import Linear
    >>> from inclusion_marker.accessibility.network import load_network
    >>> from inclusion_marker.city import load_city
    >>> streets = load_city("cucuta").root / "streets.gpkg"
    >>> network = load_network(streets, crs="EPSG:32618", layer="vias")
    >>> door = gpd.GeoSeries(shapely.points(network.nodes[:1]), crs=network.crs)
    >>> gravity(network, door, door, Linear(30)).loc[0].tolist()
    [1.0]
    """
    return reach(
        network,
        origins,
        opportunities,
        decays={"gravity": decay},
        capacity=capacity,
        direction=direction,
        threads=threads,
    )
