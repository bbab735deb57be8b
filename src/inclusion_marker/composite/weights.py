"""Weights that the data propose, beside those of a method: for comparison only."""

from __future__ import annotations

import numpy as np
import pandas as pd

from inclusion_marker.composite.components import factor_weights, pca
from inclusion_marker.composite.proposals import (
    Floats,
    Observed,
    Proposal,
    moments,
    observe,
    refusal,
)
from inclusion_marker.errors import ParameterError
from inclusion_marker.method import Method
from inclusion_marker.notices import Notice, near, spoken
from inclusion_marker.texts import phrase

# Below it indicators do not contradict each other but by rounding.
_NIL = 1e-9


def entropy_weights(table: pd.DataFrame, people: pd.Series[float] | None = None) -> Proposal:
    r"""Return the entropy weights of a group of indicators.

    With :math:`p_{ij}` the share of cell *i* in the sum of indicator *j*, the weight is its
    divergence :math:`1 - E_j`, :math:`E_j = -\sum_i p_{ij} \ln p_{ij} / \ln n`, over the sum of
    those of all. That divergence is Theil's index of inequality over :math:`\ln n`, and this is how
    it is computed and how people come in:
    :math:`w_j \propto T_j = \sum_i q_i (x_{ij} / \mu_j) \ln (x_{ij} / \mu_j)` with shares of the
    people :math:`q_i`. So the weight says how unequally an indicator is spread, and nothing else;
    it depends on where 0 is, and not on the unit.

    Parameters
    ----------
    table
        Cells by indicator of one group, 0 or more; see :func:`observe` for missing values and
        constants.
    people
        People of each cell. Without it each cell counts alike.

    Raises
    ------
    ParameterError
        As :func:`observe`, and with every indicator that has negative values.

    References
    ----------
    Zeleny, M. (1982). *Multiple Criteria Decision Making*. McGraw-Hill, chapter 7. Theil, H.
    (1967). *Economics and Information Theory*. North-Holland.

    Examples
    --------
    >>> table = pd.DataFrame({"even": [4.0, 5, 6], "uneven": [0.0, 1, 9]})
    >>> entropy_weights(table).weights.round(3).to_dict()
    {'even': 0.017, 'uneven': 0.983}
    """
    seen = observe(table, people)
    lowest = dict(zip(seen.names, seen.values.min(axis=0, initial=0.0).tolist(), strict=True))
    faults = [
        refusal(name, low, "fault_greater_than_equal", ge=0)
        for name, low in lowest.items()
        if low < 0
    ]
    if faults:
        raise ParameterError(*faults)
    if not seen.names:
        return _nothing_varies(seen)
    theil = np.array([_theil(column, seen.people) for column in seen.values.T])
    return seen.proposal(theil / theil.sum())


def _theil(values: Floats, people: Floats) -> float:
    """Return Theil's index of values that are 0 or more, not all 0, by shares of the people."""
    # Sums not by BLAS, whose last bit may depend on the number of threads.
    ratio = values / np.einsum("i,i->", people, values)
    logs = np.log(np.maximum(ratio, np.finfo(np.float64).tiny))
    # x ln x - x + 1: the ratios have a mean of 1, and no term is below 0 to cancel others.
    return float(np.einsum("i,i->", people, ratio * logs - ratio + 1.0))


def critic_weights(table: pd.DataFrame, people: pd.Series[float] | None = None) -> Proposal:
    r"""Return the CRITIC weights of a group of indicators.

    The information of an indicator is its standard deviation after min-max over the cells, times
    its conflict with the others: :math:`C_j = \sigma_j \sum_k (1 - r_{jk})` with Pearson's *r*; the
    weight is its share in the sum. What contradicts its group weighs most, be it by another side of
    the same thing, by an error or by noise.

    Parameters
    ----------
    table
        Cells by indicator of one group, better values higher; see :func:`observe` for missing
        values and constants.
    people
        People of each cell: they weigh deviations and correlations. Without it each cell counts
        alike.

    Raises
    ------
    ParameterError
        As :func:`observe`.

    References
    ----------
    Diakoulaki, D., Mavrotas, G., & Papayannakis, L. (1995). Determining objective weights in
    multiple criteria problems: the CRITIC method. *Computers & Operations Research*, 22(7),
    763-770.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2, 3], "b": [1.0, 2, 3.5], "against": [3.0, 1, 2]})
    >>> critic_weights(table).weights.round(2).to_dict()
    {'a': 0.26, 'b': 0.24, 'against': 0.5}
    """
    seen = observe(table, people)
    if not seen.names:
        return _nothing_varies(seen)
    cells, indicators = seen.values.shape
    if indicators == 1:
        return seen.proposal(np.ones(1))
    notices = []
    if cells <= indicators:
        values = {"cells": cells, "indicators": indicators}
        notices.append(Notice("weights_few_cells", values=values))
    found = moments(seen)
    conflict = np.sum(1.0 - found.correlations, axis=1)
    information = found.deviations * np.where(conflict > _NIL, conflict, 0.0)
    if not np.any(information > 0):
        return seen.nothing("conflict")
    return seen.proposal(information / information.sum(), *notices)


