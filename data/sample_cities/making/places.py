"""Districts and neighbourhoods: a landscape cut into parts of given areas, and services in them."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import rasterio.features
import shapely
from rasterio.transform import from_origin

from making.fields import Canvas, Floats, Ints, clustered


def outlined(mask: np.ndarray, canvas: Canvas) -> shapely.Geometry:
    """Return the polygon of the pixels of a mask."""
    transform = from_origin(canvas.west, canvas.north, canvas.pixel_m, canvas.pixel_m)
    shapes = rasterio.features.shapes(mask.astype(np.uint8), mask=mask, transform=transform)
    return shapely.union_all([shapely.geometry.shape(each) for each, _ in shapes])


def rounded(shape: shapely.Geometry, radius_m: float) -> shapely.Geometry:
    """Return a shape without its bays and capes narrower than twice a radius."""
    opened = shape.buffer(-radius_m).buffer(2 * radius_m).buffer(-radius_m)
    return opened.simplify(radius_m / 6)


def power_cells(x: Floats, y: Floats, centres: Floats, areas: Floats, *, rounds: int = 400) -> Ints:
    """Return the district of each pixel: those around given centres that have given areas.

    Parameters
    ----------
    x, y
        Places of the pixels of the city, metres.
    centres
        Centres of the districts, shape ``(k, 2)``, metres.
    areas
        Share of the pixels of each district.
    rounds
        Steps towards the areas.

    References
    ----------
    Aurenhammer, F. (1987). Power diagrams: properties, algorithms and applications. *SIAM Journal
    on Computing*, 16(1), 78-96.
    """
    away = (x[:, None] - centres[:, 0]) ** 2 + (y[:, None] - centres[:, 1]) ** 2
    target = areas / areas.sum()
    weight = np.zeros(len(centres))
    step = float(away.min(axis=1).mean())
    for turn in range(rounds):
        held = np.bincount((away - weight).argmin(axis=1), minlength=len(centres)) / len(x)
        weight += step * 4 * (1 - turn / rounds) * (target - held) / target.max()
    return (away - weight).argmin(axis=1)


def neighbourhoods(
    rng: np.random.Generator, points: Floats, place: shapely.Geometry, count: int
) -> tuple[Floats, list[shapely.Geometry]]:
    """Return the centres of compact neighbourhoods around points, and their cells of a place."""
    centres, _ = clustered(rng, points, count, rounds=3)
    if count == 1:
        return centres, [place]
    box = shapely.box(*place.bounds).buffer(5000)
    cells = shapely.voronoi_polygons(shapely.MultiPoint(centres), extend_to=box, ordered=True)
    return centres, [shapely.intersection(each, place) for each in shapely.get_parts(cells)]


def sited(
    rng: np.random.Generator, blocks: gpd.GeoDataFrame, weights: Floats, count: int
) -> gpd.GeoDataFrame:
    """Return points near the fronts of blocks drawn with weights, one a block, in block order."""
    chosen = np.sort(rng.choice(len(blocks), count, replace=False, p=weights / weights.sum()))
    shapes = blocks.geometry.to_numpy()[chosen]
    rims = shapely.get_exterior_ring(shapely.buffer(shapes, -4))
    usable = ~shapely.is_missing(rims) & ~shapely.is_empty(rims)
    rims = np.where(usable, rims, shapely.get_exterior_ring(shapes))
    spots = shapely.line_interpolate_point(rims, rng.random(count), normalized=True)
    return gpd.GeoDataFrame({"block": chosen}, geometry=spots, crs=blocks.crs)


def sliced(shapes: np.ndarray, shares: Floats, angle_deg: Floats) -> tuple[np.ndarray, Ints, Ints]:
    """Return shapes cut into strips across their long side, by shares of their length.

    Parameters
    ----------
    shapes
        Polygons.
    shares
        Share of each class, rows that sum to 1; those below 4 % get no strip.
    angle_deg
        Direction of the long side of each shape.

    Returns
    -------
    strips, shape, class
        The parts, the position of the shape of each, and its class.
    """
    parts: list[shapely.Geometry] = []
    owner: list[int] = []
    classes: list[int] = []
    for at, shape in enumerate(shapes):
        present = np.flatnonzero(shares[at] >= 0.04)
        if len(present) == 1:
            parts.append(shape)
            owner.append(at)
            classes.append(int(present[0]))
            continue
        ends = np.concatenate([[0.0], np.cumsum(shares[at][present])])
        for use, start, stop in zip(
            present, ends[:-1] / ends[-1], ends[1:] / ends[-1], strict=True
        ):
            strip = shapely.intersection(shape, _band(shape, angle_deg[at], (start, stop)))
            for part in shapely.get_parts(strip):
                if part.geom_type == "Polygon" and part.area > 5:
                    parts.append(part)
                    owner.append(at)
                    classes.append(int(use))
    return np.array(parts, dtype=object), np.array(owner), np.array(classes)


def _band(shape: shapely.Geometry, angle_deg: float, part: Sequence[float]) -> shapely.Geometry:
    """Return the band of a shape between two parts of its length in a direction."""
    along = np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])
    across = np.array([-along[1], along[0]])
    xy = shapely.get_coordinates(shape)
    u, v = xy @ along, xy @ across
    low, span = u.min(), np.ptp(u)
    # The outer bands reach beyond the shape, so that no sliver is left.
    first = low - 10 if part[0] == 0 else low + part[0] * span
    last = low + span + 10 if part[1] == 1 else low + part[1] * span
    corners = [
        (first, v.min() - 10),
        (last, v.min() - 10),
        (last, v.max() + 10),
        (first, v.max() + 10),
    ]
    return shapely.Polygon([a * along + b * across for a, b in corners])
