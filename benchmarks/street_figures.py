"""What the rules of placing change, on two real cities: ``street_figures.py --help``.

Three rules on the same streets, facilities and people, all in metres along the streets:

* ``nodes``: a cell is its centroid, and goes in a straight line to the nearest node of the largest
  component; a facility is at its nearest node, for nothing. So the published figures were made.
* ``centroid``: a cell is its centroid, and goes to the nearest point of the nearest street; so does
  a facility.
* ``streets``: a cell is the pieces of streets in it; a facility goes to the nearest street.

``minutes`` is ``streets`` in time, with slopes, stairs and surfaces. Prints the tables of
``docs/street-networks.md`` as Markdown.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import h3
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from inclusion_marker.accessibility.engine import closest, facilities_at
from inclusion_marker.accessibility.hierarchy import build
from inclusion_marker.accessibility.measures import cost_to_closest
from inclusion_marker.accessibility.network import Network, prepare_network
from inclusion_marker.accessibility.shares import share_within
from inclusion_marker.accessibility.snapping import place_origins
from inclusion_marker.loaders.streets import Streets, load_streets
from inclusion_marker.profiles import Profile, load_profile

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DATA = Path(__file__).parents[2] / "shared" / "data"
LEVEL_M_A_MIN = 5_036.8 / 60  # on foot, on the level
DM = 10
CHANGES = (
    "| facility | `streets` beside `centroid` | median | 90th percentile | most | people in cells "
    "that change by over 100 m |"
)


@dataclass(frozen=True)
class Goal:
    """A kind of facility, and the distance within which people are counted."""

    name: str
    places: gpd.GeoSeries
    within_m: float


@dataclass(frozen=True)
class City:
    """Streets, cells with their people, and facilities; all in one CRS in metres."""

    name: str
    streets: Streets
    cells: gpd.GeoSeries
    people: Floats
    goals: tuple[Goal, ...]
    elevation: Path | None = None


def buenos_aires(data: Path = DATA) -> City:
    """Return the census tracts of 2010, schools and public hospitals."""
    file, crs = data / "buenos-aires" / "buenos_aires.gpkg", "EPSG:32721"
    tracts = gpd.read_file(file, layer="census_radios_2010").to_crs(crs)
    places = {
        layer: gpd.read_file(file, layer=layer).to_crs(crs).geometry
        for layer in ("schools_points", "hospitals")
    }
    return City(
        "Buenos Aires",
        load_streets(file, crs=crs, layer="street_edges"),
        tracts.geometry,
        tracts["poblacion"].to_numpy(np.float64),
        (
            Goal("school", places["schools_points"], 500),
            Goal("public hospital", places["hospitals"], 1_000),
        ),
    )


def porto_alegre(data: Path = DATA) -> City:
    """Return the H3 cells of the centre; health facilities stand at the centre of their cell."""
    folder, crs = data / "porto-alegre", "EPSG:32722"
    table = pd.read_csv(folder / "poa_hexgrid.csv", index_col="id")
    outlines = [
        shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)])
        for cell in table.index
    ]
    cells = gpd.GeoSeries(outlines, table.index, crs="EPSG:4326").to_crs(crs)
    centres = gpd.GeoSeries.from_xy(table["lon"], table["lat"], crs="EPSG:4326").to_crs(crs)
    return City(
        "Porto Alegre",
        load_streets(folder / "poa_osm.pbf", crs=crs),
        cells,
        table["population"].to_numpy(np.float64),
        (Goal("health facility", centres[table["healthcare"] > 0], 1_000),),
        folder / "poa_elevation.tif",
    )


CITIES: Mapping[str, Callable[[Path], City]] = {
    "buenos-aires": buenos_aires,
    "porto-alegre": porto_alegre,
}


def metres_on_foot(changes: Mapping[str, Any] | None = None) -> Profile:
    """Return walking at one metre a second on any surface and stairs: a decisecond is 0.1 m."""
    plain = dict.fromkeys(load_profile("walk").surface_factors, 1.0)
    return load_profile(
        "walk",
        {"speed_kmh": 3.6, "steps_factor": 1.0, "surface_factors": plain, **(changes or {})},
    )


@dataclass(frozen=True, eq=False)
class Nodes:
    """A network of nodes: every point where a line bends is one, if asked for."""

    xy: Floats
    tail: npt.NDArray[np.int32]
    head: npt.NDArray[np.int32]
    dm: npt.NDArray[np.int32]
    metres: float
    largest: Ints


def nodes_of(network: Network, *, bends: bool) -> Nodes:
    """Return the nodes of a network, alone or with the points where its lines bend."""
    xy, tail, head = network.nodes, network.tail, network.head
    length = network.length_m
    largest = network.component == 0
    if bends:
        points, line = shapely.get_coordinates(network.lines, return_index=True)
        first = np.append(True, line[1:] != line[:-1])
        last = np.append(first[1:], True)
        number = np.full(len(points), -1)
        number[first], number[last] = tail, head
        inner = number < 0
        number[inner] = len(xy) + np.arange(inner.sum())
        xy = np.concatenate([xy, points[inner]])
        largest = np.concatenate([largest, largest[tail[line[inner]]]])
        gaps = np.hypot(*(points[1:] - points[:-1]).T)
        tail, head, length = number[:-1][~last[:-1]], number[1:][~last[:-1]], gaps[~last[:-1]]
    dm = np.maximum(np.rint(DM * length), 1).astype(np.int32)
    ends = tail.astype(np.int32), head.astype(np.int32)
    return Nodes(xy, *ends, dm, float(length.sum()), np.flatnonzero(largest))


def by_nodes(nodes: Nodes, cells: gpd.GeoSeries, places: gpd.GeoSeries) -> Floats:
    """Return the metres of each cell by the rule of the published figures."""
    tree = cKDTree(nodes.xy[nodes.largest])
    leg, home = tree.query(shapely.get_coordinates(shapely.centroid(cells.to_numpy())))
    _, target = tree.query(shapely.get_coordinates(shapely.centroid(places.to_numpy())))
    engine = build(len(nodes.xy), nodes.tail, nodes.head, nodes.dm, nodes.dm, nodes.xy)
    found, _ = closest(engine, facilities_at([nodes.largest[target]]), targets=nodes.largest[home])
    metres: Floats = leg + found[:, 0] / DM
    return metres


By = Literal["streets", "centroid"]


def by_places(network: Network, cells: gpd.GeoSeries, places: gpd.GeoSeries, by: By) -> Floats:
    """Return the cost of each cell on a network, minutes; missing where there is none."""
    found = cost_to_closest(network, place_origins(network, cells, by=by), places)
    minutes: Floats = found["closest_min"].to_numpy(np.float64)
    return minutes


def summary(metres: Floats, people: Floats, within_m: float) -> tuple[float, float]:
    """Return the mean over people, and the percentage of people within a distance.

    People of cells without a value are in neither.
    """
    known = ~np.isnan(metres)
    near = people[known & (metres <= within_m)].sum()
    mean = float(np.average(metres[known], weights=people[known]))
    return mean, float(100 * near / people[known].sum())


def figures(city: City) -> dict[str, dict[str, Floats]]:
    """Return the metres of each cell by goal and rule."""
    network = prepare_network(city.streets, metres_on_foot())
    # An OpenStreetMap file has a node wherever a way bends; a layer of lines at its ends only.
    nodes = nodes_of(network, bends=city.streets.node_ids is not None)
    walk = prepare_network(city.streets, load_profile("walk"), elevation=city.elevation)
    return {
        goal.name: {
            "nodes": by_nodes(nodes, city.cells, goal.places),
            "centroid": 60 * by_places(network, city.cells, goal.places, "centroid"),
            "streets": 60 * by_places(network, city.cells, goal.places, "streets"),
            "minutes": by_places(walk, city.cells, goal.places, "streets"),
        }
        for goal in city.goals
    }


def legs(city: City) -> str:
    """Return how far cells and facilities are from the network, as Markdown."""
    network = prepare_network(city.streets, metres_on_foot())
    nodes = nodes_of(network, bends=city.streets.node_ids is not None)
    nearest = cKDTree(nodes.xy[nodes.largest])
    streets = shapely.STRtree(network.lines)

    def mean(places: gpd.GeoSeries, weights: Floats | None) -> str:
        points = shapely.centroid(places.to_numpy())
        to_node, _ = nearest.query(shapely.get_coordinates(points))
        _, to_street = streets.query_nearest(points, all_matches=False, return_distance=True)
        near = to_street <= network.profile.access_limit_m
        found = [
            np.average(gap[near], weights=None if weights is None else weights[near])
            for gap in (to_node, to_street)
        ]
        return f"{found[0]:.0f} m | {found[1]:.0f} m"

    lines = [
        "| in a straight line from | to the nearest node | to the nearest street |",
        "|---|---:|---:|",
        f"| the centroid of a cell, by people | {mean(city.cells, city.people)} |",
    ]
    lines += [f"| a {goal.name} | {mean(goal.places, None)} |" for goal in city.goals]
    return "\n".join(lines)


def with_and_without(city: City, found: Mapping[str, Mapping[str, Floats]]) -> str:
    """Return both rules in cells that hold a facility and in the others, as Markdown."""
    lines = ["| cells | cells | `centroid` | `streets` |", "|---|---:|---:|---:|"]
    for goal in city.goals:
        tree = shapely.STRtree(goal.places.to_numpy())
        cell, _ = tree.query(city.cells.to_numpy(), predicate="intersects")
        holds = np.isin(np.arange(len(city.cells)), cell)
        rules = found[goal.name]
        known = ~np.isnan(rules["centroid"]) & ~np.isnan(rules["streets"])
        for words, chosen in (("with a", known & holds), ("without a", known & ~holds)):
            means = [
                f"{np.average(rules[rule][chosen], weights=city.people[chosen]):.0f} m"
                for rule in ("centroid", "streets")
            ]
            lines.append(f"| {words} {goal.name} | {chosen.sum():,} | {' | '.join(means)} |")
    return "\n".join(lines)


def piece_by_piece(city: City) -> str:
    """Return the people within, counted by street piece and not by cell, as Markdown."""
    network = prepare_network(city.streets, metres_on_foot())
    lines = ["| within, counted by street piece | people |", "|---|---:|"]
    for goal in city.goals:
        shares = share_within(network, city.cells, goal.places, [goal.within_m / 60]).iloc[:, 0]
        known = shares.notna().to_numpy()
        mean = 100 * np.average(shares[known], weights=city.people[known])
        lines.append(f"| {goal.name}, {goal.within_m:,.0f} m | {mean:.1f} % |")
    return "\n".join(lines)


def table(city: City, found: Mapping[str, Mapping[str, Floats]]) -> str:
    """Return the rows of a city, as Markdown."""
    lines = [
        f"### {city.name}: {len(city.cells):,} cells, {city.people.sum():,.0f} people",
        "",
        "| facility | rule | mean | within | cells without a value | their people |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for goal in city.goals:
        for rule, values in found[goal.name].items():
            metres = values * LEVEL_M_A_MIN if rule == "minutes" else values
            mean, share = summary(metres, city.people, goal.within_m)
            unit = f"{mean / LEVEL_M_A_MIN:.1f} min" if rule == "minutes" else f"{mean:,.0f} m"
            lacking = np.isnan(values)
            lines.append(
                f"| {goal.name} | {rule} | {unit} | {share:.1f} % within {goal.within_m:,.0f} m "
                f"| {100 * lacking.mean():.2f} % | {city.people[lacking].sum():,.0f} |"
            )
    lines += [
        "",
        CHANGES,
        "|---|---|---:|---:|---:|---:|",
    ]
    for goal in city.goals:
        rules = found[goal.name]
        gap = np.abs(rules["streets"] - rules["centroid"])
        both = ~np.isnan(gap)
        middle, high, most = np.quantile(gap[both], [0.5, 0.9, 1.0])
        moved = 100 * city.people[both & (gap > 100)].sum() / city.people[both].sum()
        lines.append(
            f"| {goal.name} | absolute difference of a cell | {middle:.0f} m | {high:.0f} m "
            f"| {most:,.0f} m | {moved:.1f} % |"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the tables of the chosen cities."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cities", nargs="+", choices=tuple(CITIES), default=tuple(CITIES))
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the real cities")
    chosen = parser.parse_args()
    for name in chosen.cities:
        city = CITIES[name](chosen.data)
        found = figures(city)
        parts = table(city, found), legs(city), with_and_without(city, found), piece_by_piece(city)
        print(*parts, sep="\n\n", end="\n\n")


if __name__ == "__main__":
    main()
