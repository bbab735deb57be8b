"""JSON schemas of the two files, so that editors complete and check them as they are typed."""

from typing import Any

from inclusion_marker.city import City
from inclusion_marker.errors import ParameterError
from inclusion_marker.method import Method
from inclusion_marker.notices import Notice
from inclusion_marker.profiles import PROFILES, Profile


def schema(which: str) -> dict[str, Any]:
    """Return the JSON schema of a method file or of a city file.

    Parameters
    ----------
    which
        ``"method"`` or ``"city"``.

    Raises
    ------
    ParameterError
        If it is neither.

    Examples
    --------
    >>> sorted(schema("city")["required"])
    ['country', 'crs', 'id', 'name']
    """
    if which == "city":
        tree = City.model_json_schema()
        del tree["properties"]["root"]
        tree["required"].remove("root")
        tree["properties"]["travel"] |= _profiles(tree["$defs"])
    elif which == "method":
        tree = _either(Method.model_json_schema())
    else:
        values = {"found": which, "expected": "method, city"}
        raise ParameterError(Notice("parameter_type", item="schema", values=values))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **tree}


def _profiles(cards: dict[str, Any]) -> dict[str, Any]:
    """Return what the schema says of changes to profiles; the cards they need join ``cards``."""
    card = _partial(Profile.model_json_schema())
    for key, each in card.pop("$defs").items():
        cards[f"{key}{_PART}"] = each
    del card["properties"]["id"]
    cards[f"Profile{_PART}"] = card
    named = {name: {"$ref": f"#/$defs/Profile{_PART}"} for name in PROFILES}
    return {"properties": named, "additionalProperties": False}


def _either(whole: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a method file that is complete, or that extends another."""
    cards = whole.pop("$defs")
    part = _partial(whole)
    part["properties"]["extends"] = {
        "type": "string",
        "description": "Name or path of the method that this one overrides.",
    }
    part["required"] = ["extends", "id"]
    parts = {f"{key}{_PART}": _partial(card) for key, card in cards.items()}
    for key in ("title", "description"):
        del part[key]
    heads = {key: whole.pop(key) for key in ("title", "description")}
    # A formula is given whole or, without its name, in part; a part has no name to tell it by.
    for key, card in cards.items():
        if "formula" in card["properties"]:
            del parts[f"{key}{_PART}"]["properties"]["formula"]
    return {**heads, "anyOf": [whole, part], "$defs": cards | parts}


_PART = "Part"


def _partial(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that asks for no key at any depth: an extension states what differs."""
    found: dict[str, Any] = {}
    for key, value in tree.items():
        match key, value:
            case "required" | "minProperties" | "discriminator", _:
                continue
            case "$ref", _:
                found[key] = f"{value}{_PART}"
            case "oneOf", list():
                found["anyOf"] = [*value, *(_partial(each) for each in value)]
            # Lists are no tables: they replace what they override, so their items are whole.
            case "properties" | "patternProperties", dict():
                found[key] = {name: _partial(each) for name, each in value.items()}
            case _:
                found[key] = value
    return found
