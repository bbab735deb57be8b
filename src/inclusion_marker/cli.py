"""The command: parse, call, say what happened."""

from __future__ import annotations

import codecs
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inclusion_marker.errors import InclusionMarkerError

if TYPE_CHECKING:
    from inclusion_marker.marker import Marker

# --help must answer at once: what takes long to import is imported where it is used.

INPUT, ENVIRONMENT, INTERRUPTED = 3, 4, 130
_PLAIN_SIGNS = {"█": "#", "·": ".", "…": "...", "–": "-", "─": "-", "│": "|", "├": "|", "└": "`"}  # noqa: RUF001

# Set by QGIS, OSGeo4W or PostGIS for their own copies; ours come with databases of their own.
_FOREIGN = ("PROJ_LIB", "PROJ_DATA", "GDAL_DATA")

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


class Schema(StrEnum):
    """The two files that have a schema."""

    METHOD = "method"
    CITY = "city"


Language = Annotated[
    Lang | None, typer.Option("--lang", help="es | en (por defecto, la del sistema; si no, es)")
]
MethodName = Annotated[
    str | None, typer.Argument(help="uim, uim-v1, o un archivo .toml · or a file")
]


def main() -> None:
    """Run the command, on any console, whatever other GIS software has set up."""
    for name in _FOREIGN:
        os.environ.pop(name, None)
    codecs.register_error("inclusion_marker.plain", _plain_sign)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError):
            stream.reconfigure(errors="inclusion_marker.plain")  # type: ignore[union-attr]
    app()


def _plain_sign(fault: UnicodeError) -> tuple[str, int]:
    """Return what stands for signs that a console cannot show."""
    if not isinstance(fault, UnicodeEncodeError):
        raise fault
    signs = fault.object[fault.start : fault.end]
    return "".join(_PLAIN_SIGNS.get(sign, "?") for sign in signs), fault.end


def _spoken(language: Lang | None) -> str:
    """Return the language to speak: the one asked for, the system's, or Spanish."""
    if language is not None:
        return language.value
    system = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return "en" if system.lower().startswith("en") else "es"


def _said(key: str, language: str, **values: object) -> str:
    """Return a phrase; the catalogue is read when something is first said."""
    from inclusion_marker.texts import word

    return word(key, language, **values).strip()


def _complain(text: str) -> None:
    """Say what is wrong, apart from the results."""
    typer.echo(text if os.environ.get("NO_COLOR") else typer.style(text, fg="red"), err=True)


@contextmanager
def _reporting(language: str) -> Iterator[None]:
    """Turn what a user can mend into one message and its exit code; let bugs show themselves."""
    try:
        with _ending_on_request():
            yield
    except InclusionMarkerError as error:
        _complain(error.text(language))
        raise typer.Exit(error.exit_code) from error
    except KeyboardInterrupt:
        _complain(_said("interrupted", language))
        raise typer.Exit(INTERRUPTED) from None
    except (ImportError, MemoryError, RuntimeError) as fault:
        key = _ailment(fault)
        if key is None:
            raise
        _complain(_said(key, language, reason=fault))
        raise typer.Exit(ENVIRONMENT) from fault
    except OSError as fault:
        if fault.filename is None:
            raise
        name, reason = Path(os.fsdecode(fault.filename)).name[-80:], fault.strerror or fault
        _complain(_said("file_refused", language, file=name, reason=reason))
        raise typer.Exit(INPUT) from fault


def _ailment(fault: Exception) -> str | None:
    """Return what ails this computer, the key of a phrase; ``None`` if the fault is ours."""
    if isinstance(fault, MemoryError):
        return "out_of_memory"
    if isinstance(fault, ImportError):
        return "installation_broken"
    return "cache_closed" if "cannot cache function" in str(fault) else None


@contextmanager
def _ending_on_request() -> Iterator[None]:
    """Let a request to end (SIGTERM) clean up as one from the keyboard does."""
    try:
        before = signal.signal(signal.SIGTERM, _interrupt)
    except ValueError:  # not the main thread: signals are somebody else's
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: object) -> None:
    """End as if from the keyboard."""
    raise KeyboardInterrupt


