"""Columns in few bytes: every figure comes back as it was rounded, and what was missing is."""

import base64
import math
import zlib

import numpy as np
import numpy.testing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inclusion_marker.outputs.web.packing import coded, deflated, packed, quantised, whole
from outputs.pages import figures

numbers = st.one_of(
    st.none(),
    st.floats(-1e6, 1e6, allow_nan=False),
    st.integers(-3, 3).map(float),
    st.just(math.inf),
)


@given(st.lists(numbers, max_size=40), st.integers(0, 4))
def test_figures__come_back_rounded_and_missing_ones_missing(
    given_: list[float | None], digits: int
) -> None:
    values = [math.nan if each is None else each for each in given_]
    found = packed({"one": quantised(values, digits)}, {})
    expected = np.where(np.isfinite(values), np.round(np.array(values, float), digits), np.nan)
    npt.assert_array_equal(figures(found.content, found.book["one"]), expected)


@given(st.lists(st.integers(0, 2**52), min_size=1, max_size=20))
def test_whole_numbers__come_back_up_to_those_that_a_browser_holds(values: list[int]) -> None:
    found = packed({"ids": whole(values)}, {})
    assert figures(found.content, found.book["ids"]) == values


@pytest.mark.parametrize("figure", [1.5e14, -8e15, 1e300])
def test_figure__too_large_for_its_decimals_keeps_fewer(figure: float) -> None:
    found = packed({"one": quantised([figure, 1.0], 2)}, {})
    assert figures(found.content, found.book["one"])[0] == pytest.approx(figure, rel=1e-13)


def test_columns__that_miss_the_same_cells_share_one_mask() -> None:
    gap = [1.0, math.nan, 3.0]
    found = packed(
        {"a": quantised(gap, 1), "b": quantised(gap, 0), "c": quantised([1, 2, 3], 0)}, {}
    )
    masks = [found.book[name]["none"] for name in "abc"]
    assert masks[0] == masks[1] >= 0
    assert masks[2] == -1


def test_column__without_any_figure_takes_no_bytes() -> None:
    found = packed({"none": quantised([math.nan] * 800, 1)}, {})
    assert len(found.content) == 100  # the mask
    assert all(math.isnan(each) for each in figures(found.content, found.book["none"]))
    assert figures(b"", packed({"empty": quantised([], 1)}, {}).book["empty"]) == []


def test_neighbours_that_are_alike__are_written_as_differences() -> None:
    slope = np.linspace(0, 90, 1000) + 5
    book = packed({"slope": quantised(slope, 1), "flip": quantised([0, 255] * 50, 0)}, {}).book
    assert (book["slope"]["delta"], book["slope"]["width"]) == (1, 1)
    assert (book["flip"]["delta"], book["flip"]["width"]) == (0, 1)


def test_codes__are_places_in_the_book_and_strange_words_are_missing() -> None:
    found = coded(["low", None, "odd", "high"], ("high", "low"))
    assert found.values.tolist() == [1, 0, 0, 0]
    assert found.missing.tolist() == [False, True, True, False]


def test_text__is_zlib_in_base_64() -> None:
    found = packed({}, {"note": "Cúcuta"})
    assert zlib.decompress(base64.b64decode(found.text())) == "Cúcuta".encode()
    assert zlib.decompress(deflated(b"")) == b""
