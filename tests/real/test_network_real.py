"""Real street networks, read in place from ../shared/data, beside what is known of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
import shapely

from inclusion_marker.accessibility.engine import closest, facilities_at
from inclusion_marker.accessibility.hierarchy import build
from inclusion_marker.accessibility.network import Network, prepare_network
from inclusion_marker.loaders.streets import Streets, load_streets
from inclusion_marker.profiles import load_profile
from scripts import script

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real layers are not here (../shared/data)"),
]

COLOMBIA = "EPSG:9377"
METRES, POINTS = 0.01, 0.3  # a hundredth of a mean, so many points of a percentage


@pytest.fixture(scope="module")
def rules() -> ModuleType:
    """Return the script that the figures of the documentation come from."""
    return script("benchmarks/street_figures.py")


# ── Buenos Aires and Porto Alegre: published figures, and our default beside them ────────────────


@dataclass(frozen=True)
class Run:
    """A real city, and the metres of its cells by goal and rule."""

    city: Any
    metres: dict[str, dict[str, Any]]

    def summary(self, rules: ModuleType, goal: str, rule: str) -> tuple[float, float]:
        """Return the mean over people, and the percentage of them within the goal's distance."""
        within_m = next(each.within_m for each in self.city.goals if each.name == goal)
        mean, share = rules.summary(self.metres[goal][rule], self.city.people, within_m)
        return mean, share


@pytest.fixture(scope="module")
def buenos_aires(rules: ModuleType) -> Run:
    city = rules.buenos_aires(DATA)
    return Run(city, rules.figures(city))


@pytest.fixture(scope="module")
def porto_alegre(rules: ModuleType) -> Run:
    city = rules.porto_alegre(DATA)
    return Run(city, rules.figures(city))


def test_buenos_aires__is_the_graph_that_the_figures_were_made_on(buenos_aires: Run) -> None:
    streets = buenos_aires.city.streets
    ends = np.sort(streets.edges[["tail", "head"]].to_numpy(), axis=1)
    distinct = np.unique(ends, axis=0)
    assert len(streets.nodes) == 17_538
    assert len(distinct) == 31_023
    assert streets.edges["length_m"].sum() / 1000 == pytest.approx(3_382, rel=0.001)


@pytest.mark.parametrize(
    ("goal", "mean_m", "percent"), [("school", 218, 96.6), ("public hospital", 1_530, 29.8)]
)
def test_buenos_aires__reproduces_the_published_distances_by_their_rule(
    rules: ModuleType, buenos_aires: Run, goal: str, mean_m: float, percent: float
) -> None:
    mean, share = buenos_aires.summary(rules, goal, "nodes")
    assert mean == pytest.approx(mean_m, rel=METRES)
    assert share == pytest.approx(percent, abs=POINTS)


def test_buenos_aires__the_point_of_a_tract_moves_the_mean_by_as_much_as_is_left(
    rules: ModuleType, buenos_aires: Run
) -> None:
    city = buenos_aires.city
    network = prepare_network(city.streets, rules.metres_on_foot())
    points = gpd.GeoSeries(city.cells.representative_point())
    goal = city.goals[0]
    found = rules.by_nodes(rules.nodes_of(network, bends=False), points, goal.places)
    mean, share = rules.summary(found, city.people, goal.within_m)
    assert mean == pytest.approx(218, abs=0.5)
    assert share == pytest.approx(96.6, abs=0.15)


def test_porto_alegre__reproduces_the_published_distance_by_its_rule(
    rules: ModuleType, porto_alegre: Run
) -> None:
    mean, share = porto_alegre.summary(rules, "health facility", "nodes")
    assert mean == pytest.approx(674, rel=METRES)
    assert share == pytest.approx(81.5, abs=POINTS)


def test_porto_alegre__differs_from_the_published_distance_by_private_ways_only(
    rules: ModuleType, porto_alegre: Run
) -> None:
    """The published graph ignored `access`: people walked through private condominiums."""
    city = porto_alegre.city
    open_ = {"access_tags": ["foot"], "closing": ["no"], "closed": ["motorway", "motorway_link"]}
    network = prepare_network(city.streets, rules.metres_on_foot(open_))
    nodes = rules.nodes_of(network, bends=True)
    goal = city.goals[0]
    found = rules.by_nodes(nodes, city.cells, goal.places)
    mean, share = rules.summary(found, city.people, goal.within_m)
    # Beside 40,153 nodes and 1,960 km: 34 ways that are areas are left out here.
    assert len(nodes.xy) == pytest.approx(40_153, rel=METRES)
    assert nodes.metres / 1000 == pytest.approx(1_960, rel=METRES)
    assert mean == pytest.approx(674, abs=0.5)
    assert share == pytest.approx(81.5, abs=0.1)


