"""The frozen record that the rooms pass on: what was computed, from what, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from inclusion_marker.city import City
from inclusion_marker.composite.nearest import Nearest
from inclusion_marker.composite.scoring import Scores
from inclusion_marker.composite.totals import city_means, weighted_mean
from inclusion_marker.loaders.areal import Shares
from inclusion_marker.loaders.grid import Grid
from inclusion_marker.method import Method
from inclusion_marker.notices import Notice


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """Everything that a computation found; every table is labelled by cell.

    Attributes
    ----------
    city, method
        The two files it was computed from.
    grid
        The cells.
    boundary
        Outline of the city, in the grid's CRS.
    layers
        The layers that were read, under the method's column names, by layer id.
    raw
        Cells by indicator id, in the indicators' units; missing values as NaN.
    origins
        Cells by indicator id: ``unit``, ``inherited``, ``city``, ``proxy`` or ``missing``.
    scores
        Scores at every level, with their coverage.
    context
        Cells by context id (``people``, ``people_venezuelan`` …): counts, shown beside.
    terrain
        Cells by ``slope_percent``, ``slope_class``, ``slope_factor``; missing without elevation.
    closest
        Cells by indicator id: the row label of the closest opportunity in its layer.
    nearest
        By id of an indicator of distance or time: the few closest opportunities of each cell.
    if_slower
        Cells by id of an indicator of travel: change of the raw value, in its unit, when every
        journey takes 1 % longer.
    shares
        By layer of zones: how much of each zone lies in each cell.
    districts
        One row a district, index ``district``: ``name``, ``people``, the population-weighted
        scores under the outputs' names (``marker``, ``area_…``, ``dim_…``, ``ind_…``), and its
        polygon; ``None`` when the city has none.
    provenance
        What goes into the manifest: versions, inputs with their hashes, parameters, conservation.
    notices
        What was noticed about the inputs and did not stop the computation.
    """

    city: City
    method: Method
    grid: Grid
    boundary: gpd.GeoSeries
    layers: Mapping[str, gpd.GeoDataFrame]
    raw: pd.DataFrame
    origins: pd.DataFrame
    scores: Scores
    context: pd.DataFrame
    terrain: pd.DataFrame
    closest: pd.DataFrame
    nearest: Mapping[str, Nearest]
    if_slower: pd.DataFrame
    shares: Mapping[str, Shares]
    districts: gpd.GeoDataFrame | None
    provenance: Mapping[str, Any]
    notices: tuple[Notice, ...]

    def __repr__(self) -> str:
        """Return one line that says which result it is."""
        marker = float(self.means()["people_weighted"]["marker"])
        name, cells = type(self).__name__, len(self.grid.index)
        return f"<{name} {self.city.id!r} by {self.method.id}: {cells} cells, marker {marker:.1f}>"

    @property
    def people(self) -> pd.Series[float]:
        """Return the people of each cell."""
        return self.context["people"]

    def table(self) -> pd.DataFrame:
        """Return the scores of all levels under the names of the outputs: see :class:`Scores`."""
        return self.scores.table()

    def observed(self) -> float:
        """Return the share of the marker's weight that is observed, 0-1, the mean over people."""
        return float(weighted_mean(self.scores.coverage[["marker"]], self.people)["marker"])

    def means(self) -> pd.DataFrame:
        """Return the figures of the city: each score weighted by people, the plain mean beside.

        Returns
        -------
        means
            By the names of the outputs: ``people_weighted``, ``plain``, ``people_scored``.
        """
        return city_means(self.table(), self.people)
