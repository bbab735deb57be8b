"""Where on each street the time runs out: the parts that each cut-off adds to the one before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from shapely.ops import substring

from inclusion_marker.accessibility.clock import DS_PER_MIN
from inclusion_marker.accessibility.engine import Direction
from inclusion_marker.accessibility.network import Network
from inclusion_marker.accessibility.searching import search
from inclusion_marker.accessibility.snapping import Spots

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Shapes = npt.NDArray[np.object_]

_LEAST_M = 1e-6  # shorter parts are rounding


@dataclass(frozen=True, eq=False)
class Parts:
    """Reached parts of streets.

    Attributes
    ----------
    edge, begin, end
        Street of each part, and the shares of it between which it lies.
    band
        Position of the least cut-off that reaches it.
    minutes
        The least time on it.
    length_m
        Metres.
    """

    edge: Ints
    begin: Floats
    end: Floats
    band: Ints
    minutes: Floats
    length_m: Floats

    def lines(self, network: Network, chosen: Ints) -> Shapes:
        """Return the lines of some parts, drawn as their streets are.

        Parameters
        ----------
        network
            The streets.
        chosen
            Numbers of the parts.
        """
        lines: Shapes = network.lines[self.edge[chosen]]
        begin, end = self.begin[chosen], self.end[chosen]
        for k in np.flatnonzero((begin > 0) | (end < 1)):
            lines[k] = substring(lines[k], begin[k], end[k], normalized=True)
        return lines


def spread(network: Network, spots: Spots, cutoffs_min: Floats, direction: Direction) -> Parts:
    """Return the parts of streets that each cut-off adds to the one before.

    Parameters
    ----------
    network
        The streets.
    spots
        Where the search begins, after the leg of each.
    cutoffs_min
        Rising.
    direction
        ``"from"`` the spots, or ``"to"`` them.

    Returns
    -------
    parts
        Each is reached from one end of its street, from a spot on it, or from both ends.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from inclusion_marker.accessibility.network import load_network
    >>> from inclusion_marker.accessibility.snapping import place_opportunities
    >>> from inclusion_marker.city import load_city
    >>> streets = load_city("cucuta").root / "streets.gpkg"
    >>> network = load_network(streets, crs="EPSG:32618", layer="vias")
    >>> home = gpd.GeoSeries([shapely.Point(network.nodes[0])], crs=network.crs)
    >>> spots = place_opportunities(network, home)
    >>> sorted(set(spread(network, spots, np.array([5.0, 10.0]), "from").band.tolist()))
    [0, 1]
    """
    cutoffs_ds = cutoffs_min * DS_PER_MIN
    cut = _stretches(network, spots)
    times = search(
        cut.n,
        cut.streets,
        cut.sources,
        int(cutoffs_ds[-1]),
        starts_ds=spots.leg_ds,
        direction=direction,
    )
    tail, head, forward, backward = cut.streets
    there, back = (forward, backward) if direction == "from" else (backward, forward)
    near, far = _Side.of(times[tail], there), _Side.of(times[head], back)
    found = []
    up = down = np.zeros(len(tail))
    for band, cutoff in enumerate(cutoffs_ds):
        time_up, time_down = near.time(up), far.time(down)
        began, ended = up, 1 - down
        up, down = near.share(cutoff), far.share(cutoff)
        met = up + down >= 1
        # Where both fronts meet, what lay between them is one part.
        first = np.where(met, np.minimum(time_up, time_down), time_up)
        found.append(_parts(network, cut, band, (began, np.where(met, ended, up)), first))
        found.append(_parts(network, cut, band, (np.where(met, 1, 1 - down), ended), time_down))
    return _together(found)


@dataclass(frozen=True, eq=False)
class _Stretches:
    """Streets cut at the spots, which are nodes then.

    Attributes
    ----------
    n
        Number of nodes; the spots come last.
    sources
        Node of each spot.
    edge, begin, end
        Street of each stretch, and the shares of it between which it lies.
    streets
        Tail, head, forward and backward cost of each.
    """

    n: int
    sources: Ints
    edge: Ints
    begin: Floats
    end: Floats
    streets: tuple[Shorts, Shorts, Shorts, Shorts]


def _stretches(network: Network, spots: Spots) -> _Stretches:
    """Return the streets cut at the spots; costs are rounded as the engine does."""
    n, m = len(network.nodes), len(network.tail)
    where = np.column_stack([spots.edge.astype(np.float64), spots.share])
    where, source = np.unique(where, axis=0, return_inverse=True)
    on, share = where[:, 0].astype(np.int64), where[:, 1]
    edge = np.repeat(np.arange(m), 1 + np.bincount(on, minlength=m))
    before = on + np.arange(len(on))  # the stretch that ends at each spot
    begin, end = np.zeros(len(edge)), np.ones(len(edge))
    begin[before + 1], end[before] = share, share
    tail, head = network.tail[edge], network.head[edge]
    tail[before + 1] = head[before] = n + np.arange(len(on))
    costs = []
    for whole in (network.forward_ds[edge], network.backward_ds[edge]):
        cost = np.floor(end * whole + 0.5) - np.floor(begin * whole + 0.5)
        costs.append(np.where(whole >= 0, cost, -1).astype(np.int32))
    streets = tail, head, costs[0], costs[1]
    return _Stretches(n + len(on), n + source.reshape(-1), edge, begin, end, streets)


@dataclass(frozen=True, eq=False)
class _Side:
    """How stretches are entered by one of their ends: at which time, at which cost; inf if never.

    Attributes
    ----------
    start, cost
        Deciseconds.
    """

    start: Floats
    cost: Floats

    @classmethod
    def of(cls, start: Shorts, cost: Shorts) -> _Side:
        """Return the side of a time and a cost that are -1 where there is none."""
        entered = (start >= 0) & (cost >= 0)
        return cls(np.where(entered, start, np.inf), np.where(entered, cost, 0).astype(float))

    def share(self, cutoff: float) -> Floats:
        """Return how much of each stretch is reached by this side within the cut-off."""
        rest = cutoff - self.start
        share = np.divide(rest, self.cost, out=np.ones(len(rest)), where=self.cost > 0)
        return np.where(rest >= 0, np.minimum(share, 1.0), 0.0)

    def time(self, share: Floats) -> Floats:
        """Return the time at a share from this side."""
        return self.start + share * self.cost


def _parts(
    network: Network, cut: _Stretches, band: int, shares: tuple[Floats, Floats], times_ds: Floats
) -> Parts:
    """Return parts of stretches as parts of streets, without those that have no length."""
    begin, end = shares
    span = cut.end - cut.begin
    length = (end - begin) * span * network.length_m[cut.edge]
    kept = np.flatnonzero(length > _LEAST_M)
    begin, end, span, start = begin[kept], end[kept], span[kept], cut.begin[kept]
    return Parts(
        edge=cut.edge[kept],
        begin=start + begin * span,
        end=np.where(end >= 1, cut.end[kept], start + end * span),
        band=np.full(len(kept), band),
        minutes=times_ds[kept] / DS_PER_MIN,
        length_m=length[kept],
    )


def _together(found: list[Parts]) -> Parts:
    """Return several tables of parts as one."""
    return Parts(
        edge=np.concatenate([each.edge for each in found]),
        begin=np.concatenate([each.begin for each in found]),
        end=np.concatenate([each.end for each in found]),
        band=np.concatenate([each.band for each in found]),
        minutes=np.concatenate([each.minutes for each in found]),
        length_m=np.concatenate([each.length_m for each in found]),
    )
