"""Extracts of OpenStreetMap: the formats agree, gaps are cut and said, broken files are named."""

from __future__ import annotations

import bz2
import gzip
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
import osmium
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from osmium.osm.mutable import Node, Way

from inclusion_marker.loaders.osm import KEPT_TAGS, Ways, read_osm
from inclusion_marker.loaders.reading import UnreadableError

Place = tuple[float, float]


@dataclass
class Town:
    """A small extract: degrees of nodes, node ids of ways, tags of ways."""

    places: dict[int, Place]
    refs: dict[int, list[int]]
    tags: dict[int, dict[str, str]] = field(default_factory=dict)

    def xml(self, more: str = "") -> str:
        nodes = [f'<node id="{n}" lon="{x}" lat="{y}"/>' for n, (x, y) in self.places.items()]
        return f'<osm version="0.6">{"".join(nodes)}{"".join(map(self.way, self.refs))}{more}</osm>'

    def way(self, number: int) -> str:
        refs = "".join(f'<nd ref="{n}"/>' for n in self.refs[number])
        tags = self.tags.get(number, {}).items()
        said = "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags)
        return f'<way id="{number}">{refs}{said}</way>'

    def elements(self) -> list[dict[str, Any]]:
        nodes = [{"type": "node", "id": n, "lon": x, "lat": y} for n, (x, y) in self.places.items()]
        ways = [
            {"type": "way", "id": way, "nodes": refs, "tags": self.tags.get(way, {})}
            for way, refs in self.refs.items()
        ]
        return [*nodes, *ways]

    def pbf(self, path: Path) -> Path:
        with osmium.SimpleWriter(str(path)) as writer:
            for number, place in self.places.items():
                writer.add_node(Node(id=number, location=place))
            for number, refs in self.refs.items():
                writer.add_way(Way(id=number, nodes=refs, tags=self.tags.get(number, {})))
        return path


@pytest.fixture
def town() -> Town:
    places = {
        n: (round(n / 1000 - 73.12, 7), round(7.11 + n * n % 7 / 1000, 7)) for n in range(1, 9)
    }
    refs = {10: [1, 2, 3], 11: [3, 4, 5, 3], 12: [5, 6], 13: [7, 8], 14: [1, 7, 8, 1]}
    tags = {
        10: {"highway": "primary", "name": 'Calle "Ñ" <1>', "oneway": "-1", "colour": "red"},
        11: {"highway": "residential", "junction": "roundabout", "oneway:bicycle": "no"},
        12: {"highway": "steps", "incline": "up"},
        13: {"building": "yes"},
        14: {"highway": "pedestrian", "area": "yes"},
    }
    return Town(places, refs, tags)


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def overpass(path: Path, elements: Sequence[object], **more: object) -> Path:
    answer = {"version": 0.6, "generator": "Overpass API", "elements": elements, **more}
    return written(path, json.dumps(answer))


def runs(ways: Ways) -> list[tuple[int, list[int]]]:
    """Return each way's id and node ids."""
    parts = np.split(ways.refs, ways.starts[1:-1])
    return [(int(way), part.tolist()) for way, part in zip(ways.ways.index, parts, strict=True)]


def assert_same(found: Ways, expected: Ways) -> None:
    pd.testing.assert_frame_equal(found.nodes, expected.nodes, rtol=0, atol=0)
    pd.testing.assert_frame_equal(found.ways, expected.ways)
    assert runs(found) == runs(expected)
    assert found.notices == expected.notices


def refusal(path: Path) -> tuple[str, str]:
    """Return the code of the refusal of a file, and all that it says."""
    with pytest.raises(UnreadableError) as caught:
        read_osm(path, "vias")
    notice = caught.value.notice
    assert notice.file == path.name
    assert notice.layer == "vias"
    assert str(path.parent) not in notice.text("es")
    assert notice.severity == "error"
    return notice.code, notice.text("en")


# ── what a file holds ────────────────────────────────────────────────────────


