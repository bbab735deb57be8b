"""The one unit of time inside: whole deciseconds, so that a cut-off is exact."""

import math

DS_PER_MIN = 600
MOST_DS = 864_000  # a day: what takes longer counts as out of reach
MOST_MIN = MOST_DS / DS_PER_MIN
_LOST = 1e-6  # 1.13 minutes are 678 deciseconds, not 677.9999999999999


def last_tick(minutes: float) -> int:
    """Return the last whole decisecond within so many minutes, a day at most.

    Parameters
    ----------
    minutes
        Not negative; may be infinite.

    Examples
    --------
    >>> last_tick(1.13), last_tick(float("inf"))
    (678, 864000)
    """
    return math.floor(min(minutes, MOST_MIN) * DS_PER_MIN + _LOST)
