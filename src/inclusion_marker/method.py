"""A method file as a typed, frozen object: how inclusion is measured, and its cross-checks."""

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import Field, PrivateAttr, TypeAdapter, ValidationError

from inclusion_marker.cards import (
    Aggregation,
    Area,
    Context,
    Dimension,
    Identifier,
    Indicator,
    Layer,
    MinCoverage,
    People,
    Rule,
    Slope,
    notices_of,
)
from inclusion_marker.crosschecks import Tree, cell_bound, heavy, loose_ends, split_node, table_of
from inclusion_marker.curves import Normalisation
from inclusion_marker.errors import MethodError
from inclusion_marker.extends import (
    CARDS,
    TomlError,
    extended,
    method_path,
    read_toml,
    read_tree,
    shipped_methods,
    strays,
)
from inclusion_marker.formulas import Card
from inclusion_marker.notices import Notice
from inclusion_marker.panels import Panel
from inclusion_marker.texts import Text

__all__ = [
    "DEFAULT_METHOD",
    "EffectiveWeight",
    "Method",
    "TomlError",
    "effective_weights",
    "extended_method",
    "load_method",
    "parse_method",
    "read_toml",
    "shipped_methods",
    "split_node",
]

DEFAULT_METHOD = "uim"


class Method(Card):
    """How inclusion is measured: the frozen record of a method file.

    Examples
    --------
    >>> method = load_method("uim-v1")
    >>> len(method.areas), len(method.dimensions), len(method.indicators)
    (5, 14, 34)
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    version: str
    name: Text
    description: Text
    normalisation: Normalisation = Normalisation()
    aggregation: Aggregation
    min_coverage: MinCoverage
    slope: Slope
    layers: dict[Identifier, Layer]
    people: People
    context: dict[Identifier, Context] = Field(default_factory=dict)
    areas: dict[Identifier, Area]
    dimensions: dict[Identifier, Dimension]
    indicators: dict[Identifier, Indicator]
    panels: dict[Identifier, Panel] = Field(default_factory=dict)
    _asked: MinCoverage | None = PrivateAttr(default=None)

    @property
    def asked_coverage(self) -> MinCoverage:
        """Return the minimum that the file asks for, whatever :meth:`with_min_coverage` made it.

        Examples
        --------
        >>> load_method("uim").with_min_coverage(0.2).asked_coverage.marker
        0.65
        """
        return self._asked or self.min_coverage

    @property
    def is_lowered(self) -> bool:
        """Return whether a minimum was lowered below what the file asks for."""
        return self.min_coverage.is_below(self.asked_coverage)

    @property
    def supplementary(self) -> tuple[str, ...]:
        """Return the ids of what is shown beside the marker and is no part of it."""
        return tuple(key for key, each in self.indicators.items() if each.supplementary)

    def dimensions_of(self, area: str) -> tuple[str, ...]:
        """Return the ids of an area's dimensions, in the order of the file."""
        return tuple(key for key, each in self.dimensions.items() if each.area == area)

    def indicators_of(self, dimension: str) -> tuple[str, ...]:
        """Return the ids of a dimension's indicators, in the order of the file."""
        return tuple(key for key, each in self.indicators.items() if each.dimension == dimension)

    def nodes(self) -> tuple[str, ...]:
        """Return the names of all nodes, top down: ``marker``, ``area_…``, ``dim_…``, ``ind_…``."""
        return (
            "marker",
            *(f"area_{key}" for key in self.areas),
            *(f"dim_{key}" for key in self.dimensions),
            *(f"ind_{key}" for key in self.indicators),
        )

    def children_of(self, node: str) -> dict[str, float]:
        """Return the children of a node and the share of its weight that each holds.

        Parameters
        ----------
        node
            A name of :meth:`nodes`.

        Returns
        -------
        weights
            By name of the child; they sum to 1. An indicator has none.

        Examples
        --------
        >>> load_method("uim-v1").children_of("area_economy")
        {'dim_commerce_proximity': 0.5, 'dim_livelihoods': 0.5}
        """
        weights = self.weights_below(node)
        total = math.fsum(weights.values())
        return {child: weight / total for child, weight in weights.items()}

    def weights_below(self, node: str) -> dict[str, float]:
        """Return what each child of a node weighs against its siblings: by its panel, or its card.

        What weighs 0 is there with 0; a panel leaves it out.
        """
        kind, key = split_node(node)
        cards: Mapping[str, Area | Dimension | Indicator]
        match kind:
            case "marker":
                below, cards = "area", self.areas
            case "area":
                below = "dim"
                cards = {child: self.dimensions[child] for child in self.dimensions_of(key)}
            case "dim":
                below = "ind"
                cards = {child: self.indicators[child] for child in self.indicators_of(key)}
            case _:
                return {}
        weights = {child: card.weight for child, card in cards.items()}
        if node in self.panels:
            weights = dict.fromkeys(weights, 0.0) | self.panels[node].weights()
        return {f"{below}_{child}": weight for child, weight in weights.items()}

    def parent_of(self, node: str) -> str | None:
        """Return the node above, ``None`` for the marker."""
        kind, key = split_node(node)
        match kind:
            case "ind":
                return f"dim_{self.indicators[key].dimension}"
            case "dim":
                return f"area_{self.dimensions[key].area}"
            case "area":
                return "marker"
            case _:
                return None

    def rule_of(self, node: str) -> Rule:
        """Return the rule by which the children of a node become its score."""
        rules = {"marker": self.aggregation.marker, "area": self.aggregation.areas}
        return rules.get(split_node(node)[0], self.aggregation.dimensions)

    def bar_of(self, node: str) -> float:
        """Return the share of its weight that a node must have observed."""
        bars = {"marker": self.min_coverage.marker, "area": self.min_coverage.area}
        return bars.get(split_node(node)[0], self.min_coverage.dimension)

    def name_of(self, node: str) -> Text:
        """Return what a node is called."""
        kind, key = split_node(node)
        return self.name if kind == "marker" else self._card(kind, key).name

    def code_of(self, node: str) -> str:
        """Return the short code of a node; the marker has none."""
        kind, key = split_node(node)
        return "" if kind == "marker" else self._card(kind, key).code

    def _card(self, kind: str, key: str) -> Area | Dimension | Indicator:
        """Return the card of a node below the marker."""
        if kind == "area":
            return self.areas[key]
        return self.dimensions[key] if kind == "dim" else self.indicators[key]

    def normalisation_of(self, indicator: str) -> Normalisation:
        """Return the rule by which an indicator, named by its id, is put on the scale of scores."""
        return self.indicators[indicator].score.normalise or self.normalisation

    @property
    def comparable(self) -> bool:
        """Return whether scores are on a scale that does not depend on the cells at hand."""
        return not self.not_comparable_because()

    def not_comparable_because(self) -> tuple[Text, ...]:
        """Return why scores depend on the cells at hand, so that two cities do not compare.

        Examples
        --------
        >>> method = extended_method("uim-v1", {"normalisation": {"rule": "z"}}, file="x")
        >>> [reason.en for reason in method.not_comparable_because()]
        ['indicators normalised over the cells of each city (z): 34']
        """
        rules = {key: self.normalisation_of(key).rule for key in self.indicators}
        return tuple(cell_bound(rules, self.aggregation))

    def notices(self) -> tuple[Notice, ...]:
        """Return what should be known about a method that is sound: each a counted notice.

        Returns
        -------
        notices
            ``not_comparable``; ``weight_dominates`` for an indicator that holds more than half of
            the marker and for a child that outweighs all its siblings, two at least; and what the
            panels say of themselves.
        """
        found = []
        if reasons := self.not_comparable_because():
            why = Text(es="; ".join(r.es for r in reasons), en="; ".join(r.en for r in reasons))
            found.append(Notice("not_comparable", item=self.id, values={"reasons": why}))
        shares = {key: each.indicator for key, each in effective_weights(self).items()}
        found += heavy(self.name, {f"ind_{key}": share for key, share in shares.items()})
        for node in self.nodes():
            found += heavy(self.name_of(node), self.children_of(node))
        for node, panel in self.panels.items():
            found += panel.notices("", f"panels.{node}")
        # A child of the marker may be the one indicator below it: say it once.
        return tuple({(each.code, each.item): each for each in found}.values())

    def with_min_coverage(self, share: float | None) -> "Method":
        """Return the method with ``share`` as the minimum at every level; ``None`` changes nothing.

        Raises
        ------
        MethodError
            If ``share`` is not within 0 and 1.
        """
        if share is None:
            return self
        try:
            bar = MinCoverage.everywhere(share)
        except ValueError as fault:
            values = {"found": share, "low": 0, "high": 1}
            notice = Notice("parameter_out_of_range", item="min_coverage", values=values)
            raise MethodError(notice) from fault
        changed = self.model_copy(update={"min_coverage": bar})
        changed._asked = self.asked_coverage  # noqa: SLF001 - a copy of its own
        return changed


