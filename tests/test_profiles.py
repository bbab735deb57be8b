"""The profiles: what is open to whom, which way round and how fast, by the rules of the map."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest

from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice
from inclusion_marker.profiles import PROFILES, load_profile, unknown_directions

LEVEL = 6 * math.exp(-3.5 * 0.05)


def speeds(name: str, changes: Any = None, **tags: Any) -> list[float]:  # noqa: ANN401 - tags
    """Return the speed forward and backward of one edge."""
    columns = {tag.replace("__", ":"): [value] for tag, value in tags.items()}
    forward, backward = load_profile(name, changes).speeds_kmh_of(pd.DataFrame(columns, index=[7]))
    return [*forward, *backward]


def notices_of(name: str, changes: Any) -> list[Notice]:  # noqa: ANN401 - wrong on purpose
    """Return the notices with which changes of a profile are refused."""
    with pytest.raises(ParameterError) as caught:
        load_profile(name, changes)
    found = [each for each in caught.value.problems if isinstance(each, Notice)]
    assert len(found) == len(caught.value.problems)
    assert all(each.text("es") and each.text("en") for each in found)
    return found


# ── speeds ───────────────────────────────────────────────────────────────────


def test_walk__on_the_level_is_tobler_s_speed() -> None:
    assert speeds("walk", highway="residential") == pytest.approx([LEVEL, LEVEL], rel=1e-5)


@pytest.mark.parametrize("name", PROFILES)
def test_speed__without_any_tag_is_the_profile_s_own(name: str) -> None:
    profile = load_profile(name)
    forward, backward = profile.speeds_kmh_of(pd.DataFrame(index=range(3)))
    assert forward.tolist() == backward.tolist() == [profile.speed_kmh] * 3


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_speed__a_missing_value_says_nothing(missing: object) -> None:
    edges = pd.DataFrame(
        {tag: ["residential", missing] for tag in ("highway", "surface", "maxspeed", "oneway")}
    )
    assert load_profile("drive").speeds_kmh_of(edges)[0][1] == 25


def test_speed__by_highway_and_surface() -> None:
    assert speeds("bike", highway="path", surface="gravel") == pytest.approx([7.0, 7.0])
    assert speeds("bike", highway="no such value", surface="no such value") == [15, 15]


def test_steps__are_slow_on_foot_and_closed_on_wheels() -> None:
    assert speeds("walk", highway="steps") == pytest.approx([LEVEL / 2] * 2, rel=1e-5)
    assert speeds("bike", highway="steps", bicycle="yes") == [0, 0]
    assert speeds("drive", highway="steps", motor_vehicle="yes") == [0, 0]


def test_value__of_several_is_the_first_and_case_does_not_matter() -> None:
    assert speeds("drive", highway="Primary;tertiary") == [65, 65]
    assert speeds("drive", highway="primary", oneway=" YES ") == [65, 0]


@pytest.mark.parametrize(
    ("limit", "kmh"),
    [
        ("30", 24), ("50 km/h", 40), ("30;60", 24), ("37.5", 30), ("20 mph", 25.749504),
        ("20mph", 25.749504), ("CO:urban", 65), ("none", 65), ("signals", 65), ("0", 65),
        ("999", 65), ("", 65), (None, 65),
    ],
)  # fmt: skip
def test_maxspeed__is_what_cars_drive_by_where_it_is_a_speed(limit: str | None, kmh: float) -> None:
    assert speeds("drive", highway="primary", maxspeed=limit) == pytest.approx([kmh, kmh])
    assert speeds("bike", highway="primary", maxspeed=limit) == [15, 15]


# ── access ───────────────────────────────────────────────────────────────────

OPEN: list[tuple[dict[str, str], str]] = [
    ({"highway": "residential"}, "wbd"),
    ({"highway": "footway"}, "w"),
    ({"highway": "footway", "bicycle": "yes"}, "wb"),
    ({"highway": "footway", "access": "yes"}, "w"),
    ({"highway": "pedestrian", "motor_vehicle": "destination"}, "wd"),
    ({"highway": "cycleway"}, "wb"),
    ({"highway": "cycleway", "foot": "no"}, "b"),
    ({"highway": "path"}, "wb"),
    ({"highway": "motorway"}, "d"),
    ({"highway": "motorway", "foot": "yes"}, "wd"),
    ({"highway": "trunk"}, "wbd"),
    ({"highway": "construction", "foot": "yes"}, ""),
    ({"highway": "proposed", "access": "yes"}, ""),
    ({"highway": "service", "access": "private"}, ""),
    ({"highway": "service", "access": "private", "foot": "yes"}, "w"),
    ({"highway": "service", "access": "no", "vehicle": "yes"}, "bd"),
    ({"highway": "service", "vehicle": "no"}, "w"),
    ({"highway": "service", "vehicle": "no", "bicycle": "designated"}, "wb"),
    ({"highway": "residential", "access": "destination"}, "wbd"),
    ({"highway": "residential", "access": "unknown"}, "wbd"),
    ({"highway": "residential", "motor_vehicle": "private"}, "wb"),
    ({"highway": "residential", "bicycle": "dismount"}, "wd"),
]


@pytest.mark.parametrize(("tags", "whom"), OPEN, ids=str)
def test_access__is_decided_by_the_last_tag_that_says_something(
    tags: dict[str, str], whom: str
) -> None:
    found = "".join(name[0] for name in PROFILES if speeds(name, **tags)[0] > 0)
    assert found == whom


# ── directions ───────────────────────────────────────────────────────────────

ONE_WAY: list[tuple[dict[str, str], str, str]] = [
    ({"oneway": "yes"}, "bike", "forward"),
    ({"oneway": "yes"}, "drive", "forward"),
    ({"oneway": "yes"}, "walk", "both"),
    ({"oneway": "True"}, "drive", "forward"),
    ({"oneway": "1"}, "drive", "forward"),
    ({"oneway": "-1"}, "drive", "backward"),
    ({"oneway": "reverse"}, "bike", "backward"),
    ({"oneway": "no"}, "drive", "both"),
    ({"oneway": "reversible"}, "drive", "both"),
    ({"oneway": "si"}, "drive", "both"),
    ({"oneway__foot": "yes"}, "walk", "forward"),
    ({"oneway__foot": "-1"}, "walk", "backward"),
    ({"oneway__foot": "yes"}, "drive", "both"),
    ({"oneway": "yes", "oneway__bicycle": "no"}, "bike", "both"),
    ({"oneway": "yes", "oneway__bicycle": "no"}, "drive", "forward"),
    ({"oneway__bicycle": "-1"}, "bike", "backward"),
    ({"oneway": "yes", "cycleway": "opposite_lane"}, "bike", "both"),
    ({"oneway": "yes", "cycleway": "opposite"}, "drive", "forward"),
    ({"oneway": "yes", "cycleway": "lane"}, "bike", "forward"),
    ({"junction": "roundabout"}, "drive", "forward"),
    ({"junction": "roundabout"}, "bike", "forward"),
    ({"junction": "roundabout"}, "walk", "both"),
    ({"junction": "roundabout", "oneway": "no"}, "drive", "both"),
    ({"junction": "roundabout", "oneway": "-1"}, "drive", "backward"),
    ({"junction": "circular"}, "drive", "forward"),
    ({"junction": "uncontrolled"}, "drive", "both"),
    ({"highway": "motorway"}, "drive", "forward"),
    ({"highway": "motorway", "oneway": "no"}, "drive", "both"),
]


@pytest.mark.parametrize(("tags", "name", "open_"), ONE_WAY, ids=str)
def test_direction__is_that_of_the_tags_that_the_profile_heeds(
    tags: dict[str, str], name: str, open_: str
) -> None:
    forward, backward = speeds(name, **tags)
    found = {(True, True): "both", (True, False): "forward", (False, True): "backward"}
    assert found[forward > 0, backward > 0] == open_


@pytest.mark.parametrize("name", PROFILES)
def test_direction__turning_every_edge_round_swaps_the_speeds(name: str) -> None:
    turned = {"yes": "-1", "-1": "yes"}
    words = np.array(["yes", "-1", "no", None], dtype=object)
    rng = np.random.default_rng(3)
    edges = pd.DataFrame(
        {
            "highway": rng.choice(["residential", "primary", "path", "footway"], 200),
            **{tag: words[rng.integers(0, 4, 200)] for tag in ("oneway", "oneway:foot")},
        }
    )
    round_ = edges.replace({"oneway": turned, "oneway:foot": turned})
    profile = load_profile(name)
    npt.assert_array_equal(profile.speeds_kmh_of(edges), profile.speeds_kmh_of(round_)[::-1])


def test_unknown_directions__are_counted_over_all_tags() -> None:
    edges = pd.DataFrame(
        {"oneway": ["yes", "si", "-1", None], "oneway:foot": ["no", "si", "x", "1"]}
    )
    assert unknown_directions(edges) == {"si": 2, "x": 1}
    assert unknown_directions(pd.DataFrame({"highway": ["path"]})) == {}


# ── changes of a city ────────────────────────────────────────────────────────


def test_changes__tables_merge_and_values_replace() -> None:
    changes = {"speeds_kmh": {"path": 9}, "closed": ["trunk"], "oneway_tags": []}
    profile = load_profile("bike", changes)
    assert (profile.speeds_kmh["path"], profile.speeds_kmh["cycleway"]) == (9, 16)
    assert profile.closed == ("trunk",)
    assert load_profile("bike").speeds_kmh["path"] == 10
    assert speeds("bike", changes, highway="footway", oneway="yes") == [6, 6]
    assert speeds("bike", changes, highway="trunk") == [0, 0]


def test_changes__of_the_walking_speed_hold_off_the_street_too() -> None:
    assert load_profile("walk", {"speed_kmh": 4.5}).access_speed_kmh == 4.5
    both = load_profile("walk", {"speed_kmh": 4.5, "access_speed_kmh": 3})
    assert (both.speed_kmh, both.access_speed_kmh) == (4.5, 3)
    assert load_profile("drive", {"speed_kmh": 30}).access_speed_kmh == pytest.approx(LEVEL, 1e-5)


def test_changes__maxspeed_can_be_left_unread() -> None:
    changes = {"maxspeed_share": None}
    assert speeds("drive", changes, highway="primary", maxspeed="30") == [65, 65]


@pytest.mark.parametrize(
    ("changes", "code", "item"),
    [
        ({"speed_kmh": 0}, "value_invalid", "speed_kmh"),
        ({"speed_kmh": 4500}, "value_invalid", "speed_kmh"),
        ({"speed_kmh": "4.5"}, "value_invalid", "speed_kmh"),
        ({"speed_kmh": math.nan}, "value_invalid", "speed_kmh"),
        ({"speed": 4.5}, "key_unknown", "speed"),
        ({"speeds_kmh": {"path": -1}}, "value_invalid", "speeds_kmh.path"),
        ({"speeds_kmh": 4}, "value_invalid", "speeds_kmh"),
        ({"surface_factors": {"mud": 1.5}}, "value_invalid", "surface_factors.mud"),
        ({"slope": "steep"}, "value_invalid", "slope"),
        ({"access_limit_m": -1}, "value_invalid", "access_limit_m"),
        ({"access_tags": []}, "value_invalid", "access_tags"),
        ({"access_tags": ["Foot"]}, "value_invalid", "access_tags.0"),
        ({"opening": ["private"]}, "value_invalid", ""),
        ({"id": "drive"}, "key_unknown", "walk.id"),
    ],
)
def test_changes__that_a_profile_cannot_hold_are_refused_at_their_address(
    changes: dict[str, Any], code: str, item: str
) -> None:
    (notice,) = notices_of("walk", changes)
    assert (notice.code, notice.item) == (code, item)


def test_changes__are_all_refused_at_once() -> None:
    found = notices_of("walk", {"speed": 4.5, "slope": "steep", "steps_factor": 0})
    assert {each.item for each in found} == {"speed", "slope", "steps_factor"}


@pytest.mark.parametrize("changes", [4.5, "fast", [("speed_kmh", 4)]])
def test_changes__must_be_a_table(changes: object) -> None:
    (notice,) = notices_of("walk", changes)
    assert notice.code == "parameter_type"


def test_profile__of_another_name_is_refused_with_those_that_exist() -> None:
    (notice,) = notices_of("wlak", None)
    assert notice.code == "name_unknown"
    assert notice.values["accepted"] == "walk, bike, drive"


@pytest.mark.parametrize("name", PROFILES)
def test_profile__is_whole_and_says_where_its_figures_are_from(name: str) -> None:
    profile = load_profile(name)
    assert profile.id == name
    assert len(profile.source) > 40
    assert not set(profile.closed) & set(profile.barred)
    assert not set(profile.speeds_kmh) & set(profile.barred)
    assert profile.access_tags[-1] == {"walk": "foot", "bike": "bicycle"}.get(name, "motor_vehicle")
