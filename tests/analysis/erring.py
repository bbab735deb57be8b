"""Results made in code whose data may err: cells in rows, zones cut by them, facilities."""

from __future__ import annotations

import dataclasses
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse as sp
import shapely

from analysis.trees import CRS
from inclusion_marker.city import Cells, City
from inclusion_marker.composite.nearest import KEPT, Nearest
from inclusion_marker.composite.scoring import score
from inclusion_marker.formulas import Distance, Formula, TravelTime, needs
from inclusion_marker.loaders.areal import Shares
from inclusion_marker.loaders.grid import Grid
from inclusion_marker.method import Method, load_method
from inclusion_marker.result import Result
from inclusion_marker.texts import Text

CELL_M = 200.0
FACILITIES = 40


def made_shares(cells: pd.Index, zones: int, rng: np.random.Generator, pieces: int = 3) -> Shares:
    """Return zones that lie in up to some cells each, one beyond the last; some are whole."""
    count = len(cells)
    first = np.sort(rng.integers(0, count, zones))
    size = rng.integers(1, pieces + 1, zones)
    zone = np.repeat(np.arange(zones), size)
    cell = np.repeat(first, size) + np.concatenate([np.arange(each) for each in size])
    part = rng.uniform(0.1, 1, len(zone))
    part /= np.bincount(zone, weights=part, minlength=zones)[zone]
    inside = cell < count
    held = np.bincount(zone[inside], weights=part[inside], minlength=zones)
    matrix = sp.csr_array((part[inside], (cell[inside], zone[inside])), shape=(count, zones))
    return Shares(
        matrix=matrix,
        area_m2=matrix * CELL_M**2,
        cells=cells,
        zones=pd.RangeIndex(zones),
        outside=np.clip(1 - held, 0, 1),
        lost=np.zeros(zones),
        overlapping=0,
    )


def made_zones(
    method: Method, layer: str, zones: int, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Return the table of a layer of zones: counts that are parts of each other, and rates."""
    known = method.layers[layer].columns
    columns: dict[str, Any] = {}

    def count(name: str) -> np.ndarray:
        if name not in columns:
            whole = known[name].part_of
            if whole is None:
                columns[name] = rng.integers(20, 400, zones).astype(np.float64)
            else:
                columns[name] = np.round(count(whole) * rng.uniform(0.05, 0.9, zones))
        found: np.ndarray = columns[name]
        return found

    for name, column in known.items():
        if column.measure == "extensive":
            count(name)
        elif column.measure == "intensive":
            columns[name] = rng.uniform(5, 15, zones)
    dots = gpd.points_from_xy(rng.uniform(0, 1e3, zones), rng.uniform(0, 1e3, zones))
    return gpd.GeoDataFrame(columns, geometry=dots, crs=CRS)


def erring_result(
    cells: int = 30,
    zones: int = 20,
    *,
    seed: int = 1,
    method: Method | None = None,
    omitted: tuple[str, ...] = (),
    missing: float = 0.0,
) -> Result:
    """Return a result of which everything may err, by any method of the shipped indicators.

    ``omitted`` indicators are missing everywhere, the others in a share ``missing`` of the cells.
    """
    method = method or load_method("uim-v1")
    rng = np.random.default_rng(seed)
    wide = int(np.ceil(np.sqrt(cells)))
    x, y = np.arange(cells) % wide * CELL_M, np.arange(cells) // wide * CELL_M
    digits = len(str(cells))
    index = pd.Index([f"c{row:0{digits}d}" for row in range(cells)], name="cell")
    squares = shapely.box(x, y, x + CELL_M, y + CELL_M)
    grid = Grid(gpd.GeoDataFrame(geometry=squares, index=index, crs=CRS), "polygons", None)
    raw, nearest, slower = {}, {}, {}
    layers: dict[str, gpd.GeoDataFrame] = {}
    shares: dict[str, Shares] = {}
    for key, card in method.indicators.items():
        formula = card.compute
        points = np.array(card.score.curve(card.classes))
        low, high = points[0, 0], points[-1, 0]
        raw[key] = rng.uniform(low, high, cells)
        if key in omitted:
            raw[key][:] = np.nan
            continue
        raw[key][rng.uniform(size=cells) < missing] = np.nan
        if isinstance(formula, Distance | TravelTime):
            steps = np.sort(rng.uniform(0, 0.4 * (high - low), (cells, KEPT - 1)), axis=1)
            costs = raw[key][:, None] + np.hstack([np.zeros((cells, 1)), steps])
            first = rng.integers(0, FACILITIES, (cells, 1))
            places = (first + np.arange(KEPT)) % FACILITIES
            nearest[key] = Nearest(formula.layer, costs, np.where(np.isnan(costs), -1, places))
            slower[key] = raw[key] * 0.01
            dots = rng.uniform(0, wide * CELL_M, (FACILITIES, 2))
            layers[formula.layer] = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*dots.T), crs=CRS)
        elif formula.layer not in layers and _of_zones(method, formula):
            layers[formula.layer] = made_zones(method, formula.layer, zones, rng)
            shares[formula.layer] = made_shares(index, zones, rng)
    table = pd.DataFrame(raw, index=index)
    people = pd.Series(rng.integers(0, 500, cells).astype(np.float64), index=index, name="people")
    fields: dict[str, Any] = dict.fromkeys(each.name for each in dataclasses.fields(Result))
    fields |= {
        "city": City(
            id="town",
            name=Text(es="Villa", en="Town"),
            country="CO",
            root=".",
            crs=CRS,
            cells=Cells(kind="polygons", file="x"),
        ),
        "method": method,
        "grid": grid,
        "boundary": gpd.GeoSeries([shapely.box(0, 0, wide * CELL_M, wide * CELL_M)], crs=CRS),
        "layers": layers,
        "raw": table,
        "scores": score(table, method),
        "context": people.to_frame(),
        "nearest": nearest,
        "if_slower": pd.DataFrame(slower, index=index),
        "shares": shares,
        "districts": None,
        "notices": (),
        "provenance": {"inputs": []},
    }
    return Result(**fields)


def _of_zones(method: Method, formula: Formula) -> bool:
    """Return whether a formula reads columns of zones."""
    return method.layers[formula.layer].kind in ("zone", "polygon") and bool([*needs(formula)])


def permuted(result: Result, order: np.ndarray) -> Result:
    """Return a result with its cells in another order."""
    index = result.raw.index[order]
    return dataclasses.replace(
        result,
        grid=Grid(result.grid.cells.loc[index], "polygons", None),
        raw=result.raw.loc[index],
        scores=score(result.raw.loc[index], result.method),
        context=result.context.loc[index],
        if_slower=result.if_slower.loc[index],
        nearest={
            key: Nearest(each.layer, each.costs[order], each.facilities[order])
            for key, each in result.nearest.items()
        },
        shares={
            key: dataclasses.replace(
                each,
                matrix=each.matrix[order],
                area_m2=each.area_m2[order],
                cells=index,
            )
            for key, each in result.shares.items()
        },
    )
