"""Publishes readings and the inventory to Redis."""

import json
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from common.messaging import streams
from common.messaging.inventory import published
from common.messaging.redis import READINGS_BYTES, inventory_of, readings_of
from sampler.gpu import Gpus
from sampler.inventory.current_inventory import CurrentInventory
from sampler.loop.schedule import Clock, Throttled
from sampler.readings import Reading

HOUR_S = 3600
MINUTE_S = 60
logger = logging.getLogger(__name__)


class Publisher:
    """Sender of readings. While Redis is unavailable they are dropped; the next reading tries again."""

    def __init__(  # noqa: PLR0913 - tests pass in the root and the clock
        self,
        redis: Redis,
        hosts: Sequence[str],
        hz: float,
        gpus: Gpus,
        *,
        missing: Callable[[], dict[str, str]] = dict,
        renew: Callable[[], bool] = lambda: False,
        root: Path = Path("/"),
        clock: Clock = time.monotonic,
    ) -> None:
        """Make a sender of these hosts' readings.

        `missing` returns the readings that are unknown now, `renew` whether there are other GPUs.
        """
        self._redis = redis
        keep = max(1, int(HOUR_S * hz))
        self._streams = {
            host: streams.Appender(redis, readings_of(host), keep=keep, max_bytes=READINGS_BYTES) for host in hosts
        }
        self._inventory = CurrentInventory(gpus, renew, root, clock)
        self._missing = missing
        # Written every minute, because a restarted Redis may have lost it.
        self._write_inventory = Throttled(self._set_inventory, MINUTE_S, clock)
        self._failed = False

    def publish(self, readings: Iterable[Reading]) -> None:
        """Append each host's reading, and write the inventory once per minute. `sampler.inventory` has its shape."""
        try:
            for reading in readings:
                self._streams[reading.host].append(reading.message())
            self._write_inventory()
        except RedisError as error:
            if not self._failed:
                logger.warning("Redis does not accept readings; they are dropped until it does: %s", error)
            self._failed = True
        else:
            if self._failed:
                logger.info("Redis accepts readings again")
            self._failed = False

    def _set_inventory(self) -> None:
        if not self._inventory.is_known:
            self._inventory.remember(published(self._redis, next(iter(self._streams))))
        found = self._inventory.get()
        document = found | {"missing": found["missing"] | self._missing()}
        text = json.dumps(document)
        self._redis.mset({inventory_of(host): text for host in self._streams})
