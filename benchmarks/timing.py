"""What every subject shares: medians of several runs, the record of a row, and the machine."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
PACKAGES = (
    "geopandas",
    "h3",
    "inclusion-marker",
    "numba",
    "numpy",
    "pandas",
    "pyogrio",
    "scipy",
    "shapely",
    "tobler",
)


@dataclass(frozen=True)
class Row:
    """One measurement; ``graph`` names the data set and ``ratio`` is peer over ours."""

    graph: str
    task: str
    threads: int
    ours_s: float
    peer: str
    peer_s: float | None
    peak_mb: float | None = None

    def plain(self) -> dict[str, Any]:
        """Return the row as JSON says it."""
        ratio = None if self.peer_s is None else round(self.peer_s / self.ours_s, 2)
        figures = {
            "ours_s": round(self.ours_s, 4),
            "peer_s": None if self.peer_s is None else round(self.peer_s, 4),
            "ratio": ratio,
            "peak_mb": round(peak_mb() if self.peak_mb is None else self.peak_mb),
        }
        return {**asdict(self), **figures}


def median_s(work: Callable[[], T], *, runs: int = 5) -> tuple[float, T]:
    """Return the median seconds of several runs after one that does not count, and the result."""
    result = work()
    seconds = []
    for _ in range(runs):
        begin = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds), result


def peak_mb() -> float:
    """Return the most memory that this process has held, megabytes."""
    # On Linux the resource usage of a new process begins at its parent's peak; this does not.
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(each for each in status.read_text().splitlines() if each.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def machine() -> dict[str, Any]:
    """Return what the figures depend on: no host name, no paths."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "os": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": versions,
    }


def _cpu() -> str:
    """Return the model of the processor."""
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        for line in listing.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
