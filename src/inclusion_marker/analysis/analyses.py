"""What every output says beside the marker: how sure it is, where it clusters, what is missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from inclusion_marker.analysis.equity import Equity, equity
from inclusion_marker.analysis.explain import Explanation, explain
from inclusion_marker.analysis.explaining.reasons import main_shortfall
from inclusion_marker.analysis.hotspots import Hotspots, hotspots
from inclusion_marker.analysis.robustness import Robustness, robustness
from inclusion_marker.result import Result

DRAWS = 512
"""How many times a marker is drawn: a power of two, as Sobol' sequences are balanced at."""

SEED = 7

_DRAWN = {
    "low": "marker_low",
    "high": "marker_high",
    "class_probability": "class_probability",
    "confidence": "confidence",
    "reason": "confidence_reason",
}
_WORDS = ("confidence", "reason")


@dataclass(frozen=True, eq=False)
class Analyses:
    """The analyses that go into every output of a marker, all from the same draws.

    Attributes
    ----------
    robustness
        Interval and confidence of each cell, district and the city; ``None`` where nothing can be
        drawn: under a rule that standardises over the cells.
    hotspots
        Clusters of high and of low inclusion, and how many of the draws they survive.
    equity
        Inequality, and the gaps between groups.
    explanation
        What the city lacks of 100, node by node.
    shortfall
        By cell: the indicator that holds most of what is missing from 100, and how many points:
        :func:`~inclusion_marker.analysis.explaining.reasons.main_shortfall`.
    """

    robustness: Robustness | None
    hotspots: Hotspots
    equity: Equity
    explanation: Explanation
    shortfall: pd.DataFrame

    def cells(self) -> pd.DataFrame:
        """Return what the outputs say of each cell.

        Returns
        -------
        table
            By cell: ``marker_low``, ``marker_high``, ``class_probability``, ``confidence``,
            ``confidence_reason``, ``hotspot``, ``hotspot_stable``, ``shortfall_main``,
            ``shortfall_points``.
        """
        clusters = self.hotspots.cells
        if self.robustness is None:
            sure = pd.DataFrame(index=clusters.index, columns=list(_DRAWN), dtype=np.float64)
            sure = sure.astype(dict.fromkeys(_WORDS, object))
        else:
            sure = self.robustness.cells[list(_DRAWN)]
        return pd.DataFrame(
            {
                **{name: sure[column] for column, name in _DRAWN.items()},
                "hotspot": clusters["hotspot"],
                "hotspot_stable": clusters["stable"],
                "shortfall_main": self.shortfall["indicator"],
                "shortfall_points": self.shortfall["indicator_points"],
            }
        )


def analyse(result: Result, *, draws: int = DRAWS, seed: int = SEED) -> Analyses:
    """Return the analyses that go into every output of a marker.

    Parameters
    ----------
    result
        What was computed.
    draws
        How many times the marker is drawn.
    seed
        The same seed gives the same analyses.
    """
    method = result.method
    rules = [method.rule_of(node) for node in ("marker", *method.nodes())]
    drawable = all(rule.comparable for rule in rules)
    sure = robustness(result, draws=draws, seed=seed) if drawable else None
    return Analyses(
        robustness=sure,
        hotspots=hotspots(result, robustness=sure),
        equity=equity(result, robustness=sure),
        explanation=explain(result),
        shortfall=main_shortfall(result),
    )
