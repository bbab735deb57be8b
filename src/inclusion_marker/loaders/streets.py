"""Streets of any accepted file as one table of edges between numbered nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from pyproj.exceptions import CRSError
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from inclusion_marker.errors import LayerError, ParameterError
from inclusion_marker.loaders.contract import At, crs_agree, geometry_faults, placed, rows_notice
from inclusion_marker.loaders.graphml import Graph, read_graph
from inclusion_marker.loaders.osm import KEPT_TAGS, Ways, read_osm
from inclusion_marker.loaders.reading import SUFFIXES, Source, UnreadableError, check_path, read
from inclusion_marker.notices import Notice, errors, near
from inclusion_marker.profiles import unknown_directions
from inclusion_marker.texts import phrase

Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_Flags = npt.NDArray[np.bool_]

_DEGREES = "EPSG:4326"
_OSM = (".pbf", ".osm", ".osm.gz", ".osm.bz2", ".json.gz")
_OVERPASS = re.compile(rb'"(?:osm3s|elements)"\s*:')
_GEOJSON = re.compile(rb'"type"\s*:\s*"Feature')
_HEAD = 4096  # bytes that tell one JSON from another
_BEYOND_EARTH_M = 1e8
_FORMATS = (*_OSM, ".graphml", *(each for each in SUFFIXES if each != ".csv"))


@dataclass(frozen=True, eq=False)
class Streets:
    """Streets as edges between nodes, in a CRS in metres.

    Attributes
    ----------
    nodes
        East and north of each node, shape ``(n, 2)``, metres; each is an end of an edge.
    edges
        One row an edge, numbered from 0: ``tail`` and ``head`` (numbers of nodes), ``length_m``
        (above 0), ``way`` (id of the way, or row of the file), the tags that the file has as text
        (missing as ``None``), and the line from tail to head.
    crs
        The CRS of both.
    notices
        What was noticed of the file; what stops a computation is raised.
    node_ids
        Ids of the nodes in an OpenStreetMap or GraphML file, ``None`` for a layer of lines.
    """

    nodes: Floats
    edges: gpd.GeoDataFrame
    crs: str
    notices: tuple[Notice, ...] = ()
    node_ids: pd.Index | None = None


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Edges as drawn in a file: some may lack a length, or be broken; nodes may lack edges."""

    nodes: Floats
    edges: gpd.GeoDataFrame
    notices: tuple[Notice, ...]
    node_ids: pd.Index | None = None


def load_streets(
    path: Path,
    *,
    crs: str,
    key: str = "streets",
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
    declared_crs: str | None = None,
) -> Streets:
    """Return the streets of a file: OpenStreetMap, Overpass, GraphML or a layer of lines.

    Ways of OpenStreetMap are cut where two or more meet. Lines meet where their ends have the very
    same coordinates, and nowhere else: a bridge does not meet the street below it. All pieces are
    kept, whether they hang together or not.

    Parameters
    ----------
    path
        ``.pbf``, ``.osm``, an answer of Overpass (``.json``, ``.json.gz``), ``.graphml`` as OSMnx
        writes it, or a vector file of lines.
    crs
        CRS in metres of what is returned.
    key
        Id of the layer, for the notices.
    layer
        Layer inside the file, if it has several.
    columns
        Name of a tag's column in the file, for tags that go by another name there.
    declared_crs
        CRS of a file that states none.

    Raises
    ------
    LayerError
        With the notices that say what is wrong with the file.
    ParameterError
        If ``crs`` is none in metres.

    Examples
    --------
    >>> from inclusion_marker.city import load_city
    >>> folder = load_city("cucuta").root
    >>> streets = load_streets(folder / "streets.gpkg", crs="EPSG:32618")
    >>> list(streets.edges.columns[:5])
    ['tail', 'head', 'length_m', 'way', 'highway']
    """
    _check_metric(crs)
    at = At(file=path.name, layer=key)
    columns = columns or {}
    try:
        check_path(path, key)
        if _is_osm(path):
            drawn = _of_ways(read_osm(path, key), crs, columns, at)
            _check_declared(drawn.edges, declared_crs, at)
        elif path.suffix.lower() == ".graphml":
            drawn = _of_graph(read_graph(path, key, declared_crs), crs, columns, at)
        elif not path.name.lower().endswith(_FORMATS):
            values = {"found": path.suffix or "-", "accepted": ", ".join(_FORMATS)}
            raise LayerError(Notice("driver_not_allowed", values=values, **at))
        else:
            source = Source(path, layer=layer, crs=declared_crs)
            drawn = _of_lines(*read(source, key), crs=crs, columns=columns, at=at)
    except UnreadableError as fault:
        raise LayerError(fault.notice) from fault
    return _finished(drawn, crs, at)


