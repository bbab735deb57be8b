"""Compiled sweeps for the closest facilities: once up the elimination order, once down.

A label holds a time and a facility in one whole number, ``time << bits | facility``: of two equal
times the lower facility wins, whatever the order of work, and ids cost nothing. A row of labels
is one line of cache, a lane for each category.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from inclusion_marker.accessibility.compiled import kernel

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Flags = npt.NDArray[np.int8]
Labels = npt.NDArray[Any]  # 32 bits where time and facility fit, else 64


@kernel
def seed(
    nodes: Shorts, lanes: Shorts, facilities: Shorts, far: int, rows: Labels, touched: Flags
) -> None:
    """Put the facilities into their rows, in place.

    Parameters
    ----------
    nodes, lanes, facilities
        Position, lane and number of each facility.
    far
        The label of what is not reached.
    rows, touched
        Labels, shape ``(n, lanes)``, and which rows hold any.
    """
    width = rows.shape[1]
    for i in range(len(nodes)):
        v = nodes[i]
        if touched[v] == 0:
            touched[v] = 1
            for lane in range(width):
                rows[v, lane] = far
        rows[v, lanes[i]] = min(rows[v, lanes[i]], facilities[i])


@kernel
def sweep_up(
    begin: int,
    end: int,
    offsets: Ints,
    arcs: Shorts,
    bits: int,
    most: int,
    rows: Labels,
    touched: Flags,
    top: Shorts,
    aside: Labels,
    set_aside: Flags,
) -> None:
    """Relax the arcs of one range of nodes towards later nodes, in place.

    Parameters
    ----------
    begin, end
        First position and one past the last.
    offsets, arcs
        Arcs to later nodes, head and cost.
    bits, most
        How far the time stands to the left in a label, and the largest time that fits.
    rows, touched
        Labels and which rows hold any.
    top, aside, set_aside
        Number of each node above all ranges, and this range's own rows for those: two ranges
        that run at once share nothing.
    """
    width = rows.shape[1]
    far = rows.dtype.type((most + 1) << bits)
    for v in range(begin, end):
        if touched[v] == 0:
            continue
        for e in range(offsets[v], offsets[v + 1]):
            t = arcs[e, 0]
            if arcs[e, 1] > most:
                continue
            w = rows.dtype.type(np.int64(arcs[e, 1]) << bits)
            if t < end:
                if touched[t] == 0:
                    touched[t] = 1
                    for lane in range(width):
                        rows[t, lane] = min(far, rows.dtype.type(rows[v, lane] + w))
                else:
                    for lane in range(width):
                        rows[t, lane] = min(rows[t, lane], rows.dtype.type(rows[v, lane] + w))
            else:
                k = top[t]
                if set_aside[k] == 0:
                    set_aside[k] = 1
                    for lane in range(width):
                        aside[k, lane] = min(far, rows.dtype.type(rows[v, lane] + w))
                else:
                    for lane in range(width):
                        aside[k, lane] = min(aside[k, lane], rows.dtype.type(rows[v, lane] + w))


@kernel
def sweep_top(
    above: Shorts,
    up_offsets: Ints,
    up_arcs: Shorts,
    down_offsets: Ints,
    down_arcs: Shorts,
    bits: int,
    most: int,
    rows: Labels,
    touched: Flags,
    asides: Labels,
    set_aside: Flags,
) -> None:
    """Relax the arcs among the nodes above all ranges, up and then down, in place.

    Parameters
    ----------
    above
        Positions of these nodes, rising.
    up_offsets, up_arcs, down_offsets, down_arcs, bits, most, rows, touched
        As for :func:`sweep_up`.
    asides, set_aside
        What each range put aside, shapes ``(ranges, above, lanes)`` and ``(ranges, above)``.
    """
    width = rows.shape[1]
    far = rows.dtype.type((most + 1) << bits)
    for k in range(len(above)):
        v = above[k]
        if touched[v] == 0:
            for lane in range(width):
                rows[v, lane] = far
        for part in range(len(asides)):
            if set_aside[part, k]:
                touched[v] = 1
                for lane in range(width):
                    rows[v, lane] = min(rows[v, lane], asides[part, k, lane])
    for k in range(len(above)):
        v = above[k]
        if touched[v] == 0:
            continue
        for e in range(up_offsets[v], up_offsets[v + 1]):
            t = up_arcs[e, 0]
            if up_arcs[e, 1] <= most:
                touched[t] = 1
                w = rows.dtype.type(np.int64(up_arcs[e, 1]) << bits)
                for lane in range(width):
                    rows[t, lane] = min(rows[t, lane], rows.dtype.type(rows[v, lane] + w))
    for k in range(len(above) - 1, -1, -1):
        v = above[k]
        for e in range(down_offsets[v], down_offsets[v + 1]):
            t = down_arcs[e, 0]
            if down_arcs[e, 1] <= most:
                w = rows.dtype.type(np.int64(down_arcs[e, 1]) << bits)
                for lane in range(width):
                    rows[v, lane] = min(rows[v, lane], rows.dtype.type(rows[t, lane] + w))


@kernel
def sweep_down(
    begin: int,
    end: int,
    offsets: Ints,
    arcs: Shorts,
    bits: int,
    most: int,
    rows: Labels,
    touched: Flags,
    needed: Flags,
) -> None:
    """Relax the arcs of one range of nodes from later nodes, in place.

    Parameters
    ----------
    begin, end, offsets, arcs, bits, most, rows, touched
        As for :func:`sweep_up`, with the arcs of the other direction of travel.
    needed
        1 for the nodes whose row somebody reads: targets, and all above them.
    """
    width = rows.shape[1]
    far = rows.dtype.type((most + 1) << bits)
    for v in range(end - 1, begin - 1, -1):
        if needed[v] == 0:
            continue
        written = touched[v] != 0
        for e in range(offsets[v], offsets[v + 1]):
            t = arcs[e, 0]
            if arcs[e, 1] > most:
                continue
            w = rows.dtype.type(np.int64(arcs[e, 1]) << bits)
            if written:
                for lane in range(width):
                    rows[v, lane] = min(rows[v, lane], rows.dtype.type(rows[t, lane] + w))
            else:
                written = True
                for lane in range(width):
                    rows[v, lane] = min(far, rows.dtype.type(rows[t, lane] + w))
        if not written:
            for lane in range(width):
                rows[v, lane] = far


@kernel
def by_position(targets: Shorts, n: int) -> Shorts:
    """Return the targets in rising order of position.

    Parameters
    ----------
    targets
        Position of each target.
    n
        How many positions there are.
    """
    begins = np.zeros(n + 1, np.int32)
    for i in range(len(targets)):
        begins[targets[i] + 1] += 1
    for v in range(n):
        begins[v + 1] += begins[v]
    turn = np.empty(len(targets), np.int32)
    for i in range(len(targets)):
        turn[begins[targets[i]]] = i
        begins[targets[i]] += 1
    return turn


@kernel
def read_rows(
    begin: int,
    end: int,
    turn: Shorts,
    targets: Shorts,
    column: int,
    lanes: int,
    bits: int,
    limit: int,
    rows: Labels,
    times: Shorts,
    facilities: Shorts,
) -> None:
    """Take the labels of targets apart into times and facilities, in place.

    Parameters
    ----------
    begin, end, turn, targets
        Range of the turns; the target at each turn, as :func:`by_position` gives them; and the
        position of each target. Rows are read one after the other, which is most of the time.
    column, lanes
        First category of the rows, and how many of their lanes stand for one.
    bits, rows
        As for :func:`sweep_up`.
    limit
        Longest time that counts.
    times, facilities
        Shape ``(targets, categories)``; -1 where nothing is reached.
    """
    # In the width of the labels: wider numbers would halve the lanes.
    shift, mask = rows.dtype.type(bits), rows.dtype.type((1 << bits) - 1)
    most = rows.dtype.type(limit)
    for k in range(begin, end):
        i = turn[k]
        v = targets[i]
        for lane in range(lanes):
            label = rows[v, lane]
            time = rows.dtype.type(label >> shift)
            times[i, column + lane] = time if time <= most else -1
            facilities[i, column + lane] = label & mask if time <= most else -1


@kernel
def cut(first: Shorts, most: int) -> tuple[Ints, Ints, Shorts]:
    """Cut the order into subtrees of at most ``most`` nodes, and the nodes above them.

    Parameters
    ----------
    first
        First position of the subtree of each node.
    most
        Largest number of nodes in a range.

    Returns
    -------
    begins, ends, above
        Ranges in falling order, and the positions of the nodes in none of them, rising.
    """
    n = len(first)
    begins = np.empty(n, np.int64)
    ends = np.empty(n, np.int64)
    above = np.empty(n, np.int32)
    ranges = 0
    count = 0
    v = n - 1
    while v >= 0:
        if v - first[v] + 1 <= most:
            begins[ranges] = first[v]
            ends[ranges] = v + 1
            ranges += 1
            v = first[v] - 1
        else:
            above[count] = v
            count += 1
            v -= 1
    return begins[:ranges].copy(), ends[:ranges].copy(), above[:count][::-1].copy()
