"""Local Moran: its laws, and its permutations beside every sample there is."""

import itertools

import h3
import numpy as np
import numpy.testing as npt
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inclusion_marker.analysis.clustering.autocorrelation import getis_ord, morans_i
from inclusion_marker.analysis.clustering.local_moran import local_moran
from inclusion_marker.analysis.clustering.neighbours import ring_neighbours
from inclusion_marker.errors import ParameterError

VALUES = arrays(np.float64, 9, elements=st.integers(0, 50).map(float))
TREE = np.zeros((9, 9))  # a hub, a chain and a triangle: one to four neighbours
for one, other in ((0, 1), (0, 2), (0, 3), (0, 4), (4, 5), (5, 6), (6, 7), (7, 8), (6, 8)):
    TREE[one, other] = TREE[other, one] = 1.0
NINE = sp.csr_array(TREE)


def ring(count: int) -> sp.csr_array:
    """Return the neighbours of cells in a circle."""
    step = np.roll(np.eye(count), 1, axis=1)
    return sp.csr_array(step + step.T)


def exact_p(values: np.ndarray, joined: sp.csr_array) -> np.ndarray:
    """Return the two-sided p of each cell over every sample of its neighbours: a slow twin."""
    found = []
    for cell, row in enumerate(joined.toarray()):
        others = np.delete(values, cell)
        sums = [sum(each) for each in itertools.combinations(others, int(row.sum()))]
        far = abs(row @ values - np.mean(sums))
        found.append(np.mean(np.abs(np.array(sums) - np.mean(sums)) >= far - 1e-9))
    return np.array(found)


@given(VALUES)
def test_local_moran__means_morans_i(values: np.ndarray) -> None:
    found = local_moran(values, NINE)
    npt.assert_allclose(found.value.mean(), morans_i(values, NINE).value, atol=1e-9)
    sample = local_moran(values, NINE, divisor="n-1")
    npt.assert_allclose(sample.value, found.value * 8 / 9, atol=1e-12)
    npt.assert_allclose(sample.z, found.z, atol=0)


@given(VALUES, st.floats(0.1, 10), st.integers(-100, 100))
def test_local_moran__does_not_know_the_unit(values: np.ndarray, by: float, more: int) -> None:
    before, after = local_moran(values, NINE), local_moran(values * by + more, NINE)
    npt.assert_allclose(after.value, before.value, atol=1e-9)
    clear = np.abs(values - values.mean()) > 1e-9
    npt.assert_allclose(after.p[clear], before.p[clear], atol=1e-7)


def test_local_moran__has_the_moments_of_every_sample_of_the_others() -> None:
    values = np.array([4.0, 1.0, 7.0, 7.5, 3.0, 20.0, 2.0, 6.0, 5.0])
    found = local_moran(values, NINE)
    deviation = values - values.mean()
    for cell, row in enumerate(NINE.toarray()):
        others = np.delete(deviation, cell)
        lags = [np.mean(each) for each in itertools.combinations(others, int(row.sum()))]
        every = deviation[cell] * np.array(lags) / deviation.var()
        z = (found.value[cell] - every.mean()) / every.std()
        npt.assert_allclose([found.expected[cell], found.z[cell]], [every.mean(), z])


def test_local_moran__is_gi_with_the_sign_of_the_cell() -> None:
    values = np.array([4.0, 1.0, 7.0, 7.5, 3.0, 20.0, 2.0, 6.0, 5.0])
    found, around = local_moran(values, NINE), getis_ord(values, NINE, star=False)
    npt.assert_allclose(found.z, np.sign(values - values.mean()) * around.z)
    npt.assert_allclose(found.p, around.p)


def test_quadrants__say_high_or_low_of_the_cell_and_of_its_neighbours() -> None:
    line = sp.csr_array(np.eye(6, k=1) + np.eye(6, k=-1))
    found = local_moran([9.0, 9.0, 9.0, 1.0, 9.0, 0.0], line)
    assert found.quadrant.tolist() == ["HH", "HH", "HL", "LH", "HL", "LH"]
    assert local_moran([0.0, 1.0, 0.0, 9.0, 9.0, 8.0], line).quadrant[:2].tolist() == ["LL", "LL"]


