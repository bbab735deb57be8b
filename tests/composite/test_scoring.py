"""Scores: laws that a composite index must keep."""

from typing import Any

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from frameworks import flat, method_of
from inclusion_marker.cards import Rule
from inclusion_marker.composite.scoring import Scores, aggregate, floor_notices, score
from inclusion_marker.composite.totals import city_means, group_means, weighted_mean
from inclusion_marker.errors import ParameterError
from inclusion_marker.method import Method, effective_weights, extended_method, load_method
from inclusion_marker.notices import Notice

METHOD = load_method("uim-v1")
Floats = np.ndarray[Any, np.dtype[np.float64]]
SCORES = arrays(np.float64, (4, 3), elements=st.floats(0, 100))
WEIGHTS = np.array([0.5, 0.3, 0.2])


def perfect() -> dict[str, float]:
    """Return a raw value that scores 100 for each indicator."""
    return {
        key: max(card.score.curve(card.classes), key=lambda point: point[1])[0]
        for key, card in METHOD.indicators.items()
    }


def test_score__of_a_perfect_cell_is_100_at_every_level() -> None:
    found = score(pd.DataFrame([perfect()]), METHOD)
    npt.assert_allclose(found.marker, [100])
    npt.assert_allclose(found.areas, 100)
    npt.assert_allclose(found.dimensions, 100)
    npt.assert_allclose(found.coverage, 1)


@given(st.lists(st.floats(0, 100), min_size=34, max_size=34))
@settings(max_examples=25)
def test_marker__of_a_complete_cell_is_the_effectively_weighted_mean(values: list[float]) -> None:
    cards = {
        key: card.model_copy(
            update={
                "score": card.score.model_copy(
                    update={
                        "worst": 0.0,
                        "best": 100.0,
                        "low": None,
                        "high": None,
                        "polarity": "positive",
                        "scale": "linear",
                    }
                )
            }
        )
        for key, card in METHOD.indicators.items()
    }
    method = METHOD.model_copy(update={"indicators": cards})
    raw = pd.DataFrame([values], columns=list(cards))
    weights = [each.indicator for each in effective_weights(method).values()]
    npt.assert_allclose(score(raw, method).marker, [np.dot(values, weights)], atol=1e-9)


def test_score__keeps_the_index_and_takes_absent_columns_as_missing() -> None:
    found = score(pd.DataFrame({"internet": [50.0]}, index=["cell"]), METHOD)
    assert found.marker.index.tolist() == ["cell"]
    assert found.indicators["pm10"].isna().all()
    assert found.dimensions["basic_services"].isna().all()
    npt.assert_allclose(found.coverage["dim_basic_services"], 0.25)


def test_minimum_coverage__lets_in_exactly_the_share_it_names() -> None:
    half = {"improved_water": 100.0, "sanitation": 60.0}
    found = score(pd.DataFrame([half]), METHOD)
    npt.assert_allclose(found.dimensions["basic_services"], [80])
    assert found.areas["housing"].isna().all()


def test_minimum_coverage__of_0_65_lets_in_two_dimensions_of_three() -> None:
    raw = {
        key: value
        for key, value in perfect().items()
        if METHOD.indicators[key].dimension != "affordability"
    }
    found = score(pd.DataFrame([raw]), METHOD)
    npt.assert_allclose(found.areas["housing"], [100])
    npt.assert_allclose(found.coverage["area_housing"], [2 / 3])
    npt.assert_allclose(found.marker, [100])


@pytest.mark.parametrize("rule", [Rule(), Rule(rule="geometric")])
@pytest.mark.parametrize("bar", [0.0, 0.5, 1.0])
def test_mean__asks_nothing_of_a_child_that_weighs_nothing(rule: Rule, bar: float) -> None:
    rows = np.array([[40.0, 90.0, np.nan], [40.0, 90.0, 7.0], [np.nan, np.nan, 7.0]])
    found = aggregate(rows, np.array([0.5, 0.5, 0.0]), rule, min_coverage=bar)
    npt.assert_allclose(found, [[65, 65, np.nan], [60, 60, np.nan]][rule.rule == "geometric"])


