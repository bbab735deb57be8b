"""Where the data of a result are from, as maps say it at their foot."""

from __future__ import annotations

import textwrap
from typing import NamedTuple

from inclusion_marker.outputs.wording import DASH, plain
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_MOST, _LONGEST = 8, 120


class Source(NamedTuple):
    """A source of data, whatever layers came from it.

    Attributes
    ----------
    name
        As the city file has it, on one line.
    dates
        Of its files, sorted; empty where none is given.
    licences
        Of its files, sorted; empty where none is given.
    """

    name: str
    dates: tuple[str, ...]
    licences: tuple[str, ...]


def sources_of(result: Result) -> tuple[Source, ...]:
    """Return the sources of all files that were read, outline and districts too, each once.

    Parameters
    ----------
    result
        What was computed.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> len(sources_of(compute("manta", resolution=8))) > 1
    True
    """
    dates: dict[str, set[str]] = {}
    licences: dict[str, set[str]] = {}
    for each in result.provenance["inputs"]:
        name = plain(each["source"])
        if name:
            dates.setdefault(name, set()).update({plain(each["date"])} - {""})
            licences.setdefault(name, set()).update({plain(each["licence"])} - {""})
    return tuple(
        Source(name, tuple(sorted(dates[name])), tuple(sorted(licences[name]))) for name in dates
    )


def sources_said(result: Result, language: str) -> str:
    """Return the sources with dates and licences on one line, the first eight by name.

    Parameters
    ----------
    result
        What was computed; of a city that is made up only that is said.
    language
        ``"es"`` or ``"en"``.
    """
    if result.city.synthetic:
        return word("map_made_up", language)
    found = sources_of(result)
    said = []
    for source in found[:_MOST]:
        name = textwrap.shorten(source.name, _LONGEST, placeholder=" …")
        about = ", ".join((*source.dates, *source.licences))
        said.append(f"{name} ({about})" if about else name)
    if len(found) > _MOST:
        said.append(word("more", language, count=len(found) - _MOST))
    return "; ".join(said) or DASH
