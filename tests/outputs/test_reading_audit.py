"""The audit in words: ten steps, findings worst first, every line within its width."""

from __future__ import annotations

import re

import pytest

from inclusion_marker.analysis.audit import Audit, audit
from inclusion_marker.analysis.auditing.thresholds import Thresholds
from inclusion_marker.marker import compute
from inclusion_marker.outputs.readings.audit import audit_text
from inclusion_marker.texts import LANGUAGES, catalogue, word


@pytest.fixture(scope="module")
def half() -> Audit:
    """Return the audit of a small city with half of its indicators and no marker."""
    return audit(compute("manta", resolution=8))


@pytest.fixture(scope="module")
def lowered() -> Audit:
    """Return the audit of the same where the minimum is lowered, by cells, one threshold moved."""
    marker = compute("manta", resolution=8, min_coverage=0.3)
    return audit(marker, people=False, thresholds=Thresholds(weak=0.2))


@pytest.mark.parametrize("language", LANGUAGES)
def test_reading__keeps_within_its_width_and_leaves_nothing_unfilled(
    half: Audit, lowered: Audit, language: str
) -> None:
    for each in (half, lowered):
        text = audit_text(each, language)
        assert max(map(len, text.splitlines())) <= 100
        assert not re.search(r"[{}]|\bnan\b|\bNone\b(?! changes)", text)
        assert text == text.strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_reading__has_the_ten_steps_with_their_signs(half: Audit, language: str) -> None:
    lines = audit_text(half, language).splitlines()
    at = lines.index(word("audit_steps_head", language)) + 1
    signs = [line[2] for line in lines[at : at + 10]]
    steps = half.steps
    for step, sign in zip(steps.index, signs, strict=True):
        found = steps.loc[step]
        expected = "!" if found["warnings"] else "i" if found["notes"] else "✓"
        assert sign == ("-" if step in {7, 10} else expected)
        assert f"{step} {word(f'audit_step_{step}', language)}" in lines[at + step - 1]


def test_reading__says_the_worst_first_with_why_and_what_to_do(half: Audit) -> None:
    text = audit_text(half, "es")
    acting = text[text.index("Por atender, lo más") : text.index("\n\nPor tener presentes")]
    assert acting.splitlines()[1].startswith(
        "  ! [paso 5] E2 Proximidad a equipamientos educativos"
    )
    kinds = half.findings.loc[half.findings["severity"] != "info", "code"].nunique()
    assert acting.count("Por qué importa:") == acting.count("Qué hacer:") == kinds
    assert acting.count("  ! [paso") == kinds


def test_reading__names_a_few_of_a_kind_and_counts_the_others(half: Audit) -> None:
    kinds = half.findings.groupby("code").size()
    many = kinds[kinds > 5]
    assert len(many)
    text = audit_text(half, "en")
    for count in many:
        assert f"· … and {count - 5} more" in text


def test_reading__sets_weight_beside_influence(half: Audit) -> None:
    text = audit_text(half, "en").replace("\N{NO-BREAK SPACE}", " ")
    table = text[text.index(word("audit_voices", "en")) :]
    line = next(each for each in table.splitlines() if "EP_VIT" in each)
    row = {name: float(each["dim_vitality"]) for name, each in half.nodes[list(_SHOWN)].items()}
    shown = f"50 % {row['ratio_parent']:.2f} {100 * row['influence']:.0f} % {row['times']:.2f}"
    assert " ".join(line.split()).endswith(f"{shown} {row['alpha']:.2f}")


_SHOWN = ("ratio_parent", "influence", "times", "alpha")


def test_reading__says_what_counts_and_what_was_changed(half: Audit, lowered: Audit) -> None:
    assert "each cell counts by its people" in audit_text(half, "en")
    assert "all cells count the same" in audit_text(lowered, "en")
    assert "weak correlation: 0.2 (changed for this audit)" in audit_text(lowered, "en")
    assert "SYNTHETIC DATA" in audit_text(half, "en")


def test_reading__without_two_that_vary_says_so() -> None:
    marker = compute("manta", resolution=4)
    text = audit_text(audit(marker), "en")
    assert len(marker.grid.index) == 1
    assert "No group has two children that vary." in text
    assert "with fewer than 30 correlations are mostly chance" in " ".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_the_audit__are_there_for_every_step_and_threshold(language: str) -> None:
    for step in range(1, 11):
        assert word(f"audit_step_{step}", language)
    for name in Thresholds.sources():
        assert word(f"audit_threshold_{name}", language)
    for code in catalogue("notices"):
        if code.startswith("audit_"):
            said = catalogue("notices")[code][language]
            # The parts are put behind a colon or before a full stop.
            assert not any(part.endswith(".") for part in said.values()), code
