"""A comparison in words: who has what, how far the results differ, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from inclusion_marker.analysis.comparison import Comparison
from inclusion_marker.outputs.wording import percent, plain, whole, wrapped
from inclusion_marker.texts import word

_NAME, _NUMBER = 40, 12
_OF_RESULTS = (12, 12, 8, 16, 12)
"""Widths of the columns of the results: people, marker, plain mean, weight observed, core."""
_MOST_RESULTS, _MOST_PAIRS, _MOST_NAMES = 5, 10, 5
_HAS_RANKS = 2
_NAMES = ("name_es", "name_en")


def comparison_text(comparison: Comparison, language: str) -> str:
    """Return a comparison as text, at most 100 characters wide.

    Parameters
    ----------
    comparison
        What :func:`~inclusion_marker.analysis.comparison.compare` found.
    language
        ``"es"`` or ``"en"``.

    Returns
    -------
    text
        The figures, the areas over the shared indicators, what is shared and what is not, the
        pairs, the ranks if there are draws, and the notices.
    """
    parts = (_head, _figures, _areas, _shared, _pairs, _ranks, _notices)
    blocks = ("\n".join(part(comparison, language)) for part in parts)
    return "\n\n".join(block for block in blocks if block)


def _head(comparison: Comparison, language: str) -> Iterator[str]:
    """Yield what is compared, and each result with its method and cells."""
    count, shared = len(comparison.labels), int(comparison.core["shared"].sum())
    total = len(comparison.core)
    yield from wrapped(word("comparison_head", language, count=count, shared=shared, total=total))
    for label, row in comparison.figures.iterrows():
        h3 = row["cell_kind"] == "h3"
        size = f"H3 r{row['resolution']}" if h3 else f"~{_number(row['cell_ha'], 1)} ha"
        made_up = word("comparison_synthetic", language) if row["synthetic"] else ""
        said = word(
            "comparison_result",
            language,
            label=plain(str(label)),
            method=f"{row['method']} {plain(row['method_version'])}",
            cells=whole(row["cells"], language),
            size=size,
        )
        yield from wrapped(f"{said}{made_up}", "  ")
    if comparison.method is not None:
        name = f"{comparison.method.id} {plain(comparison.method.version)}"
        yield from wrapped(word("comparison_by", language, method=name))


def _figures(comparison: Comparison, language: str) -> Iterator[str]:
    """Yield the marker of each result from all it has, and from what is shared."""
    heads = ("people", "marker_short", "plain", "coverage", "comparison_core")
    yield " " * _NAME + "".join(
        word(key, language).rjust(width) for key, width in zip(heads, _OF_RESULTS, strict=True)
    )
    for label, row in comparison.figures.iterrows():
        yield _short(plain(str(label)), _NAME).ljust(_NAME) + "".join(
            each.rjust(width)
            for each, width in zip(
                (
                    whole(row["people"], language),
                    _score(row["marker"]),
                    _score(row["marker_plain"]),
                    percent(100 * row["coverage"]),
                    _score(row["core_marker"]),
                ),
                _OF_RESULTS,
                strict=True,
            )
        )
    yield from wrapped(word("comparison_columns", language))


def _areas(comparison: Comparison, language: str) -> Iterator[str]:
    """Yield the areas over the shared indicators, a column a result."""
    if len(comparison.labels) > _MOST_RESULTS or not comparison.core["shared"].any():
        return
    yield word("comparison_areas", language)
    names = [_short(plain(label), _NUMBER - 1) for label in comparison.labels]
    yield " " * _NAME + "".join(name.rjust(_NUMBER) for name in names)
    for key, name in comparison.areas.items():
        row = comparison.figures[f"core_area_{key}"]
        shown = _short(f"  {plain(name.said(language))}", _NAME)
        yield f"{shown:<{_NAME}}" + "".join(_score(value).rjust(_NUMBER) for value in row)


def _shared(comparison: Comparison, language: str) -> Iterator[str]:
    """Yield what is shared, and what is not and why, with the weight that each part holds."""
    core = comparison.core
    said = _percent_range(comparison.figures["core_weight"])
    mine = core[core["shared"]]
    yield from wrapped(word("comparison_shared", language, count=len(mine), held=said))
    if len(mine):
        yield from wrapped("" + _listed(mine, language), "  ")
    for why in ("not_observed", "not_in_method", "no_weight", "other_unit"):
        left = core[core["why"] == why]
        weights = [f"weight_{label}" for label in comparison.labels]
        # What weighs nothing in any method is shown beside the marker, and is no gap.
        left = left[(left[weights] > 0).any(axis=1)]
        if len(left):
            held = _percent_range(left[weights].sum())
            head = word(f"comparison_{why}", language, count=len(left), held=held)
            yield from wrapped(head)
            yield from wrapped("" + _listed(left, language), "  ")


def _pairs(comparison: Comparison, language: str) -> Iterator[str]:
    """Yield how far each pair differs, and which indicators make the difference."""
    pairs = comparison.pairs
    if not len(pairs):
        return
    yield word("comparison_pairs", language)
    for _, row in pairs.head(_MOST_PAIRS).iterrows():
        said = word(
            "comparison_pair",
            language,
            first=plain(row["first"]),
            second=plain(row["second"]),
            marker=_signed(row["marker"]),
            core=_signed(row["core_marker"]),
        )
        yield from wrapped(f"{said}", "  ")
        if row["cells_shared"] and not math.isnan(row["class_changed"]):
            same = word(
                "comparison_same_cells",
                language,
                cells=whole(row["cells_shared"], language),
                changed=percent(100 * row["class_changed"]),
                mean=_number(row["mean_change"], 1),
                ranks=_number(row["rank_correlation"], 2),
            )
            yield from wrapped(f"{same}", "    ")
        if not math.isnan(row["first_below"]):
            sure = {"first": plain(row["first"]), "second": plain(row["second"])}
            share = percent(100 * row["first_below"])
            below = word("comparison_below", language, **sure, share=share)
            yield from wrapped(f"{below}", "    ")
        yield from _drivers(comparison.core, row["first"], row["second"], language)
    if len(pairs) > _MOST_PAIRS:
        yield f"  {word('more', language, count=len(pairs) - _MOST_PAIRS)}"


def _drivers(core: pd.DataFrame, first: str, second: str, language: str) -> Iterator[str]:
    """Yield the shared indicators whose scores differ most."""
    apart = (core[f"score_{second}"] - core[f"score_{first}"]).dropna()
    apart = apart[apart.abs().round(1) > 0]
    order = apart.abs().sort_values(ascending=False, kind="stable").index[:_MOST_NAMES]
    most, names = apart[order], core[_NAMES[language == "en"]]
    if len(most):
        said = "; ".join(
            f"{plain(name)} {_signed(value)}"
            for name, value in zip(names[most.index], most, strict=True)
        )
        yield from wrapped(f"{word('comparison_drivers', language, found=said)}", "    ")


def _ranks(comparison: Comparison, language: str) -> Iterator[str]:
    """Yield the ranks with their intervals, and who is tied."""
    ranks = comparison.ranks
    if len(ranks) < _HAS_RANKS:
        return
    yield from wrapped(word("comparison_ranks", language))
    for label, row in ranks.sort_values("median", kind="stable").iterrows():
        tied = plain(row["tied_with"])
        said = word(
            "comparison_rank",
            language,
            label=plain(str(label)),
            median=f"{row['median']:g}",
            low=f"{row['low']:g}",
            high=f"{row['high']:g}",
        )
        more = f"; {word('comparison_tied', language, found=tied)}" if tied else ""
        yield from wrapped(f"{said}{more}", "  ")


def _notices(comparison: Comparison, language: str) -> Iterator[str]:
    """Yield what a reader has to know."""
    for notice in comparison.notices:
        at = f"{plain(notice.item)}: " if notice.item else ""
        said = f"{notice.part('found', language)}: {notice.part('why', language)}"
        yield from wrapped(f"• {at}{plain(said)}.", "  ")


def _listed(core: pd.DataFrame, language: str) -> str:
    """Return the names of indicators in a row."""
    names = core[_NAMES[language == "en"]]
    return "; ".join(
        f"{plain(code)} {plain(name)}" for code, name in zip(core["code"], names, strict=True)
    )


def _percent_range(shares: pd.Series[float]) -> str:
    """Return a share, or the least and the largest of several."""
    low, high = percent(100 * float(shares.min())), percent(100 * float(shares.max()))
    return low if low == high else f"{low} - {high}"


def _number(value: float, digits: int) -> str:
    """Return a number with some decimals, a dash where there is none."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "-"


def _score(value: float) -> str:
    """Return a score with one decimal."""
    return _number(float(value), 1)


def _signed(value: float) -> str:
    """Return a difference with its sign; what rounds to nothing has none."""
    rounded = round(float(value), 1)
    if rounded == 0:
        return "0.0"
    return f"{rounded:+.1f}" if math.isfinite(rounded) else "-"


def _short(said: str, width: int) -> str:
    """Return words cut to a width."""
    return said if len(said) <= width else f"{said[: width - 1]}…"
