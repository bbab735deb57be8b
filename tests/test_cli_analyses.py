"""The commands that question a marker: what they print, what they write, how they refuse."""

import inspect
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from inclusion_marker import cli
from inclusion_marker.city import load_city
from inclusion_marker.cli.analyses import DRAWS, SEED
from inclusion_marker.marker import Marker, compute

MANTA = ("--city", "manta", "--resolution", "8", "--min-coverage", "0.3")
FEW = ("--draws", "64")
QUESTIONS = {
    "audit": (),
    "explain": (),
    "robustness": FEW,
    "equity": FEW,
    "hotspots": FEW,
}


def run(*words: object) -> Result:
    """Return what the command says to some words."""
    return CliRunner().invoke(cli.app, [str(word) for word in words])


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_question__is_answered_in_both_languages(question: str, language: str) -> None:
    done = run(question, *MANTA, *QUESTIONS[question], "--lang", language)
    assert done.exit_code == 0, done.output
    assert "Manta" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert "nan" not in done.stdout.lower().split()


@pytest.mark.parametrize("question", QUESTIONS)
def test_question__writes_its_tables_once_and_replaces_them_only_when_told(
    question: str, tmp_path: Path
) -> None:
    words = (question, *MANTA, *QUESTIONS[question], "--tables", tmp_path / "tables")
    assert run(*words).exit_code == 0
    written = sorted((tmp_path / "tables").iterdir())
    assert written
    assert all(path.suffix == ".csv" for path in written)
    assert all(len(pd.read_csv(path).columns) > 1 for path in written)
    assert run(*words).exit_code != 0
    assert run(*words, "--overwrite").exit_code == 0


@pytest.fixture
def method_of(tmp_path: Path) -> Callable[[str], Path]:
    """Return the function that writes a method of Manta with some lines of its own."""
    base = load_city("manta").root / "method.toml"

    def written(lines: str) -> Path:
        path = tmp_path / "mine.toml"
        path.write_text(f'extends = "{base.as_posix()}"\nid = "mine"\n{lines}', encoding="utf-8")
        return path

    return written


def test_compare__holds_two_methods_beside_each_other_once_goalposts_may_differ(
    method_of: Callable[[str], Path],
) -> None:
    folder = load_city("manta").root
    mine = method_of("[indicators.internet.score]\nworst = 10\n")
    words = ("compare", folder, f"{folder}={mine}", *MANTA[2:], *FEW, "--lang", "en")
    refused = run(*words)
    assert refused.exit_code != 0
    assert "different goalposts" in refused.stderr
    assert "--allow-different-goalposts" in refused.stderr
    done = run(*words, "--allow-different-goalposts")
    assert done.exit_code == 0, done.output
    # By their names, not by the folders that they were found in.
    starts = [line.split()[0] for line in done.stdout.splitlines() if line.strip()]
    assert {"manta", "manta=mine.toml"} <= set(starts)


def test_resolutions__computes_three_sizes() -> None:
    words = ("resolutions", *MANTA[:2], "--around", "7", *MANTA[4:], "--lang", "en")
    done = run(*words)
    assert done.exit_code == 0, done.output


def test_explain__of_an_unknown_place_names_near_ones() -> None:
    done = run("explain", *MANTA, "--where", "Tarki", "--lang", "en")
    assert done.exit_code != 0
    assert "Tarqui" in done.stderr
    assert "Traceback" not in done.output


def test_defaults__are_those_of_the_marker() -> None:
    defaults = inspect.signature(Marker.robustness).parameters
    assert (defaults["draws"].default, defaults["seed"].default) == (DRAWS, SEED)


def test_compute__says_how_sure_it_is_in_a_few_lines(tmp_path: Path) -> None:
    done = run("compute", *MANTA, "--out", tmp_path, "--lang", "en")
    assert done.exit_code == 0, done.output
    for beginning in ("Certainty:", "Clusters:", "What is missing most:"):
        assert beginning in done.stdout


def test_analyses__are_computed_once() -> None:
    marker = compute("manta", resolution=8, min_coverage=0.3)
    assert marker.analyses is marker.analyses


@pytest.mark.parametrize("question", QUESTIONS)
def test_question__says_aloud_that_the_city_is_made_up(question: str) -> None:
    done = run(question, *MANTA, *QUESTIONS[question], "--lang", "en")
    assert "SYNTHETIC DATA" in done.stdout


@pytest.mark.parametrize("question", QUESTIONS)
def test_question__says_aloud_that_relative_scores_do_not_compare(
    question: str, method_of: Callable[[str], Path]
) -> None:
    relative = (
        '[normalisation]\nrule = "percentile"\n'
        '[indicators.youth_unemployment.score]\nnormalise = { rule = "goalposts" }\n'
    )
    words = ("--city", "manta", "--resolution", "9", "--min-coverage", "0.3")
    done = run(
        question, *words, "--method", method_of(relative), *QUESTIONS[question], "--lang", "en"
    )
    assert done.exit_code == 0, done.output
    assert "NOT COMPARABLE" in done.stdout
