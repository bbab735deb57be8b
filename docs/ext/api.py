"""The public names of the package, by the room that is their home, for autodoc to describe."""

import inspect
from collections.abc import Iterator, Mapping
from importlib import import_module

import inclusion_marker

PACKAGE = "inclusion_marker"

# What a page of the reference is about: the rooms that its public names live in.
PAGES: Mapping[str, tuple[str, ...]] = {
    "markers": ("marker", "several", "composite", "outputs"),
    "analyses": ("analysis",),
    "files": ("city", "method"),
    "streets": ("accessibility", "loaders", "profiles"),
    "errors": ("errors",),
}

# What the public functions give and take, which nobody makes by hand. A type that stands neither
# here nor among the public names is shown without a link.
RECORDS: Mapping[str, tuple[str, ...]] = {
    "markers": (
        "result.Result",
        "composite.scoring.Scores",
        "loaders.grid.Grid",
        "loaders.areal.Shares",
        "loaders.areal.Account",
        "composite.nearest.Nearest",
        "analysis.analyses.Analyses",
        "analysis.comparison.Comparison",
        "analysis.resolutions.Resolutions",
        "outputs.webmap.Explorer",
        "notices.Notice",
        "texts.Text",
    ),
    "analyses": (
        "analysis.robustness.Robustness",
        "analysis.explain.Explanation",
        "analysis.hotspots.Hotspots",
        "analysis.clustering.autocorrelation.Moran",
        "analysis.equity.Equity",
        "analysis.inequality.decomposition.Decomposition",
        "analysis.inequality.groups.Gaps",
        "analysis.inequality.adjusted.Adjusted",
        "analysis.drawing.tables.Interval",
        "analysis.audit.Audit",
        "analysis.auditing.thresholds.Thresholds",
    ),
    "files": ("method.EffectiveWeight",),
    "streets": (
        "profiles.Profile",
        "loaders.streets.Streets",
        "accessibility.snapping.Spots",
    ),
}
DECAYS = "accessibility.decays"


def functions(page: str) -> str:
    """Return the public names of a page: classes first, then functions, each in order.

    Parameters
    ----------
    page
        A key of ``PAGES``.
    """
    homes = inclusion_marker._HOMES  # noqa: SLF001 - the one list of public names
    names = [name for name, home in homes.items() if home.split(".")[0] in PAGES[page]]
    kinds = {name: inspect.isclass(getattr(inclusion_marker, name)) for name in names}
    ordered = sorted(names, key=lambda name: (not kinds[name], name.lower()))
    return _rst(f"{PACKAGE}.{name}" for name in ordered)


def records(page: str) -> str:
    """Return the records that the functions of a page give and take.

    Parameters
    ----------
    page
        A key of ``RECORDS``, ``"decays"``, or ``"errors"`` for the children of the one error.
    """
    if page == "errors":
        return _rst(_classes("errors"))
    if page == "decays":
        return _rst(_classes(DECAYS))
    return _rst(f"{PACKAGE}.{name}" for name in RECORDS[page])


def _classes(room: str) -> Iterator[str]:
    """Yield the classes that a module defines and that are not public names already."""
    module = import_module(f"{PACKAGE}.{room}")
    for name, found in vars(module).items():
        own = inspect.isclass(found) and found.__module__ == module.__name__
        if own and not name.startswith("_") and name not in inclusion_marker.__all__:
            yield f"{module.__name__}.{name}"


def _rst(names: Iterator[str]) -> str:
    """Return what autodoc is asked for."""
    return "\n".join(["```{eval-rst}", *(line for name in names for line in _asked(name)), "```"])


def _asked(name: str) -> Iterator[str]:
    """Yield the directive for one name."""
    module, _, last = name.rpartition(".")
    found = getattr(import_module(module), last)
    if not inspect.isclass(found):
        yield from (f".. autofunction:: {name}", "")
        return
    # The long signature of a model is the table of its file; what is raised is made by us.
    bare = hasattr(found, "model_fields") or issubclass(found, Exception)
    yield from (f".. autoclass:: {name}{'()' if bare else ''}", "   :members:", "")
