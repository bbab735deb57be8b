"""The audit of a marker: the ten steps of the OECD and the JRC as one report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from inclusion_marker.analysis.auditing import data as audit_data
from inclusion_marker.analysis.auditing import index as audit_index
from inclusion_marker.analysis.auditing.coherence import associate
from inclusion_marker.analysis.auditing.door import opened
from inclusion_marker.analysis.auditing.evidence import Evidence, children, used_nodes
from inclusion_marker.analysis.auditing.findings import Case, Finding, Tables
from inclusion_marker.analysis.auditing.tables import (
    associated,
    class_table,
    goalpost_table,
    group_tables,
    node_table,
    pair_table,
)
from inclusion_marker.analysis.auditing.thresholds import Thresholds
from inclusion_marker.city import City
from inclusion_marker.errors import ParameterError
from inclusion_marker.method import Method
from inclusion_marker.notices import Notice, near
from inclusion_marker.result import Result

STEPS = tuple(range(1, 11))


@dataclass(frozen=True, eq=False, repr=False)
class Audit:
    """What an audit found, and the tables behind it.

    Shares of people are shares of cells where the audit counts cells (``weighted`` is false).

    Attributes
    ----------
    city, method
        What was audited.
    weighted
        Whether people weigh the statistics.
    cells, persons
        How many cells and people there are.
    findings
        Worst first: ``step`` (1-10), ``code``, ``severity``, ``node``, ``other``, ``value``,
        ``threshold``, ``people`` (share concerned, 0-1, or NaN).
    notices
        One a row of ``findings``: what was found, why it matters, what to do, in both languages.
    steps
        By step: ``checks`` (how many figures could be looked at), ``warnings``, ``notes``.
    nodes
        By node: ``weight`` among its siblings and ``effective_weight`` in the marker;
        ``coverage``, ``missing`` (share of people); ``n``, ``mean``, ``sd``, ``skewness`` and
        ``kurtosis`` of its scores, ``raw_skewness`` and ``raw_kurtosis`` of an indicator's values
        on the scale of its score (logarithm, fourth root); ``alpha`` and ``kmo`` of its children;
        ``item_rest`` among its siblings; ``ratio_parent`` (correlation ratio, ``ratio_linear`` by
        a straight line), ``weight_seen`` and ``influence`` (its shares among the siblings that
        vary), ``times`` the second over the first, ``ratio_marker``; ``r_parent``, and the nearest
        ``other_group`` with ``r_other``. NaN where ``reason`` says why, or where the node is no
        part of the marker.
    correlations
        Pairs of nodes of one level: ``first``, ``second``, ``level``, ``same_parent``, ``r``,
        ``n``, ``share``, ``reason``.
    groups
        The children of each node, and all indicators of each area and of the marker: ``k`` of
        ``members`` that vary, complete cells ``n``, ``alpha``, ``alpha_standardised``, ``kmo``,
        ``components`` (eigenvalues above 1), ``first_share``, ``left_out``, reasons.
    items
        The items of each group: alpha without each, ``item_rest``, ``vif``, ``kmo``.
    eigenvalues
        The principal components of each group.
    goalposts
        By indicator: shares of cells and of people at or beyond the worst and the best, and
        ``people_against``, whose score does not move the way the polarity says.
    data
        By layer: date, year, source, licence, origin.
    classes
        By class of the marker: share of cells and of people.
    known
        Correlations of the marker and its areas with the measures that were given.
    thresholds
        From where on something is a finding.
    """

    city: City
    method: Method
    weighted: bool
    cells: int
    persons: float
    findings: pd.DataFrame
    notices: tuple[Notice, ...]
    steps: pd.DataFrame
    nodes: pd.DataFrame
    correlations: pd.DataFrame
    groups: pd.DataFrame
    items: pd.DataFrame
    eigenvalues: pd.DataFrame
    goalposts: pd.DataFrame
    data: pd.DataFrame
    classes: pd.DataFrame
    known: pd.DataFrame
    thresholds: Thresholds

    def __repr__(self) -> str:
        """Return one line that says which audit it is."""
        warnings, notes = self.steps["warnings"].sum(), self.steps["notes"].sum()
        return f"<Audit {self.city.id!r} by {self.method.id}: {warnings} warnings, {notes} notes>"

    def words(self, language: str) -> pd.DataFrame:
        """Return the findings with their words: ``found``, ``why`` and ``fix``.

        Parameters
        ----------
        language
            ``"es"`` or ``"en"``.
        """
        said = {
            "found": [each.part("found", language) for each in self.notices],
            "why": [each.part("why", language) for each in self.notices],
            "fix": [each.part("fix", language) for each in self.notices],
        }
        return self.findings.assign(**said)


def audit(
    result: Result,
    *,
    people: bool = True,
    known: pd.DataFrame | None = None,
    thresholds: Thresholds | None = None,
) -> Audit:
    """Return the audit of a result: the ten steps of the OECD and the JRC.

    Nothing is imputed and nothing is drawn at random. Correlations take the cells that have both
    values; alpha, KMO, variance inflation and components those that have all. What is supplementary
    (weight 0) is described, and left out of all that concerns the marker.

    Parameters
    ----------
    result
        What was computed.
    people
        Whether each cell counts by its people. It does by default: the marker speaks of people,
        and of the cells of a grid many are empty. ``False`` counts each cell once.
    known
        Cells by measures that are known, for step 9: missing values as NaN, cells by id.
    thresholds
        From where on something is a finding; the defaults, with their sources, if ``None``.

    Returns
    -------
    audit
        The findings, and the tables behind them; frozen.

    Raises
    ------
    ParameterError
        If people cannot weigh, or ``known`` is no table of numbers by cell.

    References
    ----------
    OECD/JRC (2008). *Handbook on Constructing Composite Indicators: Methodology and User Guide*.
    Paruolo, P., Saisana, M., Saltelli, A. (2013). Ratings and rankings: voodoo or science?
    *Journal of the Royal Statistical Society A*, 176(3), 609-634.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> found = audit(compute("manta", resolution=8, min_coverage=0.3))
    >>> found.steps.index.tolist()
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    >>> len(found.findings) == len(found.notices)
    True
    """
    limits = Thresholds() if thresholds is None else thresholds
    evidence = _evidence(result, people=people)
    measures = _measures(known, evidence)
    found = associated(evidence)
    groups, items, eigenvalues = group_tables(evidence)
    tables = Tables(
        nodes=node_table(evidence, found, groups, items),
        groups=groups,
        items=items,
        correlations=pair_table(result.method, found),
        goalposts=goalpost_table(evidence),
        data=audit_data.data_table(result),
        classes=class_table(evidence),
        known=_links(measures, evidence),
    )
    findings = sorted(_findings(Case(evidence, tables, limits)), key=_worst_first)
    table = _table(findings)
    return Audit(
        city=result.city,
        method=result.method,
        weighted=people,
        cells=len(evidence.scores),
        persons=float(result.people.sum()),
        findings=table,
        notices=tuple(each.notice for each in findings),
        steps=_steps(table, tables, evidence),
        eigenvalues=eigenvalues,
        thresholds=limits,
        **{each.name: getattr(tables, each.name) for each in fields(tables)},
    )


def _evidence(result: Result, *, people: bool) -> Evidence:
    """Return a result in the order of its cells' ids, with the weights of the cells."""
    scores = result.table().sort_index()
    raw = result.raw.reindex(index=scores.index, columns=list(result.method.indicators))
    weights = result.people.reindex(scores.index).astype(float) if people else None
    opened(scores, weights)
    return Evidence(result, scores, raw.astype(float), weights)


