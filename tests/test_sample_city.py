"""The synthetic twins: their files, and the published figures that they must reproduce."""

import hashlib
import json
import sqlite3
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from inclusion_marker.city import Cells, City, load_city
from inclusion_marker.marker import Marker, compute

CUCUTA = load_city("cucuta").root
MANTA = load_city("manta").root
MOST_BYTES = 10 * 2**20


@dataclass(frozen=True)
class Classes:
    """The five classes of an indicator as published: limits rising, the range closed or open."""

    limits: tuple[float, ...]
    low: float
    high: float


def published(*classes: tuple[float, float], step: float) -> Classes:
    """Return classes from the legend's pairs.

    Legends print whole or rounded numbers (0-500, 501-1000): the limit between two classes is
    half-way between the printed ends, where rounding to the legend's step changes the class. For
    the same reason the range is half a step wider than printed.
    """
    rising = sorted(classes)
    limits = tuple((below[1] + above[0]) / 2 for below, above in pairwise(rising))
    return Classes(limits, rising[0][0] - step / 2, rising[-1][1] + step / 2)


OPEN = float("inf")
# Legends of UN-Habitat's public viewer of Cúcuta and Villa del Rosario (2020-2022), retyped.
# Thefts and homicides are read per 100,000, as the method does; the legend says per 10,000.
PUBLISHED = {
    "adequate_housing": published((0, 15), (16, 35), (36, 65), (66, 85), (86, 100), step=1),
    "sufficient_living_space": published((20, 50), (51, 60), (61, 70), (71, 80), (81, 100), step=1),
    "improved_water": published((0, 20), (21, 40), (41, 60), (61, 80), (81, 100), step=1),
    "sanitation": published((0, 20), (21, 40), (41, 60), (61, 80), (81, 100), step=1),
    "electricity": published((0, 43), (44, 73), (74, 89), (90, 97), (98, 100), step=1),
    "internet": published((0, 13), (14, 32), (33, 51), (52, 85), (86, 100), step=1),
    "economic_dependency": published(
        (0, 1.56), (1.57, 2.31), (2.32, 3.09), (3.10, 3.60), (3.61, 48.0), step=0.01
    ),
    "stratum": published((1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), step=1),
    "health_distance": published(
        (0, 500), (501, 1000), (1001, 3000), (3001, 5000), (5001, 11225), step=1
    ),
    "hospital_distance": published(
        (0, 500), (501, 1000), (1001, 3000), (3001, 5000), (5001, 12982), step=1
    ),
    "pm10": published((21, 24), (25, 27), (28, 30), (31, 33), (34, 36), step=1),
    "solid_waste": published((0, 20), (21, 40), (41, 60), (61, 80), (81, 100), step=1),
    "life_expectancy": published((39, 67), (68, 69), (70, 71), (72, 73), (74, 78), step=1),
    "life_expectancy_gap": published(
        (0.35, 0.99), (1.00, 1.04), (1.05, 1.09), (1.10, 1.13), (1.14, 2.27), step=0.01
    ),
    "culture_distance": published(
        (0, 500), (501, 1000), (1001, 3000), (3001, 5000), (5001, 12269), step=1
    ),
    "education_distance": published(
        (0, 150), (151, 300), (301, 500), (501, 1500), (1501, 3012), step=1
    ),
    "income_diversity": published(
        (0, 0.12), (0.13, 0.33), (0.34, 0.54), (0.55, 0.77), (0.78, 1.52), step=0.01
    ),
    "education_diversity": published(
        (0, 0.46), (0.47, 1.07), (1.08, 1.33), (1.34, 1.55), (1.56, 1.98), step=0.01
    ),
    "age_diversity": published(
        (0, 0.50), (0.51, 1.17), (1.18, 1.38), (1.39, 1.50), (1.51, 1.77), step=0.01
    ),
    "ethnic_diversity": published(
        (0, 0.02), (0.03, 0.08), (0.09, 0.14), (0.15, 0.24), (0.25, 0.50), step=0.01
    ),
    "schooling_years": published((3, 8), (9, 11), (12, 13), (14, 15), (16, 18), step=1),
    "schooling_gap": published(
        (0, 0.90), (0.91, 1.06), (1.07, 1.20), (1.21, 1.91), (1.92, 8.33), step=0.01
    ),
    "public_space_distance": published(
        (0, 150), (151, 500), (501, 1000), (1001, 2000), (2001, 6747), step=1
    ),
    "public_space_per_person": published(
        (0, 0.20), (0.21, 0.26), (0.27, 0.84), (0.85, 2.28), (2.29, OPEN), step=0.01
    ),
    "residential_density": published(
        (0, 149), (150, 200), (201, 300), (301, 400), (401, OPEN), step=1
    ),
    "land_use_mix": published(
        (0, 0.29), (0.30, 0.53), (0.54, 0.78), (0.79, 1.05), (1.06, 1.67), step=0.01
    ),
    "theft_rate": published((0, 107), (108, 179), (180, 270), (271, 435), (436, 1550), step=1),
    "homicide_rate": published((6, 10), (11, 15), (16, 18), (19, 23), (24, 51), step=1),
    "commerce_distance": published(
        (0, 300), (301, 500), (501, 1000), (1001, 2000), (2001, 3949), step=1
    ),
    "unemployment": published((0, 6), (7, 14), (15, 24), (25, 41), (42, 92), step=1),
    "employment": published((0, 35), (36, 45), (46, 52), (53, 62), (63, 100), step=1),
    "youth_unemployment": published((0, 10), (11, 26), (27, 41), (42, 58), (59, 90), step=1),
    "unemployment_gap": published(
        (0, 0.99), (1.00, 1.54), (1.55, 2.56), (2.57, 4.71), (4.72, 12.60), step=0.01
    ),
    "informal_employment": published(
        (0, 0.85), (0.86, 2.98), (2.99, 5.10), (5.11, 9.63), (9.64, 100), step=0.01
    ),
}
# The marker's own legend: 35.98-53.28 / 53.29-60.88 / 60.89-66.29 / 66.30-71.12 / 71.13-80.85.
MARKER_MIDDLE = (60.89, 66.29)

