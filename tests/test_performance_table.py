"""The tables of the performance page say what the results hold."""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from scripts import ROOT, script

SCRIPT = "benchmarks/performance_table.py"


@pytest.fixture(scope="module")
def tables() -> ModuleType:
    return script(SCRIPT)


def row(**given: object) -> dict[str, Any]:
    """Return one row of the results: closest on one thread beside scipy."""
    usual = {
        "graph": "town",
        "task": "closest",
        "threads": 1,
        "ours_s": 0.002,
        "peer": "scipy",
        "peer_s": 0.04,
        "ratio": 20.0,
        "peak_mb": 80,
        "part": "all",
        "best_peer": True,
        "note": "5 rounds",
    }
    return {**usual, **given}


RESULTS: dict[str, Any] = {
    "machine": {
        "cpu": "a processor",
        "cores": 2,
        "memory_gb": 8.0,
        "os": "Linux",
        "python": "3.11",
        "packages": {"numpy": "2.0", "scipy": "1.14"},
    },
    "rows": [
        row(task="compilation: all kernels, cold", ours_s=12.3, peer="-", peer_s=None, ratio=None),
        row(),
        row(threads=2, ours_s=0.001, ratio=24.0),
        row(peer="pandana", peer_s=4.0, ratio=2000.0, best_peer=False),
        row(task="k_closest", threads=2, ratio=20.0, part="peer on 0.1 of it, scaled"),
        row(task="cold_use: closest", ours_s=0.1, peer_s=0.2, ratio=2.0, best_peer=False),
        row(
            task="cold_use: closest",
            ours_s=0.1,
            peer="pandana",
            peer_s=0.15,
            ratio=1.5,
            best_peer=False,
        ),
        row(task="preparation", ours_s=0.05, peer="-", peer_s=None, ratio=None, note="0.7 us"),
        row(task="preparation", ours_s=0.05, peer="pandana", peer_s=1.5, ratio=30.0, note="0.7 us"),
    ],
}


def cells(text: str, start: str) -> list[str]:
    """Return the cells of the first line that begins with a text."""
    line = next(each for each in text.splitlines() if each.startswith(start))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_best_peer__stands_beside_both_numbers_of_threads(tables: ModuleType) -> None:
    found = cells(tables.beside_the_best(RESULTS["rows"]), "| town | closest")
    assert found == [
        "town",
        "closest",
        "scipy",
        "40 ms",
        "2 ms",
        "1 ms",
        "20.0",
        "**24.0** (goal 25)",
        "80 MB",
    ]


def test_best_peer__a_task_that_just_reaches_its_goal_is_not_marked(tables: ModuleType) -> None:
    found = cells(tables.beside_the_best(RESULTS["rows"]), "| town | k_closest")
    assert found[2] == "scipy (peer on 0.1 of it, scaled)"
    assert found[-3:-1] == ["-", "20.0"]


def test_all_peers__have_a_column_each(tables: ModuleType) -> None:
    text = tables.beside_all(RESULTS["rows"])
    assert cells(text, "| network") == ["network", "task", "scipy", "pandana"]
    assert cells(text, "| town | closest") == ["town", "closest", "20.0", "2000.0"]
    assert "preparation" not in text
    assert "cold_use" not in text


def test_preparation__names_what_the_peers_need(tables: ModuleType) -> None:
    found = cells(tables.preparing(RESULTS["rows"]), "| town")
    assert found == ["town", "pandana 1.5 s", "50 ms", "0.7 us", "80 MB"]


def test_cold_use__stands_beside_the_quickest_peer(tables: ModuleType) -> None:
    found = cells(tables.used_once(RESULTS["rows"]), "| town")
    assert found == ["town", "closest", "pandana", "150 ms", "100 ms", "1.5"]


def test_page__leaves_out_tables_without_a_row(tables: ModuleType) -> None:
    whole = tables.page(RESULTS)
    assert "a processor, 2 cores" in whole
    assert "numpy 2.0" in whole
    assert cells(whole, "| all kernels, cold")[-1] == "12.3 s"
    few = tables.page({**RESULTS, "rows": [row()]})
    assert "### Compilation" not in few
    assert "### Preparation" not in few


def test_command__prints_the_page(tables: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text(json.dumps(RESULTS), encoding="utf-8")
    command = [sys.executable, str(ROOT / SCRIPT), str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == tables.page(RESULTS)
