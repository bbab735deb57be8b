"""The report: one HTML page for a mayor's office, on a screen, on a phone and on paper."""

from __future__ import annotations

from pathlib import Path

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.files import replacing
from inclusion_marker.outputs.reporting.certainty import certainty_section
from inclusion_marker.outputs.reporting.citing import citing_section
from inclusion_marker.outputs.reporting.drivers import drivers_section
from inclusion_marker.outputs.reporting.equity import equity_section
from inclusion_marker.outputs.reporting.gaps import gaps_section
from inclusion_marker.outputs.reporting.method import method_section
from inclusion_marker.outputs.reporting.overview import city_section
from inclusion_marker.outputs.reporting.page import Page, render
from inclusion_marker.outputs.reporting.sayings import counted
from inclusion_marker.outputs.wording import cautions_of, plain
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_SECTIONS = (
    city_section,
    gaps_section,
    equity_section,
    drivers_section,
    certainty_section,
    method_section,
    citing_section,
)


def report_html(result: Result, analyses: Analyses, *, language: str) -> str:
    """Return the report of a city as one HTML page that needs nothing else.

    Parameters
    ----------
    result
        What was computed.
    analyses
        The analyses of it: :func:`~inclusion_marker.analysis.analyses.analyse`.
    language
        ``"es"`` or ``"en"``.

    Returns
    -------
    html
        The same result gives the same words. What is missing is named: an empty marker, a city
        without districts, groups of people or draws.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> manta = compute("manta", resolution=8, min_coverage=0.3)
    >>> html = report_html(manta, manta.analyses, language="es")
    >>> "DATOS SINTÉTICOS" in html, "<script" in html
    (True, False)
    """
    city, method = result.city, result.method
    kind, resolution = f"report_cells_{result.grid.kind}", result.grid.resolution
    cells = counted(kind, len(result.grid.index), language, resolution=resolution)
    name, version = plain(method.name.said(language)), plain(method.version)
    by = word("summary_method", language, name=name, id=method.id, version=version)
    return render(
        Page(
            language=language,
            city=plain(city.name.said(language)),
            subtitle=f"{by}. {cells}.",
            cautions=cautions_of(result, language),
            sections=tuple(of(result, analyses, language) for of in _SECTIONS),
            made_by=f"inclusion_marker {result.provenance['version']}",
        )
    )


def write_report(
    result: Result, analyses: Analyses, path: Path, *, language: str, overwrite: bool
) -> Path:
    """Return the path of the report written.

    Parameters
    ----------
    result
        What was computed.
    analyses
        The analyses of it.
    path
        File to write, ``….html``.
    language
        ``"es"`` or ``"en"``.
    overwrite
        Whether a file that is there may be replaced.

    Raises
    ------
    OutputError
        As :func:`inclusion_marker.files.replacing`.
    """
    with replacing(path, overwrite=overwrite) as beside:
        page = report_html(result, analyses, language=language)
        beside.write_text(page, encoding="utf-8", newline="\n")
    return path
