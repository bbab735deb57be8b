"""Neighbours of cells: by H3, by touch, and what is left of them without values."""

import geopandas as gpd
import h3
import numpy as np
import numpy.testing as npt
import pytest
import scipy.sparse as sp
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from inclusion_marker.analysis.clustering.neighbours import (
    connected,
    neighbours,
    ring_neighbours,
    row_standardised,
    touching_neighbours,
)
from inclusion_marker.errors import ParameterError
from inclusion_marker.loaders.grid import from_ids, from_polygons

MIDDLE = h3.latlng_to_cell(7.89, -72.5, 9)


def board(columns: int, rows: int, side: float = 100.0) -> np.ndarray:
    """Return the squares of a board, row by row."""
    return np.array(
        [
            shapely.box(side * x, side * y, side * (x + 1), side * (y + 1))
            for y in range(rows)
            for x in range(columns)
        ]
    )


def is_symmetric_and_hollow(matrix: sp.csr_array) -> bool:
    """Return whether a matrix is symmetric, of ones, with nothing on its diagonal."""
    dense = matrix.toarray()
    return bool((dense == dense.T).all() and not dense.diagonal().any() and set(matrix.data) <= {1})


@pytest.mark.parametrize("rings", [1, 2])
def test_rings__are_the_cells_that_few_steps_reach(rings: int) -> None:
    cells = sorted(h3.grid_disk(MIDDLE, 4))[::2]
    found = ring_neighbours(cells, rings=rings)
    slow = [[float(0 < h3.grid_distance(a, b) <= rings) for b in cells] for a in cells]
    npt.assert_array_equal(found.toarray(), slow)
    assert is_symmetric_and_hollow(found)


def test_ring_of_a_pentagon__has_five_cells() -> None:
    pentagon = h3.get_pentagons(9)[0]
    found = ring_neighbours(sorted(h3.grid_disk(pentagon, 2)))
    assert max(found.sum(axis=1).tolist()) == 6
    assert ring_neighbours([pentagon, *h3.grid_ring(pentagon, 1)]).sum(axis=1)[0] == 5
    assert is_symmetric_and_hollow(found)


@given(st.permutations(range(12)))
@settings(max_examples=20)
def test_rings__follow_the_order_of_the_cells(order: list[int]) -> None:
    cells = sorted(h3.grid_disk(MIDDLE, 2))[:12]
    before = ring_neighbours(cells).toarray()
    after = ring_neighbours([cells[row] for row in order]).toarray()
    npt.assert_array_equal(after, before[np.ix_(order, order)])


@pytest.mark.parametrize("rings", [0, 21, 1.0, True])
def test_rings__that_are_no_small_whole_number_are_refused(rings: int) -> None:
    with pytest.raises(ParameterError, match="rings"):
        ring_neighbours([MIDDLE], rings=rings)


@pytest.mark.parametrize("corners", [True, False])
@pytest.mark.filterwarnings("ignore")  # the peer's own
def test_touching__agrees_with_libpysal_on_a_board_with_holes(*, corners: bool) -> None:
    weights = pytest.importorskip("libpysal.weights")
    squares = board(7, 6)[np.random.default_rng(3).random(42) > 0.2]
    peer = weights.Queen if corners else weights.Rook
    table = gpd.GeoDataFrame(geometry=squares)
    expected = peer.from_dataframe(table, use_index=False, silence_warnings=True).full()[0]
    npt.assert_array_equal(touching_neighbours(squares, corners=corners).toarray(), expected)


def test_touching__bridges_slivers_up_to_the_gap_it_is_given() -> None:
    pair = np.array([shapely.box(0, 0, 100, 100), shapely.box(100.7, 0, 200, 100)])
    assert touching_neighbours(pair).nnz == 2
    assert touching_neighbours(pair, gap_m=0.5).nnz == 0
    assert touching_neighbours(pair, corners=False).nnz == 0


def test_shared_edge__is_seen_after_reprojection_where_vertices_differ() -> None:
    large = shapely.box(-72.51, 7.88, -72.50, 7.89)
    small = [shapely.box(-72.50, 7.88, -72.49, 7.8837), shapely.box(-72.50, 7.8837, -72.49, 7.89)]
    corner = shapely.box(-72.52, 7.89, -72.51, 7.90)
    shapes = gpd.GeoSeries([large, *small, corner], crs="EPSG:4326").to_crs("EPSG:32618")
    found = touching_neighbours(shapes.to_numpy(), corners=False).toarray()
    npt.assert_array_equal(found, [[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0]])


