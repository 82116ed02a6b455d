"""The duty that notices samplers that have gone silent, and those that are back.

A host is silent if no reading came while this process watched for SILENT_AFTER_S. So neither clocks that differ nor a
time without Redis makes a sampler silent. A host that never had a sampler is not missed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError

from api.app_state import redis
from api.http.settings import settings
from common.messaging import streams
from common.messaging.redis import readings_of
from common.store.alerts import samplers
from common.store.alerts.tables import SamplerState
from common.store.database import database
from common.units import moment, now
from scheduler.notifications.events import tell_return, tell_silence

EVERY_S = 5.0
SILENT_AFTER_S = 60.0
STORED_EVERY_MS = 60_000
"""How often the time of the last reading is stored."""


@dataclass(frozen=True)
class Watched:
    """The last reading that was seen, in ms of Redis's clock, and when it was new by this process's own clock."""

    last: int
    since: float


class Silence:
    """The duty. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._watched: dict[str, Watched] = {}

    def run(self) -> None:
        hosts, known = list(settings().ollama_hosts), samplers.last_readings()
        if known.keys() - set(hosts):
            samplers.keep_only(hosts)
        for host, last in self._newest(hosts).items():
            self._look_at(host, last, known.get(host))

    def _newest(self, hosts: list[str]) -> dict[str, int | None]:
        """Return the time of each host's last reading. A time without Redis is not their silence."""
        try:
            return {host: _newest(redis(), host) for host in hosts}
        except RedisError:
            self._watched.clear()
            raise

    def _look_at(self, host: str, last: int | None, known: SamplerState | None) -> None:
        if last is None:  # it never had a reading, or Redis has forgotten the last one
            last = known.last_reading if known else None
        if last is None:
            return
        seen = self._watched.get(host)
        if seen is None or seen.last != last:
            seen = self._watched[host] = Watched(last, self._clock())
        if known is None or (known.silent_at is None and last - known.last_reading >= STORED_EVERY_MS):
            samplers.note_reading(host, last)
        if known and known.silent_at and last != known.last_reading:
            _tell_return(host, last, known)
        elif (known is None or known.silent_at is None) and self._clock() - seen.since >= SILENT_AFTER_S:
            _tell_silence(host, last)


def _newest(redis: Redis, host: str) -> int | None:
    return next((read_at for read_at, _ in streams.newest(redis, readings_of(host))), None)


def _tell_silence(host: str, last: int) -> None:
    at = now()
    with database.atomic():
        if samplers.begin_silence(host, at, last):
            tell_silence(host, moment(last), at)


def _tell_return(host: str, last: int, known: SamplerState) -> None:
    with database.atomic():
        if samplers.end_silence(host, last) and known.silent_at:
            tell_return(host, known.silent_at, now())
