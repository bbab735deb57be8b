"""What may be asked of the draws, and what is wrong with what is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import get_args

import numpy as np

from inclusion_marker.analysis.drawing.draws import Choices, Level, RuleChoice
from inclusion_marker.analysis.drawing.errors import Errors
from inclusion_marker.method import Method
from inclusion_marker.notices import Notice, near


def argument_faults(
    method: Method,
    choices: Choices,
    errors: Errors,
    *,
    draws: int,
    seed: int,
    line: float,
    threads: int | None,
) -> Iterator[Notice]:
    """Yield what is wrong with the arguments of the analysis, all of it.

    Parameters
    ----------
    method
        Whose choices are drawn; one with a mean over all cells cannot be.
    choices, errors, draws, seed, line, threads
        As in :func:`inclusion_marker.analysis.robustness.robustness`.
    """
    yield from _beyond("draws", draws, *_DRAWS, whole=True)
    yield from _beyond("seed", seed, 0, 2**63, whole=True)
    yield from _beyond("line", line, 0, 100)
    yield from _beyond("threads", 1 if threads is None else threads, 1, 1024, whole=True)
    yield from _wrong_choices(choices)
    yield from _wrong_errors(errors, method)
    for node in method.nodes():
        if method.children_of(node) and not method.rule_of(node).comparable:
            yield Notice("rule_over_cells", item=node, values={"rule": method.rule_of(node).rule})


def _wrong_choices(choices: Choices) -> Iterator[Notice]:
    """Yield what is wrong with the choices."""
    yield from _beyond("choices.weights", choices.weights, 0, 1)
    yield from _beyond("choices.goalposts", choices.goalposts, 0, 0.49)
    yield from _range("choices.floor", choices.floor or (), 1e-6, 100)
    yield from _unknown("choices.rules", choices.rules, get_args(RuleChoice))
    yield from _unknown("choices.levels", choices.levels, get_args(Level))


def _wrong_errors(errors: Errors, method: Method) -> Iterator[Notice]:
    """Yield what is wrong with the errors of the data."""
    for key, (low, high) in _LIMITS.items():
        yield from _beyond(f"errors.{key}", getattr(errors, key), low, high)
    yield from _range("errors.speeds_kmh", errors.speeds_kmh or (), 0.1, 300)
    yield from _unknown("errors.layers", errors.layers, method.layers)


_DRAWS = (16, 1 << 16)
_LIMITS = {
    "design_effect": (1, 1000),
    "sampled": (1e-6, 1),
    "omitted": (0, 1),
    "cv_percent": (0, 200),
    "interpolation": (0, 2),
    "closed": (0, 0.99),
    "listed": (0.01, 1),
}


def _unknown(item: str, named: Iterable[str], known: Iterable[str]) -> Iterator[Notice]:
    """Yield a notice for each name that is none of those known."""
    for each in named:
        if each not in known:
            values = {"found": each, "accepted": near(each, known)}
            yield Notice("name_unknown", item=item, values=values)


def _range(item: str, found: Sequence[float], low: float, high: float) -> Iterator[Notice]:
    """Yield a notice for each number beyond its limits, or one if they do not rise."""
    beyond = [notice for each in found for notice in _beyond(item, each, low, high)]
    yield from beyond
    if not beyond and list(found) != sorted(found):
        values = {"found": ", ".join(f"{each:g}" for each in found)}
        yield Notice("numbers_not_rising", item=item, values=values)


def _beyond(
    item: str, found: float, low: float, high: float, *, whole: bool = False
) -> Iterator[Notice]:
    """Yield a notice of a number that is none, or not within its limits."""
    number = isinstance(found, int | float | np.integer | np.floating)
    if isinstance(found, bool) or not number or (whole and int(found) != found):
        values: dict[str, object] = {"found": found, "expected": "int" if whole else "float"}
        yield Notice("parameter_type", item=item, values=values)
    elif not low <= found <= high:
        values = {"found": found, "low": low, "high": high}
        yield Notice("parameter_out_of_range", item=item, values=values)
