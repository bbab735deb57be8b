"""The command: what it prints, what it leaves, and with which code it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest
from typer.testing import CliRunner, Result

from conftest import Town
from inclusion_marker import cli
from inclusion_marker.cli.speaking import plain_sign
from inclusion_marker.method import shipped_methods

HEAVY = ("geopandas", "pandas", "numba", "numpy", "pydantic", "matplotlib", "pyproj")
NAMES = [
    "town-map.html",
    "town-report.html",
    "town.gpkg",
    "town.manifest.json",
    "town.png",
    "town.qgz",
]


@pytest.fixture(autouse=True)
def _spanish(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the language of the system away."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def run(*words: object) -> Result:
    """Return what the command says to some words."""
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def shell(*words: object, **settings: str) -> subprocess.CompletedProcess[str]:
    """Return what the command says in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "inclusion_marker", *map(str, words)],
        capture_output=True,
        check=False,
        encoding=settings.get("PYTHONIOENCODING", "utf-8"),
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **settings},
    )


def names(folder: Path) -> list[str]:
    """Return what is in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())


# ── starting up ──────────────────────────────────────────────────────────────


def test_help__loads_nothing_heavy() -> None:
    code = f"import sys, inclusion_marker.cli; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("words", [(), ("compute",), ("method",), ("method", "show"), ("cities",)])
def test_help__is_there_for_every_command(words: tuple[str, ...], flag: str) -> None:
    done = run(*words, flag)
    assert done.exit_code == 0
    assert "Usage" in done.output


def test_version__is_the_package_s() -> None:
    done = shell("--version")
    assert done.returncode == 0
    assert done.stdout.strip().count(".") == 2


def test_no_command__shows_the_help_and_is_a_usage_error() -> None:
    done = run()
    assert done.exit_code == 2
    assert "compute" in done.output


def test_main__ends_with_the_code_and_takes_any_stream(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["inclusion-marker", "method", "list", "--lang", "en"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    assert "uim-v1" in capsys.readouterr().out
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0


# ── compute ──────────────────────────────────────────────────────────────────


def test_compute__writes_six_files_and_says_where_and_how_each_is_opened(
    town: Town, tmp_path: Path
) -> None:
    out = tmp_path / "con espacios y ñ"
    done = run("compute", "--city", town.root, "--out", out, "--min-coverage", 0.1)
    assert done.exit_code == 0, done.output
    assert names(out / "town") == NAMES
    for name in NAMES:
        assert str(out / "town" / name) in done.stdout
    assert "Pueblo" in done.stdout
    assert "DATOS SINTÉTICOS" in done.stdout
    for how in ("proyecto de QGIS", "en el navegador", "guardar como PDF", "como imagen"):
        assert how in done.stdout
    assert "vacío" not in done.stdout
    manifest = json.loads((out / "town" / "town.manifest.json").read_text(encoding="utf-8"))
    assert manifest["complete"] is True
    assert (out / "town" / "town.png").read_bytes()[1:4] == b"PNG"


def test_compute__says_in_english_what_to_do_with_an_empty_marker(
    town: Town, tmp_path: Path
) -> None:
    done = run("compute", "--city", town.root, "--out", tmp_path / "o", "--lang", "en")
    assert done.exit_code == 0
    assert "The marker is left empty" in done.stdout
    assert "--min-coverage 0.3 --overwrite" in done.stdout


def test_compute__keeps_talk_off_the_results(town: Town, tmp_path: Path) -> None:
    done = run("compute", "--city", town.root, "--out", tmp_path / "o")
    assert done.stderr.startswith("Listo en ")
    assert "\x1b" not in done.stdout + done.stderr


def test_compute__refuses_an_existing_result_at_once_and_touches_nothing(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "o" / "town").mkdir(parents=True)
    old = tmp_path / "o" / "town" / "town.manifest.json"
    old.write_text("old")
    monkeypatch.setattr("inclusion_marker.marker.compute", pytest.fail)
    done = run("compute", "--city", town.root, "--out", tmp_path / "o", "--lang", "en")
    assert done.exit_code == 5
    assert "[output_exists]" in done.stderr
    assert "--overwrite" in done.stderr
    assert names(old.parent) == [old.name]
    assert old.read_text() == "old"


def test_compute__overwrites_when_asked_with_the_same_bytes(town: Town, tmp_path: Path) -> None:
    words = ("compute", "--city", town.root, "--out", tmp_path / "o", "--overwrite")
    assert run(*words).exit_code == 0
    folder = tmp_path / "o" / "town"
    before = {name: (folder / name).read_bytes() for name in names(folder)}
    assert run(*words).exit_code == 0
    assert {name: (folder / name).read_bytes() for name in names(folder)} == before


def test_compute__draws_natural_breaks_when_asked_and_says_so(town: Town, tmp_path: Path) -> None:
    words = ("compute", "--city", town.root, "--out", tmp_path, "--min-coverage", 0.1)
    assert run(*words, "--breaks", "natural").exit_code == 0
    manifest = json.loads((tmp_path / "town" / "town.manifest.json").read_text(encoding="utf-8"))
    assert manifest["breaks"]["kind"] == "natural"


@pytest.mark.parametrize(
    ("command", "name"), [("map", "town-map.html"), ("report", "town-report.html")]
)
def test_page__is_written_alone_as_compute_writes_it(
    town: Town, tmp_path: Path, command: str, name: str
) -> None:
    words = ("--city", town.root, "--out", tmp_path / "o", "--lang", "en")
    done = run(command, *words)
    assert done.exit_code == 0, done.output
    assert names(tmp_path / "o" / "town") == [name]
    assert str(tmp_path / "o" / "town" / name) in done.stdout
    alone = (tmp_path / "o" / "town" / name).read_bytes()
    assert "[output_exists]" in run(command, *words).stderr
    assert run("compute", *words, "--overwrite").exit_code == 0
    assert (tmp_path / "o" / "town" / name).read_bytes() == alone


WRONG: dict[str, tuple[tuple[object, ...], int, str]] = {
    "coverage that is no number": (("--min-coverage", "nan"), 3, "[parameter_out_of_range]"),
    "coverage beyond": (("--min-coverage", 1.5), 3, "[parameter_out_of_range]"),
    "resolution beyond": (("--resolution", 99), 3, "[parameter_out_of_range]"),
    "resolution below": (("--resolution", -1), 3, "[parameter_out_of_range]"),
    "resolution in words": (("--resolution", "fine"), 2, "--resolution"),
    "language unknown": (("--lang", "xx"), 2, "--lang"),
    "option unknown": (("--resolucion", 9), 2, "--resolution"),
    "method unknown": (("--method", "uim-v9"), 3, "uim-v1"),
    "method a folder": (("--method", "."), 3, "[method_not_found]"),
}


@pytest.mark.parametrize("case", sorted(WRONG))
def test_compute__refuses(town: Town, tmp_path: Path, case: str) -> None:
    words, code, said = WRONG[case]
    done = run("compute", "--city", town.root, "--out", tmp_path / "o", *words)
    assert done.exit_code == code
    assert said in done.stderr
    assert "Traceback" not in done.output
    assert done.stdout == ""
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("city", ["", " ", "atlantis", "../../etc", "no\nwhere", "x" * 5000])
def test_compute__refuses_a_city_that_is_nowhere(tmp_path: Path, city: str) -> None:
    done = run("compute", "--city", city, "--out", tmp_path / "o")
    assert done.exit_code == 3
    assert "remedio" in done.stderr
    assert max(map(len, done.stderr.splitlines())) < 200


def test_compute__refuses_a_folder_without_a_city_file(tmp_path: Path) -> None:
    done = run("compute", "--city", tmp_path, "--lang", "en")
    assert done.exit_code == 3
    assert "city.toml" in done.stderr


def test_compute__refuses_a_file_as_the_folder_of_results(town: Town, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    done = run("compute", "--city", town.root, "--out", tmp_path / "file")
    assert done.exit_code == 5
    assert "[output_folder_is_file]" in done.stderr
    assert (tmp_path / "file").read_text() == "mine"


def test_compute__reports_every_fault_of_the_layers(town: Town, tmp_path: Path) -> None:
    (town.root / "health.csv").write_text("name;lon;lat\na;-73.18;7.87\n", encoding="utf-8")
    (town.root / "elevation.tif").write_bytes(b"")
    done = run("compute", "--city", town.root, "--out", tmp_path / "o", "--lang", "en")
    assert done.exit_code == 3
    assert "[delimiter_mismatch]" in done.stderr
    assert "[file_empty]" in done.stderr


def refused(*_: object, **__: object) -> Path:
    """Fail as a system does that does not let a file be written."""
    raise PermissionError(13, "denied", "town.gpkg")


def interrupted(*_: object, **__: object) -> Path:
    """Stop as from the keyboard."""
    raise KeyboardInterrupt


STOPS: list[tuple[Callable[..., Path], int]] = [(refused, 5), (interrupted, 130)]


@pytest.mark.parametrize(("stop", "code"), STOPS)
def test_compute__leaves_nothing_when_it_is_stopped_while_writing(
    town: Town,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stop: Callable[..., Path],
    code: int,
) -> None:
    monkeypatch.setattr("inclusion_marker.outputs.geopackage.write_geopackage", stop)
    done = run("compute", "--city", town.root, "--out", tmp_path / "o" / "deep")
    assert done.exit_code == code
    assert "Traceback" not in done.output
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(("stop", "code"), STOPS)
def test_compute__keeps_the_old_result_when_it_is_stopped_while_writing(
    town: Town,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stop: Callable[..., Path],
    code: int,
) -> None:
    words = ("compute", "--city", town.root, "--out", tmp_path / "o", "--overwrite")
    run(*words)
    folder = tmp_path / "o" / "town"
    before = {name: (folder / name).read_bytes() for name in names(folder)}
    monkeypatch.setattr("inclusion_marker.outputs.geopackage.write_geopackage", stop)
    assert run(*words, "--min-coverage", 0.1).exit_code == code
    assert {name: (folder / name).read_bytes() for name in names(folder)} == before


@pytest.mark.skipif(os.name == "nt", reason="Windows ends processes without asking")
def test_compute__ends_on_request_with_nothing_left(town: Town, tmp_path: Path) -> None:
    waiting = (
        "import time, pathlib, inclusion_marker.cli as c\n"
        "import inclusion_marker.outputs.geopackage as m\n"
        "def wait(*_, **__):\n"
        f"    pathlib.Path({str(tmp_path / 'begun')!r}).touch()\n"
        "    time.sleep(60)\n"
        "m.write_geopackage = wait\n"
        "c.main()\n"
    )
    words = ["compute", "--city", str(town.root), "--out", str(tmp_path / "o"), "--lang", "en"]
    process = subprocess.Popen(
        [sys.executable, "-c", waiting, *words], stderr=subprocess.PIPE, encoding="utf-8"
    )
    for _ in range(600):
        if (tmp_path / "begun").exists() or process.poll() is not None:
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Interrupted" in said
    assert "Traceback" not in said
    assert not (tmp_path / "o").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows ends processes without asking")
def test_request_to_end__is_heard_as_one_from_the_keyboard(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(signal.SIGTERM)

    def asked(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)

    monkeypatch.setattr("inclusion_marker.marker.compute", asked)
    assert run("compute", "--city", town.root).exit_code == 130
    assert signal.getsignal(signal.SIGTERM) is before


FAULTS: list[tuple[BaseException, int, str]] = [
    (MemoryError(), 4, "[out_of_memory]"),
    (ImportError("no module named 'h3'"), 4, "[installation_broken]"),
    (RuntimeError("cannot cache function 'sum_within': no locator"), 4, "NUMBA_CACHE_DIR"),
    (PermissionError(13, "denied", "/home/ana/census.gpkg"), 3, "archivo census.gpkg"),
]


@pytest.mark.parametrize(("fault", "code", "said"), FAULTS)
def test_compute__says_what_the_machine_refused(
    town: Town, monkeypatch: pytest.MonkeyPatch, fault: BaseException, code: int, said: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr("inclusion_marker.marker.compute", fail)
    done = run("compute", "--city", town.root)
    assert done.exit_code == code
    assert said in done.stderr
    assert "/home/ana" not in done.stderr


@pytest.mark.parametrize(
    "bug", [ZeroDivisionError("ours"), OSError("nameless"), RuntimeError("ours")]
)
def test_compute__lets_a_bug_show_itself(
    town: Town, monkeypatch: pytest.MonkeyPatch, bug: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise bug

    monkeypatch.setattr("inclusion_marker.marker.compute", fail)
    done = run("compute", "--city", town.root)
    assert done.exit_code == 1
    assert done.exception is bug


# ── the console ──────────────────────────────────────────────────────────────


def test_console__that_cannot_show_a_sign_gets_a_plain_one(town: Town, tmp_path: Path) -> None:
    done = shell(
        *("compute", "--city", town.root, "--out", tmp_path / "o", "--lang", "en"),
        PYTHONIOENCODING="cp1252",
    )
    assert done.returncode == 0, done.stderr
    assert "#####" in done.stdout
    assert "?????" not in done.stdout


def test_compute__works_beside_the_databases_of_another_installation(
    town: Town, tmp_path: Path
) -> None:
    """A QGIS install sets these for its own PROJ and GDAL; with them ours find no CRS at all."""
    other = {name: str(tmp_path) for name in ("PROJ_LIB", "PROJ_DATA", "GDAL_DATA")}
    done = shell("compute", "--city", town.root, "--out", tmp_path / "out", **other)
    assert done.returncode == 0, done.stderr


def test_compute__refuses_a_folder_in_which_qgis_opens_no_project(
    town: Town, tmp_path: Path
) -> None:
    done = run("compute", "--city", town.root, "--out", tmp_path / "res #1", "--lang", "en")
    assert done.exit_code == 5
    assert "[output_folder_name]" in done.stderr
    assert not (tmp_path / "res #1").exists()


def test_plain_sign__stands_for_what_cannot_be_shown() -> None:
    fault = UnicodeEncodeError("ascii", "a█·☃", 1, 4, "no")
    assert plain_sign(fault) == ("#.?", 4)


def test_plain_sign__is_for_writing_only() -> None:
    with pytest.raises(UnicodeDecodeError):
        plain_sign(UnicodeDecodeError("ascii", b"\xff", 0, 1, "no"))


@pytest.mark.parametrize(
    ("settings", "language"),
    [
        ({}, "es"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "pt_BR.UTF-8"}, "es"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "es_CO.UTF-8"}, "es"),
    ],
)
def test_language__is_the_system_s_or_spanish(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], language: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    done = run("method", "show")
    assert {"es": "inferido", "en": "derived"}[language] in done.stdout


class Screen:
    """Stand for a console that is a terminal, and keep what is shown on it."""

    shown: list[str]

    def __init__(self, **_: object) -> None:
        self.is_terminal = True

    def status(self, first: object) -> Self:
        """Begin to show."""
        Screen.shown = [str(first)]
        return self

    def update(self, step: object) -> None:
        """Show something else."""
        self.shown.append(str(step))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.shown.append("gone")


def test_progress__is_shown_on_a_terminal_and_gone_at_the_end(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rich.console.Console", Screen)
    assert run("compute", "--city", town.root, "--out", tmp_path / "o").exit_code == 0
    assert [step.split()[0] for step in Screen.shown] == [
        *("Marcador", "leyendo", "midiendo", "puntuando", "analizando:", "escribiendo", "gone")
    ]


def test_errors__are_not_coloured_for_those_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    def said() -> str:
        return CliRunner().invoke(cli.app, ["compute", "--city", "atlantis"], color=True).stderr

    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[31m" in said()
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in said()


def test_requests_to_end__are_left_alone_outside_the_main_thread() -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(run, "method", "list").result().exit_code == 0


# ── cities and methods ───────────────────────────────────────────────────────


@pytest.fixture
def at_home(town: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Return a town in the working folder, among no samples."""
    monkeypatch.chdir(town.root.parent)
    monkeypatch.setattr("inclusion_marker.city.sample_folders", lambda: ())
    return town


