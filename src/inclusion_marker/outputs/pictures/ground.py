"""The ground of a map: cells in the colours of their classes, lines, scale bar, north arrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import Collection, LineCollection, PathCollection, PolyCollection
from matplotlib.colors import to_rgba_array
from matplotlib.path import Path as Outline

from inclusion_marker.outputs.extent import bounds_of, round_length
from inclusion_marker.outputs.pictures.classes import Classes
from inclusion_marker.outputs.pictures.style import INK, LINE, PRINT_DPI, SOFT
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_NARROWEST, _WIDEST = 0.45, 4.0
_THINNEST, _FULL_IN = 0.45, 5.0  # of a line; how wide a map is on which it is of full width
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
    west, south, east, north = bounds_of(result)
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


def draw_ground(
    axes: Axes, result: Result, scores: pd.Series[float], frame: Frame, classes: Classes
) -> None:
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
    classes
        Their limits and colours.
    """
    fills = to_rgba_array(classes.colours)[classes.of(scores)]
    for cells in _patches(result.grid.cells.geometry.to_numpy(), fills):
        axes.add_collection(cells, autolim=False)
    lines: list[tuple[gpd.GeoSeries, str, float]] = []
    if result.districts is not None:
        shapes = result.districts.geometry
        lines += [(shapes, "white", 1.1), (shapes, SOFT, 0.45)]
    lines.append((result.boundary, LINE, 0.8))
    page = axes.get_figure(root=True)
    wide_in = _FULL_IN if page is None else axes.bbox.width / page.dpi
    # What nobody sees, a file need not hold; on a small map a line is thinner.
    finest = (frame.east - frame.west) / (3 * PRINT_DPI * wide_in)
    pen = min(1.0, max(_THINNEST, wide_in / _FULL_IN))
    for shapes, colour, width in lines:
        axes.add_collection(
            LineCollection(
                _rings(shapes, finest), colors=colour, linewidths=pen * width, capstyle="round"
            ),
            autolim=False,
        )
    axes.set(xlim=(frame.west, frame.east), ylim=(frame.south, frame.north), xticks=[], yticks=[])
    axes.set_aspect("equal")
    axes.set_axis_off()


def _patches(
    shapes: npt.NDArray[np.object_], fills: npt.NDArray[np.float64]
) -> Iterator[Collection]:
    """Yield the cells as collections: those without holes all at once, then those with."""
    parts, of = shapely.get_parts(shapes, return_index=True)
    holed = shapely.get_num_interior_rings(parts) > 0
    # Few cells have an outline. Of many, each pixel belongs to one: no hairlines between
    # neighbours, no edges to draw, few colours to pack; in a file of vectors they are a picture.
    few = len(shapes) <= _FEW_CELLS
    look: dict[str, Any] = {
        "edgecolors": "white" if few else "none",
        "linewidths": 0.25 if few else 0.0,
        "antialiaseds": few,
        "rasterized": not few,
    }
    rings = shapely.get_exterior_ring(parts[~holed])
    if len(rings):
        # Rings end where they begin, so that nothing is left to close: it halves the time.
        yield PolyCollection(_vertices(rings), closed=False, facecolors=fills[of[~holed]], **look)
    if holed.any():
        outlines = [
            Outline.make_compound_path(
                *(Outline(ring, closed=True) for ring in _vertices(shapely.get_rings(part)))
            )
            for part in parts[holed]
        ]
        yield PathCollection(outlines, facecolors=fills[of[holed]], **look)


def _vertices(lines: npt.NDArray[np.object_]) -> list[npt.NDArray[np.float64]]:
    """Return the coordinates of each line."""
    ends = np.cumsum(shapely.get_num_coordinates(lines))
    return np.split(shapely.get_coordinates(lines), ends[:-1])


def _rings(shapes: gpd.GeoSeries, finest: float) -> list[npt.NDArray[np.float64]]:
    """Return the coordinates of every ring of some polygons, as fine as they are seen."""
    rings = shapely.get_rings(shapely.get_parts(shapes.to_numpy()))
    return _vertices(shapely.simplify(rings, finest))


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
    length = round_length(0.3 * (frame.east - frame.west))
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
