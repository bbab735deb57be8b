"""`compute`: the whole flow on one page; `Marker`: its result, with what one does with it."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import platform
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inclusion_marker.city import City, load_city
from inclusion_marker.composite.districts import by_district
from inclusion_marker.composite.indicators import Measured, measure
from inclusion_marker.composite.scoring import score
from inclusion_marker.errors import LayerError, ParameterError
from inclusion_marker.formulas import Card
from inclusion_marker.loaders.layers import Layers, load_layers
from inclusion_marker.loaders.places import Places, load_places
from inclusion_marker.method import Method, load_method
from inclusion_marker.notices import Notice
from inclusion_marker.outputs.figures import draw_map, preview_png
from inclusion_marker.outputs.geopackage import write_geopackage
from inclusion_marker.outputs.summary import summary_html, summary_text
from inclusion_marker.result import Result
from inclusion_marker.texts import LANGUAGES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Progress = Callable[[str], None]


class Marker(Result):
    """The marker of a city: a :class:`Result` that can show and write itself."""

    def summary(self, language: str = "es") -> str:
        """Return the city's figures as text: the marker, five areas, coverage, people.

        Parameters
        ----------
        language
            ``"es"`` or ``"en"``.

        Examples
        --------
        >>> print(compute("manta", resolution=8).summary("en").splitlines()[0])
        Manta (synthetic twin) (EC)
        """
        return summary_text(self, _spoken(language))

    def to_geopackage(
        self, path: str | Path, *, language: str = "es", overwrite: bool = False
    ) -> Path:
        """Return the path of the GeoPackage written, with its project and manifest beside it.

        Parameters
        ----------
        path
            File to write, ``….gpkg``.
        language
            Language of aliases, styles and descriptions, ``"es"`` or ``"en"``.
        overwrite
            Whether an existing file may be replaced.

        Raises
        ------
        OutputError
            If the file exists, is open elsewhere, or cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> written = compute("manta", resolution=8).to_geopackage(folder / "manta.gpkg")
        >>> sorted(each.name for each in folder.iterdir())
        ['manta.gpkg', 'manta.manifest.json', 'manta.qgz']
        """
        return write_geopackage(self, Path(path), language=_spoken(language), overwrite=overwrite)

    def plot(
        self, column: str = "marker", *, language: str = "es", axes: Axes | None = None
    ) -> Axes:
        """Return the axes with a map of one score.

        Parameters
        ----------
        column
            A name of the outputs: ``marker``, ``area_…``, ``dim_…`` or ``ind_…``.
        language
            ``"es"`` or ``"en"``.
        axes
            Where to draw; a new figure if ``None``.

        Raises
        ------
        ParameterError
            If the result has no such column.

        Examples
        --------
        >>> from matplotlib.figure import Figure
        >>> axes = compute("manta", resolution=8).plot("area_health", axes=Figure().add_subplot())
        >>> len(axes.collections) > 0
        True
        """
        return draw_map(self, column=column, language=_spoken(language), axes=axes)

    def _repr_html_(self) -> str:
        """Return a small map and the five areas, for notebooks."""
        picture = base64.b64encode(preview_png(self)).decode("ascii")
        return summary_html(self, picture)


def _spoken(language: str) -> str:
    """Return a language that the words exist in; refuse any other."""
    if language not in LANGUAGES:
        values = {"found": language, "expected": " | ".join(LANGUAGES)}
        raise ParameterError(Notice("parameter_type", item="language", values=values))
    return language


def compute(
    city: str | Path | City,
    *,
    method: str | Path | Method | None = None,
    resolution: int | None = None,
    min_coverage: float | None = None,
    progress: Progress | None = None,
) -> Marker:
    """Return the marker of a city.

    Parameters
    ----------
    city
        The name of a city at hand, the path of its folder, or a city.
    method
        A method or its name or file; the city's own if ``None``.
    resolution
        H3 resolution, 0-15; the city's own cells if ``None``. A city of polygon cells is then
        computed on the H3 cells that touch its boundary.
    min_coverage
        Minimum share at every level, 0-1; the method's own if ``None``.
    progress
        Called with the name of each step as it begins.

    Returns
    -------
    marker
        Everything that was found; frozen.

    Raises
    ------
    CityError, MethodError, LayerError, ParameterError
        If an input is wrong; the text lists every fault.

    Examples
    --------
    >>> marker = compute("manta", resolution=8)
    >>> bool(marker.scores.areas["housing"].between(0, 100).all())
    True
    """
    say = progress or (lambda _: None)
    say("read")
    city = load_city(city)
    method = (city.own_method() if method is None else load_method(method)).with_min_coverage(
        min_coverage
    )
    places = load_places(city, resolution)
    grid, districts = places.grid, places.districts
    layers = load_layers(city, method, places.boundary)
    say("measure")
    found = measure(city, method, grid, layers)
    if not found.context["people"].sum() > 0:
        raise LayerError(Notice("city_without_units", layer=method.people.layer))
    say("score")
    scores = score(found.raw, method)
    if districts is not None:
        people = found.context["people"]
        districts = by_district(districts, grid, places.boundary, people, scores)
    return Marker(
        city=city,
        method=method,
        grid=grid,
        boundary=places.boundary,
        layers=layers.tables,
        raw=found.raw,
        origins=found.origins,
        scores=scores,
        context=found.context,
        terrain=found.terrain,
        closest=found.closest,
        nearest=found.nearest,
        if_slower=found.if_slower,
        shares=found.shares,
        districts=districts,
        provenance=_provenance(city, method, places, layers, found),
        notices=(*places.notices, *layers.notices, *found.notices),
    )


_REPORTED = ("numpy", "pandas", "geopandas", "shapely", "pyogrio", "rasterio", "exactextract", "h3")


def _provenance(
    city: City, method: Method, places: Places, layers: Layers, found: Measured
) -> dict[str, Any]:
    """Return what the manifest says of how a result came to be."""
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
