"""Is a place like its neighbours: Moran's I of a map, and Gi* of Getis and Ord of each cell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from inclusion_marker.analysis.clustering.neighbours import (
    checked,
    connected,
    row_standardised,
)
from inclusion_marker.analysis.clustering.significance import permutation_faults, refuse, two_sided

Floats = npt.NDArray[np.float64]

_SAME = 1e-12  # values that differ by less, beside their size, differ by rounding
_TIE = 1e-9  # so do sums and variances of them
_BLOCK_VALUES = 1 << 22  # of permuted values held at once: 32 MB


@dataclass(frozen=True)
class Moran:
    """Moran's I of a map.

    Attributes
    ----------
    value
        I: 1 where neighbours are alike, ``expected`` where they are as by chance, below where they
        differ. Missing (NaN), with all that follows from it, if nothing varies.
    expected
        -1 / (n - 1).
    variance_normal, z_normal, p_normal
        As if the values were drawn from a normal distribution; p two-sided.
    variance, z, p
        Over all arrangements of the values at hand (randomisation); p two-sided.
    permutations, p_permuted
        How many arrangements were tried, and the share of them, the one at hand included, that are
        as far from ``expected``; missing if none was.
    count, islands, missing
        Cells used, cells left out for want of a neighbour, and for want of a value.
    """

    value: float
    expected: float
    variance_normal: float
    z_normal: float
    p_normal: float
    variance: float
    z: float
    p: float
    permutations: int
    p_permuted: float
    count: int
    islands: int
    missing: int


def morans_i(
    values: npt.ArrayLike,
    neighbours: sp.csr_array,
    *,
    standardise: bool = True,
    permutations: int = 0,
    seed: int = 7,
) -> Moran:
    """Return Moran's I: how far values are like those of their neighbours.

    Parameters
    ----------
    values
        One a cell, shape ``(n,)``. Cells without a value (NaN) leave first, then those without a
        neighbour.
    neighbours
        Weights, ``(n, n)``, as from :func:`neighbours.neighbours`.
    standardise
        Whether the weights of a cell are divided by their sum, so that each cell counts alike.
    permutations
        How many arrangements to try beside the closed forms, 0 or more.
    seed
        Seed of the permutations: the same seed, the same bytes.

    Raises
    ------
    ParameterError
        If values and weights are not such, or the number of permutations is negative.

    References
    ----------
    Cliff, A. D. and Ord, J. K. (1981). *Spatial Processes*. Pion, chapter 2.

    Examples
    --------
    >>> line = sp.csr_array(np.eye(4, k=1) + np.eye(4, k=-1))
    >>> round(morans_i([1.0, 2.0, 3.0, 4.0], line).value, 3)
    0.4
    >>> round(morans_i([1.0, 4.0, 1.0, 4.0], line).value, 3)
    -1.0
    """
    refuse(*permutation_faults(permutations, seed))
    used = connected(values, neighbours)
    weights = row_standardised(used.weights) if standardise else used.weights
    n = len(used.rows)
    centred = centred_columns(used.values[:, None])[:, 0]
    total = float(weights.sum())
    squares = float((centred**2).sum())
    scale = n / (total * squares) if squares > 0 else math.nan
    value = scale * float((centred * (weights @ centred)).sum())
    expected = -1 / (n - 1) if n > 1 else math.nan
    normal, random = _variances(weights, centred, total, squares)
    z_normal, z = (_standard(value - expected, each) for each in (normal, random))
    p_permuted = math.nan
    if permutations and not math.isnan(value):
        tried = _arrangements(centred, weights, permutations, seed) * scale
        far = np.abs(tried - expected) >= abs(value - expected) * (1 - _TIE)
        p_permuted = (1 + int(far.sum())) / (permutations + 1)
    return Moran(
        value=value,
        expected=expected,
        variance_normal=normal,
        z_normal=z_normal,
        p_normal=float(two_sided(z_normal)),
        variance=random,
        z=z,
        p=float(two_sided(z)),
        permutations=permutations,
        p_permuted=p_permuted,
        count=n,
        islands=int(used.islands.sum()),
        missing=int(used.missing.sum()),
    )


def _variances(
    weights: sp.csr_array, centred: Floats, total: float, squares: float
) -> tuple[float, float]:
    """Return the variance of I under normality and under randomisation (Cliff and Ord, 1981)."""
    n = len(centred)
    least = 4  # the formula of randomisation divides by n - 3
    if n < least or squares == 0:
        return math.nan, math.nan
    both = weights + weights.T
    s1 = float((both.data**2).sum()) / 2
    s2 = float((np.asarray(both.sum(axis=1)) ** 2).sum())
    expected_squared = 1 / (n - 1) ** 2
    s0 = total**2
    normal = (n**2 * s1 - n * s2 + 3 * s0) / ((n**2 - 1) * s0) - expected_squared
    kurtosis = n * float((centred**4).sum()) / squares**2
    of_places = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0)
    of_values = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0)
    random = (of_places - of_values) / ((n - 1) * (n - 2) * (n - 3) * s0) - expected_squared
    return normal, random


def _standard(departure: float, variance: float) -> float:
    """Return a departure in standard deviations; missing where nothing can vary."""
    return departure / math.sqrt(variance) if variance > _SAME**2 else math.nan


def _arrangements(centred: Floats, weights: sp.csr_array, permutations: int, seed: int) -> Floats:
    """Return the products of values and lags in random arrangements, a block at a time."""
    draw = np.random.default_rng(seed)
    block = max(_BLOCK_VALUES // len(centred), 1)
    found = []
    for begin in range(0, permutations, block):
        count = min(block, permutations - begin)
        tried = draw.permuted(np.tile(centred, (count, 1)), axis=1)
        found.append((tried * (weights @ tried.T).T).sum(axis=1))
    return np.concatenate(found)


def centred_columns(values: Floats, here: npt.NDArray[np.bool_] | None = None) -> Floats:
    """Return columns less their mean; all 0 where only rounding makes their values differ.

    Parameters
    ----------
    values
        Shape ``(n, d)``.
    here
        Which values count, same shape; all if ``None``. The others become 0.

    Examples
    --------
    >>> centred_columns(np.array([[1.0, 0.1 + 0.2], [3.0, 0.3]])).tolist()
    [[-1.0, 0.0], [1.0, 0.0]]
    """
    if not len(values):
        return values.copy()
    if here is None or here.all():
        mean = np.asarray(values.mean(axis=0))
        centred: Floats = values - mean
    else:
        known = np.where(here, values, 0.0)
        mean = known.sum(axis=0) / np.maximum(here.sum(axis=0), 1)
        centred = np.where(here, known - mean, 0.0)
    apart = centred.max(axis=0) - centred.min(axis=0)
    centred[:, apart <= _SAME * (np.abs(mean) + apart)] = 0.0
    return centred


@dataclass(frozen=True, eq=False)
class GetisOrd:
    """Gi* (or Gi) of each cell, in the shape of the values; missing (NaN) for cells left out.

    Attributes
    ----------
    z
        The sum over a cell and its neighbours, less what chance would bring, in standard
        deviations over all arrangements of the values.
    skewness
        Of that sum over those arrangements: a sum of few values is as lopsided as they are.
    z_corrected
        ``z`` as a normal distribution would have it in the long tail: see :func:`getis_ord`.
    """

    z: Floats
    skewness: Floats
    z_corrected: Floats

    @property
    def p(self) -> Floats:
        """Return the two-sided p-values of ``z_corrected``."""
        return two_sided(self.z_corrected)


def getis_ord(values: npt.ArrayLike, neighbours: sp.csr_array, *, star: bool = True) -> GetisOrd:
    """Return Gi* (or Gi): how far the values around each cell lie above or below the mean.

    Multiplying the weights of a row by a number changes the sum and what chance brings alike, and
    so does not change z.

    Seven values are too few for their sum to be normal where the values are skewed: in most maps of
    50,000 cells without any pattern, drawn from a gamma distribution of skewness 1.2, the normal
    p-values show false clusters at a false discovery rate of 5 %. In the long tail p is therefore
    that of a gamma distribution with the mean, variance and skewness of the sum over all
    arrangements, all three exact (by the cube root of Wilson and Hilferty), and never less than the
    normal one. In the short tail it is the normal one.

    Parameters
    ----------
    values
        One a cell, shape ``(n,)``; or a column for each draw, ``(n, d)``. Missing ones as NaN, in
        each column its own: they, and cells without a neighbour that has a value, leave first.
    neighbours
        Weights, ``(n, n)``, as from :func:`neighbours.neighbours`.
    star
        Whether a cell is its own neighbour (Gi*), with the largest weight of its row; without (Gi),
        mean and variance are those of the other cells.

    Returns
    -------
    found
        Missing for cells left out, where nothing varies, and where a neighbourhood is all there is.

    Raises
    ------
    ParameterError
        If values and weights are not such.

    References
    ----------
    Ord, J. K. and Getis, A. (1995). Local spatial autocorrelation statistics: distributional
    issues and an application. *Geographical Analysis* 27(4), equations 6 and 7.
    Wilson, E. B. and Hilferty, M. M. (1931). The distribution of chi-square. *PNAS* 17(12).

    Examples
    --------
    >>> line = sp.csr_array(np.eye(5, k=1) + np.eye(5, k=-1))
    >>> getis_ord([9.0, 9.0, 5.0, 1.0, 1.0], line).z.round(2)
    array([ 1.83,  1.83,  0.  , -1.83, -1.83])
    """
    whole = np.asarray(values, dtype=np.float64)
    joined = checked(whole, neighbours, most_dimensions=2)
    columns = whole[:, None] if whole.ndim == 1 else whole
    known = ~np.isnan(columns)
    here = known & (joined @ known.astype(np.float64) > 0)
    if not here.any():
        nothing = np.full(whole.shape, np.nan)
        return GetisOrd(nothing, nothing.copy(), nothing.copy())
    centred = centred_columns(columns, here)
    weights = _with_self(joined) if star else joined
    # Where every cell is in every column, the sums of its weights are the same in all.
    rows = (here[:, :1] if here.all() else here).astype(np.float64)
    sums = [weights.power(power) @ rows for power in (1, 2, 3)]
    squared = centred * centred
    with np.errstate(invalid="ignore", divide="ignore"):
        count = here.sum(axis=0, dtype=np.float64)
        second, third = squared.sum(axis=0) / count, (squared * centred).sum(axis=0) / count
        departure, drawn = weights @ centred, count
        if not star:
            second, third, shift = _without_self(centred, count, second, third)
            departure, drawn = departure - sums[0] * shift, count - 1
        spread, lopsided = _moments(sums, drawn[:1] if here.all() else drawn)
        of_weights = 1 / np.sqrt(np.where(spread > _TIE * sums[1], spread, np.nan))
        varies = second > _TIE * squared.max(axis=0)
        of_values = 1 / np.sqrt(np.where(varies, second, np.nan))
        z = departure * of_weights * of_values
        skewness = (lopsided * of_weights**3) * (third * of_values**3)
    if not here.all():
        z[~here], skewness[~here] = np.nan, np.nan
    corrected = _corrected(z, skewness)
    return GetisOrd(*(each.reshape(whole.shape) for each in (z, skewness, corrected)))


def _without_self(
    centred: Floats, count: Floats, second: Floats, third: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return the second and third central moment, and the mean, of all cells but each."""
    others = count - 1
    mean = -centred / others
    raw_second = (count * second - centred**2) / others
    raw_third = (count * third - centred**3) / others
    return (
        raw_second - mean**2,
        raw_third - 3 * mean * raw_second + 2 * mean**3,
        mean,
    )


