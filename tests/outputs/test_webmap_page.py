"""The web map as people use it: choose, look, search, filter, take away, print, by any means."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest

import inclusion_marker.outputs.web as room
from inclusion_marker.analysis.equity import equity
from inclusion_marker.analysis.explaining.reasons import main_shortfall
from inclusion_marker.analysis.hotspots import hotspots
from inclusion_marker.analysis.where import shares_of_districts
from inclusion_marker.composite.totals import weighted_mean
from inclusion_marker.marker import Marker, compute
from inclusion_marker.outputs import wording
from inclusion_marker.outputs.tables import cells as cell_table
from inclusion_marker.outputs.webmap import write_webmap
from inclusion_marker.outputs.wording import measured, percent, tied, whole
from inclusion_marker.texts import catalogue
from made_cities import made_city
from outputs.browser import Browser, Opened, browser, needs_chromium
from outputs.made_maps import few, trimmed, undrawn

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, needs_chromium]

PARTS = Path(next(iter(room.__path__))) / "page"
ODD = "=2+2 «Ñandú»"
HOME = "898f2e0ec63ffff"
WIDE, NARROW = (1366, 768), (360, 740)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a browser whose WebGL is drawn in software: the page takes Leaflet unless asked."""
    with browser(software_3d=True) as running:
        yield running


@pytest.fixture(scope="module")
def marker() -> Marker:
    """Return a small marker; one of its districts is called what a spreadsheet would compute."""
    found = compute("manta", min_coverage=0.3)
    assert found.districts is not None
    named = found.districts.assign(name=found.districts["name"].replace("Tarqui", ODD))
    return dataclasses.replace(found, districts=named)


@pytest.fixture(scope="module")
def table(marker: Marker) -> pd.DataFrame:
    """Return what the outputs say of its cells, by cell."""
    return cell_table(marker, marker.analyses, "es").frame.set_index("cell")


