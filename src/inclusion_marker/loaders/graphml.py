"""Read a street graph in GraphML, as OSMnx writes it: nodes with x and y, edges with tags."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import geopandas as gpd
import networkx as nx  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from pyproj.exceptions import CRSError

from inclusion_marker.errors import LayerError
from inclusion_marker.loaders.contract import At, crs_agree, geometry_faults
from inclusion_marker.notices import Notice, errors

Floats = npt.NDArray[np.float64]
_STRETCHED = 0.1
_BEYOND_EARTH_M = 1e8
_OWN = ("tail", "head", "way", "length", "geometry")


@dataclass(frozen=True, eq=False)
class Graph:
    """A street graph as its file has it, each two-way street once.

    Attributes
    ----------
    nodes
        ``x`` and ``y`` in the CRS of the file, by the id of the node: whole numbers if all are.
    edges
        One row an edge: ``tail`` and ``head`` (places in ``nodes``), ``way`` (ids of its ways,
        joined by ``;``), ``length`` (metres, NaN where the file has none), ``oneway``, the other
        values as text (several joined by ``;``) and the line from tail to head.
    notices
        Warnings; what is wrong is raised.
    """

    nodes: pd.DataFrame
    edges: gpd.GeoDataFrame
    notices: tuple[Notice, ...] = ()


def read_graph(path: Path, key: str = "streets", declared_crs: str | None = None) -> Graph:
    """Return the nodes and edges of a GraphML file.

    OSMnx writes a two-way street as two edges; a pair between the same nodes with the same ways
    and the same length becomes one. Any other edge of a directed graph is one-way, whatever its
    tags say; those of an undirected one keep their ``oneway``.

    Parameters
    ----------
    path
        The file.
    key
        Id of the layer, for the notices.
    declared_crs
        CRS of a file that states none.

    Raises
    ------
    LayerError
        With the notices that say what is wrong with the file.

    Examples
    --------
    >>> import tempfile
    >>> graph = nx.MultiDiGraph(crs="EPSG:32618")
    >>> graph.add_nodes_from([(1, {"x": 7e5, "y": 8e5}), (2, {"x": 700030.0, "y": 800040.0})])
    >>> _ = graph.add_edges_from([(1, 2, {"length": 50.0}), (2, 1, {"length": 50.0})])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nx.write_graphml(graph, Path(folder) / "streets.graphml")
    ...     edges = read_graph(Path(folder) / "streets.graphml").edges
    >>> edges["oneway"].tolist(), edges["length"].tolist()
    (['no'], [50.0])
    """
    at = At(file=path.name, layer=key)
    graph = _read(path, at)
    if graph.number_of_edges() == 0:
        raise LayerError(Notice("streets_without_edges", **at))
    nodes = _nodes(graph, at)
    crs = _crs(graph, nodes, declared_crs, at)
    values_of = [values for _, _, values in graph.edges(data=True)]
    table = pd.DataFrame(values_of, index=range(len(values_of)))
    ids = pd.Index([str(node) for node in graph])
    tails, heads = (
        ids.get_indexer(pd.Index([str(edge[end]) for edge in graph.edges()])) for end in (0, 1)
    )
    named = pd.Series(ids[tails] + " → " + ids[heads])
    plain = table.drop(columns=[name for name in table if name in _OWN])
    columns: dict[str, Any] = {
        "tail": tails,
        "head": heads,
        "way": _flat(table.get("osmid", pd.Series(None, index=table.index, dtype=object))),
        "length": _lengths(table, named, at),
        **{str(name): _flat(plain[name]) for name in plain},
    }
    lines = _lines(table, columns["tail"], columns["head"], nodes, at)
    edges = gpd.GeoDataFrame(columns, geometry=lines, crs=crs)
    if faults := errors(geometry_faults(edges, "line", key, path.name)[1]):
        raise LayerError(*faults)
    edges["named"] = named
    if graph.is_directed():
        edges = _paired(edges)
    edges["way"] = edges["way"].fillna(edges.pop("named"))
    lacking = int(edges["length"].isna().sum())
    values = {"found": lacking, "total": len(edges)}
    notices = [Notice("graph_length_measured", values=values, **at)] if lacking else []
    return Graph(nodes, edges, (*notices, *_short(edges, nodes, at)))


def _read(path: Path, at: At) -> Any:  # noqa: ANN401 - networkx is untyped
    """Return the graph of a file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a key without a type is text: so be it
            return nx.read_graphml(path, force_multigraph=True)
    except (ParseError, nx.NetworkXException, ValueError, LookupError, TypeError) as fault:
        found = str(fault)[:80] or type(fault).__name__
    except OSError as fault:  # whose text holds the folders of the machine
        found = fault.strerror or type(fault).__name__
    raise LayerError(Notice("file_corrupt", values={"found": found}, **at))


