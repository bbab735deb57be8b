"""A block of draws: what the method and the errors of the data are in each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from inclusion_marker.analysis.drawing.draws import (
    Floats,
    Ints,
    Plan,
    Sample,
    Singles,
    even_numbers,
    normals,
)
from inclusion_marker.analysis.drawing.problem import Noise, Problem
from inclusion_marker.cards import Rule

Flags = npt.NDArray[np.bool_]
# Numbers of a block, so that what is worked on stays in the cache of a core.
_BLOCK = 1 << 16
_WHOLE = 100.0
# Zones of more pieces are drawn once for all blocks of cells, not by each block anew.
_MANY = 64


class Centres(NamedTuple):
    """What is taken off the units of some zones in each draw, zones x draws; zones rising."""

    zones: Ints
    values: Singles


@dataclass(frozen=True, eq=False)
class Drawing:
    """A block of draws: what the method and the errors of the data are in each of them.

    Draws of the marker's arithmetic mean stand before those of its geometric mean.
    """

    problem: Problem
    columns: Ints
    plan: Plan
    weights: Mapping[str, Floats]
    split: int | None
    floor: Singles | None
    goalposts: Floats
    slower: Singles | None
    centres: tuple[Centres | None, ...]
    there: Mapping[str, Flags]

    def segments(self, node: str) -> tuple[tuple[slice, Rule], ...]:
        """Return the rules of a node, and the draws in which each holds."""
        count = self.plan.count
        level = {"marker": "marker", "area": "areas"}.get(
            node.split("_", maxsplit=1)[0], "dimensions"
        )
        if self.split is None or level not in self.problem.levels:
            return ((slice(0, count), self.problem.method.rule_of(node)),)
        both = (
            (slice(0, self.split), Rule(rule="arithmetic")),
            (slice(self.split, count), Rule(rule="geometric")),
        )
        return tuple(each for each in both if each[0].start < each[0].stop)


def draw_block(
    problem: Problem, sample: Sample, plan: Plan, columns: Ints, workers: ThreadPoolExecutor
) -> Drawing:
    """Return what holds in a block of draws."""
    split = None
    if "rule" in plan.rows:
        geometric = sample.geometric[plan.rows["rule"][columns]]
        columns = columns[np.argsort(geometric, kind="stable")]
        split = int((~geometric).sum())
    part = plan.part(columns)
    rows = part.rows
    declared = {
        node: np.array(list(weights.values()))[None, :]
        for node in problem.method.nodes()
        if (weights := problem.method.children_of(node))
    }
    posts = np.tile([0.0, _WHOLE], (part.count, problem.scores.shape[1], 1))
    return Drawing(
        problem=problem,
        columns=columns,
        plan=part,
        weights=(
            {node: drawn[rows["weights"]] for node, drawn in sample.weights.items()}
            if "weights" in rows
            else declared
        ),
        split=split,
        floor=sample.floor[rows["floor"]].astype(np.float32) if "floor" in rows else None,
        goalposts=sample.goalposts[rows["goalposts"]] if "goalposts" in rows else posts,
        slower=(
            (sample.slower[rows["speed"]] - 1.0).astype(np.float32) if "speed" in rows else None
        ),
        centres=tuple(_centres(noise, rows.get(noise.group), workers) for noise in problem.noises),
        there={
            layer: even_numbers(places.key, np.arange(len(places.missing)), rows["facilities"])
            >= np.round(places.missing * (1 << 16))[:, None]
            for layer, places in problem.places.items()
            if "facilities" in rows
        },
    )


def _centres(noise: Noise, rows: Ints | None, workers: ThreadPoolExecutor) -> Centres | None:
    """Return what is taken off the units of the zones of many pieces.

    Zones of few are left to the blocks of cells that they lie in: a city may have very many.
    """
    centre = noise.centre
    if centre is None or rows is None:
        return None
    zones = np.flatnonzero(np.diff(centre.indptr) > _MANY)
    found = np.empty((len(zones), len(rows)), np.float32)

    def fill(some: Ints) -> None:
        found[some] = mixtures(centre[zones[some]], noise.key, rows)

    list(workers.map(fill, blocks_of(np.arange(len(zones)), len(rows))))
    return Centres(zones, found)


def mixtures(mix: sp.csr_array, key: np.uint64, rows: Ints) -> Singles:
    """Return mixtures of standard normal numbers, rows of the matrix x draws."""
    once, again = np.unique(rows, return_inverse=True)
    if len(once) < len(rows):
        return mixtures(mix, key, once)[:, again]
    units, at = np.unique(mix.indices.astype(np.int64), return_inverse=True)
    if not len(units):
        return np.zeros((mix.shape[0], len(rows)), np.float32)
    few = sp.csr_array((mix.data, at, mix.indptr), shape=(mix.shape[0], len(units)))
    return np.asarray(few.dot(normals(key, units, rows)), np.float32)


def blocks_of(members: Ints, width: int) -> Iterator[Ints]:
    """Yield the cells of each block."""
    size = max(1, _BLOCK // width)
    for start in range(0, len(members), size):
        yield members[start : start + size]