def _measures(known: object, evidence: Evidence) -> pd.DataFrame:
    """Return the known measures of each cell, checked."""
    if known is None:
        return pd.DataFrame(index=evidence.scores.index)
    if not isinstance(known, pd.DataFrame):
        values = {"found": type(known).__name__, "expected": "pandas.DataFrame"}
        raise ParameterError(Notice("parameter_type", item="known", values=values))
    opened(known, None)
    twice = known.index[known.index.duplicated()]
    if len(twice):
        raise ParameterError(Notice("known_repeated", item=near("", map(str, twice))))
    if not known.index.isin(evidence.scores.index).any():
        some = [str(each) for each in evidence.scores.index[:3]]
        values = {"found": near("", map(str, known.index[:3])), "expected": ", ".join(some)}
        raise ParameterError(Notice("known_elsewhere", item="known", values=values))
    return known.reindex(evidence.scores.index).rename(columns=str)


def _links(measures: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """Return the correlations of the marker and its areas with the known measures."""
    nodes = ["marker", *children(evidence.method, "marker")]
    # A measure may have the name of a node: places in the table, not names, tell them apart.
    both = pd.concat([evidence.scores[nodes], measures], axis=1)
    found = associate(
        both.set_axis([f"{at}" for at in range(both.shape[1])], axis=1), evidence.weights
    )
    r, n = found.correlation.to_numpy(), found.n.to_numpy()
    share = found.share.to_numpy()
    rows = [
        {
            "node": node,
            "measure": measure,
            "r": float(r[i, j]),
            "n": int(n[i, j]),
            "share": float(share[i, j]),
        }
        for i, node in enumerate(nodes)
        for j, measure in enumerate(measures.columns, start=len(nodes))
    ]
    return pd.DataFrame(rows, columns=["node", "measure", "r", "n", "share"])


_STEPS: Mapping[int, Callable[[Case], Iterator[Finding]]] = {
    1: audit_data.framework,
    2: audit_data.data,
    3: audit_data.missing,
    4: audit_index.coherence,
    5: audit_data.normalisation,
    6: audit_index.weights,
    7: audit_index.choices,
    8: audit_index.drivers,
    9: audit_index.links,
    10: audit_index.showing,
}


def _findings(case: Case) -> Iterator[Finding]:
    """Yield what every step finds."""
    for step in _STEPS.values():
        yield from step(case)


_SEVERITIES = ("error", "warning", "info")
# What makes a score mean the opposite comes first, then what makes it mean nothing, then the rest
# in the order of the steps.
_FIRST = (
    "audit_score_reversed",
    "audit_against_parent",
    "audit_polarity",
    "audit_negative",
    "audit_constant",
    "audit_one_end",
    "audit_collinear",
)


def _worst_first(finding: Finding) -> tuple[int, int, int, str, float, str, str]:
    """Return by what findings are ordered: severity, kind, then how far beyond the threshold."""
    code = finding.notice.code
    kind = _FIRST.index(code) if code in _FIRST else len(_FIRST)
    excess = -abs(finding.value - finding.threshold)
    severity = _SEVERITIES.index(finding.notice.severity)
    return severity, kind, finding.step, code, excess, finding.node, finding.other


def _table(findings: list[Finding]) -> pd.DataFrame:
    """Return the findings, one row each."""
    rows = [
        (
            each.step,
            each.notice.code,
            each.notice.severity,
            each.node,
            each.other,
            float(each.value),
            float(each.threshold),
            float(each.people),
        )
        for each in findings
    ]
    columns = ["step", "code", "severity", "node", "other", "value", "threshold", "people"]
    return pd.DataFrame(rows, columns=columns)


def _steps(findings: pd.DataFrame, tables: Tables, evidence: Evidence) -> pd.DataFrame:
    """Return, by step, how many figures there were to look at, and what was found."""
    nodes, pairs = tables.nodes, tables.correlations
    scored = bool(evidence.scores["marker"].notna().any())
    checks = {
        1: len(used_nodes(evidence.method)),
        2: len(tables.data) + int((evidence.raw.notna().any()).sum()),
        3: len(used_nodes(evidence.method)),
        4: int(pairs["r"].notna().sum()) + int(np.isfinite(tables.groups["alpha"]).sum()),
        5: int((tables.goalposts["cells"] > 0).sum()),
        6: int((nodes["weight"] < 1).sum()),
        7: int(scored),
        8: int(nodes["ratio_parent"].notna().sum()),
        9: int(tables.known["r"].notna().sum()),
        10: int(scored),
    }
    warnings = findings["severity"].isin(("error", "warning")).groupby(findings["step"]).sum()
    count = findings.groupby("step").size()
    table = pd.DataFrame({"checks": checks}).rename_axis("step")
    table["warnings"] = warnings.reindex(STEPS, fill_value=0).astype(int)
    table["notes"] = count.reindex(STEPS, fill_value=0).astype(int) - table["warnings"]
    return table
