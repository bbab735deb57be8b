"""Make the small synthetic twin of Manta: every file that its city.toml names.

Run ``python make_city.py``, or ``python make_city.py FOLDER`` to write elsewhere. The same
libraries give the same bytes. SOURCES.md says what is published and what is invented.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from making import files  # isort: skip - before GDAL is loaded

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from making.census import Blocks, Draw, Shape, ages, homes, work
from making.fields import Canvas, Floats, apportioned, sharpened, smooth_noise, spread, standardised
from making.places import neighbourhoods, outlined, power_cells, rounded, sited, sliced
from making.streets import Pattern, blocks_between, inner_streets, noded, quarters, rim

SEED = 130801
CRS = "EPSG:32717"
CENTRE = (-80.715, -0.958)
PEOPLE = 45_000
SAYS = (
    "Synthetic data: an invented, small twin of Manta, Ecuador. No real place, person or "
    "facility. CC0-1.0."
)
FILES = (
    "boundary.gpkg",
    "census.gpkg",
    "elevation.tif",
    "land_use.gpkg",
    "parishes.gpkg",
    "public_space.gpkg",
    "services.csv",
)
USES = ("residential", "commercial", "industrial", "institutional", "recreational")
# Parish: km east and north of the centre, share of the area, wealth.
PARISHES = (
    ("Manta", -0.35, 0.25, 0.24, 0.9),
    ("Tarqui", 0.55, 0.2, 0.20, 0.2),
    ("Los Esteros", 1.25, 0.05, 0.20, -0.3),
    ("Eloy Alfaro", 0.15, -0.6, 0.22, -0.6),
    ("San Mateo", -1.15, -0.1, 0.14, -0.5),
)
HUBS = ((-0.3, 0.3, 0.4, 1.0), (0.5, 0.25, 0.3, 0.7), (1.2, 0.1, 0.3, 0.4), (0.15, -0.5, 0.2, 0.3))
SHAPES = {
    "adequate_housing": Shape((5, 30, 60, 80, 100), (0.08, 0.22, 0.35, 0.35), 0.6),
    "sufficient_living_space": Shape((30, 55, 70, 85, 100), (0.10, 0.25, 0.40, 0.25), 0.6),
    "improved_water": Shape((10, 40, 70, 90, 100), (0.07, 0.15, 0.30, 0.48), 0.6),
    "sanitation": Shape((5, 30, 60, 85, 100), (0.12, 0.20, 0.33, 0.35), 0.6),
    "electricity": Shape((60, 85, 95, 100), (0.06, 0.24, 0.70), 0.5),
    "internet": Shape((0, 8, 20, 45, 80), (0.30, 0.30, 0.28, 0.12), 0.8),
    "solid_waste": Shape((0, 10, 30, 60, 95), (0.60, 0.22, 0.12, 0.06), -0.5),
    "employment": Shape((25, 42, 50, 58, 75), (0.15, 0.35, 0.35, 0.15), 0.5),
    "unemployment": Shape((1, 5, 9, 16, 35), (0.25, 0.40, 0.25, 0.10), -0.5),
    "youth_unemployment": Shape((1, 10, 20, 35, 60), (0.25, 0.40, 0.25, 0.10), -0.4),
    "unemployment_gap": Shape((0.4, 1.0, 1.6, 4.0), (0.30, 0.45, 0.25), 0.0),
    "informal_employment": Shape((0, 5, 15, 40), (0.40, 0.40, 0.20), -0.4),
    "age_diversity": Shape((1.2, 1.5, 1.7, 1.77), (0.10, 0.40, 0.50), 0.0),
}
MIX = Shape((0.0, 0.05, 0.5, 0.9, 1.5), (0.35, 0.30, 0.22, 0.13), 0.0)
KINDS = {"salud": (9, 1.5), "cultura": (3, 2.0), "educacion": (22, 0.4)}

_X0, _Y0 = (
    round(each, -1)
    for each in pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True).transform(*CENTRE)
)
CANVAS = Canvas(west=_X0 - 2_400, north=_Y0 + 1_800, pixel_m=30.0, rows=130, columns=160)


def local(xy: Floats) -> Floats:
    """Return places in km east and north of the centre."""
    return (xy - [_X0, _Y0]) / 1000


def bustle(xy: Floats) -> Floats:
    """Return how busy a place is, 0 to about 1."""
    places = local(xy)
    found = np.zeros(len(xy))
    for east, north, reach, strength in HUBS:
        away = np.hypot(places[:, 0] - east, places[:, 1] - north)
        found += strength * np.exp(-0.5 * (away / reach) ** 2)
    return found


def heights(rng: np.random.Generator) -> Floats:
    """Return heights: the sea in the north, a coastal shelf, and low hills behind it."""
    x, y = CANVAS.centres()
    inland = np.maximum(0, 0.75 - (y - _Y0) / 1000 + 0.1 * np.sin((x - _X0) / 700))
    hills = np.clip((inland - 0.9) / 1.2, 0, 1) * (45 + 22 * smooth_noise(rng, CANVAS, 600))
    return np.where(inland > 0, 2 + 9 * inland + hills, 0.0)


def parishes(rng: np.random.Generator, high: Floats) -> gpd.GeoDataFrame:
    """Return the parishes of the urban area: land within an ellipse with a ragged rim."""
    x, y = CANVAS.centres()
    u, v = (x - _X0 - 100) / 1680, (y - _Y0 + 130) / 1000
    mask = (u**2 + v**2 < 1 + 0.14 * smooth_noise(rng, CANVAS, 600)) & (high > 0)
    land = rounded(outlined(mask, CANVAS), 60)
    land = max(shapely.get_parts(land), key=lambda each: each.area)
    shapely.prepare(land)
    mask = shapely.contains(land, shapely.points(x, y))
    centres = np.array([(_X0 + 1000 * row[1], _Y0 + 1000 * row[2]) for row in PARISHES])
    owner = np.full(CANVAS.shape, -1)
    owner[mask] = power_cells(x[mask], y[mask], centres, np.array([row[3] for row in PARISHES]))
    stepped = [outlined(owner == at, CANVAS) for at in range(len(PARISHES))]
    smooth = shapely.coverage_simplify(np.array(stepped, dtype=object), 150)
    names = [row[0] for row in PARISHES]
    return gpd.GeoDataFrame(
        {"id": [f"P{n}" for n in range(1, 6)], "nombre": names}, geometry=smooth, crs=CRS
    )


def fabric(rng: np.random.Generator, area: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the blocks, with the parish of each and the direction of its streets."""
    rows, patterns = [], []
    x, y = (axis.ravel() for axis in CANVAS.centres())
    points = shapely.points(x, y)
    for at, parish in enumerate(area.geometry):
        shapely.prepare(parish)
        inside = shapely.contains(parish, points)
        spots = np.column_stack([x[inside], y[inside]])
        seats, cells = neighbourhoods(rng, spots, parish, 4)
        angle, along, across = rng.normal(5, 18), rng.uniform(115, 140), rng.uniform(70, 80)
        for seat, cell in zip(seats, cells, strict=True):
            hill = PARISHES[at][4] < -0.4 and rng.random() < 0.6
            shared = Pattern("brick", angle, along, across, tuple(spots.mean(axis=0)))
            patterns.append(Pattern("organic", angle, 120, 95, tuple(seat)) if hill else shared)
            rows.append({"parish": at, "geometry": cell})
    barrios = gpd.GeoDataFrame(rows, crs=CRS)
    lines: list[shapely.Geometry] = []
    for pattern, row in quarters(barrios, patterns):
        lines += rim(row.geometry)
        lines += [line for line, _ in inner_streets(rng, row.geometry, pattern)]
    blocks = blocks_between(noded(lines), barrios.geometry, np.full(len(barrios), 5.0), 700)
    blocks["parish"] = barrios["parish"].to_numpy()[blocks["place"]]
    blocks["angle_deg"] = np.array([each.angle_deg for each in patterns])[blocks["place"]]
    return blocks


