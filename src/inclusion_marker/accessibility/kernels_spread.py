"""The compiled search of sixteen facilities at once, within a limit.

The facilities of a batch lie close together in the order, so that they share their way up; what
lies beyond the limit is passed over a whole subtree at once.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inclusion_marker.accessibility.compiled import kernel

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Flags = npt.NDArray[np.int8]

LANES = 16  # rows of 32 bits: one line of cache
FAR = 2**30


class Tree(NamedTuple):
    """A prepared network as the kernels read it, by position.

    Attributes
    ----------
    up_offsets, up_arcs, down_offsets, down_arcs
        Arcs of both passes, head and cost.
    full_offsets, full_heads
        All later neighbours, those without a kept arc included.
    first, parent
        Tree of the order.
    needed
        1 for targets and all above them.
    """

    up_offsets: Ints
    up_arcs: Shorts
    down_offsets: Ints
    down_arcs: Shorts
    full_offsets: Ints
    full_heads: Shorts
    first: Shorts
    parent: Shorts
    needed: Flags


class Room(NamedTuple):
    """What one thread works in.

    Attributes
    ----------
    rows, least
        Times, shape ``(n, LANES)``, and the least of each row; rows beyond the limit hold junk.
    live, climbed
        Flags, all zero between batches, and positions.
    reached
        Positions within the limit, falling.
    """

    rows: Shorts
    least: Shorts
    live: Flags
    climbed: Shorts
    reached: Shorts


@kernel
def room_for(n: int) -> Room:
    """Return the room for a network of so many positions."""
    return Room(
        np.empty((n, LANES), np.int32),
        np.full(n, FAR, np.int32),
        np.zeros(n, np.int8),
        np.empty(n, np.int32),
        np.empty(n, np.int32),
    )


@kernel
def spread(tree: Tree, nodes: Shorts, lanes: Shorts, limit: int, room: Room) -> int:
    """Return how many needed nodes lie within the limit of a batch; their times are in the room.

    Parameters
    ----------
    tree
        The network.
    nodes, lanes
        Position and lane of each place of the batch's facilities.
    limit
        Longest time that counts.
    room
        ``reached`` and the rows of the positions in it are written here.
    """
    n = len(tree.first)
    rows, least, live, climbed, reached = room
    count = 0
    for i in range(len(nodes)):
        v = nodes[i]
        while v >= 0 and live[v] == 0:
            live[v] = 1
            for lane in range(LANES):
                rows[v, lane] = FAR
            climbed[count] = v
            count += 1
            v = tree.parent[v]
        rows[nodes[i], lanes[i]] = 0
    climbed[:count].sort()
    for i in range(count):
        v = climbed[i]
        lowest = rows[v, 0]
        for lane in range(LANES):
            lowest = min(lowest, rows[v, lane])
        least[v] = lowest
        if lowest > limit:
            continue
        for e in range(tree.up_offsets[v], tree.up_offsets[v + 1]):
            t = tree.up_arcs[e, 0]
            w = tree.up_arcs[e, 1]
            if lowest + w <= limit:
                for lane in range(LANES):
                    rows[t, lane] = min(rows[t, lane], np.int32(rows[v, lane] + w))
    found = 0
    v = n - 1
    while v >= 0:
        if tree.needed[v] == 0:
            v = tree.first[v] - 1
            continue
        hit = live[v] != 0
        if not hit and tree.first[v] <= v - 4:
            # Nothing enters a subtree but through the neighbours of its root.
            enters = False
            for e in range(tree.full_offsets[v], tree.full_offsets[v + 1]):
                if least[tree.full_heads[e]] <= limit:
                    enters = True
                    break
            if not enters:
                v = tree.first[v] - 1
                continue
        for e in range(tree.down_offsets[v], tree.down_offsets[v + 1]):
            t = tree.down_arcs[e, 0]
            w = tree.down_arcs[e, 1]
            if np.int64(least[t]) + w <= limit:
                if hit:
                    for lane in range(LANES):
                        rows[v, lane] = min(rows[v, lane], np.int32(rows[t, lane] + w))
                else:
                    hit = True
                    for lane in range(LANES):
                        rows[v, lane] = min(np.int32(FAR), np.int32(rows[t, lane] + w))
        lowest = np.int32(FAR)
        if hit:
            for lane in range(LANES):
                lowest = min(lowest, rows[v, lane])
        least[v] = lowest
        if lowest <= limit:
            reached[found] = v
            found += 1
        v -= 1
    for i in range(count):
        live[climbed[i]] = 0
    return found
