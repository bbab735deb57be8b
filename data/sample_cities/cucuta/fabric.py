"""The fabric of the city: barrios and their streets, one connected network, blocks and parks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from calibration import BORDER_BRIDGES, BRIDGES, CRS, DISTRICTS, OUTSIDE, RESERVES
from ground import CANVAS, RIVER_HALF_M, RIVERS, Ground, ellipse, km, placed
from making.fields import Floats, clustered, smooth_noise
from making.places import neighbourhoods
from making.streets import (
    GRID_M,
    Pattern,
    blocks_between,
    ends,
    inner_streets,
    joined,
    labelled,
    noded,
    parts_of_network,
    quarters,
    rim,
)
from scipy.ndimage import gaussian_filter
from shapely.ops import substring

CENTRE_ANGLE_DEG = 10.6
HALF_WIDTH_M = {"grid": 7.5, "brick": 6.5, "organic": 4.0}
_STEEP_PERCENT = 15.0


@dataclass(frozen=True)
class Fabric:
    """Barrios, streets, blocks and parks.

    Attributes
    ----------
    barrios
        ``id``, ``comuna``, ``cuadrante``, ``kind``, ``poverty``; the built-up part as geometry,
        the whole cell of the district in ``cell``.
    streets
        Noded lines with tags.
    blocks
        ``place`` (row of the barrio), ``angle_deg``.
    parks
        ``nombre`` and polygons.
    """

    barrios: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    blocks: gpd.GeoDataFrame
    parks: gpd.GeoDataFrame


def make_barrios(rng: np.random.Generator, ground: Ground) -> gpd.GeoDataFrame:
    """Return the barrios: as many in each comuna as published, and two outside the boundary."""
    x, y = CANVAS.centres()
    points = shapely.points(x, y)
    rows = []
    for at, district in enumerate(DISTRICTS):
        built, whole = ground.built.iloc[at], ground.comunas.geometry.iloc[at]
        shapely.prepare(built)
        inside = shapely.contains(built, points)
        spots = np.column_stack([x[inside], y[inside]])
        centres, cells = neighbourhoods(rng, spots, whole, district.barrios)
        _, quadrants = clustered(rng, centres, district.quadrants)
        for number, (centre, cell) in enumerate(zip(centres, cells, strict=True)):
            rows.append(
                {
                    "comuna": district.id,
                    "cuadrante": f"{district.id}-{quadrants[number] + 1:02d}",
                    "x": centre[0],
                    "y": centre[1],
                    "cell": cell,
                    "geometry": shapely.intersection(cell, built, grid_size=0.1).buffer(0),
                }
            )
    rows += _outside(ground)
    table = gpd.GeoDataFrame(rows, crs=CRS)
    number = table.groupby("comuna").cumcount() + 1
    table["id"] = table["comuna"] + "-B" + number.map("{:02d}".format)
    slope = CANVAS.at(gaussian_filter(ground.slope_percent, 7), table[["x", "y"]].to_numpy())
    table["slope"] = slope
    table["poverty"] = _poverty(rng, table)
    centre = table["comuna"].isin(["01", "02"]).to_numpy()
    kinds = np.where(rng.random(len(table)) < 0.5, "grid", "brick")
    informal = (slope > 7) | (table["poverty"] > 39) | (rng.random(len(table)) < 0.05)
    table["kind"] = np.where(centre, "grid", np.where(informal, "organic", kinds))
    return table


def _outside(ground: Ground) -> list[dict[str, object]]:
    """Return the two barrios outside the boundary: beside the road south, and on the hills."""
    banks = RIVERS["Río Pamplonita"].buffer(75)
    taken = shapely.union_all([*ground.comunas.buffer(60), banks])
    places = [shapely.difference(_hamlet(*at), taken) for at in OUTSIDE]
    return [
        {
            "comuna": "FL",
            "cuadrante": "FL-01",
            "x": place.centroid.x,
            "y": place.centroid.y,
            "cell": place,
            "geometry": place,
        }
        for place in places
    ]


def _hamlet(east_km: float, north_km: float) -> shapely.Geometry:
    """Return the outline of a small settlement around a place: clearings grown together."""
    clearings = ((0.0, 0.0, 215), (0.24, 0.08, 180), (-0.17, 0.19, 165), (-0.1, -0.2, 140))
    discs = [
        shapely.Point(placed(east_km + east, north_km + north)).buffer(radius)
        for east, north, radius in clearings
    ]
    return shapely.union_all(discs).buffer(-40).buffer(40).simplify(12)


def _poverty(rng: np.random.Generator, barrios: gpd.GeoDataFrame) -> Floats:
    """Return a poverty index for each barrio, percent: the comuna's, more on slopes, and chance."""
    published = {each.id: each.poverty for each in DISTRICTS} | {"FL": 25.0}
    base = barrios["comuna"].map(published).to_numpy()
    smooth = CANVAS.at(smooth_noise(rng, CANVAS, 1300), barrios[["x", "y"]].to_numpy())
    slope = np.minimum(barrios["slope"], 25) / 25
    factor = np.exp(0.18 * smooth + rng.normal(0, 0.16, len(barrios)) + 0.25 * slope)
    mean = pd.Series(factor).groupby(barrios["comuna"].to_numpy()).transform("mean").to_numpy()
    return np.clip(base * factor / mean, 1.5, 62)


