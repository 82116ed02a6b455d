"""Metrics of the state in Redis and the database, read at each scrape."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import cast

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from redis import Redis
from rq import Worker

from api.http.redis import redis as connection
from api.http.settings import settings
from common.messaging import schedulers, streams
from common.messaging.counts import durations, notification_counts
from common.messaging.jobs import queue
from common.messaging.redis import clock_ms, readings_of
from common.store import schedules
from common.store.alerts import deliveries, regressions
from common.store.connections.pool import Pool, PoolExhausted
from common.store.database import database
from common.store.reads import totals
from common.store.tables import Phase
from common.values.units import now

SECOND_MS = 1000

logger = logging.getLogger(__name__)


class StateCollector(Collector):
    """The collector of one scrape. If a part does not respond, only its metrics are missing."""

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("gait_up", "1 if this part responded, else 0 without its metrics.", labels=["part"])
        for part, read in PARTS.items():
            try:
                metrics = _metrics(part, read)
            except PoolExhausted:
                continue  # nothing is known about the database
            up.add_metric([part], metrics is not None)
            yield from metrics or []
        yield up
        yield _pool()


def _metrics(part: str, read: Callable[[], Iterator[Metric]]) -> list[Metric] | None:
    try:
        return list(read())
    except PoolExhausted:
        raise
    except Exception as error:  # noqa: BLE001 - after any error, the other metrics are needed the more
        logger.warning("the metrics of %s cannot be read: %s", part, error)
        return None


def _pool() -> Metric:
    connections = GaugeMetricFamily(
        "gait_database_connections", "Connections of this process to the database.", labels=["state"]
    )
    pool = cast("Pool", database.obj)
    connections.add_metric(["used"], pool.in_use)
    connections.add_metric(["limit"], pool.limit)
    return connections


def _database_metrics() -> Iterator[Metric]:
    unfinished = totals.unfinished()
    queued = {found.host: found for found in unfinished if found.phase == Phase.QUEUED}
    waiting = {"queued": sum(found.count for found in queued.values())}
    running = {"running": sum(found.count for found in unfinished) - waiting["queued"]}
    sessions = GaugeMetricFamily("gait_sessions", "Sessions by state.", labels=["state"])
    for state, count in {**waiting, **running, **totals.ended()}.items():
        sessions.add_metric([state], count)
    yield sessions
    yield from _queues(queued)
    yield _schedules()
    yield from _alerts()


def _queues(queued: dict[str, totals.Unfinished]) -> Iterator[Metric]:
    depth = GaugeMetricFamily("gait_queue_sessions", "Sessions waiting for the host.", labels=["host"])
    oldest = GaugeMetricFamily(
        "gait_queue_oldest_age_seconds",
        "Waiting time of the oldest of them; missing if there is none.",
        labels=["host"],
    )
    for host in {**dict.fromkeys(settings().ollama_hosts), **queued}:
        depth.add_metric([host], queued[host].count if host in queued else 0)
        if host in queued:
            oldest.add_metric([host], (now() - queued[host].oldest).total_seconds())
    yield from (depth, oldest)


def _schedules() -> Metric:
    found = GaugeMetricFamily("gait_schedules", "Schedules by state.", labels=["state"])
    for state, count in schedules.by_state().items():
        found.add_metric([state], count)
    return found


def _alerts() -> Iterator[Metric]:
    waiting = GaugeMetricFamily("gait_notifications_waiting", "Notifications that wait to be delivered.")
    waiting.add_metric([], deliveries.waiting())
    yield waiting
    found = GaugeMetricFamily(
        "gait_regressions_open", "Open regressions, by whether somebody knows of them.", labels=["acknowledged"]
    )
    for acknowledged, count in regressions.open_counts().items():
        found.add_metric([str(acknowledged).lower()], count)
    yield found


def _notifications(redis: Redis) -> Metric:
    sent = CounterMetricFamily(
        "gait_notifications", "Attempts to send notifications, by event and outcome.", labels=["event", "outcome"]
    )
    for labels, count in notification_counts.counts(redis).items():
        sent.add_metric(labels, count)
    return sent


def _redis_metrics() -> Iterator[Metric]:
    redis = connection()
    yield _workers(redis)
    yield GaugeMetricFamily("gait_schedulers", "Schedulers that are alive.", value=len(schedulers.running(redis)))
    tests, runs = durations.test_durations(redis), durations.run_durations(redis)
    yield _durations("test", "Time from a test's start to its end.", ["test_type", "status"], tests)
    yield _durations("run", "Duration of a stored run.", ["test_type"], runs)
    yield from _readings(redis)
    yield _notifications(redis)


def _workers(redis: Redis) -> Metric:
    states = Counter(worker.get_state() for worker in Worker.all(queue=queue.sessions(redis)))
    workers = GaugeMetricFamily("gait_workers", "Live workers by state.", labels=["state"])
    for state in ("idle", "busy", *(states.keys() - {"idle", "busy"})):
        workers.add_metric([state], states[state])
    return workers


def _durations(
    name: str, documentation: str, labels: list[str], histograms: dict[tuple[str, ...], durations.Durations]
) -> Metric:
    seconds = HistogramMetricFamily(f"gait_{name}_duration_seconds", documentation, labels=labels)
    for values, found in histograms.items():
        buckets = list(zip(durations.BOUNDS, accumulate(found.counts.values()), strict=True))
        seconds.add_metric(values, buckets, found.seconds)
    return seconds


def _readings(redis: Redis) -> Iterator[Metric]:
    stored = GaugeMetricFamily("gait_readings", "Readings of the host in Redis.", labels=["host"])
    age = GaugeMetricFamily(
        "gait_readings_age_seconds", "Time since the host's last reading; missing if there is none.", labels=["host"]
    )
    clock = clock_ms(redis)
    for host in settings().ollama_hosts:
        stored.add_metric([host], redis.xlen(readings_of(host)))
        for read_at, _ in streams.newest(redis, readings_of(host)):
            age.add_metric([host], max(0, clock - read_at) / SECOND_MS)
    yield from (stored, age)


PARTS: dict[str, Callable[[], Iterator[Metric]]] = {"database": _database_metrics, "redis": _redis_metrics}
