"""What holds most of a shortfall: for every cell, and for every district."""

from __future__ import annotations

import numpy as np
import pandas as pd

from inclusion_marker.analysis.explaining.shortfall import Shortfall, shortfall
from inclusion_marker.analysis.explaining.splitting import BEST
from inclusion_marker.analysis.where import people_of, shares_of_districts
from inclusion_marker.method import split_node
from inclusion_marker.result import Result

_MOST = 3
_NONE = np.array(None, dtype=object)


def main_shortfall(result: Result) -> pd.DataFrame:
    """Return, for every cell, the indicator and the area that hold most of its shortfall.

    Parameters
    ----------
    result
        What was computed.

    Returns
    -------
    main
        Cells by ``indicator`` and ``area`` (their ids), ``indicator_share`` and ``area_share`` of
        the shortfall, 0-1, and ``indicator_points`` and ``area_points`` of the marker. Of equal
        ones the first by id. Missing for a cell without a marker or at 100, and where the rule
        of the method does not split.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> main = main_shortfall(compute("manta", resolution=8, min_coverage=0.3))
    >>> bool((main["indicator_share"] <= main["area_share"].max()).all())
    True
    """
    found = shortfall(result.scores, result.method)
    columns: dict[str, pd.Series] = {}
    for level, kind in (("ind", "indicator"), ("area", "area")):
        columns |= _largest(found, level, kind)
    return pd.DataFrame(columns, index=result.scores.marker.index)


def _largest(found: Shortfall, level: str, kind: str) -> dict[str, pd.Series]:
    """Return the node of a level with the largest share in each cell, its share and points."""
    names = sorted(node for node in found.shares.columns if split_node(node)[0] == level)
    shares = found.shares[names].to_numpy(np.float64)
    index = found.shares.index
    # Shares that differ by rounding are equal, and an equal one does not win by its last bit.
    known = np.where(np.isnan(shares), 0.0, shares)
    at = known.round(12).argmax(axis=1)
    rows = np.arange(len(index))
    largest, points = known[rows, at], found.points[names].to_numpy(np.float64)[rows, at]
    some = largest > 0
    ids = np.array([split_node(name)[1] for name in names], dtype=object)[at]
    return {
        kind: pd.Series(np.where(some, ids, _NONE), index=index, dtype=object),
        f"{kind}_share": pd.Series(np.where(some, largest, np.nan), index=index),
        f"{kind}_points": pd.Series(np.where(some, points, np.nan), index=index),
    }


def district_reasons(result: Result, most: int = _MOST) -> pd.DataFrame | None:
    """Return, for every district, the indicators that hold most of its shortfall.

    Parameters
    ----------
    result
        What was computed.
    most
        How many indicators.

    Returns
    -------
    reasons
        Index ``district``: ``name``, ``people``, ``marker``, ``shortfall``, and for each place
        ``indicator_1`` (id), ``points_1`` … Missing where there is no such indicator; ``None``
        for a city without districts.

    Raises
    ------
    ParameterError
        If the people of the cells cannot weigh a mean.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> found = district_reasons(compute("manta", resolution=8, min_coverage=0.3), most=1)
    >>> found.columns.tolist()
    ['name', 'people', 'marker', 'shortfall', 'indicator_1', 'points_1']
    """
    if result.districts is None:
        return None
    people, shares = people_of(result), shares_of_districts(result)
    found = shortfall(result.scores, result.method)
    names = sorted(node for node in found.points.columns if split_node(node)[0] == "ind")
    marked = result.scores.marker.notna().to_numpy()
    held = shares @ np.where(marked, people, 0.0)
    of_cells = found.points[["marker", *names]].to_numpy(np.float64)
    total = shares @ (np.nan_to_num(of_cells) * people[:, None])
    lived_in = held[:, None] > 0
    points = np.divide(total, held[:, None], out=np.full(total.shape, np.nan), where=lived_in)
    index, order = (
        result.districts.index,
        np.argsort(-np.nan_to_num(points[:, 1:]).round(9), axis=1, kind="stable"),
    )
    ids = np.array([split_node(name)[1] for name in names], dtype=object)
    columns: dict[str, object] = {
        "name": result.districts["name"],
        "people": shares @ people,
        "marker": BEST - points[:, 0],
        "shortfall": points[:, 0],
    }
    for place in range(min(most, len(names))):
        at = order[:, place]
        held = points[np.arange(len(index)), 1 + at]
        columns[f"indicator_{place + 1}"] = np.where(held > 0, ids[at], _NONE)
        columns[f"points_{place + 1}"] = np.where(held > 0, held, np.nan)
    return pd.DataFrame(columns, index=index)
