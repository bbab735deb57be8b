"""What is missing from a marker, and why: one answer for every output that says it."""

from __future__ import annotations

from typing import NamedTuple

from inclusion_marker.outputs.wording import capital, plain
from inclusion_marker.result import Result
from inclusion_marker.texts import LANGUAGES, Text, phrase


class Lacking(NamedTuple):
    """An indicator that no cell has a value of.

    Attributes
    ----------
    indicator
        Its id.
    reason
        Why, as the city says it or else that there are no values: words on one line, with a
        large first letter and no full stop.
    """

    indicator: str
    reason: Text


def lacking(result: Result) -> tuple[Lacking, ...]:
    """Return the indicators of the marker that no cell has a value of, in the method's order.

    A supplementary indicator is none of them: what a city may bring and does not is no gap of its
    marker.

    Parameters
    ----------
    result
        What was computed.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> {each.indicator: each.reason.en for each in lacking(compute("manta", resolution=8))}[
    ...     "stratum"
    ... ]
    'Strata of dwellings are an instrument of Colombia; Ecuador has none'
    """
    return tuple(
        Lacking(key, _reason(result, key))
        for key, card in result.method.indicators.items()
        if not card.supplementary and result.scores.indicators[key].isna().all()
    )


def _reason(result: Result, indicator: str) -> Text:
    """Return why an indicator has no value."""
    said = result.city.omitted.get(indicator) or phrase("summary_no_values")
    return Text(**{each: capital(plain(said.said(each)).rstrip(".")) for each in LANGUAGES})