def test_polygons_over_each_other__are_neighbours_and_those_apart_are_not() -> None:
    shapes = np.array([shapely.box(0, 0, 9, 9), shapely.box(0, 0, 9, 9), shapely.box(50, 0, 59, 9)])
    for corners in (True, False):
        found = touching_neighbours(shapes, corners=corners)
        npt.assert_array_equal(found.toarray(), [[0, 1, 0], [1, 0, 0], [0, 0, 0]])


@pytest.mark.parametrize("gap_m", [-1.0, float("nan"), 1001.0])
def test_gap__that_is_none_is_refused(gap_m: float) -> None:
    with pytest.raises(ParameterError, match="gap_m"):
        touching_neighbours(board(2, 1), gap_m=gap_m)


def test_neighbours__of_a_grid_are_by_rings_or_by_touch() -> None:
    cells = sorted(h3.grid_disk(MIDDLE, 2))
    by_rings = neighbours(from_ids(cells, crs="EPSG:32618"))
    npt.assert_array_equal(by_rings.toarray(), ring_neighbours(cells).toarray())
    squares = gpd.GeoDataFrame(geometry=board(3, 3), crs="EPSG:32618")
    grid = from_polygons(squares, id_column=None, crs="EPSG:32618")
    assert neighbours(grid).sum() == 40
    assert neighbours(grid, corners=False).sum() == 24


def test_hexagons_as_polygons__have_the_neighbours_of_their_rings() -> None:
    grid = from_ids(sorted(h3.grid_disk(MIDDLE, 3)), crs="EPSG:32618")
    touching = touching_neighbours(grid.cells.geometry.to_numpy())
    npt.assert_array_equal(touching.toarray(), neighbours(grid).toarray())


def test_connected__drops_missing_cells_before_it_looks_for_islands() -> None:
    line = sp.csr_array(np.eye(6, k=1) + np.eye(6, k=-1))
    found = connected([1.0, 2.0, np.nan, 4.0, np.nan, np.nan], line)
    assert found.rows.tolist() == [0, 1]
    assert found.values.tolist() == [1.0, 2.0]
    assert np.flatnonzero(found.islands).tolist() == [3]
    assert np.flatnonzero(found.missing).tolist() == [2, 4, 5]
    npt.assert_array_equal(found.weights.toarray(), [[0, 1], [1, 0]])


def test_connected__takes_whole_numbers_and_drops_stored_zeros() -> None:
    stored = sp.csr_matrix(np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]]))
    stored.data[1] = stored.data[4] = 0  # from the first to the last cell, and back
    found = connected([1.0, 2.0, 3.0], stored)  # type: ignore[arg-type]
    npt.assert_array_equal(found.weights.toarray(), [[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    assert found.weights.nnz == 4
    assert stored.nnz == 6


@pytest.mark.parametrize("values", [[], [1.0], [np.nan, np.nan]])
def test_connected__of_nothing_is_empty(values: list[float]) -> None:
    found = connected(values, sp.csr_array((len(values), len(values))))
    assert found.rows.size == 0
    assert found.weights.shape == (0, 0)


def test_connected__says_all_that_is_wrong_at_once() -> None:
    weights = sp.csr_array(np.array([[1.0, -1.0], [np.nan, 0.0]]))
    with pytest.raises(ParameterError) as refused:
        connected([np.inf, 1.0], weights)
    codes = [each.code for each in refused.value.problems]  # type: ignore[union-attr]
    assert codes == ["neighbours_diagonal", "neighbours_infinite", "neighbours_weights"]
    for values in ([1.0], [[1.0, 2.0], [1.0, 2.0]], 3.0):
        with pytest.raises(ParameterError, match="differ in shape"):
            connected(values, sp.csr_array((2, 2)))


def test_row_standardised__rows_sum_to_one_or_stay_empty() -> None:
    weights = sp.csr_array(np.array([[0.0, 2.0, 6.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    expected = [[0.0, 0.25, 0.75], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    npt.assert_allclose(row_standardised(weights).toarray(), expected)
