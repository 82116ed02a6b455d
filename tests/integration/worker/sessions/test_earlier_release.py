"""Unfinished tests in an earlier release's database continue at the points where they stopped."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from common.catalogue.test_type import Point
from common.store import sessions
from common.store.database import database, open_database
from common.store.tables import Session, Status
from testbed.ollama_double import OllamaDouble
from testbed.sessions import claim
from tests.support import earlier_release
from worker.machine import idle_baseline
from worker.sessions.runner import SessionRunner
from worker.workload import retry

STOPPED: dict[str, list[Point]] = {
    "Unfinished": [{"inputTokens": length, "batchSize": size} for length in (64, 32) for size in (1, 2)],
    "Unfinished sweep": [{"offloadPercent": share} for share in (75, 50, 0)],
    "Unfinished prefill": [{"promptTokens": 128}, {"promptTokens": 64}],
}
"""Points of the last test of each session. The others do not fit into memory."""


@pytest.fixture(params=["sqlite", "postgresql"])
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    scratch = tmp_path / "earlier.db"
    if request.param == "sqlite":
        earlier_release.write_sqlite(scratch)
        url = f"sqlite:///{scratch}"
    else:
        url = request.getfixturevalue("postgresql").database()
        earlier_release.write_postgresql(url, scratch)
    open_database(url)
    with database.connection_context():
        yield


@pytest.mark.usefixtures("earlier")
@pytest.mark.parametrize("name", STOPPED)
def test_a_stopped_test_goes_on_at_its_points(
    redis: Redis, double: OllamaDouble, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(retry, "BACKOFF_S", 0.001)
    monkeypatch.setattr(idle_baseline, "SETTLING_MS", 10)
    double.context_length, double.gpu, double.layers, double.auto_layers = 2048, True, 3, 3
    double.last = {"eval_duration": 150_000_000}
    session = Session.get(Session.name == name)
    *_, test = sessions.tests(session.id)
    before = [run.id for run in sessions.runs(test)]
    SessionRunner(redis, claim(session), session, double.url, resumed=True, checkpoint=lambda: None).run()
    runs = sessions.runs(test)
    assert [run.id for run in runs][: len(before)] == before
    assert [(run.conditions, run.repetition) for run in runs] == [
        (point, repetition) for point in STOPPED[name] for repetition in (1, 2)
    ]
    ended = sessions.test(test.id)
    assert (ended.status, ended.message) == (Status.COMPLETED, None)
    points = sessions.metrics([test.id])[test.id].points
    assert [(each["point"], each["runs"]) for each in points] == [(point, 2) for point in STOPPED[name]]
