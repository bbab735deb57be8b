"""How to cite the figures, and how to compute them again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.city import City, sample_folders
from inclusion_marker.errors import MethodError
from inclusion_marker.extends import shipped_methods
from inclusion_marker.method import Method, load_method
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
    read = _read(result)
    if read is None:
        own.append(word("report_again_method", language, id=method.id))
    elif not _alike(read, method):
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
    parts = ["inclusion-marker", "compute", "--city", _place(city, language)]
    own, read = _own(city), _read(result)
    if own is None or read != own:
        parts += ["--method", method.id if method.id in shipped_methods() else f"{method.id}.toml"]
    resolution = result.grid.resolution
    if resolution is not None and (cells.kind != "h3" or cells.resolution != resolution):
        parts += ["--resolution", str(resolution)]
    bars = {*method.min_coverage.model_dump().values()}
    asked = method.asked_coverage if read is None else read.min_coverage
    if len(bars) == 1 and method.min_coverage != asked:
        parts += ["--min-coverage", f"{bars.pop():g}"]
    return " ".join([*parts, "--lang", language])


def _place(city: City, language: str) -> str:
    """Return by what the command finds a city: the name of a sample, or where its folder is.

    Where a folder is, is the reader's own matter: a report that named it would name a computer.
    """
    folder = city.root.name
    if city.root.parent in sample_folders():
        return folder
    return shlex.quote(word("report_again_place", language, folder=folder))


def _own(city: City) -> Method | None:
    """Return the method that a city would be computed by; ``None`` where it cannot be read."""
    try:
        return city.own_method()
    except MethodError:
        return None


def _read(result: Result) -> Method | None:
    """Return the method as its file has it: the city's own, or one that ships; ``None`` if neither.

    Where a city's own file bears the id of one that ships, it is the one that was used.
    """
    method, own = result.method, _own(result.city)
    named = [own] if own is not None and own.id == method.id else []
    named += [load_method(method.id)] if method.id in shipped_methods() else []
    used = [each for each in named if _alike(each, method)]
    return next(iter([*used, *named]), None)


def _alike(one: Method, other: Method) -> bool:
    """Return whether two methods are the same but for a minimum that a command can lower."""
    bars = {*other.min_coverage.model_dump().values()}
    changed = one.with_min_coverage(bars.pop()) if len(bars) == 1 else one
    return changed.model_dump() == other.model_dump()
