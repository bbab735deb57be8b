"""Rows at the door: what is mended, what is refused, and what passes."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import geopandas as gpd
import numpy as np
import pytest
import shapely

from conftest import CRS
from inclusion_marker.cards import Column, Layer, LayerKind
from inclusion_marker.loaders.contract import geometry_faults
from inclusion_marker.loaders.values import value_faults
from inclusion_marker.texts import Text

AT = (700_000.0, 870_000.0)


def moved(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape in the metres of the town."""
    return shapely.transform(shape, lambda xy: xy + AT)


BOW_TIE = moved(shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]))
FLAT = moved(shapely.Polygon([(0, 0), (5, 5), (10, 10), (0, 0)]))
BOX = moved(shapely.box(0, 0, 9, 9))
OVERLAID = moved(shapely.MultiPolygon([shapely.box(0, 0, 9, 9), shapely.box(5, 5, 12, 12)]))


def checked(
    *shapes: shapely.Geometry | None, kind: LayerKind = "zone"
) -> tuple[gpd.GeoDataFrame, set[str]]:
    """Return the rows that pass and the codes of what was noticed."""
    table = gpd.GeoDataFrame(geometry=list(shapes), crs=CRS)
    rows, notices = geometry_faults(table, kind, "layer", "file")
    return rows, {notice.code for notice in notices}


def test_bow_tie__is_mended_to_its_two_halves() -> None:
    rows, codes = checked(BOW_TIE)
    assert codes == {"geometry_repaired"}
    assert rows.geometry.area.tolist() == pytest.approx([50])


def test_parts_that_lie_over_each_other__become_one_ground() -> None:
    """The distance kernel tells inside from outside by crossings: parts must not overlap."""
    rows, codes = checked(OVERLAID)
    assert codes == {"geometry_repaired"}
    assert rows.geometry.area.tolist() == pytest.approx([81 + 49 - 16])


def test_polygon_of_no_area__is_mended_to_nothing_and_said_to_be_missing() -> None:
    rows, codes = checked(BOX, FLAT)
    assert codes == {"geometry_repaired", "geometry_missing"}
    assert rows.geometry.is_empty.tolist() == [False, True]


def test_polygons_among_opportunities__are_mended_too() -> None:
    rows, codes = checked(BOW_TIE, moved(shapely.Point(4, 4)), FLAT, kind="opportunity")
    assert codes == {"geometry_repaired", "geometry_missing"}
    assert rows.geometry.geom_type.tolist() == ["MultiPolygon", "Point"]


def test_points__may_share_a_place_and_polygons_may_not() -> None:
    home = moved(shapely.Point(1, 1))
    assert checked(home, home, moved(shapely.MultiPoint([(1, 1), (2, 2)])))[1] == set()
    assert checked(BOX, BOX, home, home)[1] == {"geometry_duplicated"}


def test_polygon_that_stands_twice__is_no_error_where_nothing_is_counted() -> None:
    table = gpd.GeoDataFrame(geometry=[BOX, BOX], crs=CRS)
    notices = geometry_faults(table, "polygon", "layer", "file", counted=False)[1]
    assert [notice.code for notice in notices] == ["shape_repeated"]


def test_neighbours__are_no_overlap() -> None:
    assert checked(BOX, shapely.transform(BOX, lambda xy: np.add(xy, (9, 0))))[1] == set()


COLUMNS = {
    "people": Column(unit="people", measure="extensive"),
    "women": Column(unit="people", measure="extensive", part_of="people"),
    "use": Column(unit="class", measure="category"),
}
SPEC = Layer(kind="zone", description=Text(es="x", en="y"), columns=COLUMNS)


def valued(**columns: object) -> set[str]:
    """Return the codes of what is wrong with values."""
    table = gpd.GeoDataFrame(columns, geometry=[BOX, BOX], crs=CRS)
    classes = {"use": ("a", "b")} if "use" in columns else {}
    return {notice.code for notice in value_faults(table, SPEC, "layer", "file", classes, {})}


def test_sound_values__pass() -> None:
    assert valued(people=[3, 4], women=[1.0, 4], use=["a", "b"]) == set()
    assert valued(people=["3", " 4 "]) == set(), "numbers kept as text are numbers"


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([3, 5], set()),  # one off: rounding of small counts
        ([3, 6], {"part_exceeds_whole"}),
        (["3", "x"], {"placeholder_in_numbers"}),
        ([np.nan, 1], {"value_missing"}),
        ([np.nan, np.nan], {"column_empty"}),
        ([np.inf, 1], {"value_not_finite", "part_exceeds_whole"}),
    ],
)
def test_parts__are_held_to_their_whole(values: list[object], codes: set[str]) -> None:
    assert valued(people=[3, 4], women=values) == codes


def counted(
    values: list[str], decimal: str = ".", measure: Literal["extensive", "intensive"] = "extensive"
) -> tuple[list[object], list[str]]:
    """Return numbers kept as text as they are taken, and what is noticed: codes and rows."""
    spec = Layer(
        kind="zone",
        description=Text(es="x", en="y"),
        columns={"count": Column(unit="u", measure=measure)},
    )
    rows = range(1, len(values) + 1)
    table = gpd.GeoDataFrame({"count": values}, index=rows, geometry=[BOX] * len(values), crs=CRS)
    found = value_faults(table, spec, "layer", "file", {}, {}, decimal)
    return table["count"].tolist(), [f"{notice.code} {notice.rows}" for notice in found]


