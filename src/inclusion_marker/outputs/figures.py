"""The map of a score as a picture: five fixed classes, who lives in them, and from what it is."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from inclusion_marker.cards import Area, Dimension, Indicator
from inclusion_marker.composite.classes import class_labels, classify
from inclusion_marker.errors import ParameterError
from inclusion_marker.files import replacing
from inclusion_marker.method import Method
from inclusion_marker.notices import Notice, near
from inclusion_marker.outputs.palette import NO_DATA, PUBLISHED
from inclusion_marker.outputs.pictures.boxes import abreast, anchored, gap, stacked, swatch, text
from inclusion_marker.outputs.pictures.ground import (
    LINE,
    SOFT,
    Frame,
    draw_ground,
    draw_north_arrow,
    draw_scale_bar,
    frame_of,
)
from inclusion_marker.outputs.wording import cautions, percent
from inclusion_marker.result import Result
from inclusion_marker.texts import word

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.offsetbox import AnchoredOffsetbox, OffsetBox

_WIDTH_IN, _DPI, _PREVIEW_DPI = 8.0, 200, 72
PREVIEW_PX = 420
"""Width of the preview on a page."""
_MARGIN_IN, _SIDE_IN, _TALLEST_IN = 0.3, 2.15, 8.2
_WIDE = 1.35  # wider than high by this much: the legend goes below
_FONT = "DejaVu Sans"  # comes with matplotlib: the same picture on every machine
_STYLE: Any = {"font.family": _FONT, "text.usetex": False, "svg.hashsalt": "inclusion-marker"}
DASH = "\N{EN DASH}"


class _Class(NamedTuple):
    """One row of the legend."""

    colour: str
    label: str
    share: str


@dataclass(frozen=True)
class _Subject:
    """What a map is of: one score of a result, in a language."""

    result: Result
    column: str
    language: str

    @cached_property
    def scores(self) -> pd.Series[float]:
        """Return the score of each cell."""
        table = self.result.table()
        if self.column not in table.columns:
            values = {"found": self.column, "accepted": near(self.column, table.columns)}
            raise ParameterError(Notice("name_unknown", item="column", values=values))
        return table[self.column]

    @cached_property
    def frame(self) -> Frame:
        """Return what the map spans."""
        return frame_of(self.result)

    @property
    def is_wide(self) -> bool:
        """Return whether the legend goes below the map, not beside it."""
        return self.frame.aspect > _WIDE

    @property
    def classes(self) -> list[_Class]:
        """Return the rows of the legend: worst first, no data last, with their share of people."""
        people = self.result.people
        held = people.groupby(classify(self.scores).fillna(0).astype(int)).sum()
        shares = (100 * held / people.sum()).reindex(range(len(PUBLISHED) + 1), fill_value=0.0)
        labels = [label.replace(" - ", DASH) for label in class_labels()]
        rows = zip(PUBLISHED, labels, shares[1:], strict=True)
        return [
            *(_Class(colour, label, percent(share)) for colour, label, share in rows),
            _Class(NO_DATA, word("no_data", self.language), percent(shares[0])),
        ]


def draw_map(result: Result, *, column: str, language: str, axes: Axes | None) -> Axes:
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

    Raises
    ------
    ParameterError
        If there is no such column; the text lists near names.
    """
    subject = _Subject(result, column, language)
    _ = subject.scores  # an unknown column is refused before a figure opens
    with _plain_style():
        if axes is None:
            from matplotlib import pyplot as plt  # noqa: PLC0415 - only where a window may open

            return _page(subject, plt.figure())
        _draw(subject, axes, _width_in(axes))
    return axes


def save_map(result: Result, path: Path, *, language: str, overwrite: bool) -> Path:
    """Return the path of a PNG with the map of the marker, 1,600 pixels wide.

    Parameters
    ----------
    result
        What was computed; the same result gives the same bytes.
    path
        File to write, ``….png``.
    language
        ``"es"`` or ``"en"``.
    overwrite
        Whether a file that is there may be replaced.

    Raises
    ------
    OutputError
        As :func:`inclusion_marker.files.replacing`.
    """
    with replacing(path, overwrite=overwrite) as beside, _plain_style():
        figure = _canvas().figure
        _page(_Subject(result, "marker", language), figure)
        figure.savefig(beside, format="png", dpi=_DPI, metadata={"Software": None})
    return path


