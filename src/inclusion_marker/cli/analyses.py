"""The commands that question a marker: audit, explain, robustness, equity, hot spots, compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inclusion_marker.cli.speaking import (
    City,
    Language,
    Method,
    MinCoverage,
    Overwrite,
    Resolution,
    named,
    progress,
    reporting,
    said,
    spoken,
)

if TYPE_CHECKING:
    import pandas as pd

    from inclusion_marker.marker import Marker

    Say = Callable[[str], None]
    Answer = tuple[str, Mapping[str, pd.DataFrame]]

# As `Marker.robustness` has them, which takes long to import.
DRAWS, SEED = 512, 7

Tables = Annotated[
    Path | None,
    typer.Option("--tables", help="Carpeta para las tablas en CSV · folder for the tables as CSV"),
]
Draws = Annotated[
    int, typer.Option("--draws", min=1, help="Sorteos de Monte Carlo · Monte Carlo draws")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Semilla · seed of the draws")]


def audit(
    city: City,
    method: Method = None,
    resolution: Resolution = None,
    min_coverage: MinCoverage = None,
    tables: Tables = None,
    lang: Language = None,
    overwrite: Overwrite = False,
) -> None:
    """Audita el índice en los diez pasos de la OCDE y el JRC · audit it in the OECD/JRC steps."""
    language = spoken(lang)

    def answer(say: Say) -> Answer:
        from inclusion_marker.outputs.readings.audit import audit_text

        marker = _computed(city, method, resolution, min_coverage, say)
        say("analyse")
        found = marker.audit()
        return audit_text(found, language), _frames(
            found, "audit", "findings", "nodes", "groups", "correlations", "goalposts"
        )

    _answer(answer, tables, language, overwrite=overwrite)


def explain(
    city: City,
    where: Annotated[
        str | None,
        typer.Option("--where", help="Celda o distrito; sin él, la ciudad · cell or district"),
    ] = None,
    method: Method = None,
    resolution: Resolution = None,
    min_coverage: MinCoverage = None,
    tables: Tables = None,
    lang: Language = None,
    overwrite: Overwrite = False,
) -> None:
    """Explica qué falta para 100, y cuánto · explain what is missing from 100, and how much."""
    language = spoken(lang)

    def answer(say: Say) -> Answer:
        from inclusion_marker.outputs.readings.explanation import explanation_text

        marker = _computed(city, method, resolution, min_coverage, say)
        say("analyse")
        found = marker.explain(where)
        return explanation_text(found, language), {"explanation": found.table}

    _answer(answer, tables, language, overwrite=overwrite)


def robustness(
    city: City,
    draws: Draws = DRAWS,
    seed: Seed = SEED,
    method: Method = None,
    resolution: Resolution = None,
    min_coverage: MinCoverage = None,
    tables: Tables = None,
    lang: Language = None,
    overwrite: Overwrite = False,
) -> None:
    """Dice cuán seguro es el marcador y de qué depende · say how sure the marker is, and why."""
    language = spoken(lang)

    def answer(say: Say) -> Answer:
        from inclusion_marker.outputs.readings.robustness import robustness_text

        marker = _computed(city, method, resolution, min_coverage, say)
        say("analyse")
        found = marker.robustness(draws=draws, seed=seed)
        return robustness_text(found, marker, language), _frames(
            found, "robustness", "cells", "districts", "city", "sensitivity", "without"
        )

    _answer(answer, tables, language, overwrite=overwrite)


def equity(
    city: City,
    line: Annotated[
        float, typer.Option("--line", help="Línea bajo la que falta inclusión · the line, 0-100")
    ] = 50.0,
    draws: Draws = DRAWS,
    seed: Seed = SEED,
    method: Method = None,
    resolution: Resolution = None,
    min_coverage: MinCoverage = None,
    tables: Tables = None,
    lang: Language = None,
    overwrite: Overwrite = False,
) -> None:
    """Mide la desigualdad y las brechas entre grupos · inequality, and gaps between groups."""
    language = spoken(lang)

    def answer(say: Say) -> Answer:
        from inclusion_marker.outputs.readings.equity import equity_text

        marker = _computed(city, method, resolution, min_coverage, say)
        say("analyse")
        found = marker.equity(line=line, robustness=marker.robustness(draws=draws, seed=seed))
        return equity_text(found, marker, language), _frames(
            found, "equity", "measures", "concentration", "lorenz", "intervals"
        )

    _answer(answer, tables, language, overwrite=overwrite)


def hotspots(
    city: City,
    draws: Draws = DRAWS,
    seed: Seed = SEED,
    method: Method = None,
    resolution: Resolution = None,
    min_coverage: MinCoverage = None,
    tables: Tables = None,
    lang: Language = None,
    overwrite: Overwrite = False,
) -> None:
    """Ubica los focos de carencia y de ventaja · where gaps and advantages cluster."""
    language = spoken(lang)

    def answer(say: Say) -> Answer:
        from inclusion_marker.outputs.readings.hotspots import hotspots_text

        marker = _computed(city, method, resolution, min_coverage, say)
        say("analyse")
        found = marker.hotspots(robustness=marker.robustness(draws=draws, seed=seed))
        return hotspots_text(found, marker, language), _frames(
            found, "hotspots", "cells", "summary"
        )

    _answer(answer, tables, language, overwrite=overwrite)


def compare(
    cities: Annotated[
        list[str],
        typer.Argument(metavar="A B …", help="Ciudades, o ciudad=método · cities, or city=method"),
    ],
    allow_different_goalposts: Annotated[
        bool,
        typer.Option(
            "--allow-different-goalposts",
            help="Puntuar todo con las metas de la primera · score all by the goalposts of A",
        ),
    ] = False,
    draws: Draws = DRAWS,
    seed: Seed = SEED,
    resolution: Resolution = None,
    min_coverage: MinCoverage = None,
    tables: Tables = None,
    lang: Language = None,
    overwrite: Overwrite = False,
) -> None:
    """Compara ciudades, años o métodos por lo que comparten · by the indicators they share."""
    language = spoken(lang)

    def answer(say: Say) -> Answer:
        from inclusion_marker.outputs.readings.comparison import comparison_text
        from inclusion_marker.several import compare as compare_markers

        markers = {}
        for each, label in zip(cities, _labels(cities), strict=True):
            city, _, method = each.partition("=")
            markers[label] = _computed(city, method or None, resolution, min_coverage, say)
        say("analyse")
        found = compare_markers(
            markers,
            allow_different_goalposts=allow_different_goalposts,
            draws=draws,
            seed=seed,
        )
        return comparison_text(found, language), _frames(
            found, "compare", "figures", "core", "pairs", "ranks"
        )

    _answer(answer, tables, language, overwrite=overwrite)


def resolutions(
    city: City,
    around: Annotated[
        int | None,
        typer.Option("--around", help="Resolución H3 del medio · the middle H3 resolution"),
    ] = None,
    method: Method = None,
    min_coverage: MinCoverage = None,
    tables: Tables = None,
    lang: Language = None,
    overwrite: Overwrite = False,
) -> None:
    """Calcula la ciudad con celdas mayores y menores · compute it in larger and smaller cells."""
    language = spoken(lang)

    def answer(say: Say) -> Answer:
        from inclusion_marker.outputs.readings.resolutions import resolutions_text
        from inclusion_marker.several import resolutions as at_resolutions

        found = at_resolutions(
            named(city), method=method, around=around, min_coverage=min_coverage, progress=say
        )
        return resolutions_text(found, language), _frames(found, "resolutions", "table")

    _answer(answer, tables, language, overwrite=overwrite)


def _answer(
    question: Callable[[Say], Answer], tables: Path | None, language: str, *, overwrite: bool
) -> None:
    """Put a question to a marker, print the answer, and write its tables if a folder was named."""
    with reporting(language), progress(language) as say:
        from inclusion_marker.outputs.spreadsheets import save_tables

        text, frames = question(say)
        saved = save_tables(frames, tables, overwrite=overwrite) if tables is not None else ()
    typer.echo(text)
    if saved:
        typer.echo(f"\n{said('tables', language)}")
    for path in saved:
        typer.echo(f"  {path}")


def _labels(cities: Sequence[str]) -> list[str]:
    """Return what cities are called side by side: without their folders, where that tells apart."""
    short = []
    for each in cities:
        city, sign, method = each.partition("=")
        short.append(f"{Path(city).name}{sign}{Path(method).name if method else ''}")
    return short if len(set(short)) == len(set(cities)) else list(cities)


def _computed(
    city: str, method: str | None, resolution: int | None, min_coverage: float | None, say: Say
) -> Marker:
    """Return the marker of a city."""
    from inclusion_marker.marker import compute

    return compute(
        named(city),
        method=method,
        resolution=resolution,
        min_coverage=min_coverage,
        progress=say,
    )


def _frames(found: object, name: str, *parts: str) -> dict[str, pd.DataFrame]:
    """Return tables of an analysis by the name of the file that each goes to."""
    return {f"{name}_{part}": getattr(found, part) for part in parts}
