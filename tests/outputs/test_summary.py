"""The figures of a city in words, beside the figures themselves."""

import dataclasses
import re
from html.parser import HTMLParser

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from conftest import Town
from inclusion_marker.analysis.analyses import analyse
from inclusion_marker.city import City
from inclusion_marker.composite.totals import weighted_mean
from inclusion_marker.marker import Marker, compute
from inclusion_marker.notices import Notice
from inclusion_marker.outputs.summary import summary_html, summary_text
from inclusion_marker.outputs.wording import WIDTH
from inclusion_marker.texts import Text, word


@pytest.fixture
def marker(town: Town) -> Marker:
    """Return the town's marker, the minimum lowered so that it has one."""
    return compute(town.root, min_coverage=0.1)


def flat(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())


def line(text: str, start: str) -> str:
    """Return the one line of a text that begins with some words."""
    (found,) = (each for each in text.splitlines() if each.strip().startswith(start))
    return found


def renamed(marker: Marker, **changes: object) -> Marker:
    """Return a marker of a city that says something else of itself."""
    return dataclasses.replace(marker, city=City.model_copy(marker.city, update=changes))


def with_districts(marker: Marker, names: list[str], scores: list[float]) -> Marker:
    """Return a marker with districts of some names and scores."""
    shapes = list(marker.boundary) * len(names)
    table = {"name": names, "people": [1000.0] * len(names), "marker": scores}
    districts = gpd.GeoDataFrame(table, geometry=shapes, crs=marker.boundary.crs)
    return dataclasses.replace(marker, districts=districts)


def scored(marker: Marker, values: list[float]) -> Marker:
    """Return a marker with some scores in its first cells, and none in the others."""
    blank = [np.nan] * (len(marker.grid.index) - len(values))
    column = pd.Series([*values, *blank], index=marker.grid.index)
    return dataclasses.replace(marker, scores=dataclasses.replace(marker.scores, marker=column))


# ── text ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["es", "en"])
def test_summary__fits_a_terminal(marker: Marker, language: str) -> None:
    text = summary_text(marker, language)
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "  \n" not in text
    assert "nan" not in text.replace("nando", "")


@pytest.mark.parametrize("language", ["es", "en"])
def test_summary__names_city_method_and_cells_and_that_it_is_made_up(
    marker: Marker, language: str
) -> None:
    text = summary_text(marker, language)
    assert text.startswith(marker.city.name.said(language))
    assert word("synthetic_warning", language) in flat(text)
    assert "(uim-v1 1.0.0)" in text
    assert f"{len(marker.grid.index)} " in line(text, "Cel" if language == "es" else "Cells")
    assert "SYNTHETIC" not in summary_text(renamed(marker, synthetic=False), "en")


def test_summary__counts_polygon_cells_without_a_resolution(marker: Marker) -> None:
    grid = dataclasses.replace(marker.grid, kind="polygons", resolution=None)
    text = summary_text(dataclasses.replace(marker, grid=grid), "en")
    assert "polygons of the city" in text
    assert "None" not in text


def test_summary__shows_both_means_and_the_coverage_of_each_area(marker: Marker) -> None:
    text = summary_text(marker, "en")
    means = marker.means()
    coverage = weighted_mean(marker.scores.coverage, marker.people)
    for key, area in marker.method.areas.items():
        numbers = re.findall(r"\d+\.\d|\b0 %", line(text, area.name.en))
        row = means.loc[f"area_{key}"]
        shown = [row["people_weighted"], row["plain"], 100 * coverage[f"area_{key}"]]
        expected = [f"{value:.1f}" for value in shown if value > 0]
        assert [number for number in numbers if number != "0 %"] == expected
    marked = line(text, "Urban Inclusion Marker")
    assert f"{means['people_weighted']['marker']:.1f}" in marked
    assert f"{100 * coverage['marker']:.1f} %" in marked


