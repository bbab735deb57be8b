"""Why a marker is what it is: the shortfall by node, in points that add up, and what adds most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.analysis.explaining.reasons import district_reasons
from inclusion_marker.analysis.explaining.sentences import Said, shortfall_sentence
from inclusion_marker.analysis.explaining.shortfall import (
    closing_gains,
    point_gains,
    shortfall,
    unsplit,
)
from inclusion_marker.analysis.explaining.splitting import BEST, NOTHING
from inclusion_marker.analysis.where import PartKind, Place, PlaceKind, find_place
from inclusion_marker.city import City
from inclusion_marker.composite.scoring import Scores
from inclusion_marker.method import Method, split_node
from inclusion_marker.notices import Notice
from inclusion_marker.result import Result
from inclusion_marker.texts import Text, word

Floats = npt.NDArray[np.float64]

_MOST = 3


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why the marker of a cell, a district or a city is what it is.

    Attributes
    ----------
    city, method
        The two files of the result.
    kind, id, name
        What is explained: ``"cell"``, ``"district"`` or ``"city"``, its id and its name.
    people
        Who live there.
    marker
        Its marker, 0-100; missing where it has none. Above the cell weighted by people.
    table
        By node, top down: ``level`` (``marker``, ``area``, ``dim``, ``ind``), ``parent``,
        ``code``, ``name_es``, ``name_en``; ``score``; ``weight`` among its siblings;
        ``effective_weight`` in the marker over what is observed; ``share`` of the shortfall and
        ``points`` of it; ``gain_per_point``, what one point more would add to the marker;
        ``gain_if_closed``, what bringing it to 100 would add; ``observed``, the share of the
        people who live where it has a score; ``missing``, whether nobody does. ``share`` to
        ``gain_if_closed`` are missing where the node is no part of the marker.
    districts
        For a city that has them: one row a district, see :func:`district_reasons`.
    notices
        Why there is no marker, whom it leaves out, which part cannot be split.
    """

    city: City
    method: Method
    kind: PlaceKind
    id: str
    name: Text
    people: float
    marker: float
    table: pd.DataFrame
    districts: pd.DataFrame | None
    notices: tuple[Notice, ...]

    @property
    def shortfall(self) -> float:
        """Return what the marker lacks of 100; what is only rounding is nothing."""
        gap = BEST - self.marker
        return 0.0 if gap <= NOTHING else gap

    def reasons(self, level: str = "ind", most: int = _MOST) -> pd.DataFrame:
        """Return the rows of the table that hold most of the shortfall, the largest first.

        Parameters
        ----------
        level
            ``"area"``, ``"dim"`` or ``"ind"``.
        most
            How many at most; a node that holds nothing is no reason.
        """
        return self._first(level, "points", most)

    def _first(self, level: str, column: str, most: int) -> pd.DataFrame:
        """Return the rows of a level with the largest values above 0, equal ones by name."""
        rows = self.table[(self.table["level"] == level) & (self.table[column] > 0)].sort_index()
        order = np.argsort(-rows[column].to_numpy(np.float64).round(9), kind="stable")
        return rows.iloc[order[:most]]

    def sentence(self, language: str = "es") -> str:
        """Return in words how much is lacking, why, and what would add most.

        Parameters
        ----------
        language
            ``"es"`` or ``"en"``.

        Returns
        -------
        sentence
            Each figure is rounded by itself: the points may miss the shortfall by a tenth.
        """
        name = self.name.said(language)
        if not np.isfinite(self.marker):
            why = [each.part("found", language) for each in self.notices]
            return f"{word(f'explained_{self.kind}', language, name=name)}: {'; '.join(why)}."
        level = next((each for each in ("ind", "dim") if len(self.reasons(each))), "area")
        names = self.table[f"name_{language}"]
        points = self._first(level, "points", len(names))["points"]
        reasons = [Said(names[node], float(points[node])) for node in points.index]
        most = [
            [Said(names[node], float(self.table[column][node])) for node in rows.index]
            for column in ("gain_if_closed", "gain_per_point")
            for rows in (self._first(level, column, 1),)
        ]
        return shortfall_sentence((self.kind, name), self.marker, reasons, *most, language=language)

    def shown_points(self) -> dict[str, float]:
        """Return the points of each node with one decimal, as every output shows them.

        Returns
        -------
        shown
            By node; without those that have no points. Each is rounded by itself: those of a
            level may miss what the marker lacks by a tenth or two.
        """
        known = self.table["points"].dropna().round(1)
        return {str(node): float(points) for node, points in known.items()}


def explain(
    result: Result, where: str | None = None, *, kind: PartKind | None = None
) -> Explanation:
    """Return why a cell, a district or the city has the marker that it has.

    The shortfall of a cell, ``100 - marker``, is split over the nodes of the method by its own
    rules: :func:`~inclusion_marker.analysis.explaining.shortfall.shortfall`. That of a district
    or a city is the mean of the cells' shortfalls, each weighted by the people who live there, so
    the points of each level add up to ``100 - marker`` there, too.

    Parameters
    ----------
    result
        What was computed.
    where
        Id of a cell, id or name of a district; the city if ``None``.
    kind
        ``"cell"`` or ``"district"``, where an id is one of both.

    Returns
    -------
    explanation
        A place without a marker has an explanation, too: its notices say what is not observed.

    Raises
    ------
    ParameterError
        If no cell or district has that name, or several have; if the people of the cells cannot
        weigh a mean.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> marker = compute("manta", resolution=8, min_coverage=0.3)
    >>> why = explain(marker, "Tarqui")
    >>> levels = why.table.groupby("level")["points"].sum() + why.marker
    >>> levels.round(9).tolist()
    [100.0, 100.0, 100.0, 100.0]
    """
    place = find_place(result, where, kind)
    rows = place.weights > 0
    scores, weights, method = _rows(result.scores, rows), place.weights[rows], result.method
    marked = scores.marker.notna().to_numpy()
    held = np.where(marked, weights, 0.0)
    marker = _mean(scores.marker.to_frame().to_numpy(np.float64), held)[0]
    table = _table(scores, method, weights, held)
    return Explanation(
        city=result.city,
        method=method,
        kind=place.kind,
        id=place.id,
        name=place.name,
        people=place.people,
        marker=float(marker),
        table=table,
        districts=None if place.kind != "city" else district_reasons(result),
        notices=tuple(_notices(result, place, table)),
    )


