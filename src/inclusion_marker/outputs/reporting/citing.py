"""How to cite the figures, and how to compute them again."""

from __future__ import annotations

from collections.abc import Iterator

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.extends import shipped_methods
from inclusion_marker.method import load_method
from inclusion_marker.outputs.reporting.blocks import Block, Code, Heading, Points, Section, Words
from inclusion_marker.outputs.reporting.sayings import draws_of
from inclusion_marker.outputs.wording import plain, whole
from inclusion_marker.result import Result
from inclusion_marker.texts import word


def citing_section(result: Result, analyses: Analyses, language: str) -> Section:
    """Return how to cite the figures, and the command that makes them again.

    Parameters
    ----------
    result
        What was computed.
    analyses
        The analyses of it.
    language
        ``"es"`` or ``"en"``.
    """
    blocks = tuple(_blocks(result, analyses, language))
    return Section("citing", word("report_citing", language), blocks)


def _blocks(result: Result, analyses: Analyses, language: str) -> Iterator[Block]:
    """Yield the citation, the command, and what makes the same figures again."""
    city, method, made = result.city, result.method, result.provenance
    yield Heading(word("report_cite", language))
    values = {
        "city": plain(city.name.said(language)),
        "method": plain(method.name.said(language)),
        "id": method.id,
        "method_version": plain(method.version),
        "version": made["version"],
    }
    said = word("report_cite_as", language, **values)
    if city.synthetic:
        said += f" {word('synthetic_warning', language)}"
    yield Words((said, word("report_cite_marker", language)))
    yield Heading(word("report_again", language))
    yield Words((word("report_again_how", language),))
    yield Code(command(result, language))
    own = [word("report_again_files", language)]
    if method.id not in shipped_methods():
        own.append(word("report_again_method", language, id=method.id))
    elif load_method(method.id).model_copy(update={"min_coverage": method.min_coverage}) != method:
        own.append(word("report_again_changed", language))
    if analyses.robustness is not None:
        parameters = analyses.robustness.parameters
        drawn = {"draws": whole(draws_of(analyses), language), "seed": parameters["seed"]}
        own.append(word("report_again_draws", language, **drawn))
    own.append(word("report_again_hashes", language, id=city.id))
    yield Points("", tuple(own))


def command(result: Result, language: str) -> str:
    """Return the command that computes a result again.

    Parameters
    ----------
    result
        What was computed.
    language
        ``"es"`` or ``"en"``.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> command(compute("manta", resolution=8, min_coverage=0.3), "en")
    'inclusion-marker compute --city manta --resolution 8 --min-coverage 0.3 --lang en'
    """
    city, method, cells = result.city, result.method, result.city.cells
    parts = ["inclusion-marker", "compute", "--city", city.id]
    shipped = method.id in shipped_methods()
    if method.id != city.method and (shipped or not city.method.endswith(".toml")):
        parts += ["--method", method.id if shipped else f"{method.id}.toml"]
    resolution = result.grid.resolution
    if resolution is not None and (cells.kind != "h3" or cells.resolution != resolution):
        parts += ["--resolution", str(resolution)]
    bars = {*method.min_coverage.model_dump().values()}
    if len(bars) == 1 and (
        not shipped or load_method(method.id).min_coverage != method.min_coverage
    ):
        parts += ["--min-coverage", f"{bars.pop():g}"]
    return " ".join([*parts, "--lang", language])
