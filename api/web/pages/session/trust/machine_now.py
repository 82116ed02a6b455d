"""What disturbs the machine of a waiting or running session now, before any result has a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from redis.exceptions import RedisError

from api.http.redis import redis
from api.web.pages.faults import attempted
from api.web.pages.layout import resource
from common.catalogue.verdicts.evidence import evidence_text
from common.messaging import streams
from common.messaging.redis import clock_ms, readings_of
from common.records.disturbances import disturbances
from common.records.readings import ReadingRecord
from common.records.usage import usage
from common.store.tables import Session, Status

WINDOW_MS = 10_000
"""The readings of this time are averaged, so that a moment of load does not count."""
MAX_READINGS = 100


@dataclass(frozen=True)
class Disturbance:
    """The evidence for what disturbs the machine, and what to do about it, each as a sentence."""

    evidence: str
    advice: str


@resource.app_template_global()
def disturbances_now(session: Session) -> Sequence[Disturbance]:
    """Return what disturbs the session's machine; empty unless the session is running, or if that is unknown."""
    if session.status != Status.RUNNING:
        return ()
    return attempted("The machine", lambda: _of(_readings(session.host))) or ()


def _readings(host: str) -> list[ReadingRecord]:
    """Return the readings of the last seconds, oldest first. Without Redis there are none."""
    try:
        start = clock_ms(redis()) - WINDOW_MS
        found = streams.newest(redis(), readings_of(host), MAX_READINGS)
    except RedisError:
        return []
    return [cast("ReadingRecord", reading) for seq, reading in reversed(found) if seq >= start]


def _of(readings: Sequence[ReadingRecord]) -> list[Disturbance]:
    return [Disturbance(evidence_text(verdict, ""), verdict["advice"]) for verdict in disturbances(usage(readings))]