# Comuna: km², barrios, people, health points. Areas and health points: layers of the same viewer.
# People and barrios: De la Cruz (2026), Zenodo 10.5281/zenodo.18765372, estimate for 2018.
COMUNAS = {
    "01": (2.55, 8, 18_899, 21),
    "02": (6.31, 24, 37_138, 126),
    "03": (4.50, 18, 51_948, 8),
    "04": (6.52, 24, 67_417, 17),
    "05": (5.44, 25, 49_068, 24),
    "06": (7.80, 44, 109_672, 35),
    "07": (14.30, 23, 96_438, 25),
    "08": (12.01, 32, 110_458, 11),
    "09": (7.97, 25, 79_869, 10),
    "10": (3.69, 18, 54_233, 3),
}
POVERTY = {
    "01": 12.7, "02": 4.2, "03": 24.6, "04": 16.3, "05": 12.6,
    "06": 27.8, "07": 30.3, "08": 33.9, "09": 32.4, "10": 23.7,
}  # fmt: skip


def on_blocks(city: City) -> City:
    """Return the city with its census blocks as cells."""
    cells = Cells(kind="polygons", file="census.gpkg", layer="manzanas", id="MANZANA")
    return city.model_copy(update={"cells": cells})


@pytest.fixture(scope="module")
def blocks() -> Marker:
    """Return the marker of Cúcuta's twin on its census blocks."""
    return compute(on_blocks(load_city("cucuta")), method="uim-v1")


@pytest.fixture(scope="module")
def hexagons() -> Marker:
    """Return the marker of Cúcuta's twin on H3 cells."""
    return compute("cucuta", method="uim-v1")


@pytest.fixture(scope="module")
def on_foot() -> Marker:
    """Return the marker of Cúcuta's twin by the default method, on its streets."""
    return compute("cucuta")


@pytest.fixture(scope="module")
def manta() -> Marker:
    """Return the marker of Manta's twin, the minimum lowered on purpose."""
    return compute("manta", min_coverage=0.3)


def class_shares(values: pd.Series, classes: Classes) -> tuple[float, list[float]]:
    """Return the share of the values inside the published range, and in each class."""
    known = values.dropna().to_numpy()
    inside = float(((known >= classes.low) & (known <= classes.high)).mean())
    held = np.bincount(np.searchsorted(classes.limits, known), minlength=len(classes.limits) + 1)
    return inside, [float(each) for each in held / len(known)]


def class_table(marker: Marker) -> pd.DataFrame:
    """Return for each indicator the share inside the range and in each class, percent."""
    rows = {}
    for key, classes in PUBLISHED.items():
        inside, shares = class_shares(marker.raw[key], classes)
        rows[key] = {"inside": 100 * inside} | {n: 100 * s for n, s in enumerate(shares, 1)}
    return pd.DataFrame.from_dict(rows, orient="index").round(1)


def test_published_classes__cover_the_34_indicators(blocks: Marker) -> None:
    assert set(PUBLISHED) == set(blocks.method.indicators)


