"""Sums over all facilities in reach, on the sweep engine: arrays in and arrays out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inclusion_marker.accessibility import kernels_sums
from inclusion_marker.accessibility.engine import (
    Direction,
    Facilities,
    each,
    passes_of,
    slices,
    targets_of,
    workers,
)
from inclusion_marker.accessibility.hierarchy import Engine
from inclusion_marker.accessibility.kernels_spread import LANES, Tree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]
Flags = npt.NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class _Batches:
    """Facilities by sixteens that lie close together in the order."""

    begins: Ints
    nodes: Shorts
    lanes: Shorts
    facility: Shorts  # (batches, LANES), -1 for a lane without one


def _batches(engine: Engine, facilities: Facilities, chosen: npt.NDArray[np.bool_]) -> _Batches:
    """Return the batches of the chosen facilities: the same whatever order they come in."""
    mine = chosen[facilities.owner]
    owner = facilities.owner[mine]
    where = engine.position[facilities.nodes[mine]]
    foremost = np.full(len(chosen), np.iinfo(np.int32).max, np.int32)
    np.minimum.at(foremost, owner, where)
    numbers = np.flatnonzero(chosen)
    order = numbers[np.lexsort((facilities.rank[numbers], foremost[numbers]))]
    place = np.empty(len(chosen), np.int64)
    place[order] = np.arange(len(order))
    by_place = np.lexsort((where, place[owner]))
    at = place[owner][by_place]
    count = -(-len(order) // LANES)
    begins = np.searchsorted(at, np.arange(count + 1) * LANES)
    facility = np.full((count, LANES), -1, np.int32)
    facility.ravel()[: len(order)] = order
    lanes = (at % LANES).astype(np.int32)
    return _Batches(begins, where[by_place], lanes, facility)


def _tree(engine: Engine, direction: Direction, needed: Flags) -> Tree:
    """Return the network as the kernels read it."""
    up, down = passes_of(engine, direction)
    return Tree(
        up.offsets,
        up.arcs,
        down.offsets,
        down.arcs,
        engine.full_offsets,
        engine.full_heads,
        engine.first,
        engine.parent,
        needed,
    )


def _numbered(engine: Engine, where: Shorts) -> tuple[Shorts, Ints, int]:
    """Return the number of each position among the targets, that of each target, and how many.

    Numbers rise with the position, so that sums lie in memory as a search goes; several targets
    at one position share a number.
    """
    asked = np.zeros(len(engine.first), np.bool_)
    asked[where] = True
    number = np.where(asked, np.cumsum(asked) - 1, -1).astype(np.int32)
    return number, number[where].astype(np.int64), int(asked.sum())


_SUM_BITS = 62
_LEAST = 1e-200  # of a total; less would not leave room for a scale


def accumulate(  # noqa: PLR0913 - arrays, one by one
    engine: Engine,
    facilities: Facilities,
    masses: Floats,
    cutoffs_ds: npt.ArrayLike,
    tables: Floats,
    *,
    targets: npt.ArrayLike | None = None,
    direction: Direction = "to",
    threads: int = 1,
) -> tuple[Floats, Floats]:
    """Return what each target reaches within each cut-off, and under each decay, in one pass.

    Parameters
    ----------
    engine, facilities, targets, direction, threads
        As for :func:`closest`.
    masses
        Opportunities at each facility, not negative.
    cutoffs_ds
        Rising cut-offs, deciseconds; a time of exactly the cut-off is within it.
    tables
        Weight at each whole decisecond from 0, shape ``(decays, limit + 1)``, 0 to 1; what takes
        longer weighs nothing.

    Returns
    -------
    within, decayed
        Shapes ``(targets, categories, cut-offs)`` and ``(targets, categories, decays)``. The sums
        are taken in whole numbers of 2**-62 of the category's total: bit for bit the same
        whatever the order of facilities or the number of threads.
    """
    where, needed = targets_of(engine, targets)
    cutoffs = np.asarray(cutoffs_ds, np.int32)
    limit = max(int(cutoffs.max(initial=0)), tables.shape[1] - 1)
    if tables.shape[1] <= limit:
        tables = np.pad(tables, ((0, 0), (0, limit + 1 - tables.shape[1])))
    number, back, count = _numbered(engine, where)
    shape = (count, facilities.categories, len(cutoffs) + len(tables))
    sums = np.zeros(shape, np.int64)
    rising = np.argsort(masses)  # a sum in another order may be on the other side of a power of 2
    totals = np.bincount(facilities.category[rising], masses[rising], facilities.categories)
    scale = 2.0 ** (_SUM_BITS - 1 - np.ceil(np.log2(np.where(totals > _LEAST, totals, 1.0))))
    blocks = _blocks(facilities, threads)
    tree = _tree(engine, direction, needed)

    def one(k: int) -> None:
        batches = _batches(engine, facilities, np.isin(facilities.category, blocks[k]))
        category = facilities.category[batches.facility]
        mass = np.where(
            batches.facility >= 0, (masses * scale[facilities.category])[batches.facility], 0.0
        )
        kernels_sums.sum_batches(
            tree,
            number,
            batches.begins,
            batches.nodes,
            batches.lanes,
            category,
            mass,
            cutoffs,
            np.ascontiguousarray(tables, np.float64),
            limit,
            sums,
        )

    split = len(cutoffs)
    found = sums.view(np.float64)
    with workers(threads) as pool:
        each(pool, one, len(blocks))
        spans = slices(count, threads)

        def finish(k: int) -> None:
            kernels_sums.unscale(*spans[k], split, scale, sums, found)

        each(pool, finish, threads)
    if count == len(where):
        # In place: a second array of this size would be most of the memory of a large network.
        kernels_sums.reorder(back, found.reshape(count, shape[1] * shape[2]))
    else:
        found = found[back]
    return found[:, :, :split], found[:, :, split:]


def two_step(  # noqa: PLR0913 - arrays, one by one
    engine: Engine,
    facilities: Facilities,
    demand: Floats,
    supply: Floats,
    first: Floats,
    second: Floats,
    *,
    targets: npt.ArrayLike | None = None,
    direction: Direction = "to",
    threads: int = 1,
) -> Floats:
    """Return the two-step floating catchment of each category at each target, one search each.

    Parameters
    ----------
    engine, facilities, targets, direction, threads
        As for :func:`closest`.
    demand, supply
        People of each target, capacity of each facility; not negative.
    first, second
        Weight at each whole decisecond in either step, shape ``(limit + 1,)``: the same twice is
        the (enhanced) two-step method, the square in the second the modified one.

    Returns
    -------
    access
        Shape ``(targets, categories)``: capacity a person; 0 where no facility is in reach.
    """
    where, needed = targets_of(engine, targets)
    number, back, count = _numbered(engine, where)
    people = np.bincount(back, demand, count).astype(np.float64)
    access = np.zeros((count, facilities.categories))
    tree = _tree(engine, direction, needed)
    blocks = _blocks(facilities, threads)

    def one(k: int) -> None:
        batches = _batches(engine, facilities, np.isin(facilities.category, blocks[k]))
        kernels_sums.share_out(
            tree,
            number,
            batches.begins,
            batches.nodes,
            batches.lanes,
            facilities.category[batches.facility],
            np.where(batches.facility >= 0, supply[batches.facility], 0.0),
            people,
            first,
            second,
            len(first) - 1,
            access,
        )

    with workers(threads) as pool:
        each(pool, one, len(blocks))
    return access[back]


def _blocks(facilities: Facilities, threads: int) -> list[Ints]:
    """Return the categories of each thread: no two threads add to one sum."""
    count = min(threads, facilities.categories)
    return np.array_split(np.arange(facilities.categories), count) if count else []


def pairs(
    engine: Engine,
    facilities: Facilities,
    limit_ds: int,
    *,
    targets: npt.ArrayLike | None = None,
    direction: Direction = "to",
) -> tuple[Shorts, Shorts, Shorts]:
    """Return every facility and target within a limit of each other, and the time between.

    Parameters
    ----------
    engine, facilities, targets, direction
        As for :func:`closest`.
    limit_ds
        Longest time that counts.

    Returns
    -------
    facility, target, time_ds
        One entry a pair, by facility and then target.
    """
    where, needed = targets_of(engine, targets)
    number, twin, _ = _numbered(engine, where)
    chosen = np.ones(len(facilities.category), bool)
    batches = _batches(engine, facilities, chosen)
    tree = _tree(engine, direction, needed)
    facility, unique, times = kernels_sums.pairs(
        tree, number, batches.begins, batches.nodes, batches.lanes, batches.facility, limit_ds
    )
    # Back from places to the targets that stand there.
    by_place = np.argsort(twin, kind="stable").astype(np.int32)
    starts = np.searchsorted(twin[by_place], np.arange(len(twin) + 1))
    counts = np.diff(starts)[unique]
    entry = np.repeat(np.arange(len(unique)), counts)
    step = np.arange(len(entry)) - np.repeat(np.cumsum(counts) - counts, counts)
    target = by_place[starts[unique[entry]] + step]
    facility, times = facility[entry], times[entry]
    order = np.lexsort((target, facility))
    return facility[order], target[order], times[order]
