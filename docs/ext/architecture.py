"""The floors of the house, from the contract that checks them and from what each room says."""

import importlib
import tomllib
from collections.abc import Iterator
from pathlib import Path

from ext.tables import code, table, words

ROOT = Path(__file__).parents[2]
PACKAGE = "inclusion_marker"


def floors() -> str:
    """Return the rooms from the top floor down, each with the first line of its docstring."""
    return table(["room", "what is in it"], [[code(room), words(about)] for room, about in rooms()])


def rooms() -> Iterator[tuple[str, str]]:
    """Yield each room of the contract with what it says of itself.

    Examples
    --------
    >>> next(iter(rooms()))
    ('cli', 'The command: parse, call, say what happened.')
    """
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")
    for floor in layers:
        for room in floor.split(" | "):
            module = importlib.import_module(f"{PACKAGE}.{room}")
            yield room, (module.__doc__ or "").partition("\n")[0]
