"""The tables of an audit: groups, pairs, nodes, goalposts, classes."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.analysis.auditing.coherence import Association, alpha_of, associate, complete
from inclusion_marker.analysis.auditing.door import rows_of
from inclusion_marker.analysis.auditing.evidence import (
    Evidence,
    children,
    effective,
    leaves,
    level_of,
    used_nodes,
)
from inclusion_marker.analysis.auditing.goalposts import against_direction, best_band, beyond_ends
from inclusion_marker.analysis.auditing.influence import correlation_ratios
from inclusion_marker.analysis.auditing.moments import moments
from inclusion_marker.analysis.auditing.structure import components_of, kmo_of, vif_of
from inclusion_marker.composite.classes import BREAKS, class_labels, classify
from inclusion_marker.composite.scales import fitted
from inclusion_marker.curves import on_scale
from inclusion_marker.method import Method

# ── groups ───────────────────────────────────────────────────────────────────


def group_tables(evidence: Evidence) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return what holds the groups together: the groups, their items, their eigenvalues.

    A group is the children of a node, and all indicators of an area or of the marker. All figures
    are taken of the cells that have every member that varies.

    Parameters
    ----------
    evidence
        The scores and their weights.

    Returns
    -------
    groups, items, eigenvalues
        One row a group, an item of a group, a component of a group; columns as in
        :class:`inclusion_marker.analysis.audit.Audit`.
    """
    groups, items, values = [], [], []
    for node in used_nodes(evidence.method):
        for parts, members in _members(evidence.method, node):
            whole = complete(evidence.scores[members], evidence.weights)
            alpha, adequacy = alpha_of(whole), kmo_of(whole)
            found, factors = components_of(whole), vif_of(whole).reindex(members)
            groups.append(
                {
                    "node": node,
                    "parts": parts,
                    "members": len(members),
                    "k": len(alpha.items),
                    "n": alpha.n,
                    "alpha": alpha.raw,
                    "alpha_standardised": alpha.standardised,
                    "kmo": adequacy.overall,
                    "components": int((found.eigenvalues > 1 + 1e-9).sum()),
                    "first_share": float(found.shares[0]) if len(found.shares) else np.nan,
                    "left_out": ", ".join(
                        f"{name} ({why})" for name, why in alpha.left_out.items()
                    ),
                    "reason_alpha": alpha.reason,
                    "reason_kmo": adequacy.reason,
                }
            )
            each = alpha.items.join(factors[["vif", "reason"]], how="right").rename_axis("item")
            each["kmo"] = adequacy.items.reindex(each.index)
            items.append(each.reset_index().assign(node=node, parts=parts))
            values.append(
                pd.DataFrame(
                    {
                        "node": node,
                        "parts": parts,
                        "component": np.arange(1, len(found.eigenvalues) + 1),
                        "eigenvalue": found.eigenvalues,
                        "share": found.shares,
                    }
                )
            )
    front = ["node", "parts", "item"]
    item_table = pd.concat(items, ignore_index=True)
    return (
        pd.DataFrame(groups),
        item_table[[*front, *(name for name in item_table.columns if name not in front)]],
        pd.concat(values, ignore_index=True),
    )


def _members(method: Method, node: str) -> Iterable[tuple[str, list[str]]]:
    """Yield the groups below a node: its children, and of an area or the marker its indicators."""
    below = children(method, node)
    if below:
        yield "children", below
    if level_of(node) in ("marker", "area"):
        yield "indicators", leaves(method, node)


# ── pairs ────────────────────────────────────────────────────────────────────


def pair_table(method: Method, found: Association) -> pd.DataFrame:
    """Return the correlations within and across groups: one row a pair of nodes of one level.

    Parameters
    ----------
    method
        The tree of the nodes.
    found
        The correlations of the nodes that are part of the marker.

    Returns
    -------
    pairs
        ``first``, ``second``, ``level``, ``same_parent``, ``r``, ``n``, ``share``, ``reason``;
        ``r`` is missing where ``reason`` says why.
    """
    nodes = [str(node) for node in found.correlation.index]
    first, second = np.triu_indices(len(nodes), k=1)
    level = np.array([level_of(node) for node in nodes])
    parent = np.array([method.parent_of(node) or "" for node in nodes])
    alike = level[first] == level[second]
    first, second = first[alike], second[alike]
    r, n = found.correlation.to_numpy()[first, second], found.n.to_numpy()[first, second]
    why = np.where(n == 0, "missing", np.where(n == 1, "single", "constant"))
    names = np.array(nodes)
    return pd.DataFrame(
        {
            "first": names[first],
            "second": names[second],
            "level": level[first],
            "same_parent": parent[first] == parent[second],
            "r": r,
            "n": n,
            "share": found.share.to_numpy()[first, second],
            "reason": np.where(np.isnan(r), why, ""),
        }
    )


