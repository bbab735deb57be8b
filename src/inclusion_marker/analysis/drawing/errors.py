"""What is assumed of the data where a city does not say how far they may be off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inclusion_marker.city import LayerErrors


@dataclass(frozen=True)
class Errors:
    """How far the data may be off, where neither the city file nor ``layers`` says more.

    Attributes
    ----------
    counts
        Whether counts and measured values err at all.
    design_effect
        By how much the variance of a sampled table exceeds that of a simple random sample; 1.5 is
        in the range that household surveys report (Kish 1965).
    sampled
        Share of the units that a table asks; 1 is a full count.
    omitted
        Share of the people that a full count misses, who differ from those counted by one standard
        deviation between people; 0.02 is common for the net omission of a census.
    cv_percent
        Standard error, in percent of the value, of what is no count of zones: stations, rasters,
        land use, mapped areas, values for the whole city. Our choice.
    interpolation
        Spread of a value inside a zone, as a share of its spread between cells; 0 for none. Our
        choice; a hold-out test with finer zones can replace it.
    speeds_kmh
        Walking speed of the slow, the usual and the fast: 3.6 to 5.4 km/h, 1.0 to 1.5 m/s, around
        the 5 km/h of the methods that ship. ``None`` for none.
    facilities
        Whether facilities may be missing at all.
    closed
        Share of the listed facilities that are not there. Our choice.
    listed
        Share of the facilities there are that are listed. Our choice.
    layers
        By layer id: what is known of one layer, over what the city file says of it.

    Examples
    --------
    >>> Errors(sampled=0.1).design_effect
    1.5
    """

    counts: bool = True
    design_effect: float = 1.5
    sampled: float = 1.0
    omitted: float = 0.02
    cv_percent: float = 5.0
    interpolation: float = 0.5
    speeds_kmh: tuple[float, float, float] | None = (3.6, 5.0, 5.4)
    facilities: bool = True
    closed: float = 0.05
    listed: float = 0.95
    layers: Mapping[str, LayerErrors] = field(default_factory=dict)


NO_ERRORS = Errors(counts=False, interpolation=0.0, speeds_kmh=None, facilities=False)
"""The data as they are."""
