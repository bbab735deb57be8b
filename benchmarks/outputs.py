"""What people open: how large it is and how fast it is there: ``outputs.py --help``.

Sizes are those of whole pages with 20,000 cells of a made city, as smooth, noisy and patchy as the
sample Cúcuta. The page says itself when its first map is complete, in the system's Chromium without
a network: without WebGL (the fall-back), and with MapLibre on WebGL in software, which is what a
machine without a graphics card has. The picture stands beside ``GeoDataFrame.plot`` with the same
colours, size and resolution.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import timing
from made import browser, large

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.composite.classes import classify
from inclusion_marker.marker import Marker, compute
from inclusion_marker.outputs.figures import map_figure, save_figure
from inclusion_marker.outputs.geopackage import write_geopackage
from inclusion_marker.outputs.palette import NO_DATA, PUBLISHED
from inclusion_marker.outputs.report import write_report
from inclusion_marker.outputs.webmap import webmap_html, write_webmap
from inclusion_marker.result import Result

RESULTS = Path(__file__).parent / "results" / "outputs.json"
CELLS, MANY = 20_000, 100_000
GOAL_MB = {"scores": 3.0, "scores and raw values": 5.0}
GOAL_S = {"leaflet": 2.0, "picture": 2.0, "everything": 10.0}
WIDTH_IN, HEIGHT_IN, DPI = 10.0, 8.0, 160


@dataclass(frozen=True)
class Row:
    """One measurement: a size or a time, its goal, and a peer that does the same work."""

    task: str
    size: str
    value: float
    unit: str
    goal: float | None = None
    peer: str = "-"
    peer_value: float | None = None
    ratio: float | None = None
    note: str = ""

    def plain(self) -> dict[str, Any]:
        """Return the row as JSON says it."""
        numbers = {"value": 3, "peer_value": 3, "ratio": 1}
        rounded = {
            key: None if (value := getattr(self, key)) is None else round(value, digits)
            for key, digits in numbers.items()
        }
        return {**asdict(self), **rounded}

    def line(self) -> str:
        """Return the row for the screen."""
        goal = "" if self.goal is None else f"goal {self.goal:g} {self.unit}"
        peer = "" if self.ratio is None else f"{self.ratio:.1f} x {self.peer}"
        marks = ", ".join(filter(None, [goal, peer, self.note]))
        return f"  {self.task:<44} {self.size:<16} {self.value:8.3f} {self.unit:<3} {marks}"


@cache
def sample() -> Marker:
    """Return the sample city with its analyses."""
    marker = compute("cucuta")
    assert marker.analyses.robustness is not None
    return marker


@cache
def made(cells: int) -> tuple[Result, Analyses]:
    """Return a city of so many cells."""
    return large.large_city(sample(), sample().analyses, cells)


def median_s(work: Callable[[], object], rounds: int) -> float:
    """Return the median seconds of some calls after one that does not count."""
    return timing.median_s(work, runs=rounds)[0]


def sizes(_: int) -> list[Row]:
    """Return the size of the page of 20,000 cells, without and with raw values."""
    result, analyses = made(CELLS)
    rows = []
    for (name, goal), raw in zip(GOAL_MB.items(), (False, True), strict=True):
        page = webmap_html(result, analyses, language="es", raw=raw)
        megabytes = len(page.encode()) / 1e6
        assert megabytes <= goal, f"{megabytes:.2f} MB"
        rows.append(Row(f"web map, all {name}", f"{CELLS:,} cells", megabytes, "MB", goal))
    begin = time.perf_counter()
    webmap_html(result, analyses, language="es")
    spent = time.perf_counter() - begin
    return [*rows, Row("web map made", f"{CELLS:,} cells", spent, "s")]


def drawn(rounds: int) -> list[Row]:
    """Return the seconds from the opening of a page to its first complete map."""
    lacking = browser.lacking()
    if lacking:
        print(f"  skipped: {lacking}")
        return []
    rows = []
    with tempfile.TemporaryDirectory() as folder, browser.browser() as running:
        for cells in (CELLS, MANY):
            page = Path(folder) / f"{cells}.html"
            page.write_text(webmap_html(*made(cells), language="es"), encoding="utf-8")
            for engine in ("leaflet", "maplibre"):
                seconds = []
                for _ in range(rounds):
                    address, software = f"#engine={engine}", engine == "maplibre"
                    with running.opened(page, address=address, software_3d=software) as opened:
                        seconds.append(opened.ready(120)["ms"] / 1000)
                        opened.check_quiet()
                note = "WebGL in software" if software else "no WebGL"
                goal = GOAL_S.get(engine) if cells == CELLS else None
                spent = statistics.median(seconds)
                task = f"first complete map, {engine}"
                rows.append(Row(task, f"{cells:,} cells", spent, "s", goal, note=note))
    return rows


def picture(rounds: int) -> list[Row]:
    """Return the seconds of a PNG of 100,000 cells, beside ``GeoDataFrame.plot``."""
    result, _ = made(MANY)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "map.png"
        ours = median_s(
            lambda: save_figure(map_figure(result, language="es"), target, overwrite=True), rounds
        )
        theirs = median_s(lambda: plotted(result, Path(folder) / "peer.png"), max(rounds // 2, 1))
    task, size, peer = "PNG of the marker", f"{MANY:,} cells", "GeoDataFrame.plot"
    goal, note = GOAL_S["picture"], "ours with legend, scale and sources, the peer the cells alone"
    return [Row(task, size, ours, "s", goal, peer, theirs, theirs / ours, note)]


def plotted(result: Result, target: Path) -> None:
    """Draw the classes of the marker as GeoPandas does."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - as the package itself loads it

    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN))
    axes = figure.add_subplot()
    classes = classify(result.scores.marker).fillna(0).astype(int)
    colours = [(NO_DATA, *PUBLISHED)[each] for each in classes]
    result.grid.cells.plot(ax=axes, color=colours)
    figure.savefig(target, dpi=DPI)


