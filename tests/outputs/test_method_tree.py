"""A method as a tree of text."""

import re
from collections.abc import Mapping
from typing import get_args

import pytest

from frameworks import flat, method_of
from inclusion_marker.cards import Area, Dimension, Indicator, Layer, Rule
from inclusion_marker.city import load_city
from inclusion_marker.marker import compute
from inclusion_marker.method import extended_method, load_method, shipped_methods
from inclusion_marker.outputs.method_table import goalposts_text, method_rows, rule_said
from inclusion_marker.outputs.method_tree import layers_tree, method_tree


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("name", shipped_methods())
def test_tree__has_a_line_for_every_node_with_code_name_and_weight(
    name: str, language: str
) -> None:
    method = load_method(name)
    tree = method_tree(method, language)
    lines = tree.splitlines()
    assert max(map(len, lines)) <= 110
    levels: list[Mapping[str, Area | Dimension | Indicator]] = [
        method.areas,
        method.dimensions,
        method.indicators,
    ]
    for node in (each for level in levels for each in level.values()):
        (line,) = (each for each in lines if f" {node.code}  " in f" {each}")
        assert node.name.said(language)[:40] in line
        assert re.search(r"\b[01]\.\d{4}\b", line)


def test_tree__shows_the_weights_that_are_published() -> None:
    lines = method_tree(load_method("uim-v1"), "en").splitlines()
    of = {code: next(line for line in lines if f"{code}  " in line) for code in ("O1", "O2")}
    assert "0.10" in of["O1"]
    assert "0.02" in of["O2"]


def test_tree__ends_with_its_counts_and_the_sum_of_its_weights() -> None:
    last = method_tree(load_method("uim-v1"), "es").splitlines()[-1]
    assert re.findall(r"\d+(?:\.\d+)?", last) == ["5", "14", "34", "1.0000"]


def test_tree__weights_of_the_indicators_sum_to_one() -> None:
    tree = method_tree(load_method("uim-v1"), "en")
    leaves = re.findall(r"(\d\.\d{4})  (?:published|derived|proposed)", tree)
    assert len(leaves) == 34
    assert sum(map(float, leaves)) == pytest.approx(1, abs=0.001)


def test_tree__says_units_and_what_is_published_in_both_languages() -> None:
    method = load_method("uim-v1")
    assert "mujeres / hombres" in method_tree(method, "es")
    assert "women / men" in method_tree(method, "en")
    assert "inferido" in method_tree(method, "es")


def test_tree__cuts_long_names_and_obeys_no_sign_in_them() -> None:
    method = load_method("uim-v1")
    card = method.indicators["internet"]
    name = card.name.model_copy(update={"en": "\x1b[31m" + "long " * 40})
    loud = card.model_copy(update={"name": name, "unit": "kilometres " * 5})
    odd = method.model_copy(update={"indicators": {**method.indicators, "internet": loud}})
    tree = method_tree(odd, "en")
    assert "\x1b" not in tree
    assert "…" in tree
    assert max(map(len, tree.splitlines())) <= 110


@pytest.mark.parametrize("language", ["es", "en"])
def test_layers__have_a_line_for_each_layer_and_each_of_its_columns(language: str) -> None:
    method = load_method("uim-v1")
    lines = layers_tree(method, language).splitlines()
    assert max(map(len, lines)) <= 110
    for key, layer in method.layers.items():
        start = next(at for at, line in enumerate(lines) if line.startswith(f"{key} · "))
        end = next(at for at in range(start, len(lines)) if not lines[at])
        block = lines[start:end]
        assert layer.description.said(language) in block[1]
        said = {line.split()[0]: line for line in block[3:]}
        assert list(said) == list(layer.columns)
        for name, column in layer.columns.items():
            assert said[name].endswith(f" {column.part_of}") or column.part_of is None


def test_layers__say_unit_and_measure_in_both_languages() -> None:
    method = load_method("uim-v1")
    for language, row in (
        ("es", "dwellings_water viviendas conteo dwellings"),
        ("en", "schooling_years_men years mean or rate"),
        ("es", "use clase clase"),
    ):
        lines = [" ".join(line.split()) for line in layers_tree(method, language).splitlines()]
        assert row in lines


def test_layers__end_with_their_counts() -> None:
    method = load_method("uim-v1")
    last = layers_tree(method, "en").splitlines()[-1]
    columns = sum(len(layer.columns) for layer in method.layers.values())
    assert last.startswith(f"{len(method.layers)} layers, {columns} columns")


