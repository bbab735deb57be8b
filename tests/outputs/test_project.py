"""The project's XML: what is in it whatever the city lacks, without QGIS at hand."""

import io
import zipfile
from dataclasses import replace
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely.affinity import scale

from conftest import make_town
from inclusion_marker.composite.classes import BREAKS
from inclusion_marker.marker import Marker, compute
from inclusion_marker.outputs.palette import spread
from inclusion_marker.outputs.qgis.project import project_of
from inclusion_marker.outputs.qgis.qgs import zipped
from inclusion_marker.outputs.qgis.qml import qml
from inclusion_marker.outputs.qgis.styles import Edges, styles_of
from inclusion_marker.outputs.qgis.symbols import rgba
from inclusion_marker.outputs.qgis.tips import escaped, literal, measured_of, word_of
from inclusion_marker.outputs.tables import Column, Table, tables_of
from inclusion_marker.outputs.wording import node_title

NATURAL = {"marker": (0.0, 31.5, 52.25, 100.0), "area_health": (0.0, 12.3, 45.6, 78.9, 100.0)}
NOTE = "Cortes naturales de esta ciudad: no comparables"


@pytest.fixture(scope="module")
def marker(tmp_path_factory: pytest.TempPathFactory) -> Marker:
    """Return the marker of the town, which has no districts."""
    return compute(make_town(tmp_path_factory.mktemp("made") / "town").root, min_coverage=0.1)


def changed(marker: Marker, **changes: object) -> Marker:
    """Return a marker of which some parts are others, its analyses kept."""
    same = object.__new__(Marker)
    for name, value in {**marker.__dict__, **changes}.items():
        object.__setattr__(same, name, value)
    return same


def tables(marker: Marker, language: str = "es") -> dict[str, Table]:
    """Return the tables of a marker by name."""
    return {each.name: each for each in tables_of(marker, marker.analyses, language)}


def project(marker: Marker, language: str = "es", breaks: Edges | None = None) -> ET.Element:
    """Return the project of a marker."""
    listed = list(tables(marker, language).values())
    text = project_of(marker, listed, "town.gpkg", language, breaks or {})
    return ET.fromstring(text.partition("\n")[2])


def words(root: ET.Element) -> dict[str, str]:
    """Return the words of the page by the name of their part."""
    found = root.findall("Layouts/Layout/LayoutItem[@type='65641']")
    return {str(each.get("id")): str(each.get("labelText")) for each in found}


def boxes(root: ET.Element) -> dict[str, tuple[float, ...]]:
    """Return left, top, width and height of the parts of the page."""
    found = {}
    for each in root.iterfind("Layouts/Layout/LayoutItem"):
        place, size = str(each.get("position")), str(each.get("size"))
        sides = [*place.split(",")[:2], *size.split(",")[:2]]
        found[str(each.get("id"))] = tuple(float(side) for side in sides)
    return found


def page(root: ET.Element) -> tuple[float, float]:
    """Return width and height of the page."""
    [found] = root.findall("Layouts/Layout/PageCollection/LayoutItem")
    width, height, _ = str(found.get("size")).split(",")
    return float(width), float(height)


def stretched(marker: Marker, east: float, north: float) -> Marker:
    """Return a marker whose city is longer one way."""
    cells = marker.grid.cells.copy()
    cells["geometry"] = cells.geometry.map(
        lambda each: scale(each, east, north, origin=(700_000, 870_000))
    )
    outline = marker.boundary.map(lambda each: scale(each, east, north, origin=(700_000, 870_000)))
    return changed(marker, grid=replace(marker.grid, cells=cells), boundary=outline)


def legend(style_qml: str) -> list[str]:
    """Return the words of the classes of a style."""
    root = ET.fromstring(style_qml.partition("\n")[2])
    return [str(each.get("label")) for each in root.iter("category")]


# ── layers and groups ────────────────────────────────────────────────────────


