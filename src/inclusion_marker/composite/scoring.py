"""Raw values to scores: indicators, dimensions, areas and the marker, 0-100."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.cards import Rule
from inclusion_marker.errors import ParameterError
from inclusion_marker.method import Method
from inclusion_marker.notices import Notice

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """The scores of every cell at every level, and how much of each was observed.

    Attributes
    ----------
    indicators, dimensions, areas
        Tables of cells by id of the method, 0-100 or missing.
    marker
        The marker of each cell, 0-100 or missing.
    coverage
        Share of the weight below each node that was observed, 0-1: a table of cells by the ids
        of the dimensions, of the areas (``area_…``, for some share a dimension's id) and
        ``marker``. Columns are named as in the outputs: ``dim_…``, ``area_…``, ``marker``.
    """

    indicators: pd.DataFrame
    dimensions: pd.DataFrame
    areas: pd.DataFrame
    marker: pd.Series[float]
    coverage: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return the scores of all levels in one table, under the names of the outputs.

        Returns
        -------
        table
            Cells by ``marker``, ``area_…``, ``dim_…`` and ``ind_…``, 0-100 or missing.
        """
        levels = [
            self.marker.to_frame("marker"),
            self.areas.add_prefix("area_"),
            self.dimensions.add_prefix("dim_"),
            self.indicators.add_prefix("ind_"),
        ]
        return pd.concat(levels, axis=1)


def score(raw: pd.DataFrame, method: Method) -> Scores:
    """Return the scores of a table of raw values: a pure function of the table and the method.

    A node is scored where children that hold at least its minimum share of weight are scored;
    the weight of the others is spread over those. An indicator that the table lacks is missing.

    Parameters
    ----------
    raw
        Cells by indicator id, in the indicators' units; missing values as NaN. Where
        ``raw.attrs["units"]`` says the units, as in a marker's ``raw``, they are checked.
    method
        The method.

    Returns
    -------
    scores
        Same index as ``raw``.

    Raises
    ------
    ParameterError
        If a column is known to be in another unit than the method's.

    References
    ----------
    OECD/JRC (2008). *Handbook on Constructing Composite Indicators*, steps 5 and 6.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> raw = pd.DataFrame({"land_use_mix": [0.359215, 0.0]}, index=["a", "b"])
    >>> score(raw, load_method()).indicators["land_use_mix"].round(4).tolist()
    [22.3193, 0.0]
    """
    _check_units(raw, method)
    indicators = pd.DataFrame(
        {
            key: card.score.apply(_column(raw, key), card.classes)
            for key, card in method.indicators.items()
        },
        index=raw.index,
    )
    seen = indicators.notna().astype(float)
    by_dimension = {
        key: {child: method.indicators[child].weight for child in method.indicators_of(key)}
        for key in method.dimensions
    }
    by_area = {
        key: {child: method.dimensions[child].weight for child in method.dimensions_of(key)}
        for key in method.areas
    }
    whole = {"marker": {key: area.weight for key, area in method.areas.items()}}
    rules, bars = method.aggregation, method.min_coverage
    dimensions, seen_1 = _level(indicators, seen, by_dimension, rules.dimensions, bars.dimension)
    areas, seen_2 = _level(dimensions, seen_1, by_area, rules.areas, bars.area)
    marker, seen_3 = _level(areas, seen_2, whole, rules.marker, bars.marker)
    coverage = pd.concat([seen_3, seen_2.add_prefix("area_"), seen_1.add_prefix("dim_")], axis=1)
    return Scores(indicators, dimensions, areas, marker["marker"], coverage)


def _check_units(raw: pd.DataFrame, method: Method) -> None:
    """Refuse columns that are known to be in another unit than the method's."""
    units = raw.attrs.get("units", {})
    wrong = [
        Notice("units_differ", item=key, values={"found": units[key], "expected": card.unit})
        for key, card in method.indicators.items()
        if key in raw.columns and units.get(key, card.unit) != card.unit
    ]
    if wrong:
        raise ParameterError(*wrong)


def _column(raw: pd.DataFrame, key: str) -> Floats:
    """Return a column of raw values, all missing if the table lacks it."""
    if key not in raw.columns:
        return np.full(len(raw), np.nan)
    return raw[key].to_numpy(np.float64)


def _level(
    children: pd.DataFrame,
    seen: pd.DataFrame,
    weights: Mapping[str, Mapping[str, float]],
    rule: Rule,
    bar: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the scores and the observed shares of the parents of a level."""
    scores, shares = {}, {}
    for parent, of_children in weights.items():
        values = children[list(of_children)].to_numpy(np.float64)
        weight = np.array(list(of_children.values())) / sum(of_children.values())
        scores[parent] = aggregate(values, weight, rule, min_coverage=bar)
        shares[parent] = seen[list(of_children)].to_numpy(np.float64) @ weight
    return (
        pd.DataFrame(scores, index=children.index),
        pd.DataFrame(shares, index=children.index),
    )


def aggregate(values: Floats, weights: Floats, rule: Rule, *, min_coverage: float) -> Floats:
    """Return the mean of each row's scores, the weight of missing ones spread over the others.

    Parameters
    ----------
    values
        Scores, shape ``(n, k)``, 0-100 or NaN.
    weights
        Weights that sum to 1, shape ``(k,)``.
    rule
        Arithmetic, or geometric with a floor that lifts scores below it.
    min_coverage
        Share of the weight that must be present; below it the mean is missing.

    Returns
    -------
    means
        Shape ``(n,)``, 0-100 or NaN.

    Examples
    --------
    >>> rows = np.array([[40.0, 90.0], [40.0, np.nan]])
    >>> aggregate(rows, np.array([0.5, 0.5]), Rule(), min_coverage=0.5)
    array([65., 40.])
    >>> aggregate(rows, np.array([0.5, 0.5]), Rule(rule="geometric"), min_coverage=0.6)
    array([60., nan])
    """
    present = ~np.isnan(values)
    held = present @ weights
    known = np.where(present, values, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        match rule.rule:
            case "arithmetic":
                means = known @ weights / held
            case "geometric":
                logs = np.log(np.where(present, np.maximum(values, rule.floor), 1.0))
                means = np.exp(logs @ weights / held)
            case _:
                assert_never(rule.rule)
    # A bar of 0.65 must let in weights that sum to 0.65 but for the last bit.
    enough = (held >= min_coverage - 1e-12) & (held > 0)
    return np.where(enough, np.clip(means, 0.0, 100.0), np.nan)
