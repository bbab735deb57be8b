"""How wide words are in the font of the pictures, and where they are broken."""

from __future__ import annotations

from functools import cache

from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ft2font import LoadFlags

from inclusion_marker.outputs.pictures.style import FONT

_ELLIPSIS = "…"
_EM, _DPI = 100, 72
_SLACK = 1.02  # hinting makes small type a little wider than its outline
_FIXED = 1 << 16  # a number of FreeType with 16 bits behind the point


@cache
def _advance(letter: str, weight: str) -> float:
    """Return how far a letter moves the pen, in ems; a sign the font lacks is a box."""
    font = get_font(findfont(FontProperties(family=FONT, weight=weight)))
    font.set_size(_EM, _DPI)  # the font is shared, and whoever draws sets its size first
    glyph = font.load_glyph(font.get_char_index(ord(letter)), flags=LoadFlags.NO_HINTING)
    return glyph.linearHoriAdvance / _FIXED / _EM


def width_pt(said: str, size: float, weight: str = "normal") -> float:
    """Return how wide words are, without kerning, in points.

    Examples
    --------
    >>> width_pt("MMMM", 8.5) > 2 * width_pt("iiii", 8.5)
    True
    """
    return _SLACK * size * sum(_advance(letter, weight) for letter in said)


def broken(said: str, size: float, width: float, weight: str = "normal") -> list[str]:
    r"""Return words as lines that are no wider than ``width`` points.

    Parameters
    ----------
    said
        Words; whitespace between them counts as one space, but a space that ties them, which no
        line ends at. A word wider than the line is cut.
    size, weight
        Of the type.
    width
        Of a line, in points.

    Examples
    --------
    >>> broken("una ciudad para todas", 10, 70)
    ['una ciudad', 'para todas']
    >>> broken("vive el 12\N{NO-BREAK SPACE}%", 10, 60)
    ['vive el', '12\xa0%']
    """
    lines: list[str] = []
    line = ""
    for word in said.split(" "):
        longer = f"{line} {word}" if line else word
        if width_pt(longer, size, weight) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *whole, line = _cut(word, size, width, weight)
        lines += whole
    return [*lines, line]


def _cut(word: str, size: float, width: float, weight: str) -> list[str]:
    """Return a word in pieces that fit, one letter at least in each."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and width_pt(pieces[-1] + letter, size, weight) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def shortened(said: str, size: float, width: float, weight: str = "normal") -> str:
    """Return words on one line, cut with an ellipsis where they are wider than ``width`` points.

    Examples
    --------
    >>> shortened("San Juan de los Morros", 10, 60)
    'San Juan…'
    """
    said = " ".join(said.split())
    if width_pt(said, size, weight) <= width:
        return said
    room = width - width_pt(_ELLIPSIS, size, weight)
    while said and width_pt(said, size, weight) > room:
        said = said[:-1]
    return said.rstrip() + _ELLIPSIS
