"""Benefit of the doubt: the score of each unit under the weights that suit it best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linprog

from inclusion_marker.composite.proposals import Floats, Observed, observe, refusal
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice

# The solver's own tolerance: a score this near to 1 is 1.
_SOLVED = 1e-6
# A third and a third and a third are 1 but for the last bit.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class BenefitOfTheDoubt:
    """Scores of units under the weights that suit each best: for comparison only.

    Attributes
    ----------
    scores
        By unit of the table, 0-1, at least one of them 1; missing where a value is, and for units
        that were not sampled.
    weights
        Units by indicator: weights under which the unit's score is the weighted sum of its values
        and nobody's sum is above 1. Not unique where the score is 1. Missing with the score, and
        where a unit is 0 in everything.
    notices
        What should be known before they are looked at.
    """

    scores: pd.Series[float]
    weights: pd.DataFrame
    notices: tuple[Notice, ...]

    def shares(self) -> pd.DataFrame:
        """Return the weights of each unit over their sum, units by indicator."""
        return self.weights.div(self.weights.sum(axis=1, min_count=1), axis=0)


def benefit_of_the_doubt(
    table: pd.DataFrame,
    *,
    lowest: float = 0.0,
    highest: float = 1.0,
    sample: int | None = None,
    seed: int = 7,
) -> BenefitOfTheDoubt:
    r"""Return what each unit scores under the weights that suit it best.

    A linear programme a unit: :math:`\max_w \sum_j w_j x_{ij}` such that no unit of the table gets
    more than 1 by the same weights, each weight between ``lowest`` and ``highest`` of their sum. It
    says how well a unit could look if it chose, and whom no choice of weights would help. Weights
    that differ from unit to unit are no common measure, and the best of one city is not that of
    another.

    Parameters
    ----------
    table
        Units by indicator, 0 or more, better is higher, on one scale (scores); a unit that lacks a
        value is left out. People do not come in: what is best for a unit does not depend on how
        many live in it.
    lowest, highest
        Least and greatest share of an indicator in the sum of the weights. With 0 and 1 a unit that
        leads in one indicator scores 1 whatever the others say.
    sample
        How many different units are scored, drawn at random; all if ``None``. They are held against
        all. Among 50,000 units one costs some 4 ms by five indicators and 25 to 80 ms by 34, so
        that all of them take minutes.
    seed
        Of the draw.

    Raises
    ------
    ParameterError
        As :func:`observe`, for negative values, shares that no weights can have, and a sample that
        is no number above 0.

    References
    ----------
    Cherchye, L., Moesen, W., Rogge, N., & Van Puyenbroeck, T. (2007). An introduction to 'benefit
    of the doubt' composite indicators. *Social Indicators Research*, 82, 111-145. OECD/JRC (2008).
    *Handbook on Constructing Composite Indicators*, section 6.2 and endnote 29: shares of the sum.

    Examples
    --------
    >>> table = pd.DataFrame({"health": [9.0, 3, 8], "housing": [2.0, 8, 1]}, index=["a", "b", "c"])
    >>> benefit_of_the_doubt(table).scores.round(3).to_dict()
    {'a': 1.0, 'b': 1.0, 'c': 0.889}
    >>> benefit_of_the_doubt(table, lowest=0.4).scores.round(3).to_dict()
    {'a': 1.0, 'b': 1.0, 'c': 0.839}
    """
    seen = observe(table)
    kept = [name for name in table.columns if str(name) in {*seen.names, *seen.constant}]
    values = table[kept].to_numpy(np.float64, na_value=np.nan)
    faults = [
        *_faults(values, [*map(str, kept)], sample),
        *_share_faults(len(kept), lowest, highest),
    ]
    if faults:
        raise ParameterError(*faults)
    whole = ~np.isnan(values).any(axis=1) & bool(kept)
    # Equal units have equal programmes; sorted, so that the order of the table changes nothing.
    rows, row_of = np.unique(values[whole], axis=0, return_inverse=True)
    chosen = np.arange(len(rows))
    if sample is not None and sample < len(rows):
        chosen = np.sort(np.random.default_rng(seed).permutation(len(rows))[:sample])
    best = _best_weights(rows, chosen, lowest, highest)
    scores = np.full(len(rows), np.nan)
    scores[chosen] = np.minimum(np.sum(rows[chosen] * best, axis=1), 1.0)
    scores[scores >= 1.0 - _SOLVED] = 1.0
    weights = np.full(rows.shape, np.nan)
    weights[chosen] = np.where(rows[chosen].any(axis=1, keepdims=True), best, np.nan)
    of_units = np.full(len(table), np.nan)
    of_units[whole] = scores[row_of.ravel()]
    by_unit = pd.DataFrame(np.nan, index=table.index, columns=table.columns)
    by_unit.loc[whole, kept] = weights[row_of.ravel()]
    free = lowest <= 0 and highest >= 1
    return BenefitOfTheDoubt(
        pd.Series(of_units, index=table.index, name="score"),
        by_unit,
        tuple(_notices(seen, values, of_units, free=free)),
    )


def _faults(values: Floats, names: list[str], sample: int | None) -> Iterator[Notice]:
    """Yield what the programmes cannot take."""
    lowest = np.nanmin(values, axis=0, initial=0.0)
    for name, low in zip(names, lowest.tolist(), strict=True):
        if low < 0:
            yield refusal(name, low, "fault_greater_than_equal", ge=0)
    if sample is not None and (isinstance(sample, bool) or not sample >= 1):
        yield refusal("sample", sample, "fault_greater_than_equal", ge=1)


def _share_faults(count: int, lowest: float, highest: float) -> Iterator[Notice]:
    """Yield the bounds between which the shares of so many indicators cannot lie."""
    fair = 1.0 / max(count, 1)
    if not 0 <= lowest <= fair + _ROUNDING:
        yield refusal("lowest", lowest, "fault_weight_shares", count=count, fair=fair)
    if not fair - _ROUNDING <= highest <= 1:
        yield refusal("highest", highest, "fault_weight_shares", count=count, fair=fair)


def _best_weights(
    rows: Floats, chosen: npt.NDArray[np.intp], lowest: float, highest: float
) -> Floats:
    """Return the best weights of some of the rows, shape ``(len(chosen), k)``.

    Few rows bind: the programme is solved over those found so far, and whoever is above 1 by its
    weights joins them, until nobody is.
    """
    k = rows.shape[1]
    if not len(chosen):
        return np.zeros((0, k))
    # Scores of 0-100 and shares of 0-1 give the solver the same numbers.
    size = rows.max(initial=0.0) or 1.0
    rows = rows / size
    shares = np.vstack([lowest - np.eye(k), np.eye(k) - highest])
    shares = shares[[lowest > 0] * k + [highest < 1] * k]
    binding = [*dict.fromkeys(map(int, [*rows.argmax(axis=0), rows.sum(axis=1).argmax()]))]
    best = np.zeros((len(chosen), k))
    for position, row in enumerate(chosen):
        while rows[row].any():
            held = rows[[*binding, row]]
            limit = np.concatenate([np.ones(len(held)), np.zeros(len(shares))])
            solved = linprog(-rows[row], A_ub=np.vstack([held, shares]), b_ub=limit)
            # Weights of 0 are allowed, and nothing above 1: there always is a solution.
            weights: Floats = np.asarray(solved.x, np.float64)
            # Not by BLAS, whose last bit may depend on the number of threads.
            reached = np.einsum("ij,j->i", rows, weights)
            highest_row = int(reached.argmax())
            best[position] = weights / reached[highest_row] / size
            if reached[highest_row] <= 1.0 + _SOLVED or highest_row in binding:
                break
            binding.append(highest_row)
    return best


def _notices(seen: Observed, values: Floats, scores: Floats, *, free: bool) -> Iterator[Notice]:
    """Yield what should be known about the scores."""
    # A constant weighs nothing to the other proposals, and here it may weigh all.
    yield from (each for each in seen.notices if each.code != "weights_indicator_constant")
    if free:
        yield from (Notice("benefit_constant", item=name) for name in seen.constant)
    scored = int(np.sum(~np.isnan(scores)))
    for code, found in (
        ("benefit_not_unique", int(np.sum(scores == 1))),
        ("benefit_nothing", int(np.sum(~np.isnan(scores) & ~np.nan_to_num(values).any(axis=1)))),
    ):
        if found:
            yield Notice(code, values={"found": found, "total": scored})
