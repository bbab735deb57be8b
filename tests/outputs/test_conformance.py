"""The GeoPackage against the standard, as two validators that are not ours read it."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from inclusion_marker.marker import compute

PYTHON = "/usr/bin/python3"
PACKAGE = "pdok-geopackage-validator"
# What the package wants apart from GDAL's bindings, which come with the system's Python.
NEEDS = ("click", "click-log", "minio", "pydantic", "pyyaml", "semver")
# The one requirement that is the Netherlands' own: a closed list of their reference systems.
DUTCH = "RQ22"
pytestmark = pytest.mark.qgis


def ran(command: Sequence[str], *, timeout: int = 300) -> subprocess.CompletedProcess[str]:
    """Return what a command of the system said, run without the variables of ours."""
    ours = ("PYTHONPATH", "PROJ_LIB", "PROJ_DATA", "VIRTUAL_ENV", "PYTHONHOME")
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        command, capture_output=True, check=False, env=environment, text=True, timeout=timeout
    )


@pytest.fixture(scope="module")
def gdal() -> list[str]:
    """Return the command of GDAL's validator, strict."""
    module = "osgeo_utils.samples.validate_gpkg"
    if shutil.which(PYTHON) is None or ran([PYTHON, "-c", f"import {module}"]).returncode:
        pytest.skip("GDAL's validator (python3-gdal) is not installed for the system's Python")
    return [PYTHON, "-m", module, "-k", "--extra", "--warning-as-error"]


@pytest.fixture(scope="session")
def pdok(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the command of PDOK's validator, installed beside the system's GDAL bindings."""
    if shutil.which(PYTHON) is None or ran([PYTHON, "-c", "import osgeo.gdal"]).returncode:
        pytest.skip("GDAL's bindings (python3-gdal) are not installed for the system's Python")
    folder = tmp_path_factory.mktemp("pdok")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    steps = [
        [PYTHON, "-m", "venv", "--system-site-packages", str(folder)],
        [*pip, "--no-deps", PACKAGE],
        [*pip, *NEEDS],
    ]
    for step in steps:
        done = ran(step)
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip() or "no word").splitlines()[-1]
            pytest.skip(f"{PACKAGE} could not be installed: {last}")
    return [str(folder / "bin" / "geopackage-validator"), "validate", "--gpkg-path"]


def findings(command: Sequence[str], path: Path) -> list[dict[str, Any]]:
    """Return what PDOK's validator finds, but for the rule that is the Netherlands' own."""
    done = ran([*command, str(path)])
    report = json.loads(done.stdout)
    assert len(report["validations_executed"]) > 15
    found: list[dict[str, Any]] = report["results"]
    return [each for each in found if each["validation_code"] != DUTCH]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the GeoPackage of a sample city."""
    found = compute("manta", resolution=8, min_coverage=0.3)
    return found.to_geopackage(tmp_path_factory.mktemp("sample") / "manta.gpkg")


def test_sample_city__conforms_to_the_standard_by_gdal(gdal: list[str], sample: Path) -> None:
    done = ran([*gdal, str(sample)])
    assert (done.returncode, done.stdout.strip(), done.stderr.strip()) == (0, "", "")


def test_sample_city__conforms_to_pdok(pdok: list[str], sample: Path) -> None:
    assert findings(pdok, sample) == []


def test_validators__find_what_is_wrong(gdal: list[str], pdok: list[str], tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    path.write_bytes(b"no GeoPackage at all" * 100)
    assert ran([*gdal, str(path)]).returncode
    assert findings_or_errors(pdok, path)


def findings_or_errors(command: Sequence[str], path: Path) -> bool:
    """Return whether PDOK's validator says anything against a file."""
    done = ran([*command, str(path)])
    return bool(done.returncode) or not json.loads(done.stdout)["success"]


@pytest.mark.slow
def test_real_city__conforms_to_the_standard_by_gdal(
    gdal: list[str], real_geopackage: Path
) -> None:
    done = ran([*gdal, str(real_geopackage)])
    assert (done.returncode, done.stdout.strip(), done.stderr.strip()) == (0, "", "")


@pytest.mark.slow
def test_real_city__conforms_to_pdok(pdok: list[str], real_geopackage: Path) -> None:
    assert findings(pdok, real_geopackage) == []
