"""One finding of an audit, and what the steps that make them share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from inclusion_marker.analysis.auditing.door import rows_of
from inclusion_marker.analysis.auditing.evidence import Evidence
from inclusion_marker.analysis.auditing.thresholds import Thresholds
from inclusion_marker.method import Method
from inclusion_marker.notices import Notice
from inclusion_marker.texts import Text, phrase

_MOST_NAMED = 12


@dataclass(frozen=True)
class Finding:
    """One thing that an audit found.

    Attributes
    ----------
    step
        Step of the handbook, 1-10.
    notice
        What was found, why it matters and what to do, in both languages.
    node, other
        The nodes it is about; ``other`` is empty if there is one.
    value, threshold
        The figure, and from where on it is a finding.
    people
        Share of the people concerned, 0-1, or NaN where that has no meaning.
    """

    step: int
    notice: Notice
    node: str
    other: str
    value: float
    threshold: float
    people: float


@dataclass(frozen=True, eq=False)
class Tables:
    """The tables that the findings are read from; see :class:`analysis.audit.Audit`."""

    nodes: pd.DataFrame
    groups: pd.DataFrame
    items: pd.DataFrame
    correlations: pd.DataFrame
    goalposts: pd.DataFrame
    data: pd.DataFrame
    classes: pd.DataFrame
    known: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Case:
    """All that a step looks at."""

    evidence: Evidence
    tables: Tables
    thresholds: Thresholds

    @property
    def method(self) -> Method:
        """Return the method that is audited."""
        return self.evidence.method

    @cached_property
    def rows(self) -> dict[str, dict[str, Any]]:
        """Return the rows of the table of nodes, by node."""
        return {str(row["node"]): row for row in rows_of(self.tables.nodes)}

    @cached_property
    def ends(self) -> dict[str, dict[str, Any]]:
        """Return the rows of the table of goalposts, by node."""
        return {str(row["node"]): row for row in rows_of(self.tables.goalposts)}

    def called(self, node: str) -> Text:
        """Return what a node is called, its code before it."""
        return called(self.method, node)

    def listed(self, nodes: list[str]) -> Text:
        """Return the names of some nodes, one after the other; of many the first, and a count."""
        names = [self.called(node) for node in nodes[:_MOST_NAMED]]
        more = f" … (+{len(nodes) - _MOST_NAMED})" if len(nodes) > _MOST_NAMED else ""
        return Text(
            es=", ".join(name.es for name in names) + more,
            en=", ".join(name.en for name in names) + more,
        )


def called(method: Method, node: str) -> Text:
    """Return what a node is called, with its code before it.

    Examples
    --------
    >>> from inclusion_marker.method import load_method
    >>> called(load_method(), "ind_internet").en
    'V6 Access to internet'
    """
    if node == "marker":
        return phrase("audit_the_marker")
    name, code = method.name_of(node), method.code_of(node)
    return Text(es=f"{code} {name.es}".strip(), en=f"{code} {name.en}".strip())
