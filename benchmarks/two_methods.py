"""Straight lines beside streets: the maps and tables of ``docs/network-or-straight-line.md``.

``two_methods.py`` prints the tables as Markdown and writes the pictures to ``docs/images``.
Minutes of a straight line are its metres at 5 km/h, as the goalposts of the two methods have it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from street_figures import DATA, porto_alegre

from inclusion_marker.accessibility.measures import cost_to_closest
from inclusion_marker.accessibility.network import Network, load_network, prepare_network
from inclusion_marker.accessibility.snapping import place_origins
from inclusion_marker.city import load_city
from inclusion_marker.composite.classes import class_labels, classify
from inclusion_marker.marker import Marker, compute
from inclusion_marker.outputs.palette import NO_DATA, PUBLISHED
from inclusion_marker.profiles import load_profile

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
MIN_A_M = 0.012  # 5 km/h
MINUTES = (5.0, 10.0, 15.0, 30.0, 45.0, 60.0)
MORE = (-5.0, 0.0, 5.0, 10.0, 20.0, 40.0)
LESS_COLOURS = ("#5aae61", "#c7e9c0")  # where the way along the streets is the shorter one
LONGER_MIN = 5.0
FEW = 100  # people; a cell with fewer is no example
STEEP = 3  # slope classes from this one on: above 7 %
WATER, BRIDGE, LINE = "#2b7bba", "#111111", "#555555"
HEAD = (
    "| cells | people | straight by factor | straight, from the edge | from where people live "
    "| streets, level | streets, slopes | and back | over 5 min more |"
)
WIDTH_IN, DPI = 10.0, 110
COLOURS = 128  # of a picture: a map has few, and the file is small


@dataclass(frozen=True, eq=False)
class Walks:
    """Minutes to the closest place of one kind, by a straight line and along streets.

    Attributes
    ----------
    cells
        Who asks.
    people
        Of each cell.
    straight, streets
        Minutes by ``uim-v1`` and by ``uim``.
    edge, home
        In a straight line without the slope factor: from the edge of the cell, and from where its
        people live.
    level, back
        Along the streets as if there were no slopes; and the way back, with them.
    crosses
        Whether a river is between the cell and the place that is closest as the crow flies.
    steep
        Whether the cell is of the upper slope classes.
    rivers, bridges
        What makes the difference, where it is known.
    """

    cells: gpd.GeoSeries
    people: Floats
    straight: Floats
    streets: Floats
    edge: Floats
    home: Floats
    level: Floats
    back: Floats
    crosses: npt.NDArray[np.bool_]
    steep: npt.NDArray[np.bool_]
    rivers: gpd.GeoSeries
    bridges: gpd.GeoSeries


def cucuta(straight: Marker, streets: Marker) -> Walks:
    """Return the walks of the sample city to its hospitals; its rivers have eight bridges."""
    city = load_city("cucuta")
    cells = straight.grid.cells.geometry
    rivers = gpd.read_file(city.root / "rivers.gpkg").to_crs(city.crs).geometry
    ways = gpd.read_file(city.root / "streets.gpkg", layer="vias").to_crs(city.crs)
    places = gpd.read_file(city.root / "services.gpkg", layer="hospitales").to_crs(city.crs)
    ground = city.root / "elevation.tif"
    flat, hilly = (
        load_network(city.root / "streets.gpkg", crs=city.crs, layer="vias", elevation=heights)
        for heights in (None, ground)
    )
    level = cost_to_closest(flat, cells, places)["closest_min"]
    back = cost_to_closest(hilly, cells, places, direction="from")["closest_min"]
    return Walks(
        cells,
        straight.people.to_numpy(np.float64),
        MIN_A_M * straight.raw["hospital_distance"].to_numpy(np.float64),
        streets.raw["hospital_distance"].to_numpy(np.float64),
        *_crow(flat, cells, places.geometry),
        level.to_numpy(np.float64),
        back.to_numpy(np.float64),
        _crosses(cells, places.geometry, rivers),
        _steep(straight),
        rivers,
        ways.geometry[ways["bridge"].notna() & (ways["bridge"] != "no")],
    )


def centre_of_porto_alegre(data: Path) -> Walks:
    """Return the walks of a real city to the cells that have a health facility."""
    city = porto_alegre(data)
    folder = ROOT / "tests" / "real" / "porto_alegre"
    straight = compute(folder, method="uim-v1")
    cells = straight.grid.cells.geometry
    order = city.cells.index.get_indexer(cells.index)
    places = city.goals[0].places
    walk = load_profile("walk")
    hilly = prepare_network(city.streets, walk, elevation=city.elevation)
    flat = prepare_network(city.streets, walk)
    minutes = [cost_to_closest(network, cells, places) for network in (hilly, flat)]
    minutes.append(cost_to_closest(hilly, cells, places, direction="from"))
    nothing = gpd.GeoSeries([], crs=cells.crs)
    return Walks(
        cells,
        city.people[order],
        MIN_A_M * straight.raw["health_distance"].to_numpy(np.float64),
        minutes[0]["closest_min"].to_numpy(np.float64),
        *_crow(flat, cells, places),
        minutes[1]["closest_min"].to_numpy(np.float64),
        minutes[2]["closest_min"].to_numpy(np.float64),
        np.zeros(len(cells), bool),
        _steep(straight),
        nothing,
        nothing,
    )


def _crow(network: Network, cells: gpd.GeoSeries, places: gpd.GeoSeries) -> tuple[Floats, Floats]:
    """Return the minutes in a straight line: from the edge of each cell, and from its people."""
    tree = shapely.STRtree(places.to_numpy())
    gap = {"all_matches": False, "return_distance": True}
    _, from_edge = tree.query_nearest(cells.to_numpy(), **gap)
    spots = place_origins(network, cells)
    homes = shapely.line_interpolate_point(network.lines[spots.edge], spots.share, normalized=True)
    _, from_home = tree.query_nearest(homes, **gap)
    mean = np.bincount(spots.owner, spots.weight * from_home, len(cells))
    return MIN_A_M * from_edge, MIN_A_M * mean


def _steep(marker: Marker) -> npt.NDArray[np.bool_]:
    """Return which cells are of the upper slope classes."""
    found: npt.NDArray[np.bool_] = (marker.terrain["slope_class"] >= STEEP).to_numpy(bool)
    return found


def _crosses(
    cells: gpd.GeoSeries, places: gpd.GeoSeries, rivers: gpd.GeoSeries
) -> npt.NDArray[np.bool_]:
    """Return whether a river is between a cell and the place that is closest as the crow flies."""
    middles = shapely.centroid(cells.to_numpy())
    _, closest = shapely.STRtree(places.to_numpy()).query_nearest(middles, all_matches=False)
    crow = shapely.shortest_line(middles, places.to_numpy()[closest])
    found: npt.NDArray[np.bool_] = shapely.intersects(crow, rivers.union_all())
    return found


def table(walks: Walks) -> str:
    """Return what the streets change, by whether a river is in between, as Markdown."""
    known = ~np.isnan(walks.streets) & ~np.isnan(walks.straight) & (walks.people > 0)
    groups = {
        "all": known,
        "a river in between": known & walks.crosses,
        "no river in between": known & ~walks.crosses,
        f"slope classes {STEEP} to 5": known & walks.steep,
        f"slope classes 1 to {STEEP - 1}": known & ~walks.steep,
    }
    if not walks.crosses.any():
        groups = {name: chosen for name, chosen in groups.items() if "river" not in name}
    lines = [
        HEAD,
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, chosen in groups.items():
        people = walks.people[chosen]
        means = [
            f"{np.average(values[chosen], weights=people):.1f} min"
            for values in (
                walks.straight,
                walks.edge,
                walks.home,
                walks.level,
                walks.streets,
                walks.back,
            )
        ]
        later = walks.streets[chosen] - walks.straight[chosen] > LONGER_MIN
        share = 100 * people[later].sum() / people.sum()
        figures = " | ".join(means)
        lines.append(f"| {name} | {people.sum():,.0f} | {figures} | {share:.0f} % of people |")
    return "\n".join(lines)


def longest(walks: Walks, most: int = 6) -> str:
    """Return the inhabited cells to which the streets add most, as Markdown."""
    more = np.where(walks.people >= FEW, walks.streets - walks.home, np.nan)
    centres = gpd.GeoSeries(shapely.centroid(walks.cells.to_numpy()), crs=walks.cells.crs)
    degrees = centres.to_crs("EPSG:4326")
    lines = ["| lon, lat | people | straight, from where people live | streets, slopes |"]
    lines.append("|---|---:|---:|---:|")
    lines += [
        f"| {degrees.iloc[k].x:.4f}, {degrees.iloc[k].y:.4f} | {walks.people[k]:,.0f} "
        f"| {walks.home[k]:.1f} min | {walks.streets[k]:.1f} min |"
        for k in np.argsort(-np.nan_to_num(more, nan=-np.inf))[:most]
    ]
    return "\n".join(lines)


# ── pictures ─────────────────────────────────────────────────────────────────


def _panel(axes: Axes, cells: gpd.GeoSeries, colours: Sequence[Any], title: str) -> None:
    """Draw cells in their colours, and a scale bar."""
    parts, of = shapely.get_parts(cells.to_numpy(), return_index=True)
    shapes = [shapely.get_coordinates(shapely.get_exterior_ring(part)) for part in parts]
    faces = [colours[k] for k in of]
    axes.add_collection(PolyCollection(shapes, facecolors=faces, edgecolors="face", linewidths=0.3))
    west, south, east, north = cells.total_bounds
    axes.set(xlim=(west - 300, east + 300), ylim=(south - 900, north + 300))
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title(title, fontsize=9)
    axes.plot([west, west + 2_000], [south - 600] * 2, color=LINE, linewidth=2)
    axes.text(west + 2_150, south - 600, "2 km", fontsize=7, color=LINE, va="center")


def _water(axes: Axes, walks: Walks) -> None:
    """Draw rivers, and bridges as dots."""
    lines = [shapely.get_coordinates(line) for line in shapely.get_parts(walks.rivers.to_numpy())]
    axes.add_collection(LineCollection(lines, colors=WATER, linewidths=1.6))
    middles = shapely.get_coordinates(shapely.centroid(walks.bridges.to_numpy()))
    axes.plot(middles[:, 0], middles[:, 1], "o", color=BRIDGE, markersize=3.5)


def _minutes_colours() -> list[Any]:
    """Return the colours of the classes of minutes."""
    return list(mpl.colormaps["viridis_r"](np.linspace(0.05, 0.95, len(MINUTES) + 1)))


def _more_colours() -> list[Any]:
    """Return the colours of the classes of minutes more: less is green."""
    longer = mpl.colormaps["RdPu"](np.linspace(0.15, 0.95, len(MORE) + 1 - len(LESS_COLOURS)))
    return [*LESS_COLOURS, *longer]


def _classed(values: Floats, limits: Sequence[float], palette: list[Any]) -> list[Any]:
    """Return the colour of each value's class; grey where missing."""
    kinds = np.searchsorted(limits, values, side="left")
    return [
        NO_DATA if np.isnan(value) else palette[kind]
        for value, kind in zip(values, kinds, strict=True)
    ]