@pytest.fixture(scope="module")
def file(marker: Marker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of its page, in Spanish."""
    target = tmp_path_factory.mktemp("page") / "manta-map.html"
    return write_webmap(marker, marker.analyses, target, language="es", overwrite=False)


@pytest.fixture
def opened(chromium: Browser, file: Path) -> Iterator[Opened]:
    """Return the page, open and drawn; whatever is done with it must stay quiet."""
    with chromium.opened(file, size=WIDE) as found:
        found.ready()
        yield found
        found.check_quiet()


def state(page: Page) -> dict[str, Any]:
    """Return the choices that the page holds."""
    found: dict[str, Any] = json.loads(page.evaluate("JSON.stringify(store.get())"))
    return found


def wait(page: Page, script: str) -> None:
    """Wait until a script is true; the page's policy forbids the browser's own way of waiting."""
    for _ in range(200):
        if page.evaluate(script):
            return
        page.wait_for_timeout(25)
    raise AssertionError(script)


def parts(page: Page) -> dict[str, str]:
    """Return the parts of the page's address."""
    found: dict[str, str] = page.evaluate(
        "Object.fromEntries(new URLSearchParams(location.hash.slice(1)))"
    )
    return found


def shown(score: float) -> str:
    """Return a score as a person reads it."""
    return f"{score:.1f}"


def people(count: float) -> str:
    """Return a count as a Spanish reader reads it."""
    return f"{count:,.0f}".replace(",", "\N{NO-BREAK SPACE}")


def colours(picture: bytes) -> dict[tuple[int, int, int], int]:
    """Return how many points of a picture have each colour."""
    from PIL import Image  # noqa: PLC0415 - only where a browser is

    points = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"), np.uint32).reshape(-1, 3)
    codes, counts = np.unique(points @ np.array([1 << 16, 1 << 8, 1]), return_counts=True)
    return {rgb(f"#{code:06x}"): int(count) for code, count in zip(codes, counts, strict=True)}


def rgb(code: str) -> tuple[int, int, int]:
    """Return a colour's parts."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


# ── choose and read ──────────────────────────────────────────────────────────


def test_picker__finds_a_score_without_accents_and_shows_it(opened: Opened, marker: Marker) -> None:
    page = opened.page
    page.fill("#picker-input", "educacion, cultura")
    page.keyboard.press("Enter")
    area = marker.method.areas["education"].name.es
    assert page.text_content("#legend-title") == f"E · {area}"
    assert parts(page)["n"] == "area_education"
    mean = float(marker.means()["people_weighted"]["area_education"])
    assert page.text_content("#city-score") == shown(mean)
    pressed = page.text_content("#tab-city button[aria-pressed=true] .score-name")
    assert pressed == area


def test_picker__lists_every_score_with_its_code(opened: Opened, marker: Marker) -> None:
    page = opened.page
    page.click("#picker-input")
    listed = page.locator("#picker-list [role=option] > span:first-child").all_text_contents()
    method = marker.method
    names = {f"{each.code} · {each.name.es}" for each in method.areas.values()}
    names |= {f"{each.code} · {each.name.es}" for each in method.indicators.values()}
    assert names <= set(listed)
    assert len(listed) == 1 + len(method.areas) + len(method.dimensions) + len(method.indicators)


def test_legend__says_which_share_of_the_people_lives_in_each_class(
    opened: Opened, table: pd.DataFrame
) -> None:
    rows = opened.page.locator("#legend .class")
    assert rows.count() == 6
    total = table["people"].sum()
    for number in range(1, 6):
        share = 100 * table.loc[table["marker_class"] == number, "people"].sum() / total
        said = rows.nth(number - 1).locator(".class-share").text_content() or ""
        value = float(said.removeprefix("<").split("\N{NO-BREAK SPACE}")[0])
        assert value == pytest.approx(share, abs=0.11)
    assert "Sin datos" in (rows.nth(5).text_content() or "")


def test_map__is_drawn_in_the_colours_of_the_legend_and_of_the_other_palette(
    opened: Opened, table: pd.DataFrame
) -> None:
    page = opened.page
    known = sorted(table["marker_class"].dropna().unique())
    published, viridis = (
        page.evaluate(f"readData().then(data => data.palettes.{name})")
        for name in ("published", "viridis")
    )
    before = colours(page.locator("#map").screenshot())
    page.click("#legend [data-key=palette-viridis]")
    after = colours(page.locator("#map").screenshot())
    for number in known:
        first, second = rgb(published[number - 1]), rgb(viridis[number - 1])
        assert before.get(first, 0) > 200
        assert after.get(second, 0) > 200
        assert after.get(first, 0) == 0


# ── the panel ────────────────────────────────────────────────────────────────


def test_panel__says_of_a_cell_what_the_marker_found(
    chromium: Browser, file: Path, table: pd.DataFrame, marker: Marker
) -> None:
    cell = {str(name): value for name, value in table.loc[HOME].to_dict().items()}
    with chromium.opened(file, size=WIDE, address=f"#sel=cell:{HOME}&l=en") as opened:
        opened.ready()
        panel = opened.page.locator("#tab-place")
        said = panel.inner_text()
        panel.locator("details[data-node=area_housing] summary").click()
        more = panel.locator("details[data-node=area_housing]").inner_text()
        opened.check_quiet()
    assert str(cell["district_name"]) in said
    assert HOME in said
    assert opened_score(said) == shown(cell["marker"])
    low, high = shown(cell["marker_low"]), shown(cell["marker_high"])
    assert f"Between {low} and {high}" in said
    assert f"{cell['people']:,.0f}" in said
    mean = float(marker.means()["people_weighted"]["marker"])
    apart = abs(float(shown(cell["marker"])) - mean)
    assert f"{apart:.1f} points" in said
    lacking = marker.method.indicators[str(cell["shortfall_main"])].name.en
    assert f"{lacking}, {shown(cell['shortfall_points'])} points" in said
    assert "Low" in said
    assert "part of the weight not observed" in said.lower()
    for area in marker.method.areas:
        assert shown(cell[f"area_{area}"]) in said
    assert shown(cell["ind_improved_water"]) in more
    assert measured(float(cell["raw_improved_water"]), "%", "en") in more
    reason = marker.city.omitted["stratum"].en.rstrip(".")
    assert reason in more


def opened_score(said: str) -> str | None:
    """Return the score that a panel begins with."""
    found = re.search(r"([\d.]+)\s*(?:of|de) 100", said)
    return found[1] if found else None


@pytest.mark.parametrize("engine", ["leaflet", "maplibre"])
def test_pointer__selects_the_cell_under_it_with_either_engine(
    chromium: Browser, engine: str, file: Path
) -> None:
    lat, lng = h3.cell_to_latlng(HOME)
    address = f"#engine={engine}&at={lng},{lat},14"
    with chromium.opened(file, size=WIDE, address=address) as opened:
        assert opened.ready()["engine"] == engine
        box = opened.page.locator("#map").bounding_box()
        assert box is not None
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        opened.page.mouse.move(*middle)
        assert opened.page.locator("#tip").inner_text().startswith("San Mateo")
        opened.page.mouse.click(*middle)
        wait(opened.page, "store.get().selection !== null")
        assert state(opened.page)["selection"] == {"kind": "cell", "id": HOME}
        assert opened.page.locator("#tab-place").is_visible()
        classes = opened.page.evaluate("readData().then(data => data.palettes.published)")
        found = colours(opened.page.locator("#map").screenshot())
        assert found.get(rgb(classes[2]), 0) > 1000
        opened.check_quiet()


def test_district__has_the_panel_and_its_row_in_the_table(opened: Opened, marker: Marker) -> None:
    assert marker.districts is not None
    page = opened.page
    page.click("#open-districts")
    by_marker = marker.districts.sort_values("marker")["name"].tolist()
    rows = page.locator("#districts-table tbody th").all_text_contents()
    assert rows == by_marker
    page.click("#districts-table thead th:nth-child(2) button")
    by_people = marker.districts.sort_values("people")["name"].tolist()
    assert page.locator("#districts-table tbody th").all_text_contents() == by_people
    page.get_by_role("button", name="Eloy Alfaro").click()
    row = marker.districts.loc["P4"]
    said = page.locator("#tab-place").inner_text()
    assert opened_score(said) == shown(row["marker"])
    assert people(row["people"]) in said
    page.click("#tab-place details[data-node=area_housing] summary")
    more = page.locator("#tab-place details[data-node=area_housing]").inner_text()
    assert shown(row["ind_improved_water"]) in more


def test_district__says_who_lives_there_and_what_it_lacks_most(
    opened: Opened, marker: Marker
) -> None:
    page = opened.page
    page.evaluate("location.hash = '#sel=district:P4&tab=place&l=en'")
    wait(page, "document.getElementById('place-title')?.textContent === 'Eloy Alfaro'")
    said = page.locator("#tab-place").inner_text()
    assert marker.analyses.explanation.districts is not None
    why = marker.analyses.explanation.districts.loc["P4"]
    lacking = marker.method.indicators[str(why["indicator_1"])].name.en
    assert f"{lacking}, {shown(float(str(why['points_1'])))} points" in said
    at = list(marker.districts.index).index("P4") if marker.districts is not None else -1
    shares = shares_of_districts(marker)[[at]]
    groups = [str(key) for key in marker.context if marker.context[key].notna().any()]
    assert len(groups) > 1
    for key in groups:
        [count] = shares @ marker.context[key].to_numpy(float)
        name = "People" if key == "people" else marker.method.context[key].name.en
        assert re.search(rf"{re.escape(name)}\s+{count:,.0f}\b", said, re.IGNORECASE), key


@pytest.fixture(scope="module")
def limits(marker: Marker, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Return the page of three cells about the limits of classes, and the ids of these."""
    result, analyses = few(marker, [49.96, 50.0, 59.96])
    target = tmp_path_factory.mktemp("limits") / "map.html"
    write_webmap(result, analyses, target, language="en", overwrite=False)
    return target, [str(each) for each in result.grid.index]


@pytest.mark.parametrize(("row", "score", "number"), [(0, "50.0", 1), (1, "50.0", 2)])
def test_panel__has_the_class_of_the_exact_score(
    chromium: Browser, limits: tuple[Path, list[str]], row: int, score: str, number: int
) -> None:
    file, ids = limits
    with chromium.opened(file, size=WIDE, address=f"#sel=cell:{ids[row]}&tab=place") as opened:
        opened.ready()
        page = opened.page
        classes = page.evaluate("readData().then(data => [...data.classes('marker')])")
        assert classes[row] == number
        assert page.text_content("#place-score") == score
        assert f"Class {number}:" in page.locator("#tab-place .hero-class").inner_text()
        published = page.evaluate("readData().then(data => data.palettes.published)")
        chip = "each => each.style.getPropertyValue('--chip')"
        assert page.locator("#tab-place .hero .chip").first.evaluate(chip) == published[number - 1]
        # The areas of the made city score as its marker.
        bar = page.locator("#tab-place details.area summary .bar i").first
        assert bar.evaluate(chip) == published[number - 1]
        opened.check_quiet()


def test_panel__leads_with_what_the_map_shows(
    chromium: Browser, file: Path, table: pd.DataFrame
) -> None:
    cell = table.loc[HOME]
    address = f"#sel=cell:{HOME}&n=ind_improved_water&l=en"
    with chromium.opened(file, size=WIDE, address=address) as opened:
        opened.ready()
        page = opened.page
        first, second = page.locator("#tab-place [data-hero]").all()
        assert first.get_attribute("data-hero") == "ind_improved_water"
        said = first.inner_text()
        assert "V3 · " in said
        assert opened_score(said) == shown(float(str(cell["ind_improved_water"])))
        assert "Class " in said
        assert measured(float(str(cell["raw_improved_water"])), "%", "en") in said
        assert second.get_attribute("data-hero") == "marker"
        assert opened_score(second.inner_text()) == shown(float(str(cell["marker"])))
        page.evaluate("store.set({ node: 'marker' })")
        assert page.locator("#tab-place [data-hero]").count() == 1
        page.evaluate("store.set({ node: 'ind_stratum' })")
        known = page.evaluate("readData().then(data => data.missing)")
        why = next(each["reason"]["en"] for each in known if "stratum" in each["id"])
        assert why in page.locator("#tab-place .theme").inner_text()
        opened.check_quiet()


def test_panel__has_codes_where_names_are_the_same(
    chromium: Browser, file: Path, marker: Marker
) -> None:
    with chromium.opened(file, size=WIDE, address=f"#sel=cell:{HOME}") as opened:
        opened.ready()
        names = opened.page.locator("#tab-place .tree .score-name").all_text_contents()
        opened.check_quiet()
    method = marker.method
    assert method.dimensions["health_proximity"].name == method.indicators["health_distance"].name
    assert len(names) == len(set(names))
    assert {f"S1 · {method.indicators['health_distance'].name.es}"} < set(names)


def test_panel__says_which_cells_are_grey_for_want_of_people_or_of_data(
    chromium: Browser, marker: Marker, tmp_path: Path
) -> None:
    grey = made_city(marker, [np.nan, np.nan, 60.0], [0.0, 250.0, 100.0])
    made = trimmed(grey, marker)
    target = tmp_path / "grey.html"
    write_webmap(made, undrawn(marker.analyses, made), target, language="es", overwrite=False)
    nobody, little, known = map(str, made.grid.index)
    phrases = {key: catalogue("words")[f"web_{key}"]["es"] for key in ("nobody_here",)}
    with chromium.opened(target, size=WIDE, address=f"#sel=cell:{nobody}") as opened:
        opened.ready()
        page = opened.page
        hero = page.locator("#tab-place [data-hero=marker]")
        assert phrases["nobody_here"] in hero.inner_text()
        page.evaluate(f"store.set({{ selection: {{ kind: 'cell', id: '{little}' }} }})")
        share = tied(percent(100 * float(made.scores.coverage["marker"].iloc[1])))
        wanted = catalogue("words")["web_too_little_here"]["es"].format(share=share)
        assert wanted in hero.inner_text()
        page.evaluate(f"store.set({{ selection: {{ kind: 'cell', id: '{known}' }} }})")
        assert opened_score(hero.inner_text()) == "60.0"
        opened.check_quiet()


def test_filtered_city__has_a_class_that_its_cells_have(
    chromium: Browser, limits: tuple[Path, list[str]]
) -> None:
    file, _ = limits
    with chromium.opened(file, size=WIDE) as opened:
        opened.ready()
        page = opened.page
        page.click("#legend [data-key=class-2]")
        assert page.text_content("#city-score") == "50.0"
        assert "Class 1:" in page.locator("#tab-city .hero-class").inner_text()
        # 49.96 is counted below 50 in the bands, too.
        bands = page.evaluate("figures.histogram('marker', new Uint8Array(3).fill(1))")
        assert bands[9:12] == [100, 100, 100]
        opened.check_quiet()


def test_numbers__are_rounded_as_in_every_other_output(opened: Opened) -> None:
    given = [62.25, 62.75, 62.35, 0.05, -0.04, -62.25, 99.95, 0.125, 1234.5, 12.5, 13.5, 1e6 + 0.5]
    said = opened.page.evaluate(
        "given => given.map(each => [words.score(each), words.whole(each)])", given
    )
    assert [score for score, _ in said] == [wording.number(each) for each in given]
    assert [count for _, count in said] == [whole(each, "es").replace("-0", "0") for each in given]
    sizes = [1234.5, 100.0, 99.94, 12.25, 9.999, 0.125, 0.0]
    measures = opened.page.evaluate("given => given.map(each => words.measured(each, 'm'))", sizes)
    assert measures == [measured(each, "m", "es") for each in sizes]
    shares = [0.0, 0.00004, 0.1225, 0.998, 0.99996, 1.0]
    percents = opened.page.evaluate("given => given.map(each => words.percent(each))", shares)
    assert percents == [tied(percent(100 * each)) for each in shares]


def test_palette__chosen_while_the_map_loads_is_the_one_that_is_drawn(
    chromium: Browser, file: Path, table: pd.DataFrame
) -> None:
    early = """new MutationObserver((_, observer) => {
        if (!document.querySelector("#map canvas.maplibregl-canvas")) return;
        observer.disconnect();
        setTimeout(() => {
            document.documentElement.dataset.early = !document.documentElement.dataset.ready;
            document.querySelector("#legend [data-key=palette-viridis]").click();
        });
    }).observe(document, { childList: true, subtree: true });"""
    with chromium.opened(file, size=WIDE, address="#engine=maplibre", before=early) as opened:
        page = opened.page
        assert opened.ready()["engine"] == "maplibre"
        assert page.get_attribute("html", "data-early") == "true"
        assert state(page)["palette"] == "viridis"
        found = colours(page.locator("#map").screenshot())
        viridis, published = (
            page.evaluate(f"readData().then(data => data.palettes.{name})")
            for name in ("viridis", "published")
        )
        for rank in sorted(table["marker_class"].dropna().unique()):
            assert found.get(rgb(viridis[rank - 1]), 0) > 200
            assert found.get(rgb(published[rank - 1]), 0) == 0
        opened.check_quiet()


def test_empty_marker__explains_itself_and_shows_what_there_is(
    chromium: Browser, tmp_path: Path
) -> None:
    found = compute("manta")
    assert found.scores.marker.isna().all()
    target = write_webmap(
        found, found.analyses, tmp_path / "e.html", language="en", overwrite=False
    )
    with chromium.opened(target, size=WIDE) as opened:
        opened.ready()
        page = opened.page
        assert "No cell has a score" in page.locator("#empty").inner_text()
        page.click("#empty button")
        missing = page.locator("#missing").inner_text()
        omitted = {key: said.en.rstrip(".") for key, said in found.city.omitted.items()}
        for key in found.method.indicators:
            if key in omitted and not found.method.indicators[key].supplementary:
                assert omitted[key] in missing
        page.click("#open-city")
        page.click("#tab-city [data-key=area-area_health]")
        assert not page.locator("#empty").is_visible()
        opened.check_quiet()


def test_one_cell__without_anything_beside_it_is_a_whole_map(
    chromium: Browser, marker: Marker, tmp_path: Path
) -> None:
    made = made_city(marker, [64.2], [120.0])
    cell = made.grid.index
    one = dataclasses.replace(
        made,
        raw=made.raw.loc[cell],
        origins=made.origins.loc[cell],
        terrain=made.terrain.loc[cell],
    )
    beside = dataclasses.replace(
        marker.analyses,
        robustness=None,
        hotspots=hotspots(one, permutations=0),
        equity=equity(one, by=None),
        shortfall=main_shortfall(one),
    )
    target = write_webmap(one, beside, tmp_path / "one.html", language="es", overwrite=False)
    with chromium.opened(target, size=WIDE) as opened:
        assert opened.ready()["cells"] == 1
        page = opened.page
        words = catalogue("words")
        assert words["web_no_draws"]["es"] in page.locator("#tab-city").inner_text()
        page.click("#open-districts")
        assert words["web_no_districts"]["es"] in page.locator("#tab-districts").inner_text()
        page.click("#open-place")
        assert words["web_choose_place"]["es"] in page.locator("#tab-place").inner_text()
        page.focus("#map")
        page.keyboard.press("ArrowDown")
        assert opened_score(page.locator("#tab-place").inner_text()) == "64.2"
        page.keyboard.press("ArrowDown")
        assert page.text_content("#live") == words["web_no_cell_there"]["es"]
        opened.check_quiet()


@pytest.mark.slow
def test_gap__is_drawn_for_each_group_and_said_in_a_table(
    chromium: Browser, tmp_path: Path
) -> None:
    found = compute("cucuta")
    target = write_webmap(
        found, found.analyses, tmp_path / "c.html", language="es", overwrite=False
    )
    gaps = found.analyses.equity.gaps
    with chromium.opened(target, size=WIDE) as opened:
        opened.ready()
        chart = opened.page.locator("[data-chart=gaps]")
        assert chart.locator("svg").count() == len(gaps.groups)
        chart.locator("summary").click()
        said = chart.locator("tbody").inner_text()
        for part in gaps.exposure.xs("marker", level=-1)["part"]:
            assert shown(float(part)) in said
        opened.check_quiet()


# ── search, filter, layers ───────────────────────────────────────────────────


def test_search__finds_districts_services_and_cells_whatever_the_accents(opened: Opened) -> None:
    page = opened.page
    page.fill("#search-input", "nandu")
    page.keyboard.press("Enter")
    assert state(page)["selection"] == {"kind": "district", "id": "P2"}
    assert page.text_content("#place-title") == ODD
    page.fill("#search-input", "EDUCACIÓN 01")
    page.keyboard.press("Enter")
    assert state(page)["selection"]["kind"] == "cell"
    assert "education" in state(page)["layers"]
    page.fill("#search-input", HOME[4:-4])
    page.keyboard.press("Enter")
    assert state(page)["selection"] == {"kind": "cell", "id": HOME}


def found_by(page: Page, typed: str) -> list[str]:
    """Return what the search lists, each without what is said of it."""
    page.fill("#search-input", typed)
    listed = page.locator("#search-list .choice > span:first-child").all_text_contents()
    return [str(each) for each in listed]


def test_search__finds_layers_in_either_language_and_turns_them_on(
    opened: Opened, marker: Marker
) -> None:
    page = opened.page
    layers = marker.method.layers
    health, school = (layers[key].description.es.rstrip(".") for key in ("health", "education"))
    assert found_by(page, "centro de salud")[0] == health
    assert found_by(page, "schools")[0] == school
    assert "education" not in state(page)["layers"]
    page.evaluate("location.hash = '#at=-80.7,-0.95,16&l=es'")
    wait(page, "store.get().at?.[2] > 15.9")
    found_by(page, "schools")
    page.keyboard.press("Enter")
    assert "education" in state(page)["layers"]
    assert school in (page.text_content("#live") or "")
    wait(page, "store.get().at[2] < 15")


def test_search__lists_the_district_of_a_code_first(opened: Opened) -> None:
    names = {"P1": "Manta", "P2": ODD, "P5": "San Mateo"}
    for code, name in names.items():
        assert found_by(opened.page, code.lower())[0] == name


def test_search__that_finds_nothing_shows_which_layers_there_are(opened: Opened) -> None:
    page = opened.page
    known = page.evaluate("layers.ofPlaces().map(each => words.said(each.name))")
    assert len(known) > 2
    assert found_by(page, "no hay tal lugar") == known
    said = catalogue("words")["web_nothing_but_layers"]["es"]
    assert page.text_content("#search-list .choices-none") == said
    page.keyboard.press("Enter")
    assert state(page)["selection"] is None
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert len(state(page)["layers"]) == 3


def test_service__that_was_chosen_is_named_until_another_place_is(
    opened: Opened, chromium: Browser, file: Path
) -> None:
    page = opened.page
    [name] = page.evaluate("[layers.places(layers.ofPlaces()[0])[0].name]")
    kind = page.evaluate("words.said(layers.ofPlaces()[0].name)")
    assert found_by(page, name)[0] == name
    page.keyboard.press("Enter")
    for said in (page.locator("#place-spot").inner_text(), page.text_content("#live") or ""):
        assert name in said
        assert kind in said
    address = page.evaluate("location.hash")
    with chromium.opened(file, size=WIDE, address=address) as again:
        again.ready()
        assert name in again.page.locator("#place-spot").inner_text()
        again.check_quiet()
    page.focus("#map")
    page.keyboard.press("ArrowDown")
    assert state(page)["selection"]["kind"] == "cell"
    assert page.locator("#place-spot").count() == 0


def test_districts__show_that_the_table_goes_on_and_keep_their_names(opened: Opened) -> None:
    page = opened.page
    page.evaluate("store.set({ node: 'ind_improved_water' })")
    page.click("#open-districts")
    heads = page.locator("#districts-table thead th").all_inner_texts()
    assert heads[1].startswith("V3 · ")
    look = page.evaluate(
        """() => {const home = document.querySelector('#tab-districts .wide');
        const name = home.querySelector('tbody th'), before = name.getBoundingClientRect().left;
        home.scrollLeft = 300;
        return {goesOn: home.scrollWidth > home.clientWidth + 100, moved: home.scrollLeft,
            stays: name.getBoundingClientRect().left - before,
            shadow: getComputedStyle(home).backgroundImage.match(/gradient/g).length}}"""
    )
    assert look == {"goesOn": True, "moved": 300, "stays": 0, "shadow": 2}
    boxes = [each.bounding_box() for each in page.locator("#districts-table thead button").all()]
    edges = [(box["x"], box["x"] + box["width"]) for box in boxes if box is not None]
    # The first stays where it is: the others pass under it.
    assert all(right <= left + 0.5 for (_, right), (left, _) in pairwise(edges[1:]))


def test_lines__are_thin_where_cells_are_small(opened: Opened) -> None:
    drawn = opened.page.evaluate(
        """() => [10, 20].map(wide => {
            const found = [], fonts = new Set();
            const canvas = new Proxy({measureText: () => ({width: 1}),
                stroke() { found.push([this.strokeStyle, this.lineWidth]); },
                fillText() { fonts.add(this.font.match(/\\d+px/)[0]); }},
                {get: (at, key) => at[key] ?? (() => {})});
            const view = {left: 0, top: 0, scale: 1, width: 900, height: 900, ratio: 1};
            const ring = Float64Array.of(0, 0, 9, 0, 9, 9), box = [0, 0, 90, 90];
            const place = k => ({name: 'D', rings: [ring], box, middle: [20 * k + 30, 50]});
            const districts = Array.from({length: wide === 10 ? 30 : 3}, (_, k) => place(k));
            painter.paintOver(canvas, view, {spaces: [], services: [], hover: null, spot: null,
                selected: null, boundary: [ring], districts, wide});
            const light = ([colour]) => colour.startsWith('rgba(255,255,255,.8)');
            return {widest: Math.max(...found.filter(light).map(each => each[1]), 0),
                letters: [...fonts][0]};
        })"""
    )
    assert drawn == [{"widest": 0, "letters": "10px"}, {"widest": 3.4, "letters": "12px"}]


def test_filter__counts_the_cells_and_people_that_pass_and_figures_follow(
    opened: Opened, table: pd.DataFrame
) -> None:
    page = opened.page
    before = colours(page.locator("#map").screenshot())
    page.fill("#filter-people", "900")
    page.select_option("#filter-district", "P4")
    kept = table[(table["people"] >= 900) & (table["district"] == "P4")]
    wait(page, "store.get().people === 900")
    said = page.text_content("#passing") or ""
    assert f"{len(kept)} de {len(table)}" in said
    assert people(kept["people"].sum()) in said
    mean = weighted_mean(kept[["marker"]], kept["people"])["marker"]
    assert page.text_content("#city-score") == shown(float(mean))
    assert "900" in (page.text_content("#filters-on") or "")
    assert "Eloy Alfaro" in (page.text_content("#filters-on") or "")
    after = colours(page.locator("#map").screenshot())
    strong = rgb(page.evaluate("readData().then(data => data.palettes.published[2])"))
    assert after[strong] < before[strong] / 2
    page.click("#clear-filters")
    assert f"{len(table)} de {len(table)}" in (page.text_content("#passing") or "")
    assert page.input_value("#filter-people") == ""


def test_filter__by_class_and_by_confidence(opened: Opened, table: pd.DataFrame) -> None:
    page = opened.page
    page.click("#legend [data-key=class-4]")
    kept = table[table["marker_class"].fillna(0) != 4]
    assert f"{len(kept)} de {len(table)}" in (page.text_content("#passing") or "")
    page.click("#filters [data-key=sure-low]")
    none = int((kept["confidence"] != "low").sum())
    assert f"{none} de {len(table)}" in (page.text_content("#passing") or "")
    assert parts(page)["off"] == "4"
    assert parts(page)["unsure"] == "low"


def test_layers__of_services_are_drawn_and_taken_away(opened: Opened) -> None:
    page = opened.page
    colour = page.evaluate(
        "readData().then(data => data.services.find(each => each.layer === 'education').colour)"
    )
    assert colours(page.locator("#map").screenshot()).get(rgb(colour), 0) == 0
    page.click("#layers [data-layer=education]")
    assert colours(page.locator("#map").screenshot()).get(rgb(colour), 0) > 100
    page.click("#layers [data-layer=education]")
    assert colours(page.locator("#map").screenshot()).get(rgb(colour), 0) == 0


# ── take away ────────────────────────────────────────────────────────────────


def taken(page: Page, *choices: str) -> tuple[str, bytes]:
    """Return name and content of the file that the page gives for these choices."""
    page.click("#download")
    for choice in choices:
        page.check(f"#download-form [value={choice}]")
    with page.expect_download() as waited:
        page.click("#download-now")
    return waited.value.suggested_filename, Path(waited.value.path()).read_bytes()


def test_csv__holds_every_cell_as_the_tables_do(opened: Opened, table: pd.DataFrame) -> None:
    name, content = taken(opened.page)
    assert name == "manta-sintetico-celdas.csv"
    assert content.startswith(b"\xef\xbb\xbf")
    rows = {row["cell"]: row for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))}
    assert list(rows) == list(table.index)
    scores = [each for each in table.columns if re.match(r"marker$|(area|dim|ind)_", str(each))]
    raw = [each for each in table.columns if str(each).startswith("raw_")]
    for column, close in [*((each, 0.051) for each in scores), *((each, 0.006) for each in raw)]:
        if column not in next(iter(rows.values())):
            assert table[column].isna().all()
            continue
        found = [float(row[column]) if row[column] else np.nan for row in rows.values()]
        np.testing.assert_allclose(found, table[column].to_numpy(float), atol=close, rtol=1e-6)
    assert {row["marker_class"] for row in rows.values()} == {"2", "3", "4"}
    assert {row["note"] for row in rows.values()} == {opened.page.text_content("#caution")}
    odd = [row["district_name"] for row in rows.values() if row["district"] == "P2"]
    assert set(odd) == {f"'{ODD}"}