def _nodes(graph: Any, at: At) -> pd.DataFrame:  # noqa: ANN401 - networkx is untyped
    """Return where the nodes are, by id; refuse a graph in which one is nowhere."""
    xy = [[values.get("x"), values.get("y")] for _, values in graph.nodes(data=True)]
    nodes = pd.DataFrame(xy, columns=["x", "y"], index=_ids([str(node) for node in graph]))
    for axis in nodes:
        nodes[axis] = pd.to_numeric(nodes[axis], errors="coerce").astype(np.float64)
    nowhere = ~np.isfinite(nodes.to_numpy()).all(axis=1)
    if nowhere.any():
        shown = ", ".join(map(str, nodes.index[nowhere][:5]))
        values = {"found": int(nowhere.sum()), "nodes": shown}
        raise LayerError(Notice("graph_without_coordinates", values=values, **at))
    return nodes


def _ids(names: list[str]) -> pd.Index:
    """Return ids as whole numbers if all of them are, so that they meet those of OpenStreetMap."""
    whole = all(name.removeprefix("-").isdecimal() and len(name) < 19 for name in names)  # noqa: PLR2004 - int64
    return pd.Index([int(name) for name in names] if whole else names)


def _crs(
    graph: Any,  # noqa: ANN401 - networkx is untyped
    nodes: pd.DataFrame,
    declared: str | None,
    at: At,
) -> pyproj.CRS:
    """Return the CRS that the graph states, or else the one that the city file declares."""
    text = graph.graph.get("crs", declared)
    if text is None:
        raise LayerError(Notice("crs_missing", **at))
    try:
        stated = pyproj.CRS.from_user_input(text)
    except CRSError as fault:
        raise LayerError(Notice("crs_missing", **at)) from fault
    wanted = stated if declared is None else pyproj.CRS.from_user_input(declared)
    bounds = [*nodes.min(), *nodes.max()]
    if not crs_agree(stated, wanted, bounds):
        values = {"found": f"{stated.name} ≠ {wanted.name}"}
        raise LayerError(Notice("crs_contradicts_file", values=values, **at))
    return stated


def _lengths(table: pd.DataFrame, named: pd.Series[str], at: At) -> Floats:
    """Return the lengths that the file states, NaN where it states none; refuse what is none."""
    if "length" not in table:
        return np.full(len(table), np.nan)
    numbers = pd.to_numeric(table["length"], errors="coerce").to_numpy(np.float64)
    wrong = (np.isnan(numbers) & table["length"].notna().to_numpy()) | (numbers < 0)
    wrong |= numbers > _BEYOND_EARTH_M
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        values = {"found": table["length"].tolist()[first], "count": int(wrong.sum())}
        item = f"length, {named[first]}"
        raise LayerError(Notice("graph_length_invalid", item=item, values=values, **at))
    return numbers