def test_every_layer__is_in_the_tree_once_under_an_id_of_its_own(marker: Marker) -> None:
    root = project(marker)
    listed = [str(each.findtext("id")) for each in root.iterfind("projectlayers/maplayer")]
    in_tree = [str(each.get("id")) for each in root.iterfind("layer-tree-group//layer-tree-layer")]
    assert len(set(listed)) == len(listed)
    assert sorted(in_tree) == sorted(listed)
    drawn = [
        str(each.findtext("id"))
        for each in root.iterfind("projectlayers/maplayer")
        if each.get("geometry") != "No geometry"
    ]
    order = [each.text for each in root.iterfind("layer-tree-group/custom-order/item")]
    assert sorted(map(str, order)) == sorted(drawn)


def test_zones__are_a_layer_between_districts_and_boundary_where_there_are_some(
    marker: Marker,
) -> None:
    by_name = tables(marker)
    found = [
        *by_name.values(),
        *([] if "zones" in by_name else [made_zones(marker)]),
    ]
    text = project_of(marker, found, "town.gpkg", "es")
    root = ET.fromstring(text.partition("\n")[2])
    first = root.find("layer-tree-group/layer-tree-group")
    assert first is not None
    ids = [str(each.get("id")).partition("_incl")[0] for each in first]
    assert ids == [
        *("cells", "confidence", "hotspot", "services", "shapes", "zones", "boundary"),
    ]


def made_zones(marker: Marker) -> Table:
    """Return a table of zones."""
    frame = gpd.GeoDataFrame(
        {"layer": ["census"], "label_es": ["Censo"]}, geometry=[shapely.box(0, 0, 1, 1)]
    )
    return Table(
        "zones",
        frame.set_crs(marker.grid.cells.crs),
        (Column("layer", "Capa"), Column("label_es", "Tipo")),
    )


def test_city_without_districts__has_no_relation_nor_key_of_theirs(marker: Marker) -> None:
    root = project(marker)
    assert [each.get("id") for each in root.iterfind("relations/relation")] == ["origins"]
    key = root.findall("Layouts/Layout/LayoutItem[@type='65642']//layer-tree-layer")
    assert [str(each.get("id")).partition("_")[0] for each in key] == ["cells", "boundary"]


def test_project__is_the_same_every_time(marker: Marker) -> None:
    assert ET.tostring(project(marker)) == ET.tostring(project(marker))


# ── classes ──────────────────────────────────────────────────────────────────


def test_natural_breaks__are_said_in_the_name_and_the_legend_of_their_styles(
    marker: Marker,
) -> None:
    cells = tables(marker)["cells"]
    styles = {each.key: each for each in styles_of(cells, marker, "es", NATURAL)}
    for key in ("marker", "marker_safe", "area_health", "area_health_safe"):
        assert styles[key].name.endswith(" · cortes naturales de esta ciudad: no comparables")
        assert legend(qml(styles[key]))[0] == NOTE
        assert legend(qml(styles[key]))[-1] == "Sin datos"
    assert legend(qml(styles["marker"]))[1:-1] == [
        "0 - 31.5 · peor",
        "31.5 - 52.25",
        "52.25 - 100 · mejor",
    ]
    steps = str(renderer(qml(styles["marker"])).get("attr"))
    assert '"marker" < 52.25 THEN 2' in steps
    assert "marker_class" not in steps
    fixed = styles["area_housing"]
    assert "naturales" not in fixed.name
    assert legend(qml(fixed))[0] == "0 - 50 · peor"


def renderer(style_qml: str) -> ET.Element:
    """Return the renderer of a style."""
    found = ET.fromstring(style_qml.partition("\n")[2]).find("renderer-v2")
    assert found is not None
    return found


def test_natural_breaks__are_said_on_the_page_and_its_key_counts_by_them(marker: Marker) -> None:
    root = project(marker, breaks=NATURAL)
    said = words(root)
    assert NOTE in said["caution"]
    assert "Clases fijas" not in said["made"]
    key = root.findall("Layouts/Layout/LayoutItem[@type='65642']//Option[@name]")
    labels = [str(each.get("value")) for each in key if "label-" in str(each.get("name"))]
    assert labels[0] == NOTE
    people, scores = marker.people, marker.scores.marker
    lowest = 100 * people[scores < 31.5].sum() / people.sum()
    share = float(labels[1].partition("(")[2].removesuffix(" %)").lstrip("<>"))
    assert share == pytest.approx(lowest, abs=0.06)


