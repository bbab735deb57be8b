"""Boxes of words and colours around a map: each as large as what is in it, stacked or abreast."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from inclusion_marker.outputs.pictures.ground import INK, SOFT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.offsetbox import AnchoredOffsetbox, OffsetBox

_LETTER_EM = 0.56  # mean width of a letter of the font


def text(said: str, size: float, *, width_in: float | None = None, **look: object) -> OffsetBox:
    """Return words of a size, wrapped to a width; they come from files, so no sign is a command."""
    from matplotlib.offsetbox import TextArea  # noqa: PLC0415

    said = " ".join(said.split())
    if width_in is not None:
        letters = max(20, int(width_in * 72 / (_LETTER_EM * size)))
        said = "\n".join(textwrap.wrap(said, letters))
    props = {"size": size, "color": INK, "parse_math": False, "linespacing": 1.25, **look}
    return TextArea(said, textprops=props)


def stacked(children: list[OffsetBox], sep: float, align: str = "left") -> OffsetBox:
    """Return boxes one below the other."""
    from matplotlib.offsetbox import VPacker  # noqa: PLC0415

    return VPacker(children=children, pad=0, sep=sep, align=align)  # type: ignore[arg-type]


def abreast(children: list[OffsetBox], sep: float, align: str = "baseline") -> OffsetBox:
    """Return boxes side by side."""
    from matplotlib.offsetbox import HPacker  # noqa: PLC0415

    return HPacker(children=children, pad=0, sep=sep, align=align)  # type: ignore[arg-type]


def anchored(
    child: OffsetBox, axes: Axes, corner: str, at: tuple[float, float]
) -> AnchoredOffsetbox:
    """Return a box that hangs by its corner at a point of the axes, outside of them."""
    from matplotlib.offsetbox import AnchoredOffsetbox  # noqa: PLC0415

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
    from matplotlib.offsetbox import DrawingArea  # noqa: PLC0415
    from matplotlib.patches import Rectangle  # noqa: PLC0415

    area = DrawingArea(width, height, 0, 0)
    area.add_artist(
        Rectangle((0, 0), width, height, facecolor=colour, edgecolor=SOFT, linewidth=0.4)
    )
    return area


def gap(size: float) -> OffsetBox:
    """Return an empty box, its size in points."""
    from matplotlib.offsetbox import DrawingArea  # noqa: PLC0415

    return DrawingArea(size, size, 0, 0)
