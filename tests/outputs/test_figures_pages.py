"""The pages: what is drawn is what the tables say, and all words stand apart and on the page."""

from __future__ import annotations

import dataclasses
import itertools
from typing import NamedTuple, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text
from numpy.typing import NDArray

from analysis.erring import CELL_M, erring_result
from inclusion_marker.analysis.analyses import Analyses, analyse
from inclusion_marker.analysis.equity import equity
from inclusion_marker.analysis.explain import explain
from inclusion_marker.analysis.explaining.reasons import main_shortfall
from inclusion_marker.analysis.hotspots import hotspots
from inclusion_marker.analysis.inequality.distribution import quantile
from inclusion_marker.composite.classes import class_labels, classify
from inclusion_marker.composite.districts import by_district
from inclusion_marker.composite.scoring import score
from inclusion_marker.errors import ParameterError
from inclusion_marker.loaders.grid import Grid
from inclusion_marker.method import load_method
from inclusion_marker.outputs.breaks import breaks_of
from inclusion_marker.outputs.figures import (
    areas_figure,
    districts_figure,
    groups_figure,
    lorenz_figure,
    map_figure,
)
from inclusion_marker.outputs.palette import NO_DATA, PUBLISHED
from inclusion_marker.outputs.pictures.bars import Place, draw_shares
from inclusion_marker.outputs.pictures.classes import Classes
from inclusion_marker.outputs.pictures.districts import ranked
from inclusion_marker.outputs.pictures.letters import broken, shortened, width_pt
from inclusion_marker.result import Result
from inclusion_marker.texts import LANGUAGES
from inclusion_marker.texts import Text as Said

PAGES = ("map", "areas", "districts", "lorenz", "groups")
LONG = "San Juan Bautista de la Concepción y Nuestra Señora de los Milagros"


class Case(NamedTuple):
    """A result with its analyses."""

    result: Result
    analyses: Analyses


def changed(result: Result, **city: object) -> Result:
    """Return a result of a city that says something else of itself."""
    return dataclasses.replace(result, city=result.city.model_copy(update=city))


def with_districts(result: Result, count: int, name: str = "Comuna") -> Result:
    """Return a result with districts that are strips of the city."""
    west, south, east, north = result.boundary.total_bounds
    ends = np.linspace(west, east, count + 1)
    strips = [shapely.box(low, south, high, north) for low, high in itertools.pairwise(ends)]
    names = [f"{name} {number}" for number in range(count)]
    index = pd.Index([f"d{number}" for number in range(count)], name="district")
    table = gpd.GeoDataFrame({"name": names}, geometry=strips, index=index, crs=result.boundary.crs)
    found = by_district(table, result.grid, result.boundary, result.people, result.scores)
    return dataclasses.replace(result, districts=found)


@pytest.fixture(scope="module")
def case() -> Case:
    """Return a made-up city with districts, draws and a group of people."""
    result = changed(erring_result(36, 20, method=load_method("uim"), missing=0.04), synthetic=True)
    draw = np.random.default_rng(3)
    context = result.context.assign(people_venezuelan=result.people * draw.uniform(0, 0.6, 36))
    scored = result.scores.marker.copy()
    scored.iloc[:3] = np.nan
    scores = dataclasses.replace(result.scores, marker=scored)
    result = with_districts(dataclasses.replace(result, context=context, scores=scores), 6)
    return Case(result, analyse(result, draws=32))


@pytest.fixture(scope="module")
def bare() -> Case:
    """Return a city of one cell without a score, districts, draws and groups."""
    result = erring_result(1, 2, method=load_method("uim"))
    result = dataclasses.replace(
        result,
        scores=score(result.raw * np.nan, result.method),
        context=(result.context + 5.0).assign(people_venezuelan=np.nan),
        layers={},
    )
    analyses = Analyses(
        robustness=None,
        hotspots=hotspots(result),
        equity=equity(result),
        explanation=explain(result),
        shortfall=main_shortfall(result),
    )
    return Case(result, analyses)


@pytest.fixture(scope="module")
def pages(case: Case) -> dict[tuple[str, str], Figure]:
    """Return each page of the case in each language, to be looked at."""
    both = itertools.product(PAGES, LANGUAGES)
    return {(kind, language): page(case, kind, language) for kind, language in both}


