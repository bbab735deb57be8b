"""Compiled sums over all facilities in reach: sixteen at a time, and no table of pairs."""

import numpy as np
import numpy.typing as npt

from inclusion_marker.accessibility.compiled import kernel
from inclusion_marker.accessibility.kernels_spread import LANES, Tree, room_for, spread

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Flags = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]


@kernel
def sum_batches(
    tree: Tree,
    target: Shorts,
    begins: Ints,
    nodes: Shorts,
    lanes: Shorts,
    category: Shorts,
    mass: Floats,
    limits: Shorts,
    tables: Floats,
    limit: int,
    sums: Ints,
) -> None:
    """Add, for every target, what it reaches by each limit and what each decay leaves of it.

    Sums are of whole numbers (``mass`` comes scaled): they are the same in any order.

    Parameters
    ----------
    tree
        The network.
    target
        Number of each position among the targets, -1 for none.
    begins
        First place of each batch and one end.
    nodes, lanes
        Position and lane of each place.
    category, mass
        Of each lane of each batch, shapes ``(batches, LANES)``.
    limits
        Rising limits, shape ``(c,)``, the last one not above ``limit``.
    tables
        Weight at each time, shape ``(decays, limit + 1)``.
    limit
        Longest time that counts.
    sums
        Shape ``(targets, categories, c + decays)``: by class of time, then by decay.
    """
    room = room_for(len(tree.first))
    rows, reached = room.rows, room.reached
    classes = len(limits)
    for b in range(len(begins) - 1):
        part = slice(begins[b], begins[b + 1])
        found = spread(tree, nodes[part], lanes[part], limit, room)
        used = 0
        for i in range(begins[b], begins[b + 1]):
            used = max(used, lanes[i] + 1)
        for i in range(found):
            v = reached[i]
            at = target[v]
            if at < 0:
                continue
            for lane in range(used):
                time = rows[v, lane]
                if time > limit:
                    continue
                c = category[b, lane]
                weight = mass[b, lane]
                k = 0
                while k < classes and time > limits[k]:
                    k += 1
                if k < classes:
                    sums[at, c, k] += np.int64(weight + 0.5)
                for g in range(tables.shape[0]):
                    sums[at, c, classes + g] += np.int64(weight * tables[g, time] + 0.5)


@kernel
def unscale(begin: int, end: int, classes: int, scale: Floats, sums: Ints, found: Floats) -> None:
    """Turn the sums of a range of targets into opportunities, in place: classes into cut-offs.

    Parameters
    ----------
    begin, end
        Range of the targets.
    classes
        How many of the sums are classes of time; each becomes the sum up to its limit.
    scale
        Whole numbers that stand for one opportunity of each category.
    sums, found
        As for :func:`sum_batches`; and the same memory, to be written as decimals.
    """
    for i in range(begin, end):
        for c in range(sums.shape[1]):
            total = np.int64(0)
            for k in range(sums.shape[2]):
                value = sums[i, c, k]
                if k < classes:
                    total += value
                    value = total
                found[i, c, k] = value / scale[c]


@kernel
def reorder(back: Ints, table: Floats) -> None:
    """Put row ``back[i]`` of a table at ``i``, in place.

    Parameters
    ----------
    back
        Each row once, shape ``(n,)``.
    table
        Shape ``(n, columns)``.
    """
    done = np.zeros(len(back), np.int8)
    kept = np.empty(table.shape[1], table.dtype)
    for start in range(len(back)):
        if done[start]:
            continue
        for c in range(len(kept)):
            kept[c] = table[start, c]
        i = start
        while back[i] != start:
            done[i] = 1
            for c in range(len(kept)):
                table[i, c] = table[back[i], c]
            i = back[i]
        done[i] = 1
        for c in range(len(kept)):
            table[i, c] = kept[c]


@kernel
def share_out(
    tree: Tree,
    target: Shorts,
    begins: Ints,
    nodes: Shorts,
    lanes: Shorts,
    category: Shorts,
    supply: Floats,
    demand: Floats,
    asked: Floats,
    given: Floats,
    limit: int,
    access: Floats,
) -> None:
    """Add the two-step floating catchments of several categories, in place: one search each.

    The facilities of a category add in the order of the network, whatever batches they are in.

    Parameters
    ----------
    tree
        The network.
    target, begins, nodes, lanes
        As for :func:`sum_batches`.
    category, supply
        Of each lane of each batch, shapes ``(batches, LANES)``.
    demand
        People of each target.
    asked, given
        Weight at each time in the first and the second step, shape ``(limit + 1,)``.
    limit
        Longest time that counts.
    access
        Shape ``(targets, categories)``.
    """
    room = room_for(len(tree.first))
    rows, reached = room.rows, room.reached
    ratio = np.empty(LANES, np.float64)
    for b in range(len(begins) - 1):
        part = slice(begins[b], begins[b + 1])
        found = spread(tree, nodes[part], lanes[part], limit, room)
        for lane in range(LANES):
            ratio[lane] = 0.0
        for i in range(found):
            v = reached[i]
            if target[v] < 0:
                continue
            people = demand[target[v]]
            for lane in range(LANES):
                if rows[v, lane] <= limit:
                    ratio[lane] += people * asked[rows[v, lane]]
        for lane in range(LANES):
            # Nobody in reach: the facility gives nothing, and never infinitely much.
            ratio[lane] = supply[b, lane] / ratio[lane] if ratio[lane] > 0.0 else 0.0
        for i in range(found):
            v = reached[i]
            at = target[v]
            if at < 0:
                continue
            for lane in range(LANES):
                if rows[v, lane] <= limit:
                    access[at, category[b, lane]] += ratio[lane] * given[rows[v, lane]]


@kernel
def pairs(
    tree: Tree,
    target: Shorts,
    begins: Ints,
    nodes: Shorts,
    lanes: Shorts,
    facility: Shorts,
    limit: int,
) -> tuple[Shorts, Shorts, Shorts]:
    """Return every pair of facility and target within the limit, and its time.

    Parameters
    ----------
    tree
        The network.
    target, begins, nodes, lanes
        As for :func:`sum_batches`.
    facility
        Number of each lane of each batch, shape ``(batches, LANES)``.
    limit
        Longest time that counts.

    Returns
    -------
    facilities, targets, times
        One entry a pair.
    """
    room = room_for(len(tree.first))
    rows, reached = room.rows, room.reached
    held = np.empty((3, 1024), np.int32)
    count = 0
    for b in range(len(begins) - 1):
        part = slice(begins[b], begins[b + 1])
        found = spread(tree, nodes[part], lanes[part], limit, room)
        used = 0
        for i in range(begins[b], begins[b + 1]):
            used = max(used, lanes[i] + 1)
        if count + found * used > held.shape[1]:
            larger = np.empty((3, 2 * held.shape[1] + found * used), np.int32)
            for row in range(3):
                for i in range(count):
                    larger[row, i] = held[row, i]
            held = larger
        for i in range(found):
            v = reached[i]
            if target[v] < 0:
                continue
            for lane in range(used):
                if rows[v, lane] <= limit:
                    held[0, count] = facility[b, lane]
                    held[1, count] = target[v]
                    held[2, count] = rows[v, lane]
                    count += 1
    return held[0, :count].copy(), held[1, :count].copy(), held[2, :count].copy()
