"""The measures of access beside the figures that others print, at the precision they print."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from numpy import testing

from inclusion_marker.accessibility.catchments import (
    balanced,
    catchment_ratio,
    spatial_availability,
    three_step,
    two_step,
)
from inclusion_marker.accessibility.decays import (
    Decay,
    Exponential,
    Gaussian,
    Linear,
    Logistic,
    Power,
    Step,
    Stepped,
    Tabulated,
    weigh,
)
from inclusion_marker.accessibility.opportunities import (
    cumulative,
    cumulative_interval,
    gravity,
    passive,
    time_to_n,
)
from inclusion_marker.accessibility.pairs import Costs
from inclusion_marker.errors import ParameterError

Floats = npt.NDArray[np.float64]
ANY = Step(1000)  # a weight of 1 wherever there is a way

# ── five hexagons of Belo Horizonte ──────────────────────────────────────────
# R package `accessibility` of IPEA (MIT), tests/testthat/*.R on inst/extdata/travel_matrix.rds and
# land_use_data.rds: 89a88cdb57bffff, 89a88cdb597ffff, 89a88cdb5b3ffff, 89a88cdb5cfffff and
# 89a88cd909bffff; rows are origins. Its tests were edited when the data were: the figures below
# are those that belong to this matrix.
BELO = Costs.of(
    np.array(
        [
            [5.8, 47, 48, 47, 64],
            [45, 5.8, 13, 41, 70],
            [44, 13, 5.8, 42, 67],
            [43, 43, 49, 5.8, 58],
            [60, 70, 68, 64, 5.8],
        ]
    )
)
PEOPLE = np.array([852.0, 394, 1969, 2189, 0])
JOBS = np.array([82.0, 308, 100, 109, 0])
SCHOOLS = np.array([0.0, 2, 0, 0, 0])


def test_belo__jobs_within_30_minutes() -> None:
    # test-cumulative_cutoff.R
    assert cumulative(BELO, JOBS, 30).tolist() == [82, 408, 408, 109, 0]


def test_belo__people_who_come_within_45_minutes() -> None:
    # test-cumulative_cutoff.R, passive
    assert passive(BELO, PEOPLE, Step(45)).tolist() == [5404, 4552, 2363, 4552, 0]


def test_belo__closest_school() -> None:
    # test-cost_to_closest.R
    assert time_to_n(BELO, SCHOOLS, 1).tolist() == [47, 5.8, 13, 43, 70]


def test_belo__closest_resident() -> None:
    # test-cost_to_closest.R, passive: the hexagon without people is reached from the fourth
    assert time_to_n(BELO.transposed(), PEOPLE, 1).tolist() == [5.8, 5.8, 5.8, 5.8, 58]


@pytest.mark.parametrize(
    ("measure", "decay", "expected"),
    [
        (two_step, Step(45), [0.0152, 0.1491, 0.1491, 0.1068, 0]),
        (balanced, Step(45), [0.0094, 0.1993, 0.1993, 0.1147, 0]),
        (two_step, ANY, [0.1108] * 5),
    ],
)
def test_belo__floating_catchments_of_jobs(
    measure: Callable[[Costs, Floats, Floats, Decay], Floats], decay: Decay, expected: list[float]
) -> None:
    # test-floating_catchment_area.R
    assert measure(BELO, PEOPLE, JOBS, decay).round(4).tolist() == expected


def test_belo__median_of_cutoffs_from_40_to_45() -> None:
    # test-cumulative_interval.R
    assert cumulative_interval(BELO, JOBS, 40, 45).tolist() == [82, 517, 517, 304, 0]


def test_belo__spatial_availability_of_jobs_where_all_is_near() -> None:
    # test-spatial_availability.R
    found = spatial_availability(BELO, PEOPLE, JOBS, ANY)
    assert found.round(0).tolist() == [94, 44, 218, 243, 0]


# ── the three centres of Soukhov et al. ──────────────────────────────────────
# Soukhov, Paez, Higgins and Mohamed (2023), PLOS ONE 18(1) e0278468; also in
# test-spatial_availability.R.
CENTRES = Costs.of(np.array([[15.0, 30, 100], [30, 15, 100], [100, 100, 15]]))
WORKERS, WORK = np.array([50_000.0, 150_000, 10_000]), np.array([100_000.0, 100_000, 10_000])


def test_centres__spatial_availability() -> None:
    found = spatial_availability(CENTRES, WORKERS, WORK, Exponential(0.1))
    assert found.round(0).tolist() == [66_833, 133_203, 9_963]
    assert found.sum() == pytest.approx(210_000, rel=1e-12)


def test_centres__availability_per_head_is_the_two_step_catchment() -> None:
    per_head = spatial_availability(CENTRES, WORKERS, WORK, Exponential(0.1)) / WORKERS
    testing.assert_allclose(
        per_head, two_step(CENTRES, WORKERS, WORK, Exponential(0.1)), rtol=1e-12
    )


# ── three tracts and three hospitals ─────────────────────────────────────────
# PySAL access 1.1.10 (BSD), access/tests/test_hospital_example.py: the weight is 1/t, catchments
# end before 61 minutes, the way across town takes 80 (left out) or 40.
TRACTS, DOCTORS = np.array([100.0, 50, 10]), np.array([15.0, 20, 100])
HOSPITALS = {
    (40.0, 40.0, 80.0): (
        (0.33144412, 0.57982813, 7.28641817),
        (0.15625659, 0.40621645, 9.90635185),
    ),
    (20.0, 40.0, 80.0): (
        (0.43534022, 0.68372424, 5.72797661),
        (0.17381354, 0.42377244, 9.64300237),
    ),
    (40.0, 20.0, 80.0): (
        (0.33107191, 0.57785779, 7.29999194),
        (0.15652593, 0.40637274, 9.90287702),
    ),
    (20.0, 20.0, 40.0): (
        (0.44256840, 0.66675828, 5.74052465),
        (0.17480215, 0.42403551, 9.63180098),
    ),
}
PLACES = pytest.mark.parametrize("times", HOSPITALS)


def tracts(inbound: float, outbound: float, across: float) -> Costs:
    """Return the minutes between two suburbs and the city."""
    return Costs.of(np.array([[1, across, inbound], [across, 1, inbound], [outbound, outbound, 1]]))


@PLACES
def test_hospitals__two_step(times: tuple[float, float, float]) -> None:
    found = two_step(tracts(*times), TRACTS, DOCTORS, Power(1, cutoff_min=60.9))
    testing.assert_allclose(found, HOSPITALS[times][0], atol=6e-9, rtol=0)


@PLACES
def test_hospitals__three_step_with_shares_over_all(times: tuple[float, float, float]) -> None:
    found = three_step(tracts(*times), TRACTS, DOCTORS, Power(1), cutoff_min=60.9, shares="all")
    testing.assert_allclose(found, HOSPITALS[times][1], atol=6e-9, rtol=0)


@PLACES
def test_hospitals__the_two_conventions_differ_where_a_way_is_left_out(
    times: tuple[float, float, float],
) -> None:
    found = three_step(tracts(*times), TRACTS, DOCTORS, Power(1), cutoff_min=60.9, shares="reached")
    is_same = np.allclose(found, HOSPITALS[times][1], atol=1e-6, rtol=0)
    assert is_same == (max(times) < 60.9)


# ── a grid of 5 by 5 ─────────────────────────────────────────────────────────
# PySAL access, access/tests/test_weighted_catchment.py, test_floating_catchment_area.py and
# test_weights.py: unit squares, straight-line distances, numbered from 1.
CORNERS = np.array([(float(x), float(y)) for x in range(5) for y in range(5)])
APART = np.hypot(*(CORNERS[:, None] - CORNERS[None]).transpose(2, 0, 1))
SOME = [3, 7, 12, 18, 20]


def test_grid__sums_of_distances_over_60() -> None:
    # `gravity(scale=60, alpha=1)` there is (t / 60) ** +1: a weight that rises with distance. As
    # no decay here rises, unless one writes it as a table, a table it is.
    found = gravity(Costs.of(APART), np.ones(25), Tabulated((0, 60), (0, 1)))
    # The last figure is cut, not rounded: 1.1337330268 to ten digits.
    expected = [1.322340210, 1.322340210, 0.780985109, 0.925540119, 1.133733026]
    testing.assert_allclose(found[np.array([1, 5, 13, 19, 24]) - 1], expected, atol=1e-9, rtol=0)


@pytest.mark.parametrize(("reach", "expected"), [(1000.0, 5.0), (0.9, 1.0)])
def test_grid__25_supplies_for_five_people(reach: float, expected: float) -> None:
    # Their three-step weight is 25 up to 10; a factor common to all weights cancels.
    costs, among = Costs.of(APART[SOME]), Costs.of(APART[np.ix_(SOME, SOME)])
    people, supply = np.ones(5), np.ones(25)
    rings = Stepped((min(10, reach), min(20, reach + 1)), (1, 0.68 if reach > 1 else 0))
    testing.assert_allclose(two_step(costs, people, supply, Step(reach)), expected)
    testing.assert_allclose(two_step(costs, people, supply, rings), expected)
    testing.assert_allclose(catchment_ratio(costs, among, people, supply, Step(reach)), expected)
    found = three_step(costs, people, supply, Step(10), cutoff_min=reach, shares="all")
    testing.assert_allclose(found, expected)


def test_grid__a_negative_cutoff_is_refused() -> None:
    # They answer NaN for a cut-off of -1, as no row is left; here it is a fault of the caller.
    with pytest.raises(ParameterError, match=r"Step\.cutoff_min"):
        cumulative(Costs.of(APART), np.ones(25), -1)


# ── decays ───────────────────────────────────────────────────────────────────
# IPEA accessibility, tests/testthat/test-decay_*.R; PySAL access/tests/test_weights.py
DECAYS = [
    (Exponential(0.1), (0, 10, 20, 60), (1, np.exp(-1), np.exp(-2), np.exp(-6)), 1e-15),
    (Linear(20), (0, 5, 10, 20, 60), (1, 0.75, 0.5, 0, 0), 0),
    (Linear(30), (10,), (0.6667,), 5e-5),
    (Power(0.5), (0, 0.5, 1, 16, 64), (1, 1, 1, 0.25, 0.125), 1e-15),
    (Power(0.25), (256,), (0.25,), 1e-15),
    # Four weights there, of what lies beyond each limit; so the last is 0 and the first is 1.
    (
        Stepped((10, 20, 30, 40), (1, 0.75, 0.5, 0.25), closed=False),
        (0, 5, 10, 15, 20, 25, 30, 35, 40, 45),
        (1, 1, 0.75, 0.75, 0.5, 0.5, 0.25, 0.25, 0, 0),
        0,
    ),
    # Divided by the curve at 0, so that f(0) = 1 (Bauer and Groneberg 2016): half, and a bit.
    (Logistic(20, 2), (0, 20), (1, 0.5), 1e-8),
    (Logistic(30, 10), (0, 30), (1, 0.502), 5e-4),
    # Weights of Luo and Qi (2009), as PySAL's `step_fn({20: 1, 40: 0.68, 60: 0.22})`: closed.
    (
        Stepped((20, 40, 60), (1, 0.68, 0.22)),
        tuple(range(0, 80, 10)),
        (1, 1, 1, 0.68, 0.68, 0.22, 0.22, 0),
        0,
    ),
    (Gaussian(1), (1,), (0.6065306597,), 5e-11),
    (Gaussian(20), (0, 20, 40, 60), (1, 0.606530659712, 0.135335283236, 0.011108996538), 1e-12),
]


@pytest.mark.parametrize(("decay", "minutes", "expected", "printed"), DECAYS)
def test_decay__is_the_published_one(
    decay: Decay, minutes: tuple[float, ...], expected: tuple[float, ...], printed: float
) -> None:
    testing.assert_allclose(weigh(decay, np.array(minutes)), expected, atol=printed, rtol=0)