def _legend(axes: Axes, limits: Sequence[float], palette: list[Any], unit: str) -> None:
    """Write the classes below a map."""
    words = [*(f"≤ {each:g}" for each in limits), f"> {limits[-1]:g}"]
    axes.legend(
        [mpl.patches.Patch(color=colour) for colour in [*palette, NO_DATA]],
        [*words, "no data"],
        title=unit,
        loc="upper center",
        bbox_to_anchor=(0.5, 0.02),
        ncols=4,
        fontsize=7,
        title_fontsize=7.5,
        frameon=False,
        handlelength=1,
        columnspacing=1,
    )


def save(figure: Figure, path: Path) -> None:
    """Write a picture with few colours: small, and the same on every run."""
    from io import BytesIO  # noqa: PLC0415

    from PIL import Image  # noqa: PLC0415 - comes with matplotlib

    buffer = BytesIO()
    figure.savefig(buffer, dpi=DPI, bbox_inches="tight", facecolor="white")
    picture = Image.open(buffer).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


def draw_walks(walks: Walks, title: str, note: str, path: Path) -> None:
    """Write three maps side by side: straight, along streets, and what the streets add."""
    figure = Figure(figsize=(WIDTH_IN, 4.4))
    first, second, third = figure.subplots(1, 3)
    minutes, longer = _minutes_colours(), _more_colours()
    panels = (
        (first, walks.straight, "straight line"),
        (second, walks.streets, "along the streets"),
    )
    for axes, values, name in panels:
        _panel(axes, walks.cells, _classed(values, MINUTES, minutes), name)
        _legend(axes, MINUTES, minutes, "minutes on foot")
    more = walks.streets - walks.straight
    _panel(third, walks.cells, _classed(more, MORE, longer), "what the streets add")
    _legend(third, MORE, longer, "minutes more")
    for axes in (first, second, third):
        _water(axes, walks)
    figure.suptitle(title, fontsize=11, y=0.97)
    figure.text(0.5, 0.0, note, ha="center", va="top", fontsize=7.5, color=LINE)
    save(figure, path)


