"""A city file as a typed, frozen object: where the marker is computed, and from which files."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import pyproj
from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator
from pyproj.exceptions import CRSError

from inclusion_marker.cards import notices_of
from inclusion_marker.errors import CityError, ParameterError
from inclusion_marker.files import kind_of
from inclusion_marker.formulas import Card, refused
from inclusion_marker.method import DEFAULT_METHOD, Method, TomlError, load_method, read_toml
from inclusion_marker.notices import Notice, near
from inclusion_marker.profiles import load_profile
from inclusion_marker.texts import Text

Origin = Literal["unit", "inherited", "city", "proxy"]
CITY_FILE = "city.toml"
_ID = re.compile(r"^[a-z0-9][a-z0-9_-]{0,62}$")
_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)),
}


def _known_crs(value: str) -> str:
    """Check that a CRS exists."""
    try:
        pyproj.CRS.from_user_input(value)
    except CRSError as fault:
        raise refused("fault_crs_unknown") from fault
    return value


Crs = Annotated[str, AfterValidator(_known_crs)]


class Sourced(Card):
    """Where the places of a city come from; layers must say it, places may."""

    date: str = ""
    source: str = ""
    licence: str = ""


class Place(Sourced):
    """A file of polygons: the boundary or the districts."""

    file: Annotated[str, Field(min_length=1)]
    layer: str | None = None
    crs: Crs | None = None


class Cells(Sourced):
    """The cells: H3 that touch the boundary or that a file lists, or the polygons of a file.

    Polygons without an ``id`` column are numbered in the order of their file.
    """

    kind: Literal["h3", "polygons"] = "h3"
    resolution: Annotated[int, Field(ge=0, le=15, strict=True)] = 9
    file: str | None = None
    layer: str | None = None
    crs: Crs | None = None
    id: str | None = None

    @model_validator(mode="after")
    def _file_of_cells(self) -> Self:
        """Check that cells from a file say which file, and H3 cells which column lists them."""
        if (self.kind == "polygons" or self.id is not None) and self.file is None:
            raise refused("fault_cells_file")
        if self.kind == "h3" and self.file is not None and self.id is None:
            raise refused("fault_cells_id")
        return self


class Districts(Place):
    """Districts (comunas, parishes, intervention areas) and the columns that name them."""

    id: str
    name: str | None = None


class LayerSource(Sourced):
    """Where a layer of the method is in this city, and what its columns are called there."""

    file: Annotated[str, Field(min_length=1)]
    layer: str | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    name: str | None = None
    rows_with: str | None = None
    longitude: str | None = None
    latitude: str | None = None
    separator: str = ","
    decimal: Literal[".", ","] = "."
    encoding: str = "utf-8"
    crs: Crs | None = None
    date: str
    source: Annotated[str, Field(min_length=1)]
    licence: str
    origin: Origin = "unit"
    note: Text | None = None


class CityValue(Card):
    """One value for the whole city, where no layer has it by unit."""

    value: float
    date: str
    source: Annotated[str, Field(min_length=1)]
    note: Text | None = None


class LayerErrors(Card):
    """How far one layer may be off: what its publisher says, or a check has shown.

    What is left out is taken as usual. ``design_effect`` and ``sampled``, the share of the units
    that were asked, are those of a survey; ``omitted`` is the share that a count missed;
    ``cv_percent`` is a published coefficient of variation; of a layer of facilities, ``closed`` is
    the share of the listed ones that are not there, and ``listed`` the share of those there that
    are listed.
    """

    design_effect: Annotated[float, Field(ge=1)] | None = None
    sampled: Annotated[float, Field(gt=0, le=1)] | None = None
    omitted: Annotated[float, Field(ge=0, lt=1)] | None = None
    cv_percent: Annotated[float, Field(ge=0, le=200)] | None = None
    closed: Annotated[float, Field(ge=0, lt=1)] | None = None
    listed: Annotated[float, Field(gt=0, le=1)] | None = None


class City(Card):
    """Where the marker is computed: the frozen record of a city file.

    ``travel`` holds by profile what this city changes of it: ``{"walk": {"speed_kmh": 4.5}}``;
    ``errors`` by layer how far its data may be off.

    Examples
    --------
    >>> load_city("cucuta").country
    'CO'
    """

    root: Path
    id: str
    name: Text
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    synthetic: bool = False
    crs: Crs
    method: str = DEFAULT_METHOD
    boundary: Place | None = None
    cells: Cells = Cells()
    districts: Districts | None = None
    layers: dict[str, LayerSource] = Field(default_factory=dict)
    omitted: dict[str, Text] = Field(default_factory=dict)
    values: dict[str, CityValue] = Field(default_factory=dict)
    proxies: dict[str, Text] = Field(default_factory=dict)
    travel: dict[str, dict[str, Any]] = Field(default_factory=dict)
    errors: dict[str, LayerErrors] = Field(default_factory=dict)

    @field_validator("id")
    @classmethod
    def _plain_id(cls, value: str) -> str:
        """Check that the id can be part of a file's name on every system."""
        if not _ID.match(value) or value in _DEVICES:
            raise refused("fault_city_id")
        return value

    @field_validator("crs")
    @classmethod
    def _metres(cls, value: str) -> str:
        """Check that the CRS measures in metres."""
        crs = pyproj.CRS.from_user_input(value)
        if not crs.is_projected or {axis.unit_name for axis in crs.axis_info} != {"metre"}:
            raise refused("fault_crs_metres")
        if crs.to_epsg() == 3857:  # noqa: PLR2004 - Web Mercator's code
            raise refused("fault_crs_mercator")
        return value

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        """Check that something says where the city is."""
        if self.boundary is None and self.cells.file is None:
            raise refused("fault_cells_nowhere")
        return self

    @cached_property
    def origins(self) -> dict[str, Origin]:
        """Return the origin that each layer declares for its values."""
        return {key: source.origin for key, source in self.layers.items()}

    def own_method(self) -> Method:
        """Return the method that the city file names: one that ships, or a file beside it."""
        beside = self.root / self.method
        return load_method(beside if beside.suffix == ".toml" else self.method)


