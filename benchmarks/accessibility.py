"""The accessibility engine beside its peers: ``accessibility.py --help``.

Ours, the peer, ours, in turn in one process: the figure to read is the ratio, the median over the
rounds. Every row's answers are compared, all numbers of the part that the peer runs: whole numbers
must be the same, sums the same to the tolerance of the row. Where they differ the run fails.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import timing
from graphs import SOURCES, Graph, Job, job
from libraries import PEERS
from ours import TASKS, THREADS, Ours, named
from peers import DOUBLE, LIMIT_DS, Answer, Peer, Trial
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

OTHERS = ("preparation", "cold_use", "compilation")
CHILD = Path(__file__).with_name("ours.py")
RESULTS = Path(__file__).parent / "results" / "accessibility.json"
DATA = Path(__file__).parents[2] / "shared" / "data"
SHORT_S = 0.05  # of what takes less, the median of three is taken each time


@dataclass(frozen=True)
class Row:
    """One measurement: ``ratio`` is the median over the rounds of peer over ours."""

    graph: str
    task: str
    threads: int
    ours_s: float
    peer: str
    peer_s: float | None
    ratio: float | None
    peak_mb: float | None = None
    part: str = "all"
    best_peer: bool = False
    note: str = ""

    def plain(self) -> dict[str, Any]:
        """Return the row as JSON says it."""
        digits = {"ours_s": 5, "peer_s": 4, "ratio": 2, "peak_mb": 0}
        rounded = {
            key: None if (value := getattr(self, key)) is None else round(value, places)
            for key, places in digits.items()
        }
        return {**asdict(self), **rounded}

    def line(self) -> str:
        """Return the row for the screen."""
        ratio = " " * 10 if self.ratio is None else f"{self.ratio:8.1f} x"
        peer = "" if self.peer_s is None else f"{self.peer} {self.peer_s:.3f} s"
        memory = "" if self.peak_mb is None else f"{self.peak_mb:.0f} MB"
        marks = ", ".join(
            each
            for each in (
                "best peer" * self.best_peer,
                "" if self.part == "all" else self.part,
                self.note,
                memory,
            )
            if each
        )
        return f"  {self.task:<30} {self.threads} thr {self.ours_s:9.4f} s {ratio}  {peer}  {marks}"


class Truth:
    """The cost between every node and every facility of the first category, by SciPy."""

    def __init__(self, job: Job) -> None:
        n = job.graph.n
        tails, heads, cost = job.arcs_to_facilities()
        matrix = csr_array((cost, (tails, heads)), shape=(n, n))
        self.cost = np.full((len(job.facilities[0]), n), -1, np.int32)
        for row, node in zip(self.cost, job.facilities[0], strict=True):
            found = dijkstra(matrix, indices=node, limit=LIMIT_DS)
            reached = np.isfinite(found)
            row[reached] = found[reached]

    def check(self, who: str, answer: Answer) -> None:
        """Fail where a facility that is named is not at the time that is given with it."""
        if "facility" not in answer:
            return
        times, facility = (answer[key][:, 0] for key in ("times_ds", "facility"))
        node = np.broadcast_to(
            np.arange(len(times)).reshape(-1, *[1] * (times.ndim - 1)), times.shape
        )
        found = facility >= 0
        assert np.array_equal(found, times >= 0), f"{who}: a time without a facility"
        right = self.cost[facility[found], node[found]] == times[found]
        assert right.all(), f"{who}: {np.sum(~right)} facilities are not at their time"
        if times.ndim > 1:
            ordered = np.sort(np.where(found, facility, -np.arange(1, times.shape[1] + 1)), axis=1)
            assert (np.diff(ordered, axis=1) != 0).all(), f"{who}: a facility is named twice"


def compare(who: str, ours: Answer, trial: Trial, theirs: Answer) -> None:
    """Fail where two answers differ on the part that the peer ran."""
    for key, answer in theirs.items():
        if key == "facility":
            continue  # of two that are equally close either may be named: see Truth
        mine = ours[key][:, : trial.categories]
        mine = mine if trial.origins is None else mine[trial.origins]
        assert mine.shape == answer.shape, f"{who}: {key} has another shape"
        mine, other = (np.delete(each, trial.strayed, axis=1) for each in (mine, answer))
        assert mine.size, f"{who}: there is nothing to compare"
        if key in {"times_ds", "within"}:
            differ = mine != other
        else:
            differ = ~np.isclose(mine, other, rtol=trial.tolerance, atol=1e-12)
        assert differ.mean() <= trial.odd, (
            f"{who}: {differ.sum()} of {differ.size} values of {key} differ, the first "
            f"{mine[differ][0]} is {other[differ][0]} with the peer"
        )


def clock(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds of one call, and its result."""
    begin = time.perf_counter()
    found = work()
    return time.perf_counter() - begin, found


