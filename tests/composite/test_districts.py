"""Scores by district: people are shared out, none are made and none are lost."""

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
import shapely

from conftest import CRS, SOUTH, WEST, Town
from inclusion_marker.composite.districts import by_district
from inclusion_marker.composite.scoring import score
from inclusion_marker.errors import LayerError
from inclusion_marker.loaders.grid import Grid, from_polygons
from inclusion_marker.marker import compute
from inclusion_marker.method import load_method

PEOPLE = pd.Series([100.0, 300.0, 50.0], index=pd.Index(["1", "2", "3"], name="cell"))


def three_cells() -> Grid:
    """Return three squares in a row."""
    boxes = [shapely.box(x, 0, x + 100, 100) for x in (0, 100, 200)]
    table = gpd.GeoDataFrame({"id": [1, 2, 3]}, geometry=boxes, crs=CRS)
    return from_polygons(table, id_column="id", crs=CRS)


def named(**boxes: shapely.Polygon) -> gpd.GeoDataFrame:
    """Return districts of boxes."""
    index = pd.Index(list(boxes), name="district")
    return gpd.GeoDataFrame(
        {"name": list(boxes)}, index=index, geometry=list(boxes.values()), crs=CRS
    )


def found_in(
    outline: shapely.Geometry, *internet: float, **boxes: shapely.Polygon
) -> gpd.GeoDataFrame:
    """Return the districts of boxes in a city of an outline, with one indicator."""
    raw = pd.DataFrame({"internet": internet}, index=PEOPLE.index)
    scores = score(raw, load_method().with_min_coverage(0))
    boundary = gpd.GeoSeries([outline], crs=CRS)
    return by_district(named(**boxes), three_cells(), boundary, PEOPLE, scores)


WHOLE = shapely.box(0, 0, 300, 100)


def test_by_district__weights_by_people_and_splits_a_cell_by_area() -> None:
    west, east = shapely.box(0, 0, 150, 100), shapely.box(150, 0, 300, 100)
    found = found_in(WHOLE, 40, 80, 20, west=west, east=east)
    npt.assert_allclose(found["people"], [100 + 150, 150 + 50])
    expected = [(40 * 100 + 80 * 150) / 250, (80 * 150 + 20 * 50) / 200]
    npt.assert_allclose(found["ind_internet"], expected)


def test_by_district__gives_all_people_of_a_rim_cell_to_the_district_inside_the_city() -> None:
    inner = shapely.box(80, 0, 220, 100)
    found = found_in(inner, 40, 80, 20, only=inner)
    npt.assert_allclose(found["people"], [450])


def test_by_district__takes_no_more_of_a_cell_than_it_covers() -> None:
    """A district of two cells and a tenth of the third has a tenth of its people."""
    found = found_in(WHOLE, 40, 80, 20, part=shapely.box(0, 0, 210, 100))
    npt.assert_allclose(found["people"], [100 + 300 + 5])


def test_by_district__counts_people_in_each_of_the_districts_that_lie_over_each_other() -> None:
    """Intervention areas overlap: each has all who live in it."""
    found = found_in(WHOLE, 40, 80, 20, city=WHOLE, inner=shapely.box(0, 0, 100, 100))
    npt.assert_allclose(found["people"], [450, 100])
    npt.assert_allclose(found["ind_internet"]["inner"], 40)


def test_by_district__leaves_out_cells_that_meet_none_and_missing_scores() -> None:
    far = shapely.box(900, 0, 950, 50)
    found = found_in(WHOLE, np.nan, 80, 20, west=shapely.box(0, 0, 100, 100), far=far)
    npt.assert_allclose(found["people"], [100, 0])
    assert found["ind_internet"].isna().all()


def with_districts(town: Town, ids: list[object], **columns: list[object]) -> None:
    """Give the town two districts, west and east."""
    boxes = [shapely.box(WEST + x, SOUTH, WEST + x + 400, SOUTH + 800) for x in (0, 400)]
    table = gpd.GeoDataFrame({"code": ids, **columns}, geometry=boxes, crs=CRS)
    table.to_file(town.root / "districts.gpkg")
    town.edit("[cells]", '[districts]\nfile = "districts.gpkg"\nid = "code"\n\n[cells]')


