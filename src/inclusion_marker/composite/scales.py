"""Normalisations: each one is a curve from raw values to scores, fitted where it has to be."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.cards import Indicator
from inclusion_marker.curves import Curve, Normalisation, Ties, off_scale, on_scale
from inclusion_marker.errors import ParameterError
from inclusion_marker.method import Method
from inclusion_marker.notices import Notice
from inclusion_marker.texts import phrase

__all__ = ["Curve", "fitted", "numbers", "ranked"]

Floats = npt.NDArray[np.float64]

# A z-score of -3 scores 0 and one of 3 scores 100: the range that Mazziotta and Pareto put on
# 70-130.
_SPAN_Z = 3.0
# Two values that differ by less than this share of themselves are the same, computed in another
# order: a rank must not hang on the last bit of a double.
_SAME = 1e-12
# How many times the target a value may be before all that is further off scores the same.
_FAR = 1e6
# Beyond these a double can hold neither the square of a deviation nor the slope of a line.
_LARGEST, _SMALLEST = 1e150, 1e-150


def fitted(raw: pd.DataFrame, method: Method) -> dict[str, Curve]:
    """Return the curve of each indicator, by the rule that the method names for it.

    Goalposts and distances to a target are fixed by the method and look at no cell. The other
    rules read their scale off the observed cells, each cell counting once:

    ``min_max``
        from the lowest value to the highest;
    ``z``
        from three sample standard deviations (divisor n - 1) below the mean to three above;
    ``rank``
        from the last, 0, to the first, 100: (rank - 1) / (n - 1);
    ``percentile``
        the share of the cells that are no better: rank / n.

    The first two are linear on the scale of the card (linear, logarithm, fourth root). Ranks are
    counted from the worst; equal cells share a rank, that of their mean unless the method says
    otherwise, and values that differ in the last bits are equal. The polarity is that of the
    goalposts. A two-sided indicator is scored by its curve first, and that score is normalised.
    ``distance_to_target`` is 100 x / best, or 100 best / x where less is better, at most 100; for
    a two-sided indicator it is the score of its curve, whose best is 100.

    Parameters
    ----------
    raw
        Cells by indicator id, in the indicators' units; missing values as NaN.
    method
        The method.

    Returns
    -------
    curves
        By indicator id, in the order of the method. Where nothing was observed a curve that
        depends on the cells gives no score to anything.

    Raises
    ------
    ParameterError
        With every indicator that a rule cannot put on a scale: its observed cells hold one value
        only, are beyond 1e150, or have no place on its scale; and every column that is no column
        of numbers.

    References
    ----------
    OECD/JRC (2008). *Handbook on Constructing Composite Indicators*, step 5.

    Examples
    --------
    >>> from inclusion_marker.method import extended_method
    >>> method = extended_method("uim-v1", {"normalisation": {"rule": "min_max"}}, file="x")
    >>> raw = pd.DataFrame({"internet": [20.0, 60.0, 40.0]})
    >>> fitted(raw, method)["internet"].apply(np.array([20.0, 60.0, 40.0, 55.0]))
    array([  0. , 100. ,  50. ,  87.5])
    """
    columns = numbers(raw, method)
    faults: list[Notice] = []
    curves = {}
    for key, card in method.indicators.items():
        by = method.normalisation_of(key)
        match by.rule:
            case "goalposts":
                curves[key] = card.score.fixed(card.classes)
            case "distance_to_target":
                curves[key] = _to_target(card)
            case _:
                observed = np.sort(columns[key][~np.isnan(columns[key])])
                unfit = _unfit(key, observed, card, by)
                empty = unfit or not len(observed)
                curves[key] = _nothing() if empty else _read(observed, card, by)
                faults += unfit
    if faults:
        raise ParameterError(*faults)
    return curves


def numbers(raw: pd.DataFrame, method: Method) -> dict[str, Floats]:
    """Return the columns of a method's indicators as numbers, missing where the table lacks one.

    Parameters
    ----------
    raw
        Cells by indicator id; other columns are left alone.
    method
        The method.

    Returns
    -------
    columns
        By indicator id, shape ``(n,)``; NaN where missing.

    Raises
    ------
    ParameterError
        With every column that holds something else, or is there twice.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> columns = numbers(pd.DataFrame({"internet": [1, 2]}), load_method())
    >>> columns["internet"], columns["pm10"]
    (array([1., 2.]), array([nan, nan]))
    """
    columns, faults = {}, []
    for key in method.indicators:
        if key not in raw.columns:
            columns[key] = np.full(len(raw), np.nan)
            continue
        try:
            columns[key] = _floats(raw[key])
        except (TypeError, ValueError):
            found = " | ".join(sorted({str(each) for each in raw[[key]].dtypes}))
            values = {"found": found, "expected": phrase("expected_numbers")}
            faults.append(Notice("parameter_type", item=key, values=values))
    if faults:
        raise ParameterError(*faults)
    return columns


def _floats(column: pd.Series[float] | pd.DataFrame) -> Floats:
    """Return a column as floats; a name that stands for several columns is none of them."""
    if isinstance(column, pd.DataFrame):
        raise TypeError(column.columns)
    if isinstance(column.dtype, np.dtype):
        return np.asarray(column.to_numpy(np.float64))
    return np.asarray(column.to_numpy(np.float64, na_value=np.nan))


def _nothing() -> Curve:
    """Return the curve of an indicator without values: it scores nothing."""
    return Curve(np.zeros(1), np.full(1, np.nan), "linear", carried=False)


def _to_target(card: Indicator) -> Curve:
    """Return the curve of a ratio to the best value."""
    if card.score.polarity == "two_sided":
        return card.score.fixed(card.classes)
    target = card.score.target(card.classes)
    if card.score.polarity == "positive":
        return Curve(np.array([0.0, target]), np.array([0.0, 100.0]), "linear", carried=True)
    # The score of what is endlessly far from the target is 0; a curve has an end.
    ends = target * np.array([1.0, _FAR])
    return Curve(ends, np.array([100.0, 100.0 / _FAR]), "reciprocal", carried=False)


def _unfit(key: str, observed: Floats, card: Indicator, by: Normalisation) -> list[Notice]:
    """Return why the observed values of an indicator give no scale."""
    if not len(observed):
        return []
    said: dict[str, object] = {"rule": by.rule, "count": len(observed)}
    off = ~(np.abs(observed) < _LARGEST)
    if by.rule in ("min_max", "z") and card.score.polarity != "two_sided":
        off |= observed <= 0 if card.score.scale == "log" else np.zeros_like(off)
        off |= observed < 0 if card.score.scale == "fourth_root" else np.zeros_like(off)
    if off.any():
        found = {**said, "off": int(off.sum()), "scale": card.score.scale}
        return [Notice("normalisation_off_scale", item=key, values=found)]
    if _equal(observed[0], observed[-1]):
        found = {**said, "found": float(observed[0])}
        return [Notice("normalisation_constant", item=key, values=found)]
    if card.score.polarity == "two_sided":
        scores = card.score.apply(observed, card.classes)
        if _equal(scores.min(), scores.max()):
            found = {**said, "found": float(scores[0])}
            return [Notice("normalisation_constant", item=key, values=found)]
    return []


def _equal(one: float, other: float) -> bool:
    """Return whether two numbers are the same but for the last bits."""
    return bool(abs(one - other) <= max(_SAME * max(abs(one), abs(other)), _SMALLEST))


def _read(observed: Floats, card: Indicator, by: Normalisation) -> Curve:
    """Return the curve that a rule reads off the observed values, in rising order."""
    two_sided = card.score.polarity == "two_sided"
    if by.rule in ("rank", "percentile"):
        better = card.score.apply(observed, card.classes) if two_sided else observed
        if card.score.polarity == "negative":
            better = -observed
        ranks = ranked(better, by.ties or "mean")
        n = len(observed)
        scores = 100.0 * ranks / n if by.rule == "percentile" else 100.0 * (ranks - 1) / (n - 1)
        first = np.concatenate([[True], observed[1:] != observed[:-1]])
        return Curve(observed[first], scores[first], "linear", carried=False)
    reading = _extremes if by.rule == "min_max" else _three_deviations
    if two_sided:
        return _stretched(card.score.fixed(card.classes), observed, reading)
    low, high = reading(on_scale(observed, card.score.scale))
    return _line(low, high, observed, card)


def _line(low: float, high: float, observed: Floats, card: Indicator) -> Curve:
    """Return the line from 0 to 100 between two places of a card's scale, in its direction."""
    places = np.array([low, high])
    if card.score.scale == "fourth_root":
        places = np.maximum(places, 0.0)  # there is nothing below the root of 0
    scores = 100.0 * (places - low) / (high - low)
    if card.score.polarity == "negative":
        scores = 100.0 - scores
    ends = off_scale(places, card.score.scale)
    # Extremes score exactly 0 and 100, whatever is lost on the way to the scale and back.
    for at in (0, -1):
        if math.isclose(ends[at], observed[at], rel_tol=_SAME):
            ends[at] = observed[at]
    return Curve(ends, scores, card.score.scale, carried=True)


