"""Slow, plain twins of the fast code: one loop, one formula, nothing clever."""

from __future__ import annotations

import math
from collections.abc import Sequence

import h3
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

Floats = npt.NDArray[np.float64]


def closest(units: Sequence[BaseGeometry], shapes: Sequence[BaseGeometry]) -> list[float]:
    """Return the distance of each unit to the closest of shapes."""
    return [min(unit.distance(shape) for shape in shapes) for unit in units]


def sum_within(origins: Floats, points: Floats, values: Floats, radius: float) -> Floats:
    """Return the sum of the values of the points within a distance of each origin."""
    sums = []
    for x, y in origins:
        total = 0.0
        for (px, py), value in zip(points, values, strict=True):
            if (px - x) * (px - x) + (py - y) * (py - y) <= radius * radius:
                total += value
        sums.append(total)
    return np.array(sums)


def shares(cells: Sequence[BaseGeometry], zones: Sequence[BaseGeometry]) -> Floats:
    """Return the share of each zone's area in each cell: cells x zones."""
    return np.array(
        [[cell.intersection(zone).area / zone.area for zone in zones] for cell in cells]
    )


def slope_percent(z: Floats, width: float, height: float) -> Floats:
    """Return Horn's slope of the inner pixels, percent; the rim is missing."""
    slope = np.full(z.shape, np.nan)
    for i in range(1, z.shape[0] - 1):
        for j in range(1, z.shape[1] - 1):
            a, b, c = z[i - 1, j - 1 : j + 2]
            d, _, f = z[i, j - 1 : j + 2]
            g, h, k = z[i + 1, j - 1 : j + 2]
            across = ((c + 2 * f + k) - (a + 2 * d + g)) / (8 * width)
            down = ((g + 2 * h + k) - (a + 2 * b + c)) / (8 * height)
            slope[i, j] = 100 * math.sqrt(across * across + down * down)
    return slope


def shannon(counts: Sequence[float]) -> float:
    """Return the entropy of counts, natural logarithm; missing if they sum to nothing."""
    total = sum(counts)
    if not total > 0:
        return math.nan
    return -sum(count / total * math.log(count / total) for count in counts if count > 0)


def inverse_distance(
    place: tuple[float, float], stations: Floats, values: Floats, power: float
) -> float:
    """Return the mean of the stations' values, each weighted by its distance to minus ``power``."""
    total = weight = 0.0
    for (x, y), value in zip(stations, values, strict=True):
        distance = math.hypot(x - place[0], y - place[1])
        if distance == 0:
            return float(value)
        total += value / distance**power
        weight += 1 / distance**power
    return total / weight


def zonal(cell: BaseGeometry, values: Floats, west: float, north: float, size: float) -> Floats:
    """Return the sum and the mean of pixels weighted by the part of each inside a cell."""
    total = weight = 0.0
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            x, y = west + j * size, north - (i + 1) * size
            part = cell.intersection(shapely.box(x, y, x + size, y + size)).area / size**2
            if part > 0 and not math.isnan(values[i, j]):
                total += part * values[i, j]
                weight += part
    return np.array([total, total / weight if weight else math.nan])


def h3_cover(boundary: BaseGeometry, resolution: int) -> set[str]:
    """Return the H3 cells near a boundary, in degrees, whose hexagon meets it."""
    west, south, east, north = boundary.bounds
    step = 1e-3
    seeds = {
        h3.latlng_to_cell(lat, lon, resolution)
        for lon in np.arange(west - step, east + 2 * step, step)
        for lat in np.arange(south - step, north + 2 * step, step)
    }
    near = {cell for seed in seeds for cell in h3.grid_disk(seed, 2)}
    return {
        cell
        for cell in near
        if shapely.Polygon([(x, y) for y, x in h3.cell_to_boundary(cell)]).intersects(boundary)
    }
