"""The errors of a city's data, as the sources that cells share: tables, zones, facilities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse as sp

from inclusion_marker.analysis.drawing.data_error import (
    count_of,
    error_of_counts,
    points_of,
    sampling,
    spread_between,
    spread_inside,
)
from inclusion_marker.analysis.drawing.draws import Floats, Level, stream
from inclusion_marker.analysis.drawing.error_basis import Basis
from inclusion_marker.analysis.drawing.errors import Errors
from inclusion_marker.analysis.drawing.facility_errors import ladders_of
from inclusion_marker.analysis.drawing.problem import Noise, Problem
from inclusion_marker.composite.scales import fitted
from inclusion_marker.formulas import Distance, Given, TravelTime
from inclusion_marker.loaders.areal import Shares
from inclusion_marker.notices import Notice
from inclusion_marker.result import Result

_WHOLE = 1e-9
_FAR = 1e5
_LONGER = 0.1  # journeys of a tenth more time give the slope


def problem_of(
    result: Result, errors: Errors, levels: tuple[Level, ...], seed: int
) -> tuple[Problem, tuple[Notice, ...]]:
    """Return a result as what is scored in every draw.

    Parameters
    ----------
    result
        What was computed.
    errors
        How far its data may be off.
    levels
        The levels whose rule is drawn.
    seed
        Of all that is drawn.

    Returns
    -------
    problem
        Cells in the order of the result's.
    notices
        What could not be carried along.
    """
    given = Basis(result, errors, fitted(result.raw, result.method), seed)
    raw, curves, columns = given.raw, given.curves, list(result.method.indicators)
    opened = {key: curve.open(raw[key]) for key, curve in curves.items()}
    notices: list[Notice] = []
    found = [*ladders_of(given, notices)] if errors.facilities else []
    slower = {}
    if errors.speeds_kmh is not None:
        for key in result.if_slower.columns:
            more = result.if_slower[key].to_numpy(np.float64) * 100.0 * _LONGER
            points = (curves[key].open(raw[key] + more) - opened[key]) / _LONGER
            slower[columns.index(key)] = np.nan_to_num(points, nan=0.0).astype(np.float32)
    problem = Problem(
        method=result.method,
        levels=levels,
        scores=np.column_stack([np.clip(opened[key], -_FAR, _FAR) for key in columns]),
        noises=tuple(_noises(given)),
        ladders=tuple(ladder for ladder, _ in found),
        places={ladder.key: place for ladder, place in found},
        slower=slower,
    )
    return problem, tuple(notices)


# ── tables ───────────────────────────────────────────────────────────────────────────────────────


def _noises(given: Basis) -> Iterator[Noise]:
    """Yield the errors of each layer, of each value for the whole city, and inside zones."""
    alike = _all_alike(len(given.people))
    for layer, keys in given.by_layer.items():
        shares = given.result.shares.get(layer)
        parts = None if shares is None else _parts(given, layer, shares)
        if given.errors.counts:
            points = {key: _counted(given, key, parts) for key in keys}
            mix = alike if parts is None else _by_zone(parts)
            yield from _noise(given, points, mix, stream(given.seed, "counts", layer))
        if given.errors.interpolation > 0 and shares is not None and parts is not None:
            yield from _inside(given, layer, shares, parts)
    if given.errors.counts:
        for key in sorted(given.result.city.values.keys() & given.curves.keys()):
            error = given.errors.cv_percent / 100.0 * np.abs(given.raw[key])
            points = {key: points_of(given.curves[key], given.raw[key], error)}
            yield from _noise(given, points, alike, stream(given.seed, "values", key))


def _counted(given: Basis, key: str, parts: sp.csr_array | None) -> Floats:
    """Return the error of an indicator's counts, or of what else was measured, in points."""
    formula, raw = given.formula(key), given.raw[key]
    if isinstance(formula, Distance | TravelTime):
        return np.zeros(len(raw))
    known = given.known(formula.layer)
    shares, zones = given.result.shares.get(formula.layer), given.result.layers.get(formula.layer)
    found = None
    if shares is not None and zones is not None and known.cv_percent is None:
        found = sampling(
            formula, raw, zones, lambda count: shares.matrix @ count, given.result.method
        )
    if found is not None and shares is not None:
        error = error_of_counts(found, known, shares)
    else:
        percent = given.errors.cv_percent if known.cv_percent is None else known.cv_percent
        error = percent / 100.0 * np.abs(raw)
        if parts is not None:
            if (
                known.cv_percent is None
            ):  # what differs little between places errs no more than that
                error = np.minimum(error, spread_between(raw, given.people))
            error = error * np.sqrt(parts.multiply(parts).sum(axis=1))
    return points_of(given.curves[key], raw, np.nan_to_num(error, nan=0.0))


