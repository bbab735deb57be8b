"""Streets become a network of one profile: costs both ways, components, notices, and the cache."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from inclusion_marker.accessibility import network as networks_module
from inclusion_marker.accessibility.cache import default_cache, stored
from inclusion_marker.accessibility.clock import MOST_DS
from inclusion_marker.accessibility.costs import walking_effort
from inclusion_marker.accessibility.engine import Direction, closest, facilities_at
from inclusion_marker.accessibility.hierarchy import Engine
from inclusion_marker.accessibility.network import Network, load_network, prepare_network
from inclusion_marker.accessibility.searching import search
from inclusion_marker.city import load_city
from inclusion_marker.errors import LayerError
from inclusion_marker.loaders.streets import Streets
from inclusion_marker.method import load_method
from inclusion_marker.notices import Notice
from inclusion_marker.profiles import load_profile
from networks import CRS, METRE_A_SECOND, by_car, drawn, grid_of_streets, on_foot

Floats = npt.NDArray[np.float64]

WEST, SOUTH = 700_000.0, 870_000.0
WALK = load_profile("walk", METRE_A_SECOND)


def at(x: float, y: float) -> tuple[float, float]:
    """Return a place east and north of the corner of the raster."""
    return WEST + x, SOUTH + y


def town(**tags: list[str | None]) -> Streets:
    """Return three streets that go up from west to east, and one that goes along."""
    return drawn(
        [at(100, 100), at(400, 100)],
        [at(400, 100), at(700, 100)],
        [at(100, 100), at(100, 400)],
        **tags,
    )


def hill(path: Path, grade: float, *, width: int = 100) -> Path:
    """Write a plane that rises towards the east: heights at the centres of 10 m pixels."""
    east = 10 * np.arange(width) + 5
    values = np.tile(100 + grade * east, (100, 1)).astype(np.float64)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=width,
        height=100,
        count=1,
        dtype="float64",
        crs=CRS,
        transform=from_origin(WEST, SOUTH + 1000, 10, 10),
    ) as raster:
        raster.write(values, 1)
    return path


def codes(network: Network) -> list[str]:
    """Return the codes of what was noticed."""
    return [notice.code for notice in network.notices]


def same(one: Network, other: Network) -> bool:
    """Return whether two networks are the same to the bit."""
    return (
        arrays(one.engine) == arrays(other.engine)
        and one.forward_ds.tobytes() == other.forward_ds.tobytes()
        and one.backward_ds.tobytes() == other.backward_ds.tobytes()
    )


def arrays(engine: Engine) -> dict[str, tuple[str, bytes]]:
    """Return the arrays of an engine, with their kind, as bytes."""
    return {name: (each.dtype.str, each.tobytes()) for name, each in stored(engine).items()}


# ── costs ────────────────────────────────────────────────────────────────────


def test_tobler__walks_at_the_published_speeds() -> None:
    # Tobler 1993: 6 km/h at a fall of 5 %, and 6 exp(-3.5 |grade + 0.05|) elsewhere.
    grades = np.array([-0.05, 0.0, 0.05, 0.2, -0.25])
    kmh = 6 * np.exp(-3.5 * 0.05) / walking_effort(grades)
    assert kmh == pytest.approx([6, 5.0367, 4.2281, 2.5012, 2.9795], abs=5e-5)
    assert walking_effort(np.array([np.nan])).tolist() == [1.0]


def test_level_streets__take_length_over_speed_both_ways() -> None:
    network = prepare_network(town(), WALK)
    assert network.forward_ds.tolist() == network.backward_ds.tolist() == [3000, 3000, 3000]
    fast = prepare_network(town(), load_profile("walk", {"speed_kmh": 5.0}))
    assert fast.forward_ds.tolist() == [round(300 * 3.6 / 5 * 10)] * 3


def test_the_shortest_street__still_takes_a_decisecond() -> None:
    network = on_foot([(0, 0), (0.001, 0)], [(0.001, 0), (50, 0)])
    assert network.forward_ds.tolist() == [1, 500]


def test_uphill__takes_longer_than_downhill(tmp_path: Path) -> None:
    network = prepare_network(town(), WALK, elevation=hill(tmp_path / "hill.tif", 0.1))
    up, down = np.exp(3.5 * 0.1), np.exp(3.5 * 0.0)
    assert network.forward_ds.tolist() == [round(3000 * up), round(3000 * up), 3000]
    assert network.backward_ds.tolist() == [round(3000 * down)] * 2 + [3000]
    assert not network.notices


def test_the_slope_factor__is_that_of_the_method_both_ways(tmp_path: Path) -> None:
    slope = load_method("uim-v1").slope
    assert slope is not None
    who = load_profile("walk", {**METRE_A_SECOND, "slope": "factor"})
    for percent in (2.0, 9.0, 40.0):
        dem = hill(tmp_path / f"{percent}.tif", percent / 100)
        network = prepare_network(town(), who, elevation=dem, slope=slope)
        kind = sum(percent > limit for limit in slope.limits_percent)
        expected = round(3000 * slope.factors[kind])
        assert network.forward_ds.tolist() == network.backward_ds.tolist()
        assert network.forward_ds.tolist() == [expected, expected, round(3000 * slope.factors[0])]
    level = prepare_network(town(), who, elevation=dem)
    assert level.forward_ds.tolist() == [3000] * 3


def test_a_slope_exactly_at_the_end_of_a_class__is_in_that_class(tmp_path: Path) -> None:
    slope = load_method("uim-v1").slope
    assert slope is not None
    ends = tuple(6.25 * 2**i for i in range(len(slope.limits_percent)))
    binary = slope.model_copy(update={"limits_percent": ends})
    who = load_profile("walk", {**METRE_A_SECOND, "slope": "factor"})
    network = prepare_network(
        town(), who, elevation=hill(tmp_path / "hill.tif", 0.0625), slope=binary
    )
    assert network.forward_ds.tolist() == [round(3000 * slope.factors[0])] * 3


def test_slopes__are_nothing_to_those_who_drive(tmp_path: Path) -> None:
    who = load_profile("drive", {"speed_kmh": 3.6})
    network = prepare_network(town(), who, elevation=hill(tmp_path / "hill.tif", 0.3))
    assert network.forward_ds.tolist() == network.backward_ds.tolist() == [3000] * 3


@pytest.mark.parametrize("tag", ["bridge", "tunnel"])
def test_a_bridge__goes_from_bank_to_bank_and_not_into_the_valley(tmp_path: Path, tag: str) -> None:
    path = hill(tmp_path / "valley.tif", 0.0)
    with rasterio.open(path, "r+") as raster:
        values = raster.read(1)
        values[:, 45:65] -= 60
        raster.write(values, 1)
    street, crossing = town(), town(**{tag: [None, "yes", "no"]})
    into = prepare_network(street, WALK, elevation=path).forward_ds
    over = prepare_network(crossing, WALK, elevation=path).forward_ds
    assert over[1] == 3000
    assert into[1] > 3500
    assert over[0] == into[0]


def test_a_raster_that_ends__is_noticed_and_level_beyond(tmp_path: Path) -> None:
    short = hill(tmp_path / "short.tif", 0.1, width=40)
    network = prepare_network(town(), WALK, elevation=short)
    assert codes(network) == ["elevation_not_covering"]
    assert network.notices[0].values["percent"] == "33"
    assert network.forward_ds.tolist()[1] == 3000
    assert network.forward_ds[0] > 4000


def agree(network: Network, nodes: npt.NDArray[np.int64]) -> None:
    """Check that sweeps, search and scipy find the same times between all nodes and some."""
    n, streets = len(network.nodes), (network.tail, network.head, network.forward_ds,
                                      network.backward_ds)  # fmt: skip
    ends = np.concatenate([streets[:2], streets[1::-1]], axis=1)
    cost = np.concatenate(streets[2:])
    order = np.lexsort((cost, ends[1], ends[0]))
    order = order[cost[order] >= 0]
    # Of parallel streets the quickest; scipy would add them up.
    _, first = np.unique(ends[0][order] * np.int64(n) + ends[1][order], return_index=True)
    arcs = order[first]
    graph = coo_array((cost[arcs].astype(float), (ends[0][arcs], ends[1][arcs])), shape=(n, n))
    facilities = facilities_at([[node] for node in nodes])
    for direction, table in (("from", graph.tocsr()), ("to", graph.T.tocsr())):
        way: Direction = "to" if direction == "to" else "from"
        times, _ = closest(network.engine, facilities, direction=way, threads=2)
        by_scipy = dijkstra(table, indices=nodes, limit=MOST_DS)
        assert np.array_equal(times.T, np.where(np.isfinite(by_scipy), by_scipy, -1))
        for k, node in enumerate(nodes):
            found = search(n, streets, [node], MOST_DS, direction=way)
            assert np.array_equal(times[:, k], found)


def test_on_a_hill__sweeps_search_and_scipy_agree_on_every_node(tmp_path: Path) -> None:
    streets = grid_of_streets(7, 120, at(20, 40))
    network = prepare_network(streets, WALK, elevation=hill(tmp_path / "hill.tif", 0.15))
    assert (network.forward_ds != network.backward_ds).any()
    agree(network, np.arange(49))


@pytest.mark.skipif(
    "NUMBA_DISABLE_JIT" in os.environ, reason="ten thousand nodes take too long uncompiled"
)
@pytest.mark.parametrize("profile", ["walk", "drive"])
def test_in_the_sample_city__sweeps_search_and_scipy_agree_on_every_node(profile: str) -> None:
    city = load_city("cucuta")
    network = load_network(
        city.root / "streets.gpkg",
        crs=city.crs,
        profile=profile,
        layer="vias",
        elevation=city.root / "elevation.tif",
    )
    assert (network.forward_ds != network.backward_ds).any()
    agree(network, np.random.default_rng(3).integers(0, len(network.nodes), 20))


# ── what is kept ─────────────────────────────────────────────────────────────


def test_streets_closed_to_a_profile__are_left_out_with_their_nodes() -> None:
    streets = town(highway=["residential", "motorway", "footway"])
    walk = prepare_network(streets, WALK)
    assert walk.way.tolist() == [0, 2]
    assert walk.nodes.tolist() == [[*at(100, 100)], [*at(400, 100)], [*at(100, 400)]]
    drive = prepare_network(streets, load_profile("drive"))
    assert drive.way.tolist() == [0, 1]


def test_no_usable_street__is_refused_with_the_count_and_the_profile() -> None:
    with pytest.raises(LayerError) as caught:
        prepare_network(town(highway=["footway"] * 3), load_profile("drive"))
    (notice,) = caught.value.problems
    assert isinstance(notice, Notice)
    assert notice.code == "network_without_streets"
    assert notice.values == {"found": 3, "profile": "drive"}


def test_one_way_streets__are_closed_in_one_direction() -> None:
    lines = [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (300, 0)]]
    network = by_car(*lines, oneway=["yes", "-1", None])
    assert network.forward_ds.tolist() == [1000, -1, 1000]
    assert network.backward_ds.tolist() == [-1, 1000, 1000]
    edges = network.edges()
    assert edges.forward_min.isna().tolist() == [False, True, False]
    assert edges.backward_min.tolist()[1:] == [pytest.approx(100 / 60)] * 2
    assert edges.crs == CRS
    assert shapely.equals(edges.geometry.to_numpy(), network.lines).all()


def test_components__are_kept_counted_and_told_with_places() -> None:
    network = on_foot(
        [(900, 900), (960, 900)],
        [(0, 0), (0, 100)],
        [(0, 100), (0, 200)],
        [(500, 500), (500, 540)],
    )
    assert len(network.tail) == 4
    assert sorted(network.component.tolist()) == [0, 0, 0, 1, 1, 2, 2]
    assert network.edges().component.tolist()[1:3] == [0, 0]
    (notice,) = network.notices
    assert notice.code == "network_fragments"
    assert notice.values["count"] == 2
    assert notice.values["km"] == "0.1"
    assert notice.values["percent"] == "33.3"
    assert "(900, 900)" in str(notice.values["sample"])
    assert not on_foot([(0, 0), (0, 100)]).notices


def test_one_way_streets__hold_a_component_together() -> None:
    lines = [[(0, 0), (100, 0)], [(200, 0), (100, 0)]]
    assert not by_car(*lines, oneway=["yes", "yes"]).notices


def test_network__says_in_one_line_which_it_is() -> None:
    assert repr(prepare_network(town(), WALK)) == "<Network walk: 3 streets, 1 km>"


def test_a_street_file__is_loaded_and_prepared(tmp_path: Path) -> None:
    town().edges[["geometry"]].to_file(tmp_path / "streets.gpkg", layer="calles")
    dem = hill(tmp_path / "hill.tif", 0.1)
    network = load_network(
        str(tmp_path / "streets.gpkg"),
        crs=CRS,
        profile=WALK,
        layer="calles",
        elevation=str(dem),
        cache=tmp_path / "cache",
    )
    direct = prepare_network(town(), WALK, elevation=dem)
    assert sorted(network.forward_ds.tolist()) == sorted(direct.forward_ds.tolist())
    level = load_network(tmp_path / "streets.gpkg", crs=CRS)
    assert level.profile == load_profile("walk")


# ── the cache ────────────────────────────────────────────────────────────────


def test_a_hit__is_the_fresh_network_to_the_bit_and_builds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dem = hill(tmp_path / "hill.tif", 0.1, width=40)
    cache = tmp_path / "not" / "there" / "yet"
    fresh = prepare_network(town(), WALK, elevation=dem)
    first = prepare_network(town(), WALK, elevation=dem, cache=cache)
    monkeypatch.setattr(networks_module, "build", pytest.fail)
    monkeypatch.setattr(networks_module, "edge_grades", pytest.fail)
    hit = prepare_network(town(), WALK, elevation=dem, cache=cache)
    assert same(fresh, first)
    assert same(fresh, hit)
    # What is noticed while heights are read is noticed again.
    assert hit.notices == fresh.notices
    assert len(fresh.notices) == 1


def test_a_hit__keeps_costs_alike_both_ways_once(tmp_path: Path) -> None:
    for _ in range(2):
        engine = prepare_network(town(), WALK, cache=tmp_path).engine
        assert engine.out is engine.into


def entries(cache: Path) -> list[Path]:
    """Return all that stands in the folder."""
    return sorted(cache.iterdir())


def single_array() -> bytes:
    """Return a whole file of numpy that is no archive."""
    file = io.BytesIO()
    np.save(file, np.arange(3))
    return file.getvalue()


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:-30],
        lambda _: b"",
        lambda _: b"PK\x03\x04 nonsense",
        lambda _: b"not an archive at all",
        lambda whole: whole[:400] + bytes(b ^ 0xFF for b in whole[400:900]) + whole[900:],
        lambda _: single_array(),
    ],
    ids=["half", "no directory", "empty", "bad zip", "text", "flipped bytes", "single array"],
)
def test_a_corrupt_file__is_a_miss_and_is_written_anew(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    fresh = prepare_network(town(), WALK, cache=tmp_path)
    (kept,) = entries(tmp_path)
    whole = kept.read_bytes()
    kept.write_bytes(damage(whole))
    assert same(prepare_network(town(), WALK, cache=tmp_path), fresh)
    assert entries(tmp_path) == [kept]
    assert kept.read_bytes() != damage(whole)
    assert same(prepare_network(town(), WALK, cache=tmp_path), fresh)


def test_an_archive_of_something_else__is_a_miss(tmp_path: Path) -> None:
    fresh = prepare_network(town(), WALK, cache=tmp_path)
    (kept,) = entries(tmp_path)
    np.savez(kept, position=np.arange(3))
    assert same(prepare_network(town(), WALK, cache=tmp_path), fresh)


def test_a_folder_that_cannot_be_written__is_passed_over_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = prepare_network(town(), WALK)
    in_the_way = tmp_path / "file"
    in_the_way.write_text("here", encoding="utf-8")
    assert same(prepare_network(town(), WALK, cache=in_the_way), fresh)
    assert same(prepare_network(town(), WALK, cache=in_the_way / "below"), fresh)
    assert in_the_way.read_text(encoding="utf-8") == "here"

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "read-only")

    monkeypatch.setattr(Path, "open", refused)
    assert same(prepare_network(town(), WALK, cache=tmp_path / "read_only"), fresh)
    monkeypatch.undo()
    assert entries(tmp_path / "read_only") == []


def test_threads_at_once__share_one_folder(tmp_path: Path) -> None:
    fresh = prepare_network(town(), WALK)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: prepare_network(town(), WALK, cache=tmp_path), range(24)))
    assert all(same(each, fresh) for each in found)
    assert len(entries(tmp_path)) == 1


_PROCESS = """
import sys
from pathlib import Path
from inclusion_marker.profiles import load_profile
from inclusion_marker.accessibility.network import prepare_network
from networks import grid_of_streets
for speed in (4.0, 5.0, 4.0, 5.0):
    who = load_profile("walk", {"speed_kmh": speed})
    network = prepare_network(grid_of_streets(), who, cache=Path(sys.argv[1]))
    print(network.forward_ds.sum(), network.engine.out.arcs.sum())