def preview_png(result: Result) -> bytes:
    """Return a small map of the marker without words, as a PNG to be shown 420 pixels wide.

    Parameters
    ----------
    result
        What was computed.
    """
    subject = _Subject(result, "marker", "es")
    frame = subject.frame._replace(south=subject.frame.south + subject.frame.band)
    width = PREVIEW_PX / _PREVIEW_DPI
    picture = io.BytesIO()
    with _plain_style():
        figure = _canvas().figure
        figure.set_size_inches(width, min(width / frame.aspect, 1.3 * width))
        axes = figure.add_axes((0, 0, 1, 1))
        draw_ground(axes, result, subject.scores, frame)
        # Two pixels of the picture for each of the page: sharp on fine screens, too.
        figure.savefig(picture, format="png", dpi=2 * _PREVIEW_DPI, metadata={"Software": None})
    return picture.getvalue()


@contextmanager
def _plain_style() -> Iterator[None]:
    """Draw in one style whatever the user's settings; a sign the font lacks becomes a box."""
    import matplotlib as mpl  # noqa: PLC0415 - the package must import fast

    with warnings.catch_warnings(), mpl.rc_context(_STYLE):
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def _canvas() -> FigureCanvasAgg:
    """Return an empty figure that knows nothing of pyplot nor of a screen."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    return FigureCanvasAgg(Figure(dpi=_PREVIEW_DPI))


# ── the page ─────────────────────────────────────────────────────────────────


def _page(subject: _Subject, figure: Figure) -> Axes:
    """Return axes of the city's proportions on a page that holds the words around them."""
    frame = subject.frame
    inner = _WIDTH_IN - 2 * _MARGIN_IN
    width = min(inner - (0 if subject.is_wide else _SIDE_IN), _TALLEST_IN * frame.aspect)
    height = width / frame.aspect
    above, below = _heights(subject, inner)
    total = height + above + below + 2 * _MARGIN_IN
    figure.set_size_inches(_WIDTH_IN, total)
    figure.set_facecolor("white")
    left, bottom = _MARGIN_IN / _WIDTH_IN, (_MARGIN_IN + below) / total
    axes = figure.add_axes((left, bottom, width / _WIDTH_IN, height / total))
    _draw(subject, axes, inner)
    return axes


def _heights(subject: _Subject, width_in: float) -> list[float]:
    """Return the inches that the words above and below the map take, measured by drawing them."""
    canvas = _canvas()
    axes = canvas.figure.add_axes((0, 0, 1, 1))
    boxes = [_head(subject, axes, width_in), _foot(subject, axes, width_in)]
    for box in boxes:
        axes.add_artist(box)
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    return [box.get_window_extent(renderer).height / canvas.figure.dpi for box in boxes]


def _width_in(axes: Axes) -> float:
    """Return the inches that axes are wide."""
    page = axes.get_figure(root=True)
    axes.apply_aspect()
    return float(axes.get_window_extent().width / page.dpi) if page is not None else _WIDTH_IN


def _draw(subject: _Subject, axes: Axes, width_in: float) -> None:
    """Draw the map with its words, which have ``width_in`` inches."""
    draw_ground(axes, subject.result, subject.scores, subject.frame)
    draw_scale_bar(axes, subject.frame, subject.language)
    draw_north_arrow(axes, subject.frame)
    axes.add_artist(_head(subject, axes, width_in))
    axes.add_artist(_foot(subject, axes, width_in))
    if not subject.is_wide:
        axes.add_artist(_side(subject, axes))


# ── the words ────────────────────────────────────────────────────────────────


def _head(subject: _Subject, axes: Axes, width_in: float) -> AnchoredOffsetbox:
    """Return what stands above the map: the city, the score, its means, and if it is made up."""
    result, language = subject.result, subject.language
    means = {"color": SOFT} if subject.scores.notna().any() else {"weight": "bold"}
    rows = [
        text(result.city.name.said(language), 15, width_in=width_in, weight="bold"),
        text(node_name(result.method, subject.column, language), 11, width_in=width_in),
        text(_means(subject), 8.5, width_in=width_in, **means),
    ]
    for said in cautions(result.city, result.method, language):
        frame = {"boxstyle": "square,pad=0.45", "facecolor": "#FFE08A", "edgecolor": "#E0A800"}
        warning = text(
            said, 7.5, width_in=width_in - 0.15, weight="bold", color="#5C3A00", bbox=frame
        )
        rows.append(stacked([gap(4), abreast([gap(4), warning], 0), gap(4)], 0))
    return anchored(stacked(rows, 4), axes, "lower left", (0, 1))