def page(case: Case, kind: str, language: str) -> Figure:
    """Return one page."""
    result, analyses = case
    match kind:
        case "map":
            return map_figure(result, language=language)
        case "areas":
            return areas_figure(result, language=language)
        case "districts":
            return districts_figure(result, analyses, language=language)
        case "lorenz":
            return lorenz_figure(result, analyses, language=language)
        case _:
            return groups_figure(result, analyses, language=language)


def texts(figure: Figure) -> list[Text]:
    """Return the words that are seen: not those of axes that are switched off."""
    hidden = {
        text
        for axes in figure.axes
        if not axes.axison
        for axis in (axes.xaxis, axes.yaxis)
        for text in axis.findobj(Text)
    }
    found = cast("list[Text]", figure.findobj(Text))
    return [
        each
        for each in found
        if each.get_visible() and each.get_text().strip() and each not in hidden
    ]


def words(figure: Figure) -> str:
    """Return all words of a page on one line."""
    return " ".join(" ".join(each.get_text() for each in texts(figure)).split())


def faults(figure: Figure) -> list[str]:
    """Return words that stand over others, if they are not turned, or not on the page."""
    figure.canvas.draw()
    found = texts(figure)
    extents = [each.get_window_extent() for each in found]
    box = np.array([[each.x0, each.y0, each.x1, each.y1] for each in extents])
    beside = (box[:, :2] < 0).any(axis=1) | (box[:, 2:] > figure.bbox.max).any(axis=1)
    flat = np.array([each.get_rotation() == 0 for each in found])
    shared = np.minimum(box[:, None, 2:], box[None, :, 2:]) - np.maximum(
        box[:, None, :2], box[None, :, :2]
    )
    over = (shared > [1, 2]).all(axis=2) & flat[:, None] & flat[None, :]
    pairs = np.argwhere(np.triu(over, k=1))
    return [
        *(found[each].get_text() for each in np.flatnonzero(beside)),
        *(f"{found[one].get_text()} | {found[other].get_text()}" for one, other in pairs),
    ]


def filled(axes: Axes) -> list[Rectangle]:
    """Return the rectangles that were drawn."""
    return [each for each in axes.patches if isinstance(each, Rectangle)]


def held(bars: list[Rectangle]) -> dict[str, float]:
    """Return the share of each colour in a bar, 0-100."""
    whole = sum(each.get_width() for each in bars)
    return {to_hex(each.get_facecolor()): 100 * each.get_width() / whole for each in bars}


def expected(scores: pd.Series, people: pd.Series) -> dict[str, float]:
    """Return the share of the people in each class, by colour; classes without anybody left out."""
    colours = [NO_DATA, *PUBLISHED]
    classes = classify(scores).fillna(0).to_numpy(np.int64)
    sums = [float(people[classes == number].sum()) for number in range(len(colours))]
    shares = (100 * each / people.sum() for each in sums)
    return {
        colour.lower(): share for colour, share in zip(colours, shares, strict=True) if share > 0
    }


# ── words ────────────────────────────────────────────────────────────────────


def test_faults__of_words_over_others_and_beside_the_page_are_found() -> None:
    canvas = FigureCanvasAgg(Figure(figsize=(4, 2), dpi=72))
    canvas.figure.text(0.1, 0.5, "one")
    canvas.figure.text(0.11, 0.52, "other")
    canvas.figure.text(0.95, 0.1, "beyond the page")
    assert faults(canvas.figure) == ["beyond the page", "one | other"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PAGES)
def test_page__has_no_words_over_others_nor_beside_the_page(
    case: Case, bare: Case, pages: dict[tuple[str, str], Figure], kind: str, language: str
) -> None:
    long = Said(es=f"{LONG} {LONG}", en=f"{LONG} {LONG}".upper())
    odd = changed(with_districts(case.result, 25, LONG), name=long)
    others = [page(each, kind, language) for each in (bare, Case(odd, case.analyses))]
    for figure in (pages[kind, language], *others):
        assert faults(figure) == []


@pytest.mark.parametrize("count", [1, 26, 75])
def test_districts__stand_apart_however_many(case: Case, count: int) -> None:
    many = with_districts(case.result, count, LONG)
    figure = districts_figure(many, case.analyses, language="es")
    assert faults(figure) == []
    more = "Se muestran los 60 distritos más bajos; hay otros 15." in words(figure)
    assert more == (count == 75)


