"""What an audit looks at: a result in the order of its cells' ids, its weights, its tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.analysis.auditing.door import Floats
from inclusion_marker.method import Method
from inclusion_marker.result import Result

LEVELS: Mapping[str, str] = {
    "marker": "marker",
    "area": "area",
    "dim": "dimension",
    "ind": "indicator",
}


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the steps of an audit look at: a result in the order of its cells' ids, and weights.

    Attributes
    ----------
    result
        What was computed.
    scores
        Cells by node, 0-100.
    raw
        Cells by indicator id.
    weights
        People of each cell, or ``None`` where cells count the same.
    """

    result: Result
    scores: pd.DataFrame
    raw: pd.DataFrame
    weights: pd.Series[float] | None

    @property
    def method(self) -> Method:
        """Return the method of the result."""
        return self.result.method

    def share(self, where: npt.ArrayLike) -> float:
        """Return the share of the people (of the cells) for whom something holds, 0-1.

        Parameters
        ----------
        where
            Whether it holds in each cell, shape ``(n,)``.
        """
        held = self.held
        return float(held[np.asarray(where, dtype=bool)].sum() / held.sum())

    @property
    def held(self) -> Floats:
        """Return the weight of each cell."""
        if self.weights is None:
            return np.ones(len(self.scores))
        return np.asarray(self.weights, np.float64)


def children(method: Method, node: str) -> list[str]:
    """Return the children of a node that weigh anything: others are no part of the index.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> children(load_method("uim"), "dim_health_proximity")
    ['ind_health_distance', 'ind_hospital_distance']
    """
    return [child for child, weight in method.children_of(node).items() if weight > 0]


def leaves(method: Method, node: str) -> list[str]:
    """Return the indicators below a node that weigh anything, in the order of the method.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> leaves(load_method("uim-v1"), "dim_safety")
    ['ind_theft_rate', 'ind_homicide_rate']
    """
    below = children(method, node)
    return [leaf for child in below for leaf in leaves(method, child)] if below else [node]


def effective(method: Method) -> dict[str, float]:
    """Return the share of the marker that each node holds when nothing is missing.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> effective(load_method("uim-v1"))["dim_commerce_proximity"]
    0.1
    """
    held = {"marker": 1.0}
    for node in method.nodes():
        for child, weight in method.children_of(node).items():
            held[child] = held[node] * weight
    return held


def used_nodes(method: Method) -> list[str]:
    """Return the nodes that are part of the marker, top down: those of some weight.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> "ind_hospital_beds_access" in used_nodes(load_method("uim"))
    False
    """
    held = effective(method)
    return [node for node in method.nodes() if held[node] > 0]


def level_of(node: str) -> str:
    """Return the level of a node: ``marker``, ``area``, ``dimension`` or ``indicator``.

    Examples
    --------
    >>> level_of("dim_safety")
    'dimension'
    """
    return LEVELS[node.split("_", maxsplit=1)[0]]
