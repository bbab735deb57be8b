"""What the page shows around and over the cells: boundary, districts, services, parks."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd

from inclusion_marker.outputs.palette import PLACES, SPACE
from inclusion_marker.outputs.tables import Table
from inclusion_marker.outputs.web.geometry import point_columns, shape_columns, simplified
from inclusion_marker.outputs.web.packing import Numbers
from inclusion_marker.result import Result


def layers_of(table: Table | None) -> Iterator[dict[str, str | dict[str, str]]]:
    """Yield the layers of a table of places, each with its name and colour.

    Parameters
    ----------
    table
        Services, which have a colour a layer, or spaces, which are all green; ``None`` has none.

    Examples
    --------
    >>> list(layers_of(None))
    []
    """
    if table is None:
        return
    points = table.name == "services"
    first = table.frame.drop_duplicates("layer")
    for row, each in enumerate(first.to_dict("records")):
        colour = PLACES[row % len(PLACES)] if points else SPACE
        name = {"es": str(each["label_es"]), "en": str(each["label_en"])}
        yield {"layer": str(each["layer"]), "name": name, "colour": colour}


def names_of(table: Table | None) -> dict[str, list[str]]:
    """Return the names of places by layer, in the order of their columns of coordinates.

    Parameters
    ----------
    table
        As for :func:`layers_of`. A place without a name has an empty one.

    Examples
    --------
    >>> names_of(None)
    {}
    """
    return {layer: list(rows["name"].fillna("").astype(str)) for layer, rows in _by_layer(table)}


def surrounding_columns(
    result: Result, dots: Table | None, areas: Table | None
) -> Iterator[tuple[str, Numbers]]:
    """Yield the columns of all shapes beside the cells, in degrees.

    Parameters
    ----------
    result
        What was computed: its boundary, and its districts if it has any.
    dots, areas
        The services and the spaces of the outputs; ``None`` without any.

    Yields
    ------
    name, numbers
        ``boundary:…``, ``districts:…``, ``spaces:<layer>:…`` as
        :func:`~inclusion_marker.outputs.web.geometry.shape_columns` gives them, and
        ``services:<layer>:…`` as :func:`~inclusion_marker.outputs.web.geometry.point_columns`.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> found = dict(surrounding_columns(compute("manta", resolution=8), None, None))
    >>> sorted({name.split(":")[0] for name in found})
    ['boundary', 'districts']
    """
    outline = gpd.GeoSeries([result.boundary.union_all()], crs=result.boundary.crs)
    yield from shape_columns("boundary", simplified(outline))
    if result.districts is not None:
        yield from shape_columns("districts", simplified(result.districts.geometry, joined=True))
    for layer, frame in _by_layer(dots):
        yield from point_columns(f"services:{layer}", frame.geometry)
    for layer, frame in _by_layer(areas):
        yield from shape_columns(f"spaces:{layer}", simplified(frame.geometry))


def _by_layer(table: Table | None) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Yield the rows of each layer of a table of places, in their order."""
    if table is not None:
        for layer, rows in table.frame.groupby("layer", sort=False):
            yield str(layer), rows
