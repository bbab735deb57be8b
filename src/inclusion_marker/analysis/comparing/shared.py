"""What several results have in common: the indicators they share, and whether these compare."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from inclusion_marker.composite.scoring import Scores, score
from inclusion_marker.method import Method, effective_weights, split_node
from inclusion_marker.notices import Notice
from inclusion_marker.result import Result
from inclusion_marker.texts import Text, phrase

OBSERVED_SHARE = 0.65
"""Share of the people for whom an indicator must be observed: the rule of the JRC's COIN Tool."""
LIKE_SIZES = 1.25
"""Cells whose median areas differ by less are of one size."""


def known_people(result: Result) -> pd.Series[float]:
    """Return the people of each cell, missing ones as none, by sorted cell.

    Parameters
    ----------
    result
        What was computed.
    """
    return result.people.fillna(0.0).sort_index()


def observed_shares(result: Result) -> pd.Series[float]:
    """Return the share of a city's people who live where each indicator has a score.

    Parameters
    ----------
    result
        What was computed; cells of nobody, and of missing people, count nothing.

    Returns
    -------
    shares
        By indicator id, 0-1.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> float(observed_shares(compute("manta", resolution=8))["internet"])
    1.0
    """
    people = known_people(result)
    held = result.scores.indicators.loc[people.index].notna().mul(people, axis=0).sum()
    shares: pd.Series[float] = (held / people.sum()).clip(upper=1.0)
    return shares


def restricted(method: Method, kept: Collection[str]) -> Method:
    """Return a method in which every indicator but some weighs nothing.

    Those that stay keep their weight against each other, and every mean its rule and its minimum
    coverage, which then asks for a share of the weight that is left. A dimension or an area none
    of whose indicators stays weighs nothing itself.

    Parameters
    ----------
    method
        A method.
    kept
        Ids of the indicators that stay; one at least must weigh something.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> core = restricted(load_method("uim-v1"), ["internet", "pm10", "life_expectancy"])
    >>> {key: share for key, share in core.children_of("marker").items() if share}
    {'area_housing': 0.5, 'area_health': 0.5}
    """
    weights = effective_weights(method)
    stay = {key for key in kept if weights[key].indicator > 0}
    if stay == {key for key, each in weights.items() if each.indicator > 0}:
        return method
    used = {f"dim_{method.indicators[key].dimension}" for key in stay} | {"marker"}
    used |= {str(method.parent_of(node)) for node in used if node.startswith("dim_")}
    # Below what weighs nothing the weights stay: some child of every node must have one.
    light = {
        child
        for node in used
        for child in method.children_of(node)
        if child not in used and child.removeprefix("ind_") not in stay
    }
    return _reweighted(method, {method.parent_of(child) for child in light}, light)


def _reweighted(method: Method, nodes: Collection[str | None], light: Collection[str]) -> Method:
    """Return a method in which some children of some nodes weigh nothing, panels or not."""
    cards: dict[str, dict[str, Any]] = {
        "areas": dict(method.areas),
        "dimensions": dict(method.dimensions),
        "indicators": dict(method.indicators),
    }
    sections = {"area": "areas", "dim": "dimensions", "ind": "indicators"}
    for node in nodes:
        for child, share in method.children_of(str(node)).items():
            kind, key = split_node(child)
            card = cards[sections[kind]][key]
            own = share if node in method.panels else card.weight
            weight = 0.0 if child in light else own
            cards[sections[kind]][key] = card.model_copy(update={"weight": weight})
    # A panel speaks of all children of its node: what it gives the others stands on their cards.
    panels = {node: panel for node, panel in method.panels.items() if node not in nodes}
    return method.model_copy(update={**cards, "panels": panels})


def core_of(result: Result, kept: Collection[str], method: Method | None = None) -> Result:
    """Return a result as if only some indicators had been measured, and asked for.

    Parameters
    ----------
    result
        What was computed.
    kept
        Ids of the indicators that stay.
    method
        Whose goalposts, weights and rules hold; the result's own if ``None``.

    Returns
    -------
    core
        The result with the method restricted (see :func:`restricted`), the raw values of the
        other indicators missing, and the scores of that; its districts are left out.
    """
    method = result.method if method is None else method
    others = [key for key in result.raw.columns if key not in kept]
    raw = result.raw.assign(**dict.fromkeys(others, np.nan))
    raw.attrs = {"units": {key: result.method.indicators[key].unit for key in kept}}
    core = restricted(method, kept)
    scores = score(raw, core) if kept else _unscored(raw, method)
    return replace(result, method=core, raw=raw, scores=scores, districts=None)


