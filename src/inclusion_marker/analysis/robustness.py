"""How sure a marker is: errors of the data and choices of the method, drawn together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from inclusion_marker.analysis.drawing.arguments import argument_faults
from inclusion_marker.analysis.drawing.confidence import (
    Confidence,
    reason_said,
)
from inclusion_marker.analysis.drawing.draws import (
    ERRORS,
    Choices,
    Floats,
    Group,
    Singles,
    drawn_choices,
    sample,
)
from inclusion_marker.analysis.drawing.error_sources import problem_of
from inclusion_marker.analysis.drawing.errors import Errors
from inclusion_marker.analysis.drawing.tables import (
    Interval,
    Runs,
    Source,
    Summary,
    cell_table,
    city_table,
    district_table,
    summary_of,
    weights_of_districts,
)
from inclusion_marker.analysis.explaining.omission import without
from inclusion_marker.analysis.where import people_of
from inclusion_marker.errors import ParameterError
from inclusion_marker.notices import Notice, near
from inclusion_marker.result import Result
from inclusion_marker.texts import Text

Where: TypeAlias = "str | pd.Index | list[str] | pd.Series[Any]"


@dataclass(frozen=True, eq=False, repr=False)
class Robustness:
    """What the draws say of a marker.

    Attributes
    ----------
    cells
        By cell: ``marker``; ``median``, ``low``, ``high``: 50, 5 and 95 % of the draws;
        ``class_shown``; ``class_probability`` of it; ``below_probability``, of being below the
        line; ``coverage``, the share of the weight observed; ``confidence`` (``high``, ``medium``,
        ``low``); ``reason``, the group of inputs that drives it, and ``reason_share``, its total
        Sobol' index; ``data_half_width`` and ``choices_half_width``, half of the interval when
        only the data, or only the choices, are drawn; ``zone_times``, how many times larger than
        the cell the zone is that most of its people come from. All missing where the marker is.
    draws
        Cells x draws: the marker when all is drawn at once.
    index
        The cells of ``draws``.
    people
        People of each cell.
    city
        By ``node`` (``marker``, ``area_…``) and ``source`` (``both``, ``data``, ``choices``):
        ``shown``, ``median``, ``low``, ``high`` of the mean over the people.
    districts
        The same of the marker, by ``district`` and ``source``, with ``name``; empty without any.
    district_weights
        Districts x cells, a table: people of each cell that live in each district.
    sensitivity
        By ``group`` of inputs that is drawn: ``first`` and ``total`` Sobol' index of the city's
        marker; ``cells_total``, the mean of the cells' total indices over the people; and
        ``people_driven``, the share of the people whose cell it drives most.
    without
        What leaving out each indicator does: see
        :func:`inclusion_marker.analysis.explaining.omission.without`.
    line
        What ``below_probability`` refers to.
    parameters
        All that was drawn, and how, for the manifest.
    notices
        What was noticed on the way.
    """

    cells: pd.DataFrame
    draws: Singles
    index: pd.Index
    people: Floats
    city: pd.DataFrame
    districts: pd.DataFrame
    district_weights: pd.DataFrame
    sensitivity: pd.DataFrame
    without: pd.DataFrame
    line: float
    parameters: Mapping[str, Any]
    notices: tuple[Notice, ...]

    def __repr__(self) -> str:
        """Return one line that says how sure the city's marker is."""
        whole = self.interval()
        return (
            f"<{type(self).__name__}: {len(self.index)} cells, {self.draws.shape[1]} draws, "
            f"marker {whole.shown:.1f} ({whole.low:.1f} to {whole.high:.1f})>"
        )

    def interval(self, node: str = "marker", source: Source = "both") -> Interval:
        """Return the interval of the city's mean of a node, for one source of doubt.

        Parameters
        ----------
        node
            ``marker`` or ``area_…``.
        source
            ``both``, ``data`` or ``choices``.

        Raises
        ------
        ParameterError
            If the table of the city has no such row.
        """
        if (node, source) not in self.city.index:
            known = [f"{one}, {other}" for one, other in self.city.index]
            values = {"found": f"{node}, {source}", "accepted": near(f"{node}, {source}", known)}
            raise ParameterError(Notice("name_unknown", item="node", values=values))
        row = self.city.iloc[list(self.city.index).index((node, source))]
        return Interval(*(float(row[key]) for key in Interval._fields))

    def draws_of(self, where: Where | None = None) -> Floats:
        """Return the marker of a place in every draw, its mean over the people.

        Parameters
        ----------
        where
            Id of a cell or a district; ids of several cells; or, by cell, whether it counts (then
            its people do) or how many people of it count. ``None`` is the whole city.

        Returns
        -------
        draws
            Shape ``(D,)``; NaN where nobody lives in a cell that has a marker. A single cell
            needs no people.

        Raises
        ------
        ParameterError
            If there is no such place, or a weight is negative or infinite.
        """
        weights = self._weights(where)
        scored = ~np.isnan(self.draws[:, 0]) & (weights > 0)
        held = weights[scored].sum()
        if not held > 0:
            return np.full(self.draws.shape[1], np.nan)
        total = np.einsum("c,cd->d", weights[scored] / held, self.draws[scored], dtype=np.float64)
        return np.asarray(total, np.float64)

    def probability_below(self, one: Where, other: Where) -> float:
        """Return how likely one place scores below another, by the same draws for both.

        Errors that two places share move both: two intervals side by side overlap more than the
        places do (Saisana, Saltelli and Tarantola 2005).

        Parameters
        ----------
        one, other
            As for :meth:`draws_of`.

        Returns
        -------
        probability
            Share of the draws, ties left out; NaN where either has no marker.

        Raises
        ------
        ParameterError
            As :meth:`draws_of`.
        """
        first, second = self.draws_of(one), self.draws_of(other)
        if np.isnan(first).any() or np.isnan(second).any():
            return math.nan
        return float((first < second).mean())

    def reason_of(self, cell: str) -> Text | None:
        """Return in words why a cell is of its confidence class; ``None`` where it is not scored.

        Raises
        ------
        ParameterError
            If there is no such cell.
        """
        self._weights(cell)
        row = self.cells[self.cells.index == cell].iloc[0]
        if row.isna()["confidence"]:
            return None
        numbers = (float(row[key]) for key in ("reason_share", "zone_times", "coverage"))
        return reason_said(str(row["reason"]), *numbers)

    def _weights(self, where: Where | None) -> Floats:
        """Return how much each cell counts in a place."""
        if where is None:
            return self.people
        if isinstance(where, str):
            if where in self.index:
                return np.asarray(self.index == where, np.float64)
            if where in self.district_weights.index:
                return self.district_weights.loc[where].to_numpy(np.float64)
            names = [*self.district_weights.index.astype(str), *self.index.astype(str)]
            values = {"found": where, "accepted": near(where, names)}
            raise ParameterError(Notice("name_unknown", item="where", values=values))
        if isinstance(where, pd.Series):
            return self._given(where)
        wanted = pd.Index(where)
        strays = wanted.difference(self.index)
        if len(strays):
            values = {"found": str(strays[0]), "accepted": near(str(strays[0]), self.index)}
            raise ParameterError(Notice("name_unknown", item="where", values=values))
        return np.where(self.index.isin(wanted), self.people, 0.0)

    def _given(self, where: pd.Series[Any]) -> Floats:
        """Return the weights that a series gives, cells that it lacks counting nothing."""
        if where.dtype.kind == "b" or where.dtype == "boolean":
            chosen = where.astype("boolean").fillna(value=False)
            return self._weights(pd.Index(where.index[chosen.to_numpy(np.bool_)]))
        weights = where.reindex(self.index).fillna(0.0).to_numpy(np.float64)
        wrong = int((~np.isfinite(weights) | (weights < 0)).sum())
        if wrong:
            raise ParameterError(Notice("weights_unusable", item="where", values={"count": wrong}))
        return weights


