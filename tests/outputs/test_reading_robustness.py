"""The reading of a robustness: every figure in it is one of the record."""

from __future__ import annotations

import dataclasses
from typing import get_args

import numpy as np
import pytest

from analysis.erring import erring_result
from inclusion_marker.analysis.drawing.draws import NO_CHOICES
from inclusion_marker.analysis.drawing.errors import NO_ERRORS, Errors
from inclusion_marker.analysis.drawing.tables import Source
from inclusion_marker.analysis.robustness import robustness
from inclusion_marker.method import load_method
from inclusion_marker.outputs.readings.robustness import robustness_text
from inclusion_marker.outputs.wording import WIDTH
from inclusion_marker.texts import LANGUAGES

RESULT = erring_result(24, 15, method=load_method("uim"), missing=0.05)
FOUND = robustness(RESULT, draws=32)


@pytest.mark.parametrize("language", LANGUAGES)
def test_reading__fits_its_width_and_fills_every_word(language: str) -> None:
    said = robustness_text(FOUND, RESULT, language)
    assert max(len(line) for line in said.splitlines()) <= WIDTH
    assert "{" not in said
    assert "nan" not in said.lower().split()


def test_reading__says_the_interval_of_the_city_and_of_either_source() -> None:
    said = " ".join(robustness_text(FOUND, RESULT, "en").split())
    for source in get_args(Source):
        row = FOUND.interval(source=source)
        assert f"between {row.low:.1f} and {row.high:.1f}" in said
    assert f"marker is {FOUND.interval().shown:.1f}." in said


def test_reading__counts_the_people_of_each_class() -> None:
    said = robustness_text(FOUND, RESULT, "en")
    for each in ("high", "medium", "low"):
        of = (FOUND.cells["confidence"] == each).to_numpy(np.bool_)
        assert f"{each} confidence: {FOUND.people[of].sum():,.0f} people" in said


def test_reading__names_the_indicator_that_matters_most() -> None:
    worst = str(FOUND.without["city_change"].abs().idxmax())
    said = " ".join(robustness_text(FOUND, RESULT, "en").split())
    assert f"without “{RESULT.method.name_of(worst).en}”" in said


def test_reading__of_nothing_drawn_says_so() -> None:
    still = robustness(RESULT, draws=16, errors=NO_ERRORS, choices=NO_CHOICES)
    said = robustness_text(still, RESULT, "en")
    assert "Nothing was changed." in said
    assert "Both weigh alike." in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_reading__of_a_city_of_nobody_says_that_it_has_no_marker(language: str) -> None:
    empty = dataclasses.replace(RESULT, context=RESULT.context * 0.0)
    said = robustness_text(robustness(empty, draws=16), empty, language)
    assert ("no marker" if language == "en" else "no tiene marcador") in said


def test_reading__repeats_what_was_noticed() -> None:
    found = robustness(RESULT, draws=16, errors=Errors(closed=0.6, listed=1.0))
    assert "facilities_none_left" in robustness_text(found, RESULT, "en")
