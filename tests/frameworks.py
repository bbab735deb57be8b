"""Small methods for tests, made as a method file makes them: through tables and the loader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inclusion_marker.method import Method, parse_method

Hierarchy = Mapping[str, Mapping[str, Sequence[str]]]
SAID = {"es": "x", "en": "x"}
SOURCED = {"status": "proposed", "source": "test"}
PERCENT: Mapping[str, Any] = {"polarity": "positive", "worst": 0, "best": 100}


def method_of(
    hierarchy: Hierarchy,
    scores: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    weights: Mapping[str, float] | None = None,
    bar: float = 0.0,
    **tables: Any,  # noqa: ANN401 - any table of a method file
) -> Method:
    """Return the method of a hierarchy: area ids, their dimensions, and their indicators.

    ``scores`` holds a table by indicator, 0-100 as it is unless said; ``weights`` one by node.
    """
    weights, scores = weights or {}, scores or {}
    tree: dict[str, Any] = {
        "id": "test",
        "version": "1",
        "name": SAID,
        "description": SAID,
        "aggregation": SOURCED,
        "min_coverage": {"dimension": bar, "area": bar, "marker": bar},
        "slope": {
            "layer": "census",
            "limits_percent": [],
            "factors": [1],
            "names": {"es": ["x"], "en": ["x"]},
            **SOURCED,
        },
        "layers": {
            "census": {
                "kind": "zone",
                "description": SAID,
                "columns": {
                    "people": {"unit": "people", "measure": "extensive"},
                    "value": {"unit": "unit", "measure": "intensive"},
                },
            }
        },
        "people": {"layer": "census", "column": "people"},
        "areas": {},
        "dimensions": {},
        "indicators": {},
    }
    for area, dimensions in hierarchy.items():
        weight = weights.get(f"area_{area}", 1.0)
        tree["areas"][area] = {"code": area, "name": SAID, "weight": weight}
        for dimension, indicators in dimensions.items():
            weight = weights.get(f"dim_{dimension}", 1.0)
            card = {"code": dimension, "area": area, "name": SAID, "weight": weight}
            tree["dimensions"][dimension] = card
            for key in indicators:
                tree["indicators"][key] = {
                    "code": key,
                    "name": SAID,
                    "dimension": dimension,
                    "unit": "unit",
                    "description": SAID,
                    "compute": {"formula": "given", "layer": "census", "column": "value"},
                    "score": {**SOURCED, **scores.get(key, PERCENT)},
                    "weight": weights.get(f"ind_{key}", 1.0),
                    "rationale": SAID,
                    "reference": "x",
                    "pillar": 1,
                    "sdg": "x",
                    "new_urban_agenda": "x",
                    "status": "proposed",
                }
    for key, table in tables.items():
        below = tree.get(key)
        tree[key] = {**below, **table} if isinstance(below, dict) else table
    return parse_method(tree, "test.toml")


def flat(*indicators: str) -> Hierarchy:
    """Return the hierarchy of one dimension in one area, with these indicators."""
    return {"all": {"all": list(indicators)}}
