"""`compute`: the whole flow on one page; `Marker`: its result, with what one does with it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from inclusion_marker.city import City, load_city
from inclusion_marker.composite.districts import by_district
from inclusion_marker.composite.indicators import measure
from inclusion_marker.composite.scoring import score
from inclusion_marker.errors import LayerError, ParameterError
from inclusion_marker.loaders.layers import load_layers
from inclusion_marker.loaders.places import load_places
from inclusion_marker.method import Method, load_method
from inclusion_marker.notices import Notice
from inclusion_marker.outputs.figures import draw_map, preview_png
from inclusion_marker.outputs.geopackage import write_geopackage
from inclusion_marker.outputs.summary import summary_html, summary_text
from inclusion_marker.provenance import provenance_of
from inclusion_marker.result import Result
from inclusion_marker.texts import LANGUAGES

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

        Examples
        --------
        >>> print(compute("manta", resolution=8).summary("en").splitlines()[0])
        Manta (synthetic twin) (EC)
        """
        return summary_text(self, _spoken(language))

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

        Examples
        --------
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> written = compute("manta", resolution=8).to_geopackage(folder / "manta.gpkg")
        >>> sorted(each.name for each in folder.iterdir())
        ['manta.gpkg', 'manta.manifest.json', 'manta.qgz']
        """
        return write_geopackage(self, Path(path), language=_spoken(language), overwrite=overwrite)

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
        return draw_map(self, column=column, language=_spoken(language), axes=axes)

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
        notices=(*places.notices, *layers.notices, *found.notices),
    )
