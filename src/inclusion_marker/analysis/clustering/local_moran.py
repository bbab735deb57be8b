"""Local Moran: which cells are like their neighbours, and which stand out among them.

The permutations are written out here because one trick makes them cheap: all cells with equally
many neighbours share the same sums of drawn values, and only the draws that hit a cell itself are
put right for it. A million permutations of 50,000 cells take seconds, and that many a correction
for 50,000 tests does ask for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from inclusion_marker.analysis.clustering.autocorrelation import (
    centred_columns,
    getis_ord,
)
from inclusion_marker.analysis.clustering.neighbours import (
    Connected,
    connected,
    row_standardised,
)
from inclusion_marker.analysis.clustering.significance import permutation_faults, refuse
from inclusion_marker.notices import Notice

Floats = npt.NDArray[np.float64]

_TIE = 1e-9  # sums that differ by less, in standard deviations, are equal
_BLOCK = 1 << 16  # permutations at once
_BLOCK_VALUES = 1 << 22


@dataclass(frozen=True, eq=False)
class LocalMoran:
    """Local Moran of each cell; missing (NaN, ``None``) for cells left out.

    Attributes
    ----------
    value
        I_i, shape ``(n,)``: above 0 where a cell is like its neighbours, below where it differs.
    expected
        Mean of I_i over the arrangements of the other cells' values.
    z
        I_i less ``expected``, in standard deviations over those arrangements. It is the z of Gi
        (without the cell itself), its sign turned where the cell lies below the mean.
    p
        Two-sided: by permutation; where there were none, that of Gi, see :func:`getis_ord`.
    quadrant
        ``"HH"``, ``"LL"``: high among high, low among low; ``"HL"``, ``"LH"``: high among low,
        low among high. A value at the mean counts as low.
    permutations
        How many there were.
    """

    value: Floats
    expected: Floats
    z: Floats
    p: Floats
    quadrant: npt.NDArray[np.object_]
    permutations: int


def local_moran(
    values: npt.ArrayLike,
    neighbours: sp.csr_array,
    *,
    divisor: Literal["n", "n-1"] = "n",
    permutations: int = 0,
    seed: int = 7,
) -> LocalMoran:
    """Return the local Moran of each cell: which are like their neighbours, and which differ.

    I_i = z_i times the mean of z over the neighbours, divided by the variance of z; z is the value
    less the mean.

    Parameters
    ----------
    values
        One a cell, shape ``(n,)``. Cells without a value (NaN) leave first, then those without a
        neighbour.
    neighbours
        Weights, ``(n, n)``; those of a row are divided by their sum.
    divisor
        Of the variance: ``"n"`` as Anselin (1995) and spdep, so that the mean of all I_i is
        Moran's I; ``"n-1"`` as esda. It scales I_i and changes neither z nor p.
    permutations
        How many conditional permutations p is from: the cell stays, the others are re-arranged.
        0: the closed form. Their number sets the smallest p there can be, see
        :func:`significance.permutation_floor`.
    seed
        Seed of the permutations: the same seed, the same bytes.

    Raises
    ------
    ParameterError
        If values and weights are not such, an argument is outside what it may be, or there are
        permutations and the neighbours of a cell weigh differently.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association: LISA. *Geographical Analysis*
    27(2).
    Sokal, R. R., Oden, N. L. and Thomson, B. A. (1998). Local spatial autocorrelation in a
    biological model. *Geographical Analysis* 30(4).

    Examples
    --------
    >>> line = sp.csr_array(np.eye(5, k=1) + np.eye(5, k=-1))
    >>> found = local_moran([9.0, 9.0, 8.0, 1.0, 2.0], line)
    >>> found.quadrant.tolist()
    ['HH', 'HH', 'HL', 'LL', 'LL']
    >>> round(float(found.value.mean()), 3)  # Moran's I of all
    0.624
    """
    refuse(*permutation_faults(permutations, seed), *_divisor_faults(divisor))
    used = connected(values, neighbours)
    n = len(used.rows)
    centred = centred_columns(used.values[:, None])[:, 0]
    squares = float((centred**2).sum())
    lag = row_standardised(used.weights) @ centred
    by = (n if divisor == "n" else n - 1) / squares if squares > 0 else math.nan
    around = getis_ord(used.values, used.weights, star=False)
    z = np.sign(centred) * around.z
    z[centred == 0] = np.nan  # I_i is 0 however the others are arranged
    p = _permuted(centred, used, permutations, seed) if permutations and n else around.p
    p = np.where(np.isnan(z), np.nan, p)
    own = np.where(centred > 0, "H", "L").astype(object)
    quadrant = own + np.where(lag > 0, "H", "L").astype(object)
    quadrant[np.full(n, squares == 0)] = None
    return LocalMoran(
        value=_spread(used, by * centred * lag),
        expected=_spread(used, -by * centred**2 / max(n - 1, 1)),
        z=_spread(used, z),
        p=_spread(used, p),
        quadrant=_spread_words(used, quadrant),
        permutations=permutations,
    )


def _divisor_faults(divisor: str) -> tuple[Notice, ...]:
    """Return what is wrong with the name of a divisor."""
    if divisor in ("n", "n-1"):
        return ()
    values = {"found": divisor, "accepted": "n, n-1"}
    return (Notice("name_unknown", item="divisor", values=values),)


def _spread(used: Connected, found: Floats) -> Floats:
    """Return what was found for the cells used as an array of all cells, missing elsewhere."""
    every = np.full(len(used.missing), np.nan)
    every[used.rows] = found
    return every


def _spread_words(used: Connected, found: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return words for the cells used as an array of all cells, ``None`` elsewhere."""
    every = np.full(len(used.missing), None, dtype=object)
    every[used.rows] = found
    return every


