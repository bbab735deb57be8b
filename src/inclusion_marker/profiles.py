"""How people move on streets: what is open to them, which way round, and how fast."""

import re
import tomllib
from collections.abc import Collection, Mapping
from importlib.resources import files
from typing import Annotated, Any, Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field, ValidationError, field_validator, model_validator

from inclusion_marker.cards import notices_of
from inclusion_marker.errors import ParameterError
from inclusion_marker.formulas import Card, Share, Status, refused
from inclusion_marker.notices import Notice, near
from inclusion_marker.texts import Text

PROFILES = ("walk", "bike", "drive")
ONEWAY_TAGS = ("oneway", "oneway:foot", "oneway:bicycle")

Floats = npt.NDArray[np.float64]
_Flags = npt.NDArray[np.bool_]
# Faster than any street: 45 written as 4500 is a slip of the hand.
_FASTEST_KMH = 200.0
Speed = Annotated[float, Field(gt=0, le=_FASTEST_KMH, strict=True)]
Word = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_:.\-]*$")]
Words = tuple[Word, ...]

# The direction that a word opens alone; 0 is both. A lane that changes its direction during the
# day serves both.
_ONEWAY: Mapping[str, float] = {
    **dict.fromkeys(("yes", "true", "1"), 1.0),
    **dict.fromkeys(("-1", "reverse"), -1.0),
    **dict.fromkeys(("no", "false", "0", "reversible", "alternating"), 0.0),
}
_MAXSPEED = re.compile(r"(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph)?")
_KM_A_MILE = 1.609344


