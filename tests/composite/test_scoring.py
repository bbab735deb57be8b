"""Scores: laws that a composite index must keep."""

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inclusion_marker.cards import Rule
from inclusion_marker.composite.scoring import aggregate, score
from inclusion_marker.composite.totals import city_means, group_means, weighted_mean
from inclusion_marker.errors import ParameterError
from inclusion_marker.method import effective_weights, extended_method, load_method

METHOD = load_method("uim-v1")
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
def test_geometric_mean__lies_between_the_least_and_the_arithmetic(values: np.ndarray) -> None:
    arithmetic = aggregate(values, WEIGHTS, Rule(), min_coverage=0)
    geometric = aggregate(values, WEIGHTS, Rule(rule="geometric", floor=1), min_coverage=0)
    lifted = np.maximum(values, 1)
    assert np.all(geometric <= lifted @ WEIGHTS + 1e-9)
    assert np.all(geometric >= lifted.min(axis=1) - 1e-9)
    assert np.all(arithmetic >= values.min(axis=1) - 1e-9)


@given(SCORES, st.integers(0, 2), st.floats(0, 50))
def test_means__never_fall_when_a_child_rises(values: np.ndarray, child: int, by: float) -> None:
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
def test_district_means__weighted_by_their_people_give_the_city(values: np.ndarray) -> None:
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
