"""The composite index beside plain NumPy and its peers: ``composite.py --help``.

Ours, the peer, ours, in turn in one process: the figure to read is the ratio, the median over the
rounds, peer over ours. Answers are compared, and the run fails where they differ. What is drawn is
measured once more in a process of its own, for the most memory it holds, and its bytes are compared
on one thread and on two.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import index_city
import index_numpy
import index_peers
import numpy as np
import numpy.typing as npt
import timing

from inclusion_marker.analysis.drawing import draws
from inclusion_marker.analysis.drawing.error_sources import problem_of
from inclusion_marker.analysis.drawing.errors import Errors
from inclusion_marker.analysis.drawing.propagation import propagate
from inclusion_marker.analysis.robustness import robustness
from inclusion_marker.composite.scales import fitted
from inclusion_marker.composite.scoring import score
from inclusion_marker.result import Result

RESULTS = Path(__file__).parent / "results" / "composite.json"
SUBJECTS = ("once", "draws", "numpy", "peers")
PARTS = ("choices", "errors", "robustness")
DRAWS, SEED, SPEEDS_KMH = 1_000, 7, (3.6, 5.0, 5.4)
GOALS_S = {"once": 2.0, "choices": 4.0, "errors": 15.0, "robustness": 60.0}
GOAL_MB = 1_500
SINGLE = 1e-3  # points; what single precision leaves of a score

Singles = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Row:
    """One measurement; ``ratio`` is the median over the rounds of peer over ours."""

    task: str
    size: str
    threads: int
    ours_s: float
    peer: str = "-"
    peer_s: float | None = None
    ratio: float | None = None
    goal_s: float | None = None
    peak_mb: float | None = None
    apart: float | None = None
    note: str = ""

    def plain(self) -> dict[str, Any]:
        """Return the row as JSON says it."""
        digits = {"ours_s": 4, "peer_s": 4, "ratio": 2, "peak_mb": 0}
        rounded = {
            key: None if (value := getattr(self, key)) is None else round(value, places)
            for key, places in digits.items()
        }
        return {**asdict(self), **rounded}

    def line(self) -> str:
        """Return the row for the screen."""
        ratio = " " * 10 if self.ratio is None else f"{self.ratio:8.2f} x"
        peer = "" if self.peer_s is None else f"{self.peer} {self.peer_s:.3f} s"
        goal = "" if self.goal_s is None else f"goal {self.goal_s:g} s"
        memory = "" if self.peak_mb is None else f"{self.peak_mb:.0f} MB"
        apart = "" if self.apart is None else f"apart {self.apart:.1g}"
        marks = ", ".join(filter(None, [peer, goal, memory, apart, self.note]))
        return f"  {self.task:<34} {self.threads} thr {self.ours_s:9.4f} s {ratio}  {marks}"


def clock(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds of one call, and its result."""
    begin = time.perf_counter()
    found = work()
    return time.perf_counter() - begin, found


def duel(
    ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int
) -> tuple[float, float, float, Any, Any]:
    """Return the medians of both, the median ratio and both results, after one call of each."""
    mine, peer, found, other = [], [], ours(), theirs()
    for _ in range(rounds):
        before, found = clock(ours)
        spent, other = clock(theirs)
        after, found = clock(ours)
        mine.append((before + after) / 2)
        peer.append(spent)
    ratios = [b / a for a, b in zip(mine, peer, strict=True)]
    return (*map(statistics.median, (mine, peer, ratios)), found, other)


# ── scored once ──────────────────────────────────────────────────────────────


def once(rounds: int) -> list[Row]:
    """Return the row of a million cells scored once."""
    city = index_city.sample()
    raw = index_city.many_rows(city)
    ours_s, peer_s, ratio, found, other = duel(
        lambda: score(raw, city.method),
        lambda: index_numpy.marker(raw, city.method),
        rounds,
    )
    row = Row(
        "scored once",
        f"{len(raw):,} cells x 34 indicators",
        1,
        ours_s,
        "numpy",
        peer_s,
        ratio,
        GOALS_S["once"],
        apart=apart(found.marker.to_numpy(), other, 1e-9),
        note="ours keeps every node with its coverage and floor, numpy the marker alone",
    )
    return [row]


def apart(one: npt.NDArray[np.floating], other: npt.NDArray[np.floating], most: float) -> float:
    """Return how far two answers lie apart, points; fail beyond, or where one is missing."""
    assert np.array_equal(np.isnan(one), np.isnan(other)), "one of the two is missing"
    found = float(np.nanmax(np.abs(one - other)))
    assert found <= most, f"{found:g} points apart"
    return found


# ── drawn ────────────────────────────────────────────────────────────────────


def drawn_choices(city: Result, threads: int) -> Singles:
    """Return the marker of each cell in each draw of the method's choices."""
    problem, _ = problem_of(city, Errors(), draws.Choices().levels, SEED)
    plan = draws.monte_carlo(draws.CHOICES, DRAWS)
    people = city.people.to_numpy(np.float64)
    return propagate(problem, _sample(city), plan, people=people, threads=threads).draws


def drawn_errors(city: Result, threads: int) -> Singles:
    """Return the same with the errors of the data, by source zone and table, drawn with them."""
    problem, _ = problem_of(city, Errors(), draws.Choices().levels, SEED)
    plan = draws.monte_carlo(draws.GROUPS, DRAWS)
    people = city.people.to_numpy(np.float64)
    return propagate(problem, _sample(city), plan, people=people, threads=threads).draws


