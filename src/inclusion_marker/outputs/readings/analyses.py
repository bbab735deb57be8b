"""What the summary of a computation says beside the marker, in a few lines."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.analysis.robustness import Robustness
from inclusion_marker.outputs.wording import number, percent, plain, whole
from inclusion_marker.result import Result
from inclusion_marker.texts import word


def analyses_lines(analyses: Analyses, result: Result, language: str) -> Iterator[str]:
    """Yield how sure the marker is, where it clusters, what is missing most, and the first gap.

    Parameters
    ----------
    analyses
        The analyses that go into every output.
    result
        What was computed; nothing is said of a marker that is empty.
    language
        ``"es"`` or ``"en"``.
    """
    if result.scores.marker.isna().all():
        return
    for line in _lines(analyses, result, language):
        # A number and its sign stay on one line.
        yield line.replace(" %", "\N{NO-BREAK SPACE}%")


def _lines(analyses: Analyses, result: Result, language: str) -> Iterator[str]:
    """Yield the lines, one a subject."""
    if analyses.robustness is not None:
        yield _certainty(analyses.robustness, result, language)
    people = analyses.hotspots.summary["share"]
    yield word(
        "summary_clusters",
        language,
        low=percent(100 * float(people["low"])),
        high=percent(100 * float(people["high"])),
    )
    yield from _missing(analyses, result, language)
    yield from _gap(analyses, language)


def _certainty(sure: Robustness, result: Result, language: str) -> str:
    """Return the interval of the city, and how many people live in cells of which confidence."""
    low, high = sure.city[["low", "high"]].xs(("marker", "both")).to_numpy(np.float64)
    draws = whole(sure.draws.shape[1], language)
    said = word(
        "summary_sure", language, draws=draws, low=number(float(low)), high=number(float(high))
    )
    return f"{said} {_confidence(sure, result, language)}".rstrip()


def _confidence(sure: Robustness, result: Result, language: str) -> str:
    """Return who lives in cells of which confidence; nothing where nobody lives in one."""
    confidence = sure.cells["confidence"]
    scored = result.people[confidence.notna() & (result.people > 0)]
    held = scored.groupby(confidence).sum()
    classes = [each for each in ("high", "medium", "low") if held.get(each, 0.0) > 0]
    if not classes:
        return ""
    if len(classes) == 1:
        (one,) = classes
        return word(
            "summary_confidence_one", language, confidence=word(f"confidence_{one}", language)
        )
    shares = {
        f"{each}_people": percent(100 * float(held.get(each, 0.0)) / float(held.sum()))
        for each in ("high", "medium", "low")
    }
    return word("summary_confidence", language, **shares)


def _missing(analyses: Analyses, result: Result, language: str) -> Iterator[str]:
    """Yield the indicator that holds most of what the city lacks of 100."""
    table = analyses.explanation.table
    indicators = table[table["level"] == "ind"]["points"].dropna()
    if indicators.empty or not indicators.max() > 0:
        return
    first = str(indicators.idxmax())
    yield word(
        "summary_missing",
        language,
        name=plain(result.method.name_of(first).said(language)),
        points=f"{indicators[first]:.1f}",
        total=f"{indicators.sum():.1f}",
    )


def _gap(analyses: Analyses, language: str) -> Iterator[str]:
    """Yield what the first pair of groups lives with."""
    gaps = analyses.equity.gaps
    if not gaps.groups:
        return
    group = gaps.groups[0]
    part, rest = (each.said(language) for each in group.named())
    scores = gaps.exposure[["part", "rest"]].xs((group.id, "marker")).to_numpy(np.float64)
    yield word(
        "summary_gap",
        language,
        part=part,
        rest=rest,
        part_score=f"{scores[0]:.1f}",
        rest_score=f"{scores[1]:.1f}",
    )
