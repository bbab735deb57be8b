"""The commands that compute a city and list the cities at hand."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inclusion_marker.cli.speaking import (
    City,
    Language,
    Method,
    MinCoverage,
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
    from inclusion_marker.marker import Marker


def compute(
    city: City,
    method: Method = None,
    resolution: Resolution = None,
    min_coverage: MinCoverage = None,
    out: Annotated[
        Path, typer.Option("--out", help="Carpeta de resultados · folder of results")
    ] = Path("outputs"),
    lang: Language = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Reemplazar resultados · replace results")
    ] = False,
) -> None:
    """Calcula el marcador de una ciudad · compute the marker of a city."""
    language = spoken(lang)
    started = time.perf_counter()
    with reporting(language), progress(language) as say:
        from inclusion_marker.city import load_city
        from inclusion_marker.files import check_target
        from inclusion_marker.marker import compute as compute_marker
        from inclusion_marker.outputs.geopackage import check_name

        found = load_city(named(city))
        files = _files(out / found.id, found.id)
        check_name(files[0])
        for file in files:
            check_target(file, overwrite=overwrite)
        marker = compute_marker(
            found,
            method=method,
            resolution=resolution,
            min_coverage=min_coverage,
            progress=say,
        )
        say("analyse")
        _ = marker.analyses
        say("write")
        _write(marker, files, language=language, overwrite=overwrite)
    _tell(marker, files, language, time.perf_counter() - started)


def _files(folder: Path, name: str) -> tuple[Path, ...]:
    """Return what a run writes, in the order in which it is told: the manifest is written last."""
    from inclusion_marker.outputs.geopackage import targets

    geopackage, project, manifest = targets(folder / f"{name}.gpkg")
    return geopackage, project, folder / f"{name}.png", manifest


def _write(marker: Marker, files: Sequence[Path], *, language: str, overwrite: bool) -> None:
    """Write all files of a run, or none."""
    from inclusion_marker.files import placing
    from inclusion_marker.outputs.figures import save_map

    geopackage, _, picture, _ = files
    with placing(files, overwrite=overwrite) as stage:
        save_map(marker, stage / picture.name, language=language, overwrite=False)
        marker.to_geopackage(stage / geopackage.name, language=language, overwrite=False)


def _tell(marker: Marker, files: Sequence[Path], language: str, seconds: float) -> None:
    """Print the figures, where the files are, and what to do next."""
    typer.echo(marker.summary(language, analyses=True))
    typer.echo(f"\n{said('files', language)}")
    for path in files:
        typer.echo(f"  {path}")
    geopackage, _, picture, _ = files
    typer.echo(f"\n{said('next_steps', language, gpkg=geopackage, picture=picture.name)}")
    if marker.scores.marker.isna().all():
        typer.echo(said("next_empty", language, command="--min-coverage 0.3 --overwrite"))
    typer.echo(said("done", language, seconds=f"{seconds:.1f}"), err=True)


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
