"""Bad streets, one fault each: refused, or used and said, in a notebook and by the command."""

from __future__ import annotations

import gzip
import json
import sqlite3
import struct
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import networkx as nx  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt
import osmium
import pandas as pd
import pyproj
import pytest
import shapely
from osmium.osm.mutable import Node, Way
from typer.testing import CliRunner, Result

import inclusion_marker as im
from conftest import BLOCK_M, CRS, SOUTH, WEST, Town, write_raster
from inclusion_marker import cli
from inclusion_marker.accessibility.network import Network
from inclusion_marker.errors import InclusionMarkerError, LayerError, ParameterError

Break = Callable[[Town], object]
Place = npt.NDArray[np.float64]

FLAT_M_PER_MIN = 6000 * np.exp(-3.5 * 0.05) / 60  # Tobler on the level
DEGREES = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
SOURCED = 'date = "2018"\nsource = "synthetic"\nlicence = "CC0-1.0"\n'
STREETS = f'[layers.streets]\nfile = "streets.gpkg"\n{SOURCED}\n'

# Five by five corners, numbered from 1 by row; ten ways of four blocks each, along and across.
CORNERS: dict[int, Place] = {
    5 * y + x + 1: np.array([WEST + BLOCK_M * x, SOUTH + BLOCK_M * y])
    for y in range(5)
    for x in range(5)
}
WAYS = {
    **{101 + y: [5 * y + x + 1 for x in range(5)] for y in range(5)},
    **{201 + x: [5 * y + x + 1 for y in range(5)] for x in range(5)},
}
BLOCKS = [(a, b) for way in WAYS.values() for a, b in pairwise(way)]
ACROSS_M = 1600.0  # from the first corner to the last


class Refused(NamedTuple):
    """A fault that stops: how to make it, its code, and words that its messages must hold."""

    broken: Break
    code: str
    english: Sequence[str] = ()
    spanish: Sequence[str] = ()


class Doubtful(NamedTuple):
    """A fault that is said and lived with, and how far it then is across the town."""

    broken: Break
    code: str
    english: Sequence[str]
    spanish: Sequence[str]
    across_m: float = ACROSS_M


# ── the town, and how to break its streets ───────────────────────────────────


@pytest.fixture
def walked(town: Town) -> Town:
    """Return the town with streets around its blocks, on flat ground, computed by `uim`."""
    lines().to_file(town.root / "streets.gpkg")
    write_raster(town.root / "elevation.tif", np.zeros((90, 90), np.float32))
    town.edit('method = "uim-v1"\n', "")
    town.edit("[layers.elevation]", f"{STREETS}[layers.elevation]")
    return town


def line(*places: Sequence[float] | Place) -> shapely.LineString:
    """Return a line through places."""
    return shapely.LineString([tuple(place) for place in places])


def lines() -> gpd.GeoDataFrame:
    """Return the streets around the blocks, one row between two corners."""
    shapes = [line(CORNERS[a], CORNERS[b]) for a, b in BLOCKS]
    return gpd.GeoDataFrame({"highway": ["residential"] * len(shapes)}, geometry=shapes, crs=CRS)


def named(town: Town, name: str, keys: str = "") -> Path:
    """Return where the street file of another name goes, named in the city file."""
    town.edit('"streets.gpkg"', f'"{name}"\n{keys}')
    (town.root / "streets.gpkg").unlink()
    return town.root / name


def layer(
    change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame],
    name: str = "roads.gpkg",
    keys: str = "",
    **how: str,
) -> Break:
    """Return what gives the streets as a layer of lines, changed."""

    def broken(town: Town) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # pyogrio says what a case is about
            change(lines()).to_file(named(town, name, keys), **how)

    return broken


def with_shape(shape: shapely.Geometry | None) -> Break:
    """Return what gives the fourth street another shape."""

    def change(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        shapes = table.geometry.to_numpy().copy()
        shapes[3] = shape
        return table.set_geometry(gpd.GeoSeries(shapes, crs=CRS))

    return layer(change)


def reshaped(change: Callable[[shapely.LineString], shapely.Geometry]) -> Break:
    """Return what changes the shape of each street."""
    return layer(lambda table: table.set_geometry(table.geometry.map(change).set_crs(CRS)))


def content(name: str, data: bytes) -> Break:
    """Return what gives the street file byte by byte."""
    return lambda town: named(town, name).write_bytes(data)


def renamed(name: str) -> Break:
    """Return what gives the GeoPackage of the streets another name."""

    def broken(town: Town) -> None:
        data = (town.root / "streets.gpkg").read_bytes()
        named(town, name).write_bytes(data)

    return broken


def keys(text: str) -> Break:
    """Return what adds keys to the table of the streets."""
    return lambda town: town.edit('file = "streets.gpkg"', f'file = "streets.gpkg"\n{text}')


def degrees(places: Mapping[int, Place]) -> dict[int, tuple[float, float]]:
    """Return places in longitude and latitude."""
    return {number: DEGREES.transform(*place) for number, place in places.items()}


def write_extract(
    path: Path, places: Mapping[int, Place] = CORNERS, without: Iterable[int] = ()
) -> Path:
    """Return the path of the ways as an OpenStreetMap extract that lacks some nodes."""
    lacking = set(without)
    with osmium.SimpleWriter(str(path)) as writer:
        for number, place in degrees(places).items():
            if number not in lacking:
                writer.add_node(Node(id=number, location=place))
        for number, refs in WAYS.items():
            writer.add_way(Way(id=number, nodes=refs, tags={"highway": "residential"}))
    return path


def extract(
    places: Mapping[int, Place] = CORNERS, without: Iterable[int] = (), keep: float = 1.0
) -> Break:
    """Return what gives the streets as a PBF, cut short if not all of it is kept."""

    def broken(town: Town) -> None:
        path = write_extract(named(town, "town.osm.pbf"), places, without)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * keep)])

    return broken