def test_blocks__lie_in_the_published_range_of_every_indicator(
    blocks: Marker, hexagons: Marker
) -> None:
    table = class_table(blocks)
    both = pd.concat([table, class_table(hexagons).add_prefix("H3 ")], axis=1)
    print()  # noqa: T201 - pytest -s shows the table
    print(both.to_string())  # noqa: T201 - pytest -s shows the table
    classes = table.drop(columns="inside")
    outside = table.index[table["inside"] < 90]
    empty = classes.index[(classes <= 0).any(axis=1)]
    crowded = classes.index[classes.max(axis=1) > 85]
    assert (list(outside), list(empty), list(crowded)) == ([], [], [])


def test_blocks__carry_a_marker_that_spreads_as_the_published_one(
    blocks: Marker, hexagons: Marker
) -> None:
    parts = [1, 25, 50, 75, 99]
    low, _, median, _, high = np.nanpercentile(blocks.scores.marker, parts)
    for name, marker in (("blocks", blocks), ("H3", hexagons)):
        shown = np.nanpercentile(marker.scores.marker, parts).round(1)
        print(f"{name}: percentiles {parts} of the marker: {shown}")  # noqa: T201
    assert low >= 33
    assert high <= 83
    assert high - low >= 25
    assert MARKER_MIDDLE[0] - 3 <= median <= MARKER_MIDDLE[1] + 3


def test_blocks__are_scored_where_people_live(blocks: Marker) -> None:
    lived = blocks.context["people"] > 0
    assert blocks.scores.marker[lived].notna().mean() >= 0.95
    assert 4_500 <= len(lived) <= 5_500


def test_hexagons__have_all_34_indicators_and_a_finite_marker(hexagons: Marker) -> None:
    assert hexagons.raw.notna().any().all()
    marker = hexagons.scores.marker.dropna()
    assert len(marker) > 700
    assert marker.between(0, 100).all()
    assert hexagons.city.synthetic


def test_hexagons__leave_out_the_people_beyond_the_boundary(hexagons: Marker) -> None:
    people = hexagons.provenance["conservation"][0]
    assert people["people_in"] == 675_140 + 110_000 + 5_797
    assert people["outside"] == pytest.approx(5_797)
    assert people["lost"] == 0


def test_hexagons__show_the_centre_ahead_of_the_west(hexagons: Marker) -> None:
    assert hexagons.districts is not None
    marker = hexagons.districts["marker"]
    centre, west = marker[["01", "02"]], marker[["07", "08", "09"]]
    assert centre.min() - west.max() > 5


def test_streets__bring_the_marker_of_the_city_down_a_little(
    on_foot: Marker, hexagons: Marker
) -> None:
    assert on_foot.method.id == "uim"
    assert on_foot.notices == ()
    means = [each.means()["people_weighted"]["marker"] for each in (on_foot, hexagons)]
    assert means == pytest.approx([66.0, 67.7], abs=0.1)
    scored = [each.scores.marker.notna() for each in (on_foot, hexagons)]
    assert scored[0].equals(scored[1])


def test_minutes__are_never_fewer_than_a_straight_run_would_take(
    on_foot: Marker, hexagons: Marker
) -> None:
    """Nobody is faster than 6 km/h by Tobler's function, nor nearer than as the crow flies."""
    timed = [key for key, card in on_foot.method.indicators.items() if card.unit == "min"]
    assert len(timed) == 6
    for key in timed:
        minutes = on_foot.raw[key]
        assert minutes[on_foot.people > 0].notna().all()
        straight_m = hexagons.raw[key] / hexagons.terrain["slope_factor"]
        known = minutes.notna() & straight_m.notna()
        assert (minutes[known] * 100 >= straight_m[known] - 1).all(), key


def test_beds_and_seats__are_handed_out_whole_to_the_people_in_reach(on_foot: Marker) -> None:
    """Luo and Wang (2003): access times people adds up to the supply that anybody reaches."""
    lived_in = shapely.union_all(on_foot.grid.cells.geometry[on_foot.people > 0])
    for key, layer, column in (
        ("hospital_beds_access", "hospitals", "beds"),
        ("school_seats_access", "education", "seats"),
    ):
        held = (on_foot.raw[key] * on_foot.people).sum() / 1000
        table = on_foot.layers[layer]
        # Two schools on the western hills serve a barrio beyond the boundary, and no cell.
        reached = table.distance(lived_in) < 1000
        assert (~reached).sum() == (2 if layer == "education" else 0)
        assert held == pytest.approx(table[column][reached].sum(), rel=1e-9), key