def _extremes(placed: Floats) -> Floats:
    """Return the lowest and the highest value."""
    return np.array([placed.min(), placed.max()])


def _three_deviations(placed: Floats) -> Floats:
    """Return what lies three sample standard deviations below and above the mean."""
    off = _SPAN_Z * placed.std(ddof=1)
    centre = float(placed.mean())
    return np.array([centre - off, centre + off])


def _stretched(curve: Curve, observed: Floats, reading: Callable[[Floats], Floats]) -> Curve:
    """Return a curve whose scores are themselves normalised by those of the observed values."""
    low, high = reading(curve.apply(observed))
    x, y = on_scale(curve.x, curve.scale), 100.0 * (curve.y - low) / (high - low)
    xs, ys = [x], [y]
    for level in (0.0, 100.0):
        # Here the curve is cut off, so here it needs a point; at a step it has one.
        passed = ((y[:-1] < level) != (y[1:] < level)) & (x[:-1] < x[1:])
        share = (level - y[:-1][passed]) / np.diff(y)[passed]
        xs.append(x[:-1][passed] + share * np.diff(x)[passed])
        ys.append(np.full(len(share), level))
    placed, scores = np.concatenate(xs), np.clip(np.concatenate(ys), 0.0, 100.0)
    rising = np.argsort(placed, kind="stable")
    values = off_scale(placed[rising], curve.scale)
    return Curve(values, scores[rising], curve.scale, carried=False)


def ranked(values: Floats, ties: Ties = "mean") -> Floats:
    """Return the rank of each value, 1 for the lowest; values equal but for the last bits tie.

    Parameters
    ----------
    values
        Shape ``(n,)``, none missing.
    ties
        Which rank equal values take: the mean of theirs, the lowest, or the highest.

    Returns
    -------
    ranks
        Shape ``(n,)``, 1 to n.

    Examples
    --------
    >>> ranked(np.array([0.3, 0.1, 0.1 + 0.2, 0.5]))
    array([2.5, 1. , 2.5, 4. ])
    >>> ranked(np.array([7.0, 7.0, 2.0]), "lowest")
    array([2., 2., 1.])
    """
    order = np.argsort(values, kind="stable")
    rising = values[order]
    size = np.abs(rising)
    new = np.concatenate([[True], np.diff(rising) > _SAME * np.maximum(size[1:], size[:-1])])
    group = np.cumsum(new) - 1
    first = np.flatnonzero(new) + 1.0
    last = np.concatenate([first[1:] - 1, [len(values)]])
    of_group = {"lowest": first, "highest": last, "mean": (first + last) / 2}[ties]
    ranks = np.empty(len(values))
    ranks[order] = of_group[group]
    return ranks
