"""What is scored in every draw: scores as measured, and how far, and with whom, each errs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp

from inclusion_marker.analysis.drawing.draws import (
    Error,
    Floats,
    Ints,
    Level,
    Singles,
)
from inclusion_marker.method import Method


@dataclass(frozen=True, eq=False)
class Noise:
    """One source of error that cells share, as so many points of score for each unit of it.

    Attributes
    ----------
    group
        To which group of inputs it belongs.
    key
        Of its numbers.
    mix
        Cells x units: what each unit, a standard normal number, counts in each cell.
    columns
        Positions of the indicators that it moves.
    points
        Cells x those: points of open score that they move by, for a unit of the mixture.
    centre
        Zones x units: what is taken off the units of a zone, so that its total stays; ``None``
        where nothing is.
    parts
        Cells x zones: what the centre of each zone counts in each cell.
    alike
        Whether there is one unit, and all cells err by the whole of it.
    """

    group: Error
    key: np.uint64
    mix: sp.csr_array
    columns: tuple[int, ...]
    points: Singles
    centre: sp.csr_array | None = None
    parts: sp.csr_array | None = None
    alike: bool = False


@dataclass(frozen=True, eq=False)
class Places:
    """The facilities of an indicator, listed and not: each is there in some of the draws.

    Two indicators of one layer share their numbers: what is gone for one is gone for both.

    Attributes
    ----------
    key
        Of their numbers.
    missing
        Probability that each is not there, shape ``(facilities,)``.
    """

    key: np.uint64
    missing: Floats


@dataclass(frozen=True, eq=False)
class Ladder:
    """The closest facilities of each cell, by rising cost: the first that is there is the one.

    Attributes
    ----------
    key
        Id of the indicator, and of the places of its steps.
    column
        Position of the indicator.
    facilities
        Cells x steps: position among the places of its key; the last one repeated where fewer.
    scores
        Cells x steps: the open score of each.
    slower
        Cells x steps: points of open score that a journey of twice the time would move it by.
    """

    key: str
    column: int
    facilities: Ints
    scores: Singles
    slower: Singles


@dataclass(frozen=True, eq=False)
class Problem:
    """What is scored in every draw.

    Attributes
    ----------
    method
        The tree with its declared weights, rules and minimum coverage.
    levels
        The levels whose rule is drawn.
    scores
        Cells x indicators: open scores as measured, NaN where missing.
    noises, ladders, places
        The errors of the data.
    slower
        Cells x indicators: points of open score that journeys of twice the time would move it by.
    """

    method: Method
    levels: tuple[Level, ...]
    scores: Floats
    noises: tuple[Noise, ...] = ()
    ladders: tuple[Ladder, ...] = ()
    places: Mapping[str, Places] = field(default_factory=dict)
    slower: Mapping[int, Singles] = field(default_factory=dict)