@pytest.mark.parametrize("goal", ["school", "public hospital"])
def test_buenos_aires__the_leg_of_the_facility_explains_what_the_nearest_street_adds(
    rules: ModuleType, buenos_aires: Run, goal: str
) -> None:
    by_node, _ = buenos_aires.summary(rules, goal, "nodes")
    by_centroid, _ = buenos_aires.summary(rules, goal, "centroid")
    network = prepare_network(buenos_aires.city.streets, rules.metres_on_foot())
    places = next(each.places for each in buenos_aires.city.goals if each.name == goal)
    tree = shapely.STRtree(network.lines)
    _, legs = tree.query_nearest(places.to_numpy(), all_matches=False, return_distance=True)
    assert by_centroid > by_node
    assert by_centroid - by_node == pytest.approx(legs.mean(), abs=5)


@pytest.mark.parametrize(
    ("place", "goal", "mean_m", "percent"),
    [
        ("buenos_aires", "school", 220, 97.8),
        ("buenos_aires", "public hospital", 1_532, 29.6),
        ("porto_alegre", "health facility", 678, 83.9),
    ],
)
def test_default__gives_the_figures_that_the_documentation_states(
    request: pytest.FixtureRequest,
    rules: ModuleType,
    place: str,
    goal: str,
    mean_m: float,
    percent: float,
) -> None:
    run: Run = request.getfixturevalue(place)
    mean, share = run.summary(rules, goal, "streets")
    assert mean == pytest.approx(mean_m, abs=0.6)
    assert share == pytest.approx(percent, abs=0.06)


def test_buenos_aires__street_pieces_give_every_tract_a_value(buenos_aires: Run) -> None:
    for goal in buenos_aires.city.goals:
        by = buenos_aires.metres[goal.name]
        assert np.isnan(by["centroid"]).sum() == 1, (
            "a tract of the port has no street near its middle"
        )
        assert not np.isnan(by["streets"]).any()


def test_porto_alegre__street_pieces_leave_fewer_people_without_a_value(porto_alegre: Run) -> None:
    by, people = porto_alegre.metres["health facility"], porto_alegre.city.people
    lost = {rule: people[np.isnan(by[rule])].sum() for rule in ("centroid", "streets")}
    assert 0 < lost["streets"] < lost["centroid"] < 0.01 * people.sum()


def test_porto_alegre__slopes_lengthen_most_walks_and_none_beats_five_percent_downhill(
    porto_alegre: Run,
) -> None:
    by = porto_alegre.metres["health facility"]
    both = ~np.isnan(by["minutes"])
    level = by["streets"][both] / (5_036.8 / 60)
    ratio = by["minutes"][both] / level
    assert np.median(ratio) > 1
    # 5 % downhill is the quickest grade of Tobler's function: nothing beats it.
    assert ratio.min() > np.exp(-3.5 * 0.05) - 0.01


# ── Manizales: 358 stairways ─────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def manizales() -> Streets:
    file = DATA / "manizales" / "manizales_urban_walk_overpass_20240407.json.gz"
    return load_streets(file, crs=COLOMBIA)


@pytest.fixture(scope="module")
def on_foot(manizales: Streets) -> Network:
    return prepare_network(manizales, load_profile("walk"))


def stairways(streets: Streets) -> set[Any]:
    return set(streets.edges["way"][streets.edges["highway"] == "steps"])


def test_manizales__has_its_358_stairways_at_half_the_speed(
    manizales: Streets, on_foot: Network
) -> None:
    stairs = stairways(manizales)
    assert len(stairs) == 358
    assert stairs <= set(on_foot.way)
    climbed = np.isin(on_foot.way, list(stairs))
    walk = load_profile("walk")
    level_ds = on_foot.length_m[climbed] * 36 / walk.speed_kmh
    surfaced = manizales.edges.set_index("way")["surface"].isin(walk.surface_factors)
    plain = ~np.isin(on_foot.way[climbed], surfaced[surfaced].index)
    npt.assert_allclose(
        on_foot.forward_ds[climbed][plain], level_ds[plain] / walk.steps_factor, atol=0.51
    )
    assert plain.mean() > 0.9


@pytest.mark.parametrize("profile", ["bike", "drive"])
def test_manizales__stairs_are_closed_to_wheels(manizales: Streets, profile: str) -> None:
    network = prepare_network(manizales, load_profile(profile))
    assert not stairways(manizales) & set(network.way)


