"""Times and catchments on streets: from a city's files to the raw values of its cells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
import shapely

from conftest import BLOCK_M, CRS, SOUTH, WEST, Town
from inclusion_marker.accessibility.measures import cost_to_closest
from inclusion_marker.accessibility.network import load_network
from inclusion_marker.city import load_city
from inclusion_marker.errors import CityError, LayerError
from inclusion_marker.marker import Marker, compute
from inclusion_marker.outputs.summary import summary_text

FLAT_M_PER_MIN = 5036.8 / 60
SOURCED = 'date = "2018"\nsource = "synthetic"\nlicence = "CC0-1.0"\n'
STREETS = f'[layers.streets]\nfile = "streets.gpkg"\n{SOURCED}\n'


def grid_of_streets() -> gpd.GeoDataFrame:
    """Return the streets around the sixteen blocks of the town, one row between two corners."""
    corners = np.array([(x, y) for y in range(5) for x in range(5)])
    ends = [(a, a + step) for a in corners for step in ((1, 0), (0, 1)) if (a + step).max() < 5]
    place = np.array([WEST, SOUTH])
    lines = [shapely.LineString([place + BLOCK_M * a, place + BLOCK_M * b]) for a, b in ends]
    return gpd.GeoDataFrame({"highway": ["residential"] * len(lines)}, geometry=lines, crs=CRS)


@pytest.fixture
def walked(town: Town) -> Town:
    """Return the town with streets, computed by `uim`."""
    grid_of_streets().to_file(town.root / "streets.gpkg")
    town.edit('method = "uim-v1"\n', "")
    town.edit("[layers.elevation]", f"{STREETS}[layers.elevation]")
    return town


def test_uim__measures_minutes_along_the_streets_of_a_city(walked: Town) -> None:
    marker = compute(walked.root, min_coverage=0.1)
    assert marker.method.id == "uim"
    network = load_network(
        walked.root / "streets.gpkg", crs=CRS, elevation=walked.root / "elevation.tif"
    )
    cells = marker.grid.cells.geometry
    for key, layer in (("health_distance", "health"), ("public_space_distance", "public_space")):
        direct = cost_to_closest(network, cells, marker.layers[layer])
        known = direct["closest_min"].notna()
        assert known.sum() > 10
        assert set(marker.closest[key].dropna()) <= set(marker.layers[layer].index)
        assert marker.closest[key].notna().equals(marker.raw[key].notna())
        # The blocks say where in a cell people live; without them a cell is its streets.
        npt.assert_allclose(marker.raw[key], direct["closest_min"], atol=4)
    assert marker.scores.indicators["health_distance"].dropna().between(0, 100).all()


def test_uim__says_in_the_manifest_how_one_walks(walked: Town) -> None:
    walked.edit("[omitted]", "[travel.walk]\nspeed_kmh = 4\n\n[omitted]")
    marker = compute(walked.root)
    (travel,) = marker.provenance["parameters"]["travel"]
    assert (travel["id"], travel["slope"]) == ("walk", "tobler")
    assert (travel["speed_kmh"], travel["access_speed_kmh"]) == (4, 4)
    assert (travel["edges"], travel["nodes"], travel["elevation"]) == (40, 25, "elevation")
    (entry,) = (each for each in marker.provenance["inputs"] if each["layer"] == "streets")
    assert (entry["file"], entry["rows"]) == ("streets.gpkg", 40)


def test_a_slower_walk__takes_longer_in_proportion(walked: Town) -> None:
    fast = compute(walked.root).raw["health_distance"]
    walked.edit("[omitted]", "[travel.walk]\nspeed_kmh = 2.5184\n\n[omitted]")
    npt.assert_allclose(compute(walked.root).raw["health_distance"], 2 * fast, rtol=0.01)


def test_a_city_without_elevation__is_walked_as_if_level_and_it_is_said(walked: Town) -> None:
    text = walked.file.read_text(encoding="utf-8")
    head, _, rest = text.partition("[layers.elevation]")
    walked.file.write_text(head + "[omitted]" + rest.partition("[omitted]")[2], encoding="utf-8")
    marker = compute(walked.root)
    (notice,) = (each for each in marker.notices if each.code == "travel_level")
    said = notice.text("es")
    assert "no tiene modelo de elevación" in said
    assert marker.method.indicators["health_distance"].code in said
    assert "[layers.elevation]" in said
    (travel,) = marker.provenance["parameters"]["travel"]
    assert travel["elevation"] is None


def test_a_city_without_streets__is_told_of_the_method_that_needs_none(walked: Town) -> None:
    walked.edit(STREETS, "")
    with pytest.raises(CityError) as caught:
        compute(walked.root)
    for language in ("es", "en"):
        said = " ".join(caught.value.text(language).split())
        assert said.count("[streets_absent]") == 1
        for part in ("layers.streets", "--method uim-v1", 'method = "uim-v1"', "health_distance"):
            assert part in said
    compute(walked.root, method="uim-v1")


def test_uim_v1__reads_no_streets_and_says_nothing_of_them(walked: Town) -> None:
    before = compute(walked.root, method="uim-v1")
    (walked.root / "streets.gpkg").unlink()
    after = compute(walked.root, method="uim-v1")
    assert after.raw.equals(before.raw)
    assert after.notices == ()
    assert after.provenance["parameters"]["travel"] == []


def test_a_service_beyond_all_streets__is_noticed_and_its_indicator_missing(walked: Town) -> None:
    (walked.root / "health.csv").write_text("name,lon,lat\nLejos,-73.10,7.86830\n", "utf-8")
    marker = compute(walked.root)
    assert marker.raw["health_distance"].isna().all()
    assert set(marker.origins["health_distance"]) == {"missing"}
    assert marker.closest["health_distance"].isna().all()
    assert ("snap_too_far", "health") in {(each.code, each.layer) for each in marker.notices}


def test_people_far_from_all_streets__are_noticed_and_have_no_minutes(walked: Town) -> None:
    corner = grid_of_streets().cx[WEST : WEST + 150, SOUTH : SOUTH + 150]
    corner.to_file(walked.root / "streets.gpkg")
    marker = compute(walked.root)
    lived_in = marker.people > 0
    lost = marker.raw["health_distance"].isna() & lived_in
    assert 0 < lost.sum() < lived_in.sum()
    (notice,) = (each for each in marker.notices if each.layer == "cells")
    assert notice.code == "snap_too_far"
    assert (notice.values["count"], notice.values["total"]) == (lost.sum(), lived_in.sum())
    assert (marker.origins["health_distance"][lost] == "missing").all()


def test_what_is_noticed_of_the_streets__is_said_once(walked: Town) -> None:
    streets = grid_of_streets()
    point = shapely.LineString([(WEST, SOUTH), (WEST, SOUTH)])
    far = shapely.LineString([(WEST, SOUTH - 300), (WEST + 90, SOUTH - 300)])
    odd = gpd.GeoDataFrame({"highway": ["footway"] * 2}, geometry=[point, far], crs=CRS)
    pd.concat([streets, odd]).to_file(walked.root / "streets.gpkg")
    codes = [each.code for each in compute(walked.root).notices]
    assert sorted(codes) == ["network_fragments", "street_zero_length"]


def test_two_profiles__are_two_networks_and_the_faster_is_faster(walked: Town) -> None:
    by_bike = '{ formula = "travel_time", layer = "health", profile = "bike" }'
    own = f'extends = "uim"\nid = "own"\n[indicators.health_distance]\ncompute = {by_bike}\n'
    (walked.root / "own.toml").write_text(own, encoding="utf-8")
    on_foot = compute(walked.root)
    mixed = compute(walked.root, method=walked.root / "own.toml")
    used = {each["id"]: each for each in mixed.provenance["parameters"]["travel"]}
    assert set(used) == {"bike", "walk"}
    # Its card names no elevation: taken as level.
    assert (used["bike"]["elevation"], used["walk"]["elevation"]) == (None, "elevation")
    assert (mixed.raw["health_distance"] < on_foot.raw["health_distance"]).mean() > 0.9
    assert mixed.raw["public_space_distance"].equals(on_foot.raw["public_space_distance"])


def test_streets_of_another_place__are_refused_with_the_faults_of_the_others(walked: Town) -> None:
    streets = grid_of_streets()
    streets.geometry = streets.translate(300_000, 0)
    streets.to_file(walked.root / "streets.gpkg")
    (walked.root / "census.gpkg").unlink()
    with pytest.raises(LayerError) as caught:
        compute(walked.root)
    assert "layer_outside_city" in str(caught.value)
    assert "file_missing" in str(caught.value)


def test_streets_that_cannot_be_read__are_refused_with_the_faults_of_the_others(
    walked: Town,
) -> None:
    (walked.root / "streets.gpkg").write_bytes(b"")
    (walked.root / "census.gpkg").unlink()
    with pytest.raises(LayerError) as caught:
        compute(walked.root)
    assert "file_empty" in str(caught.value)
    assert "file_missing" in str(caught.value)


# ── worked figures: two cells, one level street ──────────────────────────────
@dataclass
class Street:
    """A city of two cells of 100 m on a street of 400 m, a hospital at its far end."""

    root: Path

    def compute(self, **columns: str) -> Marker:
        """Return its marker; columns are those of the hospital that the city file names."""
        city = load_city(self.root)
        hospitals = city.layers["hospitals"].model_copy(update={"columns": columns})
        layers = {**city.layers, "hospitals": hospitals}
        return compute(city.model_copy(update={"layers": layers}), min_coverage=0)


@pytest.fixture
def street(tmp_path: Path, town: Town) -> Street:
    """Return the two cells; 100 people live in the west of the first, 300 all over the second."""
    omitted = town.file.read_text(encoding="utf-8").partition("[omitted]\n")[2]
    omitted = omitted.replace("hospital_distance = ", "# ")
    omitted += 'health_distance = { es = "x", en = "y" }\ninternet = { es = "x", en = "y" }\n'
    omitted += 'public_space_distance = { es = "x", en = "y" }\n'
    root = tmp_path / "street"
    root.mkdir()
    cells = [shapely.box(WEST + x, SOUTH - 50, WEST + x + 100, SOUTH + 50) for x in (0, 100)]
    gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=cells, crs=CRS).to_file(root / "cells.gpkg")
    zones = [shapely.box(WEST + x, SOUTH - 20, WEST + x + 40, SOUTH + 20) for x in (5, 105, 155)]
    people = {"people": [100.0, 150.0, 150.0]}
    gpd.GeoDataFrame(people, geometry=zones, crs=CRS).to_file(root / "census.gpkg")
    line = shapely.LineString([(WEST, SOUTH), (WEST + 400, SOUTH)])
    gpd.GeoDataFrame({"highway": ["footway"]}, geometry=[line], crs=CRS).to_file(
        root / "streets.gpkg"
    )
    far = [shapely.Point(WEST + 400, SOUTH), shapely.Point(WEST + 400, SOUTH)]
    table = {"name": ["H", "K"], "camas": [6.0, np.nan], "nada": ["x", "y"]}
    gpd.GeoDataFrame(table, geometry=far, crs=CRS).to_file(root / "hospitals.gpkg")
    (root / "city.toml").write_text(
        'id = "street"\nname = { es = "Calle", en = "Street" }\ncountry = "CO"\n'
        f'crs = "{CRS}"\n[cells]\nkind = "polygons"\nfile = "cells.gpkg"\nid = "id"\n'
        f'[layers.census]\nfile = "census.gpkg"\n{SOURCED}'
        f'[layers.hospitals]\nfile = "hospitals.gpkg"\nname = "name"\n{SOURCED}{STREETS}'
        f"[omitted]\n{omitted}",
        encoding="utf-8",
    )
    return Street(root)


def test_minutes__are_those_from_where_people_live_at_5_km_an_hour(street: Street) -> None:
    found = street.compute().raw["hospital_distance"]
    # Pieces of 50 m are timed at their middles: 25 m; 125 and 175 m, with as many people each.
    metres = pd.Series({"a": 400 - 25, "b": 400 - (125 + 175) / 2})
    npt.assert_allclose(found[["a", "b"]], metres / FLAT_M_PER_MIN, atol=0.004)


def test_beds_within_reach__are_shared_among_all_who_reach_them(street: Street) -> None:
    marker = street.compute(beds="camas")
    # All 400 people are within 20 minutes: 6 beds for 400, and none of the one without a figure.
    npt.assert_allclose(marker.raw["hospital_beds_access"], 6 / 400 * 1000)
    assert set(marker.origins["hospital_beds_access"]) == {"unit"}
    assert any(each.code == "value_missing" for each in marker.notices)


def test_beds_within_reach__move_neither_the_marker_nor_what_it_is_made_of(street: Street) -> None:
    without = street.compute()
    assert without.raw["hospital_beds_access"].isna().all()
    assert set(without.origins["hospital_beds_access"]) == {"missing"}
    summary = summary_text(without, "en")
    assert "of 34)" in summary
    assert "beds" not in summary
    given = street.compute(beds="camas")
    assert given.raw["hospital_beds_access"].notna().all()
    assert given.scores.marker.equals(without.scores.marker)
    assert given.scores.coverage.equals(without.scores.coverage)


def test_beds__in_a_column_that_the_file_lacks_are_a_fault_of_the_city_file(street: Street) -> None:
    with pytest.raises(LayerError, match=r"column_absent[\s\S]*camillas"):
        street.compute(beds="camillas")


def test_schools_without_seats_or_streets__lack_what_is_optional_and_nothing_is_said(
    town: Town,
) -> None:
    """Under a method of straight lines with the supplementary indicators, streets stay optional."""
    own = 'extends = "uim"\nid = "own"\n'
    for key in ("health", "hospital", "culture", "education", "public_space", "commerce"):
        layer = {"hospital": "hospitals"}.get(key, key)
        straight = f'{{ formula = "distance", layer = "{layer}" }}'
        own += f"[indicators.{key}_distance]\ncompute = {straight}\n"
    (town.root / "own.toml").write_text(own, encoding="utf-8")
    town.edit('method = "uim-v1"', 'method = "own.toml"')
    marker = compute(town.root)
    assert marker.raw[list(marker.method.supplementary)].isna().all(axis=None)
    assert marker.notices == ()
