"""The eight checks that the published material allows, each a fact of the marker."""

import math

import numpy as np
import numpy.testing as npt
import pandas as pd
import pytest
import shapely

from inclusion_marker.composite.classes import classify
from inclusion_marker.composite.scoring import aggregate, score
from inclusion_marker.method import effective_weights, extended_method, load_method

METHOD = load_method("uim-v1")


def scored(indicator: str, *values: float) -> list[float]:
    """Return the scores of raw values of one indicator."""
    raw = pd.DataFrame({indicator: values})
    return score(raw, METHOD).indicators[indicator].tolist()


def shannon(*shares: float) -> float:
    """Return the entropy of shares, the slow way."""
    return -sum(share * math.log(share) for share in shares if share > 0)


def test_land_use_mix__is_100_for_equal_shares_and_0_for_one_use() -> None:
    npt.assert_allclose(scored("land_use_mix", shannon(*[0.2] * 5), shannon(1.0)), [100, 0])


@pytest.mark.parametrize(("classes", "printed"), [(5, 1.61), (6, 1.79), (8, 2.08), (9, 2.20)])
def test_entropy_maximum__prints_as_published(classes: int, printed: float) -> None:
    assert round(shannon(*[1 / classes] * classes), 2) == printed


@pytest.mark.parametrize(
    ("distance_m", "slope_class", "published_m"),
    [(953.129, 2, 1191.411), (5562.401, 3, 8343.602)],
)
def test_slope_factor__gives_the_published_distances(
    distance_m: float, slope_class: int, published_m: float
) -> None:
    factor = METHOD.slope.factors[slope_class - 1]
    npt.assert_allclose(distance_m * factor, published_m, atol=6e-4)


def test_land_use_mix__scores_the_panama_cell_with_ln_5_and_with_the_rounded_maximum() -> None:
    npt.assert_allclose(scored("land_use_mix", 0.359215), [22.3193], atol=5e-5)
    panama = extended_method(
        "uim-v1", {"indicators": {"land_use_mix": {"score": {"best": 1.61}}}}, file="panama.toml"
    )
    card = panama.indicators["land_use_mix"]
    npt.assert_allclose(card.score.apply(np.array([0.359215]), 5), [22.3115], atol=6e-5)


def test_residential_density__is_best_between_150_and_200() -> None:
    npt.assert_allclose(scored("residential_density", 150, 200, 0, 300), [100, 100, 0, 50])


@pytest.mark.parametrize(
    ("areas", "mean"), [((67, 84, 73, 58, 62), 68.8), ((67, 83, 71, 51, 64), 67.2)]
)
def test_mean_of_areas__is_the_equal_weight_mean(areas: tuple[float, ...], mean: float) -> None:
    weights = np.array([each.weight for each in METHOD.areas.values()]) / 5
    found = aggregate(np.array([areas], float), weights, METHOD.aggregation.marker, min_coverage=1)
    npt.assert_allclose(found, [mean])


def test_effective_weights__sum_to_1_and_a_lone_indicator_outweighs_one_of_five() -> None:
    weights = effective_weights(METHOD)
    assert math.fsum(each.indicator for each in weights.values()) == pytest.approx(1, abs=1e-12)
    by_code = {METHOD.indicators[key].code: each.indicator for key, each in weights.items()}
    assert by_code["O1"] == pytest.approx(0.10)
    assert by_code["O2"] == pytest.approx(0.02)


def test_hexagon_of_a_quarter_square_kilometre__has_a_side_of_310_m() -> None:
    side_m = math.sqrt(2 * 250_000 / (3 * math.sqrt(3)))
    assert round(side_m, 1) == 310.2
    angles = np.deg2rad(np.arange(0, 360, 60))
    hexagon = shapely.Polygon(side_m * np.column_stack([np.cos(angles), np.sin(angles)]))
    npt.assert_allclose(hexagon.area, 250_000)


@pytest.mark.parametrize(
    ("breaks", "worst", "best"),
    [
        ((36, 54, 61, 67, 71, 80), (36, 53), (71, 80)),
        ((39, 58, 66, 70, 74, 81), (39, 57), (74, 81)),
        ((34, 51, 56, 61, 66, 75), (34, 50), (66, 75)),
        ((58, 67, 69, 71, 74, 78), (58, 66), (74, 78)),
    ],
)
def test_classify__cuts_at_the_published_limits(
    breaks: tuple[float, ...], worst: tuple[float, float], best: tuple[float, float]
) -> None:
    values = pd.Series([*worst, *best, np.nan], dtype=float)
    found = classify(values, breaks)
    assert found.iloc[:4].tolist() == [1, 1, 5, 5]
    assert pd.isna(found.iloc[4])