def test_manizales__without_stairs_no_walk_is_shorter_and_many_are_longer(
    manizales: Streets, on_foot: Network
) -> None:
    climbed = np.isin(on_foot.way, list(stairways(manizales)))
    n = len(on_foot.nodes)
    without = build(
        n,
        on_foot.tail,
        on_foot.head,
        np.where(climbed, -1, on_foot.forward_ds).astype(np.int32),
        np.where(climbed, -1, on_foot.backward_ds).astype(np.int32),
        on_foot.nodes,
    )
    schools = facilities_at([np.random.default_rng(358).choice(n, 60, replace=False)])
    times = [closest(engine, schools)[0][:, 0] for engine in (on_foot.engine, without)]
    with_stairs, around = (np.where(each < 0, np.inf, each) for each in times)
    assert (around >= with_stairs).all()
    longer = around > with_stairs
    assert 0.02 < longer.mean() < 0.5
    assert (np.isfinite(with_stairs) & np.isinf(around)).any(), "some homes are at stairs only"


@pytest.mark.parametrize(
    ("file", "profile", "km", "percent"),
    [
        ("manizales_urban_walk_overpass_20240407.json.gz", "walk", 808, 99.2),
        ("manizales_drive_overpass_20240326.json.gz", "drive", 813, 99.7),
    ],
)
def test_manizales__hangs_together_as_its_sources_say(
    rules: ModuleType, file: str, profile: str, km: float, percent: float
) -> None:
    streets = load_streets(DATA / "manizales" / file, crs=COLOMBIA)
    assert streets.edges["length_m"].sum() / 1000 == pytest.approx(km, rel=0.002)
    nodes = rules.nodes_of(prepare_network(streets, load_profile(profile)), bends=True)
    assert 100 * len(nodes.largest) / len(nodes.xy) == pytest.approx(percent, abs=0.15)


# ── three municipalities around Bucaramanga ──────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("town", "ways", "percent"),
    [("floridablanca", 3_019, 98.4), ("giron", 2_434, 90.8), ("piedecuesta", 2_016, 93.2)],
)
def test_bucaramanga__hangs_together_as_its_sources_say(
    rules: ModuleType, town: str, ways: int, percent: float
) -> None:
    file = DATA / "bucaramanga-am" / f"{town}_drive_overpass_20260429.json.gz"
    streets = load_streets(file, crs=COLOMBIA)
    assert streets.edges["way"].nunique() == ways
    network = prepare_network(streets, load_profile("drive"))
    nodes = rules.nodes_of(network, bends=True)
    assert 100 * len(nodes.largest) / len(nodes.xy) == pytest.approx(percent, abs=0.1)
    assert [each.code for each in network.notices].count("network_fragments") == 1


# ── Huaraz: GraphML and Overpass of one day ──────────────────────────────────────────────────────

EARTH_M = 6_371_009.0  # the sphere that OSMnx measures on
MM = 1_000


@dataclass(frozen=True, eq=False)
class Shared:
    """The streets that both files hold, by the ids of OpenStreetMap: one table a file."""

    graph: pd.DataFrame
    ways: pd.DataFrame


@pytest.fixture(scope="module")
def huaraz() -> Shared:
    folder, crs = DATA / "huaraz", "EPSG:32718"
    graph = _table(load_streets(folder / "huaraz_drive_3500m.graphml", crs=crs))
    ways = _table(load_streets(folder / "huaraz_drive_overpass_20250712.json.gz", crs=crs))
    ids, nodes = set(ways["way"]), {*ways["tail"], *ways["head"]}
    known = graph["way"].map(lambda names: ids.issuperset(names.split(";")))
    graph = graph[known & graph["tail"].isin(nodes) & graph["head"].isin(nodes)]
    # What lies on a street of the graph, and is part of the same way, is in both.
    middles = shapely.line_interpolate_point(ways["line"].to_numpy(), 0.5, normalized=True)
    tree = shapely.STRtree(graph["line"].to_numpy())
    part, street = tree.query(middles, predicate="dwithin", distance=0.01)
    same = [
        way in names.split(";")
        for way, names in zip(ways["way"].iloc[part], graph["way"].iloc[street], strict=True)
    ]
    return Shared(graph, ways.iloc[np.unique(part[same])])


def _table(streets: Streets) -> pd.DataFrame:
    """Return the streets by the ids of their nodes, with the lengths that OSMnx would give."""
    edges, ids = streets.edges, streets.node_ids
    assert ids is not None
    forward, backward = load_profile("drive").speeds_kmh_of(edges)
    columns = {
        "tail": ids[edges["tail"]],
        "head": ids[edges["head"]],
        "way": edges["way"].astype(str),
        "length_m": edges["length_m"],
        "on_sphere_m": _on_sphere_m(edges.geometry),
        "forward": forward > 0,
        "backward": backward > 0,
        "line": edges.geometry.to_numpy(),
    }
    return pd.DataFrame(columns)


