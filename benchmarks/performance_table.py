"""The tables of ``docs/performance.md`` out of the results: ``performance_table.py [file]``.

Reads what ``make bench-accessibility`` wrote and prints Markdown. A ratio is the peer's time over
ours, above 1 where ours is quicker; one below its goal is followed by the goal.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results" / "accessibility.json"

# Ratio to the best peer that was aimed at, by task and threads.
GOALS = {
    ("closest", 1): 15,
    ("closest", 2): 25,
    ("k_closest", 2): 20,
    ("cumulative_gravity", 2): 50,
    ("e2sfca", 2): 20,
}
ALONE, BOTH = 1, 2
Row = Mapping[str, Any]


def seconds(value: float | None) -> str:
    """Return a time to three figures: ``1.23 s``, ``4.56 ms``."""
    if value is None:
        return "-"
    return f"{value:.3g} s" if value >= 1 else f"{1000 * value:.3g} ms"


def times(row: Row | None) -> str:
    """Return the ratio of a row; where it misses its goal, with the goal."""
    if row is None or row["ratio"] is None:
        return "-"
    goal = GOALS.get((row["task"], row["threads"]))
    shown = f"{row['ratio']:.1f}"
    return shown if goal is None or row["ratio"] >= goal else f"**{shown}** (goal {goal})"


def markdown(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """Return a table; the first two columns are words, the others numbers."""
    rule = ["---" if column < 2 else "---:" for column in range(len(head))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *body))


def by_graph_and_task(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    """Return the rows of each task on each graph, in the order they come."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row["graph"], row["task"]), []).append(row)
    return found


def on(rows: Iterable[Row], threads: int) -> Row | None:
    """Return the row that was measured on so many threads."""
    return next((row for row in rows if row["threads"] == threads), None)


def beside_the_best(rows: Sequence[Row]) -> str:
    """Return each task beside its quickest peer."""
    body = []
    chosen = [row for row in rows if row["best_peer"] and ":" not in row["task"]]
    for (graph, task), mine in by_graph_and_task(chosen).items():
        one, two = on(mine, ALONE), on(mine, BOTH)
        ours = [seconds(None if row is None else row["ours_s"]) for row in (one, two)]
        peak = mine[0]["peak_mb"]
        memory = "-" if peak is None else f"{peak:.0f} MB"
        peer = mine[0]["peer"] + ("" if mine[0]["part"] == "all" else f" ({mine[0]['part']})")
        body.append(
            [graph, task, peer, seconds(mine[0]["peer_s"]), *ours, times(one), times(two), memory]
        )
    head = [
        "network",
        "task",
        "best peer",
        "its time",
        "ours, 1 thread",
        "2 threads",
        "ratio, 1",
        "ratio, 2",
        "our peak memory",
    ]
    return markdown(head, body)


def beside_all(rows: Sequence[Row]) -> str:
    """Return the ratio to every peer, ours on one thread."""
    queries = [
        row
        for row in rows
        if row["ratio"] is not None
        and row["threads"] == ALONE
        and row["task"] != "preparation"
        and ":" not in row["task"]
    ]
    peers = list(dict.fromkeys(row["peer"] for row in queries))
    body = []
    for (graph, task), mine in by_graph_and_task(queries).items():
        ratios = {row["peer"]: f"{row['ratio']:.1f}" for row in mine}
        body.append([graph, task, *(ratios.get(peer, "-") for peer in peers)])
    return markdown(["network", "task", *peers], body)


def preparing(rows: Sequence[Row]) -> str:
    """Return the preparation of a network, ours and the peers'."""
    body = []
    chosen = [row for row in rows if row["task"] == "preparation"]
    for (graph, _), mine in by_graph_and_task(chosen).items():
        own = mine[0]
        others = ", ".join(
            f"{row['peer']} {seconds(row['peer_s'])}" for row in mine if row["peer_s"] is not None
        )
        peak = "-" if own["peak_mb"] is None else f"{own['peak_mb']:.0f} MB"
        body.append([graph, others or "-", seconds(own["ours_s"]), own["note"] or "-", peak])
    head = ["network", "what a peer prepares", "ours", "a node", "our peak memory"]
    return markdown(head, body)


def used_once(rows: Sequence[Row]) -> str:
    """Return one cold use, preparation and a query, beside the quickest peer of each task."""
    body = []
    chosen = [
        row for row in rows if row["task"].startswith("cold_use: ") and row["threads"] == ALONE
    ]
    for (graph, task), mine in by_graph_and_task(chosen).items():
        best = min(mine, key=lambda row: float(row["peer_s"]))
        body.append(
            [
                graph,
                task.removeprefix("cold_use: "),
                best["peer"],
                seconds(best["peer_s"]),
                seconds(best["ours_s"]),
                f"{best['ratio']:.1f}",
            ]
        )
    head = ["network", "task", "best peer", "its time", "ours, 1 thread", "ratio"]
    return markdown(head, body)


def compiling(rows: Sequence[Row]) -> str:
    """Return the times of compiling."""
    body = [
        [row["task"].removeprefix("compilation: "), row["graph"], seconds(row["ours_s"])]
        for row in rows
        if row["task"].startswith("compilation: ")
    ]
    return markdown(["compiled code", "network", "ours"], body)


def machine(told: Mapping[str, Any]) -> str:
    """Return one sentence about what the figures were measured on."""
    packages = ", ".join(f"{name} {version}" for name, version in told["packages"].items())
    return (
        f"{told['cpu']}, {told['cores']} cores, {told['memory_gb']} GB, {told['os']}, "
        f"Python {told['python']}; {packages}."
    )


def page(results: Mapping[str, Any]) -> str:
    """Return all tables of a file of results; those without a row are left out."""
    rows = results["rows"]
    tables = {
        "Queries, beside the best peer of each": beside_the_best(rows),
        "Queries, ratio to every peer, ours on one thread": beside_all(rows),
        "Preparation": preparing(rows),
        "One cold use: preparation and a query": used_once(rows),
        "Compilation": compiling(rows),
    }
    parts = [f"Measured on {machine(results['machine'])}"]
    parts += [f"### {title}\n\n{table}" for title, table in tables.items() if table.count("\n") > 1]
    return "\n\n".join(parts)


def main() -> None:
    """Print the tables of a file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, default=RESULTS, help="the results")
    chosen = parser.parse_args()
    print(page(json.loads(chosen.file.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    main()
