"""A page: words above, words below, and between them room for what is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnchoredOffsetbox, OffsetBox

from inclusion_marker.outputs.pictures.saving import png
from inclusion_marker.outputs.pictures.style import (
    GAP_IN,
    MARGIN_IN,
    PRINT_DPI,
    SCREEN_DPI,
    WIDTH_IN,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INNER_IN = WIDTH_IN - 2 * MARGIN_IN
_SHOWN_PX = 96  # of a page in a browser, an inch


class Page(Figure):
    """A figure that knows nothing of pyplot nor of a screen; a notebook shows it all the same."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Return the page as a PNG that is shown at its own size, sharp on fine screens, too."""
        return png(self, PRINT_DPI), {"width": round(_SHOWN_PX * self.get_figwidth())}


def blank(label: str = "") -> Page:
    """Return an empty page; ``label`` says what it shows to who cannot see it."""
    page = Page(dpi=SCREEN_DPI, facecolor="white", label=label)
    FigureCanvasAgg(page)
    return page


@dataclass(frozen=True, eq=False)
class Sheet:
    """A page with its words, and the room left for drawing; all sizes are in inches.

    Attributes
    ----------
    page
        The figure.
    bottom
        Where the room begins, above the lower edge of the page.
    height
        Of the room; it is as wide as the page without its margins.
    """

    page: Page
    bottom: float
    height: float

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Return axes at a place of the room, counted from its lower left corner."""
        wide, high = self.page.get_size_inches()
        place = ((MARGIN_IN + left) / wide, (self.bottom + bottom) / high)
        return self.page.add_axes((*place, width / wide, height / high))


def sheet(head: OffsetBox, foot: OffsetBox, height: float, label: str) -> Sheet:
    """Return a page with words above and below a room of a height, as high as all three.

    Parameters
    ----------
    head, foot
        The words, wrapped to the inner width of a page.
    height
        Of the room between them, in inches.
    label
        What the page shows, for who cannot see it.
    """
    page = blank(label)
    page.set_size_inches(WIDTH_IN, 1.0)
    boxes = [
        AnchoredOffsetbox(
            corner, child=child, pad=0, borderpad=0, frameon=False, bbox_transform=page.transFigure
        )
        for corner, child in (("upper left", head), ("lower left", foot))
    ]
    for box in boxes:
        box.set_bbox_to_anchor((0, 0), page.transFigure)  # type: ignore[arg-type]
        page.add_artist(box)
    renderer = page.canvas.get_renderer()  # type: ignore[attr-defined]
    above, below = (box.get_window_extent(renderer).height / SCREEN_DPI for box in boxes)
    bottom = MARGIN_IN + below + GAP_IN
    total = bottom + height + GAP_IN + above + MARGIN_IN
    page.set_size_inches(WIDTH_IN, total)
    for box, level in zip(boxes, (total - MARGIN_IN, MARGIN_IN), strict=True):
        place = (MARGIN_IN / WIDTH_IN, level / total)
        box.set_bbox_to_anchor(place, page.transFigure)  # type: ignore[arg-type]
    return Sheet(page, bottom, height)
