"""What a page of the web map carries, read by a slow twin of ``unpack.js``."""

from __future__ import annotations

import base64
import html
import json
import math
import re
import zlib
from dataclasses import dataclass
from typing import Any

_BLOCK = re.compile(
    r'<script type="application/(?:json|octet-stream)" id="data-(?P<name>[a-z]+)">(?P<text>[^<]*)<'
)


@dataclass(frozen=True)
class Carried:
    """The header of a page, and its columns by name."""

    header: dict[str, Any]
    streams: dict[str, bytes]

    def _entry(self, name: str) -> tuple[bytes, dict[str, int]]:
        """Return the stream that holds a column, and where."""
        for stream, book in self.header["book"].items():
            if name in book:
                return self.streams[stream], book[name]
        raise KeyError(name)

    def names(self, prefix: str) -> set[str]:
        """Return the names of columns that begin so."""
        books = self.header["book"].values()
        return {name for book in books for name in book if name.startswith(prefix)}

    def figures(self, name: str) -> list[float]:
        """Return the figures of a column, missing ones as NaN."""
        content, entry = self._entry(name)
        return figures(content, entry)

    def text(self, name: str) -> str:
        """Return a text."""
        content, entry = self._entry(name)
        return content[entry["at"] : entry["at"] + entry["bytes"]].decode()

    def flags(self, name: str, count: int) -> list[bool]:
        """Return the first flags of a column of bits."""
        content, entry = self._entry(name)
        return [_bit(content, entry["at"], row) for row in range(count)]

    def shapes(self, name: str) -> list[list[list[list[tuple[float, float]]]]]:
        """Return polygons: parts of rings of corners, a ring closed."""
        parts, rings, points = (
            [int(each) for each in self.figures(f"{name}:{key}")]
            for key in ("parts", "rings", "points")
        )
        corners = list(zip(self.figures(f"{name}:x"), self.figures(f"{name}:y"), strict=True))
        found = []
        for count in parts:
            shape = []
            for _ in range(count):
                part = []
                for _ in range(rings.pop(0)):
                    many = points.pop(0)
                    ring, corners = corners[:many], corners[many:]
                    part.append([*ring, ring[0]])
                shape.append(part)
            found.append(shape)
        assert not rings
        assert not points
        assert not corners
        return found


def carried(page: str) -> Carried:
    """Return what a page carries."""
    blocks = {found["name"]: found["text"] for found in _BLOCK.finditer(page)}
    header = json.loads(blocks.pop("header"))
    streams = {name: zlib.decompress(base64.b64decode(text)) for name, text in blocks.items()}
    assert list(streams) == header["contents"]
    return Carried(header, streams)


def figures(content: bytes, entry: dict[str, int]) -> list[float]:
    """Return the figures that an entry of a book stands for."""
    at, count, width = entry["at"], entry["n"], entry["width"]
    last, found = entry["low"], []
    for row in range(count):
        number = sum(content[at + plane * count + row] << 8 * plane for plane in range(width))
        if entry["delta"]:
            last += -(number + 1) // 2 if number % 2 else number // 2
        else:
            last = entry["low"] + number
        missing = entry["none"] >= 0 and _bit(content, entry["none"], row)
        found.append(math.nan if missing else last / 10 ** entry["digits"])
    return found


def _bit(content: bytes, at: int, row: int) -> bool:
    """Return one bit, the lowest of a byte first."""
    return bool(content[at + row // 8] >> row % 8 & 1)


def policy(page: str) -> dict[str, list[str]]:
    """Return what a page's policy allows, by rule."""
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert found is not None
    rules = [rule.split() for rule in html.unescape(found[1]).split(";")]
    return {name: allowed for name, *allowed in rules}
