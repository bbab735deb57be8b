"""`compute`: the whole flow on one page; `Marker`: its result, with what one does with it."""

from __future__ import annotations

import base64
import importlib.metadata
import platform
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely

from inclusion_marker.city import City, load_city
from inclusion_marker.composite.indicators import Measured, measure
from inclusion_marker.composite.scoring import Scores, score
from inclusion_marker.composite.totals import group_means
from inclusion_marker.errors import LayerError
from inclusion_marker.loaders import areal
from inclusion_marker.loaders.grid import Grid, cover, from_polygons
from inclusion_marker.loaders.layers import Layers, load_layers, load_place
from inclusion_marker.method import Method, load_method
from inclusion_marker.notices import Notice
from inclusion_marker.outputs.figures import draw_map, preview_png
from inclusion_marker.outputs.geopackage import write_geopackage
from inclusion_marker.outputs.summary import summary_html, summary_text
from inclusion_marker.result import Result, outputs_table

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
        """
        return summary_text(self, language)

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
        """
        return write_geopackage(self, Path(path), language=language, overwrite=overwrite)

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
        """
        return draw_map(self, column=column, language=language, axes=axes)

    def _repr_html_(self) -> str:
        """Return a small map and the five areas, for notebooks."""
        picture = base64.b64encode(preview_png(self)).decode("ascii")
        return summary_html(self, picture)


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
        H3 resolution, 0-15; the city's own if ``None``. Only for cities of H3 cells.
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
    >>> marker.scores.marker.dropna().between(0, 100).all()
    True
    """
    say = progress or (lambda _: None)
    say("read")
    city = load_city(city)
    method = (city.own_method() if method is None else load_method(method)).with_min_coverage(
        min_coverage
    )
    boundary, grid = _place(city, resolution)
    layers = load_layers(city, method, boundary)
    say("measure")
    found = measure(city, method, grid, layers)
    if not found.context["people"].sum() > 0:
        raise LayerError(Notice("city_without_units", layer=method.people.layer))
    say("score")
    scores = score(found.raw, method)
    return Marker(
        city=city,
        method=method,
        grid=grid,
        boundary=boundary,
        layers=layers.tables,
        raw=found.raw,
        origins=found.origins,
        scores=scores,
        context=found.context,
        terrain=found.terrain,
        closest=found.closest,
        districts=_districts(city, grid, found.context, scores),
        provenance=_provenance(city, method, grid, layers, found),
        notices=layers.notices,
    )


def _place(city: City, resolution: int | None) -> tuple[gpd.GeoSeries, Grid]:
    """Return the boundary and the cells of a city."""
    boundary = None
    if city.boundary is not None:
        place = city.boundary
        boundary = load_place(city, "boundary", place.file, place.layer, place.crs).geometry
    cells = city.cells
    if cells.kind == "h3" or resolution is not None:
        if boundary is None:
            raise LayerError(Notice("boundary_absent", file="city.toml", item="boundary"))
        level = cells.resolution if resolution is None else resolution
        return boundary, cover(boundary, resolution=level, crs=city.crs)
    table = load_place(city, "cells", str(cells.file), cells.layer, cells.crs)
    grid = from_polygons(table, id_column=str(cells.id), crs=city.crs)
    if boundary is None:
        outline = shapely.union_all(grid.cells.geometry.buffer(0.5).to_numpy()).buffer(-0.5)
        boundary = gpd.GeoSeries([outline], crs=city.crs)
    return boundary, grid


def _districts(
    city: City, grid: Grid, context: pd.DataFrame, scores: Scores
) -> gpd.GeoDataFrame | None:
    """Return the population-weighted scores of each district; a cell's people go by shared area."""
    if city.districts is None:
        return None
    place = city.districts
    table = load_place(city, "districts", place.file, place.layer, place.crs)
    for column in filter(None, (place.id, place.name)):
        if column not in table.columns:
            values = {"found": column, "accepted": ", ".join(map(str, table.columns))}
            notice = Notice("column_missing", file=place.file, layer="districts", values=values)
            raise LayerError(notice)
    ids = pd.Index(table[place.id].astype(str), name="district")
    if ids.has_duplicates:
        table = table.dissolve(by=place.id, as_index=False)
        ids = pd.Index(table[place.id].astype(str), name="district")
    polygons = gpd.GeoSeries(table.geometry.to_numpy(), index=ids, crs=city.crs)
    # Each cell is a zone that gives its people to the districts it lies in.
    held = areal.by_area(polygons, grid.cells.geometry).matrix.toarray()
    shares = pd.DataFrame(held.T, index=grid.index, columns=ids)
    means = group_means(outputs_table(scores), context["people"], shares)
    frame = gpd.GeoDataFrame(
        {"name": table[place.name or place.id].astype(str).to_numpy()},
        index=ids,
        geometry=polygons,
        crs=city.crs,
    )
    frame["people"] = shares.mul(context["people"], axis=0).sum().to_numpy()
    return gpd.GeoDataFrame(pd.concat([frame, means], axis=1), crs=city.crs).sort_index()


_REPORTED = ("numpy", "pandas", "geopandas", "shapely", "pyogrio", "rasterio", "exactextract", "h3")


def _provenance(
    city: City, method: Method, grid: Grid, layers: Layers, found: Measured
) -> dict[str, Any]:
    """Return what the manifest says of how a result came to be."""
    return {
        "tool": "inclusion-marker",
        "version": importlib.metadata.version("inclusion-marker"),
        "dependencies": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in _REPORTED},
        },
        "city": city.id,
        "synthetic": city.synthetic,
        "inputs": layers.files,
        "parameters": {
            "method": method.id,
            "method_version": method.version,
            "cells": grid.kind,
            "resolution": grid.resolution,
            "crs": city.crs,
            "cells_rule": "H3 cells that touch the boundary" if grid.kind == "h3" else "as given",
            "min_coverage": method.min_coverage.model_dump(),
            "omitted": {key: reason.en for key, reason in city.omitted.items()},
            "city_values": {key: each.value for key, each in city.values.items()},
            "proxies": {key: reason.en for key, reason in city.proxies.items()},
        },
        "conservation": found.conservation,
    }