def _noise(
    given: Basis, points: Mapping[str, Floats], mix: sp.csr_array, key: np.uint64
) -> Iterator[Noise]:
    """Yield the error of counts of the indicators that have one."""
    columns = list(given.result.method.indicators)
    some = {name: each for name, each in points.items() if np.any(each > 0)}
    if some:
        at = tuple(columns.index(name) for name in some)
        stacked = np.column_stack(list(some.values())).astype(np.float32)
        alike = mix.shape[1] == 1 and mix.nnz == mix.shape[0] and bool((mix.data == 1).all())
        yield Noise("counts", key, mix, at, stacked, alike=alike)


def _all_alike(cells: int) -> sp.csr_array:
    """Return the mixture of an error that is the same everywhere."""
    return sp.csr_array(np.ones((cells, 1), np.float32))


def _parts(given: Basis, layer: str, shares: Shares) -> sp.csr_array:
    """Return, cells x zones, the part of a cell's people, or of its area, that is of each zone."""
    zones, counted = given.result.layers[layer], given.result.method.people
    keys = given.by_layer.get(layer, [])
    if layer == counted.layer and counted.column in zones.columns:
        weight = shares.matrix.multiply(count_of(zones, counted.column)[None, :]).tocsr()
    elif all(isinstance(given.formula(key), Given) for key in keys):
        weight = shares.area_m2
    else:
        weight = shares.matrix.multiply(_sizes(given, keys, zones)[None, :]).tocsr()
    whole = weight.sum(axis=1)
    scale = np.divide(1.0, whole, out=np.zeros_like(whole, dtype=np.float64), where=whole > 0)
    return sp.csr_array(sp.diags_array(scale) @ weight)


def _sizes(given: Basis, keys: list[str], zones: gpd.GeoDataFrame) -> Floats:
    """Return how large each zone of a layer is, by the counts that its indicators divide by."""
    found, nothing = np.zeros(len(zones)), np.zeros(len(given.people))
    for key in keys:
        size = sampling(given.formula(key), nothing, zones, lambda _: nothing, given.result.method)
        if size is not None:
            found = found + size.size
    return found


def _by_zone(parts: sp.csr_array) -> sp.csr_array:
    """Return the mixture of independent errors of zones, its variance 1 in each cell."""
    norm = np.sqrt(parts.multiply(parts).sum(axis=1))
    scale = np.divide(1.0, norm, out=np.zeros_like(norm), where=norm > 0)
    return _singles(sp.csr_array(sp.diags_array(scale) @ parts))


def _singles(matrix: sp.csr_array) -> sp.csr_array:
    """Return a matrix in single precision, each row's units in rising order."""
    found: sp.csr_array = matrix.astype(np.float32)
    found.eliminate_zeros()
    found.sort_indices()
    return found


# ── inside zones ─────────────────────────────────────────────────────────────────────────────────


