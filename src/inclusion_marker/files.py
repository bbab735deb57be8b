"""Write beside and move into place: a file is whole or absent; locks and hashes."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
import sqlite3
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from inclusion_marker.errors import OutputError
from inclusion_marker.texts import said, word

_IN_USE = ("-wal", "-shm", "-journal")
_LONGEST_NAME = 220  # 255 bytes, less what the names of files beside add
_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file cannot be written: what is wrong, why it matters, what to do.

    Parameters
    ----------
    code
        Key of a phrase ``output_…``.
    file
        Name of the file.
    values
        What fills the other placeholders of the phrase.

    Examples
    --------
    >>> print(Refusal("output_exists", "cucuta.gpkg").text("en"))
    error [output_exists] file cucuta.gpkg
      found: the file exists already
      why:   a result is not replaced unless asked for
      fix:   add --overwrite (overwrite=True), or choose another name or folder
    """

    code: str
    file: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: str = "en") -> str:
        """Return the message in ``language``, four lines."""
        return word(self.code, language, file=self.file, **said(self.values, language)).rstrip()


def kind_of(path: Path) -> Literal["file", "folder", "other", "nothing"]:
    """Return what stands at a path; names that no system can have stand for nothing.

    Parameters
    ----------
    path
        Any path: absent, in a circle of links, too long, with a NUL in it.

    Examples
    --------
    >>> kind_of(Path("x" * 5000)), kind_of(Path("/"))
    ('nothing', 'folder')
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return "nothing"
    if stat.S_ISREG(mode):
        return "file"
    return "folder" if stat.S_ISDIR(mode) else "other"


def check_target(path: Path, *, overwrite: bool, needed_bytes: int = 0) -> None:
    """Refuse a file that cannot be written, before any work is done for it.

    Parameters
    ----------
    path
        The file to be; its folder need not exist yet.
    overwrite
        Whether a file that is there may be replaced.
    needed_bytes
        Size that the file will have at most; 0 if unknown.

    Raises
    ------
    OutputError
        If the file exists, is a folder, is open in another program, or if its folder is closed
        or full.
    """
    _check_name(path)
    folder = next(each for each in path.absolute().parents if each.exists())
    if path.is_dir():
        raise _refused("output_is_folder", path)
    if not folder.is_dir():
        raise _refused("output_folder_is_file", path, folder=folder.name)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _refused("output_folder_closed", path, folder=folder.name)
    beside = [f"{path.name}{end}" for end in _IN_USE if path.with_name(path.name + end).exists()]
    if beside:
        raise _refused("output_open", path, beside=", ".join(beside))
    if path.exists() and not overwrite:
        raise _refused("output_exists", path)
    if path.suffix == ".gpkg" and path.exists() and _locked(path):
        raise _refused("output_open", path, beside="SQLite: database is locked")
    free = shutil.disk_usage(folder).free
    if needed_bytes > free:
        sizes = {"needed": needed_bytes // 1_000_000 + 1, "free": free // 1_000_000}
        raise _refused("output_no_space", path, **sizes)


def _check_name(path: Path) -> None:
    """Refuse a name that a file system cannot hold, or that leaves no room for the file beside."""
    if "\0" in str(path):
        raise _refused("output_denied", path, reason="NUL")
    if any(len(os.fsencode(part)) > _LONGEST_NAME for part in path.parts):
        raise _refused("output_denied", path, reason=os.strerror(errno.ENAMETOOLONG))


def _refused(code: str, path: Path, **values: object) -> OutputError:
    """Return the error of a file that cannot be written."""
    return OutputError(Refusal(code, path.name, values))


def _locked(path: Path) -> bool:
    """Return whether another program is reading or writing an SQLite file right now."""
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0)
        ) as file:
            file.execute("BEGIN EXCLUSIVE")
            file.rollback()
    except sqlite3.OperationalError as fault:
        return "locked" in str(fault)
    except sqlite3.DatabaseError:
        return False  # no SQLite at all: nothing that could be lost
    return False


@contextmanager
def replacing(path: Path, *, overwrite: bool, needed_bytes: int = 0) -> Iterator[Path]:
    """Give a path beside the target to write to; move the file into place at the end.

    The target is whole or as it was, whatever happens in between: the file beside it is removed
    when anything is raised, an interruption from the keyboard too.

    Parameters
    ----------
    path
        The file to be; missing folders are made.
    overwrite
        Whether a file that is there may be replaced.
    needed_bytes
        As in :func:`check_target`.

    Raises
    ------
    OutputError
        As :func:`check_target`; and if the disk fills up, or the file is opened meanwhile.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "figures.csv"
    >>> with replacing(target, overwrite=False) as beside:
    ...     written = beside.write_text("marker")
    >>> target.read_text()
    'marker'
    """
    check_target(path, overwrite=overwrite, needed_bytes=needed_bytes)
    beside = path.with_name(f".{path.stem}-{secrets.token_hex(4)}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield beside
        check_target(path, overwrite=overwrite)
        beside.replace(path)
    except OSError as fault:
        _remove(beside)
        if isinstance(fault, OutputError):
            raise
        if fault.errno in _FULL or isinstance(fault, PermissionError):
            raise _refusal(fault, path) from fault
        raise
    except BaseException:
        _remove(beside)
        raise


@contextmanager
def placing(files: Sequence[Path], *, overwrite: bool) -> Iterator[Path]:
    """Give a folder to write a set of files in; move all of them into place at the end.

    The last file is the sign that the set is whole: an old one goes before anything else is
    moved, the new one comes when all is there. Of a new set that is stopped in between nothing is
    left, no folder either; an old one stays as it was until the moves begin.

    Parameters
    ----------
    files
        The files to be, all in one folder; each is written under its own name.
    overwrite
        Whether files that are there may be replaced.

    Raises
    ------
    OutputError
        As :func:`check_target`, before and after the writing; and if the system refuses.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> targets = [folder / "figures.csv", folder / "manifest.json"]
    >>> with placing(targets, overwrite=False) as stage:
    ...     for target in targets:
    ...         written = (stage / target.name).write_text("marker")
    >>> sorted(each.name for each in folder.iterdir())
    ['figures.csv', 'manifest.json']
    """
    for file in files:
        check_target(file, overwrite=overwrite)
    folder = files[0].parent
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".unfinished-", dir=folder) as stage:
            yield Path(stage)
            _move(Path(stage), files, overwrite=overwrite)
    except BaseException as fault:
        with suppress(OSError):
            for each in made:
                each.rmdir()
        if isinstance(fault, OSError) and not isinstance(fault, OutputError):
            raise _refusal(fault, folder) from fault
        raise


def _move(stage: Path, files: Sequence[Path], *, overwrite: bool) -> None:
    """Move the files of a set into place; of those that were not there before all or none stay."""
    new = [file for file in files if not file.exists()]
    for file in files:
        check_target(file, overwrite=overwrite)
    try:
        files[-1].unlink(missing_ok=True)
        for file in files:
            (stage / file.name).replace(file)
    except BaseException:
        for file in new:
            file.unlink(missing_ok=True)
        raise


def _refusal(fault: OSError, path: Path) -> OutputError:
    """Return what the system refused as an error of ours."""
    if fault.errno in _FULL:
        return _refused("output_no_space", path, needed="?", free=0)
    return _refused("output_denied", path, reason=fault.strerror or "")


def _remove(beside: Path) -> None:
    """Remove an unfinished file and whatever SQLite left beside it."""
    for left in beside.parent.glob(f"{beside.name}*"):
        left.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal.

    Parameters
    ----------
    path
        The file, of any size.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "empty"
    >>> file.touch()
    >>> sha256(file)[:12]
    'e3b0c44298fc'
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
