"""A result, and what the errors of its data are derived from, each thing once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from inclusion_marker.analysis.drawing.data_error import Known, known_of
from inclusion_marker.analysis.drawing.draws import Floats
from inclusion_marker.analysis.drawing.errors import Errors
from inclusion_marker.analysis.where import people_of
from inclusion_marker.composite.scales import Curve
from inclusion_marker.formulas import Formula
from inclusion_marker.result import Result


@dataclass(frozen=True, eq=False)
class Basis:
    """A result and what is derived from it once."""

    result: Result
    errors: Errors
    curves: Mapping[str, Curve]
    seed: int

    @cached_property
    def raw(self) -> dict[str, Floats]:
        """Return the raw values of each indicator, all missing where the table lacks it."""
        table, missing = self.result.raw, np.full(len(self.result.raw), np.nan)
        found = dict(zip(table.columns, table.to_numpy(np.float64).T, strict=True))
        return {key: found.get(key, missing) for key in self.result.method.indicators}

    @cached_property
    def people(self) -> Floats:
        """Return the people of each cell."""
        return people_of(self.result)

    @cached_property
    def by_layer(self) -> dict[str, list[str]]:
        """Return the indicators that were measured, by the layer that they read."""
        found: dict[str, list[str]] = {}
        for key, card in self.result.method.indicators.items():
            if key not in self.result.city.values and not np.isnan(self.raw[key]).all():
                found.setdefault(card.compute.layer, []).append(key)
        return dict(sorted(found.items()))

    @cached_property
    def centres(self) -> Floats:
        """Return the centres of the cells, metres."""
        return self.result.grid.centroids

    @cached_property
    def width_m(self) -> Floats:
        """Return how wide each cell is, as a square of its area."""
        return np.asarray(np.sqrt(self.result.grid.area_ha * 1e4), np.float64)

    def formula(self, key: str) -> Formula:
        """Return the formula of an indicator."""
        return self.result.method.indicators[key].compute

    def known(self, layer: str) -> Known:
        """Return what is known of the errors of a layer."""
        return known_of(layer, self.errors, self.result.city.errors)
