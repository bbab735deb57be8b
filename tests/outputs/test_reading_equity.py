"""The reading of equity: what a mayor's office is told, in both languages, and what it is not."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from inclusion_marker.analysis.drawn import Draws
from inclusion_marker.analysis.equity import Equity, equity
from inclusion_marker.analysis.inequality.groups import Group, default_groups
from inclusion_marker.marker import compute
from inclusion_marker.outputs.readings.equity import equity_text
from inclusion_marker.result import Result
from inclusion_marker.texts import LANGUAGES
from made_cities import made_city

MARKER, PEOPLE = [20.0, 40.0, 60.0, 80.0], [100.0, 300.0, 200.0, 400.0]
COUNTS = {"people_venezuelan": [60.0, 100.0, 20.0, 10.0], "age_0_9": [10.0, 30.0, 20.0, 40.0]}
GROUPS = [default_groups()[0], default_groups()[2], Group("jobless", ("unemployed",))]


@dataclass(frozen=True)
class Drawn:
    """Draws made by hand."""

    draws: Draws
    index: pd.Index


@pytest.fixture(scope="module")
def base() -> Result:
    """Return a small city, to make others from."""
    return compute("manta", resolution=8)


@pytest.fixture(scope="module")
def city(base: Result) -> Result:
    """Return a city of four cells, where the jobless live better than others."""
    counts = COUNTS | {"unemployed": [0.0, 0.0, 10.0, 90.0]}
    areas = {"housing": [0.0, 30.0, 60.0, 90.0]}
    return made_city(base, MARKER, PEOPLE, counts=counts, context=COUNTS, areas=areas)


def read(city: Result, found: Equity, language: str) -> str:
    """Return the reading on one line."""
    return " ".join(equity_text(found, city, language).split())


def drawn(city: Result, moves: np.ndarray) -> Drawn:
    """Return draws that move each cell by so much."""
    draws = np.clip(np.array(MARKER)[:, None] + moves, 0, 100).astype(np.float32)
    return Drawn(draws, city.people.index)


def by_halves(city: Result) -> pd.Series:
    """Return two groups of cells."""
    return pd.Series(["sur", "sur", "norte", "norte"], index=city.people.index)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("draws", [False, True])
def test_lines__are_at_most_100_characters_wide(
    city: Result, language: str, *, draws: bool
) -> None:
    moves = np.random.default_rng(7).normal(0, 9, (4, 60))
    robustness = drawn(city, moves) if draws else None
    found = equity(city, by=by_halves(city), groups=GROUPS, robustness=robustness)
    text = equity_text(found, city, language)
    assert max(map(len, text.splitlines())) <= 100
    assert "nan" not in text
    assert "{" not in text


def test_reading__says_in_spanish_who_lives_where_and_who_is_below_the_line(city: Result) -> None:
    text = read(city, equity(city, by=by_halves(city), groups=GROUPS), "es")
    assert "1 000 personas en 4 celdas H3 de resolución 8 con marcador" in text.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "una persona vive en una celda con un marcador de 58.0." in text
    assert "400 personas (40 %) viven en celdas por debajo de 50" in text.replace("40.0 %", "40 %")
    assert "les faltan 15.0 puntos en promedio" in text
    assert (
        "Donde viven las personas de origen venezolano (190 personas), el marcador es de 37.9 en "
        "promedio; donde viven las demás personas (población de acogida), de 62.7: 24.8 puntos "
        "menos. Por debajo de 50 vive el 84.2 % de las personas de origen venezolano, y el 29.6 % "
        "de las demás personas (población de acogida)." in text
    )
    assert "Lo que más los separa es «Vivienda asequible y con servicios»" in text
    assert (
        "Donde viven las niñas y los niños de 0 a 9 años (100 personas) y donde viven las demás "
        "personas, el marcador es en promedio el mismo: 58.0." in text
    )
    assert "Donde viven unemployed (100 personas), el marcador es de 78.0" in text
    assert "puntos más." in text
    assert "Sin intervalo: no se repitió el cálculo" in text


def test_reading__says_in_english_what_the_inequality_means(city: Result) -> None:
    found = equity(city, by=by_halves(city), groups=GROUPS)
    text = read(city, found, "en")
    apart = 2 * found.measures["gini"]["marker"] * 58
    assert f"differ by {apart:.1f} points on average (Gini" in text
    assert "in H3 cells of resolution 8)" in text
    assert "lies between 2 districts, and the rest within them" in text
    assert "The lowest averages: sur (35.0; 400 people); norte (73.3; 600 people)." in text
    assert "The most unequal area is “Affordable housing with services”" in text
    assert "inequality costs" in text
    assert (
        "The marker falls where “People of Venezuelan origin, as a share of the inhabitants”"
        in text
    )
    assert "They speak of the places that people live in, not of the people" in text
    assert "Within a census zone the groups are spread alike" in text
    assert (
        "[equity_zeros] with a score of 0 in “Affordable housing with services” live 100 people"
        in text
    )


@pytest.mark.parametrize(
    ("moves", "words"),
    [
        (np.zeros((4, 9)), "In nine of ten repeated computations it is 24.8 to 24.8 points less."),
        (np.array([[60.0], [30.0], [0.0], [-30.0]]) * np.ones(9), "points more."),
        (
            np.array([[60.0], [30.0], [0.0], [-30.0]]) * np.arange(2),
            "The repeated computations range from",
        ),
        (
            80 - np.array(MARKER)[:, None] * np.ones(3),
            "The repeated computations show no difference, either.",
        ),
    ],
)
def test_gap__is_told_with_its_interval(city: Result, moves: np.ndarray, words: str) -> None:
    found = equity(city, by=None, groups=GROUPS[:1], robustness=drawn(city, moves))
    text = read(city, found, "en")
    assert words in text
    assert (
        "The computation was repeated for the marker only: the differences by area have no "
        "interval," in text
    )
    assert "No interval" not in text


def test_inequality_below_that_of_the_draws__is_told_as_noise(base: Result) -> None:
    city = made_city(base, [50, 50.5, 50, 50.5], PEOPLE)
    moves = np.random.default_rng(7).normal(0, 9, (4, 60)).astype(np.float32)
    draws = Drawn(np.float32(50) + moves, city.people.index)
    assert "some of their inequality is noise" in read(city, equity(city, robustness=draws), "en")


def test_districts__are_told_with_the_figures_of_the_other_outputs(city: Result) -> None:
    west, south, east, north = city.grid.cells.total_bounds
    middle = (south + north) / 2
    districts = gpd.GeoDataFrame(
        {"name": ["Bajo\x1b", "Alto"], "people": [640.0, 360.0], "marker": [51.0, 70.4]},
        geometry=[shapely.box(west, south, east, middle), shapely.box(west, middle, east, north)],
        index=pd.Index(["1", "2"], name="district"),
        crs=city.grid.cells.crs,
    )
    divided = dataclasses.replace(city, districts=districts)
    text = read(divided, equity(divided), "es")
    assert "está entre 2 distritos" in text
    assert "Bajo (51.0; 640 personas); Alto (70.4; 360 personas)" in text


def test_a_ranking_of_one_s_own__is_called_by_its_name(city: Result) -> None:
    income = pd.Series([1.0, 2.0, 3.0, 4.0], index=city.people.index, name="ingreso")
    text = read(city, equity(city, along=income), "es")
    assert "El marcador sube donde es mayor «ingreso» (índice de concentración" in text


def test_a_city_of_equals__has_no_parts_and_nobody_below(base: Result) -> None:
    city = made_city(base, [70, 70], [10, 20])
    text = read(city, equity(city, by=pd.Series([1, 2], index=city.people.index)), "es")
    assert "Nadie vive en una celda por debajo de 50." in text
    assert "La ciudad no cuenta a ningún grupo que se pueda comparar." in text
    assert "T de Theil" not in text
    assert "Poca desigualdad no es lo mismo que vivir bien" in text
    assert "zona censal" not in text
    assert (
        "[equity_group_missing] faltan conteos de personas: Personas de origen venezolano; faltan "
        "conteos de personas: las personas de origen venezolano / las demás personas" in text
    )
    assert "la desigualdad cuesta el 0 %" in text


def test_a_group_without_scores__is_not_compared(base: Result) -> None:
    city = made_city(base, [70, math.nan], [10, 20], counts={"people_venezuelan": [0, 5]})
    text = read(city, equity(city, groups=GROUPS[:1]), "es")
    assert "no hay celdas con marcador: no se pueden comparar" in text


def test_a_city_without_scores__says_that_there_is_nothing_and_why(base: Result) -> None:
    city = made_city(base, [math.nan] * 2, [10, 20])
    text = read(city, equity(city), "es")
    assert "Nadie vive en una celda con marcador" in text
    assert "[equity_nobody] nadie vive en una celda con puntaje: Marcador de Inclusión" in text
    assert "Grupos" not in text


def test_polygons__are_told_by_their_size(city: Result) -> None:
    grid = dataclasses.replace(city.grid, kind="polygons", resolution=None)
    blocks = dataclasses.replace(city, grid=grid)
    text = read(blocks, equity(blocks), "es")
    hectares = f"{grid.area_ha.mean():.1f}"
    assert f"polígonos de {hectares} ha en promedio" in text
    assert f"con celdas de {hectares} ha)" in text
