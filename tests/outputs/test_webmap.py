"""The web map: the page carries what was computed, and nothing in it can run or call out."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
import shapely

from conftest import Town
from inclusion_marker.analysis.analyses import Analyses, analyse
from inclusion_marker.analysis.explain import explain
from inclusion_marker.analysis.where import shares_of_districts
from inclusion_marker.composite.classes import BREAKS, classify
from inclusion_marker.errors import OutputError
from inclusion_marker.files import kind_of
from inclusion_marker.marker import Marker, compute
from inclusion_marker.outputs import webmap
from inclusion_marker.outputs.tables import Table, cells, districts, services, shapes
from inclusion_marker.outputs.web import geometry
from inclusion_marker.outputs.web.columns import below_flags, tree_order
from inclusion_marker.outputs.webmap import Explorer, safe_json, webmap_html, write_webmap
from inclusion_marker.result import Result
from inclusion_marker.texts import LANGUAGES, catalogue
from made_cities import made_city
from outputs.made_maps import HOSTILE, few, hostile, polygon_city, trimmed, undrawn
from outputs.pages import Carried, carried, policy


@pytest.fixture(scope="module")
def marker() -> Marker:
    """Return the marker of a small city with districts, its minimum lowered so that it has one."""
    return compute("manta", min_coverage=0.3)


@pytest.fixture(scope="module")
def page(marker: Marker) -> str:
    """Return its page in Spanish."""
    return webmap_html(marker, marker.analyses, language="es")


@pytest.fixture(scope="module")
def found(page: str) -> Carried:
    """Return what that page carries."""
    return carried(page)


def carried_by(result: Result, analyses: Analyses) -> Carried:
    """Return what the page of a result carries."""
    return carried(webmap_html(result, analyses, language="es"))


# ── the cells' figures ───────────────────────────────────────────────────────


def test_scores__of_every_node_are_the_marker_s_to_a_tenth(found: Carried, marker: Marker) -> None:
    table = marker.table()
    assert {f"score:{name}" for name in table.columns} == found.names("score:")
    for name in table.columns:
        npt.assert_array_equal(found.figures(f"score:{name}"), table[name].round(1))


def test_raw_values__are_the_marker_s_and_only_of_indicators_that_have_any(
    found: Carried, marker: Marker
) -> None:
    known = [key for key in marker.raw.columns if marker.raw[key].notna().any()]
    assert {f"raw:ind_{key}" for key in known} == found.names("raw:")
    for key in known:
        npt.assert_array_equal(found.figures(f"raw:ind_{key}"), marker.raw[key].round(2))


def test_columns_and_codes__are_those_of_the_geopackage(found: Carried, marker: Marker) -> None:
    table = cells(marker, marker.analyses, "es")
    shown = {column.name: column.digits for column in table.columns}
    for name in found.names("column:"):
        key = name.removeprefix("column:")
        digits = found.header["digits"][key]
        assert digits == shown[key]
        kept = 4 if key in ("class_probability", "coverage") else max(digits, 1)
        npt.assert_allclose(found.figures(name), table.frame[key], rtol=0, atol=0.5 * 10**-kept)
    for name in found.names("codes:"):
        key = name.removeprefix("codes:")
        book = found.header["codes"][key]
        codes = [None if math.isnan(k) else book[int(k)]["code"] for k in found.figures(name)]
        expected = table.frame[key].astype(object).where(table.frame[key].notna(), None)
        prefix = "ind_" if key == "shortfall_main" else ""
        assert codes == [each and f"{prefix}{each}" for each in expected]
        assert all(each["label"][language] for each in book for language in LANGUAGES)


def test_people__of_many_cells_add_up_to_those_of_the_city(found: Carried, marker: Marker) -> None:
    assert sum(found.figures("column:people")) == pytest.approx(marker.people.sum(), abs=0.5)


def test_classes__are_those_of_the_exact_scores(marker: Marker) -> None:
    scores = [49.94, 49.96, 50.0, 59.95, 60.04, 79.9999, 80.0, 100.0, 0.0, math.nan]
    made, analyses = few(marker, scores)
    found = carried_by(made, analyses)
    shown = np.array(found.figures("score:marker"))
    ranks = np.searchsorted(BREAKS[1:-1], shown, side="right") + 1
    on_limit = np.flatnonzero(np.isin(shown, BREAKS[1:-1]))
    ranks[on_limit] -= np.array(found.flags("below:marker", len(on_limit)))
    expected = classify(pd.Series(scores)).astype(float)
    npt.assert_array_equal(np.where(np.isnan(shown), np.nan, ranks), expected)
    assert shown[1] == 50.0
    assert expected[1] == 1


def test_flags__are_only_written_where_one_is_needed(marker: Marker) -> None:
    made, _ = few(marker, [50.0, 60.0])
    table = made.table().assign(area_health=[49.99, 70.0])
    assert [name for name, _ in below_flags(table, made.method)] == ["below:area_health"]


def test_hexagons__travel_as_their_ids(found: Carried, marker: Marker) -> None:
    grid = found.header["grid"]
    step = 1 << 3 * (15 - grid["resolution"])
    first = int(grid["first"], 16)
    ids = [f"{first + int(each) * step:x}" for each in found.figures("cells")]
    assert ids == marker.grid.index.tolist()
    assert not found.names("outline")


def test_polygons__travel_with_their_corners(marker: Marker) -> None:
    made, analyses = polygon_city(marker, [40.0, 60.0, 80.0])
    found = carried_by(made, analyses)
    assert found.header["grid"] == {"kind": "polygons", "resolution": None, "first": ""}
    assert json.loads(found.text("places"))["cells"] == made.grid.index.tolist()
    exact = made.grid.cells.geometry.to_crs(geometry.DEGREES)
    for shape, outline in zip(found.shapes("outline"), exact, strict=True):
        [[ring]] = shape
        assert shapely.hausdorff_distance(shapely.Polygon(ring), outline) < 1e-6


# ── the city's figures, places and words ─────────────────────────────────────


def test_nodes__stand_in_the_order_of_the_tree_with_the_city_s_figures(
    found: Carried, marker: Marker
) -> None:
    nodes = {node["id"]: node for node in found.header["nodes"]}
    assert list(nodes) == list(tree_order(marker.method))
    assert len(nodes) == len(marker.method.nodes())
    means = marker.means()
    for name, node in nodes.items():
        npt.assert_allclose(
            [node["mean"] or np.nan, node["plain"] or np.nan],
            means.loc[name, ["people_weighted", "plain"]].to_numpy(float),
            atol=1e-6,
        )
        parents = [each for each in nodes.values() if each["parent"] == name]
        if parents and not node["supplementary"]:
            held = sum(each["weight"] for each in parents)
            assert held == pytest.approx(node["weight"], abs=1e-5)
        assert all(node["name"][each] and node["about"][each] for each in LANGUAGES)
    assert marker.analyses.robustness is not None
    interval = marker.analyses.robustness.interval("area_health")
    assert nodes["area_health"]["low"] == pytest.approx(interval.low, abs=1e-6)
    assert nodes["dim_diversity"]["low"] is None
    assert nodes["ind_schooling_years"]["unit"] == {"es": "años", "en": "years"}


def test_totals__are_those_of_the_summary(found: Carried, marker: Marker) -> None:
    totals, means = found.header["totals"], marker.means().loc["marker"]
    assert totals["people"] == pytest.approx(marker.people.sum(), abs=1e-5)
    assert totals["marker"] == pytest.approx(means["people_weighted"], abs=1e-6)
    assert totals["cells"] == len(marker.grid.index) == found.header["n"]
    assert totals["cellsScored"] == marker.scores.marker.notna().sum()
    assert sum(totals["confidence"].values()) == pytest.approx(totals["peopleScored"], rel=1e-6)


def test_districts__have_the_figures_of_the_geopackage(found: Carried, marker: Marker) -> None:
    table = districts(marker, marker.analyses, "es")
    assert table is not None
    named = [(each["id"], each["name"]) for each in found.header["districts"]]
    assert named == list(table.frame[["district", "district_name"]].itertuples(index=False))
    for name in ("people", "marker", "marker_low", "area_health", "ind_internet"):
        figures = found.figures(f"districts:{name}")
        npt.assert_allclose(figures, table.frame[name].astype(float), atol=1e-6)


def test_places__are_those_of_the_geopackage(found: Carried, marker: Marker) -> None:
    names = json.loads(found.text("places"))
    dots, areas = services(marker, "es"), shapes(marker, "es")
    assert dots is not None
    assert areas is not None
    assert [each["layer"] for each in found.header["services"]] == by_layer(dots)
    for layer, rows in dots.frame.groupby("layer"):
        assert names["services"][layer] == rows["name"].tolist()
        degrees = rows.geometry.to_crs(geometry.DEGREES).get_coordinates()
        for axis, name in (("x", "lng"), ("y", "lat")):
            figures = np.array(found.figures(f"services:{layer!s}:{name}"))
            npt.assert_allclose(figures, degrees[axis], atol=6e-7)
    for layer, rows in areas.frame.groupby("layer"):
        assert len(found.shapes(f"spaces:{layer!s}")) == len(rows)


def by_layer(table: Table) -> list[str]:
    """Return the layers of a table, in their order."""
    return [str(each) for each in table.frame["layer"].unique()]


def test_boundary__is_that_of_the_city_within_ten_metres(found: Carried, marker: Marker) -> None:
    [parts] = found.shapes("boundary")
    drawn = shapely.MultiPolygon([shapely.Polygon(rings[0], rings[1:]) for rings in parts])
    outline = gpd.GeoSeries([drawn], crs=geometry.DEGREES).to_crs(marker.boundary.crs)[0]
    exact = marker.boundary.union_all()
    assert shapely.hausdorff_distance(outline, exact) < geometry.TOLERANCE_M + 1
    assert len(shapely.get_coordinates(outline)) < len(shapely.get_coordinates(exact))


def test_bounds__hold_every_cell(found: Carried, marker: Marker) -> None:
    box = shapely.box(*found.header["bounds"])
    assert marker.grid.cells.to_crs(geometry.DEGREES).within(box.buffer(1e-6)).all()


def test_districts__have_the_people_of_each_group_by_the_shares_of_all_people(
    found: Carried, marker: Marker
) -> None:
    shares = shares_of_districts(marker)
    counted = [key for key in marker.method.context if marker.context[key].notna().any()]
    assert len(counted) > 1
    for key in marker.method.context:
        figures = np.array(found.figures(f"districts:{key}"))
        if key in counted:
            expected = shares @ marker.context[key].to_numpy(float)
            npt.assert_allclose(figures, expected, atol=1e-6)
            assert (figures <= np.array(found.figures("districts:people")) + 1e-6).all()
        else:
            assert np.isnan(figures).all()


def test_count__that_no_cell_of_a_district_has_is_missing_there(marker: Marker) -> None:
    assert marker.districts is not None
    [key, *_] = [each for each in marker.method.context if each != "people"]
    shares = shares_of_districts(marker).toarray()
    inside = marker.context[key].mask(shares[0] > 0).fillna(5.0).mask(shares[0] > 0)
    made = dataclasses.replace(marker, context=marker.context.assign(**{key: inside}))
    first, *others = carried_by(made, marker.analyses).figures(f"districts:{key}")
    assert math.isnan(first)
    assert np.isfinite(others).all()


def test_districts__say_which_indicator_takes_most_points(found: Carried, marker: Marker) -> None:
    for each in found.header["districts"]:
        reasons = explain(marker, each["id"], kind="district").reasons("ind", 1)
        assert each["lacks"]["node"] == reasons.index[0]
        assert each["lacks"]["points"] == pytest.approx(reasons["points"].iloc[0], abs=1e-6)


def test_district__without_a_marker_lacks_nothing_that_is_known(marker: Marker) -> None:
    empty = compute("manta", resolution=8, min_coverage=1.0)
    lacks = [each["lacks"] for each in carried_by(empty, empty.analyses).header["districts"]]
    assert lacks == [None] * len(lacks) != []
    unexplained = dataclasses.replace(marker.analyses.explanation, districts=None)
    analyses = dataclasses.replace(marker.analyses, explanation=unexplained)
    assert not any(each["lacks"] for each in carried_by(marker, analyses).header["districts"])


def test_groups__have_the_gap_between_them(marker: Marker) -> None:
    people = {"people_venezuelan": [60.0, 30.0]}
    made = trimmed(made_city(marker, [40.0, 80.0], [100.0, 300.0], context=people), marker)
    [group] = carried_by(made, undrawn(marker.analyses, made)).header["groups"]
    assert group["id"] == "origin"
    assert group["part"]["en"] == "people of Venezuelan origin"
    assert (group["partPeople"], group["restPeople"]) == (90.0, 310.0)
    assert group["partScore"] == pytest.approx((60 * 40 + 30 * 80) / 90, abs=1e-6)
    assert group["restScore"] == pytest.approx((40 * 40 + 270 * 80) / 310, abs=1e-6)
    assert group["gap"] == pytest.approx(group["partScore"] - group["restScore"], abs=2e-6)
    assert group["gapLow"] is group["gapHigh"] is None


@pytest.mark.slow
def test_groups__of_the_sample_city_have_the_interval_of_their_gap() -> None:
    cucuta = compute("cucuta")
    gaps = cucuta.analyses.equity.gaps
    groups = carried_by(cucuta, cucuta.analyses).header["groups"]
    assert [each["id"] for each in groups] == ["origin", "sex", "children", "elderly"]
    for group in groups:
        span = gaps.intervals_of(group["id"])
        assert group["gapLow"] == pytest.approx(span.loc["gap", "low"], abs=1e-6)
        assert group["gapHigh"] == pytest.approx(span.loc["gap", "high"], abs=1e-6)


def test_what_the_city_lacks__is_said_with_its_reason(found: Carried, marker: Marker) -> None:
    lacking = {each["id"]: each["reason"] for each in found.header["missing"]}
    empty = {
        f"ind_{key}"
        for key, card in marker.method.indicators.items()
        if marker.scores.indicators[key].isna().all() and not card.supplementary
    }
    assert set(lacking) == empty
    declared = {f"ind_{key}": said for key, said in marker.city.omitted.items()}
    assert declared.keys() & empty
    for key in declared.keys() & empty:
        said = {language: declared[key].said(language).rstrip(".") for language in LANGUAGES}
        assert lacking[key] == said


def test_sources__are_all_files_that_were_read(found: Carried, marker: Marker) -> None:
    files = [each["file"] for each in marker.provenance["inputs"]]
    assert [each["file"] for each in found.header["sources"]] == files
    assert all(each["layer"]["es"] for each in found.header["sources"])


def test_words__are_those_of_the_catalogue_in_both_languages(found: Carried) -> None:
    own = {key.removeprefix("web_") for key in catalogue("words") if key.startswith("web_")}
    for language in LANGUAGES:
        said = found.header["words"][language]
        assert said.keys() == own | {"layer_boundary", "layer_districts"}
        assert said["layer_districts"] == catalogue("words")["layer_districts"][language]
    assert found.header["cautions"]["es"][0].startswith("DATOS SINTÉTICOS")


def test_counts_beside_the_marker__are_named_people_first(found: Carried, marker: Marker) -> None:
    names = [each["id"] for each in found.header["context"]]
    assert names[0] == "people"
    assert sorted(names) == sorted({"people", *marker.method.context})


# ── what can be missing ──────────────────────────────────────────────────────


def test_marker_without_draws__has_no_interval_and_no_confidence(marker: Marker) -> None:
    found = carried_by(marker, dataclasses.replace(marker.analyses, robustness=None))
    assert found.header["totals"]["low"] is None
    assert found.header["totals"]["confidence"] is None
    assert "confidence" not in found.header["codes"]
    assert not {"column:marker_low", "column:class_probability"} & found.names("column:")
    assert all(math.isnan(each) for each in found.figures("districts:marker_low"))


def test_city_without_districts__has_none(marker: Marker) -> None:
    found = carried_by(dataclasses.replace(marker, districts=None), marker.analyses)
    assert found.header["districts"] == []
    assert "district" not in found.header["codes"]
    assert not found.names("districts:")


def test_marker_that_is_empty__stays_empty() -> None:
    empty = compute("manta", resolution=8, min_coverage=1.0)
    assert empty.scores.marker.isna().all()
    found = carried_by(empty, empty.analyses)
    assert np.isnan(found.figures("score:marker")).all()
    assert found.header["totals"]["marker"] is None
    assert found.header["totals"]["cellsScored"] == 0


def test_one_cell__is_a_page(marker: Marker) -> None:
    found = carried_by(*few(marker, [55.0]))
    assert found.header["n"] == 1
    assert found.figures("score:marker") == [55.0]
    assert found.figures("cells") == [0.0]
    assert found.header["groups"] == []
    assert found.header["services"] == []


def test_no_cell__is_a_page(marker: Marker) -> None:
    found = carried_by(*few(marker, []))
    assert found.header["n"] == 0
    assert found.header["totals"]["marker"] is None
    assert found.figures("score:marker") == []
    assert not found.names("cells")


def test_town_without_services_or_parks__has_none(town: Town) -> None:
    result = compute(town.root, method="uim-v1")
    bare = dataclasses.replace(result, layers={"census": result.layers["census"]})
    found = carried_by(bare, result.analyses)
    assert found.header["services"] == found.header["spaces"] == []
    assert json.loads(found.text("places"))["spaces"] == {}


# ── the shapes ───────────────────────────────────────────────────────────────


def test_districts__keep_the_borders_that_they_share() -> None:
    rng = np.random.default_rng(3)
    line = np.column_stack([rng.normal(500, 1.5, 101), np.linspace(0, 1000, 101)])
    west = shapely.Polygon([(0, 0), *line, (0, 1000)])
    east = shapely.Polygon([(1000, 0), (1000, 1000), *line[::-1]])
    both = geometry.simplified(gpd.GeoSeries([west, east], crs=32618), joined=True)
    assert len(both.get_coordinates()) < 50 < len(line)
    assert both[0].intersection(both[1]).area == 0
    assert both.union_all().area == pytest.approx(west.area + east.area)


def test_districts_over_each_other__are_simplified_each_by_itself() -> None:
    rim = shapely.Polygon([(0, 0), (500, 1), (1000, 0), (1000, 1000), (0, 1000)])
    found = geometry.simplified(
        gpd.GeoSeries([rim, shapely.box(0, 0, 50, 50)], crs=32618), joined=True
    )
    assert len(found[0].exterior.coords) == 5


def test_small_park__is_not_simplified_away() -> None:
    park = gpd.GeoSeries([shapely.Point(0, 0).buffer(8)], crs=32618)
    assert geometry.simplified(park).area[0] > 0.8 * park.area[0]


def test_shapes__with_holes_and_parts_come_back_whole() -> None:
    ring = [(0, 0), (3, 0), (3, 3), (0, 3)]
    holed = shapely.Polygon(ring, [[(1, 1), (2, 1), (2, 2), (1, 2)]])
    several = shapely.MultiPolygon([shapely.box(5, 5, 6, 6), holed])
    given = gpd.GeoSeries([several, None, shapely.Polygon(), shapely.Point(1, 1)], crs=4326)
    columns = dict(geometry.shape_columns("x", given))
    assert columns["x:parts"].values.tolist() == [2, 0, 0, 0]
    assert columns["x:rings"].values.tolist() == [2, 1]
    assert columns["x:points"].values.tolist() == [4, 4, 4]


def test_ring__that_shrinks_to_nothing_keeps_its_corners() -> None:
    speck = gpd.GeoSeries([shapely.box(0, 0, 1e-7, 1e-7)], crs=4326)
    assert dict(geometry.shape_columns("x", speck))["x:points"].values.tolist() == [4]


def test_nothing__has_the_bounds_of_the_world() -> None:
    assert geometry.bounds_of(gpd.GeoSeries([], crs=4326)) == [-180, -90, 180, 90]


# ── the page ─────────────────────────────────────────────────────────────────


def test_page__is_the_same_bytes_twice(page: str, marker: Marker) -> None:
    again = webmap_html(marker, analyse(marker), language="es")
    assert again == page


def test_page__names_its_language_and_city(marker: Marker) -> None:
    english = webmap_html(marker, marker.analyses, language="en")
    assert '<html lang="en">' in english
    assert "<title>Urban Inclusion Marker · Manta (synthetic twin)</title>" in english
    assert "{{" not in re.sub(r"(?s)<script.*?</script>", "", english)


def test_policy__forbids_all_but_the_page_s_own_scripts_and_styles(page: str) -> None:
    rules = policy(page)
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == ["'none'"]
    own = [*rules["script-src"], *rules["style-src"]]
    assert all(re.fullmatch(r"'sha256-[\w+/]{43}='", each) for each in own)
    assert "connect-src" not in rules
    assert page.index("Content-Security-Policy") < page.index("<script")


def test_markup__asks_for_no_other_file(page: str) -> None:
    markup = re.sub(r"(?s)<script>.*?</script>", "", page)
    tags = re.findall(r"<[a-z][^>]*>", markup)
    assert not [tag for tag in tags if re.search(r"\s(src|href|action|data)\s*=\s*[\"'](?!#)", tag)]
    assert not [tag for tag in tags if re.search(r"\son[a-z]+\s*=", tag)]
    styles = "".join(re.findall(r"(?s)<style>(.*?)</style>", markup))
    assert not re.search(r"@import|url\((?!['\"]?data:)", styles)


def test_json__in_a_script_ends_none_and_refuses_what_is_no_number() -> None:
    nasty = "</script><!--\u2028\u2029&amp;'\""
    said = safe_json({"name": nasty})
    assert not re.search("[<>&\u2028\u2029]", said)
    assert json.loads(said)["name"] == nasty
    with pytest.raises(ValueError, match="not JSON compliant"):
        safe_json({"figure": math.nan})


def test_page_that_is_too_large__leaves_the_raw_values_out(
    marker: Marker, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webmap, "MOST_BYTES", len(page) - 1)
    smaller = webmap_html(marker, marker.analyses, language="es")
    assert carried(smaller).header["contents"] == ["libraries", "cells"]
    assert len(smaller) < len(page)
    assert smaller == webmap_html(marker, marker.analyses, language="es", raw=False)


def test_written_page__is_the_page_and_is_not_replaced_unasked(
    marker: Marker, page: str, tmp_path: Path
) -> None:
    target = tmp_path / "maps" / "manta-map.html"
    assert write_webmap(marker, marker.analyses, target, language="es", overwrite=False) == target
    assert target.read_text(encoding="utf-8") == page
    with pytest.raises(OutputError, match="exists"):
        write_webmap(marker, marker.analyses, target, language="en", overwrite=False)
    write_webmap(marker, marker.analyses, target, language="en", overwrite=True)
    assert '<html lang="en">' in target.read_text(encoding="utf-8")
    assert [each.name for each in target.parent.iterdir()] == [target.name]


def test_page_that_fails__leaves_no_file(
    marker: Marker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webmap, "_asset", lambda _: "".encode("ascii").index(b"x"))
    target = tmp_path / "map.html"
    with pytest.raises(ValueError, match="not found"):
        write_webmap(marker, marker.analyses, target, language="es", overwrite=True)
    assert kind_of(target) == "nothing"
    assert not list(tmp_path.iterdir())


# ── names that would be markup ───────────────────────────────────────────────


def test_hostile_names__stand_nowhere_as_markup(town: Town) -> None:
    found = webmap_html(*hostile(town), language="es")
    assert "<img src=x" not in found
    assert "<title>Marcador de Inclusión Urbana · &lt;/script&gt;&lt;img src=x" in found
    header = carried(found).header
    assert header["city"]["name"]["es"] == HOSTILE
    census = next(each for each in header["sources"] if each["file"] == "census.gpkg")
    assert census["source"] == census["licence"] == HOSTILE
    assert header["districts"][0]["name"] == HOSTILE
    area = next(node for node in header["nodes"] if node["id"] == "area_health")
    assert area["name"]["es"] == HOSTILE
    assert json.loads(carried(found).text("places"))["services"]["health"] == [HOSTILE]


# ── in a notebook ────────────────────────────────────────────────────────────


class _Frames(HTMLParser):
    """Collects the attributes of frames."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "iframe"
        self.found.append(dict(attrs))


def test_explorer__holds_the_page_in_a_frame_that_cannot_touch_the_notebook(
    marker: Marker, page: str
) -> None:
    shown = Explorer(webmap_html(marker, marker.analyses, language="es"))
    reader = _Frames()
    reader.feed(shown._repr_html_())
    [frame] = reader.found
    assert frame["srcdoc"] == page
    assert frame["title"] == "Marcador de Inclusión Urbana · Manta (gemela sintética)"
    may = set(str(frame["sandbox"]).split())
    assert may == {"allow-scripts", "allow-downloads", "allow-forms", "allow-modals"}
    assert len(repr(shown)) < 120


def test_explorer__escapes_what_it_is_called() -> None:
    reader = _Frames()
    reader.feed(Explorer(f"<title>{escape(HOSTILE)}</title>")._repr_html_())
    assert reader.found[0]["title"] == HOSTILE
    assert Explorer("<p>").title == ""
