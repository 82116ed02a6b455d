"""The inventory of each host, which its sampler publishes."""

import json
from typing import Any, cast

from redis import Redis

from common.messaging.redis import inventory_of
from common.storable import storable


def published(redis: Redis, host: str) -> dict[str, Any] | None:
    """Return the inventory that the host's sampler published last, or None if it never has."""
    found = cast("bytes | None", redis.get(inventory_of(host)))
    return None if found is None else storable(json.loads(found))