def test_xml__gives_the_streets_and_only_them(town: Town, tmp_path: Path) -> None:
    ways = read_osm(written(tmp_path / "town.osm", town.xml()))
    assert runs(ways) == [(10, [1, 2, 3]), (11, [3, 4, 5, 3]), (12, [5, 6])]
    assert ways.nodes.index.tolist() == [1, 2, 3, 4, 5, 6]
    assert [tuple(row) for row in ways.nodes.to_numpy()] == [town.places[n] for n in range(1, 7)]
    assert tuple(ways.ways.columns) == KEPT_TAGS
    assert ways.ways.loc[10].dropna().to_dict() == {
        "highway": "primary",
        "name": 'Calle "Ñ" <1>',
        "oneway": "-1",
    }
    assert ways.ways.loc[12, "oneway"] is None
    assert ways.notices == ()
    assert {ways.refs.dtype, ways.starts.dtype} == {np.dtype(np.int64)}


def test_formats__of_the_same_town_are_equal(town: Town, tmp_path: Path) -> None:
    xml = town.xml()
    expected = read_osm(written(tmp_path / "town.osm", xml))
    answer = json.dumps({"elements": town.elements()}).encode()
    others = [
        town.pbf(tmp_path / "town.osm.pbf"),
        written(tmp_path / "town.osm.gz", gzip.compress(xml.encode(), mtime=0)),
        written(tmp_path / "town.osm.bz2", bz2.compress(xml.encode())),
        written(tmp_path / "town.json", answer),
        written(tmp_path / "bom.json", b"\xef\xbb\xbf" + answer),
        written(tmp_path / "town.json.gz", gzip.compress(answer, mtime=0)),
        written(tmp_path / "town.json.bz2", bz2.compress(answer)),
    ]
    for path in others:
        assert_same(read_osm(path), expected)


def test_content__counts_and_not_the_name(town: Town, tmp_path: Path) -> None:
    expected = read_osm(written(tmp_path / "town.osm", town.xml()))
    assert_same(read_osm(town.pbf(tmp_path / "a.osm.pbf").rename(tmp_path / "b.osm")), expected)
    assert_same(read_osm(written(tmp_path / "c.pbf", town.xml())), expected)


def test_order_of_the_file__changes_nothing(town: Town, tmp_path: Path) -> None:
    expected = read_osm(written(tmp_path / "town.osm", town.xml()))
    backward = town.elements()[::-1]
    assert_same(read_osm(overpass(tmp_path / "town.json", backward)), expected)
    turned = Town(dict([*town.places.items()][::-1]), dict([*town.refs.items()][::-1]), town.tags)
    assert_same(read_osm(written(tmp_path / "turned.osm", turned.xml())), expected)


def test_ids__may_be_negative_or_large(tmp_path: Path) -> None:
    town = Town({-1: (0, 0), 2**40: (0, 1)}, {-5: [-1, 2**40]}, {-5: {"highway": "path"}})
    for path in (
        written(tmp_path / "a.osm", town.xml()),
        town.pbf(tmp_path / "a.osm.pbf"),
        overpass(tmp_path / "a.json", town.elements()),
    ):
        assert runs(read_osm(path)) == [(-5, [-1, 2**40])]


# ── copies of an element ─────────────────────────────────────────────────────


@pytest.mark.parametrize("skeleton_first", [False, True])
def test_skeleton__of_a_way_takes_no_tags_away(
    town: Town, tmp_path: Path, *, skeleton_first: bool
) -> None:
    expected = read_osm(written(tmp_path / "town.osm", town.xml()))
    body = town.elements()
    skeletons = [{k: v for k, v in each.items() if k != "tags"} for each in body]
    both = [*skeletons, *body] if skeleton_first else [*body, *skeletons]
    assert_same(read_osm(overpass(tmp_path / "town.json", both)), expected)


def test_tags_and_nodes__that_come_apart_are_one_way(tmp_path: Path) -> None:
    nodes = [{"type": "node", "id": n, "lon": 0, "lat": n} for n in (1, 2)]
    halves: list[dict[str, Any]] = [
        {"type": "way", "id": 9, "tags": {"highway": "path"}},
        {"type": "way", "id": 9, "nodes": [1, 2]},
    ]
    for parts in (halves, halves[::-1]):
        ways = read_osm(overpass(tmp_path / "a.json", [*parts, *nodes]))
        assert runs(ways) == [(9, [1, 2])]
        assert ways.ways.loc[9, "highway"] == "path"


