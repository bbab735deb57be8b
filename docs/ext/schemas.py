"""The pages of the two files, from their JSON schemas: a table a card, a line a key."""

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ext.tables import code, table, words
from inclusion_marker.schema import schema

Tree = Mapping[str, Any]

_SECTION = re.compile(r"^(\w+)\n-{3,}\n", re.MULTILINE)
_ROLE = re.compile(r":\w+:`~?([^`]+)`")
_PART = "Part"


def page(which: str) -> str:
    """Return the Markdown of a file: its own keys first, then each card it may hold.

    Parameters
    ----------
    which
        ``"city"`` or ``"method"``.
    """
    whole = schema(which)
    cards: Tree = whole["$defs"]
    # A method that extends another may leave out any key: the cards are the same.
    own = {**whole, **whole["anyOf"][0]} if "anyOf" in whole else whole
    named = {key: card for key, card in cards.items() if not _is_part(key, cards)}
    parts = [_card(own, which)]
    parts += [f"## {_title(key)}\n\n{_card(card, which)}" for key, card in named.items()]
    return "\n\n".join(parts)


def _is_part(key: str, cards: Tree) -> bool:
    """Return whether a card is another one of which nothing is required."""
    return key.endswith(_PART) and key.removesuffix(_PART) in cards


def _title(key: str) -> str:
    """Return the name of a card in words.

    Examples
    --------
    >>> _title("LayerSource"), _title("ProfilePart")
    ('Layer source', 'Profile')
    """
    return re.sub(r"(?<=[a-z])([A-Z])", r" \1", key.removesuffix(_PART)).capitalize()


def _card(card: Tree, which: str) -> str:
    """Return one card: what it says of itself, and its keys."""
    about, keys = described(str(card.get("description", "")))
    required = card.get("required", ())
    rows = [
        [code(key), _holds(each, which), _given(key, each, required), keys.get(key, "")]
        for key, each in card["properties"].items()
    ]
    if not keys:
        rows = [row[:-1] for row in rows]
    heads = ["key", "holds", "where left out", *(["what it says"] if keys else [])]
    return f"{about}\n\n{table(heads, rows)}" if about else table(heads, rows)


def described(docstring: str) -> tuple[str, dict[str, str]]:
    r"""Return what a docstring says before its sections, and of each of its attributes.

    Parameters
    ----------
    docstring
        In numpy style.

    Examples
    --------
    >>> described("A rule.\n\nAttributes\n----------\np\n    The order.\n")
    ('A rule.', {'p': 'The order.'})
    """
    head, *sections = _SECTION.split(_ROLE.sub(r"`\1`", docstring))
    about = re.sub(r"::$", ":", head.strip(), flags=re.MULTILINE)
    bodies = dict(zip(sections[::2], sections[1::2], strict=True))
    return about, dict(_attributes(bodies.get("Attributes", "")))


def _attributes(body: str) -> Iterator[tuple[str, str]]:
    """Yield each name of a section with what is said of it; a line may name several."""
    for names, said in re.findall(r"^(\S.*)\n((?:[ ]{4}.*\n?|\n)+)", body, re.MULTILINE):
        about = " ".join(inspect.cleandoc(said).split()).replace("|", r"\|")
        for name in names.partition(" : ")[0].split(", "):
            yield name, about


def _given(key: str, each: Tree, required: object) -> str:
    """Return what counts where a key is left out."""
    if key in required:  # type: ignore[operator]
        return "**required**"
    default = each.get("default")
    return "" if default in (None, "") or isinstance(default, dict) else code(_toml(default))


def _toml(value: object) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(each) for each in value)}]"
    return f'"{value}"' if isinstance(value, str) else f"{value:g}"


def _holds(each: Tree, which: str) -> str:  # noqa: C901, PLR0911 - one case a kind of schema
    """Return what a key holds, in words; a card by its name, with a link."""
    if "$ref" in each:
        key = str(each["$ref"]).rpartition("/")[2]
        anchor = _title(key).lower().replace(" ", "-")
        return f"[{_title(key)}](#{anchor})"
    for joined in ("anyOf", "oneOf"):
        if joined in each:
            kinds = (_holds(one, which) for one in each[joined] if one.get("type") != "null")
            return " or ".join(dict.fromkeys(kinds))
    if "enum" in each:
        return " or ".join(code(_toml(value)) for value in each["enum"])
    if "const" in each:
        return code(_toml(each["const"]))
    match each.get("type"):
        case "array" if "prefixItems" in each:
            return f"list: {', '.join(_holds(one, which) for one in each['prefixItems'])}"
        case "array":
            return f"list of {_holds(each['items'], which)}"
        case "object":
            return _table_of(each, which)
        case "string":
            return f"text {code(each['pattern'])}" if "pattern" in each else "text"
        case "boolean":
            return "`true` or `false`"
        case "integer" | "number" as kind:
            bounds = " ".join(_bounds(each))
            name = "whole number" if kind == "integer" else "number"
            return f"{name} {bounds}".strip()
        case _:
            return "anything"


def _table_of(each: Tree, which: str) -> str:
    """Return what a table holds by key."""
    if "properties" in each:
        keys = (f"{code(key)}: {_holds(one, which)}" for key, one in each["properties"].items())
        return f"table: {', '.join(keys)}"
    inner = [*each.get("patternProperties", {}).values()]
    inner += [each["additionalProperties"]] if each.get("additionalProperties") else []
    if not inner or inner == [True]:
        return "table"
    return f"table, by name: {_holds(inner[0], which)}"


def _bounds(each: Tree) -> Iterator[str]:
    """Yield the limits of a number."""
    for key, sign in (
        ("minimum", "≥"),
        ("exclusiveMinimum", "> "),
        ("maximum", "≤"),
        ("exclusiveMaximum", "< "),
    ):
        if key in each:
            yield words(f"{sign} {each[key]:g}")