def _patterns(
    rng: np.random.Generator, barrios: gpd.GeoDataFrame, heights: Floats
) -> list[Pattern]:
    """Return how the streets of each barrio run: one grid for each quadrant, one for the centre."""
    down, right = np.gradient(heights, CANVAS.pixel_m)
    patterns: dict[str, Pattern] = {}
    places = barrios.groupby("cuadrante")[["x", "y"]].mean()
    for quadrant, (x, y) in places.iterrows():
        away = float(np.hypot(*km(np.array([x, y]))))
        turned = rng.normal(0, 9 if away < 2.5 else 28)
        along, across = rng.uniform(158, 205), rng.uniform(86, 102)
        angle = CENTRE_ANGLE_DEG + turned
        patterns[str(quadrant)] = Pattern("grid", angle, along, across, (x, y))
    found = []
    for row in barrios.itertuples():
        shared = patterns[row.cuadrante]
        if row.comuna == "01" or (row.comuna == "02" and row.x < placed(1.6, 0)[0]):
            # Published: streets 57 m apart (with the half-way lane), avenues 187 m.
            found.append(Pattern("grid", CENTRE_ANGLE_DEG, 187, 57, placed(0, 0)))
        elif row.kind == "organic":
            spot = np.array([[row.x, row.y]])
            uphill = np.degrees(np.arctan2(-CANVAS.at(down, spot)[0], CANVAS.at(right, spot)[0]))
            angle = uphill + 90 if row.slope > 7 else shared.angle_deg
            found.append(Pattern("organic", angle, 140, 108, (row.x, row.y)))
        else:
            found.append(replace(shared, kind=row.kind))
    return found


def _drawn(
    rng: np.random.Generator, barrios: gpd.GeoDataFrame, patterns: list[Pattern], ground: Ground
) -> gpd.GeoDataFrame:
    """Return the streets as drawn, not yet cut at crossings, with their tags."""
    rows: list[dict[str, object]] = []

    def add(line: shapely.Geometry, highway: str, name: str, paved: bool) -> None:  # noqa: FBT001
        rows.append({"geometry": line, "highway": highway, "name": name, "paved": paved})

    for pattern, row in quarters(barrios[["poverty", "geometry"]], patterns):
        paved = row.poverty < 33 and pattern.kind != "organic"
        for line in rim(row.geometry):
            add(line, "tertiary" if pattern.kind != "organic" else "residential", "", paved=True)
        inner = "residential" if pattern.kind != "organic" else "living_street"
        for line, name in inner_streets(rng, row.geometry, pattern):
            narrow = pattern.kind == "organic" and rng.random() < 0.45
            add(line, "path" if narrow else inner, name, paved and not narrow)
    joint = barrios.dissolve("cuadrante").geometry
    for name, shape in joint.items():
        for line in rim(shape):
            add(line, "secondary", f"Anillo {name}", paved=True)
    for shape, built in zip(ground.comunas.geometry, ground.built, strict=True):
        inside = shapely.intersection(shape.boundary, built.buffer(0.5))
        for line in shapely.get_parts(shapely.line_merge(inside)):
            if line.geom_type == "LineString" and line.length > 60:
                add(line, "primary", "Avenida Perimetral", paved=True)
    return gpd.GeoDataFrame(rows, crs=CRS)


