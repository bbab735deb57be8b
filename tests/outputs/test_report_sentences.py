"""The sentences of the report at their turns: what is certain, what is not, where clusters lie."""

from __future__ import annotations

import dataclasses
import math
import re

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csgraph

from inclusion_marker.analysis.analyses import Analyses, analyse
from inclusion_marker.analysis.clustering.neighbours import neighbours
from inclusion_marker.analysis.robustness import Robustness
from inclusion_marker.marker import Marker, compute
from inclusion_marker.method import extended_method
from inclusion_marker.notices import Notice
from inclusion_marker.outputs.method_table import goalposts_text
from inclusion_marker.outputs.reporting.blocks import Abreast, Cell, Drawing, Section, Table
from inclusion_marker.outputs.reporting.certainty import certainty_section
from inclusion_marker.outputs.reporting.clusters import cluster_blocks, clusters_of_gaps
from inclusion_marker.outputs.reporting.districts import district_blocks, ranked_districts
from inclusion_marker.outputs.reporting.drivers import drivers_section
from inclusion_marker.outputs.reporting.messages import messages
from inclusion_marker.outputs.reporting.method import method_section
from inclusion_marker.outputs.reporting.sayings import listed, share
from inclusion_marker.outputs.wording import number, whole
from inclusion_marker.texts import LANGUAGES

PATTERNS = ("ll.h", "l.l", ".", "h")


@pytest.fixture(scope="module")
def manta() -> Marker:
    """Return a small city with districts and a marker."""
    return compute("manta", resolution=8, min_coverage=0.3)


@pytest.fixture(scope="module")
def found(manta: Marker) -> Analyses:
    """Return the analyses of it."""
    return analyse(manta, draws=64)


def sure_of(found: Analyses) -> Robustness:
    """Return the draws of the city."""
    assert found.robustness is not None
    return found.robustness


def words_of(block: object) -> str:
    """Return all words of a block, a section or a record inside, on one line."""
    if isinstance(block, str):
        return block.replace("\N{NO-BREAK SPACE}", " ")
    if isinstance(block, tuple):
        return " ".join(words_of(each) for each in block)
    if dataclasses.is_dataclass(block):
        return " ".join(words_of(getattr(block, each.name)) for each in dataclasses.fields(block))
    return ""


# ── the marker and its class ─────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-0.2, 0.2, "Todo ese intervalo está en la clase 70–80."),  # noqa: RUF001 - a range
        (-12.0, 1.0, "toca las clases 50–60, 60–70 y 70–80: la clase"),  # noqa: RUF001 - ranges
        (-9.0, -6.0, "es más alto que casi todos los repetidos"),
        (3.0, 6.0, "es más bajo que casi todos los repetidos"),
    ],
)
def test_class__is_certain_only_where_the_interval_is_in_one(
    manta: Marker, found: Analyses, low: float, high: float, said: str
) -> None:
    sure, mean = sure_of(found), 70.5
    moved = manta.scores.marker * 0 + mean
    result = dataclasses.replace(manta, scores=dataclasses.replace(manta.scores, marker=moved))
    city = sure.city.copy()
    city.loc[("marker", "both"), ["low", "high"]] = [mean + low, mean + high]
    drawn = dataclasses.replace(found, robustness=dataclasses.replace(sure, city=city))
    assert said in " ".join(messages(result, drawn, "es"))


def test_areas__whose_intervals_cross_have_no_certain_order(manta: Marker, found: Analyses) -> None:
    sure, means = sure_of(found), manta.means()["people_weighted"]
    areas = [f"area_{key}" for key in manta.method.areas]
    for width, said in ((0.01, "lies below those of the others"), (60.0, "it is not certain")):
        city = sure.city.copy()
        for area in areas:
            ends = [float(means[area]) - width, float(means[area]) + width]
            city.loc[(area, "both"), ["low", "high"]] = ends
        drawn = dataclasses.replace(found, robustness=dataclasses.replace(sure, city=city))
        assert said in " ".join(messages(manta, drawn, "en"))


