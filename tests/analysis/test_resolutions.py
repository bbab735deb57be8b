"""The same city on cells of several sizes: what must not move, and what is refused."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace

import h3
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest

from analysis.trees import made_method, made_result
from conftest import Town
from inclusion_marker.analysis.inequality.measures import gini
from inclusion_marker.analysis.resolutions import resolutions
from inclusion_marker.cards import Rule
from inclusion_marker.errors import ParameterError
from inclusion_marker.formulas import Events, Ratio
from inclusion_marker.loaders.grid import from_ids
from inclusion_marker.marker import compute
from inclusion_marker.result import Result

METHOD = made_method({"a": {"ad": {"x": 1.0}}})
MIDDLE = h3.latlng_to_cell(7.89, -72.5, 7)
COARSE = from_ids(h3.grid_disk(MIDDLE, 1), crs="EPSG:32618")
FINE = from_ids(
    [child for cell in h3.grid_disk(MIDDLE, 1) for child in h3.cell_to_children(cell, 8)],
    crs="EPSG:32618",
)
OF_COARSE = pd.Series([10.0, 20, 30, 45, 60, 70, 95], index=COARSE.index)


def pair(fine: pd.Series[float], people: pd.Series[float]) -> Mapping[int, Result]:
    """Return seven cells and their forty-nine children, of which the people are given."""
    held = people.groupby([h3.cell_to_parent(str(cell), 7) for cell in people.index]).sum()
    coarse = made_result(METHOD, OF_COARSE.to_frame("x"), held[COARSE.index].tolist(), grid=COARSE)
    return {8: made_result(METHOD, fine.to_frame("x"), people.tolist(), grid=FINE), 7: coarse}


def children(of: pd.Series[float]) -> pd.Series[float]:
    """Return the value of each child's parent."""
    found = [of[h3.cell_to_parent(str(cell), 7)] for cell in FINE.index]
    return pd.Series(found, index=FINE.index)


def test_parent_correlation__of_children_that_average_to_their_parents_is_1() -> None:
    # In every parent two children differ, by 9 and -3 points, for 1 and 3 people.
    people = pd.Series(0.0, index=FINE.index)
    fine = children(OF_COARSE)
    for cell in COARSE.index:
        for child, more, living in zip(
            h3.cell_to_children(cell, 8), (5, -5 / 3), (1, 3), strict=False
        ):
            fine[child] += more
            people[child] = living
    found = resolutions(pair(fine, people))
    assert found.table.index.tolist() == [7, 8]
    assert found.table.loc[8, "parent_correlation"] == pytest.approx(1)
    assert found.table.loc[8, "parents"] == 7
    assert np.isnan(found.table["parent_correlation"][7])
    npt.assert_allclose(found.table["marker"], OF_COARSE.mean())
    npt.assert_allclose(found.table["people"], 28)
    assert found.notices == ()
    turned = resolutions(pair(100 - fine, people))
    assert turned.table.loc[8, "parent_correlation"] == pytest.approx(-1)


def test_parent_correlation__leaves_out_parents_of_nobody() -> None:
    people = children(OF_COARSE).where(children(OF_COARSE) < 50, 0.0)
    found = resolutions(pair(children(OF_COARSE), people))
    assert found.table.loc[8, "parents"] == 4


def test_parent_correlation__of_what_does_not_vary_is_missing() -> None:
    people = pd.Series(1.0, index=FINE.index)
    found = resolutions(pair(pd.Series(50.0, index=FINE.index), people))
    assert np.isnan(found.table["parent_correlation"][8])
    assert np.isnan(found.table["moran"][8])
    assert found.table.loc[8, "gini"] == 0


def test_figures__are_by_people() -> None:
    people = children(OF_COARSE)
    table = resolutions(pair(children(OF_COARSE), people)).table
    weights = OF_COARSE * 7
    npt.assert_allclose(table["marker"], np.average(OF_COARSE, weights=weights))
    npt.assert_allclose(table["plain"], OF_COARSE.mean())
    npt.assert_allclose(table["gini"], gini(OF_COARSE, weights))
    low = weights[OF_COARSE < 50].sum() / weights.sum()
    npt.assert_allclose(table["lowest_class"], low)
    assert table["cell_ha"].pct_change().iloc[1] == pytest.approx(-6 / 7, abs=0.01)
    assert table["cells"].tolist() == [7, 49]


def test_marker__that_moves_with_the_cells_is_said() -> None:
    people = pd.Series(1.0, index=FINE.index)
    found = resolutions(pair(children(OF_COARSE) * 0.9, people))
    assert [each.code for each in found.notices] == ["resolutions_marker_moves"]
    assert "4.7 points" in found.notices[0].text("en")


def test_people__that_the_larger_cells_reach_beyond_the_smaller_are_said() -> None:
    results = dict(pair(children(OF_COARSE), pd.Series(1.0, index=FINE.index)))
    more = results[7].context.assign(people=7.1)
    results[7] = replace(results[7], context=more)
    (found,) = resolutions(results).notices
    assert found.code == "resolutions_people_move"
    assert "from 49 to 50 people" in found.text("en")


