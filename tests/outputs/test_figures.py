"""The map as a picture: what is drawn, in which colours, and which words stand around it."""

import dataclasses
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import Collection, LineCollection, PathCollection, PolyCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from conftest import Town
from inclusion_marker.city import City
from inclusion_marker.composite.classes import classify
from inclusion_marker.errors import OutputError, ParameterError
from inclusion_marker.marker import Marker, compute
from inclusion_marker.outputs.figures import draw_map, map_figure, preview_png, save_figure
from inclusion_marker.outputs.palette import NO_DATA, PUBLISHED
from inclusion_marker.outputs.pictures.ground import frame_of
from inclusion_marker.texts import Text as Said


@pytest.fixture
def marker(town: Town) -> Marker:
    """Return the town's marker, the minimum lowered so that it has one."""
    return compute(town.root, min_coverage=0.1)


def drawn(marker: Marker, column: str = "marker", language: str = "en") -> Axes:
    """Return axes with a map on a page of its own, without pyplot."""
    axes = Figure(figsize=(9, 7)).add_axes((0.05, 0.1, 0.6, 0.6))
    return draw_map(marker, column=column, language=language, axes=axes)


def words(axes: Axes) -> str:
    """Return all words around a map, one line each."""
    found = [text.get_text() for text in axes.findobj(Text)]
    return "\n".join(found).replace("-\n", "-")


def cells(axes: Axes) -> list[Collection]:
    """Return the collections of cells."""
    return [each for each in axes.collections if isinstance(each, PolyCollection | PathCollection)]


def colours(collection: Collection) -> list[str]:
    """Return the colour of each cell."""
    return [to_hex(tuple(each)) for each in np.asarray(collection.get_facecolor())]


def reshaped(
    marker: Marker, change: Callable[[BaseGeometry], BaseGeometry], *, city: bool = True
) -> Marker:
    """Return a marker whose cells, and boundary, have other shapes."""
    grid = marker.grid.cells.copy()
    grid["geometry"] = [change(shape) for shape in grid.geometry]
    boundary = gpd.GeoSeries([change(each) for each in marker.boundary], crs=marker.boundary.crs)
    return dataclasses.replace(
        marker,
        grid=dataclasses.replace(marker.grid, cells=grid),
        boundary=boundary if city else marker.boundary,
    )


def renamed(marker: Marker, **changes: object) -> Marker:
    """Return a marker of a city that says something else of itself."""
    return dataclasses.replace(marker, city=City.model_copy(marker.city, update=changes))


# ── the ground ───────────────────────────────────────────────────────────────


def test_map__gives_each_cell_the_colour_of_its_class(marker: Marker) -> None:
    (collection,) = cells(drawn(marker))
    classes = classify(marker.scores.marker)
    expected = [PUBLISHED[number - 1].lower() for number in classes]
    assert colours(collection) == expected


def test_map__draws_cells_without_a_score_in_grey(marker: Marker) -> None:
    axes = drawn(marker, "area_economy")
    (collection,) = cells(axes)
    assert set(colours(collection)) == {NO_DATA.lower()}
    assert "No cell has a score" in words(axes)


def test_map__keeps_the_proportions_of_the_city(marker: Marker) -> None:
    axes = drawn(marker)
    assert axes.get_aspect() == 1.0
    assert not axes.axison
    frame = frame_of(marker)
    assert axes.get_xlim() == (frame.west, frame.east)
    west, south, east, north = marker.grid.cells.total_bounds
    assert frame.west < west < east < frame.east
    assert frame.south + frame.band < south < north < frame.north


def test_map__keeps_holes_and_all_parts_of_cells(marker: Marker) -> None:
    def holed(shape: BaseGeometry) -> BaseGeometry:
        return shape.difference(shape.centroid.buffer(10))

    def torn(shape: BaseGeometry) -> BaseGeometry:
        return shapely.union(shape.buffer(-20), affinity.translate(shape, 5000))

    (with_holes,) = cells(drawn(reshaped(marker, holed)))
    assert isinstance(with_holes, PathCollection)
    assert len(with_holes.get_paths()) == len(marker.grid.index)
    assert len(with_holes.get_paths()[0].to_polygons()) == 2
    (in_parts,) = cells(drawn(reshaped(marker, torn)))
    assert len(in_parts.get_paths()) == 2 * len(marker.grid.index)
    assert len(in_parts.get_facecolor()) == 2 * len(marker.grid.index)


