"""The tables that leave the package, and what each of their columns is called and holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.composite.classes import classify
from inclusion_marker.composite.districts import district_of
from inclusion_marker.method import Method
from inclusion_marker.outputs.method_table import goalposts_text, method_rows, rule_said
from inclusion_marker.outputs.places import (
    city_outline,
    service_points,
    space_polygons,
    zone_polygons,
)
from inclusion_marker.outputs.wording import node_title
from inclusion_marker.result import Result
from inclusion_marker.texts import catalogue, word

Values = Literal["score", "share", "class", "slope", "origin", "confidence", "cause", "hotspot"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an output: its name, and what a person is told of it.

    Attributes
    ----------
    name
        Name in the file, the same in every language.
    alias, description
        In the language of the file.
    digits
        Decimals shown, ``None`` for text and whole numbers.
    page
        Page of the form that shows it: ``marker``, an area's id, ``coverage`` or ``terrain``.
    values
        What it may hold, if that is a closed list or a range.
    """

    name: str
    alias: str
    description: str = ""
    digits: int | None = None
    page: str = "marker"
    values: Values | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A layer or a plain table of an output.

    Attributes
    ----------
    name
        Name in the file.
    frame
        Its rows: a ``GeoDataFrame`` for a layer, a ``DataFrame`` for a table.
    columns
        One for each column of the frame but the geometry, in its order.
    """

    name: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]


def _worded(name: str, language: str, key: str | None = None) -> Column:
    """Return the column that the catalogue of words describes."""
    key = key or name
    words = catalogue("words")
    entry = words[f"column_{key}"]
    about = word(f"about_{key}", language) if f"about_{key}" in words else ""
    return Column(
        name,
        word(f"column_{key}", language),
        about,
        digits=entry.get("digits"),
        page=entry.get("page", "marker"),
        values=entry.get("values"),
    )


def cells(result: Result, analyses: Analyses, language: str) -> Table:
    """Return the cells: identity, people, scores of every level, raw values, coverage, terrain.

    Parameters
    ----------
    result
        What was computed.
    analyses
        How sure it is, where it clusters, and what is missing most.
    language
        Language of aliases and descriptions, ``"es"`` or ``"en"``.

    Returns
    -------
    table
        One row a cell, sorted by id. Scores are named ``marker``, ``area_…``, ``dim_…`` and
        ``ind_…``, raw values ``raw_…``, observed shares ``coverage`` and ``coverage_…``.
    """
    scores = result.table()
    parts: list[pd.DataFrame] = [_identity(result)]
    if result.districts is not None:
        parts.append(_district_of(result.grid.cells, result.districts))
    parts += [
        result.context,
        scores[["marker"]].assign(marker_class=classify(scores["marker"])),
        analyses.cells(),
        scores.drop(columns="marker"),
        result.raw.add_prefix("raw_"),
        result.scores.coverage.rename(columns=lambda name: _coverage_name(str(name))),
        result.terrain,
    ]
    frame = gpd.GeoDataFrame(
        pd.concat(parts, axis=1).reset_index(drop=True),
        geometry=result.grid.cells.geometry.to_numpy(),
        crs=result.grid.cells.crs,
    )
    known = {column.name: column for column in _cell_columns(result, language)}
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    return Table("cells", frame, tuple(known[name] for name in names))


_FOUND = (
    *("marker_low", "marker_high", "class_probability", "confidence", "confidence_reason"),
    *("hotspot", "hotspot_stable", "shortfall_main", "shortfall_points"),
)


def _identity(result: Result) -> pd.DataFrame:
    """Return the ids of the cells as a column."""
    return pd.DataFrame({"cell": result.grid.index.astype(str)}, index=result.grid.index)


def _district_of(cells_: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return id and name of the district of each cell; missing where none meets it."""
    labels = district_of(cells_, districts)
    names = districts["name"].reindex(labels).astype(object).set_axis(cells_.index)
    return pd.DataFrame({"district": labels, "district_name": names.where(labels.notna(), None)})


def _coverage_name(node: str) -> str:
    """Return the column of the observed share of a node."""
    return "coverage" if node == "marker" else f"coverage_{node}"


