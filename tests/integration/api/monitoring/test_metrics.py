"""Metrics for operators, parsed as by Prometheus and compared with known values."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from redis import Redis
from rq import Worker

from common.messaging import schedulers
from common.messaging.counts import durations
from common.messaging.jobs.checked_job import SERIALIZER
from common.messaging.redis import QUEUE
from common.store.schedules import Schedule
from common.store.tables import Result, Session, Status, Test
from common.values.units import now
from testbed import ROOT
from testbed.servers.api_server import ApiServer
from testbed.stored.readings import publish
from testbed.waiting import until
from tests.integration.api.conftest import HEADER, NewApp
from tests.support.formats.scrape import Figures
from tests.support.stored.comparable import SLOWER, STEADY
from tests.support.stored.comparable import session as compared
from tests.support.stored.sessions import claimed, finished, queued


def scraped(source: FlaskClient | ApiServer) -> Figures:
    answer: Any = source.get("/metrics", headers=HEADER)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return Figures(answer.text)


def test_sessions_and_queues(client: FlaskClient) -> None:
    waiting = [queued(), queued(), queued(), queued(host="other")]
    for number, session in enumerate(waiting):
        Session.update(created_at=now().replace(year=2020 + number)).where(Session.id == session.id).execute()
    claimed(queued(host="other"))
    finished()
    figures = scraped(client)
    assert figures.get("gait_up", part="database") == figures.get("gait_up", part="redis") == 1
    assert figures.get("gait_queue_sessions", host="local") == 3
    assert figures.get("gait_queue_sessions", host="other") == 1
    year = 365 * 86_400
    ages = [figures.get("gait_queue_oldest_age_seconds", host=host) or 0 for host in ("local", "other")]
    assert ages[0] - ages[1] == pytest.approx(3 * year, abs=2 * 86_400)
    states = {"queued": 4, "running": 1, "completed": 1, "error": 0}
    assert {state: figures.get("gait_sessions", state=state) for state in states} == states


def test_newest_results(client: FlaskClient) -> None:
    compared("old", {"tiny:latest": {0: STEADY}}, at=now() - timedelta(days=1))
    compared("new", {"tiny:latest": {0: SLOWER}, "small:1b": {0: STEADY[:3]}}, host="desk")
    compared("garage", {"tiny:latest": {0: STEADY}}, host="garage")
    Result.update(grade="noisy").execute()
    labels = {"test_type": "decode", "metric": "decodeTokensPerSecond", "unit": "tokens/s"}
    figures = scraped(client)
    assert figures.get("gait_result", model="tiny:latest", host="local", **labels) == 100
    assert figures.get("gait_result", model="tiny:latest", host="desk", **labels) == 90
    assert figures.get("gait_result", model="small:1b", host="desk", **labels) == 100
    assert figures.get("gait_result_ci95_low", model="small:1b", host="desk", **labels) is None
    low = figures.get("gait_result_ci95_low", model="tiny:latest", host="desk", **labels)
    high = figures.get("gait_result_ci95_high", model="tiny:latest", host="desk", **labels)
    assert low is not None
    assert high is not None
    assert 89 < low < 90 < high < 91
    assert figures.get("gait_result_grade", model="tiny:latest", host="desk", grade="noisy", **labels) == 1


def test_metrics_without_any_session(client: FlaskClient) -> None:
    figures = scraped(client)
    assert figures.get("gait_queue_sessions", host="local") == 0
    assert figures.get("gait_queue_oldest_age_seconds", host="local") is None
    assert figures.get("gait_websocket_clients", kind="hardware") == 0
    assert figures.get("gait_readings", host="local") == 0
    assert figures.get("gait_readings_age_seconds", host="local") is None
    assert figures.get("gait_workers", state="idle") == figures.get("gait_workers", state="busy") == 0


def test_readings(client: FlaskClient, redis: Redis) -> None:
    for percent in range(7):
        publish(redis, percent)
    figures = scraped(client)
    assert figures.get("gait_readings", host="local") == 7
    age = figures.get("gait_readings_age_seconds", host="local")
    assert age is not None
    assert 0 <= age < 60
    assert figures.get("gait_readings_age_seconds", host="other") is None


def test_workers(client: FlaskClient, redis: Redis) -> None:
    idle, busy = (Worker([QUEUE], connection=redis, serializer=SERIALIZER) for _ in range(2))
    Worker(["notifications"], connection=redis, serializer=SERIALIZER).register_birth()  # of a scheduler
    for worker, state in ((idle, "idle"), (busy, "busy")):
        worker.register_birth()
        worker.set_state(state)
    figures = scraped(client)
    assert figures.get("gait_workers", state="idle") == figures.get("gait_workers", state="busy") == 1
    busy.register_death()
    assert scraped(client).get("gait_workers", state="busy") == 0


def test_schedules(client: FlaskClient, redis: Redis) -> None:
    assert scraped(client).get("gait_schedulers") == 0
    schedulers.record_heartbeat(redis)
    schedule = {"cron": "0 2 * * *", "time_zone": "UTC", "session": {}, "created_at": now()}
    for name, enabled, error in (("a", True, None), ("b", True, "refused"), ("c", False, "refused"), ("d", True, None)):
        Schedule.create(id=name, enabled=enabled, last_error=error, **schedule)
    figures = scraped(client)
    assert figures.get("gait_schedulers") == 1
    assert [figures.get("gait_schedules", state=state) for state in ("ok", "failing", "disabled")] == [2, 1, 1]


def test_durations_of_tests(client: FlaskClient, redis: Redis) -> None:
    for seconds in (0.5, 45, 45, 10_000):
        end = now()
        began = end - timedelta(seconds=seconds)
        durations.add_test(redis, Test(test_type="decode", status=Status.COMPLETED, started_at=began, finished_at=end))
    durations.add_test(redis, Test(test_type="ttft", status=Status.ERROR, started_at=None, finished_at=now()))
    figures = scraped(client)
    labels = {"test_type": "decode", "status": "completed"}
    counts = {"1": 1, "30": 1, "60": 3, "3600": 3, "+Inf": 4}
    found = {bound: figures.get("gait_test_duration_seconds_bucket", **labels, le=bound) for bound in counts}
    assert found == counts
    assert figures.get("gait_test_duration_seconds_count", **labels) == 4
    assert figures.get("gait_test_duration_seconds_sum", **labels) == pytest.approx(10_090.5)
    assert figures.total("gait_test_duration_seconds_count", test_type="ttft") == 0


def test_durations_of_runs(client: FlaskClient, redis: Redis) -> None:
    for seconds in (0.05, 0.7, 0.8):
        durations.add_run(redis, "decode", seconds)
    figures = scraped(client)
    found = {le: figures.get("gait_run_duration_seconds_bucket", test_type="decode", le=le) for le in ("0.1", "1")}
    assert found == {"0.1": 1, "1": 3}


def test_other_metrics_remain_without_redis(new_app: NewApp) -> None:
    client = new_app(redis_url="redis://127.0.0.1:1/0").test_client()
    queued()
    figures = scraped(client)
    assert figures.get("gait_up", part="redis") == 0
    assert figures.get("gait_up", part="database") == 1
    assert figures.get("gait_queue_sessions", host="local") == 1
    assert figures.get("gait_readings", host="local") is None
    assert figures.total("process_resident_memory_bytes") > 0


def test_other_metrics_remain_without_the_database(app: Flask, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(redis, 1)
    monkeypatch.setattr(Session._meta, "table_name", "gone")
    monkeypatch.setattr(Session._meta, "_table", None)
    figures = scraped(app.test_client())
    assert figures.get("gait_up", part="database") == 0
    assert figures.get("gait_up", part="redis") == 1
    assert figures.get("gait_readings", host="local") == 1


def test_names_and_units_follow_prometheus(client: FlaskClient) -> None:
    client.get("/healthz")
    text = client.get("/metrics", headers={"Accept": "application/openmetrics-text"}).text
    families = list(openmetrics(text))  # type: ignore[no-untyped-call] # it has no types
    names = {family.name for family in families}
    assert all(name.startswith(("gait_", "process_")) for name in names)
    assert {family.name for family in families if not family.documentation} == set()
    assert not any(name.endswith(("_ms", "_milliseconds", "_total")) for name in names)


def test_the_dashboard_shows_what_is_exposed(client: FlaskClient) -> None:
    client.get("/healthz")
    text = client.get("/metrics").text
    queries = (ROOT / "docker/grafana/gait.json").read_text()
    named = set(re.findall(r"gait_[a-z0-9_]+", queries))
    assert "gait_result_ci95_low" in named
    assert {name for name in named if f"# TYPE {re.sub('_(bucket|count)$', '', name)} " not in text} == set()
    assert {panel["datasource"]["uid"] for panel in json.loads(queries)["panels"] if "targets" in panel} == {
        "${datasource}"
    }


def test_requests_are_counted_by_template(server: ApiServer) -> None:
    name, route = "gait_http_request_duration_seconds_count", "/api/v1/test-sessions/<uuid:session_id>"
    asked = {"method": "GET", "route": route, "status": "404"}
    before = scraped(server)
    for end in ("0", "1"):
        server.get(f"/api/v1/test-sessions/01a209d2-d221-741c-84d0-38c0f996e1b{end}", headers=HEADER)
    server.get("/no/such/path", headers=HEADER)
    server.get("/ws/hardware")
    figures = scraped(server)
    assert figures.get(name, **asked) == (before.get(name, **asked) or 0) + 2
    assert (
        figures.total(name, route="unmatched", status="404") == before.total(name, route="unmatched", status="404") + 1
    )
    assert figures.total(name, status="401") == before.total(name, status="401") + 1
    assert figures.total(name, route="/metrics", status="200") >= 1
    assert "01a209d2" not in str(figures.samples)


def test_unknown_methods_are_one_series(client: FlaskClient) -> None:
    for method in ("MAKE", "UP"):
        client.open("/healthz", method=method)
    methods = {sample.labels.get("method") for sample in scraped(client).samples}
    assert "other" in methods
    assert not methods & {"MAKE", "UP"}


def test_open_websockets_are_counted(server: ApiServer) -> None:
    def open_now() -> list[float | None]:
        figures = scraped(server)
        return [figures.get("gait_websocket_clients", kind=kind) for kind in ("hardware", "progress")]

    sockets = [server.connect("/ws/hardware", header=HEADER) for _ in range(2)]
    sockets.append(server.connect("/ws/test-progress", header=HEADER))
    until(lambda: open_now() == [2, 1], "three open sockets")
    for ws in sockets:
        ws.close()
    until(lambda: open_now() == [0, 0], "none open")


def test_metrics_need_a_key(server: ApiServer) -> None:
    assert server.get("/metrics").status_code == 401
