"""The composite index in plain NumPy, as somebody who knows it well would write it once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.analysis.drawing.draws import Sample
from inclusion_marker.method import Method

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
ROWS, CELLS, DRAWS = 1 << 15, 128, 1000  # of a block: what stays in the cache, found by trying
SAME = 1e-12
SCALES = {
    "linear": lambda values: values,
    "log": np.log,
    "fourth_root": lambda values: np.sqrt(np.sqrt(values)),
}


def marker(raw: pd.DataFrame, method: Method) -> Floats:
    """Return the marker of each row: fixed goalposts, weighted means up the tree, in blocks."""
    values = {key: raw[key].to_numpy(np.float64) for key in method.indicators}
    found = np.empty(len(raw))
    for start in range(0, len(raw), ROWS):
        rows = slice(start, start + ROWS)
        scores = {f"ind_{key}": score(method, key, each[rows]) for key, each in values.items()}
        for node in reversed(method.nodes()):
            if method.children_of(node):
                scores[node] = mean(method, node, scores)
        found[rows] = scores["marker"]
    return found


def score(method: Method, key: str, values: Floats) -> Floats:
    """Return the scores of one indicator."""
    card = method.indicators[key]
    x, y = map(np.array, zip(*card.score.curve(card.classes), strict=True))
    scaled = SCALES[card.score.scale]
    return np.interp(scaled(np.clip(values, x[0], x[-1])), scaled(x), y)


def mean(method: Method, node: str, scores: Mapping[str, Floats]) -> Floats:
    """Return the weighted mean of a node's children, missing ones left out."""
    rule = method.rule_of(node)
    total, held = 0.0, 0.0
    for child, weight in method.children_of(node).items():
        if weight > 0:
            there = ~np.isnan(scores[child])
            value = scores[child]
            if rule.rule == "geometric":
                value = np.log(np.maximum(value, rule.least))
            total = total + np.where(there, value, 0.0) * weight
            held = held + there * weight
    with np.errstate(invalid="ignore", divide="ignore"):
        means = total / held
    if rule.rule == "geometric":
        means = np.exp(means)
    return np.where((held >= method.bar_of(node) - SAME) & (held > 0), means, np.nan)


def drawn(opened: Floats, method: Method, sample: Sample, *, threads: int | None = None) -> Singles:
    """Return the marker of each cell in each draw of the method's choices, single precision.

    Cells with the same indicators observed are one group; a block of it, cells x draws, is worked
    on in place. ``opened``: scores of the declared goalposts, not cut off, cells x indicators.
    """
    found = np.full((len(opened), DRAWS), np.nan, np.float32)
    plain = opened.astype(np.float32)

    def run(job: tuple[Flags, npt.NDArray[np.int64]]) -> None:
        seen, rows = job
        found[rows] = _block(plain[rows], seen, method, sample)

    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        list(pool.map(run, _jobs(~np.isnan(opened))))
    return found


def _jobs(seen: Flags) -> Iterator[tuple[Flags, npt.NDArray[np.int64]]]:
    """Yield blocks of cells that have the same indicators."""
    patterns, owner = np.unique(seen, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        rows = np.flatnonzero(owner.ravel() == number)
        for start in range(0, len(rows), CELLS):
            yield pattern, rows[start : start + CELLS]


def _block(opened: Singles, seen: Flags, method: Method, sample: Sample) -> Singles:
    """Return the marker of a block of cells in each draw."""
    shape = (len(opened), DRAWS)
    spare = np.empty(shape, np.float32)
    held = dict(zip((f"ind_{key}" for key in method.indicators), seen, strict=True))
    column = {f"ind_{key}": at for at, key in enumerate(method.indicators)}
    ends = sample.goalposts[:DRAWS].astype(np.float32)

    def value(node: str) -> Singles:
        """Return the scores of a node that is scored."""
        if node in column:
            at = column[node]
            low, high = ends[:, at, 0], ends[:, at, 1]
            scores = np.multiply(opened[:, at, None], 100 / (high - low))
            scores -= 100 * low / (high - low)
            return np.clip(scores, 0, 100, out=scores)
        children = list(method.children_of(node))
        there = [child for child in children if held[child]]
        weights = sample.weights[node][:DRAWS, [children.index(child) for child in there]]
        weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
        if node != "marker":
            total = np.zeros(shape, np.float32)
            for child, weight in zip(there, weights.T, strict=True):
                np.multiply(value(child), weight, out=spare)
                total += spare
            return total
        return _either(list(map(value, there)), weights, sample)

    for node in reversed(method.nodes()):
        shares = method.children_of(node)
        if shares:
            known = sum(share for child, share in shares.items() if share and held[child])
            held[node] = bool(known > 0 and known >= method.bar_of(node) - SAME)
            # What weighs nothing is no part of a mean.
            held |= {child: False for child, share in shares.items() if not share}
    return value("marker") if held["marker"] else np.full(shape, np.nan, np.float32)


def _either(values: list[Singles], weights: Singles, sample: Sample) -> Singles:
    """Return the arithmetic mean in some draws and the geometric one in the others."""
    geometric = sample.geometric[:DRAWS]
    floor = sample.floor[:DRAWS].astype(np.float32)
    total = np.zeros(values[0].shape, np.float32)
    for value, weight in zip(values, weights.T, strict=True):
        total[:, ~geometric] += value[:, ~geometric] * weight[~geometric]
        lifted = np.maximum(value[:, geometric], floor[geometric])
        total[:, geometric] += np.log(lifted) * weight[geometric]
    total[:, geometric] = np.exp(total[:, geometric])
    return total
