"""One style for every picture: a font that comes with the code, four sizes of type, three inks."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

INK, SOFT, LINE, FAINT = "#222222", "#5A5A5A", "#3C3C3C", "#D0D0D0"
"""Colours of words, of what is said beside, of the boundary, and of lines that guide the eye."""

TITLE, HEAD, BODY, NOTE = 15.0, 11.0, 8.5, 7.0
"""Sizes of type in points: of the city, of what is shown, of its words, of what is said beside."""

WIDTH_IN, MARGIN_IN, GAP_IN = 8.0, 0.3, 0.16
"""Width of a page, its margin, and what stands between two things on it."""

FONT = "DejaVu Sans"  # comes with matplotlib: the same picture on every machine
SCREEN_DPI, PRINT_DPI = 100, 200
PREVIEW_DPI = 72

_STYLE: Any = {
    "font.family": FONT,
    "text.usetex": False,
    "axes.unicode_minus": True,
    "path.simplify": True,
    "svg.fonttype": "none",  # words stay words: they can be searched, read aloud and translated
    "svg.hashsalt": "inclusion-marker",
    "svg.image_inline": True,
}


@contextmanager
def plain_style() -> Iterator[None]:
    """Draw in one style whatever the user's settings; a sign the font lacks becomes a box."""
    import matplotlib as mpl  # noqa: PLC0415 - the package must import fast

    with warnings.catch_warnings(), mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield
