"""A street network prepared for sweeps: its order of elimination, weights, and points on streets.

The order depends on which streets meet (:func:`find_order`); new speeds need new weights only
(:func:`reweigh`). Points hang below the order, so that a prepared network serves any points
(:func:`attach`). Numbers of nodes are the caller's; attached points follow them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inclusion_marker.accessibility import kernels_order, kernels_weights

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Arcs:
    """Arcs from each position to later ones: offsets, and head and cost side by side."""

    offsets: Ints
    arcs: Shorts


@dataclass(frozen=True, eq=False)
class Engine:
    """A prepared network.

    Attributes
    ----------
    position
        Position in the order of elimination of each node and attached point.
    out, into
        Arcs by the cost of going up them, and of coming down them.
    full_offsets, full_heads
        All later neighbours, by position.
    first, parent
        The tree of the order.
    """

    position: Shorts
    out: Arcs
    into: Arcs
    full_offsets: Ints
    full_heads: Shorts
    first: Shorts
    parent: Shorts


@dataclass(frozen=True, eq=False)
class Points:
    """Points on streets.

    Attributes
    ----------
    street
        A number for each street: points of one street share it.
    tail, head
        Nodes at the ends of the street.
    forward_ds, backward_ds
        Cost of the whole street in either direction, -1 where closed.
    share
        Where the point is, 0 at the tail and 1 at the head.
    leg_ds
        Cost between the point and the street.
    """

    street: Ints
    tail: Shorts
    head: Shorts
    forward_ds: Shorts
    backward_ds: Shorts
    share: Floats
    leg_ds: Shorts


@dataclass(frozen=True, eq=False)
class Order:
    """What does not depend on speeds: the order of elimination and the arcs it has.

    Attributes
    ----------
    position
        Position of each node.
    offsets, heads, first, parent
        Arcs and tree, by position.
    """

    position: Shorts
    offsets: Ints
    heads: Shorts
    first: Shorts
    parent: Shorts


def find_order(n: int, tails: Shorts, heads: Shorts, xy: Floats | None = None) -> Order:
    """Return the order of elimination of a network.

    Parameters
    ----------
    n
        Number of nodes.
    tails, heads
        Ends of the streets.
    xy
        Coordinates, shape ``(n, 2)``; neighbours then lie close in memory. Any order is exact.
    """
    along = np.arange(n) if xy is None else _hilbert_order(xy)
    place = np.empty(n, np.int32)
    place[along] = np.arange(n, dtype=np.int32)
    offsets, neighbours = kernels_order.neighbours(n, place[tails], place[heads])
    rank, up_offsets, up_heads = kernels_order.eliminate(offsets, neighbours)
    position, offsets, arcs, first, parent = kernels_order.settle(up_offsets, up_heads)
    return Order(position[rank[place]], offsets, arcs, first, parent)


_HILBERT_BITS = 16


def _hilbert_order(xy: Floats) -> Ints:
    """Return the nodes along a Hilbert curve."""
    low = xy.min(axis=0)
    side = max(float((xy.max(axis=0) - low).max()), 1e-9)
    steps = ((xy - low) * ((2**_HILBERT_BITS - 1) / side)).astype(np.int64)
    return np.argsort(kernels_order.hilbert(steps, _HILBERT_BITS), kind="stable")


def reweigh(
    order: Order, tails: Shorts, heads: Shorts, forward_ds: Shorts, backward_ds: Shorts
) -> Engine:
    """Return the engine of an order under given costs.

    Parameters
    ----------
    order
        Of the network.
    tails, heads
        Ends of the streets: those that the order was found for.
    forward_ds, backward_ds
        Cost of each street in either direction, whole deciseconds, -1 where closed.
    """
    offsets, ends = order.offsets, order.heads
    out, into = kernels_weights.lay_weights(
        offsets, ends, order.position[tails], order.position[heads], forward_ds, backward_ds
    )
    kernels_weights.customise(offsets, ends, out, into)
    keeps_out, keeps_into = kernels_weights.perfect(offsets, ends, out, into)
    up = Arcs(*kernels_weights.compact(offsets, ends, out, keeps_out))
    # A network that costs the same both ways is read from one list, and half the memory.
    same = np.array_equal(out, into)
    down = up if same else Arcs(*kernels_weights.compact(offsets, ends, into, keeps_into))
    return Engine(order.position, up, down, offsets, ends, order.first, order.parent)


def build(
    n: int,
    tails: Shorts,
    heads: Shorts,
    forward_ds: Shorts,
    backward_ds: Shorts,
    xy: Floats | None = None,
) -> Engine:
    """Return the engine of a network.

    Parameters
    ----------
    n
        Number of nodes.
    tails, heads
        Ends of each street, shape ``(m,)``; loops and parallel streets are welcome.
    forward_ds, backward_ds
        Cost of each street in either direction, whole deciseconds, -1 where closed.
    xy
        Coordinates of the nodes, shape ``(n, 2)``; only speed depends on them.

    Examples
    --------
    >>> row = np.array([0, 1], np.int32), np.array([1, 2], np.int32)
    >>> engine = build(3, *row, np.array([5, 7], np.int32), np.array([5, -1], np.int32))
    >>> len(engine.position)
    3
    """
    order = find_order(n, tails, heads, xy)
    return reweigh(order, tails, heads, forward_ds, backward_ds)


def attach(engine: Engine, points: Points) -> Engine:
    """Return the engine with points on its streets; they are numbered after its nodes.

    The points of a street hang as a chain below its two ends: a street with a hundred points has
    the order of one without, and two points of one street reach each other along it.

    Parameters
    ----------
    engine
        The network; its points, if any, stay.
    points
        Points on streets that the order knows; those of one street must come in one call, or they
        do not see each other along it.
    """
    if not len(points.street):
        return engine
    chain = _chained(engine, points)
    n, owners = len(engine.first), chain.owner
    below = np.searchsorted(owners, np.arange(n + 1), side="left")  # items that earlier nodes own
    at = (np.arange(n) + below[1:]).astype(np.int32)  # where each old position goes
    here = (np.arange(len(owners)) + owners).astype(np.int32)
    heads = np.column_stack([at[owners], at[chain.far]])
    nearby = chain.following >= 0
    heads[nearby, 1] = here[chain.following[nearby]]
    hangs = chain.hanging
    heads[hangs, 0] = here[chain.following[hangs]]
    first = np.empty(n + len(owners), np.int32)
    first[at] = engine.first + below[engine.first]
    first[here] = here[chain.start]
    first[here[hangs]] = here[hangs]
    parent = np.empty_like(first)
    parent[at] = np.where(engine.parent >= 0, at[engine.parent], -1)
    parent[here] = np.where(nearby, here[chain.following], at[owners])
    merge = _Merge(at, here, heads)
    full_offsets, full = merge.heads(engine, np.column_stack([np.ones_like(hangs), ~hangs]))
    out = merge.arcs(engine.out, chain.out)
    same = engine.out is engine.into and np.array_equal(chain.out, chain.into)
    into = out if same else merge.arcs(engine.into, chain.into)
    number = np.empty(len(points.street), np.int32)
    number[chain.point[chain.point >= 0]] = here[chain.point >= 0]
    position = np.concatenate([at[engine.position], number])
    return Engine(position, out, into, full_offsets, full, first, parent)


@dataclass(frozen=True, eq=False)
class _Chain:
    """The items that hang below an order, in its order: places on streets, and points beside.

    Attributes
    ----------
    point
        Number of the point that an item stands for, -1 for the place that a point hangs on.
    owner, far
        Earlier and later end of the street, old positions.
    following
        The item that an item hangs on or precedes on its street, -1 for the last.
    start
        First item of the street.
    hanging
        Whether an item is a point beside its street.
    out, into
        Costs to the two neighbours and from them, shape ``(items, 2)``; ``FAR`` where closed.
    """

    point: Ints
    owner: Ints
    far: Ints
    following: Ints
    start: Ints
    hanging: npt.NDArray[np.bool_]
    out: Ints
    into: Ints


def _chained(engine: Engine, points: Points) -> _Chain:
    """Return the items of points, street by street from the earlier end to the later one."""
    tail, head = engine.position[points.tail], engine.position[points.head]
    turned = tail > head
    low, high = np.minimum(tail, head).astype(np.int64), np.maximum(tail, head).astype(np.int64)
    whole = np.column_stack([points.forward_ds, points.backward_ds]).astype(np.int64)
    # Rounded from the tail, whichever end comes first in the order.
    done = np.floor(points.share[:, None] * whole + 0.5).astype(np.int64)
    left = whole - done
    # In rising direction of the chain, and against it: cost between the earlier end and the point.
    up = np.where(turned, left[:, 1], done[:, 0])
    back = np.where(turned, left[:, 0], done[:, 1])
    total_up = np.where(turned, whole[:, 1], whole[:, 0])
    total_back = np.where(turned, whole[:, 0], whole[:, 1])
    along = np.where(turned, 1.0 - points.share, points.share)
    order = np.lexsort((np.arange(len(low)), along, points.street, low))
    beside = points.leg_ds[order] > 0
    # A point beside its street comes as two items: itself, and the place that it hangs on.
    copies = 1 + beside
    of = np.repeat(order, copies)
    ends = np.cumsum(copies) - 1
    hanging = np.ones(len(of), bool)
    hanging[ends] = False
    point = of.copy()
    point[ends[beside]] = -1
    street = points.street[of]
    fresh = np.append(True, (street[1:] != street[:-1]) | (low[of][1:] != low[of][:-1]))
    start = np.flatnonzero(fresh)[np.cumsum(fresh) - 1]
    following = np.full(len(of), -1)
    following[hanging] = np.flatnonzero(hanging) + 1
    same = ~fresh[ends[:-1] + 1] if len(ends) > 1 else np.empty(0, bool)
    following[ends[:-1][same]] = ends[1:][same]
    last = following < 0
    then = np.where(last, 0, following)
    open_up, open_back = total_up[of] >= 0, total_back[of] >= 0
    next_up = np.where(last, total_up[of], up[of][then]) - up[of]
    next_back = np.where(last, total_back[of], back[of][then]) - back[of]
    # Points of one place reach each other on a one-way street, too.
    one_place = ~last & (points.share[of] == points.share[of[then]])
    far = kernels_weights.FAR
    out = np.column_stack(
        [
            np.where(open_back, back[of], far),
            np.where(one_place, 0, np.where(open_up, next_up, far)),
        ]
    )
    into = np.column_stack(
        [
            np.where(open_up, up[of], far),
            np.where(one_place, 0, np.where(open_back, next_back, far)),
        ]
    )
    leg = points.leg_ds[of]
    for costs in (out, into):
        costs[hanging] = np.column_stack([leg, np.full(len(leg), far)])[hanging]
    return _Chain(point, low[of], high[of], following, start, hanging, out, into)


@dataclass(frozen=True, eq=False)
class _Merge:
    """Where old positions and new items go when the two are put into one order."""

    at: Shorts
    here: Shorts
    ends: Shorts

    def _offsets(self, old: Ints, kept: npt.NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
        """Return the offsets of both together, and where the arcs of each go."""
        counts = np.empty(len(self.at) + len(self.here), np.int64)
        counts[self.at] = np.diff(old)
        counts[self.here] = kept.sum(axis=1)
        offsets = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(counts, out=offsets[1:])
        moved = offsets[self.at] - old[:-1]
        of_old = np.arange(old[-1]) + np.repeat(moved, np.diff(old))
        second = offsets[self.here][:, None] + np.cumsum(kept, axis=1) - 1
        return offsets, of_old, second[kept]

    def heads(self, engine: Engine, kept: npt.NDArray[np.bool_]) -> tuple[Ints, Shorts]:
        """Return all later neighbours."""
        offsets, of_old, of_new = self._offsets(engine.full_offsets, kept)
        heads = np.empty(offsets[-1], np.int32)
        heads[of_old] = self.at[engine.full_heads]
        heads[of_new] = self.ends[kept]
        return offsets, heads

    def arcs(self, old: Arcs, costs: Ints) -> Arcs:
        """Return the arcs of one direction."""
        kept = costs < kernels_weights.FAR
        offsets, of_old, of_new = self._offsets(old.offsets, kept)
        arcs = np.empty((offsets[-1], 2), np.int32)
        arcs[of_old, 0] = self.at[old.arcs[:, 0]]
        arcs[of_old, 1] = old.arcs[:, 1]
        arcs[of_new, 0] = self.ends[kept]
        arcs[of_new, 1] = costs[kept]
        return Arcs(offsets, arcs)
