"""A bar that shares out people by class: the worst first, those without a score last."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from inclusion_marker.outputs.pictures.classes import Classes, ink_on
from inclusion_marker.outputs.pictures.letters import width_pt
from inclusion_marker.outputs.pictures.style import NOTE, SOFT

_ROOM_PT = 3.0


class Place(NamedTuple):
    """Where a bar lies, in inches: axes in the same unit hold it."""

    left: float
    bottom: float
    width: float
    height: float


def draw_shares(
    axes: Axes, place: Place, shares: npt.NDArray[np.float64], classes: Classes
) -> None:
    """Draw a bar with the shares of people by class; a share is said where it fits.

    Parameters
    ----------
    axes
        Whose unit is the inch.
    place
        Of the whole bar, which is 100.
    shares
        As :meth:`~inclusion_marker.outputs.pictures.classes.Classes.shares` gives them, those
        without a score first, 0-100; nothing is drawn where all are 0.
    classes
        Their colours.
    """
    left, level = place.left, place.bottom + place.height / 2
    for number in (*range(1, len(classes.colours)), 0):
        width, colour = place.width * shares[number] / 100, classes.colours[number]
        if width == 0:
            continue
        look: dict[str, Any] = {"facecolor": colour, "edgecolor": SOFT, "linewidth": 0.4}
        axes.add_patch(Rectangle((left, place.bottom), width, place.height, clip_on=False, **look))
        said = f"{shares[number]:.0f}"
        if width_pt(said, NOTE) + _ROOM_PT < 72 * width:
            axes.text(
                left + width / 2,
                level,
                said,
                size=NOTE,
                color=ink_on(colour),
                ha="center",
                va="center_baseline",
                parse_math=False,
            )
        left += width
