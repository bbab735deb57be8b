"""The wheel: a user who has only that finds the sample cities and the methods."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an unpacked wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=PROJECT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(unpacked: Path, code: str, folder: Path) -> str:
    """Return what a line of code prints where only the wheel's package is found."""
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return found.stdout.strip()


def test_wheel__holds_what_is_not_python_and_no_more(unpacked: Path) -> None:
    package = unpacked / "inclusion_marker"
    assert (package / "methods" / "uim_v1.toml").is_file()
    assert (package / "texts" / "notices.toml").is_file()
    assert (package / "py.typed").is_file()
    assert (package / "sample_cities" / "cucuta" / "city.toml").is_file()
    assert not list(package.rglob("__pycache__"))
    assert {each.name for each in unpacked.iterdir() if each.suffix != ".dist-info"} == {
        "inclusion_marker"
    }


def test_wheel__finds_its_sample_cities(unpacked: Path, tmp_path: Path) -> None:
    code = (
        "import inclusion_marker as im; print(im.__file__);"
        "print(sorted(im.find_cities())); print(im.find_cities()['cucuta'])"
    )
    home, names, folder = run(unpacked, code, tmp_path).splitlines()
    assert home.startswith(str(unpacked))
    assert names == "['cucuta', 'manta']"
    assert folder.startswith(str(unpacked))


def test_wheel__computes_a_sample_city(unpacked: Path, tmp_path: Path) -> None:
    code = (
        "import inclusion_marker as im; marker = im.compute('manta', min_coverage=0.3);"
        "print(int(marker.scores.marker.notna().sum()) > 0)"
    )
    assert run(unpacked, code, tmp_path) == "True"