def _check_metric(crs: str) -> None:
    """Refuse a CRS that does not exist or does not measure in metres."""
    try:
        system = pyproj.CRS.from_user_input(crs)
    except CRSError as fault:
        values = {"found": crs, "reason": phrase("fault_crs_unknown")}
        raise ParameterError(Notice("value_invalid", item="crs", values=values)) from fault
    if not system.is_projected or {axis.unit_name for axis in system.axis_info} != {"metre"}:
        values = {"found": crs, "reason": phrase("fault_crs_metres")}
        raise ParameterError(Notice("value_invalid", item="crs", values=values))


def _check_declared(edges: gpd.GeoDataFrame, declared: str | None, at: At) -> None:
    """Refuse a declared CRS that is not the degrees of OpenStreetMap."""
    if declared is None:
        return
    degrees, stated = pyproj.CRS(_DEGREES), pyproj.CRS.from_user_input(declared)
    if not crs_agree(degrees, stated, edges.to_crs(_DEGREES).total_bounds):
        values = {"found": f"{degrees.name} ≠ {stated.name}"}
        raise LayerError(Notice("crs_contradicts_file", values=values, **at))


def _is_osm(path: Path) -> bool:
    """Return whether a file is OpenStreetMap's; a ``.json`` may be GeoJSON, too."""
    name = path.name.lower()
    if name.endswith(_OSM):
        return True
    if not name.endswith(".json"):
        return False
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return _GEOJSON.search(head) is None and _OVERPASS.search(head) is not None


# ── a layer of lines ─────────────────────────────────────────────────────────


def _of_lines(
    table: gpd.GeoDataFrame,
    notices: list[Notice],
    *,
    crs: str,
    columns: Mapping[str, str],
    at: At,
) -> _Drawn:
    """Return the edges of a layer of lines: each part is one, between its ends."""
    tags = _tags(table, columns, at)
    parts, notices = _parts(table, notices, at)
    # Where ends are the same is asked of the file's own numbers.
    ends = np.stack([_point_of(parts, 0), _point_of(parts, -1)], axis=1)
    _, firsts, numbers = np.unique(
        ends[..., 0] + 1j * ends[..., 1], return_index=True, return_inverse=True
    )
    lines = parts.to_crs(crs)
    moved = np.stack([_point_of(lines, 0), _point_of(lines, -1)], axis=1).reshape(-1, 2)
    numbers = numbers.reshape(-1, 2)
    row = table.index.get_indexer(parts.index)
    edges = _edges(
        numbers[:, 0], numbers[:, 1], parts.index, tags.iloc[row], lines.geometry.to_numpy(), crs
    )
    return _Drawn(moved[firsts], edges, tuple(notices))


def _parts(
    table: gpd.GeoDataFrame, notices: list[Notice], at: At
) -> tuple[gpd.GeoDataFrame, list[Notice]]:
    """Return the single lines of a layer by the row that they are part of, and what is noticed."""
    geometry = table.geometry.to_numpy()
    shapes, owners = shapely.get_parts(geometry, return_index=True)
    finite = _finite(shapes)
    lengthless = (shapely.get_dimensions(shapes) == 1) & (shapely.length(shapes) == 0)
    nowhere = ~placed(table.geometry)
    nowhere[owners[~finite]] = True
    found = list(notices)
    if nowhere.any():
        found.append(rows_notice("street_shape_broken", table.index[nowhere], at))
    # An empty line has no length either, and is counted once.
    lengthless &= ~shapely.is_empty(shapes)
    if lengthless.any():
        rows = table.index[np.unique(owners[lengthless])]
        found.append(rows_notice("street_zero_length", rows, at))
    kept = finite & ~lengthless & ~shapely.is_empty(shapes)
    parts = gpd.GeoDataFrame(geometry=shapes[kept], crs=table.crs, index=table.index[owners[kept]])
    parts, faults = geometry_faults(parts, "line", at["layer"], at["file"])
    if errors(faults):
        raise LayerError(*errors(faults))
    return parts, found + faults


