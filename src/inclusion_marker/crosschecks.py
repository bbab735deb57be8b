"""Hold the parts of a method against each other: references that lead nowhere, empty nodes."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from inclusion_marker.cards import Aggregation, Indicator, Layer
from inclusion_marker.curves import Normalisation
from inclusion_marker.formulas import Formula, Travel, classes, needs, reads
from inclusion_marker.notices import Notice, near
from inclusion_marker.panels import Panel
from inclusion_marker.profiles import PROFILES
from inclusion_marker.texts import Text, phrase

Tree = dict[str, Any]
_FORMULA: TypeAdapter[Formula] = TypeAdapter(Formula)
Loose = tuple[str, str, Mapping[str, object]]


def split_node(node: str) -> tuple[str, str]:
    """Return the kind of a node and its id in the method file.

    Examples
    --------
    >>> split_node("area_health"), split_node("marker")
    (('area', 'health'), ('marker', ''))
    """
    kind, _, key = node.partition("_")
    return kind, key


def loose_ends(tree: Tree, cards: Mapping[str, Mapping[str, Any]]) -> Iterator[Loose]:
    """Yield every reference of a method that leads nowhere, and every node without children."""
    named = {name: [*table_of(tree, name)] for name in ("areas", "dimensions", "layers")}
    for key, dimension in cards["dimensions"].items():
        yield from _unknown(f"dimensions.{key}.area", dimension.area, named["areas"])
    for key, card in table_of(tree, "indicators").items():
        yield from _loose_indicator(f"indicators.{key}", card, cards["layers"], named)
    for section, child in (("areas", "dimensions"), ("dimensions", "indicators")):
        used = {getattr(card, section[:-1]) for card in cards[child].values()}
        for key in cards[section]:
            if key not in used and cards[child]:
                values = {"found": key, "child": phrase(f"children_{child}")}
                yield "node_without_children", f"{section}.{key}", values
    yield from _weightless(tree, cards)
    yield from _loose_panels(tree, cards)
    yield from _no_target(tree, cards["indicators"])
    yield from _unread_counts(tree, cards["layers"])
    slope = table_of(tree, "slope")
    limits, factors = _numbers(slope, "limits_percent"), _numbers(slope, "factors")
    if len(factors) != len(limits) + 1 or limits != sorted(set(limits)):
        values = {"found": factors, "reason": phrase("fault_slope")}
        yield "value_invalid", "slope.factors", values


def _weightless(tree: Tree, cards: Mapping[str, Mapping[str, Any]]) -> Iterator[Loose]:
    """Yield the nodes all of whose children weigh nothing: their mean would be 0 / 0."""
    for section, child in (("", "areas"), ("areas", "dimensions"), ("dimensions", "indicators")):
        # A child that cannot be read may be the one with a weight.
        if len(cards[child]) < len(table_of(tree, child)):
            continue
        sums: dict[str, float] = {}
        for card in cards[child].values():
            parent = f"{section}.{getattr(card, section[:-1])}" if section else child
            sums[parent] = sums.get(parent, 0.0) + card.weight
        for address in (parent for parent, weight in sums.items() if weight == 0):
            values = {"found": f"{child}: weight = 0", "reason": phrase("fault_weightless")}
            yield "value_invalid", address, values


# The section of the children of each kind of node, and the key by which they name it.
_BELOW = {
    "marker": ("areas", ""),
    "area": ("dimensions", "area"),
    "dim": ("indicators", "dimension"),
}


def _loose_panels(tree: Tree, cards: Mapping[str, Mapping[str, Any]]) -> Iterator[Loose]:
    """Yield the faults of panels against the nodes whose children they weigh."""
    nodes = ["marker", *(f"area_{key}" for key in table_of(tree, "areas"))]
    nodes += [f"dim_{key}" for key in table_of(tree, "dimensions")]
    for node in table_of(tree, "panels"):
        yield from _unknown(f"panels.{node}", node, nodes)
    for node, panel in cards["panels"].items():
        kind, _, key = node.partition("_")
        section, parent = _BELOW.get(kind, ("", ""))
        # A child that cannot be read may be the one that the panel names.
        if node in nodes and len(cards[section]) == len(table_of(tree, section)):
            below = {
                child: card.weight
                for child, card in cards[section].items()
                if not parent or getattr(card, parent) == key
            }
            yield from _other_children(node, panel, below)


def _other_children(node: str, panel: Panel, below: Mapping[str, float]) -> Iterator[Loose]:
    """Yield the faults of a panel against the children of its node: names, and their weights."""
    counted = {child for child, weight in below.items() if weight > 0}
    for child in panel.children:
        yield from _unknown(f"panels.{node}.members", child, sorted(counted))
    if missing := sorted(counted - {*panel.children}):
        reason = phrase("fault_panel_children", missing=", ".join(missing))
        values: dict[str, object] = {"found": ", ".join(panel.children), "reason": reason}
        yield "value_invalid", f"panels.{node}.members", values
    if len({below[child] for child in counted}) > 1:
        found = ", ".join(f"{child} = {below[child]:g}" for child in sorted(counted))
        values = {"found": found, "reason": phrase("fault_panel_weights")}
        yield "value_invalid", f"panels.{node}", values


def _no_target(tree: Tree, indicators: Mapping[str, Indicator]) -> Iterator[Loose]:
    """Yield the indicators whose best value is no target that a value can be a share of."""
    try:
        usual = Normalisation.model_validate(tree.get("normalisation", {}))
    except ValidationError:
        return
    for key, card in indicators.items():
        rule = (card.score.normalise or usual).rule
        if rule != "distance_to_target" or card.score.polarity == "two_sided":
            continue
        if not (target := card.score.target(card.classes)) > 0:
            values = {"found": target, "reason": phrase("fault_target")}
            yield "value_invalid", f"indicators.{key}.score.best", values


def cell_bound(rules: Mapping[str, str], aggregation: Aggregation) -> Iterator[Text]:
    """Yield why the scores of a method depend on the cells that are scored together.

    Parameters
    ----------
    rules
        Rule of normalisation by indicator id.
    aggregation
        The rule of each level.

    Examples
    --------
    >>> from inclusion_marker.cards import Rule
    >>> means = Aggregation(marker=Rule(rule="mpi"), status="proposed", source="x")
    >>> [reason.en for reason in cell_bound({"internet": "goalposts"}, means)]
    ['the marker is standardised over the cells of each city (mpi)']
    """
    bound: dict[str, int] = {}
    for rule in rules.values():
        if not Normalisation.model_validate({"rule": rule}).comparable:
            bound[rule] = bound.get(rule, 0) + 1
    for rule, count in sorted(bound.items()):
        yield phrase("bound_normalisation", count=count, rule=rule)
    for level in ("dimensions", "areas", "marker"):
        if not getattr(aggregation, level).comparable:
            yield phrase(f"bound_{level}")


_HALF = 0.5
_FEW = 2


def heavy(name: Text, children: Mapping[str, float]) -> Iterator[Notice]:
    """Yield a notice for a child that weighs more than all others together, two at least.

    Parameters
    ----------
    name
        What the node is called.
    children
        Share of its weight by child; what weighs 0 is no sibling.

    Examples
    --------
    >>> shares = {"area_health": 0.6, "area_housing": 0.2, "area_economy": 0.2}
    >>> found = heavy(Text(es="Marcador", en="Marker"), shares)
    >>> [(each.code, each.item) for each in found]
    [('weight_dominates', 'area_health')]
    """
    if sum(weight > 0 for weight in children.values()) <= _FEW:
        return
    for child, weight in children.items():
        if weight > _HALF + 1e-12:
            values = {"node": name, "share": 100 * weight}
            yield Notice("weight_dominates", item=child, values=values)


def _numbers(tree: Tree, key: str) -> list[float]:
    """Return the numbers of a list of the tree; what is none is a fault of its own."""
    values = tree.get(key)
    plain = values if isinstance(values, list | tuple) else ()
    return [each for each in plain if isinstance(each, int | float)]


def _loose_indicator(
    at: str, card: object, layers: Mapping[str, Layer], named: Mapping[str, list[str]]
) -> Iterator[Loose]:
    """Yield the references of one indicator that lead nowhere, whatever else is wrong with it."""
    if not isinstance(card, dict):
        return
    if isinstance(card.get("dimension"), str):
        yield from _unknown(f"{at}.dimension", card["dimension"], named["dimensions"])
    try:
        formula = _FORMULA.validate_python(card.get("compute"))
    except ValidationError:
        return
    yield from _unread(f"{at}.compute", formula, layers, named["layers"])
    if table_of(card, "score").get("best") == "ln_classes" and classes(formula) is None:
        values = {"found": "ln_classes", "reason": phrase("fault_ln_classes")}
        yield "value_invalid", f"{at}.score.best", values


def table_of(tree: Tree, key: str) -> Tree:
    """Return a table of the tree, empty where it is absent or something else."""
    value = tree.get(key)
    return value if isinstance(value, dict) else {}


def _unknown(address: str, name: str, accepted: list[str]) -> Iterator[Loose]:
    """Yield a fault if ``name`` is not accepted."""
    if name not in accepted:
        yield "name_unknown", address, {"found": name, "accepted": near(name, accepted)}


def _unread(
    address: str, formula: Formula, layers: Mapping[str, Layer], named: list[str]
) -> Iterator[Loose]:
    """Yield the faults of a formula against the layers that it reads."""
    for key, name, kinds in reads(formula):
        yield from _unknown(f"{address}.{key}", name, named)
        if name in layers and layers[name].kind not in kinds:
            reason = phrase("fault_kind", formula=formula.formula, kinds=", ".join(kinds))
            values = {"found": f"{name} ({layers[name].kind})", "reason": reason}
            yield "value_invalid", f"{address}.{key}", values
    if isinstance(formula, Travel):
        yield from _unknown(f"{address}.profile", formula.profile, list(PROFILES))
    layer = layers.get(formula.layer)
    if layer is None:
        return
    for column, measure in needs(formula):
        yield from _unknown(f"{address}.{formula.layer}.{column}", column, list(layer.columns))
        if column in layer.columns and layer.columns[column].measure != measure:
            reason = phrase("fault_measure", formula=formula.formula, measure=measure)
            values = {"found": layer.columns[column].measure, "reason": reason}
            yield "value_invalid", f"{address}.{formula.layer}.{column}", values


def _unread_counts(tree: Tree, layers: Mapping[str, Layer]) -> Iterator[Loose]:
    """Yield the faults of the people, the context and the parts of columns."""
    counts = {f"context.{key}": value for key, value in table_of(tree, "context").items()}
    counts["people"] = tree.get("people")
    for address, value in counts.items():
        names = {"layer", "column"}
        if not isinstance(value, dict) or not all(isinstance(value.get(k), str) for k in names):
            continue
        yield from _unknown(f"{address}.layer", value["layer"], list(layers))
        if value["layer"] in layers:
            columns = list(layers[value["layer"]].columns)
            yield from _unknown(f"{address}.column", value["column"], columns)
    for key, layer in layers.items():
        for name, column in layer.columns.items():
            if column.part_of is not None:
                address = f"layers.{key}.columns.{name}.part_of"
                yield from _unknown(address, column.part_of, list(layer.columns))
