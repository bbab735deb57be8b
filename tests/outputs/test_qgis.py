"""The GeoPackage in real QGIS: what a person who opens it sees."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from inclusion_marker.marker import Marker, compute

PYTHON = "/usr/bin/python3"
CHECK = Path(__file__).with_name("open_in_qgis.py")
HOSTILE = "</script><img src=x onerror=alert(1)> [% 1 + 1 %] & 'Ñandú'"
WHERE = pytest.mark.parametrize("where", ["project_inside", "project_beside"])


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
def marker() -> Marker:
    """Return the marker of the sample city."""
    return compute("cucuta")


@pytest.fixture(scope="module")
def folder(marker: Marker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the sample city's result, moved after it was written."""
    written = tmp_path_factory.mktemp("written") / "cucuta"
    marker.to_geopackage(written / "cucuta.gpkg", language="es")
    moved = tmp_path_factory.mktemp("moved") / "Resultados de Cúcuta"
    shutil.move(written, moved)
    return moved


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    """Return what QGIS reports of the sample city."""
    return opened(folder / "cucuta.gpkg", folder / "pictures")


# ── a layer that is dragged into a map ───────────────────────────────────────


def test_qgis__offers_the_layers_and_none_of_its_own_tables(report: Report) -> None:
    offered = {"boundary", "cells", "districts", "services", "shapes"}
    tables = {"method", "notices", "origins", "sources"}
    assert set(report["offered"]) - {"zones"} == offered | tables
    assert all(layer["valid"] for layer in report["layers"].values())


def test_cells__open_styled_in_five_classes_and_one_without_data(report: Report) -> None:
    cells = report["layers"]["cells"]
    assert cells["renderer"] == "categorizedSymbol"
    assert cells["legend"][0] == "0 - 50 · peor"
    assert cells["legend"][-1] == "Sin datos"
    assert cells["null_class"]
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


def test_rows__are_named_by_cell_district_and_place(report: Report) -> None:
    named = {name: layer["display"] for name, layer in report["layers"].items()}
    assert named["cells"] == '"cell"'
    assert named["districts"] == '"district_name"'
    assert named["services"] == '"name"'


def test_metadata__opens_with_title_licence_and_the_synthetic_label(report: Report) -> None:
    cells = report["layers"]["cells"]
    assert cells["title"].startswith("Marcador de Inclusión Urbana")
    assert "DATOS SINTÉTICOS" in cells["abstract"]
    assert cells["licences"] == ["CC0-1.0"]


def test_map_tips__say_what_is_there_in_the_reader_s_language(report: Report) -> None:
    tips = {name: layer["tip"] for name, layer in report["layers"].items()}
    assert "[%" not in "".join(tips.values())
    assert "Salud y bienestar" in tips["cells"]
    assert "datos sintéticos" in tips["cells"]
    assert "Intervalo del 90 %: " in tips["districts"]
    assert "\N{NO-BREAK SPACE}" in tips["districts"].partition(" personas")[0][-8:]


# ── the other styles ─────────────────────────────────────────────────────────


def test_styles__of_every_area_dimension_and_indicator_load_with_a_class_without_data(
    report: Report,
) -> None:
    cells = {name: report["styled"][name] for name in report["layers"]["cells"]["styles"]}
    assert len(cells) == 2 + 3 + 2 * 5 + 14 + 34 + 2
    for name, style in cells.items():
        assert style["loaded"], name
        assert style["null_class"], name
        assert style["legend"][-1] == "Sin datos", name
        assert style["alias_kept"], name
        assert "[%" not in style["tip"], name
    scored = [each for name, each in cells.items() if " · " in name]
    assert all(each["legend"][0] == "0 - 50 · peor" for each in scored)


def test_styles__for_colour_blind_readers_are_those_of_the_marker_and_each_area(
    report: Report,
) -> None:
    safe = [name for name in report["layers"]["cells"]["styles"] if "daltonismo" in name]
    assert len(safe) == 6
    assert safe[0] == "Marcador · apto para daltonismo"
    assert "S · Salud y bienestar · apto para daltonismo" in safe


def test_styles__of_an_area_an_indicator_and_the_confidence_show_several_classes(
    report: Report,
) -> None:
    for name in ("S · Salud y bienestar", "V6 · Acceso a internet", "Confianza"):
        assert report["styled"][name]["colours"] > 3, name


