"""The tasks that the composite index shares with its peers: a call of each, and a comparison."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import h3
import numpy as np
import numpy.typing as npt
import pandas as pd

from inclusion_marker.analysis.clustering.autocorrelation import getis_ord
from inclusion_marker.analysis.clustering.neighbours import ring_neighbours
from inclusion_marker.analysis.hotspots import local_moran, morans_i
from inclusion_marker.analysis.inequality.measures import gini, theil_t
from inclusion_marker.cards import Rule
from inclusion_marker.composite.rules import aggregate
from inclusion_marker.composite.weights import critic_weights, entropy_weights

Floats = npt.NDArray[np.float64]
CELLS, INDICATORS, PERMUTATIONS = 50_000, 34, 99
EXACT = 1e-9


@dataclass(frozen=True)
class Task:
    """The same work by ours and by a peer, and how far the two answers may lie apart."""

    name: str
    peer: str
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    read_ours: Callable[[Any], Floats]
    read_theirs: Callable[[Any], Floats]
    tolerance: float = EXACT
    note: str = ""

    def agreement(self, ours: Any, theirs: Any) -> float:  # noqa: ANN401 - whatever each returns
        """Return the largest difference, relative where values are above 1; fail beyond."""
        one, other = self.read_ours(ours), self.read_theirs(theirs)
        assert one.shape == other.shape, f"{self.name}: another shape"
        apart = float(np.max(np.abs(one - other) / np.maximum(np.abs(other), 1.0)))
        assert apart <= self.tolerance, f"{self.name}, {self.peer}: {apart:g} apart"
        return apart


def as_is(found: Any) -> Floats:  # noqa: ANN401 - a number or an array
    """Return an answer as an array."""
    return np.atleast_1d(np.asarray(found, np.float64))


def installed(*names: str) -> list[str]:
    """Return the peers that are at hand; name the others."""
    for name in names:
        if not importlib.util.find_spec(name):
            print(f"skipped: {name} is not installed")
    return [name for name in names if importlib.util.find_spec(name)]


def tasks() -> Iterator[Task]:
    """Yield the shared tasks, those of peers that are at hand."""
    rng = np.random.default_rng(20_260_101)
    table = rng.uniform(1.0, 100.0, (CELLS, INDICATORS))
    weights = rng.dirichlet(np.ones(INDICATORS))
    at_hand = installed("pymcdm", "skcriteria", "esda", "libpysal", "inequality")
    if "pymcdm" in at_hand:
        yield from of_pymcdm(table, weights)
    if "skcriteria" in at_hand:
        yield from of_skcriteria(table, weights)
    if {"esda", "libpysal"} <= set(at_hand):
        yield from of_esda(rng)
    if "inequality" in at_hand:
        yield from of_inequality(table[:, 0])


def of_pymcdm(table: Floats, weights: Floats) -> Iterator[Task]:
    """Yield weights from data, and weighted means, beside pymcdm."""
    from pymcdm import methods  # noqa: PLC0415 - a peer that may not be there
    from pymcdm import weights as theirs  # noqa: PLC0415

    frame = pd.DataFrame(table, columns=[f"i{k:02}" for k in range(INDICATORS)])
    types = np.ones(INDICATORS)
    yield _weights("entropy weights", "pymcdm", frame, lambda: theirs.entropy_weights(table))
    yield _weights("CRITIC weights", "pymcdm", frame, lambda: theirs.critic_weights(table))
    # The scores are on one scale already.
    total, product = methods.WSM(_as_given), methods.WPM(_as_given)
    yield _mean("weighted sum", "pymcdm", table, weights, lambda: total(table, weights, types))
    yield _mean(
        "weighted product", "pymcdm", table, weights, lambda: product(table, weights, types)
    )


def _as_given(column: Floats, cost: bool = False) -> Floats:  # noqa: ARG001, FBT001, FBT002 - pymcdm's form
    """Return a column as it is."""
    return column


def of_skcriteria(table: Floats, weights: Floats) -> Iterator[Task]:
    """Yield the same beside scikit-criteria, which ranks as it sums."""
    import skcriteria as skc  # noqa: PLC0415 - a peer that may not be there
    from skcriteria.agg.simple import WeightedProductModel, WeightedSumModel  # noqa: PLC0415
    from skcriteria.preprocessing import weighters  # noqa: PLC0415

    frame = pd.DataFrame(table, columns=[f"i{k:02}" for k in range(INDICATORS)])
    objectives = [max] * INDICATORS
    matrix = skc.mkdm(table, objectives, weights=weights, criteria=list(frame.columns))
    peer = "scikit-criteria"
    for name, function in (
        ("entropy weights", weighters.entropy_weights),
        ("CRITIC weights", weighters.critic_weights),
    ):
        yield _weights(name, peer, frame, _weigher(function, table))
    note = "the peer ranks the cells, too"
    total, product = WeightedSumModel(), WeightedProductModel()
    yield _mean(
        "weighted sum",
        peer,
        table,
        weights,
        lambda: total.evaluate(matrix),
        lambda found: as_is(found.extra_["score"]),
        note,
    )
    yield _mean(
        "weighted product",
        peer,
        table,
        weights,
        lambda: product.evaluate(matrix),
        lambda found: 10.0 ** as_is(found.extra_["score"]),
        note,
    )


def _weigher(function: Callable[..., Any], table: Floats) -> Callable[[], Any]:
    """Return the call of scikit-criteria's function, which may want to know what is maximised."""
    if function.__name__ == "critic_weights":
        return lambda: function(table, np.ones(INDICATORS))
    return lambda: function(table)


