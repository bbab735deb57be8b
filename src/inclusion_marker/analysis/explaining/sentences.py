"""What is lacking in one sentence, each figure rounded by itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from inclusion_marker.texts import word

_MOST = 3


class Said(NamedTuple):
    """A figure and what it is of."""

    name: str
    value: float


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
        Points of the shortfall, exact: they add up to it, and as they are shown may miss it by a
        tenth. Empty where the method's rule does not split.
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
    short = round(100.0 - marker, 1)
    values = {"place": word(f"explained_{kind}", language, name=name), "marker": f"{marker:.1f}"}
    if short == 0:
        return word("explained_full", language, **values)
    values["points"] = f"{short:.1f}"
    if not reasons:
        return word("explained_unsplit", language, **values)
    ordered = sorted(reasons, key=lambda each: -each.value)
    first = [each for each in ordered[:_MOST] if round(each.value, 1) > 0] or ordered[:1]
    parts = [
        word("explained_part", language, points=_tenths(each.value), name=each.name)
        for each in first
    ]
    others = ordered[len(first) :]
    rest = math.fsum(each.value for each in others)
    if round(rest, 1) > 0:
        key = "explained_other" if len(others) == 1 else "explained_others"
        parts.append(word(key, language, points=_tenths(rest), count=len(others)))
    last = f" {word('explained_and', language)} "
    listed = last.join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    said = [word("explained_shortfall", language, **values, parts=listed)]
    for key, figures, digits in (("explained_closing", closing, 1), ("explained_point", point, 2)):
        said += [
            word(key, language, name=each.name, gain=f"{each.value:.{digits}f}") for each in figures
        ]
    return " ".join(said)


def _tenths(points: float) -> str:
    """Return points with one decimal; what is there is not shown as nothing."""
    return f"{points:.1f}" if round(points, 1) > 0 else "<0.1"