def test_districts__of_a_city_add_up_to_it(town: Town) -> None:
    with_districts(town, [2.0, 1.0])
    marker = compute(town.root, min_coverage=0.1)
    districts = marker.districts
    assert districts is not None
    assert districts.index.tolist() == ["1", "2"]
    npt.assert_allclose(districts["people"].sum(), marker.people.sum())
    total = (districts["marker"] * districts["people"]).sum() / districts["people"].sum()
    npt.assert_allclose(total, marker.means()["people_weighted"]["marker"])


def test_polygons__of_one_id_are_one_district(town: Town) -> None:
    with_districts(town, ["a", "a"])
    districts = compute(town.root).districts
    assert districts is not None
    assert districts.index.tolist() == ["a"]


def test_district__without_an_id_is_refused_before_anything_is_measured(town: Town) -> None:
    with_districts(town, ["a", None])
    steps: list[str] = []
    with pytest.raises(LayerError, match="district_without_id"):
        compute(town.root, progress=steps.append)
    assert steps == ["read"]


def test_districts__without_the_column_named_are_refused_with_near_names(town: Town) -> None:
    with_districts(town, ["a", "b"])
    town.edit('id = "code"', 'id = "kode"')
    with pytest.raises(LayerError, match=r"column_missing[\s\S]*code"):
        compute(town.root)


def test_city__without_elevation_is_told_that_its_ground_is_taken_as_level(town: Town) -> None:
    text = town.file.read_text(encoding="utf-8")
    head, _, rest = text.partition("[layers.elevation]")
    town.file.write_text(head + "[omitted]" + rest.partition("[omitted]")[2], encoding="utf-8")
    marker = compute(town.root)
    assert "slope_unknown" in {notice.code for notice in marker.notices}
    assert marker.terrain["slope_factor"].isna().all()
    assert marker.raw["health_distance"].notna().all()


def test_manifest__names_the_files_of_the_places_and_what_the_two_files_say(town: Town) -> None:
    provenance = compute(town.root).provenance
    assert provenance["inputs"][0]["layer"] == "boundary"
    parameters = provenance["parameters"]
    again = compute(town.root, min_coverage=0.2).provenance["parameters"]
    assert parameters["city_sha256"] == again["city_sha256"]
    assert parameters["method_sha256"] != again["method_sha256"]


def test_districts__of_another_place_are_refused(town: Town) -> None:
    with_districts(town, ["a", "b"])
    table = gpd.read_file(town.root / "districts.gpkg")
    table.geometry = table.translate(500_000, 0)
    table.to_file(town.root / "districts.gpkg")
    with pytest.raises(LayerError, match="layer_outside_city"):
        compute(town.root)


def test_districts__that_are_repaired_or_overlap_are_noticed(town: Town) -> None:
    with_districts(town, ["a", "b"])
    table = gpd.read_file(town.root / "districts.gpkg")
    table.loc[0, "geometry"] = shapely.box(WEST, SOUTH, WEST + 600, SOUTH + 800)
    table.to_file(town.root / "districts.gpkg")
    assert ("areas_overlap", "districts") in {
        (notice.code, notice.layer) for notice in compute(town.root).notices
    }


def test_boundary__in_a_geojson_that_the_city_file_overrides_is_noticed(town: Town) -> None:
    """GDAL says degrees of every GeoJSON; the city file knows better, and it is said."""
    outline = gpd.read_file(town.root / "boundary.gpkg")
    plain = outline.set_crs("EPSG:4326", allow_override=True)
    (town.root / "boundary.geojson").write_text(plain.to_json(), encoding="utf-8")
    town.edit('file = "boundary.gpkg"', 'file = "boundary.geojson"\ncrs = "EPSG:32618"')
    notices = {(notice.code, notice.layer) for notice in compute(town.root).notices}
    assert ("crs_overridden", "boundary") in notices


@pytest.mark.parametrize("crs", ["EPSG:32633", "EPSG:3395", "EPSG:32617"])
def test_city_crs__that_is_not_made_for_the_place_is_refused(town: Town, crs: str) -> None:
    """UTM of another zone, or World Mercator, would make every distance wrong in silence."""
    town.edit('crs = "EPSG:32618"', f'crs = "{crs}"')
    with pytest.raises(LayerError, match=r"crs_distorts[\s\S]*EPSG:32618"):
        compute(town.root)


def test_national_crs__is_taken(town: Town) -> None:
    town.edit('crs = "EPSG:32618"', 'crs = "EPSG:9377"')
    assert compute(town.root).people.sum() > 0