def draw_markers(straight: Marker, streets: Marker, walks: Walks, path: Path) -> None:
    """Write the marker of both methods side by side."""
    figure = Figure(figsize=(WIDTH_IN * 0.8, 5.0))
    both = figure.subplots(1, 2)
    colours = np.array([NO_DATA, *PUBLISHED])
    titles = ("uim-v1: straight lines, arithmetic mean", "uim: streets, geometric mean")
    for axes, marker, name in zip(both, (straight, streets), titles, strict=True):
        kinds = classify(marker.scores.marker).to_numpy(np.int64, na_value=0)
        _panel(axes, marker.grid.cells.geometry, list(colours[kinds]), name)
        _water(axes, walks)
    figure.legend(
        [mpl.patches.Patch(color=colour) for colour in [*PUBLISHED, NO_DATA]],
        [*class_labels(), "no data"],
        loc="lower center",
        ncols=6,
        fontsize=8,
        frameon=False,
        handlelength=1,
        bbox_to_anchor=(0.5, 0.01),
    )
    figure.suptitle(
        "The marker of the synthetic twin of Cúcuta by both methods", fontsize=11, y=0.97
    )
    note = "SYNTHETIC: no real place. Blue: rivers; dots: bridges."
    figure.text(0.5, 0.0, note, ha="center", va="top", fontsize=7.5, color=LINE)
    save(figure, path)