def _weights(name: str, peer: str, frame: pd.DataFrame, theirs: Callable[[], Any]) -> Task:
    """Return the task of weights that the data propose."""
    ours = entropy_weights if name.startswith("entropy") else critic_weights
    return Task(
        name,
        peer,
        lambda: ours(frame),
        theirs,
        lambda found: as_is(found.weights.to_numpy()),
        as_is,
    )


def _mean(
    name: str,
    peer: str,
    table: Floats,
    weights: Floats,
    theirs: Callable[[], Any],
    read: Callable[[Any], Floats] = as_is,
    note: str = "",
) -> Task:
    """Return the task of a weighted mean of each row."""
    rule = Rule() if name == "weighted sum" else Rule(rule="geometric", floor=1.0)
    return Task(
        name,
        peer,
        lambda: aggregate(table, weights, rule, min_coverage=0.65),
        theirs,
        as_is,
        read,
        note=", ".join(filter(None, [note, "ours knows missing values and floors"])),
    )


def of_esda(rng: np.random.Generator) -> Iterator[Task]:
    """Yield Moran's I, Gi* and local Moran on H3 cells, beside esda."""
    import esda  # noqa: PLC0415 - a peer that may not be there
    import libpysal  # noqa: PLC0415

    cells = sorted(h3.grid_disk(h3.latlng_to_cell(7.89, -72.5, 9), 129))[:CELLS]
    adjacent = ring_neighbours(cells)
    values = np.abs(adjacent @ rng.normal(size=len(cells)) + rng.normal(size=len(cells)))
    adjacent.sort_indices()
    graph = {
        at: adjacent.indices[adjacent.indptr[at] : adjacent.indptr[at + 1]].tolist()
        for at in range(len(cells))
    }

    def weights(form: str) -> Any:  # noqa: ANN401 - untyped in libpysal
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = libpysal.weights.W(graph, silence_warnings=True)
            found.transform = form
            _ = found.sparse, found.islands
        return found

    by_row, binary = weights("r"), weights("b")

    def quietly(work: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:  # noqa: ANN401
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return work()

        return run

    yield Task(
        "Moran's I",
        "esda",
        lambda: morans_i(values, adjacent),
        quietly(lambda: esda.Moran(values, by_row, permutations=0)),
        lambda found: as_is([found.value]),
        lambda found: as_is([found.I]),
        note="closed form",
    )
    yield Task(
        "Gi*",
        "esda",
        lambda: getis_ord(values, adjacent),
        quietly(lambda: esda.G_Local(values, binary, transform="B", star=True, permutations=0)),
        lambda found: as_is(found.z),
        lambda found: as_is(found.Zs),
        note="closed form",
    )
    yield Task(
        f"local Moran, {PERMUTATIONS} permutations",
        "esda",
        lambda: local_moran(values, adjacent, divisor="n-1", permutations=PERMUTATIONS),
        quietly(
            lambda: esda.Moran_Local(values, by_row, permutations=PERMUTATIONS, seed=7, n_jobs=-1)
        ),
        lambda found: as_is(found.value),
        lambda found: as_is(found.Is),
        note="statistics compared; arrangements are each one's own",
    )


def of_inequality(values: Floats) -> Iterator[Task]:
    """Yield Gini and Theil beside PySAL's inequality, which knows no weights."""
    from inequality.gini import Gini  # noqa: PLC0415 - a peer that may not be there
    from inequality.theil import Theil  # noqa: PLC0415

    ones = np.ones(len(values))
    note = "each cell counts alike: the peer takes no people"
    yield Task(
        "Gini",
        "inequality",
        lambda: gini(values, ones),
        lambda: Gini(values.copy()),  # it sorts in place
        as_is,
        lambda found: as_is([found.g]),
        note=note,
    )
    yield Task(
        "Theil T",
        "inequality",
        lambda: theil_t(values, ones),
        lambda: Theil(values.copy()),
        as_is,
        lambda found: as_is([found.T]).ravel(),
        note=note,
    )
