"""Streets of every accepted kind of file, beside a slow twin and laws; what is wrong is said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import networkx as nx  # type: ignore[import-untyped]
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from inclusion_marker.errors import LayerError, ParameterError
from inclusion_marker.loaders import streets as module
from inclusion_marker.loaders.graphml import read_graph
from inclusion_marker.loaders.osm import Ways
from inclusion_marker.loaders.streets import Streets, load_streets
from inclusion_marker.notices import Notice

CRS = "EPSG:32618"
WEST, SOUTH = 700_000.0, 870_000.0


def line(*points: tuple[float, float]) -> shapely.LineString:
    """Return a line through points measured from the south-west corner, metres."""
    return shapely.LineString([(WEST + x, SOUTH + y) for x, y in points])


def layer_of(
    folder: Path, shapes: Sequence[object], name: str = "streets.gpkg", **columns: object
) -> Path:
    """Return a file of shapes in metres."""
    path = folder / name
    gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_file(path)
    return path


def codes(notices: object) -> list[str]:
    """Return the codes of notices."""
    assert isinstance(notices, tuple)
    return [each.code for each in notices]


def fault_of(path: Path, **options: object) -> Notice:
    """Return the one notice with which a file is refused."""
    with pytest.raises(LayerError) as caught:
        load_streets(path, crs=CRS, **options)  # type: ignore[arg-type]
    (notice,) = caught.value.problems
    assert isinstance(notice, Notice)
    assert notice.text("es")
    return notice


def assert_whole(streets: Streets) -> None:
    """Check what holds of all streets: lines run from tail to head, every node is an end."""
    edges, geometry = streets.edges, streets.edges.geometry.to_numpy()
    for end, place in (("tail", 0), ("head", -1)):
        found = shapely.get_coordinates(shapely.get_point(geometry, place))
        npt.assert_allclose(found, streets.nodes[edges[end]], atol=1e-6)
        assert edges[end].dtype == np.int64
    assert set(edges["tail"]) | set(edges["head"]) == set(range(len(streets.nodes)))
    assert (edges["length_m"] > 0).all()
    assert edges.index.equals(pd.RangeIndex(len(edges)))
    assert edges.crs == streets.crs


# ── layers of lines ──────────────────────────────────────────────────────────

corner = st.tuples(st.integers(0, 3), st.integers(0, 3))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(corner, min_size=2, max_size=4), min_size=1, max_size=12))
def test_lines__meet_where_ends_are_the_same_and_nowhere_else(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[list[tuple[float, float]]]
) -> None:
    kept = [points for points in drawn if len(set(points)) > 1]
    path = tmp_path_factory.mktemp("lines") / "streets.parquet"
    gpd.GeoDataFrame(geometry=[line(*points) for points in drawn], crs=CRS).to_parquet(path)
    if not kept:
        assert fault_of(path).code == "streets_without_edges"
        return
    streets = load_streets(path, crs=CRS)
    assert_whole(streets)
    ends = {end for points in kept for end in (points[0], points[-1])}
    assert len(streets.nodes) == len(ends)
    for (_, edge), points in zip(streets.edges.iterrows(), kept, strict=True):
        npt.assert_array_equal(streets.nodes[edge["tail"]] - (WEST, SOUTH), points[0])
        npt.assert_array_equal(streets.nodes[edge["head"]] - (WEST, SOUTH), points[-1])
        length = sum(np.hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points))
        assert edge["length_m"] == pytest.approx(length, rel=1e-12)


def test_lines__that_cross_or_touch_along_the_way_do_not_meet(tmp_path: Path) -> None:
    bridge, street = line((0, 50), (100, 50)), line((50, 0), (50, 100))
    side = line((50, 20), (90, 20))  # it starts on a vertex-free point of the street
    streets = load_streets(layer_of(tmp_path, [bridge, street, side]), crs=CRS)
    assert len(streets.nodes) == 6
    assert streets.node_ids is None
    assert streets.notices == ()


def test_lines__a_part_is_an_edge_of_the_row_it_is_part_of(tmp_path: Path) -> None:
    both = shapely.MultiLineString([line((0, 0), (10, 0)), line((50, 0), (90, 0))])
    path = layer_of(tmp_path, [line((10, 0), (50, 0)), both], highway=["primary", "path"])
    streets = load_streets(path, crs=CRS)
    assert_whole(streets)
    assert streets.edges["way"].tolist() == [1, 2, 2]
    assert streets.edges["highway"].tolist() == ["primary", "path", "path"]
    assert streets.edges["length_m"].tolist() == [40.0, 10.0, 40.0]
    assert len(streets.nodes) == 4


def test_lines__without_a_shape_are_left_out_and_said(tmp_path: Path) -> None:
    with np.errstate(invalid="ignore"):
        nowhere = shapely.LineString([(WEST, SOUTH), (np.nan, SOUTH)])
    shapes = [line((0, 0), (10, 0)), None, shapely.LineString(), nowhere, line((3, 3), (9, 3))]
    path = tmp_path / "streets.parquet"
    gpd.GeoDataFrame({"name": list("abcde")}, geometry=shapes, crs=CRS).to_parquet(path)
    streets = load_streets(path, crs=CRS)
    assert streets.edges["name"].tolist() == ["a", "e"]
    (notice,) = streets.notices
    assert notice.code == "street_shape_broken"
    assert notice.rows == "2, 3, 4"
    assert notice.values["found"] == 3


def test_lines__without_length_are_left_out_and_a_loop_stays(tmp_path: Path) -> None:
    loop = line((0, 0), (20, 0), (20, 20), (0, 0))
    streets = load_streets(layer_of(tmp_path, [line((5, 5), (5, 5)), loop]), crs=CRS)
    assert_whole(streets)
    (notice,) = streets.notices
    assert (notice.code, notice.rows, notice.severity) == ("street_zero_length", "1", "info")
    assert streets.edges["tail"].tolist() == streets.edges["head"].tolist() == [0]
    assert streets.edges["length_m"].iloc[0] == pytest.approx(40 + np.hypot(20, 20))


@pytest.mark.parametrize("name", ["s.gpkg", "s.shp", "s.geojson", "s.json", "s.fgb", "s.parquet"])
def test_lines__are_the_same_in_every_format(tmp_path: Path, name: str) -> None:
    shapes = [line((0, 0), (100, 0)), line((100, 0), (100, 100)), line((100, 0), (0, 80))]
    table = gpd.GeoDataFrame({"highway": ["primary", None, "path"]}, geometry=shapes, crs=CRS)
    if name.endswith(("json", "fgb")):
        table = table.to_crs("EPSG:4326")
    driver = {"driver": "GeoJSON"} if name.endswith(".json") else {}
    path = tmp_path / name
    table.to_parquet(path) if name.endswith("parquet") else table.to_file(path, **driver)
    streets = load_streets(path, crs=CRS)
    assert_whole(streets)
    assert sorted(streets.edges["highway"].dropna()) == ["path", "primary"]
    npt.assert_allclose(
        sorted(streets.edges["length_m"]), sorted([100, 100, np.hypot(100, 80)]), rtol=1e-6
    )
    assert len(streets.nodes) == 4


def test_tags__are_text_whatever_the_file_has(tmp_path: Path) -> None:
    shapes = [line((0, n), (10, n)) for n in range(3)]
    path = layer_of(
        tmp_path,
        shapes,
        oneway=[True, False, True],
        maxspeed=[30.0, np.nan, 45.5],
        lanes=[1, 2, 3],
        surface=["  ", "asphalt ", None],
        footway=[None, None, None],
        barrio=["x", "y", "z"],
    )
    edges = load_streets(path, crs=CRS).edges.drop(columns="geometry")
    edges = edges.astype(object).where(edges.notna(), None)
    assert edges["oneway"].tolist() == ["yes", "no", "yes"]
    assert edges["maxspeed"].tolist() == ["30", None, "45.5"]
    assert edges["lanes"].tolist() == ["1", "2", "3"]
    assert edges["surface"].tolist() == [None, "asphalt", None]
    assert "footway" not in edges
    assert "barrio" not in edges


def test_columns__are_read_under_the_names_of_their_tags(tmp_path: Path) -> None:
    shapes = [line((0, 0), (10, 0)), line((10, 0), (20, 0))]
    path = layer_of(tmp_path, shapes, clase=["primary", "path"], highway=["x", "y"])
    edges = load_streets(path, crs=CRS, columns={"highway": "clase"}).edges
    assert edges["highway"].tolist() == ["primary", "path"]


def test_columns__that_are_absent_or_no_tag_are_both_said(tmp_path: Path) -> None:
    path = layer_of(tmp_path, [line((0, 0), (10, 0))], clase=["primary"])
    with pytest.raises(LayerError) as caught:
        load_streets(path, crs=CRS, columns={"highway": "clas", "higway": "clase"})
    said = caught.value.text()
    assert "[column_missing]" in said
    assert "clase" in said
    assert "[name_unknown]" in said
    assert "highway" in said


def test_oneway__words_that_mean_nothing_are_counted(tmp_path: Path) -> None:
    shapes = [line((0, n), (10, n)) for n in range(4)]
    path = layer_of(tmp_path, shapes, oneway=["si", "yes", "si", "S"])
    (notice,) = load_streets(path, crs=CRS).notices
    assert notice.code == "oneway_unknown"
    assert notice.values["found"] == "'si' (2), 'S' (1)"


@pytest.mark.parametrize("shape", [shapely.Point(WEST, SOUTH), line((0, 0), (9, 9)).buffer(1)])
def test_layer__of_points_or_polygons_is_refused(tmp_path: Path, shape: object) -> None:
    assert fault_of(layer_of(tmp_path, [shape])).code == "geometry_type_wrong"


def test_layer__without_any_street_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "streets.parquet"
    gpd.GeoDataFrame(geometry=[], crs=CRS).to_parquet(path)
    assert fault_of(path).code == "streets_without_edges"


def test_layer__without_a_crs_takes_the_declared_one(tmp_path: Path) -> None:
    path = tmp_path / "streets.parquet"
    gpd.GeoDataFrame(geometry=[line((0, 0), (10, 0))]).to_parquet(path)
    assert fault_of(path).code == "crs_missing"
    assert load_streets(path, crs=CRS, declared_crs=CRS).edges["length_m"].tolist() == [10.0]


def test_layer__is_not_read_against_its_own_crs(tmp_path: Path) -> None:
    path = layer_of(tmp_path, [line((0, 0), (10, 0))])
    assert fault_of(path, declared_crs="EPSG:32617").code == "crs_contradicts_file"


def test_layer__in_a_file_of_several_must_be_chosen(tmp_path: Path) -> None:
    path = layer_of(tmp_path, [line((0, 0), (10, 0))])
    nodes = gpd.GeoDataFrame(geometry=[shapely.Point(WEST, SOUTH)], crs=CRS)
    nodes.to_file(path, layer="nodes")
    assert fault_of(path).code == "layer_not_chosen"
    assert len(load_streets(path, crs=CRS, layer="streets").edges) == 1


def test_layer__beyond_its_projection_is_left_out_and_said(tmp_path: Path) -> None:
    """A quarter of the earth away from a zone's meridian there is no finite place."""
    shapes = [shapely.LineString([(x, 0.0), (x + 0.001, 0.0)]) for x in (-75.0, 15.0)]
    path = tmp_path / "streets.parquet"
    gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4326").to_parquet(path)
    streets = load_streets(path, crs=CRS)
    assert codes(streets.notices) == ["street_shape_broken"]
    assert len(streets.edges) == 1
    assert len(streets.nodes) == 2


