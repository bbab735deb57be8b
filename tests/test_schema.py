"""The JSON schemas of the two files, as editors read them."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from inclusion_marker.errors import ParameterError
from inclusion_marker.formulas import FORMULAS
from inclusion_marker.schema import schema

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs" / "schema"


@pytest.mark.parametrize("which", ["method", "city"])
def test_schema__in_the_docs_is_the_one_that_the_code_gives(which: str) -> None:
    """Mend with `inclusion-marker method schema WHICH > docs/schema/WHICH.schema.json`."""
    written = json.loads((DOCS / f"{which}.schema.json").read_text(encoding="utf-8"))
    assert written == schema(which)


def test_method_schema__names_every_formula() -> None:
    text = json.dumps(schema("method"))
    assert {"travel_time", "catchment"} < FORMULAS
    for formula in FORMULAS:
        assert f'"{formula}"' in text


def faults(which: str, tree: dict[str, Any]) -> list[str]:
    """Return what the schema has against a file."""
    validator = Draft202012Validator(schema(which))
    return [f"{each.json_path}: {each.message}" for each in validator.iter_errors(tree)]


def examples(which: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the TOML blocks of the documentation that are files of a kind, with their names."""
    found = []
    for page in sorted([*ROOT.glob("docs/*.md"), ROOT / "README.md"]):
        blocks = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        found += [(page.name, tomllib.loads(each)) for each in blocks if f"/{which}.schema" in each]
    return found


METHOD_FILES = [
    *sorted(ROOT.glob("src/inclusion_marker/methods/*.toml")),
    *sorted(ROOT.glob("data/sample_cities/*/method.toml")),
    *sorted(ROOT.glob("tests/real/*/method.toml")),
]
CITY_FILES = [
    *sorted(ROOT.glob("data/sample_cities/*/city.toml")),
    *sorted(ROOT.glob("tests/real/*/city.toml")),
]


@pytest.mark.parametrize("which", ["method", "city"])
def test_schema__is_one(which: str) -> None:
    Draft202012Validator.check_schema(schema(which))


@pytest.mark.parametrize(
    ("which", "path"),
    [
        *(("method", path) for path in METHOD_FILES),
        *(("city", path) for path in CITY_FILES),
    ],
    ids=lambda each: getattr(each, "parent", Path(str(each))).name,
)
def test_schema__has_nothing_against_the_files_that_are_here(which: str, path: Path) -> None:
    assert faults(which, tomllib.loads(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("which", ["method", "city"])
def test_schema__has_nothing_against_the_examples_of_the_docs(which: str) -> None:
    pages = examples(which)
    assert pages
    assert [(page, faults(which, tree)) for page, tree in pages] == [
        (page, []) for page, _ in pages
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[indicators.internet.compute]\nlayer = 'health'",
        "[indicators.internet]\ncompute = { formula = 'distance', layer = 'health' }",
        "[indicators.stratum.compute.classes]\n1 = 'one'",
        "[indicators.land_use_mix.score]\nbest = 1.61",
        "[layers.census.columns.people]\nunit = 'persons'",
        "[aggregation]\nmarker = { rule = 'geometric' }",
    ],
)
def test_method_schema__lets_a_file_that_extends_state_only_what_differs(text: str) -> None:
    assert faults("method", tomllib.loads(f"extends = 'uim-v1'\nid = 'own'\n{text}")) == []


@pytest.mark.parametrize(
    "text",
    [
        "extend = 'uim-v1'\nid = 'own'",
        "extends = 'uim-v1'",
        "id = 'own'",
        "extends = 'uim-v1'\nid = 'own'\n[indicators.internet]\nweigth = 2",
        "extends = 'uim-v1'\nid = 'own'\n[indicators.internet]\nweight = 'two'",
        "extends = 'uim-v1'\nid = 'own'\n[indicators.internet.score]\nbst = 2",
        "extends = 'uim-v1'\nid = 'own'\n[indicators.internet.compute]\nlayr = 'health'",
        "extends = 'uim-v1'\nid = 'own'\n[indicators.internet.compute]\nformula = 'distance'",
        "extends = 'uim'\nid = 'own'\n[indicators.school_seats_access.compute]\nlimits_min = [0]",
        "extends = 'uim-v1'\nid = 'own'\n[indicators.internet.compute]\nformula = 'gravity'",
    ],
)
def test_method_schema__refuses(text: str) -> None:
    assert faults("method", tomllib.loads(text))


def test_city_schema__does_not_ask_for_what_the_code_fills_in() -> None:
    tree = schema("city")
    assert "root" not in tree["properties"]
    assert "root" not in tree["required"]


CITY = {
    "id": "x",
    "name": {"es": "x", "en": "x"},
    "country": "CO",
    "crs": "EPSG:32618",
}


@pytest.mark.parametrize(
    "travel",
    [
        {"walk": {"speed_kmh": 4.5}},
        {"walk": {"speeds_kmh": {"steps": 2}}, "bike": {"slope": "none"}, "drive": {}},
    ],
)
def test_city_schema__lets_a_city_change_a_part_of_a_profile(travel: dict[str, Any]) -> None:
    assert faults("city", {**CITY, "travel": travel}) == []


@pytest.mark.parametrize(
    "travel",
    [
        {"wlak": {"speed_kmh": 4.5}},
        {"walk": {"speed": 4.5}},
        {"walk": {"speed_kmh": "fast"}},
        {"walk": {"id": "bike"}},
    ],
)
def test_city_schema__refuses_a_change_of_what_no_profile_has(travel: dict[str, Any]) -> None:
    assert faults("city", {**CITY, "travel": travel})


def test_schema__of_neither_file_is_refused() -> None:
    with pytest.raises(ParameterError, match="method, city"):
        schema("layer")
