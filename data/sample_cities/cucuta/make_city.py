"""Make the synthetic twin of Cúcuta and Villa del Rosario: every file that city.toml names.

Run ``python make_city.py``, or ``python make_city.py FOLDER`` to write elsewhere. The same
libraries give the same bytes. SOURCES.md says what is calibrated and what is invented.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from making import files  # isort: skip - before GDAL is loaded

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from calibration import (
    BEDS,
    CRS,
    CULTURE,
    DENSITY_SPREAD,
    DISTRICTS,
    HOSPITALS,
    HUBS,
    PEOPLE_OUTSIDE,
    RESERVES,
    SAYS,
    SCHOOLS_OF_CUCUTA,
    SCHOOLS_OF_VILLA_DEL_ROSARIO,
    SEATS,
    SEATS_OF_PRIVATE,
    SEATS_SEED,
    SEED,
    SHAPES,
    STATIONS,
    STRATA,
    VENEZUELANS,
)
from fabric import Fabric, make_fabric
from ground import CANVAS, RIVERS, Ground, ellipse, km, make_ground, placed
from making.census import Blocks, Draw, census
from making.fields import (
    Floats,
    Ints,
    apportioned,
    entropy,
    sharpened,
    smooth_noise,
    spread,
    standardised,
)
from making.places import sited, sliced

FILES = (
    "boundary.gpkg",
    "census.gpkg",
    "districts.gpkg",
    "education.csv",
    "elevation.tif",
    "land_use.gpkg",
    "public_space.gpkg",
    "rivers.gpkg",
    "services.gpkg",
    "streets.gpkg",
    "zones.gpkg",
)
USES = ("residential", "commercial", "industrial", "institutional", "recreational")


def bustle(xy: Floats) -> Floats:
    """Return how busy a place is, 0 to about 1: near the hubs of trade."""
    places = km(xy)
    found = np.zeros(len(xy))
    for east, north, reach, strength in HUBS:
        away = np.hypot(places[:, 0] - east, places[:, 1] - north)
        found += strength * np.exp(-0.5 * (away / reach) ** 2)
    return found


class Town:
    """The blocks with what the other layers are drawn from: wealth, people, slope and trade."""

    def __init__(self, rng: np.random.Generator, ground: Ground, fabric: Fabric) -> None:
        """Give each block its wealth and its people."""
        self.rng, self.ground, self.fabric = rng, ground, fabric
        self.blocks, self.barrios = fabric.blocks, fabric.barrios
        self.place = self.blocks["place"].to_numpy()
        self.xy = shapely.get_coordinates(self.blocks.centroid.to_numpy())
        self.slope = CANVAS.at(ground.slope_percent, self.xy)
        self.bustle = bustle(self.xy)
        self.comuna = self.barrios["comuna"].to_numpy()[self.place]
        self.wealth = self._wealth()
        self.people = self._people()

    def _wealth(self) -> Floats:
        """Return the wealth of the blocks: of their barrio, with a smooth field and chance."""
        poverty = self.barrios["poverty"].to_numpy()[self.place]
        smooth = CANVAS.at(smooth_noise(self.rng, CANVAS, 700), self.xy)
        chance = self.rng.standard_normal(len(self.blocks))
        slope = np.minimum(self.slope, 30) / 30
        return standardised(-poverty / 9.5 + 0.3 * smooth + 0.3 * chance - 0.5 * slope)

    def _people(self) -> Ints:
        """Return the people of the blocks: of their comuna, spread by barrio, area and chance."""
        rng = self.rng
        hectares = self.barrios.area.to_numpy() / 1e4
        # Large barrios are the sparse ones.
        dense = (hectares + 4) ** -0.45 * np.exp(rng.normal(0, DENSITY_SPREAD, len(hectares)))
        gross = hectares * dense
        area = self.blocks.area.to_numpy()
        smooth = CANVAS.at(smooth_noise(rng, CANVAS, 500), self.xy)
        chance = np.exp(0.2 * smooth + rng.normal(0, 0.4, len(area)))
        trade = np.clip(1.15 - 0.75 * self.bustle, 0.2, 1)
        few = rng.random(len(area)) < 0.035
        nobody = rng.random(len(area)) < np.clip(0.015 + 0.06 * self.bustle, 0, 0.12)
        weight = area * chance * np.where(nobody, 0.0, np.where(few, 0.04, 1.0)) * trade
        # A barrio's people stay in it, however its blocks share them.
        held = np.bincount(self.place, weights=weight, minlength=len(gross))
        weight = weight / held[self.place] * gross[self.place]
        people = np.zeros(len(area), np.int64)
        totals = {each.id: each.people for each in DISTRICTS} | {"FL": PEOPLE_OUTSIDE}
        for comuna, total in totals.items():
            mine = self.comuna == comuna
            people[mine] = apportioned(total, weight[mine])
        return people

    def census(self) -> gpd.GeoDataFrame:
        """Return the census blocks with all their counts."""
        draw = Draw(self.rng, CANVAS, Blocks(self.people, self.wealth, self.xy))
        strata = np.ones(len(self.people))
        lived = self.people > 0
        strata[lived] = spread(self.wealth[lived], STRATA.limits, STRATA.shares)
        counts = census(draw, SHAPES, strata, self._migrants())
        number = self.barrios["id"].to_numpy()[self.place]
        order = pd.Series(number).groupby(number).cumcount() + 1
        counts.insert(0, "MANZANA", [f"{a}-{b:03d}" for a, b in zip(number, order, strict=True)])
        counts.insert(1, "BARRIO", number)
        counts.insert(2, "COMUNA", self.comuna)
        return gpd.GeoDataFrame(counts, geometry=self.blocks.geometry.to_numpy(), crs=CRS)

    def _migrants(self) -> Floats:
        """Return the chance that a person of a block is of Venezuelan origin."""
        smooth = CANVAS.at(smooth_noise(self.rng, CANVAS, 900), self.xy)
        relative = np.exp(-0.28 * self.wealth + 0.3 * smooth)
        chance = np.full(len(relative), 0.12) * relative
        rosario = self.comuna == "VR"
        for mine, total in (
            (rosario, VENEZUELANS["Villa del Rosario"]),
            (~rosario & (self.comuna != "FL"), VENEZUELANS["Cúcuta"]),
        ):
            expected = (relative * self.people)[mine].sum()
            chance[mine] = relative[mine] * total / expected
        return np.minimum(chance, 0.85)

    def services(self) -> dict[str, gpd.GeoDataFrame]:
        """Return health centres, hospitals, culture and commerce."""
        return {
            "salud": self._health(),
            "hospitales": self._hospitals(),
            "cultura": self._listed(CULTURE),
            "comercio": self._commerce(),
        }

    def _listed(self, places: tuple[tuple[str, float, float], ...]) -> gpd.GeoDataFrame:
        """Return named places, given in km, each at the closest block."""
        shapes = self.blocks.geometry.to_numpy()
        rows = []
        for name, east, north in places:
            spot = placed(east, north)
            nearest = int(np.hypot(*(self.xy - spot).T).argmin())
            rows.append({"nombre": name, "geometry": shapely.point_on_surface(shapes[nearest])})
        return gpd.GeoDataFrame(rows, crs=CRS)

    def _hospitals(self) -> gpd.GeoDataFrame:
        """Return the hospitals with their beds."""
        table = self._listed(HOSPITALS).assign(camas=np.array(BEDS, np.int64))
        return table[["nombre", "camas", "geometry"]]

    def _health(self) -> gpd.GeoDataFrame:
        """Return health centres: as many in each comuna as published, near trade, off the hills."""
        tables = []
        flat = np.exp(-np.minimum(self.slope, 40) / 3)
        for each in DISTRICTS:
            mine = self.blocks[self.comuna == each.id]
            weight = (0.0002 + self.bustle**3)[mine.index] * flat[mine.index]
            found = sited(self.rng, mine, weight, each.health)
            found["comuna"] = each.id
            tables.append(found)
        outside = self.blocks[self.barrios["id"].to_numpy()[self.place] == "FL-B01"]
        tables.append(sited(self.rng, outside, np.ones(len(outside)), 1).assign(comuna="FL"))
        table = pd.concat(tables, ignore_index=True)
        public = np.zeros(len(table), bool)
        for comuna in ("01", "02", "03", "04", "05", "06", "07", "08", "09", "10"):
            public[int(np.flatnonzero(table["comuna"] == comuna)[0])] = True
        kinds = np.where(public, "Unidad básica", "Consultorio")
        table["nombre"] = [f"{kind} {n:03d} (sintético)" for n, kind in enumerate(kinds, 1)]
        table["red_publica"] = public.astype(np.int32)
        return table[["nombre", "red_publica", "geometry"]]

    def education(self) -> gpd.GeoDataFrame:
        """Return school sites: the published total, by people and by the published pattern."""
        city = [each for each in DISTRICTS if each.id != "VR"]
        weight = np.array([each.schools / 187 + each.people / 675_140 for each in city])
        counts = dict(
            zip([each.id for each in city], apportioned(SCHOOLS_OF_CUCUTA, weight), strict=True)
        )
        counts |= {"VR": SCHOOLS_OF_VILLA_DEL_ROSARIO, "FL": 2}
        tables = []
        gentle = np.exp(-np.minimum(self.slope, 40) / 4.5)
        for comuna, count in counts.items():
            mine = self.blocks[self.comuna == comuna]
            weight = (0.15 + self.bustle[mine.index]) * gentle[mine.index]
            tables.append(sited(self.rng, mine, weight, int(count)))
        table = pd.concat(tables, ignore_index=True)
        private = self.rng.random(len(table)) < 194 / 352
        table["nombre"] = [f"Sede educativa {n:03d}" for n in range(1, len(table) + 1)]
        table["sector"] = np.where(private, "privado", "oficial")
        table["cupos"] = seats(private)
        table["origen"] = "sintético"
        return table[["nombre", "sector", "cupos", "origen", "geometry"]]

    def _commerce(self) -> gpd.GeoDataFrame:
        """Return places of commerce and services, thick around the hubs, thin on the hills."""
        weight = (0.014 + self.bustle**2) * np.exp(-np.minimum(self.slope, 40) / 12)
        table = sited(self.rng, self.blocks, weight, 280)
        table["nombre"] = [f"Zona comercial {n:03d} (sintética)" for n in range(1, len(table) + 1)]
        return table[["nombre", "geometry"]]

    def land_use(self) -> gpd.GeoDataFrame:
        """Return the uses of the land: every block in one to five strips, parks, and reserves."""
        smooth = CANVAS.at(smooth_noise(self.rng, CANVAS, 800), self.xy)
        chance = self.rng.standard_normal(len(self.xy))
        score = 1.0 * np.minimum(self.bustle, 1.2) + 0.45 * smooth + 0.55 * chance
        shape = SHAPES["land_use_mix"]
        target = spread(score, shape.limits, shape.shares)
        base = np.array([0.62, 0.2, 0.04, 0.09, 0.05])
        jumbled = base * np.exp(self.rng.normal(0, 0.45, (len(score), 5)))
        jumbled[:, 1] *= 1 + 2.0 * np.minimum(self.bustle, 1.2)
        shares = sharpened(jumbled / jumbled.sum(axis=1, keepdims=True), target)
        shares[entropy(shares) < 0.06] = [1, 0, 0, 0, 0]
        turned = self.blocks["angle_deg"].to_numpy()
        strips, _, use = sliced(self.blocks.geometry.to_numpy(), shares, turned)
        rows = gpd.GeoDataFrame({"uso": np.array(USES)[use]}, geometry=strips, crs=CRS)
        parks = gpd.GeoDataFrame(geometry=self.fabric.parks.geometry, crs=CRS)
        return pd.concat([rows, parks.assign(uso="recreational"), _grounds()], ignore_index=True)

    def zones(self) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
        """Return police quadrants with what was recorded there, and life expectancy by sector."""
        cells = gpd.GeoDataFrame(
            self.barrios[["id", "comuna", "cuadrante"]], geometry=self.barrios["cell"], crs=CRS
        )
        wealth = pd.Series(self.wealth).groupby(self.place).mean().to_numpy()
        noise = Draw(
            self.rng, CANVAS, Blocks(np.ones(len(cells)), standardised(wealth), self._seats())
        )
        sectors = cells[["id", "comuna", "geometry"]].copy()
        mean = noise.rate(SHAPES["life_expectancy"], per=1)
        gap = noise.rate(SHAPES["life_expectancy_gap"], per=1)
        women, men = (2 * mean * gap / (1 + gap)).round(1), (2 * mean / (1 + gap)).round(1)
        sectors["esperanza"] = ((women + men) / 2).round(1)
        sectors["esp_mujeres"], sectors["esp_hombres"] = women, men
        return self._quadrants(cells, wealth), sectors

    def _seats(self) -> Floats:
        """Return the places of the barrios."""
        return self.barrios[["x", "y"]].to_numpy()

    def _quadrants(self, cells: gpd.GeoDataFrame, wealth: Floats) -> gpd.GeoDataFrame:
        """Return the police quadrants with thefts and homicides of a year, and their people."""
        table = cells.dissolve("cuadrante")[["geometry"]]
        of_block = self.barrios["cuadrante"].to_numpy()[self.place]
        held = pd.Series(self.people).groupby(of_block).sum().reindex(table.index)
        seats = pd.DataFrame(self._seats()).groupby(self.barrios["cuadrante"].to_numpy()).mean()
        mean = pd.Series(wealth).groupby(self.barrios["cuadrante"].to_numpy()).mean()
        rich = standardised(mean.reindex(table.index).to_numpy())
        xy = seats.reindex(table.index).to_numpy()
        busy = standardised(bustle(xy))
        rng, n = self.rng, len(table)
        thefts = SHAPES["theft_rate"]
        rate = spread(
            1.0 * busy + 0.3 * rich + 0.5 * rng.standard_normal(n), thefts.limits, thefts.shares
        )
        table["hurtos"] = np.rint(rate * held / 1e5).astype(np.int64)
        killings = SHAPES["homicide_rate"]
        rate = spread(-rich + 1.3 * rng.standard_normal(n), killings.limits, killings.shares)
        table["homicidios"] = np.maximum(1, np.rint(rate * held / 1e5)).astype(np.int64)
        table["poblacion"] = held.to_numpy()
        return table.reset_index()


def seats(private: npt.NDArray[np.bool_]) -> Ints:
    """Return the seats of schools, by a seed of their own."""
    rng = np.random.default_rng(SEATS_SEED)
    size = np.exp(rng.normal(0, 0.6, len(private)))
    return apportioned(SEATS, size * np.where(private, SEATS_OF_PRIVATE, 1.0))


def _grounds() -> gpd.GeoDataFrame:
    """Return the land use of the grounds that are no parks: airport and industry."""
    rows = [{"uso": each.use, "geometry": ellipse(each)} for each in RESERVES if not each.park]
    return gpd.GeoDataFrame(rows, crs=CRS)


def stations() -> gpd.GeoDataFrame:
    """Return the air-quality stations."""
    rows = [
        {
            "nombre": f"Estación {name} (sintética)",
            "pm10": value,
            "geometry": shapely.Point(placed(*at)),
        }
        for name, *at, value in STATIONS
    ]
    return gpd.GeoDataFrame(rows, crs=CRS)


def barrios_table(town: Town) -> gpd.GeoDataFrame:
    """Return the barrios with their people, their density and their poverty."""
    barrios = town.barrios
    people = np.bincount(town.place, weights=town.people, minlength=len(barrios))
    table = barrios[["id", "comuna", "geometry"]].copy()
    table["nombre"] = "Barrio " + table["id"]
    table["poblacion"] = people.astype(np.int64)
    table["densidad"] = (people / (table.area / 1e4)).round(1)
    table["pobreza"] = held_to_comunas(barrios["poverty"].to_numpy(), people, barrios)
    inside = table["comuna"] != "FL"
    return table[inside].reset_index(drop=True)


def held_to_comunas(poverty: Floats, people: Floats, barrios: gpd.GeoDataFrame) -> Floats:
    """Return poverty scaled so that its mean over the people of a comuna is the published one."""
    published = {each.id: each.poverty for each in DISTRICTS} | {"FL": 25.0}
    comuna = barrios["comuna"]
    total = (pd.Series(poverty * people)).groupby(comuna).transform("sum")
    mean = total / pd.Series(people).groupby(comuna).transform("sum")
    return (poverty * comuna.map(published) / mean).round(1).to_numpy()


def make_city(folder: Path) -> None:
    """Write all files of the city into a folder."""
    rng = np.random.default_rng(SEED)
    ground = make_ground(rng)
    fabric = make_fabric(rng, ground)
    town = Town(rng, ground, fabric)
    blocks = town.census()
    services = town.services() | {"aire": stations()}
    schools, land_use = town.education(), town.land_use()
    quadrants, sectors = town.zones()
    files.emptied(folder, [*FILES, "manifest.json"])

    def write(table: gpd.GeoDataFrame, name: str, layer: str) -> None:
        # The two layers with most rows go without an index, to stay small.
        indexed = name not in {"land_use.gpkg", "streets.gpkg"}
        files.write_layer(table, folder / name, layer, SAYS, indexed=indexed)

    outline = shapely.union_all(ground.comunas.geometry.to_numpy())
    names = {"nombre": ["Cúcuta y Villa del Rosario (gemela sintética)"]}
    write(gpd.GeoDataFrame(names, geometry=[outline], crs=CRS), "boundary.gpkg", "limite")
    write(blocks, "census.gpkg", "manzanas")
    write(ground.comunas, "districts.gpkg", "comunas")
    write(barrios_table(town), "districts.gpkg", "barrios")
    files.write_points(schools, folder / "education.csv")
    files.write_elevation(ground.heights, CANVAS, CRS, folder / "elevation.tif", SAYS)
    write(land_use, "land_use.gpkg", "usos")
    write(fabric.parks[["nombre", "geometry"]], "public_space.gpkg", "espacio_publico")
    lines = gpd.GeoDataFrame({"nombre": list(RIVERS)}, geometry=list(RIVERS.values()), crs=CRS)
    write(lines, "rivers.gpkg", "rios")
    for layer, table in services.items():
        write(table, "services.gpkg", layer)
    write(fabric.streets, "streets.gpkg", "vias")
    write(quadrants, "zones.gpkg", "cuadrantes")
    write(sectors, "zones.gpkg", "sectores")
    files.write_manifest(folder, FILES)
    people = int(blocks["POB_TOT"].sum())
    print(f"{len(blocks):,} blocks, {people:,} people, {len(fabric.streets):,} street segments")


if __name__ == "__main__":
    make_city(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