def robustness(  # noqa: PLR0913 - each is something a reader may ask for by name
    result: Result,
    *,
    choices: Choices | None = None,
    errors: Errors | None = None,
    draws: int = 512,
    seed: int = 7,
    line: float = 50.0,
    confidence: Confidence | None = None,
    threads: int | None = None,
) -> Robustness:
    """Return how sure a marker is: one Monte Carlo over the errors of its data and its choices.

    Everything is drawn at once, and errors that cells share stay shared: all indicators of a table
    and all cells of a zone move together, a zone's total stays where it is cut, one speed and one
    choice of the method hold for the whole city, and a facility that is gone is gone for all.
    Numbers for the city come from a scrambled Sobol' sequence, those of zones and facilities from
    a hash of seed, zone and draw. What the errors are is said in :class:`Errors`, what is chosen
    in :class:`Choices`.

    Parameters
    ----------
    result
        What was computed; a marker, in practice.
    choices, errors
        What is drawn; the defaults if ``None``. ``NO_CHOICES`` and ``NO_ERRORS`` draw nothing.
    draws
        Number of draws. 512 is a power of two, for which the sequence is balanced; the ends of an
        interval of 20 points are then good to about a point.
    seed
        Of all that is drawn. The same seed gives the same numbers, whatever the threads.
    line
        Below which a score counts as low, 0-100.
    confidence
        What the classes of confidence ask for; the defaults if ``None``.
    threads
        How many work; all cores if ``None``.

    Returns
    -------
    robustness
        A cell whose marker is missing stays missing; which nodes are scored is decided once, by
        the declared weights.

    Raises
    ------
    ParameterError
        With every fault of the arguments; and for a method with a mean that depends on the cells
        (``mpi``), which cannot be drawn cell by cell.

    References
    ----------
    Saisana, M., Saltelli, A. and Tarantola, S. (2005). Uncertainty and sensitivity analysis
    techniques as tools for the quality assessment of composite indicators. *Journal of the Royal
    Statistical Society A*, 168(2), 307-323.

    Examples
    --------
    >>> from inclusion_marker import compute
    >>> found = robustness(compute("manta", resolution=8, min_coverage=0.3), draws=64)
    >>> found.interval("area_housing").low < found.interval("area_housing").high
    True
    """
    choices, errors = choices or Choices(), errors or Errors()
    faults = [
        *argument_faults(
            result.method, choices, errors, draws=draws, seed=seed, line=line, threads=threads
        )
    ]
    if faults:
        raise ParameterError(*faults)
    people = people_of(result)
    groups = (*drawn_choices(choices), *_drawn_errors(errors))
    problem, notices = problem_of(result, errors, choices.levels, seed)
    drawn = sample(result.method, choices, errors.speeds_kmh, draws=draws, seed=seed)
    run = Runs(result, problem, drawn, people, groups, draws, threads)
    weights = weights_of_districts(result, people)
    # The draws of one source are gone before those of the next are there: memory is for one.
    data = summary_of(run.monte_carlo("data"), weights, threads)
    chosen = summary_of(run.monte_carlo("choices"), weights, threads)
    both = run.monte_carlo("both")
    found: dict[Source, Summary] = {
        "both": summary_of(both, weights, threads),
        "data": data,
        "choices": chosen,
    }
    cells, sensitivity = cell_table(run, both.draws, found, line, confidence or Confidence())
    return Robustness(
        cells=cells,
        draws=both.draws,
        index=result.raw.index,
        people=people,
        city=city_table(result, found),
        districts=district_table(result, found),
        district_weights=weights,
        sensitivity=sensitivity,
        without=without(result),
        line=line,
        parameters={
            "seed": seed,
            "draws": draws,
            "rows_of_indices": run.rows,
            "choices": asdict(choices),
            "errors": {**asdict(errors), "layers": _said(errors.layers)},
            "errors_of_city": _said(result.city.errors),
            "confidence": asdict(confidence or Confidence()),
            "line": line,
        },
        notices=notices,
    )


def _said(layers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of layers as plain values."""
    return {key: each.model_dump(exclude_none=True) for key, each in layers.items()}


def _drawn_errors(errors: Errors) -> Iterator[Group]:
    """Yield the errors that are drawn at all."""
    on = {
        "counts": errors.counts,
        "interpolation": errors.interpolation > 0,
        "speed": errors.speeds_kmh is not None,
        "facilities": errors.facilities,
    }
    for each in ERRORS:
        if on[each]:
            yield each
