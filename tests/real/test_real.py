"""Real input, read in place from ../shared/data: each city beside what is known of it."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest

from inclusion_marker.loaders.areal import by_area
from inclusion_marker.marker import Marker, compute

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data"
CITIES = ("panama", "cucuta_barrios", "buenos_aires", "porto_alegre")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real layers are not here (../shared/data)"),
]


@pytest.fixture(scope="module")
def panama() -> Marker:
    """Return Panama with the minimum lowered on purpose: 17 of 34 indicators exist."""
    return compute(HERE / "panama", min_coverage=0.3)


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    """Return the published columns of Panama's hexagons, by id."""
    file = DATA / "unhabitat-viewers-reference" / "panama.gpkg"
    table: pd.DataFrame = gpd.read_file(file, layer="grid_indicators")
    return table.set_index("GRID_ID").sort_index()


def test_panama__has_2686_hexagons_and_17_indicators(panama: Marker) -> None:
    assert len(panama.grid.index) == 2686
    assert int(panama.raw.notna().any().sum()) == 17


def test_panama__says_how_many_people_live_beyond_its_hexagons(panama: Marker) -> None:
    [said] = [each for each in panama.notices if each.code == "people_outside"]
    assert "500225 of the 1577959 people" in said.text("en")
    assert "31.7 %" in said.text("en")


def test_panama__land_use_scores_equal_the_published_ones(
    panama: Marker, published: pd.DataFrame
) -> None:
    found = panama.scores.indicators["land_use_mix"]
    npt.assert_allclose(found, published.loc[found.index, "Shannon_E"], atol=1e-6)


def test_panama__markers_spread_like_the_published_ones(panama: Marker) -> None:
    marker = panama.scores.marker
    assert marker.notna().all()
    assert marker.min() == pytest.approx(32, abs=1)
    assert marker.max() == pytest.approx(91, abs=1)
    assert marker.median() == pytest.approx(61, abs=1)


def test_panama__leaves_the_marker_empty_at_the_method_s_minimum_and_says_why() -> None:
    marker = compute(HERE / "panama")
    assert marker.scores.marker.isna().all()
    assert marker.scores.indicators["internet"].notna().all()
    summary = marker.summary("en")
    assert "The marker is left empty" in summary
    assert "Employment and economic opportunities" in summary


def test_panama__people_come_from_the_corregimientos(panama: Marker) -> None:
    row = panama.provenance["conservation"][0]
    assert row["people_in"] == 1_577_959
    total = row["allocated"] + row["outside"] + row["lost"]
    assert total == pytest.approx(row["people_in"], rel=1e-9)


def test_panama__density_is_of_people_per_hectare(panama: Marker, published: pd.DataFrame) -> None:
    density = panama.raw["residential_density"]
    npt.assert_allclose(density, published.loc[density.index, "Dens_Res"] / 100)


def test_panama__slope_factors_of_the_published_distances_are_the_five_of_the_method(
    panama: Marker, published: pd.DataFrame
) -> None:
    far = published[published["DIST_SALUD"] > 0]
    ratio = (far["DxP_SALUD"] / far["DIST_SALUD"]).round(9)
    assert set(ratio) <= set(panama.method.slope.factors)


def test_panama__published_street_scores_hold_the_errors_that_are_known(
    published: pd.DataFrame,
) -> None:
    """The City Prosperity rules, beside what the file holds; the file is the side that is wrong."""
    lonely = published["INTERXKM2"] == 0
    assert int(lonely.sum()) == 947
    assert (published.loc[lonely, "Intersec_E"] == 100).all(), "no crossing at all scores 100"
    land = published["PORC_VIAS"]
    by_rule = (100 * (land - 6) / 30).clip(0, 100)
    wrong = ~np.isclose(by_rule, published["SUPVIAS_E"], atol=1e-6)
    assert int(wrong.sum()) == 63
    assert (published.loc[wrong, "SUPVIAS_E"] == 0).all(), "where much land is street it holds 0"


@pytest.fixture(scope="module")
def barrios() -> Marker:
    """Return Cúcuta on its 244 barrios."""
    return compute(HERE / "cucuta_barrios")


def test_cucuta_barrios__densities_have_the_published_quartiles(barrios: Marker) -> None:
    assert len(barrios.grid.index) == 244
    quartiles = barrios.raw["residential_density"].quantile([0.25, 0.5, 0.75])
    npt.assert_allclose(quartiles, [106, 146, 192], atol=1)


