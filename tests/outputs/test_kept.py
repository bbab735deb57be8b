"""Recomputing keeps what an analyst added, and never throws away what it cannot keep."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely
from typer.testing import CliRunner

from conftest import make_town
from inclusion_marker import cli
from inclusion_marker.errors import OutputError
from inclusion_marker.marker import Marker, compute
from inclusion_marker.outputs.geopackage import targets, write_geopackage
from inclusion_marker.outputs.qgis.kept import kept_lines, kept_of
from inclusion_marker.outputs.qgis.sidetables import MANIFEST, OWNER

Rows = list[tuple[object, ...]]
# A row as QGIS 3.22 leaves it when a person saves a style.
SAVED = (
    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,"
    " styleName, styleQML, styleSLD, useAsDefault, description, owner, update_time)"
    " VALUES ('', '', ?, 'geom', ?, '<qgis>hers</qgis>', '', ?, 'hers', '', NULL)"
)
BY_ANA = '{"last_modified_time": "2026-11-25T14:52:32", "last_modified_user": "ana" }'


@pytest.fixture(scope="module")
def marker(tmp_path_factory: pytest.TempPathFactory) -> Marker:
    """Return the marker of the town."""
    return compute(make_town(tmp_path_factory.mktemp("made") / "town").root, min_coverage=0.1)


@pytest.fixture(scope="module")
def once(marker: Marker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the first result; for reading only."""
    return marker.to_geopackage(tmp_path_factory.mktemp("once") / "town.gpkg")


@pytest.fixture
def path(once: Path, tmp_path: Path) -> Path:
    """Return a copy of the first result, for an analyst to work on."""
    return shutil.copytree(once.parent, tmp_path / "out") / once.name


def ask(path: Path, query: str, *values: object) -> Rows:
    """Return the rows of a query."""
    with closing(sqlite3.connect(path)) as file:
        return file.execute(query, values).fetchall()


def change(path: Path, query: str, *values: object) -> None:
    """Change a file as another program would."""
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(query, values)


def again(marker: Marker, path: Path) -> dict[str, object]:
    """Recompute into the same file; return what its manifest says was kept."""
    marker.to_geopackage(path, overwrite=True)
    kept: dict[str, object] = json.loads(targets(path)[2].read_text(encoding="utf-8"))["kept"]
    return kept


