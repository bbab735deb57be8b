"""Small cities for the web map: of few cells, of polygons, and with names that are markup."""

from __future__ import annotations

import dataclasses
import json

import geopandas as gpd
import pandas as pd

from conftest import Town
from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.analysis.equity import equity
from inclusion_marker.analysis.explaining.reasons import main_shortfall
from inclusion_marker.analysis.hotspots import hotspots
from inclusion_marker.composite.scoring import Scores
from inclusion_marker.marker import Marker, compute
from inclusion_marker.method import extended_method
from inclusion_marker.result import Result
from made_cities import made_city

HOSTILE = "</script><img src=x onerror=alert(1)>\u2028\"'&amp;<!--"


def few(base: Marker, scores: list[float]) -> tuple[Result, Analyses]:
    """Return a result with as many cells as scores, and its analyses."""
    made = trimmed(made_city(base, scores, [100.0] * len(scores)), base)
    return made, undrawn(base.analyses, made)


def trimmed(made: Result, base: Result) -> Result:
    """Return a made city with the tables of the other city's first cells."""
    index = made.grid.index
    tables = {key: getattr(base, key).loc[index] for key in ("raw", "origins", "terrain")}
    return dataclasses.replace(made, **tables)


def undrawn(analyses: Analyses, made: Result) -> Analyses:
    """Return the analyses of a made city, which has nothing that could be drawn."""
    return dataclasses.replace(
        analyses,
        robustness=None,
        hotspots=hotspots(made, permutations=0),
        equity=equity(made, by=None),
        shortfall=main_shortfall(made),
    )


def polygon_city(base: Marker, scores: list[float]) -> tuple[Result, Analyses]:
    """Return a result of polygon cells with names of their own, and its analyses."""
    made, _ = few(base, scores)
    names = pd.Index([f"B«{row}»" for row in range(len(scores))], name="cell", dtype=object)
    grid = dataclasses.replace(
        made.grid, cells=made.grid.cells.set_axis(names), kind="polygons", resolution=None
    )
    renamed = dataclasses.replace(
        made,
        grid=grid,
        raw=made.raw.set_axis(names),
        context=made.context.set_axis(names),
        terrain=made.terrain.set_axis(names),
        origins=made.origins.set_axis(names),
        scores=renamed_scores(made.scores, names),
    )
    return renamed, undrawn(base.analyses, renamed)


def renamed_scores(scores: Scores, names: pd.Index) -> Scores:
    """Return the scores of a made city under other labels."""
    return dataclasses.replace(
        scores,
        marker=scores.marker.set_axis(names),
        areas=scores.areas.set_axis(names),
        dimensions=scores.dimensions.set_axis(names),
        indicators=scores.indicators.set_axis(names),
        coverage=scores.coverage.set_axis(names),
    )


def hostile(town: Town) -> tuple[Marker, Analyses]:
    """Return a marker of which every name is markup, and its analyses."""
    quoted = json.dumps(HOSTILE)
    town.edit('es = "Pueblo (sintético)", en = "Town (synthetic)"', f"es = {quoted}, en = {quoted}")
    town.edit('licence = "CC0-1.0"', f"licence = {quoted}")
    town.edit('source = "synthetic"', f"source = {quoted}")
    boundary = gpd.read_file(town.root / "boundary.gpkg")
    halves = boundary.assign(id=HOSTILE, name=HOSTILE)
    halves.to_file(town.root / "districts.gpkg")
    added = '\n[districts]\nfile = "districts.gpkg"\nid = "id"\nname = "name"\n\n[omitted]\n'
    town.edit("\n[omitted]\n", added)
    rows = pd.DataFrame({"name": [HOSTILE], "lon": [-73.1838], "lat": [7.8683]})
    rows.to_csv(town.root / "health.csv", index=False)
    said = {"es": HOSTILE, "en": HOSTILE}
    method = extended_method(
        "uim-v1",
        {
            "name": said,
            "areas": {"health": {"name": said, "code": HOSTILE}},
            "dimensions": {"health_proximity": {"name": said}},
            "indicators": {"health_distance": {"name": said, "description": said}},
            "layers": {"health": {"description": said}},
        },
        file="hostile.toml",
    )
    marker = compute(town.root, method=method, min_coverage=0.1)
    return marker, marker.analyses
