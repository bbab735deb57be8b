"""Figures and names as the report says them: one way for each, in both languages."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.composite.classes import BREAKS, classify
from inclusion_marker.outputs.palette import NO_DATA, PUBLISHED
from inclusion_marker.outputs.wording import percent, plain, whole
from inclusion_marker.texts import word

DASH = "\N{EN DASH}"
EVEN = 0.05
"""Points that one decimal does not show."""

_STEP = 10.0
_TIED = "\N{NO-BREAK SPACE}"
_SOUNDS_LIKE_I = re.compile(r"^h?[iíIÍ](?![aeoáéóAEO])", re.IGNORECASE)


class Span(NamedTuple):
    """The ends of what nine in ten draws lie within; missing without draws."""

    low: float
    high: float

    @property
    def known(self) -> bool:
        """Return whether there were draws."""
        return math.isfinite(self.low) and math.isfinite(self.high)


UNKNOWN = Span(math.nan, math.nan)


def figure(value: float, digits: int = 1) -> str:
    """Return a figure with some decimals, a dash where there is none; never minus nothing.

    Examples
    --------
    >>> figure(66.04), figure(-0.01), figure(float("nan")) == DASH
    ('66.0', '0.0', True)
    """
    if not math.isfinite(value):
        return DASH
    said = f"{value:.{digits}f}"
    return said.removeprefix("-") if float(said) == 0 else said


def share(part: float) -> str:
    """Return a share of 1 in percent, its sign on the same line; a dash where there is none.

    Examples
    --------
    >>> share(0.1234).replace("\N{NO-BREAK SPACE}", "_"), share(float("nan")) == DASH
    ('12.3_%', True)
    """
    return tied(percent(100 * part)) if math.isfinite(part) else DASH


def tied(said: str) -> str:
    """Return words whose percent signs stay with their numbers."""
    return said.replace(" %", f"{_TIED}%")


def counted(key: str, count: float, language: str, **values: object) -> str:
    """Return the phrase of a count: ``…_one`` for one as it is shown, ``…`` for any other.

    Parameters
    ----------
    key
        Phrase of the catalogue with ``{count}``.
    count
        How many.
    language
        ``"es"`` or ``"en"``.
    values
        What fills its other placeholders.
    """
    form = f"{key}_one" if whole(count, language) == "1" else key
    return word(form, language, count=whole(count, language), **values)


def interval(span: Span, digits: int = 1) -> str:
    """Return both ends of an interval with a dash between, only a dash without draws.

    Examples
    --------
    >>> interval(Span(57.42, 63.18)).split(DASH), interval(UNKNOWN) == DASH
    (['57.4', '63.2'], True)
    """
    if not span.known:
        return DASH
    return f"{figure(span.low, digits)}{DASH}{figure(span.high, digits)}"


def between(span: Span, language: str, digits: int = 1) -> str:
    """Return an interval as words that follow "lies": ``between 57.4 and 63.2``, or ``at 57.4``.

    Examples
    --------
    >>> between(Span(57.4, 63.2), "en"), between(Span(57.41, 57.42), "en")
    ('between 57.4 and 63.2', 'at 57.4')
    """
    low, high = figure(span.low, digits), figure(span.high, digits)
    key = "report_at" if low == high else "report_between"
    return word(key, language, low=low, high=high)


def from_to(span: Span, language: str, digits: int = 1) -> str:
    """Return an interval as ``57.4 to 63.2``, or one figure where both ends look alike.

    Examples
    --------
    >>> from_to(Span(1.0, 2.0), "es"), from_to(Span(1.0, 1.01), "es")
    ('de 1.0 a 2.0', 'de 1.0')
    """
    low, high = figure(span.low, digits), figure(span.high, digits)
    key = "report_of" if low == high else "report_from_to"
    return word(key, language, low=low, high=high)


def line_of(values: Iterable[float]) -> tuple[float, float]:
    """Return what a line of marks spans: the tens that hold all values, 0 to 100 without any.

    Parameters
    ----------
    values
        Scores; missing ones are left out.

    Examples
    --------
    >>> line_of([57.4, 80.4, float("nan")]), line_of([])
    ((50.0, 90.0), (0.0, 100.0))
    """
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return 0.0, 100.0
    least = min(max(_STEP * math.floor(min(known) / _STEP), 0.0), 100.0 - _STEP)
    return least, min(max(_STEP * math.ceil(max(known) / _STEP), least + _STEP), 100.0)


def listed(names: Sequence[str], language: str, most: int = 0) -> str:
    """Return names as a list in a sentence.

    Parameters
    ----------
    names
        At least one.
    language
        ``"es"`` or ``"en"``; Spanish says "e" before the sound of an i.
    most
        How many are named, the others counted; all if 0.

    Examples
    --------
    >>> listed(["Norte", "Sur", "Ibagué"], "es"), listed(["A", "B", "C", "D"], "en", 2)
    ('Norte, Sur e Ibagué', 'A, B and 2 more')
    """
    shown = list(names)
    if most and len(shown) > most + 1:  # to count a single one takes the room of its name
        others = word("report_others", language, count=len(shown) - most)
        shown = [*shown[:most], others]
    if len(shown) == 1:
        return shown[0]
    sounds = language == "es" and _SOUNDS_LIKE_I.match(shown[-1]) is not None
    joint = word("report_and_i" if sounds else "explained_and", language)
    return f"{', '.join(shown[:-1])} {joint} {shown[-1]}"


def capital(said: str) -> str:
    """Return words with a large first letter.

    Examples
    --------
    >>> capital("las demás personas")
    'Las demás personas'
    """
    return said[:1].upper() + said[1:]


def district_name(name: object, language: str) -> str:
    """Return what a district is called; one that only has a number, by that.

    Examples
    --------
    >>> district_name("Tarqui", "es"), district_name(8, "es")
    ('Tarqui', 'Distrito 8')
    """
    said = plain(str(name))
    if any(sign.isalpha() for sign in said):
        return said
    return word("report_numbered", language, name=said)


def quoted(name: str, language: str) -> str:
    """Return a name in the quotation marks of a language.

    Examples
    --------
    >>> quoted("Salud", "es"), quoted("Health", "en")
    ('«Salud»', '“Health”')
    """
    return word("report_quoted", language, name=name)


def class_of(score: float) -> int:
    """Return the class of a score, 1 = worst; 0 without a score.

    A score counts as it is shown: 59.96 is read as 60.0.

    Examples
    --------
    >>> class_of(59.96), class_of(float("nan"))
    (3, 0)
    """
    if not math.isfinite(score):
        return 0
    return int(classify(pd.Series([round(score, 1)])).iloc[0])


def class_label(number: int, language: str) -> str:
    """Return the label of a class, that of no data for 0.

    Examples
    --------
    >>> class_label(3, "en").split(DASH), class_label(0, "en")
    (['60', '70'], 'No data')
    """
    if number == 0:
        return word("no_data", language)
    return f"{BREAKS[number - 1]:g}{DASH}{BREAKS[number]:g}"


def colour_of(score: float) -> str:
    """Return the colour of a score's class."""
    return (NO_DATA, *PUBLISHED)[class_of(score)]


def city_span(analyses: Analyses, node: str, source: str = "both") -> Span:
    """Return the interval of the city's mean of a node; missing without draws.

    Parameters
    ----------
    analyses
        The analyses that go into every output.
    node
        ``marker`` or ``area_…``.
    source
        ``both``, ``data`` or ``choices``.
    """
    if analyses.robustness is None or (node, source) not in analyses.robustness.city.index:
        return UNKNOWN
    row = analyses.robustness.city[["low", "high"]].xs((node, source)).to_numpy(float)
    return Span(float(row[0]), float(row[1]))


def draws_of(analyses: Analyses) -> int:
    """Return how many times the marker was drawn; 0 if it was not."""
    return 0 if analyses.robustness is None else int(analyses.robustness.draws.shape[1])