def markers(straight: Marker, streets: Marker) -> str:
    """Return what changes from one method to the other, as Markdown."""
    people = straight.people
    lived_in = people > 0
    lines = ["| score | uim-v1 | uim | median change of a cell | 5 % of cells below, above |"]
    lines.append("|---|---:|---:|---:|---:|")
    rows: dict[str, tuple[pd.Series[float], pd.Series[float]]] = {
        "marker": (straight.scores.marker, streets.scores.marker)
    }
    for key in straight.scores.areas.columns:
        rows[str(key)] = (straight.scores.areas[key], streets.scores.areas[key])
    for name, (before, after) in rows.items():
        known = lived_in & before.notna() & after.notna()
        means = [np.average(each[known], weights=people[known]) for each in (before, after)]
        change = (after - before)[known]
        low, high = change.quantile([0.05, 0.95])
        lines.append(
            f"| {name} | {means[0]:.1f} | {means[1]:.1f} | {change.median():+.1f} "
            f"| {low:+.1f}, {high:+.1f} |"
        )
    known = lived_in & streets.scores.marker.notna()
    plain = streets.scores.areas.mean(axis=1)[known]
    lines += [
        "",
        f"Arithmetic mean of the areas of `uim`: {np.average(plain, weights=people[known]):.1f}",
    ]
    return "\n".join(lines)


def proximity(straight: Marker, streets: Marker) -> str:
    """Return the minutes and scores of the indicators of proximity, as Markdown."""
    people = straight.people
    lines = [
        "| indicator | straight | streets | score, uim-v1 | score, uim |",
        "|---|---:|---:|---:|---:|",
    ]
    for key in ("health", "hospital", "culture", "education", "public_space", "commerce"):
        name = f"{key}_distance"
        columns = (
            MIN_A_M * straight.raw[name],
            streets.raw[name],
            straight.scores.indicators[name],
            streets.scores.indicators[name],
        )
        known = (people > 0) & pd.concat(columns, axis=1).notna().all(axis=1)
        means = [f"{np.average(each[known], weights=people[known]):.1f}" for each in columns]
        lines.append(f"| {name} | {means[0]} min | {means[1]} min | {means[2]} | {means[3]} |")
    return "\n".join(lines)


def main() -> None:
    """Print the tables and write the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the real cities")
    parser.add_argument("--out", type=Path, default=IMAGES, help="where the pictures are written")
    chosen = parser.parse_args()
    straight, streets = compute("cucuta", method="uim-v1"), compute("cucuta", method="uim")
    walks = cucuta(straight, streets)
    print(f"### Cúcuta (synthetic), the marker\n\n{markers(straight, streets)}\n")
    print(f"### Cúcuta (synthetic), proximity\n\n{proximity(straight, streets)}\n")
    print(f"### Cúcuta (synthetic), closest hospital\n\n{table(walks)}\n")
    draw_markers(straight, streets, walks, chosen.out / "cucuta_two_methods.png")
    draw_walks(
        walks,
        "Closest hospital, synthetic twin of Cúcuta",
        "SYNTHETIC: no real place. Blue: rivers; dots: bridges.",
        chosen.out / "cucuta_hospital_walk.png",
    )
    if not (chosen.data / "porto-alegre").is_dir():
        print(f"skipped: there is no porto-alegre in {chosen.data}")
        return
    real = centre_of_porto_alegre(chosen.data)
    print(f"\n### Porto Alegre, closest cell with a health facility\n\n{table(real)}\n")
    print(longest(real), end="\n\n")
    draw_walks(
        real,
        "Closest health facility, centre of Porto Alegre",
        "Streets © OpenStreetMap contributors, ODbL 1.0; facilities: Access to Opportunities "
        "Project, Ipea; heights: SRTM.",
        chosen.out / "porto_alegre_health_walk.png",
    )


if __name__ == "__main__":
    main()
