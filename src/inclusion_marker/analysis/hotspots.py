"""Hot spots: where high inclusion clusters, and where its gaps do, in people and not in cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from inclusion_marker.analysis.clustering.autocorrelation import (
    GetisOrd,
    Moran,
    getis_ord,
    morans_i,
)
from inclusion_marker.analysis.clustering.local_moran import LocalMoran, local_moran
from inclusion_marker.analysis.clustering.neighbours import neighbours
from inclusion_marker.analysis.clustering.significance import (
    adjusted,
    level_faults,
    permutation_faults,
    permutation_floor,
    permutations_needed,
    refuse,
    rejected,
)
from inclusion_marker.analysis.drawn import Drawn, drawn_beside
from inclusion_marker.composite.districts import district_shares
from inclusion_marker.notices import Notice, near
from inclusion_marker.result import Result
from inclusion_marker.texts import many

Floats = npt.NDArray[np.float64]

CLUSTERS = ("high", "low", "none", "island")
"""What a cell with a value may be in."""

CLASSES = (*CLUSTERS, "missing")
QUADRANTS = ("HH", "LL", "HL", "LH")
STABLE = 0.8  # share of the draws in which a cell must keep its class
FEW_CELLS = 30  # below, the distribution of z is far from normal
_LEAST_PERMUTATIONS, _MOST_PERMUTATIONS = 9_999, 999_999
_GLOBAL_PERMUTATIONS, _GLOBAL_CELLS = 999, 10_000
_BLOCK_VALUES = 1 << 20  # of draws held at once: 8 MB, and as much for each intermediate table


@dataclass(frozen=True, eq=False)
class Hotspots:
    """Clusters of high and low values, each with how sure it is.

    Attributes
    ----------
    cells
        By cell: ``z`` of Gi*, ``p`` two-sided, ``p_adjusted``; ``hotspot``: ``"high"`` (a cluster
        of high inclusion), ``"low"`` (a cluster of gaps), ``"none"``, ``"island"`` (no neighbour
        has a value), missing where the cell has no value; ``stable``: share of the draws in which
        the cell has the class shown, missing without draws; ``local``: quadrant of the local Moran
        where it is significant (``"HH"``, ``"LL"``, and the odd ones out, ``"HL"`` and ``"LH"``),
        else ``"none"``; ``local_i``, ``local_p``, ``local_p_adjusted``.
    global_
        Moran's I of the whole map.
    summary
        By class (``high``, ``low``, ``none``, ``island``, ``missing``): ``people``, their
        ``share`` of all, 0-1, ``cells``, and ``people_stable``, ``share_stable`` of those in cells
        that keep their class in at least 80 % of the draws; missing without draws.
    quadrants
        By quadrant: ``people``, ``share``, ``cells``, of the significant ones.
    districts
        By district, by the share it has of each cell: ``name``, ``people``, ``people_high``,
        ``people_low``, ``share_high``, ``share_low``; ``None`` without districts.
    column, alpha, correction, permutations, seed
        How it was computed; the permutations are those of the local Moran.
    notices
        Islands, missing cells, constant values, few cells, a floor that binds.
    """

    cells: pd.DataFrame
    global_: Moran
    summary: pd.DataFrame
    quadrants: pd.DataFrame
    districts: pd.DataFrame | None
    column: str
    alpha: float
    correction: str
    permutations: int
    seed: int
    notices: tuple[Notice, ...]


def hotspots(
    result: Result,
    *,
    column: str = "marker",
    alpha: float = 0.05,
    correction: str = "bh",
    robustness: Drawn | None = None,
    permutations: int | None = None,
    seed: int = 7,
) -> Hotspots:
    """Return where high and low values cluster, tested with Gi*, and how stable that is.

    Neighbours are cells that share an edge (H3), or touch (polygons). Cells without a value leave
    before neighbours are looked for; cells without people stay, for the marker describes their
    place, too. Every share is one of people. Significance is that of :func:`getis_ord`, whose p
    takes the skewness of the scores into account, so that it can be larger than that of ``z``.

    Parameters
    ----------
    result
        What was computed.
    column
        A score by its name in the outputs: ``marker``, ``area_…``, ``dim_…``, ``ind_…``.
    alpha
        Level: with ``"bh"``, the share of the cells shown as a cluster that are so by chance.
    correction
        For the number of tests: ``"bh"``, ``"by"``, ``"holm"``, ``"bonferroni"``, see
        :func:`significance.adjusted`.
    robustness
        A robustness run of this result: how often each cell keeps its class.
    permutations
        Of the local Moran; ``None`` takes as many as a single cell needs to be significant, within
        9,999 and 999,999; 0 takes the closed form. Gi* has its closed form always.
    seed
        Seed of the permutations: the same seed, the same bytes.

    Raises
    ------
    ParameterError
        If an argument is outside what it may be, or the draws are of other cells or another column.

    Examples
    --------
    >>> from inclusion_marker.marker import compute
    >>> found = hotspots(compute("manta", resolution=8), column="area_health")
    >>> found.summary["cells"].tolist(), [each.code for each in found.notices]
    ([0, 0, 11, 0, 0], ['hotspots_few'])
    """
    table = result.table()
    _check(table, column, robustness, (alpha, correction), (permutations or 0, seed))
    values = table[column].to_numpy(np.float64)
    people: Floats = np.nan_to_num(result.people.to_numpy(np.float64))
    joined = neighbours(result.grid)
    star = getis_ord(values, joined)
    used = ~np.isnan(values) & (joined @ ~np.isnan(values) > 0)
    count = int(used.sum())
    if permutations is None:
        needed = permutations_needed(count, alpha=alpha, correction=correction)
        permutations = min(max(needed, _LEAST_PERMUTATIONS), _MOST_PERMUTATIONS)
    local = local_moran(values, joined, permutations=permutations, seed=seed)
    tries = _GLOBAL_PERMUTATIONS if permutations and count <= _GLOBAL_CELLS else 0
    cells = _cells(table.index, values, used, star, local, (alpha, correction))
    if robustness is not None:
        draws = drawn_beside(robustness, table.index)
        signs = {"high": 1.0, "low": -1.0, "none": 0.0}
        code = np.asarray(cells["hotspot"].map(signs), dtype=np.float64)
        cells["stable"] = _stability(draws, joined, code, alpha, correction)
    floor = permutation_floor(count, permutations, alpha=alpha, correction=correction)
    return Hotspots(
        cells=cells,
        global_=morans_i(values, joined, permutations=tries, seed=seed),
        summary=_summary(cells, people),
        quadrants=_counted(cells["local"], people, QUADRANTS),
        districts=_by_district(result, cells["hotspot"], people),
        column=column,
        alpha=alpha,
        correction=correction,
        permutations=permutations,
        seed=seed,
        notices=(*_noticed(values, used, people), *(floor if permutations else ())),
    )


def _check(
    table: pd.DataFrame,
    column: str,
    robustness: Drawn | None,
    level: tuple[float, str],
    drawing: tuple[object, object],
) -> None:
    """Refuse arguments that cannot be, all at once."""
    faults = [*level_faults(*level), *permutation_faults(*drawing)]
    if column not in table.columns:
        values = {"found": column, "accepted": near(str(column), table.columns)}
        faults.append(Notice("name_unknown", item="column", values=values))
    if robustness is not None:
        if column != "marker":
            values = {"found": f"column={column!r}"}
            faults.append(Notice("hotspots_draws_column", item="robustness", values=values))
        if lacking := int((~table.index.isin(robustness.index)).sum()):
            values = {"count": str(lacking), "total": str(len(table))}
            faults.append(Notice("hotspots_draws_cells", item="robustness", values=values))
    refuse(*faults)


def _cells(
    index: pd.Index,
    values: Floats,
    used: npt.NDArray[np.bool_],
    star: GetisOrd,
    local: LocalMoran,
    level: tuple[float, str],
) -> pd.DataFrame:
    """Return the table of the cells, its stability still missing."""
    alpha, correction = level
    p_adjusted = adjusted(star.p, correction)
    local_adjusted = adjusted(local.p, correction)
    found = p_adjusted <= alpha
    classes = np.where(found, np.where(star.z > 0, "high", "low"), "none").astype(object)
    quadrants = np.where(local_adjusted <= alpha, local.quadrant, "none").astype(object)
    for words in (classes, quadrants):
        words[~used] = "island"
        words[np.isnan(values)] = None
    return pd.DataFrame(
        {
            "z": star.z,
            "p": star.p,
            "p_adjusted": p_adjusted,
            "hotspot": pd.array(classes, dtype="string"),
            "stable": np.nan,
            "local": pd.array(quadrants, dtype="string"),
            "local_i": local.value,
            "local_p": local.p,
            "local_p_adjusted": local_adjusted,
        },
        index=index,
    )


def _stability(
    draws: npt.NDArray[np.float32],
    joined: sp.csr_array,
    code: Floats,
    alpha: float,
    correction: str,
) -> Floats:
    """Return the share of the draws in which each cell has the class shown.

    A draw in which a cell has no value does not agree with anything.
    """
    total = draws.shape[1]
    agree = np.zeros(len(draws))
    block = max(_BLOCK_VALUES // max(len(draws), 1), 1)
    for begin in range(0, total, block):
        drawn = draws[:, begin : begin + block].astype(np.float64)
        z = getis_ord(drawn, joined).z_corrected
        found = np.where(rejected(z, alpha=alpha, correction=correction), np.sign(z), 0.0)
        agree += ((found == code[:, None]) & ~np.isnan(drawn)).sum(axis=1)
    share = agree / total if total else np.full(len(draws), np.nan)
    return np.where(np.isnan(code), np.nan, share)


def _summary(cells: pd.DataFrame, people: Floats) -> pd.DataFrame:
    """Return the people in each class, and those of them in cells that keep it."""
    table = _counted(cells["hotspot"].fillna("missing"), people, CLASSES)
    if cells["stable"].isna().all():
        return table.assign(people_stable=np.nan, share_stable=np.nan)
    kept = (cells["stable"] >= STABLE).to_numpy(np.bool_)
    stable = _counted(cells["hotspot"].fillna("missing"), people * kept, CLASSES)["people"]
    whole = people.sum()
    return table.assign(people_stable=stable, share_stable=stable / whole if whole > 0 else np.nan)


def _counted(words: pd.Series[str], people: Floats, rows: tuple[str, ...]) -> pd.DataFrame:
    """Return the people and cells of each word, and the share of all people."""
    grouped = pd.Series(people).groupby(words.to_numpy(), dropna=True)
    living = grouped.sum().reindex(list(rows), fill_value=0.0)
    whole = people.sum()
    return pd.DataFrame(
        {
            "people": living.astype(np.float64),
            "share": living / whole if whole > 0 else np.nan,
            "cells": grouped.size().reindex(list(rows), fill_value=0).astype(np.int64),
        }
    ).rename_axis("class")


def _by_district(result: Result, classes: pd.Series[str], people: Floats) -> pd.DataFrame | None:
    """Return the people of each district who live in clusters."""
    if result.districts is None:
        return None
    shares = district_shares(result.districts, result.grid, result.boundary)
    living = shares @ people
    table = pd.DataFrame({"name": result.districts["name"], "people": living})
    for each in ("high", "low"):
        here = classes.eq(each).to_numpy(np.bool_, na_value=False)
        table[f"people_{each}"] = shares @ (people * here)
    for each in ("high", "low"):
        table[f"share_{each}"] = table[f"people_{each}"] / table["people"].where(living > 0)
    return table


def _noticed(values: Floats, used: npt.NDArray[np.bool_], people: Floats) -> list[Notice]:
    """Return what was left out, and what makes the statistic weak."""
    missing = np.isnan(values)
    found = []
    left_out = (("hotspots_missing", missing), ("hotspots_islands", ~missing & ~used))
    for code, rows in left_out:
        if rows.any():
            left = {"count": int(rows.sum()), "total": len(values)}
            here = {**left, "people": many("n_people", float(people[rows].sum()))}
            found.append(Notice(code, values=here))
    count = int(used.sum())
    if count == 0:
        found.append(Notice("hotspots_none_tested", values={"total": len(values)}))
    elif np.ptp(values[used]) <= 1e-12 * np.abs(values[used]).max():
        found.append(Notice("hotspots_constant", values={"count": count}))
    elif count < FEW_CELLS:
        few = {"count": count, "least": FEW_CELLS}
        found.append(Notice("hotspots_few", values=few))
    return found
