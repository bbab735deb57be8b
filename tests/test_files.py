"""A file is whole or as it was, whatever happens in between."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections import namedtuple
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from inclusion_marker.errors import OutputError
from inclusion_marker.files import check_target, kind_of, placing, replacing

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 - as shutil's own


def write(
    target: Path,
    meanwhile: Callable[[Path], object] = lambda beside: beside,
    *,
    overwrite: bool = True,
    needed_bytes: int = 0,
) -> None:
    """Replace a file, while something happens to the one beside it."""
    with replacing(target, overwrite=overwrite, needed_bytes=needed_bytes) as beside:
        beside.write_text("new")
        meanwhile(beside)


def refused(code: str, target: Path, *, overwrite: bool = True, needed_bytes: int = 0) -> str:
    """Return the text of a refusal, which must hold a code and both languages' parts."""
    with pytest.raises(OutputError) as caught:
        write(target, overwrite=overwrite, needed_bytes=needed_bytes)
    text = str(caught.value)
    assert f"[{code}]" in text, text
    assert "fix:" in text
    assert "remedio:" in caught.value.text("es")
    assert str(target.parent) not in text
    assert caught.value.exit_code == 5
    return text


def test_replacing__leaves_one_file_and_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder" / "a.csv"
    with replacing(target, overwrite=False) as beside:
        beside.write_text("marker")
        assert not target.exists()
        assert beside.suffix == ".csv"
    assert [each.name for each in target.parent.iterdir()] == ["a.csv"]


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt, SystemExit, RuntimeError])
def test_replacing__leaves_the_old_file_when_interrupted(
    tmp_path: Path, fault: type[BaseException]
) -> None:
    target = tmp_path / "a.gpkg"
    target.write_text("old")

    def interrupt(beside: Path) -> None:
        beside.with_name(beside.name + "-journal").write_text("left by SQLite")
        raise fault

    with pytest.raises(fault):
        write(target, interrupt)
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"a.gpkg": "old"}


def test_replacing__refuses_a_file_that_is_there(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    assert "--overwrite" in refused("output_exists", target, overwrite=False)
    assert target.read_text() == "old"


@pytest.mark.parametrize("end", ["-wal", "-shm", "-journal"])
def test_replacing__refuses_a_file_that_another_program_has_open(tmp_path: Path, end: str) -> None:
    target = tmp_path / "a.gpkg"
    target.with_name(target.name + end).touch()
    assert f"a.gpkg{end}" in refused("output_open", target)


def test_replacing__refuses_a_locked_database_and_takes_it_once_free(tmp_path: Path) -> None:
    target = tmp_path / "a.gpkg"
    with closing(sqlite3.connect(target)) as other:
        other.execute("CREATE TABLE cells (id)")
        other.commit()
        other.execute("BEGIN")
        other.execute("SELECT * FROM cells").fetchall()
        refused("output_open", target)
        other.rollback()
    with replacing(target, overwrite=True) as beside:
        beside.write_text("new")
    assert target.read_text() == "new"


def test_replacing__sees_a_file_opened_meanwhile(tmp_path: Path) -> None:
    target = tmp_path / "a.gpkg"
    with pytest.raises(OutputError, match="output_open"):
        write(target, lambda _: target.with_name("a.gpkg-wal").touch())
    assert [each.name for each in tmp_path.iterdir()] == ["a.gpkg-wal"]


def test_replacing__refuses_a_folder_and_a_file_for_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    refused("output_is_folder", tmp_path / "folder.csv")
    (tmp_path / "file").touch()
    refused("output_folder_is_file", tmp_path / "file" / "a.csv")


@pytest.mark.parametrize("name", ["x" * 250 + ".csv", "a\0b.csv"])
def test_replacing__refuses_a_name_that_no_disk_holds(tmp_path: Path, name: str) -> None:
    refused("output_denied", tmp_path / name)


def test_replacing__refuses_a_closed_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    refused("output_folder_closed", tmp_path / "a.csv")


def test_replacing__refuses_more_than_the_disk_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(9e9, 9e9, 3_000_000))
    text = refused("output_no_space", tmp_path / "a.csv", needed_bytes=44_000_000)
    assert "45" in text
    assert "3" in text


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "output_no_space"),
        (PermissionError(errno.EACCES, "Permission denied"), "output_denied"),
    ],
)
def test_replacing__says_what_the_system_says(tmp_path: Path, fault: OSError, code: str) -> None:
    def fail(_: Path) -> None:
        raise fault

    with pytest.raises(OutputError, match=code):
        write(tmp_path / "a.csv", fail)
    assert list(tmp_path.iterdir()) == []


