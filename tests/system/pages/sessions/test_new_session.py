"""From the form to the finished session."""

import pytest
from playwright.sync_api import Locator, Page, expect

from testbed.ollama_double import OllamaDouble
from testbed.servers.restartable_stack import Site
from tests.system.pages.conftest import Submit

pytestmark = pytest.mark.slow

MAX_STOPS = 100


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus."""
    for _ in range(MAX_STOPS):
        page.keyboard.press("Tab")
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
    pytest.fail(f"Tab does not come to {wanted}")


def test_a_session_is_submitted_and_watched_to_its_end(page: Page, gait: Site) -> None:
    page.goto(f"{gait.url}/new")
    page.get_by_label("tiny:latest").check()
    page.get_by_role("checkbox", name="ttft").uncheck()
    page.locator("[data-type=decode] summary").click()
    expect(page.locator("#decode-minRepetitions")).to_have_attribute("placeholder", "8")
    page.get_by_role("radio", name="quick").check()
    expect(page.locator("#decode-minRepetitions")).to_have_attribute("placeholder", "3")
    page.locator("#decode-outputTokens").fill("16")
    page.get_by_label("Name").fill("by hand")
    expect(page.locator("#curl")).to_contain_text('"outputTokens": 16')
    expect(page.locator("#curl")).to_contain_text('"effort": "quick"')
    page.get_by_role("button", name="Measure").click()
    page.wait_for_url("**/sessions/*")
    expect(page.get_by_role("heading", name="by hand")).to_be_visible()
    expect(page.locator("#session-header")).to_contain_text("completed")
    expect(page.locator("#results")).to_contain_text("tok/s")
    expect(page.locator("#live")).to_have_count(0)


def test_a_session_is_submitted_by_keyboard_alone(page: Page, gait: Site, double: OllamaDouble) -> None:
    page.goto(f"{gait.url}/new")
    tab_to(page, page.get_by_role("radio", name="local"))
    page.keyboard.press("ArrowDown")
    model = page.get_by_label("small:latest")
    model.wait_for()
    tab_to(page, model)
    page.keyboard.press("Space")
    expect(model).to_be_checked()
    tab_to(page, page.get_by_role("checkbox", name="ttft"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_label("Name"))
    page.keyboard.type("by keyboard")
    with double.slots:
        tab_to(page, page.get_by_role("button", name="Measure"))
        page.keyboard.press("Enter")
        page.wait_for_url("**/sessions/*")
        expect(page.get_by_role("heading", name="by keyboard")).to_be_visible()
        expect(page.locator("#live .chip")).to_have_count(1)
        cancel = page.get_by_role("button", name="Cancel session")
        expect(cancel).to_be_enabled()
        tab_to(page, cancel)
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        expect(page.locator("#session-header .badge")).to_have_text("cancelled")


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


def test_who_types_is_not_taken_to_another_field_that_is_wrong(page: Page, gait: Site) -> None:
    page.goto(f"{gait.url}/new")
    page.get_by_label("tiny:latest").check()
    for test_type in ("decode", "prefill"):
        page.locator(f"[data-type={test_type}] summary").click()
    page.locator("#prefill-promptTokens").fill("many")
    expect(page.get_by_role("checkbox", name="prefill")).to_be_checked()
    page.locator("#decode-outputTokens").focus()
    expect(page.locator("#prefill-promptTokens-error")).to_contain_text("Must be")
    page.keyboard.type("1")
    expect(page.locator("#decode-outputTokens-error")).to_contain_text("Must be from 16")
    page.keyboard.type("6")
    expect(page.locator("#decode-outputTokens-error")).to_be_empty()
    expect(page.locator("#decode-outputTokens")).to_have_value("16")
    page.get_by_role("button", name="Measure").click()
    expect(page.locator("#prefill-promptTokens")).to_be_focused()


def test_who_chose_no_model_is_led_to_the_models(page: Page, gait: Site) -> None:
    page.goto(f"{gait.url}/new")
    page.get_by_label("tiny:latest").uncheck()
    page.get_by_role("button", name="Measure").click()
    expect(page.get_by_role("alert").filter(has_text="Choose 1 to 20 models")).to_be_in_viewport()
    expect(page.locator("#models input").first).to_be_focused()


def test_a_model_is_found_among_many(page: Page, gait: Site) -> None:
    many = [{"name": f"model{number}:latest", "size": 1e9, "tags": ["latest", "llama"]} for number in range(40)]
    page.route("**/api/v1/models*", lambda route: route.fulfill(json={"models": many}))
    page.goto(f"{gait.url}/new")
    page.get_by_label("model3:latest").check()
    page.get_by_label("Find a model").fill("model2 llama")
    expect(page.locator("#models .choice:visible")).to_have_count(12)
    expect(page.get_by_label("model3:latest")).to_be_visible()


def test_any_and_all_say_what_they_lack(page: Page, gait: Site) -> None:
    page.goto(f"{gait.url}/new")
    page.get_by_role("radio", name="all of them").check()
    expect(page.get_by_label("small:latest")).to_be_visible()
    page.get_by_label("tiny:latest").check()
    expect(page.locator("[data-lacks=all]")).to_have_text("Not all machines have them: away lacks tiny:latest.")
    page.get_by_label("small:latest").check()
    expect(page.locator("[data-lacks=all]")).to_contain_text("local lacks small:latest")
    page.get_by_role("radio", name="any of them").check()
    expect(page.locator("[data-lacks=all]")).to_be_empty()
    expect(page.locator("#models")).to_contain_text("on double only")
    expect(page.locator("[data-lacks=any]")).to_be_empty()  # one machine has both


def test_a_model_that_writes_no_text_is_warned_about(page: Page, gait: Site) -> None:
    model = {"name": "embed:latest", "size": 1e9, "tags": ["latest", "bert"], "capabilities": ["embedding"]}
    page.route("**/api/v1/models*", lambda route: route.fulfill(json={"models": [model]}))
    page.goto(f"{gait.url}/new")
    expect(page.locator("#models")).to_contain_text("writes no text · never measured")
    expect(page.locator("[data-type=decode]")).to_contain_text("Will fail: embed:latest writes no text.")
    page.get_by_role("button", name="Everything").click()
    expect(page.locator("[data-type=sustained]")).to_contain_text("Will fail: embed:latest writes no text.")


def test_a_machine_that_was_away_is_asked_again_without_loss(page: Page, gait: Site) -> None:
    page.route("**/api/v1/models*", lambda route: route.abort(), times=1)
    page.goto(f"{gait.url}/new")
    expect(page.locator("#models")).to_contain_text("Gait did not answer")
    page.get_by_label("Name").fill("kept")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("tiny:latest")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("kept")


def test_a_command_is_copied(page: Page, gait: Site) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{gait.url}/new")
    page.get_by_label("tiny:latest").check()
    page.get_by_text("As a curl command").press("Enter")  # a click may miss it, as the estimate above it grows
    page.get_by_role("button", name="Copy").press("Enter")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert '"tiny:latest"' in page.evaluate("navigator.clipboard.readText()")


def test_an_earlier_session_is_filled_in_again(page: Page, gait: Site, finished: str) -> None:
    page.goto(f"{gait.url}/new?from={finished}")
    expect(page.locator("#ttft-promptTokens")).to_have_value("64, 256")
    expect(page.get_by_role("checkbox", name="thinking")).to_be_checked()
    expect(page.get_by_role("checkbox", name="prefill")).not_to_be_checked()
    expect(page.get_by_label("Tags")).to_have_value("nightly")


def test_an_earlier_session_of_another_machine_is_filled_in_with_that(
    page: Page, gait: Site, submit: Submit, double: OllamaDouble
) -> None:
    with double.slots:
        page.goto(f"{gait.url}/new?from={submit('decode', host='double', models=('small:latest',))}")
        expect(page.get_by_role("radio", name="double")).to_be_checked()
        expect(page.get_by_label("small:latest")).to_be_checked()


def test_an_estimate_follows_the_choice(page: Page, gait: Site, finished: str) -> None:
    page.goto(f"{gait.url}/new?from={finished}")
    expect(page.locator("#estimate")).to_contain_text("3 tests:")
    expect(page.locator("#estimate")).to_contain_text("without 1 that was never measured here")
    page.get_by_role("button", name="None").last.click()
    expect(page.locator("#estimate")).to_contain_text("Choose at least one")
