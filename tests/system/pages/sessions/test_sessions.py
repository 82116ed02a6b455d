"""The list of sessions, alive."""

import pytest
from playwright.sync_api import Page, expect

from testbed.ollama_double import OllamaDouble
from testbed.servers.restartable_stack import Site
from tests.system.pages.conftest import OPTIONS, Submit

pytestmark = pytest.mark.slow


def test_a_session_that_comes_appears_moves_and_ends(page: Page, gait: Site) -> None:
    page.goto(gait.url)
    body = {"models": ["tiny:latest"], "testTypes": ["decode"], "options": {"decode": OPTIONS["decode"]}}
    session_id = gait.client.submit_one({**body, "name": "while one looks"})
    line = page.locator(f'[data-id="{session_id}"]')
    expect(line).to_contain_text("while one looks")
    expect(line).to_contain_text("completed")
    expect(line).to_contain_text("tok/s")


def test_of_two_that_end_at_almost_the_same_time_both_are_seen(
    page: Page, gait: Site, submit: Submit, double: OllamaDouble
) -> None:
    with double.slots:
        submit("decode", host="double")
        waiting = [submit("decode", host="double") for _ in range(2)]
        page.goto(gait.url)
        for session_id in waiting:
            state = page.locator(f'[data-id="{session_id}"] [data-part=state]')
            expect(state).to_have_text("queued")
            gait.client.cancel(session_id)
            expect(state).to_have_text("cancelled")


def test_a_session_is_changed_cancelled_and_deleted_on_the_list(
    page: Page, gait: Site, submit: Submit, double: OllamaDouble
) -> None:
    with double.slots:
        submit("decode", host="double")
        session_id = submit("decode", host="double", name="unwanted")
        page.goto(gait.url)
        line, dialog = page.locator(f'[data-id="{session_id}"]'), page.get_by_role("dialog")
        edit = line.get_by_role("button", name="Change or delete this session")
        edit.click()
        expect(dialog.get_by_role("textbox", name="Name")).to_have_value("unwanted")
        dialog.get_by_role("textbox", name="Name").fill("changed on the list")
        dialog.get_by_role("checkbox", name="Pinned").check()
        dialog.get_by_role("button", name="Save").click()
        expect(line).to_contain_text("changed on the list")
        expect(line).to_contain_text("pinned")
        edit.click()
        dialog.get_by_role("button", name="Cancel session").click()
        expect(dialog.last).to_contain_text("It has not started yet.")
        dialog.last.get_by_role("button", name="Cancel session").click()
        expect(page.locator("#list-message")).to_have_text("Cancelled: changed on the list.")
        expect(line).to_contain_text("cancelled")
    edit.click()
    dialog.get_by_role("button", name="Delete session").click()
    dialog.last.get_by_role("button", name="Delete session").click()
    expect(page.locator("#list-message")).to_have_text("Deleted: changed on the list.")
    expect(line).to_have_count(0)


def test_what_was_searched_for_stays_in_the_address(page: Page, gait: Site, finished: str) -> None:
    page.goto(gait.url)
    page.get_by_role("searchbox").fill("finished")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url("**search=finished**")
    expect(page.locator(".line")).to_have_count(1)
    assert finished


def test_chosen_sessions_are_taken_to_the_comparison(page: Page, gait: Site, finished: str) -> None:
    page.goto(f"{gait.url}/?search=finished")
    page.locator(f'[data-id="{finished}"]').get_by_role("checkbox").check()
    page.get_by_role("button", name="Compare selected").click()
    page.wait_for_url(f"**/compare?session={finished}")


def test_who_is_at_a_line_stays_there_when_the_list_changes(
    page: Page, gait: Site, finished: str, submit: Submit, double: OllamaDouble
) -> None:
    assert finished
    page.goto(gait.url)
    newest = page.locator(".line").first.get_attribute("data-id")
    box = page.locator(f'[data-id="{newest}"] input')
    box.focus()
    page.keyboard.press("Space")
    with double.slots:
        session_id = submit("decode", host="double", name="comes")
        expect(page.locator(f'[data-id="{session_id}"]')).to_be_visible()
        expect(box).to_be_focused()
        expect(box).to_be_checked()
