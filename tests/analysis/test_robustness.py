"""Robustness of a result: laws of the intervals, what is refused, what is said."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.erring import erring_result, permuted
from analysis.trees import made_method, made_result
from inclusion_marker.analysis.drawing.confidence import Confidence
from inclusion_marker.analysis.drawing.draws import GROUPS, NO_CHOICES, Choices
from inclusion_marker.analysis.drawing.error_sources import problem_of
from inclusion_marker.analysis.drawing.errors import NO_ERRORS, Errors
from inclusion_marker.analysis.robustness import Robustness, robustness
from inclusion_marker.cards import Rule
from inclusion_marker.city import CityValue, LayerErrors
from inclusion_marker.composite.classes import classify
from inclusion_marker.composite.scoring import score
from inclusion_marker.errors import ParameterError
from inclusion_marker.method import extended_method, load_method
from inclusion_marker.result import Result

DRAWS = 64
RESULT = erring_result(24, 15, method=load_method("uim"), missing=0.05)


@pytest.fixture(scope="module")
def found() -> Robustness:
    return robustness(RESULT, draws=DRAWS)


def replaced(result: Result, raw: pd.DataFrame) -> Result:
    """Return a result with other raw values."""
    return dataclasses.replace(result, raw=raw, scores=score(raw, result.method))


def codes(caught: pytest.ExceptionInfo[ParameterError]) -> list[str]:
    """Return what was refused."""
    return [each.item for each in caught.value.problems]  # type: ignore[union-attr]


def test_cells__say_what_their_draws_say(found: Robustness) -> None:
    cells, draws = found.cells, found.draws.astype(np.float64)
    assert draws.shape == (24, DRAWS)
    assert found.draws.dtype == np.float32
    pd.testing.assert_index_equal(cells.index, RESULT.raw.index)
    npt.assert_allclose(cells["marker"], RESULT.scores.marker)
    low, median, high = np.quantile(draws, [0.05, 0.5, 0.95], axis=1)
    npt.assert_allclose(
        cells[["low", "median", "high"]], np.column_stack([low, median, high]), atol=1e-4
    )
    npt.assert_allclose(cells["below_probability"], (draws < 50).mean(axis=1))
    shown = classify(cells["marker"])
    same = np.array(
        [(classify(pd.Series(row)) == shown.iloc[at]).mean() for at, row in enumerate(draws)]
    )
    npt.assert_allclose(cells["class_probability"], same)
    assert set(cells["confidence"]) <= {"high", "medium", "low"}
    assert set(cells["reason"]) <= {*GROUPS, "coverage"}


def test_city__has_an_interval_for_each_source_of_doubt(found: Robustness) -> None:
    marker = found.city.loc["marker"]
    assert list(marker.index) == ["both", "data", "choices"]
    npt.assert_allclose(marker["shown"], RESULT.means()["people_weighted"]["marker"])
    npt.assert_allclose(found.interval().low, np.quantile(found.draws_of(), 0.05), atol=1e-3)
    assert found.interval("area_housing", "data").shown == found.interval("area_housing").shown
    with pytest.raises(ParameterError, match="area_housing, both"):
        found.interval("area_hosing")
    assert (found.city["low"] <= found.city["median"]).all()
    assert (found.city["median"] <= found.city["high"]).all()
    areas = {f"area_{key}" for key in RESULT.method.areas}
    assert set(found.city.index.get_level_values("node")) == {"marker", *areas}


def test_sensitivity__names_each_group_that_is_drawn(found: Robustness) -> None:
    assert tuple(found.sensitivity.index) == GROUPS
    assert found.sensitivity["people_driven"].sum() == pytest.approx(1)
    assert (found.sensitivity[["total", "cells_total"]] >= 0).all(axis=None)
    some = robustness(RESULT, draws=16, errors=NO_ERRORS, choices=Choices(rules=(), floor=None))
    assert tuple(some.sensitivity.index) == ("weights", "goalposts")


def test_omissions__are_those_of_the_omission_itself(found: Robustness) -> None:
    assert found.without.index.str.startswith("ind_").all()


def test_no_errors_and_no_choices__leave_the_marker_as_it_is() -> None:
    still = robustness(RESULT, draws=16, errors=NO_ERRORS, choices=NO_CHOICES)
    npt.assert_allclose(still.cells["high"] - still.cells["low"], 0, atol=1e-9)
    npt.assert_allclose(still.cells["median"], RESULT.scores.marker, atol=1e-3)
    npt.assert_allclose(still.cells["class_probability"], 1)
    coverage = still.cells["coverage"]
    expected = np.where(coverage >= 0.9, "high", np.where(coverage >= 0.65, "medium", "low"))
    assert still.cells["confidence"].tolist() == expected.tolist()
    reasons = np.where(coverage >= 0.9, "none", "coverage")
    assert still.cells["reason"].tolist() == reasons.tolist()
    assert still.sensitivity.empty
    assert still.city["low"].equals(still.city["high"])


COUNTS = dataclasses.replace(NO_ERRORS, counts=True)
INSIDE, SPEED = (
    dataclasses.replace(NO_ERRORS, interpolation=0.3),
    dataclasses.replace(NO_ERRORS, speeds_kmh=(4.0, 5.0, 6.0)),
)


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ({"weights": 0.1}, {"weights": 0.5}),
        ({"goalposts": 0.05}, {"goalposts": 0.3}),
        ({"floor": (1.0, 1.5)}, {"floor": (0.1, 15.0)}),
    ],
)
def test_more_choice__never_makes_the_mean_interval_narrower(
    narrow: dict[str, float], wide: dict[str, float]
) -> None:
    # An area of 0, so that the floor of the geometric mean is at work.
    far = replaced(RESULT, RESULT.raw.assign(commerce_distance=1e4, unemployment=100.0))
    widths = [
        widths_of(far, dataclasses.replace(NO_CHOICES, **each), NO_ERRORS)  # type: ignore[arg-type]
        for each in (narrow, wide)
    ]
    assert 0 <= widths[0] < widths[1]


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        (COUNTS, dataclasses.replace(COUNTS, omitted=0.2, cv_percent=15)),
        (INSIDE, dataclasses.replace(INSIDE, interpolation=0.9)),
        (SPEED, dataclasses.replace(SPEED, speeds_kmh=(2.0, 5.0, 9.0))),
    ],
)
def test_more_error__never_makes_the_mean_interval_narrower(narrow: Errors, wide: Errors) -> None:
    widths = [widths_of(RESULT, NO_CHOICES, each) for each in (narrow, wide)]
    assert 0 < widths[0] < widths[1]


def widths_of(result: Result, choices: Choices, errors: Errors) -> float:
    """Return the mean width of the intervals."""
    cells = robustness(result, draws=DRAWS, choices=choices, errors=errors).cells
    return float((cells["high"] - cells["low"]).mean())


def test_order_of_cells__changes_nothing(found: Robustness) -> None:
    order = np.random.default_rng(1).permutation(24)
    other = robustness(permuted(RESULT, order), draws=DRAWS)
    columns = ["median", "low", "high", "data_half_width", "choices_half_width"]
    npt.assert_allclose(
        other.cells.loc[found.cells.index, columns], found.cells[columns], atol=5e-3
    )
    npt.assert_allclose(other.city, found.city, atol=5e-3)


def test_seed__decides_the_draws(found: Robustness) -> None:
    same, other = (robustness(RESULT, draws=DRAWS, seed=seed, threads=1) for seed in (7, 8))
    assert same.draws.tobytes() == found.draws.tobytes()
    pd.testing.assert_frame_equal(same.cells, found.cells)
    pd.testing.assert_frame_equal(same.sensitivity, found.sensitivity)
    assert other.draws.tobytes() != found.draws.tobytes()


def test_draws_of__a_place_are_those_of_its_people(found: Robustness) -> None:
    cells, people = found.index, RESULT.people
    npt.assert_allclose(found.draws_of(cells[3]), found.draws[3], rtol=1e-6)
    two = found.draws_of(list(cells[:2]))
    expected = np.average(found.draws[:2].astype(float), axis=0, weights=people[:2])
    npt.assert_allclose(two, expected, rtol=1e-6)
    mask = pd.Series(np.arange(24) < 2, index=cells)
    npt.assert_allclose(found.draws_of(mask), expected, rtol=1e-6)
    npt.assert_allclose(found.draws_of(people.where(mask, 0.0)), expected, rtol=1e-6)
    assert np.isnan(found.draws_of(people * 0.0)).all()
    npt.assert_allclose(
        found.draws_of(), np.average(found.draws, axis=0, weights=people), rtol=1e-5
    )


@given(st.integers(0, 23), st.integers(0, 23))
@settings(max_examples=20, deadline=None)
def test_probabilities__of_below_above_and_equal_sum_to_one(one: int, other: int) -> None:
    found = robustness_of_all()
    a, b = found.index[one], found.index[other]
    equal = float((found.draws_of(a) == found.draws_of(b)).mean())
    total = found.probability_below(a, b) + found.probability_below(b, a) + equal
    assert total == pytest.approx(1)
    if one == other:
        assert equal == 1


_KNOWN: list[Robustness] = []


def robustness_of_all() -> Robustness:
    """Return the robustness of the result, computed once."""
    if not _KNOWN:
        _KNOWN.append(robustness(RESULT, draws=DRAWS))
    return _KNOWN[0]


def test_shared_errors__make_a_difference_surer_than_two_intervals_say(found: Robustness) -> None:
    # Saisana et al. (2005): bars side by side exaggerate the overlap, because errors are shared.
    cells = found.cells.sort_values("median")
    lower, upper = cells.index[0], cells.index[-1]
    assert found.probability_below(lower, upper) > 0.95


def test_unknown_places__are_named_with_the_nearest(found: Robustness) -> None:
    with pytest.raises(ParameterError, match="c99"):
        found.draws_of("c99")
    with pytest.raises(ParameterError, match="c98"):
        found.draws_of(["c01", "c98"])
    with pytest.raises(ParameterError, match="weights_unusable"):
        found.draws_of(pd.Series([-1.0], index=["c01"]))
    with pytest.raises(ParameterError, match="c97"):
        found.reason_of("c97")


def test_reason__of_a_cell_is_words_with_numbers(found: Robustness) -> None:
    said = found.reason_of(found.index[0])
    assert said is not None
    assert "%" in said.en


def test_arguments__are_refused_all_at_once() -> None:
    with pytest.raises(ParameterError) as caught:
        robustness(
            RESULT,
            draws=4,
            seed=-1,
            line=101,
            threads=0,
            choices=Choices(weights=-1, floor=(5, 1), rules=("mean",), levels=("top",)),  # type: ignore[arg-type]
            errors=Errors(
                sampled=0,
                speeds_kmh=(5, 4, 6),
                cv_percent=math.nan,
                layers={"censo": LayerErrors()},
            ),
        )
    assert codes(caught) == [
        "draws",
        "seed",
        "line",
        "threads",
        "choices.weights",
        "choices.floor",
        "choices.rules",
        "choices.levels",
        "errors.sampled",
        "errors.cv_percent",
        "errors.speeds_kmh",
        "errors.layers",
    ]


@pytest.mark.parametrize("draws", [64.5, True, "64"])
def test_draws__have_to_be_a_whole_number(draws: object) -> None:
    with pytest.raises(ParameterError, match="draws"):
        robustness(RESULT, draws=draws)  # type: ignore[arg-type]


def test_rule_over_all_cells__is_refused_by_name() -> None:
    tree = {"a": {"ad": {"x": 1.0, "y": 2.0}}, "b": {"bd": {"z": 1.0}}}
    method = made_method(tree, (Rule(), Rule(), Rule(rule="mpi")))
    with pytest.raises(ParameterError, match="rule_over_cells"):
        robustness(dataclasses.replace(RESULT, method=method))


# ── odd cities ───────────────────────────────────────────────────────────────


def test_one_cell__is_a_city() -> None:
    found = robustness(erring_result(1, 2, seed=2), draws=16)
    assert len(found.cells) == 1
    npt.assert_allclose(found.draws_of(), found.draws[0], rtol=1e-6)


def test_nobody__leaves_the_city_without_figures() -> None:
    empty = dataclasses.replace(RESULT, context=RESULT.context * 0.0)
    found = robustness(empty, draws=16)
    assert found.city["median"].isna().all()
    assert found.cells["median"].notna().all()
    assert found.sensitivity["people_driven"].isna().all()


def test_all_missing__is_not_scored() -> None:
    found = robustness(replaced(RESULT, RESULT.raw * np.nan), draws=16)
    assert found.cells["confidence"].isna().all()
    assert found.cells["median"].isna().all()
    assert found.reason_of(found.index[0]) is None
    assert math.isnan(found.probability_below(found.index[0], found.index[1]))


def test_missing_cell__stays_missing_beside_the_others() -> None:
    raw = RESULT.raw.copy()
    raw.iloc[0] = np.nan
    found = robustness(replaced(RESULT, raw), draws=16)
    assert np.isnan(found.draws[0]).all()
    assert found.cells.iloc[0][["median", "confidence", "reason", "class_shown"]].isna().all()
    assert found.cells.iloc[1:]["confidence"].notna().all()


def test_lowered_bar__scores_with_low_confidence_because_of_coverage() -> None:
    kept = ["sanitation", "internet"]
    raw = RESULT.raw.assign(**dict.fromkeys(RESULT.raw.columns.drop(kept), np.nan))
    method = RESULT.method.with_min_coverage(0)
    few = dataclasses.replace(RESULT, method=method, raw=raw, scores=score(raw, method))
    found = robustness(
        few, draws=16, confidence=Confidence(half_width=(50, 60), probability=(0, 0))
    )
    assert (found.cells["confidence"] == "low").all()
    assert (found.cells["reason"] == "coverage").all()


def test_values_alone__have_no_zones_and_no_facilities() -> None:
    bare = dataclasses.replace(
        RESULT, shares={}, nearest={}, layers={}, if_slower=pd.DataFrame(index=RESULT.raw.index)
    )
    found = robustness(bare, draws=16)
    assert found.cells["zone_times"].isna().all()
    assert (found.cells["data_half_width"] > 0).all()


@pytest.mark.parametrize("rule", ["min_max", "z", "rank", "percentile"])
def test_scale_of_the_cells_at_hand__is_drawn_around_as_it_is(rule: str) -> None:
    method = extended_method("uim-v1", {"normalisation": {"rule": rule}, "id": "x"}, file="x")
    result = erring_result(20, 10, method=method)
    found = robustness(result, draws=16)
    assert found.cells["median"].notna().all()


def test_city_value__errs_alike_everywhere() -> None:
    value = CityValue(value=40.0, date="2020", source="a test")
    city = RESULT.city.model_copy(update={"values": {"pm10": value}})
    raw = RESULT.raw.assign(pm10=40.0)
    errors = dataclasses.replace(
        NO_ERRORS, counts=True, layers={"census": LayerErrors(cv_percent=0)}
    )
    problem, _ = problem_of(dataclasses.replace(replaced(RESULT, raw), city=city), errors, (), 7)
    at = list(RESULT.method.indicators).index("pm10")
    (noise,) = [each for each in problem.noises if at in each.columns]
    assert noise.columns == (at,)
    assert noise.mix.shape == (24, 1)
    assert noise.points.min() == noise.points.max() > 0


def test_districts__have_intervals_and_can_be_compared() -> None:
    tree = {"a": {"ad": {"x": 1.0, "y": 2.0}}, "b": {"bd": {"z": 1.0}}}
    method = made_method(tree)
    raw = pd.DataFrame({"x": [10.0, 20, 80], "y": [5.0, 30, 90], "z": [20.0, 10, 70]})
    plain = made_result(method, raw, [100, 50, 200], {"west": (0, 1.5), "east": (1.5, 3)})
    empty = pd.DataFrame(index=plain.raw.index)
    result = dataclasses.replace(plain, shares={}, nearest={}, layers={}, if_slower=empty)
    found = robustness(result, draws=32, errors=NO_ERRORS)
    west = found.districts.loc["west"]
    assert west["name"].unique().tolist() == ["District west"]
    assert result.districts is not None
    npt.assert_allclose(west["shown"], result.districts["marker"]["west"])
    npt.assert_allclose(west["median"]["both"], np.median(found.draws_of("west")), rtol=1e-5)
    assert found.probability_below("west", "east") == 1


def test_repr__says_the_interval(found: Robustness) -> None:
    assert repr(found).startswith("<Robustness: 24 cells, 64 draws, marker ")


def test_parameters__say_all_that_was_drawn(found: Robustness) -> None:
    said = found.parameters
    assert (said["seed"], said["draws"]) == (7, DRAWS)
    assert said["choices"]["weights"] == 0.25
    assert said["errors"]["closed"] == 0.05
