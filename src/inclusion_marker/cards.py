"""The tables of a method file, one frozen record each: layers, areas, dimensions, indicators."""

import math
from typing import Annotated, Literal, Self, cast

from pydantic import Field, PositiveFloat, ValidationError, model_validator
from pydantic_core import ErrorDetails

from inclusion_marker.curves import Score
from inclusion_marker.formulas import FORMULAS, Card, Formula, Status, classes, refused
from inclusion_marker.notices import Notice
from inclusion_marker.texts import Text, catalogue, phrase

LayerKind = Literal["zone", "polygon", "point", "opportunity", "line", "raster", "streets"]
# Against its siblings; what weighs 0 is measured and shown, and counts nothing.
Weight = Annotated[float, Field(ge=0, strict=True)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
# A column may be a tag of OpenStreetMap: `oneway:foot`.
ColumnName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_:]*$")]


class Column(Card):
    """What a column of a layer holds: a count, a rate or a class, and in which unit."""

    unit: str
    measure: Literal["extensive", "intensive", "category"]
    part_of: str | None = None


class Layer(Card):
    """A layer that a city may bring."""

    kind: LayerKind
    description: Text
    columns: dict[ColumnName, Column] = Field(default_factory=dict)


class Area(Card):
    """One of the areas whose mean is the marker."""

    code: str
    name: Text
    weight: Weight = 1.0


class Dimension(Card):
    """One of the dimensions of an area."""

    code: str
    area: str
    name: Text
    weight: Weight = 1.0


class Indicator(Card):
    """One measured thing: what it is, how it is computed and how it is scored.

    An ``optional`` one asks for nothing: a city without its layers or columns lacks it, and that
    is no fault of the city.
    """

    code: str
    name: Text
    dimension: str
    unit: str
    description: Text
    compute: Formula
    score: Score
    weight: Weight = 1.0
    optional: bool = False
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

    @property
    def supplementary(self) -> bool:
        """Return whether it is shown beside the marker, no part of it, where a city has it."""
        return self.optional and self.weight == 0


_SMALLEST_ORDER = 1e-9  # 1 / p must stay precise; nearer to 0 the mean is the geometric one anyway
RuleName = Literal["arithmetic", "geometric", "harmonic", "power", "mpi", "ampi", "owa"]
# The mean that one score of 0 would make 0, whatever the others: it needs a floor.
_FLOOR = 1.0


class Rule(Card):
    """How the scores of children become one score.

    Attributes
    ----------
    rule
        ``arithmetic``: a good child makes up for a bad one in full. ``geometric`` and
        ``harmonic``: in part, and in smaller part. ``power``: the mean of order ``p``. ``mpi`` and
        ``ampi``: the arithmetic mean less a penalty for children that differ (Mazziotta and
        Pareto), ``mpi`` after standardising over the cells. ``owa``: by the place of a child among
        its siblings, from best to worst.
    floor
        For ``geometric``, ``harmonic`` and ``power`` with ``p`` below 0: lower scores count as
        this one, 1 unless said. One child of 0 would otherwise hide all others.
    p
        For ``power``: 1 is arithmetic, -1 harmonic; not 0, which is geometric.
    penalty
        For ``mpi`` and ``ampi``: ``negative`` takes the penalty off, for an index of which more is
        better (the default); ``positive`` adds it.
    order
        For ``owa``: what the best child weighs, the second … the worst; they sum to 1. Children
        of another number, or of weights that differ, share the same curve of cumulated weights
        (Torra).

    Examples
    --------
    >>> Rule(rule="geometric").floor, Rule(rule="power", p=2).floor
    (1.0, None)
    """

    rule: RuleName = "arithmetic"
    floor: Annotated[float, Field(gt=0, le=100)] | None = None
    p: float | None = None
    penalty: Literal["negative", "positive"] | None = None
    order: Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=1)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, given: object) -> object:
        """Return what is given, with what a rule needs and may be left unsaid."""
        if not isinstance(given, dict):
            return given
        match given.get("rule"):
            case "geometric" | "harmonic":
                return {"floor": _FLOOR, **given}
            case "power" if isinstance(given.get("p"), int | float) and given["p"] < 0:
                return {"floor": _FLOOR, **given}
            case "mpi" | "ampi":
                return {"penalty": "negative", **given}
            case _:
                return given

    @model_validator(mode="after")
    def _what_it_uses(self) -> Self:
        """Check that the rule has what it uses, and nothing else is said."""
        used = {
            "floor": self.rule in ("geometric", "harmonic") or (self.p is not None and self.p < 0),
            "p": self.rule == "power",
            "penalty": self.rule in ("mpi", "ampi"),
            "order": self.rule == "owa",
        }
        for key, by in _USED_BY.items():
            if getattr(self, key) is not None and not used[key]:
                raise refused("fault_unused", name=key, rule=self.rule, used_by=by)
            if getattr(self, key) is None and used[key]:
                raise refused("fault_needed", name=key, rule=self.rule)
        if self.p is not None and abs(self.p) < _SMALLEST_ORDER:
            raise refused("fault_power_zero")
        if self.order is not None and not math.isclose(math.fsum(self.order), 1.0, abs_tol=1e-9):
            raise refused("fault_order_sum", found=math.fsum(self.order))
        return self

    @property
    def least(self) -> float:
        """Return the score that lower ones count as; 0 where none is lifted."""
        return 0.0 if self.floor is None else self.floor

    @property
    def comparable(self) -> bool:
        """Return whether a score is the same whatever other cells are scored with it."""
        return self.rule != "mpi"


