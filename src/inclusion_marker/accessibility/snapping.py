"""Cells and services meet the street network: which places on which streets stand for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from inclusion_marker.accessibility.hierarchy import Points
from inclusion_marker.accessibility.network import Network
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice
from inclusion_marker.texts import grouped

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Shapes = npt.NDArray[np.object_]
By = Literal["streets", "centroid"]

PIECE_M = 50.0  # a street in a cell is timed at the middle of pieces no longer than this
ENTRANCE_M = 25.0  # a park is entered from streets that come as near as this
_POLYGON = 2


@dataclass(frozen=True, eq=False, repr=False)
class Spots:
    """Places on streets, and whom each stands for.

    Attributes
    ----------
    index
        Labels of the owners: cells, or services.
    owner
        Position in ``index`` of each place, rising; an owner without a place is out of reach.
    edge, share
        Street of each place, and where on it: 0 at the tail, 1 at the head.
    leg_ds
        Time between the place and its street.
    weight
        What each place counts for its owner; sums to 1 for each.
    notices
        Owners too far from any street, and those on streets apart from the rest.
    """

    index: pd.Index
    owner: Ints
    edge: Ints
    share: Floats
    leg_ds: npt.NDArray[np.int32]
    weight: Floats
    notices: tuple[Notice, ...]

    def __repr__(self) -> str:
        """Return one line: how many places stand for how many owners."""
        return f"<Spots: {len(self.owner)} places of {len(self.index)} owners>"


def place_origins(
    network: Network,
    origins: gpd.GeoSeries | gpd.GeoDataFrame,
    *,
    by: By = "streets",
    people: gpd.GeoDataFrame | None = None,
    name: str = "origins",
) -> Spots:
    """Return where on the network the people of each origin live.

    Parameters
    ----------
    network
        The streets.
    origins
        Polygons (cells) or points, in the network's CRS.
    by
        ``"streets"``: a polygon is all parts of streets inside it, in pieces of at most 50 m, and
        its centroid only where it has none; ``"centroid"``: the centroid alone.
    people
        Points with a column ``people`` (census blocks, a population raster as points): each
        weighs the piece of its cell that is nearest. Without, and in cells without people, a
        piece weighs its length.
    name
        What the notices call the origins.

    Returns
    -------
    spots
        Same index as ``origins``.

    Raises
    ------
    ParameterError
        If ``origins`` are in another CRS than the network.

    Examples
    --------
    >>> from inclusion_marker.accessibility.network import load_network
    >>> from inclusion_marker.city import load_city
    >>> streets = load_city("cucuta").root / "streets.gpkg"
    >>> network = load_network(streets, crs="EPSG:32618", layer="vias")
    >>> x, y = network.nodes[0]
    >>> cell = gpd.GeoSeries([shapely.box(x, y, x + 200, y + 200)], ["a"], crs=network.crs)
    >>> bool(len(place_origins(network, cell).owner) > 1)
    True
    """
    shapes = _shapes(network, origins, name)
    areal = shapely.get_dimensions(shapes) == _POLYGON
    if by == "centroid" or not areal.any():
        return _at_points(network, shapely.centroid(shapes), origins.index, name)
    pieces = _pieces(network, _only(shapes, areal))
    if people is not None and len(pieces.owner):
        pieces = _weighed(network, pieces, shapes, people)
    rest = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    rest[pieces.owner] = False
    legs = np.zeros(len(pieces.owner), np.int32)
    return _merged(network, pieces, legs, shapely.centroid(shapes), rest, origins.index, name)


def place_opportunities(
    network: Network, opportunities: gpd.GeoSeries | gpd.GeoDataFrame, *, name: str = "services"
) -> Spots:
    """Return where on the network each service is reached.

    Parameters
    ----------
    network
        The streets.
    opportunities
        Points, lines or polygons in the network's CRS. A point is reached from the nearest
        street; a park from all streets inside it or within 25 m of its edge, and from the nearest
        one where there are none. Rows without a shape have no place.
    name
        What the notices call them.

    Returns
    -------
    spots
        Same index as ``opportunities``.

    Raises
    ------
    ParameterError
        If ``opportunities`` are in another CRS than the network.

    Examples
    --------
    >>> from inclusion_marker.accessibility.network import load_network
    >>> from inclusion_marker.city import load_city
    >>> streets = load_city("cucuta").root / "streets.gpkg"
    >>> network = load_network(streets, crs="EPSG:32618", layer="vias")
    >>> door = gpd.GeoSeries([shapely.Point(network.nodes[0] + 3)], crs=network.crs)
    >>> place_opportunities(network, door).edge.shape
    (1,)
    """
    shapes = _shapes(network, opportunities, name)
    wide = shapely.get_dimensions(shapes) > 0
    if not wide.any():
        return _at_points(network, shapes, opportunities.index, name)
    around = _only(shapely.buffer(shapes, ENTRANCE_M), wide)
    pieces = _pieces(network, around)
    gates = shapely.line_interpolate_point(
        network.lines[pieces.edge], pieces.share, normalized=True
    )
    legs = _legs(network, shapely.distance(gates, shapes[pieces.owner]))
    rest = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    rest[pieces.owner] = False
    return _merged(network, pieces, legs, shapes, rest, opportunities.index, name)


def _shapes(network: Network, table: gpd.GeoSeries | gpd.GeoDataFrame, name: str) -> Shapes:
    """Return the shapes of a table that is in the network's CRS."""
    if table.crs is None or table.crs != network.crs:
        stated = "-" if table.crs is None else table.crs.name
        values = {"found": f"crs = {stated}", "expected": f"to_crs({network.crs!r})"}
        raise ParameterError(Notice("parameter_type", item=name, values=values))
    shapes: Shapes = table.geometry.to_numpy()
    return shapes


