"""What a session's page gives to repeat it and to take it away."""

import json
import re
import shlex
from html import unescape

from flask.testing import FlaskClient

from api.formats.file_formats import OF_SESSIONS
from tests.integration.api.conftest import HEADER, KEY, NewApp
from tests.integration.api.web.session.test_page import page, section, words
from tests.support.stored.measured import decode, measured, prefill


def test_the_machine_and_the_request_are_there_to_repeat_it(client: FlaskClient) -> None:
    html = page(client, measured({"prefill": prefill({128: [900.0]})}))
    shown = words(section(html, "hardware") + section(html, "repeat"))
    assert "Processor Ryzen 7, 8 cores, 16 threads, 4.50 GHz" in shown
    assert "GPU Radeon 780M, driver 6.1, 4 GB" in shown
    assert "0123456789ab" * 5 in shown
    assert "prefill promptTokens 128" in shown


def test_the_command_asks_for_the_same_again(client: FlaskClient) -> None:
    html = section(page(client, measured({"prefill": prefill({128: [900.0]})}, name="it's", tags=("a tag",))), "repeat")
    found = re.search(r"<pre[^>]*>(curl.*?)</pre>", html, re.DOTALL)
    assert found
    command = shlex.split(unescape(found[1]))
    assert command[:3] == ["curl", "-s", "http://localhost/api/v1/test-sessions"]
    assert json.loads(command[-1]) == {
        "models": ["tiny:latest"],
        "testTypes": ["prefill"],
        "host": "local",
        "order": "sequential",
        "effort": "standard",
        "options": {"prefill": {"promptTokens": [128]}},
        "name": "it's",
        "tags": ["a tag"],
    }


def test_the_command_takes_the_key_from_the_environment_where_one_is_needed(new_app: NewApp) -> None:
    client = new_app(api_keys=(KEY,)).test_client()
    session = measured({"decode": decode(40.0)})
    html = client.get(f"/sessions/{session.id}", headers=HEADER).text
    assert "X-API-Key: $GAIT_KEY" in html
    assert KEY not in html


def test_downloads_lead_to_files(client: FlaskClient) -> None:
    html = page(client, measured({"decode": decode(40.0)}))
    links = re.findall(r'<a href="([^"]+)" download="([^"]+)"', html)
    assert len(links) == 1 + len(OF_SESSIONS)  # and the readings
    for link, name in links:
        answer = client.get(link.replace("&amp;", "&"), buffered=True)
        assert answer.status_code == 200
        assert "telemetry" in link or name in answer.headers["Content-Disposition"]