def test_fixed_breaks_given_by_name__are_the_fixed_ones(marker: Marker) -> None:
    cells = tables(marker)["cells"]
    given = dict.fromkeys((column.name for column in cells.columns), BREAKS)
    plain = [(each.name, qml(each)) for each in styles_of(cells, marker, "en")]
    assert [(each.name, qml(each)) for each in styles_of(cells, marker, "en", given)] == plain


def test_one_class__has_one_colour_and_neither_best_nor_worst(marker: Marker) -> None:
    cells = tables(marker)["cells"]
    styles = styles_of(cells, marker, "en", {"marker": (0.0, 100.0)})
    assert legend(qml(styles[0]))[1:] == ["0 - 100", "No data"]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_colours__of_fewer_classes_are_of_the_palette_in_its_order(count: int) -> None:
    found = spread("abcde", count)
    assert len(found) == count
    assert sorted(set(found)) == list(found)
    assert count == 1 or (found[0], found[-1]) == ("a", "e")


def test_node__is_called_by_code_and_name_in_both_languages(marker: Marker) -> None:
    assert node_title(marker.method, "area_health", "es") == "S · Salud y bienestar"
    assert node_title(marker.method, "ind_internet", "en").startswith("V6 · ")


# ── words that are data ──────────────────────────────────────────────────────


def test_words_of_data__are_neither_markup_nor_expressions() -> None:
    assert escaped("<b>&[% x %]") == "&lt;b&gt;&amp;[% '[%' %] x %]"
    assert literal("plain 5 %") == "plain 5 %"


def test_measured_value__has_fewer_decimals_the_larger_it_is_and_its_unit_is_text() -> None:
    said = measured_of("raw_x", "<m> %] d'or", "es")
    assert 'CASE WHEN abs("raw_x") >= 100 THEN 0 WHEN abs("raw_x") >= 10 THEN 1 ELSE 2 END' in said
    assert "&lt;m&gt; %' || '] d''or'" in said
    assert said.count("%]") == 1
    assert said.endswith("'Sin datos') %]")


def test_words_of_codes__keep_their_quotes() -> None:
    assert "'d''or'" in word_of("kind", {"a": "d'or"}, "es")


def test_name_of_the_city__is_evaluated_nowhere_on_the_page(marker: Marker) -> None:
    name = marker.city.name.model_copy(update={"es": "Pueblo [% now() %]"})
    root = project(changed(marker, city=marker.city.model_copy(update={"name": name})))
    assert words(root)["title"] == "Pueblo [% '[%' %] now() %]"


def test_control_character__in_a_name_leaves_the_project_whole(marker: Marker) -> None:
    name = marker.city.name.model_copy(update={"es": "Pue\u0001blo"})
    root = project(changed(marker, city=marker.city.model_copy(update={"name": name})))
    assert words(root)["title"] == "Pue blo"


def test_zipped_project__is_the_same_on_every_system() -> None:
    with zipfile.ZipFile(io.BytesIO(zipped("<qgis/>", "town.qgs"))) as archive:
        assert [each.create_system for each in archive.infolist()] == [3]


@pytest.mark.parametrize(("wider", "lines"), [(1.0, ["#FFFFFF", "#222222"]), (40.0, ["#222222"])])
def test_boundary__of_a_city_of_small_cells_hides_none_below_a_white_line(
    marker: Marker, wider: float, lines: list[str]
) -> None:
    outline = marker.boundary.map(lambda each: scale(each, wider, wider))
    result = changed(marker, boundary=outline)
    [style] = styles_of(tables(marker)["boundary"], result, "es", {})
    options = ET.fromstring(qml(style).partition("\n")[2]).iter("Option")
    drawn = [each.get("value") for each in options if each.get("name") == "outline_color"]
    assert drawn == [rgba(each) for each in lines]


