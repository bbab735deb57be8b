"""What the twin of Cúcuta is held to (published), and what was chosen where nothing is published.

Every figure marked *published* has its source in SOURCES.md; the others are ours.
"""

from typing import NamedTuple

from making.census import Shape

SEED = 54001
CRS = "EPSG:32618"
CENTRE = (-72.506, 7.892)
SAYS = (
    "Synthetic data: an invented twin of Cúcuta and Villa del Rosario, calibrated on published "
    "figures. No real place, person or facility. CC0-1.0."
)


class District(NamedTuple):
    """A comuna, or the urban part of Villa del Rosario.

    Centre (km east and north of CENTRE), km², barrios, people, poverty %, health points and
    schools are published, but for the last row's people, barrios and poverty. ``built`` is the
    share of the district that is built up, ``quadrants`` its police quadrants; both are ours.
    """

    id: str
    name: str
    east_km: float
    north_km: float
    area_km2: float
    barrios: int
    people: int
    poverty: float
    health: int
    schools: int
    built: float
    quadrants: int


DISTRICTS = (
    District("01", "Comuna 1", 0.0, -0.7, 2.55, 8, 18_899, 12.7, 21, 28, 0.93, 2),
    District("02", "Comuna 2", 1.5, 0.0, 6.31, 24, 37_138, 4.2, 126, 40, 0.78, 4),
    District("03", "Comuna 3", 3.4, -1.0, 4.50, 18, 51_948, 24.6, 8, 10, 0.65, 4),
    District("04", "Comuna 4", 3.7, 1.2, 6.52, 24, 67_417, 16.3, 17, 20, 0.63, 5),
    District("05", "Comuna 5", 0.9, 2.1, 5.44, 25, 49_068, 12.6, 24, 16, 0.75, 4),
    District("06", "Comuna 6", 0.2, 4.9, 7.80, 44, 109_672, 27.8, 35, 15, 0.73, 8),
    District("07", "Comuna 7", -2.8, 4.2, 14.30, 23, 96_438, 30.3, 25, 18, 0.51, 8),
    District("08", "Comuna 8", -3.6, 1.1, 12.01, 32, 110_458, 33.9, 11, 21, 0.57, 8),
    District("09", "Comuna 9", -2.4, -1.2, 7.97, 25, 79_869, 32.4, 10, 11, 0.68, 6),
    District("10", "Comuna 10", -0.7, -2.3, 3.69, 18, 54_233, 23.7, 3, 8, 0.88, 4),
    District("VR", "Villa del Rosario", 4.0, -4.9, 18.73, 34, 110_000, 29.0, 10, 19, 0.50, 8),
)

# Published: 158 public and 194 private urban sites in Cúcuta, 2023.
SCHOOLS_OF_CUCUTA = 158 + 194
SCHOOLS_OF_VILLA_DEL_ROSARIO = 36
# Published: two barrios outside the boundary have 5,797 people. Where they are is ours: one beside
# the road south, one on the western hills, far from everything.
PEOPLE_OUTSIDE = 5_797
OUTSIDE = ((0.05, -5.0), (-5.55, -2.75))
# Published: people of Venezuelan origin, May 2020.
VENEZUELANS = {"Cúcuta": 106_436, "Villa del Rosario": 39_373}
# Ours: the deviation of the logarithm of barrio densities inside a comuna.
DENSITY_SPREAD = 0.36

# Paths of the rivers, km east and north of CENTRE; invented, on the sides where they are.
PAMPLONITA = (
    (0.6, -9.3), (1.0, -7.0), (1.25, -5.0), (1.55, -3.6), (2.1, -2.3), (2.45, -0.9), (2.6, 0.3),
    (2.4, 1.5), (2.2, 2.7), (2.35, 3.9), (2.05, 5.2), (2.3, 6.6), (2.6, 8.9),
)  # fmt: skip
TACHIRA = (
    (7.3, -9.3), (6.75, -7.2), (6.6, -5.6), (6.7, -4.2), (6.2, -2.6), (5.9, -0.8), (5.7, 0.8),
    (5.5, 2.4), (5.2, 4.0), (4.7, 5.6), (4.2, 7.0), (4.4, 8.9),
)  # fmt: skip
# Where a road crosses: name, and place in km.
BRIDGES = (
    ("Puente del Sur", 1.4, -4.2),
    ("Puente de la Ladrillera", 2.1, -2.3),
    ("Puente del Malecón", 2.48, -0.7),
    ("Puente del Mercado", 2.55, 0.4),
    ("Puente de los Almendros", 2.38, 1.6),
    ("Puente Norte", 2.25, 3.0),
)
BORDER_BRIDGES = (("Puente Internacional", 6.65, -4.6), ("Puente de la Frontera", 5.8, 0.2))


