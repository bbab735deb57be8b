"""Explanations in words: the figures of the record, in a hundred columns, in both languages."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from analysis.trees import made_method, made_result
from inclusion_marker.analysis.explain import explain
from inclusion_marker.cards import Rule
from inclusion_marker.outputs.readings.explanation import explanation_text
from inclusion_marker.outputs.wording import WIDTH
from inclusion_marker.texts import LANGUAGES

TREE = {"a": {"ad": {"x": 1.0, "y": 1.0, "s": 0.0}}, "b": {"bd": {"z": 1.0}}}
METHOD = made_method(TREE, (Rule(), Rule(), Rule(rule="geometric", floor=1)), (0.5, 0.65, 0.65))
RAW = pd.DataFrame(
    {
        "x": [0.0, 90, 50],
        "y": [50.0, np.nan, 70],
        "z": [50.0, 60, 100],
        "s": [np.nan, np.nan, np.nan],
    }
)
RESULT = made_result(METHOD, RAW, [100, 300, 0], {"w": (0.0, 1.5), "e": (1.5, 3.0)})


def flat(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("where", [None, "w", "c0", "c1"])
def test_text__fits_and_begins_with_the_sentence(where: str | None, language: str) -> None:
    found = explain(RESULT, where)
    text = explanation_text(found, language)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert found.sentence(language) in flat(text)


def test_text__shows_each_node_under_its_parent_with_its_figures() -> None:
    lines = explanation_text(explain(RESULT, "c0"), "en").splitlines()
    rows = [flat(line) for line in lines if re.search(r"\((en)\) .*\d", line) and "█" in line]
    # Area a holds two thirds of 64.6; the marker of a is 25, of b 50.
    assert [row.split(" (en) ")[0] for row in rows] == [
        "a a",
        "ad ad",
        "x x",
        "y y",
        "b b",
        "bd bd",
        "z z",
    ]
    assert re.fullmatch(r"a a \(en\) 25\.0 43\.1 █+·* 35\.4", rows[0])
    head = next(line for line in lines if "Urban Inclusion Marker" in line)
    assert flat(head) == "Urban Inclusion Marker 35.4 64.6 64.6"


def test_text__tells_the_weight_of_the_scored_areas_from_the_weight_observed() -> None:
    tree = {"a": {"ad": {"x": 1.0, "y": 1.0}}, "b": {"bd": {"z": 1.0}, "be": {"u": 1.0, "v": 2.0}}}
    method = made_method(tree, (Rule(), Rule(), Rule()), (0.5, 0.65, 0.65))
    raw = pd.DataFrame({"x": [50.0], "y": [50.0], "z": [50.0], "u": [50.0], "v": [np.nan]})
    text = flat(explanation_text(explain(made_result(method, raw), "c0"), "es"))
    # Of b one dimension is whole and a third of the other: two thirds seen, and half scored.
    said = "peso de las áreas con puntaje: 50 % (se pide 65 %) · peso observado: 83 %"
    assert f"no tiene marcador; {said}; sin puntaje: b (es)." in text


@pytest.mark.parametrize(("places", "notes"), [([20.0, 60, 60], 0), ([20.0, 61, 62], 1)])
def test_text__says_where_points_do_not_add_up_as_they_are_shown(
    places: list[float], notes: int
) -> None:
    method = made_method({"a": {"ad": {"x": 1.0, "y": 1.0, "z": 1.0}}})
    raw = pd.DataFrame([places], columns=["x", "y", "z"])
    found = explain(made_result(method, raw), "c0")
    points = found.table["points"].round(1)
    apart = abs(points[["ind_x", "ind_y", "ind_z"]].sum() - points["marker"]) > 1e-6
    assert int(apart) == notes
    text = flat(explanation_text(found, "es"))
    assert text.count("Los puntos pueden no sumar exactamente por el redondeo.") == notes
    for node in ("ind_x", "ind_y", "ind_z"):
        assert f" {found.table['points'][node]:.1f} " in text


@pytest.mark.parametrize(
    ("people", "said"), [(0, "Nadie vive"), (1, "Una persona vive"), (2, "2 personas viven")]
)
def test_text__counts_nobody_and_one_person(people: float, said: str) -> None:
    text = explanation_text(explain(made_result(METHOD, RAW, [people, 300, 0]), "c0"), "es")
    assert f"{said} aquí." in flat(text)


def test_text__says_what_is_missing_and_leaves_out_what_weighs_nothing_and_is_not_there() -> None:
    text = explanation_text(explain(RESULT, "c1"), "es")
    assert re.search(r"y y \(es\) +sin dato$", text, re.MULTILINE)
    assert "s s (es)" not in text


def test_text__of_what_is_scored_and_does_not_count_says_so() -> None:
    result = made_result(METHOD, RAW.assign(s=[80.0, 80, 80]), [100, 300, 0])
    text = explanation_text(explain(result, "c0"), "en")
    assert re.search(r"s s \(en\) +80\.0 +not counted$", text, re.MULTILINE)


def test_text__without_a_marker_says_why_and_explains_no_column() -> None:
    text = explanation_text(explain(made_result(METHOD, RAW.assign(z=np.nan)), "c0"), "en")
    said = "weight of the areas with a score: 50 % (65 % is asked for) · weight observed: 50 %"
    assert f"{said}; without a score: b (en)." in flat(text)
    assert "At 100 adds" not in text


def test_text__of_a_city_gives_the_reasons_of_each_district_the_lowest_first() -> None:
    text = explanation_text(explain(RESULT), "en")
    after = text.partition("Why, district by district")[2].splitlines()[1:3]
    markers = [float(re.findall(r"\((\d+\.\d)\)", line)[0]) for line in after]
    assert RESULT.districts is not None
    assert markers == sorted(RESULT.districts["marker"].round(1))
    assert re.match(r"  District w \(\d+\.\d\): (x|y|z) \(en\) \d+\.\d; ", after[0])


def test_text__of_many_districts_says_how_many_more() -> None:
    districts = {f"d{each}": (each / 10, each / 10 + 0.5) for each in range(15)}
    text = explanation_text(explain(made_result(METHOD, RAW, [1, 1, 1], districts)), "en")
    assert text.count("District d") == 12
    assert "… and 3 more" in text


def test_text__says_the_notices_of_a_place_with_a_marker() -> None:
    raw = RAW.assign(z=[50.0, np.nan, 100])
    text = explanation_text(explain(made_result(METHOD, raw, [100, 300, 0])), "es")
    assert "[explained_in_part] el 75.0 % de las personas vive donde no hay marcador" in flat(text)


def test_text__of_a_city_says_which_indicators_only_some_people_have() -> None:
    text = flat(explanation_text(explain(RESULT), "en"))
    assert "With a score for some of the people only: y (en) (25.0 %)." in text
    assert "some of the people only" not in explanation_text(explain(RESULT, "c0"), "en")


def test_text__of_districts_without_a_marker_has_no_list_of_them() -> None:
    result = made_result(METHOD, RAW * np.nan, [1, 1, 1], {"w": (0.0, 1.5)})
    assert "district by district" not in explanation_text(explain(result), "en")


def test_text__keeps_names_from_files_on_one_line() -> None:
    cards = METHOD.indicators
    name = cards["x"].name.model_copy(update={"en": "Long\x1b[31m\nname " * 9})
    card = cards["x"].model_copy(update={"name": name})
    method = METHOD.model_copy(update={"indicators": {**cards, "x": card}})
    text = explanation_text(explain(made_result(method, RAW), "c0"), "en")
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= WIDTH


def test_text__at_100_has_no_bars() -> None:
    text = explanation_text(explain(made_result(METHOD, RAW * 0 + 100), "c0"), "en")
    assert "lacks nothing" in text
    assert "█" not in text
