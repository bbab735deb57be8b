"""The report: its sentences say what the analyses hold, of every city, in both languages."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Sequence
from html import unescape
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from inclusion_marker.analysis.analyses import Analyses, analyse
from inclusion_marker.analysis.drawn import Draws
from inclusion_marker.analysis.equity import equity
from inclusion_marker.analysis.explain import explain
from inclusion_marker.analysis.explaining.reasons import main_shortfall
from inclusion_marker.analysis.hotspots import hotspots
from inclusion_marker.analysis.inequality.groups import Group, default_groups
from inclusion_marker.composite.districts import by_district
from inclusion_marker.errors import OutputError
from inclusion_marker.marker import Marker, compute
from inclusion_marker.outputs.report import report_html, write_report
from inclusion_marker.outputs.reporting import gaps, overview
from inclusion_marker.outputs.wording import cautions_of, number, whole
from inclusion_marker.result import Result
from inclusion_marker.texts import LANGUAGES, Text, catalogue
from made_cities import made_city

TIED = "\N{NO-BREAK SPACE}"
DASH = "\N{EN DASH}"
HOSTILE = "</style></script><img src=x onerror=alert(1)>"
GROUPS = [default_groups()[0]]
COUNTS = {"people_venezuelan": [60.0, 100.0, 20.0, 10.0]}


@pytest.fixture(autouse=True)
def _light_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the pictures out: they have tests of their own, and the browser's draw them."""
    monkeypatch.setattr(gaps, "areas_figure", lambda *_, **__: None)
    monkeypatch.setattr(gaps, "figure_png", lambda *_, **__: b"png")
    monkeypatch.setattr(overview, "preview_png", lambda _: b"png")


@dataclasses.dataclass(frozen=True)
class Drawn:
    """Draws made by hand."""

    draws: Draws
    index: pd.Index


@pytest.fixture(scope="module")
def manta() -> Marker:
    """Return a small city with districts and a marker."""
    return compute("manta", resolution=8, min_coverage=0.3)


@pytest.fixture(scope="module")
def found(manta: Marker) -> Analyses:
    """Return the analyses of it."""
    return analyse(manta, draws=64)


def undrawn(result: Result, groups: Sequence[Group] | None = None) -> Analyses:
    """Return the analyses of a city that nothing is drawn of."""
    return Analyses(
        robustness=None,
        hotspots=hotspots(result),
        equity=equity(result, groups=groups),
        explanation=explain(result),
        shortfall=main_shortfall(result),
    )


def made(base: Result, marker: Sequence[float], people: Sequence[float], **more: object) -> Result:
    """Return a city of a few cells whose tables all are of these cells."""
    city = made_city(base, marker, people, **more)  # type: ignore[arg-type]
    rows = city.people.index
    at = pd.Series(np.array(marker, np.float64), index=rows)
    dimensions = pd.DataFrame(dict.fromkeys(base.method.dimensions, at))
    indicators = pd.DataFrame(dict.fromkeys(base.method.indicators, at))
    scores = dataclasses.replace(city.scores, dimensions=dimensions, indicators=indicators)
    return dataclasses.replace(
        city, scores=scores, raw=base.raw.loc[rows], origins=base.origins.loc[rows]
    )


def divided(city: Result, names: Sequence[str]) -> Result:
    """Return a city with its cells as districts, each with a name; a name may come twice."""
    shapes = city.grid.cells.geometry.iloc[: len(names)]
    districts = gpd.GeoDataFrame(
        {"name": list(names)},
        geometry=list(shapes),
        index=pd.Index([f"d{at}" for at in range(len(names))], name="district"),
        crs=city.grid.cells.crs,
    )
    outline = gpd.GeoSeries([shapely.union_all(city.grid.cells.geometry)], crs=districts.crs)
    whole_ = dataclasses.replace(city, boundary=outline)
    table = by_district(districts, city.grid, outline, city.people, city.scores)
    return dataclasses.replace(whole_, districts=table)


def text_of(html: str) -> str:
    """Return the words of a page on one line, with plain spaces."""
    body = re.sub(r"(?s)<style>.*?</style>", " ", html)
    words = unescape(re.sub(r"<[^>]+>", " ", body)).replace(TIED, " ")
    return re.sub(r" ([.,;:)])", r"\1", " ".join(words.split()))


def read(result: Result, analyses: Analyses, language: str) -> str:
    """Return the words of a report."""
    return text_of(report_html(result, analyses, language=language))


