"""The Urban Inclusion Marker: a georeferenced composite index, 0-100 for each cell of a city.

Importing the package does nothing; each public name loads what it needs when first used.

Examples
--------
>>> import inclusion_marker as im
>>> im.load_method("uim-v1").name.en
'Urban Inclusion Marker, version 1'
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inclusion_marker.city import City as City
    from inclusion_marker.city import find_cities as find_cities
    from inclusion_marker.city import load_city as load_city
    from inclusion_marker.composite.scoring import score as score
    from inclusion_marker.errors import InclusionMarkerError as InclusionMarkerError
    from inclusion_marker.marker import Marker as Marker
    from inclusion_marker.marker import compute as compute
    from inclusion_marker.method import Method as Method
    from inclusion_marker.method import effective_weights as effective_weights
    from inclusion_marker.method import load_method as load_method

_HOMES = {
    "City": "city",
    "InclusionMarkerError": "errors",
    "Marker": "marker",
    "Method": "method",
    "compute": "marker",
    "effective_weights": "method",
    "find_cities": "city",
    "load_city": "city",
    "load_method": "method",
    "score": "composite.scoring",
}

__all__ = [  # noqa: PLE0604 - the names live in the table above
    *sorted(_HOMES),
]


def __getattr__(name: str) -> object:
    """Return a public name, importing its module on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(_HOMES)
