"""The land under the city: heights, rivers, the comunas, and what of them is built up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from calibration import CENTRE, CRS, DISTRICTS, PAMPLONITA, RESERVES, TACHIRA, Reserve
from making.fields import Canvas, Floats, smooth_noise
from making.places import outlined, power_cells, rounded
from scipy.ndimage import binary_fill_holes, gaussian_filter

_X0, _Y0 = (
    round(each, -1)
    for each in pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(*CENTRE)
)
CANVAS = Canvas(west=_X0 - 8_100, north=_Y0 + 8_400, pixel_m=30.0, rows=590, columns=570)
RIVER_HALF_M = {"Río Pamplonita": 22.0, "Río Táchira": 28.0}
_BANK_M = {"Río Pamplonita": 75.0, "Río Táchira": 110.0}


def placed(east_km: float, north_km: float) -> tuple[float, float]:
    """Return the coordinates of a place given in km from the centre."""
    return _X0 + 1000 * east_km, _Y0 + 1000 * north_km


def km(xy: Floats) -> Floats:
    """Return places in km east and north of the centre."""
    return (xy - [_X0, _Y0]) / 1000


def river(path: Sequence[tuple[float, float]]) -> shapely.LineString:
    """Return a river through places given in km: corners cut (Chaikin), with small meanders."""
    course = np.array(path)
    north = np.linspace(course[0, 1], course[-1, 1], 4 * len(course))
    bends = 0.055 * np.sin(2 * np.pi * north / 1.15) + 0.035 * np.sin(2 * np.pi * north / 0.62 + 1)
    east = np.interp(north, course[:, 1], course[:, 0]) + bends
    xy = np.column_stack([_X0 + 1000 * east, _Y0 + 1000 * north])
    for _ in range(3):
        quarter, rest = 0.75 * xy[:-1] + 0.25 * xy[1:], 0.25 * xy[:-1] + 0.75 * xy[1:]
        inner = np.empty((2 * len(quarter), 2))
        inner[0::2], inner[1::2] = quarter, rest
        xy = np.vstack([xy[:1], inner, xy[-1:]])
    return shapely.LineString(xy)


RIVERS = {"Río Pamplonita": river(PAMPLONITA), "Río Táchira": river(TACHIRA)}


def ellipse(reserve: Reserve) -> shapely.Polygon:
    """Return the outline of a reserve: an ellipse with flat sides, like a walled ground."""
    turn = np.radians(np.arange(0, 360, 6))
    c, s = np.cos(turn), np.sin(turn)
    u = 1000 * reserve.half_long_km * np.sign(c) * np.abs(c) ** 0.55
    v = 1000 * reserve.half_wide_km * np.sign(s) * np.abs(s) ** 0.55
    a = np.radians(reserve.angle_deg)
    x0, y0 = placed(reserve.east_km, reserve.north_km)
    x, y = x0 + u * np.cos(a) - v * np.sin(a), y0 + u * np.sin(a) + v * np.cos(a)
    return shapely.Polygon(np.column_stack([x, y]))


@dataclass(frozen=True)
class Ground:
    """Heights, and the districts of the city."""

    heights: Floats
    comunas: gpd.GeoDataFrame
    built: gpd.GeoSeries

    @cached_property
    def slope_percent(self) -> Floats:
        """Return the slope of the ground, percent, on the canvas."""
        down, right = np.gradient(gaussian_filter(self.heights, 1.0), CANVAS.pixel_m)
        return 100 * np.hypot(down, right)


def ramp(values: Floats) -> Floats:
    """Return 0 below 0, 1 above 1, and a smooth rise between."""
    inside = np.clip(values, 0, 1)
    return inside * inside * (3 - 2 * inside)


def heights(rng: np.random.Generator) -> Floats:
    """Return heights: a plain that falls northwards, hills in the west, north-west and south."""
    x, y = (axis / 1000 for axis in _local())
    plain = 318 - 5.5 * y + 2.5 * np.abs(x - 2.2)
    ridges = 0.72 * smooth_noise(rng, CANVAS, 560) + 0.45 * smooth_noise(rng, CANVAS, 1300)
    ripples = smooth_noise(rng, CANVAS, 180)
    edge = 0.5 * smooth_noise(rng, CANVAS, 1500)
    west = ramp((-1.9 - x + 0.35 * edge) / 3.0)
    south = ramp((-2.7 - y + 0.35 * edge) / 2.2) * ramp((1.3 - x) / 1.6)
    north_west = 0.7 * ramp((x + 4.5) / -2.5) * ramp((y - 2.0) / 2.0)
    hills = np.maximum(np.maximum(west, 0.8 * south), north_west)
    raised = 95 * hills + (46 * ridges + 9 * ripples) * hills
    return plain + raised + 0.6 * ripples


def _local() -> tuple[Floats, Floats]:
    """Return metres east and north of the centre of each pixel."""
    x, y = CANVAS.centres()
    return x - _X0, y - _Y0


def _footprint(rng: np.random.Generator) -> np.ndarray:
    """Return the pixels of the city: near its districts, as large as all of them, this side."""
    x, y = _local()
    x = x + 200 * smooth_noise(rng, CANVAS, 1100) + 260 * smooth_noise(rng, CANVAS, 2400)
    y = y + 200 * smooth_noise(rng, CANVAS, 1100) + 260 * smooth_noise(rng, CANVAS, 2400)
    near = np.zeros(CANVAS.shape)
    for each in DISTRICTS:
        away = (x / 1000 - each.east_km) ** 2 + (y / 1000 - each.north_km) ** 2
        near += np.exp(-(away - each.area_km2 / np.pi) / 0.95)
    points = shapely.points(*CANVAS.centres())
    border = RIVERS["Río Táchira"]
    east = shapely.Polygon([*border.coords, placed(30, 9), placed(30, -9.5)]).buffer(40)
    shapely.prepare(east)
    near[shapely.contains(east, points)] = 0
    pixels = int(sum(each.area_km2 for each in DISTRICTS) * 1e6 / CANVAS.pixel_m**2)
    ordered = np.sort(near.ravel())[::-1]
    few, many = pixels // 2, pixels
    while many - few > 1:
        middle = (few + many) // 2
        filled = binary_fill_holes(near >= ordered[middle])
        few, many = (middle, many) if filled.sum() < pixels else (few, middle)
    return binary_fill_holes(near >= ordered[few])


def _comunas(rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return the outlines of the districts, of the published areas around the published centres."""
    mask = _footprint(rng)
    x, y = _local()
    x = x + 90 * smooth_noise(rng, CANVAS, 900)
    y = y + 90 * smooth_noise(rng, CANVAS, 900)
    centres = np.array([(1000 * each.east_km, 1000 * each.north_km) for each in DISTRICTS])
    areas = np.array([each.area_km2 for each in DISTRICTS])
    owner = np.full(CANVAS.shape, -1)
    owner[mask] = power_cells(x[mask], y[mask], centres, areas)
    stepped = [outlined(owner == at, CANVAS) for at in range(len(DISTRICTS))]
    smooth = shapely.coverage_simplify(np.array(stepped, dtype=object), 90)
    return gpd.GeoDataFrame(
        {"id": [each.id for each in DISTRICTS], "nombre": [each.name for each in DISTRICTS]},
        geometry=[_whole(each) for each in smooth],
        crs=CRS,
    )


