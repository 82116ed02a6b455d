"""The duties of a scheduler."""

from scheduler import heartbeat, retention, schedules
from scheduler.duty import Duty

DUTIES: tuple[Duty, ...] = (heartbeat.DUTY, schedules.DUTY, retention.DUTY)
