"""The duties of a scheduler."""

from common.store.alerts.outbox import prune
from scheduler import heartbeat
from scheduler.duty import Duty
from scheduler.notifications import delivery_worker, queue, silence
from scheduler.regressions import evaluation

HOUR_S = 3600.0
DUTIES: tuple[Duty, ...] = (
    heartbeat.DUTY,
    evaluation.DUTY,
    Duty("silent samplers", silence.EVERY_S, silence.Silence().run),
    Duty("notifications", 1.0, queue.Dispatch().run),
    *(Duty(f"deliveries {number}", 1.0, delivery_worker.work) for number in range(1, delivery_worker.WORKERS + 1)),
    Duty("old notifications", HOUR_S, prune),
)