def clock_short(work: Callable[[], Any]) -> float:
    """Return the seconds of a call, the median of three where it is short."""
    first = clock(work)[0]
    if first > SHORT_S:
        return first
    return statistics.median([first, clock(work)[0], clock(work)[0]])


@dataclass(frozen=True)
class Plan:
    """How long to measure: at most so many rounds, and none begun after so many seconds."""

    rounds: int
    seconds: float


def duel(ours: Ours, task: str, trial: Trial, plan: Plan) -> tuple[list[Row], Any]:
    """Return a row for each number of threads, and the peer's result."""
    runs = {threads: partial(ours.run, task, threads) for threads in THREADS}
    mine: dict[int, list[float]] = {threads: [] for threads in THREADS}
    peer: list[float] = []
    begin = time.perf_counter()
    found = None
    while len(peer) < plan.rounds and (not peer or time.perf_counter() - begin < plan.seconds):
        before = {threads: clock_short(runs[threads]) for threads in THREADS}
        spent, found = clock(trial.run)
        after = {threads: clock_short(runs[threads]) for threads in reversed(THREADS)}
        peer.append(spent / trial.share)
        for threads in THREADS:
            mine[threads].append((before[threads] + after[threads]) / 2)
    notes = [trial.note, "1 round" if len(peer) == 1 else f"{len(peer)} rounds"]
    if trial.tolerance > DOUBLE:
        notes.append(f"sums agree to {trial.tolerance:g}")
    rows = [
        Row(
            ours.job.graph.name,
            task,
            threads,
            statistics.median(mine[threads]),
            "",
            statistics.median(peer),
            statistics.median([b / a for a, b in zip(mine[threads], peer, strict=True)]),
            part="all" if trial.share == 1 else f"peer on {trial.share:.3g} of it, scaled",
            note=", ".join(filter(None, notes)),
        )
        for threads in THREADS
    ]
    return rows, found


def mark_best(rows: list[Row]) -> list[Row]:
    """Return the rows with the quickest peer of each task marked."""
    quickest: dict[tuple[str, str], float] = {}
    for row in rows:
        if row.peer_s is not None and row.task != "preparation":
            key = row.graph, row.task
            quickest[key] = min(quickest.get(key, row.peer_s), row.peer_s)
    return [
        replace(
            row,
            best_peer=row.peer_s is not None and row.peer_s == quickest.get((row.graph, row.task)),
        )
        for row in rows
    ]


class Contest:
    """Ours and the peers on one graph."""

    def __init__(self, graph: Graph, tasks: list[str], plan: Plan) -> None:
        self.graph, self.tasks, self.plan = graph, tasks, plan
        self.job = job(graph)
        self.ours = Ours(self.job)
        self.queries = [task for task in TASKS if task in tasks]
        self.preparing = statistics.median(clock(self.ours.build)[0] for _ in range(3))
        self.peaks = peak_of(graph, self.queries)
        self.truth = Truth(self.job) if {"closest", "k_closest"} & set(self.queries) else None
        self.answers = {task: self.checked(task) for task in self.queries}
        self.prepares: dict[str, float] = {}

    def checked(self, task: str) -> Answer:
        """Return our answer, the same to the bit on any number of threads."""
        first, *others = (named(task, self.ours.run(task, threads)) for threads in THREADS)
        for other in others:
            for key, values in first.items():
                assert np.array_equal(values, other[key]), f"{task}: threads change {key}"
        if self.truth is not None:
            self.truth.check(f"ours, {task}", first)
        return first

    def meet(self, peer: Peer, task: str) -> list[Row]:
        """Return the rows of one task beside one peer: none where it has no such measure."""
        if peer.too_large(task):
            print(f"  {task:<30} {peer.name}: not on a graph of this size", flush=True)
            return []
        trial = peer.trial(task)
        if trial is None:
            return []
        rows, raw = duel(self.ours, task, trial, self.plan)
        theirs = trial.read(raw)
        compare(f"{peer.name}, {task}, {self.graph.name}", self.answers[task], trial, theirs)
        if self.truth is not None and trial.origins is None:
            self.truth.check(f"{peer.name}, {task}", theirs)
        rows = [replace(row, peer=peer.name, peak_mb=self.peaks[task]) for row in rows]
        for row in rows:
            print(row.line(), flush=True)
        self.prepares[peer.name] = max(self.prepares.get(peer.name, 0.0), trial.prepare_s)
        if "cold_use" in self.tasks:
            rows += [cold(row, self.preparing, trial.prepare_s) for row in rows]
        return rows

    def rows(self, peers: list[type[Peer]]) -> list[Row]:
        """Return all rows of the graph."""
        found: list[Row] = []
        for kind in peers:
            peer = kind(self.job)
            for task in self.queries:
                found += self.meet(peer, task)
        if "preparation" in self.tasks:
            own = preparation(self.graph, self.preparing, self.prepares, self.peaks["preparation"])
            found += own
            print(own[0].line(), flush=True)
        return mark_best(found)