def _finite(shapes: npt.NDArray[np.object_]) -> _Flags:
    """Return which shapes have finite coordinates only, none of them a mark of no data."""
    coordinates, owners = shapely.get_coordinates(shapes, return_index=True)
    finite = np.ones(len(shapes), dtype=np.bool_)
    finite[owners[~(np.abs(coordinates) < _BEYOND_EARTH_M).all(axis=1)]] = False
    return finite


def _point_of(lines: gpd.GeoDataFrame, which: int) -> Floats:
    """Return the coordinates of a point of each line, by its place on it."""
    points: Floats = shapely.get_coordinates(shapely.get_point(lines.geometry.to_numpy(), which))
    return points


# ── ways of OpenStreetMap ────────────────────────────────────────────────────


def _of_ways(ways: Ways, crs: str, columns: Mapping[str, str], at: At) -> _Drawn:
    """Return the edges of ways, cut wherever a node is an end or is used twice."""
    tags = _tags(ways.ways, columns, at)
    way = np.repeat(np.arange(len(ways.ways)), np.diff(ways.starts))
    # A node that follows itself is no street, nor does it make a junction.
    repeated = np.zeros(len(way), dtype=np.bool_)
    repeated[1:] = (ways.refs[1:] == ways.refs[:-1]) & (way[1:] == way[:-1])
    way, places = way[~repeated], ways.nodes.index.get_indexer(pd.Index(ways.refs[~repeated]))
    last = np.append(way[1:] != way[:-1], [True] * (len(way) > 0))
    first = np.append([True] * (len(way) > 0), last[:-1]).astype(np.bool_)
    uses = np.bincount(places, minlength=len(ways.nodes))
    cuts = np.flatnonzero(first | last | (uses[places] > 1))
    begins = ~last[cuts]
    tails, heads = cuts[begins], cuts[1:][begins[:-1]]
    xy = _moved(ways.nodes[["lon", "lat"]].to_numpy(np.float64), _DEGREES, crs)
    sizes = heads - tails + 1
    owners = np.repeat(np.arange(len(tails)), sizes)
    # Positions tail .. head of each edge, one edge after the other.
    along = np.arange(len(owners)) - np.repeat(np.cumsum(sizes) - sizes - tails, sizes)
    lines = shapely.linestrings(xy[places[along]], indices=owners)
    edges = _edges(
        places[tails],
        places[heads],
        ways.ways.index[way[tails]],
        tags.iloc[way[tails]],
        lines,
        crs,
    )
    return _Drawn(xy, edges, ways.notices, ways.nodes.index)


def _moved(xy: Floats, source: str, target: str) -> Floats:
    """Return coordinates in another CRS, shape ``(n, 2)``; infinite where it has none."""
    transformer = pyproj.Transformer.from_crs(source, target, always_xy=True)
    return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))


# ── a graph ──────────────────────────────────────────────────────────────────


def _of_graph(graph: Graph, crs: str, columns: Mapping[str, str], at: At) -> _Drawn:
    """Return the edges of a graph; lengths are its own where it has them."""
    tags = _tags(graph.edges, columns, at)
    lines = graph.edges.geometry.to_crs(crs).to_numpy()
    tails, heads = (graph.edges[end].to_numpy(np.int64) for end in ("tail", "head"))
    edges = _edges(tails, heads, graph.edges["way"], tags, lines, crs)
    stated = graph.edges["length"].to_numpy(np.float64)
    edges["length_m"] = np.where(np.isnan(stated), edges["length_m"], stated)
    xy = _moved(graph.nodes[["x", "y"]].to_numpy(np.float64), graph.edges.crs, crs)
    return _Drawn(xy, edges, graph.notices, graph.nodes.index)


# ── all of them ──────────────────────────────────────────────────────────────


