"""The same scores by district, weighted by the people who live in each."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse as sp
import shapely

from inclusion_marker.composite.scoring import Scores
from inclusion_marker.composite.totals import group_means
from inclusion_marker.loaders.grid import Grid


def by_district(
    districts: gpd.GeoDataFrame,
    grid: Grid,
    boundary: gpd.GeoSeries,
    people: pd.Series[float],
    scores: Scores,
) -> gpd.GeoDataFrame:
    """Return the people and the population-weighted scores of each district.

    Parameters
    ----------
    districts
        Index ``district``; ``name`` and the polygon, in the grid's CRS. They may lie over each
        other and need not cover the city: each counts those who live in it.
    grid
        The cells.
    boundary
        Outline of the city: the people of a cell live in its part inside.
    people
        People of each cell; a district has the share of them that it has of that part.
    scores
        Scores of each cell.

    Returns
    -------
    table
        One row a district: ``name``, ``people``, the scores under the names of the outputs, and
        the polygon; a score is missing where nobody lives in a cell that has one.
    """
    shares = district_shares(districts, grid, boundary)
    means = group_means(scores.table(), people, shares).set_axis(districts.index)
    counted = pd.Series(shares @ people.to_numpy(np.float64), index=districts.index, name="people")
    joined = pd.concat([districts[["name"]], counted, means], axis=1).rename_axis("district")
    return gpd.GeoDataFrame(joined, geometry=districts.geometry, crs=districts.crs)


def district_shares(
    districts: gpd.GeoDataFrame, grid: Grid, boundary: gpd.GeoSeries
) -> sp.csr_array:
    """Return the share that each district has of each cell's part inside the city, so its people.

    Parameters
    ----------
    districts
        Polygons, in the grid's CRS.
    grid
        The cells.
    boundary
        Outline of the city.

    Returns
    -------
    shares
        Districts x cells, in their orders, 0-1.

    Examples
    --------
    >>> from inclusion_marker.loaders.grid import from_polygons
    >>> cells = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 2, 1)], crs=32618)
    >>> grid = from_polygons(cells, id_column=None, crs="EPSG:32618")
    >>> halves = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)], crs=32618)
    >>> district_shares(halves, grid, cells.geometry).toarray()
    array([[0.5]])
    """
    outline = shapely.union_all(boundary.to_numpy())
    shapely.prepare(outline)
    inside = grid.cells.geometry.to_numpy().copy()
    cut = ~shapely.contains_properly(outline, inside)
    inside[cut] = shapely.intersection(inside[cut], outline)
    polygons = districts.geometry.to_numpy()
    cell, district = shapely.STRtree(polygons).query(inside, predicate="intersects")
    shared = shapely.area(shapely.intersection(inside[cell], polygons[district]))
    whole = shapely.area(inside)[cell]
    share = np.divide(shared, whole, out=np.zeros_like(shared), where=whole > 0)
    return sp.csr_array((share, (district, cell)), shape=(len(polygons), len(inside)))


def district_of(cells: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> pd.Series:
    """Return the district of each cell: that of its centre, or else the one that has most of it.

    Parameters
    ----------
    cells, districts
        Polygons in one CRS. Where districts lie over each other the first one counts.

    Returns
    -------
    district
        Same index as ``cells``; missing where no district meets the cell.

    Examples
    --------
    >>> cells = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 2, 2), shapely.box(5, 0, 7, 2)])
    >>> south = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 5.5, 2)], index=["south"])
    >>> district_of(cells, south).tolist()
    ['south', 'south']
    """
    polygons, shapes = districts.geometry.to_numpy(), cells.geometry.to_numpy()
    tree, none = shapely.STRtree(polygons), len(districts)
    cell, found = tree.query(shapely.centroid(shapes), predicate="intersects")
    first = np.full(len(cells), none)
    np.minimum.at(first, cell, found)
    rim = np.flatnonzero(first == none)
    cell, found = tree.query(shapes[rim], predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[rim][cell], polygons[found]))
    # Written from the smallest share up, the largest one stays; of equal ones the first.
    order = np.lexsort((-found, shared))
    first[rim[cell[order]]] = found[order]
    names = np.array([*districts.index, None], dtype=object)
    return pd.Series(names[first], index=cells.index, dtype=object)
