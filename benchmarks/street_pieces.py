"""The picture of ``docs/street-networks.md``: a cell as its centroid, and as its street pieces.

``street_pieces.py`` draws one cell of the synthetic sample city to ``docs/images``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from two_methods import IMAGES, LINE, save

from inclusion_marker.accessibility.network import Network, load_network
from inclusion_marker.accessibility.snapping import place_opportunities, place_origins
from inclusion_marker.city import load_city
from inclusion_marker.marker import compute

CELL, STREET, PIECE, CENTRE, SERVICE = "#e7f0ea", "#9a9a9a", "#2a7f4f", "#ca3e72", "#862781"
LEAST_LEG_M = 8.0  # a service whose leg can be seen


def chosen(
    network: Network, cells: gpd.GeoSeries, services: gpd.GeoSeries
) -> tuple[gpd.GeoSeries, gpd.GeoSeries]:
    """Return the first cell with many pieces and one service off the street, and that service."""
    spots = place_origins(network, cells)
    pieces = np.bincount(spots.owner, minlength=len(cells))
    of, service = shapely.STRtree(services.to_numpy()).query(cells.to_numpy(), "contains")
    street = shapely.multilinestrings(network.lines)
    for k in np.flatnonzero(pieces > np.quantile(pieces, 0.6)):
        mine = service[of == k]
        if len(mine) == 1 and shapely.distance(street, services.iloc[mine[0]]) > LEAST_LEG_M:
            return cells.iloc[[k]], services.iloc[mine]
    message = "no cell of the sample city shows what the picture is of"
    raise SystemExit(message)


def draw(network: Network, cell: gpd.GeoSeries, service: gpd.GeoSeries, path: Path) -> None:
    """Write the two maps of a cell."""
    figure = Figure(figsize=(9.0, 4.3))
    titles = 'by = "centroid"', 'by = "streets", the default'
    west, south, east, north = cell.total_bounds
    for axes, by, title in zip(figure.subplots(1, 2), ("centroid", "streets"), titles, strict=True):
        axes.fill(*shapely.get_coordinates(cell.iloc[0]).T, color=CELL)
        lines = [shapely.get_coordinates(line) for line in network.lines]
        axes.add_collection(LineCollection(lines, colors=STREET, linewidths=1.0))
        spots = place_origins(network, cell, by=by)  # type: ignore[arg-type]
        feet = shapely.line_interpolate_point(
            network.lines[spots.edge], spots.share, normalized=True
        )
        x, y = shapely.get_coordinates(feet).T
        if by == "centroid":
            middle = cell.iloc[0].centroid
            axes.plot([middle.x, x[0]], [middle.y, y[0]], color=CENTRE, linewidth=1.5)
            axes.plot(
                middle.x, middle.y, "o", color=CENTRE, markersize=7, label="centroid, its leg"
            )
        axes.plot(x, y, "o", color=PIECE, markersize=4, label=f"where people start: {len(x)}")
        door = place_opportunities(network, service)
        foot = shapely.line_interpolate_point(network.lines[door.edge], door.share, normalized=True)
        for place, gate in zip(service, foot, strict=True):
            axes.plot([place.x, gate.x], [place.y, gate.y], color=SERVICE, linewidth=1.5)
            axes.plot(place.x, place.y, "s", color=SERVICE, markersize=7, label="service, its leg")
        axes.set(xlim=(west - 25, east + 25), ylim=(south - 25, north + 25))
        axes.set_aspect("equal")
        axes.set_axis_off()
        axes.set_title(title, fontsize=9)
        axes.plot([west, west + 100], [south - 12] * 2, color=LINE, linewidth=2)
        axes.text(west + 106, south - 12, "100 m", fontsize=7, color=LINE, va="center")
        axes.legend(
            loc="upper center", bbox_to_anchor=(0.5, 0.02), ncols=3, fontsize=7.5, frameon=False
        )
    figure.text(
        0.5, 0.03, "SYNTHETIC: no real place.", ha="center", va="top", fontsize=7.5, color=LINE
    )
    save(figure, path)


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=IMAGES, help="where the picture is written")
    options = parser.parse_args()
    city = load_city("cucuta")
    network = load_network(city.root / "streets.gpkg", crs=city.crs, layer="vias")
    cells = compute(city, method="uim-v1").grid.cells.geometry
    services = gpd.read_file(city.root / "services.gpkg", layer="salud").to_crs(city.crs)
    draw(network, *chosen(network, cells, services.geometry), options.out / "cucuta_cell.png")


if __name__ == "__main__":
    main()
