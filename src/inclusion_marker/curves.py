"""The curves of scores: how a raw value becomes 0-100, by goalposts with their source."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from inclusion_marker.formulas import Card, Status, refused

Scale = Literal["linear", "log", "fourth_root"]
Polarity = Literal["positive", "negative", "two_sided"]
Point = tuple[float, float]

# What a curve may be given by; each shape is whole, and no two mix.
SHAPES = (("worst", "best"), ("low", "best", "high"), ("points",))
SHAPE_KEYS = frozenset(key for shape in SHAPES for key in shape)


class Score(Card):
    """How a raw value becomes 0-100: a curve through points, flat beyond its ends.

    One-sided scores name ``worst`` and ``best``; two-sided ones ``low``, ``best`` (a band) and
    ``high``; any other shape its ``points``. ``best = "ln_classes"`` stands for the logarithm of
    the number of classes of a diversity.
    """

    polarity: Polarity
    scale: Scale = "linear"
    worst: float | None = None
    best: float | Literal["ln_classes"] | tuple[float, float] | None = None
    low: float | None = None
    high: float | None = None
    points: tuple[Point, ...] | None = None
    status: Status
    source: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        """Check that the card is one of the three shapes, and runs the way its polarity says."""
        given = {key for key in SHAPE_KEYS if getattr(self, key) is not None}
        if given not in [set(shape) for shape in SHAPES]:
            raise refused("fault_shape")
        if (self.low is not None) != isinstance(self.best, tuple):
            raise refused("fault_band")
        values, scores = zip(*self.curve(classes=2), strict=True)
        if any(b < a for a, b in pairwise(values)) or values[0] == values[-1]:
            raise refused("fault_rising", found=list(values))
        if not all(0 <= score <= 100 for score in scores):  # noqa: PLR2004 - the scale itself
            raise refused("fault_scores", found=list(scores))
        if self.scale != "linear" and values[0] < 0 + (self.scale == "log") * 1e-300:
            raise refused("fault_scale", scale=self.scale, found=values[0])
        found = _polarity(scores)
        if found != self.polarity:
            raise refused("fault_polarity", stated=self.polarity, found=found)
        return self

    def curve(self, classes: int | None = None) -> tuple[Point, ...]:
        """Return the (value, score) points in rising order of value.

        Parameters
        ----------
        classes
            Number of classes of the diversity that is scored; needed by ``"ln_classes"``.

        Examples
        --------
        >>> Score(polarity="negative", worst=5000, best=500, status="proposed", source="x").curve()
        ((500.0, 100.0), (5000.0, 0.0))
        """
        if self.points is not None:
            return self.points
        if isinstance(self.best, tuple):
            low, high = float(self.low or 0.0), float(self.high or 0.0)
            return ((low, 0.0), (self.best[0], 100.0), (self.best[1], 100.0), (high, 0.0))
        best = math.log(classes or math.nan) if self.best == "ln_classes" else float(self.best or 0)
        ends = ((float(self.worst or 0.0), 0.0), (best, 100.0))
        return ends if ends[0] <= ends[1] else ends[::-1]

    def apply(
        self, values: npt.NDArray[np.float64], classes: int | None = None
    ) -> npt.NDArray[np.float64]:
        """Return the score of each value; a missing value has a missing score.

        Parameters
        ----------
        values
            Raw values in the indicator's unit, shape ``(n,)``.
        classes
            Number of classes of the diversity that is scored.

        Returns
        -------
        scores
            Shape ``(n,)``, 0-100 or NaN.

        Examples
        --------
        >>> band = Score(
        ...     polarity="two_sided",
        ...     low=0,
        ...     best=(150, 200),
        ...     high=400,
        ...     status="published",
        ...     source="x",
        ... )
        >>> band.apply(np.array([0.0, 150, 200, 300, np.nan]))
        array([  0., 100., 100.,  50.,  nan])
        """
        points = self.curve(classes)
        x = np.array([point[0] for point in points])
        y = np.array([point[1] for point in points])
        inside = np.clip(values, x[0], x[-1])
        scores: npt.NDArray[np.float64] = np.interp(
            _scaled(inside, self.scale), _scaled(x, self.scale), y
        )
        return scores


def _scaled(values: npt.NDArray[np.float64], scale: Scale) -> npt.NDArray[np.float64]:
    """Return the values on the scale on which a score is linear."""
    if scale == "log":
        return np.log(values)
    return np.sqrt(np.sqrt(values)) if scale == "fourth_root" else values


def _polarity(scores: Sequence[float]) -> Polarity:
    """Return the way in which the scores of a curve run."""
    steps = np.diff(scores)
    if np.all(steps >= 0):
        return "positive"
    return "negative" if np.all(steps <= 0) else "two_sided"
