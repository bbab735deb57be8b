"""What a table says has one hash, and a manifest the same bytes every time."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from inclusion_marker.files import sha256
from inclusion_marker.manifest import content_hash, manifest_text, write_manifest

TABLE = gpd.GeoDataFrame(
    {"cell": ["a", "b"], "marker": [50.0, np.nan], "note": ["x", None]},
    geometry=[shapely.box(0, 0, 1, 1), None],
    crs="EPSG:32618",
)


def test_content_hash__does_not_depend_on_columns_index_or_kind_of_missing() -> None:
    same = TABLE[["geometry", "note", "marker", "cell"]].set_axis([7, 9])
    same["note"] = pd.array(["x", pd.NA], dtype="string")
    same["marker"] = pd.array([50, pd.NA], dtype="Float64")
    assert content_hash(same) == content_hash(TABLE)


def test_content_hash__does_not_depend_on_where_a_ring_begins() -> None:
    ring = shapely.Polygon([(1, 1), (0, 1), (0, 0), (1, 0)])
    same = TABLE.set_geometry(gpd.GeoSeries([ring, None], crs=TABLE.crs))
    assert content_hash(same) == content_hash(TABLE)


@pytest.mark.parametrize(
    "other",
    [
        TABLE.iloc[::-1],
        TABLE.iloc[:1],
        TABLE.rename(columns={"note": "name"}),
        TABLE.assign(marker=[50.0, 0.0]),
        TABLE.assign(note=["x", ""]),
        TABLE.assign(cell=["a", "c"]),
    ],
)
def test_content_hash__changes_with_rows_their_order_and_values(other: gpd.GeoDataFrame) -> None:
    assert content_hash(other) != content_hash(TABLE)


def test_content_hash__survives_a_geopackage(tmp_path: Path) -> None:
    TABLE.to_file(tmp_path / "a.gpkg", engine="pyogrio")
    again = gpd.read_file(tmp_path / "a.gpkg", engine="pyogrio")
    assert content_hash(again) == content_hash(TABLE)


leaf = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
trees = st.dictionaries(
    st.text(max_size=5), st.recursive(leaf, lambda inner: st.lists(inner, max_size=3), max_leaves=8)
)


@given(trees)
def test_manifest_text__is_json_the_same_every_time_and_complete_last(
    tree: dict[str, object],
) -> None:
    text = manifest_text(tree)
    assert text == manifest_text(dict(reversed(tree.items())))
    assert list(json.loads(text))[-1] == "complete"
    assert json.loads(text)["complete"] is True


def test_manifest_text__says_numbers_dates_sets_and_no_folders() -> None:
    text = manifest_text(
        {
            "a": np.float64("nan"),
            "b": {3, 1},
            "c": date(2026, 1, 2),
            "d": (Path("/home/ana/x.gpkg"), np.int32(4)),
            "complete": False,
        }
    )
    assert json.loads(text) == {
        "a": None, "b": [1, 3], "c": "2026-01-02", "d": ["x.gpkg", 4], "complete": True,
    }  # fmt: skip


def test_write_manifest__writes_the_same_bytes_twice(tmp_path: Path) -> None:
    first = sha256(write_manifest(tmp_path / "m.json", {"rows": 3}, overwrite=False))
    assert sha256(write_manifest(tmp_path / "m.json", {"rows": 3}, overwrite=True)) == first
    assert (tmp_path / "m.json").read_bytes().endswith(b"}\n")