def _only(shapes: Shapes, kept: npt.NDArray[np.bool_]) -> Shapes:
    """Return the shapes that are kept, nothing in the place of the others."""
    chosen: Shapes = np.full(len(shapes), None, object)
    chosen[kept] = shapes[kept]
    return chosen


@dataclass(frozen=True, eq=False)
class _Pieces:
    """Middles of pieces of streets inside polygons, by owner."""

    owner: Ints
    edge: Ints
    share: Floats
    weight: Floats


def _pieces(network: Network, polygons: Shapes) -> _Pieces:
    """Return the pieces of streets inside each polygon."""
    tree = shapely.STRtree(network.lines)
    owner, edge = tree.query(polygons, predicate="intersects")
    shapely.prepare(polygons)
    inside = shapely.contains(polygons[owner], network.lines[edge])
    parts = network.lines[edge].copy()
    parts[~inside] = shapely.intersection(network.lines[edge[~inside]], polygons[owner[~inside]])
    parts, of = shapely.get_parts(parts, return_index=True)
    length = shapely.length(parts)
    parts, of, length = parts[length > 0], of[length > 0], length[length > 0]
    count = np.ceil(length / PIECE_M).astype(np.int64)
    part = np.repeat(np.arange(len(parts)), count)
    step = np.arange(len(part)) - np.repeat(np.cumsum(count) - count, count)
    middles = shapely.line_interpolate_point(
        parts[part], (step + 0.5) / count[part], normalized=True
    )
    owner, edge = owner[of[part]], edge[of[part]]
    share = shapely.line_locate_point(network.lines[edge], middles, normalized=True)
    weight = (length / count)[part]
    order = np.lexsort((share, edge, owner))
    return _Pieces(owner[order], edge[order], share[order], weight[order])


def _weighed(
    network: Network, pieces: _Pieces, shapes: Shapes, people: gpd.GeoDataFrame
) -> _Pieces:
    """Return the pieces with the people whose nearest piece of their own cell each is."""
    points = shapely.centroid(_shapes(network, people, "people"))
    cell, point = shapely.STRtree(points).query(shapes, predicate="intersects")
    middles = shapely.line_interpolate_point(
        network.lines[pieces.edge], pieces.share, normalized=True
    )
    counts = people["people"].to_numpy(np.float64)
    weight = np.zeros(len(pieces.owner))
    bounds = np.searchsorted(pieces.owner, np.arange(len(shapes) + 1))
    by_cell = np.argsort(cell, kind="stable")
    edges = np.searchsorted(cell[by_cell], np.arange(len(shapes) + 1))
    for k in np.flatnonzero((np.diff(bounds) > 0) & (np.diff(edges) > 0)):
        mine = slice(bounds[k], bounds[k + 1])
        here = point[by_cell[edges[k] : edges[k + 1]]]
        gaps = shapely.distance(points[here][:, None], middles[mine][None, :])
        nearest = bounds[k] + gaps.argmin(axis=1)
        np.add.at(weight, nearest, np.nan_to_num(counts[here]))
    lived_in = np.bincount(pieces.owner, weight, len(shapes)) > 0
    kept = np.where(lived_in[pieces.owner], weight, pieces.weight)
    return _Pieces(pieces.owner, pieces.edge, pieces.share, kept)


