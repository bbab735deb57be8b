"""Gaps between groups of people: what each lives with, from the counts of where they live.

Counts say how many of a group live in a cell, not what each of them has: a figure here is of the
places that people live in, never of the people (Robinson, 1950: the ecological fallacy). Counts of
zones are shared out to cells in proportion for both groups alike, so all that lies within a zone
is hidden, and a gap is rather too small than too large.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from inclusion_marker.analysis.drawn import Draws
from inclusion_marker.analysis.inequality.distribution import over, within
from inclusion_marker.analysis.inequality.intervals import below_of_draws, interval, means_of_draws
from inclusion_marker.analysis.inequality.segregation import segregation
from inclusion_marker.cards import Column
from inclusion_marker.composite.totals import weighted_mean
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice, near
from inclusion_marker.result import Result
from inclusion_marker.texts import Text, grouped, many, phrase

_SLACK = 1e-9
"""What a part may exceed its whole by: the last bits of counts that were shared out."""

_FIGURES = ("part", "rest", "gap", "ratio", "below_part", "below_rest")
_CONTEXT = ("people_part", "people_rest", "dissimilarity", "isolation", "entropy")


@dataclass(frozen=True)
class Group:
    """Two groups of people to be held against each other.

    Attributes
    ----------
    id
        A short name, for tables.
    part
        Columns of counts of the layer of people, or ids of the context, that add up to the group.
    rest
        The same for the other group; all people who are not in ``part`` if empty.
    name, rest_name
        What either is called in a sentence, plural and with its article in Spanish; the names of
        the columns if ``None``.
    """

    id: str
    part: tuple[str, ...]
    rest: tuple[str, ...] = ()
    name: Text | None = None
    rest_name: Text | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of both groups."""
        return (*self.part, *self.rest)

    def named(self) -> tuple[Text, Text]:
        """Return what both groups are called."""
        columns = [" + ".join(each) for each in (self.part, self.rest)]
        others = phrase("group_others") if not self.rest else Text(es=columns[1], en=columns[1])
        return self.name or Text(es=columns[0], en=columns[0]), self.rest_name or others


def default_groups() -> tuple[Group, ...]:
    """Return the groups that are looked at unless told: origin, sex, and both ends of age.

    Returns
    -------
    groups
        A city that does not count one is told so.

    Examples
    --------
    >>> [group.id for group in default_groups()]
    ['origin', 'sex', 'children', 'elderly']
    """
    host = phrase("group_host")
    women, men = phrase("group_women"), phrase("group_men")
    return (
        Group("origin", ("people_venezuelan",), (), phrase("group_venezuelan"), host),
        Group("sex", ("women_5_plus",), ("men_5_plus",), women, men),
        Group("children", ("age_0_9",), (), phrase("group_children")),
        Group("elderly", ("age_70_plus",), (), phrase("group_elderly")),
    )


@dataclass(frozen=True, eq=False)
class Gaps:
    """What groups of people live with, and how far apart they live.

    Attributes
    ----------
    groups
        The groups that were found, in the order asked for.
    counts
        Cells by ``(group, side)``, side ``part`` or ``rest``: people.
    exposure
        By ``(group, score)``: ``part`` and ``rest``, the means of the score over the people of
        each; ``gap = part - rest`` in points; ``ratio``; ``below_part`` and ``below_rest``, the
        shares who live below the line.
    intervals
        By ``(group, figure)``, each figure of the marker's exposure: ``value`` (as measured),
        ``median``, ``low`` and ``high`` (50, 5, 95 % of the draws; missing without draws). The
        areas have none, as the draws are of the marker; the counts of people are taken as certain.
    context
        By group: ``people_part``, ``people_rest``, ``dissimilarity``, ``isolation``, ``entropy``.
    notices
        Groups that the city does not count, or that have nobody; counts that do not agree.
    """

    groups: tuple[Group, ...]
    counts: pd.DataFrame
    exposure: pd.DataFrame
    intervals: pd.DataFrame
    context: pd.DataFrame
    notices: tuple[Notice, ...]

    def of(self, group: str) -> pd.DataFrame:
        """Return the exposure of one group, by score; no row if it is not there."""
        return _of(self.exposure, group)

    def intervals_of(self, group: str) -> pd.DataFrame:
        """Return the intervals of one group, by figure; no row if it is not there."""
        return _of(self.intervals, group)


def _of(table: pd.DataFrame, group: str) -> pd.DataFrame:
    """Return the rows of one group."""
    return table[table.index.get_level_values("group") == group].droplevel("group")


