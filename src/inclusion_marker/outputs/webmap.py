"""The web map: one HTML file that asks no host for anything."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from html import escape, unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.files import replacing
from inclusion_marker.outputs.web.libraries import (
    LIBRARIES,
    packed_libraries,
    packed_text,
    script_of,
    style_of,
)
from inclusion_marker.outputs.web.payload import Payload, payload_of
from inclusion_marker.outputs.wording import plain
from inclusion_marker.result import Result
from inclusion_marker.texts import word

MOST_BYTES = 10_000_000
"""A page larger than this, which mail servers refuse, leaves the raw values out."""

_FRAME_HEIGHT_PX = 640
# A form sends nothing anywhere, by the page's own policy; a dialog is needed to print.
_MAY = "allow-scripts allow-downloads allow-forms allow-modals"
_PART = re.compile(
    r'<link rel="stylesheet" href="(?P<style>[a-z-]+\.css)">'
    r'|<script src="(?P<script>[a-z-]+\.js)"></script>'
)
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_OWN = {kind: re.compile(rf"<{kind}>(.*?)</{kind}>", re.DOTALL) for kind in ("script", "style")}


def webmap_html(result: Result, analyses: Analyses, *, language: str, raw: bool = True) -> str:
    """Return the page of the web map: everything that it shows is inside.

    Parameters
    ----------
    result
        What was computed.
    analyses
        What is said beside it.
    language
        The language that it opens in, ``"es"`` or ``"en"``; it can be switched in the page.
    raw
        Whether it carries the raw values, where they fit.

    Returns
    -------
    page
        HTML. Scores are rounded to a tenth, raw values to hundredths; what is missing stays
        missing. The raw values are left out of a page that would be larger than ten megabytes.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> marker = compute("manta", resolution=8)
    >>> page = webmap_html(marker, marker.analyses, language="en")
    >>> page.startswith("<!doctype html>"), 'lang="en"' in page
    (True, True)
    """
    payload = payload_of(result, analyses, language, raw=raw)
    page = _page(result, payload, language)
    if payload.raw is None or len(page) <= MOST_BYTES:
        return page
    return _page(result, replace(payload, raw=None), language)


def write_webmap(
    result: Result, analyses: Analyses, path: Path, *, language: str, overwrite: bool
) -> Path:
    """Return the path of the web map, written whole or not at all.

    Parameters
    ----------
    result, analyses, language
        As for :func:`webmap_html`.
    path
        The file, ``….html``.
    overwrite
        Whether a file that is there may be replaced.

    Raises
    ------
    OutputError
        As :func:`inclusion_marker.files.replacing`.

    Examples
    --------
    >>> import tempfile
    >>> from inclusion_marker import compute
    >>> marker, target = compute("manta", resolution=8), Path(tempfile.mkdtemp()) / "manta.html"
    >>> write_webmap(marker, marker.analyses, target, language="es", overwrite=False).name
    'manta.html'
    """
    page = webmap_html(result, analyses, language=language).encode()
    with replacing(path, overwrite=overwrite, needed_bytes=len(page)) as beside:
        beside.write_bytes(page)
    return path


@dataclass(frozen=True, repr=False)
class Explorer:
    """The web map in a notebook: the same page, in a frame that cannot touch the notebook.

    Attributes
    ----------
    page
        What :func:`webmap_html` gives.
    height_px
        How high the frame is.

    Examples
    --------
    >>> Explorer("<!doctype html><title>Cúcuta</title>")
    <Explorer 'Cúcuta': 37 bytes>
    """

    page: str
    height_px: int = _FRAME_HEIGHT_PX

    @property
    def title(self) -> str:
        """Return what the page is called, for those who listen."""
        found = _TITLE.search(self.page)
        return unescape(found[1]) if found else ""

    def __repr__(self) -> str:
        """Return one line: the page is too long to be shown as text."""
        return f"<{type(self).__name__} {self.title!r}: {len(self.page.encode())} bytes>"

    def _repr_html_(self) -> str:
        """Return the page in a frame, which may run its own scripts, save files and print."""
        return (
            f'<iframe title="{escape(self.title)}" srcdoc="{escape(self.page)}" '
            f'sandbox="{_MAY}" '
            f'style="width:100%;height:{self.height_px}px;border:0"></iframe>'
        )


# ── the page ─────────────────────────────────────────────────────────────────


def _title(result: Result, language: str) -> str:
    """Return what the page is called: the marker, and the city."""
    return f"{word('marker', language)} · {plain(result.city.name.said(language))}"


def _page(result: Result, payload: Payload, language: str) -> str:
    """Return the page with everything in its place."""
    shell = _PART.sub(_inlined, _asset("page.html"))
    policy = _policy(*(each.findall(shell) for each in _OWN.values()))
    slots: Mapping[str, Callable[[], str]] = {
        "{{language}}": lambda: language,
        "{{title}}": lambda: escape(_title(result, language)),
        "<!-- policy -->": lambda: policy,
        "<!-- payload -->": lambda: _carried(payload),
    }
    # In one pass: what is put into a slot is not looked into again.
    wanted = re.compile("|".join(map(re.escape, slots)))
    return wanted.sub(lambda found: slots[found[0]](), shell)


def _asset(name: str) -> str:
    """Return a part of the page."""
    source = files("inclusion_marker.outputs.web") / "page" / name
    return source.read_text(encoding="utf-8")


def _inlined(part: re.Match[str]) -> str:
    """Return a style or a script that the page names as a part of the page."""
    if part["style"]:
        return f"<style>\n{_asset(part['style'])}</style>"
    # Inside a text of a script "<\\/" is the same as "</", and ends no script of a page.
    code = _asset(part["script"]).replace("</script", "<\\/script")
    return f"<script>\n{code}</script>"


def _policy(scripts: list[str], styles: list[str]) -> str:
    """Return what the page may do: use its own scripts and styles, known by their hash, no more."""
    scripts = [*scripts, *(script_of(each) for each in LIBRARIES)]
    styles = [*styles, *(style_of(each) for each in LIBRARIES if each.style)]
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(map(_hash_source, scripts)),
        "style-src": " ".join(map(_hash_source, styles)),
        "img-src": "data: blob:",
        "worker-src": "blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    said = "; ".join(f"{name} {allowed}" for name, allowed in rules.items())
    return f'<meta http-equiv="Content-Security-Policy" content="{said}">'


def _hash_source(code: str) -> str:
    """Return a script or a style as a policy names it."""
    digest = hashlib.sha256(code.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _carried(payload: Payload) -> str:
    """Return what the page carries as blocks that no browser runs."""
    contents = {"libraries": packed_libraries(), "cells": payload.cells}
    if payload.raw is not None:
        contents["raw"] = payload.raw
    texts = {
        name: packed_text() if name == "libraries" else each.text()
        for name, each in contents.items()
    }
    header = {
        **payload.header,
        "contents": list(contents),
        "book": {name: each.book for name, each in contents.items()},
    }
    blocks = [f'<script type="application/json" id="data-header">{safe_json(header)}</script>']
    blocks += [
        f'<script type="application/octet-stream" id="data-{name}">{text}</script>'
        for name, text in texts.items()
    ]
    return "\n".join(blocks)


def safe_json(value: Mapping[str, Any]) -> str:
    r"""Return JSON that ends no script and begins no tag, whatever the words in it.

    Parameters
    ----------
    value
        What to say.

    Raises
    ------
    ValueError
        If a number in it is no number, or infinite.

    Examples
    --------
    >>> print(safe_json({"name": "</script>"}))
    {"name":"\u003c/script\u003e"}
    """
    said = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "&<>\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}":
        said = said.replace(sign, f"\\u{ord(sign):04x}")
    return said