def test_csv__of_filtered_cells_has_names_to_read(opened: Opened, table: pd.DataFrame) -> None:
    opened.page.select_option("#filter-district", "P5")
    _, content = taken(opened.page, "passing", "names")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == int((table["district"] == "P5").sum())
    assert {row["Distrito"] for row in rows} == {"San Mateo"}
    assert any(head.startswith("V · Vivienda") for head in rows[0])


def test_csv__with_semicolons_and_decimal_commas_holds_the_same(opened: Opened) -> None:
    _, plain = taken(opened.page)
    _, other = taken(opened.page, "csv-semicolon")
    known = pd.read_csv(io.BytesIO(plain))
    found = pd.read_csv(io.BytesIO(other), sep=";", decimal=",")
    pd.testing.assert_frame_equal(found, known)


def test_geojson__opens_as_a_map_and_says_that_it_is_synthetic(
    opened: Opened, table: pd.DataFrame, tmp_path: Path
) -> None:
    name, content = taken(opened.page, "geojson")
    file = tmp_path / name
    file.write_bytes(content)
    assert name == "manta-sintetico-celdas.geojson"
    found = gpd.read_file(file).set_index("cell")
    assert list(found.index) == list(table.index)
    assert found["synthetic"].all()
    assert json.loads(content)["cautions"]
    known = gpd.GeoSeries(table["geometry"], crs="EPSG:32717")
    drawn = found.geometry.to_crs("EPSG:32717")
    lost = drawn.symmetric_difference(known, align=False).area.sum()
    assert lost < 0.001 * known.area.sum()


