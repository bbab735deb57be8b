"""The draws as tables: of the cells, of the city and its districts, of what drives them."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.analysis.drawing.confidence import (
    Confidence,
    below_probability,
    class_probability,
    confidence_classes,
)
from inclusion_marker.analysis.drawing.draws import (
    CHOICES,
    ERRORS,
    Floats,
    Group,
    Plan,
    Sample,
    Singles,
    monte_carlo,
    swapping,
)
from inclusion_marker.analysis.drawing.error_sources import times_larger
from inclusion_marker.analysis.drawing.problem import Problem
from inclusion_marker.analysis.drawing.propagation import Propagated, propagate
from inclusion_marker.analysis.drawing.sobol import sobol_indices
from inclusion_marker.analysis.where import shares_of_districts
from inclusion_marker.composite.classes import BREAKS, classify
from inclusion_marker.result import Result

Flags = npt.NDArray[np.bool_]
Source = Literal["both", "data", "choices"]
LEVELS = (0.05, 0.50, 0.95)
_CHUNK = 1024
_PER_GROUP = 4  # rows of the Sobol' indices: a quarter of the draws
_OUTPUTS, _LEAST_ROWS = 1 << 25, 32  # but no more outputs than memory holds


@dataclass(frozen=True, eq=False)
class Runs:
    """What all runs share."""

    result: Result
    problem: Problem
    sample: Sample
    people: Floats
    groups: tuple[Group, ...]
    draws: int
    threads: int | None

    @property
    def rows(self) -> int:
        """Return the rows of each sample of the Sobol' indices: fewer for very many cells."""
        each = len(self.people) * (len(self.groups) + 2)
        return min(max(self.draws // _PER_GROUP, 1), max(_OUTPUTS // max(each, 1), _LEAST_ROWS))

    def monte_carlo(self, source: Source) -> Propagated:
        """Return the draws of one source of doubt, or of both."""
        among: Mapping[Source, tuple[Group, ...]]
        among = {"both": self.groups, "data": ERRORS, "choices": CHOICES}
        drawn = [group for group in self.groups if group in among[source]]
        areas = tuple(f"area_{key}" for key in self.result.method.areas)
        return self._propagated(monte_carlo(drawn, self.draws), ("marker", *areas))

    def swapped(self) -> Propagated:
        """Return the draws of the Sobol' indices."""
        plan = swapping(self.groups, self.rows, self.sample.half)
        return self._propagated(plan, ("marker",))

    def _propagated(self, plan: Plan, keep: tuple[str, ...]) -> Propagated:
        """Return the marker in every draw of a plan."""
        return propagate(
            self.problem,
            self.sample,
            plan,
            people=self.people,
            keep=keep,
            threads=self.threads,
        )


class Interval(NamedTuple):
    """What is shown, the median of the draws, and the ends of their interval."""

    shown: float
    median: float
    low: float
    high: float


class Summary(NamedTuple):
    """What is kept of the draws of one source of doubt.

    Attributes
    ----------
    quantiles
        Cells x levels of the interval; NaN where not scored.
    means
        By node: the city's mean in each draw.
    districts
        Districts x draws: the mean of the marker in each.
    """

    quantiles: Floats
    means: Mapping[str, Floats]
    districts: Floats


def summary_of(found: Propagated, weights: pd.DataFrame, threads: int | None) -> Summary:
    """Return what is kept of the draws of one source of doubt.

    Parameters
    ----------
    found
        The draws.
    weights
        Districts x cells: people.
    threads
        How many work.
    """
    draws = found.draws
    quantiles = np.full((len(draws), len(LEVELS)), np.nan)
    scored = np.flatnonzero(~np.isnan(draws[:, 0]))

    def of(start: int) -> None:
        rows = scored[start : start + _CHUNK]
        quantiles[rows] = np.quantile(draws[rows], LEVELS, axis=1, overwrite_input=True).T

    with ThreadPoolExecutor(threads) as workers:
        list(workers.map(of, range(0, len(scored), _CHUNK)))
    held = weights.to_numpy(np.float64)[:, scored]
    living = held.sum(axis=1, keepdims=True)
    districts = np.full((len(held), draws.shape[1]), np.nan)
    if len(held):
        total = np.einsum("gc,cd->gd", held, draws[scored], dtype=np.float64)
        np.divide(total, living, out=districts, where=living > 0)
    return Summary(quantiles, found.means, districts)


def cell_table(
    run: Runs,
    draws: Singles,
    found: Mapping[Source, Summary],
    line: float,
    by: Confidence,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the table of the cells and that of the groups of inputs."""
    result = run.result
    shown = result.scores.marker
    marker: Floats = np.asarray(shown, np.float64)
    tables = {source: each.quantiles for source, each in found.items()}
    low, median, high = tables["both"].T
    seen = np.where(np.isnan(marker), np.nan, result.scores.coverage["marker"])
    probability = class_probability(draws, marker, BREAKS)
    classes, by_coverage = confidence_classes((high - low) / 2.0, probability, seen, by)
    totals, sensitivity = _sensitivity(run)
    reason, share = _reasons(run.groups, totals)
    cells = pd.DataFrame(
        {
            "marker": marker,
            "median": median,
            "low": low,
            "high": high,
            "class_shown": classify(shown).to_numpy(),
            "class_probability": probability,
            "below_probability": below_probability(draws, line),
            "coverage": result.scores.coverage["marker"].to_numpy(np.float64),
            "confidence": classes.to_numpy(),
            "reason": reason.mask(by_coverage, "coverage").where(~np.isnan(marker)).to_numpy(),
            "reason_share": np.where(np.isnan(marker), np.nan, share),
            "data_half_width": (tables["data"][:, 2] - tables["data"][:, 0]) / 2.0,
            "choices_half_width": (tables["choices"][:, 2] - tables["choices"][:, 0]) / 2.0,
            "zone_times": times_larger(result).to_numpy(),
        },
        index=shown.index,
    )
    names = {"class_shown": "Int64", "confidence": "string", "reason": "string"}
    return cells.astype(names), sensitivity


def _sensitivity(run: Runs) -> tuple[Floats, pd.DataFrame]:
    """Return the total index of each group in each cell, and the table for the city."""
    names = ["first", "total", "cells_total", "people_driven"]
    index = pd.Index(run.groups, name="group", dtype=object)
    totals = np.full((len(run.people), len(run.groups)), np.nan)
    if not run.groups:
        return totals, pd.DataFrame(columns=names, index=index, dtype=np.float64)
    found = run.swapped()
    width = len(run.groups) + 2
    scored = np.flatnonzero(~np.isnan(found.draws[:, 0]))
    for start in range(0, len(scored), _CHUNK):
        rows = scored[start : start + _CHUNK]
        outputs = found.draws[rows].astype(np.float64).reshape(len(rows), run.rows, width)
        of = sobol_indices(*_apart(outputs))
        totals[rows] = of.total
    city = sobol_indices(*_apart(found.means["marker"].reshape(run.rows, width)))
    weight = np.where(np.isnan(totals).all(axis=1), 0.0, run.people)
    held = weight.sum()
    shares = np.nan_to_num(totals, nan=0.0)
    first = shares.argmax(axis=1) if len(shares) else np.zeros(0, np.int64)
    driven = np.bincount(first, weights=weight, minlength=len(run.groups))
    table = pd.DataFrame(
        {
            "first": city.first,
            "total": city.total,
            "cells_total": weight @ shares / held if held > 0 else np.nan,
            "people_driven": driven / held if held > 0 else np.nan,
        },
        index=index,
    )
    return totals, table


def _apart(outputs: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the outputs of both samples and of the swapped ones, rows last, around their mean.

    A level that all outputs share has no part in a variance, but much in the noise of its estimate.
    """
    turned = np.moveaxis(outputs, -1, -2)
    turned = turned - turned[..., :2, :].mean(axis=(-1, -2), keepdims=True)
    return turned[..., 0, :], turned[..., 1, :], turned[..., 2:, :]


def _reasons(groups: tuple[Group, ...], totals: Floats) -> tuple[pd.Series[str], Floats]:
    """Return the group with the largest total index in each cell, and that index."""
    if not groups:
        return pd.Series(["none"] * len(totals), dtype="string"), np.full(len(totals), np.nan)
    known: Flags = np.asarray(~np.isnan(totals).all(axis=1))
    filled = np.nan_to_num(totals, nan=-np.inf)
    largest = filled.argmax(axis=1)
    names = pd.Series(np.array(groups, dtype=object)[largest], dtype="string").where(known, "none")
    return names, np.where(known, filled.max(axis=1), np.nan)


# ── the city and its districts ───────────────────────────────────────────────────────────────────


def city_table(result: Result, runs: Mapping[Source, Summary]) -> pd.DataFrame:
    """Return the interval of the marker and of each area, for each source of doubt."""
    means = result.means()["people_weighted"]
    rows = {
        (node, source): _interval(float(means[node]), found.means[node])
        for node in runs["both"].means
        for source, found in runs.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=Interval._fields)
    table.index = pd.MultiIndex.from_tuples(rows, names=["node", "source"])
    return table


def _interval(shown: float, drawn: Floats) -> Interval:
    """Return what is shown, and the median and the ends of the interval of the draws."""
    low, median, high = np.quantile(drawn, LEVELS)
    return Interval(shown, float(median), float(low), float(high))


def weights_of_districts(result: Result, people: Floats) -> pd.DataFrame:
    """Return the people of each cell that live in each district, districts x cells."""
    if result.districts is None:
        return pd.DataFrame(np.empty((0, len(people))), columns=result.raw.index)
    shares = shares_of_districts(result).toarray() * people
    return pd.DataFrame(shares, index=result.districts.index.astype(str), columns=result.raw.index)


def district_table(result: Result, runs: Mapping[Source, Summary]) -> pd.DataFrame:
    """Return the interval of the marker of each district, for each source of doubt."""
    columns, names = ["name", *Interval._fields], ["district", "source"]
    if result.districts is None:
        return pd.DataFrame(columns=columns, index=pd.MultiIndex.from_tuples([], names=names))
    table = result.districts
    rows = {
        (str(key), source): (
            table["name"].iloc[at],
            *_interval(float(table["marker"].iloc[at]), found.districts[at]),
        )
        for at, key in enumerate(table.index)
        for source, found in runs.items()
    }
    found = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    found.index = pd.MultiIndex.from_tuples(rows, names=names)
    return found