def whole(city: Result, threads: int) -> Singles:
    """Return the draws of a whole run: all at once, either alone, and the Sobol' indices."""
    return robustness(city, draws=DRAWS, seed=SEED, threads=threads).draws


def _sample(city: Result) -> draws.Sample:
    """Return what is drawn for the whole city."""
    return draws.sample(city.method, draws.Choices(), SPEEDS_KMH, draws=DRAWS, seed=SEED)


WORK: dict[str, Callable[[Result, int], Singles]] = {
    "choices": drawn_choices,
    "errors": drawn_errors,
    "robustness": whole,
}
NAMES = {
    "choices": "drawn: choices",
    "errors": "drawn: choices and data error",
    "robustness": "robustness, Sobol' indices and all",
}


def child(part: str, threads: int) -> None:
    """Print what one run takes: seconds of the second call, most memory, and the bytes' hash."""
    city = index_city.tiled(index_city.sample())
    before = timing.peak_mb()
    seconds, found = clock(lambda: WORK[part](city, threads))
    if part != "robustness":
        del found
        seconds, found = clock(lambda: WORK[part](city, threads))
    digest = hashlib.sha256(np.ascontiguousarray(found).tobytes()).hexdigest()
    said = {"seconds": seconds, "before_mb": before, "peak_mb": timing.peak_mb(), "digest": digest}
    print(json.dumps({**said, "cells": len(found)}))


def apart_from_us(part: str, threads: int) -> dict[str, Any]:
    """Return what a run in a process of its own says."""
    done = subprocess.run(  # noqa: S603 - this very file
        [sys.executable, __file__, "--child", part, "--threads", str(threads)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def of_draws(_: int) -> list[Row]:
    """Return the rows of what is drawn, each run in a process of its own."""
    rows = []
    for part in PARTS:
        runs = {threads: apart_from_us(part, threads) for threads in (1, 2)}
        assert runs[1]["digest"] == runs[2]["digest"], f"{part}: threads change the bytes"
        for threads, run in runs.items():
            row = Row(
                NAMES[part],
                f"{run['cells']:,} cells x 34 indicators x {DRAWS:,} draws",
                threads,
                run["seconds"],
                goal_s=GOALS_S[part] if threads > 1 else None,
                peak_mb=run["peak_mb"],
                note=f"of it {run['before_mb']:.0f} MB before; same bytes on 1 and 2 threads",
            )
            print(row.line(), flush=True)
            rows.append(row)
    return rows


def beside_numpy(rounds: int) -> list[Row]:
    """Return the choices beside the same in plain NumPy, from the same scores and sample."""
    city = index_city.tiled(index_city.sample())
    method, sample = city.method, _sample(city)
    problem, _ = problem_of(city, Errors(), draws.Choices().levels, SEED)
    plan = draws.monte_carlo(draws.CHOICES, DRAWS)
    people = city.people.to_numpy(np.float64)
    curves = fitted(city.raw, method)
    opened = np.column_stack(
        [curves[key].open(city.raw[key].to_numpy(np.float64)) for key in method.indicators]
    )
    rows = []
    for threads in (1, 2):
        ours_s, peer_s, ratio, found, other = duel(
            lambda threads=threads: (
                propagate(problem, sample, plan, people=people, threads=threads).draws
            ),
            lambda threads=threads: index_numpy.drawn(opened, method, sample, threads=threads),
            rounds,
        )
        row = Row(
            NAMES["choices"],
            f"{len(opened):,} cells x 34 indicators x {DRAWS:,} draws",
            threads,
            ours_s,
            "numpy",
            peer_s,
            ratio,
            apart=apart(found, other, SINGLE),
            note="both from prepared scores",
        )
        print(row.line(), flush=True)
        rows.append(row)
    return rows


# ── peers ────────────────────────────────────────────────────────────────────


def of_peers(rounds: int) -> list[Row]:
    """Return the rows of the tasks that peers share."""
    rows = []
    for task in index_peers.tasks():
        ours_s, peer_s, ratio, found, other = duel(task.ours, task.theirs, rounds)
        row = Row(
            task.name,
            f"{index_peers.CELLS:,} cells",
            1,
            ours_s,
            task.peer,
            peer_s,
            ratio,
            apart=task.agreement(found, other),
            note=task.note,
        )
        print(row.line(), flush=True)
        rows.append(row)
    return rows


RUNS: dict[str, Callable[[int], list[Row]]] = {
    "once": once,
    "draws": of_draws,
    "numpy": beside_numpy,
    "peers": of_peers,
}


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    described = timing.machine()
    names = ("esda", "inequality", "libpysal", "pymcdm", "scikit-criteria")
    versions = {}
    for name in names:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {**described, "packages": dict(sorted({**described["packages"], **versions}.items()))}


def options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("subjects", nargs="*", choices=[*SUBJECTS, []], default=[])
    parser.add_argument("--rounds", type=int, default=3, help="rounds of a duel")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the JSON is written")
    parser.add_argument("--child", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Run what was chosen and write the results; rows of what was not run stay as they were."""
    chosen = options()
    if chosen.child:
        child(chosen.child, chosen.threads)
        return
    subjects = chosen.subjects or list(SUBJECTS)
    kept = {}
    if chosen.out.is_file():
        kept = json.loads(chosen.out.read_text(encoding="utf-8")).get("rows", {})
    for subject in subjects:
        print(subject, flush=True)
        rows = RUNS[subject](chosen.rounds)
        if subject == "once":
            print(rows[0].line())
        kept[subject] = [row.plain() for row in rows]
    chosen.out.parent.mkdir(exist_ok=True)
    text = json.dumps({"machine": machine(), "rows": kept}, indent=2)
    chosen.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
