"""The report says of a city what the maps, the tables and the figures say of it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import pandas as pd
import pytest

from inclusion_marker.analysis.analyses import Analyses, analyse
from inclusion_marker.analysis.equity import equity
from inclusion_marker.analysis.explaining.reasons import main_shortfall
from inclusion_marker.analysis.hotspots import hotspots
from inclusion_marker.analysis.inequality.groups import Group, default_groups
from inclusion_marker.composite.classes import BREAKS, class_labels
from inclusion_marker.marker import Marker, compute
from inclusion_marker.outputs.palette import ACCENT, CLUSTERS, NO_DATA, PUBLISHED
from inclusion_marker.outputs.pictures.districts import ranked
from inclusion_marker.outputs.reporting.blocks import Abreast, Cards, Section, Table, Words
from inclusion_marker.outputs.reporting.districts import district_blocks, ranked_districts
from inclusion_marker.outputs.reporting.equity import equity_section, gap_of
from inclusion_marker.outputs.reporting.messages import messages
from inclusion_marker.outputs.reporting.overview import city_section
from inclusion_marker.outputs.reporting.page import Page, render
from inclusion_marker.outputs.reporting.sayings import Share, colour_of, sentence
from inclusion_marker.outputs.tables import district_intervals
from inclusion_marker.outputs.wording import DASH, number, percent
from inclusion_marker.result import Result
from inclusion_marker.texts import LANGUAGES
from made_cities import made_city
from outputs.made_maps import trimmed

GROUPS = [default_groups()[0]]
PEOPLE = [100.0, 300.0, 200.0, 400.0]


@pytest.fixture(autouse=True)
def _light_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the small map out: it has tests of its own."""
    monkeypatch.setattr("inclusion_marker.outputs.reporting.overview.preview_png", lambda _: b"png")


@pytest.fixture(scope="module")
def manta() -> Marker:
    """Return a small city with districts and a marker."""
    return compute("manta", resolution=8, min_coverage=0.3)


@pytest.fixture(scope="module")
def found(manta: Marker) -> Analyses:
    """Return the analyses of it."""
    return analyse(manta, draws=64)


def undrawn(found: Analyses, city: Result, groups: Sequence[Group] | None = None) -> Analyses:
    """Return analyses of a made city, of which nothing is drawn."""
    return dataclasses.replace(
        found,
        robustness=None,
        hotspots=hotspots(city, permutations=0),
        equity=equity(city, by=None, groups=groups),
        shortfall=main_shortfall(city),
    )


def words_of(block: object) -> str:
    """Return all words of a block, a section or a record inside, on one line."""
    if isinstance(block, str):
        return block.replace("\N{NO-BREAK SPACE}", " ")
    if isinstance(block, tuple):
        return " ".join(words_of(each) for each in block)
    if dataclasses.is_dataclass(block):
        return " ".join(words_of(getattr(block, each.name)) for each in dataclasses.fields(block))
    return ""


def classes_table(section: Section) -> Table:
    """Return the table of who lives in which class."""
    abreast = next(each for each in section.blocks if isinstance(each, Abreast))
    return next(each for each in abreast.blocks if isinstance(each, Table))


# ── classes ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("score", "place"),
    [(49.96, 1), (50.0, 2), (59.96, 2), (69.9958, 3), (80.0, 5), (math.nan, 0)],
)
def test_class__is_that_of_the_exact_score(score: float, place: int) -> None:
    assert colour_of(score) == (NO_DATA, *PUBLISHED)[place]


def test_card__of_a_marker_that_reads_70_but_is_less_names_the_class_below(
    manta: Marker, found: Analyses
) -> None:
    city = trimmed(made_city(manta, [69.9958] * 4, PEOPLE), manta)
    section = city_section(city, undrawn(found, city), "en")
    card = next(each for each in section.blocks if isinstance(each, Cards)).cards[0]
    assert card.value == "70.0"
    assert f"Class 60{DASH}70" in card.note
    assert card.colour == PUBLISHED[2]


def test_people_by_class__are_shares_of_all_people_for_the_city_and_its_groups(
    manta: Marker, found: Analyses
) -> None:
    counts = {"people_venezuelan": [60.0, 100.0, 20.0, 10.0]}
    marker = [49.96, 50.0, math.nan, 69.996]
    city = trimmed(made_city(manta, marker, PEOPLE, counts=counts, context=counts), manta)
    rows = classes_table(city_section(city, undrawn(found, city, GROUPS), "en")).rows
    shown = [[cell.text.replace("\N{NO-BREAK SPACE}", " ") for cell in row.cells] for row in rows]
    labels = class_labels(BREAKS, dash=DASH)
    assert [labels[at] in row[0] for at, row in enumerate(shown[:5])] == [True] * 5
    assert [row[1] for row in shown] == ["100", "300", "400", "0", "0", "200"]
    assert [row[2] for row in shown] == ["10.0 %", "30.0 %", "40.0 %", "0 %", "0 %", "20.0 %"]
    part = [percent(100 * each / 190) for each in (60, 100, 10, 0, 0, 20)]
    assert [row[3] for row in shown] == part


# ── gaps, and what shares are of ─────────────────────────────────────────────


