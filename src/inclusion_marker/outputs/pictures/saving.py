"""A figure as bytes: a PNG or an SVG, the same ones each time."""

from __future__ import annotations

import io
import re
from html import escape
from typing import TYPE_CHECKING

from inclusion_marker.outputs.pictures.style import FONT, PRINT_DPI, plain_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NOTHING = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_FALLBACKS = f"'{FONT}', Verdana, sans-serif"  # Verdana is as wide, where a reader lacks the font


def png(figure: Figure, dpi: int) -> bytes:
    """Return a figure as a PNG without a word on who made it when."""
    picture = io.BytesIO()
    with plain_style():
        figure.savefig(picture, format="png", dpi=dpi, metadata={"Software": None})
    return picture.getvalue()


def svg(figure: Figure) -> str:
    """Return a figure as an SVG element that may stand in a page.

    Its words are text; it brings no style sheet that would hold for
    the page around it, and says what it shows to who cannot see it.
    """
    picture = io.StringIO()
    with plain_style():
        figure.savefig(picture, format="svg", dpi=PRINT_DPI, metadata=_NOTHING)
    written = picture.getvalue()
    written = written[written.index("<svg") :]
    written = re.sub(r"\s*<defs>\s*<style [^>]*>[^<]*</style>\s*</defs>", "", written, count=1)
    written = written.replace(f"'{FONT}'", _FALLBACKS)
    label = escape(str(figure.get_label()))
    opened = f'<svg role="img" aria-label="{label}" stroke-linejoin="round" stroke-linecap="butt" '
    return written.replace("<svg ", opened, 1)
