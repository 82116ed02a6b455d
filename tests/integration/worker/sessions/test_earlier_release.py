"""Unfinished tests in an earlier release's database continue at the points where they stopped."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from common.catalogue.test_type import Point
from common.store.database import database, open_database
from common.store.reads import runs as stored_runs
from common.store.reads import sessions
from common.store.tables import Session, Status
from testbed.ollama_double import OllamaDouble
from testbed.stored.sessions import claim
from tests.support import earlier_release
from worker.machine import idle_baseline
from worker.sessions.runner import SessionRunner
from worker.workload import retry

pytestmark = pytest.mark.slow

STOPPED: dict[str, list[Point]] = {
    "Unfinished": [{"inputTokens": length, "batchSize": size} for length in (64, 32) for size in (1, 2)],
    "Unfinished sweep": [{"offloadPercent": share} for share in (75, 50, 0)],
    "Unfinished prefill": [{"promptTokens": 128}, {"promptTokens": 64}],
}
"""Points of the last test of each session. The others do not fit into memory."""


@pytest.fixture
def quick(double: OllamaDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "BACKOFF_S", 0.001)
    monkeypatch.setattr(idle_baseline, "SETTLING_MS", 10)
    double.last = {"eval_duration": 150_000_000}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("release", [release for release in earlier_release.RELEASES if release != "0006"])
def test_a_stopped_session_of_any_release_goes_on(
    redis: Redis, double: OllamaDouble, tmp_path: Path, release: str
) -> None:
    earlier_release.write_sqlite(tmp_path / "earlier.db", release)
    open_database(f"sqlite:///{tmp_path}/earlier.db")
    with database.connection_context():
        session = Session.get(Session.name == "Stopped")
        _, prefill = sessions.tests(session.id)
        [before] = sessions.runs(prefill)
        SessionRunner(redis, claim(session), session, double.url, resumed=True, checkpoint=lambda: None).run()
        after = sessions.runs(prefill)
        assert (after[0].id, after[0].record) == (before.id, before.record)
        lengths = (64,) if release == "0001" else (64, 128)
        measured = {(run.repetition, run.conditions["promptTokens"]) for run in after}
        assert measured == {(repetition, length) for repetition in (1, 2) for length in lengths}
        assert [(test.status, test.message) for test in sessions.tests(session.id)] == [(Status.COMPLETED, None)] * 2


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


@pytest.mark.usefixtures("earlier", "quick")
@pytest.mark.parametrize("name", STOPPED)
def test_a_stopped_test_goes_on_at_its_points(redis: Redis, double: OllamaDouble, name: str) -> None:
    double.context_length, double.gpu, double.layers, double.auto_layers = 2048, True, 3, 3
    session = Session.get(Session.name == name)
    *_, test = sessions.tests(session.id)
    before = [run.id for run in sessions.runs(test)]
    SessionRunner(redis, claim(session), session, double.url, resumed=True, checkpoint=lambda: None).run()
    runs = sessions.runs(test)
    assert [run.id for run in runs][: len(before)] == before
    assert stored_runs.points(session.id)[test.id] == STOPPED[name]
    assert len(runs) == 2 * len(STOPPED[name])
    ended = sessions.test(test.id)
    assert (ended.status, ended.message) == (Status.COMPLETED, None)
    points = sessions.metrics([test.id])[test.id].points
    assert [(each["point"], each["runs"]) for each in points] == [(point, 2) for point in STOPPED[name]]
