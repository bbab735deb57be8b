"""Read the streets of an OpenStreetMap extract: PBF, XML or the answer of an Overpass server."""

from __future__ import annotations

import bz2
import gzip
import json
import operator
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, Any, NoReturn, SupportsIndex, cast

import numpy as np
import numpy.typing as npt
import osmium
import pandas as pd

from inclusion_marker.loaders.reading import UnreadableError, check_path
from inclusion_marker.notices import Notice

KEPT_TAGS = (
    *("highway", "name", "oneway", "oneway:foot", "oneway:bicycle", "cycleway", "junction"),
    *("access", "foot", "bicycle", "motor_vehicle", "vehicle", "maxspeed", "surface", "bridge"),
    *("tunnel", "layer", "service", "lanes", "footway", "incline"),
)

_HEAD = 4096
_SHOWN = 5  # ids in a message
_MOST = 2**63 - 1
_REMARK = re.compile(r"<remark>(.*?)</remark>", re.DOTALL)
_XML = re.compile(rb"<osm[\s>]")
# What broken bytes make the libraries raise; libosmium's own errors come as RuntimeError.
_FAULTS = (RuntimeError, ValueError, OSError, EOFError, zlib.error, osmium.InvalidLocationError)

_Ids = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Ways:
    """The streets of an extract as its nodes and ways, in longitude and latitude.

    Attributes
    ----------
    nodes
        Index: node id, ascending; columns ``lon``, ``lat`` in degrees (WGS 84). Only nodes that
        the ways use.
    ways
        Index: way id, ascending; columns ``KEPT_TAGS`` as text, missing as ``None``. A way with
        a gap is several rows of the same id, one for each run, in drawing direction.
    refs
        Node ids of all ways one after the other, shape ``(sum of nodes of the ways,)``.
    starts
        Way ``i`` has the nodes ``refs[starts[i]:starts[i + 1]]``, two or more; shape
        ``(len(ways) + 1,)``.
    notices
        What was noticed about the file.
    """

    nodes: pd.DataFrame
    ways: pd.DataFrame
    refs: _Ids
    starts: _Ids
    notices: tuple[Notice, ...]


@dataclass(slots=True)
class _Found:
    """What a file holds, gathered while it is read: tags and node ids by way, degrees by node."""

    tags: dict[int, dict[str, str]] = field(default_factory=dict)
    refs: dict[int, Sequence[int]] = field(default_factory=dict)
    places: dict[int, tuple[float, float]] = field(default_factory=dict)

    def add_way(self, number: int, tags: dict[str, str], refs: Sequence[int]) -> None:
        """Take in a way, or what another copy of it adds."""
        if tags and ("highway" not in tags or tags.get("area") == "yes"):
            # A building, a square, or a later version that is no street any more.
            self.remove_way(number)
            return
        kept = {tag: tags[tag] for tag in KEPT_TAGS if tag in tags}
        self.tags[number] = kept or self.tags.get(number, {})
        self.refs[number] = refs or self.refs.get(number, ())

    def remove_way(self, number: int) -> None:
        """Forget a way."""
        self.tags.pop(number, None)
        self.refs.pop(number, None)


def read_osm(path: Path, key: str = "streets") -> Ways:
    """Return the streets of an OpenStreetMap extract.

    A street is a way with a ``highway`` tag that is no area (``area=yes``). What the file is, its
    content says, not its name: OSM PBF; OSM XML, plain or compressed with gzip or bzip2; or the
    JSON of an Overpass server, plain or compressed, asked for with ``out body; >; out skel;`` or
    with ``out geom;``. An element that comes several times is one: the later copy counts, and
    what it leaves out (``out skel`` has no tags) the earlier one gives.

    Parameters
    ----------
    path
        The file.
    key
        Id of the layer, for the notices.

    Returns
    -------
    Ways
        In degrees. A way is cut where the file lacks one of its nodes, as extracts do at their
        border; runs of fewer than two nodes are dropped, both said in the notices.

    Raises
    ------
    UnreadableError
        With the notice: the file is absent, empty, cut, something else or an unfinished answer of
        Overpass; it holds no streets, or none of their nodes; a node of a street is nowhere on
        the earth.

    References
    ----------
    https://wiki.openstreetmap.org/wiki/Elements and
    https://wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL for the formats.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> text = '''<osm version="0.6">
    ... <node id="7" lat="7.11" lon="-73.12"/><node id="8" lat="7.12" lon="-73.12"/>
    ... <way id="1"><nd ref="7"/><nd ref="8"/><tag k="highway" v="steps"/></way></osm>'''
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "stairs.osm"
    ...     _ = file.write_text(text, encoding="utf-8")
    ...     streets = read_osm(file)
    >>> streets.nodes.loc[8].tolist()
    [-73.12, 7.12]
    >>> streets.ways.loc[1, "highway"], streets.refs.tolist(), streets.starts.tolist()
    ('steps', [7, 8], [0, 2])
    """
    check_path(path, key)
    with _said(path, key):
        with _opened(path) as file:
            head = file.read(_HEAD)
        kind = _kind(head)
        if kind == "json":
            found, notices = _overpass(path, key)
        elif kind:
            notices = _remarks(path, key) if kind == "osm" else []
            found = _extract(path, kind)
        else:
            _refuse("osm_not_recognised", path, key, found=_words(head[:40].decode("latin-1")))
    return _assembled(found, path, key, notices)