def test_later_copy__counts(town: Town, tmp_path: Path) -> None:
    later = Town(
        {2: (-73.5, 7.5)},
        {10: [1, 2], 11: [3, 4], 12: [5, 6]},
        {10: {"highway": "service"}, 11: {"railway": "rail"}, 12: {"highway": "x", "area": "yes"}},
    )
    for path in (
        overpass(tmp_path / "a.json", [*town.elements(), *later.elements()]),
        written(tmp_path / "a.osm", town.xml(later.xml()[len('<osm version="0.6">') : -6])),
    ):
        ways = read_osm(path)
        assert runs(ways) == [(10, [1, 2])]
        assert ways.ways.loc[10, "highway"] == "service"
        assert tuple(ways.nodes.loc[2]) == (-73.5, 7.5)


def test_deleted_version__is_no_street(town: Town, tmp_path: Path) -> None:
    gone = '<way id="12" version="2" visible="false"/>'
    ways = read_osm(written(tmp_path / "a.osm", town.xml(gone)))
    assert ways.ways.index.tolist() == [10, 11]


# ── geometry in the ways ─────────────────────────────────────────────────────


def test_geometry_in_the_ways__is_as_good_as_nodes(town: Town, tmp_path: Path) -> None:
    expected = read_osm(written(tmp_path / "town.osm", town.xml()))
    ways = [each for each in town.elements() if each["type"] == "way"]
    for way in ways:
        points = [town.places[node] for node in way["nodes"]]
        way["geometry"] = [{"lat": lat, "lon": lon} for lon, lat in points]
    assert_same(read_osm(overpass(tmp_path / "town.json", ways)), expected)


def test_geometry__outside_the_box_asked_for_is_a_gap(tmp_path: Path) -> None:
    points: list[Any] = [{"lat": n, "lon": 0} for n in range(4)]
    way = {"type": "way", "id": 1, "nodes": [1, 2, 3, 4], "tags": {"highway": "path"}}
    ways = read_osm(overpass(tmp_path / "a.json", [{**way, "geometry": [*points[:3], None]}]))
    assert runs(ways) == [(1, [1, 2, 3])]
    assert [notice.code for notice in ways.notices] == ["osm_nodes_missing"]


# ── gaps ─────────────────────────────────────────────────────────────────────


def test_way__is_cut_where_nodes_are_missing_and_the_gap_is_said(tmp_path: Path) -> None:
    town = Town(
        {n: (0, n) for n in (1, 2, 5, 6, 7, 9, 20, 21)},
        {1: [1, 2, 3, 4, 5, 6, 7, 8, 9], 2: [20, 21], 3: [3, 20], 4: [21]},
        {n: {"highway": "path", "name": str(n)} for n in range(1, 5)},
    )
    for path in (
        written(tmp_path / "a.osm", town.xml()),
        town.pbf(tmp_path / "a.osm.pbf"),
        overpass(tmp_path / "a.json", town.elements()),
    ):
        ways = read_osm(path)
        assert runs(ways) == [(1, [1, 2]), (1, [5, 6, 7]), (2, [20, 21])]
        assert ways.ways["name"].tolist() == ["1", "1", "2"]
        assert ways.nodes.index.tolist() == [1, 2, 5, 6, 7, 20, 21]
        missing, short = ways.notices
        assert (missing.code, short.code) == ("osm_nodes_missing", "osm_ways_short")
        assert {missing.severity, short.severity} == {"warning"}
        assert "3 nodes of 2 of 4 streets" in missing.text()
        assert "(ways 1, 3)" in missing.text()
        assert "2 of 4 streets have fewer than two" in short.text()
        assert "(vías 3, 4)" in short.text("es")


