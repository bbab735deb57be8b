"""What a marker lacks of 100, split over the tree of the method; and what would add to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.analysis.explaining.rescoring import columns_of, remade
from inclusion_marker.analysis.explaining.splitting import (
    BEST,
    lacking,
    seen_weights,
    slopes,
    split_seen,
    splits,
)
from inclusion_marker.composite.scoring import Scores
from inclusion_marker.method import Method

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shortfall:
    """What each cell lacks of 100, by node: tables of cells by the names of the nodes.

    Attributes
    ----------
    shares
        Part of the marker's shortfall that each node holds, 0-1. Those of a level add up to one,
        and those of a node's children to its own; in a cell at 100 all are 0. Missing where the
        node is no part of the cell's marker (its weight is 0), and below a node whose rule does
        not split.
    points
        The same in points of the marker: ``shares`` times what the marker lacks of 100.
    weights
        Weight of each node in the cell's marker: the product, down the tree, of its part of the
        weight of those siblings that are scored. 0 for a node that is missing, that weighs
        nothing, or whose parent is not scored; those of a level add up to one.
    """

    shares: pd.DataFrame
    points: pd.DataFrame
    weights: pd.DataFrame


def shortfall(scores: Scores, method: Method) -> Shortfall:
    """Return how the shortfall of each cell is made up, exactly, down the tree of the method.

    Under the arithmetic mean ``100 - M = sum w (100 - x)``, under the geometric mean
    ``ln(100 / M) = sum w ln(100 / max(x, floor))``: a child's share is its term over the sum. Where
    the rule differs between levels the shares multiply down the tree. The other rules are in
    :func:`~inclusion_marker.analysis.explaining.splitting.split`.

    Parameters
    ----------
    scores
        Scores at every level, ``n`` cells; missing as NaN.
    method
        The method that gave them.

    Returns
    -------
    shortfall
        Tables with the index of ``scores``; a cell without a marker has missing shares and
        points, and weights of 0.

    Examples
    --------
    >>> from inclusion_marker.composite.scoring import score
    >>> from inclusion_marker.method import load_method
    >>> method = load_method("uim-v1").with_min_coverage(0)
    >>> raw = pd.DataFrame({"internet": [50.0], "sanitation": [90.0]})
    >>> found = shortfall(score(raw, method), method)
    >>> found.points[["marker", "ind_internet", "ind_sanitation"]].round(6).to_numpy().tolist()
    [[30.0, 25.0, 5.0]]
    """
    columns = columns_of(scores, method)
    short = lacking(columns["marker"])
    shares = {"marker": np.where(short > 0, 1.0, 0.0)}
    weights = {"marker": np.where(np.isnan(columns["marker"]), 0.0, 1.0)}
    for parent, children, values, weight in _families(columns, method):
        seen = seen_weights(values, weight)
        parts = split_seen(values, seen, method.rule_of(parent))
        for place, child in enumerate(children):
            weights[child] = weights[parent] * seen[:, place]
            shares[child] = shares[parent] * parts[:, place]
    known = {node: np.where(weights[node] > 0, each, np.nan) for node, each in shares.items()}
    points = {node: each * short for node, each in known.items()}
    index = scores.marker.index
    return Shortfall(
        *(_table(columns_by_node, method, index) for columns_by_node in (known, points, weights))
    )


def _weights(columns: Mapping[str, Floats], method: Method) -> dict[str, Floats]:
    """Return the weight of each node in the marker of each cell: ``Shortfall.weights``."""
    found = {"marker": np.where(np.isnan(columns["marker"]), 0.0, 1.0)}
    for parent, children, values, weight in _families(columns, method):
        seen = seen_weights(values, weight)
        found |= {child: found[parent] * seen[:, place] for place, child in enumerate(children)}
    return found


def _counted(
    found: Mapping[str, Floats], columns: Mapping[str, Floats], method: Method, index: pd.Index
) -> pd.DataFrame:
    """Return columns by node as a table, missing where a node is no part of the cell's marker."""
    weights = _weights(columns, method)
    shown = {node: np.where(weights[node] > 0, each, np.nan) for node, each in found.items()}
    return _table(shown, method, index)


