"""Streets of a neighbourhood, the blocks between them, and one connected network."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse as sp
import shapely
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree
from shapely.affinity import affine_transform

from making.fields import Floats

GRID_M = 1.0
# From the most to the least important: where two coincide, the first one counts.
RANKS = ("trunk", "primary", "secondary", "tertiary", "residential", "living_street", "path")


@dataclass(frozen=True)
class Pattern:
    """How the streets of a neighbourhood run.

    Attributes
    ----------
    kind
        ``grid``, ``brick`` (cross streets staggered) or ``organic``.
    angle_deg
        Direction of the long side of the blocks, anticlockwise from east.
    along_m, across_m
        Distance between cross streets, and between streets.
    anchor
        A crossing of the grid: neighbours with one anchor share their streets.
    """

    kind: str
    angle_deg: float
    along_m: float
    across_m: float
    anchor: tuple[float, float]

    def to_frame(self) -> list[float]:
        """Return the affine map from the city to the frame of the grid, as shapely has it."""
        c, s = np.cos(np.radians(self.angle_deg)), np.sin(np.radians(self.angle_deg))
        x, y = self.anchor
        return [c, s, -s, c, -(c * x + s * y), s * x - c * y]

    def from_frame(self) -> list[float]:
        """Return the affine map from the frame of the grid to the city."""
        c, s = np.cos(np.radians(self.angle_deg)), np.sin(np.radians(self.angle_deg))
        return [c, -s, s, c, *self.anchor]


def inner_streets(
    rng: np.random.Generator, place: shapely.Geometry, pattern: Pattern
) -> list[tuple[shapely.Geometry, str]]:
    """Return the streets inside a neighbourhood with their names; its rim is not among them."""
    # A turned shape may cross itself by a rounding; a buffer of nothing mends it.
    frame = affine_transform(place, pattern.to_frame()).buffer(0)
    if pattern.kind == "organic":
        lines = [(line, "") for line in _organic(rng, frame, pattern)]
    else:
        lines = _straight(rng, frame, pattern)
    shortest = 12 if pattern.kind != "organic" else 0.5
    kept = []
    for line, name in lines:
        parts = shapely.get_parts(shapely.intersection(line, frame))
        whole = (part for part in parts if part.geom_type == "LineString")
        kept += [
            (affine_transform(part, pattern.from_frame()), name)
            for part in whole
            if part.length > shortest
        ]
    return kept


def _straight(
    rng: np.random.Generator, frame: shapely.Geometry, pattern: Pattern
) -> list[tuple[shapely.Geometry, str]]:
    """Return streets (Calle) and cross streets (Avenida) of a grid in its own frame."""
    west, south, east, north = frame.bounds
    rows = np.arange(np.floor(south / pattern.across_m), np.ceil(north / pattern.across_m) + 1)
    columns = np.arange(np.floor(west / pattern.along_m), np.ceil(east / pattern.along_m) + 1)
    lines = [
        (
            shapely.LineString([(west - 1, y), (east + 1, y)]),
            f"Calle {int(abs(row))}",
        )
        for row, y in zip(rows, rows * pattern.across_m, strict=True)
    ]
    if pattern.kind == "grid":
        lines += [
            (shapely.LineString([(x, south - 1), (x, north + 1)]), f"Avenida {int(abs(column))}")
            for column, x in zip(columns, columns * pattern.along_m, strict=True)
        ]
        return lines
    for row in rows:
        shift = rng.uniform(-0.35, 0.35) * pattern.along_m
        for column in columns:
            x = column * pattern.along_m + shift
            ends = [(x, row * pattern.across_m), (x, (row + 1) * pattern.across_m)]
            lines.append((shapely.LineString(ends), f"Avenida {int(abs(column))}"))
    return lines


def _organic(
    rng: np.random.Generator, frame: shapely.Geometry, pattern: Pattern
) -> list[shapely.Geometry]:
    """Return winding streets: the edges of Voronoi cells around scattered, elongated places."""
    west, south, east, north = frame.bounds
    a, b = pattern.along_m, pattern.across_m
    x, y = np.meshgrid(
        np.arange(west - 2 * a, east + 2 * a, a), np.arange(south - 2 * b, north + 2 * b, b)
    )
    x = x + (np.arange(len(x)) % 2)[:, None] * a / 2
    spots = np.column_stack([x.ravel() / a, y.ravel() / b])
    spots += rng.uniform(-0.33, 0.33, spots.shape)
    edges = shapely.voronoi_polygons(shapely.MultiPoint(spots), only_edges=True)
    return list(shapely.get_parts(affine_transform(edges, [a, 0, 0, b, 0, 0])))


def quarters(places: gpd.GeoDataFrame, patterns: list[Pattern]) -> list[tuple[Pattern, pd.Series]]:
    """Return the places that share one street grid as one, with the means of their columns."""
    distinct = list(dict.fromkeys(patterns))
    quarter = pd.Series([distinct.index(each) for each in patterns], name="quarter")
    table = places.dissolve(quarter, aggfunc="mean")
    return [(distinct[at], row) for at, row in table.iterrows()]


def rim(shape: shapely.Geometry) -> list[shapely.Geometry]:
    """Return the rings of a shape as lines."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    return [shapely.LineString(each.coords) for each in np.atleast_1d(rings)]


