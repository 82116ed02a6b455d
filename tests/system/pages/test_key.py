"""Where the API needs a key, a page asks for it once."""

import pytest
from playwright.sync_api import Page, expect

from testbed.servers.api_server import ApiServer
from tests.system.pages.conftest import KEY, Locked, give

pytestmark = pytest.mark.slow


def test_a_wrong_key_is_refused_and_the_right_one_opens_every_page(
    page: Page, locked: ApiServer, finished: str
) -> None:
    page.goto(f"http://{locked.address}/?search=finished")
    give(page, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("not valid")
    expect(page.get_by_label("API key")).to_have_attribute("aria-invalid", "true")
    give(page, KEY)
    expect(page.get_by_role("link", name="finished", exact=True)).to_be_visible()
    expect(page.locator("#main")).to_be_focused()
    page.goto(f"http://{locked.address}/sessions/{finished}")
    expect(page.get_by_role("heading", name="finished")).to_be_visible()
    assert "correct" not in page.url


def test_a_key_ends_with_its_tab(page: Page, locked: ApiServer) -> None:
    page.goto(f"http://{locked.address}/")
    give(page, KEY)
    expect(page.get_by_role("heading", name="Home", exact=True)).to_be_visible()
    other = page.context.new_page()
    other.goto(f"http://{locked.address}/")
    expect(other.get_by_label("API key")).to_be_visible()


def test_the_list_is_live_with_a_key(page: Page, locked: ApiServer) -> None:
    with page.expect_websocket() as opened:
        page.goto(f"http://{locked.address}/")
        give(page, KEY)
    assert KEY not in opened.value.url


def test_a_key_for_reading_alone_is_told_that_it_submits_nothing(page: Page, locked: ApiServer) -> None:
    page.goto(f"http://{locked.address}/new")
    give(page, "reader")
    page.get_by_label("tiny:latest").check()
    expect(page.get_by_role("status").filter(has_text="read-only")).to_be_visible()
    page.get_by_role("button", name="Measure").click()
    expect(page.get_by_role("alert").filter(has_text="read-only")).to_be_visible()


def test_a_download_with_a_key_that_was_withdrawn_says_so_beside_its_link(
    page: Page, serve_locked: Locked, finished: str
) -> None:
    with serve_locked(KEY) as server:
        port = int(server.address.rpartition(":")[2])
        page.goto(f"http://{server.address}/sessions/{finished}")
        give(page, KEY)
        link = page.get_by_role("link", name="Download the readings")
        with page.expect_download():
            link.click()
        page.wait_for_load_state("networkidle")  # until then it may still import a script
    with serve_locked("another", port):
        link.click()
        expect(page.get_by_role("alert").filter(has_text="Not saved")).to_contain_text("Reload this page")
