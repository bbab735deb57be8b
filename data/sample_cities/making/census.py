"""Census counts of blocks: drawn block by block from rates that take published distributions.

Every rate starts from a score that mixes the wealth of the block, a field that is smooth in
space, and chance. The order of the scores is kept; the values are laid over the published
classes (`Shape`); then people, dwellings and workers are drawn one by one, so that small blocks
are as noisy as they are in a real census.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from making.fields import Canvas, Floats, Ints, sharpened, smooth_noise, spread, standardised


@dataclass(frozen=True)
class Shape:
    """The distribution of a rate over the blocks, from the lowest class to the highest.

    Attributes
    ----------
    limits
        Rising limits of the classes, one more than there are classes.
    shares
        Share of the blocks in each class.
    wealth
        Part of the score that is the wealth of the block, -1 to 1.
    """

    limits: Sequence[float]
    shares: Sequence[float]
    wealth: float


LEVELS = ("NINGUN", "PREESC", "PRIMAR", "SECUND", "MEDIA", "TECNIC", "TECNOL", "UNIVER", "POSGRA")
AGES = ("0_9", "10_24", "25_39", "40_54", "55_69", "70MAS")
ETHNIC = ("INDIG", "ROM", "RAIPAL", "AFRO", "NINGUN")
_POOR_LEVELS = np.array([0.085, 0.055, 0.37, 0.21, 0.20, 0.03, 0.02, 0.028, 0.002])
_RICH_LEVELS = np.array([0.015, 0.03, 0.12, 0.10, 0.22, 0.08, 0.09, 0.265, 0.08])
_YOUNG = np.array([0.22, 0.29, 0.23, 0.145, 0.08, 0.035])
_OLD = np.array([0.10, 0.19, 0.225, 0.20, 0.175, 0.11])


@dataclass(frozen=True)
class Blocks:
    """What the counts of the blocks are drawn from.

    Attributes
    ----------
    people
        People of each block.
    wealth
        Wealth of each block, mean 0 and deviation 1.
    xy
        Centres, shape ``(n, 2)``, metres.
    """

    people: Ints
    wealth: Floats
    xy: Floats


@dataclass(frozen=True)
class Draw:
    """Draw rates and counts of blocks with one stream of random numbers."""

    rng: np.random.Generator
    canvas: Canvas
    blocks: Blocks

    def latent(self, wealth: float, *, jumps: float = 0.0) -> Floats:
        """Return a score: wealth, a field of about 1.5 km, and chance in each block.

        ``jumps`` makes chance larger in small blocks, as it is with small numbers.
        """
        smooth = self.canvas.at(smooth_noise(self.rng, self.canvas, 1500), self.blocks.xy)
        chance = self.rng.standard_normal(len(self.blocks.people))
        size = np.maximum(self.blocks.people, 1) / 100
        chance = chance * np.clip(size**-jumps, 0.3, 6.0)
        rest = standardised(0.75 * smooth + 0.66 * chance)
        return wealth * self.blocks.wealth + np.sqrt(1 - wealth**2) * rest

    def rate(self, shape: Shape, *, per: float = 100.0, jumps: float = 0.0) -> Floats:
        """Return rates over the blocks with the distribution of ``shape``, divided by ``per``."""
        found = np.zeros(len(self.blocks.people))
        lived = self.blocks.people > 0
        latent = self.latent(shape.wealth, jumps=jumps)
        found[lived] = spread(latent[lived], shape.limits, shape.shares)
        return found / per

    def among(self, whole: Ints, rate: Floats) -> Ints:
        """Return how many of a whole have something, each with a chance of ``rate``."""
        return self.rng.binomial(whole, np.clip(rate, 0, 1))

    def mixed(self, total: Ints, p: Floats, target: Floats) -> Ints:
        """Return counts by class whose shares have about the entropy asked for."""
        jumbled = p * np.exp(self.rng.normal(0, 0.25, p.shape))
        shares = sharpened(jumbled / jumbled.sum(axis=1, keepdims=True), target)
        return self.rng.multinomial(total, shares)


def census(
    draw: Draw, shapes: Mapping[str, Shape], strata: Floats, migrants: Floats
) -> pd.DataFrame:
    """Return all census columns of the blocks.

    Parameters
    ----------
    draw
        Source of chance, and the blocks.
    shapes
        Distribution of each rate, by the id of its indicator.
    strata
        Stratum that is most common around each block, 1-6, not rounded.
    migrants
        Relative chance that a person of the block is of Venezuelan origin; its mean over people
        is the share of the city.
    """
    people = draw.blocks.people
    columns: dict[str, Ints | Floats] = {"POB_TOT": people}
    columns["POB_VEN"] = draw.among(people, migrants)
    columns |= homes(draw, shapes)
    columns |= by_stratum(draw, shapes, strata, columns["VIV_TOT"])
    columns |= education(draw, shapes)
    groups = ages(draw, shapes)
    columns |= {f"EDAD_{name}": groups[:, at] for at, name in enumerate(AGES)}
    columns |= origins(draw, shapes)
    columns |= schooling(draw, shapes, groups)
    columns |= work(draw, shapes, groups)
    return pd.DataFrame(columns)


def homes(draw: Draw, shapes: Mapping[str, Shape]) -> dict[str, Ints]:
    """Return dwellings, households and what they have."""
    people, wealth = draw.blocks.people, draw.blocks.wealth
    size = np.clip(3.45 - 0.3 * wealth + draw.rng.normal(0, 0.15, len(people)), 2.2, 5.0)
    dwellings = np.where(people > 0, np.maximum(1, np.rint(people / size)), 0).astype(np.int64)
    households = dwellings + draw.among(
        np.minimum(dwellings, people - dwellings), 0.06 - 0.02 * wealth
    )
    columns = {"VIV_TOT": dwellings, "HOG_TOT": households}
    for name, key, whole in (
        ("VIV_ADEC", "adequate_housing", dwellings),
        ("HOG_SINHAC", "sufficient_living_space", households),
        ("VIV_AGUA", "improved_water", dwellings),
        ("VIV_SANEA", "sanitation", dwellings),
        ("VIV_ELEC", "electricity", dwellings),
        ("VIV_INTER", "internet", dwellings),
        ("VIV_SINASEO", "solid_waste", dwellings),
    ):
        columns[name] = draw.among(whole, draw.rate(shapes[key]))
    return columns


def by_stratum(
    draw: Draw, shapes: Mapping[str, Shape], strata: Floats, dwellings: Ints
) -> dict[str, Ints]:
    """Return the dwellings of each stratum; a few of the poorest blocks have none."""
    middle = np.clip(strata, 1, 6)[:, None]
    target = draw.rate(shapes["income_diversity"], per=1)
    p = np.exp(-0.5 * ((np.arange(1, 7)[None, :] - middle) / 0.75) ** 2) + 1e-6
    counts = draw.mixed(dwellings, p / p.sum(axis=1, keepdims=True), target)
    unlisted = draw.rng.random(len(dwellings)) < np.clip(0.04 - 0.05 * (strata - 1), 0, 0.08)
    counts[unlisted] = 0
    return {f"VIV_EST{at + 1}": counts[:, at] for at in range(6)}


def education(draw: Draw, shapes: Mapping[str, Shape]) -> dict[str, Ints]:
    """Return people by the highest level of education that they reached."""
    rich = 1 / (1 + np.exp(-1.3 * draw.blocks.wealth))[:, None]
    p = rich * _RICH_LEVELS + (1 - rich) * _POOR_LEVELS
    asked = draw.among(draw.blocks.people, np.full(len(rich), 0.93))
    target = draw.rate(shapes["education_diversity"], per=1, jumps=0.5)
    counts = draw.mixed(asked, p / p.sum(axis=1, keepdims=True), target)
    return {f"EDU_{name}": counts[:, at] for at, name in enumerate(LEVELS)}


def ages(draw: Draw, shapes: Mapping[str, Shape]) -> Ints:
    """Return people by age group, every person in one."""
    old = 1 / (1 + np.exp(-1.1 * draw.blocks.wealth))[:, None]
    p = old * _OLD + (1 - old) * _YOUNG
    return draw.mixed(draw.blocks.people, p, draw.rate(shapes["age_diversity"], per=1, jumps=0.5))


def origins(draw: Draw, shapes: Mapping[str, Shape]) -> dict[str, Ints]:
    """Return people by ethnic belonging."""
    n = len(draw.blocks.people)
    p = np.tile([0.012, 0.001, 0.002, 0.025, 0.96], (n, 1))
    counts = draw.mixed(draw.blocks.people, p, draw.rate(shapes["ethnic_diversity"], per=1))
    return {f"ETN_{name}": counts[:, at] for at, name in enumerate(ETHNIC)}


def schooling(draw: Draw, shapes: Mapping[str, Shape], groups: Ints) -> dict[str, Ints | Floats]:
    """Return women and men of five years and over, and their mean years of schooling."""
    over_five = draw.blocks.people - draw.among(groups[:, 0], np.full(len(groups), 0.5))
    women = draw.among(over_five, np.full(len(groups), 0.515))
    men = over_five - women
    mean = draw.rate(shapes["schooling_years"], per=1, jumps=0.25)
    ratio = draw.rate(shapes["schooling_gap"], per=1, jumps=0.6)
    of_women, of_men = 2 * mean * ratio / (1 + ratio), 2 * mean / (1 + ratio)
    return {
        "MUJ_5MAS": women,
        "HOM_5MAS": men,
        "ANOS_MUJ": np.where(women > 0, of_women.round(2), np.nan),
        "ANOS_HOM": np.where(men > 0, of_men.round(2), np.nan),
    }


def work(draw: Draw, shapes: Mapping[str, Shape], groups: Ints) -> dict[str, Ints | Floats]:
    """Return the labour force and its parts: employed or not, women and men, the young."""
    n = len(groups)
    adults = groups[:, 2:].sum(axis=1) + draw.among(groups[:, 1], np.full(n, 0.67))
    jobless = draw.rate(shapes["unemployment"], jumps=0.25)
    wanted = draw.rate(shapes["employment"], jumps=0.25) / (1 - jobless)
    force = draw.among(adults, np.minimum(wanted, 0.96))
    women = draw.among(force, np.full(n, 0.44))
    men = force - women
    # Women's rate over men's, at the same rate of both together.
    gap = draw.rate(shapes["unemployment_gap"], per=1, jumps=0.4)
    of_men = jobless / (0.44 * gap + 0.56)
    jobless_women = draw.among(women, gap * of_men)
    jobless_men = draw.among(men, of_men)
    idle = jobless_women + jobless_men
    employed = force - idle
    young_adults = adults - groups[:, 2:].sum(axis=1)
    young = np.minimum(draw.among(young_adults, np.full(n, 0.52)), force)
    wanted_young = draw.among(young, draw.rate(shapes["youth_unemployment"]))
    idle_young = np.clip(wanted_young, np.maximum(0, young - employed), np.minimum(young, idle))
    return {
        "POB_15MAS": adults,
        "OCUPADOS": employed,
        "PEA": force,
        "DESOCUP": idle,
        "PEA_MUJ": women,
        "PEA_HOM": men,
        "DESOC_MUJ": jobless_women,
        "DESOC_HOM": jobless_men,
        "PEA_15_24": young,
        "DESOC_1524": idle_young,
        "OCUP_INFOR": draw.among(employed, draw.rate(shapes["informal_employment"])),
    }
