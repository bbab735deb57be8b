"""Origins and services joined on one prepared network, and answers brought back to the cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.accessibility.clock import DS_PER_MIN
from inclusion_marker.accessibility.engine import Facilities
from inclusion_marker.accessibility.hierarchy import Engine, attach
from inclusion_marker.accessibility.network import Network
from inclusion_marker.accessibility.snapping import (
    Spots,
    place_opportunities,
    place_origins,
    points_of,
)
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice, spoken

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Table: TypeAlias = "gpd.GeoSeries | gpd.GeoDataFrame"
Origins: TypeAlias = "Spots | Table"
Opportunities: TypeAlias = "Spots | Table | Mapping[str, Spots | Table]"

_HALF = 0.5


@dataclass(frozen=True, eq=False)
class Joined:
    """One query: the network with all places on it, who asks, and what is looked for.

    Attributes
    ----------
    engine
        The network with the places attached.
    origins
        Who asks.
    targets
        Numbers of the places of the origins.
    facilities
        What is looked for; the rank of a facility follows its label, so that the order of a
        table has no say.
    labels
        Labels of each category's facilities, by rank.
    keys
        Names of the categories.
    rows
        Row of each facility in the table of its category, by category and rank.
    """

    engine: Engine
    origins: Spots
    targets: Ints
    facilities: Facilities
    labels: tuple[npt.NDArray[np.object_], ...]
    keys: tuple[str, ...]
    rows: tuple[Ints, ...]
    notices: tuple[Notice, ...]

    def table(self, columns: Mapping[str, npt.ArrayLike]) -> pd.DataFrame:
        """Return columns labelled by origin; what was noticed stands in ``attrs``."""
        table = pd.DataFrame(columns, index=self.origins.index)
        table.attrs["notices"] = spoken(self.notices)
        return table

    def capacities(self, given: str | None, tables: Mapping[str, Spots | Table]) -> Floats:
        """Return the capacity of each facility: a column of its table, 1 without a name."""
        parts = []
        for key, rows in zip(self.keys, self.rows, strict=True):
            if given is None:
                parts.append(np.ones(len(rows)))
            else:
                parts.append(_column(tables[key], given, key)[rows])
        return np.concatenate([*parts, np.empty(0)])


def _column(table: Spots | Table, name: str, key: str) -> Floats:
    """Return a column of counts; missing ones count nothing, negative ones are refused."""
    if isinstance(table, Spots) or name not in getattr(table, "columns", ()):
        values = {"found": name, "expected": ", ".join(map(str, getattr(table, "columns", ())))}
        raise ParameterError(Notice("parameter_type", item=f"{key}.{name}", values=values))
    counts: Floats = np.nan_to_num(table[name].to_numpy(np.float64))
    if (counts < 0).any():
        values = {"found": f"{counts.min():g}", "low": "0", "high": "…"}
        raise ParameterError(Notice("parameter_out_of_range", item=f"{key}.{name}", values=values))
    return counts


def as_tables(opportunities: Opportunities) -> dict[str, Spots | Table]:
    """Return opportunities by category; those given without a name are ``closest``.

    Parameters
    ----------
    opportunities
        A table, or tables by category.
    """
    if isinstance(opportunities, Mapping):
        return {str(key): table for key, table in opportunities.items()}
    return {"closest": opportunities}


def join(network: Network, origins: Origins, opportunities: Opportunities) -> Joined:
    """Return origins and opportunities on one network.

    Parameters
    ----------
    network
        The streets.
    origins
        Cells or points, or their places.
    opportunities
        Services, by category or all of one; tables or their places.

    Raises
    ------
    ParameterError
        If something is in another CRS than the network.
    """
    asking = origins if isinstance(origins, Spots) else place_origins(network, origins)
    groups = {
        key: table if isinstance(table, Spots) else place_opportunities(network, table, name=key)
        for key, table in as_tables(opportunities).items()
    }
    placed = list(groups.values())
    n = len(network.nodes)
    # In the order of labels, whatever that of the tables: places at one point are told apart by it.
    turns = [_ranked(spots) for spots in (asking, *placed)]
    points = points_of(
        network, *(turn.of(spots) for turn, spots in zip(turns, (asking, *placed), strict=True))
    )
    engine = attach(network.engine, points)
    targets = n + turns[0].back
    begin = n + len(asking.owner)
    nodes, owner, category, rank = [], [], [], []
    rows: list[Ints] = []
    count = 0
    for number, (turn, spots) in enumerate(zip(turns[1:], placed, strict=True)):
        nodes.append(begin + np.arange(len(spots.owner)))
        owner.append(count + turn.rank[spots.owner][turn.order])
        category.append(np.full(len(spots.index), number))
        rank.append(np.arange(len(spots.index)))
        rows.append(turn.rows)
        begin += len(spots.owner)
        count += len(spots.index)
    empty = [np.empty(0, np.int64)]
    facilities = Facilities(
        nodes=np.concatenate(nodes + empty).astype(np.int32),
        owner=np.concatenate(owner + empty).astype(np.int32),
        category=np.concatenate(category + empty).astype(np.int32),
        rank=np.concatenate(rank + empty).astype(np.int32),
        categories=len(placed),
    )
    labels = tuple(
        spots.index.to_numpy(object)[order] for spots, order in zip(placed, rows, strict=True)
    )
    notices = [*network.notices, *asking.notices, *(each for s in placed for each in s.notices)]
    for key, spots in groups.items():
        if not len(spots.owner):
            none = {"total": len(spots.index)}
            notices.append(Notice("category_without_services", layer=key, values=none))
    return Joined(
        engine, asking, targets, facilities, labels, tuple(groups), tuple(rows), tuple(notices)
    )


@dataclass(frozen=True, eq=False)
class _Ranked:
    """The places of owners in the order of their labels.

    Attributes
    ----------
    rows, rank
        Row of each rank, and rank of each row.
    order, back
        Which place comes at each turn, and at which turn each place comes.
    """

    rows: Ints
    rank: Ints
    order: Ints
    back: Ints

    def of(self, spots: Spots) -> Spots:
        """Return the places in that order."""
        turned = {name: getattr(spots, name)[self.order] for name in _BY_PLACE}
        return replace(spots, **turned)


_BY_PLACE = ("owner", "edge", "share", "leg_ds", "weight")


def _ranked(spots: Spots) -> _Ranked:
    """Return the order of places by the labels of their owners."""
    rows = _by_label(spots.index)
    rank = _inverse(rows)
    order = np.argsort(rank[spots.owner], kind="stable")
    return _Ranked(rows, rank, order, _inverse(order))


def _inverse(order: Ints) -> Ints:
    """Return at which position each number stands."""
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return place


def _by_label(index: pd.Index) -> Ints:
    """Return the order of labels: by value where they can be compared, by text where not."""
    try:
        return np.asarray(np.argsort(index.to_numpy(), kind="stable"), np.int64)
    except TypeError:
        return np.asarray(np.argsort(index.astype(str).to_numpy(), kind="stable"), np.int64)


def mean_minutes(origins: Spots, times_ds: Shorts) -> tuple[Floats, Floats]:
    """Return the mean time of the people of each origin, and the share of them who get there.

    Parameters
    ----------
    origins
        Who asks.
    times_ds
        Time at each of their places, -1 where nothing is reached.

    Returns
    -------
    minutes, reached
        Shape ``(origins,)``. Minutes over those who get there; missing where that is less than
        half of the people, or where the origin has no place.
    """
    count = len(origins.index)
    there = times_ds >= 0
    reached = np.bincount(origins.owner[there], origins.weight[there], count)
    spent = np.bincount(
        origins.owner[there], origins.weight[there] * times_ds[there] / DS_PER_MIN, count
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        minutes = np.where(reached >= _HALF - 1e-9, spent / reached, np.nan)
    return minutes, reached.astype(np.float64)


def mean_of(origins: Spots, values: Floats) -> Floats:
    """Return the mean of a value over the people of each origin; missing without a place.

    Parameters
    ----------
    origins
        Who asks.
    values
        One value a place, none missing.
    """
    count = len(origins.index)
    total = np.bincount(origins.owner, origins.weight * values, count)
    placed = np.bincount(origins.owner, minlength=count) > 0
    return np.where(placed, total, np.nan)


def most_named(
    origins: Spots, ranks: Shorts, labels: npt.NDArray[np.object_]
) -> npt.NDArray[np.object_]:
    """Return the facility that most people of each origin go to; missing where none.

    Parameters
    ----------
    origins
        Who asks.
    ranks
        Facility of each of their places, -1 for none; of two with as many people the lower rank.
    labels
        Label of each rank.
    """
    named = np.full(len(origins.index), None, object)
    there = np.flatnonzero(ranks >= 0)
    if not len(there):
        return named
    pair = origins.owner[there] * np.int64(len(labels)) + ranks[there]
    unique, of = np.unique(pair, return_inverse=True)
    people = np.bincount(of, origins.weight[there])
    owner, rank = unique // len(labels), unique % len(labels)
    order = np.lexsort((rank, -people, owner))
    first = order[np.unique(owner[order], return_index=True)[1]]
    named[owner[first]] = labels[rank[first]]
    return named
