"""Figures as bytes: words stay words, the same each time, nothing is asked of anybody."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from conftest import Town
from inclusion_marker.errors import OutputError, ParameterError
from inclusion_marker.marker import Marker, compute
from inclusion_marker.outputs.figures import (
    areas_figure,
    figure_png,
    figure_svg,
    map_figure,
    save_figure,
)
from inclusion_marker.outputs.pictures.page import Page
from inclusion_marker.texts import Text as Said

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture
def marker(town: Town) -> Marker:
    """Return the town's marker, the minimum lowered so that it has one."""
    return compute(town.root, min_coverage=0.1)


def renamed(marker: Marker, name: str) -> Marker:
    """Return a marker of a city of another name."""
    city = marker.city.model_copy(update={"name": Said(es=name, en=name)})
    return Marker(**{**vars(marker), "city": city})


def ids(svg: str) -> list[str]:
    """Return the ids of an SVG."""
    return [each.attrib["id"] for each in ET.fromstring(svg).iter() if "id" in each.attrib]


def test_svg__keeps_words_as_words_and_names_itself(marker: Marker) -> None:
    svg = figure_svg(map_figure(marker, column="area_health", language="es"))
    root = ET.fromstring(svg)
    said = " ".join("".join(each.itertext()) for each in root.iter(f"{SVG}text"))
    assert "Pueblo (sintético)" in said
    assert "DATOS SINTÉTICOS" in said
    assert root.attrib["aria-label"] == "Salud y bienestar (S)"
    assert root.attrib["role"] == "img"
    assert svg.startswith("<svg")


def test_svg__asks_nothing_of_anybody(marker: Marker) -> None:
    svg = figure_svg(areas_figure(marker, language="es"))
    root = ET.fromstring(svg)
    assert {each.tag for each in root.iter()}.isdisjoint({f"{SVG}style", f"{SVG}script"})
    links = [each.attrib[HREF] for each in root.iter() if HREF in each.attrib]
    assert all(each.startswith(("#", "data:image/png;base64,")) for each in links)
    assert "matplotlib" not in svg.lower()


def test_svg__shows_a_name_as_text_whatever_it_holds(marker: Marker) -> None:
    figure = map_figure(renamed(marker, HOSTILE), language="es")
    figure.set_label(f'"{HOSTILE}')
    svg = figure_svg(figure)
    assert "<img" not in svg
    assert HOSTILE in [each.text for each in ET.fromstring(svg).iter(f"{SVG}text")]


def test_control_character__in_a_name_leaves_the_svg_whole(marker: Marker) -> None:
    svg = figure_svg(map_figure(renamed(marker, "Man\u0001ta"), language="es"))
    assert "Man ta" in [each.text for each in ET.fromstring(svg).iter(f"{SVG}text")]


def test_svg__refers_to_nothing_but_its_own_parts(marker: Marker) -> None:
    svg = figure_svg(map_figure(marker, language="es"))
    assert len(ids(svg)) == len(set(ids(svg)))
    targets = [
        value.split("#", 1)[1].rstrip(")")
        for each in ET.fromstring(svg).iter()
        for value in each.attrib.values()
        if value.startswith(("#", "url(#")) and not value.startswith("#fff")
    ]
    assert targets
    assert set(targets) <= set(ids(svg))


def test_figures__are_the_same_bytes_in_another_process(marker: Marker, town: Town) -> None:
    code = (
        "import sys; from hashlib import sha256; from inclusion_marker.marker import compute\n"
        "from inclusion_marker.outputs.figures import areas_figure, figure_png, figure_svg\n"
        f"marker = compute({str(town.root)!r}, min_coverage=0.1)\n"
        "figure = areas_figure(marker, language='es')\n"
        "sys.stdout.buffer.write(figure_svg(figure).encode() + figure_png(figure))\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "77"}
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, env=environment, capture_output=True
    )
    with mpl.rc_context({"font.family": "serif", "axes.grid": True, "svg.hashsalt": "other"}):
        figure = areas_figure(marker, language="es")
        here = figure_svg(figure).encode() + figure_png(figure)
    assert done.stdout == here
    assert figure_svg(figure).encode() + figure_png(figure) == here


def test_png__is_eight_inches_wide(marker: Marker) -> None:
    figure = map_figure(marker, language="en")
    assert imread(io.BytesIO(figure_png(figure, dpi=50))).shape[1] == 400
    assert imread(io.BytesIO(figure_png(figure))).shape[1] == 1600


def test_save_figure__writes_by_the_end_of_the_name(marker: Marker, tmp_path: Path) -> None:
    figure = map_figure(marker, language="es")
    picture = save_figure(figure, tmp_path / "map.png", overwrite=False)
    assert picture.read_bytes() == figure_png(figure)
    vectors = save_figure(figure, tmp_path / "map.SVG", overwrite=False)
    assert vectors.read_bytes().startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<svg ')
    assert ET.fromstring(vectors.read_bytes()).tag == f"{SVG}svg"
    with pytest.raises(OutputError, match="output_exists"):
        save_figure(figure, picture, overwrite=False)
    with pytest.raises(ParameterError, match=r"\.png \| \.svg"):
        save_figure(figure, tmp_path / "map.pdf", overwrite=False)
    assert not (tmp_path / "map.pdf").exists()


def test_page__is_shown_by_a_notebook_without_pyplot(marker: Marker) -> None:
    figure = map_figure(marker, language="es")
    assert isinstance(figure, Page)
    picture, look = figure._repr_png_()
    assert picture == figure_png(figure)
    assert look == {"width": 768}


def test_figure_png__takes_any_figure() -> None:
    assert figure_png(Figure(figsize=(1, 1)), dpi=10).startswith(b"\x89PNG")
