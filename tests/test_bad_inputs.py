"""Every bad input is refused with one clear message: code, file, what was found, the fix."""

import sqlite3
import warnings
from collections.abc import Callable
from contextlib import closing

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from affine import Affine

from conftest import CRS, SOUTH, WEST, Town, blocks, write_raster
from inclusion_marker.city import load_city
from inclusion_marker.errors import InclusionMarkerError
from inclusion_marker.marker import compute

Break = Callable[[Town], object]


def census(change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> Break:
    """Return what rewrites the census layer, changed."""

    def broken(town: Town) -> None:
        (town.root / "census.gpkg").unlink()
        change(blocks()).to_file(town.root / "census.gpkg")

    return broken


def with_value(column: str, value: object) -> Break:
    """Return what puts one value into a column of the census."""

    def change(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        table[column] = table[column].astype(object if isinstance(value, str) else float)
        table.loc[3, column] = value
        if isinstance(value, str):
            table[column] = table[column].astype(str)
        return table

    return census(change)


def with_shape(shape: shapely.Geometry | None) -> Break:
    """Return what gives one block of the census another shape."""

    def change(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        shapes = table.geometry.to_numpy().copy()
        shapes[3] = shape
        return table.set_geometry(gpd.GeoSeries(shapes, crs=CRS))

    return census(change)


def health(text: str) -> Break:
    """Return what rewrites the CSV of health centres."""
    return lambda town: (town.root / "health.csv").write_text(text, encoding="utf-8")


def health_bytes(data: bytes) -> Break:
    """Return what rewrites the CSV of health centres byte by byte."""
    return lambda town: (town.root / "health.csv").write_bytes(data)


def parks(text: str) -> Break:
    """Return what rewrites the GeoJSON of parks."""
    return lambda town: (town.root / "parks.geojson").write_text(text, encoding="utf-8")


def points(text: str, declared: str = "") -> Break:
    """Return what gives the census as a CSV of points."""

    def broken(town: Town) -> None:
        (town.root / "census.csv").write_text(text, encoding="utf-8")
        keys = f'longitude = "lon"\nlatitude = "lat"\n{declared}'
        town.edit('file = "census.gpkg"', f'file = "census.csv"\n{keys}')

    return broken


def every(*breaks: Break) -> Break:
    """Return what breaks several things."""
    return lambda town: [each(town) for each in breaks]


def cells(table: gpd.GeoDataFrame, key: str = 'id = "id"') -> Break:
    """Return what gives the town cells of its own."""

    def broken(town: Town) -> None:
        table.to_file(town.root / "cells.gpkg")
        town.edit("resolution = 10", f'kind = "polygons"\nfile = "cells.gpkg"\n{key}')

    return broken


def land_use(*uses: str | None) -> Break:
    """Return what adds a layer of land use whose mix is measured."""

    def broken(town: Town) -> None:
        shapes = blocks().geometry.iloc[: len(uses)]
        gpd.GeoDataFrame({"use": list(uses)}, geometry=shapes).to_file(town.root / "use.gpkg")
        town.edit('land_use_mix = { es = "no se midió", en = "not measured" }\n', "")
        card = '[layers.land_use]\nfile = "use.gpkg"\ndate = "x"\nsource = "x"\nlicence = "x"\n'
        town.edit("[omitted]\n", f"{card}\n[omitted]\n")

    return broken


def people_raster(values: np.ndarray) -> Break:
    """Return what adds a raster of people."""

    def broken(town: Town) -> None:
        write_raster(town.root / "people.tif", values)
        card = '[layers.population]\nfile = "people.tif"\ndate = "x"\nsource = "x"\nlicence = "x"\n'
        town.edit("[omitted]\n", f"{card}\n[omitted]\n")

    return broken


def raster_cut_behind_its_header(town: Town) -> None:
    """Cut an elevation model whose header is whole."""
    noise = np.random.default_rng(0).random((300, 300)).astype(np.float32)
    write_raster(town.root / "elevation.tif", noise, tiled=True, blockxsize=64, blockysize=64)
    cut("elevation.tif", 0.02)(town)


def attribute_table(town: Town) -> None:
    """Leave a GeoPackage with a table that has no shapes."""
    (town.root / "census.gpkg").unlink()
    pyogrio.write_dataframe(blocks().drop(columns="geometry"), town.root / "census.gpkg")


def broken_parquet(town: Town) -> None:
    """Write a GeoParquet whose shapes are cut."""
    path = town.root / "census.parquet"
    blocks().to_parquet(path)
    table = pq.read_table(path)
    cut_off = [shape.as_py()[:20] for shape in table["geometry"]]
    place = table.schema.get_field_index("geometry")
    pq.write_table(table.set_column(place, table.schema.field(place), [cut_off]), path)
    town.edit("census.gpkg", "census.parquet")


def half_parquet(town: Town) -> None:
    """Write a GeoParquet whose metadata name a column that is not there."""
    path = town.root / "census.parquet"
    blocks().to_parquet(path)
    pq.write_table(pq.read_table(path).drop_columns(["geometry"]), path)
    town.edit("census.gpkg", "census.parquet")


def circle_of_links(town: Town) -> None:
    """Offer a link that points at itself."""
    path = town.root / "census.gpkg"
    path.unlink()
    path.symlink_to(path)


def city_in_latin_1(town: Town) -> None:
    """Write the city file in another encoding."""
    text = town.file.read_text(encoding="utf-8")
    town.file.write_bytes(text.replace("Pueblo", "Peñón").encode("latin-1"))


def folder_for_census(town: Town) -> None:
    """Name a folder where a file is expected."""
    (town.root / "x.gpkg").mkdir()
    town.edit("census.gpkg", "x.gpkg")


def edit(old: str, new: str) -> Break:
    """Return what replaces a text of the city file."""
    return lambda town: town.edit(old, new)


def cut(name: str, keep: float) -> Break:
    """Return what cuts a file short."""

    def broken(town: Town) -> None:
        path = town.root / name
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * keep)])

    return broken


