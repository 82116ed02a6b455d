"""Gait behind real proxies: the recipes of docs/proxies.md, and proxies that lack something."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from websocket import create_connection

from local.ports import free_port
from testbed.servers import proxies
from testbed.servers.api_server import TIMEOUT_S
from testbed.servers.restartable_stack import Site

pytestmark = pytest.mark.slow

UNKNOWN = "test-sessions/01a209d2-d221-741c-84d0-38c0f996e1b8"
BARE = "server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://{gait}; }} }}"
"""What many begin with: nginx then changes Host, and passes on no WebSockets."""
FORGETFUL = "server {{ listen 127.0.0.1:{port}; location /gait/ {{ proxy_pass http://{gait}/; }} }}"
"""A path that Gait does not know of."""
OTHER = "server {{ listen 127.0.0.1:{port}; default_type text/html; location / {{ return 200 '<p>Another site'; }} }}"
USE = """async (url) => {
    const body = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' };
    const answer = await fetch(`${url}/api/v1/test-sessions`, body).catch(() => null);
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/hardware`, ['gait']);
    const opens = await new Promise((resolve) => {
        socket.onopen = () => resolve(true);
        socket.onerror = () => resolve(false);
    });
    return [answer?.status ?? null, opens];
}"""
"""A script that submits a session, which lacks its fields, and opens a WebSocket."""

Proxied = dict[str, str]


@pytest.fixture(scope="module")
def proxied(gait: Site, folder: Path, friend: str) -> Iterator[Proxied]:
    """Yield Gait's URLs behind nginx and Caddy, each without a slash at its end, and two other sites."""
    for name in ("nginx", "caddy"):
        if proxies.program(name) is None:
            pytest.skip(proxies.MISSING.format(name))
    here, names = gait.url.removeprefix("http://"), ("plain", "tls", "path", "whole path", "bare", "forgetful")
    ports = {name: free_port() for name in (*names, "caddy", "caddy path", "caddy tls", "foe")}
    ports["friend"] = int(friend.rpartition(":")[2])
    root, below = proxies.recipes("nginx")
    servers = [
        proxies.server_block(root, here, ports["plain"]),
        proxies.server_block(root, here, ports["tls"], proxies.certificate(folder)),
        proxies.server_block(below, here, ports["path"]),
        proxies.server_block(below.replace(f"{proxies.GAIT}/;", f"{proxies.GAIT};"), here, ports["whole path"]),
        BARE.format(port=ports["bare"], gait=here),
        FORGETFUL.format(port=ports["forgetful"], gait=here),
        *(OTHER.format(port=ports[name]) for name in ("friend", "foe")),
    ]
    sites = [
        proxies.site_block(recipe, here, ports[name])
        for name, recipe in zip(("caddy", "caddy path"), proxies.recipes("caddy"), strict=True)
    ]
    sites.append(proxies.site_block(proxies.recipes("caddy")[0], here, ports["caddy tls"], tls=True))
    with ExitStack() as running:
        running.enter_context(proxies.nginx(folder / "nginx", servers, ports["plain"]))
        authority = running.enter_context(proxies.caddy(folder / "caddy", sites))
        with proxies.certificate(folder).open("a") as trusted:
            trusted.write(authority.read_text())
        yield {name: _url(name, port) for name, port in ports.items()}


def _url(name: str, port: int) -> str:
    path = "/gait" if "path" in name or name == "forgetful" else ""
    return f"{'https' if 'tls' in name else 'http'}://127.0.0.1:{port}{path}"


@pytest.mark.parametrize("name", ["plain", "tls", "path", "whole path", "caddy", "caddy path", "caddy tls"])
def test_behind_a_proxy_everything_is_where_links_say(proxied: Proxied, name: str, folder: Path) -> None:
    url, trusted = proxied[name], str(folder / proxies.TRUSTED)
    origin = "/".join(url.split("/")[:3])
    with requests.Session() as http:
        http.verify, http.trust_env = trusted, False  # a variable for certificates would win over this one
        for path in ("/", "/docs", "/docs/"):
            page = http.get(url + path)
            links = re.findall(r'<(?:link|script)[^>]* (?:href|src)="([^"]+)"', page.text)
            assert links
            for link in links:
                assert http.get(urljoin(page.url, link)).ok
        assert f"The API is at {url}/api/v1" in http.get(f"{url}/api/v1/nothing").json()["message"]
        assert http.post(f"{url}/api/v1/{UNKNOWN}/cancel", headers={"Origin": origin}).status_code == 404
    socket = f"ws{url.removeprefix('http')}/ws/hardware"
    channel = create_connection(socket, TIMEOUT_S, sslopt={"ca_certs": trusted}, origin=origin)
    assert json.loads(channel.recv())["host"]
    channel.close()


def test_a_browser_is_at_home_below_a_path(page: Page, proxied: Proxied) -> None:
    with page.expect_websocket() as opened:
        page.goto(f"{proxied['path']}/")
    assert opened.value.url.startswith(f"ws{proxied['path'].removeprefix('http')}/api/v1/ws/")
    expect(page.get_by_text("needs its style and scripts")).to_be_hidden()
    with page.expect_websocket():
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Machines").click()
    expect(page.locator("#connection")).to_be_hidden()
    page.get_by_role("link", name="API").click()
    page.locator('[data-path="/healthz"]').click()
    page.get_by_role("button", name="Try it out").click()
    with page.expect_response(f"{proxied['path']}/healthz"):
        page.get_by_role("button", name="Execute").click()


def test_a_browser_with_tls_gets_its_websocket(browser: Browser, proxied: Proxied) -> None:
    with browser.new_context(ignore_https_errors=True) as context:
        page = context.new_page()
        with page.expect_websocket() as opened:
            page.goto(f"{proxied['tls']}/machines")
        assert opened.value.url.startswith("wss://")
        opened.value.wait_for_event("framereceived")


def test_a_page_says_what_its_proxy_lacks(page: Page, proxied: Proxied) -> None:
    page.goto(f"{proxied['bare']}/machines")
    expect(page.locator("#connection")).to_contain_text("WebSockets are blocked")
    lines = page.locator("#connection pre").inner_text().splitlines()
    assert all(f"    {line}\n" in proxies.recipes("nginx")[0] for line in lines)
    assert lines[-1] == "proxy_set_header Host $http_host;"
    page.goto(f"{proxied['forgetful']}/")
    expect(page.get_by_text("needs its style and scripts, which did not load")).to_be_visible()


def test_only_scripts_of_allowed_sites_may_use_gait(page: Page, gait: Site, proxied: Proxied) -> None:
    for site, found in (("friend", [422, True]), ("foe", [None, False])):
        page.goto(proxied[site])
        assert page.evaluate(USE, gait.url) == found
