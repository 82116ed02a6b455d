"""What schedules submit, and when, with a clock that the test passes in."""

import os
import subprocess
import sys
import threading
from collections import Counter
from datetime import datetime, timedelta

import pytest
from redis import Redis

from api.submission import placement
from api.submission.schedules import firing
from common.errors import Unavailable
from common.messaging.jobs import queue
from common.store import schedules
from common.store.changes import writes
from common.store.database import database
from common.store.schedules import CLAIM, Schedule
from common.store.tables import Session
from testbed import ROOT
from testbed.ollama_double import OllamaDouble
from tests.integration.api.conftest import NewApp, body
from tests.integration.api.submission.schedules.conftest import BODY, DUE, Night

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
MIN_LINES, STEP = 60, 4
"""Lines that firing goes through; fewer would be a trace that does not see them."""


def test_a_session_is_submitted_when_it_is_due_and_never_again(night_on_each_database: Night, redis: Redis) -> None:
    night = night_on_each_database
    night.fire(DUE - SECOND)
    assert night.sessions == []
    for later in (timedelta(0), SECOND, HOUR):
        night.fire(DUE + later)
    [session] = night.sessions
    assert (session.tags, session.host, session.owner) == (["nightly"], "local", None)
    assert queue.sessions(redis).job_ids == [session.id]
    stored = night.stored
    assert (stored.last_at, stored.next_at, stored.last_error) == (DUE, DUE + DAY, None)
    assert (stored.last_session, stored.attempt_at) == (session.id, None)


def test_a_time_that_was_missed_leads_to_one_session_however_many_passed(night_on_each_database: Night) -> None:
    night = night_on_each_database
    night.fire(DUE + 30 * DAY + HOUR)
    assert len(night.sessions) == 1
    assert night.stored.next_at == DUE + 31 * DAY - HOUR  # the clock in Berlin has been put forward meanwhile


def test_a_schedule_whose_session_has_not_ended_submits_no_other(night_on_each_database: Night) -> None:
    night = night_on_each_database
    night.fire(DUE)
    [first] = night.sessions
    night.fire(DUE + DAY)
    assert night.sessions == [first]
    assert (
        night.stored.last_error == f"2026-03-03T01:30:00.000Z: Session {first.id} of this schedule has not ended yet."
    )
    writes.cancel_session(first.id)
    night.fire(DUE + DAY + HOUR)
    assert night.sessions == [first]  # what was left out is not made up for
    night.fire(DUE + 2 * DAY)
    assert len(night.sessions) == 2
    assert night.stored.last_error is None