"""


def test_processes_at_once__share_one_folder(tmp_path: Path) -> None:
    here = str(Path(__file__).parents[1])
    cache = tmp_path / "cache"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, {here!r})\n{_PROCESS}", cache],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=300)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0]
    assert said[0] == said[1]
    lines = said[0].splitlines()
    assert lines[:2] == lines[2:]
    assert lines[0] != lines[1]
    assert len(entries(cache)) == 2


def test_the_key__holds_all_that_a_network_depends_on(tmp_path: Path) -> None:
    slope = load_method("uim-v1").slope
    assert slope is not None
    gentle, steep = hill(tmp_path / "a.tif", 0.05), hill(tmp_path / "b.tif", 0.10)
    cache = tmp_path / "cache"
    longer, moved = town(), town()
    longer.edges.loc[1, "length_m"] = 301.0
    bent = shapely.LineString([at(100, 100), at(250, 200), at(400, 100)])
    moved.edges.loc[0, "geometry"] = bent
    factor = load_profile("walk", {**METRE_A_SECOND, "slope": "factor"})
    halved = slope.model_copy(update={"factors": tuple(f / 2 for f in slope.factors)})
    elsewhere = Streets(town().nodes, town().edges.set_crs("EPSG:32619", allow_override=True),
                        "EPSG:32619")  # fmt: skip
    each_is_another = [
        (town(), WALK, None, None),
        (town(), load_profile("walk"), None, None),
        (longer, WALK, None, None),
        (moved, WALK, None, None),
        (town(highway=["residential", "steps", "path"]), WALK, None, None),
        (town(highway=["residential", "motorway", "path"]), WALK, None, None),
        (town(), WALK, gentle, None),
        (town(), WALK, steep, None),
        (town(bridge=["yes", None, None]), WALK, gentle, None),
        (town(tunnel=[None, "yes", None]), WALK, gentle, None),
        (town(), factor, gentle, slope),
        (town(), factor, gentle, halved),
        (elsewhere, WALK, gentle, None),
    ]
    for count, (streets, who, dem, factors) in enumerate(each_is_another, start=1):
        found = prepare_network(streets, who, elevation=dem, slope=factors, cache=cache)
        assert same(found, prepare_network(streets, who, elevation=dem, slope=factors))
        assert len(entries(cache)) == count
    # A copy of the raster, or a name, is the same.
    copy = tmp_path / "copy.tif"
    copy.write_bytes(gentle.read_bytes())
    prepare_network(town(name=["Calle 1", None, "x"]), WALK, elevation=copy, cache=cache)
    prepare_network(town(), load_profile("walk", {**METRE_A_SECOND, "access_limit_m": 7}),
                    cache=cache)  # fmt: skip
    assert len(entries(cache)) == len(each_is_another)


def test_the_cache_of_this_machine__is_below_its_user_folder() -> None:
    assert default_cache().parent.name == "inclusion_marker"
