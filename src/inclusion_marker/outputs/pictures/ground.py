"""The ground of a map: cells in the colours of their classes, lines, scale bar, north arrow."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from inclusion_marker.composite.classes import classify
from inclusion_marker.outputs.palette import NO_DATA, PUBLISHED
from inclusion_marker.result import Result
from inclusion_marker.texts import word

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import Collection

INK, SOFT, LINE = "#222222", "#5A5A5A", "#3C3C3C"
"""Colours of the words, of what is said beside, and of the boundary."""

_NARROWEST, _WIDEST = 0.45, 4.0
_STEPS = (1.0, 2.0, 5.0, 10.0)
_FEW_CELLS = 800  # so few that each can have an outline


class Frame(NamedTuple):
    """What the map spans, in the units of the grid: the city, and a band below for the scale."""

    west: float
    south: float
    east: float
    north: float
    band: float

    @property
    def aspect(self) -> float:
        """Return the width over the height."""
        return (self.east - self.west) / (self.north - self.south)


def frame_of(result: Result) -> Frame:
    """Return what the map of a result spans; a city that is a strip gets room at its sides.

    Parameters
    ----------
    result
        What was computed.
    """
    boxes = [shapely.box(*place.total_bounds) for place in (result.grid.cells, result.boundary)]
    west, south, east, north = shapely.union_all(boxes).bounds
    wide, high = east - west, north - south
    more_wide = max(0.0, _NARROWEST * high - wide) / 2
    more_high = max(0.0, wide / _WIDEST - high) / 2
    margin = 0.015 * max(wide, high)
    band = 0.075 * max(wide + 2 * more_wide, 0.6 * high)
    return Frame(
        west - more_wide - margin,
        south - more_high - margin - band,
        east + more_wide + margin,
        north + more_high + margin,
        band,
    )


def draw_ground(axes: Axes, result: Result, scores: pd.Series[float], frame: Frame) -> None:
    """Draw the cells in the colours of their classes, and the lines above them.

    Parameters
    ----------
    axes
        Where to draw; their limits become the frame, without ticks.
    result
        What was computed.
    scores
        Cells; missing ones are grey.
    frame
        What the map spans.
    """
    from matplotlib.collections import LineCollection  # noqa: PLC0415

    shapes_of_cells = result.grid.cells.geometry.to_numpy()
    for cells in _patches(shapes_of_cells, _colours(scores)):
        axes.add_collection(cells, autolim=False)
    lines: list[tuple[gpd.GeoSeries, str, float]] = []
    if result.districts is not None:
        shapes = result.districts.geometry
        lines += [(shapes, "white", 1.1), (shapes, SOFT, 0.45)]
    lines.append((result.boundary, LINE, 0.8))
    for shapes, colour, width in lines:
        axes.add_collection(
            LineCollection(_rings(shapes), colors=colour, linewidths=width, capstyle="round"),
            autolim=False,
        )
    axes.set(xlim=(frame.west, frame.east), ylim=(frame.south, frame.north), xticks=[], yticks=[])
    axes.set_aspect("equal")
    axes.set_axis_off()


def _colours(scores: pd.Series[float]) -> npt.NDArray[np.str_]:
    """Return the colour of each cell's class."""
    classes = classify(scores).to_numpy(np.int64, na_value=0)
    return np.array([NO_DATA, *PUBLISHED])[classes]


def _patches(
    shapes: npt.NDArray[np.object_], colours: npt.NDArray[np.str_]
) -> Iterator[Collection]:
    """Yield the cells as collections: those without holes all at once, then those with."""
    from matplotlib.collections import PathCollection, PolyCollection  # noqa: PLC0415
    from matplotlib.path import Path as Outline  # noqa: PLC0415

    parts, of = shapely.get_parts(shapes, return_index=True)
    holed = shapely.get_num_interior_rings(parts) > 0
    # An edge of the cell's own colour closes the hairlines between neighbours.
    edge = "white" if len(shapes) <= _FEW_CELLS else "face"
    rings = shapely.get_exterior_ring(parts[~holed])
    if len(rings):
        yield PolyCollection(
            _vertices(rings), facecolors=colours[of[~holed]], edgecolors=edge, linewidths=0.25
        )
    if holed.any():
        outlines = [
            Outline.make_compound_path(
                *(Outline(ring, closed=True) for ring in _vertices(shapely.get_rings(part)))
            )
            for part in parts[holed]
        ]
        yield PathCollection(
            outlines, facecolors=colours[of[holed]], edgecolors=edge, linewidths=0.25
        )


def _vertices(lines: npt.NDArray[np.object_]) -> list[npt.NDArray[np.float64]]:
    """Return the coordinates of each line."""
    ends = np.cumsum(shapely.get_num_coordinates(lines))
    return np.split(shapely.get_coordinates(lines), ends[:-1])


def _rings(shapes: gpd.GeoSeries) -> list[npt.NDArray[np.float64]]:
    """Return the coordinates of every ring of some polygons."""
    return _vertices(shapely.get_rings(shapely.get_parts(shapes.to_numpy())))


def draw_scale_bar(axes: Axes, frame: Frame, language: str) -> None:
    """Draw a bar of a round length in the band below the city.

    Parameters
    ----------
    axes
        Axes whose unit is the metre.
    frame
        What the map spans.
    language
        ``"es"`` or ``"en"``.
    """
    length = _round_length(0.3 * (frame.east - frame.west))
    start, level = frame.west + 0.02 * (frame.east - frame.west), frame.south + 0.25 * frame.band
    axes.plot(
        [start, start, start + length, start + length],
        [level + 0.2 * frame.band, level, level, level + 0.2 * frame.band],
        color=INK,
        linewidth=1.2,
        solid_joinstyle="miter",
    )
    metres = length < 1000  # noqa: PLR2004 - metres in a kilometre
    shown = f"{length:g}" if metres else f"{length / 1000:g}"
    axes.annotate(
        word("map_m" if metres else "map_km", language, length=shown),
        (start + length / 2, level),
        (0, 2),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=7.5,
        color=INK,
    )


def _round_length(most: float) -> float:
    """Return the largest of 1, 2, 5, 10 … that is not longer than ``most``."""
    power = 10.0 ** math.floor(math.log10(most))
    return max(step * power for step in _STEPS if step * power <= most)


def draw_north_arrow(axes: Axes, frame: Frame) -> None:
    """Draw an arrow to the north at the other end of the band.

    Parameters
    ----------
    axes
        Axes whose y axis points north.
    frame
        What the map spans.
    """
    axes.annotate(
        "N",
        (frame.east - 0.03 * (frame.east - frame.west), frame.south + 0.2 * frame.band),
        (0, 15),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=8,
        fontweight="bold",
        color=INK,
        arrowprops={
            "arrowstyle": "<|-,head_length=0.5,head_width=0.22",
            "color": INK,
            "shrinkA": 0,
            "shrinkB": 0,
            "linewidth": 1.1,
        },
    )
