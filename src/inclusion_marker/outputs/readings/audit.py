"""An audit in words: the ten steps, what to act on first, and who really speaks in the marker."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import fields

from inclusion_marker.analysis.audit import STEPS, Audit
from inclusion_marker.analysis.auditing.door import rows_of
from inclusion_marker.analysis.auditing.evidence import children, level_of
from inclusion_marker.analysis.auditing.findings import called
from inclusion_marker.analysis.auditing.thresholds import OWN, Thresholds
from inclusion_marker.notices import Notice
from inclusion_marker.outputs.wording import cautions, plain, shortened, whole, wrapped
from inclusion_marker.texts import word

_NAME, _NUMBER, _STEP = 42, 11, 32
_MOST_ALIKE = 5
_PAIR = 2
_ACT, _MIND, _CLEAR, _UNCHECKED = "!", "i", "✓", "-"


def audit_text(audit: Audit, language: str) -> str:
    """Return an audit as text, at most 100 characters wide.

    Parameters
    ----------
    audit
        What :func:`inclusion_marker.analysis.audit.audit` found.
    language
        ``"es"`` or ``"en"``.

    Returns
    -------
    text
        What was audited; the ten steps, each with a sign; the findings to act on, worst first,
        those of one kind together with why they matter and what to do; those to keep in mind; the
        table of stated weights against influence; the thresholds with their sources.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> from inclusion_marker.analysis.audit import audit
    >>> print(audit_text(audit(compute("manta", resolution=8)), "en").splitlines()[0])
    Audit in ten steps (OECD and JRC): Manta (synthetic twin)
    """
    parts = (_head, _steps, _to_act_on, _to_keep_in_mind, _voices, _thresholds)
    blocks = ("\n".join(part(audit, language)) for part in parts)
    return "\n\n".join(block for block in blocks if block)


def _head(audit: Audit, language: str) -> Iterator[str]:
    """Yield what was audited, what weighs in it, and how much was found."""
    city, method = audit.city, audit.method
    yield from wrapped(word("audit_title", language, city=plain(city.name.said(language))))
    for said in cautions(city, audit.method, language):
        yield from wrapped(said)
    yield from wrapped(
        word(
            "audit_method",
            language,
            name=plain(method.name.said(language)),
            id=method.id,
            version=plain(method.version),
        )
    )
    basis = "audit_basis_people" if audit.weighted else "audit_basis_cells"
    counted = {"people": whole(audit.persons, language), "cells": whole(audit.cells, language)}
    yield from wrapped(word(basis, language, **counted))
    found = {name: int(audit.steps[name].sum()) for name in ("warnings", "notes")}
    yield from wrapped(word("audit_counts", language, **found))


def _steps(audit: Audit, language: str) -> Iterator[str]:
    """Yield the ten steps, each with a sign and how much was found."""
    yield word("audit_steps_head", language)
    for step in STEPS:
        checks, warnings, notes = (
            int(audit.steps[name][step]) for name in ("checks", "warnings", "notes")
        )
        sign = _ACT if warnings else _MIND if notes else _CLEAR if checks else _UNCHECKED
        said = [
            word(f"audit_step_{name}", language, count=count)
            for name, count in (("warnings", warnings), ("notes", notes))
            if count
        ]
        if not said:
            said = [word("audit_step_clear" if checks else "audit_step_unchecked", language)]
        title = f"{step:>2} {word(f'audit_step_{step}', language)}"
        yield f"  {sign} {title:<{_STEP}} {', '.join(said)}"


def _to_act_on(audit: Audit, language: str) -> Iterator[str]:
    """Yield the warnings, worst first."""
    yield word("audit_act", language)
    yield from _kinds(audit, language, informs=False)


def _to_keep_in_mind(audit: Audit, language: str) -> Iterator[str]:
    """Yield the other findings, in the order of the steps."""
    yield word("audit_mind", language)
    yield from _kinds(audit, language, informs=True)


def _kinds(audit: Audit, language: str, *, informs: bool) -> Iterator[str]:
    """Yield the findings of some severity, those of one kind together."""
    kinds: dict[str, list[Notice]] = {}
    step_of: dict[str, int] = {}
    for row, notice in zip(rows_of(audit.findings), audit.notices, strict=True):
        if (notice.severity == "info") == informs:
            kinds.setdefault(notice.code, []).append(notice)
            step_of[notice.code] = int(row["step"])
    if not kinds:
        yield f"  {word('audit_nothing', language)}"
    for code, notices in kinds.items():
        first = notices[0]
        step = word("audit_step_of", language, step=step_of[code])
        yield from wrapped(f"{_MIND if informs else _ACT} [{step}] {_found(first, language)}", "  ")
        for notice in notices[1:_MOST_ALIKE]:
            yield from wrapped(f"· {_found(notice, language)}", "      ")
        if len(notices) > _MOST_ALIKE:
            yield f"      · {word('more', language, count=len(notices) - _MOST_ALIKE)}"
        yield from wrapped(
            word("audit_why", language, why=plain(first.part("why", language))), "      "
        )
        yield from wrapped(
            word("audit_fix", language, fix=plain(first.part("fix", language))), "      "
        )


def _found(notice: Notice, language: str) -> str:
    """Return what was found, as it may stand on a terminal, its first letter large."""
    said = plain(notice.part("found", language))
    return said[:1].upper() + said[1:]


# ── weight and influence ─────────────────────────────────────────────────────


def _voices(audit: Audit, language: str) -> Iterator[str]:
    """Yield the stated weight of each node beside its influence, and how its children agree."""
    yield word("audit_voices", language)
    yield from wrapped(word("audit_voices_about", language), "  ")
    rows = {str(row["node"]): row for row in rows_of(audit.nodes)}
    lines = [*_voice_lines(audit, rows, language)]
    if not lines:
        yield f"  {word('audit_voices_none', language)}"
        return
    heads = [word(f"audit_col_{name}", language) for name in _COLUMNS]
    yield " " * _NAME + "".join(f"{head:>{_NUMBER}}" for head in heads)
    yield from lines


_COLUMNS = ("weight", "s", "influence", "times", "alpha")


def _voice_lines(audit: Audit, rows: dict[str, dict[str, float]], language: str) -> Iterator[str]:
    """Yield a line for each area and dimension, and for the indicators that stand out."""
    most = audit.thresholds.influence
    for node in _down(audit, "marker"):
        row = rows[node]
        times = row["times"]
        if math.isnan(times):
            continue
        stands_out = not 1 / most <= times <= most
        if level_of(node) == "indicator" and not stands_out:
            continue
        indent = {"area": "  ", "dimension": "    "}.get(level_of(node), "      ")
        name = indent + plain(called(audit.method, node).said(language))
        figures = (
            f"{100 * row['weight_seen']:.0f} %",
            f"{row['ratio_parent']:.2f}",
            f"{100 * row['influence']:.0f} %",
            f"{times:.2f}",
            "-" if math.isnan(row["alpha"]) else f"{row['alpha']:.2f}",
        )
        shown = "".join(f"{each:>{_NUMBER}}" for each in figures)
        yield f"{shortened(name, _NAME):<{_NAME}}{shown}{'  ' + _ACT if stands_out else ''}"


def _down(audit: Audit, node: str) -> Iterator[str]:
    """Yield the nodes below one, each followed by its own; those alone in their group have none."""
    below = children(audit.method, node)
    for child in below:
        if len(below) >= _PAIR:
            yield child
        yield from _down(audit, child)


# ── thresholds ───────────────────────────────────────────────────────────────


def _thresholds(audit: Audit, language: str) -> Iterator[str]:
    """Yield each threshold with its source; one that was changed has no source but who did it."""
    yield word("audit_thresholds", language)
    sources, defaults = Thresholds.sources(), Thresholds()
    for each in fields(audit.thresholds):
        value = getattr(audit.thresholds, each.name)
        source = sources[each.name]
        if value != getattr(defaults, each.name):
            source = word("audit_changed", language)
        elif source == OWN:
            source = word("audit_own_choice", language)
        said = f"{word(f'audit_threshold_{each.name}', language)}: {value:g} ({source})"
        yield from wrapped(said, "  ")
