"""Every draw scored in every cell: errors and choices carried up the tree, in blocks of cells."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from numba import config

from inclusion_marker.analysis.drawing.draws import (
    Floats,
    Ints,
    Plan,
    Sample,
    Singles,
    normals,
)
from inclusion_marker.analysis.drawing.kernels_draws import (
    add_erring,
    add_moved,
    add_scored,
    first_there,
)
from inclusion_marker.analysis.drawing.problem import Ladder, Problem
from inclusion_marker.analysis.drawing.programs import Leaf, Node, present_nodes, programs_of
from inclusion_marker.analysis.drawing.rules import geometric_means, means_one_by_one, power_means
from inclusion_marker.analysis.drawing.sample import Drawing, blocks_of, draw_block, mixtures

Flags = npt.NDArray[np.bool_]
_DRAWS = 512
# Without its compiler numba would run loops as Python does: whole blocks by NumPy are faster.
_COMPILED = not getattr(config, "DISABLE_JIT", False)
_WHOLE = 100.0


@dataclass(frozen=True, eq=False)
class Propagated:
    """The marker of every cell in every draw, and the city's means.

    Attributes
    ----------
    draws
        Cells x draws, 0-100; NaN where the marker is not scored.
    means
        By name of a node: its mean over the people of the cells where it is scored, by draw,
        shape ``(D,)``.
    """

    draws: Singles
    means: Mapping[str, Floats]


def propagate(
    problem: Problem,
    sample: Sample,
    plan: Plan,
    *,
    people: Floats,
    keep: tuple[str, ...] = (),
    threads: int | None = None,
) -> Propagated:
    """Return the marker of every cell in every draw of a plan.

    Parameters
    ----------
    problem
        Scores as measured, and how they err.
    sample
        What is drawn once for the city.
    plan
        Which row of its sample each group takes in each draw.
    people
        People of each cell, shape ``(n,)``, none missing.
    keep
        Nodes whose means over the people are wanted.
    threads
        How many work; all cores if ``None``. The numbers are the same for any.

    Returns
    -------
    propagated
        With no group in the plan, the scores of the method itself to single precision.
    """
    count = len(problem.scores)
    draws = np.full((count, plan.count), np.nan, np.float32)
    patterns = _patterns(~np.isnan(problem.scores))
    sums = {node: np.zeros(plan.count) for node in keep}
    held = dict.fromkeys(keep, 0.0)
    with ThreadPoolExecutor(threads or os.cpu_count()) as workers:
        for start in range(0, plan.count, _DRAWS):
            columns = np.arange(start, min(start + _DRAWS, plan.count))
            drawing = draw_block(problem, sample, plan, columns, workers)
            tasks = [
                _Task(drawing, programs, rows, draws, people, keep)
                for seen, members in patterns
                if (programs := programs_of(drawing, present_nodes(problem.method, seen), keep))
                for rows in blocks_of(members, len(columns))
            ]
            for found in workers.map(_run, tasks):
                for node, (total, living) in found.items():
                    sums[node][drawing.columns] += total
                    held[node] += living if start == 0 else 0.0
    means = {
        node: sums[node] / held[node] if held[node] > 0 else np.full(plan.count, np.nan)
        for node in keep
    }
    return Propagated(draws, means)


def _patterns(seen: Flags) -> list[tuple[Flags, Ints]]:
    """Return which indicators are observed together, and the cells in which they are."""
    words = np.packbits(seen, axis=1)
    _, first, owner = np.unique(words, axis=0, return_index=True, return_inverse=True)
    owner = owner.ravel()
    order = np.argsort(owner, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(owner))[:-1])
    return [(seen[row], cells) for row, cells in zip(first, groups, strict=True)]


class _Task(NamedTuple):
    """A block of cells in a block of draws."""

    drawing: Drawing
    programs: tuple[Node, ...]
    rows: Ints
    draws: Singles
    people: Floats
    keep: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Block:
    """A block of cells in a block of draws: its mixtures, and room to work in."""

    drawing: Drawing
    rows: Ints
    mixtures: tuple[Singles | None, ...]
    room: Singles
    spare: Singles
    people: Floats
    keep: tuple[str, ...]
    found: dict[str, tuple[Floats, float]] = field(default_factory=dict)


def _run(task: _Task) -> dict[str, tuple[Floats, float]]:
    """Write the marker of a block into the draws; return what is kept, summed over the people."""
    drawing, rows = task.drawing, task.rows
    shape = (len(rows), drawing.plan.count)
    block = _Block(
        drawing=drawing,
        rows=rows,
        mixtures=tuple(_mixture(drawing, at, rows) for at in range(len(drawing.centres))),
        room=np.empty(shape, np.float32),
        spare=np.empty(shape, np.float32),
        people=task.people[rows],
        keep=task.keep,
    )
    for program in task.programs:
        scores = _evaluate(block, program)
        if program.name == "marker":
            task.draws[rows[:, None], drawing.columns] = np.clip(scores, 0.0, _WHOLE)
    return block.found


def _mixture(drawing: Drawing, at: int, rows: Ints) -> Singles | None:
    """Return a source of error in a block of cells, in its own unit; ``None`` where it is off."""
    noise = drawing.problem.noises[at]
    drawn = drawing.plan.rows.get(noise.group)
    if drawn is None:
        return None
    if noise.alike:
        everywhere = normals(noise.key, np.zeros(1, np.int64), drawn)
        return np.ascontiguousarray(np.broadcast_to(everywhere, (len(rows), len(drawn))))
    centres = drawing.centres[at]
    mix = noise.mix[rows]
    if noise.centre is None or noise.parts is None or centres is None:
        return mixtures(mix, noise.key, drawn)
    parts = noise.parts[rows]
    zones, column = np.unique(parts.indices.astype(np.int64), return_inverse=True)
    few = ~np.isin(zones, centres.zones)
    # The pieces of a zone lie side by side: those of small zones are drawn once, with the cells.
    both = mixtures(sp.vstack([mix, noise.centre[zones[few]]], format="csr"), noise.key, drawn)
    mixed, taken = both[: len(rows)], np.empty((len(zones), len(drawn)), np.float32)
    taken[few] = both[len(rows) :]
    taken[~few] = centres.values[np.searchsorted(centres.zones, zones[~few])]
    own = sp.csr_array((parts.data, column, parts.indptr), shape=(len(rows), len(zones)))
    return mixed - np.asarray(own.dot(taken), np.float32)


def _evaluate(block: _Block, node: Node) -> Singles:
    """Return the score of a node, cells x draws, as a new array."""
    if node.segments:
        values = [_evaluate(block, child) for child in node.children]
        scores = _by_rule(block, node, values)
    else:
        scores = np.zeros(block.room.shape, np.float32)
        for leaf in node.leaves:
            _add_scored(block, leaf, scores)
        for child, weight in zip(node.children, node.weights, strict=True):
            scores += np.multiply(_evaluate(block, child), weight)
    if node.name in block.keep:
        total = np.einsum("c,cd->d", block.people, scores.astype(np.float64))
        block.found[node.name] = (total, float(block.people.sum()))
    return scores


def _add_scored(block: _Block, leaf: Leaf, total: Singles) -> None:
    """Add the score of an indicator times its weight, in each draw."""
    errors = _errors(block, leaf.column)
    base = block.drawing.problem.scores[block.rows, leaf.column].astype(np.float32)
    by_draw = (leaf.slope, leaf.shift, leaf.ceiling)
    if _COMPILED and not _moves(block, leaf.column):
        match errors:
            case []:
                add_scored(total, base, *by_draw)
                return
            case [(points, error)]:
                nothing = np.zeros_like(points)
                add_erring(total, base, points, error, nothing, error, *by_draw)
                return
            case [one, other]:
                add_erring(total, base, *one, *other, *by_draw)
                return
            case _:
                pass
    room = block.room
    room[:] = base[:, None]
    _move(block, leaf.column)
    for points, error in errors:
        np.multiply(points[:, None], error, out=block.spare)
        np.add(room, block.spare, out=room)
    if _COMPILED:
        add_moved(total, room, *by_draw)
        return
    np.multiply(room, leaf.slope, out=room)
    np.add(room, leaf.shift, out=room)
    np.maximum(room, 0.0, out=room)
    np.minimum(room, leaf.ceiling, out=room)
    np.add(total, room, out=total)


def _errors(block: _Block, column: int) -> list[tuple[Singles, Singles]]:
    """Return the errors of an indicator: points for a unit of each, and the mixture."""
    noises = block.drawing.problem.noises
    return [
        (noise.points[block.rows, noise.columns.index(column)], mixed)
        for noise, mixed in zip(noises, block.mixtures, strict=True)
        if mixed is not None and column in noise.columns
    ]


def _moves(block: _Block, column: int) -> bool:
    """Return whether journeys of another time, or to another facility, move an indicator."""
    drawing, problem = block.drawing, block.drawing.problem
    slower = drawing.slower is not None and column in problem.slower
    ladders = (each for each in problem.ladders if each.column == column)
    return slower or any(each.key in drawing.there for each in ladders)


def _move(block: _Block, column: int) -> None:
    """Change the open scores in the room to those of the journeys of each draw."""
    drawing, problem, room = block.drawing, block.drawing.problem, block.room
    for ladder in problem.ladders:
        if ladder.column == column and ladder.key in drawing.there:
            _descend(block, ladder)
            return
    if drawing.slower is not None and column in problem.slower:
        np.multiply(problem.slower[column][block.rows, None], drawing.slower, out=block.spare)
        np.add(room, block.spare, out=room)


def _descend(block: _Block, ladder: Ladder) -> None:
    """Put the open score of the first facility that is there into the room.

    Where none of them is, the last one stands for what is farther: a lower bound of the cost.
    """
    drawing, rows, room = block.drawing, block.rows, block.room
    there, facilities = drawing.there[ladder.key], ladder.facilities[rows]
    scores, slower = ladder.scores[rows], ladder.slower[rows]
    longer = drawing.slower
    if longer is None:
        longer = np.zeros(drawing.plan.count, np.float32)
    if _COMPILED:
        first_there(room, there, facilities, scores, slower, longer)
        return
    room[:] = scores[:, -1:] + slower[:, -1:] * longer
    for step in range(facilities.shape[1] - 2, -1, -1):
        values = scores[:, step, None] + slower[:, step, None] * longer
        np.copyto(room, values, where=there[facilities[:, step]])


def _by_rule(block: _Block, node: Node, values: list[Singles]) -> Singles:
    """Return the means of children, each draw by its rule."""
    scores = np.empty(block.room.shape, np.float32)
    for columns, rule in node.segments:
        parts = [each[:, columns] for each in values]
        weights = [
            np.broadcast_to(each, (block.drawing.plan.count,))[columns] for each in node.weights
        ]
        floor: Singles | float = rule.least
        if rule.floor is not None and block.drawing.floor is not None:
            floor = block.drawing.floor[columns]
        match rule.rule:
            case "arithmetic":
                scores[:, columns] = sum(
                    part * weight for part, weight in zip(parts, weights, strict=True)
                )
            case "geometric":
                scores[:, columns] = geometric_means(parts, weights, floor, block.spare[:, columns])
            case "harmonic":
                scores[:, columns] = power_means(parts, weights, floor, -1.0)
            case "power":
                scores[:, columns] = power_means(parts, weights, floor, rule.p or 1.0)
            case _:
                scores[:, columns] = means_one_by_one(parts, weights, rule)
    return scores