def answer(**document: object) -> Break:
    """Return what gives the streets as an answer of Overpass."""
    text = json.dumps({"version": 0.6, "elements": [], **document})
    return content("streets.json", text.encode())


def street_graph() -> nx.MultiDiGraph:
    """Return the streets as OSMnx has them: each block in both directions, with its length."""
    graph = nx.MultiDiGraph(crs=CRS)
    for number, (x, y) in CORNERS.items():
        graph.add_node(number, x=float(x), y=float(y))
    for a, b in BLOCKS:
        for ends in ((a, b), (b, a)):
            graph.add_edge(*ends, highway="residential", length=BLOCK_M)
    return graph


def graph(change: Callable[[nx.MultiDiGraph], object], keep: float = 1.0) -> Break:
    """Return what gives the streets as GraphML, changed, and cut short if not all is kept."""

    def broken(town: Town) -> None:
        made, path = street_graph(), named(town, "town.graphml")
        change(made)
        nx.write_graphml(made, path)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * keep)])

    return broken


def without(attribute: str, *nodes: int) -> Callable[[nx.MultiDiGraph], object]:
    """Return what takes an attribute from some nodes, or without nodes from all edges."""

    def change(made: nx.MultiDiGraph) -> None:
        tables = [made.nodes[n] for n in nodes] or [each for *_, each in made.edges(data=True)]
        for table in tables:
            del table[attribute]

    return change


def length(metres: float) -> Callable[[nx.MultiDiGraph], object]:
    """Return what gives the first block another length, in both directions."""

    def change(made: nx.MultiDiGraph) -> None:
        made.edges[1, 2, 0]["length"] = made.edges[2, 1, 0]["length"] = metres

    return change


def in_degrees(crs: str, *, swapped: bool = False) -> Callable[[nx.MultiDiGraph], object]:
    """Return what puts the nodes in degrees, latitude first if swapped, and names a CRS."""

    def change(made: nx.MultiDiGraph) -> None:
        made.graph["crs"] = crs
        for number, place in degrees(CORNERS).items():
            made.nodes[number].update(zip("yx" if swapped else "xy", place, strict=True))

    return change


def curved(town: Town) -> None:
    """Draw the first street as an arc, as surveyors do, between the same ends."""
    path = named(town, "roads.gpkg")
    lines().to_file(path)
    first, last = CORNERS[1], CORNERS[2]
    arc = struct.pack("<BII6d", 1, 8, 3, *first, *((first + last) / 2 + np.array([0, 30])), *last)
    shape = b"GP" + bytes([0, 1]) + struct.pack("<i", 32618) + arc
    with closing(sqlite3.connect(path)) as connection, connection:
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')  # they call what GDAL alone has
        connection.execute("UPDATE roads SET geom = ? WHERE fid = 1", (shape,))
        connection.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'GEOMETRY'")


