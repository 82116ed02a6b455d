"""Readings are stored during a session, once each, even if its worker dies."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from redis import Redis

from common.errors import ClaimLost
from common.messaging import streams, unstored_readings
from common.messaging.redis import clock_ms
from common.records.series import Series
from common.store.changes import claims, writes
from common.store.reads import sessions
from common.store.tables import ReadingChunk, Run, Session, Status
from common.values.units import now
from testbed.ollama_double import OllamaDouble
from testbed.stored.readings import append_all, every, with_cpu
from testbed.stored.sessions import OPTIONS, claim, create
from worker.sessions import reading_archive
from worker.sessions.reading_archive import PERIOD_S, PERIOD_WITHIN_RUN_S, ReadingArchive
from worker.sessions.runner import SessionRunner, give_up

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

TICK_MS = 100


@pytest.fixture
def session(redis: Redis) -> Session:
    """Return a session that began a minute ago, with 660 readings 100 ms apart, some of them older."""
    session = create()
    claim(session)
    Session.update(started_at=now() - timedelta(minutes=1)).execute()
    readings = [with_cpu(float(number % 100)) for number in range(660)]
    append_all(redis, every(TICK_MS, readings, clock_ms(redis) - 660 * TICK_MS))
    return session


def stored(session: Session) -> list[int]:
    return [moment for series in sessions.series(session.id, 0, 2**50) for moment in series.at]


def whole(redis: Redis) -> list[int]:
    """Return the times of all readings in Redis."""
    return [seq for seq, _ in streams.read(redis, "readings:local")]


def test_readings_since_the_session_began_are_stored(redis: Redis, session: Session) -> None:
    ReadingArchive(redis, claim(session), session).copy()
    found = stored(session)
    assert found == whole(redis)[-len(found) :]
    assert abs(len(found) - 600) < 60  # within the seconds that the test may take
    channel, column = next(iter(next(sessions.series(session.id, 0, 2**50)).numbers.items()))
    assert (channel.name, channel.value(column[0])) == ("cpu", (660 - len(found)) % 100)


def test_copying_again_stores_only_what_is_new(redis: Redis, session: Session) -> None:
    copier = ReadingArchive(redis, claim(session), session)
    copier.copy()
    before = stored(session)
    copier.copy()
    assert stored(session) == before
    new = [(clock_ms(redis), with_cpu(1.0))]
    append_all(redis, new)
    copier.copy()
    assert stored(session) == [*before, new[0][0]]


def test_long_series_are_split(redis: Redis, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unstored_readings, "MAX_READINGS", 100)
    ReadingArchive(redis, claim(session), session).copy()
    assert ReadingChunk.select().count() >= 6
    found = stored(session)
    assert found == whole(redis)[-len(found) :]


def test_the_next_worker_continues_after_the_last_stored_chunk(
    redis: Redis, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unstored_readings, "MAX_READINGS", 100)
    ReadingArchive(redis, claim(session), session).copy()
    expected = stored(session)
    ReadingChunk.delete().execute()
    save = writes.save_series
    for survives in range(3):
        left = [save] * survives

        def die(held: claims.Claim, series: Series, left: list[Callable[..., None]] = left) -> None:
            if not left:
                raise KeyboardInterrupt  # the worker is killed
            left.pop()(held, series)

        monkeypatch.setattr(writes, "save_series", die)
        with pytest.raises(KeyboardInterrupt):
            ReadingArchive(redis, claim(session, f"worker {survives}"), session).copy()
    monkeypatch.setattr(writes, "save_series", save)
    ReadingArchive(redis, claim(session, "the last"), session).copy()
    found = stored(session)
    assert found == whole(redis)[-len(found) :]
    assert abs(len(expected) - len(found)) <= 1  # the two clocks may round to one reading more or less


def test_a_worker_that_lost_its_claim_stores_nothing(redis: Redis, session: Session) -> None:
    lost = ReadingArchive(redis, claim(session, "old"), session)
    claim(session, "new")
    with pytest.raises(ClaimLost):
        lost.copy()
    assert stored(session) == []


def test_without_a_sampler_there_is_nothing_to_store(redis: Redis) -> None:
    session = create()
    ReadingArchive(redis, claim(session), session).copy()
    assert ReadingChunk.select().count() == 0


def test_readings_are_copied_rarely(redis: Redis, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    copies: list[float] = []
    passed = [0.0]

    def note(*_: object) -> list[Series]:
        copies.append(passed[0])
        return []

    copier = ReadingArchive(redis, claim(session), session, clock=lambda: passed[0])
    monkeypatch.setattr(reading_archive, "unstored", note)
    steps = [
        (0.0, copier.between_runs),  # readings left by another worker
        (PERIOD_S - 1, copier.between_runs),
        (PERIOD_S, copier.between_runs),
        (PERIOD_S + PERIOD_WITHIN_RUN_S - 1, copier.within_run),
        (PERIOD_S + PERIOD_WITHIN_RUN_S, copier.within_run),
    ]
    for moment, step in steps:
        passed[0] = moment
        step()
    assert copies == [0.0, PERIOD_S, PERIOD_S + PERIOD_WITHIN_RUN_S]


def run(redis: Redis, double: OllamaDouble, session: Session, checkpoint: Callable[[], None] = lambda: None) -> None:
    SessionRunner(redis, claim(session), session, double.url, resumed=False, checkpoint=checkpoint).run()


def publisher(redis: Redis) -> tuple[list[int], Callable[[], None]]:
    """Return a list of times, and a checkpoint that publishes a reading and adds its time."""
    published: list[int] = []

    def publish_one() -> None:
        published.append(max([clock_ms(redis), *(moment + 1 for moment in published[-1:])]))
        append_all(redis, [(published[-1], with_cpu(50.0))])

    return published, publish_one


def test_a_session_has_the_readings_of_all_its_time(redis: Redis, double: OllamaDouble) -> None:
    session = create(test_types=dict.fromkeys(("decode", "ttft"), OPTIONS))
    published, checkpoint = publisher(redis)
    run(redis, double, session, checkpoint)
    assert Session.get_by_id(session.id).status == Status.COMPLETED
    assert len(published) > 4
    assert stored(session) == published


def test_a_session_whose_tests_all_fail_has_its_readings(redis: Redis, double: OllamaDouble, session: Session) -> None:
    double.models = ()
    run(redis, double, session)
    assert Session.get_by_id(session.id).status == Status.ERROR
    assert stored(session)


def test_a_failed_session_keeps_its_last_readings(redis: Redis, session: Session) -> None:
    give_up(redis, claim(session), "the worker failed")
    assert stored(session)


def test_an_error_while_storing_readings_does_not_hide_the_cause(
    redis: Redis, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise TypeError("broken reading")

    monkeypatch.setattr(writes, "save_series", fail)
    give_up(redis, claim(session), "the worker failed")
    assert Session.get_by_id(session.id).message == "the worker failed"


def test_a_cancelled_session_keeps_its_stored_readings(
    redis: Redis, double: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_archive, "PERIOD_S", 0)
    session = create(test_types={"decode": OPTIONS | {"minRepetitions": 5, "maxRepetitions": 5}})
    published, publish_one = publisher(redis)

    def cancel_later() -> None:
        publish_one()
        if Run.select().count() == 2:
            writes.cancel_session(session.id)

    with pytest.raises(ClaimLost):
        run(redis, double, session, cancel_later)
    found = stored(session)
    assert found
    assert found == published[: len(found)]
