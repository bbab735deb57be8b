"""Moran's I and Gi*: exact over all arrangements, beside slow twins, laws and peers."""

import itertools
import math

import h3
import numpy as np
import numpy.testing as npt
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inclusion_marker.analysis.clustering.autocorrelation import getis_ord, morans_i
from inclusion_marker.analysis.clustering.neighbours import ring_neighbours, row_standardised
from inclusion_marker.analysis.clustering.significance import rejected
from inclusion_marker.errors import ParameterError

Floats = np.ndarray
# Six cells: a ring with a chord, so that neighbours number two and three.
CHORD = np.zeros((6, 6))
CHORD[0, 3] = 1.0
RING = np.roll(np.eye(6), 1, axis=1) + CHORD
SIX = sp.csr_array(RING + RING.T)
SKEWED = np.array([1.0, 2.0, 3.5, 2.5, 9.0, 30.0])
VALUES = arrays(np.float64, 6, elements=st.integers(0, 50).map(float))
ORDER = st.permutations(range(6))


def plain_moran(values: Floats, weights: Floats) -> float:
    """Return Moran's I by two loops."""
    mean, n = values.mean(), len(values)
    above = sum(
        weights[i, j] * (values[i] - mean) * (values[j] - mean) for i in range(n) for j in range(n)
    )
    return float(n / weights.sum() * above / ((values - mean) ** 2).sum())


def checkerboard() -> tuple[Floats, sp.csr_array]:
    """Return the values and the shared edges of a board of six by six."""
    rows, columns = np.divmod(np.arange(36), 6)
    apart = np.abs(rows[:, None] - rows) + np.abs(columns[:, None] - columns)
    return ((rows + columns) % 2).astype(float), sp.csr_array((apart == 1).astype(float))


# ── Moran's I ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("standardise", [True, False])
def test_morans_i__and_its_moments_are_exact_over_all_arrangements(*, standardise: bool) -> None:
    weights = (row_standardised(SIX) if standardise else SIX).toarray()
    found = morans_i(SKEWED, SIX, standardise=standardise)
    every = [
        plain_moran(SKEWED[list(order)], weights) for order in itertools.permutations(range(6))
    ]
    assert found.value == pytest.approx(plain_moran(SKEWED, weights), rel=1e-12)
    assert found.expected == pytest.approx(np.mean(every), rel=1e-9)
    assert found.variance == pytest.approx(np.var(every), rel=1e-9)
    assert found.z == pytest.approx((found.value - np.mean(every)) / np.std(every), rel=1e-9)


def test_expected_i__is_the_mean_of_random_arrangements() -> None:
    values, board = checkerboard()
    draw = np.random.default_rng(7)
    mean = np.mean([morans_i(draw.permutation(values), board).value for _ in range(400)])
    found = morans_i(values, board)
    assert mean == pytest.approx(found.expected, abs=4 * math.sqrt(found.variance / 400))


def test_checkerboard__is_as_unlike_as_can_be_and_halves_are_alike() -> None:
    values, board = checkerboard()
    unlike, alike = morans_i(values, board), morans_i(np.arange(36) >= 18, board)
    assert unlike.value == pytest.approx(-1)
    assert unlike.z < -5
    assert alike.value > 0.7
    assert alike.p < 1e-5


@given(VALUES, st.floats(0.1, 10), st.integers(-100, 100))
def test_morans_i__does_not_know_the_unit(values: Floats, by: float, more: int) -> None:
    before, after = morans_i(values, SIX), morans_i(values * by + more, SIX)
    npt.assert_allclose(after.value, before.value, atol=1e-9)
    npt.assert_allclose(after.z, before.z, atol=1e-7)


@given(VALUES, ORDER)
def test_statistics__do_not_know_the_order_of_the_cells(values: Floats, order: list[int]) -> None:
    moved = sp.csr_array(SIX[order][:, order])
    npt.assert_allclose(
        morans_i(values[order], moved).value, morans_i(values, SIX).value, atol=1e-12
    )
    for star in (True, False):
        before, after = (
            getis_ord(each, joined, star=star).z
            for each, joined in ((values, SIX), (values[order], moved))
        )
        npt.assert_allclose(after, before[order], atol=1e-9)


def test_permuted_p__is_two_sided_seeded_and_near_the_exact_share() -> None:
    weights = row_standardised(SIX).toarray()
    values = np.array([1.0, 2.0, 3.0, 2.5, 1.5, 9.0])
    every = np.array(
        [plain_moran(values[list(order)], weights) for order in itertools.permutations(range(6))]
    )
    found = morans_i(values, SIX, permutations=20_000)
    exact = np.mean(np.abs(every + 0.2) >= abs(found.value + 0.2) - 1e-12)
    assert found.p_permuted == pytest.approx(exact, abs=0.015)
    assert morans_i(values, SIX, permutations=20_000) == found
    other = morans_i(values, SIX, permutations=20_000, seed=8)
    assert other.p_permuted != found.p_permuted


