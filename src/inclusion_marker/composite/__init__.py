"""From raw indicators to scores: indicators, dimensions, areas and the marker."""
