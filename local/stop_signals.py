"""Signals that stop everything that was started here."""

import contextlib
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from local.dialogue import Say

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stopping(say: Say) -> Iterator[None]:
    """Let the first of these signals raise KeyboardInterrupt, and ignore later ones, which would interrupt the end."""

    def stop_once(_number: int, _frame: FrameType | None) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        with contextlib.suppress(OSError):  # after SIGHUP the terminal has gone
            say("\nStopping")
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop_once) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