def test_permuted_p__is_never_below_its_floor() -> None:
    _, board = checkerboard()
    assert morans_i(np.arange(36.0), board, permutations=99).p_permuted == 0.01


@pytest.mark.parametrize(
    ("values", "count"),
    [([np.nan] * 6, 0), ([5.0] * 6, 6), ([0.1 + 0.2, 0.3] * 3, 6), ([1.0, *[np.nan] * 5], 0)],
)
def test_morans_i__is_missing_where_nothing_varies(values: list[float], count: int) -> None:
    found = morans_i(values, SIX, permutations=9)
    assert found.count == count
    assert math.isnan(found.value)
    assert math.isnan(found.p)
    assert math.isnan(found.p_permuted)


def test_morans_i__counts_what_it_leaves_out() -> None:
    line = sp.csr_array(np.eye(7, k=1) + np.eye(7, k=-1))
    values = np.array([1.0, 2.0, 4.0, 3.0, np.nan, 90.0, np.nan])
    found = morans_i(values, line)
    assert (found.count, found.islands, found.missing) == (4, 1, 2)
    assert found.value == morans_i(values[:4], sp.csr_array(line[:4][:, :4])).value


def test_two_cells__have_an_i_and_no_test() -> None:
    found = morans_i([1.0, 2.0], sp.csr_array(np.array([[0.0, 1.0], [1.0, 0.0]])))
    assert found.value == pytest.approx(-1)
    assert math.isnan(found.z)


@pytest.mark.filterwarnings("ignore")  # the peer's own
def test_morans_i__agrees_with_esda() -> None:
    esda, weights = pytest.importorskip("esda"), pytest.importorskip("libpysal.weights")
    draw = np.random.default_rng(2)
    joined = ring_neighbours(sorted(h3.grid_disk(h3.latlng_to_cell(7.89, -72.5, 9), 4)))
    values = draw.gamma(2, size=joined.shape[0])
    peer = esda.Moran(values, weights.WSP(joined.tocsr()).to_W(silence_warnings=True), "r", 0)
    found = morans_i(values, joined)
    npt.assert_allclose(
        [found.value, found.variance_normal, found.variance, found.p],
        [peer.I, peer.VI_norm, peer.VI_rand, peer.p_rand],
        rtol=1e-9,
    )


# ── Gi and Gi* ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("weights", [SIX, row_standardised(SIX)])
def test_gi_star__and_its_skewness_are_exact_over_all_arrangements(weights: sp.csr_array) -> None:
    dense = weights.toarray()
    dense[np.diag_indices(6)] = dense.max(axis=1)
    sums = np.array([dense @ SKEWED[list(order)] for order in itertools.permutations(range(6))])
    centred = sums - sums.mean(axis=0)
    found = getis_ord(SKEWED, weights)
    npt.assert_allclose(found.z, (dense @ SKEWED - sums.mean(axis=0)) / sums.std(axis=0))
    skewness = (centred**3).mean(axis=0) / sums.std(axis=0) ** 3
    npt.assert_allclose(found.skewness, skewness, atol=1e-12)


@pytest.mark.parametrize("weights", [SIX, row_standardised(SIX)])
def test_gi__and_its_skewness_are_exact_over_arrangements_of_the_others(
    weights: sp.csr_array,
) -> None:
    dense = weights.toarray()
    found = getis_ord(SKEWED, weights, star=False)
    for cell in range(6):
        others = np.delete(np.arange(6), cell)
        sums = np.array(
            [dense[cell, others] @ SKEWED[list(each)] for each in itertools.permutations(others)]
        )
        z = (dense[cell] @ SKEWED - sums.mean()) / sums.std()
        skewness = ((sums - sums.mean()) ** 3).mean() / sums.std() ** 3
        npt.assert_allclose([found.z[cell], found.skewness[cell]], [z, skewness], atol=1e-9)


@given(VALUES, arrays(np.float64, 6, elements=st.floats(0.01, 100)))
def test_gi__does_not_know_the_scale_of_a_row(values: Floats, by: Floats) -> None:
    """esda 2.8 and 2.9 give the row-standardised forms another z than the binary ones."""
    scaled = sp.csr_array(sp.diags_array(by) @ SIX)
    for star in (True, False):
        before, after = getis_ord(values, SIX, star=star), getis_ord(values, scaled, star=star)
        npt.assert_allclose(after.z, before.z, atol=1e-7)
        npt.assert_allclose(after.z_corrected, before.z_corrected, atol=1e-7)


