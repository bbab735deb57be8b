"""Compiled loops of the straight-line measures: arrays in, arrays out, nothing checked."""

import numpy as np
import numpy.typing as npt
from numba import prange

from inclusion_marker.accessibility.compiled import kernel, parallel_kernel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel
def _squared(x: float, y: float, edge: Floats) -> float:
    """Return the squared distance of a point from a segment ``(x1, y1, x2, y2)``."""
    # Relative to an end of the segment: a northing of ten million metres keeps no billionths.
    dx, dy = edge[2] - edge[0], edge[3] - edge[1]
    px, py = x - edge[0], y - edge[1]
    forth = px * dx + py * dy
    length = dx * dx + dy * dy
    if forth > 0.0:
        if forth >= length:
            px, py = x - edge[2], y - edge[3]
        else:
            along = forth / length
            px, py = px - along * dx, py - along * dy
    squared: float = px * px + py * py
    return squared


@kernel
def _squared_to_unit(x: float, y: float, edges: Floats) -> float:
    """Return the squared distance of a point from a polygon; 0 inside, by the even-odd rule."""
    best = np.inf
    inside = False
    for k in range(edges.shape[0]):
        edge = edges[k]
        best = min(best, _squared(x, y, edge))
        if (edge[1] > y) != (edge[3] > y):
            cross = edge[0] + (y - edge[1]) / (edge[3] - edge[1]) * (edge[2] - edge[0])
            if x < cross:
                inside = not inside
    return 0.0 if inside else best


