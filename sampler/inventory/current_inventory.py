"""The inventory as of now: collected hourly, and every minute while a part of it cannot be read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sampler import inventory
from sampler.gpu import Gpus
from sampler.loop.schedule import Clock
from sampler.tolerant_read import TolerantReads

HOUR_S = 3600


class CurrentInventory:
    """The inventory. `renew` returns whether the GPUs are others than before. Call `get` once a minute."""

    def __init__(self, gpus: Gpus, renew: Callable[[], bool], root: Path, clock: Clock) -> None:
        self._gpus = gpus
        self._renew = renew
        self._root = root
        self._clock = clock
        self._reads = TolerantReads()
        self._last: dict[str, Any] = {}
        self._collected_at: float | None = None

    @property
    def is_known(self) -> bool:
        return self._collected_at is not None

    def remember(self, published: object) -> None:
        """Set the inventory that an earlier process published, for the values that cannot be read now."""
        self._last = published if isinstance(published, dict) else {}

    def get(self) -> dict[str, Any]:
        """Return the inventory. `missing` is as of now."""
        if self._is_due():
            self._last = inventory.collect(self._gpus, self._root, self._last, self._reads)
            self._collected_at = self._clock()
        unread = self._reads.read("gpu reasons", self._gpus.missing) or {}
        return self._last | {"missing": unread | self._reads.missing}

    def _is_due(self) -> bool:
        renewed = self._reads.read("gpu search", self._renew)
        is_old = self._collected_at is None or self._clock() - self._collected_at >= HOUR_S
        return bool(renewed or is_old or self._reads.failed)
