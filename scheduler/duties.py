"""The duties of a scheduler."""

from scheduler import heartbeat, retention, schedules, totals
from scheduler.duty import Duty
from scheduler.notifications import duties as notifications
from scheduler.regressions import evaluation

DUTIES: tuple[Duty, ...] = (
    *(heartbeat.DUTY, schedules.DUTY, retention.DUTY, evaluation.DUTY, totals.DUTY),
    *notifications.DUTIES,
)
