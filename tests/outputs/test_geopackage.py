"""The GeoPackage: what is in it, that it is whole or absent, and that QGIS finds what it reads."""

import dataclasses
import json
import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pandas as pd
import pyogrio
import pytest
import shapely

from conftest import Town, make_town
from inclusion_marker.city import load_city
from inclusion_marker.composite.classes import class_labels
from inclusion_marker.errors import OutputError
from inclusion_marker.manifest import content_hash
from inclusion_marker.marker import Marker, compute
from inclusion_marker.method import extended_method
from inclusion_marker.outputs.breaks import breaks_of
from inclusion_marker.outputs.geopackage import targets, write_geopackage
from inclusion_marker.outputs.places import zone_polygons
from inclusion_marker.outputs.qgis.sidetables import OWNER
from inclusion_marker.outputs.tables import tables_of

Rows = list[tuple[str, ...]]
PLAIN = {"method", "sources", "origins", "notices"}
MAPPED = {"cells", "services", "shapes", "zones", "boundary"}
LAYERS = MAPPED | PLAIN


@pytest.fixture(scope="module")
def marker(tmp_path_factory: pytest.TempPathFactory) -> Marker:
    """Return the marker of the town, its minimum lowered so that there is one."""
    town = make_town(tmp_path_factory.mktemp("made") / "town")
    return compute(town.root, min_coverage=0.1)


