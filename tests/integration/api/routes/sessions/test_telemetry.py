import gzip
import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis

from common.messaging import channels
from common.messaging.redis import clock_ms
from common.messaging.streams import Message
from common.store.changes import claims, writes
from common.store.reads import sessions
from common.store.tables import Phase, ReadingChunk, Session, Test
from common.values.free_json import Json
from common.values.units import epoch_ms, iso, moment, now
from testbed.stored.readings import GPU, append_all, every, with_cpu, with_gpus
from testbed.stored.sessions import finished_run
from tests.integration.api.conftest import body
from tests.support.stored.sessions import METRICS, claimed, finished, queued

START = 1_795_461_287_786
NOWHERE = "00000000-0000-7000-8000-000000000000"


def get(client: FlaskClient, session: Session, query: str = "") -> Json:
    answer = client.get(f"/api/v1/test-sessions/{session.id}/telemetry?{query}")
    assert answer.status_code == 200, answer.text
    found = body(answer)
    assert isinstance(found, dict)
    return found


def running(*chunks: Iterable[Message], record: Json | None = None) -> tuple[claims.Claim, Session]:
    """Create a running session with stored readings and one run."""
    session = queued()
    claim, tests = claimed(session)
    for chunk in chunks:
        writes.save_series(claim, channels.series(list(chunk)))
    writes.set_phase(claim, tests[0], Phase.MEASURING)
    writes.save_run(claim, finished_run(tests[0], 2, {}, record))
    return claim, session


def ended(*chunks: Iterable[Message], record: Json | None = None) -> Session:
    claim, session = running(*chunks, record=record)
    for test in sessions.tests(session.id):
        writes.complete_test(claim, test, METRICS)
    writes.finish_session(claim)
    return session


def minute(start: int, spike: int | None = None) -> list[Message]:
    return every(100, [with_cpu(99.0 if number == spike else 10.0) for number in range(600)], start)


def of(answer: Json, name: str) -> Json:
    [found] = [series for series in answer["series"] if series["name"] == name]
    assert isinstance(found, dict)
    return found


def test_a_short_session_is_not_reduced(client: FlaskClient) -> None:
    session = ended(every(100, [with_gpus(GPU), with_cpu(None)], START))
    answer = get(client, session)
    assert {name: answer[name] for name in answer if name not in {"series", "phases", "tests"}} == {
        "sessionId": session.id,
        "host": "local",
        "start": "2026-11-23T19:14:47.786Z",
        "end": "2026-11-23T19:14:47.886Z",
        "hz": 10.0,
        "thinned": False,
        "bucket": None,
        "at": [START, START + 100],
    }
    assert of(answer, "cpu") == {"name": "cpu", "unit": "%", "gpu": None, "resolution": 0.1, "values": [12.5, None]}
    assert of(answer, "power") == {"name": "power", "unit": "W", "gpu": 0, "resolution": 0.1, "values": [251.3, None]}
    assert of(answer, "throttle")["values"] == [["power"], None]


def test_a_spike_survives_the_reduction(client: FlaskClient) -> None:
    session = ended(minute(START), minute(START + 60_000, spike=321), minute(START + 120_000))
    answer = get(client, session, "points=10")
    assert (answer["thinned"], answer["bucket"], len(answer["at"])) == (True, 17_991, 10)
    assert of(answer, "cpu")["max"] == [10.0] * 5 + [99.0] + [10.0] * 4
    assert of(answer, "cpu")["min"] == [10.0] * 10
    assert of(answer, "packageEnergy")["values"] == [12.3] * 10


def test_a_window_can_be_selected(client: FlaskClient) -> None:
    session = ended(minute(START), minute(START + 60_000))
    start, end = (iso(moment(START + 60_000 + ms)) for ms in (-100, 100))
    answer = get(client, session, f"from={start}&to={end}")
    assert answer["at"] == [START + 59_900, START + 60_000, START + 60_100]
    assert (answer["start"], answer["end"]) == (start, end)
    assert get(client, session, "to=2020-01-01")["at"] == []
    assert get(client, session, "from=9999-12-31T23:59:59.999Z")["series"] == []


def test_only_chunks_of_the_window_are_read(client: FlaskClient) -> None:
    session = ended(minute(START), minute(START + 60_000))
    ReadingChunk.update(data=b"damaged").where(ReadingChunk.start == START).execute()
    assert len(get(client, session, f"from={iso(moment(START + 60_000))}")["at"]) == 600


def test_phases_are_those_of_the_window(client: FlaskClient) -> None:
    phases = [
        {"phase": "decode", "start": START + 50.5, "end": START + 99.5},
        {"phase": "prefill", "start": START + 0.5, "end": START + 50.5},
    ]
    session = ended(minute(START), record={"phases": phases})
    of_run = {"modelName": "tiny:latest", "testType": "decode", "point": 0, "repetition": 2}
    expected = [{**phase, **of_run} for phase in reversed(phases)]
    assert get(client, session)["phases"] == expected
    assert get(client, session, f"from={iso(moment(START + 60))}")["phases"] == expected[1:]
    assert get(client, session, f"to={iso(moment(START + 50))}")["phases"] == expected[:1]


