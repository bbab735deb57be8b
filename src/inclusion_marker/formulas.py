"""The closed vocabulary of a method: the formulas of indicators, each with its parameters."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, model_validator
from pydantic_core import PydanticCustomError

from inclusion_marker.texts import phrase

Status = Literal["published", "derived", "proposed"]


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


Share = Annotated[float, Field(gt=0, le=1)]


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


class Travel(Card):
    """A way over a layer of streets, by a profile of travel, on a ground that may rise and fall.

    ``elevation`` names the raster that edges take their slope from; without it all is level.
    """

    layer: str
    streets: str = "streets"
    profile: str = "walk"
    elevation: str | None = None


class TravelTime(Travel):
    """Minutes on the streets from where the cell's people live to the closest opportunity."""

    formula: Literal["travel_time"]


class Catchment(Travel):
    """Capacity within reach for each ``per`` people, shared among all who reach it (E2SFCA).

    Each opportunity is worth its ``capacity``, or 1 where no column is named. ``weights`` holds
    what a place counts for within each of the rising ``limits_min``; beyond the last, nothing.
    """

    formula: Literal["catchment"]
    capacity: str | None = None
    limits_min: Annotated[tuple[PositiveFloat, ...], Field(min_length=1)]
    weights: Annotated[tuple[Share, ...], Field(min_length=1)]
    per: PositiveFloat = 1000.0

    @model_validator(mode="after")
    def _falling(self) -> Self:
        """Check that each limit has its weight, and that what is farther weighs no more."""
        rising = all(one < other for one, other in pairwise(self.limits_min))
        falling = all(one >= other for one, other in pairwise(self.weights))
        if len(self.limits_min) != len(self.weights) or not rising or not falling:
            raise refused("fault_catchment")
        return self


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
    | TravelTime
    | Catchment
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
        case Density(column=str(column)) | Catchment(capacity=str(column)):
            yield (column, "extensive")
        case ClassMix(column=column):
            yield (column, "category")
        case Station(column=column):
            yield (column, "intensive")
        case Given(column=column, over=over):
            yield from ((each, "intensive") for each in (column, over) if each is not None)
        case AreaPerPerson() | Distance() | TravelTime() | Catchment() | RasterMean():
            return


def kinds(formula: Formula) -> tuple[str, ...]:
    """Return the kinds of layer that a formula can read.

    Examples
    --------
    >>> kinds(Distance(formula="distance", layer="health"))
    ('opportunity', 'point', 'polygon', 'line')
    """
    match formula:
        case Distance() | TravelTime() | Catchment():
            return ("opportunity", "point", "polygon", "line")
        case RasterMean():
            return ("raster",)
        case Station():
            return ("point",)
        case ClassMix() | AreaPerPerson():
            return ("polygon",)
        case _:
            return ("zone", "polygon", "point")


def reads(formula: Formula) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield the layers that a formula reads: its key for each, the layer, and the kinds it may be.

    Examples
    --------
    >>> [(key, layer) for key, layer, _ in reads(TravelTime(formula="travel_time", layer="health"))]
    [('layer', 'health'), ('streets', 'streets')]
    """
    yield "layer", formula.layer, kinds(formula)
    if isinstance(formula, Travel):
        yield "streets", formula.streets, ("streets",)
        if formula.elevation is not None:
            yield "elevation", formula.elevation, ("raster",)


def classes(formula: Formula) -> int | None:
    """Return the number of classes of a diversity, and ``None`` for any other formula."""
    match formula:
        case Diversity(classes=names) | ClassMix(classes=names):
            return len(names)
        case _:
            return None
