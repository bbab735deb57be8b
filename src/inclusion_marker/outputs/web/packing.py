"""Whole numbers in few bytes: what a page carries of every cell, and ``unpack.js`` reads.

A column of figures becomes whole numbers of its last shown digit. They are written as they are or
as the difference from the one before, whichever is smaller, all lowest bytes first, then all
second bytes and so on; the whole is deflated once. Neighbouring cells are alike, so most
differences fit one byte, and the other bytes are nearly all zero.
"""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_MOST_DIGITS = 15
"""Whole numbers of more are not exact in a browser."""


@dataclass(frozen=True, eq=False)
class Numbers:
    """Whole numbers that stand for figures, and which of them are missing.

    Attributes
    ----------
    values
        Shape ``(n,)``; what stands where a figure is missing does not matter.
    missing
        Shape ``(n,)``.
    digits
        Decimals of the figures: a figure is its whole number over ``10 ** digits``.
    """

    values: Whole
    missing: Flags
    digits: int = 0


def quantised(figures: npt.ArrayLike, digits: int) -> Numbers:
    """Return figures as whole numbers of their last digit.

    Parameters
    ----------
    figures
        Shape ``(n,)``; missing as NaN, infinite ones are missing, too.
    digits
        Decimals that are kept; fewer where a figure is too large for them in a browser.

    Examples
    --------
    >>> found = quantised([64.26, np.nan], 1)
    >>> found.values.tolist(), found.missing.tolist()
    ([643, 0], [False, True])
    """
    given = np.asarray(figures, np.float64)
    missing = ~np.isfinite(given)
    known = np.where(missing, 0.0, given)
    room = _MOST_DIGITS - math.ceil(math.log10(max(float(np.abs(known).max(initial=0.0)), 1.0)))
    kept = min(digits, room)
    return Numbers(np.rint(known * 10.0**kept).astype(np.int64), missing, kept)


def whole(values: npt.ArrayLike) -> Numbers:
    """Return whole numbers none of which is missing.

    Examples
    --------
    >>> whole([3, 4]).missing.any()
    np.False_
    """
    given = np.asarray(values, np.int64)
    return Numbers(given, np.zeros(given.shape, np.bool_))


def coded(words: Iterable[object], book: tuple[str, ...]) -> Numbers:
    """Return words as their places in a book; a word that it does not hold is missing.

    Examples
    --------
    >>> coded(["low", None], ("high", "low")).values.tolist()
    [1, 0]
    """
    places: dict[object, int] = {word: place for place, word in enumerate(book)}
    found = [places.get(word, -1) for word in words]
    given = np.asarray(found, np.int64)
    return Numbers(np.maximum(given, 0), given < 0)


@dataclass(frozen=True, eq=False)
class Packed:
    """Columns as one string of bytes, and where in it each one stands.

    Attributes
    ----------
    content
        The bytes, not yet deflated.
    book
        By name of a column: ``at``, the first byte; ``n``; ``width``, bytes a number; ``low``,
        what is added to each; ``delta``, whether numbers are differences; ``digits``; ``none``,
        the first byte of the bits that say what is missing, or -1. By name of a text or of
        flags: ``at`` and ``bytes``.
    """

    content: bytes
    book: dict[str, dict[str, int]]

    def text(self) -> str:
        """Return the bytes deflated, in base 64."""
        return base64.b64encode(deflated(self.content)).decode("ascii")


def deflated(content: bytes) -> bytes:
    """Return bytes deflated as browsers undo it (the format of zlib).

    Examples
    --------
    >>> zlib.decompress(deflated(b"marker"))
    b'marker'
    """
    return zlib.compress(content, 9)


def packed(
    columns: Mapping[str, Numbers],
    texts: Mapping[str, str],
    flags: Mapping[str, Flags] | None = None,
) -> Packed:
    """Return columns, texts and flags as one string of bytes.

    Parameters
    ----------
    columns
        By name, in the order in which they are written: alike ones beside each other are smaller.
    texts
        By name, written after the columns in UTF-8.
    flags
        By name, written last, a bit each, the lowest bit of a byte first.

    Examples
    --------
    >>> both = packed({"people": quantised([3, np.nan], 0)}, {"note": "ñ"})
    >>> both.book["people"]["n"], both.book["note"]["bytes"]
    (2, 2)
    """
    content = bytearray()
    book: dict[str, dict[str, int]] = {}
    masks: dict[bytes, int] = {}

    def placed(part: bytes) -> int:
        content.extend(part)
        return len(content) - len(part)

    for name, numbers in columns.items():
        mask, none = _bits(numbers.missing), -1
        if numbers.missing.any():
            # Most columns miss the same cells: one mask serves them all.
            none = masks[mask] if mask in masks else masks.setdefault(mask, placed(mask))
        written, shape = _planes(_carried(numbers))
        at = placed(written)
        book[name] = {"at": at, **shape, "digits": numbers.digits, "none": none}
    parts = {name: text.encode() for name, text in texts.items()}
    parts |= {name: _bits(each) for name, each in (flags or {}).items()}
    for name, part in parts.items():
        book[name] = {"at": placed(part), "bytes": len(part)}
    return Packed(bytes(content), book)


def _bits(flags: Flags) -> bytes:
    """Return flags as bits, the lowest bit of a byte first."""
    return np.packbits(flags, bitorder="little").tobytes()


def _carried(numbers: Numbers) -> Whole:
    """Return the numbers with the last known one where one is missing: its difference is 0."""
    known = np.flatnonzero(~numbers.missing)
    if not len(known):
        return np.zeros_like(numbers.values)
    last = np.maximum.accumulate(
        np.where(numbers.missing, known[0], np.arange(len(numbers.values)))
    )
    return numbers.values[last]


def _planes(values: Whole) -> tuple[bytes, dict[str, int]]:
    """Return numbers by their bytes, as they are or as differences, and how to read them."""
    if not len(values):
        return b"", {"n": 0, "width": 0, "low": 0, "delta": 0}
    low, steps = int(values.min()), np.diff(values, prepend=values[:1])
    folded = np.where(steps < 0, -2 * steps - 1, 2 * steps)
    plain, differences = (_by_bytes(each) for each in (values - low, folded))
    delta = len(zlib.compress(differences, 1)) < len(zlib.compress(plain, 1))
    written = differences if delta else plain
    width = len(written) // len(values)
    first = int(values[0]) if delta else low
    return written, {"n": len(values), "width": width, "low": first, "delta": int(delta)}


def _by_bytes(values: Whole) -> bytes:
    """Return the lowest byte of every number, then the second of every one, as far as needed."""
    width = (int(values.max()).bit_length() + 7) // 8
    parts = values.astype("<u8").view(np.uint8).reshape(len(values), 8)
    return parts[:, :width].T.tobytes()
