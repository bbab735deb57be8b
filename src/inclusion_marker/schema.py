"""JSON schemas of the two files, so that editors complete and check them as they are typed."""

from typing import Any

from inclusion_marker.city import City
from inclusion_marker.errors import ParameterError
from inclusion_marker.method import Method
from inclusion_marker.notices import Notice


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
    elif which == "method":
        tree = Method.model_json_schema()
        # A file that extends another states only what differs.
        tree["properties"]["extends"] = {
            "type": "string",
            "description": "Name or path of the method that this one overrides.",
        }
        tree["anyOf"] = [{"required": tree.pop("required")}, {"required": ["extends"]}]
    else:
        values = {"found": which, "expected": "method, city"}
        raise ParameterError(Notice("parameter_type", item="schema", values=values))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **tree}