def _whole(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape without parts of less than 2 hectares."""
    parts = [each for each in shapely.get_parts(shape) if each.area > 20_000]
    return shapely.union_all(parts)


def _built(rng: np.random.Generator, comunas: gpd.GeoDataFrame, slope: Floats) -> gpd.GeoSeries:
    """Return the built-up part of each district: off the rivers and reserves, the gentler land."""
    x, y = CANVAS.centres()
    points = shapely.points(x, y)
    wall = slope / 22 + 0.55 * smooth_noise(rng, CANVAS, 700)
    banks = [RIVERS[name].buffer(_BANK_M[name]) for name in RIVERS]
    kept = shapely.union_all([*banks, *(ellipse(each).buffer(12) for each in RESERVES)])
    shapely.prepare(kept)
    free = ~shapely.contains(kept, points)
    parts = []
    for at, district in enumerate(DISTRICTS):
        shape = comunas.geometry.iloc[at]
        shapely.prepare(shape)
        inside = shapely.contains(shape, points)
        far = np.hypot(*(np.stack([x, y]) - np.array(shape.centroid.coords[0])[:, None, None]))
        cost = wall + 1.3 * far / np.sqrt(shape.area)
        wanted = int(district.built * shape.area / CANVAS.pixel_m**2)
        open_land = inside & free
        limit = np.sort(cost[open_land])[min(wanted, int(open_land.sum())) - 1]
        mask = gaussian_filter((open_land & (cost <= limit)).astype(float), 1.2) > 0.5
        # Where land is gentle enough, the city reaches its limits: borders stay straight.
        outline = rounded(outlined(mask, CANVAS).buffer(30), 60).intersection(shape)
        parts.append(_large(outline.difference(kept), 150_000))
    return gpd.GeoSeries(parts, crs=CRS)


def _large(shape: shapely.Geometry, least_m2: float) -> shapely.Geometry:
    """Return the parts of a shape that are large enough, their small holes filled."""
    parts = []
    for part in shapely.get_parts(shape):
        if part.area >= least_m2:
            holes = [each for each in part.interiors if shapely.Polygon(each).area > 25_000]
            parts.append(shapely.Polygon(part.exterior, holes))
    return shapely.union_all(parts)


def make_ground(rng: np.random.Generator) -> Ground:
    """Return the land, the districts and their built-up parts."""
    high = heights(rng)
    comunas = _comunas(rng)
    bare = Ground(high, comunas, gpd.GeoSeries([]))
    return Ground(high, comunas, _built(rng, comunas, bare.slope_percent))
