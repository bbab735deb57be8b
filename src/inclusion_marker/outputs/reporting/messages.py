"""What there is to know of a city, a line each: what the first page says before any table."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.analysis.drawing.confidence import CONFIDENCE
from inclusion_marker.outputs.reporting.districts import lowest_said
from inclusion_marker.outputs.reporting.drivers import first_said
from inclusion_marker.outputs.reporting.equity import gap_said
from inclusion_marker.outputs.reporting.sayings import (
    Share,
    asked,
    between,
    city_span,
    class_label,
    class_of,
    draws_of,
    listed,
    quoted,
    sentence,
)
from inclusion_marker.outputs.wording import EVEN, number, plain, whole
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_SEEN = 0.9  # share of the weight: with less, what is not observed is told first


def messages(result: Result, analyses: Analyses, language: str) -> Iterator[str]:
    """Yield what there is to know, a line each; what a city does not have has no line.

    Parameters
    ----------
    result
        What was computed.
    analyses
        The analyses of it.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> manta = compute("manta", resolution=8)
    >>> print(next(messages(manta, manta.analyses, "en"))[:23])
    The city has no marker.
    """
    yield from _marker_said(result, analyses, language)
    yield from _unobserved(result, language)
    yield from _areas_said(result, analyses, language)
    yield from lowest_said(result, analyses, language)
    yield from gap_said(analyses, language)
    yield from first_said(analyses, language)
    yield from _sure_said(result, analyses, language)


def _marker_said(result: Result, analyses: Analyses, language: str) -> Iterator[str]:
    """Yield the marker with its interval, and whether its class is certain; or why it is empty."""
    mean, city = city_mean(result), plain(result.city.name.said(language))
    if not math.isfinite(mean):
        yield _empty_said(result, language)
        return
    said = [word("report_marker", language, city=city, marker=number(mean))]
    span = city_span(analyses, "marker")
    if not span.known:
        yield " ".join([*said, word("report_no_draws", language)])
        return
    draws = whole(draws_of(analyses), language)
    said.append(word("report_marker_span", language, draws=draws, between=between(span, language)))
    classes = {class_of(span.low), class_of(mean), class_of(span.high)}
    if not span.low - EVEN <= mean <= span.high + EVEN:
        side = "above" if mean > span.high else "below"
        said.append(word(f"report_marker_{side}", language))
    elif len(classes) == 1:
        label = class_label(class_of(mean), language)
        said.append(word("report_class_sure", language, label=label))
    else:
        labels = [class_label(each, language) for each in range(min(classes), max(classes) + 1)]
        said.append(word("report_class_open", language, labels=listed(labels, language)))
    yield " ".join(said)


def _empty_said(result: Result, language: str) -> str:
    """Return why a city has no marker."""
    if result.scores.marker.notna().any():
        return word("report_empty_unpeopled", language)
    lacking = _lacking(result, language)
    bar = asked(result.method.min_coverage.marker)
    values = {"held": Share(result.observed(), language), "bar": bar}
    said = [word("report_empty", language, **values)]
    if lacking:
        key = "report_empty_areas_one" if len(lacking) == 1 else "report_empty_areas"
        said.append(word(key, language, areas=listed(lacking, language)))
    return " ".join([*said, word("report_empty_rest", language)])


def _lacking(result: Result, language: str) -> list[str]:
    """Return the names of the areas without any score."""
    return [
        quoted(plain(area.name.said(language)), language)
        for key, area in result.method.areas.items()
        if result.scores.areas[key].isna().all()
    ]


def city_mean(result: Result) -> float:
    """Return the marker of a city, weighted by people; missing without one."""
    return float(result.means()["people_weighted"]["marker"])


def _unobserved(result: Result, language: str) -> Iterator[str]:
    """Yield what the marker does not speak of, where that is much of it."""
    held, lacking = result.observed(), _lacking(result, language)
    if not math.isfinite(city_mean(result)) or (held >= _SEEN and not lacking):
        return
    said = [sentence("report_unobserved", language, share=Share(held, language))]
    if lacking:
        key = "report_unobserved_areas_one" if len(lacking) == 1 else "report_unobserved_areas"
        said.append(word(key, language, areas=listed(lacking, language)))
    yield " ".join([*said, word("report_unobserved_rest", language)])


def _areas_said(result: Result, analyses: Analyses, language: str) -> Iterator[str]:
    """Yield the lowest and the highest area, and whether their order is certain."""
    means = result.means()["people_weighted"]
    known = {
        key: float(means[f"area_{key}"])
        for key in result.method.areas
        if math.isfinite(means[f"area_{key}"])
    }
    if len(known) < 2:  # noqa: PLR2004 - one area is neither the lowest nor the highest
        return
    shown = {key: round(each, 1) for key, each in known.items()}
    least, most = min(shown.values()), max(shown.values())
    if least == most:
        yield word("report_areas_alike", language, score=number(least))
        return
    ends = {
        end: [key for key, each in shown.items() if each == at]
        for end, at in (("low", least), ("high", most))
    }
    names = {end: _named(result, keys, language) for end, keys in ends.items()}
    said = [
        word(
            "report_areas",
            language,
            low_names=names["low"],
            high_names=names["high"],
            low=number(least),
            high=number(most),
        )
    ]
    others = [key for key in shown if key not in ends["low"]]
    lowest = [city_span(analyses, f"area_{key}") for key in ends["low"]]
    if all(each.known for each in lowest):
        most = max(each.high for each in lowest)
        crossed = [key for key in others if city_span(analyses, f"area_{key}").low <= most]
        key = f"report_areas_{'cross' if crossed else 'apart'}"
        key += "_tied" if len(lowest) > 1 else ""
        values = {"names": _named(result, crossed, language)} if crossed else {}
        said.append(word(key, language, **values))
    yield " ".join(said)


def _named(result: Result, keys: list[str], language: str) -> str:
    """Return the names of areas as a list."""
    names = [plain(result.method.areas[key].name.said(language)) for key in keys]
    return listed([quoted(name, language) for name in names], language)


def _sure_said(result: Result, analyses: Analyses, language: str) -> Iterator[str]:
    """Yield for how many of the people the confidence of their cell is high, and low."""
    if analyses.robustness is None or result.scores.marker.isna().all():
        return
    classes = analyses.robustness.cells["confidence"]
    people = pd.Series(analyses.robustness.people, index=analyses.robustness.index)
    scored = float(people[classes.notna()].sum())
    if not scored > 0:
        return
    held = {
        key: Share(float(people[(classes == key).fillna(value=False)].sum()) / scored, language)
        for key in CONFIDENCE
    }
    yield word("report_sure", language, **held)
