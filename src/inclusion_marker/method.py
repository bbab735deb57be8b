"""A method file as a typed, frozen object: how inclusion is measured, and its cross-checks."""

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError

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
from inclusion_marker.crosschecks import Tree, loose_ends, table_of
from inclusion_marker.curves import SHAPE_KEYS, SHAPES
from inclusion_marker.errors import MethodError
from inclusion_marker.files import kind_of
from inclusion_marker.formulas import Card
from inclusion_marker.notices import Notice, near
from inclusion_marker.texts import Text, phrase

DEFAULT_METHOD = "uim"
CARDS: Mapping[str, type[Card]] = {
    "areas": Area,
    "dimensions": Dimension,
    "indicators": Indicator,
    "layers": Layer,
}


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
    aggregation: Aggregation
    min_coverage: MinCoverage
    slope: Slope
    layers: dict[Identifier, Layer]
    people: People
    context: dict[Identifier, Context] = Field(default_factory=dict)
    areas: dict[Identifier, Area]
    dimensions: dict[Identifier, Dimension]
    indicators: dict[Identifier, Indicator]

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
        kind, key = split_node(node)
        match kind:
            case "marker":
                weights = {f"area_{child}": area.weight for child, area in self.areas.items()}
            case "area":
                weights = {
                    f"dim_{child}": self.dimensions[child].weight
                    for child in self.dimensions_of(key)
                }
            case "dim":
                weights = {
                    f"ind_{child}": self.indicators[child].weight
                    for child in self.indicators_of(key)
                }
            case _:
                return {}
        total = math.fsum(weights.values())
        return {child: weight / total for child, weight in weights.items()}

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

    @property
    def comparable(self) -> bool:
        """Return whether scores are on a scale that does not depend on the cells at hand."""
        return True

    def with_min_coverage(self, share: float | None) -> "Method":
        """Return the method with ``share`` as the minimum at every level; ``None`` changes nothing.

        Raises
        ------
        MethodError
            If ``share`` is not within 0 and 1.
        """
        if share is None:
            return self
        if not _is_share(share):
            raise MethodError(
                Notice(
                    "parameter_out_of_range",
                    item="min_coverage",
                    values={"found": share, "low": 0, "high": 1},
                )
            )
        # By its shortest digits: the 0.3 of a float32 must not become 0.30000001.
        bar = MinCoverage.model_validate(dict.fromkeys(MinCoverage.model_fields, float(str(share))))
        return self.model_copy(update={"min_coverage": bar})


def split_node(node: str) -> tuple[str, str]:
    """Return the kind of a node and its id in the method file.

    Examples
    --------
    >>> split_node("area_health"), split_node("marker")
    (('area', 'health'), ('marker', ''))
    """
    kind, _, key = node.partition("_")
    return kind, key


def _is_share(value: object) -> bool:
    """Return whether a value is a number from 0 to 1, of Python or of NumPy."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        return False
    return 0 <= float(value) <= 1


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
    of_areas = {key: area.weight for key, area in method.areas.items()}
    areas = {key: weight / math.fsum(of_areas.values()) for key, weight in of_areas.items()}
    found = {}
    for key, indicator in method.indicators.items():
        parent = method.dimensions[indicator.dimension]
        siblings = [method.dimensions[each].weight for each in method.dimensions_of(parent.area)]
        dimension = areas[parent.area] * parent.weight / math.fsum(siblings)
        leaves = [
            method.indicators[each].weight for each in method.indicators_of(indicator.dimension)
        ]
        share = dimension * indicator.weight / math.fsum(leaves)
        found[key] = EffectiveWeight(share, dimension, areas[parent.area])
    return found


def shipped_methods() -> dict[str, Path]:
    """Return the method files that come with the package, by id."""
    folder = Path(str(files("inclusion_marker.methods")))
    return {path.stem.replace("_", "-"): path for path in sorted(folder.glob("*.toml"))}


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
    path = _method_path(str(source), Path.cwd())
    tree, faults = _read_tree(path, ())
    return parse_method(tree, path.name, faults)


def extended_method(base: Method | str, overrides: Tree, *, file: str) -> Method:
    """Return a method with the cards of ``overrides`` laid over it; ``file`` names them in errors.

    Raises
    ------
    MethodError
        As :func:`load_method`.
    """
    tree = _tree(load_method(base))
    return parse_method(_extended(tree, overrides), file, _strays(tree, overrides, file))


def _tree(method: Method) -> Tree:
    """Return a method as the tree of tables that it was read from."""
    return method.model_dump(mode="python", exclude_none=True)


def _method_path(source: str, folder: Path, asked_by: str = "") -> Path:
    """Return the file of a method's name or path; ``asked_by`` is the file that extends it."""
    shipped = shipped_methods()
    if source in shipped:
        return shipped[source]
    path = Path(source) if Path(source).is_absolute() else folder / source
    if path.suffix == ".toml" and kind_of(path) == "file":
        return path
    found = {"found": path.name, "accepted": near(path.name, shipped)}
    item = "extends" if asked_by else "method"
    raise MethodError(Notice("method_not_found", file=asked_by, item=item, values=found))


