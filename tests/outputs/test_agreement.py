"""What one output says of a city, all others say: its classes, shares, mean, gap and headcount.

The city is made so that rounding would show: of its cells one is just below a limit of classes and
is written as that limit, one is on it, one is just below the next, and one has people and no score.
"""

from __future__ import annotations

import dataclasses
import html
import math
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from conftest import make_town
from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.composite.districts import by_district
from inclusion_marker.marker import compute
from inclusion_marker.outputs.figures import (
    districts_figure,
    groups_figure,
    lorenz_figure,
    map_figure,
)
from inclusion_marker.outputs.palette import NO_DATA, PUBLISHED
from inclusion_marker.outputs.qgis.captions import captions_of
from inclusion_marker.outputs.readings.equity import equity_text
from inclusion_marker.outputs.report import report_html
from inclusion_marker.outputs.tables import cells, method
from inclusion_marker.outputs.webmap import webmap_html, write_webmap
from inclusion_marker.outputs.wording import number, percent, signed
from inclusion_marker.result import Result
from made_cities import made_city
from outputs.browser import browser, needs_chromium
from outputs.made_maps import trimmed, undrawn
from outputs.pages import carried

SCORES = (49.96, 50.0, 69.996, math.nan)
PEOPLE = (300.0, 200.0, 400.0, 100.0)
NEWCOMERS = (0.0, 140.0, 40.0, 10.0)
NAMES = ("Uno", "Dos", "Tres", "Cuatro")
COLOURS = tuple(each.lower() for each in (NO_DATA, *PUBLISHED))


class Case(NamedTuple):
    """A result with its analyses."""

    result: Result
    analyses: Analyses


class Said(NamedTuple):
    """What an output says of a city, ``None`` where it does not.

    Attributes
    ----------
    classes
        Of each cell, or of the district that is that cell: 0 = no data, 1 = worst.
    shares
        Of all people, by class, no data first.
    mean
        The marker of the city.
    gap
        Of the group, with its sign.
    headcount
        Share of those with a marker who live below 50.
    """

    classes: list[int] | None = None
    shares: list[str] | None = None
    mean: str | None = None
    gap: str | None = None
    headcount: str | None = None


