"""Cities, years or methods side by side, over the indicators that they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from inclusion_marker.analysis.comparing.pairs import differences, shared_cells
from inclusion_marker.analysis.comparing.ranks import Ranked, ranked
from inclusion_marker.analysis.comparing.shared import (
    OBSERVED_SHARE,
    core_of,
    core_table,
    differing_goalposts,
    known_people,
    remarks_on,
)
from inclusion_marker.composite.totals import city_means, weighted_mean
from inclusion_marker.errors import ParameterError
from inclusion_marker.method import Method
from inclusion_marker.notices import Notice, near
from inclusion_marker.result import Result
from inclusion_marker.texts import Text

HALF = 0.5
LIKE = 0.9
"""Share of its observed weight that must be shared for a full marker to be ranked with others."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Several results side by side.

    Attributes
    ----------
    labels
        What each result is called, in the order given.
    method
        The method by which all cores are scored; ``None`` where each is scored by its own, whose
        goalposts are the same.
    areas
        What the areas are called, by id.
    figures
        One row a result, index ``result``. What it is: ``city``, ``method``, ``method_version``,
        ``synthetic``, ``cell_kind``, ``resolution``, ``cell_ha`` (median area), ``cells``,
        ``people``, ``people_scored``, ``coverage`` (share of the marker's weight observed).
        ``core_weight``: share of the marker's weight that the shared indicators hold;
        ``core_share``: share that they hold of what is observed of that weight. Scores, 0-100:
        ``marker`` and ``area_<id>`` from all indicators of the result, ``core_marker`` and
        ``core_area_<id>`` from the shared ones alone, each weighted by people, and each again
        with ``_plain`` at the end, the mean of the cells.
    core
        One row an indicator: see
        :func:`~inclusion_marker.analysis.comparing.shared.core_table`; and ``score_<label>``,
        the people-weighted score by which a shared one enters the core.
    pairs
        One row a pair, in the order of ``labels``: ``first``, ``second``; ``marker``,
        ``core_marker`` and the same with ``_plain``: second minus first, in points;
        ``cells_shared``; where they share their cells also ``class_changed`` (share of people
        whose class of the marker differs), ``mean_change`` (people-weighted mean of the absolute
        difference), ``rank_correlation`` (Spearman, weighted by people) and
        ``rank_correlation_plain``; and ``first_below``, the probability that the first one's
        marker is below the second one's, where there are draws.
    cells
        One row a pair and shared cell: ``first``, ``second``, ``cell``, ``people`` (mean of the
        two), ``marker_first``, ``marker_second``, ``difference``, ``core_difference``.
    ranks
        One row a result that has draws: ``median``, ``low``, ``high`` (5 and 95 %) of its rank,
        1 = highest marker, and ``tied_with``, the labels whose order with it is not sure.
        Without rows where there are no draws: no rank is said without its interval.
    notices
        What a reader has to know, and what was done.
    """

    labels: tuple[str, ...]
    method: Method | None
    areas: Mapping[str, Text]
    figures: pd.DataFrame
    core: pd.DataFrame
    pairs: pd.DataFrame
    cells: pd.DataFrame
    ranks: pd.DataFrame
    notices: tuple[Notice, ...]


def compare(
    results: Mapping[str, Result] | Sequence[Result],
    *,
    labels: Sequence[str] | None = None,
    allow_different_goalposts: bool = False,
    by: Method | None = None,
    robustness: Mapping[str, Ranked] | None = None,
    observed_share: float = OBSERVED_SHARE,
) -> Comparison:
    """Return results side by side: cities, years or methods, over the indicators they share.

    The full scores of two cities rest on what each of them could measure. Beside them stands the
    *core*: every result scored anew from its raw values of the shared indicators only, those
    observed in all, by its own weights, rules and minimum coverage (the others weigh nothing).

    Parameters
    ----------
    results
        The results, by label or in a row.
    labels
        What they are called, if in a row: by their cities, and what tells these apart, if ``None``.
    allow_different_goalposts
        Whether results of differing goalposts are compared all the same. All cores are then
        scored by one method, indicators in another unit than its own are left out of them, and
        the notices say so; the full scores stay what they are.
    by
        The method that scores all cores; each one's own if ``None``, or the first one's where
        goalposts differ.
    robustness
        By label, the draws of each result's marker. Ranks and probabilities are said with these
        only, and not where the markers rest on different indicators: there run robustness on
        :func:`shared_core`, and compare that. Draws are set side by side in their order, so that
        those of one seed share their method choices; of unequal numbers the first ones are taken.
    observed_share
        Share of each city's people, above 0 to 1, for whom an indicator must be observed to be
        shared.

    Returns
    -------
    comparison
        A cell without a score counts in no mean. In the order given; another order changes
        nothing but the order and the signs.

    Raises
    ------
    ParameterError
        With every fault: no results, labels that do not fit, nobody or negative people,
        goalposts or units that differ, or scores that depend on the cells at hand, unless
        ``allow_different_goalposts``; draws of other cells.

    References
    ----------
    Saisana, M., Saltelli, A., Tarantola, S. (2005). Uncertainty and sensitivity analysis
    techniques as tools for the quality assessment of composite indicators. *Journal of the Royal
    Statistical Society A*, 168(2), 307-323: ranks as intervals, pairs by shared draws.

    Becker, W. et al. (2019). *COIN Tool User Guide*. EUR 29899: data for 65 % at least.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> manta = compute("manta", resolution=8)
    >>> found = compare({"now": manta, "then": manta})
    >>> found.pairs["core_marker"].tolist()
    [0.0]
    >>> int(found.core["shared"].sum()), round(float(found.figures["core_weight"]["now"]), 2)
    (17, 0.46)
    """
    named = _named(results, labels)
    drawn = {str(label): each for label, each in (robustness or {}).items()}
    _check(named, observed_share, drawn)
    core = core_table(named, by, observed_share)
    reference, notices = _reference(named, core, by, allow=allow_different_goalposts)
    shared = core.index[core["shared"]].tolist()
    cores = {label: core_of(each, shared, reference) for label, each in named.items()}
    for label, each in cores.items():
        people = known_people(each)
        means = weighted_mean(each.scores.indicators.loc[people.index, shared], people)
        core[f"score_{label}"] = means.reindex(core.index)
    figures = pd.DataFrame(
        {label: _figures(named[label], cores[label], core, label) for label in named}
    ).T.infer_objects()
    figures = figures.astype({"resolution": "Int64"}).rename_axis("result")
    # Where goalposts differ, or what the markers are made of, the full ones have no order.
    unlike = [*_on_core(figures, shared)]
    ranks, below, said = ranked(named, {} if notices or unlike else drawn)
    cells = shared_cells(named, cores)
    return Comparison(
        labels=tuple(named),
        method=reference,
        areas={
            key: area.name for each in named.values() for key, area in each.method.areas.items()
        },
        figures=figures,
        core=core,
        pairs=differences(figures, cells, below),
        cells=cells,
        ranks=ranks,
        notices=(*notices, *unlike, *_little(figures, shared), *remarks_on(named, shared), *said),
    )


def shared_core(
    results: Mapping[str, Result] | Sequence[Result],
    *,
    labels: Sequence[str] | None = None,
    observed_share: float = OBSERVED_SHARE,
) -> dict[str, Result]:
    """Return results as if only what they share had been measured: for draws over the core.

    ``compare`` ranks by the draws of the full markers, where these are of the same indicators.
    Robustness run on these results, handed on with them to ``compare``, ranks by the shared ones.

    Parameters
    ----------
    results, labels, observed_share
        As for :func:`compare`.

    Raises
    ------
    ParameterError
        As :func:`compare`, which allows nothing here; and if nothing is shared.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> manta = compute("manta", resolution=8)
    >>> core = shared_core([manta])["manta"]
    >>> bool(manta.scores.marker.isna().all()), bool(core.scores.marker.notna().all())
    (True, True)
    """
    named = _named(results, labels)
    _check(named, observed_share, {})
    core = core_table(named, None, observed_share)
    _reference(named, core, None, allow=False)
    shared = core.index[core["shared"]].tolist()
    if not shared:
        raise ParameterError(Notice("compared_nothing", values={"found": ", ".join(named)}))
    return {label: core_of(each, shared) for label, each in named.items()}


def _named(
    results: Mapping[str, Result] | Sequence[Result], labels: Sequence[str] | None
) -> dict[str, Result]:
    """Return the results by label."""
    if isinstance(results, Mapping):
        given: list[Result] = list(results.values())
        labels = list(map(str, results)) if labels is None else labels
    else:
        given = list(results)
        labels = _labels(given) if labels is None else labels
    if not given or len(labels) != len(given) or len(set(labels)) != len(labels):
        values = {"found": ", ".join(map(str, labels)) or "-", "count": len(given)}
        raise ParameterError(Notice("compared_labels", item="labels", values=values))
    return dict(zip(map(str, labels), given, strict=True))


def _labels(results: Sequence[Result]) -> list[str]:
    """Return the cities' ids, with what tells equal ones apart: method, version, date, or place."""
    ids = [each.city.id for each in results]
    if len(set(ids)) == len(ids):
        return ids
    dates = [
        each.city.layers[layer].date
        if (layer := each.method.people.layer) in each.city.layers
        else ""
        for each in results
    ]
    signs = (
        [each.method.id for each in results],
        [f"{each.method.id} {each.method.version}" for each in results],
        dates,
        [f"{date} {each.method.id}" for date, each in zip(dates, results, strict=True)],
        [str(place) for place in range(1, len(results) + 1)],
    )
    found = [[f"{one} ({sign})" for one, sign in zip(ids, said, strict=True)] for said in signs]
    return next(each for each in found if len(set(each)) == len(each))


def _check(
    results: Mapping[str, Result], observed_share: float, robustness: Mapping[str, Ranked]
) -> None:
    """Refuse what cannot be compared, all faults at once."""
    faults = []
    if not 0 < observed_share <= 1:
        values = {"found": observed_share, "low": 0, "high": 1}
        faults.append(Notice("parameter_out_of_range", item="observed_share", values=values))
    for label, result in results.items():
        people = result.people
        if (people < 0).any() or not 0 < people.sum() < np.inf:
            values = {"found": float(people.sum()), "count": int((people < 0).sum())}
            faults.append(Notice("compared_nobody", item=label, values=values))
    for label, drawn in robustness.items():
        if label not in results:
            named = {"found": label, "accepted": near(label, results)}
            faults.append(Notice("name_unknown", item="robustness", values=named))
        elif set(drawn.index) != set(results[label].people.index):
            faults.append(Notice("compared_draws", item=label, values={"count": len(drawn.index)}))
    if faults:
        raise ParameterError(*faults)


def _reference(
    results: Mapping[str, Result], core: pd.DataFrame, by: Method | None, *, allow: bool
) -> tuple[Method | None, list[Notice]]:
    """Return the one method that scores all cores, if one has to, and what has to be said of it."""
    methods = {label: each.method for label, each in results.items()}
    first = next(iter(methods))
    standard = methods[first] if by is None else by
    relative = [label for label, method in methods.items() if not method.comparable]
    keys = core.index[core["why"].isin(["", "other_unit"])].tolist()
    name = first if by is None else by.id
    if by is not None and not by.comparable:
        raise ParameterError(Notice("compared_relative_standard", item=name))
    faults: list[Notice] = []
    if relative and len(results) > 1:
        faults += [
            Notice("compared_relative", item=each, values={"reasons": _reasons(methods[each])})
            for each in relative
        ]
    if not relative:
        faults += differing_goalposts(methods, (name, standard), keys)
    if not faults:
        return by, []
    if not allow:
        raise ParameterError(*faults)
    if not standard.comparable:
        raise ParameterError(Notice("compared_relative_standard", item=name))
    notices = []
    curves = [each.item for each in faults if each.code == "compared_goalposts"]
    if curves or relative:
        listed = ", ".join(dict.fromkeys(curves)) or "-"
        values = {"found": f"{standard.id} {standard.version}", "indicators": listed}
        notices.append(Notice("compared_rescored", values=values))
    if relative:
        notices.append(Notice("compared_relative_shown", values={"found": ", ".join(relative)}))
    units = [key for key in keys if core.loc[key, "why"] == "other_unit"]
    if units:
        left_out = {"count": len(units), "indicators": ", ".join(units)}
        notices.append(Notice("compared_units_left_out", values=left_out))
    return standard, notices


def _reasons(method: Method) -> Text:
    """Return why a method's scores depend on the cells at hand."""
    reasons = method.not_comparable_because()
    return Text(es="; ".join(r.es for r in reasons), en="; ".join(r.en for r in reasons))


def _figures(result: Result, core_result: Result, core: pd.DataFrame, label: str) -> pd.Series:
    """Return a result's row of the figures."""
    people = known_people(result)
    full, part = (
        city_means(_above(each).loc[people.index], people) for each in (result, core_result)
    )
    coverage = weighted_mean(result.scores.coverage[["marker"]].loc[people.index], people)
    weight, observed = core[f"weight_{label}"], core[f"observed_{label}"]
    held, seen = float(weight[core["shared"]].sum()), float((weight * observed).sum())
    row: dict[str, object] = {
        "city": result.city.id,
        "method": result.method.id,
        "method_version": result.method.version,
        "synthetic": result.city.synthetic,
        "cell_kind": result.grid.kind,
        "resolution": result.grid.resolution,
        "cell_ha": float(result.grid.area_ha.median()),
        "cells": len(people),
        "people": float(people.sum()),
        "people_scored": float(full["people_scored"]["marker"]),
        "coverage": float(coverage["marker"]),
        "core_weight": held,
        # What is shared may itself be missing for some people.
        "core_share": min(held / seen, 1.0) if seen > 0 else 0.0,
    }
    for head, means in (("", full), ("core_", part)):
        for column, found in means.iterrows():
            row[f"{head}{column}"] = float(found["people_weighted"])
            row[f"{head}{column}_plain"] = float(found["plain"])
    return pd.Series(row, dtype=object)


def _above(result: Result) -> pd.DataFrame:
    """Return the marker and the areas of each cell."""
    scores = result.scores
    return pd.concat([scores.marker.to_frame("marker"), scores.areas.add_prefix("area_")], axis=1)


def _on_core(figures: pd.DataFrame, shared: Sequence[str]) -> Iterator[Notice]:
    """Yield a notice where the full markers are not of the same things."""
    if not shared:
        yield Notice("compared_nothing", values={"found": ", ".join(figures.index)})
        return
    held = {label: float(share) for label, share in figures["core_share"].items()}
    if min(held.values()) < LIKE:
        found = "; ".join(f"{label}: {100 * share:.0f} %" for label, share in held.items())
        yield Notice("compared_other_indicators", values={"found": found})


def _little(figures: pd.DataFrame, shared: Sequence[str]) -> Iterator[Notice]:
    """Yield a notice where what is shared is little of the marker."""
    if shared and (figures["core_weight"] < HALF).any():
        held = f"{100 * float(figures['core_weight'].min()):.0f} %"
        yield Notice("compared_little", values={"count": len(shared), "held": held})