@parallel_kernel
def closest_points(
    starts: Ints,
    edges: Floats,
    boxes: Floats,
    reach: Floats,
    grid: Floats,
    shape: Ints,
    buckets: Ints,
    members: Ints,
    points: Floats,
) -> tuple[Floats, Ints]:
    """Return the distance from each unit's edge to the closest point, and which point it is.

    Parameters
    ----------
    starts
        First edge of each unit and one end, shape ``(n + 1,)``.
    edges
        Segments of all units, holes included, shape ``(e, 4)``, metres.
    boxes
        Bounds of each unit, shape ``(n, 4)``: west, south, east, north.
    reach
        An upper bound of each unit's distance, shape ``(n,)``, metres.
    grid
        West, south and size of the buckets, shape ``(3,)``, metres.
    shape
        Columns and rows of buckets, shape ``(2,)``.
    buckets
        First member of each bucket and one end, row by row.
    members
        Points of each bucket, in rising order.
    points
        Coordinates, shape ``(m, 2)``, metres.

    Returns
    -------
    distance, closest
        Shape ``(n,)``: metres, 0 inside; and the lowest index among the closest points.
    """
    count = boxes.shape[0]
    distance = np.empty(count)
    closest = np.empty(count, np.int64)
    for i in prange(count):
        unit = edges[starts[i] : starts[i + 1]]
        west, south, east, north = boxes[i]
        far = reach[i] * (1.0 + 1e-12) + 1e-6
        best = far * far
        found = -1
        first = max(0, int((west - far - grid[0]) // grid[2]))
        last = min(shape[0] - 1, int((east + far - grid[0]) // grid[2]))
        low = max(0, int((south - far - grid[1]) // grid[2]))
        high = min(shape[1] - 1, int((north + far - grid[1]) // grid[2]))
        for row in range(low, high + 1):
            floor = grid[1] + row * grid[2]
            off_y = max(0.0, floor - north, south - (floor + grid[2]))
            if off_y * off_y > best:
                continue
            for column in range(first, last + 1):
                left = grid[0] + column * grid[2]
                off_x = max(0.0, left - east, west - (left + grid[2]))
                if off_x * off_x + off_y * off_y > best:
                    continue
                bucket = row * shape[0] + column
                for k in range(buckets[bucket], buckets[bucket + 1]):
                    j = members[k]
                    x, y = points[j, 0], points[j, 1]
                    gap_x = max(0.0, west - x, x - east)
                    gap_y = max(0.0, south - y, y - north)
                    if gap_x * gap_x + gap_y * gap_y > best:
                        continue
                    squared = _squared_to_unit(x, y, unit)
                    if squared < best or (squared == best and (found < 0 or j < found)):
                        best = squared
                        found = j
        distance[i] = np.sqrt(best)
        closest[i] = found
    return distance, closest


@parallel_kernel
def closest_segments(
    starts: Ints,
    edges: Floats,
    boxes: Floats,
    reach: Floats,
    grid: Floats,
    shape: Ints,
    buckets: Ints,
    members: Ints,
    segments: Floats,
    owners: Ints,
) -> tuple[Floats, Ints]:
    """Return the distance from each unit's edge to the closest segment, and whose segment it is.

    Parameters
    ----------
    starts, edges, boxes, reach, grid, shape, buckets, members
        As in :func:`closest_points`; a segment is a member of each bucket that its bounds meet.
    segments
        Edges of the opportunities, shape ``(m, 4)``, metres.
    owners
        Opportunity of each segment, shape ``(m,)``.

    Returns
    -------
    distance, closest
        Shape ``(n,)``: metres, and the lowest index among the closest opportunities. Units that
        meet an opportunity are the caller's: their distance is 0 without any search.
    """
    count = boxes.shape[0]
    distance = np.empty(count)
    closest = np.empty(count, np.int64)
    for i in prange(count):
        west, south, east, north = boxes[i]
        far = reach[i] * (1.0 + 1e-12) + 1e-6
        best = far * far
        found = -1
        first = max(0, int((west - far - grid[0]) // grid[2]))
        last = min(shape[0] - 1, int((east + far - grid[0]) // grid[2]))
        low = max(0, int((south - far - grid[1]) // grid[2]))
        high = min(shape[1] - 1, int((north + far - grid[1]) // grid[2]))
        for row in range(low, high + 1):
            floor = grid[1] + row * grid[2]
            off_y = max(0.0, floor - north, south - (floor + grid[2]))
            if off_y * off_y > best:
                continue
            for column in range(first, last + 1):
                left = grid[0] + column * grid[2]
                off_x = max(0.0, left - east, west - (left + grid[2]))
                if off_x * off_x + off_y * off_y > best:
                    continue
                bucket = row * shape[0] + column
                for k in range(buckets[bucket], buckets[bucket + 1]):
                    other = segments[members[k]]
                    gap_x = max(0.0, west - max(other[0], other[2]), min(other[0], other[2]) - east)
                    gap_y = max(
                        0.0, south - max(other[1], other[3]), min(other[1], other[3]) - north
                    )
                    if gap_x * gap_x + gap_y * gap_y > best:
                        continue
                    squared = np.inf
                    for e in range(starts[i], starts[i + 1]):
                        edge = edges[e]
                        squared = min(squared, _squared(other[0], other[1], edge))
                        squared = min(squared, _squared(other[2], other[3], edge))
                        squared = min(squared, _squared(edge[0], edge[1], other))
                        squared = min(squared, _squared(edge[2], edge[3], other))
                    j = owners[members[k]]
                    if squared < best or (squared == best and (found < 0 or j < found)):
                        best = squared
                        found = j
        distance[i] = np.sqrt(best)
        closest[i] = found
    return distance, closest


@parallel_kernel
def sum_within(
    origins: Floats,
    points: Floats,
    values: Floats,
    radius: float,
    grid: Floats,
    shape: Ints,
    buckets: Ints,
    members: Ints,
) -> Floats:
    """Return the sum of the values of the points within a distance of each origin.

    Parameters
    ----------
    origins, points
        Coordinates, shapes ``(n, 2)`` and ``(m, 2)``, metres.
    values
        Value of each point, shape ``(m,)``.
    radius
        Distance, metres; a point at exactly this distance counts.
    grid, shape, buckets, members
        As in :func:`closest_points`.

    Returns
    -------
    sums
        Shape ``(n,)``, in the unit of ``values``.
    """
    sums = np.zeros(origins.shape[0])
    for i in prange(origins.shape[0]):
        x, y = origins[i, 0], origins[i, 1]
        first = max(0, int((x - radius - grid[0]) // grid[2]))
        last = min(shape[0] - 1, int((x + radius - grid[0]) // grid[2]))
        low = max(0, int((y - radius - grid[1]) // grid[2]))
        high = min(shape[1] - 1, int((y + radius - grid[1]) // grid[2]))
        total = 0.0
        for row in range(low, high + 1):
            for column in range(first, last + 1):
                bucket = row * shape[0] + column
                for k in range(buckets[bucket], buckets[bucket + 1]):
                    j = members[k]
                    dx, dy = points[j, 0] - x, points[j, 1] - y
                    if dx * dx + dy * dy <= radius * radius:
                        total += values[j]
        sums[i] = total
    return sums
