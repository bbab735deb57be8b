"""A method file as a typed, frozen object: how inclusion is measured, and its cross-checks."""

import math
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, PositiveFloat, TypeAdapter, ValidationError

from inclusion_marker.errors import MethodError
from inclusion_marker.formulas import Card, Formula, Score, Status, classes, kinds, needs
from inclusion_marker.notices import Notice, near
from inclusion_marker.texts import Text

DEFAULT_METHOD = "uim-v1"
LayerKind = Literal["polygon", "point", "opportunity", "line", "raster"]
Level = Literal["dimension", "area", "marker"]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Tree = dict[str, Any]
_FORMULA: TypeAdapter[Formula] = TypeAdapter(Formula)


class Column(Card):
    """What a column of a layer holds: a count, a rate or a class, and in which unit."""

    unit: str
    measure: Literal["extensive", "intensive", "category"]
    part_of: str | None = None


class Layer(Card):
    """A layer that a city may bring."""

    kind: LayerKind
    description: Text
    columns: dict[Identifier, Column] = Field(default_factory=dict)


class Area(Card):
    """One of the areas whose mean is the marker."""

    code: str
    name: Text
    weight: PositiveFloat = 1.0


class Dimension(Card):
    """One of the dimensions of an area."""

    code: str
    area: str
    name: Text
    weight: PositiveFloat = 1.0


class Indicator(Card):
    """One measured thing: what it is, how it is computed and how it is scored."""

    code: str
    name: Text
    dimension: str
    unit: str
    description: Text
    compute: Formula
    score: Score
    weight: PositiveFloat = 1.0
    rationale: Text
    reference: str
    pillar: Literal[1, 2, 3]
    sdg: str
    new_urban_agenda: str
    status: Status

    @property
    def classes(self) -> int | None:
        """Return the number of classes of a diversity, ``None`` for other formulas."""
        return classes(self.compute)


class Rule(Card):
    """How the children of a level become one score."""

    rule: Literal["arithmetic", "geometric"] = "arithmetic"
    floor: Annotated[float, Field(gt=0, le=100)] = 1.0


class Aggregation(Card):
    """The rule of each level, and where it comes from."""

    dimensions: Rule = Rule()
    areas: Rule = Rule()
    marker: Rule = Rule()
    status: Status
    source: str


class MinCoverage(Card):
    """Share of a node's weight that must be scored for the node to be scored."""

    dimension: Annotated[float, Field(ge=0, le=1)]
    area: Annotated[float, Field(ge=0, le=1)]
    marker: Annotated[float, Field(ge=0, le=1)]


class Slope(Card):
    """Classes of the mean slope of a cell, and the factor that lengthens its distances."""

    layer: str
    limits_percent: tuple[PositiveFloat, ...]
    factors: tuple[PositiveFloat, ...]
    names: dict[Literal["es", "en"], tuple[str, ...]]
    status: Status
    source: str


class People(Card):
    """Which count weighs every figure above the cell, and which layers may spread it in a zone."""

    layer: str
    column: str
    spread_by: tuple[str, ...] = ()


class Context(Card):
    """A count shown beside the marker, not part of it."""

    name: Text
    layer: str
    column: str


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

    def dimensions_of(self, area: str) -> tuple[str, ...]:
        """Return the ids of an area's dimensions, in the order of the file."""
        return tuple(key for key, each in self.dimensions.items() if each.area == area)

    def indicators_of(self, dimension: str) -> tuple[str, ...]:
        """Return the ids of a dimension's indicators, in the order of the file."""
        return tuple(key for key, each in self.indicators.items() if each.dimension == dimension)

    def with_min_coverage(self, share: float | None) -> "Method":
        """Return the method with ``share`` as the minimum at every level; ``None`` changes nothing.

        Raises
        ------
        MethodError
            If ``share`` is not within 0 and 1.
        """
        if share is None:
            return self
        if not (isinstance(share, int | float) and 0 <= share <= 1):
            raise MethodError(
                Notice(
                    "parameter_out_of_range",
                    item="min_coverage",
                    values={"found": share, "low": 0, "high": 1},
                )
            )
        bar = MinCoverage(dimension=share, area=share, marker=share)
        return self.model_copy(update={"min_coverage": bar})


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
        By indicator id; the indicators' shares sum to 1.

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
    return parse_method(_read_tree(path, ()), path.name)


def extended_method(base: Method | str, overrides: Tree, *, file: str) -> Method:
    """Return a method with the cards of ``overrides`` laid over it; ``file`` names them in errors.

    Raises
    ------
    MethodError
        As :func:`load_method`.
    """
    tree = _read_tree(_method_path(base, Path.cwd()), ()) if isinstance(base, str) else _tree(base)
    return parse_method(_overlaid(tree, overrides), file)


def _tree(method: Method) -> Tree:
    """Return a method as the tree of tables that it was read from."""
    return method.model_dump(mode="python", exclude_none=True)


def _method_path(source: str, folder: Path) -> Path:
    """Return the file of a method's name or path."""
    shipped = shipped_methods()
    if source in shipped:
        return shipped[source]
    path = Path(source) if Path(source).is_absolute() else folder / source
    if path.suffix == ".toml" and path.is_file():
        return path
    found = {"found": source, "accepted": near(source, shipped)}
    raise MethodError(Notice("method_not_found", item="method", values=found))


