"""What waits on the queue."""

from redis import Redis
from rq.rate_limit import RateLimitRegistry

from common.messaging.queue import limit_of


def waiting(redis: Redis, host: str) -> list[str]:
    """The ids of the sessions that wait for the host, first come first."""
    return RateLimitRegistry(limit_of(host), redis).get_rate_limited_job_ids()