@pytest.mark.parametrize("kind", PAGES)
def test_page__says_sources_cautions_and_how_many(
    case: Case, pages: dict[tuple[str, str], Figure], kind: str
) -> None:
    said = {language: words(pages[kind, language]) for language in LANGUAGES}
    people = f"{case.result.people.sum():,.0f}"
    assert f"{people} people in 36 cells" in said["en"]
    assert f"{people.replace(',', ' ')} personas en 36 celdas" in said["es"].replace("\xa0", " ")
    assert "SYNTHETIC DATA" in said["en"]
    assert "DATOS SINTÉTICOS" in said["es"]
    assert "Sources: synthetic data" in said["en"]
    assert "(uim " in said["en"]
    real = Case(changed(case.result, synthetic=False), case.analyses)
    assert "SYNTHETIC" not in words(page(real, kind, "en"))


@pytest.mark.parametrize("kind", PAGES)
def test_page__is_in_one_language(pages: dict[tuple[str, str], Figure], kind: str) -> None:
    both = {language: set(words(pages[kind, language]).split()) for language in LANGUAGES}
    assert not both["en"] & {"personas", "Fuentes:", "Sin", "peor,", "Distrito"}
    assert not both["es"] & {"people", "Sources:", "worst,", "District", "Gap"}


def test_page__says_what_it_lacks(bare: Case) -> None:
    assert "No cell has a score" in words(page(bare, "map", "en"))
    assert words(page(bare, "areas", "en")).count("No data") == 6
    assert "declares no districts" in words(page(bare, "districts", "en"))
    unscored = words(districts_figure(with_districts(bare.result, 2), bare.analyses, language="en"))
    assert "No cell has a score" in unscored
    assert unscored.count("No data") == 1 + 3
    assert "Nobody lives in a cell with a marker" in words(page(bare, "lorenz", "en"))
    assert "No cell has a score" in words(page(bare, "groups", "en"))


def test_page__without_draws_says_that_it_has_no_intervals(
    case: Case, pages: dict[tuple[str, str], Figure]
) -> None:
    analyses = dataclasses.replace(case.analyses, robustness=None, equity=equity(case.result))
    undrawn = Case(case.result, analyses)
    for kind in ("districts", "lorenz", "groups"):
        assert "No intervals: the computation was not repeated" in words(page(undrawn, kind, "en"))
        assert "No intervals" not in words(pages[kind, "en"])
        assert "(90 %:" not in words(page(undrawn, kind, "en")).replace("\xa0", " ")


def test_page__of_a_city_without_groups_shows_all_people_and_says_so(case: Case) -> None:
    none = dataclasses.replace(
        case.result, context=case.result.context.drop(columns="people_venezuelan"), layers={}
    )
    figure = groups_figure(none, analyse_without_groups(case), language="en")
    assert "counts no groups that could be compared" in words(figure)
    (axes,) = figure.axes
    assert held(filled(axes)) == pytest.approx(expected(none.scores.marker, none.people))


def analyse_without_groups(case: Case) -> Analyses:
    """Return the analyses of a case, its groups left out."""
    gaps = dataclasses.replace(case.analyses.equity.gaps, groups=())
    return dataclasses.replace(
        case.analyses, equity=dataclasses.replace(case.analyses.equity, gaps=gaps)
    )


# ── what is drawn ────────────────────────────────────────────────────────────


def test_areas__draws_each_area_in_its_classes_and_shares(case: Case) -> None:
    figure = areas_figure(case.result, language="es")
    panels = [each for each in figure.axes if each.collections]
    bars = [each for each in figure.axes if filled(each)]
    areas = case.result.scores.areas
    assert len(panels) == len(bars) == len(areas.columns) == 5
    for panel, bar, key in zip(panels, bars, areas.columns, strict=True):
        cells = next(each for each in panel.collections if isinstance(each, PolyCollection))
        colours = [to_hex(tuple(each)) for each in np.asarray(cells.get_facecolor())]
        classes = classify(areas[key]).fillna(0)
        assert colours == [[NO_DATA, *PUBLISHED][int(each)].lower() for each in classes]
        assert held(filled(bar)) == pytest.approx(expected(areas[key], case.result.people))
    means = case.result.means()["people_weighted"]
    for key in areas.columns:
        assert f"Promedio por personas: {means[f'area_{key}']:.1f}" in words(figure)


