"""The commands that question a marker: what they print, what they write, how they refuse."""

import inspect
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


def test_compare__holds_two_methods_beside_each_other_once_goalposts_may_differ() -> None:
    words = ("compare", "cucuta=uim", "cucuta=uim-v1", "--resolution", "7", *FEW, "--lang", "en")
    refused = run(*words)
    assert refused.exit_code != 0
    assert "goalposts" in refused.stderr
    done = run(*words, "--allow-different-goalposts")
    assert done.exit_code == 0, done.output
    assert "cucuta=uim-v1" in done.stdout


def test_compare__calls_cities_by_their_folder_s_name_where_that_tells_them_apart() -> None:
    folder = load_city("manta").root
    words = ("compare", folder, "cucuta", "--resolution", "7", *FEW, "--min-coverage", "0.3")
    done = run(*words, "--allow-different-goalposts", "--lang", "en")
    assert done.exit_code == 0, done.output
    assert str(folder) not in done.stdout
    assert any(line.startswith("manta ") for line in done.stdout.splitlines())


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
    question: str, tmp_path: Path
) -> None:
    method = tmp_path / "relative.toml"
    method.write_text(
        'extends = "uim-v1"\nid = "relative"\n[normalisation]\nrule = "percentile"\n',
        encoding="utf-8",
    )
    words = ("--city", "cucuta", "--resolution", "7", "--method", method)
    done = run(question, *words, *QUESTIONS[question], "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "NOT COMPARABLE" in done.stdout