def test_address__opens_the_same_view_again(opened: Opened, chromium: Browser, file: Path) -> None:
    page = opened.page
    page.fill("#picker-input", "agua")
    page.keyboard.press("Enter")
    page.select_option("#filter-district", "P4")
    page.click("#legend [data-key=palette-viridis]")
    page.click("#layers [data-layer=health]")
    page.click("#language [lang=en]")
    page.click("#zoom-in")
    page.fill("#search-input", HOME)
    page.keyboard.press("Enter")
    page.click("#share")
    link = page.input_value("#share-link")
    assert link.startswith(file.as_uri())
    with chromium.opened(file, size=WIDE, address=link.removeprefix(file.as_uri())) as again:
        again.ready()
        first, second = state(page), state(again.page)
        assert second["at"] == pytest.approx(first["at"], abs=1e-2)
        assert {**second, "at": 0} == {**first, "at": 0}
        assert again.page.text_content("#place-title") == page.text_content("#place-title")
        assert again.page.get_attribute("html", "lang") == "en"
        again.check_quiet()


def test_share__of_a_file_gives_the_part_that_serves_elsewhere(opened: Opened) -> None:
    page = opened.page
    page.click("#share")
    part = page.input_value("#share-part")
    assert part.startswith("#")
    assert page.input_value("#share-link").endswith(part)
    buttons = page.locator("#dialog .row button")
    assert buttons.count() == 2
    buttons.nth(1).click()
    copied = catalogue("words")["web_copied"]["es"]
    wait(page, f"document.getElementById('live').textContent === '{copied}'")
    assert buttons.nth(1).text_content() == copied
    assert page.evaluate("getSelection().toString()") == part


