"""The index on real cities, beside what is published of them: what it says, and whether it may.

Lima and Panamá are the hexagons of UN-Habitat's own viewers, Buenos Aires its open data, and the
sample Cúcuta is a synthetic twin. Figures are those of the files; where one is computed the test
says from what.
"""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest

from inclusion_marker.analysis.audit import Audit, audit
from inclusion_marker.analysis.comparison import compare, shared_core
from inclusion_marker.analysis.equity import equity
from inclusion_marker.analysis.explain import explain
from inclusion_marker.analysis.hotspots import hotspots
from inclusion_marker.analysis.robustness import Robustness, robustness
from inclusion_marker.composite.classes import classify
from inclusion_marker.errors import ParameterError
from inclusion_marker.marker import Marker, compute
from inclusion_marker.outputs.readings.audit import audit_text
from inclusion_marker.outputs.readings.comparison import comparison_text
from inclusion_marker.outputs.readings.equity import equity_text
from inclusion_marker.outputs.readings.hotspots import hotspots_text

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "shared" / "data"
VIEWERS = DATA / "unhabitat-viewers-reference"
LOWERED = 0.3  # on purpose: see tests/real/lima/city.toml
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real layers are not here (../shared/data)"),
]


@pytest.fixture(scope="module")
def lima() -> Marker:
    """Return Lima, the minimum lowered on purpose: 10 of 34 indicators exist."""
    return compute(HERE / "lima", min_coverage=LOWERED)


@pytest.fixture(scope="module")
def panama() -> Marker:
    """Return Panamá, the minimum lowered on purpose: 17 of 34 indicators exist."""
    return compute(HERE / "panama", min_coverage=LOWERED)


@pytest.fixture(scope="module")
def buenos_aires() -> Marker:
    """Return Buenos Aires, the minimum lowered on purpose: walking times and little else."""
    return compute(HERE / "buenos_aires", min_coverage=0.1)


@pytest.fixture(scope="module")
def cucuta() -> Marker:
    """Return the sample Cúcuta."""
    return compute("cucuta")


@pytest.fixture(scope="module")
def hexagons() -> pd.DataFrame:
    """Return the published columns of Lima's hexagons, by id."""
    table: pd.DataFrame = gpd.read_file(VIEWERS / "lima.gpkg", layer="hex_indicators")
    return table.set_index("GRID_ID").sort_index()


def legend(column: str) -> tuple[float, float]:
    """Return the least and the largest value of a column's published classes."""
    said = json.loads((VIEWERS / "published_class_breaks_lima.json").read_text(encoding="utf-8"))
    ends = [each.split(" - ") for each in said[column]["classes"] if " - " in each]
    numbers = [float(end) for pair in ends for end in pair]
    return min(numbers), max(numbers)


# ── Lima: the columns beside their legends ───────────────────────────────────


def test_lima__has_4465_hexagons_with_9562280_people_and_ten_indicators(lima: Marker) -> None:
    assert len(lima.grid.index) == 4465
    assert lima.people.sum() == pytest.approx(9_562_280, abs=1e-3)
    assert lima.provenance["conservation"][0]["lost"] == 0
    assert int(lima.raw.notna().any().sum()) == 10
    assert len(lima.city.omitted) == 24


def test_lima__published_density_is_ten_times_too_small_and_is_not_used(
    lima: Marker, hexagons: pd.DataFrame
) -> None:
    npt.assert_allclose(hexagons["DEN_POB"], hexagons["Personas"] / 250)
    density = lima.raw["residential_density"]
    npt.assert_allclose(density, hexagons["Personas"] / lima.grid.area_ha, rtol=1e-9)
    assert round(density.max()) == legend("DEN_POB")[1] == 573
    assert lima.grid.area_ha.mean() == pytest.approx(25.56, abs=0.005)


@pytest.mark.parametrize(
    ("column", "said"),
    [(each, each) for each in ("VIV_ADE", "AGUA", "SAN", "ELEC", "INTER", "T_DESEM", "EMPLEO")]
    + [("P_ESCO", "ESC_ANOS")],
)
def test_lima__column_spans_the_classes_of_its_legend(
    hexagons: pd.DataFrame, column: str, said: str
) -> None:
    assert (hexagons[column].min(), round(hexagons[column].max())) == legend(said)


def test_lima__old_age_dependency_is_not_the_economic_one_of_the_legend(
    hexagons: pd.DataFrame,
) -> None:
    assert legend("D_ECONO")[1] == 17.6
    assert hexagons["DEPEN_3_ED"].max() == 100
    assert hexagons["DEPEN_3_ED"].corr(hexagons["P_ESCO"]) == pytest.approx(0.48, abs=0.005)


