"""Compiled loops that prepare a street network: an elimination order, and weights along it.

The order is that of a contraction hierarchy that does not know the speeds (Dibbelt, Strasser and
Wagner 2016): nodes are eliminated one by one, the neighbours of each are joined, and every
shortest path then goes up along arcs to later nodes and down again. New speeds need new weights
only, not a new order.
"""

import numpy as np
import numpy.typing as npt

from inclusion_marker.accessibility.compiled import kernel

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Flags = npt.NDArray[np.int8]


@kernel
def hilbert(steps: Ints, bits: int) -> Ints:
    """Return how far along a Hilbert curve each point of a square of ``2**bits`` steps lies.

    Parameters
    ----------
    steps
        Columns and rows, shape ``(n, 2)``; changed here.
    bits
        Levels of the curve.

    References
    ----------
    Hilbert, D. (1891). Über die stetige Abbildung einer Linie auf ein Flächenstück.
    *Mathematische Annalen*, 38, 459-460.
    """
    along = np.zeros(len(steps), np.int64)
    for i in range(len(steps)):
        x, y = steps[i, 0], steps[i, 1]
        for level in range(bits - 1, -1, -1):
            side = np.int64(1) << level
            right, upper = (x >> level) & 1, (y >> level) & 1
            along[i] += side * side * ((3 * right) ^ upper)
            x, y = x & (side - 1), y & (side - 1)
            if upper == 0:
                if right == 1:
                    x, y = side - 1 - x, side - 1 - y
                x, y = y, x
    return along


@kernel
def neighbours(n: int, tails: Shorts, heads: Shorts) -> tuple[Ints, Shorts]:
    """Return the neighbours of each node in CSR form: both ways, no loops, none twice.

    Parameters
    ----------
    n
        Number of nodes.
    tails, heads
        Ends of the streets.
    """
    begins = np.zeros(n + 1, np.int64)
    for i in range(len(tails)):
        begins[tails[i] + 1] += 1
        begins[heads[i] + 1] += 1
    for v in range(n):
        begins[v + 1] += begins[v]
    fill = begins[:-1].copy()
    ends = np.empty(2 * len(tails), np.int32)
    for i in range(len(tails)):
        t, h = tails[i], heads[i]
        ends[fill[t]] = h
        fill[t] += 1
        ends[fill[h]] = t
        fill[h] += 1
    seen = np.full(n, -1, np.int32)
    offsets = np.zeros(n + 1, np.int64)
    kept = 0
    for v in range(n):
        seen[v] = v
        # Kept ones move to the front, over those already read.
        for e in range(begins[v], begins[v + 1]):
            if seen[ends[e]] != v:
                seen[ends[e]] = v
                ends[kept] = ends[e]
                kept += 1
        offsets[v + 1] = kept
    return offsets, ends[:kept].copy()


@kernel
def _larger(held: Shorts, filled: np.int64, size: int) -> Shorts:
    """Return a larger array that begins with what is filled of another."""
    # Entry by entry: a slice that is assigned costs seconds of compilation.
    larger = np.empty(size, np.int32)
    for i in range(filled):
        larger[i] = held[i]
    return larger


