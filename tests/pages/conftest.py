"""A real Chromium on a real stack, with a session of each kind in its database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.pages.site import Site, site
from tests.support.api_server import ApiServer, api_server
from tests.support.chromium import MISSING, chromium, path

PATIENCE_MS = 60_000
KEY = "correct horse"
SHORT = {"minRepetitions": 3, "maxRepetitions": 3, "outputTokens": 16}
OPTIONS: dict[str, dict[str, Any]] = {
    "decode": SHORT | {"promptTokens": 64},
    "ttft": SHORT | {"promptTokens": [64, 256]},
    "thinking": SHORT | {"promptTokens": 64},
}
"""The last cannot be measured with a model that does not think."""

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if path() is None:
        pytest.skip(MISSING)
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="session")
def gait(redis_url: str, ollama_url: str, folder: Path) -> Iterator[Site]:
    with site(folder, redis_url, ollama_url) as running:
        yield running


@pytest.fixture(scope="session")
def finished(gait: Site) -> str:
    """The id of a session that has ended, with a test that failed."""
    model = gait.client.models()[0]["name"]
    session_id = gait.client.submit(
        {"models": [model], "testTypes": list(OPTIONS), "options": OPTIONS, "name": "finished", "tags": ["nightly"]}
    )
    for _ in gait.client.watch(session_id, lambda: None):
        pass
    return session_id


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1440, "height": 900})
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab in which no script may fail, and the policy refuse nothing."""
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda message: wrong.append(message.text) if "Content Security" in message.text else None)
    yield opened
    assert not wrong


@pytest.fixture
def locked(gait: Site, redis_url: str, folder: Path, tmp_path: Path, ollama_url: str) -> Iterator[ApiServer]:
    """The same database behind an API that wants KEY, or `reader` for reading alone."""
    settings = {
        "REDIS_URL": redis_url,
        "DATABASE_URL": f"sqlite:///{folder}/gait.db",
        "OLLAMA_HOSTS": f"local={ollama_url}",
        "API_KEYS": KEY,
        "READ_ONLY_KEYS": "reader",
    }
    assert gait
    with api_server(tmp_path, settings) as server:
        yield server
