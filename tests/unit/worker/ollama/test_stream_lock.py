import os
import signal
import threading

import pytest

from testbed.waiting import DEADLINE_S
from worker.ollama.timing.stream_lock import StreamLock


@pytest.fixture
def lock() -> StreamLock:
    return StreamLock()


def is_held(lock: StreamLock) -> bool:
    return lock._lock.locked()


class Other(threading.Thread):
    """A thread that takes the lock as soon as it can, and holds it until `may_end` is set."""

    def __init__(self, lock: StreamLock) -> None:
        super().__init__(daemon=True)
        self.lock = lock
        self.holds_it, self.may_end = threading.Event(), threading.Event()
        self.start()

    def run(self) -> None:
        with self.lock:
            self.holds_it.set()
            self.may_end.wait(DEADLINE_S)


def test_the_lock_is_released_at_the_end_of_its_block(lock: StreamLock) -> None:
    with lock:
        assert is_held(lock)
    assert not is_held(lock)


def test_another_thread_takes_the_lock_while_it_is_released(lock: StreamLock) -> None:
    with lock:
        other = Other(lock)
        with lock.released():
            assert other.holds_it.wait(DEADLINE_S)
            other.may_end.set()
        assert is_held(lock)
    assert not is_held(lock)


def test_released_is_a_no_op_for_a_thread_that_does_not_hold_the_lock(lock: StreamLock) -> None:
    with lock.released():
        assert not is_held(lock)
    other = Other(lock)
    assert other.holds_it.wait(DEADLINE_S)
    with lock.released():
        assert is_held(lock)
    other.may_end.set()


def test_a_failure_releases_the_lock(lock: StreamLock) -> None:
    with pytest.raises(ZeroDivisionError), lock, lock.released():
        raise ZeroDivisionError
    assert not is_held(lock)


def test_a_child_does_not_inherit_the_lock_of_a_thread_of_its_parent(lock: StreamLock) -> None:
    other = Other(lock)
    assert other.holds_it.wait(DEADLINE_S)
    child = os.fork()
    if child == 0:
        signal.alarm(DEADLINE_S)  # ends a child that waits for ever
        with lock:
            os._exit(os.EX_OK)
    other.may_end.set()
    assert os.waitpid(child, 0) == (child, 0)
