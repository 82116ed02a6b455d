"""A page that loses the API says so, comes back by itself, and has missed nothing."""

import json
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, WebSocket, expect

from cli.progress.messages import messages
from testbed.ollama_double import OllamaDouble
from testbed.servers.restartable_stack import Site
from testbed.waiting import until
from tests.system.pages.conftest import KEY, Locked, Submit, give

pytestmark = pytest.mark.slow

PROGRESS = "/ws/test-progress"


@pytest.fixture
def heard(page: Page) -> list[int]:
    """Return the seq of each progress message that the page got, over all of its sockets."""
    found: list[int] = []

    def listen(socket: WebSocket) -> None:
        if PROGRESS in socket.url:
            socket.on("framereceived", lambda frame: found.append(json.loads(frame)["seq"]))

    page.on("websocket", listen)
    return found


def test_the_api_is_killed_while_a_session_runs(
    page: Page, gait: Site, submit: Submit, double: OllamaDouble, heard: list[int]
) -> None:
    with ExitStack() as without_api:
        with double.slots:
            session_id = submit("decode", "ttft", host="double", name="interrupted")
            page.goto(f"{gait.url}/sessions/{session_id}")
            expect(page.locator("#current-test")).to_have_text("decode, tiny:latest")
            asked = len(double.requests)
            without_api.enter_context(gait.without_web())
            expect(page.locator("#connection")).to_contain_text("missed updates will be loaded")
        until(lambda: len(double.requests) > asked + 3, "the session goes on without the API")
    expect(page.locator("#connection")).to_be_hidden()
    expect(page.locator("#session-header")).to_contain_text("completed")
    expect(page.locator("#session-header")).to_contain_text("2 of 2 tests measured")
    expect(page.locator("#live")).to_have_count(0)
    expect(page.locator("#test-decode")).to_contain_text("tok/s")
    expect(page.locator("#test-ttft")).to_contain_text("ms")
    assert heard == [message["seq"] for message in messages(gait.client, session_id)]


def test_a_page_with_a_key_comes_back_and_asks_again_once_the_key_was_changed(
    page: Page, serve_locked: Locked, submit: Submit
) -> None:
    connection, heading = page.locator("#connection"), page.get_by_role("heading", name="Home", exact=True)
    with serve_locked(KEY) as server:
        port = int(server.address.rpartition(":")[2])
        with page.expect_websocket():
            page.goto(f"http://{server.address}/")
            give(page, KEY)
    expect(connection).to_contain_text("Reconnecting")
    with serve_locked(KEY, port):
        expect(connection).to_be_hidden()
        session_id = submit("decode", host="double")
        expect(page.locator(f'[data-id="{session_id}"]')).to_contain_text("completed")
    with serve_locked("another", port):
        expect(connection).to_contain_text("no longer valid")
        expect(heading).to_be_visible()
        connection.get_by_role("button", name="Enter another key").click()
        expect(page.get_by_role("alert")).to_contain_text("not valid")
        give(page, "another")
        expect(heading).to_be_visible()
        expect(connection).to_be_hidden()


def test_what_gait_stands_on_is_away_and_comes_back(page: Page, gait: Site, finished: str) -> None:
    assert finished
    connection = page.locator("#connection")
    problem = "Redis does not respond. Check that it is running."
    away = {"status": 503, "message": f"Not ready. {problem}", "details": {"redis": problem}}
    page.route("**/readyz", lambda route: route.fulfill(status=503, json=away))
    page.goto(f"{gait.url}/")
    expect(connection).to_have_text(f"{problem} Until then this page is not updated. Retrying.")
    page.unroute("**/readyz")
    expect(connection).to_be_hidden()


def test_an_answer_that_is_cut_is_no_fault_of_the_page(page: Page, gait: Site) -> None:
    page.route("**/readyz", lambda route: route.fulfill(status=503, body='{"details": {"red'))
    with page.expect_response("**/readyz"):
        page.goto(f"{gait.url}/")
    page.evaluate("new Promise((resolve) => setTimeout(resolve))")  # what the page did with it has ended
    expect(page.locator("#connection")).to_be_hidden()
