"""Where the gaps are: the areas on the map, the districts in their order, and the clusters."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from inclusion_marker.analysis.analyses import Analyses
from inclusion_marker.composite.classes import people_by_class
from inclusion_marker.outputs.figures import areas_figure, figure_png
from inclusion_marker.outputs.reporting.blocks import Block, Heading, Picture, Section, Words
from inclusion_marker.outputs.reporting.clusters import cluster_blocks
from inclusion_marker.outputs.reporting.districts import district_blocks
from inclusion_marker.outputs.reporting.sayings import Share, class_label, listed, quoted
from inclusion_marker.outputs.wording import plain
from inclusion_marker.result import Result
from inclusion_marker.texts import word

_DPI = 120  # twice what a page shows: sharp in print, and a few hundred kilobytes


def gaps_section(result: Result, analyses: Analyses, language: str) -> Section:
    """Return what is said of where the gaps are.

    Parameters
    ----------
    result
        What was computed.
    analyses
        The analyses of it.
    language
        ``"es"`` or ``"en"``.
    """
    blocks: list[Block] = [*_maps(result, language)]
    if result.scores.marker.isna().all():
        blocks.append(Words((word("report_gaps_empty", language),)))
    else:
        blocks += district_blocks(result, analyses, language)
        blocks += cluster_blocks(result, analyses, language)
    return Section("gaps", word("report_gaps", language), tuple(blocks))


def _maps(result: Result, language: str) -> Iterator[Block]:
    """Yield the areas on small maps; nothing where no area has a score."""
    parts = []
    for key, area in result.method.areas.items():
        held = people_by_class(result.scores.areas[key], result.people)
        if held[1:].sum() > 0:
            name = quoted(plain(area.name.said(language)), language)
            low = Share(float(held[1]), language)
            parts.append(word("report_maps_part", language, name=name, share=low))
    if not parts:
        return
    picture = figure_png(areas_figure(result, language=language), dpi=_DPI)
    said = {"label": class_label(1, language), "parts": listed(parts, language)}
    yield Heading(word("report_maps", language))
    source = f"data:image/png;base64,{base64.b64encode(picture).decode('ascii')}"
    yield Picture(source, word("report_maps_alt", language, **said), look="page")
