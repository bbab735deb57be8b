"""A declared formula meets its code: the raw value of every indicator in every cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.accessibility.straight import closest_straight, sum_within
from inclusion_marker.city import City
from inclusion_marker.composite.ground import Ground
from inclusion_marker.composite.nearest import Nearest, nearest_straight
from inclusion_marker.composite.stations import at_stations
from inclusion_marker.formulas import (
    AreaPerPerson,
    Catchment,
    ClassMix,
    Density,
    Distance,
    Diversity,
    Events,
    Formula,
    Given,
    Mean,
    MostFrequent,
    RasterMean,
    Rate,
    Ratio,
    RatioOfMeans,
    RatioOfRates,
    Station,
    TravelTime,
    WeightedMean,
)
from inclusion_marker.loaders import areal, terrain
from inclusion_marker.loaders.areal import Shares
from inclusion_marker.loaders.grid import Grid
from inclusion_marker.loaders.layers import Layers, measured
from inclusion_marker.method import Method
from inclusion_marker.notices import Notice

Floats = npt.NDArray[np.float64]


_MUCH_OUTSIDE = 0.05
"""Share of the census beyond the cells from which on a result says so."""


@dataclass(frozen=True)
class Measured:
    """The raw values of a city, and all that was found on the way to them.

    Attributes
    ----------
    raw
        Cells by indicator id, in the indicators' units; missing as NaN.
    origins
        Cells by indicator id: ``unit``, ``inherited``, ``city``, ``proxy`` or ``missing``.
    closest
        Cells by id of an indicator of distance or time: row label of the closest opportunity.
    context
        Cells by context id, and always ``people``.
    terrain
        Cells by ``slope_percent``, ``slope_class`` and ``slope_factor``.
    nearest
        By id of an indicator of distance or time: the few closest opportunities of each cell.
    if_slower
        Cells by id of an indicator of travel: change of the raw value, in its unit, when every
        journey takes 1 % longer.
    shares
        By layer of zones: how much of each zone lies in each cell.
    conservation
        For each count that was moved: what came in, and where it went.
    travel
        For each network of streets that was used: whose it is, and by which speeds.
    notices
        What was noticed about those networks, and about what was placed on them.
    """

    raw: pd.DataFrame
    origins: pd.DataFrame
    closest: pd.DataFrame
    context: pd.DataFrame
    terrain: pd.DataFrame
    nearest: Mapping[str, Nearest]
    if_slower: pd.DataFrame
    shares: Mapping[str, Shares]
    conservation: list[dict[str, Any]]
    travel: list[dict[str, Any]]
    notices: tuple[Notice, ...]


def measure(city: City, method: Method, grid: Grid, layers: Layers) -> Measured:
    """Return the raw value of every indicator in every cell, and where each came from.

    Parameters
    ----------
    city, method
        The two files.
    grid
        The cells.
    layers
        What was read, checked.

    Returns
    -------
    measured
        Tables with the grid's index; an indicator that the city omits is missing everywhere, and
        so is an optional one whose columns its layer lacks.
    """
    ground = Ground(city, method, grid, layers)
    raw, origins, closest = {}, {}, {}
    nearest: dict[str, Nearest] = {}
    if_slower: dict[str, pd.Series[float]] = {}
    served = measured(city, method)
    for key, card in method.indicators.items():
        if key in city.values:
            values = pd.Series(city.values[key].value, index=grid.index)
            origin = "city"
        elif key in served and ground.has(card):
            values, facility = compute(card.compute, ground)
            if facility is not None:
                closest[key] = facility
                nearest[key] = _nearest(card.compute, ground)
            if isinstance(card.compute, TravelTime | Catchment):
                if_slower[key] = ground.journeys.if_slower(card.compute)
            origin = "proxy" if key in city.proxies else city.origins[card.compute.layer]
        else:
            values, origin = pd.Series(np.nan, index=grid.index), "missing"
        raw[key] = values.astype(np.float64)
        origins[key] = pd.Series(origin, index=grid.index).where(values.notna(), "missing")
    table = pd.DataFrame(raw, index=grid.index)
    conservation = _conservation(ground)
    table.attrs["units"] = {key: card.unit for key, card in method.indicators.items()}
    return Measured(
        table,
        pd.DataFrame(origins, index=grid.index, dtype="category"),
        pd.DataFrame(closest, index=grid.index),
        _context(ground),
        ground.terrain,
        nearest,
        pd.DataFrame(if_slower, index=grid.index, dtype=np.float64),
        ground.moved,
        conservation,
        ground.journeys.account(),
        (*people_outside(conservation), *ground.journeys.notices()),
    )


def _context(ground: Ground) -> pd.DataFrame:
    """Return the counts shown beside the marker; missing where the city has no such column."""
    columns = {"people": ground.people}
    for key, count in ground.method.context.items():
        table = ground.layers.tables.get(count.layer)
        if table is not None and count.column in table.columns:
            columns[key] = ground.counts(count.layer, count.column)[0]
        else:
            columns[key] = pd.Series(np.nan, index=ground.grid.index)
    return pd.DataFrame(columns, index=ground.grid.index)


def _conservation(ground: Ground) -> list[dict[str, Any]]:
    """Return, for each count shown, what came in and where it went."""
    counted = [(ground.method.people.layer, ground.method.people.column)]
    counted += [(each.layer, each.column) for each in ground.method.context.values()]
    rows = []
    for layer, column in dict.fromkeys(counted):
        table = ground.layers.tables.get(layer)
        if table is None or column not in table.columns:
            continue
        account = ground.shares(layer).account(table[column])
        rows.append(
            {
                "layer": layer,
                "column": column,
                "people_in": account.people_in,
                "allocated": account.allocated,
                "outside": account.outside,
                "lost": account.lost,
            }
        )
    return rows


def people_outside(conservation: Sequence[Mapping[str, Any]]) -> Iterator[Notice]:
    """Yield that many of the people live in zones beyond the cells, and are in no figure.

    Parameters
    ----------
    conservation
        Where each count went, the people first: ``layer``, ``column``, ``people_in``, ``outside``.

    Examples
    --------
    >>> row = {"layer": "census", "column": "people", "people_in": 100.0, "outside": 32.0}
    >>> [each.code for each in people_outside([row])], list(people_outside([]))
    (['people_outside'], [])
    """
    for row in conservation[:1]:
        share = row["outside"] / row["people_in"] if row["people_in"] else 0.0
        if share > _MUCH_OUTSIDE:
            values = {key: f"{row[key]:.0f}" for key in ("outside", "people_in")}
            values["percent"] = f"{100 * share:.1f}"
            yield Notice("people_outside", layer=row["layer"], item=row["column"], values=values)


def compute(  # noqa: C901, PLR0911, PLR0912 - one case a formula, so that mypy sees a missing one
    formula: Formula, ground: Ground
) -> tuple[pd.Series[float], pd.Series[Any] | None]:
    """Return the raw value of one formula in every cell.

    Parameters
    ----------
    formula
        The formula, with its parameters.
    ground
        Cells and layers.

    Returns
    -------
    values
        By cell, in the unit of the indicator; missing as NaN.
    closest
        For a distance or a time, the row label of the closest opportunity; else ``None``.
    """
    match formula:
        case Distance():
            found = closest_straight(
                ground.grid.cells.geometry, ground.layers.tables[formula.layer].geometry
            )
            factor = ground.terrain["slope_factor"].fillna(1.0) if formula.slope else 1.0
            return found.distance_m * factor, found.opportunity
        case TravelTime():
            return ground.journeys.to_closest(formula)
        case Catchment():
            return ground.journeys.within_reach(formula), None
        case Ratio():
            columns = (formula.numerator, formula.denominator)
            return formula.per * _over(*ground.counts(formula.layer, *columns)), None
        case Events():
            columns = (formula.events, formula.people)
            return formula.per * _over(*ground.counts(formula.layer, *columns)), None
        case WeightedMean():
            return _mean(ground, formula.layer, formula.terms), None
        case RatioOfRates():
            return _over(
                _rate(ground, formula.layer, formula.first),
                _rate(ground, formula.layer, formula.second),
            ), None
        case RatioOfMeans():
            return _over(
                _mean(ground, formula.layer, (formula.first,)),
                _mean(ground, formula.layer, (formula.second,)),
            ), None
        case Diversity():
            counts = ground.counts(formula.layer, *formula.classes)
            return _shannon(pd.concat(counts, axis=1)), None
        case ClassMix():
            return _class_mix(formula, ground), None
        case MostFrequent():
            return _most_frequent(formula, ground), None
        case Density():
            return _density(formula, ground), None
        case AreaPerPerson():
            return _area_per_person(formula, ground), None
        case RasterMean():
            raster = ground.layers.rasters[formula.layer]
            return terrain.raster_mean(ground.grid.cells.geometry, raster), None
        case Station():
            table = ground.layers.tables[formula.layer]
            return at_stations(formula, table, ground.grid), None
        case Given():
            return _given(formula, ground), None
        case _:
            assert_never(formula)


def _nearest(formula: Formula, ground: Ground) -> Nearest:
    """Return the few closest opportunities of a distance or a time."""
    if isinstance(formula, TravelTime):
        return ground.journeys.nearest(formula)
    slope = isinstance(formula, Distance) and formula.slope
    factor = ground.terrain["slope_factor"].fillna(1.0) if slope else None
    return nearest_straight(
        formula.layer,
        ground.grid.cells.geometry,
        ground.layers.tables[formula.layer].geometry,
        np.ones(len(ground.grid.index)) if factor is None else factor.to_numpy(np.float64),
    )


def _over(part: pd.Series[float], whole: pd.Series[float]) -> pd.Series[float]:
    """Return part over whole; missing where the whole is not positive."""
    return part / whole.where(whole > 0)


def _rate(ground: Ground, layer: str, rate: Rate) -> pd.Series[float]:
    """Return the rate of one group."""
    return _over(*ground.counts(layer, rate.numerator, rate.denominator))


def _mean(ground: Ground, layer: str, terms: tuple[Mean, ...]) -> pd.Series[float]:
    """Return the mean of intensive columns over the people that each stands for."""
    table, move = ground.layers.tables[layer], ground.shares(layer).move
    total = weight = pd.Series(0.0, index=ground.grid.index)
    for term in terms:
        # A zone with nobody in the group has no mean for it, and needs none.
        known = table[term.value].notna() & table[term.weight].notna()
        total = total + move((table[term.value] * table[term.weight]).where(known))
        weight = weight + move(table[term.weight].where(known))
    return _over(total, weight)


def _shannon(counts: pd.DataFrame) -> pd.Series[float]:
    """Return the entropy of the classes of each row, natural logarithm; missing without counts."""
    totals = counts.sum(axis=1)
    p = counts.div(totals.where(totals > 0), axis=0)
    terms = p.mul(np.log(p.where(p > 0, 1.0)))
    # The sum of exact zeros must not come out as minus zero.
    return (-terms.sum(axis=1, skipna=False)).abs()


def _class_mix(formula: ClassMix, ground: Ground) -> pd.Series[float]:
    """Return the entropy of the areas that the classes of a layer take in each cell."""
    table = ground.layers.tables[formula.layer]
    known = table[table[formula.column].isin(formula.classes)]
    areas = areal.areas_by_class(ground.grid.cells.geometry, known.geometry, known[formula.column])
    return _shannon(areas)


def _most_frequent(formula: MostFrequent, ground: Ground) -> pd.Series[float]:
    """Return the value of the class with the largest count; the lower one of a tie."""
    values = sorted(formula.classes)
    counts = ground.counts(formula.layer, *(formula.classes[value] for value in values))
    table = np.column_stack([count.to_numpy() for count in counts])
    winner = np.array(values)[table.argmax(axis=1)]
    return pd.Series(np.where(table.max(axis=1) > 0, winner, np.nan), index=ground.grid.index)


def _density(formula: Density, ground: Ground) -> pd.Series[float]:
    """Return the count per hectare; missing where no zone reaches the cell."""
    count = ground.counts(formula.layer, formula.column)[0]
    reached = ground.shares(formula.layer).matrix.sum(axis=1) > 0
    return (count / ground.grid.area_ha).where(reached)


def _area_per_person(formula: AreaPerPerson, ground: Ground) -> pd.Series[float]:
    """Return square metres of a layer for each person, in the cell or around its centre."""
    polygons = ground.layers.tables[formula.layer].geometry
    grid, people = ground.grid, ground.people
    if formula.within_m == 0:
        areas = areal.area_inside(grid.cells.geometry, polygons)
        return _over(pd.Series(areas, index=grid.index), people)
    centres = grid.centroids
    area_m2 = areal.area_within(centres, polygons, formula.within_m)
    around = sum_within(centres, centres, np.asarray(people, np.float64), formula.within_m)
    return _over(pd.Series(area_m2, index=grid.index), pd.Series(around, index=grid.index))


def _given(formula: Given, ground: Ground) -> pd.Series[float]:
    """Return the value that the unit, or the larger unit around it, brings."""
    table = ground.layers.tables[formula.layer]
    values = table[formula.column]
    if formula.over is not None:
        values = _over(values, table[formula.over])
    return formula.per * ground.shares(formula.layer).mean(values)
