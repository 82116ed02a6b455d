"""What a session's page says while it waits or runs, before any script has begun."""

import json
import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from redis import Redis
from rq import Worker

from api.web.pages.session import live
from common.messaging.redis_errors import RedisUnavailable
from common.store.changes import writes
from common.store.reads import totals
from common.store.tables import Session
from testbed.stored.readings import publish
from tests.support.stored.sessions import METRICS, claimed, finished, queued


def page(client: FlaskClient, session: Session) -> str:
    answer = client.get(f"/sessions/{session.id}")
    assert answer.status_code == 200
    return answer.text


def chips(html: str) -> dict[tuple[str, str], tuple[str, str]]:
    """(class, words) of each test, by model and type."""
    found = re.findall(r'<li class="chip (\w+)" data-test="([^"]*)">.*?class="chip-status">([^<]*)<', html, re.DOTALL)
    return {tuple(json.loads(unescape(name))): (kind, words.strip()) for kind, name, words in found}


def test_a_session_that_waits_tells_how_many_are_before_it(client: FlaskClient, redis: Redis) -> None:
    Worker(["sessions"], connection=redis).register_birth()
    first, second, third, elsewhere = queued(), queued(), queued(), queued(host="other")
    assert "Starting now." in page(client, first)
    assert "Waiting: 1 session is ahead on host local." in page(client, second)
    assert "Waiting: 2 sessions are ahead on host local." in page(client, third)
    assert "Starting now." in page(client, elsewhere)
    writes.cancel_session(first.id)
    assert "Waiting: 1 session is ahead on host local." in page(client, third)


def test_a_session_that_no_worker_can_take_up_says_what_to_do(client: FlaskClient) -> None:
    assert "start one with python -m worker." in page(client, queued())


def test_without_redis_all_but_when_it_will_run_is_told(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise RedisUnavailable("Redis does not respond.")

    session = queued()
    monkeypatch.setattr("api.submission.queue_status.Worker.count", away)
    html = page(client, session)
    assert "Waiting; the position in the queue is unknown. Redis does not respond." in html
    assert len(chips(html)) == 2


def test_what_disturbs_the_machine_is_said_at_once_and_only_of_its_own_sessions(
    client: FlaskClient, redis: Redis
) -> None:
    session, elsewhere = queued(), queued(host="other")
    busy = [{"name": "chrome", "cpu": 60.0}]
    for number in range(3):
        publish(redis, 90.0 + number, busiest=busy)
    for address in (f"/sessions/{session.id}", f"/sessions/{session.id}?part=disturbance"):
        html = client.get(address).text
        assert "local is disturbed now." in html
        assert re.search(r"Other programs used \d+\.\d % of the CPU, the busiest: chrome 60\.0 %\.", unescape(html))
        assert "Stop other programs on this machine" in html
    assert "is disturbed now" not in page(client, elsewhere)
    writes.cancel_session(session.id)
    assert "is disturbed now" not in page(client, session)


def test_each_test_tells_how_it_stands(client: FlaskClient) -> None:
    session = queued("tiny:latest", "small:latest")
    claim, (decode, ttft, *_) = claimed(session)
    rate = {"value": 42.0, "median": 42.0, "unit": "tokens/s", "n": 3}
    known = {
        "headline": {"name": "tokensPerSecond", "unit": "tokens/s", "point": {}},
        "statistics": {"tokensPerSecond": rate},
    }
    writes.complete_test(claim, decode, {**METRICS, **known})
    writes.fail_test(claim, ttft, "the model is <gone>")
    html = page(client, session)
    assert chips(html) == {
        ("tiny:latest", "decode"): ("completed", "42.0 tok/s"),
        ("tiny:latest", "ttft"): ("error", "error"),
        ("small:latest", "decode"): ("waiting", "waiting"),
        ("small:latest", "ttft"): ("waiting", "waiting"),
    }
    assert 'data-ended="2"' in html
    assert "2 of 4 tests" in html


def test_many_tests_are_folded_away(client: FlaskClient) -> None:
    few, many = queued("tiny:latest"), queued(*(f"model:{number}" for number in range(25)))
    assert "All 50 tests" in page(client, many)
    assert len(chips(page(client, many))) == 50
    assert "<summary>All" not in page(client, few)


def test_headlines_have_what_a_script_needs_to_show_them(client: FlaskClient) -> None:
    assert client.application is not None
    session = queued()
    assert live.headlines(session)["ttft"] == {
        "name": "timeToFirstToken",
        "label": "TTFT",
        "unit": "ms",
        "better": "lower",
    }
    shown = re.search(r'data-headlines="([^"]*)"', page(client, session))
    assert shown is not None
    assert json.loads(unescape(shown[1])) == live.headlines(session)


def test_what_has_ended_is_not_live_and_still_has_its_readings(client: FlaskClient) -> None:
    session = finished()
    html = page(client, session)
    assert 'id="live"' not in html
    assert f'href="/api/v1/test-sessions/{session.id}/telemetry"' in html  # for who has no script


def test_sessions_before_are_those_of_the_host_that_have_not_ended(client: FlaskClient) -> None:
    assert client.application is not None
    finished()
    queued(host="other")
    running, waiting = queued(), queued()
    claimed(running)
    assert totals.before(waiting) == 1
    assert totals.before(running) == 0