def _unscored(raw: pd.DataFrame, method: Method) -> Scores:
    """Return scores that are all missing."""
    blank = score(raw, method)
    return replace(blank, coverage=blank.coverage * 0.0)


def core_table(
    results: Mapping[str, Result], by: Method | None, observed_share: float
) -> pd.DataFrame:
    """Return, for every indicator, who has it, and whether all do.

    Parameters
    ----------
    results
        By label.
    by
        The method that scores all cores; it must have an indicator, too. Each its own if ``None``.
    observed_share
        Share of a city's people for whom a value must be there.

    Returns
    -------
    core
        By indicator id, in the order of the first method that has each: ``code``, ``name_es``,
        ``name_en``, ``shared``, ``why`` not
        (``"not_in_method"``, ``"no_weight"``, ``"not_observed"``, ``"other_unit"``; empty where
        it is), and for each label ``observed_<label>`` and ``weight_<label>``, the shares of the
        people with a value and of the marker, 0-1.
    """
    methods = [each.method for each in results.values()] + ([] if by is None else [by])
    keys = list(dict.fromkeys(key for method in methods for key in method.indicators))
    table = pd.DataFrame(index=pd.Index(keys, name="indicator"))
    for label, result in results.items():
        table[f"observed_{label}"] = observed_shares(result).reindex(keys).fillna(0.0)
    weights = [effective_weights(method) for method in methods]
    for label, found in zip(results, weights, strict=False):
        table[f"weight_{label}"] = [found[key].indicator if key in found else 0.0 for key in keys]
    seen = table[[f"observed_{label}" for label in results]].min(axis=1)
    units = {key: {m.indicators[key].unit for m in methods if key in m.indicators} for key in keys}
    why = []
    for key in keys:
        if not all(key in found for found in weights):
            why.append("not_in_method")
        elif not all(found[key].indicator > 0 for found in weights):
            why.append("no_weight")
        elif not (seen[key] > 0 and seen[key] >= observed_share - 1e-9):
            why.append("not_observed")
        else:
            why.append("other_unit" if len(units[key]) > 1 else "")
    cards = [next(m.indicators[key] for m in methods if key in m.indicators) for key in keys]
    said = pd.DataFrame(
        {
            "code": [card.code for card in cards],
            "name_es": [card.name.es for card in cards],
            "name_en": [card.name.en for card in cards],
            "shared": [not each for each in why],
            "why": why,
        },
        index=table.index,
    )
    return said.join(table)


def goalposts_said(method: Method, key: str) -> str:
    """Return how a value of an indicator becomes a score, as one line.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> goalposts_said(load_method("uim-v1"), "health_distance")
    '500 > 100, 5000 > 0 (linear)'
    """
    card, rule = method.indicators[key], method.normalisation_of(key).rule
    points = ", ".join(f"{x:g} > {y:g}" for x, y in card.score.curve(card.classes))
    more = "" if card.classes is None else f", k = {card.classes}"
    return f"{points} ({card.score.scale}{more}{'' if rule == 'goalposts' else f', {rule}'})"


def same_goalposts(one: Method, other: Method, key: str) -> bool:
    """Return whether equal values of an indicator have equal scores by both, and mean the same.

    The same rule, and the same curve on the same scale, whatever keys it is given by; the unit;
    and, for a diversity, the number of classes.
    """
    said, curves = [], []
    for method in (one, other):
        card = method.indicators[key]
        said.append((method.normalisation_of(key), card.score.scale, card.unit, card.classes))
        curves.append(np.array(card.score.curve(card.classes)))
    alike = said[0] == said[1] and curves[0].shape == curves[1].shape
    return alike and bool(np.allclose(curves[0], curves[1], rtol=1e-12, atol=0))


