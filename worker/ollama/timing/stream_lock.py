"""Of many streams in one process, one at a time works; the others wait for their servers, or for their turn.

Python runs one thread at a time, and a thread that something arrives for must wait until the others have had theirs.
Where 64 streams end together, each with a millisecond of parsing ahead, that would be as many milliseconds, in which
what arrives lies in the kernel and loses its stamp. So it waits for one thread at most.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class StreamLock:
    """A lock that its holder gives up while it waits for something else."""

    def __init__(self) -> None:
        self._renew()
        os.register_at_fork(after_in_child=self._renew)  # the thread that held it is not there

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._holder: int | None = None

    def __enter__(self) -> None:
        self._lock.acquire()
        self._holder = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._holder = None
        self._lock.release()

    @contextmanager
    def given_up(self) -> Iterator[None]:
        """Changes nothing for a thread whose turn it is not."""
        if self._holder != threading.get_ident():
            yield
            return
        self.__exit__()
        try:
            yield
        finally:
            self.__enter__()


TURN = StreamLock()
