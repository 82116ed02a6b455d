"""What all tests of the sampler's modules share."""

import pytest

from sampler import tolerant_read


@pytest.fixture(autouse=True)
def _nothing_logged_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test see the lines that a process logs only once."""
    monkeypatch.setattr(tolerant_read, "LOGGED", set())
