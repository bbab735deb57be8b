"""The classes of a picture: their limits, colours, labels, and who lives in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.composite.classes import BREAKS, class_labels, classify, people_by_class
from inclusion_marker.outputs.palette import NO_DATA, PUBLISHED, spread
from inclusion_marker.outputs.pictures.style import INK
from inclusion_marker.outputs.wording import DASH, percent
from inclusion_marker.texts import word

_LIGHT = 0.4  # luminance from which dark words read better than white ones


class ClassRow(NamedTuple):
    """One row of a legend."""

    colour: str
    label: str
    share: str


@dataclass(frozen=True)
class Classes:
    """The classes that scores are shown in, worst first.

    Attributes
    ----------
    edges
        Rising limits, one more than classes.
    """

    edges: tuple[float, ...] = BREAKS

    @property
    def natural(self) -> bool:
        """Return whether the limits are this city's own: its map then compares with no other."""
        return self.edges != BREAKS

    @property
    def colours(self) -> tuple[str, ...]:
        """Return the colour of no data, and those of the classes: fewer ones keep both ends."""
        return (NO_DATA, *spread(PUBLISHED, len(self.edges) - 1))

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the limits of each class in words."""
        return class_labels(self.edges, dash=DASH)

    def of(self, scores: pd.Series[float]) -> npt.NDArray[np.int64]:
        """Return the class of each score, 1 = worst, 0 without a score."""
        classes = classify(scores, self.edges).fillna(0)
        return np.asarray(classes.to_numpy(), np.int64)

    def shares(self, scores: pd.Series[float], people: pd.Series[float]) -> npt.NDArray[np.float64]:
        """Return the share of the people in each class, 0-100, those without a score first.

        Parameters
        ----------
        scores
            Cells; missing as NaN.
        people
            People of each cell, in the same order; missing as NaN, which counts nobody.

        Returns
        -------
        shares
            One more than classes; all 0 where there is nobody.
        """
        return np.asarray(100 * people_by_class(scores, people, self.edges), np.float64)

    def rows(
        self, shares: Sequence[float] | npt.NDArray[np.float64], language: str
    ) -> list[ClassRow]:
        """Return the rows of the legend: worst first, no data last, with their share of people."""
        grey, *colours = self.colours
        held = [percent(float(share)) for share in shares]
        return [
            *map(ClassRow, colours, self.labels, held[1:]),
            ClassRow(grey, word("no_data", language), held[0]),
        ]


def ink_on(colour: str) -> str:
    """Return the colour in which words read best on a colour.

    Examples
    --------
    >>> ink_on("#2A115C"), ink_on("#FCF9BB")
    ('#FFFFFF', '#222222')
    """
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB
        for part in parts
    )
    return INK if 0.2126 * red + 0.7152 * green + 0.0722 * blue > _LIGHT else "#FFFFFF"
