"""Real cities in real QGIS, and the work of an analyst that a recompute must not lose."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from inclusion_marker.marker import compute
from inclusion_marker.outputs.geopackage import targets
from outputs.test_qgis import PYTHON, WHERE, has_qgis, opened

ANALYST = Path(__file__).with_name("analyst_in_qgis.py")
Report = dict[str, Any]
pytestmark = [
    pytest.mark.qgis,
    pytest.mark.skipif(not has_qgis(), reason="QGIS with its Python bindings is not installed"),
]


# ── real cities ──────────────────────────────────────────────────────────────

CRS = {"panama": "EPSG:32617", "buenos_aires": "EPSG:32721", "porto_alegre": "EPSG:32722"}
# In Porto Alegre people are counted at points, and in Panama no service is one: no empty layers.
ABSENT: dict[str, set[str]] = {
    "panama": {"services"},
    "buenos_aires": set(),
    "porto_alegre": {"zones"},
}
MAPPED = {"boundary", "cells", "services", "zones"}
TABLES = {"method", "notices", "origins", "sources"}


@pytest.fixture(scope="module")
def folder(real_geopackage: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a real city's result, moved after it was written."""
    moved = tmp_path_factory.mktemp("moved") / f"Resultados de {real_geopackage.stem}, año 1"
    shutil.copytree(real_geopackage.parent, moved)
    return moved


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    """Return what QGIS reports of a real city."""
    [file] = folder.glob("*.gpkg")
    return opened(file, folder.parent / "pictures", "brief") | {"city": file.stem}


@pytest.mark.slow
def test_real_city__opens_with_its_layers_styled_and_named(report: Report) -> None:
    layers = report["layers"]
    absent = ABSENT[report["city"]]
    assert set(report["offered"]) >= (MAPPED - absent) | TABLES
    assert not absent & set(report["offered"])
    assert all(layer["valid"] for layer in layers.values())
    drawn = {name: layer for name, layer in layers.items() if name not in TABLES}
    assert all(layer["rows"] > 0 for layer in drawn.values())
    assert {layer["crs"] for layer in drawn.values()} == {CRS[report["city"]]}
    cells = layers["cells"]
    assert cells["legend"][0] == "0 - 50 · peor"
    assert cells["legend"][-1] == "Sin datos"
    assert cells["null_class"]
    assert cells["aliases"]["people"] == "Personas"
    assert cells["widgets"]["marker_class"] == "ValueMap"
    assert cells["title"].startswith("Marcador de Inclusión Urbana")
    assert "[%" not in cells["tip"]
    assert report["picture"]["errors"] == []
    assert report["picture"]["colours"] > 1


@pytest.mark.slow
@WHERE
def test_real_project__opens_whole_after_its_folder_was_moved(report: Report, where: str) -> None:
    project = report[where]
    assert project["opened"]
    assert project["crs"] == CRS[report["city"]]
    assert project["groups"][0] == "Marcador y contexto"
    assert all(project["layers"].values())
    assert all(project["relations"].values())
    assert project["picture"]["errors"] == []
    assert project["picture"]["colours"] > 1
    assert all(each["errors"] == [] for each in project["ticked"].values())
    assert project["tips"]["cells_inclusion_marker"]


@pytest.mark.slow
def test_real_page__prints_with_its_sources(report: Report) -> None:
    [page] = report["pages"]
    assert page["exported"] == {"png": 0, "pdf": 0}
    assert page["outside"] == []
    assert page["words"]["sources"].startswith("Fuentes: ")
    assert report["said"] == []
    assert report["left"] == []


# ── what an analyst adds ─────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def worked_on(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a result that an analyst worked on in QGIS, and that was then computed again."""
    found = compute("manta", resolution=8, min_coverage=0.3)
    path = found.to_geopackage(tmp_path_factory.mktemp("worked") / "manta.gpkg")
    runtime = path.parent / "runtime"
    runtime.mkdir(mode=0o700)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(runtime)}
    for name in ("PYTHONPATH", "PROJ_LIB", "PROJ_DATA", "VIRTUAL_ENV"):
        environment.pop(name, None)
    command = [PYTHON, str(ANALYST), str(path)]
    subprocess.run(command, check=True, capture_output=True, env=environment, timeout=120)
    return found.to_geopackage(path, overwrite=True)


@pytest.fixture(scope="module")
def afterwards(worked_on: Path) -> Report:
    """Return what QGIS reports of it."""
    return opened(worked_on, worked_on.parent / "pictures", "brief")


def test_manifest__names_what_was_kept(worked_on: Path) -> None:
    manifest = json.loads(targets(worked_on)[2].read_text(encoding="utf-8"))
    assert manifest["kept"] == {
        "styles": [
            {"table": "cells", "name": "Marcador (propio)"},
            {"table": "cells", "name": "Mi estilo"},
        ],
        "projects": ["manta-propio", "taller"],
        "file": "manta-propio.qgz",
    }


def test_style_of_the_analyst__is_what_the_layer_still_opens_with(afterwards: Report) -> None:
    cells = afterwards["layers"]["cells"]
    assert cells["renderer"] == "singleSymbol"
    assert {"Mi estilo", "Marcador (propio)", "Marcador"} <= set(cells["styles"])


def test_projects_of_the_analyst__open_whole_and_ours_is_fresh(
    worked_on: Path, afterwards: Report
) -> None:
    assert set(afterwards["projects"]) == {"manta", "manta-propio", "taller"}
    for where in ("project_inside", "project_beside"):
        assert afterwards[where]["title"].startswith("Manta")
        assert all(afterwards[where]["layers"].values())
    copy = worked_on.with_name("manta-propio.qgz")
    shutil.copy(copy, worked_on.with_suffix(".qgz"))
    theirs = opened(worked_on, worked_on.parent / "pictures", "brief")["project_beside"]
    assert theirs["title"] == "De Ana"
    assert all(theirs["layers"].values())
