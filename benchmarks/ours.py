"""The accessibility engine in the benchmark; as a program, what needs a process of its own.

``ours.py TASK GRAPH.npz`` prints the most memory of a task, megabytes; ``ours.py compilation`` the
seconds until every kernel is compiled or loaded.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import timing
from graphs import Job, job, load, made
from peers import CUTOFFS_DS, DECAY_DS, LIMIT_DS, NEAREST, Answer, step_weights

from inclusion_marker.accessibility import engine, hierarchy, summing

TASKS = ("closest", "k_closest", "cumulative_gravity", "e2sfca")
THREADS = (1, 2)
Raw = Any  # a tuple or an array, as the engine or a peer has it


class Ours:
    """The engine on a job."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.engine = self.build()
        self.facilities = engine.facilities_at([each.astype(np.int32) for each in job.facilities])
        cost = np.arange(CUTOFFS_DS[-1] + 1, dtype=np.float64)
        self.decay = np.exp(-cost / DECAY_DS)[None]
        self.steps = step_weights(cost)

    def build(self) -> hierarchy.Engine:
        """Return the prepared network."""
        graph = self.job.graph
        costs = graph.forward_ds, graph.backward_ds
        return hierarchy.build(graph.n, graph.tails, graph.heads, *costs, graph.xy)

    def run(self, task: str, threads: int) -> Raw:
        """Return the engine's answer to a task."""
        ask: Callable[..., Any] = getattr(self, task)
        return ask(threads)

    def closest(self, threads: int) -> Raw:
        """Ask for the closest facility of each category."""
        return engine.closest(self.engine, self.facilities, limit_ds=LIMIT_DS, threads=threads)

    def k_closest(self, threads: int) -> Raw:
        """Ask for the closest few facilities of each category."""
        return engine.k_closest(
            self.engine, self.facilities, NEAREST, limit_ds=LIMIT_DS, threads=threads
        )

    def cumulative_gravity(self, threads: int) -> Raw:
        """Ask for the facilities within each cut-off and their decayed sum."""
        masses = np.ones(self.job.facilities.size)
        cutoffs = np.array(CUTOFFS_DS, np.int32)
        return summing.accumulate(
            self.engine, self.facilities, masses, cutoffs, self.decay, threads=threads
        )

    def e2sfca(self, threads: int) -> Raw:
        """Ask for the enhanced two-step floating catchment score."""
        supply = self.job.supply.ravel()
        return summing.two_step(
            self.engine,
            self.facilities,
            self.job.demand,
            supply,
            self.steps,
            self.steps,
            threads=threads,
        )


def named(task: str, found: Raw) -> Answer:
    """Return the engine's answer under the names that the peers use."""
    if task in {"closest", "k_closest"}:
        times, facility = found
        far = times > LIMIT_DS
        return {
            "times_ds": np.where(far, -1, times).astype(np.int64),
            "facility": np.where(far, -1, facility).astype(np.int64),
        }
    if task == "cumulative_gravity":
        return {"within": found[0], "decayed": found[1][..., 0]}
    return {"score": found}


def peak(path: Path, task: str) -> None:
    """Print the most memory that this process needs for a task."""
    ours = Ours(job(load(path)))
    if task in TASKS:
        ours.run(task, THREADS[-1])
    print(timing.peak_mb())


def compile_all() -> None:
    """Print the seconds that all kernels together take the first time in a process."""
    small = job(made(3_000))
    begin = time.perf_counter()
    ours = Ours(small)
    for task in TASKS:
        for threads in THREADS:
            ours.run(task, threads)
    print(time.perf_counter() - begin)


if __name__ == "__main__":
    if sys.argv[1] == "compilation":
        compile_all()
    else:
        peak(Path(sys.argv[2]), sys.argv[1])