def test_more_phases_than_the_limit_are_joined(client: FlaskClient) -> None:
    phases = [
        {"phase": ("prefill", "decode")[number % 2], "start": START + 10 * number, "end": START + 10 * number + 10}
        for number in range(100)
    ]
    session = ended(minute(START), record={"phases": phases})
    assert len(get(client, session, "phases=100")["phases"]) == 100
    reduced = get(client, session, "phases=5")["phases"]
    assert len(reduced) <= 5
    assert (reduced[0]["start"], reduced[-1]["end"]) == (START, START + 1000)
    assert {(phase["point"], phase["repetition"]) for phase in reduced} == {(None, None)}


def test_a_limit_of_no_phases_is_refused(client: FlaskClient) -> None:
    session = ended(minute(START))
    assert client.get(f"/api/v1/test-sessions/{session.id}/telemetry?phases=0").status_code == 422


def test_a_large_response_is_compressed(client: FlaskClient) -> None:
    path = f"/api/v1/test-sessions/{ended(minute(START)).id}/telemetry"
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert plain.content_encoding is None
    assert packed.content_encoding == "gzip"
    assert "Accept-Encoding" in plain.vary
    assert gzip.decompress(packed.data) == plain.data
    small = client.get(f"{path}?points=1", headers={"Accept-Encoding": "gzip"})
    assert small.content_encoding is None


def test_the_baseline_before_a_test_is_idle(client: FlaskClient) -> None:
    session = ended(minute(START))
    baseline = {"start": START - 1000, "end": START, "usage": {}}
    Test.update(baseline=baseline).where(Test.session == session.id).execute()
    idle = get(client, session)["phases"]
    assert [(phase["phase"], phase["start"], phase["end"]) for phase in idle] == [("idle", START - 1000, START)] * 2
    assert {phase["testType"] for phase in idle} == {"decode", "ttft"}


def test_tests_have_their_times(client: FlaskClient) -> None:
    session = ended(minute(START))
    test = sessions.tests(session.id)[0]
    assert test.started_at
    assert test.finished_at
    assert get(client, session)["tests"] == [
        {
            "modelName": "tiny:latest",
            "testType": "decode",
            "status": "completed",
            "start": epoch_ms(test.started_at),
            "end": epoch_ms(test.finished_at),
        }
    ]


def test_a_running_session_has_its_last_reading(client: FlaskClient, redis: Redis) -> None:
    present = clock_ms(redis)
    expected = minute(present - 60_000)
    append_all(redis, expected)
    _, session = running(expected[:500])
    answer = get(client, session)
    assert answer["at"] == [seq for seq, _ in expected]
    assert len(of(answer, "cpu")["values"]) == 600
    late = get(client, session, f"from={iso(moment(expected[550][0]))}")
    assert late["at"] == [seq for seq, _ in expected[550:]]
    early = get(client, session, f"to={iso(moment(expected[10][0]))}")
    assert early["at"] == [seq for seq, _ in expected[:11]]
    live = get(client, session, "points=60")
    assert len(live["at"]) <= 60
    assert sum(maximum is not None for maximum in of(live, "cpu")["max"]) >= 59


def test_a_session_that_just_began_has_its_first_readings(client: FlaskClient, redis: Redis) -> None:
    _, session = running()
    present = clock_ms(redis)
    append_all(redis, every(100, [with_cpu(1.0)] * 20, present - 1900))
    Session.update(started_at=now() - timedelta(seconds=1)).execute()
    found = get(client, session)["at"]
    assert found
    assert found[0] > present - 1900


@pytest.mark.parametrize("make", [queued, finished])
def test_a_session_without_readings_has_none(client: FlaskClient, make: Any) -> None:
    answer = get(client, make())
    assert (answer["at"], answer["series"], answer["phases"]) == ([], [], [])
    assert (answer["start"], answer["hz"], answer["thinned"]) == (None, None, False)


def test_a_deleted_session_leaves_no_readings(client: FlaskClient) -> None:
    session = ended(minute(START))
    assert client.delete(f"/api/v1/test-sessions/{session.id}").status_code == 204
    assert ReadingChunk.select().count() == 0
    assert client.get(f"/api/v1/test-sessions/{session.id}/telemetry").status_code == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("points=0", "points"),
        ("points=10001", "points"),
        ("points=many", "points"),
        ("from=yesterday", "from"),
        ("to=2026-01-01T00:00:00+1:00", "to"),
        ("from=2026-01-02&to=2026-01-01", "from"),
        ("form=2026-01-02", "form"),
    ],
)
def test_a_wrong_parameter_is_named(client: FlaskClient, query: str, field: str) -> None:
    answer = client.get(f"/api/v1/test-sessions/{queued().id}/telemetry?{query}")
    assert answer.status_code == 422
    assert set(body(answer)["details"]) == {field}


def test_an_unknown_session_is_not_found(client: FlaskClient) -> None:
    answer = client.get(f"/api/v1/test-sessions/{NOWHERE}/telemetry")
    assert answer.status_code == 404
    assert NOWHERE in body(answer)["message"]


def test_the_response_is_documented(client: FlaskClient) -> None:
    described = json.dumps(body(client.get("/openapi.json"))["paths"]["/api/v1/test-sessions/{sessionId}/telemetry"])
    assert all(f'"name": "{name}"' in described for name in ("from", "to", "points", "sessionId"))
