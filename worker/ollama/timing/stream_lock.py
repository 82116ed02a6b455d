"""A lock that lets one of many streams in a process work at a time.

Python runs one thread at a time, so a thread with new data waits for all others. If 64 streams end together, each with
a millisecond of parsing, new data would wait in the kernel for 64 ms and lose its time stamp. With the lock it waits
for one thread at most.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class StreamLock:
    """A lock that its holder releases while it waits for data."""

    def __init__(self) -> None:
        self._renew()
        os.register_at_fork(after_in_child=self._renew)  # the child has none of the threads that may hold it

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
    def released(self) -> Iterator[None]:
        """Release the lock within the context. No-op unless this thread holds the lock."""
        if self._holder != threading.get_ident():
            yield
            return
        self.__exit__()
        try:
            yield
        finally:
            self.__enter__()


STREAM_LOCK = StreamLock()
