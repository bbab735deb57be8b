"""Facilities that are gone, or that nobody listed: the ladder that each cell climbs."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import KDTree

from inclusion_marker.analysis.drawing.draws import Floats, Ints, stream
from inclusion_marker.analysis.drawing.error_basis import Basis
from inclusion_marker.analysis.drawing.problem import Ladder, Places
from inclusion_marker.composite.nearest import Nearest
from inclusion_marker.notices import Notice

_NEAR = 8  # unlisted facilities that a cell may have closest
_UNLISTED = 8  # places an unlisted facility may be at, for each that is expected
_MOST_PLACES = 512
_NOTED = 0.01  # share of people and draws without any facility, from which it is said
_FAR = 1e5
_LONGER = 0.1  # journeys of a tenth more time give the slope


def ladders_of(given: Basis, notices: list[Notice]) -> Iterator[tuple[Ladder, Places]]:
    """Yield the ladder of each indicator of a distance or a time, with the places of its layer."""
    result, columns = given.result, list(given.result.method.indicators)
    for key, nearest in sorted(result.nearest.items()):
        known = given.known(nearest.layer)
        if known.closed == 0 and known.listed == 1:
            continue
        table = result.layers[nearest.layer]
        missing = np.full(len(table), known.closed)
        costs, facilities = nearest.costs, nearest.facilities
        if known.listed < 1:
            more, at, absent = _unlisted(given, nearest, table, known.listed)
            costs = np.hstack([costs, more])
            facilities = np.hstack([facilities, at])
            missing = np.concatenate([missing, absent])
        costs, facilities = _rising(costs, facilities)
        none_left = _none_left(facilities, missing, given.people, costs)
        if none_left > _NOTED:
            values = {"percent": round(100 * none_left, 1)}
            notices.append(
                Notice("facilities_none_left", layer=nearest.layer, item=key, values=values)
            )
        curve = given.curves[key]
        scores = curve.open(costs)
        slower = np.zeros_like(scores)
        if given.errors.speeds_kmh is not None and key in result.if_slower.columns:
            slower = (curve.open((1.0 + _LONGER) * costs) - scores) / _LONGER
        yield (
            Ladder(
                key,
                columns.index(key),
                facilities,
                np.clip(scores, -_FAR, _FAR).astype(np.float32),
                slower.astype(np.float32),
            ),
            Places(stream(given.seed, "facilities", nearest.layer), missing),
        )


def _rising(costs: Floats, facilities: Ints) -> tuple[Floats, Ints]:
    """Return the steps of each cell by rising cost; a cell with fewer repeats its last."""
    order = np.argsort(costs, axis=1, kind="stable")  # missing costs come last
    costs = np.take_along_axis(costs, order, axis=1)
    facilities = np.take_along_axis(facilities, order, axis=1)
    for step in range(1, costs.shape[1]):
        none = np.isnan(costs[:, step])
        costs[none, step] = costs[none, step - 1]
        facilities[none, step] = facilities[none, step - 1]
    return costs, np.maximum(facilities, 0)


def _none_left(facilities: Ints, missing: Floats, people: Floats, costs: Floats) -> float:
    """Return the share of people and draws for which none of the steps is there."""
    gone = missing[facilities]
    repeated = np.zeros(gone.shape, np.bool_)
    repeated[:, 1:] = facilities[:, 1:] == facilities[:, :-1]
    each = np.where(repeated, 1.0, gone).prod(axis=1)
    living = people * ~np.isnan(costs[:, 0])
    return float(living @ each / living.sum()) if living.sum() > 0 else 0.0


def _unlisted(
    given: Basis, nearest: Nearest, table: gpd.GeoDataFrame, listed: float
) -> tuple[Floats, Ints, Floats]:
    """Return facilities that nobody listed: costs, positions, and how likely each is not there.

    Of N listed ones ``N (1 - listed) / listed`` more are expected. They may be at eight times as
    many places, spread evenly over the people; each is there in one draw of eight, for all its
    neighbours. The cost is the straight line, times what the cost of the listed ones is to theirs
    (its median): the city's own minutes for a metre.
    """
    result, people = given.result, given.people
    count = len(people)
    expected = len(table) * (1.0 - listed) / listed
    lived_in = int((people > 0).sum())
    number = int(min(np.ceil(_UNLISTED * expected), _MOST_PLACES, lived_in))
    ratio = _cost_of_a_metre(given, nearest, table)
    if number < 1 or np.isnan(ratio):
        return np.empty((count, 0)), np.empty((count, 0), np.int64), np.empty(0)
    order = np.argsort(result.raw.index.astype(str).to_numpy(), kind="stable")
    upto = np.cumsum(people[order])
    targets = (np.arange(number) + 0.5) / number * upto[-1]
    at = order[np.unique(np.minimum(np.searchsorted(upto, targets), count - 1))]
    centres = given.centres
    steps = min(_NEAR, len(at))
    distance_m, place = KDTree(centres[at]).query(centres, k=range(1, steps + 1))
    # Inside its own cell a facility is half the cell's width away.
    inside_m = 0.5 * given.width_m
    costs = ratio * np.maximum(distance_m, inside_m[:, None])
    costs[np.isnan(nearest.costs[:, 0])] = np.nan
    chance = min(expected / len(at), 1.0)
    return costs, np.asarray(len(table) + place, np.int64), np.full(len(at), 1.0 - chance)


def _cost_of_a_metre(given: Basis, nearest: Nearest, table: gpd.GeoDataFrame) -> float:
    """Return the median cost of a straight metre from the centre of a cell to its closest."""
    inside = shapely.point_on_surface(table.geometry.to_numpy())
    dots = np.column_stack([shapely.get_x(inside), shapely.get_y(inside)])
    first, cost = nearest.facilities[:, 0], nearest.costs[:, 0]
    known = (first >= 0) & ~np.isnan(cost)
    straight = np.hypot(*(dots[first[known]] - given.centres[known]).T)
    far = straight > given.width_m[known]
    if not far.any():
        return float("nan")
    return float(np.median(cost[known][far] / straight[far]))
