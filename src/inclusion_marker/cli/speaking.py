"""How every command speaks: the language, the faults, the progress, and the exit codes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from inclusion_marker.errors import InclusionMarkerError

# --help must answer at once: what takes long to import is imported where it is used.

INPUT, ENVIRONMENT, INTERRUPTED = 3, 4, 130
_PLAIN_SIGNS = {"█": "#", "·": ".", "…": "...", "–": "-", "─": "-", "│": "|", "├": "|", "└": "`"}  # noqa: RUF001


class Lang(StrEnum):
    """Language of what is shown and written."""

    ES = "es"
    EN = "en"


Language = Annotated[
    Lang | None, typer.Option("--lang", help="es | en (por defecto, la del sistema; si no, es)")
]
City = Annotated[str, typer.Option("--city", help="Nombre o carpeta de la ciudad · name or folder")]
Method = Annotated[
    str | None, typer.Option("--method", help="uim, uim-v1, o un archivo .toml · or a file")
]
Resolution = Annotated[
    int | None, typer.Option("--resolution", help="Resolución H3 · H3 resolution, 0-15")
]
Overwrite = Annotated[
    bool, typer.Option("--overwrite", help="Reemplazar resultados · replace results")
]
MinCoverage = Annotated[
    float | None, typer.Option("--min-coverage", help="Cobertura mínima · minimum, 0-1")
]


def plain_sign(fault: UnicodeError) -> tuple[str, int]:
    """Return what stands for signs that a console cannot show."""
    if not isinstance(fault, UnicodeEncodeError):
        raise fault
    signs = fault.object[fault.start : fault.end]
    return "".join(_PLAIN_SIGNS.get(sign, "?") for sign in signs), fault.end


def spoken(language: Lang | None) -> str:
    """Return the language to speak: the one asked for, the system's, or Spanish."""
    if language is not None:
        return language.value
    system = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return "en" if system.lower().startswith("en") else "es"


def said(key: str, language: str, **values: object) -> str:
    """Return a phrase; the catalogue is read when something is first said."""
    from inclusion_marker.texts import word

    return word(key, language, **values).strip()


def complain(text: str) -> None:
    """Say what is wrong, apart from the results."""
    typer.echo(text if os.environ.get("NO_COLOR") else typer.style(text, fg="red"), err=True)


@contextmanager
def reporting(language: str) -> Iterator[None]:
    """Turn what a user can mend into one message and its exit code; let bugs show themselves."""
    try:
        with _ending_on_request():
            yield
    except InclusionMarkerError as error:
        complain(error.text(language))
        raise typer.Exit(error.exit_code) from error
    except KeyboardInterrupt:
        complain(said("interrupted", language))
        raise typer.Exit(INTERRUPTED) from None
    except (ImportError, MemoryError, RuntimeError) as fault:
        key = _ailment(fault)
        if key is None:
            raise
        complain(said(key, language, reason=fault))
        raise typer.Exit(ENVIRONMENT) from fault
    except OSError as fault:
        if fault.filename is None:
            raise
        name, reason = Path(os.fsdecode(fault.filename)).name[-80:], fault.strerror or fault
        complain(said("file_refused", language, file=name, reason=reason))
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
def progress(language: str) -> Iterator[Callable[[str], None]]:
    """Give what shows the step under way: on a terminal only, and gone at the end."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(Text(said("step_start", language))) as status:
        yield lambda step: status.update(Text(said(f"step_{step}", language)))


def named(city: str) -> str:
    """Return the name of a city as given; an empty one is no name of the working folder."""
    if city.strip():
        return city
    from inclusion_marker.city import find_cities
    from inclusion_marker.errors import CityError
    from inclusion_marker.notices import Notice, near

    values = {"found": city, "accepted": near("", find_cities()) or "-"}
    raise CityError(Notice("city_not_found", item="city", values=values))