def parks_of(rng: np.random.Generator, blocks: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, ...]:
    """Return the blocks that stay, and the small ones that are parks."""
    small = np.flatnonzero((blocks.area < 5000) & (blocks.area > 1200))
    wealth = np.array([row[4] for row in PARISHES])[blocks["parish"].to_numpy()[small]]
    weight = np.exp(wealth)
    picked = np.sort(rng.choice(small, 16, replace=False, p=weight / weight.sum()))
    parks = gpd.GeoDataFrame(geometry=blocks.geometry.to_numpy()[picked], crs=CRS)
    parks.insert(0, "nombre", [f"Parque {n:02d} (sintético)" for n in range(1, 17)])
    return blocks.drop(index=picked).reset_index(drop=True), parks


def census(
    rng: np.random.Generator, blocks: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return the census blocks of the city, and the employment of the parishes."""
    xy = shapely.get_coordinates(blocks.centroid.to_numpy())
    parish = blocks["parish"].to_numpy()
    base = np.array([row[4] for row in PARISHES])[parish]
    smooth = CANVAS.at(smooth_noise(rng, CANVAS, 500), xy)
    wealth = standardised(base + 0.3 * smooth + rng.normal(0, 0.3, len(xy)))
    weight = blocks.area.to_numpy() * np.exp(rng.normal(0, 0.45, len(xy)))
    weight *= np.where(rng.random(len(xy)) < 0.03, 0.0, np.clip(1.2 - 0.6 * bustle(xy), 0.3, 1))
    people = apportioned(PEOPLE, weight)
    draw = Draw(rng, CANVAS, Blocks(people, wealth, xy))
    counts = pd.DataFrame({"POBLACION": people} | homes(draw, SHAPES))
    jobs = pd.DataFrame(work(draw, SHAPES, ages(draw, SHAPES)))
    counts["PEA"], counts["DESOCUP"] = jobs["PEA"], jobs["DESOCUP"]
    counts.insert(0, "SECTOR", [f"1308{p + 1:02d}{n:04d}" for n, p in enumerate(parish, 1)])
    held = jobs[["OCUPADOS", "POB_15MAS"]].groupby(parish).sum()
    rates = (100 * held["OCUPADOS"] / held["POB_15MAS"]).round(1)
    return gpd.GeoDataFrame(counts, geometry=blocks.geometry, crs=CRS), rates


def services(rng: np.random.Generator, blocks: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return all services in one table, a column a kind, and one school beyond the boundary."""
    xy = shapely.get_coordinates(blocks.centroid.to_numpy())
    tables = []
    for kind, (count, pull) in KINDS.items():
        found = sited(rng, blocks, 0.05 + bustle(xy) ** pull, count)
        found["nombre"] = [f"{kind.capitalize()} {n:02d} (sintético)" for n in range(1, count + 1)]
        tables.append(found.assign(tipo=kind))
    beyond = shapely.Point(_X0 + 300, _Y0 - 1_500)
    tables.append(
        gpd.GeoDataFrame(
            {"nombre": ["Escuela rural (sintética)"], "tipo": ["educacion"]},
            geometry=[beyond],
            crs=CRS,
        )
    )
    table = pd.concat(tables, ignore_index=True)
    for kind in KINDS:
        table[kind] = (table["tipo"] == kind).astype(int)
    return table[["nombre", *KINDS, "geometry"]]


def land_use(
    rng: np.random.Generator, blocks: gpd.GeoDataFrame, parks: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return the uses of the land: every block in one or more strips, and the parks."""
    xy = shapely.get_coordinates(blocks.centroid.to_numpy())
    target = spread(bustle(xy) + rng.normal(0, 0.5, len(xy)), MIX.limits, MIX.shares)
    base = np.array([0.60, 0.22, 0.05, 0.08, 0.05]) * np.exp(rng.normal(0, 0.4, (len(xy), 5)))
    shares = sharpened(base / base.sum(axis=1, keepdims=True), target)
    strips, _, use = sliced(blocks.geometry.to_numpy(), shares, blocks["angle_deg"].to_numpy())
    rows = gpd.GeoDataFrame({"uso": np.array(USES)[use]}, geometry=strips, crs=CRS)
    green = gpd.GeoDataFrame(geometry=parks.geometry, crs=CRS).assign(uso="recreational")
    return pd.concat([rows, green], ignore_index=True)


def make_city(folder: Path) -> None:
    """Write all files of the city into a folder."""
    rng = np.random.default_rng(SEED)
    high = heights(rng)
    area = parishes(rng, high)
    blocks, parks = parks_of(rng, fabric(rng, area))
    counted, rates = census(rng, blocks)
    area["tasa_empleo"] = rates.to_numpy()
    table, uses = services(rng, blocks), land_use(rng, blocks, parks)
    files.emptied(folder, [*FILES, "manifest.json"])

    def write(table: gpd.GeoDataFrame, name: str, layer: str) -> None:
        files.write_layer(table, folder / name, layer, SAYS, indexed=False)

    outline = shapely.union_all(area.geometry.to_numpy())
    names = {"nombre": ["Manta (gemela sintética)"]}
    write(gpd.GeoDataFrame(names, geometry=[outline], crs=CRS), "boundary.gpkg", "limite")
    write(counted, "census.gpkg", "sectores")
    files.write_elevation(high, CANVAS, CRS, folder / "elevation.tif", SAYS)
    write(uses, "land_use.gpkg", "usos")
    write(area, "parishes.gpkg", "parroquias")
    write(parks, "public_space.gpkg", "espacio_publico")
    files.write_points(table, folder / "services.csv")
    files.write_manifest(folder, FILES)
    print(f"{len(blocks):,} blocks, {int(counted['POBLACION'].sum()):,} people")


if __name__ == "__main__":
    make_city(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
