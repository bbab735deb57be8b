"""A bounded Dijkstra search, compiled: the engine that checks the sweeps, and draws isochrones."""

import heapq

import numpy as np
import numpy.typing as npt

from inclusion_marker.accessibility.compiled import kernel

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int32]


@kernel
def search(
    offsets: Ints, heads: Shorts, costs: Shorts, nodes: Shorts, starts: Shorts, limit: int
) -> Shorts:
    """Return the least cost from any of the sources to each node, -1 beyond the limit.

    Parameters
    ----------
    offsets, heads, costs
        Arcs of each node in CSR form.
    nodes, starts
        Sources, and the cost at which each begins.
    limit
        Largest cost that counts; a cost of exactly the limit does.

    References
    ----------
    Dijkstra, E. W. (1959). A note on two problems in connexion with graphs. *Numerische
    Mathematik*, 1, 269-271.
    """
    n = len(offsets) - 1
    cost = np.full(n, -1, np.int32)
    heap = [(np.int64(0), np.int64(0)) for _ in range(0)]
    for i in range(len(nodes)):
        if starts[i] <= limit:
            heapq.heappush(heap, (np.int64(starts[i]), np.int64(nodes[i])))
    while len(heap) > 0:
        here, v = heapq.heappop(heap)
        if cost[v] >= 0:
            continue
        cost[v] = here
        for e in range(offsets[v], offsets[v + 1]):
            there = here + costs[e]
            if there <= limit and cost[heads[e]] < 0:
                heapq.heappush(heap, (there, np.int64(heads[e])))
    return cost