def _foot(subject: _Subject, axes: Axes, width_in: float) -> AnchoredOffsetbox:
    """Return what stands below the map: the sources, and the legend of a wide city."""
    rows = [text(_sources(subject), 6.5, width_in=width_in, color=SOFT)]
    if subject.is_wide:
        rows.insert(0, _legend_below(subject, width_in))
    return anchored(stacked(rows, 9), axes, "upper left", (0, 0))


def _side(subject: _Subject, axes: Axes) -> AnchoredOffsetbox:
    """Return the legend as a table to the right of the map."""
    rows, language = subject.classes, subject.language
    table = abreast(
        [
            stacked([swatch(row.colour, 20, 11) for row in rows], 5),
            stacked([text(row.label, 8.5) for row in rows], 5),
            stacked([text(row.share, 8.5) for row in rows], 5, "right"),
        ],
        8,
        "top",
    )
    heads = [
        text(word("map_scale", language), 8, width_in=_SIDE_IN, weight="bold"),
        text(word("map_people", language), 7.5, width_in=_SIDE_IN, color=SOFT),
    ]
    box = stacked([stacked(heads, 3), table, stacked(_line_keys(subject), 5)], 8)
    return anchored(box, axes, "upper left", (1, 1))


def _legend_below(subject: _Subject, width_in: float) -> OffsetBox:
    """Return the legend as a bar of colours, worst first, with its labels below."""
    rows, language = subject.classes, subject.language
    wide = min(80.0, width_in * 72 / (len(rows) + 0.5))
    columns = [
        stacked(
            [swatch(row.colour, wide, 11), text(row.label, 8), text(row.share, 8, color=SOFT)],
            3,
            "center",
        )
        for row in rows
    ]
    bar = abreast([abreast(columns[:-1], 0, "top"), columns[-1]], 0.2 * wide, "top")
    said = f"{word('map_scale', language)} · {word('map_people', language)}"
    head = text(said, 8.5, width_in=width_in, weight="bold")
    return stacked([head, bar, abreast(_line_keys(subject), 24, "center")], 6)


def _line_keys(subject: _Subject) -> list[OffsetBox]:
    """Return the keys of the lines on the map."""
    from matplotlib.lines import Line2D  # noqa: PLC0415
    from matplotlib.offsetbox import DrawingArea  # noqa: PLC0415

    lines = [(LINE, 1.1, "map_boundary")]
    if subject.result.districts is not None:
        lines.append((SOFT, 0.5, "layer_districts"))
    keys = []
    for colour, width, name in lines:
        area = DrawingArea(20, 6, 0, 0)
        area.add_artist(Line2D([0, 20], [3, 3], color=colour, linewidth=width))
        keys.append(abreast([area, text(word(name, subject.language), 8)], 8, "center"))
    return keys


def node_name(method: Method, column: str, language: str) -> str:
    """Return the name of a column of the outputs: that of its node, with the node's code.

    Parameters
    ----------
    method
        The method whose outputs they are.
    column
        ``marker``, ``area_…``, ``dim_…`` or ``ind_…``.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> node_name(load_method(), "ind_internet", "es")
    'Acceso a internet (V6)'
    """
    level, _, key = column.partition("_")
    levels: dict[str, Mapping[str, Area | Dimension | Indicator]] = {
        "area": method.areas,
        "dim": method.dimensions,
        "ind": method.indicators,
    }
    if level not in levels:
        return word("marker", language)
    node = levels[level][key]
    return f"{node.name.said(language)} ({node.code})"


def _means(subject: _Subject) -> str:
    """Return the means of the score in words, or that there is none."""
    if subject.scores.isna().all():
        return word("map_no_mean", subject.language)
    row = subject.result.means().loc[subject.column]
    names = {"weighted": "people_weighted", "plain": "plain"}
    values = {
        key: f"{row[name]:.1f}" if pd.notna(row[name]) else DASH for key, name in names.items()
    }
    return word("map_mean", subject.language, **values)


def _sources(subject: _Subject, most: int = 5) -> str:
    """Return where the data are from, each source once, the first few by name."""
    city, method, language = subject.result.city, subject.result.method, subject.language
    made_up = word("map_made_up", language)
    known = [made_up] if city.synthetic else [layer.source for layer in city.layers.values()]
    sources = list(dict.fromkeys(textwrap.shorten(each, 64, placeholder=" …") for each in known))
    if len(sources) > most:
        sources = [*sources[:most], word("more", language, count=len(sources) - most)]
    said = f"{method.name.said(language)} ({method.id} {method.version})"
    return word("map_sources", language, sources="; ".join(sources) or DASH, method=said)
