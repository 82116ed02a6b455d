"""The duties of a scheduler."""

from scheduler import heartbeat, retention
from scheduler.duty import Duty

DUTIES: tuple[Duty, ...] = (heartbeat.DUTY, retention.DUTY)