@pytest.mark.parametrize(("lang", "mark"), [("es", "[sintético]"), ("en", "[synthetic]")])
def test_cities__are_listed_with_name_folder_and_what_is_made_up(
    at_home: Town, lang: str, mark: str
) -> None:
    done = run("cities", "--lang", lang)
    assert done.exit_code == 0
    (line,) = done.stdout.splitlines()
    assert line.startswith("town ")
    assert mark in line
    assert line.endswith(str(at_home.root))


def test_cities__list_a_city_whose_file_is_broken_as_such(at_home: Town) -> None:
    at_home.file.write_text("id =", encoding="utf-8")
    done = run("cities")
    assert done.exit_code == 0
    assert "con errores" in done.stdout


def test_cities__say_that_there_are_none(at_home: Town) -> None:
    at_home.file.unlink()
    done = run("cities", "--lang", "en")
    assert done.exit_code == 0
    assert "no cities" in done.stderr


def test_city__misspelt_gets_near_names(at_home: Town) -> None:
    done = run("compute", "--city", "twon")
    assert done.exit_code == 3
    assert at_home.root.name in done.stderr


def test_method_list__names_those_that_ship() -> None:
    done = run("method", "list", "--lang", "en")
    assert all(name in done.stdout for name in shipped_methods())


@pytest.mark.parametrize(("lang", "said"), [("es", "34 indicadores"), ("en", "34 indicators")])
def test_method_show__is_the_tree(lang: str, said: str) -> None:
    done = run("method", "show", "uim-v1", "--lang", lang)
    assert done.exit_code == 0
    assert said in done.stdout


