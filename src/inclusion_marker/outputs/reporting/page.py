"""The page that holds the sections: one file, no script, nothing to be fetched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from inclusion_marker.outputs.palette import ACCENT, CLUSTERS
from inclusion_marker.outputs.reporting.blocks import Section
from inclusion_marker.texts import word

_ROOM = "inclusion_marker.outputs.reporting"


@dataclass(frozen=True, slots=True)
class Page:
    """The report as records, ready to be set.

    Attributes
    ----------
    language
        ``"es"`` or ``"en"``.
    city
        Name of the city.
    subtitle
        By which method, from which cells.
    cautions
        What has to be said aloud, on every page of the print.
    sections
        From first to last.
    made_by
        Name and version of the tool.
    """

    language: str
    city: str
    subtitle: str
    cautions: tuple[str, ...]
    sections: tuple[Section, ...]
    made_by: str


def render(page: Page) -> str:
    """Return a page as HTML; all words in it are text, whatever signs they hold.

    Parameters
    ----------
    page
        What it says.

    Examples
    --------
    >>> html = render(Page("en", "<b>Town</b>", "", (), (), "inclusion_marker 0.1.0"))
    >>> "<b>" in html, "&lt;b&gt;Town&lt;/b&gt;" in html
    (False, True)
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415 - import fast
    from markupsafe import Markup  # noqa: PLC0415

    def said(key: str, **values: object) -> str:
        return word(key, page.language, **values)

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(_asset),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    style = Markup(_colours() + _asset("report.css") + _margins(page))  # noqa: S704 - our own file, and escapes
    return environment.get_template("report.html.j2").render(page=page, word=said, style=style)


def _asset(name: str) -> str:
    """Return a file of this room."""
    return (files(_ROOM) / name).read_text(encoding="utf-8")


def _colours() -> str:
    """Return the colours of the palette as properties of CSS."""
    named = {"accent": ACCENT, **{key: CLUSTERS[key] for key in ("low", "high")}}
    return f":root{{{''.join(f'--{key}:{colour};' for key, colour in named.items())}}}\n"


def _margins(page: Page) -> str:
    """Return the rules of what runs at the head and foot of every printed page."""
    foot = f"{word('marker', page.language)} · {page.made_by}"
    page_word = f"{word('report_page', page.language)} "
    parts: Sequence[tuple[str, str]] = (
        ("@top-left", quoted_css(page.city)),
        ("@top-right", quoted_css(_shortest(page.cautions))),
        ("@bottom-left", quoted_css(foot)),
        (
            "@bottom-right",
            f"{quoted_css(page_word)} counter(page) {quoted_css(' / ')} counter(pages)",
        ),
    )
    rules = "".join(f"{place}{{content:{said}}}" for place, said in parts)
    return f"@page{{{rules}}}\n"


def _shortest(cautions: Sequence[str]) -> str:
    """Return the cautions as short as a margin: what comes before the first colon of each."""
    return " · ".join(each.split(":", 1)[0] for each in cautions)


def quoted_css(said: str) -> str:
    r"""Return words as a string of CSS that cannot end early, nor end the style.

    Parameters
    ----------
    said
        Any words.

    Examples
    --------
    >>> quoted_css('a"</style>')
    '"a\\22 \\3c \\2f style\\3e "'
    """
    signs = (
        sign if (sign.isascii() and sign.isalnum()) or sign == " " else f"\\{ord(sign):x} "
        for sign in said
    )
    return f'"{"".join(signs)}"'
