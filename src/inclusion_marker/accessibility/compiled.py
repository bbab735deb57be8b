"""The flags with which every kernel of this room is compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a loop that one thread runs; it lets other threads run beside it.

    Examples
    --------
    >>> from inclusion_marker.accessibility.kernels_order import all_above
    >>> import numpy as np
    >>> all_above(np.array([0], np.int32), np.array([2, 2, -1], np.int32)).tolist()
    [1, 0, 1]
    """
    compile_ = njit(nogil=True, cache=True, fastmath=False, error_model="numpy")
    return cast("Callable[P, R]", compile_(function))


def parallel_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a loop that shares its rounds out among the threads of numba itself.

    Examples
    --------
    >>> parallel_kernel.__name__
    'parallel_kernel'
    """
    compile_ = njit(parallel=True, nogil=True, cache=True, fastmath=False, error_model="numpy")
    return cast("Callable[P, R]", compile_(function))
