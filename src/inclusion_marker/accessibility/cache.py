"""Prepared networks kept on disk, by the content of what they were made from."""

from __future__ import annotations

import hashlib
import importlib.metadata
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import platformdirs
import shapely

from inclusion_marker.accessibility.costs import off_the_ground, on_stairs
from inclusion_marker.accessibility.hierarchy import Arcs, Engine
from inclusion_marker.cards import Slope
from inclusion_marker.errors import OutputError
from inclusion_marker.files import replacing, sha256

Floats = npt.NDArray[np.float64]
Arrays = Mapping[str, npt.NDArray[Any]]
_MOST_KEPT = 64  # networks; the oldest go
_FORMAT = "1"  # raised when the arrays in a file change their meaning
_NAMES = (
    "forward", "backward", "covered", "position", "out_offsets", "out_arcs", "into_offsets",
    "into_arcs", "full_offsets", "full_heads", "first", "parent",
)  # fmt: skip


def default_cache() -> Path:
    """Return where prepared networks are kept on this machine.

    Examples
    --------
    >>> default_cache().name
    'networks'
    """
    return Path(platformdirs.user_cache_dir("inclusion_marker", appauthor=False)) / "networks"


def key_of(
    nodes: Floats,
    edges: gpd.GeoDataFrame,
    speeds: Floats,
    slopes: tuple[str, Slope | None, Path | None],
) -> str:
    """Return a hash of all that a prepared network depends on."""
    rule, slope, elevation = slopes
    _, coordinates, offsets = shapely.to_ragged_array(edges.geometry.to_numpy())
    digest = hashlib.sha256(f"{_FORMAT} {_version()} {rule} {edges.crs}".encode())
    ends = np.ascontiguousarray(edges[["tail", "head"]].to_numpy())
    parts = [nodes, ends, edges["length_m"].to_numpy(), speeds, coordinates, *offsets]
    for part in parts:
        digest.update(np.ascontiguousarray(part).tobytes())
    digest.update(off_the_ground(edges).tobytes() + on_stairs(edges).tobytes())
    if slope is not None:
        digest.update(slope.model_dump_json().encode())
    if elevation is not None:
        digest.update(sha256(elevation).encode())
    return digest.hexdigest()


def _version() -> str:
    """Return the version of this package: another one may prepare otherwise."""
    return importlib.metadata.version("inclusion-marker")


def stored(engine: Engine) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of an engine by name."""
    return {
        "position": engine.position,
        "out_offsets": engine.out.offsets,
        "out_arcs": engine.out.arcs,
        "into_offsets": engine.into.offsets,
        "into_arcs": engine.into.arcs,
        "full_offsets": engine.full_offsets,
        "full_heads": engine.full_heads,
        "first": engine.first,
        "parent": engine.parent,
    }


def restored(arrays: Arrays) -> Engine:
    """Return the engine of stored arrays."""
    out = Arcs(arrays["out_offsets"], arrays["out_arcs"])
    into = Arcs(arrays["into_offsets"], arrays["into_arcs"])
    same = np.array_equal(out.offsets, into.offsets) and np.array_equal(out.arcs, into.arcs)
    return Engine(
        position=arrays["position"],
        out=out,
        into=out if same else into,
        full_offsets=arrays["full_offsets"],
        full_heads=arrays["full_heads"],
        first=arrays["first"],
        parent=arrays["parent"],
    )


def cached(cache: Path | None, key: str) -> dict[str, npt.NDArray[Any]] | None:
    """Return the arrays kept under a key; a file that cannot be read counts as absent."""
    if cache is None:
        return None
    try:
        # Opened here: numpy leaves a file open that turns out to be no archive.
        with (
            (cache / f"{key}.npz").open("rb") as file,
            np.load(file, allow_pickle=False) as kept,
        ):
            return {name: kept[name] for name in _NAMES}
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile):
        return None


def keep(cache: Path | None, key: str, arrays: Arrays) -> None:
    """Keep arrays under a key; whole or not at all, and without a word where it cannot be."""
    if cache is None:
        return
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with (
            replacing(cache / f"{key}.npz", overwrite=True) as beside,
            beside.open("wb") as file,
        ):
            np.savez(file, allow_pickle=False, **arrays)
        oldest = sorted(cache.glob("*.npz"), key=lambda each: each.stat().st_mtime)
        for each in oldest[:-_MOST_KEPT]:
            each.unlink(missing_ok=True)
    except (OSError, OutputError):
        return