@given(VALUES, st.floats(0.1, 10), st.integers(-100, 100))
def test_gi__does_not_know_the_unit_and_turns_with_the_sign(
    values: Floats, by: float, more: int
) -> None:
    before, after = getis_ord(values, SIX), getis_ord(values * by + more, SIX)
    npt.assert_allclose(after.z, before.z, atol=1e-7)
    turned = getis_ord(-values, SIX)
    npt.assert_allclose(turned.z, -before.z, atol=1e-9)
    npt.assert_allclose(turned.p, before.p, atol=1e-9)


@given(
    draws=arrays(
        np.float64,
        (6, 4),
        elements=st.one_of(st.integers(0, 9).map(float), st.just(math.nan)),
    ),
    star=st.booleans(),
)
def test_gi__of_many_draws_is_that_of_each(draws: Floats, *, star: bool) -> None:
    together = getis_ord(draws, SIX, star=star)
    for column in range(4):
        alone = getis_ord(draws[:, column], SIX, star=star)
        npt.assert_allclose(together.z[:, column], alone.z, atol=1e-9)
        npt.assert_allclose(together.skewness[:, column], alone.skewness, atol=1e-7)


def test_gi__leaves_missing_cells_and_islands_out_of_mean_and_variance() -> None:
    line = sp.csr_array(np.eye(8, k=1) + np.eye(8, k=-1))
    values = np.array([1.0, 2.0, 4.0, 3.0, 5.0, np.nan, 900.0, np.nan])
    found = getis_ord(values, line)
    alone = getis_ord(values[:5], sp.csr_array(line[:5][:, :5]))
    npt.assert_allclose(found.z, [*alone.z, np.nan, np.nan, np.nan])
    npt.assert_allclose(found.p, [*alone.p, np.nan, np.nan, np.nan])


def test_gi__is_missing_where_nothing_varies_or_a_neighbourhood_is_all() -> None:
    assert np.isnan(getis_ord([3.0] * 6, SIX).z).all()
    assert np.isnan(getis_ord([np.nan] * 6, SIX).z).all()
    pair = sp.csr_array(np.array([[0.0, 1.0], [1.0, 0.0]]))
    for star in (True, False):
        assert np.isnan(getis_ord([1.0, 2.0], pair, star=star).z).all()


def test_correction__takes_from_the_long_tail_only() -> None:
    draw = np.random.default_rng(4)
    joined = ring_neighbours(sorted(h3.grid_disk(h3.latlng_to_cell(7.89, -72.5, 9), 20)))
    found = getis_ord(draw.gamma(0.5, size=joined.shape[0]), joined)
    long_tail = found.z > 1.5
    assert (found.skewness > 0.5).all()
    assert (found.z_corrected[long_tail] < found.z[long_tail]).all()
    npt.assert_array_equal(found.z_corrected[found.z < 0], found.z[found.z < 0])


@pytest.mark.parametrize("shape", [0.5, 3.0])
def test_a_random_skewed_city__has_no_clusters_where_normal_p_makes_them(shape: float) -> None:
    joined = ring_neighbours(sorted(h3.grid_disk(h3.latlng_to_cell(7.89, -72.5, 9), 57)))
    fields = np.random.default_rng(7).gamma(shape, size=(joined.shape[0], 20))
    found = getis_ord(fields, joined)
    normal = rejected(found.z, alpha=0.05).any(axis=0).sum()
    corrected = rejected(found.z_corrected, alpha=0.05).any(axis=0).sum()
    assert normal >= 10
    assert corrected <= 1


@pytest.mark.filterwarnings("ignore")  # the peer's own
def test_gi__of_ones_agrees_with_esda() -> None:
    esda, weights = pytest.importorskip("esda"), pytest.importorskip("libpysal.weights")
    joined = ring_neighbours(sorted(h3.grid_disk(h3.latlng_to_cell(7.89, -72.5, 9), 4)))
    values = np.random.default_rng(2).gamma(2, size=joined.shape[0])
    w = weights.WSP(joined.tocsr()).to_W(silence_warnings=True)
    for star in (True, False):
        peer = esda.G_Local(values, w, transform="B", permutations=0, star=star)
        npt.assert_allclose(getis_ord(values, joined, star=star).z, peer.Zs, rtol=1e-9)


def test_statistics__refuse_wrong_arguments() -> None:
    with pytest.raises(ParameterError, match="shape"):
        getis_ord(np.zeros((6, 2, 2)), SIX)
    with pytest.raises(ParameterError, match="permutations"):
        morans_i(SKEWED, SIX, permutations=-1)
    with pytest.raises(ParameterError, match="seed"):
        morans_i(SKEWED, SIX, permutations=9, seed=-1)
