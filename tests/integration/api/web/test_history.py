"""The history, as it is read without scripts."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient

from api.conclusions.histories.comparable_sessions import options_text
from common.store.alerts import regressions
from common.store.alerts.regressions import HistoryKey
from common.store.tables import Session
from testbed.stored.inventory import INVENTORY
from tests.integration.api.conftest import body
from tests.support.stored.comparable import Rates, session
from tests.support.stored.regressions import RECORD
from tests.support.stored.sessions import queued

FIRST = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - as the database keeps times
TINY = "tiny:latest"


def night(number: int, rate: float, **changed: Any) -> Session:
    """One session a day, each a little off its rate."""
    rate += (number * 7 % 5 - 2) / 10
    rates: Rates = {TINY: {0: (rate - 0.2, rate - 0.1, rate, rate + 0.1, rate + 0.2)}}
    return session(f"night {number}", rates, at=FIRST + timedelta(days=number), **changed)


def nights(rates: list[float], **changed: Any) -> list[Session]:
    return [night(number, rate, **changed) for number, rate in enumerate(rates)]


def history(client: FlaskClient, window: Mapping[str, str] | None = None, status: int = 200, **asked: str) -> str:
    """Return the page's text, without its tags."""
    answer = client.get("/history", query_string={**asked, **(window or {})})
    assert answer.status_code == status, answer.text
    without_drawings = answer.text
    for drawing in (r'<svg class="stretched.*?</svg>', r"<svg.*?</svg>"):
        without_drawings = re.sub(drawing, "", without_drawings, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without_drawings)).split())


def chart(client: FlaskClient, **asked: str) -> str:
    """Return the drawing."""
    [found] = re.findall(r'<svg class="drawing.*?</figure>', client.get("/history", query_string=asked).text, re.DOTALL)
    return str(found)


def test_an_empty_history_says_how_to_begin(client: FlaskClient) -> None:
    queued()
    assert "No test has completed yet" in history(client)


def test_the_history_of_what_completed_last_comes_unasked(client: FlaskClient) -> None:
    nights([100.0] * 3)
    text = history(client)
    assert "History of tiny:latest, decode" in text
    assert "On local, 3 sessions, with outputTokens 128, promptTokens 64." in text
    assert "Too few sessions: a lasting change needs at least 11, and there are 3." in text
    listed = text.partition("Sessions Session Measured")[2]
    assert listed.index("night 2") < listed.index("night 1") < listed.index("night 0")


def test_the_newest_finding_comes_unasked_among_all_series_of_its_model(client: FlaskClient) -> None:
    first = nights([100.0 if number < 12 else 88.0 for number in range(18)])[12]
    night(20, 50, host="garage")
    session("another model", {"other:1b": {0: (90.0, 91.0)}}, at=FIRST + timedelta(days=30))
    options = "outputTokens 128, promptTokens 64"
    key = HistoryKey(TINY, "decode", "decodeTokensPerSecond", "local", options)
    regressions.add(key, (first.id, FIRST), (first.id, FIRST), RECORD)
    answer = client.get("/history").text
    assert "<h1>History of tiny:latest, decode</h1>" in answer
    links = re.findall(r'<a href="/history\?([^"]*)"( aria-current="true")?>\s*<span class="place', answer)
    assert [(unquote(link), bool(current)) for link, current in links] == [
        ("model=tiny:latest&amp;testType=decode&amp;host=garage", False),
        ("model=tiny:latest&amp;testType=decode&amp;host=local", True),
    ]
    assert '<line x1="' in answer[answer.index("aria-current") :]
    assert '<span class="badge worse">▼ 12.0 %</span>' in answer
    assert '<option value="decodeTokensPerSecond"' in answer
    assert '<option value="goodput"' not in answer
    assert "On garage, 1 session" in history(client, host="garage")
    found = client.get("/api/v1/histories").json
    assert found is not None
    assert (found["modelName"], found["host"], len(found["points"])) == (TINY, "local", 18)


def test_a_regression_is_a_sentence_with_its_size_day_and_what_coincides(client: FlaskClient) -> None:
    for number in range(18):
        night(number, 100 if number < 12 else 88, ollama="0.9.3" if number < 12 else "0.9.4")
    text = history(client, model=TINY, testType="decode")
    sentence = re.search(r"(\w+) decode of tiny:latest fell by (\S+) % \((.*?)\) on (\S+)\. (.*?)\. First", text)
    assert sentence is not None, text
    word, size, interval, day, coinciding = sentence.groups()
    assert (word, day) == ("worse", "2026-03-13")
    assert coinciding == "At the same time, Ollama changed from 0.9.3 to 0.9.4"
    low, high = map(float, interval.split(" to "))
    assert 11.5 < low < float(size) < high < 12.5
    assert "Ollama changed from 0.9.3 to 0.9.4 new level" in text
    assert "From now on, a step of" in text


def test_a_gain_without_a_known_change_is_a_gain(client: FlaskClient) -> None:
    nights([100.0] * 12 + [110.0] * 6)
    assert re.search(
        r"better decode of tiny:latest rose by 10\.\d % .* Gait knows of no change then\.", history(client)
    )


