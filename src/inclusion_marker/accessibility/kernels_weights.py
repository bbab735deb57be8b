"""Compiled loops that give an elimination order its weights, anew whenever speeds change."""

import numpy as np
import numpy.typing as npt

from inclusion_marker.accessibility.compiled import kernel

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Flags = npt.NDArray[np.int8]

FAR = 2**30  # beyond every cost, and the sum of two still fits 32 bits


@kernel
def lay_weights(
    offsets: Ints, heads: Shorts, tails: Shorts, ends: Shorts, forward: Shorts, backward: Shorts
) -> tuple[Shorts, Shorts]:
    """Return the weights of the arcs that streets give: the lightest of those between two nodes.

    Parameters
    ----------
    offsets, heads
        Later neighbours of each position.
    tails, ends, forward, backward
        Streets by the positions of their ends, and their costs, -1 where closed; loops count not.

    Returns
    -------
    out, into
        Cost of each arc from the earlier node to the later one, and back; ``FAR`` without a
        street.
    """
    out = np.full(len(heads), FAR, np.int32)
    into = np.full(len(heads), FAR, np.int32)
    for i in range(len(tails)):
        low, high = min(tails[i], ends[i]), max(tails[i], ends[i])
        if low == high:
            continue
        e = offsets[low]
        while heads[e] != high:
            e += 1
        up, down = forward[i], backward[i]
        if tails[i] != low:
            up, down = down, up
        if up >= 0:
            out[e] = min(out[e], up)
        if down >= 0:
            into[e] = min(into[e], down)
    return out, into


@kernel
def customise(offsets: Ints, heads: Shorts, out: Shorts, into: Shorts) -> None:
    """Lower every arc, in place, to the cheapest path through nodes eliminated before its ends.

    Parameters
    ----------
    offsets, heads
        Later neighbours of each position.
    out, into
        Costs of the arcs, changed here.
    """
    n = len(offsets) - 1
    mark = np.full(n, -1, np.int64)
    for v in range(n):
        begin, end = offsets[v], offsets[v + 1]
        if end - begin < 2:  # noqa: PLR2004 - no two neighbours to join
            continue
        for e in range(begin, end):
            mark[heads[e]] = e
        for e in range(begin, end):
            x = heads[e]
            from_x, to_x = into[e], out[e]
            for f in range(offsets[x], offsets[x + 1]):
                p = mark[heads[f]]
                if p >= 0:
                    out[f] = min(np.int64(out[f]), np.int64(from_x) + out[p])
                    into[f] = min(np.int64(into[f]), np.int64(into[p]) + to_x)
        for e in range(begin, end):
            mark[heads[e]] = -1


@kernel
def perfect(offsets: Ints, heads: Shorts, out: Shorts, into: Shorts) -> tuple[Flags, Flags]:
    """Return which arcs a sweep needs: those that no other path undercuts.

    Parameters
    ----------
    offsets, heads, out, into
        Arcs and their costs, as :func:`customise` leaves them.

    Returns
    -------
    keeps_out, keeps_into
        1 for the arcs that are needed in either direction.
    """
    n = len(offsets) - 1
    least_out, least_into = out.copy(), into.copy()
    mark = np.full(n, -1, np.int64)
    for v in range(n - 1, -1, -1):
        begin, end = offsets[v], offsets[v + 1]
        if end - begin < 2:  # noqa: PLR2004 - no two neighbours to go round by
            continue
        for e in range(begin, end):
            mark[heads[e]] = e
        for e in range(begin, end):
            x = heads[e]
            for f in range(offsets[x], offsets[x + 1]):
                p = mark[heads[f]]
                if p < 0:
                    continue
                there, back = np.int64(least_out[f]), np.int64(least_into[f])
                least_out[p] = min(np.int64(least_out[p]), least_out[e] + there)
                least_out[e] = min(np.int64(least_out[e]), least_out[p] + back)
                least_into[p] = min(np.int64(least_into[p]), back + least_into[e])
                least_into[e] = min(np.int64(least_into[e]), there + least_into[p])
        for e in range(begin, end):
            mark[heads[e]] = -1
    keeps_out = np.empty(len(out), np.int8)
    keeps_into = np.empty(len(out), np.int8)
    for e in range(len(out)):
        keeps_out[e] = out[e] < FAR and least_out[e] >= out[e]
        keeps_into[e] = into[e] < FAR and least_into[e] >= into[e]
    return keeps_out, keeps_into


@kernel
def compact(offsets: Ints, heads: Shorts, costs: Shorts, keeps: Flags) -> tuple[Ints, Shorts]:
    """Return the arcs that are kept, head and cost side by side.

    Parameters
    ----------
    offsets, heads, costs
        Arcs by position.
    keeps
        1 for the arcs to keep.

    Returns
    -------
    offsets, arcs
        Shapes ``(n + 1,)`` and ``(kept, 2)``.
    """
    n = len(offsets) - 1
    kept = np.zeros(n + 1, np.int64)
    count = np.int64(0)
    for v in range(n):
        for e in range(offsets[v], offsets[v + 1]):
            count += keeps[e]
        kept[v + 1] = count
    arcs = np.empty((count, 2), np.int32)
    at = 0
    for e in range(len(heads)):
        if keeps[e]:
            arcs[at, 0] = heads[e]
            arcs[at, 1] = costs[e]
            at += 1
    return kept, arcs
