"""Cells and services meet streets along their edges, with a leg of its own speed and limit."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from shapely.geometry.base import BaseGeometry

from inclusion_marker.accessibility.network import Network, prepare_network
from inclusion_marker.accessibility.snapping import (
    Spots,
    place_opportunities,
    place_origins,
    points_of,
)
from inclusion_marker.errors import ParameterError
from inclusion_marker.profiles import load_profile
from inclusion_marker.texts import Text
from networks import CRS, METRE_A_SECOND, grid_of_streets, on_foot, points

EXAMPLES = settings(deadline=None, max_examples=40)
CORNER = on_foot([(0, 0), (1000, 0)], [(1000, 0), (1000, 300)])
TOWN = prepare_network(grid_of_streets(), load_profile("walk", METRE_A_SECOND))


def cells(*shapes: BaseGeometry | None, labels: list[str] | None = None) -> gpd.GeoSeries:
    """Return cells in metres."""
    return gpd.GeoSeries([*shapes], labels, crs=CRS)


def codes(spots: Spots) -> list[str]:
    """Return the codes of what was noticed."""
    return [notice.code for notice in spots.notices]


def gates(network: Network, spots: Spots) -> np.ndarray:
    """Return where on their streets places are, shape ``(places, 2)``."""
    lines = network.lines[spots.edge]
    return shapely.get_coordinates(
        shapely.line_interpolate_point(lines, spots.share, normalized=True)
    )


# ── points ───────────────────────────────────────────────────────────────────


def test_a_point__meets_the_nearest_street_and_not_the_nearest_node() -> None:
    spots = place_opportunities(CORNER, points((400, 30)))
    assert spots.edge.tolist() == [0]
    assert spots.share.tolist() == [0.4]
    assert spots.leg_ds.tolist() == [300]
    assert spots.weight.tolist() == [1.0]
    # A curved street is met along it.
    bend = on_foot([(0, 0), (100, 0), (100, 300)])
    assert place_origins(bend, points((90, 200))).share.tolist() == [0.75]
    assert place_origins(bend, points((90, 200))).leg_ds.tolist() == [100]


def test_a_point_between_two_streets__takes_the_first_of_those_equally_near() -> None:
    twins = on_foot([(0, 0), (100, 0)], [(0, 20), (100, 20)], [(0, 0), (0, 20)])
    spots = place_opportunities(twins, points((50, 10), (50, 11), (100, 10)))
    assert spots.edge.tolist() == [0, 1, 0]


@pytest.mark.parametrize(("kmh", "leg"), [(3.6, 300), (1.8, 600), (7.2, 150)])
def test_the_leg__has_its_own_speed(kmh: float, leg: int) -> None:
    network = on_foot([(0, 0), (1000, 0)], access_speed_kmh=kmh)
    assert place_origins(network, points((400, 30))).leg_ds.tolist() == [leg]
    assert network.forward_ds.tolist() == [10_000]


def test_the_leg__has_its_own_limit_and_what_lies_beyond_is_told() -> None:
    homes = points((10, 100), (20, 100.5), (30, 50_000), labels=["in", "out", "far"])
    spots = place_origins(CORNER, homes, name="homes")
    assert spots.owner.tolist() == [0]
    assert spots.index.tolist() == ["in", "out", "far"]
    (notice,) = spots.notices
    assert notice.code == "snap_too_far"
    assert notice.layer == "homes"
    assert notice.values == {
        "count": 2,
        "total": 3,
        "limit_m": Text(es="100", en="100"),
        "farthest_m": Text(es="49\N{NO-BREAK SPACE}709", en="49,709"),
        "sample": "out, far",
    }


def test_many_too_far__are_sampled_and_counted() -> None:
    homes = points(*[(x, 5000) for x in range(8)], labels=[f"h{x}" for x in range(8)])
    (notice,) = place_opportunities(CORNER, homes).notices
    assert notice.values["sample"] == "h0, h1, h2, h3, h4 … (+3)"


def test_an_island__is_told_with_its_places() -> None:
    network = on_foot([(0, 0), (500, 0)], [(0, 0), (0, 300)], [(0, 900), (100, 900)])
    spots = place_opportunities(
        network, points((50, 910), (50, 10), (90, 890), labels=["a", "b", "c"]), name="schools"
    )
    assert spots.owner.tolist() == [0, 1, 2]
    (notice,) = spots.notices
    assert notice.code == "network_disconnected"
    assert notice.layer == "schools"
    assert notice.values == {"count": 2, "total": 3, "sample": "a, c"}
    assert not place_opportunities(network, points((50, 10))).notices


def test_across_a_river__the_way_to_the_water_is_walked_and_not_free() -> None:
    # Beyond a cape: the street ends at 1000 m, the place lies 80 m off its end.
    cape = on_foot([(0, 0), (1000, 0)])
    spots = place_opportunities(cape, points((1080, 0)))
    assert spots.share.tolist() == [1.0]
    assert spots.leg_ds.tolist() == [800]


def test_rows_without_a_shape__have_no_place() -> None:
    table = cells(shapely.Point(1, 1), None, shapely.Point(), shapely.Point(999, 1))
    for spots in (place_opportunities(CORNER, table), place_origins(CORNER, table)):
        assert spots.owner.tolist() == [0, 3]
        assert len(spots.index) == 4
        assert not spots.notices
    mixed = cells(shapely.box(0, -5, 10, 5), None, shapely.Polygon(), shapely.Point(999, 1))
    for spots in (place_opportunities(CORNER, mixed), place_origins(CORNER, mixed)):
        assert sorted({*spots.owner.tolist()}) == [0, 3]
        assert not spots.notices
    nothing = place_origins(CORNER, cells())
    assert len(nothing.owner) == len(nothing.index) == 0


# ── cells ────────────────────────────────────────────────────────────────────


def test_a_cell__is_the_streets_inside_it_in_short_pieces_by_length() -> None:
    # 100 m of the first street and 20 m of the second.
    spots = place_origins(CORNER, cells(shapely.box(900, -10, 1100, 20)))
    assert gates(CORNER, spots) == pytest.approx(np.array([[925, 0], [975, 0], [1000, 10]]))
    assert_allclose(spots.weight, np.array([50, 50, 20]) / 120)
    assert spots.edge.tolist() == [0, 0, 1]
    assert spots.leg_ds.tolist() == [0, 0, 0]


def test_pieces__are_no_longer_than_fifty_metres() -> None:
    for length, pieces in ((49, 1), (50, 1), (51, 2), (100, 2), (101, 3)):
        spots = place_origins(CORNER, cells(shapely.box(0, -1, length, 1)))
        assert_allclose(spots.weight, np.full(pieces, 1 / pieces))
        middles = (np.arange(pieces) + 0.5) * length / pieces
        assert_allclose(spots.share, middles / 1000)


def test_a_street_that_leaves_a_cell_and_comes_back__counts_both_parts() -> None:
    loop = on_foot([(0, 0), (40, 0), (40, 100), (60, 100), (60, 0), (100, 0)])
    spots = place_origins(loop, cells(shapely.box(0, -5, 100, 5)))
    middles = [[22.5, 0], [77.5, 0]]
    assert gates(loop, spots) == pytest.approx(np.array(middles))
    assert_allclose(spots.weight, [0.5, 0.5])


def test_a_cell_without_streets__stands_at_its_centroid_within_the_limit() -> None:
    near, far = shapely.box(400, 40, 420, 60), shapely.box(400, 400, 420, 420)
    spots = place_origins(CORNER, cells(near, far, labels=["near", "far"]))
    assert spots.owner.tolist() == [0]
    assert spots.share.tolist() == [0.41]
    assert spots.leg_ds.tolist() == [500]
    assert codes(spots) == ["snap_too_far"]
    # A street that only touches a cell is not inside it.
    touching = place_origins(CORNER, cells(shapely.box(1000, 300, 1010, 310)))
    assert touching.leg_ds.tolist() == [round(50 * np.sqrt(2))]


def test_by_centroid__a_cell_is_one_place_even_with_streets_inside() -> None:
    cell = cells(shapely.box(0, -10, 100, 40))
    spots = place_origins(CORNER, cell, by="centroid")
    assert spots.share.tolist() == [0.05]
    assert spots.leg_ds.tolist() == [150]
    assert len(place_origins(CORNER, cell).owner) == 2


def test_cells_and_points__may_stand_in_one_table() -> None:
    table = cells(shapely.Point(10, 7), shapely.box(500, -5, 600, 5), shapely.Point(20, 0))
    spots = place_origins(CORNER, table)
    assert spots.owner.tolist() == [0, 1, 1, 2]
    assert spots.leg_ds.tolist() == [70, 0, 0, 0]
    assert_allclose(spots.weight, [1, 0.5, 0.5, 1])


def people(*rows: tuple[float, float, float], crs: str = CRS) -> gpd.GeoDataFrame:
    """Return people at places."""
    where = shapely.points([row[:2] for row in rows])
    return gpd.GeoDataFrame({"people": [row[2] for row in rows]}, geometry=where, crs=crs)


def test_people__weigh_the_nearest_piece_of_their_own_cell() -> None:
    table = cells(shapely.box(0, -40, 100, 40), shapely.box(100, -40, 200, 40))
    # The one at (99, 30) is as near to the next cell's pieces, and lives in this one.
    counts = people((10, 5, 30), (99, 30, 60), (20, -30, 10), (140, 0, np.nan), (160, 5, 4))
    spots = place_origins(CORNER, table, people=counts)
    assert spots.owner.tolist() == [0, 0, 1, 1]
    assert_allclose(spots.weight, [0.4, 0.6, 0, 1])


def test_cells_without_people__weigh_by_length() -> None:
    table = cells(shapely.box(0, -40, 100, 40), shapely.box(500, -40, 600, 40))
    for counts in (
        people((10, 5, 3)),
        people((10, 5, 3), (550, 0, 0)),
        people((10, 5, 3), (9, 99, 8)),
    ):
        spots = place_origins(CORNER, table, people=counts)
        assert_allclose(spots.weight, [1, 0, 0.5, 0.5])
    lonely = place_origins(
        CORNER, cells(shapely.box(400, 40, 420, 60)), people=people((410, 50, 3))
    )
    assert lonely.weight.tolist() == [1.0]


@st.composite
def boxes(draw: st.DrawFn) -> list[BaseGeometry]:
    """Return cells in and around the town."""
    corner = st.integers(-150, 550)
    side = st.integers(1, 300)
    rows = draw(st.lists(st.tuples(corner, corner, side, side), min_size=1, max_size=5))
    return [shapely.box(x, y, x + w, y + h) for x, y, w, h in rows]


@given(boxes())
@EXAMPLES
def test_places__weigh_one_for_each_cell_and_lie_inside_it(shapes: list[BaseGeometry]) -> None:
    spots = place_origins(TOWN, cells(*shapes))
    assert (np.diff(spots.owner) >= 0).all()
    assert ((spots.share >= 0) & (spots.share <= 1)).all()
    total = np.bincount(spots.owner, spots.weight, len(shapes))
    far = [shape.centroid.distance(shapely.box(0, 0, 400, 400).boundary) for shape in shapes]
    for shape, sum_, owner in zip(shapes, total, range(len(shapes)), strict=True):
        inside = shapely.length(shapely.intersection(TOWN.lines, shape)).sum()
        mine = spots.owner == owner
        if inside > 0:
            assert sum_ == pytest.approx(1)
            where = shapely.points(gates(TOWN, spots)[mine])
            assert (shapely.distance(where, shape) < 1e-6).all()
            assert mine.sum() >= np.ceil(inside / 50 - 1e-9)
            assert (spots.leg_ds[mine] == 0).all()
        else:
            assert sum_ in {0.0, 1.0}
            assert mine.sum() == sum_
            assert sum_ == 1.0 or far[owner] > 100


# ── areas as services ────────────────────────────────────────────────────────


def test_a_park__is_entered_from_all_streets_at_its_edges() -> None:
    # Its south side runs 10 m off the street; 25 m around it reach the street 23 m farther.
    for west, east, pieces in ((300, 500, 5), (300, 302, 1), (300, 310, 2)):
        spots = place_opportunities(CORNER, cells(shapely.box(west, 10, east, 200)))
        beyond = np.sqrt(25**2 - 10**2)
        x = west - beyond + (np.arange(pieces) + 0.5) * (east - west + 2 * beyond) / pieces
        assert_allclose(gates(CORNER, spots)[:, 0], x, atol=0.1)
        off = np.hypot(np.maximum(np.maximum(west - x, x - east), 0), 10)
        assert_allclose(spots.leg_ds, 10 * off, atol=1)
        assert spots.owner.tolist() == [0] * pieces
    assert spots.leg_ds.min() > 130


def test_a_park_with_paths__is_entered_along_them_without_a_leg() -> None:
    spots = place_opportunities(CORNER, cells(shapely.box(300, -100, 400, 100)))
    x = gates(CORNER, spots)[:, 0]
    assert (spots.leg_ds[(x >= 300) & (x <= 400)] == 0).all()


def test_a_park_without_streets_beside_it__is_reached_from_the_nearest() -> None:
    park, line, lost = (
        shapely.box(300, 60, 400, 160),
        shapely.LineString([(100, 90), (200, 80)]),
        shapely.box(300, 600, 400, 700),
    )
    spots = place_opportunities(CORNER, cells(park, line, lost, labels=["p", "l", "x"]))
    assert spots.owner.tolist() == [0, 1]
    assert spots.leg_ds.tolist() == [600, 800]
    assert spots.share[1] == pytest.approx(0.2)
    assert codes(spots) == ["snap_too_far"]


def test_parks_and_doors__may_stand_in_one_table() -> None:
    table = cells(shapely.Point(100, 5), shapely.box(300, -30, 330, 30), shapely.Point(700, 5))
    spots = place_opportunities(CORNER, table)
    assert spots.owner.tolist()[0] == 0
    assert spots.owner.tolist()[-1] == 2
    assert spots.leg_ds.tolist()[0] == spots.leg_ds.tolist()[-1] == 50


# ── what is refused, and what comes out ──────────────────────────────────────


@pytest.mark.parametrize("crs", [None, "EPSG:4326", "EPSG:32619"])
def test_another_crs__is_refused_by_name(crs: str | None) -> None:
    table = gpd.GeoSeries([shapely.Point(0, 0)], crs=crs)
    for place in (place_origins, place_opportunities):
        with pytest.raises(ParameterError) as caught:
            place(CORNER, table, name="homes")
        text = str(caught.value)
        assert "homes" in text
        assert "to_crs('EPSG:32618')" in text
    if crs is not None:
        with pytest.raises(ParameterError, match="people"):
            place_origins(
                CORNER, cells(shapely.box(0, -5, 10, 5)), people=people((1, 1, 1), crs=crs)
            )


def test_the_same_crs_by_another_name__is_accepted() -> None:
    wkt = gpd.GeoSeries(crs=CRS).crs.to_wkt()
    assert len(place_origins(CORNER, gpd.GeoSeries([shapely.Point(0, 0)], crs=wkt)).owner) == 1


def test_a_table__keeps_its_index_and_says_itself_in_one_line() -> None:
    table = gpd.GeoDataFrame({"beds": [1, 2]}, geometry=points((1, 1), (5, 5)).to_numpy(),
                             index=["x", "y"], crs=CRS)  # fmt: skip
    spots = place_opportunities(CORNER, table)
    assert spots.index.tolist() == ["x", "y"]
    assert repr(spots) == "<Spots: 2 places of 2 owners>"


def test_places_of_several_groups__come_one_after_the_other() -> None:
    homes = place_origins(CORNER, points((10, 0), (1000, 30)))
    schools = place_opportunities(CORNER, points((990, 7)))
    joined = points_of(CORNER, homes, schools)
    assert joined.street.tolist() == [0, 1, 0]
    assert joined.tail.tolist() == CORNER.tail[joined.street].tolist()
    assert joined.head.tolist() == CORNER.head[joined.street].tolist()
    assert joined.forward_ds.tolist() == [10_000, 3000, 10_000]
    assert joined.backward_ds.tolist() == [10_000, 3000, 10_000]
    assert joined.share == pytest.approx([0.01, 0.1, 0.99])
    assert joined.leg_ds.tolist() == [0, 0, 70]
