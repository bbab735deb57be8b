"""Panels: published comparisons give the published weights, and slips are named.

Left out: the expert weights behind the Handbook's Figures 18-23 and Tables 39-40, which were never
published; its budget allocation of the Technology Achievement Index, of which only the mean is.
"""

from __future__ import annotations

import json
import math
import tomllib
from fractions import Fraction
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.testing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from inclusion_marker.cards import notices_of
from inclusion_marker.errors import ParameterError
from inclusion_marker.judgements import RANDOM_INDEX, ahp, budget, furthest
from inclusion_marker.notices import Notice
from inclusion_marker.panels import Panel

CASES = Path(__file__).parents[2] / "shared" / "cases"
SAATY = CASES / "objective_weights" / "cases.json"
TAI = CASES / "oecd_tai" / "expected.json"
here = pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not here (../shared/cases)")

# Saaty (1990), How to make a decision, EJOR 48, 9-26: the house, its comparisons and priorities.
HOUSE = """
1   5   3   7   6   6   1/3 1/4
1/5 1   1/3 5   3   3   1/5 1/7
1/3 3   1   6   3   4   6   1/5
1/7 1/5 1/6 1   1/3 1/4 1/7 1/8
1/6 1/3 1/3 3   1   1/2 1/5 1/6
1/6 1/3 1/4 4   2   1   1/5 1/6
3   5   1/6 7   5   5   1   1/2
4   7   5   8   6   6   2   1
"""
HOUSE_WEIGHTS = [0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333]
NAMES = ("size", "transport", "area", "age", "yard", "modern", "condition", "financing")


