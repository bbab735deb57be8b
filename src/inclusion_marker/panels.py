"""Panels: weights that people gave, by budget allocation or by pairwise comparison (AHP)."""

import math
import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails

from inclusion_marker.formulas import Card, refused
from inclusion_marker.judgements import (
    ACCEPTED_RATIO,
    RANDOM_INDEX,
    Floats,
    Priorities,
    ahp,
    budget,
    furthest,
)
from inclusion_marker.notices import Notice

_HIGHEST_JUDGEMENT = 9.0
_NAME = r"[a-z][a-z0-9_]*"
_PAIR = re.compile(rf"\s*({_NAME})\s*>\s*({_NAME})\s*")

Points = Annotated[float, Field(ge=0, strict=True)]
Member = Annotated[str, Field(min_length=1)]


class Panel(Card):
    """The weights that a panel gave the children of a node, member by member.

    By ``budget`` each member hands out points, as a rule 100::

        kind = "budget"
        source = "Workshop of 12 March 2026"
        [….members]
        planning_office = { housing = 50, health = 30, education = 20 }
        migrant_council = { housing = 30, health = 30, education = 40 }

    By ``ahp`` each compares every pair once; ``"a > b" = 3`` says that *a* is three times as
    important as *b*, on Saaty's scale from 1 (equally) to 9 (extremely). What goes the other way is
    written the other way round, so that nothing is below 1::

        [….members.planning_office]
        "housing > health" = 3
        "housing > education" = 5
        "health > education" = 2

    Attributes
    ----------
    kind
        ``"budget"`` or ``"ahp"``.
    members
        By member: points by child, or judgements by pair. Every member judges all of them; a child
        that deserves no points is given 0.
    source
        Who was asked, when and how.

    References
    ----------
    OECD/JRC (2008). *Handbook on Constructing Composite Indicators*, sections 6.5 and 6.7.

    Examples
    --------
    >>> panel = Panel(
    ...     kind="budget",
    ...     source="two members",
    ...     members={"a": {"health": 60, "housing": 40}, "b": {"health": 20, "housing": 80}},
    ... )
    >>> panel.weights()
    {'health': 0.4, 'housing': 0.6}
    >>> panel.spread()
    {'health': (0.6, 0.2), 'housing': (0.4, 0.8)}
    """

    kind: Literal["budget", "ahp"]
    source: Annotated[str, Field(min_length=1)]
    members: Annotated[dict[Member, dict[str, Points]], Field(min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Check that every member has judged everything once, each fault at its address."""
        found = _budget_faults if self.kind == "budget" else _pair_faults
        faults = [*found(self.members), *_size_faults(self.children)]
        if faults:
            # Pydantic takes the faults of the inner error for its own, addresses and all.
            raise ValidationError.from_exception_data(type(self).__name__, faults)
        return self

    @property
    def children(self) -> tuple[str, ...]:
        """Return the children that were judged, in alphabetical order."""
        return tuple(sorted(_children(self.kind, self.members)))

    def weights(self) -> dict[str, float]:
        """Return the weight of each child; they sum to 1.

        Every member counts alike. Budgets: the mean of the members' weights. AHP: the geometric
        mean of the members' priorities, normalised, since the members of a panel speak for
        themselves (aggregation of individual priorities); where all are consistent it equals that
        of their judgements, the one mean that keeps them reciprocal.

        Returns
        -------
        weights
            By child; the order of members and children in the file changes nothing.

        References
        ----------
        Forman, E., & Peniwati, K. (1998). Aggregating individual judgments and priorities with the
        analytic hierarchy process. *European Journal of Operational Research*, 108(1), 165-169.

        Aczél, J., & Saaty, T. L. (1983). Procedures for synthesizing ratio judgements. *Journal of
        Mathematical Psychology*, 27(1), 93-102.
        """
        spread = self.spread()
        if self.kind == "budget":
            means = [math.fsum(each) / len(each) for each in spread.values()]
        else:
            means = [
                math.exp(math.fsum(map(math.log, each)) / len(each)) for each in spread.values()
            ]
        total = math.fsum(means)
        return {child: mean / total for child, mean in zip(spread, means, strict=True)}

    def spread(self) -> dict[str, tuple[float, ...]]:
        """Return every member's weights, for what depends on whom one asks.

        Returns
        -------
        spread
            By child: its weight for each member, in alphabetical order of the members; those of a
            member sum to 1.
        """
        if self.kind == "budget":
            rows = [
                budget([self.members[member][child] for child in self.children])
                for member in sorted(self.members)
            ]
        else:
            rows = [each.weights for each in self.priorities().values()]
        columns = np.array(rows).T.tolist()
        return {child: tuple(of) for child, of in zip(self.children, columns, strict=True)}

    def priorities(self) -> dict[str, Priorities]:
        """Return what each member's comparisons say, in alphabetical order; none for budgets."""
        if self.kind == "budget":
            return {}
        return {member: ahp(self._matrix(member)) for member in sorted(self.members)}

    def consistency(self) -> dict[str, float]:
        """Return each member's consistency ratio; none for budgets, which cannot disagree."""
        return {member: each.consistency_ratio for member, each in self.priorities().items()}

    def _matrix(self, member: str) -> Floats:
        """Return a member's comparisons as a matrix of ``children`` by ``children``."""
        at = {child: position for position, child in enumerate(self.children)}
        matrix = np.eye(len(at))
        for pair, times in self.members[member].items():
            more, less = (at[child] for child in _of_pair(pair))
            matrix[more, less], matrix[less, more] = times, 1.0 / times
        return matrix

    def notices(self, file: str, item: str) -> tuple[Notice, ...]:
        """Return what should be looked at again, and does not stop anything.

        Parameters
        ----------
        file, item
            The method file, and the panel's address in it.

        Returns
        -------
        notices
            ``panel_inconsistent`` for each member whose consistency ratio is above 0.10, with the
            judgement that is furthest from the others; ``panel_budgets_differ`` where members
            handed out different totals.
        """
        if self.kind == "budget":
            return tuple(self._unequal_budgets(file, item))
        return tuple(self._inconsistencies(file, item))

    def _unequal_budgets(self, file: str, item: str) -> Iterator[Notice]:
        """Yield a notice if the members did not all have the same points to hand out."""
        totals = {name: math.fsum(self.members[name].values()) for name in sorted(self.members)}
        low, high = min(totals, key=totals.__getitem__), max(totals, key=totals.__getitem__)
        if not math.isclose(totals[low], totals[high], rel_tol=1e-9):
            values = {"low": totals[low], "one": low, "high": totals[high], "other": high}
            yield Notice("panel_budgets_differ", file=file, item=f"{item}.members", values=values)

    def _inconsistencies(self, file: str, item: str) -> Iterator[Notice]:
        """Yield a notice for each member whose judgements contradict each other."""
        names = self.children
        for member, found in self.priorities().items():
            if found.consistency_ratio <= ACCEPTED_RATIO:
                continue
            worst = furthest(self._matrix(member), found)
            one, other = names[worst.row], names[worst.column]
            values = {
                "member": member,
                "ratio": found.consistency_ratio,
                "judgement": _as_pair(one, other, worst.stated),
                "implied": _as_pair(one, other, worst.implied),
            }
            at = f"{item}.members.{member}"
            yield Notice("panel_inconsistent", file=file, item=at, values=values)


def _as_pair(one: str, other: str, times: float) -> str:
    """Return a judgement as it is written in the file, the more important first."""
    return f"{one} > {other} = {times:.3g}" if times >= 1 else _as_pair(other, one, 1.0 / times)


def _of_pair(key: str) -> tuple[str, ...]:
    """Return the two children that a key compares; none if it is no comparison."""
    found = _PAIR.fullmatch(key)
    return found.groups() if found else ()


def _children(kind: str, members: Mapping[str, Mapping[str, float]]) -> set[str]:
    """Return the children that anybody judged."""
    keys = {key for given in members.values() for key in given}
    return keys if kind == "budget" else {child for key in keys for child in _of_pair(key)}


def _fault(at: tuple[str, ...], given: object, reason: str, **values: object) -> InitErrorDetails:
    """Return a fault of a panel at its address."""
    return InitErrorDetails(type=refused(reason, **values), loc=at, input=given)


def _size_faults(children: tuple[str, ...]) -> Iterator[InitErrorDetails]:
    """Yield a fault if there is nothing to weigh against each other, or too much."""
    if len(children) < 2:  # noqa: PLR2004 - a weight is against a sibling
        yield _fault(("members",), list(children), "fault_panel_two")


def _budget_faults(members: Mapping[str, Mapping[str, float]]) -> Iterator[InitErrorDetails]:
    """Yield what is wrong with the points that members handed out."""
    children = _children("budget", members)
    for member, points in members.items():
        at = ("members", member)
        for child in points:
            if not re.fullmatch(_NAME, child):
                yield _fault((*at, child), child, "fault_string_pattern_mismatch", pattern=_NAME)
        missing = sorted(children - points.keys())
        if missing:
            yield _fault(at, sorted(points), "fault_panel_points_missing", found=_few(missing))
        if points and max(points.values()) <= 0:
            yield _fault(at, list(points.values()), "fault_panel_points")


def _pair_faults(members: Mapping[str, Mapping[str, float]]) -> Iterator[InitErrorDetails]:
    """Yield what is wrong with the pairs that members compared."""
    children = sorted(_children("ahp", members))
    if len(children) > len(RANDOM_INDEX):
        limit = len(RANDOM_INDEX)
        yield _fault(("members",), children, "fault_panel_large", limit=limit)
    for member, judgements in members.items():
        at = ("members", member)
        compared: dict[frozenset[str], str] = {}
        for key, times in judgements.items():
            pair = frozenset(_of_pair(key))
            if len(pair) < 2:  # noqa: PLR2004 - a pair
                yield _fault((*at, key), key, "fault_pair")
                continue
            if not 1 <= times <= _HIGHEST_JUDGEMENT:
                yield _fault((*at, key), times, "fault_pair_scale")
            if pair in compared:
                yield _fault((*at, key), key, "fault_pair_twice", found=compared[pair])
            compared[pair] = key
        missing = [
            f"{one} > {other}"
            for one, other in combinations(children, 2)
            if frozenset((one, other)) not in compared
        ]
        if missing:
            yield _fault(at, len(judgements), "fault_pairs_missing", found=_few(missing))


def _few(names: list[str]) -> str:
    """Return the first of some names, and how many more there are."""
    more = len(names) - 6
    return ", ".join(names[:6]) + (f" … (+{more})" if more > 0 else "")
