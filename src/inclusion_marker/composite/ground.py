"""What every formula reads: the cells, the layers, and what is derived from both once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from inclusion_marker.cards import Indicator
from inclusion_marker.city import City
from inclusion_marker.composite.journeys import Journeys
from inclusion_marker.formulas import needs
from inclusion_marker.loaders import areal, terrain
from inclusion_marker.loaders.areal import Shares
from inclusion_marker.loaders.grid import Grid
from inclusion_marker.loaders.layers import Layers
from inclusion_marker.method import Method


@dataclass(frozen=True)
class Ground:
    """What every formula reads: the cells, the layers, and what is derived from both once."""

    city: City
    method: Method
    grid: Grid
    layers: Layers
    moved: dict[str, Shares] = field(default_factory=dict)

    def shares(self, layer: str) -> Shares:
        """Return the shares of a layer's zones, each computed once."""
        if layer not in self.moved:
            self.moved[layer] = self._shares(layer)
        return self.moved[layer]

    def _shares(self, layer: str) -> Shares:
        """Return the shares of a layer's zones in the cells, spread by people where it can be."""
        cells, zones = self.grid.cells.geometry, self.layers.tables[layer].geometry
        if layer == self.method.people.layer:
            for spread in self.method.people.spread_by:
                if spread in self.layers.rasters:
                    return areal.by_population(cells, zones, self.layers.rasters[spread])
                if spread in self.layers.tables:
                    buildings = self.layers.tables[spread].geometry
                    return areal.by_buildings(cells, zones, buildings)
        return areal.by_area(cells, zones)

    def counts(self, layer: str, *columns: str) -> list[pd.Series[float]]:
        """Return extensive columns moved to the cells; a zone that lacks one gives none of them."""
        table = self.layers.tables[layer][list(columns)]
        whole = table.where(table.notna().all(axis=1))
        return [self.shares(layer).move(whole[column]) for column in columns]

    @cached_property
    def people(self) -> pd.Series[float]:
        """Return the people of each cell."""
        counted = self.method.people
        return self.counts(counted.layer, counted.column)[0]

    @cached_property
    def journeys(self) -> Journeys:
        """Return what is reached over the streets, each network prepared when it is asked for."""
        return Journeys(self.city, self.method, self.grid, self.layers, self.people)

    def has(self, card: Indicator) -> bool:
        """Return whether the columns that an indicator reads are there; a raster has none."""
        table = self.layers.tables.get(card.compute.layer)
        return table is None or all(column in table.columns for column, _ in needs(card.compute))

    @cached_property
    def terrain(self) -> pd.DataFrame:
        """Return the mean slope of each cell, its class and the factor of the method."""
        slope = self.method.slope
        raster = self.layers.rasters.get(slope.layer)
        missing = pd.Series(np.nan, index=self.grid.index)
        percent = (
            missing
            if raster is None
            else terrain.mean_slope_percent(self.grid.cells.geometry, raster)
        )
        classes = terrain.slope_class(percent, slope.limits_percent)
        factors = classes.map(dict(enumerate(slope.factors, start=1))).astype(np.float64)
        return pd.DataFrame(
            {"slope_percent": percent, "slope_class": classes, "slope_factor": factors},
            index=self.grid.index,
        )
