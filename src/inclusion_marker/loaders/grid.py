"""The cells of a city: H3 cells that touch its boundary, or polygons as they come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import h3
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from inclusion_marker.errors import LayerError, ParameterError
from inclusion_marker.notices import Notice

MOST_CELLS = 5_000_000
_FINEST = 15


@dataclass(frozen=True)
class Grid:
    """The cells: text ids, sorted and unique, and polygons in a CRS in metres.

    Attributes
    ----------
    cells
        Index named ``cell``; the only column is ``geometry``.
    kind
        ``"h3"`` or ``"polygons"``.
    resolution
        H3 resolution, ``None`` for polygons.
    """

    cells: gpd.GeoDataFrame
    kind: Literal["h3", "polygons"]
    resolution: int | None

    @property
    def index(self) -> pd.Index:
        """Return the ids that label every later table."""
        return self.cells.index

    @property
    def crs(self) -> object:
        """Return the CRS, in metres."""
        return self.cells.crs

    @property
    def area_ha(self) -> pd.Series[float]:
        """Return the area of each cell, hectares."""
        return self.cells.geometry.area / 10_000

    @property
    def centroids(self) -> npt.NDArray[np.float64]:
        """Return the centroids, shape ``(n, 2)``, metres."""
        return shapely.get_coordinates(shapely.centroid(self.cells.geometry.to_numpy()))


def cover(boundary: gpd.GeoSeries, *, resolution: int, crs: str) -> Grid:
    """Return the H3 cells that touch a boundary: people at the rim are in cells, too.

    Parameters
    ----------
    boundary
        Polygons, in any CRS.
    resolution
        H3 resolution, 0-15.
    crs
        CRS of the cells' polygons, in metres.

    Raises
    ------
    ParameterError
        If the resolution is none, or would give more than five million cells.

    Examples
    --------
    >>> square = gpd.GeoSeries([shapely.box(-72.51, 7.88, -72.50, 7.89)], crs="EPSG:4326")
    >>> len(cover(square, resolution=9, crs="EPSG:32618").index)
    21
    """
    whole = isinstance(resolution, int | np.integer) and not isinstance(resolution, bool)
    if not (whole and 0 <= resolution <= _FINEST):
        values = {"found": resolution, "low": 0, "high": _FINEST}
        raise ParameterError(Notice("parameter_out_of_range", item="resolution", values=values))
    area_km2 = float(boundary.to_crs("EPSG:6933").area.sum()) / 1e6
    expected = area_km2 / h3.average_hexagon_area(resolution, unit="km^2")
    if expected > MOST_CELLS:
        values = {"found": f"{expected:,.0f}", "resolution": resolution, "most": f"{MOST_CELLS:,}"}
        raise ParameterError(Notice("too_many_cells", item="resolution", values=values))
    outline = shapely.union_all(boundary.to_crs("EPSG:4326").to_numpy())
    found = h3.h3shape_to_cells_experimental(
        h3.geo_to_h3shape(outline.__geo_interface__), resolution, contain="overlap"
    )
    ids = sorted(found)
    rings = [np.asarray(h3.cell_to_boundary(cell))[:, ::-1] for cell in ids]
    polygons = gpd.GeoSeries([shapely.Polygon(ring) for ring in rings], crs="EPSG:4326")
    index = pd.Index(ids, name="cell", dtype=object)
    cells = gpd.GeoDataFrame(geometry=polygons.to_crs(crs).to_numpy(), index=index, crs=crs)
    return Grid(cells, "h3", resolution)


def from_polygons(cells: gpd.GeoDataFrame, *, id_column: str, crs: str) -> Grid:
    """Return the polygons of a table as cells, as they come, sorted by id.

    Parameters
    ----------
    cells
        Polygons and a column of ids.
    id_column
        The column of ids; they become text.
    crs
        CRS of the cells, in metres.

    Raises
    ------
    LayerError
        If ids are missing or stand twice.

    Examples
    --------
    >>> two = gpd.GeoDataFrame(
    ...     {"id": [2, 1]}, geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=32618
    ... )
    >>> from_polygons(two, id_column="id", crs="EPSG:32618").index.tolist()
    ['1', '2']
    """
    if id_column not in cells.columns:
        values = {"found": id_column, "accepted": ", ".join(map(str, cells.columns))}
        raise LayerError(Notice("column_missing", layer="cells", values=values))
    missing = cells[id_column].isna()
    ids = cells[id_column].astype(str)
    doubled = ids[ids.duplicated() & ~missing].unique()
    if missing.any():
        values = {"found": f"{int(missing.sum())} x {id_column} = NULL"}
        raise LayerError(Notice("cell_id_invalid", layer="cells", item=id_column, values=values))
    if len(doubled):
        values = {"found": f"{len(doubled)} x 2: {', '.join(doubled[:5])}"}
        raise LayerError(Notice("cell_id_invalid", layer="cells", item=id_column, values=values))
    index = pd.Index(ids, name="cell", dtype=object)
    table = gpd.GeoDataFrame(geometry=cells.geometry.to_numpy(), index=index, crs=cells.crs)
    return Grid(table.to_crs(crs).sort_index(), "polygons", None)
