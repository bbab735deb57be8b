"""Sobol' indices against closed forms, and against the saved runs of COINr.

Of the case `coinr_asem` the parts here are `sa_vignette_runs` and `sa_vignette_sensitivity` (the
estimators). Not built: the intervals of the indices (`Si_q5` …), which COINr draws by bootstrap
without a seed, and `sa_/ua_vignette_rankstats`, ranks of runs that are not saved with it.
"""

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.testing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import qmc

from inclusion_marker.analysis.drawing.draws import GROUPS, Floats, swapping
from inclusion_marker.analysis.drawing.sobol import Indices, sobol_indices

CASES = Path(__file__).parents[3] / "shared" / "cases"
with_coinr = pytest.mark.skipif(
    not (CASES / "coinr_asem").is_dir(), reason="the case coinr_asem is not on this machine"
)

# Saltelli et al. (2008), Global Sensitivity Analysis: The Primer; Ishigami and Homma (1990).
ISHIGAMI = ([0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437])
G_FUNCTION = ([0.7162, 0.1790, 0.0237, 0.0072, 0.0001], [0.7871, 0.2422, 0.0343, 0.0105, 0.0001])
G_COEFFICIENTS = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])


def estimated(function: Callable[[Floats], Floats], inputs: int, rows: int) -> Indices:
    """Return the indices of a function of even numbers, from a scrambled Sobol' sequence."""
    points = qmc.Sobol(2 * inputs, rng=np.random.default_rng(7)).random(rows)
    one, other = points[:, :inputs], points[:, inputs:]
    mixed = []
    for at in range(inputs):
        swapped = one.copy()
        swapped[:, at] = other[:, at]
        mixed.append(function(swapped))
    a, b, c = function(one), function(other), np.stack(mixed)
    middle = np.concatenate([a, b]).mean()
    return sobol_indices(a - middle, b - middle, c - middle)


def ishigami(even: Floats) -> Floats:
    x = math.pi * (2 * even - 1)
    found: Floats = (
        np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    )
    return found


def g_function(even: Floats) -> Floats:
    found: Floats = np.prod((np.abs(4 * even - 2) + G_COEFFICIENTS) / (1 + G_COEFFICIENTS), axis=1)
    return found


def test_indices__of_ishigami_are_the_published_ones() -> None:
    found = estimated(ishigami, 3, 16384)
    npt.assert_allclose(found.first, ISHIGAMI[0], atol=0.003)
    npt.assert_allclose(found.total, ISHIGAMI[1], atol=0.003)


def test_indices__of_the_g_function_are_its_closed_form() -> None:
    found = estimated(g_function, 8, 8192)
    npt.assert_allclose(found.first[:5], G_FUNCTION[0], atol=0.006)
    npt.assert_allclose(found.total[:5], G_FUNCTION[1], atol=0.006)


@pytest.mark.skipif(not (CASES / "sobol_analytic").is_dir(), reason="the case is not here")
def test_published_indices__are_those_of_the_case() -> None:
    case = json.loads((CASES / "sobol_analytic" / "cases.json").read_text())
    npt.assert_allclose(case["ishigami"]["S"], ISHIGAMI[0], atol=5e-5)
    npt.assert_allclose(case["ishigami"]["ST"], ISHIGAMI[1], atol=5e-5)
    npt.assert_allclose(case["g_function"]["S"][:5], G_FUNCTION[0], atol=5e-5)
    npt.assert_allclose(case["g_function"]["ST"][:5], G_FUNCTION[1], atol=5e-5)


def test_indices__of_a_weighted_sum_are_the_squared_weights() -> None:
    weights = np.array([3.0, 2.0, 1.0])
    found = estimated(lambda even: even @ weights, 3, 1024)
    npt.assert_allclose(found.first, weights**2 / (weights**2).sum(), atol=0.005)
    npt.assert_allclose(found.total, weights**2 / (weights**2).sum(), atol=0.005)


@with_coinr
def test_indices__of_the_runs_of_coinr_are_its_own_to_the_last_digit() -> None:
    folder = CASES / "coinr_asem"
    with (folder / "sa_vignette_runs.csv").open() as runs:
        outputs = np.array([float(row["mean_abs_rank_shift"]) for row in csv.DictReader(runs)])
    with (folder / "sa_vignette_sensitivity.csv").open() as said:
        expected = [(float(row["Si"]), float(row["STi"])) for row in csv.DictReader(said)]
    a, b, *swapped = outputs.reshape(6, 100)
    found = sobol_indices(a, b, np.stack(swapped))
    npt.assert_allclose(found.first, [first for first, _ in expected], atol=1e-15)
    npt.assert_allclose(found.total, [total for _, total in expected], atol=1e-15)


def test_indices__of_many_outputs_are_those_of_each() -> None:
    rng = np.random.default_rng(1)
    a, b, swapped = rng.normal(size=(5, 16)), rng.normal(size=(5, 16)), rng.normal(size=(5, 3, 16))
    found = sobol_indices(a, b, swapped)
    assert found.first.shape == found.total.shape == (5, 3)
    for row in range(5):
        one = sobol_indices(a[row], b[row], swapped[row])
        npt.assert_array_equal(found.first[row], one.first)
        npt.assert_array_equal(found.total[row], one.total)


def test_indices__of_what_does_not_vary_are_missing() -> None:
    still = np.full(8, 60.0)
    found = sobol_indices(still, still, np.stack([still, still]))
    assert np.isnan(found.first).all()
    assert np.isnan(found.total).all()


@given(arrays(np.float64, (4, 8), elements=st.floats(0, 100, width=32)))
def test_total_index__is_never_negative(outputs: np.ndarray) -> None:
    total = sobol_indices(outputs[0], outputs[1], outputs[2:]).total
    assert np.isnan(total).all() or bool((total >= 0).all())


def test_swapping__changes_one_group_at_a_time() -> None:
    plan = swapping(GROUPS, 4, 32)
    assert plan.count == 4 * (len(GROUPS) + 2)
    rows = np.stack([plan.rows[group] for group in GROUPS]).reshape(len(GROUPS), 4, -1)
    second = rows >= 32
    assert not second[:, :, 0].any()
    assert second[:, :, 1].all()
    npt.assert_array_equal(second[:, 0, 2:], np.eye(len(GROUPS), dtype=bool))
    npt.assert_array_equal(rows % 32, np.broadcast_to(np.arange(4)[:, None], rows.shape))
