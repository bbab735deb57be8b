"""Write beside and move into place: a file is whole or absent; hashes; the manifest."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from inclusion_marker.errors import OutputError
from inclusion_marker.texts import word

_IN_USE = ("-wal", "-shm", "-journal")
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
        return word(self.code, language, file=self.file, **self.values).rstrip()


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
    folder = next((each for each in path.absolute().parents if each.exists()), Path("/"))
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


def _refused(code: str, path: Path, **values: object) -> OutputError:
    """Return the error of a file that cannot be written."""
    return OutputError(Refusal(code, path.name, values))


def _locked(path: Path) -> bool:
    """Return whether another program is reading or writing an SQLite file right now."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0)) as file:
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
        os.replace(beside, path)
    except OSError as fault:
        _remove(beside)
        if isinstance(fault, OutputError):
            raise
        if fault.errno in _FULL:
            raise _refused("output_no_space", path, needed="?", free=0) from fault
        if isinstance(fault, PermissionError):
            raise _refused("output_denied", path, reason=fault.strerror or "") from fault
        raise
    except BaseException:
        _remove(beside)
        raise


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


def content_hash(table: pd.DataFrame) -> str:
    """Return a SHA-256 over what a table says, not over how a file stores it.

    Columns count by name whatever their order, rows in theirs, the index not at all: a table that
    was written to a GeoPackage and read again has the same hash.

    Parameters
    ----------
    table
        Numbers, texts and geometries; missing values of all kinds are one.

    Examples
    --------
    >>> one = pd.DataFrame({"cell": ["a", "b"], "marker": [50, 60]})
    >>> two = pd.DataFrame({"marker": [50.0, 60.0], "cell": ["a", "b"]})
    >>> content_hash(one) == content_hash(two)
    True
    """
    digest = hashlib.sha256(f"{len(table)}\n".encode())
    for name in sorted(map(str, table.columns)):
        column = table[name]
        digest.update(f"{name}\n".encode())
        if isinstance(column, gpd.GeoSeries):
            parts: Sequence[bytes] = [b"" if shape is None else shape for shape in shapely.to_wkb(
                shapely.normalize(column.to_numpy()), byte_order=1)]
        elif pd.api.types.is_numeric_dtype(column):
            numbers = column.to_numpy(np.float64, na_value=np.nan) + 0.0
            numbers[np.isnan(numbers)] = np.nan
            parts = [numbers.astype("<f8").tobytes()]
        else:
            parts = [b"\x00" if pd.isna(text) else f"\x01{text}".encode() for text in column]
        for part in parts:
            digest.update(len(part).to_bytes(8, "little"))
            digest.update(part)
    return digest.hexdigest()


def manifest_text(manifest: Mapping[str, Any]) -> str:
    """Return a manifest as JSON: keys sorted, ``complete`` last, the same bytes every time.

    Parameters
    ----------
    manifest
        Anything that JSON can say, and numbers of NumPy, dates and paths. Of a path only the name
        is written: folders of the machine are nobody's business. Missing numbers become ``null``.

    Examples
    --------
    >>> print(manifest_text({"rows": np.int64(3), "file": Path("/home/ana/census.gpkg")}))
    {
      "file": "census.gpkg",
      "rows": 3,
      "complete": true
    }
    """
    tree = {**_plain(manifest), "complete": True}
    return json.dumps(tree, ensure_ascii=False, indent=2, allow_nan=False)


def _plain(value: object) -> Any:  # noqa: ANN401 - a tree of JSON values
    """Return a value as JSON can say it."""
    match value:
        case None | bool() | str():
            return value
        case np.generic():
            return _plain(value.item())
        case int():
            return value
        case float():
            return value if math.isfinite(value) else None
        case PurePath():
            return value.name
        case Mapping():
            items = sorted((str(key), each) for key, each in value.items() if key != "complete")
            return {key: _plain(each) for key, each in items}
        case set() | frozenset():
            return sorted(_plain(each) for each in value)
        case Sequence():
            return [_plain(each) for each in value]
        case _:
            return str(value)


def write_manifest(path: Path, manifest: Mapping[str, Any], *, overwrite: bool) -> Path:
    """Return the path of a manifest, written last: where it stands, the run came to its end.

    Parameters
    ----------
    path
        File to write, ``….manifest.json``.
    manifest
        As :func:`manifest_text`.
    overwrite
        Whether a file that is there may be replaced.

    Raises
    ------
    OutputError
        As :func:`replacing`.
    """
    with replacing(path, overwrite=overwrite) as beside:
        beside.write_text(manifest_text(manifest) + "\n", encoding="utf-8", newline="\n")
    return path