def test_lima__services_are_shares_of_all_dwellings_and_internet_is_not(
    lima: Marker, hexagons: pd.DataFrame
) -> None:
    """What the legend does not say: more internet than electricity, and three equal shares."""
    people = lima.people
    more = hexagons["INTER"] > hexagons["ELEC"] + 1
    assert people[more].sum() / people.sum() == pytest.approx(0.08, abs=0.005)
    three = hexagons[["AGUA", "SAN", "ELEC"]]
    level = (three.max(axis=1) - three.min(axis=1)) < 2
    assert people[level].sum() / people.sum() > 0.6


def test_lima__adequate_housing_of_nothing_is_of_whole_neighbourhoods(
    lima: Marker, hexagons: pd.DataFrame
) -> None:
    none = hexagons["VIV_ADE"] == 0
    assert int(none.sum()) == 880
    assert lima.people[none].sum() == pytest.approx(890_899, abs=1e-3)
    assert hexagons.loc[none & (hexagons["Personas"] > 500), "TUGURIOS"].mean() > 99


# ── Lima: the marker ─────────────────────────────────────────────────────────


def test_lima__is_left_without_a_marker_at_the_method_s_minimum() -> None:
    marker = compute(HERE / "lima")
    assert marker.scores.marker.isna().all()
    said = marker.summary("en").replace("\n", " ")
    assert "The marker is left empty. Weight of the areas with a score: 40.0 %" in said
    assert "weight observed: 24.0 %" in said


def test_lima__has_a_marker_everywhere_at_the_lowered_minimum_and_says_how_little_it_rests_on(
    lima: Marker,
) -> None:
    means = lima.means()
    assert lima.scores.marker.notna().all()
    npt.assert_allclose(lima.scores.coverage["marker"], 0.24)
    assert lima.scores.areas["health"].isna().all()
    assert means["people_weighted"]["marker"] == pytest.approx(61.8, abs=0.05)
    assert means["plain"]["marker"] == pytest.approx(54.2, abs=0.05)


def test_lima__people_live_in_better_places_than_hexagons_show(lima: Marker) -> None:
    """40 % of the hexagons are of the worst class, with 11 % of the people."""
    worst = classify(lima.scores.marker) == 1
    assert worst.mean() == pytest.approx(0.395, abs=0.001)
    share = lima.people[worst].sum() / lima.people.sum()
    assert share == pytest.approx(0.107, abs=0.001)


def test_lima__districts_run_from_the_beaches_to_san_borja(lima: Marker) -> None:
    assert lima.districts is not None
    ordered = lima.districts.sort_values("marker")["name"].tolist()
    assert len(ordered) == 50
    assert ordered[0] == "Punta Hermosa"
    assert ordered[-3:] == ["Miraflores", "San Isidro", "San Borja"]
    # Hexagons of the rim lie partly outside the districts.
    assert lima.districts["people"].sum() == pytest.approx(9_562_280, rel=0.003)


# ── side by side ─────────────────────────────────────────────────────────────

SHARED = {
    "adequate_housing",
    "improved_water",
    "sanitation",
    "electricity",
    "internet",
    "residential_density",
    "unemployment",
}


def test_lima_and_panama__compare_over_the_seven_indicators_they_share(
    lima: Marker, panama: Marker
) -> None:
    found = compare([lima, panama])
    assert set(found.core.index[found.core["shared"]]) == SHARED
    npt.assert_allclose(found.figures["core_weight"].astype(float), 0.1533, atol=5e-5)
    codes = {each.code for each in found.notices}
    assert {"compared_little", "compared_other_indicators", "compared_without_ranks"} <= codes
    assert found.pairs["marker"][0] == pytest.approx(11.3, abs=0.05), "Panamá looks better"
    assert found.pairs["core_marker"][0] == pytest.approx(-4.7, abs=0.05), "and is not"
    for label, marker in zip(found.labels, (lima, panama), strict=True):
        core = shared_core([lima, panama])[label]
        mean = np.average(core.scores.marker, weights=marker.people)
        assert found.figures["core_marker"][label] == pytest.approx(mean)
    assert found.pairs["cells_shared"].tolist() == [0]
    assert "only" in comparison_text(found, "en")


def test_lima_and_cucuta__on_streets_share_the_scale_of_all_but_travel(
    lima: Marker, cucuta: Marker
) -> None:
    """No indicator of Lima is a distance: minutes and metres are not set against each other."""
    found = compare([lima, cucuta])
    codes = {each.code for each in found.notices}
    assert {"compared_synthetic", "compared_means", "compared_cells"} <= codes
    assert int(found.core["shared"].sum()) == 10