def test_styles__of_districts_are_their_outline_and_their_class(report: Report) -> None:
    outline, by_class, safe = report["layers"]["districts"]["styles"]
    assert (outline, by_class) == ("Distritos", "Distritos por clase del marcador")
    assert safe.endswith("apto para daltonismo")
    assert report["styled"][by_class]["null_class"]
    assert "Intervalo del 90 %" in report["styled"][by_class]["tip"]


# ── the project ──────────────────────────────────────────────────────────────


@WHERE
def test_project__opens_whole_after_its_folder_was_moved(report: Report, where: str) -> None:
    project = report[where]
    assert project["opened"]
    assert project["crs"] == "EPSG:32618"
    assert project["title"].endswith("Marcador de Inclusión Urbana")
    assert "DATOS SINTÉTICOS" in project["abstract"]
    assert all(project["layers"].values())
    assert project["relations"] == {"districts": True, "origins": True}
    assert project["picture"]["colours"] > 4
    assert project["picture"]["errors"] == []
    assert report["said"] == []


@WHERE
def test_project__has_the_marker_on_top_then_a_group_for_each_area_and_the_tables_last(
    report: Report, where: str
) -> None:
    groups = report[where]["groups"]
    assert groups[0] == "Marcador y contexto"
    assert groups[1:6] == [
        "V · Vivienda asequible y con servicios",
        "S · Salud y bienestar",
        "E · Educación, cultura y diversidad",
        "P · Espacio público, seguridad y recreación",
        "O · Empleo y oportunidades económicas",
    ]
    assert groups[6] == "Método y fuentes"
    assert len(groups) == 7
    first, *areas, tables = report[where]["tree"]
    names = [each.removesuffix("_inclusion_marker") for each in first["layers"]]
    assert names[:3] == ["cells", "confidence", "hotspot"]
    assert [each for each in names[3:] if each != "zones"] == [
        "services",
        "shapes",
        "districts",
        "boundary",
    ]
    assert sum(len(each["layers"]) for each in areas) == 5 + 14 + 34 + 2
    assert len(tables["layers"]) == 4


@WHERE
def test_project__shows_the_marker_with_its_lines_and_folds_the_areas(
    report: Report, where: str
) -> None:
    first, *areas, tables = report[where]["tree"]
    ticked = {each.removesuffix("_inclusion_marker") for each, on in first["layers"].items() if on}
    assert ticked == {"cells", "districts", "boundary"}
    assert first["open"]
    assert not tables["open"]
    for area in areas:
        assert not area["open"], area["name"]
        assert area["ticked"], area["name"]
        assert area["one_at_a_time"], area["name"]
        assert not any(area["layers"].values()), area["name"]


@WHERE
def test_project__draws_lines_and_points_above_scores_and_the_marker_below_all(
    report: Report, where: str
) -> None:
    order = [each.removesuffix("_inclusion_marker") for each in report[where]["order"]]
    assert order[-1] == "cells"
    area = order.index("area_health")
    assert all(order.index(name) < area for name in ("services", "districts", "boundary", "shapes"))
    assert order.index("confidence") > area


@WHERE
def test_layer_of_an_area__is_seen_as_soon_as_it_is_ticked_and_alone(
    report: Report, where: str
) -> None:
    shown = report[where]["ticked"]
    assert all(each["ticked"] == [name] for name, each in shown.items())
    assert all(each["errors"] == [] for each in shown.values())
    assert len({each["bytes"] for each in shown.values()}) == 2


@WHERE
def test_layers_over_the_cells__have_classes_words_and_a_tip_of_their_own(
    report: Report, where: str
) -> None:
    project = report[where]
    for key, renderer in project["renderers"].items():
        if not key.startswith(("cells", "area_", "dim_", "ind_", "confidence", "hotspot")):
            continue
        assert renderer == "categorizedSymbol", key
        assert project["null_classes"][key], key
        assert project["legends"][key][-1] == "Sin datos", key
        assert project["aliases"][key] == "Celda", key
        assert "[%" not in project["tips"][key], key
        assert "personas" in project["tips"][key], key
    assert "Medido: " in project["tips"]["ind_health_distance_inclusion_marker"]


# ── the page to print ────────────────────────────────────────────────────────


