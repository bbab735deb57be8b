"""A page in a real browser that cannot reach any host: what it asked for, and what went wrong."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import ConsoleMessage, Dialog, Page, Playwright, Route

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--no-sandbox",  # a browser that root starts, as in most containers, has none
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_WITHOUT_3D = ("--disable-gpu", "--disable-3d-apis")
_SOFTWARE_3D = (
    "--disable-gpu",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
)
DESKTOP, PHONE = (1280, 800), (390, 844)


def chromium() -> str | None:
    """Return the path of a Chromium: ``CHROMIUM`` says which, or the system's first."""
    asked = os.environ.get("CHROMIUM")
    if asked:
        return shutil.which(asked)
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def lacking() -> str:
    """Return what is missing for a page to be opened; nothing if all is there."""
    if find_spec("playwright") is None:
        return "playwright is not installed"
    return "" if chromium() else "no Chromium on this machine: install one, or name it in CHROMIUM"


needs_chromium = pytest.mark.skipif(bool(lacking()), reason=lacking())


@dataclass
class Opened:
    """A page that is open, with all that a person would never see of it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def ready(self, timeout_s: float = 30.0) -> dict[str, Any]:
        """Return what the page says of itself once its first map is complete."""
        # By the tree: a condition as text would need what the page's policy forbids.
        self.page.wait_for_selector("html[data-ready]", state="attached", timeout=timeout_s * 1000)
        said = self.page.evaluate("document.documentElement.dataset.ready")
        found: dict[str, Any] = json.loads(said)
        return found

    def check_quiet(self) -> None:
        """Check that no host was asked for anything, nothing failed and no script broke in."""
        assert self.requests == []
        assert self.errors == []
        assert self.dialogs == []


class Browser:
    """A Chromium that opens files, with the network cut off; a second one where WebGL is wanted."""

    def __init__(self, started: Playwright, *, software_3d: bool) -> None:
        """Remember how it is started; it starts with the first file."""
        self._started, self._software_3d = started, software_3d
        self._running: dict[bool, Chromium] = {}

    def _chromium(self, *, software_3d: bool) -> Chromium:
        """Return the running Chromium of a kind."""
        if software_3d not in self._running:
            flags = [*_FLAGS, *(_SOFTWARE_3D if software_3d else _WITHOUT_3D)]
            self._running[software_3d] = self._started.chromium.launch(
                executable_path=chromium(), args=flags, headless=True
            )
        return self._running[software_3d]

    def close(self) -> None:
        """Close what runs."""
        for each in self._running.values():
            each.close()

    @contextmanager
    def opened(
        self,
        file: Path,
        *,
        size: tuple[int, int] = DESKTOP,
        address: str = "",
        locale: str = "es-CO",
        touch: bool = False,
        scheme: Literal["light", "dark"] = "light",
        before: str = "",
        software_3d: bool | None = None,
    ) -> Iterator[Opened]:
        """Open a file.

        ``address`` is what follows its name, ``#…``; ``before`` a script that runs before its own.
        """
        width, height = size
        kind = self._software_3d if software_3d is None else software_3d
        around = self._chromium(software_3d=kind).new_context(
            viewport={"width": width, "height": height},
            accept_downloads=True,
            locale=locale,
            has_touch=touch,
            color_scheme=scheme,
        )
        try:
            found = Opened(around.new_page())
            watch(found)
            if before:
                found.page.add_init_script(before)
            found.page.goto(f"{file.absolute().as_uri()}{address}", wait_until="load")
            yield found
        finally:
            around.close()


def watch(found: Opened) -> None:
    """Abort and count every request to a host; collect errors and dialogs."""

    def refuse(route: Route) -> None:
        found.requests.append(route.request.url)
        route.abort()

    def dismiss(dialog: Dialog) -> None:
        found.dialogs.append(dialog.message)
        dialog.dismiss()

    def error(message: ConsoleMessage) -> None:
        # What a driver says of its own speed is no fault of the page.
        if message.type in {"error", "warning"} and not message.text.startswith("[.WebGL"):
            found.errors.append(message.text)

    page = found.page
    page.context.route(
        lambda url: not url.startswith(("file:", "blob:", "data:", "about:")), refuse
    )
    page.on("dialog", dismiss)
    page.on("console", error)
    page.on("pageerror", lambda fault: found.errors.append(str(fault)))


@contextmanager
def browser(*, software_3d: bool = False) -> Iterator[Browser]:
    """Give the system's Chromium, without WebGL unless its software version is asked for."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - it may not be there

    with sync_playwright() as started:
        running = Browser(started, software_3d=software_3d)
        try:
            yield running
        finally:
            running.close()
