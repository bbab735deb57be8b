"""Each formula beside a figure worked by hand, on four cells and a few zones."""

from __future__ import annotations

import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
import shapely
from rasterio.transform import from_origin

import naive
from conftest import CRS, Town, write_raster
from inclusion_marker.city import load_city
from inclusion_marker.composite.ground import Ground
from inclusion_marker.composite.indicators import compute, measure
from inclusion_marker.formulas import (
    AreaPerPerson,
    ClassMix,
    Density,
    Distance,
    Diversity,
    Events,
    Formula,
    Given,
    Mean,
    MostFrequent,
    RasterMean,
    Rate,
    Ratio,
    RatioOfMeans,
    RatioOfRates,
    Station,
    WeightedMean,
)
from inclusion_marker.loaders.grid import from_polygons
from inclusion_marker.loaders.layers import Layers
from inclusion_marker.marker import compute as compute_marker
from inclusion_marker.method import load_method

WEST, NORTH = 700_000.0, 870_000.0
METHOD = load_method("uim-v1")


def box(x: float, y: float, width: float = 100, height: float = 100) -> shapely.Polygon:
    """Return a box, metres from the north-west corner of the ground."""
    return shapely.box(WEST + x, NORTH - y - height, WEST + x + width, NORTH - y)


def layer(shapes: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
    """Return a layer in the ground's CRS."""
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


@pytest.fixture
def ground(tmp_path: Path, town: Town) -> Ground:
    """Return a row of four cells: two zones over three of them, and nothing in the fourth.

    Zone 1 is cell a and half of b; zone 2 the other half of b and the whole of c.
    """
    cells = layer([box(100 * n, 0) for n in range(4)], id=list("abcd"))
    census = layer(
        [box(0, 0, 150), box(150, 0, 150)],
        people=[300.0, 600.0],
        dwellings=[30.0, 60.0],
        dwellings_internet=[15.0, 60.0],
        schooling_years_women=[8.0, 11.0],
        schooling_years_men=[10.0, 10.0],
        women_5_plus=[90.0, 30.0],
        men_5_plus=[60.0, 60.0],
        unemployed_women=[9.0, np.nan],
        labour_force_women=[45.0, 60.0],
        unemployed_men=[6.0, 6.0],
        labour_force_men=[60.0, 60.0],
        dwellings_stratum_1=[10.0, 60.0],
        dwellings_stratum_2=[10.0, 0.0],
    )
    tables = {
        "census": census,
        "health": layer([shapely.Point(WEST + 50, NORTH + 300), shapely.Point(WEST + 350, NORTH)]),
        "public_space": layer([box(0, 0, 50, 20), box(0, 0, 50, 20), box(190, 0, 20, 10)]),
        "land_use": layer(
            [box(0, 0, 25), box(25, 0, 75), box(100, 0, 50)], use=["residential", "commercial", "x"]
        ),
        "air_quality": layer(
            [shapely.MultiPoint([(WEST + 50, NORTH - 50)]), shapely.Point(WEST + 250, NORTH - 50)],
            pm10=[20.0, 40.0],
        ),
        "safety": layer([box(0, 0, 400)], people=[1000.0], thefts=[5.0], homicides=[0.0]),
        "life_expectancy": layer(
            [box(0, 0, 150), box(150, 0, 250)],
            life_expectancy=[70.0, 80.0],
            life_expectancy_women=[78.0, 84.0],
            life_expectancy_men=[75.0, 80.0],
        ),
    }
    heights = np.tile(np.arange(80) * 1.0, (60, 1)).astype(np.float32)
    path = tmp_path / "heights.tif"
    write_raster(path, heights, transform=from_origin(WEST - 200, NORTH + 200, 10, 10))
    layers = Layers(tables, {"elevation": path}, ())
    grid = from_polygons(cells, id_column="id", crs=CRS)
    return Ground(load_city(town.root), METHOD, grid, layers)


MISSING = math.nan
LN2 = math.log(2)
WORKED: dict[str, tuple[Formula, list[float]]] = {
    # dwellings move as 20, 10 + 20, 40, 0; with internet as 10, 5 + 20, 40, 0
    "ratio": (
        Ratio(formula="ratio", layer="census", numerator="dwellings_internet",
              denominator="dwellings", per=100),
        [50, 100 * 25 / 30, 100, MISSING],
    ),
    "rate": (
        Events(formula="rate", layer="safety", events="thefts", people="people"),
        [500, 500, 500, 500],
    ),
    # women 60 at 8, 30 at 8 + 10 at 11, 20 at 11
    "weighted_mean": (
        WeightedMean(formula="weighted_mean", layer="census",
                     terms=(Mean(value="schooling_years_women", weight="women_5_plus"),)),
        [8, (30 * 8 + 10 * 11) / 40, 11, MISSING],
    ),
    # a zone without the unemployed women gives none of its labour force either
    "ratio_of_rates": (
        RatioOfRates(formula="ratio_of_rates", layer="census",
                     first=Rate(numerator="unemployed_women", denominator="labour_force_women"),
                     second=Rate(numerator="unemployed_men", denominator="labour_force_men")),
        [2, 2, MISSING, MISSING],
    ),
    "ratio_of_means": (
        RatioOfMeans(formula="ratio_of_means", layer="census",
                     first=Mean(value="schooling_years_women", weight="women_5_plus"),
                     second=Mean(value="schooling_years_men", weight="men_5_plus")),
        [0.8, 0.875, 1.1, MISSING],
    ),
    # strata 1 and 2: 20/3 and 20/3; 10/3 + 20 and 10/3; 40 and 0
    "diversity": (
        Diversity(formula="diversity", layer="census",
                  classes=("dwellings_stratum_1", "dwellings_stratum_2")),
        [LN2, naive.shannon([7, 1]), 0, MISSING],
    ),
    "class_mix": (
        ClassMix(formula="class_mix", layer="land_use", column="use",
                 classes=("residential", "commercial")),
        [naive.shannon([1, 3]), MISSING, MISSING, MISSING],
    ),
    "most_frequent": (
        MostFrequent(formula="most_frequent", layer="census",
                     classes={2.0: "dwellings_stratum_2", 1.0: "dwellings_stratum_1"}),
        [1, 1, 1, MISSING],
    ),
    "density": (
        Density(formula="density", layer="census", column="people"), [200, 300, 400, MISSING],
    ),
    # 1,000 m² of park, drawn twice, for 200; 100 m² for 300; 100 m² for 400
    "area_per_person": (
        AreaPerPerson(formula="area_per_person", layer="public_space"),
        [5, 100 / 300, 100 / 400, MISSING],
    ),
    # d lies 150 m from the centre of c at most: everybody within 120 m of a centre
    "area_per_person around": (
        AreaPerPerson(formula="area_per_person", layer="public_space", within_m=120),
        [1000 / 500, MISSING, 200 / 700, MISSING],
    ),
    # 300 m north of a; on the edge of d; the slope is 10 %: class 3, factor 1.5
    "distance": (
        Distance(formula="distance", layer="health", slope=False),
        [250, 150, 50, 0],
    ),
    "distance on a slope": (
        Distance(formula="distance", layer="health"), [375, 225, 75, 0],
    ),
    "raster_mean": (
        RasterMean(formula="raster_mean", layer="elevation"), [24.5, 34.5, 44.5, 54.5],
    ),
    "station": (
        Station(formula="station", layer="air_quality", column="pm10", by="nearest"),
        [20, 20, 40, 40],
    ),
    "station by distance": (
        Station(formula="station", layer="air_quality", column="pm10"),
        [20, (20 / 100**2 + 40 / 100**2) / (2 / 100**2), 40,
         (20 / 300**2 + 40 / 100**2) / (1 / 300**2 + 1 / 100**2)],
    ),
    "given": (
        Given(formula="given", layer="life_expectancy", column="life_expectancy"),
        [70, 75, 80, 80],
    ),
    "given over": (
        Given(formula="given", layer="life_expectancy", column="life_expectancy_women",
              over="life_expectancy_men", per=100),
        [104, (104 + 105) / 2, 105, 105],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(WORKED))
def test_formula__gives_the_worked_figure(ground: Ground, case: str) -> None:
    formula, expected = WORKED[case]
    values, _ = compute(formula, ground)
    assert values.index.tolist() == list("abcd")
    found = values.to_numpy(np.float64)
    if case == "area_per_person around":  # discs of 64 sides; b reaches all three, and both parks
        found, expected = found[[0, 2]], [expected[0], expected[2]]
        npt.assert_allclose(found, expected, rtol=0.01)
    else:
        npt.assert_allclose(found, expected, rtol=1e-6)


def test_worked_figures__cover_every_formula_of_the_method() -> None:
    worked = {formula.formula for formula, _ in WORKED.values()}
    assert {card.compute.formula for card in METHOD.indicators.values()} <= worked
    assert len(worked) == 14


def test_distance__names_the_closest_opportunity(ground: Ground) -> None:
    _, closest = compute(Distance(formula="distance", layer="health"), ground)
    assert closest is not None
    assert closest.tolist() == [1, 1, 1, 1]


def test_station__agrees_with_naive(ground: Ground) -> None:
    table = layer(
        [shapely.Point(xy) for xy in np.random.default_rng(4).random((9, 2)) * 900 + [WEST, NORTH]],
        pm10=np.arange(9.0),
    )
    layers = Layers({"air_quality": table}, {}, ())
    here = Ground(ground.city, METHOD, ground.grid, layers)
    formula = Station(formula="station", layer="air_quality", column="pm10", power=1.5)
    values, _ = compute(formula, here)
    places = shapely.get_coordinates(table.geometry.to_numpy())
    expected = [
        naive.inverse_distance((x, y), places, np.arange(9.0), 1.5)
        for x, y in ground.grid.centroids
    ]
    npt.assert_allclose(values, expected, rtol=1e-12)


def test_terrain__has_slope_class_and_factor(ground: Ground) -> None:
    assert ground.terrain["slope_percent"].tolist() == pytest.approx([10] * 4, rel=1e-6)
    assert ground.terrain["slope_class"].tolist() == [3] * 4
    assert ground.terrain["slope_factor"].tolist() == [1.5] * 4


def test_distance__without_elevation_is_as_the_crow_flies(ground: Ground) -> None:
    flat = Ground(ground.city, METHOD, ground.grid, Layers(ground.layers.tables, {}, ()))
    values, _ = compute(Distance(formula="distance", layer="health"), flat)
    assert values.tolist() == [250, 150, 50, 0]
    assert flat.terrain["slope_class"].isna().all()


def test_people__times_k_scale_counts_and_leave_shares(ground: Ground) -> None:
    census = ground.layers.tables["census"].copy()
    numbers = census.columns.drop("geometry")
    census[numbers] *= 7
    larger = Ground(ground.city, METHOD, ground.grid, Layers({"census": census}, {}, ()))
    density, _ = compute(WORKED["density"][0], larger)
    ratio, _ = compute(WORKED["ratio"][0], larger)
    npt.assert_allclose(density, 7 * np.array(WORKED["density"][1]))
    npt.assert_allclose(ratio, WORKED["ratio"][1])


# ── the whole table ───────────────────────────────────────────────────────────
def test_origins__say_where_each_value_comes_from(town: Town) -> None:
    town.edit("[layers.health]", '[values.pm10]\nvalue = 31\ndate = "2018"\nsource = "x"\n\n'
              '[proxies]\ninternet = { es = "x", en = "y" }\n\n[layers.health]')  # fmt: skip
    town.edit('pm10 = { es = "no se midió", en = "not measured" }\n', "")
    town.edit('name = "name"\n', 'name = "name"\norigin = "inherited"\n')
    marker = compute_marker(town.root)
    kinds = {key: set(marker.origins[key]) for key in marker.origins}
    assert kinds["pm10"] == {"city"}
    assert kinds["health_distance"] == {"inherited"}
    assert kinds["internet"] <= {"proxy", "missing"}
    assert "proxy" in kinds["internet"]
    assert "unit" in kinds["residential_density"]
    assert kinds["homicide_rate"] == {"missing"}
    assert (marker.raw["pm10"] == 31).all()
    assert marker.raw["homicide_rate"].isna().all()
    assert set(marker.closest.columns) == {"health_distance", "public_space_distance"}


def test_measure__keeps_the_index_and_accounts_for_each_count(ground: Ground, town: Town) -> None:
    city = load_city(town.root)
    found = measure(city, METHOD, ground.grid, ground.layers)
    for table in (found.raw, found.origins, found.context, found.terrain):
        assert table.index.equals(ground.grid.index)
    assert set(found.raw) == set(METHOD.indicators)
    assert found.context["people"].tolist() == pytest.approx([200, 300, 400, 0])
    assert found.context["people_venezuelan"].isna().all(), "the city has no such column"
    people = pd.DataFrame(found.conservation).set_index("column").loc["people"]
    assert people["people_in"] == 900
    assert people["allocated"] == pytest.approx(900, rel=1e-12)