# ── the figures ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", LANGUAGES)
def test_first_page__says_the_marker_and_its_interval_as_the_tables_hold_them(
    manta: Marker, found: Analyses, language: str
) -> None:
    assert found.robustness is not None
    sure, text = found.robustness.interval(), read(manta, found, language)
    marker = number(float(manta.means()["people_weighted"]["marker"]))
    low, high = number(sure.low), number(sure.high)
    said = {
        "es": f"es {marker} de 100, en promedio por personas. El cálculo se repitió 64 veces",
        "en": f"is {marker} of 100, on average by people. The computation was repeated 64 times",
    }
    ends = {"es": f"queda entre {low} y {high}.", "en": f"it lies between {low} and {high}."}
    assert said[language] in text
    assert ends[language] in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables__hold_each_area_each_district_and_each_indicator_with_its_figures(
    manta: Marker, found: Analyses, language: str
) -> None:
    assert found.robustness is not None
    text, means = read(manta, found, language), manta.means()["people_weighted"]
    for key, area in manta.method.areas.items():
        shown = found.robustness.interval(f"area_{key}")
        score = number(float(means[f"area_{key}"]))
        span = f"{number(shown.low)}{DASH}{number(shown.high)}"
        assert f"{area.name.said(language)} {score} {span}" in text
    assert manta.districts is not None
    for row in manta.districts.itertuples():
        people = whole(float(row.people), language).replace(TIED, " ")
        assert f"{row.name} {people} {number(float(row.marker))}" in text
    points = found.explanation.shown_points()
    for node in found.explanation.reasons("ind", 10).index:
        card = manta.method.indicators[str(node).removeprefix("ind_")]
        row_of = re.search(
            rf"{re.escape(card.name.said(language))} \({card.code}\) .{{0,60}}? "
            rf"{number(float(means[node]))} {number(points[str(node)])} ",
            text,
        )
        assert row_of, node
    for card in manta.method.indicators.values():
        assert f"{card.name.said(language)} ({card.code})" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_by_class__add_up_to_the_city(manta: Marker, found: Analyses, language: str) -> None:
    html = report_html(manta, found, language=language)
    caption = {"es": "Quién vive en qué clase", "en": "Who lives in which class"}[language]
    table = html[html.index(caption) :]
    table = table[: table.index("</table>")]
    rows = re.findall(r'</th>\s*<td class="number">([^<]*)</td>', table)
    counted = sum(int(re.sub(r"\D", "", row)) for row in rows)
    assert counted == pytest.approx(manta.people.sum(), abs=len(rows))


def test_gaps__say_less_more_and_the_difference_of_the_figures_as_shown(manta: Marker) -> None:
    city = made(manta, [20, 40, 60, 80], [100, 300, 200, 400], counts=COUNTS, context=COUNTS)
    moves = np.random.default_rng(7).normal(0, 1, (4, 60))
    draws = np.clip(np.array([[20], [40], [60], [80]]) + moves, 0, 100).astype(np.float32)
    drawn = equity(city, groups=GROUPS, robustness=Drawn(draws, city.people.index))
    text = read(city, dataclasses.replace(undrawn(city), equity=drawn), "es")
    assert (
        "Donde viven las personas de origen venezolano el marcador es 37.9 en promedio; donde "
        "viven las demás personas (población de acogida), 62.7: 24.8 puntos menos para el primer "
        "grupo." in text
    )
    assert "El primero vive con menos" in text
    low, high = (drawn.gaps.intervals[end]["origin"]["gap"] for end in ("low", "high"))
    assert f"con menos: de {number(-high)} a {number(-low)} puntos." in text
    assert "El 40.0 % de las personas (400) vive en celdas con menos de 50 puntos" in text


@pytest.mark.parametrize(
    ("marker", "spread", "said"),
    [
        ([60, 60.6, 60, 60.2], 9.0, "La diferencia es menor que su incertidumbre ("),
        ([60, 60, 60, 60], 0.0, "Los cálculos repetidos tampoco muestran diferencia."),
        ([80, 60, 60, 40], 0.0, "el primer grupo vive con más: de "),
    ],
)
def test_gaps__within_their_uncertainty_are_told_as_such(
    manta: Marker, marker: list[float], spread: float, said: str
) -> None:
    city = made(manta, marker, [100, 300, 200, 400], counts=COUNTS, context=COUNTS)
    moves = np.random.default_rng(7).normal(0, spread, (4, 60))
    draws = np.clip(np.array(marker)[:, None] + moves, 0, 100).astype(np.float32)
    drawn = equity(city, groups=GROUPS, robustness=Drawn(draws, city.people.index))
    assert said in read(city, dataclasses.replace(undrawn(city), equity=drawn), "es")


