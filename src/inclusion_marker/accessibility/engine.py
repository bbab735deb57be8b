"""The sweep engine: times between places of a prepared network, arrays in and arrays out."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from numba import get_num_threads

from inclusion_marker.accessibility import kernels_lists, kernels_order
from inclusion_marker.accessibility import kernels_sweep as sweeps
from inclusion_marker.accessibility.clock import MOST_DS
from inclusion_marker.accessibility.hierarchy import Arcs, Engine

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Flags = npt.NDArray[np.int8]
Direction = Literal["to", "from"]

_ROOM_BITS = 30
_PARTS_A_THREAD = 4


@dataclass(frozen=True, eq=False)
class Facilities:
    """Facilities of several categories, each at one node or several.

    Attributes
    ----------
    nodes
        Nodes of all facilities, one after the other.
    owner
        Facility of each node, rising.
    category
        Category of each facility.
    rank
        Number of each facility inside its category; of two equally close the lower is named.
    categories
        How many categories there are.
    """

    nodes: Shorts
    owner: Shorts
    category: Shorts
    rank: Shorts
    categories: int


_WORTH_THREADS = 30_000


def default_threads(positions: int = _WORTH_THREADS) -> int:
    """Return how many threads to use when nobody says.

    Parameters
    ----------
    positions
        Size of a network that is swept once: a small one is done before a second thread starts.

    Examples
    --------
    >>> default_threads(500)
    1
    """
    return int(get_num_threads()) if positions >= _WORTH_THREADS else 1


def facilities_at(categories: Sequence[npt.ArrayLike]) -> Facilities:
    """Return facilities that stand at one node each.

    Parameters
    ----------
    categories
        The nodes of each category.

    Examples
    --------
    >>> facilities_at([[4, 2], [7]]).category.tolist()
    [0, 0, 1]
    """
    groups = [np.asarray(each, np.int32) for each in categories]
    sizes = [len(group) for group in groups]
    nodes = np.concatenate(groups) if groups else np.empty(0, np.int32)
    return Facilities(
        nodes=nodes,
        owner=np.arange(len(nodes), dtype=np.int32),
        category=np.repeat(np.arange(len(groups)), sizes).astype(np.int32),
        rank=np.concatenate([np.arange(0), *map(np.arange, sizes)]).astype(np.int32),
        categories=len(groups),
    )


def closest(
    engine: Engine,
    facilities: Facilities,
    *,
    targets: npt.ArrayLike | None = None,
    direction: Direction = "to",
    limit_ds: int = MOST_DS,
    threads: int = 1,
) -> tuple[Shorts, Shorts]:
    """Return the time between each target and the closest facility of each category.

    Parameters
    ----------
    engine, facilities
        The network and what is looked for.
    targets
        Nodes and points that ask; all if ``None``.
    direction
        ``"to"`` the facility, or ``"from"`` it.
    limit_ds
        Longest time that counts; a time of exactly the limit does.
    threads
        How many threads share the work; the answer does not depend on it.

    Returns
    -------
    times_ds, facility
        Shape ``(targets, categories)``: deciseconds and the facility's rank in its category; -1
        where none is reached.
    """
    where, needed = targets_of(engine, targets)
    turn = sweeps.by_position(where, len(engine.first))
    times = np.empty((len(where), facilities.categories), np.int32)
    ids = np.empty_like(times)
    bits = max(1, int(facilities.rank.max(initial=0)).bit_length())
    small = bits + limit_ds.bit_length() <= _ROOM_BITS
    kind, lanes = (np.int32, 16) if small else (np.int64, 8)
    most = 2 ** (_ROOM_BITS - bits if small else _ROOM_BITS) - 1
    up, down = passes_of(engine, direction)
    category = facilities.category[facilities.owner]
    with workers(threads) as pool:
        for begin in range(0, facilities.categories, lanes):
            mine = (category >= begin) & (category < begin + lanes)
            rows = np.empty((len(engine.first), lanes), kind)
            touched = np.zeros(len(rows), np.int8)
            sweeps.seed(
                engine.position[facilities.nodes[mine]],
                category[mine] - np.int32(begin),
                facilities.rank[facilities.owner[mine]],
                (most + 1) << bits,
                rows,
                touched,
            )
            passes = _Passes(up, down, bits, most, rows, touched, needed)
            _sweep(engine, passes, threads, pool)
            _read(passes, (turn, where), begin, limit_ds, (times, ids), pool)
    return times, ids


@dataclass(frozen=True, eq=False)
class _Passes:
    """What the two passes over one group of categories work on."""

    up: Arcs
    down: Arcs
    bits: int
    most: int
    rows: npt.NDArray[Any]
    touched: Flags
    needed: Flags


def passes_of(engine: Engine, direction: Direction) -> tuple[Arcs, Arcs]:
    """Return the arcs of the pass up and of the pass down.

    People go to the facility: the pass up, away from it, counts the cost of coming down the arcs.
    """
    return (engine.into, engine.out) if direction == "to" else (engine.out, engine.into)


def _sweep(engine: Engine, work: _Passes, threads: int, pool: ThreadPoolExecutor | None) -> None:
    """Fill the rows: subtrees side by side, what lies above all of them by one thread."""
    n = len(engine.first)
    up, down = (work.up.offsets, work.up.arcs), (work.down.offsets, work.down.arcs)
    scale = (work.bits, work.most)
    rows, touched = work.rows, work.touched
    if threads == 1:
        top = np.empty(0, np.int32)
        sweeps.sweep_up(0, n, *up, *scale, rows, touched, top, rows[:0], touched[:0])
        sweeps.sweep_down(0, n, *down, *scale, rows, touched, work.needed)
        return
    begins, ends, above = sweeps.cut(engine.first, n // (threads * _PARTS_A_THREAD) + 1)
    top = np.full(n, -1, np.int32)
    top[above] = np.arange(len(above), dtype=np.int32)
    shares = _shares(ends - begins, threads)
    asides = np.empty((len(shares), len(above), work.rows.shape[1]), work.rows.dtype)
    set_aside = np.zeros((len(shares), len(above)), np.int8)

    def climb(k: int) -> None:
        for part in shares[k]:
            span = (begins[part], ends[part])
            sweeps.sweep_up(*span, *up, *scale, rows, touched, top, asides[k], set_aside[k])

    def descend(k: int) -> None:
        for part in shares[k]:
            sweeps.sweep_down(begins[part], ends[part], *down, *scale, rows, touched, work.needed)

    each(pool, climb, len(shares))
    sweeps.sweep_top(above, *up, *down, *scale, rows, touched, asides, set_aside)
    each(pool, descend, len(shares))


def _shares(sizes: Ints, threads: int) -> list[list[int]]:
    """Return which parts each thread takes: the largest first, to whoever has least."""
    shares: list[list[int]] = [[] for _ in range(threads)]
    load = [0] * threads
    for part in np.argsort(-sizes, kind="stable").tolist():
        least = load.index(min(load))
        shares[least].append(part)
        load[least] += int(sizes[part])
    return shares


def _read(
    work: _Passes,
    asking: tuple[Shorts, Shorts],
    begin: int,
    limit_ds: int,
    answer: tuple[Shorts, Shorts],
    pool: ThreadPoolExecutor | None,
) -> None:
    """Take the labels of the targets apart: the categories from ``begin`` on, in place."""
    spans = slices(len(asking[0]), _PARTS_A_THREAD if pool else 1)
    lanes = min(work.rows.shape[1], answer[0].shape[1] - begin)

    def read(k: int) -> None:
        sweeps.read_rows(*spans[k], *asking, begin, lanes, work.bits, limit_ds, work.rows, *answer)

    each(pool, read, len(spans))


@contextmanager
def workers(threads: int) -> Iterator[ThreadPoolExecutor | None]:
    """Give a pool of threads; none where one thread does all, for starting one takes time."""
    if threads == 1:
        yield None
        return
    with ThreadPoolExecutor(threads) as pool:
        yield pool


def each(pool: ThreadPoolExecutor | None, work: Callable[[int], None], count: int) -> None:
    """Do a piece of work for each number, side by side; an error comes out here."""
    if pool is None:
        for k in range(count):
            work(k)
        return
    for _ in pool.map(work, range(count)):
        pass


def targets_of(engine: Engine, targets: npt.ArrayLike | None) -> tuple[Shorts, Flags]:
    """Return the positions of those who ask, and which positions the answers need."""
    if targets is None:
        return engine.position, np.ones(len(engine.first), np.int8)
    where = engine.position[np.asarray(targets, np.int64)]
    return where, kernels_order.all_above(where, engine.parent)


def slices(count: int, threads: int) -> list[tuple[int, int]]:
    """Return equal ranges of so many rows, one a thread."""
    cuts = [count * k // threads for k in range(threads + 1)]
    return list(itertools.pairwise(cuts))


def k_closest(
    engine: Engine,
    facilities: Facilities,
    k: int,
    *,
    targets: npt.ArrayLike | None = None,
    direction: Direction = "to",
    limit_ds: int = MOST_DS,
    threads: int = 1,
) -> tuple[Shorts, Shorts]:
    """Return the times between each target and the k closest facilities of each category.

    Parameters
    ----------
    engine, facilities, targets, direction, limit_ds, threads
        As for :func:`closest`.
    k
        How many, at least 1; each facility counts once, however many nodes it has.

    Returns
    -------
    times_ds, facility
        Shape ``(targets, categories, k)``, nearest first; -1 where there are fewer.
    """
    where, needed = targets_of(engine, targets)
    turn = sweeps.by_position(where, len(engine.first))
    shape = (facilities.categories, len(where), k)
    times, ids = np.empty(shape, np.int32), np.empty(shape, np.int32)
    up, down = passes_of(engine, direction)
    category = facilities.category[facilities.owner]

    def one(number: int) -> None:
        mine = category == number
        kernels_lists.k_closest(
            up.offsets,
            up.arcs,
            down.offsets,
            down.arcs,
            needed,
            engine.position[facilities.nodes[mine]],
            facilities.rank[facilities.owner[mine]],
            turn,
            where,
            limit_ds,
            np.empty((len(engine.first), k), np.int64),
            times[number],
            ids[number],
        )

    with workers(threads) as pool:
        each(pool, one, facilities.categories)
    return times.transpose(1, 0, 2), ids.transpose(1, 0, 2)