def _nearest(network: Network, shapes: Shapes) -> tuple[Ints, Floats, Floats]:
    """Return the nearest street of each shape, where on it, and how far it is."""
    tree = shapely.STRtree(network.lines)
    found, edge = tree.query_nearest(shapes, all_matches=True)
    order = np.lexsort((edge, found))  # of two equally near the first
    _, once = np.unique(found[order], return_index=True)
    edge = edge[order][once]
    lines = network.lines[edge]
    gap = shapely.shortest_line(lines, shapes)
    foot = shapely.get_point(gap, 0)
    return edge, shapely.line_locate_point(lines, foot, normalized=True), shapely.length(gap)


def _legs(network: Network, metres: Floats) -> npt.NDArray[np.int32]:
    """Return the time of the way between places and their street."""
    speed = network.profile.access_speed_kmh
    return np.rint(metres * 36.0 / speed).astype(np.int32)


def _at_points(network: Network, points: Shapes, index: pd.Index, name: str) -> Spots:
    """Return one place for each point: on the nearest street."""
    nothing = np.empty(0, np.int64)
    none = _Pieces(nothing, nothing, np.empty(0), np.empty(0))
    rest = ~(shapely.is_missing(points) | shapely.is_empty(points))
    return _merged(network, none, np.empty(0, np.int32), points, rest, index, name)


def _merged(
    network: Network,
    pieces: _Pieces,
    legs: npt.NDArray[np.int32],
    shapes: Shapes,
    rest: npt.NDArray[np.bool_],
    index: pd.Index,
    name: str,
) -> Spots:
    """Return pieces, and for the rest of the owners the nearest street if it is near enough."""
    alone = np.flatnonzero(rest)
    edge, share, gap = (
        _nearest(network, shapes[alone]) if len(alone) else (alone, np.empty(0), np.empty(0))
    )
    near = gap <= network.profile.access_limit_m
    owner = np.concatenate([pieces.owner, alone[near]])
    order = np.argsort(owner, kind="stable")
    weight = np.concatenate([pieces.weight, np.ones(int(near.sum()))])[order]
    owner = owner[order]
    total = np.bincount(owner, weight, len(index))
    spots = Spots(
        index=index,
        owner=owner,
        edge=np.concatenate([pieces.edge, edge[near]])[order].astype(np.int64),
        share=np.clip(np.concatenate([pieces.share, share[near]]), 0.0, 1.0)[order],
        leg_ds=np.concatenate([legs, _legs(network, gap[near])])[order].astype(np.int32),
        weight=weight / total[owner],
        notices=(),
    )
    far = alone[~near]
    notices = [*_too_far(network, index, far, gap[~near], name), *_apart(network, spots, name)]
    return Spots(
        spots.index,
        spots.owner,
        spots.edge,
        spots.share,
        spots.leg_ds,
        spots.weight,
        tuple(notices),
    )


def _sample(labels: npt.NDArray[Any], most: int = 5) -> str:
    """Return some labels, and how many more there are."""
    shown = ", ".join(str(label) for label in labels[:most])
    return shown + (f" … (+{len(labels) - most})" if len(labels) > most else "")


def _too_far(
    network: Network, index: pd.Index, far: Ints, gap: Floats, name: str
) -> Iterator[Notice]:
    """Yield what is said of owners that no street is near."""
    if len(far):
        values = {
            "count": len(far),
            "total": len(index),
            "limit_m": grouped(network.profile.access_limit_m),
            "farthest_m": grouped(float(gap.max())),
            "sample": _sample(index.to_numpy()[far]),
        }
        yield Notice("snap_too_far", layer=name, values=values)


def _apart(network: Network, spots: Spots, name: str) -> Iterator[Notice]:
    """Yield what is said of owners all of whose places are on streets apart from the rest."""
    main = network.component[network.tail[spots.edge]] == 0
    reached = np.zeros(len(spots.index), bool)
    reached[spots.owner[main]] = True
    placed = np.zeros(len(spots.index), bool)
    placed[spots.owner] = True
    apart = np.flatnonzero(placed & ~reached)
    if len(apart):
        values = {
            "count": len(apart),
            "total": len(spots.index),
            "sample": _sample(spots.index.to_numpy()[apart]),
        }
        yield Notice("network_disconnected", layer=name, values=values)


def points_of(network: Network, *groups: Spots) -> Points:
    """Return the places of several groups, one after the other, as the engine takes them.

    Parameters
    ----------
    network
        The streets.
    groups
        Places on them.
    """
    edge = np.concatenate([group.edge for group in groups])
    return Points(
        street=edge,
        tail=network.tail[edge],
        head=network.head[edge],
        forward_ds=network.forward_ds[edge],
        backward_ds=network.backward_ds[edge],
        share=np.concatenate([group.share for group in groups]),
        leg_ds=np.concatenate([group.leg_ds for group in groups]),
    )