def cold(row: Row, preparing: float, prepare_s: float) -> Row:
    """Return the row of one single use: preparation and one query."""
    ours, peer = row.ours_s + preparing, prepare_s + (row.peer_s or 0.0)
    return replace(
        row,
        task=f"cold_use: {row.task}",
        ours_s=ours,
        peer_s=peer,
        ratio=peer / ours,
        note="preparation and one query, the sum of their medians",
    )


def preparation(graph: Graph, seconds: float, peers: dict[str, float], peak_mb: float) -> list[Row]:
    """Return the rows of the preparation: ours, then the peers' own."""
    note = f"{1e6 * seconds / graph.n:.2f} us a node, directed"
    own = Row(graph.name, "preparation", 1, seconds, "-", None, None, peak_mb, note=note)
    others = [
        replace(own, peer=name, peer_s=spent, ratio=spent / seconds)
        for name, spent in peers.items()
    ]
    return [own, *others]


def peak_of(graph: Graph, tasks: list[str]) -> dict[str, float]:
    """Return the most memory of ours by task, megabytes: preparation and query in a new process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.npz"
        graph.save(path)
        return {task: float(_child(task, str(path))) for task in (*tasks, "preparation")}


def _child(*arguments: str, **environment: str) -> str:
    done = subprocess.run(  # noqa: S603 - a file beside this one
        [sys.executable, str(CHILD), *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )
    return done.stdout.splitlines()[-1]


def compilation() -> list[Row]:
    """Return the seconds of compiling all kernels, and of loading them from the cache."""
    with tempfile.TemporaryDirectory() as folder:
        seconds = [float(_child("compilation", NUMBA_CACHE_DIR=folder)) for _ in range(2)]
    names = "compilation: all kernels, cold", "compilation: all kernels, from the cache"
    rows = [
        Row("small", name, 1, spent, "-", None, None)
        for name, spent in zip(names, seconds, strict=True)
    ]
    for row in rows:
        print(row.line(), flush=True)
    return rows


def installed(peers: tuple[type[Peer], ...]) -> list[type[Peer]]:
    """Return the peers that are at hand; name the others."""
    at_hand = [peer for peer in peers if importlib.util.find_spec(peer.needs)]
    for peer in peers:
        if peer not in at_hand:
            print(f"skipped: {peer.name} is not installed")
    return at_hand


def machine(peers: list[type[Peer]]) -> dict[str, Any]:
    """Return what the figures depend on."""
    described = timing.machine()
    versions = {peer.needs: importlib.metadata.version(peer.needs) for peer in peers}
    return {**described, "packages": dict(sorted({**described["packages"], **versions}.items()))}


def options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    names = [name for name in SOURCES if name not in {"small", "drive-1e5"}]
    parser.add_argument("--graphs", nargs="+", choices=tuple(SOURCES), default=names)
    parser.add_argument("--tasks", nargs="+", choices=(*TASKS, *OTHERS), default=[*TASKS, *OTHERS])
    parser.add_argument("--peers", nargs="+", choices=[peer.name for peer in PEERS])
    parser.add_argument("--rounds", type=int, default=5, help="most rounds of a duel")
    parser.add_argument("--seconds", type=float, default=6.0, help="no round begins after them")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the real cities")
    parser.add_argument("--quick", action="store_true", help="one round, the small graph")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the JSON is written")
    return parser.parse_args()


def main() -> None:
    """Run what was chosen and write the results."""
    chosen = options()
    plan = Plan(1, 0.0) if chosen.quick else Plan(chosen.rounds, chosen.seconds)
    wanted = chosen.peers or [peer.name for peer in PEERS]
    peers = [peer for peer in installed(PEERS) if peer.name in wanted]
    rows = compilation() if "compilation" in chosen.tasks else []
    for name in ["small"] if chosen.quick else chosen.graphs:
        source = SOURCES[name]
        if source.needs is not None and not (chosen.data / source.needs).is_file():
            print(f"skipped: {name}, there is no {source.needs} in {chosen.data}")
            continue
        graph = source.make(chosen.data)
        print(f"{graph.name}: {graph.n} nodes, {len(graph.tails)} streets", flush=True)
        rows += Contest(graph, chosen.tasks, plan).rows(peers)
    show(rows)
    chosen.out.parent.mkdir(exist_ok=True)
    text = json.dumps({"machine": machine(peers), "rows": [row.plain() for row in rows]}, indent=2)
    chosen.out.write_text(text + "\n", encoding="utf-8")


def show(rows: list[Row]) -> None:
    """Print what is against the best peer of each task, and what has no peer."""
    print("\nAgainst the best peer of each task")
    graph = ""
    for row in rows:
        if row.best_peer or row.peer_s is None:
            if row.graph != graph:
                graph = row.graph
                print(graph)
            print(row.line())


if __name__ == "__main__":
    main()
