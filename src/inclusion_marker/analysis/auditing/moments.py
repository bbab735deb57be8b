"""Moments of the columns of a table, corrected for the bias that few cells bring."""

from __future__ import annotations

import numpy as np
import pandas as pd

from inclusion_marker.analysis.auditing.door import Floats, drawn_apart, opened

_LEAST_SKEW, _LEAST_KURTOSIS = 3, 4
# An effective number of cells above a whole one by less is that number.
_TOUCH = 1e-9


def moments(table: pd.DataFrame, weights: pd.Series[float] | None = None) -> pd.DataFrame:
    r"""Return the moments of each column, corrected for their bias.

    .. math::

        G_1 = g_1 \frac{\sqrt{n(n-1)}}{n-2}, \qquad
        G_2 = \frac{n-1}{(n-2)(n-3)} \bigl((n+1) g_2 + 6\bigr)

    Parameters
    ----------
    table
        Cells by column; missing values do not count.
    weights
        Weight of each cell; the same for all if ``None``. With weights, ``n`` in the formulas is
        Kish's effective number of cells, :math:`(\sum w)^2 / \sum w^2`, which is their number when
        all weigh the same.

    Returns
    -------
    moments
        By column: ``n`` cells, ``mean``, ``sd`` (n - 1), ``skewness`` :math:`G_1`, excess
        ``kurtosis`` :math:`G_2`, ``minimum``, ``maximum``, and ``reason``: why skewness or kurtosis
        are missing.

    Raises
    ------
    ParameterError
        As :func:`inclusion_marker.analysis.auditing.coherence.associate`.

    References
    ----------
    Joanes, D. N., Gill, C. A. (1998). Comparing measures of sample skewness and kurtosis. *The
    Statistician*, 47(1), 183-189. Kish, L. (1965), *Survey Sampling*, section 11.7.

    Examples
    --------
    >>> moments(pd.DataFrame({"a": [1.0, 2, 3, 10], "b": 5.0})).round(2)["skewness"].tolist()
    [1.76, nan]
    """
    values, weight = opened(table, weights)
    apart = drawn_apart(values, table.columns)
    rows = []
    for at, name in enumerate(table.columns):
        known = ~np.isnan(values[:, at])
        row: dict[str, object] = {
            "n": int(known.sum()),
            **_moments(values[known, at], weight[known], flat=str(name) in apart),
            "reason": apart.get(str(name), ""),
        }
        if not row["reason"] and np.isnan(float(str(row["kurtosis"]))):
            row["reason"] = "few"
        rows.append(row)
    index = pd.Index([str(name) for name in table.columns], name="column")
    return pd.DataFrame(rows, index=index, columns=_COLUMNS)


_COLUMNS = ["n", "mean", "sd", "skewness", "kurtosis", "minimum", "maximum", "reason"]


def _moments(x: Floats, weight: Floats, *, flat: bool) -> dict[str, float]:
    """Return the moments of one column's known values; skewness and kurtosis not of a flat one."""
    found = dict.fromkeys(("mean", "sd", "skewness", "kurtosis", "minimum", "maximum"), np.nan)
    if x.size == 0:
        return found
    w = weight / weight.sum()
    n = 1 / float(w @ w)
    mean = float(w @ x)
    size = float(np.abs(x - mean).max())
    found |= {"mean": mean, "minimum": float(x.min()), "maximum": float(x.max())}
    if flat or size == 0:
        return found | ({"sd": 0.0} if x.size > 1 else {})
    off = (x - mean) / size
    square = off * off
    second, third, fourth = float(w @ square), float(w @ (square * off)), float(w @ (square**2))
    # One cell that holds nearly all the people leaves no second one to compare it with.
    if n > 1 + _TOUCH:
        found["sd"] = size * float(np.sqrt(second * n / (n - 1)))
    if x.size >= _LEAST_SKEW and n > _LEAST_SKEW - 1 + _TOUCH:
        g1 = third / second**1.5
        found["skewness"] = g1 * np.sqrt(n * (n - 1)) / (n - 2)
    if x.size >= _LEAST_KURTOSIS and n > _LEAST_KURTOSIS - 1 + _TOUCH:
        g2 = fourth / second**2 - 3
        found["kurtosis"] = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6)
    return found
