from collections.abc import Iterator

import pytest

from common.environment.settings import forget
from tests.unit.common.environment.environment import VARIABLES


@pytest.fixture
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    forget()
    yield
    forget()
