"""What the page carries of the districts: names, people of every group, scores, what they lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.analysis.where import shares_of_districts
from inclusion_marker.outputs.tables import Table
from inclusion_marker.outputs.web.columns import FIGURE_DIGITS, tree_order
from inclusion_marker.outputs.web.packing import Numbers, quantised
from inclusion_marker.result import Result


def named_districts(table: Table | None, analyses: Analyses) -> list[dict[str, Any]]:
    """Return the districts with their names and what they lack most; their figures are columns.

    Parameters
    ----------
    table
        The districts of the outputs; ``None`` has none.
    analyses
        Their explanation says which indicator holds most of a shortfall.

    Returns
    -------
    districts
        ``id``, ``name`` and ``lacks``: the ``node`` of an indicator and its ``points`` of the
        marker; ``None`` where a district lacks nothing, or nothing is known of what it lacks.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> from inclusion_marker.outputs.tables import districts
    >>> marker = compute("manta", resolution=8, min_coverage=0.3)
    >>> found = named_districts(districts(marker, marker.analyses, "es"), marker.analyses)
    >>> found[0]["name"], found[0]["lacks"]["node"]
    ('Manta', 'ind_public_space_per_person')
    """
    if table is None:
        return []
    reasons = _reasons(analyses)
    named = table.frame[["district", "district_name"]].astype(str)
    return [
        {"id": key, "name": name, "lacks": reasons.get(key)}
        for key, name in named.itertuples(index=False)
    ]


def _reasons(analyses: Analyses) -> Mapping[str, dict[str, Any]]:
    """Return, by district, the indicator that takes most points, and how many."""
    found = analyses.explanation.districts
    if found is None or "indicator_1" not in found:
        return {}
    known = found[found["indicator_1"].notna()]
    return {
        str(key): {"node": f"ind_{indicator}", "points": round(float(points), FIGURE_DIGITS)}
        for key, indicator, points in zip(
            known.index, known["indicator_1"], known["points_1"], strict=True
        )
    }


def district_columns(table: Table | None, result: Result) -> Iterator[tuple[str, Numbers]]:
    """Yield people, interval, scores and groups of people of the districts as ``districts:…``.

    With more decimals than are shown: the page rounds them once, as every other output does.

    Parameters
    ----------
    table
        The districts of the outputs; ``None`` has no columns.
    result
        What was computed.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> list(district_columns(None, compute("manta", resolution=8)))
    []
    """
    if table is None:
        return
    groups = _groups(result)
    names = ("people", "marker_low", "marker_high", *tree_order(result.method))
    for frame, keys in ((table.frame, names), (groups, groups.columns)):
        for name in map(str, keys):
            figures = frame[name].to_numpy(np.float64, na_value=np.nan)
            yield f"districts:{name}", quantised(figures, FIGURE_DIGITS)


def _groups(result: Result) -> pd.DataFrame:
    """Return the people of each group in each district, by the shares that all its people have.

    Missing where no cell of a district has a count; a cell without one adds nobody.
    """
    keys = [key for key in result.method.context if key != "people"]
    counts = result.context.reindex(columns=keys).to_numpy(np.float64)
    shares = shares_of_districts(result)
    known = shares @ np.isfinite(counts).astype(np.float64) > 0
    return pd.DataFrame(np.where(known, shares @ np.nan_to_num(counts), np.nan), columns=keys)