def test_page__prints_without_a_warning_with_all_its_parts(report: Report) -> None:
    [page] = report["pages"]
    assert page["name"] == "Mapa del marcador (A4)"
    assert sorted(page["size"]) == [210, 297]
    assert page["exported"] == {"png": 0, "pdf": 0}
    assert report["said"] == []
    assert {
        "QgsLayoutItemLegend",
        "QgsLayoutItemMap",
        "QgsLayoutItemPicture",
        "QgsLayoutItemScaleBar",
    } <= set(page["kinds"])
    assert page["linked"]
    assert page["arrow_drawn"] == [True]
    assert page["pictures"] == ["base64:"]
    assert page["outside"] == []


def test_page__says_what_it_shows_from_what_and_what_to_beware_of(report: Report) -> None:
    words = report["pages"][0]["words"]
    assert words["title"] == "Cúcuta y Villa del Rosario (gemela sintética)"
    assert words["index"] == "Marcador de Inclusión Urbana"
    assert words["means"].startswith("Promedio ponderado por personas: ")
    assert words["method"].startswith("Método: ")
    assert words["caution"].startswith("DATOS SINTÉTICOS")
    assert words["sources"].startswith("Fuentes: ")
    assert "785\N{NO-BREAK SPACE}140 personas" in words["people"]
    assert "EPSG:32618" in words["made"]


def test_page__explains_the_classes_and_the_lines_and_nothing_else(report: Report) -> None:
    [page] = report["pages"]
    assert [each.partition("  (")[0] for each in page["legend"]] == [
        "0 - 50 · peor",
        "50 - 60",
        "60 - 70",
        "70 - 80",
        "80 - 100 · mejor",
        "Sin datos",
        "Límite de la ciudad",
        "Distritos",
    ]
    layers = [each.removesuffix("_inclusion_marker") for each in page["map_layers"]]
    assert layers == ["boundary", "districts", "cells"]


# ── what strangers write, and what is left ───────────────────────────────────


@pytest.fixture(scope="module")
def hostile(marker: Marker, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Return what QGIS reports of the sample city under names that would do harm, in English."""
    assert marker.districts is not None
    city = marker.city.model_copy(
        update={"name": marker.city.name.model_copy(update={"es": HOSTILE, "en": HOSTILE})}
    )
    districts = marker.districts.assign(name=HOSTILE)
    named = replaced(marker, city=city, districts=districts)
    path = tmp_path_factory.mktemp("hostile") / "cucuta.gpkg"
    return opened(named.to_geopackage(path, language="en"), path.parent / "pictures", "brief")


def replaced(marker: Marker, **changes: object) -> Marker:
    """Return a marker of which some parts are others, its analyses kept."""
    same = object.__new__(Marker)
    for name, value in {**marker.__dict__, **changes}.items():
        object.__setattr__(same, name, value)
    return same


def test_names_that_would_do_harm__are_text_on_the_page_and_in_the_tips(hostile: Report) -> None:
    [page] = hostile["pages"]
    assert page["words"]["title"] == HOSTILE
    assert page["exported"] == {"png": 0, "pdf": 0}
    tip = hostile["project_beside"]["tips"]["districts_inclusion_marker"]
    assert "&lt;img src=x" in tip
    assert "<img" not in tip
    assert "[% 1 + 1 %]" in tip


def test_english__is_spoken_throughout(hostile: Report) -> None:
    project = hostile["project_inside"]
    assert project["groups"][0] == "Marker and context"
    assert "S · Health and well-being" in project["groups"]
    assert project["legends"]["area_health_inclusion_marker"][-1] == "No data"
    assert hostile["pages"][0]["name"] == "Map of the marker (A4)"
    assert hostile["pages"][0]["words"]["caution"].startswith("SYNTHETIC DATA")
    assert "," in project["tips"]["districts_inclusion_marker"].partition(" people")[0][-8:]


def test_nothing__is_left_beside_the_file(report: Report, hostile: Report) -> None:
    assert report["left"] == hostile["left"] == []


def test_file__conforms_to_the_geopackage_standard(folder: Path) -> None:
    validator = "osgeo_utils.samples.validate_gpkg"
    check = [PYTHON, "-m", validator, str(folder / "cucuta.gpkg")]
    found = subprocess.run(check, capture_output=True, check=False, text=True, timeout=120)
    if "No module named" in found.stderr:
        pytest.skip("GDAL's validator is not installed beside QGIS")
    assert found.returncode == 0, found.stdout + found.stderr