def test_map__draws_boundary_and_districts_and_names_both(marker: Marker) -> None:
    def lines(axes: Axes) -> int:
        return sum(isinstance(each, LineCollection) for each in axes.collections)

    alone = drawn(marker)
    assert lines(alone) == 1
    assert "City boundary" in words(alone)
    assert "Districts" not in words(alone)
    districts = gpd.GeoDataFrame(
        {"name": ["x"], "marker": [50.0]}, geometry=list(marker.boundary), crs=marker.boundary.crs
    )
    parted = drawn(dataclasses.replace(marker, districts=districts))
    assert lines(parted) == 3
    assert "Districts" in words(parted)


@pytest.mark.parametrize(
    ("factor", "said"), [(1, "200 m"), (10, "2 km"), (100, "20 km"), (0.1, "20 m")]
)
def test_scale_bar__is_of_a_round_length(marker: Marker, factor: float, said: str) -> None:
    larger = reshaped(
        marker, lambda shape: affinity.scale(shape, factor, factor, origin=(700_000, 870_000))
    )
    axes = drawn(larger)
    assert said in words(axes).splitlines()
    number, unit = said.split()
    ends = axes.lines[0].get_xdata()
    assert np.ptp(np.asarray(ends, float)) == pytest.approx(
        float(number) * (1000 if unit == "km" else 1)
    )


# ── the words ────────────────────────────────────────────────────────────────


def test_legend__says_which_share_of_the_people_lives_in_each_class(marker: Marker) -> None:
    said = words(drawn(marker)).splitlines()
    labels = ["0–50", "50–60", "60–70", "70–80", "80–100", "No data"]  # noqa: RUF001
    assert [each for each in said if each in labels] == labels
    shares = [float(each.removesuffix(" %")) for each in said if re.fullmatch(r"[\d.]+ %", each)]
    assert len(shares) == 6
    assert sum(shares) == pytest.approx(100, abs=0.3)
    in_70_80 = marker.people[marker.scores.marker.between(70, 80)].sum() / marker.people.sum()
    assert shares[3] == pytest.approx(100 * in_70_80, abs=0.05)


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("marker", "Marcador de Inclusión Urbana"),
        ("area_health", "Salud y bienestar (S)"),
        ("dim_health_proximity", "Proximidad a centros de salud (S_PRO)"),
        ("ind_internet", "Acceso a internet (V6)"),
    ],
)
def test_title__names_the_city_the_node_and_both_means(
    marker: Marker, column: str, name: str
) -> None:
    said = words(drawn(marker, column, "es"))
    means = marker.means().loc[column]
    assert "Pueblo (sintético)" in said
    assert name in said.splitlines()
    assert f"Promedio ponderado por personas: {means['people_weighted']:.1f}" in said
    assert f"simple: {means['plain']:.1f}" in said


def test_map__says_that_a_city_is_made_up_and_only_then(marker: Marker) -> None:
    assert "DATOS SINTÉTICOS" in words(drawn(marker, language="es"))
    assert "SYNTHETIC" not in words(drawn(renamed(marker, synthetic=False)))


def test_map__names_method_and_sources_once_each_and_not_without_end(marker: Marker) -> None:
    one = marker.provenance["inputs"][0]
    inputs = [{**one, "source": f"Source {n % 12} " + "of the town " * 20} for n in range(24)]
    real = dataclasses.replace(
        renamed(marker, synthetic=False), provenance={**marker.provenance, "inputs": inputs}
    )
    said = words(drawn(real))
    flat = " ".join(said.split())
    assert flat.count("Source 7 of the town") == 1
    assert "Source 8" not in flat
    assert "… and 4 more" in flat
    assert "uim-v1" in flat


def test_map__of_a_made_up_city_names_no_source_as_if_it_were_one(marker: Marker) -> None:
    assert "Sources: synthetic data" in " ".join(words(drawn(marker)).split())


def test_map__shows_names_as_they_are_whatever_signs_they_hold(marker: Marker) -> None:
    name = r"$\frac{1}{0}$ _a^b <b>&amp; \n 100 %"
    odd = renamed(marker, name=Said(es=name, en=name))
    axes = drawn(odd)
    page = axes.get_figure(root=True)
    assert page is not None
    page.savefig(io.BytesIO(), format="png")
    assert name in words(axes)


def test_map__of_a_name_in_another_script_is_drawn_without_a_fuss(
    marker: Marker, tmp_path: Path
) -> None:
    name = "北京 " * 40
    odd = renamed(marker, name=Said(es=name, en=name))
    save_figure(map_figure(odd, language="es"), tmp_path / "map.png", overwrite=False)
    assert imread(tmp_path / "map.png").shape[1] == 1600


def test_map__of_an_unknown_column_is_refused_with_near_names(marker: Marker) -> None:
    with pytest.raises(ParameterError, match="name_unknown") as caught:
        marker.plot("area_helth")
    assert "area_health" in caught.value.text("es")


