"""What can be reached in so many minutes: the parts of streets, and areas around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from inclusion_marker.accessibility.arguments import number_faults, refuse, series_faults
from inclusion_marker.accessibility.clock import DS_PER_MIN, MOST_MIN
from inclusion_marker.accessibility.engine import Direction
from inclusion_marker.accessibility.fronts import Parts, spread
from inclusion_marker.accessibility.joining import Origins
from inclusion_marker.accessibility.network import Network
from inclusion_marker.accessibility.snapping import Spots, place_opportunities
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice, spoken

Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]
Each = Literal["all", "each"]

WIDTH_M = 25.0  # on either side of a street; as near as that a park is entered from it
HOLE_HA = 1.0  # the inside of a block; the water between two bridges is more
_M2_PER_HA = 10_000.0
_LIMITS_M = (1.0, 500.0)  # of the width
_LOST_TICKS = 1e-6  # 1.13 minutes are 678 deciseconds, not 677.9999999999999
_QUARTER = 4  # segments of a quarter of a circle


def reached_edges(
    network: Network,
    places: Origins,
    cutoffs_min: Sequence[float],
    *,
    direction: Direction = "from",
) -> gpd.GeoDataFrame:
    """Return the parts of streets that are reached within each cut-off.

    A street is cut where the time runs out, from either end, in the directions that are open. The
    walk begins on the street, at the point nearest to the place, after the leg to it; the nearest
    of several places counts.

    Parameters
    ----------
    network
        The streets.
    places
        Points, lines or polygons in the network's CRS, or their places on it
        (:func:`~inclusion_marker.accessibility.snapping.place_opportunities`).
    cutoffs_min
        Minutes, in any order; repeated ones count once.
    direction
        ``"from"`` the places, or ``"to"`` them.

    Returns
    -------
    reached
        Each reached part once, those of the least minutes first: ``edge``, its row in
        ``network.edges()``, and ``way`` of the source; ``cutoff_min``, the least cut-off that
        reaches it, so that all within 15 minutes are those with ``cutoff_min <= 15``;
        ``minutes``, the least time on it; ``length_m``. Nothing where the time ends before
        the street. Places without a street are named in ``attrs["notices"]``.

    Raises
    ------
    ParameterError
        If a cut-off is negative, missing or beyond a day, there is none, the places are in
        another CRS, or none of them is near a street.

    Examples
    --------
    >>> from inclusion_marker.accessibility.network import load_network
    >>> from inclusion_marker.city import load_city
    >>> streets = load_city("cucuta").root / "streets.gpkg"
    >>> network = load_network(streets, crs="EPSG:32618", layer="vias")
    >>> home = gpd.GeoSeries([shapely.Point(network.nodes[0])], crs=network.crs)
    >>> reached = reached_edges(network, home, [5, 10])
    >>> bool((reached.minutes <= reached.cutoff_min).all())
    True
    """
    cutoffs = _rising(cutoffs_min)
    spots = _placed(network, places)
    parts = spread(network, spots, cutoffs, direction)
    order = np.lexsort((parts.begin, parts.edge, parts.minutes))
    edge = parts.edge[order]
    way = pd.Series(network.way[edge]).infer_objects()
    columns = {
        "edge": edge,
        "way": way.astype(str) if way.dtype == object else way,
        "cutoff_min": cutoffs[parts.band[order]],
        "minutes": parts.minutes[order],
        "length_m": parts.length_m[order],
    }
    lines = parts.lines(network, order)
    return _noted(gpd.GeoDataFrame(columns, geometry=lines, crs=network.crs), network, spots)


def isochrones(
    network: Network,
    places: Origins,
    cutoffs_min: Sequence[float],
    *,
    direction: Direction = "from",
    by: Each = "all",
    width_m: float = WIDTH_M,
    hole_ha: float = HOLE_HA,
) -> gpd.GeoDataFrame:
    """Return the area reached within each cut-off: a strip on both sides of the reached streets.

    Nothing is drawn around the whole: what lies across a river without a bridge stays outside.
    The areas of one place are nested.

    Parameters
    ----------
    network, places, cutoffs_min, direction
        As for :func:`reached_edges`.
    by
        ``"all"``: one area for each cut-off, reached from the nearest place; ``"each"``: one for
        each place and cut-off.
    width_m
        Metres on either side of a street that count as reached.
    hole_ha
        Holes up to this many hectares, the inside of blocks, are filled.

    Returns
    -------
    areas
        The largest cut-off first, so that a map shows the smaller ones upon it: ``cutoff_min``,
        ``area_ha``, ``streets_km`` reached, and with ``by="each"`` the label ``place``.
        Multipolygons, all valid; empty where the time ends before the street or the place has
        none. Places without a street are named in ``attrs["notices"]``.

    Raises
    ------
    ParameterError
        As :func:`reached_edges`; if the width is not within 1 to 500 metres, or the hole is
        negative.

    Examples
    --------
    >>> from inclusion_marker.accessibility.network import load_network
    >>> from inclusion_marker.city import load_city
    >>> streets = load_city("cucuta").root / "streets.gpkg"
    >>> network = load_network(streets, crs="EPSG:32618", layer="vias")
    >>> home = gpd.GeoSeries([shapely.Point(network.nodes[0])], crs=network.crs)
    >>> areas = isochrones(network, home, [5, 10])
    >>> areas.cutoff_min.tolist(), bool(areas.area_ha.is_monotonic_decreasing)
    ([10.0, 5.0], True)
    """
    cutoffs = _rising(cutoffs_min)
    refuse(
        [
            *number_faults("width_m", width_m, *_LIMITS_M),
            *number_faults("hole_ha", hole_ha, 0, np.inf),
        ]
    )
    spots = _placed(network, places)
    rows = []
    for label, mine in _groups(spots, by):
        parts = spread(network, mine, cutoffs, direction)
        areas = _areas(network, mine, parts, cutoffs, (width_m, hole_ha))
        metres = np.cumsum(np.bincount(parts.band, parts.length_m, len(cutoffs)))
        of_place = {"cutoff_min": cutoffs, "streets_km": metres / 1000, "geometry": areas}
        named = {"place": [label] * len(cutoffs)} if by == "each" else {}
        rows.append(pd.DataFrame({**named, **of_place}).iloc[::-1])
    table = gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), crs=network.crs)
    table.insert(len(table.columns) - 2, "area_ha", table.area / _M2_PER_HA)
    return _noted(table, network, spots)


def _rising(cutoffs_min: Sequence[float]) -> Floats:
    """Return the cut-offs in minutes, rising, each once."""
    refuse(series_faults("cutoffs_min", cutoffs_min, 0, MOST_MIN))
    return np.unique(np.asarray(cutoffs_min, np.float64))


def _placed(network: Network, places: Origins) -> Spots:
    """Return the places on the network; refuse places of which none is."""
    spots = (
        places if isinstance(places, Spots) else place_opportunities(network, places, name="places")
    )
    if len(spots.owner):
        return spots
    if not spots.notices:
        raise ParameterError(Notice("layer_empty", layer="places"))
    values = {
        "count": len(spots.index),
        "limit_m": f"{network.profile.access_limit_m:g}",
        "profile": network.profile.id,
    }
    raise ParameterError(Notice("places_off_network", layer="places", values=values))


def _groups(spots: Spots, by: Each) -> Iterator[tuple[object, Spots]]:
    """Yield the places whose areas are drawn together, and their label."""
    if by == "all":
        yield None, spots
        return
    bounds = np.searchsorted(spots.owner, np.arange(len(spots.index) + 1))
    for number, label in enumerate(spots.index):
        mine = slice(bounds[number], bounds[number + 1])
        yield (
            label,
            Spots(
                index=spots.index[number : number + 1],
                owner=spots.owner[mine] - number,
                edge=spots.edge[mine],
                share=spots.share[mine],
                leg_ds=spots.leg_ds[mine],
                weight=spots.weight[mine],
                notices=(),
            ),
        )


def _noted(table: gpd.GeoDataFrame, network: Network, spots: Spots) -> gpd.GeoDataFrame:
    """Return the table with what was noticed in ``attrs``, as all measures have it."""
    table.attrs["notices"] = spoken([*network.notices, *spots.notices])
    return table


def _areas(
    network: Network,
    spots: Spots,
    parts: Parts,
    cutoffs_min: Floats,
    sizes: tuple[float, float],
) -> Shapes:
    """Return the area of each cut-off: that of the one before, and what is around new parts."""
    width_m, hole_ha = sizes
    doors = shapely.line_interpolate_point(network.lines[spots.edge], spots.share, normalized=True)
    areas = np.empty(len(cutoffs_min), object)
    area: shapely.Geometry = shapely.MultiPolygon()
    for band, cutoff in enumerate(cutoffs_min):
        lines = parts.lines(network, np.flatnonzero(parts.band == band))
        fresh = np.concatenate([lines, doors[spots.leg_ds <= cutoff * DS_PER_MIN + _LOST_TICKS]])
        strips = shapely.buffer(fresh, width_m, quad_segs=_QUARTER)
        area = _filled(shapely.union_all([area, *strips]), hole_ha * _M2_PER_HA)
        areas[band] = area
    return areas


def _filled(area: shapely.Geometry, most_m2: float) -> shapely.MultiPolygon:
    """Return an area without its small holes, and without what lies apart inside of them."""
    polygons = []
    for polygon in shapely.get_parts(area):
        holes = [ring for ring in polygon.interiors if shapely.Polygon(ring).area > most_m2]
        polygons.append(shapely.Polygon(polygon.exterior, holes))
    whole = shapely.union_all(polygons)
    return shapely.MultiPolygon(list(shapely.get_parts(whole)))