def numbers(rows: list[list[Any]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a matrix of numbers and fractions."""
    return np.array([[float(Fraction(str(each))) for each in row] for row in rows])


def house() -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the comparisons of the house."""
    return numbers([line.split() for line in HOUSE.strip().splitlines()])


def pairs(
    matrix: np.ndarray[Any, np.dtype[np.float64]], names: tuple[str, ...]
) -> dict[str, float]:
    """Return comparisons as they are written in a method file."""
    found = {}
    for (i, one), (j, other) in combinations(enumerate(names), 2):
        more, less = (one, other) if matrix[i, j] >= 1 else (other, one)
        found[f"{more} > {less}"] = max(float(matrix[i, j]), float(matrix[j, i]))
    return found


def faults(**changes: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - wrong on purpose
    """Return the address and the English words of each fault of a panel."""
    with pytest.raises(ValidationError) as caught:
        Panel.model_validate({"kind": "budget", "source": "x"} | changes)
    found = notices_of(caught.value, "m.toml")
    assert all(each.text("es") and each.text("en") for each in found)
    return [(each.item, each.part("why", "en")) for each in found]


def refusals(function: Any, value: Any) -> list[Notice]:  # noqa: ANN401 - wrong on purpose
    """Return the notices with which a value is refused."""
    with pytest.raises(ParameterError) as caught:
        function(value)
    return [each for each in caught.value.problems if isinstance(each, Notice)]


def naive_priorities(matrix: Any) -> tuple[list[float], float]:  # noqa: ANN401 - a matrix
    """Return the principal eigenvector and its value, by multiplying until nothing moves."""
    n = len(matrix)
    weights = [1.0 / n] * n
    for _ in range(400):
        product = [sum(matrix[i][j] * weights[j] for j in range(n)) for i in range(n)]
        weights = [each / sum(product) for each in product]
    product = [sum(matrix[i][j] * weights[j] for j in range(n)) for i in range(n)]
    return weights, sum(product) / sum(weights)


@st.composite
def matrices(draw: st.DrawFn) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return reciprocal matrices of judgements on Saaty's scale."""
    n = draw(st.integers(2, 6))
    matrix = np.eye(n)
    for i, j in combinations(range(n), 2):
        times = draw(st.integers(1, 9)) ** draw(st.sampled_from([1.0, -1.0]))
        matrix[i, j], matrix[j, i] = times, 1 / times
    return matrix


# ── published comparisons ────────────────────────────────────────────────────


def test_ahp__of_saaty_s_house_is_as_printed() -> None:
    found = ahp(house())
    npt.assert_array_equal(found.weights.round(3), HOUSE_WEIGHTS)
    assert round(found.lambda_max, 3) == 9.669
    assert round(found.consistency_index, 3) == 0.238
    assert round(found.consistency_ratio, 3) == 0.169


@here
def test_ahp__of_the_case_is_as_printed_with_its_random_indices() -> None:
    case = json.loads(SAATY.read_text(encoding="utf-8"))["ahp_saaty_house"]
    npt.assert_array_equal(numbers(case["matrix"]), house())
    assert case["weights"] == HOUSE_WEIGHTS
    assert {int(n): value for n, value in case["random_index"].items()} == {
        n: RANDOM_INDEX[n - 1] for n in range(3, 11)
    }


@here
def test_ahp__of_the_handbook_s_table_20_is_not_the_column_of_its_table_22() -> None:
    expected = json.loads(TAI.read_text(encoding="utf-8"))
    found = ahp(numbers(expected["table20_ahp_matrix"]["matrix"]))
    printed = np.array(expected["table22_weights"]["AHP"])
    # The matrix puts schooling first, the printed weights the university: another panel's.
    npt.assert_allclose(
        found.weights, [0.229, 0.135, 0.059, 0.176, 0.039, 0.039, 0.252, 0.072], atol=5e-4
    )
    assert np.abs(found.weights - printed).max() > 0.17
    assert found.consistency_ratio < 0.03


# ── laws of comparisons ──────────────────────────────────────────────────────


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=10))
@settings(deadline=None)
def test_ahp__of_consistent_judgements_is_their_weights_and_cr_0(weights: list[float]) -> None:
    of = np.array(weights) / sum(weights)
    found = ahp(of[:, None] / of)
    npt.assert_allclose(found.weights, of, rtol=1e-9)
    assert found.lambda_max == pytest.approx(len(of), rel=1e-12)
    assert found.consistency_ratio == pytest.approx(0, abs=1e-12)


@given(matrices())
@settings(max_examples=50, deadline=None)
def test_ahp__agrees_with_naive(matrix: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    found = ahp(matrix)
    weights, lambda_max = naive_priorities(matrix.tolist())
    npt.assert_allclose(found.weights, weights, rtol=1e-7)
    assert found.lambda_max == pytest.approx(lambda_max, rel=1e-7)
    assert math.fsum(found.weights) == pytest.approx(1, rel=1e-15)
    assert np.all(found.weights > 0)
    assert found.lambda_max >= len(matrix)


@given(matrices(), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_ahp__does_not_depend_on_the_order(matrix: Any, random: Any) -> None:  # noqa: ANN401
    order = list(range(len(matrix)))
    random.shuffle(order)
    once, again = ahp(matrix), ahp(matrix[np.ix_(order, order)])
    npt.assert_allclose(again.weights, once.weights[order], rtol=1e-9)
    assert again.consistency_ratio == pytest.approx(once.consistency_ratio, rel=1e-9, abs=1e-12)


@given(matrices())
@settings(deadline=None)
def test_furthest__no_judgement_is_further_off(matrix: np.ndarray[Any, Any]) -> None:
    found = ahp(matrix)
    worst = furthest(matrix, found)
    off = abs(math.log(worst.stated / worst.implied))
    for i, j in combinations(range(len(matrix)), 2):
        implied = found.weights[i] / found.weights[j]
        assert abs(math.log(matrix[i, j] / implied)) <= off + 1e-9
    assert worst.row < worst.column


@given(st.floats(1, 9), st.integers(0, 14))
@settings(deadline=None)
def test_furthest__finds_the_one_slip_among_consistent_judgements(base: float, at: int) -> None:
    weights = np.geomspace(1, 9, 6)
    matrix = weights[:, None] / weights
    i, j = [*combinations(range(6), 2)][at]
    matrix[i, j] *= 20 * base
    matrix[j, i] = 1 / matrix[i, j]
    worst = furthest(matrix, ahp(matrix))
    assert (worst.row, worst.column) == (i, j)


@pytest.mark.parametrize(
    ("matrix", "items"),
    [
        ([[1, 2]], ["matrix"]),
        ([], ["matrix"]),
        ([1, 2], ["matrix"]),
        (np.ones((11, 11)), ["matrix"]),
        ([[1, 2], [2, 1]], ["matrix[0, 1]"]),
        ([[2, 1], [1, 1]], ["matrix[0, 0]"]),
        ([[1, math.nan], [3, -1]], ["matrix[0, 1]", "matrix[1, 1]"]),
        ([[1, math.inf], [0, 1]], ["matrix[0, 1]"]),
        ([[1, -2], [-0.5, 1]], ["matrix[0, 1]"]),
    ],
)
def test_ahp__refuses_what_is_no_matrix_of_comparisons(matrix: Any, items: list[str]) -> None:  # noqa: ANN401
    found = refusals(ahp, matrix)
    assert [each.item for each in found] == items
    assert all(each.text("es") != each.text("en") for each in found)


# ── budgets ──────────────────────────────────────────────────────────────────


@given(st.lists(st.floats(0, 1e308), min_size=1, max_size=9).filter(lambda given: max(given) > 0))
@settings(deadline=None)
def test_budget__sums_to_1_and_keeps_the_proportions(points: list[float]) -> None:
    found = budget(points)
    assert math.fsum(found) == pytest.approx(1, rel=1e-14)
    npt.assert_allclose(found, np.array(points) / max(points) * found.max(), atol=1e-15)


@pytest.mark.parametrize("points", [[], [0, 0], [-1, 2], [math.nan, 1], [math.inf, 1], [[1, 2]]])
def test_budget__refuses_what_are_no_points(points: Any) -> None:  # noqa: ANN401
    (notice,) = refusals(budget, points)
    assert "0 or more" in notice.text("en")


# ── panels ───────────────────────────────────────────────────────────────────

BUDGETS = """
kind = "budget"
source = "Workshop of 12 March 2026, three members"
[members]
planning = { housing = 50, health = 30, education = 20 }
council = { education = 60, health = 30, housing = 10 }
"María P." = { housing = 1, health = 0, education = 1 }
"""
JUDGEMENTS = """
kind = "ahp"
source = "Workshop of 12 March 2026, two members"
[members.planning]
"housing > health" = 2
"housing > education" = 6
"health > education" = 3
[members.council]
"education > housing" = 4
"education>health" = 2
"health  >  housing" = 2.0
"""


def read(text: str) -> Panel:
    """Return the panel of a piece of a method file."""
    return Panel.model_validate(tomllib.loads(text))


def test_panel__of_budgets_is_the_mean_of_the_members_shares() -> None:
    panel = read(BUDGETS)
    assert panel.children == ("education", "health", "housing")
    # Members by name: "María P.", council, planning.
    assert panel.spread() == {
        "education": pytest.approx((0.5, 0.6, 0.2)),
        "health": pytest.approx((0.0, 0.3, 0.3)),
        "housing": pytest.approx((0.5, 0.1, 0.5)),
    }
    expected = {"education": 1.3 / 3, "health": 0.2, "housing": 1.1 / 3}
    assert panel.weights() == pytest.approx(expected, rel=1e-14)
    assert not panel.priorities()
    assert not panel.consistency()


def test_panel__of_comparisons_is_the_geometric_mean_of_the_members_priorities() -> None:
    panel = read(JUDGEMENTS)
    assert panel.spread() == {
        "education": pytest.approx((4 / 7, 0.1)),
        "health": pytest.approx((2 / 7, 0.3)),
        "housing": pytest.approx((1 / 7, 0.6)),
    }
    means = {name: math.sqrt(math.prod(each)) for name, each in panel.spread().items()}
    expected = {name: mean / sum(means.values()) for name, mean in means.items()}
    assert panel.weights() == pytest.approx(expected, rel=1e-12)
    assert panel.consistency() == pytest.approx({"council": 0, "planning": 0}, abs=1e-12)
    assert panel.notices("m.toml", "panels.marker") == ()


def test_panel__of_consistent_members_is_the_mean_of_their_judgements_too() -> None:
    rng = np.random.default_rng(4)
    members, product = {}, np.ones((4, 4))
    for name in ("a", "b", "c"):
        weights = np.exp(rng.uniform(0, math.log(9) / 2, 4))
        matrix = weights[:, None] / weights
        members[name] = pairs(matrix, NAMES[:4])
        product *= matrix
    panel = Panel(kind="ahp", source="x", members=members)
    together = ahp(np.cbrt(product)).weights
    found = [panel.weights()[name] for name in NAMES[:4]]
    npt.assert_allclose(found, together, rtol=1e-9)


@pytest.mark.parametrize("text", [BUDGETS, JUDGEMENTS])
def test_panel__the_order_of_the_file_changes_not_a_bit(text: str) -> None:
    panel = read(text)
    for names in permutations(panel.members):
        members = {name: dict(reversed(panel.members[name].items())) for name in names}
        turned = Panel(kind=panel.kind, source="x", members=members)
        assert (turned.weights(), turned.spread()) == (panel.weights(), panel.spread())


@pytest.mark.parametrize("text", [BUDGETS, JUDGEMENTS])
def test_panel__weights_sum_to_1_and_lie_within_the_members(text: str) -> None:
    panel = read(text)
    assert math.fsum(panel.weights().values()) == pytest.approx(1, rel=1e-15)
    for member in zip(*panel.spread().values(), strict=True):
        assert math.fsum(member) == pytest.approx(1, rel=1e-15)


def test_panel__written_out_and_read_back_is_the_same() -> None:
    for text in (BUDGETS, JUDGEMENTS):
        panel = read(text)
        assert Panel.model_validate(panel.model_dump()) == panel


def test_panel__names_whose_judgements_contradict_and_which_is_furthest_off() -> None:
    members = {"buyer": pairs(house(), NAMES), "sure": pairs(np.ones((8, 8)), NAMES)}
    panel = Panel(kind="ahp", source="Saaty (1990)", members=members)
    assert round(panel.consistency()["buyer"], 3) == 0.169
    (notice,) = panel.notices("m.toml", "panels.area_housing")
    assert (notice.code, notice.severity) == ("panel_inconsistent", "warning")
    assert (notice.file, notice.item) == ("m.toml", "panels.area_housing.members.buyer")
    said = " ".join(notice.text("en").split())
    assert (
        'consistency ratio of buyer is 0.17, above 0.10; the judgement furthest off is "area'
        in said
    )
    # The area was said to matter 6 times as much as the condition; the others make them even.
    assert '"area > condition = 6": all together lead to "area > condition = 1.13"' in said
    assert "la razón de consistencia de buyer es 0.17" in " ".join(notice.text("es").split())


def test_panel__an_implied_judgement_that_turns_is_written_the_other_way_round() -> None:
    members = {"m": {"a > b": 3.0, "b > c": 3.0, "c > a": 3.0}}
    (notice,) = Panel(kind="ahp", source="x", members=members).notices("m.toml", "p")
    assert notice.values["judgement"] == "a > b = 3"
    members = {"m": {"a > b": 9.0, "b > c": 9.0, "c > a": 9.0, "a > d": 1, "d > b": 9, "c > d": 1}}
    (notice,) = Panel(kind="ahp", source="x", members=members).notices("m.toml", "p")
    assert str(notice.values["implied"]).split(" = ")[0] == "c > b"
    assert notice.values["judgement"] == "b > c = 9"


def test_panel__names_members_who_had_other_budgets() -> None:
    (notice,) = read(BUDGETS).notices("m.toml", "panels.marker")
    assert (notice.code, notice.item) == ("panel_budgets_differ", "panels.marker.members")
    assert "María P., 2 points; council, 100" in " ".join(notice.text("en").split())
    members = {"a": {"x": 0.1, "y": 0.9}, "b": {"x": 0.7, "y": 0.3}}
    assert Panel(kind="budget", source="s", members=members).notices("m.toml", "p") == ()


# ── faults of a file ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "item", "words"),
    [
        ({"members": {}}, "members", "at least 1 elements"),
        ({"members": {"a": {}}}, "members", "at least two things"),
        ({"members": {"a": {"x": 1}}}, "members", "at least two things"),
        ({"members": {"a": {"x": 0, "y": 0}}}, "members.a", "one of them above 0"),
        ({"members": {"a": {"x": -1, "y": 1}}}, "members.a.x", "must be 0 or more"),
        ({"members": {"a": {"x": math.nan, "y": 1}}}, "members.a.x", "finite number"),
        ({"members": {"a": {"x": "1", "y": 1}}}, "members.a.x", "without quotes"),
        ({"members": {"a": {"x": 1, "Y z": 1}}}, "members.a.Y z", "must be of the form"),
        ({"members": {"a": {"x": 1, "y": 1}, "b": {"x": 1}}}, "members.b", "missing for: y;"),
        ({"kind": "vote", "members": {"a": {"x": 1, "y": 1}}}, "kind", "one of these"),
        ({"source": "", "members": {"a": {"x": 1, "y": 1}}}, "source", "too short"),
        ({"kind": "ahp", "members": {"a": {"x": 1, "y": 1}}}, "members.a.x", "a pair of two"),
        ({"kind": "ahp", "members": {"a": {"x > y": 0.5}}}, "members.a.x > y", "other way round"),
        ({"kind": "ahp", "members": {"a": {"x > y": 10}}}, "members.a.x > y", "9 (extreme)"),
    ],
)  # fmt: skip
def test_panel__is_refused_at_its_address(changes: Any, item: str, words: str) -> None:  # noqa: ANN401
    found = faults(**changes)
    assert (item, True) in [(at, words in said) for at, said in found]


def test_panel__all_faults_of_all_members_are_said_at_once() -> None:
    members = {
        "a": {"x > y": 3, "y > x": 3, "x > z": 12, "z > z": 1},
        "b": {"x > y": 1, "y and z": 2},
    }
    found = faults(kind="ahp", members=members)
    assert [item for item, _ in found] == [
        "members.a.y > x",
        "members.a.x > z",
        "members.a.z > z",
        "members.a",
        "members.b.y and z",
        "members.b",
    ]
    said = dict(found)
    assert "compared already in 'x > y'" in said["members.a.y > x"]
    assert "pairs are missing: y > z (" in said["members.a"]
    assert "pairs are missing: x > z, y > z (" in said["members.b"]


def test_panel__of_more_than_saaty_s_table_holds_is_told_to_group() -> None:
    names = tuple(f"n{i:02}" for i in range(11))
    members = {"a": pairs(np.ones((11, 11)), names)}
    ((item, words),) = faults(kind="ahp", members=members)
    assert item == "members"
    assert "more than 10 things" in words


def test_panel__long_lists_of_missing_pairs_are_cut() -> None:
    names = tuple(f"n{i}" for i in range(6))
    whole = pairs(np.ones((6, 6)), names)
    ((_, words),) = faults(kind="ahp", members={"a": whole, "b": {"n0 > n1": 1}})
    assert words.count(" > ") == 6
    assert "… (+8)" in words
