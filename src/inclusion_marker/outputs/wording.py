"""Words and numbers as people read them: on a terminal, on a map, in a notebook."""

import textwrap

from inclusion_marker.city import City
from inclusion_marker.method import Method
from inclusion_marker.texts import word

WIDTH = 100
_TIED = "\N{NO-BREAK SPACE}"


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
    return f"{count:,.0f}".replace(",", "," if language == "en" else "\N{NO-BREAK SPACE}")


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
    """Return what every output has to say aloud: that a city is made up, that it cannot compare.

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
    return tuple(plain(each) for each in said)


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
        said.replace(" %", f"{_TIED}%").replace(" = ", f"{_TIED}={_TIED}"),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  " if indent else "",
        break_on_hyphens=False,
    )
    return [line.replace(f"{_TIED}%", " %").replace(f"{_TIED}={_TIED}", " = ") for line in lines]