def test_districts__are_said_to_be_uncertain_where_the_draws_say_so(
    manta: Marker, found: Analyses
) -> None:
    assert found.robustness is not None
    assert manta.districts is not None
    sure, names = found.robustness, manta.districts["name"].tolist()
    draws = np.array([sure.draws_of(sure.district_weights.iloc[at]) for at in range(len(names))])
    first = int(manta.districts["marker"].to_numpy().argmin())
    often = float((draws.argmin(axis=0) == first).mean())
    text = read(manta, found, "en")
    assert f"The lowest marker of the districts is that of {names[first]}: " in text
    assert (f"{names[first]} is the lowest in" in text) == (often >= 0.9)
    assert ("That is not certain." in text) == (often < 0.9)


def test_points__of_the_areas_add_up_to_what_is_lacking(manta: Marker, found: Analyses) -> None:
    html = report_html(manta, found, language="en")
    table = html[html.index("Points that each area takes") :]
    rows = re.findall(r"(?s)<tr.*?</tr>", table[: table.index("</table>")])[1:]
    points = [
        float(re.findall(r'class="number">(?:<svg.*?</svg> )?([\d.]+)<', row)[1]) for row in rows
    ]
    assert sum(points[:-1]) == pytest.approx(points[-1], abs=1e-9)
    marker = round(float(manta.means()["people_weighted"]["marker"]), 1)
    assert points[-1] == pytest.approx(100 - marker, abs=1e-9)


# ── cities that lack something ───────────────────────────────────────────────


def odd_cities(base: Result) -> dict[str, tuple[Result, Analyses]]:
    """Return cities at the edges of what a sentence can say."""
    everyone = [100.0, 300.0, 200.0, 400.0]
    ties = divided(made(base, [60, 60, 60, 70], everyone), ["A", "B", "C", "Ibagué"])
    alike = divided(made(base, [60] * 4, everyone), ["A", "B", "C", "D"])
    cities = {
        "fine": made(base, [100] * 4, everyone),
        "bad": made(base, [0] * 4, everyone),
        "alone": divided(made(base, [70], [1]), ["Única"]),
        "ties": ties,
        "alike": alike,
        "some": divided(made(base, [math.nan, 50, 60, 70], everyone), ["1", "2", "3", "4"]),
        "nobody": made(base, [10, 20, math.nan, 40], [0, 0, 1, 0]),
        "none": made(base, [math.nan] * 4, everyone),
    }
    return {key: (city, undrawn(city)) for key, city in cities.items()}


@pytest.fixture(scope="module")
def odd(manta: Marker) -> dict[str, tuple[Result, Analyses]]:
    """Return those cities."""
    return odd_cities(manta)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["fine", "bad", "alone", "ties", "alike", "some", "nobody", "none"])
def test_odd_cities__have_a_report_without_a_hole(
    odd: dict[str, tuple[Result, Analyses]], key: str, language: str
) -> None:
    city, analyses = odd[key]
    text = read(city, analyses, language)
    for hole in ("nan", "inf ", "{", "}", "<NA>", "  ", "..", "()", " ,", "-0.0"):
        assert hole not in text, (hole, text[max(text.find(hole) - 90, 0) :][:200])
    assert not re.search(r"(?<![.:!] )\bNone\b", text)  # at the head of a sentence it is a word
    text = text[: text.index({"es": " Avisos ", "en": " Notices "}[language])]
    assert not re.search(r"(?<![\d.,])\b1 (personas|celdas|people|cells|áreas|areas)\b", text)


def test_a_city_at_100__lacks_nothing(odd: dict[str, tuple[Result, Analyses]]) -> None:
    text = read(*odd["fine"], "es")
    assert "tiene los 100 puntos: no le falta nada." in text
    assert "Le faltan" not in text.replace("Le faltan Lo que", "")
    assert "Todas las áreas con datos tienen el mismo puntaje: 100.0." in text
    assert "Nadie vive en una celda con menos de 50 puntos." in text
    assert "Al menos ocho de cada diez personas viven con el mismo marcador: 100.0." in text


