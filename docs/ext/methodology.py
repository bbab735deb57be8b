"""The page of a method, from its file: what is measured, how it is scored, why, and from where."""

import re
from collections.abc import Iterator
from itertools import pairwise

from ext.formulas import in_maths, in_words
from ext.saying import number, percent, say
from ext.tables import code, table, words
from inclusion_marker.cards import Column, Indicator, Layer, Rule
from inclusion_marker.method import Method, effective_weights, load_method
from inclusion_marker.outputs.method_table import rule_said
from inclusion_marker.outputs.method_tree import counts
from inclusion_marker.outputs.tables import unit_name
from inclusion_marker.texts import word

_MATHS = re.compile(r"\$([^$]+)\$")


def page(name: str, beside: str, language: str) -> str:
    """Return the Markdown of a method, and of what differs from the one it stands beside.

    Parameters
    ----------
    name
        The method, as :func:`inclusion_marker.load_method` takes it.
    beside
        Another one to compare it with.
    language
        ``"es"`` or ``"en"``.
    """
    method, other = load_method(name), load_method(beside)
    parts = [
        _head(method, language),
        _glance(method, language),
        _scores(method, language),
        _joining(method, language),
        differences(method, other, language),
        *(_area(method, area, language) for area in method.areas),
        _beside(method, language),
        _slope(method, language),
        _layers(method, language),
    ]
    return "\n\n".join(part for part in parts if part)


def _text(key: str, language: str, **values: object) -> str:
    """Return a paragraph with its formulas marked as such."""
    return _MATHS.sub(r"{math}`\1`", say(key, language, **values))


def _block(formula: str) -> str:
    """Return a formula on a line of its own."""
    return f"```{{math}}\n{formula}\n```"


def _title(level: int, key: str, language: str, **values: object) -> str:
    """Return the title of a section."""
    return f"{'#' * level} {say(key, language, **values)}"


def _heads(language: str, *keys: str) -> list[str]:
    """Return the heads of a table."""
    return [say(key, language) for key in keys]


def _head(method: Method, language: str) -> str:
    """Return what a method says of itself."""
    held = counts(method, "tree_counts", language).partition(";")[0]
    said = say("said_of", language, id=method.id, version=method.version, counts=held)
    name, about = (words(each.said(language)) for each in (method.name, method.description))
    return f"**{name}.** {about}\n\n{said}"


def _glance(method: Method, language: str) -> str:
    """Return areas and dimensions with what each holds of the marker."""
    node = f"{say('area', language)} · {say('dimension', language)}"
    heads = [node, *_heads(language, "count", "share")]
    return f"{_title(2, 'at_a_glance', language)}\n\n" + table(
        heads, _glance_rows(method, language), right=(1, 2)
    )


def _glance_rows(method: Method, language: str) -> Iterator[list[str]]:
    """Yield a line for each area and each dimension."""
    held = effective_weights(method)
    for key, area in method.areas.items():
        below = method.dimensions_of(key)
        leaves = [leaf for each in below for leaf in method.indicators_of(each)]
        share, number_of = held[leaves[0]].area, _counted(method, leaves)
        yield [f"**{area.code} {words(area.name.said(language))}**", number_of, percent(share)]
        for each in below:
            dimension, own = method.dimensions[each], method.indicators_of(each)
            title = f"{dimension.code} {words(dimension.name.said(language))}"
            yield [title, _counted(method, own), percent(held[own[0]].dimension)]


def _counted(method: Method, leaves: tuple[str, ...] | list[str]) -> str:
    """Return how many indicators are part of the marker."""
    return str(sum(not method.indicators[leaf].supplementary for leaf in leaves))


def _scores(method: Method, language: str) -> str:
    """Return how a value becomes a score, and what the marks of status mean."""
    parts = [
        _title(2, "from_value_to_score", language),
        _text("goalposts_said", language),
        _block(r"s(x) = y_0 + (y_1 - y_0) \frac{g(x) - g(x_0)}{g(x_1) - g(x_0)}"),
        _text("scales_said", language),
    ]
    if method.normalisation.rule != "goalposts":
        rule = word(f"normalise_{method.normalisation.rule}", language)
        parts.append(_text("normalised_otherwise", language, rule=rule))
    return "\n\n".join([*parts, _text("status_said", language)])