# ── districts ────────────────────────────────────────────────────────────────


def shuffled(manta: Marker, found: Analyses, spread: float) -> Analyses:
    """Return analyses whose draws move each cell by itself."""
    sure, rng = sure_of(found), np.random.default_rng(7)
    marker = manta.scores.marker.to_numpy(np.float64)[:, None]
    draws = (marker + rng.normal(0, spread, (len(marker), 200))).astype(np.float32)
    return dataclasses.replace(found, robustness=dataclasses.replace(sure, draws=draws))


def test_ranks__that_the_draws_never_change_are_certain(manta: Marker, found: Analyses) -> None:
    still = shuffled(manta, found, 0.0)
    districts = ranked_districts(manta, still, "es")
    assert [each.rank for each in districts] == list(range(1, len(districts) + 1))
    assert all(each.ranks.low == each.ranks.high == each.rank for each in districts)
    text = words_of(tuple(district_blocks(manta, still, "es")))
    assert "Todos conservan su puesto" in text
    said = " ".join(messages(manta, still, "es")).replace("\N{NO-BREAK SPACE}", " ")
    assert f"{districts[0].name} es el más bajo en el 100 % de los" in said


def test_ranks__that_the_draws_mix_up_are_told_as_uncertain(manta: Marker, found: Analyses) -> None:
    mixed = shuffled(manta, found, 60.0)
    districts = ranked_districts(manta, mixed, "en")
    assert sum(each.lowest for each in districts) == pytest.approx(1.0)
    text = words_of(tuple(district_blocks(manta, mixed, "en")))
    assert "None keeps its rank in nine of ten" in text
    assert "The difference is smaller than its uncertainty" in text
    said = " ".join(messages(manta, mixed, "en"))
    assert "That is not certain." in said
    likely = max(districts, key=lambda each: each.lowest)
    assert f"{likely.name} ({share(likely.lowest)})" in said


def test_some_ranks__are_certain_and_the_others_are_named(manta: Marker, found: Analyses) -> None:
    for spread in (0.5, 1, 2, 4, 8, 12):
        drawn = shuffled(manta, found, spread)
        districts = ranked_districts(manta, drawn, "en")
        unsure = [each.name for each in districts if each.ranks.low != each.ranks.high]
        if 0 < len(unsure) < len(districts):
            break
    text = words_of(tuple(district_blocks(manta, drawn, "en")))
    assert f"Without a certain rank: {listed(unsure, 'en')}." in text


def test_districts_where_nobody_has_a_marker__are_not_put_in_order(
    manta: Marker, found: Analyses
) -> None:
    assert manta.districts is not None
    empty = dataclasses.replace(manta, districts=manta.districts.assign(marker=math.nan))
    text = words_of(tuple(district_blocks(empty, found, "es")))
    assert "Ningún distrito tiene personas en celdas con marcador." in text
    assert "Sin datos" in text


# ── clusters ─────────────────────────────────────────────────────────────────


def clustered(manta: Marker, found: Analyses, classes: list[str], stable: float) -> Analyses:
    """Return analyses with clusters made by hand."""
    people = manta.people.to_numpy(np.float64)
    cells = found.hotspots.cells.assign(hotspot=pd.array(classes, dtype="string"), stable=stable)
    rows = {}
    for each in ("high", "low", "none", "island", "missing"):
        of = np.array([one == each for one in classes])
        held = float(people[of].sum())
        rows[each] = {"people": held, "share": held / people.sum(), "cells": int(of.sum())}
        rows[each]["people_stable"] = held if stable >= 0.8 else math.nan
    summary = pd.DataFrame.from_dict(rows, orient="index")
    hot = dataclasses.replace(found.hotspots, cells=cells, summary=summary)
    return dataclasses.replace(found, hotspots=hot)