def test_a_city_at_0__is_in_the_lowest_class(odd: dict[str, tuple[Result, Analyses]]) -> None:
    text = read(*odd["bad"], "en")
    assert "The indicator that takes most is “Proximity to places of economic interest”" in text
    assert "others take the same as the last one" in text
    assert "Lorenz" not in text
    assert "Class 0–50, the lowest of five." in text  # noqa: RUF001 - a range
    assert "100 % of the people (1,000) live in cells below 50 points" in text


def test_one_district__is_not_compared(odd: dict[str, tuple[Result, Analyses]]) -> None:
    text = read(*odd["alone"], "es")
    assert "Solo un distrito tiene marcador, Única, con 70.0" in text
    assert "La ciudad tiene 1 celda." in text
    assert "El marcador más bajo de los distritos" not in text


def test_districts_that_look_alike__share_a_rank(odd: dict[str, tuple[Result, Analyses]]) -> None:
    text = read(*odd["ties"], "es")
    assert "El marcador más bajo de los distritos es el de A, B y C: 60.0 en cada uno." in text
    assert "va de 60.0 (A, B y C) a 70.0 (Ibagué): 10.0 puntos de diferencia." in text
    assert "Sin intervalos no se sabe cuánto vale ese orden" in text
    alike = read(*odd["alike"], "en")
    assert "The 4 districts with a marker have the same: 60.0." in alike


def test_districts_without_a_marker__come_last_and_are_named(
    odd: dict[str, tuple[Result, Analyses]],
) -> None:
    text = read(*odd["some"], "es")
    assert f"{DASH} Distrito 1 100 Sin datos" in text
    assert "va de 50.0 (Distrito 2) a 70.0 (Distrito 4)" in text
    assert "El 10.0 % de las personas (100) vive en celdas sin marcador" in text


def test_a_marker_where_nobody_lives__is_no_marker_of_the_city(
    odd: dict[str, tuple[Result, Analyses]],
) -> None:
    text = read(*odd["nobody"], "en")
    assert "The city has no marker: nobody lives in the cells that do have one." in text
    assert "is observed, and the method asks" not in text


def test_an_empty_marker__says_why_and_orders_nothing(
    odd: dict[str, tuple[Result, Analyses]],
) -> None:
    text = read(*odd["none"], "es")
    assert "La ciudad no tiene marcador." in text
    assert "Sin marcador no se pueden ordenar los distritos ni buscar focos." in text
    assert "Nadie vive en una celda con marcador: no hay cifras de equidad." in text
    assert "todo en gris: ninguna celda tiene marcador" in unescape(
        report_html(*odd["none"], language="es")
    )


def test_the_shipped_bar__leaves_manta_empty_and_names_the_areas() -> None:
    manta = compute("manta", resolution=8)
    text = read(manta, analyse(manta, draws=32), "en")
    assert "The city has no marker." in text
    assert "so no interval and no confidence by cell" in text
    assert "no score" in text


def test_without_draws__no_figure_pretends_to_an_interval(manta: Marker) -> None:
    text = read(manta, undrawn(manta), "es")
    assert "No lleva intervalo" in text
    assert "ninguna cifra de este informe lleva intervalo" in text
    assert "Puestos posibles" not in text
    assert "nueve de cada diez" not in text.replace("Nueve de cada diez personas", "")


def test_without_districts__the_report_says_how_to_bring_them(manta: Marker) -> None:
    whole_ = dataclasses.replace(manta, districts=None)
    text = read(whole_, undrawn(whole_), "es")
    assert "La ciudad no trae distritos" in text
    assert "Por qué los distritos más bajos lo son" not in text


def test_without_groups__nothing_is_compared(manta: Marker) -> None:
    text = read(manta, undrawn(manta, groups=[]), "en")
    assert "The city counts no groups that could be compared." in text
    assert "Differences between groups" not in text


# ── what comes from files ────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def hostile(manta: Marker, found: Analyses) -> str:
    """Return the report of a city in which every name is markup."""
    name = Text(es=HOSTILE, en=HOSTILE)
    layers = {
        key: each.model_copy(update={"source": HOSTILE, "licence": HOSTILE})
        for key, each in manta.city.layers.items()
    }
    omitted = dict.fromkeys(manta.city.omitted, name)
    city = manta.city.model_copy(update={"name": name, "layers": layers, "omitted": omitted})
    assert manta.districts is not None
    inputs = [{**each, "source": HOSTILE, "file": HOSTILE} for each in manta.provenance["inputs"]]
    result = dataclasses.replace(
        manta,
        city=city,
        districts=manta.districts.assign(name=HOSTILE),
        provenance={**manta.provenance, "inputs": inputs},
    )
    explanation = dataclasses.replace(found.explanation, name=name)
    return report_html(result, dataclasses.replace(found, explanation=explanation), language="es")


