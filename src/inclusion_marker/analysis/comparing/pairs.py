"""Pairs of results: how far they differ, and cell by cell where they share their cells."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.analysis.comparing.shared import known_people
from inclusion_marker.composite.classes import classify
from inclusion_marker.result import Result

Floats = npt.NDArray[np.float64]
HALF = 0.5
CONSTANT = 1e-12


def shared_cells(results: Mapping[str, Result], cores: Mapping[str, Result]) -> pd.DataFrame:
    """Return the cells that each pair shares, with both markers.

    Parameters
    ----------
    results, cores
        By label: the results, and the same scored on what they share.

    Returns
    -------
    cells
        One row a pair and cell, no row for a pair of different places: ``first``, ``second``,
        ``cell``, ``people`` (mean of the two), ``marker_first``, ``marker_second``,
        ``difference``, ``core_difference`` (second minus first, missing where one is).
    """
    tables = [
        _cells_of((one, results[one], cores[one]), (other, results[other], cores[other]))
        for one, other in combinations(results, 2)
    ]
    known = [table for table in tables if len(table)]
    blank = pd.DataFrame(columns=[*_CELLS])
    return pd.concat(known, ignore_index=True) if known else blank


_CELLS = (
    "first",
    "second",
    "cell",
    "people",
    "marker_first",
    "marker_second",
    "difference",
    "core_difference",
)


def _cells_of(one: tuple[str, Result, Result], other: tuple[str, Result, Result]) -> pd.DataFrame:
    """Return the shared cells of a pair; none where the two are different places."""
    (first, a, core_a), (second, b, core_b) = one, other
    index = _same_cells(a, b)
    markers = [each.scores.marker.loc[index].to_numpy() for each in (a, b)]
    cores = [each.scores.marker.loc[index].to_numpy() for each in (core_a, core_b)]
    people = [known_people(each).loc[index].to_numpy() for each in (a, b)]
    return pd.DataFrame(
        {
            "first": first,
            "second": second,
            "cell": index.to_numpy(),
            "people": (people[0] + people[1]) / 2,
            "marker_first": markers[0],
            "marker_second": markers[1],
            "difference": markers[1] - markers[0],
            "core_difference": cores[1] - cores[0],
        },
        columns=list(_CELLS),
    )


def _same_cells(a: Result, b: Result) -> pd.Index:
    """Return the cells of both, sorted; none unless half of the fewer are, at the same place.

    Neighbouring cities share a rim of H3 cells, and polygons of two cities may share their ids.
    """
    none = a.grid.index[:0]
    if a.grid.kind != b.grid.kind:
        return none
    index = a.grid.index.intersection(b.grid.index).sort_values()
    if not len(index) or len(index) < HALF * min(len(a.grid.index), len(b.grid.index)):
        return none
    if a.grid.kind == "polygons":
        here = a.grid.cells.geometry.loc[index]
        there = b.grid.cells.geometry.loc[index].to_crs(a.grid.cells.crs)
        size = np.sqrt(here.area)
        if (here.centroid.distance(there.centroid) > HALF * size).mean() > HALF:
            return none
    return index


def differences(figures: pd.DataFrame, cells: pd.DataFrame, below: pd.DataFrame) -> pd.DataFrame:
    """Return how far the results of each pair differ.

    Parameters
    ----------
    figures
        One row a result with ``marker`` and ``core_marker``, weighted and plain.
    cells
        As :func:`shared_cells`.
    below
        Results by results: the probability that one is below the other; may lack some, or all.

    Returns
    -------
    pairs
        One row a pair: see :class:`~inclusion_marker.analysis.comparison.Comparison`.
    """
    rows = []
    for first, second in combinations(figures.index, 2):
        row: dict[str, object] = {"first": first, "second": second}
        for column in ("marker", "marker_plain", "core_marker", "core_marker_plain"):
            row[column] = figures.loc[second, column] - figures.loc[first, column]
        both = cells[(cells["first"] == first) & (cells["second"] == second)]
        row |= _changes(both)
        drawn = first in below.index and second in below.index
        row["first_below"] = below.loc[first, second] if drawn else np.nan
        rows.append(row)
    columns = ["first", "second", "marker", "marker_plain", "core_marker", "core_marker_plain"]
    columns += [*_changes(cells[:0]), "first_below"]
    return pd.DataFrame(rows, columns=columns)


def _changes(cells: pd.DataFrame) -> dict[str, float]:
    """Return how far the markers of the same cells differ, by people and plainly."""
    known = cells.dropna(subset=["difference"])
    weight = known["people"].to_numpy(np.float64)
    found = {"cells_shared": len(cells)} | dict.fromkeys(_CHANGES, np.nan)
    if not weight.sum() > 0:
        return found
    one, other = (known[f"marker_{each}"].to_numpy(np.float64) for each in ("first", "second"))
    changed = (classify(pd.Series(one)) != classify(pd.Series(other))).to_numpy(bool)
    apart = np.abs(known["difference"].to_numpy(np.float64))
    equal = np.ones(len(known))
    return found | {
        "class_changed": float(changed @ weight / weight.sum()),
        "mean_change": float(apart @ weight / weight.sum()),
        "rank_correlation": rank_correlation(one, other, weight),
        "rank_correlation_plain": rank_correlation(one, other, equal),
    }


_CHANGES = ("class_changed", "mean_change", "rank_correlation", "rank_correlation_plain")


def rank_correlation(one: Floats, other: Floats, weights: Floats) -> float:
    """Return Spearman's rank correlation, each row as often as it weighs.

    Ranks are those that people would have if each brought the value of their cell: the weight
    below, and half of the weight that is level.

    Parameters
    ----------
    one, other
        Values without a missing one, shape ``(n,)``.
    weights
        0 or more, shape ``(n,)``, some above 0.

    Returns
    -------
    correlation
        -1 to 1; NaN where one of the two is constant. With equal weights Spearman's.

    Examples
    --------
    >>> one, other = np.array([1.0, 2, 3, 4]), np.array([2.0, 1, 4, 3])
    >>> round(rank_correlation(one, other, np.ones(4)), 6)
    0.6
    """
    share = weights / weights.sum()
    x, y = (_midranks(each, share) for each in (one, other))
    # The weighted mean of midranks is a half by construction.
    x, y = x - HALF, y - HALF
    spread = float(np.sqrt((share @ x**2) * (share @ y**2)))
    return float(np.clip(share @ (x * y) / spread, -1, 1)) if spread > CONSTANT else float("nan")


def _midranks(values: Floats, share: Floats) -> Floats:
    """Return the share of the weight below each value, and half of what is level with it."""
    _, group = np.unique(values, return_inverse=True)
    held = np.bincount(group, weights=share)
    ranks: Floats = (np.cumsum(held) - held / 2)[group]
    return ranks