def apart(manta: Marker) -> list[str]:
    """Return classes in which two cells that are no neighbours are low, and one is high."""
    joined = neighbours(manta.grid).toarray()
    people = manta.people.to_numpy(np.float64)
    order = [int(each) for each in np.argsort(-people)]
    other = next(each for each in order[1:] if not joined[order[0], each])
    classes = ["none"] * len(order)
    classes[order[0]] = classes[other] = "low"
    high = next(each for each in order if classes[each] == "none")
    classes[high] = "high"
    return classes


@pytest.mark.parametrize("language", LANGUAGES)
def test_clusters__are_told_with_their_people_their_districts_and_a_letter_on_the_map(
    manta: Marker, found: Analyses, language: str
) -> None:
    classes = apart(manta)
    hot = clustered(manta, found, classes, 1.0)
    gaps = clusters_of_gaps(manta, hot, language)
    low = np.array([each == "low" for each in classes])
    people = manta.people.to_numpy(np.float64)
    rows = np.flatnonzero(low)
    parts, _ = csgraph.connected_components(neighbours(manta.grid)[rows][:, rows])
    assert [each.letter for each in gaps] == ["A", "B"][:parts]
    assert sum(each.people for each in gaps) == pytest.approx(people[low].sum())
    assert gaps[0].people >= gaps[-1].people
    for gap in gaps:
        assert gap.marker == pytest.approx(float(manta.scores.marker.iloc[list(gap.rows)].iloc[0]))
        assert sum(part for _, part in gap.districts) == pytest.approx(1.0, abs=0.06)
        assert gap.reason == hot.shortfall["indicator"].iloc[gap.rows[0]]
    blocks = tuple(cluster_blocks(manta, hot, language))
    table = next(each for each in blocks if isinstance(each, Table))
    assert [int(re.sub(r"\D", "", row.cells[1].text)) for row in table.rows] == [
        round(each.people) for each in gaps
    ]
    drawing = next(each for each in blocks if isinstance(each, Drawing))
    assert [label.text for label in drawing.labels] == ["A", "B"][:parts]
    assert {shape.look for shape in drawing.shapes} >= {"ground", "low", "high", "boundary"}
    for shape in drawing.shapes:
        assert re.fullmatch(r"(M[-\d.]+ [-\d.]+(L[-\d.]+ [-\d.]+)*Z)+", shape.path)
    share_low = share(float(hot.hotspots.summary["share"]["low"]))
    assert share_low in words_of(blocks).replace(" %", "\N{NO-BREAK SPACE}%")


def test_clusters_of_one_cell__are_told_as_one(manta: Marker, found: Analyses) -> None:
    classes = ["none"] * len(manta.people)
    classes[int(manta.people.to_numpy().argmax())] = "low"
    text = words_of(tuple(cluster_blocks(manta, clustered(manta, found, classes, 0.0), "es")))
    assert "vive en un foco de carencia de una sola celda." in text
    assert "No hay focos de ventaja." in text
    assert "No se sabe qué focos resistirían otros datos" in text


@pytest.mark.parametrize(
    ("language", "said"),
    [("es", "Los focos de ventaja están en {}: "), ("en", "The clusters of advantage lie in {}: ")],
)
def test_clusters_of_advantage__are_told_with_their_districts(
    manta: Marker, found: Analyses, language: str, said: str
) -> None:
    assert manta.districts is not None
    sure, classes = sure_of(found), ["none"] * len(manta.people)
    living = sure.district_weights.to_numpy(np.float64)
    cell = int((living > 0).sum(axis=0).argmax())
    classes[cell] = "high"
    parts = living[:, cell] / living[:, cell].sum()
    order = [int(each) for each in np.argsort(-parts, kind="stable") if parts[each] >= 0.05]
    names = [f"{manta.districts['name'].iloc[at]} ({share(float(parts[at]))})" for at in order]
    text = words_of(tuple(cluster_blocks(manta, clustered(manta, found, classes, 1.0), language)))
    named = listed(names, language).replace("\N{NO-BREAK SPACE}", " ")
    assert len(names) > 1
    assert said.format(named) in text
    whole_ = dataclasses.replace(manta, districts=None)
    none = dataclasses.replace(clustered(manta, found, classes, 1.0), robustness=None)
    assert said.split("{", maxsplit=1)[0] not in words_of(
        tuple(cluster_blocks(whole_, none, language))
    )


