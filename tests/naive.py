"""Slow, plain twins of the fast code: one loop, one formula, nothing clever."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

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


class Street(NamedTuple):
    """A street between two nodes, and its cost in either direction: -1 where closed."""

    tail: int
    head: int
    forward: int
    backward: int


class Place(NamedTuple):
    """A point beside a street: where on it, 0 at the tail and 1 at the head, and how far off."""

    street: int
    share: float
    leg: int


def all_times(n: int, streets: Sequence[Street]) -> Floats:
    """Return the least cost from each node to each other, by Floyd and Warshall; inf for none."""
    times = np.full((n, n), np.inf)
    for tail, head, forward, backward in streets:
        if forward >= 0:
            times[tail, head] = min(times[tail, head], forward)
        if backward >= 0:
            times[head, tail] = min(times[head, tail], backward)
    for v in range(n):
        times[v, v] = 0
    for via in range(n):
        times = np.minimum(times, times[:, [via]] + times[[via], :])
    return times


def times_from(n: int, streets: Sequence[Street], starts: Sequence[int]) -> Floats:
    """Return the least cost from any of some nodes to each node, by Dijkstra; inf for none."""
    leaving: dict[int, list[tuple[int, int]]] = {v: [] for v in range(n)}
    for tail, head, forward, backward in streets:
        if forward >= 0:
            leaving[tail].append((head, forward))
        if backward >= 0:
            leaving[head].append((tail, backward))
    open_ = dict.fromkeys(starts, 0)
    done: dict[int, int] = {}
    while open_:
        here = min(open_, key=open_.__getitem__)
        done[here] = open_.pop(here)
        for there, cost in leaving[here]:
            if there not in done:
                open_[there] = min(open_.get(there, done[here] + cost), done[here] + cost)
    return np.array([done.get(v, math.inf) for v in range(n)])


def split(
    n: int, streets: Sequence[Street], places: Sequence[Place]
) -> tuple[int, list[Street], list[int]]:
    """Return a network whose streets are cut at places, and the node of each place."""
    cut: list[Street] = []
    nodes = [-1] * len(places)
    for number, street in enumerate(streets):
        here = sorted(
            (place.share, at) for at, place in enumerate(places) if place.street == number
        )
        before, share_before, so_far = street.tail, 0.0, (0, 0)
        for share, at in here:
            gone = (math.floor(share * street.forward + 0.5),
                    math.floor(share * street.backward + 0.5))  # fmt: skip
            step = [
                now - then if cost >= 0 else -1
                for now, then, cost in zip(gone, so_far, street[2:], strict=True)
            ]
            # Places side by side reach each other even on a one-way street.
            beside = before != street.tail and share == share_before
            cut.append(Street(before, n, *((0, 0) if beside else step)))
            before, share_before, so_far = n, share, gone
            n += 1
            nodes[at] = before
            if places[at].leg > 0:
                cut.append(Street(before, n, places[at].leg, places[at].leg))
                nodes[at] = n
                n += 1
        rest = [
            cost - done if cost >= 0 else -1 for cost, done in zip(street[2:], so_far, strict=True)
        ]
        cut.append(Street(before, street.head, *rest))
    return n, cut, nodes


def two_step(first: Floats, second: Floats, people: Floats, supply: Floats) -> Floats:
    """Return supply per person: weights of origins x facilities in either step."""
    access = np.zeros(len(people))
    for j, capacity in enumerate(supply):
        asking = sum(first[i, j] * people[i] for i in range(len(people)))
        if asking > 0:
            access += second[:, j] * capacity / asking
    return access