def everything(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file of a folder."""
    return {each.name: each.read_bytes() for each in folder.iterdir()}


NOTHING: dict[str, object] = {"styles": [], "projects": [], "file": None}


# ── styles ───────────────────────────────────────────────────────────────────


def test_result_left_alone__is_replaced_by_the_same_bytes(marker: Marker, path: Path) -> None:
    before = everything(path.parent)
    assert again(marker, path) == NOTHING
    assert everything(path.parent) == before


def test_style_added__is_there_after_the_next_two_runs_once_and_unchanged(
    marker: Marker, path: Path
) -> None:
    change(path, SAVED, "cells", "Mi estilo", 0)
    theirs = "SELECT * FROM layer_styles WHERE owner IS NOT ?"
    [before] = ask(path, theirs, OWNER)
    for _ in range(2):
        kept = again(marker, path)
        assert kept["styles"] == [{"table": "cells", "name": "Mi estilo"}]
        [after] = ask(path, theirs, OWNER)
        assert after[1:] == before[1:]


def test_style_made_the_default__stays_the_only_one_of_its_layer(
    marker: Marker, path: Path
) -> None:
    change(path, "UPDATE layer_styles SET useAsDefault = 0 WHERE f_table_name = 'cells'")
    change(path, SAVED, "cells", "Mi estilo", 1)
    again(marker, path)
    defaults = ask(path, "SELECT f_table_name, styleName FROM layer_styles WHERE useAsDefault")
    assert [name for table, name in defaults if table == "cells"] == ["Mi estilo"]
    others = {table for table, _ in defaults} - {"cells"}
    assert len(defaults) == 1 + len(others)
    assert {"services", "districts", "boundary"} & others


def test_default_that_qgis_cannot_find__takes_none_from_ours(marker: Marker, path: Path) -> None:
    change(path, SAVED, "cells", "perdido", 1)
    change(path, "UPDATE layer_styles SET f_table_schema = NULL WHERE styleName = 'perdido'")
    again(marker, path)
    query = "SELECT owner FROM layer_styles WHERE useAsDefault AND f_table_name = 'cells'"
    assert ask(path, f"{query} AND f_table_schema = ''") == [(OWNER,)]


def test_style_of_ours_that_was_saved_over__comes_back_beside_the_one_of_the_analyst(
    marker: Marker, path: Path
) -> None:
    [[name, ours]] = ask(
        path, "SELECT styleName, styleQML FROM layer_styles WHERE f_table_name = 'cells' LIMIT 1"
    )
    over = "UPDATE layer_styles SET owner = '', styleQML = '<qgis/>' WHERE styleName = ?"
    change(path, over, name)
    again(marker, path)
    query = (
        "SELECT styleName, styleQML FROM layer_styles WHERE styleName LIKE ? AND f_table_name = ?"
    )
    found = ask(path, query, f"{name}%", "cells")
    assert (name, ours) in found
    assert (f"{name} (propio)", "<qgis/>") in found
    change(path, f"{over} AND owner = ?", name, OWNER)
    again(marker, path)
    found = ask(path, query, f"{name}%", "cells")
    assert (name, ours) in found
    assert {(f"{name} (propio)", "<qgis/>"), (f"{name} (propio-2)", "<qgis/>")} <= set(found)


def test_style_of_a_table_that_is_gone__is_kept_and_disturbs_nobody(
    marker: Marker, path: Path
) -> None:
    change(path, SAVED, "barrios", "Mis barrios", 1)
    assert again(marker, path)["styles"] == [{"table": "barrios", "name": "Mis barrios"}]
    assert gpd.read_file(path, layer="cells")["marker"].notna().any()


def test_styles_without_names_and_owners__are_kept(marker: Marker, path: Path) -> None:
    change(path, "INSERT INTO layer_styles (f_table_name, styleQML) VALUES ('cells', '<qgis/>')")
    assert again(marker, path)["styles"] == [{"table": "cells", "name": ""}]


def test_same_old_file__gives_the_same_bytes(marker: Marker, path: Path, tmp_path: Path) -> None:
    change(path, SAVED, "cells", "Mi estilo", 1)
    twin = shutil.copytree(path.parent, tmp_path / "twin") / path.name
    for each in (path, twin):
        again(marker, each)
    assert everything(path.parent) == everything(twin.parent)


# ── projects ─────────────────────────────────────────────────────────────────


def test_project_added__is_kept_byte_for_byte(marker: Marker, path: Path) -> None:
    change(path, "INSERT INTO qgis_projects VALUES ('taller', ?, 'abcd')", BY_ANA)
    assert again(marker, path)["projects"] == ["taller"]
    assert ask(path, "SELECT * FROM qgis_projects WHERE name = 'taller'") == [
        ("taller", BY_ANA, "abcd")
    ]
    assert ask(path, "SELECT count(*) FROM qgis_projects") == [(2,)]


@pytest.mark.parametrize("said", [BY_ANA, "no JSON", "[1]", None], ids=str)
def test_project_saved_over_ours__is_kept_under_another_name_and_ours_is_fresh(
    marker: Marker, path: Path, said: str | None
) -> None:
    ours = ask(path, "SELECT * FROM qgis_projects")
    change(path, "UPDATE qgis_projects SET metadata = ?, content = 'abcd'", said)
    assert again(marker, path)["projects"] == ["town-propio"]
    assert ask(path, "SELECT * FROM qgis_projects WHERE name = 'town'") == ours
    change(path, "UPDATE qgis_projects SET metadata = ? WHERE name = 'town'", BY_ANA)
    assert again(marker, path)["projects"] == ["town-propio-2", "town-propio"]
    contents = "SELECT content FROM qgis_projects WHERE name = 'town-propio'"
    assert ask(path, contents) == [("abcd",)]


def test_project_of_ours_under_a_new_name__is_kept(marker: Marker, path: Path) -> None:
    change(path, "UPDATE qgis_projects SET name = 'para el alcalde'")
    assert again(marker, path)["projects"] == ["para el alcalde"]


def test_project_beside__edited_is_kept_as_a_copy_once(marker: Marker, path: Path) -> None:
    beside = targets(path)[1]
    fresh = beside.read_bytes()
    beside.write_bytes(b"edited by ana")
    assert again(marker, path)["file"] == "town-propio.qgz"
    copy = beside.with_name("town-propio.qgz")
    assert copy.read_bytes() == b"edited by ana"
    assert beside.read_bytes() == fresh
    assert again(marker, path)["file"] is None
    beside.write_bytes(b"edited by ana")
    assert again(marker, path)["file"] == "town-propio.qgz"
    beside.write_bytes(b"edited by luis")
    assert again(marker, path)["file"] == "town-propio-2.qgz"
    assert copy.read_bytes() == b"edited by ana"
    marker.to_geopackage(path, language="en", overwrite=True)
    assert not list(path.parent.glob("*-mine*"))


@pytest.mark.parametrize("manifest", ["whole", "absent", "broken"])
def test_project_beside__of_a_geopackage_that_is_gone(
    marker: Marker, path: Path, manifest: str
) -> None:
    path.unlink()
    if manifest == "absent":
        targets(path)[2].unlink()
    if manifest == "broken":
        targets(path)[2].write_text("[", encoding="utf-8")
    expected = None if manifest == "whole" else "town-propio.qgz"
    assert again(marker, path)["file"] == expected


def test_project_beside__that_cannot_be_read_is_not_replaced(
    marker: Marker, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", closed)
    with pytest.raises(OutputError, match=r"output_denied[\s\S]*Permission denied"):
        marker.to_geopackage(path, overwrite=True)


def test_copy__is_there_even_if_the_moves_fail(
    marker: Marker, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    targets(path)[1].write_bytes(b"edited by ana")

    def broken(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", broken)
        with pytest.raises(OutputError):
            marker.to_geopackage(path, overwrite=True)
    assert path.with_name("town-propio.qgz").read_bytes() == b"edited by ana"
    assert kept_of(path).beside == b"edited by ana"


# ── what is not carried over stops the run ───────────────────────────────────


def refused(marker: Marker, path: Path, code: str) -> OutputError:
    """Return the refusal of a run that leaves every file as it was."""
    before = everything(path.parent)
    with pytest.raises(OutputError, match=code) as caught:
        marker.to_geopackage(path, overwrite=True)
    assert everything(path.parent) == before
    return caught.value


def test_layers_and_columns_added__are_named_and_nothing_is_replaced(
    marker: Marker, path: Path
) -> None:
    points = gpd.GeoDataFrame({"obra": ["puente"]}, geometry=[shapely.Point(0, 0)], crs="EPSG:4326")
    pyogrio.write_dataframe(points, path, layer="mis propuestas", append=True)
    change(path, 'ALTER TABLE cells ADD COLUMN "nota {x}" TEXT')
    change(path, "CREATE VIEW resumen AS SELECT 1 AS uno")
    fault = refused(marker, path, "output_added")
    for said in (fault.text("es"), fault.text("en")):
        assert all(name in said for name in ("mis propuestas", "nota {x}", "resumen"))
    assert "la columna 'nota {x}' de 'cells'" in fault.text("es")
    assert "the layer or table 'resumen'" in fault.text("en")
    assert fault.exit_code == 5


def truncated(path: Path) -> None:
    """Cut a file short."""
    with path.open("r+b") as file:
        file.truncate(5_000)


def garbage(path: Path) -> None:
    """Replace a file by what is none of its kind."""
    path.write_bytes(b"PK\x03\x04" + bytes(5_000))


def shot(path: Path) -> None:
    """Damage all but the first pages of a file."""
    content = path.read_bytes()
    path.write_bytes(content[:8_192] + b"\xff" * (len(content) - 8_192))


def no_geopackage(path: Path) -> None:
    """Put another database in the place of a file."""
    path.unlink()
    change(path, "CREATE TABLE addresses (name TEXT)")


def no_manifest(path: Path) -> None:
    """Break the manifest inside."""
    change(path, "UPDATE gpkg_metadata SET metadata = '{' WHERE md_standard_uri = ?", MANIFEST)


def odd_manifest(path: Path) -> None:
    """Put something else in the place of the manifest."""
    change(path, "UPDATE gpkg_metadata SET metadata = '{}' WHERE md_standard_uri = ?", MANIFEST)


@pytest.mark.parametrize(
    "damage", [truncated, garbage, shot, no_geopackage, no_manifest, odd_manifest]
)
def test_file_that_cannot_be_read__is_not_replaced(
    marker: Marker, path: Path, damage: "object"
) -> None:
    assert callable(damage)
    damage(path)
    fault = refused(marker, path, "output_unreadable")
    assert "town.gpkg" in fault.text("es")
    assert "se perderían" in fault.text("es")


def test_geopackage_of_somebody_else__is_not_replaced(marker: Marker, tmp_path: Path) -> None:
    path = tmp_path / "out" / "town.gpkg"
    path.parent.mkdir()
    points = gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs="EPSG:4326")
    pyogrio.write_dataframe(points, path, layer="census")
    refused(marker, path, "output_foreign")
    change(path, "CREATE TABLE gpkg_metadata (id INTEGER, md_standard_uri TEXT, metadata TEXT)")
    refused(marker, path, "output_foreign")


def test_empty_file__is_replaced(marker: Marker, tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    path.touch()
    assert again(marker, path) == NOTHING


def test_file_whose_tables_of_qgis_were_deleted__is_replaced(marker: Marker, path: Path) -> None:
    for table in ("layer_styles", "qgis_projects"):
        change(path, f"DROP TABLE {table}")
    assert again(marker, path) == NOTHING


# ── files that are open, or were ─────────────────────────────────────────────


@contextmanager
def held(path: Path, *statements: str) -> Iterator[None]:
    """Let another process hold a file as QGIS does."""
    code = (
        "import sqlite3, sys\n"
        "file = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "for each in sys.argv[2:]: file.execute(each).fetchall()\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(path), *statements],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
    finally:
        holder.communicate()


READS = ("BEGIN", "SELECT count(*) FROM cells")


@pytest.mark.parametrize(
    "statements",
    [
        ("PRAGMA journal_mode = wal", *READS),
        ("PRAGMA journal_mode = wal", "UPDATE layer_styles SET ui = 'x'"),
        READS,
        ("BEGIN", "UPDATE layer_styles SET ui = 'x'"),
    ],
    ids=["reads in WAL mode", "wrote in WAL mode", "reads", "writes"],
)
def test_file_that_another_program_holds__is_refused_and_whole_afterwards(
    marker: Marker, path: Path, statements: tuple[str, ...]
) -> None:
    with (
        held(path, *statements),
        pytest.raises(OutputError, match="output_open") as caught,
    ):
        marker.to_geopackage(path, overwrite=True)
    assert "cierre el proyecto o la capa en QGIS" in caught.value.text("es")
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    assert again(marker, path)["projects"] == []


def test_file_that_was_in_wal_mode__is_read_without_a_trace(marker: Marker, path: Path) -> None:
    change(path, SAVED, "cells", "Mi estilo", 1)
    change(path, "PRAGMA journal_mode = wal")
    assert again(marker, path)["styles"] == [{"table": "cells", "name": "Mi estilo"}]
    names = {each.name for each in path.parent.iterdir()}
    assert names == {each.name for each in targets(path)}


# ── writing aside ────────────────────────────────────────────────────────────


def test_manifest_of_before_columns_were_named__stops_nobody(path: Path) -> None:
    (text,) = ask(path, "SELECT metadata FROM gpkg_metadata WHERE md_standard_uri = ?", MANIFEST)[0]
    before = json.loads(str(text))
    for table in before["outputs"].values():
        del table["names"]
    query = "UPDATE gpkg_metadata SET metadata = ? WHERE md_standard_uri = ?"
    change(path, query, json.dumps(before), MANIFEST)
    assert kept_of(path).styles == ()


def test_caller_that_writes_aside_and_moves__keeps_everything_too(
    marker: Marker, path: Path, tmp_path: Path
) -> None:
    change(path, SAVED, "cells", "Mi estilo", 1)
    targets(path)[1].write_bytes(b"edited by ana")
    aside = write_geopackage(
        marker,
        marker.analyses,
        tmp_path / "aside" / "town.gpkg",
        language="es",
        overwrite=False,
        replaces=path,
    )
    assert ask(aside, "SELECT styleName FROM layer_styles WHERE owner = ''") == [("Mi estilo",)]
    assert path.with_name("town-propio.qgz").read_bytes() == b"edited by ana"
    assert not aside.with_name("town-propio.qgz").exists()


def test_what_was_kept__is_said_in_words_in_both_languages(marker: Marker, path: Path) -> None:
    assert kept_lines({"kept": again(marker, path)}, "en") == ()
    change(path, SAVED, "cells", "Mi estilo", 1)
    change(path, "INSERT INTO qgis_projects VALUES ('taller', ?, 'abcd')", BY_ANA)
    targets(path)[1].write_bytes(b"edited by ana")
    kept = {"kept": again(marker, path)}
    assert kept_lines(kept, "es") == (
        "Se conservó lo que usted añadió:",
        "  estilo «Mi estilo» de cells",
        "  proyecto «taller» dentro del GeoPackage",
        "  proyecto town-propio.qgz",
    )
    assert kept_lines(kept, "en")[0] == "What you added was kept:"


def test_command__that_recomputes_keeps_styles_and_projects_too(tmp_path: Path) -> None:
    town = make_town(tmp_path / "town")
    path = tmp_path / "out" / "town" / "town.gpkg"
    compute(town.root).to_geopackage(path)
    change(path, SAVED, "cells", "Mi estilo", 1)
    targets(path)[1].write_bytes(b"edited by ana")
    words = ("compute", "--city", town.root, "--out", tmp_path / "out", "--overwrite")
    done = CliRunner().invoke(cli.app, [str(each) for each in words])
    assert done.exit_code == 0, done.output
    query = "SELECT styleName FROM layer_styles WHERE useAsDefault AND f_table_name = 'cells'"
    assert ask(path, query) == [("Mi estilo",)]
    [copy] = path.parent.glob("town-*.qgz")
    assert copy.read_bytes() == b"edited by ana"