def test_score__of_a_method_that_drops_things_is_that_of_the_others() -> None:
    over = {
        "indicators": {"internet": {"weight": 0}, "pm10": {"weight": 0}},
        "dimensions": {"affordability": {"weight": 0}},
        "areas": {"economy": {"weight": 0}},
    }
    method = extended_method("uim-v1", over, file="x").with_min_coverage(1)
    dropped = {"affordability", "commerce_proximity", "livelihoods"}
    raw = {
        key: value
        for key, value in perfect().items()
        if key not in over["indicators"] and METHOD.indicators[key].dimension not in dropped
    }
    found = score(pd.DataFrame([raw]), method)
    npt.assert_allclose(found.marker, [100])
    npt.assert_allclose(found.coverage["marker"], [1])
    npt.assert_allclose(found.areas[["housing", "health"]], [[100, 100]])
    assert found.areas["economy"].isna().all()


def test_nothing_observed__is_scored_at_no_minimum() -> None:
    found = score(pd.DataFrame([{}], index=["a"]), METHOD.with_min_coverage(0))
    assert found.marker.isna().all()


@given(SCORES)
def test_geometric_mean__lies_between_the_least_and_the_arithmetic(values: Floats) -> None:
    arithmetic = aggregate(values, WEIGHTS, Rule(), min_coverage=0)
    geometric = aggregate(values, WEIGHTS, Rule(rule="geometric", floor=1), min_coverage=0)
    lifted = np.maximum(values, 1)
    assert np.all(geometric <= lifted @ WEIGHTS + 1e-9)
    assert np.all(geometric >= lifted.min(axis=1) - 1e-9)
    assert np.all(arithmetic >= values.min(axis=1) - 1e-9)


@given(SCORES, st.integers(0, 2), st.floats(0, 50))
def test_means__never_fall_when_a_child_rises(values: Floats, child: int, by: float) -> None:
    better = values.copy()
    better[:, child] = np.minimum(better[:, child] + by, 100)
    for rule in (Rule(), Rule(rule="geometric")):
        before = aggregate(values, WEIGHTS, rule, min_coverage=0)
        assert np.all(aggregate(better, WEIGHTS, rule, min_coverage=0) >= before - 1e-9)


def test_quito_and_bucaramanga__mean_of_areas() -> None:
    table = np.array([[67, 84, 73, 58, 62], [67, 83, 71, 51, 64]], float)
    npt.assert_allclose(aggregate(table, np.full(5, 0.2), Rule(), min_coverage=1), [68.8, 67.2])


def test_weighted_mean__ignores_cells_without_a_value_and_people_elsewhere() -> None:
    table = pd.DataFrame({"a": [10.0, np.nan, 30.0], "b": [np.nan] * 3})
    people = pd.Series([1.0, 100.0, 3.0])
    found = weighted_mean(table, people)
    assert found["a"] == pytest.approx(25)
    assert np.isnan(found["b"])


def test_city_means__show_the_plain_mean_and_the_people_scored() -> None:
    found = city_means(pd.DataFrame({"a": [10.0, np.nan, 30.0]}), pd.Series([1.0, 100.0, 3.0]))
    npt.assert_allclose(found.loc[["a"]], [[25, 20, 4]])


@given(arrays(np.float64, (6,), elements=st.floats(0, 100)))
def test_district_means__weighted_by_their_people_give_the_city(values: Floats) -> None:
    people = pd.Series([5.0, 1, 2, 8, 3, 4])
    table = pd.DataFrame({"marker": values})
    shares = pd.DataFrame({"x": [1, 1, 0.25, 0, 0, 0.5], "y": [0, 0, 0.75, 1, 1, 0.5]})
    groups = group_means(table, people, sp.csr_array(shares.to_numpy().T))["marker"]
    held = shares.mul(people, axis=0).sum().to_numpy()
    total = (groups * held).sum() / held.sum()
    npt.assert_allclose(total, weighted_mean(table, people)["marker"], atol=1e-9)


