"""A street network made ready for one way of travelling: costs, components, engine, cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from inclusion_marker.accessibility.cache import cached, keep, key_of, restored, stored
from inclusion_marker.accessibility.clock import DS_PER_MIN
from inclusion_marker.accessibility.costs import costs_ds, off_the_ground
from inclusion_marker.accessibility.hierarchy import Engine, build
from inclusion_marker.cards import Slope
from inclusion_marker.errors import LayerError
from inclusion_marker.loaders.slopes import edge_grades
from inclusion_marker.loaders.streets import Streets, load_streets
from inclusion_marker.notices import Notice
from inclusion_marker.profiles import Profile, load_profile

Floats = npt.NDArray[np.float64]
Shorts = npt.NDArray[np.int32]
Shapes = npt.NDArray[np.object_]

_UNCOVERED = 0.02


@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """Streets that one profile can use, and the engine that times the ways along them.

    Attributes
    ----------
    crs
        In metres.
    profile
        Who travels.
    nodes
        Coordinates of the nodes, shape ``(n, 2)``, metres.
    tail, head
        Ends of each street, shape ``(m,)``.
    lines
        Geometry of each street, from tail to head.
    length_m
        Metres.
    way
        Which way or row of the source each street is part of.
    forward_ds, backward_ds
        Cost in either direction, deciseconds; -1 where closed.
    component
        Component of each node, 0 for the largest, over streets in either direction.
    engine
        The prepared network.
    notices
        What was noticed about the streets.
    """

    crs: str
    profile: Profile
    nodes: Floats
    tail: Shorts
    head: Shorts
    lines: Shapes
    length_m: Floats
    way: npt.NDArray[np.object_]
    forward_ds: Shorts
    backward_ds: Shorts
    component: Shorts
    engine: Engine
    notices: tuple[Notice, ...]

    def __repr__(self) -> str:
        """Return one line that says which network it is."""
        kilometres = self.length_m.sum() / 1000
        return f"<Network {self.profile.id}: {len(self.tail)} streets, {kilometres:.0f} km>"

    def edges(self) -> gpd.GeoDataFrame:
        """Return the streets as a table: ends, metres, minutes in either direction, component.

        Returns
        -------
        edges
            One row a street; minutes are missing in a closed direction.
        """
        minutes = np.column_stack([self.forward_ds, self.backward_ds]) / DS_PER_MIN
        minutes[minutes < 0] = np.nan
        columns = {
            "way": self.way,
            "tail": self.tail,
            "head": self.head,
            "length_m": self.length_m,
            "forward_min": minutes[:, 0],
            "backward_min": minutes[:, 1],
            "component": self.component[self.tail],
        }
        return gpd.GeoDataFrame(columns, geometry=self.lines, crs=self.crs)


def load_network(
    path: str | Path,
    *,
    crs: str,
    profile: str | Profile = "walk",
    layer: str | None = None,
    elevation: str | Path | None = None,
    cache: Path | None = None,
) -> Network:
    """Return the network of a street file: OpenStreetMap, Overpass, GraphML or lines.

    Parameters
    ----------
    path
        ``.pbf``, ``.osm``, Overpass ``.json`` or ``.json.gz``, ``.graphml``, ``.gpkg``, ``.shp``.
    crs
        CRS to measure in, in metres.
    profile
        ``"walk"``, ``"bike"``, ``"drive"``, or a profile.
    layer
        Layer of a GeoPackage.
    elevation
        Elevation model, for profiles that feel slopes.
    cache
        Folder for prepared networks; none if ``None``.

    Raises
    ------
    LayerError
        If the file is wrong, or has no street that the profile can use.

    Examples
    --------
    >>> from inclusion_marker.city import load_city
    >>> streets = load_city("cucuta").root / "streets.gpkg"
    >>> load_network(streets, crs="EPSG:32618", layer="vias").profile.id
    'walk'
    """
    who = load_profile(profile) if isinstance(profile, str) else profile
    streets = load_streets(Path(path), crs=crs, layer=layer)
    dem = None if elevation is None else Path(elevation)
    return prepare_network(streets, who, elevation=dem, cache=cache)


def prepare_network(
    streets: Streets,
    profile: Profile,
    *,
    elevation: Path | None = None,
    slope: Slope | None = None,
    cache: Path | None = None,
) -> Network:
    """Return the network of those who travel by a profile.

    Parameters
    ----------
    streets
        As :func:`~inclusion_marker.loaders.streets.load_streets` returns them.
    profile
        Speeds and rules.
    elevation
        Elevation model; without one the ground counts as level.
    slope
        Classes and factors of the published slope factor, for a profile whose ``slope`` is
        ``"factor"``.
    cache
        Folder for prepared networks, keyed by the content of all inputs; none if ``None``. Runs
        at once may share it.

    Returns
    -------
    network
        All components are kept.

    Raises
    ------
    LayerError
        If the profile can use no street.

    Examples
    --------
    >>> from inclusion_marker.city import load_city
    >>> city = load_city("cucuta")
    >>> streets = load_streets(city.root / "streets.gpkg", crs=city.crs, layer="vias")
    >>> network = prepare_network(streets, load_profile("walk"))
    >>> bool((network.forward_ds >= 0).all())  # a walker may go against a one-way street
    True
    """
    forward_kmh, backward_kmh = profile.speeds_kmh_of(streets.edges)
    usable = np.flatnonzero((forward_kmh > 0) | (backward_kmh > 0))
    if not len(usable):
        values = {"found": len(streets.edges), "profile": profile.id}
        raise LayerError(Notice("network_without_streets", layer="streets", values=values))
    edges = streets.edges.iloc[usable]
    speeds = np.column_stack([forward_kmh, backward_kmh])[usable]
    ends = edges[["tail", "head"]].to_numpy()
    kept, numbers = np.unique(ends, return_inverse=True)
    tail, head = numbers.reshape(ends.shape).astype(np.int32).T.copy()
    nodes = streets.nodes[kept]
    ground = None if profile.slope == "none" else elevation
    key = key_of(nodes, edges, speeds, (profile.slope, slope, ground))
    found = cached(cache, key)
    notices = [*streets.notices]
    if found is None:
        grades = None
        if ground is not None:
            grades = edge_grades(edges.geometry, ground, level=off_the_ground(edges))
        costs = costs_ds(edges, speeds, grades, profile, slope)
        covered = np.array(1.0 if grades is None else grades.covered)
        engine = build(len(nodes), tail, head, costs[0], costs[1], nodes)
        found = {"forward": costs[0], "backward": costs[1], "covered": covered, **stored(engine)}
        keep(cache, key, found)
    component = _components(len(nodes), tail, head)
    covered_share = float(found["covered"])
    if covered_share < 1 - _UNCOVERED and elevation is not None:
        values = {"percent": f"{100 * (1 - covered_share):.0f}"}
        notices.append(Notice("elevation_not_covering", file=elevation.name, values=values))
    notices += _fragments(component, tail, edges["length_m"].to_numpy(np.float64), nodes)
    return Network(
        crs=streets.crs,
        profile=profile,
        nodes=nodes,
        tail=tail,
        head=head,
        lines=edges.geometry.to_numpy(),
        length_m=edges["length_m"].to_numpy(np.float64),
        way=edges["way"].to_numpy(object),
        forward_ds=found["forward"],
        backward_ds=found["backward"],
        component=component,
        engine=restored(found),
        notices=tuple(notices),
    )


def _components(n: int, tail: Shorts, head: Shorts) -> Shorts:
    """Return the component of each node, the largest first."""
    graph = coo_array((np.ones(len(tail), np.int8), (tail, head)), shape=(n, n))
    count, label = connected_components(graph, directed=False)
    size = np.bincount(label, minlength=count)
    rank = np.empty(count, np.int32)
    rank[np.argsort(-size, kind="stable")] = np.arange(count, dtype=np.int32)
    return rank[label]


def _fragments(
    component: Shorts, tail: Shorts, length_m: Floats, nodes: Floats
) -> Iterator[Notice]:
    """Yield what is said of streets that do not hang together with the rest."""
    of_street = component[tail]
    total = np.bincount(of_street, length_m)
    if len(total) == 1:
        return
    where = nodes[tail[of_street > 0][:3]].round().astype(int).tolist()
    values = {
        "count": len(total) - 1,
        "km": f"{total[1:].sum() / 1000:.1f}",
        "percent": f"{100 * total[1:].sum() / total.sum():.1f}",
        "sample": "; ".join(f"({x}, {y})" for x, y in where),
    }
    yield Notice("network_fragments", layer="streets", values=values)
