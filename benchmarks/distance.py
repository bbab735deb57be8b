"""Distance to the closest of many points: our kernel beside SciPy's tree and GeoPandas' join."""

from __future__ import annotations

import math
import time

import geopandas as gpd
import numba
import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree
from timing import Row, median_s

from inclusion_marker.accessibility.straight import closest_straight

CELLS = POINTS = 100_000
SIDE_M = 200.0
CRS = "EPSG:32618"
WEST, SOUTH = 700_000.0, 870_000.0
GRAPH = "100k cells x 100k points (synthetic: hexagons of 200 m, uniform points)"


def hexagons(count: int = CELLS) -> gpd.GeoSeries:
    """Return about ``count`` flat-topped hexagons that tile a rectangle, exactly ``count`` kept."""
    columns = math.isqrt(count) + 1
    column, row = np.divmod(np.arange(count), columns)
    x = WEST + column * SIDE_M * 1.5
    y = SOUTH + (row + 0.5 * (column % 2)) * SIDE_M * math.sqrt(3)
    angle = np.arange(7) * math.pi / 3
    ring = SIDE_M * np.column_stack([np.cos(angle), np.sin(angle)])
    ring[6] = ring[0]
    return gpd.GeoSeries(
        shapely.polygons(np.column_stack([x, y])[:, None, :] + ring[None, :, :]), crs=CRS
    )


def places(cells: gpd.GeoSeries, count: int = POINTS) -> gpd.GeoSeries:
    """Return ``count`` points, uniform over the bounds of the cells."""
    west, south, east, north = cells.total_bounds
    draw = np.random.default_rng(20_260_101).random((count, 2))
    xy = np.array([west, south]) + draw * np.array([east - west, north - south])
    return gpd.GeoSeries(shapely.points(xy), crs=CRS)


def compile_s() -> float:
    """Return the seconds that the first, compiling call takes (less where a cache is at hand)."""
    few = hexagons(10)
    begin = time.perf_counter()
    closest_straight(few, places(few, 10))
    return time.perf_counter() - begin


def rows() -> list[Row]:
    """Return the rows of this subject; both sides of each row give the same distances."""
    compiling = compile_s()
    found: list[Row] = [
        Row(GRAPH, "first call: compile the kernel, or load it", 1, compiling, "-", None)
    ]
    cells = hexagons()
    points = places(cells)
    centres = cells.centroid
    xy: npt.NDArray[np.float64] = shapely.get_coordinates(points.to_numpy())
    from_xy: npt.NDArray[np.float64] = shapely.get_coordinates(centres.to_numpy())
    left, right = gpd.GeoDataFrame(geometry=cells), gpd.GeoDataFrame(geometry=points)

    def by_tree() -> npt.NDArray[np.float64]:
        distance: npt.NDArray[np.float64] = cKDTree(xy).query(from_xy, workers=threads)[0]
        return distance

    def by_join() -> npt.NDArray[np.float64]:
        joined = left.sjoin_nearest(right, distance_col="m")["m"]
        nearest: npt.NDArray[np.float64] = joined.groupby(level=0).min().to_numpy()
        return nearest

    def from_centres() -> npt.NDArray[np.float64]:
        return closest_straight(centres, points).distance_m.to_numpy()

    def from_edges() -> npt.NDArray[np.float64]:
        return closest_straight(cells, points).distance_m.to_numpy()

    join_s, joined = median_s(by_join, runs=3)
    for threads in (1, 2):
        numba.set_num_threads(threads)
        ours_s, ours = median_s(from_centres)
        tree_s, theirs = median_s(by_tree)
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
        task = "cell centre to closest point, same values to 1e-6 m"
        found.append(Row(GRAPH, task, threads, ours_s, "scipy.spatial.cKDTree", tree_s))
        ours_s, ours = median_s(from_edges)
        np.testing.assert_allclose(ours, joined, atol=1e-6)
        task = "cell edge to closest point, same values to 1e-6 m (the peer has one thread)"
        found.append(Row(GRAPH, task, threads, ours_s, "geopandas.sjoin_nearest", join_s))
    return found
