"""What users import: fast, documented, frozen; and every word in both languages."""

import ast
import dataclasses
import inspect
import string
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import inclusion_marker as im
from conftest import Town

SOURCE = Path(im.__file__).parent
TEXTS = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted((SOURCE / "texts").glob("*.toml"))
}
PUBLIC = [
    "Choices",
    "City",
    "Errors",
    "InclusionMarkerError",
    "Marker",
    "Method",
    "Network",
    "catchment",
    "compare",
    "compute",
    "cost_to_closest",
    "cumulative",
    "cumulative_interval",
    "effective_weights",
    "find_cities",
    "gravity",
    "isochrones",
    "k_closest",
    "load_city",
    "load_method",
    "load_network",
    "load_profile",
    "load_streets",
    "passive",
    "place_opportunities",
    "place_origins",
    "prepare_network",
    "reach",
    "reached_edges",
    "resolutions",
    "save_figure",
    "score",
    "share_within",
    "time_to_n",
]


def test_import__loads_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import inclusion_marker; "
        "print([m for m in set(sys.modules) - before if m.split('.')[0] not in "
        "{'inclusion_marker', 'importlib', 'typing'} | set(sys.stdlib_module_names)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names__are_listed_and_load() -> None:
    assert sorted(im.__all__) == PUBLIC
    assert dir(im) == PUBLIC
    assert all(getattr(im, name).__name__ == name for name in PUBLIC)


def test_unknown_name__is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'markr'"):
        _ = im.markr
    assert not hasattr(im, "__wrapped__")


@pytest.mark.parametrize("name", PUBLIC)
def test_public_name__is_documented_with_an_example(name: str) -> None:
    thing = getattr(im, name)
    text = inspect.getdoc(thing) or ""
    first = text.splitlines()[0]
    assert first.endswith(".")
    # The marker is made by `compute`, the network by `load_network`: their examples show them.
    if name not in {"Marker", "Network"}:
        assert ">>> " in text, f"{name} shows no example"
    taken = list(inspect.signature(thing).parameters) if inspect.isfunction(thing) else []
    assert not taken or name == "effective_weights" or "Parameters\n" in text


@pytest.mark.parametrize("method", ["summary", "to_geopackage", "plot"])
def test_marker__documents_what_it_can_do(method: str) -> None:
    text = inspect.getdoc(getattr(im.Marker, method)) or ""
    assert "Parameters\n" in text
    assert ">>> " in text


def test_marker__is_frozen(town: Town) -> None:
    marker = im.compute(town.root)
    for field in dataclasses.fields(marker):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(marker, field.name, None)
    assert isinstance(marker, im.Marker)


def test_marker__shows_and_writes_itself_in_four_lines(town: Town, tmp_path: Path) -> None:
    marker = im.compute(town.root, min_coverage=0.1)
    assert "Town" in marker.summary(language="en")
    assert marker.to_geopackage(tmp_path / "town.gpkg").is_file()
    assert marker.scores.marker.between(0, 100).all()
    assert "<table>" in marker._repr_html_()


# ── words ────────────────────────────────────────────────────────────────────


def phrases() -> list[tuple[str, str, str]]:
    """Return every phrase as where it is, in Spanish, in English."""
    found = []
    for file, entries in TEXTS.items():
        for key, entry in entries.items():
            if isinstance(entry["es"], dict):
                parts = sorted(entry["es"].keys() | entry["en"].keys())
                found += [
                    (f"{file}.{key}.{part}", entry["es"].get(part, ""), entry["en"].get(part, ""))
                    for part in parts
                ]
            else:
                found.append((f"{file}.{key}", entry["es"], entry["en"]))
    return found


def placeholders(phrase: str) -> set[str]:
    """Return the names that a phrase has filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name is not None}


@pytest.mark.parametrize(("where", "spanish", "english"), phrases())
def test_phrase__exists_in_both_languages_with_the_same_placeholders(
    where: str, spanish: str, english: str
) -> None:
    assert spanish.strip(), where
    assert english.strip(), where
    assert placeholders(spanish) == placeholders(english), where
    assert "" not in placeholders(spanish), "placeholders have names"


def test_phrases__have_one_home() -> None:
    assert not TEXTS["phrases"].keys() & TEXTS["words"].keys()


def spoken() -> list[tuple[str, str]]:
    """Return every literal key that the source says, with its file."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            first = node.args[0]
            literal = isinstance(first, ast.Constant) and isinstance(first.value, str)
            if node.func.id in {"word", "phrase", "refused", "_said"} and literal:
                found.add((path.relative_to(SOURCE).as_posix(), str(ast.literal_eval(first))))
    return sorted(found)


def test_source__says_only_phrases_that_exist() -> None:
    known = TEXTS["phrases"].keys() | TEXTS["words"].keys()
    assert len(spoken()) > 30
    assert [(file, key) for file, key in spoken() if key not in known] == []


def test_notices__have_three_parts_and_a_severity() -> None:
    for code, entry in TEXTS["notices"].items():
        assert entry["severity"] in {"error", "warning", "info"}, code
        assert set(entry["es"]) == set(entry["en"]) == {"found", "why", "fix"}, code


def test_marker__says_in_a_line_which_it_is(town: Town) -> None:
    marker = im.compute(town.root, min_coverage=0.1)
    assert repr(marker).startswith("<Marker 'town' by uim-v1: 64 cells, marker ")
    assert len(repr(marker)) < 100
    assert marker == marker  # noqa: PLR0124 - tables must not be compared
    assert marker != im.compute(town.root)


@pytest.mark.parametrize("language", ["fr", "EN", ""])
def test_marker__refuses_a_language_that_it_does_not_speak(town: Town, language: str) -> None:
    marker = im.compute(town.root)
    with pytest.raises(im.InclusionMarkerError, match=r"parameter_type[\s\S]*es | en"):
        marker.summary(language)


def test_resolution__may_be_a_whole_number_of_any_kind(town: Town) -> None:
    wrongs: list[Any] = [9.5, True, "9"]
    rights: list[Any] = [9, np.int64(9)]
    assert {im.compute(town.root, resolution=each).grid.resolution for each in rights} == {9}
    for wrong in wrongs:
        with pytest.raises(im.InclusionMarkerError, match="parameter_out_of_range"):
            im.compute(town.root, resolution=wrong)