@pytest.mark.parametrize("name", ["absent.gpkg", "absent.pbf", "absent.json", "absent.graphml"])
def test_file__that_is_absent_is_said(tmp_path: Path, name: str) -> None:
    assert fault_of(tmp_path / name).code == "file_missing"


def test_file__of_another_kind_is_said(tmp_path: Path) -> None:
    (tmp_path / "streets.dwg").write_bytes(b"AC1027")
    assert fault_of(tmp_path / "streets.dwg").code == "driver_not_allowed"


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2229", "EPSG:0", "metres"])
def test_crs__must_measure_in_metres(tmp_path: Path, crs: str) -> None:
    path = layer_of(tmp_path, [line((0, 0), (10, 0))])
    with pytest.raises(ParameterError, match="value_invalid"):
        load_streets(path, crs=crs)


# ── ways of OpenStreetMap ────────────────────────────────────────────────────


def town() -> pd.DataFrame:
    """Return nine nodes in a grid of about 110 m; node 19 lies where node 18 does."""
    grid = [(-73.19 + 0.001 * x, 7.86 + 0.001 * y) for y in range(3) for x in range(3)]
    nodes = pd.DataFrame([*grid, grid[8]], columns=["lon", "lat"], index=range(10, 20))
    return nodes.astype(np.float64)