class Reserve(NamedTuple):
    """Land kept free of blocks: an ellipse, km east and north, half axes in km, turned."""

    name: str
    use: str
    east_km: float
    north_km: float
    half_long_km: float
    half_wide_km: float
    angle_deg: float
    park: bool


RESERVES = (
    Reserve("Aeropuerto (sintético)", "institutional", 0.75, 6.15, 1.15, 0.24, 70.0, park=False),
    Reserve("Zona franca (sintética)", "industrial", 1.55, 4.25, 0.40, 0.26, 20.0, park=False),
    Reserve("Zona industrial (sintética)", "industrial", 3.2, -2.15, 0.45, 0.2, 150.0, park=False),
    Reserve("Parque Metropolitano", "recreational", 1.35, 1.05, 0.22, 0.14, 15.0, park=True),
    Reserve("Unidad Deportiva", "recreational", 0.75, -1.2, 0.2, 0.13, 11.0, park=True),
    Reserve("Parque del Templo", "recreational", 4.75, -4.1, 0.2, 0.15, 40.0, park=True),
    Reserve("Parque de la Loma", "recreational", -2.25, 3.3, 0.19, 0.12, 60.0, park=True),
)

# Busy places: km east and north, reach in km, strength.
HUBS = (
    (0.2, -0.5, 1.1, 1.0), (1.5, 0.1, 0.9, 0.75), (0.9, 2.0, 0.7, 0.45), (0.2, 4.6, 0.6, 0.4),
    (-2.2, 3.5, 0.5, 0.3), (-2.6, 1.0, 0.5, 0.35), (-1.5, -0.9, 0.5, 0.35),
    (-0.6, -2.1, 0.5, 0.35), (3.4, -0.7, 0.5, 0.3), (3.5, 1.2, 0.6, 0.35), (3.9, -4.0, 0.8, 0.6),
)  # fmt: skip

HOSPITALS = (
    ("Hospital Universitario (sintético)", 1.75, -0.35),
    ("Hospital del Sur (sintético)", -0.9, -1.9),
    ("Clínica del Norte (sintética)", 0.8, 2.3),
    ("Hospital de la Frontera (sintético)", 3.7, -4.4),
)
# Beds of each hospital, in their order; 1.7 for each 1,000 people. Ours.
BEDS = (620, 280, 240, 190)
# Seats of all schools, a little more than one for every five people; those of a private school are
# fewer. Ours; they have a seed of their own, so that nothing else moves with them.
SEATS = 172_000
SEATS_SEED = 54002
SEATS_OF_PRIVATE = 0.45
CULTURE = (
    ("Biblioteca Central (sintética)", 0.1, -0.45),
    ("Museo de la Ciudad (sintético)", 0.35, -0.75),
    ("Casa de la Cultura (sintética)", -0.2, -0.9),
    ("Teatro Municipal (sintético)", 0.5, -0.3),
    ("Centro Cultural del Malecón (sintético)", 1.9, 0.4),
    ("Museo de la Frontera (sintético)", 1.3, -0.4),
    ("Biblioteca del Oriente (sintética)", 3.5, 0.9),
    ("Casa Museo (sintética)", 4.55, -4.3),
    ("Biblioteca de Villa del Rosario (sintética)", 3.8, -4.7),
)
# PM10, annual mean, µg/m³: km east and north, value. Range published (21-36), places ours.
STATIONS = (
    ("Centro", 0.1, -0.5, 36.2), ("Zona franca", 1.3, 4.3, 34.6), ("Atalaya", -2.3, 3.2, 31.2),
    ("Occidente", -3.9, 0.9, 27.2), ("Oriente", 4.0, 0.9, 29.0), ("San Luis", 3.2, -1.2, 32.0),
    ("Sur", -0.9, -2.6, 30.0), ("Villa del Rosario", 4.0, -4.6, 24.6), ("Frontera", 5.5, -5.4, 21),
    ("Loma", -4.8, 3.0, 22.4), ("Lomitas", 2.9, -5.9, 22.0), ("Ladera", -3.6, -1.4, 25.6),
)  # fmt: skip

