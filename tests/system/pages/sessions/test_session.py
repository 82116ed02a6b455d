"""The page of a session while it runs: nothing of what happens needs the page to be loaded again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import APIResponse, Page, Route, WebSocket, expect

from common.values.free_json import Json
from testbed.ollama_double import OllamaDouble
from testbed.servers.restartable_stack import Site
from tests.system.pages.conftest import SHORT, Submit, until_handled

pytestmark = pytest.mark.slow

LONG = {"ttft": SHORT | {"promptTokens": 64, "minRepetitions": 1000, "maxRepetitions": 1000}}
READINGS = "/ws/hardware"
HIDDEN = """(hidden) => {
  Object.defineProperty(document, 'hidden', { get: () => hidden, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def open_session(page: Page, gait: Site, session_id: str) -> None:
    """Its page, which forgets that it is the same one when it is loaded again."""
    page.goto(f"{gait.url}/sessions/{session_id}")
    page.evaluate("window.isTheSame = true")


def is_the_same(page: Page) -> bool:
    return bool(page.evaluate("window.isTheSame === true"))


def of_readings(socket: WebSocket) -> bool:
    return READINGS in socket.url


@contextmanager
def held(double: OllamaDouble, model: str) -> Iterator[None]:
    """Whatever is asked of this model is answered when the block ends."""
    go_on = threading.Event()

    def wait(body: Json) -> Json:
        if body["model"] == model:
            go_on.wait()
        return {}

    usual, double.last_of = double.last_of, wait
    try:
        yield
    finally:
        double.last_of = usual
        go_on.set()


@contextmanager
def answered_late(page: Page, address: str) -> Iterator[None]:
    """Give the page what the server answered to one of its requests when the block ends."""
    answers: list[tuple[Route, APIResponse]] = []
    page.route(address, lambda route: answers.append((route, route.fetch())))
    yield
    # The page may have heard of what the server did before the server's answer has arrived here.
    [(route, answer)] = until_handled(page, lambda: answers, "the answer to the page's request")
    route.fulfill(response=answer)


def test_what_is_measured_is_seen_as_it_happens(page: Page, gait: Site, submit: Submit) -> None:
    session_id = submit("decode", "ttft", options={"decode": SHORT, **LONG}, name="watched")
    open_session(page, gait, session_id)
    expect(page.locator("#current-test")).to_have_text("ttft, tiny:latest")
    expect(page.locator("#current-step")).to_contain_text("measuring · 64 prompt tokens · run")
    expect(page.locator("#last-run")).to_contain_text("last run: TTFT")
    expect(page.locator("#runs .main-svg").first).to_be_visible()
    expect(page.locator("#session-progress-text")).to_have_text("1 of 2 tests")
    expect(page.locator(".chip", has_text="decode")).to_contain_text("tok/s")
    expect(page.locator(".chip", has_text="ttft")).to_contain_text("%")
    assert page.title().endswith("· watched · Gait")
    for moving in (page.locator("#test-progress-text"), page.locator("#log p").last):
        expect(moving).not_to_have_text(moving.inner_text())
    assert is_the_same(page)


def test_a_test_that_ends_is_put_among_the_results(page: Page, gait: Site, submit: Submit) -> None:
    session_id = submit("decode", "ttft", options={"decode": SHORT, **LONG})
    open_session(page, gait, session_id)
    expect(page.locator("#results #test-decode")).to_contain_text("tok/s")
    expect(page.locator("#session-header")).to_contain_text("1 of 2 tests done")  # the last of what the page replaces
    expect(page.locator("#test-decode .drawing").first).to_be_visible()
    expect(page.locator("#test-ttft")).to_have_count(0)
    assert is_the_same(page)


def test_the_readings_are_drawn_and_their_socket_rests_while_nobody_looks(
    page: Page, gait: Site, submit: Submit
) -> None:
    session_id = submit("ttft", options=LONG)
    with page.expect_websocket(of_readings) as opened:
        open_session(page, gait, session_id)
        page.locator("#telemetry").scroll_into_view_if_needed()
    expect(page.locator("#telemetry-plot .main-svg").first).to_be_visible()
    expect(page.locator("#telemetry-titles")).to_contain_text("CPU (%)")
    with opened.value.expect_event("close"):
        page.evaluate(HIDDEN, True)  # noqa: FBT003 - an argument of the script
    with page.expect_websocket(of_readings) as again:
        page.evaluate(HIDDEN, False)  # noqa: FBT003 - as above
    again.value.wait_for_event("framereceived")
    expect(page.locator("#connection")).to_be_hidden()


def test_the_end_takes_what_is_live_away(page: Page, gait: Site, submit: Submit, double: OllamaDouble) -> None:
    with double.slots:
        session_id = submit("decode", host="double", name="short")
        open_session(page, gait, session_id)
        expect(page.locator("#current-test")).to_have_text("decode, tiny:latest")
    expect(page.locator("#session-header")).to_contain_text("completed")
    expect(page.locator("#live")).to_have_count(0)
    expect(page.locator("#test-decode")).to_contain_text("tok/s")
    expect(page.get_by_role("button", name="Delete session")).to_be_visible()
    expect(page).to_have_title("short · Gait")
    assert is_the_same(page)


def test_what_was_opened_and_what_has_the_focus_stay_when_a_test_ends(
    page: Page, gait: Site, submit: Submit, double: OllamaDouble
) -> None:
    opened = page.locator("#test-decode details", has_text="All metrics")
    later = page.locator("#test-decode .model-cards .card", has_text="small:latest")
    with held(double, "small:latest"):
        session_id = submit("decode", host="double", models=("tiny:latest", "small:latest"))
        open_session(page, gait, session_id)
        opened.locator("summary").click()
        expect(later).not_to_contain_text("tok/s")
    expect(later).to_contain_text("tok/s")
    expect(opened).to_have_attribute("open", "")
    expect(opened.locator("summary")).to_be_focused()
    expect(opened.get_by_role("columnheader", name="small:latest")).to_be_visible()
    assert is_the_same(page)


def test_a_session_is_edited_cancelled_and_then_deleted_after_asking(page: Page, gait: Site, submit: Submit) -> None:
    session_id = submit("ttft", options=LONG, name="unwanted")
    open_session(page, gait, session_id)
    page.get_by_text("Edit", exact=True).click()
    page.get_by_role("textbox", name="Name").fill("renamed")
    page.get_by_role("textbox", name="Tags").fill("kept, , fan")
    page.get_by_role("textbox", name="Note").fill("Fans at 60 %.\nDelete it.")
    page.get_by_role("checkbox", name="Pinned").check()
    page.get_by_role("button", name="Save").click()
    header = page.locator("#session-header")
    expect(header.get_by_role("heading")).to_have_text("renamed")
    expect(header.locator(".badge.pinned")).to_be_visible()
    expect(header.locator(".note")).to_have_text("Fans at 60 %.\nDelete it.")
    assert gait.client.session(session_id)["tags"] == ["kept", "fan"]
    page.get_by_role("button", name="Cancel session").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep running").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert gait.client.session(session_id)["status"] == "running"
    page.get_by_role("button", name="Cancel session").click()
    with answered_late(page, "**/cancel"):
        page.get_by_role("dialog").get_by_role("button", name="Cancel session").click()
        expect(header.locator(".badge").first).to_have_text("cancelled")
        expect(page.locator("#live")).to_have_count(0)
        expect(page.locator("#announcements")).to_have_text("This session is cancelled.")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#main")).to_be_focused()
    assert gait.client.session(session_id)["phase"] == "cancelled"
    page.get_by_role("button", name="Delete session").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete session").click()
    page.wait_for_url(f"{gait.url}/")
    expect(page.locator("#list-message")).to_have_text("Deleted: renamed.")
    expect(page.locator(f'[data-id="{session_id}"]')).to_have_count(0)


def test_a_session_that_waited_runs_by_itself_and_the_title_tells_how_far(
    page: Page, gait: Site, submit: Submit, double: OllamaDouble
) -> None:
    with held(double, "small:latest"):
        with held(double, "tiny:latest"):
            submit("decode", host="double")
            session_id = submit("decode", host="double", models=("small:latest",), name="second")
            open_session(page, gait, session_id)
            expect(page.locator("#session-header .badge")).to_have_text("queued")
            expect(page).to_have_title("queued · second · Gait")
        expect(page.locator("#session-header .badge")).to_have_text("running")
        expect(page.locator("#hardware")).to_contain_text("SAMPLER_HOST=double")
        expect(page).to_have_title("0 % · second · Gait")
        page.evaluate(HIDDEN, True)  # noqa: FBT003 - an argument of the script
    expect(page).to_have_title("completed · second · Gait")
    page.evaluate(HIDDEN, False)  # noqa: FBT003 - as above
    expect(page).to_have_title("second · Gait")
    assert is_the_same(page)