def test_no_marker__leaves_the_figures_empty_and_says_so() -> None:
    results = pair(children(OF_COARSE) * np.nan, pd.Series(1.0, index=FINE.index))
    found = resolutions(results)
    assert [each.code for each in found.notices] == ["resolutions_unscored"]
    figures = ["marker", "plain", "gini", "theil_t", "moran", "lowest_class", "parent_correlation"]
    assert found.table.loc[8, figures].isna().all()
    assert found.table.loc[8, "people_scored"] == 0


def test_nobody__leaves_the_figures_of_people_empty() -> None:
    found = resolutions(pair(children(OF_COARSE), pd.Series(0.0, index=FINE.index)))
    assert found.table[["marker", "gini", "people_scored", "lowest_class"]].isna().all(axis=None)
    assert found.table["plain"].notna().all()


def test_one_cell__has_no_neighbours_and_no_inequality() -> None:
    one = from_ids([MIDDLE], crs="EPSG:32618")
    result = made_result(METHOD, pd.DataFrame({"x": [40.0]}), [5], grid=one)
    found = resolutions({7: result}).table.loc[7]
    assert (found["marker"], found["gini"], found["lowest_class"]) == (40, 0, 1)
    assert np.isnan(found["moran"])


def test_scores_by_the_cells_at_hand__are_said_to_depend_on_them() -> None:
    method = made_method({"a": {"ad": {"x": 1.0, "y": 1.0}}}, (Rule(rule="mpi"), Rule(), Rule()))
    raw = children(OF_COARSE).to_frame("x").assign(y=np.arange(49.0))
    result = made_result(method, raw, grid=FINE)
    assert [each.code for each in resolutions({8: result}).notices] == ["resolutions_relative"]


def test_resolutions__refuses_what_does_not_stand_side_by_side_all_at_once() -> None:
    results = dict(pair(children(OF_COARSE), pd.Series(1.0, index=FINE.index)))
    polygons = made_result(METHOD, OF_COARSE.to_frame("x"))
    other = replace(results[8], method=METHOD.model_copy(update={"version": "2"}))
    with pytest.raises(ParameterError) as caught:
        resolutions({9: polygons, 7: results[7], 6: other})
    codes = [str(each).partition("'")[2].partition("'")[0] for each in caught.value.problems]
    assert codes == ["resolutions_polygons", "resolutions_key", "resolutions_mixed"]
    with pytest.raises(ParameterError, match="resolutions_none"):
        resolutions({})


# ── inputs that must not depend on the cells ─────────────────────────────────


def assert_conserved(results: Mapping[int, Result]) -> None:
    """Check the totals of every count, and every ratio weighted by its own denominator."""
    one = next(iter(results.values()))
    seen = 0
    for key, card in one.method.indicators.items():
        formula = card.compute
        if not isinstance(formula, Ratio | Events) or one.raw[key].isna().all():
            continue
        below = formula.denominator if isinstance(formula, Ratio) else formula.people
        if below not in one.layers[formula.layer]:
            continue  # one value for the whole city
        means = []
        for result in results.values():
            weight = result.shares[formula.layer].move(result.layers[formula.layer][below])
            raw = result.raw[key]
            assert not bool((raw.isna() & (weight > 1e-9)).any())
            means.append(float((raw.fillna(0) * weight).sum() / weight.sum()))
        npt.assert_allclose(means, means[0], rtol=1e-9, err_msg=key)
        seen += 1
    assert seen > 0
    for name in one.context.columns:
        totals = [float(result.context[name].sum()) for result in results.values()]
        npt.assert_allclose(totals, totals[0], rtol=1e-9, err_msg=name)


def test_counts_and_shares__of_a_town_are_equal_at_every_resolution(town: Town) -> None:
    results = {size: compute(town.file, resolution=size, min_coverage=0) for size in (9, 10, 11)}
    assert_conserved(results)
    assert results[10].people.sum() == pytest.approx(1840)
    found = resolutions(results)
    counts = found.table["cells"].tolist()
    assert all(one < other for one, other in itertools.pairwise(counts))
    npt.assert_allclose(found.table["people"], 1840)


def test_counts_and_shares__of_a_sample_city_are_equal_at_every_resolution() -> None:
    assert_conserved({size: compute("manta", resolution=size) for size in (7, 8, 9)})


@pytest.mark.slow
def test_people__of_the_sample_city_are_inside_or_outside_at_every_resolution() -> None:
    # Its census goes beyond the boundary, and larger cells at the rim take in more of that.
    results = {size: compute("cucuta", resolution=size) for size in (7, 8, 9)}
    accounts = [result.provenance["conservation"][0] for result in results.values()]
    npt.assert_allclose([each["allocated"] + each["outside"] for each in accounts], 790_937)
    assert_conserved({size: results[size] for size in (8, 9)})
    found = resolutions(results)
    assert [each.code for each in found.notices] == ["resolutions_people_move"]
    # Smaller cells show more differences between people; the marker itself hardly moves.
    assert found.table["gini"].is_monotonic_increasing
    assert found.table["marker"].max() - found.table["marker"].min() < 1
    assert bool((found.table["parent_correlation"].dropna() > 0.8).all())