def test_gap__is_the_exact_difference_and_not_that_of_the_means_as_shown(
    manta: Marker, found: Analyses
) -> None:
    counts = {"people_venezuelan": [100.0, 0.0]}
    city = trimmed(
        made_city(manta, [40.04, 50.06], [100.0, 300.0], counts=counts, context=counts), manta
    )
    analyses = undrawn(found, city, GROUPS)
    gap = gap_of(analyses.equity, analyses.equity.gaps.groups[0])
    assert (number(gap.part), number(gap.rest)) == ("40.0", "50.1")
    text = words_of(equity_section(city, analyses, "en"))
    assert "10.0 points less" in text
    assert " \N{MINUS SIGN}10.0 " in text
    assert "10.1" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_shares_below_the_line__say_whom_they_are_of(
    manta: Marker, found: Analyses, language: str
) -> None:
    counts = {"people_venezuelan": [60.0, 100.0, 20.0, 10.0]}
    of = {"es": "De quienes viven en celdas con marcador", "en": "of those who live in cells with"}
    for last, share_, people in ((math.nan, "16.7 %", 100), (90.0, "10.0 %", 100)):
        city = trimmed(
            made_city(manta, [40, 60, 70, last], PEOPLE, counts=counts, context=counts), manta
        )
        text = words_of(equity_section(city, undrawn(found, city, GROUPS), language))
        assert share_ in text
        assert f"({people}" in text
        assert (of[language] in text) == math.isnan(last)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (0.25, "El 25.0 % de las personas (7) vive en celdas sin marcador, por falta de datos."),
        (0.99999, "Más del 99.9 % de las personas (7) vive en celdas sin marcador, por"),
        (0.00001, "Menos del 0.1 % de las personas (7) vive en celdas sin marcador, por falta"),
        (1.0, "El 100 % de las personas (7) vive en celdas sin marcador, por falta de datos."),
    ],
)
def test_share__in_a_sentence_has_words_where_a_table_has_signs(part: float, said: str) -> None:
    share = Share(part, "es")
    got = sentence("report_without_marker", "es", share=share, people="7")
    assert got.replace("\N{NO-BREAK SPACE}", " ").startswith(said)
    others = sentence("report_maybe", "es", share=share, people="7", line="50")
    start = {"E": "Del", "M": "De m"}[said[0]]
    assert others.startswith(start)
    english = sentence("report_without_marker", "en", share=Share(part, "en"), people="7")
    assert english[:4] in {"25.0", "More", "Less", "100\N{NO-BREAK SPACE}"}


# ── districts and areas ──────────────────────────────────────────────────────


def test_districts__stand_in_the_order_and_with_the_intervals_of_the_figure(
    manta: Marker, found: Analyses
) -> None:
    assert manta.districts is not None
    table = manta.districts.copy()
    table["marker"] = [60.04, 59.96, *[60.0] * (len(table) - 3), math.nan]
    city = dataclasses.replace(manta, districts=table)
    figure = ranked(city, found, "en").iloc[1:]
    report = ranked_districts(city, found, "en")
    assert [each.name for each in report] == figure["name"].tolist()
    assert {each.rank for each in report[:-1]} == {1}
    kept = district_intervals(found, table.index)
    assert kept.notna().all(axis=None)
    for each, (_, row) in zip(report, figure.iterrows(), strict=True):
        assert tuple(each.span) == tuple(kept.iloc[each.at]) == (row["low"], row["high"])


def test_distance_between_districts__is_the_exact_one(manta: Marker, found: Analyses) -> None:
    assert manta.districts is not None
    table = manta.districts.iloc[:2].assign(marker=[40.04, 50.06])
    city = dataclasses.replace(manta, districts=table)
    said = next(
        each
        for each in district_blocks(city, undrawn(found, city), "en")
        if isinstance(each, Words)
    )
    assert "10.0 points apart" in words_of(said)


def test_lowest_areas__that_look_alike_are_told_as_several(manta: Marker, found: Analyses) -> None:
    assert found.robustness is not None
    keys = list(manta.method.areas)
    means = dict(zip(keys, [40.02, 40.04, *[70.0] * (len(keys) - 2)], strict=True))
    areas = manta.scores.areas * 0 + pd.Series(means)
    tied_ = dataclasses.replace(manta, scores=dataclasses.replace(manta.scores, areas=areas))
    for width, said in (
        (0.5, "The intervals of the lowest lie below those of the others."),
        (20.0, "The intervals of the lowest cross that of"),
    ):
        city = found.robustness.city.copy()
        for key, mean in means.items():
            city.loc[(f"area_{key}", "both"), ["low", "high"]] = [mean - width, mean + width]
        drawn = dataclasses.replace(
            found, robustness=dataclasses.replace(found.robustness, city=city)
        )
        text = " ".join(messages(tied_, drawn, "en"))
        assert said in text
        assert "first crosses" not in text
        assert "of the lowest lies" not in text


# ── looks ────────────────────────────────────────────────────────────────────


def test_page__has_its_colours_from_the_palette() -> None:
    html = render(Page("en", "Town", "", (), (), "inclusion_marker 0.1.0"))
    low, high = CLUSTERS["low"], CLUSTERS["high"]
    assert f":root{{--accent:{ACCENT};--low:{low};--high:{high};}}" in html
    assert html.count(ACCENT) == html.count(low) == html.count(high) == 1


def test_group_that_lives_where_no_cell_has_a_marker__is_not_compared(
    manta: Marker, found: Analyses
) -> None:
    counts = {"people_venezuelan": [100.0, 0.0]}
    made = made_city(manta, [math.nan, 50.0], [100.0, 300.0], counts=counts, context=counts)
    city = trimmed(made, manta)
    analyses = undrawn(found, city, GROUPS)
    assert math.isnan(gap_of(analyses.equity, analyses.equity.gaps.groups[0]).value)
    text = words_of(equity_section(city, analyses, "es"))
    assert "no hay celdas con marcador: no se pueden comparar." in text
    assert "No se puede comparar" in text
    assert "puntos menos" not in text