def noded(lines: list[shapely.Geometry]) -> list[shapely.Geometry]:
    """Return the lines cut at every crossing and merged between crossings, in decimetres."""
    cut = shapely.union_all(np.asarray(lines, dtype=object), grid_size=GRID_M)
    merged = shapely.line_merge(cut)
    parts = shapely.get_parts(merged)
    return [part for part in parts if part.geom_type == "LineString" and part.length > 0]


def ends(lines: list[shapely.Geometry]) -> tuple[Floats, Floats]:
    """Return the first and the last point of each line."""
    first = shapely.get_coordinates(shapely.get_point(lines, 0))
    last = shapely.get_coordinates(shapely.get_point(lines, -1))
    return first, last


def parts_of_network(lines: list[shapely.Geometry]) -> tuple[Floats, np.ndarray, np.ndarray]:
    """Return the network's nodes, the connected part of each, and the first node of each line."""
    first, last = ends(lines)
    stacked = np.rint(np.vstack([first, last]) / GRID_M).astype(np.int64)
    nodes, position = np.unique(stacked, axis=0, return_inverse=True)
    one, other = position[: len(lines)], position[len(lines) :]
    graph = sp.coo_array((np.ones(len(one)), (one, other)), shape=(len(nodes), len(nodes)))
    _, part = connected_components(graph, directed=False)
    return nodes * GRID_M, part, one


def joined(lines: list[shapely.Geometry]) -> tuple[list[shapely.Geometry], list[shapely.Geometry]]:
    """Return the lines with short links between the parts of the network, and those links.

    Each part but the largest is linked at its node closest to the rest, until one part is left.
    """
    links: list[shapely.Geometry] = []
    while True:
        nodes, part, _ = parts_of_network(lines)
        sizes = np.bincount(part)
        if len(sizes) == 1:
            return lines, links
        smallest = int(sizes.argmin())
        mine = part == smallest
        away, nearest = KDTree(nodes[~mine]).query(nodes[mine])
        start = int(away.argmin())
        link = shapely.LineString([nodes[mine][start], nodes[~mine][nearest[start]]])
        links.append(link)
        lines = noded([*lines, link])


def labelled(lines: list[shapely.Geometry], sources: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return for each noded line the attributes of the most important source that it lies on.

    Parameters
    ----------
    lines
        Noded lines.
    sources
        Lines as they were drawn, with a column ``highway`` out of :data:`RANKS`.
    """
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    tree = shapely.STRtree(sources.geometry.to_numpy())
    line, source = tree.query(middle, predicate="dwithin", distance=1.5 * GRID_M)
    rank = sources["highway"].map({name: at for at, name in enumerate(RANKS)}).to_numpy()
    order = np.lexsort((source, rank[source], line))
    found, first = np.unique(line[order], return_index=True)
    pick = source[order][first]
    table = sources.drop(columns="geometry").iloc[pick].set_axis(found)
    return table.reindex(range(len(lines)))


def blocks_between(
    lines: list[shapely.Geometry], places: gpd.GeoSeries, half_width_m: Floats, least_m2: float
) -> gpd.GeoDataFrame:
    """Return the blocks: the faces of the network inside places, less half of their streets.

    Parameters
    ----------
    lines
        Noded lines.
    places
        Neighbourhoods; a face belongs to the one that holds its inner point.
    half_width_m
        Half the width of the streets of each place.
    least_m2
        Smaller blocks are dropped.
    """
    faces = shapely.get_parts(shapely.polygonize(lines))
    inner = shapely.point_on_surface(faces)
    face, place = shapely.STRtree(places.to_numpy()).query(inner, predicate="within")
    face, first = np.unique(face, return_index=True)
    place = place[first]
    shrunk = shapely.buffer(faces[face], -half_width_m[place], join_style="mitre")
    shrunk = np.array([_largest(each) for each in shrunk], dtype=object)
    keep = shapely.area(shrunk) >= least_m2
    return gpd.GeoDataFrame({"place": place[keep]}, geometry=shrunk[keep], crs=places.crs)


def _largest(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the largest part of a shape."""
    parts = shapely.get_parts(shape)
    return parts[int(shapely.area(parts).argmax())] if len(parts) else shape
