"""The commands about methods: list, show, check, and the schemas for editors."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from inclusion_marker.cli.speaking import Language, reporting, spoken

methods = typer.Typer(help="Cómo se mide · how inclusion is measured", no_args_is_help=True)


class Schema(StrEnum):
    """The two files that have a schema."""

    METHOD = "method"
    CITY = "city"


MethodName = Annotated[
    str | None, typer.Argument(help="uim, uim-v1, o un archivo .toml · or a file")
]


@methods.command("list")
def list_methods(lang: Language = None) -> None:
    """Lista los métodos incluidos · list the methods that ship."""
    language = spoken(lang)
    with reporting(language):
        from inclusion_marker.method import load_method, shipped_methods

        for name in shipped_methods():
            found = load_method(name)
            typer.echo(f"{name:<14}  {found.version:<8}  {found.name.said(language)}")


@methods.command("show")
def show_method(name: MethodName = None, lang: Language = None) -> None:
    """Muestra el árbol con sus pesos efectivos · show the tree with its effective weights."""
    language = spoken(lang)
    with reporting(language):
        from inclusion_marker.method import DEFAULT_METHOD, load_method
        from inclusion_marker.outputs.method_tree import method_tree

        typer.echo(method_tree(load_method(name or DEFAULT_METHOD), language))


@methods.command("layers")
def show_layers(name: MethodName = None, lang: Language = None) -> None:
    """Muestra qué capas y columnas pide · show which layers and columns it asks for."""
    language = spoken(lang)
    with reporting(language):
        from inclusion_marker.method import DEFAULT_METHOD, load_method
        from inclusion_marker.outputs.method_tree import layers_tree

        typer.echo(layers_tree(load_method(name or DEFAULT_METHOD), language))


@methods.command("check")
def check_method(
    name: Annotated[str, typer.Argument(metavar="FILE", help="Archivo .toml · file")],
    lang: Language = None,
) -> None:
    """Revisa un archivo de método · check a method file."""
    language = spoken(lang)
    with reporting(language):
        from inclusion_marker.method import load_method
        from inclusion_marker.outputs.method_tree import counts

        typer.echo(counts(load_method(name), "method_sound", language))


@methods.command("schema")
def method_schema(
    which: Annotated[Schema, typer.Argument(help="method | city")] = Schema.METHOD,
) -> None:
    """Escribe el esquema JSON para editores · write the JSON schema for editors."""
    with reporting(spoken(None)):
        import json

        from inclusion_marker.schema import schema

        typer.echo(json.dumps(schema(which.value), ensure_ascii=False, indent=2))
