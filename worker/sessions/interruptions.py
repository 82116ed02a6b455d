"""Errors that interrupt a session without ending one of its tests: it is resumed at the missing run."""

from redis.exceptions import RedisError

from common.errors import ClaimLost, ShutdownRequested, Unavailable

INTERRUPTIONS: tuple[type[Exception], ...] = (ClaimLost, ShutdownRequested, Unavailable, RedisError)
