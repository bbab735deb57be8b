"""Confidence by the table of the design, limit by limit, and its reason in words."""

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inclusion_marker.analysis.drawing.confidence import (
    CONFIDENCE,
    Confidence,
    below_probability,
    class_probability,
    confidence_classes,
    reason_said,
)
from inclusion_marker.analysis.drawing.draws import GROUPS
from inclusion_marker.composite.classes import BREAKS, classify
from inclusion_marker.texts import catalogue


def one(width: float, probability: float, observed: float) -> tuple[str, bool]:
    """Return the class of one cell, and whether its coverage decides."""
    found, why = confidence_classes(
        np.array([width]), np.array([probability]), np.array([observed]), Confidence()
    )
    return found[0], bool(why[0])


@pytest.mark.parametrize(
    ("width", "probability", "observed", "expected"),
    [
        (5, 0.80, 0.90, "high"),
        (5.01, 0.80, 0.90, "medium"),
        (5, 0.79, 0.90, "medium"),
        (5, 0.80, 0.89, "medium"),
        (10, 0.50, 0.65, "medium"),
        (10.01, 0.50, 0.65, "low"),
        (10, 0.49, 0.65, "low"),
        (10, 0.50, 0.64, "low"),
        (1, 1, 0.64, "low"),
    ],
)
def test_confidence__is_the_worst_of_three_answers(
    width: float, probability: float, observed: float, expected: str
) -> None:
    assert one(width, probability, observed)[0] == expected


def test_coverage__decides_only_where_nothing_else_is_as_bad() -> None:
    assert one(1, 1, 0.7) == ("medium", True)
    assert one(7, 1, 0.7) == ("medium", False)
    assert one(1, 1, 1) == ("high", False)


def test_cell_without_a_marker__has_no_class() -> None:
    missing = np.array([np.nan])
    found, why = confidence_classes(missing, missing, missing, Confidence())
    assert found.isna().all()
    assert not why.any()


@given(st.floats(0, 20), st.floats(0, 1), st.floats(0, 1), st.floats(0, 5))
def test_confidence__never_rises_with_a_wider_interval(
    width: float, probability: float, observed: float, more: float
) -> None:
    here, there = one(width, probability, observed)[0], one(width + more, probability, observed)[0]
    assert CONFIDENCE.index(there) >= CONFIDENCE.index(here)


@given(st.lists(st.floats(0, 100, width=32), min_size=3, max_size=8))
def test_class_probability__is_the_share_of_draws_in_the_class_shown(scores: list[float]) -> None:
    # Whole numbers and halves: nothing is on a break but for its last bits.
    draws = (np.round(np.array(scores) * 2) / 2).astype(np.float32)
    classes = classify(pd.Series(draws.astype(np.float64)))
    expected = (classes == classes[0]).mean()
    found = class_probability(draws[None, :], draws[:1].astype(np.float64), BREAKS)
    npt.assert_allclose(found, [expected])


def test_draw__that_is_a_break_but_for_its_last_bit_is_on_it() -> None:
    draws = np.array([[59.999996, 60.0]], np.float32)
    npt.assert_allclose(class_probability(draws, np.array([60.0]), BREAKS), [1])
    npt.assert_allclose(below_probability(draws, 60.0), [0])


def test_probabilities__of_a_missing_cell_are_missing() -> None:
    draws = np.full((1, 3), np.nan, np.float32)
    assert np.isnan(class_probability(draws, np.array([np.nan]), BREAKS)).all()
    assert np.isnan(below_probability(draws, 50.0)).all()


@pytest.mark.parametrize("reason", [*GROUPS, "coverage", "none"])
def test_reason__is_said_in_both_languages(reason: str) -> None:
    said = reason_said(reason, 0.614, 40.2, 0.7)
    assert said.es != said.en
    assert "{" not in said.es + said.en
    if reason in GROUPS:
        assert "61 %" in said.en


def test_reason__of_pieces_says_how_large_the_zone_is() -> None:
    assert "zone 40 times the cell" in reason_said("interpolation", 0.6, 40.2, 1.0).en
    assert "zone 1.5 times" in reason_said("interpolation", 0.6, 1.5, 1.0).en
    assert "parts of zones" in reason_said("interpolation", 0.6, 1.0, 1.0).en
    assert "parts of zones" in reason_said("interpolation", 0.6, np.nan, 1.0).en


def test_words__of_every_class_exist() -> None:
    for key in CONFIDENCE:
        assert {"es", "en"} <= catalogue("words")[f"confidence_{key}"].keys()