def point_gains(scores: Scores, method: Method) -> pd.DataFrame:
    """Return what one more point of each node would add to the marker: the derivative.

    The chain rule down the tree: a step is ``w`` under the arithmetic mean and ``w M / x`` under
    the geometric one, and 0 below its floor; weights over the children that are scored.

    Parameters
    ----------
    scores
        Scores at every level, ``n`` cells.
    method
        The method that gave them.

    Returns
    -------
    gains
        Cells by node, points of the marker a point; 0 for a node at 100, to which no point can be
        added. Missing where the node is no part of the cell's marker, and below a node whose rule
        does not split.

    Examples
    --------
    >>> from inclusion_marker.composite.scoring import score
    >>> from inclusion_marker.method import load_method
    >>> method = load_method("uim-v1").with_min_coverage(0)
    >>> raw = pd.DataFrame({"internet": [50.0], "sanitation": [90.0]})
    >>> point_gains(score(raw, method), method)["ind_internet"].tolist()
    [0.5]
    """
    columns = columns_of(scores, method)
    gains = {"marker": np.ones(len(scores.marker))}
    for parent, children, values, weight in _families(columns, method):
        steps = slopes(values, weight, method.rule_of(parent), columns[parent])
        for place, child in enumerate(children):
            gains[child] = _chained(gains[parent], steps[:, place])
    full = {node: lacking(columns[node]) == 0 for node in gains}
    shown = {node: np.where(full[node], 0.0, each) for node, each in gains.items()}
    return _counted(shown, columns, method, scores.marker.index)


def _chained(above: Floats, step: Floats) -> Floats:
    """Return the product of two derivatives; one of 0 stops the other, however steep it is."""
    stopped = (above == 0) | (step == 0)
    return np.where(stopped, 0.0, np.where(stopped, 1.0, above) * np.where(stopped, 1.0, step))


def closing_gains(scores: Scores, method: Method) -> pd.DataFrame:
    """Return what bringing each node to 100 would add to the marker: exact, scored again.

    Parameters
    ----------
    scores
        Scores at every level, ``n`` cells.
    method
        The method that gave them.

    Returns
    -------
    gains
        Cells by node, points. Missing where the node is no part of the cell's marker: what is not
        known cannot be closed; and below a node whose rule does not split.

    Examples
    --------
    >>> from inclusion_marker.composite.scoring import score
    >>> from inclusion_marker.method import load_method
    >>> method = load_method("uim-v1").with_min_coverage(0)
    >>> raw = pd.DataFrame({"internet": [50.0], "sanitation": [90.0]})
    >>> closing_gains(score(raw, method), method)["ind_internet"].tolist()
    [25.0]
    """
    columns = columns_of(scores, method)
    marker = columns["marker"]
    found = {"marker": BEST - marker}
    blind = {node for each in unsplit(method) for node in below(method, each)}
    for node in method.nodes()[1:]:
        closed = np.where(np.isnan(columns[node]), np.nan, BEST)
        above = None if node in blind else remade(columns, method, node, closed)
        found[node] = np.full_like(marker, np.nan) if above is None else above - marker
    return _counted(found, columns, method, scores.marker.index)


def unsplit(method: Method) -> tuple[str, ...]:
    """Return the nodes whose shortfall cannot be said of their children: see ``splits``.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> unsplit(load_method("uim"))
    ()
    """
    return tuple(
        node
        for node in method.nodes()
        if method.children_of(node) and not splits(method.rule_of(node))
    )


def below(method: Method, node: str) -> tuple[str, ...]:
    """Return all nodes below one, top down.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> below(load_method("uim-v1"), "dim_affordability")
    ('ind_economic_dependency', 'ind_stratum')
    """
    children = tuple(method.children_of(node))
    return children + tuple(each for child in children for each in below(method, child))


def _table(columns: Mapping[str, Floats], method: Method, index: pd.Index) -> pd.DataFrame:
    """Return columns by node as a table, in the order of the method."""
    return pd.DataFrame({node: columns[node] for node in method.nodes()}, index=index)


def _families(
    columns: Mapping[str, Floats], method: Method
) -> Iterator[tuple[str, list[str], Floats, Floats]]:
    """Yield each parent, top down, with its children, their scores ``(n, k)`` and weights."""
    for parent in method.nodes():
        weights = method.children_of(parent)
        if weights:
            children = list(weights)
            # A column a child, each in one piece: what runs over children runs along cells.
            values = np.stack([columns[child] for child in children]).T
            yield parent, children, values, np.array(list(weights.values()))
