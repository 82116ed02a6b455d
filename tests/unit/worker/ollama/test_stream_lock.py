import os
import signal
import threading

import pytest

from testbed.waiting import DEADLINE_S
from worker.ollama.timing.stream_lock import StreamLock


@pytest.fixture
def turn() -> StreamLock:
    return StreamLock()


def is_taken(turn: StreamLock) -> bool:
    return turn._lock.locked()


class Other(threading.Thread):
    """A thread that has its turn, as soon as it can, until it is told to end."""

    def __init__(self, turn: StreamLock) -> None:
        super().__init__(daemon=True)
        self.turn = turn
        self.has_it, self.may_end = threading.Event(), threading.Event()
        self.start()

    def run(self) -> None:
        with self.turn:
            self.has_it.set()
            self.may_end.wait(DEADLINE_S)


def test_a_turn_ends_with_its_block(turn: StreamLock) -> None:
    with turn:
        assert is_taken(turn)
    assert not is_taken(turn)


def test_another_thread_has_its_turn_while_the_first_has_given_it_up(turn: StreamLock) -> None:
    with turn:
        other = Other(turn)
        with turn.given_up():
            assert other.has_it.wait(DEADLINE_S)
            other.may_end.set()
        assert is_taken(turn)
    assert not is_taken(turn)


def test_a_thread_without_the_turn_gives_up_none(turn: StreamLock) -> None:
    with turn.given_up():
        assert not is_taken(turn)
    other = Other(turn)
    assert other.has_it.wait(DEADLINE_S)
    with turn.given_up():
        assert is_taken(turn)
    other.may_end.set()


def test_a_failure_ends_the_turn(turn: StreamLock) -> None:
    with pytest.raises(ZeroDivisionError), turn, turn.given_up():
        raise ZeroDivisionError
    assert not is_taken(turn)


def test_a_fork_does_not_inherit_the_turn_of_a_thread_that_is_not_there(turn: StreamLock) -> None:
    other = Other(turn)
    assert other.has_it.wait(DEADLINE_S)
    child = os.fork()
    if child == 0:
        signal.alarm(DEADLINE_S)  # ends a child that waits for ever
        with turn:
            os._exit(os.EX_OK)
    other.may_end.set()
    assert os.waitpid(child, 0) == (child, 0)
