"""A method file: what ships, what overrides do, and what is refused."""

from pathlib import Path

import numpy as np
import numpy.testing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inclusion_marker.errors import MethodError
from inclusion_marker.formulas import Score
from inclusion_marker.method import (
    Method,
    effective_weights,
    extended_method,
    load_method,
    parse_method,
    shipped_methods,
)

BROKEN = Path(__file__).parent / "data" / "broken_methods"


@pytest.mark.parametrize("name", sorted(shipped_methods()))
def test_shipped_method__has_5_areas_14_dimensions_and_34_indicators(name: str) -> None:
    method = load_method(name)
    assert (len(method.areas), len(method.dimensions), len(method.indicators)) == (5, 14, 34)
    assert method.id == name


@pytest.mark.parametrize("key", sorted(load_method("uim-v1").indicators))
def test_card__says_everything_in_both_languages(key: str) -> None:
    card = load_method("uim-v1").indicators[key]
    for text in (card.name, card.description, card.rationale):
        assert text.es
        assert text.en
        assert text.es != text.en
    assert card.score.source
    assert card.reference
    assert card.sdg
    assert card.new_urban_agenda


@pytest.mark.parametrize("key", sorted(load_method("uim-v1").indicators))
def test_score__reaches_0_and_100_at_its_goalposts(key: str) -> None:
    card = load_method("uim-v1").indicators[key]
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


def test_extended_method__of_a_method_object_equals_that_of_its_name() -> None:
    over = {"indicators": {"internet": {"weight": 2}}}
    by_object = extended_method(load_method("uim-v1"), over, file="x")
    assert by_object == extended_method("uim-v1", over, file="x")


def test_method__written_out_and_read_back_is_the_same() -> None:
    method = load_method("uim-v1")
    tree = method.model_dump(mode="python", exclude_none=True)
    assert parse_method(tree, "again") == method


def test_load_method__reads_a_file_that_extends_by_name(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('extends = "uim-v1"\nid = "own"\n[indicators.internet]\nweight = 2\n')
    assert load_method(path).indicators["internet"].weight == 2


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


def test_load_method__reports_all_faults_of_a_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(
        'extends = "uim-v1"\n[indicators.internet]\nweight = -1\nweigth = 2\n'
        '[indicators.pm10]\ndimension = "environmnt"\n'
    )
    with pytest.raises(MethodError) as caught:
        load_method(path)
    text = str(caught.value)
    assert text.count("error [") == 3
    assert "indicators.internet.weight" in text
    assert "indicators.internet.weigth" in text
    assert "indicators.pm10.dimension" in text


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan"), "half"])
def test_with_min_coverage__refuses_what_is_no_share(share: float) -> None:
    with pytest.raises(MethodError, match="min_coverage"):
        load_method("uim-v1").with_min_coverage(share)


def test_with_min_coverage__lowers_every_level() -> None:
    method = load_method("uim-v1").with_min_coverage(0.3)
    assert isinstance(method, Method)
    assert set(method.min_coverage.model_dump().values()) == {0.3}
    assert load_method("uim-v1").with_min_coverage(None) == load_method("uim-v1")
