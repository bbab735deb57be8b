"""Ranks of results, never without their interval: from the draws of each one's marker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.stats

from inclusion_marker.analysis.comparing.shared import known_people
from inclusion_marker.notices import Notice
from inclusion_marker.result import Result

INTERVAL = (0.05, 0.95)
"""Quantiles between which ranks are said; two results whose order is less sure are tied."""


class Ranked(Protocol):
    """What ranks ask of a robustness: means over cells in each draw, and how it was drawn."""

    @property
    def index(self) -> pd.Index:
        """Return the cells."""
        ...

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Return what was drawn, and how: ``seed``, ``draws``, ``choices``, ``errors``."""
        ...

    def draws_of(self, cells: pd.Series[float], /) -> npt.NDArray[np.floating]:
        """Return the mean over cells, weighted, in each draw, shape ``(D,)``."""
        ...


def ranked(
    results: Mapping[str, Result], robustness: Mapping[str, Ranked]
) -> tuple[pd.DataFrame, pd.DataFrame, list[Notice]]:
    """Return ranks with their intervals, and how sure the order of each pair is.

    Parameters
    ----------
    results
        By label.
    robustness
        The draws of those that have any, by label.

    Returns
    -------
    ranks
        One row a result with draws: ``median``, ``low``, ``high`` (5 and 95 %) of its rank,
        1 = highest marker, and ``tied_with``; no rows where fewer than two have draws.
    below
        Results by results: the probability that the marker of the row is below that of the
        column, equal ones counted as a half.
    notices
        Who is not ranked.
    """
    labels = [label for label in results if label in robustness]
    blank = pd.DataFrame(columns=["median", "low", "high", "tied_with"])
    blank.index.name = "result"
    if len(labels) < 2:  # noqa: PLR2004 - a rank is among two at least
        said = [Notice("compared_without_ranks")] if len(results) > 1 else []
        return blank, pd.DataFrame(), said
    draws = [
        np.asarray(robustness[label].draws_of(known_people(results[label])), np.float64)
        for label in labels
    ]
    table = np.column_stack([each[: min(map(len, draws))] for each in draws])
    table = table[~np.isnan(table).any(axis=1)]
    if not len(table):
        return blank, pd.DataFrame(), [Notice("compared_without_ranks")]
    ranks = scipy.stats.rankdata(-table, axis=1)
    less = (table[:, :, None] < table[:, None, :]).mean(axis=0)
    level = (table[:, :, None] == table[:, None, :]).mean(axis=0)
    below = pd.DataFrame(less + level / 2, index=labels, columns=labels)
    unsure = (below > INTERVAL[0]) & (below < INTERVAL[1])
    low, median, high = np.quantile(ranks, [INTERVAL[0], 0.5, INTERVAL[1]], axis=0)
    found = pd.DataFrame(
        {
            "median": median,
            "low": low,
            "high": high,
            "tied_with": [
                ", ".join(each for each in labels if each != label and unsure.loc[label, each])
                for label in labels
            ],
        },
        index=pd.Index(labels, name="result"),
    )
    without = [label for label in results if label not in robustness]
    said = [Notice("compared_not_ranked", values={"found": ", ".join(without)})] if without else []
    said += _unlike({label: robustness[label].parameters for label in labels})
    return found, below, said


_MUST_AGREE = ("seed", "draws", "choices", "errors")


def _unlike(parameters: Mapping[str, Mapping[str, Any]]) -> Iterator[Notice]:
    """Yield a notice where results were not drawn alike."""
    first = next(iter(parameters.values()))
    apart = [
        key
        for key in _MUST_AGREE
        if any(each.get(key) != first.get(key) for each in parameters.values())
    ]
    if apart:
        yield Notice("compared_unlike_draws", values={"found": ", ".join(apart)})