def test_node_without_coordinates__is_a_gap(tmp_path: Path) -> None:
    town = Town({n: (0, n) for n in (1, 2, 4, 5)}, {1: [1, 2, 3, 4, 5]}, {1: {"highway": "path"}})
    bare = {"type": "node", "id": 3}
    for path in (
        written(tmp_path / "a.osm", town.xml('<node id="3"/>')),
        overpass(tmp_path / "a.json", [*town.elements(), bare]),
    ):
        ways = read_osm(path)
        assert runs(ways) == [(1, [1, 2]), (1, [4, 5])]
        assert [notice.code for notice in ways.notices] == ["osm_nodes_missing"]


def test_node__that_follows_itself_is_one_node(tmp_path: Path) -> None:
    refs = {1: [1, 1, 2, 2, 2, 1], 2: [2, 2], 3: [2, 3]}
    town = Town({n: (0, n) for n in (1, 2, 3)}, refs, {n: {"highway": "path"} for n in refs})
    ways = read_osm(written(tmp_path / "a.osm", town.xml()))
    assert runs(ways) == [(1, [1, 2, 1]), (3, [2, 3])]
    assert [notice.code for notice in ways.notices] == ["osm_ways_short"]


def naive_runs(refs: Mapping[int, Sequence[int]], known: set[int]) -> list[tuple[int, list[int]]]:
    """Return the runs of ways, one node after the other."""
    found = []
    for way, nodes in sorted(refs.items()):
        run: list[int] = []
        for node in [*nodes, None]:
            if node in known and node is not None:
                run += [node] if run[-1:] != [node] else []
            else:
                found += [(way, run)] if len(run) > 1 else []
                run = []
    return found


@given(
    refs=st.dictionaries(st.integers(1, 5), st.lists(st.integers(1, 6), max_size=9), min_size=1),
    known=st.sets(st.integers(1, 6)),
)
def test_runs__are_those_found_node_by_node(
    refs: dict[int, list[int]], known: set[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    town = Town({n: (0, n) for n in known}, refs, {way: {"highway": "path"} for way in refs})
    path = overpass(tmp_path_factory.getbasetemp() / "runs.json", town.elements())
    expected = naive_runs(refs, known)
    if expected:
        assert runs(read_osm(path)) == expected
    else:
        assert refusal(path)[0] == "osm_without_nodes"


def test_long_lists_of_ways__are_cut(tmp_path: Path) -> None:
    refs = {**{way: [1, 2, 3] for way in range(100, 112)}, 99: [1, 2]}
    town = Town({1: (0, 0), 2: (0, 1)}, refs, {way: {"highway": "path"} for way in refs})
    (notice,) = read_osm(written(tmp_path / "a.osm", town.xml())).notices
    assert "(ways 100, 101, 102, 103, 104 … (+7))" in " ".join(notice.text().split())


# ── files that are refused ───────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["a.osm.pbf", "a.osm", "a.osm.gz", "a.json", "a.json.gz"])
def test_empty_file__is_said(name: str, tmp_path: Path) -> None:
    assert refusal(written(tmp_path / name, b""))[0] == "file_empty"


def test_absent_file__is_said(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a.osm.pbf")[0] == "file_missing"


def big(town: Town) -> Town:
    """Return a town whose file is worth cutting."""
    places = {n: (-73 + n / 1e5, 7 + n * n % 997 / 1e5) for n in range(1, 1200)}
    refs = {way: list(range(way, way + 40)) for way in range(1, 1000, 7)}
    return Town(places, refs, dict.fromkeys(refs, town.tags[10]))


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.97])
def test_cut_file__is_said(share: float, town: Town, tmp_path: Path) -> None:
    large = big(town)
    xml, answer = large.xml().encode(), json.dumps({"elements": large.elements()}).encode()
    files = {
        "a.osm.pbf": large.pbf(tmp_path / "whole.osm.pbf").read_bytes(),
        "a.osm": xml,
        "a.osm.gz": gzip.compress(xml, mtime=0),
        "a.osm.bz2": bz2.compress(xml),
        "a.json": answer,
        "a.json.gz": gzip.compress(answer, mtime=0),
    }
    for name, content in files.items():
        cut = content[: max(int(len(content) * share), 60)]
        code, text = refusal(written(tmp_path / name, cut))
        assert code == "file_corrupt"
        assert "found: the file is damaged or incomplete: " in text


def test_damaged_pbf__is_said_whatever_bytes_are_wrong(town: Town, tmp_path: Path) -> None:
    content = big(town).pbf(tmp_path / "whole.osm.pbf").read_bytes()
    expected = read_osm(tmp_path / "whole.osm.pbf")
    chance = random.Random(3)  # noqa: S311
    refused = 0
    for _ in range(60):
        wrong = bytearray(content)
        wrong[chance.randrange(100, len(wrong))] ^= 1 << chance.randrange(8)
        path = written(tmp_path / "a.osm.pbf", bytes(wrong))
        try:
            found = read_osm(path)
        except UnreadableError as fault:
            refused += fault.notice.code == "file_corrupt"
        else:
            assert_same(found, expected)  # the wrong bit says nothing about streets
            refused += 1
    assert refused == 60


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.osm.pbf", b"hi"),
        ("a.osm.pbf", b"PK\x03\x04 a zip" * 50),
        ("a.osm", b"<!DOCTYPE html><html><body>429 Too Many Requests</body></html>"),
        ("a.osm", b"id,lon,lat\n1,0,0\n"),
        ("a.osm.gz", gzip.compress(b"\x00\x01\x02" * 40, mtime=0)),
        ("a.json", b'{"type": "FeatureCollection", "features": []}'),
        ("a.json", b"[1, 2]"),
        ("a.json", b'{"elements": {"node": 1}}'),
        ("a.json", b"{}"),
    ],
)
def test_something_else__is_said_to_be_no_extract(
    name: str, content: bytes, tmp_path: Path
) -> None:
    code, text = refusal(written(tmp_path / name, content))
    assert code == "osm_not_recognised"
    assert text.isprintable() or all(each.isprintable() or each == "\n" for each in text)


