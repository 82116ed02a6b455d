"""Stored readings, on each kind of database."""

import pytest
from peewee import IntegrityError

from common.errors import ClaimLost
from common.messaging import channels
from common.messaging.unstored_readings import stored_span
from common.records.series import Series
from common.store.changes import writes
from common.store.reads import runs, sessions
from common.store.tables import ReadingChunk, Session
from testbed.stored.readings import every, with_cpu
from testbed.stored.sessions import claim, create, finished_run

pytestmark = pytest.mark.usefixtures("tables")

DAY_MS = 86_400_000
START = 1_795_461_287_786


def minute(start: int) -> Series:
    return channels.series(every(100, [with_cpu(float(number % 100)) for number in range(600)], start))


def times(session: Session, start: int, end: int) -> list[int]:
    return [moment for series in sessions.series(session.id, start, end) for moment in series.at]


def test_stretches_are_found_by_their_time() -> None:
    session, other = create(), create()
    mine, theirs = claim(session), claim(other)
    first, second = minute(START), minute(START + 60_000)
    writes.save_series(mine, second)
    writes.save_series(mine, first)
    writes.save_series(theirs, minute(START - DAY_MS))
    assert list(sessions.series(session.id, 0, START * 2)) == [first, second]
    assert times(session, START + 59_800, START + 60_100) == [START + ms for ms in (59_800, 59_900, 60_000, 60_100)]
    assert times(session, START + 120_000, START + DAY_MS) == []
    assert sessions.series_span(session.id) == (START, START + 119_900)


def test_only_the_stretches_of_the_window_are_decoded() -> None:
    session = create()
    held = claim(session)
    for number in range(3):
        writes.save_series(held, minute(START + 60_000 * number))
    ReadingChunk.update(data=b"damaged").where(ReadingChunk.start != START).execute()
    assert len(times(session, START, START + 59_999)) == 600


def test_a_session_without_readings_has_no_span() -> None:
    session = create()
    assert sessions.series_span(session.id) is None
    assert stored_span(session.id, START) == (START + 1, START)  # it waits
    claim(session)
    begin, end = stored_span(session.id, START)
    assert begin == end + 1
    assert START - 60_000 < end <= START


def test_readings_are_stored_once_and_under_a_claim() -> None:
    session = create()
    held = claim(session)
    writes.save_series(held, minute(START))
    with pytest.raises(IntegrityError):
        writes.save_series(held, minute(START))
    claim(session, by="another")
    with pytest.raises(ClaimLost):
        writes.save_series(held, minute(START + 60_000))
    assert ReadingChunk.select().count() == 1


def test_readings_go_with_their_session() -> None:
    session, other = create(), create()
    for each in (session, other):
        writes.save_series(claim(each), minute(START))
    assert writes.delete_session(session.id)
    assert [chunk.session.id for chunk in ReadingChunk.select()] == [other.id]


def test_phases_tell_of_which_run_they_are() -> None:
    session = create()
    (test,) = sessions.tests(session.id)
    held = claim(session)
    decode = {"phase": "decode", "start": START + 0.25, "end": START + 9.5}
    writes.save_run(held, finished_run(test, 1, record={"phases": [decode, decode]}))
    writes.save_run(held, finished_run(test, 2))
    writes.save_run(held, finished_run(test, 3, record={"phases": None}))
    of_run = {"model_name": "tiny:latest", "test_type": "decode", "point": 0, "repetition": 1}
    assert list(runs.phases(session.id)) == [{**decode, **of_run}] * 2
