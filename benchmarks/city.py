"""The whole sample city, in a process of its own: seconds and peak memory by stage."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from timing import Row, peak_mb

CITY = "cucuta"
GRAPH = f"{CITY} (the sample city, synthetic)"
RUNS = 3


def stages() -> dict[str, tuple[float, float]]:
    """Return seconds and peak megabytes of each stage of one run of this very process."""
    begin = time.perf_counter()
    from inclusion_marker.marker import compute  # noqa: PLC0415 - the import is the first stage

    marks = [("import", begin)]
    peaks: list[float] = []

    def note(name: str) -> None:
        peaks.append(peak_mb())
        marks.append((name, time.perf_counter()))

    marker = compute(CITY, progress=note)
    with tempfile.TemporaryDirectory() as folder:
        note("write")
        marker.to_geopackage(Path(folder) / f"{CITY}.gpkg")
        note("end")
    return {
        name: (after - before, peak)
        for (name, before), (_, after), peak in zip(marks, marks[1:], peaks, strict=False)
    }


def rows() -> list[Row]:
    """Return a row a stage and one of the whole: medians of fresh processes."""
    seconds, peaks = defaultdict(list), defaultdict(list)
    for _ in range(RUNS):
        done = subprocess.run(  # noqa: S603 - this very file
            [sys.executable, __file__], check=True, capture_output=True, text=True
        )
        run: dict[str, tuple[float, float]] = json.loads(done.stdout.splitlines()[-1])
        for name, (spent, peak) in run.items():
            seconds[name].append(spent)
            peaks[name].append(peak)
        seconds["the whole"].append(sum(spent for spent, _ in run.values()))
        peaks["the whole"].append(max(peak for _, peak in run.values()))
    return [
        Row(GRAPH, name, 2, statistics.median(spent), "-", None, statistics.median(peaks[name]))
        for name, spent in seconds.items()
    ]


if __name__ == "__main__":
    print(json.dumps(stages()))
