"""The clusters on a map of lines: as light as their outlines, sharp in print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from inclusion_marker.outputs.reporting.blocks import Drawing, Label, Shape
from inclusion_marker.outputs.wording import plain
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_WIDTH = 600.0
_TALLEST = 560.0
_FINE = 0.4  # units of the drawing: a bend that is smaller does not show
_LOOKS = ("high", "low")


class _Sheet(NamedTuple):
    """Where the ground lies on the drawing."""

    west: float
    north: float
    scale: float

    def moved(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return points of the ground in the units of the drawing."""
        return np.column_stack(
            [(points[:, 0] - self.west) * self.scale, (self.north - points[:, 1]) * self.scale]
        )


def cluster_map(
    result: Result,
    classes: pd.Series[str],
    named: Mapping[str, Sequence[int]],
    language: str,
    alt: str,
) -> Drawing:
    """Return a map of the clusters, the districts and the boundary.

    Parameters
    ----------
    result
        What was computed.
    classes
        By cell: ``high``, ``low``, or anything else.
    named
        By letter the cells of a cluster, as places in the grid.
    language
        ``"es"`` or ``"en"``.
    alt
        What it shows, in words.
    """
    shapes = result.grid.cells.geometry.to_numpy()
    west, south, east, north = shapely.total_bounds([*shapes, *result.boundary])
    scale = min(_WIDTH / (east - west), _TALLEST / (north - south))
    sheet = _Sheet(west, north, scale)
    drawn = [Shape(_path(sheet, shapely.union_all(shapes)), "ground")]
    for look in _LOOKS:
        of = classes.eq(look).to_numpy(np.bool_, na_value=False)
        if of.any():
            drawn.append(Shape(_path(sheet, shapely.union_all(shapes[of])), look))
    if result.districts is not None:
        drawn += [
            Shape(_path(sheet, each), "district") for each in result.districts.geometry.to_numpy()
        ]
    drawn.append(Shape(_path(sheet, shapely.union_all(result.boundary.to_numpy())), "boundary"))
    labels = []
    for letter, rows in named.items():
        inside = shapely.point_on_surface(shapely.union_all(shapes[list(rows)]))
        (x, y) = sheet.moved(shapely.get_coordinates(inside))[0]
        labels.append(Label(round(float(x), 1), round(float(y), 1), letter))
    keys = [("low", word("hotspot_low", language)), ("high", word("hotspot_high", language))]
    keys.append(("ground", word("report_key_ground", language)))
    if result.districts is not None:
        keys.append(("district", word("layer_districts", language)))
    keys.append(("boundary", word("map_boundary", language)))
    city = plain(result.city.name.said(language))
    return Drawing(
        round((east - west) * scale, 1),
        round((north - south) * scale, 1),
        tuple(drawn),
        tuple(labels),
        word("report_clusters_alt", language, city=city, said=alt),
        word("report_clusters_map", language),
        tuple(keys),
    )


def _path(sheet: _Sheet, shape: shapely.Geometry) -> str:
    """Return the rings of a shape as an SVG path, bends that do not show left out."""
    simple = shapely.simplify(shape, _FINE / sheet.scale)
    parts = []
    for ring in shapely.get_rings(shapely.get_parts(simple)):
        points = sheet.moved(shapely.get_coordinates(ring))[:-1].round(1)
        parts.append("M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "Z")
    return "".join(parts)
