"""Raw values to scores: indicators, dimensions, areas and the marker, 0-100."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.composite.rules import aggregate, floored
from inclusion_marker.composite.scales import fitted, numbers
from inclusion_marker.errors import ParameterError
from inclusion_marker.method import Method, split_node
from inclusion_marker.notices import Notice
from inclusion_marker.texts import Text, many, phrase

__all__ = ["Scores", "aggregate", "floor_notices", "score"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# Scores that differ by less than this share of themselves are the same.
_SAME = 1e-12


@dataclass(frozen=True, eq=False)
class Scores:
    """The scores of every cell at every level, and how much of each was observed.

    Attributes
    ----------
    indicators, dimensions, areas
        Tables of cells by id of the method, 0-100 or missing.
    marker
        The marker of each cell, 0-100 or missing.
    coverage
        Share of the weight below each node that was observed, 0-1: a table of cells by the ids
        of the dimensions, of the areas (``area_…``, for some share a dimension's id) and
        ``marker``. Columns are named as in the outputs: ``dim_…``, ``area_…``, ``marker``.
    floored
        Whether a node's score holds a child that counts as the floor of the rule instead of
        itself: a table of cells by those nodes whose rule has a floor, ``marker``, ``area_…``,
        ``dim_…``.
    """

    indicators: pd.DataFrame
    dimensions: pd.DataFrame
    areas: pd.DataFrame
    marker: pd.Series[float]
    coverage: pd.DataFrame
    floored: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return the scores of all levels in one table, under the names of the outputs.

        Returns
        -------
        table
            Cells by ``marker``, ``area_…``, ``dim_…`` and ``ind_…``, 0-100 or missing.
        """
        levels = [
            self.marker.to_frame("marker"),
            self.areas.add_prefix("area_"),
            self.dimensions.add_prefix("dim_"),
            self.indicators.add_prefix("ind_"),
        ]
        return pd.concat(levels, axis=1)


def score(raw: pd.DataFrame, method: Method) -> Scores:
    """Return the scores of a table of raw values: a pure function of the table and the method.

    A node is scored where children that hold at least its minimum share of weight are scored;
    the weight of the others is spread over those. An indicator that the table lacks is missing.

    Parameters
    ----------
    raw
        Cells by indicator id, in the indicators' units; missing values as NaN. Where
        ``raw.attrs["units"]`` says the units, as in a marker's ``raw``, they are checked. Where
        the method is not ``comparable``, these cells are the ones that the scores are relative to.
    method
        The method.

    Returns
    -------
    scores
        Same index as ``raw``.

    Raises
    ------
    ParameterError
        If a column is known to be in another unit than the method's or holds no numbers, or if a
        rule that reads its scale off the cells finds none: with every indicator or part that does
        not vary.

    References
    ----------
    OECD/JRC (2008). *Handbook on Constructing Composite Indicators*, steps 5 and 6.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> raw = pd.DataFrame({"land_use_mix": [0.359215, 0.0]}, index=["a", "b"])
    >>> score(raw, load_method()).indicators["land_use_mix"].round(4).tolist()
    [22.3193, 0.0]
    """
    _check_units(raw, method)
    columns, curves = numbers(raw, method), fitted(raw, method)
    nodes = _Nodes.of(method, len(raw))
    for cells in _blocks(len(raw), method):
        for key, curve in curves.items():
            nodes.scores[nodes.row[f"ind_{key}"], cells] = curve.apply(columns[key][cells])
        for node in _upwards(method):
            nodes.join(node, cells, method)
    return nodes.tables(raw.index)


# Few enough for what lies between to stay in the processor's cache.
_CELLS_AT_ONCE = 1 << 15


def _blocks(cells: int, method: Method) -> Iterator[slice]:
    """Yield the cells in blocks: rows do not see each other, but where a rule looks at all."""
    whole = any(method.rule_of(node).rule == "mpi" for node in method.nodes())
    step = max(cells, 1) if whole else _CELLS_AT_ONCE
    yield from (slice(start, start + step) for start in range(0, cells, step))


def _upwards(method: Method) -> Iterator[str]:
    """Yield the nodes that have children, each after all that are below it."""
    yield from (f"dim_{key}" for key in method.dimensions)
    yield from (f"area_{key}" for key in method.areas)
    yield "marker"


@dataclass(frozen=True, eq=False)
class _Nodes:
    """The scores of all nodes, one row a node, so that a column of a table is in one piece.

    Attributes
    ----------
    row
        Row of each node, by its name: the marker first, the indicators last.
    scores
        Nodes by cells.
    seen
        Observed shares: nodes but for the indicators, by cells.
    floored
        By node whose rule has a floor: the cells where it lifts a child.
    """

    row: Mapping[str, int]
    scores: Floats
    seen: Floats
    floored: Mapping[str, Bools]

    @classmethod
    def of(cls, method: Method, cells: int) -> _Nodes:
        """Return the rows of a method's nodes, nothing in them yet."""
        row = {node: at for at, node in enumerate(method.nodes())}
        scores = np.empty((len(row), cells))
        floors = [node for node in _upwards(method) if method.rule_of(node).floor is not None]
        return cls(
            row,
            scores,
            seen=np.empty((len(row) - len(method.indicators), cells)),
            floored={node: np.empty(cells, bool) for node in row if node in floors},
        )

    def join(self, node: str, cells: slice, method: Method) -> None:
        """Fill the row of a node from those of its children."""
        children, rule = method.children_of(node), method.rule_of(node)
        weights, rows = np.array(list(children.values())), self._rows(children)
        values, at = self.scores[rows, cells].T, self.row[node]
        if rule.rule == "mpi":
            _check_varies(values, children, method.name_of(node))
        made = aggregate(values, weights, rule, min_coverage=method.bar_of(node))
        leaves = node.startswith("dim_")
        observed = (~np.isnan(values)).astype(np.float64) if leaves else self.seen[rows, cells].T
        self.scores[at, cells] = made
        self.seen[at, cells] = observed @ weights
        if node in self.floored:
            self.floored[node][cells] = floored(values, weights, rule) & ~np.isnan(made)

    def _rows(self, children: Iterable[str]) -> slice | list[int]:
        """Return the rows of some nodes: where siblings are side by side, without a copy."""
        rows = [self.row[child] for child in children]
        beside = slice(rows[0], rows[0] + len(rows))
        return beside if rows == [*range(beside.start, beside.stop)] else rows

    def tables(self, index: pd.Index) -> Scores:
        """Return the tables that are passed on."""
        inner = [node for node in self.row if not node.startswith("ind_")]
        return Scores(
            indicators=self._level("ind_", index),
            dimensions=self._level("dim_", index),
            areas=self._level("area_", index),
            marker=pd.Series(self.scores[self.row["marker"]], index=index, name="marker"),
            coverage=pd.DataFrame(self.seen.T, index=index, columns=inner, copy=False),
            floored=pd.DataFrame(self.floored, index=index, dtype=bool),
        )

    def _level(self, prefix: str, index: pd.Index) -> pd.DataFrame:
        """Return the scores of one level, under the ids of the method."""
        level = [node for node in self.row if node.startswith(prefix)]
        rows = self.scores[self._rows(level)]
        ids = [node.removeprefix(prefix) for node in level]
        return pd.DataFrame(rows.T, index=index, columns=ids, copy=False)


def _check_varies(values: Floats, children: Mapping[str, float], name: Text) -> None:
    """Refuse to standardise scores that are the same in every cell."""
    constant = []
    for (child, weight), column in zip(children.items(), values.T, strict=True):
        known = column[~np.isnan(column)]
        if weight > 0 and len(known) and known.max() - known.min() <= _SAME * abs(known.max()):
            said = {"found": float(known[0]), "node": name}
            constant.append(Notice("rule_constant", item=child, values=said))
    if constant:
        raise ParameterError(*constant)


def floor_notices(scores: Scores, method: Method, people: pd.Series[float]) -> tuple[Notice, ...]:
    """Return how many cells and people have a score below the floor of a mean, node by node.

    Parameters
    ----------
    scores
        The scores.
    method
        The method that they were made by.
    people
        People of each cell, same index.

    Returns
    -------
    notices
        ``scores_floored`` for each node with such cells, top down.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> method = load_method().with_min_coverage(0)
    >>> raw = pd.DataFrame({"unemployment": [60.0, 0.0]})
    >>> found = floor_notices(score(raw, method), method, pd.Series([10.0, 20.0]))
    >>> [(each.code, each.values["cells"], each.values["people"]) for each in found]
    [('scores_floored', 1, 10.0)]
    """
    found = []
    for node in scores.floored.columns:
        hit = scores.floored[node].to_numpy()
        if hit.any():
            living = people.to_numpy(np.float64)[hit]
            values = {
                "cells": int(hit.sum()),
                "people": float(np.nansum(living)),
                "where": many("n_cells", int(hit.sum())),
                "living": many("n_people", float(np.nansum(living))),
                "part": phrase(f"floored_{split_node(node)[0]}", node=method.name_of(node)),
                "floor": method.rule_of(node).least,
            }
            found.append(Notice("scores_floored", item=node, values=values))
    return tuple(found)


def _check_units(raw: pd.DataFrame, method: Method) -> None:
    """Refuse columns that are known to be in another unit than the method's."""
    units = raw.attrs.get("units", {})
    wrong = [
        Notice("units_differ", item=key, values={"found": units[key], "expected": card.unit})
        for key, card in method.indicators.items()
        if key in raw.columns and units.get(key, card.unit) != card.unit
    ]
    if wrong:
        raise ParameterError(*wrong)