UIM = load_method("uim")


def test_uim__marker_is_the_geometric_mean_of_its_areas() -> None:
    raw = perfect() | {"unemployment": 30.0, "employment": 20.0}
    found = score(pd.DataFrame([raw]), UIM)
    areas = found.areas.to_numpy()[0]
    assert areas.min() < 100
    npt.assert_allclose(found.marker, [np.exp(np.log(areas).mean())])


@pytest.mark.parametrize("beds", [np.nan, 0.0, 2.0])
def test_supplementary_indicator__moves_neither_a_score_nor_a_coverage(beds: float) -> None:
    rows = pd.DataFrame([perfect() | {"pm10": np.nan}, {"health_distance": 30.0}])
    base = score(rows, UIM)
    found = score(rows.assign(hospital_beds_access=beds, school_seats_access=beds), UIM)
    assert found.marker.equals(base.marker)
    for level in ("areas", "dimensions", "coverage"):
        assert getattr(found, level).equals(getattr(base, level)), level
    assert found.indicators["hospital_beds_access"].isna().all() == np.isnan(beds)


def test_score__refuses_minutes_where_the_method_takes_metres() -> None:
    raw = pd.DataFrame({"health_distance": [12.0]}, index=["a"])
    raw.attrs["units"] = {"health_distance": "min"}
    with pytest.raises(ParameterError, match="units_differ"):
        score(raw, load_method("uim-v1"))
    assert score(raw, load_method("uim")).indicators["health_distance"].notna().all()


# ── scores to the bit ─────────────────────────────────────────────────────────────────────────────


def plain_mean(values: Floats, weights: Floats, floor: float | None) -> Floats:
    """Return the mean of rows as version 0.1 computed it, before rules and normalisations."""
    present = ~np.isnan(values)
    held = present @ weights
    with np.errstate(divide="ignore", invalid="ignore"):
        if floor is None:
            means = np.where(present, values, 0.0) @ weights / held
        else:
            logs = np.log(np.where(present, np.maximum(values, floor), 1.0))
            means = np.exp(logs @ weights / held)
    clipped: Floats = np.clip(means, 0.0, 100.0)
    return clipped


def placed(values: Floats, scale: str) -> Floats:
    """Return values on a scale."""
    if scale == "log":
        return np.log(values)
    return np.sqrt(np.sqrt(values)) if scale == "fourth_root" else values


def plain_scores(raw: pd.DataFrame, method: Method) -> dict[str, Floats]:
    """Return the scores and coverages of a shipped method as version 0.1 computed them."""
    found: dict[str, Floats] = {}
    seen: dict[str, Floats] = {}
    bars = method.min_coverage
    for key, card in method.indicators.items():
        x, y = (np.array(each) for each in zip(*card.score.curve(card.classes), strict=True))
        inside = np.clip(raw[key].to_numpy(np.float64), x[0], x[-1])
        scale = card.score.scale
        found[f"ind_{key}"] = np.interp(placed(inside, scale), placed(x, scale), y)
        seen[f"ind_{key}"] = (~np.isnan(found[f"ind_{key}"])).astype(float)
    levels = [
        *((f"dim_{key}", bars.dimension) for key in method.dimensions),
        *((f"area_{key}", bars.area) for key in method.areas),
        ("marker", bars.marker),
    ]
    for node, bar in levels:
        children = method.children_of(node)
        values = np.array([found[child] for child in children]).T
        # The cards of the shipped methods weigh 1, or 0 where they are shown beside.
        stated = [1.0 if share > 0 else 0.0 for share in children.values()]
        weights = np.array(stated) / sum(stated)
        floor = 1.0 if method.id == "uim" and node == "marker" else None
        present = np.array([seen[child] for child in children]).T
        held = (~np.isnan(values)) @ weights
        enough = (held >= bar - 1e-12) & (held > 0)
        found[node] = np.where(enough, plain_mean(values, weights, floor), np.nan)
        seen[node] = present @ weights
    return found | {f"coverage_{node}": seen[node] for node, _ in levels}


