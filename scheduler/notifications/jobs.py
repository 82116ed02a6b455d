"""The job of the queue: send a receiver the events that wait for it, in their order."""

import structlog
from rq import Retry, get_current_job

from api.http.settings import settings
from common.alerts.webhook_url import shortened
from common.messaging.counts import notification_counts
from common.store.alerts import deliveries
from common.store.alerts.tables import Delivery, DeliveryState
from scheduler.notifications.queue import MAX_RETRIES
from scheduler.notifications.sending import services, webhook
from scheduler.notifications.sending.outcome import Outcome

logger = structlog.get_logger(__name__)

PAUSES_S = (5, 30, 120, 600, 1800, 3600)
"""Pauses after the first attempts that failed in a row. The last one is that after all others."""
AT_ONCE = 100
"""Events that a job sends. After that, other receivers are served first."""


def deliver(receiver_id: str) -> Retry | None:
    """Send what waits for a receiver until an attempt fails.

    Returns:
        A Retry after a failed attempt, with the pause after which RQ repeats the job.
    """
    for _ in range(AT_ONCE):
        delivery = deliveries.take(receiver_id)
        if delivery is None:
            return None
        pause_s = _attempt(delivery)
        if pause_s is not None:
            return Retry(max=MAX_RETRIES, interval=pause_s)
    return None


def _attempt(delivery: Delivery) -> int | None:
    """Send one event. Return the pause before the next attempt in seconds, or None if it was delivered."""
    outcome = _send(delivery)
    if outcome.problem is None:
        deliveries.delivered(delivery, outcome.status)
        _note(delivery, DeliveryState.DELIVERED, outcome)
        return None
    pause_s = PAUSES_S[min(delivery.receiver.failures, len(PAUSES_S) - 1)]
    state = deliveries.failed(delivery, outcome.status, outcome.problem, pause_s)
    _note(delivery, state, outcome)
    return pause_s


def _send(delivery: Delivery) -> Outcome:
    config = settings().notifications
    if delivery.receiver.url is None:
        return services.send(delivery.receiver.id, delivery.event, config)
    return webhook.send(delivery.receiver, delivery.event, config.networks, config.public_url)


def _note(delivery: Delivery, state: DeliveryState, outcome: Outcome) -> None:
    """Count and log an attempt. The URL may hold a token in its path, so that the log has only the host."""
    job, receiver, event = get_current_job(), delivery.receiver, delivery.event
    counted = "failed" if state is DeliveryState.PENDING else state
    if job is not None:
        notification_counts.add(job.connection, event.type, counted)
    where = shortened(receiver.url) if receiver.url else services.name(receiver.id, settings().notifications)
    log = logger.bind(to=where, kind=event.type, event_id=event.uid, receiver=receiver.id)
    if outcome.problem is None:
        log.info("a notification was delivered")
    else:
        log.warning("a notification was not delivered", reason=outcome.problem, state=state)