def test_address__written_by_hand_is_followed(opened: Opened) -> None:
    page = opened.page
    page.evaluate("location.hash = '#n=area_health&at=-80.71,-0.96,15&l=en'")
    wait(page, "store.get().language === 'en'")
    assert state(page)["node"] == "area_health"
    assert state(page)["at"] == pytest.approx([-80.71, -0.96, 15], abs=1e-3)


def test_address__that_names_what_is_not_there_opens_the_usual_view(
    chromium: Browser, file: Path
) -> None:
    wrong = "#n=area_none&l=fr&off=9.x&min=-3&in=P99&sel=cell:none&at=1,2&tab=none&unsure=what"
    with chromium.opened(file, size=WIDE, address=wrong) as opened:
        opened.ready()
        found = state(opened.page)
        opened.check_quiet()
    assert found["node"] == "marker"
    assert found["language"] == "es"
    assert found["selection"] is None
    assert (found["off"], found["people"], found["unsure"], found["district"]) == ([], 0, [], "")


# ── language, keyboard, paper, telephone ─────────────────────────────────────


def test_language__changes_every_word_and_number_at_once(opened: Opened, marker: Marker) -> None:
    page = opened.page
    page.click("#language [lang=en]")
    assert page.get_attribute("html", "lang") == "en"
    assert page.title() == f"{marker.city.name.en} · Urban Inclusion Marker"
    assert "SYNTHETIC" in (page.text_content("#caution") or "")
    assert f"{marker.people.sum():,.0f}" in page.locator("#tab-city").inner_text()
    spanish = {words["es"] for key, words in catalogue("words").items() if key.startswith("web_")}
    english = {words["en"] for key, words in catalogue("words").items() if key.startswith("web_")}
    lines = [line.strip() for line in page.locator("body").inner_text().splitlines()]
    assert not {line for line in lines if line in spanish - english}