def of_table(scores: Scores) -> dict[str, Floats]:
    """Return all scores and coverages by name."""
    table = pd.concat([scores.table(), scores.coverage.add_prefix("coverage_")], axis=1)
    return {name: table[name].to_numpy() for name in table.columns}


def raw_values(method: Method, cells: int) -> pd.DataFrame:
    """Return raw values within and beyond the goalposts, a sixth of them missing."""
    rng = np.random.default_rng(7)
    columns = {}
    for key, card in method.indicators.items():
        points = [value for value, _ in card.score.curve(card.classes)]
        span = points[-1] - points[0]
        values = rng.uniform(points[0] - 0.2 * span, points[-1] + 0.2 * span, cells)
        columns[key] = np.where(rng.random(cells) < 1 / 6, np.nan, np.maximum(values, 0))
    return pd.DataFrame(columns)


@pytest.mark.parametrize("cells", [1, 977, 2**15 + 3])
@pytest.mark.parametrize("name", ["uim", "uim-v1"])
def test_score__of_shipped_methods_has_not_moved_by_a_bit(name: str, cells: int) -> None:
    method = load_method(name)
    raw = raw_values(method, cells)
    found, expected = of_table(score(raw, method)), plain_scores(raw, method)
    assert found.keys() == expected.keys()
    for key, column in found.items():
        if cells > 2**15:  # another split of the cells may round the last one of a block otherwise
            npt.assert_allclose(column, expected[key], rtol=1e-14, atol=1e-13, err_msg=key)
        else:
            npt.assert_array_equal(column, expected[key], err_msg=key)


def test_score__of_a_block_is_that_of_its_cells_alone() -> None:
    raw = raw_values(METHOD, 2**15 + 100)
    whole, part = score(raw, METHOD), score(raw.iloc[-300:], METHOD)
    npt.assert_allclose(whole.marker.iloc[-300:], part.marker, rtol=1e-14)
    npt.assert_allclose(whole.coverage.iloc[-300:], part.coverage, rtol=1e-14)


# ── laws of the whole ─────────────────────────────────────────────────────────────────────────────

FOUR = {"one": {"x": ["a", "b"], "y": ["c"]}, "two": {"z": ["d", "e", "f"]}}
KEYS = ["a", "b", "c", "d", "e", "f"]
RAW = arrays(np.float64, (6, 6), elements=st.floats(0, 100).map(lambda value: round(value, 3)))
HOLED = arrays(
    np.float64,
    (6, 6),
    elements=st.one_of(st.floats(0, 100).map(lambda value: round(value, 3)), st.just(np.nan)),
)
MIXED = {
    "dimensions": {"rule": "harmonic", "floor": 2},
    "areas": {"rule": "owa", "order": [0.3, 0.7]},
    "marker": {"rule": "power", "p": -2, "floor": 5},
}
METHODS: dict[str, dict[str, Any]] = {
    "plain": {},
    "geometric": {"aggregation": {"dimensions": {"rule": "geometric"}}},
    "mixed": {"aggregation": MIXED},
    "min_max": {"normalisation": {"rule": "min_max"}, "aggregation": MIXED},
    "rank": {"normalisation": {"rule": "rank"}},
    "z": {"normalisation": {"rule": "z"}},
    "ampi": {"aggregation": {"marker": {"rule": "ampi"}}},
    "mpi": {"aggregation": {"areas": {"rule": "mpi"}}},
}


def made(name: str, hierarchy: dict[str, dict[str, list[str]]] | None = None) -> Method:
    """Return the method of a name."""
    return method_of(hierarchy or FOUR, **METHODS[name])


def tried(raw: pd.DataFrame, method: Method) -> Scores | None:
    """Return the scores, or nothing where cells do not differ enough for a relative rule."""
    try:
        return score(raw, method)
    except ParameterError:
        assert not method.comparable
        return None


