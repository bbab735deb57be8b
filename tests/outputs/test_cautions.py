"""What every output has to say aloud, and where its data are from."""

import dataclasses
import re
from html import unescape

import pytest

from conftest import make_town
from inclusion_marker.marker import Marker, compute
from inclusion_marker.method import Method
from inclusion_marker.outputs.figures import figure_svg
from inclusion_marker.outputs.qgis.project import project_of
from inclusion_marker.outputs.report import report_html
from inclusion_marker.outputs.sources import sources_of, sources_said
from inclusion_marker.outputs.tables import tables_of
from inclusion_marker.outputs.webmap import webmap_html
from inclusion_marker.outputs.wording import cautions, cautions_of
from inclusion_marker.result import Result


@pytest.fixture(scope="module")
def marker(tmp_path_factory: pytest.TempPathFactory) -> Marker:
    """Return the marker of the town, by a minimum far below that of its method."""
    return compute(make_town(tmp_path_factory.mktemp("made") / "town").root, min_coverage=0.1)


def words_of(page: str) -> str:
    """Return what a page says, its tags and line breaks left out."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ").split())


def said_by(marker: Marker, language: str) -> dict[str, str]:
    """Return the words of every output."""
    tables = tables_of(marker, marker.analyses, language)
    pages = {
        "summary": marker.summary(language),
        "web map": webmap_html(marker, marker.analyses, language=language),
        "report": report_html(marker, marker.analyses, language=language),
        "project": project_of(marker, tables, "town.gpkg", language),
        "figure": figure_svg(marker.figure("map", language=language)),
    }
    return {name: words_of(page) for name, page in pages.items()}


@pytest.mark.parametrize(
    ("language", "words"),
    [("es", "COBERTURA MÍNIMA REBAJADA"), ("en", "MINIMUM COVERAGE LOWERED")],
)
def test_lowered_minimum__is_said_in_every_output(
    marker: Marker, language: str, words: str
) -> None:
    assert marker.method.is_lowered
    assert {
        name: words in said for name, said in said_by(marker, language).items()
    } == dict.fromkeys(("summary", "web map", "report", "project", "figure"), True)


def test_lowered_minimum__comes_with_what_the_method_asks_and_what_is_observed(
    marker: Marker,
) -> None:
    said = cautions_of(marker, "en")[-1]
    known = int(marker.raw.notna().any().sum())
    assert "to 10 %: the method asks for 50 % (dimensions), 65 % (areas) and 65 %" in said
    assert f"with {known} of the 34 indicators" in said
    assert cautions(marker.city, marker.method, "en")[-1] in said


def test_minimum_as_asked_or_raised__is_no_caution(marker: Marker) -> None:
    for share in (None, 0.9):
        method = plain(marker, share)
        assert not method.is_lowered
        assert not any("COVERAGE" in each for each in cautions(marker.city, method, "en"))


def plain(marker: Marker, share: float | None) -> Method:
    """Return the method as its file has it, with a minimum at every level if one is given."""
    asked = marker.method.asked_coverage
    return marker.method.model_copy(update={"min_coverage": asked}).with_min_coverage(share)


def real(marker: Marker, inputs: list[dict[str, str]]) -> Result:
    """Return the result of a city that is not made up, from these files."""
    city = marker.city.model_copy(update={"synthetic": False})
    return dataclasses.replace(
        marker, city=city, provenance={**marker.provenance, "inputs": inputs}
    )


def test_sources__are_those_of_all_files_each_once_with_its_dates(marker: Marker) -> None:
    inputs = [
        {"source": "Censo", "date": "2018", "licence": "CC BY 4.0"},
        {"source": "Límite\u0007 municipal", "date": "", "licence": ""},
        {"source": "Censo", "date": "2020", "licence": "CC BY 4.0"},
        {"source": "", "date": "2001", "licence": ""},
    ]
    found = sources_of(real(marker, inputs))
    assert found == (
        ("Censo", ("2018", "2020"), ("CC BY 4.0",)),
        ("Límite municipal", (), ()),
    )
    assert (
        sources_said(real(marker, inputs), "es")
        == "Censo (2018, 2020, CC BY 4.0); Límite municipal"
    )


def test_sources__beyond_eight_are_counted(marker: Marker) -> None:
    inputs = [{"source": f"S{row}", "date": "", "licence": ""} for row in range(10)]
    assert sources_said(real(marker, inputs), "es").endswith("S7; … y 2 más")
    assert sources_said(real(marker, []), "es") == "\N{EN DASH}"


def test_sources__of_a_city_that_is_made_up_are_none(marker: Marker) -> None:
    assert "sintéticos" in sources_said(marker, "es")
