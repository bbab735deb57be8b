"""Who lives with what: inequality of the marker between people, districts and groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from inclusion_marker.analysis.drawn import Drawn, Draws
from inclusion_marker.analysis.inequality.adjusted import Adjusted, inequality_adjusted
from inclusion_marker.analysis.inequality.concentration import concentration
from inclusion_marker.analysis.inequality.decomposition import Decomposition, decompose
from inclusion_marker.analysis.inequality.distribution import (
    distribution,
    laid_beside,
    lorenz,
    quantile,
    within,
)
from inclusion_marker.analysis.inequality.groups import Gaps, Group, group_gaps
from inclusion_marker.analysis.inequality.intervals import (
    below_of_draws,
    gini_of_draws,
    interval,
    means_of_draws,
    scores_drawn,
)
from inclusion_marker.analysis.inequality.measures import measures
from inclusion_marker.composite.districts import district_of
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice, near
from inclusion_marker.result import Result
from inclusion_marker.texts import Text, many, phrase

_ENDS: Final = (0.1, 0.9)
_FLOOR: Final = 1.0
"""What a score is lifted to inside the adjustment, where the method's rule declares no floor."""


@dataclass(frozen=True, eq=False, repr=False)
class Equity:
    """What people live with, and how unequal it is.

    Every figure is of people and of the places they live in: a cell counts as often as it has
    people. All of them depend on the size of the cells, so they are told with it.

    Attributes
    ----------
    measures
        ``marker`` and ``area_…`` by the names of
        :data:`~inclusion_marker.analysis.inequality.measures.MEASURES`.
    decomposition
        Theil's T of the marker between and within districts; ``None`` without any.
    concentration
        ``marker`` and ``area_…`` by ``standard`` and ``erreygers``: -1 to 1, negative where those
        of high rank live worse; missing without a ranking.
    along
        What the people are ranked by.
    gaps
        Groups of people held against each other.
    quantiles
        The marker by share of the people, 0.1 and 0.9: who lives with the least is first.
    lorenz
        The Lorenz curve of the marker: ``people``, ``values``.
    adjusted
        The marker and its areas cut by their inequality.
    intervals
        ``mean``, ``headcount`` and ``gini`` of the marker by ``value`` (as measured), ``median``,
        ``low`` and ``high`` (50, 5, 95 % of the draws; missing without draws).
    line
        Who lives below it counts as deprived.
    resolution
        H3 resolution of the cells, ``None`` for polygons.
    notices
        What was left out, and which figures mean little.
    """

    measures: pd.DataFrame
    decomposition: Decomposition | None
    concentration: pd.DataFrame
    along: str
    gaps: Gaps
    quantiles: pd.Series[float]
    lorenz: pd.DataFrame
    adjusted: Adjusted
    intervals: pd.DataFrame
    line: float
    resolution: int | None
    notices: tuple[Notice, ...]

    def __repr__(self) -> str:
        """Return one line: an inequality is never told without the size of its cells."""
        cells = "polygons" if self.resolution is None else f"H3 resolution {self.resolution}"
        gini, groups = self.measures["gini"]["marker"], len(self.gaps.groups)
        return f"<{type(self).__name__}: Gini {gini:.3f} at {cells}, {groups} pairs of groups>"


def equity(
    result: Result,
    *,
    by: str | pd.Series | None = "district",
    line: float = 50.0,
    along: str | pd.Series[float] = "people_venezuelan",
    groups: Sequence[Group] | None = None,
    robustness: Drawn | None = None,
) -> Equity:
    """Return the inequality of a city's marker, and the gaps between groups of its people.

    Parameters
    ----------
    result
        A city that was computed.
    by
        Groups of cells to split inequality by: its districts (see
        :func:`~inclusion_marker.composite.districts.district_of`), a label a
        cell, or ``None``.
    line
        Who lives below it counts as deprived, up to 100; the lowest class of the maps ends at 50.
    along
        What to rank the people by: a count of the context, as a share of the people of a cell, or
        a number a cell.
    groups
        Groups of people to compare; those of
        :func:`~inclusion_marker.analysis.inequality.groups.default_groups` if ``None``.
    robustness
        The marker of each cell in each draw; without it no figure has an interval.

    Returns
    -------
    equity
        Figures are missing, and a notice says why, where nobody lives in a cell with a score.

    Raises
    ------
    ParameterError
        If a series or the draws are not of the result's cells, a name is unknown, the line is
        not above 0 and up to 100, or the people of a cell are negative.

    Examples
    --------
    >>> from inclusion_marker.marker import compute
    >>> equity(compute("manta", resolution=8, min_coverage=0.3))
    <Equity: Gini 0.034 at H3 resolution 8, 0 pairs of groups>
    """
    within("line", line, 0.0, 100.0, beyond=True)
    areas = [f"area_{key}" for key in result.method.areas]
    scores, people = result.table()[["marker", *areas]], result.people
    notices = [*_scale(result), *_left_out(result, scores, people)]
    name, ranking = _ranking(result, along, notices)
    parts = _parts(result, by, notices)
    draws = None if robustness is None else scores_drawn(robustness, scores.index)
    gaps = group_gaps(result, groups=groups, line=line, draws=draws)
    table = pd.DataFrame({key: measures(scores[key], people, line=line) for key in scores}).T
    weights = result.method.children_of("marker")
    return Equity(
        measures=table.rename_axis("score"),
        decomposition=parts,
        concentration=_concentration(scores, people, ranking),
        along=name,
        gaps=gaps,
        quantiles=pd.Series({share: quantile(scores["marker"], people, share) for share in _ENDS}),
        lorenz=lorenz(scores["marker"], people),
        adjusted=inequality_adjusted(
            scores[areas],
            people,
            weights,
            floor=result.method.rule_of("marker").floor or _FLOOR,
            min_coverage=result.method.bar_of("marker"),
        ),
        intervals=_intervals(scores["marker"], people, table, line, draws),
        line=line,
        resolution=result.grid.resolution,
        notices=(*notices, *gaps.notices),
    )