@pytest.mark.parametrize("decimal", [".", ","])
@pytest.mark.parametrize(
    ("values", "rows"),
    [
        (["2.150", "2.290"], "1, 2"),
        (["87", "2.150"], "2"),
        (["0.5", "1.234.567"], "2"),
        (["1,234", "12"], "1"),
        (["2", "1.234,5"], "2"),
    ],
)
def test_count__whose_sign_may_part_thousands_is_never_guessed(
    values: list[str], rows: str, decimal: str
) -> None:
    assert counted(values, decimal)[1] == [f"thousands_separator_ambiguous {rows}"]


@pytest.mark.parametrize(
    ("values", "decimal", "numbers"),
    [
        (["0.5", "12.75", "2.150"], ".", [0.5, 12.75, 2.15]),
        (["0.500", "2.150"], ".", [0.5, 2.15]),
        (["0,5", "12,75", "3"], ",", [0.5, 12.75, 3]),
        (["2150", "2290"], ".", [2150, 2290]),
    ],
)
def test_count__with_real_decimals_is_a_number(
    values: list[str], decimal: str, numbers: list[float]
) -> None:
    assert counted(values, decimal) == (numbers, [])


def test_mean__may_have_three_decimals_behind_its_sign() -> None:
    assert counted(["74.123", "75.001"], ".", "intensive") == ([74.123, 75.001], [])
    assert counted(["74,123", "75,001"], ",", "intensive") == ([74.123, 75.001], [])
    assert counted(["1.234", "75"], ",", "intensive")[1] == ["thousands_separator_ambiguous 1"]


def test_number__of_a_declared_decimal_comma_is_not_told_to_declare_it() -> None:
    assert counted(["0,5", "x,5"], ",")[1] == ["placeholder_in_numbers 2"]


def test_float__is_the_number_that_it_is() -> None:
    table = gpd.GeoDataFrame({"people": [2.15, 2.29]}, geometry=[BOX, BOX], crs=CRS)
    assert value_faults(table, SPEC, "layer", "file", {}, {}) == []
    assert table["people"].tolist() == [2.15, 2.29]
    table["people"] = [Decimal("2.150"), Decimal("2.290")]
    assert value_faults(table, SPEC, "layer", "file", {}, {}) == []
    assert table["people"].tolist() == [2.15, 2.29]


def measured(unit: str, *values: float) -> list[str]:
    """Return what is noticed about means in a unit."""
    spec = Layer(
        kind="zone",
        description=Text(es="x", en="y"),
        columns={"mean": Column(unit=unit, measure="intensive")},
    )
    rows = range(1, len(values) + 1)
    table = gpd.GeoDataFrame({"mean": values}, index=rows, geometry=[BOX] * len(values), crs=CRS)
    found = value_faults(table, spec, "layer", "file", {}, {})
    return [f"{notice.code} {notice.rows}" for notice in found]


def test_mean__beyond_what_its_unit_can_have_is_said() -> None:
    assert measured("years", 12, 84) == []
    assert measured("years", 84, 999) == ["value_implausible 2"]
    assert measured("µg/m³", 999) == []
    assert measured("µg/m³", 25_000) == ["value_implausible 1"]
    assert measured("%", 25_000) == []
    table = gpd.GeoDataFrame({"years": [999.0]}, geometry=[BOX], crs=CRS)
    columns = {"years": Column(unit="years", measure="intensive")}
    spec = Layer(kind="zone", description=Text(es="x", en="y"), columns=columns)
    (notice,) = value_faults(table, spec, "layer", "file", {}, {})
    assert "en años no se espera" in notice.text("es")
    assert measured("years", 1, np.inf) == ["value_not_finite 2"]


def test_share__among_counts_is_said() -> None:
    assert valued(people=[30, 40], women=[0.5, 1]) == {"share_scale_mixed"}
    assert valued(people=[30, 40], women=[0, 1]) == set(), "few women are no share"
    assert valued(people=[3, 4], women=[0.5, 1]) == set(), "of few people half a one may be left"
    assert valued(people=[30, 40], women=["x", "y"]) == {"placeholder_in_numbers"}


def test_shape_of_another_kind__is_called_by_its_name_in_both_languages() -> None:
    ring = shapely.LinearRing([(0, 0), (9, 0), (9, 9)])
    table = gpd.GeoDataFrame(geometry=[moved(shapely.Point(1, 1)), moved(ring)], crs=CRS)
    (notice,) = geometry_faults(table, "polygon", "layer", "file")[1]
    assert "filas que son LinearRing, puntos: 2" in notice.text("es")
    assert "se lee como polígonos" in notice.text("es")
    assert "read as polygons" in notice.text("en")


def test_classes__that_nobody_counts_are_not_checked() -> None:
    table = gpd.GeoDataFrame({"use": ["?", "??"]}, geometry=[BOX, BOX], crs=CRS)
    assert value_faults(table, SPEC, "layer", "file", {}, {}) == []


def test_mean_of_nobody__is_not_missed() -> None:
    spec = Layer(
        kind="zone",
        description=Text(es="x", en="y"),
        columns={
            "women": Column(unit="people", measure="extensive"),
            "years": Column(unit="years", measure="intensive"),
        },
    )

    def codes(women: list[float], years: list[float]) -> set[str]:
        table = gpd.GeoDataFrame({"women": women, "years": years}, geometry=[BOX, BOX], crs=CRS)
        found = value_faults(table, spec, "layer", "file", {}, {"years": "women"})
        return {notice.code for notice in found}

    assert codes([0, 4], [np.nan, 9]) == set()
    assert codes([2, 4], [np.nan, 9]) == {"value_missing"}
    assert codes([0, 0], [np.nan, np.nan]) == {"column_empty"}