def test_geojson__is_named(tmp_path: Path) -> None:
    content = '{"type": "FeatureCollection", "features": []}'
    assert "JSON FeatureCollection" in refusal(written(tmp_path / "a.json", content))[1]


@pytest.mark.parametrize(
    "content",
    [
        "<osm><way id='1'/></osm>",
        "<osm version='0.6'><node id='abc' lat='1' lon='2'/><way id='1'><nd ref='z'/></way></osm>",
        "<osm version='0.6'><node id='1' lat='hello' lon='2'/></osm>",
        "<osm version='0.6'><node id='1' lat='1' lon='900'/></osm>",
    ],
)
def test_xml__with_nonsense_in_it_is_corrupt(content: str, tmp_path: Path) -> None:
    assert refusal(written(tmp_path / "a.osm", content))[0] == "file_corrupt"


@pytest.mark.parametrize(
    "element",
    [
        7,
        {"id": 1, "lat": 0, "lon": 0},
        {"type": "node", "lat": 0, "lon": 0},
        {"type": "node", "id": "1", "lat": 0, "lon": 0},
        {"type": "node", "id": 2**70, "lat": 0, "lon": 0},
        {"type": "node", "id": 1, "lat": "north", "lon": 0},
        {"type": "node", "id": 1, "lat": 10**400, "lon": 0},
        {"type": "way", "id": 1.5, "nodes": [1, 2], "tags": {"highway": "path"}},
        {"type": "way", "id": 1, "nodes": ["a"], "tags": {"highway": "path"}},
        {"type": "way", "id": 1, "nodes": 5, "tags": {"highway": "path"}},
        {"type": "way", "id": 1, "nodes": [1, 2], "tags": ["highway"]},
        {"type": "way", "id": 1, "nodes": [1, 2], "geometry": [5, 6]},
    ],
)
def test_element__that_is_none_is_named(element: object, town: Town, tmp_path: Path) -> None:
    path = overpass(tmp_path / "a.json", [*town.elements()[:3], element])
    code, text = refusal(path)
    assert code == "file_corrupt"
    assert "elements[3]" in text


@pytest.mark.parametrize("content", [b"[" * 200_000, b'{"elements": "\xff\xfe"}'])
def test_json__that_no_reader_can_take_is_corrupt(content: bytes, tmp_path: Path) -> None:
    assert refusal(written(tmp_path / "a.json", content))[0] == "file_corrupt"


