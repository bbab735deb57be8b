"""How sure a cell's marker is: a class by three questions, and the input that drives the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.analysis.drawing.draws import GROUPS
from inclusion_marker.texts import Text, phrase

Floats = npt.NDArray[np.float64]
CONFIDENCE = ("high", "medium", "low")
CAUSES = (*GROUPS, "coverage", "none")
"""What may limit the confidence of a cell: a group of inputs, what is not observed, or nothing."""

_SAME = 1e-4


@dataclass(frozen=True)
class Confidence:
    """What a cell has to meet to be of high, and of medium confidence; else it is of low.

    Attributes
    ----------
    half_width
        Half of the interval from 5 to 95 %, in points, at most.
    probability
        Probability of the class shown, at least.
    observed
        Share of the weight that is observed, at least.
    """

    half_width: tuple[float, float] = (5.0, 10.0)
    probability: tuple[float, float] = (0.80, 0.50)
    observed: tuple[float, float] = (0.90, 0.65)


def confidence_classes(
    half_width: Floats, probability: Floats, observed: Floats, by: Confidence
) -> tuple[pd.Series[str], npt.NDArray[np.bool_]]:
    """Return the class of each cell, the worst of the three answers, and where coverage decides.

    Parameters
    ----------
    half_width, probability, observed
        Of each cell, shape ``(n,)``; NaN where the marker is not scored.
    by
        What has to be met.

    Returns
    -------
    classes
        ``high``, ``medium``, ``low``, or missing where the marker is not scored.
    coverage
        Whether the weight observed alone is what keeps the cell from a higher class.

    Examples
    --------
    >>> width, sure, seen = np.array([[4.0, 4.0, np.nan], [0.9, 0.9, np.nan], [1.0, 0.7, 0.2]])
    >>> found, why = confidence_classes(width, sure, seen, Confidence())
    >>> found.tolist(), why.tolist()
    (['high', 'medium', <NA>], [False, True, False])
    """
    slack = 1e-9  # half of 0.9 + 0.1 is not 0.5 in every last bit
    answers = np.array(
        [
            _steps(half_width, by.half_width, slack),
            _steps(-probability, (-by.probability[0], -by.probability[1]), slack),
            _steps(-observed, (-by.observed[0], -by.observed[1]), slack),
        ]
    )
    worst = answers.max(axis=0)
    scored = ~np.isnan(half_width)
    names = pd.Series(np.array(CONFIDENCE)[worst], dtype="string").where(scored)
    return names, scored & (answers[2] > answers[:2].max(axis=0))


def _steps(values: Floats, limits: Sequence[float], slack: float) -> npt.NDArray[np.int64]:
    """Return how many of two limits each value passes."""
    beyond = values[:, None] > np.asarray(limits) + slack
    passed: npt.NDArray[np.int64] = beyond.sum(axis=1)
    return passed


def class_probability(
    draws: npt.NDArray[np.float32], shown: Floats, breaks: Sequence[float]
) -> Floats:
    """Return the share of the draws that lie in the class of the score shown.

    Parameters
    ----------
    draws
        Cells x draws; NaN where not scored.
    shown
        The score of each cell.
    breaks
        Rising limits of the classes; a break belongs to the class above it.

    Returns
    -------
    probability
        Shape ``(n,)``, 0-1 or NaN. A draw in single precision that lies on a break but for its
        last bits is on it.

    Examples
    --------
    >>> class_probability(
    ...     np.array([[59.0, 61.0, 62.0, 70.0]], np.float32),
    ...     np.array([61.0]),
    ...     (0.0, 50.0, 60.0, 70.0, 100.0),
    ... )
    array([0.5])
    """
    inner = np.asarray(breaks[1:-1], np.float64)
    at = np.searchsorted(inner, shown, side="right")
    low = np.concatenate([[-np.inf], inner])[at] - _SAME
    high = np.concatenate([inner, [np.inf]])[at] - _SAME
    inside = (draws >= low[:, None]) & (draws < high[:, None])
    return np.where(np.isnan(shown), np.nan, inside.mean(axis=1))


def below_probability(draws: npt.NDArray[np.float32], line: float) -> Floats:
    """Return the share of the draws below a line, by cell; NaN where not scored.

    Examples
    --------
    >>> below_probability(np.array([[49.0, 50.0]], np.float32), 50.0)
    array([0.5])
    """
    below = (draws < line - _SAME).mean(axis=1)
    return np.where(np.isnan(draws[:, 0]), np.nan, below)


def reason_said(reason: str, share: float, times: float, observed: float) -> Text:
    """Return why a cell is of its class, with the numbers that go with it.

    Parameters
    ----------
    reason
        Code of the input that drives it.
    share
        Its total Sobol' index for the cell, 0-1.
    times
        How many times larger than the cell the zone is that most people come from.
    observed
        Share of the weight that is observed.

    Examples
    --------
    >>> reason_said("interpolation", 0.7, 40.0, 1.0).en
    'people split from a zone 40 times the cell (70 % of the variance)'
    >>> reason_said("coverage", 0.7, 40.0, 0.7).en
    '70 % of the weight observed'
    """
    if reason == "interpolation" and not times >= 1.05:  # noqa: PLR2004 - "1.0 times" says nothing
        reason = "interpolation_parts"
    return phrase(
        f"reason_{reason}",
        percent=f"{min(100.0 * share, 100.0):.0f}",
        times=f"{times:.0f}" if times >= 3 else f"{times:.1f}",  # noqa: PLR2004 - digits
        observed=f"{100.0 * observed:.0f}",
    )
