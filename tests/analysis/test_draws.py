"""What is drawn: balanced, within its bounds, and the same whatever else is asked for."""

import numpy as np
import numpy.testing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inclusion_marker.analysis.drawing.draws import (
    NO_CHOICES,
    Choices,
    drawn_choices,
    even_numbers,
    monte_carlo,
    normals,
    sample,
    stream,
)
from inclusion_marker.method import load_method
from inclusion_marker.panels import Panel

METHOD = load_method("uim")
SPEEDS = (3.6, 5.0, 5.4)


def test_weights__stay_near_the_declared_ones_and_sum_to_one() -> None:
    drawn = sample(METHOD, Choices(weights=0.25), SPEEDS, draws=64, seed=7)
    for node, weights in drawn.weights.items():
        declared = np.array(list(METHOD.children_of(node).values()))
        npt.assert_allclose(weights.sum(axis=1), 1)
        assert np.all(weights <= declared * 1.25 / 0.75 + 1e-12)
        assert np.all(weights >= declared * 0.75 / 1.25 - 1e-12)
        npt.assert_allclose(weights.mean(axis=0), declared, atol=0.02)
        assert np.all(weights[:, declared == 0] == 0)


def test_weights__of_a_panel_are_those_of_its_members() -> None:
    points = {"one": [40, 30, 10, 10, 10], "two": [0, 20, 20, 30, 30]}
    members = {name: dict(zip(METHOD.areas, each, strict=True)) for name, each in points.items()}
    panel = Panel(kind="budget", source="a test", members=members)
    method = METHOD.model_copy(update={"panels": {"marker": panel}})
    drawn = sample(method, Choices(), SPEEDS, draws=64, seed=7).weights["marker"]
    rows = {tuple(row) for row in drawn.round(9)}
    assert rows == {(0.4, 0.3, 0.1, 0.1, 0.1), (0.0, 0.2, 0.2, 0.3, 0.3)}
    assert (drawn[:64, 0] == 0).mean() == pytest.approx(0.5, abs=0.02)


def test_sample__has_the_ranges_that_it_is_asked_for() -> None:
    drawn = sample(METHOD, Choices(floor=(0.5, 5.0), goalposts=0.1), SPEEDS, draws=256, seed=7)
    assert drawn.floor.min() > 0.5
    assert drawn.floor.max() < 5
    assert np.median(drawn.floor) == pytest.approx(np.sqrt(0.5 * 5), rel=0.02)
    assert drawn.geometric.mean() == pytest.approx(0.5, abs=0.01)
    worst, best = drawn.goalposts[..., 0], drawn.goalposts[..., 1]
    assert -10 < worst.min() < worst.max() < 10
    assert 90 < best.min() < best.max() < 110
    assert drawn.slower.min() >= 5 / 5.4
    assert drawn.slower.max() <= 5 / 3.6
    assert np.median(drawn.slower) == pytest.approx(1, abs=0.005)


def test_sample__of_two_halves_does_not_repeat_itself() -> None:
    drawn = sample(METHOD, Choices(), SPEEDS, draws=128, seed=7)
    one, other = drawn.floor[:128], drawn.floor[128:]
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.1


def test_sample__hangs_on_the_seed_alone() -> None:
    one, same, other = (
        sample(METHOD, Choices(), SPEEDS, draws=32, seed=seed) for seed in (7, 7, 8)
    )
    npt.assert_array_equal(one.goalposts, same.goalposts)
    assert not np.array_equal(one.goalposts, other.goalposts)


def test_no_choices__draw_nothing() -> None:
    assert drawn_choices(NO_CHOICES) == ()
    drawn = sample(METHOD, NO_CHOICES, None, draws=16, seed=7)
    npt.assert_array_equal(drawn.goalposts, np.broadcast_to([0.0, 100.0], drawn.goalposts.shape))
    npt.assert_array_equal(drawn.slower, 1)
    for node, weights in drawn.weights.items():
        npt.assert_allclose(weights[0], list(METHOD.children_of(node).values()))


@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=9, unique=True),
    st.lists(st.integers(0, 1000), min_size=1, max_size=9),
)
def test_numbers__of_a_unit_and_a_row_are_the_same_in_any_company(
    units: list[int], rows: list[int]
) -> None:
    key = stream(7, "counts", "census")
    found = even_numbers(key, np.array(units), np.array(rows))
    assert found.shape == (len(units), len(rows))
    for one, unit in enumerate(units):
        for other, row in enumerate(rows):
            alone = even_numbers(key, np.array([unit]), np.array([row]))
            assert found[one, other] == alone[0, 0]


def test_normals__are_standard_and_independent() -> None:
    found = normals(stream(7, "a"), np.arange(200), np.arange(1000)).astype(np.float64)
    npt.assert_allclose(found.mean(), 0, atol=0.01)
    npt.assert_allclose(found.std(), 1, atol=0.01)
    npt.assert_allclose((found**3).mean(), 0, atol=0.03)
    npt.assert_allclose((found**4).mean(), 3, atol=0.06)
    for table in (found, found.T[:200]):
        off = np.atleast_2d(np.corrcoef(table))[~np.eye(len(table), dtype=bool)]
        assert off.std() == pytest.approx(1 / np.sqrt(table.shape[1]), rel=0.1)


def test_streams__do_not_share_numbers() -> None:
    units, rows = np.arange(50), np.arange(200)
    one, other = (normals(stream(7, name), units, rows).ravel() for name in ("a", "b"))
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.03


def test_part_of_a_plan__keeps_the_rows_of_its_draws() -> None:
    part = monte_carlo(["weights"], 8).part(np.array([6, 1]))
    assert part.count == 2
    npt.assert_array_equal(part.rows["weights"], [6, 1])