@contextmanager
def _progress(language: str) -> Iterator[Callable[[str], None]]:
    """Give what shows the step under way: on a terminal only, and gone at the end."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(Text(_said("step_start", language))) as status:
        yield lambda step: status.update(Text(_said(f"step_{step}", language)))


def _version(asked: bool) -> None:  # noqa: FBT001 - the shape that typer calls
    """Print the version and leave."""
    if asked:
        from importlib.metadata import version

        typer.echo(version("inclusion-marker"))
        raise typer.Exit


@app.callback()
def _common(
    *,
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
        str | None, typer.Option("--method", help="uim, uim-v1, o un archivo .toml · or a file")
    ] = None,
    resolution: Annotated[
        int | None, typer.Option("--resolution", help="Resolución H3 · H3 resolution, 0-15")
    ] = None,
    min_coverage: Annotated[
        float | None, typer.Option("--min-coverage", help="Cobertura mínima · minimum, 0-1")
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
    started = time.perf_counter()
    with _reporting(language), _progress(language) as say:
        from inclusion_marker.city import load_city
        from inclusion_marker.files import check_target
        from inclusion_marker.marker import compute as compute_marker
        from inclusion_marker.outputs.geopackage import check_name

        found = load_city(_named(city))
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
        say("write")
        _write(marker, files, language=language, overwrite=overwrite)
    _tell(marker, files, language, time.perf_counter() - started)


def _named(city: str) -> str:
    """Return the name of a city as given; an empty one is no name of the working folder."""
    if city.strip():
        return city
    from inclusion_marker.city import find_cities
    from inclusion_marker.errors import CityError
    from inclusion_marker.notices import Notice, near

    values = {"found": city, "accepted": near("", find_cities()) or "-"}
    raise CityError(Notice("city_not_found", item="city", values=values))


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
    typer.echo(marker.summary(language))
    typer.echo(f"\n{_said('files', language)}")
    for path in files:
        typer.echo(f"  {path}")
    geopackage, _, picture, _ = files
    typer.echo(f"\n{_said('next_steps', language, gpkg=geopackage, picture=picture.name)}")
    if marker.scores.marker.isna().all():
        typer.echo(_said("next_empty", language, command="--min-coverage 0.3 --overwrite"))
    typer.echo(_said("done", language, seconds=f"{seconds:.1f}"), err=True)


@app.command()
def cities(lang: Language = None) -> None:
    """Lista las ciudades a mano · list the cities at hand."""
    language = _spoken(lang)
    with _reporting(language):
        from inclusion_marker.city import find_cities, load_city
        from inclusion_marker.outputs.wording import plain

        found = find_cities()
        rows = []
        for name, folder in found.items():
            try:
                city = load_city(folder)
                title, made_up = plain(city.name.said(language)), city.synthetic
            except InclusionMarkerError:
                title, made_up = _said("city_unreadable", language), False
            mark = f"[{_said('synthetic', language)}] " if made_up else ""
            rows.append((name, title, f"{mark}{folder}"))
        wide = [max((len(row[part]) for row in rows), default=0) for part in (0, 1)]
        for name, title, where in rows:
            typer.echo(f"{name:<{wide[0]}}  {title:<{wide[1]}}  {where}")
        if not found:
            _complain(_said("no_cities", language))


@methods.command("list")
def list_methods(lang: Language = None) -> None:
    """Lista los métodos incluidos · list the methods that ship."""
    language = _spoken(lang)
    with _reporting(language):
        from inclusion_marker.method import load_method, shipped_methods

        for name in shipped_methods():
            found = load_method(name)
            typer.echo(f"{name:<14}  {found.version:<8}  {found.name.said(language)}")


@methods.command("show")
def show_method(name: MethodName = None, lang: Language = None) -> None:
    """Muestra el árbol con sus pesos efectivos · show the tree with its effective weights."""
    language = _spoken(lang)
    with _reporting(language):
        from inclusion_marker.method import DEFAULT_METHOD, load_method
        from inclusion_marker.outputs.method_tree import method_tree

        typer.echo(method_tree(load_method(name or DEFAULT_METHOD), language))


@methods.command("layers")
def show_layers(name: MethodName = None, lang: Language = None) -> None:
    """Muestra qué capas y columnas pide · show which layers and columns it asks for."""
    language = _spoken(lang)
    with _reporting(language):
        from inclusion_marker.method import DEFAULT_METHOD, load_method
        from inclusion_marker.outputs.method_tree import layers_tree

        typer.echo(layers_tree(load_method(name or DEFAULT_METHOD), language))


@methods.command("check")
def check_method(
    name: Annotated[str, typer.Argument(metavar="FILE", help="Archivo .toml · file")],
    lang: Language = None,
) -> None:
    """Revisa un archivo de método · check a method file."""
    language = _spoken(lang)
    with _reporting(language):
        from inclusion_marker.method import load_method
        from inclusion_marker.outputs.method_tree import counts

        typer.echo(counts(load_method(name), "method_sound", language))


@methods.command("schema")
def method_schema(
    which: Annotated[Schema, typer.Argument(help="method | city")] = Schema.METHOD,
) -> None:
    """Escribe el esquema JSON para editores · write the JSON schema for editors."""
    with _reporting(_spoken(None)):
        import json

        from inclusion_marker.schema import schema

        typer.echo(json.dumps(schema(which.value), ensure_ascii=False, indent=2))