def _read_tree(path: Path, seen: tuple[Path, ...]) -> Tree:
    """Return the tables of a method file, laid over those of the file that it extends."""
    if path in seen:
        chain = " > ".join(each.name for each in (*seen, path))
        raise MethodError(Notice("extends_circle", file=path.name, values={"found": chain}))
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise MethodError(
            Notice("toml_unreadable", file=path.name, values={"found": fault})
        ) from fault
    base = tree.pop("extends", None)
    if base is None:
        return tree
    return _overlaid(_read_tree(_method_path(str(base), path.parent), (*seen, path)), tree)


def _overlaid(base: Tree, over: Tree) -> Tree:
    """Return ``base`` with ``over`` on top: tables merge, a new formula or curve replaces."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        replaces = isinstance(value, dict) and bool({"formula", "points", "low"} & set(value))
        if isinstance(value, dict) and isinstance(below, dict) and not replaces:
            merged[key] = _overlaid(below, value)
        else:
            merged[key] = value
    return merged


def parse_method(tree: Tree, file: str) -> Method:
    """Return the method of a tree of tables.

    Parameters
    ----------
    tree
        The tables of a method file, ``extends`` already resolved.
    file
        The file's name, for the errors.

    Raises
    ------
    MethodError
        With every fault, each at its address.
    """
    sections = {"areas": Area, "dimensions": Dimension, "indicators": Indicator, "layers": Layer}
    cards: dict[str, dict[str, Any]] = {}
    for name, model in sections.items():
        table = tree.get(name)
        table = table if isinstance(table, dict) else {}
        cards[name] = dict(_parsed(table, model))
    faults: list[Notice] = []
    method = None
    try:
        method = Method.model_validate(tree)
    except ValidationError as fault:
        faults += notices_of(fault, file)
    faults += [
        Notice(code, file=file, item=address, values=values)
        for code, address, values in _loose_ends(tree, cards)
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


def notices_of(fault: ValidationError, file: str) -> list[Notice]:
    """Return a notice for each fault that the typed model found, at its full address."""
    notices = []
    for each in fault.errors(include_url=False):
        tagged = ("function-", "tuple[", "literal[", "constrained")
        steps = [str(step) for step in each["loc"] if not str(step).startswith(tagged)]
        address = ".".join(steps)
        if each["type"] == "extra_forbidden":
            notices.append(
                Notice("key_unknown", file=file, item=address, values={"found": steps[-1]})
            )
        elif each["type"] == "missing":
            notices.append(
                Notice("key_missing", file=file, item=address, values={"found": steps[-1]})
            )
        else:
            shown = str(each.get("input"))
            values = {"found": shown[:80], "reason": each["msg"].removeprefix("Value error, ")}
            notices.append(Notice("value_invalid", file=file, item=address, values=values))
    return notices


Loose = tuple[str, str, Mapping[str, object]]


def _loose_ends(tree: Tree, cards: Mapping[str, Mapping[str, Any]]) -> Iterator[Loose]:
    """Yield every reference of a method that leads nowhere, and every node without children."""
    named = {name: [*_table(tree, name)] for name in ("areas", "dimensions", "layers")}
    for key, dimension in cards["dimensions"].items():
        yield from _unknown(f"dimensions.{key}.area", dimension.area, named["areas"])
    for key, card in _table(tree, "indicators").items():
        yield from _loose_indicator(f"indicators.{key}", card, cards["layers"], named)
    for section, child in (("areas", "dimensions"), ("dimensions", "indicators")):
        used = {getattr(card, section[:-1]) for card in cards[child].values()}
        for key in cards[section]:
            if key not in used and cards[child]:
                yield "node_without_children", f"{section}.{key}", {"found": key, "child": child}
    yield from _unread_counts(tree, cards["layers"])
    slope = _table(tree, "slope")
    limits, factors = slope.get("limits_percent", ()), slope.get("factors", ())
    if len(factors) != len(limits) + 1 or list(limits) != sorted(limits):
        reason = "give rising limits, and one factor more than limits"
        yield "value_invalid", "slope.factors", {"found": factors, "reason": reason}


def _loose_indicator(
    at: str, card: Tree, layers: Mapping[str, Layer], named: Mapping[str, list[str]]
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
    if _table(card, "score").get("best") == "ln_classes" and classes(formula) is None:
        reason = "ln_classes is for diversity and class_mix only"
        yield "value_invalid", f"{at}.score.best", {"found": "ln_classes", "reason": reason}


def _table(tree: Tree, key: str) -> Tree:
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
    yield from _unknown(f"{address}.layer", formula.layer, named)
    layer = layers.get(formula.layer)
    if layer is None:
        return
    if layer.kind not in kinds(formula):
        reason = f"{formula.formula} reads a layer of kind {' or '.join(kinds(formula))}"
        values = {"found": f"{formula.layer} ({layer.kind})", "reason": reason}
        yield "value_invalid", f"{address}.layer", values
    for column, measure in needs(formula):
        yield from _unknown(f"{address}.{formula.layer}.{column}", column, list(layer.columns))
        if column in layer.columns and layer.columns[column].measure != measure:
            reason = f"{formula.formula} needs it {measure}: counts are moved, rates are made"
            values = {"found": layer.columns[column].measure, "reason": reason}
            yield "value_invalid", f"{address}.{formula.layer}.{column}", values


def _unread_counts(tree: Tree, layers: Mapping[str, Layer]) -> Iterator[Loose]:
    """Yield the faults of the people, the context and the parts of columns."""
    counts = {f"context.{key}": value for key, value in _table(tree, "context").items()}
    counts["people"] = tree.get("people")
    for address, value in counts.items():
        if not isinstance(value, dict) or "layer" not in value or "column" not in value:
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
