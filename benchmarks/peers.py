"""What a peer of the accessibility benchmark is, and the first of them: SciPy.

Each peer is used through its public interface and at its best; ``libraries.py`` has the others.

All get the same directed network, points and cut-offs, and answer in the numbers of the caller.
A trial says on how many of the categories or nodes it runs; its seconds are scaled up from there.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt
from graphs import CATEGORIES, FACILITIES, Job
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

T = TypeVar("T")
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Answer = Mapping[str, npt.NDArray[Any]]

LIMIT_DS = 36_000
NEAREST = 5
CUTOFFS_DS = (9_000, 18_000, 27_000)
DECAY_DS = 27_000
STEPS = (1.0, 0.68, 0.22)
MARGIN_S = 0.04  # sums of single-precision seconds may pass a cut-off that they lie exactly on
SINGLE = 1e-4  # relative difference allowed to a peer that adds single-precision numbers
DOUBLE = 1e-6


@dataclass(frozen=True, eq=False)
class Trial:
    """One task of one peer.

    ``read`` turns the result of ``run`` into an answer in nodes by categories; it is not timed.
    ``share`` of the whole task is run. ``origins`` are the nodes that are answered, all if None.
    Categories in ``strayed`` are timed but not compared: the peer put a point elsewhere.
    ``odd`` is the share of values that may differ: 0 but for a peer that places points itself.
    """

    run: Callable[[], Any]
    read: Callable[[Any], Answer]
    prepare_s: float
    categories: int = CATEGORIES
    share: float = 1.0
    origins: Ints | None = None
    tolerance: float = DOUBLE
    note: str = ""
    strayed: tuple[int, ...] = ()
    odd: float = 0.0


class Peer:
    """A library on one job. Its structures are made when first wanted, and their time kept."""

    name = ""
    needs = ""
    # The largest graphs that a task is tried on: beyond, one category takes minutes.
    most_nodes: ClassVar[Mapping[str, int]] = {}

    def __init__(self, job: Job) -> None:
        self.job = job
        self._parts: dict[str, tuple[float, Any]] = {}

    def part(self, name: str, make: Callable[[], T]) -> tuple[float, T]:
        """Return a structure and the seconds that it took to make."""
        if name not in self._parts:
            begin = time.perf_counter()
            made = make()
            self._parts[name] = time.perf_counter() - begin, made
        return self._parts[name]

    def trial(self, task: str) -> Trial | None:
        """Return the trial of a task, or None where the library has no such measure."""
        make: Callable[[], Trial] | None = getattr(self, task, None)
        return None if make is None else make()

    def too_large(self, task: str) -> bool:
        """Return whether the graph is beyond what this peer does in reasonable time."""
        return self.job.graph.n > self.most_nodes.get(task, sys.maxsize)


def whole_ds(times: npt.ArrayLike, scale: float = 1.0) -> Ints:
    """Return whole deciseconds, -1 where there is no time or it is beyond the limit."""
    cost = np.asarray(times, np.float64) * scale
    cost = np.where(np.isfinite(cost), np.rint(cost), LIMIT_DS + 1)
    return np.where(cost <= LIMIT_DS, cost, -1).astype(np.int64)


def step_weights(cost: Floats) -> Floats:
    """Return the weights of E2SFCA."""
    zones: Floats = np.array([*STEPS, 0.0])[np.searchsorted(CUTOFFS_DS, cost)]
    return zones


def _stack(answers: list[Answer]) -> Answer:
    """Return one answer of several categories."""
    return {key: np.stack([each[key] for each in answers], axis=1) for key in answers[0]}


# What people write around a table of costs, facilities by nodes.


def k_of(table: Floats) -> Answer:
    """Return the closest few facilities of each node, and their costs."""
    few = np.argpartition(table, NEAREST - 1, axis=0)[:NEAREST]
    cost = np.take_along_axis(table, few, 0)
    order = np.argsort(cost, axis=0)
    cost = np.take_along_axis(cost, order, 0).T
    return {"times_ds": cost, "facility": np.take_along_axis(few, order, 0).T}


def sums_of(table: Floats) -> Answer:
    """Return the counts within each cut-off and the decayed sum of each node."""
    within = np.stack([(table <= cutoff).sum(axis=0) for cutoff in CUTOFFS_DS], axis=-1)
    decayed = np.exp(-np.where(table <= CUTOFFS_DS[-1], table, np.inf) / DECAY_DS).sum(axis=0)
    return {"within": within, "decayed": decayed}


def e2sfca_of(table: Floats, supply: Floats, demand: Floats) -> Answer:
    """Return the accessibility of each node."""
    near, middle, far = CUTOFFS_DS
    weight = np.where(
        table <= near, STEPS[0], np.where(table <= middle, STEPS[1], STEPS[2] * (table <= far))
    )
    return {"score": (supply / (weight @ demand)) @ weight}


def read_k(answer: Answer) -> Answer:
    """Return the answer in whole deciseconds."""
    times = whole_ds(answer["times_ds"])
    return {"times_ds": times, "facility": np.where(times < 0, -1, answer["facility"])}


def as_is(answer: Answer) -> Answer:
    """Return the answer."""
    return answer


class Tables(Peer):
    """A library that gives rows of costs from facilities; the measures are NumPy around them."""

    categories = 1

    def table(self, category: int, limit: float) -> Floats:
        """Return the costs from each facility of a category to each node."""
        raise NotImplementedError

    def ready(self) -> float:
        """Return the seconds of preparation."""
        raise NotImplementedError

    def _trial(self, one: Callable[[int], Answer], read: Callable[[Answer], Answer]) -> Trial:
        return Trial(
            lambda: _stack([one(category) for category in range(self.categories)]),
            read,
            self.ready(),
            self.categories,
            self.categories / CATEGORIES,
        )

    def k_closest(self) -> Trial:
        return self._trial(lambda c: k_of(self.table(c, LIMIT_DS)), read_k)

    def cumulative_gravity(self) -> Trial:
        return self._trial(lambda c: sums_of(self.table(c, CUTOFFS_DS[-1])), as_is)

    def e2sfca(self) -> Trial:
        supply, demand = self.job.supply, self.job.demand
        return self._trial(
            lambda c: e2sfca_of(self.table(c, CUTOFFS_DS[-1]), supply[c], demand), as_is
        )


class Scipy(Tables):
    """SciPy from the facility side, with a limit: the composition that most people write."""

    name = "scipy"
    needs = "scipy"

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self.categories = 2 if job.graph.n <= 50_000 else 1

    def matrix(self) -> tuple[float, Any]:
        """Return the network, turned round."""
        n = self.job.graph.n
        tails, heads, cost = self.job.arcs_to_facilities()
        return self.part("matrix", lambda: csr_array((cost, (tails, heads)), shape=(n, n)))

    def ready(self) -> float:
        return self.matrix()[0]

    def table(self, category: int, limit: float) -> Floats:
        found: Floats = dijkstra(
            self.matrix()[1], indices=self.job.facilities[category], limit=limit
        )
        return found

    def closest(self) -> Trial:
        seconds, matrix = self.matrix()

        def run() -> list[Any]:
            ask = partial(dijkstra, matrix, min_only=True, return_predecessors=True, limit=LIMIT_DS)
            return [ask(indices=nodes) for nodes in self.job.facilities]

        def read(found: list[Any]) -> Answer:
            times = whole_ds(np.stack([cost for cost, _, _ in found], axis=1))
            source = np.stack([sources for _, _, sources in found], axis=1)
            return {"times_ds": times, "facility": self._numbers(source, times)}

        return Trial(run, read, seconds)

    def _numbers(self, source: Ints, times: Ints) -> Ints:
        """Return the number in its category of each source node, -1 where there is none."""
        numbers = np.empty(source.shape, np.int64)
        for category, nodes in enumerate(self.job.facilities):
            number = np.full(self.job.graph.n + 1, -1)
            number[nodes[::-1]] = np.arange(len(nodes))[::-1]
            numbers[:, category] = number[np.clip(source[:, category], -1, None)]
        return np.where(times < 0, -1, numbers)


class ScipyRows(Scipy):
    """The best that we could compose of SciPy: a few rows at a time, reached nodes only."""

    name = "scipy, few rows at a time"
    rows = 20

    # The closest facility needs no table, so there is nothing to improve.
    closest = None  # type: ignore[assignment]

    def reached(self, category: int, limit: float) -> Iterator[tuple[int, Ints, Floats]]:
        """Yield each facility with the nodes that it is reached from, and their costs."""
        matrix, nodes = self.matrix()[1], self.job.facilities[category]
        for begin in range(0, FACILITIES, self.rows):
            block = dijkstra(matrix, indices=nodes[begin : begin + self.rows], limit=limit)
            for offset, row in enumerate(block):
                where = np.flatnonzero(row <= limit)
                yield begin + offset, where, row[where]

    def k_closest(self) -> Trial:
        return self._trial(self._k, as_is)

    def _k(self, category: int) -> Answer:
        never = np.int64(LIMIT_DS + 1) << 8
        best = np.full((self.job.graph.n, NEAREST), never)
        for facility, where, cost in self.reached(category, LIMIT_DS):
            new, held = (cost.astype(np.int64) << 8) | facility, best[where]
            for place in range(NEAREST):
                low = np.minimum(held[:, place], new)
                new = np.maximum(held[:, place], new)
                held[:, place] = low
            best[where] = held
        none = best == never
        return {
            "times_ds": np.where(none, -1, best >> 8),
            "facility": np.where(none, -1, best & 255),
        }

    def cumulative_gravity(self) -> Trial:
        return self._trial(self._sums, as_is)

    def _sums(self, category: int) -> Answer:
        within = np.zeros((len(CUTOFFS_DS), self.job.graph.n), np.int64)
        decayed = np.zeros(self.job.graph.n)
        for _, where, cost in self.reached(category, CUTOFFS_DS[-1]):
            decayed[where] += np.exp(-cost / DECAY_DS)
            for count, cutoff in zip(within, CUTOFFS_DS, strict=True):
                count[where[cost <= cutoff]] += 1
        return {"within": within.T, "decayed": decayed}

    def e2sfca(self) -> Trial:
        return self._trial(self._share, as_is)

    def _share(self, category: int) -> Answer:
        weights = step_weights(np.arange(CUTOFFS_DS[-1] + 1, dtype=np.float64))
        score = np.zeros(self.job.graph.n)
        for facility, where, cost in self.reached(category, CUTOFFS_DS[-1]):
            weight = weights[cost.astype(np.int64)]
            crowd = weight @ self.job.demand[where]
            score[where] += weight * (self.job.supply[category, facility] / crowd)
        return {"score": score}
