"""Check the values of a layer: counts, rates and classes, each held to what the method says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from inclusion_marker.cards import Layer
from inclusion_marker.loaders.contract import At, rows_notice
from inclusion_marker.notices import Notice
from inclusion_marker.texts import Text, catalogue, phrase

_MOST = {"years": 130.0, "µg/m³": 2000.0}  # beyond what anybody lives or any station has measured
_MANY = 10
_GROUPED = r"-?[1-9]\d{0,2}(?:(?:\.\d{3})+|(?:,\d{3})+)"
_SURELY_GROUPED = (
    r"-?[1-9]\d{0,2}(?:(?:\.\d{3}){2,}|(?:,\d{3}){2,}|(?:\.\d{3})+,\d+|(?:,\d{3})+\.\d+)"
)


def value_faults(
    table: gpd.GeoDataFrame,
    spec: Layer,
    key: str,
    file: str,
    known_classes: Mapping[str, Collection[str]],
    weights: Mapping[str, str],
    decimal: str = ".",
) -> list[Notice]:
    """Return what is wrong with the values of a layer; number columns become floats in place.

    Parameters
    ----------
    table
        Rows under the method's column names.
    spec
        What the method says of the layer.
    key, file
        Id of the layer and name of its file, for the notices.
    known_classes
        For columns of classes: those that the method counts.
    weights
        For columns of means: the count of those that each mean is of.
    decimal
        Decimal sign of numbers kept as text.

    Returns
    -------
    notices
        One for each kind of fault of each column.
    """
    notices: list[Notice] = []
    at = At(file=file, layer=key)
    for name, column in spec.columns.items():
        if name not in table.columns:
            continue
        if column.measure == "category":
            notices += _missing_values(table[name], at)
            notices += _class_faults(table[name], known_classes.get(name), at)
            continue
        fault = _as_numbers(table, name, column.measure, decimal, at)
        if fault is not None:
            notices.append(fault)
            continue
        notices += _number_faults(table[name], at)
        notices += _implausible(table[name], column.unit, at)
        # Where nobody is in the group there is no mean of it, and none is missing.
        group = table[weights[name]] if weights.get(name) in table.columns else None
        notices += _missing_values(table[name], at, needless=None if group is None else group == 0)
    for name, column in spec.columns.items():
        if name in table.columns and column.part_of in table.columns:
            notices += _part_faults(table, name, str(column.part_of), at)
            notices += _shares_among_counts(table, name, str(column.part_of), at)
    return notices


def grouped(values: pd.Series[Any]) -> pd.Series[bool]:
    """Return which texts part their thousands: for sure, or all that have a sign may do so.

    Parameters
    ----------
    values
        Numbers as text.

    Examples
    --------
    >>> grouped(pd.Series(["2.150", "2.290", "87"])).tolist()
    [True, True, False]
    >>> grouped(pd.Series(["2.150", "0.5"])).any()
    np.False_
    """
    text = values.dropna().astype(str).str.strip()
    signed = text.str.contains("[.,]")
    # One group of three digits may be decimals; what no group can be says that all of them are.
    doubtful = text.str.fullmatch(_GROUPED)
    sure = text.str.fullmatch(_SURELY_GROUPED)
    found = (doubtful | sure) if (doubtful | sure)[signed].all() else sure
    return found.astype(bool).reindex(values.index, fill_value=False)


def _as_numbers(
    table: gpd.GeoDataFrame, name: str, measure: str, decimal: str, at: At
) -> Notice | None:
    """Make a column one of floats, or return why it cannot be."""
    values = table[name]
    if values.dtype.kind in "Mm":
        values = values.astype(str)  # a date is no count
    elif not pd.api.types.is_numeric_dtype(values):
        thousands = _thousands(values, measure, decimal)
        if thousands.any():
            shown = ", ".join(repr(text) for text in values[thousands].head(3))
            said = {"column": name, "shown": shown}
            return rows_notice("thousands_separator_ambiguous", table.index[thousands], at, said)
        text = values.astype(str).str.replace(decimal, ".", regex=False)
        values = text.where(values.notna(), None)
    numbers = pd.to_numeric(values, errors="coerce").astype(np.float64)
    odd = numbers.isna() & table[name].notna() & (table[name].astype(str).str.strip() != "")
    # pandas reads "nan" and "inf" as numbers; a cell that says so is a fault of its own kind.
    if not odd.any():
        table[name] = numbers
        return None
    examples = table.loc[odd, name].astype(str)
    shown = ", ".join(repr(text) for text in examples.head(3))
    commas = decimal != "," and examples.str.fullmatch(r"\s*-?\d[\d.]*,\d+\s*").all()
    code = "decimal_comma_detected" if commas else "placeholder_in_numbers"
    return rows_notice(code, table.index[odd], at, {"column": name, "shown": shown})


def _thousands(values: pd.Series[Any], measure: str, decimal: str) -> pd.Series[bool]:
    """Return which numbers kept as text cannot be told from others: 2.150 is 2150, or 2.15.

    A mean may well have three decimals, if they stand behind the decimal sign.
    """
    # Decimals of a Parquet are numbers, though no floats.
    found = grouped(values.where(values.map(lambda each: isinstance(each, str))))
    text = values.astype(str).str.strip()
    foreign = decimal == "," and not text[found].str.contains(",").any()
    if measure == "extensive" or foreign:
        return found
    return found & text.str.fullmatch(_SURELY_GROUPED).astype(bool)


def _number_faults(values: pd.Series[float], at: At) -> Iterator[Notice]:
    """Yield notices about numbers that cannot be counts or measures."""
    name = {"column": str(values.name)}
    infinite = values.index[np.isinf(values)]
    if len(infinite):
        yield rows_notice("value_not_finite", infinite, at, name)
    negative = values.index[values < 0]
    if len(negative):
        shown = ", ".join(f"{each:g}" for each in values[negative[:3]])
        yield rows_notice("value_negative", negative, at, {**name, "shown": shown})


def _unit(unit: str) -> Text:
    """Return a unit of the method in both languages; symbols are the same in both."""
    key = f"unit {unit}"
    return phrase(key) if key in catalogue("words") else Text(es=unit, en=unit)


def _implausible(values: pd.Series[float], unit: str, at: At) -> Iterator[Notice]:
    """Yield a notice about numbers that their unit can hardly have: months for years, say."""
    most = _MOST.get(unit, np.inf)
    rows = values.index[(values > most) & np.isfinite(values)]
    if len(rows):
        shown = ", ".join(f"{each:g}" for each in values[rows[:3]])
        said = {
            "column": str(values.name),
            "shown": shown,
            "unit": _unit(unit),
            "most": f"{most:g}",
        }
        yield rows_notice("value_implausible", rows, at, said)


def _missing_values(
    values: pd.Series[float], at: At, *, needless: pd.Series[bool] | None = None
) -> Iterator[Notice]:
    """Yield a notice if a column has holes where it should not; an error if it has nothing else."""
    empty = values.isna()
    holes = values.index[empty if needless is None or empty.all() else empty & ~needless]
    if len(holes):
        code = "value_missing" if len(holes) < len(values) else "column_empty"
        yield rows_notice(code, holes, at, {"column": str(values.name), "total": len(values)})


def _class_faults(
    values: pd.Series[str], known: Collection[str] | None, at: At
) -> Iterator[Notice]:
    """Yield a notice about classes that the method does not count; an error if it counts none."""
    if known is None:
        return
    strange = values.notna() & ~values.isin(list(known))
    if strange.any():
        code = "classes_all_unknown" if strange.sum() == values.notna().sum() else "class_unknown"
        shown = ", ".join(repr(str(each)) for each in values[strange].unique()[:5])
        said = {"column": str(values.name), "shown": shown, "accepted": ", ".join(known)}
        yield rows_notice(code, values.index[strange], at, said)


def _all_numbers(table: gpd.GeoDataFrame, *columns: str) -> bool:
    """Return whether columns have been made numbers; what could not be is a fault already."""
    return bool(table[list(columns)].dtypes.map(lambda kind: kind.kind == "f").all())


def _part_faults(table: gpd.GeoDataFrame, part: str, whole: str, at: At) -> Iterator[Notice]:
    """Yield a notice where a part is larger than the whole that it belongs to."""
    if not _all_numbers(table, part, whole):
        return
    # Censuses that round or protect small counts can be one off.
    over = table.index[table[part] > table[whole] + 1]
    if len(over):
        yield rows_notice("part_exceeds_whole", over, at, {"column": part, "whole": whole})


def _shares_among_counts(
    table: gpd.GeoDataFrame, part: str, whole: str, at: At
) -> Iterator[Notice]:
    """Yield a notice if a count looks like a share of the count that it is part of."""
    if not _all_numbers(table, part, whole):
        return
    some = (table[part] > 0) & (table[part] < 1)  # a small count is 0 or 1, a share lies between
    if some.any() and table[part].max() <= 1 and table[whole].mean() >= _MANY:
        shown = ", ".join(f"{each:g}" for each in table.loc[some, part].head(3))
        said = {"column": part, "whole": whole, "shown": shown}
        yield rows_notice("share_scale_mixed", table.index[some], at, said)