def group_gaps(
    result: Result,
    *,
    groups: Sequence[Group] | None = None,
    line: float = 50.0,
    draws: Draws | None = None,
) -> Gaps:
    """Return the gaps between groups in the marker and its areas.

    Parameters
    ----------
    result
        A city that was computed.
    groups
        What to compare; :func:`default_groups` if ``None``.
    line
        Who lives below it, 0-100.
    draws
        The marker of each cell in each draw, in the order of the result's cells; without them no
        gap has an interval.

    Raises
    ------
    ParameterError
        If a group names a count that the method does not declare, or a mean or rate.

    Examples
    --------
    >>> from inclusion_marker.marker import compute
    >>> jobless = Group("jobless", ("unemployed",))
    >>> found = group_gaps(compute("manta", resolution=8), groups=[jobless])
    >>> found.exposure.loc["jobless"].index.tolist()[:2]
    ['marker', 'area_housing']
    """
    within("line", line, 0.0, 100.0, beyond=True)
    asked = default_groups() if groups is None else tuple(groups)
    if groups is not None:
        _check(result, asked)
    scores = result.table()[["marker", *(f"area_{key}" for key in result.method.areas)]]
    notices: list[Notice] = []
    counts: dict[tuple[str, str], pd.Series[float]] = {}
    tables: dict[str, pd.DataFrame] = {}
    context: dict[str, dict[str, float]] = {}
    for group in asked:
        found = _counts(result, group, notices)
        if found is None:
            continue
        part, rest = found
        counts[group.id, "part"], counts[group.id, "rest"] = part, rest
        tables[group.id] = gap_table(scores, part, rest, line=line)
        sums = {"people_part": float(part.sum()), "people_rest": float(rest.sum())}
        context[group.id] = sums | segregation(part, rest)
    values = {
        key: table.loc[["marker"]].T.set_axis(["value"], axis=1) for key, table in tables.items()
    }
    spans = _spans(draws, counts, line)
    return Gaps(
        tuple(group for group in asked if group.id in context),
        _columns(counts, result.grid.index),
        _stacked(tables, ["group", "score"], _FIGURES),
        _stacked(values, ["group", "figure"], ["value"]).join(spans),
        pd.DataFrame.from_dict(
            context, orient="index", columns=list(_CONTEXT), dtype=np.float64
        ).rename_axis("group"),
        tuple(notices),
    )


def gap_table(
    scores: pd.DataFrame,
    part: pd.Series[float],
    rest: pd.Series[float],
    *,
    line: float = 50.0,
) -> pd.DataFrame:
    """Return what two groups live with, and the gap between them.

    Parameters
    ----------
    scores
        Cells by score, 0-100; missing as NaN.
    part, rest
        People of either group in each cell, same index; missing as NaN, which counts nobody.
    line
        Who lives below it.

    Returns
    -------
    table
        By score, the columns of :class:`Gaps`' exposure. Swapping the groups turns the sign of
        the gap. A cell without a score counts for neither.

    Examples
    --------
    >>> table = pd.DataFrame({"marker": [40.0, 80.0]})
    >>> gap_table(table, pd.Series([3.0, 1.0]), pd.Series([1.0, 3.0]))["gap"].tolist()
    [-20.0]
    """
    low, high = (weighted_mean(scores, people.fillna(0.0)) for people in (part, rest))
    poor = scores.lt(line).astype(np.float64).where(scores.notna())
    below = [weighted_mean(poor, people.fillna(0.0)) for people in (part, rest)]
    ratios = [over(*pair) for pair in zip(low, high, strict=True)]
    table = pd.DataFrame({"part": low, "rest": high, "gap": low - high})
    table["ratio"] = ratios
    table["below_part"], table["below_rest"] = below
    return table


def _spans(
    draws: Draws | None, counts: dict[tuple[str, str], pd.Series[float]], line: float
) -> pd.DataFrame:
    """Return the interval of each figure of each pair: two passes over the draws serve all."""
    rows = {}
    if counts and draws is not None:
        living = np.array([people.to_numpy(np.float64) for people in counts.values()])
        means, below = means_of_draws(draws, living), below_of_draws(draws, living, line)
        for place, (group, _) in list(enumerate(counts))[::2]:
            part, rest = means[place], means[place + 1]
            ratio = np.divide(part, rest, out=np.full_like(part, np.nan), where=rest > 0)
            figures = (part, rest, part - rest, ratio, below[place], below[place + 1])
            for name, figure in zip(_FIGURES, figures, strict=True):
                rows[group, name] = interval(figure)
    index = pd.MultiIndex.from_tuples(list(rows), names=["group", "figure"])
    columns = list(interval(np.empty(0)))
    return pd.DataFrame(list(rows.values()), index=index, columns=columns, dtype=np.float64)