def associated(evidence: Evidence) -> Association:
    """Return the correlations of all nodes that are part of the marker.

    Parameters
    ----------
    evidence
        The scores and their weights.
    """
    return associate(evidence.scores[used_nodes(evidence.method)], evidence.weights)


# ── nodes ────────────────────────────────────────────────────────────────────


def node_table(
    evidence: Evidence, found: Association, groups: pd.DataFrame, items: pd.DataFrame
) -> pd.DataFrame:
    """Return one row a node: its weight, what it has to say, how its values are spread.

    Parameters
    ----------
    evidence
        The scores and their weights.
    found
        The correlations of the nodes.
    groups, items
        The tables of :func:`group_tables`.

    Returns
    -------
    nodes
        In the order of the method; columns as in :class:`inclusion_marker.analysis.audit.Audit`.
    """
    method, held = evidence.method, effective(evidence.method)
    placed = moments(_placed(evidence), evidence.weights)
    raw = {f"ind_{row['column']}": row for row in rows_of(placed)}
    spread = {
        str(row["column"]): row for row in rows_of(moments(evidence.scores, evidence.weights))
    }
    own = groups.loc[groups["parts"] == "children"].set_index("node")
    rows = {}
    for node in method.nodes():
        parent = method.parent_of(node)
        rows[node] = {
            "level": level_of(node),
            "code": method.code_of(node),
            "parent": parent or "",
            "weight": 1.0 if parent is None else method.children_of(parent)[node],
            "effective_weight": held[node],
            "coverage": _coverage(evidence, node),
            "missing": evidence.share(evidence.scores[node].isna()),
            **{name: spread[node][name] for name in _SPREAD},
            "raw_skewness": raw[node]["skewness"] if node in raw else np.nan,
            "raw_kurtosis": raw[node]["kurtosis"] if node in raw else np.nan,
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("node")
    table["alpha"] = own["alpha"].reindex(table.index)
    table["kmo"] = own["kmo"].reindex(table.index)
    by_item = items.loc[items["parts"] == "children"].set_index("item")
    table["item_rest"] = by_item["item_rest"].reindex(table.index)
    return table.join(_influence(evidence)).join(_neighbours(method, found))


_SPREAD = ("n", "mean", "sd", "skewness", "kurtosis", "reason")


def _coverage(evidence: Evidence, node: str) -> float:
    """Return the share of a node's weight that is observed, weighted by people."""
    coverage = evidence.result.scores.coverage
    if node not in coverage.columns:
        return evidence.share(evidence.scores[node].notna())
    seen = coverage[node].reindex(evidence.scores.index).to_numpy(np.float64)
    return float(seen @ evidence.held / evidence.held.sum())


def _placed(evidence: Evidence) -> pd.DataFrame:
    """Return the raw values on the scale of their scores: a logarithm is a treatment of its own."""
    placed = {}
    for key, card in evidence.method.indicators.items():
        values = evidence.raw[key].to_numpy(np.float64)
        scale = card.score.scale
        # What has no place on the scale is scored as the lowest goalpost.
        held = values > 0 if scale == "log" else values >= (-np.inf if scale == "linear" else 0)
        lowest = card.score.curve(card.classes)[0][0]
        known = np.where(held | np.isnan(values), values, lowest)
        placed[key] = on_scale(known, scale)
    return pd.DataFrame(placed, index=evidence.raw.index)


def _influence(evidence: Evidence) -> pd.DataFrame:
    """Return the correlation ratio of each node against its parent and the marker, and its share.

    ``weight_seen`` is the weight among the siblings that vary, ``influence`` the share of their
    correlation ratios, ``times`` the second over the first.
    """
    method, scores = evidence.method, evidence.scores
    rows: dict[str, dict[str, float]] = {}
    for parent in used_nodes(method):
        below = children(method, parent)
        if not below:
            continue
        found = correlation_ratios(scores[below], scores[parent], evidence.weights)
        upward = correlation_ratios(scores[below], scores["marker"], evidence.weights)
        known = found["reason"].eq("")
        weight = pd.Series(method.children_of(parent))[below].where(known)
        whole = float(found["ratio"].sum())
        table = pd.DataFrame(
            {
                "ratio_parent": found["ratio"],
                "ratio_linear": found["linear"],
                "weight_seen": weight / weight.sum(),
                "influence": found["ratio"] / (whole if whole > 0 else np.nan),
                "ratio_marker": upward["ratio"],
            }
        )
        rows |= {str(row["component"]): row for row in rows_of(table.rename_axis("component"))}
    columns = ["ratio_parent", "ratio_linear", "weight_seen", "influence", "ratio_marker"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return table.assign(times=table["influence"] / table["weight_seen"])


def _neighbours(method: Method, found: Association) -> pd.DataFrame:
    """Return the correlation of each node with its parent, and with the nearest foreign group.

    Groups are taken as published, the node being part of its own: the comparison favours it.
    """
    names = [str(name) for name in found.correlation.index]
    r, at = found.correlation.to_numpy(), {name: i for i, name in enumerate(names)}
    levels = np.array([level_of(name) for name in names])
    rows = {}
    for i, node in enumerate(names):
        parent = method.parent_of(node)
        if parent is None:
            continue
        foreign = np.where(levels == level_of(parent), r[i], np.nan)
        foreign[at[parent]] = np.nan
        some = not np.isnan(foreign).all()
        rows[node] = {
            "r_parent": r[i, at[parent]],
            "other_group": names[int(np.nanargmax(foreign))] if some else "",
            "r_other": np.nanmax(foreign) if some else np.nan,
        }
    columns = ["r_parent", "other_group", "r_other"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


# ── goalposts, classes ───────────────────────────────────────────────────────


def goalpost_table(evidence: Evidence) -> pd.DataFrame:
    """Return, by indicator, the shares of cells and people at and beyond the ends of its scale.

    Parameters
    ----------
    evidence
        The raw values, the scores and their weights.

    Returns
    -------
    goalposts
        By indicator: ``cells`` with a value, ``cells_at_worst``, ``people_at_worst`` … (0-1, of
        those with a value), and ``people_against``: those whose score does not move the way the
        polarity says. Missing where there is no value, or no scale.
    """
    curves = fitted(evidence.raw, evidence.method)
    rows = {}
    for key, curve in curves.items():
        values = evidence.raw[key].to_numpy(np.float64)
        known = ~np.isnan(values)
        row: dict[str, float] = {"cells": int(known.sum())}
        fits = known.any() and not np.isnan(curve.y).any()
        where = beyond_ends(values, curve.x, curve.y) if fits else {}
        for name in ("at_worst", "at_best", "beyond_worst", "beyond_best"):
            row[f"cells_{name}"] = float(where[name][known].mean()) if fits else np.nan
            row[f"people_{name}"] = _among(evidence, where[name], known) if fits else np.nan
        scores = evidence.scores[f"ind_{key}"].to_numpy(np.float64)
        row["people_against"] = np.nan
        if fits and curve.y.max() > 0:
            wrong = against_direction(
                values, scores * 100 / curve.y.max(), best_band(curve.x, curve.y)
            )
            row["people_against"] = _among(evidence, wrong, known)
        rows[f"ind_{key}"] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("node")


def _among(evidence: Evidence, where: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_]) -> float:
    """Return the share, among the people who have a value, of those for whom something holds."""
    whole = evidence.share(known)
    return evidence.share(where & known) / whole if whole > 0 else float("nan")


def class_table(evidence: Evidence) -> pd.DataFrame:
    """Return the share of cells and of people in each class of the marker, and without one.

    Parameters
    ----------
    evidence
        The scores and their weights.

    Returns
    -------
    classes
        ``class`` (1 = worst … 5 = best, missing for cells without a marker), ``limits``,
        ``cells``, ``people`` (0-1).
    """
    marker = evidence.scores["marker"]
    classes = classify(marker)
    found = [
        (classes == number).fillna(value=False).to_numpy(bool) for number in range(1, len(BREAKS))
    ]
    found.append(marker.isna().to_numpy())
    return pd.DataFrame(
        {
            "class": pd.array([*range(1, len(BREAKS)), None], dtype="Int64"),
            "limits": [*class_labels(), ""],
            "cells": [float(each.mean()) for each in found],
            "people": [evidence.share(each) for each in found],
        }
    )