def _refuse(code: str, path: Path, key: str, *, item: str = "", **values: object) -> NoReturn:
    """Refuse the file with a notice."""
    raise UnreadableError(Notice(code, file=path.name, layer=key, item=item, values=values))


@contextmanager
def _said(path: Path, key: str) -> Iterator[None]:
    """Say what the libraries raise about broken bytes as a notice."""
    try:
        yield
    except _FAULTS as fault:
        # libosmium names the whole path; a message names the file only.
        text = _words(str(fault).replace(str(path), path.name)) or type(fault).__name__
        values = {"found": text}
        notice = Notice("file_corrupt", file=path.name, layer=key, values=values)
        raise UnreadableError(notice) from fault


def _words(text: str) -> str:
    """Return a text of a file or a library in one short line that a terminal can show."""
    return "".join(each if each.isprintable() else " " for each in text).strip()[:160]


def _opened(path: Path) -> IO[bytes]:
    """Return the file as its bytes, decompressed if they are compressed."""
    squeezed = _squeezed(path)
    if squeezed == ".gz":
        return cast("IO[bytes]", gzip.open(path))
    return cast("IO[bytes]", bz2.open(path)) if squeezed else path.open("rb")


def _squeezed(path: Path) -> str:
    """Return how the bytes of a file are compressed, as the end of a name."""
    with path.open("rb") as file:
        magic = file.read(3)
    if magic.startswith(b"\x1f\x8b"):
        return ".gz"
    return ".bz2" if magic == b"BZh" else ""