def _inside(given: Basis, layer: str, shares: Shares, parts: sp.csr_array) -> Iterator[Noise]:
    """Yield the error of taking every part of a zone to be like the whole of it."""
    points = {}
    for key in given.by_layer[layer]:
        formula, raw = given.formula(key), given.raw[key]
        if not isinstance(formula, Distance | TravelTime):
            share, method = given.errors.interpolation, given.result.method
            spread = spread_inside(formula, raw, given.people, share, method)
            points[key] = points_of(given.curves[key], raw, spread)
    mix, centre, whose = pieces(shares, parts, given.result.raw.index)
    if mix.nnz:
        for each in _noise(given, points, mix, stream(given.seed, "interpolation", layer)):
            yield replace(each, group="interpolation", centre=centre, parts=whose, alike=False)


def pieces(
    shares: Shares, parts: sp.csr_array, cells: pd.Index
) -> tuple[sp.csr_array, sp.csr_array, sp.csr_array]:
    r"""Return how the pieces of zones differ from their zones, so that no zone's total changes.

    A piece that is the share s of its zone is off by :math:`\sqrt{1 - s}\, g - m` standard
    deviations, with its own standard normal number g and m the mean of the first term over the
    pieces of the zone, weighted by their shares: the sum over a zone is 0. A zone that lies in one
    cell is not off at all; a small piece is off by nearly one standard deviation. What is outside
    all cells is a piece, too.

    Parameters
    ----------
    shares
        How much of each zone lies in each cell.
    parts
        Cells x zones: the part of a cell that is of each zone.
    cells
        Labels of the cells: pieces are numbered by their order, not by that of the rows.

    Returns
    -------
    mix
        Cells x pieces.
    centre
        Zones x pieces, which gives m.
    parts
        Cells x zones: what m of each zone counts in each cell.
    """
    table = shares.matrix.tocoo()
    cell, zone = table.coords
    share = np.asarray(table.data, np.float64)
    cut = (share > _WHOLE) & (share < 1.0 - _WHOLE)
    cell, zone, share = cell[cut], zone[cut], share[cut]
    rank = np.argsort(np.argsort(cells.astype(str).to_numpy(), kind="stable"), kind="stable")
    order = np.lexsort((rank[cell], zone))
    cell, zone, share = cell[order], zone[order], share[order]
    held = np.bincount(zone, weights=share, minlength=len(shares.zones))
    beyond = np.flatnonzero((held > 0) & (held < 1.0 - _WHOLE))
    count = len(cell)
    loose = np.sqrt(1.0 - share)
    outside = 1.0 - held[beyond]
    weight = np.concatenate([share * loose, outside * np.sqrt(1.0 - outside)])
    owner = np.concatenate([zone, beyond])
    piece = np.arange(count + len(beyond))
    centre = sp.csr_array((weight, (owner, piece)), shape=(len(held), len(piece)))
    part = np.asarray(parts[cell, zone], np.float64).ravel() if count else np.zeros(0)
    mix = sp.csr_array((part * loose, (cell, piece[:count])), shape=(len(cells), len(piece)))
    whose = sp.csr_array((part, (cell, zone)), shape=(len(cells), len(held)))
    return _singles(mix), _singles(centre), _singles(whose)


def times_larger(result: Result) -> pd.Series[float]:
    """Return how many times larger than a cell the zone is that most of its people come from.

    Returns
    -------
    times
        By cell: one over the share of that zone which lies in the cell; missing without zones.
    """
    layer = result.method.people.layer
    shares = result.shares.get(layer)
    if shares is None:
        return pd.Series(np.nan, index=result.raw.index)
    parts = _parts(Basis(result, Errors(), {}, 0), layer, shares).tocoo()
    cell, zone = parts.coords
    order = np.lexsort((zone, parts.data, cell))
    cell, zone = cell[order], zone[order]
    last = np.append(cell[1:] != cell[:-1], np.ones(min(len(cell), 1), np.bool_))
    cell, zone = cell[last], zone[last]
    share = np.asarray(shares.matrix[cell, zone], np.float64).ravel()
    best = np.full(len(result.raw), np.nan)
    best[cell] = np.divide(1.0, share, out=np.full_like(share, np.nan), where=share > 0)
    return pd.Series(best, index=result.raw.index)