def swapped(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the streets in degrees, latitude first."""
    table = table.to_crs("EPSG:4326")
    shapes = shapely.transform(table.geometry.to_numpy(), lambda xy: xy[:, ::-1].copy())
    return table.set_geometry(gpd.GeoSeries(shapes, crs=table.crs))


def no_rows(town: Town) -> None:
    """Give a layer of lines that has none."""
    path = named(town, "roads.gpkg")
    lines().iloc[:0].to_file(path, geometry_type="LineString", engine="pyogrio")


def health(*places: tuple[str, float, float]) -> Break:
    """Return what puts the health centres so many metres east and north of the town's corner."""
    rows = ["name,lon,lat"]
    for name, east, north in places:
        lon, lat = DEGREES.transform(WEST + east, SOUTH + north)
        rows.append(f"{name},{lon:.9f},{lat:.9f}")
    text = "\n".join(rows) + "\n"
    return lambda town: (town.root / "health.csv").write_text(text, encoding="utf-8")


# ── how it is used ───────────────────────────────────────────────────────────


def run(town: Town, language: str) -> Result:
    """Return what the command says of the town."""
    words = ["compute", "--city", str(town.root), "--out", str(town.root / "out")]
    return CliRunner().invoke(cli.app, [*words, "--lang", language])


def network_of(town: Town, profile: str = "walk") -> Network:
    """Return the network of the street file that the city names, as a notebook loads it."""
    source = im.load_city(town.root).layers["streets"]
    return im.load_network(town.root / source.file, crs=CRS, layer=source.layer, profile=profile)


def across(town: Town, profile: str = "walk") -> pd.DataFrame:
    """Return the minutes from the first corner of the town to the last."""
    ends = gpd.GeoSeries(shapely.points([CORNERS[1], CORNERS[25]]), ["first", "last"], crs=CRS)
    return im.cost_to_closest(network_of(town, profile), ends.iloc[:1], ends.iloc[1:])


def flat(text: str) -> str:
    """Return a text in one line."""
    return " ".join(text.split())


def said(table: pd.DataFrame, code: str, language: str = "en") -> str:
    """Return in one line the one notice of a code that a table of times came with."""
    (found,) = (each for each in table.attrs["notices"] if each["code"] == code)
    return flat(found[language])


PARTS = {"en": ("found:", "why:", "fix:"), "es": ("hallado:", "motivo:", "remedio:")}


def check_message(text: str, code: str, language: str, words: Sequence[str], town: Town) -> None:
    """Check that a refusal has its code, its parts and its words, and no folder of the machine."""
    text = flat(text)
    for each in (f"[{code}]", *PARTS[language], *words):
        assert each in text, text
    assert str(town.root) not in text
    assert "np." not in text


def check_command(town: Town, case: Refused) -> None:
    """Check that the command refuses, in both languages, and leaves nothing behind."""
    for language, words in (("en", case.english), ("es", case.spanish)):
        done = run(town, language)
        assert done.exit_code == 3, done.output
        assert isinstance(done.exception, SystemExit)
        assert "Traceback" not in done.output
        check_message(done.output, case.code, language, words, town)
    assert not (town.root / "out").exists()


def test_town__itself_is_walked_without_a_word(walked: Town) -> None:
    table = across(walked)
    assert table.attrs["notices"] == []
    np.testing.assert_allclose(table["closest_min"], ACROSS_M / FLAT_M_PER_MIN, atol=0.01)
    assert run(walked, "es").exit_code == 0
    assert (walked.root / "out" / "town" / "town.gpkg").exists()


# ── refused ──────────────────────────────────────────────────────────────────

ERROR_PAGE = b"<html>404 Not Found</html>"
TIMED_OUT = 'runtime error: Query timed out in "query" at line 3'
BROKEN: dict[str, Refused] = {
    # files
    "file that is missing": Refused(
        lambda town: (town.root / "streets.gpkg").unlink(),
        "file_missing",
        ("layer 'streets', file streets.gpkg", "census.gpkg"),
        ("capa 'streets', archivo streets.gpkg", "en esa carpeta hay"),
    ),
    "folder": Refused(
        lambda town: named(town, "town.osm.pbf").mkdir(),
        "file_not_a_file",
        ("file town.osm.pbf",),
        ("archivo town.osm.pbf", "carpeta"),
    ),
    "PBF of 0 bytes": Refused(
        content("town.osm.pbf", b""),
        "file_empty",
        ("layer 'streets', file town.osm.pbf", "0 bytes"),
        ("capa 'streets', archivo town.osm.pbf", "descargue el archivo de nuevo"),
    ),
    "PBF cut": Refused(
        extract(keep=0.6),
        "file_corrupt",
        ("file town.osm.pbf", "damaged or incomplete: PBF error"),
        ("dañado o incompleto", "descargue el archivo de nuevo"),
    ),
    "error page for a PBF": Refused(
        content("town.osm.pbf", ERROR_PAGE),
        "osm_not_recognised",
        ("404 Not Found", "download the extract again"),
        ("404 Not Found", "descargue el extracto de nuevo"),
    ),
    "GeoPackage renamed to PBF": Refused(
        renamed("town.pbf"),
        "osm_not_recognised",
        ("SQLite format 3", "as a GeoPackage"),
        ("SQLite format 3", "GeoPackage"),
    ),
    "PBF without nodes": Refused(
        extract(without=CORNERS),
        "osm_without_nodes",
        ("of 10 streets", "101, 102, 103, 104, 105 … (+5)"),
        ("de 10 calles", "vías y nodos"),
    ),
    "text named .osm.gz": Refused(
        content("town.osm.gz", b"hola"),
        "osm_not_recognised",
        ("begins: hola",),
        ("empieza por: hola",),
    ),
    "gzip of nothing we read": Refused(
        content("streets.json.gz", gzip.compress(b"hola", mtime=0)),
        "osm_not_recognised",
        ("begins: hola",),
        ("empieza por: hola",),
    ),
    "gzip cut": Refused(
        content(
            "streets.json.gz", gzip.compress(json.dumps({"elements": []}).encode(), mtime=0)[:-9]
        ),
        "file_corrupt",
        ("file streets.json.gz",),
        ("archivo streets.json.gz",),
    ),
    "Overpass of 0 elements": Refused(
        answer(),
        "osm_without_streets",
        ("no way with the tag `highway`",),
        ("ninguna vía con la etiqueta `highway`",),
    ),
    "Overpass that ran out of time": Refused(
        answer(remark=TIMED_OUT),
        "overpass_unfinished",
        ("timed out", "repeat the query with more time"),
        ("timed out", "repita la consulta con más tiempo"),
    ),
    "JSON of something else": Refused(
        content("streets.json", b'{"a": 1}'), "file_not_recognised", ("file streets.json",)
    ),
    "CSV, which holds no lines": Refused(
        content("streets.csv", b"lon,lat\n-73.18,7.87\n"),
        "driver_not_allowed",
        ("format .csv", ".pbf, .osm", ".graphml, .gpkg"),
        ("formato .csv", ".pbf, .osm", ".graphml, .gpkg"),
    ),
    "archive": Refused(
        content("streets.zip", b"PK"),
        "driver_not_allowed",
        ("format .zip", ".pbf, .osm"),
        ("formato .zip",),
    ),
    # layers of lines
    "two layers and none named": Refused(
        lambda town: lines().to_file(town.root / "streets.gpkg", layer="rutas"),
        "layer_not_chosen",
        ("streets, rutas", 'write `layer = "…"`'),
        ("streets, rutas", 'escriba `layer = "…"`'),
    ),
    "layer of another name": Refused(
        keys('layer = "vias"'),
        "layer_not_found",
        ("no layer 'vias'", "use one of: streets"),
        ("no tiene la capa 'vias'", "use una de: streets"),
    ),
    "layer without a CRS": Refused(
        layer(lambda table: table.set_crs(None, allow_override=True)),
        "crs_missing",
        ("Set Layer CRS", 'crs = "EPSG:…"'),
        ("Establecer SRC",),
    ),
    "layer of points": Refused(
        reshaped(shapely.centroid),
        "geometry_type_wrong",
        ("rows that are points: 40", "read as lines"),
        ("filas que son puntos: 40", "se lee como líneas"),
    ),
    "one point among the lines": Refused(
        with_shape(shapely.Point(CORNERS[4])),
        "geometry_type_wrong",
        ("rows 4", "rows that are points: 1"),
        ("filas 4", "filas que son puntos: 1"),
    ),
    "layer of polygons": Refused(
        reshaped(lambda shape: shape.buffer(5)), "geometry_type_wrong", ("polygons: 40",)
    ),
    "layer without a row": Refused(
        no_rows, "streets_without_edges", ("not one street",), ("no hay ninguna calle",)
    ),
    "layer without a shape": Refused(
        reshaped(lambda _: shapely.LineString()), "streets_without_edges", ("not one street",)
    ),
    "layer of streets without length": Refused(
        reshaped(lambda shape: line(shape.coords[0], shape.coords[0])),
        "streets_without_edges",
        ("not one street",),
    ),
    "degrees labelled as metres": Refused(
        layer(lambda table: table.to_crs("EPSG:4326").set_crs(CRS, allow_override=True)),
        "coordinates_look_geographic",
        ("-73.186", "assign EPSG:4326"),
        ("-73.186",),
    ),
    "metres labelled as degrees": Refused(
        layer(lambda table: table.set_crs("EPSG:4326", allow_override=True)),
        "coordinates_look_projected",
        ("700000", "assign the true CRS"),
        ("700000",),
    ),
    "motorways only": Refused(
        layer(lambda table: table.assign(highway="motorway")),
        "network_without_streets",
        ("layer 'streets'", "none of the 40 streets", "'walk'", "motorways"),
        ("capa 'streets'", "ninguna de las 40 vías", "'walk'", "autopistas"),
    ),
    # graphs
    "graph of 0 bytes": Refused(content("town.graphml", b""), "file_empty", ("town.graphml",)),
    "graph cut": Refused(graph(len, keep=0.5), "file_corrupt", ("town.graphml",), ("dañado",)),
    "error page for a graph": Refused(
        content("town.graphml", ERROR_PAGE), "file_corrupt", ("town.graphml",)
    ),
    "graph without edges": Refused(
        graph(lambda made: made.remove_edges_from(list(made.edges))),
        "streets_without_edges",
        ("file town.graphml", "not one street"),
        ("archivo town.graphml", "no hay ninguna calle"),
    ),
    "graph without coordinates": Refused(
        graph(without("x", 3, 4)),
        "graph_without_coordinates",
        ("without `x` and `y`: 2 (3, 4)", "OSMnx: save_graphml"),
        ("nodos sin `x` e `y`: 2 (3, 4)", "OSMnx: save_graphml"),
    ),
    "graph with a negative length": Refused(
        graph(length(-200.0)),
        "graph_length_invalid",
        ("length, 1 → 2", "length -200.0 (such edges: 2)", "to have it measured on the shape"),
        ("length, 1 → 2", "longitud -200.0 (aristas así: 2)"),
    ),
    "graph with an infinite length": Refused(
        graph(length(np.inf)), "graph_length_invalid", ("length, 1 → 2", "length inf")
    ),
    "graph with a street longer than the earth": Refused(
        graph(length(1e9)), "graph_length_invalid", ("length, 1 → 2", "length 1000000000.0")
    ),
    "graph in metres labelled as degrees": Refused(
        graph(lambda made: made.graph.update(crs="EPSG:4326")),
        "coordinates_look_projected",
        ("700000", "assign the true CRS"),
        ("700000",),
    ),
    "graph in degrees labelled as metres": Refused(
        graph(in_degrees(CRS)), "coordinates_look_geographic", ("-73.186",), ("-73.186",)
    ),
    "graph without a CRS": Refused(
        graph(lambda made: made.graph.clear()), "crs_missing", ("town.graphml",)
    ),
    "graph with a CRS that is none": Refused(
        graph(lambda made: made.graph.update(crs="EPSG:nada")), "crs_missing", ("town.graphml",)
    ),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_bad_streets__are_refused_in_a_notebook_and_by_the_command(walked: Town, name: str) -> None:
    case = BROKEN[name]
    case.broken(walked)
    with pytest.raises(LayerError) as caught:
        network_of(walked)
    check_message(caught.value.text("en"), case.code, "en", case.english, walked)
    check_message(caught.value.text("es"), case.code, "es", case.spanish, walked)
    check_command(walked, case)


@pytest.mark.parametrize(
    ("profile", "words"), [("horse", ("'horse'", "bike, drive, walk")), ("Walk", ("walk",))]
)
def test_profile__that_is_none_is_refused_with_those_that_are(
    walked: Town, profile: str, words: tuple[str, ...]
) -> None:
    with pytest.raises(ParameterError) as caught:
        network_of(walked, profile)
    check_message(caught.value.text("en"), "name_unknown", "en", words, walked)


# ── refused by the command, for the city file says more than a notebook ──────


def travel(text: str, profile: str = "walk") -> Break:
    """Return what changes a profile in the city file."""
    return lambda town: town.edit("[omitted]", f"[travel.{profile}]\n{text}\n\n[omitted]")


def method(text: str) -> Break:
    """Return what gives the city a method of its own."""

    def broken(town: Town) -> None:
        (town.root / "own.toml").write_text(
            f'extends = "uim"\nid = "own"\n{text}', encoding="utf-8"
        )
        town.edit("[boundary]", 'method = "own.toml"\n\n[boundary]')

    return broken


def travelled(**keys: str) -> str:
    """Return a method that travels to health centres otherwise."""
    words = {"formula": "travel_time", "layer": "health", "streets": "streets", **keys}
    inside = ", ".join(f'{key} = "{value}"' for key, value in words.items())
    return f"[indicators.health_distance]\ncompute = {{ {inside} }}\n"


WAYS_OUT = ("[layers.streets]", ".osm.pbf", '`method = "uim-v1"`', "--method uim-v1")
ELSEWHERE = {number: place + np.array([300_000, 100_000]) for number, place in CORNERS.items()}
IN_THE_CITY: dict[str, Refused] = {
    "no streets for a method that walks": Refused(
        lambda town: town.edit(STREETS, ""),
        "streets_absent",
        ("file city.toml", "health_distance, public_space_distance", *WAYS_OUT),
        ("archivo city.toml", "health_distance, public_space_distance", *WAYS_OUT),
    ),
    "PBF of another city": Refused(
        extract(ELSEWHERE),
        "layer_outside_city",
        ("file town.osm.pbf", "more than 1 km from the city (places: 40)"),
        ("archivo town.osm.pbf", "a más de 1 km de la ciudad (lugares: 40)"),
    ),
    "layer labelled with the neighbouring zone": Refused(
        layer(lambda table: table.set_crs("EPSG:32619", allow_override=True)),
        "layer_outside_city",
        ("another UTM zone?",),
        ("¿otra zona UTM?",),
    ),
    "layer with swapped axes": Refused(
        layer(swapped),
        "axis_order_swapped",
        ("file roads.gpkg", "40 of 40", "Swap X and Y"),
        ("archivo roads.gpkg", "40 de 40", "Intercambiar X e Y"),
    ),
    "graph with swapped axes": Refused(
        graph(in_degrees("EPSG:4326", swapped=True)), "axis_order_swapped", ("40 of 40",)
    ),
    "CRS that the file contradicts": Refused(
        keys('crs = "EPSG:4326"'),
        "crs_contradicts_file",
        ("UTM zone 18N ≠ WGS 84",),
        ("UTM zone 18N ≠ WGS 84",),
    ),
    "column that is no tag": Refused(
        keys('columns = { one_way = "sentido" }'), "name_unknown", ("one_way", "oneway")
    ),
    "column that is not there": Refused(
        keys('columns = { oneway = "sentido" }'), "column_missing", ("'sentido'", "highway")
    ),
    "no service of a category": Refused(
        health(),
        "layer_empty",
        ("layer 'health', file health.csv", "add the nearest one beyond the boundary"),
        ("capa 'health', archivo health.csv", "añada el más cercano"),
    ),
    "profile of another name": Refused(
        travel('id = "drive"'), "key_unknown", ("file city.toml, travel.walk.id found",)
    ),
    "unknown key of a profile": Refused(
        travel("sped_kmh = 4"),
        "key_unknown",
        ("file city.toml, travel.walk.sped_kmh",),
        ("archivo city.toml, travel.walk.sped_kmh",),
    ),
    "negative speed": Refused(
        travel("speed_kmh = -4"),
        "value_invalid",
        ("city.toml, travel.walk.speed_kmh", "found: -4", "greater than 0"),
        ("city.toml, travel.walk.speed_kmh", "hallado: -4", "mayor que 0"),
    ),
    "speed in words": Refused(
        travel('speed_kmh = "rápido"'),
        "value_invalid",
        ("travel.walk.speed_kmh", "rápido", "a number is expected, without quotes"),
        ("travel.walk.speed_kmh", "rápido", "se espera un número, sin comillas"),
    ),
    "speed that is none": Refused(
        travel("speed_kmh = nan"), "value_invalid", ("finite number",), ("número finito",)
    ),
    "speed of a rocket": Refused(
        travel("speed_kmh = 5000"), "value_invalid", ("found: 5000", "200"), ("200",)
    ),
    "speed of a kind of street": Refused(
        travel("speeds_kmh = { steps = 0 }"),
        "value_invalid",
        ("travel.walk.speeds_kmh.steps", "greater than 0"),
        ("travel.walk.speeds_kmh.steps",),
    ),
    "limit of no metres": Refused(
        travel("access_limit_m = 0"), "value_invalid", ("travel.walk.access_limit_m",)
    ),
    "profile that is none": Refused(
        travel("speed_kmh = 4", profile="wallk"),
        "name_unknown",
        ("city.toml, travel.wallk", "use one of: walk"),
        ("city.toml, travel.wallk", "use uno de: walk"),
    ),
    "profile that is no table": Refused(
        lambda town: town.edit("[omitted]", "[travel]\nwalk = 4\n\n[omitted]"),
        "value_invalid",
        ("travel.walk", "a table is expected"),
        ("travel.walk", "se espera una tabla"),
    ),
    "method with a profile that is none": Refused(
        method(travelled(profile="horse")),
        "name_unknown",
        ("health_distance.compute.profile", "'horse'", "walk"),
        ("health_distance.compute.profile", "'horse'"),
    ),
    "method with streets that are none": Refused(
        method(travelled(streets="health")), "value_invalid", ("health (", "streets")
    ),
}


@pytest.mark.parametrize("name", sorted(IN_THE_CITY))
def test_bad_city__is_refused_by_the_command(walked: Town, name: str) -> None:
    case = IN_THE_CITY[name]
    case.broken(walked)
    check_command(walked, case)


def test_profile_changes__are_refused_in_a_notebook_with_every_fault() -> None:
    changes = {"sped_kmh": 4, "speed_kmh": -4, "access_limit_m": "near"}
    with pytest.raises(InclusionMarkerError) as caught:
        im.load_profile("walk", changes)
    text = flat(caught.value.text("en"))
    assert all(key in text for key in changes)


# ── used, and said ───────────────────────────────────────────────────────────

TWICE = line(CORNERS[4], CORNERS[4])
DOUBTFUL: dict[str, Doubtful] = {
    "PBF that lacks nodes": Doubtful(
        extract(without=(7, 19)),
        "osm_nodes_missing",
        ("file town.osm.pbf", "2 nodes of 4 of 10 streets", "102, 104, 202, 204"),
        ("archivo town.osm.pbf", "2 nodos de 4 de 10 calles"),
    ),
    "line without length": Doubtful(
        with_shape(TWICE),
        "street_zero_length",
        ("file roads.gpkg, rows 4", "edges without length: 1"),
        ("archivo roads.gpkg, filas 4", "longitud cero: 1"),
    ),
    "line to a mark of no data": Doubtful(
        with_shape(line(CORNERS[4], (-1e20, -1e20))),
        "street_shape_broken",
        ("file roads.gpkg, rows 4",),
        ("archivo roads.gpkg, filas 4",),
    ),
    "line without a shape": Doubtful(
        with_shape(None),
        "street_shape_broken",
        ("file roads.gpkg, rows 4", "streets without a shape"),
        ("archivo roads.gpkg, filas 4", "calles sin geometría"),
    ),
    "graph with an edge of length zero": Doubtful(
        graph(length(0.0)),
        "street_zero_length",
        ("1 → 2", "edges without length: 1"),
        ("1 → 2", "longitud cero: 1"),
        across_m=ACROSS_M - BLOCK_M,
    ),
    "graph without lengths": Doubtful(
        graph(without("length")),
        "graph_length_measured",
        ("file town.graphml", "edges without a length: 40 of 40", "add_edge_lengths"),
        ("archivo town.graphml", "aristas sin longitud: 40 de 40"),
    ),
    "graph with lengths in kilometres": Doubtful(
        graph(length(0.2)),
        "graph_length_short",
        ("file town.graphml, 1 → 2", "1 of 40 (the first says 0.2 m; straight it is 200 m)"),
        ("archivo town.graphml, 1 → 2", "1 de 40 (la primera dice 0.2 m; en línea recta son 200"),
        across_m=ACROSS_M - BLOCK_M,
    ),
    "one-way in other words": Doubtful(
        layer(lambda table: table.assign(oneway=["si", None, "B", None] * 10)),
        "oneway_unknown",
        ("file roads.gpkg", "'si' (10), 'B' (10)", "both directions", "-1 (against it)"),
        ("archivo roads.gpkg", "'si' (10), 'B' (10)"),
    ),
    "island without a service": Doubtful(
        layer(lambda table: pd.concat([table, island()])),
        "network_fragments",
        ("1 fragments of the network (0.1 km", "(702500, 870000)"),
        ("1 fragmentos de red (0.1 km",),
    ),
}


def island() -> gpd.GeoDataFrame:
    """Return a street of 100 m, away from all others."""
    shape = line((WEST + 2500, SOUTH), (WEST + 2600, SOUTH))
    return gpd.GeoDataFrame({"highway": ["residential"]}, geometry=[shape], crs=CRS)


@pytest.mark.parametrize("name", sorted(DOUBTFUL))
def test_doubtful_streets__are_used_and_said(walked: Town, name: str) -> None:
    case = DOUBTFUL[name]
    case.broken(walked)
    table = across(walked)
    assert all(word in said(table, case.code) for word in case.english)
    np.testing.assert_allclose(table["closest_min"], case.across_m / FLAT_M_PER_MIN, atol=0.02)
    done = run(walked, "es")
    assert done.exit_code == 0, done.output
    text = flat(done.output)
    assert all(word in text for word in (f"[{case.code}]", *case.spanish)), text
    assert "Avisos sobre los datos (1):" in text  # once, though read, prepared and walked
    assert (walked.root / "out" / "town" / "town.gpkg").exists()


def test_one_way__in_other_words_is_open_in_both_directions_to_cars(walked: Town) -> None:
    expected = across(walked, "drive")["closest_min"]
    DOUBTFUL["one-way in other words"].broken(walked)
    pd.testing.assert_series_equal(across(walked, "drive")["closest_min"], expected)


ODD: dict[str, Break] = {
    "heights in the lines": reshaped(
        lambda shape: line(*((*place, 950.0) for place in shape.coords))
    ),
    "lines of one part each": reshaped(lambda shape: shapely.MultiLineString([shape])),
    "lines in degrees": layer(lambda table: table.to_crs("EPSG:4326"), "roads.geojson"),
    "lines in another CRS": layer(lambda table: table.to_crs("EPSG:9377")),
    "PBF named .osm": lambda town: write_extract(town.root / "x.osm.pbf").rename(
        named(town, "town.osm")
    ),
    "PBF": extract(),
    "GraphML": graph(len),
    "a loop at a corner": layer(lambda table: pd.concat([table, loop()])),
    "a loop of a graph": graph(
        lambda made: made.add_edge(1, 1, highway="residential", length=150.0)
    ),
}


def loop() -> gpd.GeoDataFrame:
    """Return a street of 400 m around a square, from the last corner back to it."""
    x, y = CORNERS[25]
    square = line((x, y), (x + 100, y), (x + 100, y + 100), (x, y + 100), (x, y))
    return gpd.GeoDataFrame({"highway": ["residential"]}, geometry=[square], crs=CRS)


@pytest.mark.parametrize("name", sorted(ODD))
def test_odd_streets__are_walked_without_a_word(walked: Town, name: str) -> None:
    ODD[name](walked)
    table = across(walked)
    assert table.attrs["notices"] == []
    np.testing.assert_allclose(table["closest_min"], ACROSS_M / FLAT_M_PER_MIN, rtol=1e-3)
    assert im.compute(walked.root).notices == ()


def test_curves__are_walked_along_the_lines_that_stand_for_them(walked: Town) -> None:
    curved(walked)
    network = network_of(walked)
    radius = (100**2 + 30**2) / 60  # of the arc over a chord of 200 m that is 30 m high
    arc_m = 2 * radius * np.arcsin(100 / radius)
    np.testing.assert_allclose(network.length_m[0], arc_m, rtol=1e-3)
    np.testing.assert_array_equal(network.length_m[1:], BLOCK_M)
    assert network.notices == ()
    assert run(walked, "es").exit_code == 0


def test_a_home_on_a_loop__goes_the_shorter_way_round(walked: Town) -> None:
    ODD["a loop at a corner"](walked)
    x, y = CORNERS[25]
    homes = gpd.GeoSeries(shapely.points([(x + 100, y + 90), (x + 90, y + 100)]), crs=CRS)
    door = gpd.GeoSeries(shapely.points([CORNERS[25]]), crs=CRS)
    minutes = im.cost_to_closest(network_of(walked), homes, door)["closest_min"]
    np.testing.assert_allclose(minutes, 190 / FLAT_M_PER_MIN, atol=0.01)


# ── where the network does not lead ──────────────────────────────────────────


def test_pbf_of_another_city__leaves_every_origin_too_far(walked: Town) -> None:
    extract(ELSEWHERE)(walked)
    homes = gpd.GeoSeries(shapely.points([CORNERS[n] for n in (1, 7, 25)]), [*"abc"], crs=CRS)
    table = im.cost_to_closest(network_of(walked), homes, {"clinic": homes.iloc[:1]})
    assert table["clinic_min"].isna().all()
    assert table["clinic_id"].isna().all()
    codes = [each["code"] for each in table.attrs["notices"]]
    assert codes == ["snap_too_far", "snap_too_far", "category_without_services"]
    first = flat(table.attrs["notices"][0]["en"])
    assert "layer 'origins'" in first
    assert "3 of 3 are more than 500 m from any street (up to 316,228 m): a, b, c" in first


def test_a_raster_that_ends__is_said_with_the_percent_of_the_streets(walked: Town) -> None:
    # Columns of 30 m from 900 m west of the town: 45 of them end 450 m into its 800.
    write_raster(walked.root / "elevation.tif", np.zeros((90, 45), np.float32))
    network = im.load_network(
        walked.root / "streets.gpkg", crs=CRS, elevation=walked.root / "elevation.tif"
    )
    (notice,) = network.notices
    assert (notice.code, notice.file) == ("elevation_not_covering", "elevation.tif")
    percent = float(notice.part("found", "es").split(" %")[0])
    uncovered = 100 * (5 * 350 + 2 * 800) / (40 * BLOCK_M)
    assert percent == pytest.approx(uncovered, abs=2)
    done = run(walked, "es")
    assert done.exit_code == 0
    assert "[elevation_not_covering]" in done.output


def test_a_service_50_km_from_any_street__is_out_of_reach_and_said(walked: Town) -> None:
    health(("lejos", 52_000, 400))(walked)
    marker = im.compute(walked.root)
    assert marker.raw["health_distance"].isna().all()
    assert marker.raw["public_space_distance"].notna().any()
    done = run(walked, "en")
    text = flat(done.output)
    assert done.exit_code == 0
    far = "[snap_too_far] layer 'health': 1 of 1 are more than 500 m from any street (up to 51"
    assert far in text, text
    assert "[features_far_away]" in text


def river(*, bridge: bool) -> Break:
    """Return what takes the streets between the second and the third column, but for one bridge."""

    def change(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        corners = table.geometry.bounds
        crossing = (corners["minx"] == WEST + BLOCK_M) & (corners["maxx"] == WEST + 2 * BLOCK_M)
        if bridge:
            crossing &= corners["miny"] < SOUTH + 4 * BLOCK_M
        return table[~crossing]

    return layer(change)


CLINIC = ("clínica", 380.0, 0.0)  # on the water, 20 m from the street of the east bank


def test_across_a_river__the_way_leads_over_the_bridge(walked: Town) -> None:
    river(bridge=True)(walked)
    health(CLINIC)(walked)
    banks = gpd.GeoSeries(
        shapely.points([(WEST + 200, SOUTH), (WEST + 400, SOUTH)]), ["west", "east"], crs=CRS
    )
    clinic = gpd.GeoSeries([shapely.Point(WEST + CLINIC[1], SOUTH)], crs=CRS)
    minutes = im.cost_to_closest(network_of(walked), banks, clinic)["closest_min"]
    np.testing.assert_allclose(minutes, np.array([1820, 20]) / FLAT_M_PER_MIN, atol=0.01)
    marker = im.compute(walked.root)
    west = marker.grid.cells.geometry.bounds["maxx"] < WEST + 210
    assert west.sum() > 3
    # From the north of the west bank it is 1,020 m over the bridge, though 180 m straight across.
    assert (marker.raw["health_distance"][west] > 1000 / FLAT_M_PER_MIN).all()
    assert marker.notices == ()


def test_across_a_river_without_a_bridge__there_is_no_way(walked: Town) -> None:
    river(bridge=False)(walked)
    health(CLINIC)(walked)
    banks = gpd.GeoSeries(
        shapely.points([(WEST + 200, SOUTH), (WEST + 400, SOUTH)]), ["west", "east"], crs=CRS
    )
    clinic = gpd.GeoSeries([shapely.Point(WEST + CLINIC[1], SOUTH)], crs=CRS)
    table = im.cost_to_closest(network_of(walked), banks, clinic)
    np.testing.assert_allclose(table["closest_min"], [np.nan, 20 / FLAT_M_PER_MIN], atol=0.01)
    assert "1 of 2 stand on streets apart from the main network: west" in said(
        table, "network_disconnected"
    )
    marker = im.compute(walked.root)
    west = marker.grid.cells.geometry.bounds["maxx"] < WEST + 210
    assert marker.raw["health_distance"][west].isna().all()
    assert "[network_disconnected] capa 'cells': " in flat(run(walked, "es").output)


def test_a_service_on_an_island__is_counted_and_named(walked: Town) -> None:
    layer(lambda table: pd.concat([table, island()]))(walked)
    health(("isla", 2550, 10), ("centro", 400, 410))(walked)
    clinics = gpd.GeoSeries(
        shapely.points([(WEST + 2550, SOUTH + 10), (WEST + 400, SOUTH + 410)]),
        ["isla", "centro"],
        crs=CRS,
    )
    home = gpd.GeoSeries(shapely.points([CORNERS[1]]), crs=CRS)
    table = im.cost_to_closest(network_of(walked), home, {"clinic": clinics})
    assert table["clinic_id"].tolist() == ["centro"]
    assert "layer 'clinic' found: 1 of 2 stand on streets apart from the main network: isla" in (
        said(table, "network_disconnected")
    )
    done = run(walked, "es")
    assert done.exit_code == 0
    text = flat(done.output)
    told = "[network_disconnected] capa 'health': 1 de 2 están en vías separadas de la red"
    assert told in text, text
    assert set(im.compute(walked.root).closest["health_distance"].dropna()) == {2}


def test_a_service_on_an_island_alone__leaves_its_indicator_without_data(walked: Town) -> None:
    layer(lambda table: pd.concat([table, island()]))(walked)
    health(("isla", 2550, 10))(walked)
    marker = im.compute(walked.root)
    assert marker.raw["health_distance"].isna().all()
    assert "network_disconnected" in {each.code for each in marker.notices}


def test_a_category_without_services__is_missing_and_said(walked: Town) -> None:
    home = gpd.GeoSeries(shapely.points([CORNERS[1]]), crs=CRS)
    table = im.cost_to_closest(network_of(walked), home, {"clinic": home, "cinema": home.iloc[:0]})
    assert table["cinema_min"].isna().all()
    assert table["clinic_min"].tolist() == [0]
    text = said(table, "category_without_services", "es")
    assert "capa 'cinema'" in text
    assert "ninguno de los servicios de esta categoría está en la red (servicios: 0)" in text
