"""The colours of the five classes of score, and of what has none."""

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
