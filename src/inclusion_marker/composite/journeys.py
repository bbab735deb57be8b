"""Journeys on the streets of a city: each network prepared once, all its times in one pass."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from inclusion_marker.accessibility.cache import default_cache
from inclusion_marker.accessibility.competition import catchment
from inclusion_marker.accessibility.decays import Stepped
from inclusion_marker.accessibility.measures import cost_to_closest, k_closest
from inclusion_marker.accessibility.network import Network, prepare_network
from inclusion_marker.accessibility.snapping import Spots, place_opportunities, place_origins
from inclusion_marker.city import City
from inclusion_marker.composite.nearest import KEPT, Nearest, nearest_on_streets
from inclusion_marker.formulas import Catchment, Travel, TravelTime
from inclusion_marker.loaders.grid import Grid
from inclusion_marker.loaders.layers import Layers, measured
from inclusion_marker.method import Method
from inclusion_marker.notices import Notice
from inclusion_marker.profiles import load_profile

_POLYGON = 2
_STEP = 0.1


class Way(NamedTuple):
    """Over which streets one travels, by which profile, on which ground."""

    streets: str
    profile: str
    elevation: str | None


def way_of(formula: Travel) -> Way:
    """Return the way that a formula travels.

    Examples
    --------
    >>> way_of(TravelTime(formula="travel_time", layer="health"))
    Way(streets='streets', profile='walk', elevation=None)
    """
    return Way(formula.streets, formula.profile, formula.elevation)


@dataclass(frozen=True, eq=False)
class Prepared:
    """A network, where on it the people of the cells live, and where each layer is reached."""

    network: Network
    cells: Spots
    layers: dict[str, Spots] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Journeys:
    """What is reached over the streets from the cells of a city.

    Attributes
    ----------
    city, method
        The two files.
    grid
        The cells.
    layers
        What was read, checked.
    people
        By cell.
    prepared
        By way: the networks that something was asked of.
    times
        By way: minutes to the closest of each layer, and its row label.
    ranked
        By way: the same for the few closest of each layer.
    """

    city: City
    method: Method
    grid: Grid
    layers: Layers
    people: pd.Series[float]
    prepared: dict[Way, Prepared] = field(default_factory=dict)
    times: dict[Way, pd.DataFrame] = field(default_factory=dict)
    ranked: dict[Way, pd.DataFrame] = field(default_factory=dict)

    def to_closest(self, formula: TravelTime) -> tuple[pd.Series[float], pd.Series[Any]]:
        """Return the minutes from each cell to the closest of a layer, and its row label.

        Parameters
        ----------
        formula
            Layer and way; all layers that the method measures on that way are timed together.

        Returns
        -------
        minutes, closest
            By cell; missing where no street leads.
        """
        way = way_of(formula)
        if way not in self.times or f"{formula.layer}_min" not in self.times[way]:
            ready = self._ready(way)
            layers = dict.fromkeys([*self._layers_on(way), formula.layer])
            towards = {layer: self._places(way, layer) for layer in layers}
            self.times[way] = cost_to_closest(ready.network, ready.cells, towards)
        found = self.times[way]
        return found[f"{formula.layer}_min"], found[f"{formula.layer}_id"]

    def nearest(self, formula: TravelTime) -> Nearest:
        """Return the few closest opportunities of a layer from each cell, in minutes.

        Parameters
        ----------
        formula
            Layer and way; all layers that the method measures on that way are sought together.
        """
        way = way_of(formula)
        if way not in self.ranked or f"{formula.layer}_1_min" not in self.ranked[way]:
            ready = self._ready(way)
            layers = dict.fromkeys([*self._layers_on(way), formula.layer])
            towards = {layer: self._places(way, layer) for layer in layers}
            self.ranked[way] = k_closest(ready.network, ready.cells, towards, KEPT)
        labels = self.layers.tables[formula.layer].index
        return nearest_on_streets(formula.layer, self.ranked[way], labels)

    def if_slower(self, formula: TravelTime | Catchment) -> pd.Series[float]:
        """Return the change of a value, in its unit, when every journey takes 1 % longer.

        A time grows by a hundredth of itself. What is within reach has no such rule: its change
        is the slope between journeys a tenth shorter and a tenth longer, which is the same as
        limits a tenth wider and narrower.
        """
        if isinstance(formula, TravelTime):
            return self.to_closest(formula)[0] / 100.0
        short, long = (
            self.within_reach(
                formula.model_copy(
                    update={"limits_min": tuple(limit / times for limit in formula.limits_min)}
                )
            )
            for times in (1 - _STEP, 1 + _STEP)
        )
        return (long - short) / (200 * _STEP)

    def within_reach(self, formula: Catchment) -> pd.Series[float]:
        """Return the capacity within reach of each cell, for each ``per`` people.

        An opportunity without a known capacity has none to share out.

        Parameters
        ----------
        formula
            Layer, capacity, limits and weights.

        Returns
        -------
        access
            By cell; 0 where nothing is within the limits, missing where no street is near.

        References
        ----------
        Luo, W. and Qi, Y. (2009). An enhanced two-step floating catchment area (E2SFCA) method for
        measuring spatial accessibility to primary care physicians. *Health & Place*, 15(4),
        1100-1107.
        """
        way = way_of(formula)
        ready = self._ready(way)
        self._places(way, formula.layer)  # for what is noticed of them
        found = catchment(
            ready.network,
            ready.cells,
            {formula.layer: self.layers.tables[formula.layer]},
            people=self.people,
            decay=Stepped(formula.limits_min, formula.weights),
            capacity=formula.capacity,
            per=formula.per,
        )
        return found[f"{formula.layer}_access"]

    def notices(self) -> tuple[Notice, ...]:
        """Return what was noticed about the networks, and about what was placed on them.

        What was noticed when the streets were read is among the layers' own.
        """
        found: list[Notice] = []
        for way, each in self.prepared.items():
            known = self.layers.streets[way.streets].notices
            found += [notice for notice in each.network.notices if notice not in known]
            for spots in (each.cells, *each.layers.values()):
                found += spots.notices
        return tuple(found)

    def account(self) -> list[dict[str, object]]:
        """Return how one travels, for the manifest: a row for each network that was used."""
        return [
            {
                "streets": way.streets,
                "elevation": way.elevation if way.elevation in self.layers.rasters else None,
                "edges": len(each.network.tail),
                "nodes": len(each.network.nodes),
                **each.network.profile.model_dump(mode="json", exclude={"name", "source"}),
            }
            for way, each in self.prepared.items()
        ]

    def _layers_on(self, way: Way) -> list[str]:
        """Return the layers that the method measures times to on a way."""
        formulas = [card.compute for card in measured(self.city, self.method).values()]
        timed = [each for each in formulas if isinstance(each, TravelTime)]
        return [each.layer for each in timed if way_of(each) == way]

    def _ready(self, way: Way) -> Prepared:
        """Return the network of a way, and where the people of the cells are on it."""
        if way not in self.prepared:
            network = prepare_network(
                self.layers.streets[way.streets],
                load_profile(way.profile, self.city.travel.get(way.profile)),
                elevation=self.layers.rasters.get(way.elevation or ""),
                slope=self.method.slope,
                cache=default_cache(),
            )
            self.prepared[way] = Prepared(network, self._homes(network))
        return self.prepared[way]

    def _homes(self, network: Network) -> Spots:
        """Return where the people of the cells live on a network.

        What is noticed is of cells where somebody lives: hills without a street are no news.
        """
        cells, blocks = self.grid.cells.geometry, self._blocks()
        spots = place_origins(network, cells, people=blocks, name="cells")
        lived_in = self.people.to_numpy() > 0
        alone = lived_in.copy()
        alone[spots.owner] = False
        if any(each.code != "snap_too_far" for each in spots.notices) or alone.any():
            again = place_origins(network, cells[lived_in], people=blocks, name="cells")
            return replace(spots, notices=again.notices)
        return replace(spots, notices=())

    def _places(self, way: Way, layer: str) -> Spots:
        """Return where on a network the opportunities of a layer are reached."""
        ready = self._ready(way)
        if layer not in ready.layers:
            shapes = self.layers.tables[layer].geometry
            ready.layers[layer] = place_opportunities(ready.network, shapes, name=layer)
        return ready.layers[layer]

    def _blocks(self) -> gpd.GeoDataFrame | None:
        """Return the zones that are small enough to say where in a cell its people live."""
        counted = self.method.people
        zones = self.layers.tables[counted.layer]
        shapes = zones.geometry.to_numpy()
        most_m2 = np.median(shapely.area(self.grid.cells.geometry.to_numpy())) / 2
        fine = (shapely.get_dimensions(shapes) == _POLYGON) & (shapely.area(shapes) <= most_m2)
        if not fine.any():
            return None
        people = zones.loc[fine, [counted.column]].set_axis(["people"], axis=1)
        return gpd.GeoDataFrame(people, geometry=zones.geometry[fine])
