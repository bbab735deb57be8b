"""Hot spots of a result: planted clusters, people, draws, and cities that have nothing to show."""

from types import SimpleNamespace
from typing import Any, cast

import geopandas as gpd
import h3
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
import shapely

from inclusion_marker.analysis.clustering.autocorrelation import getis_ord, morans_i
from inclusion_marker.analysis.clustering.neighbours import neighbours
from inclusion_marker.analysis.clustering.significance import adjusted
from inclusion_marker.analysis.hotspots import Hotspots, hotspots
from inclusion_marker.errors import ParameterError
from inclusion_marker.loaders.grid import Grid, from_ids, from_polygons
from inclusion_marker.result import Result

CRS = "EPSG:32618"
MIDDLE = h3.latlng_to_cell(7.89, -72.5, 9)
GRID = from_ids(sorted(h3.grid_disk(MIDDLE, 8)), crs=CRS)
CELLS = len(GRID.index)


def made(
    values: Any,  # noqa: ANN401 - whatever an array is made of
    *,
    grid: Grid = GRID,
    people: Any = None,  # noqa: ANN401
    districts: gpd.GeoDataFrame | None = None,
) -> Result:
    """Return what hot spots read of a result."""
    index = grid.index
    table = pd.DataFrame({"marker": values, "area_health": values}, index=index, dtype=float)
    living = pd.Series(100.0 if people is None else people, index=index, dtype=float)
    boundary = gpd.GeoSeries([shapely.union_all(grid.cells.geometry.to_numpy())], crs=CRS)
    said = {"table": lambda: table, "people": living, "grid": grid}
    return cast("Result", SimpleNamespace(**said, districts=districts, boundary=boundary))


def drawn(draws: Any, index: pd.Index = GRID.index) -> Any:  # noqa: ANN401
    """Return what hot spots read of a robustness run."""
    return SimpleNamespace(draws=np.asarray(draws, dtype=np.float32), index=index)


def ring_of(cells: pd.Index) -> np.ndarray:
    """Return how far each cell is from the middle."""
    return np.array([h3.grid_distance(MIDDLE, each) for each in cells])


def planted() -> np.ndarray:
    """Return noise with a low cluster in the middle and a high one at the rim's north."""
    values = np.random.default_rng(7).normal(60, 5, CELLS)
    values[ring_of(GRID.index) <= 2] -= 25
    north = GRID.centroids[:, 1] > np.quantile(GRID.centroids[:, 1], 0.93)
    values[north] += 25
    return values


def codes(found: Hotspots) -> list[str]:
    """Return the codes of the notices."""
    return [each.code for each in found.notices]


def faults(refused: pytest.ExceptionInfo[ParameterError]) -> list[str]:
    """Return the items that an error names."""
    return [each.item for each in refused.value.problems]  # type: ignore[union-attr]


# ── what is found ────────────────────────────────────────────────────────────


def test_planted_clusters__are_found_where_they_are() -> None:
    values = planted()
    found = hotspots(made(values))
    classes, distance = found.cells["hotspot"], ring_of(GRID.index)
    assert (classes[distance <= 1] == "low").all()
    north = GRID.centroids[:, 1] > np.quantile(GRID.centroids[:, 1], 0.97)
    assert (classes[north] == "high").all()
    assert (classes[(distance > 3) & (distance < 5)] != "low").all()
    assert found.global_.p < 1e-6
    assert found.notices == ()
    assert (found.column, found.alpha, found.correction, found.seed) == ("marker", 0.05, "bh", 7)


def test_cells__are_those_of_the_parts() -> None:
    values = planted()
    found, joined = hotspots(made(values)), neighbours(GRID)
    star = getis_ord(values, joined)
    npt.assert_array_equal(found.cells["z"], star.z)
    npt.assert_array_equal(found.cells["p"], star.p)
    npt.assert_array_equal(found.cells["p_adjusted"], adjusted(star.p))
    expected = np.where(adjusted(star.p) <= 0.05, np.where(star.z > 0, "high", "low"), "none")
    assert found.cells["hotspot"].tolist() == expected.tolist()
    assert found.cells.index.equals(GRID.index)
    assert found.global_ == morans_i(values, joined, permutations=999)