_USED_BY = {
    "floor": "geometric, harmonic, power (p < 0)",
    "p": "power",
    "penalty": "mpi, ampi",
    "order": "owa",
}


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

    @classmethod
    def everywhere(cls, share: float) -> Self:
        """Return the same minimum at every level; a ``ValueError`` if it is not within 0 and 1."""
        # By its shortest digits: the 0.3 of a float32 must not become 0.30000001.
        return cls.model_validate(dict.fromkeys(cls.model_fields, float(str(share))))

    def is_below(self, other: Self) -> bool:
        """Return whether a level asks for less than it does in another."""
        asked = other.model_dump()
        return any(share < asked[level] for level, share in self.model_dump().items())


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


def notices_of(fault: ValidationError, file: str) -> list[Notice]:
    """Return a notice for each fault that the typed model found, at its full address."""
    notices: dict[tuple[str, str], Notice] = {}
    for each in fault.errors(include_url=False):
        steps = _steps(each["loc"])
        code = _CODES.get(each["type"], "value_invalid")
        values: dict[str, object] = {"found": steps[-1] if steps else file}
        place = (code, ".".join(steps))
        if code == "value_invalid":
            # A fault of the whole file would show all of it.
            shown = str(each.get("input"))[:80] if steps else file
            values = {"found": shown, "reason": _reason(each)}
        if code == "value_invalid" and place in notices:
            # One value that none of several types accepts is one fault.
            other = notices[place].values["reason"]
            values["reason"] = phrase("fault_or", one=other, other=values["reason"])
        notices[place] = Notice(code, file=file, item=place[1], values=values)
    return list(notices.values())


_CODES = {"extra_forbidden": "key_unknown", "missing": "key_missing"}
_TAGGED = ("function-", "tuple[", "literal[", "constrained")


def _steps(loc: tuple[int | str, ...]) -> list[str]:
    """Return the keys that lead to a value, without the types that pydantic puts between them."""
    steps: list[str] = []
    for step in map(str, loc):
        before = steps[-1] if steps else ""
        of_type = step.startswith(_TAGGED) or (before, step) == ("best", "float")
        if not of_type and not (before == "compute" and step in FORMULAS):
            steps.append(step)
    return steps


_SAME_REASON = {
    "float_parsing": "float_type",
    "int_parsing": "int_type",
    "int_from_float": "int_type",
    "bool_parsing": "bool_type",
    "enum": "literal_error",
    "tuple_type": "list_type",
    "model_type": "dict_type",
    "model_attributes_type": "dict_type",
}


def _reason(fault: ErrorDetails) -> Text:
    """Return why a value is not accepted, in both languages."""
    details = dict(fault.get("ctx", {}))
    if isinstance(details.get("text"), Text):
        return cast("Text", details["text"])
    key = f"fault_{_SAME_REASON.get(fault['type'], fault['type'])}"
    if key not in catalogue("words"):
        return phrase("fault_other", message=fault["msg"].removeprefix("Value error, "))
    if "expected" in details:  # pydantic joins what it accepts with an English "or"
        details["expected"] = str(details["expected"]).replace(" or ", ", ")
    return phrase(key, **details)
