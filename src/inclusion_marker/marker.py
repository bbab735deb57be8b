"""`compute`: the whole flow on one page; `Marker`: its result, with what one does with it.

Longer than other modules because each method of a marker carries its parameters and an example;
there is nothing in it but the call of the room that does the work.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import pandas as pd

from inclusion_marker.analysis.analyses import DRAWS, SEED, Analyses, analyse
from inclusion_marker.analysis.audit import Audit, audit
from inclusion_marker.analysis.auditing.thresholds import Thresholds
from inclusion_marker.analysis.drawing.draws import Choices
from inclusion_marker.analysis.drawing.errors import Errors
from inclusion_marker.analysis.equity import Equity, equity
from inclusion_marker.analysis.explain import Explanation, explain
from inclusion_marker.analysis.hotspots import Hotspots, hotspots
from inclusion_marker.analysis.robustness import Robustness, robustness
from inclusion_marker.city import City, load_city
from inclusion_marker.composite.districts import by_district
from inclusion_marker.composite.indicators import measure
from inclusion_marker.composite.scoring import floor_notices, score
from inclusion_marker.errors import LayerError, ParameterError
from inclusion_marker.loaders.layers import load_layers
from inclusion_marker.loaders.places import load_places
from inclusion_marker.method import Method, load_method
from inclusion_marker.notices import Notice
from inclusion_marker.outputs.breaks import Breaks
from inclusion_marker.outputs.figures import (
    areas_figure,
    districts_figure,
    draw_map,
    groups_figure,
    lorenz_figure,
    map_figure,
    preview_png,
)
from inclusion_marker.outputs.geopackage import write_geopackage
from inclusion_marker.outputs.report import write_report
from inclusion_marker.outputs.summary import summary_html, summary_text
from inclusion_marker.outputs.webmap import Explorer, webmap_html, write_webmap
from inclusion_marker.provenance import provenance_of
from inclusion_marker.result import Result
from inclusion_marker.texts import LANGUAGES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Progress = Callable[[str], None]
FigureKind = Literal["map", "areas", "districts", "lorenz", "groups"]


class Marker(Result):
    """The marker of a city: a :class:`Result` that can show and write itself."""

    @cached_property
    def analyses(self) -> Analyses:
        """Return how sure the marker is, where it clusters, and what is missing, computed once.

        With the draws and the seed of :func:`inclusion_marker.analysis.robustness.robustness`.
        """
        return analyse(self)

    def audit(
        self, *, known: pd.DataFrame | None = None, thresholds: Thresholds | None = None
    ) -> Audit:
        """Return the audit of the index in the ten steps of the OECD and the JRC.

        Parameters
        ----------
        known
            Other measures of the same cells, to hold the marker against.
        thresholds
            From where on something is found; the defaults, each with its source, if ``None``.

        Examples
        --------
        >>> found = compute("manta", resolution=8, min_coverage=0.3).audit()
        >>> {"step", "code", "node", "value", "threshold"} <= set(found.findings.columns)
        True
        """
        return audit(self, known=known, thresholds=thresholds)

    def explain(
        self,
        where: str | None = None,
        *,
        kind: Literal["cell", "district"] | None = None,
    ) -> Explanation:
        """Return what is missing from 100, node by node, in points that add up exactly.

        Parameters
        ----------
        where
            A cell or a district, by id or name; the city if ``None``.
        kind
            Which of the two, where an id is one of both.

        Raises
        ------
        ParameterError
            If there is no such cell or district.

        Examples
        --------
        >>> marker = compute("manta", resolution=8, min_coverage=0.3)
        >>> found = marker.explain().table
        >>> missing = found.loc[found["level"] == "ind", "points"].sum()
        >>> bool(abs(100 - marker.means().loc["marker", "people_weighted"] - missing) < 1e-9)
        True
        """
        return explain(self, where, kind=kind)

    def robustness(
        self,
        *,
        choices: Choices | None = None,
        errors: Errors | None = None,
        draws: int = DRAWS,
        seed: int = SEED,
    ) -> Robustness:
        """Return how sure the marker is: error of the data and choices of the method, drawn.

        Parameters
        ----------
        choices
            What another analyst might have chosen; the defaults if ``None``.
        errors
            What the data may be wrong by; the city's own and the defaults if ``None``.
        draws
            How many times the marker is drawn.
        seed
            The same seed gives the same answer.

        Examples
        --------
        >>> sure = compute("manta", resolution=8, min_coverage=0.3).robustness(draws=64)
        >>> bool((sure.cells["low"] <= sure.cells["high"]).all())
        True
        """
        return robustness(self, choices=choices, errors=errors, draws=draws, seed=seed)

    def equity(
        self,
        *,
        by: pd.Series[Any] | Literal["district"] | None = "district",
        line: float = 50.0,
        robustness: Robustness | None = None,
    ) -> Equity:
        """Return the inequality of the marker, and the gaps between groups of people.

        Parameters
        ----------
        by
            Groups of cells between which inequality is split; the districts by default.
        line
            Score below which inclusion is lacking, 0-100.
        robustness
            Draws that the intervals come from; without them there are none.

        Examples
        --------
        >>> found = compute("manta", resolution=8, min_coverage=0.3).equity()
        >>> bool(0 <= found.measures.loc["marker", "gini"] <= 1)
        True
        """
        return equity(self, by=by, line=line, robustness=robustness)

    def hotspots(self, *, column: str = "marker", robustness: Robustness | None = None) -> Hotspots:
        """Return where low and high scores cluster more than chance explains.

        Parameters
        ----------
        column
            A name of the outputs: ``marker``, ``area_…``, ``dim_…`` or ``ind_…``.
        robustness
            Draws that clusters have to survive; without them nothing is said of it.

        Examples
        --------
        >>> found = compute("manta", resolution=8, min_coverage=0.3).hotspots()
        >>> "hotspot" in found.cells
        True
        """
        return hotspots(self, column=column, robustness=robustness)

    def summary(self, language: str = "es", *, analyses: bool = False) -> str:
        """Return the city's figures as text: the marker, five areas, coverage, people.

        Parameters
        ----------
        language
            ``"es"`` or ``"en"``.
        analyses
            Whether to say as well how sure they are, where they cluster and what is missing:
            :attr:`analyses`, which are computed for it.

        Examples
        --------
        >>> print(compute("manta", resolution=8, min_coverage=0.3).summary("en").splitlines()[0])
        Manta (synthetic twin) (EC)
        """
        return summary_text(self, _spoken(language), self.analyses if analyses else None)

    def to_geopackage(
        self,
        path: str | Path,
        *,
        language: str = "es",
        overwrite: bool = False,
        breaks: Breaks = "fixed",
    ) -> Path:
        """Return the path of the GeoPackage written, with its project and manifest beside it.

        Parameters
        ----------
        path
            File to write, ``….gpkg``.
        language
            Language of aliases, styles and descriptions, ``"es"`` or ``"en"``.
        overwrite
            Whether an existing file may be replaced; what an analyst added to it is kept.
        breaks
            Classes of the styles: those of every city, or ``"natural"`` ones of this city alone.

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
        spoken, target = _spoken(language), Path(path)
        return write_geopackage(
            self,
            self.analyses,
            target,
            language=spoken,
            overwrite=overwrite,
            breaks=breaks,
        )

    def plot(
        self,
        column: str = "marker",
        *,
        breaks: Breaks = "fixed",
        language: str = "es",
        axes: Axes | None = None,
    ) -> Axes:
        """Return the axes with a map of one score.

        Parameters
        ----------
        column
            A name of the outputs: ``marker``, ``area_…``, ``dim_…`` or ``ind_…``.
        breaks
            The classes of every city, or ``"natural"`` ones of this city alone.
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
        return draw_map(self, column=column, language=_spoken(language), axes=axes, breaks=breaks)

    def figure(
        self,
        kind: FigureKind = "map",
        *,
        column: str = "marker",
        breaks: Breaks = "fixed",
        language: str = "es",
    ) -> Figure:
        """Return a figure for a page; :func:`save_figure` writes it as PNG or SVG.

        Parameters
        ----------
        kind
            ``"map"`` of a column; ``"areas"``, a small map of each; ``"districts"``, ranked with
            their intervals; ``"lorenz"``, the curve of the marker; ``"groups"``, who lives in which
            class.
        column
            Of the map: ``marker``, ``area_…``, ``dim_…`` or ``ind_…``.
        breaks
            Of the map: the classes of every city, or ``"natural"`` ones of this city alone.
        language
            ``"es"`` or ``"en"``.

        Raises
        ------
        ParameterError
            If there is no such kind or column.

        Examples
        --------
        >>> page = compute("manta", resolution=8, min_coverage=0.3).figure("lorenz")
        >>> len(page.axes) > 0
        True
        """
        if kind not in get_args(FigureKind):
            values = {"found": kind, "expected": " | ".join(get_args(FigureKind))}
            raise ParameterError(Notice("parameter_type", item="kind", values=values))
        spoken = _spoken(language)
        match kind:
            case "map":
                return map_figure(self, column=column, breaks=breaks, language=spoken)
            case "areas":
                return areas_figure(self, language=spoken)
            case "districts":
                return districts_figure(self, self.analyses, language=spoken)
            case "lorenz":
                return lorenz_figure(self, self.analyses, language=spoken)
            case "groups":
                return groups_figure(self, self.analyses, language=spoken)

    def explore(self, *, language: str = "es") -> Explorer:
        """Return the web map, shown in a notebook: see :meth:`to_webmap`.

        Parameters
        ----------
        language
            Language it opens in, ``"es"`` or ``"en"``.

        Examples
        --------
        >>> "<iframe" in compute("manta", resolution=8).explore()._repr_html_()
        True
        """
        return Explorer(webmap_html(self, self.analyses, language=_spoken(language)))

    def to_webmap(self, path: str | Path, *, language: str = "es", overwrite: bool = False) -> Path:
        """Return the path of a web map written: one HTML file that asks nothing of any host.

        Parameters
        ----------
        path
            File to write, ``….html``.
        language
            Language it opens in, ``"es"`` or ``"en"``; readers can switch.
        overwrite
            Whether an existing file may be replaced.

        Raises
        ------
        OutputError
            If the file exists, or cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> target = Path(tempfile.mkdtemp()) / "manta-map.html"
        >>> compute("manta", resolution=8).to_webmap(target).stat().st_size > 500_000
        True
        """
        spoken, target = _spoken(language), Path(path)
        return write_webmap(self, self.analyses, target, language=spoken, overwrite=overwrite)

    def to_report(self, path: str | Path, *, language: str = "es", overwrite: bool = False) -> Path:
        """Return the path of the report written: one HTML file to read, and to print as PDF.

        Parameters
        ----------
        path
            File to write, ``….html``.
        language
            ``"es"`` or ``"en"``.
        overwrite
            Whether an existing file may be replaced.

        Raises
        ------
        OutputError
            If the file exists, or cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> target = Path(tempfile.mkdtemp()) / "manta-report.html"
        >>> compute("manta", resolution=8, min_coverage=0.3).to_report(target).exists()
        True
        """
        spoken, target = _spoken(language), Path(path)
        return write_report(self, self.analyses, target, language=spoken, overwrite=overwrite)

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
        provenance=provenance_of(city, method, places, layers, found),
        notices=(
            *method.notices(),
            *places.notices,
            *layers.notices,
            *found.notices,
            *floor_notices(scores, method, found.context["people"]),
        ),
    )