def _read_tree(path: Path, seen: tuple[Path, ...]) -> tuple[Tree, list[Notice]]:
    """Return the tables of a method file, laid over those of the file that it extends.

    With them comes what only the file itself can show: whom it names, and what its base lacks.
    """
    if path in seen:
        chain = " > ".join(each.name for each in (*seen, path))
        raise MethodError(Notice("extends_circle", file=path.name, values={"found": chain}))
    try:
        tree = read_toml(path)
    except TomlError as fault:
        raise MethodError(fault.notice) from fault
    if "extends" not in tree:
        return tree, []
    name = tree.pop("extends")
    if not isinstance(name, str):
        values = {"found": name, "reason": phrase("fault_extends")}
        raise MethodError(Notice("value_invalid", file=path.name, item="extends", values=values))
    base, faults = _read_tree(_method_path(name, path.parent, path.name), (*seen, path))
    if "id" not in tree:
        # Its figures would pass for those of the method that it changes.
        faults.append(Notice("key_missing", file=path.name, item="id", values={"found": "id"}))
    return _extended(base, tree), [*faults, *_strays(base, tree, path.name)]


def _extended(base: Tree, over: Tree) -> Tree:
    """Return ``base`` with ``over`` on top, under a name of its own, without what strayed."""
    kept = {key: value for key, value in over.items() if key not in CARDS}
    for section in CARDS.keys() & over.keys():
        strays = _stray_keys(base, over, section)
        table = over[section]
        kept[section] = (
            {key: card for key, card in table.items() if key not in strays} if strays else table
        )
    own, name = over.get("id"), base.get("name")
    if isinstance(own, str) and isinstance(name, dict):
        base = {**base, "name": {key: f"{said} · {own}" for key, said in name.items()}}
    return _overlaid(base, kept)


def _strays(base: Tree, over: Tree, file: str) -> Iterator[Notice]:
    """Yield a fault for each card of an extension that its base lacks and that is no new one."""
    for section in CARDS:
        for key in _stray_keys(base, over, section):
            values = {"found": key, "accepted": near(key, table_of(base, section))}
            yield Notice("name_unknown", file=file, item=f"{section}.{key}", values=values)


def _stray_keys(base: Tree, over: Tree, section: str) -> list[str]:
    """Return the cards that override nothing and hold too little to stand alone: misspelt ones."""
    needed = {key for key, field in CARDS[section].model_fields.items() if field.is_required()}
    return [
        key
        for key, card in table_of(over, section).items()
        if key not in table_of(base, section)
        and isinstance(card, dict)
        and 2 * len(needed & card.keys()) < len(needed)
    ]


class TomlError(ValueError):
    """A file is no TOML; carries the notice that says why."""

    def __init__(self, notice: Notice) -> None:
        super().__init__(notice)
        self.notice = notice


def read_toml(path: Path) -> Tree:
    """Return the tables of a TOML file; a byte-order mark is no part of the first key.

    Raises
    ------
    TomlError
        If the file cannot be read as TOML; without the folders of the machine.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as fault:
        found = fault.strerror or type(fault).__name__
    except (ValueError, RecursionError) as fault:
        found = str(fault)[:200]
    raise TomlError(Notice("toml_unreadable", file=path.name, values={"found": found}))


def _overlaid(base: Tree, over: Tree, at: tuple[str, ...] = ()) -> Tree:
    """Return ``base`` with ``over`` on top; ``at`` is the address of the two tables.

    Tables merge; a new formula replaces the old one whole, and so does a curve of another shape.
    """
    merged = {} if _replaces(base, over, at) else dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            merged[key] = _overlaid(below, value, (*at, key))
        else:
            merged[key] = value
    return merged


def _replaces(base: Tree, over: Tree, at: tuple[str, ...]) -> bool:
    """Return whether nothing of ``base`` holds any more: its source was that of another curve."""
    match at:
        case ("indicators", _, "compute"):
            return "formula" in over
        case ("indicators", _, "score"):
            named = SHAPE_KEYS & set(over)
            both = named | SHAPE_KEYS & set(base)
            return not named <= {"best"} and not any(both <= set(shape) for shape in SHAPES)
        case _:
            return False


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
    cards = {name: dict(_parsed(table_of(tree, name), model)) for name, model in CARDS.items()}
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