def _joining(method: Method, language: str) -> str:
    """Return the rule and the minimum of each level, in words and as formulas."""
    stated, bars = method.aggregation, method.min_coverage
    levels = (
        ("dimensions", stated.dimensions, bars.dimension),
        ("areas", stated.areas, bars.area),
        ("marker", stated.marker, bars.marker),
    )
    rows = [
        [word(f"tree_{level}", language), words(rule_said(rule, language)), percent(bar)]
        for level, rule, bar in levels
    ]
    rules = {rule.rule: rule for _, rule, _ in levels}
    parts = [
        _title(2, "from_score_to_marker", language),
        _text("joined_said", language),
        table(_heads(language, "level", "rule", "minimum"), rows, right=(2,)),
        *(_block(_rule_formula(rule)) for rule in rules.values()),
    ]
    if any(rule.floor is not None for rule in rules.values()):
        parts.append(_text("floor_said", language))
    status = word(f"status_{stated.status}", language)
    parts.append(_text("why_so", language, status=status, source=words(stated.source)))
    parts.append(_text("people_said", language))
    parts.append(_block(r"S = \frac{\sum_c p_c s_c}{\sum_c p_c}"))
    return "\n\n".join(parts)


def _rule_formula(rule: Rule) -> str:
    """Return how scores are joined, in LaTeX."""
    floored = r"\max(s_i, f)"
    match rule.rule:
        case "arithmetic":
            return r"S = \frac{\sum_i w_i s_i}{\sum_i w_i}"
        case "geometric":
            return rf"S = \prod_i {floored}^{{w_i / \sum_j w_j}}, \quad f = {rule.least:g}"
        case "harmonic":
            below = rf"\sum_i w_i / {floored}"
            return rf"S = \frac{{\sum_i w_i}}{{{below}}}, \quad f = {rule.least:g}"
        case "power":
            inner = floored if rule.floor is not None else "s_i"
            mean = rf"\frac{{\sum_i w_i {inner}^p}}{{\sum_i w_i}}"
            return rf"S = \left({mean}\right)^{{1/p}}, \quad p = {rule.p:g}"
        case "mpi" | "ampi":
            sign = "-" if rule.penalty == "negative" else "+"
            return rf"S = M {sign} \sigma^2 / M"
        case "owa":
            return r"S = \sum_i o_i s_{(i)}, \quad s_{(1)} \geq s_{(2)} \geq \ldots"


def differences(method: Method, other: Method, language: str) -> str:
    """Return what differs between two methods, as a section.

    Parameters
    ----------
    method, other
        The two.
    language
        ``"es"`` or ``"en"``.
    """
    names = {"one": code(method.id), "other": code(other.id)}
    heads = [say("what", language), *names.values()]
    rows = [*_changes(method, other, language)]
    return "\n\n".join(
        [
            _title(2, "differences", language, **names),
            say("differences_said", language),
            table(heads, rows),
        ]
    )


def _changes(method: Method, other: Method, language: str) -> Iterator[list[str]]:
    """Yield a line for each thing that two methods do not have alike."""
    for level in ("dimensions", "areas", "marker"):
        one, two = (
            rule_said(getattr(each.aggregation, level), language) for each in (method, other)
        )
        if one != two:
            yield [word(f"tree_{level}", language), words(one), words(two)]
    for key in dict.fromkeys((*method.indicators, *other.indicators)):
        pair = [each.indicators.get(key) for each in (method, other)]
        said = ["–" if card is None else _in_short(card, language) for card in pair]  # noqa: RUF001
        if said[0] != said[1]:
            card = next(each for each in pair if each is not None)
            yield [f"{card.code} {words(card.name.said(language))}", *said]


def _in_short(card: Indicator, language: str) -> str:
    """Return an indicator in a line: formula, goalposts, and its weight where it has none."""
    none = f" ({say('supplementary', language)})" if card.supplementary else ""
    unit = words(unit_name(card.unit, language))
    return f"{in_words(card.compute, language)}; {_goalposts(card, language)} {unit}{none}"


def _area(method: Method, key: str, language: str) -> str:
    """Return an area with its dimensions and their indicators."""
    area = method.areas[key]
    parts = [f"## {area.code} · {words(area.name.said(language))}"]
    for each in method.dimensions_of(key):
        dimension = method.dimensions[each]
        parts.append(f"### {dimension.code} · {words(dimension.name.said(language))}")
        parts += [
            _indicator(method, leaf, language)
            for leaf in method.indicators_of(each)
            if not method.indicators[leaf].supplementary
        ]
    return "\n\n".join(parts)


