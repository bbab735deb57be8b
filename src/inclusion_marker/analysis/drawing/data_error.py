"""Errors of the data: how far each raw value may be off, and what that is in points of score."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple, assert_never

import geopandas as gpd
import numpy as np

from inclusion_marker.analysis.drawing.draws import Floats
from inclusion_marker.analysis.drawing.errors import Errors
from inclusion_marker.city import LayerErrors
from inclusion_marker.composite.scales import Curve
from inclusion_marker.formulas import (
    AreaPerPerson,
    Catchment,
    ClassMix,
    Density,
    Distance,
    Diversity,
    Events,
    Formula,
    Given,
    MostFrequent,
    RasterMean,
    Ratio,
    RatioOfMeans,
    RatioOfRates,
    Station,
    TravelTime,
    WeightedMean,
)
from inclusion_marker.loaders.areal import Shares
from inclusion_marker.method import Method

# Spread of a quantity between people, as a share of its mean: years of schooling in a census.
_BETWEEN_PEOPLE = 0.5


class Known(NamedTuple):
    """What is taken of one layer; ``cv_percent`` is ``None`` where counts speak for themselves."""

    design_effect: float
    sampled: float
    omitted: float
    cv_percent: float | None
    closed: float
    listed: float


def known_of(layer: str, errors: Errors, city: Mapping[str, LayerErrors]) -> Known:
    """Return what is taken of a layer: as the argument says, else the city, else by default.

    Examples
    --------
    >>> said = {"census": LayerErrors(sampled=0.1)}
    >>> known_of("census", Errors(), said).sampled, known_of("census", Errors(), said).omitted
    (0.1, 0.02)
    """

    def said(key: str) -> float | None:
        for source in (errors.layers, city):
            if layer in source and (value := getattr(source[layer], key)) is not None:
                return float(value)
        return None

    def taken(key: str) -> float:
        value = said(key)
        return float(getattr(errors, key)) if value is None else value

    return Known(
        design_effect=taken("design_effect"),
        sampled=taken("sampled"),
        omitted=taken("omitted"),
        cv_percent=said("cv_percent"),
        closed=taken("closed"),
        listed=taken("listed"),
    )


class Sampling(NamedTuple):
    """How a value varies with the units that it was taken from.

    Attributes
    ----------
    spread
        Standard deviation between units, in the unit of the value, by cell.
    size
        Number of units, by zone.
    always
        Whether the value varies even when all are counted: events, which happen by chance.
    """

    spread: Floats
    size: Floats
    always: bool


Move = Callable[[Floats], Floats]


def sampling(  # noqa: C901, PLR0911 - one case a formula, so that mypy sees a missing one
    formula: Formula, raw: Floats, zones: gpd.GeoDataFrame, move: Move, method: Method
) -> Sampling | None:
    """Return how the value of a formula varies with the units of its zones.

    Parameters
    ----------
    formula
        The formula.
    raw
        Its value, by cell.
    zones
        The table of its layer.
    move
        Moves a count of the zones to the cells.
    method
        Says which counts are part of which.

    Returns
    -------
    sampling
        By the delta method, where the value is made of counts of people, dwellings or events;
        ``None`` where it is not.

    References
    ----------
    Wolter, K. (2007). *Introduction to Variance Estimation*, 2nd ed., chapter 6: ratios and other
    functions of counts. For the entropy of classes: Basharin, G. (1959), *Theory of Probability
    and its Applications* 4(3), 333-336.
    """
    match formula:
        case Ratio():
            spread = _of_ratio(formula, raw, method)
            return Sampling(spread, count_of(zones, formula.denominator), always=False)
        case Events():
            spread = formula.per * np.sqrt(raw / formula.per)
            return Sampling(spread, count_of(zones, formula.people), always=True)
        case WeightedMean():
            size = sum(
                (count_of(zones, term.weight) for term in formula.terms), np.zeros(len(zones))
            )
            return Sampling(_BETWEEN_PEOPLE * raw, size, always=False)
        case RatioOfMeans():
            size = count_of(zones, formula.first.weight) + count_of(zones, formula.second.weight)
            # Either group is about half of both, and the errors of both count.
            return Sampling(2.0 * _BETWEEN_PEOPLE * raw, size, always=False)
        case RatioOfRates():
            return _of_rates(formula, raw, zones, move)
        case Diversity():
            counts = np.column_stack([count_of(zones, each) for each in formula.classes])
            shares = _shares_of(counts, move)
            logs = np.log(np.where(shares > 0, shares, 1.0))
            spread = np.sqrt(np.maximum((shares * logs**2).sum(axis=1) - raw**2, 0.0))
            return Sampling(spread, counts.sum(axis=1), always=False)
        case MostFrequent():
            # The mean of the classes stands for their mode, which jumps.
            counts = np.column_stack([count_of(zones, each) for each in formula.classes.values()])
            shares, values = _shares_of(counts, move), np.array(list(formula.classes))
            middle = shares @ values
            spread = np.sqrt(np.maximum(shares @ values**2 - middle**2, 0.0))
            return Sampling(spread, counts.sum(axis=1), always=False)
        case Density():
            return Sampling(raw.copy(), count_of(zones, formula.column), always=False)
        case Given() | AreaPerPerson() | ClassMix() | RasterMean() | Station() | Catchment():
            return None
        case Distance() | TravelTime():
            return None
    assert_never(formula)


def count_of(zones: gpd.GeoDataFrame, column: str) -> Floats:
    """Return a count of the zones; a missing one, or one below 0, counts nothing."""
    counted: Floats = zones[column].to_numpy(np.float64)
    return np.maximum(np.nan_to_num(counted, nan=0.0), 0.0)


def _of_ratio(formula: Ratio, raw: Floats, method: Method) -> Floats:
    """Return the spread between units of a ratio of counts, for each unit of the denominator.

    A part of a whole varies as a share does; a whole over its part as the inverse of one; two
    counts of which neither is part of the other, as independent ones.
    """
    x = raw / formula.per
    columns = method.layers[formula.layer].columns
    if _part_of(formula.numerator, formula.denominator, columns):
        inside = x * (1.0 - x)
    elif _part_of(formula.denominator, formula.numerator, columns):
        inside = x * (x - 1.0)
    else:
        inside = x * (1.0 + x)
    # Shares that pass 1 by rounding do not vary.
    spread: Floats = formula.per * np.sqrt(np.maximum(inside, 0.0))
    return spread


def _part_of(part: str, whole: str, columns: Mapping[str, object]) -> bool:
    """Return whether one count is part of another, directly or through others."""
    seen = set()
    while part in columns and part not in seen:
        seen.add(part)
        part = getattr(columns[part], "part_of", None) or ""
        if part == whole:
            return True
    return False


def _of_rates(formula: RatioOfRates, raw: Floats, zones: gpd.GeoDataFrame, move: Move) -> Sampling:
    """Return how the ratio of two rates varies: the relative variances of both add up."""
    total = np.zeros(len(raw))
    size = sum(count_of(zones, each.denominator) for each in (formula.first, formula.second))
    held = move(np.asarray(size, np.float64))
    for rate in (formula.first, formula.second):
        part, whole = move(count_of(zones, rate.numerator)), move(count_of(zones, rate.denominator))
        share = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
        known = share > 0
        off = np.divide((1.0 - share) * held, share * whole, out=np.zeros_like(part), where=known)
        total += np.maximum(off, 0.0)
    return Sampling(raw * np.sqrt(total), np.asarray(size, np.float64), always=False)


def _shares_of(counts: Floats, move: Move) -> Floats:
    """Return the share of each class in each cell; 0 where there is nothing."""
    moved = np.column_stack([move(counts[:, at]) for at in range(counts.shape[1])])
    whole = moved.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(moved, whole, out=np.zeros_like(moved), where=whole > 0)
    return shares


def error_of_counts(found: Sampling, known: Known, shares: Shares) -> Floats:
    r"""Return the standard error of a value in each cell, from those of its zones.

    .. math:: \sigma_c^2 = s_c^2 \left( \frac{d (1 - f)}{f} \frac{\sum_j a_{cj}^2 n_j}{n_c^2}
              + q^2 \frac{\sum_j (a_{cj} n_j)^2}{n_c^2} \right)

    with the spread :math:`s_c` between units, the share :math:`a_{cj}` of zone j in cell c, the
    units :math:`n_j` of a zone and :math:`n_c` of a cell, the design effect d, the sampled share f
    and the omitted share q. Zones err independently of each other.

    Parameters
    ----------
    found
        Of :func:`sampling`.
    known
        Of :func:`known_of`.
    shares
        How much of each zone lies in each cell.

    Returns
    -------
    error
        By cell, in the unit of the value; 0 where nobody is.
    """
    whole = shares.matrix @ found.size
    squared = shares.matrix.multiply(shares.matrix).tocsr()
    chance = 1.0 if found.always else known.design_effect * (1.0 - known.sampled) / known.sampled
    variance = chance * (squared @ found.size) + known.omitted**2 * (squared @ found.size**2)
    relative = np.divide(variance, whole**2, out=np.zeros_like(whole), where=whole > 0)
    error: Floats = np.nan_to_num(found.spread * np.sqrt(relative), nan=0.0)
    return error


def spread_inside(
    formula: Formula, raw: Floats, people: Floats, share: float, method: Method
) -> Floats:
    """Return how far a value may differ, inside a zone, from the value of the zone.

    Parameters
    ----------
    formula
        The formula.
    raw
        Its value, by cell.
    people
        People of each cell.
    share
        Spread inside a zone as a share of the spread between cells.
    method
        Says which counts are part of which.

    Returns
    -------
    spread
        By cell, in the unit of the value, never more than the value itself; 0 where it is missing.
        A share of people varies less where it is near 0 or 1.
    """
    weight = np.where(np.isnan(raw), 0.0, people)
    if not weight.sum() > 0:
        return np.zeros(len(raw))
    known = np.nan_to_num(raw, nan=0.0)
    mean = weight @ known / weight.sum()
    spread = np.full(len(raw), share * spread_between(raw, people))
    if isinstance(formula, Ratio):
        local = _of_ratio(formula, known, method)
        whole = float(_of_ratio(formula, np.array([mean]), method)[0])
        if whole > 0:
            spread = spread * np.minimum(local / whole, 1.0)
    return np.where(np.isnan(raw), 0.0, np.minimum(spread, np.abs(known)))


def spread_between(raw: Floats, people: Floats) -> float:
    """Return the standard deviation of a value between people, by the cells that they live in.

    Examples
    --------
    >>> spread_between(np.array([1.0, 3.0, np.nan]), np.array([10.0, 10.0, 50.0]))
    1.0
    """
    weight = np.where(np.isnan(raw), 0.0, people)
    if not weight.sum() > 0:
        return 0.0
    known = np.nan_to_num(raw, nan=0.0)
    mean = weight @ known / weight.sum()
    return math.sqrt(max(float(weight @ (known - mean) ** 2 / weight.sum()), 0.0))


def points_of(curve: Curve, raw: Floats, error: Floats) -> Floats:
    """Return an error of a raw value in points of the open score, of the same sign for all.

    The mean of what the score loses and gains when the value is one standard error lower or
    higher. All errors of a table move all its scores in one direction, whatever their polarity:
    that makes for the wider interval, and is so meant.

    Parameters
    ----------
    curve
        From values to scores.
    raw, error
        Value and standard error, shape ``(n,)``.

    Returns
    -------
    points
        Shape ``(n,)``, 0 where the value is missing.

    Examples
    --------
    >>> curve = Curve(np.array([0.0, 50.0]), np.array([100.0, 0.0]), "linear", carried=True)
    >>> points_of(curve, np.array([10.0, np.nan]), np.array([2.0, 2.0]))
    array([4., 0.])
    """
    here = curve.open(raw)
    off = np.abs(curve.open(raw + error) - here) + np.abs(curve.open(raw - error) - here)
    return np.where(np.isfinite(off) & (error > 0), off / 2.0, 0.0)
