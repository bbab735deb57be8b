"""Figures in each draw: each is that of its column alone, whatever is missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest

from inclusion_marker.analysis.drawn import Draws
from inclusion_marker.analysis.inequality.intervals import (
    below_of_draws,
    gini_of_draws,
    interval,
    means_of_draws,
    scores_drawn,
)
from inclusion_marker.analysis.inequality.measures import foster_greer_thorbecke, gini
from inclusion_marker.errors import ParameterError


@dataclass(frozen=True)
class Made:
    """Draws made by hand."""

    draws: Draws
    index: pd.Index


def made(cells: int = 60, draws: int = 150) -> Draws:
    """Return draws with ties, zeros, and some cells that are scored in some draws only."""
    rng = np.random.default_rng(7)
    found = np.round(rng.uniform(0, 100, (cells, draws)), 0).astype(np.float32)
    found[rng.uniform(size=found.shape) < 0.1] = np.nan
    found[3] = np.nan
    found[:, 5] = np.nan
    found[:, 6] = 40
    found[:, 7] = 0
    found[0, 8] = np.float32(-0.0)
    return found


PEOPLE = np.random.default_rng(8).uniform(0, 900, 60)
PEOPLE[[1, 2]] = 0, np.nan


def test_gini__of_each_draw_is_that_of_its_column_alone() -> None:
    draws = made()
    expected = [gini(np.abs(column.astype(np.float64)), PEOPLE) for column in draws.T]
    npt.assert_allclose(gini_of_draws(draws, PEOPLE), expected, atol=1e-12)
    assert np.isnan(expected[5])
    assert gini_of_draws(draws, PEOPLE)[6] == 0


def test_means_and_head_counts__of_each_draw_are_those_of_its_column_alone() -> None:
    draws = made()
    groups = np.array([PEOPLE, np.nan_to_num(PEOPLE)[::-1], np.zeros(60)])
    means, below = means_of_draws(draws, groups), below_of_draws(draws, groups, 50)
    for row, people in enumerate(groups[:2]):
        for column, draw in enumerate(draws.T.astype(np.float64)):
            living = np.where(np.isnan(draw), 0, np.nan_to_num(people))
            if living.sum() == 0:
                assert np.isnan(means[row, column])
                continue
            mean = np.average(np.nan_to_num(draw), weights=living)
            assert means[row, column] == pytest.approx(mean, abs=1e-12)
            poor = foster_greer_thorbecke(np.abs(draw), people, 50, 0)
            assert below[row, column] == pytest.approx(poor, abs=1e-12)
    assert np.isnan(means[2]).all()


def test_whole_draws__give_the_same_as_those_with_a_gap_apart() -> None:
    draws = np.nan_to_num(made())
    people = np.nan_to_num(PEOPLE)
    means = means_of_draws(draws, people[None, :])[0]
    npt.assert_allclose(means, people @ draws.astype(np.float64) / people.sum(), rtol=1e-12)


def test_interval__is_the_middle_and_nine_draws_in_ten() -> None:
    assert interval(np.append(np.arange(101.0), np.nan)) == {"median": 50, "low": 5, "high": 95}
    assert all(np.isnan(list(interval(np.array([np.nan])).values())))


def test_draws__are_laid_beside_the_cells_by_their_labels() -> None:
    draws = np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)
    index = pd.Index(["a", "b"])
    assert scores_drawn(Made(draws, index), index) is draws
    npt.assert_array_equal(scores_drawn(Made(draws, index[::-1]), index), draws[::-1])


@pytest.mark.parametrize(
    ("draws", "cells", "words"),
    [
        ([[1.0], [2.0]], ["a", "c"], "robustness"),
        ([[-1.0], [2.0]], ["a", "b"], "the first: -1"),
        ([[1.0], [np.inf]], ["a", "b"], "the first: inf"),
    ],
)
def test_draws__of_other_cells_or_below_zero_are_refused(
    draws: list[list[float]], cells: list[str], words: str
) -> None:
    drawn = Made(np.array(draws, np.float32), pd.Index(cells))
    with pytest.raises(ParameterError, match=words):
        scores_drawn(drawn, pd.Index(["a", "b"]))


def test_draws__without_any_score_have_no_interval() -> None:
    drawn = Made(np.full((2, 3), np.nan, np.float32), pd.Index(["a", "b"]))
    draws = scores_drawn(drawn, pd.Index(["a", "b"]))
    assert np.isnan(gini_of_draws(draws, [1.0, 1.0])).all()
