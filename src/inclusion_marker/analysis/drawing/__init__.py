"""The parts of robustness: what is drawn, from which errors, and every draw scored."""
