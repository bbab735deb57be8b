"""The marker adjusted for inequality: what it would be worth if everybody lived alike."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from inclusion_marker.analysis.inequality.distribution import distribution, over, within
from inclusion_marker.analysis.inequality.measures import atkinson_of
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice, near


@dataclass(frozen=True, eq=False)
class Adjusted:
    """A composite of dimensions, with and without their inequality.

    Attributes
    ----------
    value
        Geometric mean of the adjusted dimensions, 0-100.
    unadjusted
        Geometric mean of the dimensions' means, 0-100.
    loss
        What inequality takes, ``1 - value / unadjusted``, 0-1.
    dimensions
        By dimension: ``weight`` (of those that have people with a value, summing to 1), ``mean``,
        ``atkinson`` (``eps = 1``), ``adjusted``, and ``people_lifted``, those who live below the
        floor.
    """

    value: float
    unadjusted: float
    loss: float
    dimensions: pd.DataFrame


def inequality_adjusted(
    dimensions: pd.DataFrame,
    people: pd.Series[float],
    weights: Mapping[str, float],
    *,
    floor: float = 1.0,
    min_coverage: float = 0.0,
) -> Adjusted:
    """Return the composite with each dimension cut by its inequality, as UNDP's adjusted index.

    Each mean is multiplied by ``1 - A``, with ``A`` the Atkinson index at ``eps = 1``, and the
    results are joined by a weighted geometric mean. The geometric mean over people that ``A`` needs
    is 0 with one zero, so scores below a declared floor are lifted to it inside ``A``, and there
    only: UNDP treats its zeros there and nowhere else, too, by other means (it adds a year to
    schooling, and lifts the lowest incomes).

    Parameters
    ----------
    dimensions
        Cells by dimension, 0-100; missing as NaN.
    people
        People of each cell, same labels.
    weights
        Weight of each dimension, 0 or more; columns that are not named do not count.
    floor
        Above 0, on the scale of the scores.
    min_coverage
        Share of the weight that must have people with a value; below it all is missing.

    Returns
    -------
    adjusted
        ``value <= unadjusted`` and both at most the weighted mean of the dimensions.

    Raises
    ------
    ParameterError
        If a weight is negative or not a number, all are 0, a dimension is unknown, the floor is
        not above 0, or the scores or people cannot be.

    References
    ----------
    Alkire, S. and Foster, J. (2010). Designing the Inequality-Adjusted Human Development Index.
    OPHI Working Paper 37. UNDP, *Human Development Report*, technical note 2.

    Examples
    --------
    >>> table = pd.DataFrame({"housing": [40.0, 90.0], "health": [60.0, 60.0]})
    >>> found = inequality_adjusted(table, pd.Series([1.0, 1.0]), {"housing": 1, "health": 1})
    >>> round(found.value, 2), round(found.unadjusted, 2), round(found.loss, 4)
    (60.0, 62.45, 0.0392)
    """
    within("floor", floor, 0.0, math.inf, beyond=True)
    within("min_coverage", min_coverage, 0.0, 1.0)
    _check(weights, dimensions)
    rows = {key: _row(dimensions[key], people, floor) for key in weights}
    table = pd.DataFrame.from_dict(rows, orient="index", dtype=np.float64)
    table = table.rename_axis("dimension")
    weight = pd.Series(dict(weights), dtype=np.float64) / math.fsum(weights.values())
    seen = weight.where(table["mean"].notna(), 0.0)
    held = math.fsum(seen)
    enough = held > 0 and held >= min_coverage - 1e-12
    table.insert(0, "weight", seen / held if held > 0 else seen)
    value, plain = (
        _geometric(table[column], table["weight"]) if enough else math.nan
        for column in ("adjusted", "mean")
    )
    return Adjusted(value, plain, 1 - over(value, plain), table)


def _check(weights: Mapping[str, float], dimensions: pd.DataFrame) -> None:
    """Refuse weights that cannot be, and dimensions that the table lacks, all at once."""
    faults = [
        Notice(
            "name_unknown",
            item="weights",
            values={"found": key, "accepted": near(key, map(str, dimensions.columns))},
        )
        for key in weights
        if key not in dimensions.columns
    ]
    faults += [
        Notice(
            "parameter_out_of_range",
            item=f"weights.{key}",
            values={"found": weight, "low": "0", "high": "∞"},
        )
        for key, weight in weights.items()
        if not (math.isfinite(weight) and weight >= 0)
    ]
    if not faults and not math.fsum(weights.values()) > 0:
        values = {"found": dict(weights), "expected": "Σ > 0"}
        faults.append(Notice("parameter_type", item="weights", values=values))
    if faults:
        raise ParameterError(*faults)


def _row(scores: pd.Series[float], people: pd.Series[float], floor: float) -> dict[str, float]:
    """Return the row of one dimension."""
    plain = distribution(scores, people)
    # Lifting what is below the floor leaves the order as it is.
    index = atkinson_of(replace(plain, values=np.maximum(plain.values, floor)), 1.0)
    return {
        "mean": plain.mean,
        "atkinson": index,
        "adjusted": plain.mean * (1 - index),
        "people_lifted": float(plain.people[plain.values < floor].sum()),
    }


def _geometric(scores: pd.Series[float], weights: pd.Series[float]) -> float:
    """Return the geometric mean of those that weigh; 0 with a zero among them."""
    some = weights.gt(0)
    if scores[some].le(0).any():
        return 0.0
    return math.exp(math.fsum(weights[some] * np.log(scores[some])))