def _scale(result: Result) -> list[Notice]:
    """Return a warning where 0 has no meaning of its own: the measures compare with it."""
    return [] if result.method.comparable else [Notice("equity_relative_scale")]


def _left_out(result: Result, scores: pd.DataFrame, people: pd.Series[float]) -> list[Notice]:
    """Return whom the figures leave out, and where a zero decides some of them."""
    notices = []
    for key in scores:
        what = phrase("marker") if key == "marker" else result.method.name_of(str(key))
        found = distribution(scores[key], people)
        if not found.values.size:
            notices.append(Notice("equity_nobody", item=str(key), values={"what": what}))
            continue
        if key == "marker" and found.people_without_value > 0:
            share = found.people_without_value / (found.people_without_value + found.people.sum())
            left = {"cells": many("n_cells", found.without_value), "share": f"{100 * share:.1f}"}
            notices.append(Notice("equity_people_left_out", item=str(key), values=left))
        if found.values[0] == 0 and not found.flat:
            living = float(found.people[found.values == 0].sum())
            values = {"people": many("n_people", living), "what": what}
            notices.append(Notice("equity_zeros", item=str(key), values=values))
    return notices


def _ranking(
    result: Result, along: str | pd.Series[float], notices: list[Notice]
) -> tuple[str, pd.Series[float]]:
    """Return what the people are ranked by: its name, and a number a cell."""
    if isinstance(along, pd.Series):
        return "along" if along.name is None else str(along.name), laid_beside(
            along, result.people.index, "along"
        )
    if along not in result.context.columns:
        values = {"found": along, "accepted": near(along, map(str, result.context.columns))}
        raise ParameterError(Notice("name_unknown", item="along", values=values))
    share = result.context[along] / result.people.where(result.people > 0)
    if share.isna().all():
        card = result.method.context.get(along)
        what = card.name if card is not None else Text(es=along, en=along)
        lacking = {"found": along, "what": what}
        notices.append(Notice("equity_group_missing", item="along", values=lacking))
    return along, share


def _concentration(
    scores: pd.DataFrame, people: pd.Series[float], ranking: pd.Series[float]
) -> pd.DataFrame:
    """Return both forms of the concentration index for each score."""
    rows = {str(key): concentration(scores[key], people, ranking) for key in scores}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("score")


def _parts(
    result: Result, by: str | pd.Series | None, notices: list[Notice]
) -> Decomposition | None:
    """Return the inequality of the marker between groups of cells and within; ``None`` for none."""
    if isinstance(by, pd.Series):
        labels = laid_beside(by, result.people.index, "by")
    elif by is None:
        return None
    elif by != "district":
        values = {"found": by, "accepted": "district"}
        raise ParameterError(Notice("name_unknown", item="by", values=values))
    elif result.districts is None:
        notices.append(Notice("equity_without_districts"))
        return None
    else:
        labels = district_of(result.grid.cells, result.districts)
    parts = decompose(result.scores.marker, result.people, labels)
    if parts.people_without_group > 0:
        apart = {"people": many("n_people", parts.people_without_group)}
        notices.append(Notice("equity_people_without_district", values=apart))
    return parts


def _intervals(
    marker: pd.Series[float],
    people: pd.Series[float],
    measured: pd.DataFrame,
    line: float,
    draws: Draws | None,
) -> pd.DataFrame:
    """Return the city's figures with what nine in ten draws lie within."""
    values = {
        "mean": distribution(marker, people).mean,
        "headcount": measured["headcount"]["marker"],
        "gini": measured["gini"]["marker"],
    }
    spans = dict.fromkeys(values, interval(np.empty(0)))
    if draws is not None:
        living = people.to_numpy(np.float64)
        figures = {
            "mean": means_of_draws(draws, np.array([living]))[0],
            "headcount": below_of_draws(draws, np.array([living]), line)[0],
            "gini": gini_of_draws(draws, living),
        }
        spans = {key: interval(figure) for key, figure in figures.items()}
    rows = {key: {"value": value, **spans[key]} for key, value in values.items()}
    return pd.DataFrame.from_dict(rows, orient="index", dtype=np.float64).rename_axis("figure")
