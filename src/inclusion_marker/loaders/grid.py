"""The cells of a city: H3 cells that touch its boundary, or polygons as they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import h3
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from inclusion_marker.errors import LayerError, ParameterError
from inclusion_marker.loaders.contract import placed
from inclusion_marker.notices import Notice

MOST_CELLS = 5_000_000
_FINEST = 15
_HALF_TURN = 180.0


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
        index: pd.Index = self.cells.index
        return index

    @property
    def crs(self) -> object:
        """Return the CRS, in metres."""
        return self.cells.crs

    @property
    def area_ha(self) -> pd.Series[float]:
        """Return the area of each cell, hectares."""
        hectares: pd.Series[float] = self.cells.geometry.area / 10_000
        return hectares

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
    LayerError
        If the boundary lies on both sides of the 180th meridian.

    Examples
    --------
    >>> square = gpd.GeoSeries([shapely.box(-72.51, 7.88, -72.50, 7.89)], crs="EPSG:4326")
    >>> len(cover(square, resolution=9, crs="EPSG:32618").index)
    21
    """
    _check_resolution(resolution)
    degrees = boundary.to_crs("EPSG:4326")
    west, _, east, _ = degrees.total_bounds
    if not east - west <= _HALF_TURN:  # not a number, too: beyond what the CRS can say
        raise LayerError(Notice("boundary_across_antimeridian", layer="boundary"))
    area_km2 = float(boundary.to_crs("EPSG:6933").area.sum()) / 1e6
    expected = area_km2 / h3.average_hexagon_area(resolution, unit="km^2")
    if expected > MOST_CELLS:
        values: dict[str, object] = {"found": f"{expected:.0f}", "most": MOST_CELLS}
        values["resolution"] = resolution
        raise ParameterError(Notice("too_many_cells", item="resolution", values=values))
    outline = shapely.union_all(degrees.to_numpy())
    found = h3.h3shape_to_cells_experimental(
        h3.geo_to_h3shape(outline.__geo_interface__), resolution, contain="overlap"
    )
    return _hexagons(sorted(found), resolution, crs)


def _check_resolution(resolution: object) -> None:
    """Refuse what is no whole number from 0 to 15; True is one for Python, and not for us."""
    whole = isinstance(resolution, int) and not isinstance(resolution, bool)
    if not (whole and resolution in range(_FINEST + 1)):
        values = {"found": resolution, "low": 0, "high": _FINEST}
        raise ParameterError(Notice("parameter_out_of_range", item="resolution", values=values))


def from_ids(ids: Sequence[str], *, crs: str) -> Grid:
    """Return the H3 cells of a list of ids.

    Parameters
    ----------
    ids
        H3 indexes as text, all of one resolution.
    crs
        CRS of the cells' polygons, in metres.

    Raises
    ------
    LayerError
        If an id is no H3 cell, stands twice, or is of another resolution than the first.

    Examples
    --------
    >>> from_ids(["89a901291abffff"], crs="EPSG:32722").resolution
    9
    """
    wrong = [each for each in ids if not h3.is_valid_cell(each)]
    levels = {h3.get_resolution(each) for each in ids} if not wrong else set()
    doubled = len(ids) - len(set(ids))
    if wrong or doubled or len(levels) != 1:
        found = ", ".join(wrong[:5]) or (f"2 x {doubled}" if doubled else f"{sorted(levels)}")
        raise LayerError(Notice("cell_id_invalid", layer="cells", values={"found": found}))
    return _hexagons(sorted(ids), levels.pop(), crs)


def _hexagons(ids: list[str], resolution: int, crs: str) -> Grid:
    """Return the grid of sorted H3 ids."""
    rings = [np.asarray(h3.cell_to_boundary(cell))[:, ::-1] for cell in ids]
    polygons = gpd.GeoSeries([shapely.Polygon(ring) for ring in rings], crs="EPSG:4326")
    index = pd.Index(ids, name="cell", dtype=object)
    cells = gpd.GeoDataFrame(geometry=polygons.to_crs(crs).to_numpy(), index=index, crs=crs)
    return Grid(cells, "h3", resolution)


def from_polygons(cells: gpd.GeoDataFrame, *, id_column: str | None, crs: str) -> Grid:
    """Return the polygons of a table as cells, as they come, sorted by id.

    Parameters
    ----------
    cells
        Polygons and a column of ids.
    id_column
        The column of ids; they become text. ``None`` numbers the cells in the order of the rows.
    crs
        CRS of the cells, in metres.

    Raises
    ------
    LayerError
        If ids are missing or stand twice, or a cell has no shape.

    Examples
    --------
    >>> two = gpd.GeoDataFrame(
    ...     {"id": [2, 1]}, geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=32618
    ... )
    >>> from_polygons(two, id_column="id", crs="EPSG:32618").index.tolist()
    ['1', '2']
    """
    if id_column is None:
        digits = len(str(len(cells)))
        numbers = [f"{row:0{digits}d}" for row in range(1, len(cells) + 1)]
        cells, id_column = cells.assign(number=numbers), "number"
    if id_column not in cells.columns:
        values = {"found": id_column, "accepted": ", ".join(map(str, cells.columns))}
        raise LayerError(Notice("column_missing", layer="cells", values=values))
    shapeless = ~placed(cells.geometry)
    if shapeless.any():
        rows = ", ".join(str(row + 1) for row in np.flatnonzero(shapeless)[:5])
        fault = Notice("cell_without_shape", layer="cells", item=rows)
        raise LayerError(fault)
    missing = cells[id_column].isna()
    ids = text_ids(cells[id_column])
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


def text_ids(values: pd.Series[Any]) -> pd.Series[str]:
    """Return ids as text; whole numbers that a file keeps as decimals lose their ``.0``.

    Parameters
    ----------
    values
        Ids of any type; missing ones stay missing.

    Examples
    --------
    >>> text_ids(pd.Series([13.0, 7.0])).tolist()
    ['13', '7']
    """
    known = values.dropna()
    decimal = pd.api.types.is_float_dtype(values) and bool((known % 1 == 0).all())
    text = known.astype(np.int64).astype(str) if decimal else known.astype(str)
    return text.astype(object).reindex(values.index)