# ── the page ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("east", "north", "lies"), [(2.5, 1.0, True), (1.0, 2.5, False), (9.0, 0.3, True)]
)
def test_page__lies_where_the_city_is_wide_and_all_stands_on_it(
    marker: Marker, east: float, north: float, *, lies: bool
) -> None:
    root = project(stretched(marker, east, north))
    width, height = page(root)
    assert (width > height) == lies
    found = boxes(root)
    for name, (left, top, wide, high) in found.items():
        assert left >= 0, name
        assert top >= 0, name
        assert left + wide <= width, name
        assert top + high <= height, name
    for one, other in (("map", "legend"), ("map", "areas-title"), ("map", "sources")):
        assert apart(found[one], found[other]), (one, other)
    assert apart(found["caution"], found["map"])
    assert apart(found["people"], found["sources"])


def apart(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Return whether two boxes do not touch."""
    first, second = (shapely.box(x, y, x + wide, y + high) for x, y, wide, high in (one, other))
    return bool(first.intersection(second).area == 0)


def test_map_of_the_page__shows_the_whole_city_in_the_proportions_of_its_box(
    marker: Marker,
) -> None:
    root = project(marker)
    [extent] = root.findall("Layouts/Layout/LayoutItem/Extent")
    west, south, east, north = (
        float(str(extent.get(name))) for name in ("xmin", "ymin", "xmax", "ymax")
    )
    bounds = marker.grid.cells.total_bounds
    assert west < bounds[0] < bounds[2] < east
    assert south < bounds[1] < bounds[3] < north
    _, _, wide, high = boxes(root)["map"]
    assert (east - west) / (north - south) == pytest.approx(wide / high, rel=1e-3)


def test_scale_bar__has_pieces_of_a_round_length_and_its_true_size(marker: Marker) -> None:
    root = project(marker)
    [bar] = root.findall("Layouts/Layout/LayoutItem[@type='65646']")
    piece = float(str(bar.get("numUnitsPerSegment")))
    assert bar.get("unitType") == "meters"
    assert f"{piece:g}"[0] in "125"
    [extent] = root.findall("Layouts/Layout/LayoutItem/Extent")
    metres = float(str(extent.get("xmax"))) - float(str(extent.get("xmin")))
    drawn = piece * boxes(root)["map"][2] / metres
    assert float(str(bar.get("segmentMillimeters"))) == pytest.approx(drawn, rel=0.02)


def test_scale_bar__of_a_large_city_is_in_kilometres(marker: Marker) -> None:
    [bar] = project(stretched(marker, 40, 40)).findall("Layouts/Layout/LayoutItem[@type='65646']")
    assert bar.get("unitLabel") == "km"


def test_city_without_a_marker__has_a_page_that_says_so(marker: Marker) -> None:
    empty = replace(marker.scores, marker=marker.scores.marker * np.nan)
    said = words(project(changed(marker, scores=empty), "en"))
    assert "NO MARKER" in said["caution"]
    assert said["means"] == "No cell has a score"
    assert said["people"].endswith("0 % live in cells with a marker.")


def test_page__of_a_real_city_names_its_sources_and_needs_no_caution(marker: Marker) -> None:
    one = marker.provenance["inputs"][0]
    inputs = [{**one, "source": "S [% 1 %]", "date": date} for date in ("2018", "2020")]
    found = changed(
        marker,
        city=marker.city.model_copy(update={"synthetic": False}),
        method=marker.method.model_copy(update={"min_coverage": marker.method.asked_coverage}),
        provenance={**marker.provenance, "inputs": inputs},
    )
    said = words(project(found, "en"))
    assert said["sources"] == "Sources: S [% '[%' %] 1 %] (2018, 2020)."
    assert "caution" not in said


def test_long_name_of_a_city__stands_on_two_lines_above_the_rest(marker: Marker) -> None:
    long = (
        "Área Metropolitana de los Municipios Vecinos de la Cuenca Alta del Río Motagua y su Valle"
    )
    name = marker.city.name.model_copy(update={"es": long})
    found = boxes(project(changed(marker, city=marker.city.model_copy(update={"name": name}))))
    assert found["title"][3] > 11
    assert found["index"][1] >= found["title"][1] + found["title"][3]
