"""A read whose failure does not affect the other readings."""

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
logger = logging.getLogger(__name__)


class TolerantRead(Generic[T]):
    """The value of `read()`, or None if it fails. The first failure is logged with its reason."""

    def __init__(self, name: str, read: Callable[[], T]) -> None:
        self._name = name
        self._read = read
        self._failed = False

    def __call__(self) -> T | None:
        try:
            return self._read()
        except Exception as error:  # noqa: BLE001 - drivers, kernels and platforms fail in many ways, and none may stop the sampler
            if not self._failed:
                logger.warning("%s cannot be read and is left out: %s: %s", self._name, type(error).__name__, error)
            self._failed = True
            return None
