"""Words and figures of the pages that are made, in the language of the page."""

import tomllib
from functools import cache
from pathlib import Path


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    """Return the phrases of the site."""
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


def say(key: str, language: str, **values: object) -> str:
    """Return a phrase of the site, its placeholders filled.

    Parameters
    ----------
    key
        Key of ``words.toml``.
    language
        ``"es"`` or ``"en"``.
    values
        What fills the placeholders.

    Examples
    --------
    >>> say("up_to", "es", high=3)
    'hasta 3 %'
    """
    phrase = _catalogue()[key][language]
    return phrase.format(**values) if values else phrase


def number(value: float, language: str) -> str:
    r"""Return a figure with its thousands apart and no idle zeros.

    Examples
    --------
    >>> number(100_000.0, "en"), number(6159.11, "es"), number(0.5, "en")
    ('100,000', '6\xa0159.11', '0.5')
    """
    text = f"{value:,.6g}" if abs(value) < 1 else f"{value:,.4f}".rstrip("0").rstrip(".")
    return text if language == "en" else text.replace(",", "\N{NO-BREAK SPACE}")


def percent(share: float) -> str:
    """Return a share of 1 as a percentage.

    Examples
    --------
    >>> percent(0.2), percent(1 / 15)
    ('20 %', '6.67 %')
    """
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + " %"
