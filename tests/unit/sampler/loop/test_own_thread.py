from threading import Event, current_thread, main_thread

import pytest

from sampler.loop.own_thread import NoAnswerError, OwnThread
from testbed.waiting import until


def test_a_call_is_made_on_the_thread_and_its_error_is_the_callers() -> None:
    thread = OwnThread("disk")
    assert thread.call(current_thread) is thread.call(current_thread) is not main_thread()
    with pytest.raises(ZeroDivisionError):
        thread.call(lambda: 1 / 0)
    with pytest.raises(TimeoutError, match="its own"):
        thread.call(lambda: _raise(TimeoutError("its own")))


def test_while_a_call_hangs_no_other_waits() -> None:
    thread, goes_on = OwnThread("the disk"), Event()
    with pytest.raises(NoAnswerError, match="the disk does not answer"):
        thread.call(goes_on.wait, 0.01)
    with pytest.raises(NoAnswerError):
        thread.call(lambda: "never", 600)
    goes_on.set()
    assert until(lambda: _answer(thread), "the thread to be free") == "again"


def _raise(error: Exception) -> None:
    raise error


def _answer(thread: OwnThread) -> str | None:
    try:
        return thread.call(lambda: "again")
    except NoAnswerError:
        return None
