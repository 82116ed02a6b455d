"""Sessions beside each other: from the list to the words that say what differs."""

import pytest
from playwright.sync_api import Locator, Page, expect

from testbed.restartable_stack import Site

pytestmark = pytest.mark.slow


def word(page: Page, test_type: str) -> Locator:
    """Return the word of the one comparison of a test type's headline metric, with the change beside it."""
    return page.locator(f"section:has(#type-{test_type}) .change").first


def test_two_sessions_of_the_list_are_compared_both_ways(page: Page, gait: Site, nights: list[str]) -> None:
    page.goto(f"{gait.url}/?search=night:latest")
    for session_id in (nights[0], nights[-1]):
        page.locator(f'[data-id="{session_id}"]').get_by_role("checkbox").check()
    page.get_by_role("button", name="Compare selected").click()
    expect(word(page, "decode")).to_contain_text("slower")
    expect(word(page, "decode")).to_contain_text("−20.0 %")
    expect(word(page, "prefill")).to_contain_text("no clear difference")
    expect(page.locator(".lead")).to_contain_text("Compared with A · night 1, of 2 headline metrics")
    page.get_by_role("link", name="use B").click()
    expect(page.locator(".lead")).to_contain_text("Compared with B · night 15, of 2 headline metrics")
    expect(word(page, "decode")).to_contain_text("faster")
    expect(word(page, "decode")).to_contain_text("+25.0 %")
    expect(word(page, "prefill")).to_contain_text("no clear difference")
    expect(page.locator("section:has(#type-decode) .main-svg").first).to_be_visible()


def test_the_baseline_is_chosen_in_the_form(page: Page, gait: Site, nights: list[str]) -> None:
    page.goto(f"{gait.url}/compare?session={nights[0]}&session={nights[-1]}")
    page.get_by_text("Other sessions, models or baseline").click()
    page.get_by_label("Baseline").select_option("B · night 15")
    page.get_by_role("button", name="Compare").click()
    expect(word(page, "decode")).to_contain_text("faster")


def test_a_session_is_found_and_put_beside_the_others(page: Page, gait: Site, nights: list[str]) -> None:
    page.goto(f"{gait.url}/compare?session={nights[0]}")
    page.get_by_label("Find sessions").fill("night 4")
    page.get_by_role("button", name="Find").click()
    page.get_by_label("night 4").check()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".lead")).to_contain_text("Compared with A · night 1")
    expect(page.locator(".contrast").first).to_contain_text("night 4")