class EffectiveWeight(NamedTuple):
    """Share of the marker that one indicator holds, and those of its dimension and area."""

    indicator: float
    dimension: float
    area: float


def effective_weights(method: Method) -> dict[str, EffectiveWeight]:
    """Return the share of the marker that each indicator holds when nothing is missing.

    Returns
    -------
    weights
        By indicator id; the indicators' shares sum to 1. What weighs 0 has a share of 0.

    Examples
    --------
    >>> weights = effective_weights(load_method("uim-v1"))
    >>> (
    ...     round(weights["commerce_distance"].indicator, 4),
    ...     round(weights["unemployment"].indicator, 4),
    ... )
    (0.1, 0.02)
    """
    below = {node: method.weights_below(node) for node in method.nodes()}
    held: dict[str, float] = {"marker": 1.0}
    for node, weights in below.items():
        total = math.fsum(weights.values())
        held |= {child: held[node] * weight / total for child, weight in weights.items()}
    found = {}
    for key, indicator in method.indicators.items():
        area = method.dimensions[indicator.dimension].area
        share, dimension = held[f"ind_{key}"], held[f"dim_{indicator.dimension}"]
        found[key] = EffectiveWeight(share, dimension, held[f"area_{area}"])
    return found


def load_method(source: str | Path | Method = DEFAULT_METHOD) -> Method:
    """Return the method of a name that ships with the package, or of a TOML file.

    Parameters
    ----------
    source
        A name (``"uim-v1"``), the path of a method file, or a method (returned as it is).

    Raises
    ------
    MethodError
        With every fault of the file, each at its full address.

    Examples
    --------
    >>> load_method("uim-v1").areas["health"].name.es
    'Salud y bienestar'
    """
    if isinstance(source, Method):
        return source
    path = method_path(str(source), Path.cwd())
    tree, faults = read_tree(path)
    return parse_method(tree, path.name, faults)


