"""Redis: if it can be used, its release, and whether it keeps what it is given."""

import contextlib
from collections.abc import Iterator, Mapping

from redis import Redis
from redis.exceptions import RedisError

from cli.admin.checks.finding import Finding, failed, ok, warning
from common.environment.settings import Settings
from common.errors import GaitError
from common.messaging import schedulers
from common.messaging.jobs.queue import sessions
from common.messaging.redis import check_writable, connect
from common.process.failures import describe

SUBJECT = "REDIS_URL"
OLDEST = (6, 2)
MENDED: dict[tuple[int, ...], tuple[int, ...]] = {
    (6, 2): (6, 2, 20),
    (7, 2): (7, 2, 11),
    (7, 4): (7, 4, 6),
    (8, 0): (8, 0, 4),
}
"""By release series, the first release without CVE-2025-49844, which lets users run code on its machine."""


def check(config: Settings) -> Iterator[Finding]:
    try:
        with contextlib.closing(connect(config.redis_url, patient=False)) as redis:
            check_writable(redis)
            yield from _server(redis)
            yield from _processes(redis)
    except (RedisError, GaitError) as error:
        yield failed(SUBJECT, f"Redis cannot be used: {describe(error)}")


def _server(redis: Redis) -> Iterator[Finding]:
    try:
        known: Mapping[str, object] = redis.info()
    except RedisError:  # its user may have no right to INFO
        yield ok(SUBJECT, "it can be written to; its user may not see its release")
        return
    version = tuple(int(part) for part in str(known["redis_version"]).split(".")[:3])
    text = ".".join(map(str, version))
    if version < OLDEST:
        yield failed(SUBJECT, f"Redis {text} is too old. Install 6.2 or newer.")
        return
    yield ok(SUBJECT, f"Redis {text}, can be written to")
    if version < MENDED.get(version[:2], (0,)):
        yield warning(SUBJECT, f"Redis {text} lets its users run code (CVE-2025-49844). Install a maintained release.")
    if known.get("maxmemory") and known.get("maxmemory_policy") != "noeviction":
        yield warning(SUBJECT, "Redis may drop sessions from the queue. Set maxmemory-policy noeviction.")
    if not known.get("aof_enabled"):
        yield warning(SUBJECT, "Redis forgets the queue when it restarts, until workers refill it. Set appendonly yes.")


def _processes(redis: Redis) -> Iterator[Finding]:
    from rq import Worker  # noqa: PLC0415 - it takes a tenth of a second

    workers = Worker.count(connection=redis, queue=sessions(redis))
    yield ok("worker", f"{workers} running") if workers else warning("worker", "none runs. Start one: gait worker")
    found = schedulers.running(redis)
    if found:
        yield ok("scheduler", f"running on {', '.join(found)}")
    else:
        yield warning("scheduler", "none runs. Start one: gait scheduler")