def _rows(scores: Scores, rows: npt.NDArray[np.bool_]) -> Scores:
    """Return the scores of some cells."""
    return replace(
        scores,
        indicators=scores.indicators[rows],
        dimensions=scores.dimensions[rows],
        areas=scores.areas[rows],
        marker=scores.marker[rows],
        coverage=scores.coverage[rows],
    )


def _mean(values: Floats, weights: Floats) -> Floats:
    """Return the weighted mean of each column, missing values counting nothing."""
    weight = np.where(np.isnan(values), 0.0, weights[:, None])
    held = weight.sum(axis=0)
    total = (np.where(np.isnan(values), 0.0, values) * weight).sum(axis=0)
    means: Floats = np.divide(total, held, out=np.full(len(held), np.nan), where=held > 0)
    return means


def _table(scores: Scores, method: Method, weights: Floats, held: Floats) -> pd.DataFrame:
    """Return the table of an explanation; ``held`` are the weights of the cells with a marker."""
    found = shortfall(scores, method)
    nodes = list(method.nodes())
    values = scores.table()[nodes].to_numpy(np.float64)
    observed = _ratio((~np.isnan(values) * weights[:, None]).sum(axis=0), weights.sum())
    counted = found.weights.to_numpy(np.float64)
    points = _part(found.points, counted, held)
    share = np.where(points[0] > NOTHING, _ratio(points, points[0]), points * 0.0)
    return pd.DataFrame(
        {
            "level": [split_node(node)[0] for node in nodes],
            "parent": [method.parent_of(node) or "" for node in nodes],
            "code": [method.code_of(node) for node in nodes],
            "name_es": [method.name_of(node).es for node in nodes],
            "name_en": [method.name_of(node).en for node in nodes],
            "score": _mean(values, weights),
            "weight": [_weight(method, node) for node in nodes],
            "effective_weight": _ratio((counted * held[:, None]).sum(axis=0), held.sum(), 0.0),
            "share": share,
            "points": points,
            "gain_per_point": _part(point_gains(scores, method), counted, held),
            "gain_if_closed": _part(closing_gains(scores, method), counted, held),
            "observed": observed,
            "missing": ~(observed > 0),
        },
        index=pd.Index(nodes, name="node"),
    )


def _part(of_cells: pd.DataFrame, counted: Floats, held: Floats) -> Floats:
    """Return the mean of what nodes do to the markers of cells; 0 where they are no part of one.

    Missing where they are no part of any.
    """
    values = np.where((counted > 0) & (held[:, None] > 0), of_cells.to_numpy(np.float64), 0.0)
    total = (values * held[:, None]).sum(axis=0)
    somewhere = ((counted > 0) & (held[:, None] > 0)).any(axis=0)
    return np.where(somewhere, _ratio(total, held.sum()), np.nan)


def _ratio(part: Floats, whole: float, none: float = np.nan) -> Floats:
    """Return parts of a whole; ``none`` where the whole is nothing."""
    return part / whole if whole > 0 else np.full(part.shape, none)


def _weight(method: Method, node: str) -> float:
    """Return the weight of a node among its siblings; that of the marker is 1."""
    parent = method.parent_of(node)
    return 1.0 if parent is None else method.children_of(parent)[node]


def _seen(result: Result, place: Place) -> float:
    """Return the share of the marker's weight that is observed, weighted as the place is."""
    coverage = result.scores.coverage["marker"].to_numpy(np.float64)
    return float(np.average(coverage, weights=place.weights))


def _notices(result: Result, place: Place, table: pd.DataFrame) -> Iterator[Notice]:
    """Yield why a place has no marker, whom its marker leaves out, and what cannot be split."""
    method = result.method
    if not place.weights.sum() > 0:
        yield Notice("explained_nobody", item=place.id)
    elif table["missing"]["marker"]:
        lacking_areas = table[(table["level"] == "area") & (table["weight"] > 0)]
        held = float((lacking_areas["observed"] * lacking_areas["weight"]).sum())
        without = lacking_areas[lacking_areas["observed"] < 1]
        values: dict[str, object] = {
            "areas": Text(es="; ".join(without["name_es"]), en="; ".join(without["name_en"])),
            "held": 100 * held,
            "bar": 100 * method.bar_of("marker"),
            "seen": 100 * _seen(result, place),
        }
        yield Notice("explained_not_scored", item=place.id, values=values)
    elif table["observed"]["marker"] < 1 - 1e-12:
        values = {"share": 100 * (1 - float(table["observed"]["marker"]))}
        yield Notice("explained_in_part", item=place.id, values=values)
    for node in unsplit(method):
        values = {"node": method.name_of(node), "rule": method.rule_of(node).rule}
        yield Notice("explained_not_split", item=node, values=values)