# The limits of each indicator's classes, from its worst or lowest value up; the share of the blocks
# that we give to each; and how far the order of the blocks follows their wealth. Limits are the
# published ones, moved a little where counting whole people in small blocks blurs them.
# fmt: off
SHAPES = {
    "adequate_housing": Shape((2, 15, 35, 65, 85, 100), (0.045, 0.08, 0.19, 0.285, 0.40), 0.5),
    "sufficient_living_space": Shape((28, 50, 60, 70, 80, 100), (0.08, 0.14, 0.20, 0.24, 0.34), 0.45),  # noqa: E501
    "improved_water": Shape((2, 20, 40, 60, 80, 100), (0.025, 0.04, 0.06, 0.125, 0.75), 0.4),
    "sanitation": Shape((2, 20, 40, 60, 80, 100), (0.03, 0.05, 0.08, 0.14, 0.70), 0.45),
    "electricity": Shape((10, 43, 73, 90, 98, 100), (0.015, 0.03, 0.08, 0.22, 0.655), 0.4),
    "internet": Shape((1, 13, 32, 51, 85, 99), (0.17, 0.23, 0.24, 0.28, 0.08), 0.65),
    "solid_waste": Shape((0, 20, 40, 60, 80, 99), (0.53, 0.20, 0.14, 0.08, 0.05), -0.4),
    "employment": Shape((14, 35, 45, 52, 62, 77), (0.13, 0.23, 0.26, 0.25, 0.13), 0.35),
    "unemployment": Shape((1, 6, 14, 24, 41, 75), (0.19, 0.40, 0.26, 0.11, 0.04), -0.4),
    "youth_unemployment": Shape((1, 10, 26, 41, 58, 82), (0.13, 0.30, 0.30, 0.18, 0.09), -0.35),
    "unemployment_gap": Shape((0.25, 1, 1.54, 2.56, 4.7, 8), (0.25, 0.31, 0.29, 0.12, 0.03), -0.1),
    "informal_employment": Shape((0, 0.5, 3, 5.1, 9.6, 40), (0.12, 0.26, 0.27, 0.24, 0.11), -0.35),
    "income_diversity": Shape((0, 0.12, 0.33, 0.54, 0.77, 1.35), (0.36, 0.25, 0.19, 0.13, 0.07), 0.2),  # noqa: E501
    "education_diversity": Shape((0.3, 0.9, 1.15, 1.4, 1.62, 1.98), (0.025, 0.10, 0.25, 0.37, 0.255), 0.35),  # noqa: E501
    "age_diversity": Shape((0.3, 0.9, 1.25, 1.44, 1.56, 1.76), (0.03, 0.12, 0.28, 0.33, 0.24), 0.1),
    "ethnic_diversity": Shape((0, 0.02, 0.08, 0.14, 0.25, 0.48), (0.28, 0.22, 0.20, 0.17, 0.13), -0.1),  # noqa: E501
    "schooling_years": Shape((3.6, 8.5, 11.5, 13.5, 15.5, 17.8), (0.25, 0.37, 0.21, 0.11, 0.06), 0.65),  # noqa: E501
    "schooling_gap": Shape((0.5, 0.9, 1.06, 1.2, 1.9, 4.5), (0.19, 0.42, 0.24, 0.13, 0.02), 0.0),
    "land_use_mix": Shape((0, 0.05, 0.54, 0.79, 1.06, 1.58), (0.28, 0.27, 0.21, 0.15, 0.09), 0.0),
    "life_expectancy": Shape((55, 67.5, 69.5, 71.5, 73.5, 77.8), (0.27, 0.28, 0.23, 0.14, 0.08), 0.25),  # noqa: E501
    "life_expectancy_gap": Shape((0.85, 0.995, 1.045, 1.095, 1.135, 1.6), (0.09, 0.19, 0.31, 0.22, 0.19), -0.2),  # noqa: E501
    "theft_rate": Shape((40, 107, 180, 270, 435, 1450), (0.10, 0.20, 0.27, 0.25, 0.18), 0.2),
    "homicide_rate": Shape((7, 10.5, 15.5, 18.5, 23.5, 46), (0.16, 0.26, 0.22, 0.20, 0.16), -0.55),
}
# fmt: on
STRATA = Shape((0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5), (0.36, 0.35, 0.17, 0.07, 0.035, 0.015), 1.0)
