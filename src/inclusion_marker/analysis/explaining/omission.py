"""What the marker would be without one of its parts: each indicator, dimension or area left out."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.stats

from inclusion_marker.analysis.explaining.rescoring import columns_of, remade
from inclusion_marker.analysis.where import people_of
from inclusion_marker.composite.classes import BREAKS
from inclusion_marker.composite.scoring import Scores
from inclusion_marker.errors import ParameterError
from inclusion_marker.method import Method, split_node
from inclusion_marker.notices import Notice
from inclusion_marker.result import Result

Floats = npt.NDArray[np.float64]
NodeLevel = Literal["ind", "dim", "area"]

# Scores that differ by less are equal: ranks and classes must not hang on the last bit of a mean.
_SAME_DIGITS = 9


def without(result: Result, level: NodeLevel = "ind") -> pd.DataFrame:
    """Return how the marker changes when one part after the other is left out.

    The part weighs 0 and its siblings share its weight; where it was alone its parent is left out
    with it. All else of the method holds, minimum coverage too.

    Parameters
    ----------
    result
        What was computed.
    level
        What is left out in turn: ``"ind"``, ``"dim"`` or ``"area"``.

    Returns
    -------
    effects
        One row a node that weighs something, in the order of the method, index ``node``. Over the
        cells that have a marker with and without it, weighted by people: ``city``, the city's
        marker without it; ``city_change``; ``mean_change``, the mean absolute change;
        ``class_change``, the share of the people whose class changes; ``rank_shift``, the mean
        absolute shift of the cells' ranks. Beside them ``people_lost`` and ``people_gained``, the
        share of all people whose cell loses, or gains, its marker. Missing where nobody is left
        to compare, and for a part that is all there is.

    Raises
    ------
    ParameterError
        If there is no such level, or the people of the cells cannot weigh a mean.

    References
    ----------
    The mean absolute rank shift is that of COINr's ``remove_elements``: Becker, W. et al. (2022).
    COINr: An R package for developing composite indicators. *Journal of Open Source Software*,
    7(78), 4567. There units count alike, here they count by their people.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> found = without(compute("manta", resolution=8, min_coverage=0.3), "area")
    >>> found["city_change"].idxmax()
    'area_public_space'
    """
    if level not in get_args(NodeLevel):
        values = {"found": level, "expected": " | ".join(get_args(NodeLevel))}
        raise ParameterError(Notice("parameter_type", item="level", values=values))
    return effects_of_omission(result.scores, result.method, people_of(result), level)


def effects_of_omission(
    scores: Scores, method: Method, people: Floats, level: NodeLevel
) -> pd.DataFrame:
    """Return the same from scores and people: see :func:`without`.

    Parameters
    ----------
    scores
        Scores at every level, ``n`` cells.
    method
        The method that gave them.
    people
        Of each cell, shape ``(n,)``, none missing.
    level
        ``"ind"``, ``"dim"`` or ``"area"``.
    """
    columns = columns_of(scores, method)
    rows = {}
    for node in method.nodes():
        if split_node(node)[0] == level and _counts(method, node):
            rows[node] = _effect(columns["marker"], remade(columns, method, node, None), people)
    found = pd.DataFrame.from_dict(rows, orient="index", columns=list(_EFFECTS), dtype=np.float64)
    return found.rename_axis("node")


_EFFECTS = (
    "city",
    "city_change",
    "mean_change",
    "class_change",
    "rank_shift",
    "people_lost",
    "people_gained",
)


def _counts(method: Method, node: str) -> bool:
    """Return whether a node weighs something in the marker, with all that is above it."""
    parent = method.parent_of(node)
    if parent is None:
        return True
    return method.children_of(parent)[node] > 0 and _counts(method, parent)


def _effect(before: Floats, after: Floats | None, people: Floats) -> tuple[float, ...]:
    """Return the figures of one omission, in the order of ``_EFFECTS``."""
    if after is None:
        return (np.nan,) * len(_EFFECTS)
    had, has = ~np.isnan(before), ~np.isnan(after)
    both = had & has
    weight, total = people[both], people.sum()
    moved = (
        float(people[part].sum() / total) if total > 0 else np.nan
        for part in (had & ~has, has & ~had)
    )
    held = weight.sum()
    if not held > 0:
        return (*(np.nan,) * 5, *moved)
    old, new = before[both].round(_SAME_DIGITS), after[both].round(_SAME_DIGITS)
    change = after[both] - before[both]
    figures = (
        after[both],
        change,
        np.abs(change),
        (_classes(old) != _classes(new)).astype(np.float64),
        np.abs(_ranks(old) - _ranks(new)),
    )
    # No dot product: its last bits hang on how many threads share it.
    return (*(float((weight * each).sum() / held) for each in figures), *moved)


def _classes(scores: Floats) -> npt.NDArray[np.intp]:
    """Return the class of each score."""
    return np.searchsorted(np.array(BREAKS[1:-1]), scores, side="right")


def _ranks(scores: Floats) -> Floats:
    """Return the rank of each score, 1 the highest; equal ones share the best place."""
    return np.asarray(scipy.stats.rankdata(-scores, method="min"), dtype=np.float64)
