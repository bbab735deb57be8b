"""Real extracts, read in place from ../shared/data, beside what other readers find in them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pandas as pd
import pyogrio
import pytest
import shapely

from inclusion_marker.loaders.osm import KEPT_TAGS, Ways, read_osm

DATA = Path(__file__).parents[3] / "shared" / "data"
EXTRACTS = ("porto-alegre/poa_osm.pbf", "lima-callao/callao_centro_20170731.osm")
# Streets, and the nodes that the notes beside the data count, where they do.
ANSWERS = {
    "manizales/manizales_drive_overpass_20240326.json.gz": (5772, 33241),
    "manizales/manizales_urban_walk_overpass_20240407.json.gz": (7183, 36423),
    "bucaramanga-am/floridablanca_drive_overpass_20260429.json.gz": (3019, None),
    "bucaramanga-am/giron_drive_overpass_20260429.json.gz": (2434, None),
    "bucaramanga-am/piedecuesta_drive_overpass_20260429.json.gz": (2016, None),
    "huaraz/huaraz_drive_overpass_20250712.json.gz": (839, None),
    "lima-callao/lima_sur_villa_el_salvador_drive_overpass_20240506.json.gz": (3292, None),
    "lima-callao/lima_sur_lurin_pachacamac_drive_overpass_20240506.json.gz": (5071, None),
}


def real(name: str) -> Path:
    """Return a real file, or skip."""
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{path.name} is not here (../shared/data)")
    return path


def lines(ways: Ways) -> gpd.GeoSeries:
    """Return each way as a line of degrees."""
    points = ways.nodes.loc[ways.refs, ["lon", "lat"]].to_numpy()
    owner = np.repeat(np.arange(len(ways.ways)), np.diff(ways.starts))
    return gpd.GeoSeries(shapely.linestrings(points, indices=owner), index=ways.ways.index)


@pytest.mark.parametrize("name", EXTRACTS)
def test_extract__has_the_streets_and_lines_that_gdal_finds(name: str) -> None:
    path = real(name)
    if "OSM" not in pyogrio.list_drivers():
        pytest.skip("GDAL is here without its OSM driver")
    table = pyogrio.read_dataframe(path, layer="lines", where="highway IS NOT NULL")
    table = table.set_index(table["osm_id"].astype(np.int64)).sort_index()
    ways = read_osm(path)
    assert ways.ways.index.tolist() == table.index.tolist()
    found = lines(ways)
    npt.assert_array_equal(shapely.get_coordinates(found), shapely.get_coordinates(table.geometry))
    npt.assert_array_equal(shapely.get_num_points(found), shapely.get_num_points(table.geometry))
    for tag in ("highway", "name"):
        assert (
            ways.ways[tag].tolist()
            == table[tag].astype(object).where(table[tag].notna(), None).tolist()
        )
    assert ways.notices == ()


def test_porto_alegre__has_15852_streets_among_16032_ways() -> None:
    ways = read_osm(real(EXTRACTS[0]))
    assert len(ways.ways) == 15852
    assert len(ways.nodes) <= 43264
    assert ways.nodes["lon"].between(-51.266, -51.132).mean() > 0.99
    assert ways.nodes["lat"].between(-30.113, -29.988).mean() > 0.99


def test_callao__has_245_streets() -> None:
    assert len(read_osm(real(EXTRACTS[1])).ways) == 245


@pytest.mark.parametrize("name", ANSWERS)
def test_answer__has_the_counts_of_its_notes_and_the_elements_of_its_json(name: str) -> None:
    path = real(name)
    ways = read_osm(path)
    streets, nodes = ANSWERS[name]
    assert len(ways.ways) == streets
    assert nodes is None or len(ways.nodes) == nodes
    with gzip.open(path) as file:
        elements: list[dict[str, Any]] = json.load(file)["elements"]
    places = {e["id"]: [e["lon"], e["lat"]] for e in elements if e["type"] == "node"}
    found = dict(zip(ways.nodes.index, ways.nodes.to_numpy().tolist(), strict=True))
    assert found == places
    expected = {e["id"]: e for e in elements if e["type"] == "way"}
    parts = np.split(ways.refs, ways.starts[1:-1])
    for way, part in zip(ways.ways.index, parts, strict=True):
        assert part.tolist() == expected[way]["nodes"]
    for tag in KEPT_TAGS:
        assert ways.ways[tag].tolist() == [expected[w]["tags"].get(tag) for w in ways.ways.index]
    assert ways.notices == ()


def test_manizales__has_358_stairways() -> None:
    ways = read_osm(real("manizales/manizales_urban_walk_overpass_20240407.json.gz"))
    assert int((ways.ways["highway"] == "steps").sum()) == 358


@pytest.mark.parametrize(
    ("name", "kilometres"),
    [
        ("manizales/manizales_drive_overpass_20240326.json.gz", 813),
        ("manizales/manizales_urban_walk_overpass_20240407.json.gz", 808),
        ("lima-callao/lima_sur_villa_el_salvador_drive_overpass_20240506.json.gz", 730),
        ("lima-callao/lima_sur_lurin_pachacamac_drive_overpass_20240506.json.gz", 1583),
    ],
)
def test_streets__are_as_long_as_the_notes_say(name: str, kilometres: float) -> None:
    found = lines(read_osm(real(name))).set_crs("EPSG:4326")
    length = found.to_crs(found.estimate_utm_crs()).length.sum() / 1000
    assert length == pytest.approx(kilometres, rel=0.005)


def test_huaraz__agrees_with_the_graph_made_from_it() -> None:
    graph = read_graph(real("huaraz/huaraz_drive_3500m.graphml"))
    nodes = read_osm(real("huaraz/huaraz_drive_overpass_20250712.json.gz")).nodes
    both = graph.index.intersection(nodes.index)
    assert len(both) == 1547  # of the 1,827 of the graph, which covers more
    npt.assert_allclose(nodes.loc[both], graph.loc[both], atol=1e-9)


def read_graph(path: Path) -> pd.DataFrame:
    """Return the coordinates of the nodes of a GraphML."""
    space = "{http://graphml.graphdrawing.org/xmlns}"
    root = ET.parse(path).getroot()
    names = {each.get("id"): each.get("attr.name") for each in root.iter(f"{space}key")}
    places = {
        int(node.get("id", "")): {names[data.get("key")]: data.text for data in node}
        for node in root.iter(f"{space}node")
    }
    table = pd.DataFrame.from_dict(places, orient="index")[["x", "y"]].astype(float)
    return table.set_axis(["lon", "lat"], axis=1)
