"""What the other analyses ask of a robustness: the marker of each cell in each draw."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.analysis.inequality.distribution import laid_beside

Draws = npt.NDArray[np.float32]


class Drawn(Protocol):
    """What the analyses here need of a robustness: the marker of each cell in each draw."""

    @property
    def draws(self) -> Draws:
        """Return cells x draws; NaN where a cell is not scored."""
        ...

    @property
    def index(self) -> pd.Index:
        """Return the cells."""
        ...


def drawn_beside(drawn: Drawn, index: pd.Index) -> Draws:
    """Return the draws with their cells in the order of ``index``.

    Raises
    ------
    ParameterError
        If the draws are of other cells.
    """
    rows = pd.Series(np.arange(len(drawn.index)), index=drawn.index)
    order = laid_beside(rows, index, "robustness").to_numpy(np.intp)
    return drawn.draws if np.array_equal(order, np.arange(len(order))) else drawn.draws[order]
