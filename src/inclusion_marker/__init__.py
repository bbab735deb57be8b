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
    from inclusion_marker.accessibility.competition import catchment as catchment
    from inclusion_marker.accessibility.isochrones import isochrones as isochrones
    from inclusion_marker.accessibility.isochrones import reached_edges as reached_edges
    from inclusion_marker.accessibility.measures import cost_to_closest as cost_to_closest
    from inclusion_marker.accessibility.measures import cumulative as cumulative
    from inclusion_marker.accessibility.measures import gravity as gravity
    from inclusion_marker.accessibility.measures import k_closest as k_closest
    from inclusion_marker.accessibility.measures import reach as reach
    from inclusion_marker.accessibility.network import Network as Network
    from inclusion_marker.accessibility.network import load_network as load_network
    from inclusion_marker.accessibility.network import prepare_network as prepare_network
    from inclusion_marker.accessibility.shares import cumulative_interval as cumulative_interval
    from inclusion_marker.accessibility.shares import passive as passive
    from inclusion_marker.accessibility.shares import share_within as share_within
    from inclusion_marker.accessibility.shares import time_to_n as time_to_n
    from inclusion_marker.accessibility.snapping import place_opportunities as place_opportunities
    from inclusion_marker.accessibility.snapping import place_origins as place_origins
    from inclusion_marker.analysis.drawing.draws import Choices as Choices
    from inclusion_marker.analysis.drawing.errors import Errors as Errors
    from inclusion_marker.city import City as City
    from inclusion_marker.city import find_cities as find_cities
    from inclusion_marker.city import load_city as load_city
    from inclusion_marker.composite.scoring import score as score
    from inclusion_marker.errors import InclusionMarkerError as InclusionMarkerError
    from inclusion_marker.loaders.streets import load_streets as load_streets
    from inclusion_marker.marker import Marker as Marker
    from inclusion_marker.marker import compute as compute
    from inclusion_marker.method import Method as Method
    from inclusion_marker.method import effective_weights as effective_weights
    from inclusion_marker.method import load_method as load_method
    from inclusion_marker.outputs.figures import save_figure as save_figure
    from inclusion_marker.profiles import load_profile as load_profile
    from inclusion_marker.several import compare as compare
    from inclusion_marker.several import resolutions as resolutions

_HOMES = {
    "Choices": "analysis.drawing.draws",
    "City": "city",
    "Errors": "analysis.drawing.errors",
    "InclusionMarkerError": "errors",
    "Marker": "marker",
    "Method": "method",
    "Network": "accessibility.network",
    "catchment": "accessibility.competition",
    "compare": "several",
    "compute": "marker",
    "cost_to_closest": "accessibility.measures",
    "cumulative": "accessibility.measures",
    "cumulative_interval": "accessibility.shares",
    "effective_weights": "method",
    "find_cities": "city",
    "gravity": "accessibility.measures",
    "isochrones": "accessibility.isochrones",
    "k_closest": "accessibility.measures",
    "load_city": "city",
    "load_method": "method",
    "load_network": "accessibility.network",
    "load_profile": "profiles",
    "load_streets": "loaders.streets",
    "passive": "accessibility.shares",
    "place_opportunities": "accessibility.snapping",
    "place_origins": "accessibility.snapping",
    "prepare_network": "accessibility.network",
    "reach": "accessibility.measures",
    "reached_edges": "accessibility.isochrones",
    "resolutions": "several",
    "save_figure": "outputs.figures",
    "score": "composite.scoring",
    "share_within": "accessibility.shares",
    "time_to_n": "accessibility.shares",
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
