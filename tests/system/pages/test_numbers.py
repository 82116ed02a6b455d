"""Scripts and templates say the same number in the same words."""

from typing import Any

import pytest
from playwright.sync_api import Page

from api.web.pages.presentation import formatting
from common.catalogue.metrics import METRICS
from common.catalogue.options import POINT_FORMATS
from testbed.servers.restartable_stack import Site

pytestmark = pytest.mark.slow

VALUES = (
    None,
    0,
    0.004,
    1,
    2.5,
    9.996,
    64,
    99.96,
    512,
    999.6,
    1000,
    12_400,
    90_000,
    2_596_100,
    163_589_608,
    3e12,
    -5.5,
)
UNITS = ("", "MHz", *dict.fromkeys(metric.unit for metric in METRICS.values()))
POINTS: tuple[dict[str, Any], ...] = (
    {},
    {"promptTokens": 1024},
    *({name: 8} for name in POINT_FORMATS),
    {"batchSize": 8, "inputTokens": 32},
)


def test_what_scripts_say_is_what_templates_say(page: Page, gait: Site) -> None:
    page.goto(gait.url)
    script = page.locator("script[type=module]").get_attribute("src")
    assert script is not None
    cases = [(value, unit) for value in VALUES for unit in UNITS]
    expected = page.evaluate(
        """async ([address, cases, points]) => {
            const numbers = await import(address);
            const quantity = (value, unit) => numbers.quantity(value, unit).outerHTML;
            return [
                cases.map(([value, unit]) => [numbers.asText(value, unit), quantity(value, unit)]),
                points.map(numbers.pointText),
            ];
        }""",
        [script.replace("start.js", "lib/formatting.js"), cases, POINTS],
    )
    assert expected == [
        [[formatting.text(value, unit), str(formatting.quantity(value, unit))] for value, unit in cases],
        [formatting.point_text(point) for point in POINTS],
    ]
