"""The pages: every link leads somewhere, and every command and example that they show runs."""

import doctest
import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

import inclusion_marker
import inclusion_marker.marker
from inclusion_marker.city import City
from inclusion_marker.cli import app
from inclusion_marker.marker import Marker
from inclusion_marker.method import Method, load_method
from inclusion_marker.notices import Notice
from inclusion_marker.texts import LANGUAGES, catalogue
from scripts import ROOT

DOCS = ROOT / "docs"
PAGES = tuple(
    str(path.relative_to(ROOT))
    for path in sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("data/*/*/*.md")])
)

# What a page shows and no test runs, by how the line begins. Each row is used, and says why.
NOT_RUN: Mapping[str, str] = {
    "make ": "makes its own environment, installs, or measures: .ci/run has demo, test and docs",
    "python -m venv": "an environment of its own: `make demo` makes one",
    r".venv\Scripts\activate": "only Windows has this folder",
    "python -m pip install": "installs over the network: `make demo` does it",
    "python data/sample_cities/": "writes into the repository: tests/test_sample_city.py runs it",
    "python benchmarks/": "measures for minutes, with peers that a machine may lack",
    "inclusion-marker compute --city tests/real/": "tests/real/ holds its figures, where data are",
    "inclusion-marker robustness --city tests/real/": "tests/real/ holds its figures, too",
}
# Files that a reader has and the repository has not: made as the page describes them.
READERS_FILES: Mapping[str, Mapping[str, str]] = {
    "docs/how-to/sources-by-country.md": {
        "CPV_2022_Vivienda_Sector.csv": "I01;I02;I03;I04;I05;V0201R;V11\n"
        "13;08;50;1;1;1;1\n13;08;50;1;1;1;2\n13;08;50;1;2;2;1\n"
    },
}


class Block(NamedTuple):
    """A fenced block of a page: its language, its lines, and the line where it begins."""

    language: str
    text: str
    line: int