def test_keyboard__walks_the_map_opens_a_cell_and_lets_it_go(opened: Opened) -> None:
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "map"
    page.keyboard.press("ArrowRight")
    first = state(page)["selection"]["id"]
    page.keyboard.press("ArrowRight")
    second = state(page)["selection"]["id"]
    assert h3.grid_distance(first, second) == 1
    assert h3.cell_to_latlng(second)[1] > h3.cell_to_latlng(first)[1]
    page.keyboard.press("ArrowLeft")
    assert state(page)["selection"]["id"] == first
    assert "Personas" in (page.text_content("#live") or "")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "place-title"
    page.keyboard.press("Escape")
    assert state(page)["selection"] is None
    assert page.evaluate("document.activeElement.id") == "map"
    for _ in range(40):
        page.keyboard.press("ArrowUp")
    assert page.text_content("#live") == catalogue("words")["web_no_cell_there"]["es"]


def test_keyboard__reaches_everything_that_can_be_pressed(opened: Opened) -> None:
    page = opened.page
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('button, input, select, summary, [tabindex="0"]')]
        .filter(each => each.checkVisibility() && each.tabIndex >= 0 && each.type !== 'radio')
        .map((each, k) => each.dataset.testKey = String(k)).length"""
    )
    reached = set()
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        key, ring = page.evaluate(
            """() => {const at = document.activeElement, look = getComputedStyle(at);
            return [at.dataset.testKey ?? '', look.outlineStyle]}"""
        )
        if key:
            reached.add(key)
            assert ring != "none"
    assert len(reached) == wanted


def test_paper__has_the_map_its_legend_the_place_and_the_sources_and_nothing_to_press(
    chromium: Browser, file: Path
) -> None:
    with chromium.opened(file, size=WIDE, address=f"#sel=cell:{HOME}") as opened:
        opened.ready()
        page = opened.page
        page.emulate_media(media="print")
        wait(page, "document.getElementById('print-map').width > 0")
        for wanted in ("#title", "#caution", "#print-map", "#legend", "#place-title", "#sources"):
            assert page.locator(wanted).is_visible(), wanted
        assert page.locator("#tab-place .indicator").first.is_visible()
        for gone in ("#share", "#zoom-in", "#tabs", "#filter-people", "#tab-place button"):
            assert not page.locator(gone).first.is_visible(), gone
        printed = colours(page.locator("#print-map").screenshot())
        classes = page.evaluate("readData().then(data => data.palettes.published)")
        assert printed.get(rgb(classes[2]), 0) > 1000
        paper = page.pdf(prefer_css_page_size=True)
        opened.check_quiet()
    assert paper.count(b"/Type /Page\n") in range(2, 5)


def test_paper__leads_with_what_the_map_shows_and_keeps_it_on_each_page(
    chromium: Browser, file: Path, marker: Marker
) -> None:
    wide, high = 687, 1016  # A4 without its margins, in pixels of 1/96 inch
    with chromium.opened(file, size=WIDE, address="#n=ind_improved_water") as opened:
        opened.ready()
        page = opened.page
        assert not page.locator("#paper-title").is_visible()
        page.set_viewport_size({"width": wide, "height": high})
        page.emulate_media(media="print")
        wait(page, "document.getElementById('print-map').width > 0")
        shown_first = f"V3 · {marker.method.indicators['improved_water'].name.es}"
        assert page.locator("#paper-title").inner_text() == shown_first
        assert page.locator("#subtitle").inner_text() == marker.city.name.es
        head = [
            page.locator(each).bounding_box() for each in ("#paper-title", "#subtitle", "#title")
        ]
        above, city, title = (box for box in head if box is not None)
        assert above["y"] + above["height"] <= city["y"]
        assert city["x"] + city["width"] <= title["x"]
        assert page.locator("header:has(#title) #caution").is_visible()
        display = "each => getComputedStyle(each).display"
        assert page.locator("header:has(#title)").evaluate(display) == "table-header-group"
        # The map, its legend and the city's figures are on the first page, none over another.
        down = ["#print-map", "#legend", "#layers", "#tab-city h2", "#tab-city .summary"]
        boxes = [page.locator(each).bounding_box() for each in down]
        edges = [(box["y"], box["y"] + box["height"]) for box in boxes if box is not None]
        assert len(edges) == len(down)
        assert all(bottom <= top for (_, bottom), (top, _) in pairwise(edges))
        assert edges[-1][1] < high
        style = "each => getComputedStyle(each).borderTopStyle"
        keys = [page.locator(f"#layers .key-{key}").evaluate(style) for key in ("line", "dashes")]
        assert keys == ["solid", "dashed"]
        assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") in range(2, 4)
        page.evaluate("store.set({ node: 'marker' })")
        assert (
            page.locator("header:has(#title)").inner_text().splitlines()[0]
            == (catalogue("words")["web_title"]["es"])
        )
        opened.check_quiet()


def test_paper__from_a_telephone_has_the_legend_too(chromium: Browser, file: Path) -> None:
    with chromium.opened(file, size=NARROW, address="#tab=about", touch=True) as opened:
        opened.ready()
        opened.page.emulate_media(media="print")
        for wanted in ("#print-map", "#legend", "#city-score", "#sources"):
            assert opened.page.locator(wanted).is_visible(), wanted
        assert not opened.page.locator("#filter-people").is_visible()
        opened.check_quiet()


def test_paper__carries_the_map_of_the_graphics_card_too(chromium: Browser, file: Path) -> None:
    with chromium.opened(file, size=WIDE, address="#engine=maplibre") as opened:
        opened.ready()
        opened.page.emulate_media(media="print")
        wait(opened.page, "document.getElementById('print-map').width > 0")
        classes = opened.page.evaluate("readData().then(data => data.palettes.published)")
        printed = colours(opened.page.locator("#print-map").screenshot())
        assert printed.get(rgb(classes[2]), 0) > 1000
        opened.check_quiet()


def test_telephone__fits_and_its_targets_are_large_enough(chromium: Browser, file: Path) -> None:
    with chromium.opened(file, size=NARROW, address=f"#sel=cell:{HOME}", touch=True) as opened:
        opened.ready()
        page = opened.page
        for tab in ("controls", "city", "place", "districts", "about"):
            page.click(f"#open-{tab}")
            assert page.locator(f"#tab-{tab}").is_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]
            small = page.evaluate(
                """() => [...document.querySelectorAll('button, select, summary, label')]
                .filter(each => !each.matches('label') || each.querySelector('input'))
                .filter(each => each.checkVisibility() && each.id !== 'map-title')
                .map(each => [each.outerHTML.slice(0, 80), each.getBoundingClientRect().height])
                .filter(([, height]) => height < 39.5)"""
            )
            # What is pressed of the handle reaches over the tabs under it.
            assert [each for each in small if "sheet-handle" not in each[0]] == []
        box = page.locator("#map").bounding_box()
        assert box is not None
        assert box["width"] == NARROW[0]
        assert box["height"] > 200
        opened.check_quiet()


def test_picker__has_room_on_a_telephone(chromium: Browser, file: Path) -> None:
    with chromium.opened(file, size=NARROW, address="#tab=controls", touch=True) as opened:
        opened.ready()
        opened.page.tap("#picker-input")
        assert opened.page.get_attribute("#app", "data-sheet") == "full"
        opened.page.locator("#picker-list [role=option]").nth(1).tap()
        assert opened.page.get_attribute("#app", "data-sheet") == "half"
        assert state(opened.page)["node"] == "area_housing"
        opened.check_quiet()


def test_sheet__rises_and_sinks(chromium: Browser, file: Path) -> None:
    with chromium.opened(file, size=NARROW, touch=True) as opened:
        opened.ready()
        page = opened.page
        heights = []
        for _ in range(3):
            page.click("#sheet")
            heights.append(page.evaluate("document.getElementById('side').offsetHeight"))
        assert max(heights) > 400
        assert min(heights) < 100
        page.click("#sheet")
        opened.check_quiet()


# ── what the parts are made of ───────────────────────────────────────────────


def sources() -> dict[str, str]:
    """Return the text of the parts of the page, by file."""
    files = (*PARTS.glob("*.js"), *PARTS.glob("*.html"))
    found = {each.name: each.read_text(encoding="utf-8") for each in files}
    assert {"page.html", "main.js"} <= set(found)
    return found


def test_parts__turn_no_text_into_markup_or_code() -> None:
    sinks = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
        r"|srcdoc|localStorage|sessionStorage|\son[a-z]+=|javascript:|https?://(?!www\.w3\.org)"
    )
    found = {name: re.findall(sinks, text) for name, text in sources().items()}
    assert {name: sinks_ for name, sinks_ in found.items() if sinks_} == {}


def test_parts__are_small_and_strict() -> None:
    for name, text in sources().items():
        assert len(text.splitlines()) <= 400, name
        if name.endswith(".js"):
            assert '"use strict";' in text, name


def test_words__are_all_there_and_all_used() -> None:
    text = "\n".join(sources().values())
    known = {key.removeprefix("web_") for key in catalogue("words") if key.startswith("web_")}
    known |= {"layer_boundary", "layer_districts"}
    said = set(re.findall(r'(?:words\.t|\bt)\(\s*"([a-z_0-9]+)"', text))
    said |= set(re.findall(r'data-(?:word|label)="([a-z_0-9]+)"', text))
    assert said - known == set()
    quoted = set(re.findall(r'"([a-z_0-9]+)"', text))
    made = ("about_", "choice_", "key_", "palette_", "tab_", "heads_", "cells_")
    unused = {key for key in known - quoted if not key.startswith(made)}
    assert unused == set()
