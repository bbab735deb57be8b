"""What the benchmarks of the outputs share with the tests: the made city, and the browser."""

import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "outputs"))
browser, large = import_module("browser"), import_module("large")