def sample_folders() -> tuple[Path, ...]:
    """Return where sample cities are: packed in the wheel, or in a source checkout."""
    package = Path(str(files("inclusion_marker")))
    places = (package / "sample_cities", package.parents[1] / "data" / "sample_cities")
    return tuple(place for place in places if place.is_dir())


def find_cities() -> dict[str, Path]:
    """Return the folder of each city at hand, by its id.

    The working folder comes first, then its ``cities`` folder, then the samples.

    Examples
    --------
    >>> "cucuta" in find_cities()
    True
    """
    here = Path.cwd()
    found: dict[str, Path] = {}
    for place in (here, here / "cities", *sample_folders()):
        for folder in _folders(place):
            found.setdefault(folder.name, folder)
    return found


def _folders(place: Path) -> Iterator[Path]:
    """Yield the folders below ``place`` that hold a city file."""
    try:
        for folder in sorted(place.iterdir()):
            if (folder / CITY_FILE).is_file():
                yield folder
    except OSError:
        return


def load_city(source: str | Path | City) -> City:
    """Return the city of a name, a folder or a city file.

    Parameters
    ----------
    source
        The name of a city at hand, the path of its folder or of its ``city.toml``, or a city
        (returned as it is).

    Raises
    ------
    CityError
        If there is none, or with every fault of its file, each at its address.

    Examples
    --------
    >>> load_city("cucuta").cells.kind
    'h3'
    """
    if isinstance(source, City):
        return source
    path = _city_path(str(source))
    try:
        return parse_city(read_toml(path), path)
    except TomlError as fault:
        raise CityError(fault.notice) from fault


def parse_city(tree: dict[str, Any], path: Path) -> City:
    """Return the city of a tree of tables; ``path`` is where its files are looked for.

    Raises
    ------
    CityError
        With every fault of the file, each at its address.
    """
    faults = [*_travel_faults(tree.get("travel"), path.name)]
    try:
        city = City.model_validate({**tree, "root": path.parent.resolve()})
    except ValidationError as fault:
        raise CityError(*notices_of(fault, path.name), *faults) from fault
    if faults:
        raise CityError(*faults)
    return city


def _travel_faults(travel: object, file: str) -> Iterator[Notice]:
    """Yield what is wrong with the changes to profiles, at their addresses in the city file."""
    for name, changes in travel.items() if isinstance(travel, Mapping) else ():
        if not isinstance(changes, Mapping):
            continue  # the typed model says so
        try:
            load_profile(name, changes)
        except ParameterError as fault:
            for each in fault.problems:
                if isinstance(each, Notice):
                    below = each.item.removeprefix("profile").removeprefix(f"{name}.")
                    steps = ["travel", name, *([below] if below else [])]
                    yield replace(each, file=file, item=".".join(steps))


def _city_path(source: str) -> Path:
    """Return the city file of a name or a path."""
    path = Path(source)
    if kind_of(path / CITY_FILE) == "file":
        return path / CITY_FILE
    if kind_of(path) == "file" and path.suffix == ".toml":
        return path
    cities = find_cities()
    if source in cities:
        return cities[source] / CITY_FILE
    values = {"found": source, "accepted": near(source, cities) or "-"}
    raise CityError(Notice("city_not_found", item="city", values=values))


def cross_check(city: City, method: Method) -> list[Notice]:
    """Return the names in a city file that its method does not know.

    A layer that this method does not read is no error, for another method may; but it is said, or
    a misspelt layer would be left out in silence.

    Parameters
    ----------
    city, method
        The two files.
    """
    named = [(section, key) for section in _SECTIONS for key in getattr(city, section)]
    notices = [
        _unknown(f"{section}.{key}", key, method.indicators)
        for section, key in named
        if key not in method.indicators
    ]
    notices += [
        _unknown(f"errors.{key}", key, method.layers)
        for key in city.errors
        if key not in method.layers
    ]
    for key, source in city.layers.items():
        if key not in method.layers:
            values = {"found": key, "accepted": near(key, method.layers)}
            at = {"file": CITY_FILE, "item": f"layers.{key}"}
            notices.append(Notice("layer_unread", values=values, **at))
        notices += _unwritable(key, source)
        known = method.layers[key].columns if key in method.layers else source.columns
        notices += [
            _unknown(f"layers.{key}.columns.{column}", column, known)
            for column in source.columns
            if column not in known
        ]
    return notices


def _unwritable(key: str, source: LayerSource) -> Iterator[Notice]:
    """Yield a notice of how no CSV can be written: an encoding or separator that is none."""
    at = {"file": CITY_FILE, "layer": key}
    try:
        "".encode(source.encoding)
    except LookupError:
        values = {"found": source.encoding}
        yield Notice("encoding_unknown", item=f"layers.{key}.encoding", values=values, **at)
    if len(source.separator) != 1 or source.separator in '"\r\n':
        values = {"found": source.separator}
        yield Notice("separator_invalid", item=f"layers.{key}.separator", values=values, **at)


_SECTIONS = ("omitted", "values", "proxies")


def _unknown(address: str, name: str, accepted: Iterable[str]) -> Notice:
    """Return the notice of a name that the method does not know."""
    values = {"found": name, "accepted": near(name, accepted)}
    return Notice("name_unknown", file=CITY_FILE, item=address, values=values)
