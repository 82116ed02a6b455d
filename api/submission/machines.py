"""The machine that each new session waits for, so that one computer is measured by one session at a time.

docs/decisions/one-session-per-machine.md gives the reasons.
"""

import json
import logging
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import cast

from cachetools import TTLCache
from flask import Flask
from redis import Redis
from redis.exceptions import RedisError

from api.http.redis import redis
from api.http.settings import settings
from api.submission.concurrent_requests import at_once
from common.environment.servers.addresses import OllamaHost
from common.errors import Unavailable
from common.machines.grouping import Marks, addresses, machines, marks, name_in_dns
from common.messaging.jobs import queue
from common.messaging.redis import ADDRESSES
from common.store.changes import writes
from common.store.reads import sessions, totals
from common.store.reads.totals import MachineUse
from common.store.tables import Phase

logger = logging.getLogger(__name__)

TIMEOUT_S = 2
"""For all names together. A name that DNS does not answer in time has the addresses that it had last."""
CACHE_S = 5
MAX_KNOWN = 1000

_recent: TTLCache[str, Marks] = TTLCache(MAX_KNOWN, CACHE_S)
"""Addresses by name. Many submissions at once need one request to DNS."""


def machines_now(redis: Redis, hosts: Mapping[str, OllamaHost]) -> dict[str, str]:
    """Return the name of each host's machine, by its addresses at this moment."""
    unknown = {name for name in map(name_in_dns, hosts.values()) if name not in _recent}
    if unknown:
        _ask_dns(redis, unknown)
    return machines_last_known(redis, hosts)


def _ask_dns(redis: Redis, names: Collection[str]) -> None:
    found = at_once({name: partial(addresses, name) for name in names}, TIMEOUT_S, len(names))
    for name in names:
        _recent[name] = found.get(name) or _last_known(redis, name)
    with suppress(RedisError):  # the addresses are known, whatever Redis refuses
        for name, its_addresses in found.items():
            if its_addresses:
                redis.hset(ADDRESSES, name, json.dumps(sorted(its_addresses)))


def machines_last_known(redis: Redis, hosts: Mapping[str, OllamaHost]) -> dict[str, str]:
    """Return the name of each host's machine, by the addresses that DNS gave last."""
    names = {host: name_in_dns(server) for host, server in hosts.items()}
    return machines(
        hosts, {host: marks(name, _recent.get(name) or _last_known(redis, name)) for host, name in names.items()}
    )


def assigned_machines(redis: Redis, current: Mapping[str, str], chosen: Iterable[str]) -> dict[str, str]:
    """Return the machine that a new session waits for, for each of the chosen hosts. `current` are the machines now.

    A machine that has unfinished sessions keeps the name that it had when they were submitted. If they have several,
    because the settings or DNS changed since, those that wait are given one.
    """
    uses = totals.machine_uses()
    return {host: _assigned(redis, current, uses, host) for host in chosen}


def unify(app: Flask) -> None:
    """Let all waiting sessions of a machine know it by one name, because the settings may have changed at this start.

    If Redis or the database is unavailable, the next submission does it.
    """
    with app.app_context():
        try:
            hosts = settings().ollama_hosts
            assigned_machines(redis(), machines_now(redis(), hosts), hosts)
        except Unavailable as error:
            logger.warning("the machines of waiting sessions are not checked at this start: %s", error)


def _assigned(redis: Redis, current: Mapping[str, str], uses: Iterable[MachineUse], host: str) -> str:
    name = current[host]
    together = {each for each, machine in current.items() if machine == name}
    own = [use for use in uses if use.host in together or use.machine == name]
    running = [use.machine for use in own if use.phase != Phase.QUEUED]
    names = running or [use.machine for use in own]
    kept = name if name in names or not names else names[0]
    for use in own:
        if use.phase == Phase.QUEUED and use.machine != kept:
            _move(redis, use, kept)
    return kept


def _move(redis: Redis, use: MachineUse, machine: str) -> None:
    """Let the sessions that wait by another name of the machine wait for `machine`."""
    for session_id in sessions.waiting(use.host, use.machine):
        if queue.move(redis, session_id, machine):
            writes.set_machine(session_id, machine)


def _last_known(redis: Redis, name: str) -> Marks:
    stored = cast("bytes | None", redis.hget(ADDRESSES, name))
    return frozenset(json.loads(stored)) if stored else frozenset()
