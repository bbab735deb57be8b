"""The method as a table: one row a node, with its formula, goalposts and weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from inclusion_marker.cards import Rule
from inclusion_marker.method import Method, effective_weights
from inclusion_marker.result import Result
from inclusion_marker.texts import word


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
    bars = method_.min_coverage
    head = {"level": "marker", "id": method_.id, "column": "marker", "parent": "", "code": ""}
    about = method_.description
    yield {
        **head,
        "name_es": method_.name.es,
        "name_en": method_.name.en,
        "weight": 1.0,
        "effective_weight": 1.0,
        "formula": _made_of(method_, "marker"),
        "min_coverage": bars.marker,
        "description": f"{about.es} / {about.en}",
        **_why(method_, "marker"),
    }
    for key, area in method_.areas.items():
        held = [weights[each].area for each in _indicators_below(method_, key)]
        yield {
            **_node("area", key, "marker", area.code, area.name.es, area.name.en),
            "weight": method_.weights_below("marker")[f"area_{key}"],
            "effective_weight": held[0],
            "formula": _made_of(method_, f"area_{key}"),
            "min_coverage": bars.area,
            **_why(method_, f"area_{key}"),
        }
    for key, each in method_.dimensions.items():
        child = method_.indicators_of(key)[0]
        yield {
            **_node("dimension", key, f"area_{each.area}", each.code, each.name.es, each.name.en),
            "weight": method_.weights_below(f"area_{each.area}")[f"dim_{key}"],
            "effective_weight": weights[child].dimension,
            "formula": _made_of(method_, f"dim_{key}"),
            "min_coverage": bars.dimension,
            **_why(method_, f"dim_{key}"),
        }


def _why(method_: Method, node: str) -> dict[str, str]:
    """Return where the rule of a node comes from, and who weighed its parts."""
    stated, panel = method_.aggregation, method_.panels.get(node)
    source = f"{stated.source} Panel: {panel.source}" if panel else stated.source
    return {"status": stated.status, "reference": source}


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


def _made_of(method: Method, node: str) -> str:
    """Return the rule of a node as it stands in the method, and the panel that weighs its parts."""
    rule = method.rule_of(node)
    parameters = ", ".join(
        f"{key}={'|'.join(f'{each:g}' for each in value)}"
        if isinstance(value, tuple)
        else f"{key}={value if isinstance(value, str) else f'{value:g}'}"
        for key, value in rule.model_dump(exclude={"rule"}, exclude_none=True).items()
    )
    said = f"{rule.rule}({parameters})" if parameters else rule.rule
    panel = method.panels.get(node)
    return f"{said}, panel({panel.kind}, {len(panel.members)})" if panel else said


def rule_said(rule: Rule, language: str) -> str:
    """Return a rule with its parameters in words.

    Parameters
    ----------
    rule
        The rule.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> rule_said(Rule(rule="geometric", floor=5), "en")
    'weighted geometric mean (a score below 5 counts as 5)'
    >>> rule_said(Rule(rule="ampi"), "es")
    'índice ajustado de Mazziotta y Pareto (AMPI), penalización negativa'
    """
    return word(
        f"rule_{rule.rule}",
        language,
        floor=f"{rule.least:g}",
        p=f"{rule.p or 0:g}",
        penalty=word(f"penalty_{rule.penalty or 'negative'}", language),
        order=" · ".join(f"{each:g}" for each in rule.order or ()),
    )


def _leaves(result: Result) -> Iterator[dict[str, object]]:
    """Yield a row for each indicator."""
    weights = effective_weights(result.method)
    for key, card in result.method.indicators.items():
        parameters = card.compute.model_dump(exclude={"formula"}, exclude_none=True)
        formula = ", ".join(f"{name}={value}" for name, value in parameters.items())
        name, parent = card.name, f"dim_{card.dimension}"
        yield {
            **_node("indicator", key, parent, card.code, name.es, name.en),
            "weight": result.method.weights_below(parent)[f"ind_{key}"],
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


def goalposts_text(method: Method, indicator: str, language: str | None = None) -> str:
    """Return the curve of an indicator's score in one line, or the rule that stands for it.

    Parameters
    ----------
    method
        The method.
    indicator
        Id of the indicator.
    language
        ``"es"`` or ``"en"``: rules and scales in words; by their names in the method file if
        ``None``.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> goalposts_text(load_method("uim-v1"), "health_distance")
    '500→100, 5000→0'
    >>> [goalposts_text(load_method("uim-v1"), "homicide_rate", each) for each in (None, "es")]
    ['1→100, 1654→0 (log)', '1→100, 1654→0 (escala logarítmica)']
    """
    card, by = method.indicators[indicator], method.normalisation_of(indicator)
    points = card.score.curve(card.classes)
    scale: str = card.score.scale
    if language is not None and scale != "linear":
        scale = word(f"scale_{scale}", language)
    beside = "" if scale == "linear" else f" ({scale})"
    curve = ", ".join(f"{value:.6g}→{score:g}" for value, score in points) + beside
    if by.rule == "goalposts":
        return curve
    two_sided = card.score.polarity == "two_sided"
    if by.rule == "distance_to_target":
        if two_sided:
            return curve
        target = f"{card.score.target(card.classes):.6g}"
        if language is None:
            return f"{by.rule}({target})"
        return f"{word(f'normalise_{by.rule}', language)}, {target}→100"
    rule = f"{by.rule}({card.score.polarity}{f', ties={by.ties}' if by.ties else ''})"
    if language is not None:
        rule = word(f"normalise_{by.rule}", language)
    return f"{curve}; {rule}" if two_sided else rule
