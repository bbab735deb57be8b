"""The vendored libraries of the page, as it carries them: see ``vendor/VENDORED.md``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from inclusion_marker.outputs.web.packing import Packed, packed

# Both would make the browser ask for a file that the page does not have.
_MAP_OF_SOURCE = re.compile(r"\s*//# sourceMappingURL=\S+\s*$")
_PICTURE = re.compile(r"url\((?!['\"]?data:)[^)]*\)")


@dataclass(frozen=True, slots=True)
class Library:
    """A library of others, unmodified: where it is from, and what it is called in the page.

    Attributes
    ----------
    name, version
        Its package in the npm registry.
    licence
        By its SPDX name.
    script, style
        Its files; no style where it needs none.
    licences
        The files that hold its licence.
    variable
        The global variable that its script sets.
    """

    name: str
    version: str
    licence: str
    script: str
    style: str
    licences: tuple[str, ...]
    variable: str


LIBRARIES = (
    Library(
        name="maplibre-gl",
        version="5.24.1",
        licence="BSD-3-Clause",
        script="maplibre-gl.js",
        style="maplibre-gl.css",
        licences=("LICENSE.txt",),
        variable="maplibregl",
    ),
    Library(
        name="leaflet",
        version="1.9.4",
        licence="BSD-2-Clause",
        script="leaflet.js",
        style="leaflet.css",
        licences=("LICENSE",),
        variable="L",
    ),
    Library(
        name="h3-js",
        version="4.5.0",
        licence="Apache-2.0",
        script="h3-js.umd.js",
        style="",
        licences=("LICENSE", "NOTICE"),
        variable="h3",
    ),
)


def vendored(name: str, file: str) -> str:
    """Return the text of a vendored file, exactly as its package has it.

    Parameters
    ----------
    name
        Name of the library.
    file
        Name of the file.

    Examples
    --------
    >>> vendored("leaflet", "LICENSE")[:20]
    'BSD 2-Clause License'
    """
    source = files("inclusion_marker.outputs.web") / "vendor" / name / file
    return source.read_bytes().decode("utf-8")


def script_of(library: Library) -> str:
    """Return the script of a library as the page runs it: without the address of its source."""
    return _MAP_OF_SOURCE.sub("", vendored(library.name, library.script)) + "\n"


def style_of(library: Library) -> str:
    """Return the style of a library as the page uses it: without pictures in other files."""
    return _PICTURE.sub("none", vendored(library.name, library.style)) if library.style else ""


def _texts() -> Iterator[tuple[str, str]]:
    """Yield script, style and licence of each library under their names in the page."""
    for each in LIBRARIES:
        yield f"{each.name}.js", script_of(each)
        yield f"{each.name}.css", style_of(each)
        licences = [vendored(each.name, file) for file in each.licences]
        yield f"{each.name}.licence", "\n\n".join(licences)


@cache
def packed_libraries() -> Packed:
    """Return all libraries as the page carries them; they are the same in every page."""
    return packed({}, dict(_texts()))


@cache
def packed_text() -> str:
    """Return :func:`packed_libraries` deflated, in base 64."""
    return packed_libraries().text()
