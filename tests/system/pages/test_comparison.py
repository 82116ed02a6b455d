"""Sessions beside each other: from the list to the words that say what differs."""

import pytest
from playwright.sync_api import Locator, Page, expect

from testbed.servers.restartable_stack import Site

pytestmark = pytest.mark.slow


def cell(page: Page, title: str) -> Locator:
    """Return the compared cell of a test's headline metric."""
    return page.get_by_role("row", name=title).locator(".outcome").first


def test_two_sessions_of_the_list_are_compared_both_ways(page: Page, gait: Site, nights: list[str]) -> None:
    page.goto(f"{gait.url}/?search=night:latest")
    for session_id in (nights[0], nights[-1]):
        page.locator(f'[data-id="{session_id}"]').get_by_role("checkbox").check()
    page.get_by_role("button", name="Compare selected").click()
    expect(cell(page, "Writing speed")).to_contain_text("−20.0 % slower")
    expect(cell(page, "Reading speed")).to_contain_text("no clear difference")
    expect(page.locator(".conclusions")).to_contain_text("night 15 compared with night 1, 2 headline metrics")
    page.get_by_role("link", name="use as baseline").first.click()
    expect(page.locator(".conclusions")).to_contain_text("night 1 compared with night 15, 2 headline metrics")
    expect(cell(page, "Writing speed")).to_contain_text("+25.0 % faster")
    expect(cell(page, "Reading speed")).to_contain_text("no clear difference")


def test_the_baseline_is_chosen_in_the_form(page: Page, gait: Site, nights: list[str]) -> None:
    page.goto(f"{gait.url}/compare?session={nights[0]}&session={nights[-1]}")
    page.get_by_text("Other sessions, models or baseline").click()
    page.get_by_label("Baseline").select_option("night 15")
    page.get_by_role("button", name="Compare").click()
    expect(cell(page, "Writing speed")).to_contain_text("faster")


def test_a_session_is_found_and_put_beside_the_others(page: Page, gait: Site, nights: list[str]) -> None:
    page.goto(f"{gait.url}/compare?session={nights[0]}")
    page.get_by_label("Find sessions").fill("night 4")
    page.get_by_role("button", name="Find").click()
    page.get_by_label("night 4").check()
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".conclusions")).to_contain_text("night 4 compared with night 1")
