"""What a city spans, and lengths that are read at a glance."""

import math

import numpy as np

from inclusion_marker.result import Result

Extent = tuple[float, float, float, float]
"""West, south, east, north."""

_SMALL = 0.012  # of the city: two millimetres on a page of A4
_STEPS = (1.0, 2.0, 5.0, 10.0)


def bounds_of(result: Result) -> Extent:
    """Return what a city spans: its cells and its outline.

    Parameters
    ----------
    result
        What was computed.

    Returns
    -------
    bounds
        In the units of its grid, metres.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> west, south, east, north = bounds_of(compute("manta", resolution=8))
    >>> west < east and south < north
    True
    """
    boxes = np.array([each.total_bounds for each in (result.grid.cells, result.boundary)])
    west, south = (float(each) for each in boxes[:, :2].min(axis=0))
    east, north = (float(each) for each in boxes[:, 2:].max(axis=0))
    return west, south, east, north


def has_small_cells(result: Result) -> bool:
    """Return whether cells are so small on a page that the usual lines would hide them.

    Parameters
    ----------
    result
        What was computed.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> has_small_cells(compute("manta", resolution=8))
    False
    """
    west, south, east, north = bounds_of(result)
    width_m = math.sqrt(10_000 * float(result.grid.area_ha.mean()))
    return width_m < _SMALL * max(east - west, north - south)


def round_length(most: float) -> float:
    """Return the largest of 1, 2, 5, 10 … that is not longer than ``most``.

    Parameters
    ----------
    most
        A length above 0, in any unit.

    Examples
    --------
    >>> round_length(730.0), round_length(0.3), round_length(1000.0)
    (500.0, 0.2, 1000.0)
    """
    power = 10.0 ** math.floor(math.log10(most))
    return max(step * power for step in _STEPS if step * power <= most)
