"""Boxes of words and colours around a map: each as large as what is in it, stacked or abreast."""

from __future__ import annotations

import re

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.offsetbox import (
    AnchoredOffsetbox,
    DrawingArea,
    HPacker,
    OffsetBox,
    TextArea,
    VPacker,
)
from matplotlib.patches import Rectangle

from inclusion_marker.outputs.pictures.letters import broken
from inclusion_marker.outputs.pictures.style import INK, SOFT

# Spaces as one, and control characters, which an SVG cannot hold.
_SPACES = re.compile(r"(?:[^\S\xa0]|[\x00-\x1f\x7f])+")


def text(
    said: str,
    size: float,
    *,
    width_in: float | None = None,
    weight: str = "normal",
    **look: object,
) -> OffsetBox:
    """Return words of a size, wrapped to a width; they come from files, so no sign is a command."""
    said = _SPACES.sub(" ", said).strip()
    if width_in is not None:
        said = "\n".join(broken(said, size, 72 * width_in, weight))
    props = {
        "size": size,
        "weight": weight,
        "color": INK,
        "parse_math": False,
        "linespacing": 1.25,
        **look,
    }
    return TextArea(said, textprops=props)


def stacked(children: list[OffsetBox], sep: float, align: str = "left") -> OffsetBox:
    """Return boxes one below the other."""
    return VPacker(children=children, pad=0, sep=sep, align=align)  # type: ignore[arg-type]


def abreast(children: list[OffsetBox], sep: float, align: str = "baseline") -> OffsetBox:
    """Return boxes side by side."""
    return HPacker(children=children, pad=0, sep=sep, align=align)  # type: ignore[arg-type]


def anchored(
    child: OffsetBox, axes: Axes, corner: str, at: tuple[float, float]
) -> AnchoredOffsetbox:
    """Return a box that hangs by its corner at a point of the axes, outside of them."""
    return AnchoredOffsetbox(
        loc=corner,
        child=child,
        pad=0.0,
        borderpad=0.6,
        frameon=False,
        bbox_to_anchor=at,
        bbox_transform=axes.transAxes,
    )


def swatch(colour: str, width: float, height: float) -> OffsetBox:
    """Return a box of a colour, sizes in points."""
    area = DrawingArea(width, height, 0, 0)
    area.add_artist(
        Rectangle((0, 0), width, height, facecolor=colour, edgecolor=SOFT, linewidth=0.4)
    )
    return area


def gap(size: float) -> OffsetBox:
    """Return an empty box, its size in points."""
    return DrawingArea(size, size, 0, 0)


def stroke(colour: str, width: float) -> OffsetBox:
    """Return a short line of a colour, its width in points: the key of a line."""
    area = DrawingArea(20, 6, 0, 0)
    area.add_artist(Line2D([0, 20], [3, 3], color=colour, linewidth=width))
    return area