def test_methods__of_one_city_are_refused_and_shown_when_told(cucuta: Marker) -> None:
    straight = compute("cucuta", method="uim-v1")
    with pytest.raises(ParameterError, match="compared_units"):
        compare([straight, cucuta])
    found = compare([straight, cucuta], allow_different_goalposts=True)
    pair = found.pairs.iloc[0]
    assert pair["cells_shared"] == len(cucuta.grid.index)
    assert pair["core_marker"] == pytest.approx(0, abs=1e-9)
    assert pair["marker"] == pytest.approx(
        cucuta.means()["people_weighted"]["marker"] - straight.means()["people_weighted"]["marker"]
    )
    assert 0 < pair["class_changed"] < 1
    assert pair["rank_correlation"] > 0.9


# ── end to end: audit, explanation, robustness, equity, hot spots ────────────

CITIES = ("lima", "panama", "buenos_aires", "cucuta")


@pytest.fixture(scope="module")
def cities(lima: Marker, panama: Marker, buenos_aires: Marker, cucuta: Marker) -> dict[str, Marker]:
    """Return the four cities by id."""
    return dict(zip(CITIES, (lima, panama, buenos_aires, cucuta), strict=True))


@pytest.fixture(scope="module")
def drawn(cities: dict[str, Marker]) -> dict[str, Robustness]:
    """Return 256 draws of each city, all by one seed."""
    return {key: robustness(each, draws=256) for key, each in cities.items()}


def found_by(audited: Audit, code: str) -> pd.DataFrame:
    """Return the findings of one kind."""
    return audited.findings[audited.findings["code"] == code]


@pytest.mark.parametrize("city", CITIES)
def test_audit__goes_through_ten_steps_and_names_each_finding(
    cities: dict[str, Marker], city: str
) -> None:
    audited = audit(cities[city])
    assert audited.steps.index.tolist() == list(range(1, 11))
    assert audited.persons == pytest.approx(cities[city].people.sum())
    assert len(audited.notices) == len(audited.findings)
    for language in ("es", "en"):
        text = audit_text(audited, language)
        assert max(map(len, text.splitlines())) <= 100
    assert "SYNTHETIC" in text or city != "cucuta"


def test_audit__of_lima_says_the_lowered_minimum_and_the_twins_of_one_census_question(
    lima: Marker,
) -> None:
    audited = audit(lima)
    assert found_by(audited, "audit_bar_low")["value"].tolist() == [LOWERED]
    pairs = audited.correlations.set_index(["first", "second"])["r"]
    assert pairs["ind_improved_water", "ind_sanitation"] == pytest.approx(0.93, abs=0.005)
    # The group of housing is in fact its quality: see what VIV_ADE is.
    assert audited.nodes["ratio_parent"]["dim_housing_quality"] == pytest.approx(0.92, abs=0.01)
    # What weighs a quarter of the marker has hardly any part in its differences.
    assert audited.nodes["influence"]["area_economy"] == pytest.approx(0.04, abs=0.01)
    # Rounding is no wrong direction.
    assert not len(found_by(audited, "audit_score_reversed"))


def test_audit__of_buenos_aires_says_that_schools_tell_nobody_apart(buenos_aires: Marker) -> None:
    audited = audit(buenos_aires)
    best = audited.goalposts["people_at_best"]["ind_education_distance"]
    assert best == pytest.approx(0.972, abs=0.002)
    assert "ind_education_distance" in set(found_by(audited, "audit_one_end")["node"])


@pytest.mark.parametrize("city", CITIES)
def test_explanation__of_a_real_city_adds_up_to_what_it_lacks(
    cities: dict[str, Marker], city: str
) -> None:
    found = explain(cities[city])
    for level in ("area", "dim", "ind"):
        points = found.table.loc[found.table["level"] == level, "points"]
        assert points.sum() == pytest.approx(found.shortfall, rel=1e-9)
    assert found.marker == pytest.approx(cities[city].means()["people_weighted"]["marker"])


def test_explanation__of_lima_puts_public_space_first(lima: Marker) -> None:
    first = explain(lima).reasons().index.tolist()
    assert first[:2] == ["ind_public_space_per_person", "ind_schooling_years"]


@pytest.mark.parametrize("city", CITIES)
def test_robustness__holds_the_marker_shown_in_its_interval(
    cities: dict[str, Marker], drawn: dict[str, Robustness], city: str
) -> None:
    found, marker = drawn[city], cities[city].scores.marker
    assert found.draws.shape == (len(marker), 256)
    assert np.array_equal(np.isnan(found.draws[:, 0]), marker.isna())
    whole = found.city.xs("both", level="source").loc["marker"]
    assert whole["low"] < whole["shown"] < whole["high"]
    inside = marker.between(found.cells["low"] - 0.5, found.cells["high"] + 0.5)
    assert inside[marker.notna()].mean() > 0.95


def test_robustness__of_lima_hangs_on_choices_in_the_city_and_on_counts_in_a_hexagon(
    drawn: dict[str, Robustness],
) -> None:
    """The errors of 4,465 hexagons cancel out in the city's mean; those of one choice do not."""
    city = drawn["lima"].city.loc["marker"]
    width = city["high"] - city["low"]
    assert width["data"] < 0.5
    assert 7 < width["choices"] < 11
    assert drawn["lima"].cells["data_half_width"].median() > 3


