"""The catalogue of faults: each is raised somewhere, and says itself in two languages."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import inclusion_marker
from inclusion_marker.errors import InclusionMarkerError
from inclusion_marker.notices import Notice, errors, near
from inclusion_marker.texts import catalogue

SOURCE = Path(inclusion_marker.__file__).parent
CODES = sorted(catalogue("notices"))
PARTS = ("found", "why", "fix")


def placeholders(code: str, language: str) -> set[str]:
    """Return the names that a message wants filled."""
    entry = catalogue("notices")[code][language]
    fields = [string.Formatter().parse(entry[part]) for part in PARTS]
    return {name for found in fields for _, name, _, _ in found if name}


@pytest.mark.parametrize("code", CODES)
def test_code__is_raised_somewhere(code: str) -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    assert f'"{code}"' in source


def test_every_code_raised__is_in_the_catalogue() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    raised = set(re.findall(r'(?:Notice|_unreadable|_rows)\(\s*"([a-z_0-9]+)"', source))
    assert raised <= set(CODES)
    assert len(raised) > 30


@pytest.mark.parametrize("code", CODES)
def test_code__wants_the_same_values_in_both_languages(code: str) -> None:
    assert placeholders(code, "es") == placeholders(code, "en")


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("language", ["es", "en"])
def test_code__says_what_why_and_what_to_do(code: str, language: str) -> None:
    entry = catalogue("notices")[code]
    assert entry["severity"] in {"error", "warning", "info"}
    assert all(entry[language][part].strip() for part in PARTS)
    assert set(entry[language]) == set(PARTS)


def test_notice__of_an_unknown_code_is_a_bug() -> None:
    with pytest.raises(KeyError):
        Notice("no_such_code")


def test_notice__is_said_in_spanish() -> None:
    text = Notice("crs_missing", file="a.gpkg", layer="census", item="x").text("es")
    assert text.startswith("error [crs_missing] capa 'census', archivo a.gpkg, x\n  hallado: ")
    assert "  motivo:  " in text
    assert "  remedio: " in text
    assert max(map(len, text.splitlines())) <= 100


def test_warnings__are_not_errors() -> None:
    warning, error = Notice("areas_overlap"), Notice("crs_missing")
    assert errors([warning, error]) == (error,)
    assert (warning.severity, error.severity) == ("warning", "error")


def test_near__puts_the_nearest_first_and_cuts_long_lists() -> None:
    assert near("helth", ["census", "health"]) == "health, census"
    assert near("x", [f"name{n:02}" for n in range(15)]).endswith("… (+3)")


def test_error__says_sentences_and_notices() -> None:
    fault = InclusionMarkerError("plain words", Notice("boundary_absent", file="city.toml"))
    assert fault.text("es").startswith("plain words\nerror [boundary_absent] archivo city.toml")
