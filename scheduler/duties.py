"""The duties of a scheduler."""

from scheduler import heartbeat
from scheduler.duty import Duty

DUTIES: tuple[Duty, ...] = (heartbeat.DUTY,)
