"""The colours of the five classes of score, and of what has none."""

PUBLISHED = ("#2A115C", "#862781", "#CA3E72", "#FE9D6C", "#FCF9BB")
"""Colours of UN-Habitat's marker viewers, worst class first."""

VIRIDIS = ("#440154", "#3B528B", "#21918C", "#5EC962", "#FDE725")
"""A ramp that colour-blind readers can order, worst class first."""

NO_DATA = "#D9D9D9"
