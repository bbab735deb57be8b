"""A method file: what ships, what overrides do, and what is refused."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.testing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frameworks import flat, method_of
from inclusion_marker.cards import Rule, RuleName
from inclusion_marker.curves import Normalisation, NormalisationRule, Score
from inclusion_marker.errors import MethodError
from inclusion_marker.method import (
    Method,
    effective_weights,
    extended_method,
    load_method,
    parse_method,
    shipped_methods,
)
from inclusion_marker.notices import Notice

BROKEN = Path(__file__).parent / "data" / "broken_methods"


@pytest.mark.parametrize("name", sorted(shipped_methods()))
def test_shipped_method__has_5_areas_14_dimensions_and_34_indicators(name: str) -> None:
    method = load_method(name)
    counted = set(method.indicators) - set(method.supplementary)
    assert (len(method.areas), len(method.dimensions), len(counted)) == (5, 14, 34)
    assert method.id == name


PROXIMITY = {
    "health_distance": (500, 5000),
    "hospital_distance": (500, 5000),
    "culture_distance": (500, 10000),
    "education_distance": (500, 2000),
    "public_space_distance": (500, 5000),
    "commerce_distance": (500, 4000),
}


def test_uim__differs_from_uim_v1_in_proximity_and_the_mean_of_the_areas_alone() -> None:
    old, new = load_method("uim-v1"), load_method()
    assert new.id == "uim"
    for section in ("areas", "dimensions", "layers", "people", "context", "min_coverage", "slope"):
        assert getattr(new, section) == getattr(old, section), section
    changed = {key for key, card in old.indicators.items() if new.indicators[key] != card}
    assert changed == set(PROXIMITY)
    for key in changed:
        before, after = old.indicators[key], new.indicators[key]
        same = ("code", "name", "dimension", "weight", "pillar", "sdg", "new_urban_agenda")
        assert all(getattr(before, each) == getattr(after, each) for each in same)
        assert after.unit == "min"
        assert "distan" not in (after.description.en + after.rationale.en).lower()
        assert "distan" not in (after.description.es + after.rationale.es).lower()
    rules = new.aggregation
    assert (rules.dimensions, rules.areas) == (old.aggregation.dimensions, old.aggregation.areas)
    assert (rules.marker.rule, rules.marker.floor) == ("geometric", 1)


@pytest.mark.parametrize("key", sorted(PROXIMITY))
def test_uim__scores_minutes_as_uim_v1_scores_their_metres_at_5_km_an_hour(key: str) -> None:
    old, new = (load_method(name).indicators[key].score for name in ("uim-v1", "uim"))
    assert (old.best, old.worst) == PROXIMITY[key]
    metres = np.linspace(0, 12_000, 49)
    npt.assert_allclose(new.apply(metres * 60 / 5000), old.apply(metres), atol=1e-9)
    for each in PROXIMITY[key]:
        assert f"{each:,} m" in new.source
    # Tobler, W. (1993): 6 exp(-3.5 |slope + 0.05|) km/h; the speed on the level is stated.
    assert f"{6 * np.exp(-3.5 * 0.05):.2f} km/h" in new.source


def test_uim__shows_two_supplementary_indicators_that_count_nothing() -> None:
    old, new = load_method("uim-v1"), load_method("uim")
    assert old.supplementary == ()
    assert set(new.supplementary) == set(new.indicators) - set(old.indicators)
    assert len(new.supplementary) == 2
    weights = effective_weights(new)
    assert {key: weights[key] for key in old.indicators} == effective_weights(old)
    assert all(weights[key].indicator == 0 for key in new.supplementary)


def test_supplementary__is_what_is_optional_and_weighs_nothing() -> None:
    over = {
        "hospital_beds_access": {"weight": 1},
        "pm10": {"weight": 0},
        "internet": {"optional": True},
    }
    method = extended_method("uim", {"indicators": over}, file="x")
    assert method.supplementary == ("school_seats_access",)


@pytest.mark.parametrize("key", sorted(load_method("uim").indicators))
def test_card__says_everything_in_both_languages(key: str) -> None:
    card = load_method("uim").indicators[key]
    for text in (card.name, card.description, card.rationale):
        assert text.es
        assert text.en
        assert text.es != text.en
    assert card.score.source
    assert card.reference
    assert card.sdg
    assert card.new_urban_agenda


@pytest.mark.parametrize("key", sorted(load_method("uim").indicators))
def test_score__reaches_0_and_100_at_its_goalposts(key: str) -> None:
    card = load_method("uim").indicators[key]
    points = card.score.curve(card.classes)
    values = np.array([value for value, _ in points])
    npt.assert_allclose(card.score.apply(values[[0, -1]], card.classes)[0], points[0][1], atol=1e-9)
    best = max(points, key=lambda point: point[1])[0]
    npt.assert_allclose(card.score.apply(np.array([best]), card.classes), [100], atol=1e-9)
    assert {score for _, score in points} == {0.0, 100.0}


@given(st.floats(-1e6, 1e6), st.sampled_from(sorted(load_method("uim-v1").indicators)))
def test_score__lies_within_0_and_100(value: float, key: str) -> None:
    card = load_method("uim-v1").indicators[key]
    assert 0 <= card.score.apply(np.array([value]), card.classes)[0] <= 100


@given(
    st.floats(0, 1e4),
    st.floats(0, 1e4),
    st.sampled_from(
        [k for k, c in load_method("uim-v1").indicators.items() if c.score.polarity != "two_sided"]
    ),
)
def test_score__never_falls_when_an_indicator_gets_better(a: float, b: float, key: str) -> None:
    card = load_method("uim-v1").indicators[key]
    low, high = card.score.apply(np.array(sorted((a, b))), card.classes)
    if card.score.polarity == "negative":
        low, high = high, low
    assert low <= high


def test_score__of_a_missing_value_is_missing() -> None:
    score = Score(polarity="positive", worst=0, best=100, status="proposed", source="x")
    assert np.isnan(score.apply(np.array([np.nan]))[0])


def test_score__with_a_band_but_no_ends_is_refused() -> None:
    with pytest.raises(ValueError, match="best is a pair"):
        Score(
            polarity="positive", worst=0, best=(1, 2), status="proposed", source="best_band_without"
        )


def test_load_method__returns_a_method_as_it_is() -> None:
    method = load_method("uim-v1")
    assert load_method(method) is method


def test_log_and_root_scales__score_the_worked_figures() -> None:
    cards = load_method("uim-v1").indicators
    npt.assert_allclose(cards["homicide_rate"].score.apply(np.array([10.0])), [68.9], atol=0.05)
    low, high, mid = 25.45, 6159.11, 500.0
    expected = 100 * (high**0.25 - mid**0.25) / (high**0.25 - low**0.25)
    npt.assert_allclose(cards["theft_rate"].score.apply(np.array([mid])), [expected])


def test_extends__merges_a_card_and_replaces_a_formula() -> None:
    over = {
        "id": "own",
        "indicators": {
            "internet": {"weight": 3},
            "pm10": {"compute": {"formula": "raster_mean", "layer": "elevation"}},
        },
    }
    method = extended_method("uim-v1", over, file="own.toml")
    assert method.id == "own"
    assert method.indicators["internet"].weight == 3
    assert method.indicators["internet"].name.es == "Acceso a internet"
    assert method.indicators["pm10"].compute.formula == "raster_mean"
    weights = effective_weights(method)
    assert weights["internet"].indicator == pytest.approx(0.2 / 3 * 3 / 6)


STATED = {"status": "proposed", "source": "x"}
ENDS = {"polarity": "positive", "worst": 10, "best": 90, **STATED}
BAND = {"polarity": "two_sided", "low": 0, "best": [1, 2], "high": 3, **STATED}
CURVE = {"polarity": "negative", "points": [[0, 100], [10, 0]], **STATED}


@pytest.mark.parametrize("over", [ENDS, BAND, CURVE])
@pytest.mark.parametrize("base", [ENDS, BAND, CURVE])
def test_extends__replaces_a_score_by_one_of_any_shape(
    base: dict[str, object], over: dict[str, object]
) -> None:
    first = extended_method("uim-v1", {"indicators": {"internet": {"score": base}}}, file="a")
    second = extended_method(first, {"indicators": {"internet": {"score": over}}}, file="b")
    assert second.indicators["internet"].score == Score.model_validate(over)


@pytest.mark.parametrize(
    ("indicator", "part", "kept"),
    [
        ("internet", {"best": 80}, {"worst": 0.0, "best": 80.0}),
        ("internet", {"worst": 20}, {"worst": 20.0, "best": 100.0}),
        ("schooling_gap", {"best": [0.9, 1.1]}, {"low": 0.0, "high": 2.0, "best": (0.9, 1.1)}),
        ("schooling_gap", {"high": 3}, {"low": 0.0, "high": 3.0, "best": (1.0, 1.0)}),
    ],
)
def test_extends__moves_one_goalpost_of_a_score(
    indicator: str, part: dict[str, object], kept: dict[str, object]
) -> None:
    over = {"indicators": {indicator: {"score": part}}}
    score = extended_method("uim-v1", over, file="x").indicators[indicator].score
    assert {key: getattr(score, key) for key in kept} == kept
    assert score.source == load_method("uim-v1").indicators[indicator].score.source


@pytest.mark.parametrize("name", ["points", "low", "formula"])
def test_extends__adds_a_layer_of_any_name(name: str) -> None:
    layer = {"kind": "point", "description": {"es": "Puntos", "en": "Points"}}
    method = extended_method("uim-v1", {"layers": {name: layer}}, file="x")
    assert set(method.layers) == {*load_method("uim-v1").layers, name}


def test_extends__does_not_keep_the_source_of_another_curve() -> None:
    over = {"polarity": "positive", "worst": 0, "best": 2}
    with pytest.raises(MethodError, match=r"schooling_gap\.score\.source"):
        extended_method("uim-v1", {"indicators": {"schooling_gap": {"score": over}}}, file="x")


@pytest.mark.parametrize("extra", [{"best": 90}, {"worst": 0}, {"high": 3}])
def test_score__of_points_and_more_is_refused(extra: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="give either"):
        Score.model_validate({**CURVE, **extra})


@given(st.lists(st.sampled_from([0, 0.5, 1, 3]), min_size=34, max_size=34))
def test_effective_weights__sum_to_1_whatever_weighs_nothing(weights: list[float]) -> None:
    base = load_method("uim-v1")
    over = {key: {"weight": each} for key, each in zip(base.indicators, weights, strict=True)}
    for dimension in base.dimensions:  # one of each must count
        over[base.indicators_of(dimension)[0]] = {"weight": 2}
    found = effective_weights(extended_method(base, {"indicators": over}, file="x"))
    assert sum(each.indicator for each in found.values()) == pytest.approx(1, abs=1e-12)
    assert all((found[key].indicator == 0) == (over[key]["weight"] == 0) for key in over)


def test_extended_method__of_a_method_object_equals_that_of_its_name() -> None:
    over = {"indicators": {"internet": {"weight": 2}}}
    by_object = extended_method(load_method("uim-v1"), over, file="x")
    assert by_object == extended_method("uim-v1", over, file="x")


@pytest.mark.parametrize("name", sorted(shipped_methods()))
def test_method__written_out_and_read_back_is_the_same(name: str) -> None:
    method = load_method(name)
    tree = method.model_dump(mode="python", exclude_none=True)
    assert parse_method(tree, "again") == method


def test_load_method__reads_a_file_that_extends_by_name(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('extends = "uim-v1"\nid = "own"\n[indicators.internet]\nweight = 2\n')
    assert load_method(path).indicators["internet"].weight == 2


def test_load_method__of_an_extension_without_a_name_names_it_by_its_id(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('extends = "uim-v1"\nid = "own"\n')
    (tmp_path / "b.toml").write_text('extends = "a.toml"\nid = "twice"\nname = { es = "Mía" }\n')
    base, one = load_method("uim-v1").name, load_method(tmp_path / "a.toml").name
    assert (one.es, one.en) == (f"{base.es} · own", f"{base.en} · own")
    two = load_method(tmp_path / "b.toml").name
    assert (two.es, two.en) == ("Mía", f"{base.en} · own · twice")


@pytest.mark.parametrize(
    "stem", ["indicator_misspelt", "layer_misspelt", "extends_without_id", "weightless_dimension"]
)
def test_load_method__reports_one_slip_once(stem: str) -> None:
    with pytest.raises(MethodError) as caught:
        load_method(BROKEN / f"{stem}.toml")
    assert str(caught.value).count("error [") == 1


def test_load_method__reports_the_faults_of_every_file_of_a_chain(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('extends = "uim-v1"\n[areas.helth]\nweight = 2\n')
    (tmp_path / "b.toml").write_text('extends = "a.toml"\n[areas.econmy]\nweight = 2\n')
    with pytest.raises(MethodError) as caught:
        load_method(tmp_path / "b.toml")
    text = str(caught.value)
    assert [text.count(each) for each in ("file a.toml", "file b.toml")] == [2, 2]


def test_load_method__refuses_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('extends = "b.toml"\n')
    (tmp_path / "b.toml").write_text('extends = "a.toml"\n')
    with pytest.raises(MethodError, match="extends_circle"):
        load_method(tmp_path / "a.toml")


def test_load_method__suggests_a_near_name() -> None:
    with pytest.raises(MethodError, match=r"method_not_found[\s\S]*uim-v1"):
        load_method("uim-v2")


def test_load_method__reports_a_file_that_is_no_toml(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text("id = = 3")
    with pytest.raises(MethodError, match=r"toml_unreadable[\s\S]*line 1"):
        load_method(path)


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.toml")), ids=lambda path: path.stem)
def test_load_method__refuses(path: Path) -> None:
    first, *_ = path.read_text(encoding="utf-8").splitlines()
    with pytest.raises(MethodError) as caught:
        load_method(path)
    for expected in first.removeprefix("# expect: ").split(" | "):
        assert expected in str(caught.value)


ENGLISH = re.compile(r"\b(?:is|it|be|must|should|give|needs|input|value|expected)\b", re.IGNORECASE)


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.toml")), ids=lambda path: path.stem)
def test_load_method__refuses_in_spanish_without_a_word_of_english(path: Path) -> None:
    with pytest.raises(MethodError) as caught:
        load_method(path)
    reasons = re.findall(r"motivo:(.*?)remedio:", caught.value.text("es"), re.DOTALL)
    assert reasons
    assert [reason for reason in reasons if ENGLISH.search(reason)] == []


@pytest.mark.parametrize(
    ("text", "spanish"),
    [
        ("[indicators.internet]\nweight = -1", "debe ser 0 o más"),
        ("[indicators.internet]\nweight = '2'", "se espera un número, sin comillas"),
        ("[indicators.internet]\nweight = nan", "se espera un número finito"),
        ("[indicators.internet]\ncode = 3", "se espera un texto, entre comillas"),
        ("[indicators.internet]\npillar = 4", "se espera uno de: 1, 2, 3"),
        ("[indicators.internet]\nname = 'Internet'", "se espera una tabla"),
        ("[indicators.internet.score]\nsource = ''", "el mínimo es 1"),
        ("[indicators.internet.score]\npoints = 3", "se espera una lista, entre corchetes"),
        ("[indicators.internet.compute]\nper = 0", "debe ser mayor que 0"),
        ("[indicators.internet]\ncompute = { formula = 'x' }", "en 'formula' se espera uno de: 'r"),
        (
            "[indicators.pm10]\ncompute = { formula = 'diversity', layer = 'x', classes = [] }",
            "al menos 2 elementos y hay 0",
        ),
        ("[indicators.health_distance.compute]\nslope = 'ja'", "se espera true o false"),
        ("[indicators.internet]\noptional = 'ja'", "se espera true o false"),
        ("[min_coverage]\narea = 2", "debe ser 1 o menos"),
        ("[aggregation.marker]\nrule = 'median'", "se espera uno de: 'arithmetic', 'geometric'"),
        ("[layers.Health]\nkind = 'point'\ndescription = { es = 'a', en = 'b' }", "la forma"),
        (
            "[areas.voice]\ncode = 'X'\nname = { es = 'a', en = 'b' }",
            "'voice' no tiene dimensiones",
        ),
    ],
)
def test_load_method__gives_its_reason_in_spanish(tmp_path: Path, text: str, spanish: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(f'extends = "uim-v1"\nid = "own"\n{text}\n', encoding="utf-8")
    with pytest.raises(MethodError) as caught:
        load_method(path)
    assert spanish in " ".join(caught.value.text("es").split())


def test_load_method__reports_a_value_of_no_accepted_type_once_at_its_address(
    tmp_path: Path,
) -> None:
    path = tmp_path / "m.toml"
    path.write_text('extends = "uim-v1"\nid = "own"\n[indicators.pm10.score]\nbest = "x"\n')
    with pytest.raises(MethodError) as caught:
        load_method(path)
    (notice,) = caught.value.problems
    assert isinstance(notice, Notice)
    assert notice.item == "indicators.pm10.score.best"
    assert "o bien" in notice.text("es")


def test_load_method__names_a_key_of_a_formula_as_it_stands_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text('extends = "uim-v1"\nid = "own"\n[indicators.pm10.compute]\ncolum = "x"\n')
    with pytest.raises(MethodError, match=r"indicators\.pm10\.compute\.colum\n"):
        load_method(path)


def test_load_method__reports_all_faults_of_a_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(
        'extends = "uim-v1"\nid = "own"\n[indicators.internet]\nweight = -1\nweigth = 2\n'
        '[indicators.pm10]\ndimension = "environmnt"\n'
    )
    with pytest.raises(MethodError) as caught:
        load_method(path)
    text = str(caught.value)
    assert text.count("error [") == 3
    assert "indicators.internet.weight" in text
    assert "indicators.internet.weigth" in text
    assert "indicators.pm10.dimension" in text


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("[slope]\nfactors = 3", "slope.factors"),
        ('[slope]\nlimits_percent = ["a", 2]', "slope.limits_percent"),
        ("[slope]\nlimits_percent = [3, 3, 7, 12]", "slope.factors"),
        ("[people]\nlayer = [1]", "people.layer"),
        ("context = 3", "context"),
        ("[context]\npeople = 3", "context.people"),
        ("indicators = 3", "indicators"),
        ("[indicators]\ninternet = 3", "indicators.internet"),
        ("[indicators.internet]\nscore = 3", "indicators.internet.score"),
        ("layers = []", "layers"),
        ('[layers.health]\nkind = "cube"', "layers.health.kind"),
        ("[areas.empty]\ncode = 'X'\nname = { es = 'a', en = 'b' }", "areas.empty"),
    ],
)
def test_load_method__of_a_wrong_kind_of_value_names_its_address(
    tmp_path: Path, text: str, address: str
) -> None:
    path = tmp_path / "m.toml"
    path.write_text(f'extends = "uim-v1"\nid = "own"\n{text}\n', encoding="utf-8")
    with pytest.raises(MethodError) as caught:
        load_method(path)
    assert address in str(caught.value)
    assert "remedio:" in caught.value.text("es")


@pytest.mark.parametrize("name", ["folder.toml", "x" * 5000, "a\0b.toml", "none.toml"])
def test_load_method__refuses_what_is_no_file(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(MethodError, match="method_not_found") as caught:
        load_method(tmp_path / name)
    assert str(tmp_path) not in str(caught.value)


def test_load_method__reports_what_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_bytes("id = 'ñ'".encode("latin-1"))
    with pytest.raises(MethodError, match="toml_unreadable"):
        load_method(path)


def test_load_method__reports_what_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "m.toml"
    path.touch()

    def closed(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_text", closed)  # root may read anything
    with pytest.raises(MethodError, match="Permission denied") as caught:
        load_method(path)
    assert str(tmp_path) not in str(caught.value)


def test_load_method__reports_tables_nested_beyond_reason(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text("a = " + "[" * 5000)
    with pytest.raises(MethodError, match="toml_unreadable"):
        load_method(path)


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan"), "half", True, np.True_])
def test_with_min_coverage__refuses_what_is_no_share(share: float) -> None:
    with pytest.raises(MethodError, match="min_coverage"):
        load_method("uim-v1").with_min_coverage(share)


@pytest.mark.parametrize("share", [np.float32(0.3), np.float64(0.3), 0.3])
def test_with_min_coverage__takes_numbers_of_numpy(share: float) -> None:
    assert load_method("uim-v1").with_min_coverage(share).min_coverage.marker == 0.3


def test_with_min_coverage__lowers_every_level() -> None:
    method = load_method("uim-v1").with_min_coverage(0.3)
    assert isinstance(method, Method)
    assert set(method.min_coverage.model_dump().values()) == {0.3}
    assert load_method("uim-v1").with_min_coverage(None) == load_method("uim-v1")


# ── the tree ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", sorted(shipped_methods()))
def test_tree__every_node_but_the_marker_is_a_child_of_its_parent(name: str) -> None:
    method = load_method(name)
    nodes = method.nodes()
    assert nodes[0] == "marker"
    assert method.parent_of("marker") is None
    for node in nodes[1:]:
        parent = method.parent_of(node)
        assert parent is not None
        assert nodes.index(parent) < nodes.index(node)
        assert node in method.children_of(parent)
        assert method.code_of(node)
        assert method.name_of(node).es
    inner = [node for node in nodes if method.children_of(node)]
    assert [node for node in nodes if not node.startswith("ind_")] == inner
    for node in inner:
        assert sum(method.children_of(node).values()) == pytest.approx(1, abs=1e-15)
    assert method.code_of("marker") == ""
    assert method.name_of("marker") == method.name


def test_tree__says_the_rule_and_the_bar_of_each_level() -> None:
    method = load_method("uim")
    assert method.rule_of("marker") == Rule(rule="geometric", floor=1)
    assert method.rule_of("area_health") == method.rule_of("dim_environment") == Rule()
    bars = [method.bar_of(node) for node in ("marker", "area_health", "dim_environment")]
    assert bars == [0.65, 0.65, 0.5]


def test_effective_weights__multiply_down_the_tree() -> None:
    method = extended_method(
        "uim-v1", {"areas": {"health": {"weight": 2}}, "dimensions": {"safety": {"weight": 3}}},
        file="x",
    )  # fmt: skip
    for key, weights in effective_weights(method).items():
        share, node = 1.0, f"ind_{key}"
        while (parent := method.parent_of(node)) is not None:
            share *= method.children_of(parent)[node]
            node = parent
        assert weights.indicator == pytest.approx(share, rel=1e-14)


# ── rules, normalisations, panels ─────────────────────────────────────────────────────────────────


def test_extends__replaces_a_rule_whole_and_merges_what_names_none() -> None:
    first = extended_method("uim", {"aggregation": {"marker": {"floor": 5}}}, file="x")
    assert first.aggregation.marker == Rule(rule="geometric", floor=5)
    over = {"aggregation": {"marker": {"rule": "arithmetic"}, "areas": {"rule": "harmonic"}}}
    second = extended_method(first, over, file="x")
    assert second.aggregation.marker == Rule()
    assert second.aggregation.areas == Rule(rule="harmonic", floor=1)
    assert second.aggregation.dimensions == Rule()


def test_extends__replaces_a_normalisation_whole() -> None:
    over: dict[str, object] = {
        "normalisation": {"rule": "rank", "ties": "lowest"},
        "indicators": {"internet": {"score": {"normalise": {"rule": "percentile"}}}},
    }
    first = extended_method("uim-v1", over, file="x")
    assert first.normalisation_of("pm10") == Normalisation(rule="rank", ties="lowest")
    assert first.normalisation_of("internet") == Normalisation(rule="percentile", ties="mean")
    over = {
        "normalisation": {"rule": "z"},
        "indicators": {"internet": {"score": {"normalise": {"rule": "goalposts"}}}},
    }
    second = extended_method(first, over, file="x")
    assert second.normalisation_of("pm10") == Normalisation(rule="z")
    assert second.normalisation_of("internet") == Normalisation()


@pytest.mark.parametrize(
    "aggregation",
    [
        {"rule": "power", "p": 0.5},
        {"rule": "power", "p": -3},
        {"rule": "harmonic", "floor": 0.5},
        {"rule": "mpi", "penalty": "positive"},
        {"rule": "ampi"},
        {"rule": "owa", "order": [0.5, 0.3, 0.2]},
    ],
)
def test_rule__written_out_and_read_back_is_the_same(aggregation: dict[str, object]) -> None:
    over = {"aggregation": {"marker": aggregation}, "normalisation": {"rule": "rank"}}
    method = extended_method("uim-v1", over, file="x")
    tree = method.model_dump(mode="json", exclude_none=True)
    assert parse_method(tree, "again") == method
    assert parse_method(method.model_dump(mode="python"), "again") == method


BUDGET = {
    "kind": "budget",
    "source": "Workshop",
    "members": {"one": {"a": 60, "b": 30, "c": 10}, "two": {"a": 20, "b": 20, "c": 60}},
}


def test_panel__gives_the_weights_of_the_children_that_count() -> None:
    method = method_of(
        flat("a", "b", "c", "beside"), weights={"ind_beside": 0.0}, panels={"dim_all": BUDGET}
    )
    expected = {"ind_a": 0.4, "ind_b": 0.25, "ind_c": 0.35, "ind_beside": 0}
    assert method.children_of("dim_all") == pytest.approx(expected)
    weights = effective_weights(method)
    assert {f"ind_{key}": each.indicator for key, each in weights.items()} == (
        pytest.approx(expected)
    )


def test_panel__of_pairwise_comparisons_reaches_the_weights_and_its_consistency_the_notices() -> (
    None
):
    pairs = {"a > b": 9, "b > c": 9, "c > a": 9}
    panel = {"kind": "ahp", "source": "Workshop", "members": {"one": pairs}}
    method = method_of(flat("a", "b", "c"), panels={"dim_all": panel})
    assert list(method.children_of("dim_all").values()) == pytest.approx([1 / 3] * 3)
    (notice,) = method.notices()
    assert notice.code == "panel_inconsistent"
    assert notice.item == "panels.dim_all.members.one"


def test_extends__replaces_a_panel_whole() -> None:
    first = method_of(flat("a", "b", "c"), panels={"dim_all": BUDGET})
    other = {"kind": "budget", "source": "y", "members": {"three": {"a": 1, "b": 1, "c": 2}}}
    second = extended_method(first, {"panels": {"dim_all": other}}, file="x")
    assert list(second.panels["dim_all"].members) == ["three"]
    assert second.children_of("dim_all")["ind_c"] == 0.5


def test_panels__with_several_faults_report_them_all() -> None:
    panels = {
        "dim_other": BUDGET,
        "ind_a": BUDGET,
        "dim_all": {**BUDGET, "members": {"one": {"a": 1, "x": 1}}},
    }
    with pytest.raises(MethodError) as caught:
        method_of(flat("a", "b", "c"), panels=panels, weights={"ind_a": 2.0})
    items = [each.item for each in caught.value.problems if isinstance(each, Notice)]
    expected = [
        "panels.dim_other",
        "panels.ind_a",
        *["panels.dim_all.members"] * 2,
        "panels.dim_all",
    ]
    assert items == expected


def test_panel__whose_children_cannot_be_read_is_no_second_fault() -> None:
    with pytest.raises(MethodError) as caught:
        method_of(flat("a", "b", "c"), panels={"dim_all": BUDGET}, weights={"ind_c": -1.0})
    assert str(caught.value).count("error [") == 1


def test_not_comparable__says_every_reason_in_both_languages() -> None:
    over = {
        "normalisation": {"rule": "min_max"},
        "indicators": {"internet": {"score": {"normalise": {"rule": "rank"}}}},
        "aggregation": {"dimensions": {"rule": "mpi"}, "marker": {"rule": "ampi"}},
    }
    method = extended_method("uim-v1", over, file="x")
    reasons = method.not_comparable_because()
    assert [each.en for each in reasons] == [
        "indicators normalised over the cells of each city (min_max): 33",
        "indicators normalised over the cells of each city (rank): 1",
        "the dimensions are standardised over the cells of each city (mpi)",
    ]
    (notice,) = method.notices()
    assert notice.code == "not_comparable"
    for reason in reasons:
        assert reason.es in " ".join(notice.text("es").split())


@pytest.mark.parametrize(
    ("over", "comparable"),
    [
        ({}, True),
        ({"normalisation": {"rule": "goalposts"}}, True),
        ({"normalisation": {"rule": "z"}}, False),
        ({"aggregation": {"areas": {"rule": "ampi"}}}, True),
        ({"aggregation": {"areas": {"rule": "mpi"}}}, False),
        ({"aggregation": {"areas": {"rule": "owa", "order": [1]}}}, True),
    ],
)
def test_comparable__is_what_looks_at_no_other_cell(
    over: dict[str, object],
    comparable: bool,  # noqa: FBT001 - what is expected
) -> None:
    method = extended_method("uim-v1", over, file="x")
    assert method.comparable == comparable
    assert (method.not_comparable_because() == ()) == comparable


def test_distance_to_target__is_comparable_and_takes_the_shipped_goalposts() -> None:
    over = {
        "normalisation": {"rule": "distance_to_target"},
        # Nothing is a share of no waste at all.
        "indicators": {"solid_waste": {"score": {"normalise": {"rule": "goalposts"}}}},
    }
    method = extended_method("uim", over, file="x")
    assert method.comparable
    assert method.notices() == ()


@pytest.mark.parametrize("name", sorted(shipped_methods()))
def test_notices__of_a_shipped_method_are_none(name: str) -> None:
    assert load_method(name).notices() == ()


def test_weight_above_half__is_a_counted_notice_at_its_node() -> None:
    hierarchy = {"one": {"x": ["a", "b"], "y": ["c"]}, "two": {"z": ["d"]}, "three": {"w": ["e"]}}
    weights = {"area_two": 3.0, "ind_a": 5.0}
    found = method_of(hierarchy, weights=weights).notices()
    # Two children are never told apart by this; an only child is not, either.
    assert [(each.code, each.item) for each in found] == [
        ("weight_dominates", "ind_d"),
        ("weight_dominates", "area_two"),
    ]
    assert "60 %" in found[0].text("es")
    assert method_of(hierarchy, weights={"area_two": 2.0}).notices() == ()  # half is not more


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("section", ["areas", "dimensions", "indicators"])
def test_weight__that_is_no_weight_is_refused(section: str, weight: float) -> None:
    key = {"areas": "health", "dimensions": "safety", "indicators": "internet"}[section]
    with pytest.raises(MethodError, match=f"{section}.{key}.weight"):
        extended_method("uim-v1", {section: {key: {"weight": weight}}}, file="x")


PAGE = Path(__file__).parents[1] / "docs" / "change-the-method.md"


@pytest.mark.parametrize(
    "block", re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
)
def test_docs__show_tables_that_load(block: str) -> None:
    tree = tomllib.loads(block)
    method = extended_method(str(tree.pop("extends", "uim")), tree, file="page.toml")
    assert {each.code for each in method.notices()} <= {"not_comparable"}


def test_docs__name_every_rule_and_normalisation() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in (*get_args(RuleName), *get_args(NormalisationRule)):
        assert f"| `{name}` |" in text