@pytest.mark.parametrize("name", METHODS)
@given(HOLED, st.permutations(range(6)))
@settings(max_examples=25)
def test_score__is_the_same_in_any_order_of_cells_and_indicators(
    name: str, values: Floats, order: list[int]
) -> None:
    raw = pd.DataFrame(values, columns=KEYS, index=list("uvwxyz"))
    base = tried(raw, made(name))
    turned = {"two": {"z": ["f", "d", "e"]}, "one": {"y": ["c"], "x": ["b", "a"]}}
    moved = tried(raw.iloc[order, order], made(name, turned))
    assert (base is None) == (moved is None)
    if base is None or moved is None:
        return
    expected, found = base.table(), moved.table()
    found = found.loc[expected.index, expected.columns]
    npt.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", METHODS)
@given(HOLED)
@settings(max_examples=25)
def test_score__of_identical_cities_is_identical(name: str, values: Floats) -> None:
    first, second = (tried(pd.DataFrame(values.copy(), columns=KEYS), made(name)) for _ in range(2))
    if first is not None and second is not None:
        pd.testing.assert_frame_equal(first.table(), second.table(), check_exact=True)


@pytest.mark.parametrize("name", [each for each in METHODS if not each.endswith("mpi")])
@given(RAW, st.integers(0, 5), st.integers(0, 5), st.floats(0, 100))
@settings(max_examples=25)
def test_score__never_falls_when_an_indicator_improves(
    name: str, values: Floats, cell: int, child: int, rise: float
) -> None:
    better = values.copy()
    better[cell, child] = min(better[cell, child] + rise, 100)
    method = made(name)
    before, after = (tried(pd.DataFrame(each, columns=KEYS), method) for each in (values, better))
    if before is not None and after is not None:
        assert after.marker[cell] >= before.marker[cell] - 1e-9


@pytest.mark.parametrize("name", ["plain", "geometric", "mixed"])
@given(RAW, st.integers(0, 5))
@settings(max_examples=25)
def test_missing_indicator__is_never_the_best_or_the_worst(
    name: str, values: Floats, child: int
) -> None:
    frames = [pd.DataFrame(values, columns=KEYS) for _ in range(3)]
    for frame, value in zip(frames, (0.0, np.nan, 100.0), strict=True):
        frame[KEYS[child]] = value
    worst, missing, best = (score(frame, made(name)).marker for frame in frames)
    assert (missing >= worst - 1e-9).all()
    assert (missing <= best + 1e-9).all()


@pytest.mark.parametrize("name", METHODS)
def test_minimum_coverage__holds_at_every_node(name: str) -> None:
    raw = pd.DataFrame(np.random.default_rng(7).uniform(0, 100, (8, 6)), columns=KEYS)
    raw.loc[0, ["a", "b"]] = np.nan  # dimension x, half of area one
    raw.loc[1, "d"] = np.nan  # a third of dimension z
    method = made(name).with_min_coverage(0.6)
    found = score(raw, method)
    assert found.dimensions["x"].isna().tolist()[0]
    assert found.areas["one"].isna().tolist()[0]
    assert np.isnan(found.marker.iloc[0])
    shares = found.coverage[["dim_x", "area_one", "marker"]].iloc[0]
    assert shares.tolist() == [0, 0.5, 0.75]
    assert found.marker.notna().tolist() == [False] + [True] * 7
    assert found.coverage["dim_z"][1] == pytest.approx(2 / 3)


def test_mpi__refuses_a_part_that_does_not_vary_by_name() -> None:
    method = made("mpi")
    raw = pd.DataFrame(np.random.default_rng(7).uniform(0, 100, (5, 6)), columns=KEYS)
    raw["c"] = 30.0
    with pytest.raises(ParameterError, match="rule_constant") as caught:
        score(raw, method)
    (notice,) = caught.value.problems
    assert isinstance(notice, Notice)
    assert notice.item == "dim_y"
    raw["c"] = np.nan  # all missing is no fault
    assert score(raw, method).marker.notna().all()


