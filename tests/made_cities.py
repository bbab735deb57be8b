"""Cities made by hand from a computed one: as many cells as there are scores, a zone in each."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse as sp

from inclusion_marker.loaders.areal import Shares
from inclusion_marker.result import Result


def made_city(
    base: Result,
    marker: Sequence[float],
    people: Sequence[float],
    *,
    areas: Mapping[str, Sequence[float]] | None = None,
    counts: Mapping[str, Sequence[float]] | None = None,
    context: Mapping[str, Sequence[float]] | None = None,
) -> Result:
    """Return a result with the first cells of another, and scores and people of one's own.

    Areas that are not given score as the marker. ``counts`` are columns of the census, whose zones
    are the cells.
    """
    cells = base.grid.cells.iloc[: len(marker)]
    index = cells.index
    scores = base.scores
    one = pd.Series(np.array(marker, np.float64), index=index, name="marker")
    table = {key: np.array((areas or {}).get(key, marker), np.float64) for key in base.method.areas}
    made = dataclasses.replace(
        scores,
        marker=one,
        areas=pd.DataFrame(table, index=index),
        dimensions=scores.dimensions.loc[index],
        indicators=scores.indicators.loc[index],
        coverage=scores.coverage.loc[index],
    )
    columns = {"people": np.array(people, np.float64)} | {
        key: np.array(each, np.float64) for key, each in (counts or {}).items()
    }
    zones = gpd.GeoDataFrame(columns, geometry=list(cells.geometry), crs=cells.crs)
    each = sp.csr_array(sp.eye_array(len(index)))
    nothing = np.zeros(len(index))
    shares = Shares(each, each, index, zones.index, nothing, nothing, 0)
    empty = dict.fromkeys(base.context.columns, np.full(len(index), np.nan))
    beside = empty | {"people": columns["people"]} | dict(context or {})
    return dataclasses.replace(
        base,
        grid=dataclasses.replace(base.grid, cells=cells),
        scores=made,
        context=pd.DataFrame(beside, index=index),
        layers={"census": zones},
        shares={"census": shares},
        districts=None,
        notices=(),
    )
