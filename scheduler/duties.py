"""The duties of a scheduler."""

from scheduler import heartbeat, schedules
from scheduler.duty import Duty

DUTIES: tuple[Duty, ...] = (heartbeat.DUTY, schedules.DUTY)