def test_panel__weighs_the_children_of_its_node() -> None:
    panel = {"kind": "budget", "source": "x", "members": {"one": {"one": 75, "two": 25}}}
    weighed = method_of(FOUR, panels={"marker": panel})
    raw = pd.DataFrame(np.random.default_rng(7).uniform(0, 100, (5, 6)), columns=KEYS)
    found = score(raw, weighed)
    expected = 0.75 * found.areas["one"] + 0.25 * found.areas["two"]
    npt.assert_allclose(found.marker, expected)
    by_weight = method_of(FOUR, weights={"area_one": 3.0})
    npt.assert_allclose(score(raw, by_weight).marker, expected)


# ── floors ────────────────────────────────────────────────────────────────────────────────────────


def test_floored__counts_cells_and_people_by_node() -> None:
    method = method_of(FOUR, aggregation=MIXED)
    raw = pd.DataFrame(np.full((4, 6), 50.0), columns=KEYS)
    raw.loc[1, "a"] = 0.0  # below the floor of dimension x
    raw.loc[2, ["d", "e", "f"]] = 3.0  # below that of the marker alone
    raw.loc[3] = np.nan
    found = score(raw, method)
    assert found.floored.columns.tolist() == ["marker", "dim_x", "dim_y", "dim_z"]
    assert found.floored.sum().to_dict() == {"marker": 1, "dim_x": 1, "dim_y": 0, "dim_z": 0}
    people = pd.Series([1.0, 10.0, 100.0, 1000.0])
    notices = floor_notices(found, method, people)
    counts = [(each.item, each.values["cells"], each.values["people"]) for each in notices]
    assert counts == [("marker", 1, 100.0), ("dim_x", 1, 10.0)]
    assert "10" in notices[1].text("es")
    people[1] = np.nan
    assert floor_notices(found, method, people)[1].values["people"] == 0


def test_floored__of_a_method_without_a_floor_is_empty() -> None:
    found = score(pd.DataFrame({"internet": [0.0]}), METHOD)
    assert found.floored.shape == (1, 0)
    assert floor_notices(found, METHOD, pd.Series([5.0])) == ()


def test_score__of_no_cells_is_empty_at_every_level() -> None:
    found = score(pd.DataFrame(columns=KEYS, dtype=float), method_of(flat(*KEYS)))
    assert found.table().shape == (0, 9)
    assert found.coverage.shape == (0, 3)


def test_children_that_stand_apart_in_the_file__are_joined_all_the_same() -> None:
    together = method_of(FOUR)
    cards = together.indicators
    apart = together.model_copy(
        update={"indicators": {key: cards[key] for key in ("a", "d", "c", "e", "b", "f")}}
    )
    raw = pd.DataFrame(np.random.default_rng(7).uniform(0, 100, (5, 6)), columns=KEYS)
    npt.assert_allclose(score(raw, apart).marker, score(raw, together).marker, rtol=1e-14)
    assert score(raw, apart).indicators.columns.tolist() == ["a", "d", "c", "e", "b", "f"]


def test_score__refuses_columns_that_hold_no_numbers_all_at_once() -> None:
    raw = pd.DataFrame({"a": ["x", "y"], "b": [1.0, 2.0], "c": [1, 2], "d": [None, 3.0]})
    raw = pd.concat([raw, raw[["b"]]], axis=1)
    with pytest.raises(ParameterError, match="a column of numbers is expected") as caught:
        score(raw, method_of(flat(*KEYS)))
    assert [each.item for each in caught.value.problems if isinstance(each, Notice)] == ["a", "b"]


def test_score__takes_whole_numbers_and_missing_values_of_any_kind() -> None:
    raw = pd.DataFrame(
        {
            "a": pd.array([1, None], dtype="Int64"),
            "b": pd.array([None, 2.5], dtype="Float64"),
            "c": [True, False],
            "d": [None, 3.0],
        }
    )
    found = score(raw, method_of(flat("a", "b", "c", "d"))).indicators
    npt.assert_array_equal(found, [[1, np.nan, 1, np.nan], [np.nan, 2.5, 0, 3]])
