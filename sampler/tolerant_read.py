"""The one place that calls a source and turns its failure into None and a reason."""

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from sampler.printable import printable

T = TypeVar("T")
logger = logging.getLogger(__name__)

LOGGED: set[tuple[object, ...]] = set()
"""Names and kinds of the failures that this process has logged."""


class NotReportedError(Exception):
    """A machine that does not report a value, with the reason. Raised by a read that works."""


class TolerantReads:
    """Reads that lose only their own value when they fail, with the reason of each that fails now.

    A read is tried again at each call. Each kind of failure is logged once per process. `part` begins every name.
    """

    def __init__(self, part: str = "") -> None:
        self._part = part
        self._reasons: dict[str, str] = {}
        self._failed: set[str] = set()

    def read(self, name: str, read: Callable[[], T]) -> T | None:
        """Return the value of `read()`, or None if it fails."""
        try:
            value = read()
        except NotReportedError as error:
            self.note(name, str(error))
        except Exception as error:  # noqa: BLE001 - drivers, kernels and platforms fail in many ways, and none may stop the sampler
            self._note_failure(name, error)
        else:
            if name in self._reasons:
                self.note(name, None)
            return value
        return None

    def tolerant(self, name: str, read: Callable[[], T]) -> Callable[[], T | None]:
        """Return `read` as a function that never fails."""
        return partial(self.read, name, read)

    def note(self, name: str, reason: str | None) -> None:
        """Record why a value is unknown. With None it is known."""
        self._failed.discard(name)
        if reason is None:
            self._reasons.pop(name, None)
        else:
            self._record(logging.INFO, name, reason, reason)

    def forget(self, beginning: str) -> None:
        """Forget the values with names that begin so, because what they belong to may be gone."""
        for name in [name for name in self._reasons if name.startswith(beginning)]:
            self.note(name, None)

    def _note_failure(self, name: str, error: Exception) -> None:
        self._failed.add(name)
        # The text of an error may differ each time, so it does not identify the kind.
        self._record(logging.WARNING, name, explain(error), type(error), getattr(error, "errno", None))

    def _record(self, level: int, name: str, reason: str, *kind: object) -> None:
        self._reasons[name] = reason
        name = self._whole(name)
        if (name, *kind) not in LOGGED:
            LOGGED.add((name, *kind))
            logger.log(level, "%s is unknown: %s", name, reason)

    def _whole(self, name: str) -> str:
        return f"{self._part} {name}".strip()

    @property
    def missing(self) -> dict[str, str]:
        """The names of the values that are unknown now, each with the reason."""
        return {self._whole(name): reason for name, reason in self._reasons.items()}

    @property
    def failed(self) -> frozenset[str]:
        """The names of those whose read failed, so that the machine may have a value."""
        return frozenset(map(self._whole, self._failed))


def explain(error: Exception) -> str:
    """Return a printable reason, such as `No such device: /sys/class/hwmon/hwmon0/temp1_input`."""
    if isinstance(error, OSError) and error.strerror:
        return printable(f"{error.strerror}: {error.filename}" if error.filename else error.strerror)
    explains_itself = isinstance(error, ValueError) or type(error).__module__ != "builtins"
    return printable(str(error) if explains_itself else f"{type(error).__name__}: {error}")
