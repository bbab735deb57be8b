"""Smooth random fields on a raster, and values that take a published distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter, map_coordinates

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Canvas:
    """A raster of square pixels that a city is drawn on; ``west`` and ``north`` in its CRS."""

    west: float
    north: float
    pixel_m: float
    rows: int
    columns: int

    @property
    def shape(self) -> tuple[int, int]:
        """Return rows and columns."""
        return self.rows, self.columns

    def centres(self) -> tuple[Floats, Floats]:
        """Return x and y of the pixels' centres, each of the canvas's shape."""
        x = self.west + (np.arange(self.columns) + 0.5) * self.pixel_m
        y = self.north - (np.arange(self.rows) + 0.5) * self.pixel_m
        return tuple(np.meshgrid(x, y))

    def at(self, field: Floats, xy: Floats) -> Floats:
        """Return a field at places, shape ``(n, 2)``, between pixels by straight lines."""
        column = (xy[:, 0] - self.west) / self.pixel_m - 0.5
        row = (self.north - xy[:, 1]) / self.pixel_m - 0.5
        return map_coordinates(field, [row, column], order=1, mode="nearest")


def smooth_noise(rng: np.random.Generator, canvas: Canvas, range_m: float) -> Floats:
    """Return a random field with mean 0 and deviation 1 that varies over about ``range_m``."""
    noise = gaussian_filter(
        rng.standard_normal(canvas.shape), range_m / canvas.pixel_m / 2, mode="reflect"
    )
    return (noise - noise.mean()) / noise.std()


def standardised(values: Floats) -> Floats:
    """Return values with mean 0 and deviation 1."""
    return (values - values.mean()) / values.std()


def spread(latent: Floats, breaks: Sequence[float], shares: Sequence[float]) -> Floats:
    """Return values in the order of ``latent`` whose histogram is the one asked for.

    Parameters
    ----------
    latent
        Any scores; only their order counts.
    breaks
        Rising limits of the classes, one more than there are classes.
    shares
        Share of the units in each class; the values are even inside a class.
    """
    rank = np.empty(len(latent))
    rank[np.argsort(latent, kind="stable")] = (np.arange(len(latent)) + 0.5) / len(latent)
    below = np.concatenate([[0.0], np.cumsum(shares)]) / np.sum(shares)
    return np.interp(rank, below, breaks)


def entropy(p: Floats) -> Floats:
    """Return the Shannon entropy of each row, natural logarithm."""
    return -(p * np.log(np.where(p > 0, p, 1.0))).sum(axis=1)


def sharpened(p: Floats, target: Floats) -> Floats:
    """Return each row of shares raised to the power that gives it the entropy asked for.

    Parameters
    ----------
    p
        Shares, rows that sum to 1.
    target
        Entropy of each row, natural logarithm; out of reach, the nearest one is taken.
    """
    low, high = np.zeros(len(p)), np.full(len(p), 80.0)
    logs = np.log(np.maximum(p, 1e-12))
    for _ in range(50):
        middle = (low + high) / 2
        found = _powered(logs, middle)
        too_even = entropy(found) > target
        low, high = np.where(too_even, middle, low), np.where(too_even, high, middle)
    return _powered(logs, (low + high) / 2)


def _powered(logs: Floats, power: Floats) -> Floats:
    """Return shares raised to a power, each row summing to 1."""
    raised = np.exp((logs - logs.max(axis=1, keepdims=True)) * power[:, None])
    return raised / raised.sum(axis=1, keepdims=True)


def apportioned(total: int, weights: Floats) -> Ints:
    """Return whole numbers in proportion to weights that sum to a total (largest remainders)."""
    exact = total * weights / weights.sum()
    whole = np.floor(exact).astype(np.int64)
    order = np.argsort(whole - exact, kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def clustered(
    rng: np.random.Generator, points: Floats, count: int, *, rounds: int = 25
) -> tuple[Floats, Ints]:
    """Return the centres of ``count`` compact groups of points, and the group of each point.

    The more rounds, the more even the groups (Lloyd's algorithm).
    """
    centres = points[rng.choice(len(points), count, replace=False)]
    groups = np.zeros(len(points), np.int64)
    for _ in range(rounds):
        away = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
        groups = away.argmin(axis=1)
        held = np.bincount(groups, minlength=count)
        for axis in (0, 1):
            total = np.bincount(groups, weights=points[:, axis], minlength=count)
            centres[:, axis] = np.where(held > 0, total / np.maximum(held, 1), centres[:, axis])
    return centres, groups
