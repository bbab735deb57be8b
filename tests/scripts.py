"""Scripts that stand outside the package, as modules for tests."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


def script(place: str) -> ModuleType:
    """Return a script of the repository; a test skips where an archive leaves it out."""
    path = ROOT / place
    if not path.is_file():
        pytest.skip(f"{place} is not here")
    name = path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where a dataclass looks for its types
    spec.loader.exec_module(module)
    return module