def test_districts__of_one_marker_keep_their_order(case: Case) -> None:
    table = case.result.districts
    assert table is not None
    alike = table.assign(marker=50.0, name=list("fedcba"))
    same = dataclasses.replace(case.result, districts=alike)
    found = ranked(same, case.analyses, "en")
    assert found["name"].tolist()[1:] == list("fedcba")


def test_districts__bars_intervals_and_strip_are_those_of_the_tables(case: Case) -> None:
    figure = districts_figure(case.result, case.analyses, language="en")
    names, people, bars, values, strip = figure.axes
    table, sure = case.result.districts, case.analyses.robustness
    assert table is not None
    assert sure is not None
    ordered = table.sort_values("marker")
    means = case.result.means()["people_weighted"]
    markers = [means["marker"], *ordered["marker"]]
    assert [each.get_width() for each in filled(bars)] == pytest.approx(markers)
    lines = [each for each in bars.collections if isinstance(each, LineCollection)]
    drawn = [each.get_segments()[0][:, 0].tolist() for each in lines]
    spans = sure.districts.xs("both", level="source").loc[ordered.index, ["low", "high"]]
    whole = sure.interval()
    ends = [[whole.low, whole.high], *spans.to_numpy().tolist()]
    assert np.array(drawn) == pytest.approx(np.array(ends))
    said = [each.get_text() for each in names.texts]
    assert said == ["District", "The whole city", *ordered["name"]]
    counts = [each.get_text() for each in people.texts]
    assert counts[2:] == [f"{each:,.0f}" for each in ordered["people"]]
    areas = [f"area_{key}" for key in case.result.method.areas]
    cells = [means[areas].tolist(), *ordered[areas].to_numpy().tolist()]
    shown_there = [each.get_text() for each in strip.texts][5:]
    assert shown_there == [f"{each:.0f}" for row in cells for each in row]
    assert f"{markers[1]:.1f}" in [each.get_text() for each in values.texts]


def test_districts__put_those_without_a_score_last_and_draw_them_grey(case: Case) -> None:
    assert case.result.districts is not None
    table = case.result.districts.copy()
    scores = ["marker", *(f"area_{key}" for key in case.result.method.areas)]
    table.loc["d2", scores] = np.nan
    gap = dataclasses.replace(case.result, districts=table)
    figure = districts_figure(gap, case.analyses, language="es")
    names, _, bars, values, strip = figure.axes
    assert names.texts[-1].get_text() == "Comuna 2"
    assert [each.get_text() for each in values.texts].count("Sin datos") == 1
    assert len(filled(bars)) == 6
    grey = [to_hex(each.get_facecolor()) for each in filled(strip)][-5:]
    assert grey == [NO_DATA.lower()] * 5


def test_lorenz__of_a_marker_of_nothing_has_no_half_that_holds_a_part(case: Case) -> None:
    scores = dataclasses.replace(case.result.scores, marker=0.0 * case.result.scores.marker)
    result = dataclasses.replace(case.result, scores=scores)
    analyses = dataclasses.replace(case.analyses, equity=equity(result))
    figure = lorenz_figure(result, analyses, language="en")
    assert "there is nothing to share" in words(figure)
    assert "the half with least" not in words(figure)
    assert faults(figure) == []


def test_lorenz__curve_and_scores_are_those_of_the_analyses(case: Case) -> None:
    figure = lorenz_figure(case.result, case.analyses, language="en")
    left, right = figure.axes
    x, y = (np.asarray(each, float) for each in left.lines[1].get_data())
    curve = 100 * case.analyses.equity.lorenz
    assert np.interp(curve["people"], x, y) == pytest.approx(curve["values"].to_numpy(), abs=0.03)
    gini = case.analyses.equity.intervals.loc["gini"]
    area = 1 - 2 * np.trapezoid(y, x) / 10_000
    assert area == pytest.approx(gini["value"], abs=1e-3)
    said = words(figure)
    assert f"Gini coefficient: {gini['value']:.3f} (90 %: {gini['low']:.3f} to" in said.replace(
        "\xa0", " "
    )
    marker, people = case.result.scores.marker, case.result.people
    dots = [each for each in right.lines if each.get_marker() == "o"]
    found = np.array([[np.asarray(each, float)[0] for each in dot.get_data()] for dot in dots])
    places = [(100 * share, quantile(marker, people, share)) for share in (0.1, 0.5, 0.9)]
    assert found == pytest.approx(np.array(places))
    labels = [each.get_text() for each in right.texts if isinstance(each, Annotation)]
    assert labels == [f"{each[1]:.1f}" for each in found]


