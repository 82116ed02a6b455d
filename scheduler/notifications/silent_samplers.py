"""The duty that notices samplers that have gone silent, and those that are back.

A machine has one sampler for all of its hosts. It is silent if no reading of one of them came while this process
watched for SILENT_AFTER_S. So neither clocks that differ nor a time without Redis makes a sampler silent. A host that
never had a reading is not missed.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from redis import Redis
from redis.exceptions import RedisError

from api.http.redis import redis
from api.http.settings import settings
from common.machines import grouping
from common.machines.grouping import marks, name_in_dns
from common.messaging import streams
from common.messaging.redis import readings_of
from common.store.alerts import samplers
from common.store.alerts.tables import SamplerState
from common.store.database import database
from common.values.units import moment, now
from scheduler.notifications.events import publish_return, publish_silence

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
        machines, known = _machines(), samplers.last_readings()
        if known.keys() - machines.keys():
            samplers.keep_only(machines)
        for machine, last in self._newest(machines).items():
            self._look_at(machine, last, known.get(machine))

    def _newest(self, machines: Mapping[str, Sequence[str]]) -> dict[str, int | None]:
        """Return the time of each machine's last reading. A time without Redis is not their silence."""
        try:
            return {machine: _newest(redis(), hosts) for machine, hosts in machines.items()}
        except RedisError:
            self._watched.clear()
            raise

    def _look_at(self, machine: str, last: int | None, known: SamplerState | None) -> None:
        if last is None:  # none was ever read, or Redis has forgotten the last reading
            last = known.last_reading if known else None
        if last is None:
            return
        seen = self._watched.get(machine)
        if seen is None or seen.last != last:
            seen = self._watched[machine] = Watched(last, self._clock())
        if known and known.silent_at:
            if last != known.last_reading:
                _end_silence(machine, last, known.silent_at)
            return
        if known is None or last - known.last_reading >= STORED_EVERY_MS:
            samplers.note_reading(machine, last)
        if self._clock() - seen.since >= SILENT_AFTER_S:
            _begin_silence(machine, last)


def _machines() -> dict[str, list[str]]:
    """Return the machines of the settings, by name, with their hosts."""
    hosts = settings().ollama_hosts
    named = grouping.machines(hosts, {name: marks(name_in_dns(host), frozenset()) for name, host in hosts.items()})
    return {machine: [host for host in hosts if named[host] == machine] for machine in dict.fromkeys(named.values())}


def _newest(redis: Redis, hosts: Sequence[str]) -> int | None:
    """Return the time of the last reading of the host that was read longest ago, None if none was ever read."""
    found = [read_at for host in hosts for read_at, _ in streams.newest(redis, readings_of(host))]
    return min(found, default=None)


def _begin_silence(machine: str, last: int) -> None:
    at = now()
    with database.atomic():
        if samplers.begin_silence(machine, at, last):
            publish_silence(machine, moment(last), at)


def _end_silence(machine: str, last: int, silent_since: datetime) -> None:
    with database.atomic():
        if samplers.end_silence(machine, last):
            publish_return(machine, silent_since, now())
