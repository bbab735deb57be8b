"""One small town, made in code: four by four blocks, a health centre, a park and a hill."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from inclusion_marker.method import load_method

WEST, SOUTH, BLOCK_M = 700_000.0, 870_000.0, 200.0
CRS = "EPSG:32618"
MEASURED = ("internet", "health_distance", "public_space_distance", "residential_density")


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep prepared networks of the tests out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@dataclass
class Town:
    """A folder with a city that computes, for tests to break one file of."""

    root: Path
    replaced: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """Return the city file."""
        return self.root / "city.toml"

    def edit(self, old: str, new: str) -> None:
        """Replace a text of the city file that must be there."""
        text = self.file.read_text(encoding="utf-8")
        assert old in text, old
        self.file.write_text(text.replace(old, new, 1), encoding="utf-8")


def blocks() -> gpd.GeoDataFrame:
    """Return sixteen blocks with their counts."""
    corners = [(WEST + BLOCK_M * x, SOUTH + BLOCK_M * y) for y in range(4) for x in range(4)]
    people = np.arange(16, dtype=float) * 10 + 40
    return gpd.GeoDataFrame(
        {
            "personas": people,
            "viviendas": people / 4,
            "con_internet": people / 8,
        },
        geometry=[shapely.box(x, y, x + BLOCK_M, y + BLOCK_M) for x, y in corners],
        crs=CRS,
    )


def write_raster(path: Path, values: np.ndarray, **profile: object) -> None:
    """Write a GeoTIFF of 30 m pixels over the town."""
    shape = {"height": values.shape[-2], "width": values.shape[-1]}
    count = 1 if values.ndim == 2 else values.shape[0]
    defaults = {
        "driver": "GTiff",
        "count": count,
        "dtype": values.dtype,
        "crs": CRS,
        "transform": from_origin(WEST - 900, SOUTH + 1700, 30, 30),
        **shape,
    }
    with rasterio.open(path, "w", **{**defaults, **profile}) as raster:
        raster.write(values if values.ndim == 3 else values[None])


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Return a town that computes."""
    return make_town(tmp_path / "town")


def make_town(root: Path) -> Town:
    """Return a town that computes, its files written to a new folder."""
    root.mkdir()
    outline = shapely.box(WEST, SOUTH, WEST + 4 * BLOCK_M, SOUTH + 4 * BLOCK_M)
    gpd.GeoDataFrame(geometry=[outline], crs=CRS).to_file(root / "boundary.gpkg")
    blocks().to_file(root / "census.gpkg")
    (root / "health.csv").write_text(
        "name,lon,lat\nCentro «Ñandú»,-73.18380,7.86830\n", encoding="utf-8"
    )
    park = shapely.box(WEST + 300, SOUTH + 300, WEST + 380, SOUTH + 360)
    gpd.GeoDataFrame({"name": ["Parque"]}, geometry=[park], crs=CRS).to_file(root / "parks.geojson")
    slope = np.tile(np.arange(90, dtype=np.float32) * 1.5, (90, 1))
    write_raster(root / "elevation.tif", slope)
    reasons = "\n".join(
        f'{key} = {{ es = "no se midió", en = "not measured" }}'
        for key in load_method("uim-v1").indicators
        if key not in MEASURED
    )
    (root / "city.toml").write_text(_CITY + reasons + "\n", encoding="utf-8")
    return Town(root)


_CITY = """
id = "town"
name = { es = "Pueblo (sintético)", en = "Town (synthetic)" }
country = "CO"
synthetic = true
crs = "EPSG:32618"
method = "uim-v1"

[boundary]
file = "boundary.gpkg"

[cells]
resolution = 10

[layers.census]
file = "census.gpkg"
date = "2018"
source = "synthetic"
licence = "CC0-1.0"
columns = { people = "personas", dwellings = "viviendas", dwellings_internet = "con_internet" }

[layers.health]
file = "health.csv"
longitude = "lon"
latitude = "lat"
name = "name"
date = "2018"
source = "synthetic"
licence = "CC0-1.0"

[layers.public_space]
file = "parks.geojson"
date = "2018"
source = "synthetic"
licence = "CC0-1.0"

[layers.elevation]
file = "elevation.tif"
date = "2018"
source = "synthetic"
licence = "CC0-1.0"

[omitted]
"""