@pytest.mark.parametrize("language", ["es", "en"])
def test_layers__of_any_kind_stay_within_the_page(language: str) -> None:
    about = {"es": "\x1b[31m" + "larga " * 50, "en": "\x1b[31m" + "long " * 50}
    column = {"unit": "kilometres " * 5, "measure": "intensive", "part_of": "c" * 90}
    columns = {"c" * 90: column}
    layers = {
        f"{kind}_{'x' * 120}": {"kind": kind, "description": about, "columns": columns}
        for kind in get_args(Layer.model_fields["kind"].annotation)
    }
    method = extended_method("uim-v1", {"layers": layers}, file="x")
    tree = layers_tree(method, language)
    assert "\x1b" not in tree
    assert max(map(len, tree.splitlines())) <= 110


def test_tree__says_how_scores_are_made() -> None:
    tree = method_tree(load_method("uim"), "es")
    assert "normalización: metas fijas" in tree
    assert "de áreas a marcador: media geométrica ponderada (un puntaje por debajo de 1" in tree
    assert "de indicadores a dimensión: media aritmética ponderada" in tree


def test_tree__says_panels_other_normalisations_and_what_should_be_known() -> None:
    members = {"one": {"a": 80, "b": 10, "c": 10}, "two": {"a": 60, "b": 20, "c": 20}}
    method = method_of(
        flat("a", "b", "c"),
        {"a": {"polarity": "positive", "worst": 0, "best": 9, "normalise": {"rule": "z"}}},
        panels={
            "dim_all": {"kind": "budget", "source": "Taller " + "largo " * 30, "members": members}
        },
    )
    lines = method_tree(method, "en").splitlines()
    assert max(map(len, lines)) <= 110
    tree = " ".join(" ".join(lines).split())
    assert "a: deviations from the mean of the cells (z)" in tree
    assert "panel (budget allocation), 2 people: Taller largo" in tree
    assert "[not_comparable] test: relative scores: indicators normalised" in tree
    assert "[weight_dominates] ind_a: it holds 70 % of the weight" in tree


RULES = [
    Rule(),
    Rule(rule="geometric", floor=2),
    Rule(rule="harmonic", floor=2),
    Rule(rule="power", p=-2),
    Rule(rule="mpi", penalty="positive"),
    Rule(rule="ampi"),
    Rule(rule="owa", order=(0.25, 0.75)),
]


@pytest.mark.parametrize("rule", RULES)
def test_rule__is_said_with_its_parameters_in_both_languages(rule: Rule) -> None:
    said = {rule_said(rule, language) for language in ("es", "en")}
    assert len(said) == 2
    for value in (rule.p, *(rule.order or ())):
        assert value is None or all(f"{value:g}" in each for each in said)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("goalposts", "6→100, 60→0"),
        ("distance_to_target", "distance_to_target(6)"),
        ("z", "z(negative)"),
        ("rank", "rank(negative, ties=mean)"),
    ],
)
def test_goalposts__of_another_rule_are_not_shown_as_if_they_scored(
    rule: str, expected: str
) -> None:
    over = {
        "normalisation": {"rule": rule},
        "indicators": {"solid_waste": {"score": {"normalise": {"rule": "goalposts"}}}},
    }
    method = extended_method("uim", over, file="x")
    assert goalposts_text(method, "health_distance") == expected
    band = goalposts_text(method, "schooling_gap")
    assert band.startswith("0→0, 1→100, 1→100, 2→0")
    assert (";" in band) == (rule in ("z", "rank"))


def test_table__says_rules_panels_and_the_weights_that_they_give() -> None:
    members = {
        "one": {"housing": 40, "health": 30, "education": 10, "public_space": 10, "economy": 10},
        "two": {"housing": 20, "health": 30, "education": 30, "public_space": 10, "economy": 10},
    }
    over = {
        "aggregation": {
            "dimensions": {"rule": "ampi"},
            "areas": {"rule": "owa", "order": [0.25, 0.75]},
            "marker": {"rule": "geometric", "floor": 2},
        },
        "panels": {"marker": {"kind": "budget", "source": "Taller", "members": members}},
        "indicators": {"internet": {"weight": 3}},
    }
    method = extended_method(load_city("manta").own_method(), over, file="x")
    rows = method_rows(compute("manta", method=method, resolution=8)).set_index("column")
    assert rows["formula"]["marker"] == "geometric(floor=2), panel(budget, 2)"
    assert rows["formula"]["area_health"] == "owa(order=0.25|0.75)"
    assert rows["formula"]["dim_safety"] == "ampi(penalty=negative)"
    assert rows["reference"]["marker"].endswith(" Panel: Taller")
    assert "Panel" not in rows["reference"]["area_health"]
    assert rows["weight"]["area_housing"] == pytest.approx(0.3)
    assert rows["effective_weight"]["area_housing"] == pytest.approx(0.3)
    assert rows["weight"]["ind_internet"] == 3
    assert rows["effective_weight"].loc[list(rows.index[:1])].tolist() == [1]
