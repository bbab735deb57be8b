"""What is drawn: the choices of the method and the errors of the data, from one seed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from scipy.stats import qmc

from inclusion_marker.method import Method

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Choice = Literal["weights", "rule", "floor", "goalposts"]
Error = Literal["counts", "interpolation", "speed", "facilities"]
Group = Choice | Error
CHOICES: tuple[Choice, ...] = get_args(Choice)
ERRORS: tuple[Error, ...] = get_args(Error)
GROUPS: tuple[Group, ...] = (*CHOICES, *ERRORS)

RuleChoice = Literal["arithmetic", "geometric"]
Level = Literal["marker", "areas", "dimensions"]


@dataclass(frozen=True)
class Choices:
    """What about the method is open to reasonable disagreement, and how far.

    Attributes
    ----------
    weights
        Each weight is drawn evenly within this share of itself either way, then those of siblings
        are scaled to sum to 1 again. 0.25 is what audits of the JRC use. Where a panel set the
        weights of a node, they are those of one of its members, each as likely.
    rules
        Rules among which one is drawn for the levels named, each as likely; none leaves the
        method's own.
    levels
        Levels of which the rule is drawn.
    floor
        Range from which the floor of geometric means is drawn, evenly on a logarithm; ``None``
        leaves the method's own. The floor decides what an area of 0 costs, and no theory sets it.
    goalposts
        Share of their distance by which either goalpost may lie elsewhere, drawn evenly for each.

    Examples
    --------
    >>> Choices(weights=0.1, rules=()).goalposts
    0.1
    """

    weights: float = 0.25
    rules: tuple[RuleChoice, ...] = ("arithmetic", "geometric")
    levels: tuple[Level, ...] = ("marker",)
    floor: tuple[float, float] | None = (0.5, 5.0)
    goalposts: float = 0.10


NO_CHOICES = Choices(weights=0.0, rules=(), floor=None, goalposts=0.0)
"""The method as it is declared."""


def drawn_choices(choices: Choices) -> tuple[Choice, ...]:
    """Return the choices that are drawn at all.

    Examples
    --------
    >>> drawn_choices(Choices(rules=(), goalposts=0))
    ('weights', 'floor')
    """
    on = {
        "weights": choices.weights > 0,
        "rule": len(choices.rules) > 0 and len(choices.levels) > 0,
        "floor": choices.floor is not None and choices.floor[0] < choices.floor[1],
        "goalposts": choices.goalposts > 0,
    }
    return tuple(each for each in CHOICES if on[each])


@dataclass(frozen=True, eq=False)
class Plan:
    """Which row of its sample each group takes in each draw; a group that is absent is at its base.

    Attributes
    ----------
    rows
        By group, shape ``(D,)``.
    count
        Number D of draws.
    """

    rows: Mapping[Group, Ints]
    count: int

    def part(self, columns: slice | Ints) -> Plan:
        """Return the plan of some of the draws."""
        rows = {group: each[columns] for group, each in self.rows.items()}
        return Plan(rows, len(np.arange(self.count)[columns]))


def monte_carlo(groups: Sequence[Group], draws: int) -> Plan:
    """Return the plan that draws all groups at once: draw d takes row d of each.

    Examples
    --------
    >>> monte_carlo(["weights"], 3).rows["weights"].tolist()
    [0, 1, 2]
    """
    return Plan({group: np.arange(draws) for group in groups}, draws)


def swapping(groups: Sequence[Group], rows: int, second: int) -> Plan:
    """Return the plan of the Sobol' indices: both samples, and the first with each group swapped.

    Parameters
    ----------
    groups
        The groups that are drawn.
    rows
        Rows N of each sample.
    second
        At which row the second sample begins.

    Returns
    -------
    plan
        ``N (groups + 2)`` draws, those of a row side by side: the first sample, the second, and
        the first with each group from the second.

    References
    ----------
    Saltelli, A. (2002). Making best use of model evaluations to compute sensitivity indices.
    *Computer Physics Communications*, 145(2), 280-297.

    Examples
    --------
    >>> swapping(["weights", "rule"], 1, 8).rows
    {'weights': array([0, 8, 8, 0]), 'rule': array([0, 8, 0, 8])}
    """
    width = len(groups) + 2
    first = np.repeat(np.arange(rows), width)
    at = np.tile(np.arange(width), rows)
    plan: dict[Group, Ints] = {
        group: first + second * ((at == 1) | (at == number + 2))
        for number, group in enumerate(groups)
    }
    return Plan(plan, rows * width)


@dataclass(frozen=True, eq=False)
class Sample:
    """What is drawn once for the whole city, two independent samples one below the other.

    Attributes
    ----------
    half
        Rows of each sample; row ``half + r`` is row r of the second.
    weights
        By node, rows x children: shares of the weight, in the order of the method.
    geometric
        Whether the levels drawn have the geometric mean, by row.
    floor
        Floor of geometric means, by row.
    goalposts
        Rows x indicators x 2: the scores at which the drawn goalposts lie, 0 and 100 as declared.
    slower
        How much longer every journey takes, by row; 1 is as measured.
    """

    half: int
    weights: Mapping[str, Floats]
    geometric: npt.NDArray[np.bool_]
    floor: Floats
    goalposts: Floats
    slower: Floats


def sample(
    method: Method,
    choices: Choices,
    speeds_kmh: tuple[float, float, float] | None,
    *,
    draws: int,
    seed: int,
) -> Sample:
    """Return what is drawn for the whole city, from a scrambled Sobol' sequence.

    Parameters
    ----------
    method
        The method whose choices are drawn.
    choices
        How far.
    speeds_kmh
        Walking speed of the slow, the usual and the fast: half of the draws lie, evenly, on
        either side of the usual one. ``None`` draws none.
    draws
        Rows of each sample: a power of two keeps the sequence balanced.
    seed
        Seed of the scrambling.

    Returns
    -------
    sample
        ``2 draws`` rows: the columns of the sequence are halved, so that the samples do not
        depend on each other.

    References
    ----------
    Owen, A. (1998). Scrambling Sobol' and Niederreiter-Xing points. *Journal of Complexity*,
    14(4), 466-489.
    """
    parents = [node for node in method.nodes() if method.children_of(node)]
    sizes = [len(method.children_of(node)) for node in parents]
    leaves = len(method.indicators)
    width = 3 + 2 * leaves + sum(sizes)
    sequence = qmc.Sobol(2 * width, scramble=True, rng=np.random.default_rng(seed))
    points = sequence.random_base2(int(draws - 1).bit_length())[:draws]
    even = np.vstack([points[:, :width], points[:, width:]])
    first = 3 + 2 * leaves
    weights = {}
    for node, size in zip(parents, sizes, strict=True):
        own = even[:, first : first + size]
        if choices.weights > 0 and node in method.panels:
            drawn = _of_members(method, node)[_picked(own[:, 0], len(_of_members(method, node)))]
        else:
            declared = np.array(list(method.children_of(node).values()))
            drawn = declared * (1.0 + choices.weights * (2.0 * own - 1.0))
        weights[node] = drawn / drawn.sum(axis=1, keepdims=True)
        first += size
    rules = choices.rules or ("arithmetic",)
    low, high = choices.floor or (1.0, 1.0)
    moved = choices.goalposts * 100.0 * (2.0 * even[:, 3 : 3 + 2 * leaves] - 1.0)
    return Sample(
        half=draws,
        weights=weights,
        geometric=np.array([rule == "geometric" for rule in rules])[
            _picked(even[:, 0], len(rules))
        ],
        floor=low * (high / low) ** even[:, 1],
        goalposts=moved.reshape(-1, leaves, 2) + np.array([0.0, 100.0]),
        slower=_slower(even[:, 2], speeds_kmh or (1.0, 1.0, 1.0)),
    )


def _picked(even: Floats, among: int) -> Ints:
    """Return the one of several that each even draw picks."""
    return np.minimum((even * among).astype(np.int64), among - 1)


def _of_members(method: Method, node: str) -> Floats:
    """Return the weights that each member of a panel gives, members x children of the node."""
    spread = method.panels[node].spread()
    members = len(next(iter(spread.values())))
    columns = [
        spread.get(child.split("_", 1)[1], (0.0,) * members) for child in method.children_of(node)
    ]
    return np.array(columns).T


def _slower(even: Floats, speeds_kmh: tuple[float, float, float]) -> Floats:
    """Return the factor on travel time of each even draw: the usual speed over the drawn one."""
    drawn = np.interp(even, [0.0, 0.5, 1.0], speeds_kmh)
    slower: Floats = speeds_kmh[1] / drawn
    return slower


# ── errors of one zone, one piece of a zone, one facility ────────────────────────────────────────
# Counter-based: the number for a unit and a row comes from a hash of both, so that nothing depends
# on the order in which cells are visited, on their blocks or on the threads.

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
_LANES = 4  # numbers of 16 bits in a word of 64
_LEVELS = 1 << 16
_NORMAL: Singles = ndtri((np.arange(_LEVELS) + 0.5) / _LEVELS).astype(np.float32)


def stream(seed: int, *names: str) -> np.uint64:
    """Return the key of a stream of numbers: another seed or another name is another stream.

    Examples
    --------
    >>> bool(stream(7, "counts", "census") == stream(7, "counts", "safety"))
    False
    """
    said = "/".join((str(seed), *names)).encode()
    return np.uint64(int.from_bytes(hashlib.blake2b(said, digest_size=8).digest(), "little"))


def _mixed(words: Words) -> Words:
    """Return the words with their bits mixed (the finaliser of splitmix64), in place."""
    words ^= words >> _SHIFTS[0]
    words *= _MIX[0]
    words ^= words >> _SHIFTS[1]
    words *= _MIX[1]
    words ^= words >> _SHIFTS[2]
    return words


def even_numbers(key: np.uint64, units: Ints, rows: Ints) -> npt.NDArray[np.uint16]:
    """Return an even number of 16 bits for each unit and row.

    Parameters
    ----------
    key
        Of :func:`stream`.
    units
        Numbers of zones, pieces or facilities, shape ``(u,)``.
    rows
        Numbers of rows, shape ``(D,)``.

    Returns
    -------
    numbers
        Shape ``(u, D)``: the same for the same key, unit and row, whatever else is asked for.

    References
    ----------
    Steele, G., Lea, D. and Flood, C. (2014). Fast splittable pseudorandom number generators.
    *OOPSLA '14*, 453-472.
    """
    quads, at = np.unique(rows // _LANES, return_inverse=True)
    of_units = _mixed(key + _STEP * (units.astype(np.uint64) + np.uint64(1)))
    of_rows = _mixed(_STEP * (quads.astype(np.uint64) + np.uint64(1)))
    words = _mixed(of_units[:, None] + of_rows[None, :])
    lanes = words.astype("<u8", copy=False).view("<u2")
    columns = at * _LANES + rows % _LANES
    if np.array_equal(columns, np.arange(lanes.shape[1])):
        return lanes
    return lanes[:, columns]


def normals(key: np.uint64, units: Ints, rows: Ints) -> Singles:
    """Return a standard normal number for each unit and row; arguments as :func:`even_numbers`.

    Quantiles of 65,536 levels, the largest at 4.3 standard deviations.

    Examples
    --------
    >>> found = normals(stream(7, "counts"), np.arange(50), np.arange(400))
    >>> abs(float(found.mean())) < 0.02, abs(float(found.std()) - 1) < 0.02
    (True, True)
    """
    return np.take(_NORMAL, even_numbers(key, units, rows))
