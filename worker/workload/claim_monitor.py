"""Checks that this worker still holds its claim, for requests in several threads.

The session's own thread checks repeatedly, and the other threads rely on its last check. Checking per thread would
delay requests and leak a database connection.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from threading import Condition, Event
from typing import TypeVar

from common.errors import Unavailable
from common.values.units import NS_PER_S

Result = TypeVar("Result")

INTERVAL_S = 0.5
TIMEOUT_S = 10.0
"""How long a thread waits for a recent check. After it, the run is too disturbed to count."""
VALID_S = 2.0
"""How long a check is valid. Another worker takes a session over after at least twelve seconds: docs/reliability.md."""


class ClaimMonitor:
    """The result of the last check, shared by threads. The given `ensure_active` raises when this worker must stop."""

    def __init__(self, ensure_active: Callable[[], None]) -> None:
        self._check_claim = ensure_active
        self._checked = Condition()
        self._checked_at = 0.0
        self._stopped = Event()
        self._check()

    def results(self, futures: Iterable[Future[Result]]) -> list[Result]:
        """Return the results in the order of the futures. The session's own thread calls this.

        Raises:
            Exception: from the first future that failed, or from the check.
        """
        ordered = list(futures)
        pending = set(ordered)
        try:
            while pending:
                _, pending = wait(pending, INTERVAL_S)
                self._check()
        except BaseException:
            self._stop()
            raise
        return [future.result() for future in ordered]

    def _check(self) -> None:
        self._check_claim()
        with self._checked:
            self._checked_at = time.monotonic()
            self._checked.notify_all()

    def _stop(self) -> None:
        self._stopped.set()
        with self._checked:
            self._checked.notify_all()

    def ensure_active(self) -> None:
        """Wait until the last check is recent, which it is not if this process was frozen. Threads call this first.

        Raises:
            Superseded: if this worker must send no further requests.
            Unavailable: if no check ends in time, because the database hangs.
        """
        with self._checked:
            is_known = self._checked.wait_for(lambda: self._stopped.is_set() or self._is_recent(), TIMEOUT_S)
        if self._stopped.is_set():
            raise Superseded
        if not is_known:
            raise Unavailable(f"The database did not confirm the claim within {TIMEOUT_S:g} s.")

    def _is_recent(self) -> bool:
        return time.monotonic() - self._checked_at < VALID_S

    def sleep_until(self, at_ns: int) -> None:
        """Sleep until that time (CLOCK_REALTIME), or until this worker must stop."""
        self._stopped.wait(max(0, at_ns - time.time_ns()) / NS_PER_S)


class Superseded(Exception):
    """Raised in the other threads when the session's own thread has stopped, which raises the reason."""
