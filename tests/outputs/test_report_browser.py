"""The report in a real browser: it asks for nothing, fits a phone, prints, and can be heard."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from inclusion_marker.analysis.analyses import Analyses, analyse
from inclusion_marker.marker import Marker, compute
from inclusion_marker.outputs.report import report_html
from inclusion_marker.outputs.wording import whole
from inclusion_marker.texts import LANGUAGES, Text
from outputs.browser import DESKTOP, PHONE, Browser, browser, needs_chromium

pytestmark = [pytest.mark.browser, needs_chromium]

HOSTILE = '"</style></script><img src=x onerror=alert(1)>'


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a browser that cannot reach any host."""
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def manta() -> Marker:
    """Return a small city with districts and a marker."""
    return compute("manta", resolution=8, min_coverage=0.3)


@pytest.fixture(scope="module")
def cucuta() -> Marker:
    """Return the sample city."""
    return compute("cucuta")


@pytest.fixture(scope="module")
def found(manta: Marker) -> Analyses:
    """Return the analyses of it."""
    return analyse(manta, draws=64)


@pytest.fixture(scope="module")
def page(manta: Marker, found: Analyses, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a report in Spanish."""
    file = tmp_path_factory.mktemp("report") / "manta-report.html"
    file.write_text(report_html(manta, found, language="es"), encoding="utf-8")
    return file


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_page__asks_for_nothing_and_is_no_wider_than_the_window(
    chromium: Browser, page: Path, size: tuple[int, int]
) -> None:
    with chromium.opened(page, size=size) as opened:
        opened.check_quiet()
        wide = opened.page.evaluate("document.documentElement.scrollWidth")
        pictures = opened.page.evaluate(
            "[...document.images].every(each => each.complete && each.naturalWidth > 300)"
        )
    assert wide <= size[0]
    assert pictures


def test_page__has_no_serious_fault_for_who_hears_it_or_uses_keys(
    chromium: Browser, page: Path
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    with chromium.opened(page, size=PHONE) as opened:  # where tables have to be scrolled, too
        violations = axe.Axe().run(opened.page).response["violations"]
    serious = [
        (each["id"], each["nodes"][0]["html"][:160])
        for each in violations
        if each["impact"] in {"serious", "critical"}
    ]
    assert serious == []


def test_print__is_a_few_sheets_of_a4_and_the_city_is_on_one(
    chromium: Browser, page: Path, tmp_path: Path
) -> None:
    file = tmp_path / "report.pdf"
    with chromium.opened(page) as opened:
        opened.page.pdf(path=file, prefer_css_page_size=True)
        opened.page.emulate_media(media="print")
        opened.page.set_viewport_size({"width": 680, "height": 1000})  # A4 within its margins
        below = opened.page.evaluate("document.getElementById('gaps').getBoundingClientRect().top")
        opened.check_quiet()
    content = file.read_bytes()
    sheets = len(re.findall(rb"/Type\s*/Page\b(?!s)", content))
    boxes = set(re.findall(rb"/MediaBox\s*\[([^\]]*)\]", content))
    assert 6 <= sheets <= 16
    assert len(boxes) == 1
    width, height = (float(each) for each in boxes.pop().split()[2:])
    assert (round(width), round(height)) == (595, 842)
    assert below <= 995  # 263 mm of 25.4 / 96 mm: what a sheet holds


def test_names__that_are_markup_stay_words(
    chromium: Browser, manta: Marker, found: Analyses, tmp_path: Path
) -> None:
    name = Text(es=HOSTILE, en=HOSTILE)
    assert manta.districts is not None
    hostile = dataclasses.replace(
        manta,
        city=manta.city.model_copy(update={"name": name}),
        districts=manta.districts.assign(name=HOSTILE),
    )
    file = tmp_path / "hostile.html"
    file.write_text(report_html(hostile, found, language="en"), encoding="utf-8")
    with chromium.opened(file) as opened:
        assert opened.page.locator("h1").inner_text() == HOSTILE
        assert opened.page.locator("img[onerror], script").count() == 0
        assert opened.page.title().startswith(HOSTILE)
        opened.check_quiet()


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sample_city__has_a_first_page_of_one_sheet_and_fits_a_phone(
    chromium: Browser, cucuta: Marker, tmp_path: Path, language: str
) -> None:
    file = tmp_path / "cucuta.html"
    file.write_text(report_html(cucuta, cucuta.analyses, language=language), encoding="utf-8")
    with chromium.opened(file, size=PHONE) as opened:
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        opened.page.emulate_media(media="print")
        opened.page.set_viewport_size({"width": 680, "height": 1000})  # A4 within its margins
        below = opened.page.evaluate("document.getElementById('gaps').getBoundingClientRect().top")
        words = opened.page.inner_text("main")
        opened.check_quiet()
    assert below <= 995  # 263 mm of 25.4 / 96 mm: what a sheet holds
    for hole in ("nan", "{", "}", "<NA>", "()"):
        assert hole not in words
    low = cucuta.analyses.hotspots.summary["people"]["low"]
    assert whole(low, language) in words
