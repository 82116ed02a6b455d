"""Requests of the client, each in turn."""

import pytest

from tests.integration.common.ollama.answering import REQUESTS, Ask


@pytest.fixture(params=REQUESTS)
def ask(request: pytest.FixtureRequest) -> Ask:
    return REQUESTS[request.param]