def test_schedulers_at_the_same_moment_submit_one_session(night_on_each_database: Night) -> None:
    night = night_on_each_database
    seen = threading.Barrier(4)

    def fire() -> None:
        with night.app.app_context():
            [found] = schedules.due(DUE)
            seen.wait()
            if schedules.claim(found, DUE):
                claimed.append(found)

    claimed: list[Schedule] = []
    threads = [threading.Thread(target=fire) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == 1
    night.fire(DUE + SECOND)
    assert night.sessions == []  # another has claimed it
    with night.app.app_context():  # one that was stopped for long goes on, and the other has dealt with it
        night.fire(DUE + CLAIM)
        firing._fire(claimed[0], DUE, DUE)
    assert len(night.sessions) == 1
    assert night.stored.next_at == DUE + DAY


@pytest.mark.slow
def test_a_scheduler_that_is_killed_at_any_line_leaves_one_session(
    night: Night, redis: Redis, redis_url: str, sqlite_url: str, ollama: OllamaDouble
) -> None:
    schedules.delete(night.id)
    environment = os.environ | {
        "REDIS_URL": redis_url,
        "DATABASE_URL": sqlite_url,
        "OLLAMA_HOSTS": f"local={ollama.url}",
    }
    command = [sys.executable, "-m", "tests.integration.api.submission.schedules.killed", str(STEP), DUE.isoformat()]
    killed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert killed.returncode == 0, killed.stderr
    assert int(killed.stdout) * STEP > MIN_LINES
    stored = Session.select().count()
    assert 0 < stored < int(killed.stdout)  # some were killed before, some after

    redis.flushall()  # Redis may be lost too
    night.fire(DUE + CLAIM)
    found = Counter(session.schedule for session in Session.select())
    assert found == Counter({schedule.id: 1 for schedule in Schedule.select()})
    for schedule in Schedule.select():
        assert (schedule.last_at, schedule.next_at, schedule.last_error) == (DUE, DUE + DAY, None)
        assert Session.get_by_id(schedule.last_session).schedule == schedule.id


def test_an_ollama_that_is_away_postpones_the_session(night: Night, ollama: OllamaDouble) -> None:
    ollama.stop()
    placement._installed.cache_clear()  # the list of its models, which is known for a second
    night.fire(DUE)
    stored = night.stored
    assert (stored.next_at, stored.last_at, night.sessions) == (DUE, None, [])
    assert "is not submitted yet, and tried again: nothing was stored: local:" in str(stored.last_error)
    night.fire(DUE + firing.RETRY - SECOND)
    assert night.stored.attempt_at == stored.attempt_at
    ollama.start()
    night.fire(DUE + firing.RETRY)
    assert len(night.sessions) == 1
    assert night.stored.last_error is None


def test_a_schedule_that_is_tried_again_comes_after_the_others(night: Night) -> None:
    other = body(night.client.post("/api/v1/schedules", json=BODY))["id"]
    schedules.change(night.id, {"attempt_at": DUE})
    schedules.change(other, {"next_at": DUE + SECOND})
    assert [schedule.id for schedule in schedules.due(DUE + SECOND)] == [other, night.id]


def test_without_redis_a_session_is_stored_for_the_workers(new_app: NewApp, night: Night) -> None:
    without = new_app(redis_url="redis://127.0.0.1:1/0")
    with without.app_context():
        firing.fire_next(DUE)
    assert len(night.sessions) == 1
    assert night.stored.last_session == night.sessions[0].id


def test_a_database_that_is_away_loses_nothing(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise Unavailable("The database does not respond.")

    for function in ("due", "claim", "finish"):
        with monkeypatch.context() as patched:
            patched.setattr(schedules, function, away)
            with pytest.raises(Unavailable):
                night.fire(DUE)
    night.fire(DUE + CLAIM)
    assert len(night.sessions) == 1


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"models": ["gone"]}, "models: gone:latest: not on host local"),
        ({"testTypes": ["of-another-release"]}, "testTypes: unknown: of-another-release"),
        ({"options": {"decode": {"outputTokens": 0}}}, "options.decode.outputTokens: "),
        ({"field": 1}, "field: "),
        ({"host": "gone"}, "host: There is no host gone."),
    ],
)
def test_a_body_that_is_no_longer_valid_is_told_and_tried_next_time(
    change: dict[str, object], problem: str, night: Night
) -> None:
    body = night.stored.session
    schedules.change(night.id, {"session": body | change})
    night.fire(DUE)
    assert problem in str(night.stored.last_error)
    assert (night.stored.last_at, night.stored.next_at, night.sessions) == (DUE, DUE + DAY, [])
    schedules.change(night.id, {"session": body})
    night.fire(DUE + DAY)
    assert len(night.sessions) == 1


def test_a_damaged_body_is_told_too(night: Night) -> None:
    database.execute_sql("UPDATE schedule SET session = '{'")
    night.fire(DUE)
    assert "must be an object" in str(night.stored.last_error)
    listed = night.client.get("/api/v1/schedules").get_json()["schedules"]
    assert [each["session"] for each in listed] == [None]


def test_a_time_zone_that_is_no_longer_known_stops_the_schedule_until_it_is(night: Night) -> None:
    schedules.change(night.id, {"time_zone": "Europe/Atlantis"})
    night.fire(DUE)
    assert len(night.sessions) == 1
    assert night.stored.next_at is None
    assert "must be a time zone of the IANA database" in str(night.stored.last_error)
    schedules.change(night.id, {"time_zone": "Europe/Berlin"})
    night.correct(DUE + HOUR)
    assert night.stored.next_at == DUE + DAY


JUMPS: dict[str, tuple[list[datetime], int, datetime]] = {
    "a year ahead and back": ([DUE - HOUR, DUE + 365 * DAY, DUE - HOUR, DUE, DUE + DAY], 2, DUE + 2 * DAY),
    "an hour back": ([DUE, DUE - HOUR, DUE - SECOND, DUE, DUE + SECOND, DUE + DAY], 2, DUE + 2 * DAY),
    "a day back": ([DUE + DAY, DUE + HOUR, DUE + DAY], 2, DUE + 2 * DAY),
    "three days ahead": ([DUE - HOUR, DUE + 3 * DAY - HOUR, DUE + 3 * DAY], 2, DUE + 4 * DAY),
}


@pytest.mark.parametrize(("clock", "sessions", "next_at"), JUMPS.values(), ids=JUMPS)
def test_a_clock_that_jumps_neither_repeats_a_time_nor_stops_the_schedule(
    clock: list[datetime], sessions: int, next_at: datetime, night: Night
) -> None:
    for now in clock:
        night.correct(now)
        night.fire(now)
        for session in night.sessions:
            writes.cancel_session(session.id)
    assert len(night.sessions) == sessions
    assert night.stored.next_at == next_at


def test_a_claim_by_a_clock_that_was_wrong_is_void(night: Night) -> None:
    schedules.claim(night.stored, DUE + 365 * DAY)
    night.fire(DUE)
    assert len(night.sessions) == 1
