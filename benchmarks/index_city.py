"""A city of 50,000 cells for the composite index: copies of the sample Cúcuta, side by side."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse as sp

from inclusion_marker.composite.nearest import Nearest
from inclusion_marker.composite.scoring import score
from inclusion_marker.loaders.areal import Shares
from inclusion_marker.loaders.grid import Grid
from inclusion_marker.marker import Marker, compute
from inclusion_marker.result import Result

CELLS, MANY = 50_000, 1_000_000
APART_M = 200_000.0


def sample() -> Marker:
    """Return the sample Cúcuta by the default method: 977 cells, synthetic."""
    return compute("cucuta")


def many_rows(result: Result, count: int = MANY) -> pd.DataFrame:
    """Return so many rows of raw values, drawn from those of a city's cells."""
    rows = np.random.default_rng(20_260_101).integers(0, len(result.raw), count)
    table = result.raw.iloc[rows].reset_index(drop=True)
    table.attrs = dict(result.raw.attrs)
    return table


def tiled(base: Result, cells: int = CELLS) -> Result:
    """Return a city of at least so many cells: copies of one, with their own zones and places."""
    copies = -(-cells // len(base.raw))
    index = _tagged(base.raw.index, copies, "cell")
    raw = _stacked(base.raw, copies).set_axis(index)
    raw.attrs = dict(base.raw.attrs)
    used = sorted({*base.shares, *(each.layer for each in base.nearest.values())})
    return Result(
        city=base.city,
        method=base.method,
        grid=Grid(_copied(base.grid.cells, copies).set_axis(index), "polygons", None),
        boundary=base.boundary,
        layers={key: _copied(base.layers[key], copies) for key in used},
        raw=raw,
        origins=_stacked(base.origins, copies).set_axis(index),
        scores=score(raw, base.method),
        context=_stacked(base.context, copies).set_axis(index),
        terrain=_stacked(base.terrain, copies).set_axis(index),
        closest=pd.DataFrame(index=index),
        nearest={
            key: _places(each, len(base.layers[each.layer]), copies)
            for key, each in base.nearest.items()
        },
        if_slower=_stacked(base.if_slower, copies).set_axis(index),
        shares=_shares(base.shares, index, copies),
        districts=None,
        provenance={},
        notices=(),
    )


def _tagged(labels: pd.Index, copies: int, name: str) -> pd.Index:
    """Return labels of all copies, none like another, in rising order."""
    return pd.Index([f"{copy:03}-{each}" for copy in range(copies) for each in labels], name=name)


def _stacked(table: pd.DataFrame, copies: int) -> pd.DataFrame:
    """Return a table below itself."""
    return pd.concat([table] * copies, ignore_index=True)


def _copied(table: gpd.GeoDataFrame, copies: int) -> gpd.GeoDataFrame:
    """Return copies of a table of shapes, each 200 km east of the one before."""
    parts = [table.set_geometry(table.geometry.translate(copy * APART_M)) for copy in range(copies)]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=table.crs)


def _places(nearest: Nearest, places: int, copies: int) -> Nearest:
    """Return the closest places of all copies, each to those of its own."""
    found = np.tile(nearest.facilities, (copies, 1))
    shift = np.repeat(np.arange(copies) * places, len(nearest.facilities))[:, None]
    there = np.where(found >= 0, found + shift, -1)
    return dataclasses.replace(nearest, costs=np.tile(nearest.costs, (copies, 1)), facilities=there)


def _shares(shares: Mapping[str, Shares], index: pd.Index, copies: int) -> dict[str, Shares]:
    """Return the shares of all copies, each in the cells of its own."""

    def diagonal(matrix: sp.csr_array) -> sp.csr_array:
        return sp.csr_array(sp.block_diag([matrix] * copies, format="csr"))

    found: dict[str, Any] = {}
    for key, each in shares.items():
        found[key] = Shares(
            matrix=diagonal(each.matrix),
            area_m2=diagonal(each.area_m2),
            cells=index,
            zones=pd.RangeIndex(copies * len(each.zones)),
            outside=np.tile(each.outside, copies),
            lost=np.tile(each.lost, copies),
            overlapping=copies * each.overlapping,
        )
    return found