def test_hospitals_and_schools__have_beds_and_seats_for_the_supplementary_indicators() -> None:
    hospitals = gpd.read_file(CUCUTA / "services.gpkg", layer="hospitales")
    assert hospitals["camas"].tolist() == [620, 280, 240, 190]
    schools = pd.read_csv(CUCUTA / "education.csv")
    assert schools["cupos"].sum() == 172_000
    assert schools["cupos"].min() > 0
    size = schools.groupby("sector")["cupos"].mean()
    assert size["privado"] < 0.6 * size["oficial"]


@pytest.mark.parametrize("city", ["cucuta", "manta"])
def test_census__counts_are_whole_and_no_part_exceeds_its_whole(city: str) -> None:
    here = load_city(city)
    table = gpd.read_file(here.root / "census.gpkg")
    names = here.layers["census"].columns
    columns = here.own_method().layers["census"].columns
    for ours, theirs in names.items():
        if columns[ours].measure == "extensive":
            assert table[theirs].dtype.kind == "i", theirs
            assert table[theirs].min() >= 0, theirs
        whole = columns[ours].part_of
        if whole in names:
            assert (table[theirs] <= table[names[whole]]).all(), theirs


def test_census__has_the_published_people_of_each_comuna() -> None:
    table = gpd.read_file(CUCUTA / "census.gpkg")
    people = table.groupby("COMUNA")["POB_TOT"].sum()
    for comuna, (_, _, published_people, _) in COMUNAS.items():
        assert people[comuna] == published_people
    assert people["FL"] == 5_797
    assert table["MANZANA"].is_unique


def test_census__has_the_published_people_of_venezuelan_origin() -> None:
    # Migración Colombia, May 2020: Cúcuta 106,436 and Villa del Rosario 39,373.
    found = gpd.read_file(CUCUTA / "census.gpkg").groupby("COMUNA")["POB_VEN"].sum()
    assert found[list(COMUNAS)].sum() == pytest.approx(106_436, rel=0.02)
    assert found["VR"] == pytest.approx(39_373, rel=0.02)


def test_comunas__have_the_published_areas_and_barrios() -> None:
    comunas = gpd.read_file(CUCUTA / "districts.gpkg", layer="comunas").set_index("id")
    barrios = gpd.read_file(CUCUTA / "districts.gpkg", layer="barrios")
    for comuna, (area_km2, count, _, _) in COMUNAS.items():
        assert comunas.geometry[comuna].area / 1e6 == pytest.approx(area_km2, rel=0.03)
        assert (barrios["comuna"] == comuna).sum() == count


def test_barrios__have_the_published_densities_and_poverty() -> None:
    barrios = gpd.read_file(CUCUTA / "districts.gpkg", layer="barrios")
    barrios = barrios[barrios["comuna"] != "VR"]
    quartiles = np.percentile(barrios["densidad"], [25, 50, 75])
    assert quartiles == pytest.approx([106, 146, 192], rel=0.12)
    poor = (barrios["pobreza"] * barrios["poblacion"]).groupby(barrios["comuna"]).sum()
    mean = poor / barrios.groupby("comuna")["poblacion"].sum()
    assert mean.to_dict() == pytest.approx(POVERTY, abs=0.3)


def test_services__are_as_many_as_published_and_some_lie_beyond_the_boundary() -> None:
    comunas = gpd.read_file(CUCUTA / "districts.gpkg", layer="comunas")
    health = gpd.read_file(CUCUTA / "services.gpkg", layer="salud")
    inside = health.sjoin(comunas, predicate="within").groupby("id").size()
    for comuna, (_, _, _, count) in COMUNAS.items():
        assert inside[comuna] == count
    assert inside["VR"] == 10
    assert len(health) > inside.sum()
    schools = pd.read_csv(CUCUTA / "education.csv")
    places = gpd.points_from_xy(schools["longitud"], schools["latitud"], crs="EPSG:4326")
    within = gpd.GeoDataFrame(geometry=places).to_crs(comunas.crs).sjoin(comunas)
    # Urban sites in 2023: 158 public and 194 private.
    assert (within["id"] != "VR").sum() == 158 + 194
    assert len(schools) > len(within)
    parks = gpd.read_file(CUCUTA / "public_space.gpkg")
    # About 150 hectares are reported for the city.
    assert parks.area.sum() / 1e4 == pytest.approx(150, rel=0.25)
    assert not parks.intersects(shapely.union_all(comunas.geometry)).all()


