"""How to compute again: the command names what the city file does not say, and nothing else."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from inclusion_marker.analysis.analyses import Analyses, analyse
from inclusion_marker.cards import MinCoverage
from inclusion_marker.city import City
from inclusion_marker.marker import Marker, compute
from inclusion_marker.method import Method, load_method
from inclusion_marker.outputs.reporting.blocks import Points
from inclusion_marker.outputs.reporting.citing import citing_section, command
from inclusion_marker.result import Result

V1 = load_method("uim-v1")


@pytest.fixture(scope="module")
def manta() -> Marker:
    """Return a city whose method is a file beside its own."""
    return compute("manta", resolution=8, min_coverage=0.3)


@pytest.fixture(scope="module")
def found(manta: Marker) -> Analyses:
    """Return the analyses of it."""
    return analyse(manta, draws=32)


def used(result: Result, method: Method, city: City | None = None) -> Result:
    """Return a result as if it were computed by another method."""
    return dataclasses.replace(result, method=method, city=city or result.city)


def told(result: Result, analyses: Analyses) -> str:
    """Return what the command needs, in one line."""
    blocks = citing_section(result, analyses, "en").blocks
    return " ".join(said for each in blocks if isinstance(each, Points) for said in each.said)


def options(result: Result) -> str:
    """Return the options of the command after the city and before the language."""
    said = command(result, "en")
    found = re.fullmatch(
        r"inclusion-marker compute --city (?:manta|path/to/\S+)(.*) --lang en", said
    )
    assert found is not None, said
    return found[1].strip()


@pytest.fixture
def plain(manta: Marker) -> Result:
    """Return the city as its own file would have it computed."""
    grid = dataclasses.replace(manta.grid, resolution=manta.city.cells.resolution)
    return dataclasses.replace(manta, method=manta.city.own_method(), grid=grid)


def test_command__of_what_the_city_file_says_has_no_option(plain: Result) -> None:
    assert options(plain) == ""


def test_command__of_a_folder_of_ones_own_says_that_it_goes_there(
    plain: Result, tmp_path: Path
) -> None:
    city = plain.city.model_copy(update={"root": tmp_path / "mi ciudad"})
    said = command(dataclasses.replace(plain, city=city), "es")
    assert said.startswith("inclusion-marker compute --city 'ruta/a/mi ciudad' ")
    assert str(tmp_path) not in said


def test_command__names_what_was_asked_for_beside_the_city_file(manta: Marker) -> None:
    assert options(manta) == "--resolution 8 --min-coverage 0.3"


def test_method_that_ships__is_named_where_the_city_has_its_own(plain: Result) -> None:
    assert options(used(plain, V1)) == "--method uim-v1"
    lowered = V1.with_min_coverage(0.25)
    assert options(used(plain, lowered)) == "--method uim-v1 --min-coverage 0.25"


def test_method_that_is_the_own_of_a_city__is_not_named(plain: Result) -> None:
    city = plain.city.model_copy(update={"method": "uim-v1"})
    assert options(used(plain, V1, city)) == ""
    assert options(used(plain, load_method("uim"), city)) == "--method uim"


def test_method_of_a_file__is_named_where_the_city_would_use_another(
    plain: Result, found: Analyses
) -> None:
    for own in ("method.toml", "uim-v1"):
        city = plain.city.model_copy(update={"method": own})
        other = used(plain, V1.model_copy(update={"id": "other"}), city)
        assert options(other) == "--method other.toml"
        assert "It takes the file of the method other" in told(other, found)
    lowered = used(plain, V1.model_copy(update={"id": "other"}).with_min_coverage(0.25))
    assert options(lowered) == "--method other.toml --min-coverage 0.25"


def test_method_beside_the_city__needs_no_further_file(plain: Result, found: Analyses) -> None:
    text = told(plain, found)
    assert "It takes the file of the method" not in text
    assert "The method was changed" not in text


def test_method_that_ships__is_named_where_a_file_of_the_city_bears_its_name(
    plain: Result, tmp_path: Path
) -> None:
    (tmp_path / "method.toml").write_text('extends = "uim-v1"\nid = "uim-v1"\nversion = "9"\n')
    city = plain.city.model_copy(update={"root": tmp_path})
    assert options(used(plain, V1, city)) == "--method uim-v1"
    assert options(used(plain, city.own_method(), city)) == ""


def test_command__of_a_city_whose_method_is_gone_names_the_one_used(plain: Result) -> None:
    city = plain.city.model_copy(update={"method": "gone.toml"})
    assert options(used(plain, V1, city)) == "--method uim-v1"
    assert options(used(plain, plain.method, city)) == f"--method {plain.method.id}.toml"


def test_method_that_was_changed__has_to_be_saved_first(plain: Result, found: Analyses) -> None:
    for changes in (
        {"version": "9"},
        {"min_coverage": MinCoverage(dimension=0.1, area=0.2, marker=0.3)},
    ):
        changed = used(plain, plain.method.model_copy(update=changes))
        assert "The method was changed after it was read" in told(changed, found)
    assert "The method was changed" not in told(used(plain, V1.with_min_coverage(0.2)), found)


def test_cells_of_another_resolution__are_named(plain: Result) -> None:
    finer = dataclasses.replace(plain.grid, resolution=10)
    assert options(dataclasses.replace(plain, grid=finer)) == "--resolution 10"
    polygons = dataclasses.replace(plain.grid, resolution=None)
    assert options(dataclasses.replace(plain, grid=polygons)) == ""