def shapefile_without(suffix: str) -> Break:
    """Return what turns the census into a shapefile that lacks a part."""

    def broken(town: Town) -> None:
        blocks().rename(columns={"con_internet": "internet"}).to_file(town.root / "census.shp")
        (town.root / f"census{suffix}").unlink()
        town.edit("census.gpkg", "census.shp")
        town.edit('"con_internet"', '"internet"')

    return broken


def raster(values: np.ndarray, **profile: object) -> Break:
    """Return what rewrites the elevation model."""
    return lambda town: write_raster(town.root / "elevation.tif", values, **profile)


def two_layers(town: Town) -> None:
    """Add a second layer to the census file."""
    blocks().to_file(town.root / "census.gpkg", layer="otra")


def no_layers(town: Town) -> None:
    """Leave a GeoPackage without any layer."""
    with closing(sqlite3.connect(town.root / "census.gpkg")) as connection, connection:
        connection.execute("DELETE FROM gpkg_geometry_columns")
        connection.execute("DROP TABLE census")
        connection.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, name TEXT)")
        connection.execute(
            "UPDATE gpkg_contents SET table_name='layer_styles', data_type='attributes', "
            "identifier='layer_styles', srs_id=NULL"
        )


def virtual_file(town: Town) -> None:
    """Offer a file that reads another file."""
    source = town.root / "census.gpkg"
    hidden = source.rename(town.root / "secret.gpkg")
    source.write_text(
        f"<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>{hidden}</SrcDataSource>"
        "<SrcLayer>census</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"
    )


def parquet_table(town: Town) -> None:
    """Offer a Parquet table without shapes."""
    blocks().drop(columns="geometry").to_parquet(town.root / "census.parquet")
    town.edit("census.gpkg", "census.parquet")


def elsewhere(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table in the neighbouring UTM zone's name."""
    return table.set_crs("EPSG:32619", allow_override=True)


def relabelled(code: str) -> Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]:
    """Return what labels metres with another CRS."""
    return lambda table: table.set_crs(code, allow_override=True)