@pytest.mark.parametrize("ends", [(0, 0), (0, 30), (20, 60), (45, 55), (80, 99), (100, 100)])
def test_lorenz__words_stand_apart_wherever_the_scores_lie(
    case: Case, ends: tuple[float, float]
) -> None:
    marker = pd.Series(np.linspace(*ends, 36), index=case.result.people.index)
    result = dataclasses.replace(
        case.result, scores=dataclasses.replace(case.result.scores, marker=marker), districts=None
    )
    analyses = dataclasses.replace(case.analyses, robustness=None, equity=equity(result))
    assert faults(lorenz_figure(result, analyses, language="es")) == []


def test_groups__bars_are_the_shares_of_each_group(case: Case) -> None:
    figure = groups_figure(case.result, case.analyses, language="en")
    (axes,) = figure.axes
    bars = filled(axes)
    levels = sorted({each.get_y() for each in bars}, reverse=True)
    marker, gaps = case.result.scores.marker, case.analyses.equity.gaps
    groups = [case.result.people, *(gaps.counts[each] for each in gaps.counts)]
    assert len(levels) == 1 + 2 * len(gaps.groups) > 3
    for level, people in zip(levels, groups, strict=True):
        row = [each for each in bars if each.get_y() == level]
        assert held(row) == pytest.approx(expected(marker, people))
    points = float(gaps.exposure["gap"]["origin", "marker"])
    gap = f"{points:+.1f}".replace("-", "\N{MINUS SIGN}")
    assert f"Gap (first row less second): {gap} points (90" in words(figure)
    for people in groups:
        assert f"{people.sum():,.0f} people" in words(figure)


def test_groups__without_a_score_have_no_gap(case: Case) -> None:
    equity = case.analyses.equity
    nothing = dataclasses.replace(equity.gaps, intervals=equity.gaps.intervals * np.nan)
    analyses = dataclasses.replace(case.analyses, equity=dataclasses.replace(equity, gaps=nothing))
    assert "Sin diferencia que medir" in words(groups_figure(case.result, analyses, language="es"))


def test_groups__of_long_names_stay_on_two_lines(case: Case) -> None:
    equity = case.analyses.equity
    name = Said(es=f"las {LONG} y {LONG}", en=LONG)
    named = [dataclasses.replace(each, name=name, rest_name=name) for each in equity.gaps.groups]
    gaps = dataclasses.replace(equity.gaps, groups=tuple(named))
    analyses = dataclasses.replace(case.analyses, equity=dataclasses.replace(equity, gaps=gaps))
    figure = groups_figure(case.result, analyses, language="es")
    assert faults(figure) == []
    assert "Las San Juan" in words(figure)
    assert "…" in words(figure)


# ── classes and cells ────────────────────────────────────────────────────────


def test_map__by_natural_breaks_says_so_and_takes_them(
    case: Case, pages: dict[tuple[str, str], Figure]
) -> None:
    figure = map_figure(case.result, language="en", breaks="natural")
    said = words(figure)
    assert "Natural breaks (Fisher-Jenks)" in said
    assert "does not compare with that of another city" in said
    assert "50–60" not in said  # noqa: RUF001
    with pytest.raises(ParameterError, match="area_helth"):
        map_figure(case.result, column="area_helth", language="en", breaks="natural")
    fixed = words(pages["map", "en"])
    assert "Natural" not in fixed
    assert "50–60" in fixed  # noqa: RUF001


def test_map__of_nothing_by_natural_breaks_has_the_fixed_ones_and_says_so(bare: Case) -> None:
    said = words(map_figure(bare.result, language="en", breaks="natural"))
    assert "Natural" not in said
    assert "50–60" in said  # noqa: RUF001


