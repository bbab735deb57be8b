"""The parts of the hot spots: neighbours, statistics of places, many tests at once."""