def degrees_as_metres(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return degrees labelled as metres."""
    return table.to_crs("EPSG:4326").set_crs(CRS, allow_override=True)


def without_crs(town: Town) -> None:
    """Write the parks without a CRS."""
    parks = gpd.GeoDataFrame({"name": ["x"]}, geometry=[shapely.box(0, 0, 1, 1)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # pyogrio says what this test is about
        parks.to_file(town.root / "parks.gpkg")
    town.edit("parks.geojson", "parks.gpkg")


def points_as_parks(town: Town) -> None:
    """Write the parks as points."""
    where = shapely.Point(WEST, SOUTH)
    gpd.GeoDataFrame({"name": ["x"]}, geometry=[where], crs=CRS).to_file(
        town.root / "parks.geojson"
    )


def twice_the_parks(town: Town) -> None:
    """Write each park twice."""
    table = gpd.read_file(town.root / "parks.geojson")
    gpd.pd.concat([table, table]).to_file(town.root / "parks.geojson")


def no_parks(town: Town) -> None:
    """Write a layer of parks without a row."""
    empty = gpd.GeoDataFrame({"name": []}, geometry=[], crs=CRS)
    empty.to_file(
        town.root / "parks.gpkg", driver="GPKG", geometry_type="Polygon", engine="pyogrio"
    )
    town.edit("parks.geojson", "parks.gpkg")


SQUARE = shapely.box(WEST, SOUTH, WEST + 400, SOUTH + 400)
FLAT = np.zeros((90, 90), np.float32)
with np.errstate(invalid="ignore"):
    NAN_SQUARE = shapely.Polygon([(WEST, SOUTH), (WEST, np.nan), (WEST + 9, SOUTH)])
SHIFT = Affine(30, 0, WEST - 900, 0, -30, SOUTH + 1700)

BROKEN: dict[str, tuple[Break, str, tuple[str, ...]]] = {
    # files
    "file of 0 bytes": (
        lambda t: (t.root / "census.gpkg").write_bytes(b""),
        "file_empty",
        (),
    ),
    "text renamed gpkg": (
        lambda t: (t.root / "census.gpkg").write_text("hola"),
        "file_not_recognised",
        ("not what its name says\n  why:",),
    ),
    "GeoPackage cut in half": (cut("census.gpkg", 0.5), "file_corrupt", ()),
    "GeoPackage without layers": (no_layers, "no_layers", ()),
    "two layers, none chosen": (two_layers, "layer_not_chosen", ("census, otra",)),
    "layer that is not there": (
        edit('file = "census.gpkg"', 'file = "census.gpkg"\nlayer = "censo"'),
        "layer_not_found",
        ("census",),
    ),
    "shapefile without shx": (shapefile_without(".shx"), "shapefile_part_missing", (".shx",)),
    "shapefile without dbf": (shapefile_without(".dbf"), "shapefile_part_missing", (".dbf",)),
    "shapefile without prj": (shapefile_without(".prj"), "crs_missing", ("EPSG",)),
    "GeoJSON cut": (cut("parks.geojson", 0.6), "file_corrupt", ()),
    "file that reads another": (virtual_file, "driver_not_allowed", ("OGR_VRT",)),
    "remote path": (edit("census.gpkg", "/vsicurl/http://host/x.gpkg"), "remote_path_refused", ()),
    "address": (edit("census.gpkg", "https://host/x.gpkg"), "remote_path_refused", ()),
    "format not read": (edit("census.gpkg", "census.xlsx"), "file_missing", ()),
    "Parquet without shapes": (parquet_table, "geo_metadata_missing", ()),
    "missing file": (edit("census.gpkg", "censo.gpkg"), "file_missing", ("census.gpkg",)),
    "folder for a file": (
        folder_for_census,
        "file_not_a_file",
        (),
    ),
    "GeoPackage cut at 99 %": (cut("census.gpkg", 0.99), "file_corrupt", ()),
    "circle of links": (circle_of_links, "file_missing", ()),
    "name too long": (edit("census.gpkg", "x" * 400 + ".gpkg"), "file_missing", ()),
    "device for a file": (edit("census.gpkg", "/dev/null"), "file_not_a_file", ()),
    "format not accepted": (
        every(lambda t: (t.root / "x.kml").write_text("<kml/>"), edit("census.gpkg", "x.kml")),
        "driver_not_allowed",
        (".kml",),
    ),
    "GeoJSON with NaN": (
        parks(
            '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":'
            '{"type":"Polygon","coordinates":[[[-73.2,7.8],[NaN,7.9],[-73,7.8],[-73.2,7.8]]]}}]}'
        ),
        "coordinate_not_finite",
        ("rows 1",),
    ),
    "GeoJSON in metres": (
        parks(
            '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":'
            '{"type":"Polygon","coordinates":[[[7e5,8e5],[7e5,9e5],[8e5,9e5],[7e5,8e5]]]}}]}'
        ),
        "coordinates_look_projected",
        (),
    ),
    "GeoJSON of a table": (
        parks(
            '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1},'
            '"geometry":null}]}'
        ),
        "layer_empty",
        (),
    ),
    "ring that is open": (
        parks(
            '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":'
            '{"type":"Polygon","coordinates":[[[-73.1,7.8],[-73.1,7.9]]]}}]}'
        ),
        "geometry_unreadable",
        (),
    ),
    # tables
    "UTF-16": (
        health_bytes("name,lon,lat\na,-73.18,7.87\n".encode("utf-16")),
        "encoding_not_utf8",
        (),
    ),
    "encoding that is none": (
        edit('longitude = "lon"', 'longitude = "lon"\nencoding = "klingon"'),
        "encoding_unknown",
        ("klingon", "city.toml, layers.health.encoding"),
    ),
    "unbalanced quote": (
        health('name,lon,lat\n"a,-73.18,7.87\nb,-73.18,7.87\n'),
        "file_corrupt",
        (),
    ),
    "NUL bytes": (health("name,lon,lat\na\0,-73.18,7.87\n"), "file_corrupt", ("NUL",)),
    "byte-order mark alone": (health_bytes(b"\xef\xbb\xbf"), "column_missing", ()),
    "separator of two letters": (
        edit('longitude = "lon"', 'longitude = "lon"\nseparator = ";;"'),
        "separator_invalid",
        ("';;'", "layers.health.separator"),
    ),
    "title above the header": (
        health("Centros de salud, 2018,\nname,lon,lat\na,-73.18,7.87\n"),
        "header_not_first_row",
        ("Centros de salud",),
    ),
    "title of one cell above the header": (
        health("Centros\n\nname,lon,lat\na,-73.18,7.87\n"),
        "header_not_first_row",
        ("'Centros'",),
    ),
    "empty line above the header": (
        health("\nname,lon,lat\na,-73.18,7.87\n"),
        "header_not_first_row",
        (),
    ),
    "columns without a name": (
        health("name,lon,lat,,\na,-73.18,7.87,,\n"),
        "header_not_first_row",
        ("name,lon,lat,,",),
    ),
    "coordinate that says nan": (
        health("name,lon,lat\na,-73.18,7.87\nb,-73.18,nan\n"),
        "coordinate_not_a_number",
        ("lat = 'nan'",),
    ),
    "latitude column with a decimal comma": (
        health('name,lon,lat\na,"-73,18","7,87"\n'),
        "coordinate_not_a_number",
        ("-73,18",),
    ),
    "boundary that is not there": (
        edit('"boundary.gpkg"', '"limite.gpkg"'),
        "file_missing",
        ("boundary",),
    ),
    "boundary without a shape": (
        lambda t: gpd.GeoDataFrame(geometry=[shapely.Polygon()], crs=CRS).to_file(
            t.root / "boundary.gpkg"
        ),
        "layer_empty",
        ("boundary",),
    ),
    "GeoPackage of a table": (attribute_table, "geometry_absent", ()),
    "Parquet that is none": (
        every(
            lambda t: (t.root / "c.parquet").write_text("hola" * 99),
            edit("census.gpkg", "c.parquet"),
        ),
        "file_corrupt",
        (),
    ),
    "Parquet of half its columns": (half_parquet, "file_corrupt", ()),
    "Parquet with broken shapes": (broken_parquet, "geometry_unreadable", ()),
    "no latitude": (health("name,lon,lat\na,-73.18,\n"), "coordinate_not_finite", ("rows 1",)),
    "latitude 789": (
        health("name,lon,lat\na,-73.18,7.87\nb,-73.18,789\n"),
        "coordinate_out_of_range",
        ("rows 2", "1 of 2"),
    ),
    "metres in a CSV": (
        health("name,lon,lat\na,7e5,8e5\nb,7e5,9e5\n"),
        "coordinates_look_projected",
        (),
    ),
    "longitude inf": (health("name,lon,lat\na,inf,7.87\n"), "coordinate_not_finite", ()),
    "CRS of a CSV that is none": (
        edit('longitude = "lon"', 'longitude = "lon"\ncrs = "EPSG:99999"'),
        "value_invalid",
        ("layers.health.crs",),
    ),
    "name column missing": (edit('name = "name"', 'name = "nombre"'), "column_missing", ("name",)),
    "rows_with column missing": (
        edit('name = "name"', 'name = "name"\nrows_with = "beds"'),
        "column_missing",
        ("beds",),
    ),
    "date for a count": (
        census(lambda t: t.assign(personas=gpd.pd.Timestamp("2018-01-01"))),
        "placeholder_in_numbers",
        ("2018",),
    ),
    "land use of no class": (land_use("?", "??"), "classes_all_unknown", ("residential",)),
    "semicolons": (health("name;lon;lat\na;-73.18;7.87\n"), "delimiter_mismatch", ('";"',)),
    "row too long": (health("name,lon,lat\na,-73.18,7.87,9\n"), "row_length", ("lines 2",)),
    "coordinate in words": (health("name,lon,lat\na,7°53'N,7.87\n"), "coordinate_not_a_number", ()),
    "coordinate column missing": (
        health("name,x,lat\na,-73.18,7.87\n"),
        "column_missing",
        ("lon",),
    ),
    "latin-1 text": (
        health_bytes("name,lon,lat\nPeñón,-73.18,7.87\n".encode("latin-1")),
        "encoding_not_utf8",
        ("latin-1",),
    ),
    "column twice": (health("lon,lon,lat\n1,-73.18,7.87\n"), "column_duplicated", ("lon",)),
    "CSV without coordinates": (edit('longitude = "lon"\n', ""), "csv_without_coordinates", ()),
    "header only": (health("name,lon,lat\n"), "layer_empty", ("[omitted]",)),
    # values
    "negative people": (with_value("personas", -5.0), "value_negative", ("-5", "rows 4")),
    "infinite people": (with_value("personas", np.inf), "value_not_finite", ("rows 4",)),
    "word among numbers": (with_value("personas", "N/D"), "placeholder_in_numbers", ("'N/D'",)),
    "decimal comma": (
        census(lambda t: t.assign(personas=[f"{v:.1f}".replace(".", ",") for v in t["personas"]])),
        "decimal_comma_detected",
        ("'40,0'",),
    ),
    "thousands as text": (
        census(lambda t: t.assign(personas=[f"{1 + row}.150" for row in range(16)])),
        "thousands_separator_ambiguous",
        ("'1.150'", "rows 1, 2, 3, 4, 5 …"),
    ),
    "thousands in a CSV": (
        points(
            "lon;lat;personas;viviendas;con_internet\n-73,1838;7,8683;2.150;40;20\n"
            "-73,1838;7,8684;87;40;20\n",
            'separator = ";"\ndecimal = ","',
        ),
        "thousands_separator_ambiguous",
        ("'2.150'", "rows 1"),
    ),
    "row of the file behind a filter and a blank line": (
        every(
            health("name,lon,lat,beds\na,-73.18,7.87,0\n\nb,-73.18,,3\n"),
            edit('name = "name"', 'name = "name"\nrows_with = "beds"'),
        ),
        "coordinate_not_finite",
        ("rows 3",),
    ),
    "row too long behind a blank line": (
        health('name,lon,lat\n\n"a\nb",-73.18,7.87\nb,-73.18,7.87,9\n'),
        "row_length",
        ("lines 5",),
    ),
    "column empty": (census(lambda t: t.assign(con_internet=np.nan)), "column_empty", ()),
    "column missing": (
        census(lambda t: t.drop(columns="con_internet")),
        "column_absent",
        ("con_internet", "internet"),
    ),
    "part larger than whole": (
        census(lambda t: t.assign(con_internet=t["viviendas"] * 3)),
        "part_exceeds_whole",
        ("dwellings_internet",),
    ),
    "nobody": (census(lambda t: t.assign(personas=0.0)), "population_zero", ()),
    # geometry
    "NaN coordinate": (with_shape(NAN_SQUARE), "coordinate_not_finite", ("rows 4",)),
    "block twice": (
        census(lambda t: gpd.pd.concat([t, t.iloc[[2]]])),
        "geometry_duplicated",
        ("rows 17",),
    ),
    "points for parks": (
        points_as_parks,
        "geometry_type_wrong",
        ("are points: 1", "read as polygons"),
    ),
    "no park": (no_parks, "layer_empty", ()),
    "cells without a shape": (
        cells(gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=[SQUARE, None], crs=CRS)),
        "cell_without_shape",
        (),
    ),
    "cells of one id": (
        cells(blocks().assign(id="a")),
        "cell_id_invalid",
        ("a",),
    ),
    "cells without an id": (
        cells(blocks().assign(id=["a"] + [None] * 15)),
        "cell_id_invalid",
        ("15 x id",),
    ),
    "cells file is a folder": (
        every(
            lambda t: (t.root / "cells.gpkg").mkdir(),
            edit("resolution = 10", 'kind = "polygons"\nfile = "cells.gpkg"'),
        ),
        "file_not_a_file",
        ("cells",),
    ),
    "cells of another city": (
        cells(
            gpd.GeoDataFrame(
                {"id": ["a"]},
                geometry=[shapely.box(WEST + 9e3, SOUTH, WEST + 1e4, SOUTH + 9)],
                crs=CRS,
            )
        ),
        "city_without_units",
        (),
    ),
    "H3 list without the column": (
        every(
            lambda t: (t.root / "cells.csv").write_text("h3\n89a901291abffff\n"),
            edit("resolution = 10", 'file = "cells.csv"\nid = "cell"'),
        ),
        "column_missing",
        ("h3",),
    ),
    "H3 list in latin-1": (
        every(
            lambda t: (t.root / "cells.csv").write_bytes("ñ\n1\n".encode("latin-1")),
            edit("resolution = 10", 'file = "cells.csv"\nid = "cell"'),
        ),
        "file_corrupt",
        (),
    ),
    "H3 list that is not there": (
        edit("resolution = 10", 'file = "cells.csv"\nid = "cell"'),
        "file_missing",
        (),
    ),
    "boundary of points": (
        lambda t: gpd.GeoDataFrame(geometry=[shapely.Point(WEST, SOUTH)], crs=CRS).to_file(
            t.root / "boundary.gpkg"
        ),
        "geometry_type_wrong",
        ("boundary",),
    ),
    "lines and polygons for parks": (
        lambda t: gpd.GeoDataFrame(geometry=[SQUARE, SQUARE.exterior], crs=CRS).to_file(
            t.root / "parks.geojson"
        ),
        "geometry_type_wrong",
        ("rows 2",),
    ),
    # coordinate systems
    "local CRS": (
        census(
            relabelled(
                'ENGCRS["x",EDATUM["x"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]'
            )
        ),
        "crs_not_georeferenced",
        (),
    ),
    "no CRS": (without_crs, "crs_missing", ("public_space",)),
    "metres labelled degrees": (census(relabelled("EPSG:4326")), "coordinates_look_projected", ()),
    "degrees labelled metres": (census(degrees_as_metres), "coordinates_look_geographic", ()),
    "CRS of the city file that the file contradicts": (
        edit('"census.gpkg"', '"census.gpkg"\ncrs = "EPSG:32619"'),
        "crs_contradicts_file",
        ("UTM zone 18N", "UTM zone 19N", "census.gpkg"),
    ),
    "CRS of the city file that the boundary contradicts": (
        edit('"boundary.gpkg"', '"boundary.gpkg"\ncrs = "EPSG:4326"'),
        "crs_contradicts_file",
        ("boundary",),
    ),
    "health centre of another country": (
        health("name,lon,lat\na,-80,7.87\n"),
        "layer_outside_city",
        (),
    ),
    "parks of another town": (
        lambda t: gpd.GeoDataFrame(
            geometry=[shapely.box(WEST + 9e4, SOUTH, WEST + 9.1e4, SOUTH + 9)], crs=CRS
        ).to_file(t.root / "parks.geojson"),
        "layer_outside_city",
        (),
    ),
    "wrong UTM zone": (census(elsewhere), "layer_outside_city", ("UTM",)),
    "swapped axes": (health("name,lon,lat\na,7.8683,-73.1838\n"), "axis_order_swapped", ()),
    "city in degrees": (
        edit('crs = "EPSG:32618"', 'crs = "EPSG:4326"'),
        "value_invalid",
        ("metres",),
    ),
    "city in Web Mercator": (edit('"EPSG:32618"', '"EPSG:3857"'), "value_invalid", ("areas",)),
    "unknown CRS": (edit('"EPSG:32618"', '"EPSG:99999"'), "value_invalid", ()),
    # rasters
    "raster without CRS": (raster(FLAT, crs=None), "raster_crs_missing", ("elevation",)),
    "raster elsewhere": (
        raster(FLAT, transform=Affine(30, 0, 0, 0, -30, 0)),
        "raster_outside_city",
        (),
    ),
    "raster rotated": (raster(FLAT, transform=SHIFT @ Affine.rotation(30)), "raster_rotated", ()),
    "raster south up": (
        raster(FLAT, transform=Affine(30, 0, WEST - 900, 0, 30, SOUTH - 900)),
        "raster_south_up",
        (),
    ),
    "picture for a raster": (raster(np.zeros((3, 90, 90), np.uint8)), "raster_band_count", ("3",)),
    "undeclared nodata": (raster(FLAT - 99999), "raster_nodata_suspected", ("-99999",)),
    "raster cut": (cut("elevation.tif", 0.3), "raster_unreadable", ()),
    "raster cut behind its header": (raster_cut_behind_its_header, "raster_unreadable", ()),
    "raster of nothing": (raster(FLAT * np.nan), "raster_empty", ()),
    "undeclared nodata beside NaN": (
        raster(np.where(np.eye(90) > 0, np.nan, FLAT - 99999).astype(np.float32)),
        "raster_nodata_suspected",
        (),
    ),
    "less than nobody in a raster": (people_raster(FLAT - 1), "raster_nodata_suspected", ("-1",)),
    "raster of metres labelled degrees": (
        raster(FLAT, crs="EPSG:4326"),
        "raster_outside_city",
        (),
    ),
    # the city file
    "city file in latin-1": (city_in_latin_1, "toml_unreadable", ("utf-8",)),
    "id of a device in capitals": (edit('id = "town"', 'id = "CON"'), "value_invalid", ("id",)),
    "method is a folder": (
        every(
            lambda t: (t.root / "own.toml").mkdir(),
            edit('method = "uim-v1"', 'method = "own.toml"'),
        ),
        "method_not_found",
        (),
    ),
    "key misspelt": (
        edit("resolution = 10", "resolucion = 10"),
        "key_unknown",
        ("cells.resolucion",),
    ),
    "resolution beyond": (edit("resolution = 10", "resolution = 16"), "value_invalid", ()),
    "resolution in words": (edit("resolution = 10", 'resolution = "10"'), "value_invalid", ()),
    "id with a path": (edit('id = "town"', 'id = "../../x"'), "value_invalid", ("id",)),
    "id of a device": (edit('id = "town"', 'id = "con"'), "value_invalid", ("device",)),
    "layer not declared": (
        edit("[layers.health]", "[layers.helth]"),
        "layer_absent",
        ("health_distance", "helth"),
    ),
    "indicator unknown": (
        edit("[omitted]\n", '[omitted]\ninternett = { es = "x", en = "x" }\n'),
        "name_unknown",
        ("internet",),
    ),
    "column unknown": (edit("people =", "peeple ="), "name_unknown", ("people",)),
    "no TOML": (edit("country =", "country"), "toml_unreadable", ("line",)),
    "method unknown": (
        edit('method = "uim-v1"', 'method = "uim-v9"'),
        "method_not_found",
        ("uim-v1",),
    ),
}


@pytest.mark.parametrize("case", sorted(BROKEN))
def test_bad_input__is_refused_with_its_code_and_what_to_do(town: Town, case: str) -> None:
    broken, code, words = BROKEN[case]
    broken(town)
    with pytest.raises(InclusionMarkerError) as caught:
        compute(town.root)
    for language, parts in (("en", ("found:", "why:", "fix:")), ("es", ("hallado:", "remedio:"))):
        text = caught.value.text(language)
        assert f"[{code}]" in text, text
        assert all(part in text for part in parts)
    english = caught.value.text("en").replace("\n         ", " ")
    assert all(word in english for word in words), english
    assert str(town.root) not in english
    assert caught.value.exit_code == 3


def test_bad_inputs__of_all_layers_are_reported_at_once(town: Town) -> None:
    BROKEN["semicolons"][0](town)
    BROKEN["negative people"][0](town)
    BROKEN["raster rotated"][0](town)
    with pytest.raises(InclusionMarkerError) as caught:
        compute(town.root)
    text = caught.value.text("en")
    assert all(
        f"[{code}]" in text for code in ("delimiter_mismatch", "value_negative", "raster_rotated")
    )


def test_city__that_is_nowhere_is_refused_with_near_names() -> None:
    with pytest.raises(InclusionMarkerError, match="city_not_found"):
        load_city("../../etc")


@pytest.mark.parametrize(
    ("break_it", "code"),
    [
        (with_value("con_internet", np.nan), "value_missing"),
        (with_shape(None), "geometry_missing"),
        (
            with_shape(
                shapely.Polygon(
                    [(WEST, SOUTH), (WEST + 9, SOUTH + 9), (WEST + 9, SOUTH), (WEST, SOUTH + 9)]
                )
            ),
            "geometry_repaired",
        ),
        (with_shape(shapely.box(WEST, SOUTH, WEST + 300, SOUTH + 100)), "areas_overlap"),
        (raster(FLAT[:, :45]), "raster_partial_cover"),
        (twice_the_parks, "shape_repeated"),
        (census(lambda t: t.assign(con_internet=0.25)), "share_scale_mixed"),
        (health("name,lon,lat\na,-71.9,7.8683\n"), "features_far_away"),
        (
            edit(
                "[omitted]\n",
                '[layers.populaton]\nfile = "p.tif"\ndate = "x"\nsource = "x"\n'
                'licence = "x"\n[omitted]\n',
            ),
            "layer_unread",
        ),
        (health("name,lon,lat\na,-73.1838,7.8683\nb,-70.1,7.9\n"), "features_far_away"),
    ],
)
def test_doubtful_input__computes_and_is_noticed(town: Town, break_it: Break, code: str) -> None:
    break_it(town)
    marker = compute(town.root)
    assert code in {notice.code for notice in marker.notices}
    assert f"[{code}]" in marker.summary("es")


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        (health_bytes("\ufeffname,lon,lat\nÑ,-73.1838,7.8683\n".encode()), 1),
        (
            every(
                health_bytes("name;lon;lat\nÑ;-73,1838;7,8683\n".encode("latin-1")),
                edit(
                    'name = "name"',
                    'separator = ";"\ndecimal = ","\nencoding = "latin-1"\nname = "name"',
                ),
            ),
            1,
        ),
        (
            every(
                health_bytes("name\tlon\tlat\nÑ\t-73.1838\t7.8683\n".encode("utf-16")),
                edit('name = "name"', 'separator = "\\t"\nencoding = "utf-16"\nname = "name"'),
            ),
            1,
        ),
        (health("name,lon,lat\nÑ,-73.1838,7.8683\nÑ,-73.1838,7.8683\n\n"), 2),
    ],
)
def test_csv__is_read_as_declared(town: Town, change: Break, rows: int) -> None:
    whole = compute(town.root).raw["health_distance"]
    change(town)
    marker = compute(town.root)
    assert marker.layers["health"]["name"].tolist() == ["Ñ"] * rows
    np.testing.assert_allclose(marker.raw["health_distance"], whole, atol=0.1)


@pytest.mark.parametrize("suffix", ["parquet", "fgb", "geojson", "shp"])
def test_formats__give_the_same_numbers(town: Town, suffix: str) -> None:
    expected = compute(town.root).raw
    table = blocks()
    path = town.root / f"censo.{suffix}"
    if suffix == "parquet":
        table.to_parquet(path)
    else:
        table = table.rename(columns={"con_internet": "internet"})
        town.edit('"con_internet"', '"internet"')
        (table.to_crs("EPSG:4326") if suffix == "geojson" else table).to_file(path)
    town.edit("census.gpkg", path.name)
    found = compute(town.root).raw
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_crs__of_the_city_file_serves_a_layer_that_states_none(town: Town) -> None:
    expected = compute(town.root).raw
    parks_file = gpd.read_file(town.root / "parks.geojson").to_crs(CRS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # pyogrio says what this test is about
        parks_file.set_crs(None, allow_override=True).to_file(town.root / "parks.gpkg")
    town.edit('"parks.geojson"', f'"parks.gpkg"\ncrs = "{CRS}"')
    np.testing.assert_allclose(compute(town.root).raw, expected, rtol=1e-6)


def test_crs__of_the_city_file_may_say_what_the_file_says_in_other_words(town: Town) -> None:
    blocks().to_crs("EPSG:4686").to_file(town.root / "census.geojson")
    town.edit('"census.gpkg"', '"census.geojson"\ncrs = "EPSG:4686"')
    assert compute(town.root).notices == ()


def test_crs__of_the_city_file_wins_over_a_geojson_which_cannot_state_its_own(town: Town) -> None:
    expected = compute(town.root).raw
    metres = blocks().set_crs("EPSG:4326", allow_override=True)
    metres.to_file(town.root / "census.geojson", RFC7946="NO")
    town.edit('"census.gpkg"', f'"census.geojson"\ncrs = "{CRS}"')
    marker = compute(town.root)
    assert [notice.code for notice in marker.notices] == ["crs_overridden"]
    np.testing.assert_allclose(marker.raw, expected, rtol=1e-6)


def test_cells__that_a_list_names_are_the_cells_in_order(town: Town) -> None:
    covered = compute(town.root)
    ids = list(covered.grid.index[::-1])
    (town.root / "cells.csv").write_text("\n".join(["cell", *ids]), encoding="utf-8")
    town.edit("resolution = 10", 'file = "cells.csv"\nid = "cell"')
    gpd.pd.testing.assert_frame_equal(compute(town.root).raw, covered.raw)


def test_elevation__is_not_read_where_no_distance_is_measured(town: Town) -> None:
    omitted = "\n".join(
        f'{key} = {{ es = "x", en = "y" }}' for key in ("health_distance", "public_space_distance")
    )
    town.edit("[omitted]\n", f"[omitted]\n{omitted}\n")
    (town.root / "elevation.tif").unlink()
    assert compute(town.root).terrain["slope_percent"].isna().all()


def test_rows_with__keeps_the_rows_that_count_something(town: Town) -> None:
    health("name,lon,lat,beds\na,-73.18380,7.86830,3\nb,-73.184,7.868,0\nc,-73.184,7.868,\n")(town)
    town.edit('name = "name"', 'name = "name"\nrows_with = "beds"')
    assert compute(town.root).layers["health"]["name"].tolist() == ["a"]


def test_service__is_named_by_its_row_of_the_file(town: Town) -> None:
    rows = ["a,-73.18380,7.86830,0", "", "b,-73.184,7.868,2", "c,-73.5,7.868,2"]
    health("\n".join(["name,lon,lat,beds", *rows]))(town)
    town.edit('name = "name"', 'name = "name"\nrows_with = "beds"')
    marker = compute(town.root)
    assert marker.layers["health"]["name"].to_dict() == {3: "b", 4: "c"}
    assert set(marker.closest["health_distance"]) == {3}


def test_row_without_a_shape__moves_no_other_row(town: Town) -> None:
    places = [None, shapely.Point(WEST + 400, SOUTH + 400)]
    gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=places, crs=CRS).to_file(town.root / "h.gpkg")
    town.edit('"health.csv"\nlongitude = "lon"\nlatitude = "lat"', '"h.gpkg"')
    marker = compute(town.root)
    assert set(marker.closest["health_distance"]) == {2}
    assert "rows 1" in marker.notices[0].text("en")


def test_points_with_a_height__are_flattened(town: Town) -> None:
    place = shapely.Point(WEST + 400, SOUTH + 400, 950)
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[place], crs=CRS).to_file(town.root / "h.gpkg")
    town.edit('"health.csv"\nlongitude = "lon"\nlatitude = "lat"', '"h.gpkg"')
    marker = compute(town.root)
    assert not marker.layers["health"].has_z.any()
    assert marker.raw["health_distance"].min() == 0


def test_place_beyond_the_projection__is_noticed_and_changes_nothing(town: Town) -> None:
    before = compute(town.root).raw
    health("name,lon,lat\na,-73.18380,7.86830\nb,107,-7.9\n")(town)
    after = compute(town.root)
    assert "features_far_away" in {notice.code for notice in after.notices}
    gpd.pd.testing.assert_frame_equal(after.raw, before)


def test_files_above_the_city__are_allowed(town: Town) -> None:
    (town.root / "census.gpkg").rename(town.root.parent / "census.gpkg")
    town.edit('"census.gpkg"', '"../census.gpkg"')
    assert compute(town.root).people.sum() == pytest.approx(blocks()["personas"].sum())


def test_classes_that_the_method_does_not_count__are_noticed(town: Town) -> None:
    land_use("residential", "commercial", "otro", None)(town)
    marker = compute(town.root)
    assert {"class_unknown", "value_missing"} <= {notice.code for notice in marker.notices}
    assert "'otro'" in marker.summary("es")
    assert marker.raw["land_use_mix"].notna().any()


def test_classes__kept_as_numbers_are_those_of_the_method(town: Town) -> None:
    shapes = blocks().geometry.iloc[:3]
    gpd.GeoDataFrame({"use": [1.0, 2.0, np.nan]}, geometry=shapes).to_file(town.root / "use.gpkg")
    town.edit('land_use_mix = { es = "no se midió", en = "not measured" }\n', "")
    card = '[layers.land_use]\nfile = "use.gpkg"\ndate = "x"\nsource = "x"\nlicence = "x"\n'
    town.edit("[omitted]\n", f"{card}\n[omitted]\n")
    own = """extends = "uim-v1"
id = "own"
[indicators.land_use_mix.compute]
classes = ["1", "2"]
"""
    (town.root / "own.toml").write_text(own, encoding="utf-8")
    town.edit('method = "uim-v1"', 'method = "own.toml"')
    marker = compute(town.root)
    assert "class_unknown" not in {notice.code for notice in marker.notices}
    assert marker.raw["land_use_mix"].max() > 0


def test_households__that_share_a_place_are_points_of_a_census(town: Town) -> None:
    places = [shapely.Point(WEST + 400, SOUTH + 400)] * 16
    census(lambda table: table.set_geometry(gpd.GeoSeries(places, crs=CRS)))(town)
    marker = compute(town.root)
    assert marker.people.sum() == blocks()["personas"].sum()
    assert marker.people.max() == marker.people.sum()


def test_people__follow_the_raster_from_end_to_end(town: Town) -> None:
    values = np.zeros((90, 90), np.float32)
    values[:, :43] = 3  # nobody east of the middle of the town
    people_raster(values)(town)
    marker = compute(town.root)
    row = marker.provenance["conservation"][0]
    assert row["allocated"] + row["outside"] + row["lost"] == pytest.approx(row["people_in"])
    east = marker.grid.cells.geometry.bounds["minx"] > WEST + 800
    assert marker.people[east].sum() == pytest.approx(0, abs=1e-9) or not east.any()
    whole = blocks()
    west_of_it = whole.geometry.bounds["maxx"] < WEST + 390
    held = marker.people[marker.grid.cells.geometry.bounds["maxx"] < WEST + 400].sum()
    assert 0 < held <= whole["personas"].sum()
    assert whole.loc[west_of_it, "personas"].sum() <= marker.people.sum() + 1e-6


def test_people__follow_the_buildings_from_end_to_end(town: Town) -> None:
    corners = blocks().geometry.bounds
    homes = shapely.box(
        corners["minx"] + 10, corners["miny"] + 10, corners["minx"] + 20, corners["miny"] + 20
    )
    gpd.GeoDataFrame(geometry=homes, crs=CRS).to_file(town.root / "homes.gpkg")
    card = '[layers.buildings]\nfile = "homes.gpkg"\ndate = "x"\nsource = "x"\nlicence = "x"\n'
    town.edit("[omitted]\n", f"{card}\n[omitted]\n")
    marker = compute(town.root)
    assert marker.people.sum() == pytest.approx(blocks()["personas"].sum(), rel=1e-9)
    lived_in = marker.grid.cells.intersects(shapely.union_all(homes))
    assert marker.people[~lived_in].sum() == pytest.approx(0, abs=1e-9)


def test_rows_without_a_shape__are_reported_as_lost(town: Town) -> None:
    with_shape(None)(town)
    row = compute(town.root).provenance["conservation"][0]
    assert row["lost"] == 70
    total = row["allocated"] + row["outside"] + row["lost"]
    assert total == pytest.approx(row["people_in"], rel=1e-9)
