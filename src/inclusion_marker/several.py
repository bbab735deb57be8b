"""Several markers at once: cities, years or methods side by side, and cells of several sizes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from inclusion_marker.analysis.analyses import DRAWS, SEED
from inclusion_marker.analysis.comparison import Comparison
from inclusion_marker.analysis.comparison import compare as compare_results
from inclusion_marker.analysis.resolutions import Resolutions
from inclusion_marker.analysis.resolutions import resolutions as at_resolutions
from inclusion_marker.analysis.robustness import robustness
from inclusion_marker.city import City, load_city
from inclusion_marker.marker import Progress, compute
from inclusion_marker.method import Method
from inclusion_marker.result import Result

_FINEST = 15


def compare(
    markers: Mapping[str, Result],
    *,
    allow_different_goalposts: bool = False,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Comparison:
    """Return markers beside each other, over the indicators that they share and in full.

    Parameters
    ----------
    markers
        Cities, years or methods, by what they are to be called.
    allow_different_goalposts
        Whether to score all by the goalposts of the first where they differ; refused otherwise.
    draws, seed
        As for :meth:`Marker.robustness`: ranks come with the interval of the draws.

    Raises
    ------
    ParameterError
        If goalposts differ, or a method's scale depends on the cells at hand.

    Examples
    --------
    >>> markers = {str(r): compute("manta", resolution=r) for r in (7, 8)}
    >>> found = compare(markers, draws=64)
    >>> found.figures.index.tolist()
    ['7', '8']
    """
    sure = {
        label: robustness(each, draws=draws, seed=seed)
        for label, each in markers.items()
        if each.method.comparable
    }
    return compare_results(
        markers, allow_different_goalposts=allow_different_goalposts, robustness=sure
    )


def resolutions(
    city: str | Path | City,
    *,
    method: str | Path | Method | None = None,
    around: int | None = None,
    min_coverage: float | None = None,
    progress: Progress | None = None,
) -> Resolutions:
    """Return what changes when the same inputs are computed in larger and in smaller cells.

    Parameters
    ----------
    city, method, min_coverage, progress
        As for :func:`compute`.
    around
        The middle of three H3 resolutions; the city's own if ``None``.

    Examples
    --------
    >>> resolutions("manta", around=7).table.index.tolist()
    [6, 7, 8]
    """
    found = load_city(city)
    middle = found.cells.resolution if around is None else around
    return at_resolutions(
        {
            each: compute(
                found,
                method=method,
                resolution=each,
                min_coverage=min_coverage,
                progress=progress,
            )
            for each in range(max(middle - 1, 0), min(middle + 1, _FINEST) + 1)
        }
    )