def differing_goalposts(
    methods: Mapping[str, Method], reference: tuple[str, Method], keys: Sequence[str]
) -> Iterator[Notice]:
    """Yield an error for each indicator that a method scores otherwise than the reference does.

    Parameters
    ----------
    methods
        By label.
    reference
        A label and its method.
    keys
        The indicators that are compared.
    """
    first, method = reference
    for key in keys:
        card = method.indicators[key]
        for label, other in methods.items():
            theirs = other.indicators[key]
            values = {"first": first, "second": label}
            if card.unit != theirs.unit:
                values |= {"one": card.unit, "other": theirs.unit}
                yield Notice("compared_units", item=key, values=values)
            elif not same_goalposts(method, other, key):
                said = [goalposts_said(each, key) for each in (method, other)]
                values |= {"one": said[0], "other": said[1]}
                yield Notice("compared_goalposts", item=key, values=values)


def remarks_on(results: Mapping[str, Result], shared: Sequence[str]) -> Iterator[Notice]:
    """Yield what a reader has to know of results that stand side by side.

    Cells of several sizes or kinds, a made-up city beside a real one, one method in several
    versions, weights or rules that differ, indicators measured by other formulas, people missing.

    Parameters
    ----------
    results
        By label.
    shared
        The indicators that all of them share.
    """
    cells = {label: _cells_said(each) for label, each in results.items()}
    kinds = {(each.grid.kind, each.grid.resolution) for each in results.values()}
    sizes = [float(each.grid.area_ha.median()) for each in results.values()]
    if len(kinds) > 1 or max(sizes) > LIKE_SIZES * min(sizes):
        yield Notice("compared_cells", values={"found": _listed(cells)})
    made_up = [label for label, each in results.items() if each.city.synthetic]
    if 0 < len(made_up) < len(results):
        yield Notice("compared_synthetic", values={"found": ", ".join(made_up)})
    versions = {label: f"{r.method.id} {r.method.version}" for label, r in results.items()}
    if len(set(versions.values())) > len({r.method.id for r in results.values()}):
        yield Notice("compared_versions", values={"found": _listed(versions)})
    if shared:
        yield from _other_means(results, shared)
    first = next(iter(results.values())).method
    other = [
        key
        for key in shared
        if any(
            r.method.indicators[key].compute != first.indicators[key].compute
            for r in results.values()
        )
    ]
    if other:
        values = {"count": len(other), "total": len(shared), "found": ", ".join(other)}
        yield Notice("compared_formulas", values=values)
    for label, result in results.items():
        unknown = int(result.people.isna().sum())
        if unknown:
            values = {"count": unknown, "total": len(result.people)}
            yield Notice("compared_people_missing", item=label, values=values)


def _other_means(results: Mapping[str, Result], shared: Sequence[str]) -> Iterator[Notice]:
    """Yield a notice where equal scores of the shared indicators would give unequal markers."""
    cores = [restricted(each.method, shared) for each in results.values()]
    weights = [{key: effective_weights(core)[key] for key in shared} for core in cores]
    differs = {
        "weights": any(
            not math.isclose(one, other, abs_tol=1e-9)
            for found in weights
            for key in shared
            for one, other in zip(found[key], weights[0][key], strict=True)
        ),
        "rules": any(
            core.rule_of(node) != cores[0].rule_of(node)
            for core in cores
            for node in _means_of(core, shared)
        ),
        "coverage": any(core.min_coverage != cores[0].min_coverage for core in cores),
    }
    names = [phrase(f"compared_{key}") for key, found in differs.items() if found]
    if names:
        said = Text(es=", ".join(n.es for n in names), en=", ".join(n.en for n in names))
        yield Notice("compared_means", values={"found": said})


def _means_of(method: Method, keys: Sequence[str]) -> Iterator[str]:
    """Yield the nodes above some indicators."""
    yield "marker"
    for key in keys:
        dimension = method.indicators[key].dimension
        yield from (f"dim_{dimension}", f"area_{method.dimensions[dimension].area}")


def _cells_said(result: Result) -> str:
    """Return kind and size of the cells in a few signs."""
    grid = result.grid
    size = f"~{float(grid.area_ha.median()):.3g} ha"
    return f"H3 r{grid.resolution}, {size}" if grid.kind == "h3" else size


def _listed(said: Mapping[str, str]) -> str:
    """Return labels with what is said of each."""
    return "; ".join(f"{label}: {each}" for label, each in said.items())
