"""The pages of a fleet of machines, from a database that `make fleet` has filled."""

from collections.abc import Mapping

import requests
from playwright.sync_api import Browser

from bench.pages.interactions import WANTED_MS
from bench.pages.tab import interaction_text, tab

COMPARED = 8
MODEL, HOST = "qwen3:8b", "desk"
TIMEOUT_S = 30


def paths(url: str) -> dict[str, str]:
    """Return the paths of the pages by what they answer."""
    newest = f"{url}/api/v1/test-sessions?limit={COMPARED}&results=false"
    sessions = [each["id"] for each in requests.get(newest, timeout=TIMEOUT_S).json()["sessions"]]
    return {
        "home": "/",
        "home, completed": "/?status=completed",
        "models": "/models",
        "a model on a machine": f"/models/one?model={MODEL}&host={HOST}",
        "machines": "/machines",
        "a machine": f"/machines/one?host={HOST}",
        "history": "/history",
        f"history of {MODEL}": f"/history?model={MODEL}&testType=decode&host={HOST}",
        f"comparison of {COMPARED} sessions": "/compare?" + "&".join(f"session={each}" for each in sessions),
        "comparison of two machines": "/compare?host=desk&host=server",
        f"{MODEL} on each machine": f"/compare?host=desk&host=server&host=laptop&model={MODEL}",
        "a session": f"/sessions/{sessions[0]}",
        "new session": "/new",
    }


def table(url: str, pages: Mapping[str, str], browser: Browser) -> str:
    """Return what the browser needs for each page, as a table in Markdown."""
    head = f"| in the browser | painted | scripts have run | opened or ticked (< {WANTED_MS} ms) | longest task |"
    return "\n".join(
        [head, "|---|---|---|---|---|", *(_row(name, url + path, browser) for name, path in pages.items())]
    )


def _row(name: str, url: str, browser: Browser) -> str:
    with tab(browser) as opened:
        loaded = opened.open(url)
        parts = opened.page.locator("main summary:visible, main input[type=checkbox]:visible")
        took = interaction_text(opened.interaction(parts.first.click)) if parts.count() else ""
        cost = opened.during(lambda: opened.page.mouse.wheel(0, 3000))
    return f"| {name} | {loaded.painted or 0:.0f} ms | {loaded.ready:.0f} ms | {took} | {cost.task:.0f} ms |"