def test_cucuta_barrios__survive_a_polygon_of_no_area(barrios: Marker) -> None:
    assert barrios.people.sum() == pytest.approx(681_175, rel=1e-9)
    dot = barrios.grid.area_ha == barrios.grid.area_ha.min()
    assert (barrios.grid.area_ha[dot] < 1e-7).all()
    assert (barrios.scores.indicators.loc[dot, "residential_density"] == 0).all()


def test_cucuta_barrios__distances_agree_with_geopandas(barrios: Marker) -> None:
    cells, health = barrios.grid.cells, barrios.layers["health"]
    theirs = cells.sjoin_nearest(health[["geometry"]], distance_col="metres")["metres"]
    theirs = theirs.groupby(level=0).min()
    npt.assert_allclose(barrios.raw["health_distance"], theirs[cells.index], atol=1e-6)


@pytest.fixture(scope="module")
def buenos_aires() -> Marker:
    """Return Buenos Aires on H3."""
    return compute(HERE / "buenos_aires")


def test_buenos_aires__conserves_its_people(buenos_aires: Marker) -> None:
    row = buenos_aires.provenance["conservation"][0]
    assert row["people_in"] == 2_890_151
    total = row["allocated"] + row["outside"] + row["lost"]
    assert total == pytest.approx(2_890_151, rel=1e-9)
    assert row["allocated"] > 0.9999 * row["people_in"]
    assert row["lost"] == 0


def test_buenos_aires__has_fifteen_comunas_that_add_up(buenos_aires: Marker) -> None:
    districts = buenos_aires.districts
    assert districts is not None
    assert len(districts) == 15
    # The fifteen comunas cover 204.0 of the 205.9 km2 of the boundary: the rest is port and river.
    assert districts["people"].sum() == pytest.approx(buenos_aires.people.sum(), rel=0.002)
    assert districts.index.tolist()[:3] == ["1", "10", "11"]


def test_buenos_aires__areal_interpolation_agrees_with_tobler(buenos_aires: Marker) -> None:
    tobler = pytest.importorskip("tobler.area_weighted")
    tracts = buenos_aires.layers["census"]
    cells = buenos_aires.grid.cells
    inside = tracts[tracts.within(cells.union_all())].reset_index(drop=True)
    ours = by_area(cells.geometry, inside.geometry).move(inside["people"])
    theirs = tobler.area_interpolate(
        inside[["people", "geometry"]], cells, extensive_variables=["people"], allocate_total=False
    )
    npt.assert_allclose(ours, theirs["people"], rtol=1e-4, atol=1e-6)


def test_porto_alegre__takes_its_1227_cells_as_listed() -> None:
    marker = compute(HERE / "porto_alegre")
    assert len(marker.grid.index) == 1227
    assert marker.grid.kind == "h3"
    assert marker.people.sum() == pytest.approx(812_935, rel=1e-9)
    classes = marker.terrain["slope_class"]
    assert classes.notna().mean() > 0.9
    assert set(classes.dropna()) == {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("city", "indicator", "metres"),
    [("buenos_aires", "education_distance", 219.0), ("porto_alegre", "health_distance", 669.0)],
)
def test_real_city__walks_about_as_far_as_is_known(
    city: str, indicator: str, metres: float
) -> None:
    """People-weighted minutes of ``uim`` at 5 km/h, beside the network distance of the data notes.

    The legs at both ends and slopes are on top, what is measured from the centroid is not.
    """
    marker = compute(HERE / city)
    minutes = marker.raw[indicator]
    there = minutes.notna()
    mean = np.average(minutes[there], weights=marker.people[there])
    assert mean * 5000 / 60 == pytest.approx(metres, rel=0.15)
    straight = compute(HERE / city, method="uim-v1").raw[indicator]
    assert (minutes[there] * 84 >= straight[there] - 300).mean() > 0.95


@pytest.mark.parametrize("city", CITIES)
def test_real_city__writes_a_geopackage(city: str, tmp_path: Path) -> None:
    marker = compute(HERE / city)
    path = marker.to_geopackage(tmp_path / f"{city}.gpkg", language="es")
    cells = gpd.read_file(path, layer="cells")
    assert len(cells) == len(marker.grid.index)
    assert cells["marker"].isna().all()
