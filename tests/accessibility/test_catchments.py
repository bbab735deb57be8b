"""Sums and floating catchments beside their slow twins, the laws they keep, and bad arrays."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy import testing
from scipy import sparse

from inclusion_marker.accessibility.catchments import (
    balanced,
    catchment_ratio,
    modified_two_step,
    spatial_availability,
    three_step,
    two_step,
)
from inclusion_marker.accessibility.decays import (
    Decay,
    Epanechnikov,
    Exponential,
    Linear,
    Power,
    Step,
    Stepped,
    TruncatedGaussian,
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
Measure = Callable[[Costs, Floats, Floats, Decay], Floats]
EXAMPLES = settings(deadline=None, max_examples=60)
CATCHMENTS: list[Measure] = [
    two_step,
    modified_two_step,
    three_step,
    balanced,
    spatial_availability,
]
EVERY = pytest.mark.parametrize("measure", CATCHMENTS)
decays = st.one_of(
    st.sampled_from([Step(15), Step(30), Linear(30), Exponential(0.05), TruncatedGaussian(25)]),
    st.sampled_from([Epanechnikov(20), Power(1), Power(2, cutoff_min=30)]),
    st.just(Stepped((10, 20, 30), (1.0, 0.68, 0.22))),
)


@dataclass(frozen=True)
class Town:
    """Minutes from origins to facilities, people and supply."""

    minutes: Floats
    people: Floats
    supply: Floats

    @property
    def costs(self) -> Costs:
        """Return the pairs that are connected."""
        return Costs.of(self.minutes)


@st.composite
def towns(draw: st.DrawFn) -> Town:
    """Return a town of up to six origins and five facilities; some are cut off, some are empty."""
    n, m = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    time = st.one_of(st.just(math.nan), st.sampled_from([0.0, 10.0, 30.0]), st.floats(0, 60))
    minutes = draw(st.lists(time, min_size=n * m, max_size=n * m))
    people = draw(st.lists(st.integers(0, 500).map(float), min_size=n, max_size=n))
    supply = draw(st.lists(st.integers(0, 90).map(float), min_size=m, max_size=m))
    return Town(np.array(minutes).reshape(n, m), np.array(people), np.array(supply))


def served(town: Town, decay: Decay) -> float:
    """Return the supply that has people in reach."""
    asking = passive(town.costs, town.people, decay)
    return float(town.supply[asking > 0].sum())


# ── slow twins ───────────────────────────────────────────────────────────────
def naive_weights(town: Town, decay: Decay) -> list[list[float]]:
    """Return the weight of each pair, 0 where there is no way."""
    return [[float(weigh(decay, np.array(t))) for t in row] for row in town.minutes]


def naive_two_step(town: Town, decay: Decay, power: int = 1) -> list[float]:
    """Return the two-step catchment, or the modified one with a power of 2."""
    w, (n, m) = naive_weights(town, decay), town.minutes.shape
    asking = [sum(town.people[i] * w[i][j] for i in range(n)) for j in range(m)]
    ratio = [town.supply[j] / asking[j] if asking[j] > 0 else 0.0 for j in range(m)]
    return [sum(ratio[j] * w[i][j] ** power for j in range(m)) for i in range(n)]


def naive_three_step(town: Town, decay: Decay) -> list[float]:
    """Return the three-step catchment by multiplying each weight by its share of the row."""
    rows = [[w * w / (sum(row) or 1) for w in row] for row in naive_weights(town, decay)]
    n, m = town.minutes.shape
    asking = [sum(town.people[i] * rows[i][j] for i in range(n)) for j in range(m)]
    ratio = [town.supply[j] / asking[j] if asking[j] > 0 else 0.0 for j in range(m)]
    return [sum(ratio[j] * rows[i][j] for j in range(m)) for i in range(n)]


def naive_balanced(town: Town, decay: Decay) -> list[float]:
    """Return the balanced catchment by normalising rows, then columns."""
    w = np.array(naive_weights(town, decay))
    rows = np.array([row / (row.sum() or 1) for row in w])
    columns = np.array([column / (column.sum() or 1) for column in w.T]).T
    asking = town.people @ rows
    service = [s / a if a > 0 else 0.0 for s, a in zip(town.supply, asking, strict=True)]
    return [float(x) for x in columns @ np.array(service)]


@EXAMPLES
@given(towns(), decays)
def test_measures__equal_their_slow_twins(town: Town, decay: Decay) -> None:
    arrays = (town.costs, town.people, town.supply, decay)
    twins = (
        (two_step(*arrays), naive_two_step(town, decay)),
        (modified_two_step(*arrays), naive_two_step(town, decay, 2)),
        (three_step(*arrays), naive_three_step(town, decay)),
        (balanced(*arrays), naive_balanced(town, decay)),
    )
    for found, expected in twins:
        testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@EXAMPLES
@given(towns(), st.integers(1, 120))
def test_time_to_n__is_the_first_cutoff_that_holds_n(town: Town, n: int) -> None:
    expected = []
    for row in town.minutes:
        enough = [t for t in row if town.supply[row <= t].sum() >= n]
        expected.append(min(enough, default=math.nan))
    testing.assert_array_equal(time_to_n(town.costs, town.supply, n), expected)


@EXAMPLES
@given(towns())
def test_interval__is_the_median_over_the_cutoffs(town: Town) -> None:
    cutoffs = (28, 28.5, 29, 29.5, 30)
    rows = zip(*(cumulative(town.costs, town.supply, c) for c in cutoffs), strict=True)
    found = cumulative_interval(town.costs, town.supply, 28, 30, 0.5)
    assert found.tolist() == [statistics.median(row) for row in rows]


# ── laws ─────────────────────────────────────────────────────────────────────
@EXAMPLES
@given(towns(), decays)
def test_supply__is_handed_out_whole(town: Town, decay: Decay) -> None:
    # Luo and Wang (2003); Paez et al. (2019) on what other weights inflate.
    arrays = (town.costs, town.people, town.supply, decay)
    total = pytest.approx(served(town, decay), rel=1e-9, abs=1e-9)
    assert two_step(*arrays) @ town.people == total
    assert three_step(*arrays) @ town.people == total
    assert three_step(*arrays, cutoff_min=1000, shares="all") @ town.people == total
    assert spatial_availability(*arrays).sum() == total


@EXAMPLES
@given(towns(), decays)
def test_balanced__keeps_people_and_level_of_service(town: Town, decay: Decay) -> None:
    costs, weight = town.costs, weigh(decay, town.costs.minutes)
    reached = costs.by_origin(weight)
    share = weight / np.where(reached > 0, reached, 1)[costs.row]
    asking = costs.by_facility(share * town.people[costs.row])
    assert asking.sum() == pytest.approx(town.people[reached > 0].sum())
    service = sum(s / a for s, a in zip(town.supply, asking, strict=True) if a > 0)
    found = balanced(costs, town.people, town.supply, decay)
    assert found.sum() == pytest.approx(service, rel=1e-9)


def test_balanced__does_not_hand_out_the_supply() -> None:
    # Two places with 1 and 3 people, one facility of 4: each has half the level of service.
    costs = Costs.of(np.array([[5.0], [5.0]]))
    found = balanced(costs, np.array([1.0, 3.0]), np.array([4.0]), Step(10))
    assert found.tolist() == [0.5, 0.5]
    assert found @ [1, 3] == 2


@EXAMPLES
@given(towns(), decays)
def test_modified__is_never_above_the_enhanced(town: Town, decay: Decay) -> None:
    arrays = (town.costs, town.people, town.supply, decay)
    assert (modified_two_step(*arrays) <= two_step(*arrays) * (1 + 1e-12)).all()


@EXAMPLES
@given(towns(), st.sampled_from([Step(15), Step(30)]))
def test_modified__is_two_step_where_all_weights_are_1(town: Town, decay: Decay) -> None:
    arrays = (town.costs, town.people, town.supply, decay)
    testing.assert_array_equal(modified_two_step(*arrays), two_step(*arrays))


@EXAMPLES
@given(towns(), decays)
def test_availability__per_head_is_the_two_step_catchment(town: Town, decay: Decay) -> None:
    arrays = (town.costs, town.people, town.supply, decay)
    available = spatial_availability(*arrays)
    testing.assert_allclose(available, two_step(*arrays) * town.people, rtol=1e-9, atol=1e-12)


@EXAMPLES
@given(towns(), st.floats(0, 3))
def test_availability__of_any_exponent_is_the_whole_supply(town: Town, alpha: float) -> None:
    found = spatial_availability(town.costs, town.people, town.supply, Linear(30), alpha=alpha)
    assert found.sum() == pytest.approx(served(town, Linear(30)), rel=1e-9, abs=1e-9)
    assert not found[town.people == 0].any()


@EXAMPLES
@given(towns(), decays)
def test_second_step__with_the_same_weight_changes_nothing(town: Town, decay: Decay) -> None:
    arrays = (town.costs, town.people, town.supply, decay)
    testing.assert_array_equal(two_step(*arrays, second=decay), two_step(*arrays))
    wide = two_step(*arrays, second=Step(1000))
    assert (wide >= two_step(*arrays) * (1 - 1e-12)).all()


@EVERY
def test_one_catchment__gives_all_the_same_share(measure: Measure) -> None:
    # Everybody reaches everything and weighs alike: A = S / P at each cell.
    people, supply = np.array([10.0, 30.0, 60.0]), np.array([5.0, 15.0])
    found = measure(Costs.of(np.full((3, 2), 7.0)), people, supply, Step(30))
    share = 20 / 100
    expected = np.full(3, share)
    if measure is spatial_availability:
        expected = share * people
    if measure is balanced:
        expected = np.full(3, 20 / 50 / 3)  # half the people ask at each; a third of it each
    testing.assert_allclose(found, expected, rtol=1e-12)


@EXAMPLES
@given(towns(), st.sampled_from([1.0, 10.0, 15.0, 30.0]))
def test_gravity__of_a_step_is_cumulative(town: Town, cutoff: float) -> None:
    expected = [town.supply[row <= cutoff].sum() for row in town.minutes]
    assert cumulative(town.costs, town.supply, cutoff).tolist() == expected
    assert gravity(town.costs, town.supply, Step(cutoff)).tolist() == expected


@EXAMPLES
@given(towns(), st.floats(0.01, 70), st.floats(0, 20))
def test_cumulative__never_falls_with_a_longer_cutoff(
    town: Town, cutoff: float, more: float
) -> None:
    nearer = cumulative(town.costs, town.supply, cutoff)
    assert (cumulative(town.costs, town.supply, cutoff + more) >= nearer).all()


@EXAMPLES
@given(towns(), decays, st.data())
def test_a_new_facility__never_lowers_access(town: Town, decay: Decay, data: st.DataObject) -> None:
    last = data.draw(st.integers(0, len(town.supply) - 1))
    without = Town(np.delete(town.minutes, last, axis=1), town.people, np.delete(town.supply, last))
    assume(without.supply.size)
    slack = 1 - 1e-12
    assert (
        gravity(town.costs, town.supply, decay)
        >= gravity(without.costs, without.supply, decay) * slack
    ).all()
    assert (
        two_step(town.costs, town.people, town.supply, decay)
        >= two_step(without.costs, without.people, without.supply, decay) * slack
    ).all()
    before = time_to_n(without.costs, without.supply, 5)
    after = time_to_n(town.costs, town.supply, 5)
    assert (after[~np.isnan(before)] <= before[~np.isnan(before)]).all()


@EXAMPLES
@given(towns(), decays, st.floats(0.1, 9))
def test_more_people__lower_two_step_in_proportion(town: Town, decay: Decay, c: float) -> None:
    few = two_step(town.costs, town.people, town.supply, decay)
    many = two_step(town.costs, town.people * c, town.supply, decay)
    testing.assert_allclose(many * c, few, rtol=1e-9, atol=1e-12)


@EXAMPLES
@given(towns(), st.integers(2, 5))
def test_all_times_and_the_cutoff_scaled__give_the_same_counts(town: Town, c: int) -> None:
    town = Town(np.round(town.minutes), town.people, town.supply)
    found = cumulative(Costs.of(town.minutes * c), town.supply, 15 * c)
    assert found.tolist() == cumulative(town.costs, town.supply, 15).tolist()


@EXAMPLES
@given(towns(), decays, st.randoms(use_true_random=False))
def test_order_of_the_pairs__changes_no_bit(town: Town, decay: Decay, random: object) -> None:
    costs = town.costs
    order = np.array(range(costs.row.size), dtype=np.int64)
    getattr(random, "shuffle")(order)  # noqa: B009 - the type of hypothesis has no name
    mixed = Costs(costs.row[order], costs.column[order], costs.minutes[order], costs.shape)
    for measure in CATCHMENTS:
        once = measure(costs, town.people, town.supply, decay)
        testing.assert_array_equal(measure(mixed, town.people, town.supply, decay), once)
    again = time_to_n(mixed, town.supply, 3)
    testing.assert_array_equal(again, time_to_n(costs, town.supply, 3))


@EXAMPLES
@given(towns(), decays)
def test_order_of_the_origins__moves_the_values_with_them(town: Town, decay: Decay) -> None:
    back = Town(town.minutes[::-1, ::-1], town.people[::-1], town.supply[::-1])
    for measure in CATCHMENTS:
        found = measure(back.costs, back.people, back.supply, decay)[::-1]
        expected = measure(town.costs, town.people, town.supply, decay)
        testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@EXAMPLES
@given(towns(), decays)
def test_passive__is_gravity_seen_from_the_facilities(town: Town, decay: Decay) -> None:
    there = passive(town.costs, town.people, decay)
    testing.assert_array_equal(there, gravity(town.costs.transposed(), town.people, decay))


@EXAMPLES
@given(towns(), decays)
def test_sparse_and_dense__are_the_same_town(town: Town, decay: Decay) -> None:
    costs = town.costs
    stored = sparse.coo_array((costs.minutes, (costs.row, costs.column)), shape=costs.shape)
    far = np.where(np.isnan(town.minutes), np.inf, town.minutes)
    for other in (Costs.of(stored), Costs.of(stored.tocsr()), Costs.of(far)):
        assert other.row.size == costs.row.size  # a stored 0 is a time of 0, not an absence
        testing.assert_array_equal(
            two_step(other, town.people, town.supply, decay),
            two_step(costs, town.people, town.supply, decay),
        )


# ── traps ────────────────────────────────────────────────────────────────────
@EVERY
def test_a_facility_with_nobody_in_reach__is_not_infinite(measure: Measure) -> None:
    costs = Costs.of(np.array([[5.0, 90.0], [np.nan, 5.0]]))
    found = measure(costs, np.array([10.0, 0.0]), np.array([4.0, 8.0]), Step(30))
    assert np.isfinite(found).all()
    assert found[1] == 0  # its only facility has nobody to share itself out to


@EVERY
def test_people_at_the_far_end_of_an_exponential__are_nobody(measure: Measure) -> None:
    costs = Costs.of(np.array([[740.0], [744.0]]))  # weights that a float can hardly hold
    found = measure(costs, np.array([3.0, 2.0]), np.array([8.0]), Exponential(1))
    assert found.tolist() == [0, 0]


@pytest.mark.parametrize("measure", [two_step, modified_two_step, three_step, balanced])
def test_a_cell_without_people__has_its_access(measure: Measure) -> None:
    costs = Costs.of(np.array([[5.0], [5.0]]))
    assert measure(costs, np.array([10.0, 0.0]), np.array([4.0]), Step(30))[1] > 0


@EVERY
def test_a_cell_that_reaches_nothing__has_no_access(measure: Measure) -> None:
    costs = Costs.of(np.array([[5.0], [31.0], [np.nan]]))
    found = measure(costs, np.array([10.0, 5.0, 5.0]), np.array([4.0]), Step(30))
    assert found[1:].tolist() == [0, 0]


def test_facilities_at_one_place__add_up() -> None:
    one, two = Costs.of(np.array([[5.0]])), Costs.of(np.array([[5.0, 5.0]]))
    people = np.array([10.0])
    assert cumulative(two, np.ones(2), 30).tolist() == [2]
    both = two_step(two, people, np.array([3.0, 4.0]), Step(30))
    assert both == pytest.approx(two_step(one, people, np.array([7.0]), Step(30)))


def test_time_to_n__forgives_the_rounding_of_sums() -> None:
    costs = Costs.of(np.arange(1.0, 11.0)[None])
    assert sum([0.1] * 10) < 1
    assert time_to_n(costs, np.full(10, 0.1), 1).tolist() == [10]


def test_time_to_n__skips_facilities_that_offer_nothing() -> None:
    costs = Costs.of(np.array([[1.0, 8.0], [np.nan, np.nan]]))
    found = time_to_n(costs, np.array([0.0, 1.0]), 1)
    testing.assert_array_equal(found, [8, np.nan])


def test_interval__holds_its_last_cutoff_in_fractions() -> None:
    costs = Costs.of(np.array([[0.7, 0.8]]))
    assert 0.7 + 0.1 < 0.8
    assert cumulative_interval(costs, np.ones(2), 0.7, 0.8, 0.1).tolist() == [1.5]
    assert cumulative_interval(costs, np.ones(2), 0.8, 0.8).tolist() == [2]


def test_no_pairs_at_all__give_zeros() -> None:
    costs = Costs.of(np.full((2, 3), np.nan))
    for measure in CATCHMENTS:
        assert measure(costs, np.ones(2), np.ones(3), Step(5)).tolist() == [0, 0]
    assert cumulative(costs, np.ones(3), 5).dtype == np.float64
    assert np.isnan(time_to_n(costs, np.ones(3), 1)).all()


def test_three_step__of_one_facility_each_is_two_step() -> None:
    costs = Costs.of(np.array([[5.0, np.nan], [8.0, np.nan], [np.nan, 20.0]]))
    arrays = (costs, np.array([3.0, 4.0, 5.0]), np.array([2.0, 6.0]), Linear(30))
    testing.assert_allclose(three_step(*arrays), two_step(*arrays), rtol=1e-12)


def test_three_step__conventions_part_where_the_decay_outlives_the_catchment() -> None:
    costs = Costs.of(np.array([[10.0, 40.0], [10.0, 10.0]]))
    arrays = (costs, np.array([3.0, 4.0]), np.array([2.0, 6.0]), Power(1))
    every = three_step(*arrays, cutoff_min=30, shares="all")
    reached = three_step(*arrays, cutoff_min=30, shares="reached")
    assert every[0] < reached[0]
    same = three_step(*arrays, cutoff_min=40, shares="all")
    testing.assert_array_equal(same, three_step(*arrays, cutoff_min=40))


def test_ratio__where_nobody_is_around_is_0() -> None:
    costs = Costs.of(np.array([[5.0], [5.0]]))
    among = Costs.of(np.array([[0.0, 40.0], [40.0, 0.0]]))
    found = catchment_ratio(costs, among, np.array([4.0, 0.0]), np.array([2.0]), Step(20))
    assert found.tolist() == [0.5, 0]


# ── bad arrays ───────────────────────────────────────────────────────────────
ONE = Costs.of(np.array([[5.0]]))
FIVE = np.array([5.0])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Costs.of(np.array([5.0])), r"shape \(1,\)"),
        (lambda: Costs.of(np.array([[-1.0]])), r"Costs\.minutes\n.*-1"),
        (lambda: Costs.of(np.array([[-np.inf]])), r"Costs\.minutes\n.*-inf"),
        (lambda: Costs(np.array([0]), np.array([0]), np.array([np.nan]), (1, 1)), "nan"),
        (lambda: Costs(np.array([1]), np.array([0]), FIVE, (1, 1)), r"Costs\.row\n.*1"),
        (lambda: Costs(np.array([0]), np.array([-1]), FIVE, (1, 1)), r"Costs\.column\n.*-1"),
        (lambda: Costs(np.array([0, 0]), np.array([0]), FIVE, (1, 1)), r"\(2,\)"),
        (
            lambda: Costs(np.array([0, 0]), np.array([0, 0]), np.array([5.0, 6.0]), (1, 1)),
            r"\(0, 0\), twice",
        ),
        (lambda: cumulative(ONE, np.ones(2), 5), r"supply\n.*shape \(2,\)"),
        (lambda: cumulative(ONE, np.array([np.nan]), 5), r"supply\n.*nan"),
        (lambda: cumulative(ONE, np.array([np.inf]), 5), r"supply\n.*inf"),
        (lambda: cumulative(ONE, np.array([-2.0]), 5), r"supply\n.*-2"),
        (lambda: passive(ONE, np.array([[1.0]]), Step(5)), r"demand\n.*shape \(1, 1\)"),
        (lambda: two_step(ONE, np.array([-1.0]), FIVE, Step(5)), r"demand\n.*-1"),
        (lambda: time_to_n(ONE, FIVE, 0), r"n\n.*0"),
        (lambda: time_to_n(ONE, FIVE, math.nan), r"n\n.*nan"),
        (lambda: cumulative_interval(ONE, FIVE, 45, 40), r"last_min\n.*40"),
        (lambda: cumulative_interval(ONE, FIVE, 0, 40), r"first_min\n.*0"),
        (lambda: cumulative_interval(ONE, FIVE, 5, 40, -1), r"step_min\n.*-1"),
        (lambda: cumulative_interval(ONE, FIVE, 5, 40, 0.01), r"3501"),
        (lambda: spatial_availability(ONE, FIVE, FIVE, Step(5), alpha=-1), r"alpha\n.*-1"),
        (lambda: three_step(ONE, FIVE, FIVE, Step(5), shares="some"), r"shares\n.*some"),  # type: ignore[arg-type]
        (lambda: three_step(ONE, FIVE, FIVE, Step(5), cutoff_min=-1), r"cutoff_min"),
        (
            lambda: catchment_ratio(ONE, Costs.of(np.zeros((2, 2))), FIVE, FIVE, Step(5)),
            r"among\n.*\(2, 2\)",
        ),
    ],
)
def test_bad_array__is_refused_by_its_name(make: Callable[[], object], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        make()
