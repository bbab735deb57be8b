"""A city of many cells, made up: as smooth, as noisy and as patchy as the sample Cúcuta."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import h3
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.analysis.explaining.reasons import main_shortfall
from inclusion_marker.analysis.hotspots import hotspots
from inclusion_marker.analysis.robustness import Robustness
from inclusion_marker.composite.scoring import score
from inclusion_marker.loaders.grid import Grid, from_ids
from inclusion_marker.outputs.places import opportunities
from inclusion_marker.result import Result

Floats = npt.NDArray[np.float64]

CENTRE, RESOLUTION = (7.89, -72.5), 9
_NOISE = 0.5  # beside a smooth field of 1: cells beside each other differ as much as in Cúcuta
_WAVES = 6
_PLACES_A_CELL = 0.35


def large_city(
    base: Result, analyses: Analyses, cells: int, *, seed: int = 5
) -> tuple[Result, Analyses]:
    """Return a city of so many H3 cells, and its analyses.

    The raw values of an indicator are those of the base city, laid out over the cells by a smooth
    field with noise of its own; scores follow by the method. Intervals and confidence are drawn
    from those of the base city.
    """
    draw = np.random.default_rng(seed)
    grid = _grid(cells, base)
    where = _standard(grid.centroids)
    covered = _ranks(_field(where, draw, noise=0.0)) > float(base.scores.marker.isna().mean())
    raw = pd.DataFrame(
        {key: _laid_out(base.raw[key], where, draw) for key in base.raw.columns}, index=grid.index
    ).where(pd.Series(covered, index=grid.index))
    raw.attrs = dict(base.raw.attrs)
    context = pd.DataFrame(
        {key: _laid_out(base.context[key], where, draw) for key in base.context.columns},
        index=grid.index,
    ).where(pd.Series(covered, index=grid.index), 0.0)
    made = dataclasses.replace(
        base,
        grid=grid,
        boundary=gpd.GeoSeries([grid.cells.union_all()], crs=grid.cells.crs),
        layers=dict(base.layers) | _places(base, grid, draw),
        raw=raw,
        origins=pd.DataFrame("unit", index=grid.index, columns=base.origins.columns),
        scores=score(raw, base.method),
        context=context,
        terrain=base.terrain.iloc[np.arange(cells) % len(base.terrain)].set_axis(grid.index),
        closest=pd.DataFrame(index=grid.index),
        nearest={},
        if_slower=pd.DataFrame(index=grid.index),
        shares={},
    )
    found = dataclasses.replace(
        analyses,
        robustness=_robustness(made, analyses.robustness, draw),
        hotspots=hotspots(made, permutations=0),
        shortfall=main_shortfall(made),
    )
    return made, found


def _grid(cells: int, base: Result) -> Grid:
    """Return so many cells around a centre."""
    centre, radius = h3.latlng_to_cell(*CENTRE, RESOLUTION), 0
    while 3 * radius * (radius + 1) + 1 < cells:
        radius += 1
    rings = [h3.grid_ring(centre, each) for each in range(radius + 1)]
    ids = [cell for ring in rings for cell in sorted(ring)][:cells]
    return from_ids(ids, crs=str(base.grid.cells.crs))


def _standard(points: Floats) -> Floats:
    """Return points around 0, one standard deviation wide."""
    return np.asarray((points - points.mean(axis=0)) / points.std(axis=0), np.float64)


def _field(where: Floats, draw: np.random.Generator, *, noise: float = _NOISE) -> Floats:
    """Return a smooth field with noise, one value a place."""
    waves = draw.normal(0, 2.0, (_WAVES, 2))
    shifts = draw.uniform(0, 2 * np.pi, _WAVES)
    smooth = np.sin(where @ waves.T + shifts).sum(axis=1)
    return np.asarray(smooth / smooth.std() + noise * draw.normal(size=len(where)), np.float64)


def _ranks(values: Floats) -> Floats:
    """Return the rank of each value, 0-1."""
    return values.argsort().argsort() / max(len(values) - 1, 1)


def _laid_out(values: pd.Series[float], where: Floats, draw: np.random.Generator) -> Floats:
    """Return the values of another city over these places, in the order of a field."""
    known = np.sort(values.dropna().to_numpy(np.float64))
    if not len(known):
        return np.full(len(where), np.nan)
    return np.asarray(np.quantile(known, _ranks(_field(where, draw))), np.float64)


def _places(base: Result, grid: Grid, draw: np.random.Generator) -> dict[str, gpd.GeoDataFrame]:
    """Return layers of points with as many places a cell as a city has."""
    keys = [key for key in opportunities(base) if (base.layers[key].geom_type == "Point").all()]
    known = sum(len(base.layers[key]) for key in keys)
    found = {}
    for key in keys:
        layer = base.layers[key]
        count = max(int(len(layer) / known * _PLACES_A_CELL * len(grid.index)), 1)
        spots = grid.centroids[draw.integers(0, len(grid.index), count)]
        table = layer.iloc[np.arange(count) % len(layer)].reset_index(drop=True)
        moved = spots + draw.normal(0, 120, (count, 2))
        table = table.set_geometry(gpd.GeoSeries(shapely.points(moved), crs=layer.crs))
        if "name" in table:
            table["name"] = [f"{name} {row}" for row, name in enumerate(table["name"])]
        found[key] = table
    return found


def _robustness(
    made: Result, base: Robustness | None, draw: np.random.Generator
) -> Robustness | None:
    """Return intervals and confidence like those of the base city, one a cell."""
    if base is None:
        return None
    known = base.cells[base.cells["marker"].notna()]
    rows = known.iloc[draw.integers(0, len(known), len(made.grid.index))].set_axis(made.grid.index)
    marker = made.scores.marker
    table = rows.assign(
        marker=marker,
        low=marker - (rows["marker"] - rows["low"]),
        high=marker + (rows["high"] - rows["marker"]),
    )
    numbers = table.select_dtypes("number").columns
    table[numbers] = table[numbers].where(marker.notna(), np.nan)
    words = ["confidence", "reason"]
    table[words] = table[words].astype(object).where(marker.notna(), None)
    people = np.asarray(made.people, np.float64)
    return dataclasses.replace(base, cells=table, index=made.grid.index, people=people)
