"""Decays: the laws that their weights keep, their limits to the decisecond, and bad parameters."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy import testing

from inclusion_marker.accessibility.arguments import refuse, rising_faults, wrong_kind
from inclusion_marker.accessibility.decays import (
    Decay,
    Epanechnikov,
    Exponential,
    Gaussian,
    Linear,
    Logistic,
    Power,
    Step,
    Stepped,
    Tabulated,
    TruncatedGaussian,
    reach_min,
    table,
    weigh,
)
from inclusion_marker.errors import ParameterError

EXAMPLES = settings(deadline=None, max_examples=80)
span = st.integers(1, 60_000).map(lambda ds: ds / 600)
cutoff = st.one_of(st.none(), span)
share = st.floats(0, 1)
rings = st.lists(st.tuples(span, share), min_size=1, max_size=5, unique_by=lambda ring: ring[0])


def stepped(pairs: list[tuple[float, float]]) -> Stepped:
    """Return rings in rising order, the heaviest first."""
    limits = tuple(sorted(limit for limit, _ in pairs))
    return Stepped(limits, tuple(sorted((weight for _, weight in pairs), reverse=True)))


falling = st.one_of(
    st.builds(Step, span, st.booleans()),
    st.builds(Linear, span),
    st.builds(Exponential, st.floats(0, 5), cutoff),
    st.builds(Gaussian, span, cutoff),
    st.builds(TruncatedGaussian, span),
    st.builds(Epanechnikov, span),
    st.builds(Power, st.floats(0, 5), span, cutoff),
    st.builds(Logistic, st.floats(0, 100), span, cutoff),
    rings.map(stepped),
)
times = st.lists(st.floats(0, 500), min_size=1, max_size=20).map(np.array)


@EXAMPLES
@given(falling, times)
def test_weights__lie_between_0_and_1_and_never_rise(
    decay: Decay, minutes: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> None:
    weights = weigh(decay, np.sort(minutes))
    assert ((weights >= 0) & (weights <= 1)).all()
    assert (np.diff(weights) <= 1e-15).all()


@EXAMPLES
@given(falling)
def test_weights__end_where_the_decay_says_it_ends(decay: Decay) -> None:
    end = reach_min(decay)
    if math.isinf(end):
        assert weigh(decay, np.array([0.0]))[0] == 1
    else:
        assert weigh(decay, np.array([np.nextafter(end, np.inf), end + 60])).tolist() == [0, 0]


@EXAMPLES
@given(falling, st.integers(0, 500))
def test_table__is_the_decay_at_each_decisecond(decay: Decay, limit: int) -> None:
    found = table(decay, limit)
    assert found.shape == (limit + 1,)
    one_by_one = np.array([weigh(decay, np.array(k / 600)) for k in range(limit + 1)])
    testing.assert_allclose(found, one_by_one, atol=1e-15)  # numpy's lanes may round otherwise
    testing.assert_array_equal(found > 0, one_by_one > 0)


@pytest.mark.parametrize("last", [1, 59, 60, 599, 600, 7_777, 18_000, 35_999, 36_000])
def test_table__holds_the_cutoff_and_not_the_decisecond_after(last: int) -> None:
    minutes = last / 600
    closed, opened = table(Step(minutes), last + 1), table(Step(minutes, closed=False), last + 1)
    assert closed.sum() == last + 1
    assert opened.sum() == last
    assert table(Stepped((minutes,), (0.5,)), last + 1).sum() == (last + 1) / 2
    assert np.count_nonzero(table(Exponential(0.0, minutes), last + 1)) == last + 1


def test_step__holds_every_cutoff_of_whole_deciseconds_up_to_two_hours() -> None:
    deciseconds = np.arange(1, 72_001)
    written = np.array([float(f"{k / 600:.12g}") for k in range(60, 72_001, 60)])  # 0.1 min
    assert all(weigh(Step(k / 600), np.array(k / 600.0)) == 1 for k in deciseconds[::7].tolist())
    assert all(
        table(Step(float(minutes)), 72_000).sum() == 60 * k + 1
        for k, minutes in list(enumerate(written, 1))[::50]
    )


@pytest.mark.parametrize(
    "decay", [Step(10), Power(1), Logistic(5, 1), Gaussian(5), Tabulated((0, 9), (1, 1))]
)
def test_what_cannot_be_reached__weighs_nothing(decay: Decay) -> None:
    assert weigh(decay, np.array([np.nan, np.inf])).tolist() == [0, 0]
    assert weigh(decay, np.array([])).shape == (0,)
    assert weigh(decay, np.zeros((2, 3))).shape == (2, 3)


def test_power__is_finite_at_the_door() -> None:
    assert weigh(Power(2), np.array([0.0, 0.5, 1.0, 2.0])).tolist() == [1, 1, 1, 0.25]
    assert weigh(Power(1, least_min=5), np.array([0.0, 5.0, 10.0])).tolist() == [1, 1, 0.5]


def test_logistic__starts_at_one_however_flat_or_steep() -> None:
    for sd in (1 / 600, 1.0, 1000.0):
        assert weigh(Logistic(30, sd), np.array([0.0, 1e6])).tolist() == [1, 0]


def test_truncated_gaussian__is_the_kernel_of_dai() -> None:
    ends = math.exp(-0.5)
    expected = [(math.exp(-0.5 * (t / 30) ** 2) - ends) / (1 - ends) for t in (0, 10, 20, 30)]
    found = weigh(TruncatedGaussian(30), np.array([0.0, 10.0, 20.0, 30.0, 30.01]))
    testing.assert_allclose(found, [*expected, 0], atol=1e-15)


def test_epanechnikov__is_four_thirds_of_the_density() -> None:
    times_min = np.array([0.0, 3.0, 9.0])
    density = 0.75 * (1 - (times_min / 12) ** 2)
    testing.assert_allclose(weigh(Epanechnikov(12), times_min), density / 0.75)


def test_tabulated__may_be_a_bell_and_is_flat_before_its_start() -> None:
    bell = Tabulated((5, 10, 20), (0.2, 1.0, 0.0))
    found = weigh(bell, np.array([0.0, 5.0, 7.5, 10.0, 15.0, 20.0, 20.1]))
    testing.assert_allclose(found, [0.2, 0.2, 0.6, 1.0, 0.5, 0.0, 0.0])


def test_series__become_tuples_so_that_equal_decays_are_equal() -> None:
    assert Stepped((10, 20), (1, 0)) == Stepped(np.array([10.0, 20.0]), [1, 0.0])  # type: ignore[arg-type]
    assert hash(Tabulated((0, 1), (1, 0))) == hash(Tabulated((0.0, 1.0), (1.0, 0.0)))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Step(-1), r"Step\.cutoff_min\n.*-1"),
        (lambda: Step(0), r"Step\.cutoff_min"),
        (lambda: Step(math.nan), r"Step\.cutoff_min\n.*nan"),
        (lambda: Step(math.inf), r"Step\.cutoff_min\n.*inf"),
        (lambda: Step(True), r"parameter_type.*Step\.cutoff_min"),  # noqa: FBT003
        (lambda: Step("30"), r"parameter_type.*Step\.cutoff_min"),  # type: ignore[arg-type]
        (lambda: Step(30, closed="yes"), r"Step\.closed\n.*yes"),  # type: ignore[arg-type]
        (lambda: Step(None), r"parameter_type.*Step\.cutoff_min"),  # type: ignore[arg-type]
        (lambda: Linear(0), r"Linear\.cutoff_min"),
        (lambda: Exponential(-0.1), r"Exponential\.rate_per_min"),
        (lambda: Exponential(0.1, cutoff_min=-5), r"Exponential\.cutoff_min"),
        (lambda: Gaussian(0), r"Gaussian\.sd_min"),
        (lambda: TruncatedGaussian(0), r"TruncatedGaussian\.cutoff_min"),
        (lambda: Epanechnikov(0), r"Epanechnikov\.cutoff_min"),
        (lambda: Power(-1), r"Power\.exponent"),
        (lambda: Power(1, least_min=0), r"Power\.least_min"),
        (lambda: Logistic(-1, 5), r"Logistic\.middle_min"),
        (lambda: Logistic(20, 0), r"Logistic\.sd_min"),
        (lambda: Stepped((), ()), r"Stepped\.limits_min"),
        (lambda: Stepped((0, 5), (1, 1)), r"Stepped\.limits_min"),
        (lambda: Stepped((10, 10), (1, 0.5)), r"Stepped\.limits_min"),
        (lambda: Stepped((10, 5), (1, 0.5)), r"Stepped\.limits_min"),
        (lambda: Stepped((10, 20), (1,)), r"Stepped\.weights\n.*len = 1"),
        (lambda: Stepped((10, 20), (1, 1.5)), r"Stepped\.weights\n.*1\.5"),
        (lambda: Stepped((10, 20), (1, math.nan)), r"Stepped\.weights\n.*nan"),
        (lambda: Stepped("10", (1,)), r"Stepped\.limits_min"),  # type: ignore[arg-type]
        (lambda: Stepped((10, "20"), (1, 0)), r"Stepped\.limits_min"),  # type: ignore[arg-type]
        (lambda: Tabulated((-1, 5), (1, 0)), r"Tabulated\.minutes"),
        (lambda: Tabulated((0, 5), (1, -0.1)), r"Tabulated\.weights"),
        (lambda: Tabulated(5, 1), r"Tabulated\.minutes"),  # type: ignore[arg-type]
        (lambda: weigh(Step(5), np.array([3.0, -0.1])), r"minutes\n.*-0\.1"),
        (lambda: table(Step(5), -1), r"limit_ds\n.*-1"),
        (lambda: table(Step(5), 1.5), r"parameter_type.*limit_ds"),  # type: ignore[arg-type]
        (lambda: table(Step(5), True), r"parameter_type.*limit_ds"),  # noqa: FBT003
    ],
)
def test_bad_parameter__is_refused_by_its_name(make: Callable[[], object], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        make()


def test_bad_parameters__are_refused_together() -> None:
    with pytest.raises(ParameterError) as fault:
        Logistic(-1, 0, cutoff_min=-1)
    assert [name in str(fault.value) for name in ("middle", "sd_min", "cutoff")] == [True] * 3


def test_refuse__says_nothing_where_nothing_is_wrong() -> None:
    refuse(rising_faults("x", (1, 2, 3)))
    with pytest.raises(ParameterError, match="say 1"):
        refuse([wrong_kind("x", "one", "say 1")])