def blocks(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for found in re.finditer(r"^```(\w*)[^\n]*\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        yield Block(found[1], found[2], text.count("\n", 0, found.start()) + 1)


def commands(block: Block) -> Iterator[str]:
    """Yield the lines of a block of commands, without prompts, comments and continuations."""
    for line in block.text.replace("\\\n", " ").splitlines():
        command = re.sub(r"\s{2,}#.*$", "", line.removeprefix("$ ")).strip()
        if command and not command.startswith("#"):
            yield command


SHELL = ("bash", "console", "sh", "shell")
PROGRAMS = ("inclusion-marker ", "make ", "python ", "pip ", ".venv", "source ")
SHOWN = {
    page: [
        (block.line, command)
        for block in blocks(page)
        for command in commands(block)
        if block.language in SHELL or (not block.language and command.startswith(PROGRAMS))
    ]
    for page in PAGES
}
RUN = {
    page: [line for line in shown if not line[1].startswith(tuple(NOT_RUN))]
    for page, shown in SHOWN.items()
}
# `tests/test_street_docs.py` runs the examples of its pages.
PYTHON = [
    page
    for page in PAGES
    if page != "docs/street-networks.md" and any(each.language == "python" for each in blocks(page))
]


def test_table_of_what_is_not_run__has_no_idle_row() -> None:
    shown = [command for lines in SHOWN.values() for _, command in lines]
    for start in NOT_RUN:
        assert any(command.startswith(start) for command in shown), start


def test_commands__are_found_on_the_pages_that_teach() -> None:
    for page in ("README.md", "docs/tutorial.md", "docs/how-to/change-the-method.md"):
        assert RUN[page], page


@pytest.fixture(scope="module")
def once() -> Iterator[set[tuple[str, str]]]:
    """Return what has been run: a line that several pages show is run for the first of them.

    And measure each city once: same files, same method, same cells, same marker.
    """
    measured: dict[tuple[str, ...], Marker] = {}
    compute = inclusion_marker.marker.compute

    def kept(
        city: str | Path | City, *, method: Method | str | None = None, **options: object
    ) -> Marker:
        found = inclusion_marker.load_city(city)
        by = "" if method is None else load_method(method).model_dump_json()
        told = {key: value for key, value in options.items() if key != "progress"}
        key = (found.model_dump_json(exclude={"root"}), by, repr(sorted(told.items())))
        if key not in measured:
            measured[key] = compute(city, method=method, **options)  # type: ignore[arg-type]
        return measured[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inclusion_marker.marker, "compute", kept)
        yield set()


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Return a function that stands a reader of a page in a copy of the repository."""

    def stand(page: str) -> Path:
        for name in ("data", "docs", "notebooks"):
            (tmp_path / name).symlink_to(ROOT / name)
        for name, text in READERS_FILES.get(page, {}).items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return stand


def run(command: str) -> None:
    """Run a line as its reader would: the command in this process, other programs in theirs."""
    program, *arguments = shlex.split(command)
    if program == "inclusion-marker":
        answer = CliRunner().invoke(app, arguments)
        assert answer.exit_code == 0, f"{command}\n{answer.output}"
        return
    assert program in {"mkdir", "cp"}, f"{command}: neither run nor in the table"
    subprocess.run([shutil.which(program) or program, *arguments], check=True)


def write_files(page: str, upto: int, folder: Path) -> str:
    """Write the files that a page has its reader save before a line; return what is in them.

    A block whose first line names a file is one.
    """
    written = ""
    for block in blocks(page):
        named = re.match(r"(?:#:schema .*\n)?# (\w[\w.-]*\.toml)\n", block.text)
        if named and block.line < upto:
            (folder / named[1]).write_text(block.text, encoding="utf-8")
            written += block.text
    return written


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="symbolic links, cp and mkdir")
@pytest.mark.parametrize("page", [page for page in PAGES if RUN[page]])
def test_page__its_commands_run_in_order(
    page: str, clone: Callable[[str], Path], once: set[tuple[str, str]]
) -> None:
    folder = clone(page)
    for line, command in RUN[page]:
        written = write_files(page, line, folder)
        if not command.startswith("inclusion-marker ") or (command, written) not in once:
            run(command)
            once.add((command, written))


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="symbolic links")
@pytest.mark.parametrize("page", PYTHON)
@pytest.mark.usefixtures("once")
def test_page__its_examples_run_in_order(
    page: str, clone: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    clone(page)
    names: dict[str, object] = {}
    for block in blocks(page):
        if block.language == "python":
            exec(compile("\n" * block.line + block.text, page, "exec"), names)  # noqa: S102 - ours
    capsys.readouterr()


# ── links ────────────────────────────────────────────────────────────────────────────────────────
_LINK = re.compile(r"(?<!\\)\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")


def prose(page: Path) -> str:
    """Return a page without its blocks and pieces of code."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "`code`", text)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as a page that shows the repository has them."""
    text = re.sub(
        r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    found: set[str] = set()
    for title in re.findall(r"^#{1,6} +(.+?)\s*$", text, re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).lower()
        slug = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        number, unique = 0, slug
        while unique in found:
            number += 1
            unique = f"{slug}-{number}"
        found.add(unique)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_page__its_links_lead_somewhere(page: str) -> None:
    if not (ROOT / "notebooks").is_dir():
        pytest.skip("this archive leaves out what pages lead to")
    here = ROOT / page
    for link in _LINK.findall(prose(here)):
        if re.match(r"\w+:", link):
            assert link.startswith("https://"), link
            continue
        to, _, at = link.partition("#")
        target = (here.parent / to).resolve() if to else here
        assert target.exists(), link
        assert ROOT in (target, *target.parents), f"{link} leads out of the repository"
        if at:
            assert at in anchors(target), link


@pytest.mark.parametrize("page", PAGES)
def test_page__its_options_are_code(page: str) -> None:
    """Or the site would make one dash of two."""
    text = re.sub(r"<!--.*?-->", "", prose(ROOT / page), flags=re.DOTALL)
    assert not re.findall(r"(?<!\S)--[a-z]\S*", text)


# ── what the site is made with ───────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def ext() -> Iterator[Callable[[str], ModuleType]]:
    """Return a function that gives a module of the site."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DOCS))
        yield lambda name: importlib.import_module(f"ext.{name}")
        for name in [name for name in sys.modules if name.split(".")[0] == "ext"]:
            del sys.modules[name]


PURE = ("api", "architecture", "catalogue", "commands", "contents", "formulas", "methodology",
        "saying", "schemas", "tables")  # fmt: skip


@pytest.mark.parametrize("name", PURE)
def test_site__the_examples_of_its_modules_run(name: str, ext: Callable[[str], ModuleType]) -> None:
    flags = doctest.NORMALIZE_WHITESPACE
    assert doctest.testmod(ext(name), optionflags=flags).failed == 0


def test_reference__has_each_public_name_once(ext: Callable[[str], ModuleType]) -> None:
    api = ext("api")
    made = "\n".join(api.functions(page) for page in api.PAGES)
    asked = re.findall(r":: inclusion_marker\.(\w+)(?:\(\))?$", made, re.MULTILINE)
    assert sorted(asked) == sorted(inclusion_marker.__all__)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "beside"), [("uim", "uim-v1"), ("uim-v1", "uim")])
def test_methodology__holds_every_card_of_the_method(
    name: str, beside: str, language: str, ext: Callable[[str], ModuleType]
) -> None:
    words = ext("tables").words
    page = ext("methodology").page(name, beside, language)
    method = load_method(name)
    for key, card in method.indicators.items():
        assert f"· {words(card.name.said(language))}\n" in page, key
        assert f"`ind_{key}`" in page, key
        for said in (card.score.source, card.reference, card.rationale.said(language)):
            assert words(said) in page, key
    for layer in method.layers:
        assert f"### `{layer}`" in page, layer


def test_methodology__effective_weights_of_areas_sum_to_one(
    ext: Callable[[str], ModuleType],
) -> None:
    page = ext("methodology").page("uim", "uim-v1", "en")
    glance = page.partition("## From a value")[0]
    shares = re.findall(r"^\| \*\*.*\| ([\d.]+) % \|$", glance, re.MULTILINE)
    assert len(shares) == 5
    assert sum(map(float, shares)) == pytest.approx(100)


def test_methodology__says_what_differs_and_nothing_else(
    ext: Callable[[str], ModuleType],
) -> None:
    methodology = ext("methodology")
    same = methodology.differences(load_method("uim"), load_method("uim"), "en")
    assert same.count("\n| ") == 2  # its heads
    found = methodology.differences(load_method("uim"), load_method("uim-v1"), "en")
    assert found.count("\n| ") == 2 + 1 + 6 + 2  # the mean, six distances, two beside
    assert "geometric" in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue__has_every_code_once(language: str, ext: Callable[[str], ModuleType]) -> None:
    page = ext("catalogue").page(language)
    codes = re.findall(r"^### `(\w+)`$", page, re.MULTILINE)
    assert sorted(codes) == sorted(catalogue("notices"))
    assert Notice(codes[0]).severity == "error"
    assert "{" not in re.sub(r"\\\{|`[^`]*`", "", page)


def test_commands__have_what_the_help_has(ext: Callable[[str], ModuleType]) -> None:
    found = {words: does for words, _, does in ext("commands").every_command()}
    assert {"compute", "explain", "compare", "method show", "method schema"} <= set(found)
    for words, does in found.items():
        shown = CliRunner().invoke(app, [*words.split(), "--help"], env={"COLUMNS": "200"}).output
        for each in ext("commands").parameters(does):
            assert each.name.split(",")[0].lower() in shown.lower(), (words, each.name)


@pytest.mark.parametrize("which", ["city", "method"])
def test_schema__each_link_of_its_page_has_its_card(
    which: str, ext: Callable[[str], ModuleType]
) -> None:
    page = ext("schemas").page(which)
    titles = {
        title.lower().replace(" ", "-") for title in re.findall(r"^## (.+)$", page, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", page)) <= titles
    assert "anything" not in page


def test_contents__are_the_lists_of_the_page(ext: Callable[[str], ModuleType]) -> None:
    page = "# A\n\n[no](b.md)\n\n## One\n\n- [b](manifest.md#x) and [c](https://d.md)\n"
    made = ext("contents").toctrees(page, DOCS / "README.md")
    assert made == "```{toctree}\n:hidden:\n:caption: One\n\n/docs/manifest.md\n```"


def test_contents__folders_lead_to_the_repository(ext: Callable[[str], ModuleType]) -> None:
    contents = ext("contents")
    found = contents.with_folders("[s](schema/) [m](manifest.md)", DOCS / "README.md")
    assert found == f"[s]({contents.REPOSITORY}/docs/schema) [m](manifest.md)"


def test_landing_page__lists_every_page_of_the_site(ext: Callable[[str], ModuleType]) -> None:
    if not (ROOT / "notebooks").is_dir():
        pytest.skip("this archive leaves out pages")
    listed = set[str]()
    for page in (DOCS / "README.md", DOCS / "es" / "README.md", DOCS / "decisions" / "README.md"):
        made = ext("contents").toctrees(page.read_text(encoding="utf-8"), page)
        listed |= set(re.findall(r"^/(.+)$", made, re.MULTILINE))
    notebooks = {f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert listed | {"docs/README.md"} == {*PAGES, *notebooks}