def _beside(method: Method, language: str) -> str:
    """Return what is shown and weighs nothing, empty where a method has nothing of the kind."""
    if not method.supplementary:
        return ""
    parts = [_title(2, "supplementary_title", language), say("supplementary_said", language)]
    parts += [_indicator(method, leaf, language, level=3) for leaf in method.supplementary]
    return "\n\n".join(parts)


def _indicator(method: Method, key: str, language: str, *, level: int = 4) -> str:
    """Return the card of an indicator."""
    card = method.indicators[key]
    rows = [[f"**{say(name, language)}**", said] for name, said in _facts(method, key, language)]
    return "\n\n".join(
        [
            f"{'#' * level} {card.code} · {words(card.name.said(language))}",
            words(card.description.said(language)),
            _block(in_maths(card.compute)),
            table(rows[0], rows[1:]),
        ]
    )


def _facts(method: Method, key: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield what a card says, each under the key of its name."""
    card = method.indicators[key]
    yield "formula", in_words(card.compute, language)
    yield "layer", code(card.compute.layer)
    yield "unit", words(unit_name(card.unit, language))
    yield "polarity", word(f"polarity_{card.score.polarity}", language)
    yield "goalposts", _goalposts(card, language)
    yield "goalposts_status", word(f"status_{card.score.status}", language)
    yield "goalposts_source", words(card.score.source)
    if not card.supplementary:
        yield "weight", " · ".join(_weights(method, key, language))
    yield "status", word(f"status_{card.status}", language)
    yield "rationale", words(card.rationale.said(language))
    yield "reference", words(card.reference)
    yield "commitments", words(f"{card.pillar} · {card.sdg} · {card.new_urban_agenda}")
    yield "column_id", f"{code(f'ind_{key}')}, {code(f'raw_{key}')}"


def _weights(method: Method, key: str, language: str) -> Iterator[str]:
    """Yield what an indicator holds of its dimension, its area and the marker."""
    held = effective_weights(method)[key]
    yield say("of_dimension", language, value=percent(held.indicator / held.dimension))
    yield say("of_area", language, value=percent(held.indicator / held.area))
    yield say("of_marker", language, value=percent(held.indicator))


def _goalposts(card: Indicator, language: str) -> str:
    """Return the points of a score; its scale, where it is not linear."""
    points = card.score.curve(card.classes)
    said = []
    for value, score in dict.fromkeys(points):
        shown = number(value, language)
        if card.score.best == "ln_classes" and value == points[-1][0]:
            shown = say("ln_classes", language, classes=card.classes, value=f"{value:.3f}")
        said.append(say("point", language, value=shown, score=number(score, language)))
    scale = (
        "" if card.score.scale == "linear" else f" ({say(f'scale_{card.score.scale}', language)})"
    )
    return ", ".join(said) + scale


def _slope(method: Method, language: str) -> str:
    """Return the classes of slope and their factors."""
    slope = method.slope
    limits = [number(each, language) for each in slope.limits_percent]
    bounds = [
        say("up_to", language, high=limits[0]),
        *(say("between", language, low=low, high=high) for low, high in pairwise(limits)),
        say("beyond", language, low=limits[-1]),
    ]
    names = slope.names["en" if language == "en" else "es"]
    rows = [
        [words(name), bound, number(factor, language)]
        for name, bound, factor in zip(names, bounds, slope.factors, strict=True)
    ]
    status = word(f"status_{slope.status}", language)
    return "\n\n".join(
        [
            _title(2, "slope_factor", language),
            say("slope_said", language),
            table(_heads(language, "class_name", "slope_class", "factor"), rows, right=(2,)),
            say("why_so", language, status=status, source=words(slope.source)),
        ]
    )


def _layers(method: Method, language: str) -> str:
    """Return the layers that a city brings, with their columns."""
    parts = [_title(2, "layers", language), say("layers_said", language)]
    parts += [_layer(key, layer, language) for key, layer in method.layers.items()]
    return "\n\n".join(parts)


def _layer(key: str, layer: Layer, language: str) -> str:
    """Return one layer."""
    kind = word(f"kind_{layer.kind}", language)
    said = f"### {code(key)}\n\n{words(layer.description.said(language))} *({kind})*"
    if not layer.columns:
        return said
    rows = [_column(name, column, language) for name, column in layer.columns.items()]
    return f"{said}\n\n" + table(_heads(language, "column", "unit", "holds", "part_of"), rows)


def _column(name: str, column: Column, language: str) -> list[str]:
    """Return the line of one column."""
    return [
        code(name),
        words(unit_name(column.unit, language)),
        word(f"measure_{column.measure}", language),
        code(column.part_of or ""),
    ]