def test_clusters_where_nobody_lives__have_no_share(manta: Marker, found: Analyses) -> None:
    classes = ["low", "high", *["none"] * (len(manta.people) - 2)]
    people = manta.people.copy()
    people.iloc[:2] = 0.0
    empty = dataclasses.replace(manta, context=manta.context.assign(people=people))
    hot = clustered(empty, found, classes, 1.0)
    text = words_of(tuple(cluster_blocks(empty, hot, "en")))
    assert "There is a cluster of gaps of a single cell, and nobody lives in it." in text
    assert "There is a cluster of advantage of a single cell, and nobody lives in it." in text
    gap = clusters_of_gaps(empty, dataclasses.replace(hot, robustness=None), "en")[0]
    assert (gap.people, gap.districts) == (0.0, ())


def test_more_clusters_than_the_table_names__are_counted(
    manta: Marker, found: Analyses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inclusion_marker.outputs.reporting.clusters._MOST", 1)
    hot = clustered(manta, found, apart(manta), 1.0)
    gaps = clusters_of_gaps(manta, hot, "en")
    text = words_of(tuple(cluster_blocks(manta, hot, "en")))
    assert f"There is one more cluster; people in it: {whole(gaps[1].people, 'en')}." in text
    assert gaps[1].letter == ""


# ── what drives it, how sure it is, from what ────────────────────────────────


def test_a_rule_that_does_not_split__is_said_to(manta: Marker, found: Analyses) -> None:
    table = found.explanation.table.copy()
    table.loc[table["level"] != "marker", ["points", "share"]] = math.nan
    unsplit = dataclasses.replace(found.explanation, table=table)
    section = drivers_section(manta, dataclasses.replace(found, explanation=unsplit), "es")
    assert "La regla del método no permite repartirlos" in words_of(section)
    assert not any(isinstance(each, Table) for each in section.blocks)


def test_indicators_that_only_some_have__are_named_with_their_share(
    manta: Marker, found: Analyses
) -> None:
    table = found.explanation.table.copy()
    first = str(found.explanation.reasons("ind", 1).index[0])
    table.loc[first, "observed"] = 0.5
    some = dataclasses.replace(found.explanation, table=table)
    section = drivers_section(manta, dataclasses.replace(found, explanation=some), "en")
    name = table["name_en"][first]
    assert f"With a score for some of the people only: “{name}” (50.0 %)." in words_of(section)


def cells_of(section: Section) -> list[list[str]]:
    """Return the texts of all rows of a section's tables."""
    blocks = [
        inner
        for each in section.blocks
        for inner in (each.blocks if isinstance(each, Abreast) else (each,))
    ]
    tables = [each for each in blocks if isinstance(each, Table)]
    return [[cell.text for cell in row.cells] for table in tables for row in table.rows]


@pytest.mark.parametrize("class_", ["high", "medium", "low"])
def test_confidence__counts_the_people_of_each_class_and_says_what_limits_it(
    manta: Marker, found: Analyses, class_: str
) -> None:
    sure = sure_of(found)
    cells = sure.cells.assign(
        confidence=pd.array([class_] * len(sure.cells), dtype="string"),
        reason=pd.array(["interpolation"] * len(sure.cells), dtype="string"),
        below_probability=0.95,
    )
    drawn = dataclasses.replace(found, robustness=dataclasses.replace(sure, cells=cells))
    section = certainty_section(manta, drawn, "en")
    rows = {row[0]: row for row in cells_of(section)}
    assert rows[class_.capitalize()][1] == whole(sure.people.sum(), "en")
    limits = "People split from zones larger than the cell"
    assert (limits in rows[class_.capitalize()][3]) == (class_ != "high")
    text = words_of(section)
    assert "With 90 % certainty, 100 % of the people" in text
    assert "it is certain that their cell is not below it" in text


def test_sensitivity__is_in_whole_percent_the_largest_first(manta: Marker, found: Analyses) -> None:
    sure = sure_of(found)
    table = sure.sensitivity.assign(first=0.1, total=-0.02, people_driven=math.nan)
    table.loc[table.index[-1], "total"] = 1.3
    drawn = dataclasses.replace(found, robustness=dataclasses.replace(sure, sensitivity=table))
    rows = cells_of(certainty_section(manta, drawn, "en"))
    at = next(
        n for n, row in enumerate(rows) if row[2] == "100\N{NO-BREAK SPACE}%" and len(row) == 5
    )
    assert rows[at + 1][2] == "0\N{NO-BREAK SPACE}%"
    nothing = dataclasses.replace(sure, sensitivity=table.iloc[:0], without=sure.without.iloc[:0])
    text = words_of(certainty_section(manta, dataclasses.replace(found, robustness=nothing), "en"))
    assert "What moves the marker of the city" not in text
    assert "How much hangs on a single indicator" not in text


def test_notices_of_one_kind__stand_together_and_the_rest_is_counted(
    manta: Marker, found: Analyses
) -> None:
    many = tuple(Notice("crs_missing", file=f"{at}.gpkg") for at in range(5))
    section = method_section(dataclasses.replace(manta, notices=many), found, "es")
    row = next(row for row in cells_of(section) if row[0] == "crs_missing")
    assert "(archivo 0.gpkg)" in row[1]
    assert "… y 2 más" in row[1]
    quiet = dataclasses.replace(
        found,
        robustness=dataclasses.replace(sure_of(found), notices=()),
        hotspots=dataclasses.replace(found.hotspots, notices=()),
        equity=dataclasses.replace(found.equity, notices=()),
        explanation=dataclasses.replace(found.explanation, notices=()),
    )
    bare = dataclasses.replace(
        manta, notices=(), provenance={**manta.provenance, "inputs": [], "conservation": []}
    )
    text = words_of(method_section(bare, quiet, "es"))
    assert "No hay avisos." in text
    assert "No se leyó ningún archivo." in text


def test_values_that_stand_in__are_told_with_their_reason(manta: Marker, found: Analyses) -> None:
    text = words_of(method_section(manta, found, "en"))
    assert "one value for the whole city. Source: " in text
    assert "have the value of a larger unit." in text


def test_cells_of_a_table__are_text_and_numbers(manta: Marker, found: Analyses) -> None:
    section = method_section(manta, found, "en")
    table = next(each for each in section.blocks if isinstance(each, Table))
    raw = float(np.average(manta.raw["internet"], weights=manta.people))
    row = next(row for row in table.rows if row.cells[0].text.startswith("Access to internet"))
    assert row.cells[3] == Cell(f"{number(raw)}\N{NO-BREAK SPACE}%", is_number=True)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("goalposts", "6→100, 60→0"),
        ("distance_to_target", "distancia a la meta (razón con el mejor valor), 6→100"),
        ("z", "desviaciones de la media de las celdas (z)"),
        ("rank", "puesto entre las celdas"),
    ],
)
def test_goalposts__are_told_in_words_and_not_by_the_names_of_the_file(
    rule: str, said: str
) -> None:
    fixed = {"score": {"normalise": {"rule": "goalposts"}}}  # its best value is 0: no ratio to it
    over = {"normalisation": {"rule": rule}, "indicators": {"solid_waste": fixed}}
    method = extended_method("uim", over, file="x")
    assert goalposts_text(method, "health_distance", "es") == said
    both = goalposts_text(method, "schooling_gap", "es")
    assert both.startswith("0→0, 1→100, 1→100, 2→0")
    assert (said in both) == (rule in ("z", "rank"))
    plain = extended_method("uim", {}, file="x")
    assert goalposts_text(plain, "homicide_rate", "en").endswith(" (logarithmic scale)")
