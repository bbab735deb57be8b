"""The page of the web map, and what it carries: the figures of a marker in few bytes."""
