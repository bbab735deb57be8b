"""Kernels of the draws: open scores to weighted scores, added up, in one pass over a block."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inclusion_marker.accessibility.compiled import kernel

Singles = npt.NDArray[np.float32]
_ZERO = np.float32(0.0)


@kernel
def add_scored(
    total: Singles, scores: Singles, slope: Singles, shift: Singles, ceiling: Singles
) -> None:
    """Add the weighted scores of an indicator that is as measured.

    Parameters
    ----------
    total
        What is added to, shape ``(n, D)``.
    scores
        Open scores, shape ``(n,)``.
    slope, shift, ceiling
        Of each draw, shape ``(D,)``: a score is ``slope * open + shift``, from 0 to the ceiling.
    """
    for cell in range(total.shape[0]):
        score = scores[cell]
        for draw in range(total.shape[1]):
            value = score * slope[draw] + shift[draw]
            value = max(value, _ZERO)
            total[cell, draw] += min(value, ceiling[draw])


@kernel
def add_moved(
    total: Singles, scores: Singles, slope: Singles, shift: Singles, ceiling: Singles
) -> None:
    """Add the weighted scores of an indicator that differs by draw.

    Parameters
    ----------
    total
        What is added to, shape ``(n, D)``.
    scores
        Open scores, shape ``(n, D)``.
    slope, shift, ceiling
        As in :func:`add_scored`.
    """
    for cell in range(total.shape[0]):
        for draw in range(total.shape[1]):
            value = scores[cell, draw] * slope[draw] + shift[draw]
            value = max(value, _ZERO)
            total[cell, draw] += min(value, ceiling[draw])


@kernel
def add_erring(
    total: Singles,
    scores: Singles,
    points: Singles,
    error: Singles,
    more_points: Singles,
    more_error: Singles,
    slope: Singles,
    shift: Singles,
    ceiling: Singles,
) -> None:
    """Add the weighted scores of an indicator with two errors that its table shares.

    Parameters
    ----------
    total
        What is added to, shape ``(n, D)``.
    scores
        Open scores, shape ``(n,)``.
    points, more_points
        Points of open score for a unit of either error, shape ``(n,)``.
    error, more_error
        The errors, shape ``(n, D)``.
    slope, shift, ceiling
        As in :func:`add_scored`.
    """
    for cell in range(total.shape[0]):
        score, one, other = scores[cell], points[cell], more_points[cell]
        for draw in range(total.shape[1]):
            moved = score + one * error[cell, draw] + other * more_error[cell, draw]
            value = moved * slope[draw] + shift[draw]
            value = max(value, _ZERO)
            total[cell, draw] += min(value, ceiling[draw])


@kernel
def first_there(
    scores: Singles,
    there: npt.NDArray[np.bool_],
    facilities: npt.NDArray[np.int64],
    steps: Singles,
    slower: Singles,
    longer: Singles,
) -> None:
    """Write the open score of the first facility that is there, in each draw; else of the last.

    Parameters
    ----------
    scores
        What is written to, shape ``(n, D)``.
    there
        Whether each facility is there, shape ``(facilities, D)``.
    facilities
        Of each step, nearest first, shape ``(n, K)``.
    steps
        Open score of each step, shape ``(n, K)``.
    slower
        Points that a journey of twice the time moves it by, shape ``(n, K)``.
    longer
        How much longer journeys take in each draw, shape ``(D,)``.
    """
    last = facilities.shape[1] - 1
    for cell in range(facilities.shape[0]):
        for draw in range(scores.shape[1]):
            scores[cell, draw] = steps[cell, last] + slower[cell, last] * longer[draw]
        for back in range(1, last + 1):
            step = last - back
            facility = facilities[cell, step]
            score, more = steps[cell, step], slower[cell, step]
            for draw in range(scores.shape[1]):
                value = score + more * longer[draw]
                scores[cell, draw] = value if there[facility, draw] else scores[cell, draw]
