"""A method as a tree of text."""

import re
from collections.abc import Mapping
from typing import get_args

import pytest

from inclusion_marker.cards import Area, Dimension, Indicator, Layer
from inclusion_marker.method import extended_method, load_method, shipped_methods
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
