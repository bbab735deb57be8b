"""The colours of the five classes of score, of what has none, and of all else that is shown."""

from collections.abc import Mapping, Sequence

PUBLISHED = ("#2A115C", "#862781", "#CA3E72", "#FE9D6C", "#FCF9BB")
"""Colours of UN-Habitat's marker viewers, worst class first."""

VIRIDIS = ("#440154", "#3B528B", "#21918C", "#5EC962", "#FDE725")
"""A ramp that colour-blind readers can order, worst class first."""

NO_DATA = "#D9D9D9"

PLACES = (
    *("#1B6CA8", "#C0392B", "#B9770E", "#6C3483"),
    *("#117A65", "#34495E", "#7B241C", "#2E4053"),
)
"""Colours of the layers of places, in the order of the method."""

SPACE = "#8CC084"
"""Colour of parks and squares."""

ACCENT = PUBLISHED[1]
"""Colour of what is no class: a curve, a bar of points."""

CONFIDENCE: Mapping[str, str] = {"high": "#E5F0C8", "medium": "#74B9A8", "low": "#1F4E79"}
"""Ordered from light to dark, so that they can be told apart without their hue."""

CLUSTERS: Mapping[str, str] = {
    "low": "#7B2D8B",
    "high": "#F4A938",
    "none": "#F3F3EE",
    "island": "#BFC7CC",
}
"""Colours of the clusters of low and of high scores, of what is in none, and of lone cells."""


def spread(palette: Sequence[str], count: int) -> tuple[str, ...]:
    """Return as many colours of a palette as there are classes, both ends among them.

    Parameters
    ----------
    palette
        Its colours, worst first.
    count
        Classes, at most as many as colours.

    Examples
    --------
    >>> spread("abcde", 5), spread("abcde", 3), spread("abcde", 1)
    (('a', 'b', 'c', 'd', 'e'), ('a', 'c', 'e'), ('c',))
    """
    if count == 1:
        return (palette[len(palette) // 2],)
    last = len(palette) - 1
    return tuple(palette[round(row * last / (count - 1))] for row in range(count))