def test_summary__bars_grow_with_the_score_and_stand_below_each_other(marker: Marker) -> None:
    text = summary_text(marker, "en")
    health, space = line(text, "Health and well"), line(text, "Public space, safety")
    assert health.count("█") > space.count("█") > 0
    assert health.index("█") == space.index("█")
    assert "█" not in line(text, "Education, culture")


def test_summary__counts_people_and_where_they_went(marker: Marker) -> None:
    text = flat(summary_text(marker, "en"))
    row = marker.provenance["conservation"][0]
    assert f"{marker.people.sum():,.0f} people in 64 cells" in text
    assert "64 cells with a marker, where 100 % of the people live" in text
    assert f"{row['people_in']:,.0f} people in the zones" in text


def test_summary__says_why_the_marker_is_empty(town: Town) -> None:
    marker = compute(town.root)
    assert marker.scores.marker.isna().all()
    text = flat(summary_text(marker, "es"))
    held = weighted_mean(marker.scores.coverage[["marker"]], marker.people)["marker"]
    assert f"peso observado: {100 * held:.1f} %." in text
    shares = marker.method.children_of("marker")
    scored = sum(w for key, w in shares.items() if marker.scores.table()[key].notna().all())
    assert f"Peso de las áreas con puntaje: {100 * scored:.1f} % (se pide 65 %)" in text
    assert "el 65 %" in text
    assert "--min-coverage" in text
    tail = text[text.index("Áreas sin puntaje") :]
    for key, area in marker.method.areas.items():
        assert (area.name.es in tail) == bool(marker.scores.areas[key].isna().all())


def test_summary__speaks_of_one_cell_in_the_singular(marker: Marker) -> None:
    grid = dataclasses.replace(marker.grid, cells=marker.grid.cells.iloc[:1])
    text = summary_text(dataclasses.replace(marker, grid=grid), "es")
    assert "Celdas: 1 hexágono H3" in text
    assert "en 1 celda;" in flat(text)


def test_summary__says_how_many_cells_are_left_empty(marker: Marker) -> None:
    some = scored(marker, [40.0] * 10)
    text = flat(summary_text(some, "en"))
    share = 100 * marker.people.iloc[10:].sum() / marker.people.sum()
    assert f"Left without a marker: 54 cells, with {share:.1f} % of the people" in text
    assert "The marker is left empty" not in text
    assert "Left without" not in summary_text(marker, "en")


def test_summary__says_when_nobody_lives_in_the_empty_cells(marker: Marker) -> None:
    some = scored(marker, [40.0] * 60)
    people = [*marker.people.iloc[:60], 0.0, 0.0, 0.0, 0.0]
    context = marker.context.assign(people=people)
    text = flat(summary_text(dataclasses.replace(some, context=context), "en"))
    assert "Left without a marker: 4 cells, where nobody lives." in text


def test_summary__lists_what_is_missing_once_a_reason(marker: Marker) -> None:
    text = summary_text(marker, "en")
    assert "(30 of 34)" in text
    assert text.count("Not measured") == 1
    assert "O1 Proximity to places of economic interest" in flat(text)
    assert "V6 Access to internet" not in text


def test_summary__lists_what_has_no_value_though_nothing_was_said_of_it(marker: Marker) -> None:
    omitted = {key: each for key, each in marker.city.omitted.items() if key != "pm10"}
    text = flat(summary_text(renamed(marker, omitted=omitted), "es"))
    assert "Sin ningún valor en los datos: S3 Concentración de PM10." in text


def test_summary__of_a_city_that_has_everything_lists_nothing(marker: Marker) -> None:
    full = marker.scores.indicators.fillna(50.0)
    scores = dataclasses.replace(marker.scores, indicators=full)
    text = summary_text(dataclasses.replace(marker, scores=scores), "en")
    assert "without data" not in text


def test_summary__lists_the_lowest_districts_first_and_at_most_twelve(marker: Marker) -> None:
    names = [f"Barrio {letter}" for letter in "ABCDEFGHIJKLMNO"]
    text = summary_text(with_districts(marker, names, [90.0 - 2 * n for n in range(15)]), "es")
    shown = re.findall(r"Barrio (\w)", text)
    assert shown == list("ONMLKJIHGFED")
    assert "… y 3 más" in text
    assert "62.0" in line(text, "Barrio O")