def test_replacing__lets_other_faults_show_themselves(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "a.csv", lambda _: (tmp_path / "template").read_text())


def test_check_target__takes_a_file_that_is_no_database_yet(tmp_path: Path) -> None:
    target = tmp_path / "a.gpkg"
    target.write_text("x" * 2000)
    check_target(target, overwrite=True)


def test_kind_of__knows_what_is_there(tmp_path: Path) -> None:
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    file = tmp_path / "file"
    file.touch()
    paths = (file, tmp_path, Path("/dev/null"), circle, Path("a\0"), tmp_path / "none")
    assert [kind_of(path) for path in paths] == ["file", "folder", "other", *["nothing"] * 3]


def written_in(folder: Path, text: str, *, overwrite: bool, without: str = "") -> None:
    """Place a set of three files that all say one text, one of them perhaps forgotten."""
    files = [folder / name for name in ("a.gpkg", "a.qgz", "a.manifest.json")]
    with placing(files, overwrite=overwrite) as stage:
        for file in files:
            if file.name != without:
                (stage / file.name).write_text(text)


def said_in(folder: Path) -> dict[str, str]:
    """Return what the files of a folder say."""
    return {each.name: each.read_text() for each in folder.iterdir()}


def test_placing__places_all_files_and_leaves_nothing_else(tmp_path: Path) -> None:
    written_in(tmp_path / "out" / "deep", "new", overwrite=False)
    found = said_in(tmp_path / "out" / "deep")
    assert found == dict.fromkeys(("a.gpkg", "a.qgz", "a.manifest.json"), "new")


def test_placing__of_a_new_set_that_is_stopped_leaves_no_file_and_no_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="output_denied"):
        written_in(tmp_path / "out" / "deep", "new", overwrite=False, without="a.manifest.json")
    assert list(tmp_path.iterdir()) == []


def test_placing__that_is_stopped_before_the_moves_keeps_the_old_set(tmp_path: Path) -> None:
    written_in(tmp_path, "old", overwrite=False)
    with pytest.raises(KeyboardInterrupt), placing([tmp_path / "a.gpkg"], overwrite=True):
        raise KeyboardInterrupt
    assert set(said_in(tmp_path).values()) == {"old"}
    assert len(said_in(tmp_path)) == 3


def test_placing__that_is_stopped_among_the_moves_never_claims_to_be_whole(tmp_path: Path) -> None:
    written_in(tmp_path, "old", overwrite=False)
    with pytest.raises(OutputError):
        written_in(tmp_path, "new", overwrite=True, without="a.qgz")
    assert "a.manifest.json" not in said_in(tmp_path)


def test_placing__refuses_a_set_of_which_one_file_is_there(tmp_path: Path) -> None:
    (tmp_path / "a.qgz").write_text("old")
    with pytest.raises(OutputError, match="output_exists"):
        written_in(tmp_path, "new", overwrite=False)
    assert said_in(tmp_path) == {"a.qgz": "old"}


def test_placing__says_when_the_disk_fills_up(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match="output_no_space"),
        placing([tmp_path / "a.gpkg"], overwrite=False),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert list(tmp_path.iterdir()) == []
