"""A method as trees of text: what it measures and how much it weighs; what a city must bring."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator

from inclusion_marker.cards import Layer
from inclusion_marker.method import Method, effective_weights
from inclusion_marker.outputs.method_table import rule_said
from inclusion_marker.outputs.tables import unit_name
from inclusion_marker.outputs.wording import plain
from inclusion_marker.texts import word

_NAME, _UNIT, _WEIGHT = 60, 27, 8
_WIDTH = 110
# Widths of what is said of a column: its name, its unit, what it holds, what it is part of.
_COLUMN = (40, 14, 20, 32)


def method_tree(method: Method, language: str) -> str:
    """Return the areas, dimensions and indicators of a method with their effective weights.

    Parameters
    ----------
    method
        The method.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> tree = method_tree(load_method("uim-v1"), "en")
    >>> print(tree.splitlines()[-1])
    5 areas, 14 dimensions, 34 indicators; effective weights sum to 1.0000
    """
    lines = [_head(method, language), ""]
    heads = [word(key, language) for key in ("tree_unit", "tree_weight", "tree_status")]
    lines.append(_line("", heads[0], heads[1], heads[2]))
    for area in method.areas:
        lines += _branch(method, area, language)
    lines += ["", *_choices(method, language)]
    lines += ["", counts(method, "tree_counts", language)]
    return "\n".join(lines)


def _choices(method: Method, language: str) -> Iterator[str]:
    """Yield how scores are made: normalisation, the rule of each level, panels, what to know."""
    usual = method.normalisation.rule
    said = [f"{word('tree_normalisation', language)}: {word(f'normalise_{usual}', language)}"]
    for key, card in method.indicators.items():
        if card.score.normalise is not None and card.score.normalise.rule != usual:
            rule = word(f"normalise_{card.score.normalise.rule}", language)
            said.append(f"{key}: {rule}")
    for level in ("dimensions", "areas", "marker"):
        rule = rule_said(getattr(method.aggregation, level), language)
        said.append(f"{word(f'tree_{level}', language)}: {rule}")
    for node, panel in method.panels.items():
        name = method.name_of(node).said(language)
        kind = word(f"panel_{panel.kind}", language)
        count, source = len(panel.members), panel.source
        values = {"node": name, "kind": kind, "count": count, "source": source}
        said.append(word("tree_panel", language, **values))
    said += [
        f"[{each.code}] {each.item}: {each.part('found', language)}" for each in method.notices()
    ]
    for each in said:
        yield from textwrap.wrap(plain(each), _WIDTH, subsequent_indent="  ")


def counts(method: Method, key: str, language: str) -> str:
    """Return a phrase filled with how many areas, dimensions and indicators a method has.

    Parameters
    ----------
    method
        The method.
    key
        Phrase of the catalogue: ``"tree_counts"`` or ``"method_sound"``.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> counts(load_method("uim"), "tree_counts", "en")
    '5 areas, 14 dimensions, 34 indicators + 2 supplementary; effective weights sum to 1.0000'
    """
    total = math.fsum(weight.indicator for weight in effective_weights(method).values())
    beside = len(method.supplementary)
    return word(
        key,
        language,
        name=method.id,
        areas=len(method.areas),
        dimensions=len(method.dimensions),
        indicators=len(method.indicators) - beside,
        more=word("tree_supplementary", language, count=beside) if beside else "",
        total=f"{total:.4f}",
    )


def _branch(method: Method, area: str, language: str) -> Iterator[str]:
    """Yield the lines of one area: itself, its dimensions, their indicators."""
    weights = effective_weights(method)
    below = method.dimensions_of(area)
    of_area = next(weights[leaf].area for each in below for leaf in method.indicators_of(each))
    node = method.areas[area]
    yield _line(f"{node.code}  {plain(node.name.said(language))}", "", f"{of_area:.4f}", "")
    for place, dimension in enumerate(below):
        last = place == len(below) - 1
        leaves = method.indicators_of(dimension)
        name = method.dimensions[dimension]
        branch = f"{'└' if last else '├'}─ {name.code}  {plain(name.name.said(language))}"
        yield _line(branch, "", f"{weights[leaves[0]].dimension:.4f}", "")
        for number, leaf in enumerate(leaves):
            card = method.indicators[leaf]
            twig = f"{' ' if last else '│'}  {'└' if number == len(leaves) - 1 else '├'}─ "
            yield _line(
                f"{twig}{card.code}  {plain(card.name.said(language))}",
                unit_name(card.unit, language),
                f"{weights[leaf].indicator:.4f}",
                word(f"status_{card.status}", language),
            )


def layers_tree(method: Method, language: str) -> str:
    """Return the layers that a method reads, each with its columns: what a city must bring.

    Parameters
    ----------
    method
        The method.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> tree = layers_tree(load_method("uim-v1"), "en")
    >>> print(tree.splitlines()[2])
    census · polygons or points with counts
    """
    lines = [_head(method, language)]
    for key, layer in method.layers.items():
        lines += ["", *_layer(key, layer, language)]
    columns = sum(len(layer.columns) for layer in method.layers.values())
    lines += ["", word("layers_counts", language, layers=len(method.layers), columns=columns)]
    return "\n".join(lines)


def _layer(key: str, layer: Layer, language: str) -> Iterator[str]:
    """Yield the lines of one layer: its kind, its description, its columns."""
    yield _cut(f"{key} · {word(f'kind_{layer.kind}', language)}", _WIDTH)
    about = plain(layer.description.said(language))
    yield from textwrap.wrap(about, _WIDTH, initial_indent="  ", subsequent_indent="  ")
    if layer.columns:
        yield _row(
            *(word(f"layers_{each}", language) for each in ("column", "unit", "holds", "of"))
        )
    for name, column in layer.columns.items():
        holds = word(f"measure_{column.measure}", language)
        yield _row(name, unit_name(column.unit, language), holds, column.part_of or "")


def _row(*parts: str) -> str:
    """Return what is said of a column, its parts below those of the others."""
    cells = [_cut(part, width - 2) for part, width in zip(parts, _COLUMN, strict=True)]
    line = "".join(f"{cell:<{width}}" for cell, width in zip(cells, _COLUMN, strict=True))
    return f"    {line}".rstrip()


def _head(method: Method, language: str) -> str:
    """Return the name of a method, with its id and version."""
    return f"{plain(method.name.said(language))} ({method.id} {plain(method.version)})"


def _cut(said: str, width: int) -> str:
    """Return words on one line of a width, cut where they are longer."""
    said = plain(said)
    return said if len(said) <= width else f"{said[: width - 1]}…"


def _line(name: str, unit: str, weight: str, status: str) -> str:
    """Return one line of the tree, its parts below each other."""
    name = name if len(name) < _NAME else f"{name[: _NAME - 2]}…"
    unit = unit if len(unit) <= _UNIT else f"{unit[: _UNIT - 1]}…"
    return f"{name:<{_NAME}}{unit:<{_UNIT}}{weight:>{_WEIGHT}}  {status}".rstrip()
