"""The closed vocabulary of a method: the formulas of indicators and the curves of scores."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Literal, Self, get_args

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, model_validator
from pydantic_core import PydanticCustomError

from inclusion_marker.texts import phrase

Scale = Literal["linear", "log", "fourth_root"]
Polarity = Literal["positive", "negative", "two_sided"]
Status = Literal["published", "derived", "proposed"]
Point = tuple[float, float]


class Card(BaseModel):
    """A frozen record of a TOML table that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def refused(key: str, **values: object) -> PydanticCustomError:
    """Return the error for a validator to raise, its reason a phrase in both languages.

    Parameters
    ----------
    key, values
        As for :func:`inclusion_marker.texts.phrase`.

    Examples
    --------
    >>> print(refused("fault_greater_than", gt=0))
    it must be greater than 0
    """
    reason = phrase(key, **values)
    return PydanticCustomError("refused", "{reason}", {"reason": reason.en, "text": reason})


class Rate(Card):
    """Numerator over denominator: two extensive columns."""

    numerator: str
    denominator: str


class Mean(Card):
    """Mean of an intensive column weighted by an extensive one."""

    value: str
    weight: str


class Ratio(Card):
    """Share or ratio of two counts: ``per`` x numerator / denominator."""

    formula: Literal["ratio"]
    layer: str
    numerator: str
    denominator: str
    per: PositiveFloat = 1.0


class Events(Card):
    """Events for each ``per`` people, both counted over the same zones."""

    formula: Literal["rate"]
    layer: str
    events: str
    people: str
    per: PositiveFloat = 100_000.0


class WeightedMean(Card):
    """Mean of intensive columns, each weighted by its own count."""

    formula: Literal["weighted_mean"]
    layer: str
    terms: Annotated[tuple[Mean, ...], Field(min_length=1)]


class RatioOfRates(Card):
    """Rate of a first group over the rate of a second: a gap of 1 is parity."""

    formula: Literal["ratio_of_rates"]
    layer: str
    first: Rate
    second: Rate


class RatioOfMeans(Card):
    """Weighted mean of a first group over that of a second: a gap of 1 is parity."""

    formula: Literal["ratio_of_means"]
    layer: str
    first: Mean
    second: Mean


class Diversity(Card):
    """Shannon entropy (natural logarithm) of counts by class."""

    formula: Literal["diversity"]
    layer: str
    classes: Annotated[tuple[str, ...], Field(min_length=2)]


class ClassMix(Card):
    """Shannon entropy of the area that each class of a polygon layer takes in the cell."""

    formula: Literal["class_mix"]
    layer: str
    column: str
    classes: Annotated[tuple[str, ...], Field(min_length=2)]


class MostFrequent(Card):
    """Value of the class with the largest count; ties go to the lower value."""

    formula: Literal["most_frequent"]
    layer: str
    classes: Annotated[dict[float, str], Field(min_length=2)]


class Density(Card):
    """Count per hectare of the cell."""

    formula: Literal["density"]
    layer: str
    column: str


class AreaPerPerson(Card):
    """Square metres of a polygon layer for each person, in the cell or within a distance of it."""

    formula: Literal["area_per_person"]
    layer: str
    within_m: Annotated[float, Field(ge=0)] = 0.0


class Distance(Card):
    """Straight-line metres from the cell's edge to the closest opportunity, times the slope."""

    formula: Literal["distance"]
    layer: str
    slope: bool = True


class RasterMean(Card):
    """Mean of a raster over the cell, by exact pixel coverage."""

    formula: Literal["raster_mean"]
    layer: str


class Station(Card):
    """Value of the nearest station, or of all of them weighted by inverse distance."""

    formula: Literal["station"]
    layer: str
    column: str
    by: Literal["nearest", "inverse_distance"] = "inverse_distance"
    power: PositiveFloat = 2.0


class Given(Card):
    """Value that the unit, or a larger unit around it, brings; divided by ``over`` if named."""

    formula: Literal["given"]
    layer: str
    column: str
    over: str | None = None
    per: PositiveFloat = 1.0


Formula = Annotated[
    Ratio
    | Events
    | WeightedMean
    | RatioOfRates
    | RatioOfMeans
    | Diversity
    | ClassMix
    | MostFrequent
    | Density
    | AreaPerPerson
    | Distance
    | RasterMean
    | Station
    | Given,
    Field(discriminator="formula"),
]

FORMULAS = frozenset(
    name
    for card in get_args(get_args(Formula)[0])
    for name in get_args(card.model_fields["formula"].annotation)
)

Need = tuple[str, Literal["extensive", "intensive", "category"]]


def means(formula: Formula) -> tuple[Mean, ...]:
    """Return the means that a formula takes, each with the count that weights it."""
    match formula:
        case WeightedMean(terms=terms):
            return terms
        case RatioOfMeans(first=first, second=second):
            return (first, second)
        case _:
            return ()


def needs(formula: Formula) -> Iterator[Need]:  # noqa: C901 - one case a formula
    """Yield the columns that a formula reads and the measure that each must have.

    Examples
    --------
    >>> list(needs(Ratio(formula="ratio", layer="census", numerator="a", denominator="b")))
    [('a', 'extensive'), ('b', 'extensive')]
    """
    match formula:
        case Ratio(numerator=first, denominator=second) | Events(events=first, people=second):
            yield from ((first, "extensive"), (second, "extensive"))
        case WeightedMean() | RatioOfMeans():
            for mean in means(formula):
                yield from ((mean.value, "intensive"), (mean.weight, "extensive"))
        case RatioOfRates(first=rate, second=other):
            for each in (rate, other):
                yield from ((each.numerator, "extensive"), (each.denominator, "extensive"))
        case Diversity(classes=classes):
            yield from ((column, "extensive") for column in classes)
        case MostFrequent(classes=by_value):
            yield from ((column, "extensive") for column in by_value.values())
        case Density(column=column):
            yield (column, "extensive")
        case ClassMix(column=column):
            yield (column, "category")
        case Station(column=column):
            yield (column, "intensive")
        case Given(column=column, over=over):
            yield from ((each, "intensive") for each in (column, over) if each is not None)
        case AreaPerPerson() | Distance() | RasterMean():
            return


def kinds(formula: Formula) -> tuple[str, ...]:
    """Return the kinds of layer that a formula can read.

    Examples
    --------
    >>> kinds(Distance(formula="distance", layer="health"))
    ('opportunity', 'point', 'polygon', 'line')
    """
    match formula:
        case Distance():
            return ("opportunity", "point", "polygon", "line")
        case RasterMean():
            return ("raster",)
        case Station():
            return ("point",)
        case ClassMix() | AreaPerPerson():
            return ("polygon",)
        case _:
            return ("zone", "polygon", "point")


def classes(formula: Formula) -> int | None:
    """Return the number of classes of a diversity, and ``None`` for any other formula."""
    match formula:
        case Diversity(classes=names) | ClassMix(classes=names):
            return len(names)
        case _:
            return None


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
