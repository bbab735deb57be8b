"""Published figures of inequality: Mexico 1940-2000, PySAL's and the World Bank's examples.

The seven years are read in place from ``../shared/cases/pysal_inequality``; the year 1940 and the
small examples are typed here, so that they run elsewhere.

Left out: the spatial Gini (``wg``, ``wcg``), which nothing here needs: inequality is split between
districts by Theil's index, whose parts add up, and a Gini has a third part. Its figures are those
of ordered pairs, each pair twice; over unordered pairs they are half of it (442065 and 2176928).
The weighted figures of Belo Horizonte (ipea) and the adjusted HDI of UNDP are not at hand; weights
are held by deaths in India, and by the twin that repeats people (``test_inequality.py``).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest

from inclusion_marker.analysis.inequality.concentration import concentration_index
from inclusion_marker.analysis.inequality.decomposition import decompose
from inclusion_marker.analysis.inequality.distribution import lorenz
from inclusion_marker.analysis.inequality.measures import (
    atkinson,
    foster_greer_thorbecke,
    gini,
    theil_t,
)

CASE = Path(__file__).parents[3] / "shared" / "cases" / "pysal_inequality"
YEARS = range(1940, 2001, 10)
needs_case = pytest.mark.skipif(
    not CASE.is_dir(), reason="the published tables are not here (../shared/cases)"
)


# GDP a head of the 32 states in 1940 and their Hanson regions: Rey and Sastré-Gutiérrez (2010),
# Interregional inequality dynamics in Mexico, by way of the example data of PySAL (BSD-3).
MEXICO_1940 = """
10384 22361 9573 3758 2934 8578 8537 6909 17816 12132 4359 2181 4414 5309 3408 3327
6936 4836 9073 1892 3569 11016 21965 4372 4840 6399 2459 7508 3605 5203 7990 3734
"""
REGIONS = "2 1 2 5 5 1 1 3 4 2 3 5 3 3 4 3 3 2 1 5 3 3 5 2 2 1 5 1 3 3 5 2"


def test_mexico_1940__typed_again_has_the_gini_and_the_theil_of_pysal() -> None:
    values = np.array(MEXICO_1940.split(), np.float64)
    parts = decompose(values, np.ones(32), np.array(REGIONS.split()))
    assert gini(values, np.ones(32)) == pytest.approx(0.3537237117345285, abs=6e-17)
    assert parts.total == pytest.approx(0.20894344, abs=5.1e-9)
    assert parts.between == pytest.approx(0.0345889, abs=5.1e-8)


@pytest.fixture(scope="module")
def mexico() -> pd.DataFrame:
    """Return the GDP a head of the 32 states, and their regions."""
    return pd.read_csv(CASE / "mexico.csv")


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    """Return the figures of PySAL's tests."""
    found: dict[str, Any] = json.loads((CASE / "expected.json").read_text(encoding="utf-8"))
    return found


@needs_case
def test_mexico_1940__has_the_gini_of_pysal_to_the_last_bits(
    mexico: pd.DataFrame, expected: dict[str, Any]
) -> None:
    found = gini(mexico["pcgdp1940"], np.ones(32))
    assert found == pytest.approx(expected["gini_1940"], abs=6e-17)


@needs_case
@pytest.mark.parametrize("year", YEARS)
def test_mexico__has_the_theil_of_pysal_and_its_part_between_regions(
    mexico: pd.DataFrame, expected: dict[str, Any], year: int
) -> None:
    values, place = mexico[f"pcgdp{year}"], list(YEARS).index(year)
    parts = decompose(values, np.ones(32), mexico["region"])
    assert parts.total == pytest.approx(expected["theil_T_1940_2000"][place], abs=5.1e-9)
    assert parts.between == pytest.approx(expected["theil_between_regions"][place], abs=5.1e-9)
    assert parts.within == pytest.approx(parts.total - parts.between, abs=1e-15)


def test_country_c__has_the_poverty_of_the_world_bank_s_handbook() -> None:
    """Haughton and Khandker (2009), *Handbook on Poverty and Inequality*, chapter 4."""
    found = [
        foster_greer_thorbecke([100.0, 110, 150, 160], np.ones(4), 125, alpha)
        for alpha in (0, 1, 2)
    ]
    npt.assert_allclose(found, [0.5, 0.08, 0.0136], atol=1e-15)


def test_deaths_of_children_in_india__are_concentrated_as_published() -> None:
    """O'Donnell et al. (2008), *Analyzing Health Equity*, chapter 8: births weigh the fifths."""
    rates = [154.7, 152.9, 119.5, 86.9, 54.3]
    births = [29_939.0, 28_776, 26_528, 24_689, 19_739]
    assert concentration_index(rates, births, np.arange(5)) == pytest.approx(-0.1694, abs=5e-5)


def test_two_groups__differ_in_all_between_and_nothing_within() -> None:
    values = [0.0, 0, 0, 10, 10, 10]
    parts = decompose(values, np.ones(6), [0, 0, 0, 1, 1, 1])
    assert parts.total == parts.between == theil_t(values, np.ones(6)) == 0.6931471805599453
    assert parts.within == 0


@pytest.mark.parametrize(
    ("eps", "index", "alike"),
    [(0, 0.0, 30.0), (0.5, 0.06315, 28.105398233), (1, 0.1316096, 26.0517108)],
)
def test_ten_to_fifty__has_the_atkinson_of_pysal_and_its_equal_equivalent(
    eps: float, index: float, alike: float
) -> None:
    values = np.array([10.0, 20, 30, 40, 50])
    found = atkinson(values, np.ones(5), eps)
    assert found == pytest.approx(index, abs=5e-6 if eps == 0.5 else 5e-8)
    assert values.mean() * (1 - found) == pytest.approx(alike, abs=5e-8)


def test_one_to_five__has_the_lorenz_curve_of_pysal() -> None:
    curve = lorenz([1.0, 2, 3, 4, 5], np.ones(5))
    printed = [0, 0.06666667, 0.2, 0.4, 0.66666667, 1]
    npt.assert_allclose(curve["values"], printed, atol=5e-9)
    npt.assert_allclose(curve["people"], np.arange(6) / 5, atol=1e-15)
