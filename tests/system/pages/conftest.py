"""A real Chromium on a real stack, with a session of each kind in its database."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from cli.errors import CommandError
from cli.progress.messages import messages
from common.store.database import database, initialise
from local.ports import free_port
from local.redis_server import redis_server
from testbed.chromium import MISSING, chromium, is_available
from testbed.ollama_double import OllamaDouble, Timing
from testbed.servers.api_server import ApiServer, api_server
from testbed.servers.restartable_stack import Site, site
from testbed.servers.stack import settings_of
from testbed.waiting import until
from tests.support.stored.measured import decode, measured, prefill

TIMEOUT_MS = 90_000
KEY = "correct horse"
SHORT = {"minRepetitions": 3, "maxRepetitions": 3, "outputTokens": 16}
OPTIONS: dict[str, dict[str, Any]] = {
    "decode": SHORT | {"promptTokens": 64},
    "ttft": SHORT | {"promptTokens": [64, 256]},
    "thinking": SHORT | {"promptTokens": 64},
}
"""The last cannot be measured with a model that does not think."""
NOBODY = "http://127.0.0.1:1"

T = TypeVar("T")
Submit = Callable[..., str]
Locked = Callable[..., AbstractContextManager[ApiServer]]

expect.set_options(timeout=TIMEOUT_MS)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not is_available():
        pytest.skip(MISSING)
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="package")
def double() -> Iterator[OllamaDouble]:
    """Yield the Ollama of the host `double`. A test that holds its slot, `with double.slots`, stops measurements."""
    with OllamaDouble("tiny:latest", "small:latest", timing=Timing(each=5), slots=1) as running:
        yield running


@pytest.fixture(scope="package")
def friend() -> str:
    """Return the origin of another site, whose scripts may use Gait."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="package")
def settings(redis_url: str, ollama_url: str, double: OllamaDouble, folder: Path, friend: str) -> dict[str, str]:
    """Return a real Ollama, a scriptable one, and one that is away."""
    hosts = {"local": ollama_url, "double": double.url, "away": NOBODY}
    outside = {"FORWARDED_FOR": "127.0.0.1", "ALLOWED_ORIGINS": friend}
    return settings_of(folder, redis_url, hosts, IDLE_BASELINE="0.5", **outside)


@pytest.fixture(scope="package")
def redis_url(folder: Path) -> Iterator[str]:
    """One of its own: the workers of other tests, on another database, would take these sessions, and these theirs."""
    with redis_server(folder / "redis", folder / "redis.log") as url:
        yield url


@pytest.fixture(scope="package")
def gait(folder: Path, settings: dict[str, str]) -> Iterator[Site]:
    with site(folder, settings) as running:
        yield running


@pytest.fixture
def submit(gait: Site) -> Iterator[Submit]:
    """Yield a function that submits a session, with the short OPTIONS by default. It is cancelled after the test."""
    submitted: list[str] = []

    def ask(*test_types: str, models: tuple[str, ...] = ("tiny:latest",), **further: Any) -> str:
        options = {name: OPTIONS[name] for name in test_types}
        body = {"models": list(models), "testTypes": list(test_types), "options": options}
        submitted.append(gait.client.submit_one({**body, **further}))
        return submitted[-1]

    yield ask
    for session_id in submitted:
        with contextlib.suppress(CommandError):  # it has ended, or was deleted
            gait.client.cancel(session_id)


@pytest.fixture(scope="package")
def finished(gait: Site) -> str:
    """Return the id of a session that has ended, with a test that failed."""
    model = gait.client.get("/models")["models"][0]["name"]
    session_id = gait.client.submit_one(
        {"models": [model], "testTypes": list(OPTIONS), "options": OPTIONS, "name": "finished", "tags": ["nightly"]}
    )
    for _ in messages(gait.client, session_id):
        pass
    return session_id


@pytest.fixture(scope="package")
def nights(gait: Site, settings: dict[str, str]) -> list[str]:
    """Return the ids of 15 nights with known results, oldest first.

    The last three write slower, on another Ollama, and all read equally fast.
    """
    assert gait
    initialise(settings["DATABASE_URL"])
    rates = [(100.0 + night / 10, 100.5, 101.0, 101.5, 102.0 - night / 10) for night in range(12)]
    slower = [tuple(rate * 0.8 for rate in of_night) for of_night in rates[:3]]
    with database.connection_context():
        return [
            measured(
                {"decode": decode(*of_night), "prefill": prefill({128: [900.0, 905.0, 910.0, 915.0, 920.0]})},
                ("night:latest",),
                name=f"night {number}",
                ollama="0.9.3" if number <= len(rates) else "0.9.4",
            ).id
            for number, of_night in enumerate(rates + slower, start=1)
        ]


@pytest.fixture(scope="package")
def context(browser: Browser, gait: Site) -> Iterator[BrowserContext]:
    """Yield the context of all tabs, with one that stays: the next of the site then need no process of their own.

    Nothing that Gait keeps outlives its tab.
    """
    opened = browser.new_context(viewport={"width": 1440, "height": 900})
    opened.set_default_timeout(TIMEOUT_MS)
    opened.new_page().goto(f"{gait.url}/healthz")
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Yield a tab in which no script may fail, and the policy refuse nothing."""
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda message: wrong.append(message.text) if _is_refusal(message) else None)
    yield opened
    for tab in context.pages[1:]:
        tab.close()
    context.clear_permissions()
    assert not wrong


def _is_refusal(message: ConsoleMessage) -> bool:
    """Whether the policy refused something."""
    return "Content Security" in message.text


@pytest.fixture(scope="package")
def serve_locked(gait: Site, settings: dict[str, str], folder: Path) -> Locked:
    """Return a function that serves the same database behind an API with a key, and `reader` as a read-only key."""
    assert gait

    def serve(key: str, port: int | None = None) -> AbstractContextManager[ApiServer]:
        return api_server(folder / "locked", settings | {"API_KEYS": key, "READ_ONLY_KEYS": "reader"}, port)

    return serve


@pytest.fixture(scope="package")
def locked(serve_locked: Locked) -> Iterator[ApiServer]:
    """One that wants KEY."""
    with serve_locked(KEY) as server:
        yield server


def until_handled(page: Page, look: Callable[[], T], what: str) -> T:
    """Wait for something that handlers of the page's events collect. They run only while the page is asked."""

    def look_again() -> T:
        page.evaluate("null")
        return look()

    return until(look_again, what)


def give(page: Page, key: str) -> None:
    """To a page that asks for one."""
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Open").click()