def test_streets__are_one_network_noded_at_shared_end_points() -> None:
    streets = gpd.read_file(CUCUTA / "streets.gpkg")
    lines = streets.geometry.to_numpy()
    ends = np.vstack([shapely.get_coordinates(shapely.get_point(lines, at)) for at in (0, -1)])
    nodes, node = np.unique(ends, axis=0, return_inverse=True)
    first, last = node[: len(lines)], node[len(lines) :]
    graph = coo_array((np.ones(len(lines)), (first, last)), shape=(len(nodes), len(nodes)))
    assert connected_components(graph, directed=False)[0] == 1
    tree = shapely.STRtree(lines)
    assert tree.query(lines, predicate="crosses").size == 0
    # No end lies on the inside of another street.
    points = shapely.points(nodes)
    at, line = tree.query(points, predicate="dwithin", distance=0.01)
    assert ((first[line] == at) | (last[line] == at)).all()
    assert set(streets["highway"]) == {
        "primary", "secondary", "tertiary", "residential", "living_street", "path", "steps",
    }  # fmt: skip
    assert (streets["bridge"] == "yes").sum() >= 6


def test_blocks__do_not_overlap_and_leave_rivers_and_parks_free() -> None:
    blocks = gpd.read_file(CUCUTA / "census.gpkg").geometry
    assert shapely.union_all(blocks).area == pytest.approx(blocks.area.sum(), rel=1e-6)
    assert not blocks.intersects(
        shapely.union_all(gpd.read_file(CUCUTA / "rivers.gpkg").geometry)
    ).any()
    parks = shapely.union_all(gpd.read_file(CUCUTA / "public_space.gpkg").geometry)
    assert blocks.intersection(parks).area.sum() < 1


@pytest.mark.parametrize("root", [CUCUTA, MANTA], ids=["cucuta", "manta"])
def test_files__say_that_they_are_synthetic(root: Path) -> None:
    city = tomllib.loads((root / "city.toml").read_text(encoding="utf-8"))
    assert city["synthetic"] is True
    assert "sintética" in city["name"]["es"]
    assert "synthetic" in city["name"]["en"]
    for source in city["layers"].values():
        assert source["source"].startswith("Sintético")
        assert " / Synthetic" in source["source"]
        assert source["licence"] == "CC0-1.0"
    for path in sorted(root.glob("*.gpkg")):
        with sqlite3.connect(path) as base:
            says = base.execute("SELECT description FROM gpkg_contents").fetchall()
        base.close()
        assert all(text.startswith("Synthetic data") for (text,) in says), path.name
    with rasterio.open(root / "elevation.tif") as raster:
        assert raster.tags()["TIFFTAG_IMAGEDESCRIPTION"].startswith("Synthetic data")
    for path in root.glob("*.csv"):
        assert "sintétic" in path.read_text(encoding="utf-8").splitlines()[1]


@pytest.mark.parametrize("root", [CUCUTA, MANTA], ids=["cucuta", "manta"])
def test_files__are_those_of_the_manifest_and_small(root: Path) -> None:
    sums = json.loads((root / "manifest.json").read_text(encoding="utf-8"))["sha256"]
    for name, expected in sums.items():
        assert hashlib.sha256((root / name).read_bytes()).hexdigest() == expected, name
    assert sum(each.stat().st_size for each in root.iterdir() if each.is_file()) <= MOST_BYTES


@pytest.mark.slow
@pytest.mark.parametrize("root", [CUCUTA, MANTA], ids=["cucuta", "manta"])
def test_files__come_out_the_same_when_made_again(root: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, root / "make_city.py", tmp_path], check=True, capture_output=True
    )
    ours, again = (
        json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        for folder in (root, tmp_path)
    )
    if ours["made_with"] != again["made_with"]:
        pytest.skip("other versions of the geometry libraries give other bytes")
    assert again["sha256"] == ours["sha256"]


def test_manta__has_17_indicators_one_of_the_city_and_one_inherited(manta: Marker) -> None:
    measured = manta.raw.columns[manta.raw.notna().any()]
    assert len(measured) == 17
    assert set(measured) == set(manta.method.indicators) - set(manta.city.omitted)
    origins = manta.origins[measured]
    assert set(origins["youth_unemployment"]) == {"city"}
    assert set(origins["employment"]) == {"inherited"}
    assert manta.raw["employment"].round(6).nunique() > 4
    assert 300 <= len(gpd.read_file(MANTA / "census.gpkg")) <= 600


def test_manta__has_a_marker_only_when_the_minimum_is_lowered(manta: Marker) -> None:
    assert manta.scores.marker.notna().mean() > 0.9
    assert compute("manta").scores.marker.isna().all()
