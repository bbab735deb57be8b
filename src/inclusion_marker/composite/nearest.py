"""The few closest opportunities of each cell, kept for the day that one is not there."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import KDTree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

KEPT = 5
"""How many of the closest opportunities a marker keeps."""


@dataclass(frozen=True, eq=False)
class Nearest:
    """The closest opportunities of each cell.

    Attributes
    ----------
    layer
        The layer of the opportunities.
    costs
        Cells x rank, rising, in the indicator's unit; missing where there are fewer.
    facilities
        Cells x rank: position in the layer's table, -1 where there are fewer.
    """

    layer: str
    costs: Floats
    facilities: Ints


def nearest_straight(
    layer: str, cells: gpd.GeoSeries, places: gpd.GeoSeries, factor: Floats, k: int = KEPT
) -> Nearest:
    """Return the k opportunities that are closest to the edge of each cell, as the crow flies.

    Parameters
    ----------
    layer
        What the opportunities are called.
    cells, places
        Shapes in one CRS in metres; places without a shape are passed over.
    factor
        By which the metres of each cell are multiplied, shape ``(n,)``.
    k
        How many.

    Returns
    -------
    nearest
        Of equally close ones the first in the table comes first.

    Examples
    --------
    >>> square = gpd.GeoSeries([shapely.box(0, 0, 10, 10)])
    >>> ends = gpd.GeoSeries(gpd.points_from_xy([30, 13, 5], [5, 14, 5]))
    >>> found = nearest_straight("health", square, ends, np.ones(1), k=2)
    >>> found.costs.tolist(), found.facilities.tolist()
    ([[0.0, 5.0]], [[2, 1]])
    """
    shapes, units = places.to_numpy(), cells.to_numpy()
    rows = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    costs = np.full((len(units), k), np.nan)
    facilities = np.full((len(units), k), -1, np.int64)
    if len(rows) and len(units):
        pairs = _candidates(units, shapes[rows], min(k, len(rows)))
        unit, place = pairs[0], rows[pairs[1]]
        distance_m = shapely.distance(units[unit], shapes[place])
        order = np.lexsort((place, distance_m, unit))
        unit, place, distance_m = unit[order], place[order], distance_m[order]
        rank = np.arange(len(unit)) - np.searchsorted(unit, unit)
        kept = rank < k
        costs[unit[kept], rank[kept]] = distance_m[kept]
        facilities[unit[kept], rank[kept]] = place[kept]
    return Nearest(layer, costs * factor[:, None], facilities)


def _candidates(
    units: npt.NDArray[np.object_], shapes: npt.NDArray[np.object_], k: int
) -> tuple[Ints, Ints]:
    """Return pairs of unit and shape among which are the k closest of each unit.

    No edge is farther from a shape than the centre of its unit is from a point of that shape.
    """
    dots = shapely.get_coordinates(shapely.point_on_surface(shapes))
    centres = shapely.get_coordinates(shapely.point_on_surface(units))
    farthest, _ = KDTree(dots).query(centres, k=[k])
    reach_m = np.ravel(farthest) * (1 + 1e-9) + 1e-6
    tree = shapely.STRtree(shapes)
    unit, shape = tree.query(units, predicate="dwithin", distance=reach_m)
    return unit.astype(np.int64), shape.astype(np.int64)


def nearest_on_streets(
    layer: str, closest: pd.DataFrame, labels: pd.Index, k: int = KEPT
) -> Nearest:
    """Return the k closest opportunities of a table by rank: ``<layer>_1_min``, ``<layer>_1_id`` ….

    Parameters
    ----------
    layer
        Name of the opportunities in the table.
    closest
        By cell, as :func:`inclusion_marker.accessibility.measures.k_closest` gives it.
    labels
        Row labels of the layer's table.
    k
        How many.

    Examples
    --------
    >>> table = pd.DataFrame({"health_1_min": [4.0], "health_1_id": ["b"]})
    >>> nearest_on_streets("health", table, pd.Index(["a", "b"]), k=1).facilities.tolist()
    [[1]]
    """
    ranks = range(1, k + 1)
    costs = np.column_stack([closest[f"{layer}_{rank}_min"] for rank in ranks])
    names = [labels.get_indexer(pd.Index(closest[f"{layer}_{rank}_id"])) for rank in ranks]
    # A mean over the homes of a cell may fall from one rank to the next where fewer get there.
    rising = np.fmax.accumulate(costs, axis=1)
    return Nearest(
        layer,
        np.where(np.isnan(costs), np.nan, rising).astype(np.float64),
        np.where(np.isnan(costs), -1, np.column_stack(names)).astype(np.int64),
    )