@pytest.mark.parametrize(("count", "joined"), [(9, NINE), (30, ring(30))])
def test_permuted_p__is_that_of_every_sample_there_is(count: int, joined: sp.csr_array) -> None:
    """Nine cells are permuted whole; of thirty, two are drawn."""
    values = np.random.default_rng(5).gamma(1.5, size=count).round(2)
    permutations = 200_000
    found = local_moran(values, joined, permutations=permutations)
    exact = exact_p(values, joined)
    error = np.sqrt(exact * (1 - exact) / permutations)
    assert (np.abs(found.p - exact) <= 5 * error + 2 / permutations).all()


def test_permuted_p__of_ties_counts_them_as_far() -> None:
    values = np.array([0.1, 0.2, 0.3] * 4)
    found = local_moran(values, ring(12), permutations=50_000)
    npt.assert_allclose(found.p, exact_p(values, ring(12)), atol=0.02)


def test_permutations__are_the_same_bytes_for_a_seed() -> None:
    joined = ring_neighbours(sorted(h3.grid_disk(h3.latlng_to_cell(7.89, -72.5, 9), 6)))
    values = np.random.default_rng(1).normal(size=joined.shape[0])
    first, again, other = (
        local_moran(values, joined, permutations=70_000, seed=seed).p for seed in (7, 7, 8)
    )
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()
    npt.assert_allclose(first, other, atol=0.01)
    assert first.min() >= 1 / 70_001


def test_permuted_p__does_not_know_the_scale_of_a_row() -> None:
    values = np.arange(9.0) ** 2
    scaled = sp.csr_array(sp.diags_array(np.arange(1.0, 10)) @ NINE)
    plain, by_row = (local_moran(values, each, permutations=999) for each in (NINE, scaled))
    npt.assert_array_equal(by_row.p, plain.p)
    npt.assert_allclose(by_row.value, plain.value)


def test_permutations__of_unequal_neighbours_are_refused_and_the_closed_form_is_not() -> None:
    uneven = NINE.copy()
    uneven.data[0] = 3.0
    assert np.isfinite(local_moran(np.arange(9.0) ** 2, uneven).value).all()
    with pytest.raises(ParameterError, match="weigh differently: 1"):
        local_moran(np.arange(9.0), uneven, permutations=99)
    with pytest.raises(ParameterError, match=r"(?s)permutations.*divisor"):
        local_moran(np.arange(9.0), NINE, permutations=-9, divisor="n+1")  # type: ignore[arg-type]


@pytest.mark.parametrize("permutations", [0, 99])
@pytest.mark.parametrize("values", [[np.nan] * 9, [7.0] * 9, [1.0, *[np.nan] * 8]])
def test_local_moran__of_nothing_is_missing(values: list[float], permutations: int) -> None:
    found = local_moran(values, NINE, permutations=permutations)
    for each in (found.value, found.expected, found.z, found.p):
        assert np.isnan(each).all()
    assert found.quadrant.tolist() == [None] * 9


def test_local_moran__leaves_missing_cells_and_islands_empty() -> None:
    values = np.array([1.0, 2.0, 4.0, np.nan, 5.0, np.nan, 9.0, np.nan, np.nan])
    found = local_moran(values, NINE, permutations=99)
    assert np.isfinite(found.value).tolist() == [True, True, True, False, True, *[False] * 4]
    assert [each is None for each in found.quadrant] == [False] * 3 + [True, False] + [True] * 4


@pytest.mark.filterwarnings("ignore")  # the peer's own
def test_local_moran__agrees_with_esda() -> None:
    esda, weights = pytest.importorskip("esda"), pytest.importorskip("libpysal.weights")
    joined = ring_neighbours(sorted(h3.grid_disk(h3.latlng_to_cell(7.89, -72.5, 9), 4)))
    values = np.random.default_rng(2).gamma(2, size=joined.shape[0])
    w = weights.WSP(joined.tocsr()).to_W(silence_warnings=True)
    peer = esda.Moran_Local(values, w, "r", permutations=0)
    found = local_moran(values, joined, divisor="n-1")
    npt.assert_allclose(found.value, peer.Is, rtol=1e-9)
    assert [("HH", "LH", "LL", "HL").index(each) + 1 for each in found.quadrant] == peer.q.tolist()
