"""What the members of a panel say, as weights: points handed out, and pairs compared."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice
from inclusion_marker.texts import phrase

Floats = npt.NDArray[np.float64]

# Mean consistency index of random reciprocal matrices of 1, 2, 3 … rows, as Saaty (1990) prints
# it. His table ends at ten, and so does a comparison: nobody holds more things side by side.
RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
# Above it Saaty asks for the judgements to be looked at again.
ACCEPTED_RATIO = 0.10


@dataclass(frozen=True, eq=False)
class Priorities:
    """What a matrix of pairwise comparisons says.

    Attributes
    ----------
    weights
        Principal right eigenvector, shape ``(n,)``, sums to 1.
    lambda_max
        Its eigenvalue: ``n`` if the judgements agree with each other, more if they do not.
    consistency_index
        ``(lambda_max - n) / (n - 1)``; 0 for fewer than three things, which cannot disagree.
    consistency_ratio
        The index over that of random judgements; up to 0.10 is accepted.
    """

    weights: Floats
    lambda_max: float
    consistency_index: float
    consistency_ratio: float


class Judgement(NamedTuple):
    """One judgement, and what the priorities say in its place.

    Attributes
    ----------
    row, column
        Positions of the two things in the matrix.
    stated
        How many times as important the row's was said to be as the column's.
    implied
        The ratio of their priorities.
    """

    row: int
    column: int
    stated: float
    implied: float


def budget(points: npt.ArrayLike) -> Floats:
    """Return the weights of one member who handed out points.

    Parameters
    ----------
    points
        Points of each child, shape ``(n,)``, 0 or more.

    Returns
    -------
    weights
        Shape ``(n,)``, sums to 1.

    Raises
    ------
    ParameterError
        If points are negative or missing, or none were given.

    References
    ----------
    OECD/JRC (2008). *Handbook on Constructing Composite Indicators*, section 6.5.

    Examples
    --------
    >>> budget([50, 30, 20])
    array([0.5, 0.3, 0.2])
    """
    given = np.asarray(points, np.float64)
    # Huge points would overflow their own sum.
    top = given.max(initial=0.0)
    if given.ndim != 1 or not np.all(np.isfinite(given) & (given >= 0)) or top <= 0:
        raise ParameterError(_invalid("points", given.tolist(), "fault_panel_points"))
    weights: Floats = given / top / math.fsum(given / top)
    return weights


def ahp(matrix: npt.ArrayLike) -> Priorities:
    r"""Return the priorities of a matrix of pairwise comparisons, and their consistency.

    The weights are the principal right eigenvector, :math:`A w = \lambda_{max} w`.

    Parameters
    ----------
    matrix
        How many times as important the thing of the row is as that of the column, shape
        ``(n, n)``, at most 10; positive and reciprocal, :math:`a_{ji} = 1 / a_{ij}`.

    Returns
    -------
    priorities
        Weights that sum to 1, ``lambda_max``, consistency index and ratio.

    Raises
    ------
    ParameterError
        If it is not square or too large, or with every pair that is not positive or not
        reciprocal.

    References
    ----------
    Saaty, T. L. (1990). How to make a decision: the analytic hierarchy process. *European Journal
    of Operational Research*, 48(1), 9-26; its table of random indices too.

    Examples
    --------
    >>> found = ahp([[1, 2, 6], [1 / 2, 1, 3], [1 / 6, 1 / 3, 1]])
    >>> found.weights.round(3), round(found.consistency_ratio, 6)
    (array([0.6, 0.3, 0.1]), 0.0)
    """
    judged = np.asarray(matrix, np.float64)
    faults = [*_matrix_faults(judged)]
    if faults:
        raise ParameterError(*faults)
    n = len(judged)
    values, vectors = np.linalg.eig(judged)
    # A positive matrix has one largest eigenvalue; it is real, and so is its vector (Perron).
    first = int(np.argmax(values.real))
    vector = np.abs(vectors[:, first].real)
    lambda_max = max(float(values[first].real), float(n))
    index = (lambda_max - n) / (n - 1) if n > 2 else 0.0  # noqa: PLR2004 - two cannot disagree
    ratio = index / RANDOM_INDEX[n - 1] if index > 0 else 0.0
    return Priorities(vector / math.fsum(vector), lambda_max, index, ratio)


def _matrix_faults(matrix: Floats) -> Iterator[Notice]:
    """Yield what keeps a matrix from being one of pairwise comparisons."""
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:  # noqa: PLR2004
        yield _invalid("matrix", "x".join(map(str, matrix.shape)), "fault_ahp_square")
        return
    n = len(matrix)
    if n > len(RANDOM_INDEX):
        yield _invalid("matrix", f"{n}x{n}", "fault_panel_large", limit=len(RANDOM_INDEX))
    for row in range(n):
        for column in range(row, n):
            one, other = float(matrix[row, column]), float(matrix[column, row])
            item, found = f"matrix[{row}, {column}]", f"{one:.6g}, {other:.6g}"
            if not (math.isfinite(one) and math.isfinite(other) and min(one, other) > 0):
                yield _invalid(item, found, "fault_ahp_positive")
            elif not math.isclose(one * other, 1.0, rel_tol=1e-6):
                yield _invalid(item, found, "fault_ahp_reciprocal")


def _invalid(item: str, found: object, reason: str, **values: object) -> Notice:
    """Return the notice of a value that is not accepted."""
    said = {"found": str(found)[:80], "reason": phrase(reason, **values)}
    return Notice("value_invalid", item=item, values=said)


def furthest(matrix: npt.ArrayLike, priorities: Priorities) -> Judgement:
    r"""Return the judgement that is furthest from what all of them together say.

    Parameters
    ----------
    matrix
        The comparisons, shape ``(n, n)``.
    priorities
        Their :func:`ahp`.

    Returns
    -------
    judgement
        That with the largest :math:`|\ln (a_{ij} w_j / w_i)|`, above the diagonal; the first of
        several, as among three things, where all are equally far.

    References
    ----------
    Saaty, T. L. (2003). Decision-making with the AHP: why is the principal eigenvector necessary.
    *European Journal of Operational Research*, 145(1), 85-91.

    Examples
    --------
    >>> matrix = np.array(
    ...     [[1, 2, 4, 1 / 8], [1 / 2, 1, 2, 4], [1 / 4, 1 / 2, 1, 2], [8, 1 / 4, 1 / 2, 1]]
    ... )
    >>> found = furthest(matrix, ahp(matrix))
    >>> found.row, found.column, found.stated, round(found.implied, 2)
    (0, 3, 0.125, 0.66)
    """
    judged = np.asarray(matrix, np.float64)
    implied = priorities.weights[:, None] / priorities.weights
    off = np.where(np.tri(len(judged), dtype=bool), -1.0, np.abs(np.log(judged / implied)))
    # Equal but for the last bit is equal: the first of them is named.
    row, column = map(int, np.unravel_index(int(np.argmax(off >= off.max() - 1e-9)), off.shape))
    return Judgement(row, column, float(judged[row, column]), float(implied[row, column]))