def _cell_columns(result: Result, language: str) -> Iterator[Column]:
    """Yield every column that the cells can have."""
    method = result.method
    for name in ("cell", "district", "district_name", "people", "marker", "marker_class"):
        yield _worded(name, language)
    for name in _FOUND:
        yield _worded(name, language)
    for key, context in method.context.items():
        about = word("about_context", language)
        yield Column(key, context.name.said(language), about, digits=0)
    yield from _score_columns(method, language)
    for key, card in method.indicators.items():
        unit = unit_name(card.unit, language)
        alias = f"{node_title(method, f'ind_{key}', language)} ({unit})"
        page = method.dimensions[card.dimension].area
        about = card.description.said(language)
        yield Column(f"raw_{key}", alias, about, digits=2, page=page)
    yield _worded("coverage", language)
    for prefix, nodes in (("area", method.areas), ("dim", method.dimensions)):
        for key in nodes:
            name = node_title(method, f"{prefix}_{key}", language)
            alias = word("column_coverage_of", language, node=name)
            about = word("about_coverage", language)
            yield Column(
                f"coverage_{prefix}_{key}", alias, about, digits=2, page="coverage", values="share"
            )
    for name in ("slope_percent", "slope_class", "slope_factor"):
        yield _worded(name, language)


def _score_columns(method: Method, language: str) -> Iterator[Column]:
    """Yield the columns of the scores of areas, dimensions and indicators."""
    for key in method.areas:
        about = about_node(method, f"area_{key}", language)
        alias = node_title(method, f"area_{key}", language)
        yield Column(f"area_{key}", alias, about, digits=1, page=key, values="score")
    for key, dimension in method.dimensions.items():
        about = about_node(method, f"dim_{key}", language)
        alias = node_title(method, f"dim_{key}", language)
        yield Column(f"dim_{key}", alias, about, digits=1, page=dimension.area, values="score")
    for key, card in method.indicators.items():
        goalposts = goalposts_text(method, key, language)
        about = word("about_score", language, goalposts=goalposts)
        alias = f"{node_title(method, f'ind_{key}', language)} (0-100)"
        page = method.dimensions[card.dimension].area
        yield Column(f"ind_{key}", alias, about, digits=1, page=page, values="score")


def about_node(method: Method, node: str, language: str) -> str:
    """Return how a node is made of its children; those that weigh nothing are not named.

    Parameters
    ----------
    method
        The method.
    node
        ``marker``, ``area_…`` or ``dim_…``.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> about_node(load_method("uim-v1"), "dim_health_proximity", "en")
    'weighted arithmetic mean, of: Proximity to health centres; Proximity to hospitals.'
    """
    beside = {f"ind_{each}" for each in method.supplementary}
    children = [
        method.name_of(each).said(language)
        for each in method.weights_below(node)
        if each not in beside
    ]
    said = rule_said(method.rule_of(node), language)
    return word("about_node", language, rule=said, children="; ".join(children))


def unit_name(unit: str, language: str) -> str:
    """Return a unit of the method in a language; symbols are the same in both.

    Examples
    --------
    >>> unit_name("years", "es"), unit_name("m", "es")
    ('años', 'm')
    """
    key = f"unit {unit}"
    return word(key, language) if key in catalogue("words") else unit


def districts(result: Result, analyses: Analyses, language: str) -> Table | None:
    """Return the districts with their people and scores, ``None`` where the city has none."""
    if result.districts is None:
        return None
    found = result.districts
    frame = found.reset_index().rename(columns={"name": "district_name"})
    after = frame.columns.get_loc("marker") + 1
    drawn = district_intervals(analyses, found.index)
    frame.insert(after, "marker_class", classify(frame["marker"]).to_numpy())
    frame.insert(after + 1, "marker_low", drawn["low"].to_numpy())
    frame.insert(after + 2, "marker_high", drawn["high"].to_numpy())
    known = {column.name: column for column in _cell_columns(result, language)}
    names = [str(name) for name in frame.columns if name != frame.geometry.name]
    return Table("districts", frame, tuple(known[name] for name in names))


def district_intervals(analyses: Analyses, districts_: pd.Index) -> pd.DataFrame:
    """Return the interval of each district's marker.

    Parameters
    ----------
    analyses
        The draws.
    districts_
        Ids of the districts.

    Returns
    -------
    intervals
        By district ``low`` and ``high``, 5 and 95 % of the draws; missing without draws, and where
        nobody lives in a cell with a marker.
    """
    columns = ["low", "high"]
    if analyses.robustness is None or analyses.robustness.districts.empty:
        return pd.DataFrame(np.nan, index=districts_, columns=columns)
    rows = pd.MultiIndex.from_product([districts_.astype(str), ["both"]])
    return analyses.robustness.districts[columns].reindex(rows).set_axis(districts_)