def test_a_slow_drift_is_a_sentence_with_its_days(client: FlaskClient) -> None:
    nights([100.0 - 0.2 * max(number - 10, 0) for number in range(40)])
    found = re.search(
        r"worse decode of tiny:latest slowly fell by \S+ % \(.*?\) from (\S+) to (\S+)\.", history(client)
    )
    assert found is not None
    first, last = found.groups()
    assert "2026-03-05" < first < "2026-03-20" < last
    drawn = chart(client)
    assert drawn.count('<polygon class="area') == drawn.count('<polyline class="line level') > 1
    assert drawn.count("<circle") == 40


def test_a_metric_that_no_session_tells_is_said_to_be_so(client: FlaskClient) -> None:
    nights([100.0])
    assert "without a value for request" in history(client, metric="inferenceTime")


def test_steady_nights_have_no_findings(client: FlaskClient) -> None:
    nights([100.0] * 20)
    assert "No lasting change was found in 20 sessions." in history(client)


def test_the_chart_marks_changes_of_server_machine_and_model(client: FlaskClient) -> None:
    machine = {**INVENTORY, "os": {"name": "Debian", "kernel": "6.13"}}
    newer = {**machine, "gpu": [{**INVENTORY["gpu"][0], "driver": "6.2"}]}
    night(0, 100)
    night(1, 100, inventory=machine)
    night(2, 100, inventory=newer)
    night(3, 100, inventory=newer, ollama="0.9.4")
    night(4, 100, inventory=newer, ollama="0.9.4", digest="f" * 60)
    drawn = chart(client)
    texts = re.findall(r'<line class="mark" x1="([\d.]+)%.*?/><text .*?>(.*?)</text>', drawn)
    assert [text for _, text in texts] == ["kernel 6.13", "driver 6.2", "Ollama 0.9.4", "digest ffffffffffff"]
    dots = re.findall(r'<circle class="dot model-\d+" cx="([\d.]+)%', drawn)
    assert [at for at, _ in texts] == dots[1:]
    assert "2026-03-02: the kernel changed from 6.12 to 6.13" in history(client)


def test_other_options_and_hosts_are_lines_of_their_own(client: FlaskClient) -> None:
    night(0, 50, options={"outputTokens": 16})
    night(1, 70, host="garage")
    night(2, 100, options={"maxRepetitions": 40})
    night(3, 100)
    text = history(client)
    assert "On local, 2 sessions" in text
    assert "on other hosts or with other options: 2 sessions" in text
    links = re.findall(r'<li><a href="(/history\?[^"]*options=[^"]*)"', client.get("/history").text)
    [one, other] = [client.get(unescape(link)).text for link in links]
    assert "On garage, 1 session," in one
    assert "outputTokens 16," in other
    assert "On garage, 1 session" in history(client, host="garage")


def test_the_window_is_of_days_and_both_count(client: FlaskClient) -> None:
    nights([100.0] * 6)
    text = history(client, {"from": "2026-03-02", "to": "2026-03-04"})
    assert "On local, 3 sessions" in text
    assert "No session has completed decode" in history(client, {"from": "2027-01-01"}, model=TINY, testType="decode")


def test_older_sessions_are_a_link_away(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    nights([100.0] * 5)
    monkeypatch.setattr("api.conclusions.histories.history_query.MAX_SESSIONS", 3)
    answer = client.get("/history").text
    assert "night 4" in answer
    assert "night 1" not in answer
    [link] = re.findall(r'<a href="([^"]+)">Older sessions', answer)
    older = client.get(unescape(link)).text
    assert "night 1" in older
    assert "night 4" not in older


@pytest.mark.parametrize("asked", [{"metric": "happiness"}, {"from": "yesterday"}, {"to": "2026-13-01"}])
def test_what_cannot_be_asked_is_refused(client: FlaskClient, asked: dict[str, str]) -> None:
    nights([100.0])
    assert f"The request is not valid: {next(iter(asked))}." in history(client, asked, 422)


def test_unknown_names_are_no_error(client: FlaskClient) -> None:
    nights([100.0])
    assert "No session has completed decode of <b>:latest" in history(client, model="<b>", testType="decode")
    assert "tiny:latest has no completed nothing. This is its decode." in history(client, testType="nothing")
    for asked, model, count in (
        ({"testType": "nothing"}, "tiny:latest", 0),
        ({"testType": "decode"}, "tiny:latest", 1),
    ):
        found = body(client.get("/api/v1/histories", query_string=asked))
        assert (found["modelName"], found["testType"], len(found["points"])) == (model, asked["testType"], count)


def test_one_session_is_no_curve(client: FlaskClient) -> None:
    night(0, 100)
    assert 'class="drawing' not in client.get("/history").text
    assert "99.8 tok/s" in history(client)


def test_options_are_told_in_the_order_of_their_names() -> None:
    options = {"users": [1, 2], "promptTokens": 64, "contextLength": None, "minRepetitions": 3}
    assert options_text(options) == "promptTokens 64, users 1/2"