def _permuted(centred: Floats, used: Connected, permutations: int, seed: int) -> Floats:
    """Return the share of conditional permutations whose sum is as far from its mean, two-sided."""
    n, degree = len(centred), np.diff(used.weights.indptr)
    first = used.weights.data[used.weights.indptr[:-1]]
    uneven = np.abs(used.weights.data - np.repeat(first, degree)) > _TIE * np.repeat(first, degree)
    if uneven.any():
        cells = len(np.unique(np.repeat(np.arange(n), degree)[uneven]))
        values = {"found": cells}
        refuse(Notice("neighbours_unequal", item="neighbours", values=values))
    pattern = used.weights.astype(np.bool_).astype(np.float64)
    mean = -degree * centred / (n - 1)
    tie = _TIE * math.sqrt(float((centred**2).mean()))
    reach = np.abs(pattern @ centred - mean) - tie
    low, high = mean - reach, mean + reach
    extreme = np.zeros(n, dtype=np.int64)
    draw = np.random.default_rng(seed)
    for begin in range(0, permutations, _BLOCK):
        count = min(_BLOCK, permutations - begin)
        drawn = _drawn(n - 1, int(degree.max()), count, draw)
        for each in np.unique(degree):
            members = np.flatnonzero(degree == each)
            extreme[members] += _extreme(centred, drawn[:, :each], members, low, high)
    return (1 + extreme) / (permutations + 1)


def _extreme(
    centred: Floats,
    drawn: npt.NDArray[np.intp],
    members: npt.NDArray[np.intp],
    low: Floats,
    high: Floats,
) -> npt.NDArray[np.int64]:
    """Return how many draws are as extreme, for cells with as many neighbours as were drawn.

    The last cell never is among the drawn; where a cell draws itself, the last one takes its place.
    """
    sums = centred[drawn].sum(axis=1)
    ranked = np.sort(sums)
    below = np.searchsorted(ranked, low[members], side="right")
    above = len(ranked) - np.searchsorted(ranked, high[members], side="left")
    found = np.zeros(len(centred), dtype=np.int64)
    found[members] = np.minimum(below + above, len(ranked))
    member = np.zeros(len(centred), dtype=np.bool_)
    member[members] = True
    row, slot = np.nonzero(member[drawn])
    cell = drawn[row, slot]
    before = sums[row]
    after = before + (centred[-1] - centred[cell])
    for total, sign in ((before, -1), (after, 1)):
        out = (total <= low[cell]) | (total >= high[cell])
        found += sign * np.bincount(cell[out], minlength=len(centred))
    return found[members]


def _drawn(
    population: int, size: int, count: int, draw: np.random.Generator
) -> npt.NDArray[np.intp]:
    """Return draws without replacement from 0 … population - 1, shape ``(count, size)``."""
    if population <= 2 * size**2:  # too many draws would come twice
        every = np.arange(population)
        block = max(_BLOCK_VALUES // population, 1)
        parts = [min(block, count - begin) for begin in range(0, count, block)]
        return np.concatenate(
            [draw.permuted(np.tile(every, (part, 1)), axis=1)[:, :size] for part in parts]
        )
    found = draw.integers(0, population, (count, size))
    doubled = np.arange(count)
    while doubled.size:
        ranked = np.sort(found[doubled], axis=1)
        doubled = doubled[(ranked[:, 1:] == ranked[:, :-1]).any(axis=1)]
        found[doubled] = draw.integers(0, population, (len(doubled), size))
    return found