class Profile(Card):
    """A way of moving: which ways are open to it, in which directions, and its speeds.

    Values of tags are those of OpenStreetMap; of several in one tag (``a;b``) the first counts.
    A tag that a layer of streets does not have says nothing: without ``highway`` every way is
    open at ``speed_kmh``.

    Attributes
    ----------
    speed_kmh
        Speed on level ground where nothing else is said.
    speeds_kmh
        Speed by value of ``highway``.
    maxspeed_share
        Share of ``maxspeed`` that is driven, in place of the speed by ``highway``; ``None`` where
        that tag is not read.
    steps_factor, surface_factors
        What the speed is multiplied by on stairs, and by value of ``surface``.
    slope
        What slope does to the speed: Tobler's function, the method's factor, or nothing.
    access_speed_kmh, access_limit_m
        Speed between a place and the street, by default ``speed_kmh``, and how far a street may
        be from a place that it serves.
    closed, barred
        Values of ``highway`` that are closed unless the profile's own tag of access opens them;
        and those that nothing opens.
    access_tags, closing, opening
        Tags of access from the general to the profile's own, and what their values say; the last
        tag that says something decides.
    oneway_tags
        Tags of direction from the general to the profile's own.
    oneway_highways, oneway_junctions
        Values of ``highway`` and ``junction`` that are one-way where no tag says otherwise.
    contraflow
        Values by tag that open a one-way street against the others.
    status, source
        How well founded the table is, and where its figures come from.

    References
    ----------
    Tobler, W. (1993). Three presentations on geographical analysis and modeling. *NCGIA Technical
    Report 93-1*.

    Examples
    --------
    >>> load_profile("walk").slope
    'tobler'
    """

    id: str
    name: Text
    speed_kmh: Speed
    speeds_kmh: dict[Word, Speed] = Field(default_factory=dict)
    maxspeed_share: Share | None = None
    steps_factor: Share = 1.0
    surface_factors: dict[Word, Share] = Field(default_factory=dict)
    slope: Literal["tobler", "factor", "none"]
    access_speed_kmh: Speed
    access_limit_m: Annotated[float, Field(gt=0, strict=True)]
    closed: Words = ()
    barred: Words = ()
    access_tags: Words
    closing: Words = ()
    opening: Words = ()
    oneway_tags: Words = ()
    oneway_highways: Words = ()
    oneway_junctions: Words = ()
    contraflow: dict[Word, Words] = Field(default_factory=dict)
    status: Status
    source: Annotated[str, Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _same_off_the_street(cls, tree: dict[str, Any]) -> dict[str, Any]:
        """Take the speed on the street for that off it where none is given."""
        speed = tree.get("speed_kmh")
        # One that is no speed is refused where it stands, and not here as well.
        sound = isinstance(speed, int | float) and 0 < speed <= _FASTEST_KMH
        return {"access_speed_kmh": speed if sound else _FASTEST_KMH, **tree}

    @field_validator("access_tags")
    @classmethod
    def _own_tag(cls, value: Words) -> Words:
        """Check that there is a tag of the profile's own."""
        if not value:
            raise refused("fault_too_short", min_length=1, actual_length=0)
        return value

    @model_validator(mode="after")
    def _one_meaning(self) -> Self:
        """Check that no value of access both opens and closes."""
        both = sorted(set(self.closing) & set(self.opening))
        if both:
            raise refused("fault_open_and_closed", found=", ".join(both))
        return self

    def speeds_kmh_of(self, edges: pd.DataFrame) -> tuple[Floats, Floats]:
        """Return the speed of each edge on level ground, forward and backward.

        Parameters
        ----------
        edges
            One row an edge, tags as columns of text, missing as ``None`` or NaN; those that are
            absent say nothing.

        Returns
        -------
        forward, backward
            Shape ``(n,)``, km/h in the drawing direction of the edge and against it; 0 where the
            edge is closed in that direction.

        Examples
        --------
        >>> edges = pd.DataFrame({"highway": ["residential", "steps"], "oneway": ["yes", None]})
        >>> forward, backward = load_profile("drive").speeds_kmh_of(edges)
        >>> forward.tolist(), backward.tolist()
        ([25.0, 0.0], [0.0, 0.0])
        """
        speed = np.where(self._is_open(edges), self._speed_kmh(edges), 0.0)
        direction = self._direction(edges)
        return np.where(direction >= 0, speed, 0.0), np.where(direction <= 0, speed, 0.0)

    def _speed_kmh(self, edges: pd.DataFrame) -> Floats:
        """Return the speed of each edge if it is open."""
        speed = _looked_up(edges, "highway", self.speeds_kmh)
        if self.maxspeed_share is not None and "maxspeed" in edges:
            codes, words = pd.factorize(edges["maxspeed"])
            limits = np.array([*map(_limit_kmh, words), np.nan])[codes] * self.maxspeed_share
            speed = np.where(np.isnan(limits), speed, limits)
        speed = np.where(np.isnan(speed), self.speed_kmh, speed)
        surface = _looked_up(edges, "surface", self.surface_factors, other=1.0)
        steps = _looked_up(edges, "highway", {"steps": self.steps_factor}, other=1.0)
        return speed * surface * steps

    def _is_open(self, edges: pd.DataFrame) -> _Flags:
        """Return which edges this profile may use."""
        says = dict.fromkeys(self.closing, 0.0) | dict.fromkeys(self.opening, 1.0)
        allowed = np.ones(len(edges))
        own = allowed
        for tag in self.access_tags:
            own = _looked_up(edges, tag, says)
            allowed = np.where(np.isnan(own), allowed, own)
        closed = _is_one_of(edges, "highway", self.closed) & (own != 1)
        open_: _Flags = (allowed == 1) & ~closed & ~_is_one_of(edges, "highway", self.barred)
        return open_

    def _direction(self, edges: pd.DataFrame) -> Floats:
        """Return 1 where an edge is open forward only, -1 backward only, 0 in both directions."""
        implied = _is_one_of(edges, "highway", self.oneway_highways)
        implied |= _is_one_of(edges, "junction", self.oneway_junctions)
        direction = implied.astype(np.float64)
        for tag in self.oneway_tags:
            # A word that is none of the known ones opens both: streets.py says which it met.
            said = _looked_up(edges, tag, _ONEWAY, other=0.0)
            present = edges[tag].notna().to_numpy() if tag in edges else np.False_
            direction = np.where(present, said, direction)
        for tag, words in self.contraflow.items():
            direction = np.where(_is_one_of(edges, tag, words), 0.0, direction)
        return direction


def load_profile(name: str, changes: Mapping[str, Any] | None = None) -> Profile:
    """Return a profile that ships, with some of its values changed.

    Parameters
    ----------
    name
        ``"walk"``, ``"bike"`` or ``"drive"``.
    changes
        Values in place of the profile's own, such as a city's; tables merge, so one speed of
        ``speeds_kmh`` can change alone.

    Raises
    ------
    ParameterError
        If there is no such profile, or with every key or value that it cannot hold.

    Examples
    --------
    >>> slow = load_profile("walk", {"speed_kmh": 4.5})
    >>> slow.speed_kmh, slow.access_speed_kmh
    (4.5, 4.5)
    """
    if name not in PROFILES:
        values = {"found": name, "accepted": near(name, PROFILES)}
        raise ParameterError(Notice("name_unknown", item="profile", values=values))
    source = files("inclusion_marker.methods") / "profiles" / f"{name}.toml"
    tree: dict[str, Any] = tomllib.loads(source.read_text(encoding="utf-8"))
    for key, value in _table(changes, name).items():
        tables = isinstance(value, Mapping) and isinstance(tree.get(key), dict)
        tree[key] = {**tree[key], **value} if tables else value
    if tree["id"] != name:
        # Another id would be another profile, and nothing could find it.
        raise ParameterError(Notice("key_unknown", item=f"{name}.id", values={"found": "id"}))
    try:
        return Profile.model_validate(tree)
    except ValidationError as fault:
        raise ParameterError(*notices_of(fault, f"{name}.toml")) from fault


def _table(changes: object, name: str) -> Mapping[str, Any]:
    """Return changes as a table; refuse anything else."""
    if changes is None:
        return {}
    if not isinstance(changes, Mapping):
        values = {"found": changes, "expected": "{ speed_kmh = 4.5 }"}
        raise ParameterError(Notice("parameter_type", item=name, values=values))
    return changes


def unknown_directions(edges: pd.DataFrame) -> dict[str, int]:
    """Return the values of the tags of direction that mean nothing, and how many edges have each.

    Such an edge is open in both directions.

    Parameters
    ----------
    edges
        One row an edge, tags as columns of text, missing as ``None`` or NaN.

    Examples
    --------
    >>> unknown_directions(pd.DataFrame({"oneway": ["yes", "si", None, "si"]}))
    {'si': 2}
    """
    found: dict[str, int] = {}
    for tag in ONEWAY_TAGS:
        values = edges[tag] if tag in edges else pd.Series(dtype=object)
        for value, count in values.value_counts().items():
            if _first(value) not in _ONEWAY:
                found[str(value)] = found.get(str(value), 0) + int(count)
    return found


def _first(value: object) -> str:
    """Return the first of the values of a tag, as the tables write it."""
    return str(value).split(";")[0].strip().lower()


def _looked_up(
    edges: pd.DataFrame, tag: str, table: Mapping[str, float], *, other: float = np.nan
) -> Floats:
    """Return what a table says of a tag's value; ``other`` where it is missing or not named."""
    if tag not in edges:
        return np.full(len(edges), other)
    codes, words = pd.factorize(edges[tag])
    # Missing is code -1: the last.
    found: Floats = np.array([*(table.get(_first(word), other) for word in words), other])
    return found[codes]


def _is_one_of(edges: pd.DataFrame, tag: str, words: Collection[str]) -> _Flags:
    """Return which edges have one of ``words`` in a tag."""
    found: _Flags = _looked_up(edges, tag, dict.fromkeys(words, 1.0), other=0.0) == 1
    return found


def _limit_kmh(value: object) -> float:
    """Return a speed limit in km/h; NaN if it is none (``CO:urban``, ``signals``, ``none``)."""
    found = _MAXSPEED.fullmatch(_first(value))
    if found is None:
        return np.nan
    limit = float(found[1]) * (_KM_A_MILE if found[2] == "mph" else 1.0)
    return limit if 0 < limit <= _FASTEST_KMH else np.nan
