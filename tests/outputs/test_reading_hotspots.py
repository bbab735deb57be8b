"""Hot spots in words."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from inclusion_marker.analysis.hotspots import Hotspots, hotspots
from inclusion_marker.marker import Marker, compute
from inclusion_marker.outputs.readings.hotspots import hotspots_text


@pytest.fixture(scope="module")
def manta() -> Marker:
    """Return a small synthetic city: eleven cells, no marker, five districts."""
    return compute("manta", resolution=8)


@pytest.fixture(scope="module")
def found(manta: Marker) -> Hotspots:
    """Return its hot spots, made larger than they are: eleven cells hold no cluster."""
    plain = hotspots(manta, column="area_health")
    people = pd.Series({"high": 12_000.0, "low": 8_000.0, "none": 25_000.0})
    summary = plain.summary.copy()
    summary["people"] = people.reindex(summary.index, fill_value=0.0)
    summary["share"] = summary["people"] / 45_000
    summary["cells"] = pd.Series({"high": 3, "low": 2, "none": 6}).reindex(summary.index).fillna(0)
    quadrants = plain.quadrants.copy()
    quadrants.loc[["LH", "HL"], ["people", "cells"]] = [[1500.0, 2], [700.0, 1]]
    assert plain.districts is not None
    districts = plain.districts.copy()
    districts["share_low"], districts["people_low"] = 0.25, districts["people"] / 4
    return replace(plain, summary=summary, quadrants=quadrants, districts=districts)


@pytest.mark.parametrize("language", ["es", "en"])
def test_text__fits_the_page_and_says_people_places_and_limits(
    manta: Marker, found: Hotspots, language: str
) -> None:
    text = hotspots_text(found, manta, language)
    assert max(map(len, text.splitlines())) <= 100
    assert "{" not in text
    said = {"es": ("17.8 %", "8\N{NO-BREAK SPACE}000", "Tarqui", "no a una norma", "bolsas")}
    said["en"] = ("17.8 %", "8,000", "Tarqui", "not to a norm", "pockets")
    for each in said[language]:
        assert each in text
    warning = "SYNTHETIC" if language == "en" else "SINTÉTICOS"
    assert warning in text
    real = replace(manta, city=manta.city.model_copy(update={"synthetic": False}))
    assert warning not in hotspots_text(found, real, language)


def test_text__names_each_level_of_the_method(manta: Marker, found: Hotspots) -> None:
    names = {
        "marker": "Urban Inclusion Marker",
        "area_health": manta.method.areas["health"].name.en,
        "dim_health_proximity": manta.method.dimensions["health_proximity"].name.en,
        "ind_health_distance": manta.method.indicators["health_distance"].name.en,
    }
    for column, name in names.items():
        first = hotspots_text(replace(found, column=column), manta, "en").splitlines()[0]
        assert f'"{name}"' in first


def test_text__says_how_many_people_keep_their_class_or_that_nobody_knows(
    manta: Marker, found: Hotspots
) -> None:
    assert "nobody knows which clusters" in hotspots_text(found, manta, "en")
    stable = found.summary.assign(people_stable=found.summary["people"] / 2, share_stable=0.1)
    text = hotspots_text(replace(found, summary=stable), manta, "en")
    assert "in at least 80 % of the repeated computations: 50.0 %" in " ".join(text.split())
    assert "nobody knows" not in text


def test_text__of_a_map_without_clusters_says_so(manta: Marker) -> None:
    plain = hotspots(manta, column="area_health", permutations=0)
    text = hotspots_text(plain, manta, "en")
    assert "there are no clusters to show" in text
    assert "People of each district" not in text
    assert "local Moran in closed form" in text
    assert "[hotspots_few]" in text


def test_text__of_a_marker_without_values_is_its_notices(manta: Marker) -> None:
    text = hotspots_text(hotspots(manta), manta, "es")
    assert "[hotspots_none_tested]" in text
    assert "I de Moran" not in text
    assert "personas (" not in text


@pytest.mark.parametrize(
    ("z", "p", "said"),
    [
        (9.0, 1e-9, "p < 0.001): cells are like"),
        (-9.0, 0.01, "= 0.010): cells differ"),
        (0.3, 0.7, "cannot be told from chance"),
    ],
)
def test_text__says_what_morans_i_means(
    manta: Marker, found: Hotspots, z: float, p: float, said: str
) -> None:
    global_ = replace(found.global_, z=z, p=p)
    text = " ".join(hotspots_text(replace(found, global_=global_), manta, "en").split())
    assert said in text


def test_text__without_districts_or_with_many_of_them(manta: Marker, found: Hotspots) -> None:
    assert "Tarqui" not in hotspots_text(replace(found, districts=None), manta, "en")
    assert found.districts is not None
    many = pd.concat([found.districts] * 4, ignore_index=True)
    many["name"] = [f"District {row} {'of a long name ' * 4}" for row in range(len(many))]
    many["share_high"] = np.nan
    text = hotspots_text(replace(found, districts=many), manta, "en")
    rows = [line for line in text.splitlines() if line.startswith("  District")]
    assert len(rows) == 12
    assert "…" in rows[0]
    assert rows[0].endswith("-")
    assert "8" in text.split(rows[-1])[1].splitlines()[1]


def test_text__counts_people_in_islands_and_missing_cells(manta: Marker, found: Hotspots) -> None:
    summary = found.summary.copy()
    summary.loc["island", ["people", "share"]] = [45.0, 0.001]
    text = hotspots_text(replace(found, summary=summary), manta, "en")
    assert "45 people (0.1 %) live in cells without a value or without neighbours." in text


def test_draws__reach_the_words(manta: Marker) -> None:
    values = manta.table()["area_health"].to_numpy(np.float64)
    run: Any = SimpleNamespace(
        draws=np.repeat(values[:, None], 4, axis=1).astype(np.float32), index=manta.grid.index
    )
    clone = SimpleNamespace(
        table=lambda: manta.table().assign(marker=values), people=manta.people, grid=manta.grid
    )
    result: Any = clone
    clone.districts, clone.boundary = manta.districts, manta.boundary
    text = hotspots_text(hotspots(result, robustness=run), manta, "en")
    assert "in at least 80 % of the repeated computations: 100 %" in " ".join(text.split())
