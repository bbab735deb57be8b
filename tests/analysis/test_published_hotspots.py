"""Spatial statistics beside published figures: libpysal's and esda's tests, spdep and R.

Read in place from the cases; the six points of Getis and Ord, the ten cells and R's p-values are
typed here again. Not built, and so not tested: Geary's C (columbus: nobody asked for a second
global measure that says what Moran's I says), the global G of the six points (a single figure for
a map of clusters says less than the map), and S-MAUP (its figures were copied and not recomputed;
what resolution does to a city is shown by computing it at three).

One-sided p-values of the peers are those of z under normality; ours are two-sided.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.testing as npt
import pytest
import scipy.sparse as sp
from scipy.special import ndtr

from inclusion_marker.analysis.clustering.autocorrelation import getis_ord, morans_i
from inclusion_marker.analysis.clustering.local_moran import local_moran
from inclusion_marker.analysis.clustering.neighbours import row_standardised
from inclusion_marker.analysis.clustering.significance import adjusted

FILE = Path(__file__).parents[3] / "shared" / "cases" / "pysal_esda" / "cases.json"
here = pytest.mark.skipif(not FILE.is_file(), reason="the cases are not here (../shared/cases)")
QUADRANTS = ("HH", "LH", "LL", "HL")  # numbered 1-4 by PySAL

# Getis and Ord's six points, their neighbours within 15, and z of spdep 1.2-7 (esda's test data).
POINTS = np.array([[10, 10], [20, 10], [40, 10], [15, 20], [30, 20], [30, 30]], float)
OF_POINTS = [2.0, 3.0, 3.2, 5.0, 8.0, 7.0]
GI = [
    -1.01367289855026,
    -0.0436158942016938,
    1.31558702896054,
    -0.314126758204563,
    1.15373985810677,
    1.7783394086211,
]
GI_STAR = [
    -1.39727626201154,
    -0.289177615627128,
    0.650649635161037,
    -0.289177615627128,
    1.23452088351987,
    2.0242433093899,
]
# De Smith, Goodchild and Longley's ten cells (esda's test data).
OF_TEN = [2.24, 3.1, 4.55, -5.15, -4.39, 0.46, 5.54, 9.02, -2.09, -3.06]
BY_TEN = "1 3,0 4,3 6,0 2 4 7,1 3 5 8,4 9,2 7,3 6 8,4 7 9,5 8"
# The dietary example of McDonald's Handbook of Biological Statistics, and R's p.adjust of it.
P = "0.001 0.008 0.039 0.041 0.042 0.06 0.074 0.205 0.212 0.216 0.222 0.251 0.269 0.275 0.34 0.341"
P += " 0.384 0.569 0.594 0.696 0.762 0.94 0.942 0.975 0.986"


def case(name: str) -> dict[str, Any]:
    """Return one of the published cases."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))[name]
    return found


def joined(neighbours: list[list[int]]) -> sp.csr_array:
    """Return lists of neighbours as a matrix."""
    matrix = np.zeros((len(neighbours), len(neighbours)))
    for row, columns in enumerate(neighbours):
        matrix[row, columns] = 1.0
    return sp.csr_array(matrix)


def within_15() -> sp.csr_array:
    """Return which of the six points are at most 15 apart."""
    apart = np.hypot(*(POINTS[:, None] - POINTS).T)
    return sp.csr_array(((apart > 0) & (apart <= 15)).astype(float))


@here
@pytest.mark.parametrize("name", ["stl", "sids2"])
def test_published_counties__have_the_moran_and_the_p_of_pysal(name: str) -> None:
    given = case(name)
    found = morans_i(given["y"], joined(given["neighbors"]))
    npt.assert_allclose(found.value, given["moran_I_row_standardised"], rtol=0, atol=5e-16)
    npt.assert_allclose(ndtr(-found.z_normal), given["p_norm_one_sided"], rtol=0, atol=1e-16)
    npt.assert_allclose(found.p_normal, 2 * given["p_norm_one_sided"], rtol=0, atol=2e-16)


