"""The inventory of each host, as its sampler published it."""

import json
from typing import Any, cast

from redis import Redis

from common.messaging.redis import inventory_of


def published(redis: Redis, host: str) -> dict[str, Any] | None:
    """The inventory as the host's sampler saw it last; None if it never has."""
    found = cast("bytes | None", redis.get(inventory_of(host)))
    return None if found is None else json.loads(found)
