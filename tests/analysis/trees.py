"""Small methods and results made in code: any tree, any rule, scores as they are given."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import strategies as st

from inclusion_marker.cards import Aggregation, MinCoverage, Rule
from inclusion_marker.city import Cells, City
from inclusion_marker.composite.districts import by_district
from inclusion_marker.composite.scoring import score
from inclusion_marker.curves import Score
from inclusion_marker.loaders.grid import Grid
from inclusion_marker.method import Method, load_method
from inclusion_marker.result import Result
from inclusion_marker.texts import Text

V1 = load_method("uim-v1")
CRS = "EPSG:32618"
AS_GIVEN = Score(polarity="positive", worst=0, best=100, status="proposed", source="a test")

Weighted = Mapping[str, float]
Tree = Mapping[str, Mapping[str, Weighted]]
"""Indicators with their weights, by dimension, by area."""


def named(key: str) -> Text:
    """Return a name made of an id."""
    return Text(es=f"{key} (es)", en=f"{key} (en)")


def made_method(
    tree: Tree,
    rules: Sequence[Rule] = (Rule(), Rule(), Rule()),
    bars: Sequence[float] = (0.0, 0.0, 0.0),
    weights: Weighted | None = None,
) -> Method:
    """Return a method of a tree; its indicators score as they are.

    ``rules`` and ``bars`` are those of dimensions, areas and the marker; ``weights`` those of
    dimensions and areas by id, 1 unless said.
    """
    weights = weights or {}
    area, dimension = (next(iter(each.values())) for each in (V1.areas, V1.dimensions))
    card = V1.indicators["internet"]
    areas, dimensions, indicators = {}, {}, {}
    for key, inside in tree.items():
        said = {"code": key, "name": named(key), "weight": weights.get(key, 1.0)}
        areas[key] = area.model_copy(update=said)
        for of_area, leaves in inside.items():
            said = {"code": of_area, "name": named(of_area), "weight": weights.get(of_area, 1.0)}
            dimensions[of_area] = dimension.model_copy(update={**said, "area": key})
            for leaf, weight in leaves.items():
                own = {"code": leaf, "name": named(leaf), "weight": weight, "score": AS_GIVEN}
                indicators[leaf] = card.model_copy(update={**own, "dimension": of_area})
    dims, of_areas, top = rules
    update = {
        "areas": areas,
        "dimensions": dimensions,
        "indicators": indicators,
        "aggregation": Aggregation(
            dimensions=dims, areas=of_areas, marker=top, status="proposed", source="a test"
        ),
        "min_coverage": MinCoverage(dimension=bars[0], area=bars[1], marker=bars[2]),
    }
    return V1.model_copy(update=update)


def made_result(
    method: Method,
    raw: pd.DataFrame,
    people: Sequence[float] | None = None,
    districts: Mapping[str, tuple[float, float]] | None = None,
    grid: Grid | None = None,
) -> Result:
    """Return a result of unit squares in a row; districts are stretches of the row, by id.

    ``grid`` gives other cells, in the order of the rows.
    """
    if grid is None:
        names = pd.Index([f"c{row}" for row in range(len(raw))], name="cell")
        squares = [shapely.box(x, 0, x + 1, 1) for x in range(len(raw))]
        grid = Grid(gpd.GeoDataFrame(geometry=squares, index=names, crs=CRS), "polygons", None)
    ids, boundary = grid.index, gpd.GeoSeries([grid.cells.union_all()], crs=CRS)
    scores = score(raw.set_axis(ids), method)
    living = np.ones(len(raw)) if people is None else np.array(people, np.float64)
    counts = pd.Series(living, index=ids, name="people")
    table = None
    if districts is not None:
        boxes = [shapely.box(start, 0, end, 1) for start, end in districts.values()]
        index = pd.Index(list(districts), name="district")
        name = {"name": [f"District {key}" for key in districts]}
        shapes = gpd.GeoDataFrame(name, index=index, geometry=boxes, crs=CRS)
        table = by_district(shapes, grid, boundary, counts, scores)
    fields: dict[str, Any] = dict.fromkeys(each.name for each in dataclasses.fields(Result))
    fields |= {
        "city": City(
            id="town",
            name=Text(es="Villa", en="Town"),
            country="CO",
            root=Path(),
            crs=CRS,
            cells=Cells(kind="polygons", file="x"),
        ),
        "method": method,
        "grid": grid,
        "boundary": boundary,
        "raw": raw.set_axis(ids),
        "scores": scores,
        "context": counts.to_frame(),
        "districts": table,
        "notices": (),
    }
    return Result(**fields)


# ── any tree ─────────────────────────────────────────────────────────────────

SMOOTH = st.one_of(
    st.just(Rule()),
    st.builds(Rule, rule=st.sampled_from(["geometric", "harmonic"]), floor=st.floats(0.5, 40)),
    st.builds(Rule, rule=st.just("power"), p=st.floats(-4, -0.1), floor=st.floats(0.5, 40)),
    st.builds(Rule, rule=st.just("power"), p=st.floats(0.1, 4)),
)
"""Means that are additive on some scale."""

PENALTIES = st.builds(Rule, rule=st.just("ampi"), penalty=st.sampled_from(["negative", "positive"]))
ORDERS = st.lists(st.integers(0, 5), min_size=1, max_size=4).filter(any)
ANY_RULE = st.one_of(
    SMOOTH,
    PENALTIES,
    ORDERS.map(lambda order: Rule(rule="owa", order=tuple(np.array(order) / sum(order)))),
)
LOWER_COUNTS_MORE = ORDERS.map(
    lambda order: Rule(rule="owa", order=tuple(np.array(sorted(order)) / sum(order)))
)
WEIGHT = st.one_of(st.just(0.0), st.just(1.0), st.floats(0.01, 5))
SCORE = st.one_of(st.sampled_from([0.0, 100.0, np.nan]), st.floats(0, 100))


@st.composite
def methods(draw: st.DrawFn, rules: st.SearchStrategy[Rule] = ANY_RULE) -> Method:
    """Return a method of one to three areas, of any weights, rules and minimum coverage."""
    tree: dict[str, dict[str, dict[str, float]]] = {}
    weights: dict[str, float] = {}
    for area in range(draw(st.integers(1, 3))):
        inside: dict[str, dict[str, float]] = {}
        for dimension in range(draw(st.integers(1, 2))):
            leaves = draw(st.lists(WEIGHT, min_size=1, max_size=3).filter(any))
            key = f"a{area}d{dimension}"
            inside[key] = {f"{key}i{leaf}": weight for leaf, weight in enumerate(leaves)}
        tree[f"a{area}"] = inside
        said = draw(st.lists(WEIGHT, min_size=len(inside), max_size=len(inside)).filter(any))
        weights |= dict(zip(inside, said, strict=True))
    said = draw(st.lists(WEIGHT, min_size=len(tree), max_size=len(tree)).filter(any))
    weights |= dict(zip(tree, said, strict=True))
    bars = [draw(st.sampled_from([0.0, 0.5, 0.65])) for _ in range(3)]
    return made_method(tree, [draw(rules) for _ in range(3)], bars, weights)


@st.composite
def scored(
    draw: st.DrawFn,
    rules: st.SearchStrategy[Rule] = ANY_RULE,
    values: st.SearchStrategy[float] = SCORE,
    rows: int = 3,
) -> tuple[Method, pd.DataFrame]:
    """Return a method and the scores of its indicators in some cells."""
    method = draw(methods(rules))
    count = len(method.indicators)
    table = draw(
        st.lists(st.lists(values, min_size=count, max_size=count), min_size=rows, max_size=rows)
    )
    return method, pd.DataFrame(table, columns=list(method.indicators), dtype=np.float64)
