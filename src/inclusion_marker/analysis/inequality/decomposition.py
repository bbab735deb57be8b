"""Inequality between groups of cells and within them: both parts of Theil's indices, exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import xlogy

from inclusion_marker.analysis.inequality.distribution import (
    Distribution,
    Floats,
    distribution,
    laid_beside,
    paired,
)
from inclusion_marker.analysis.inequality.measures import theil_l, theil_t
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice


@dataclass(frozen=True, eq=False)
class Decomposition:
    """An index of Theil in two parts that add up to it.

    Attributes
    ----------
    index
        ``"t"`` or ``"l"``.
    total, within, between
        ``within + between = total``: between the means of the groups, and inside them.
    groups
        By group: ``people``, ``people_share``, ``mean``, ``theil`` (the group's own index), and
        what it adds to each part, ``within`` and ``between``; one that lives worse than the mean
        has a negative ``between`` under T and a positive one under L.
    people_without_group
        People of cells that have a value and no group; they are in no figure here.
    """

    index: Literal["t", "l"]
    total: float
    within: float
    between: float
    groups: pd.DataFrame
    people_without_group: float

    @property
    def between_share(self) -> float:
        """Return the share of the total that lies between groups; missing where there is none."""
        return self.between / self.total if 0 < self.total < math.inf else math.nan


def decompose(
    values: npt.ArrayLike,
    people: npt.ArrayLike,
    groups: npt.ArrayLike,
    *,
    index: Literal["t", "l"] = "t",
) -> Decomposition:
    """Return Theil's index between groups of cells and within them.

    With ``p_g`` the share of people and ``r_g`` the mean of a group over that of all:
    ``T = sum p_g r_g T_g + sum p_g r_g ln r_g`` and ``L = sum p_g L_g + sum p_g ln(1 / r_g)``.

    Parameters
    ----------
    values, people
        As for :func:`~inclusion_marker.analysis.inequality.distribution.distribution`.
    groups
        The group of each cell, by any label; missing ones are left out. A series is laid beside
        ``values`` by its labels where both have some.
    index
        Theil's T, or L (infinite where somebody has 0 and others have not).

    Returns
    -------
    decomposition
        All figures missing where nobody counts.

    Raises
    ------
    ParameterError
        If values, people and groups do not belong together, or cannot be.

    References
    ----------
    Shorrocks, A. F. (1980). The class of additively decomposable inequality measures.
    *Econometrica* 48, 613-625.

    Examples
    --------
    >>> parts = decompose([0.0, 0.0, 10.0, 10.0], np.ones(4), ["south", "south", "north", "north"])
    >>> parts.within, round(parts.between, 6), parts.between == parts.total
    (0.0, 0.693147, True)
    """
    scores, living = paired(values, people)
    labels = _labels(values, groups, len(scores))
    counts = ~np.isnan(scores) & (np.nan_to_num(living) > 0)
    kept, dropped = counts & ~pd.isna(labels), counts & pd.isna(labels)
    whole = distribution(scores[kept], living[kept])
    table = _table(whole, scores[kept], living[kept], labels[kept], index)
    parts = [math.fsum(table[part]) if len(table) else math.nan for part in ("within", "between")]
    total = _theil(whole.values, whole.people, index)
    return Decomposition(index, total, parts[0], parts[1], table, math.fsum(living[dropped]))


def _labels(values: npt.ArrayLike, groups: npt.ArrayLike, count: int) -> npt.NDArray[np.object_]:
    """Return the group of each cell in the order of the values."""
    if isinstance(values, pd.Series) and isinstance(groups, pd.Series):
        groups = laid_beside(groups, values.index, "groups")
    labels = np.asarray(groups, dtype=object)
    if labels.shape != (count,):
        found = {"found": str(labels.shape), "expected": str((count,))}
        raise ParameterError(Notice("equity_labels_differ", item="groups", values=found))
    return labels


def _table(
    whole: Distribution, scores: Floats, living: Floats, labels: npt.NDArray[np.object_], index: str
) -> pd.DataFrame:
    """Return the table of the groups, in the order of their names."""
    codes, names = pd.factorize(labels)
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(len(names)), side="right")
    rows, start = {}, 0
    for name, end in zip(names, ends, strict=True):
        some = order[start:end]
        rows[name] = _row(whole, distribution(scores[some], living[some]), index)
        start = end
    named = sorted(rows, key=str)
    columns = ["people", "people_share", "mean", "theil", "within", "between"]
    table = pd.DataFrame([rows[name] for name in named], columns=columns, dtype=np.float64)
    return table.set_axis(pd.Index(named, name="group", dtype=object))


def _row(whole: Distribution, group: Distribution, index: str) -> tuple[float, ...]:
    """Return the row of a group: who and what it holds, and what it adds to each part."""
    share = float(group.people.sum() / whole.people.sum())
    # Where all have 0 they all have the mean.
    relative = 1.0 if whole.flat else group.mean / whole.mean
    theil = _theil(group.values, group.people, index)
    if index == "t":
        within, between = share * relative * theil, share * float(xlogy(relative, relative))
    else:
        within, between = share * theil, share * (-math.log(relative) if relative else math.inf)
    return (float(group.people.sum()), share, group.mean, theil, within, between)


def _theil(values: Floats, people: Floats, index: str) -> float:
    """Return the index by its name."""
    return (theil_t if index == "t" else theil_l)(values, people)