def test_map__names_natural_breaks_as_the_legend_of_qgis_does(case: Case) -> None:
    edges = breaks_of(case.result.table()[["marker"]], "natural")["marker"]
    said = words(map_figure(case.result, language="en", breaks="natural"))
    for label in class_labels(edges):
        assert label.replace(" - ", "\N{EN DASH}") in said


def test_classes__of_few_natural_breaks_keep_both_ends_of_the_palette() -> None:
    assert Classes((0.0, 40.0, 100.0)).colours == (
        NO_DATA,
        PUBLISHED[0],
        PUBLISHED[-1],
    )
    assert Classes((0.0, 100.0)).colours == (NO_DATA, PUBLISHED[2])
    assert Classes((0.0, 40.5, 100.0)).labels == ("0–40.5", "40.5–100")  # noqa: RUF001
    assert Classes((0.0, 40.51, 40.52, 100.0)).labels[1] == "40.51–40.52"  # noqa: RUF001


def test_shares__of_nobody_draw_nothing() -> None:
    axes = Figure().add_subplot()
    shares: NDArray[np.float64] = Classes().shares(pd.Series([50.0]), pd.Series([0.0]))
    assert shares.tolist() == [0.0] * 6
    draw_shares(axes, Place(0.0, 0.0, 1.0, 1.0), shares, Classes())
    assert filled(axes) == []


@pytest.mark.parametrize("many", [False, True])
def test_map__of_many_cells_is_a_picture_in_a_file_of_vectors(case: Case, *, many: bool) -> None:
    count = 900 if many else 36
    cells = case.result.grid.cells
    rows = np.arange(count) % len(cells)
    index = pd.Index([f"x{number}" for number in range(count)], name="cell")
    grid = gpd.GeoDataFrame(geometry=cells.geometry.to_numpy()[rows], index=index, crs=cells.crs)
    table = case.result.raw.iloc[rows].set_axis(index)
    result = dataclasses.replace(
        case.result,
        grid=Grid(grid, "polygons", None),
        raw=table,
        scores=score(table, case.result.method),
        context=case.result.context.iloc[rows].set_axis(index),
    )
    (axes,) = map_figure(result, language="en").axes
    (collection,) = [each for each in axes.collections if isinstance(each, PolyCollection)]
    assert bool(collection.get_rasterized()) == many


def test_areas__of_cells_with_holes_keep_them(case: Case) -> None:
    grid = case.result.grid.cells.copy()
    grid["geometry"] = [each.difference(each.centroid.buffer(CELL_M / 8)) for each in grid.geometry]
    holed = dataclasses.replace(case.result, grid=Grid(grid, "polygons", None))
    panels = [each for each in areas_figure(holed, language="es").axes if each.collections]
    assert len(panels) == len(holed.method.areas)
    for panel in panels:
        (cells,) = [each for each in panel.collections if isinstance(each, PathCollection)]
        assert len(cells.get_paths()[0].to_polygons()) == 2


# ── letters ──────────────────────────────────────────────────────────────────


def test_letters__are_as_wide_as_they_are_drawn() -> None:
    for size, weight in ((7.0, "normal"), (8.5, "bold"), (15.0, "bold")):
        canvas = FigureCanvasAgg(Figure(dpi=200))
        text = canvas.figure.text(0, 0, LONG, size=size, weight=weight)
        renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
        drawn = text.get_window_extent(renderer).width / 200 * 72
        assert drawn <= width_pt(LONG, size, weight) <= 1.05 * drawn


def test_letters__are_broken_where_they_do_not_fit() -> None:
    lines = broken(f"{LONG} {'W' * 40}", 10, 80)
    assert max(width_pt(line, 10) for line in lines) <= 80
    assert "".join(lines).replace(" ", "") == f"{LONG}{'W' * 40}".replace(" ", "")
    assert broken("", 10, 80) == [""]
    assert broken("WW", 10, 1) == ["W", "W"]


def test_letters__are_shortened_only_where_they_must() -> None:
    assert shortened("Sur", 10, 100) == "Sur"
    cut = shortened(LONG, 10, 100)
    assert cut.endswith("…")
    assert width_pt(cut, 10) <= 100
    assert LONG.startswith(cut[:-1])
    assert shortened(LONG, 10, 0) == "…"
