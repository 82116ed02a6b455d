"""Ctrl-C in a command that waits for long: it is remembered, and acted on at the next wait.

Python's own handler raises KeyboardInterrupt at whatever line runs, where a library or a finaliser may swallow it. A
signal just before a read that blocks is noticed only after the read.
"""

import select
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import IO

LATE_S = 2.0
"""After this time, a press that no wait has noticed interrupts what blocks, such as a request."""
BUFFER_BYTES = 4096

Handler = Callable[[int, FrameType | None], object]
Source = socket.socket | IO[str]
Wait = Callable[..., bool]
"""Waits until a source can be read or the seconds have passed, and returns whether one can be read."""


def wait_readable(seconds: float, *sources: Source) -> bool:
    """Wait with Python's own handling of Ctrl-C."""
    return bool(select.select(sources, [], [], seconds)[0])


def checking(wait: Wait, idle: Callable[[], None]) -> Wait:
    """Return a wait that calls `idle` after each time in which nothing could be read."""

    def checks(seconds: float, *sources: Source) -> bool:
        is_ready = wait(seconds, *sources)
        if not is_ready:
            idle()
        return is_ready

    return checks


class CtrlC:
    """The presses of Ctrl-C that are not answered yet. Each is passed to the earlier handler until it is answered."""

    def __init__(self, wakeup: socket.socket, handler: Handler) -> None:
        self._wakeup, self._handler = wakeup, handler
        self._presses = 0

    def press(self, _number: int, _frame: FrameType | None) -> None:
        """Handle SIGINT."""
        self._presses += 1
        signal.signal(signal.SIGALRM, self._interrupt)
        _set_timer(LATE_S)

    def wait(self, seconds: float, *sources: Source) -> bool:
        """Wait until a source can be read or the seconds have passed, and return whether one can be read.

        Raises:
            KeyboardInterrupt: if there is a press that is not answered yet.
        """
        self.check()
        ready, _, _ = select.select([self._wakeup, *sources], [], [], seconds)
        if self._wakeup in ready:
            self._wakeup.recv(BUFFER_BYTES)
        self.check()
        return any(source in ready for source in sources)

    def check(self) -> None:
        """Raise KeyboardInterrupt if there is a press that is not answered yet."""
        if self._presses:
            _set_timer(0)
            self._interrupt(signal.SIGINT, None)

    def answer(self) -> None:
        """Forget the press that raised KeyboardInterrupt. A later press remains."""
        self._presses = max(0, self._presses - 1)
        _set_timer(LATE_S if self._presses else 0)

    def restore(self) -> None:
        """Put the earlier handler back, unless that has replaced itself."""
        if signal.getsignal(signal.SIGINT) == self.press:
            signal.signal(signal.SIGINT, self._handler)
        if self._presses:
            _set_timer(0)

    def _interrupt(self, _number: int, frame: FrameType | None) -> None:
        if self._presses:  # an alarm may come just after the answer
            self._handler(signal.SIGINT, frame)


@contextmanager
def ctrl_c() -> Iterator[CtrlC]:
    """Remember each Ctrl-C of the block. If SIGINT is ignored, as in the background of a script, it stays ignored.

    Raises:
        KeyboardInterrupt: at the end, if there is a press that is not answered yet.
    """
    before = signal.getsignal(signal.SIGINT)
    with ExitStack() as leaving:
        wakeup, wakes = map(leaving.enter_context, socket.socketpair())
        wakeup.settimeout(0)
        wakes.settimeout(0)
        presses = CtrlC(wakeup, before if callable(before) else signal.default_int_handler)
        leaving.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False))
        leaving.callback(presses.restore)
        if callable(before):
            signal.signal(signal.SIGINT, presses.press)
        yield presses
    presses.check()


def _set_timer(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
