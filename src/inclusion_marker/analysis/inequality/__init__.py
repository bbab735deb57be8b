"""The parts of equity: measures of what people live with, and of groups of people."""
