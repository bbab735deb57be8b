"""Which part of a city is asked about: one cell, one district, or all of it."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from inclusion_marker.composite.districts import district_shares
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice, near
from inclusion_marker.result import Result
from inclusion_marker.texts import Text

Floats = npt.NDArray[np.float64]
PartKind = Literal["cell", "district"]
PlaceKind = Literal["cell", "district", "city"]

_NEIGHBOURS = 3


@dataclass(frozen=True, eq=False)
class Place:
    """A part of a city, and how much each cell counts in it.

    Attributes
    ----------
    kind
        ``"cell"``, ``"district"`` or ``"city"``.
    id
        Id of the cell, the district or the city.
    name
        What it is called.
    weights
        Shape ``(n,)``, in the order of the result's cells: the people of each who live there; for
        a single cell 1, so that one without people can be explained, too.
    people
        Who live there.
    """

    kind: PlaceKind
    id: str
    name: Text
    weights: Floats
    people: float


def people_of(result: Result) -> Floats:
    """Return the people of each cell, shape ``(n,)``; missing ones count as none.

    Raises
    ------
    ParameterError
        If a count is negative or infinite: no mean can be weighted by it.
    """
    people: Floats = np.asarray(result.people.fillna(0.0), dtype=np.float64)
    wrong = int((~np.isfinite(people) | (people < 0)).sum())
    if wrong:
        raise ParameterError(Notice("weights_unusable", item="people", values={"count": wrong}))
    return people


def shares_of_districts(result: Result) -> sp.csr_array:
    """Return the share of each cell's people that lives in each district.

    Parameters
    ----------
    result
        What was computed.

    Returns
    -------
    shares
        Districts x cells, in their orders, 0-1; shape ``(0, n)`` for a city without districts.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> marker = compute("manta", resolution=8)
    >>> people = shares_of_districts(marker) @ marker.people.to_numpy()
    >>> people.round().tolist() == marker.districts["people"].round().tolist()
    True
    """
    if result.districts is None:
        return sp.csr_array((0, len(result.grid.index)))
    return district_shares(result.districts, result.grid, result.boundary)


def find_place(result: Result, where: str | None, kind: PartKind | None = None) -> Place:
    """Return the part of a city that has a name.

    Parameters
    ----------
    result
        What was computed.
    where
        Id of a cell, id or name of a district; ``None`` is the whole city.
    kind
        What is meant where an id is one of a cell and of a district.

    Raises
    ------
    ParameterError
        If the people of the cells cannot weigh; if nothing has that name, with those near it; if
        several things have it.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> place = find_place(compute("manta", resolution=8), "Tarqui")
    >>> place.kind, place.id, round(place.people)
    ('district', 'P2', 8304)
    """
    people = people_of(result)
    if kind is not None and kind not in get_args(PartKind):
        values = {"found": kind, "expected": " | ".join(get_args(PartKind))}
        raise ParameterError(Notice("parameter_type", item="kind", values=values))
    if where is None:
        name = result.city.name
        return Place("city", result.city.id, name, people, float(people.sum()))
    wanted = str(where)
    found = [each for each in _named(result, wanted) if kind in (None, each[0])]
    if not found:
        values = {"found": wanted, "accepted": _accepted(result, wanted)}
        raise ParameterError(Notice("place_unknown", item="where", values=values))
    if len(found) > 1:
        listed = ", ".join(f"{each_kind} {result_id!r}" for each_kind, result_id in found)
        several = {"found": wanted, "count": len(found), "listed": listed}
        raise ParameterError(Notice("place_ambiguous", item="where", values=several))
    return _place(result, *found[0], people)


def _place(result: Result, kind: PartKind, key: str, people: Floats) -> Place:
    """Return a cell or a district that is there."""
    districts = result.districts
    if kind == "cell" or districts is None:
        at = result.grid.index.get_loc(key)
        weights = np.zeros(len(people))
        weights[at] = 1.0
        return Place("cell", key, Text(es=key, en=key), weights, float(people[at]))
    only = districts[[str(each) == key for each in districts.index]]
    name = str(only["name"].iloc[0])
    weights = district_shares(only, result.grid, result.boundary).toarray()[0] * people
    return Place("district", key, Text(es=name, en=name), weights, float(weights.sum()))


def _named(result: Result, wanted: str) -> Iterator[tuple[PartKind, str]]:
    """Yield the kind and the id of everything that has a name."""
    if wanted in result.grid.index:
        yield "cell", wanted
    if result.districts is not None:
        for key, name in result.districts["name"].items():
            if wanted in (str(key), str(name)):
                yield "district", str(key)


def _accepted(result: Result, wanted: str) -> str:
    """Return names near one that is not there: of districts, then of cells."""
    districts: list[str] = []
    if result.districts is not None:
        districts = [str(each) for each in (*result.districts.index, *result.districts["name"])]
    # Cells are sorted, and those next to each other on the ground have ids that begin alike.
    cells = [str(each) for each in result.grid.index]
    at = bisect.bisect_left(cells, wanted)
    close = cells[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]
    return ", ".join(part for part in (near(wanted, districts), ", ".join(close)) if part)
