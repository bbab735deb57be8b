"""Steps 4, 6, 7, 8, 9 and 10 of an audit: coherence, weights, choices, drivers, links, classes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inclusion_marker.analysis.auditing.door import rows_of
from inclusion_marker.analysis.auditing.evidence import children, level_of, used_nodes
from inclusion_marker.analysis.auditing.findings import Case, Finding
from inclusion_marker.cards import Rule
from inclusion_marker.composite.classes import classify
from inclusion_marker.composite.rules import aggregate
from inclusion_marker.notices import Notice
from inclusion_marker.texts import phrase

_NAN = float("nan")
_PAIR = 2


# ── step 4: do the parts belong together ─────────────────────────────────────


def coherence(case: Case) -> Iterator[Finding]:
    """Yield what contradicts the framework: pairs, nodes, groups.

    Parameters
    ----------
    case
        The tables of the audit, and from where on something is a finding.
    """
    cells = int(case.tables.nodes["n"].max())
    if cells < case.thresholds.cells:
        values = {"count": cells, "least": f"{case.thresholds.cells:g}"}
        notice = Notice("audit_few_cells", item="marker", values=values)
        yield Finding(4, notice, "marker", "", cells, case.thresholds.cells, _NAN)
    yield from _pairs(case)
    yield from _placed(case)
    yield from _groups(case)
    yield from _inflated(case)


def _pairs(case: Case) -> Iterator[Finding]:
    """Yield pairs that contradict each other, say little of each other, or say the same."""
    limits = case.thresholds
    for row in rows_of(case.tables.correlations.dropna(subset="r")):
        r, first, second = float(row["r"]), str(row["first"]), str(row["second"])
        values = {"first": case.called(first), "second": case.called(second), "r": r}
        at = f"{first}, {second}"
        if abs(r) > limits.redundant:
            notice = Notice("audit_redundant", item=at, values=values)
            yield Finding(4, notice, first, second, r, limits.redundant, _NAN)
        if not row["same_parent"]:
            continue
        group = case.called(str(case.method.parent_of(first)))
        if r <= -limits.weak:
            notice = Notice("audit_negative", item=at, values={**values, "group": group})
            yield Finding(4, notice, first, second, r, -limits.weak, _NAN)
        elif abs(r) < limits.weak:
            notice = Notice("audit_weak", item=at, values={**values, "group": group})
            yield Finding(4, notice, first, second, r, limits.weak, _NAN)


def _placed(case: Case) -> Iterator[Finding]:
    """Yield nodes that run against their own group, or run better with another."""
    for row in rows_of(case.tables.nodes):
        node, parent = str(row["node"]), str(row["parent"])
        own, other = float(row["r_parent"]), float(row["r_other"])
        name, group = case.called(node), case.called(parent or node)
        if own < 0:
            values = {"name": name, "parent": group, "r": own}
            notice = Notice("audit_against_parent", item=node, values=values)
            yield Finding(4, notice, node, parent, own, 0, _NAN)
        elif other > own:
            foreign = str(row["other_group"])
            values = {
                "name": name,
                "parent": group,
                "r": own,
                "other": case.called(foreign),
                "r_other": other,
            }
            notice = Notice("audit_nearer_elsewhere", item=node, values=values)
            yield Finding(4, notice, node, foreign, other, own, _NAN)
    yield from _polarities(case)


def _polarities(case: Case) -> Iterator[Finding]:
    """Yield indicators whose polarity the rest of their area contradicts."""
    items = case.tables.items
    inside = items["node"].map(level_of).eq("area") & items["parts"].eq("indicators")
    for row in rows_of(items.loc[inside & (items["item_rest"] <= -case.thresholds.weak)]):
        item, r = str(row["item"]), float(row["item_rest"])
        card = case.method.indicators[item.removeprefix("ind_")]
        values = {
            "name": case.called(item),
            "polarity": phrase(f"polarity_{card.score.polarity}"),
            "area": case.called(str(row["node"])),
            "r": r,
        }
        notice = Notice("audit_polarity", item=item, values=values)
        yield Finding(4, notice, item, str(row["node"]), r, -case.thresholds.weak, _NAN)


def _groups(case: Case) -> Iterator[Finding]:
    """Yield groups that do not hold together, hold too well, or could not be checked."""
    limits = case.thresholds
    for row in rows_of(case.tables.groups):
        node, parts = str(row["node"]), phrase(f"audit_parts_{row['parts']}")
        name = case.called(node)
        k, members = int(row["k"]), int(row["members"])
        values = {"name": name, "parts": parts, "k": k, "members": members}
        if k < _PAIR <= members and row["parts"] == "children":
            notice = Notice("audit_group_unchecked", item=node, values=values)
            yield Finding(4, notice, node, "", k, _PAIR, _NAN)
        alpha, adequacy = float(row["alpha"]), float(row["kmo"])
        if row["parts"] == "children":
            values |= {"alpha": alpha, "without": _better_without(case, node, alpha)}
            if alpha < limits.alpha_low:
                notice = Notice("audit_alpha_low", item=node, values=values)
                yield Finding(4, notice, node, "", alpha, limits.alpha_low, _NAN)
            if alpha > limits.alpha_high:
                notice = Notice("audit_alpha_high", item=node, values=values)
                yield Finding(4, notice, node, "", alpha, limits.alpha_high, _NAN)
            many = int(row["components"])
            if many > 1:
                notice = Notice("audit_components", item=node, values={**values, "count": many})
                yield Finding(4, notice, node, "", many, limits.eigenvalue, _NAN)
        if adequacy < limits.kmo:
            notice = Notice("audit_kmo_low", item=node, values={**values, "kmo": adequacy})
            yield Finding(4, notice, node, "", adequacy, limits.kmo, _NAN)


def _better_without(case: Case, node: str, alpha: float) -> object:
    """Return which item, taken out, would raise alpha most, in words; empty if none would."""
    items = case.tables.items
    own = items.loc[items["node"].eq(node) & items["parts"].eq("children")].set_index("item")
    without = own["raw_without"].dropna()
    if without.empty or not without.max() > alpha:
        return ""
    best = str(without.idxmax())
    return phrase("audit_without", item=case.called(best), alpha=f"{without.max():.2f}")


def _inflated(case: Case) -> Iterator[Finding]:
    """Yield what the others of its area say already: areas, dimensions, indicators."""
    items, limits = case.tables.items, case.thresholds
    area = items["node"].map(level_of).eq("area")
    looked_at = area | (items["node"].eq("marker") & items["parts"].eq("children"))
    for row in rows_of(items.loc[looked_at & (items["vif"] > limits.vif)]):
        item, node, factor = str(row["item"]), str(row["node"]), float(row["vif"])
        values = {"name": case.called(item), "group": case.called(node), "vif": factor}
        code = "audit_collinear" if np.isinf(factor) else "audit_vif_high"
        notice = Notice(code, item=item, values=values)
        yield Finding(4, notice, item, node, factor, limits.vif, _NAN)


# ── step 6: weights and aggregation ──────────────────────────────────────────


def weights(case: Case) -> Iterator[Finding]:
    """Yield weights that rule, weights without a voice, what makes up for what, floors met.

    Parameters
    ----------
    case
        The tables of the audit, and from where on something is a finding.
    """
    limits = case.thresholds
    for node in used_nodes(case.method):
        for child, weight in case.method.children_of(node).items():
            if limits.weight < weight < 1:
                values = {
                    "name": case.called(child),
                    "parent": case.called(node),
                    "weight": 100 * weight,
                }
                notice = Notice("audit_weight_rules", item=child, values=values)
                yield Finding(6, notice, child, node, weight, limits.weight, _NAN)
    yield from _voices(case)
    for node in used_nodes(case.method):
        if level_of(node) in ("marker", "area"):
            yield from _made_up_for(case, node)
        yield from _floors(case, node)


def _voices(case: Case) -> Iterator[Finding]:
    """Yield children that have far more, or far less, to say than they weigh."""
    most = case.thresholds.influence
    for row in rows_of(case.tables.nodes.dropna(subset="times")):
        times, node = float(row["times"]), str(row["node"])
        values = {
            "name": case.called(node),
            "parent": case.called(str(row["parent"])),
            "weight": 100 * float(row["weight_seen"]),
            "influence": 100 * float(row["influence"]),
        }
        if times > most:
            notice = Notice("audit_influence_high", item=node, values=values)
            yield Finding(6, notice, node, str(row["parent"]), times, most, _NAN)
        elif times < 1 / most:
            notice = Notice("audit_influence_low", item=node, values=values)
            yield Finding(6, notice, node, str(row["parent"]), times, 1 / most, _NAN)


def _made_up_for(case: Case, node: str) -> Iterator[Finding]:
    """Yield how far good children make up for one at 0, in words."""
    rule, below = case.method.rule_of(node), children(case.method, node)
    if len(below) < _PAIR or not rule.comparable:
        return
    weight = np.array([case.method.children_of(node)[child] for child in below])
    worst = int(np.argmax(weight))
    row = np.where(np.arange(len(below)) == worst, 0.0, 100.0)[None, :]
    score = float(aggregate(row, weight, rule, min_coverage=0)[0])
    if score > case.thresholds.compensated:
        values = {
            "name": case.called(node),
            "child": case.called(below[worst]),
            "score": score,
            "rule": phrase(f"audit_rule_{rule.rule}"),
        }
        notice = Notice("audit_compensation", item=node, values=values)
        yield Finding(6, notice, node, below[worst], score, case.thresholds.compensated, _NAN)


def _floors(case: Case, node: str) -> Iterator[Finding]:
    """Yield how many people the floor of a rule lifts."""
    rule, below = case.method.rule_of(node), children(case.method, node)
    if rule.floor is None or not below:
        return
    scores = case.evidence.scores
    lifted = (scores[below] < rule.floor).any(axis=1) & scores[node].notna()
    share = case.evidence.share(lifted)
    if share > case.thresholds.floor:
        values = {
            "name": case.called(node),
            "floor": f"{rule.floor:g}",
            "cells": int(lifted.sum()),
            "share": 100 * share,
        }
        notice = Notice("audit_floor_met", item=node, values=values)
        yield Finding(6, notice, node, "", share, case.thresholds.floor, share)


# ── steps 7 to 10 ────────────────────────────────────────────────────────────


def choices(case: Case) -> Iterator[Finding]:
    """Yield whose class hangs on the choice of the mean: a first look, robustness has the rest.

    Parameters
    ----------
    case
        The tables of the audit, and from where on something is a finding.
    """
    method, scores = case.method, case.evidence.scores
    below = children(method, "marker")
    shown = classify(scores["marker"])
    if shown.isna().all():
        return
    plain = method.rule_of("marker").rule == "arithmetic"
    rule = Rule(rule="geometric") if plain else Rule()
    weight = np.array([method.children_of("marker")[child] for child in below])
    table = scores[below].to_numpy(np.float64)
    other = aggregate(table, weight, rule, min_coverage=method.bar_of("marker"))
    moved = shown.ne(classify(scores["marker"].mask(scores["marker"].notna(), other)))
    moved = moved.fillna(value=False)
    share = case.evidence.share(moved) / case.evidence.share(shown.notna())
    most = case.thresholds.class_change
    values = {"share": 100 * share, "rule": phrase(f"audit_rule_{rule.rule}")}
    code = "audit_choice_matters" if share > most else "audit_choice_holds"
    yield Finding(7, Notice(code, item="marker", values=values), "marker", "", share, most, share)


def drivers(case: Case) -> Iterator[Finding]:
    """Yield nodes that are one of their children, whatever the others say.

    Parameters
    ----------
    case
        The tables of the audit, and from where on something is a finding.
    """
    limits, nodes = case.thresholds, case.tables.nodes
    siblings = nodes.dropna(subset="ratio_parent").groupby("parent")["weight"].transform("size")
    alone = nodes.loc[siblings.index[siblings >= _PAIR]]
    for row in rows_of(alone.loc[alone["ratio_parent"] > limits.dominance]):
        ratio, node, parent = float(row["ratio_parent"]), str(row["node"]), str(row["parent"])
        values = {
            "name": case.called(node),
            "parent": case.called(parent),
            "ratio": 100 * ratio,
            "weight": 100 * float(row["weight_seen"]),
        }
        notice = Notice("audit_dominant", item=node, values=values)
        yield Finding(8, notice, node, parent, ratio, limits.dominance, _NAN)


def links(case: Case) -> Iterator[Finding]:
    """Yield how the marker runs with measures that are known.

    Parameters
    ----------
    case
        The tables of the audit, and from where on something is a finding.
    """
    known, limits = case.tables.known, case.thresholds
    if known.empty:
        yield Finding(9, Notice("audit_known_absent", item="marker"), "marker", "", 0, 1, _NAN)
    for row in rows_of(known.loc[known["node"].eq("marker")].dropna(subset="r")):
        r, measure = float(row["r"]), str(row["measure"])
        values = {"measure": measure, "r": r, "share": 100 * float(row["share"])}
        if abs(r) < limits.weak:
            notice = Notice("audit_known_weak", item=measure, values=values)
            yield Finding(9, notice, "marker", measure, r, limits.weak, _NAN)
        elif r < 0:
            notice = Notice("audit_known_negative", item=measure, values=values)
            yield Finding(9, notice, "marker", measure, r, 0, _NAN)
        elif r > limits.redundant:
            notice = Notice("audit_known_redundant", item=measure, values=values)
            yield Finding(9, notice, "marker", measure, r, limits.redundant, _NAN)


def showing(case: Case) -> Iterator[Finding]:
    """Yield that a map of the marker shows one colour.

    Parameters
    ----------
    case
        The tables of the audit, and from where on something is a finding.
    """
    classes = case.tables.classes.dropna(subset="class")
    scored = float(classes["people"].sum())
    if not scored > 0:
        return
    largest = max(rows_of(classes), key=lambda row: float(row["people"]))
    share = float(largest["people"]) / scored
    if share > case.thresholds.one_class:
        values = {"share": 100 * share, "limits": largest["limits"]}
        notice = Notice("audit_one_class", item="marker", values=values)
        yield Finding(10, notice, "marker", "", share, case.thresholds.one_class, share)
