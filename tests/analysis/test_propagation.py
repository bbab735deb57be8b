"""Every draw scored in every cell, against the scoring itself and against a slow twin."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.erring import erring_result, permuted
from analysis.trees import made_method, scored
from inclusion_marker.analysis.drawing import propagation
from inclusion_marker.analysis.drawing.draws import (
    CHOICES,
    ERRORS,
    GROUPS,
    Choices,
    Floats,
    Group,
    Plan,
    Sample,
    Singles,
    monte_carlo,
    sample,
    swapping,
)
from inclusion_marker.analysis.drawing.error_sources import problem_of
from inclusion_marker.analysis.drawing.errors import NO_ERRORS, Errors
from inclusion_marker.analysis.drawing.kernels_draws import (
    add_erring,
    add_moved,
    add_scored,
    first_there,
)
from inclusion_marker.analysis.drawing.problem import Problem
from inclusion_marker.analysis.drawing.programs import present_nodes
from inclusion_marker.analysis.drawing.propagation import propagate
from inclusion_marker.analysis.where import people_of
from inclusion_marker.cards import Rule
from inclusion_marker.composite.rules import aggregate
from inclusion_marker.composite.scoring import score
from inclusion_marker.method import Method, load_method
from inclusion_marker.result import Result

SPEEDS = (3.6, 5.0, 5.4)
Made = tuple[Method, pd.DataFrame]
LEVELS = ("marker", "areas", "dimensions")


def drawn(
    result: Result, groups: tuple[Group, ...], draws: int = 32, threads: int | None = None
) -> Singles:
    """Return the marker of each cell when some groups are drawn."""
    problem, _ = problem_of(result, Errors(), ("marker",), 7)
    found = sample(result.method, Choices(), SPEEDS, draws=draws, seed=7)
    plan = monte_carlo(groups, draws)
    people = people_of(result)
    return propagate(problem, found, plan, people=people, threads=threads).draws


@settings(deadline=None, max_examples=40)
@given(scored())
def test_nothing_drawn__is_the_marker_of_the_scoring_by_any_rule(made: Made) -> None:
    method, raw = made
    problem = Problem(method, ("marker",), raw[list(method.indicators)].to_numpy())
    found = sample(method, Choices(), SPEEDS, draws=16, seed=7)
    people = np.ones(len(raw))
    keep = ("marker", *(f"area_{key}" for key in method.areas))
    here = propagate(problem, found, Plan({}, 1), people=people, keep=keep, threads=1)
    expected = score(raw, method)
    npt.assert_allclose(here.draws[:, 0], expected.marker, atol=1e-3)
    for key in method.areas:
        if method.children_of("marker")[f"area_{key}"] > 0:
            npt.assert_allclose(here.means[f"area_{key}"][0], expected.areas[key].mean(), atol=1e-3)


@pytest.mark.parametrize("name", ["uim", "uim-v1"])
@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_nothing_drawn__is_the_marker_of_a_shipped_method(name: str, missing: float) -> None:
    result = erring_result(40, 20, method=load_method(name), missing=missing, omitted=("pm10",))
    problem, _ = problem_of(result, Errors(), ("marker",), 7)
    found = sample(result.method, Choices(), SPEEDS, draws=16, seed=7)
    people = people_of(result)
    here = propagate(problem, found, Plan({}, 1), people=people, keep=("marker",))
    npt.assert_allclose(here.draws[:, 0], result.scores.marker, atol=2e-4)
    means = result.means()["people_weighted"]
    npt.assert_allclose(here.means["marker"], means["marker"], atol=1e-4)


def twin(result: Result, found: Sample, levels: tuple[str, ...], row: int) -> Floats:
    """Return the marker when the choices of one row hold: slowly, node by node, in doubles."""
    method = result.method
    problem, _ = problem_of(result, NO_ERRORS, (), 7)
    known = {}
    for at, key in enumerate(method.indicators):
        worst, best = found.goalposts[row, at]
        drawn = 100 * (problem.scores[:, at] - worst) / (best - worst)
        known[f"ind_{key}"] = np.clip(drawn, 0, 100)
    level = {"marker": "marker", "area": "areas", "dim": "dimensions"}
    for node in reversed(method.nodes()):
        weights = method.children_of(node)
        if not weights:
            continue
        rule = method.rule_of(node)
        if level[node.split("_")[0]] in levels:
            rule = Rule(rule="geometric" if found.geometric[row] else "arithmetic")
        if rule.floor is not None:
            rule = rule.model_copy(update={"floor": float(found.floor[row])})
        values = np.column_stack([known[child] for child in weights])
        declared = np.array(list(weights.values()))
        held = ~np.isnan(values) @ declared
        means = aggregate(values, found.weights[node][row], rule, min_coverage=0)
        known[node] = np.where(held >= method.bar_of(node) - 1e-12, means, np.nan)
    marker: Floats = known["marker"]
    return marker


@pytest.mark.parametrize("levels", [("marker",), ("marker", "areas"), LEVELS, ()])
def test_choices__are_scored_as_by_the_slow_twin(levels: tuple[str, ...]) -> None:
    result = erring_result(12, 6, method=load_method("uim"), missing=0.15)
    found = sample(result.method, Choices(), SPEEDS, draws=16, seed=7)
    problem, _ = problem_of(result, NO_ERRORS, levels, 7)  # type: ignore[arg-type]
    groups = CHOICES if levels else ("weights", "floor", "goalposts")
    plan = monte_carlo(groups, 16)
    here = propagate(problem, found, plan, people=np.ones(12)).draws
    for row in range(16):
        npt.assert_allclose(here[:, row], twin(result, found, levels, row), atol=1e-3)


@pytest.mark.parametrize(
    "rule", [Rule(rule="harmonic"), Rule(rule="power", p=2), Rule(rule="owa", order=(0.2, 0.8))]
)
def test_drawn_weights__hold_under_every_rule(rule: Rule) -> None:
    tree = {"a": {"ad": {"x": 1.0, "y": 2.0}}, "b": {"bd": {"z": 1.0}}}
    method = made_method(tree, (Rule(), Rule(), rule))
    raw = pd.DataFrame({"x": [10.0, 80], "y": [50.0, 0], "z": [70.0, 20]})
    found = sample(method, Choices(), SPEEDS, draws=16, seed=7)
    problem = Problem(method, (), raw.to_numpy())
    here = propagate(problem, found, monte_carlo(("weights",), 16), people=np.ones(2)).draws
    for row in range(16):
        inner = raw[["x", "y"]].to_numpy() @ found.weights["dim_ad"][row]
        values = np.column_stack([inner, raw["z"]])
        expected = aggregate(values, found.weights["marker"][row], rule, min_coverage=0)
        npt.assert_allclose(here[:, row], expected, atol=1e-3)


def test_speed__moves_the_marker_as_longer_journeys_would() -> None:
    result = erring_result(10, 6, method=load_method("uim"))
    problem, _ = problem_of(result, Errors(facilities=False), (), 7)
    found = sample(result.method, Choices(), SPEEDS, draws=16, seed=7)
    here = propagate(problem, found, monte_carlo(("speed",), 16), people=np.ones(10)).draws
    for row in range(16):
        longer = result.raw.copy()
        longer[result.if_slower.columns] *= found.slower[row]
        npt.assert_allclose(here[:, row], score(longer, result.method).marker, atol=2e-3)


def test_facilities__give_way_to_the_next_that_is_there() -> None:
    result = erring_result(10, 6)
    errors = Errors(closed=0.4, listed=1.0)
    problem, notices = problem_of(result, errors, (), 7)
    found = sample(result.method, Choices(), SPEEDS, draws=64, seed=7)
    here = propagate(problem, found, monte_carlo(("facilities",), 64), people=np.ones(10)).draws
    costs = {key: each.costs for key, each in result.nearest.items()}
    possible = [
        score(
            result.raw.assign(**{key: each[:, step] for key, each in costs.items()}), result.method
        )
        for step in range(5)
    ]
    best, worst = possible[0].marker, possible[4].marker
    assert np.all(here <= best.to_numpy()[:, None] + 1e-3)
    assert np.all(here >= worst.to_numpy()[:, None] - 1e-3)
    # 0.4 to the fifth of the draws have none left.
    assert {each.code for each in notices} == {"facilities_none_left"}
    assert all(each.values["percent"] == pytest.approx(1.0, abs=0.3) for each in notices)


def test_unlisted_facilities__only_ever_make_a_place_closer() -> None:
    result = erring_result(30, 6, method=load_method("uim"))
    problem, _ = problem_of(result, Errors(closed=0.0, listed=0.5), (), 7)
    found = sample(result.method, Choices(), SPEEDS, draws=64, seed=7)
    here = propagate(problem, found, monte_carlo(("facilities",), 64), people=np.ones(30)).draws
    assert np.all(here >= result.scores.marker.to_numpy()[:, None] - 1e-3)
    assert np.any(here > result.scores.marker.to_numpy()[:, None] + 0.1)


@pytest.mark.parametrize("groups", [GROUPS, ERRORS, ("interpolation",)])
def test_draws__are_the_same_bytes_for_any_threads_and_blocks(
    groups: tuple[Group, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    result = erring_result(50, 30, missing=0.05)
    one, two = (drawn(result, groups, threads=threads) for threads in (1, 2))
    assert one.tobytes() == two.tobytes()
    monkeypatch.setattr("inclusion_marker.analysis.drawing.sample._BLOCK", 3 * 32)
    monkeypatch.setattr(propagation, "_DRAWS", 16)
    assert drawn(result, groups, threads=2).tobytes() == one.tobytes()
    monkeypatch.setattr("inclusion_marker.analysis.drawing.sample._MANY", 1)
    npt.assert_allclose(drawn(result, groups), one, atol=2e-3)


def test_draws__do_not_hang_on_the_order_of_the_cells() -> None:
    result = erring_result(40, 25, missing=0.05)
    order = np.random.default_rng(3).permutation(40)
    here, there = drawn(result, GROUPS), drawn(permuted(result, order), GROUPS)
    npt.assert_allclose(there, here[order], atol=2e-3)


def test_draws__of_a_row_are_the_same_in_any_plan() -> None:
    result = erring_result(12, 8)
    problem, _ = problem_of(result, Errors(), ("marker",), 7)
    found = sample(result.method, Choices(), SPEEDS, draws=16, seed=7)
    people = people_of(result)
    whole = propagate(problem, found, monte_carlo(GROUPS, 16), people=people).draws
    swapped = propagate(problem, found, swapping(GROUPS, 4, 16), people=people).draws
    npt.assert_array_equal(swapped[:, :: len(GROUPS) + 2], whole[:, :4])


def test_neighbours_in_one_zone__err_together() -> None:
    result = erring_result(60, 4, seed=3)
    draws = drawn(result, ("counts",), 256)
    parts = result.shares["census"].matrix.toarray() > 0
    same = parts @ parts.T
    held = draws.std(axis=1) > 0
    found = np.corrcoef(draws[held])
    both = same[np.ix_(held, held)] & ~np.eye(held.sum(), dtype=bool)
    assert found[both].mean() > 0.5


def test_uncompiled__gives_the_numbers_of_the_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    result = erring_result(12, 8, method=load_method("uim"), missing=0.05)
    for groups in (GROUPS, ("counts", "weights"), ("speed", "facilities"), CHOICES):
        found = []
        for compiled in (True, False):
            monkeypatch.setattr(propagation, "_COMPILED", compiled)
            found.append(drawn(result, groups, 16))
        npt.assert_allclose(found[0], found[1], atol=1e-3)


def test_kernels__add_what_their_formulas_say() -> None:
    rng = np.random.default_rng(1)

    def single(*shape: int) -> Singles:
        return rng.uniform(-20, 120, shape).astype(np.float32)

    n, draws = 3, 4
    scores, slope, shift = single(n), single(draws) / 100, single(draws)
    ceiling = np.full(draws, 30, np.float32)
    points, error, more, other = single(n), single(n, draws), single(n), single(n, draws)
    start = single(n, draws)
    cases: tuple[tuple[Callable[..., None], Singles, tuple[Singles, ...]], ...] = (
        (add_scored, scores[:, None], (scores,)),
        (add_moved, error, (error,)),
        (
            add_erring,
            scores[:, None] + points[:, None] * error + more[:, None] * other,
            (scores, points, error, more, other),
        ),
    )
    for add, rows, arguments in cases:
        total = start.copy()
        add(total, *arguments, slope, shift, ceiling)
        expected = start + np.clip(rows * slope + shift, 0, ceiling)
        npt.assert_allclose(total, expected, rtol=1e-4, atol=1e-3)
    there = np.array([[True, False], [False, True], [False, False]])
    facilities = np.array([[2, 0, 1], [2, 2, 2]])
    steps, slower = single(2, 3), single(2, 3)
    longer = np.array([0.0, 0.1], np.float32)
    room = np.empty((2, 2), np.float32)
    first_there(room, there, facilities, steps, slower, longer)
    expected = np.array(
        [
            [steps[0, 1], steps[0, 2] + 0.1 * slower[0, 2]],
            [steps[1, 2], steps[1, 2] + 0.1 * slower[1, 2]],
        ]
    )
    npt.assert_allclose(room, expected, rtol=1e-5)


BARS = {bar: load_method("uim-v1").with_min_coverage(bar) for bar in (0.0, 0.5, 0.9, 1.0)}
ONE = erring_result(1, 3).raw


@given(st.lists(st.booleans(), min_size=34, max_size=34), st.sampled_from([*BARS]))
@settings(max_examples=25, deadline=None)
def test_present_nodes__are_those_that_the_scoring_scores(seen: list[bool], bar: float) -> None:
    method = BARS[bar]
    raw = ONE.where(np.array([seen]))
    found = present_nodes(method, raw.notna().to_numpy()[0])
    table = score(raw, method).table().iloc[0]
    expected = {node for node in method.nodes() if method.children_of(node) and table.notna()[node]}
    assert set(found) == expected
