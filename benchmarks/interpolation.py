"""Counts from zones to cells by shared area: ours beside tobler."""

from __future__ import annotations

import warnings

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from distance import CRS, hexagons
from timing import Row, median_s
from tobler.area_weighted import area_interpolate

from inclusion_marker.loaders.areal import by_area

CELLS, ZONES = 10_000, 20_000
GRAPH = "20k zones -> 10k hexagons (synthetic: blocks of a shifted lattice, wholly inside)"


def zones(cells: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Return blocks with people that lie wholly inside the cells."""
    west, south, east, north = shapely.bounds(shapely.union_all(cells.to_numpy()).buffer(-400.0))
    side = float(np.sqrt((east - west) * (north - south) / ZONES))
    x, y = np.meshgrid(np.arange(west, east - side, side), np.arange(south, north - side, side))
    blocks = shapely.box(x.ravel(), y.ravel(), x.ravel() + side, y.ravel() + side)
    people = np.random.default_rng(7).integers(0, 500, len(blocks)).astype(np.float64)
    table = gpd.GeoDataFrame({"people": people}, geometry=blocks, crs=CRS)
    return table[table.within(shapely.union_all(cells.to_numpy()))].reset_index(drop=True)


def rows() -> list[Row]:
    """Return the row of this subject; both sides give the same counts."""
    cells = hexagons(CELLS)
    table = zones(cells)
    frame = gpd.GeoDataFrame(geometry=cells)

    def ours() -> npt.NDArray[np.float64]:
        return by_area(cells, table.geometry).move(table["people"]).to_numpy()

    def theirs() -> npt.NDArray[np.float64]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            moved = area_interpolate(
                table, frame, extensive_variables=["people"], allocate_total=False, n_jobs=1
            )
        people: npt.NDArray[np.float64] = moved["people"].to_numpy()
        return people

    ours_s, mine = median_s(ours)
    peer_s, other = median_s(theirs)
    np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-6)
    task = "counts by shared area, same counts to 1e-4"
    return [Row(GRAPH, task, 1, ours_s, "tobler.area_interpolate", peer_s)]
