"""The tree of a method in a block of draws: sums of indicators, and means by rule of those."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from inclusion_marker.analysis.drawing.draws import (
    Floats,
    Singles,
)
from inclusion_marker.analysis.drawing.sample import Drawing
from inclusion_marker.cards import Rule
from inclusion_marker.method import Method

Flags = npt.NDArray[np.bool_]
_SAME = 1e-12
_WHOLE = 100.0


def present_nodes(method: Method, seen: Flags) -> dict[str, tuple[str, ...]]:
    """Return the children of each node that is scored, where some indicators are observed.

    The declared weights decide: a draw in which a missing child weighs a little more than declared
    is no reason to withhold a score that the method gives.

    Parameters
    ----------
    method
        The method.
    seen
        Whether each indicator is observed, in the order of the method.

    Returns
    -------
    children
        By name of the node, bottom up; a node that is not scored is not there.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> method = load_method("uim-v1")
    >>> seen = np.array([key == "pm10" for key in method.indicators])
    >>> present_nodes(method, seen)
    {'dim_environment': ('ind_pm10',)}
    """
    leaves = {f"ind_{key}" for key, known in zip(method.indicators, seen, strict=True) if known}
    found: dict[str, tuple[str, ...]] = {}
    for node in reversed(method.nodes()):
        weights = method.children_of(node)
        kept = tuple(
            child
            for child, weight in weights.items()
            if weight > 0 and (child in leaves or child in found)
        )
        held = math.fsum(weights[child] for child in kept)
        if held > 0 and held >= method.bar_of(node) - _SAME:
            found[node] = kept
    return found


class Leaf(NamedTuple):
    """An indicator: its open score is stretched, shifted and cut off, each times its weight."""

    column: int
    slope: Singles
    shift: Singles
    ceiling: Singles


@dataclass(frozen=True, eq=False)
class Node:
    """A sum of leaves and of weighted nodes; with segments, a mean of nodes by rule."""

    name: str
    leaves: tuple[Leaf, ...]
    children: tuple[Node, ...]
    weights: tuple[Singles, ...]
    segments: tuple[tuple[slice, Rule], ...]


def programs_of(
    drawing: Drawing, present: Mapping[str, tuple[str, ...]], keep: tuple[str, ...]
) -> tuple[Node, ...]:
    """Return what has to be computed: the marker, or what is kept of the nodes below it."""
    tops = ("marker",) if "marker" in present else keep
    return tuple(_node(drawing, present, keep, top) for top in tops if top in present)


def _node(
    drawing: Drawing, present: Mapping[str, tuple[str, ...]], keep: tuple[str, ...], name: str
) -> Node:
    """Return a node with all below it; sums of sums are written out."""
    segments = drawing.segments(name)
    if any(rule.rule != "arithmetic" for _, rule in segments):
        weights = _shares(drawing, present, name)
        children = tuple(
            Node(child, (_leaf(drawing, child, np.ones(1)),), (), (), ())
            if child.startswith("ind_")
            else _node(drawing, present, keep, child)
            for child in weights
        )
        singles = tuple(each.astype(np.float32) for each in weights.values())
        return Node(name, (), children, singles, segments)
    leaves: list[Leaf] = []
    parts: list[tuple[Node, Singles]] = []
    open_nodes = [(name, np.ones(1))]
    while open_nodes:
        node, share = open_nodes.pop()
        for child, weight in _shares(drawing, present, node).items():
            if child.startswith("ind_"):
                leaves.append(_leaf(drawing, child, share * weight))
            elif child not in keep and all(
                r.rule == "arithmetic" for _, r in drawing.segments(child)
            ):
                open_nodes.append((child, share * weight))
            else:
                below = _node(drawing, present, keep, child)
                parts.append((below, (share * weight).astype(np.float32)))
    children = tuple(each for each, _ in parts)
    return Node(name, tuple(leaves), children, tuple(weight for _, weight in parts), ())


def _shares(
    drawing: Drawing, present: Mapping[str, tuple[str, ...]], node: str
) -> dict[str, Floats]:
    """Return the share of the weight of each child that is scored, by draw; they sum to 1."""
    names = list(drawing.problem.method.children_of(node))
    kept = [names.index(child) for child in present[node]]
    weights = drawing.weights[node][:, kept]
    # A member of a panel may give nothing to all that is observed here: the declared weights do.
    declared = np.array(list(drawing.problem.method.children_of(node).values()))[kept]
    weights = np.where(weights.sum(axis=1, keepdims=True) > 0, weights, declared)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return {child: weights[:, at] for at, child in enumerate(present[node])}


def _leaf(drawing: Drawing, child: str, share: Floats) -> Leaf:
    """Return an indicator under drawn goalposts, times a share of the weight."""
    column = list(drawing.problem.method.indicators).index(child.removeprefix("ind_"))
    worst, best = drawing.goalposts[:, column].T
    slope = share * _WHOLE / (best - worst)
    singles = (slope, -slope * worst, share * _WHOLE + 0.0 * slope)
    return Leaf(column, *(each.astype(np.float32) for each in singles))