@pytest.mark.parametrize(("lang", "said"), [("es", "Hospitales"), ("en", "Hospitals")])
def test_method_layers__are_those_that_a_city_must_bring(lang: str, said: str) -> None:
    done = run("method", "layers", "uim-v1", "--lang", lang)
    assert done.exit_code == 0
    assert said in done.stdout
    assert "dwellings_internet" in done.stdout


def test_method_check__finds_the_shipped_methods_sound() -> None:
    for path in shipped_methods().values():
        done = run("method", "check", path, "--lang", "en")
        assert done.exit_code == 0, done.output
        assert len(done.stdout.splitlines()) == 1
        assert "no faults" in done.stdout


def test_method_check__lists_the_faults_of_a_file() -> None:
    broken = Path(__file__).parent / "data" / "broken_methods" / "weight_negative.toml"
    done = run("method", "check", broken)
    assert done.exit_code == 3
    assert "[value_invalid]" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(("which", "key"), [("method", "indicators"), ("city", "boundary")])
def test_method_schema__is_json(which: str, key: str) -> None:
    done = run("method", "schema", which)
    assert json.loads(done.stdout)["$schema"].startswith("https://json-schema.org/")
    assert f'"{key}"' in done.stdout


def test_method_schema__of_something_else_is_a_usage_error() -> None:
    assert run("method", "schema", "planet").exit_code == 2
