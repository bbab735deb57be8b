"""What streets cost to travel: seconds by speed, length and slope, in either direction."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from inclusion_marker.cards import Slope
from inclusion_marker.loaders.slopes import Grades
from inclusion_marker.profiles import Profile

Floats = npt.NDArray[np.float64]
Shorts = npt.NDArray[np.int32]

_TOBLER = 3.5
_TOBLER_OFFSET = 0.05
_STEEPEST = 1.0
_MOST_TICKS = 2**29


def off_the_ground(edges: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Return which streets leave the ground: bridges and tunnels."""
    off = np.zeros(len(edges), bool)
    for tag in ("bridge", "tunnel"):
        if tag in edges:
            off |= (edges[tag].notna() & ~edges[tag].isin(["no", "0", ""])).to_numpy(bool)
    return off


def on_stairs(edges: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Return which streets are stairs: their speed has their steepness in it already."""
    if "highway" not in edges:
        return np.zeros(len(edges), bool)
    stairs: npt.NDArray[np.bool_] = (edges["highway"] == "steps").to_numpy(bool)
    return stairs


def walking_effort(grade: Floats) -> Floats:
    """Return how much longer a metre takes on a slope than on the level, by Tobler's function.

    Parameters
    ----------
    grade
        Rise over run in the direction of travel; missing ones count as level, and what is
        steeper than 45 degrees, a cliff or a fault of the elevation model, as 45 degrees.

    References
    ----------
    Tobler, W. (1993). *Three presentations on geographical analysis and modeling*. National
    Center for Geographic Information and Analysis, Technical Report 93-1:
    speed = 6 exp(-3.5 |grade + 0.05|) km/h.

    Examples
    --------
    >>> walking_effort(np.array([0.0, 0.1, -0.05])).round(3).tolist()
    [1.0, 1.419, 0.839]
    """
    known = np.clip(np.nan_to_num(grade, nan=0.0), -_STEEPEST, _STEEPEST)
    return np.exp(_TOBLER * (np.abs(known + _TOBLER_OFFSET) - _TOBLER_OFFSET))


def costs_ds(
    edges: gpd.GeoDataFrame,
    speeds_kmh: Floats,
    grades: Grades | None,
    profile: Profile,
    slope: Slope | None,
) -> tuple[Shorts, Shorts]:
    """Return the deciseconds of each street in either direction, -1 where closed."""
    costs = []
    length_m, stairs = edges["length_m"].to_numpy(np.float64), on_stairs(edges)
    for column, sign in ((0, 1.0), (1, -1.0)):
        speed = speeds_kmh[:, column]
        effort = np.ones(len(edges))
        if grades is not None:
            effort = np.where(stairs, 1.0, _effort(grades, sign, profile, slope))
        with np.errstate(divide="ignore"):
            seconds = length_m * 3.6 / speed * effort
        # What takes longer than years is out of reach all the same, and must fit the number.
        ticks = np.clip(np.rint(np.where(speed > 0, seconds, 0.0) * 10), 1, _MOST_TICKS)
        costs.append(np.where(speed > 0, ticks, -1).astype(np.int32))
    return costs[0], costs[1]


def _effort(grades: Grades, sign: float, profile: Profile, slope: Slope | None) -> Floats:
    """Return how much longer each street takes than on the level: a mean over its pieces."""
    if profile.slope == "tobler":
        effort = walking_effort(sign * grades.grade)
    elif slope is None:
        effort = np.ones(len(grades.grade))
    else:
        percent = 100 * np.abs(np.nan_to_num(grades.grade, nan=0.0))
        kind = np.searchsorted(np.asarray(slope.limits_percent), percent, side="left")
        effort = np.asarray(slope.factors)[kind]
    owner = np.repeat(np.arange(len(grades.first) - 1), np.diff(grades.first))
    count = len(grades.first) - 1
    total = np.bincount(owner, grades.run_m, count)
    longer = np.bincount(owner, grades.run_m * effort, count)
    mean: Floats = np.divide(longer, total, out=np.ones(count), where=total > 0)
    return mean
