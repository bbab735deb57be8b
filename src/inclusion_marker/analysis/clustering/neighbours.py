"""Which cells are neighbours: H3 rings, polygons that touch, and what a statistic may use of them.

Neighbours are a symmetric matrix of ones, cells by cells, with nothing on its diagonal. A cell
without people is a cell like any other here: the marker describes its place, too, and leaving it
out would cut a city in pieces along its parks and avenues. A cell without a *value* is taken out
before anything is weighed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import h3
import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
import shapely

from inclusion_marker.errors import ParameterError
from inclusion_marker.loaders.grid import Grid
from inclusion_marker.notices import Notice

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_ROUNDING_M = 0.1  # two outlines of one edge differ by less, once both are reprojected
_EDGE_M = 1.0  # what is shorter is a corner


@dataclass(frozen=True, eq=False)
class Connected:
    """The cells that a statistic of neighbours can use.

    Attributes
    ----------
    rows
        Positions of the cells used, rising, shape ``(m,)``.
    values
        Their values, shape ``(m,)``; none is missing.
    weights
        Weights between them, ``(m, m)``; each has a neighbour.
    missing
        Cells without a value, shape ``(n,)``.
    islands
        Cells with a value and without a neighbour that has one, shape ``(n,)``.
    """

    rows: npt.NDArray[np.intp]
    values: Floats
    weights: sp.csr_array
    missing: Flags
    islands: Flags


def neighbours(
    grid: Grid, *, rings: int = 1, gap_m: float = 1.0, corners: bool = True
) -> sp.csr_array:
    """Return the neighbours of the cells of a grid: by rings for H3, by touch for polygons.

    Parameters
    ----------
    grid
        The cells.
    rings
        For H3 cells: as in :func:`ring_neighbours`.
    gap_m, corners
        For polygons: as in :func:`touching_neighbours`.

    Returns
    -------
    neighbours
        Cells by cells, in the grid's order: symmetric, of ones, with nothing on the diagonal.

    Raises
    ------
    ParameterError
        If an argument is outside what it may be.

    Examples
    --------
    >>> from inclusion_marker.loaders.grid import from_ids
    >>> ids = h3.grid_disk(h3.latlng_to_cell(7.89, -72.5, 9), 1)
    >>> sorted(neighbours(from_ids(ids, crs="EPSG:32618")).sum(axis=1).tolist())
    [3.0, 3.0, 3.0, 3.0, 3.0, 3.0, 6.0]
    """
    if grid.kind == "h3":
        return ring_neighbours([str(cell) for cell in grid.index], rings=rings)
    polygons = grid.cells.geometry.to_numpy()
    return touching_neighbours(polygons, gap_m=gap_m, corners=corners)


def ring_neighbours(cells: Sequence[str], *, rings: int = 1) -> sp.csr_array:
    """Return which H3 cells lie within some rings of each other; one ring is a shared edge.

    Parameters
    ----------
    cells
        H3 indexes as text, of one resolution, each once. A pentagon has five neighbours.
    rings
        How many steps from cell to cell, 1-20.

    Returns
    -------
    neighbours
        Cells by cells, in the order given: symmetric, of ones, with nothing on the diagonal.

    Raises
    ------
    ParameterError
        If ``rings`` is no whole number from 1 to 20.

    Examples
    --------
    >>> middle = h3.latlng_to_cell(7.89, -72.5, 9)
    >>> ring_neighbours([middle, *h3.grid_ring(middle, 2)]).sum()
    np.float64(24.0)
    """
    _check_rings(rings)
    place = {cell: row for row, cell in enumerate(cells)}
    pairs = [
        (row, place[other])
        for cell, row in place.items()
        for other in h3.grid_disk(cell, rings)
        if other in place and other != cell
    ]
    return _matrix(np.array(pairs, dtype=np.intp).reshape(-1, 2), len(cells))


def _check_rings(found: object) -> None:
    """Refuse what is no whole number from 1 to 20; True is one for Python, and not for us."""
    most = 20
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= most:
        values = {"found": found, "low": 1, "high": most}
        raise ParameterError(Notice("parameter_out_of_range", item="rings", values=values))


def touching_neighbours(
    polygons: npt.NDArray[np.object_], *, gap_m: float = 1.0, corners: bool = True
) -> sp.csr_array:
    """Return which polygons touch: along an edge or at a corner, or along an edge only.

    Polygons that lie over each other are neighbours, too.

    Parameters
    ----------
    polygons
        Shapes, in metres, shape ``(n,)``.
    gap_m
        Polygons that are no farther apart touch at a corner at least: outlines drawn by hand, or
        reprojected, leave slivers. Metres, 0 or more.
    corners
        Whether a shared corner is enough (the queen of spatial statistics); without, a shared edge
        of a metre or more is asked for (the rook), and ``gap_m`` is not used.

    Returns
    -------
    neighbours
        Polygons by polygons, in the order given: symmetric, of ones, with nothing on the diagonal.

    Raises
    ------
    ParameterError
        If ``gap_m`` is no number from 0 to 1,000.

    Examples
    --------
    >>> board = np.array([shapely.box(x, y, x + 9, y + 9) for x in (0, 9) for y in (0, 9)])
    >>> touching_neighbours(board).sum(axis=1).tolist()
    [3.0, 3.0, 3.0, 3.0]
    >>> touching_neighbours(board, corners=False).sum(axis=1).tolist()
    [2.0, 2.0, 2.0, 2.0]
    """
    most = 1000
    if not 0 <= gap_m <= most:
        values = {"found": gap_m, "low": 0, "high": most}
        raise ParameterError(Notice("parameter_out_of_range", item="gap_m", values=values))
    near_m = gap_m if corners else _ROUNDING_M
    pairs = shapely.STRtree(polygons).query(polygons, predicate="dwithin", distance=near_m).T
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    if not corners:
        first, second = polygons[pairs[:, 0]], polygons[pairs[:, 1]]
        edge = shapely.length(shapely.intersection(first, second)) > _EDGE_M
        # Rounding heals what reprojection tore, and costs ten times as much.
        rounded = shapely.intersection(first[~edge], second[~edge], grid_size=_ROUNDING_M)
        edge[~edge] = shapely.length(rounded) > _EDGE_M
        pairs = pairs[edge]
    return _matrix(np.concatenate([pairs, pairs[:, ::-1]]), len(polygons))


def _matrix(pairs: npt.NDArray[np.intp], count: int) -> sp.csr_array:
    """Return pairs of positions as a matrix of ones, its columns rising in each row."""
    ones = np.ones(len(pairs))
    matrix = sp.csr_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    matrix.sort_indices()
    return matrix


def connected(values: npt.ArrayLike, neighbours: sp.csr_array) -> Connected:
    """Return the cells with a value and a neighbour, and the weights between them.

    Cells without a value leave first, then those that are left without a neighbour (islands, as
    GeoDa has it): neither has a part in the mean or the variance of a statistic.

    Parameters
    ----------
    values
        One a cell, shape ``(n,)``; missing ones as NaN.
    neighbours
        Weights, ``(n, n)``: 0 or more, with nothing on the diagonal. They need be neither ones
        nor symmetric.

    Raises
    ------
    ParameterError
        If the shapes differ, a value is infinite, or a weight is negative, infinite, not a number
        or that of a cell with itself.

    Examples
    --------
    >>> line = sp.csr_array(np.eye(4, k=1) + np.eye(4, k=-1))
    >>> found = connected([1.0, 2.0, np.nan, 4.0], line)
    >>> found.rows.tolist(), found.islands.tolist()
    ([0, 1], [False, False, False, True])
    """
    all_values = np.asarray(values, dtype=np.float64)
    whole = checked(all_values, neighbours)
    missing = np.isnan(all_values)
    here = np.flatnonzero(~missing)
    weights = whole[here][:, here]
    joined = np.asarray(weights.sum(axis=1)) > 0
    islands = np.zeros(len(all_values), dtype=np.bool_)
    islands[here[~joined]] = True
    rows = here[joined]
    kept = sp.csr_array(weights[joined][:, joined])
    return Connected(rows, all_values[rows], kept, missing, islands)


def checked(values: Floats, neighbours: sp.csr_array, *, most_dimensions: int = 1) -> sp.csr_array:
    """Return weights as numbers without stored zeros; refuse what no statistic can be made of.

    Parameters
    ----------
    values
        One a cell, ``(n,)``, or with a column for each draw, ``(n, d)``.
    neighbours
        Weights, ``(n, n)``.
    most_dimensions
        1, or 2 where columns may be.

    Raises
    ------
    ParameterError
        As for :func:`connected`.

    Examples
    --------
    >>> checked(np.array([1.0, 2.0]), sp.csr_array([[0, 1], [1, 0]])).data
    array([1., 1.])
    """
    weights: sp.csr_array = sp.csr_array(neighbours).astype(np.float64)  # of a csr_matrix, too
    wrong = []
    square = weights.shape == (len(values), len(values)) if values.ndim else False
    if not square or values.ndim > most_dimensions:
        wrong.append(("neighbours_shape", f"{values.shape}, {weights.shape}"))
    elif own := np.count_nonzero(weights.diagonal()):
        wrong.append(("neighbours_diagonal", f"{own}"))
    if infinite := np.count_nonzero(np.isinf(values)):
        wrong.append(("neighbours_infinite", f"{infinite}"))
    if bad := np.count_nonzero(~(np.isfinite(weights.data) & (weights.data >= 0))):
        wrong.append(("neighbours_weights", f"{bad}"))
    faults = [Notice(code, item="neighbours", values={"found": found}) for code, found in wrong]
    if faults:
        raise ParameterError(*faults)
    if not weights.data.all():
        weights = weights.copy()
        weights.eliminate_zeros()
    return weights


def row_standardised(weights: sp.csr_array) -> sp.csr_array:
    """Return weights divided by the sum of their row; an empty row stays empty.

    Parameters
    ----------
    weights
        Weights, ``(n, n)``.

    Examples
    --------
    >>> row_standardised(sp.csr_array([[0.0, 1.0, 1.0], [3.0, 0.0, 0.0], [0.0, 0.0, 0.0]])).data
    array([0.5, 0.5, 1. ])
    """
    sums = np.asarray(weights.sum(axis=1), dtype=np.float64)
    scale = np.divide(1.0, sums, out=np.zeros_like(sums), where=sums > 0)
    return sp.csr_array(sp.diags_array(scale) @ weights)
