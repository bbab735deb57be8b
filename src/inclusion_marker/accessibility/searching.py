"""A bounded search from a few places: it checks the sweeps, and draws isochrones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inclusion_marker.accessibility import kernels_search
from inclusion_marker.accessibility.engine import Direction

Shorts = npt.NDArray[np.int32]


def search(
    n: int,
    streets: tuple[Shorts, Shorts, Shorts, Shorts],
    nodes: npt.ArrayLike,
    limit_ds: int,
    *,
    starts_ds: npt.ArrayLike | None = None,
    direction: Direction = "from",
) -> Shorts:
    """Return the least cost between any of some nodes and every node, by Dijkstra's algorithm.

    Parameters
    ----------
    n
        Number of nodes.
    streets
        Tail, head, forward and backward cost of each street, -1 where closed; shape ``(m,)``.
    nodes
        Where the search begins.
    limit_ds
        Largest cost that counts; exactly the limit does.
    starts_ds
        Cost at which each of them begins; 0 if ``None``.
    direction
        ``"from"`` the nodes, or ``"to"`` them.

    Returns
    -------
    cost_ds
        Shape ``(n,)``, -1 beyond the limit.

    Examples
    --------
    >>> one_way = [np.array([each], np.int32) for each in (0, 1, 30, -1)]
    >>> search(2, tuple(one_way), [0], 100).tolist()
    [0, 30]
    >>> search(2, tuple(one_way), [0], 100, direction="to").tolist()
    [0, -1]
    """
    tail, head, forward, backward = streets
    there, back = (forward, backward) if direction == "from" else (backward, forward)
    begin = np.concatenate([tail, head])
    end = np.concatenate([head, tail])
    cost = np.concatenate([there, back])
    begin, end, cost = begin[cost >= 0], end[cost >= 0], cost[cost >= 0]
    order = np.argsort(begin, kind="stable")
    offsets = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(begin, minlength=n), out=offsets[1:])
    sources = np.asarray(nodes, np.int32)
    starts = np.zeros(len(sources), np.int32) if starts_ds is None else starts_ds
    return kernels_search.search(
        offsets, end[order], cost[order], sources, np.asarray(starts, np.int32), limit_ds
    )
