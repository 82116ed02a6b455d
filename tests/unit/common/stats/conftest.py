"""SciPy's statistics, which known values come from."""

import importlib
from typing import Any

import pytest


@pytest.fixture(scope="session")
def scipy_stats() -> Any:
    """Return the module. Importing it takes a second, which processes that run other tests save."""
    return importlib.import_module("scipy.stats")
