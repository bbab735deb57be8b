"""Figures: maps of a score and of the areas, districts, the spread over people, groups.

This is the door: matplotlib is loaded when something is drawn, not before.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.errors import ParameterError
from inclusion_marker.files import replacing
from inclusion_marker.notices import Notice
from inclusion_marker.outputs.breaks import Breaks, breaks_of
from inclusion_marker.outputs.pictures.classes import Classes
from inclusion_marker.outputs.pictures.said import node_name
from inclusion_marker.outputs.pictures.style import PREVIEW_DPI, PRINT_DPI, plain_style
from inclusion_marker.result import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "PREVIEW_PX",
    "areas_figure",
    "districts_figure",
    "draw_map",
    "figure_png",
    "figure_svg",
    "groups_figure",
    "lorenz_figure",
    "map_figure",
    "node_name",
    "preview_png",
    "save_figure",
]

PREVIEW_PX = 420
"""Width of the preview on a page."""

_SUFFIXES = (".png", ".svg")


def map_figure(
    result: Result, *, column: str = "marker", language: str, breaks: Breaks = "fixed"
) -> Figure:
    """Return a page with the map of one score.

    Parameters
    ----------
    result
        What was computed.
    column
        A name of the outputs: ``marker``, ``area_…``, ``dim_…`` or ``ind_…``; cells where it is
        missing are grey.
    language
        ``"es"`` or ``"en"``.
    breaks
        ``"fixed"``: classes that are the same in every city; ``"natural"``: classes that set
        apart the scores of this one. The legend then says that its map compares with no other.

    Returns
    -------
    figure
        Made without pyplot; a notebook shows it.

    Raises
    ------
    ParameterError
        If there is no such column; the text lists near names.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> figure = map_figure(compute("manta", resolution=8), column="area_health", language="es")
    >>> figure.get_label()
    'Salud y bienestar (S)'
    """
    from inclusion_marker.outputs.pictures.city_map import Subject, map_page  # noqa: PLC0415

    with plain_style():
        return map_page(Subject(result, column, language, _classes(result, column, breaks)))


def areas_figure(result: Result, *, language: str) -> Figure:
    """Return a page with a map of each area, in one set of classes.

    Below each map a bar shows the share of the people in each class.

    Parameters
    ----------
    result
        What was computed; an area without a score is grey.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> figure = areas_figure(compute("manta", resolution=8), language="en")
    >>> figure.get_label()
    'The areas of the marker'
    """
    from inclusion_marker.outputs.pictures.areas import areas_page  # noqa: PLC0415

    with plain_style():
        return areas_page(result, language)


def districts_figure(result: Result, analyses: Analyses, *, language: str) -> Figure:
    """Return a page with the districts, lowest first: the marker, its interval, the areas.

    Parameters
    ----------
    result
        What was computed; a city without districts gets a page that says so.
    analyses
        Where the intervals come from; without draws the page says that there are none.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> marker = compute("manta", resolution=8, min_coverage=0.3)
    >>> figure = districts_figure(marker, marker.analyses, language="en")
    >>> figure.get_label()
    'Districts, from the lowest marker to the highest'
    """
    from inclusion_marker.outputs.pictures.districts import districts_page  # noqa: PLC0415

    with plain_style():
        return districts_page(result, analyses, language)


def lorenz_figure(result: Result, analyses: Analyses, *, language: str) -> Figure:
    """Return a page with the Lorenz curve of the marker, and its score by share of the people.

    Parameters
    ----------
    result
        What was computed; one without a marker gets a page that says so.
    analyses
        The curve, the Gini coefficient and its interval.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> marker = compute("manta", resolution=8, min_coverage=0.3)
    >>> figure = lorenz_figure(marker, marker.analyses, language="en")
    >>> len(figure.axes)
    2
    """
    from inclusion_marker.outputs.pictures.lorenz import lorenz_page  # noqa: PLC0415

    with plain_style():
        return lorenz_page(result, analyses, language)


def groups_figure(result: Result, analyses: Analyses, *, language: str) -> Figure:
    """Return a page with the share of each group's people in each class, and the gaps.

    Parameters
    ----------
    result
        What was computed.
    analyses
        The groups, and the intervals of their gaps; a city that counts none gets a page that
        says so.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> marker = compute("manta", resolution=8, min_coverage=0.3)
    >>> figure = groups_figure(marker, marker.analyses, language="en")
    >>> figure.get_label()
    'Where each group lives'
    """
    from inclusion_marker.outputs.pictures.groups import groups_page  # noqa: PLC0415

    with plain_style():
        return groups_page(result, analyses, language)


def draw_map(
    result: Result,
    *,
    column: str,
    language: str,
    axes: Axes | None,
    breaks: Breaks = "fixed",
) -> Axes:
    """Return the axes with the map of one score.

    Parameters
    ----------
    result
        What was computed.
    column
        A name of the outputs: ``marker``, ``area_…``, ``dim_…`` or ``ind_…``; cells where it is
        missing are grey.
    language
        ``"es"`` or ``"en"``.
    axes
        Where to draw; a new figure of pyplot if ``None``, so that a notebook shows it.
    breaks
        As for :func:`map_figure`.

    Raises
    ------
    ParameterError
        If there is no such column; the text lists near names.
    """
    from inclusion_marker.outputs.pictures.city_map import Subject, draw_on, fill  # noqa: PLC0415

    subject = Subject(result, column, language, _classes(result, column, breaks))
    with plain_style():
        if axes is None:
            from matplotlib import pyplot as plt  # noqa: PLC0415 - only where a window may open

            _ = subject.scores  # an unknown column is refused before a figure opens
            return fill(subject, plt.figure())
        draw_on(subject, axes)
    return axes


def preview_png(result: Result) -> bytes:
    """Return a small map of the marker without words, as a PNG to be shown 420 pixels wide.

    Parameters
    ----------
    result
        What was computed.
    """
    from inclusion_marker.outputs.pictures.city_map import preview_page  # noqa: PLC0415

    with plain_style():
        page = preview_page(result, PREVIEW_PX / PREVIEW_DPI)
    # Two pixels of the picture for each of the page: sharp on fine screens, too.
    return figure_png(page, dpi=2 * PREVIEW_DPI)


def save_figure(figure: Figure, path: str | Path, *, overwrite: bool = False) -> Path:
    """Return the path of a figure written as PNG or SVG, by the end of its name.

    Parameters
    ----------
    figure
        Any of this module.
    path
        File to write, ``….png`` or ``….svg``.
    overwrite
        Whether a file that is there may be replaced.

    Raises
    ------
    ParameterError
        If the name ends otherwise.
    OutputError
        As :func:`inclusion_marker.files.replacing`.

    Examples
    --------
    >>> import tempfile
    >>> import inclusion_marker as im
    >>> page = im.compute("manta", resolution=8, min_coverage=0.3).figure("areas")
    >>> save_figure(page, Path(tempfile.mkdtemp()) / "areas.png").name
    'areas.png'
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in _SUFFIXES:
        values = {"found": target.name, "expected": " | ".join(_SUFFIXES)}
        raise ParameterError(Notice("parameter_type", item="path", values=values))
    with replacing(target, overwrite=overwrite) as beside:
        if suffix == ".png":
            beside.write_bytes(figure_png(figure))
        else:
            declared = '<?xml version="1.0" encoding="UTF-8"?>\n'
            beside.write_bytes((declared + figure_svg(figure)).encode())
    return target


def figure_svg(figure: Figure) -> str:
    """Return a figure as an SVG element.

    Parameters
    ----------
    figure
        Any of this module; the same figure gives the same text.

    Returns
    -------
    svg
        Its words are text. Many cells are a picture inside of it, so that it stays small.
    """
    from inclusion_marker.outputs.pictures.saving import svg  # noqa: PLC0415

    return svg(figure)


def figure_png(figure: Figure, *, dpi: int = PRINT_DPI) -> bytes:
    """Return a figure as a PNG.

    Parameters
    ----------
    figure
        Any of this module; the same figure gives the same bytes.
    dpi
        Pixels an inch; a page is 8 inches wide.
    """
    from inclusion_marker.outputs.pictures.saving import png  # noqa: PLC0415

    return png(figure, dpi)


def _classes(result: Result, column: str, breaks: Breaks) -> Classes:
    """Return the classes of a map: fixed ones, or those of this city."""
    if breaks == "fixed":
        return Classes()
    table = result.table()
    if column not in table.columns:
        return Classes()  # it is refused, with near names, where it is drawn
    edges = breaks_of(table[[column]], breaks)[column]
    return Classes(edges)
