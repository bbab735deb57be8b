"""What pytest must leave alone here, and the real cities, computed once for all."""

from pathlib import Path

import pytest

from inclusion_marker.marker import compute

# They run under the system's Python, which has QGIS.
collect_ignore = ["open_in_qgis.py", "analyst_in_qgis.py"]

REAL = Path(__file__).parents[1] / "real"
DATA = REAL.parents[2] / "shared" / "data"


@pytest.fixture(scope="session", params=["panama", "buenos_aires", "porto_alegre"])
def real_geopackage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return the GeoPackage of a real city; for reading only."""
    if not DATA.is_dir():
        pytest.skip("the real layers are not here (../shared/data)")
    city = str(request.param)
    return compute(REAL / city).to_geopackage(tmp_path_factory.mktemp(city) / f"{city}.gpkg")
