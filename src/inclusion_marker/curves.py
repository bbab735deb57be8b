"""The curves of scores: how a raw value becomes 0-100, by goalposts with their source."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal, Self, assert_never

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from inclusion_marker.formulas import Card, Status, refused

Scale = Literal["linear", "log", "fourth_root"]
# A ratio to a value that is better the lower it is: linear in -1/x. No card asks for it by name.
CurveScale = Literal["linear", "log", "fourth_root", "reciprocal"]
NormalisationRule = Literal["goalposts", "min_max", "z", "percentile", "rank", "distance_to_target"]
Ties = Literal["mean", "lowest", "highest"]
Polarity = Literal["positive", "negative", "two_sided"]
Point = tuple[float, float]

# What a curve may be given by; each shape is whole, and no two mix.
SHAPES = (("worst", "best"), ("low", "best", "high"), ("points",))
SHAPE_KEYS = frozenset(key for shape in SHAPES for key in shape)


class Normalisation(Card):
    """By which rule raw values are put on the scale of scores.

    ``goalposts`` follows the curve of each card. ``distance_to_target`` is the ratio to its best
    value. Both are fixed by the method. The others read their scale off the cells at hand:
    ``min_max`` from the lowest to the highest, ``z`` from three standard deviations below the mean
    to three above, ``rank`` from the last to the first, ``percentile`` the share of the cells that
    are no better.

    Attributes
    ----------
    rule
        The rule.
    ties
        Which rank equal cells take, for ``rank`` and ``percentile``: the mean of theirs unless
        said, the lowest, or the highest.

    Examples
    --------
    >>> Normalisation(rule="rank").ties, Normalisation().comparable
    ('mean', True)
    """

    rule: NormalisationRule = "goalposts"
    ties: Ties | None = None

    @model_validator(mode="before")
    @classmethod
    def _ties_of_ranks(cls, given: object) -> object:
        """Return what is given, with the usual ties where ranks need them."""
        if isinstance(given, dict) and given.get("rule") in ("rank", "percentile"):
            return {"ties": "mean", **given}
        return given

    @model_validator(mode="after")
    def _nothing_idle(self) -> Self:
        """Check that nothing is said that the rule does not use."""
        if self.ties is not None and self.rule not in ("rank", "percentile"):
            raise refused("fault_unused", name="ties", rule=self.rule, used_by="rank, percentile")
        return self

    @property
    def comparable(self) -> bool:
        """Return whether the scale is the same whatever cells are scored."""
        return self.rule in ("goalposts", "distance_to_target")


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve from raw values to scores: the one form that every normalisation takes.

    Attributes
    ----------
    x
        Raw values of the points, rising, shape ``(k,)``; none is missing.
    y
        Their scores, shape ``(k,)``, 0-100; all NaN where nothing was observed to fit.
    scale
        Scale of ``x`` on which the score is linear between two points.
    carried
        Whether :meth:`open` carries the first and the last segment on.

    Examples
    --------
    >>> curve = Curve(np.array([0.0, 10.0]), np.array([0.0, 100.0]), "linear", carried=True)
    >>> curve.apply(np.array([-5.0, 5.0, 20.0])), curve.open(np.array([-5.0, 5.0, 20.0]))
    (array([  0.,  50., 100.]), array([-50.,  50., 200.]))
    """

    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    scale: CurveScale
    carried: bool

    def apply(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the score of each value, flat beyond the ends; a missing value has none.

        Parameters
        ----------
        values
            Raw values in the indicator's unit, any shape.

        Returns
        -------
        scores
            Same shape, 0-100 or NaN.
        """
        # Before the scale, on which a value below the lowest goalpost may have no place.
        inside = np.clip(values, self.x[0], self.x[-1])
        scores: npt.NDArray[np.float64] = np.interp(
            on_scale(inside, self.scale), on_scale(self.x, self.scale), self.y
        )
        if self.x[:2].tolist() == [self.x[0]] * 2:  # below a step is not on it
            scores = np.where(values < self.x[0], self.y[0], scores)
        return scores

    def open(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return scores that are not cut off at the ends, for what lies beyond the goalposts.

        Parameters
        ----------
        values
            Raw values in the indicator's unit, any shape.

        Returns
        -------
        scores
            Same shape. As :meth:`apply` between the ends, and where a line beyond them has no
            meaning: two-sided curves, ranks, ratios to a target, and values that the scale does
            not hold (0 or less under a logarithm).
        """
        scores = self.apply(values)
        if not self.carried:
            return scores
        x = on_scale(self.x, self.scale)
        lowest = 0.0 if self.scale == "fourth_root" else -math.inf
        held = values > 0 if self.scale == "log" else values >= lowest
        placed = on_scale(np.where(held, values, self.x[0]), self.scale)
        for beyond, at, to in (
            (held & (values < self.x[0]), 0, 1),
            (held & (values > self.x[-1]), -1, -2),
        ):
            if x[to] != x[at]:  # a step has no slope to carry on
                slope = (self.y[to] - self.y[at]) / (x[to] - x[at])
                scores = np.where(beyond, self.y[at] + slope * (placed - x[at]), scores)
        return scores


class Score(Card):
    """How a raw value becomes 0-100: a curve through points, flat beyond its ends.

    One-sided scores name ``worst`` and ``best``; two-sided ones ``low``, ``best`` (a band) and
    ``high``; any other shape its ``points``. ``best = "ln_classes"`` stands for the logarithm of
    the number of classes of a diversity. ``normalise`` is for one that is put on its scale by
    another rule than the method's.
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
    normalise: Normalisation | None = None

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
        return self.fixed(classes).apply(values)

    def fixed(self, classes: int | None = None) -> Curve:
        """Return the curve through the goalposts.

        Parameters
        ----------
        classes
            Number of classes of the diversity that is scored; needed by ``"ln_classes"``.

        Examples
        --------
        >>> share = Score(polarity="positive", worst=0, best=80, status="proposed", source="x")
        >>> share.fixed().open(np.array([100.0]))
        array([125.])
        """
        x, y = (np.array(each, np.float64) for each in zip(*self.curve(classes), strict=True))
        return Curve(x, y, self.scale, carried=self.polarity != "two_sided")

    def target(self, classes: int | None = None) -> float:
        """Return the value nearest to the worse end of the curve that has its best score.

        Parameters
        ----------
        classes
            Number of classes of the diversity that is scored; needed by ``"ln_classes"``.

        Examples
        --------
        >>> Score(polarity="negative", worst=60, best=6, status="proposed", source="x").target()
        6.0
        """
        points = self.curve(classes)
        best = max(score for _, score in points)
        at = [value for value, score in points if score == best]
        return at[-1] if self.polarity == "negative" else at[0]


def on_scale(values: npt.NDArray[np.float64], scale: CurveScale) -> npt.NDArray[np.float64]:
    """Return the values on the scale on which a score is linear.

    Parameters
    ----------
    values
        Raw values, any shape: above 0 for ``log``, 0 or more for ``fourth_root``, not 0 for
        ``reciprocal``.
    scale
        The scale.

    Examples
    --------
    >>> on_scale(np.array([1.0, 16.0]), "fourth_root")
    array([1., 2.])
    """
    match scale:
        case "linear":
            return values
        case "log":
            return np.log(values)
        case "fourth_root":
            return np.sqrt(np.sqrt(values))
        case "reciprocal":
            return -1.0 / values
    assert_never(scale)


def off_scale(placed: npt.NDArray[np.float64], scale: CurveScale) -> npt.NDArray[np.float64]:
    """Return the values that lie at places of a scale: the inverse of :func:`on_scale`.

    Examples
    --------
    >>> off_scale(np.array([1.0, 2.0]), "fourth_root")
    array([ 1., 16.])
    """
    match scale:
        case "linear":
            return placed
        case "log":
            return np.exp(placed)
        case "fourth_root":
            return placed**4
        case "reciprocal":
            return -1.0 / placed
    assert_never(scale)


def _polarity(scores: Sequence[float]) -> Polarity:
    """Return the way in which the scores of a curve run."""
    steps = np.diff(scores)
    if np.all(steps >= 0):
        return "positive"
    return "negative" if np.all(steps <= 0) else "two_sided"