def _check(result: Result, groups: Sequence[Group]) -> None:
    """Refuse groups of unknown columns, or of columns that are no counts, all at once."""
    layer = result.method.people.layer
    columns = result.method.layers[layer].columns
    known = {*columns, *result.context.columns}
    faults = []
    for group in groups:
        item = f"groups.{group.id}"
        if not group.part:
            values: dict[str, object] = {"found": "part = ()", "expected": near("", columns)}
            faults.append(Notice("parameter_type", item=item, values=values))
        for column in group.columns:
            if column not in known:
                values = {"found": column, "accepted": near(column, known)}
                faults.append(Notice("name_unknown", layer=layer, item=item, values=values))
            elif column in columns and not _counts_people(columns[column]):
                values = {"found": column, "unit": columns[column].unit}
                values["measure"] = columns[column].measure
                faults.append(
                    Notice("equity_group_no_count", layer=layer, item=item, values=values)
                )
    repeated = {group.id for group in groups if sum(group.id == each.id for each in groups) > 1}
    for each in sorted(repeated):
        values = {"found": each, "expected": "id ≠"}
        faults.append(Notice("parameter_type", item=f"groups.{each}", values=values))
    if faults:
        raise ParameterError(*faults)


def _counts_people(column: Column) -> bool:
    """Return whether a column holds numbers of people."""
    return column.measure == "extensive" and column.unit == "people"


def _both(group: Group) -> Text:
    """Return what the two groups are called, side by side."""
    part, rest = group.named()
    return Text(es=f"{part.es} / {rest.es}", en=f"{part.en} / {rest.en}")


def _counts(
    result: Result, group: Group, notices: list[Notice]
) -> tuple[pd.Series[float], pd.Series[float]] | None:
    """Return the people of both groups in each cell; ``None``, with a notice, without any."""
    cells = _cells(result, group, notices)
    if cells is None or cells.isna().all().any():
        values = {"found": ", ".join(group.columns), "what": _both(group)}
        notices.append(Notice("equity_group_missing", item=group.id, values=values))
        return None
    cells = cells.where(cells.notna().all(axis=1))
    part = cells[list(group.part)].sum(axis=1, skipna=False)
    rest = (
        cells[list(group.rest)].sum(axis=1, skipna=False)
        if group.rest
        else _rest(part, cells[result.method.people.column], group, notices)
    )
    if not (part.sum() > 0 and rest.sum() > 0):
        notices.append(Notice("equity_group_empty", item=group.id, values={"what": _both(group)}))
        return None
    return part, rest


def _cells(result: Result, group: Group, notices: list[Notice]) -> pd.DataFrame | None:
    """Return the counts of a group in each cell, from its zones or the context."""
    layer, people = result.method.people.layer, result.method.people.column
    wanted = list(dict.fromkeys(group.columns if group.rest else (*group.part, people)))
    table = result.layers.get(layer)
    if table is not None and layer in result.shares and set(wanted) <= set(table.columns):
        # A zone that lacks one of the counts would give all its people to the other group.
        known = table[wanted].notna().all(axis=1)
        if not known.any():
            return None
        whole = table[wanted].where(known)
        lost = ~known & table[wanted].gt(0).any(axis=1)
        if lost.any():
            values = {"zones": int(lost.sum()), "total": len(table), "what": _both(group)}
            notices.append(
                Notice("equity_group_incomplete", layer=layer, item=group.id, values=values)
            )
        return pd.DataFrame({key: result.shares[layer].move(whole[key]) for key in wanted})
    context = result.context.rename(columns={"people": people})
    return context[wanted] if set(wanted) <= set(context.columns) else None


def _rest(
    part: pd.Series[float], people: pd.Series[float], group: Group, notices: list[Notice]
) -> pd.Series[float]:
    """Return the people who are not in a group; nobody, and counted, where it has more than all."""
    wrong = part > people * (1 + _SLACK) + _SLACK
    if wrong.any():
        values = {
            "cells": many("n_cells", int(wrong.sum())),
            "people": grouped(float((part - people)[wrong].sum())),
            "what": group.named()[0],
        }
        notices.append(Notice("equity_group_exceeds", item=group.id, values=values))
    return (people - part).clip(lower=0.0)


def _columns(counts: dict[tuple[str, str], pd.Series[float]], index: pd.Index) -> pd.DataFrame:
    """Return the counts as one table, also where there are none."""
    names = pd.MultiIndex.from_tuples(list(counts), names=["group", "side"])
    return pd.DataFrame(dict(enumerate(counts.values())), index=index).set_axis(names, axis=1)


def _stacked(
    tables: dict[str, pd.DataFrame], names: list[str], columns: Sequence[str]
) -> pd.DataFrame:
    """Return the tables of the groups as one, also where there are none."""
    if tables:
        return pd.concat(tables, names=names)
    index = pd.MultiIndex.from_tuples([], names=names)
    return pd.DataFrame(index=index, columns=list(columns), dtype=np.float64)
