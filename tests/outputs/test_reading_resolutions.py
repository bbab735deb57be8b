"""The resolution report in words."""

from __future__ import annotations

import h3
import numpy as np
import pandas as pd
import pytest

from analysis.trees import made_method, made_result
from inclusion_marker.analysis.resolutions import Resolutions, resolutions
from inclusion_marker.loaders.grid import from_ids
from inclusion_marker.outputs.readings.resolutions import resolutions_text
from inclusion_marker.outputs.wording import WIDTH
from inclusion_marker.texts import LANGUAGES

METHOD = made_method({"a": {"ad": {"x": 1.0}}})
MIDDLE = h3.latlng_to_cell(7.89, -72.5, 7)
COARSE = from_ids([MIDDLE], crs="EPSG:32618")
FINE = from_ids(h3.cell_to_children(MIDDLE, 8), crs="EPSG:32618")


def report(scores: list[float], marker: float) -> Resolutions:
    """Return the report of one cell and its seven children."""
    coarse = made_result(METHOD, pd.DataFrame({"x": [marker]}), [7], grid=COARSE)
    fine = made_result(METHOD, pd.DataFrame({"x": scores}), grid=FINE)
    return resolutions({7: coarse, 8: fine})


@pytest.mark.parametrize("language", LANGUAGES)
def test_text__says_that_inequality_without_resolution_is_meaningless(language: str) -> None:
    text = resolutions_text(report([30.0, 40, 50, 60, 70, 80, 90], 60), language)
    said = {
        "en": "An inequality figure without its resolution is meaningless",
        "es": "Una cifra de desigualdad sin su resolución no dice nada",
    }
    assert said[language] in text
    assert max(map(len, text.splitlines())) <= WIDTH


def test_text__shows_the_figures_of_the_table() -> None:
    lines = resolutions_text(report([30.0, 40, 50, 60, 70, 80, 90], 60), "en").splitlines()
    # Gini of 30, 40 … 90: sum_ij |difference| / (2 n² mean) = 10 * 112 / (2 * 49 * 60) = 0.190
    assert (
        "From resolution 7 to 8 the Gini goes from 0.000 to 0.190; the marker, from 60.0 to 60.0."
        in lines
    )
    rows = [line.split() for line in lines if line.startswith(("7 ", "8 "))]
    assert rows[0] == ["7", "1", "504", "60.0", "60.0", "0.000", "-", "0", "%", "-"]
    assert rows[1][:2] + rows[1][3:6] == ["8", "7", "60.0", "60.0", "0.190"]
    assert rows[1][7:] == ["28.6", "%", "-"]


def test_text__says_what_to_mind() -> None:
    text = resolutions_text(report([30.0, 40, 50, 60, 70, 80, 90], 50), "es")
    assert "[resolutions_marker_moves] el marcador de la ciudad cambia 10.0 puntos" in text


def test_text__without_a_marker_has_dashes() -> None:
    text = resolutions_text(report([np.nan] * 7, 50), "en")
    assert "Gini goes" not in text
    assert "[resolutions_unscored] without a marker at resolution 8" in text
    row = next(line.split() for line in text.splitlines() if line.startswith("8 "))
    assert row[3:] == ["-"] * 6
