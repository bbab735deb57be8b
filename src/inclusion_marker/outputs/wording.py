"""Words and numbers as people read them: on a terminal, on a map, in a notebook."""

import math
import textwrap

from inclusion_marker.city import City
from inclusion_marker.method import Method
from inclusion_marker.result import Result
from inclusion_marker.texts import grouped, word

EVEN = 0.05
"""Points below which two scores are one, as scores are shown."""

WIDTH = 100
DASH = "\N{EN DASH}"
"""What stands for a figure that is missing, and between the ends of an interval."""

TIE = "\N{NO-BREAK SPACE}"
"""What holds words together on a line."""


def plain(said: str) -> str:
    r"""Return words from a file on one line, without signs that a terminal would obey.

    Parameters
    ----------
    said
        Any words; they may come from a stranger's file.

    Examples
    --------
    >>> plain("Norte\x1b[31m\n  Sur")
    'Norte [31m Sur'
    """
    return " ".join("".join(sign if sign.isprintable() else " " for sign in said).split())


def whole(count: float, language: str) -> str:
    """Return a count with its thousands apart: by a comma in English, by a space in Spanish.

    Parameters
    ----------
    count
        People, cells: anything that is counted.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> whole(1577959, "en"), whole(950.4, "es")
    ('1,577,959', '950')
    """
    return grouped(count).said(language)


def number(value: float, digits: int = 1) -> str:
    """Return a figure with some decimals, a dash where there is none; never minus nothing.

    Parameters
    ----------
    value
        A score, a difference of scores: the exact one, which is rounded here and nowhere before.
    digits
        Decimals.

    Examples
    --------
    >>> number(66.04), number(-0.01), number(0.1234, 3), number(float("nan")) == DASH
    ('66.0', '0.0', '0.123', True)
    """
    if not math.isfinite(value):
        return DASH
    said = f"{value:.{digits}f}"
    return said.removeprefix("-") if float(said) == 0 else said


def signed(points: float) -> str:
    r"""Return the difference of two scores with its sign; what rounds to nothing has none.

    Parameters
    ----------
    points
        The exact difference, not that of two rounded scores.

    Examples
    --------
    >>> signed(1.26), signed(-0.04), signed(-2.0) == "\N{MINUS SIGN}2.0"
    ('+1.3', '0.0', True)
    """
    said = number(abs(points))
    if not math.isfinite(points) or float(said) == 0:
        return said
    return ("\N{MINUS SIGN}" if points < 0 else "+") + said


MEASURES = ((100.0, 0), (10.0, 1), (0.0, 2))
"""From which size on a measured value has how many decimals, the largest first."""


def measured(value: float, unit: str, language: str) -> str:
    """Return a measured value with its unit, a dash where there is none; large ones are shorter.

    Parameters
    ----------
    value
        In the unit; missing as NaN.
    unit
        Its name in the language.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> [measured(each, "m", "en").replace(TIE, " ") for each in (1234.5, 12.34, 0.5)]
    ['1,234 m', '12.3 m', '0.50 m']
    >>> measured(float("nan"), "m", "en") == DASH
    True
    """
    if not math.isfinite(value):
        return DASH
    digits = next(digits for size, digits in MEASURES if abs(value) >= size)
    return f"{number(value, digits) if digits else whole(value, language)}{TIE}{plain(unit)}"


def percent(share: float) -> str:
    """Return a share of 100 in words: what exists is never shown as nothing, nor as everything.

    Parameters
    ----------
    share
        0-100.

    Examples
    --------
    >>> percent(0.0), percent(0.004), percent(12.34), percent(99.99), percent(100.0)
    ('0 %', '<0.1 %', '12.3 %', '>99.9 %', '100 %')
    """
    rounded = round(share, 1)
    nothing, everything = share < 1e-9, share > 100 - 1e-9  # noqa: PLR2004 - but for the last bits
    if rounded == 0 and not nothing:
        return "<0.1 %"
    if rounded == 100 and not everything:  # noqa: PLR2004 - all of it
        return ">99.9 %"
    return f"{rounded:.0f} %" if nothing or everything else f"{rounded:.1f} %"


def cautions(city: City, method: Method, language: str) -> tuple[str, ...]:
    """Return what every output has to say aloud: made up, not comparable, on a lowered minimum.

    Parameters
    ----------
    city, method
        What was computed, and by what.
    language
        ``"es"`` or ``"en"``.
    """
    said = [word("synthetic_warning", language)] if city.synthetic else []
    reasons = [each.said(language) for each in method.not_comparable_because()]
    if reasons:
        said.append(word("summary_not_comparable", language, reasons="; ".join(reasons)))
    if method.is_lowered:
        asked, held = method.asked_coverage, method.min_coverage.model_dump()
        bars = {key: f"{100 * share:g} %" for key, share in asked.model_dump().items()}
        low = f"{100 * min(held.values()):g} %"
        said.append(word("caution_lowered", language, low=low, **bars))
    return tuple(plain(each) for each in said)


def cautions_of(result: Result, language: str) -> tuple[str, ...]:
    """Return the cautions of a result: on a lowered minimum, with how much of it is observed.

    Parameters
    ----------
    result
        What was computed.
    language
        ``"es"`` or ``"en"``.
    """
    said = cautions(result.city, result.method, language)
    if not result.method.is_lowered:
        return said
    counted = [each for each in result.raw if each not in result.method.supplementary]
    known = int(result.raw[counted].notna().any().sum())
    share = percent(100 * result.observed())
    values = {"observed": share, "known": known, "total": len(counted)}
    return (*said[:-1], f"{said[-1]} {word('caution_observed', language, **values)}")


def node_title(method: Method, node: str, language: str) -> str:
    """Return the name of an area, a dimension or an indicator behind its code.

    Parameters
    ----------
    method
        The method that has it.
    node
        Its column in the outputs: ``area_…``, ``dim_…`` or ``ind_…``.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> node_title(load_method(), "ind_internet", "es")
    'V6 · Acceso a internet'
    """
    return f"{method.code_of(node)} · {method.name_of(node).said(language)}"


def tied(said: str) -> str:
    r"""Return words whose figures stay on a line with their signs.

    Parameters
    ----------
    said
        The words.

    Examples
    --------
    >>> tied("vive el 12 %")
    'vive el 12\xa0%'
    """
    return said.replace(" %", f"{TIE}%").replace(" = ", f"{TIE}={TIE}")


def capital(said: str) -> str:
    """Return words with a large first letter.

    Parameters
    ----------
    said
        The words.

    Examples
    --------
    >>> capital("las demás personas")
    'Las demás personas'
    """
    return said[:1].upper() + said[1:]


def wrapped(said: str, indent: str = "") -> list[str]:
    """Return words as lines of 100 characters; a figure stays with its sign.

    Parameters
    ----------
    said
        The words.
    indent
        What the first line begins with; the others begin two characters further in.

    Examples
    --------
    >>> wrapped("9 % of the people", "  ")
    ['  9 % of the people']
    """
    lines = textwrap.wrap(
        tied(said),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  " if indent else "",
        break_on_hyphens=False,
    )
    return [line.replace(f"{TIE}%", " %").replace(f"{TIE}={TIE}", " = ") for line in lines]


def shortened(said: str, width: int) -> str:
    """Return words cut to a width, and that they were.

    Examples
    --------
    >>> shortened("Villa del Rosario", 8)
    'Villa …'
    """
    return said if len(said) < width else f"{said[: width - 2]}…"