def _edges(
    tails: _Ints,
    heads: _Ints,
    ways: pd.Index,
    tags: pd.DataFrame,
    lines: npt.NDArray[np.object_],
    crs: str,
) -> gpd.GeoDataFrame:
    """Return the table of edges."""
    with np.errstate(invalid="ignore"):  # beyond the projection: found, and said, at the end
        lengths = shapely.length(lines)
    columns = {
        "tail": np.asarray(tails, dtype=np.int64),
        "head": np.asarray(heads, dtype=np.int64),
        "length_m": lengths,
        "way": np.asarray(ways),
        **{tag: tags[tag].to_numpy() for tag in tags},
    }
    return gpd.GeoDataFrame(columns, geometry=lines, crs=crs)


def _tags(table: pd.DataFrame, columns: Mapping[str, str], at: At) -> pd.DataFrame:
    """Return the tags of a table under their own names, as text; those that say nothing go."""
    faults = list(_column_faults(table, columns, at))
    if faults:
        raise LayerError(*faults)
    names = {tag: columns.get(tag, tag) for tag in KEPT_TAGS}
    texts = {tag: _text(table[name]) for tag, name in names.items() if name in table}
    return pd.DataFrame(texts, index=table.index).dropna(axis="columns", how="all")


def _column_faults(table: pd.DataFrame, columns: Mapping[str, str], at: At) -> Iterator[Notice]:
    """Yield a notice of each tag that is none of those kept, and of each column that is absent."""
    for tag, column in columns.items():
        if tag not in KEPT_TAGS:
            values = {"found": tag, "accepted": near(tag, KEPT_TAGS)}
            yield Notice("name_unknown", item=f"columns.{tag}", values=values, **at)
        elif column not in table:
            values = {"found": column, "accepted": near(column, map(str, table.columns))}
            yield Notice("column_missing", item=column, values=values, **at)


def _text(values: pd.Series) -> pd.Series[str]:
    """Return a tag as text: yes and no for what is true or false, whole numbers without a point."""
    codes, words = pd.factorize(values)
    # Missing is code -1: the last.
    texts = np.array([*map(_word, words), None], dtype=object)
    return pd.Series(texts[codes], index=values.index, dtype=object)


def _word(value: object) -> str | None:
    """Return one value of a tag as text."""
    match value:
        case bool() | np.bool_():
            return "yes" if value else "no"
        case float() | np.floating() if float(value).is_integer():
            return str(int(value))
        case _:
            return str(value).strip() or None


def _finished(drawn: _Drawn, crs: str, at: At) -> Streets:
    """Return the streets of edges as drawn, without those that are broken or have no length."""
    edges, notices = drawn.edges, list(drawn.notices)
    broken = ~np.isfinite(edges["length_m"].to_numpy())
    if broken.any():
        notices.append(rows_notice("street_shape_broken", pd.Index(edges["way"][broken]), at))
        edges = edges[~broken]
    lengthless = edges["length_m"].to_numpy() == 0
    if lengthless.any():
        notices.append(rows_notice("street_zero_length", pd.Index(edges["way"][lengthless]), at))
    if lengthless.all():
        raise LayerError(*errors(notices), Notice("streets_without_edges", **at))
    joined = _joined(edges[lengthless], len(drawn.nodes))
    edges = edges[~lengthless].reset_index(drop=True)
    ends = joined[edges[["tail", "head"]].to_numpy()]
    used, numbers = np.unique(ends, return_inverse=True)
    edges[["tail", "head"]] = numbers.reshape(-1, 2)
    unknown = unknown_directions(edges)
    if unknown:
        listed = ", ".join(f"{value!r} ({count})" for value, count in unknown.items())
        notices.append(Notice("oneway_unknown", values={"found": listed}, **at))
    ids = None if drawn.node_ids is None else drawn.node_ids[used]
    return Streets(drawn.nodes[used], edges, crs, tuple(notices), ids)


def _joined(lengthless: gpd.GeoDataFrame, count: int) -> _Ints:
    """Return for each node the first of those that edges without length make one with it."""
    ends = lengthless[["tail", "head"]].to_numpy()
    links = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(count, count))
    groups = connected_components(links, directed=False)[1]
    firsts = np.unique(groups, return_index=True)[1]
    found: _Ints = firsts[groups]
    return found