def _crossings(lines: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    """Return the bridges: between the nodes closest to a crossing on the two sides of a river."""
    nodes, _, _ = parts_of_network(lines)
    rows = []
    for name, east, north in BRIDGES:
        spot = np.array(placed(east, north))
        stream = RIVERS["Río Pamplonita"]
        across = np.array(stream.interpolate(stream.project(shapely.Point(spot))).coords[0])
        right = _right_bank(stream, nodes)
        feet = []
        for side in (right, ~right):
            mine = nodes[side]
            feet.append(mine[int(np.hypot(*(mine - across).T).argmin())])
        rows.append({"geometry": shapely.LineString(feet), "name": name})
    for name, east, north in BORDER_BRIDGES:
        spot = np.array(placed(east, north))
        foot = nodes[int(np.hypot(*(nodes - spot).T).argmin())]
        stream = RIVERS["Río Táchira"]
        across = np.array(stream.interpolate(stream.project(shapely.Point(foot))).coords[0])
        beyond = across + (across - foot) / np.hypot(*(across - foot)) * 250
        rows.append({"geometry": shapely.LineString([foot, beyond]), "name": name})
    table = gpd.GeoDataFrame(rows, crs=CRS)
    return table.assign(highway="primary", paved=True)


def _right_bank(stream: shapely.LineString, points: Floats) -> np.ndarray:
    """Return which points lie east of a river that runs north."""
    xy = np.asarray(stream.coords)
    return points[:, 0] > np.interp(points[:, 1], xy[:, 1], xy[:, 0])


def make_fabric(rng: np.random.Generator, ground: Ground) -> Fabric:
    """Return barrios, streets, blocks and parks."""
    barrios = make_barrios(rng, ground)
    patterns = _patterns(rng, barrios, ground.heights)
    drawn = _drawn(rng, barrios, patterns, ground)
    lines = noded(list(drawn.geometry))
    crossings = _crossings(lines)
    lines, links = joined(noded([*lines, *crossings.geometry]))
    linked = gpd.GeoDataFrame(geometry=links, crs=CRS).assign(
        highway="tertiary", name="Vía de enlace", paved=True
    )
    sources = pd.concat([drawn, crossings, linked], ignore_index=True)
    streets = _tagged(lines, sources, ground)
    half_width = np.array([HALF_WIDTH_M[each.kind] for each in patterns])
    blocks = blocks_between(lines, barrios.geometry, half_width, 700)
    blocks["angle_deg"] = np.array([each.angle_deg for each in patterns])[blocks["place"]]
    return _with_parks(rng, Fabric(barrios, streets, blocks, _great_parks()))


def _tagged(
    lines: list[shapely.Geometry], sources: gpd.GeoDataFrame, ground: Ground
) -> gpd.GeoDataFrame:
    """Return the noded streets with the tags of OpenStreetMap that routing and maps read."""
    lines = _bridges_cut(lines)
    tags = labelled(lines, sources)
    table = gpd.GeoDataFrame(geometry=lines, crs=CRS)
    first, last = ends(lines)
    rise = np.abs(CANVAS.at(ground.heights, last) - CANVAS.at(ground.heights, first))
    steep = 100 * rise / np.maximum(table.length, 15) > _STEEP_PERCENT
    highway = tags["highway"].to_numpy()
    highway = np.where((highway == "path") & steep, "steps", highway)
    paved = tags["paved"].astype(bool).to_numpy()
    centre = tags["name"].str.startswith("Calle").to_numpy() & (highway == "residential")
    near = np.hypot(*(km(first)).T) < 1.5
    number = tags["name"].str.extract(r"(\d+)")[0].fillna("0").astype(int).to_numpy()
    table["highway"] = highway
    table["name"] = tags["name"].replace("", None).to_numpy()
    # As in OpenStreetMap, a tag that does not apply is absent.
    table["oneway"] = np.where(centre & near & (number % 4 != 0), "yes", None)
    table["bridge"] = np.where(
        table.intersects(shapely.union_all(list(RIVERS.values()))), "yes", None
    )
    table["surface"] = np.where(
        paved, "asphalt", np.where(highway == "steps", "concrete", "unpaved")
    )
    table["informal"] = np.where(np.isin(highway, ["path", "steps"]), "yes", None)
    return table


def _bridges_cut(lines: list[shapely.Geometry]) -> list[shapely.Geometry]:
    """Return the lines with each crossing of a river cut where the bridge begins and ends."""
    banks = shapely.union_all(
        [stream.buffer(RIVER_HALF_M[name] + 25) for name, stream in RIVERS.items()]
    )
    crossing = shapely.intersects(lines, shapely.union_all(list(RIVERS.values())))
    cut = [line for line, over in zip(lines, crossing, strict=True) if not over]
    for line in np.array(lines, dtype=object)[crossing]:
        over = shapely.get_coordinates(shapely.intersection(line, banks))
        ends_m = sorted(line.project(shapely.Point(over[at])) for at in (0, -1))
        pieces = [substring(line, *part) for part in pairwise([0.0, *ends_m, line.length])]
        cut += [piece for piece in shapely.set_precision(pieces, GRID_M) if piece.length > 0]
    return cut


def _great_parks() -> gpd.GeoDataFrame:
    """Return the parks of the plan: the riverside park and the reserves that are parks."""
    stream = RIVERS["Río Pamplonita"]
    band = stream.buffer(66).difference(stream.buffer(RIVER_HALF_M["Río Pamplonita"] + 6))
    reach = shapely.box(*placed(0, -1.6), *placed(5, 2.3))
    sides = shapely.get_parts(shapely.intersection(band, reach))
    west = min(sides, key=lambda each: each.centroid.x)
    rows = [{"nombre": "Malecón del Pamplonita", "geometry": west}]
    rows += [{"nombre": each.name, "geometry": ellipse(each)} for each in RESERVES if each.park]
    return gpd.GeoDataFrame(rows, crs=CRS)


def _with_parks(rng: np.random.Generator, fabric: Fabric) -> Fabric:
    """Return the fabric with some small blocks made parks: more of them where there is wealth."""
    blocks, barrios = fabric.blocks, fabric.barrios
    area = blocks.area.to_numpy()
    chosen: list[int] = []
    for at, barrio in enumerate(barrios.itertuples()):
        mean = np.clip(1.75 - 0.04 * barrio.poverty, 0.25, 1.5) * np.exp(-barrio.slope / 6)
        wanted = rng.poisson(mean)
        if barrio.comuna == "FL":
            wanted = at % 2
        mine = np.flatnonzero((blocks["place"].to_numpy() == at) & (area < 7500) & (area > 900))
        chosen += list(rng.choice(mine, min(wanted, len(mine)), replace=False))
    picked = np.sort(np.array(chosen))
    small = gpd.GeoDataFrame(geometry=blocks.geometry.to_numpy()[picked], crs=CRS)
    holder = barrios["id"].to_numpy()[blocks["place"].to_numpy()[picked]]
    small["nombre"] = [f"Parque {name}" for name in holder]
    parks = pd.concat([fabric.parks, small], ignore_index=True)
    rest = blocks.drop(index=picked).reset_index(drop=True)
    return Fabric(barrios, fabric.streets, rest, parks)
