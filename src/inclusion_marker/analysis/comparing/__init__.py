"""The parts of the comparison: what is shared, pairs, ranks with their intervals."""
