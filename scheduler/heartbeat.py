"""The sign of life that the health check and the API look for."""

from api.http.redis import redis
from common.messaging import schedulers
from scheduler.duty import Duty

DUTY = Duty("heartbeat", schedulers.HEARTBEAT_S, lambda: schedulers.record_heartbeat(redis()))
