"""Weights that data propose: published figures, peers, laws; and what they must not pass over.

Left out of the case ``objective_weights``: CRITIC by Spearman and without scaling (the first hides
how far values lie apart, the second depends on units), Gini, MEREC and standard-deviation weights
(more of the same kind; unscaled deviations are no importance). Left out of ``oecd_tai``: maximum
likelihood factors (Table 18 ML), and the ranks by the printed FA and AHP weights, which concern
scoring. Left out of ``coinr_asem``: weights that equalise correlations (their own package says that
it succeeded where it did not).
"""

from __future__ import annotations

import json
import math
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inclusion_marker.composite.benefit import benefit_of_the_doubt
from inclusion_marker.composite.components import (
    by_largest_loading,
    factor_weights,
    pca,
    varimax,
)
from inclusion_marker.composite.proposals import Proposal, observe
from inclusion_marker.composite.weights import compare_weights, critic_weights, entropy_weights
from inclusion_marker.errors import ParameterError
from inclusion_marker.method import load_method
from inclusion_marker.notices import Notice

CASES = Path(__file__).parents[3] / "shared" / "cases"
here = pytest.mark.skipif(not CASES.is_dir(), reason="the cases are not here (../shared/cases)")
METHOD = load_method("uim-v1")
Floats = np.ndarray[Any, np.dtype[np.float64]]

# OECD/JRC (2008), Handbook on Constructing Composite Indicators, Table A.2: the Technology
# Achievement Index; telephones and electricity as logarithms to base 10.
TAI = pd.read_csv(
    StringIO("""country;patents;royalties;internet;exports;telephones;electricity;schooling;university
Finland;187;125.6;200.2;50.7;3.08;4.15;10;27.4
United States;289;130;179.1;66.2;3.0;4.07;12;13.9
Sweden;271;156.6;125.8;59.7;3.1;4.14;11.4;15.3
Japan;994;64.6;49;80.8;3.0;3.86;9.5;10
Korea;779;9.8;4.8;66.7;2.97;3.65;10.8;23.2
Netherlands;189;151.2;136;50.9;3.02;3.77;9.4;9.5
United Kingdom;82;134;57.4;61.9;3.02;3.73;9.4;14.9
Canada;31;38.6;108;48.7;2.94;4.18;11.6;14.2
Australia;75;18.2;125.9;16.2;2.94;3.94;10.9;25.3
Singapore;8;25.5;72.3;74.9;2.95;3.83;7.1;24.2
Germany;235;36.8;41.2;64.2;2.94;3.75;10.2;14.4
Norway;103;20.2;193.6;19;3.12;4.39;11.9;11.2
Ireland;106;110.3;48.6;53.6;2.97;3.68;9.4;12.3
Belgium;72;73.9;58.9;47.6;2.91;3.86;9.3;13.6
New Zealand;103;13;146.7;15.4;2.86;3.91;11.7;13.1
Austria;165;14.8;84.2;50.3;2.99;3.79;8.4;13.6
France;205;33.6;36.4;58.9;2.97;3.8;7.9;12.6
Israel;74;43.6;43.2;45;2.96;3.74;9.6;11
Spain;42;8.6;21;53.4;2.86;3.62;7.3;15.6
Italy;13;9.8;30.4;51;3.0;3.65;7.2;13
Czech Republic;28;4.2;25;51.7;2.75;3.68;9.5;8.2
Hungary;26;6.2;21.6;63.5;2.73;3.46;9.1;7.7
Slovenia;105;4;20.3;49.5;2.84;3.71;7.1;10.6
"""),
    sep=";",
    index_col="country",
    dtype_backend="numpy_nullable",
).astype(float)
# The same book, Table 9: rotated loadings; Table 18, weights from principal components; Table 19,
# scores by benefit of the doubt; Table 23, their ranks.
TABLE_9 = np.array(
    [
        [0.07, 0.97, 0.06, 0.06], [0.13, 0.07, -0.07, 0.93], [0.79, -0.21, 0.21, 0.42],
        [-0.64, 0.56, -0.04, 0.36], [0.37, 0.17, 0.38, 0.68], [0.82, -0.04, 0.25, 0.35],
        [0.88, 0.23, -0.09, 0.09], [0.08, 0.04, 0.96, 0.04],
    ]
)  # fmt: skip
TABLE_18 = [0.17, 0.15, 0.11, 0.07, 0.08, 0.12, 0.14, 0.16]
TABLE_19 = [
    1, 1, 1, 0.87, 0.8, 0.75, 0.71, 0.73, 0.66, 0.62, 0.62, 0.86, 0.6, 0.54, 0.58, 0.52, 0.51,
    0.49, 0.34, 0.38, 0.31, 0.27, 0.28,
]  # fmt: skip
TABLE_23 = [
    1, 1, 1, 4, 6, 7, 9, 8, 10, 12, 11, 5, 13, 15, 14, 16, 17, 18, 20, 19, 21, 23, 22,
]  # fmt: skip
# pymcdm 1.4.0 on the same table.
TAI_ENTROPY = [
    0.4000723211983988, 0.317314603351007, 0.18901510194774204, 0.04055082247389107,
    0.00036665161286312994, 0.001072500878611744, 0.009260278728263816, 0.042347719809222445,
]  # fmt: skip
TAI_CRITIC = [
    0.11994882843664541, 0.14214690006652317, 0.1224745574209373, 0.15920281697272448,
    0.08981712945605949, 0.09083974860771057, 0.13937693192803802, 0.1361930871113616,
]  # fmt: skip
# Diakoulaki et al. (1995), Computers & Operations Research 22(7), 763-770.
FIRMS = [
    [61, 1.08, 4.33], [20.7, 0.26, 4.34], [16.3, 1.98, 2.53], [9, 3.29, 1.65],
    [5.4, 2.77, 2.33], [4, 4.12, 1.21], [-6.1, 3.52, 2.1], [-34.6, 3.31, 0.98],
]  # fmt: skip
FIRMS_CRITIC = [0.20222554, 0.48090173, 0.31687273]

