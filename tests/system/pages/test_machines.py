"""The machines as they stand now."""

import re

import pytest
from playwright.sync_api import Page, expect

from testbed.ollama_double import OllamaDouble
from testbed.servers.restartable_stack import Site
from tests.system.pages.conftest import Submit

pytestmark = pytest.mark.slow


def test_numbers_move(page: Page, gait: Site) -> None:
    page.goto(f"{gait.url}/machines")
    gauge = page.locator("[data-host=local] .gauges > div", has_text="RAM of").first
    expect(gauge.locator(".number")).to_have_text(re.compile(r"\d"))
    curve = gauge.locator("path.line")
    for _ in range(2):
        expect(curve).not_to_have_attribute("d", curve.get_attribute("d") or "")
    expect(page.locator("[data-host=local] [data-part=reachability]")).to_have_text("Ollama responds")
    expect(page.locator("[data-host=local] [data-part=sampler]")).to_contain_text("readings/s")


def test_a_machine_that_is_away_says_why_and_what_to_do(page: Page, gait: Site) -> None:
    page.goto(f"{gait.url}/machines")
    card = page.locator("[data-host=away]")
    expect(card.locator("[data-part=reachability]")).to_have_text("not reachable")
    expect(card.locator("[data-part=problem]")).to_contain_text("OLLAMA_HOST=127.0.0.1:1 ollama serve")
    expect(card.locator("[data-part=sampler]")).to_contain_text("SAMPLER_HOST=away")
    expect(page.locator("[data-host=double] [data-part=problem]")).to_be_hidden()


def test_a_machine_that_measures_says_what(page: Page, gait: Site, submit: Submit, double: OllamaDouble) -> None:
    with double.slots:
        session_id = submit("decode", host="double", name="on the double")
        page.goto(f"{gait.url}/machines")
        work = page.locator("[data-host=double] [data-part=work]")
        expect(work).to_contain_text("on the double: decode, tiny:latest")
        expect(work.get_by_role("progressbar")).to_be_visible()
        work.get_by_role("link").click()
        page.wait_for_url(f"**/sessions/{session_id}")