def test_names_from_files__are_text_wherever_they_stand(hostile: str) -> None:
    assert "<img src=x" not in hostile
    assert "<script" not in hostile
    assert hostile.count("</style>") == 1
    assert hostile.count("&lt;img src=x onerror=alert(1)&gt;") > 20


def test_page__asks_for_nothing(manta: Marker, found: Analyses) -> None:
    html = report_html(manta, found, language="es")
    assert "default-src 'none'" in unescape(html)
    assert not re.search(r"(?:src|href)=\"(?!data:image/png;base64,|#)", html)
    assert not re.search(r"url\(|@import|<link|<script|<iframe", html)


def test_page__is_the_same_each_time(manta: Marker, found: Analyses) -> None:
    assert report_html(manta, found, language="en") == report_html(manta, found, language="en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_page__says_that_a_city_is_made_up_on_screen_and_on_every_sheet(
    manta: Marker, found: Analyses, language: str
) -> None:
    html = report_html(manta, found, language=language)
    said = cautions_of(manta, language)
    cautions = re.findall(r'<p class="caution"[^>]*>(.*?)</p>', html)
    assert [unescape(each) for each in cautions] == [*said, *said]
    head = {"es": "DATOS SINT\\c9 TICOS", "en": "SYNTHETIC DATA"}[language]
    assert f'@top-right{{content:"{head}' in html


def test_scores_that_do_not_compare__are_told_so(manta: Marker) -> None:
    method = manta.method.model_copy(
        update={"normalisation": manta.method.normalisation.model_copy(update={"rule": "z"})}
    )
    result = dataclasses.replace(manta, method=method)
    text = read(result, undrawn(manta), "es")
    assert "no sirven para compararla con otra" in text
    assert "NO COMPARABLE" in text
    assert "según metas fijas" not in text


# ── form ─────────────────────────────────────────────────────────────────────


def test_headings__go_down_one_level_at_a_time(manta: Marker, found: Analyses) -> None:
    html = report_html(manta, found, language="en")
    levels = [int(each) for each in re.findall(r"<h(\d)", html)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables__have_heads_with_scope_and_as_many_cells_as_heads(
    manta: Marker, found: Analyses
) -> None:
    html = report_html(manta, found, language="es")
    assert not re.search(r"<th(?![^>]*scope=)[^>]*>", html.replace("<thead>", ""))
    for table in re.findall(r"(?s)<table.*?</table>", html):
        heads = table.count('scope="col"')
        for row in re.findall(r"(?s)<tr(?! class=\"title\")[^>]*>(.*?)</tr>", table)[1:]:
            assert len(re.findall(r"<t[dh]", row)) == heads


def test_pictures__say_in_words_what_they_show(manta: Marker, found: Analyses) -> None:
    html = report_html(manta, found, language="es")
    for picture in re.findall(r'<img [^>]*alt="([^"]*)"', html):
        assert "%" in picture
    assert html.count("<img ") == len(re.findall(r'<img [^>]*alt="[^"]{40,}"', html))
    assert html.count('role="img"') == len(re.findall(r'role="img" aria-label="[^"]{40,}"', html))
    assert '<html lang="es">' in html


def test_words__have_the_same_places_to_fill_in_both_languages() -> None:
    words = {key: each for key, each in catalogue("words").items() if key.startswith("report_")}
    assert len(words) > 200
    for key, each in words.items():
        places = [set(re.findall(r"{(\w+)(?::\w+)?}", each[language])) for language in LANGUAGES]
        assert places[0] == places[1], key
        assert each["es"].strip()
        assert each["en"].strip()


# ── files and the command ────────────────────────────────────────────────────


def test_file__is_written_whole_and_not_replaced_unasked(
    manta: Marker, found: Analyses, tmp_path: Path
) -> None:
    file = tmp_path / "manta-report.html"
    assert write_report(manta, found, file, language="en", overwrite=False) == file
    assert file.read_text(encoding="utf-8") == report_html(manta, found, language="en")
    with pytest.raises(OutputError, match="output_exists"):
        write_report(manta, found, file, language="en", overwrite=False)
    write_report(manta, found, file, language="es", overwrite=True)
    assert '<html lang="es">' in file.read_text(encoding="utf-8")
    assert [each.name for each in tmp_path.iterdir()] == [file.name]
