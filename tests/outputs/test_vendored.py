"""The libraries of others: unmodified, licensed, listed, and in the wheel."""

import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import inclusion_marker
from inclusion_marker.outputs.web.libraries import LIBRARIES, script_of, style_of, vendored

PROJECT = Path(__file__).parents[2]
WEB = Path(str(inclusion_marker.__file__)).parent / "outputs" / "web"
LIST = WEB / "vendor" / "VENDORED.md"
ROW = re.compile(
    r"^\| (?P<package>\S+) \| (?P<version>\S+) \| (?P<licence>\S+) \| `\S+` \| "
    r"`(?P<file>\S+)` \| `(?P<sha256>[0-9a-f]{64})` \|$",
    re.MULTILINE,
)
ROWS = [found.groupdict() for found in ROW.finditer(LIST.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_vendored_file__is_the_one_listed(row: dict[str, str]) -> None:
    content = (LIST.parent / row["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == row["sha256"]


def test_list__names_every_file_and_no_other() -> None:
    there = {
        str(each.relative_to(LIST.parent).as_posix())
        for each in LIST.parent.rglob("*")
        if each.is_file()
    }
    assert there - {LIST.name} == {row["file"] for row in ROWS}


def test_libraries__have_the_versions_and_licences_of_the_list() -> None:
    listed = {(row["package"], row["version"], row["licence"]) for row in ROWS}
    assert {(each.name, each.version, each.licence) for each in LIBRARIES} == listed


def test_versions__are_those_that_the_files_say_of_themselves() -> None:
    said = {each.name: vendored(each.name, each.script) for each in LIBRARIES}
    versions = {each.name: each.version for each in LIBRARIES}
    assert f"/blob/v{versions['maplibre-gl']}/LICENSE.txt" in said["maplibre-gl"]
    assert f'.version="{versions["leaflet"]}"' in said["leaflet"]


def test_page_parts__refer_to_no_other_file() -> None:
    for library in LIBRARIES:
        assert "sourceMappingURL" not in script_of(library)
        addresses = re.findall(r"url\(([^)]{0,12})", style_of(library))
        assert all(each.lstrip("\"'").startswith("data:") for each in addresses)


@pytest.mark.slow
def test_wheel__holds_every_part_of_the_page(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=PROJECT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {
            name.split("outputs/web/")[1] for name in archive.namelist() if "/outputs/web/" in name
        }
    there = {
        each.relative_to(WEB).as_posix()
        for each in WEB.rglob("*")
        if each.is_file() and "__pycache__" not in each.parts
    }
    assert there == packed
    assert "vendor/leaflet/LICENSE" in packed