def ways_of(runs: list[list[int]], **tags: list[str | None]) -> Ways:
    """Return ways through nodes of the grid, their ids from 100."""
    ways = pd.DataFrame(tags or {"highway": ["residential"] * len(runs)}, dtype=object)
    refs = np.array([ref for run in runs for ref in run], dtype=np.int64)
    starts = np.cumsum([0, *map(len, runs)]).astype(np.int64)
    return Ways(town(), ways.set_axis(range(100, 100 + len(runs)), axis=0), refs, starts, ())


def loaded(ways: Ways, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Streets:
    """Return the streets of ways as if a file held them."""
    path = tmp_path / "town.osm.pbf"
    path.write_bytes(b"-")
    monkeypatch.setattr(module, "read_osm", lambda *_: ways)
    return load_streets(path, crs=CRS)


def edges_of(runs: list[list[int]]) -> list[tuple[int, tuple[int, ...]]]:
    """Return the edges of ways, one node after the other: way, and the nodes along the edge."""
    clean = [
        [ref for ref, before in zip(run, [None, *run], strict=False) if ref != before]
        for run in runs
    ]
    uses = pd.Series([ref for run in clean for ref in run], dtype=np.int64).value_counts()
    found = []
    for number, run in enumerate(clean):
        edge = run[:1]
        for place, ref in enumerate(run[1:], start=1):
            edge.append(ref)
            if uses[ref] > 1 or place == len(run) - 1:
                found.append((100 + number, tuple(edge)))
                edge = [ref]
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(10, 18), min_size=1, max_size=7), min_size=1, max_size=6))
def test_ways__are_cut_where_a_naive_walk_along_them_cuts(
    tmp_path_factory: pytest.TempPathFactory, runs: list[list[int]]
) -> None:
    expected = edges_of(runs)
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("ways")
        if not expected:
            with pytest.raises(LayerError, match="streets_without_edges"):
                loaded(ways_of(runs), patch, folder)
            return
        streets = loaded(ways_of(runs), patch, folder)
    assert_whole(streets)
    assert streets.node_ids is not None
    ids, edges = streets.node_ids, streets.edges
    found = list(zip(edges["way"], ids[edges["tail"]], ids[edges["head"]], strict=True))
    assert found == [(way, along[0], along[-1]) for way, along in expected]
    xy = gpd.GeoSeries.from_xy(town()["lon"], town()["lat"], crs="EPSG:4326").to_crs(CRS)
    for shape, (_, along) in zip(edges.geometry, expected, strict=True):
        npt.assert_allclose(
            shapely.get_coordinates(shape), shapely.get_coordinates(xy[list(along)]), atol=1e-6
        )


