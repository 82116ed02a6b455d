"""Sessions waiting in the queue."""

from redis import Redis
from rq.rate_limit import RateLimitRegistry

from common.messaging.jobs.queue import rate_limit_key


def waiting(redis: Redis, host: str) -> list[str]:
    """Return the ids of the sessions that wait for the host, oldest first."""
    return RateLimitRegistry(rate_limit_key(host), redis).get_rate_limited_job_ids()
