"""The audit: each finding is made where its cause is, and nowhere else; nothing breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
from numpy.typing import ArrayLike, NDArray

from inclusion_marker.analysis.audit import Audit, audit
from inclusion_marker.analysis.auditing.thresholds import Thresholds
from inclusion_marker.composite.scoring import score
from inclusion_marker.curves import off_scale, on_scale
from inclusion_marker.errors import ParameterError
from inclusion_marker.marker import Marker, compute
from inclusion_marker.method import Method, extended_method, load_method
from inclusion_marker.notices import Notice
from inclusion_marker.result import Result
from inclusion_marker.texts import LANGUAGES, Text, catalogue

CELLS = 240
Floats = NDArray[np.float64]
UIM = load_method("uim-v1")


@pytest.fixture(scope="module")
def manta() -> Marker:
    """Return a small city that computes: 17 of 34 indicators, no marker."""
    return compute("manta", resolution=8)


def scale(key: str, share: ArrayLike) -> Floats:
    """Return raw values of an indicator that score ``share`` of 100."""
    card = UIM.indicators[key]
    points = card.score.curve(card.classes)
    # Of a two-sided curve the side below its best.
    rising = points[:2] if card.score.polarity == "two_sided" else points
    x, y = np.array(rising).T
    order = np.argsort(y)
    scaled = on_scale(x, card.score.scale)
    found = np.interp(100 * np.asarray(share), y[order], scaled[order])
    return off_scale(found, card.score.scale)


def coherent(seed: int = 7) -> pd.DataFrame:
    """Return raw values of a city whose indicators share much with their own, less with others."""
    noise = np.random.default_rng(seed)
    common = noise.normal(0, 0.1, CELLS)
    raw = {}
    for area in UIM.areas:
        of_area = common + noise.normal(0, 0.1, CELLS)
        for dimension in UIM.dimensions_of(area):
            of_dimension = of_area + noise.normal(0, 0.08, CELLS)
            for key in UIM.indicators_of(dimension):
                share = 0.5 + of_dimension + noise.normal(0, 0.1, CELLS)
                raw[key] = scale(key, np.clip(share, 0.01, 0.99))
    return pd.DataFrame(raw, index=[f"c{n:03}" for n in range(CELLS)])[list(UIM.indicators)]


def a_city(
    manta: Marker, raw: pd.DataFrame, method: Method = UIM, people: Floats | None = None
) -> Result:
    """Return the result of a made-up city of 2018."""
    living = np.linspace(50, 150, len(raw)) if people is None else people
    layers = {
        key: source.model_copy(update={"date": "2018"}) for key, source in manta.city.layers.items()
    }
    return replace(
        manta,
        city=manta.city.model_copy(update={"layers": layers}),
        method=method,
        raw=raw,
        scores=score(raw, method),
        context=pd.DataFrame({"people": living}, index=raw.index),
        origins=pd.DataFrame("unit", index=raw.index, columns=raw.columns).where(
            raw.notna(), "missing"
        ),
        notices=(),
    )


@pytest.fixture(scope="module")
def sound(manta: Marker) -> Result:
    """Return a city of 240 cells that holds together."""
    return a_city(manta, coherent())


@pytest.fixture(scope="module")
def audited(sound: Result) -> Audit:
    """Return the audit of the city that holds together."""
    return audit(sound)


def codes(found: Audit) -> set[str]:
    """Return the codes of the findings."""
    return set(found.findings["code"])


def of(found: Audit, code: str) -> pd.DataFrame:
    """Return the findings of a code, by node."""
    return found.findings.loc[found.findings["code"] == code].set_index("node")


def figure(table: pd.DataFrame, row: str, column: str = "value") -> float:
    """Return one figure of a table."""
    return float(table[column].to_dict()[row])


def put(raw: pd.DataFrame, key: str, rows: slice, value: ArrayLike) -> None:
    """Put a value into some rows of a column."""
    column = raw[key].to_numpy(copy=True)
    column[rows] = value
    raw[key] = column


def overridden(over: dict[str, Any]) -> Method:
    """Return a method that is ``uim-v1`` but for some cards."""
    return extended_method("uim-v1", {"id": "other", **over}, file="other.toml")


# ── a city that holds together ───────────────────────────────────────────────


def test_sound_city__has_nothing_to_act_on(audited: Audit) -> None:
    assert audited.findings.query("severity != 'info'").empty
    assert codes(audited) == {
        "audit_undefined",
        "audit_single_child",
        "audit_compensation",
        "audit_choice_holds",
        "audit_known_absent",
    }
    assert audited.steps["checks"].drop(index=9).gt(0).all()
    assert audited.steps["checks"][9] == 0


def test_finding__has_a_value_a_threshold_and_words(audited: Audit) -> None:
    assert len(audited.findings) == len(audited.notices) > 5
    assert np.isfinite(audited.findings[["value", "threshold"]]).all(axis=None)
    assert audited.findings["people"].dropna().between(0, 1).all()
    for language in LANGUAGES:
        said = audited.words(language)
        assert (said[["found", "why", "fix"]].map(len) > 10).all(axis=None)
        assert not said["found"].str.contains(r"[{}]|nan", regex=True).any()
    assert repr(audited) == f"<Audit 'manta' by uim-v1: 0 warnings, {len(audited.findings)} notes>"


def test_coherent_groups__have_the_figures_of_the_handbook(audited: Audit) -> None:
    children = audited.groups[audited.groups["parts"] == "children"].set_index("node")
    assert figure(children, "marker", "alpha") > 0.7
    assert figure(children, "dim_basic_services", "kmo") > 0.6
    assert (children["k"] == children["members"]).all()
    assert children["reason_alpha"].to_dict()["dim_commerce_proximity"] == "few"
    whole = audited.groups.query("parts == 'indicators' and node == 'marker'")
    assert whole["k"].tolist() == [34]
    sums = audited.eigenvalues.groupby(["node", "parts"])["eigenvalue"].sum()
    counts = audited.groups.set_index(["node", "parts"])["k"].astype(float)
    npt.assert_allclose(sums, counts.loc[sums.index])


def test_influence__of_like_siblings_is_their_weight(audited: Audit) -> None:
    nodes = audited.nodes
    npt.assert_allclose(nodes["times"].dropna(), 1, atol=0.35)
    areas = nodes[nodes["level"] == "area"]
    npt.assert_allclose(areas["influence"].sum(), 1)
    npt.assert_allclose(areas["weight_seen"], 0.2)
    assert nodes["ratio_parent"].dropna().between(0, 1).all()
    npt.assert_allclose(nodes.loc[nodes["level"] == "indicator", "effective_weight"].sum(), 1)


def test_audit__does_not_change_when_cells_and_indicators_are_reordered(
    sound: Result, audited: Audit
) -> None:
    turned = np.random.default_rng(7).permutation(CELLS)
    raw = sound.raw.iloc[turned, ::-1]
    other = replace(
        sound,
        raw=raw,
        scores=score(raw, sound.method),
        context=sound.context.iloc[turned[::-1]],
        origins=sound.origins.iloc[turned, ::-1],
    )
    again = audit(other)
    pd.testing.assert_frame_equal(again.findings, audited.findings, rtol=1e-9)
    pd.testing.assert_frame_equal(again.nodes, audited.nodes, rtol=1e-9, atol=1e-9)


# ── each finding, where its cause is ─────────────────────────────────────────

Change = Callable[[pd.DataFrame], None]


def shuffled(values: pd.Series[float]) -> Floats:
    """Return the values in an order that says nothing."""
    return np.random.default_rng(11).permutation(values.to_numpy())


def one_value(raw: pd.DataFrame) -> None:
    raw["internet"] = 60.0


def reversed_polarity(raw: pd.DataFrame) -> None:
    raw["internet"] = 100 - raw["internet"]


def against_each_other(raw: pd.DataFrame) -> None:
    wave = 0.1 * np.sin(np.arange(CELLS))
    raw["theft_rate"] = scale("theft_rate", np.clip(1 - homicide_share(raw) + wave, 0, 1))


def homicide_share(raw: pd.DataFrame) -> Floats:
    """Return the scores of the homicide rate, 0-1."""
    score_of = UIM.indicators["homicide_rate"].score
    return np.asarray(score_of.apply(raw["homicide_rate"].to_numpy()) / 100)


def unrelated(raw: pd.DataFrame) -> None:
    raw["schooling_gap"] = shuffled(raw["schooling_gap"])


def all_but_flat(raw: pd.DataFrame) -> None:
    raw["pm10"] = scale("pm10", np.where(np.arange(CELLS) % 2, 0.5, 0.501))


def borrowed(raw: pd.DataFrame) -> None:
    raw["pm10"] = scale("pm10", raw["internet"] / 100)


def twice_the_same(raw: pd.DataFrame) -> None:
    raw["sanitation"] = raw["improved_water"] * 0.9 + 5


def made_of_others(raw: pd.DataFrame) -> None:
    raw["sanitation"] = (raw["improved_water"] + raw["electricity"] + raw["internet"]) / 3


def repeated(raw: pd.DataFrame) -> None:
    for at, key in enumerate(("sanitation", "electricity", "internet"), start=2):
        raw[key] = raw["improved_water"] + np.sin(at * np.arange(CELLS))


def apart(raw: pd.DataFrame) -> None:
    for key in ("youth_unemployment", "unemployment_gap"):
        raw[key] = shuffled(raw[key])
    raw["youth_unemployment"] = scale("youth_unemployment", shuffled(raw["internet"]) / 100)
    raw["unemployment_gap"] = scale("unemployment_gap", shuffled(raw["internet"]) / 100)


def far_too_long(raw: pd.DataFrame) -> None:
    put(raw, "health_distance", slice(80), 9000.0)


def near_enough(raw: pd.DataFrame) -> None:
    put(raw, "health_distance", slice(80), 10.0)


def everybody_at_best(raw: pd.DataFrame) -> None:
    raw["informal_employment"] = np.linspace(0, 1e-9, CELLS)


def few_far_out(raw: pd.DataFrame) -> None:
    raw["public_space_per_person"] = np.where(np.arange(CELLS) < 4, 500.0, 2.0)


def some_missing(raw: pd.DataFrame) -> None:
    put(raw, "pm10", slice(120), np.nan)


def no_data(raw: pd.DataFrame) -> None:
    raw["pm10"] = np.nan


def half_unscored(raw: pd.DataFrame) -> None:
    raw.iloc[:24] = np.nan


def everybody_well(raw: pd.DataFrame) -> None:
    for key in raw:
        raw[key] = scale(str(key), np.linspace(0.85, 0.95, CELLS))


CAUSES: list[tuple[Change, str, str]] = [
    (one_value, "audit_constant", "ind_internet"),
    (reversed_polarity, "audit_polarity", "ind_internet"),
    (reversed_polarity, "audit_against_parent", "ind_internet"),
    (reversed_polarity, "audit_negative", "ind_improved_water"),
    (against_each_other, "audit_negative", "ind_theft_rate"),
    (against_each_other, "audit_alpha_low", "dim_safety"),
    (unrelated, "audit_weak", "ind_schooling_years"),
    (unrelated, "audit_alpha_low", "dim_attainment"),
    (all_but_flat, "audit_influence_low", "ind_pm10"),
    (all_but_flat, "audit_dominant", "ind_solid_waste"),
    (borrowed, "audit_nearer_elsewhere", "ind_pm10"),
    (twice_the_same, "audit_redundant", "ind_improved_water"),
    (twice_the_same, "audit_collinear", "ind_sanitation"),
    (made_of_others, "audit_collinear", "ind_sanitation"),
    (repeated, "audit_vif_high", "ind_internet"),
    (repeated, "audit_alpha_high", "dim_basic_services"),
    (apart, "audit_components", "dim_livelihoods"),
    (far_too_long, "audit_beyond_worst", "ind_health_distance"),
    (near_enough, "audit_beyond_best", "ind_health_distance"),
    (everybody_at_best, "audit_one_end", "ind_informal_employment"),
    (few_far_out, "audit_skewed", "ind_public_space_per_person"),
    (some_missing, "audit_gaps", "ind_pm10"),
    (no_data, "audit_without_data", "marker"),
    (no_data, "audit_coverage_low", "dim_environment"),
    (no_data, "audit_group_unchecked", "dim_environment"),
    (half_unscored, "audit_unscored", "marker"),
    (everybody_well, "audit_one_class", "marker"),
]


@pytest.mark.parametrize("change", dict.fromkeys(change for change, _, _ in CAUSES))
def test_finding__is_made_where_its_cause_is(manta: Marker, audited: Audit, change: Change) -> None:
    raw = coherent()
    change(raw)
    found = audit(a_city(manta, raw))
    for cause, code, node in CAUSES:
        if cause is change:
            assert node in of(found, code).index, code
            assert node not in of(audited, code).index, code


METHODS: list[tuple[dict[str, Any], str, str]] = [
    ({"areas": {"housing": {"weight": 9}}}, "audit_weight_rules", "area_housing"),
    ({"normalisation": {"rule": "min_max"}}, "audit_not_comparable", "marker"),
    (
        {"dimensions": {"commerce_proximity": {"weight": 0}}},
        "audit_single_child",
        "area_economy",
    ),
    (
        {"indicators": {"internet": {"weight": 20}, "electricity": {"weight": 0}}},
        "audit_weight_rules",
        "ind_internet",
    ),
]


@pytest.mark.parametrize(("over", "code", "node"), METHODS)
def test_finding__is_made_where_the_method_is_the_cause(
    manta: Marker, audited: Audit, over: dict[str, Any], code: str, node: str
) -> None:
    assert node in of(audit(a_city(manta, coherent(), overridden(over))), code).index
    assert node not in of(audited, code).index


def test_weights__that_give_one_a_far_larger_voice_are_found(manta: Marker) -> None:
    raw = coherent()
    for key in ("income_diversity", "education_diversity", "ethnic_diversity"):
        raw[key] = scale(key, 0.5 + np.random.default_rng(3).normal(0, 0.002, CELLS))
    found = audit(a_city(manta, raw))
    loud = of(found, "audit_influence_high")
    assert figure(loud, "ind_age_diversity", "value") > 2
    assert figure(found.nodes, "ind_age_diversity", "weight_seen") == 0.25


def test_framework__that_leaves_things_unsaid_is_found(manta: Marker) -> None:
    cards = {
        **UIM.indicators,
        "internet": UIM.indicators["internet"].model_copy(
            update={"rationale": Text(es=" ", en="because"), "reference": ""}
        ),
    }
    found = audit(a_city(manta, coherent(), UIM.model_copy(update={"indicators": cards})))
    row = of(found, "audit_card_incomplete").loc["ind_internet"]
    assert (row["value"], row["step"], row["severity"]) == (2, 1, "warning")
    said = found.words("es").query("code == 'audit_card_incomplete'")["found"].item()
    assert said == "a la ficha de V6 Acceso a internet le falta: justificación, fuente"


def test_too_many_indicators__are_too_many(sound: Result) -> None:
    found = audit(sound, thresholds=Thresholds(indicators=30))
    row = of(found, "audit_many_indicators")
    assert (figure(row, "marker"), figure(row, "marker", "threshold")) == (34, 30)


def test_data__of_other_places_and_years_is_found(manta: Marker, sound: Result) -> None:
    origins = sound.origins.copy()
    origins["pm10"] = "proxy"
    origins["youth_unemployment"] = "city"
    origins.loc[origins.index[:200], "employment"] = "inherited"
    origins.loc[origins.index[:5], "internet"] = "inherited"
    dates = {"census": "2010, corrected 2011", "health": "2018-2020", "culture": "unknown"}
    layers = {
        key: source.model_copy(update={"date": dates.get(key, "2015")})
        for key, source in sound.city.layers.items()
    }
    notices = (Notice("areas_overlap"), Notice("audit_known_absent"))
    found = audit(
        replace(
            sound,
            origins=origins.drop(columns="stratum"),
            city=sound.city.model_copy(update={"layers": layers}),
            layers={**manta.layers, "made_up": manta.layers["census"]},
            notices=notices,
        )
    )
    assert of(found, "audit_proxy")["people"].to_dict() == {"ind_pm10": 1}
    assert of(found, "audit_city_value").index.tolist() == ["ind_youth_unemployment"]
    assert of(found, "audit_inherited").index.tolist() == ["ind_employment"]
    assert of(found, "audit_dates_apart")["value"].tolist() == [9]
    assert of(found, "audit_undated")["value"].tolist() == [1]
    assert of(found, "audit_data_noticed")["value"].tolist() == [1]
    assert found.data["year"].to_dict()["health"] == 2020
    assert "made_up" not in found.data.index


def test_minimum_coverage__lowered_on_purpose_is_said(manta: Marker) -> None:
    found = audit(a_city(manta, coherent(), UIM.with_min_coverage(0.3)))
    assert of(found, "audit_bar_low")["value"].tolist() == [0.3]


def test_floor__is_counted_in_people(manta: Marker) -> None:
    raw = coherent()
    for key in UIM.indicators:
        if UIM.dimensions[UIM.indicators[key].dimension].area == "economy":
            put(raw, key, slice(24), scale(key, np.zeros(24)))
    people = np.full(CELLS, 10.0)
    method = overridden({"aggregation": {"marker": {"rule": "geometric", "floor": 1}}})
    found = audit(a_city(manta, raw, method, people))
    assert of(found, "audit_floor_met")["value"].to_dict() == {"marker": pytest.approx(0.1)}
    # One area at 0 is not made up for: the geometric mean gives 100 ** 0.8 at most.
    assert "marker" not in of(found, "audit_compensation").index


def test_choice_of_the_mean__that_moves_classes_is_found(manta: Marker) -> None:
    raw = coherent()
    for key in UIM.indicators:
        if UIM.dimensions[UIM.indicators[key].dimension].area == "economy":
            raw[key] = scale(key, np.full(CELLS, 0.04) + np.linspace(0, 0.02, CELLS))
    found = of(audit(a_city(manta, raw)), "audit_choice_matters")
    assert figure(found, "marker", "value") > 0.1
    assert figure(found, "marker", "value") == figure(found, "marker", "people")


def test_supplementary_indicator__is_described_and_left_out(manta: Marker) -> None:
    uim = load_method("uim")
    raw = pd.DataFrame(
        {key: np.linspace(card.score.curve(card.classes)[0][0], 1, 40) + np.arange(40) % 7
         for key, card in uim.indicators.items()}
    )  # fmt: skip
    found = audit(a_city(manta, raw, uim))
    assert "ind_hospital_beds_access" in found.nodes.index
    assert figure(found.nodes, "ind_hospital_beds_access", "n") == 40
    assert np.isnan(figure(found.nodes, "ind_hospital_beds_access", "r_parent"))
    named = pd.concat([found.correlations["first"], found.correlations["second"]])
    assert not named.eq("ind_hospital_beds_access").any()
    assert not found.items["item"].eq("ind_hospital_beds_access").any()


# ── direction ────────────────────────────────────────────────────────────────


def test_one_sided_standardisation__of_a_two_sided_indicator_is_seen(sound: Result) -> None:
    values = sound.raw["residential_density"]
    wrong = sound.scores.indicators.assign(
        residential_density=np.clip(100 - (values - values.median()), 0, 100)
    )
    scores = replace(sound.scores, indicators=wrong)
    found = of(audit(replace(sound, scores=scores)), "audit_score_reversed")
    assert found.index.tolist() == ["ind_residential_density"]
    assert figure(found, "ind_residential_density", "people") > 0.4


def test_reversed_scores__come_first(sound: Result) -> None:
    wrong = sound.scores.indicators.assign(internet=100 - sound.scores.indicators["internet"])
    found = audit(replace(sound, scores=replace(sound.scores, indicators=wrong)))
    assert found.findings["code"].tolist()[0] == "audit_score_reversed"
    assert of(found, "audit_score_reversed").index.tolist() == ["ind_internet"]
    order = ["error", "warning", "info"]
    ranks = found.findings["severity"].map(order.index).tolist()
    assert all(one <= other for one, other in pairwise(ranks))


# ── known measures ───────────────────────────────────────────────────────────


def test_known_measures__are_compared_over_the_cells_they_share(sound: Result) -> None:
    marker = sound.scores.marker
    noise = pd.Series(np.random.default_rng(5).normal(size=CELLS), marker.index)
    known = pd.DataFrame(
        {
            "poverty": -marker + 5 * noise,
            "twin": 3 * marker + 1,
            "noise": noise,
            "rent": marker + 10 * noise,
            "flat": 1.0,
            "marker": marker + 9 * noise,
        }
    ).iloc[20:]
    found = audit(sound, known=pd.concat([known, known.iloc[[0]].set_axis(["elsewhere"])]))
    assert "audit_known_absent" not in codes(found)
    by_code = found.findings.set_index("code")["other"]
    assert by_code["audit_known_negative"] == "poverty"
    assert by_code["audit_known_redundant"] == "twin"
    assert by_code["audit_known_weak"] == "noise"
    table = found.known.set_index(["node", "measure"])
    assert len(table) == 36
    r = table["r"].to_dict()
    assert r["marker", "twin"] == pytest.approx(1)
    assert table["n"].eq(CELLS - 20).all()
    assert np.isnan(r["marker", "flat"])
    assert found.steps["checks"][9] == 30


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ("poverty.csv", "parameter_type"),
        (pd.DataFrame({"a": ["x"]}, index=["c000"]), "column_not_numeric"),
        (pd.DataFrame({"a": [1.0, 2.0]}, index=["c000", "c000"]), "known_repeated"),
        (pd.DataFrame({"a": [1.0]}, index=["d000"]), "known_elsewhere"),
    ],
)
def test_known_measures__that_are_none_are_refused(
    sound: Result, known: pd.DataFrame, code: str
) -> None:
    with pytest.raises(ParameterError, match=code):
        audit(sound, known=known)


# ── people, thresholds ───────────────────────────────────────────────────────


def test_people__weigh_by_default_and_cells_on_request(manta: Marker) -> None:
    raw = coherent()
    put(raw, "internet", slice(120, None), shuffled(raw["internet"])[120:])
    empty = np.where(np.arange(CELLS) < 120, 10.0, 0.0)
    city = a_city(manta, raw, people=empty)
    by_people, by_cells = audit(city), audit(city, people=False)
    assert figure(by_people.nodes, "ind_internet", "r_parent") > 0.8
    assert figure(by_cells.nodes, "ind_internet", "r_parent") < 0.8
    assert figure(by_people.nodes, "marker", "n") == 120
    assert (by_people.weighted, by_cells.weighted) == (True, False)
    assert figure(by_cells.nodes, "marker", "n") == CELLS


@pytest.mark.parametrize(
    ("people", "code"),
    [(-1.0, "weights_unusable"), (np.nan, "weights_unusable"), (0.0, "weights_all_zero")],
)
def test_people__that_cannot_weigh_are_refused(manta: Marker, people: float, code: str) -> None:
    city = a_city(manta, coherent(), people=np.full(CELLS, people))
    with pytest.raises(ParameterError, match=code):
        audit(city)
    assert audit(city, people=False).cells == CELLS


def test_thresholds__have_sources_and_limits() -> None:
    names = {each.name for each in fields(Thresholds)}
    assert set(Thresholds.sources()) == names
    assert all(Thresholds.sources().values())
    with pytest.raises(ParameterError) as caught:
        Thresholds(weak=2, vif=0.5, kmo=np.nan, beyond="5 %", one_end=True)  # type: ignore[arg-type]
    said = str(caught.value)
    for name in ("weak", "vif", "kmo", "beyond", "one_end"):
        assert f"thresholds.{name}" in said


def test_thresholds__decide_what_is_a_finding(manta: Marker) -> None:
    raw = coherent()
    far_too_long(raw)
    city = a_city(manta, raw)
    assert "audit_beyond_worst" in codes(audit(city))
    assert "audit_beyond_worst" not in codes(audit(city, thresholds=Thresholds(beyond=0.5)))


# ── cities of every kind ─────────────────────────────────────────────────────


def test_city_with_half_of_the_indicators__is_audited(manta: Marker) -> None:
    found = audit(manta)
    assert {"audit_few_cells", "audit_unscored", "audit_without_data"} <= codes(found)
    assert found.steps["checks"][7] == found.steps["checks"][10] == 0
    assert found.nodes["reason"].to_dict()["marker"] == "missing"
    assert of(found, "audit_constant").index[0] == "ind_education_distance"


@pytest.mark.slow
def test_sample_city_with_all_indicators__is_audited() -> None:
    found = audit(compute("cucuta"))
    whole = found.groups.set_index(["node", "parts"])["k"].to_dict()
    assert whole["marker", "indicators"] == 34
    assert found.steps["checks"].drop(index=9).gt(0).all()
    # In the made-up city thefts are fewest where the rest of public space is worst.
    assert of(found, "audit_polarity").index.tolist() == ["ind_theft_rate"]
    assert of(found, "audit_redundant")["other"].tolist() == ["ind_employment"]


TEN = (
    "adequate_housing",
    "improved_water",
    "sanitation",
    "electricity",
    "internet",
    "schooling_years",
    "residential_density",
    "public_space_distance",
    "unemployment",
    "employment",
)


def test_city_with_ten_indicators__is_audited_where_the_minimum_is_lowered(manta: Marker) -> None:
    raw = coherent()[list(TEN)]
    found = audit(a_city(manta, raw, UIM.with_min_coverage(0.1)))
    assert figure(found.nodes, "area_health", "n") == 0
    assert figure(found.nodes, "marker", "n") == CELLS
    held = found.nodes["effective_weight"].to_dict()
    gone = 1 - sum(held[f"ind_{key}"] for key in TEN)
    assert figure(of(found, "audit_without_data"), "marker") == pytest.approx(gone)
    assert found.steps["checks"][7] == 1


@pytest.mark.parametrize("cells", [1, 2, 3, 4])
def test_city_of_few_cells__is_audited_without_a_warning(manta: Marker, cells: int) -> None:
    found = audit(a_city(manta, coherent().iloc[:cells]))
    assert "audit_few_cells" in codes(found)
    assert found.cells == cells
    assert found.correlations["r"].isna().all() == (cells == 1)


def test_city_without_a_value__is_audited(manta: Marker) -> None:
    found = audit(a_city(manta, coherent() * np.nan))
    assert of(found, "audit_without_data")["value"].item() == pytest.approx(1)
    assert found.correlations["reason"].eq("missing").all()
    assert found.classes["people"].tolist() == [0, 0, 0, 0, 0, 1]


def test_city_where_all_is_equal__names_every_indicator(manta: Marker) -> None:
    raw = coherent()
    raw.loc[:] = raw.iloc[[0]].to_numpy()
    found = audit(a_city(manta, raw))
    assert len(of(found, "audit_constant")) == 34
    assert found.correlations["reason"].eq("constant").all()


def test_every_finding_of_the_catalogue__has_a_cause_in_these_tests() -> None:
    caused = {code for _, code, _ in CAUSES} | {code for _, code, _ in METHODS}
    elsewhere = {
        "audit_undefined", "audit_card_incomplete", "audit_many_indicators", "audit_dates_apart",
        "audit_undated", "audit_proxy", "audit_city_value", "audit_inherited",
        "audit_data_noticed", "audit_bar_low", "audit_few_cells", "audit_score_reversed",
        "audit_influence_high", "audit_compensation", "audit_floor_met", "audit_choice_matters",
        "audit_choice_holds", "audit_known_absent", "audit_known_weak", "audit_known_negative",
        "audit_known_redundant", "audit_kmo_low",
    }  # fmt: skip
    known = {code for code in catalogue("notices") if code.startswith("audit_")}
    assert caused | elsewhere == known


def test_low_sampling_adequacy__is_found(manta: Marker) -> None:
    raw = coherent()
    for key in ("sanitation", "electricity", "internet"):
        raw[key] = shuffled(raw[key]) if key == "internet" else raw[key]
    raw["electricity"] = scale("electricity", np.random.default_rng(1).uniform(0, 1, CELLS))
    raw["sanitation"] = scale("sanitation", np.random.default_rng(2).uniform(0, 1, CELLS))
    found = of(audit(a_city(manta, raw)), "audit_kmo_low")
    assert figure(found, "dim_basic_services", "value") < 0.6
