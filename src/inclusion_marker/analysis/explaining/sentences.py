"""What is lacking in one sentence, its figures rounded so that those shown add up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from inclusion_marker.texts import word

_TENTHS = 10
_MOST = 3


class Said(NamedTuple):
    """A figure and what it is of."""

    name: str
    value: float


def shown_parts(parts: Sequence[float], total: float) -> list[float]:
    """Return the parts of a total with one decimal, so that they add up to it as it is shown.

    Each is rounded down to a tenth, and the tenths that are left go to those that lost most.

    Parameters
    ----------
    parts
        None below 0; they add up to ``total`` but for its rounding.
    total
        With one decimal.

    Examples
    --------
    >>> shown_parts([1.04, 1.04, 1.04], 3.1)
    [1.1, 1.0, 1.0]
    """
    tenths = [_TENTHS * part for part in parts]
    shown = [math.floor(round(each, 6)) for each in tenths]
    left = round(_TENTHS * total) - sum(shown)
    most_cut = sorted(range(len(parts)), key=lambda at: (shown[at] - tenths[at], at))
    for at in most_cut[: max(left, 0)]:
        shown[at] += 1
    return [each / _TENTHS for each in shown]


def shown_shortfall(marker: float) -> float:
    """Return what a marker lacks of 100 with one decimal; with the marker as shown it makes 100.

    Examples
    --------
    >>> shown_shortfall(65.95)
    34.0
    """
    return round(100.0 - round(marker, 1), 1)


def shortfall_sentence(
    place: tuple[str, str],
    marker: float,
    reasons: Sequence[Said],
    closing: Sequence[Said],
    point: Sequence[Said],
    *,
    language: str,
) -> str:
    """Return what a place lacks of 100, why, and what would add most, as sentences.

    Parameters
    ----------
    place
        Kind (``cell``, ``district``, ``city``) and name.
    marker
        Its marker, 0-100.
    reasons
        Points of the shortfall as they are shown: they add up to it. Empty where the method's
        rule does not split.
    closing, point
        What adds most: one node brought to 100, one point more of a node; may be empty.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> reasons = [Said("Internet", 25.0), Said("Sanitation", 5.0)]
    >>> shortfall_sentence(("cell", "8f"), 70.0, reasons, [], [], language="en")
    'Cell 8f (marker 70.0) lacks 30.0 points of 100: 25.0 for “Internet” and 5.0 for “Sanitation”.'
    """
    kind, name = place
    short = shown_shortfall(marker)
    values = {"place": word(f"explained_{kind}", language, name=name), "marker": f"{marker:.1f}"}
    if short == 0:
        return word("explained_full", language, **values)
    values["points"] = f"{short:.1f}"
    if not reasons:
        return word("explained_unsplit", language, **values)
    ordered = sorted(reasons, key=lambda each: -each.value)
    parts = [
        word("explained_part", language, points=f"{each.value:.1f}", name=each.name)
        for each in ordered[:_MOST]
    ]
    if others := ordered[_MOST:]:
        rest = f"{math.fsum(each.value for each in others):.1f}"
        key = "explained_other" if len(others) == 1 else "explained_others"
        parts.append(word(key, language, points=rest, count=len(others)))
    last = f" {word('explained_and', language)} "
    listed = last.join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    said = [word("explained_shortfall", language, **values, parts=listed)]
    for key, figures, digits in (("explained_closing", closing, 1), ("explained_point", point, 2)):
        said += [
            word(key, language, name=each.name, gain=f"{each.value:.{digits}f}") for each in figures
        ]
    return " ".join(said)
