"""Run the benchmarks and write ``results/*.json``: ``run.py [distance] [interpolation] [city]``.

Each subject stands beside a peer that does the same work in the same process, so the figure to
read is the ratio: peer over ours, above 1 where ours is faster. Agreement is asserted.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import timing

SUBJECTS = ("distance", "interpolation", "city")
RESULTS = Path(__file__).parent / "results"


def main(chosen: list[str]) -> None:
    """Run the chosen subjects, all of them if none is."""
    unknown = sorted(set(chosen) - set(SUBJECTS))
    if unknown:
        sys.exit(f"no such subject: {', '.join(unknown)}; there are {', '.join(SUBJECTS)}")
    RESULTS.mkdir(exist_ok=True)
    for subject in chosen or SUBJECTS:
        rows = [row.plain() for row in importlib.import_module(subject).rows()]
        for row in rows:
            ratio = "" if row["ratio"] is None else f"{row['ratio']:6.1f} x {row['peer']}"
            print(f"{row['task']:<80} {row['threads']} thr {row['ours_s']:8.3f} s  {ratio}")
        text = json.dumps({"machine": timing.machine(), "rows": rows}, indent=2)
        (RESULTS / f"{subject}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
