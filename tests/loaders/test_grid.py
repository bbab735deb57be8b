"""Cells: every one that touches the city, none twice, each with an id of its own."""

from __future__ import annotations

import geopandas as gpd
import h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import naive
from conftest import CRS
from inclusion_marker.errors import LayerError, ParameterError
from inclusion_marker.loaders.grid import cover, from_ids, from_polygons

SOMEWHERE = (-72.51, 7.88)


def degrees(shape: shapely.Geometry) -> gpd.GeoSeries:
    """Return a boundary in degrees."""
    return gpd.GeoSeries([shape], crs="EPSG:4326")


@given(
    st.lists(
        st.tuples(st.floats(0, 0.012), st.floats(0, 0.012)), min_size=3, max_size=6, unique=True
    ),
    st.sampled_from([0.0, 0.003]),
)
@settings(deadline=None, max_examples=25)
def test_cover__is_every_cell_that_touches_the_boundary(
    corners: list[tuple[float, float]], hole: float
) -> None:
    shape = shapely.convex_hull(shapely.MultiPoint(corners))
    shape = shapely.transform(shape, lambda xy: xy + SOMEWHERE)
    shape = shape.difference(shape.centroid.buffer(hole))
    if shape.area < 1e-9:
        return
    found = set(cover(degrees(shape), resolution=9, crs=CRS).index)
    assert found == naive.h3_cover(shape, 9)


def test_cover__of_a_tiny_boundary_is_not_empty() -> None:
    dot = shapely.Point(*SOMEWHERE).buffer(1e-7)
    grid = cover(degrees(dot), resolution=5, crs=CRS)
    assert grid.index.tolist() == [h3.latlng_to_cell(SOMEWHERE[1], SOMEWHERE[0], 5)]


def test_cover__has_sorted_ids_once_each() -> None:
    two = gpd.GeoSeries([shapely.box(-72.51, 7.88, -72.50, 7.89)] * 2, crs="EPSG:4326")
    index = cover(two, resolution=9, crs=CRS).index
    assert index.is_monotonic_increasing
    assert index.is_unique
    assert index.name == "cell"


def test_cells__have_the_area_and_the_centre_of_their_hexagon() -> None:
    grid = cover(degrees(shapely.Point(*SOMEWHERE).buffer(0.01)), resolution=9, crs=CRS)
    areas = [h3.cell_area(cell, unit="m^2") / 10_000 for cell in grid.index]
    np.testing.assert_allclose(grid.area_ha, areas, rtol=0.005)
    assert grid.centroids.shape == (len(grid.index), 2)
    assert grid.crs == CRS


@pytest.mark.parametrize("resolution", [-1, 16, 9.5, "9", True, None])
def test_cover__refuses_what_is_no_resolution(resolution: int) -> None:
    with pytest.raises(ParameterError, match="parameter_out_of_range"):
        cover(degrees(shapely.box(0, 0, 1, 1)), resolution=resolution, crs=CRS)


def test_cover__refuses_more_cells_than_fit_before_making_any() -> None:
    with pytest.raises(ParameterError, match="too_many_cells"):
        cover(degrees(shapely.box(-80, -10, -60, 10)), resolution=12, crs=CRS)


def test_cover__refuses_both_sides_of_the_antimeridian() -> None:
    fiji = shapely.MultiPolygon(
        [shapely.box(179, -18, 180, -17), shapely.box(-180, -18, -179, -17)]
    )
    with pytest.raises(LayerError, match="boundary_across_antimeridian"):
        cover(degrees(fiji), resolution=5, crs="EPSG:32760")


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        (["89a901291abffff", "x"], "x"),
        (["89a901291abffff"] * 2, "2 x 1"),
        (["89a901291abffff", h3.cell_to_parent("89a901291abffff", 8)], "[8, 9]"),
        ([""], "found"),
        ([], "[]"),
    ],
)
def test_from_ids__refuses(ids: list[str], found: str) -> None:
    with pytest.raises(LayerError, match="cell_id_invalid") as caught:
        from_ids(ids, crs=CRS)
    assert found in str(caught.value)


def squares(**columns: object) -> gpd.GeoDataFrame:
    """Return three cells in a row."""
    shapes = [shapely.box(x, 0, x + 1, 1) for x in range(3)]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def test_from_polygons__sorts_by_id_and_keeps_the_shapes_with_them() -> None:
    grid = from_polygons(squares(id=["b", "c", "a"]), id_column="id", crs=CRS)
    assert grid.index.tolist() == ["a", "b", "c"]
    assert grid.cells.geometry.bounds["minx"].tolist() == [2, 0, 1]
    assert (grid.kind, grid.resolution) == ("polygons", None)


def test_from_polygons__numbers_cells_without_ids() -> None:
    assert from_polygons(squares(), id_column=None, crs=CRS).index.tolist() == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (squares(id=["a", "a", "b"]), "cell_id_invalid"),
        (squares(id=["a", None, "b"]), "cell_id_invalid"),
        (squares(id=[1.0, np.nan, 2.0]), "cell_id_invalid"),
        (squares(code=["a", "b", "c"]), "column_missing"),
        (squares(id=["a", "b", "c"]).set_geometry(
            gpd.GeoSeries([None, shapely.Point(), shapely.box(0, 0, 1, 1)], crs=CRS)
        ), "cell_without_shape"),
    ],
)  # fmt: skip
def test_from_polygons__refuses(table: gpd.GeoDataFrame, code: str) -> None:
    with pytest.raises(LayerError, match=code):
        from_polygons(table, id_column="id", crs=CRS)
