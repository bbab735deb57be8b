"""The command: parse, call, say what happened."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from inclusion_marker.errors import InclusionMarkerError
from inclusion_marker.texts import word

app = typer.Typer(
    help="Marcador de Inclusión Urbana · Urban Inclusion Marker",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
methods = typer.Typer(help="Cómo se mide · how inclusion is measured", no_args_is_help=True)
app.add_typer(methods, name="method")


class Lang(StrEnum):
    """Language of what is shown and written."""

    ES = "es"
    EN = "en"


Language = Annotated[
    Lang | None, typer.Option("--lang", help="es | en (por defecto, la del sistema; si no, es)")
]


def main() -> None:
    """Run the command."""
    app()


def _spoken(language: Lang | None) -> str:
    """Return the language to speak: the one asked for, the system's, or Spanish."""
    if language is not None:
        return language.value
    system = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return "en" if system.lower().startswith("en") else "es"


@contextmanager
def _reporting(language: str) -> Iterator[None]:
    """Turn an error of ours into one message and its exit code; let bugs show themselves."""
    try:
        yield
    except InclusionMarkerError as error:
        typer.secho(error.text(language), fg="red", err=True)
        raise typer.Exit(error.exit_code) from error
    except KeyboardInterrupt:
        typer.secho(word("interrupted", language), fg="red", err=True)
        raise typer.Exit(130) from None


def _version(asked: bool) -> None:  # noqa: FBT001 - the shape that typer calls
    """Print the version and leave."""
    if asked:
        from importlib.metadata import version

        typer.echo(version("inclusion-marker"))
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Versión · version")
    ] = False,
) -> None:
    """Marcador de Inclusión Urbana · Urban Inclusion Marker."""


@app.command()
def compute(
    city: Annotated[
        str, typer.Option("--city", help="Nombre o carpeta de la ciudad · name or folder")
    ],
    method: Annotated[
        str | None, typer.Option("--method", help="uim-v1, o un archivo .toml")
    ] = None,
    resolution: Annotated[
        int | None, typer.Option("--resolution", help="Resolución H3 · H3 resolution, 0-15")
    ] = None,
    min_coverage: Annotated[
        float | None, typer.Option("--min-coverage", help="Cobertura mínima · 0-1")
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", help="Carpeta de resultados · folder of results")
    ] = Path("outputs"),
    lang: Language = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Reemplazar resultados · replace results")
    ] = False,
) -> None:
    """Calcula el marcador de una ciudad · compute the marker of a city."""
    language = _spoken(lang)
    with _reporting(language):
        started = time.perf_counter()
        _say(word("step_start", language))
        from inclusion_marker.city import load_city
        from inclusion_marker.marker import compute as compute_marker
        from inclusion_marker.outputs.figures import save_map
        from inclusion_marker.outputs.geopackage import check_target

        found = load_city(city)
        folder = out / found.id
        target = folder / f"{found.id}.gpkg"
        check_target(target, overwrite=overwrite)
        marker = compute_marker(
            found,
            method=method,
            resolution=resolution,
            min_coverage=min_coverage,
            progress=lambda step: _say(word(f"step_{step}", language)),
        )
        _say(word("step_write", language))
        marker.to_geopackage(target, language=language, overwrite=overwrite)
        picture = save_map(marker, folder / f"{found.id}.png", language=language)
        seconds = time.perf_counter() - started
        typer.echo(marker.summary(language))
        typer.echo("")
        typer.echo(word("files", language))
        for path in sorted(folder.iterdir()):
            if path.stem.split(".")[0] == found.id:
                typer.echo(f"  {path}")
        typer.echo(word("next_steps", language, gpkg=target, picture=picture.name))
        _say(word("done", language, seconds=f"{seconds:.1f}"))


def _say(text: str) -> None:
    """Say something about progress, apart from the results."""
    typer.secho(text, dim=True, err=True)


@app.command()
def cities(lang: Language = None) -> None:
    """Lista las ciudades a mano · list the cities at hand."""
    language = _spoken(lang)
    from inclusion_marker.city import find_cities, load_city

    for name, folder in find_cities().items():
        try:
            title = load_city(folder).name.said(language)
        except InclusionMarkerError:
            title = word("city_unreadable", language)
        typer.echo(f"{name:<20} {title}  ({folder})")


@methods.command("list")
def list_methods(lang: Language = None) -> None:
    """Lista los métodos incluidos · list the methods that ship."""
    language = _spoken(lang)
    from inclusion_marker.method import load_method, shipped_methods

    for name in shipped_methods():
        found = load_method(name)
        typer.echo(f"{name:<14} {found.version:<8} {found.name.said(language)}")


@methods.command("show")
def show_method(
    name: Annotated[str, typer.Argument(help="uim-v1, o un archivo .toml")] = "uim-v1",
    lang: Language = None,
) -> None:
    """Muestra el árbol con sus pesos efectivos · show the tree with its effective weights."""
    language = _spoken(lang)
    with _reporting(language):
        from inclusion_marker.method import load_method
        from inclusion_marker.outputs.method_tree import method_tree

        typer.echo(method_tree(load_method(name), language))


@methods.command("check")
def check_method(
    name: Annotated[str, typer.Argument(help="Archivo .toml · file")], lang: Language = None
) -> None:
    """Revisa un archivo de método · check a method file."""
    language = _spoken(lang)
    with _reporting(language):
        from inclusion_marker.method import effective_weights, load_method

        found = load_method(name)
        total = sum(weight.indicator for weight in effective_weights(found).values())
        counts = (len(found.areas), len(found.dimensions), len(found.indicators))
        areas, dimensions, indicators = counts
        typer.echo(
            word(
                "method_sound",
                language,
                name=found.id,
                areas=areas,
                dimensions=dimensions,
                indicators=indicators,
                total=f"{total:.6f}",
            )
        )


@methods.command("schema")
def method_schema(
    which: Annotated[str, typer.Argument(help="method | city")] = "method",
) -> None:
    """Escribe el esquema JSON para editores · write the JSON schema for editors."""
    import json

    from inclusion_marker.schema import schema

    with _reporting(_spoken(None)):
        json.dump(schema(which), sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")


if __name__ == "__main__":
    main()