def test_relations_and_the_like__are_passed_over(town: Town, tmp_path: Path) -> None:
    expected = read_osm(written(tmp_path / "town.osm", town.xml()))
    more = [{"type": "relation", "id": 1, "members": []}, {"type": "count", "id": 0}]
    assert_same(read_osm(overpass(tmp_path / "a.json", [*more, *town.elements()])), expected)


# ── answers that their server did not finish ─────────────────────────────────

TIMEOUT = 'runtime error: Query timed out in "query" at line 4 after 26 seconds.'


def test_unfinished_answer__is_refused_though_it_holds_streets(town: Town, tmp_path: Path) -> None:
    xml = town.xml(f"<remark> {TIMEOUT} </remark>")
    for path in (
        overpass(tmp_path / "a.json", town.elements(), remark=TIMEOUT),
        overpass(tmp_path / "b.json", [], remark=TIMEOUT),
        written(tmp_path / "a.osm", xml),
        written(tmp_path / "a.osm.gz", gzip.compress(xml.encode(), mtime=0)),
    ):
        code, text = refusal(path)
        assert code == "overpass_unfinished"
        assert "Query timed out" in text


def test_remark__that_is_no_error_is_passed_on(town: Town, tmp_path: Path) -> None:
    for path in (
        overpass(tmp_path / "a.json", town.elements(), remark="runtime remark: hello"),
        written(tmp_path / "a.osm", town.xml("<remark>runtime remark: hello</remark>")),
    ):
        ways = read_osm(path)
        assert [notice.code for notice in ways.notices] == ["overpass_remark"]
        assert "runtime remark: hello" in ways.notices[0].text()
        assert len(ways.ways) == 3


# ── extracts that give no streets ────────────────────────────────────────────


def test_extract_without_highways__is_said(town: Town, tmp_path: Path) -> None:
    town.tags = {10: {"building": "yes"}, 14: town.tags[14]}
    for path in (
        written(tmp_path / "a.osm", town.xml()),
        town.pbf(tmp_path / "a.osm.pbf"),
        overpass(tmp_path / "a.json", town.elements()),
        overpass(tmp_path / "b.json", []),
        written(tmp_path / "b.osm", '<osm version="0.6"/>'.replace("/>", "></osm>")),
    ):
        assert refusal(path)[0] == "osm_without_streets"


def test_ways_without_their_nodes__are_said(town: Town, tmp_path: Path) -> None:
    town.places = {1: (0, 0)}
    answer = town.elements()
    for path in (
        written(tmp_path / "a.osm", town.xml()),
        town.pbf(tmp_path / "a.osm.pbf"),
        overpass(tmp_path / "a.json", answer),
        overpass(tmp_path / "b.json", [{**each, "nodes": []} for each in answer]),
    ):
        code, text = refusal(path)
        assert code == "osm_without_nodes"
        assert "of 3 streets none" in text
        assert "10, 11, 12" in text


@pytest.mark.parametrize("place", [(-73.1, 95.0), (200.0, 7.1)])
def test_node_off_the_earth__is_named_with_counts(place: Place, town: Town, tmp_path: Path) -> None:
    town.places[4] = place
    for path in (
        written(tmp_path / "a.osm", town.xml()),
        town.pbf(tmp_path / "a.osm.pbf"),
        overpass(tmp_path / "a.json", town.elements()),
    ):
        code, text = refusal(path)
        assert code == "coordinate_out_of_range"
        assert "node 4" in text
        assert "1 of 6" in text


def test_not_a_number__is_nowhere(town: Town, tmp_path: Path) -> None:
    town.places[4] = (float("nan"), 7.0)
    assert refusal(overpass(tmp_path / "a.json", town.elements()))[0] == "coordinate_out_of_range"


def test_node_off_the_earth__that_no_street_uses_does_no_harm(town: Town, tmp_path: Path) -> None:
    town.places[8] = (500.0, 95.0)
    assert len(read_osm(overpass(tmp_path / "a.json", town.elements())).ways) == 3
