"""The command: parse, call, say what happened."""

from __future__ import annotations

import codecs
import os
import sys
from contextlib import suppress
from typing import Annotated

import typer

from inclusion_marker.cli.analyses import (
    audit,
    compare,
    equity,
    explain,
    hotspots,
    resolutions,
    robustness,
)
from inclusion_marker.cli.computing import cities, compute, report, webmap
from inclusion_marker.cli.methods import methods
from inclusion_marker.cli.speaking import plain_sign

# Set by QGIS, OSGeo4W or PostGIS for their own copies; ours come with databases of their own.
_FOREIGN = ("PROJ_LIB", "PROJ_DATA", "GDAL_DATA")

app = typer.Typer(
    help="Marcador de Inclusión Urbana · Urban Inclusion Marker",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
QUESTIONS = (explain, robustness, hotspots, equity, audit, compare, resolutions)
app.command()(compute)
app.command("map")(webmap)
for command in (report, *QUESTIONS, cities):
    app.command()(command)
app.add_typer(methods, name="method")


def main() -> None:
    """Run the command, on any console, whatever other GIS software has set up."""
    for name in _FOREIGN:
        os.environ.pop(name, None)
    codecs.register_error("inclusion_marker.plain", plain_sign)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError):
            stream.reconfigure(errors="inclusion_marker.plain")  # type: ignore[union-attr]
    app()


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
