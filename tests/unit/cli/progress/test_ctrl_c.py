"""Ctrl-C is never lost, whatever runs when it is pressed."""

import signal
import threading
import time
from collections.abc import Iterator

import pytest

from cli.progress import ctrl_c as module
from cli.progress.ctrl_c import ctrl_c

NEVER_S = 60.0


@pytest.fixture(autouse=True)
def _default_handler() -> Iterator[None]:
    """Begin as a command does. A worker of RQ that another test ran leaves its own handler."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press() -> None:
    signal.raise_signal(signal.SIGINT)


def test_a_press_ends_a_wait() -> None:
    with ctrl_c() as presses:
        threading.Timer(0.01, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            presses.wait(NEVER_S)
        presses.answer()
        assert presses.wait(0) is False


def test_a_press_is_raised_until_it_is_answered() -> None:
    with ctrl_c() as presses:
        press()
        press()
        for _ in range(2):  # a library swallows the first
            with pytest.raises(KeyboardInterrupt):
                presses.wait(0)
        presses.answer()
        with pytest.raises(KeyboardInterrupt):  # the second press
            presses.wait(0)
        presses.answer()
        presses.check()


def test_a_late_press_interrupts_what_blocks_even_if_that_swallows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LATE_S", 0.01)
    with ctrl_c() as presses:
        press()
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                time.sleep(NEVER_S)
        presses.answer()


def test_a_press_at_the_end_is_raised_there() -> None:
    with pytest.raises(KeyboardInterrupt), ctrl_c():
        press()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with ctrl_c() as presses:
            press()
            assert presses.wait(0) is False
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