def extended_method(base: Method | str, overrides: Tree, *, file: str) -> Method:
    """Return a method with the cards of ``overrides`` laid over it; ``file`` names them in errors.

    Raises
    ------
    MethodError
        As :func:`load_method`.
    """
    tree = _tree(load_method(base))
    return parse_method(extended(tree, overrides), file, strays(tree, overrides, file))


def _tree(method: Method) -> Tree:
    """Return a method as the tree of tables that it was read from."""
    return method.model_dump(mode="python", exclude_none=True)


def parse_method(tree: Tree, file: str, found: Iterable[Notice] = ()) -> Method:
    """Return the method of a tree of tables.

    Parameters
    ----------
    tree
        The tables of a method file, ``extends`` already resolved.
    file
        The file's name, for the errors.
    found
        The faults that were found when the file was read.

    Raises
    ------
    MethodError
        With every fault, each at its address.
    """
    models: Mapping[str, type[Card]] = {**CARDS, "panels": Panel}
    cards = {name: dict(_parsed(table_of(tree, name), model)) for name, model in models.items()}
    faults = [*found]
    method = None
    try:
        method = Method.model_validate(tree)
    except ValidationError as fault:
        faults += notices_of(fault, file)
    faults += [
        Notice(code, file=file, item=address, values=values)
        for code, address, values in loose_ends(tree, cards)
    ]
    if faults or method is None:
        raise MethodError(*faults)
    return method


def _parsed(table: Tree, model: type[Card]) -> Iterator[tuple[str, Any]]:
    """Yield those cards of a section that can be read, so that the others can be cross-checked."""
    for key, value in table.items():
        try:
            yield key, TypeAdapter(model).validate_python(value)
        except ValidationError:
            continue