def test_robustness__is_low_everywhere_where_a_quarter_of_the_weight_is_observed(
    drawn: dict[str, Robustness],
) -> None:
    for city in ("lima", "panama", "buenos_aires"):
        assert set(drawn[city].cells["confidence"].dropna()) == {"low"}, city
    assert set(drawn["cucuta"].cells["confidence"].dropna()) == {"high", "medium", "low"}


def test_robustness__of_lima_without_density_or_public_space_moves_most_people(
    drawn: dict[str, Robustness],
) -> None:
    left_out = drawn["lima"].without
    assert left_out["city_change"]["ind_public_space_per_person"] == pytest.approx(7.27, abs=0.01)
    assert left_out["city_change"]["ind_residential_density"] == pytest.approx(-7.27, abs=0.01)
    assert left_out["class_change"]["ind_residential_density"] == pytest.approx(0.70, abs=0.005)


def test_lima_and_panama__are_ranked_over_what_they_share_and_not_otherwise(
    lima: Marker, panama: Marker, drawn: dict[str, Robustness]
) -> None:
    of_both = {key: drawn[key] for key in ("lima", "panama")}
    full = compare({"lima": lima, "panama": panama}, robustness=of_both)
    assert full.ranks.empty
    core = shared_core({"lima": lima, "panama": panama})
    draws = {key: robustness(each, draws=256) for key, each in core.items()}
    found = compare(core, robustness=draws)
    assert found.ranks["median"].to_dict() == {"lima": 1, "panama": 2}
    assert found.pairs["first_below"][0] < 0.05


# Of the marker, weighted by people: Gini, and the share of the people below 50.
INEQUALITY = {
    "lima": (0.0815, 0.1067),
    "panama": (0.0922, 0.0741),
    "buenos_aires": (0.0865, 0.0166),
}


@pytest.mark.parametrize("city", CITIES)
def test_equity__of_a_real_city_is_of_its_people(
    cities: dict[str, Marker], drawn: dict[str, Robustness], city: str
) -> None:
    marker = cities[city]
    found = equity(marker, robustness=drawn[city])
    row = found.measures.loc["marker"]
    assert found.intervals["value"]["mean"] == pytest.approx(
        marker.means()["people_weighted"]["marker"]
    )
    if city in INEQUALITY:
        gini, below = INEQUALITY[city]
        assert row["gini"] == pytest.approx(gini, abs=1e-4)
        assert row["headcount"] == pytest.approx(below, abs=1e-4)
    span = found.intervals.loc["gini"]
    assert 0 < span["low"] < span["high"] < 0.3
    if found.decomposition is not None:
        parts = found.decomposition.between + found.decomposition.within
        assert parts == pytest.approx(found.decomposition.total)
    assert max(map(len, equity_text(found, marker, "es").splitlines())) <= 100


def test_equity__of_the_real_cities_knows_no_group_and_says_so(lima: Marker) -> None:
    found = equity(lima)
    assert "equity_group_missing" in {each.code for each in found.notices}
    assert found.decomposition is not None
    share = found.decomposition.between / found.decomposition.total
    assert share == pytest.approx(0.353, abs=0.001)


def test_equity__of_the_sample_compares_people_of_venezuelan_origin(cucuta: Marker) -> None:
    assert len(equity(cucuta).gaps.groups) > 0


@pytest.mark.parametrize("city", CITIES)
def test_hotspots__of_a_real_city_count_people_and_all_of_them(
    cities: dict[str, Marker], drawn: dict[str, Robustness], city: str
) -> None:
    marker = cities[city]
    found = hotspots(marker, robustness=drawn[city])
    assert found.summary["people"].sum() == pytest.approx(marker.people.sum())
    assert found.summary["cells"].sum() == len(marker.grid.index)
    assert found.global_.value > 0.3
    assert (found.summary["people_stable"] <= found.summary["people"] + 1e-6).all()
    assert max(map(len, hotspots_text(found, marker, "en").splitlines())) <= 100


def test_hotspots__of_lima_hold_few_people_in_many_hexagons_of_gaps(lima: Marker) -> None:
    """14 % of the hexagons, 2.5 % of the people: density is part of the marker."""
    found = hotspots(lima)
    assert found.global_.value == pytest.approx(0.756, abs=5e-4)
    assert found.summary["cells"]["low"] / len(lima.grid.index) == pytest.approx(0.14, abs=0.005)
    assert found.summary["share"]["low"] == pytest.approx(0.0245, abs=5e-4)
    gaps = found.cells["hotspot"] == "low"
    assert lima.raw["residential_density"][gaps].median() < 25