def test_permutations__are_as_many_as_one_cell_needs() -> None:
    assert hotspots(made(planted())).permutations == 9_999
    assert hotspots(made(planted()), alpha=0.001).permutations == CELLS * 1000 - 1
    assert hotspots(made(planted()), alpha=1e-9, correction="by").permutations == 999_999
    closed = hotspots(made(planted()), permutations=0)
    assert closed.permutations == closed.global_.permutations == 0


def test_local__shows_a_low_cell_among_high_ones() -> None:
    values = planted()
    values[ring_of(GRID.index) <= 2] += 60
    values[ring_of(GRID.index) == 0] = 10
    found = hotspots(made(values, people=np.arange(CELLS)))
    odd = found.cells.loc[MIDDLE]
    assert odd["local"] == "LH"
    assert odd["local_i"] < 0
    row = found.quadrants.loc["LH"]
    assert row["people"] == GRID.index.get_loc(MIDDLE)
    assert row["cells"] == 1
    assert (found.cells["local"] == "HH").sum() == found.quadrants["cells"].loc["HH"] > 0


def test_a_random_city__has_no_clusters() -> None:
    draw = np.random.default_rng(7)
    shown = [
        hotspots(made(draw.normal(60, 5, CELLS)), permutations=0)
        .summary["cells"]
        .loc[["high", "low"]]
        for _ in range(20)
    ]
    assert sum(int(each.sum() > 0) for each in shown) <= 3  # one in twenty is expected


@pytest.mark.parametrize("correction", ["by", "holm", "bonferroni"])
def test_benjamini_hochberg__shows_all_that_the_others_show(correction: str) -> None:
    wide = hotspots(made(planted()), permutations=0).cells["hotspot"]
    narrow = hotspots(made(planted()), permutations=0, correction=correction).cells["hotspot"]
    shown = narrow != "none"
    assert (wide[shown] == narrow[shown]).all()
    assert shown.sum() > 0


def test_hotspots__do_not_know_the_unit() -> None:
    before = hotspots(made(planted()), permutations=0)
    after = hotspots(made(planted() * 0.5 + 20), permutations=0)
    npt.assert_allclose(after.cells["z"], before.cells["z"])
    assert after.cells["hotspot"].tolist() == before.cells["hotspot"].tolist()


def test_hotspots__are_the_same_bytes_for_a_seed() -> None:
    first, again = (hotspots(made(planted())).cells for _ in range(2))
    pd.testing.assert_frame_equal(first, again, check_exact=True)
    other = hotspots(made(planted()), seed=8).cells
    assert not other["local_p"].equals(first["local_p"])


# ── people, not cells ────────────────────────────────────────────────────────


def test_summary__counts_people_and_not_cells() -> None:
    values = planted()
    low = hotspots(made(values)).cells["hotspot"] == "low"
    found = hotspots(made(values, people=np.where(low, 1000.0, 1.0))).summary
    assert found["people"].loc["low"] == 1000 * low.sum()
    assert found["share"].loc["low"] > 0.9
    assert found["cells"].loc["low"] / CELLS < 0.2
    assert found["share"].sum() == pytest.approx(1)
    assert found["cells"].sum() == CELLS
    assert found["share_stable"].isna().all()


def test_people__that_are_missing_count_as_none_and_a_city_of_none_has_no_shares() -> None:
    people = np.full(CELLS, 10.0)
    people[:5] = np.nan
    assert hotspots(made(planted(), people=people)).summary["people"].sum() == 10 * (CELLS - 5)
    nobody = hotspots(made(planted(), people=0.0), robustness=drawn(planted()[:, None]))
    assert nobody.summary["share"].isna().all()
    assert nobody.summary["share_stable"].isna().all()
    assert nobody.quadrants["share"].isna().all()


