"""The duties of notifications."""

from common.store.alerts.outbox import prune
from scheduler.duty import Duty
from scheduler.notifications import delivery_worker, queue, silent_samplers

SECOND, HOUR = 1.0, 3600.0
DUTIES = (
    Duty("silent samplers", silent_samplers.EVERY_S, silent_samplers.Silence().run),
    Duty("notifications", SECOND, queue.Dispatch().run),
    *(Duty(f"deliveries {number}", SECOND, delivery_worker.work) for number in range(1, delivery_worker.WORKERS + 1)),
    Duty("old notifications", HOUR, prune),
)
