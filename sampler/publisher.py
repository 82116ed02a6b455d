"""Readings and inventory on their way to Redis."""

import json
import logging
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from common.messaging import streams
from common.messaging.redis import inventory_of, readings_of
from sampler import inventory
from sampler.gpu import Gpus
from sampler.readings import Reading
from sampler.schedule import Clock, Throttled

HOUR_S = 3600
MINUTE_S = 60
logger = logging.getLogger(__name__)


class Publisher:
    """A Redis that is away loses the readings of that time, and is found again at the first beat after."""

    def __init__(  # noqa: PLR0913 - what tests pass in
        self,
        redis: Redis,
        host: str,
        hz: float,
        gpus: Gpus,
        *,
        root: Path = Path("/"),
        clock: Clock = time.monotonic,
    ) -> None:
        self._redis = redis
        self._host = host
        self._readings = streams.Appender(redis, readings_of(host), keep=max(1, int(HOUR_S * hz)))
        self._inventory = Throttled(lambda: json.dumps(inventory.collect(gpus, root)), HOUR_S, clock)
        # Collected hourly, written every minute, because a Redis may have lost it without telling.
        self._write_inventory = Throttled(self._set_inventory, MINUTE_S, clock)
        self._away = False

    def publish(self, reading: Reading) -> None:
        """Append the reading, and write the inventory where it is due; see `sampler.inventory` for its shape."""
        try:
            self._readings.append(reading.message())
            self._write_inventory()
        except RedisError as error:
            if not self._away:
                logger.warning("Redis does not take readings; they are dropped until it does: %s", error)
            self._away = True
        else:
            if self._away:
                logger.info("Redis takes readings again")
            self._away = False

    def _set_inventory(self) -> None:
        self._redis.set(inventory_of(self._host), self._inventory())