@here
def test_published_lattice__has_both_variances() -> None:
    given = case("lattice3x3_rook")
    found = morans_i(given["y"], joined(given["neighbors"]), standardise=False)
    npt.assert_allclose(found.variance_normal, given["binary_VI_norm"], rtol=1e-15)
    npt.assert_allclose(found.variance, given["binary_VI_rand"], rtol=1e-14)


@pytest.mark.parametrize(("star", "published"), [(False, GI), (True, GI_STAR)])
@pytest.mark.parametrize("by_row", [False, True])
def test_six_points__have_the_z_of_spdep_whatever_the_scale_of_a_row(
    published: list[float], *, star: bool, by_row: bool
) -> None:
    """esda's tests hold -0.62074534 and -0.62488094 for the first point and row-standardised."""
    weights = row_standardised(within_15()) if by_row else within_15()
    found = getis_ord(OF_POINTS, weights, star=star).z
    npt.assert_allclose(found, published, rtol=0, atol=1e-13)
    assert abs(found[0] - (-0.62488094 if star else -0.62074534)) > 0.3


@here
def test_six_points__typed_here_are_those_of_the_case() -> None:
    given = case("points6_band15")
    npt.assert_array_equal(POINTS, given["points"])
    assert given["y"] == OF_POINTS
    for key, typed in (("Gi", GI), ("Gi_star", GI_STAR)):
        npt.assert_array_equal(typed, given["spdep_1_2_7"][f"{key}_binary"])
        npt.assert_allclose(typed, given["spdep_1_2_7"][f"{key}_row"], rtol=1e-13)
        npt.assert_allclose(typed[0], given[f"{key}_binary_z_first"], atol=2e-9)


def test_ten_cells__have_the_local_moran_of_spdep_by_n_and_of_esda_by_n_minus_1() -> None:
    weights = joined([[int(each) for each in row.split()] for row in BY_TEN.split(",")])
    spdep = [-0.1267697, -0.2215616, -0.148349]
    npt.assert_allclose(local_moran(OF_TEN, weights).value[:3], spdep, rtol=0, atol=5e-8)
    found = local_moran(OF_TEN, weights, divisor="n-1")
    npt.assert_allclose(found.value[:2], [-0.1140927710443963, -0.19940542567754868], rtol=1e-14)
    assert "".join(str(QUADRANTS.index(each) + 1) for each in found.quadrant) == "4442331433"


@here
def test_ten_cells__are_those_of_the_case() -> None:
    given = case("desmith")
    assert given["y"] == OF_TEN
    found = local_moran(given["y"], joined(given["neighbors"]), divisor="n-1")
    npt.assert_allclose(found.value, given["local_moran_I_row_standardised"], rtol=0, atol=3e-16)
    assert [QUADRANTS.index(each) + 1 for each in found.quadrant] == given["quadrant"]


def test_adjusted_p__are_those_of_r() -> None:
    p = [float(each) for each in P.split()]
    npt.assert_allclose(adjusted(p)[[0, 1, 2, 5, 6]], [0.025, 0.1, 0.21, 0.25, 0.074 * 25 / 7])
    npt.assert_allclose(adjusted(p, "holm")[:6], [0.025, 0.192, 0.897, 0.902, 0.902, 1])
    npt.assert_allclose(adjusted(p, "bonferroni")[:4], [0.025, 0.2, 0.975, 1])
    npt.assert_allclose(adjusted(p, "by")[0], 0.0953989544438377, rtol=1e-14)


@here
@pytest.mark.parametrize("name", ["BH", "BY", "holm", "bonferroni"])
def test_adjusted_p__are_those_of_r_in_every_place(name: str) -> None:
    given = case("p_adjust")
    npt.assert_array_equal(given["p"], [float(each) for each in P.split()])
    npt.assert_allclose(adjusted(given["p"], name.lower()), given[name], rtol=0, atol=5e-15)