@kernel
def eliminate(offsets: Ints, heads: Shorts) -> tuple[Shorts, Ints, Shorts]:
    """Return an order of elimination by least degree, and the later neighbours of each node.

    Parameters
    ----------
    offsets, heads
        Neighbours of each node in CSR form, shapes ``(n + 1,)`` and ``(2 e,)``: both directions,
        no loops, none twice.

    Returns
    -------
    rank, up_offsets, up_heads
        Rank of each node, shape ``(n,)``; and by rank the neighbours that are eliminated later,
        as ranks, those that elimination adds included.

    References
    ----------
    Tinney, W. F., & Walker, J. W. (1967). Direct solutions of sparse network equations by
    optimally ordered triangular factorization. *Proceedings of the IEEE*, 55(11), 1801-1809.
    """
    n = len(offsets) - 1
    # Neighbours still to come of each node, in a pool: a node that outgrows its room moves on.
    degree = np.empty(n, np.int32)
    room = np.empty(n, np.int32)
    start = np.empty(n, np.int64)
    used = np.int64(0)
    for v in range(n):
        degree[v] = offsets[v + 1] - offsets[v]
        room[v] = max(4, degree[v])
        start[v] = used
        used += room[v]
    pool = np.empty(used * 4 + 4096, np.int32)
    for v in range(n):
        for j in range(degree[v]):
            pool[start[v] + j] = heads[offsets[v] + j]
    # Nodes of one key in a doubly linked list; among nodes of one degree those of low level first.
    most = 8192
    queue = np.full(most, -1, np.int32)
    after = np.empty(n, np.int32)
    before = np.empty(n, np.int32)
    key = np.empty(n, np.int32)
    level = np.zeros(n, np.int32)
    for v in range(n - 1, -1, -1):
        k = min(4 * degree[v], most - 1)
        key[v] = k
        after[v] = queue[k]
        before[v] = -1
        if queue[k] >= 0:
            before[queue[k]] = v
        queue[k] = v
    rank = np.full(n, -1, np.int32)
    mark = np.full(n, -1, np.int32)
    up_offsets = np.zeros(n + 1, np.int64)
    up_heads = np.empty(6 * n + 1024, np.int32)
    filled = np.int64(0)
    k = 0
    for r in range(n):
        while queue[k] < 0:
            k += 1
        v = queue[k]
        queue[k] = after[v]
        if after[v] >= 0:
            before[after[v]] = -1
        rank[v] = r
        d = degree[v]
        s = start[v]
        if filled + d > len(up_heads):
            up_heads = _larger(up_heads, filled, 2 * len(up_heads) + d)
        for j in range(d):
            up_heads[filled + j] = pool[s + j]
        filled += d
        up_offsets[r + 1] = filled
        for i in range(d):
            u = pool[s + i]
            su = start[u]
            held = degree[u]
            for j in range(held):
                t = pool[su + j]
                mark[t] = u
                if t == v:
                    held -= 1
                    pool[su + j] = pool[su + held]
                    mark[pool[su + j]] = u
                    break
            for j in range(held):
                mark[pool[su + j]] = u
            if held + d > room[u]:
                room[u] = held + d + ((held + d) >> 1)
                if used + room[u] > len(pool):
                    pool = _larger(pool, used, 2 * len(pool) + room[u])
                for j in range(held):
                    pool[used + j] = pool[su + j]
                su = used
                start[u] = su
                used += room[u]
            for j in range(d):
                t = pool[s + j]
                if t != u and mark[t] != u:
                    pool[su + held] = t
                    held += 1
            degree[u] = held
            level[u] = max(level[u], level[v] + 1)
            new = min(4 * held + min(3, level[u] >> 5), most - 1)
            if new != key[u]:
                if before[u] >= 0:
                    after[before[u]] = after[u]
                else:
                    queue[key[u]] = after[u]
                if after[u] >= 0:
                    before[after[u]] = before[u]
                key[u] = new
                before[u] = -1
                after[u] = queue[new]
                if queue[new] >= 0:
                    before[queue[new]] = u
                queue[new] = u
                k = min(k, new)
    for e in range(filled):
        up_heads[e] = rank[up_heads[e]]
    return rank, up_offsets, up_heads[:filled].copy()


@kernel
def settle(up_offsets: Ints, up_heads: Shorts) -> tuple[Shorts, Ints, Shorts, Shorts, Shorts]:
    """Return positions in which every subtree of the elimination is one range.

    Parameters
    ----------
    up_offsets, up_heads
        As :func:`eliminate` returns them.

    Returns
    -------
    position, offsets, heads, first, parent
        New number of each rank, every node behind all that hang on it; the later neighbours by
        position; the first position of each subtree (a subtree is ``first[v]..v``); and the
        parent of each node, -1 for a root.
    """
    n = len(up_offsets) - 1
    parent = np.full(n, -1, np.int32)
    children = np.zeros(n + 1, np.int64)
    for v in range(n):
        lowest = n
        for e in range(up_offsets[v], up_offsets[v + 1]):
            lowest = min(lowest, up_heads[e])
        if lowest < n:
            parent[v] = lowest
            children[lowest + 1] += 1
    for v in range(n):
        children[v + 1] += children[v]
    child = np.empty(n, np.int32)
    fill = children[:-1].copy()
    for v in range(n):
        if parent[v] >= 0:
            child[fill[parent[v]]] = v
            fill[parent[v]] += 1
    # Depth first from the roots, numbered from the end: ancestors stay together, and in cache.
    position = np.empty(n, np.int32)
    stack = np.empty(n, np.int32)
    height = 0
    for v in range(n):
        if parent[v] < 0:
            stack[height] = v
            height += 1
    following = n - 1
    while height > 0:
        height -= 1
        v = stack[height]
        position[v] = following
        following -= 1
        for c in range(children[v], children[v + 1]):
            stack[height] = child[c]
            height += 1
    offsets = np.zeros(n + 1, np.int64)
    for v in range(n):
        offsets[position[v] + 1] = up_offsets[v + 1] - up_offsets[v]
    for v in range(n):
        offsets[v + 1] += offsets[v]
    heads = np.empty(len(up_heads), np.int32)
    above = np.full(n, -1, np.int32)
    for v in range(n):
        p = position[v]
        if parent[v] >= 0:
            above[p] = position[parent[v]]
        at = offsets[p]
        for e in range(up_offsets[v], up_offsets[v + 1]):
            heads[at] = position[up_heads[e]]
            at += 1
    first = np.arange(n).astype(np.int32)
    for v in range(n):
        if above[v] >= 0:
            first[above[v]] = min(first[above[v]], first[v])
    return position, offsets, heads, first, above


@kernel
def all_above(targets: Shorts, parent: Shorts) -> Flags:
    """Return 1 for the targets and all nodes above them.

    Parameters
    ----------
    targets
        Positions.
    parent
        Parent of each position, -1 for a root.
    """
    needed = np.zeros(len(parent), np.int8)
    for i in range(len(targets)):
        v = targets[i]
        while v >= 0 and needed[v] == 0:
            needed[v] = 1
            v = parent[v]
    return needed
