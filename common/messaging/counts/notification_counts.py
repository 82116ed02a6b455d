"""Counts of attempts to send notifications, in a hash of Redis: field `EVENT OUTCOME`."""

from typing import cast

from redis import Redis

from common.messaging.redis import NOTIFICATION_COUNTS


def add(redis: Redis, event: str, outcome: str) -> None:
    """Count an attempt: delivered, failed if it is repeated, or given-up."""
    redis.hincrby(NOTIFICATION_COUNTS, f"{event} {outcome}", 1)


def counts(redis: Redis) -> dict[tuple[str, str], int]:
    """Return the number of attempts by event and outcome."""
    found = cast("dict[bytes, bytes]", redis.hgetall(NOTIFICATION_COUNTS))
    counted = {}
    for field, number in found.items():
        event, _, outcome = field.decode(errors="replace").partition(" ")
        counted[event, outcome] = int(number)
    return counted