PROPOSALS = (pca, factor_weights, entropy_weights, critic_weights)
CELLS = arrays(
    np.float64, st.tuples(st.integers(5, 12), st.integers(2, 4)), elements=st.integers(1, 99)
)
tables = CELLS.map(
    lambda values: pd.DataFrame(
        values,
        index=[f"c{i:02}" for i in range(values.shape[0])],
        columns=[*"abcdefgh"[: values.shape[1]]],
    )
)


def case(folder: str, name: str) -> Any:  # noqa: ANN401 - whatever the file holds
    """Return a file of the cases."""
    return json.loads((CASES / folder / name).read_text(encoding="utf-8"))


def minmax(table: pd.DataFrame) -> pd.DataFrame:
    """Return each column between its own least and greatest value."""
    return (table - table.min()) / (table.max() - table.min())


def codes(found: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - one of several records
    """Return the code and item of each notice; each says itself in both languages."""
    assert all(each.text("es") != each.text("en") for each in found.notices)
    return [(each.code, each.item) for each in found.notices]


def refusals(function: Any, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:  # noqa: ANN401
    """Return code and item of the notices with which a call is refused."""
    with pytest.raises(ParameterError) as caught:
        function(*args, **kwargs)
    found = [each for each in caught.value.problems if isinstance(each, Notice)]
    assert all(each.text("es") != each.text("en") for each in found)
    return [(each.code, each.item) for each in found]


# ── slow, readable twins ─────────────────────────────────────────────────────


def naive_entropy(table: pd.DataFrame) -> list[float]:
    """Return entropy weights as the textbooks write them, from shares of the sum."""
    divergences = []
    for name in table:
        shares = [value / table[name].sum() for value in table[name]]
        entropy = -sum(p * math.log(p) for p in shares if p > 0) / math.log(len(table))
        divergences.append(1 - entropy)
    return [each / sum(divergences) for each in divergences]


def naive_critic(table: pd.DataFrame) -> Floats:
    """Return CRITIC weights, one pair of columns after the other."""
    values = minmax(table)
    information = [
        values[one].std() * sum(1 - values[one].corr(values[other]) for other in values)
        for one in values
    ]
    return np.array(information) / sum(information)


def naive_first_component(table: pd.DataFrame) -> Floats:
    """Return the first eigenvector of the correlations, by multiplying until nothing moves."""
    correlations = table.corr().to_numpy()
    vector = np.ones(len(correlations)) + np.arange(len(correlations)) / 97
    for _ in range(20_000):
        vector = correlations @ vector
        vector /= np.sqrt(vector @ vector)
    return vector if vector.sum() > 0 else -vector


def naive_varimax(loadings: Floats) -> float:
    """Return the largest varimax criterion of two columns over a fine grid of angles."""
    unit = loadings / np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    angles = np.linspace(0, math.pi / 2, 361)
    return max(criterion(unit @ [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) for a in angles)


def criterion(unit: Floats) -> float:
    """Return the sum over the columns of the variance of the squared loadings."""
    return float(np.var(unit**2, axis=0).sum())


def naive_benefit(table: pd.DataFrame, lowest: float, highest: float, steps: int = 200) -> Floats:
    """Return the best ratio to the leader over a grid of shares."""
    values = table.to_numpy()
    best = np.zeros(len(values))
    low, high = round(lowest * steps), round(highest * steps)
    for parts in product(range(low, high + 1), repeat=values.shape[1] - 1):
        last = steps - sum(parts)
        sums = values @ np.array([*parts, last]) / steps
        if low <= last <= high and sums.max() > 0:
            best = np.maximum(best, sums / sums.max())
    return best


# ── published figures and peers ──────────────────────────────────────────────


def test_critic__of_the_firms_of_diakoulaki_is_as_published() -> None:
    found = critic_weights(pd.DataFrame(FIRMS))
    # Eight digits are printed.
    npt.assert_allclose(found.weights, FIRMS_CRITIC, atol=5e-9, rtol=0)


def test_entropy__of_two_by_two_is_as_in_scikit_criteria() -> None:
    found = entropy_weights(pd.DataFrame([[1.0, 2], [4, 16]]))
    npt.assert_allclose(found.weights, [0.358889, 0.641111], atol=1e-6)


def test_entropy_and_critic__of_the_tai_are_those_of_pymcdm() -> None:
    npt.assert_allclose(entropy_weights(TAI).weights, TAI_ENTROPY, atol=2e-15, rtol=0)
    npt.assert_allclose(critic_weights(TAI).weights, TAI_CRITIC, atol=1e-15, rtol=0)


def test_entropy__takes_patents_for_a_thousand_times_as_important_as_telephones() -> None:
    weights = entropy_weights(TAI).weights
    assert weights["patents"] == pytest.approx(0.40, abs=5e-3)
    assert weights["telephones"] == pytest.approx(0.0004, abs=5e-5)
    deviation = TAI.to_numpy().std(axis=0)
    assert deviation[0] / deviation.sum() > 0.63


@here
def test_tables__typed_here_are_those_of_the_cases() -> None:
    raw = pd.read_csv(CASES / "oecd_tai" / "raw.csv", index_col="country")
    npt.assert_array_equal(raw.to_numpy(), TAI.to_numpy())
    objective, tai = case("objective_weights", "cases.json"), case("oecd_tai", "expected.json")
    assert objective["tai_pymcdm_1_4_0"]["entropy_weights"] == TAI_ENTROPY
    assert objective["tai_pymcdm_1_4_0"]["critic_weights"] == TAI_CRITIC
    assert objective["critic_diakoulaki_1995"]["matrix"] == FIRMS
    assert objective["critic_diakoulaki_1995"]["pearson"] == FIRMS_CRITIC
    assert tai["table9_rotated_loadings"]["loadings"] == TABLE_9.tolist()
    assert tai["table18_fa_weights"]["PC"] == TABLE_18
    assert tai["table19_bod"]["score"] == TABLE_19
    ranks = dict(zip(tai["table23_ranks"]["countries"], tai["table23_ranks"]["BOD"], strict=True))
    assert [ranks[country] for country in raw.index] == TABLE_23


def test_factors__of_the_tai_are_the_handbook_s_rotated_loadings() -> None:
    found = factor_weights(TAI)
    # By the Handbook's own rule four are kept; their order and signs are arbitrary.
    assert found.loadings.shape == (8, 4)
    ours, printed = found.loadings.to_numpy(), TABLE_9
    like: Floats = np.abs(ours.T @ printed)
    assert sorted(like.argmax(axis=0)) == [0, 1, 2, 3]
    turned = ours[:, like.argmax(axis=0)]
    turned = turned * np.sign(np.sum(turned * printed, axis=0))
    npt.assert_allclose(turned, printed, atol=0.02)
    npt.assert_allclose(np.sum(turned**2, axis=0), [2.64, 1.39, 1.19, 1.76], atol=0.025)
    communality = [0.95, 0.89, 0.89, 0.86, 0.77, 0.85, 0.85, 0.93]
    npt.assert_allclose(np.sum(turned**2, axis=1), communality, atol=0.011)


def test_factor_weights__follow_from_the_printed_loadings_to_the_printed_digit() -> None:
    weights, _ = by_largest_loading(TABLE_9)
    npt.assert_array_equal(weights.round(2), TABLE_18)


def test_factor_weights__of_the_tai_are_the_handbook_s() -> None:
    found = factor_weights(TAI)
    # The printed loadings have two digits, and so have the weights made of them.
    npt.assert_allclose(found.weights, TABLE_18, atol=6e-3)
    # Table 22 has them once more, computed otherwise.
    npt.assert_allclose(found.weights, [0.17, 0.15, 0.11, 0.06, 0.08, 0.13, 0.13, 0.17], atol=0.015)
    # Exports run against the component that weighs them, and a square does not show it.
    assert codes(found) == [("factor_reversed", "exports")]


def test_benefit__of_the_tai_is_table_19() -> None:
    found = benefit_of_the_doubt(minmax(TAI), lowest=0.10, highest=0.15)
    npt.assert_allclose(found.scores, TABLE_19, atol=0.007)
    assert codes(found) == [("benefit_not_unique", "")]
    assert found.notices[0].values == {"found": 3, "total": 23}
    ranks = found.scores.round(6).rank(ascending=False, method="min")
    npt.assert_array_equal(ranks, TABLE_23)


@here
def test_benefit__weights_of_table_19_are_ours_or_serve_a_country_as_well() -> None:
    table = case("oecd_tai", "expected.json")["table19_bod"]
    scaled = minmax(TAI)
    found = benefit_of_the_doubt(scaled, lowest=0.10, highest=0.15)
    printed = pd.DataFrame(table["weights"], index=scaled.index, columns=scaled.columns)
    off = (found.weights - printed).abs().max(axis=1)[found.scores < 1]
    # Canada, Belgium and Israel have other weights that are as good; at 1 none are unique.
    assert set(off[off > 0.0101].index) == {"Canada", "Belgium", "Israel"}
    reached = (printed * scaled).sum(axis=1) / (printed @ scaled.T).max(axis=1)
    npt.assert_allclose(reached, found.scores, atol=0.013)
    shares = found.shares()
    assert shares.to_numpy().min() >= 0.1 - 1e-9
    assert shares.to_numpy().max() <= 0.15 + 1e-9


@here
def test_pca__of_asem_connectivity_is_that_of_coinr() -> None:
    pillars = pd.read_csv(CASES / "coinr_asem" / "dset_aggregated.csv")
    written = pd.read_csv(CASES / "coinr_asem" / "weights_pca_level2.csv").set_index("iCode")
    expected = case("coinr_asem", "pca_level2.json")["Conn"]
    names = expected["rownames"]
    found = pca(pillars[names])
    npt.assert_allclose(found.loadings["component_1"], written.loc[names, "Weight"], rtol=1e-12)
    npt.assert_allclose(np.sqrt(found.eigenvalues), expected["sdev"], rtol=1e-12)
    npt.assert_allclose(found.loadings.abs(), np.abs(expected["rotation"]), rtol=1e-10)
    first = written.loc[names, "Weight"]
    npt.assert_allclose(found.weights, first / first.sum(), rtol=1e-12)
    assert found.notices == ()


@here
def test_pca__of_asem_sustainability_is_refused_where_coinr_writes_a_negative_weight() -> None:
    pillars = pd.read_csv(CASES / "coinr_asem" / "dset_aggregated.csv")
    expected = case("coinr_asem", "pca_level2.json")["Sust"]
    found = pca(pillars[expected["rownames"]])
    npt.assert_allclose(
        found.loadings["component_1"], np.array(expected["rotation"])[:, 0], rtol=1e-12
    )
    assert found.weights.isna().all()
    assert codes(found) == [("component_unclear", ""), ("weight_negative", "Social")]
    assert "-0.744" in found.notices[1].text("en")


# ── peers' defects, without the case at hand ─────────────────────────────────


def test_pca__a_negative_weight_is_refused_and_the_indicator_named() -> None:
    against = TAI[["internet", "electricity", "schooling"]].assign(exports=-TAI["schooling"])
    found = pca(against)
    assert found.weights.isna().all()
    assert ("weight_negative", "exports") in codes(found)
    assert found.loadings["component_1"]["exports"] < -0.4


def test_pca__of_two_that_contradict_names_the_same_one_in_any_order() -> None:
    two = TAI[["exports", "electricity"]]
    for table in (two, two[["electricity", "exports"]], two[::-1]):
        found = pca(table)
        assert codes(found) == [("weight_negative", "exports")]
        assert found.loadings.index.equals(table.columns)


@pytest.mark.parametrize("function", PROPOSALS)
def test_proposal__a_constant_indicator_is_named_and_weighs_nothing(function: Any) -> None:  # noqa: ANN401
    table = TAI[["internet", "electricity"]]
    found = function(table.assign(still=7.0, nearly=0.1 + np.where(TAI.index < "K", 0, 1e-17)))
    named = [each for each in codes(found) if each[0] == "weights_indicator_constant"]
    assert named == [("weights_indicator_constant", each) for each in ("still", "nearly")]
    assert found.weights[["still", "nearly"]].tolist() == [0, 0]
    npt.assert_allclose(found.weights[["internet", "electricity"]], function(table).weights)


# ── laws ─────────────────────────────────────────────────────────────────────


@given(tables)
@settings(max_examples=40, deadline=None)
def test_proposal__weights_are_positive_and_sum_to_1_or_there_are_none(table: pd.DataFrame) -> None:
    for function in PROPOSALS:
        found: Proposal = function(table)
        assert found.weights.index.equals(table.columns)
        if found.weights.isna().any():
            assert found.weights.isna().all()
            assert {code for code, _ in codes(found)} & {"weights_none", "weight_negative"}
        else:
            assert found.weights.sum() == pytest.approx(1, rel=1e-12)
            assert found.weights.min() >= 0


@given(tables, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_proposal__does_not_depend_on_the_order(table: pd.DataFrame, random: Any) -> None:  # noqa: ANN401
    rows, columns = list(table.index), list(table.columns)
    random.shuffle(rows)
    random.shuffle(columns)
    for function in (entropy_weights, critic_weights):
        once, again = function(table), function(table.loc[rows, columns])
        npt.assert_allclose(again.weights[table.columns], once.weights, atol=1e-9)
    once, again = pca(table), pca(table.loc[rows, columns])
    npt.assert_allclose(again.eigenvalues, once.eigenvalues, atol=1e-12)
    # Of components that are not told apart any mixture is as good.
    if ("component_unclear", "") not in codes(once) and len(once.eigenvalues):
        npt.assert_allclose(again.weights[table.columns], once.weights, atol=1e-7)


@given(tables, st.floats(1e-6, 1e6), st.floats(-1e3, 1e3))
@settings(max_examples=40, deadline=None)
def test_critic_and_pca__do_not_depend_on_units(
    table: pd.DataFrame, factor: float, shift: float
) -> None:
    other = table.assign(a=table["a"] * factor + shift)
    assume(observe(other).constant == observe(table).constant)
    npt.assert_allclose(critic_weights(other).weights, critic_weights(table).weights, atol=1e-7)
    npt.assert_allclose(pca(other).eigenvalues, pca(table).eigenvalues, atol=1e-7)
    scaled = table.assign(a=table["a"] * factor)
    npt.assert_allclose(entropy_weights(scaled).weights, entropy_weights(table).weights, atol=1e-9)


@given(tables, st.data())
@settings(max_examples=40, deadline=None)
def test_proposal__a_cell_of_three_people_counts_as_three_cells(
    table: pd.DataFrame, data: st.DataObject
) -> None:
    times = data.draw(arrays(np.int64, len(table), elements=st.integers(0, 3)))
    people = pd.Series(times.astype(float), index=table.index)
    repeated = table.loc[table.index.repeat(times)].reset_index(drop=True)
    for function in (entropy_weights, critic_weights):
        once, again = function(table, people), function(repeated)
        npt.assert_allclose(once.weights, again.weights, atol=1e-9)
        assert once.cells == np.sum(times > 0)
    once, again = pca(table, people), pca(repeated)
    npt.assert_allclose(once.eigenvalues, again.eigenvalues, atol=1e-9)


@given(tables)
@settings(max_examples=40, deadline=None)
def test_entropy_and_critic__agree_with_naive(table: pd.DataFrame) -> None:
    assume(not observe(table).constant)
    npt.assert_allclose(entropy_weights(table).weights, naive_entropy(table), atol=1e-9)
    found = critic_weights(table).weights
    if not found.isna().any():
        npt.assert_allclose(found, naive_critic(table), atol=1e-7)


def test_pca__agrees_with_naive() -> None:
    rng = np.random.default_rng(5)
    common = rng.normal(size=(60, 1))
    table = pd.DataFrame(common + rng.normal(size=(60, 5)), columns=[*"abcde"])
    first = naive_first_component(table)
    found = pca(table)
    npt.assert_allclose(found.loadings["component_1"], first, rtol=1e-9)
    npt.assert_allclose(found.weights, first / first.sum(), rtol=1e-9)
    assert found.notices == ()


@given(arrays(np.float64, (5, 2), elements=st.floats(-1, 1)))
@settings(max_examples=25, deadline=None)
def test_varimax__reaches_what_no_angle_betters(loadings: Floats) -> None:
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    assume(length.min() > 1e-3)
    rotated = varimax(loadings)
    npt.assert_allclose((rotated**2).sum(axis=1), length.ravel() ** 2, rtol=1e-12)
    assert criterion(rotated / length) >= naive_varimax(loadings) - 1e-12


def test_varimax__of_four_columns_no_plane_can_be_bettered() -> None:
    loadings = np.random.default_rng(2).normal(size=(9, 4))
    loadings[3] = 0  # an indicator that no component holds
    rotated = varimax(loadings)
    assert not rotated[3].any()
    kept = np.delete(rotated, 3, axis=0)
    unit = kept / np.sqrt((kept**2).sum(axis=1, keepdims=True))
    for one, other in ((0, 1), (0, 3), (1, 2), (2, 3)):
        # The row of zeros takes part in the mean of the criterion, as one that loads nowhere.
        plane = np.insert(unit[:, [one, other]], 3, 0, axis=0)
        for angle in (-0.01, 0.01, 0.5):
            turn = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
            assert criterion(plane @ turn) <= criterion(plane) + 1e-12


def test_varimax__is_not_caught_where_every_direction_is_level() -> None:
    # Turned by 45 degrees the criterion has no slope, and its least value.
    found = varimax(np.array([[0.6, 0.6], [0.6, 0.6], [0.5, -0.5]]))
    npt.assert_allclose(np.abs(found), [[0.848528, 0], [0.848528, 0], [0, 0.707107]], atol=1e-6)


def test_factor_weights__keep_as_many_components_as_asked() -> None:
    for components in (1, 8):
        found = factor_weights(TAI, components=components)
        assert found.loadings.shape == (8, components)
        assert found.weights.sum() == pytest.approx(1)
    one = factor_weights(TAI, components=1)
    first = pca(TAI).loadings["component_1"] ** 2
    npt.assert_allclose(one.weights, first / first.sum(), rtol=1e-12)
    assert refusals(factor_weights, TAI, components=9) == [("parameter_out_of_range", "components")]
    assert refusals(factor_weights, TAI, components=0)


def test_factor_weights__take_more_components_until_60_percent() -> None:
    # Twelve indicators that have nothing in common: hardly one explains a tenth.
    table = pd.DataFrame(np.random.default_rng(1).normal(size=(5000, 12)))
    found = factor_weights(table)
    kept = found.loadings.shape[1]
    explained = np.cumsum(found.eigenvalues) / 12
    assert explained[kept - 1] >= 0.6
    assert explained[kept - 2] < 0.6


# ── benefit of the doubt ─────────────────────────────────────────────────────

UNITS = arrays(
    np.float64, st.tuples(st.integers(2, 7), st.integers(2, 3)), elements=st.integers(0, 20)
)
units = UNITS.map(pd.DataFrame)


@given(units, st.floats(0, 0.3), st.floats(0, 0.3))
@settings(max_examples=40, deadline=None)
def test_benefit__scores_are_at_most_1_one_is_and_freedom_never_lowers(
    table: pd.DataFrame, lowest: float, less: float
) -> None:
    values = table.to_numpy()
    assume(values.any())
    bound = benefit_of_the_doubt(table, lowest=lowest, highest=0.7)
    freer = benefit_of_the_doubt(table, lowest=lowest * less, highest=0.9)
    for found in (bound, freer):
        assert found.scores.max() == 1
        assert found.scores.min() >= 0
    scores, weights = bound.scores.to_numpy(), bound.weights.to_numpy()
    assert np.all(freer.scores.to_numpy() >= scores - 2e-6)
    nothing = ~values.any(axis=1)
    assert np.all(scores[nothing] == 0)
    assert np.isnan(weights[nothing]).all()
    npt.assert_allclose(np.sum(weights * values, axis=1)[~nothing], scores[~nothing], atol=2e-6)
    # By nobody's weights does anybody get more than 1.
    assert np.max(weights[~nothing] @ values.T) <= 1 + 1e-9
    shares = bound.shares().to_numpy()[~nothing]
    assert shares.min() >= lowest - 1e-6  # what the solver takes for met
    assert shares.max() <= 0.7 + 1e-6


@given(
    UNITS,
    st.sampled_from([(0.0, 1.0), (0.1, 0.8), (0.3, 0.7)]),
)
@settings(max_examples=15, deadline=None)
def test_benefit__agrees_with_naive(values: Floats, shares: tuple[float, float]) -> None:
    table = pd.DataFrame(values[:, :2]).iloc[:5]
    assume(table.to_numpy().any())
    lowest, highest = shares
    found = benefit_of_the_doubt(table, lowest=lowest, highest=highest).scores
    grid = naive_benefit(table, lowest, highest, steps=1000)
    # A grid stops short of the optimum, and never beyond it.
    assert np.all(found >= grid - 2e-6)
    npt.assert_allclose(found, grid, atol=0.01)


@given(units, st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_benefit__does_not_depend_on_the_order(table: pd.DataFrame, random: Any) -> None:  # noqa: ANN401
    rows = list(table.index)
    random.shuffle(rows)
    once, again = (benefit_of_the_doubt(each, lowest=0.1) for each in (table, table.loc[rows]))
    pd.testing.assert_series_equal(once.scores, again.scores[table.index])
    pd.testing.assert_frame_equal(once.weights, again.weights.loc[table.index])


def test_benefit__equal_shares_leave_the_mean_over_the_best_mean() -> None:
    found = benefit_of_the_doubt(TAI, lowest=1 / 8, highest=1 / 8).scores
    npt.assert_allclose(found, TAI.mean(axis=1) / TAI.mean(axis=1).max(), atol=2e-6)


def test_benefit__missing_values_are_missing_and_an_empty_indicator_is_no_part() -> None:
    table = TAI.assign(nothing=np.nan)
    table.loc["Korea", "patents"] = np.nan
    found = benefit_of_the_doubt(table)
    assert found.scores.index.equals(table.index)
    assert found.weights.columns.tolist() == table.columns.tolist()
    assert found.scores.isna().sum() == 1
    assert math.isnan(found.scores["Korea"])
    assert found.weights["nothing"].isna().all()
    assert codes(found)[:2] == [
        ("weights_indicator_empty", "nothing"),
        ("weights_cells_left_out", ""),
    ]
    pd.testing.assert_series_equal(
        found.scores.dropna(), benefit_of_the_doubt(TAI.drop("Korea")).scores
    )


def test_benefit__a_sample_is_of_its_seed_and_held_against_all() -> None:
    whole = benefit_of_the_doubt(TAI, lowest=0.05).scores
    one, again, other = (
        benefit_of_the_doubt(table, lowest=0.05, sample=6, seed=seed).scores
        for table, seed in ((TAI, 3), (TAI[::-1], 3), (TAI, 4))
    )
    assert one.notna().sum() == 6
    pd.testing.assert_series_equal(one, again[TAI.index])
    npt.assert_allclose(one.dropna(), whole[one.notna()], atol=2e-6)
    assert set(one.dropna().index) != set(other.dropna().index)
    npt.assert_array_equal(benefit_of_the_doubt(TAI, lowest=0.05, sample=99).scores, whole)


def test_benefit__says_that_a_constant_takes_all_and_who_is_0_in_everything() -> None:
    found = benefit_of_the_doubt(TAI[["patents"]].assign(still=3.0))
    assert np.all(found.scores == 1)
    assert codes(found) == [("benefit_constant", "still"), ("benefit_not_unique", "")]
    bound = benefit_of_the_doubt(TAI[["patents"]].assign(still=3.0), highest=0.6)
    assert codes(bound) == [("benefit_not_unique", "")]
    assert bound.scores.min() < 1
    none = benefit_of_the_doubt(pd.DataFrame({"a": [0.0, 0], "b": [0.0, 0]}))
    assert none.scores.tolist() == [0, 0]
    assert ("benefit_nothing", "") in codes(none)


def test_benefit__of_no_unit_is_empty() -> None:
    for table in (TAI[:0], TAI * np.nan):
        found = benefit_of_the_doubt(table)
        assert found.scores.isna().all()
        assert len(found.scores) == len(table)


@pytest.mark.parametrize(
    ("changes", "items"),
    [
        ({"lowest": 0.2}, ["lowest"]),
        ({"lowest": -0.1}, ["lowest"]),
        ({"highest": 0.1}, ["highest"]),
        ({"highest": 1.1}, ["highest"]),
        ({"lowest": math.nan, "highest": math.nan, "sample": 0}, ["sample", "lowest", "highest"]),
        ({"sample": True}, ["sample"]),
    ],
)
def test_benefit__refuses_what_no_weights_can_do(changes: Any, items: list[str]) -> None:  # noqa: ANN401
    found = refusals(benefit_of_the_doubt, TAI, **changes)
    assert found == [("value_invalid", item) for item in items]


def test_benefit_and_entropy__refuse_negative_values_by_name() -> None:
    table = TAI.assign(patents=-TAI["patents"], schooling=TAI["schooling"] - 11)
    expected = [("value_invalid", "patents"), ("value_invalid", "schooling")]
    assert refusals(benefit_of_the_doubt, table) == expected
    assert refusals(entropy_weights, table) == expected


# ── what data cannot say ─────────────────────────────────────────────────────


@pytest.mark.parametrize("function", PROPOSALS)
@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (TAI[:0], "no inhabited cell"),
        (TAI * np.nan, "no inhabited cell"),
        (TAI[:1], "no indicator varies"),
        (TAI * 0 + 5, "no indicator varies"),
        (TAI * 0, "no indicator varies"),
    ],
)
def test_proposal__of_nothing_is_nothing_and_says_why(
    function: Any,  # noqa: ANN401
    table: pd.DataFrame,
    reason: str,
) -> None:
    found = function(table)
    assert found.weights.isna().all()
    assert found.weights.index.equals(TAI.columns)
    (why,) = [each for each in found.notices if each.code == "weights_none"]
    assert reason in why.text("en")


@pytest.mark.parametrize("function", PROPOSALS)
def test_proposal__of_one_indicator_is_the_whole_weight(function: Any) -> None:  # noqa: ANN401
    found = function(TAI[["patents"]])
    assert found.weights.tolist() == [1]
    assert found.notices == ()


def test_critic__of_indicators_that_all_say_the_same_is_none() -> None:
    found = critic_weights(pd.DataFrame({"a": [1.0, 2, 4], "b": [10.0, 20, 40]}))
    assert found.weights.isna().all()
    assert codes(found) == [("weights_none", "")]
    assert "all indicators say the same" in found.notices[0].text("en")


@pytest.mark.parametrize("function", [pca, factor_weights, critic_weights])
def test_proposal__of_fewer_cells_than_indicators_is_warned_of(function: Any) -> None:  # noqa: ANN401
    found = function(TAI[:7])
    assert ("weights_few_cells", "") in codes(found)
    assert ("weights_few_cells", "") not in codes(function(TAI[:9]))


@pytest.mark.parametrize("function", PROPOSALS)
def test_proposal__leaves_out_cells_that_lack_a_value_or_people_and_counts_them(
    function: Any,  # noqa: ANN401
) -> None:
    table = TAI[["internet", "electricity", "schooling"]].assign(nothing=np.nan)
    table.iloc[0, 1] = np.nan
    people = pd.Series(100.0, index=TAI.index)
    people.iloc[3], people.iloc[4] = 0, np.nan
    found = function(table, people)
    assert found.cells == 20
    assert found.notices[0] == Notice("weights_indicator_empty", item="nothing")
    values = {"used": 20, "total": 23, "missing": 1, "nobody": 2}
    assert found.notices[1] == Notice("weights_cells_left_out", values=values)
    assert math.isnan(found.weights["nothing"])
    kept = table.drop(columns="nothing").drop(index=TAI.index[[0, 3, 4]])
    npt.assert_allclose(found.weights.drop("nothing"), function(kept).weights, rtol=1e-9)


def test_proposal__where_nobody_lives_there_is_none() -> None:
    found = pca(TAI, pd.Series(0.0, index=TAI.index))
    assert found.cells == 0
    assert found.weights.isna().all()


def test_proposal__an_indicator_of_nullable_numbers_is_one_of_numbers() -> None:
    table = TAI[["internet", "schooling"]].astype("Float64")
    table.iloc[2, 0] = pd.NA
    assert critic_weights(table).cells == 22
    assert critic_weights(TAI.assign(patents=TAI["patents"].astype(int))).cells == 23


@pytest.mark.parametrize("function", [*PROPOSALS, benefit_of_the_doubt])
def test_proposal__all_that_is_no_table_of_numbers_is_refused_at_once(function: Any) -> None:  # noqa: ANN401
    table = TAI.assign(words="a", when=pd.Timestamp("2026-01-01"), wave=1j)
    table.loc["Korea", "patents"] = np.inf
    table = pd.concat([table, TAI[["schooling"]]], axis=1)
    found = refusals(function, table)
    assert found == [
        ("value_invalid", item) for item in ("schooling", "patents", "words", "when", "wave")
    ]
    assert refusals(function, TAI[["patents"]].set_axis([1], axis=1).assign(**{"1": 2.0})) == [
        ("value_invalid", "1")
    ]
    assert refusals(function, TAI[[]]) == [("value_invalid", "table")]


@pytest.mark.parametrize("function", PROPOSALS)
def test_proposal__people_of_other_cells_or_below_0_are_refused(function: Any) -> None:  # noqa: ANN401
    people = pd.Series(1.0, index=TAI.index)
    assert refusals(function, TAI, people[::-1]) == [("value_invalid", "people")]
    for wrong in (-1.0, np.inf):
        counts = people.where(people.index != "Korea", wrong)
        assert refusals(function, TAI, counts) == [("value_invalid", "people")]
    several = pd.concat([-people, people])
    assert refusals(function, TAI, several) == [("value_invalid", "people")] * 2


# ── beside the weights of a method ───────────────────────────────────────────


def scores(rows: int = 40) -> pd.DataFrame:
    """Return scores of every node, of cells that have something in common."""
    rng = np.random.default_rng(11)
    nodes = METHOD.nodes()
    common = rng.normal(size=(rows, 1))
    values = np.clip(50 + 12 * common + 10 * rng.normal(size=(rows, len(nodes))), 0, 100)
    return pd.DataFrame(values, columns=list(nodes), index=[f"c{i:03}" for i in range(rows)])


def test_compare__lays_the_proposals_beside_the_weights_of_the_method() -> None:
    table, people = scores(), pd.Series(np.arange(40.0), index=scores().index)
    found = compare_weights(table, METHOD, "marker", people=people)
    children = METHOD.children_of("marker")
    assert found["weight"].to_dict() == children
    assert found.columns.tolist() == ["weight", "pca", "factors", "entropy", "critic"]
    npt.assert_allclose(found.sum(), 1, rtol=1e-12)
    npt.assert_array_equal(found["entropy"], entropy_weights(table[list(children)], people).weights)
    npt.assert_array_equal(found["pca"], pca(table[list(children)], people).weights)
    assert found.attrs["cells"] == 39
    assert "do not say what matters" in found.attrs["caution"]["en"]
    assert "no dicen qué importa" in found.attrs["caution"]["es"]
    (notice,) = found.attrs["notices"]
    assert notice["code"] == "weights_cells_left_out"
    assert "39 of 40" in notice["en"]


def test_compare__a_child_that_was_not_measured_stays_in_the_table_without_proposal() -> None:
    table = scores().assign(area_health=np.nan)
    found = compare_weights(table, METHOD, "marker")
    assert found.loc["area_health", "weight"] == 0.2
    assert found.loc["area_health"].drop("weight").isna().all()
    npt.assert_allclose(found.drop(index="area_health").drop(columns="weight").sum(), 1)
    assert [each["code"] for each in found.attrs["notices"]] == ["weights_indicator_empty"]


def test_compare__refuses_a_node_without_children_and_a_table_that_lacks_some() -> None:
    table = scores()
    for node in ("ind_land_use_mix", "area_helth", ""):
        assert refusals(compare_weights, table, METHOD, node) == [("name_unknown", "node")]
    lacking = table.drop(columns=["area_health", "area_housing"], errors="ignore")
    found = refusals(compare_weights, lacking, METHOD, "marker")
    assert set(found) == {("name_unknown", "marker")}
    assert len(found) == len(set(METHOD.children_of("marker")) - set(lacking.columns))
