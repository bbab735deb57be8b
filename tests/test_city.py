"""A city file: found by name or path, checked at the door, tied to its method."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Town
from inclusion_marker.city import City, LayerSource, cross_check, find_cities, load_city
from inclusion_marker.errors import CityError
from inclusion_marker.method import extended_method, load_method
from inclusion_marker.profiles import load_profile


def test_load_city__takes_a_folder_a_file_and_a_city(town: Town) -> None:
    city = load_city(town.root)
    assert isinstance(city, City)
    assert load_city(town.file) == city
    assert load_city(city) is city
    assert load_city(str(town.root)).name.said("es") == "Pueblo (sintético)"


def test_find_cities__looks_here_then_in_cities_then_at_the_samples(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(town.root.parent)
    assert find_cities()["town"] == Path.cwd() / "town"
    (town.root.parent / "cities").mkdir()
    town.root.rename(town.root.parent / "cities" / "other")
    assert load_city("other").id == "town"


@pytest.mark.parametrize("name", ["../../etc", "x" * 5000, "a\0b", "", "no/such/city.toml"])
def test_load_city__refuses_what_is_no_city(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CityError, match="city_not_found"):
        load_city(name)


def test_load_city__survives_a_circle_of_links(tmp_path: Path) -> None:
    circle = tmp_path / "city.toml"
    circle.symlink_to(circle)
    with pytest.raises(CityError, match="city_not_found") as caught:
        load_city(tmp_path)
    assert "fix:" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("resolution = 10", 'kind = "polygons"', "need the `file`"),
        ("resolution = 10", 'file = "cells.csv"', "need `id`"),
        ('[boundary]\nfile = "boundary.gpkg"', "", "need a [boundary]"),
        ('country = "CO"', 'country = "Colombia"', "country"),
        ('file = "census.gpkg"', 'file = ""', "layers.census.file"),
        ('file = "boundary.gpkg"', 'file = "boundary.gpkg"\ncrs = "EPSG:0"', "boundary.crs"),
        ('licence = "CC0-1.0"\ncolumns', "columns", "layers.census.licence"),
        ("[omitted]", "[travel.wlak]\nspeed_kmh = 4\n[omitted]", "travel.wlak found: 'wlak'"),
        ("[omitted]", "[travel.walk]\nspeed = 4\n[omitted]", "travel.walk.speed found: the key"),
        ("[omitted]", "[travel.walk]\nspeed_kmh = 0\n[omitted]", "travel.walk.speed_kmh"),
        ("[omitted]", "[travel]\nwalk = 4\n[omitted]", "travel.walk found: 4"),
    ],
)
def test_load_city__says_what_is_wrong_and_where(
    town: Town, old: str, new: str, words: str
) -> None:
    town.edit(old, new)
    with pytest.raises(CityError) as caught:
        load_city(town.root)
    assert words in " ".join(str(caught.value).split())


@pytest.mark.parametrize("name", ["cucuta", "manta"])
def test_cross_check__finds_nothing_in_a_sample(name: str) -> None:
    city = load_city(name)
    assert cross_check(city, city.own_method()) == []


def test_load_city__reports_the_faults_of_travel_with_all_others(town: Town) -> None:
    town.edit("[omitted]", "[travel.walk]\nspeed_kmh = -1\nsloop = 3\n\n[omitted]")
    town.edit('country = "CO"', 'country = "Colombia"')
    with pytest.raises(CityError) as caught:
        load_city(town.root)
    said = str(caught.value)
    assert all(each in said for each in ("country", "travel.walk.speed_kmh", "travel.walk.sloop"))
    assert "walk.toml" not in said


def test_travel__changes_what_the_city_says_of_a_profile_and_nothing_else(town: Town) -> None:
    town.edit("[omitted]", "[travel.walk]\nspeed_kmh = 4.5\n\n[omitted]")
    changes = load_city(town.root).travel["walk"]
    slow, usual = load_profile("walk", changes), load_profile("walk")
    # What is not said off the street is as on it.
    slower = {"speed_kmh": 4.5, "access_speed_kmh": 4.5}
    assert slow == usual.model_copy(update=slower)


def test_streets__may_name_the_tags_of_openstreetmap_by_columns_of_their_own(town: Town) -> None:
    streets = LayerSource(
        file="x.gpkg",
        date="",
        source="x",
        licence="x",
        columns={"highway": "tipo", "oneway:foot": "sentido"},
    )
    city = load_city(town.root)
    more = city.model_copy(update={"layers": {**city.layers, "streets": streets}})
    assert cross_check(more, load_method("uim-v1")) == []
    odd = streets.model_copy(update={"columns": {"higway": "tipo"}})
    more = city.model_copy(update={"layers": {**city.layers, "streets": odd}})
    (notice,) = cross_check(more, load_method("uim"))
    assert (notice.code, notice.item) == ("name_unknown", "layers.streets.columns.higway")


def test_cross_check__only_warns_of_a_layer_that_another_method_may_read(town: Town) -> None:
    city = load_city(town.root)
    assert cross_check(city, load_method("uim-v1")) == []
    more = city.model_copy(update={"layers": {**city.layers, "metro": city.layers["health"]}})
    (notice,) = cross_check(more, load_method("uim-v1"))
    assert (notice.code, notice.severity) == ("layer_unread", "warning")
    assert "layers.metro" in notice.text("es")


def test_own_method__may_be_a_file_beside_the_city(town: Town) -> None:
    (town.root / "own.toml").write_text('extends = "uim-v1"\nid = "own"\n', encoding="utf-8")
    town.edit('method = "uim-v1"', 'method = "own.toml"')
    assert load_city(town.root).own_method() == extended_method(
        "uim-v1", {"id": "own"}, file="own.toml"
    )
