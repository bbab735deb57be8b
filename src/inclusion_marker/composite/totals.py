"""Figures above the cell: population-weighted means of a city and of its districts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import scipy.sparse as sp


def weighted_mean(table: pd.DataFrame, people: pd.Series[float]) -> pd.Series[float]:
    """Return the mean of each column weighted by people; cells without a value do not count.

    Parameters
    ----------
    table
        Cells by column; missing values as NaN.
    people
        People of each cell, same index.

    Returns
    -------
    means
        By column; missing where nobody lives in a cell that has a value.

    Examples
    --------
    >>> table = pd.DataFrame({"marker": [50.0, 80.0, np.nan]})
    >>> float(weighted_mean(table, pd.Series([300.0, 100.0, 500.0]))["marker"])
    57.5
    """
    values = table.to_numpy(np.float64)
    weight = np.where(np.isnan(values), 0.0, people.to_numpy(np.float64)[:, None])
    held = weight.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.nansum(values * weight, axis=0) / held
    return pd.Series(np.where(held > 0, means, np.nan), index=table.columns, dtype=np.float64)


def city_means(table: pd.DataFrame, people: pd.Series[float]) -> pd.DataFrame:
    """Return both means of each column: weighted by people, and plain.

    Returns
    -------
    means
        By column of ``table``: ``people_weighted``, ``plain``, and ``people_scored``, the people
        of the cells that have a value.

    Examples
    --------
    >>> table = pd.DataFrame({"marker": [50.0, 80.0]})
    >>> city_means(table, pd.Series([300.0, 100.0])).loc["marker"].tolist()
    [57.5, 65.0, 400.0]
    """
    held = table.notna().mul(people, axis=0).sum()
    return pd.DataFrame(
        {
            "people_weighted": weighted_mean(table, people),
            "plain": table.mean(),
            "people_scored": held.astype(float),
        }
    )


def group_means(
    table: pd.DataFrame, people: pd.Series[float], shares: sp.csr_array
) -> pd.DataFrame:
    """Return the population-weighted mean of each column in each group of cells.

    Parameters
    ----------
    table
        Cells by column.
    people
        People of each cell.
    shares
        Groups x cells: the share of a cell's people that belongs to the group.

    Returns
    -------
    means
        Groups, in the order of ``shares``, by column of ``table``; missing where a group has no
        people with a value.

    Examples
    --------
    >>> table = pd.DataFrame({"marker": [50.0, 80.0]})
    >>> shares = sp.csr_array([[1.0, 0.5], [0.0, 0.5]])
    >>> group_means(table, pd.Series([100.0, 200.0]), shares)["marker"].tolist()
    [65.0, 80.0]
    """
    values, living = table.to_numpy(np.float64), people.to_numpy(np.float64)[:, None]
    known = ~np.isnan(values)
    total = shares @ (np.where(known, values, 0.0) * living)
    held = shares @ (known * living)
    means = np.divide(total, held, out=np.full(held.shape, np.nan), where=held > 0)
    return pd.DataFrame(means, columns=table.columns)
