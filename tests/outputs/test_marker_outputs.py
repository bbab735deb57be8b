"""What a marker gives to look at: each method calls the room that makes it."""

from pathlib import Path
from typing import Any, get_args

import pytest

from conftest import make_town
from inclusion_marker.errors import OutputError, ParameterError
from inclusion_marker.marker import FigureKind, Marker, compute
from inclusion_marker.outputs.breaks import Breaks
from inclusion_marker.outputs.figures import save_figure
from inclusion_marker.outputs.report import report_html
from inclusion_marker.outputs.webmap import webmap_html


@pytest.fixture(scope="module")
def marker(tmp_path_factory: pytest.TempPathFactory) -> Marker:
    """Return the marker of the town."""
    return compute(make_town(tmp_path_factory.mktemp("made") / "town").root, min_coverage=0.1)


@pytest.mark.parametrize("kind", get_args(FigureKind))
@pytest.mark.parametrize("language", ["es", "en"])
def test_figure__of_every_kind_is_drawn_and_saved(
    marker: Marker, kind: FigureKind, language: str, tmp_path: Path
) -> None:
    written = save_figure(marker.figure(kind, language=language), tmp_path / f"{kind}.png")
    assert written.read_bytes()[1:4] == b"PNG"


def test_figure__of_a_kind_that_there_is_not_names_those_that_there_are(marker: Marker) -> None:
    wrong: Any = "pie"
    with pytest.raises(ParameterError, match="lorenz"):
        marker.figure(wrong)


def test_map__of_a_column_with_natural_breaks_is_another_picture(
    marker: Marker, tmp_path: Path
) -> None:
    drawn: dict[Breaks, bytes] = {}
    for breaks in get_args(Breaks):
        page = marker.figure("map", column="area_health", breaks=breaks)
        drawn[breaks] = save_figure(page, tmp_path / f"{breaks}.png").read_bytes()
    assert drawn["fixed"] != drawn["natural"]


@pytest.mark.parametrize("language", ["es", "en"])
def test_pages__are_those_of_their_rooms(marker: Marker, language: str, tmp_path: Path) -> None:
    found = marker.to_webmap(tmp_path / "map.html", language=language)
    assert found.read_text(encoding="utf-8") == webmap_html(
        marker, marker.analyses, language=language
    )
    found = marker.to_report(tmp_path / "report.html", language=language)
    assert found.read_text(encoding="utf-8") == report_html(
        marker, marker.analyses, language=language
    )
    for write in (marker.to_webmap, marker.to_report):
        with pytest.raises(OutputError, match="output_exists"):
            write(found)


def test_explore__holds_the_same_page_as_the_file(marker: Marker, tmp_path: Path) -> None:
    page = marker.to_webmap(tmp_path / "map.html", language="en").read_text(encoding="utf-8")
    assert marker.explore(language="en").page == page


@pytest.mark.parametrize("method", ["explore", "figure", "to_report", "to_webmap"])
def test_language__that_there_is_not_is_refused(
    marker: Marker, method: str, tmp_path: Path
) -> None:
    words = (tmp_path / "page.html",) if method.startswith("to_") else ()
    with pytest.raises(ParameterError, match=r"es \| en"):
        getattr(marker, method)(*words, language="pt")
