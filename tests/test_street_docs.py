"""The examples of the pages on streets run as they stand, and their pictures are there."""

import re
from pathlib import Path

import pytest

from scripts import ROOT

DOCS = ROOT / "docs"
PAGES = ("street-networks.md", "network-or-straight-line.md", "performance.md")


@pytest.mark.slow  # a whole city, when nothing is compiled
def test_street_networks__the_examples_run_in_order(
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = (DOCS / "street-networks.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(examples) == 2
    names: dict[str, object] = {}
    for example in examples:
        exec(compile(example, "street-networks.md", "exec"), names)  # noqa: S102 - our own page
    capsys.readouterr()
    assert repr(names["network"]) == repr(names["slower"])
    closest = names["closest"]
    assert closest["health_min"].notna().mean() > 0.9  # type: ignore[index]


@pytest.mark.parametrize("name", PAGES)
def test_page__links_lead_somewhere(name: str) -> None:
    page = (DOCS / name).read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)\)", page):
        assert (DOCS / link).exists(), link


@pytest.mark.parametrize("name", PAGES[:2])
def test_page__pictures_are_small(name: str) -> None:
    page = (DOCS / name).read_text(encoding="utf-8")
    pictures = re.findall(r"!\[[^\]]+\]\((images/[^)]+)\)", page)
    assert pictures
    for picture in pictures:
        assert Path(DOCS / picture).stat().st_size < 150_000, picture


@pytest.mark.parametrize("name", PAGES)
def test_page__names_scripts_that_exist(name: str) -> None:
    if not (ROOT / "benchmarks").is_dir():
        pytest.skip("the scripts are not in this archive")
    page = (DOCS / name).read_text(encoding="utf-8")
    for place in re.findall(r"\b(?:benchmarks|tests)/[\w/]+\.py\b", page):
        assert (ROOT / place).is_file(), place
