"""The GeoPackage in real QGIS: what a person who opens it sees."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from inclusion_marker.marker import compute

PYTHON = "/usr/bin/python3"
REAL = Path(__file__).parents[1] / "real"
DATA = REAL.parents[2] / "shared" / "data"
CHECK = Path(__file__).with_name("open_in_qgis.py")


def has_qgis() -> bool:
    """Return whether the system's Python can import QGIS."""
    if shutil.which(PYTHON) is None:
        return False
    found = subprocess.run(
        [PYTHON, "-c", "import qgis.core"], capture_output=True, check=False, timeout=120
    )
    return found.returncode == 0


pytestmark = [
    pytest.mark.qgis,
    pytest.mark.skipif(not has_qgis(), reason="QGIS with its Python bindings is not installed"),
]
Report = dict[str, Any]


def opened(path: Path, pictures: Path, *how: str) -> Report:
    """Return what QGIS reports of a GeoPackage."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(pictures)}
    for name in ("PYTHONPATH", "PROJ_LIB", "PROJ_DATA", "VIRTUAL_ENV"):
        environment.pop(name, None)
    pictures.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = subprocess.run(
        [PYTHON, str(CHECK), str(path), str(pictures), *how],
        capture_output=True,
        check=False,
        env=environment,
        text=True,
        timeout=300,
    )
    assert found.stdout.strip(), found.stderr
    report: Report = json.loads(found.stdout)
    return report


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the sample city's result, moved after it was written."""
    written = tmp_path_factory.mktemp("written") / "cucuta"
    compute("cucuta").to_geopackage(written / "cucuta.gpkg", language="es")
    moved = tmp_path_factory.mktemp("moved") / "Resultados de Cúcuta"
    shutil.move(written, moved)
    return moved


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    """Return what QGIS reports of the sample city."""
    return opened(folder / "cucuta.gpkg", folder / "pictures")


def test_qgis__offers_the_layers_and_none_of_its_own_tables(report: Report) -> None:
    offered = {"boundary", "cells", "districts", "services", "shapes"}
    tables = {"method", "notices", "origins", "sources"}
    assert set(report["offered"]) == offered | tables
    assert all(layer["valid"] for layer in report["layers"].values())


def test_cells__open_styled_in_five_classes_and_one_without_data(report: Report) -> None:
    cells = report["layers"]["cells"]
    assert cells["renderer"] == "categorizedSymbol"
    assert cells["legend"][0] == "0 - 50 · peor"
    assert cells["legend"][-1] == "Sin datos"
    assert len(cells["legend"]) == 6
    assert report["picture"]["colours"] > 4
    assert report["picture"]["errors"] == []


def test_layers__open_labelled(report: Report) -> None:
    labelled = {name for name, layer in report["layers"].items() if layer["labels"]}
    assert labelled >= {"cells", "districts", "services"}


def test_columns__open_with_spanish_aliases_and_decimals(report: Report) -> None:
    cells = report["layers"]["cells"]
    assert cells["aliases"]["people"] == "Personas"
    assert cells["aliases"]["marker"] == "Marcador de Inclusión Urbana (0-100)"
    assert cells["aliases"]["ind_internet"] == "V6 · Acceso a internet (0-100)"
    assert cells["widgets"]["marker"] == "Range"
    assert cells["widgets"]["marker_class"] == "ValueMap"
    assert report["layers"]["origins"]["widgets"]["origin"] == "ValueMap"


def test_form__has_a_page_for_each_area(report: Report) -> None:
    pages = report["layers"]["cells"]["pages"]
    assert pages[0] == "Marcador"
    assert "Salud y bienestar" in pages
    assert len(pages) == 9


def test_metadata__opens_with_title_licence_and_the_synthetic_label(report: Report) -> None:
    cells = report["layers"]["cells"]
    assert cells["title"].startswith("Marcador de Inclusión Urbana")
    assert "DATOS SINTÉTICOS" in cells["abstract"]
    assert cells["licences"] == ["CC0-1.0"]


def test_styles__of_every_area_dimension_and_indicator_load_and_differ(report: Report) -> None:
    assert len(report["styled"]) >= 3 + 5 + 14 + 34
    assert all(style["loaded"] for style in report["styled"].values())
    [health] = [each for name, each in report["styled"].items() if name.startswith("S1 · ")]
    assert health["colours"] > 2


@pytest.mark.parametrize("where", ["project_inside", "project_beside"])
def test_project__opens_whole_after_its_folder_was_moved(report: Report, where: str) -> None:
    project = report[where]
    assert project["opened"]
    assert project["crs"] == "EPSG:32618"
    assert len(project["groups"]) == 3
    assert len(project["layers"]) == 9
    assert all(project["layers"].values())
    assert project["relations"] == {"districts": True, "origins": True}
    assert project["renderers"]["cells_inclusion_marker"] == "categorizedSymbol"
    assert project["picture"]["colours"] > 4


def test_nothing__is_left_beside_the_file(report: Report) -> None:
    assert report["left"] == []


def test_file__conforms_to_the_geopackage_standard(folder: Path) -> None:
    validator = "osgeo_utils.samples.validate_gpkg"
    check = [PYTHON, "-m", validator, str(folder / "cucuta.gpkg")]
    found = subprocess.run(check, capture_output=True, check=False, text=True, timeout=120)
    if "No module named" in found.stderr:
        pytest.skip("GDAL's validator is not installed beside QGIS")
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.skipif(not DATA.is_dir(), reason="the real layers are not here (../shared/data)")
@pytest.mark.parametrize("city", ["panama", "cucuta_barrios", "buenos_aires", "porto_alegre"])
def test_real_city__opens_styled_with_its_marker_empty_and_grey(city: str, tmp_path: Path) -> None:
    path = compute(REAL / city).to_geopackage(tmp_path / f"{city}.gpkg", language="es")
    report = opened(path, tmp_path / "pictures", "brief")
    assert all(layer["valid"] for layer in report["layers"].values())
    assert report["layers"]["cells"]["legend"][-1] == "Sin datos"
    assert report["project_inside"]["opened"]
    assert all(report["project_inside"]["layers"].values())
    assert report["picture"]["colours"] > 1
