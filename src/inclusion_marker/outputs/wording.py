"""Words and numbers as people read them: on a terminal, on a map, in a notebook."""

from inclusion_marker.result import Result
from inclusion_marker.texts import word


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


def cautions(result: Result, language: str) -> tuple[str, ...]:
    """Return what every output has to say aloud: that a city is made up, that it cannot compare.

    Parameters
    ----------
    result
        What was computed.
    language
        ``"es"`` or ``"en"``.
    """
    said = [word("synthetic_warning", language)] if result.city.synthetic else []
    reasons = [each.said(language) for each in result.method.not_comparable_because()]
    if reasons:
        said.append(word("summary_not_comparable", language, reasons="; ".join(reasons)))
    return tuple(said)
