"""Many tests at once: adjusted p-values, and the floor of permutations."""

from typing import Any

import numpy as np
import numpy.testing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inclusion_marker.analysis.clustering.significance import (
    CORRECTIONS,
    adjusted,
    level_faults,
    permutation_faults,
    permutation_floor,
    permutations_needed,
    rejected,
    two_sided,
)
from inclusion_marker.errors import ParameterError

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)
# Distances that no threshold of the corrections lies on.
Z = arrays(np.float64, (12, 3), elements=st.integers(-600, 600).map(lambda each: each / 100 + 1e-4))


def stepwise(p: list[float], alpha: float, correction: str) -> list[bool]:
    """Return the discoveries by the words of each procedure: a slow twin."""
    order = sorted(range(len(p)), key=lambda row: p[row])
    n, found = len(p), [False] * len(p)
    harmonic = sum(1 / rank for rank in range(1, n + 1)) if correction == "by" else 1.0
    if correction in ("bh", "by"):
        last = max(
            (k for k in range(1, n + 1) if p[order[k - 1]] <= k * alpha / (n * harmonic)), default=0
        )
        for row in order[:last]:
            found[row] = True
    for step, row in enumerate(order):
        if correction == "bonferroni":
            found[row] = p[row] <= alpha / n
        if correction == "holm":
            if p[row] > alpha / (n - step):
                break
            found[row] = True
    return found


@pytest.mark.parametrize("correction", CORRECTIONS)
@given(p=P_VALUES, alpha=st.sampled_from([0.0101, 0.0503, 0.2003]))
def test_adjusted__finds_what_the_procedure_finds_step_by_step(
    correction: str, p: list[float], alpha: float
) -> None:
    steps = [round(each, 3) for each in p]
    found = adjusted(steps, correction) <= alpha
    assert found.tolist() == stepwise(steps, alpha, correction)


@given(P_VALUES)
def test_corrections__contain_each_other(p: list[float]) -> None:
    bh, by, holm, bonferroni = (adjusted(p, each) for each in CORRECTIONS)
    assert np.all(bh <= holm + 1e-12)
    assert np.all(holm <= bonferroni + 1e-12)
    assert np.all(bh <= by + 1e-12)
    assert np.all(bh >= np.asarray(p) - 1e-12)


@pytest.mark.parametrize("correction", CORRECTIONS)
@given(p=P_VALUES)
def test_adjusted__of_missing_tests_is_missing_and_they_do_not_count(
    correction: str, p: list[float]
) -> None:
    alone = adjusted(p, correction)
    among = adjusted([np.nan, *p, np.nan], correction)
    npt.assert_array_equal(among, [np.nan, *alone, np.nan])
    assert np.isnan(adjusted([np.nan], correction)).all()


@pytest.mark.parametrize("correction", CORRECTIONS)
@given(z=Z, alpha=st.sampled_from([0.01, 0.05, 0.3]), gap=st.booleans())
def test_rejected__by_draws_is_what_adjusted_says_of_each(
    correction: str, z: np.ndarray, alpha: float, *, gap: bool
) -> None:
    if gap:
        z = z.copy()
        z[2:5, 1], z[:, 2] = np.nan, np.nan
    found = rejected(z, alpha=alpha, correction=correction)
    for column in range(z.shape[1]):
        expected = adjusted(two_sided(z[:, column]), correction) <= alpha
        npt.assert_array_equal(found[:, column], expected)


@pytest.mark.parametrize("correction", CORRECTIONS)
@pytest.mark.parametrize("tests", [1, 7, 300])
def test_permutations_needed__allow_one_discovery_and_one_fewer_does_not(
    correction: str, tests: int
) -> None:
    needed = permutations_needed(tests, alpha=0.05, correction=correction)
    for permutations, enough in ((needed, True), (needed - 1, False)):
        p = np.ones(tests)
        p[0] = 1 / (permutations + 1)
        assert (adjusted(p, correction)[0] <= 0.05 * (1 + 1e-12)) is np.bool_(enough)
        floor = permutation_floor(tests, permutations, alpha=0.05, correction=correction)
        assert (floor == ()) is enough


def test_permutation_floor__binds_in_a_city_of_10000_cells_at_999() -> None:
    (notice,) = permutation_floor(10_000, 999, alpha=0.05)
    assert notice.code == "permutation_floor"
    assert notice.values["needed"] == 199_999
    assert notice.values["together"] == 200  # 2 % of the cells, at once
    (closed,) = permutation_floor(10_000, 999, alpha=0.05, correction="bonferroni")
    assert closed.code == "permutation_floor_closed"
    assert "199999" in closed.text("es")
    assert "199999" in closed.text("en")


def test_permutation_floor__of_too_few_for_all_cells_together_is_closed() -> None:
    assert permutation_floor(10, 9, alpha=0.05)[0].code == "permutation_floor_closed"
    assert permutations_needed(0, alpha=0.05) == 0


def test_faults__of_level_and_permutations_are_all_said() -> None:
    assert level_faults(0.05, "by") == ()
    assert [each.item for each in level_faults(float("nan"), "none")] == ["alpha", "correction"]
    assert permutation_faults(0, 7) == ()
    wrong: list[Any] = [True, 1.5, -1, 10**8]
    for each in wrong:
        assert [fault.item for fault in permutation_faults(each, 7)] == ["permutations"]
    assert [fault.item for fault in permutation_faults(9, -1)] == ["seed"]


def test_adjusted__refuses_what_is_no_probability_or_no_correction() -> None:
    with pytest.raises(ParameterError, match=r"1\.5"):
        adjusted([0.5, 1.5])
    with pytest.raises(ParameterError, match="bonferroni"):
        adjusted([0.5], "bonferoni")
    with pytest.raises(ParameterError, match="alpha"):
        rejected(np.ones((1, 1)), alpha=0)
    with pytest.raises(ParameterError, match="alpha"):
        permutations_needed(5, alpha=1)