def _moments(sums: Sequence[Floats], drawn: Floats) -> tuple[Floats, Floats]:
    """Return what the moments of a population are multiplied by in a weighted sum drawn from it.

    The second and third central moment of a sum of values drawn without replacement, from the sums
    of its weights, of their squares and of their cubes.
    """
    first, square, cube = sums
    pairs = square * first - cube  # over ordered pairs, w_j squared times w_k
    triples = first**3 - 3 * first * square + 2 * cube
    return (
        square - (first**2 - square) / (drawn - 1),
        cube - 3 * pairs / (drawn - 1) + 2 * triples / ((drawn - 1) * (drawn - 2)),
    )


def _corrected(z: Floats, skewness: Floats) -> Floats:
    """Return z with its long tail made normal, by Wilson and Hilferty; never farther out."""
    least = 1e-6  # a sum less skewed than this is normal, and its cube root would round
    flat = z.ravel()
    far = np.flatnonzero((np.abs(flat) > 1) & (flat * skewness.ravel() > least))
    side, lean = flat[far], np.abs(skewness.ravel()[far])
    reach = np.abs(side)
    gamma = 6 / lean * (np.cbrt(lean * reach / 2 + 1) - 1) + lean / 6
    found = flat.copy()
    found[far] = np.copysign(np.minimum(reach, gamma), side)
    return found.reshape(z.shape)


def _with_self(weights: sp.csr_array) -> sp.csr_array:
    """Return weights with each cell its own neighbour, weighing as its heaviest does."""
    heaviest = np.asarray(weights.max(axis=1).toarray(), dtype=np.float64).ravel()
    return sp.csr_array(weights + sp.diags_array(heaviest))