@pytest.fixture(scope="module")
def once(marker: Marker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the GeoPackage of the town, in Spanish; for reading only."""
    return marker.to_geopackage(tmp_path_factory.mktemp("once") / "town.gpkg", language="es")


@pytest.fixture
def written(once: Path, tmp_path: Path) -> Path:
    """Return a copy of the GeoPackage and its files, to do anything with."""
    return shutil.copytree(once.parent, tmp_path / "out") / once.name


def rows(path: Path, query: str) -> Rows:
    """Return the rows of a query."""
    with closing(sqlite3.connect(path)) as file:
        return file.execute(query).fetchall()


def test_layers__are_all_there_and_no_other(written: Path) -> None:
    names = {str(name) for name, _ in pyogrio.list_layers(written)}
    assert names - {"layer_styles"} == LAYERS


def test_cells__read_back_hold_what_was_computed(written: Path, marker: Marker) -> None:
    cells = gpd.read_file(written, layer="cells").set_index("cell")
    assert cells.index.tolist() == marker.grid.index.tolist()
    npt.assert_allclose(cells["marker"], marker.scores.marker)
    npt.assert_allclose(cells["people"], marker.people)
    for key in marker.method.indicators:
        npt.assert_allclose(cells[f"raw_{key}"].astype(float), marker.raw[key])
        npt.assert_allclose(cells[f"ind_{key}"].astype(float), marker.scores.indicators[key])
    npt.assert_allclose(cells["coverage"], marker.scores.coverage["marker"])
    assert cells.crs == marker.grid.cells.crs


def test_classes__are_those_of_the_marker_and_empty_without_one(written: Path) -> None:
    cells = gpd.read_file(written, layer="cells")
    expected = pd.cut(cells["marker"], [0, 50, 60, 70, 80, 101], right=False, labels=False) + 1
    npt.assert_array_equal(cells["marker_class"].astype(float), expected)


def test_services__are_those_of_the_layers_under_their_names(written: Path) -> None:
    services = gpd.read_file(written, layer="services")
    assert services["name"].tolist() == ["Centro «Ñandú»"]
    assert services["layer"].tolist() == ["health"]
    shapes = gpd.read_file(written, layer="shapes")
    assert shapes["layer"].tolist() == ["public_space"]
    assert shapes.geom_type.tolist() == ["Polygon"]


def test_method_table__has_every_node_once_with_weights_that_sum_to_1(written: Path) -> None:
    method = pyogrio.read_dataframe(written, layer="method")
    assert method["level"].value_counts().to_dict() == {
        "indicator": 34,
        "dimension": 14,
        "area": 5,
        "marker": 1,
    }
    for level in ("area", "dimension", "indicator"):
        total = method.loc[method["level"] == level, "effective_weight"].sum()
        npt.assert_allclose(total, 1)
    cells = gpd.read_file(written, layer="cells")
    assert set(method["column"]) <= set(cells.columns)
    assert method["goalposts_source"].notna().sum() == 34


@pytest.mark.parametrize("language", ["es", "en"])
def test_aliases__are_unique_in_a_table_and_in_the_language(marker: Marker, language: str) -> None:
    for table in tables_of(marker, marker.analyses, language):
        aliases = [column.alias for column in table.columns]
        assert len(set(aliases)) == len(aliases), table.name
        assert all(aliases)
    cells = tables_of(marker, marker.analyses, language)[0]
    said = {column.name: column.alias for column in cells.columns}
    word = "Personas" if language == "es" else "People"
    assert said["people"] == word


def test_column_descriptions__stand_in_the_file_for_every_column(written: Path) -> None:
    described = rows(written, "SELECT table_name, column_name FROM gpkg_data_columns")
    for name in LAYERS:
        columns = set(pyogrio.read_info(written, layer=name)["fields"])
        assert {column for table, column in described if table == name} == columns


def test_constraints__that_columns_name_exist(written: Path) -> None:
    named = rows(written, "SELECT DISTINCT constraint_name FROM gpkg_data_columns")
    known = rows(written, "SELECT DISTINCT constraint_name FROM gpkg_data_column_constraints")
    assert {name for (name,) in named} - {None} == {name for (name,) in known}


def test_styles__one_default_a_table_found_the_way_qgis_looks(written: Path) -> None:
    found = rows(
        written,
        "SELECT f_table_name, f_table_schema, f_geometry_column, useAsDefault, owner, styleQML"
        " FROM layer_styles",
    )
    defaults = [name for name, _, _, default, _, _ in found if default]
    assert sorted(defaults) == sorted(LAYERS)
    for name, schema, geometry, _, owner, document in found:
        assert schema == ""
        assert geometry == ("geom" if name in MAPPED else "")
        assert owner == OWNER
        assert ET.fromstring(document.partition("\n")[2]).tag == "qgis"
    of_cells = [name for name, *_ in found if name == "cells"]
    assert len(of_cells) == 5 + 2 * 5 + 14 + 34


def test_layer_styles__are_announced_or_qgis_ignores_them_all(written: Path) -> None:
    found = rows(written, "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'")
    assert found == [("attributes",)]


def test_style_of_cells__names_the_class_without_data(written: Path) -> None:
    query = "SELECT styleQML FROM layer_styles WHERE f_table_name='cells' AND useAsDefault"
    [[document]] = rows(written, query)
    labels = [
        each.get("label") for each in ET.fromstring(document.partition("\n")[2]).iter("category")
    ]
    assert labels == [
        "0 - 50 · peor",
        "50 - 60",
        "60 - 70",
        "70 - 80",
        "80 - 100 · mejor",
        "Sin datos",
    ]


def test_project__is_the_same_inside_and_beside(written: Path) -> None:
    [[content]] = rows(written, "SELECT content FROM qgis_projects")
    inside = bytes.fromhex(content)
    beside = targets(written)[1]
    with zipfile.ZipFile(beside) as archive:
        [name] = archive.namelist()
        text = archive.read(name).decode()
    assert name == "town.qgs"
    assert inside == beside.read_bytes()
    assert "./town.gpkg|layername=cells" in text


def test_manifest__is_inside_and_beside_and_ends_with_complete(written: Path) -> None:
    beside = json.loads(targets(written)[2].read_text(encoding="utf-8"))
    query = "SELECT metadata FROM gpkg_metadata WHERE mime_type = 'application/json'"
    [[inside]] = rows(written, query)
    assert json.loads(inside) == beside
    assert list(beside)[-1] == "complete"
    assert beside["synthetic"] is True
    assert beside["parameters"]["min_coverage"] == {"dimension": 0.1, "area": 0.1, "marker": 0.1}
    assert {each["layer"] for each in beside["inputs"]} >= {"census", "health", "elevation"}
    assert all(len(each["sha256"]) == 64 for each in beside["inputs"])
    people = beside["conservation"][0]
    total = people["allocated"] + people["outside"] + people["lost"]
    assert total == pytest.approx(people["people_in"], rel=1e-9)
    assert str(written.parent) not in json.dumps(beside)


def test_content_hashes__of_the_manifest_are_those_of_the_file(written: Path) -> None:
    outputs = json.loads(targets(written)[2].read_text(encoding="utf-8"))["outputs"]
    for name in ("cells", "boundary", "method", "origins"):
        read = gpd.read_file(written, layer=name)
        assert content_hash(read) == outputs[name]["sha256_of_content"], name


def test_synthetic_city__says_so_in_the_metadata_of_every_layer(written: Path) -> None:
    query = "SELECT metadata FROM gpkg_metadata WHERE mime_type = 'text/xml'"
    documents = rows(written, query)
    assert len(documents) == len(LAYERS)
    assert all("DATOS SINTÉTICOS" in document for (document,) in documents)


def test_same_input__gives_the_same_bytes(marker: Marker, tmp_path: Path) -> None:
    one = marker.to_geopackage(tmp_path / "one" / "town.gpkg")
    two = marker.to_geopackage(tmp_path / "two" / "town.gpkg")
    for first, second in zip(targets(one), targets(two), strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name


def test_source_date_epoch__is_the_moment_that_the_file_carries(
    marker: Marker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    path = marker.to_geopackage(tmp_path / "town.gpkg")
    found = rows(path, "SELECT DISTINCT last_change FROM gpkg_contents")
    assert found == [("2023-11-14T22:13:20.000Z",)]


def test_existing_file__is_refused_and_left_as_it_was(marker: Marker, written: Path) -> None:
    before = [each.read_bytes() for each in targets(written)]
    with pytest.raises(OutputError, match="output_exists"):
        marker.to_geopackage(written)
    assert [each.read_bytes() for each in targets(written)] == before


def test_existing_file__is_replaced_when_asked(marker: Marker, written: Path) -> None:
    marker.to_geopackage(written, language="en", overwrite=True)
    said = rows(written, "SELECT identifier FROM gpkg_contents WHERE table_name = 'cells'")
    assert said == [("Urban Inclusion Marker",)]


def test_open_file__is_refused_with_what_to_do(marker: Marker, written: Path) -> None:
    with closing(sqlite3.connect(written)) as reader:
        reader.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutputError, match="output_open") as caught:
            marker.to_geopackage(written, overwrite=True)
        reader.rollback()
    assert caught.value.exit_code == 5
    assert "cierre el proyecto o la capa en QGIS" in caught.value.text("es")


@pytest.mark.parametrize("name", ["cúcuta.gpkg", "a#b.gpkg", "a b.gpkg", "town.shp", "CON%.gpkg"])
def test_name_that_qgis_cannot_open__is_refused_with_one_that_it_can(
    marker: Marker, tmp_path: Path, name: str
) -> None:
    with pytest.raises(OutputError, match="output_name") as caught:
        marker.to_geopackage(tmp_path / name)
    assert ".gpkg'" in caught.value.text("en")
    assert not list(tmp_path.glob("*.gpkg"))


@pytest.mark.parametrize("name", ["res #1", "a?b", "a%20b"])
def test_folder_in_which_qgis_opens_no_project__is_refused(
    marker: Marker, tmp_path: Path, name: str
) -> None:
    with pytest.raises(OutputError, match="output_folder_name"):
        marker.to_geopackage(tmp_path / name / "town.gpkg")
    assert not (tmp_path / name).exists()


def test_failure_in_the_middle__leaves_nothing(
    marker: Marker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sqlite3, "connect", broken)
    folder = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        marker.to_geopackage(folder / "town.gpkg")
    assert not folder.exists()


def test_place_names__are_text_in_map_tips_never_markup(written: Path) -> None:
    query = "SELECT styleQML FROM layer_styles WHERE f_table_name='services'"
    [[document]] = rows(written, query)
    tip = ET.fromstring(document.partition("\n")[2]).findtext("mapTip") or ""
    assert 'replace(replace(coalesce("name"' in tip
    assert "'&lt;'" in tip


def test_cells__say_how_sure_they_are_where_they_cluster_and_what_is_missing(
    written: Path, marker: Marker
) -> None:
    cells = gpd.read_file(written, layer="cells").set_index("cell")
    assert marker.analyses.robustness is not None
    drawn = marker.analyses.robustness.cells
    for name, column in (("low", "marker_low"), ("high", "marker_high")):
        npt.assert_allclose(cells[column], drawn[name])
    scored = cells["marker"].notna()
    assert cells.loc[scored, "confidence"].isin(["high", "medium", "low"]).all()
    assert cells.loc[scored, "hotspot"].isin(["high", "low", "none", "island"]).all()
    assert set(cells["shortfall_main"].dropna()) <= set(marker.method.indicators)
    assert cells["shortfall_points"].max() <= 100 - cells["marker"].min() + 1e-9


def test_codes__of_confidence_and_clusters_have_their_words(written: Path) -> None:
    listed = rows(
        written,
        "SELECT constraint_name, value, description FROM"
        " gpkg_data_column_constraints WHERE constraint_type = 'enum'",
    )
    words = {(kind, value): said for kind, value, said in listed}
    assert words["confidence", "low"] == "baja"
    assert words["hotspot", "low"] == "foco de carencia"
    assert words["cause", "interpolation"].startswith("personas repartidas")


def test_manifest__says_what_was_drawn(written: Path, marker: Marker) -> None:
    manifest = json.loads(targets(written)[2].read_text(encoding="utf-8"))
    assert manifest["comparable"] is True
    assert manifest["robustness"]["seed"] == 7
    assert marker.analyses.robustness is not None
    assert manifest["robustness"]["draws"] == marker.analyses.robustness.draws.shape[1]


def test_a_rule_over_the_cells__is_written_without_draws(tmp_path: Path) -> None:
    changes = {"aggregation": {"marker": {"rule": "mpi"}}}
    method = extended_method(load_city("manta").own_method(), changes, file="x.toml")
    found = compute("manta", resolution=8, method=method, min_coverage=0.3)
    path = found.to_geopackage(tmp_path / "manta.gpkg")
    cells = gpd.read_file(path, layer="cells")
    assert cells["marker"].notna().any()
    assert cells[["marker_low", "confidence"]].isna().all(axis=None)
    assert "Certainty" not in found.summary("en", analyses=True)


def test_scores_relative_to_the_city__are_marked_in_every_layer_and_the_manifest(
    town: Town, tmp_path: Path
) -> None:
    as_before = {"internet": {"score": {"normalise": {"rule": "goalposts"}}}}
    changes = {"normalisation": {"rule": "percentile"}, "indicators": as_before}
    method = extended_method("uim-v1", changes, file="x.toml")
    found = compute(town.root, method=method, min_coverage=0.1)
    path = found.to_geopackage(tmp_path / "town.gpkg", language="en")
    manifest = json.loads(targets(path)[2].read_text(encoding="utf-8"))
    assert manifest["comparable"] is False
    documents = rows(path, "SELECT metadata FROM gpkg_metadata WHERE mime_type = 'text/xml'")
    assert all("NOT COMPARABLE" in document for (document,) in documents)
    assert "NOT COMPARABLE" in found.summary("en")
    assert "not_comparable" in {each.code for each in found.notices}
    tip = rows(path, "SELECT styleQML FROM layer_styles WHERE useAsDefault")
    assert any("not comparable with other cities" in qml for (qml,) in tip)


def test_marker_left_empty__is_written_all_the_same(town: Town, tmp_path: Path) -> None:
    path = compute(town.root).to_geopackage(tmp_path / "town.gpkg")
    cells = gpd.read_file(path, layer="cells")
    assert cells["marker"].isna().all()
    assert cells["marker_class"].isna().all()
    assert np.isfinite(cells["ind_internet"].astype(float)).any()


# ── zones ────────────────────────────────────────────────────────────────────


def test_zones__hold_the_people_that_went_to_the_cells(written: Path, marker: Marker) -> None:
    zones = gpd.read_file(written, layer="zones")
    census = zones[zones["layer"] == "census"]
    account = marker.provenance["conservation"][0]
    assert census["people"].sum() == pytest.approx(account["people_in"])
    npt.assert_allclose(census["area_ha"], census.geometry.area / 10_000)
    npt.assert_allclose(census["people_per_ha"], census["people"] / census["area_ha"])
    assert census["zone"].is_unique
    assert census["label_en"].str.len().gt(0).all()


def test_zones__of_several_layers_stand_one_after_the_other_and_count_only_what_they_know() -> None:
    found = compute("manta", resolution=8)
    zones = zone_polygons(found)
    assert zones["layer"].unique().tolist() == ["census", "parishes"]
    assert (
        zones.loc[zones["layer"] == "parishes", ["people", "people_per_ha"]].isna().all(axis=None)
    )
    assert len(zones) == sum(len(each.zones) for each in found.shares.values())


def test_zones__that_are_points_have_no_polygon_and_leave_no_layer(marker: Marker) -> None:
    census = marker.layers["census"]
    points = census.set_geometry(census.representative_point())
    spread = dataclasses.replace(marker, layers={**marker.layers, "census": points})
    assert "zones" not in {table.name for table in tables_of(spread, marker.analyses, "es")}
    assert zone_polygons(spread).columns.tolist() == zone_polygons(marker).columns.tolist()


def test_zone_without_area__has_no_density(marker: Marker) -> None:
    census = marker.layers["census"].copy()
    flat = shapely.Polygon([(0, 0), (1, 0), (0, 0)])
    census.geometry = [flat, *census.geometry.iloc[1:]]
    found = zone_polygons(dataclasses.replace(marker, layers={"census": census}))
    assert np.isnan(found["people_per_ha"].iloc[0])
    assert found["people_per_ha"].iloc[1:].notna().all()


def test_slivers_and_lines__of_a_zone_are_left_out(marker: Marker) -> None:
    census = marker.layers["census"].copy()
    whole = census.geometry.iloc[0]
    sliver = shapely.Polygon([(0, 0), (0.1, 0), (0, 0.1)])
    parts = shapely.GeometryCollection([whole, sliver, shapely.LineString([(0, 0), (9, 9)])])
    census.geometry = [parts, sliver, *census.geometry.iloc[2:]]
    found = zone_polygons(dataclasses.replace(marker, layers={"census": census})).geometry
    assert found.iloc[0].equals(whole)
    assert found.iloc[1].equals(sliver)


def test_city_without_services__has_no_layer_of_them(marker: Marker, tmp_path: Path) -> None:
    nowhere = {key: layer.iloc[:0] for key, layer in marker.layers.items() if key != "census"}
    empty = dataclasses.replace(marker, layers={**marker.layers, **nowhere})
    path = tmp_path / "town.gpkg"
    write_geopackage(empty, marker.analyses, path, language="es", overwrite=False)
    names = {str(name) for name, _ in pyogrio.list_layers(path)}
    assert names - {"layer_styles"} == LAYERS - {"services", "shapes"}


# ── breaks ───────────────────────────────────────────────────────────────────


def test_natural_breaks__are_in_the_styles_and_the_manifest_and_leave_the_columns_fixed(
    marker: Marker, once: Path, tmp_path: Path
) -> None:
    path = tmp_path / "town.gpkg"
    write_geopackage(
        marker, marker.analyses, path, language="es", overwrite=False, breaks="natural"
    )
    said = json.loads(targets(path)[2].read_text(encoding="utf-8"))["breaks"]
    edges = breaks_of(marker.table(), "natural")
    assert said == {"kind": "natural", "edges": {key: list(each) for key, each in edges.items()}}
    query = "SELECT styleQML FROM layer_styles WHERE f_table_name='cells' AND useAsDefault"
    [[document]] = rows(path, query)
    assert class_labels(edges["marker"])[1] in document
    natural, fixed = (gpd.read_file(each, layer="cells") for each in (path, once))
    assert natural["marker_class"].equals(fixed["marker_class"])
    metadata = "SELECT metadata FROM gpkg_metadata WHERE metadata LIKE '%Fisher-Jenks%'"
    assert len(rows(path, metadata)) == 1
    assert not rows(once, metadata)


def test_fixed_breaks__are_named_in_the_manifest(once: Path) -> None:
    manifest = json.loads(targets(once)[2].read_text(encoding="utf-8"))
    assert manifest["breaks"] == {"kind": "fixed", "edges": None}


def test_polygons__run_counter_clockwise(once: Path) -> None:
    for name in ("cells", "zones", "shapes", "boundary"):
        for shape in gpd.read_file(once, layer=name).explode().geometry:
            assert shape.exterior.is_ccw, name
            assert not any(ring.is_ccw for ring in shape.interiors)
