"""Counts from zones to cells: by shared area, by people in a raster, or by buildings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp
import shapely

from inclusion_marker.loaders.terrain import raster_cover, raster_sum

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]
_SLIVER = 1e-9
_ROUNDING = 1e-7
_HALF = 0.5
_FLAT = 2  # the dimension of polygons
_COLLECTION = 7
_DOT_M2 = 1e-3


@dataclass(frozen=True)
class Account:
    """Where a count went: what came in is what was allocated, fell outside, or was lost."""

    people_in: float
    allocated: float
    outside: float
    lost: float


@dataclass(frozen=True)
class Shares:
    """How much of each zone lies in each cell.

    Attributes
    ----------
    matrix
        Cells x zones: share of the zone's count that the cell takes; a column sums to at most 1.
    area_m2
        Cells x zones: area that they share, or 1 for a zone that is a point.
    cells, zones
        Labels of the rows and the columns.
    outside
        Share of each zone outside all cells.
    lost
        1 for a zone without a place.
    overlapping
        Zones whose shares were scaled down, for cells that lie over each other.
    """

    matrix: sp.csr_array
    area_m2: sp.csr_array
    cells: pd.Index
    zones: pd.Index
    outside: Floats
    lost: Floats
    overlapping: int

    def move(self, values: pd.Series[float]) -> pd.Series[float]:
        """Return a count of the zones moved to the cells; a missing count moves nothing.

        Parameters
        ----------
        values
            Extensive values by zone.
        """
        known = np.nan_to_num(values.to_numpy(np.float64), nan=0.0)
        return pd.Series(self.matrix @ known, index=self.cells, name=values.name)

    def mean(self, values: pd.Series[float]) -> pd.Series[float]:
        """Return the mean of a rate over the parts of zones in each cell, by their area.

        Parameters
        ----------
        values
            Intensive values by zone; zones without one do not count.

        Returns
        -------
        means
            By cell; missing where no zone with a value meets the cell.
        """
        raw = values.to_numpy(np.float64)
        known = ~np.isnan(raw)
        weight = self.area_m2 @ known.astype(np.float64)
        total = self.area_m2 @ np.where(known, raw, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return pd.Series(np.where(weight > 0, total / weight, np.nan), index=self.cells)

    def account(self, values: pd.Series[float]) -> Account:
        """Return where a count went.

        Parameters
        ----------
        values
            Extensive values by zone; missing ones count as nothing.
        """
        known = np.nan_to_num(values.to_numpy(np.float64), nan=0.0)
        return Account(
            people_in=math.fsum(known),
            allocated=math.fsum(self.matrix @ known),
            outside=math.fsum(self.outside * known),
            lost=math.fsum(self.lost * known),
        )


def by_area(cells: gpd.GeoSeries, zones: gpd.GeoSeries) -> Shares:
    """Return the shares of zones in cells by area.

    Parameters
    ----------
    cells, zones
        Polygons in one CRS in metres; zones may be points, which go whole to the cell they are in
        (several points of one zone: to the cell of one that represents them).

    Returns
    -------
    shares
        Zones of hardly any area go whole to the cell that holds their representative point;
        zones without a shape are lost.

    Examples
    --------
    >>> cells = gpd.GeoSeries([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> by_area(cells, gpd.GeoSeries([shapely.box(0.5, 0, 1.5, 1)])).move(pd.Series([8.0])).tolist()
    [4.0, 4.0]
    """
    whole = shapely.area(zones.to_numpy())
    cell, zone, area_m2 = _pieces(cells, zones)
    return _shares(cells, zones, cell, zone, area_m2, area_m2, whole)


def by_population(cells: gpd.GeoSeries, zones: gpd.GeoSeries, raster: Path) -> Shares:
    """Return the shares of zones in cells by the people that a raster has in their common parts.

    Parameters
    ----------
    cells, zones
        Polygons in one CRS in metres.
    raster
        GeoTIFF of people by pixel, in any CRS; pixels count by exact coverage.

    Returns
    -------
    shares
        Zones where the raster has nobody are shared by area, and so are those that have data in
        less than half of theirs: the part beyond a raster is unknown, not empty.
    """
    cell, zone, area_m2 = _pieces(cells, zones)

    def people(polygons: Shapes) -> Floats:
        known = gpd.GeoSeries(_areal(polygons), crs=cells.crs)
        return np.asarray(raster_sum(known, raster).fillna(0.0), np.float64)

    inside = people(shapely.intersection(cells.to_numpy()[cell], zones.to_numpy()[zone]))
    known = raster_cover(gpd.GeoSeries(_areal(zones.to_numpy()), crs=cells.crs), raster)
    whole = np.where(known.to_numpy() < _HALF, 0.0, people(zones.to_numpy()))
    inside = np.where(known.to_numpy()[zone] < _HALF, 0.0, inside)
    return _spread(cells, zones, (cell, zone, area_m2), inside, whole)


def by_buildings(cells: gpd.GeoSeries, zones: gpd.GeoSeries, buildings: gpd.GeoSeries) -> Shares:
    """Return the shares of zones in cells by the footprints of buildings in their common parts.

    Parameters
    ----------
    cells, zones, buildings
        Polygons in one CRS in metres; a building that stands twice counts once.

    Returns
    -------
    shares
        Zones without buildings are shared by area.
    """
    cell, zone, area_m2 = _pieces(cells, zones)
    parts = _areal(shapely.intersection(cells.to_numpy()[cell], zones.to_numpy()[zone]))
    buildings = buildings[_first(buildings)]
    inside = _covered(parts, buildings)
    whole = _covered(zones.to_numpy(), buildings)
    return _spread(cells, zones, (cell, zone, area_m2), inside, whole)


def _spread(
    cells: gpd.GeoSeries,
    zones: gpd.GeoSeries,
    pieces: tuple[Ints, Ints, Floats],
    inside: Floats,
    whole: Floats,
) -> Shares:
    """Return shares by another mass than area, by area where a zone has none of it."""
    cell, zone, area_m2 = pieces
    area = shapely.area(zones.to_numpy())
    held = np.bincount(zone, weights=inside, minlength=len(zones))
    # The parts of a zone wholly inside are all of it, whatever the rounding of the whole.
    within = np.bincount(zone, weights=area_m2, minlength=len(zones)) > (1 - _ROUNDING) * area
    whole = np.where(within, held, whole)
    bare = whole <= 0
    mass = np.where(bare[zone], area_m2, inside)
    return _shares(cells, zones, cell, zone, area_m2, mass, np.where(bare, area, whole))


def _areal(shapes: Shapes) -> Shapes:
    """Return the polygons among shapes, and nothing for points, lines and mixtures of them."""
    mixed = shapely.get_type_id(shapes) == _COLLECTION
    shapes = shapes.copy()
    if mixed.any():
        parts, owners = shapely.get_parts(shapes[mixed], return_index=True)
        flat = shapely.get_dimensions(parts) == _FLAT
        whole = [shapely.union_all(parts[flat & (owners == row)]) for row in range(mixed.sum())]
        shapes[mixed] = np.array(whole, dtype=object)
    shapes[shapely.get_dimensions(shapes) != _FLAT] = None
    return shapes


def _apart(polygons: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return polygons that nowhere lie over each other: the same ground counts once."""
    whole = shapely.union_all(polygons.to_numpy())
    return gpd.GeoSeries(np.atleast_1d(shapely.get_parts(whole)), crs=polygons.crs)


def _first(polygons: gpd.GeoSeries, classes: pd.Series[str] | None = None) -> Flags:
    """Return which polygons do not stand before, in the same class, in the same layer."""
    prints = pd.DataFrame({"shape": shapely.to_wkb(shapely.normalize(polygons.to_numpy()))})
    if classes is not None:
        prints["class"] = classes.to_numpy()
    return ~prints.duplicated().to_numpy(np.bool_)


def _covered(polygons: Shapes, buildings: gpd.GeoSeries) -> Floats:
    """Return the area of buildings in each polygon."""
    tree = shapely.STRtree(buildings.to_numpy())
    one, building = tree.query(polygons, predicate="intersects")
    shared = shapely.area(shapely.intersection(polygons[one], buildings.to_numpy()[building]))
    return np.bincount(one, weights=shared, minlength=len(polygons)).astype(np.float64)


def _pieces(cells: gpd.GeoSeries, zones: gpd.GeoSeries) -> tuple[Ints, Ints, Floats]:
    """Return the pairs of cell and zone that share area, and the area; a point shares 1."""
    shapes, blocks = cells.to_numpy(), zones.to_numpy()
    tree = shapely.STRtree(shapes)
    dots = ~(shapely.area(blocks) > _DOT_M2) & ~shapely.is_missing(blocks)
    zone, cell = tree.query(np.where(dots, None, blocks), predicate="intersects")
    shapely.prepare(shapes)  # most zones lie in one cell, and are found so before any cutting
    inside = shapely.covers(shapes[cell], blocks[zone])
    area_m2 = shapely.area(blocks[zone])
    cut = ~inside
    area_m2[cut] = shapely.area(shapely.intersection(shapes[cell[cut]], blocks[zone[cut]]))
    # Neighbours that only touch share a sliver of rounding, not people.
    real = area_m2 > _SLIVER * shapely.area(blocks[zone])
    at = np.where(dots, shapely.point_on_surface(blocks), None)
    dot, holder = tree.query(at, predicate="intersects")
    first = np.unique(dot[np.lexsort((holder, dot))], return_index=True)[1]
    order = np.lexsort((holder, dot))
    dot, holder = dot[order][first], holder[order][first]
    return (
        np.concatenate([cell[real], holder]),
        np.concatenate([zone[real], dot]),
        np.concatenate([area_m2[real], np.ones(len(dot))]),
    )


def _shares(
    cells: gpd.GeoSeries,
    zones: gpd.GeoSeries,
    cell: Ints,
    zone: Ints,
    area_m2: Floats,
    mass: Floats,
    whole: Floats,
) -> Shares:
    """Return the record of shares from the masses of the pieces and of the zones."""
    count = len(zones)
    dots = ~(shapely.area(zones.to_numpy()) > _DOT_M2)
    total = np.where(dots, 1.0, whole)
    share = np.where(dots[zone], 1.0, mass / np.where(total[zone] > 0, total[zone], 1.0))
    held = np.bincount(zone, weights=share, minlength=count)
    # Rounding must not make or lose people: a zone wholly inside gives exactly all it has.
    scale = np.where(held > 1 - _ROUNDING, held, 1.0)
    over = held > 1 + 10 * _ROUNDING
    share = share / scale[zone]
    held = np.bincount(zone, weights=share, minlength=count)
    missing = shapely.is_missing(zones.to_numpy()) | shapely.is_empty(zones.to_numpy())
    shape = (len(cells), count)
    return Shares(
        matrix=sp.csr_array((share, (cell, zone)), shape=shape),
        area_m2=sp.csr_array((area_m2, (cell, zone)), shape=shape),
        cells=cells.index,
        zones=zones.index,
        outside=np.where(missing, 0.0, np.clip(1.0 - held, 0.0, 1.0)),
        lost=missing.astype(np.float64),
        overlapping=int(over.sum()),
    )


def areas_by_class(
    cells: gpd.GeoSeries, polygons: gpd.GeoSeries, classes: pd.Series[str]
) -> pd.DataFrame:
    """Return the square metres of each class of polygons in each cell.

    Parameters
    ----------
    cells, polygons
        Polygons in one CRS in metres; one that stands twice counts once for each of its classes.
    classes
        Class of each polygon.

    Returns
    -------
    areas
        Cells by class; 0 where there is none.
    """
    first = _first(polygons, classes)
    polygons, classes = polygons[first], classes[first]
    cell, polygon, area_m2 = _pieces(cells, polygons)
    frame = pd.DataFrame({"cell": cell, "class": classes.to_numpy()[polygon], "area_m2": area_m2})
    table = frame.pivot_table(index="cell", columns="class", values="area_m2", aggfunc="sum")
    table = table.reindex(range(len(cells))).fillna(0.0)
    table.index = cells.index
    return table


def area_within(points: Floats, polygons: gpd.GeoSeries, radius_m: float) -> Floats:
    """Return the square metres of polygons within a distance of each point.

    Parameters
    ----------
    points
        Coordinates, shape ``(n, 2)``, metres.
    polygons
        Polygons in the same CRS; where they lie over each other the ground counts once.
    radius_m
        Distance, metres.

    Returns
    -------
    areas
        Shape ``(n,)``, square metres.

    Examples
    --------
    >>> park = gpd.GeoSeries([shapely.box(-1000, -1000, 0, 1000)])
    >>> half = area_within(np.array([[0.0, 0.0]]), park, 100.0)[0]
    >>> round(float(half / (np.pi * 100**2)), 2)
    0.5
    """
    centres = np.asarray(shapely.points(points), dtype=object)
    return _covered(shapely.buffer(centres, radius_m, quad_segs=16), _apart(polygons))


def area_inside(cells: gpd.GeoSeries, polygons: gpd.GeoSeries) -> Floats:
    """Return the square metres of polygons in each cell.

    Parameters
    ----------
    cells, polygons
        Polygons in one CRS in metres; where they lie over each other the ground counts once.

    Returns
    -------
    areas
        Shape ``(n,)``, square metres.

    Examples
    --------
    >>> cell = gpd.GeoSeries([shapely.box(0, 0, 10, 10)])
    >>> area_inside(cell, gpd.GeoSeries([shapely.box(5, 0, 20, 10)] * 2)).tolist()
    [50.0]
    """
    return _covered(cells.to_numpy(), _apart(polygons))
