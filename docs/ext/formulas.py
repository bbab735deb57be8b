"""How an indicator is computed, in words and as a formula."""

from collections.abc import Iterable
from typing import assert_never

from ext.saying import number, say
from ext.tables import code
from inclusion_marker.formulas import (
    AreaPerPerson,
    Catchment,
    ClassMix,
    Density,
    Distance,
    Diversity,
    Events,
    Formula,
    Given,
    MostFrequent,
    RasterMean,
    Ratio,
    RatioOfMeans,
    RatioOfRates,
    Station,
    TravelTime,
    WeightedMean,
)

_HUNDRED = 100


def in_words(formula: Formula, language: str) -> str:  # noqa: C901, PLR0911, PLR0912 - one case a formula
    """Return what a formula does, as Markdown: its columns as code.

    Parameters
    ----------
    formula
        The formula of a card.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> from inclusion_marker.formulas import Density
    >>> in_words(Density(formula="density", layer="census", column="people"), "en")
    '`people` for each hectare of the cell'
    """
    match formula:
        case Ratio(numerator=a, denominator=b, per=per):
            return say("ratio", language, a=code(a), b=code(b), per=_per(per, language))
        case Events(events=a, people=b, per=per):
            values = {"a": code(a), "b": code(b), "per": number(per, language)}
            return say("rate", language, **values)
        case WeightedMean(terms=terms):
            values = {
                "values": _and(each.value for each in terms),
                "counts": _and(each.weight for each in terms),
            }
            return say("weighted_mean", language, **values)
        case RatioOfRates(first=one, second=other):
            four = (one.numerator, one.denominator, other.numerator, other.denominator)
            values = dict(zip("abcd", map(code, four), strict=True))
            return say("ratio_of_rates", language, **values)
        case RatioOfMeans(first=first, second=second):
            return say("ratio_of_means", language, a=code(first.value), b=code(second.value))
        case Diversity(classes=names):
            return say("diversity", language, classes=len(names), names=_and(names))
        case ClassMix(classes=names, column=column):
            values = {"names": _and(names), "column": code(column)}
            return say("class_mix", language, classes=len(names), **values)
        case MostFrequent(classes=by_value):
            return say("most_frequent", language, names=_and(by_value.values()))
        case Density(column=column):
            return say("density", language, a=code(column))
        case AreaPerPerson(within_m=metres):
            if metres == 0:
                return say("area_per_person", language)
            return say("area_per_person_within", language, metres=number(metres, language))
        case Distance(slope=slope):
            return say("distance_slope" if slope else "distance", language)
        case TravelTime(profile=profile):
            return say("travel_time", language, profile=code(profile))
        case Catchment():
            return _catchment(formula, language)
        case RasterMean():
            return say("raster_mean", language)
        case Station(column=column, by=by, power=power):
            return say(f"station_{by}", language, a=code(column), power=number(power, language))
        case Given(column=column, over=None):
            return say("given", language, a=code(column))
        case Given(column=column, over=over):
            return say("given_over", language, a=code(column), b=code(over))
    assert_never(formula)


def _catchment(formula: Catchment, language: str) -> str:
    """Return what a floating catchment does."""
    rings = (
        say("ring", language, limit=number(limit, language), weight=number(weight, language))
        for limit, weight in zip(formula.limits_min, formula.weights, strict=True)
    )
    capacity = code(formula.capacity) if formula.capacity else say("opportunities", language)
    per = number(formula.per, language)
    return say("catchment", language, capacity=capacity, per=per, rings=", ".join(rings))


def _per(per: float, language: str) -> str:
    """Return what a ratio is for each of."""
    if per == 1:
        return ""
    if per == _HUNDRED:
        return say("per_hundred", language)
    return say("per_many", language, per=number(per, language))


def _and(names: Iterable[str]) -> str:
    """Return names as code, side by side."""
    return ", ".join(code(name) for name in names)


def in_maths(formula: Formula) -> str:  # noqa: C901, PLR0911, PLR0912 - one case a formula
    r"""Return a formula in LaTeX.

    Parameters
    ----------
    formula
        The formula of a card. Its columns are named; $z$ runs over what is in the cell, $k$ over
        classes, $j$ over places.

    Examples
    --------
    >>> in_maths(Density(formula="density", layer="census", column="people"))
    'x = \\frac{\\text{people}}{\\text{area (ha)}}'
    """
    match formula:
        case Ratio(numerator=a, denominator=b, per=per) | Events(events=a, people=b, per=per):
            return f"x = {_times(per)}{_over(_name(a), _name(b))}"
        case WeightedMean(terms=terms):
            above = " + ".join(rf"{_name(each.weight)} \cdot {_name(each.value)}" for each in terms)
            return f"x = {_over(above, ' + '.join(_name(each.weight) for each in terms))}"
        case RatioOfRates(first=one, second=other):
            rates = (_over(_name(each.numerator), _name(each.denominator)) for each in (one, other))
            return "x = {} : {}".format(*rates)
        case RatioOfMeans(first=first, second=second):
            return f"x = {_over(_mean(first.value), _mean(second.value))}"
        case Diversity() | ClassMix():
            shared = r"p_k = \frac{n_k}{\sum_j n_j}"
            if isinstance(formula, ClassMix):
                shared = r"p_k = \frac{\text{area}_k}{\sum_j \text{area}_j}"
            return rf"x = -\sum_{{k=1}}^{{{len(formula.classes)}}} p_k \ln p_k, \quad {shared}"
        case MostFrequent():
            return r"x = \mathrm{value}(k^*), \quad n_{k^*} = \max_k n_k"
        case Density(column=column):
            return f"x = {_over(_name(column), _name('area (ha)'))}"
        case AreaPerPerson():
            return r"x = \frac{\sum_j \text{area}_j}{\sum_z \text{people}_z}"
        case Distance(slope=slope):
            factor = r"f_{\text{slope}} \cdot " if slope else ""
            return rf"x = {factor}\min_j d(\text{{cell}}, j)"
        case TravelTime():
            return r"x = \frac{\sum_z \text{people}_z \cdot \min_j t(z, j)}{\sum_z \text{people}_z}"
        case Catchment(per=per):
            return rf"x_i = {_times(per)}\sum_j w_{{ij}} \frac{{S_j}}{{\sum_k P_k w_{{kj}}}}"
        case RasterMean():
            return r"x = \frac{\sum_p a_p v_p}{\sum_p a_p}"
        case Station(by="nearest"):
            return r"x = v_{j^*}, \quad d_{j^*} = \min_j d_j"
        case Station(power=power):
            return rf"x = \frac{{\sum_j v_j d_j^{{-{power:g}}}}}{{\sum_j d_j^{{-{power:g}}}}}"
        case Given(column=column, over=over, per=per):
            value = _name(column) if over is None else _over(_name(column), _name(over))
            return f"x = {_times(per)}{value}"
    assert_never(formula)


def _name(column: str) -> str:
    """Return the name of a column as words in a formula."""
    return rf"\text{{{column.replace('_', ' ')}}}"


def _mean(column: str) -> str:
    """Return the sign of a mean of a column."""
    return rf"\overline{{{_name(column)}}}"


def _over(above: str, below: str) -> str:
    """Return a fraction."""
    return rf"\frac{{{above}}}{{{below}}}"


def _times(per: float) -> str:
    """Return what a fraction is multiplied by; nothing for 1."""
    return "" if per == 1 else rf"{per:g} \cdot ".replace("100000", r"100\,000")
