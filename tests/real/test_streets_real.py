"""Real streets, read in place from ../shared/data, beside what is known of them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from inclusion_marker.loaders.slopes import edge_grades
from inclusion_marker.loaders.streets import Streets, load_streets
from inclusion_marker.profiles import load_profile

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real layers are not here (../shared/data)"
)


def km(streets: Streets) -> float:
    """Return how long the streets are."""
    return float(streets.edges["length_m"].sum()) / 1000


def share_in_one_piece(streets: Streets) -> float:
    """Return the share of the nodes that hang together in the largest component."""
    ends, count = streets.edges[["tail", "head"]].to_numpy(), len(streets.nodes)
    links = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count))
    pieces = connected_components(links, directed=False)[1]
    return float(np.bincount(pieces).max() / count)


def test_buenos_aires__meets_at_the_nodes_of_the_city_s_own_layer() -> None:
    path = DATA / "buenos-aires" / "buenos_aires.gpkg"
    streets = load_streets(path, crs="EPSG:32721", layer="street_edges")
    assert len(streets.edges) == 31_082
    assert streets.notices == ()
    nodes = gpd.read_file(path, layer="street_nodes").to_crs("EPSG:32721")
    there = shapely.get_coordinates(nodes.geometry)
    assert len(streets.nodes) == len(there) == 17_538
    ours, theirs = (each[np.lexsort(each.T)] for each in (streets.nodes, there))
    npt.assert_array_equal(ours, theirs)


def test_manizales__is_as_long_and_as_whole_as_its_sources_say() -> None:
    drive, walk = (
        load_streets(DATA / "manizales" / f"{name}.json.gz", crs="EPSG:32618")
        for name in (
            "manizales_drive_overpass_20240326",
            "manizales_urban_walk_overpass_20240407",
        )
    )
    assert km(drive) == pytest.approx(813, abs=1)
    assert km(walk) == pytest.approx(808, abs=1)
    assert share_in_one_piece(drive) > 0.995
    assert share_in_one_piece(walk) > 0.98
    stairs = walk.edges["highway"] == "steps"
    assert walk.edges.loc[stairs, "way"].nunique() == 358
    on_foot = load_profile("walk").speeds_kmh_of(walk.edges)[0]
    assert (on_foot[stairs] > 0).all()
    assert on_foot[stairs].max() < 3
    assert not load_profile("drive").speeds_kmh_of(walk.edges)[0][stairs].any()


def test_porto_alegre__climbs_both_ways_and_says_what_the_raster_misses() -> None:
    streets = load_streets(DATA / "porto-alegre" / "poa_osm.pbf", crs="EPSG:32722")
    assert km(streets) == pytest.approx(2020, abs=1)
    level = streets.edges[["bridge", "tunnel"]].notna().any(axis=1).to_numpy()
    raster = DATA / "porto-alegre" / "poa_elevation.tif"
    up = edge_grades(streets.edges.geometry, raster, level=level)
    assert up.covered == pytest.approx(0.969, abs=0.001)
    assert np.nanmedian(np.abs(up.grade)) == pytest.approx(0.032, abs=0.001)
    down = edge_grades(streets.edges.geometry.reverse(), raster, level=level)
    rises = [
        np.add.reduceat(np.nan_to_num(each.grade * each.run_m), each.first[:-1])
        for each in (up, down)
    ]
    npt.assert_allclose(rises[0], -rises[1], atol=1e-6)


# ── Huaraz, as a graph of OSMnx and as the answer of Overpass ────────────────


@pytest.fixture(scope="module")
def huaraz() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the edges that both files hold, row by row: same way, same two nodes, only one."""
    tables = []
    for name in ("huaraz_drive_3500m.graphml", "huaraz_drive_overpass_20250712.json.gz"):
        streets = load_streets(DATA / "huaraz" / name, crs="EPSG:32718")
        assert streets.node_ids is not None
        assert streets.notices == ()
        ends = streets.node_ids.to_numpy()[streets.edges[["tail", "head"]].to_numpy()]
        table = pd.DataFrame(streets.edges).assign(tail=ends[:, 0], head=ends[:, 1])
        low, high = ends.min(axis=1), ends.max(axis=1)
        table.index = pd.MultiIndex.from_arrays([table["way"].astype(str), low, high])
        tables.append(table[~table.index.duplicated(keep=False)])
    shared = tables[0].index.intersection(tables[1].index)
    return tables[0].loc[shared], tables[1].loc[shared]


def test_huaraz__nine_in_ten_edges_of_the_answer_are_in_the_graph(
    huaraz: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    assert len(huaraz[0]) == 2138


def test_huaraz__the_lines_of_both_files_are_the_same(
    huaraz: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    one, other = (shapely.normalize(each["geometry"].to_numpy()) for each in huaraz)
    assert shapely.equals_exact(one, other, tolerance=1e-6).all()
    npt.assert_allclose(shapely.length(one), huaraz[1]["length_m"], rtol=1e-9)


def test_huaraz__lengths_differ_as_a_sphere_does_from_the_ellipsoid(
    huaraz: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    """OSMnx measures on a sphere of 6,371,009 m; we in UTM, whose scale is 1.0005 there."""
    ratio = (huaraz[0]["length_m"] / huaraz[1]["length_m"]).to_numpy()
    latitude, squared = np.radians(-9.53), 0.00669438
    east = 6_378_137 / np.sqrt(1 - squared * np.sin(latitude) ** 2)
    north = east * (1 - squared) / (1 - squared * np.sin(latitude) ** 2)
    scale = 0.9996 * (1 + (278_000 / 6_378_137) ** 2 / 2)
    assert ratio.min() == pytest.approx(6_371_009 / east / scale, abs=1e-4)
    assert ratio.max() == pytest.approx(6_371_009 / north / scale, abs=1e-4)


def test_huaraz__directions_and_shortest_paths_are_the_same(
    huaraz: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    found = []
    nodes = np.unique(huaraz[0][["tail", "head"]])
    for table in huaraz:
        forward, backward = load_profile("drive").speeds_kmh_of(table)
        tail, head = (np.searchsorted(nodes, table[end]) for end in ("tail", "head"))
        length = shapely.length(table["geometry"].to_numpy())
        arcs = pd.DataFrame(
            {
                "tail": np.concatenate([tail[forward > 0], head[backward > 0]]),
                "head": np.concatenate([head[forward > 0], tail[backward > 0]]),
                "length": np.concatenate([length[forward > 0], length[backward > 0]]),
            }
        )
        arcs = arcs.groupby(["tail", "head"], as_index=False).min()
        graph = coo_array(
            (arcs["length"], (arcs["tail"], arcs["head"])), shape=(len(nodes), len(nodes))
        )
        found.append((arcs, dijkstra(graph.tocsr())))
    pd.testing.assert_frame_equal(found[0][0], found[1][0], rtol=1e-9)
    npt.assert_allclose(found[0][1], found[1][1], rtol=1e-9)
    assert np.isfinite(found[0][1]).sum() > 900_000  # pairs of nodes
