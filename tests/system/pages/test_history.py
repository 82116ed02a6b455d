"""One model and test type over time."""

import pytest
from playwright.sync_api import Page, expect

from testbed.servers.restartable_stack import Site

pytestmark = pytest.mark.slow


def test_a_history_leads_to_its_sessions(page: Page, gait: Site, nights: list[str]) -> None:
    page.goto(f"{gait.url}/history?model=night:latest&testType=decode")
    table = page.get_by_role("region", name="The sessions of this history")
    expect(table.get_by_role("link")).to_have_text([f"night {number}" for number in range(15, 0, -1)])
    expect(page.locator("svg.drawing")).to_be_visible()
    expect(page.locator(".findings .badge")).to_have_text("worse")
    page.get_by_role("link", name="First session after the change").click()
    page.wait_for_url(f"**/sessions/{nights[12]}")
    expect(page.get_by_role("heading", name="night 13")).to_be_visible()


def test_another_type_is_chosen_and_the_ends_are_compared(page: Page, gait: Site, nights: list[str]) -> None:
    page.goto(f"{gait.url}/history?model=night:latest&testType=decode")
    page.get_by_label("Test type").select_option("prefill")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="History of night:latest, prefill")).to_be_visible()
    expect(page.get_by_text("No lasting change was found in 15 sessions.")).to_be_visible()
    page.get_by_role("link", name="Compare the first and the last session").click()
    page.wait_for_url(f"**/compare?session={nights[0]}&session={nights[-1]}**")
    expect(page.locator(".conclusions")).to_contain_text("night 15 compared with night 1")
