"""What is wrong with an argument: the notices, and the one error that carries them all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TypeGuard

import numpy as np

from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice


def refuse(faults: Iterable[Notice]) -> None:
    """Raise all faults at once, if there are any.

    Raises
    ------
    ParameterError
        With every fault that was found.

    Examples
    --------
    >>> refuse([])
    """
    found = list(faults)
    if found:
        raise ParameterError(*found)


def wrong_kind(item: str, found: object, expected: str) -> Notice:
    """Return the notice of an argument that is of the wrong kind or shape.

    Examples
    --------
    >>> wrong_kind("Step.closed", "yes", "True | False").code
    'parameter_type'
    """
    return Notice("parameter_type", item=item, values={"found": found, "expected": expected})


def out_of_range(item: str, found: object, low: float, high: float) -> Notice:
    """Return the notice of a number outside its limits.

    Examples
    --------
    >>> out_of_range("Step.cutoff_min", -1, 0, 60).part("why", "en")
    'the value must lie within 0 and 60'
    """
    values = {"found": found, "low": f"{low:.4g}", "high": f"{high:.4g}"}
    return Notice("parameter_out_of_range", item=item, values=values)


def is_number(value: object) -> TypeGuard[float]:
    """Return whether a value is a number; a truth value is none.

    Examples
    --------
    >>> is_number(np.float64(1)), is_number(2), is_number(True), is_number("3")
    (True, True, False, False)
    """
    real = isinstance(value, int | float | np.integer | np.floating)
    return real and not isinstance(value, bool)


def number_faults(item: str, value: object, low: float, high: float) -> list[Notice]:
    """Return what is wrong with an argument that is a number within limits; NaN is outside.

    Examples
    --------
    >>> [fault.code for fault in number_faults("n", 0, 1, 5)]
    ['parameter_out_of_range']
    """
    if not is_number(value):
        return [wrong_kind(item, value, "0.0, 1.5, 30.0, …")]
    return [] if low <= value <= high else [out_of_range(item, value, low, high)]


def flag_faults(item: str, value: object) -> list[Notice]:
    """Return what is wrong with an argument that is true or false.

    Examples
    --------
    >>> flag_faults("Step.closed", value=True)
    []
    """
    return [] if isinstance(value, bool) else [wrong_kind(item, value, "True | False")]


def series_faults(item: str, value: object, low: float, high: float) -> list[Notice]:
    """Return what is wrong with an argument that is a series of numbers within limits.

    Examples
    --------
    >>> series_faults("Stepped.weights", (1.0, 0.5), 0, 1)
    []
    """
    given = list(value) if isinstance(value, Sequence | np.ndarray) else []
    numbers = [each for each in given if is_number(each)]
    if not numbers or len(numbers) < len(given):
        return [wrong_kind(item, value, "(10.0, 20.0, …)")]
    return [out_of_range(item, each, low, high) for each in numbers if not low <= each <= high][:1]


def rising_faults(item: str, value: Sequence[float]) -> list[Notice]:
    """Return what is wrong with a series of numbers that must rise from one to the next.

    Examples
    --------
    >>> [fault.code for fault in rising_faults("Stepped.limits_min", (10, 10))]
    ['parameter_type']
    """
    rises = all(a < b for a, b in pairwise(value))
    return [] if rises else [wrong_kind(item, value, "… < … < …")]
