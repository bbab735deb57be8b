"""How a result came to be, as JSON that is the same every time; hashes of what tables say."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from inclusion_marker.files import replacing


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
            parts: Sequence[bytes] = [
                b"" if shape is None else shape
                for shape in shapely.to_wkb(shapely.normalize(column.to_numpy()), byte_order=1)
            ]
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
        case Mapping():
            items = sorted((str(key), each) for key, each in value.items() if key != "complete")
            plain: Any = {key: _plain(each) for key, each in items}
        case set() | frozenset():
            plain = sorted(_plain(each) for each in value)
        case list() | tuple():
            plain = [_plain(each) for each in value]
        case np.generic():
            plain = _plain(value.item())
        case float():
            plain = value if math.isfinite(value) else None
        case None | bool() | str() | int():
            plain = value
        case PurePath():
            plain = value.name
        case _:
            plain = str(value)
    return plain


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
