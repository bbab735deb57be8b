"""The method as a table: one row a node, with its formula, goalposts and weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from inclusion_marker.cards import Rule
from inclusion_marker.method import Method, effective_weights
from inclusion_marker.result import Result


def method_rows(result: Result) -> pd.DataFrame:
    """Return the method, one row a node: formula, goalposts, weights, and the city's figures.

    Parameters
    ----------
    result
        What was computed; its means fill the last columns.
    """
    rows = [*_nodes(result), *_leaves(result)]
    means = result.means().rename(
        columns={"people_weighted": "city_people_weighted", "plain": "city_plain"}
    )
    return pd.DataFrame(rows).join(means, on="column")


def _nodes(result: Result) -> Iterator[dict[str, object]]:
    """Yield a row for the marker, each area and each dimension."""
    method_ = result.method
    weights = effective_weights(method_)
    bars, rules = method_.min_coverage, method_.aggregation
    status = {"status": rules.status, "reference": rules.source}
    head = {"level": "marker", "id": method_.id, "column": "marker", "parent": "", "code": ""}
    about = method_.description
    yield {
        **head,
        "name_es": method_.name.es,
        "name_en": method_.name.en,
        "weight": 1.0,
        "effective_weight": 1.0,
        "formula": _rule_text(rules.marker),
        "min_coverage": bars.marker,
        "description": f"{about.es} / {about.en}",
        **status,
    }
    for key, area in method_.areas.items():
        held = [weights[each].area for each in _indicators_below(method_, key)]
        yield {
            **_node("area", key, "marker", area.code, area.name.es, area.name.en),
            "weight": area.weight,
            "effective_weight": held[0],
            "formula": _rule_text(rules.areas),
            "min_coverage": bars.area,
            **status,
        }
    for key, each in method_.dimensions.items():
        child = method_.indicators_of(key)[0]
        yield {
            **_node("dimension", key, f"area_{each.area}", each.code, each.name.es, each.name.en),
            "weight": each.weight,
            "effective_weight": weights[child].dimension,
            "formula": _rule_text(rules.dimensions),
            "min_coverage": bars.dimension,
            **status,
        }


_PREFIX: Mapping[str, str] = {"area": "area_", "dimension": "dim_", "indicator": "ind_"}


def _node(
    level: str, key: str, parent: str, code: str, name_es: str, name_en: str
) -> dict[str, object]:
    """Return what every row below the marker says of itself."""
    return {
        "level": level,
        "id": key,
        "column": f"{_PREFIX[level]}{key}",
        "parent": parent,
        "code": code,
        "name_es": name_es,
        "name_en": name_en,
    }


def _indicators_below(method_: Method, area: str) -> list[str]:
    """Return the indicators of an area."""
    return [each for key in method_.dimensions_of(area) for each in method_.indicators_of(key)]


def _rule_text(rule: Rule) -> str:
    """Return the rule of a level as it stands in the method."""
    return rule.rule if rule.rule == "arithmetic" else f"{rule.rule}(floor={rule.floor:g})"


def _leaves(result: Result) -> Iterator[dict[str, object]]:
    """Yield a row for each indicator."""
    weights = effective_weights(result.method)
    for key, card in result.method.indicators.items():
        parameters = card.compute.model_dump(exclude={"formula"}, exclude_none=True)
        formula = ", ".join(f"{name}={value}" for name, value in parameters.items())
        name, parent = card.name, f"dim_{card.dimension}"
        yield {
            **_node("indicator", key, parent, card.code, name.es, name.en),
            "weight": card.weight,
            "effective_weight": weights[key].indicator,
            "formula": f"{card.compute.formula}({formula})",
            "unit": card.unit,
            "polarity": card.score.polarity,
            "goalposts": goalposts_text(result.method, key),
            "goalposts_status": card.score.status,
            "goalposts_source": card.score.source,
            "description": f"{card.description.es} / {card.description.en}",
            "rationale": f"{card.rationale.es} / {card.rationale.en}",
            "reference": card.reference,
            "pillar": str(card.pillar),
            "sdg": card.sdg,
            "new_urban_agenda": card.new_urban_agenda,
            "status": card.status,
        }


def goalposts_text(method: Method, indicator: str) -> str:
    """Return the curve of an indicator's score in one line.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> goalposts_text(load_method("uim-v1"), "health_distance")
    '500→100, 5000→0'
    """
    card = method.indicators[indicator]
    points = card.score.curve(card.classes)
    scale = "" if card.score.scale == "linear" else f" ({card.score.scale})"
    return ", ".join(f"{value:.6g}→{score:g}" for value, score in points) + scale