def everything(rounds: int) -> list[Row]:
    """Return the seconds of each file of the sample city, and of all of them together."""
    marker = sample()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        said: dict[str, Any] = {"language": "es", "overwrite": True}
        files: dict[str, Callable[[], object]] = {
            "GeoPackage, project and manifest": lambda: write_geopackage(
                marker, marker.analyses, place / "cucuta.gpkg", **said
            ),
            "web map": lambda: write_webmap(
                marker, marker.analyses, place / "cucuta-map.html", **said
            ),
            "report": lambda: write_report(
                marker, marker.analyses, place / "cucuta-report.html", **said
            ),
            "PNG": lambda: save_figure(
                map_figure(marker, language="es"), place / "cucuta.png", overwrite=True
            ),
        }
        for name, work in files.items():
            rows.append(Row(f"written: {name}", "sample city", median_s(work, rounds), "s"))
    total = sum(row.value for row in rows)
    return [*rows, Row("written: everything", "sample city", total, "s", GOAL_S["everything"])]


RUNS: dict[str, Callable[[int], list[Row]]] = {
    "sizes": sizes,
    "drawn": drawn,
    "picture": picture,
    "everything": everything,
}


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    described = timing.machine()
    versions = {name: importlib.metadata.version(name) for name in ("matplotlib",)}
    return {**described, "packages": dict(sorted({**described["packages"], **versions}.items()))}


def options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("subjects", nargs="*", choices=[*RUNS, []], default=[])
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the JSON is written")
    return parser.parse_args()


def main() -> None:
    """Run what was chosen and write the results; rows of what was not run stay as they were."""
    chosen = options()
    kept: dict[str, Any] = {}
    if chosen.out.is_file():
        kept = json.loads(chosen.out.read_text(encoding="utf-8"))["rows"]
    for subject in chosen.subjects or list(RUNS):
        print(subject, flush=True)
        rows = RUNS[subject](chosen.rounds)
        for row in rows:
            print(row.line(), flush=True)
        if rows:
            kept[subject] = [row.plain() for row in rows]
    text = json.dumps({"machine": machine(), "rows": kept}, indent=2)
    chosen.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
