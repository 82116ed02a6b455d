"""When unfinished sessions will begin and end, as earlier ones say."""

from datetime import datetime, timedelta

import pytest

from api.submission.timetable import timetable
from common.store.reads import sessions
from common.store.tables import Session, Test
from common.values.units import now
from tests.support.stored.sessions import claimed, finished, queued

pytestmark = pytest.mark.usefixtures("tables")
MINUTE = timedelta(minutes=1)
BEGAN = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - as the database keeps times


def took(session: Session, duration: timedelta) -> None:
    """Store that each test of a session took a time."""
    Test.update(started_at=BEGAN, finished_at=BEGAN + duration).where(Test.session == session).execute()


def minutes(moment: datetime | None) -> int | None:
    """Return the minutes from now, rounded."""
    return None if moment is None else round((moment - now()) / MINUTE)


def test_sessions_end_one_after_the_other_as_long_as_is_known() -> None:
    took(finished("tiny:latest"), 10 * MINUTE)
    running, waiting, unknown, last = queued(), queued(), queued("small:latest"), queued()
    elsewhere = queued(host="other")
    _, [first, _] = claimed(running)
    Session.update(phase="measuring", started_at=BEGAN).where(Session.id == running.id).execute()
    Test.update(started_at=now() - 4 * MINUTE).where(Test.id == first.id).execute()
    times = timetable(sessions.unfinished())
    assert [(minutes(times[each.id].start), minutes(times[each.id].end)) for each in (waiting, unknown, last)] == [
        (16, 36),
        (36, None),
        (None, None),
    ]
    assert (times[running.id].start, minutes(times[running.id].end)) == (BEGAN, 16)
    assert (minutes(times[elsewhere.id].start), times[elsewhere.id].end) == (0, None)


def test_other_options_say_nothing_about_the_end() -> None:
    took(finished("tiny:latest"), MINUTE)
    waiting = queued()
    Test.update(options={"promptTokens": 9}).where(Test.session == waiting).execute()
    assert timetable(sessions.unfinished())[waiting.id].end is None