def _on_sphere_m(lines: gpd.GeoSeries) -> np.ndarray[Any, np.dtype[np.float64]]:
    points, line = shapely.get_coordinates(lines.to_crs(4326).to_numpy(), return_index=True)
    lon, lat = np.radians(points).T
    chord = np.sin(np.diff(lat) / 2) ** 2
    chord += np.cos(lat[1:]) * np.cos(lat[:-1]) * np.sin(np.diff(lon) / 2) ** 2
    same = line[1:] == line[:-1]
    gaps = 2 * EARTH_M * np.arcsin(np.sqrt(chord[same]))
    return np.asarray(np.bincount(line[1:][same], gaps, len(lines)), np.float64)


def test_huaraz__both_files_hold_the_same_kilometres_of_each_common_way(huaraz: Shared) -> None:
    assert len(huaraz.graph) > 2_200
    single = huaraz.graph[~huaraz.graph["way"].str.contains(";")]
    theirs = single.groupby("way")["length_m"].sum()
    ours = huaraz.ways.groupby("way")["on_sphere_m"].sum()
    joined = set(";".join(huaraz.graph["way"][huaraz.graph["way"].str.contains(";")]).split(";"))
    alone = theirs.index.difference(list(joined))
    assert len(alone) > 600
    npt.assert_allclose(ours[alone], theirs[alone], rtol=1e-6)
    assert huaraz.ways["on_sphere_m"].sum() == pytest.approx(
        huaraz.graph["length_m"].sum(), rel=1e-6
    )


def test_huaraz__metres_of_the_ellipsoid_differ_from_the_sphere_by_half_a_percent(
    huaraz: Shared,
) -> None:
    ratio = huaraz.ways["length_m"] / huaraz.ways["on_sphere_m"]
    assert ratio.between(0.9945, 1.0025).all()


def _between_same_nodes(huaraz: Shared) -> Iterator[tuple[Any, Any]]:
    """Yield each street of the graph with the same one of the Overpass answer."""
    by_ends: dict[Any, list[Any]] = {}
    theirs: Any = huaraz.graph.itertuples()
    ours: Any = huaraz.ways.itertuples()
    for row in ours:
        by_ends.setdefault((frozenset((row.tail, row.head)), row.way), []).append(row)
    for row in theirs:
        key = (frozenset((row.tail, row.head)), row.way)
        for other in by_ends.get(key, []):
            if abs(other.on_sphere_m - row.length_m) < 1e-6 * row.length_m + 1e-6:
                yield row, other
                break


def test_huaraz__streets_between_the_same_nodes_are_open_in_the_same_directions(
    huaraz: Shared,
) -> None:
    pairs = list(_between_same_nodes(huaraz))
    assert len(pairs) > 2_100
    one_way = 0
    for theirs, ours in pairs:
        there, back = ours.forward, ours.backward
        if theirs.tail != ours.tail:
            there, back = back, there
        assert (there, back) == (theirs.forward, theirs.backward), theirs.way
        one_way += there != back
    assert one_way > 400


def test_huaraz__shortest_paths_are_the_same(huaraz: Shared) -> None:
    common = np.intersect1d(
        huaraz.graph[["tail", "head"]].to_numpy(), huaraz.ways[["tail", "head"]].to_numpy()
    )
    sources = np.random.default_rng(4).choice(common, 96, replace=False)
    found = [
        _millimetres(huaraz.graph, "length_m", common, sources),
        _millimetres(huaraz.ways, "on_sphere_m", common, sources),
    ]
    reached = found[0] >= 0
    npt.assert_array_equal(reached, found[1] >= 0)
    assert 0.5 < reached.mean() < 1
    # Half a millimetre is rounded off each street.
    npt.assert_allclose(found[0][reached], found[1][reached], atol=100)


def _millimetres(
    table: pd.DataFrame, length: str, nodes: np.ndarray[Any, Any], sources: np.ndarray[Any, Any]
) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Return the way from each source to each node, -1 where there is none."""
    ids = pd.Index(np.unique(table[["tail", "head"]].to_numpy()))
    weight = np.maximum(np.rint(MM * table[length].to_numpy()), 1)
    engine = build(
        len(ids),
        ids.get_indexer(table["tail"]).astype(np.int32),
        ids.get_indexer(table["head"]).astype(np.int32),
        np.where(table["forward"], weight, -1).astype(np.int32),
        np.where(table["backward"], weight, -1).astype(np.int32),
    )
    places = facilities_at([[place] for place in ids.get_indexer(sources)])
    found, _ = closest(
        engine, places, targets=ids.get_indexer(nodes), direction="from", limit_ds=2**26
    )
    return found
