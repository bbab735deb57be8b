"""The commands that compute a city and write what people look at, and list the cities at hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from inclusion_marker.cli.speaking import (
    City,
    Language,
    Method,
    MinCoverage,
    Overwrite,
    Resolution,
    complain,
    named,
    progress,
    reporting,
    said,
    spoken,
)
from inclusion_marker.errors import InclusionMarkerError

if TYPE_CHECKING:
    from inclusion_marker.city import City as CityFile
    from inclusion_marker.marker import Marker


Out = Annotated[Path, typer.Option("--out", help="Carpeta de resultados · folder of results")]
OUTPUTS = Path("outputs")


class ClassBreaks(StrEnum):
    """Where the classes of a map begin and end."""

    FIXED = "fixed"
    NATURAL = "natural"


class Files(NamedTuple):
    """What a run writes, in the order in which it is told; the manifest is written last."""

    webmap: Path
    report: Path
    project: Path
    geopackage: Path
    picture: Path
    manifest: Path


class Asked(NamedTuple):
    """How a city is to be computed, beside what its own file says."""

    method: str | None
    resolution: int | None
    min_coverage: float | None


def compute(
    city: City,
    method: Method = None,
    resolution: Resolution = None,
    min_coverage: MinCoverage = None,
    breaks: Annotated[
        ClassBreaks,
        typer.Option(
            "--breaks",
            help="Cortes de clase en QGIS y en la imagen · class breaks in QGIS and the picture",
        ),
    ] = ClassBreaks.FIXED,
    out: Out = OUTPUTS,
    lang: Language = None,
    overwrite: Overwrite = False,
) -> None:
    """Calcula una ciudad y escribe mapas e informe · compute a city, write maps and report."""
    language = spoken(lang)
    started = time.perf_counter()
    with reporting(language), progress(language) as say:
        from inclusion_marker.city import load_city
        from inclusion_marker.files import check_target
        from inclusion_marker.outputs.geopackage import check_name
        from inclusion_marker.outputs.qgis.kept import kept_of

        found = load_city(named(city))
        files = _files(out, found)
        check_name(files.geopackage)
        for file in files:
            check_target(file, overwrite=overwrite)
        _ = kept_of(files.geopackage)  # what cannot be kept is said now, not after the computation
        marker = _computed(found, Asked(method, resolution, min_coverage), say)
        say("write")
        _write(marker, files, breaks, language=language, overwrite=overwrite)
    _tell(marker, files, language, time.perf_counter() - started)


def report(
    city: City,
    method: Method = None,
    resolution: Resolution = None,
    min_coverage: MinCoverage = None,
    out: Out = OUTPUTS,
    lang: Language = None,
    overwrite: Overwrite = False,
) -> None:
    """Escribe el informe de una ciudad, para leer e imprimir · write the report of a city."""
    asked = Asked(method, resolution, min_coverage)
    _write_page("report", city, asked, out, spoken(lang), overwrite=overwrite)


def webmap(
    city: City,
    method: Method = None,
    resolution: Resolution = None,
    min_coverage: MinCoverage = None,
    out: Out = OUTPUTS,
    lang: Language = None,
    overwrite: Overwrite = False,
) -> None:
    """Escribe el mapa interactivo de una ciudad, sin conexión · write its offline web map."""
    asked = Asked(method, resolution, min_coverage)
    _write_page("webmap", city, asked, out, spoken(lang), overwrite=overwrite)


def _write_page(
    kind: Literal["report", "webmap"],
    city: str,
    asked: Asked,
    out: Path,
    language: str,
    *,
    overwrite: bool,
) -> None:
    """Compute a city and write one page of it alone."""
    with reporting(language), progress(language) as say:
        from inclusion_marker.city import load_city
        from inclusion_marker.files import check_target

        found = load_city(named(city))
        files = _files(out, found)
        file = files.report if kind == "report" else files.webmap
        check_target(file, overwrite=overwrite)
        marker = _computed(found, asked, say)
        say("write")
        write = marker.to_report if kind == "report" else marker.to_webmap
        write(file, language=language, overwrite=overwrite)
    typer.echo(_opened(kind, file, language))


def _files(out: Path, city: CityFile) -> Files:
    """Return what a run writes."""
    from inclusion_marker.outputs.geopackage import targets

    folder = out / city.id
    geopackage, project, manifest = targets(folder / f"{city.id}.gpkg")
    return Files(
        folder / f"{city.id}-map.html",
        folder / f"{city.id}-report.html",
        project,
        geopackage,
        folder / f"{city.id}.png",
        manifest,
    )


def _computed(city: CityFile, asked: Asked, say: Callable[[str], None]) -> Marker:
    """Return the marker of a city with its analyses done."""
    from inclusion_marker.marker import compute as compute_marker

    marker = compute_marker(
        city,
        method=asked.method,
        resolution=asked.resolution,
        min_coverage=asked.min_coverage,
        progress=say,
    )
    say("analyse")
    _ = marker.analyses
    return marker


def _write(
    marker: Marker, files: Files, breaks: ClassBreaks, *, language: str, overwrite: bool
) -> None:
    """Write all files of a run, or none."""
    from inclusion_marker.files import placing
    from inclusion_marker.outputs.figures import map_figure, save_figure
    from inclusion_marker.outputs.geopackage import write_geopackage

    with placing(files, overwrite=overwrite) as stage:
        here = Files(*(stage / file.name for file in files))
        picture = map_figure(marker, language=language, breaks=breaks.value)
        save_figure(picture, here.picture, overwrite=False)
        marker.to_webmap(here.webmap, language=language)
        marker.to_report(here.report, language=language)
        write_geopackage(
            marker,
            marker.analyses,
            here.geopackage,
            language=language,
            overwrite=False,
            breaks=breaks.value,
            replaces=files.geopackage,
        )


def _tell(marker: Marker, files: Files, language: str, seconds: float) -> None:
    """Print the figures, where the files are, how each is opened, and what to do next."""
    typer.echo(marker.summary(language, analyses=True))
    typer.echo(f"\n{said('files', language)}")
    for kind, path in files._asdict().items():
        typer.echo(_opened(kind, path, language))
    kept = _kept(files, language)
    if kept:
        typer.echo(f"\n{kept}")
    if marker.scores.marker.isna().all():
        again = said("next_empty", language, command="--min-coverage 0.3 --overwrite")
        typer.echo(f"\n{again}")
    typer.echo(said("done", language, seconds=f"{seconds:.1f}"), err=True)


def _kept(files: Files, language: str) -> str:
    """Return in words what an analyst had added to the result that was replaced."""
    import json

    from inclusion_marker.outputs.qgis.kept import kept_lines

    manifest = json.loads(files.manifest.read_text(encoding="utf-8"))
    return "\n".join(kept_lines(manifest, language))


def _opened(kind: str, path: Path, language: str) -> str:
    """Return the path of a file, and how it is opened."""
    return f"  {path}\n      {said(f'open_{kind}', language)}"


def cities(lang: Language = None) -> None:
    """Lista las ciudades a mano · list the cities at hand."""
    language = spoken(lang)
    with reporting(language):
        from inclusion_marker.city import find_cities, load_city
        from inclusion_marker.outputs.wording import plain

        found = find_cities()
        rows = []
        for name, folder in found.items():
            try:
                city = load_city(folder)
                title, made_up = plain(city.name.said(language)), city.synthetic
            except InclusionMarkerError:
                title, made_up = said("city_unreadable", language), False
            mark = f"[{said('synthetic', language)}] " if made_up else ""
            rows.append((name, title, f"{mark}{folder}"))
        wide = [max((len(row[part]) for row in rows), default=0) for part in (0, 1)]
        for name, title, where in rows:
            typer.echo(f"{name:<{wide[0]}}  {title:<{wide[1]}}  {where}")
        if not found:
            complain(said("no_cities", language))
