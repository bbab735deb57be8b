"""Means by rule of blocks of cells and draws, with weights that differ by draw."""

from __future__ import annotations

import numpy as np

from inclusion_marker.analysis.drawing.draws import (
    Singles,
)
from inclusion_marker.cards import Rule
from inclusion_marker.composite.rules import aggregate


def geometric_means(
    parts: list[Singles], weights: list[Singles], floor: Singles | float, spare: Singles
) -> Singles:
    """Return weighted geometric means, lower scores counting as the floor."""
    logs = np.zeros(spare.shape, np.float32)
    for part, weight in zip(parts, weights, strict=True):
        np.maximum(part, floor, out=spare)
        np.log(spare, out=spare)
        np.multiply(spare, weight, out=spare)
        np.add(logs, spare, out=logs)
    return np.exp(logs, out=logs)


def power_means(
    parts: list[Singles], weights: list[Singles], floor: Singles | float, p: float
) -> Singles:
    """Return means of order ``p``, against the score that rules them so that nothing overflows."""
    lifted = [np.maximum(part, floor).astype(np.float64) for part in parts]
    ruling = np.maximum if p > 0 else np.minimum
    most = ruling.reduce(lifted)
    safe = np.where(most > 0, most, 1.0)
    total = sum(w * (each / safe) ** p for each, w in zip(lifted, weights, strict=True))
    means: Singles = np.where(most > 0, safe * total ** (1.0 / p), 0.0).astype(np.float32)
    return means


def means_one_by_one(parts: list[Singles], weights: list[Singles], rule: Rule) -> Singles:
    """Return the scores by a rule that looks at the order or the spread of children."""
    stacked = np.stack(parts, axis=-1).astype(np.float64)
    shares = np.stack(weights, axis=-1).astype(np.float64)
    columns = [
        aggregate(stacked[:, draw], shares[draw], rule, min_coverage=0.0)
        for draw in range(len(shares))
    ]
    return np.column_stack(columns).astype(np.float32)
