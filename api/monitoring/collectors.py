"""What Redis and the database hold, as figures for operators, read when they are asked for."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import accumulate

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from redis import Redis
from rq import Worker

from api import app_state
from api.http.settings import settings
from common.messaging import durations, streams
from common.messaging.redis import clock_ms, readings_of
from common.store import totals
from common.store.tables import Phase
from common.units import now

SECOND_MS = 1000

logger = logging.getLogger(__name__)


class State(Collector):
    """Belongs to a request. A part that does not answer is missed alone."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily(
            "gait_up", "Whether this part answered; its figures are missing if not.", labels=["part"]
        )
        for part, figures in PARTS.items():
            answer = _figures(part, figures)
            up.add_metric([part], answer is not None)
            yield from answer or []
        yield up


def _figures(part: str, figures: Callable[[], Iterator[Metric]]) -> list[Metric] | None:
    try:
        return list(figures())
    except Exception as error:  # noqa: BLE001 - whatever it was, the other figures are the more wanted now
        logger.warning("%s gives no figures: %s", part, error)
        return None


def _of_database() -> Iterator[Metric]:
    unfinished = totals.unfinished()
    queued = {found.host: found for found in unfinished if found.phase == Phase.QUEUED}
    waiting = {"queued": sum(found.count for found in queued.values())}
    running = {"running": sum(found.count for found in unfinished) - waiting["queued"]}
    sessions = GaugeMetricFamily("gait_sessions", "Sessions, by state.", labels=["state"])
    for state, count in {**waiting, **running, **totals.ended()}.items():
        sessions.add_metric([state], count)
    yield sessions
    yield from _queues(queued)


def _queues(queued: dict[str, totals.Unfinished]) -> Iterator[Metric]:
    depth = GaugeMetricFamily("gait_queue_sessions", "Sessions that wait for the host.", labels=["host"])
    oldest = GaugeMetricFamily(
        "gait_queue_oldest_age_seconds",
        "Time that the first of them has waited; missing if none does.",
        labels=["host"],
    )
    for host in {**dict.fromkeys(settings().ollama_hosts), **queued}:
        depth.add_metric([host], queued[host].count if host in queued else 0)
        if host in queued:
            oldest.add_metric([host], (now() - queued[host].oldest).total_seconds())
    yield from (depth, oldest)


def _of_redis() -> Iterator[Metric]:
    redis = app_state.redis()
    yield _workers(redis)
    tests, runs = durations.test_durations(redis), durations.run_durations(redis)
    yield _durations("test", "Time from a test's start to its end.", ["test_type", "status"], tests)
    yield _durations("run", "Time of a run that was kept.", ["test_type"], runs)
    yield from _readings(redis)


def _workers(redis: Redis) -> Metric:
    states = Counter(worker.get_state() for worker in Worker.all(connection=redis))
    workers = GaugeMetricFamily("gait_workers", "Workers that are alive, by what they do.", labels=["state"])
    for state in ("idle", "busy", *(states.keys() - {"idle", "busy"})):
        workers.add_metric([state], states[state])
    return workers


def _durations(
    what: str, documentation: str, labels: list[str], counted: dict[tuple[str, ...], durations.Durations]
) -> Metric:
    seconds = HistogramMetricFamily(f"gait_{what}_duration_seconds", documentation, labels=labels)
    for values, found in counted.items():
        buckets = list(zip(durations.BOUNDS, accumulate(found.counts.values()), strict=True))
        seconds.add_metric(values, buckets, found.seconds)
    return seconds


def _readings(redis: Redis) -> Iterator[Metric]:
    kept = GaugeMetricFamily("gait_readings", "Readings of the host that Redis keeps.", labels=["host"])
    age = GaugeMetricFamily(
        "gait_readings_age_seconds", "Time since the host's last reading; missing if there is none.", labels=["host"]
    )
    clock = clock_ms(redis)
    for host in settings().ollama_hosts:
        kept.add_metric([host], redis.xlen(readings_of(host)))
        for read_at, _ in streams.newest(redis, readings_of(host)):
            age.add_metric([host], max(0, clock - read_at) / SECOND_MS)
    yield from (kept, age)


PARTS: dict[str, Callable[[], Iterator[Metric]]] = {"database": _of_database, "redis": _of_redis}
