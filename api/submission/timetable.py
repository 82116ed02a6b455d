"""When unfinished sessions will begin and end, as far as earlier sessions say."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from common.store.earlier import durations
from common.store.tables import Phase, Session
from common.values.units import now

MAX_PER_MACHINE = 6
"""Sessions of each machine whose times are computed: those that come first."""


@dataclass(frozen=True)
class ExpectedTime:
    """When a session begins and ends, None if that is unknown. One that runs began in the past."""

    start: datetime | None
    end: datetime | None


UNKNOWN = ExpectedTime(None, None)


def timetable(unfinished: Iterable[Session]) -> Mapping[str, ExpectedTime]:
    """Return the expected times of unfinished sessions by id. They are given oldest first.

    A machine runs one session at a time: those that run, then the others in their order.
    """
    by_machine: dict[str, list[Session]] = defaultdict(list)
    for session in sorted(unfinished, key=lambda each: each.phase == Phase.QUEUED):
        by_machine[session.machine].append(session)
    first = [session for some in by_machine.values() for session in some[:MAX_PER_MACHINE]]
    at = now()
    left = durations.left([session.id for session in first], at) if first else {}
    found: dict[str, ExpectedTime] = {}
    for some in by_machine.values():
        free: datetime | None = at
        for session in some[:MAX_PER_MACHINE]:
            rest = left[session.id]
            start, free = free, None if free is None or rest is None else free + rest
            found[session.id] = ExpectedTime(session.started_at if session.phase != Phase.QUEUED else start, free)
    return found
