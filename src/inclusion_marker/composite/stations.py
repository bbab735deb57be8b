"""Values of a few stations, carried to the cells between them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from inclusion_marker.formulas import Station
from inclusion_marker.loaders.grid import Grid


def at_stations(formula: Station, table: gpd.GeoDataFrame, grid: Grid) -> pd.Series[float]:
    """Return the value of the nearest station, or the mean of all by inverse distance.

    Parameters
    ----------
    formula
        Column, and how the stations are weighed.
    table
        The stations; one without a value is none.
    grid
        The cells.

    Returns
    -------
    values
        By cell, at its centre.

    References
    ----------
    Shepard, D. (1968). A two-dimensional interpolation function for irregularly-spaced data.
    *Proceedings of the 1968 ACM National Conference*, 517-524.

    Examples
    --------
    >>> import shapely
    >>> from inclusion_marker.loaders.grid import from_polygons
    >>> cells = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.box(0, 0, 2, 2)], crs=32618)
    >>> grid = from_polygons(cells, id_column="id", crs="EPSG:32618")
    >>> ends = gpd.GeoDataFrame({"pm10": [20, 30]}, geometry=gpd.points_from_xy([-1, 2], [1, 1]))
    >>> formula = Station(formula="station", layer="air_quality", column="pm10")
    >>> at_stations(formula, ends, grid).tolist()  # one is twice as far as the other
    [28.0]
    """
    table = table.dropna(subset=[formula.column])
    values = table[formula.column].to_numpy(np.float64)
    centre = table.geometry.centroid  # a station may come as a collection of one point
    places = np.column_stack([centre.x, centre.y])
    found = np.full(len(grid.index), np.nan)
    for row, here in enumerate(grid.centroids):
        distance_m = np.hypot(*(places - here).T)
        nearest = int(distance_m.argmin())
        if formula.by == "nearest" or distance_m[nearest] == 0:
            found[row] = values[nearest]
        else:
            weight = (distance_m[nearest] / distance_m) ** formula.power
            found[row] = weight @ values / weight.sum()
    return pd.Series(found, index=grid.index)