def services(result: Result, language: str) -> Table:
    """Return the places of all services used, a point each; parks are not among them."""
    return _described("services", service_points(result), language)


def shapes(result: Result, language: str) -> Table | None:
    """Return the polygons that indicators measure towards, ``None`` without any."""
    return _if_any(_described("shapes", space_polygons(result), language))


def zones(result: Result, language: str) -> Table | None:
    """Return the zones that counts and rates were known for, ``None`` without any."""
    return _if_any(_described("zones", zone_polygons(result), language))


def boundary(result: Result, language: str) -> Table:
    """Return the outline of the city, one row."""
    return _described("boundary", city_outline(result, language), language)


def _described(name: str, frame: gpd.GeoDataFrame, language: str) -> Table:
    """Return a layer whose columns the catalogue of words describes."""
    names = [str(each) for each in frame.columns if each != frame.geometry.name]
    return Table(name, frame, tuple(_worded(each, language) for each in names))


def _if_any(table: Table) -> Table | None:
    """Return a table that has rows: a layer without any is a riddle to those who open it."""
    return None if table.frame.empty else table


def method(result: Result, language: str) -> Table:
    """Return the method, one row a node: formula, goalposts, weights, and the city's figures."""
    frame = method_rows(result)
    names = [str(name) for name in frame.columns]
    return Table("method", frame, tuple(_worded(name, language) for name in names))


def sources(result: Result, language: str) -> Table:
    """Return the files that were read, with date, source, licence and hash."""
    names = ["layer", "file", "date", "source", "licence", "origin", "rows", "bytes", "sha256"]
    frame = pd.DataFrame(result.provenance["inputs"], columns=names)
    frame["rows"] = frame["rows"].astype("Int64")
    frame["origin"] = frame["origin"].replace("", None)
    return Table("sources", frame, tuple(_worded(name, language) for name in names))


def notices(result: Result, language: str) -> Table:
    """Return what was noticed about the inputs and did not stop the computation."""
    names = ["severity", "code", "layer", "file", "item", "rows", "found", "why", "fix"]
    rows = [
        {
            "severity": each.severity,
            "code": each.code,
            "layer": each.layer,
            "file": each.file,
            "item": each.item,
            "rows": each.rows,
            "found": each.part("found", language),
            "why": each.part("why", language),
            "fix": each.part("fix", language),
        }
        for each in result.notices
    ]
    frame = pd.DataFrame(rows, columns=names, dtype=object)
    return Table("notices", frame, tuple(_worded(name, language) for name in names))


def origins(result: Result, language: str) -> Table:
    """Return where values come from that are not the unit's own.

    Returns
    -------
    table
        A row a cell and indicator; one row without a cell where all cells share the origin.
    """
    names = ["cell", "indicator", "origin"]
    rows: list[tuple[str | None, str, str]] = []
    for key in result.origins.columns:
        values = result.origins[key]
        kinds = values.unique()
        if len(kinds) == 1:
            rows += [] if kinds[0] == "unit" else [(None, str(key), str(kinds[0]))]
            continue
        other = values[values != "unit"]
        rows += [(str(cell), str(key), str(kind)) for cell, kind in other.items()]
    frame = pd.DataFrame(rows, columns=names, dtype=object)
    return Table("origins", frame, tuple(_worded(name, language) for name in names))


def tables_of(result: Result, analyses: Analyses, language: str) -> tuple[Table, ...]:
    """Return every layer and table of an output, those with a map first."""
    layers = [
        cells(result, analyses, language),
        districts(result, analyses, language),
        _if_any(services(result, language)),
        shapes(result, language),
        zones(result, language),
        boundary(result, language),
    ]
    plain = [method(result, language), sources(result, language), origins(result, language)]
    return tuple(each for each in (*layers, *plain, notices(result, language)) if each is not None)


def table_title(table: Table, language: str) -> str:
    """Return what a layer or table is called in a language."""
    return word(f"layer_{table.name}", language)
