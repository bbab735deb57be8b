"""The project of an output: its layers in their groups, and the relations between them."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd

from inclusion_marker.outputs.qgis.qgs import Geometry, MapLayer, Relation, project
from inclusion_marker.outputs.qgis.styles import styles_of
from inclusion_marker.outputs.tables import Table, table_title
from inclusion_marker.result import Result
from inclusion_marker.texts import word


def project_of(result: Result, tables: Sequence[Table], file: str, language: str) -> str:
    """Return the project that shows the layers in their groups."""
    titles = {name: word(f"group_{name}", language) for name in ("places", "marker", "tables")}
    order = ["services", "shapes", "districts", "boundary", "cells"]
    groups = dict.fromkeys(order, "places") | {"cells": "marker"}
    by_name = {table.name: table for table in tables}
    names = [name for name in order if name in by_name]
    names += [table.name for table in tables if table.name not in order]
    layers = [
        MapLayer(
            name,
            table_title(by_name[name], language),
            _drawn(by_name[name]),
            styles_of(by_name[name], result, language)[0],
            titles[groups.get(name, "tables")],
            # Hundreds of symbols would hide the marker; one tick brings them.
            shown=name not in {"services", "shapes"},
        )
        for name in names
    ]
    relations = [
        Relation("origins", word("relation_origins", language), "origins", "cell", "cells", "cell")
    ]
    if "districts" in by_name:
        said = word("relation_districts", language)
        relations.append(Relation("districts", said, "cells", "district", "districts", "district"))
    west, south, east, north = (float(each) for each in result.grid.cells.total_bounds)
    return project(
        file,
        word("project_title", language, city=result.city.name.said(language)),
        layers,
        relations=relations,
        crs=result.city.crs,
        extent=(west, south, east, north),
    )


def _drawn(table: Table) -> Geometry:
    """Return what kind of shapes QGIS draws for a table."""
    if not isinstance(table.frame, gpd.GeoDataFrame):
        return "No geometry"
    return "Point" if table.name == "services" else "Polygon"
