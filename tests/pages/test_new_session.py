"""From the form to the finished session."""

import pytest
from playwright.sync_api import Page, expect

from tests.pages.site import Site

pytestmark = pytest.mark.slow


def test_a_session_is_submitted_and_watched_to_its_end(page: Page, gait: Site) -> None:
    page.goto(f"{gait.url}/new")
    page.get_by_label("tiny:latest").check()
    page.get_by_role("checkbox", name="ttft").uncheck()
    page.locator("[data-type=decode] summary").click()
    page.locator("#decode-maxRepetitions").fill("3")
    page.locator("#decode-minRepetitions").fill("3")
    page.locator("#decode-outputTokens").fill("16")
    page.get_by_label("Name").fill("by hand")
    expect(page.locator("#curl")).to_contain_text('"outputTokens": 16')
    page.get_by_role("button", name="Measure").click()
    page.wait_for_url("**/sessions/*")
    expect(page.get_by_role("heading", name="by hand")).to_be_visible()
    expect(page.locator("#standing")).to_contain_text("completed")
    expect(page.locator("#results")).to_contain_text("tok/s")
    expect(page.locator("#live")).to_have_count(0)


def test_a_wrong_option_is_said_beside_its_field(page: Page, gait: Site) -> None:
    page.goto(f"{gait.url}/new")
    page.get_by_label("tiny:latest").check()
    page.locator("[data-type=decode] summary").click()
    field = page.locator("#decode-outputTokens")
    field.fill("3")
    expect(page.locator("#decode-outputTokens-error")).to_contain_text("Must be from 16 to 16384")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("16")
    expect(page.locator("#decode-outputTokens-error")).to_be_empty()


def test_an_earlier_session_is_filled_in_again(page: Page, gait: Site, finished: str) -> None:
    page.goto(f"{gait.url}/new?from={finished}")
    expect(page.locator("#ttft-promptTokens")).to_have_value("64, 256")
    expect(page.get_by_role("checkbox", name="thinking")).to_be_checked()
    expect(page.get_by_role("checkbox", name="prefill")).not_to_be_checked()
    expect(page.get_by_label("Tags")).to_have_value("nightly")


def test_an_estimate_follows_the_choice(page: Page, gait: Site, finished: str) -> None:
    page.goto(f"{gait.url}/new?from={finished}")
    expect(page.locator("#estimate")).to_contain_text("3 tests:")
    expect(page.locator("#estimate")).to_contain_text("1 that was never measured here")
    page.get_by_role("button", name="None").click()
    expect(page.locator("#estimate")).to_contain_text("Choose at least one")
