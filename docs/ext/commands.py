"""The page of the command, from the command itself: each with its arguments and options."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from types import NoneType
from typing import Any, get_args, get_type_hints

import typer
from typer.models import ArgumentInfo, OptionInfo

from ext.tables import code, table, words
from inclusion_marker.cli import app

NAME = "inclusion-marker"
_KINDS = {"str": "TEXT", "int": "INTEGER", "float": "NUMBER", "Path": "PATH"}


@dataclass(frozen=True)
class Parameter:
    """An argument or an option of a command.

    Attributes
    ----------
    name
        As it is written: ``--city``, or ``FILE``.
    value
        What is written behind it; empty for a switch and for an argument.
    about
        What the help says of it.
    default
        What counts where it is left out; empty if nothing.
    required
        Whether it must be given.
    """

    name: str
    value: str
    about: str
    default: str
    required: bool

    @property
    def usage(self) -> str:
        """Return it as a line of usage has it."""
        said = f"{self.name} {self.value}".strip()
        return said if self.required else f"[{said}]"


def page() -> str:
    """Return the Markdown of all commands, in the order in which the help lists them."""
    return "\n\n".join(_said(path, about, does) for path, about, does in every_command())


def every_command() -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """Yield each command: its words without the name of the program, its help, its function.

    Examples
    --------
    >>> [words for words, _, _ in every_command()][0]
    'compute'
    """
    yield from _below(app, "")


def _below(group: typer.Typer, path: str) -> Iterator[tuple[str, str, Callable[..., Any]]]:
    """Yield the commands of a group, those of its own first."""
    for command in group.registered_commands:
        does = command.callback
        if does is not None:
            name = command.name or does.__name__.replace("_", "-")
            yield f"{path}{name}", command.help or inspect.getdoc(does) or "", does
    for below in group.registered_groups:
        if below.typer_instance is not None:
            yield from _below(below.typer_instance, f"{path}{below.name} ")


def parameters(does: Callable[..., Any]) -> Iterator[Parameter]:
    """Yield the arguments and options of a command from the signature of its function.

    Parameters
    ----------
    does
        The function of a command.
    """
    hints = get_type_hints(does, include_extras=True)
    for name, each in inspect.signature(does).parameters.items():
        kind, info = get_args(hints[name])
        required = each.default is inspect.Parameter.empty
        value = "" if kind is bool else _value(kind)
        default = "" if required or each.default in (None, False) else _shown(each.default)
        if isinstance(info, OptionInfo):
            said = ", ".join(info.param_decls or (f"--{name.replace('_', '-')}",))
            yield Parameter(said, value, info.help or "", default, required)
        elif isinstance(info, ArgumentInfo):
            yield Parameter(info.metavar or name.upper(), "", info.help or "", default, required)


def _value(kind: Any) -> str:  # noqa: ANN401 - a type, a union of types, an alias
    """Return what is written behind an option of a type."""
    plain = next((each for each in get_args(kind) if each is not NoneType), kind)
    if inspect.isclass(plain) and issubclass(plain, Enum):
        return "|".join(str(each.value) for each in plain)
    return _KINDS.get(getattr(plain, "__name__", ""), "TEXT")


def _shown(default: object) -> str:
    """Return a default as it would be typed."""
    return str(default.value if isinstance(default, Enum) else default)


def _said(path: str, about: str, does: Callable[..., Any]) -> str:
    """Return one command: what it does, how it is called, what it takes."""
    takes = [*parameters(does)]
    usage = " ".join([NAME, path, *(each.usage for each in takes)])
    rows = [_row(each) for each in takes]
    about = " ".join(about.split())
    heads = ["", "qué es · what it is", "por defecto · default"]
    return f"## {path}\n\n{words(about)}\n\n```text\n{_wrapped(usage)}\n```\n\n{table(heads, rows)}"


def _wrapped(usage: str, width: int = 92) -> str:
    """Return a line of usage on several, broken between what it takes."""
    lines = [""]
    for part in usage.replace(" [", "\n[").split("\n"):
        if lines[-1] and len(lines[-1]) + len(part) > width:
            lines.append(f"    {part}")
        else:
            lines[-1] = f"{lines[-1]} {part}" if lines[-1] else part
    return "\n".join(lines)


def _row(each: Parameter) -> list[str]:
    """Return the line of an option or an argument."""
    must = " **(obligatorio · required)**" if each.required else ""
    return [code(f"{each.name} {each.value}"), f"{words(each.about)}{must}", code(each.default)]
