"""A method file and the files that it extends: read, and laid over each other."""

import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from inclusion_marker.cards import Area, Dimension, Indicator, Layer
from inclusion_marker.crosschecks import Tree, table_of
from inclusion_marker.curves import SHAPE_KEYS, SHAPES
from inclusion_marker.errors import MethodError
from inclusion_marker.files import kind_of
from inclusion_marker.formulas import Card
from inclusion_marker.notices import Notice, near
from inclusion_marker.texts import phrase

CARDS: Mapping[str, type[Card]] = {
    "areas": Area,
    "dimensions": Dimension,
    "indicators": Indicator,
    "layers": Layer,
}


def shipped_methods() -> dict[str, Path]:
    """Return the method files that come with the package, by id."""
    folder = Path(str(files("inclusion_marker.methods")))
    return {path.stem.replace("_", "-"): path for path in sorted(folder.glob("*.toml"))}


def method_path(source: str, folder: Path, asked_by: str = "") -> Path:
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


def read_tree(path: Path, seen: tuple[Path, ...] = ()) -> tuple[Tree, list[Notice]]:
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
    base, faults = read_tree(method_path(name, path.parent, path.name), (*seen, path))
    if "id" not in tree:
        # Its figures would pass for those of the method that it changes.
        faults.append(Notice("key_missing", file=path.name, item="id", values={"found": "id"}))
    return extended(base, tree), [*faults, *strays(base, tree, path.name)]


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


def extended(base: Tree, over: Tree) -> Tree:
    """Return ``base`` with ``over`` on top, under a name of its own, without what strayed."""
    kept = {key: value for key, value in over.items() if key not in CARDS}
    for section in CARDS.keys() & over.keys():
        lost = _stray_keys(base, over, section)
        table = over[section]
        kept[section] = (
            {key: card for key, card in table.items() if key not in lost} if lost else table
        )
    own, name = over.get("id"), base.get("name")
    if isinstance(own, str) and isinstance(name, dict):
        base = {**base, "name": {key: f"{said} · {own}" for key, said in name.items()}}
    return _overlaid(base, kept)


def strays(base: Tree, over: Tree, file: str) -> Iterator[Notice]:
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


def _overlaid(base: Tree, over: Tree, at: tuple[str, ...] = ()) -> Tree:
    """Return ``base`` with ``over`` on top; ``at`` is the address of the two tables.

    Tables merge; a new formula replaces the old one whole, and so do a rule, a panel and a curve
    of another shape.
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
        case ("aggregation", _) | ("normalisation",) | ("indicators", _, "score", "normalise"):
            return "rule" in over
        case ("panels", _):
            return True
        case ("indicators", _, "score"):
            named = SHAPE_KEYS & set(over)
            both = named | SHAPE_KEYS & set(base)
            return not named <= {"best"} and not any(both <= set(shape) for shape in SHAPES)
        case _:
            return False
