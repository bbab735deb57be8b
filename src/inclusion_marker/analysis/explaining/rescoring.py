"""Another score in the place of one node, or none: the markers that follow, exactly."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from inclusion_marker.composite.rules import aggregate
from inclusion_marker.composite.scoring import Scores
from inclusion_marker.method import Method

Floats = npt.NDArray[np.float64]


def columns_of(scores: Scores, method: Method) -> dict[str, Floats]:
    """Return the scores of every node of a method, each of shape ``(n,)``, by its name.

    Parameters
    ----------
    scores
        Scores at every level.
    method
        The method that gave them.

    Examples
    --------
    >>> import pandas as pd
    >>> from inclusion_marker.composite.scoring import score
    >>> from inclusion_marker.method import load_method
    >>> method = load_method("uim-v1")
    >>> scores = score(pd.DataFrame({"internet": [50.0]}), method)
    >>> columns_of(scores, method)["ind_internet"]
    array([50.])
    """
    table = scores.table()
    return {node: table[node].to_numpy(np.float64) for node in method.nodes()}


def remade(
    columns: Mapping[str, Floats], method: Method, node: str, values: Floats | None
) -> Floats | None:
    """Return the marker of each cell with other scores in the place of one node.

    Only the nodes above it are aggregated again; all that the method says of rules, weights and
    minimum coverage holds.

    Parameters
    ----------
    columns
        Scores by node, each of shape ``(n,)``, as :func:`columns_of` gives them.
    method
        The method.
    node
        The node that changes, a name of :meth:`~inclusion_marker.method.Method.nodes`.
    values
        Its scores, shape ``(n,)``, missing as NaN; ``None`` leaves the node out: it weighs 0 and
        its siblings share its weight. A parent left without any weight is left out in turn.

    Returns
    -------
    marker
        Shape ``(n,)``; ``None`` when nothing is left of the marker.

    Examples
    --------
    >>> import pandas as pd
    >>> from inclusion_marker.composite.scoring import score
    >>> from inclusion_marker.method import load_method
    >>> method = load_method("uim-v1").with_min_coverage(0)
    >>> raw = pd.DataFrame({"internet": [50.0], "sanitation": [90.0]})
    >>> columns = columns_of(score(raw, method), method)
    >>> remade(columns, method, "ind_internet", np.array([100.0]))
    array([95.])
    >>> remade(columns, method, "ind_internet", None)
    array([90.])
    """
    while (parent := method.parent_of(node)) is not None:
        weights = method.children_of(parent)
        if values is None:
            weights[node] = 0.0
        total = math.fsum(weights.values())
        if total > 0:
            rows = [
                values if child == node and values is not None else columns[child]
                for child in weights
            ]
            values = aggregate(
                np.column_stack(rows),
                np.array(list(weights.values())) / total,
                method.rule_of(parent),
                min_coverage=method.bar_of(parent),
            )
        node = parent
    return values
