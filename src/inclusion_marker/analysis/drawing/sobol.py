"""Sobol' indices: how much of the variance of an output comes from each group of inputs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
# Outputs that differ by less than this share of their size differ by rounding alone.
_SAME = 1e-6


class Indices(NamedTuple):
    """First-order and total indices by group, shape ``(..., groups)``; NaN without variance."""

    first: Floats
    total: Floats


def sobol_indices(a: Floats, b: Floats, swapped: Floats) -> Indices:
    r"""Return the first-order and the total index of each group of inputs.

    .. math:: S_g = \frac{1}{N V} \sum_i b_i (c_{gi} - a_i), \qquad
              T_g = \frac{1}{2 N V} \sum_i (a_i - c_{gi})^2

    with the outputs :math:`a` and :math:`b` of two independent samples, :math:`c_g` those of the
    first sample with group :math:`g` taken from the second, and :math:`V` the variance of
    :math:`a` and :math:`b` together (divisor n - 1).

    Parameters
    ----------
    a, b
        Outputs of the two samples, shape ``(..., N)``: of one output, or of many at once.
    swapped
        Outputs with one group swapped, shape ``(..., groups, N)``.

    Returns
    -------
    indices
        Estimates; with few rows a first-order index may come out below 0. Where the output does
        not vary no group has an index: NaN. A missing output gives missing indices.

    References
    ----------
    Saltelli, A. et al. (2010). Variance based sensitivity analysis of model output. *Computer
    Physics Communications*, 181(2), 259-270: equation (b) of table 2 for the first order;
    Jansen, M. (1999). *Computer Physics Communications*, 117, 35-43: for the total.

    Examples
    --------
    >>> a, b = np.array([[1.0, 2.0, 3.0, 4.0], [4.0, 1.0, 2.0, 3.0]])
    >>> sobol_indices(a, b, np.stack([b, a])).total.round(3).tolist()  # all, and nothing
    [1.05, 0.0]
    """
    both = np.concatenate([a, b], axis=-1)
    spread = both.std(axis=-1, ddof=1)
    size = np.abs(both).max(axis=-1)
    variance = np.where(spread > _SAME * size, spread**2, np.nan)[..., None]
    count = a.shape[-1]
    one, other = a[..., None, :], b[..., None, :]
    return Indices(
        (other * (swapped - one)).mean(axis=-1) / variance,
        ((one - swapped) ** 2).sum(axis=-1) / (2 * count * variance),
    )
