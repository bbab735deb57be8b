"""Compiled sweeps for the k closest facilities: a short sorted list at each node."""

import numpy as np
import numpy.typing as npt

from inclusion_marker.accessibility.compiled import kernel

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Flags = npt.NDArray[np.int8]


@kernel
def _fold(keys: Ints, a: int, b: int, cost: np.int64, k: int) -> None:
    """Merge the sorted list of row ``b``, later by ``cost``, into that of row ``a``."""
    for j in range(k):
        key = keys[b, j] + cost
        if key >= keys[a, k - 1]:
            return
        facility = key & 0xFFFFFFFF
        hole = k - 1
        better = True
        for q in range(k):
            if keys[a, q] & 0xFFFFFFFF == facility:
                better = keys[a, q] > key
                hole = q
                break
        if better:
            while hole > 0 and keys[a, hole - 1] > key:
                keys[a, hole] = keys[a, hole - 1]
                hole -= 1
            keys[a, hole] = key


@kernel
def k_closest(
    up_offsets: Ints,
    up_arcs: Shorts,
    down_offsets: Ints,
    down_arcs: Shorts,
    needed: Flags,
    nodes: Shorts,
    facilities: Shorts,
    turn: Shorts,
    targets: Shorts,
    limit: int,
    keys: Ints,
    times: Shorts,
    ids: Shorts,
) -> None:
    """Write the k closest facilities of one category for every target, nearest first.

    Lists of k are exact: a facility that k others beat at a node is beaten beyond it, too.

    Parameters
    ----------
    up_offsets, up_arcs, down_offsets, down_arcs
        Arcs of both passes.
    needed
        1 for the nodes whose list somebody reads.
    nodes, facilities
        Position and number of each facility.
    turn, targets
        Targets in the order of their positions, and the position of each.
    limit
        Longest time that counts.
    keys
        Room for the lists, shape ``(n, k)``: ``time << 32 | facility``.
    times, ids
        Shape ``(targets, k)``; -1 where there are fewer than k.

    References
    ----------
    Wang, Y., et al. (2024). Simpler is more: efficient top-K nearest neighbors search on large
    road networks. *Proceedings of the VLDB Endowment*, 17(13), 4683-4695.
    """
    n, k = keys.shape
    # Beyond all keys, and no facility has these lower bits.
    far = (np.int64(1) << 61) | 0xFFFFFFFF
    touched = np.zeros(n, np.int8)
    for i in range(len(nodes)):
        v = nodes[i]
        if touched[v] == 0:
            touched[v] = 1
            for j in range(k):
                keys[v, j] = far
        key = np.int64(facilities[i])
        hole = k - 1
        held = keys[v, hole] <= key
        for q in range(k):
            held = held or keys[v, q] == key
        if not held:
            while hole > 0 and keys[v, hole - 1] > key:
                keys[v, hole] = keys[v, hole - 1]
                hole -= 1
            keys[v, hole] = key
    for v in range(n):
        if touched[v] == 0:
            continue
        for e in range(up_offsets[v], up_offsets[v + 1]):
            t = up_arcs[e, 0]
            cost = np.int64(up_arcs[e, 1]) << 32
            if touched[t] == 0:
                touched[t] = 1
                for j in range(k):
                    keys[t, j] = min(far, keys[v, j] + cost)
            else:
                _fold(keys, t, v, cost, k)
    for v in range(n - 1, -1, -1):
        if needed[v] == 0:
            continue
        written = touched[v] != 0
        for e in range(down_offsets[v], down_offsets[v + 1]):
            t = down_arcs[e, 0]
            cost = np.int64(down_arcs[e, 1]) << 32
            if written:
                _fold(keys, v, t, cost, k)
            else:
                written = True
                for j in range(k):
                    keys[v, j] = min(far, keys[t, j] + cost)
        if not written:
            for j in range(k):
                keys[v, j] = far
    for i in turn:
        v = targets[i]
        for j in range(k):
            key = keys[v, j]
            time = key >> 32
            times[i, j] = time if time <= limit else -1
            ids[i, j] = key & 0xFFFFFFFF if time <= limit else -1
