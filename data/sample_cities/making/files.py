"""Write the files of a sample city so that the same city gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

# GDAL reads it when it is loaded: a GeoPackage stores the time of its last change.
os.environ["OGR_CURRENT_DATE"] = "2024-01-01T00:00:00Z"

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
import scipy
import shapely
from rasterio.transform import from_origin

from making.fields import Canvas, Floats

_PRECISION_M = 0.1


def versions() -> dict[str, str]:
    """Return the versions of the libraries that the bytes of the files depend on."""
    return {
        "gdal": pyogrio.__gdal_version_string__,
        "geos": shapely.geos_version_string,
        "numpy": np.__version__,
        "rasterio": rasterio.__version__,
        "scipy": scipy.__version__,
        "shapely": shapely.__version__,
    }


def write_layer(
    table: gpd.GeoDataFrame, path: Path, layer: str, says: str, *, indexed: bool = True
) -> None:
    """Write a table as a layer of a GeoPackage; coordinates in whole decimetres.

    ``indexed`` adds a spatial index: maps draw faster, and the file is a third larger.
    """
    table = table.set_geometry(
        gpd.GeoSeries(snapped(table.geometry.to_numpy()), index=table.index, crs=table.crs)
    )
    pyogrio.write_dataframe(
        table.reset_index(drop=True),
        path,
        layer=layer,
        driver="GPKG",
        append=path.exists(),
        dataset_options=None if path.exists() else {"VERSION": "1.3"},
        layer_options={"DESCRIPTION": says, "SPATIAL_INDEX": "YES" if indexed else "NO"},
    )


def snapped(shapes: Iterable[shapely.Geometry]) -> np.ndarray:
    """Return shapes with coordinates in whole decimetres, still valid."""
    return shapely.set_precision(np.asarray(shapes, dtype=object), _PRECISION_M)


def write_points(table: gpd.GeoDataFrame, path: Path) -> None:
    """Write a table of points as a CSV with longitude and latitude, six decimals."""
    degrees = table.to_crs("EPSG:4326").geometry
    rows = pd.DataFrame(table.drop(columns="geometry"))
    rows["longitud"] = degrees.x.round(6)
    rows["latitud"] = degrees.y.round(6)
    rows.to_csv(path, index=False, lineterminator="\n")


def write_elevation(heights: Floats, canvas: Canvas, crs: str, path: Path, says: str) -> None:
    """Write heights, metres, as a GeoTIFF of whole metres."""
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=canvas.rows,
        width=canvas.columns,
        count=1,
        dtype="int16",
        crs=crs,
        transform=from_origin(canvas.west, canvas.north, canvas.pixel_m, canvas.pixel_m),
        nodata=-32768,
        compress="deflate",
        predictor=2,
        zlevel=9,
    ) as raster:
        raster.write(np.rint(heights).astype(np.int16), 1)
        raster.update_tags(TIFFTAG_IMAGEDESCRIPTION=says)


def write_manifest(folder: Path, names: Iterable[str]) -> None:
    """Write the SHA-256 of each generated file and the versions that made it."""
    sums = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sorted(names)
    }
    record = {"synthetic": True, "made_with": versions(), "sha256": sums}
    text = json.dumps(record, indent=2) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8", newline="\n")


def emptied(folder: Path, names: Iterable[str]) -> None:
    """Remove the files that are about to be written, so that none is appended to."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).unlink(missing_ok=True)
