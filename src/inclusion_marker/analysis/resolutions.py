"""The same city on cells of several sizes: what depends on the size, and what does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import h3
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.stats

from inclusion_marker.analysis.clustering.autocorrelation import morans_i
from inclusion_marker.analysis.clustering.neighbours import neighbours
from inclusion_marker.analysis.inequality.measures import gini, theil_t
from inclusion_marker.analysis.where import people_of
from inclusion_marker.city import City
from inclusion_marker.composite.classes import classify
from inclusion_marker.composite.totals import weighted_mean
from inclusion_marker.errors import ParameterError
from inclusion_marker.method import Method
from inclusion_marker.notices import Notice
from inclusion_marker.result import Result

Floats = npt.NDArray[np.float64]

AGREE_POINTS = 1.0
"""How far the city's marker may move with the size of the cells before that is said."""
# Scores that differ by less are equal: ranks must not hang on the last bit of a mean.
_SAME_DIGITS = 9
_FEWEST = 3
# A thousandth of the people: less is rounding and slivers at the rim.
_SAME_PEOPLE = 1e-3


@dataclass(frozen=True, eq=False)
class Resolutions:
    """What of a city depends on the size of its cells: the modifiable areal unit problem.

    Attributes
    ----------
    city, method
        The two files of the results.
    table
        By H3 resolution, rising, index ``resolution``: ``cells``; ``cell_ha``, their mean area;
        ``people``; ``people_scored``, the share of them with a marker; ``marker``, weighted by
        people; ``plain``, the mean of the cells; ``gini`` and ``theil_t`` of the marker between
        people; ``moran``, Moran's I between cells that share an edge; ``lowest_class``, the share
        of people in the lowest class. ``parent_correlation``, Spearman's between the markers of
        the next coarser resolution at hand and those of this one, averaged by people over the
        cells that have the same parent; over ``parents`` cells. Missing where there is nothing to
        tell.
    notices
        Where a figure should not depend on the cells and does.
    """

    city: City
    method: Method
    table: pd.DataFrame
    notices: tuple[Notice, ...]


def resolutions(results: Mapping[int, Result]) -> Resolutions:
    """Return how the figures of a city change with the size of its H3 cells.

    Counts are moved to cells and rates are made there, so the marker of the city, weighted by
    people, hardly moves. The plain mean does, and so does whatever measures the differences
    between cells: smaller cells show more of them. Cells are joined to their parents by their
    ids; the shapes of H3 children do not tile their parent.

    Parameters
    ----------
    results
        By H3 resolution: the same city by the same method, from the same inputs.

    Returns
    -------
    resolutions
        The figures, and what to mind.

    Raises
    ------
    ParameterError
        With every fault: no result; cells that are polygons; a result that is of another
        resolution than its key; results of several cities or methods; people that cannot weigh.

    References
    ----------
    Openshaw, S. (1984). *The Modifiable Areal Unit Problem*. CATMOG 38, Geo Books.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> sizes = {size: compute("manta", resolution=size, min_coverage=0.3) for size in (7, 8)}
    >>> resolutions(sizes).table["cells"].tolist()
    [4, 11]
    """
    faults = [*_faults(results)]
    if faults:
        raise ParameterError(*faults)
    rising = {size: results[size] for size in sorted(results)}
    rows = {size: _figures(result) for size, result in rising.items()}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("resolution")
    table["parent_correlation"], table["parents"] = np.nan, 0
    for coarse, fine in pairwise(rising):
        value, count = _parent_correlation(rising[coarse], rising[fine])
        table.loc[fine, ["parent_correlation", "parents"]] = value, count
    first = next(iter(rising.values()))
    return Resolutions(
        first.city, first.method, table.astype({"parents": int}), tuple(_remarks(table, first))
    )