def test_summary__shows_a_district_without_a_marker_as_such(marker: Marker) -> None:
    text = summary_text(with_districts(marker, ["A", "B"], [np.nan, 50.0]), "es")
    assert line(text, "B ")
    assert " - " in line(text, "A ")
    empty = summary_text(with_districts(marker, ["A"], [np.nan]), "es")
    assert word("districts", "es") not in empty


def test_summary__shows_every_code_of_the_notices_once(marker: Marker) -> None:
    many = [
        Notice("areas_overlap", layer=f"layer{n}", values={"found": "9", "share": "2"})
        for n in range(3)
    ]
    noticed = dataclasses.replace(marker, notices=(*many,))
    text = flat(summary_text(noticed, "es"))
    assert text.count("[areas_overlap]") == 1
    assert "layer0" in text
    assert "(… y 2 más)" in text
    assert word("summary_warnings", "es", count=3) in text
    assert "Avisos" not in summary_text(marker, "es")


def test_summary__obeys_no_sign_in_a_name(marker: Marker) -> None:
    name = "\x1b]0;gone\x07 Norte\r\n\tSur " + "largo " * 30
    loud = with_districts(renamed(marker, name=Text(es=name, en=name)), [name], [50.0])
    text = summary_text(loud, "es")
    assert not [sign for sign in text if sign != "\n" and not sign.isprintable() and sign != "\xa0"]
    assert "…" in text


# ── HTML ─────────────────────────────────────────────────────────────────────


class Reader(HTMLParser):
    """Collect the tags of a page, and check that they close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in {"img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html__is_well_formed_with_picture_language_and_table(marker: Marker) -> None:
    reader = Reader()
    html = marker._repr_html_()
    reader.feed(html)
    assert reader.open == []
    tags = dict(reversed(reader.seen))
    assert tags["div"]["lang"] == "es"
    assert str(tags["img"]["src"]).startswith("data:image/png;base64,iVBOR")
    assert "Pueblo" in str(tags["img"]["alt"])
    assert html.count("<tr>") == 7
    assert "DATOS SINTÉTICOS" in html
    assert f"{marker.means()['people_weighted']['marker']:.1f}" in html


def test_html__leaves_the_colour_of_words_to_the_notebook(town: Town) -> None:
    html = summary_html(renamed(compute(town.root), synthetic=False), "")
    assert not re.search(r"[;\"]color:", html)
    assert "SINTÉTICOS" not in html


def test_html__escapes_names(marker: Marker) -> None:
    name = """<script>alert("x")</script>'&"""
    html = summary_html(renamed(marker, name=Text(es=name, en=name)), '"><i>')
    assert "<script>" not in html
    assert '"><i>' not in html
    assert "&lt;script&gt;" in html


def test_html__of_an_empty_marker_shows_dashes_and_grey(town: Town) -> None:
    html = summary_html(compute(town.root), "")
    assert "nan" not in html
    assert "background:#D9D9D9" in html


# ── analyses ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        (["low"], "La confianza es baja en todas las celdas con marcador donde vive gente."),
        (["high", "low"], "Confianza de la celda en que se vive: alta para el "),
    ],
)
def test_analyses__say_the_confidence_once_where_all_people_share_it(
    marker: Marker, classes: list[str], said: str
) -> None:
    found = analyse(marker, draws=16)
    assert found.robustness is not None
    count = len(marker.grid.index)
    cells = found.robustness.cells.assign(confidence=(classes * count)[:count])
    sure = dataclasses.replace(found.robustness, cells=cells)
    changed = dataclasses.replace(found, robustness=sure)
    text = flat(summary_text(marker, "es", changed))
    assert said in text
    assert "(16 cálculos repetidos)" in text
    assert ("media para el 0 %" in text) == (len(classes) > 1)
