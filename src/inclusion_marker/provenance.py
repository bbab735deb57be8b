"""How a result came to be: versions, inputs with their hashes, parameters, conservation."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from typing import Any

from inclusion_marker.city import City
from inclusion_marker.composite.indicators import Measured
from inclusion_marker.formulas import Card
from inclusion_marker.loaders.layers import Layers
from inclusion_marker.loaders.places import Places
from inclusion_marker.method import Method

_REPORTED = ("numpy", "pandas", "geopandas", "shapely", "pyogrio", "rasterio", "exactextract", "h3")


def provenance_of(
    city: City, method: Method, places: Places, layers: Layers, found: Measured
) -> dict[str, Any]:
    """Return what the manifest says of how a result came to be.

    Parameters
    ----------
    city, method
        The two files.
    places, layers
        What was read.
    found
        What was measured.
    """
    grid = places.grid
    return {
        "tool": "inclusion-marker",
        "version": importlib.metadata.version("inclusion-marker"),
        "dependencies": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in _REPORTED},
        },
        "city": city.id,
        "synthetic": city.synthetic,
        "inputs": [*places.files, *layers.files],
        "parameters": {
            "method": method.id,
            "method_version": method.version,
            "method_sha256": _digest(method),
            "city_sha256": _digest(city),
            "cells": grid.kind,
            "resolution": grid.resolution,
            "crs": city.crs,
            "travel": found.travel,
            "cells_rule": "H3 cells that touch the boundary" if grid.kind == "h3" else "as given",
            "min_coverage": method.min_coverage.model_dump(),
            "omitted": {key: reason.en for key, reason in city.omitted.items()},
            "city_values": {key: each.value for key, each in city.values.items()},
            "proxies": {key: reason.en for key, reason in city.proxies.items()},
        },
        "conservation": found.conservation,
    }


def _digest(card: Card) -> str:
    """Return a hash of what a method or city file says, wherever the file is."""
    said = card.model_dump_json(exclude={"root"}).encode()
    return hashlib.sha256(said).hexdigest()