def _short(edges: gpd.GeoDataFrame, nodes: pd.DataFrame, at: At) -> Iterator[Notice]:
    """Yield a notice if edges are shorter than the straight line: kilometres for metres, say."""
    there = pyproj.Transformer.from_crs(edges.crs, "EPSG:4326", always_xy=True)
    lon, lat = there.transform(nodes["x"].to_numpy(), nodes["y"].to_numpy())
    tail, head = edges["tail"], edges["head"]
    straight = pyproj.Geod(ellps="WGS84").inv(lon[tail], lat[tail], lon[head], lat[head])[2]
    length = edges["length"].to_numpy()
    # Projections stretch, and a length of 0 says that two nodes are one place.
    short = (length > 0) & (length < straight * (1 - _STRETCHED) - 1)
    if short.any():
        first = int(np.flatnonzero(short)[0])
        values = {
            "found": int(short.sum()),
            "total": len(edges),
            "length": f"{length[first]:g}",
            "straight": f"{straight[first]:.0f}",
        }
        item = f"{nodes.index[tail[first]]} → {nodes.index[head[first]]}"
        yield Notice("graph_length_short", item=item, values=values, **at)


def _lines(
    table: pd.DataFrame,
    tails: npt.NDArray[np.int64],
    heads: npt.NDArray[np.int64],
    nodes: pd.DataFrame,
    at: At,
) -> npt.NDArray[np.object_]:
    """Return the line of each edge from tail to head, straight where the file has none."""
    xy = nodes.to_numpy()
    straight = np.stack([xy[tails], xy[heads]], axis=1)
    lines = np.asarray(shapely.linestrings(straight), dtype=object)
    if "geometry" not in table:
        return lines
    drawn = table["geometry"].notna().to_numpy()
    try:
        shapes = shapely.from_wkt(table["geometry"][drawn].to_numpy())
    except (shapely.errors.ShapelyError, TypeError) as fault:
        values = {"found": str(fault)[:80]}
        raise LayerError(Notice("geometry_unreadable", values=values, **at)) from fault
    if not (shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING).all():
        values = {"found": "geometry ≠ LINESTRING"}
        raise LayerError(Notice("geometry_unreadable", values=values, **at))
    # In an undirected graph nothing says which end a line starts from.
    starts = shapely.get_coordinates(shapely.get_point(shapes, 0))
    to_tail, to_head = (np.hypot(*(starts - xy[ends[drawn]]).T) for ends in (tails, heads))
    lines[drawn] = np.where(to_head < to_tail, shapely.reverse(shapes), shapes)
    return lines


def _paired(edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the edges of a directed graph, two that are one street in both directions as one."""
    tail, head = edges["tail"].to_numpy(), edges["head"].to_numpy()
    keys = pd.DataFrame(
        {
            "low": np.minimum(tail, head),
            "high": np.maximum(tail, head),
            "ways": edges["way"].fillna("").map(lambda text: ";".join(sorted(text.split(";")))),
            # Sums taken from the two ends differ in their last digits.
            "length": edges["length"].round(3).fillna(-1.0),
        }
    )
    group = keys.groupby([*keys], sort=False).ngroup()
    backward = pd.Series(tail > head, index=edges.index)
    # Both directions of a loop run from its node to itself: the second is the way back.
    loops = tail == head
    backward[loops] = (group[loops].groupby(group[loops]).cumcount() % 2).astype(bool)
    rank = group.groupby([group, backward]).cumcount()
    pair = pd.DataFrame({"group": group, "rank": rank})
    second = pair.duplicated()
    both = pair.duplicated(keep=False)
    return edges.assign(oneway=np.where(both, "no", "yes"))[~second].reset_index(drop=True)


def _flat(values: pd.Series) -> pd.Series:
    """Return values as text, the lists that OSMnx writes where ways were joined as ``a;b``."""
    codes, words = pd.factorize(values)
    texts = np.array([*(";".join(_several(_plain(word))) for word in words), None], dtype=object)
    return pd.Series(texts[codes], index=values.index, dtype=object)


def _plain(word: object) -> str:
    """Return a value as text: numbers that stand beside missing ones have no point of their own."""
    return str(int(word)) if isinstance(word, float) and word.is_integer() else str(word)


def _several(text: str) -> Iterator[str]:
    """Yield the values of one text: those of a list, or itself."""
    if not (text.startswith("[") and text.endswith("]")):
        yield text
        return
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        yield text
        return
    yield from map(str, found)
