"""Whether this worker may go on, for requests that are asked side by side.

The session's own thread looks, again and again while they run, and their threads rely on its last look. A look of each
thread's own would hold up its request, and need a connection to the database that nothing closes.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from threading import Condition, Event
from typing import TypeVar

from common.units import NS_PER_S

Result = TypeVar("Result")

LOOK_S = 0.5
PATIENCE_S = 60.0
GOOD_FOR_S = 2.0
"""Another worker takes a session up after twelve seconds at the earliest: see docs/reliability.md."""


class ClaimMonitor:
    """`ensure_active` raises when this worker should let go."""

    def __init__(self, ensure_active: Callable[[], None]) -> None:
        self._attend = ensure_active
        self._looked = Condition()
        self._at = 0.0
        self._over = Event()
        self._look()

    def results(self, futures: Iterable[Future[Result]]) -> list[Result]:
        """What came of each, in their order; for the session's own thread.

        Raises:
            what the first that failed did, or `ensure_active`.
        """
        asked = list(futures)
        pending = set(asked)
        try:
            while pending:
                _, pending = wait(pending, LOOK_S)
                self._look()
        except BaseException:
            self._let_go()
            raise
        return [future.result() for future in asked]

    def _look(self) -> None:
        self._attend()
        with self._looked:
            self._at = time.monotonic()
            self._looked.notify_all()

    def _let_go(self) -> None:
        self._over.set()
        with self._looked:
            self._looked.notify_all()

    def ensure_active(self) -> None:
        """Before each request: wait for a look that is recent, as after a worker was frozen.

        Raises:
            Superseded: when this worker should ask nothing more.
        """
        with self._looked:
            knows = self._looked.wait_for(lambda: self._over.is_set() or self._is_recent(), PATIENCE_S)
        if self._over.is_set() or not knows:
            raise Superseded

    def _is_recent(self) -> bool:
        return time.monotonic() - self._at < GOOD_FOR_S

    def sleep_until(self, at_ns: int) -> None:
        """Until that time (CLOCK_REALTIME), or until this worker should let go."""
        self._over.wait(max(0, at_ns - time.time_ns()) / NS_PER_S)


class Superseded(Exception):
    """This worker asks nothing more."""