def _nothing_varies(seen: Observed) -> Proposal:
    """Return a proposal without weights for a table of which nothing varies."""
    return seen.nothing("vary" if len(seen.values) else "cells")


def compare_weights(
    scores: pd.DataFrame, method: Method, node: str, *, people: pd.Series[float] | None = None
) -> pd.DataFrame:
    """Return the weights of a node's children beside those that the data propose.

    Weights from data are **not importance**. Entropy measures how unequally an indicator is spread,
    CRITIC how far it contradicts the others, the first component what most indicators share; none
    of them knows what matters to people. On the Technology Achievement Index of the OECD/JRC
    Handbook entropy gives patents 40 % and telephones 0.04 %, because few countries patent and all
    telephone. They also change with every city and year, so that no two places would be measured
    by the same index. What the table is good for is a question: where a proposal is far from the
    weight, does the weight stand for a reason?

    Parameters
    ----------
    scores
        Cells by node under the names of the outputs, as ``result.table()`` gives them; better is
        higher, missing as NaN.
    method
        The method whose weights are compared.
    node
        ``"marker"``, ``"area_…"`` or ``"dim_…"``.
    people
        People of each cell, same index; without it each cell counts alike.

    Returns
    -------
    weights
        By child with a weight above 0: ``weight``, that of the method among its siblings; ``pca``
        (:func:`pca`), ``factors`` (:func:`factor_weights`), ``entropy`` and ``critic``, missing
        where there is none. ``attrs["cells"]`` says from how many cells, ``attrs["notices"]`` what
        is to be known about it, and ``attrs["caution"]``, in ``es`` and ``en``, the above.

    Raises
    ------
    ParameterError
        If the method has no such node with children or the table lacks one of them; as
        :func:`observe`.

    References
    ----------
    OECD/JRC (2008). *Handbook on Constructing Composite Indicators*, step 6. Greco, S., Ishizaka,
    A., Tasiou, M., & Torrisi, G. (2019). On the methodological framework of composite indices.
    *Social Indicators Research*, 141, 61-94.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> scores = pd.DataFrame(
    ...     {"dim_commerce_proximity": [20.0, 50, 60, 90], "dim_livelihoods": [40.0, 45, 40, 50]}
    ... )
    >>> compare_weights(scores, load_method("uim-v1"), "area_economy").round(2)
                            weight  pca  factors  entropy  critic
    dim_commerce_proximity     0.5  0.5      0.5     0.96    0.46
    dim_livelihoods            0.5  0.5      0.5     0.04    0.54
    """
    children = _children(scores, method, node)
    table = scores[list(children)]
    found: dict[str, Proposal] = {
        "pca": pca(table, people),
        "factors": factor_weights(table, people),
        "entropy": entropy_weights(table, people),
        "critic": critic_weights(table, people),
    }
    said = [notice for each in found.values() for notice in each.notices]
    weights = pd.DataFrame(
        {"weight": children} | {name: each.weights for name, each in found.items()},
        index=list(children),
    )
    weights.attrs["cells"] = found["pca"].cells
    weights.attrs["caution"] = phrase("weights_are_not_importance").model_dump()
    weights.attrs["notices"] = spoken(each for i, each in enumerate(said) if each not in said[:i])
    return weights


def _children(scores: pd.DataFrame, method: Method, node: str) -> dict[str, float]:
    """Return the children of a node that weigh something, each of them a column of the scores."""
    parents = [each for each in method.nodes() if method.children_of(each)]
    if node not in parents:
        values = {"found": node, "accepted": near(node, parents)}
        raise ParameterError(Notice("name_unknown", item="node", values=values))
    children = {child: share for child, share in method.children_of(node).items() if share > 0}
    lacking = [
        Notice(
            "name_unknown",
            item=node,
            values={"found": child, "accepted": near(child, map(str, scores))},
        )
        for child in children
        if child not in scores.columns
    ]
    if lacking:
        raise ParameterError(*lacking)
    return children
