"""Decays: how much a facility counts that is so many minutes away, from 1 down to 0.

Longer than 400 lines because each decay carries its formula, its source and an example.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import assert_never

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from inclusion_marker.accessibility.arguments import (
    flag_faults,
    number_faults,
    out_of_range,
    refuse,
    rising_faults,
    series_faults,
    wrong_kind,
)
from inclusion_marker.accessibility.clock import DS_PER_MIN
from inclusion_marker.notices import Notice

Floats = npt.NDArray[np.float64]

# No time but 0 is shorter than a tick.
_TICK_MIN = 1 / DS_PER_MIN
_MOST = 1e6  # minutes: beyond it a number is a slip of the pen
_LIMITS = {
    "cutoff_min": (_TICK_MIN, _MOST),
    "sd_min": (_TICK_MIN, _MOST),
    "least_min": (_TICK_MIN, _MOST),
    "middle_min": (0.0, _MOST),
    "rate_per_min": (0.0, _MOST),
    "exponent": (0.0, 10.0),
    "limits_min": (_TICK_MIN, _MOST),
    "minutes": (0.0, _MOST),
    "weights": (0.0, 1.0),  # the engine sums in whole numbers scaled for weights up to 1
}
_SERIES = ("limits_min", "minutes", "weights")


@dataclass(frozen=True)
class _Checked:
    """What all decays share: their parameters are checked when they are made."""

    def __post_init__(self) -> None:
        """Refuse all wrong parameters at once; a series becomes a tuple, so that equals equal."""
        faults = [fault for field in fields(self) for fault in self._faults(field.name)]
        refuse(faults)
        series = [field.name for field in fields(self) if field.name in _SERIES]
        for name in series:
            object.__setattr__(self, name, tuple(map(float, getattr(self, name))))
        if series:
            first, second = (getattr(self, name) for name in series)
            item, counts = f"{type(self).__name__}.weights", (len(first), len(second))
            same = counts[0] == counts[1]
            faults = [] if same else [wrong_kind(item, f"len = {counts[1]}", f"len = {counts[0]}")]
            refuse(rising_faults(f"{type(self).__name__}.{series[0]}", first) + faults)

    def _faults(self, name: str) -> list[Notice]:
        """Return what is wrong with one parameter."""
        item, value = f"{type(self).__name__}.{name}", getattr(self, name)
        if name == "closed":
            return flag_faults(item, value)
        if name in _SERIES:
            return series_faults(item, value, *_LIMITS[name])
        is_left_out = value is None and getattr(type(self), name, "none") is None
        return [] if is_left_out else number_faults(item, value, *_LIMITS[name])


@dataclass(frozen=True)
class Step(_Checked):
    """1 up to a cut-off and 0 beyond it: cumulative opportunities, and the catchment of 2SFCA.

    Parameters
    ----------
    cutoff_min
        Minutes, more than 0.
    closed
        Whether the cut-off itself is inside (``<=``), as in PySAL's ``access`` and in
        ``accessibility`` of IPEA; ``False`` is ``<``.

    Raises
    ------
    ParameterError
        If a parameter is of the wrong kind or out of range; so for each decay.

    Examples
    --------
    >>> weigh(Step(30), np.array([0.0, 30.0, 30.1, np.nan]))
    array([1., 1., 0., 0.])
    """

    cutoff_min: float
    closed: bool = True


@dataclass(frozen=True)
class Linear(_Checked):
    """``1 - t / cut-off``, 0 from the cut-off on.

    Parameters
    ----------
    cutoff_min
        Minutes, more than 0.

    Examples
    --------
    >>> weigh(Linear(20), np.array([0.0, 5.0, 20.0, 60.0]))
    array([1.  , 0.75, 0.  , 0.  ])
    """

    cutoff_min: float


@dataclass(frozen=True)
class Exponential(_Checked):
    """``exp(-rate t)``.

    Parameters
    ----------
    rate_per_min
        Per minute, 0 or more.
    cutoff_min
        Minutes beyond which the weight is 0; none if not given.

    Examples
    --------
    >>> weigh(Exponential(0.1), np.array([0.0, 10.0])).round(4)
    array([1.    , 0.3679])
    """

    rate_per_min: float
    cutoff_min: float | None = None


@dataclass(frozen=True)
class Gaussian(_Checked):
    """``exp(-t² / (2 sd²))``: 1 at 0 and 0.6065 at the standard deviation, as in PySAL.

    Parameters
    ----------
    sd_min
        Standard deviation in minutes, more than 0.
    cutoff_min
        Minutes beyond which the weight is 0; none if not given.

    See Also
    --------
    TruncatedGaussian : the kernel that comes down to 0 at the cut-off.

    Examples
    --------
    >>> weigh(Gaussian(1), np.array([0.0, 1.0])).round(4)
    array([1.    , 0.6065])
    """

    sd_min: float
    cutoff_min: float | None = None


@dataclass(frozen=True)
class TruncatedGaussian(_Checked):
    """``(exp(-(t/T)²/2) - exp(-1/2)) / (1 - exp(-1/2))`` up to ``T``: Dai's kernel for 2SFCA.

    Parameters
    ----------
    cutoff_min
        ``T`` in minutes, more than 0; the weight comes down to 0 there without a jump.

    References
    ----------
    Dai, D. (2010). Black residential segregation, disparities in spatial access to health care
    facilities, and late-stage breast cancer diagnosis in metropolitan Detroit. Health & Place
    16(5), 1038-1052.

    Examples
    --------
    >>> weigh(TruncatedGaussian(30), np.array([0.0, 15.0, 30.0, 31.0])).round(4)
    array([1.    , 0.7014, 0.    , 0.    ])
    """

    cutoff_min: float


@dataclass(frozen=True)
class Epanechnikov(_Checked):
    """``1 - (t / cut-off)²`` up to the cut-off: the kernel of kernel-density 2SFCA.

    The factor 3/4 of the density is left out, so that a facility at the door weighs 1; it cancels
    in every measure that divides supply by weighted demand with the same weight.

    Parameters
    ----------
    cutoff_min
        Minutes, more than 0.

    References
    ----------
    Dai, D. and Wang, F. (2011). Geographic disparities in accessibility to food stores in
    southwest Mississippi. Environment and Planning B 38(4), 659-677.

    Examples
    --------
    >>> weigh(Epanechnikov(20), np.array([0.0, 10.0, 20.0, 60.0]))
    array([1.  , 0.75, 0.  , 0.  ])
    """

    cutoff_min: float


@dataclass(frozen=True)
class Power(_Checked):
    """``(t / least) ** -exponent``, and 1 up to that least time, for it would be infinite at 0.

    Parameters
    ----------
    exponent
        0 or more.
    least_min
        Times up to this one weigh 1, in minutes; the default gives ``t ** -exponent``.
    cutoff_min
        Minutes beyond which the weight is 0; none if not given.

    Examples
    --------
    >>> weigh(Power(0.5), np.array([0.0, 1.0, 16.0, 64.0]))
    array([1.   , 1.   , 0.25 , 0.125])
    """

    exponent: float
    least_min: float = 1.0
    cutoff_min: float | None = None


@dataclass(frozen=True)
class Logistic(_Checked):
    """A falling logistic curve, ``g(0) / g(t)`` with ``g(t) = 1 + exp(pi (t - middle) / (sd √3))``.

    Dividing by the value at 0 makes that weight 1, whatever the steepness; so the weight at the
    middle is ``(1 + exp(-pi middle / (sd √3))) / 2``: 0.5000 for 20 and 2, 0.5022 for 30 and 10.

    Parameters
    ----------
    middle_min
        The point of inflection in minutes, 0 or more.
    sd_min
        Standard deviation of the logistic distribution in minutes, more than 0.
    cutoff_min
        Minutes beyond which the weight is 0; none if not given.

    References
    ----------
    Bauer, J. and Groneberg, D. A. (2016). Measuring spatial accessibility of health care
    providers. PLOS ONE 11(7), e0159148; parametrised as ``decay_logistic`` of the R package
    ``accessibility``.

    Examples
    --------
    >>> weigh(Logistic(30, 10), np.array([0.0, 30.0])).round(4)
    array([1.    , 0.5022])
    """

    middle_min: float
    sd_min: float
    cutoff_min: float | None = None


@dataclass(frozen=True)
class Stepped(_Checked):
    """One weight for each ring of time, 0 beyond the last: E2SFCA.

    Parameters
    ----------
    limits_min
        Outer limit of each ring in minutes, rising, more than 0.
    weights
        Weight of each ring, 0 to 1.
    closed
        Whether a limit belongs to the ring it closes (``<=``); ``False`` gives it to the next
        ring, as ``decay_stepped`` of the R package ``accessibility`` does.

    References
    ----------
    Luo, W. and Qi, Y. (2009). An enhanced two-step floating catchment area (E2SFCA) method for
    measuring spatial accessibility to primary care physicians. Health & Place 15(4), 1100-1107.

    Examples
    --------
    >>> rings = Stepped((10, 20, 30), (1.0, 0.68, 0.22))
    >>> weigh(rings, np.array([0.0, 10.0, 10.1, 30.0, 31.0]))
    array([1.  , 1.  , 0.68, 0.22, 0.  ])
    """

    limits_min: tuple[float, ...]
    weights: tuple[float, ...]
    closed: bool = True


@dataclass(frozen=True)
class Tabulated(_Checked):
    """Weights read off a table, straight lines in between; any shape, a bell too.

    Parameters
    ----------
    minutes
        Minutes, rising, 0 or more; earlier than the first weighs as much as the first, later
        than the last weighs 0.
    weights
        The weight at each, 0 to 1.

    Examples
    --------
    >>> weigh(Tabulated((5, 10, 20), (0.0, 1.0, 0.5)), np.array([0.0, 7.5, 15.0, 20.0, 21.0]))
    array([0.  , 0.5 , 0.75, 0.5 , 0.  ])
    """

    minutes: tuple[float, ...]
    weights: tuple[float, ...]


Decay = (
    Step
    | Linear
    | Exponential
    | Gaussian
    | TruncatedGaussian
    | Epanechnikov
    | Power
    | Logistic
    | Stepped
    | Tabulated
)


def weigh(decay: Decay, minutes: Floats) -> Floats:
    """Return the weight of facilities that are so many minutes away.

    Parameters
    ----------
    decay
        One of the decays of this module.
    minutes
        Any shape, 0 or more; NaN or infinite where a facility cannot be reached.

    Returns
    -------
    weights
        The shape of ``minutes``, 0 to 1; 0 where that is NaN or infinite, and beyond a cut-off.

    Raises
    ------
    ParameterError
        If a time is negative.

    Examples
    --------
    >>> weigh(Step(15), np.array([14.9, 15.0, 15.1, np.inf]))
    array([1., 1., 0., 0.])
    """
    minutes = np.asarray(minutes, dtype=np.float64)
    reached = np.isfinite(minutes)
    times = np.where(reached, minutes, 0.0)
    if times.size and times.min() < 0:
        refuse([out_of_range("minutes", float(times.min()), 0.0, math.inf)])
    reached &= times <= reach_min(decay)
    return np.where(reached, _curve(decay, times), 0.0)


def reach_min(decay: Decay) -> float:
    """Return the minutes beyond which every weight is 0; infinite if there is no such time.

    A search may stop there: a time longer than this one never counts.

    Examples
    --------
    >>> reach_min(Stepped((10, 20), (1.0, 0.5))), reach_min(Exponential(0.1))
    (20.0, inf)
    """
    match decay:
        case Stepped():
            return float(decay.limits_min[-1])
        case Tabulated():
            return float(decay.minutes[-1])
        case Step() | Linear() | TruncatedGaussian() | Epanechnikov():
            return float(decay.cutoff_min)
        case Exponential() | Gaussian() | Power() | Logistic():
            return math.inf if decay.cutoff_min is None else float(decay.cutoff_min)
        case _:
            assert_never(decay)


def table(decay: Decay, limit_ds: int) -> Floats:
    """Return the weight at each whole decisecond from 0 to a limit, for the kernels to look up.

    A cut-off of whole deciseconds is exact: the quotient of the time and the cut-off as written
    are the same nearest double, so 30 minutes hold decisecond 18,000 and not 18,001.

    Parameters
    ----------
    decay
        One of the decays of this module.
    limit_ds
        Last decisecond (a tenth of a second), 0 or more.

    Returns
    -------
    weights
        Shape ``(limit_ds + 1,)``.

    Raises
    ------
    ParameterError
        If the limit is not a whole number, or negative.

    Examples
    --------
    >>> table(Step(30), 18_001)[[0, 18_000, 18_001]]
    array([1., 1., 0.])
    """
    if isinstance(limit_ds, bool) or not isinstance(limit_ds, int | np.integer):
        refuse([wrong_kind("limit_ds", limit_ds, "0, 1, 2, …")])
    if limit_ds < 0:
        refuse([out_of_range("limit_ds", limit_ds, 0, math.inf)])
    return weigh(decay, np.arange(limit_ds + 1, dtype=np.float64) / DS_PER_MIN)


def _curve(decay: Decay, t: Floats) -> Floats:  # noqa: C901, PLR0911 - one line a decay
    """Return the weights at finite times within the reach of a decay."""
    match decay:
        case Step():
            return (t <= decay.cutoff_min if decay.closed else t < decay.cutoff_min).astype(float)
        case Linear():
            return 1 - t / decay.cutoff_min
        case Exponential():
            return np.exp(-decay.rate_per_min * t)
        case Gaussian():
            return np.exp(-0.5 * (t / decay.sd_min) ** 2)
        case TruncatedGaussian():
            end = math.exp(-0.5)
            bell = np.exp(-0.5 * (t / decay.cutoff_min) ** 2)
            return np.maximum(bell - end, 0.0) / (1 - end)  # two exp may differ in the last bit
        case Epanechnikov():
            return 1 - (t / decay.cutoff_min) ** 2
        case Power():
            return np.maximum(t / decay.least_min, 1.0) ** -decay.exponent
        case Logistic():
            slope = math.pi / (decay.sd_min * math.sqrt(3))
            return expit(-slope * (t - decay.middle_min)) / expit(slope * decay.middle_min)
        case Stepped():
            ring = np.searchsorted(decay.limits_min, t, side="left" if decay.closed else "right")
            return np.array([*decay.weights, 0.0])[ring]
        case Tabulated():
            return np.interp(t, decay.minutes, decay.weights)
        case _:
            assert_never(decay)