# The means of both groups are 54.44 and 59.98: 5.54 apart, though 54.4 and 60.0 are 5.6 apart.
TRUE = Said(
    classes=[1, 2, 3, 0],
    shares=["10.0 %", "30.0 %", "20.0 %", "40.0 %", "0 %", "0 %"],
    mean="58.9",
    gap="\N{MINUS SIGN}5.5",
    headcount="33.3 %",
)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Return the city, each of whose cells is a district, and its analyses."""
    town = make_town(tmp_path_factory.mktemp("made") / "town")
    base = compute(town.root, min_coverage=0.1)
    beside = {"people_venezuelan": NEWCOMERS}
    made = trimmed(made_city(base, SCORES, PEOPLE, context=beside), base)
    places = gpd.GeoDataFrame(
        {"name": NAMES},
        geometry=list(made.grid.cells.geometry),
        index=pd.Index([f"d{row}" for row in range(len(NAMES))], name="district"),
        crs=made.grid.cells.crs,
    )
    found = by_district(places, made.grid, made.boundary, made.people, made.scores)
    made = dataclasses.replace(made, districts=found)
    return Case(made, undrawn(base.analyses, made))


# ── what each output says ────────────────────────────────────────────────────


def shares_of(classes: list[int], people: list[float]) -> list[str]:
    """Return the share of the people in each class, as all outputs write it."""
    held = np.bincount(classes, weights=people, minlength=len(COLOURS))
    return [percent(100 * each / held.sum()) for each in held]


def by_tables(case: Case) -> Said:
    """Return what the tables say, which the GeoPackage and the spreadsheets hold."""
    frame = cells(case.result, case.analyses, "en").frame
    classes = [int(each) for each in frame["marker_class"].fillna(0)]
    mean = method(case.result, "en").frame.set_index("column")["city_people_weighted"]["marker"]
    return Said(classes, shares_of(classes, list(frame["people"])), number(float(mean)))


def by_webmap(case: Case) -> Said:
    """Return what the page of the web map is told, read as its ``decode.js`` does."""
    page = carried(webmap_html(case.result, case.analyses, language="en"))
    breaks = page.header["breaks"][1:-1]
    scores = np.array(page.figures("score:marker"))
    classes = np.where(np.isnan(scores), 0, np.searchsorted(breaks, scores, side="right") + 1)
    on_limit = np.flatnonzero(np.isin(scores, breaks))
    classes[on_limit] -= np.array(page.flags("below:marker", len(on_limit)))
    people, [group] = page.figures("column:people"), page.header["groups"]
    return Said(
        classes.tolist(),
        shares_of(classes.tolist(), people),
        number(page.header["totals"]["marker"]),
        signed(group["gap"]),
    )


def by_report(case: Case) -> Said:
    """Return what the report says: its districts are the cells."""
    page = report_html(case.result, case.analyses, language="en").replace("\xa0", " ")
    fills = [
        re.findall(r'fill="(#\w{6})"', row.partition("</svg>")[0])[0]
        for name in NAMES
        for row in re.findall(rf'<th scope="row">{name}</th>(.*?)</tr>', page, re.DOTALL)
    ]
    table = page.partition("Who lives in which class</span>")[2].partition("</table>")[0]
    rows = [re.findall(r">([^<>]*)</t[dh]>", each)[2] for each in table.split("</tr>")[1:-1]]
    said = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())
    return Said(
        [COLOURS.index(each.lower()) for each in fills],
        [rows[-1], *rows[:-1]],
        found(r"The marker of Town \(synthetic\) is ([\d.]+) of 100", said),
        found(r"Venezuelan origin / .*? 54\.4 60\.0 (\S+)", said),
        found(r"([\d.]+ %) of those who live in cells with a marker", said),
    )


def by_figures(case: Case) -> Said:
    """Return what the figures show: the strips of the districts, the words of the others."""
    result, analyses = case
    strip = districts_figure(result, analyses, language="en").axes[-1].patches
    areas = len(result.method.areas)
    firsts = cast("list[Rectangle]", list(strip)[areas::areas])  # below the city's own
    on_map = words(map_figure(result, language="en"))
    rows = [each for each in on_map if re.fullmatch(r"[\d.]+ %", each)]
    return Said(
        [COLOURS.index(to_hex(each.get_facecolor())) for each in firsts],
        [rows[-1], *rows[:-1]],
        found(r"weighted by people: ([\d.]+)", " ".join(on_map)),
        found(r"second\): (\S+) points", " ".join(words(groups_figure(*case, language="en")))),
        found(r"a marker, ([\d.]+ %)", " ".join(words(lorenz_figure(*case, language="en")))),
    )


def by_print(case: Case) -> Said:
    """Return what the page to print of the QGIS project says."""
    said = captions_of(case.result, "en", {})
    rows = [found(r"\((.*)\)$", each) for each in said.classes]
    mean = found(r"weighted by people: ([\d.]+)", said.means)
    return Said(shares=[rows[-1], *rows[:-1]], mean=mean)


def by_terminal(case: Case) -> Said:
    """Return what the terminal says of equity."""
    said = " ".join(equity_text(case.analyses.equity, case.result, "en").split())
    points = found(r"([\d.]+) points less", said)
    return Said(
        mean=found(r"[Mm]arker of (\d+\.\d)", said),
        gap=f"\N{MINUS SIGN}{points}",
        headcount=found(r"\(([\d.]+ %)", said),
    )


def words(figure: Figure) -> list[str]:
    """Return the lines of words of a figure, in the order in which they are drawn."""
    figure.canvas.draw()
    texts = cast("list[Text]", figure.findobj(Text))
    return [line for each in texts for line in each.get_text().replace("\xa0", " ").splitlines()]


def found(pattern: str, said: str) -> str:
    """Return what a pattern finds in words; it has to be there."""
    match = re.search(pattern, said)
    assert match is not None, f"{pattern} is not in: {said}"
    return match[1]


OUTPUTS: Mapping[str, Callable[[Case], Said]] = {
    "tables": by_tables,
    "web map": by_webmap,
    "report": by_report,
    "figures": by_figures,
    "page to print": by_print,
    "terminal": by_terminal,
}
SAYS = {
    "tables": ("classes", "shares", "mean"),
    "web map": ("classes", "shares", "mean", "gap"),
    "report": Said._fields,
    "figures": Said._fields,
    "page to print": ("shares", "mean"),
    "terminal": ("mean", "gap", "headcount"),
}


@pytest.mark.parametrize("output", OUTPUTS)
def test_outputs__say_the_same_of_one_city(case: Case, output: str) -> None:
    said = OUTPUTS[output](case)._asdict()
    assert said == {
        key: value if key in SAYS[output] else None for key, value in TRUE._asdict().items()
    }


# ── the page as it is read ───────────────────────────────────────────────────


@pytest.fixture(scope="module")
def panels(case: Case, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, int]]:
    """Return what the panel of the web map says of each cell, and the class that the data have."""
    target = tmp_path_factory.mktemp("page") / "town-map.html"
    write_webmap(case.result, case.analyses, target, language="en", overwrite=False)
    seen = []
    with browser(software_3d=False) as running:
        for row, cell in enumerate(case.result.grid.index):
            with running.opened(target, address=f"#sel=cell:{cell}&l=en") as opened:
                opened.ready()
                said = opened.page.locator("#tab-place .hero").inner_text()
                known = opened.page.evaluate(f"figures.classesOf('marker')[{row}]")
                seen.append((said, int(known)))
    return seen


@pytest.mark.browser
@needs_chromium
def test_panel__names_the_class_of_the_exact_score(panels: list[tuple[str, int]]) -> None:
    assert [number for _, number in panels] == TRUE.classes
    for said, number_ in panels:
        named = re.search(r"[Cc]lass (\d)", said)
        assert int(named[1] if named else 0) == number_