def _faults(results: Mapping[int, Result]) -> Iterator[Notice]:
    """Yield what keeps results from standing side by side."""
    if not results:
        yield Notice("resolutions_none", item="results")
    for size, result in results.items():
        if result.grid.kind != "h3":
            yield Notice("resolutions_polygons", item=result.city.id)
        elif result.grid.resolution != size:
            values = {"found": str(result.grid.resolution), "expected": str(size)}
            yield Notice("resolutions_key", item=result.city.id, values=values)
    made = {f"{r.city.id}, {r.method.id} {r.method.version}" for r in results.values()}
    if len(made) > 1:
        yield Notice("resolutions_mixed", item="results", values={"found": "; ".join(sorted(made))})


def _figures(result: Result) -> dict[str, float]:
    """Return the figures of one resolution."""
    people, marker = people_of(result), result.scores.marker
    values = marker.to_numpy(np.float64)
    scored = np.where(np.isnan(values), 0.0, people)
    held, total = float(scored.sum()), float(people.sum())
    lowest = (classify(marker.round(_SAME_DIGITS)) == 1).fillna(value=False).to_numpy(np.bool_)
    counts = pd.Series(people, index=marker.index)
    return {
        "cells": len(marker),
        "cell_ha": float(result.grid.area_ha.mean()),
        "people": total,
        "people_scored": held / total if total > 0 else np.nan,
        "marker": float(weighted_mean(marker.to_frame(), counts).iloc[0]),
        "plain": float(marker.mean()),
        "gini": gini(values, people),
        "theil_t": theil_t(values, people),
        "moran": morans_i(values, neighbours(result.grid)).value,
        "lowest_class": float(scored[lowest].sum()) / held if held > 0 else np.nan,
    }


def _parent_correlation(coarse: Result, fine: Result) -> tuple[float, int]:
    """Return Spearman's correlation of parents with the means of their children, and its cells."""
    size = coarse.grid.resolution
    parents = [h3.cell_to_parent(str(cell), size) for cell in fine.grid.index]
    marker, people = fine.scores.marker.to_numpy(np.float64), people_of(fine)
    weight = np.where(np.isnan(marker), 0.0, people)
    sums = pd.DataFrame({"held": weight, "total": np.nan_to_num(marker) * weight})
    found = sums.groupby(np.array(parents, dtype=object)).sum()
    means = (found["total"] / found["held"].where(found["held"] > 0)).rename("children")
    pairs = coarse.scores.marker.to_frame("parent").join(means).dropna()
    return _spearman(pairs["parent"], pairs["children"]), len(pairs)


def _spearman(one: pd.Series[float], other: pd.Series[float]) -> float:
    """Return the correlation of ranks; missing for few pairs, or where nothing varies."""
    ranks = [
        np.asarray(scipy.stats.rankdata(each.round(_SAME_DIGITS)), dtype=np.float64)
        for each in (one, other)
    ]
    first, second = (each - (len(one) + 1) / 2 for each in ranks)
    spread = float(np.sqrt((first**2).sum() * (second**2).sum()))
    if len(one) < _FEWEST or spread == 0:
        return float("nan")
    return float((first * second).sum()) / spread


def _remarks(table: pd.DataFrame, result: Result) -> Iterator[Notice]:
    """Yield where a figure depends on the cells though it should not."""
    spread = float(table["marker"].max() - table["marker"].min())
    if spread > AGREE_POINTS:
        values = {"spread": spread, "limit": AGREE_POINTS}
        yield Notice("resolutions_marker_moves", item=result.city.id, values=values)
    most, least = float(table["people"].max()), float(table["people"].min())
    if most - least > _SAME_PEOPLE * most:
        counts = {"least": least, "most": most}
        yield Notice("resolutions_people_move", item=result.city.id, values=counts)
    if not result.method.comparable:
        yield Notice("resolutions_relative", item=result.method.id)
    if not (table["people_scored"] > 0).all():
        sizes = ", ".join(str(each) for each in table.index[~(table["people_scored"] > 0)])
        yield Notice("resolutions_unscored", item=result.city.id, values={"found": sizes})
