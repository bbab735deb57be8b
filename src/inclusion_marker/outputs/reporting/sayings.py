"""Figures and names as the report says them: one way for each, in both languages."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.composite.classes import class_labels, classify
from inclusion_marker.outputs.palette import NO_DATA, PUBLISHED
from inclusion_marker.outputs.wording import DASH, capital, number, percent, plain, tied, whole
from inclusion_marker.texts import word

_STEP = 10.0
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


def share(part: float) -> str:
    """Return a share of 1 in percent, its sign on the same line; a dash where there is none.

    Examples
    --------
    >>> share(0.1234).replace("\N{NO-BREAK SPACE}", "_"), share(float("nan")) == DASH
    ('12.3_%', True)
    """
    return tied(percent(100 * part)) if math.isfinite(part) else DASH


def asked(part: float) -> str:
    """Return a share that a method asks for as it was written there, in percent.

    Examples
    --------
    >>> [asked(each).replace("\N{NO-BREAK SPACE}", "_") for each in (0.5, 0.29, 0.125)]
    ['50_%', '29_%', '12.5_%']
    """
    return tied(f"{100 * part:g} %")


class Share(NamedTuple):
    r"""A share in a sentence: an article as the format of its place goes before it, or merges.

    What is all but everything, or all but nothing, has words there and not a sign.

    Attributes
    ----------
    part
        A share of 1.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> f"{Share(0.25, 'es'):al}", f"{Share(0.9999, 'es'):al}", f"{Share(0.0001, 'en')}"
    ('al 25.0\xa0%', 'a más del 99.9\xa0%', 'less than 0.1\xa0%')
    """

    part: float
    language: str

    def __format__(self, article: str) -> str:
        """Return the share after ``el``, ``al`` or ``del``, or after none."""
        said = share(self.part)
        if said[0] not in _EXTREMES:
            return f"{article} {said}" if article else said
        words = word(_EXTREMES[said[0]], self.language, share=said[1:])
        return _MERGED.get(article, "") + words


_EXTREMES = {"<": "report_less_than", ">": "report_more_than"}
_MERGED = {"al": "a ", "del": "de "}


def sentence(key: str, language: str, **values: object) -> str:
    """Return a phrase as a sentence: what it begins with may be a value, its letter is large.

    Parameters
    ----------
    key
        Phrase of the catalogue.
    language
        ``"es"`` or ``"en"``.
    values
        What fills its placeholders.
    """
    return capital(word(key, language, **values))


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
    return f"{number(span.low, digits)}{DASH}{number(span.high, digits)}"


def between(span: Span, language: str, digits: int = 1) -> str:
    """Return an interval as words that follow "lies": ``between 57.4 and 63.2``, or ``at 57.4``.

    Examples
    --------
    >>> between(Span(57.4, 63.2), "en"), between(Span(57.41, 57.42), "en")
    ('between 57.4 and 63.2', 'at 57.4')
    """
    low, high = number(span.low, digits), number(span.high, digits)
    key = "report_at" if low == high else "report_between"
    return word(key, language, low=low, high=high)


def from_to(span: Span, language: str, digits: int = 1) -> str:
    """Return an interval as ``57.4 to 63.2``, or one figure where both ends look alike.

    Examples
    --------
    >>> from_to(Span(1.0, 2.0), "es"), from_to(Span(1.0, 1.01), "es")
    ('de 1.0 a 2.0', 'de 1.0')
    """
    low, high = number(span.low, digits), number(span.high, digits)
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

    It is that of the exact score, as on every map: 59.96 is below 60, though it reads 60.0.

    Examples
    --------
    >>> class_of(59.96), class_of(60.0), class_of(float("nan"))
    (2, 3, 0)
    """
    return int(classify(pd.Series([score])).fillna(0).iloc[0])


def class_label(place: int, language: str) -> str:
    """Return the label of a class, that of no data for 0.

    Examples
    --------
    >>> class_label(3, "en").split(DASH), class_label(0, "en")
    (['60', '70'], 'No data')
    """
    return (word("no_data", language), *class_labels(dash=DASH))[place]


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
