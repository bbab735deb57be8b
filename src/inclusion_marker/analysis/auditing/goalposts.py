"""Values against the goalposts of their scores: who lies beyond them, and which way scores run."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inclusion_marker.analysis.auditing.door import Floats

Bools = npt.NDArray[np.bool_]

# Of the span of the goalposts, or of the scores: what differs by less is the same.
_TOUCH = 1e-9
_EXACT = 1e-12


def beyond_ends(values: Floats, x: Floats, y: Floats) -> dict[str, Bools]:
    """Return which values lie at or beyond the ends of a curve of scores.

    Parameters
    ----------
    values
        Raw values, shape ``(n,)``; a missing one is nowhere.
    x, y
        Points of the curve, shape ``(k,)``: raw values, rising, and their scores.

    Returns
    -------
    where
        By ``at_worst``, ``at_best`` (at it or beyond), ``beyond_worst``, ``beyond_best`` (beyond
        only): booleans, shape ``(n,)``. An end is the worst if no point of the curve scores less,
        the best if none scores more; a two-sided curve has two worst ends and its best between.

    Examples
    --------
    >>> where = beyond_ends(np.array([0.0, 5.0, 12.0]), np.array([0.0, 10.0]), np.array([0.0, 100]))
    >>> where["at_worst"].tolist(), where["beyond_best"].tolist()
    ([True, False, False], [False, False, True])
    """
    near = _TOUCH * (x[-1] - x[0])
    below, above = values < x[0] - near, values > x[-1] + near
    found = {}
    for name, wanted in (("worst", y.min()), ("best", y.max())):
        points = x[y == wanted]
        known = ~np.isnan(values)
        within = known & (values >= points.min() - near) & (values <= points.max() + near)
        if y[0] == y[-1] == wanted:
            # The worst of a two-sided curve is its two ends, and not what lies between them.
            within = (np.abs(values - x[0]) <= near) | (np.abs(values - x[-1]) <= near)
        beyond = (below & (y[0] == wanted)) | (above & (y[-1] == wanted))
        found[f"at_{name}"] = within | beyond
        found[f"beyond_{name}"] = beyond
    return found


def best_band(x: Floats, y: Floats) -> tuple[float, float]:
    """Return the band of values that a curve gives its best score; open where the curve ends in it.

    Parameters
    ----------
    x, y
        As for :func:`beyond_ends`.

    Examples
    --------
    >>> best_band(np.array([0.0, 10.0]), np.array([0.0, 100.0]))
    (10.0, inf)
    >>> best_band(np.array([0.0, 10.0, 20.0, 50.0]), np.array([0.0, 100.0, 100.0, 0.0]))
    (10.0, 20.0)
    """
    best = x[y == y.max()]
    low = -np.inf if y[0] == y.max() else float(best.min())
    high = np.inf if y[-1] == y.max() else float(best.max())
    return low, high


def against_direction(values: Floats, scores: Floats, best: tuple[float, float]) -> Bools:
    """Return which scores do not move the way they are said to: towards the best, upwards.

    On either side of the best band no value may score more than one nearer to it, and none may
    score the full 100. The second rule catches a standardisation of one side only, by which having
    nothing at all scores 100.

    Parameters
    ----------
    values
        Raw values, shape ``(n,)``; missing ones are not judged.
    scores
        Their scores, shape ``(n,)``, 0-100.
    best
        The band of values that deserve 100; infinite where more, or less, is always better.

    Returns
    -------
    against
        Booleans, shape ``(n,)``.

    Examples
    --------
    >>> values, scores = np.array([0.0, 50, 100, 200]), np.array([100.0, 100, 100, 30])
    >>> against_direction(values, scores, (100, 150)).tolist()
    [True, True, False, False]
    """
    low, high = best
    against = np.zeros(len(values), dtype=bool)
    known = values[~np.isnan(values)]
    edges = max((abs(edge) for edge in best if np.isfinite(edge)), default=0.0)
    # A share of 99.999… % for rounding is 100 %.
    touch = _TOUCH * (edges + (float(np.ptp(known)) if len(known) else 0.0))
    for far in (low - values, values - high):
        outside = (far > touch) & ~np.isnan(scores)
        order = np.flatnonzero(outside)[np.argsort(far[outside], kind="stable")]
        distance, score = far[order], scores[order]
        lowest = np.minimum.accumulate(score) if len(score) else score
        # The least score among strictly nearer values; equal values are not nearer.
        first = np.searchsorted(distance, distance, side="left")
        nearer = np.where(first > 0, lowest[np.maximum(first - 1, 0)], np.inf)
        full = score >= 100 * (1 - _EXACT)
        against[order] = full | (score > nearer + 100 * _TOUCH)
    return against