def _kind(head: bytes) -> str:
    """Return what the first bytes begin: "pbf", "osm" (XML), "json" or nothing we read."""
    if b"OSMHeader" in head[:64]:
        return "pbf"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[")):
        return "json"
    return "osm" if start.startswith(b"<") and _XML.search(head) else ""


# ── PBF and XML ──────────────────────────────────────────────────────────────


def _extract(path: Path, kind: str) -> _Found:
    """Return what a PBF or XML file holds."""
    source = osmium.io.File(str(path), kind + _squeezed(path))
    found = _Found()
    ways = cast("Iterator[osmium.osm.Way]", osmium.FileProcessor(source, osmium.osm.WAY))
    for way in ways:
        if way.deleted:
            found.remove_way(way.id)
        else:
            found.add_way(way.id, dict(way.tags), [node.ref for node in way.nodes])
    # A second pass, for the nodes of buildings and shops are most of a city's and not wanted.
    wanted = set(chain.from_iterable(found.refs.values()))
    nodes = cast("Iterator[osmium.osm.Node]", osmium.FileProcessor(source, osmium.osm.NODE))
    for node in nodes:
        place = node.location
        if node.id in wanted and (place.x != _UNDEFINED or place.y != _UNDEFINED):
            found.places[node.id] = (place.lon_without_check(), place.lat_without_check())
    return found


# What libosmium says of a node without coordinates, in 1e-7 degrees.
_UNDEFINED = osmium.osm.Location().x


def _remarks(path: Path, key: str) -> list[Notice]:
    """Return what an Overpass server remarks at the end of an XML answer."""
    end = b""
    with _opened(path) as file:
        while block := file.read(1 << 20):
            end = (end + block)[-_HEAD:]
    remarks = _REMARK.findall(end.decode("utf-8", "replace"))
    return [each for remark in remarks for each in _remarked(remark, path, key)]


def _remarked(remark: str, path: Path, key: str) -> list[Notice]:
    """Return the notice of a remark, and refuse an answer that the server could not finish."""
    text = _words(remark)
    if "error" in text.lower():
        _refuse("overpass_unfinished", path, key, found=text)
    return [Notice("overpass_remark", file=path.name, layer=key, values={"found": text})]


# ── Overpass JSON ────────────────────────────────────────────────────────────


def _overpass(path: Path, key: str) -> tuple[_Found, list[Notice]]:
    """Return what an Overpass answer holds, and what its server remarks."""
    with _opened(path) as file:
        document = json.loads(file.read().decode("utf-8-sig"))
    elements = document.get("elements") if isinstance(document, dict) else None
    if not isinstance(elements, list):
        said = document.get("type") if isinstance(document, dict) else None
        _refuse("osm_not_recognised", path, key, found=_words(f"JSON {said or '-'}"))
    remark = document.get("remark")
    notices = _remarked(str(remark), path, key) if remark else []
    found = _Found()
    for number, element in enumerate(elements, 1):
        try:
            if element["type"] == "node":
                _add_place(found, _number(element["id"]), element)
            elif element["type"] == "way":
                _add_way(found, element)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as fault:
            text = _words(f"{type(fault).__name__} {fault}")
            values = {"found": f"elements[{number - 1}]: {text}"}
            notice = Notice("file_corrupt", file=path.name, layer=key, values=values)
            raise UnreadableError(notice) from fault
    return found, notices


def _number(value: object) -> int:
    """Return an id, which is a whole number of 64 bits."""
    number = operator.index(cast("SupportsIndex", value))
    if not -_MOST <= number <= _MOST:
        raise OverflowError(number)
    return number


def _add_place(found: _Found, number: int, point: dict[str, Any]) -> None:
    """Take in the coordinates of a node, if it has them."""
    lon, lat = point.get("lon"), point.get("lat")
    if lon is not None and lat is not None:
        found.places[number] = (float(lon), float(lat))


def _add_way(found: _Found, element: dict[str, Any]) -> None:
    """Take in a way, and the coordinates that ``out geom`` writes into it."""
    tags = {str(k): str(v) for k, v in element.get("tags", {}).items()}
    refs = [_number(each) for each in element.get("nodes", ())]
    found.add_way(_number(element["id"]), tags, refs)
    # Points outside the box of `out geom(box)` are null.
    for number, point in zip(refs, element.get("geometry", ()), strict=False):
        if point is not None:
            _add_place(found, number, point)


# ── streets out of either ────────────────────────────────────────────────────


def _assembled(found: _Found, path: Path, key: str, notices: list[Notice]) -> Ways:
    """Return the streets as tables, cut where nodes are missing."""
    ids = np.array(sorted(way for way, tags in found.tags.items() if tags), np.int64)
    if not ids.size:
        _refuse("osm_without_streets", path, key)
    refs = np.fromiter(chain.from_iterable(found.refs[int(way)] for way in ids), np.int64)
    owner = np.repeat(np.arange(len(ids)), [len(found.refs[int(way)]) for way in ids])
    known = np.isin(refs, np.fromiter(found.places, np.int64, len(found.places)))
    kept, firsts = _runs(refs, owner, known)
    if not kept.size:
        _refuse("osm_without_nodes", path, key, ways=len(ids), found=_some(ids))
    rows = owner[kept[firsts[:-1]]]
    for code, ways, nodes in (
        ("osm_nodes_missing", np.unique(ids[owner[~known]]), len(np.unique(refs[~known]))),
        ("osm_ways_short", np.delete(ids, rows), 0),
    ):
        if ways.size:
            values = {"nodes": nodes, "ways": len(ways), "total": len(ids), "found": _some(ways)}
            notices = [*notices, Notice(code, file=path.name, layer=key, values=values)]
    used = np.unique(refs[kept])
    degrees = np.array([found.places[int(node)] for node in used])
    nowhere = ~(np.abs(degrees) <= (180, 90)).all(axis=1)  # a NaN is nowhere too
    if nowhere.any():
        item = f"node {_some(used[nowhere])}"
        numbers = {"found": int(nowhere.sum()), "total": len(used)}
        _refuse("coordinate_out_of_range", path, key, item=item, **numbers)
    tags = [[found.tags[int(way)].get(tag) for tag in KEPT_TAGS] for way in ids]
    names = list(KEPT_TAGS)
    table = pd.DataFrame(tags, index=pd.Index(ids, name="way"), columns=names, dtype=object)
    nodes_table = pd.DataFrame(degrees, index=pd.Index(used, name="node"), columns=["lon", "lat"])
    return Ways(nodes_table, table.iloc[rows], refs[kept], firsts, tuple(notices))


def _runs(refs: _Ids, owner: _Ids, known: _Flags) -> tuple[_Ids, _Ids]:
    """Return the positions of the nodes that make up runs, and where in them each run starts.

    A run is unbroken nodes of one way, two or more; a node that follows itself is one node. The
    last of the starts is the end.
    """
    at = np.flatnonzero(known)
    gaps = np.cumsum(~known)[at]  # equal as long as no node is missing between
    along = (owner[at][1:] == owner[at][:-1]) & (gaps[1:] == gaps[:-1])
    again = np.concatenate([[False], along & (refs[at][1:] == refs[at][:-1])])[: at.size]
    starts = np.concatenate([[True], ~along])[: at.size]
    run = (np.cumsum(starts) - 1)[~again]
    at = at[~again]
    sizes = np.bincount(run)
    long = sizes > 1
    return at[long[run]], np.concatenate([[0], np.cumsum(sizes[long])])


def _some(ids: _Ids) -> str:
    """Return the first few ids, and how many more there are."""
    more = len(ids) - _SHOWN
    return ", ".join(map(str, ids[:_SHOWN])) + (f" … (+{more})" if more > 0 else "")
