"""Reached streets and areas: closed forms on grids, one-ways, rivers, and times at any point."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from numpy import testing

from inclusion_marker.accessibility.clock import DS_PER_MIN, MOST_DS
from inclusion_marker.accessibility.engine import Direction
from inclusion_marker.accessibility.isochrones import isochrones, reached_edges
from inclusion_marker.accessibility.measures import cost_to_closest
from inclusion_marker.accessibility.network import Network, load_network
from inclusion_marker.accessibility.snapping import place_opportunities
from inclusion_marker.errors import ParameterError
from inclusion_marker.profiles import load_profile
from networks import CRS, by_car, on_foot, points

BLOCK = 100.0
A_BLOCK_MIN = BLOCK / 60  # at 1 m/s
Line = Sequence[tuple[float, float]]
MANIZALES = (
    Path(__file__).parents[3]
    / "shared/data/manizales/manizales_urban_walk_overpass_20240407.json.gz"
)
SYSTEM_PYTHON = "/usr/bin/python3"


def grid_lines(radius: int) -> list[Line]:
    """Return the streets of a square grid of blocks around (0, 0)."""
    steps = np.arange(-radius, radius + 1) * BLOCK
    lines: list[Line] = []
    for at in steps.tolist():
        for begin, end in zip(steps[:-1].tolist(), steps[1:].tolist(), strict=True):
            lines += [[(begin, at), (end, at)], [(at, begin), (at, end)]]
    return lines


@pytest.fixture(scope="module")
def grid() -> Network:
    """Return a grid that no cut-off of these tests leaves."""
    return on_foot(*grid_lines(8))


@pytest.fixture(scope="module")
def tangled() -> Network:
    """Return a grid whose streets are slow, fast, one-way and closed at random."""
    by_car(*(lines := grid_lines(3)), oneway=[None] * len(lines))
    rng = np.random.default_rng(3)
    kinds = np.array(["yes", "-1", None], object)[rng.integers(0, 3, len(lines))]
    lines = [
        [begin, (begin[0] + rng.uniform(10, 90), begin[1] + rng.uniform(10, 90)), end]
        for begin, end in lines
    ]
    return by_car(*lines, oneway=kinds.tolist())


def total(reached: gpd.GeoDataFrame, cutoff_min: float) -> float:
    """Return the metres of streets reached within a cut-off."""
    return float(reached.length_m[reached.cutoff_min <= cutoff_min].sum())


# ── closed forms ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize("blocks", [1, 2, 3, 4.25, 5.5])
def test_reached__from_a_crossing_of_a_grid_is_its_closed_form(
    grid: Network, blocks: float
) -> None:
    # 4 k² streets join crossings within k blocks; 4 (2 k + 1) more lead out of them.
    whole, rest = divmod(blocks, 1)
    expected = 4 * whole**2 + 4 * (2 * whole + 1) * rest
    cutoff = blocks * A_BLOCK_MIN
    reached = reached_edges(grid, points((0, 0)), [cutoff])
    assert reached.length_m.sum() == pytest.approx(expected * BLOCK, rel=1e-6)
    testing.assert_allclose(reached.length, reached.length_m)


@pytest.mark.parametrize("blocks", [1, 2, 5])
def test_reached__from_the_middle_of_a_street_is_its_closed_form(
    grid: Network, blocks: int
) -> None:
    # Both ends of every street parallel to the first one are reached at once: they fill from both.
    reached = reached_edges(grid, points((BLOCK / 2, 0)), [(blocks + 0.5) * A_BLOCK_MIN])
    expected = 4 * blocks**2 + 4 * blocks - 1
    assert reached.length_m.sum() == pytest.approx(expected * BLOCK, rel=1e-6)


def test_reached__on_one_street_stops_where_the_time_runs_out_on_both_sides() -> None:
    street = on_foot([(0, 0), (1000, 0)])
    reached = reached_edges(street, points((400, 0)), [2])
    ends = sorted(reached.geometry.bounds[["minx", "maxx"]].to_numpy().ravel())
    testing.assert_allclose(ends, [280, 400, 400, 520], atol=1e-6)
    testing.assert_allclose(reached.minutes, [0, 0])


def test_reached__follows_the_bends_of_a_street() -> None:
    street = on_foot([(0, 0), (100, 0), (100, 100), (0, 100)])
    reached = reached_edges(street, points((0, 0)), [2.5])
    assert shapely.union_all(reached.geometry).equals(
        shapely.LineString([(0, 0), (100, 0), (100, 50)])
    )


def test_leg__is_walked_before_the_street() -> None:
    street = on_foot([(0, 0), (1000, 0)])
    beside = points((500, 60))
    assert total(reached_edges(street, beside, [3]), 3) == pytest.approx(2 * 120)
    assert reached_edges(street, beside, [1]).empty
    assert reached_edges(street, beside, [3]).minutes.tolist() == [1, 1]


def test_bands__are_each_reached_once_in_the_order_of_time(grid: Network) -> None:
    reached = reached_edges(grid, points((30, 0)), [2, 4, 6])
    assert reached.minutes.is_monotonic_increasing
    before = reached.cutoff_min - 2
    assert ((reached.minutes >= before - 1e-9) & (reached.minutes < reached.cutoff_min)).all()
    union = shapely.union_all(reached.geometry)
    assert union.length == pytest.approx(reached.length_m.sum())
    for cutoff in (2, 4, 6):
        alone = reached_edges(grid, points((30, 0)), [cutoff])
        assert total(reached, cutoff) == pytest.approx(alone.length_m.sum())
    named = grid.edges().loc[reached.edge]
    assert reached.way.tolist() == named.way.tolist()
    assert shapely.distance(named.geometry, reached.geometry.to_numpy()).max() < 1e-9


def test_several_places__are_reached_from_the_nearest() -> None:
    street = on_foot([(0, 0), (1000, 0)])
    both = reached_edges(street, points((300, 0), (500, 0)), [2])
    assert total(both, 2) == pytest.approx(620 - 180)
    union = shapely.union_all(both.geometry)
    assert union.bounds == pytest.approx((180, 0, 620, 0))


def test_minutes__of_a_part_are_those_of_its_nearer_end() -> None:
    street = on_foot([(0, 0), (100, 0)])
    for first, second in (((0, 30), (100, 6)), ((0, 6), (100, 30))):
        reached = reached_edges(street, points(first, second), [5])
        assert reached.minutes.tolist() == [0.1]
        assert reached.length_m.tolist() == [100]
    apart = reached_edges(on_foot([(0, 0), (1000, 0)]), points((0, 30), (1000, 6)), [1])
    assert apart.minutes.tolist() == [0.1, 0.5]
    testing.assert_allclose(apart.length_m, [54, 30])


def test_crumb_of_a_street__beside_a_place_is_reached_though_it_takes_no_tick() -> None:
    reached = reached_edges(on_foot([(0, 0), (1000, 0)]), points((0.03, 0)), [1])
    assert reached.total_bounds == pytest.approx([0, 0, 60, 0], abs=0.05)
    assert reached.geometry.bounds.minx.min() == 0


def test_streets_without_a_way_to_them__are_not_reached() -> None:
    apart = on_foot([(0, 0), (100, 0)], [(0, 40), (100, 40)])
    assert reached_edges(apart, points((0, 0)), [60]).way.tolist() == [0]


# ── one-way streets, and directions ──────────────────────────────────────────


def test_one_way__is_left_along_it_and_come_to_against_it() -> None:
    street = by_car([(0, 0), (1000, 0)], oneway=["yes"])
    away = reached_edges(street, points((400, 0)), [2])
    back = reached_edges(street, points((400, 0)), [2], direction="to")
    testing.assert_allclose(away.total_bounds, [400, 0, 520, 0], atol=1e-6)
    testing.assert_allclose(back.total_bounds, [280, 0, 400, 0], atol=1e-6)


def test_one_way__is_not_entered_from_its_end() -> None:
    # The last street ends where the walk begins.
    hook = by_car(
        [(0, 0), (100, 0)],
        [(100, 0), (100, 100)],
        [(0, 100), (0, 0)],
        oneway=["yes", "yes", "yes"],
    )
    reached = reached_edges(hook, points((0, 0)), [60])
    assert sorted(set(reached.way)) == [0, 1]
    assert sorted(set(reached_edges(hook, points((0, 0)), [60], direction="to").way)) == [2]


@pytest.mark.parametrize("direction", ["from", "to"])
@pytest.mark.parametrize("seed", range(4))
def test_reached__agrees_with_the_cost_at_any_point(
    tangled: Network, direction: Direction, seed: int
) -> None:
    agrees(tangled, direction, seed, cutoffs=(1.5, 4, 7.3))


def agrees(
    network: Network, direction: Direction, seed: int, cutoffs: tuple[float, ...], count: int = 3
) -> None:
    """Check that a point is on a reached part if, and only if, its time is within the cut-off."""
    rng = np.random.default_rng(seed)
    edges = network.edges()
    begin = edges.geometry.sample(count, random_state=seed).interpolate(0.37, normalized=True)
    begin = gpd.GeoSeries(begin.translate(*rng.uniform(-15, 15, 2)), crs=network.crs)
    edge = rng.integers(0, len(edges), 400)
    at = network.lines[edge]
    where = shapely.line_interpolate_point(at, rng.uniform(0.02, 0.98, len(edge)), normalized=True)
    asked = gpd.GeoSeries(where, crs=network.crs)
    spots = place_opportunities(network, asked)
    assert spots.leg_ds.max() == 0
    # Origins travel "to" a service; those reached "from" a place are the same trip.
    minutes = cost_to_closest(network, spots, begin, direction=direction).closest_min.to_numpy()
    reached = reached_edges(network, begin, cutoffs, direction=direction)
    lines = gpd.GeoSeries(reached.geometry.to_numpy(), index=reached.edge)
    a_tick = 1 / DS_PER_MIN
    for cutoff in cutoffs:
        mine = lines[(reached.cutoff_min <= cutoff).to_numpy()]
        parts = mine.groupby(level=0).agg(shapely.union_all)
        there = parts.reindex(spots.edge).to_numpy()
        inside = shapely.distance(asked.to_numpy(), there) < 1e-6
        sure = ~(np.abs(minutes - cutoff) <= a_tick)  # times are rounded to a tick
        assert sure.mean() > 0.95
        testing.assert_array_equal(inside[sure], (minutes <= cutoff)[sure])
    assert 0.05 < np.mean(minutes <= cutoffs[-1]) < 0.95


# ── areas ────────────────────────────────────────────────────────────────────


def test_area__of_a_grid_is_a_diamond_that_grows_with_the_square_of_time(grid: Network) -> None:
    cutoffs = np.array([3, 4, 5, 6]) * A_BLOCK_MIN
    areas = isochrones(grid, points((0, 0)), cutoffs.tolist()).iloc[::-1]
    ratio = areas.area_ha.to_numpy() * 1e4 / BLOCK**2
    # 2 T² blocks, and a strip that grows with T: the second difference is 4 to the digit.
    testing.assert_allclose(np.diff(ratio, 2), 4, rtol=1e-6)
    diamond = shapely.Polygon([(-6, 0), (0, 6), (6, 0), (0, -6)])
    shape = shapely.transform(areas.geometry.iloc[-1], lambda xy: xy / BLOCK)
    assert shape.hausdorff_distance(diamond) < 0.75
    assert areas.streets_km.to_numpy() == pytest.approx(4 * np.array([3, 4, 5, 6]) ** 2 / 10)
    assert not any(len(part.interiors) for part in shapely.get_parts(shape))


def test_areas__are_valid_nested_and_the_largest_is_drawn_first(tangled: Network) -> None:
    places = points((10, 20), (250, -130))
    areas = isochrones(tangled, places, [1, 2, 3, 5, 8])
    assert areas.cutoff_min.tolist() == [8, 5, 3, 2, 1]
    assert areas.columns.tolist() == ["cutoff_min", "area_ha", "streets_km", "geometry"]
    nested(areas)


def nested(areas: gpd.GeoDataFrame) -> None:
    """Check that areas are valid, and each holds the next."""
    assert areas.is_valid.all()
    assert set(areas.geom_type) == {"MultiPolygon"}
    shapes = areas.geometry.to_numpy()
    assert (shapely.area(shapely.difference(shapes[1:], shapes[:-1])) < 1e-6).all()
    assert (np.diff(areas.area_ha) < 1e-9).all()


def test_area__holds_every_reached_street_and_nothing_beyond_the_width(grid: Network) -> None:
    place = points((30, 0))
    lines = shapely.union_all(reached_edges(grid, place, [5]).geometry)
    for width in (10.0, 40.0):
        area = isochrones(grid, place, [5], width_m=width, hole_ha=0).geometry.iloc[0]
        assert area.covers(lines)
        assert lines.buffer(width + 1e-6).covers(area)
        assert area.covers(lines.buffer(width * 0.97))


def test_holes__are_filled_up_to_a_size(grid: Network) -> None:
    place, cutoff = points((0, 0)), [3 * A_BLOCK_MIN]
    open_m2 = (BLOCK - 50) ** 2
    for hole_ha, holes in ((0.0, True), (open_m2 / 1e4 - 0.01, True), (open_m2 / 1e4, False)):
        area = isochrones(grid, place, cutoff, hole_ha=hole_ha).geometry.iloc[0]
        found = [shapely.Polygon(ring).area for ring in area.geoms[0].interiors]
        assert bool(found) is holes
        assert all(each == pytest.approx(open_m2, rel=1e-6) for each in found[:1])


def test_island_in_a_filled_hole__leaves_the_area_valid() -> None:
    square = [(0, 0), (90, 0), (90, 90), (0, 90), (0, 0)]
    islanded = on_foot(square, [(44, 45), (46, 45)])
    areas = isochrones(islanded, points((0, 0), (45, 45)), [6], width_m=5)
    assert areas.is_valid.all()
    assert areas.area_ha.iloc[0] * 1e4 == pytest.approx(100**2, rel=0.01)


RIVER = shapely.LineString([(0, 60), (300, 60)])
BANKS: list[Line] = [
    [(0, 0), (100, 0)],
    [(100, 0), (200, 0)],
    [(200, 0), (300, 0)],
    [(0, 120), (100, 120)],
    [(100, 120), (200, 120)],
    [(200, 120), (300, 120)],
]


def test_river__without_a_bridge_stays_outside_with_all_beyond_it() -> None:
    areas = isochrones(on_foot(*BANKS), points((150, 0)), [5, 30])
    beyond = shapely.box(-100, 60, 400, 300)
    assert not areas.intersects(beyond).any()


def test_bridge__is_the_only_way_over_the_river() -> None:
    bridged = on_foot(*BANKS, [(300, 0), (300, 120)])
    areas = isochrones(bridged, points((0, 0)), [4.9, 7, 11]).set_index("cutoff_min")
    bank = shapely.LineString([(0, 120), (300, 120)])
    # The bridge begins 300 m away and is 120 m long: at 7 minutes nobody has left it.
    reached = areas.geometry.apply(lambda area: area.intersection(bank).length)
    assert reached[4.9] == 0
    assert reached[7] == pytest.approx(25, abs=1)
    assert reached[11] == pytest.approx(240 + 25, abs=1)
    wet = areas.geometry.apply(lambda area: area.intersection(RIVER).length)
    assert wet.tolist() == pytest.approx([25, 25, 0], abs=1)


def test_each__gives_the_area_of_every_place_alone(grid: Network) -> None:
    places = points((0, 0), (9000, 0), (30, 40), labels=["a", "far", "b"])
    areas = isochrones(grid, places, [1, 3], by="each")
    assert areas.place.tolist() == ["a", "a", "far", "far", "b", "b"]
    for label in ("a", "b"):
        alone = isochrones(grid, places[[label]], [1, 3])
        mine = areas[areas.place == label].drop(columns="place").reset_index(drop=True)
        pd.testing.assert_frame_equal(mine.drop(columns="geometry"), alone.drop(columns="geometry"))
        assert mine.geometry.geom_equals(alone.geometry).all()
    assert areas.geometry[areas.place == "far"].is_empty.all()
    assert areas.is_valid.all()
    assert "snap_too_far" in [notice["code"] for notice in areas.attrs["notices"]]
    both = isochrones(grid, places, [3]).geometry.iloc[0]
    each = shapely.union_all(areas.geometry[areas.cutoff_min == 3])
    assert both.symmetric_difference(each).area < 1


def test_park__is_left_by_every_street_along_it(grid: Network) -> None:
    park = gpd.GeoSeries([shapely.box(10, 10, 90, 90)], ["park"], crs=CRS)
    reached = reached_edges(grid, park, [1])
    around = shapely.union_all(reached.geometry)
    assert around.buffer(1e-6).covers(shapely.box(0, 0, 100, 100).exterior)
    areas = isochrones(grid, park, [1], by="each")
    assert areas.place.tolist() == ["park"]
    assert areas.streets_km.iloc[0] * 1000 == pytest.approx(reached.length_m.sum())


# ── cut-offs, places and files ───────────────────────────────────────────────


def test_cutoffs__may_come_in_any_order_and_twice(grid: Network) -> None:
    place = points((0, 0))
    plain, mixed = ([1, 2.5, 4], [4, 1, 2.5, 1, 4])
    pd.testing.assert_frame_equal(
        reached_edges(grid, place, plain), reached_edges(grid, place, mixed)
    )
    assert isochrones(grid, place, mixed).cutoff_min.tolist() == [4, 2.5, 1]


def test_cutoff_0__reaches_the_door_and_no_street(grid: Network) -> None:
    doors = points((30, 0), (230, 50))
    reached = reached_edges(grid, doors, [0])
    assert reached.empty
    assert reached.columns.tolist() == [
        "edge",
        "way",
        "cutoff_min",
        "minutes",
        "length_m",
        "geometry",
    ]
    areas = isochrones(grid, doors, [0], by="each", width_m=10)
    disc = shapely.Point(30, 0).buffer(10, quad_segs=4)
    assert areas.geometry.iloc[0].equals(disc)
    assert areas.geometry.iloc[1].is_empty  # it stands 30 m from its street
    assert areas.streets_km.tolist() == [0, 0]


def test_cutoff__is_inside_to_the_last_digit() -> None:
    assert 1.13 * DS_PER_MIN < 678
    area = isochrones(on_foot([(0, 0), (100, 0)]), points((50, 67.8)), [1.13])
    assert not area.is_empty.any()


@pytest.mark.parametrize(
    "cutoffs", [[], [-1], [5, float("nan")], [MOST_DS / DS_PER_MIN + 1], [float("inf")], ["5"], 5]
)
def test_cutoffs__outside_their_limits_are_refused(grid: Network, cutoffs: list[float]) -> None:
    for function in (reached_edges, isochrones):
        with pytest.raises(ParameterError, match="cutoffs_min"):
            function(grid, points((0, 0)), cutoffs)


@pytest.mark.parametrize(
    ("name", "value"),
    [("width_m", 0), ("width_m", -5), ("width_m", float("nan")), ("hole_ha", -1)],
)
def test_sizes__outside_their_limits_are_refused(grid: Network, name: str, value: float) -> None:
    sizes = {"width_m": 25.0, "hole_ha": 1.0, name: value}
    with pytest.raises(ParameterError, match=name):
        isochrones(grid, points((0, 0)), [5], width_m=sizes["width_m"], hole_ha=sizes["hole_ha"])


def test_places_far_from_any_street__are_refused_or_named(grid: Network) -> None:
    with pytest.raises(ParameterError, match=r"places_off_network(.|\n)*within 100 m"):
        reached_edges(grid, points((5000, 0), (0, 9000)), [5])
    some = reached_edges(grid, points((0, 0), (0, 9000), labels=["home", "hill"]), [5])
    assert ["hill" in notice["en"] for notice in some.attrs["notices"]] == [True]


def test_places_without_a_shape_or_in_another_crs__are_refused(grid: Network) -> None:
    nowhere = gpd.GeoSeries([None, shapely.Point()], crs=CRS)
    with pytest.raises(ParameterError, match="layer_empty"):
        reached_edges(grid, nowhere, [5])
    with pytest.raises(ParameterError, match="to_crs"):
        isochrones(grid, points((0, 0)).to_crs(4326), [5])


@pytest.mark.parametrize("suffix", ["gpkg", "geojson"])
def test_tables__are_written_and_read_again(grid: Network, tmp_path: Path, suffix: str) -> None:
    place = points((0, 0), (9000, 0), labels=["casa", "lejos"])
    for name, table in {
        "reached": reached_edges(grid, place, [2, 5]),
        "areas": isochrones(grid, place, [2, 5], by="each"),
        "nothing": reached_edges(grid, place, [0]),
    }.items():
        path = tmp_path / f"{name}.{suffix}"
        table.to_file(path)
        again = gpd.read_file(path)
        assert len(again) == len(table)
        assert set(table.columns) <= set(again.columns) or table.empty
        testing.assert_allclose(again.to_crs(CRS).area, table.area, rtol=1e-4)


def test_ways_of_mixed_kinds__are_written_as_text(grid: Network, tmp_path: Path) -> None:
    ways = np.array([[1, 2] if row % 2 else row for row in range(len(grid.way))], object)
    reached = reached_edges(replace(grid, way=ways), points((0, 0)), [2])
    reached.to_file(tmp_path / "mixed.gpkg")
    assert set(gpd.read_file(tmp_path / "mixed.gpkg").way) == set(reached.way)


QGIS = """
import json, sys
from qgis.core import QgsApplication, QgsVectorLayer
application = QgsApplication([], False)
application.initQgis()
layer = QgsVectorLayer(sys.argv[1], "areas", "ogr")
found = [each.geometry().isGeosValid() for each in layer.getFeatures()]
print(json.dumps([layer.isValid(), layer.crs().authid(), len(found), all(found)]))
"""


@pytest.mark.qgis
@pytest.mark.skipif(shutil.which(SYSTEM_PYTHON) is None, reason="there is no system Python")
def test_qgis__opens_the_areas(grid: Network, tmp_path: Path) -> None:
    path = tmp_path / "areas.gpkg"
    isochrones(grid, points((0, 0)), [2, 5, 8]).to_file(path)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(tmp_path)}
    for name in ("PYTHONPATH", "PROJ_LIB", "PROJ_DATA", "VIRTUAL_ENV"):
        environment.pop(name, None)
    command = [SYSTEM_PYTHON, "-c", QGIS, str(path)]
    found = subprocess.run(
        command, capture_output=True, check=False, env=environment, text=True, timeout=300
    )
    if "No module named 'qgis" in found.stderr:
        pytest.skip("QGIS with its Python bindings is not installed")
    assert json.loads(found.stdout.splitlines()[-1]) == [True, CRS, 3, True]


# ── a real city ──────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def manizales() -> Network:
    """Return the streets of Manizales on foot, with their stairs."""
    if not MANIZALES.is_file():
        pytest.skip(f"{MANIZALES.name} is not here (../shared/data)")
    return load_network(MANIZALES, crs=CRS)


def plaza_de_bolivar() -> gpd.GeoSeries:
    """Return the main square."""
    return gpd.GeoSeries([shapely.Point(-75.5174, 5.0689)], crs=4326).to_crs(CRS)


def test_manizales__streets_and_times_agree(manizales: Network) -> None:
    agrees(manizales, "from", 5, cutoffs=(5, 10, 20), count=4)


def test_manizales__areas_are_valid_and_nested(manizales: Network) -> None:
    centre = plaza_de_bolivar()
    areas = isochrones(manizales, centre, [5, 10, 15])
    nested(areas)
    reached = reached_edges(manizales, centre, [15])
    assert areas.streets_km.iloc[0] == pytest.approx(reached.length_m.sum() / 1000)
    # Nobody gets farther than straight ahead at full speed, and the way is a detour for most.
    straight = np.pi * (15 * 1000 / 60 * manizales.profile.speed_kmh) ** 2 / 1e4
    assert 0.3 * straight < areas.area_ha.iloc[0] < 0.7 * straight


def test_manizales__stairs_carry_people_farther(manizales: Network) -> None:
    walk = load_profile("walk")
    closed = load_profile("walk", {"closed": [*walk.closed, "steps"]})
    without = load_network(MANIZALES, crs=CRS, profile=closed)
    centre = plaza_de_bolivar()
    reached = reached_edges(manizales, centre, [15])
    shorter = reached_edges(without, centre, [15])
    assert 0.5 < shorter.length_m.sum() / reached.length_m.sum() < 0.995
    left = shorter.length_m.groupby(shorter.way).sum()
    held = reached.length_m.groupby(reached.way).sum().reindex(left.index)
    assert (held.fillna(0) >= left - 0.2).all()