def test_districts__have_the_people_of_their_part_of_a_cell() -> None:
    west, south, east, north = GRID.cells.total_bounds
    middle = GRID.centroids[GRID.index.get_loc(MIDDLE), 0]
    halves = [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    far = shapely.box(east + 10, south, east + 20, north)
    table = gpd.GeoDataFrame(
        {"name": ["West", "East", "Sea"]},
        geometry=[*halves, far],
        index=pd.Index(["w", "e", "s"], name="district"),
        crs=CRS,
    )
    found = hotspots(made(planted(), districts=table))
    assert found.districts is not None
    both = found.districts.loc[["w", "e"]]
    assert found.districts["name"].tolist() == ["West", "East", "Sea"]
    npt.assert_allclose(both["people"].sum(), 100 * CELLS)
    for each in ("high", "low"):
        npt.assert_allclose(both[f"people_{each}"].sum(), found.summary["people"].loc[each])
    npt.assert_allclose(both["share_low"], both["people_low"] / both["people"])
    assert np.isnan(found.districts["share_low"].loc["s"])


# ── draws ────────────────────────────────────────────────────────────────────


def test_stable__is_the_share_of_draws_with_the_class_shown() -> None:
    values = planted()
    noise = np.random.default_rng(3).normal(0, 12, (CELLS, 25))
    draws = (values[:, None] + noise).astype(np.float32)
    draws[4, :10] = np.nan
    found = hotspots(made(values), robustness=drawn(draws), permutations=0)
    agree = np.zeros(CELLS)
    for column in draws.T:
        alone = hotspots(made(column), permutations=0).cells["hotspot"]
        same = alone.eq(found.cells["hotspot"])
        agree += same.to_numpy(np.bool_, na_value=False)
    npt.assert_allclose(found.cells["stable"], agree / 25)
    assert 0 < found.cells["stable"].min() < found.cells["stable"].max() == 1
    kept = found.cells["stable"] >= 0.8
    low = found.cells["hotspot"] == "low"
    assert found.summary["people_stable"].loc["low"] == 100 * (kept & low).sum()
    npt.assert_allclose(
        found.summary["share_stable"], found.summary["people_stable"] / (100 * CELLS)
    )


def test_draws__are_read_by_cell_and_not_by_row() -> None:
    values = planted()
    draws = values[:, None] + np.random.default_rng(3).normal(0, 12, (CELLS, 9))
    order = np.random.default_rng(1).permutation(CELLS)
    straight = hotspots(made(values), robustness=drawn(draws), permutations=0)
    moved = drawn(draws[order], GRID.index[order])
    shuffled = hotspots(made(values), robustness=moved, permutations=0)
    pd.testing.assert_frame_equal(shuffled.cells, straight.cells, check_exact=True)


def test_draws__of_none_say_nothing_of_stability() -> None:
    found = hotspots(made(planted()), robustness=drawn(np.empty((CELLS, 0))), permutations=0)
    assert found.cells["stable"].isna().all()


def test_stable__is_missing_where_no_class_is_shown() -> None:
    values = planted()
    values[ring_of(GRID.index) == 6] = np.nan
    found = hotspots(made(values), robustness=drawn(planted()[:, None]), permutations=0)
    assert found.cells["stable"].isna().equals(pd.Series(np.isnan(values), index=GRID.index))


@pytest.mark.slow
def test_stability__of_a_large_city_in_blocks_is_that_of_one_block() -> None:
    grid = from_ids(sorted(h3.grid_disk(MIDDLE, 60)), crs=CRS)
    values = 60 + 10 * np.sin(grid.centroids[:, 0] / 1500)
    draws = values[:, None] + np.random.default_rng(0).normal(0, 8, (len(values), 200))
    whole = hotspots(made(values, grid=grid), robustness=drawn(draws, grid.index), permutations=0)
    parts = [
        hotspots(made(values, grid=grid), robustness=drawn(part, grid.index), permutations=0)
        for part in (draws[:, :3], draws[:, 3:])
    ]
    joined = (parts[0].cells["stable"] * 3 + parts[1].cells["stable"] * 197) / 200
    npt.assert_allclose(whole.cells["stable"], joined)


# ── nothing to show ──────────────────────────────────────────────────────────


def test_one_missing_value_among_six__leaves_a_sane_map() -> None:
    """esda 2.8 makes every local statistic NaN there, and every pseudo p significant."""
    squares = gpd.GeoDataFrame(
        geometry=[shapely.box(x, y, x + 99, y + 99) for y in (0, 99) for x in (0, 99, 198)], crs=CRS
    )
    grid = from_polygons(squares, id_column=None, crs=CRS)
    found = hotspots(made([1.0, 2.0, np.nan, 4.0, 3.0, 5.0], grid=grid))
    assert found.cells["hotspot"].isna().tolist() == [False, False, True, False, False, False]
    assert (found.cells["hotspot"].dropna() == "none").all()
    assert found.cells["local"].isna().sum() == 1
    assert found.cells["z"].notna().sum() == 3  # the middle two touch all there is
    assert (found.cells["p"].dropna() > 0.05).all()
    assert found.cells["p"].isna().sum() == 3
    assert found.global_.count == 5
    assert codes(found) == ["hotspots_missing", "hotspots_few"]


@pytest.mark.parametrize("permutations", [None, 0])
def test_constant_values__have_no_clusters_and_say_so(permutations: int | None) -> None:
    found = hotspots(made(50.0), permutations=permutations)
    assert (found.cells["hotspot"] == "none").all()
    assert (found.cells["local"] == "none").all()
    assert np.isnan(found.global_.value)
    assert codes(found) == ["hotspots_constant"]


def test_all_missing__has_no_classes_and_says_so() -> None:
    found = hotspots(made(np.nan))
    assert found.cells["hotspot"].isna().all()
    assert found.summary["share"].loc["missing"] == 1
    assert codes(found) == ["hotspots_missing", "hotspots_none_tested"]


def test_one_cell__is_an_island() -> None:
    grid = from_ids([MIDDLE], crs=CRS)
    found = hotspots(made([50.0], grid=grid))
    assert found.cells["hotspot"].tolist() == ["island"]
    assert found.cells["local"].tolist() == ["island"]
    assert codes(found) == ["hotspots_islands", "hotspots_none_tested"]


def test_polygons_that_do_not_touch__are_all_islands() -> None:
    apart = [shapely.box(x, 0, x + 10, 10) for x in range(0, 4000, 100)]
    grid = from_polygons(gpd.GeoDataFrame(geometry=apart, crs=CRS), id_column=None, crs=CRS)
    found = hotspots(made(np.arange(40.0), grid=grid))
    assert (found.cells["hotspot"] == "island").all()
    assert found.notices[0].values["count"] == 40
    assert codes(found) == ["hotspots_islands", "hotspots_none_tested"]


def test_polygons_over_each_other__are_tested() -> None:
    over = [shapely.box(x, 0, x + 450, 10) for x in range(0, 4000, 100)]
    grid = from_polygons(gpd.GeoDataFrame(geometry=over, crs=CRS), id_column=None, crs=CRS)
    found = hotspots(made(np.arange(40) >= 20, grid=grid))
    assert found.cells["hotspot"].iloc[[10, 30]].tolist() == ["low", "high"]


def test_an_island__is_left_out_of_mean_and_variance() -> None:
    ids = [*GRID.index, h3.latlng_to_cell(8.5, -72.5, 9)]
    grid = from_ids(ids, crs=CRS)
    values = pd.Series(planted(), index=GRID.index).reindex(grid.index, fill_value=1e6)
    found = hotspots(made(values.to_numpy(), grid=grid), permutations=0)
    alone = hotspots(made(planted()), permutations=0)
    npt.assert_allclose(found.cells["z"].reindex(GRID.index), alone.cells["z"])
    assert found.cells["hotspot"].loc[ids[-1]] == "island"
    assert found.summary["people"].loc["island"] == 100
    assert codes(found) == ["hotspots_islands"]


def test_few_permutations__are_warned_about() -> None:
    (notice,) = hotspots(made(planted()), permutations=99).notices
    assert notice.code == "permutation_floor"
    assert notice.values["needed"] == CELLS * 20 - 1


# ── wrong arguments ──────────────────────────────────────────────────────────


def test_wrong_arguments__are_all_said_at_once() -> None:
    with pytest.raises(ParameterError) as refused:
        hotspots(
            made(planted()), column="markr", alpha=5, correction="fdr", permutations=-1, seed=-1
        )
    assert faults(refused) == ["alpha", "correction", "permutations", "seed", "column"]
    assert "marker" in str(refused.value)


def test_draws__of_another_column_or_of_other_cells_are_refused() -> None:
    run = drawn(np.zeros((2, 3)), GRID.index[:2])
    with pytest.raises(ParameterError) as refused:
        hotspots(made(planted()), column="area_health", robustness=run)
    assert faults(refused) == ["robustness", "robustness"]
    assert f"{CELLS - 2} of {CELLS}" in str(refused.value)