# ── the page ─────────────────────────────────────────────────────────────────

SHAPES = {"as it is": (1.0, 1.0), "tall": (1.0, 9.0), "wide": (12.0, 1.0), "huge": (300.0, 300.0)}


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("shape", SHAPES)
def test_page__holds_all_words_inside_and_none_over_the_map(
    marker: Marker, shape: str, language: str
) -> None:
    from matplotlib import pyplot as plt  # noqa: PLC0415

    x, y = SHAPES[shape]
    strip = reshaped(marker, lambda each: affinity.scale(each, x, y, origin=(700_000, 870_000)))
    axes = draw_map(strip, column="marker", language=language, axes=None)
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.canvas.draw()
    page = figure.bbox
    ground = axes.get_window_extent()
    words_around = [each for each in axes.artists if each.get_visible()]
    assert len(words_around) in {2, 3}
    for box in words_around:
        extent = box.get_window_extent()
        assert page.x0 <= extent.x0 < extent.x1 <= page.x1, (shape, extent, page)
        assert page.y0 <= extent.y0 < extent.y1 <= page.y1, (shape, extent, page)
        assert min(extent.x1, ground.x1) - max(extent.x0, ground.x0) < 1 or (
            min(extent.y1, ground.y1) - max(extent.y0, ground.y0) < 1
        )
    plt.close(figure)


def test_plot__makes_a_figure_that_a_notebook_shows(marker: Marker) -> None:
    from matplotlib import pyplot as plt  # noqa: PLC0415

    axes = marker.plot("area_health", language="en")
    assert plt.gcf() is axes.figure
    assert "Health and well-being" in words(axes)
    plt.close("all")


def test_plot__draws_on_the_axes_it_is_given(marker: Marker) -> None:
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert marker.plot(axes=right) is right
    assert len(left.collections) == 0
    assert figure.get_size_inches().tolist() == mpl.rcParams["figure.figsize"]


# ── the file ─────────────────────────────────────────────────────────────────


def test_saved_map__writes_1600_pixels_and_the_same_bytes_each_time(
    marker: Marker, tmp_path: Path
) -> None:
    first = save_figure(map_figure(marker, language="es"), tmp_path / "a.png", overwrite=False)
    with mpl.rc_context({"font.family": "serif", "savefig.dpi": 30, "figure.facecolor": "red"}):
        second = save_figure(map_figure(marker, language="es"), tmp_path / "b.png", overwrite=False)
    assert first.read_bytes() == second.read_bytes()
    assert imread(first).shape[1] == 1600
    assert b"Software" not in first.read_bytes()
    assert b"matplotlib" not in first.read_bytes().lower()


def test_saved_map__needs_no_pyplot_and_no_screen(town: Town, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from inclusion_marker.marker import compute\n"
        "from inclusion_marker.outputs.figures import map_figure, save_figure\n"
        f"marker = compute({str(town.root)!r})\n"
        "assert 'matplotlib' not in sys.modules\n"
        f"save_figure(map_figure(marker, language='es'), Path({str(tmp_path / 'a.png')!r}))\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    screenless = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
    subprocess.run([sys.executable, "-c", code], check=True, env=screenless)


def test_saved_map__does_not_replace_unasked(marker: Marker, tmp_path: Path) -> None:
    path = tmp_path / "map.png"
    path.write_bytes(b"mine")
    with pytest.raises(OutputError, match="output_exists"):
        save_figure(map_figure(marker, language="es"), path, overwrite=False)
    assert path.read_bytes() == b"mine"
    save_figure(map_figure(marker, language="es"), path, overwrite=True)
    assert path.read_bytes()[1:4] == b"PNG"
    assert [each.name for each in tmp_path.glob("*.png")] == ["map.png"]


def test_saved_map__shows_the_worst_class_in_the_darkest_colour(
    marker: Marker, tmp_path: Path
) -> None:
    scores = dataclasses.replace(
        marker.scores, marker=pd.Series(10.0, index=marker.scores.marker.index)
    )
    low = dataclasses.replace(marker, scores=scores)
    picture = imread(
        save_figure(map_figure(low, language="es"), tmp_path / "low.png", overwrite=False)
    )
    darkest = np.array(to_rgb(PUBLISHED[0]), picture.dtype)
    assert np.isclose(picture[..., :3], darkest, atol=0.01).all(axis=-1).mean() > 0.2
    assert PUBLISHED[0] == min(PUBLISHED, key=lambda colour: sum(to_rgb(colour)))


def test_preview__is_small_and_twice_as_sharp(marker: Marker) -> None:
    picture = imread(io.BytesIO(preview_png(marker)))
    assert picture.shape[1] == 840
    assert len(preview_png(marker)) < 200_000