def test_ways__that_join_make_one_edge_up_to_the_next_junction(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ways = ways_of([[10, 11, 12, 15], [11, 14, 17]], highway=["primary", "steps"], name=[None, "Y"])
    streets = loaded(ways, monkeypatch, tmp_path)
    assert streets.edges["way"].tolist() == [100, 100, 101]
    assert streets.edges["highway"].tolist() == ["primary", "primary", "steps"]
    assert streets.node_ids is not None
    assert streets.node_ids.tolist() == [10, 11, 15, 17]


def test_ways__keep_a_cul_de_sac_that_is_a_loop(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    streets = loaded(ways_of([[10, 11], [11, 12, 15, 14, 11]]), monkeypatch, tmp_path)
    assert_whole(streets)
    loop = streets.edges.iloc[1]
    assert loop["tail"] == loop["head"]
    assert loop["length_m"] == pytest.approx(2 * 110.3 + 2 * 110.6, rel=0.01)


def test_ways__two_nodes_at_one_place_become_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without the edge between them the street would be cut there."""
    streets = loaded(ways_of([[10, 18], [18, 19], [19, 12]]), monkeypatch, tmp_path)
    assert codes(streets.notices) == ["street_zero_length"]
    assert streets.edges["way"].tolist() == [100, 102]
    assert streets.edges["head"].iloc[0] == streets.edges["tail"].iloc[1]
    assert_whole(streets)


def test_ways__are_in_degrees_whatever_is_declared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "town.osm.pbf"
    path.write_bytes(b"-")
    monkeypatch.setattr(module, "read_osm", lambda *_: ways_of([[10, 11]]))
    assert fault_of(path, declared_crs=CRS).code == "crs_contradicts_file"
    assert len(load_streets(path, crs=CRS, declared_crs="EPSG:4326").edges) == 1


def test_json__of_overpass_is_told_from_geojson(tmp_path: Path) -> None:
    nodes = [
        {"type": "node", "id": each.Index, "lat": each.lat, "lon": each.lon}
        for each in town().itertuples()
    ]
    way = {"type": "way", "id": 7, "nodes": [10, 11, 12], "tags": {"highway": "path"}}
    tree = {"version": 0.6, "generator": "Overpass API", "elements": [*nodes, way]}
    path = tmp_path / "streets.json"
    path.write_text(json.dumps(tree), encoding="utf-8")
    streets = load_streets(path, crs=CRS)
    assert streets.edges["way"].tolist() == [7]
    assert streets.edges["length_m"].iloc[0] == pytest.approx(220.4, rel=0.01)


def test_json__of_features_is_geojson_whatever_their_columns_are_called(tmp_path: Path) -> None:
    shape = line((0, 0), (100, 0))
    table = gpd.GeoDataFrame({"elements": ["x"], "name": ["Calle 1"]}, geometry=[shape], crs=CRS)
    path = tmp_path / "streets.json"
    table.to_crs("EPSG:4326").to_file(path, driver="GeoJSON")
    assert load_streets(path, crs=CRS).edges["name"].tolist() == ["Calle 1"]


# ── graphs ───────────────────────────────────────────────────────────────────

Edge = tuple[int, int, dict[str, object]]


def graph_of(
    folder: Path,
    edges: list[Edge],
    kind: type = nx.MultiDiGraph,
    crs: str | None = CRS,
    **places: object,
) -> Path:
    """Return a GraphML file whose values are text, as OSMnx writes them."""
    graph = kind(**({} if crs is None else {"crs": crs}))
    for number in range(1, 5):
        x, y = WEST + 100 * number, SOUTH + 10 * number**2
        graph.add_node(number, **{"x": str(x), "y": str(y), **places})
    for tail, head, values in edges:
        graph.add_edge(tail, head, **{name: str(value) for name, value in values.items()})
    path = folder / "streets.graphml"
    nx.write_graphml(graph, path)
    return path


def test_graph__a_street_in_both_directions_is_one_edge(tmp_path: Path) -> None:
    one = {"osmid": 5, "highway": "primary", "oneway": False, "length": 120.25}
    back = {**one, "reversed": True, "length": 120.25 + 1e-10}
    path = graph_of(tmp_path, [(1, 2, one), (2, 3, {**one, "oneway": True}), (2, 1, back)])
    streets = load_streets(path, crs=CRS)
    assert_whole(streets)
    assert streets.edges["oneway"].tolist() == ["no", "yes"]
    assert streets.edges["length_m"].tolist() == [120.25, 120.25]
    assert streets.edges["way"].tolist() == ["5", "5"]
    assert streets.node_ids is not None
    assert streets.node_ids.tolist() == [1, 2, 3]
    assert streets.notices == ()


@pytest.mark.parametrize("other", [{"osmid": 6}, {"length": 121}])
def test_graph__two_streets_between_the_same_nodes_stay_two(
    tmp_path: Path, other: dict[str, object]
) -> None:
    one: dict[str, object] = {"osmid": 5, "length": 120}
    edges = load_streets(graph_of(tmp_path, [(1, 2, one), (2, 1, {**one, **other})]), crs=CRS).edges
    assert edges["oneway"].tolist() == ["yes", "yes"]
    assert edges["tail"].tolist() == [0, 1]


def test_graph__parallel_streets_are_paired_one_by_one(tmp_path: Path) -> None:
    one: dict[str, object] = {"osmid": "[5, 6]", "length": 120}
    back = {**one, "osmid": "[6, 5]"}
    path = graph_of(tmp_path, [(1, 2, one), (1, 2, one), (2, 1, back), (2, 1, back), (1, 2, one)])
    edges = load_streets(path, crs=CRS).edges
    assert edges["oneway"].tolist() == ["no", "no", "yes"]
    assert edges["way"].tolist() == ["5;6", "5;6", "5;6"]


def test_graph__a_loop_in_both_directions_is_one_edge(tmp_path: Path) -> None:
    ring = line((100, 10), (150, 10), (150, 60), (100, 10)).wkt
    loop: dict[str, object] = {"osmid": 5, "length": 170.7, "geometry": ring}
    other = {**loop, "osmid": 6}
    streets = load_streets(graph_of(tmp_path, [(1, 1, loop), (1, 1, loop), (1, 1, other)]), crs=CRS)
    assert_whole(streets)
    assert streets.edges["oneway"].tolist() == ["no", "yes"]
    assert streets.edges["length_m"].tolist() == [170.7, 170.7]


def test_graph__of_no_direction_keeps_its_tags_and_lines_run_from_tail_to_head(
    tmp_path: Path,
) -> None:
    bent = line((200, 40), (100, 40), (100, 10)).wkt  # drawn from node 2 to node 1
    values: dict[str, object] = {"geometry": bent, "length": 130, "oneway": "yes"}
    streets = load_streets(graph_of(tmp_path, [(1, 2, values)], nx.Graph), crs=CRS)
    assert_whole(streets)
    assert streets.edges["oneway"].tolist() == ["yes"]


def test_graph__values_of_joined_ways_are_a_list(tmp_path: Path) -> None:
    values: dict[str, object] = {
        "osmid": [7, 8],
        "highway": ["primary", "tertiary"],
        "name": "[sin nombre]",
        "surface": "[1, 2",
        "length": 1.5,
    }
    edge = read_graph(graph_of(tmp_path, [(1, 2, values)])).edges.iloc[0]
    assert edge["way"] == "7;8"
    assert edge["highway"] == "primary;tertiary"
    assert edge["name"] == "[sin nombre]"
    assert edge["surface"] == "[1, 2"


@pytest.mark.parametrize("crs", [CRS, "EPSG:4326"])
def test_graph__without_lengths_is_measured_and_said(tmp_path: Path, crs: str) -> None:
    x, y = {CRS: (WEST, SOUTH), "EPSG:4326": (-73.19, 7.86)}[crs]
    step = {CRS: 111.0, "EPSG:4326": 0.001}[crs]
    graph = nx.MultiDiGraph(crs=crs)
    graph.add_nodes_from([("a", {"x": x, "y": y}), ("b", {"x": x, "y": y + step})])
    graph.add_edges_from([("a", "b", {}), ("b", "a", {})])
    nx.write_graphml(graph, tmp_path / "streets.graphml")
    streets = load_streets(tmp_path / "streets.graphml", crs=CRS)
    assert streets.edges["oneway"].tolist() == ["no"]
    assert streets.edges["length_m"].iloc[0] == pytest.approx(111, rel=0.01)
    (notice,) = streets.notices
    assert (notice.code, notice.values["found"]) == ("graph_length_measured", 1)
    assert streets.node_ids is not None
    assert streets.node_ids.tolist() == ["a", "b"]
    assert streets.edges["way"].tolist() == ["a → b"]


def test_graph__measures_only_the_edges_that_lack_a_length(tmp_path: Path) -> None:
    path = graph_of(tmp_path, [(1, 2, {"length": 500}), (2, 3, {"name": "x"})])
    streets = load_streets(path, crs=CRS)
    assert streets.edges["length_m"].tolist() == [500.0, pytest.approx(np.hypot(100, 50))]
    assert streets.notices[0].values == {"found": 1, "total": 2}


@pytest.mark.parametrize("length", [-3.5, "long", "inf"])
def test_graph__a_length_that_is_none_is_refused_with_its_edge(
    tmp_path: Path, length: object
) -> None:
    path = graph_of(tmp_path, [(1, 2, {"length": 5}), (2, 3, {"length": length})])
    notice = fault_of(path)
    assert notice.code == "graph_length_invalid"
    assert "2 → 3" in notice.item
    assert str(length) in notice.text("en")


def test_graph__an_edge_of_length_zero_joins_its_nodes(tmp_path: Path) -> None:
    path = graph_of(
        tmp_path, [(1, 2, {"length": 109}), (2, 3, {"length": 0}), (3, 4, {"length": 137})]
    )
    streets = load_streets(path, crs=CRS)
    assert codes(streets.notices) == ["street_zero_length"]
    assert streets.edges["head"].iloc[0] == streets.edges["tail"].iloc[1]
    assert len(streets.nodes) == 3


def test_graph__without_edges_is_refused(tmp_path: Path) -> None:
    assert fault_of(graph_of(tmp_path, [])).code == "streets_without_edges"


@pytest.mark.parametrize("x", ["", "nan", "here"])
def test_graph__without_coordinates_is_refused(tmp_path: Path, x: str) -> None:
    notice = fault_of(graph_of(tmp_path, [(1, 2, {"length": 5})], x=x))
    assert (notice.code, notice.values["found"]) == ("graph_without_coordinates", 4)


@pytest.mark.parametrize("crs", [None, "nowhere"])
def test_graph__without_a_crs_takes_the_declared_one(tmp_path: Path, crs: str | None) -> None:
    path = graph_of(tmp_path, [(1, 2, {"length": 5})], crs=crs)
    assert fault_of(path).code == "crs_missing"


def test_graph__takes_a_declared_crs_that_does_not_contradict_it(tmp_path: Path) -> None:
    path = graph_of(tmp_path, [(1, 2, {"length": 5})], crs=None)
    assert len(load_streets(path, crs=CRS, declared_crs=CRS).edges) == 1
    path = graph_of(tmp_path, [(1, 2, {"length": 5})])
    assert fault_of(path, declared_crs="EPSG:32617").code == "crs_contradicts_file"


@pytest.mark.parametrize("wkt", ["LINESTRING (0 0", "POINT (0 0)", "MULTILINESTRING ((0 0, 1 1))"])
def test_graph__a_shape_that_is_no_line_is_refused(tmp_path: Path, wkt: str) -> None:
    path = graph_of(tmp_path, [(1, 2, {"length": 5, "geometry": wkt})])
    assert fault_of(path).code == "geometry_unreadable"


@pytest.mark.parametrize(
    "text",
    [
        "<graphml>",
        "no xml",
        '<?xml version="1.0"?><graphml><x/></graphml>',
        '<?xml version="1.0" encoding="utm-8"?><graphml/>',
    ],
)
def test_graph__in_a_damaged_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "streets.graphml").write_text(text, encoding="utf-8")
    assert fault_of(tmp_path / "streets.graphml").code == "file_corrupt"


def test_graph__that_cannot_be_opened_is_refused_without_the_folders_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = graph_of(tmp_path, [(1, 2, {"length": 5})])

    def closed(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(nx, "read_graphml", closed)
    assert str(tmp_path) not in fault_of(path).text("en")


def test_graph__whose_keys_state_no_type_is_text(tmp_path: Path) -> None:
    path = graph_of(tmp_path, [(1, 2, {"length": 5})])
    text = path.read_text(encoding="utf-8")
    assert ' attr.type="string"' in text
    path.write_text(text.replace(' attr.type="string"', ""), encoding="utf-8")
    assert load_streets(path, crs=CRS).edges["length_m"].tolist() == [5.0]
